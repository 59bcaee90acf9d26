/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* UTF-8 by the table of well-formed sequences (Unicode 3.9, table 3-7; RFC 3629 section 4). */
#include "base/iw.h"
#include "base/utf8.h"

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

size_t iw_utf8_len(struct iw_str s)
{
    if (s.len == 0)
        return 0;
    unsigned char a = (unsigned char)s.ptr[0];
    if (a < 0x80)
        return 1;
    size_t len = a >= 0xC2 && a <= 0xDF ? 2 : (a & 0xF0) == 0xE0 ? 3 : a >= 0xF0 && a <= 0xF4 ? 4 : 0;
    if (len == 0 || s.len < len)
        return 0;
    for (size_t i = 1; i < len; i++)
        if (!is_tail(s.ptr[i]))
            return 0;
    unsigned char b = (unsigned char)s.ptr[1];
    bool is_bad =
        (a == 0xE0 && b < 0xA0) || (a == 0xED && b > 0x9F) || (a == 0xF0 && b < 0x90) || (a == 0xF4 && b > 0x8F);
    return is_bad ? 0 : len;
}

size_t iw_utf8_valid(struct iw_str s)
{
    size_t at = 0;
    while (at < s.len) {
        size_t len = iw_utf8_len(iw_str_skip(s, at));
        if (len == 0)
            break;
        at += len;
    }
    return at;
}

size_t iw_utf8_put(uint32_t code_point, char out[4])
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    size_t len = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    static const unsigned lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code_point & 0x3F));
        code_point >>= 6;
    }
    out[0] = (char)(lead[len] | code_point);
    return len;
}
