/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Limits and formats from the command line, put over a profile's own. */
#include "base/iw.h"
#include "rules/inside.h"

enum iw_err iw_profile_override(struct iw_arena *arena, struct iw_profile *profile, struct iw_str assignment,
                                struct iw_diag *diag)
{
    (void)arena;
    size_t equals = iw_str_find(assignment, '=');
    struct iw_str name = iw_str_trim(iw_str_sub(assignment, 0, equals)), text = iw_str_skip(assignment, equals + 1);
    if (equals == assignment.len)
        return iw_fail(diag, IW_ERR_SYNTAX, 0, 0, "expected KEY=VALUE, as in max_bytes=5MB");
    const struct iw_limit_key *key = iw_limit_key_find(name, 0, diag);
    if (!key)
        return IW_ERR_UNKNOWN_NAME;
    struct iw_limit limit = {.id = (enum iw_limit_id)(key - iw_limit_keys),
                             .has_value = true,
                             .source = "command line",
                             .confidence = IW_OFFICIAL};
    enum iw_err err = iw_limit_value(key->unit, text, &limit.value);
    if (err != IW_OK)
        return iw_fail(diag, err, 0, 0, "expected %s for %s, found \"%.*s\"", iw_unit_name(key->unit), key->name,
                       IW_STR_ARGS(iw_str_sub(text, 0, 60)));
    size_t kept = 0;
    for (size_t i = 0; i < profile->limit_count; i++)
        if (profile->limits[i].id != limit.id)
            profile->limits[kept++] = profile->limits[i];
    if (kept == IW_PROFILE_MAX_LIMITS)
        return iw_fail(diag, IW_ERR_RANGE, 0, 0, "more than %d limits", IW_PROFILE_MAX_LIMITS);
    profile->limits[kept++] = limit;
    profile->limit_count = kept;
    return IW_OK;
}

/* Formats whose bytes are not read may be named, too: they are judged by their stated type. */
enum iw_err iw_profile_formats(struct iw_arena *arena, struct iw_profile *profile, struct iw_str list,
                               struct iw_diag *diag)
{
    (void)arena;
    const char *names[IW_PROFILE_MAX_FORMATS];
    size_t count = 0;
    struct iw_str rest = list;
    while (rest.len) {
        size_t n = 0;
        while (n < rest.len && rest.ptr[n] != ',' && rest.ptr[n] != ' ')
            n++;
        struct iw_str word = iw_str_sub(rest, 0, n);
        rest = iw_str_skip(rest, n + 1);
        if (word.len == 0)
            continue;
        struct iw_nearest nearest = {0};
        const char *name = iw_format_name(word, &nearest);
        if (!name)
            return iw_fail(diag, IW_ERR_UNKNOWN_NAME, 0, 0, "\"%.*s\" is no image format%s%s%s",
                           IW_STR_ARGS(iw_str_sub(word, 0, 60)), nearest.name ? "; did you mean \"" : "",
                           nearest.name ? nearest.name : "", nearest.name ? "\"?" : "");
        if (iw_format_is_among(names, count, name))
            continue;
        if (count == IW_ARRAY_LEN(names))
            return iw_fail(diag, IW_ERR_RANGE, 0, 0, "more than %d formats", IW_PROFILE_MAX_FORMATS);
        names[count++] = name;
    }
    if (count == 0)
        return iw_fail(diag, IW_ERR_SYNTAX, 0, 0, "expected names of formats, as in jpeg,png");
    memcpy(profile->formats, names, count * sizeof names[0]);
    profile->format_count = count;
    profile->warned_format_count = 0;
    profile->meta_source = "command line";
    profile->meta_confidence = IW_OFFICIAL;
    return IW_OK;
}
