/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* libcurl's multi handles on the libuv loop, by curl_multi_socket_action. A descriptor stays registered while
 * libcurl keeps the connection in its pool: that spares two system calls a request, and an idle connection
 * that becomes readable is noticed at once. */
#include "base/iw.h"
#include "net/inside.h"

#include "base/mem.h"

enum { AGAIN_MS = 50 };

static void on_timer(uv_timer_t *timer)
{
    struct iw_multi *multi = timer->data;
    iw_multi_kick(multi);
    iw_net_turn(multi->net);
}

static void on_again(uv_timer_t *timer)
{
    struct iw_multi *multi = timer->data;
    int running;
    if (curl_multi_perform(multi->curl, &running) != CURLM_OK)
        uv_timer_start(timer, on_again, AGAIN_MS, 0);
    iw_net_turn(multi->net);
}

/* Where memory is lacking, libcurl leaves a round unfinished and sets no timer, or gives all transfers up: either way
 * each is to be looked at once more. */
static void act(struct iw_multi *multi, curl_socket_t fd, int mask)
{
    int running;
    if (curl_multi_socket_action(multi->curl, fd, mask, &running) != CURLM_OK)
        uv_timer_start(&multi->timer, on_again, AGAIN_MS, 0);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct iw_watch *watch = poll->data;
    if (!watch->is_wanted) {
        uv_poll_stop(poll);
        watch->events = 0;
        if (watch->sock)
            iw_guard_unasked(watch->multi->net, watch->sock);
        return;
    }
    int mask = 0;
    if (status < 0)
        mask = CURL_CSELECT_ERR;
    if (events & UV_READABLE)
        mask |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        mask |= CURL_CSELECT_OUT;
    act(watch->multi, watch->fd, mask);
}

static void on_closed(uv_handle_t *handle)
{
    iw_free(handle->data);
}

void iw_multi_forget(struct iw_watch *watch)
{
    if (watch->sock)
        watch->sock->watch = NULL;
    uv_poll_stop(&watch->poll);
    uv_close((uv_handle_t *)&watch->poll, on_closed);
}

static struct iw_watch *watch_new(struct iw_multi *multi, curl_socket_t fd)
{
    struct iw_watch *watch = iw_calloc(1, sizeof *watch);
    if (!watch)
        return NULL;
    if (uv_poll_init_socket(&multi->net->loop, &watch->poll, fd) != 0) {
        iw_free(watch);
        return NULL;
    }
    watch->poll.data = watch;
    watch->multi = multi;
    watch->fd = fd;
    watch->sock = iw_guard_find(multi->net, fd);
    if (watch->sock)
        watch->sock->watch = watch;
    curl_multi_assign(multi->curl, fd, watch);
    return watch;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *per_socket)
{
    (void)easy;
    struct iw_multi *multi = user;
    struct iw_watch *watch = per_socket;
    if (what == CURL_POLL_REMOVE) {
        if (!watch)
            return 0;
        if (!watch->sock) {
            curl_multi_assign(multi->curl, fd, NULL);
            iw_multi_forget(watch);
        } else {
            watch->is_wanted = false;
        }
        return 0;
    }
    if (!watch) {
        struct iw_sock *sock = iw_guard_find(multi->net, fd);
        watch = sock ? sock->watch : NULL;
        if (watch)
            curl_multi_assign(multi->curl, fd, watch);
        else
            watch = watch_new(multi, fd);
        if (!watch)
            return -1;
    }
    watch->is_wanted = true;
    int events = ((what & CURL_POLL_IN) ? UV_READABLE : 0) | ((what & CURL_POLL_OUT) ? UV_WRITABLE : 0);
    if (events == watch->events)
        return 0;
    watch->events = events;
    return uv_poll_start(&watch->poll, events, on_poll) == 0 ? 0 : -1;
}

static int set_timer(CURLM *curl, long timeout_ms, void *user)
{
    (void)curl;
    struct iw_multi *multi = user;
    if (timeout_ms < 0)
        uv_timer_stop(&multi->timer);
    else
        uv_timer_start(&multi->timer, on_timer, (uint64_t)timeout_ms, 0);
    return 0;
}

void iw_multi_kick(struct iw_multi *multi)
{
    act(multi, CURL_SOCKET_TIMEOUT, 0);
}

enum iw_err iw_multi_open(struct iw_net *net, struct iw_multi *multi)
{
    if (multi->curl)
        return IW_OK;
    multi->curl = curl_multi_init();
    if (!multi->curl)
        return IW_ERR_NOMEM;
    multi->net = net;
    uv_timer_init(&net->loop, &multi->timer);
    multi->timer.data = multi;
    multi->has_timer = true;
    curl_multi_setopt(multi->curl, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi->curl, CURLMOPT_SOCKETDATA, multi);
    curl_multi_setopt(multi->curl, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(multi->curl, CURLMOPT_TIMERDATA, multi);
    unsigned most = net->policy.max_pooled / MULTI_COUNT;
    curl_multi_setopt(multi->curl, CURLMOPT_MAXCONNECTS, (long)IW_MIN(IW_MAX(most, 1u), (unsigned)MULTI_CONNECTIONS));
    curl_multi_setopt(multi->curl, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
    curl_multi_setopt(multi->curl, CURLMOPT_MAX_CONCURRENT_STREAMS, 8L);
    return IW_OK;
}

void iw_multi_close(struct iw_multi *multi)
{
    if (multi->curl)
        curl_multi_cleanup(multi->curl);
    curl_slist_free_all(multi->forget);
    multi->forget = NULL;
    multi->curl = NULL;
    if (multi->has_timer && !uv_is_closing((uv_handle_t *)&multi->timer))
        uv_close((uv_handle_t *)&multi->timer, NULL);
    multi->has_timer = false;
}
