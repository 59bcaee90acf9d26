/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The pieces of records that several JSON writers share. */
#include "base/iw.h"
#include "report/json.h"
#include "report/moment.h"
#include "report/offence.h"
#include "report/words.h"

#include "base/base64.h"
#include "base/json_out.h"

void iw_json_text(struct iw_buf *out, const char *text)
{
    iw_json_str(out, iw_str_from(text));
}

void iw_json_line(struct iw_buf *out, bool is_first)
{
    if (!is_first)
        iw_buf_add_char(out, ',');
    iw_buf_add_char(out, '\n');
}

void iw_json_number(struct iw_buf *out, const char *key, bool is_known, uint64_t value)
{
    iw_json_key(out, key);
    if (is_known)
        iw_json_u64(out, value);
    else
        iw_json_null(out);
}

void iw_json_string(struct iw_buf *out, const char *key, struct iw_str text)
{
    iw_json_key(out, key);
    iw_json_str(out, text.len ? text : IW_STR_NONE);
}

/* Thousandths as a decimal number without trailing zeros. */
void iw_json_thousandths(struct iw_buf *out, uint64_t value)
{
    iw_json_u64(out, value / 1000);
    uint64_t rest = value % 1000;
    if (rest == 0)
        return;
    iw_buf_add_char(out, '.');
    for (uint64_t scale = 100; rest; rest %= scale, scale /= 10)
        iw_buf_add_char(out, (char)('0' + rest / scale));
}

static void figure(struct iw_buf *out, const char *key, const struct iw_finding *f, uint64_t value)
{
    iw_json_key(out, key);
    if (!f->has_figures)
        iw_json_null(out);
    else if (f->unit == IW_UNIT_RATIO)
        iw_json_thousandths(out, value);
    else
        iw_json_u64(out, value);
}

static void add_finding(struct iw_buf *out, const struct iw_finding *f)
{
    iw_buf_add_char(out, '{');
    iw_json_key(out, "rule");
    iw_json_text(out, iw_rules[f->rule].name);
    iw_json_key(out, "severity");
    iw_json_text(out, iw_severity_name(f->severity));
    iw_json_key(out, "profile");
    iw_json_text(out, f->profile);
    figure(out, "limit", f, f->limit);
    figure(out, "actual", f, f->actual);
    iw_json_key(out, "unit");
    iw_json_text(out, f->has_figures ? iw_unit_name(f->unit) : NULL);
    iw_json_key(out, "message");
    iw_json_str(out, f->message);
    iw_buf_add_char(out, '}');
}

void iw_json_source(struct iw_buf *out, const struct iw_source_ref *source)
{
    iw_json_key(out, "source");
    iw_buf_add_char(out, '{');
    iw_json_key(out, "path");
    iw_json_str(out, source->path.ptr ? source->path : IW_STR(""));
    iw_json_key(out, "kind");
    iw_json_text(out, source->kind);
    iw_json_number(out, "line", source->line, source->line);
    iw_json_number(out, "column", source->column, source->column);
    iw_json_string(out, "element", source->element);
    iw_buf_add_char(out, '}');
}

void iw_json_findings(struct iw_buf *out, const struct iw_findings *findings)
{
    iw_json_key(out, "findings");
    iw_buf_add_char(out, '[');
    for (size_t i = 0; i < findings->count; i++) {
        if (i)
            iw_buf_add_char(out, ',');
        add_finding(out, &findings->list[i]);
    }
    iw_buf_add_char(out, ']');
}

static void add_image(struct iw_buf *out, const struct iw_facts *facts)
{
    const struct iw_image_facts *image = &facts->image;
    iw_json_number(out, "width", image->width_px, image->width_px);
    iw_json_number(out, "height", image->height_px, image->height_px);
    iw_json_number(out, "stored_width", image->stored_width_px, image->stored_width_px);
    iw_json_number(out, "stored_height", image->stored_height_px, image->stored_height_px);
    iw_json_number(out, "orientation", image->orientation, image->orientation);
    iw_json_key(out, "format");
    iw_json_text(out, image->format ? image->format->name : NULL);
    iw_json_string(out, "content_type", facts->content_type);
    iw_json_key(out, "animated");
    iw_json_tri(out, image->animated);
    iw_json_key(out, "alpha");
    iw_json_tri(out, image->alpha);
}

/* One key for each profile with a formula: the first of a name. */
static void add_tokens(struct iw_buf *out, const struct iw_report_style *style, const struct iw_record *record)
{
    bool is_open = false;
    iw_json_key(out, "tokens");
    for (size_t i = 0; i < style->profile_count; i++) {
        uint64_t tokens;
        if (!iw_style_tokens(style, i, record, &tokens))
            continue;
        if (!is_open)
            iw_buf_add_char(out, '{');
        is_open = true;
        iw_json_number(out, style->profiles[i]->name, true, tokens);
    }
    if (is_open)
        iw_buf_add_char(out, '}');
    else
        iw_json_null(out);
}

static void add_http(struct iw_buf *out, const struct iw_record *record)
{
    const struct iw_facts *facts = record->facts;
    const char *version = facts->http_version >= 20   ? "2"
                          : facts->http_version == 11 ? "1.1"
                          : facts->http_version == 10 ? "1.0"
                                                      : NULL;
    iw_json_number(out, "status", facts->status, (uint64_t)facts->status);
    iw_json_key(out, "http");
    iw_json_text(out, version);
    iw_json_string(out, "etag", facts->etag);
    iw_json_string(out, "last_modified", facts->last_modified);
    iw_json_number(out, "requests", true, facts->requests);
    iw_json_number(out, "bytes_read", true, facts->bytes_read);
    iw_json_key(out, "ms");
    iw_json_thousandths(out, facts->us);
    iw_json_string(out, "error", iw_record_error(record));
}

static void add_place(struct iw_buf *out, const struct iw_place *place)
{
    iw_json_key(out, "place");
    if (!iw_place_is_stated(place)) {
        iw_json_null(out);
        return;
    }
    iw_buf_add_char(out, '{');
    iw_json_number(out, "width", place->width_px, place->width_px);
    iw_json_number(out, "height", place->height_px, place->height_px);
    iw_json_key(out, "unit");
    iw_json_text(out, place->is_exact ? "px" : "css");
    iw_buf_add_char(out, '}');
}

/* What the run before said of the same target, or null. */
static void add_before(struct iw_buf *out, const struct iw_before *before)
{
    iw_json_key(out, "before");
    if (!before) {
        iw_json_null(out);
        return;
    }
    iw_buf_add_char(out, '{');
    iw_json_key(out, "verdict");
    iw_json_text(out, iw_verdict_name(before->verdict));
    iw_json_number(out, "bytes", before->bytes, before->bytes);
    iw_json_number(out, "width", before->width_px, before->width_px);
    iw_json_number(out, "height", before->height_px, before->height_px);
    iw_json_moment(out, "first_seen", before->first_seen_unix_s);
    iw_buf_add_char(out, '}');
}

static void add_suggestion(struct iw_buf *out, const struct iw_suggestion *suggestion)
{
    iw_json_key(out, "suggestion");
    if (!suggestion) {
        iw_json_null(out);
        return;
    }
    iw_buf_add_char(out, '{');
    iw_json_key(out, "url");
    iw_json_str(out, suggestion->url);
    iw_json_number(out, "bytes", suggestion->bytes, suggestion->bytes);
    iw_json_number(out, "width", suggestion->width_px, suggestion->width_px);
    iw_json_number(out, "height", suggestion->height_px, suggestion->height_px);
    iw_buf_add_char(out, '}');
}

void iw_json_record(struct iw_buf *out, const struct iw_report_style *style, const struct iw_record *record)
{
    const struct iw_facts *facts = record->facts;
    bool has_bytes = facts->bytes_from != IW_BYTES_UNKNOWN;
    iw_buf_add_char(out, '{');
    iw_json_key(out, "url");
    iw_json_str(out, facts->url);
    iw_json_key(out, "final_url");
    iw_json_str(out, facts->final_url);
    iw_json_source(out, record->source);
    iw_json_key(out, "verdict");
    iw_json_text(out, iw_verdict_name(record->verdict));
    iw_json_findings(out, record->findings);
    iw_json_number(out, "bytes", has_bytes, facts->bytes);
    iw_json_key(out, "bytes_from");
    iw_json_text(out, iw_bytes_from_name(facts->bytes_from));
    bool has_base64 = has_bytes && facts->bytes_from != IW_BYTES_AT_LEAST;
    iw_json_number(out, "base64_bytes", has_base64, iw_base64_len(facts->bytes));
    add_image(out, facts);
    add_tokens(out, style, record);
    add_http(out, record);
    add_place(out, &record->source->place);
    iw_json_key(out, "change");
    iw_json_text(out, record->change == IW_CHANGE_NONE ? NULL : iw_change_name(record->change));
    add_before(out, record->before);
    iw_json_string(out, "waiver", record->waiver);
    add_suggestion(out, record->suggestion);
    iw_json_string(out, "custom_id", record->source->custom_id);
    iw_buf_add_char(out, '}');
}

void iw_json_moment(struct iw_buf *out, const char *key, int64_t unix_s)
{
    iw_json_key(out, key);
    if (!unix_s) {
        iw_json_null(out);
        return;
    }
    iw_buf_add_char(out, '"');
    iw_moment_add(out, unix_s);
    iw_buf_add(out, "Z\"", 2);
}

void iw_json_profiles(struct iw_buf *out, const struct iw_report_style *style)
{
    iw_json_key(out, "profiles");
    iw_buf_add_char(out, '[');
    for (size_t i = 0; i < style->profile_count; i++) {
        if (i)
            iw_buf_add_char(out, ',');
        iw_json_text(out, style->profiles[i]->name);
    }
    iw_buf_add_char(out, ']');
}

static void add_verdicts(struct iw_buf *out, const struct iw_totals *totals)
{
    iw_json_key(out, "verdicts");
    iw_buf_add_char(out, '{');
    for (unsigned i = 0; i < IW_VERDICT_COUNT; i++)
        iw_json_number(out, iw_verdict_name(i), true, totals->verdicts[i]);
    iw_buf_add_char(out, '}');
}

static void add_changes(struct iw_buf *out, const struct iw_totals *totals)
{
    iw_json_key(out, "changes");
    if (!totals->is_compared) {
        iw_json_null(out);
        return;
    }
    iw_buf_add_char(out, '{');
    for (unsigned i = IW_CHANGE_NONE + 1; i < IW_CHANGE_COUNT; i++)
        iw_json_number(out, iw_change_name(i), true, totals->changes[i]);
    iw_buf_add_char(out, '}');
}

/* What request files held; null where none was read. */
static void add_request_files(struct iw_buf *out, const struct iw_totals *totals)
{
    iw_json_key(out, "request_files");
    if (!totals->calls) {
        iw_json_null(out);
        return;
    }
    iw_buf_add_char(out, '{');
    iw_json_number(out, "requests", true, totals->calls);
    iw_json_number(out, "images", true, totals->call_images);
    iw_json_number(out, "not_weighed", true, totals->call_ids);
    iw_json_key(out, "tokens");
    iw_buf_add_char(out, '{');
    for (size_t i = 0; i < IW_TOKEN_TOTALS; i++)
        if (totals->tokens[i].images)
            iw_json_number(out, totals->tokens[i].profile, true, totals->tokens[i].tokens);
    iw_buf_add_str(out, IW_STR("}}"));
}

void iw_json_totals(struct iw_buf *out, const struct iw_totals *totals)
{
    iw_json_number(out, "records", true, totals->records);
    iw_json_number(out, "targets", true, totals->targets);
    add_verdicts(out, totals);
    add_changes(out, totals);
    iw_json_number(out, "requests", true, totals->requests);
    iw_json_number(out, "bytes_read", true, totals->bytes_read);
    iw_json_number(out, "bytes_weighed", true, totals->bytes_weighed);
    iw_json_number(out, "elapsed_ms", true, totals->elapsed_ms);
    iw_json_key(out, "complete");
    iw_json_bool(out, !totals->is_incomplete);
    iw_json_key(out, "why");
    iw_json_text(out, totals->is_incomplete ? totals->incomplete_why : NULL);
    add_request_files(out, totals);
}

enum iw_err iw_json_end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    (void)state;
    if (!totals->is_incomplete)
        return out->err;
    iw_buf_add_str(out, IW_STR("{\"incomplete\":true,\"why\":"));
    iw_json_text(out, totals->incomplete_why);
    iw_buf_add(out, "}\n", 2);
    return out->err;
}
