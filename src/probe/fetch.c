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

/* Nothing that is in hand counts any more, and no validator speaks for it. */
void iw_fetch_forget(struct iw_probe *probe)
{
    probe->fetch.have_bytes = 0;
    probe->fetch.total_bytes = UINT64_MAX;
    probe->strong_etag = IW_STR_NONE;
}

void iw_fetch_ask(struct iw_probe *probe, struct iw_request *out)
{
    struct iw_fetch *fetch = &probe->fetch;
    if (probe->strong_etag.len == 0 || fetch->have_bytes >= fetch->total_bytes)
        iw_fetch_forget(probe);
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

/* A 206 goes on where the bytes in hand end, and is proven to be of the same version: by its validator, whatever the
 * server thinks of If-Range, and by the length of the whole. */
static bool continues(const struct iw_probe *probe, const struct iw_response *r, uint64_t at)
{
    const struct iw_fetch *fetch = &probe->fetch;
    bool is_total_known = fetch->total_bytes != UINT64_MAX;
    if (at != fetch->have_bytes || !iw_str_eq(r->etag, probe->request.if_range))
        return false;
    return is_total_known ? !r->has_total || r->range_total == fetch->total_bytes : r->has_total;
}

enum iw_body iw_fetch_on_head(struct iw_probe *probe, const struct iw_response *r)
{
    struct iw_fetch *fetch = &probe->fetch;
    uint64_t at;
    if (!iw_answer_body_place(probe, &at) || (r->status == 206 && !continues(probe, r, at)))
        return r->has_content_length && r->content_length <= probe->policy->drain_bytes ? IW_BODY_DRAIN : IW_BODY_STOP;
    bool has_length = r->has_content_length && !r->is_chunked;
    if (r->status == 206)
        fetch->total_bytes = r->has_total ? r->range_total : fetch->total_bytes;
    else
        fetch->total_bytes = has_length ? r->content_length : UINT64_MAX;
    fetch->have_bytes = fetch->began_at = at;
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

/* Those bytes were another request's: what they were written over is lost, and what came before stands as it did. */
void iw_fetch_on_restart(struct iw_probe *probe)
{
    if (probe->is_reading)
        probe->fetch.have_bytes = probe->fetch.began_at;
    probe->fetch.is_too_big = false;
    probe->strong_etag = probe->request.if_range;
}

/* ---- the end ---- */

static void finish(struct iw_probe *probe)
{
    struct iw_fetch *fetch = &probe->fetch;
    bool is_told = fetch->total_bytes != UINT64_MAX;
    probe->facts.bytes = fetch->have_bytes;
    probe->facts.bytes_from = is_told ? IW_BYTES_CONTENT_LENGTH : IW_BYTES_COUNTED;
    probe->step = IW_STEP_DONE;
}

/* The last answer says no more; whether that is the end of it, or what is missing is asked for. */
bool iw_fetch_resume(struct iw_probe *probe)
{
    struct iw_fetch *fetch = &probe->fetch;
    if (probe->is_reading && fetch->have_bytes == fetch->total_bytes) {
        finish(probe);
        return true;
    }
    bool has_come_far = fetch->have_bytes >= fetch->resumed_at + PROGRESS_BYTES && probe->strong_etag.len > 0;
    if (!has_come_far || fetch->resumes >= RESUMES_MAX)
        return false;
    fetch->resumes++;
    fetch->resumed_at = fetch->have_bytes;
    return true;
}

/* The answer does not go on from what is in hand: it is asked for from its start, a few times. */
static bool begin_anew(struct iw_probe *probe)
{
    struct iw_fetch *fetch = &probe->fetch;
    fetch->resumes += RESUMES_MAX / 4;
    if (!probe->request.has_range || fetch->resumes >= RESUMES_MAX)
        return false;
    iw_fetch_forget(probe);
    return true;
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
    if (r->status != 200 && r->status != 206 && !(r->status == 416 && probe->request.has_range))
        return false;
    if (!probe->is_reading && r->content_encoding.len)
        iw_probe_fail(probe, IW_FAILURE_PROTOCOL, "the server compresses although identity is asked for");
    else if (!probe->is_reading && r->status == 200)
        iw_probe_fail(probe, IW_FAILURE_PROTOCOL, "the answer has Content-Lengths that differ");
    else if (!probe->is_reading && !begin_anew(probe))
        iw_probe_fail(probe, IW_FAILURE_PROTOCOL, "the server answers with another range");
    else if (!probe->is_reading)
        return true;
    else if (is_whole && (fetch->total_bytes == UINT64_MAX || fetch->have_bytes == fetch->total_bytes))
        finish(probe);
    else if (!iw_fetch_resume(probe) && !iw_retry(probe, NULL, 0))
        iw_probe_fail(probe, IW_FAILURE_PROTOCOL, "it ends after %llu bytes", (unsigned long long)fetch->have_bytes);
    return true;
}
