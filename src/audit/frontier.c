/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What waits, by host: rows, first in first out, and a ring of the hosts that may be asked now. A host whose share is
 * on its way, because it is slow, patient or dead, leaves the ring until one of its items is judged, so that no order
 * of the input makes others wait for it. A want is about as large as its URL. */
#include "base/iw.h"
#include "audit/inside.h"

#include "base/mem.h"

/* FIRST: of a host that was not asked yet. SOON_S: a signed URL that ends within so long does not wait its turn. */
enum { FIRST = 4, SPARE = 4, SOON_S = 3600 };

/* ---- hosts ---- */

static struct iw_waiting *waiting_new(struct iw_lane *lane, uint64_t hash)
{
    if (lane->host_count == lane->host_room) {
        size_t room = lane->host_room ? lane->host_room * 2 : 64;
        struct iw_waiting **list = iw_realloc(lane->host_list, room, sizeof(struct iw_waiting *));
        if (!list)
            return NULL;
        lane->host_list = list;
        lane->host_room = room;
    }
    struct iw_waiting *waiting = iw_calloc(1, sizeof *waiting);
    if (!waiting || iw_map_add(&lane->hosts, hash, (uint64_t)(uintptr_t)waiting) != IW_OK) {
        iw_free(waiting);
        return NULL;
    }
    lane->host_list[lane->host_count++] = waiting;
    return waiting;
}

static struct iw_waiting *waiting_of(struct iw_lane *lane, struct iw_str origin)
{
    uint64_t hash = iw_hash64(&lane->key, origin.ptr, origin.len);
    uint64_t *found = iw_map_find(&lane->hosts, hash);
    return found ? (struct iw_waiting *)(uintptr_t)*found : waiting_new(lane, hash);
}

/* ---- the ring ---- */

/* How many items of one host may be on their way: what may be asked at once, as it answers now, and a few that follow
 * without a gap. */
static unsigned share(const struct iw_lane *lane, const struct iw_waiting *waiting)
{
    unsigned at_once = waiting->host ? iw_net_at_once(waiting->host) : FIRST;
    return IW_MIN(at_once, lane->policy->net.max_concurrency) * 2 + SPARE;
}

static void enter_ring(struct iw_lane *lane, struct iw_waiting *waiting)
{
    if (waiting->is_in_ring || !waiting->first || waiting->begun >= share(lane, waiting))
        return;
    if (waiting->robots && !iw_robots_is_known(waiting->robots))
        return;
    waiting->is_in_ring = true;
    if (lane->ring_last) {
        waiting->next = lane->ring_last->next;
        lane->ring_last->next = waiting;
    } else {
        waiting->next = waiting;
    }
    lane->ring_last = waiting;
}

static struct iw_waiting *leave_ring(struct iw_lane *lane)
{
    struct iw_waiting *first = lane->ring_last->next;
    if (first == lane->ring_last)
        lane->ring_last = NULL;
    else
        lane->ring_last->next = first->next;
    first->is_in_ring = false;
    return first;
}

/* ---- wants ---- */

/* Signed URLs that end soon go before the others: at the head when none ends earlier, else behind the last of them.
 * Lists are signed in order, so that this is the order of their ends, and costs the same for any number. */
static void enter_row(struct iw_waiting *waiting, struct iw_want *want)
{
    struct iw_want *soon = waiting->soon_last, **at = &waiting->first;
    bool is_first = !soon || want->deadline_s < waiting->first->deadline_s;
    if (!want->deadline_s && waiting->last)
        at = &waiting->last->next;
    else if (want->deadline_s && !is_first)
        at = &soon->next;
    if (want->deadline_s && (!soon || !is_first))
        waiting->soon_last = want;
    want->next = *at;
    *at = want;
    waiting->wants++;
    if (!want->next)
        waiting->last = want;
}

static uint32_t deadline_of(struct iw_str url)
{
    int64_t ends_s;
    if (!iw_url_expiry(url, &ends_s))
        return 0;
    int64_t left_s = ends_s - (int64_t)iw_net_unix_s();
    bool is_soon = left_s > 0 && left_s < SOON_S && ends_s < UINT32_MAX;
    return is_soon ? (uint32_t)ends_s : 0;
}

/* What waits for a host waits here until its robots.txt is known. */
static bool ask_robots(struct iw_lane *lane, struct iw_waiting *waiting, const struct iw_parcel *parcel,
                       struct iw_str origin)
{
    if (!lane->obeys_robots || waiting->robots)
        return true;
    waiting->robots = iw_robots_of(&lane->robots, origin, parcel->origin->may_be_private);
    if (waiting->robots)
        waiting->robots->waiting = waiting;
    return waiting->robots != NULL;
}

enum iw_err iw_frontier_add(struct iw_lane *lane, struct iw_parcel *parcel, uint64_t fingerprint, struct iw_want **out)
{
    const char *text = (const char *)(parcel + 1);
    struct iw_str origin = {text, parcel->origin_len};
    struct iw_waiting *waiting = waiting_of(lane, origin);
    struct iw_want *want = waiting ? iw_malloc(offsetof(struct iw_want, parcel) + parcel->size) : NULL;
    if (!want || !ask_robots(lane, waiting, parcel, origin)) {
        iw_free(want);
        return IW_ERR_NOMEM;
    }
    want->next = NULL;
    want->fingerprint = fingerprint;
    want->more = NULL;
    memcpy(&want->parcel, parcel, parcel->size);
    parcel->has_context = false;
    want->deadline_s = deadline_of((struct iw_str){text, parcel->text_len});
    enter_row(waiting, want);
    lane->wants++;
    enter_ring(lane, waiting);
    *out = want;
    return IW_OK;
}

enum iw_err iw_frontier_add_ref(struct iw_want *want, struct iw_parcel *parcel)
{
    struct iw_want_ref *ref = iw_malloc(sizeof *ref), **at = &want->more;
    if (!ref)
        return IW_ERR_NOMEM;
    *ref = (struct iw_want_ref){.origin = parcel->origin,
                                .place = parcel->place,
                                .line = IW_MIN(parcel->line, 0x7fffffffu) & 0x7fffffffu,
                                .has_context = parcel->has_context,
                                .column = parcel->column};
    if (parcel->has_context)
        ref->context = parcel->context;
    else
        ref->element = parcel->element;
    parcel->has_context = false;
    while (*at)
        at = &(*at)->next;
    *at = ref;
    return IW_OK;
}

struct iw_want *iw_frontier_take(struct iw_lane *lane, struct iw_waiting **out_waiting)
{
    if (!lane->ring_last)
        return NULL;
    struct iw_waiting *waiting = leave_ring(lane);
    struct iw_want *want = waiting->first;
    waiting->first = want->next;
    if (!waiting->first)
        waiting->last = NULL;
    if (waiting->soon_last == want)
        waiting->soon_last = NULL;
    waiting->wants--;
    waiting->begun++;
    lane->wants--;
    enter_ring(lane, waiting);
    *out_waiting = waiting;
    return want;
}

void iw_frontier_open(struct iw_lane *lane, struct iw_waiting *waiting)
{
    enter_ring(lane, waiting);
}

void iw_frontier_done(struct iw_lane *lane, struct iw_waiting *waiting)
{
    waiting->begun--;
    enter_ring(lane, waiting);
}

void iw_frontier_look(const struct iw_lane *lane, struct iw_lane_news *out)
{
    for (size_t i = 0; i < lane->host_count; i++) {
        const struct iw_waiting *waiting = lane->host_list[i];
        struct iw_busy_host host;
        if (!waiting->host || waiting->wants + waiting->begun == 0)
            continue;
        iw_net_look(waiting->host, &host);
        host.waiting = waiting->wants + (waiting->begun > host.in_flight ? waiting->begun - host.in_flight : 0);
        iw_busy_insert(out->busy, &out->busy_count, IW_ARRAY_LEN(out->busy), &host);
    }
}

void iw_want_free(struct iw_want *want)
{
    while (want->more) {
        struct iw_want_ref *ref = want->more;
        want->more = ref->next;
        if (ref->has_context)
            iw_context_free(ref->context);
        iw_free(ref);
    }
    if (want->parcel.has_context)
        iw_context_free(want->parcel.context);
    iw_free(want);
}

void iw_frontier_drop(struct iw_lane *lane)
{
    while (lane->ring_last)
        leave_ring(lane);
    for (size_t i = 0; i < lane->host_count; i++) {
        struct iw_waiting *waiting = lane->host_list[i];
        while (waiting->first) {
            struct iw_want *want = waiting->first;
            waiting->first = want->next;
            if (want->fingerprint)
                iw_map_remove(&lane->targets, want->fingerprint);
            iw_want_free(want);
        }
        waiting->last = waiting->soon_last = NULL;
        waiting->wants = 0;
    }
    lane->wants = 0;
}

void iw_frontier_release(struct iw_lane *lane)
{
    iw_frontier_drop(lane);
    for (size_t i = 0; i < lane->host_count; i++)
        iw_free(lane->host_list[i]);
    iw_free(lane->host_list);
    iw_map_release(&lane->hosts);
}
