/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Requests and the files that hold them: limits that no single image breaks, and what is wrong with the text. */
#include "base/iw.h"
#include "rules/inside.h"

/* A figure beside each limit of one key. */
struct weighing {
    const struct iw_judge *judge;
    struct iw_arena *arena;
    struct iw_findings *out;
    const struct iw_profile *profile; /* now */
};

static void compare(const struct weighing *w, const struct iw_limit *limit, uint64_t actual)
{
    bool is_over = limit->has_value && iw_limit_is_beyond(limit, actual, limit->value);
    bool is_near = !is_over && limit->has_warn && iw_limit_is_beyond(limit, actual, limit->warn);
    if (!is_over && !is_near)
        return;
    const struct iw_limit_key *key = &iw_limit_keys[limit->id];
    struct iw_breach breach = {
        .profile = w->profile,
        .limit = limit,
        .bound = is_over ? limit->value : limit->warn,
        .actual = actual,
        .where = "",
    };
    enum iw_severity severity = is_over ? iw_severity_of(key->rule, limit->effect) : IW_SEVERITY_WARNING;
    iw_finding_set(iw_findings_add(w->out, key->rule, severity, w->profile, iw_breach_say(w->arena, &breach)),
                   breach.bound, actual, key->unit);
}

/* ---- one request ---- */

static uint64_t bytes_of(const struct iw_call *call, enum iw_counts counts)
{
    switch (counts) {
    case IW_COUNTS_IMAGES:
        return call->inline_bytes;
    case IW_COUNTS_BASE64:
    case IW_COUNTS_DATA_URI:
        return call->inline_chars;
    case IW_COUNTS_BODY:
        break;
    }
    return call->span.len;
}

/* A limit for images that are sent inline, or for those that are not, counts these alone. */
static uint64_t images_of(const struct iw_call *call, const struct iw_when *when)
{
    if (!when->has_source)
        return call->images;
    return when->source_is_base64 ? call->inline_images : call->images - call->inline_images;
}

static void check_limit(const struct weighing *w, const struct iw_limit *limit, const struct iw_call *call)
{
    bool is_of_images = limit->id == IW_LIMIT_max_request_images, is_inline = call->inline_images > 0;
    if (limit->id != IW_LIMIT_max_request_bytes && !is_of_images)
        return;
    if (is_of_images && limit->when.has_source)
        is_inline = limit->when.source_is_base64;
    if (iw_when_holds(&limit->when, w->judge, is_inline))
        compare(w, limit, is_of_images ? images_of(call, &limit->when) : bytes_of(call, limit->counts));
}

enum iw_verdict iw_check_call(const struct iw_judge *judge, const struct iw_call *call, struct iw_arena *arena,
                              struct iw_findings *out)
{
    out->count = 0;
    for (size_t i = 0; i < judge->profile_count; i++) {
        struct weighing w = {judge, arena, out, judge->profiles[i]};
        for (size_t k = 0; k < w.profile->limit_count; k++)
            check_limit(&w, &w.profile->limits[k], call);
    }
    return iw_findings_end(out);
}

/* ---- a file ---- */

enum iw_verdict iw_check_file(const struct iw_judge *judge, const struct iw_request_file *file, struct iw_arena *arena,
                              struct iw_findings *out)
{
    out->count = 0;
    for (size_t i = 0; i < judge->profile_count && file->is_batch; i++) {
        struct weighing w = {judge, arena, out, judge->profiles[i]};
        for (size_t k = 0; k < w.profile->limit_count; k++) {
            const struct iw_limit *limit = &w.profile->limits[k];
            if (limit->id == IW_LIMIT_max_file_bytes)
                compare(&w, limit, file->bytes);
            else if (limit->id == IW_LIMIT_max_file_requests)
                compare(&w, limit, file->calls);
        }
    }
    return iw_findings_end(out);
}

enum iw_verdict iw_check_fault(enum iw_request_fault fault, struct iw_str text, struct iw_findings *out)
{
    enum iw_rule_id rule = fault == IW_FAULT_JSON ? IW_RULE_bad_json : IW_RULE_duplicate_custom_id;
    out->count = 0;
    iw_findings_add(out, rule, iw_rules[rule].severity, NULL, text);
    return iw_findings_end(out);
}

enum iw_verdict iw_check_missing(struct iw_str text, struct iw_findings *out)
{
    out->count = 0;
    iw_findings_add(out, IW_RULE_http_error, iw_rules[IW_RULE_http_error].severity, NULL, text);
    return iw_findings_end(out);
}

const struct iw_profile *iw_judge_one_model(const struct iw_judge *judge, const struct iw_request_file *file)
{
    for (size_t i = 0; i < judge->profile_count && file->is_batch && file->has_many_models; i++)
        if (judge->profiles[i]->one_model)
            return judge->profiles[i];
    return NULL;
}
