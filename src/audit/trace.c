/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The story of one target, request by request, for "imgweigh explain". */
#include "base/iw.h"
#include "audit/inside.h"

static void tell(const struct iw_audit_events *events, struct iw_buf *line)
{
    iw_buf_add_char(line, '\0');
    if (line->err == IW_OK)
        events->trace(events->user, line->ptr);
    iw_buf_release(line);
}

void iw_trace_request(const struct iw_audit_events *events, const struct iw_request *request)
{
    if (!events->trace)
        return;
    struct iw_buf line;
    iw_buf_init(&line, 1u << 16);
    if (request->delay_ms)
        iw_buf_printf(&line, "(waits %.1f s) ", (double)request->delay_ms / 1000);
    iw_buf_printf(&line, "%s ", request->method == IW_METHOD_HEAD ? "HEAD" : "GET");
    iw_report_add_safe(&line, request->url.text);
    if (request->has_range)
        iw_buf_printf(&line, ", bytes %llu to %llu", (unsigned long long)request->range_first,
                      (unsigned long long)request->range_last);
    iw_buf_printf(&line, ": asks for %s", request->why);
    tell(events, &line);
}

void iw_trace_robots(const struct iw_audit_events *events, struct iw_str why)
{
    if (!events->trace)
        return;
    struct iw_buf line;
    iw_buf_init(&line, 1u << 16);
    iw_buf_printf(&line, "  ");
    iw_report_add_safe(&line, why);
    tell(events, &line);
}

static void add_text(struct iw_buf *line, const char *name, struct iw_str value)
{
    if (value.len == 0)
        return;
    iw_buf_printf(line, ", %s ", name);
    iw_report_add_safe(line, value);
}

static const char *const outcome_words[] = {
    [IW_OUTCOME_OK] = "answered",
    [IW_OUTCOME_TIMEOUT] = "timed out",
    [IW_OUTCOME_DNS] = "no such host name",
    [IW_OUTCOME_DNS_GIVEN_UP] = "not asked: the name could not be looked up, several times",
    [IW_OUTCOME_DNS_LATER] = "the name could not be looked up",
    [IW_OUTCOME_CONNECT] = "cannot connect",
    [IW_OUTCOME_TLS] = "TLS failed",
    [IW_OUTCOME_RESET] = "the connection broke off",
    [IW_OUTCOME_PROTOCOL] = "not valid HTTP",
    [IW_OUTCOME_PRIVATE] = "the address is private and refused",
    [IW_OUTCOME_LATER] = "not asked: the host wants to be left alone",
    [IW_OUTCOME_DOWN] = "not asked: the host does not answer",
    [IW_OUTCOME_TOO_BIG] = "the header is too large",
    [IW_OUTCOME_CANCELLED] = "stopped",
    [IW_OUTCOME_FAULT] = "a fault of imgweigh",
};

void iw_trace_answer(const struct iw_audit_events *events, const struct iw_transfer *transfer)
{
    if (!events->trace)
        return;
    const struct iw_response *r = &transfer->response;
    struct iw_buf line;
    iw_buf_init(&line, 1u << 16);
    iw_buf_printf(&line, "  ");
    if (transfer->outcome != IW_OUTCOME_OK)
        iw_buf_printf(&line, "%s%s%s", outcome_words[transfer->outcome], transfer->detail[0] ? ": " : "",
                      transfer->detail);
    else
        iw_buf_printf(&line, "%d", r->status);
    if (r->has_content_length)
        iw_buf_printf(&line, ", Content-Length %llu", (unsigned long long)r->content_length);
    if (r->has_content_range && !r->has_valid_range && !r->has_total)
        iw_buf_printf(&line, ", a Content-Range that makes no sense");
    if (r->has_valid_range)
        iw_buf_printf(&line, ", Content-Range %llu to %llu", (unsigned long long)r->range_first,
                      (unsigned long long)r->range_last);
    if (r->has_total)
        iw_buf_printf(&line, " of %llu", (unsigned long long)r->range_total);
    add_text(&line, "Content-Type", r->content_type);
    add_text(&line, "Content-Encoding", r->content_encoding);
    add_text(&line, "Location", r->location);
    add_text(&line, "ETag", r->etag);
    if (transfer->body_bytes)
        iw_buf_printf(&line, "; %llu bytes read%s", (unsigned long long)transfer->body_bytes,
                      transfer->was_cut ? ", then cut" : "");
    iw_buf_printf(&line, "; %s%s%.1f ms", transfer->peer, transfer->peer[0] ? ", " : "", (double)transfer->us / 1000);
    tell(events, &line);
}
