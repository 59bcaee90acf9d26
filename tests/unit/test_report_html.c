/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The HTML report: the largest and the smallest of everything, lines of the charts, hosts beyond what is kept. What the
 * pages hold is tested from outside: tests/html. */
#include "base/iw.h"
#include "report/html.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

/* A page of one record, or of none; terminated. */
static void write_page(const struct iw_record *record, const struct iw_report_style *style,
                       const struct iw_totals *totals, struct iw_buf *out)
{
    const struct iw_writer *writer = iw_writer_find(&iw_writers, IW_STR("html"));
    assert_non_null(writer);
    void *state = calloc(1, writer->state_size);
    assert_non_null(state);
    iw_buf_init(out, 1 << 24);
    assert_int_equal(writer->begin(state, style, out), IW_OK);
    if (record)
        assert_int_equal(writer->item(state, record, out), IW_OK);
    assert_int_equal(writer->end(state, totals, out), IW_OK);
    writer->release(state);
    free(state);
    iw_buf_add_char(out, '\0');
}

static const struct iw_report_style plain_style = {.verbosity = 1};

static void nothing_known(void **state)
{
    (void)state;
    struct iw_facts facts = {.url = IW_STR("a")};
    struct iw_source_ref source = {.kind = "argument"};
    struct iw_findings findings = {.count = 0};
    struct iw_record record = {
        .facts = &facts, .source = &source, .findings = &findings, .verdict = IW_VERDICT_UNKNOWN};
    struct iw_totals totals = {.records = 1, .verdicts = {[IW_VERDICT_UNKNOWN] = 1}};
    struct iw_buf out;
    write_page(&record, &plain_style, &totals, &out);
    assert_non_null(strstr(out.ptr, "<h1>1 of 1 image could not be judged</h1>"));
    assert_non_null(strstr(out.ptr, "<span class=\"title\">undecided</span>"));
    assert_null(strstr(out.ptr, "<figure>"));
    assert_null(strstr(out.ptr, "id=\"f-change\""));
    iw_buf_release(&out);
}

static void most_of_everything(void **state)
{
    (void)state;
    static char url[64 << 10];
    memset(url, '\x01', sizeof url);
    struct iw_str text = {url, sizeof url};
    struct iw_facts facts = {
        .url = text,
        .final_url = text,
        .content_type = text,
        .error = text,
        .bytes = UINT64_MAX,
        .bytes_from = IW_BYTES_AT_LEAST,
        .bytes_read = UINT64_MAX,
        .us = UINT64_MAX,
        .requests = UINT32_MAX,
        .image = {.format = iw_image_formats[0], .width_px = UINT32_MAX, .height_px = UINT32_MAX, .orientation = 8},
    };
    struct iw_source_ref source = {
        .path = text, .kind = "list", .line = UINT32_MAX, .column = UINT32_MAX, .element = text};
    struct iw_findings findings = {.count = IW_MAX_FINDINGS};
    for (size_t i = 0; i < IW_MAX_FINDINGS; i++)
        findings.list[i] = (struct iw_finding){.rule = (enum iw_rule_id)(i % IW_RULE_COUNT),
                                               .severity = IW_SEVERITY_ERROR,
                                               .profile = "p",
                                               .has_figures = true,
                                               .limit = 1,
                                               .actual = UINT64_MAX,
                                               .message = text};
    struct iw_before before = {IW_VERDICT_BROKEN, UINT64_MAX, UINT32_MAX, UINT32_MAX, INT64_MAX};
    struct iw_suggestion suggestion = {text, UINT64_MAX, UINT32_MAX, UINT32_MAX};
    struct iw_record record = {.facts = &facts,
                               .source = &source,
                               .findings = &findings,
                               .verdict = IW_VERDICT_OVER,
                               .change = IW_CHANGE_WAIVED,
                               .before = &before,
                               .waiver = text,
                               .suggestion = &suggestion};
    struct iw_totals totals = {
        .records = UINT64_MAX, .is_compared = true, .bytes_read = UINT64_MAX, .bytes_weighed = 1};
    struct iw_buf out;
    write_page(&record, &plain_style, &totals, &out);
    assert_non_null(strstr(out.ptr, "65,536"));
    assert_null(memchr(out.ptr, '\x01', out.len));
    iw_buf_release(&out);
}

static void gone_is_in_no_chart(void **state)
{
    (void)state;
    struct iw_facts facts = {.url = IW_STR("https://user:word@h.example:8080/a?b@c"),
                             .bytes = 1000,
                             .bytes_from = IW_BYTES_CONTENT_LENGTH,
                             .image = {.width_px = 10, .height_px = 10}};
    struct iw_source_ref source = {.kind = "list"};
    struct iw_findings findings = {.count = 0};
    struct iw_record record = {.facts = &facts, .source = &source, .findings = &findings, .verdict = IW_VERDICT_OVER};
    struct iw_totals totals = {.is_compared = true};
    struct iw_buf out;
    write_page(&record, &plain_style, &totals, &out);
    assert_non_null(strstr(out.ptr, "<figure>"));
    assert_non_null(strstr(out.ptr, ">h.example:8080</a>"));
    iw_buf_release(&out);
    record.change = IW_CHANGE_GONE;
    write_page(&record, &plain_style, &totals, &out);
    assert_null(strstr(out.ptr, "<figure>"));
    assert_null(strstr(out.ptr, ">h.example:8080</a>"));
    assert_non_null(strstr(out.ptr, "nothing names them any more"));
    iw_buf_release(&out);
}

static void lines_are_joined_and_bounded(void **state)
{
    (void)state;
    static struct iw_profile profiles[9];
    const struct iw_profile *list[IW_ARRAY_LEN(profiles)];
    static const uint64_t values[] = {700, 100, 300, 100, 200, 600, 500, 400, 100};
    static const char *const names[] = {
        "a", "b", "c", "d", "e", "f", "g", "h", "a-name-that-leaves-little-room-to-others"};
    for (size_t i = 0; i < IW_ARRAY_LEN(profiles); i++) {
        profiles[i] = (struct iw_profile){.name = names[i], .title = names[i], .limit_count = 2};
        profiles[i].limits[0] = (struct iw_limit){.id = IW_LIMIT_max_side_px, .has_value = true, .value = values[i]};
        profiles[i].limits[1] = (struct iw_limit){.id = IW_LIMIT_max_side_px, .has_warn = true, .warn = 5};
        list[i] = &profiles[i];
    }
    struct iw_report_style style = {.profiles = list, .profile_count = IW_ARRAY_LEN(profiles)};
    struct iw_html_mark marks[IW_HTML_MARKS_MAX];
    assert_int_equal(iw_html_marks(&style, IW_LIMIT_max_side_px, marks), IW_HTML_MARKS_MAX);
    for (size_t i = 0; i < IW_HTML_MARKS_MAX; i++)
        assert_int_equal(marks[i].value, (i + 1) * 100);
    assert_string_equal(marks[0].names, "b, d, a-name-that-leaves-little-room-to-others");
    assert_string_equal(marks[1].names, "e");
    assert_int_equal(iw_html_marks(&style, IW_LIMIT_max_bytes, marks), 0);
}

static void hosts_beyond_the_ceiling_are_others(void **state)
{
    (void)state;
    struct iw_host_rows hosts = {.count = 0};
    char url[64];
    iw_host_rows_begin(&hosts);
    for (unsigned i = 0; i < IW_HOSTS_COUNTED + 10; i++) {
        int len = snprintf(url, sizeof url, "http://h%u.example/a", i);
        struct iw_facts facts = {.url = {url, (size_t)len}, .bytes = 7, .bytes_from = IW_BYTES_COUNTED};
        struct iw_record record = {.facts = &facts, .verdict = IW_VERDICT_OK};
        assert_int_equal(iw_host_rows_add(&hosts, &record), IW_OK);
    }
    assert_int_equal(hosts.count, IW_HOSTS_COUNTED);
    assert_int_equal(hosts.others.records, 10);
    struct iw_buf out;
    iw_buf_init(&out, 1 << 20);
    iw_html_hosts_tell(&hosts, &out);
    iw_buf_add_char(&out, '\0');
    const char *others = strstr(out.ptr, "further hosts");
    assert_non_null(others);
    assert_non_null(strstr(others, "4,091")); /* 4,106 without the 15 that are shown */
    iw_buf_release(&out);
    iw_host_rows_release(&hosts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_known),
        cmocka_unit_test(most_of_everything),
        cmocka_unit_test(gone_is_in_no_chart),
        cmocka_unit_test(lines_are_joined_and_bounded),
        cmocka_unit_test(hosts_beyond_the_ceiling_are_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
