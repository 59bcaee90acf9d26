/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* How much larger an image is than the place that a page gives it. */
#include "base/iw.h"
#include "rules/inside.h"

#include "base/parse.h"

#include <stdio.h>

/* DENSITY: screens of two pixels to a CSS pixel are common, and what is sharp on them is no waste. SLACK: as for a
 * profile's box, so many times the pixels that would do are told, not fewer. */
enum { DENSITY = 2, SLACK = 2 };

/* What the longer and the shorter side are to be multiplied with, so that the image still covers its place; 1: at most
 * as large as it. */
static double scale_of(const struct iw_place *place, const struct iw_image_facts *image)
{
    unsigned density = place->is_exact ? 1 : DENSITY;
    double across = (double)place->width_px * density / image->width_px;
    double down = (double)place->height_px * density / image->height_px;
    return IW_MIN(1, IW_MAX(across, down));
}

/* "640x480", "640 wide" or "480 high". */
static void show(const struct iw_place *place, char out[32])
{
    unsigned height_px = place->height_px;
    if (place->width_px && height_px)
        (void)snprintf(out, 32, "%ux%u", place->width_px, height_px);
    else
        (void)snprintf(out, 32, "%u %s", place->width_px ? place->width_px : height_px,
                       place->width_px ? "wide" : "high");
}

static uint32_t scaled(uint32_t side_px, double scale)
{
    double side = (double)side_px * scale + 0.5;
    return side < 1 ? 1 : (uint32_t)side;
}

static struct iw_str say(const struct iw_place *place, const struct iw_facts *facts, double scale,
                         struct iw_arena *arena)
{
    const struct iw_image_facts *image = &facts->image;
    bool has_bytes = facts->bytes_from != IW_BYTES_UNKNOWN && facts->bytes_from != IW_BYTES_AT_LEAST;
    char room[32], size[16], saved[48] = "";
    show(place, room);
    if (has_bytes)
        (void)snprintf(saved, sizeof saved, ", some %s less",
                       iw_format_size((uint64_t)((double)facts->bytes * (1 - scale * scale)), size));
    return iw_arena_printf(arena, "%ux%u px where the page says %s: %ux%u would do%s%s", image->width_px,
                           image->height_px, room, scaled(image->width_px, scale), scaled(image->height_px, scale),
                           place->is_exact ? "" : " on screens of double density", saved);
}

/* Where a finding of the rule belongs among the others. */
static struct iw_finding *insert(struct iw_findings *out, enum iw_rule_id rule)
{
    size_t at = out->count++;
    for (; at > 0 && out->list[at - 1].rule > rule; at--)
        out->list[at] = out->list[at - 1];
    return &out->list[at];
}

enum iw_verdict iw_check_place(const struct iw_place *place, const struct iw_facts *facts, struct iw_arena *arena,
                               struct iw_findings *out, enum iw_verdict verdict)
{
    enum iw_rule_id rule = IW_RULE_larger_than_needed;
    const struct iw_image_facts *image = &facts->image;
    bool is_known = facts->failure == IW_FAILURE_NONE && image->width_px && image->height_px && image->format;
    bool is_drawn = is_known && strcmp(image->format->name, "svg") == 0; /* it has no pixels of its own */
    if (!iw_place_is_stated(place) || !is_known || is_drawn || out->count == IW_MAX_FINDINGS)
        return verdict;
    double scale = scale_of(place, image);
    if (scale * scale * SLACK >= 1)
        return verdict;
    struct iw_str message = say(place, facts, scale, arena);
    *insert(out, rule) = (struct iw_finding){
        .rule = rule,
        .severity = iw_rules[rule].severity,
        .has_figures = true,
        .limit = (uint64_t)scaled(image->width_px, scale) * scaled(image->height_px, scale),
        .actual = (uint64_t)image->width_px * image->height_px,
        .unit = IW_UNIT_PX,
        .message = message.len ? message : iw_str_from(iw_rules[rule].title),
    };
    return IW_MAX(verdict, IW_VERDICT_WARN);
}
