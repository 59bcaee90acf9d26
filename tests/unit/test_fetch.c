/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The whole of a target without a network: a table of servers that break off, change their mind, or lie, each with
 * what is asked of them and whose bytes must be in hand at the end. A file has versions, A and B, that differ in every
 * byte, so that a mixture is seen. */
#include "base/iw.h"
#include "probe/probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

enum { MAX_ANSWERS = 8, LIMIT = 2 << 20, PIECE = 16 << 10 };

struct answer {
    const char *head; /* header lines, separated by newlines; NULL: none came */
    char version;     /* of the body */
    size_t body;      /* bytes of it that are sent, from the start of the range that the head states */
    enum iw_outcome outcome;
    bool is_forged; /* then: "that was not the answer", and the next one is to the same request */
};

struct script {
    const char *name;
    struct answer answers[MAX_ANSWERS]; /* the last one is repeated */
    const char *asked;                  /* "FIRST-LAST/ETAG" of each request; "-" without a range; "..." and so on */
    enum iw_failure failure;
    char version;
    size_t bytes;
    unsigned max_retries;
    const char *error; /* part of it */
};

static uint8_t byte_of(char version, uint64_t at)
{
    return (uint8_t)(((at * 31 + at / 251) & 0x7F) | (version == 'B' ? 0x80 : 0));
}

struct hands {
    struct iw_probe *probe;
    uint8_t *memory;
    uint64_t limit;
};

/* As the audit does: into memory where the machine says, never leaving a gap. */
static enum iw_body give(struct hands *hands, const uint8_t *bytes, size_t len)
{
    uint64_t at = iw_probe_body_place(hands->probe);
    if (at != UINT64_MAX) {
        assert_true(at <= iw_probe_fetched(hands->probe));
        assert_true(at <= hands->limit);
        if (len <= hands->limit - at)
            memcpy(hands->memory + at, bytes, len);
    }
    enum iw_body what = iw_probe_on_body(hands->probe, bytes, len);
    assert_true(what == IW_BODY_STOP || iw_probe_fetched(hands->probe) <= hands->limit);
    return what;
}

static void send_body(struct hands *hands, const struct answer *answer, uint64_t first,
                      struct iw_transfer_figures *figures)
{
    uint8_t piece[PIECE];
    for (size_t at = 0, len; at < answer->body; at += len) {
        len = IW_MIN(sizeof piece, answer->body - at);
        for (size_t i = 0; i < len; i++)
            piece[i] = byte_of(answer->version, first + at + i);
        figures->body_bytes += len;
        if (give(hands, piece, len) == IW_BODY_STOP) {
            figures->was_cut = true;
            return;
        }
    }
}

static bool play(struct hands *hands, struct iw_arena *arena, const struct answer *answer, struct iw_habit *habit)
{
    struct iw_transfer_figures figures = {.us = 1000, .now_unix_s = 1000};
    struct iw_response response;
    iw_response_init(&response);
    if (answer->head) {
        struct iw_str rest = iw_str_from(answer->head), line;
        while (iw_str_next(&rest, '\n', &line))
            assert_int_equal(iw_response_line(&response, arena, line), IW_OK);
        enum iw_body body = iw_probe_on_head(hands->probe, &response);
        figures.was_cut = body == IW_BODY_STOP;
        if (body != IW_BODY_STOP)
            send_body(hands, answer, response.has_valid_range ? response.range_first : 0, &figures);
    }
    if (answer->is_forged) {
        iw_probe_on_restart(hands->probe);
        return false;
    }
    iw_probe_on_end(hands->probe, figures.was_cut ? IW_OUTCOME_OK : answer->outcome, "", &figures, habit);
    return true;
}

static void note(const struct iw_request *request, char *out, size_t size)
{
    size_t len = strlen(out);
    if (len)
        len += (size_t)snprintf(out + len, size - len, " ");
    if (!request->has_range)
        (void)snprintf(out + len, size - len, "-");
    else if (request->range_last == UINT64_MAX)
        (void)snprintf(out + len, size - len, "%llu-/%.*s", (unsigned long long)request->range_first,
                       IW_STR_ARGS(request->if_range));
    else
        (void)snprintf(out + len, size - len, "%llu-%llu/%.*s", (unsigned long long)request->range_first,
                       (unsigned long long)request->range_last, IW_STR_ARGS(request->if_range));
}

static bool has_answer(const struct answer *answer)
{
    return answer->head || answer->outcome != IW_OUTCOME_OK;
}

/* Drives a script to its end; what was asked goes to asked. */
static void run(const struct script *script, struct hands *hands, struct iw_arena *arena, char *asked, size_t size)
{
    struct iw_habit habit = {0};
    struct iw_request request;
    size_t i = 0;
    asked[0] = '\0';
    for (unsigned count = 0; iw_probe_next(hands->probe, &habit, &request); count++) {
        assert_true(count < 60);
        assert_true(!request.has_range || request.range_first <= request.range_last);
        assert_int_equal(request.method, IW_METHOD_GET);
        note(&request, asked, size);
        bool is_over = false;
        while (!is_over) {
            is_over = play(hands, arena, &script->answers[i], &habit);
            if (i + 1 < MAX_ANSWERS && has_answer(&script->answers[i + 1]))
                i++;
        }
    }
}

#define TYPE           "\nContent-Type: image/png"
#define OK200(length)  "HTTP/1.1 200 OK" TYPE "\nContent-Length: " length
#define ETAG(tag)      "\nETag: " tag
#define CHUNKED        "HTTP/1.1 200 OK" TYPE "\nTransfer-Encoding: chunked"
#define OK206(range)   "HTTP/1.1 206 Partial Content" TYPE "\nContent-Range: bytes " range
#define STATUS(status) "HTTP/1.1 " status " x\nContent-Length: 0"

static const struct script scripts[] = {
    {"whole at once", {{OK200("1000"), 'A', 1000, 0, 0}}, "-", IW_FAILURE_NONE, 'A', 1000, 0, NULL},
    {"of a size that is not told", {{CHUNKED, 'A', 1000, 0, 0}}, "-", IW_FAILURE_NONE, 'A', 1000, 0, NULL},
    {"breaks off, and is taken up",
     {{OK200("1000") ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0},
      {OK206("600-999/1000") ETAG("\"a\""), 'A', 400, 0, 0}},
     "- 600-999/\"a\"",
     IW_FAILURE_NONE,
     'A',
     1000,
     1,
     NULL},
    {"breaks off, of a size that is not told",
     {{CHUNKED ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0}, {OK206("600-999/1000") ETAG("\"a\""), 'A', 400, 0, 0}},
     "- 600-/\"a\"",
     IW_FAILURE_NONE,
     'A',
     1000,
     1,
     NULL},
    {"ends early without a word",
     {{OK200("1000") ETAG("\"a\""), 'A', 600, 0, 0}, {OK206("600-999/1000") ETAG("\"a\""), 'A', 400, 0, 0}},
     "- 600-999/\"a\"",
     IW_FAILURE_NONE,
     'A',
     1000,
     1,
     NULL},
    {"the rest comes in pieces",
     {{OK200("1000") ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0},
      {OK206("600-799/1000") ETAG("\"a\""), 'A', 200, 0, 0},
      {OK206("800-999/1000") ETAG("\"a\""), 'A', 200, 0, 0}},
     "- 600-999/\"a\" 800-999/\"a\"",
     IW_FAILURE_NONE,
     'A',
     1000,
     2,
     NULL},
    {"breaks off without a validator: anew",
     {{OK200("1000"), 'A', 600, IW_OUTCOME_RESET, 0}, {OK200("1000"), 'B', 1000, 0, 0}},
     "- -",
     IW_FAILURE_NONE,
     'B',
     1000,
     1,
     NULL},
    {"breaks off with a weak validator: anew",
     {{OK200("1000") ETAG("W/\"a\""), 'A', 600, IW_OUTCOME_RESET, 0}, {OK200("900"), 'B', 900, 0, 0}},
     "- -",
     IW_FAILURE_NONE,
     'B',
     900,
     1,
     NULL},
    {"changed in between: the whole new body",
     {{OK200("1000") ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0}, {OK200("700") ETAG("\"b\""), 'B', 700, 0, 0}},
     "- 600-999/\"a\"",
     IW_FAILURE_NONE,
     'B',
     700,
     1,
     NULL},
    {"changed in between, and If-Range is ignored",
     {{OK200("1000") ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0},
      {OK206("600-999/1000") ETAG("\"b\""), 'B', 400, 0, 0},
      {OK200("1000") ETAG("\"b\""), 'B', 1000, 0, 0}},
     "- 600-999/\"a\" -",
     IW_FAILURE_NONE,
     'B',
     1000,
     1,
     NULL},
    {"the rest comes without a validator: anew",
     {{OK200("1000") ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0},
      {OK206("600-999/1000"), 'B', 400, 0, 0},
      {OK200("1000") ETAG("\"b\""), 'B', 1000, 0, 0}},
     "- 600-999/\"a\" -",
     IW_FAILURE_NONE,
     'B',
     1000,
     1,
     NULL},
    {"the rest is of another length: anew",
     {{OK200("1000") ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0},
      {OK206("600-1099/1100") ETAG("\"a\""), 'B', 500, 0, 0},
      {OK200("1100") ETAG("\"a\""), 'B', 1100, 0, 0}},
     "- 600-999/\"a\" -",
     IW_FAILURE_NONE,
     'B',
     1100,
     1,
     NULL},
    {"the rest of nobody knows how much: anew",
     {{CHUNKED ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0},
      {OK206("600-799/*") ETAG("\"a\""), 'A', 200, 0, 0},
      {OK200("1000"), 'A', 1000, 0, 0}},
     "- 600-/\"a\" -",
     IW_FAILURE_NONE,
     'A',
     1000,
     1,
     NULL},
    {"416 to the rest: anew",
     {{OK200("1000") ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0},
      {"HTTP/1.1 416 x\nContent-Range: bytes */500", 0, 0, 0, 0},
      {OK200("500") ETAG("\"b\""), 'B', 500, 0, 0}},
     "- 600-999/\"a\" -",
     IW_FAILURE_NONE,
     'B',
     500,
     1,
     NULL},
    {"416 to the rest, always",
     {{OK200("1000") ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0},
      {STATUS("416"), 0, 0, 0, 0},
      {OK200("1000") ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0},
      {STATUS("416"), 0, 0, 0, 0},
      {OK200("1000") ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0},
      {STATUS("416"), 0, 0, 0, 0},
      {OK200("1000") ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0},
      {STATUS("416"), 0, 0, 0, 0}},
     "- 600-999/\"a\" - 600-999/\"a\" - 600-999/\"a\" - 600-999/\"a\"",
     IW_FAILURE_PROTOCOL,
     'A',
     0,
     9,
     "another range"},
    {"another range than the rest: anew",
     {{OK200("1000") ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0},
      {OK206("0-399/1000") ETAG("\"a\""), 'A', 400, 0, 0},
      {OK200("1000") ETAG("\"a\""), 'A', 1000, 0, 0}},
     "- 600-999/\"a\" -",
     IW_FAILURE_NONE,
     'A',
     1000,
     1,
     NULL},
    {"a range that is none, for the rest: anew",
     {{OK200("1000") ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0},
      {OK206("600-/1000") ETAG("\"a\""), 'A', 400, 0, 0},
      {OK200("1000") ETAG("\"a\""), 'A', 1000, 0, 0}},
     "- 600-999/\"a\" -",
     IW_FAILURE_NONE,
     'A',
     1000,
     1,
     NULL},
    {"206 though nothing of the kind was asked",
     {{OK206("0-999/1000"), 'A', 1000, 0, 0}},
     "-",
     IW_FAILURE_PROTOCOL,
     'A',
     0,
     3,
     "another range"},
    {"the rest lies elsewhere, under the same ETag: anew there",
     {{OK200("1000") ETAG("\"1\""), 'A', 600, IW_OUTCOME_RESET, 0},
      {"HTTP/1.1 302 x\nLocation: /elsewhere", 0, 0, 0, 0},
      {OK200("1000") ETAG("\"1\""), 'B', 1000, 0, 0}},
     "- 600-999/\"1\" -",
     IW_FAILURE_NONE,
     'B',
     1000,
     1,
     NULL},
    {"a redirect at once",
     {{"HTTP/1.1 302 x\nLocation: /elsewhere", 0, 0, 0, 0}, {OK200("1000"), 'B', 1000, 0, 0}},
     "- -",
     IW_FAILURE_NONE,
     'B',
     1000,
     0,
     NULL},
    {"compressed although identity is asked for",
     {{OK200("400") "\nContent-Encoding: gzip", 'A', 400, 0, 0}},
     "-",
     IW_FAILURE_PROTOCOL,
     'A',
     0,
     0,
     "compresses"},
    {"larger than the limit, as told",
     {{OK200("2097153"), 'A', 2097153, 0, 0}},
     "-",
     IW_FAILURE_PROTOCOL,
     'A',
     0,
     3,
     "larger than 2097152 bytes"},
    {"of the limit exactly", {{OK200("2097152"), 'A', LIMIT, 0, 0}}, "-", IW_FAILURE_NONE, 'A', LIMIT, 0, NULL},
    {"larger than the limit, not told",
     {{CHUNKED, 'A', LIMIT + 1, 0, 0}},
     "-",
     IW_FAILURE_PROTOCOL,
     'A',
     0,
     3,
     "larger than 2097152 bytes"},
    {"of the limit exactly, not told", {{CHUNKED, 'A', LIMIT, 0, 0}}, "-", IW_FAILURE_NONE, 'A', LIMIT, 0, NULL},
    {"larger than the limit, as the rest tells",
     {{CHUNKED ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0},
      {OK206("600-2097152/2097153") ETAG("\"a\""), 'A', 4000, 0, 0}},
     "- 600-/\"a\"",
     IW_FAILURE_PROTOCOL,
     'A',
     600,
     3,
     "larger than 2097152 bytes"},
    {"429 once",
     {{STATUS("429") "\nRetry-After: 1", 0, 0, 0, 0}, {OK200("1000"), 'A', 1000, 0, 0}},
     "- -",
     IW_FAILURE_NONE,
     'A',
     1000,
     1,
     NULL},
    {"503 between the parts: what is in hand stays",
     {{OK200("1000") ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0},
      {STATUS("503"), 0, 0, 0, 0},
      {OK206("600-999/1000") ETAG("\"a\""), 'A', 400, 0, 0}},
     "- 600-999/\"a\" 600-999/\"a\"",
     IW_FAILURE_NONE,
     'A',
     1000,
     2,
     NULL},
    {"a timeout between the parts",
     {{OK200("1000") ETAG("\"a\""), 'A', 600, IW_OUTCOME_TIMEOUT, 0},
      {NULL, 0, 0, IW_OUTCOME_CONNECT, 0},
      {OK206("600-999/1000") ETAG("\"a\""), 'A', 400, 0, 0}},
     "- 600-999/\"a\" 600-999/\"a\"",
     IW_FAILURE_NONE,
     'A',
     1000,
     2,
     NULL},
    {"404 by then",
     {{OK200("1000") ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0}, {STATUS("404"), 0, 0, 0, 0}},
     "- 600-999/\"a\"",
     IW_FAILURE_HTTP,
     'A',
     600,
     1,
     "HTTP status 404"},
    {"204", {{STATUS("204"), 0, 0, 0, 0}}, "-", IW_FAILURE_NOT_IMAGE, 'A', 0, 0, "HTTP status 204"},
    {"breaks off for good",
     {{OK200("1000") ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0},
      {OK206("600-999/1000") ETAG("\"a\""), 'A', 0, IW_OUTCOME_RESET, 0}},
     "- 600-999/\"a\" 600-999/\"a\"",
     IW_FAILURE_PROTOCOL,
     'A',
     600,
     2,
     "broke off"},
    {"broke when all was there",
     {{OK200("1000") ETAG("\"a\""), 'A', 1000, IW_OUTCOME_RESET, 0}},
     "-",
     IW_FAILURE_NONE,
     'A',
     1000,
     0,
     NULL},
    {"far enough each time to cost no retry",
     {{OK200("1000000") ETAG("\"a\""), 'A', 300000, IW_OUTCOME_RESET, 0},
      {OK206("300000-999999/1000000") ETAG("\"a\""), 'A', 300000, IW_OUTCOME_RESET, 0},
      {OK206("600000-999999/1000000") ETAG("\"a\""), 'A', 300000, IW_OUTCOME_RESET, 0},
      {OK206("900000-999999/1000000") ETAG("\"a\""), 'A', 100000, 0, 0}},
     "- 300000-999999/\"a\" 600000-999999/\"a\" 900000-999999/\"a\"",
     IW_FAILURE_NONE,
     'A',
     1000000,
     0,
     NULL},
    {"another's answer first",
     {{OK200("500") ETAG("\"b\""), 'B', 500, 0, true}, {OK200("1000") ETAG("\"a\""), 'A', 1000, 0, 0}},
     "-",
     IW_FAILURE_NONE,
     'A',
     1000,
     0,
     NULL},
    {"another's status in place of the rest",
     {{OK200("1000") ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0},
      {STATUS("404"), 0, 0, 0, true},
      {OK206("600-999/1000") ETAG("\"a\""), 'A', 400, 0, 0}},
     "- 600-999/\"a\"",
     IW_FAILURE_NONE,
     'A',
     1000,
     1,
     NULL},
    {"another's rest in place of ours",
     {{OK200("1000") ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0},
      {OK206("600-999/1000") ETAG("\"a\""), 'B', 300, 0, true},
      {OK206("600-999/1000") ETAG("\"a\""), 'A', 400, 0, 0}},
     "- 600-999/\"a\"",
     IW_FAILURE_NONE,
     'A',
     1000,
     1,
     NULL},
    {"another's whole body in place of our rest: anew",
     {{OK200("1000") ETAG("\"a\""), 'A', 600, IW_OUTCOME_RESET, 0},
      {OK200("300") ETAG("\"b\""), 'B', 300, 0, true},
      {OK206("600-999/1000") ETAG("\"a\""), 'A', 400, 0, 0},
      {OK200("1000") ETAG("\"a\""), 'A', 1000, 0, 0}},
     "- 600-999/\"a\" -",
     IW_FAILURE_NONE,
     'A',
     1000,
     1,
     NULL},
    {"the run is stopped",
     {{OK200("1000") ETAG("\"a\""), 'A', 600, IW_OUTCOME_CANCELLED, 0}},
     "-",
     IW_FAILURE_CANCELLED,
     'A',
     600,
     3,
     "stopped"},
};

static bool is_as_told(const struct script *script, const struct hands *hands, const char *asked)
{
    const struct iw_facts *facts = iw_probe_facts(hands->probe);
    uint64_t bytes = iw_probe_fetched(hands->probe);
    size_t right = 0;
    if (strcmp(asked, script->asked) != 0) {
        print_error("%s: asked \"%s\" instead of \"%s\"\n", script->name, asked, script->asked);
        return false;
    }
    bool has_words = !script->error || (facts->error.len && strstr(facts->error.ptr, script->error));
    if (facts->failure != script->failure || !has_words) {
        print_error("%s: failure %d instead of %d (%.*s)\n", script->name, facts->failure, script->failure,
                    IW_STR_ARGS(facts->error));
        return false;
    }
    if (script->failure != IW_FAILURE_NONE)
        return true;
    while (right < script->bytes && hands->memory[right] == byte_of(script->version, right))
        right++;
    if (bytes != script->bytes || facts->bytes != bytes || right != bytes)
        print_error("%s: %llu bytes instead of %zu, of which %zu are of version %c\n", script->name,
                    (unsigned long long)bytes, script->bytes, right, script->version);
    return bytes == script->bytes && facts->bytes == bytes && right == bytes;
}

static void each_script(void **state)
{
    (void)state;
    static uint8_t memory[LIMIT];
    unsigned wrong = 0;
    for (size_t i = 0; i < IW_ARRAY_LEN(scripts); i++) {
        const struct script *script = &scripts[i];
        struct iw_arena arena;
        struct iw_url url;
        struct iw_probe_policy policy;
        char asked[1000];
        iw_arena_init(&arena, 1 << 20);
        iw_probe_policy_default(&policy);
        policy.max_retries = script->max_retries;
        assert_int_equal(iw_url_parse(&arena, IW_STR("http://h.example/a.png"), NULL, &url, NULL, NULL), IW_OK);
        memset(memory, 0, sizeof memory);
        struct hands hands = {iw_probe_new(&arena, &policy, &url, 1), memory, LIMIT};
        assert_non_null(hands.probe);
        iw_probe_fetch(hands.probe, LIMIT);
        run(script, &hands, &arena, asked, sizeof asked);
        wrong += !is_as_told(script, &hands, asked);
        iw_arena_release(&arena);
    }
    assert_int_equal(wrong, 0);
}

/* What was learnt by looking stays, and does not lead the fetch astray: the first request is for the whole. */
static void after_looking(void **state)
{
    (void)state;
    struct iw_arena arena;
    struct iw_url url;
    struct iw_probe_policy policy;
    struct iw_habit habit = {0};
    struct iw_request request;
    static uint8_t memory[4096];
    iw_arena_init(&arena, 1 << 20);
    iw_probe_policy_default(&policy);
    policy.dims = IW_DIMS_NEVER;
    assert_int_equal(iw_url_parse(&arena, IW_STR("http://h.example/a.png"), NULL, &url, NULL, NULL), IW_OK);
    struct hands hands = {iw_probe_new(&arena, &policy, &url, 1), memory, sizeof memory};
    static const struct answer moved = {"HTTP/1.1 301 x\nLocation: /b.png", 0, 0, 0, 0};
    static const struct answer head = {OK200("5000") ETAG("\"a\""), 0, 0, 0, 0};
    static const struct answer whole = {OK200("1000") ETAG("\"a\""), 'A', 1000, 0, 0};
    assert_true(iw_probe_next(hands.probe, &habit, &request));
    play(&hands, &arena, &moved, &habit);
    assert_true(iw_probe_next(hands.probe, &habit, &request));
    assert_int_equal(request.method, IW_METHOD_HEAD);
    play(&hands, &arena, &head, &habit);
    assert_false(iw_probe_next(hands.probe, &habit, &request));
    assert_int_equal(iw_probe_body_place(hands.probe), UINT64_MAX);
    iw_probe_fetch(hands.probe, sizeof memory);
    assert_true(iw_probe_next(hands.probe, &habit, &request));
    assert_int_equal(request.method, IW_METHOD_GET);
    assert_false(request.has_range);
    assert_true(iw_str_ends_nocase(request.url.text, IW_STR("/b.png"))); /* from where the redirects ended */
    play(&hands, &arena, &whole, &habit);
    assert_false(iw_probe_next(hands.probe, &habit, &request));
    assert_int_equal(iw_probe_facts(hands.probe)->bytes, 1000);
    assert_int_equal(iw_probe_facts(hands.probe)->requests, 3);
    iw_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_script),
        cmocka_unit_test(after_looking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
