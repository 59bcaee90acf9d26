/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The judgement as a whole: failures, several profiles, order and number of findings, their sentences and figures. */
#include "base/iw.h"
#include "check_case.h"

#include <stdlib.h>

static void what_varies(void **state)
{
    (void)state;
    static const struct {
        const char *vary;
        bool fires;
    } rows[] = {
        {"Accept", true},
        {"accept", true},
        {"Accept-Encoding", false},
        {"", false},
        {"Origin, User-Agent", true},
        {"accept-encoding,ACCEPT", true},
        {"*", false},
        {"Accept-Language", false},
    };
    static struct iw_findings found;
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_judge judge = {0};
        struct iw_facts facts = {.vary = iw_str_from(rows[i].vary)};
        enum iw_verdict verdict = iw_check(&judge, &facts, &arena, &found);
        assert_int_equal(found.count, rows[i].fires);
        assert_int_equal(verdict, rows[i].fires ? WARN : OK);
        if (rows[i].fires)
            assert_int_equal(found.list[0].rule, IW_RULE_size_varies);
    }
    iw_arena_release(&arena);
}

static void failures(void **state)
{
    (void)state;
    static const struct {
        enum iw_failure failure;
        const char *findings;
        enum iw_verdict verdict;
    } rows[] = {
        {IW_FAILURE_URL_INVALID, "url-invalid error", IW_VERDICT_BROKEN},
        {IW_FAILURE_SCHEME, "scheme-refused error", IW_VERDICT_BROKEN},
        {IW_FAILURE_HTTP, "http-error error", IW_VERDICT_BROKEN},
        {IW_FAILURE_ACCESS, "access-refused error", UNKNOWN},
        {IW_FAILURE_RATE, "rate-limited warning", UNKNOWN},
        {IW_FAILURE_SERVER, "server-error warning", UNKNOWN},
        {IW_FAILURE_TIMEOUT, "timeout warning", UNKNOWN},
        {IW_FAILURE_DNS, "dns-failure error", IW_VERDICT_BROKEN},
        {IW_FAILURE_DNS_LATER, "", UNKNOWN},
        {IW_FAILURE_CONNECT, "connect-failure error", IW_VERDICT_BROKEN},
        {IW_FAILURE_TLS, "tls-failure error", IW_VERDICT_BROKEN},
        {IW_FAILURE_REDIRECT, "redirect-limit error", IW_VERDICT_BROKEN},
        {IW_FAILURE_PRIVATE, "private-address error", IW_VERDICT_BROKEN},
        {IW_FAILURE_ROBOTS_LATER, "", UNKNOWN},
        {IW_FAILURE_NOT_IMAGE, "not-an-image error", IW_VERDICT_BROKEN},
        {IW_FAILURE_CORRUPT, "header-corrupt error", IW_VERDICT_BROKEN},
        {IW_FAILURE_PROTOCOL, "server-error warning", UNKNOWN},
        {IW_FAILURE_FILE, "", UNKNOWN},
        {IW_FAILURE_CANCELLED, "", UNKNOWN},
    };
    static struct iw_findings found;
    struct iw_arena arena;
    struct iw_profile profile;
    iw_arena_init(&arena, 1 << 16);
    parse(&arena, "p",
          "formats = jpeg\n" LIMIT("max_bytes", "1") LIMIT("max_side_px", "1") LIMIT("max_url_chars", "26"), &profile);
    const struct iw_profile *list[] = {&profile};
    struct iw_judge judge = {.profiles = list, .profile_count = 1};
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        char text[200], expected[200];
        struct iw_facts facts = facts_of(&(struct image){.format = "gif", .width = 9, .height = 9, .bytes = 9});
        facts.failure = rows[i].failure;
        facts.error = IW_STR("what went wrong");
        facts.url = IW_STR("https://example.com/26char");
        assert_int_equal(iw_check(&judge, &facts, &arena, &found), rows[i].verdict);
        describe(&found, text, sizeof text);
        assert_string_equal(text, rows[i].findings);
        if (found.count) {
            assert_null(found.list[0].profile);
            assert_true(iw_str_eq(found.list[0].message, facts.error));
        }
        /* a URL that is too long is so whatever comes of it */
        facts.url = IW_STR("https://example.com/27chars");
        enum iw_verdict verdict = iw_check(&judge, &facts, &arena, &found);
        assert_int_equal(verdict, IW_MAX(rows[i].verdict, OVER));
        describe(&found, text, sizeof text);
        (void)snprintf(expected, sizeof expected, "%s%surl-too-long error", rows[i].findings,
                       rows[i].findings[0] ? ", " : "");
        assert_string_equal(text, expected);
    }
    iw_arena_release(&arena);
}

/* Undecided, though the finding is a warning: nothing is known of an image that is not asked for. */
static void forbidden_by_robots(void **state)
{
    (void)state;
    static struct iw_findings found;
    struct iw_arena arena;
    char text[200];
    iw_arena_init(&arena, 1 << 16);
    struct iw_judge judge = {0};
    struct iw_facts facts = facts_of(&(struct image){.format = "gif"});
    facts.failure = IW_FAILURE_ROBOTS;
    facts.error = IW_STR("line 2 of robots.txt");
    assert_int_equal(iw_check(&judge, &facts, &arena, &found), UNKNOWN);
    describe(&found, text, sizeof text);
    assert_string_equal(text, "robots-refused warning");
    assert_true(iw_str_eq(found.list[0].message, facts.error));
    iw_arena_release(&arena);
}

static void without_a_text(void **state)
{
    (void)state;
    static struct iw_findings found;
    struct iw_arena none;
    iw_arena_init(&none, 0);
    struct iw_judge judge = {0};
    struct iw_facts facts = {.failure = IW_FAILURE_TIMEOUT};
    assert_int_equal(iw_check(&judge, &facts, &none, &found), UNKNOWN);
    assert_true(iw_str_eq(found.list[0].message, iw_str_from(iw_rules[IW_RULE_timeout].title)));
    /* nor is a finding lost for want of memory */
    facts = facts_of(&(struct image){.format = "png", .type = "image/jpeg", .width = 1, .height = 1, .bytes = 1});
    assert_int_equal(iw_check(&judge, &facts, &none, &found), WARN);
    assert_true(iw_str_eq(found.list[0].message, iw_str_from(iw_rules[IW_RULE_type_mismatch].title)));
    iw_arena_release(&none);
}

static void several_profiles(void **state)
{
    (void)state;
    static struct iw_findings found;
    struct iw_arena arena;
    struct iw_profile a, b, c;
    iw_arena_init(&arena, 1 << 16);
    parse(&arena, "a", LIMIT("max_side_px", "10") LIMIT("max_bytes", "10"), &a);
    parse(&arena, "b", "type_must_match = yes\n" LIMIT("max_bytes", "10"), &b);
    parse(&arena, "c",
          "type_must_match = yes\n" LIMIT_AS("max_side_px", "10", "effect = downscaled") LIMIT("max_bytes", "50"), &c);
    const struct iw_profile *list[] = {&a, &b, &c};
    struct iw_judge judge = {.profiles = list, .profile_count = 3};
    struct iw_facts facts =
        facts_of(&(struct image){.format = "png", .type = "image/gif", .width = 11, .height = 1, .bytes = 11});
    assert_int_equal(iw_check(&judge, &facts, &arena, &found), OVER);
    static const struct {
        enum iw_rule_id rule;
        const char *profile;
        enum iw_severity severity;
    } rows[] = {
        {IW_RULE_bytes_over, "a", IW_SEVERITY_ERROR},    {IW_RULE_bytes_over, "b", IW_SEVERITY_ERROR},
        {IW_RULE_side_over, "a", IW_SEVERITY_ERROR},     {IW_RULE_side_over, "c", IW_SEVERITY_WARNING},
        {IW_RULE_type_mismatch, "b", IW_SEVERITY_ERROR}, {IW_RULE_type_mismatch, "c", IW_SEVERITY_ERROR},
    };
    assert_int_equal(found.count, IW_ARRAY_LEN(rows));
    for (size_t i = 0; i < found.count; i++) {
        assert_int_equal(found.list[i].rule, rows[i].rule);
        assert_string_equal(found.list[i].profile, rows[i].profile);
        assert_int_equal(found.list[i].severity, rows[i].severity);
    }
    /* one that refuses decides nothing for another */
    facts = facts_of(&(struct image){.format = "png", .width = 11, .height = 1});
    assert_int_equal(iw_check(&judge, &facts, &arena, &found), OVER);
    char text[200];
    describe(&found, text, sizeof text);
    assert_string_equal(text, "bytes-unknown warning, bytes-unknown warning, side-over error, side-over warning");
    assert_string_equal(found.list[0].profile, "b");
    iw_arena_release(&arena);
}

/* 12 of "p12". */
static unsigned long number_of(const struct iw_finding *finding)
{
    return strtoul(finding->profile + 1, NULL, 10);
}

static void errors_are_kept_when_there_are_too_many(void **state)
{
    (void)state;
    static struct iw_findings found;
    static struct iw_profile profiles[IW_MAX_FINDINGS + 8];
    const struct iw_profile *list[IW_ARRAY_LEN(profiles)];
    struct iw_arena arena;
    iw_arena_init(&arena, 4 << 20);
    for (size_t i = 0; i < IW_ARRAY_LEN(profiles); i++) {
        char name[8];
        (void)snprintf(name, sizeof name, "p%zu", i);
        parse(&arena, name,
              i < IW_MAX_FINDINGS - 1 ? LIMIT_AS("max_bytes", "9", "effect = warned") : LIMIT("max_bytes", "9"),
              &profiles[i]);
        list[i] = &profiles[i];
    }
    struct iw_judge judge = {.profiles = list, .profile_count = IW_ARRAY_LEN(profiles)};
    struct iw_facts facts = facts_of(&(struct image){.bytes = 10});
    assert_int_equal(iw_check(&judge, &facts, &arena, &found), OVER);
    assert_int_equal(found.count, IW_MAX_FINDINGS);
    size_t errors = 0;
    for (size_t i = 0; i < found.count; i++) {
        errors += found.list[i].severity == IW_SEVERITY_ERROR;
        if (i > 0)
            assert_true(number_of(&found.list[i]) > number_of(&found.list[i - 1]));
    }
    assert_int_equal(errors, 9);
    /* of warnings alone, the first stay */
    for (size_t i = 0; i < IW_ARRAY_LEN(profiles); i++)
        profiles[i].limits[0].effect = IW_WARNED;
    assert_int_equal(iw_check(&judge, &facts, &arena, &found), WARN);
    assert_int_equal(found.count, IW_MAX_FINDINGS);
    for (size_t i = 0; i < found.count; i++)
        assert_int_equal(number_of(&found.list[i]), i);
    iw_arena_release(&arena);
}

static void sentences(void **state)
{
    (void)state;
    static const struct {
        const char *profile;
        struct image image;
        bool as_base64;
        const char *message;
    } rows[] = {
        {LIMIT("max_bytes", "20 MiB"),
         {.bytes = 24117248},
         false,
         "24,117,248 bytes are 3,145,728 (15 %) over the 20,971,520 bytes that p accepts by URL"},
        {LIMIT("max_bytes", "1000"),
         {.bytes = 1001, .from = IW_BYTES_FILE, .is_local = true},
         false,
         "1,001 bytes are 1 over the 1,000 bytes that p accepts as a file"},
        {LIMIT("max_bytes", "1000"),
         {.bytes = 25000, .from = IW_BYTES_AT_LEAST},
         false,
         "at least 25,000 bytes are 24,000 (25 times as much) over the 1,000 bytes that p accepts by URL"},
        {LIMIT_AS("max_bytes", "20 MiB", "warn = 20 MB"),
         {.bytes = 20500000},
         false,
         "20,500,000 bytes are 500,000 (2 %) over the 20,000,000 bytes from which p warns; its limit is 20,971,520 "
         "bytes"},
        {"[limit max_bytes]\nwarn = 100 kB\neffect = warned" SAID,
         {.bytes = 150000},
         false,
         "150,000 bytes are 50,000 (50 %) over the 100,000 bytes from which p warns"},
        {LIMIT("max_base64_bytes", "1000"),
         {.bytes = 900},
         true,
         "1,200 characters of base64 are 200 (20 %) over the 1,000 bytes that p accepts"},
        {LIMIT("max_side_px", "2048"), PNG(4032, 3024), false,
         "a longer side of 4,032 px is 1,984 (97 %) over the 2,048 px that p accepts"},
        {LIMIT_AS("max_side_px", "2048", "effect = downscaled"), PNG(4032, 3024), false,
         "a longer side of 4,032 px is 1,984 (97 %) over the 2,048 px that p keeps: it is scaled down"},
        {LIMIT("min_side_px", "100"), PNG(75, 300), false,
         "a shorter side of 75 px is 25 (25 %) under the 100 px that p asks for"},
        {LIMIT("max_aspect", "20"), PNG(2500, 100), false, "a ratio of 25 to 1 is 5 (25 %) over the 20 that p accepts"},
        {"[limit max_side_px]\nvalue = 9\nsource = s\nconfidence = contradicted\nnote = others say more\n", PNG(18, 9),
         false, "a longer side of 18 px is 9 (100 %) over the 9 px that p accepts; others say more"},
        {"formats = png\n", {.type = "image/avif", .why = "x"}, false, "p does not accept avif (by the stated type)"},
        {"[target]\nfit = 1000x1000\n",
         {.format = "png", .width = 4000, .height = 2000, .bytes = 1600000},
         false,
         "4000x2000 px; scaled into 1000x1000 it has 94 % fewer pixels, some 1.5 MB less"},
        {LIMIT("max_side_px", "9"),
         {.format = "jpeg", .why = "the header was not found"},
         false,
         "the pixel size is not known: the header was not found"},
    };
    static struct iw_findings found;
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_arena arena;
        struct iw_profile profile;
        iw_arena_init(&arena, 1 << 16);
        parse(&arena, "p", rows[i].profile, &profile);
        const struct iw_profile *list[] = {&profile};
        struct iw_judge judge = {.profiles = list, .profile_count = 1, .as_base64 = rows[i].as_base64};
        struct iw_facts facts = facts_of(&rows[i].image);
        (void)iw_check(&judge, &facts, &arena, &found);
        assert_int_equal(found.count, 1);
        assert_string_equal(found.list[0].message.ptr, rows[i].message);
        iw_arena_release(&arena);
    }
}

static void figures(void **state)
{
    (void)state;
    static struct iw_findings found;
    struct iw_arena arena;
    struct iw_profile profile;
    iw_arena_init(&arena, 1 << 16);
    parse(&arena, "p",
          LIMIT_AS("max_bytes", "100", "warn = 90") LIMIT("max_aspect", "1.5") LIMIT("max_url_chars", "20"), &profile);
    const struct iw_profile *list[] = {&profile};
    struct iw_judge judge = {.profiles = list, .profile_count = 1};
    struct iw_facts facts = facts_of(&(struct image){.format = "png", .width = 3, .height = 1, .bytes = 95});
    assert_int_equal(iw_check(&judge, &facts, &arena, &found), OVER);
    static const struct {
        enum iw_rule_id rule;
        uint64_t limit, actual;
        enum iw_unit unit;
    } rows[] = {
        {IW_RULE_bytes_near, 90, 95, IW_UNIT_BYTES},
        {IW_RULE_aspect_over, 1500, 3000, IW_UNIT_RATIO},
        {IW_RULE_url_too_long, 20, 25, IW_UNIT_CHARS},
    };
    assert_int_equal(found.count, IW_ARRAY_LEN(rows));
    for (size_t i = 0; i < found.count; i++) {
        assert_true(found.list[i].has_figures);
        assert_int_equal(found.list[i].rule, rows[i].rule);
        assert_true(found.list[i].limit == rows[i].limit && found.list[i].actual == rows[i].actual);
        assert_int_equal(found.list[i].unit, rows[i].unit);
    }
    iw_arena_release(&arena);
}

/* Whether these bytes under this label are told as a mismatch. */
static bool is_mismatch(const struct iw_image_format *format, const char *type, const char *url,
                        enum iw_bytes_from from)
{
    static struct iw_findings found;
    struct iw_arena arena;
    struct iw_judge judge = {0};
    iw_arena_init(&arena, 1 << 20);
    struct image image = {.format = format->name, .width = 1, .height = 1, .bytes = 1};
    image.type = type;
    image.url = url;
    image.from = from;
    struct iw_facts facts = facts_of(&image);
    (void)iw_check(&judge, &facts, &arena, &found);
    bool is_told = false;
    for (size_t i = 0; i < found.count; i++)
        is_told = is_told || found.list[i].rule == IW_RULE_type_mismatch;
    iw_arena_release(&arena);
    return is_told;
}

/* Every format under every label: its own and their aliases fit, those of others do not, in a Content-Type, a name and
 * the label of a data URI. */
static void labels(void **state)
{
    (void)state;
    for (size_t i = 0; i < iw_image_format_count; i++) {
        const struct iw_image_format *format = iw_image_formats[i];
        struct iw_str others = iw_str_from(format->mime_others), word;
        while (others.ptr && iw_str_next(&others, ' ', &word)) {
            char type[100];
            (void)snprintf(type, sizeof type, "%.*s", IW_STR_ARGS(word));
            assert_false(is_mismatch(format, type, NULL, IW_BYTES_CONTENT_LENGTH));
        }
        for (size_t j = 0; j < iw_image_format_count; j++) {
            const struct iw_image_format *label = iw_image_formats[j];
            char url[100];
            (void)snprintf(url, sizeof url, "https://example.com/a.%.*s",
                           IW_STR_ARGS(iw_str_sub(iw_str_from(label->extensions), 0,
                                                  iw_str_find(iw_str_from(label->extensions), ' '))));
            bool is_own = i == j;
            /* servers send cursors as icons */
            bool fits = is_own || (strcmp(format->name, "cur") == 0 && strcmp(label->name, "ico") == 0);
            assert_int_equal(is_mismatch(format, label->mime, NULL, IW_BYTES_CONTENT_LENGTH), !fits);
            assert_int_equal(is_mismatch(format, label->mime, NULL, IW_BYTES_DATA_URI), !fits);
            assert_int_equal(is_mismatch(format, NULL, url, IW_BYTES_CONTENT_LENGTH), !is_own);
        }
    }
}

/* Beyond what its place can show, with slack; the finding stands where its rule belongs. */
static void larger_than_its_place(void **state)
{
    (void)state;
    static const struct {
        struct image image;
        struct iw_place place;
        const char *says; /* NULL: nothing */
        uint64_t limit, actual;
    } rows[] = {
        {PNG(4000, 3000),
         {300, 200, 0},
         "4000x3000 px where the page says 300x200: 600x450 would do on screens of "
         "double density, some 978 kB less",
         270000,
         12000000},
        {PNG(4000, 3000),
         {.width_px = 300},
         "4000x3000 px where the page says 300 wide: 600x450 would do",
         270000,
         12000000},
        {PNG(4000, 3000), {.height_px = 300}, "300 high: 800x600 would do", 480000, 12000000},
        {PNG(4000, 3000),
         {.width_px = 640, .is_exact = 1},
         "where the page says 640 wide: 640x480 would do, some",
         307200,
         12000000},
        {PNG(600, 400), {300, 200, 0}, NULL, 0, 0},
        {PNG(848, 566), {300, 200, 0}, NULL, 0, 0}, /* just below twice the pixels */
        {PNG(850, 567), {300, 200, 0}, "600x400 would do", 240000, 481950},
        {PNG(600, 400), {300, 200, 1}, "300x200 would do", 60000, 240000},
        {PNG(400, 266), {300, 200, 1}, NULL, 0, 0},
        {PNG(10, 10), {300, 200, 0}, NULL, 0, 0},
        {PNG(3000, 3), {1, 1, 0}, "2000x2 would do", 4000, 9000},
        {PNG(4000, 3000), {0, 0, 1}, NULL, 0, 0},
        {PNG(0, 0), {300, 200, 0}, NULL, 0, 0},
        {{.format = "svg", .width = 4000, .height = 3000}, {300, 200, 0}, NULL, 0, 0},
    };
    static struct iw_findings found;
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_arena arena;
        iw_arena_init(&arena, 1 << 16);
        struct iw_facts facts = facts_of(&rows[i].image);
        facts.bytes = 1000000;
        found =
            (struct iw_findings){.list = {{.rule = IW_RULE_type_mismatch}, {.rule = IW_RULE_placeholder}}, .count = 2};
        enum iw_verdict verdict = iw_check_place(&rows[i].place, &facts, &arena, &found, OK);
        assert_int_equal(verdict, rows[i].says ? WARN : OK);
        assert_int_equal(found.count, rows[i].says ? 3 : 2);
        if (rows[i].says) {
            const struct iw_finding *f = &found.list[1];
            assert_int_equal(f->rule, IW_RULE_larger_than_needed);
            assert_int_equal(found.list[2].rule, IW_RULE_placeholder);
            if (!strstr(f->message.ptr, rows[i].says))
                fail_msg("%s", f->message.ptr);
            assert_int_equal(f->limit, rows[i].limit);
            assert_int_equal(f->actual, rows[i].actual);
        }
        iw_arena_release(&arena);
    }
    found.count = IW_MAX_FINDINGS;
    struct iw_facts facts = facts_of(&rows[0].image);
    assert_int_equal(iw_check_place(&rows[0].place, &facts, NULL, &found, OVER), OVER);
    assert_int_equal(found.count, IW_MAX_FINDINGS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_varies),
        cmocka_unit_test(failures),
        cmocka_unit_test(forbidden_by_robots),
        cmocka_unit_test(without_a_text),
        cmocka_unit_test(several_profiles),
        cmocka_unit_test(errors_are_kept_when_there_are_too_many),
        cmocka_unit_test(sentences),
        cmocka_unit_test(figures),
        cmocka_unit_test(labels),
        cmocka_unit_test(larger_than_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
