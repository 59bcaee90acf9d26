/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Hosts (origins) with their queues and habits, the ready list that takes turns among them, and the heap of waits.
 * libcurl never queues: what waits there would count against its time-outs. */
#include "base/iw.h"
#include "net/inside.h"

#include "base/mem.h"

#include <stdio.h>

enum { REST_MAX_S = 86400 }; /* of a Retry-After */

void iw_queue_push(struct iw_queue *queue, struct iw_transfer *transfer)
{
    transfer->next = NULL;
    if (queue->last)
        queue->last->next = transfer;
    else
        queue->first = transfer;
    queue->last = transfer;
    queue->count++;
}

void iw_queue_push_front(struct iw_queue *queue, struct iw_transfer *transfer)
{
    transfer->next = queue->first;
    queue->first = transfer;
    if (!queue->last)
        queue->last = transfer;
    queue->count++;
}

struct iw_transfer *iw_queue_take(struct iw_queue *queue)
{
    struct iw_transfer *transfer = queue->first;
    if (!transfer)
        return NULL;
    queue->first = transfer->next;
    if (!queue->first)
        queue->last = NULL;
    queue->count--;
    transfer->next = NULL;
    if (queue->first)
        __builtin_prefetch(queue->first); /* long queues are cold when their turn comes */
    return transfer;
}

static struct iw_host *host_new(struct iw_net *net, struct iw_str origin, uint64_t hash)
{
    if (net->host_count == net->host_room) {
        size_t room = net->host_room ? net->host_room * 2 : 64;
        struct iw_host **list = iw_realloc(net->host_list, room, sizeof(struct iw_host *));
        if (!list)
            return NULL;
        net->host_list = list;
        net->host_room = room;
    }
    struct iw_host *host = iw_calloc(1, sizeof *host);
    char *copy = iw_strndup(origin.ptr, origin.len);
    if (!host || !copy || iw_map_add(&net->hosts, hash, (uint64_t)(uintptr_t)host) != IW_OK) {
        iw_free(host);
        iw_free(copy);
        return NULL;
    }
    host->origin = (struct iw_str){copy, origin.len};
    host->multi = (unsigned)(hash % MULTI_COUNT);
    iw_pace_init(&host->pace, net->policy.host_concurrency, net->policy.host_gap_us, hash);
    net->host_list[net->host_count++] = host;
    return host;
}

struct iw_host *iw_host_of(struct iw_net *net, struct iw_str origin)
{
    if (net->last_host && iw_str_eq(net->last_host->origin, origin))
        return net->last_host;
    uint64_t hash = iw_hash64(&net->key, origin.ptr, origin.len);
    uint64_t *found = iw_map_find(&net->hosts, hash);
    struct iw_host *host = found ? (struct iw_host *)(uintptr_t)*found : host_new(net, origin, hash);
    if (host)
        net->last_host = host;
    return host;
}

void iw_host_release_all(struct iw_net *net)
{
    for (size_t i = 0; i < net->host_count; i++) {
        iw_free((char *)(uintptr_t)net->host_list[i]->origin.ptr);
        curl_url_cleanup(net->host_list[i]->handle);
        iw_session_drop(&net->host_list[i]->sessions);
        iw_free(net->host_list[i]);
    }
    iw_free(net->host_list);
    iw_free(net->waits);
    iw_map_release(&net->hosts);
}

/* Until an https host has answered once it is not known whether one connection will do (HTTP/2): one request at a time.
 */
static unsigned concurrency(const struct iw_host *host)
{
    bool is_unknown = host->mean_us == 0 && iw_str_starts(host->origin, IW_STR("https:"));
    return is_unknown ? 1 : iw_pace_at_once(&host->pace);
}

const struct iw_host *iw_net_host(struct iw_net *net, struct iw_str origin)
{
    return iw_host_of(net, origin);
}

void iw_net_space(struct iw_net *net, struct iw_str origin, uint64_t gap_us)
{
    struct iw_host *host = gap_us ? iw_host_of(net, origin) : NULL;
    if (host)
        host->pace.own_gap_us = IW_MAX(host->pace.own_gap_us, gap_us);
}

/* What waits for a host that is down is to go through quickly. */
unsigned iw_net_at_once(const struct iw_host *host)
{
    return host->pace.is_down ? host->pace.most : concurrency(host);
}

bool iw_host_may_start(const struct iw_host *host)
{
    uint64_t next_us = iw_pace_next_us(&host->pace);
    return host->in_flight < concurrency(host) && (next_us == 0 || next_us <= iw_net_clock_us());
}

/* ---- places: of what is not over for its user when it is answered ---- */

static bool has_room(const struct iw_net *net)
{
    return atomic_load(&net->places->kept) < net->places->most;
}

/* Transfers that have a place stand before those that have none, so the first one speaks for all. */
static bool wants_place(const struct iw_host *host)
{
    const struct iw_transfer *first = host->queue.first;
    return first->keeps_place && !first->place;
}

static bool has_place(const struct iw_net *net, const struct iw_host *host)
{
    return !wants_place(host) || (host->places < host->pace.most && has_room(net));
}

bool iw_host_take_place(struct iw_net *net, struct iw_host *host)
{
    if (!wants_place(host))
        return true;
    if (host->places >= host->pace.most)
        return false;
    if (atomic_fetch_add(&net->places->kept, 1) >= net->places->most) {
        atomic_fetch_sub(&net->places->kept, 1);
        return false;
    }
    host->queue.first->place = host;
    host->places++;
    return true;
}

void iw_host_offer_places(struct iw_net *net)
{
    bool is_taken = false;
    while (net->placeless_first && !is_taken && has_room(net)) {
        struct iw_host *host = net->placeless_first;
        net->placeless_first = host->next_placeless;
        if (!net->placeless_first) {
            net->placeless_last = NULL;
            atomic_fetch_sub(&net->places->waiting, 1);
        }
        host->is_placeless = false;
        iw_host_ready(net, host);
        is_taken = host->is_ready;
    }
}

/* Whoever gives a place back then sees that somebody waits, or has given it back before, and is seen here. */
static void wait_for_place(struct iw_net *net, struct iw_host *host)
{
    if (host->is_placeless || host->places >= host->pace.most) /* one of its own will do */
        return;
    host->is_placeless = true;
    host->next_placeless = NULL;
    if (!net->placeless_first)
        atomic_fetch_add(&net->places->waiting, 1);
    *(net->placeless_last ? &net->placeless_last->next_placeless : &net->placeless_first) = host;
    net->placeless_last = host;
    iw_host_offer_places(net);
}

void iw_net_leave(struct iw_net *net, struct iw_transfer *transfer)
{
    struct iw_host *host = transfer->place;
    if (!host)
        return;
    transfer->place = NULL;
    host->places--;
    atomic_fetch_sub(&net->places->kept, 1);
    iw_host_offer_places(net); /* to others first: else it would be the same host's again */
    iw_host_ready(net, host);
}

/* ---- the ready list ---- */

void iw_host_ready(struct iw_net *net, struct iw_host *host)
{
    if (host->is_ready || host->queue.count == 0 || host->in_flight >= concurrency(host) || host->is_parked ||
        host->is_crowded)
        return;
    if (!has_place(net, host)) {
        atomic_store(&net->places->is_short, true);
        wait_for_place(net, host);
        return;
    }
    if (!iw_host_may_start(host)) {
        uint64_t due_ms = (iw_pace_next_us(&host->pace) + 999) / 1000;
        host->is_parked = iw_wait_add(net, due_ms, NULL, host) == IW_OK;
        return;
    }
    if (!iw_resolve_is_known(net, host))
        return;
    if (!iw_address_has_room(net, host)) {
        iw_address_wait(net, host);
        return;
    }
    host->is_ready = true;
    host->next_ready = NULL;
    if (net->ready_last)
        net->ready_last->next_ready = host;
    else
        net->ready_first = host;
    net->ready_last = host;
}

struct iw_host *iw_host_take_ready(struct iw_net *net)
{
    struct iw_host *host = net->ready_first;
    if (!host)
        return NULL;
    net->ready_first = host->next_ready;
    if (!net->ready_first)
        net->ready_last = NULL;
    host->is_ready = false;
    return host;
}

static bool has_work(const struct iw_host *host)
{
    return host->queue.count || host->in_flight || host->is_ready;
}

/* What libcurl keeps about a host is some kilobytes, and its cache of names is searched from end to end. A host that
 * comes back is parsed and told anew. */
void iw_host_rest(struct iw_net *net, struct iw_host *host)
{
    if (host->is_idle || has_work(host))
        return;
    host->is_idle = true;
    host->next_idle = NULL;
    *(net->idle_last ? &net->idle_last->next_idle : &net->idle_first) = host;
    net->idle_last = host;
    if (++net->idle_count <= IDLE_HOSTS)
        return;
    struct iw_host *oldest = net->idle_first;
    net->idle_first = oldest->next_idle;
    net->idle_count--;
    oldest->is_idle = false;
    if (has_work(oldest))
        return; /* it comes again */
    iw_resolve_forget(net, oldest);
    curl_url_cleanup(oldest->handle);
    oldest->handle = NULL;
    iw_session_drop(&oldest->sessions);
}

void iw_host_enqueue(struct iw_net *net, struct iw_transfer *transfer)
{
    bool has_place = !transfer->keeps_place || transfer->place;
    if ((transfer->is_urgent || transfer->repeats) && has_place)
        iw_queue_push_front(&transfer->host->queue, transfer);
    else
        iw_queue_push(&transfer->host->queue, transfer);
    iw_host_ready(net, transfer->host);
}

enum iw_outcome iw_host_refuses(const struct iw_host *host, uint64_t patience_ms)
{
    const struct iw_pace *pace = &host->pace;
    if (pace->is_down)
        return IW_OUTCOME_DOWN;
    bool is_late = pace->rest_until_us && pace->rest_until_us > iw_net_clock_us() + patience_ms * 1000;
    return is_late ? IW_OUTCOME_LATER : IW_OUTCOME_OK;
}

void iw_host_turn_away(struct iw_net *net, struct iw_transfer *transfer, enum iw_outcome outcome)
{
    iw_response_init(&transfer->response);
    transfer->outcome = outcome;
    transfer->us = transfer->body_bytes = 0;
    transfer->was_cut = transfer->peer_is_private = false;
    transfer->peer[0] = '\0';
    (void)snprintf(transfer->detail, sizeof transfer->detail, "%s",
                   outcome == IW_OUTCOME_DOWN ? transfer->host->last_words : "");
    iw_queue_push(&net->ended, transfer);
}

/* What is queued for a host that is not to be asked any more ends now: it is neither asked nor waited for. */
static void turn_all_away(struct iw_net *net, struct iw_host *host)
{
    enum iw_outcome outcome = iw_host_refuses(host, net->policy.patience_ms);
    while (outcome != IW_OUTCOME_OK && host->queue.count) {
        net->queued--;
        iw_host_turn_away(net, iw_queue_take(&host->queue), outcome);
    }
}

/* A host that answers 429 or 503 with Retry-After is left alone until then (RFC 9110 section 10.2.3). */
static void rest(struct iw_host *host, const struct iw_response *r, uint64_t now_us)
{
    uint64_t seconds = r->retry_after_s;
    if (r->retry_after_is_date) {
        uint64_t now_unix_s = iw_net_unix_s();
        seconds = seconds > now_unix_s ? seconds - now_unix_s : 0;
    }
    seconds = IW_MIN(seconds, (uint64_t)REST_MAX_S);
    iw_pace_rest(&host->pace, now_us + seconds * 1000000);
}

void iw_host_heard(struct iw_net *net, struct iw_transfer *transfer, enum iw_pace_news news, uint64_t began_us,
                   uint64_t wait_us)
{
    const struct iw_response *r = &transfer->response;
    struct iw_host *host = transfer->host;
    uint64_t now_us = began_us + transfer->us;
    iw_pace_heard(&host->pace, news, began_us, now_us, wait_us, host->in_flight >= concurrency(host));
    if (transfer->outcome == IW_OUTCOME_OK) {
        host->mean_us = host->mean_us ? host->mean_us - host->mean_us / 8 + transfer->us / 8 : transfer->us;
        if ((r->status == 429 || r->status == 503) && r->has_retry_after)
            rest(host, r, now_us);
        else
            return;
    } else {
        (void)snprintf(host->last_words, sizeof host->last_words, "%s", transfer->detail);
    }
    turn_all_away(net, host);
}

/* ---- the heap of waits ---- */

enum iw_err iw_wait_add(struct iw_net *net, uint64_t due_ms, struct iw_transfer *transfer, struct iw_host *host)
{
    if (net->wait_count == net->wait_room) {
        size_t room = net->wait_room ? net->wait_room * 2 : 64;
        struct iw_wait *waits = iw_realloc(net->waits, room, sizeof *waits);
        if (!waits)
            return IW_ERR_NOMEM;
        net->waits = waits;
        net->wait_room = room;
    }
    size_t i = net->wait_count++;
    while (i > 0 && net->waits[(i - 1) / 2].due_ms > due_ms) {
        net->waits[i] = net->waits[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    net->waits[i] = (struct iw_wait){due_ms, transfer, host};
    return IW_OK;
}

bool iw_wait_take(struct iw_net *net, uint64_t now_ms, struct iw_wait *out)
{
    if (net->wait_count == 0 || net->waits[0].due_ms > now_ms)
        return false;
    *out = net->waits[0];
    struct iw_wait last = net->waits[--net->wait_count];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= net->wait_count)
            break;
        if (child + 1 < net->wait_count && net->waits[child + 1].due_ms < net->waits[child].due_ms)
            child++;
        if (net->waits[child].due_ms >= last.due_ms)
            break;
        net->waits[i] = net->waits[child];
        i = child;
    }
    if (net->wait_count)
        net->waits[i] = last;
    return true;
}
