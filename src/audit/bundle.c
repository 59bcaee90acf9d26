/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The images of one request, on the lane's thread. Items wait here until all of a request are back; a request that is
 * still too large has all its pictures made anew at one common quality, found by bisection; where the lowest does not
 * do, at a common scale, and the quality is found at that. Only then is anything told or put among the edits. */
#include "base/iw.h"
#include "audit/repair.h"

#include "base/base64.h"
#include "base/mem.h"

#include <stdio.h>

enum { STEPS = 6, SCALE_LEAST = 25, SCALE_MOST = 75, BUNDLE_FINDINGS_BYTES = 1 << 16 };

/* ---- telling ---- */

/* Gives an item back, with what became of it. */
static void tell(struct iw_ticket *ticket, const struct iw_prospect *outcome)
{
    struct iw_item *item = ticket->item;
    struct iw_mend *mend = item->mend;
    mend->mended = outcome->mended;
    mend->stage = IW_MEND_DONE;
    item->facts = &mend->original;
    ticket->item = NULL;
    iw_teller_give(item->lane, item);
}

static void release(struct iw_lane *lane, struct iw_bundle *bundle)
{
    struct iw_repairs *repairs = lane->audit->repairs;
    pthread_mutex_lock(&repairs->mutex);
    *bundle->at = bundle->next;
    if (bundle->next)
        bundle->next->at = bundle->at;
    pthread_mutex_unlock(&repairs->mutex);
    iw_arena_release(&bundle->arena);
    iw_free(bundle);
}

/* Some tickets less are open: the reader may go on. */
static void close_tickets(struct iw_lane *lane, size_t count)
{
    struct iw_audit *audit = lane->audit;
    atomic_fetch_sub(&audit->repairs->tickets, count);
    if (iw_audit_has_room(audit) && atomic_exchange(&audit->reader_waits, false))
        iw_net_wake(audit->net);
}

void iw_bundle_told(struct iw_lane *lane, struct iw_ticket *ticket)
{
    struct iw_bundle *bundle = ticket->bundle;
    bundle->told++;
    close_tickets(lane, 1);
    if (bundle->is_sealed && bundle->told == bundle->expected)
        release(lane, bundle);
}

void iw_bundles_abandon(struct iw_lane *lane)
{
    struct iw_repairs *repairs = lane->audit->repairs;
    if (!repairs)
        return;
    pthread_mutex_lock(&repairs->mutex);
    for (struct iw_bundle *bundle = repairs->bundles; bundle; bundle = bundle->next)
        for (size_t i = 0; i < bundle->count; i++)
            if (bundle->tickets[i].item)
                tell(&bundle->tickets[i], &bundle->tickets[i].now);
    pthread_mutex_unlock(&repairs->mutex);
}

/* ---- the request as a whole ---- */

static bool is_inlined(const struct iw_prospect *outcome)
{
    return outcome->chars > 0;
}

/* The request as it would be: what[i] of each ticket. */
static void add_up(const struct iw_bundle *bundle, size_t what, struct iw_call *out)
{
    *out = bundle->call;
    for (size_t i = 0; i < bundle->count; i++) {
        const struct iw_ticket *ticket = &bundle->tickets[i];
        const struct iw_prospect *outcome = (const struct iw_prospect *)(const void *)((const char *)ticket + what);
        if (!ticket->item)
            continue; /* out of scope */
        if (ticket->is_inline) {
            out->inline_chars -= ticket->inlined.chars;
            out->inline_bytes -= ticket->inlined.bytes;
        } else if (is_inlined(outcome)) {
            out->inline_images++;
        }
        out->inline_chars += outcome->chars;
        out->inline_bytes += outcome->bytes;
        for (size_t k = 0; k < outcome->edit_count; k++)
            out->span.len += outcome->edits[k].text.len - outcome->edits[k].span.len;
    }
}

/* Whether it is larger than somebody takes; *out_limit, *out_actual and *out_who then say by how much. */
static bool is_over(const struct iw_lane *lane, const struct iw_bundle *bundle, size_t what, struct iw_finding *out)
{
    struct iw_call call;
    struct iw_findings findings;
    struct iw_arena arena;
    if (!lane->audit->repairs->may_exceed)
        return false;
    add_up(bundle, what, &call);
    struct iw_setting setting = {.model = bundle->call.model.ptr, .images = bundle->call.images};
    struct iw_judge judge = iw_judge_of(&lane->policy->judge, &setting);
    iw_arena_init(&arena, BUNDLE_FINDINGS_BYTES);
    (void)iw_check_call(&judge, &call, &arena, &findings);
    iw_arena_release(&arena);
    for (size_t i = 0; i < findings.count; i++) {
        *out = findings.list[i];
        out->message = IW_STR_NONE;
        if (out->rule == IW_RULE_request_bytes_over && out->severity == IW_SEVERITY_ERROR)
            return true;
    }
    return false;
}

/* ---- the end ---- */

static void put_edits(struct iw_lane *lane, struct iw_bundle *bundle, const struct iw_prospect *outcome)
{
    struct iw_repair *repair = bundle->repair;
    for (size_t i = 0; i < outcome->edit_count; i++) {
        const struct iw_edit *edit = &outcome->edits[i];
        if (iw_spool_edit(&lane->audit->repairs->spool, repair->index, edit) != IW_OK)
            repair->is_spoilt = true;
        repair->added_bytes += edit->text.len;
        repair->lost_bytes += edit->span.len;
        repair->edits++;
    }
}

/* Why a picture that was in order is another now, and why one became larger. */
static void explain(struct iw_ticket *ticket, struct iw_prospect *prospect, bool is_best)
{
    struct iw_mend *mend = ticket->item->mend;
    struct iw_mended *mended = &prospect->mended;
    const struct iw_finding *over = &ticket->bundle->over, *first = mend->findings.list;
    if (mended->action != IW_ACTION_RECOMPRESSED || mended->reason.len)
        return;
    if (is_best && ticket->is_shared)
        (void)snprintf(mend->reason, sizeof mend->reason, "with it, its request comes to the %llu bytes of %s",
                       (unsigned long long)over->limit, over->profile);
    else if (ticket->is_inline && mended->bytes >= mend->original.bytes && mend->findings.count)
        (void)snprintf(mend->reason, sizeof mend->reason, "larger than it was, because of another limit: %.*s",
                       IW_STR_ARGS(iw_str_sub(first->message, 0, 200)));
    else
        return;
    mended->reason = iw_str_from(mend->reason);
}

static void finish(struct iw_lane *lane, struct iw_bundle *bundle, bool is_best)
{
    for (size_t i = 0; i < bundle->count; i++) {
        struct iw_ticket *ticket = &bundle->tickets[i];
        struct iw_prospect *outcome = is_best && ticket->is_shared ? &ticket->best : &ticket->first;
        if (!ticket->item)
            continue;
        explain(ticket, outcome, is_best);
        put_edits(lane, bundle, outcome);
        tell(ticket, outcome);
    }
    iw_teller_hurry(lane);
}

/* Nothing helps: what stands in the request stays as it is. */
static void give_up(struct iw_lane *lane, struct iw_bundle *bundle, const struct iw_finding *over)
{
    for (size_t i = 0; i < bundle->count; i++) {
        struct iw_ticket *ticket = &bundle->tickets[i];
        struct iw_prospect *outcome = &ticket->first;
        if (!ticket->item || outcome->mended.action == IW_ACTION_FAILED)
            continue;
        if (is_inlined(outcome)) {
            struct iw_mend *mend = ticket->item->mend;
            (void)snprintf(
                mend->reason, sizeof mend->reason,
                "its request comes to %llu bytes, whatever is done to its %llu images, beyond the %llu of %s",
                (unsigned long long)over->actual, (unsigned long long)bundle->call.images,
                (unsigned long long)over->limit, over->profile);
            outcome->mended.action = IW_ACTION_FAILED;
            outcome->mended.reason = iw_str_from(mend->reason);
            outcome->edit_count = 0;
        }
    }
    finish(lane, bundle, false);
}

/* ---- rounds ---- */

/* What may be made anew to leave room for others. */
static bool is_candidate(const struct iw_ticket *ticket)
{
    return ticket->item && !ticket->is_masked && is_inlined(&ticket->first) &&
           ticket->first.mended.action != IW_ACTION_FAILED &&
           iw_decoding_of(ticket->item->mend->original.image.format) != IW_DECODING_NONE;
}

static bool begin_round(struct iw_lane *lane, struct iw_bundle *bundle)
{
    size_t begun = 0;
    for (size_t i = 0; i < bundle->count; i++) {
        struct iw_ticket *ticket = &bundle->tickets[i];
        struct iw_item *item = ticket->item;
        if (!is_candidate(ticket))
            continue;
        ticket->is_shared = true;
        ticket->item = NULL;
        bundle->arrived--;
        begun++;
        item->mend->shrinks = 0;
        item->mend->mended.reason = IW_STR_NONE;
        iw_mend_queue(lane, item);
    }
    return begun > 0;
}

static void keep_best(struct iw_bundle *bundle)
{
    bundle->has_best = true;
    for (size_t i = 0; i < bundle->count; i++)
        bundle->tickets[i].best = bundle->tickets[i].now;
}

/* The next smaller scale, at the lowest quality; false: there is none. */
static bool shrink(struct iw_bundle *bundle)
{
    unsigned percent = bundle->scale_percent;
    bundle->round = IW_ROUND_SCALE;
    if (percent <= SCALE_LEAST)
        return false;
    bundle->scale_percent = percent == 100 ? SCALE_MOST : IW_MAX(percent * 2 / 3, (unsigned)SCALE_LEAST);
    return true;
}

/* What comes next, given whether the last round fits; false: nothing. So there are 12 rounds at most. */
static bool choose_round(struct iw_bundle *bundle, const struct iw_goal *goal, bool fits)
{
    switch (bundle->round) {
    case IW_ROUND_FIRST:
        bundle->round = IW_ROUND_FLOOR;
        bundle->quality = goal->quality_floor;
        bundle->scale_percent = 100;
        return true;
    case IW_ROUND_FLOOR:
    case IW_ROUND_SCALE:
        if (!fits)
            return shrink(bundle);
        bundle->low = goal->quality_floor;
        bundle->high = goal->quality + 1u;
        bundle->round = IW_ROUND_BISECT;
        break;
    case IW_ROUND_BISECT:
        *(fits ? &bundle->low : &bundle->high) = bundle->quality;
        break;
    }
    if (bundle->step++ == STEPS || bundle->high - bundle->low <= 1)
        return false;
    bundle->quality = (bundle->low + bundle->high) / 2;
    return true;
}

static void weigh(struct iw_lane *lane, struct iw_bundle *bundle)
{
    struct iw_finding over;
    bool is_first = bundle->round == IW_ROUND_FIRST;
    size_t what = is_first ? offsetof(struct iw_ticket, first) : offsetof(struct iw_ticket, now);
    bool fits = !is_over(lane, bundle, what, &over);
    if (is_first && fits) {
        finish(lane, bundle, false);
        return;
    }
    if (is_first)
        bundle->over = over;
    if (fits)
        keep_best(bundle);
    if (choose_round(bundle, &lane->goal, fits) && begin_round(lane, bundle))
        return;
    if (bundle->has_best)
        finish(lane, bundle, true);
    else
        give_up(lane, bundle, &over);
}

void iw_bundle_seal(struct iw_lane *lane, struct iw_bundle *bundle, size_t count)
{
    bundle->is_sealed = true;
    bundle->expected = count;
    close_tickets(lane, bundle->count - count);
    if (count == bundle->told)
        release(lane, bundle); /* all out of scope, or told because the run stops */
    else if (bundle->arrived == count && !lane->is_stopping)
        weigh(lane, bundle);
}

void iw_bundle_arrive(struct iw_item *item)
{
    struct iw_ticket *ticket = item->ticket;
    struct iw_bundle *bundle = ticket->bundle;
    struct iw_prospect *now = &ticket->now;
    now->mended = item->mend->mended;
    now->mended.payload = IW_STR_NONE;
    if (now->mended.action == IW_ACTION_KEPT || now->mended.action == IW_ACTION_FAILED) {
        now->edit_count = 0;
        now->chars = ticket->is_inline ? ticket->inlined.chars : 0;
        now->bytes = ticket->is_inline ? ticket->inlined.bytes : 0;
    }
    if (bundle->round == IW_ROUND_FIRST)
        ticket->first = *now;
    else if (now->mended.action == IW_ACTION_FAILED || now->bytes >= ticket->first.bytes)
        *now = ticket->first;
    item->mend->stage = IW_MEND_HELD;
    ticket->item = item;
    bundle->arrived++;
    if (item->lane->is_stopping)
        tell(ticket, now);
    else if (bundle->is_sealed && bundle->arrived == bundle->expected)
        weigh(item->lane, bundle);
}
