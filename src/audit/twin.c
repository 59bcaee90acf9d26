/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The same URL in many requests of files that are repaired: it is asked about once, and fetched once at a time. Those
 * that come after the first wait for what it learns, or read its bytes from the spool. On the lane's thread. */
#include "base/iw.h"
#include "audit/repair.h"

#include "base/mem.h"

#include <stdio.h>

/* A parcel that waits; the parcel's own copy of its text follows. */
struct iw_waiting_twin {
    struct iw_waiting_twin *next;
    struct iw_parcel parcel;
};

struct iw_twin *iw_twin_of(struct iw_lane *lane, struct iw_str url)
{
    struct iw_repairs *repairs = lane->audit->repairs;
    uint64_t fingerprint = iw_audit_fingerprint(lane->audit, url);
    const uint64_t *known = iw_map_find(&repairs->urls, fingerprint);
    if (known)
        return (struct iw_twin *)(uintptr_t)*known;
    struct iw_twin *twin = iw_arena_zalloc(&repairs->twins, sizeof *twin);
    if (!twin || iw_map_add(&repairs->urls, fingerprint, (uint64_t)(uintptr_t)twin) != IW_OK)
        return NULL;
    twin->next = repairs->all_twins;
    repairs->all_twins = twin;
    return twin;
}

/* ---- until it is known ---- */

enum iw_err iw_twin_wait(struct iw_lane *lane, struct iw_twin *twin, const struct iw_parcel *parcel)
{
    struct iw_waiting_twin *one = iw_malloc(offsetof(struct iw_waiting_twin, parcel) + parcel->size);
    if (!one)
        return IW_ERR_NOMEM;
    memcpy(&one->parcel, parcel, parcel->size);
    one->next = twin->waiting;
    twin->waiting = one;
    lane->audit->repairs->twins_waiting++;
    return IW_OK;
}

enum iw_err iw_twin_learn(struct iw_lane *lane, struct iw_twin *twin, const struct iw_facts *facts,
                          enum iw_err (*tell)(struct iw_lane *, struct iw_parcel *, uint64_t, uint64_t))
{
    enum iw_err err = iw_replay_put(&lane->replay, facts, &twin->place);
    twin->is_known = err == IW_OK;
    while (twin->waiting && err == IW_OK) {
        struct iw_waiting_twin *one = twin->waiting;
        twin->waiting = one->next;
        lane->audit->repairs->twins_waiting--;
        err = tell(lane, &one->parcel, 0, twin->place);
        iw_free(one);
    }
    return err;
}

size_t iw_twins_drop(struct iw_repairs *repairs)
{
    size_t dropped = 0;
    for (struct iw_twin *twin = repairs->all_twins; twin && repairs->twins_waiting; twin = twin->next) {
        while (twin->waiting) {
            struct iw_waiting_twin *one = twin->waiting;
            twin->waiting = one->next;
            iw_free(one);
            repairs->twins_waiting--;
            dropped++;
        }
    }
    return dropped;
}

/* ---- its bytes ---- */

bool iw_twin_parks(struct iw_item *item)
{
    struct iw_twin *twin = item->ticket ? item->ticket->twin : NULL;
    if (!twin || !twin->fetcher || item->lane->is_stopping)
        return false;
    item->next = twin->parked;
    twin->parked = item;
    return true;
}

/* Whoever was parked goes on. */
static void unpark(struct iw_lane *lane, struct iw_twin *twin)
{
    struct iw_item *item = twin->parked;
    twin->fetcher = NULL;
    twin->parked = NULL;
    while (item) {
        struct iw_item *next = item->next;
        iw_mend_return(lane, item);
        item = next;
    }
}

void iw_twin_fetched(struct iw_item *item)
{
    struct iw_twin *twin = item->ticket->twin;
    struct iw_repairs *repairs = item->lane->audit->repairs;
    const struct iw_job *job = item->mend->job;
    if (!twin || twin->fetcher != item)
        return;
    bool is_wanted = repairs->may_exceed || twin->count > 1;
    if (is_wanted && twin->source.len == 0) {
        twin->source = (struct iw_span){iw_spool_end(&repairs->spool), job->in_len};
        if (iw_spool_text(&repairs->spool, (struct iw_str){(const char *)job->in, job->in_len}) != IW_OK)
            item->ticket->bundle->repair->is_spoilt = true;
    }
    unpark(item->lane, twin);
}

void iw_twin_failed(struct iw_item *item)
{
    struct iw_twin *twin = item->ticket->twin;
    if (!twin || twin->fetcher != item)
        return;
    twin->why = iw_arena_str(&item->lane->audit->repairs->twins, item->mend->mended.reason);
    unpark(item->lane, twin);
}
