/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A TCP proxy that fails at random, by a seeded generator, so that a run can be repeated as far as threads allow.
 *
 *   faulty_proxy LISTEN_PORT TARGET_PORT SEED FAULTS_PER_10000
 *
 * listens on 0.0.0.0 and hands each connection on to 127.0.0.1. For every piece that the server sends the dice are
 * thrown: the piece is held back for a while, dropped with the rest of the connection after some of its bytes, or the
 * connection is reset. New connections are refused by a reset as often. Ends when its standard input does, and then
 * prints what it did. */
#include "base/iw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PIECE_BYTES = 65536, DELAY_LEAST_MS = 20, DELAY_MOST_MS = 300, EVENTS = 256, BACKLOG = 4096 };

struct end;
/* Both ends, and what waits to be written to the client. */
struct link {
    struct end *client, *server;
    struct link *next_held; /* in the list of those that hold a piece back */
    uint64_t due_ms;        /* 0: nothing is held back */
    size_t len, at;
    bool is_ending;  /* closed once what waits is written */
    bool is_over;    /* closed; freed after the events at hand */
    struct link *next_over;
    char held[PIECE_BYTES];
};
struct end {
    int fd;
    struct link *link;
    bool is_client;
};

struct proxy {
    int epoll, listener;
    uint16_t target_port;
    uint64_t random, per_10000;
    struct link *held, *over;
    uint64_t connections, delays, cuts, resets, refusals;
};

static uint64_t throw_dice(struct proxy *p, uint64_t sides)
{
    p->random += 0x9E3779B97F4A7C15u; /* SplitMix64 */
    uint64_t x = p->random;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return (x ^ (x >> 31)) % sides;
}

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void watch(struct proxy *p, struct end *end, uint32_t events, int operation)
{
    struct epoll_event event = {.events = events, .data.ptr = end};
    (void)epoll_ctl(p->epoll, operation, end->fd, &event);
}

static void reset_on_close(int fd)
{
    struct linger now = {1, 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

static void end_link(struct proxy *p, struct link *link, bool is_reset)
{
    if (link->is_over)
        return;
    if (is_reset)
        reset_on_close(link->client->fd);
    close(link->client->fd);
    close(link->server->fd);
    link->is_over = true;
    link->next_over = p->over;
    p->over = link;
}

/* Writes what waits; the server is listened to again once it is gone. */
static void write_held(struct proxy *p, struct link *link)
{
    while (link->at < link->len) {
        ssize_t n = send(link->client->fd, link->held + link->at, link->len - link->at, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            watch(p, link->client, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
            return;
        }
        if (n < 0) {
            end_link(p, link, false);
            return;
        }
        link->at += (size_t)n;
    }
    if (link->is_ending) {
        end_link(p, link, false);
        return;
    }
    watch(p, link->client, EPOLLIN, EPOLL_CTL_MOD);
    watch(p, link->server, EPOLLIN, EPOLL_CTL_MOD);
}

static void hold_back(struct proxy *p, struct link *link)
{
    link->due_ms = now_ms() + DELAY_LEAST_MS + throw_dice(p, DELAY_MOST_MS - DELAY_LEAST_MS);
    link->next_held = p->held;
    p->held = link;
    watch(p, link->server, 0, EPOLL_CTL_MOD);
    p->delays++;
}

static void from_server(struct proxy *p, struct link *link)
{
    ssize_t n = recv(link->server->fd, link->held, sizeof link->held, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return;
    if (n <= 0) {
        end_link(p, link, false);
        return;
    }
    link->len = (size_t)n;
    link->at = 0;
    watch(p, link->server, 0, EPOLL_CTL_MOD);
    uint64_t dice = throw_dice(p, 30000);
    if (dice < p->per_10000) {
        hold_back(p, link);
        return;
    }
    if (dice < 2 * p->per_10000) {
        link->len = (size_t)throw_dice(p, (uint64_t)n);
        link->is_ending = true;
        p->cuts++;
    } else if (dice < 3 * p->per_10000) {
        end_link(p, link, true);
        p->resets++;
        return;
    }
    write_held(p, link);
}

/* Requests are small: what does not fit at once ends the connection. */
static void from_client(struct proxy *p, struct link *link)
{
    char bytes[PIECE_BYTES];
    ssize_t n = recv(link->client->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return;
    if (n <= 0 || send(link->server->fd, bytes, (size_t)n, MSG_NOSIGNAL) != n)
        end_link(p, link, false);
}

static int connect_to(uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        close(fd);
        return -1;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static void new_link(struct proxy *p, int client)
{
    int server = connect_to(p->target_port), one = 1;
    struct link *link = calloc(1, sizeof *link);
    struct end *ends = calloc(2, sizeof *ends);
    if (server < 0 || !link || !ends) {
        free(link);
        free(ends);
        close(client);
        if (server >= 0)
            close(server);
        return;
    }
    (void)setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    ends[0] = (struct end){client, link, true};
    ends[1] = (struct end){server, link, false};
    link->client = &ends[0];
    link->server = &ends[1];
    watch(p, link->client, EPOLLIN, EPOLL_CTL_ADD);
    watch(p, link->server, EPOLLIN, EPOLL_CTL_ADD);
    p->connections++;
}

static void accept_all(struct proxy *p)
{
    int client;
    while ((client = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
        if (throw_dice(p, 10000) < p->per_10000) {
            reset_on_close(client);
            close(client);
            p->refusals++;
        } else {
            new_link(p, client);
        }
    }
}

/* Pieces whose time has come; returns how long the next one has. */
static int release_due(struct proxy *p)
{
    uint64_t now = now_ms(), wait = 1000;
    for (struct link **at = &p->held; *at;) {
        struct link *link = *at;
        if (!link->is_over && link->due_ms > now) {
            wait = link->due_ms - now < wait ? link->due_ms - now : wait;
            at = &link->next_held;
            continue;
        }
        *at = link->next_held;
        link->due_ms = 0;
        if (!link->is_over)
            write_held(p, link);
    }
    return (int)wait;
}

static void free_over(struct proxy *p)
{
    struct link **at = &p->over;
    while (*at) {
        struct link *link = *at;
        if (link->due_ms) { /* still in the list of those held back */
            at = &link->next_over;
            continue;
        }
        *at = link->next_over;
        free(link->client);
        free(link);
    }
}

static void on_event(struct proxy *p, struct end *end, uint32_t events)
{
    struct link *link = end->link;
    if (link->is_over)
        return;
    if (end->is_client && (events & EPOLLOUT))
        write_held(p, link);
    else if (end->is_client)
        from_client(p, link);
    else if (!link->due_ms && link->at >= link->len)
        from_server(p, link);
    else if (events & (EPOLLHUP | EPOLLERR))
        end_link(p, link, false);
}

static int open_listener(uint16_t port)
{
    struct sockaddr_in on = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_ANY)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&on, sizeof on) != 0 || listen(fd, BACKLOG) != 0) {
        perror("faulty_proxy");
        exit(1);
    }
    return fd;
}

static void run(struct proxy *p)
{
    static struct end listener, input;
    listener.fd = p->listener;
    input.fd = STDIN_FILENO;
    watch(p, &listener, EPOLLIN, EPOLL_CTL_ADD);
    watch(p, &input, EPOLLIN, EPOLL_CTL_ADD);
    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(p->epoll, events, EVENTS, release_due(p));
        for (int i = 0; i < count; i++) {
            struct end *end = events[i].data.ptr;
            if (end == &input)
                return;
            if (end == &listener)
                accept_all(p);
            else
                on_event(p, end, events[i].events);
        }
        free_over(p);
    }
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    struct proxy p = {.epoll = epoll_create1(EPOLL_CLOEXEC)};
    p.listener = open_listener((uint16_t)strtoul(argv[1], NULL, 10));
    p.target_port = (uint16_t)strtoul(argv[2], NULL, 10);
    p.random = strtoull(argv[3], NULL, 10);
    p.per_10000 = strtoull(argv[4], NULL, 10);
    run(&p);
    printf("%llu connections; %llu pieces delayed, %llu cut, %llu connections reset, %llu refused\n",
           (unsigned long long)p.connections, (unsigned long long)p.delays, (unsigned long long)p.cuts,
           (unsigned long long)p.resets, (unsigned long long)p.refusals);
    return 0;
}
