/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The yardstick of the benchmarks: libcurl's multi interface on epoll and nothing else. HEAD for each URL of a list, N
 * at a time, with the options that the program uses. Usage: bare_multi LIST N [CACERT] */
#include "base/iw.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

struct loop {
    CURLM *multi;
    int epoll;
    long timeout_ms;
    FILE *list;
    struct curl_slist *headers;
    const char *cacert;
    unsigned long done, sized, active;
};

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *known)
{
    (void)easy;
    struct loop *loop = user;
    struct epoll_event event = {.data.fd = fd};
    event.events = ((what & CURL_POLL_IN) ? EPOLLIN : 0u) | ((what & CURL_POLL_OUT) ? EPOLLOUT : 0u);
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
        curl_multi_assign(loop->multi, fd, NULL);
        return 0;
    }
    epoll_ctl(loop->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    curl_multi_assign(loop->multi, fd, loop);
    return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *user)
{
    (void)multi;
    ((struct loop *)user)->timeout_ms = timeout_ms;
    return 0;
}

static size_t on_header(char *line, size_t size, size_t count, void *user)
{
    if (size * count > 16 && strncasecmp(line, "content-length:", 15) == 0)
        ++*(unsigned long *)user;
    return size * count;
}

/* The next URL of the list; false at its end. */
static bool start(struct loop *loop, CURL *easy)
{
    char url[4096];
    if (!fgets(url, sizeof url, loop->list))
        return false;
    url[strcspn(url, "\r\n")] = '\0';
    curl_easy_setopt(easy, CURLOPT_URL, url);
    loop->active++;
    return curl_multi_add_handle(loop->multi, easy) == CURLM_OK;
}

static CURL *make_easy(struct loop *loop)
{
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    if (loop->cacert)
        curl_easy_setopt(easy, CURLOPT_CAINFO, loop->cacert);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, -1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "bare_multi");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, loop->headers);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &loop->sized);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 20000L);
    return easy;
}

static void take_finished(struct loop *loop)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(loop->multi, &left)) != NULL) {
        CURL *easy = message->easy_handle;
        curl_multi_remove_handle(loop->multi, easy);
        loop->done++;
        loop->active--;
        if (!start(loop, easy))
            curl_easy_cleanup(easy);
    }
}

static void run(struct loop *loop)
{
    struct epoll_event events[256];
    int running;
    curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    while (loop->active) {
        int count = epoll_wait(loop->epoll, events, 256, (int)(loop->timeout_ms < 0 ? 1000 : loop->timeout_ms));
        for (int i = 0; i < count; i++) {
            int mask = ((events[i].events & EPOLLIN) ? CURL_CSELECT_IN : 0) |
                       ((events[i].events & EPOLLOUT) ? CURL_CSELECT_OUT : 0);
            curl_multi_socket_action(loop->multi, events[i].data.fd, mask, &running);
        }
        take_finished(loop);
        curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
        take_finished(loop);
    }
}

static double seconds(const struct timeval *t)
{
    return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    struct loop loop = {.epoll = epoll_create1(0), .list = fopen(argv[1], "r"), .timeout_ms = 0};
    if (!loop.list)
        return 2;
    loop.cacert = argc > 3 ? argv[3] : NULL;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    loop.multi = curl_multi_init();
    loop.headers = curl_slist_append(NULL, "Accept-Encoding: identity");
    curl_multi_setopt(loop.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(loop.multi, CURLMOPT_SOCKETDATA, &loop);
    curl_multi_setopt(loop.multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(loop.multi, CURLMOPT_TIMERDATA, &loop);
    curl_multi_setopt(loop.multi, CURLMOPT_MAXCONNECTS, 4096L);
    for (long i = 0; i < strtol(argv[2], NULL, 10); i++)
        (void)start(&loop, make_easy(&loop));
    run(&loop);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%lu done, %lu with a length, %.2f s user, %.2f s system\n", loop.done, loop.sized, seconds(&usage.ru_utime),
           seconds(&usage.ru_stime));
    return loop.done == loop.sized ? 0 : 1;
}
