/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Which bytes of a header to ask for: a table by format, and how it is read. Before any byte is seen the format is a
 * guess by the media type, else by the name; afterwards the bytes have said it. The figures come from replays over a
 * corpus: tests/bench/window_policy.c, doc/benchmarks.md. */
#include "base/iw.h"
#include "probe/machine.h"

/* SIZE_ALONE_BYTES: where a range is asked for its size alone, to tell a picture from a page. */
enum { GROWN_MAX_BYTES = 256 * 1024, GROWTH = 4, SIZE_ALONE_BYTES = 64 };

const struct iw_window_rule iw_window_rules[] = {
    {.format = "jpeg", .first_bytes = 16384, .step_bytes = 4096, .seeks = 2},
    {.format = "png", .first_bytes = 4096, .step_bytes = 1024, .seeks = 2},
    {.format = "gif", .first_bytes = 16384, .step_bytes = 49152, .seeks = 0},
    {.format = "webp", .first_bytes = 1024, .step_bytes = 1024, .seeks = 2},
    {.format = "bmp", .first_bytes = 1024, .step_bytes = 1024, .seeks = 2},
    {.format = "tiff", .first_bytes = 4096, .step_bytes = 4096, .seeks = 4},
    {.format = "avif", .first_bytes = 4096, .step_bytes = 4096, .seeks = 2},
    {.format = "heic", .first_bytes = 4096, .step_bytes = 4096, .seeks = 2},
    {.format = "jxl", .first_bytes = 4096, .step_bytes = 4096, .seeks = 2},
    {.format = "orf", .first_bytes = 4096, .step_bytes = 4096, .seeks = 2},
    {.format = "rw2", .first_bytes = 4096, .step_bytes = 4096, .seeks = 2},
    {.format = "cr3", .first_bytes = 4096, .step_bytes = 4096, .seeks = 2},
    {.format = "jp2", .first_bytes = 4096, .step_bytes = 4096, .seeks = 2},
    {.format = "exr", .first_bytes = 4096, .step_bytes = 4096, .seeks = 2},
    {.format = "hdr", .first_bytes = 4096, .step_bytes = 4096, .seeks = 2},
    {.format = "xpm", .first_bytes = 4096, .step_bytes = 4096, .seeks = 2},
    {.format = "svg", .first_bytes = 4096, .step_bytes = 16384, .seeks = 0},
    {.format = "ico", .first_bytes = 1024, .step_bytes = 1024, .seeks = 2},
    {.format = "cur", .first_bytes = 1024, .step_bytes = 1024, .seeks = 2},
    {.format = "psd", .first_bytes = 1024, .step_bytes = 1024, .seeks = 2},
    {.format = "qoi", .first_bytes = 1024, .step_bytes = 1024, .seeks = 2},
    {.format = "farbfeld", .first_bytes = 1024, .step_bytes = 1024, .seeks = 2},
    {.format = "dds", .first_bytes = 1024, .step_bytes = 1024, .seeks = 2},
    {.format = "ktx", .first_bytes = 1024, .step_bytes = 1024, .seeks = 2},
    {.format = "ktx2", .first_bytes = 1024, .step_bytes = 1024, .seeks = 2},
    {.format = "pnm", .first_bytes = 1024, .step_bytes = 1024, .seeks = 2},
    {.format = "pcx", .first_bytes = 1024, .step_bytes = 1024, .seeks = 2},
    {.format = "tga", .first_bytes = 1024, .step_bytes = 1024, .seeks = 2},
    {.format = "xbm", .first_bytes = 1024, .step_bytes = 1024, .seeks = 2},
    {.format = NULL, .first_bytes = 16384, .step_bytes = 4096, .seeks = 2},
};

/* The row of a format; NULL: not known. */
static const struct iw_window_rule *rule_of(const struct iw_probe *probe, const struct iw_image_format *format)
{
    const struct iw_window_rule *rule = probe->policy->windows;
    while (rule->format && !(format && strcmp(rule->format, format->name) == 0))
        rule++;
    return rule;
}

static const struct iw_image_format *guess(const struct iw_probe *probe)
{
    const struct iw_image_format *format = iw_image_format_of_type(probe->facts.content_type);
    if (format)
        return format;
    return iw_image_format_of_path(probe->url.path.len ? probe->url.path : probe->facts.url);
}

uint64_t iw_window_first(const struct iw_probe *probe)
{
    if (!probe->wants_dims && !probe->head_told && !probe->head_failed)
        return SIZE_ALONE_BYTES;
    return rule_of(probe, guess(probe))->first_bytes;
}

/* How many bytes to ask for behind offset at, where need was stated. */
static uint64_t length(struct iw_probe *probe, const struct iw_need *need, uint64_t at)
{
    const struct iw_window_rule *rule = rule_of(probe, probe->facts.image.format);
    uint64_t len = rule->step_bytes;
    if (need->is_prefix || probe->seeks >= rule->seeks)
        len = IW_MAX(len, probe->last_grown * GROWTH);
    probe->seeks += !need->is_prefix;
    probe->last_grown = IW_MIN(len, (uint64_t)GROWN_MAX_BYTES);
    /* the rest of a first window that a wrong guess made too small */
    if (at < rule->first_bytes)
        len = IW_MAX(len, rule->first_bytes - at);
    /* what is wanted for certain */
    if (!need->is_prefix && need->len > at - need->at)
        len = IW_MAX(len, need->len - (at - need->at));
    return IW_MIN(len, (uint64_t)GROWN_MAX_BYTES);
}

bool iw_window_next(struct iw_probe *probe, const struct iw_need *need, const char **out_why)
{
    const struct iw_probe_policy *policy = probe->policy;
    struct iw_held *held = &probe->held;
    uint64_t at = iw_held_gap(held, need->is_prefix ? 0 : need->at);
    *out_why = NULL;
    if (probe->header_requests >= policy->max_header_requests)
        *out_why = "the header was not found within the requests allowed";
    else if (held->held_bytes >= policy->max_header_bytes)
        *out_why = "the header was not found within the bytes allowed";
    else if (at >= held->total_bytes)
        *out_why = "the file ends before its header does";
    if (*out_why)
        return false;
    uint64_t len = IW_MIN(length(probe, need, at), policy->max_header_bytes - held->held_bytes);
    len = IW_MIN(len, iw_held_next(held, at) - at);
    probe->more_at = at;
    probe->more_len = IW_MIN(len, held->total_bytes - at);
    return true;
}
