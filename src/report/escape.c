/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Text is taken apart into pieces, one for each character: the character itself, or what stands for it. Each format
 * then says which pieces it wants otherwise. */
#include "base/iw.h"
#include "report/escape.h"

#include "base/json_out.h"
#include "base/utf8.h"

#include <stdio.h>

#define REPLACEMENT "\xEF\xBF\xBD"

/* Code points that change the direction of what follows, or break lines: U+200E, U+200F, U+2028..U+202E,
 * U+2066..U+2069, U+061C, and the C1 controls. All are two or three bytes. */
static uint32_t unsafe_point(struct iw_str s, size_t len)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    if (len == 2) {
        uint32_t point = (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
        return point < 0xA0 || point == 0x61C ? point : 0;
    }
    if (len != 3)
        return 0;
    uint32_t point = (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    bool is_bidi = point == 0x200E || point == 0x200F || (point >= 0x2028 && point <= 0x202E) ||
                   (point >= 0x2066 && point <= 0x2069);
    return is_bidi ? point : 0;
}

bool iw_is_unsafe(struct iw_str text, size_t len)
{
    unsigned char c = (unsigned char)text.ptr[0];
    return len == 0 || c < 0x20 || c == 0x7F || (len > 1 && unsafe_point(text, len) != 0);
}

/* How many bytes from the start no format takes for anything but themselves. */
static size_t plain_run(struct iw_str s)
{
    size_t n = 0;
    for (; n < s.len; n++) {
        char c = s.ptr[n];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !(c >= '-' && c <= '9') && c != ' ') /* "-./" and digits */
            break;
    }
    return n;
}

/* Takes a plain run or one character off *rest; false at the end. *out_piece is that, or what stands for it. */
static bool next_piece(struct iw_str *rest, char scratch[12], struct iw_str *out_piece)
{
    if (rest->len == 0)
        return false;
    size_t run = plain_run(*rest);
    if (run) {
        *out_piece = iw_str_sub(*rest, 0, run);
        *rest = iw_str_skip(*rest, run);
        return true;
    }
    unsigned char c = (unsigned char)rest->ptr[0];
    size_t len = iw_utf8_len(*rest);
    uint32_t point = len > 1 ? unsafe_point(*rest, len) : 0;
    int made = 0;
    if (len == 0)
        *out_piece = IW_STR(REPLACEMENT);
    else if (c < 0x20 || c == 0x7F)
        made = snprintf(scratch, 12, "\\x%02X", c);
    else if (point)
        made = snprintf(scratch, 12, "\\u{%04X}", (unsigned)(point & 0xFFFF));
    else
        *out_piece = (struct iw_str){rest->ptr, len};
    if (made > 0)
        *out_piece = (struct iw_str){scratch, (size_t)made};
    *rest = iw_str_skip(*rest, len ? len : 1);
    return true;
}

void iw_report_add_safe(struct iw_buf *out, struct iw_str text)
{
    char scratch[12];
    struct iw_str piece;
    while (next_piece(&text, scratch, &piece))
        iw_buf_add_str(out, piece);
}

/* U+FDD0..U+FDEF, and the last two of each plane: XML forbids some of them, HTML frowns upon all. */
static bool is_no_character(struct iw_str piece)
{
    const unsigned char *p = (const unsigned char *)piece.ptr;
    if (piece.len == 3 && p[0] == 0xEF && p[1] == 0xB7)
        return p[2] >= 0x90 && p[2] <= 0xAF;
    bool ends_so = piece.len >= 3 && p[piece.len - 1] >= 0xBE && p[piece.len - 2] == 0xBF;
    return ends_so && (piece.len == 3 ? p[0] == 0xEF : (p[1] & 0x0F) == 0x0F);
}

void iw_escape_xml(struct iw_buf *out, struct iw_str text)
{
    char scratch[12];
    struct iw_str piece;
    while (next_piece(&text, scratch, &piece)) {
        switch (piece.ptr[0]) {
        case '&':
            iw_buf_add_str(out, IW_STR("&amp;"));
            break;
        case '<':
            iw_buf_add_str(out, IW_STR("&lt;"));
            break;
        case '>':
            iw_buf_add_str(out, IW_STR("&gt;"));
            break;
        case '"':
            iw_buf_add_str(out, IW_STR("&quot;"));
            break;
        case '\'':
            iw_buf_add_str(out, IW_STR("&#39;"));
            break;
        default:
            iw_buf_add_str(out, is_no_character(piece) ? IW_STR(REPLACEMENT) : piece);
        }
    }
}

void iw_escape_markdown(struct iw_buf *out, struct iw_str text)
{
    char scratch[12];
    struct iw_str piece;
    while (next_piece(&text, scratch, &piece)) {
        bool is_scheme = piece.ptr[0] == ':' && text.len && text.ptr[0] == '/'; /* or it would become a link */
        for (size_t i = 0; i < piece.len; i++) {
            if (is_scheme || memchr("&<>\"'`*_[]{}|~$#\\!@", piece.ptr[i], 19))
                iw_buf_printf(out, "&#%u;", (unsigned)(unsigned char)piece.ptr[i]);
            else
                iw_buf_add_char(out, piece.ptr[i]);
        }
        if (piece.ptr[0] == '@') /* an entity alone would still mention somebody */
            iw_buf_add_str(out, IW_STR("&#8203;"));
    }
}

void iw_escape_github(struct iw_buf *out, struct iw_str text, bool is_property)
{
    char scratch[12];
    struct iw_str piece;
    while (next_piece(&text, scratch, &piece)) {
        char c = piece.ptr[0];
        if (c == '%' || (is_property && (c == ':' || c == ',')))
            iw_buf_printf(out, "%%%02X", (unsigned)c);
        else
            iw_buf_add_str(out, piece);
    }
}

void iw_escape_tap(struct iw_buf *out, struct iw_str text)
{
    char scratch[12];
    struct iw_str piece;
    while (next_piece(&text, scratch, &piece))
        for (size_t i = 0; i < piece.len; i++) {
            if (piece.ptr[i] == '#' || piece.ptr[i] == '\\')
                iw_buf_add_char(out, '\\');
            iw_buf_add_char(out, piece.ptr[i]);
        }
}

void iw_escape_json(struct iw_buf *out, struct iw_str text)
{
    struct iw_buf safe;
    iw_buf_init(&safe, 1 << 24);
    iw_report_add_safe(&safe, text);
    if (safe.err != IW_OK)
        out->err = safe.err;
    iw_json_str(out, text.ptr && !safe.ptr ? IW_STR("") : iw_buf_str(&safe));
    iw_buf_release(&safe);
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

void iw_escape_uri(struct iw_buf *out, struct iw_str text, const char *also)
{
    static const char allowed[] = "-._~:/?#[]@!$&'()*+,;=%";
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_plain = is_hex(c) || (c >= 'G' && c <= 'Z') || (c >= 'g' && c <= 'z');
        bool is_stray = c == '%' && !(i + 2 < text.len && is_hex(text.ptr[i + 1]) && is_hex(text.ptr[i + 2]));
        if (is_plain || (c && strchr(allowed, c) && !strchr(also, c) && !is_stray))
            iw_buf_add_char(out, c);
        else
            iw_buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
    }
}

static bool is_inside(struct iw_str text, size_t at)
{
    return at < text.len && ((unsigned char)text.ptr[at] & 0xC0) == 0x80;
}

struct iw_str iw_cut_middle(struct iw_str text, char *scratch, size_t max)
{
    if (text.len <= max)
        return text;
    size_t tail = max / 3, head = max - tail - 3, from = text.len - tail;
    while (head > 0 && is_inside(text, head))
        head--;
    while (is_inside(text, from))
        from++;
    memcpy(scratch, text.ptr, head);
    memcpy(scratch + head, "...", 3);
    memcpy(scratch + head + 3, text.ptr + from, text.len - from);
    return (struct iw_str){scratch, head + 3 + text.len - from};
}
