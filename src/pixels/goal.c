/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What is asked for, which formats can be decoded for it, and whether what came back is what was asked for. Pure. */
#include "base/iw.h"
#include "pixels/inside.h"

void iw_goal_init(struct iw_goal *goal)
{
    *goal = (struct iw_goal){
        .max_width_px = UINT32_MAX,
        .max_height_px = UINT32_MAX,
        .max_side_px = UINT32_MAX,
        .max_pixels = UINT64_MAX,
        .max_patches = UINT64_MAX,
        .max_bytes = UINT64_MAX,
        .background_rgb = 0xFFFFFF,
        .quality = 85,
        .quality_floor = 40,
        .may_reoptimise = true,
    };
}

enum iw_decoding iw_decoding_of(const struct iw_image_format *format)
{
    static const struct {
        const char *name;
        enum iw_decoding decoding;
    } rows[] = {
#ifdef WITH_FIX
#define IW_CODEC(name, tier) {#name, IW_DECODING_##tier},
#include "pixels/codecs.def"
#undef IW_CODEC
#endif
        {"", IW_DECODING_NONE},
    };
    for (size_t i = 0; format && i < IW_ARRAY_LEN(rows); i++)
        if (strcmp(rows[i].name, format->name) == 0)
            return rows[i].decoding;
    return IW_DECODING_NONE;
}

bool iw_made_is_sound(const uint8_t *jpeg, size_t len, const struct iw_made *made, const struct iw_goal *goal,
                      const char **out_why)
{
    struct iw_window window = {.ptr = jpeg, .len = len};
    struct iw_view view = {.windows = &window, .count = 1, .total_bytes = len};
    struct iw_wants wants = {0};
    struct iw_image_facts facts;
    struct iw_need need;
    *out_why = "it is larger than was asked for";
    if (len != made->bytes || len > goal->max_bytes)
        return false;
    *out_why = "it does not begin and end as a JPEG does";
    if (len < 4 || jpeg[0] != 0xFF || jpeg[1] != 0xD8 || jpeg[len - 2] != 0xFF || jpeg[len - 1] != 0xD9)
        return false;
    *out_why = "its header is damaged";
    if (iw_image_scan(&view, &wants, &facts, &need) != IW_SCAN_DONE || !facts.format ||
        strcmp(facts.format->name, "jpeg") != 0)
        return false;
    *out_why = "it has other pixels than was said";
    if (facts.width_px != made->width_px || facts.height_px != made->height_px)
        return false;
    *out_why = "it has more pixels than was asked for";
    if (!iw_size_is_allowed((struct iw_size){facts.width_px, facts.height_px}, goal))
        return false;
    *out_why = NULL;
    return true;
}
