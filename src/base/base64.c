/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Base64, RFC 4648 section 4. */
#include "base/iw.h"
#include "base/base64.h"

uint64_t iw_base64_len(uint64_t bytes)
{
    uint64_t groups = bytes / 3 + (bytes % 3 != 0);
    return groups > UINT64_MAX / 4 ? UINT64_MAX : groups * 4;
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

size_t iw_base64_decode(const char *text, size_t len, uint8_t *out, size_t cap)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t n = 0;
    for (size_t i = 0; i < len && n < cap; i++) {
        char c = text[i];
        if (c == ' ' || (c >= '\t' && c <= '\r'))
            continue;
        if (c == '=')
            break;
        int value = value_of(c);
        if (value < 0)
            return SIZE_MAX;
        bits = bits << 6 | (uint32_t)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[n++] = (uint8_t)(bits >> held);
        }
    }
    return n;
}

void iw_base64_add(struct iw_buf *out, struct iw_str bytes)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *from = (const uint8_t *)bytes.ptr;
    size_t whole = bytes.len / 3, rest = bytes.len % 3;
    char *to = iw_buf_reserve(out, whole * 4 + 4);
    if (!to)
        return;
    for (size_t i = 0; i < whole; i++, from += 3, to += 4) {
        uint32_t three = (uint32_t)from[0] << 16 | (uint32_t)from[1] << 8 | from[2];
        to[0] = alphabet[three >> 18];
        to[1] = alphabet[three >> 12 & 63];
        to[2] = alphabet[three >> 6 & 63];
        to[3] = alphabet[three & 63];
    }
    out->len += whole * 4;
    if (rest == 0)
        return;
    uint32_t three = (uint32_t)from[0] << 16 | (rest == 2 ? (uint32_t)from[1] << 8 : 0);
    to[0] = alphabet[three >> 18];
    to[1] = alphabet[three >> 12 & 63];
    to[2] = rest == 2 ? alphabet[three >> 6 & 63] : '=';
    to[3] = '=';
    out->len += 4;
}
