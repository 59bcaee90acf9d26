/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What an image must keep to so that every chosen profile takes it, and which findings a new picture can end. */
#include "base/iw.h"
#include "rules/inside.h"

static void lower(uint64_t *bound, uint64_t value)
{
    *bound = IW_MIN(*bound, value);
}

static void lower_px(uint32_t *bound, uint64_t value)
{
    *bound = (uint32_t)IW_MIN((uint64_t)*bound, value);
}

uint64_t iw_bytes_of_base64(const struct iw_limit *limit, uint64_t chars)
{
    if (limit->counts == IW_COUNTS_DATA_URI)
        chars -= IW_MIN(chars, (uint64_t)IW_DATA_URI_PREFIX);
    return chars / 4 * 3;
}

static void apply(const struct iw_limit *limit, bool is_inline, struct iw_bounds *out)
{
    switch (limit->id) {
    case IW_LIMIT_max_bytes:
        lower(&out->max_bytes, limit->value);
        break;
    case IW_LIMIT_max_base64_bytes: /* RFC 4648 section 4: four characters for three bytes */
        if (is_inline)
            lower(&out->max_bytes, iw_bytes_of_base64(limit, limit->value));
        break;
    case IW_LIMIT_max_width_px:
        lower_px(&out->max_width_px, limit->value);
        break;
    case IW_LIMIT_max_height_px:
        lower_px(&out->max_height_px, limit->value);
        break;
    case IW_LIMIT_max_side_px:
        lower_px(&out->max_side_px, limit->value);
        break;
    case IW_LIMIT_max_pixels:
        lower(&out->max_pixels, limit->value);
        break;
    case IW_LIMIT_max_patches:
        lower(&out->max_patches, limit->value);
        break;
    default:
        break; /* a new picture changes nothing about these */
    }
}

static bool takes_jpeg(const struct iw_profile *profile)
{
    for (size_t i = 0; i < profile->format_count; i++)
        if (strcmp(profile->formats[i], "jpeg") == 0)
            return true;
    return profile->format_count == 0;
}

static void apply_target(const struct iw_profile *profile, struct iw_bounds *out)
{
    if (!profile->target.is_set)
        return;
    bool is_first = out->box_width_px == 0;
    uint32_t width = profile->target.fit_width_px, height = profile->target.fit_height_px;
    if (width && height) {
        out->box_width_px = is_first ? width : IW_MIN(out->box_width_px, width);
        out->box_height_px = is_first ? height : IW_MIN(out->box_height_px, height);
    }
    if (profile->target.quality && !out->quality)
        out->quality = profile->target.quality;
    if (!out->has_background)
        out->background_rgb = profile->target.background_rgb;
    out->has_background = true;
}

void iw_bounds_of(const struct iw_judge *judge, struct iw_bounds *out)
{
    *out = (struct iw_bounds){
        .max_bytes = UINT64_MAX,
        .max_width_px = UINT32_MAX,
        .max_height_px = UINT32_MAX,
        .max_side_px = UINT32_MAX,
        .max_pixels = UINT64_MAX,
        .max_patches = UINT64_MAX,
    };
    for (size_t i = 0; i < judge->profile_count; i++) {
        const struct iw_profile *profile = judge->profiles[i];
        bool is_inline = judge->as_base64 || !profile->url_supported;
        for (size_t k = 0; k < profile->limit_count; k++) {
            const struct iw_limit *limit = &profile->limits[k];
            if (limit->has_value && limit->effect != IW_WARNED && limit->effect != IW_FIRST_FRAME &&
                iw_when_holds(&limit->when, judge, is_inline))
                apply(limit, is_inline, out);
        }
        if (!takes_jpeg(profile) && !out->refuses_jpeg)
            out->refuses_jpeg = profile->name;
        apply_target(profile, out);
    }
}

static uint64_t refused_beyond(const struct iw_profile *profile, const struct iw_judge *judge)
{
    struct iw_bounds bounds = {.max_bytes = UINT64_MAX};
    bool is_inline = judge->as_base64 || !profile->url_supported;
    for (size_t i = 0; i < profile->limit_count; i++) {
        const struct iw_limit *limit = &profile->limits[i];
        bool is_of_bytes = limit->id == IW_LIMIT_max_bytes || limit->id == IW_LIMIT_max_base64_bytes;
        if (is_of_bytes && limit->has_value && limit->effect == IW_REFUSED && !limit->when.has_models &&
            iw_when_holds(&limit->when, judge, is_inline))
            apply(limit, is_inline, &bounds);
    }
    return bounds.max_bytes;
}

uint64_t iw_judge_byte_limit(const struct iw_judge *judge)
{
    uint64_t most = judge->profile_count ? 0 : UINT64_MAX;
    for (size_t i = 0; i < judge->profile_count; i++)
        most = IW_MAX(most, refused_beyond(judge->profiles[i], judge));
    return most;
}

bool iw_rule_is_mendable(enum iw_rule_id rule)
{
    static const enum iw_rule_id mendable[] = {
        IW_RULE_bytes_over,       IW_RULE_base64_over,    IW_RULE_width_over,    IW_RULE_height_over,
        IW_RULE_side_over,        IW_RULE_pixels_over,    IW_RULE_patches_over,  IW_RULE_format_refused,
        IW_RULE_animated_refused, IW_RULE_colour_refused, IW_RULE_type_mismatch, IW_RULE_many_images_side_over,
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(mendable); i++)
        if (mendable[i] == rule)
            return true;
    return false;
}
