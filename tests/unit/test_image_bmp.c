/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* BMP headers made from a table: all header sizes met, top-down rows, OS/2 arrays, alpha masks, and nonsense. */
#include "base/iw.h"
#include "image_case.h"

enum wrap { FILE_HEADER, ARRAY, BARE };

struct bmp_case {
    const char *name;
    enum wrap wrap;
    const char *tag; /* in an array */
    uint32_t size;   /* of the bitmap header */
    uint32_t width, height;
    unsigned bits, compression;
    uint32_t alpha_mask;
    size_t cut; /* length of the file, 0: whole */
    enum iw_scan scan;
    bool is_unknown; /* no known image */
    uint32_t want_height;
    enum iw_tri alpha;
};

static void build(struct made *m, const struct bmp_case *c)
{
    if (c->wrap == ARRAY)
        PUT(m, "BA\x28\0\0\0\0\0\0\0\0\0\0\0");
    if (c->wrap != BARE) {
        put(m, c->tag ? c->tag : "BM", 2);
        put_fill(m, 0, 12);
    }
    size_t at = m->len;
    put_fill(m, 0, 200);
    struct made header = {.ptr = m->ptr + at};
    put_le(&header, c->size, 4);
    unsigned side = c->size == 12 ? 2 : 4;
    put_le(&header, c->width, side);
    put_le(&header, c->height, side);
    put_le(&header, 1, 2);
    put_le(&header, c->bits, 2);
    if (c->size != 12) {
        put_le(&header, c->compression, 4);
        header.len = 52;
        put_le(&header, c->alpha_mask, 4);
    }
    if (c->cut)
        m->len = c->cut;
}

static void check(const struct bmp_case *c)
{
    struct made made;
    made_init(&made);
    build(&made, c);
    struct feed_result result = feed_whole(made.ptr, made.len);
    const char *cut = feed_cuts(made.ptr, made.len, 0);
    made_release(&made);
    print_message("  %s\n", c->name);
    assert_null(cut);
    assert_int_equal(result.scan, c->scan);
    if (c->is_unknown) {
        assert_null(result.facts.format);
        return;
    }
    assert_string_equal(result.facts.format->name, "bmp");
    if (c->scan != IW_SCAN_DONE)
        return;
    assert_int_equal(result.facts.width_px, c->width);
    assert_int_equal(result.facts.height_px, c->want_height ? c->want_height : c->height);
    assert_int_equal(result.facts.stored_height_px, result.facts.height_px);
    assert_int_equal(result.facts.orientation, 1);
    assert_int_equal(result.facts.animated, IW_NO);
    assert_int_equal(result.facts.alpha, c->alpha);
}

#define SIZES .width = 300, .height = 200
#define OK    .scan = IW_SCAN_DONE
#define BAD   .scan = IW_SCAN_BAD

static void test_headers(void **state)
{
    (void)state;
    static const struct bmp_case cases[] = {
        {"OS/2 1.x, 12 bytes", .size = 12, SIZES, .bits = 24, OK, .alpha = IW_NO},
        {"OS/2 1.x, 65535 high", .size = 12, .width = 1, .height = 65535, .bits = 1, OK, .alpha = IW_NO},
        {"OS/2 2.x, 16 bytes", .size = 16, SIZES, .bits = 8, OK, .alpha = IW_NO},
        {"OS/2 2.x, 64 bytes: no masks", .size = 64, SIZES, .bits = 32, .alpha_mask = 0xFF, OK, .alpha = IW_UNKNOWN},
        {"40 bytes, 24 bits", .size = 40, SIZES, .bits = 24, .alpha_mask = 0xFF, OK, .alpha = IW_NO},
        {"40 bytes, 32 bits", .size = 40, SIZES, .bits = 32, .alpha_mask = 0xFF, OK, .alpha = IW_UNKNOWN},
        {"40 bytes, ALPHABITFIELDS", .size = 40, SIZES, .bits = 32, .compression = 6, .alpha_mask = 0xFF, OK,
         .alpha = IW_YES},
        {"52 bytes: no alpha mask", .size = 52, SIZES, .bits = 32, .alpha_mask = 0xFF, OK, .alpha = IW_UNKNOWN},
        {"56 bytes with alpha", .size = 56, SIZES, .bits = 32, .compression = 3, .alpha_mask = 0xFF000000, OK,
         .alpha = IW_YES},
        {"108 bytes, 16 bits with alpha", .size = 108, SIZES, .bits = 16, .compression = 3, .alpha_mask = 0x8000, OK,
         .alpha = IW_YES},
        {"124 bytes, 24 bits with a mask", .size = 124, SIZES, .bits = 24, .alpha_mask = 0xFF000000, OK,
         .alpha = IW_NO},
        {"124 bytes, 32 bits, no mask", .size = 124, SIZES, .bits = 32, OK, .alpha = IW_UNKNOWN},
        {"66 bytes", .size = 66, SIZES, .bits = 4, OK, .alpha = IW_NO},
        {"PNG inside", .size = 40, SIZES, .compression = 5, OK, .alpha = IW_UNKNOWN},
        {"top-down", .size = 40, .width = 300, .height = (uint32_t)-200, .bits = 24, OK, .want_height = 200,
         .alpha = IW_NO},
        {"array of a bitmap", .wrap = ARRAY, .tag = "BM", .size = 12, SIZES, .bits = 4, OK, .alpha = IW_NO},
        {"array of a pointer", .wrap = ARRAY, .tag = "CP", .size = 40, .width = 32, .height = 64, .bits = 4, OK,
         .want_height = 32, .alpha = IW_NO},
        {"array of nothing known", .wrap = ARRAY, .tag = "XY", .size = 40, SIZES, OK, .is_unknown = true},
        {"array of an unknown header", .wrap = ARRAY, .tag = "BM", .size = 13, SIZES, BAD},
        {"bare", .wrap = BARE, .size = 40, SIZES, .bits = 24, OK, .alpha = IW_NO},
        {"bare, 5 bits", .wrap = BARE, .size = 40, SIZES, .bits = 5, OK, .is_unknown = true},
        {"bare, negative width", .wrap = BARE, .size = 40, .width = (uint32_t)-1, .height = 1, .bits = 24, OK,
         .is_unknown = true},
        {"13 bytes", .size = 13, SIZES, .bits = 24, OK, .is_unknown = true},
        {"text that begins with BM", .size = 0x20656874, SIZES, OK, .is_unknown = true},
        {"cut before the height", .size = 40, SIZES, .bits = 24, .cut = 24, BAD},
        {"cut in the array", .wrap = ARRAY, .tag = "BM", .size = 40, SIZES, .cut = 30, BAD},
        {"cut in the mask", .size = 124, SIZES, .bits = 32, .alpha_mask = 1, .cut = 60, OK, .alpha = IW_UNKNOWN},
        {"too short for a signature", .size = 40, SIZES, .bits = 24, .cut = 19, OK, .is_unknown = true},
        {"width 0", .size = 40, .height = 200, .bits = 24, BAD},
        {"height 0", .size = 12, .width = 300, .bits = 24, BAD},
        {"negative width", .size = 40, .width = (uint32_t)-300, .height = 200, .bits = 24, BAD},
        {"height INT_MIN", .size = 40, .width = 300, .height = 0x80000000u, .bits = 24, BAD},
        {"2^31-1 a side", .size = 40, .width = 0x7FFFFFFF, .height = 0x7FFFFFFF, .bits = 24, OK, .alpha = IW_NO},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(cases); i++)
        check(&cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_headers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
