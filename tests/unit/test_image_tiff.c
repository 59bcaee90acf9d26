/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* TIFF headers made field by field, in both byte orders, classic and big: where the directory lies, types of fields,
 * colour and alpha, reduced pictures with the full one elsewhere, chains without end. */
#include "base/iw.h"
#include "image_case.h"
#include "tiff_build.h"

static void little(struct made *m)
{
    struct tiff t = begin(m, false, false, 8);
    put_ifd(&t, 300, 200, SHORT, 0);
}

static void big_endian(struct made *m)
{
    struct tiff t = begin(m, true, false, 8);
    put_ifd(&t, 300, 200, LONG, 6);
}

static void bigtiff(struct made *m)
{
    struct tiff t = begin(m, false, true, 16);
    put_ifd(&t, 300, 200, LONG8, 3);
}

static void bigtiff_big_endian(struct made *m)
{
    struct tiff t = begin(m, true, true, 16);
    put_ifd(&t, 70000, 200, LONG, 8);
}

static void far_ifd(struct made *m)
{
    struct tiff t = begin(m, false, false, 50000);
    put_fill(m, 0x11, 50000 - m->len);
    put_ifd(&t, 300, 200, SHORT, 0);
}

static void mixed_types(struct made *m)
{
    struct tiff t = begin(m, true, false, 8);
    begin_ifd(&t);
    put_field(&t, 257, LONG, 1, 200); /* not in order */
    put_field(&t, 256, SHORT, 1, 300);
    put_field(&t, 256, SHORT, 1, 999); /* the first one counts */
    put_field(&t, 274, SHORT, 1, 9);
    put_field(&t, 262, SHORT, 1, 1);
    put_field(&t, 34675, 7, 100, 8);
    end_ifd(&t, 0);
}

/* RGBA: values that do not fit into the directory lie behind it. */
static void with_alpha(struct made *m)
{
    struct tiff t = begin(m, false, false, 8);
    begin_ifd(&t);
    put_field(&t, 256, SHORT, 1, 300);
    put_field(&t, 257, SHORT, 1, 200);
    put_field(&t, 258, SHORT, 4, 8 + 2 + 6 * 12 + 4);
    put_field(&t, 262, SHORT, 1, 2);
    put_field(&t, 277, SHORT, 1, 4);
    put_field(&t, 338, SHORT, 1, 2);
    end_ifd(&t, 0);
    for (unsigned i = 0; i < 4; i++)
        put_number(&t, 16, 2);
}

/* A fourth sample that nothing names, and one that is named as something else. */
static void extra(struct made *m, bool is_named)
{
    struct tiff t = begin(m, true, false, 8);
    begin_ifd(&t);
    put_field(&t, 256, SHORT, 1, 300);
    put_field(&t, 257, SHORT, 1, 200);
    put_field(&t, 262, SHORT, 1, 2);
    put_field(&t, 277, SHORT, 1, 4);
    if (is_named)
        put_field(&t, 338, SHORT, 1, 0);
    end_ifd(&t, 0);
}

static void unnamed_sample(struct made *m)
{
    extra(m, false);
}
static void other_sample(struct made *m)
{
    extra(m, true);
}

static void cmyk(struct made *m)
{
    struct tiff t = begin(m, true, false, 8);
    begin_ifd(&t);
    put_field(&t, 256, SHORT, 1, 300);
    put_field(&t, 257, SHORT, 1, 200);
    put_field(&t, 262, SHORT, 1, 5);
    put_field(&t, 277, SHORT, 1, 4);
    end_ifd(&t, 0);
}

/* A thumbnail with orientation in the first directory, a preview and the picture in its SubIFDs. */
static void put_raw(struct made *m, bool is_big_endian, bool is_big)
{
    uint64_t at = is_big ? 16 : 8;
    struct tiff t = begin(m, is_big_endian, is_big, at);
    at += (is_big ? 8 + 5 * 20 + 8 : 2 + 5 * 12 + 4);
    begin_ifd(&t);
    put_field(&t, 254, LONG, 1, 1);
    put_field(&t, 256, LONG, 1, 160);
    put_field(&t, 257, LONG, 1, 120);
    put_field(&t, 274, SHORT, 1, 8);
    put_field(&t, 330, is_big ? LONG8 : LONG, 2, at);
    end_ifd(&t, 0);
    size_t list_at = m->len;
    put_number(&t, 0, offset_bytes(&t));
    put_number(&t, 0, offset_bytes(&t));
    size_t subs[2];
    for (unsigned i = 0; i < 2; i++) {
        put_fill(m, 0x77, i ? 20000 : 30);
        subs[i] = m->len;
        begin_ifd(&t);
        put_field(&t, 254, LONG, 1, i == 0);
        put_field(&t, 256, LONG, 1, i ? 6000 : 1600);
        put_field(&t, 257, LONG, 1, i ? 4000 : 1200);
        put_field(&t, 258, SHORT, 1, 14);
        put_field(&t, 262, SHORT, 1, 32803);
        end_ifd(&t, 0);
    }
    struct made list = {.ptr = m->ptr + list_at};
    for (unsigned i = 0; i < 2; i++)
        put_int(&list, is_big_endian, subs[i], offset_bytes(&t));
}

static void raw(struct made *m)
{
    put_raw(m, false, false);
}
static void big_raw(struct made *m)
{
    put_raw(m, true, true);
}

/* A reduced picture in front of the full one: by the old field and by the chain of directories. */
static void thumbnail_first(struct made *m)
{
    struct tiff t = begin(m, true, false, 8);
    begin_ifd(&t);
    put_field(&t, 255, SHORT, 1, 2);
    put_field(&t, 256, SHORT, 1, 160);
    put_field(&t, 257, SHORT, 1, 120);
    end_ifd(&t, m->len + 4);
    put_ifd(&t, 6000, 4000, SHORT, 0);
}

/* Nothing but reduced pictures, in a ring. */
static void ring(struct made *m)
{
    struct tiff t = begin(m, false, false, 8);
    begin_ifd(&t);
    put_field(&t, 254, LONG, 1, 1);
    put_field(&t, 256, SHORT, 1, 160);
    put_field(&t, 257, SHORT, 1, 120);
    put_field(&t, 330, IFD, 1, 8);
    end_ifd(&t, 8);
}

static void two_pages(struct made *m)
{
    struct tiff t = begin(m, false, false, 8);
    begin_ifd(&t);
    put_field(&t, 256, SHORT, 1, 300);
    put_field(&t, 257, SHORT, 1, 200);
    end_ifd(&t, 9999);
}

static void no_next(struct made *m)
{
    little(m);
    m->len -= 4;
}

static void no_width(struct made *m)
{
    struct tiff t = begin(m, false, false, 8);
    begin_ifd(&t);
    put_field(&t, 257, SHORT, 1, 200);
    end_ifd(&t, 0);
}

static void zero_height(struct made *m)
{
    struct tiff t = begin(m, false, false, 8);
    put_ifd(&t, 300, 0, SHORT, 0);
}

static void too_wide(struct made *m)
{
    struct tiff t = begin(m, false, true, 16);
    begin_ifd(&t);
    put_field(&t, 256, LONG8, 1, 1ull << 32);
    put_field(&t, 257, LONG8, 1, 1);
    end_ifd(&t, 0);
}

static void ifd_beyond(struct made *m)
{
    struct tiff t = begin(m, false, false, 50000);
    put_ifd(&t, 300, 200, SHORT, 0);
}

static void ifd_wraps(struct made *m)
{
    struct tiff t = begin(m, false, true, UINT64_MAX - 3);
    put_ifd(&t, 300, 200, SHORT, 0);
}

static void cut_in_ifd(struct made *m)
{
    little(m);
    m->len = 30;
}

static void no_entries(struct made *m)
{
    struct tiff t = begin(m, false, false, 8);
    begin_ifd(&t);
    end_ifd(&t, 0);
}

static void many_entries(struct made *m)
{
    struct tiff t = begin(m, false, true, 16);
    put_number(&t, 1ull << 60, 8);
    put_fill(m, 0, 5000);
}

static void offset_of_four(struct made *m)
{
    begin(m, false, false, 4);
    put_fill(m, 0, 50);
}

#define TIFF(w, h) IW_SCAN_DONE, "tiff", (w), (h)
#define STILL      .animated = IW_NO
#define BAD                                                                                                            \
    IW_SCAN_BAD, "tiff", 0, 0,                                                                                         \
    {                                                                                                                  \
        0                                                                                                              \
    }
#define NONE IW_SCAN_DONE, NULL, 0, 0, {0}, NULL

static const struct image_case cases[] = {
    {"little",
     little,
     TIFF(300, 200),
     {STILL, .alpha = IW_NO, .bit_depth = 8, .colour = IW_COLOUR_RGB, .has_icc = IW_NO, .frames = 1},
     NULL},
    {"big-endian", big_endian, TIFF(300, 200), {STILL, .alpha = IW_NO, .orientation = 6}, NULL},
    {"BigTIFF", bigtiff, TIFF(300, 200), {STILL, .alpha = IW_NO, .orientation = 3, .frames = 1}, NULL},
    {"BigTIFF, big-endian", bigtiff_big_endian, TIFF(70000, 200), {STILL, .alpha = IW_NO, .orientation = 8}, NULL},
    {"far directory", far_ifd, TIFF(300, 200), {STILL, .alpha = IW_NO}, NULL},
    {"mixed types",
     mixed_types,
     TIFF(300, 200),
     {STILL, .alpha = IW_NO, .bit_depth = 1, .colour = IW_COLOUR_GREY, .has_icc = IW_YES},
     NULL},
    {"alpha", with_alpha, TIFF(300, 200), {STILL, .alpha = IW_YES, .bit_depth = 16}, NULL},
    {"unnamed sample", unnamed_sample, TIFF(300, 200), {STILL}, NULL},
    {"other sample", other_sample, TIFF(300, 200), {STILL, .alpha = IW_NO}, NULL},
    {"CMYK", cmyk, TIFF(300, 200), {STILL, .alpha = IW_NO, .colour = IW_COLOUR_CMYK}, NULL},
    {"raw", raw, TIFF(6000, 4000), {STILL, .orientation = 8, .bit_depth = 14}, NULL},
    {"raw in BigTIFF", big_raw, TIFF(6000, 4000), {STILL, .orientation = 8, .bit_depth = 14}, NULL},
    {"thumbnail first", thumbnail_first, TIFF(6000, 4000), {STILL, .alpha = IW_NO}, NULL},
    {"ring", ring, TIFF(160, 120), {STILL}, NULL},
    {"two pages", two_pages, TIFF(300, 200), {STILL}, NULL},
    {"no next", no_next, TIFF(300, 200), {STILL, .alpha = IW_NO}, NULL},
    {"no width", no_width, BAD, "states no size"},
    {"height of 0", zero_height, BAD, "states no size"},
    {"too wide", too_wide, BAD, "impossible size"},
    {"directory beyond", ifd_beyond, BAD, "ends inside the TIFF directory"},
    {"offset wraps", ifd_wraps, BAD, "ends inside the TIFF directory"},
    {"cut in the directory", cut_in_ifd, BAD, "ends inside the TIFF directory"},
    {"no entries", no_entries, BAD, "impossible length"},
    {"many entries", many_entries, BAD, "impossible length"},
    {"offset inside the header", offset_of_four, NONE},
};

static void test_cases(void **state)
{
    (void)state;
    case_check_all(cases, IW_ARRAY_LEN(cases));
}

/* A directory far away costs one seek, the picture behind a preview one more. */
static void test_seeks(void **state)
{
    (void)state;
    static const struct {
        void (*build)(struct made *m);
        unsigned rounds;
    } files[] = {{far_ifd, 1}, {raw, 1}};
    for (size_t i = 0; i < IW_ARRAY_LEN(files); i++) {
        struct made m;
        made_init(&m);
        files[i].build(&m);
        struct feed_plan plan = {.first_bytes = 4096, .least_bytes = 4096};
        struct feed_result result = feed_run(m.ptr, m.len, &plan);
        made_release(&m);
        assert_int_equal(result.scan, IW_SCAN_DONE);
        assert_int_equal(result.rounds, files[i].rounds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases), cmocka_unit_test(test_seeks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
