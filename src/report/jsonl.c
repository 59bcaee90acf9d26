/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* One JSON object a line, as imgweigh-record(5) and doc/schema/record.schema.json say. */
#include "base/iw.h"
#include "report/report.h"

#include "base/base64.h"
#include "base/json_out.h"

static void text_value(struct iw_buf *out, const char *text)
{
    iw_json_str(out, iw_str_from(text));
}

static void number_or_null(struct iw_buf *out, const char *key, bool is_known, uint64_t value)
{
    iw_json_key(out, key);
    if (is_known)
        iw_json_u64(out, value);
    else
        iw_json_null(out);
}

static void string_or_null(struct iw_buf *out, const char *key, struct iw_str text)
{
    iw_json_key(out, key);
    iw_json_str(out, text.len ? text : IW_STR_NONE);
}

/* Thousandths as a decimal number without trailing zeros. */
static void thousandths(struct iw_buf *out, uint64_t value)
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
        thousandths(out, value);
    else
        iw_json_u64(out, value);
}

static void add_finding(struct iw_buf *out, const struct iw_finding *f)
{
    iw_buf_add_char(out, '{');
    iw_json_key(out, "rule");
    text_value(out, iw_rules[f->rule].name);
    iw_json_key(out, "severity");
    text_value(out, iw_severity_name(f->severity));
    iw_json_key(out, "profile");
    text_value(out, f->profile);
    figure(out, "limit", f, f->limit);
    figure(out, "actual", f, f->actual);
    iw_json_key(out, "unit");
    text_value(out, f->has_figures ? iw_unit_name(f->unit) : NULL);
    iw_json_key(out, "message");
    iw_json_str(out, f->message);
    iw_buf_add_char(out, '}');
}

static void add_source(struct iw_buf *out, const struct iw_source_ref *source)
{
    iw_json_key(out, "source");
    iw_buf_add_char(out, '{');
    iw_json_key(out, "path");
    iw_json_str(out, source->path.ptr ? source->path : IW_STR(""));
    iw_json_key(out, "kind");
    text_value(out, source->kind);
    number_or_null(out, "line", source->line, source->line);
    number_or_null(out, "column", source->column, source->column);
    string_or_null(out, "element", source->element);
    iw_buf_add_char(out, '}');
}

static void add_image(struct iw_buf *out, const struct iw_facts *facts)
{
    const struct iw_image_facts *image = &facts->image;
    number_or_null(out, "width", image->width_px, image->width_px);
    number_or_null(out, "height", image->height_px, image->height_px);
    number_or_null(out, "stored_width", image->stored_width_px, image->stored_width_px);
    number_or_null(out, "stored_height", image->stored_height_px, image->stored_height_px);
    number_or_null(out, "orientation", image->orientation, image->orientation);
    iw_json_key(out, "format");
    text_value(out, image->format ? image->format->name : NULL);
    string_or_null(out, "content_type", facts->content_type);
    iw_json_key(out, "animated");
    iw_json_tri(out, image->animated);
    iw_json_key(out, "alpha");
    iw_json_tri(out, image->alpha);
}

static void add_http(struct iw_buf *out, const struct iw_facts *facts)
{
    const char *version = facts->http_version >= 20   ? "2"
                          : facts->http_version == 11 ? "1.1"
                          : facts->http_version == 10 ? "1.0"
                                                      : NULL;
    number_or_null(out, "status", facts->status, (uint64_t)facts->status);
    iw_json_key(out, "http");
    text_value(out, version);
    string_or_null(out, "etag", facts->etag);
    string_or_null(out, "last_modified", facts->last_modified);
    number_or_null(out, "requests", true, facts->requests);
    number_or_null(out, "bytes_read", true, facts->bytes_read);
    iw_json_key(out, "ms");
    thousandths(out, facts->us);
    string_or_null(out, "error", facts->error);
}

static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    (void)state;
    const struct iw_facts *facts = record->facts;
    bool has_bytes = facts->bytes_from != IW_BYTES_UNKNOWN;
    iw_buf_add_char(out, '{');
    iw_json_key(out, "url");
    iw_json_str(out, facts->url);
    iw_json_key(out, "final_url");
    iw_json_str(out, facts->final_url);
    add_source(out, record->source);
    iw_json_key(out, "verdict");
    text_value(out, iw_verdict_name(record->verdict));
    iw_json_key(out, "findings");
    iw_buf_add_char(out, '[');
    for (size_t i = 0; i < record->findings->count; i++) {
        if (i)
            iw_buf_add_char(out, ',');
        add_finding(out, &record->findings->list[i]);
    }
    iw_buf_add_char(out, ']');
    number_or_null(out, "bytes", has_bytes, facts->bytes);
    iw_json_key(out, "bytes_from");
    text_value(out, iw_bytes_from_name(facts->bytes_from));
    bool has_base64 = has_bytes && facts->bytes_from != IW_BYTES_AT_LEAST;
    number_or_null(out, "base64_bytes", has_base64, iw_base64_len(facts->bytes));
    add_image(out, facts);
    iw_json_key(out, "tokens");
    iw_json_null(out);
    add_http(out, facts);
    iw_buf_add(out, "}\n", 2);
    return out->err;
}

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    (void)state;
    (void)style;
    return out->err;
}

static enum iw_err end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    (void)state;
    if (!totals->is_incomplete)
        return out->err;
    iw_buf_add_str(out, IW_STR("{\"incomplete\":true,\"why\":"));
    text_value(out, totals->incomplete_why);
    iw_buf_add(out, "}\n", 2);
    return out->err;
}

static void release(void *state)
{
    (void)state;
}

const struct iw_writer iw_writer_jsonl = {
    .name = "jsonl",
    .help = "one JSON object a line (imgweigh-record(5))",
    .state_size = 1,
    .begin = begin,
    .item = item,
    .end = end,
    .release = release,
};
