/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Lines of text as bytes come: a line that lies whole in a chunk is not copied. A byte order mark belongs to no line
 * and takes no column. Half surrogates become U+FFFD. */
#include "base/iw.h"
#include "source/inside.h"

#include "base/utf8.h"

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

/* ---- 8 bit ---- */

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

/* ---- UTF-16 ---- */

static enum iw_err feed_point(struct iw_lines *lines, uint32_t point, iw_line_fn fn, void *user)
{
    char text[4];
    size_t len = iw_utf8_put(point, text);
    return feed_8bit(lines, (struct iw_str){text, len}, fn, user);
}

static enum iw_err feed_unit(struct iw_lines *lines, uint32_t unit, iw_line_fn fn, void *user)
{
    uint32_t high = lines->high;
    bool is_low = unit >= 0xDC00 && unit <= 0xDFFF;
    lines->high = 0;
    if (high && is_low)
        return feed_point(lines, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00), fn, user);
    enum iw_err err = high ? feed_point(lines, 0xFFFD, fn, user) : IW_OK;
    if (err != IW_OK)
        return err;
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        lines->high = unit;
        return IW_OK;
    }
    return feed_point(lines, is_low ? 0xFFFD : unit, fn, user);
}

static enum iw_err feed_16bit(struct iw_lines *lines, struct iw_str text, iw_line_fn fn, void *user)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned byte = (unsigned char)text.ptr[i];
        lines->has_odd = !lines->has_odd;
        if (lines->has_odd) {
            lines->odd = (unsigned char)byte;
            continue;
        }
        unsigned unit = lines->coding == IW_TEXT_16BE ? (unsigned)lines->odd << 8 | byte : byte << 8 | lines->odd;
        enum iw_err err = feed_unit(lines, unit, fn, user);
        if (err != IW_OK)
            return err;
    }
    return IW_OK;
}

/* ---- the start ---- */

static enum iw_err feed_decided(struct iw_lines *lines, struct iw_str text, iw_line_fn fn, void *user)
{
    return lines->coding == IW_TEXT_8BIT ? feed_8bit(lines, text, fn, user) : feed_16bit(lines, text, fn, user);
}

/* Looks for a byte order mark in the first bytes; they wait until it is decided. */
static enum iw_err feed_start(struct iw_lines *lines, iw_line_fn fn, void *user, bool is_end)
{
    struct iw_str s = {lines->start, lines->start_len};
    bool is_le = iw_str_starts(s, IW_STR("\xFF\xFE")), is_be = iw_str_starts(s, IW_STR("\xFE\xFF"));
    bool may_be_utf8 = iw_str_starts(IW_STR("\xEF\xBB\xBF"), s);
    bool may_be_mark = may_be_utf8 || (s.len == 1 && ((unsigned char)s.ptr[0] & 0xFE) == 0xFE);
    if (!is_le && !is_be && may_be_mark && s.len < 3 && !is_end)
        return IW_OK;
    lines->coding = is_le ? IW_TEXT_16LE : is_be ? IW_TEXT_16BE : IW_TEXT_8BIT;
    size_t skip = may_be_utf8 && s.len == 3 ? 3 : is_le || is_be ? 2 : 0;
    return feed_decided(lines, iw_str_skip(s, skip), fn, user);
}

enum iw_err iw_lines_feed(struct iw_lines *lines, const char *bytes, size_t len, iw_line_fn fn, void *user)
{
    enum iw_err err = IW_OK;
    while (len && lines->coding == IW_TEXT_UNKNOWN && err == IW_OK) {
        lines->start[lines->start_len++] = *bytes++;
        len--;
        err = feed_start(lines, fn, user, false);
    }
    return err == IW_OK && len ? feed_decided(lines, (struct iw_str){bytes, len}, fn, user) : err;
}

enum iw_err iw_lines_finish(struct iw_lines *lines, iw_line_fn fn, void *user)
{
    enum iw_err err = IW_OK;
    if (lines->coding == IW_TEXT_UNKNOWN)
        err = feed_start(lines, fn, user, true);
    if (err == IW_OK && (lines->high || lines->has_odd))
        err = feed_point(lines, 0xFFFD, fn, user);
    lines->high = 0;
    lines->has_odd = false;
    if (err == IW_OK && (lines->part.len || lines->is_cut))
        err = hand_over(lines, IW_STR(""), fn, user);
    return err;
}
