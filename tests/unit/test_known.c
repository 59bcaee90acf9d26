/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What was found before: when a HEAD suffices, and when it does not. */
#include "base/iw.h"
#include "probe/probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

/* What an answer to a HEAD says, beside what was known; and whether that is all that is asked. */
struct row {
    const char *name;
    const char *known_etag, *known_date;
    uint64_t known_bytes;
    uint32_t known_width_px;
    enum iw_failure known_failure;
    int known_status;
    const char *status, *lines[3];
    bool suffices;
};
#define LENGTH "Content-Length: 5000"
#define DATE   "Wed, 01 Jan 2025 00:00:00 GMT"

static const struct row rows[] = {
    {"tag", "\"a\"", NULL, 5000, 640, 0, 200, "200 OK", {LENGTH, "ETag: \"a\""}, true},
    {"weak", "\"a\"", NULL, 5000, 640, 0, 200, "200 OK", {LENGTH, "ETag: W/\"a\""}, true},
    {"date", NULL, DATE, 5000, 640, 0, 206, "200 OK", {LENGTH, "Last-Modified: " DATE}, true},
    {"tags differ by edge",
     "\"a\"",
     DATE,
     5000,
     640,
     0,
     200,
     "200 OK",
     {LENGTH, "ETag: \"b\"", "Last-Modified: " DATE},
     true},
    {"tag differs", "\"a\"", NULL, 5000, 640, 0, 200, "200 OK", {LENGTH, "ETag: \"b\""}, false},
    {"length differs", "\"a\"", DATE, 5001, 640, 0, 200, "200 OK", {LENGTH, "ETag: \"a\""}, false},
    {"no validator now", "\"a\"", DATE, 5000, 640, 0, 200, "200 OK", {LENGTH}, false},
    {"none then", NULL, NULL, 5000, 640, 0, 200, "200 OK", {LENGTH, "ETag: \"a\""}, false},
    {"no size then", "\"a\"", NULL, 5000, 0, 0, 200, "200 OK", {LENGTH, "ETag: \"a\""}, false},
    {"no length now", "\"a\"", NULL, 5000, 640, 0, 200, "200 OK", {"ETag: \"a\""}, false},
    {"was no image", "\"a\"", NULL, 5000, 0, IW_FAILURE_NOT_IMAGE, 200, "200 OK", {LENGTH, "ETag: \"a\""}, true},
    {"still missing", NULL, NULL, 0, 0, IW_FAILURE_HTTP, 404, "404 Not Found", {NULL}, true},
    {"missing otherwise", NULL, NULL, 0, 0, IW_FAILURE_HTTP, 400, "404 Not Found", {NULL}, false},
    {"there again", NULL, NULL, 0, 0, IW_FAILURE_HTTP, 404, "200 OK", {LENGTH, "ETag: \"a\""}, false},
    {"still refused", NULL, NULL, 0, 0, IW_FAILURE_ACCESS, 403, "403 Forbidden", {NULL}, true},
};

static void answer_head(struct iw_probe *probe, const struct row *row, struct iw_arena *arena, struct iw_habit *habit)
{
    struct iw_transfer_figures figures = {.us = 1};
    struct iw_response response;
    char line[100];
    (void)snprintf(line, sizeof line, "HTTP/1.1 %s", row->status);
    iw_response_init(&response);
    assert_int_equal(iw_response_line(&response, arena, iw_str_from(line)), IW_OK);
    for (size_t i = 0; i < IW_ARRAY_LEN(row->lines) && row->lines[i]; i++)
        assert_int_equal(iw_response_line(&response, arena, iw_str_from(row->lines[i])), IW_OK);
    (void)iw_probe_on_head(probe, &response);
    /* what is refused again may be anybody's answer */
    assert_int_equal(iw_probe_is_as_known(probe), row->suffices && response.status == 200);
    iw_probe_on_end(probe, IW_OUTCOME_OK, "", &figures, habit);
}

static void one(const struct row *row)
{
    struct iw_arena arena;
    struct iw_url url;
    struct iw_request request;
    struct iw_habit habit = {.head_good = 1}; /* else one ranged GET takes its place */
    struct iw_probe_policy policy;
    iw_arena_init(&arena, 1 << 20);
    iw_probe_policy_default(&policy);
    policy.profile_wants_dims = true;
    assert_int_equal(iw_url_parse(&arena, IW_STR("http://h.example/a.jpg"), NULL, &url, NULL, NULL), IW_OK);
    struct iw_facts known = {
        .url = url.text,
        .etag = iw_str_from(row->known_etag),
        .last_modified = iw_str_from(row->known_date),
        .bytes = row->known_bytes,
        .bytes_from = row->known_bytes ? IW_BYTES_CONTENT_RANGE : IW_BYTES_UNKNOWN,
        .failure = row->known_failure,
        .status = row->known_status,
        .error = row->known_failure ? IW_STR("what it was") : IW_STR_NONE,
        .has_looked = true,
    };
    if (row->known_width_px)
        known.image = (struct iw_image_facts){
            .format = iw_image_format_find(IW_STR("jpeg")), .width_px = row->known_width_px, .height_px = 480};
    struct iw_probe *probe = iw_probe_new(&arena, &policy, &url, 1);
    assert_non_null(probe);
    iw_probe_know(probe, &known);
    assert_true(iw_probe_next(probe, &habit, &request));
    bool may = row->suffices || (row->known_etag && row->known_width_px) || row->known_failure;
    assert_int_equal(request.method, may ? IW_METHOD_HEAD : IW_METHOD_GET);
    if (may) {
        answer_head(probe, row, &arena, &habit);
        bool is_done = !iw_probe_next(probe, &habit, &request);
        if (is_done != row->suffices)
            fail_msg("%s: %s", row->name, is_done ? "a HEAD sufficed" : "it was asked again");
    }
    const struct iw_facts *facts = iw_probe_facts(probe);
    if (row->suffices) {
        assert_int_equal(facts->image.width_px, row->known_width_px);
        assert_int_equal(facts->failure, row->known_failure);
        assert_int_equal(facts->requests, 1);
    }
    iw_arena_release(&arena);
}

static void each_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++)
        one(&rows[i]);
}

/* Where each answer had better prove itself: a HEAD for what is known, since its answer does; for what is refused, and
 * where there is no range, on a connection of its own; else a range. */
static void each_is_to_be_proven(void **state)
{
    (void)state;
    static const struct {
        struct iw_habit habit;
        enum iw_probe_method method;
        enum { NEW, KNOWN, REFUSED } was;
        bool is_range, is_apart;
    } cases[] = {
        {{.head_good = 1}, IW_PROBE_AUTO, NEW, false, false},
        {{.head_good = 1, .wants_each_proven = true}, IW_PROBE_AUTO, NEW, true, false},
        {{.head_good = 1, .wants_each_proven = true}, IW_PROBE_AUTO, KNOWN, false, false},
        {{.head_good = 1, .wants_each_proven = true}, IW_PROBE_AUTO, REFUSED, false, true},
        {{.head_good = 1, .wants_each_proven = true}, IW_PROBE_HEAD, NEW, false, true},
        {{.head_good = 1, .wants_each_proven = true}, IW_PROBE_HEAD, KNOWN, false, false},
        {{.head_good = 1, .range_ignored = 1, .wants_each_proven = true}, IW_PROBE_AUTO, NEW, false, true},
        {{.wants_each_proven = true}, IW_PROBE_AUTO, NEW, false, false}, /* the first of its connection, mostly */
    };
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < IW_ARRAY_LEN(cases); i++) {
        struct iw_probe_policy policy;
        struct iw_url url;
        struct iw_request request;
        iw_probe_policy_default(&policy);
        policy.method = cases[i].method;
        assert_int_equal(iw_url_parse(&arena, IW_STR("http://h.example/a.jpg"), NULL, &url, NULL, NULL), IW_OK);
        struct iw_facts known = {.etag = IW_STR("\"a\""), .bytes = 5000, .bytes_from = IW_BYTES_CONTENT_RANGE};
        known.image =
            (struct iw_image_facts){.format = iw_image_format_find(IW_STR("jpeg")), .width_px = 640, .height_px = 480};
        if (cases[i].was == REFUSED)
            known = (struct iw_facts){.failure = IW_FAILURE_HTTP, .status = 404, .error = IW_STR("what it was")};
        struct iw_probe *probe = iw_probe_new(&arena, &policy, &url, 1);
        assert_non_null(probe);
        if (cases[i].was != NEW)
            iw_probe_know(probe, &known);
        static const struct iw_habit before = {.head_good = 1};
        assert_true(iw_probe_next(probe, &before, &request));
        iw_probe_reconsider(probe, &cases[i].habit, &request);
        if (request.has_range != cases[i].is_range || request.is_apart != cases[i].is_apart)
            fail_msg("case %zu: range %d, apart %d", i, request.has_range, request.is_apart);
        assert_int_equal(iw_probe_facts(probe)->requests, 1);
    }
    iw_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_row), cmocka_unit_test(each_is_to_be_proven)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
