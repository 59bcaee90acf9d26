/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The probe without a network: a table of scripted servers, each told as the answers it gives, with the facts that
 * must come out and the requests that they may cost. */
#include "base/iw.h"
#include "probe/probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

/* A GIF of 7 by 5 pixels with nothing behind its first frame's header; padded with zeros. */
static const uint8_t gif[] = {'G',  'I', 'F', '8', '9', 'a', 7, 0, 5, 0, 0, 0, 0,
                              0x2C, 0,   0,   0,   0,   7,   0, 5, 0, 0, 2, 0, 0x3B};

struct answer {
    const char *head; /* header lines, separated by newlines; NULL: the transfer fails */
    enum iw_outcome outcome;
    size_t body;  /* bytes of the file sent from its start (or from the range's first byte) */
    bool is_text; /* an HTML body instead of the image */
};

enum { MAX_ANSWERS = 8 };
struct script {
    const char *name;
    struct answer answers[MAX_ANSWERS]; /* the last one used is repeated */
    enum iw_failure failure;
    enum iw_bytes_from from;
    uint64_t bytes;
    uint32_t width_px;
    unsigned requests;
    enum iw_probe_dims dims;
    unsigned max_retries;
};

static uint8_t byte_at(uint64_t at, bool is_text)
{
    static const char text[] = "<!doctype html><title>Log in</title>";
    if (is_text)
        return (uint8_t)text[at % (sizeof text - 1)];
    return at < sizeof gif ? gif[at] : 0;
}

static void send_body(struct iw_probe *probe, const struct answer *answer, uint64_t first,
                      struct iw_transfer_figures *figures)
{
    for (size_t i = 0; i < answer->body; i++) {
        uint8_t byte = byte_at(first + i, answer->is_text);
        figures->body_bytes++;
        if (iw_probe_on_body(probe, &byte, 1) == IW_BODY_STOP) {
            figures->was_cut = true;
            return;
        }
    }
}

static void play(struct iw_probe *probe, struct iw_arena *arena, const struct answer *answer, struct iw_habit *habit)
{
    struct iw_transfer_figures figures = {.us = 1000, .now_unix_s = 1000};
    struct iw_response response;
    iw_response_init(&response);
    if (answer->head) {
        struct iw_str rest = iw_str_from(answer->head), line;
        while (iw_str_next(&rest, '\n', &line))
            assert_int_equal(iw_response_line(&response, arena, line), IW_OK);
        enum iw_body body = iw_probe_on_head(probe, &response);
        if (body == IW_BODY_STOP)
            figures.was_cut = true;
        else if (body == IW_BODY_READ)
            send_body(probe, answer, response.has_valid_range ? response.range_first : 0, &figures);
    }
    iw_probe_on_end(probe, answer->outcome, "", &figures, habit);
}

static void run(const struct script *script, struct iw_arena *arena, struct iw_habit *habit, struct iw_facts *out)
{
    struct iw_probe_policy policy;
    iw_probe_policy_default(&policy);
    policy.dims = script->dims;
    policy.max_retries = script->max_retries;
    struct iw_url url;
    assert_int_equal(iw_url_parse(arena, IW_STR("http://h.example/a.gif"), NULL, &url, NULL, NULL), IW_OK);
    struct iw_probe *probe = iw_probe_new(arena, &policy, &url, 1);
    assert_non_null(probe);
    struct iw_request request;
    for (size_t i = 0; iw_probe_next(probe, habit, &request); i++) {
        assert_true(i < 40);
        size_t at = IW_MIN(i, (size_t)MAX_ANSWERS - 1);
        while (at > 0 && !script->answers[at].head && script->answers[at].outcome == IW_OUTCOME_OK)
            at--;
        play(probe, arena, &script->answers[at], habit);
    }
    *out = *iw_probe_facts(probe);
}

#define OK200(length) "HTTP/1.1 200 OK\nContent-Type: image/gif\nContent-Length: " length
#define OK206(range)  "HTTP/1.1 206 Partial Content\nContent-Type: image/gif\nContent-Range: bytes " range

static const struct script scripts[] = {
    {"head tells the size",
     {{OK200("5000"), 0, 0, 0}},
     IW_FAILURE_NONE,
     IW_BYTES_CONTENT_LENGTH,
     5000,
     0,
     1,
     IW_DIMS_NEVER,
     0},
    {"head, then the header by range",
     {{OK200("5000"), 0, 0, 0}, {OK206("0-4999/5000"), 0, 5000, 0}},
     IW_FAILURE_NONE,
     IW_BYTES_CONTENT_RANGE,
     5000,
     7,
     2,
     IW_DIMS_ALWAYS,
     0},
    {"head says too little, the range knows",
     {{OK200("100"), 0, 0, 0}, {OK206("0-99/5000"), 0, 100, 0}},
     IW_FAILURE_NONE,
     IW_BYTES_CONTENT_RANGE,
     5000,
     7,
     2,
     IW_DIMS_ALWAYS,
     0},
    {"the host is down: not asked, and undecided",
     {{NULL, IW_OUTCOME_DOWN, 0, 0}},
     IW_FAILURE_DOWN,
     IW_BYTES_UNKNOWN,
     0,
     0,
     0,
     IW_DIMS_NEVER,
     3},
    {"what was asked keeps what came of it when its host is given up",
     {{NULL, IW_OUTCOME_CONNECT, 0, 0}, {NULL, IW_OUTCOME_CONNECT, 0, 0}, {NULL, IW_OUTCOME_DOWN, 0, 0}},
     IW_FAILURE_CONNECT,
     IW_BYTES_UNKNOWN,
     0,
     0,
     2,
     IW_DIMS_NEVER,
     3},
    {"an answer, and then the host is given up",
     {{"HTTP/1.1 503 x\nRetry-After: 1", 0, 0, 0}, {NULL, IW_OUTCOME_DOWN, 0, 0}},
     IW_FAILURE_DOWN,
     IW_BYTES_UNKNOWN,
     0,
     0,
     1,
     IW_DIMS_NEVER,
     3},
    {"a size, and then the host is given up",
     {{OK200("5000"), 0, 0, 0}, {NULL, IW_OUTCOME_DOWN, 0, 0}},
     IW_FAILURE_NONE,
     IW_BYTES_CONTENT_LENGTH,
     5000,
     0,
     1,
     IW_DIMS_ALWAYS,
     3},
    {"head says 23, an implausible length",
     {{OK200("23"), 0, 0, 0}, {OK206("0-99/5000"), 0, 100, 0}},
     IW_FAILURE_NONE,
     IW_BYTES_CONTENT_RANGE,
     5000,
     0,
     2,
     IW_DIMS_NEVER,
     0},
    {"head is refused with 405",
     {{"HTTP/1.1 405 No", 0, 0, 0}, {OK206("0-99/5000"), 0, 100, 0}},
     IW_FAILURE_NONE,
     IW_BYTES_CONTENT_RANGE,
     5000,
     0,
     2,
     IW_DIMS_NEVER,
     0},
    {"head is reset",
     {{NULL, IW_OUTCOME_RESET, 0, 0}, {OK206("0-99/5000"), 0, 100, 0}},
     IW_FAILURE_NONE,
     IW_BYTES_CONTENT_RANGE,
     5000,
     0,
     2,
     IW_DIMS_NEVER,
     0},
    {"head and get say 404",
     {{"HTTP/1.1 404 No\nContent-Length: 0", 0, 0, 0}},
     IW_FAILURE_HTTP,
     IW_BYTES_UNKNOWN,
     0,
     0,
     2,
     IW_DIMS_NEVER,
     3},
    {"410 is believed at once",
     {{"HTTP/1.1 410 Gone", 0, 0, 0}},
     IW_FAILURE_HTTP,
     IW_BYTES_UNKNOWN,
     0,
     0,
     1,
     IW_DIMS_NEVER,
     3},
    {"403 to both", {{"HTTP/1.1 403 No", 0, 0, 0}}, IW_FAILURE_ACCESS, IW_BYTES_UNKNOWN, 0, 0, 2, IW_DIMS_NEVER, 3},
    {"range ignored, small body",
     {{OK200("5000"), 0, 0, 0}, {OK200("5000"), 0, 5000, 0}},
     IW_FAILURE_NONE,
     IW_BYTES_CONTENT_LENGTH,
     5000,
     7,
     2,
     IW_DIMS_ALWAYS,
     0},
    {"range ignored, huge body is cut",
     {{OK200("999999999"), 0, 0, 0}, {OK200("999999999"), 0, 400000, 0}},
     IW_FAILURE_NONE,
     IW_BYTES_CONTENT_LENGTH,
     999999999,
     7,
     2,
     IW_DIMS_ALWAYS,
     0},
    {"range answered with another range, then plain",
     {{OK200("5000"), 0, 0, 0}, {OK206("500-1523/99999"), 0, 1024, 0}, {OK200("5000"), 0, 5000, 0}},
     IW_FAILURE_NONE,
     IW_BYTES_CONTENT_LENGTH,
     5000,
     7,
     3,
     IW_DIMS_ALWAYS,
     0},
    {"416 for all",
     {{OK200("5000"), 0, 0, 0}, {"HTTP/1.1 416 No\nContent-Range: bytes */5000", 0, 0, 0}, {OK200("5000"), 0, 5000, 0}},
     IW_FAILURE_NONE,
     IW_BYTES_CONTENT_LENGTH,
     5000,
     7,
     3,
     IW_DIMS_ALWAYS,
     0},
    {"416 of an empty file",
     {{"HTTP/1.1 405 No", 0, 0, 0}, {"HTTP/1.1 416 No\nContent-Range: bytes */0", 0, 0, 0}},
     IW_FAILURE_NOT_IMAGE,
     IW_BYTES_CONTENT_RANGE,
     0,
     0,
     2,
     IW_DIMS_NEVER,
     0},
    {"chunked without a length is counted",
     {{"HTTP/1.1 200 OK\nTransfer-Encoding: chunked", 0, 0, 0},
      {"HTTP/1.1 200 OK\nTransfer-Encoding: chunked", 0, 3000, 0}},
     IW_FAILURE_NONE,
     IW_BYTES_COUNTED,
     3000,
     7,
     2,
     IW_DIMS_NEVER,
     0},
    {"no length and no end",
     {{"HTTP/1.1 200 OK", 0, 0, 0}, {"HTTP/1.1 200 OK\nTransfer-Encoding: chunked", 0, 4000000, 0}},
     IW_FAILURE_NONE,
     IW_BYTES_UNKNOWN,
     0,
     7,
     2,
     IW_DIMS_NEVER,
     0},
    {"HTML labelled as GIF",
     {{OK200("5000"), 0, 0, 0}, {OK206("0-4999/5000"), 0, 5000, true}},
     IW_FAILURE_NOT_IMAGE,
     IW_BYTES_CONTENT_RANGE,
     5000,
     0,
     2,
     IW_DIMS_ALWAYS,
     0},
    {"HTML by its type is looked at",
     {{"HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 5000", 0, 0, 0},
      {"HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 5000", 0, 5000, true}},
     IW_FAILURE_NOT_IMAGE,
     IW_BYTES_CONTENT_LENGTH,
     5000,
     0,
     2,
     IW_DIMS_NEVER,
     0},
    {"compressed although identity is asked",
     {{"HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: 900", 0, 0, 0},
      {"HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: 900", 0, 900, 0}},
     IW_FAILURE_NONE,
     IW_BYTES_UNKNOWN,
     0,
     0,
     2,
     IW_DIMS_NEVER,
     0},
    {"lengths that differ",
     {{OK200("500\nContent-Length: 700"), 0, 0, 0}, {OK200("500\nContent-Length: 700"), 0, 0, 0}},
     IW_FAILURE_PROTOCOL,
     IW_BYTES_UNKNOWN,
     0,
     0,
     2,
     IW_DIMS_NEVER,
     0},
    {"429 with patience beyond the cap",
     {{"HTTP/1.1 429 No\nRetry-After: 3600", 0, 0, 0}},
     IW_FAILURE_RATE,
     IW_BYTES_UNKNOWN,
     0,
     0,
     1,
     IW_DIMS_NEVER,
     3},
    {"429 twice, then fine",
     {{"HTTP/1.1 429 No\nRetry-After: 1", 0, 0, 0},
      {"HTTP/1.1 429 No\nRetry-After: 1", 0, 0, 0},
      {OK200("5000"), 0, 0, 0}},
     IW_FAILURE_NONE,
     IW_BYTES_CONTENT_LENGTH,
     5000,
     0,
     3,
     IW_DIMS_NEVER,
     3},
    {"503 for ever", {{"HTTP/1.1 503 No", 0, 0, 0}}, IW_FAILURE_SERVER, IW_BYTES_UNKNOWN, 0, 0, 4, IW_DIMS_NEVER, 2},
    {"no such name", {{NULL, IW_OUTCOME_DNS, 0, 0}}, IW_FAILURE_DNS, IW_BYTES_UNKNOWN, 0, 0, 1, IW_DIMS_NEVER, 3},
    {"time-outs", {{NULL, IW_OUTCOME_TIMEOUT, 0, 0}}, IW_FAILURE_TIMEOUT, IW_BYTES_UNKNOWN, 0, 0, 3, IW_DIMS_NEVER, 1},
    {"redirect, then the size",
     {{"HTTP/1.1 302 Found\nLocation: /b.gif", 0, 0, 0}, {OK200("5000"), 0, 0, 0}},
     IW_FAILURE_NONE,
     IW_BYTES_CONTENT_LENGTH,
     5000,
     0,
     2,
     IW_DIMS_NEVER,
     0},
    {"redirect to itself",
     {{"HTTP/1.1 301 Moved\nLocation: /a.gif", 0, 0, 0}},
     IW_FAILURE_REDIRECT,
     IW_BYTES_UNKNOWN,
     0,
     0,
     1,
     IW_DIMS_NEVER,
     0},
    {"redirect to a file",
     {{"HTTP/1.1 301 Moved\nLocation: file:///etc/passwd", 0, 0, 0}},
     IW_FAILURE_SCHEME,
     IW_BYTES_UNKNOWN,
     0,
     0,
     1,
     IW_DIMS_NEVER,
     0},
    {"redirect without a target",
     {{"HTTP/1.1 302 Found", 0, 0, 0}},
     IW_FAILURE_HTTP,
     IW_BYTES_UNKNOWN,
     0,
     0,
     1,
     IW_DIMS_NEVER,
     0},
    {"the size is known, the header is not to be had",
     {{OK200("5000"), 0, 0, 0}, {NULL, IW_OUTCOME_RESET, 0, 0}},
     IW_FAILURE_NONE,
     IW_BYTES_CONTENT_LENGTH,
     5000,
     0,
     2,
     IW_DIMS_ALWAYS,
     0},
    {"a 206 that is slow, or breaks off, behind the header",
     {{OK200("5000"), 0, 0, 0}, {OK206("0-4999/5000"), IW_OUTCOME_TIMEOUT, 100, 0}},
     IW_FAILURE_NONE,
     IW_BYTES_CONTENT_RANGE,
     5000,
     7,
     2,
     IW_DIMS_ALWAYS,
     0},
    {"a 206 that breaks off within the header",
     {{OK200("5000"), 0, 0, 0}, {OK206("0-4999/5000"), IW_OUTCOME_RESET, 8, 0}},
     IW_FAILURE_NONE,
     IW_BYTES_CONTENT_LENGTH,
     5000,
     0,
     2,
     IW_DIMS_ALWAYS,
     0},
    {"a truncated file",
     {{OK200("68"), 0, 0, 0}, {OK206("0-9/10"), 0, 10, 0}},
     IW_FAILURE_CORRUPT,
     IW_BYTES_CONTENT_RANGE,
     10,
     0,
     2,
     IW_DIMS_ALWAYS,
     0},
};

static void each_script(void **state)
{
    (void)state;
    for (size_t i = 0; i < IW_ARRAY_LEN(scripts); i++) {
        const struct script *s = &scripts[i];
        struct iw_arena arena;
        iw_arena_init(&arena, 8 << 20);
        struct iw_habit habit = {0};
        struct iw_facts facts;
        run(s, &arena, &habit, &facts);
        if (facts.failure != s->failure || facts.bytes_from != s->from || facts.bytes != s->bytes ||
            facts.image.width_px != s->width_px || facts.requests != s->requests)
            print_error("%s: failure %d, from %d, bytes %llu, width %u, requests %u, error %.*s\n", s->name,
                        (int)facts.failure, (int)facts.bytes_from, (unsigned long long)facts.bytes,
                        facts.image.width_px, facts.requests, IW_STR_ARGS(facts.error));
        assert_int_equal(facts.failure, s->failure);
        assert_int_equal(facts.bytes_from, s->from);
        assert_int_equal(facts.bytes, s->bytes);
        assert_int_equal(facts.image.width_px, s->width_px);
        assert_int_equal(facts.requests, s->requests);
        iw_arena_release(&arena);
    }
}

/* After three useless HEADs the host is asked by ranged GET at once. */
static void habit_is_learnt(void **state)
{
    (void)state;
    static const struct script bad_head = {"405",
                                           {{"HTTP/1.1 405 No", 0, 0, 0}, {OK206("0-99/5000"), 0, 100, 0}},
                                           IW_FAILURE_NONE,
                                           IW_BYTES_CONTENT_RANGE,
                                           5000,
                                           0,
                                           2,
                                           IW_DIMS_NEVER,
                                           0};
    static const struct script range_only = {
        "range", {{OK206("0-99/5000"), 0, 100, 0}}, IW_FAILURE_NONE, IW_BYTES_CONTENT_RANGE, 5000, 0, 1, IW_DIMS_NEVER,
        0};
    struct iw_habit habit = {0};
    for (unsigned i = 0; i < 5; i++) {
        struct iw_arena arena;
        iw_arena_init(&arena, 8 << 20);
        struct iw_facts facts;
        run(i < 3 ? &bad_head : &range_only, &arena, &habit, &facts);
        assert_int_equal(facts.requests, i < 3 ? 2 : 1);
        assert_int_equal(facts.bytes, 5000);
        iw_arena_release(&arena);
    }
}

/* A host whose HEAD tells the truth is asked by one ranged GET where pixels are wanted. */
static void one_request_for_both(void **state)
{
    (void)state;
    static const struct script both = {"both",
                                       {{OK206("0-4999/5000"), 0, 5000, 0}},
                                       IW_FAILURE_NONE,
                                       IW_BYTES_CONTENT_RANGE,
                                       5000,
                                       7,
                                       1,
                                       IW_DIMS_ALWAYS,
                                       0};
    struct iw_habit habit = {.head_good = 1};
    struct iw_arena arena;
    iw_arena_init(&arena, 8 << 20);
    struct iw_facts facts;
    run(&both, &arena, &habit, &facts);
    assert_int_equal(facts.requests, 1);
    assert_int_equal(facts.image.width_px, 7);
    iw_arena_release(&arena);
}

/* Where answers to HEADs wait for proof, a range of a few bytes takes the place of a HEAD, unless HEAD alone was asked
 * for, the host ignores ranges, or it is not known yet that HEAD tells the truth there. */
static void proof_is_asked_for(void **state)
{
    (void)state;
    static const struct {
        struct iw_habit habit;
        enum iw_probe_method method;
        bool is_range;
    } cases[] = {
        {{.head_good = 1}, IW_PROBE_AUTO, false},
        {{.head_good = 1, .wants_proof = true}, IW_PROBE_AUTO, true},
        {{.head_good = 1, .wants_proof = true}, IW_PROBE_HEAD, false},
        {{.head_good = 1, .wants_proof = true, .range_ignored = 1}, IW_PROBE_AUTO, false},
        {{.wants_proof = true}, IW_PROBE_AUTO, false},
    };
    struct iw_arena arena;
    iw_arena_init(&arena, 8 << 20);
    for (size_t i = 0; i < IW_ARRAY_LEN(cases); i++) {
        struct iw_probe_policy policy;
        iw_probe_policy_default(&policy);
        policy.method = cases[i].method;
        struct iw_url url;
        assert_int_equal(iw_url_parse(&arena, IW_STR("http://host.test/a.jpg"), NULL, &url, NULL, NULL), IW_OK);
        struct iw_probe *probe = iw_probe_new(&arena, &policy, &url, 1);
        struct iw_request request;
        static const struct iw_habit known = {.head_good = 1};
        assert_true(iw_probe_next(probe, &known, &request));
        assert_int_equal(request.method, IW_METHOD_HEAD);
        iw_probe_reconsider(probe, &cases[i].habit, &request);
        assert_int_equal(request.has_range, cases[i].is_range);
        assert_true(!request.has_range || request.range_last < 1024);
        assert_int_equal(iw_probe_facts(probe)->requests, 1);
    }
    iw_arena_release(&arena);
}

struct memory_file {
    const uint8_t *bytes;
    size_t len;
};

static size_t read_memory(void *user, uint64_t at, uint8_t *buf, size_t len)
{
    const struct memory_file *file = user;
    if (at >= file->len)
        return 0;
    size_t n = IW_MIN(len, file->len - (size_t)at);
    memcpy(buf, file->bytes + at, n);
    return n;
}

static void local_bytes(void **state)
{
    (void)state;
    struct iw_probe_policy policy;
    iw_probe_policy_default(&policy);
    static const struct {
        const char *text;
        size_t len;
        enum iw_failure failure;
        uint32_t width_px;
    } rows[] = {
        {(const char *)gif, sizeof gif, IW_FAILURE_NONE, 7},
        {"", 0, IW_FAILURE_NOT_IMAGE, 0},
        {"<html>", 6, IW_FAILURE_NOT_IMAGE, 0},
        {"{\"error\":1}", 11, IW_FAILURE_NOT_IMAGE, 0},
        {"GIF89a", 6, IW_FAILURE_CORRUPT, 0},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_arena arena;
        iw_arena_init(&arena, 1 << 20);
        struct memory_file file = {(const uint8_t *)rows[i].text, rows[i].len};
        struct iw_facts facts = {.url = IW_STR("a.gif"), .is_local = true, .bytes_from = IW_BYTES_FILE};
        assert_int_equal(iw_probe_local(&arena, &policy, file.len, read_memory, &file, &facts), IW_OK);
        assert_int_equal(facts.failure, rows[i].failure);
        assert_int_equal(facts.image.width_px, rows[i].width_px);
        assert_int_equal(facts.bytes, rows[i].len);
        iw_arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_script),
        cmocka_unit_test(habit_is_learnt),
        cmocka_unit_test(one_request_for_both),
        cmocka_unit_test(proof_is_asked_for),
        cmocka_unit_test(local_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
