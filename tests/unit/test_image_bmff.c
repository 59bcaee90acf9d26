/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Image items of HEIC and AVIF made box by box: brands, the primary item among others, transformations, alpha, boxes in
 * unusual order and of unusual sizes. */
#include "base/iw.h"
#include "bmff_build.h"
#include "image_case.h"

/* ---- files ---- */

static void plain(struct made *m)
{
    put_ftyp(m, "avifavifmif1miaf");
    plain_meta(m, false);
    put_mdat(m, 100);
}

static void wide(struct made *m)
{
    put_ftyp(m, "avifavifmif1miaf");
    plain_meta(m, true);
    put_mdat(m, 100);
}

static void generic_major(struct made *m)
{
    put_ftyp(m, "mif1mif1avif");
    plain_meta(m, false);
}

static void generic_only(struct made *m)
{
    put_ftyp(m, "mif1mif1miaf");
    plain_meta(m, false);
}

/* Thumbnail first, gain map largest: neither is the primary item. */
static void primary_of_three(struct made *m)
{
    put_ftyp(m, "heicmif1heic");
    struct meta meta = begin_meta(m, 2, false);
    begin_properties(m, &meta);
    put_ispe(m, 16, 16);
    put_ispe(m, 9999, 9999);
    put_ispe(m, 300, 200);
    put_hvcc(m, 1, 10);
    put_colr(m, "prof");
    begin_associations(m, &meta);
    associate(m, &meta, 1, "14");
    associate(m, &meta, 2, "543");
    associate(m, &meta, 3, "24");
    end_meta(m, &meta);
}

static void grid(struct made *m)
{
    put_ftyp(m, "heicmif1heic");
    struct meta meta = begin_meta(m, 70000, true);
    put_iref(m, &meta, "dimg", 70000, 1);
    begin_properties(m, &meta);
    put_ispe(m, 512, 512);
    put_hvcc(m, 0, 8);
    put_ispe(m, 1000, 700);
    put_turn(m, "irot", 3);
    begin_associations(m, &meta);
    associate(m, &meta, 1, "12");
    associate(m, &meta, 70000, "34");
    end_meta(m, &meta);
}

/* Transformations of a 300 by 200 picture, by their places: 2 clap to 150.5 x 99, 3 irot 1, 4 imir 0, 5 imir 1,
 * 6 irot 2, 7 a clap that is too large. */
static void transformed(struct made *m, const char *places)
{
    put_ftyp(m, "heicmif1heic");
    struct meta meta = begin_meta(m, 1, false);
    begin_properties(m, &meta);
    put_ispe(m, 300, 200);
    put_clap(m, 301, 2, 99, 1);
    put_turn(m, "irot", 1);
    put_turn(m, "imir", 0);
    put_turn(m, "imir", 1);
    put_turn(m, "irot", 2);
    put_clap(m, 301, 1, 200, 1);
    begin_associations(m, &meta);
    associate(m, &meta, 1, places);
    end_meta(m, &meta);
}

static void clapped(struct made *m)
{
    transformed(m, "12");
}
static void turned_first(struct made *m)
{
    transformed(m, "31");
}
static void clap_turn_mirror(struct made *m)
{
    transformed(m, "1234");
}
static void mirror_turn(struct made *m)
{
    transformed(m, "143");
}
static void turned_twice(struct made *m)
{
    transformed(m, "165");
}
static void clap_too_large(struct made *m)
{
    transformed(m, "17");
}

static void clap_by_zero(struct made *m)
{
    put_ftyp(m, "heicmif1heic");
    struct meta meta = begin_meta(m, 1, false);
    begin_properties(m, &meta);
    put_ispe(m, 300, 200);
    put_clap(m, 100, 1, 100, 0);
    begin_associations(m, &meta);
    associate(m, &meta, 1, "12");
    end_meta(m, &meta);
}

static void with_auxiliary(struct made *m, const char *type)
{
    put_ftyp(m, "avifavifmif1");
    struct meta meta = begin_meta(m, 1, false);
    put_iref(m, &meta, "auxl", 2, 1);
    begin_properties(m, &meta);
    put_ispe(m, 300, 200);
    put_av1c(m, 0x60);
    put_auxc(m, type);
    put_colr(m, "nclx");
    begin_associations(m, &meta);
    associate(m, &meta, 1, "124");
    associate(m, &meta, 2, "123");
    end_meta(m, &meta);
}

static void with_alpha(struct made *m)
{
    with_auxiliary(m, alpha_urn);
}
static void with_depth(struct made *m)
{
    with_auxiliary(m, "urn:mpeg:mpegB:cicp:systems:auxiliary:depth");
}

/* Alpha of the tiles alone. */
static void alpha_of_tile(struct made *m)
{
    put_ftyp(m, "avifavifmif1");
    struct meta meta = begin_meta(m, 1, false);
    size_t at = put_full_box(m, "iref", 0, 0);
    PUT(m, "\0\0\0\x0E"
           "auxl\0\3\0\1\0\2"
           "\0\0\0\x0E"
           "dimg\0\1\0\1\0\2");
    end_box(m, at);
    begin_properties(m, &meta);
    put_ispe(m, 300, 200);
    put_pixi(m, 1, 12);
    put_auxc(m, alpha_urn);
    begin_associations(m, &meta);
    associate(m, &meta, 1, "12");
    associate(m, &meta, 2, "1");
    associate(m, &meta, 3, "3");
    end_meta(m, &meta);
}

static void meta_last(struct made *m)
{
    put_ftyp(m, "heicmif1heic");
    put_mdat(m, 30000);
    PUT(m, "\0\0\0\1wide\0\0\0\0\0\0\0\x10"); /* a 64-bit size */
    plain_meta(m, false);
}

static void meta_to_end(struct made *m)
{
    put_ftyp(m, "avifavif");
    size_t at = m->len;
    plain_meta(m, false);
    patch_be(m, at, 0, 4);
}

/* The meta box of something else comes first. */
static void other_meta(struct made *m)
{
    put_ftyp(m, "avifavif");
    size_t at = put_full_box(m, "meta", 0, 0);
    put_hdlr(m, "mdir");
    end_box(m, at);
    plain_meta(m, false);
}

static void mdat_beyond(struct made *m)
{
    put_ftyp(m, "avifavif");
    PUT(m, "\0\0\0\1mdat\0\0\0\1\0\0\0\0pixels");
}

static void mdat_to_end(struct made *m)
{
    put_ftyp(m, "avifavif");
    PUT(m, "\0\0\0\0mdatpixels");
}

static void size_wraps(struct made *m)
{
    put_ftyp(m, "avifavif");
    PUT(m, "\0\0\0\1free\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xF0");
    plain_meta(m, false);
}

static void size_of_seven(struct made *m)
{
    put_ftyp(m, "avifavif");
    PUT(m, "\0\0\0\7free");
    plain_meta(m, false);
}

static void child_too_long(struct made *m)
{
    put_ftyp(m, "avifavif");
    size_t at = put_full_box(m, "meta", 0, 0);
    PUT(m, "\0\0\1\0free");
    end_box(m, at);
    put_mdat(m, 1000);
}

static void child_of_zero(struct made *m)
{
    put_ftyp(m, "avifavif");
    size_t at = put_full_box(m, "meta", 0, 0);
    PUT(m, "\0\0\0\0free");
    end_box(m, at);
}

static void no_ispe(struct made *m)
{
    put_ftyp(m, "avifavif");
    struct meta meta = begin_meta(m, 1, false);
    begin_properties(m, &meta);
    put_av1c(m, 0);
    begin_associations(m, &meta);
    associate(m, &meta, 1, "19");
    end_meta(m, &meta);
}

static void zero_ispe(struct made *m)
{
    put_ftyp(m, "avifavif");
    struct meta meta = begin_meta(m, 1, false);
    begin_properties(m, &meta);
    put_ispe(m, 300, 0);
    begin_associations(m, &meta);
    associate(m, &meta, 1, "1");
    end_meta(m, &meta);
}

static void many_boxes(struct made *m)
{
    put_ftyp(m, "avifavif");
    for (unsigned i = 0; i < 5000; i++)
        PUT(m, "\0\0\0\x08"
               "free");
    plain_meta(m, false);
}

static void cut_in_ispe(struct made *m)
{
    plain(m);
    m->len = 120;
}

static void ipma_too_long(struct made *m)
{
    put_ftyp(m, "avifavif");
    struct meta meta = begin_meta(m, 1, false);
    begin_properties(m, &meta);
    put_ispe(m, 300, 200);
    begin_associations(m, &meta);
    associate(m, &meta, 2, "1");
    patch_be(m, meta.ipma + 12, 1000, 4);
    end_meta(m, &meta);
    put_mdat(m, 9000);
}

/* A second primary item and the handler of something else behind the properties: the first ones count. */
static void late_parts(struct made *m)
{
    put_ftyp(m, "avifavif");
    struct meta meta = begin_meta(m, 1, false);
    begin_properties(m, &meta);
    put_ispe(m, 300, 200);
    begin_associations(m, &meta);
    associate(m, &meta, 1, "1");
    end_meta(m, &meta);
    size_t at = put_full_box(m, "pitm", 0, 0);
    put_be(m, 7, 2);
    end_box(m, at);
    put_hdlr(m, "mdir");
    end_box(m, meta.at);
}

/* A file of one box that reaches to its end, without a picture in it. */
static void other_to_end(struct made *m)
{
    put_ftyp(m, "avifavif");
    size_t at = put_full_box(m, "meta", 0, 0);
    put_hdlr(m, "mdir");
    patch_be(m, at, 0, 4);
}

#define STILL       .animated = IW_NO, .frames = 1
#define SHOWN(w, h) .width_px = (w), .height_px = (h)
#define AVIF(w, h)  IW_SCAN_DONE, "avif", (w), (h)
#define HEIC(w, h)  IW_SCAN_DONE, "heic", (w), (h)
#define BAD(format)                                                                                                    \
    IW_SCAN_BAD, (format), 0, 0,                                                                                       \
    {                                                                                                                  \
        0                                                                                                              \
    }

static const struct image_case cases[] = {
    {"plain",
     plain,
     AVIF(300, 200),
     {STILL, .alpha = IW_NO, .bit_depth = 8, .colour = IW_COLOUR_YCBCR, .has_icc = IW_NO},
     NULL},
    {"wide numbers", wide, AVIF(300, 200), {STILL, .alpha = IW_NO}, NULL},
    {"generic major brand", generic_major, AVIF(300, 200), {STILL, .alpha = IW_NO}, NULL},
    {"generic brands only", generic_only, HEIC(300, 200), {STILL, .alpha = IW_NO}, NULL},
    {"primary of three",
     primary_of_three,
     HEIC(300, 200),
     {STILL, .alpha = IW_NO, .bit_depth = 10, .has_icc = IW_YES},
     NULL},
    {"grid",
     grid,
     HEIC(1000, 700),
     {STILL, .alpha = IW_NO, .orientation = 6, SHOWN(700, 1000), .bit_depth = 8, .colour = IW_COLOUR_GREY},
     NULL},
    {"clap", clapped, HEIC(300, 200), {STILL, .alpha = IW_NO, SHOWN(151, 99)}, NULL},
    {"irot before ispe",
     turned_first,
     HEIC(300, 200),
     {STILL, .alpha = IW_NO, .orientation = 8, SHOWN(200, 300)},
     NULL},
    {"clap, irot, imir",
     clap_turn_mirror,
     HEIC(300, 200),
     {STILL, .alpha = IW_NO, .orientation = 5, SHOWN(99, 151)},
     NULL},
    {"imir, irot", mirror_turn, HEIC(300, 200), {STILL, .alpha = IW_NO, .orientation = 7, SHOWN(200, 300)}, NULL},
    {"half turn, imir", turned_twice, HEIC(300, 200), {STILL, .alpha = IW_NO, .orientation = 4}, NULL},
    {"clap too large", clap_too_large, HEIC(300, 200), {STILL, .alpha = IW_NO, .is_damaged = true}, NULL},
    {"clap by 0", clap_by_zero, BAD("heic"), "divides by 0"},
    {"alpha", with_alpha, AVIF(300, 200), {STILL, .alpha = IW_YES, .bit_depth = 12, .colour = IW_COLOUR_RGB}, NULL},
    {"depth map", with_depth, AVIF(300, 200), {STILL, .alpha = IW_NO}, NULL},
    {"alpha of a tile", alpha_of_tile, AVIF(300, 200), {STILL, .bit_depth = 12, .colour = IW_COLOUR_GREY}, NULL},
    {"meta last", meta_last, HEIC(300, 200), {STILL, .alpha = IW_NO}, NULL},
    {"meta to the end", meta_to_end, AVIF(300, 200), {STILL, .alpha = IW_NO}, NULL},
    {"another meta", other_meta, AVIF(300, 200), {STILL, .alpha = IW_NO}, NULL},
    {"late parts", late_parts, AVIF(300, 200), {STILL, .alpha = IW_NO}, NULL},
    {"another meta to the end", other_to_end, BAD("avif"), "describes a picture"},
    {"mdat beyond", mdat_beyond, BAD("avif"), "ends before its meta box"},
    {"mdat to the end", mdat_to_end, BAD("avif"), "describes a picture"},
    {"size wraps", size_wraps, BAD("avif"), "impossible size"},
    {"size of 7", size_of_seven, BAD("avif"), "impossible size"},
    {"child too long", child_too_long, BAD("avif"), "longer than"},
    {"child of size 0", child_of_zero, BAD("avif"), "impossible size"},
    {"no ispe", no_ispe, BAD("avif"), "states no size"},
    {"ispe of 0", zero_ispe, BAD("avif"), "size of 0"},
    {"many boxes", many_boxes, BAD("avif"), "too many boxes"},
    {"cut in ispe", cut_in_ispe, BAD("avif"), "ends inside"},
    {"ipma too long", ipma_too_long, BAD("avif"), "cut off"},
};

static void test_cases(void **state)
{
    (void)state;
    case_check_all(cases, IW_ARRAY_LEN(cases));
}

/* A far meta box costs one seek, and is asked for as a whole. */
static void test_seek(void **state)
{
    (void)state;
    struct made m;
    made_init(&m);
    meta_last(&m);
    struct feed_plan plan = {.first_bytes = 4096, .least_bytes = 0};
    struct feed_result result = feed_run(m.ptr, m.len, &plan);
    made_release(&m);
    assert_int_equal(result.scan, IW_SCAN_DONE);
    assert_true(result.rounds <= 4);
    assert_true(result.handed < 4096 + 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases), cmocka_unit_test(test_seek)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
