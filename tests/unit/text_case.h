/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A table of headers that are text and what is expected of each; every one is also fed byte by byte. For tests only. */
#ifndef IW_TESTS_TEXT_CASE_H
#define IW_TESTS_TEXT_CASE_H

#include "image_case.h"

struct text_case {
    const char *text;
    enum iw_scan scan;
    bool is_unknown; /* no known image */
    uint32_t width, height;
    enum iw_tri alpha;
    enum iw_colour colour;
    uint8_t bit_depth;
};

static inline void text_check(const char *format, const struct text_case *c)
{
    size_t len = strlen(c->text);
    struct feed_result result = feed_whole((const uint8_t *)c->text, len);
    const char *cut = feed_cuts((const uint8_t *)c->text, len, 0);
    print_message("  %s\n", c->text);
    assert_null(cut);
    assert_int_equal(result.scan, c->scan);
    if (c->is_unknown) {
        assert_null(result.facts.format);
        return;
    }
    assert_non_null(result.facts.format);
    assert_string_equal(result.facts.format->name, format);
    if (c->scan != IW_SCAN_DONE)
        return;
    assert_int_equal(result.facts.width_px, c->width);
    assert_int_equal(result.facts.height_px, c->height);
    assert_int_equal(result.facts.stored_width_px, c->width);
    assert_int_equal(result.facts.orientation, 1);
    assert_int_equal(result.facts.animated, IW_NO);
    assert_int_equal(result.facts.alpha, c->alpha);
    assert_int_equal(result.facts.colour, c->colour);
    assert_int_equal(result.facts.bit_depth, c->bit_depth);
}

static inline void text_check_all(const char *format, const struct text_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        text_check(format, &cases[i]);
}

#endif
