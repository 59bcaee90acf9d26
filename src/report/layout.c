/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

#include "base/iw.h"
#include "report/layout.h"

enum { ROOM_MIN = 8, DOTS = 3 };

/* wcwidth() would depend on the locale, and is told nothing by libc's "C". */
static const struct {
    uint32_t first, last;
    unsigned char columns;
} widths[] = {
    {0x0300, 0x036F, 0},   {0x1100, 0x115F, 2},   {0x200B, 0x200F, 0},   {0x20D0, 0x20FF, 0},
    {0x2E80, 0x303E, 2},   {0x3041, 0xA4CF, 2},   {0xAC00, 0xD7A3, 2},   {0xF900, 0xFAFF, 2},
    {0xFE00, 0xFE0F, 0},   {0xFE30, 0xFE6F, 2},   {0xFF00, 0xFF60, 2},   {0xFFE0, 0xFFE6, 2},
    {0x1F300, 0x1F64F, 2}, {0x1F680, 0x1F6FF, 2}, {0x1F900, 0x1FAFF, 2}, {0x20000, 0x3FFFD, 2},
};

/* The character at the start of a text, and its bytes; what is not UTF-8 is taken byte by byte. */
static uint32_t first_of(struct iw_str text, size_t *len)
{
    unsigned char lead = (unsigned char)text.ptr[0];
    *len = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (*len == 1 || *len > text.len) {
        *len = 1;
        return lead;
    }
    uint32_t c = lead & (0xFFu >> (*len + 1));
    for (size_t i = 1; i < *len; i++)
        c = c << 6 | ((unsigned char)text.ptr[i] & 0x3Fu);
    return c;
}

static size_t columns_of(uint32_t c)
{
    for (size_t i = 0; c >= widths[0].first && i < IW_ARRAY_LEN(widths); i++)
        if (c >= widths[i].first && c <= widths[i].last)
            return widths[i].columns;
    return 1;
}

size_t iw_text_width(struct iw_str text)
{
    size_t columns = 0, len;
    for (; text.len; text = iw_str_skip(text, len))
        columns += columns_of(first_of(text, &len));
    return columns;
}

/* Bytes of the longest start that is at most so wide. */
static size_t fit(struct iw_str text, size_t columns)
{
    size_t at = 0, len;
    for (; at < text.len; at += len) {
        size_t width = columns_of(first_of(iw_str_skip(text, at), &len));
        if (width > columns)
            break;
        columns -= width;
    }
    return at;
}

void iw_text_add_shortened(struct iw_buf *out, struct iw_str text, size_t room)
{
    size_t width = iw_text_width(text);
    room = IW_MAX(room, (size_t)ROOM_MIN);
    if (width <= room) {
        iw_buf_add_str(out, text);
        return;
    }
    size_t tail = (room - DOTS) / 2, head = room - DOTS - tail;
    iw_buf_add(out, text.ptr, fit(text, head));
    iw_buf_add_str(out, IW_STR("..."));
    /* what is left of it when all before the tail is taken away; a wide letter at the seam goes, too */
    size_t from = fit(text, width - tail), len;
    size_t left = iw_text_width(iw_str_skip(text, from));
    for (; left > tail; from += len)
        left -= columns_of(first_of(iw_str_skip(text, from), &len));
    iw_buf_add(out, text.ptr + from, text.len - from);
}

void iw_text_add_wrapped(struct iw_buf *out, struct iw_str text, size_t indent, size_t columns)
{
    size_t at = indent;
    for (bool is_first = true; text.len; is_first = false) {
        struct iw_str word = iw_str_sub(text, 0, iw_str_find(text, ' '));
        size_t width = iw_text_width(word);
        if (!is_first && columns && at + 1 + width > columns) {
            iw_buf_printf(out, "\n%*s", (int)indent, "");
            at = indent;
        } else if (!is_first) {
            iw_buf_add_char(out, ' ');
            at++;
        }
        iw_buf_add_str(out, word);
        at += width;
        text = iw_str_skip(text, IW_MIN(word.len + 1, text.len));
    }
}

size_t iw_text_cells(uint64_t part, uint64_t whole, size_t cells)
{
    if (part == 0 || whole == 0)
        return 0;
    size_t filled = (size_t)((double)part / (double)whole * (double)cells + 0.5);
    return IW_MIN(IW_MAX(filled, (size_t)1), cells);
}
