/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* JSON text (RFC 8259). Plain ASCII, the usual case, is copied in runs. */
#include "base/iw.h"
#include "base/json_out.h"

#include "base/utf8.h"

static bool is_plain(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 0x20 && u < 0x7F && c != '"' && c != '\\';
}

/* Eight bytes at a time: none below 0x20, above 0x7E, a quote or a backslash. */
static size_t plain_run(const char *text, size_t len)
{
    const uint64_t ones = 0x0101010101010101u, tops = ones * 0x80;
    size_t n = 0;
    for (; n + 8 <= len; n += 8) {
        uint64_t w;
        memcpy(&w, text + n, 8);
        uint64_t quote = w ^ ones * '"', backslash = w ^ ones * '\\', del = w ^ ones * 0x7F;
        uint64_t bad = w | (w - ones * 0x20) | (quote - ones) | (backslash - ones) | (del - ones);
        if (bad & tops)
            break;
    }
    while (n < len && is_plain(text[n]))
        n++;
    return n;
}

static void add_escape(struct iw_buf *buf, char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char from[] = "\b\f\n\r\t\"\\", to[] = "bfnrt\"\\";
    const char *found = c ? strchr(from, c) : NULL;
    char text[6] = {'\\', found ? to[found - from] : 'u', '0', '0', hex[((unsigned char)c >> 4) & 15], hex[c & 15]};
    iw_buf_add(buf, text, found ? 2 : 6);
}

void iw_json_str(struct iw_buf *buf, struct iw_str text)
{
    if (!text.ptr) {
        iw_json_null(buf);
        return;
    }
    iw_buf_add_char(buf, '"');
    size_t at = 0;
    while (at < text.len) {
        size_t run = at + plain_run(text.ptr + at, text.len - at);
        iw_buf_add(buf, text.ptr + at, run - at);
        at = run;
        if (at == text.len)
            break;
        size_t len = iw_utf8_len(iw_str_skip(text, at));
        if (len == 0)
            iw_buf_add(buf, "\xEF\xBF\xBD", 3);
        else if (len == 1)
            add_escape(buf, text.ptr[at]);
        else
            iw_buf_add(buf, text.ptr + at, len);
        at += len ? len : 1;
    }
    iw_buf_add_char(buf, '"');
}

void iw_json_u64(struct iw_buf *buf, uint64_t value)
{
    iw_buf_add_u64(buf, value);
}

void iw_json_bool(struct iw_buf *buf, bool value)
{
    iw_buf_add_str(buf, value ? IW_STR("true") : IW_STR("false"));
}

void iw_json_tri(struct iw_buf *buf, enum iw_tri value)
{
    if (value == IW_UNKNOWN)
        iw_json_null(buf);
    else
        iw_json_bool(buf, value == IW_YES);
}

void iw_json_null(struct iw_buf *buf)
{
    iw_buf_add_str(buf, IW_STR("null"));
}
