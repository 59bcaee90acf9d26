/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Icons and cursors: the largest entry, 0 as 256, directories that lie about their pictures, and look-alikes. */
#include "base/iw.h"
#include "image_case.h"

/* Header of a directory of count entries. */
static void put_directory(struct made *m, unsigned kind, unsigned count)
{
    put_le(m, 0, 2);
    put_le(m, kind, 2);
    put_le(m, count, 2);
}

static void put_entry(struct made *m, unsigned width, unsigned height, uint32_t at, uint32_t bytes)
{
    put_byte(m, width);
    put_byte(m, height);
    put_le(m, 0, 2);
    put_le(m, 1, 2);
    put_le(m, 32, 2);
    put_le(m, bytes, 4);
    put_le(m, at, 4);
}

static void put_bitmap(struct made *m, uint32_t width, uint32_t height, unsigned bits)
{
    put_le(m, 40, 4);
    put_le(m, width, 4);
    put_le(m, 2 * (uint64_t)height, 4);
    put_le(m, 1, 2);
    put_le(m, bits, 2);
    put_fill(m, 0, 24);
}

static void build_plain(struct made *m)
{
    put_directory(m, 1, 1);
    put_entry(m, 32, 16, 22, 100);
    put_bitmap(m, 32, 16, 4);
}

static void build_cursor(struct made *m)
{
    put_directory(m, 2, 1);
    put_entry(m, 32, 48, 22, 100);
    put_bitmap(m, 32, 48, 32);
}

/* The largest is neither first nor last, and higher than wide. */
static void build_three(struct made *m)
{
    put_directory(m, 1, 3);
    put_entry(m, 48, 48, 54, 40);
    put_entry(m, 30, 100, 54, 40);
    put_entry(m, 16, 16, 54, 40);
    put_bitmap(m, 48, 48, 8);
}

static void build_zero_of_bitmap(struct made *m)
{
    put_directory(m, 1, 2);
    put_entry(m, 255, 255, 38, 40);
    put_entry(m, 0, 0, 38, 40);
    put_bitmap(m, 256, 256, 32);
}

static void build_large_bitmap(struct made *m)
{
    put_directory(m, 1, 1);
    put_entry(m, 0, 0, 22, 40);
    put_bitmap(m, 512, 300, 24);
}

/* A bitmap below 256 does not overrule the directory. */
static void build_small_bitmap(struct made *m)
{
    put_directory(m, 1, 1);
    put_entry(m, 0, 0, 22, 40);
    put_bitmap(m, 48, 48, 24);
}

static void build_png(struct made *m)
{
    put_directory(m, 1, 1);
    put_entry(m, 0, 0, 22, 33);
    put_png(m, 1024, 512, 8, 6);
}

/* The directory says 16x16. */
static void build_lying_png(struct made *m)
{
    put_directory(m, 1, 2);
    put_entry(m, 64, 64, 38, 40);
    put_entry(m, 16, 16, 78, 33);
    put_bitmap(m, 64, 64, 32);
    put_png(m, 200, 100, 8, 3);
}

/* The directory says 256x256, and the picture stands far behind. */
static void build_far_png(struct made *m)
{
    put_directory(m, 1, 2);
    put_entry(m, 32, 32, 38, 40);
    put_entry(m, 0, 0, 70000, 33);
    put_bitmap(m, 32, 32, 32);
    put_fill(m, 0x55, 70000 - m->len);
    put_png(m, 300, 200, 8, 2);
}

/* Far behind, and the directory states the size: nobody looks. */
static void build_far_small(struct made *m)
{
    put_directory(m, 1, 1);
    put_entry(m, 48, 48, 70000, 33);
    put_fill(m, 0x55, 70000 - m->len);
    put_png(m, 300, 200, 8, 2);
}

static void build_png_of_nothing(struct made *m)
{
    put_directory(m, 1, 1);
    put_entry(m, 24, 24, 22, 33);
    put_png(m, 0, 200, 8, 2);
}

static void build_beyond(struct made *m)
{
    put_directory(m, 1, 1);
    put_entry(m, 0, 128, 0xFFFFFFF0u, 0xFFFFFFFFu);
}

static void build_cut(struct made *m)
{
    put_directory(m, 1, 3);
    put_entry(m, 16, 16, 54, 40);
    put_entry(m, 32, 32, 54, 40);
    put_byte(m, 64);
}

static void build_many(struct made *m)
{
    put_directory(m, 1, 256);
    put_entry(m, 16, 16, 6 + 16 * 256, 40);
}

static void build_no_entries(struct made *m)
{
    put_directory(m, 1, 0);
    put_entry(m, 16, 16, 22, 40);
}

static void build_kind_3(struct made *m)
{
    put_directory(m, 3, 1);
    put_entry(m, 16, 16, 22, 40);
}

/* The picture would stand inside the directory. */
static void build_offset_in_directory(struct made *m)
{
    put_directory(m, 1, 2);
    put_entry(m, 16, 16, 22, 40);
    put_entry(m, 16, 16, 38, 40);
}

static void build_mpeg(struct made *m)
{
    PUT(m, "\0\0\1\xBA\x44\0\4\0\4\1\0\x89\xC3\xF8\0\0\1\xBB\0\x12\x80\xC4");
    put_fill(m, 0, 64);
}

static void build_mpeg_picture(struct made *m)
{
    PUT(m, "\0\0\1\0\0\x0F\xFF\xF8\0\0\1\1\x12\x34\x56\x78\x9A\xBC\xDE\xF0\x12\x34");
    put_fill(m, 0, 64);
}

static void build_twenty(struct made *m)
{
    put_directory(m, 1, 20);
    for (unsigned i = 0; i < 20; i++)
        put_entry(m, 20 + i, i ? 10 + i : 0, 326, 40);
    put_bitmap(m, 20, 20, 8);
}

static struct iw_image_facts facts_of(void (*build)(struct made *m))
{
    struct made made;
    made_init(&made);
    build(&made);
    struct feed_result result = feed_whole(made.ptr, made.len);
    made_release(&made);
    return result.facts;
}

/* What is in an icon, in its order, as far as there is room for it. */
static void test_entries(void **state)
{
    (void)state;
    static const struct iw_icon_entry expected[] = {{48, 48}, {30, 100}, {16, 16}};
    struct iw_image_facts facts = facts_of(build_three);
    assert_int_equal(facts.entry_count, 3);
    assert_memory_equal(facts.entries, expected, sizeof expected);
    facts = facts_of(build_twenty);
    assert_int_equal(facts.frames, 20);
    assert_int_equal(facts.entry_count, IW_ICON_ENTRIES);
    assert_int_equal(facts.entries[0].height_px, 0);
    assert_int_equal(facts.entries[IW_ICON_ENTRIES - 1].width_px, 20 + IW_ICON_ENTRIES - 1);
}

static void test_icons(void **state)
{
    (void)state;
    static const struct image_case cases[] = {
        {"one entry",
         build_plain,
         IW_SCAN_DONE,
         "ico",
         32,
         16,
         {.animated = IW_NO, .frames = 1, .colour = IW_COLOUR_PALETTE, .bit_depth = 4},
         NULL},
        {"a cursor",
         build_cursor,
         IW_SCAN_DONE,
         "cur",
         32,
         48,
         {.animated = IW_NO, .frames = 1, .colour = IW_COLOUR_RGB, .bit_depth = 8},
         NULL},
        {"three entries", build_three, IW_SCAN_DONE, "ico", 30, 100, {.animated = IW_NO, .frames = 3}, NULL},
        {"0 is 256", build_zero_of_bitmap, IW_SCAN_DONE, "ico", 256, 256, {.animated = IW_NO, .frames = 2}, NULL},
        {"0 is 512x300 by the bitmap",
         build_large_bitmap,
         IW_SCAN_DONE,
         "ico",
         512,
         300,
         {.animated = IW_NO, .frames = 1},
         NULL},
        {"0 stays 256", build_small_bitmap, IW_SCAN_DONE, "ico", 256, 256, {.animated = IW_NO, .frames = 1}, NULL},
        {"0 is 1024x512 by the PNG",
         build_png,
         IW_SCAN_DONE,
         "ico",
         1024,
         512,
         {.animated = IW_NO, .alpha = IW_YES, .frames = 1, .colour = IW_COLOUR_RGB, .bit_depth = 8},
         NULL},
        {"16x16 is 200x100 by the PNG",
         build_lying_png,
         IW_SCAN_DONE,
         "ico",
         200,
         100,
         {.animated = IW_NO, .frames = 2, .colour = IW_COLOUR_PALETTE},
         NULL},
        {"a far PNG", build_far_png, IW_SCAN_DONE, "ico", 300, 200, {.animated = IW_NO, .frames = 2}, NULL},
        {"a far picture that nobody asks for",
         build_far_small,
         IW_SCAN_DONE,
         "ico",
         48,
         48,
         {.animated = IW_NO, .frames = 1},
         NULL},
        {"a PNG without a width",
         build_png_of_nothing,
         IW_SCAN_DONE,
         "ico",
         24,
         24,
         {.animated = IW_NO, .frames = 1},
         NULL},
        {"a picture beyond the end",
         build_beyond,
         IW_SCAN_DONE,
         "ico",
         256,
         128,
         {.animated = IW_NO, .frames = 1, .is_damaged = true},
         NULL},
        {"cut in the directory", build_cut, IW_SCAN_BAD, "ico", 0, 0, {0}, "icon directory"},
        {"256 entries", build_many, IW_SCAN_DONE, NULL, 0, 0, {0}, NULL},
        {"no entries", build_no_entries, IW_SCAN_DONE, NULL, 0, 0, {0}, NULL},
        {"neither icon nor cursor", build_kind_3, IW_SCAN_DONE, NULL, 0, 0, {0}, NULL},
        {"a picture inside the directory", build_offset_in_directory, IW_SCAN_DONE, NULL, 0, 0, {0}, NULL},
        {"an MPEG program stream", build_mpeg, IW_SCAN_DONE, NULL, 0, 0, {0}, NULL},
        {"an MPEG picture", build_mpeg_picture, IW_SCAN_DONE, NULL, 0, 0, {0}, NULL},
    };
    case_check_all(cases, IW_ARRAY_LEN(cases));
}

/* The far picture costs one request, and of the file no more than that. */
static void test_far_cost(void **state)
{
    (void)state;
    struct made made;
    made_init(&made);
    build_far_png(&made);
    struct feed_plan plan = {.first_bytes = 16384, .wants = {.animation = true}};
    struct feed_result result = feed_run(made.ptr, made.len, &plan);
    made_release(&made);
    assert_null(result.fault);
    assert_int_equal(result.rounds, 1);
    assert_int_equal(result.handed, 16384 + 26);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_icons), cmocka_unit_test(test_entries),
                                       cmocka_unit_test(test_far_cost)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
