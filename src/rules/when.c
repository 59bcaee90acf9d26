/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Conditions of limits (imgweigh-profile(5)): read once, then met or not by what is judged. */
#include "base/iw.h"
#include "rules/inside.h"

#include "base/parse.h"

#include <stdio.h>

/* ---- models ---- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* One pattern. A star is tried from its shortest meaning on, the last star alone again: quadratic at worst. */
static bool matches(struct iw_str pattern, struct iw_str text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, star_t = 0;
    while (t < text.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            star_t = t;
        } else if (p < pattern.len && (pattern.ptr[p] == '?' || lower(pattern.ptr[p]) == lower(text.ptr[t]))) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++star_t;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

bool iw_model_matches(struct iw_str patterns, const char *model)
{
    struct iw_str rest = patterns, pattern;
    while (model && iw_str_next(&rest, '|', &pattern))
        if (matches(iw_str_trim(pattern), iw_str_from(model)))
            return true;
    return !model;
}

/* ---- conditions ---- */

bool iw_detail_find(struct iw_str name, enum iw_detail *out)
{
    static const char *const names[] = {
        [IW_DETAIL_AUTO] = "auto",
        [IW_DETAIL_LOW] = "low",
        [IW_DETAIL_HIGH] = "high",
        [IW_DETAIL_ORIGINAL] = "original",
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(names); i++) {
        if (!iw_str_eq(name, iw_str_from(names[i])))
            continue;
        *out = (enum iw_detail)i;
        return true;
    }
    return false;
}

static enum iw_err when_models(struct iw_str value, struct iw_when *out)
{
    if (out->has_models || value.len == 0)
        return IW_ERR_UNKNOWN_NAME;
    out->has_models = true;
    out->models_at = (uint8_t)(value.ptr - out->text);
    out->models_len = (uint8_t)value.len;
    return IW_OK;
}

/* One condition, a slice of out->text; of each kind there may be one. */
static enum iw_err when_one(struct iw_str text, struct iw_when *out)
{
    if (iw_str_starts(text, IW_STR("detail=")) && !out->has_detail) {
        out->has_detail = iw_detail_find(iw_str_skip(text, 7), &out->detail);
        return out->has_detail ? IW_OK : IW_ERR_UNKNOWN_NAME;
    }
    if (iw_str_starts(text, IW_STR("model=")))
        return when_models(iw_str_skip(text, 6), out);
    bool is_base64 = iw_str_eq(text, IW_STR("source=base64"));
    if ((is_base64 || iw_str_eq(text, IW_STR("source=url"))) && !out->has_source) {
        out->has_source = true;
        out->source_is_base64 = is_base64;
        return IW_OK;
    }
    if (!iw_str_starts(text, IW_STR("images>")) || out->has_images)
        return IW_ERR_UNKNOWN_NAME;
    out->has_images = true;
    return iw_parse_u64(iw_str_skip(text, 7), &out->images_more_than);
}

enum iw_err iw_when_parse(struct iw_str text, struct iw_when *out, unsigned line, struct iw_diag *diag)
{
    struct iw_when when = {0};
    text = iw_str_trim(text);
    if (text.len >= sizeof when.text)
        return iw_fail(diag, IW_ERR_SYNTAX, line, 0, "the condition is too long");
    (void)snprintf(when.text, sizeof when.text, "%.*s", IW_STR_ARGS(text));
    struct iw_str rest = {when.text, text.len}, piece;
    while (iw_str_next(&rest, ',', &piece)) {
        if (when_one(iw_str_trim(piece), &when) != IW_OK)
            return iw_fail(diag, IW_ERR_SYNTAX, line, 0,
                           "\"%.*s\" is no condition here: expected detail=low|high|auto|original, source=url|base64, "
                           "model=PATTERN or images>N, each at most once",
                           IW_STR_ARGS(iw_str_sub(piece, 0, 60)));
    }
    *out = when;
    return IW_OK;
}

bool iw_when_holds(const struct iw_when *when, const struct iw_judge *judge, bool is_inline)
{
    struct iw_str models = {when->text + when->models_at, when->models_len};
    if (when->has_detail && when->detail != judge->detail)
        return false;
    if (when->has_source && when->source_is_base64 != is_inline)
        return false;
    if (when->has_images && judge->request_images <= when->images_more_than)
        return false;
    return !when->has_models || iw_model_matches(models, judge->model);
}

struct iw_judge iw_judge_of(const struct iw_judge *judge, const struct iw_setting *setting)
{
    struct iw_judge one = *judge;
    one.is_request = true;
    one.request_images = setting->images;
    one.said_type = setting->said_type;
    one.says_format = setting->says_format;
    if (setting->has_detail)
        one.detail = setting->detail;
    if (setting->model)
        one.model = setting->model;
    if (!one.horizon_s)
        one.horizon_s = setting->is_batch ? IW_REQUEST_HORIZON_S : 1;
    return one;
}
