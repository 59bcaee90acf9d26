/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Hosts (RFC 3986 section 3.2.2): names to A-labels by libidn2 (IDNA 2008 with UTS 46), IPv4 in every spelling that a
 * resolver would take (decimal, octal, hexadecimal, short) to a dotted quad as the URL standard does, IPv6
 * literals to RFC 5952. Percent-encoded hosts are decoded first, and what then is no host is refused. */
#include "base/iw.h"
#include "url/inside.h"

#include "base/utf8.h"

#include <idn2.h>
#include <arpa/inet.h>

static enum iw_err decode(struct iw_str raw, char out[IW_HOST_MAX], size_t *out_len, bool *out_is_ascii)
{
    size_t n = 0;
    *out_is_ascii = true;
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.ptr[i];
        if (c == '%') {
            int high = i + 2 < raw.len ? iw_hex(raw.ptr[i + 1]) : -1;
            int low = i + 2 < raw.len ? iw_hex(raw.ptr[i + 2]) : -1;
            if (high < 0 || low < 0)
                return IW_ERR_SYNTAX;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (n + 1 >= IW_HOST_MAX)
            return IW_ERR_SYNTAX;
        *out_is_ascii = *out_is_ascii && (unsigned char)c < 0x80;
        out[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    out[n] = '\0';
    *out_len = n;
    return IW_OK;
}

static enum iw_err to_ascii(char out[IW_HOST_MAX], size_t *len)
{
    if (iw_utf8_valid((struct iw_str){out, *len}) != *len || memchr(out, 0, *len))
        return IW_ERR_SYNTAX;
    uint8_t *ascii = NULL;
    int rc = idn2_lookup_u8((const uint8_t *)out, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (rc != IDN2_OK)
        return rc == IDN2_MALLOC ? IW_ERR_NOMEM : IW_ERR_SYNTAX;
    size_t n = strlen((const char *)ascii);
    if (n < IW_HOST_MAX) {
        memcpy(out, ascii, n + 1);
        *len = n;
    }
    idn2_free(ascii);
    return n < IW_HOST_MAX ? IW_OK : IW_ERR_SYNTAX;
}

/* One part of an IPv4 address: decimal, 0octal or 0xhex. */
static bool ipv4_part(struct iw_str text, uint64_t *out)
{
    unsigned base = 10;
    if (text.len >= 2 && text.ptr[0] == '0' && text.ptr[1] == 'x') {
        base = 16;
        text = iw_str_skip(text, 2);
    } else if (text.len >= 2 && text.ptr[0] == '0') {
        base = 8;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        int digit = iw_hex(text.ptr[i]);
        if (digit < 0 || (unsigned)digit >= base || value > UINT32_MAX)
            return false;
        value = value * base + (unsigned)digit;
    }
    *out = value;
    return base == 16 || text.len > 0;
}

/* A host whose last label is a number must be an IPv4 address (URL standard, "ends in a number"). */
static bool ends_in_number(struct iw_str host)
{
    if (host.len && host.ptr[host.len - 1] == '.')
        host.len--;
    size_t at = host.len;
    while (at > 0 && host.ptr[at - 1] != '.')
        at--;
    struct iw_str last = iw_str_skip(host, at);
    if (last.len == 0)
        return false;
    uint64_t ignored;
    bool all_digits = true;
    for (size_t i = 0; i < last.len; i++)
        all_digits = all_digits && last.ptr[i] >= '0' && last.ptr[i] <= '9';
    return all_digits || (last.len >= 2 && last.ptr[0] == '0' && last.ptr[1] == 'x' && ipv4_part(last, &ignored));
}

static enum iw_err ipv4(char out[IW_HOST_MAX], size_t *len)
{
    struct iw_str rest = {out, *len}, piece;
    if (rest.ptr[rest.len - 1] == '.')
        rest.len--;
    uint64_t parts[4];
    size_t count = 0;
    while (iw_str_next(&rest, '.', &piece))
        if (count == 4 || piece.len == 0 || !ipv4_part(piece, &parts[count++]))
            return IW_ERR_SYNTAX;
    uint64_t address = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        if (parts[i] > 255)
            return IW_ERR_SYNTAX;
        address |= parts[i] << (24 - 8 * i);
    }
    if (parts[count - 1] >= (uint64_t)1 << (8 * (5 - count)))
        return IW_ERR_SYNTAX;
    uint32_t network = htonl((uint32_t)(address | parts[count - 1]));
    if (!inet_ntop(AF_INET, &network, out, IW_HOST_MAX))
        return IW_ERR_SYNTAX;
    *len = strlen(out);
    return IW_OK;
}

static enum iw_err ipv6(struct iw_str raw, char out[IW_HOST_MAX], size_t *out_len)
{
    char text[INET6_ADDRSTRLEN + 1];
    uint8_t address[16];
    if (raw.len < 4 || raw.len - 2 > INET6_ADDRSTRLEN || raw.ptr[raw.len - 1] != ']')
        return IW_ERR_SYNTAX;
    memcpy(text, raw.ptr + 1, raw.len - 2);
    text[raw.len - 2] = '\0';
    if (inet_pton(AF_INET6, text, address) != 1 || !inet_ntop(AF_INET6, address, out, IW_HOST_MAX))
        return IW_ERR_SYNTAX;
    *out_len = strlen(out);
    return IW_OK;
}

static bool is_name(struct iw_str host)
{
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        bool is_dot = c == '.' && i > 0 && host.ptr[i - 1] != '.';
        if (!is_letter && !is_dot)
            return false;
    }
    return host.len > 0 && host.len <= 254;
}

enum iw_err iw_hostname_parse(struct iw_str raw, char out[IW_HOST_MAX], size_t *out_len, bool *out_is_ipv6)
{
    *out_is_ipv6 = raw.len && raw.ptr[0] == '[';
    if (*out_is_ipv6)
        return ipv6(raw, out, out_len);
    bool is_ascii;
    enum iw_err err = decode(raw, out, out_len, &is_ascii);
    if (err == IW_OK && !is_ascii)
        err = to_ascii(out, out_len);
    if (err != IW_OK)
        return err;
    struct iw_str host = {out, *out_len};
    if (!is_name(host))
        return IW_ERR_SYNTAX;
    return ends_in_number(host) ? ipv4(out, out_len) : IW_OK;
}
