/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What failed, one URL or path a line, as answers come: for pipes. Each once, up to a million of them. */
#include "base/iw.h"
#include "report/report.h"
#include "report/seen.h"

#include "base/utf8.h"

enum { SEEN_MAX = 1000000 };

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    (void)style;
    iw_map_init(state, SEEN_MAX);
    return out->err;
}

/* Whatever else a line holds, it is one line: control characters, and bytes that are no UTF-8, are percent-encoded. */
static void add_line(struct iw_buf *out, struct iw_str text)
{
    for (size_t at = 0, len; at < text.len; at += len ? len : 1) {
        struct iw_str rest = iw_str_skip(text, at);
        unsigned char c = (unsigned char)rest.ptr[0];
        len = iw_utf8_len(rest);
        if (len == 0 || c < 0x20 || c == 0x7F)
            iw_buf_printf(out, "%%%02X", c);
        else
            iw_buf_add(out, rest.ptr, len);
    }
    iw_buf_add_char(out, '\n');
}

static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    bool is_bad = record->verdict == IW_VERDICT_OVER || record->verdict == IW_VERDICT_BROKEN;
    if (!is_bad || record->change == IW_CHANGE_WAIVED || record->change == IW_CHANGE_GONE)
        return out->err;
    bool is_new;
    enum iw_err err = iw_seen(state, record->facts->url, &is_new);
    if (err == IW_OK && is_new)
        add_line(out, record->facts->url);
    return err == IW_OK ? out->err : err;
}

static enum iw_err end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    (void)state;
    (void)totals;
    return out->err;
}

static void release(void *state)
{
    iw_map_release(state);
}

const struct iw_writer iw_writer_urls = {
    .name = "urls",
    .help = "what failed, one URL a line",
    .state_size = sizeof(struct iw_map),
    .begin = begin,
    .item = item,
    .end = end,
    .release = release,
};
