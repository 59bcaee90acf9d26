/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Pictures of every format that is decoded. The first bytes are a goal, the rest is the picture. Whatever the bytes: an
 * error has a sentence, a result is a whole JPEG within the goal (or the pixels asked for), and the same bytes give the
 * same result. */
#include "base/iw.h"
#include "pixels/pixels.h"

#include "base/bytes.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    HEAD_BYTES = 12,
    ROOM = 1 << 18,
    MOST_PIXELS = 1 << 20, /* more only takes longer */
    MUST_SCALE = 1,
    WANTS_PPM = 2,
    MAY_REOPTIMISE = 4,
    HAS_BOX = 8,
    HAS_SIDE = 16,
    HAS_BYTES = 32,
    HAS_PATCHES = 64,
    TWICE = 128,
};

static void hold(bool is_true, const char *broken)
{
    if (is_true)
        return;
    fprintf(stderr, "broken: %s\n", broken);
    abort();
}

static void read_goal(const uint8_t *head, struct iw_goal *goal)
{
    iw_goal_init(goal);
    unsigned flags = head[0];
    goal->must_scale = (flags & MUST_SCALE) != 0;
    goal->wants_ppm = (flags & WANTS_PPM) != 0;
    goal->may_reoptimise = (flags & MAY_REOPTIMISE) != 0;
    goal->quality = (uint8_t)(head[1] % 100 + 1);
    goal->quality_floor = (uint8_t)(head[2] % 100 + 1);
    if (flags & HAS_BOX) {
        goal->box_width_px = head[3] + 1u;
        goal->box_height_px = head[4] + 1u;
    }
    if (flags & HAS_SIDE)
        goal->max_side_px = iw_le16(head + 5) % 1000 + 1u;
    if (flags & HAS_BYTES)
        goal->max_bytes = iw_le16(head + 7);
    if (flags & HAS_PATCHES)
        goal->max_patches = head[9] + 1u;
    goal->background_rgb = head[10] * 0x010203u + head[11];
}

static bool is_small(const uint8_t *bytes, size_t len)
{
    struct iw_window window = {.ptr = bytes, .len = len};
    struct iw_view view = {.windows = &window, .count = 1, .total_bytes = len};
    struct iw_wants wants = {0};
    struct iw_image_facts facts;
    struct iw_need need;
    (void)iw_image_scan(&view, &wants, &facts, &need);
    return (uint64_t)facts.stored_width_px * facts.stored_height_px <= MOST_PIXELS;
}

static void check(const struct iw_made *made, const struct iw_goal *goal, const uint8_t *out)
{
    const char *why = NULL;
    if (made->error != IW_MADE_OK) {
        hold(made->reason[0] != '\0', "an error without a reason");
        return;
    }
    hold(made->reason[0] == '\0', "a reason without an error");
    hold(made->bytes <= ROOM, "more bytes than there is room for");
    hold((made->how == IW_MADE_PPM) == goal->wants_ppm, "not the kind that was asked for");
    if (made->how == IW_MADE_PPM) {
        hold(made->bytes > 11 && out[0] == 'P', "not a PPM");
        return;
    }
    hold(iw_made_is_sound(out, (size_t)made->bytes, made, goal, &why), why);
    hold(made->how == IW_MADE_REOPTIMISED || made->quality <= goal->quality, "a better quality than asked for");
    hold(made->how == IW_MADE_REOPTIMISED || made->quality >= IW_MIN(goal->quality, goal->quality_floor),
         "a quality below the floor");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD_BYTES)
        return 0;
    struct iw_goal goal;
    struct iw_made made, again;
    size_t len = size - HEAD_BYTES;
    read_goal(data, &goal);
    if (!is_small(data + HEAD_BYTES, len))
        return 0;
    uint8_t *in = iw_malloc(len), *out = iw_calloc(2, ROOM);
    if (in && out) {
        memcpy(in, data + HEAD_BYTES, len);
        iw_pixels_make(in, len, &goal, out, ROOM, &made);
        check(&made, &goal, out);
        if (data[0] & TWICE) {
            iw_pixels_make(in, len, &goal, out + ROOM, ROOM, &again);
            hold(again.error == made.error && again.bytes == made.bytes, "not the same twice");
            hold(made.error != IW_MADE_OK || memcmp(out, out + ROOM, (size_t)made.bytes) == 0, "not the same twice");
        }
    }
    iw_free(in);
    iw_free(out);
    return 0;
}
