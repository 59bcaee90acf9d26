/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A lane: a thread with its own loop, connections, hosts, table of targets and items. Others leave batches of leads,
 * visiting items and wishes (end, stop) for it under its mutex, and wake its loop; nothing else is shared. */
#include "base/iw.h"
#include "audit/repair.h"

#include "base/mem.h"

#include <signal.h>
#include <stdio.h>
#include <sys/random.h>

enum {
    TARGETS_MAX = 1 << 28,
    SUGGESTIONS_MAX = 1 << 20,
    LATE_BYTES = 256 << 20,
    TICK_MS = 100,
    SPARES_MAX = 8,
    DRAIN_MS = 5000
};

/* ---- what others leave ---- */

void iw_lane_post(struct iw_lane *lane, struct iw_batch *batch)
{
    pthread_mutex_lock(&lane->mutex);
    bool was_empty = lane->inbox_first == NULL;
    batch->next = NULL;
    if (lane->inbox_first)
        lane->inbox_last->next = batch;
    else
        lane->inbox_first = batch;
    lane->inbox_last = batch;
    pthread_mutex_unlock(&lane->mutex);
    if (was_empty)
        iw_net_wake(lane->net);
}

void iw_lane_visit(struct iw_lane *lane, struct iw_item *item)
{
    pthread_mutex_lock(&lane->mutex);
    item->next = lane->visitors;
    lane->visitors = item;
    pthread_mutex_unlock(&lane->mutex);
    iw_net_wake(lane->net);
}

void iw_lane_end(struct iw_lane *lane)
{
    pthread_mutex_lock(&lane->mutex);
    lane->wants_end = true;
    pthread_mutex_unlock(&lane->mutex);
    iw_net_wake(lane->net);
}

void iw_lane_stop(struct iw_lane *lane, bool is_drained)
{
    pthread_mutex_lock(&lane->mutex);
    lane->wants_stop = IW_MAX(lane->wants_stop, is_drained ? 1 : 2);
    pthread_mutex_unlock(&lane->mutex);
    iw_net_wake(lane->net);
}

/* ---- news ---- */

static void publish(struct iw_lane *lane)
{
    struct iw_lane_news news = {
        .totals = lane->totals,
        .found = lane->found,
        .done = lane->done,
        .to_mend = lane->to_mend,
        .mended = lane->mended,
    };
    iw_net_figures(lane->net, &news.net);
    iw_frontier_look(lane, &news);
    pthread_mutex_lock(&lane->mutex);
    lane->news = news;
    pthread_mutex_unlock(&lane->mutex);
}

void iw_lane_news(struct iw_lane *lane, struct iw_lane_news *out)
{
    pthread_mutex_lock(&lane->mutex);
    *out = lane->news;
    pthread_mutex_unlock(&lane->mutex);
}

/* ---- the pump ---- */

void iw_lane_fail(struct iw_lane *lane, enum iw_err err)
{
    int none = IW_OK;
    if (lane->err == IW_OK)
        lane->err = err;
    (void)atomic_compare_exchange_strong(&lane->audit->lane_err, &none, (int)err);
    iw_net_wake(lane->audit->net); /* the reader stops all */
}

static void stop(struct iw_lane *lane, int how)
{
    if (lane->is_stopping)
        return;
    lane->is_stopping = true;
    iw_mend_stop(lane, how == 1 ? DRAIN_MS : 0);
    iw_net_stop(lane->net, how == 1 ? DRAIN_MS : 0);
}

/* The table of targets is larger than any cache: parcels are looked at a few ahead, so that their places are on the way
 * while others are dealt with. */
static void read_batch(struct iw_lane *lane, struct iw_batch *batch)
{
    enum { AHEAD = 16 };
    uint64_t fingerprints[AHEAD];
    size_t seen = 0, done = 0;
    for (size_t at = 0, ahead_at = 0; at < batch->len; done++) {
        while (ahead_at < batch->len && seen < done + AHEAD) {
            const struct iw_parcel *ahead = (const struct iw_parcel *)(const void *)(batch->bytes + ahead_at);
            ahead_at += ahead->size;
            fingerprints[seen++ % AHEAD] = iw_item_expect(lane, ahead);
        }
        struct iw_parcel *parcel = (struct iw_parcel *)(void *)(batch->bytes + at);
        at += parcel->size;
        iw_item_parcel(lane, parcel, fingerprints[done % AHEAD]);
    }
}

/* Batches go back to the reader, a few; so their memory is not handed from thread to thread by malloc. */
static void give_back(struct iw_lane *lane, struct iw_batch *batches)
{
    struct iw_batch *batch;
    unsigned kept = 0;
    pthread_mutex_lock(&lane->mutex);
    for (batch = lane->spare; batch; batch = batch->next)
        kept++;
    while ((batch = batches) != NULL && kept < SPARES_MAX && batch->len <= 64 << 10) {
        batches = batch->next;
        batch->next = lane->spare;
        lane->spare = batch;
        kept++;
    }
    pthread_mutex_unlock(&lane->mutex);
    while (batches) {
        batch = batches;
        batches = batch->next;
        iw_free(batch);
    }
}

/* Takes what was left; true when there was anything. */
static bool take_post(struct iw_lane *lane)
{
    pthread_mutex_lock(&lane->mutex);
    struct iw_batch *batches = lane->inbox_first;
    struct iw_item *visitors = lane->visitors;
    lane->inbox_first = lane->inbox_last = NULL;
    lane->visitors = NULL;
    lane->is_ending = lane->wants_end;
    int wants_stop = lane->wants_stop;
    pthread_mutex_unlock(&lane->mutex);
    if (wants_stop)
        stop(lane, wants_stop);
    for (struct iw_item *item = visitors, *next; item; item = next) {
        next = item->next;
        iw_ask_visitor(lane, item);
    }
    for (struct iw_batch *batch = batches; batch; batch = batch->next)
        read_batch(lane, batch);
    if (batches)
        give_back(lane, batches);
    return batches || visitors;
}

/* What waits is not begun any more; it gets no verdict, and the report says that it is not complete. */
static void drop_wants(struct iw_lane *lane)
{
    lane->begun += lane->wants;
    lane->ended += lane->wants;
    iw_frontier_drop(lane);
}

/* Tells how far the lane has come: the reader may wait for room, and other lanes for the end of all. */
static void tell_others(struct iw_lane *lane)
{
    struct iw_audit *audit = lane->audit;
    size_t begun = lane->begun, ended = lane->ended;
    lane->begun = lane->ended = 0;
    if (begun) {
        size_t left = atomic_fetch_sub(&audit->waiting, begun) - begun;
        if (left < audit->policy->frontier / 4 * 3 && atomic_exchange(&audit->reader_waits, false))
            iw_net_wake(audit->net);
    }
    if (!ended || atomic_fetch_sub(&audit->pending, ended) != ended)
        return;
    for (unsigned i = 0; i < audit->lane_count; i++)
        iw_net_wake(audit->lanes[i].net);
    iw_net_wake(audit->net);
}

static bool pump(void *user)
{
    struct iw_lane *lane = user;
    (void)take_post(lane);
    iw_teller_collect(lane, false);
    iw_robots_pump(&lane->robots, lane->is_stopping);
    iw_ask_heard_robots(lane);
    iw_mend_pump(lane);
    if (lane->is_stopping && lane->wants)
        drop_wants(lane);
    if (lane->is_stopping && lane->audit->repairs) {
        size_t dropped = iw_twins_drop(lane->audit->repairs);
        lane->begun += dropped;
        lane->ended += dropped;
        iw_bundles_abandon(lane);
    }
    if (!lane->is_stopping)
        iw_item_start_some(lane);
    if (((lane->is_ending || lane->is_stopping) && lane->out) || lane->events->settle)
        iw_teller_hurry(lane);
    /* what is back may want mending, give a place back, or be the last */
    bool wants_back = lane->pool || lane->events->settle || (lane->is_ending && lane->items == lane->out);
    atomic_store(&lane->wants_back, wants_back);
    if (wants_back && atomic_load(&lane->has_back)) /* it came back before that was said: nobody has woken the lane */
        iw_net_wake(lane->net);
    tell_others(lane);
    /* a run that failed has lost count of what is pending: each lane ends when it holds nothing */
    bool has_failed = atomic_load(&lane->audit->lane_err) != IW_OK || lane->err != IW_OK;
    bool holds_any = lane->wants || lane->items || lane->out;
    return !lane->is_ending || (has_failed ? holds_any : atomic_load(&lane->audit->pending) > 0);
}

static void tick(void *user)
{
    struct iw_lane *lane = user;
    iw_teller_hurry(lane);
    publish(lane);
}

static void *run(void *user)
{
    struct iw_lane *lane = user;
    struct iw_net_driver driver = {.pump = pump, .tick = tick, .interval_ms = TICK_MS, .user = lane};
    enum iw_err err = iw_net_run(lane->net, &driver);
    if (err != IW_OK)
        iw_lane_fail(lane, err);
    while (lane->out > 0)
        iw_teller_collect(lane, true);
    publish(lane);
    atomic_fetch_sub(&lane->audit->lanes_running, 1);
    iw_net_wake(lane->audit->net);
    return NULL;
}

/* ---- life ---- */

enum iw_err iw_lane_open(struct iw_audit *audit, struct iw_lane *lane, unsigned index, struct iw_diag *diag)
{
    lane->audit = audit;
    lane->policy = audit->policy;
    lane->events = &audit->events;
    lane->index = index;
    pthread_mutex_init(&lane->mutex, NULL);
    lane->key = audit->key;
    lane->seed = audit->key.k0 + index;
    iw_arena_init(&lane->arena, LATE_BYTES);
    iw_map_init(&lane->targets, TARGETS_MAX);
    iw_map_init(&lane->hosts, TARGETS_MAX);
    iw_map_init(&lane->suggestions, SUGGESTIONS_MAX);
    iw_replay_init(&lane->replay);
    lane->obeys_robots = audit->policy->obeys_robots && !audit->policy->is_dry;
    struct iw_net_policy policy = audit->net_policy;
    unsigned most = audit->places.most, lanes = audit->lane_count;
    policy.max_concurrency = most / lanes + (index < most % lanes);
    enum iw_err err = iw_mend_open(lane, diag);
    if (err == IW_OK)
        err = iw_net_new(&policy, &lane->net, diag);
    lane->robots = (struct iw_robots_seat){.audit = audit, .lane = lane, .net = lane->net, .totals = &lane->totals};
    return err == IW_OK ? iw_mend_watch(lane) : err;
}

enum iw_err iw_lane_start(struct iw_lane *lane)
{
    sigset_t all, before; /* signals are for the reader's loop */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    lane->has_thread = pthread_create(&lane->thread, NULL, run, lane) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return lane->has_thread ? IW_OK : IW_ERR_NOMEM;
}

/* With the contexts of what was not read. */
static void free_batches(struct iw_batch *batch)
{
    while (batch) {
        struct iw_batch *next = batch->next;
        for (size_t at = 0; at < batch->len;) {
            struct iw_parcel *parcel = (struct iw_parcel *)(void *)(batch->bytes + at);
            at += parcel->size;
            if (parcel->has_context)
                iw_context_free(parcel->context);
        }
        iw_free(batch);
        batch = next;
    }
}

void iw_lane_join(struct iw_lane *lane)
{
    if (lane->has_thread)
        pthread_join(lane->thread, NULL);
    lane->has_thread = false;
}

void iw_lane_close(struct iw_lane *lane)
{
    iw_lane_join(lane);
    if (!lane->audit)
        return;
    iw_net_free(lane->net);
    iw_mend_close(lane);
    iw_frontier_release(lane);
    iw_item_free_all(lane);
    free_batches(lane->inbox_first);
    free_batches(lane->spare);
    free_batches(lane->filling);
    iw_replay_release(&lane->replay);
    iw_map_release(&lane->targets);
    iw_map_release(&lane->suggestions);
    iw_arena_release(&lane->arena);
    pthread_mutex_destroy(&lane->mutex);
}
