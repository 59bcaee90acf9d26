/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Token formulas: the vendors' own examples, the shipped profiles at each detail, sides at the edge of what a rule
 * says, and formulas that say nothing. */
#include "base/iw.h"
#include "rules/inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define GPT_5_4_HIGH "patches size=32 multiplier=1.2 fit=2048 budget=2500"
#define GPT_5_4_LOW  "patches size=32 multiplier=1.2 fit=2048 budget=6144"
#define GPT_6_AUTO   "patches size=32 fit=65535"
#define BUDGET_1536  "patches size=32 fit=2048 budget=1536"
#define GPT_4O       "tiles base=85 tile=170 size=512 fit=2048 short=768"
#define GPT_5        "tiles base=70 tile=140 size=512 fit=2048 short=768"
#define GPT_4O_MINI  "tiles base=2833 tile=5667 size=512 fit=2048 short=768"
#define O1           "tiles base=75 tile=150 size=512 fit=2048 short=768"
#define GPT_IMAGE_1  "tiles base=65 tile=129 size=512 fit=2048 short=512"
#define CLAUDE       "patches28 size=28 edge=1568 budget=1568"
#define CLAUDE_HIGH  "patches28 size=28 edge=2576 budget=4784"
#define GEMINI_2     "tiles tile=258 size=768"
#define MISTRAL      "area divisor=784 fit=1540"
#define PIXTRAL      "area divisor=256 fit=1024"

struct vector {
    const char *formula;
    uint32_t width_px, height_px;
    uint32_t to_width_px, to_height_px; /* what is counted */
    uint64_t tokens;
};

static void run(const struct vector *rows, size_t count)
{
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < count; i++) {
        const struct vector *row = &rows[i];
        struct iw_profile profile = {.name = "x"};
        struct iw_diag diag = {0};
        if (iw_tokens_parse(&arena, iw_str_from(row->formula), 1, &profile.tokens.by_detail[IW_DETAIL_AUTO], &diag) !=
            IW_OK)
            fail_msg("%s: %s", row->formula, diag.text);
        uint32_t width = row->width_px, height = row->height_px;
        uint64_t tokens = 0;
        iw_tokens_scale(&profile.tokens.by_detail[IW_DETAIL_AUTO], &width, &height);
        assert_true(iw_tokens_of(&profile, NULL, IW_DETAIL_AUTO, row->width_px, row->height_px, &tokens));
        if (width != row->to_width_px || height != row->to_height_px || tokens != row->tokens)
            fail_msg("%s: %ux%u became %ux%u and cost %llu", row->formula, row->width_px, row->height_px, width, height,
                     (unsigned long long)tokens);
    }
    iw_arena_release(&arena);
}

/* OpenAI's guide to images and vision (mirrors of 2026), and live probes of the cap of 30,000 patches. */
static void openai_patches(void **state)
{
    (void)state;
    static const struct vector rows[] = {
        /* the guide's examples for gpt-5.4 at high */
        {GPT_5_4_HIGH, 1024, 1024, 1024, 1024, 1229},
        {GPT_5_4_HIGH, 2048, 2048, 1600, 1600, 3000},
        {"patches size=32 fit=2048 budget=2500", 2048, 2048, 1600, 1600, 2500},
        /* the guide's worked examples of a budget of 1,536 patches */
        {BUDGET_1536, 1024, 1024, 1024, 1024, 1024},
        {BUDGET_1536, 1800, 2400, 1056, 1408, 1452},
        {BUDGET_1536, 2400, 1800, 1408, 1056, 1452},
        /* the suggested targets are left alone there */
        {BUDGET_1536, 1280, 960, 1280, 960, 1200},
        {BUDGET_1536, 1260, 945, 1260, 945, 1200},
        /* 2,500 patches and 2,048 px as a client of gpt-5.6 computes them */
        {GPT_5_4_HIGH, 3840, 2400, 1996, 1248, 2949},
        {GPT_5_4_HIGH, 1920, 1200, 1920, 1200, 2736},
        /* "low can cost more than high": 2,048 px and 6,144 patches */
        {GPT_5_4_LOW, 2048, 2048, 2048, 2048, 4916},
        /* patches that error texts state: "requires 47000 patches after processing, exceeding the limit of 30000" */
        {GPT_6_AUTO, 8000, 6000, 8000, 6000, 47000},
        {GPT_6_AUTO, 9000, 9000, 9000, 9000, 79524},
        /* the largest square under that limit, by the rule */
        {GPT_6_AUTO, 5536, 5536, 5536, 5536, 29929},
        {GPT_6_AUTO, 5537, 5537, 5537, 5537, 30276},
        /* multipliers of the guide: 1,024 patches times 1.5, 1.62, 1.72, 2.46 */
        {"patches size=32 multiplier=1.5", 1024, 1024, 1024, 1024, 1536},
        {"patches size=32 multiplier=1.62", 1024, 1024, 1024, 1024, 1659},
        {"patches size=32 multiplier=1.72", 1024, 1024, 1024, 1024, 1762},
        {"patches size=32 multiplier=2.46", 1024, 1024, 1024, 1024, 2520},
    };
    run(rows, IW_ARRAY_LEN(rows));
}

/* The same guide, on models that count tiles. */
static void openai_tiles(void **state)
{
    (void)state;
    static const struct vector rows[] = {
        {GPT_4O, 1024, 1024, 768, 768, 765},        {GPT_4O, 2048, 4096, 768, 1536, 1105},
        {GPT_4O, 1280, 960, 1024, 768, 765},        {GPT_4O, 1260, 945, 1024, 768, 765},
        {GPT_4O, 4032, 3024, 1024, 768, 765},       {GPT_4O, 512, 512, 512, 512, 255},  /* never enlarged */
        {GPT_4O_MINI, 1024, 1024, 768, 768, 25501}, {GPT_5, 1024, 1024, 768, 768, 630}, /* 70+140n */
        {GPT_5, 2048, 4096, 768, 1536, 910},        {O1, 1024, 1024, 768, 768, 675},    /* 75+150n */
        {GPT_IMAGE_1, 1024, 1024, 512, 512, 194},                                       /* 65+129n, shorter side 512 */
    };
    run(rows, IW_ARRAY_LEN(rows));
}

/* platform.claude.com: vision.md and vision-coordinates.md, transcribed 2026-07-30. */
static void claude(void **state)
{
    (void)state;
    static const struct vector rows[] = {
        /* the table of vision.md; 2000x1500 by the reference code, where the table has 1269x952 */
        {CLAUDE, 200, 200, 200, 200, 64},
        {CLAUDE, 1000, 1000, 1000, 1000, 1296},
        {CLAUDE, 1092, 1092, 1092, 1092, 1521},
        {CLAUDE, 1920, 1080, 1456, 819, 1560},
        {CLAUDE, 2000, 1500, 1270, 952, 1564},
        {CLAUDE, 3840, 2160, 1456, 819, 1560},
        {CLAUDE_HIGH, 200, 200, 200, 200, 64},
        {CLAUDE_HIGH, 1000, 1000, 1000, 1000, 1296},
        {CLAUDE_HIGH, 1092, 1092, 1092, 1092, 1521},
        {CLAUDE_HIGH, 1920, 1080, 1920, 1080, 2691},
        {CLAUDE_HIGH, 2000, 1500, 2000, 1500, 3888},
        {CLAUDE_HIGH, 3840, 2160, 2576, 1449, 4784},
        {CLAUDE_HIGH, 4000, 4000, 1932, 1932, 4761},
        /* inside the edge limit, yet resized: the example of vision-coordinates.md */
        {CLAUDE, 1075, 1520, 924, 1307, 1551},
        {CLAUDE_HIGH, 1075, 1520, 1075, 1520, 2145},
        /* a tall screenshot that becomes unreadable */
        {CLAUDE, 1568, 7698, 319, 1568, 672},
        {CLAUDE, 7698, 1568, 1568, 319, 672},
        /* 1280x960 costs 1610, so it is resized; 1260x945 spares that */
        {"patches28 size=28", 1280, 960, 1280, 960, 1610},
        {CLAUDE, 1280, 960, 1270, 952, 1564},
        {CLAUDE, 1260, 945, 1260, 945, 1530},
        /* the edge is compared with the side rounded up to 28: 1569 becomes 1596 */
        {CLAUDE, 1568, 28, 1568, 28, 56},
        {CLAUDE, 1569, 28, 1568, 28, 56},
        {"patches28 size=28 edge=1570", 1569, 28, 1568, 28, 56},
        /* a half goes to the even side: 1270 * 0.75 is 952.5 */
        {CLAUDE, 1500, 2000, 952, 1270, 1564},
    };
    run(rows, IW_ARRAY_LEN(rows));
}

/* The FAQ of docs.mistral.ai (at most some 3025 and 4096), and Gemini's image guide. */
static void others(void **state)
{
    (void)state;
    static const struct vector rows[] = {
        {MISTRAL, 1540, 1540, 1540, 1540, 3025},
        {MISTRAL, 8000, 8000, 1540, 1540, 3025},
        {MISTRAL, 4000, 3000, 1540, 1155, 2269},
        {MISTRAL, 1, 1, 1, 1, 1},
        {MISTRAL, 28, 28, 28, 28, 1},
        {MISTRAL, 28, 29, 28, 29, 2},
        {PIXTRAL, 1024, 1024, 1024, 1024, 4096},
        {PIXTRAL, 2048, 2048, 1024, 1024, 4096},
        {GEMINI_2, 384, 384, 384, 384, 258}, /* both sides up to 384 */
        {GEMINI_2, 768, 768, 768, 768, 258},
        {GEMINI_2, 769, 768, 769, 768, 516},
        {"flat 1120", 1, 10000, 1, 10000, 1120},
    };
    run(rows, IW_ARRAY_LEN(rows));
}

/* Where a rule leaves nothing of a side, or floating point would go astray. */
static void edges(void **state)
{
    (void)state;
    static const struct vector rows[] = {
        /* 2500 * 2727 / 7575 is 900: a whole root of which floating point makes 29 */
        {"patches size=32 budget=2500", 7575, 2727, 2656, 956, 2490},
        {"patches size=32 budget=2500", 18, 83689, 18, 80000, 2500},
        {"patches size=32 budget=2500", 83689, 18, 80000, 18, 2500},
        {"patches size=32 budget=1", 64, 64, 32, 32, 1},
        {"patches size=32 budget=3", 33, 33, 32, 32, 1},
        {"patches size=32 budget=40", 33, 1000, 32, 969, 31},
        {"patches size=32 multiplier=0.001", 1, 1, 1, 1, 1},
        {"patches size=32 multiplier=1000", 64, 64, 64, 64, 4000},
        {BUDGET_1536, 1, UINT32_MAX, 1, 2048, 64},
        {GPT_4O, UINT32_MAX, 1, 2048, 1, 765},
        {GPT_4O, 2001, 1000, 1536, 768, 1105}, /* 1536.8 rounded down */
        {GPT_4O, 2048, 769, 2045, 768, 1445},
        {GPT_4O, 3000, 1999, 1152, 768, 1105}, /* one scale: in two steps it were 1153 */
        {"tiles tile=1 size=1 short=768", 1536, 768, 1536, 768, 1536 * 768},
        {"tiles tile=1 size=1 short=768", 2000, 1000, 1536, 768, 1536 * 768},
        {CLAUDE, 1, UINT32_MAX, 1, 1568, 56},
        {"patches28 size=28 budget=1", 1000, 10, 28, 1, 1},
        {"patches28 size=28 edge=28", 56, 56, 28, 28, 1},
        {"area divisor=1", UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, (uint64_t)UINT32_MAX * UINT32_MAX},
        {"tiles tile=1000000 size=1", UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT64_MAX},
        {"patches size=1 multiplier=1000", UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT64_MAX},
        {"area divisor=1000000 fit=1000000", UINT32_MAX, UINT32_MAX, 1000000, 1000000, 1000000},
        {"patches size=1000000 fit=1000000 budget=1000000", UINT32_MAX, UINT32_MAX, 1000000, 1000000, 1},
        {"patches size=1 budget=1000000", UINT32_MAX, UINT32_MAX, 1000, 1000, 1000000},
    };
    run(rows, IW_ARRAY_LEN(rows));
}

static struct iw_profile shipped(struct iw_arena *arena, const char *name)
{
    struct iw_profile profile = {0};
    struct iw_diag diag = {0};
    for (size_t i = 0; i < iw_builtin_profile_count; i++) {
        const struct iw_builtin_profile *builtin = &iw_builtin_profiles[i];
        struct iw_str text = {builtin->text, builtin->len};
        if (strcmp(builtin->name, name) == 0 && iw_profile_parse(arena, text, name, &profile, &diag) != IW_OK)
            fail_msg("%s:%u: %s", name, diag.line, diag.text);
    }
    assert_non_null(profile.name);
    return profile;
}

/* What the shipped profiles say at auto, low, high and original; 0: nothing. */
static void shipped_profiles(void **state)
{
    (void)state;
    static const struct {
        const char *profile;
        uint32_t width_px, height_px;
        uint64_t tokens[IW_DETAIL_COUNT];
    } rows[] = {
        /* tiles: low is the base alone, whatever the size; auto is high; there is no original */
        {"openai", 1024, 1024, {765, 85, 765, 765}},
        {"openai", 2048, 4096, {1105, 85, 1105, 1105}},
        {"azure-openai", 4032, 3024, {765, 85, 765, 765}},
        /* gpt-5.6: low is a box of 512 px, auto is original */
        {"openai-2026", 1024, 1024, {1229, 308, 1229, 1229}},
        {"openai-2026", 2048, 2048, {4916, 308, 3000, 4916}},
        {"openai-2026", 8000, 6000, {56400, 231, 2942, 56400}},
        {"anthropic", 1920, 1080, {1560, 1560, 1560, 1560}},
        {"anthropic-bedrock", 1075, 1520, {1551, 1551, 1551, 1551}},
        {"gemini", 4000, 4000, {1120, 280, 1120, 2240}},
        {"vertex", 100, 100, {1120, 280, 1120, 2240}},
        {"mistral", 4000, 4000, {3025, 3025, 3025, 3025}},
        {"deepseek", 1300, 1300, {1024, 1024, 1024, 1024}},
        {"groq", 10, 10, {2048, 2048, 2048, 2048}},
        {"bedrock-nova", 900, 450, {230, 230, 230, 230}},
        {"xai", 1024, 1024, {0, 0, 0, 0}},
        {"web", 1024, 1024, {0, 0, 0, 0}},
    };
    struct iw_arena arena;
    iw_arena_init(&arena, 4 << 20);
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_profile profile = shipped(&arena, rows[i].profile);
        for (size_t detail = 0; detail < IW_DETAIL_COUNT; detail++) {
            uint64_t tokens = 0;
            bool has =
                iw_tokens_of(&profile, NULL, (enum iw_detail)detail, rows[i].width_px, rows[i].height_px, &tokens);
            if (has != (rows[i].tokens[detail] != 0) || tokens != rows[i].tokens[detail])
                fail_msg("%s %ux%u, detail %zu: %llu", rows[i].profile, rows[i].width_px, rows[i].height_px, detail,
                         (unsigned long long)tokens);
        }
    }
    iw_arena_release(&arena);
}

/* The formulas of a model: the vendors' own examples (see above) by the names that requests have. */
static void shipped_models(void **state)
{
    (void)state;
    static const struct {
        const char *profile, *model;
        enum iw_detail detail;
        uint32_t width_px, height_px;
        uint64_t tokens;
    } rows[] = {
        {"openai-2026", "gpt-5.4", IW_DETAIL_HIGH, 1024, 1024, 1229},
        {"openai-2026", "gpt-5.4-mini", IW_DETAIL_AUTO, 2048, 2048, 3000},
        {"openai-2026", "gpt-5.6-sol", IW_DETAIL_AUTO, 2048, 2048, 4916},
        {"openai-2026", "gpt-6-luna", IW_DETAIL_HIGH, 2048, 2048, 3000},
        {"openai-2026", "gpt-5.5", IW_DETAIL_HIGH, 2048, 2048, 3000},
        {"openai-2026", "gpt-4o", IW_DETAIL_AUTO, 1024, 1024, 765},
        {"openai-2026", "my-gpt-4o-batch-deployment", IW_DETAIL_HIGH, 2048, 4096, 1105},
        {"openai-2026", "gpt-4.1", IW_DETAIL_AUTO, 1280, 960, 765},
        {"openai-2026", "gpt-4o", IW_DETAIL_LOW, 4032, 3024, 85},
        {"openai-2026", "gpt-4o-mini", IW_DETAIL_AUTO, 1024, 1024, 25501},
        {"openai-2026", "gpt-4o-mini", IW_DETAIL_LOW, 1024, 1024, 2833},
        {"openai-2026", "gpt-5.1", IW_DETAIL_AUTO, 1024, 1024, 630},
        {"openai-2026", "gpt-5", IW_DETAIL_AUTO, 1024, 1024, 630},
        {"openai-2026", "gpt-5-2025-08-07", IW_DETAIL_LOW, 1024, 1024, 70},
        {"openai-2026", "o1", IW_DETAIL_AUTO, 1024, 1024, 675},
        {"openai-2026", "openai/o3", IW_DETAIL_AUTO, 1024, 1024, 675},
        {"openai-2026", "o4-mini", IW_DETAIL_AUTO, 1024, 1024, 1762},
        {"openai-2026", "gpt-5-nano", IW_DETAIL_AUTO, 1024, 1024, 1536},
        {"openai-2026", "gpt-4.1-mini", IW_DETAIL_AUTO, 1024, 1024, 1659},
        {"openai-2026", "gpt-4.1-nano", IW_DETAIL_AUTO, 1024, 1024, 2520},
        {"openai", "gpt-4o", IW_DETAIL_AUTO, 1024, 1024, 765},
        {"openai", "gpt-5.6-sol", IW_DETAIL_AUTO, 2048, 2048, 4916},
        {"azure-openai", "my-gpt-4o-mini", IW_DETAIL_AUTO, 1024, 1024, 25501},
        {"anthropic", "claude-haiku-4-5", IW_DETAIL_AUTO, 1920, 1080, 1560},
        {"anthropic", "claude-3-5-sonnet-latest", IW_DETAIL_AUTO, 1920, 1080, 1560},
        {"anthropic", "claude-opus-5", IW_DETAIL_AUTO, 1920, 1080, 2691},
        {"anthropic", "claude-opus-4-7", IW_DETAIL_AUTO, 3840, 2160, 4784},
        {"anthropic-bedrock", "us.anthropic.claude-sonnet-5-v1:0", IW_DETAIL_AUTO, 4000, 4000, 4761},
        {"gemini", "gemini-2.5-flash", IW_DETAIL_AUTO, 384, 384, 258},
        {"gemini", "models/gemini-2.0-flash", IW_DETAIL_AUTO, 769, 768, 516},
        {"vertex", "gemini-3-pro", IW_DETAIL_AUTO, 769, 768, 1120},
        {"mistral", "pixtral-12b", IW_DETAIL_AUTO, 1024, 1024, 4096},
        {"mistral", "mistral-small-latest", IW_DETAIL_AUTO, 4000, 4000, 3025},
        {"deepseek", "deepseek-v4", IW_DETAIL_AUTO, 4000, 4000, 1024},
        {"deepseek", "deepseek-v4-exp", IW_DETAIL_AUTO, 4000, 4000, 384},
    };
    struct iw_arena arena;
    iw_arena_init(&arena, 8 << 20);
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_profile profile = shipped(&arena, rows[i].profile);
        uint64_t tokens = 0;
        assert_true(
            iw_tokens_of(&profile, rows[i].model, rows[i].detail, rows[i].width_px, rows[i].height_px, &tokens));
        if (tokens != rows[i].tokens)
            fail_msg("%s %s: %llu", rows[i].profile, rows[i].model, (unsigned long long)tokens);
    }
    iw_arena_release(&arena);
}

static void nothing_is_known(void **state)
{
    (void)state;
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 20);
    struct iw_profile profile = {.name = "x"};
    uint64_t tokens = 7;
    assert_false(iw_tokens_of(&profile, NULL, IW_DETAIL_HIGH, 10, 10, &tokens));
    /* a formula of one detail says nothing of another */
    assert_int_equal(iw_tokens_parse(&arena, IW_STR("flat 5"), 1, &profile.tokens.by_detail[IW_DETAIL_LOW], NULL),
                     IW_OK);
    assert_false(iw_tokens_of(&profile, NULL, IW_DETAIL_AUTO, 10, 10, &tokens));
    assert_false(iw_tokens_of(&profile, NULL, IW_DETAIL_LOW, 0, 10, &tokens));
    assert_false(iw_tokens_of(&profile, NULL, IW_DETAIL_LOW, 10, 0, &tokens));
    assert_int_equal(tokens, 7);
    assert_true(iw_tokens_of(&profile, NULL, IW_DETAIL_LOW, 10, 10, &tokens));
    assert_int_equal(tokens, 5);
    /* tiles without a base have no price of their own for low */
    assert_int_equal(iw_tokens_parse(&arena, IW_STR(GEMINI_2), 1, &profile.tokens.by_detail[IW_DETAIL_AUTO], NULL),
                     IW_OK);
    profile.tokens.by_detail[IW_DETAIL_LOW] = (struct iw_tokens){0};
    assert_true(iw_tokens_of(&profile, NULL, IW_DETAIL_LOW, 10, 10, &tokens));
    assert_int_equal(tokens, 258);
    iw_arena_release(&arena);
}

static void bad_formulas(void **state)
{
    (void)state;
    static const struct {
        const char *lines; /* of [tokens], from line 4 on */
        enum iw_err err;
        unsigned line;
        const char *says;
    } rows[] = {
        {"formula =\n", IW_ERR_UNKNOWN_NAME, 4, "flat, tiles, patches, patches28 or area"},
        {"formula = f\n", IW_ERR_UNKNOWN_NAME, 4, "\"f\" is no token formula"},
        {"formula = tile base=85\n", IW_ERR_UNKNOWN_NAME, 4, "\"tiles\"?"},
        {"formula = patches32 size=32\n", IW_ERR_UNKNOWN_NAME, 4, "\"patches\"?"},
        {"formula = Flat 5\n", IW_ERR_UNKNOWN_NAME, 4, "\"flat\"?"},
        {"formula = flat\n", IW_ERR_SYNTAX, 4, "flat needs a number"},
        {"formula = flat 5 6\n", IW_ERR_SYNTAX, 4, "\"6\" stands twice"},
        {"formula = flat five\n", IW_ERR_SYNTAX, 4, "expected a number, found \"five\""},
        {"formula = flat 0\n", IW_ERR_RANGE, 4, "\"0\" is out of range"},
        {"formula = flat -1\n", IW_ERR_SYNTAX, 4, "\"-1\""},
        {"formula = flat 1.5\n", IW_ERR_SYNTAX, 4, "\"1.5\""},
        {"formula = flat 1000001\n", IW_ERR_RANGE, 4, "out of range"},
        {"formula = flat 99999999999999999999999\n", IW_ERR_RANGE, 4, "out of range"},
        {"formula = flat 5 base=5\n", IW_ERR_UNKNOWN_NAME, 4, "flat has no \"base\""},
        {"formula = flat =5\n", IW_ERR_UNKNOWN_NAME, 4, "flat has no \"\""},
        {"formula = tiles base=85 size=512\n", IW_ERR_SYNTAX, 4, "tiles needs tile="},
        {"formula = tiles base=85 tile=170\n", IW_ERR_SYNTAX, 4, "tiles needs size="},
        {"formula = tiles tile=170 size=512 base=0\n", IW_ERR_RANGE, 4, "\"base=0\""},
        {"formula = tiles tile=170 size=512 edge=1568\n", IW_ERR_UNKNOWN_NAME, 4, "tiles has no \"edge\""},
        {"formula = tiles tile=170 size=512 sort=768\n", IW_ERR_UNKNOWN_NAME, 4, "\"short\"?"},
        {"formula = tiles tile=170 size=512 size=512\n", IW_ERR_SYNTAX, 4, "\"size=512\" stands twice"},
        {"formula = tiles tile=170 size\n", IW_ERR_SYNTAX, 4, "a number for size, found \"size\""},
        {"formula = tiles tile=170 size=\n", IW_ERR_SYNTAX, 4, "a number for size, found \"\""},
        {"formula = tiles 170\n", IW_ERR_UNKNOWN_NAME, 4, "tiles has no \"170\""},
        {"formula = patches\n", IW_ERR_SYNTAX, 4, "patches needs size="},
        {"formula = patches size=32px\n", IW_ERR_SYNTAX, 4, "\"32px\""},
        {"formula = patches size=32 multiplier=0\n", IW_ERR_RANGE, 4, "multiplier=0"},
        {"formula = patches size=32 multiplier=1.2345\n", IW_ERR_SYNTAX, 4, "for multiplier, found \"1.2345\""},
        {"formula = patches size=32 multiplier=1000.001\n", IW_ERR_RANGE, 4, "out of range"},
        {"formula = patches size=32 budget=0\n", IW_ERR_RANGE, 4, "budget=0"},
        {"formula = patches28 size=28 edge=27\n", IW_ERR_RANGE, 4, "edge is below size"},
        {"formula = patches28 size=28 fit=1568\n", IW_ERR_UNKNOWN_NAME, 4, "patches28 has no \"fit\""},
        {"formula = area fit=1540\n", IW_ERR_SYNTAX, 4, "area needs divisor="},
        {"; c\nformula_low = flat x\n", IW_ERR_SYNTAX, 5, "\"x\""},
        {"formula = flat 5\nformula_high = flat\n", IW_ERR_SYNTAX, 5, "needs a number"},
        {"formula = flat 5\n\nformula_original = none\n", IW_ERR_UNKNOWN_NAME, 6, "\"none\""},
        {"formula_auto = flat 5\n", IW_ERR_UNKNOWN_NAME, 4, "[tokens]"},
        {"formula = flat 5\nformula = flat 6\n", IW_ERR_SYNTAX, 5, "twice"},
        {"formula = flat 5\nsource = s\nnote = n\n", IW_ERR_SYNTAX, 5, "without a confidence"},
        {"formula = flat 5\nsource =\nconfidence = mirror\n", IW_ERR_SYNTAX, 5, "a source"},
        {"formula = flat 5\nconfidence = sure\n", IW_ERR_SYNTAX, 5, "mirror"},
    };
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        char text[300];
        struct iw_profile profile = {.name = "untouched"};
        struct iw_diag diag = {0};
        (void)snprintf(text, sizeof text, "[profile]\nname = x\n[tokens]\n%s", rows[i].lines);
        enum iw_err err = iw_profile_parse(&arena, iw_str_from(text), "test.ini", &profile, &diag);
        if (err != rows[i].err || diag.line != rows[i].line || !strstr(diag.text, rows[i].says))
            fail_msg("row %zu: error %d, line %u: %s\n%s", i, (int)err, diag.line, diag.text, text);
        assert_string_equal(diag.place, "test.ini");
        assert_string_equal(profile.name, "untouched");
    }
    iw_arena_release(&arena);
}

static void all_of_the_section(void **state)
{
    (void)state;
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 20);
    struct iw_profile p;
    struct iw_diag diag = {0};
    assert_int_equal(iw_profile_parse(&arena,
                                      IW_STR("[profile]\nname = x\n[tokens]\nformula =  patches  size=32 budget=9\n"
                                             "formula_low = flat 1\nformula_high = area divisor=2 ; c\n"
                                             "formula_original = tiles tile=3 size=4\nsource = s\nnote = n\n"
                                             "confidence = contradicted\n"),
                                      "x", &p, &diag),
                     IW_OK);
    assert_int_equal(p.tokens.by_detail[IW_DETAIL_AUTO].kind, IW_TOKENS_PATCHES);
    assert_string_equal(p.tokens.by_detail[IW_DETAIL_AUTO].text, "patches  size=32 budget=9");
    assert_int_equal(p.tokens.by_detail[IW_DETAIL_AUTO].size_px, 32);
    assert_int_equal(p.tokens.by_detail[IW_DETAIL_AUTO].multiplier_thousandths, 1000);
    assert_int_equal(p.tokens.by_detail[IW_DETAIL_LOW].count, 1);
    assert_string_equal(p.tokens.by_detail[IW_DETAIL_HIGH].text, "area divisor=2");
    assert_int_equal(p.tokens.by_detail[IW_DETAIL_ORIGINAL].tile, 3);
    assert_string_equal(p.tokens.source, "s");
    assert_string_equal(p.tokens.note, "n");
    assert_int_equal(p.tokens.confidence, IW_CONTRADICTED);
    iw_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openai_patches), cmocka_unit_test(openai_tiles),
        cmocka_unit_test(claude),         cmocka_unit_test(others),
        cmocka_unit_test(edges),          cmocka_unit_test(shipped_profiles),
        cmocka_unit_test(shipped_models), cmocka_unit_test(nothing_is_known),
        cmocka_unit_test(bad_formulas),   cmocka_unit_test(all_of_the_section),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
