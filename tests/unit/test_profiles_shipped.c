/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The profiles that are compiled in: all of them parse, each figure names its source, and the figures are those that
 * were found. The literals are written out on purpose: a slip in a profile must not pass because the test reads it as
 * well. */
#include "base/iw.h"
#include "rules/rules.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static const char *const names[] = {
    "amazon",
    "anthropic",
    "anthropic-bedrock",
    "azure-openai",
    "azure-vision",
    "bedrock-nova",
    "cloud-vision",
    "cloudflare-images",
    "cohere",
    "deepseek",
    "ebay",
    "gemini",
    "google-merchant",
    "groq",
    "mistral",
    "openai",
    "openai-2026",
    "opengraph",
    "qwen",
    "rekognition",
    "shopify",
    "telegram",
    "vertex",
    "web",
    "whatsapp",
    "x-card",
    "xai",
    "zhipu",
};

static struct iw_profile load(struct iw_arena *arena, const char *name)
{
    struct iw_profile profile = {0};
    struct iw_diag diag = {0};
    for (size_t i = 0; i < iw_builtin_profile_count; i++) {
        const struct iw_builtin_profile *builtin = &iw_builtin_profiles[i];
        if (strcmp(builtin->name, name) != 0)
            continue;
        struct iw_str text = {builtin->text, builtin->len};
        if (iw_profile_parse(arena, text, name, &profile, &diag) != IW_OK)
            fail_msg("%s:%u: %s", name, diag.line, diag.text);
        return profile;
    }
    fail_msg("no profile %s", name);
    return profile;
}

static void all_that_were_promised(void **state)
{
    (void)state;
    assert_int_equal(iw_builtin_profile_count, IW_ARRAY_LEN(names));
    struct iw_arena arena;
    iw_arena_init(&arena, 4 << 20);
    for (size_t i = 0; i < IW_ARRAY_LEN(names); i++)
        (void)load(&arena, names[i]); /* fails where there is none */
    iw_arena_release(&arena);
}

static void each_says_where_from(void **state)
{
    (void)state;
    for (size_t i = 0; i < IW_ARRAY_LEN(names); i++) {
        struct iw_arena arena;
        iw_arena_init(&arena, 1 << 20);
        struct iw_profile p = load(&arena, names[i]);
        assert_string_equal(p.name, names[i]);
        assert_string_not_equal(p.title, p.name);
        assert_string_equal(p.checked, "2026-11-23");
        assert_true(p.limit_count > 0);
        assert_true(!p.format_count || p.meta_source);
        assert_true(p.target.is_set);
        assert_true(!p.tokens.by_detail[IW_DETAIL_AUTO].text || p.tokens.source);
        assert_true(p.tokens.confidence != IW_CONTRADICTED || p.tokens.note);
        for (size_t j = 0; j < p.limit_count; j++) {
            const struct iw_limit *limit = &p.limits[j];
            assert_true(strlen(limit->source) > 8);
            assert_true(limit->has_value || limit->effect == IW_WARNED);
            if (limit->confidence == IW_CONTRADICTED && !limit->note)
                fail_msg("%s:%u: contradicted by what?", names[i], limit->line);
        }
        iw_arena_release(&arena);
    }
}

static void the_figures(void **state)
{
    (void)state;
    static const struct {
        const char *profile;
        enum iw_limit_id id;
        size_t which;         /* of several */
        uint64_t value, warn; /* 0: none */
        enum iw_effect effect;
        enum iw_confidence confidence;
        const char *when;
    } rows[] = {
        {"openai", IW_LIMIT_max_bytes, 0, 20971520, 20000000, IW_REFUSED, IW_THIRD_PARTY, ""},
        {"openai", IW_LIMIT_max_base64_bytes, 0, 20971520, 20000000, IW_REFUSED, IW_THIRD_PARTY, ""},
        {"openai", IW_LIMIT_max_side_px, 0, 2048, 0, IW_REFUSED, IW_CONTRADICTED, "detail=high"},
        {"openai", IW_LIMIT_max_side_px, 1, 2048, 0, IW_REFUSED, IW_CONTRADICTED, "detail=auto"},
        {"openai-2026", IW_LIMIT_max_bytes, 0, 20971520, 20000000, IW_REFUSED, IW_MIRROR, ""},
        {"openai-2026", IW_LIMIT_max_side_px, 0, 2048, 0, IW_DOWNSCALED, IW_MIRROR, "detail=high"},
        {"openai-2026", IW_LIMIT_max_patches, 0, 30000, 0, IW_REFUSED, IW_MEASURED,
         "detail=original, model=*gpt-5.6*|*gpt-6*"},
        {"openai-2026", IW_LIMIT_max_patches, 1, 30000, 0, IW_REFUSED, IW_MEASURED,
         "detail=auto, model=*gpt-5.6*|*gpt-6*"},
        {"openai-2026", IW_LIMIT_max_request_bytes, 1, 536870912, 0, IW_REFUSED, IW_MIRROR, ""},
        {"openai-2026", IW_LIMIT_max_file_bytes, 0, 200000000, 0, IW_REFUSED, IW_SDK, ""},
        {"openai-2026", IW_LIMIT_max_file_requests, 0, 50000, 0, IW_REFUSED, IW_SDK, ""},
        {"openai", IW_LIMIT_max_file_bytes, 0, 200000000, 0, IW_REFUSED, IW_SDK, ""},
        {"openai", IW_LIMIT_max_file_requests, 0, 50000, 0, IW_REFUSED, IW_SDK, ""},
        {"azure-openai", IW_LIMIT_max_file_requests, 0, 100000, 0, IW_REFUSED, IW_MIRROR, ""},
        {"anthropic", IW_LIMIT_max_file_bytes, 0, 256000000, 0, IW_REFUSED, IW_MIRROR, ""},
        {"anthropic", IW_LIMIT_max_file_requests, 0, 100000, 0, IW_REFUSED, IW_MIRROR, ""},
        {"anthropic-bedrock", IW_LIMIT_max_side_px, 1, 2000, 0, IW_REFUSED, IW_MEASURED, "images>20"},
        {"anthropic-bedrock", IW_LIMIT_max_request_images, 0, 20, 0, IW_REFUSED, IW_OFFICIAL, ""},
        {"mistral", IW_LIMIT_max_file_bytes, 0, 512000000, 0, IW_REFUSED, IW_MIRROR, ""},
        {"mistral", IW_LIMIT_max_request_images, 0, 8, 0, IW_REFUSED, IW_MIRROR, ""},
        {"xai", IW_LIMIT_max_request_bytes, 0, 25000000, 0, IW_WARNED, IW_MIRROR, ""},
        {"groq", IW_LIMIT_max_request_bytes, 0, 20971520, 20000000, IW_REFUSED, IW_MIRROR, "source=url"},
        {"groq", IW_LIMIT_max_request_bytes, 1, 4194304, 4000000, IW_REFUSED, IW_MIRROR, "source=base64"},
        {"qwen", IW_LIMIT_max_request_images, 1, 250, 0, IW_REFUSED, IW_MEASURED, "source=base64"},
        {"openai-2026", IW_LIMIT_max_request_bytes, 0, 52428800, 50000000, IW_REFUSED, IW_MEASURED, ""},
        {"openai-2026", IW_LIMIT_max_request_images, 0, 1500, 500, IW_REFUSED, IW_MIRROR, ""},
        {"azure-openai", IW_LIMIT_max_bytes, 0, 20971520, 20000000, IW_REFUSED, IW_OFFICIAL, ""},
        {"azure-openai", IW_LIMIT_max_request_images, 0, 50, 10, IW_REFUSED, IW_CONTRADICTED, ""},
        {"anthropic", IW_LIMIT_max_base64_bytes, 0, 10485760, 5242880, IW_REFUSED, IW_MEASURED, ""},
        {"anthropic", IW_LIMIT_max_bytes, 0, 7864320, 3932160, IW_REFUSED, IW_DERIVED, ""},
        {"anthropic", IW_LIMIT_max_side_px, 0, 8000, 2000, IW_REFUSED, IW_MEASURED, ""},
        {"anthropic", IW_LIMIT_max_side_px, 1, 2000, 0, IW_REFUSED, IW_MEASURED, "images>20"},
        {"anthropic", IW_LIMIT_max_request_images, 0, 600, 100, IW_REFUSED, IW_MIRROR, ""},
        {"anthropic", IW_LIMIT_max_request_bytes, 0, 33554432, 0, IW_REFUSED, IW_MEASURED, ""},
        {"anthropic-bedrock", IW_LIMIT_max_base64_bytes, 0, 5242880, 0, IW_REFUSED, IW_MEASURED, ""},
        {"anthropic-bedrock", IW_LIMIT_max_bytes, 0, 3932160, 0, IW_REFUSED, IW_OFFICIAL, ""},
        {"bedrock-nova", IW_LIMIT_max_request_bytes, 0, 26214400, 25000000, IW_REFUSED, IW_OFFICIAL, ""},
        {"bedrock-nova", IW_LIMIT_max_side_px, 0, 8000, 0, IW_REFUSED, IW_OFFICIAL, ""},
        {"gemini", IW_LIMIT_max_request_bytes, 0, 104857600, 20000000, IW_REFUSED, IW_CONTRADICTED, ""},
        {"vertex", IW_LIMIT_max_bytes, 0, 15728640, 7340032, IW_REFUSED, IW_OFFICIAL, ""},
        {"mistral", IW_LIMIT_max_bytes, 0, 10485760, 10000000, IW_REFUSED, IW_CONTRADICTED, ""},
        {"mistral", IW_LIMIT_max_side_px, 0, 10000, 0, IW_REFUSED, IW_MIRROR, ""},
        {"xai", IW_LIMIT_max_bytes, 0, 20971520, 0, IW_REFUSED, IW_MIRROR, ""},
        {"groq", IW_LIMIT_max_base64_bytes, 0, 4194304, 4000000, IW_REFUSED, IW_DERIVED, ""},
        {"groq", IW_LIMIT_max_pixels, 0, 33177600, 0, IW_REFUSED, IW_MIRROR, ""},
        {"groq", IW_LIMIT_max_request_images, 0, 3, 0, IW_REFUSED, IW_CONTRADICTED, ""},
        {"qwen", IW_LIMIT_max_bytes, 0, 20971520, 7000000, IW_REFUSED, IW_CONTRADICTED, ""},
        {"qwen", IW_LIMIT_max_aspect, 0, 200000, 0, IW_REFUSED, IW_MIRROR, ""},
        {"cohere", IW_LIMIT_max_request_bytes, 0, 20971520, 20000000, IW_REFUSED, IW_MIRROR, ""},
        {"deepseek", IW_LIMIT_max_bytes, 0, 33554432, 32000000, IW_REFUSED, IW_MEASURED, ""},
        {"deepseek", IW_LIMIT_max_side_px, 1, 4096, 0, IW_REFUSED, IW_MIRROR, "images>14"},
        {"deepseek", IW_LIMIT_max_url_chars, 0, 8192, 0, IW_REFUSED, IW_MIRROR, ""},
        {"zhipu", IW_LIMIT_max_bytes, 0, 5242880, 5000000, IW_REFUSED, IW_MIRROR, ""},
        {"google-merchant", IW_LIMIT_max_pixels, 0, 64000000, 0, IW_REFUSED, IW_THIRD_PARTY, ""},
        {"google-merchant", IW_LIMIT_min_side_px, 0, 100, 500, IW_REFUSED, IW_THIRD_PARTY, ""},
        {"google-merchant", IW_LIMIT_max_url_chars, 0, 2000, 0, IW_REFUSED, IW_OFFICIAL, ""},
        {"opengraph", IW_LIMIT_max_bytes, 0, 8388608, 8000000, IW_REFUSED, IW_THIRD_PARTY, ""},
        {"x-card", IW_LIMIT_max_bytes, 0, 5242880, 5000000, IW_REFUSED, IW_MIRROR, ""},
        {"whatsapp", IW_LIMIT_max_bytes, 0, 614400, 300000, IW_REFUSED, IW_CONTRADICTED, ""},
        {"telegram", IW_LIMIT_max_bytes, 0, 10485760, 5000000, IW_REFUSED, IW_MIRROR, ""},
        {"telegram", IW_LIMIT_max_aspect, 0, 20000, 0, IW_REFUSED, IW_MIRROR, ""},
        {"shopify", IW_LIMIT_max_pixels, 0, 25000000, 20000000, IW_REFUSED, IW_CONTRADICTED, ""},
        {"amazon", IW_LIMIT_max_side_px, 0, 10000, 0, IW_REFUSED, IW_OFFICIAL, ""},
        {"ebay", IW_LIMIT_max_bytes, 0, 12582912, 7000000, IW_REFUSED, IW_THIRD_PARTY, ""},
        {"cloudflare-images", IW_LIMIT_max_bytes, 0, 104857600, 100000000, IW_REFUSED, IW_OFFICIAL, ""},
        {"cloudflare-images", IW_LIMIT_max_pixels, 0, 100000000, 50000000, IW_REFUSED, IW_OFFICIAL, ""},
        {"rekognition", IW_LIMIT_max_bytes, 0, 15728640, 5000000, IW_REFUSED, IW_MIRROR, ""},
        {"rekognition", IW_LIMIT_min_side_px, 0, 80, 0, IW_REFUSED, IW_MIRROR, ""},
        {"cloud-vision", IW_LIMIT_max_pixels, 0, 75000000, 0, IW_REFUSED, IW_OFFICIAL, ""},
        {"azure-vision", IW_LIMIT_min_side_px, 0, 51, 0, IW_REFUSED, IW_SDK, ""},
        {"azure-vision", IW_LIMIT_max_side_px, 0, 15999, 0, IW_REFUSED, IW_SDK, ""},
        {"web", IW_LIMIT_max_bytes, 0, 0, 100000, IW_WARNED, IW_THIRD_PARTY, ""},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_arena arena;
        iw_arena_init(&arena, 1 << 20);
        struct iw_profile p = load(&arena, rows[i].profile);
        const struct iw_limit *found = NULL;
        size_t which = rows[i].which;
        for (size_t j = 0; j < p.limit_count && !found; j++)
            if (p.limits[j].id == rows[i].id && which-- == 0)
                found = &p.limits[j];
        if (!found)
            fail_msg("%s has no %s", rows[i].profile, iw_limit_keys[rows[i].id].name);
        uint64_t value = found->has_value ? found->value : 0, warn = found->has_warn ? found->warn : 0;
        if (value != rows[i].value || warn != rows[i].warn)
            print_message("%s: %s\n", rows[i].profile, iw_limit_keys[rows[i].id].name);
        assert_true(value == rows[i].value);
        assert_true(warn == rows[i].warn);
        assert_int_equal(found->effect, rows[i].effect);
        assert_int_equal(found->confidence, rows[i].confidence);
        assert_string_equal(found->when.text, rows[i].when);
        iw_arena_release(&arena);
    }
}

static void what_is_never_fetched(void **state)
{
    (void)state;
    for (size_t i = 0; i < IW_ARRAY_LEN(names); i++) {
        struct iw_arena arena;
        iw_arena_init(&arena, 1 << 20);
        bool is_fetched = strcmp(names[i], "anthropic-bedrock") != 0 && strcmp(names[i], "bedrock-nova") != 0;
        assert_int_equal(load(&arena, names[i]).url_supported, is_fetched);
        iw_arena_release(&arena);
    }
}

/* What of a request the consumer counts. */
static void what_counts(void **state)
{
    (void)state;
    static const struct {
        const char *profile;
        enum iw_counts counts; /* of its first limit of a request's bytes */
    } rows[] = {
        {"openai-2026", IW_COUNTS_IMAGES}, {"cohere", IW_COUNTS_IMAGES}, {"anthropic", IW_COUNTS_BODY},
        {"bedrock-nova", IW_COUNTS_BODY},  {"gemini", IW_COUNTS_BODY},   {"deepseek", IW_COUNTS_BODY},
        {"groq", IW_COUNTS_BODY},          {"qwen", IW_COUNTS_BODY},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_arena arena;
        iw_arena_init(&arena, 1 << 20);
        struct iw_profile p = load(&arena, rows[i].profile);
        size_t at = 0;
        while (at < p.limit_count && p.limits[at].id != IW_LIMIT_max_request_bytes)
            at++;
        assert_true(at < p.limit_count);
        if (p.limits[at].counts != rows[i].counts)
            fail_msg("%s counts %s", rows[i].profile, iw_counts_name(p.limits[at].counts));
        iw_arena_release(&arena);
    }
}

/* Who obeys robots.txt, under which name; whose batch files are of one model; who looks at labels. */
static void manners(void **state)
{
    (void)state;
    static const char *const obedient[][2] = {
        {"anthropic", "Claude-User"}, {"gemini", NULL}, {"google-merchant", "Googlebot-Image"}};
    for (size_t i = 0; i < IW_ARRAY_LEN(names); i++) {
        struct iw_arena arena;
        iw_arena_init(&arena, 1 << 20);
        struct iw_profile p = load(&arena, names[i]);
        bool obeys = false;
        for (size_t k = 0; k < IW_ARRAY_LEN(obedient); k++) {
            if (strcmp(names[i], obedient[k][0]) != 0)
                continue;
            obeys = true;
            assert_true(!obedient[k][1] == !p.agent && (!p.agent || strcmp(p.agent, obedient[k][1]) == 0));
        }
        assert_int_equal(p.obeys_robots, obeys);
        assert_int_equal(p.one_model, strncmp(names[i], "openai", 6) == 0);
        assert_int_equal(p.label_must_match, strncmp(names[i], "anthropic", 9) == 0);
        assert_false(p.requires_https);
        iw_arena_release(&arena);
    }
}

/* What some profiles make of one image. */
static void verdicts(void **state)
{
    (void)state;
    static const struct {
        const char *profile, *format;
        uint32_t width, height;
        uint64_t bytes;
        enum iw_tri animated;
        enum iw_verdict verdict;
        int rule; /* the first finding's; -1: none */
    } rows[] = {
        {"openai", "jpeg", 1280, 960, 250000, IW_NO, IW_VERDICT_OK, -1},
        {"openai", "jpeg", 2048, 600, 250000, IW_NO, IW_VERDICT_OK, -1},
        {"openai", "jpeg", 2049, 600, 250000, IW_NO, IW_VERDICT_OVER, IW_RULE_side_over},
        {"openai", "jpeg", 1280, 960, 20971521, IW_NO, IW_VERDICT_OVER, IW_RULE_bytes_over},
        {"openai", "bmp", 1280, 960, 250000, IW_NO, IW_VERDICT_OVER, IW_RULE_format_refused},
        {"openai", "gif", 100, 100, 2500, IW_YES, IW_VERDICT_OVER, IW_RULE_animated_refused},
        {"openai-2026", "jpeg", 2049, 600, 250000, IW_NO, IW_VERDICT_WARN, IW_RULE_side_over},
        {"openai-2026", "jpeg", 8000, 6000, 2500000, IW_NO, IW_VERDICT_OVER, IW_RULE_side_over},
        {"anthropic", "gif", 100, 100, 2500, IW_YES, IW_VERDICT_WARN, IW_RULE_animated_refused},
        {"gemini", "gif", 100, 100, 2500, IW_NO, IW_VERDICT_WARN, IW_RULE_format_refused},
        {"gemini", "bmp", 100, 100, 2500, IW_NO, IW_VERDICT_OVER, IW_RULE_format_refused},
        {"xai", "webp", 100, 100, 2500, IW_NO, IW_VERDICT_OVER, IW_RULE_format_refused},
        {"web", "jpeg", 100, 100, 100001, IW_NO, IW_VERDICT_WARN, IW_RULE_bytes_near},
        {"anthropic-bedrock", "jpeg", 100, 100, 3932160, IW_NO, IW_VERDICT_OK, -1},
        {"anthropic-bedrock", "jpeg", 100, 100, 3932161, IW_NO, IW_VERDICT_OVER, IW_RULE_bytes_over},
        {"telegram", "jpeg", 2001, 100, 2500, IW_NO, IW_VERDICT_OVER, IW_RULE_aspect_over},
    };
    static struct iw_findings found;
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_arena arena;
        iw_arena_init(&arena, 1 << 20);
        struct iw_profile p = load(&arena, rows[i].profile);
        const struct iw_profile *list[] = {&p};
        struct iw_judge judge = {.profiles = list, .profile_count = 1};
        struct iw_facts facts = {.url = IW_STR("https://example.com/i"),
                                 .has_looked = true,
                                 .bytes = rows[i].bytes,
                                 .bytes_from = IW_BYTES_CONTENT_LENGTH};
        facts.image.format = iw_image_format_find(iw_str_from(rows[i].format));
        facts.image.width_px = rows[i].width;
        facts.image.height_px = rows[i].height;
        facts.image.animated = rows[i].animated;
        enum iw_verdict verdict = iw_check(&judge, &facts, &arena, &found);
        if (verdict != rows[i].verdict)
            print_message("row %zu: %s\n", i, found.count ? found.list[0].message.ptr : "nothing");
        assert_int_equal(verdict, rows[i].verdict);
        assert_int_equal(found.count ? (int)found.list[0].rule : -1, rows[i].rule);
        iw_arena_release(&arena);
    }
}

/* The default profile claims what its vendor denies; a finding must say so. */
static void whose_claim_it_is(void **state)
{
    (void)state;
    static struct iw_findings found;
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 20);
    struct iw_profile p = load(&arena, "openai");
    const struct iw_profile *list[] = {&p};
    struct iw_facts facts = {.bytes = 1, .bytes_from = IW_BYTES_CONTENT_LENGTH};
    facts.image.format = iw_image_format_find(IW_STR("png"));
    facts.image.width_px = facts.image.height_px = 2049;
    static const struct {
        enum iw_detail detail;
        bool fires;
    } rows[] = {{IW_DETAIL_AUTO, true}, {IW_DETAIL_HIGH, true}, {IW_DETAIL_LOW, false}, {IW_DETAIL_ORIGINAL, false}};
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_judge judge = {.profiles = list, .profile_count = 1, .detail = rows[i].detail};
        enum iw_verdict verdict = iw_check(&judge, &facts, &arena, &found);
        assert_int_equal(verdict == IW_VERDICT_OVER, rows[i].fires);
        if (!rows[i].fires)
            continue;
        assert_int_equal(found.count, 1);
        assert_non_null(strstr(found.list[0].message.ptr, "troubleshooting page"));
        assert_non_null(strstr(found.list[0].message.ptr, "openai-2026"));
    }
    iw_arena_release(&arena);
}

static void printed_in_full(void **state)
{
    (void)state;
    for (size_t i = 0; i < IW_ARRAY_LEN(names); i++) {
        struct iw_arena arena;
        struct iw_buf text;
        iw_arena_init(&arena, 1 << 20);
        iw_buf_init(&text, 1 << 16);
        struct iw_profile p = load(&arena, names[i]);
        iw_profile_print(&p, &text);
        iw_buf_add_char(&text, '\0');
        assert_int_equal(text.err, IW_OK);
        assert_non_null(strstr(text.ptr, p.title));
        assert_non_null(strstr(text.ptr, "checked 2026-11-23"));
        for (size_t j = 0; j < p.limit_count; j++) {
            assert_non_null(strstr(text.ptr, iw_limit_keys[p.limits[j].id].name));
            assert_non_null(strstr(text.ptr, p.limits[j].source));
            assert_non_null(strstr(text.ptr, iw_confidence_name(p.limits[j].confidence)));
            assert_non_null(strstr(text.ptr, p.limits[j].when.text));
            if (p.limits[j].note)
                assert_non_null(strstr(text.ptr, p.limits[j].note));
        }
        for (size_t j = 0; j < p.format_count; j++)
            assert_non_null(strstr(text.ptr, p.formats[j]));
        for (size_t j = 0; j < IW_DETAIL_COUNT; j++)
            assert_non_null(strstr(text.ptr, p.tokens.by_detail[j].text ? p.tokens.by_detail[j].text : ""));
        assert_non_null(strstr(text.ptr, p.tokens.source ? p.tokens.source : ""));
        assert_non_null(strstr(text.ptr, p.tokens.note ? p.tokens.note : ""));
        iw_buf_release(&text);
        iw_arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_were_promised),
        cmocka_unit_test(each_says_where_from),
        cmocka_unit_test(the_figures),
        cmocka_unit_test(what_is_never_fetched),
        cmocka_unit_test(what_counts),
        cmocka_unit_test(manners),
        cmocka_unit_test(verdicts),
        cmocka_unit_test(whose_claim_it_is),
        cmocka_unit_test(printed_in_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
