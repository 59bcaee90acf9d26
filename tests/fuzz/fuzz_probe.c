/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A probe against a server that answers with the fuzzer's bytes: it ends, within its budget of requests and bytes. */
#include "base/iw.h"
#include "probe/probe.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Cuts one length-prefixed piece off the input. */
static struct iw_str piece(const uint8_t **data, size_t *size)
{
    if (*size < 2)
        return IW_STR("");
    size_t len = IW_MIN((size_t)((*data)[0] << 8 | (*data)[1]), *size - 2);
    struct iw_str result = {(const char *)*data + 2, len};
    *data += 2 + len;
    *size -= 2 + len;
    return result;
}

static void answer(struct iw_probe *probe, struct iw_arena *arena, struct iw_habit *habit, const uint8_t **data,
                   size_t *size)
{
    struct iw_response response;
    iw_response_init(&response);
    struct iw_str head = piece(data, size), body = piece(data, size), line;
    struct iw_transfer_figures figures = {.us = 1, .body_bytes = body.len, .now_unix_s = 1000};
    while (iw_str_next(&head, '\n', &line))
        if (iw_response_line(&response, arena, line) != IW_OK)
            break;
    enum iw_body what = iw_probe_on_head(probe, &response);
    for (size_t at = 0; what == IW_BODY_READ && at < body.len; at += 97)
        what = iw_probe_on_body(probe, (const uint8_t *)body.ptr + at, IW_MIN((size_t)97, body.len - at));
    figures.was_cut = what == IW_BODY_STOP;
    enum iw_outcome outcome = *size ? (enum iw_outcome)(**data % (IW_OUTCOME_FAULT + 1)) : IW_OUTCOME_OK;
    iw_probe_on_end(probe, outcome, "", &figures, habit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct iw_arena arena;
    iw_arena_init(&arena, 16 << 20);
    struct iw_probe_policy policy;
    iw_probe_policy_default(&policy);
    policy.dims = size % 2 ? IW_DIMS_ALWAYS : IW_DIMS_NEVER;
    policy.count_unknown = size % 3 == 0;
    policy.wants = (struct iw_wants){true, true, size % 5 == 0};
    struct iw_url url;
    if (iw_url_parse(&arena, IW_STR("http://h.example/a"), NULL, &url, NULL, NULL) != IW_OK)
        return 0;
    struct iw_probe *probe = iw_probe_new(&arena, &policy, &url, 1);
    struct iw_habit habit = {0};
    struct iw_request request;
    unsigned count = 0;
    while (iw_probe_next(probe, &habit, &request)) {
        assert(++count < 64);
        assert(!request.has_range || request.range_first <= request.range_last);
        assert(!request.has_range || request.range_last - request.range_first < (1u << 20));
        answer(probe, &arena, &habit, &data, &size);
    }
    const struct iw_facts *facts = iw_probe_facts(probe);
    assert(facts->requests == count);
    assert((facts->failure == IW_FAILURE_NONE) == (facts->error.len == 0) || arena.err != IW_OK);
    iw_arena_release(&arena);
    return 0;
}
