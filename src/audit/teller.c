/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The teller: one thread that judges finished items and hands the records to the writers, so that lanes only ask and
 * listen. Items go over whole, in batches, and come back whole to the lane that they came from; nothing else is shared.
 */
#include "base/iw.h"
#include "audit/inside.h"

#include "base/mem.h"

#include <signal.h>
#include <time.h>

/* What nothing follows is settled at once: so often on average, and so many times in a row. */
enum { BATCH = 64, FLUSH_US = 300000, SETTLE_US = 2000, SETTLE_BURST = 16, SCRATCH_BYTES = 1 << 20 };

struct iw_teller {
    struct iw_audit *audit;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t mutex; /* of what follows, and of each lane's back row */
    pthread_cond_t to_do, done;
    struct iw_item *waiting_first, *waiting_last;
    struct iw_item *told_first, *told_last; /* not settled yet; the teller's thread alone */
    bool is_ending;
    enum iw_err err;                                /* what the record event returned */
    struct iw_findings findings;                    /* the teller's thread alone, */
    struct iw_findings placed;                      /* and those of a reference that states a place; */
    struct iw_judge judge;                          /* the policy's, at the time of now */
    struct iw_arena scratch;                        /* of what holds of one reference alone */
    struct iw_token_totals tokens[IW_TOKEN_TOTALS]; /* under the mutex, too */
    struct iw_placeholders *placeholders;
    uint64_t flushed_us, settle_due_us;
    bool is_settled; /* all that was told */
};

/* Appends items first to last, linked by their next, to a row. */
static void append(struct iw_item **row_first, struct iw_item **row_last, struct iw_item *first, struct iw_item *last)
{
    if (!first)
        return;
    last->next = NULL;
    if (*row_first)
        (*row_last)->next = first;
    else
        *row_first = first;
    *row_last = last;
}

static enum iw_err tell_record(const struct iw_audit *audit, struct iw_item *item, const struct iw_record *record)
{
    enum iw_err err = audit->events.record(audit->events.user, record);
    item->told[record->verdict] += err == IW_OK;
    item->notices += err == IW_OK && record->is_notice;
    return err;
}

/* What holds of this reference alone is added to a copy of what holds of all. */
static void look_at_place(struct iw_teller *teller, struct iw_item *item, struct iw_record *record)
{
    struct iw_findings *placed = &teller->placed;
    placed->count = teller->findings.count;
    memcpy(placed->list, teller->findings.list, placed->count * sizeof placed->list[0]);
    record->findings = placed;
    iw_arena_clear(&teller->scratch); /* an image may have any number of places */
    record->verdict = iw_check_place(&record->source->place, item->facts, &teller->scratch, placed, record->verdict);
}

/* What the images of request files cost, by profile. */
static void count_tokens(struct iw_teller *teller, const struct iw_judge *judge, const struct iw_facts *facts)
{
    pthread_mutex_lock(&teller->mutex);
    for (size_t i = 0; i < judge->profile_count && i < IW_TOKEN_TOTALS; i++) {
        struct iw_token_totals *totals = &teller->tokens[i];
        uint64_t tokens;
        if (iw_tokens_of(judge->profiles[i], judge->model, judge->detail, facts->image.width_px, facts->image.height_px,
                         &tokens)) {
            totals->profile = judge->profiles[i]->name;
            totals->images++;
            totals->tokens += tokens;
        }
    }
    pthread_mutex_unlock(&teller->mutex);
}

/* Judges the target as the request asks for it that holds this reference. */
static void judge_in_request(struct iw_teller *teller, const struct iw_item *item, const struct iw_context *context,
                             struct iw_record *record)
{
    struct iw_judge judge = iw_judge_of(&teller->judge, &context->setting);
    iw_arena_clear(&teller->scratch);
    record->setting = &context->setting;
    record->findings = &teller->placed;
    record->verdict = iw_check(&judge, item->facts, &teller->scratch, &teller->placed);
    record->verdict =
        iw_placeholders_check(teller->placeholders, item->facts, &teller->scratch, &teller->placed, record->verdict);
    count_tokens(teller, &judge, item->facts);
}

/* What the reader found out about a request or a file. */
static void repeat_findings(struct iw_teller *teller, const struct iw_context *context, struct iw_record *record)
{
    teller->placed.count = context->finding_count;
    memcpy(teller->placed.list, context->findings, context->finding_count * sizeof *context->findings);
    record->findings = &teller->placed;
    record->verdict = context->verdict;
    record->is_notice = true;
}

/* A reference that is judged for itself: of a request, or of what the reader found out. */
static bool is_alone(const struct iw_ref *ref)
{
    return ref->context && (ref->context->is_request || ref->context->findings);
}

static bool has_plain_ref(const struct iw_item *item)
{
    const struct iw_ref *ref = item->refs;
    while (ref && is_alone(ref))
        ref = ref->next;
    return ref != NULL;
}

/* Judges an item and reports it for each of its references. What holds of all of them is found out once. */
static enum iw_err tell(struct iw_teller *teller, struct iw_item *item)
{
    const struct iw_audit *audit = teller->audit;
    struct iw_record fixed = {.facts = item->facts, .findings = &teller->findings};
    if (item->mend) {
        if (!iw_mend_judge(item, &teller->findings, &fixed))
            return IW_OK;
        fixed.source = &item->refs->source;
        return tell_record(audit, item, &fixed);
    }
    enum iw_verdict verdict = IW_VERDICT_OK;
    const struct iw_suggestion *suggestion = NULL;
    if (has_plain_ref(item)) {
        verdict = iw_check(&teller->judge, item->facts, &item->arena, &teller->findings);
        verdict = iw_placeholders_check(teller->placeholders, item->facts, &item->arena, &teller->findings, verdict);
        if (iw_suggest_wants(item, &teller->judge, &teller->findings))
            return IW_OK;
        suggestion = iw_suggest_judge(item, &teller->judge, &teller->placed);
    }
    enum iw_err err = IW_OK;
    for (const struct iw_ref *ref = item->refs; ref && err == IW_OK; ref = ref->next) {
        struct iw_record record = {.facts = item->facts, .findings = &teller->findings, .source = &ref->source};
        record.verdict = verdict;
        if (is_alone(ref) && ref->context->findings) {
            repeat_findings(teller, ref->context, &record);
        } else if (is_alone(ref)) {
            judge_in_request(teller, item, ref->context, &record);
        } else {
            record.suggestion = suggestion;
            if (iw_place_is_stated(&ref->source.place))
                look_at_place(teller, item, &record);
        }
        err = tell_record(audit, item, &record);
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

/* Where records are settled their items go back after that. */
static void tell_row(struct iw_teller *teller, struct iw_item *first, struct iw_item *last)
{
    enum iw_err err = IW_OK;
    teller->judge.now_unix_s = (int64_t)iw_net_unix_s();
    for (struct iw_item *item = first; item && err == IW_OK; item = item->next)
        err = tell(teller, item);
    teller->is_settled = false;
    append(&teller->told_first, &teller->told_last, first, last);
    flush_now_and_then(teller, false);
    pthread_mutex_lock(&teller->mutex);
    if (teller->err == IW_OK)
        teller->err = err;
    pthread_mutex_unlock(&teller->mutex);
}

/* What was told goes to the lanes that it came from; under the mutex. */
static void send_back(struct iw_teller *teller)
{
    struct iw_item *first = teller->told_first;
    teller->told_first = teller->told_last = NULL;
    for (struct iw_item *item = first, *next; item; item = next) {
        struct iw_lane *lane = item->home;
        next = item->next;
        append(&lane->back_first, &lane->back_last, item, item);
        atomic_store(&lane->has_back, true);
    }
    pthread_cond_broadcast(&teller->done);
}

/* Lanes that mend, or have nothing else to do, are told at once. */
static void wake_lanes(const struct iw_teller *teller)
{
    struct iw_audit *audit = teller->audit;
    for (unsigned i = 0; i < audit->lane_count; i++) {
        struct iw_lane *lane = &audit->lanes[i];
        if (atomic_load(&lane->has_back) && atomic_load(&lane->wants_back))
            iw_net_wake(lane->net);
    }
}

static void wait_for(struct iw_teller *teller, uint64_t us)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)us * 1000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    (void)pthread_cond_timedwait(&teller->to_do, &teller->mutex, &until);
}

/* What was told goes back, and whoever waits for it is woken; under the mutex, which is given up meanwhile. */
static void give_back(struct iw_teller *teller)
{
    send_back(teller);
    pthread_mutex_unlock(&teller->mutex);
    wake_lanes(teller);
    pthread_mutex_lock(&teller->mutex);
}

/* Nothing waits to be told: what was is settled, soon, or at once where more could be asked then; under the mutex,
 * which is given up meanwhile. */
static void rest(struct iw_teller *teller)
{
    const struct iw_audit_events *events = &teller->audit->events;
    uint64_t now = iw_net_clock_us();
    if (teller->is_settled || !events->settle || teller->err != IW_OK) {
        pthread_cond_wait(&teller->to_do, &teller->mutex);
        return;
    }
    if (teller->settle_due_us > now && !atomic_load(&teller->audit->places.is_short)) {
        wait_for(teller, teller->settle_due_us - now);
        return;
    }
    teller->settle_due_us = IW_MAX(teller->settle_due_us, now - SETTLE_BURST * SETTLE_US) + SETTLE_US;
    teller->settle_due_us = IW_MIN(teller->settle_due_us, now + SETTLE_US); /* what was not waited for is not owed */
    pthread_mutex_unlock(&teller->mutex);
    atomic_store(&teller->audit->places.is_short, false);
    enum iw_err err = events->settle(events->user);
    teller->is_settled = true;
    pthread_mutex_lock(&teller->mutex);
    if (teller->err == IW_OK)
        teller->err = err;
    give_back(teller);
}

static void *run(void *user)
{
    struct iw_teller *teller = user;
    pthread_mutex_lock(&teller->mutex);
    while (!teller->is_ending || teller->waiting_first) {
        if (!teller->waiting_first) {
            rest(teller);
            continue;
        }
        struct iw_item *first = teller->waiting_first, *last = teller->waiting_last;
        teller->waiting_first = teller->waiting_last = NULL;
        bool is_lost = teller->err != IW_OK; /* what cannot be written is not judged either */
        pthread_mutex_unlock(&teller->mutex);
        if (is_lost)
            append(&teller->told_first, &teller->told_last, first, last);
        else
            tell_row(teller, first, last);
        pthread_mutex_lock(&teller->mutex);
        if (!teller->audit->events.settle || teller->err != IW_OK)
            give_back(teller);
    }
    pthread_mutex_unlock(&teller->mutex);
    return NULL;
}

/* ---- the lanes' side ---- */

enum iw_err iw_teller_new(struct iw_audit *audit)
{
    struct iw_teller *teller = iw_calloc(1, sizeof *teller);
    if (!teller)
        return IW_ERR_NOMEM;
    teller->audit = audit;
    teller->judge = audit->policy->judge;
    iw_arena_init(&teller->scratch, SCRATCH_BYTES);
    audit->teller = teller;
    teller->is_settled = true;
    teller->placeholders = iw_placeholders_new(&audit->key);
    pthread_mutex_init(&teller->mutex, NULL);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&teller->to_do, &clock);
    pthread_condattr_destroy(&clock);
    pthread_cond_init(&teller->done, NULL);
    sigset_t all, before; /* signals are for the reader's loop */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    teller->has_thread = teller->placeholders && pthread_create(&teller->thread, NULL, run, teller) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return teller->has_thread ? IW_OK : IW_ERR_NOMEM;
}

void iw_teller_hurry(struct iw_lane *lane)
{
    struct iw_teller *teller = lane->audit->teller;
    if (!lane->batch_first)
        return;
    pthread_mutex_lock(&teller->mutex);
    append(&teller->waiting_first, &teller->waiting_last, lane->batch_first, lane->batch_last);
    pthread_cond_signal(&teller->to_do);
    pthread_mutex_unlock(&teller->mutex);
    lane->batch_first = lane->batch_last = NULL;
    lane->batch_count = 0;
}

void iw_teller_give(struct iw_lane *lane, struct iw_item *item)
{
    item->is_away = true;
    memset(item->told, 0, sizeof item->told);
    item->notices = 0;
    append(&lane->batch_first, &lane->batch_last, item, item);
    lane->batch_count++;
    lane->out++;
    if (lane->batch_count >= BATCH)
        iw_teller_hurry(lane);
}

/* Places that this lane has given back may be waited for elsewhere. */
static void wake_others(const struct iw_lane *lane)
{
    for (unsigned i = 0; i < lane->audit->lane_count; i++)
        if (&lane->audit->lanes[i] != lane)
            iw_net_wake(lane->audit->lanes[i].net);
}

void iw_teller_collect(struct iw_lane *lane, bool wants_all)
{
    struct iw_teller *teller = lane->audit->teller;
    if (!wants_all && !atomic_load_explicit(&lane->has_back, memory_order_relaxed))
        return;
    if (wants_all)
        iw_teller_hurry(lane);
    pthread_mutex_lock(&teller->mutex);
    while (wants_all && !lane->back_first && lane->out > 0)
        pthread_cond_wait(&teller->done, &teller->mutex);
    struct iw_item *first = lane->back_first;
    lane->back_first = lane->back_last = NULL;
    atomic_store_explicit(&lane->has_back, false, memory_order_relaxed);
    enum iw_err err = teller->err;
    pthread_mutex_unlock(&teller->mutex);
    for (struct iw_item *item = first, *next; item; item = next) {
        next = item->next;
        lane->out--;
        item->is_away = false;
        iw_item_told(item);
    }
    if (first && atomic_load(&lane->audit->places.waiting))
        wake_others(lane);
    if (err != IW_OK && lane->err == IW_OK)
        iw_lane_fail(lane, err);
}

void iw_teller_tokens(const struct iw_audit *audit, struct iw_token_totals *out)
{
    struct iw_teller *teller = audit->teller;
    pthread_mutex_lock(&teller->mutex);
    memcpy(out, teller->tokens, sizeof teller->tokens);
    pthread_mutex_unlock(&teller->mutex);
}

void iw_teller_free(struct iw_audit *audit)
{
    struct iw_teller *teller = audit->teller;
    if (!teller)
        return;
    if (teller->has_thread) {
        pthread_mutex_lock(&teller->mutex);
        teller->is_ending = true;
        pthread_cond_signal(&teller->to_do);
        pthread_mutex_unlock(&teller->mutex);
        pthread_join(teller->thread, NULL);
    }
    pthread_mutex_destroy(&teller->mutex);
    pthread_cond_destroy(&teller->to_do);
    pthread_cond_destroy(&teller->done);
    iw_placeholders_free(teller->placeholders);
    iw_arena_release(&teller->scratch);
    iw_free(teller);
    audit->teller = NULL;
}
