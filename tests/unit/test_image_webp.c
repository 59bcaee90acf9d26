/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* WebP headers made byte by byte: the three kinds of first chunk, animation, and Exif behind the pixels. */
#include "base/iw.h"
#include "image_case.h"

static void put_vp8(struct made *m, unsigned width, unsigned height)
{
    PUT(m, "VP8 \x14\0\0\0\x30\1\0\x9D\1\x2A");
    put_le(m, width, 2);
    put_le(m, height, 2);
    PUT(m, "0123456789");
}

static void put_vp8l(struct made *m, unsigned width, unsigned height, bool has_alpha)
{
    PUT(m, "VP8L\6\0\0\0\x2F");
    put_le(m, (width - 1) | (height - 1) << 14 | (uint32_t)has_alpha << 28, 4);
    PUT(m, "x");
}

static void put_exif(struct made *m, const char *prefix, size_t prefix_len, int orientation)
{
    struct made body;
    made_init(&body);
    put(&body, prefix, prefix_len);
    put_tiff(&body, false, orientation, 0);
    put_riff(m, "EXIF", body.ptr, body.len);
    made_release(&body);
}

static void put_frames(struct made *m, unsigned count)
{
    put_riff(m, "ANIM", "\0\0\0\0\0\0", 6);
    for (unsigned i = 0; i < count; i++)
        put_riff(m, "ANMF", "frame of odd length", 19);
}

static void lossy(struct made *m)
{
    put_webp(m);
    put_vp8(m, 300, 200);
    end_webp(m);
}

static void scaled(struct made *m)
{
    put_webp(m);
    put_vp8(m, 0x4000 | 300, 0xC000 | 200);
    end_webp(m);
}

static void lossless(struct made *m)
{
    put_webp(m);
    put_vp8l(m, 300, 200, false);
    end_webp(m);
}

static void lossless_alpha(struct made *m)
{
    put_webp(m);
    put_vp8l(m, 16384, 16384, true);
    end_webp(m);
    m->len = 25; /* as few bytes as hold the size */
}

static void extended(struct made *m)
{
    put_webp(m);
    put_vp8x(m, 0x30, 300, 200);
    put_riff(m, "ICCP", "profile", 7);
    put_vp8(m, 100, 100); /* disagrees with the canvas */
    end_webp(m);
}

static void extended_alpha(struct made *m)
{
    put_webp(m);
    put_vp8x(m, 0x10, 300, 200);
    put_riff(m, "ALPH", "alpha", 5);
    put_vp8(m, 300, 200);
    end_webp(m);
}

static void extended_lossless(struct made *m)
{
    put_webp(m);
    put_vp8x(m, 0x10, 300, 200);
    put_vp8l(m, 300, 200, true);
    end_webp(m);
}

static void animated(struct made *m)
{
    put_webp(m);
    put_vp8x(m, 0x02, 300, 200);
    put_frames(m, 3);
    end_webp(m);
}

static void animated_one(struct made *m)
{
    put_webp(m);
    put_vp8x(m, 0x02, 300, 200);
    put_frames(m, 1);
    end_webp(m);
}

static void animated_cut(struct made *m)
{
    animated(m);
    m->len = 60;
}

static void animated_exif(struct made *m)
{
    put_webp(m);
    put_vp8x(m, 0x0A, 300, 200);
    put_frames(m, 3);
    put_exif(m, "", 0, 6);
    end_webp(m);
}

static void frames_without_flag(struct made *m)
{
    put_webp(m);
    put_vp8x(m, 0, 300, 200);
    put_frames(m, 3);
    end_webp(m);
}

static void exif_last(struct made *m)
{
    put_webp(m);
    put_vp8x(m, 0x08, 300, 200);
    put_vp8(m, 300, 200);
    put_exif(m, "", 0, 6);
    end_webp(m);
}

static void exif_named(struct made *m)
{
    put_webp(m);
    put_vp8x(m, 0x08, 300, 200);
    put_vp8(m, 300, 200);
    put_exif(m, "Exif\0\0", 6, 3);
    end_webp(m);
}

static void exif_missing(struct made *m)
{
    put_webp(m);
    put_vp8x(m, 0x08, 300, 200);
    put_vp8(m, 300, 200);
    end_webp(m);
}

static void exif_unannounced(struct made *m)
{
    exif_last(m);
    m->ptr[20] = 0;
}

static void exif_behind_riff(struct made *m)
{
    exif_missing(m);
    put_exif(m, "", 0, 6);
}

static void riff_too_long(struct made *m)
{
    exif_last(m);
    m->ptr[6] = 1;
}

static void riff_too_long_no_exif(struct made *m)
{
    exif_missing(m);
    m->ptr[6] = 1;
}

static void riff_zero(struct made *m)
{
    exif_last(m);
    memset(m->ptr + 4, 0, 4);
}

static void endless_chunks(struct made *m)
{
    put_webp(m);
    put_vp8x(m, 0x02, 300, 200);
    for (unsigned i = 0; i < 5000; i++)
        put_riff(m, "junk", NULL, 0);
    end_webp(m);
}

static void giant_chunk(struct made *m)
{
    put_webp(m);
    put_vp8x(m, 0x0A, 300, 200);
    PUT(m, "ANMF\xFF\xFF\xFF\xFF");
    memcpy(m->ptr + 4, "\xFF\xFF\xFF\xFF", 4);
}

static void unknown_chunk(struct made *m)
{
    put_webp(m);
    put_riff(m, "ALPH", "alpha", 5);
    end_webp(m);
}

static void no_key_frame(struct made *m)
{
    lossy(m);
    m->ptr[20] |= 1;
}

static void no_start_code(struct made *m)
{
    lossy(m);
    m->ptr[24] = 0;
}

static void vp8_width_0(struct made *m)
{
    put_webp(m);
    put_vp8(m, 0x8000, 200);
}

static void vp8_short(struct made *m)
{
    lossy(m);
    m->ptr[16] = 9;
}

static void vp8_cut(struct made *m)
{
    lossy(m);
    m->len = 29;
}

static void vp8l_signature(struct made *m)
{
    lossless(m);
    m->ptr[20] = 0x2E;
}

static void vp8l_version(struct made *m)
{
    lossless(m);
    m->ptr[24] |= 0x20;
}

static void vp8l_short(struct made *m)
{
    lossless(m);
    m->ptr[16] = 4;
}

static void vp8x_short(struct made *m)
{
    extended(m);
    m->ptr[16] = 9;
}

static void canvas_too_large(struct made *m)
{
    put_webp(m);
    put_vp8x(m, 0, 1u << 24, 1u << 24);
}

static void cut_in_riff(struct made *m)
{
    lossy(m);
    m->len = 19;
}

static void wave(struct made *m)
{
    PUT(m, "RIFF\x24\0\0\0WAVEfmt \x10\0\0\0");
}

#define WEBP(name, build, ...)                                                                                         \
    {                                                                                                                  \
        name, build, IW_SCAN_DONE, "webp", 300, 200, {__VA_ARGS__}, NULL                                               \
    }
#define STILL .animated = IW_NO, .frames = 1
#define BAD(name, build, why)                                                                                          \
    {                                                                                                                  \
        name, build, IW_SCAN_BAD, "webp", 0, 0, {0}, why                                                               \
    }

static void test_headers(void **state)
{
    (void)state;
    static const struct image_case cases[] = {
        WEBP("VP8", lossy, STILL, .alpha = IW_NO, .colour = IW_COLOUR_YCBCR, .has_icc = IW_NO, .bit_depth = 8),
        WEBP("VP8 with scaling bits", scaled, STILL, .alpha = IW_NO),
        WEBP("VP8L", lossless, STILL, .alpha = IW_NO, .colour = IW_COLOUR_RGB),
        {"VP8L of 25 bytes, alpha", lossless_alpha, IW_SCAN_DONE, "webp", 16384, 16384, {STILL, .alpha = IW_YES}, NULL},
        WEBP("VP8X: the canvas counts", extended, STILL, .alpha = IW_YES, .has_icc = IW_YES),
        WEBP("VP8X, alpha and VP8", extended_alpha, STILL, .alpha = IW_YES, .colour = IW_COLOUR_YCBCR),
        WEBP("VP8X and VP8L", extended_lossless, STILL, .alpha = IW_YES, .colour = IW_COLOUR_RGB),
        WEBP("animation of three", animated, .animated = IW_YES, .alpha = IW_NO),
        WEBP("animation of one", animated_one, STILL, .alpha = IW_NO),
        WEBP("frames without the flag", frames_without_flag, STILL, .alpha = IW_NO),
        WEBP("Exif last: stated, not applied", exif_last, STILL, .alpha = IW_NO, .orientation = 6,
             .colour = IW_COLOUR_YCBCR),
        WEBP("Exif with JPEG's name", exif_named, STILL, .alpha = IW_NO, .orientation = 3),
        WEBP("Exif announced and missing", exif_missing, STILL, .alpha = IW_NO, .orientation = 1),
        WEBP("Exif not announced", exif_unannounced, STILL, .alpha = IW_NO, .orientation = 1),
        WEBP("Exif behind the RIFF chunk", exif_behind_riff, STILL, .alpha = IW_NO, .orientation = 1),
        WEBP("RIFF longer than the file", riff_too_long, STILL, .alpha = IW_NO, .orientation = 6),
        WEBP("RIFF longer than the file, no Exif", riff_too_long_no_exif, STILL, .alpha = IW_NO, .orientation = 1),
        WEBP("RIFF length 0", riff_zero, STILL, .alpha = IW_NO, .orientation = 6),
        BAD("first chunk is another", unknown_chunk, "neither"),
        BAD("no key frame", no_key_frame, "key frame"),
        BAD("no start code", no_start_code, "start code"),
        BAD("VP8 of width 0", vp8_width_0, "size of 0"),
        BAD("VP8 too short", vp8_short, "too short"),
        BAD("VP8 cut", vp8_cut, "ends inside the VP8 frame"),
        BAD("VP8L signature", vp8l_signature, "signature"),
        BAD("VP8L version", vp8l_version, "version"),
        BAD("VP8L too short", vp8l_short, "too short"),
        BAD("VP8X too short", vp8x_short, "too short"),
        BAD("canvas too large", canvas_too_large, "2^32-1"),
        BAD("cut in the first chunk", cut_in_riff, "ends inside the first chunk"),
        {"a WAVE file", wave, IW_SCAN_DONE, NULL, 0, 0, {0}, NULL},
    };
    case_check_all(cases, IW_ARRAY_LEN(cases));
}

static void test_open_details(void **state)
{
    (void)state;
    static const struct {
        void (*build)(struct made *made);
        enum iw_tri animated;
        uint8_t orientation;
    } cases[] = {
        {animated_cut, IW_UNKNOWN, 1},
        {animated_exif, IW_YES, 0},
        {endless_chunks, IW_UNKNOWN, 1},
        {giant_chunk, IW_UNKNOWN, 0},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(cases); i++) {
        struct made made;
        made_init(&made);
        cases[i].build(&made);
        struct feed_result result = feed_whole(made.ptr, made.len);
        const char *cut = feed_cuts(made.ptr, made.len, made.len > 4096 ? 4096 : 0);
        made_release(&made);
        if (cut)
            fail_msg("%zu: %s", i, cut);
        assert_int_equal(result.scan, IW_SCAN_DONE);
        assert_int_equal(result.facts.width_px, 300);
        assert_int_equal(result.facts.animated, cases[i].animated);
        assert_int_equal(result.facts.orientation, cases[i].orientation);
    }
}

/* What is not wanted is not asked for and stays unknown. */
static void test_wants(void **state)
{
    (void)state;
    static const struct {
        void (*build)(struct made *made);
        struct iw_wants wants;
        enum iw_scan scan;
        enum iw_tri animated;
        uint8_t orientation;
    } cases[] = {
        {exif_last, {0}, IW_SCAN_DONE, IW_NO, 0},
        {exif_last, {.animation = true}, IW_SCAN_DONE, IW_NO, 0},
        {exif_last, {.trailing_exif = true}, IW_SCAN_MORE, IW_NO, 0},
        {animated, {0}, IW_SCAN_DONE, IW_UNKNOWN, 1},
        {animated, {.animation = true}, IW_SCAN_MORE, IW_UNKNOWN, 1},
        {animated, {.trailing_exif = true}, IW_SCAN_DONE, IW_UNKNOWN, 1},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(cases); i++) {
        struct made made;
        made_init(&made);
        cases[i].build(&made);
        struct iw_window window = {.ptr = made.ptr, .len = 38};
        struct iw_view view = {.windows = &window, .count = 1, .total_bytes = made.len};
        struct iw_image_facts facts;
        struct iw_need need;
        assert_int_equal(iw_image_scan(&view, &cases[i].wants, &facts, &need), cases[i].scan);
        assert_int_equal(facts.width_px, 300);
        assert_int_equal(facts.animated, cases[i].animated);
        assert_int_equal(facts.orientation, cases[i].orientation);
        assert_int_equal(need.has_size_already, cases[i].scan == IW_SCAN_MORE);
        made_release(&made);
    }
}

/* Exif behind 500 kB of pixels costs one seek to find and none to read. */
static void test_exif_seek(void **state)
{
    (void)state;
    struct made body;
    struct made made;
    made_init(&body);
    made_init(&made);
    put_fill(&body, 0, 500001);
    put_webp(&made);
    put_vp8x(&made, 0x08, 300, 200);
    put_riff(&made, "VP8 ", body.ptr, body.len);
    put_exif(&made, "", 0, 8);
    end_webp(&made);
    struct feed_plan plan = {.first_bytes = 4096, .least_bytes = 4096, .wants = {.trailing_exif = true}};
    struct feed_result result = feed_run(made.ptr, made.len, &plan);
    assert_null(result.fault);
    assert_int_equal(result.rounds, 1);
    assert_int_equal(result.facts.orientation, 8);
    assert_int_equal(result.facts.width_px, 300);
    made_release(&made);
    made_release(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_open_details),
        cmocka_unit_test(test_wants),
        cmocka_unit_test(test_exif_seek),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
