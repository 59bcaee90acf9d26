/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What fix does about an image, by what is known of it: on the teller's thread at first, on the lane's once its bytes
 * are at hand; and whether what was made of it would be taken. */
#include "base/iw.h"
#include "audit/repair.h"

/* ---- the decision, on the teller's thread ---- */

static const struct iw_finding *first_of(const struct iw_findings *findings, bool (*is_one)(const struct iw_finding *))
{
    for (size_t i = 0; i < findings->count; i++)
        if (is_one(&findings->list[i]))
            return &findings->list[i];
    return NULL;
}

static bool is_error(const struct iw_finding *f)
{
    return f->severity == IW_SEVERITY_ERROR;
}

static bool is_hopeless(const struct iw_finding *f)
{
    return is_error(f) && !iw_rule_is_mendable(f->rule);
}

static bool is_label(const struct iw_finding *f)
{
    return f->rule == IW_RULE_type_mismatch;
}

static bool is_size_unknown(const struct iw_finding *f)
{
    return f->rule == IW_RULE_bytes_unknown;
}

static bool is_header_unknown(const struct iw_finding *f)
{
    return f->rule == IW_RULE_dims_unknown;
}

static bool is_of_picture(const struct iw_finding *f)
{
    return is_error(f) && !is_label(f);
}

/* Whether it fits is not known, and its bytes would tell. */
static bool is_undecided(const struct iw_facts *facts, const struct iw_findings *findings)
{
    bool is_foreign = facts->has_looked && iw_decoding_of(facts->image.format) == IW_DECODING_NONE;
    return first_of(findings, is_size_unknown) || (first_of(findings, is_header_unknown) && !is_foreign);
}

struct iw_judge iw_mend_judge_of(const struct iw_item *item)
{
    const struct iw_lane *lane = item->lane;
    return item->ticket ? iw_ticket_judge(lane, item->ticket, item->ticket->is_inline) : lane->policy->judge;
}

static enum iw_action decide_alone(const struct iw_lane *lane, const struct iw_facts *facts, enum iw_verdict verdict,
                                   const struct iw_findings *findings, struct iw_str *out_reason)
{
    const struct iw_finding *hopeless = first_of(findings, is_hopeless);
    if (verdict == IW_VERDICT_BROKEN || (verdict == IW_VERDICT_UNKNOWN && facts->failure != IW_FAILURE_NONE)) {
        const struct iw_finding *error = findings->count ? &findings->list[0] : NULL;
        *out_reason = facts->error.len ? facts->error : error ? error->message : IW_STR("it cannot be read");
        return IW_ACTION_FAILED;
    }
    if (hopeless) {
        *out_reason = hopeless->message;
        return IW_ACTION_FAILED;
    }
    if (first_of(findings, is_of_picture) || is_undecided(facts, findings))
        return IW_ACTION_RECOMPRESSED;
    if (first_of(findings, is_label))
        return IW_ACTION_RELABELLED;
    return lane->policy->fix.inline_all ? IW_ACTION_INLINED : IW_ACTION_KEPT;
}

enum iw_action iw_mend_decide(struct iw_item *item, struct iw_str *out_reason)
{
    const struct iw_lane *lane = item->lane;
    const struct iw_mend *mend = item->mend;
    enum iw_action action = decide_alone(lane, &mend->original, mend->verdict, &mend->findings, out_reason);
    return item->ticket ? iw_ticket_action(lane, item, action, out_reason) : action;
}

static void fill_record(struct iw_item *item, struct iw_record *record)
{
    record->facts = &item->mend->original;
    record->findings = &item->mend->findings;
    record->verdict = item->mend->verdict;
    record->mended = &item->mend->mended;
}

bool iw_mend_judge(struct iw_item *item, struct iw_findings *findings, struct iw_record *record)
{
    struct iw_mend *mend = item->mend;
    if (mend->stage == IW_MEND_NONE) {
        struct iw_judge judge = iw_mend_judge_of(item);
        mend->verdict = iw_check(&judge, item->facts, &item->arena, findings);
        mend->findings = *findings;
        mend->original = *item->facts;
        enum iw_action action = iw_mend_decide(item, &mend->mended.reason);
        mend->mended.action = action;
        bool is_label = item->ticket && !item->ticket->is_inline && action == IW_ACTION_RELABELLED;
        if (item->ticket && (is_label || action == IW_ACTION_KEPT || action == IW_ACTION_FAILED)) {
            mend->stage = IW_MEND_HELD;
            return false;
        }
        if (action != IW_ACTION_KEPT && action != IW_ACTION_FAILED) {
            mend->stage = IW_MEND_WANTED;
            return false;
        }
    }
    fill_record(item, record);
    return true;
}

/* ---- the judgement of what is handed out ---- */

bool iw_mend_find_flaw(struct iw_item *item, uint64_t len, const struct iw_image_facts *image, struct iw_str *out_why)
{
    struct iw_lane *lane = item->lane;
    struct iw_facts facts = {
        .url = item->mend->original.url,
        .is_local = true,
        .has_looked = true,
        .bytes = len,
        .bytes_from = lane->policy->fix.as_files ? IW_BYTES_FILE : IW_BYTES_DATA_URI,
        .content_type = iw_str_from(image->format->mime),
        .image = *image,
    };
    struct iw_findings *findings = iw_arena_alloc(&item->arena, sizeof *findings);
    *out_why = IW_STR("there is no memory to judge it");
    if (!findings)
        return true;
    struct iw_judge judge = item->ticket ? iw_ticket_judge(lane, item->ticket, true) : lane->result_judge;
    judge.said_type = NULL; /* what says its type in a request is written with it */
    (void)iw_check(&judge, &facts, &item->arena, findings);
    const struct iw_finding *error = first_of(findings, is_error);
    if (error)
        *out_why = error->message;
    return error != NULL;
}
