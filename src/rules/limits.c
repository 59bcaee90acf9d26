/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Limit keys and their values as people write them (imgweigh-profile(5)), and the sentence that tells by how much a
 * limit is missed. What a limit is compared with is none of its business: see check.c. */
#include "base/iw.h"
#include "rules/inside.h"

#include "base/parse.h"

#include <stdio.h>

const struct iw_limit_key *iw_limit_key_find(struct iw_str name, unsigned line, struct iw_diag *diag)
{
    struct iw_nearest nearest = {0};
    for (size_t i = 0; i < IW_LIMIT_COUNT; i++) {
        if (iw_str_eq(name, iw_str_from(iw_limit_keys[i].name)))
            return &iw_limit_keys[i];
        iw_nearest_offer(&nearest, name, iw_limit_keys[i].name);
    }
    (void)iw_fail(diag, IW_ERR_UNKNOWN_NAME, line, 0, "\"%.*s\" is no limit%s%s%s",
                  IW_STR_ARGS(iw_str_sub(name, 0, 60)), nearest.name ? "; did you mean \"" : "",
                  nearest.name ? nearest.name : "", nearest.name ? "\"?" : "");
    return NULL;
}

/* ---- values ---- */

/* "2.5" in thousandths. */
static enum iw_err ratio(struct iw_str text, uint64_t *out)
{
    text = iw_str_trim(text);
    size_t dot = iw_str_find(text, '.');
    struct iw_str digits = iw_str_skip(text, dot + 1);
    uint64_t whole, part = 0;
    enum iw_err err = iw_parse_u64(iw_str_sub(text, 0, dot), &whole);
    if (err != IW_OK)
        return err;
    if (dot < text.len &&
        (digits.len > 3 || iw_str_trim(digits).len != digits.len || iw_parse_u64(digits, &part) != IW_OK))
        return IW_ERR_SYNTAX;
    if (whole > 1000000)
        return IW_ERR_RANGE;
    for (size_t i = digits.len; i < 3; i++)
        part *= 10;
    *out = whole * 1000 + part;
    return IW_OK;
}

enum iw_err iw_limit_value(enum iw_unit unit, struct iw_str text, uint64_t *out)
{
    if (unit == IW_UNIT_BYTES)
        return iw_parse_size(text, out);
    return unit == IW_UNIT_RATIO ? ratio(text, out) : iw_parse_u64(text, out);
}

/* The number alone: "20,971,520", "2.5". */
static const char *number(enum iw_unit unit, uint64_t value, char out[27])
{
    if (unit != IW_UNIT_RATIO)
        return iw_format_u64(value, out);
    int len = snprintf(out, 27, "%llu.%03u", (unsigned long long)(value / 1000), (unsigned)(value % 1000));
    while (len > 0 && out[len - 1] == '0')
        out[--len] = '\0';
    if (len > 0 && out[len - 1] == '.')
        out[len - 1] = '\0';
    return out;
}

const char *iw_limit_show(enum iw_unit unit, uint64_t value, char out[48])
{
    char digits[27];
    bool is_bare = unit == IW_UNIT_RATIO || unit == IW_UNIT_COUNT_;
    (void)snprintf(out, 48, "%s%s%s", number(unit, value, digits), is_bare ? "" : " ",
                   is_bare ? "" : iw_unit_name(unit));
    return out;
}

/* ---- sentences ---- */

/* What is measured, around its figure. */
static const struct {
    const char *before, *after, *verb;
} words[IW_LIMIT_COUNT] = {
    [IW_LIMIT_max_bytes] = {"", " bytes", "are"},
    [IW_LIMIT_max_base64_bytes] = {"", " characters of base64", "are"},
    [IW_LIMIT_max_width_px] = {"a width of ", " px", "is"},
    [IW_LIMIT_max_height_px] = {"a height of ", " px", "is"},
    [IW_LIMIT_max_side_px] = {"a longer side of ", " px", "is"},
    [IW_LIMIT_min_side_px] = {"a shorter side of ", " px", "is"},
    [IW_LIMIT_max_pixels] = {"", " pixels", "are"},
    [IW_LIMIT_max_patches] = {"", " patches of 32 px", "are"},
    [IW_LIMIT_max_aspect] = {"a ratio of ", " to 1", "is"},
    [IW_LIMIT_max_url_chars] = {"a URL of ", " characters", "is"},
    [IW_LIMIT_max_request_bytes] = {"", " bytes of a request", "are"},
    [IW_LIMIT_max_request_images] = {"", " images in a request", "are"},
    [IW_LIMIT_max_file_bytes] = {"", " bytes of a batch file", "are"},
    [IW_LIMIT_max_file_requests] = {"", " requests in a batch file", "are"},
};

/* What is counted where a limit does not count what its key is for. */
static const char *after(const struct iw_limit *limit)
{
    if (limit->id == IW_LIMIT_max_base64_bytes && limit->counts == IW_COUNTS_DATA_URI)
        return " characters of a data URI";
    if (limit->id == IW_LIMIT_max_request_bytes && limit->counts == IW_COUNTS_BASE64)
        return " characters of images in a request";
    if (limit->id == IW_LIMIT_max_request_bytes && limit->counts == IW_COUNTS_IMAGES)
        return " bytes of images in a request";
    return words[limit->id].after;
}

/* " (15 %)", " (12 times as much)", or nothing where it would round to 0 %. */
static const char *share(uint64_t difference, uint64_t bound, char out[32])
{
    double percent = bound ? (double)difference / (double)bound * 100 : 0;
    out[0] = '\0';
    if (percent >= 1000)
        (void)snprintf(out, 32, " (%.0f times as much)", percent / 100 + 1);
    else if (percent > 0.5)
        (void)snprintf(out, 32, " (%.0f %%)", percent);
    return out;
}

/* Whose the bound is, and what becomes of the image. */
static struct iw_str consequence(struct iw_arena *arena, const struct iw_breach *b, bool is_minimum, bool is_warning)
{
    const char *name = b->profile->name;
    char limit[48];
    if (is_warning && b->limit->has_value && b->limit->effect != IW_WARNED)
        return iw_arena_printf(arena, "from which %s warns; its limit is %s", name,
                               iw_limit_show(iw_limit_keys[b->limit->id].unit, b->limit->value, limit));
    if (is_warning || b->limit->effect == IW_WARNED)
        return iw_arena_printf(arena, "from which %s warns", name);
    if (b->limit->effect == IW_DOWNSCALED)
        return iw_arena_printf(arena, "that %s keeps: it is scaled down", name);
    return iw_arena_printf(arena, "that %s %s%s", name, is_minimum ? "asks for" : "accepts", b->where);
}

struct iw_str iw_breach_say(struct iw_arena *arena, const struct iw_breach *b)
{
    const struct iw_limit *limit = b->limit;
    enum iw_unit unit = iw_limit_keys[limit->id].unit;
    bool is_minimum = b->actual < b->bound;
    uint64_t difference = is_minimum ? b->bound - b->actual : b->actual - b->bound;
    char actual[27], by[27], percent[32], bound[48];
    struct iw_str end = consequence(arena, b, is_minimum, !limit->has_value || b->bound != limit->value);
    bool has_note = limit->confidence == IW_CONTRADICTED && limit->note;
    return iw_arena_printf(arena, "%s%s%s%s %s %s%s %s the %s %.*s%s%s", b->is_at_least ? "at least " : "",
                           words[limit->id].before, number(unit, b->actual, actual), after(limit),
                           words[limit->id].verb, number(unit, difference, by), share(difference, b->bound, percent),
                           is_minimum ? "under" : "over", iw_limit_show(unit, b->bound, bound), IW_STR_ARGS(end),
                           has_note ? "; " : "", has_note ? limit->note : "");
}
