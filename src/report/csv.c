/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* CSV by RFC 4180: a header, CRLF, quotes where needed. A cell that a spreadsheet would take for a formula is put
 * behind an apostrophe; what is unsafe, and bytes that are no UTF-8, are replaced. */
#include "base/iw.h"
#include "report/escape.h"
#include "report/offence.h"

#include "base/base64.h"
#include "base/utf8.h"

static const char header[] =
    "url,final_url,source_path,source_kind,source_line,source_column,element,verdict,rules,messages,bytes,bytes_from,"
    "base64_bytes,width,height,stored_width,stored_height,orientation,format,content_type,animated,alpha,status,http,"
    "etag,"
    "last_modified,requests,bytes_read,ms,error,change,bytes_before,waiver,suggestion,custom_id\r\n";

static void add_cell_text(struct iw_buf *out, struct iw_str text)
{
    for (size_t at = 0; at < text.len;) {
        size_t run = at;
        while (run < text.len && text.ptr[run] >= ' ' && text.ptr[run] < 0x7F && text.ptr[run] != '"')
            run++;
        iw_buf_add(out, text.ptr + at, run - at);
        at = run;
        if (at == text.len)
            break;
        struct iw_str rest = iw_str_skip(text, at);
        size_t len = iw_utf8_len(rest);
        if (len == 0)
            iw_buf_add_str(out, IW_STR("\xEF\xBF\xBD"));
        else if (iw_is_unsafe(rest, len))
            iw_buf_add_char(out, ' ');
        else if (rest.ptr[0] == '"')
            iw_buf_add(out, "\"\"", 2);
        else
            iw_buf_add(out, rest.ptr, len);
        at += len ? len : 1;
    }
}

/* The quote, and what keeps a spreadsheet from taking text for a formula. */
static void open_cell(struct iw_buf *out, struct iw_str text)
{
    bool is_formula = text.len && memchr("=+-@\t\r", text.ptr[0], 6) != NULL;
    iw_buf_add(out, "\"'", 1 + is_formula);
}

/* One quoted cell and a comma. */
static void cell(struct iw_buf *out, struct iw_str text)
{
    if (text.len) {
        open_cell(out, text);
        add_cell_text(out, text);
        iw_buf_add_char(out, '"');
    }
    iw_buf_add_char(out, ',');
}

static void word(struct iw_buf *out, const char *text)
{
    if (text)
        iw_buf_add(out, text, strlen(text));
    iw_buf_add_char(out, ',');
}

static void number(struct iw_buf *out, bool is_known, uint64_t value)
{
    if (is_known)
        iw_buf_add_u64(out, value);
    iw_buf_add_char(out, ',');
}

static void tri(struct iw_buf *out, enum iw_tri value)
{
    word(out, value == IW_YES ? "true" : value == IW_NO ? "false" : NULL);
}

static void add_findings(struct iw_buf *out, const struct iw_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        iw_buf_printf(out, "%s%s", i ? " " : "", iw_rules[findings->list[i].rule].name);
    iw_buf_add_char(out, ',');
    if (findings->count)
        open_cell(out, findings->list[0].message);
    for (size_t i = 0; i < findings->count; i++) {
        if (i)
            iw_buf_add_str(out, IW_STR("; "));
        add_cell_text(out, findings->list[i].message);
    }
    if (findings->count)
        iw_buf_add_char(out, '"');
    iw_buf_add_char(out, ',');
}

static void add_image(struct iw_buf *out, const struct iw_facts *facts)
{
    const struct iw_image_facts *image = &facts->image;
    number(out, image->width_px, image->width_px);
    number(out, image->height_px, image->height_px);
    number(out, image->stored_width_px, image->stored_width_px);
    number(out, image->stored_height_px, image->stored_height_px);
    number(out, image->orientation, image->orientation);
    word(out, image->format ? image->format->name : NULL);
    cell(out, facts->content_type);
    tri(out, image->animated);
    tri(out, image->alpha);
}

static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    (void)state;
    const struct iw_facts *facts = record->facts;
    const struct iw_source_ref *source = record->source;
    bool has_bytes = facts->bytes_from != IW_BYTES_UNKNOWN;
    cell(out, facts->url);
    cell(out, facts->final_url);
    cell(out, source->path);
    word(out, source->kind);
    number(out, source->line, source->line);
    number(out, source->column, source->column);
    cell(out, source->element);
    word(out, iw_verdict_name(record->verdict));
    add_findings(out, record->findings);
    number(out, has_bytes, facts->bytes);
    word(out, iw_bytes_from_name(facts->bytes_from));
    number(out, has_bytes && facts->bytes_from != IW_BYTES_AT_LEAST, iw_base64_len(facts->bytes));
    add_image(out, facts);
    number(out, facts->status, (uint64_t)facts->status);
    word(out, facts->http_version >= 20   ? "2"
              : facts->http_version == 11 ? "1.1"
              : facts->http_version == 10 ? "1.0"
                                          : NULL);
    cell(out, facts->etag);
    cell(out, facts->last_modified);
    number(out, true, facts->requests);
    number(out, true, facts->bytes_read);
    iw_buf_printf(out, "%llu.%03u,", (unsigned long long)(facts->us / 1000), (unsigned)(facts->us % 1000));
    cell(out, iw_record_error(record));
    word(out, iw_change_name(record->change));
    number(out, record->before && record->before->bytes, record->before ? record->before->bytes : 0);
    cell(out, record->waiver);
    cell(out, record->suggestion ? record->suggestion->url : IW_STR_NONE);
    cell(out, source->custom_id);
    if (out->err == IW_OK)
        out->len--; /* the last comma */
    iw_buf_add(out, "\r\n", 2);
    return out->err;
}

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    (void)state;
    (void)style;
    iw_buf_add(out, header, sizeof header - 1);
    return out->err;
}

/* An incomplete run ends in a row that says so: verdict "incomplete", the reason as error, all else empty. */
static enum iw_err end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    (void)state;
    if (!totals->is_incomplete)
        return out->err;
    iw_buf_add_str(out, IW_STR(",,,,,,,incomplete,,,,,,,,,,,,,,,,,,,,,,"));
    cell(out, iw_str_from(totals->incomplete_why));
    iw_buf_add_str(out, IW_STR(",,,,\r\n"));
    return out->err;
}

static void release(void *state)
{
    (void)state;
}

const struct iw_writer iw_writer_csv = {
    .name = "csv",
    .help = "comma-separated values with a header (RFC 4180)",
    .state_size = 1,
    .begin = begin,
    .item = item,
    .end = end,
    .release = release,
};
