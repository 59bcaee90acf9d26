/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The teller: one thread that judges finished items and hands the records to the writers, so that the thread of the
 * network loop only asks and listens. Items go over whole, in batches, and come back whole; nothing else is shared. */
#include "base/iw.h"
#include "audit/inside.h"

#include "base/mem.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

enum { BATCH = 64, FLUSH_US = 300000 };

/* Items in a row, linked by their next. */
struct row {
    struct iw_item *first, *last;
    size_t count;
};

struct iw_teller {
    struct iw_audit *audit;
    struct row batch; /* the loop's thread alone: not yet handed over */
    unsigned out;     /* the loop's thread alone: items that are not back */
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t to_do, done;
    struct row waiting, back;
    atomic_bool has_back; /* a hint that needs no lock */
    bool is_ending;
    enum iw_err err;             /* what the record event returned */
    struct iw_findings findings; /* the teller's thread alone */
    uint64_t flushed_us;
};

static void push(struct row *row, struct iw_item *item)
{
    item->next = NULL;
    if (row->last)
        row->last->next = item;
    else
        row->first = item;
    row->last = item;
    row->count++;
}

static void append(struct row *row, struct row *more)
{
    if (!more->first)
        return;
    if (row->last)
        row->last->next = more->first;
    else
        row->first = more->first;
    row->last = more->last;
    row->count += more->count;
    *more = (struct row){0};
}

/* Judges an item and reports it for each of its references. */
static enum iw_err tell(struct iw_teller *teller, struct iw_item *item)
{
    const struct iw_audit *audit = teller->audit;
    struct iw_record record = {.facts = item->facts, .findings = &teller->findings};
    if (item->mend) {
        if (!iw_mend_judge(audit, item, &teller->findings, &record))
            return IW_OK;
        item->verdict = record.verdict;
        record.source = &item->refs->source;
        enum iw_err told = audit->events.record(audit->events.user, &record);
        item->told = told == IW_OK;
        return told;
    }
    record.verdict = iw_check(&audit->policy->judge, item->facts, &item->arena, &teller->findings);
    item->verdict = record.verdict;
    enum iw_err err = IW_OK;
    for (const struct iw_ref *ref = item->refs; ref && err == IW_OK; ref = ref->next) {
        record.source = &ref->source;
        err = audit->events.record(audit->events.user, &record);
        item->told += err == IW_OK;
    }
    return err;
}

static void flush_now_and_then(struct iw_teller *teller, bool is_idle)
{
    const struct iw_audit_events *events = &teller->audit->events;
    uint64_t now = iw_net_clock_us();
    if (!events->flush || (!is_idle && now - teller->flushed_us < FLUSH_US))
        return;
    events->flush(events->user);
    teller->flushed_us = now;
}

static void tell_row(struct iw_teller *teller, const struct row *row)
{
    enum iw_err err = IW_OK;
    for (struct iw_item *item = row->first; item && err == IW_OK; item = item->next)
        err = tell(teller, item);
    flush_now_and_then(teller, false);
    pthread_mutex_lock(&teller->mutex);
    if (teller->err == IW_OK)
        teller->err = err;
    pthread_mutex_unlock(&teller->mutex);
}

static void *run(void *user)
{
    struct iw_teller *teller = user;
    pthread_mutex_lock(&teller->mutex);
    while (!teller->is_ending || teller->waiting.first) {
        if (!teller->waiting.first) {
            pthread_cond_wait(&teller->to_do, &teller->mutex);
            continue;
        }
        struct row row = teller->waiting;
        teller->waiting = (struct row){0};
        bool is_lost = teller->err != IW_OK; /* what cannot be written is not judged either */
        pthread_mutex_unlock(&teller->mutex);
        if (!is_lost)
            tell_row(teller, &row);
        pthread_mutex_lock(&teller->mutex);
        append(&teller->back, &row);
        atomic_store_explicit(&teller->has_back, true, memory_order_relaxed);
        pthread_cond_signal(&teller->done);
        if (teller->audit->pool)
            iw_net_wake(teller->audit->net); /* what is back may want mending */
    }
    pthread_mutex_unlock(&teller->mutex);
    return NULL;
}

/* ---- the loop's side ---- */

enum iw_err iw_teller_new(struct iw_audit *audit)
{
    struct iw_teller *teller = iw_calloc(1, sizeof *teller);
    if (!teller)
        return IW_ERR_NOMEM;
    teller->audit = audit;
    audit->teller = teller;
    pthread_mutex_init(&teller->mutex, NULL);
    pthread_cond_init(&teller->to_do, NULL);
    pthread_cond_init(&teller->done, NULL);
    sigset_t all, before; /* signals are for the loop */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    teller->has_thread = pthread_create(&teller->thread, NULL, run, teller) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return teller->has_thread ? IW_OK : IW_ERR_NOMEM;
}

void iw_teller_hurry(struct iw_audit *audit)
{
    struct iw_teller *teller = audit->teller;
    if (!teller->batch.first)
        return;
    pthread_mutex_lock(&teller->mutex);
    append(&teller->waiting, &teller->batch);
    pthread_cond_signal(&teller->to_do);
    pthread_mutex_unlock(&teller->mutex);
}

void iw_teller_give(struct iw_audit *audit, struct iw_item *item)
{
    struct iw_teller *teller = audit->teller;
    item->is_telling = true;
    item->told = 0;
    push(&teller->batch, item);
    teller->out++;
    if (teller->batch.count >= BATCH)
        iw_teller_hurry(audit);
}

void iw_teller_collect(struct iw_audit *audit, bool wants_all)
{
    struct iw_teller *teller = audit->teller;
    if (!wants_all && !atomic_load_explicit(&teller->has_back, memory_order_relaxed))
        return;
    if (wants_all)
        iw_teller_hurry(audit);
    pthread_mutex_lock(&teller->mutex);
    while (wants_all && teller->back.count == 0 && teller->out > 0)
        pthread_cond_wait(&teller->done, &teller->mutex);
    struct row row = teller->back;
    teller->back = (struct row){0};
    atomic_store_explicit(&teller->has_back, false, memory_order_relaxed);
    enum iw_err err = teller->err;
    pthread_mutex_unlock(&teller->mutex);
    for (struct iw_item *item = row.first, *next; item; item = next) {
        next = item->next;
        teller->out--;
        item->is_telling = false;
        iw_item_told(item);
    }
    if (err != IW_OK && audit->err == IW_OK)
        iw_audit_fail(audit, err);
}

unsigned iw_teller_out(const struct iw_audit *audit)
{
    return audit->teller->out;
}

void iw_teller_free(struct iw_audit *audit)
{
    struct iw_teller *teller = audit->teller;
    if (!teller)
        return;
    if (teller->has_thread) {
        while (teller->out > 0)
            iw_teller_collect(audit, true);
        pthread_mutex_lock(&teller->mutex);
        teller->is_ending = true;
        pthread_cond_signal(&teller->to_do);
        pthread_mutex_unlock(&teller->mutex);
        pthread_join(teller->thread, NULL);
    }
    pthread_mutex_destroy(&teller->mutex);
    pthread_cond_destroy(&teller->to_do);
    pthread_cond_destroy(&teller->done);
    iw_free(teller);
    audit->teller = NULL;
}
