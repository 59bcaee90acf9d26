/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Waivers: what their lines say, what they excuse and until when, and what is wrong with a line. */
#include "check_case.h"

#include "store/store.h"

static const int64_t new_year_2027 = 1798761600;

static void patterns(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool matches;
    } rows[] = {
        {"http://h/a.png", "http://h/a.png", true},
        {"http://h/a.png", "http://h/a.png?v=1", false},
        {"http://h/a.png*", "http://h/a.png?v=1", true},
        {"*.png", "http://h/x/y.png", true},
        {"*.png", "http://h/x/y.jpg", false},
        {"http://h/?.png", "http://h/a.png", true},
        {"http://h/?.png", "http://h/ab.png", false},
        {"*/old/*", "http://h/old/", true},
        {"*/old/*/x*", "http://h/old/a/old/b/xy", true},
        {"*", "", true},
        {"**", "a", true},
        {"", "", true},
        {"", "a", false},
        {"?", "", false},
        {"*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++)
        if (iw_waiver_matches(iw_str_from(rows[i].pattern), iw_str_from(rows[i].text)) != rows[i].matches)
            fail_msg("%s and %s", rows[i].pattern, rows[i].text);
}

static void bad_lines(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum iw_err err;
        unsigned line, column;
        const char *why;
    } rows[] = {
        {"http://h/*", IW_ERR_SYNTAX, 1, 11, "expected a rule"},
        {"\n# x\nhttp://h/*  bytes-over ", IW_ERR_SYNTAX, 3, 24, "expected until when"},
        {"h bytes-over 2026-12-31", IW_ERR_SYNTAX, 1, 24, "expected why"},
        {"h bytes-ovr never x", IW_ERR_UNKNOWN_NAME, 1, 3, "did you mean \"bytes-over\"?"},
        {"h bytes-over,,x never x", IW_ERR_UNKNOWN_NAME, 1, 14, "there is no rule \"\""},
        {"h * 2026-13-01 x", IW_ERR_RANGE, 1, 5, "there is no day \"2026-13-01\""},
        {"h * 2026-02-29 x", IW_ERR_RANGE, 1, 5, "there is no day"},
        {"h * 2026-00-10 x", IW_ERR_RANGE, 1, 5, "there is no day"},
        {"h * 31.12.2026 x", IW_ERR_SYNTAX, 1, 5, "as 2026-12-31 or never, found \"31.12.2026\""},
        {"h * tomorrow x", IW_ERR_SYNTAX, 1, 5, "found \"tomorrow\""},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_arena arena;
        struct iw_diag diag = {0};
        struct iw_waivers *waivers = NULL;
        iw_arena_init(&arena, 1 << 20);
        assert_int_equal(iw_waivers_parse(&arena, iw_str_from(rows[i].text), "w.txt", &waivers, &diag), rows[i].err);
        assert_int_equal(diag.line, rows[i].line);
        if (diag.column != rows[i].column || !strstr(diag.text, rows[i].why))
            fail_msg("%s: column %u, %s", rows[i].text, diag.column, diag.text);
        assert_string_equal(diag.place, "w.txt");
        iw_arena_release(&arena);
    }
}

static const char file[] = "# agreed\r\n"
                           "http://h/heavy.png  bytes-over,side-over  2026-12-31  until the relaunch, SHOP-112\r\n"
                           "*/old/*\t*\tnever\tkept for old clients\n"
                           "\n"
                           "http://h/note.png size-varies never nothing\n";

static void count_complaint(void *user, const struct iw_diag *diag)
{
    unsigned *lines = user;
    lines[0]++;
    lines[1] = diag->line;
    assert_non_null(strstr(diag->text, "2026-12-31"));
}

static void what_is_excused(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        enum iw_rule_id rules[3]; /* ends with the first that comes again */
        size_t count;
        int64_t now;
        const char *why; /* NULL: it is not */
    } rows[] = {
        {"http://h/heavy.png", {IW_RULE_bytes_over}, 1, 0, "until the relaunch, SHOP-112"},
        {"http://h/heavy.png",
         {IW_RULE_bytes_over, IW_RULE_side_over},
         2,
         new_year_2027 - 1,
         "until the relaunch, SHOP-112"},
        {"http://h/heavy.png", {IW_RULE_bytes_over, IW_RULE_pixels_over}, 2, 0, NULL},
        {"http://h/heavy.png", {IW_RULE_bytes_over, IW_RULE_size_varies}, 2, 0, "until the relaunch, SHOP-112"},
        {"http://h/heavy.png", {IW_RULE_bytes_over}, 1, new_year_2027, NULL},
        {"http://h/other.png", {IW_RULE_bytes_over}, 1, 0, NULL},
        {"http://h/old/x.bmp", {IW_RULE_format_refused, IW_RULE_bytes_over}, 2, INT64_MAX - 1, "kept for old clients"},
        {"http://h/old/x.bmp", {0}, 0, 0, NULL},
        {"http://h/note.png", {IW_RULE_size_varies}, 1, 0, NULL}, /* notes need no excuse */
    };
    struct iw_arena arena;
    struct iw_diag diag = {0};
    struct iw_waivers *waivers = NULL;
    unsigned lines[2] = {0};
    iw_arena_init(&arena, 1 << 20);
    assert_int_equal(iw_waivers_parse(&arena, iw_str_from(file), "w.txt", &waivers, &diag), IW_OK);
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_findings findings = {.count = rows[i].count};
        for (size_t k = 0; k < rows[i].count; k++)
            findings.list[k] =
                (struct iw_finding){.rule = rows[i].rules[k], .severity = iw_rules[rows[i].rules[k]].severity};
        struct iw_facts facts = {.url = iw_str_from(rows[i].url)};
        struct iw_record record = {.facts = &facts, .findings = &findings};
        bool is_excused = iw_waivers_excuse(waivers, &record, rows[i].now);
        if (is_excused != (rows[i].why != NULL) || is_excused != (record.change == IW_CHANGE_WAIVED))
            fail_msg("row %zu", i);
        if (is_excused)
            assert_true(iw_str_eq(record.waiver, iw_str_from(rows[i].why)));
    }
    iw_waivers_expired(waivers, count_complaint, lines);
    assert_int_equal(lines[0], 1);
    assert_int_equal(lines[1], 2);
    iw_arena_release(&arena);
}

static void a_file_too_large(void **state)
{
    (void)state;
    static char text[(IW_WAIVERS_MAX + 1) * 14 + 1];
    struct iw_arena arena;
    struct iw_diag diag = {0};
    struct iw_waivers *waivers = NULL;
    for (size_t i = 0; i <= IW_WAIVERS_MAX; i++)
        memcpy(text + i * 14, "h * never abc\n", 15);
    iw_arena_init(&arena, 64 << 20);
    assert_int_equal(iw_waivers_parse(&arena, iw_str_from(text), "w.txt", &waivers, &diag), IW_ERR_LIMIT);
    assert_int_equal(iw_waivers_parse(&arena, iw_str_from(text + 14), "w.txt", &waivers, &diag), IW_OK);
    iw_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns),
        cmocka_unit_test(bad_lines),
        cmocka_unit_test(what_is_excused),
        cmocka_unit_test(a_file_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
