/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Sizes, in whole numbers throughout: a consumer that fits the result into the same box must find that there is nothing
 * left to do. Pure. */
#include "base/iw.h"
#include "pixels/inside.h"

enum { PATCH_SIDE = 32 };

/* of * n / d, rounded to nearest (half up), at least 1 */
static uint32_t share(uint32_t of, uint32_t n, uint32_t d)
{
    uint64_t product = (uint64_t)of * n, half = d / 2;
    uint64_t quotient = product / d + (product % d + half >= d);
    return (uint32_t)IW_MAX(quotient, (uint64_t)1);
}

struct iw_size iw_size_fit(struct iw_size whole, uint32_t width_px, uint32_t height_px)
{
    width_px = IW_MAX(width_px, 1u);
    height_px = IW_MAX(height_px, 1u);
    if (whole.width_px <= width_px && whole.height_px <= height_px)
        return whole;
    if ((uint64_t)whole.width_px * height_px >= (uint64_t)whole.height_px * width_px)
        return (struct iw_size){width_px, share(whole.height_px, width_px, whole.width_px)};
    return (struct iw_size){share(whole.width_px, height_px, whole.height_px), height_px};
}

struct iw_size iw_size_of_long_side(struct iw_size whole, uint32_t side_px)
{
    if (whole.width_px >= whole.height_px)
        return (struct iw_size){side_px, share(whole.height_px, side_px, whole.width_px)};
    return (struct iw_size){share(whole.width_px, side_px, whole.height_px), side_px};
}

static uint64_t patches(struct iw_size size)
{
    uint64_t across = ((uint64_t)size.width_px + PATCH_SIDE - 1) / PATCH_SIDE;
    return across * (((uint64_t)size.height_px + PATCH_SIDE - 1) / PATCH_SIDE);
}

bool iw_size_is_allowed(struct iw_size size, const struct iw_goal *goal)
{
    return size.width_px <= goal->max_width_px && size.height_px <= goal->max_height_px &&
           IW_MAX(size.width_px, size.height_px) <= goal->max_side_px &&
           (uint64_t)size.width_px * size.height_px <= goal->max_pixels && patches(size) <= goal->max_patches;
}

/* Where the sides alone are limited, the box that they make; else the longest side with which all limits are kept,
 * found by halving: what is allowed for one length is allowed for every shorter one. */
struct iw_size iw_size_allowed(struct iw_size whole, const struct iw_goal *goal)
{
    struct iw_size size = iw_size_fit(whole, IW_MIN(goal->max_width_px, goal->max_side_px),
                                      IW_MIN(goal->max_height_px, goal->max_side_px));
    if (iw_size_is_allowed(size, goal))
        return size;
    uint32_t good = 1, bad = IW_MAX(size.width_px, size.height_px);
    while (good + 1 < bad) {
        uint32_t side = good + (bad - good) / 2;
        if (iw_size_is_allowed(iw_size_of_long_side(whole, side), goal))
            good = side;
        else
            bad = side;
    }
    return iw_size_of_long_side(whole, good);
}
