/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A table of made images and what is expected of each; every one is also fed in pieces. For tests only. */
#ifndef IW_TESTS_IMAGE_CASE_H
#define IW_TESTS_IMAGE_CASE_H

#include "image_build.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

struct image_case {
    const char *name;
    void (*build)(struct made *made);
    enum iw_scan scan;
    const char *format;       /* NULL: no known image */
    uint32_t width, height;   /* as stored; 0 is not looked at for BAD */
    struct iw_image_facts is; /* compared: orientation (0: 1 is expected), animated, alpha, colour, bit_depth ...; the
                                 display size (0: as the orientation turns the stored one) */
    const char *why;          /* part of the reason, or NULL */
};

static inline void case_check_facts(const struct image_case *c, const struct iw_image_facts *facts)
{
    uint8_t orientation = c->is.orientation ? c->is.orientation : 1;
    bool is_turned = facts->format->is_turned_by_exif && orientation >= 5;
    assert_int_equal(facts->stored_width_px, c->width);
    assert_int_equal(facts->stored_height_px, c->height);
    assert_int_equal(facts->width_px, c->is.width_px ? c->is.width_px : is_turned ? c->height : c->width);
    assert_int_equal(facts->height_px, c->is.height_px ? c->is.height_px : is_turned ? c->width : c->height);
    assert_int_equal(facts->orientation, orientation);
    assert_int_equal(facts->animated, c->is.animated);
    assert_int_equal(facts->alpha, c->is.alpha);
    assert_int_equal(facts->is_damaged, c->is.is_damaged);
    if (c->is.colour)
        assert_int_equal(facts->colour, c->is.colour);
    if (c->is.bit_depth)
        assert_int_equal(facts->bit_depth, c->is.bit_depth);
    if (c->is.progressive)
        assert_int_equal(facts->progressive, c->is.progressive);
    if (c->is.has_icc)
        assert_int_equal(facts->has_icc, c->is.has_icc);
    if (c->is.frames)
        assert_int_equal(facts->frames, c->is.frames);
}

static inline void case_check(const struct image_case *c)
{
    struct made made;
    made_init(&made);
    c->build(&made);
    struct feed_result result = feed_whole(made.ptr, made.len);
    const char *cut = feed_cuts(made.ptr, made.len, made.len > 4096 ? 4096 : 0);
    made_release(&made);
    if (cut)
        fail_msg("%s: fed in pieces: %s", c->name, cut);
    if (result.scan != c->scan)
        fail_msg("%s: scan is %d, not %d (%s)", c->name, result.scan, c->scan,
                 result.need.why ? result.need.why : "no reason");
    if (!c->format) {
        assert_null(result.facts.format);
        return;
    }
    print_message("  %s\n", c->name);
    assert_non_null(result.facts.format);
    assert_string_equal(result.facts.format->name, c->format);
    if (c->scan == IW_SCAN_DONE)
        case_check_facts(c, &result.facts);
    if (c->why && !(result.need.why && strstr(result.need.why, c->why)))
        fail_msg("%s: the reason is \"%s\", not \"%s\"", c->name, result.need.why ? result.need.why : "", c->why);
}

static inline void case_check_all(const struct image_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        case_check(&cases[i]);
}

#endif
