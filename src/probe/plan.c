/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The requests of a probe: HEAD for the size, a ranged GET for size and header, further windows, a plain GET where
 * ranges fail. RFC 9110 sections 9.3.2 (HEAD), 14.2 (Range), 13.1.5 (If-Range). */
#include "base/iw.h"
#include "probe/machine.h"

#include <stdarg.h>
#include <stdio.h>

/* Failed HEADs of a host after which HEAD is no longer tried there. */
enum { HEAD_PATIENCE = 3 };
/* Room for so much is made at once where a body may go on for long. */
enum { EXPECT_BYTES = 16384 };

void iw_probe_policy_default(struct iw_probe_policy *policy)
{
    *policy = (struct iw_probe_policy){
        .method = IW_PROBE_AUTO,
        .dims = IW_DIMS_AUTO,
        .decisive_bytes = UINT64_MAX,
        .count_limit_bytes = 64u << 20,
        .windows = iw_window_rules,
        .drain_bytes = 64u << 10,
        .max_header_requests = 8,
        .max_header_bytes = 1u << 20,
        .max_redirects = 10,
        .max_retries = 3,
        .retry_base_ms = 500,
        .retry_cap_ms = 20000,
        .retry_after_cap_ms = 60000,
    };
}

struct iw_probe *iw_probe_new(struct iw_arena *arena, const struct iw_probe_policy *policy, const struct iw_url *url,
                              uint64_t seed)
{
    struct iw_probe *probe = iw_arena_zalloc(arena, sizeof *probe);
    if (!probe)
        return NULL;
    probe->policy = policy;
    probe->arena = arena;
    probe->url = *url;
    probe->seed = seed;
    probe->facts.url = url->text;
    probe->wants = policy->wants;
    probe->wants_dims = policy->dims == IW_DIMS_ALWAYS || (policy->dims == IW_DIMS_AUTO && policy->profile_wants_dims);
    probe->step = policy->method == IW_PROBE_RANGE ? IW_STEP_WINDOW : IW_STEP_HEAD;
    iw_held_init(&probe->held, arena);
    return probe;
}

void iw_probe_fail(struct iw_probe *probe, enum iw_failure failure, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    probe->facts.failure = failure;
    probe->facts.error = iw_arena_str(probe->arena, iw_str_from(text));
    probe->step = IW_STEP_DONE;
}

void iw_probe_stop(struct iw_probe *probe, enum iw_failure failure, const char *text)
{
    iw_probe_fail(probe, failure, "%s", text);
}

const struct iw_url *iw_probe_url(const struct iw_probe *probe)
{
    return &probe->url;
}

struct iw_facts *iw_probe_facts(struct iw_probe *probe)
{
    return &probe->facts;
}

/* HEAD is skipped where the host has shown that it is useless, or where one ranged GET proves more: the size and the
 * header, or whose the answers before it were. */
static bool head_is_worth_it(const struct iw_probe *probe, const struct iw_habit *habit)
{
    if (probe->policy->method == IW_PROBE_HEAD)
        return true;
    if (habit->head_has_body || (habit->head_bad >= HEAD_PATIENCE && habit->head_bad > habit->head_good))
        return false;
    if (iw_known_may_suffice(probe) && !habit->wants_proof)
        return true;
    bool wants_range = probe->wants_dims || habit->wants_proof || habit->wants_each_proven;
    return !(wants_range && habit->head_good > 0 && habit->range_ignored == 0);
}

/* A HEAD that would wait for proof, where a range cannot take its place or what is known to be refused is asked for. */
static bool is_apart(const struct iw_probe *probe, const struct iw_habit *habit)
{
    bool has_no_range =
        probe->policy->method == IW_PROBE_HEAD || habit->range_ignored > 0 || iw_known_may_suffice(probe);
    return habit->wants_each_proven && has_no_range && !iw_known_proves(probe);
}

static void set_range(struct iw_probe *probe, struct iw_request *out, uint64_t first, uint64_t len)
{
    uint64_t total = probe->held.total_bytes;
    out->has_range = true;
    out->range_first = first;
    out->range_last = first + len - 1;
    if (total != UINT64_MAX && total > first && out->range_last >= total)
        out->range_last = total - 1;
    if (first > 0)
        out->if_range = probe->strong_etag;
}

bool iw_probe_next(struct iw_probe *probe, const struct iw_habit *habit, struct iw_request *out)
{
    if (probe->step == IW_STEP_HEAD && probe->facts.requests == 0 && !head_is_worth_it(probe, habit))
        probe->step = IW_STEP_WINDOW;
    *out = (struct iw_request){.method = IW_METHOD_GET, .url = probe->url, .delay_ms = probe->delay_ms};
    probe->delay_ms = 0;
    switch (probe->step) {
    case IW_STEP_HEAD:
        out->method = IW_METHOD_HEAD;
        out->is_apart = is_apart(probe, habit);
        out->why = "its size";
        break;
    case IW_STEP_WINDOW:
        set_range(probe, out, 0, iw_window_first(probe));
        out->why = probe->head_failed ? "size and header, since HEAD was of no use" : "size and header in one";
        if (probe->head_told)
            out->why = "the image's header";
        break;
    case IW_STEP_MORE:
        set_range(probe, out, probe->more_at, probe->more_len);
        out->why = "more of the header";
        break;
    case IW_STEP_PLAIN:
        out->why = "the whole, cut short: ranges are of no use here";
        break;
    case IW_STEP_COUNT:
        out->why = "to count its bytes, since no size is told";
        break;
    case IW_STEP_WHOLE:
        iw_fetch_ask(probe, out);
        break;
    case IW_STEP_DONE:
        return false;
    }
    probe->request = *out;
    probe->has_response = false;
    probe->is_reading = false;
    probe->body_seen = 0;
    probe->facts.requests++;
    return true;
}

void iw_probe_reconsider(struct iw_probe *probe, const struct iw_habit *habit, struct iw_request *request)
{
    if (probe->step != IW_STEP_HEAD || probe->facts.requests != 1)
        return;
    probe->facts.requests = 0;
    (void)iw_probe_next(probe, habit, request);
}

/* ---- the body, as it comes ---- */

static enum iw_body unwanted(const struct iw_probe *probe, const struct iw_response *response)
{
    bool is_small = response->has_content_length && response->content_length <= probe->policy->drain_bytes;
    return is_small ? IW_BODY_DRAIN : IW_BODY_STOP;
}

enum iw_body iw_probe_on_head(struct iw_probe *probe, const struct iw_response *response)
{
    probe->response = *response;
    probe->has_response = true;
    if (probe->request.method == IW_METHOD_HEAD)
        return IW_BODY_DRAIN;
    if (probe->step == IW_STEP_WHOLE)
        return iw_fetch_on_head(probe, response);
    uint64_t at;
    if (!iw_answer_body_place(probe, &at))
        return unwanted(probe, response);
    probe->is_reading = true;
    probe->header_requests++;
    probe->body_at = at;
    if (response->status != 206) {
        iw_held_clear(&probe->held);
        probe->body_end = probe->policy->max_header_bytes;
    } else {
        probe->body_end = probe->request.range_last + 1;
    }
    if (probe->step == IW_STEP_COUNT)
        probe->body_end = UINT64_MAX;
    return IW_BODY_READ;
}

bool iw_probe_is_followed(const struct iw_probe *probe)
{
    const struct iw_response *r = &probe->response;
    bool is_told = r->status == 200 && r->has_content_length;
    return probe->request.method == IW_METHOD_HEAD && (probe->wants_dims || !is_told);
}

static enum iw_body after_header(struct iw_probe *probe)
{
    const struct iw_response *r = &probe->response;
    bool has_length = r->has_content_length && !r->has_conflicting_length && !r->is_chunked;
    if (has_length && r->content_length > probe->body_seen)
        return r->content_length - probe->body_seen <= probe->policy->drain_bytes ? IW_BODY_READ : IW_BODY_STOP;
    if (has_length)
        return IW_BODY_READ;
    /* no length is told: a small body is read to its end, which counts it */
    uint64_t limit = probe->policy->drain_bytes;
    if (probe->policy->count_unknown)
        limit = probe->policy->count_limit_bytes;
    return probe->body_seen <= limit ? IW_BODY_READ : IW_BODY_STOP;
}

enum iw_body iw_probe_on_body(struct iw_probe *probe, const uint8_t *bytes, size_t len)
{
    uint64_t at = probe->body_at;
    probe->body_at += len;
    probe->body_seen += len;
    if (probe->step == IW_STEP_WHOLE)
        return iw_fetch_on_body(probe, len);
    if (!probe->is_reading)
        return IW_BODY_DRAIN;
    if (probe->step == IW_STEP_COUNT)
        return probe->body_seen > probe->policy->count_limit_bytes ? IW_BODY_STOP : IW_BODY_READ;
    if (at < probe->body_end) {
        size_t keep = (size_t)IW_MIN((uint64_t)len, probe->body_end - at);
        uint64_t expect = IW_MIN(probe->body_end - at - keep, (uint64_t)EXPECT_BYTES);
        if (!iw_held_add(&probe->held, at, bytes, keep, (size_t)expect))
            return IW_BODY_STOP;
    }
    if (probe->response.status == 206)
        return probe->body_at >= probe->body_end + probe->policy->drain_bytes ? IW_BODY_STOP : IW_BODY_READ;
    /* Range was ignored: read until the header is known, then as far as it keeps the connection cheap */
    if (at < probe->body_end && probe->wants_dims && probe->body_at < probe->body_end && !iw_look_is_enough(probe))
        return IW_BODY_READ;
    return after_header(probe);
}

void iw_probe_on_restart(struct iw_probe *probe)
{
    /* the bytes of the wrong answer may lie among those held: all are asked for again */
    if (probe->is_reading)
        iw_held_clear(&probe->held);
    if (probe->step == IW_STEP_WHOLE)
        iw_fetch_on_restart(probe);
    probe->has_response = false;
    probe->is_reading = false;
    probe->body_seen = 0;
    probe->facts.requests++;
}

void iw_probe_on_end(struct iw_probe *probe, enum iw_outcome outcome, const char *detail,
                     const struct iw_transfer_figures *figures, struct iw_habit *habit)
{
    probe->facts.us += figures->us;
    probe->facts.bytes_read += figures->body_bytes;
    if (probe->has_response) {
        probe->facts.status = probe->response.status;
        probe->facts.http_version = probe->response.http_version;
        probe->facts.final_url = probe->url.text;
    }
    iw_answer_take(probe, outcome, detail, figures, habit);
}
