/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What an image must keep to under several profiles, held against the judgement itself: at the bound it passes, one
 * step beyond it does not. */
#include "check_case.h"

#define NO_PX    UINT32_MAX
#define NO_LIMIT UINT64_MAX

struct row {
    const char *name;
    const char *profiles[3];
    bool as_base64;
    enum iw_detail detail;
    struct iw_bounds expected;
};

static const struct row rows[] = {
    {"no limit at all",
     {""},
     false,
     IW_DETAIL_AUTO,
     {NO_LIMIT, NO_PX, NO_PX, NO_PX, NO_LIMIT, NO_LIMIT, NULL, 0, 0, 0, false, 0}},
    {"one of each",
     {LIMIT("max_bytes", "1000") LIMIT("max_width_px", "10") LIMIT("max_height_px", "20") LIMIT("max_side_px", "30")
          LIMIT("max_pixels", "40") LIMIT("max_patches", "50")},
     false,
     IW_DETAIL_AUTO,
     {1000, 10, 20, 30, 40, 50, NULL, 0, 0, 0, false, 0}},
    {"the tightest of two",
     {LIMIT("max_bytes", "1000") LIMIT("max_side_px", "30"), LIMIT("max_bytes", "900") LIMIT("max_side_px", "40")},
     false,
     IW_DETAIL_AUTO,
     {900, NO_PX, NO_PX, 30, NO_LIMIT, NO_LIMIT, NULL, 0, 0, 0, false, 0}},
    {"base64 limits do not hold for files",
     {LIMIT("max_base64_bytes", "400")},
     false,
     IW_DETAIL_AUTO,
     {NO_LIMIT, NO_PX, NO_PX, NO_PX, NO_LIMIT, NO_LIMIT, NULL, 0, 0, 0, false, 0}},
    {"base64 limits hold for data URIs: 400 characters are 300 bytes",
     {LIMIT("max_base64_bytes", "400")},
     true,
     IW_DETAIL_AUTO,
     {300, NO_PX, NO_PX, NO_PX, NO_LIMIT, NO_LIMIT, NULL, 0, 0, 0, false, 0}},
    {"403 characters are no more",
     {LIMIT("max_base64_bytes", "403")},
     true,
     IW_DETAIL_AUTO,
     {300, NO_PX, NO_PX, NO_PX, NO_LIMIT, NO_LIMIT, NULL, 0, 0, 0, false, 0}},
    {"who takes no URL is sent base64 in any case",
     {"url_supported = no\n" LIMIT("max_base64_bytes", "400")},
     false,
     IW_DETAIL_AUTO,
     {300, NO_PX, NO_PX, NO_PX, NO_LIMIT, NO_LIMIT, NULL, 0, 0, 0, false, 0}},
    {"conditions: detail",
     {LIMIT_AS("max_side_px", "30", "when = detail=high") LIMIT_AS("max_width_px", "10", "when = detail=low")},
     false,
     IW_DETAIL_HIGH,
     {NO_LIMIT, NO_PX, NO_PX, 30, NO_LIMIT, NO_LIMIT, NULL, 0, 0, 0, false, 0}},
    {"conditions: source",
     {LIMIT_AS("max_bytes", "1000", "when = source=base64") LIMIT_AS("max_side_px", "30", "when = source=url")},
     true,
     IW_DETAIL_AUTO,
     {1000, NO_PX, NO_PX, NO_PX, NO_LIMIT, NO_LIMIT, NULL, 0, 0, 0, false, 0}},
    {"what is only warned of binds nobody; what is scaled down is scaled here",
     {LIMIT_AS("max_width_px", "10", "effect = warned") LIMIT_AS("max_height_px", "20", "effect = downscaled")},
     false,
     IW_DETAIL_AUTO,
     {NO_LIMIT, NO_PX, 20, NO_PX, NO_LIMIT, NO_LIMIT, NULL, 0, 0, 0, false, 0}},
    {"formats",
     {"formats = png jpeg\nsource = s\nconfidence = official\n",
      "formats = png gif\nsource = s\nconfidence = official\n", "formats = webp\nsource = s\nconfidence = official\n"},
     false,
     IW_DETAIL_AUTO,
     {NO_LIMIT, NO_PX, NO_PX, NO_PX, NO_LIMIT, NO_LIMIT, "p1", 0, 0, 0, false, 0}},
    {"targets: the smaller box, the first quality, the first background",
     {"[target]\nfit = 1000x500\nquality = 70\nbackground = #102030\n",
      "[target]\nfit = 800x600\nquality = 60\nbackground = #000000\n"},
     false,
     IW_DETAIL_AUTO,
     {NO_LIMIT, NO_PX, NO_PX, NO_PX, NO_LIMIT, NO_LIMIT, NULL, 800, 500, 70, true, 0x102030}},
};

static struct iw_judge judge_of(struct iw_arena *arena, const struct row *row, struct iw_profile *profiles,
                                const struct iw_profile **list)
{
    struct iw_judge judge = {.profiles = list, .detail = row->detail, .as_base64 = row->as_base64};
    for (size_t i = 0; i < IW_ARRAY_LEN(row->profiles) && row->profiles[i]; i++) {
        char name[8];
        (void)snprintf(name, sizeof name, "p%zu", i);
        parse(arena, name, row->profiles[i], &profiles[i]);
        list[i] = &profiles[i];
        judge.profile_count++;
    }
    return judge;
}

static void each_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        const struct iw_bounds *e = &rows[i].expected;
        struct iw_arena arena;
        struct iw_profile profiles[3];
        const struct iw_profile *list[3];
        struct iw_bounds b;
        iw_arena_init(&arena, 1 << 20);
        struct iw_judge judge = judge_of(&arena, &rows[i], profiles, list);
        iw_bounds_of(&judge, &b);
        bool is_same = b.max_bytes == e->max_bytes && b.max_width_px == e->max_width_px &&
                       b.max_height_px == e->max_height_px && b.max_side_px == e->max_side_px &&
                       b.max_pixels == e->max_pixels && b.max_patches == e->max_patches &&
                       b.box_width_px == e->box_width_px && b.box_height_px == e->box_height_px &&
                       b.quality == e->quality && b.has_background == e->has_background &&
                       b.background_rgb == e->background_rgb && !b.refuses_jpeg == !e->refuses_jpeg;
        if (!is_same || (b.refuses_jpeg && strcmp(b.refuses_jpeg, e->refuses_jpeg) != 0))
            fail_msg("%s: %llu bytes %ux%u side %u, %llu pixels, %llu patches, box %ux%u, quality %u, %s", rows[i].name,
                     (unsigned long long)b.max_bytes, b.max_width_px, b.max_height_px, b.max_side_px,
                     (unsigned long long)b.max_pixels, (unsigned long long)b.max_patches, b.box_width_px,
                     b.box_height_px, b.quality, b.refuses_jpeg ? b.refuses_jpeg : "takes JPEG");
        iw_arena_release(&arena);
    }
}

/* A JPEG of so many bytes and pixels, judged as a result is. */
static size_t errors_of(const struct iw_judge *judge, uint64_t bytes, uint32_t width, uint32_t height)
{
    struct iw_arena arena;
    struct iw_findings findings;
    struct image image = {.format = "jpeg", .width = width, .height = height, .bytes = bytes, .type = "image/jpeg"};
    image.from = judge->as_base64 ? IW_BYTES_DATA_URI : IW_BYTES_FILE;
    image.is_local = true;
    struct iw_facts facts = facts_of(&image);
    size_t errors = 0;
    iw_arena_init(&arena, 1 << 20);
    (void)iw_check(judge, &facts, &arena, &findings);
    for (size_t i = 0; i < findings.count; i++)
        errors += findings.list[i].severity == IW_SEVERITY_ERROR;
    iw_arena_release(&arena);
    return errors;
}

/* Each shipped profile that takes JPEG, for files and for data URIs: what keeps to the bounds breaks no limit. */
static void shipped_profiles_agree(void **state)
{
    (void)state;
    for (size_t i = 0; i < iw_builtin_profile_count * 2; i++) {
        const struct iw_builtin_profile *shipped = &iw_builtin_profiles[i / 2];
        struct iw_arena arena;
        struct iw_profile profile;
        const struct iw_profile *list[] = {&profile};
        struct iw_judge judge = {.profiles = list, .profile_count = 1, .detail = IW_DETAIL_HIGH, .as_base64 = i % 2};
        struct iw_bounds b;
        iw_arena_init(&arena, 1 << 20);
        assert_int_equal(iw_profile_parse(&arena, (struct iw_str){shipped->text, shipped->len}, NULL, &profile, NULL),
                         IW_OK);
        iw_bounds_of(&judge, &b);
        uint32_t side = 256;
        if (!b.refuses_jpeg) {
            uint64_t bytes = IW_MIN(b.max_bytes, (uint64_t)1 << 40);
            if (errors_of(&judge, bytes, side, side) != 0 && errors_of(&judge, bytes, 1000, 1000) != 0)
                fail_msg("%s: what keeps to its bounds breaks a limit", shipped->name);
            if (b.max_side_px < NO_PX && errors_of(&judge, 1000, b.max_side_px, b.max_side_px / 2) > 0 &&
                b.max_pixels == NO_LIMIT && b.max_width_px == NO_PX && b.max_patches == NO_LIMIT)
                fail_msg("%s: a side of %u px breaks a limit", shipped->name, b.max_side_px);
        }
        iw_arena_release(&arena);
    }
}

static void mendable_rules(void **state)
{
    (void)state;
    static const enum iw_rule_id mendable[] = {
        IW_RULE_bytes_over,       IW_RULE_base64_over,    IW_RULE_width_over,    IW_RULE_height_over,
        IW_RULE_side_over,        IW_RULE_pixels_over,    IW_RULE_patches_over,  IW_RULE_format_refused,
        IW_RULE_animated_refused, IW_RULE_colour_refused, IW_RULE_type_mismatch, IW_RULE_many_images_side_over,
    };
    size_t count = 0;
    for (unsigned rule = 0; rule < IW_RULE_COUNT; rule++) {
        bool is_expected = false;
        for (size_t i = 0; i < IW_ARRAY_LEN(mendable); i++)
            is_expected = is_expected || mendable[i] == rule;
        if (iw_rule_is_mendable((enum iw_rule_id)rule) != is_expected)
            fail_msg("%s is %s mendable", iw_rules[rule].name, is_expected ? "not" : "said to be");
        count += is_expected;
    }
    assert_int_equal(count, IW_ARRAY_LEN(mendable));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row),
        cmocka_unit_test(shipped_profiles_agree),
        cmocka_unit_test(mendable_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
