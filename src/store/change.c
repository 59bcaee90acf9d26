/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* How what is found now stands beside what was found before. */
#include "base/iw.h"
#include "store/inside.h"

unsigned iw_judged_level(const struct iw_judged *judged)
{
    unsigned level = 0;
    if (judged->verdict == IW_VERDICT_OVER || judged->verdict == IW_VERDICT_BROKEN)
        return 2;
    for (size_t i = 0; judged->verdict == IW_VERDICT_WARN && i < judged->findings->count; i++)
        level = judged->findings->list[i].severity > IW_SEVERITY_NOTE ? 1 : level;
    return level;
}

/* How far a finding is beyond its limit, on either side; 0: it has no figures. */
static double excess(const struct iw_finding *finding)
{
    if (!finding->has_figures || !finding->limit || !finding->actual)
        return 0;
    double ratio = (double)finding->actual / (double)finding->limit;
    return ratio < 1 ? 1 / ratio : ratio;
}

static const struct iw_finding *find(const struct iw_findings *findings, const struct iw_finding *like)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct iw_finding *finding = &findings->list[i];
        bool is_of_profile = finding->profile && like->profile ? strcmp(finding->profile, like->profile) == 0
                                                               : finding->profile == like->profile;
        if (finding->rule == like->rule && is_of_profile)
            return finding;
    }
    return NULL;
}

/* True when now breaks something that was did not break, or breaks it by more. */
static bool is_worse(const struct iw_findings *was, const struct iw_findings *now)
{
    for (size_t i = 0; i < now->count; i++) {
        const struct iw_finding *finding = &now->list[i];
        if (finding->severity == IW_SEVERITY_NOTE)
            continue;
        const struct iw_finding *before = find(was, finding);
        if (!before || before->severity < finding->severity || excess(finding) > excess(before))
            return true;
    }
    return false;
}

enum iw_change iw_change_of(const struct iw_judged *was, const struct iw_judged *now)
{
    unsigned level = iw_judged_level(now), old = was ? iw_judged_level(was) : 0;
    if (was && (now->is_unreached || now->verdict == IW_VERDICT_UNKNOWN))
        return was->is_unreached || was->verdict == IW_VERDICT_UNKNOWN ? IW_CHANGE_NONE : IW_CHANGE_UNREACHABLE;
    if (level == 0)
        return old > 0 ? IW_CHANGE_FIXED : IW_CHANGE_NONE;
    if (old == 0)
        return IW_CHANGE_NEW;
    if (level != old)
        return level > old ? IW_CHANGE_WORSE : IW_CHANGE_BETTER;
    if (is_worse(was->findings, now->findings))
        return IW_CHANGE_WORSE;
    return is_worse(now->findings, was->findings) ? IW_CHANGE_BETTER : IW_CHANGE_SAME;
}
