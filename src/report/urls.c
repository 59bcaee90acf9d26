/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What failed, one URL or path a line, as answers come: for pipes. Each once, up to a million of them. Of a data URI,
 * which a record shortens, it is where it stands. */
#include "base/iw.h"
#include "report/escape.h"
#include "report/offence.h"
#include "report/seen.h"

#include "base/utf8.h"

enum { SEEN_MAX = 1000000 };

struct urls {
    struct iw_map seen;
    struct iw_buf place;
};

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    struct urls *u = state;
    (void)style;
    iw_map_init(&u->seen, SEEN_MAX);
    iw_buf_init(&u->place, IW_ONE_BYTES);
    return out->err;
}

/* Whatever else a line holds, it is one line, and shows as it is: what is unsafe is percent-encoded. */
static void add_line(struct iw_buf *out, struct iw_str text)
{
    for (size_t at = 0, len; at < text.len; at += len ? len : 1) {
        struct iw_str rest = iw_str_skip(text, at);
        len = iw_utf8_len(rest);
        bool is_unsafe = iw_is_unsafe(rest, len);
        for (size_t i = 0; is_unsafe && i < IW_MAX(len, (size_t)1); i++)
            iw_buf_printf(out, "%%%02X", (unsigned)(unsigned char)rest.ptr[i]);
        if (!is_unsafe)
            iw_buf_add(out, rest.ptr, len);
    }
    iw_buf_add_char(out, '\n');
}

static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    bool is_bad = record->verdict == IW_VERDICT_OVER || record->verdict == IW_VERDICT_BROKEN;
    if (!is_bad || record->change == IW_CHANGE_WAIVED || record->change == IW_CHANGE_GONE)
        return out->err;
    struct urls *u = state;
    struct iw_str line = record->facts->url;
    if (iw_str_starts_nocase(line, IW_STR("data:"))) {
        const struct iw_source_ref at = {
            .path = record->source->path, .line = record->source->line, .column = record->source->column};
        iw_buf_clear(&u->place);
        iw_source_describe(&u->place, &at);
        line = u->place.len ? iw_buf_str(&u->place) : line;
    }
    bool is_new;
    enum iw_err err = u->place.err == IW_OK ? iw_seen(&u->seen, line, &is_new) : IW_ERR_NOMEM;
    if (err == IW_OK && is_new)
        add_line(out, line);
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
    struct urls *u = state;
    iw_map_release(&u->seen);
    iw_buf_release(&u->place);
}

const struct iw_writer iw_writer_urls = {
    .name = "urls",
    .help = "what failed, one URL a line",
    .state_size = sizeof(struct urls),
    .begin = begin,
    .item = item,
    .end = end,
    .release = release,
};
