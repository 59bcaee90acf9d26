/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Writers: golden lines, nothing known at all, hostile text. */
#include "base/iw.h"
#include "report/report.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

static struct iw_str write_one(const char *format, const struct iw_record *record, const struct iw_totals *totals,
                               const struct iw_report_style *style, struct iw_buf *out)
{
    const struct iw_writer *writer = iw_writer_find(&iw_writers, iw_str_from(format));
    assert_non_null(writer);
    void *state = calloc(1, writer->state_size);
    assert_non_null(state);
    assert_int_equal(writer->begin(state, style, out), IW_OK);
    if (record)
        assert_int_equal(writer->item(state, record, out), IW_OK);
    assert_int_equal(writer->end(state, totals, out), IW_OK);
    writer->release(state);
    free(state);
    return iw_buf_str(out);
}

extern const struct iw_writer iw_writer_text;
static const struct iw_totals no_totals;
static const struct iw_report_style plain_style = {.verbosity = 1};

static struct iw_findings one_finding(void)
{
    struct iw_findings findings = {.count = 2};
    findings.list[0] = (struct iw_finding){.rule = IW_RULE_aspect_over,
                                           .severity = IW_SEVERITY_ERROR,
                                           .profile = "p",
                                           .has_figures = true,
                                           .limit = 20000,
                                           .actual = 20125,
                                           .unit = IW_UNIT_RATIO,
                                           .message = IW_STR("too \"long\"")};
    findings.list[1] =
        (struct iw_finding){.rule = IW_RULE_size_varies, .severity = IW_SEVERITY_NOTE, .message = IW_STR("varies")};
    return findings;
}

static void everything_unknown(void **state)
{
    (void)state;
    struct iw_facts facts = {.url = IW_STR("http://a/x")};
    struct iw_source_ref source = {.kind = "argument"};
    struct iw_findings findings = {.count = 0};
    struct iw_record record = {
        .facts = &facts, .source = &source, .findings = &findings, .verdict = IW_VERDICT_UNKNOWN};
    struct iw_buf out;
    iw_buf_init(&out, 1 << 20);
    struct iw_str line = write_one("jsonl", &record, &no_totals, &plain_style, &out);
    assert_true(iw_str_eq(
        line,
        IW_STR(
            "{\"url\":\"http://a/x\",\"final_url\":null,\"source\":{\"path\":\"\",\"kind\":\"argument\",\"line\":null,"
            "\"column\":null,\"element\":null},\"verdict\":\"unknown\",\"findings\":[],\"bytes\":null,\"bytes_from\":"
            "null,\"base64_bytes\":null,"
            "\"width\":null,\"height\":null,\"stored_width\":null,\"stored_height\":null,\"orientation\":null,"
            "\"format\":null,"
            "\"content_type\":null,\"animated\":null,\"alpha\":null,\"tokens\":null,\"status\":null,\"http\":null,"
            "\"etag\":null,"
            "\"last_modified\":null,\"requests\":0,\"bytes_read\":0,\"ms\":0,\"error\":null,\"place\":null,\"change\":"
            "null,"
            "\"before\":null,\"waiver\":null,\"suggestion\":null,\"custom_id\":null}\n")));
    iw_buf_release(&out);
}

static void everything_known(void **state)
{
    (void)state;
    struct iw_facts facts = {
        .url = IW_STR("http://a/\xff\"\n<script>"),
        .final_url = IW_STR("http://b/"),
        .bytes = 1000,
        .bytes_from = IW_BYTES_CONTENT_RANGE,
        .content_type = IW_STR("image/png"),
        .etag = IW_STR("\"e\""),
        .last_modified = IW_STR("now"),
        .status = 206,
        .http_version = 20,
        .requests = 3,
        .bytes_read = 99,
        .us = 1250,
        .error = IW_STR("oops"),
        .image = {.format = iw_image_formats[0],
                  .width_px = 3,
                  .height_px = 4,
                  .stored_width_px = 4,
                  .stored_height_px = 3,
                  .orientation = 6,
                  .animated = IW_NO,
                  .alpha = IW_YES},
    };
    struct iw_source_ref source = {.path = IW_STR("s.xml"),
                                   .kind = "sitemap",
                                   .line = 7,
                                   .column = 9,
                                   .element = IW_STR("image:loc"),
                                   .custom_id = IW_STR("r 7")};
    struct iw_findings findings = one_finding();
    const struct iw_before before = {.verdict = IW_VERDICT_WARN, .bytes = 900, .first_seen_unix_s = 1709251199};
    const struct iw_suggestion suggestion = {IW_STR("http://c/"), 5, 6, 7};
    struct iw_record record = {.facts = &facts, .source = &source, .findings = &findings, .verdict = IW_VERDICT_OVER};
    record.change = IW_CHANGE_WORSE;
    record.before = &before;
    record.waiver = IW_STR("w");
    record.suggestion = &suggestion;
    struct iw_buf out;
    iw_buf_init(&out, 1 << 20);
    struct iw_str line = write_one("jsonl", &record, &no_totals, &plain_style, &out);
    assert_true(iw_str_eq(
        line,
        IW_STR(
            "{\"url\":\"http://a/\xef\xbf\xbd\\\"\\n<script>\",\"final_url\":\"http://b/"
            "\",\"source\":{\"path\":\"s.xml\","
            "\"kind\":\"sitemap\",\"line\":7,\"column\":9,\"element\":\"image:loc\"},"
            "\"verdict\":\"over\",\"findings\":[{\"rule\":\"aspect-over\","
            "\"severity\":\"error\",\"profile\":\"p\",\"limit\":20,\"actual\":20.125,"
            "\"unit\":\"ratio\",\"message\":\"too \\\"long\\\"\"},"
            "{\"rule\":\"size-varies\",\"severity\":\"note\",\"profile\":null,\"limit\":"
            "null,\"actual\":null,\"unit\":null,"
            "\"message\":\"varies\"}],\"bytes\":1000,\"bytes_from\":\"content-range\","
            "\"base64_bytes\":1336,\"width\":3,\"height\":4,"
            "\"stored_width\":4,\"stored_height\":3,\"orientation\":6,\"format\":\"jpeg\","
            "\"content_type\":\"image/png\",\"animated\":false,"
            "\"alpha\":true,\"tokens\":null,\"status\":206,\"http\":\"2\",\"etag\":"
            "\"\\\"e\\\"\",\"last_modified\":\"now\",\"requests\":3,"
            "\"bytes_read\":99,\"ms\":1.25,\"error\":\"oops\",\"place\":null,\"change\":\"worse\","
            "\"before\":{\"verdict\":\"warn\",\"bytes\":900,\"width\":null,\"height\":null,"
            "\"first_seen\":\"2024-02-29T23:59:59Z\"},\"waiver\":\"w\","
            "\"suggestion\":{\"url\":\"http://c/\",\"bytes\":5,\"width\":6,\"height\":7},\"custom_id\":\"r 7\"}\n")));
    iw_buf_release(&out);
}

static void places(void **state)
{
    (void)state;
    static const struct {
        struct iw_place place;
        const char *said;
    } rows[] = {
        {{.width_px = 300, .height_px = 200}, ",\"place\":{\"width\":300,\"height\":200,\"unit\":\"css\"},\"change\":"},
        {{.width_px = 640, .is_exact = 1}, ",\"place\":{\"width\":640,\"height\":null,\"unit\":\"px\"},\"change\":"},
        {{.height_px = 9}, ",\"place\":{\"width\":null,\"height\":9,\"unit\":\"css\"},\"change\":"},
        {{.is_exact = 1}, ",\"place\":null,\"change\":"},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_facts facts = {.url = IW_STR("a")};
        struct iw_source_ref source = {.kind = "html", .place = rows[i].place};
        struct iw_findings findings = {.count = 0};
        struct iw_record record = {.facts = &facts, .source = &source, .findings = &findings};
        struct iw_buf out;
        iw_buf_init(&out, 1 << 20);
        (void)write_one("jsonl", &record, &no_totals, &plain_style, &out);
        iw_buf_add_char(&out, '\0');
        if (!strstr(out.ptr, rows[i].said))
            fail_msg("no %s in %s", rows[i].said, out.ptr);
        iw_buf_release(&out);
    }
}

/* Part of the one line that jsonl writes. */
static void assert_tokens(const struct iw_report_style *style, uint32_t width_px, const char *expected)
{
    struct iw_facts facts = {.url = IW_STR("a"), .image = {.width_px = width_px, .height_px = 1024}};
    struct iw_source_ref source = {.kind = "argument"};
    struct iw_findings findings = {.count = 0};
    struct iw_record record = {.facts = &facts, .source = &source, .findings = &findings, .verdict = IW_VERDICT_OK};
    struct iw_buf out;
    iw_buf_init(&out, 1 << 20);
    (void)write_one("jsonl", &record, &no_totals, style, &out);
    iw_buf_add_char(&out, '\0');
    if (!strstr(out.ptr, expected))
        fail_msg("no %s in %s", expected, out.ptr);
    iw_buf_release(&out);
}

static void tokens_by_profile(void **state)
{
    (void)state;
    const struct iw_tokens tiles = {.kind = IW_TOKENS_TILES, .base = 85, .tile = 170, .size_px = 512};
    const struct iw_profile none = {.name = "web"}, first = {.name = "openai", .tokens = {.by_detail = {tiles}}},
                            second = {.name = "groq",
                                      .tokens = {.by_detail = {{.kind = IW_TOKENS_FLAT, .count = 2048}}}};
    const struct iw_profile *const list[] = {&none, &first, &second, &first};
    struct iw_report_style style = {.verbosity = 1, .profiles = list, .profile_count = IW_ARRAY_LEN(list)};
    assert_tokens(&style, 1024, ",\"tokens\":{\"openai\":765,\"groq\":2048},\"status\":");
    style.detail = IW_DETAIL_LOW;
    assert_tokens(&style, 1024, ",\"tokens\":{\"openai\":85,\"groq\":2048},\"status\":");
    assert_tokens(&style, 0, ",\"tokens\":null,\"status\":");
    style.profile_count = 1; /* web alone */
    assert_tokens(&style, 1024, ",\"tokens\":null,\"status\":");
}

static void incomplete_is_marked(void **state)
{
    (void)state;
    struct iw_totals totals = {.is_incomplete = true, .incomplete_why = "interrupted"};
    static const struct {
        const char *format, *mark;
    } rows[] = {{"jsonl", "{\"incomplete\":true,\"why\":\"interrupted\"}\n"},
                {"csv", ",incomplete,"},
                {"html", "<b>Incomplete:</b> interrupted</p>"},
                {"text", "INCOMPLETE: interrupted\n"}};
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_buf out;
        iw_buf_init(&out, 1 << 20);
        (void)write_one(rows[i].format, NULL, &totals, &plain_style, &out);
        iw_buf_add_char(&out, '\0');
        assert_non_null(strstr(out.ptr, rows[i].mark));
        iw_buf_release(&out);
    }
}

static void csv_is_no_formula(void **state)
{
    (void)state;
    struct iw_facts facts = {.url = IW_STR("=cmd(\"x\")\x01,\n"), .content_type = IW_STR("@x")};
    struct iw_source_ref source = {.path = IW_STR("-"), .kind = "list", .line = 1, .column = 1};
    struct iw_findings findings = {.count = 0};
    struct iw_record record = {.facts = &facts, .source = &source, .findings = &findings, .verdict = IW_VERDICT_OK};
    struct iw_buf out;
    iw_buf_init(&out, 1 << 20);
    (void)write_one("csv", &record, &no_totals, &plain_style, &out);
    iw_buf_add_char(&out, '\0');
    const char *row = strchr(out.ptr, '\n') + 1;
    static const char expected[] = "\"'=cmd(\"\"x\"\") , \",,\"'-\",list,1,1,,ok,";
    assert_int_equal(strncmp(row, expected, sizeof expected - 1), 0);
    assert_non_null(strstr(row, "\"'@x\""));
    assert_string_equal(row + strlen(row) - 2, "\r\n");
    iw_buf_release(&out);
}

static void terminals_are_safe(void **state)
{
    (void)state;
    struct iw_buf out;
    iw_buf_init(&out, 1000);
    iw_report_add_safe(&out, IW_STR("a\x1b[31m\x7f\xc2\x9b\xe2\x80\xae\xe2\x81\xa6\xff caf\xc3\xa9 \xe2\x82\xac"));
    assert_true(iw_str_eq(iw_buf_str(&out),
                          IW_STR("a\\x1B[31m\\x7F\\u{009B}\\u{202E}\\u{2066}\xef\xbf\xbd caf\xc3\xa9 \xe2\x82\xac")));
    iw_buf_release(&out);
}

static void text_is_cut_to_width(void **state)
{
    (void)state;
    char url[400] = "http://example.com/";
    memset(url + 19, 'x', 300);
    struct iw_facts facts = {.url = {url, 319}, .bytes = 30000000, .bytes_from = IW_BYTES_CONTENT_LENGTH};
    struct iw_source_ref source = {.path = IW_STR("list.txt"), .kind = "list", .line = 1, .column = 1};
    struct iw_findings findings = one_finding();
    struct iw_record record = {.facts = &facts, .source = &source, .findings = &findings, .verdict = IW_VERDICT_OVER};
    for (unsigned columns = 40; columns <= 200; columns += 40) {
        struct iw_report_style style = {.verbosity = 1, .columns = columns};
        struct iw_buf out;
        iw_buf_init(&out, 1 << 20);
        (void)write_one("text", &record, &no_totals, &style, &out);
        struct iw_str rest = iw_buf_str(&out), line;
        bool has_url = false;
        while (iw_str_next(&rest, '\n', &line)) {
            if (!iw_str_starts(line, IW_STR("  http")))
                continue;
            has_url = true;
            assert_int_equal(line.len, columns);
        }
        assert_true(has_url);
        iw_buf_release(&out);
    }
}

/* More offenders than are kept, in no order: the i-th that comes is the place_at(i)-th by weight and by line. */
enum { MANY = 10050, STEP = 7919 };
static unsigned place_at(unsigned i)
{
    return i * STEP % MANY + 1;
}

static void write_many(enum iw_sort sort, struct iw_buf *out)
{
    const struct iw_report_style style = {.verbosity = 1, .sort = sort, .top = 3};
    void *state = calloc(1, iw_writer_text.state_size);
    assert_non_null(state);
    assert_int_equal(iw_writer_text.begin(state, &style, out), IW_OK);
    for (unsigned i = 0; i < MANY; i++) {
        char url[64];
        int len = snprintf(url, sizeof url, "http://a/%u.jpg", place_at(i));
        struct iw_facts facts = {
            .url = {url, (size_t)len}, .bytes = 1000 + place_at(i), .bytes_from = IW_BYTES_CONTENT_LENGTH};
        struct iw_source_ref source = {.path = IW_STR("b.txt"), .kind = "list", .line = place_at(i), .column = 1};
        struct iw_findings findings = {.count = 1};
        findings.list[0] = (struct iw_finding){.rule = place_at(i) % 10 ? IW_RULE_bytes_near : IW_RULE_bytes_over,
                                               .severity = place_at(i) % 10 ? IW_SEVERITY_WARNING : IW_SEVERITY_ERROR,
                                               .message = IW_STR("heavy")};
        struct iw_record record = {.facts = &facts, .source = &source, .findings = &findings};
        record.verdict = place_at(i) % 10 ? IW_VERDICT_WARN : IW_VERDICT_OVER;
        assert_int_equal(iw_writer_text.item(state, &record, out), IW_OK);
    }
    assert_int_equal(iw_writer_text.end(state, &no_totals, out), IW_OK);
    iw_writer_text.release(state);
    free(state);
    iw_buf_add_char(out, '\0');
    assert_int_equal(out->err, IW_OK);
}

static void assert_in_order(const char *text, const char *const *expected)
{
    for (; *expected; expected++) {
        text = strstr(text, *expected);
        if (!text)
            fail_msg("\"%s\" is not there, or not in its place", *expected);
        text += strlen(*expected);
    }
}

/* Of more offenders than are kept, those that come first are shown, whatever the order in which they came. */
static void offenders_are_sorted(void **state)
{
    (void)state;
    struct iw_buf out;
    iw_buf_init(&out, 1 << 20);
    write_many(IW_SORT_SIZE, &out);
    assert_in_order(out.ptr, (const char *const[]){"/10050.jpg\n", "/10049.jpg\n", "/10048.jpg\n", "and 9,997 more",
                                                   "and 50 more with findings", NULL});
    iw_buf_clear(&out);
    write_many(IW_SORT_INPUT, &out);
    assert_in_order(out.ptr, (const char *const[]){"warn    http://a/1.jpg\n", "/2.jpg\n", "/3.jpg\n", "and 9,997 more",
                                                   "and 50 more with findings", NULL});
    iw_buf_clear(&out);
    write_many(IW_SORT_VERDICT, &out); /* all 1,005 errors are kept */
    assert_in_order(out.ptr, (const char *const[]){"file too heavy  bytes-over, error, 1,005\n", "/10.jpg\n",
                                                   "file close to the limit", "8,995\n", "/1.jpg\n",
                                                   "and 50 more with findings", NULL});
    iw_buf_release(&out);
}

static void quiet_says_nothing(void **state)
{
    (void)state;
    struct iw_report_style style = {.verbosity = 0};
    struct iw_totals totals = {.records = 5, .verdicts = {[IW_VERDICT_OK] = 5}};
    struct iw_buf out;
    iw_buf_init(&out, 1 << 20);
    assert_int_equal(write_one("text", NULL, &totals, &style, &out).len, 0);
    assert_true(write_one("text", NULL, &totals, &plain_style, &out).len > 0);
    iw_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_unknown),   cmocka_unit_test(everything_known),
        cmocka_unit_test(incomplete_is_marked), cmocka_unit_test(csv_is_no_formula),
        cmocka_unit_test(terminals_are_safe),   cmocka_unit_test(text_is_cut_to_width),
        cmocka_unit_test(offenders_are_sorted), cmocka_unit_test(quiet_says_nothing),
        cmocka_unit_test(tokens_by_profile),    cmocka_unit_test(places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
