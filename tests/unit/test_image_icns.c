/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Apple icons: the largest entry by its type, masks and notes left out, tables of contents, lengths that lie. */
#include "base/iw.h"
#include "image_case.h"

static void put_icns(struct made *m)
{
    PUT(m, "icns\0\0\0\0");
}

/* Writes the length of the whole now that all is there. */
static void end_icns(struct made *m)
{
    patch_be(m, 4, m->len, 4);
}

static void put_icon(struct made *m, const char *type, size_t body)
{
    put(m, type, 4);
    put_be(m, body + 8, 4);
    put_fill(m, 0x69, body);
}

static void build_old(struct made *m)
{
    put_icns(m);
    put_icon(m, "is32", 100);
    put_icon(m, "s8mk", 256);
    put_icon(m, "it32", 3000);
    put_icon(m, "t8mk", 16384);
    put_icon(m, "il32", 100);
    end_icns(m);
}

static void build_wide(struct made *m)
{
    put_icns(m);
    put_icon(m, "icm8", 192);
    end_icns(m);
}

/* The largest is the last but one of large entries. */
static void build_new(struct made *m)
{
    put_icns(m);
    put_icon(m, "ic07", 20000);
    put_icon(m, "ic13", 60000);
    put_icon(m, "ic14", 100000);
    put_icon(m, "ic12", 5000);
    put_icon(m, "info", 200);
    end_icns(m);
}

static void put_contents(struct made *m, const char *const *wanted, size_t count)
{
    PUT(m, "TOC ");
    put_be(m, 8 + 8 * count, 4);
    for (size_t i = 0; i < count; i++) {
        put(m, wanted[i], 4);
        put_be(m, 60008, 4);
    }
}

static void build_contents(struct made *m)
{
    static const char *const wanted[] = {"ic07", "ic09", "ic08"};
    put_icns(m);
    put_contents(m, wanted, 3);
    for (size_t i = 0; i < 3; i++)
        put_icon(m, wanted[i], 60000);
    end_icns(m);
}

/* The walk ends at the largest type there is; what is behind may be nonsense. */
static void build_largest(struct made *m)
{
    put_icns(m);
    put_icon(m, "ic10", 5000);
    put_icon(m, "ic07", 100);
    PUT(m, "ic08\0\0\0\0");
    end_icns(m);
}

static void build_length_0(struct made *m)
{
    put_icns(m);
    put_icon(m, "ic07", 100);
    PUT(m, "ic08\0\0\0\0");
    end_icns(m);
}

static void build_length_7(struct made *m)
{
    put_icns(m);
    PUT(m, "ic08\0\0\0\x07");
    end_icns(m);
}

static void build_beyond(struct made *m)
{
    put_icns(m);
    put_icon(m, "ic07", 100);
    PUT(m, "ic08\xFF\xFF\xFF\xFF");
    patch_be(m, 4, UINT32_MAX, 4);
}

static void build_file_longer(struct made *m)
{
    build_old(m);
    put_icon(m, "ic10", 100);
}

static void build_file_shorter(struct made *m)
{
    build_old(m);
    m->len -= 3000;
}

static void build_notes_only(struct made *m)
{
    put_icns(m);
    put_icon(m, "icnV", 4);
    put_icon(m, "t8mk", 100);
    end_icns(m);
}

static void build_nothing(struct made *m)
{
    put_icns(m);
    end_icns(m);
}

static void build_cut(struct made *m)
{
    PUT(m, "icns\0\0\0");
}

static void build_short_length(struct made *m)
{
    put_icns(m);
    patch_be(m, 4, 7, 4);
}

static void build_many(struct made *m)
{
    put_icns(m);
    for (unsigned i = 0; i < 5000; i++)
        put_icon(m, "is32", 0);
    end_icns(m);
}

static void build_contents_beyond(struct made *m)
{
    put_icns(m);
    PUT(m, "TOC \xFF\xFF\xFF\xFFic07\0\0\0\x08");
    end_icns(m);
}

static void test_icons(void **state)
{
    (void)state;
    static const struct image_case cases[] = {
        {"pictures and masks", build_old, IW_SCAN_DONE, "icns", 128, 128, {.animated = IW_NO, .frames = 3}, NULL},
        {"wider than high", build_wide, IW_SCAN_DONE, "icns", 16, 12, {.animated = IW_NO, .frames = 1}, NULL},
        {"large entries", build_new, IW_SCAN_DONE, "icns", 512, 512, {.animated = IW_NO, .frames = 4}, NULL},
        {"a table of contents", build_contents, IW_SCAN_DONE, "icns", 512, 512, {.animated = IW_NO, .frames = 3}, NULL},
        {"1024 a side", build_largest, IW_SCAN_DONE, "icns", 1024, 1024, {.animated = IW_NO}, NULL},
        {"an entry of 0 bytes", build_length_0, IW_SCAN_BAD, "icns", 0, 0, {0}, "shorter than its header"},
        {"an entry of 7 bytes", build_length_7, IW_SCAN_BAD, "icns", 0, 0, {0}, "shorter than its header"},
        {"an entry of 4 GiB", build_beyond, IW_SCAN_DONE, "icns", 256, 256, {.animated = IW_NO, .frames = 2}, NULL},
        {"behind the length",
         build_file_longer,
         IW_SCAN_DONE,
         "icns",
         128,
         128,
         {.animated = IW_NO, .frames = 3},
         NULL},
        {"in front of the length",
         build_file_shorter,
         IW_SCAN_DONE,
         "icns",
         128,
         128,
         {.animated = IW_NO, .frames = 2},
         NULL},
        {"no pictures", build_notes_only, IW_SCAN_BAD, "icns", 0, 0, {0}, "no entry of a known type"},
        {"no entries", build_nothing, IW_SCAN_BAD, "icns", 0, 0, {0}, "no entry of a known type"},
        {"shorter than the header", build_cut, IW_SCAN_DONE, NULL, 0, 0, {0}, NULL},
        {"a length below the header's", build_short_length, IW_SCAN_DONE, NULL, 0, 0, {0}, NULL},
        {"5000 entries", build_many, IW_SCAN_DONE, "icns", 16, 16, {.animated = IW_NO}, NULL},
        {"contents of 4 GiB",
         build_contents_beyond,
         IW_SCAN_DONE,
         "icns",
         128,
         128,
         {.animated = IW_NO, .frames = 1},
         NULL},
    };
    case_check_all(cases, IW_ARRAY_LEN(cases));
}

static unsigned rounds_of(void (*build)(struct made *made))
{
    struct made made;
    made_init(&made);
    build(&made);
    struct feed_plan plan = {.first_bytes = 16384, .least_bytes = 4096};
    struct feed_result result = feed_run(made.ptr, made.len, &plan);
    made_release(&made);
    assert_null(result.fault);
    return result.rounds;
}

/* With a table of contents the first window is enough; without, each entry behind it costs a request. */
static void test_cost(void **state)
{
    (void)state;
    assert_int_equal(rounds_of(build_contents), 0);
    assert_int_equal(rounds_of(build_new), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_icons), cmocka_unit_test(test_cost)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
