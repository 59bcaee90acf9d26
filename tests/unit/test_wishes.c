/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Variants of offenders: what an image service is to be asked for, and which of its answers pass. */
#include "check_case.h"

static struct iw_judge judge_by(struct iw_arena *arena, const char *lines, struct iw_profile *profile,
                                const struct iw_profile *list[1])
{
    parse(arena, "p", lines, profile);
    list[0] = profile;
    return (struct iw_judge){.profiles = list, .profile_count = 1};
}

static void what_a_variant_is_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *lines;
        struct image image;
        bool has_alpha;
        struct iw_variant_wish wish; /* quality 0: none is wanted */
    } rows[] = {
        {LIMIT("max_side_px", "2000"), PNG(4000, 3000), false, {2000, 1500, 85, false}},
        {LIMIT("max_side_px", "2000") "[target]\nfit = 1280x960\nquality = 80\n",
         PNG(4000, 3000),
         false,
         {1280, 960, 80, false}},
        {LIMIT("max_width_px", "1000") LIMIT("max_height_px", "100"), PNG(4000, 3000), false, {133, 100, 85, false}},
        {LIMIT("max_pixels", "750000"), PNG(4000, 3000), false, {1000, 750, 85, false}},
        {LIMIT("max_side_px", "2000"), PNG(2000, 1500), false, {0, 0, 0, false}}, /* it fits */
        {LIMIT("max_bytes", "1000"),
         {.format = "jpeg", .width = 4000, .height = 3000, .bytes = 4000},
         false,
         {1900, 1425, 85, true}},
        {LIMIT("max_bytes", "1000"),
         {.format = "png", .width = 4000, .height = 3000, .bytes = 4000},
         false,
         {0, 0, 85, true}}, /* as large, as a JPEG: nobody knows how light that is */
        {LIMIT("max_bytes", "1000"),
         {.format = "png", .width = 400, .height = 300, .bytes = 4000},
         true,
         {0, 0, 85, false}},
        {LIMIT("max_bytes", "1000") "[target]\nfit = 1280x960\n", {.bytes = 4000}, false, {1280, 960, 85, true}},
        {LIMIT("max_bytes", "1000") LIMIT("max_width_px", "500"), {.bytes = 4000}, false, {500, 500, 85, true}},
        {LIMIT("max_bytes", "1000"), {.bytes = 4000}, false, {0, 0, 85, true}},
        {"formats = jpeg\nsource = s\nconfidence = official\n",
         {.format = "bmp", .width = 9, .height = 9, .bytes = 1},
         true,
         {0, 0, 85, true}},
        {"formats = png\nsource = s\nconfidence = official\n",
         {.format = "bmp", .width = 9, .height = 9, .bytes = 1},
         false,
         {0, 0, 85, false}},
        {LIMIT("min_side_px", "100"), PNG(10, 10), false, {0, 0, 0, false}}, /* no variant is larger */
    };
    static struct iw_findings found;
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_arena arena;
        struct iw_profile profile;
        const struct iw_profile *list[1];
        struct iw_variant_wish wish = {0};
        iw_arena_init(&arena, 1 << 20);
        struct iw_judge judge = judge_by(&arena, rows[i].lines, &profile, list);
        struct iw_facts facts = facts_of(&rows[i].image);
        facts.image.alpha = rows[i].has_alpha ? IW_YES : IW_NO;
        (void)iw_check(&judge, &facts, &arena, &found);
        bool is_wanted = iw_variant_of(&judge, &facts, &found, &wish);
        assert_int_equal(is_wanted, rows[i].wish.quality != 0);
        if (is_wanted) {
            assert_int_equal(wish.width_px, rows[i].wish.width_px);
            assert_int_equal(wish.height_px, rows[i].wish.height_px);
            assert_int_equal(wish.quality, rows[i].wish.quality);
            assert_int_equal(wish.wants_jpeg, rows[i].wish.wants_jpeg);
        }
        facts.failure = IW_FAILURE_HTTP;
        assert_false(iw_variant_of(&judge, &facts, &found, &wish));
        iw_arena_release(&arena);
    }
}

static void which_variants_pass(void **state)
{
    (void)state;
    static const struct {
        struct image original, variant;
        bool passes;
    } rows[] = {
        {PNG(4000, 3000), PNG(2000, 1500), true},
        {PNG(4000, 3000), PNG(2000, 1501), true},
        {PNG(4000, 3000), PNG(2000, 1540), false}, /* a crop */
        {PNG(4000, 3000), PNG(2000, 1460), false},
        {PNG(4000, 3), PNG(2000, 2), true},          /* rounded */
        {PNG(4000, 3000), PNG(2001, 1501), false},   /* too large */
        {PNG(4000, 3000), {.format = "png"}, false}, /* not known how large */
        {{.bytes = 9999}, PNG(2000, 10), true},
        {PNG(4000, 3000), {.format = "jpeg", .width = 2000, .height = 1500, .bytes = 9, .url = "http://a/b.png"}, true},
        {PNG(4000, 3000), {.format = "jpeg", .width = 2000, .height = 1500, .bytes = 1001}, false},
        {PNG(4000, 3000), {.format = "jpeg", .width = 2000, .height = 1500}, false},
    };
    static struct iw_findings found;
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_arena arena;
        struct iw_profile profile;
        const struct iw_profile *list[1];
        iw_arena_init(&arena, 1 << 20);
        struct iw_judge judge =
            judge_by(&arena, LIMIT("max_side_px", "2000") LIMIT("max_bytes", "1000"), &profile, list);
        struct iw_facts original = facts_of(&rows[i].original), variant = facts_of(&rows[i].variant);
        if (iw_variant_passes(&judge, &original, &variant, &arena, &found) != rows[i].passes)
            fail_msg("row %zu", i);
        variant.failure = IW_FAILURE_HTTP;
        assert_false(iw_variant_passes(&judge, &original, &variant, &arena, &found));
        iw_arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_variant_is_asked_for),
        cmocka_unit_test(which_variants_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
