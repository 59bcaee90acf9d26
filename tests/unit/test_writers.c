/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What writers share: escapes, moments, places, fingerprints, the worst of many. The formats themselves are read by
 * others in tests/report. */
#include "base/iw.h"
#include "report/escape.h"
#include "report/moment.h"
#include "report/offence.h"
#include "report/words.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

static void assert_said(struct iw_buf *out, const char *expected)
{
    iw_buf_add_char(out, '\0');
    assert_int_equal(out->err, IW_OK);
    assert_string_equal(out->ptr, expected);
    iw_buf_clear(out);
}

static void escapes(void **state)
{
    (void)state;
    struct iw_buf out;
    iw_buf_init(&out, 1000);
    iw_escape_xml(&out, IW_STR("<a b='\"'>&\n\xFF\xEF\xBF\xBE\xF0\x9F\xBF\xBF\xEF\xB7\x90 \xE2\x82\xAC"));
    assert_said(&out,
                "&lt;a b=&#39;&quot;&#39;&gt;&amp;\\x0A\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD \xE2\x82\xAC");
    iw_escape_markdown(&out, IW_STR("a|b [x](y) <i> @me #1 \\ \xE2\x80\xAE"));
    assert_said(&out, "a&#124;b &#91;x&#93;(y) &#60;i&#62; &#64;&#8203;me &#35;1 &#92; &#92;u&#123;202E&#125;");
    iw_escape_markdown(&out, IW_STR("a: b:c https://x"));
    assert_said(&out, "a: b:c https&#58;//x");
    iw_escape_github(&out, IW_STR("a:b,c%\n"), false);
    assert_said(&out, "a:b,c%25\\x0A");
    iw_escape_github(&out, IW_STR("a:b,c%\n"), true);
    assert_said(&out, "a%3Ab%2Cc%25\\x0A");
    iw_escape_tap(&out, IW_STR("a # SKIP \\"));
    assert_said(&out, "a \\# SKIP \\\\");
    iw_escape_json(&out, IW_STR("\"\n\xFF"));
    assert_said(&out, "\"\\\"\\\\x0A\xEF\xBF\xBD\"");
    iw_escape_json(&out, IW_STR(""));
    iw_escape_json(&out, IW_STR_NONE);
    assert_said(&out, "\"\"null");
    iw_escape_uri(&out, IW_STR("http://h/a b%20%zz%4?x=\"<\xC3\xA9>#f"), "");
    assert_said(&out, "http://h/a%20b%20%25zz%254?x=%22%3C%C3%A9%3E#f");
    iw_escape_uri(&out, IW_STR("a:b%20?#"), "%?#:");
    assert_said(&out, "a%3Ab%2520%3F%23");
    iw_buf_release(&out);
}

static void cut_in_the_middle(void **state)
{
    (void)state;
    char scratch[16];
    struct iw_str all = IW_STR("0123456789abcdef"), cut = iw_cut_middle(all, scratch, 16);
    assert_ptr_equal(cut.ptr, all.ptr);
    cut = iw_cut_middle(IW_STR("0123456789abcdefg"), scratch, 16);
    assert_true(iw_str_eq(cut, IW_STR("01234567...cdefg")));
    /* each of two bytes: neither half may be cut in two */
    cut =
        iw_cut_middle(IW_STR("\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4"), scratch, 16);
    assert_true(iw_str_eq(cut, IW_STR("\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4...\xC3\xA4\xC3\xA4")));
}

static void moments(void **state)
{
    (void)state;
    static const struct {
        int64_t unix_s;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00"},          {951782399, "2000-02-28T23:59:59"},  {951782400, "2000-02-29T00:00:00"},
        {1709251199, "2024-02-29T23:59:59"}, {1709251200, "2024-03-01T00:00:00"}, {1735689599, "2024-12-31T23:59:59"},
        {4107542399, "2100-02-28T23:59:59"}, {4107542400, "2100-03-01T00:00:00"}, {253402300799, "9999-12-31T23:59:59"},
        {INT64_MAX, "9999-12-31T23:59:59"},  {-1, "1970-01-01T00:00:00"}};
    struct iw_buf out;
    iw_buf_init(&out, 100);
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        iw_moment_add(&out, rows[i].unix_s);
        assert_said(&out, rows[i].text);
    }
    iw_buf_release(&out);
}

static void anchors(void **state)
{
    (void)state;
    static const struct {
        const char *source, *image;
        unsigned line;
        const char *path;
        bool is_file;
    } rows[] = {
        {"", "http://h/a", 0, "command-line", false},
        {"-", "http://h/a", 3, "standard-input", false},
        {"https://h:8/s.xml", "http://h/a", 3, "h:8/s.xml", false},
        {"./././a/list.txt", "http://h/a", 3, "a/list.txt", true},
        {"/site/list.txt", "http://h/a", 3, "list.txt", true},
        {"/site/./list.txt", "http://h/a", 3, "list.txt", true},
        {"/sites/list.txt", "http://h/a", 3, "/sites/list.txt", true},
        {"/site/public", "/site/public/a.png", 0, "public/a.png", true},
        {"", "a.png", 0, "a.png", true},
        {"page.html", "b.png", 9, "page.html", true},
    };
    const struct iw_report_style style = {.folder = "/site"};
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_facts facts = {.url = iw_str_from(rows[i].image), .is_local = rows[i].image[0] != 'h'};
        struct iw_source_ref source = {.path = iw_str_from(rows[i].source), .kind = "list", .line = rows[i].line};
        struct iw_record record = {.facts = &facts, .source = &source};
        struct iw_anchor anchor;
        iw_anchor_of(&record, &style, &anchor);
        assert_true(iw_str_eq(anchor.path, iw_str_from(rows[i].path)));
        assert_int_equal(anchor.is_file, rows[i].is_file);
        assert_int_equal(anchor.line, rows[i].line);
    }
}

/* The number of an offence is part of what is kept elsewhere: it may not change from version to version. */
static void fingerprints(void **state)
{
    (void)state;
    struct iw_facts facts = {.url = IW_STR("http://h/a")};
    struct iw_source_ref source = {.path = IW_STR("s.xml"), .line = 3, .element = IW_STR("loc")};
    struct iw_record record = {.facts = &facts, .source = &source};
    struct iw_offence offence = {.rule = IW_RULE_bytes_over, .profile = "openai"};
    const struct iw_report_style style = {.folder = "/site"};
    uint64_t id = iw_offence_id(&record, &style, &offence);
    assert_true(id == UINT64_C(0x14d81353edd1c5b4));
    source.line = 4;
    source.path = IW_STR("/site/./s.xml");
    assert_true(iw_offence_id(&record, &style, &offence) == id);
    source.path = IW_STR("s.xml");
    offence.profile = "web";
    assert_true(iw_offence_id(&record, &style, &offence) != id);
    offence = (struct iw_offence){.rule = IW_RULE_side_over, .profile = "openai"};
    assert_true(iw_offence_id(&record, &style, &offence) != id);
    offence.rule = IW_RULE_bytes_over;
    source.path = IW_STR("s.xm");
    source.element = IW_STR("lloc"); /* no text runs into the next */
    assert_true(iw_offence_id(&record, &style, &offence) != id);
}

static void offences(void **state)
{
    (void)state;
    struct iw_facts facts = {.error = IW_STR("broke off")};
    struct iw_source_ref source = {.line = 1};
    struct iw_findings findings = {.count = 0};
    struct iw_record record = {
        .facts = &facts, .source = &source, .findings = &findings, .verdict = IW_VERDICT_UNKNOWN};
    struct iw_offence offence;
    assert_int_equal(iw_offence_count(&record), 1);
    iw_offence_worst(&record, &offence);
    assert_int_equal(offence.rule, IW_UNDECIDED);
    assert_string_equal(iw_offence_rule(offence.rule)->name, "undecided");
    assert_true(iw_str_eq(offence.message, IW_STR("broke off")));
    record.verdict = IW_VERDICT_OK;
    assert_int_equal(iw_offence_count(&record), 0);
    findings.list[0] = (struct iw_finding){.rule = IW_RULE_type_mismatch, .severity = IW_SEVERITY_WARNING};
    findings.list[1] = (struct iw_finding){.rule = IW_RULE_bytes_over,
                                           .severity = IW_SEVERITY_ERROR,
                                           .has_figures = true,
                                           .limit = 1000,
                                           .actual = 1500,
                                           .message = IW_STR("1,500")};
    findings.count = 2;
    record.verdict = IW_VERDICT_OVER;
    assert_int_equal(iw_offence_count(&record), 2);
    iw_offence_worst(&record, &offence);
    assert_int_equal(offence.rule, IW_RULE_bytes_over);
    assert_int_equal(offence.weight, 1500);
    const struct iw_before before = {.verdict = IW_VERDICT_OVER, .bytes = 1200};
    const struct iw_suggestion suggestion = {IW_STR("http://h/small"), 214000, 1280, 960};
    struct iw_buf out;
    iw_buf_init(&out, 10000);
    record.change = IW_CHANGE_WORSE;
    record.before = &before;
    record.suggestion = &suggestion;
    iw_offence_describe(&out, &record, &offence);
    assert_said(&out, "1,500 (worse, was over at 1.2 kB); use this URL instead: http://h/small (214 kB, 1280x960)");
    record.change = IW_CHANGE_WAIVED;
    record.waiver = IW_STR("until June");
    record.suggestion = NULL;
    iw_offence_describe(&out, &record, &offence);
    assert_said(&out, "1,500 (waived: until June)");
    record.change = IW_CHANGE_FIXED;
    assert_int_equal(iw_offence_count(&record), 0);
    record.change = IW_CHANGE_GONE;
    assert_int_equal(iw_offence_count(&record), 0);
    iw_buf_release(&out);
}

static void ranks(void **state)
{
    (void)state;
    struct iw_source_ref source = {.line = 5};
    struct iw_record fresh = {.source = &source, .change = IW_CHANGE_NEW}, old = {.source = &source};
    struct iw_record waived = {.source = &source, .change = IW_CHANGE_WAIVED};
    const struct iw_offence error = {.severity = IW_SEVERITY_ERROR, .weight = 1100},
                            heavier = {.severity = IW_SEVERITY_ERROR, .weight = 1200},
                            warning = {.severity = IW_SEVERITY_WARNING, .weight = 9000};
    struct iw_rank order[5];
    iw_rank_of(&fresh, &error, &order[0]);
    iw_rank_of(&old, &heavier, &order[1]);
    iw_rank_of(&old, &error, &order[2]);
    iw_rank_of(&fresh, &warning, &order[3]);
    iw_rank_of(&waived, &heavier, &order[4]);
    for (size_t i = 0; i + 1 < IW_ARRAY_LEN(order); i++)
        assert_true(iw_rank_order(&order[i], &order[i + 1]) < 0);
}

static enum iw_err offer(struct iw_worst *worst, uint64_t weight, uint64_t id, struct iw_str text)
{
    struct iw_kept kept = {.rank = {.level = 1, .weight = weight}, .id = id};
    return iw_worst_offer(worst, &kept.rank) ? iw_worst_add(worst, kept, text) : IW_OK;
}

/* Whatever the order in which they come, the same ones stay. */
static void the_worst_stay(void **state)
{
    (void)state;
    static const unsigned steps[] = {1, 7, 389, 999};
    for (size_t s = 0; s < IW_ARRAY_LEN(steps); s++) {
        struct iw_worst worst;
        iw_worst_init(&worst, 10, 1000);
        for (unsigned n = 0, at = 0; n < 1000; n++, at = (at + steps[s]) % 1000) {
            char text[20];
            int len = snprintf(text, sizeof text, "text %u", at);
            assert_int_equal(offer(&worst, at, at, (struct iw_str){text, (size_t)len}), IW_OK);
        }
        iw_worst_sort(&worst);
        assert_int_equal(worst.count, 10);
        assert_true(iw_worst_cut(&worst) == 990);
        for (unsigned i = 0; i < 10; i++)
            assert_int_equal(worst.list[i].rank.weight, 999 - i);
        assert_true(iw_str_eq((struct iw_str){worst.list[9].text, worst.list[9].len}, IW_STR("text 990")));
        iw_worst_release(&worst);
    }
}

static void the_worst_fit(void **state)
{
    (void)state;
    struct iw_worst worst;
    iw_worst_init(&worst, 1000, 100);
    for (unsigned i = 0; i < 200; i++)
        assert_int_equal(offer(&worst, i * 37 % 200, i, IW_STR("thirty bytes, and no byte more")), IW_OK);
    assert_int_equal(worst.count, 3);
    assert_true(worst.bytes <= 100);
    iw_worst_sort(&worst);
    assert_int_equal(worst.list[0].rank.weight, 199);
    assert_int_equal(worst.list[2].rank.weight, 197);
    char large[101] = {0};
    assert_int_equal(offer(&worst, 1000, 0, (struct iw_str){large, 101}), IW_OK);
    assert_int_equal(worst.count, 3);
    iw_worst_release(&worst);
}

/* Those of one id are told apart; equal ones come in the order of their texts. */
static void the_worst_are_numbered(void **state)
{
    (void)state;
    struct iw_worst worst;
    iw_worst_init(&worst, 10, 1000);
    assert_int_equal(offer(&worst, 5, 7, IW_STR("c")), IW_OK);
    assert_int_equal(offer(&worst, 5, 8, IW_STR("b")), IW_OK);
    assert_int_equal(offer(&worst, 5, 7, IW_STR("a")), IW_OK);
    assert_int_equal(offer(&worst, 5, 7, IW_STR("d")), IW_OK);
    iw_worst_sort(&worst);
    static const struct {
        char text;
        unsigned nth;
    } rows[] = {{'a', 0}, {'b', 0}, {'c', 1}, {'d', 2}};
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        assert_int_equal(worst.list[i].text[0], rows[i].text);
        assert_int_equal(worst.list[i].nth, rows[i].nth);
    }
    iw_worst_release(&worst);
}

static void totals_in_words(void **state)
{
    (void)state;
    struct iw_totals totals = {.records = 1200, .verdicts = {[IW_VERDICT_OK] = 1199, [IW_VERDICT_OVER] = 1}};
    struct iw_buf out;
    iw_buf_init(&out, 1000);
    iw_words_title(&out, &totals);
    assert_said(&out, "1 of 1,200 images does not fit");
    iw_words_verdicts(&out, &totals);
    assert_said(&out, "1 over, 1,199 ok");
    iw_words_changes(&out, &totals);
    assert_said(&out, "nothing new");
    totals.changes[IW_CHANGE_SAME] = 2;
    totals.changes[IW_CHANGE_GONE] = 1;
    iw_words_changes(&out, &totals);
    assert_said(&out, "nothing new, 2 same, 1 gone");
    totals.changes[IW_CHANGE_WORSE] = 3;
    iw_words_changes(&out, &totals);
    assert_said(&out, "3 worse, 2 same, 1 gone");
    totals.excused = 1;
    iw_words_title(&out, &totals);
    assert_said(&out, "1,200 images, none over a limit but what is waived");
    iw_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes),         cmocka_unit_test(cut_in_the_middle),
        cmocka_unit_test(moments),         cmocka_unit_test(anchors),
        cmocka_unit_test(fingerprints),    cmocka_unit_test(offences),
        cmocka_unit_test(ranks),           cmocka_unit_test(the_worst_stay),
        cmocka_unit_test(the_worst_fit),   cmocka_unit_test(the_worst_are_numbered),
        cmocka_unit_test(totals_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
