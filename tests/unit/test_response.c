/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Response header lines: RFC 9110 fields, lies and malformed values. */
#include "base/iw.h"
#include "probe/probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static struct iw_response parse(struct iw_arena *arena, const char *lines)
{
    struct iw_response response;
    iw_response_init(&response);
    struct iw_str rest = iw_str_from(lines), line;
    while (iw_str_next(&rest, '\n', &line))
        if (line.len)
            assert_int_equal(iw_response_line(&response, arena, line), IW_OK);
    return response;
}

static void status_lines(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int version, status;
    } rows[] = {
        {"HTTP/1.1 200 OK\r", 11, 200}, {"HTTP/1.0 404 Not Found", 10, 404},
        {"HTTP/2 206 ", 20, 206},       {"HTTP/1.1 999 Request denied", 11, 999},
        {"HTTP/1.1 20", 0, 0},          {"HTTP/x.1 200 OK", 0, 0},
    };
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_response r = parse(&arena, rows[i].line);
        assert_int_equal(r.status, rows[i].status);
        assert_int_equal(r.http_version, rows[i].version);
    }
    iw_arena_release(&arena);
}

static void early_hints_leave_nothing(void **state)
{
    (void)state;
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 16);
    struct iw_response r = parse(&arena, "HTTP/1.1 103 Early Hints\nContent-Length: 9\nETag: \"a\"\nHTTP/1.1 200 OK\n");
    assert_int_equal(r.status, 200);
    assert_false(r.has_content_length);
    assert_int_equal(r.etag.len, 0);
    iw_arena_release(&arena);
}

static void content_lengths(void **state)
{
    (void)state;
    static const struct {
        const char *lines;
        bool has, conflicts;
        uint64_t length;
    } rows[] = {
        {"Content-Length: 42\r", true, false, 42},
        {"content-length:42", true, false, 42},
        {"Content-Length: 42, 42", true, false, 42},
        {"Content-Length: 42, 43", true, true, 43},
        {"Content-Length: 5\nContent-Length: 7", true, true, 7},
        {"Content-Length: 7\nContent-Length: 7", true, false, 7},
        {"Content-Length: abc", false, true, 0},
        {"Content-Length: -1", false, true, 0},
        {"Content-Length: 99999999999999999999999", false, true, 0},
        {"X-Content-Length: 5", false, false, 0},
    };
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_response r = parse(&arena, rows[i].lines);
        assert_int_equal(r.has_content_length, rows[i].has);
        assert_int_equal(r.has_conflicting_length, rows[i].conflicts);
        assert_int_equal(r.content_length, rows[i].length);
    }
    iw_arena_release(&arena);
}

static void content_ranges(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool is_valid, has_total;
        uint64_t first, last, total;
    } rows[] = {
        {"bytes 0-1023/99999", true, true, 0, 1023, 99999},
        {"bytes 0-0/*", true, false, 0, 0, 0},
        {"bytes */1234", false, true, 0, 0, 1234},
        {"Bytes 5-9/10", true, true, 5, 9, 10},
        {"bytes 9-5/10", false, false, 0, 0, 0},
        {"bytes 0-10/10", false, false, 0, 0, 0},
        {"bytes 473276580-/473276580", false, false, 0, 0, 0},
        {"items 0-1/2", false, false, 0, 0, 0},
        {"bytes 0-1/2 x", false, false, 0, 0, 0},
        {"", false, false, 0, 0, 0},
        {"bytes", false, false, 0, 0, 0},
        {"bytes 18446744073709551616-1/2", false, false, 0, 0, 0},
    };
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        char line[100];
        (void)snprintf(line, sizeof line, "Content-Range: %s", rows[i].value);
        struct iw_response r = parse(&arena, line);
        assert_true(r.has_content_range);
        assert_int_equal(r.has_valid_range, rows[i].is_valid);
        assert_int_equal(r.has_total, rows[i].has_total);
        assert_int_equal(r.range_first, rows[i].first);
        assert_int_equal(r.range_last, rows[i].last);
        assert_int_equal(r.range_total, rows[i].total);
    }
    iw_arena_release(&arena);
}

static void retry_after(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool has, is_date;
        uint64_t seconds;
    } rows[] = {
        {"120", true, false, 120},
        {"Sun, 06 Nov 1994 08:49:37 GMT", true, true, 784111777},
        {"Thu, 29 Feb 2024 00:00:00 GMT", true, true, 1709164800},
        {"Thu, 01 Jan 1970 00:00:00 GMT", true, true, 0},
        {"soon", false, false, 0},
        {"Sun, 06 Xyz 1994 08:49:37 GMT", false, false, 0},
        {"Sun, 99 Nov 1994 08:49:37 GMT", false, false, 0},
    };
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        char line[100];
        (void)snprintf(line, sizeof line, "Retry-After: %s", rows[i].value);
        struct iw_response r = parse(&arena, line);
        assert_int_equal(r.has_retry_after, rows[i].has);
        assert_int_equal(r.retry_after_is_date, rows[i].is_date);
        if (rows[i].has)
            assert_int_equal(r.retry_after_s, rows[i].seconds);
    }
    iw_arena_release(&arena);
}

static void types_and_codings(void **state)
{
    (void)state;
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 16);
    struct iw_response r = parse(&arena, "Content-Type: Image/JPEG; charset=x\r\nContent-Encoding: identity\r");
    assert_true(iw_str_eq(r.content_type, IW_STR("image/jpeg")));
    assert_int_equal(r.content_encoding.len, 0);
    r = parse(&arena, "Content-Encoding: GZIP");
    assert_true(iw_str_eq(r.content_encoding, IW_STR("gzip")));
    iw_arena_release(&arena);
}

/* Several lines stay apart, and the first of them are kept. */
static void robots_tags(void **state)
{
    (void)state;
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 20);
    struct iw_response r;
    iw_response_init(&r);
    assert_int_equal(iw_response_line(&r, &arena, IW_STR("X-Robots-Tag: noindex, nofollow\r\n")), IW_OK);
    assert_int_equal(iw_response_line(&r, &arena, IW_STR("x-robots-tag:  bot: none")), IW_OK);
    assert_true(iw_str_eq(r.robots_tag, IW_STR("noindex, nofollow\nbot: none")));
    for (int i = 0; i < 2000; i++)
        assert_int_equal(iw_response_line(&r, &arena, IW_STR("X-Robots-Tag: noimageindex")), IW_OK);
    assert_true(r.robots_tag.len <= 4096 && r.robots_tag.len > 4000);
    iw_arena_release(&arena);
}

static void a_full_arena_is_an_error(void **state)
{
    (void)state;
    struct iw_arena arena;
    iw_arena_init(&arena, 8);
    struct iw_response response;
    iw_response_init(&response);
    assert_int_equal(iw_response_line(&response, &arena, IW_STR("ETag: \"a long entity tag of some forty bytes\"")),
                     IW_ERR_NOMEM);
    iw_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_lines),    cmocka_unit_test(early_hints_leave_nothing),
        cmocka_unit_test(content_lengths), cmocka_unit_test(content_ranges),
        cmocka_unit_test(retry_after),     cmocka_unit_test(types_and_codings),
        cmocka_unit_test(robots_tags),     cmocka_unit_test(a_full_arena_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
