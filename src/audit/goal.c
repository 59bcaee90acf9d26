/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* From limits and options to what a new picture must keep to. */
#include "base/iw.h"
#include "audit/inside.h"

enum { QUALITY = 85, QUALITY_FLOOR = 40 };

void iw_goal_of(const struct iw_audit_policy *policy, const struct iw_judge *judge, struct iw_goal *out,
                const char **out_refuses_jpeg)
{
    const struct iw_fix_policy *fix = &policy->fix;
    struct iw_bounds bounds;
    iw_bounds_of(judge, &bounds);
    iw_goal_init(out);
    out->max_bytes = bounds.max_bytes;
    out->max_width_px = bounds.max_width_px;
    out->max_height_px = bounds.max_height_px;
    out->max_side_px = bounds.max_side_px;
    out->max_pixels = bounds.max_pixels;
    out->max_patches = bounds.max_patches;
    out->box_width_px = fix->fit_width_px ? fix->fit_width_px : bounds.box_width_px;
    out->box_height_px = fix->fit_height_px ? fix->fit_height_px : bounds.box_height_px;
    unsigned quality = fix->quality ? fix->quality : bounds.quality ? bounds.quality : QUALITY;
    out->quality = (uint8_t)IW_MIN(quality, 100u);
    out->quality_floor = (uint8_t)IW_MIN(quality, (unsigned)QUALITY_FLOOR);
    if (fix->has_background || bounds.has_background)
        out->background_rgb = fix->has_background ? fix->background_rgb : bounds.background_rgb;
    out->wants_ppm = fix->encoder != NULL;
    *out_refuses_jpeg = bounds.refuses_jpeg;
}
