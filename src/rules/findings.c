/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The list of what is found: room for errors first, figures, order, and the verdict that they make. */
#include "base/iw.h"
#include "rules/inside.h"

static struct iw_finding *room(struct iw_findings *out, enum iw_severity severity)
{
    if (out->count < IW_MAX_FINDINGS)
        return &out->list[out->count++];
    size_t i = out->count;
    while (i > 0 && (severity != IW_SEVERITY_ERROR || out->list[i - 1].severity == IW_SEVERITY_ERROR))
        i--;
    if (i == 0)
        return NULL;
    memmove(&out->list[i - 1], &out->list[i], (out->count - i) * sizeof out->list[0]);
    return &out->list[out->count - 1];
}

struct iw_finding *iw_findings_add(struct iw_findings *out, enum iw_rule_id rule, enum iw_severity severity,
                                   const struct iw_profile *profile, struct iw_str message)
{
    struct iw_finding *finding = room(out, severity);
    if (!finding)
        return NULL;
    *finding = (struct iw_finding){
        .rule = rule,
        .severity = severity,
        .profile = profile ? profile->name : NULL,
        .message = message.len ? message : iw_str_from(iw_rules[rule].title),
    };
    return finding;
}

void iw_finding_set(struct iw_finding *finding, uint64_t limit, uint64_t actual, enum iw_unit unit)
{
    if (!finding)
        return;
    finding->has_figures = true;
    finding->limit = limit;
    finding->actual = actual;
    finding->unit = unit;
}

enum iw_severity iw_severity_of(enum iw_rule_id rule, enum iw_effect effect)
{
    return effect == IW_REFUSED ? iw_rules[rule].severity : IW_SEVERITY_WARNING;
}

bool iw_limit_is_beyond(const struct iw_limit *limit, uint64_t actual, uint64_t bound)
{
    return limit->id == IW_LIMIT_min_side_px ? actual < bound : actual > bound;
}

/* What one consumer cannot use is not broken for all, and what is a warning is not broken. */
static enum iw_verdict verdict_of(const struct iw_finding *f)
{
    enum iw_rule_effect effect = iw_rules[f->rule].effect;
    if (effect == IW_EFFECT_UNKNOWN)
        return IW_VERDICT_UNKNOWN;
    if (effect == IW_EFFECT_BROKEN && !f->profile && f->severity == IW_SEVERITY_ERROR)
        return IW_VERDICT_BROKEN;
    return f->severity == IW_SEVERITY_ERROR ? IW_VERDICT_OVER : IW_VERDICT_WARN;
}

/* Findings in the order of rules.def; of one rule, in the order of the profiles. */
static void sort(struct iw_findings *out)
{
    for (size_t i = 1; i < out->count; i++) {
        struct iw_finding f = out->list[i];
        size_t at = i;
        for (; at > 0 && out->list[at - 1].rule > f.rule; at--)
            out->list[at] = out->list[at - 1];
        out->list[at] = f;
    }
}

enum iw_verdict iw_findings_end(struct iw_findings *out)
{
    enum iw_verdict verdict = IW_VERDICT_OK;
    for (size_t i = 0; i < out->count; i++)
        verdict = IW_MAX(verdict, verdict_of(&out->list[i]));
    sort(out);
    return verdict;
}
