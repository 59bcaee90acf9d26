/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The whole of a target: one GET, and where it breaks off, the rest by a range under If-Range (RFC 9110
 * sections 13.1.5, 14.2, 15.3.7), so that bytes of two versions are never joined. Without a strong validator it begins
 * anew. */
#include "base/iw.h"
#include "probe/machine.h"

/* A break that came so much further costs no retry: large files over bad lines arrive in the end. */
enum { PROGRESS_BYTES = 256 << 10, RESUMES_MAX = 32 };

void iw_probe_fetch(struct iw_probe *probe, uint64_t limit_bytes)
{
    probe->step = IW_STEP_WHOLE;
    probe->fetch = (struct iw_fetch){.limit_bytes = limit_bytes, .total_bytes = UINT64_MAX};
    probe->retries = probe->redirects = 0;
    probe->delay_ms = 0;
    probe->facts.failure = IW_FAILURE_NONE;
    probe->facts.error = IW_STR_NONE;
    iw_held_clear(&probe->held);
}

uint64_t iw_probe_body_place(const struct iw_probe *probe)
{
    return probe->step == IW_STEP_WHOLE && probe->is_reading ? probe->body_at : UINT64_MAX;
}

uint64_t iw_probe_fetched(const struct iw_probe *probe)
{
    return probe->fetch.have_bytes;
}

void iw_fetch_ask(struct iw_probe *probe, struct iw_request *out)
{
    struct iw_fetch *fetch = &probe->fetch;
    if (probe->strong_etag.len == 0)
        fetch->have_bytes = 0;
    out->why = "the whole";
    if (fetch->have_bytes == 0)
        return;
    out->why = "the rest of it";
    out->has_range = true;
    out->range_first = fetch->have_bytes;
    out->range_last = fetch->total_bytes == UINT64_MAX ? UINT64_MAX : fetch->total_bytes - 1;
    out->if_range = probe->strong_etag;
}

/* ---- the body ---- */

static enum iw_body refuse(struct iw_probe *probe)
{
    probe->fetch.is_too_big = true;
    probe->is_reading = false;
    return IW_BODY_STOP;
}

enum iw_body iw_fetch_on_head(struct iw_probe *probe, const struct iw_response *r)
{
    struct iw_fetch *fetch = &probe->fetch;
    uint64_t at;
    if (!iw_answer_body_place(probe, &at) || (r->status == 206 && at != fetch->have_bytes))
        return r->has_content_length && r->content_length <= probe->policy->drain_bytes ? IW_BODY_DRAIN : IW_BODY_STOP;
    bool has_length = r->has_content_length && !r->is_chunked;
    if (r->status == 206)
        fetch->total_bytes = r->has_total ? r->range_total : fetch->total_bytes;
    else
        fetch->total_bytes = has_length ? r->content_length : UINT64_MAX;
    fetch->have_bytes = at;
    probe->body_at = at;
    probe->is_reading = true;
    iw_answer_keep_fields(probe);
    bool is_known = fetch->total_bytes != UINT64_MAX;
    return is_known && fetch->total_bytes > fetch->limit_bytes ? refuse(probe) : IW_BODY_READ;
}

enum iw_body iw_fetch_on_body(struct iw_probe *probe, size_t len)
{
    if (!probe->is_reading)
        return probe->body_seen > probe->policy->drain_bytes ? IW_BODY_STOP : IW_BODY_DRAIN;
    if (probe->body_at > probe->fetch.limit_bytes)
        return refuse(probe);
    probe->fetch.have_bytes += len;
    return IW_BODY_READ;
}

/* ---- the end ---- */

/* The last answer says no more; whether to ask for what is missing. */
bool iw_fetch_resume(struct iw_probe *probe)
{
    struct iw_fetch *fetch = &probe->fetch;
    bool has_come_far = fetch->have_bytes >= fetch->resumed_at + PROGRESS_BYTES && probe->strong_etag.len > 0;
    if (!has_come_far || fetch->resumes >= RESUMES_MAX)
        return false;
    fetch->resumes++;
    fetch->resumed_at = fetch->have_bytes;
    return true;
}

static void finish(struct iw_probe *probe)
{
    struct iw_fetch *fetch = &probe->fetch;
    bool is_told = fetch->total_bytes != UINT64_MAX;
    probe->facts.bytes = fetch->have_bytes;
    probe->facts.bytes_from = is_told ? IW_BYTES_CONTENT_LENGTH : IW_BYTES_COUNTED;
    probe->step = IW_STEP_DONE;
}

bool iw_fetch_take(struct iw_probe *probe, bool is_whole)
{
    struct iw_fetch *fetch = &probe->fetch;
    const struct iw_response *r = &probe->response;
    if (fetch->is_too_big) {
        iw_probe_fail(probe, IW_FAILURE_PROTOCOL, "larger than %llu bytes, the most that is fetched",
                      (unsigned long long)fetch->limit_bytes);
        return true;
    }
    if (r->status == 416 && fetch->have_bytes > 0) {
        fetch->have_bytes = 0; /* another version, shorter */
        probe->strong_etag = IW_STR_NONE;
        fetch->resumes += RESUMES_MAX / 4;
        if (fetch->resumes < RESUMES_MAX)
            return true;
    }
    if (r->status != 200 && r->status != 206)
        return false;
    if (!probe->is_reading)
        iw_probe_fail(probe, IW_FAILURE_PROTOCOL,
                      r->content_encoding.len ? "the server compresses although identity is asked for"
                                              : "the server answers with another range");
    else if (is_whole && (fetch->total_bytes == UINT64_MAX || fetch->have_bytes == fetch->total_bytes))
        finish(probe);
    else if (!iw_fetch_resume(probe) && !iw_retry(probe, NULL, 0))
        iw_probe_fail(probe, IW_FAILURE_PROTOCOL, "it ends after %llu bytes", (unsigned long long)fetch->have_bytes);
    return true;
}
