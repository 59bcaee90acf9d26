/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* GIF headers made byte by byte: screen and frames, the second image descriptor, transparency, and files cut short. */
#include "base/iw.h"
#include "image_case.h"

static void still(struct made *m)
{
    put_gif(m, 300, 200);
    put_gif_frame(m, 0, 300, 200, 3);
    PUT(m, "\x3B");
}

static void without_trailer(struct made *m)
{
    still(m);
    m->len--;
}

static void two_frames(struct made *m)
{
    put_gif(m, 300, 200);
    put_gce(m, false);
    put_gif_frame(m, 0, 300, 200, 3);
    put_gce(m, true);
    put_gif_frame(m, 0, 300, 200, 1);
    PUT(m, "\x3B");
}

static void netscape_and_one_frame(struct made *m)
{
    put_gif(m, 300, 200);
    PUT(m, "\x21\xFF\x0BNETSCAPE2.0\x03\x01\0\0\0");
    PUT(m, "\x21\xFE\x07"
           "comment\0");
    put_gif_frame(m, 0, 300, 200, 1);
    PUT(m, "\x3B");
}

/* the second descriptor lies 61 kB in */
static void far_second_frame(struct made *m)
{
    put_gif(m, 300, 200);
    put_gif_frame(m, 0, 300, 200, 240);
    put_gif_frame(m, 0, 300, 200, 1);
}

static void transparent(struct made *m)
{
    put_gif(m, 300, 200);
    put_gce(m, true);
    put_gif_frame(m, 0, 300, 200, 1);
    PUT(m, "\x3B");
}

/* the control extension belongs to the text in between */
static void text_before_frame(struct made *m)
{
    put_gif(m, 300, 200);
    put_gce(m, true);
    PUT(m, "\x21\x01\x0C"
           "abcdefghijkl\x02hi\0");
    put_gif_frame(m, 0, 300, 200, 1);
    PUT(m, "\x3B");
}

static void larger_frame(struct made *m)
{
    put_gif(m, 30, 20);
    put_gif_frame(m, 0, 300, 200, 1);
    PUT(m, "\x3B");
}

static void smaller_frame(struct made *m)
{
    put_gif(m, 300, 200);
    put_gif_frame(m, 0, 299, 200, 1);
    PUT(m, "\x3B");
}

static void shifted_frame(struct made *m)
{
    put_gif(m, 300, 200);
    put_gif_frame(m, 1, 300, 200, 1);
    PUT(m, "\x3B");
}

static void smaller_transparent_frame(struct made *m)
{
    put_gif(m, 300, 200);
    put_gce(m, true);
    put_gif_frame(m, 0, 10, 10, 1);
    PUT(m, "\x3B");
}

static void local_table(struct made *m)
{
    PUT(m, "GIF87a\x2C\x01\xC8\0\x70\0\0");
    PUT(m, "\x2C\0\0\0\0\x2C\x01\xC8\0\xC2"); /* interlaced, local table of 8 colours */
    put_fill(m, 0x2C, 24);
    PUT(m, "\x03\x01\x2C\0");
    PUT(m, "\x3B");
}

static void extraneous(struct made *m)
{
    put_gif(m, 300, 200);
    put_gif_frame(m, 0, 300, 200, 1);
    PUT(m, "\x99");
    put_gif_frame(m, 0, 300, 200, 1);
}

static void cut_in_frame(struct made *m)
{
    two_frames(m);
    m->len = 300;
}

static void cut_in_descriptor(struct made *m)
{
    put_gif(m, 300, 200);
    put_gif_frame(m, 0, 300, 200, 1);
    PUT(m, "\x2C\0\0\0");
}

static void cut_before_frame(struct made *m)
{
    put_gif(m, 300, 200);
    put_gce(m, true);
}

static void cut_in_table(struct made *m)
{
    put_gif(m, 300, 200);
    m->len = 20;
}

static void cut_in_screen(struct made *m)
{
    put_gif(m, 300, 200);
    m->len = 12;
}

static void no_screen(struct made *m)
{
    put_gif(m, 0, 200);
    put_gif_frame(m, 0, 300, 200, 1);
}

static void version_90a(struct made *m)
{
    still(m);
    m->ptr[4] = '0';
}

#define GIF(name, build, w, h, is_animated, has_alpha, ...)                                                            \
    {                                                                                                                  \
        name, build, IW_SCAN_DONE, "gif", w, h, {.animated = is_animated, .alpha = has_alpha, __VA_ARGS__}, NULL       \
    }

static void test_headers(void **state)
{
    (void)state;
    static const struct image_case cases[] = {
        GIF("still", still, 300, 200, IW_NO, IW_NO, .frames = 1, .bit_depth = 2, .colour = IW_COLOUR_PALETTE),
        GIF("no trailer", without_trailer, 300, 200, IW_NO, IW_NO, .frames = 1),
        GIF("two frames, the second transparent", two_frames, 300, 200, IW_YES, IW_NO, .progressive = IW_NO),
        GIF("NETSCAPE2.0 and one frame", netscape_and_one_frame, 300, 200, IW_NO, IW_NO, .frames = 1),
        GIF("second frame 61 kB in", far_second_frame, 300, 200, IW_YES, IW_NO, .bit_depth = 2),
        GIF("transparent", transparent, 300, 200, IW_NO, IW_YES, .frames = 1),
        GIF("transparent text before the frame", text_before_frame, 300, 200, IW_NO, IW_NO, .frames = 1),
        GIF("frame larger than the screen", larger_frame, 30, 20, IW_NO, IW_NO, .frames = 1),
        GIF("frame smaller than the screen", smaller_frame, 300, 200, IW_NO, IW_UNKNOWN, .frames = 1),
        GIF("frame not at the corner", shifted_frame, 300, 200, IW_NO, IW_UNKNOWN, .frames = 1),
        GIF("small transparent frame", smaller_transparent_frame, 300, 200, IW_NO, IW_YES, .frames = 1),
        GIF("local table, interlaced", local_table, 300, 200, IW_NO, IW_NO, .progressive = IW_YES),
        GIF("extraneous byte between blocks", extraneous, 300, 200, IW_NO, IW_NO, .is_damaged = true),
        GIF("cut in the first frame", cut_in_frame, 300, 200, IW_UNKNOWN, IW_NO, .progressive = IW_NO),
        GIF("cut in the second descriptor", cut_in_descriptor, 300, 200, IW_UNKNOWN, IW_NO, .progressive = IW_NO),
        GIF("cut before the first frame", cut_before_frame, 300, 200, IW_UNKNOWN, IW_UNKNOWN, .bit_depth = 2),
        GIF("cut in the colour table", cut_in_table, 300, 200, IW_UNKNOWN, IW_UNKNOWN, .bit_depth = 2),
        {"no screen", no_screen, IW_SCAN_DONE, "gif", 0, 0, {0}, "no size"},
        {"cut in the screen", cut_in_screen, IW_SCAN_BAD, "gif", 0, 0, {0}, "ends inside the logical screen"},
        {"GIF80a", version_90a, IW_SCAN_DONE, NULL, 0, 0, {0}, NULL},
    };
    case_check_all(cases, IW_ARRAY_LEN(cases));
}

/* Blocks are walked only for animation, and then MORE says that only reading on helps. */
static void test_wants(void **state)
{
    (void)state;
    struct made made;
    made_init(&made);
    far_second_frame(&made);
    struct feed_plan plan = {.first_bytes = 16};
    struct feed_result result = feed_run(made.ptr, made.len, &plan);
    assert_int_equal(result.scan, IW_SCAN_DONE);
    assert_int_equal(result.rounds, 0);
    assert_int_equal(result.facts.animated, IW_UNKNOWN);
    assert_int_equal(result.facts.width_px, 300);

    struct iw_window window = {.ptr = made.ptr, .len = 4096};
    struct iw_view view = {.windows = &window, .count = 1, .total_bytes = made.len};
    struct iw_wants wants = {.animation = true};
    struct iw_image_facts facts;
    struct iw_need need;
    assert_int_equal(iw_image_scan(&view, &wants, &facts, &need), IW_SCAN_MORE);
    assert_true(need.is_prefix);
    assert_true(need.has_size_already);
    assert_int_equal(facts.width_px, 300);
    assert_int_equal(facts.animated, IW_UNKNOWN);
    assert_true(need.at >= 4096 && need.at <= 4096 + 255);
    made_release(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_wants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
