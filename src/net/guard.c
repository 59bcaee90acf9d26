/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Whose answer is this? A server that sends a body after a HEAD response, late, makes libcurl 7.88 take those bytes
 * for the answer to the next request on that connection (RFC 9112 section 9.2 forbids it; fixed in curl 8.0).
 * So every connection is ours to look at:
 * - libcurl silently drops what was read behind an answer, so the kernel's count of received bytes is compared with
 *   what the answers account for, before a request is sent on a used connection and when it falls silent; where
 *   bytes cannot be counted (TLS, chunked), one byte is peeked for. Any excess gives the connection up;
 * - the first answer on a connection is believed, and so is every answer while no HEAD went before it;
 * - an answer behind a HEAD is held until it is proven: by a ranged answer that echoes the range asked for, for which
 *   one of the next requests is changed where many wait, by one that says what an earlier run has found, or by the
 *   connection staying silent; when it does not, all that is held is asked again on fresh connections;
 * - a whole body where a range was asked for, behind a HEAD, is not waited for but asked again on a fresh connection.
 * HTTP/2 frames its answers and needs none of this. The same callbacks refuse private addresses. */
#include "base/iw.h"
#include "net/inside.h"

#include "base/mem.h"
#include "net/tcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SILENCE_MIN_MS = 60, SILENCE_MAX_MS = 1000, BLAME_MS = 2000, PROOF_MIN = 3, PROOF_MAX = 64 };

/* ---- the table ---- */

struct iw_sock *iw_guard_find(struct iw_net *net, curl_socket_t fd)
{
    return fd >= 0 && (size_t)fd < net->by_fd_room ? net->by_fd[fd] : NULL;
}

static bool table_add(struct iw_net *net, struct iw_sock *sock)
{
    size_t fd = (size_t)sock->fd;
    if (fd >= net->by_fd_room) {
        size_t room = IW_MAX(fd + 1, net->by_fd_room * 2);
        struct iw_sock **table = iw_realloc(net->by_fd, room, sizeof(struct iw_sock *));
        if (!table)
            return false;
        memset(table + net->by_fd_room, 0, (room - net->by_fd_room) * sizeof(struct iw_sock *));
        net->by_fd = table;
        net->by_fd_room = room;
    }
    net->by_fd[fd] = sock;
    sock->next = net->socks;
    if (net->socks)
        net->socks->prev = sock;
    net->socks = sock;
    return true;
}

static void port_add(struct iw_net *net, struct iw_sock *sock)
{
    struct iw_sock **bucket = &net->by_port[(unsigned)sock->local_port % SOCK_BUCKETS];
    sock->next_port = *bucket;
    *bucket = sock;
}

static void port_remove(struct iw_net *net, struct iw_sock *sock)
{
    if (!sock->local_port)
        return;
    struct iw_sock **at = &net->by_port[(unsigned)sock->local_port % SOCK_BUCKETS];
    while (*at && *at != sock)
        at = &(*at)->next_port;
    if (*at)
        *at = sock->next_port;
    sock->local_port = 0;
}

static void forget_opener(struct iw_sock *sock)
{
    struct iw_slot *slot = sock->opened_by;
    for (size_t i = 0; slot && i < slot->opened_count; i++)
        if (slot->opened[i] == sock)
            slot->opened[i] = slot->opened[--slot->opened_count];
    sock->opened_by = NULL;
}

/* Closes the descriptor, too. */
static void sock_free(struct iw_net *net, struct iw_sock *sock)
{
    forget_opener(sock);
    port_remove(net, sock);
    if (sock->watch)
        iw_multi_forget(sock->watch);
    net->by_fd[sock->fd] = NULL;
    if (sock->prev)
        sock->prev->next = sock->next;
    else
        net->socks = sock->next;
    if (sock->next)
        sock->next->prev = sock->prev;
    close(sock->fd);
    iw_free(sock);
}

/* ---- private addresses ---- */

static enum iw_address_kind kind_of(const struct curl_sockaddr *address)
{
    if (address->family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, &address->addr, sizeof in);
        return iw_address_classify((const uint8_t *)&in.sin_addr, 4);
    }
    if (address->family == AF_INET6 && address->addrlen >= sizeof(struct sockaddr_in6)) {
        struct sockaddr_in6 in6;
        const void *from = &address->addr;
        memcpy(&in6, from, sizeof in6);
        return iw_address_classify((const uint8_t *)&in6.sin6_addr, 16);
    }
    return IW_ADDRESS_PRIVATE;
}

static bool is_refused(const struct iw_net *net, const struct iw_transfer *transfer, bool is_private)
{
    if (!is_private || net->policy.proxy || net->policy.private_rule == IW_PRIVATE_ALLOW)
        return false;
    return net->policy.private_rule == IW_PRIVATE_DENY || !transfer->may_be_private;
}

/* As libcurl prints it for iw_guard_prereq(). */
static void print_peer(const struct curl_sockaddr *address, char out[IW_PEER_CHARS])
{
    struct sockaddr_storage storage = {0};
    memcpy(&storage, &address->addr, IW_MIN((size_t)address->addrlen, sizeof storage));
    const void *bytes = &((const struct sockaddr_in *)(const void *)&storage)->sin_addr;
    if (address->family == AF_INET6)
        bytes = &((const struct sockaddr_in6 *)(const void *)&storage)->sin6_addr;
    out[0] = '\0'; /* what cannot be printed matches nothing */
    (void)inet_ntop(address->family, bytes, out, IW_PEER_CHARS);
}

curl_socket_t iw_guard_open(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct iw_slot *slot = user;
    struct iw_net *net = slot->net;
    if (purpose != CURLSOCKTYPE_IPCXN || (address->family != AF_INET && address->family != AF_INET6))
        return CURL_SOCKET_BAD;
    bool is_private = kind_of(address) == IW_ADDRESS_PRIVATE;
    if (is_refused(net, slot->transfer, is_private)) {
        slot->is_refused = true;
        return CURL_SOCKET_BAD;
    }
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd < 0)
        return CURL_SOCKET_BAD;
    struct iw_sock *sock = iw_calloc(1, sizeof *sock);
    if (!sock || slot->opened_count == SLOT_OPENED) {
        iw_free(sock);
        close(fd);
        return CURL_SOCKET_BAD;
    }
    sock->fd = fd;
    sock->is_private = is_private;
    print_peer(address, sock->peer);
    sock->is_tls = slot->transfer->request.url.scheme == IW_SCHEME_HTTPS;
    sock->is_uncountable = sock->is_tls;
    sock->opened_by = slot;
    if (!table_add(net, sock)) {
        iw_free(sock);
        close(fd);
        return CURL_SOCKET_BAD;
    }
    slot->opened[slot->opened_count++] = sock;
    net->connections++;
    slot->transfer->host->tls_connections += sock->is_tls;
    net->open++;
    return fd;
}

int iw_guard_close(void *user, curl_socket_t fd)
{
    struct iw_net *net = user;
    struct iw_sock *sock = iw_guard_find(net, fd);
    if (!sock)
        return close(fd);
    if (sock->watch)
        iw_multi_forget(sock->watch);
    port_remove(net, sock);
    forget_opener(sock);
    net->open--;
    if (sock->busy || sock->held.count) {
        sock->is_lingering = true; /* until its answers are judged */
        iw_net_arm_sweep(net);
    } else {
        sock_free(net, sock);
    }
    return 0;
}

/* ---- before a request ---- */

/* Bytes that wait unread: > 0; 0 the peer closed; < 0 silence. */
static ssize_t peek(const struct iw_sock *sock)
{
    char byte;
    ssize_t n = recv(sock->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
        return 0;
    return n;
}

/* Bytes came that no answer accounts for: waiting unread, or dropped by libcurl. */
static bool has_excess(const struct iw_sock *sock)
{
    uint64_t received;
    if (!sock->is_uncountable && iw_tcp_received(sock->fd, &received))
        return received > sock->accounted_bytes + 1; /* one for a FIN */
    return peek(sock) > 0;
}

static int port_of(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)(const void *)address)->sin_port);
    return ntohs(((const struct sockaddr_in6 *)(const void *)address)->sin6_port);
}

/* The connection between these ends: known already, or one that this slot has just opened. The kernel gives one local
 * port to many connections, as long as their peers differ. */
static struct iw_sock *place(struct iw_slot *slot, const char *peer_ip, int peer_port, int local_port)
{
    struct iw_net *net = slot->net;
    for (size_t i = 0; i < slot->opened_count; i++) {
        struct iw_sock *sock = slot->opened[i];
        struct sockaddr_storage local = {0};
        socklen_t len = sizeof local;
        if (getsockname(sock->fd, (struct sockaddr *)&local, &len) != 0 || port_of(&local) != local_port ||
            strcmp(sock->peer, peer_ip) != 0)
            continue;
        sock->local_port = local_port;
        sock->peer_port = peer_port;
        port_add(net, sock);
        forget_opener(sock);
        return sock;
    }
    struct iw_sock *sock = net->by_port[(unsigned)local_port % SOCK_BUCKETS];
    while (sock && (sock->local_port != local_port || sock->peer_port != peer_port || strcmp(sock->peer, peer_ip) != 0))
        sock = sock->next_port;
    return sock;
}

static void out_of_step(struct iw_net *net, struct iw_sock *sock)
{
    sock->is_out_of_step = true;
    if (sock->heads_unproven && sock->host && !sock->is_tls && iw_net_now_ms(net) - sock->last_answer_ms < BLAME_MS) {
        sock->host->habit.head_has_body = true;
        net->out_of_step++;
    }
    struct iw_transfer *transfer;
    while ((transfer = iw_queue_take(&sock->held)) != NULL) {
        net->held--;
        transfer->host->held--;
        iw_guard_repeat(net, transfer);
    }
}

/* It has too many answers that wait for proof: given up, so that it falls silent. */
static bool is_full(const struct iw_net *net, const struct iw_sock *sock)
{
    return sock->held.count >= HOLD_MAX || (sock->held.count >= HOLD_CROWDED && net->held >= HOLD_ALL);
}

int iw_guard_prereq(void *user, char *peer_ip, char *local_ip, int peer_port, int local_port)
{
    (void)local_ip;
    struct iw_slot *slot = user;
    struct iw_net *net = slot->net;
    struct iw_sock *sock = place(slot, peer_ip, peer_port, local_port);
    if (slot->sock && slot->sock != sock) {
        iw_guard_left(net, slot->sock); /* it died, and libcurl tries again by itself */
        slot->sock = NULL;
    }
    if (!sock)
        return CURL_PREREQFUNC_OK;
    if (is_refused(net, slot->transfer, sock->is_private)) {
        slot->is_refused = true;
        return CURL_PREREQFUNC_ABORT;
    }
    if (sock->is_tls && sock->busy && sock->begun == 1)
        sock->is_h2 = true; /* a second request before the first answer: only HTTP/2 does that */
    if (sock->is_h2)
        return CURL_PREREQFUNC_OK;
    if (sock->begun > 0) {
        /* an answer that waits for proof is checked later, too; one to a range shows whose it is, and whose those were
         * that came before it, since nothing was in excess when it was asked for */
        bool is_hasty = (sock->heads_unproven == 0) != slot->transfer->request.has_range;
        bool is_checked = is_hasty || sock->begun < CHECK_FIRST || sock->begun % CHECK_EVERY == 0;
        if (!sock->is_out_of_step && is_checked && has_excess(sock))
            out_of_step(net, sock);
        if (sock->is_out_of_step || is_full(net, sock)) {
            slot->is_repeat = true;
            return CURL_PREREQFUNC_ABORT;
        }
    }
    sock->busy++;
    sock->host = slot->transfer->host;
    slot->transfer->nth = sock->begun++;
    slot->transfer->heads_before = sock->heads_unproven;
    sock->heads_unproven += slot->transfer->request.method == IW_METHOD_HEAD;
    slot->sock = sock;
    return CURL_PREREQFUNC_OK;
}

/* ---- after an answer ---- */

void iw_guard_repeat(struct iw_net *net, struct iw_transfer *transfer)
{
    transfer->events->restart(transfer);
    transfer->repeats++;
    transfer->wants_fresh = true;
    net->retried++;
    iw_queue_push(&net->again, transfer);
}

/* later: requests begun behind the one that proves, which may be HEADs. */
static void prove(struct iw_net *net, struct iw_sock *sock, unsigned later)
{
    sock->heads_unproven = later;
    struct iw_transfer *transfer;
    while ((transfer = iw_queue_take(&sock->held)) != NULL) {
        net->held--;
        transfer->host->held--;
        iw_net_end(net, transfer);
    }
}

/* So many answers wait for each connection of a host that one of its next requests had better ask for a range: a
 * connection that is never silent proves nothing else. The more connections, the sooner: what waits is bounded. */
bool iw_guard_wants_proof(const struct iw_net *net, const struct iw_host *host)
{
    unsigned each = HOLD_ALL / 2 / net->policy.max_concurrency;
    each = IW_MIN(IW_MAX(each, (unsigned)PROOF_MIN), (unsigned)PROOF_MAX);
    return host->held >= each * iw_pace_at_once(&host->pace);
}

/* The answer echoes what was asked: it can be of no other request. */
static bool is_self_proving(const struct iw_transfer *transfer)
{
    const struct iw_response *r = &transfer->response;
    return transfer->request.has_range && r->status == 206 && r->has_valid_range &&
           r->range_first == transfer->request.range_first && !transfer->was_cut;
}

bool iw_guard_doubts(const struct iw_slot *slot)
{
    const struct iw_transfer *transfer = slot->transfer;
    if (!slot->sock || slot->sock->is_h2 || transfer->nth == 0 || transfer->heads_before == 0)
        return false;
    return transfer->request.has_range && transfer->response.status == 200;
}

/* The answer to a HEAD says what was known of this one URL: it is its own, though a body may follow. */
static bool is_as_known(struct iw_transfer *transfer)
{
    return transfer->request.method == IW_METHOD_HEAD && transfer->events->is_as_known &&
           transfer->events->is_as_known(transfer);
}

static void judge(struct iw_net *net, struct iw_sock *sock, struct iw_transfer *transfer)
{
    unsigned later = sock->begun - 1 - transfer->nth;
    if (transfer->nth == 0 || sock->is_h2 || transfer->heads_before == 0) {
        iw_net_end(net, transfer);
    } else if (sock->is_out_of_step || transfer->was_cut) {
        iw_guard_repeat(net, transfer);
    } else if (is_self_proving(transfer)) {
        if (sock->held.count && !sock->busy && has_excess(sock))
            out_of_step(net, sock); /* it is in step now, and was not before */
        prove(net, sock, later);
        iw_net_end(net, transfer);
    } else if (is_as_known(transfer)) {
        prove(net, sock, later + 1);
        iw_net_end(net, transfer);
    } else {
        iw_queue_push(&sock->held, transfer);
        net->held++;
        transfer->host->held++;
        iw_net_arm_sweep(net);
    }
}

void iw_guard_answered(struct iw_net *net, struct iw_sock *sock, struct iw_transfer *transfer)
{
    sock->busy--;
    sock->last_answer_ms = iw_net_now_ms(net);
    sock->slowest_ms = IW_MAX(sock->slowest_ms, transfer->us / 1000);
    judge(net, sock, transfer);
    if (sock->is_lingering && sock->held.count == 0 && sock->busy == 0)
        sock_free(net, sock);
}

void iw_guard_left(struct iw_net *net, struct iw_sock *sock)
{
    sock->busy--;
    if (sock->held.count)
        out_of_step(net, sock); /* it broke: what it said before may have been out of step already */
    if (sock->is_lingering && sock->busy == 0)
        sock_free(net, sock);
}

void iw_guard_unasked(struct iw_net *net, struct iw_sock *sock)
{
    if (sock->is_h2 || sock->busy)
        return;
    ssize_t n = peek(sock);
    if (n > 0 || has_excess(sock))
        out_of_step(net, sock);
    else if (n == 0)
        prove(net, sock, 0); /* closed, and nothing else was said */
}

/* True when sock still waits for its proof. */
static bool sweep_one(struct iw_net *net, struct iw_sock *sock, bool is_final)
{
    if (sock->busy)
        return true;
    uint64_t silence = IW_MIN(IW_MAX(sock->slowest_ms * 2, (uint64_t)SILENCE_MIN_MS), (uint64_t)SILENCE_MAX_MS);
    bool is_due = is_final || iw_net_now_ms(net) - sock->last_answer_ms >= silence;
    if (!is_due && !sock->is_lingering)
        return true; /* it is watched, and looked at before its next request: three system calls for nothing */
    ssize_t n = peek(sock);
    if (n > 0 || has_excess(sock))
        out_of_step(net, sock);
    else if (n == 0 || is_due)
        prove(net, sock, 0);
    if (sock->held.count)
        return true;
    if (sock->is_lingering)
        sock_free(net, sock);
    return false;
}

bool iw_guard_sweep(struct iw_net *net, bool is_final)
{
    bool is_waiting = false;
    for (struct iw_sock *sock = net->socks, *next; sock; sock = next) {
        next = sock->next;
        if (sock->held.count || sock->is_lingering)
            is_waiting = sweep_one(net, sock, is_final) || is_waiting;
    }
    return is_waiting;
}

void iw_guard_free_all(struct iw_net *net)
{
    while (net->socks)
        sock_free(net, net->socks);
    iw_free(net->by_fd);
    net->by_fd = NULL;
    net->by_fd_room = 0;
}
