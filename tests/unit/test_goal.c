/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Whether what a worker or an encoder hands back is what was asked for. */
#include "base/iw.h"
#include "pixels/pixels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

/* A JPEG of 64 by 40 pixels, as far as a header tells. */
static const uint8_t good[] = {
    0xFF, 0xD8, 0xFF, 0xC0, 0x00, 0x0B, 0x08, 0x00, 40,   0x00, 64,   0x01, 0x01, 0x11,
    0x00, 0xFF, 0xDA, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3F, 0x00, 0x3F, 0xFF, 0xD9,
};

struct row {
    const char *why;      /* it is refused; NULL: it is not */
    size_t at;            /* of a byte that is changed, */
    uint8_t byte;         /* to this one; at 0: none is */
    size_t len;           /* 0: all of it */
    struct iw_made made;  /* where 0: the truth */
    struct iw_goal bound; /* where 0: no limit */
};

static const struct row rows[] = {
    {NULL, 0, 0, 0, {0}, {0}},
    {NULL, 0, 0, 0, {0}, {.max_width_px = 64, .max_height_px = 40, .max_side_px = 64}},
    {NULL, 0, 0, 0, {0}, {.max_pixels = 2560, .max_patches = 4, .max_bytes = sizeof good}},
    {"larger than was asked for", 0, 0, 0, {0}, {.max_bytes = sizeof good - 1}},
    {"larger than was asked for", 0, 0, 0, {.bytes = sizeof good - 1}, {0}},
    {"larger than was asked for", 0, 0, 0, {.bytes = sizeof good + 1}, {0}},
    {"begin and end", 1, 0xD9, 0, {0}, {0}},
    {"begin and end", sizeof good - 1, 0xD8, 0, {0}, {0}},
    {"begin and end", 0, 0, sizeof good - 1, {0}, {0}},
    {"begin and end", 0, 0, 3, {0}, {0}},
    {"begin and end", 0, 0, 1, {0}, {0}},
    {"header is damaged", 3, 0xC8, 0, {0}, {0}},
    {"header is damaged", 5, 0x01, 0, {0}, {0}},
    {"other pixels", 8, 0, 0, {0}, {0}},
    {"other pixels", 0, 0, 0, {.width_px = 65}, {0}},
    {"other pixels", 0, 0, 0, {.height_px = 41}, {0}},
    {"other pixels", 0, 0, 0, {.width_px = 40, .height_px = 64}, {0}},
    {"more pixels", 0, 0, 0, {0}, {.max_width_px = 63}},
    {"more pixels", 0, 0, 0, {0}, {.max_height_px = 39}},
    {"more pixels", 0, 0, 0, {0}, {.max_side_px = 63}},
    {"more pixels", 0, 0, 0, {0}, {.max_pixels = 2559}},
    {"more pixels", 0, 0, 0, {0}, {.max_patches = 3}},
};

static struct iw_goal goal_of(const struct iw_goal *bound)
{
    struct iw_goal goal;
    iw_goal_init(&goal);
    goal.max_width_px = bound->max_width_px ? bound->max_width_px : goal.max_width_px;
    goal.max_height_px = bound->max_height_px ? bound->max_height_px : goal.max_height_px;
    goal.max_side_px = bound->max_side_px ? bound->max_side_px : goal.max_side_px;
    goal.max_pixels = bound->max_pixels ? bound->max_pixels : goal.max_pixels;
    goal.max_patches = bound->max_patches ? bound->max_patches : goal.max_patches;
    goal.max_bytes = bound->max_bytes ? bound->max_bytes : goal.max_bytes;
    return goal;
}

static void each_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        const struct row *row = &rows[i];
        size_t len = row->len ? row->len : sizeof good;
        uint8_t *bytes = test_malloc(len); /* of its exact size: a look beyond it is seen */
        memcpy(bytes, good, len);
        if (row->at)
            bytes[row->at] = row->byte;
        struct iw_made made = row->made;
        made.bytes = made.bytes ? made.bytes : len;
        made.width_px = made.width_px ? made.width_px : 64;
        made.height_px = made.height_px ? made.height_px : 40;
        struct iw_goal goal = goal_of(&row->bound);
        const char *why = "nothing was said";
        bool is_sound = iw_made_is_sound(bytes, len, &made, &goal, &why);
        test_free(bytes);
        if (is_sound != !row->why)
            fail_msg("row %zu: %s", i, is_sound ? "is taken" : why);
        if (!is_sound && !strstr(why, row->why))
            fail_msg("row %zu: \"%s\" instead of \"%s\"", i, why, row->why);
        if (is_sound)
            assert_null(why);
    }
}

/* Another format under a JPEG's first and last bytes, and no bytes at all. */
static void no_jpeg(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0xFF, 0xD8, 0xFF, 0xD9};
    struct iw_goal goal;
    struct iw_made made = {.bytes = sizeof bytes, .width_px = 1, .height_px = 1};
    const char *why = NULL;
    iw_goal_init(&goal);
    assert_false(iw_made_is_sound(bytes, sizeof bytes, &made, &goal, &why));
    assert_non_null(why);
    made.bytes = 0;
    assert_false(iw_made_is_sound(bytes, 0, &made, &goal, &why));
    assert_non_null(why);
}

static void decodings(void **state)
{
    (void)state;
    assert_int_equal(iw_decoding_of(NULL), IW_DECODING_NONE);
    for (size_t i = 0; i < iw_image_format_count; i++) {
        enum iw_decoding decoding = iw_decoding_of(iw_image_formats[i]);
        assert_true(decoding <= IW_DECODING_UNTRUSTED);
#ifdef WITH_FIX
        bool is_old = strcmp(iw_image_formats[i]->name, "jpeg") == 0 || strcmp(iw_image_formats[i]->name, "bmp") == 0;
        if (is_old && decoding != IW_DECODING_TRUSTED)
            fail_msg("%s has no decoder", iw_image_formats[i]->name);
#endif
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row),
        cmocka_unit_test(no_jpeg),
        cmocka_unit_test(decodings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
