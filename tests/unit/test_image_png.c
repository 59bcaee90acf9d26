/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* PNG headers made byte by byte: IHDR's checks, CgBI, APNG, and what the chunks before IDAT say. */
#include "base/iw.h"
#include "image_case.h"

static void pixels(struct made *m)
{
    put_chunk(m, "IDAT", "pixels", 6);
    put_chunk(m, "IEND", NULL, 0);
}

static void with(struct made *m, const char *type, const void *body, size_t len)
{
    put_png(m, 300, 200, 8, 2);
    put_chunk(m, type, body, len);
    pixels(m);
}

static void rgb(struct made *m)
{
    put_png(m, 300, 200, 8, 2);
    pixels(m);
}

static void rgba(struct made *m)
{
    put_png(m, 0x7FFFFFFF, 1, 16, 6);
    pixels(m);
}

static void grey_alpha(struct made *m)
{
    put_png(m, 300, 200, 8, 4);
    pixels(m);
}

static void palette(struct made *m)
{
    put_png(m, 300, 200, 2, 3);
    put_chunk(m, "PLTE", "\0\0\0\xFF\xFF\xFF", 6);
    put_chunk(m, "tRNS", "\0", 1);
    pixels(m);
}

static void interlaced(struct made *m)
{
    put_png(m, 300, 200, 1, 0);
    m->ptr[28] = 1;
    m->len = 29;
    put_be(m, made_crc(m->ptr + 12, 17), 4);
    pixels(m);
}

static void interlace_method_2(struct made *m)
{
    interlaced(m);
    m->ptr[28] = 2;
    m->len = 29;
    put_be(m, made_crc(m->ptr + 12, 17), 4);
    pixels(m);
}

static void profile(struct made *m)
{
    with(m, "iCCP", "name\0\0deflated", 14);
}

static void srgb(struct made *m)
{
    with(m, "sRGB", "\0", 1);
}

static void apng(struct made *m)
{
    put_png(m, 300, 200, 8, 2);
    put_chunk(m, "gAMA", "\0\0\xB1\x8F", 4);
    put_chunk(m, "tEXt", "a\0b", 3);
    put_chunk(m, "acTL", "\0\0\0\7\0\0\0\0", 8);
    pixels(m);
}

static void apng_of_one(struct made *m)
{
    with(m, "acTL", "\0\0\0\1\0\0\0\0", 8);
}

static void apng_of_none(struct made *m)
{
    with(m, "acTL", "\0\0\0\0\0\0\0\0", 8);
}

static void apng_too_late(struct made *m)
{
    rgb(m);
    m->len -= 12;
    put_chunk(m, "acTL", "\0\0\0\7\0\0\0\0", 8);
    put_chunk(m, "IEND", NULL, 0);
}

static void actl_short(struct made *m)
{
    with(m, "acTL", "\0\0\0\7", 4);
}

static void exif(struct made *m)
{
    struct made body;
    made_init(&body);
    put_tiff(&body, false, 6, 100);
    with(m, "eXIf", body.ptr, body.len);
    made_release(&body);
}

static void exif_too_late(struct made *m)
{
    struct made body;
    made_init(&body);
    put_tiff(&body, false, 6, 0);
    rgb(m);
    m->len -= 12;
    put_chunk(m, "eXIf", body.ptr, body.len);
    put_chunk(m, "IEND", NULL, 0);
    made_release(&body);
}

static void cgbi(struct made *m)
{
    struct made ihdr;
    made_init(&ihdr);
    put_png(&ihdr, 300, 200, 8, 6);
    put(m, ihdr.ptr, 8);
    put_chunk(m, "CgBI", "\x50\0\x20\2", 4);
    put(m, ihdr.ptr + 8, ihdr.len - 8);
    pixels(m);
    made_release(&ihdr);
}

/* 300 kB between IHDR and the animation chunk */
static void large_profile(struct made *m)
{
    struct made body;
    made_init(&body);
    put_fill(&body, 'I', 300000);
    put_png(m, 300, 200, 8, 2);
    put_chunk(m, "iCCP", body.ptr, body.len);
    put_chunk(m, "acTL", "\0\0\0\2\0\0\0\0", 8);
    pixels(m);
    made_release(&body);
}

static void only_ihdr(struct made *m)
{
    put_png(m, 300, 200, 8, 2);
}

static void cut_in_chunk(struct made *m)
{
    apng(m);
    m->len = 78;
}

static void strange_chunk(struct made *m)
{
    with(m, "\0\1\2\3", "body", 4);
}

static void monstrous_chunk(struct made *m)
{
    put_png(m, 300, 200, 8, 2);
    PUT(m, "\xFF\xFF\xFF\xFFtEXt");
}

static void many_chunks(struct made *m)
{
    put_png(m, 300, 200, 8, 2);
    for (unsigned i = 0; i < 5000; i++)
        put_chunk(m, "tEXt", NULL, 0);
    pixels(m);
}

static void no_pixels(struct made *m)
{
    put_png(m, 300, 200, 8, 2);
    put_chunk(m, "IEND", NULL, 0);
}

static void first_is_other(struct made *m)
{
    rgb(m);
    m->ptr[15] = 'O';
}

static void ihdr_of_12(struct made *m)
{
    rgb(m);
    m->ptr[11] = 12;
}

static void cut_in_ihdr(struct made *m)
{
    rgb(m);
    m->len = 24;
}

static void only_signature(struct made *m)
{
    rgb(m);
    m->len = 8;
}

static void half_signature(struct made *m)
{
    rgb(m);
    m->len = 7;
}

static void wrong_checksum(struct made *m)
{
    rgb(m);
    m->ptr[19] ^= 1;
}

static void width_0(struct made *m)
{
    put_png(m, 0, 200, 8, 2);
    pixels(m);
}

static void height_above_31_bits(struct made *m)
{
    put_png(m, 200, 0x80000000u, 8, 2);
    pixels(m);
}

static void depth_of_another_type(struct made *m)
{
    put_png(m, 300, 200, 4, 2);
    pixels(m);
}

static void depth_3(struct made *m)
{
    put_png(m, 300, 200, 3, 0);
    pixels(m);
}

static void colour_5(struct made *m)
{
    put_png(m, 300, 200, 8, 5);
    pixels(m);
}

static void truncated_cgbi(struct made *m)
{
    cgbi(m);
    m->len = 30;
}

#define PNG(name, build, ...)                                                                                          \
    {                                                                                                                  \
        name, build, IW_SCAN_DONE, "png", 300, 200, {__VA_ARGS__}, NULL                                                \
    }
#define STILL .animated = IW_NO
#define BAD(name, build, why)                                                                                          \
    {                                                                                                                  \
        name, build, IW_SCAN_BAD, "png", 0, 0, {0}, why                                                                \
    }

static void test_headers(void **state)
{
    (void)state;
    static const struct image_case cases[] = {
        PNG("RGB", rgb, STILL, .alpha = IW_NO, .colour = IW_COLOUR_RGB, .bit_depth = 8, .progressive = IW_NO,
            .has_icc = IW_NO, .frames = 1),
        {"RGBA, 2^31-1 wide",
         rgba,
         IW_SCAN_DONE,
         "png",
         0x7FFFFFFF,
         1,
         {STILL, .alpha = IW_YES, .bit_depth = 16},
         NULL},
        PNG("grey with alpha", grey_alpha, STILL, .alpha = IW_YES, .colour = IW_COLOUR_GREY),
        PNG("palette with tRNS", palette, STILL, .alpha = IW_YES, .colour = IW_COLOUR_PALETTE, .bit_depth = 2),
        PNG("interlaced, one bit", interlaced, STILL, .alpha = IW_NO, .progressive = IW_YES, .bit_depth = 1),
        PNG("iCCP", profile, STILL, .alpha = IW_NO, .has_icc = IW_YES),
        PNG("sRGB", srgb, STILL, .alpha = IW_NO, .has_icc = IW_NO),
        PNG("APNG, acTL after other chunks", apng, .animated = IW_YES, .alpha = IW_NO, .frames = 7),
        PNG("APNG of one frame", apng_of_one, STILL, .alpha = IW_NO, .frames = 1),
        PNG("APNG of no frame", apng_of_none, STILL, .alpha = IW_NO),
        PNG("acTL behind IDAT", apng_too_late, STILL, .alpha = IW_NO),
        PNG("acTL too short", actl_short, STILL, .alpha = IW_NO),
        PNG("eXIf turns", exif, STILL, .alpha = IW_NO, .orientation = 6),
        PNG("eXIf behind IDAT does not", exif_too_late, STILL, .alpha = IW_NO, .orientation = 1),
        PNG("CgBI", cgbi, STILL, .alpha = IW_YES),
        PNG("iCCP of 300 kB", large_profile, .animated = IW_YES, .alpha = IW_NO, .has_icc = IW_YES),
        PNG("no pixels", no_pixels, STILL, .alpha = IW_NO),
        BAD("first chunk is another", first_is_other, "not IHDR"),
        BAD("IHDR of 12 bytes", ihdr_of_12, "wrong length"),
        BAD("cut in IHDR", cut_in_ihdr, "ends inside the IHDR"),
        BAD("signature alone", only_signature, "ends inside the first chunk"),
        BAD("wrong checksum", wrong_checksum, "checksum"),
        BAD("width 0", width_0, "impossible size"),
        BAD("height above 2^31-1", height_above_31_bits, "impossible size"),
        BAD("depth of another colour type", depth_of_another_type, "colour type or bit depth"),
        BAD("depth 3", depth_3, "colour type or bit depth"),
        BAD("interlace method 2", interlace_method_2, "interlace method"),
        BAD("colour type 5", colour_5, "colour type or bit depth"),
        BAD("cut behind CgBI", truncated_cgbi, "ends inside the IHDR"),
        {"half a signature", half_signature, IW_SCAN_DONE, NULL, 0, 0, {0}, NULL},
    };
    case_check_all(cases, IW_ARRAY_LEN(cases));
}

/* The size stands although the rest cannot be followed: the details stay open. */
static void test_open_details(void **state)
{
    (void)state;
    static const struct {
        void (*build)(struct made *made);
        bool is_damaged;
    } cases[] = {{only_ihdr, false},
                 {cut_in_chunk, false},
                 {strange_chunk, true},
                 {monstrous_chunk, true},
                 {many_chunks, false}};
    for (size_t i = 0; i < IW_ARRAY_LEN(cases); i++) {
        struct made made;
        made_init(&made);
        cases[i].build(&made);
        struct feed_result result = feed_whole(made.ptr, made.len);
        const char *cut = feed_cuts(made.ptr, made.len, made.len > 4096 ? 4096 : 0);
        made_release(&made);
        assert_null(cut);
        assert_int_equal(result.scan, IW_SCAN_DONE);
        assert_int_equal(result.facts.width_px, 300);
        assert_int_equal(result.facts.height_px, 200);
        assert_int_equal(result.facts.animated, IW_UNKNOWN);
        assert_int_equal(result.facts.alpha, IW_UNKNOWN);
        assert_int_equal(result.facts.orientation, 0);
        assert_int_equal(result.facts.is_damaged, cases[i].is_damaged);
    }
}

/* A large profile is sought past in one step, and the size is already there. */
static void test_seek(void **state)
{
    (void)state;
    struct made made;
    made_init(&made);
    large_profile(&made);
    struct iw_window window = {.ptr = made.ptr, .len = 4096};
    struct iw_view view = {.windows = &window, .count = 1, .total_bytes = made.len};
    struct iw_wants wants = {0};
    struct iw_image_facts facts;
    struct iw_need need;
    assert_int_equal(iw_image_scan(&view, &wants, &facts, &need), IW_SCAN_MORE);
    assert_int_equal(need.at, 33 + 12 + 300000);
    assert_int_equal(need.len, 8);
    assert_true(need.has_size_already);
    assert_false(need.is_prefix);
    assert_int_equal(facts.width_px, 300);
    struct feed_plan plan = {.first_bytes = 4096, .least_bytes = 4096};
    struct feed_result result = feed_run(made.ptr, made.len, &plan);
    assert_int_equal(result.rounds, 1);
    assert_int_equal(result.facts.animated, IW_YES);
    made_release(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_open_details),
        cmocka_unit_test(test_seek),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
