/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Lines of text as bytes come: a line that lies whole in a chunk is not copied. A byte order mark belongs to no line
 * and takes no column. */
#include "base/iw.h"
#include "source/inside.h"

void iw_lines_init(struct iw_lines *lines, unsigned max_bytes)
{
    *lines = (struct iw_lines){.line = 1, .max_bytes = max_bytes};
    iw_buf_init(&lines->part, max_bytes);
}

void iw_lines_limit(struct iw_lines *lines, unsigned max_bytes)
{
    lines->max_bytes = max_bytes;
    lines->part.ceiling_bytes = max_bytes;
}

void iw_lines_release(struct iw_lines *lines)
{
    iw_buf_release(&lines->part);
}

static unsigned next_number(struct iw_lines *lines)
{
    unsigned number = lines->line;
    if (lines->line != UINT32_MAX)
        lines->line++;
    return number;
}

/* ---- text ---- */

/* Keeps the beginning of a line for the next chunk. */
static enum iw_err keep(struct iw_lines *lines, struct iw_str rest)
{
    if (lines->is_cut)
        return IW_OK;
    iw_buf_add_str(&lines->part, rest);
    lines->is_cut = lines->part.err == IW_ERR_LIMIT;
    if (lines->is_cut)
        iw_buf_clear(&lines->part);
    return lines->part.err;
}

static enum iw_err hand_over(struct iw_lines *lines, struct iw_str rest, iw_line_fn fn, void *user)
{
    if (lines->part.len == 0 && !lines->is_cut && rest.len <= lines->max_bytes)
        return fn(user, rest, next_number(lines), false);
    enum iw_err err = keep(lines, rest);
    if (err != IW_OK)
        return err;
    struct iw_str line = lines->is_cut ? IW_STR("") : iw_buf_str(&lines->part);
    err = fn(user, line, next_number(lines), lines->is_cut);
    lines->is_cut = false;
    iw_buf_clear(&lines->part);
    return err;
}

static enum iw_err feed_8bit(struct iw_lines *lines, struct iw_str text, iw_line_fn fn, void *user)
{
    size_t at = 0, lf = 0; /* lf: the first LF from at on; it is looked for once, however many CRs stand before it */
    bool has_lf = false;
    while (at < text.len) {
        bool is_crlf = lines->after_cr && text.ptr[at] == '\n';
        lines->after_cr = false;
        at += is_crlf;
        if (!has_lf || lf < at)
            lf = at + iw_str_find(iw_str_skip(text, at), '\n');
        has_lf = true;
        size_t end = at + iw_str_find(iw_str_sub(text, at, lf - at), '\r');
        struct iw_str line = iw_str_sub(text, at, end - at);
        if (end == text.len)
            return keep(lines, line);
        lines->after_cr = text.ptr[end] == '\r';
        enum iw_err err = hand_over(lines, line, fn, user);
        if (err != IW_OK)
            return err;
        at = end + 1;
    }
    return IW_OK;
}

/* ---- bytes ---- */

/* Who is told of the lines of the text at hand. */
struct told {
    struct iw_lines *lines;
    iw_line_fn fn;
    void *user;
};

static enum iw_err on_text(void *user, struct iw_str text)
{
    const struct told *told = user;
    return feed_8bit(told->lines, text, told->fn, told->user);
}

enum iw_err iw_lines_feed(struct iw_lines *lines, const char *bytes, size_t len, iw_line_fn fn, void *user)
{
    struct told told = {lines, fn, user};
    return iw_decoder_feed(&lines->decoder, bytes, len, on_text, &told);
}

enum iw_err iw_lines_finish(struct iw_lines *lines, iw_line_fn fn, void *user)
{
    struct told told = {lines, fn, user};
    enum iw_err err = iw_decoder_finish(&lines->decoder, on_text, &told);
    if (err == IW_OK && (lines->part.len || lines->is_cut))
        err = hand_over(lines, IW_STR(""), fn, user);
    return err;
}
