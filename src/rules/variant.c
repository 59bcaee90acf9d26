/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What a variant of an offender is to be asked for, and whether the one that came passes. */
#include "base/iw.h"
#include "rules/inside.h"

/* SPARE: bytes do not shrink quite as pixels do. SKEW: what is further off in its ratio was cropped, not scaled. */
enum { QUALITY = 85, PATCH_PX = 32 * 32 };
static const double SPARE = 0.95, SKEW = 0.02;

static double root(double x)
{
    double low = 0, high = 1;
    for (int i = 0; i < 40; i++) {
        double middle = (low + high) / 2;
        if (middle * middle <= x)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static const struct iw_finding *offence_of(const struct iw_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct iw_finding *f = &findings->list[i];
        if (f->severity != IW_SEVERITY_NOTE && iw_rule_is_mendable(f->rule) && f->rule != IW_RULE_type_mismatch)
            return f;
    }
    return NULL;
}

static bool has_rule(const struct iw_findings *findings, enum iw_rule_id rule)
{
    for (size_t i = 0; i < findings->count; i++)
        if (findings->list[i].rule == rule && findings->list[i].severity != IW_SEVERITY_NOTE)
            return true;
    return false;
}

/* A JPEG has no transparency, which is not for us to take unless the format is refused as it is. */
static bool wants_jpeg(const struct iw_bounds *bounds, const struct iw_facts *facts, const struct iw_findings *findings)
{
    bool is_refused = has_rule(findings, IW_RULE_format_refused) || has_rule(findings, IW_RULE_animated_refused) ||
                      has_rule(findings, IW_RULE_colour_refused);
    bool is_heavy = has_rule(findings, IW_RULE_bytes_over) || has_rule(findings, IW_RULE_base64_over);
    return !bounds->refuses_jpeg && (is_refused || (is_heavy && facts->image.alpha != IW_YES));
}

/* Formats whose bytes follow their pixels; a JPEG of another has far fewer, nobody knows how many. */
static bool is_lossy(const struct iw_image_format *format)
{
    static const char *const names[] = {"jpeg", "webp", "avif", "heic", "jxl"};
    for (size_t i = 0; format && i < IW_ARRAY_LEN(names); i++)
        if (strcmp(format->name, names[i]) == 0)
            return true;
    return false;
}

/* What both sides are to be multiplied with. */
static double scale_of(const struct iw_bounds *bounds, const struct iw_facts *facts, double width, double height)
{
    double across = facts->image.width_px, down = facts->image.height_px, pixels = across * down;
    double scale = IW_MIN(1, IW_MIN(width / across, height / down));
    if (bounds->max_pixels != UINT64_MAX)
        scale = IW_MIN(scale, root(IW_MIN(1, (double)bounds->max_pixels / pixels)));
    if (bounds->max_patches != UINT64_MAX)
        scale = IW_MIN(scale, root(IW_MIN(1, (double)bounds->max_patches * PATCH_PX / pixels)) * SPARE);
    double bytes = (double)facts->bytes * scale * scale;
    if (bounds->max_bytes != UINT64_MAX && is_lossy(facts->image.format) && bytes > (double)bounds->max_bytes)
        scale *= root((double)bounds->max_bytes / bytes) * SPARE;
    return scale;
}

static uint32_t scaled(uint32_t side_px, double scale)
{
    double side = (double)side_px * scale + 1e-6; /* the root is found from below */
    return side < 1 ? 1 : (uint32_t)side;
}

bool iw_variant_of(const struct iw_judge *judge, const struct iw_facts *facts, const struct iw_findings *findings,
                   struct iw_variant_wish *out)
{
    if (facts->failure != IW_FAILURE_NONE || facts->is_local || !offence_of(findings))
        return false;
    struct iw_bounds bounds;
    iw_bounds_of(judge, &bounds);
    *out = (struct iw_variant_wish){
        .quality = bounds.quality ? bounds.quality : QUALITY,
        .wants_jpeg = wants_jpeg(&bounds, facts, findings),
    };
    uint32_t width = IW_MIN(bounds.max_width_px, bounds.max_side_px);
    uint32_t height = IW_MIN(bounds.max_height_px, bounds.max_side_px);
    if (bounds.box_width_px) {
        width = IW_MIN(width, bounds.box_width_px);
        height = IW_MIN(height, bounds.box_height_px);
    }
    if (facts->image.width_px && facts->image.height_px) {
        double scale = scale_of(&bounds, facts, width, height);
        out->width_px = scale < 1 ? scaled(facts->image.width_px, scale) : 0;
        out->height_px = scale < 1 ? scaled(facts->image.height_px, scale) : 0;
    } else if (width != UINT32_MAX || height != UINT32_MAX) {
        out->width_px = width == UINT32_MAX ? height : width;
        out->height_px = height == UINT32_MAX ? width : height;
    }
    return true;
}

/* The same picture, as far as its sides can tell: a service that crops makes another one. */
static bool is_alike(const struct iw_image_facts *a, const struct iw_image_facts *b)
{
    if (!a->width_px || !b->width_px)
        return true;
    double expected = (double)b->width_px * a->height_px / a->width_px, off = expected - b->height_px;
    return (off < 0 ? -off : off) <= IW_MAX(2, expected * SKEW);
}

bool iw_variant_passes(const struct iw_judge *judge, const struct iw_facts *original, const struct iw_facts *variant,
                       struct iw_arena *arena, struct iw_findings *scratch)
{
    if (iw_check(judge, variant, arena, scratch) > IW_VERDICT_WARN)
        return false;
    for (size_t i = 0; i < scratch->count; i++) {
        const struct iw_finding *f = &scratch->list[i];
        bool is_name = f->rule == IW_RULE_type_mismatch && f->severity == IW_SEVERITY_WARNING;
        if (f->severity != IW_SEVERITY_NOTE && !is_name) /* services keep the name when they make a JPEG */
            return false;
    }
    bool is_exact = variant->bytes_from != IW_BYTES_UNKNOWN && variant->bytes_from != IW_BYTES_AT_LEAST;
    return is_exact && is_alike(&original->image, &variant->image);
}
