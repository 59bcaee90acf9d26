/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Decodes an inline image whole, for those who need its bytes. Layer by layer: JSON's escapes, the prefix, percent
 * escapes, base64. */
#include "base/iw.h"
#include "request/request.h"

#include "base/utf8.h"
#include "request/skim.h"

enum { LETTER = 5 };

struct sink {
    uint8_t *out;
    size_t len, room;
};

static enum iw_err put(struct sink *sink, unsigned byte)
{
    if (sink->len == sink->room)
        return IW_ERR_LIMIT;
    sink->out[sink->len++] = (uint8_t)byte;
    return IW_OK;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* ---- base64 ---- */

static enum iw_err digit(struct iw_inline_decoder *d, char c, struct sink *sink)
{
    int value = iw_base64_values[(unsigned char)c];
    if (c == '=')
        return ++d->padding > 2 ? IW_ERR_SYNTAX : IW_OK;
    if (value < 0 || d->padding)
        return IW_ERR_SYNTAX;
    d->bits = d->bits << 6 | (uint32_t)value;
    d->digits = (d->digits + 1) % 4;
    unsigned left = 8 - 2 * d->digits; /* bits that are not whole bytes yet: 6 4 2 0 */
    return d->digits == 1 ? IW_OK : put(sink, d->bits >> left % 8 & 255);
}

static void hold(struct iw_inline_decoder *d, char c)
{
    if (d->held_len == sizeof d->held) {
        memmove(d->held, d->held + 1, sizeof d->held - 1);
        d->held_len--;
    }
    d->held[d->held_len++] = c;
}

/* Whether what is held may become the scheme, or is it: the prefix begins. */
static bool watch(struct iw_inline_decoder *d, char c)
{
    static const struct iw_str scheme = {"data:", 5};
    hold(d, c);
    struct iw_str held = {d->held, d->held_len};
    if (!iw_str_starts_nocase(scheme, held))
        return false;
    if (held.len == scheme.len) {
        d->part = IW_DECODE_PREFIX;
        d->held_len = 0;
        d->is_doubled = d->has_prefix;
        d->has_prefix = true;
        d->is_watching = false;
    }
    return true;
}

static enum iw_err digits(struct iw_inline_decoder *d, struct sink *sink)
{
    enum iw_err err = IW_OK;
    for (size_t i = 0; i < d->held_len && err == IW_OK; i++)
        err = is_space(d->held[i]) ? IW_OK : digit(d, d->held[i], sink);
    return err;
}

static enum iw_err base64_char(struct iw_inline_decoder *d, char c, struct sink *sink)
{
    if (is_space(c))
        return IW_OK;
    if (!d->is_watching)
        return digit(d, c, sink);
    if (watch(d, c))
        return IW_OK;
    d->is_watching = false;
    return digits(d, sink);
}

/* ---- percent escapes ---- */

static int hex(char c)
{
    char low = (char)(c | 0x20);
    return c >= '0' && c <= '9' ? c - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

static enum iw_err byte_of(struct iw_inline_decoder *d, char c, struct sink *sink)
{
    return d->part == IW_DECODE_BASE64 ? base64_char(d, c, sink) : put(sink, (unsigned char)c);
}

static enum iw_err body_char(struct iw_inline_decoder *d, char c, bool may_be_escaped, struct sink *sink)
{
    if (d->percent_left && hex(c) >= 0) {
        d->percent = d->percent << 4 | (unsigned)hex(c);
        d->first_digit = c;
        return --d->percent_left ? IW_OK : byte_of(d, (char)(unsigned char)d->percent, sink);
    }
    if (d->percent_left) { /* it was none */
        bool has_digit = d->percent_left == 1;
        d->percent_left = 0;
        enum iw_err err = byte_of(d, '%', sink);
        if (err == IW_OK && has_digit)
            err = byte_of(d, d->first_digit, sink);
        if (err != IW_OK)
            return err;
    }
    if (c != '%' || !may_be_escaped)
        return byte_of(d, c, sink);
    d->percent_left = 2;
    d->percent = 0;
    return IW_OK;
}

/* ---- the prefix ---- */

static enum iw_err start_char(struct iw_inline_decoder *d, char c, struct sink *sink)
{
    if ((d->held_len == 0 && is_space(c)) || watch(d, c))
        return IW_OK;
    d->part = IW_DECODE_BASE64;
    return digits(d, sink);
}

static void prefix_char(struct iw_inline_decoder *d, char c)
{
    if (c != ',') {
        hold(d, c);
        return;
    }
    struct iw_str rest = {d->held, d->held_len}, piece = IW_STR("");
    while (rest.ptr && iw_str_next(&rest, ';', &piece))
        ;
    bool is_parameter = piece.len < d->held_len;
    bool is_base64 = is_parameter && iw_str_eq_nocase(iw_str_trim(piece), IW_STR("base64"));
    d->part = is_base64 ? IW_DECODE_BASE64 : IW_DECODE_PERCENT;
    d->is_watching = is_base64 && !d->is_doubled;
    d->held_len = 0;
}

static enum iw_err character(struct iw_inline_decoder *d, char c, struct sink *sink)
{
    switch (d->part) {
    case IW_DECODE_START:
        return start_char(d, c, sink);
    case IW_DECODE_PREFIX:
        prefix_char(d, c);
        return IW_OK;
    default:
        return body_char(d, c, d->has_prefix, sink);
    }
}

/* ---- JSON's escapes ---- */

static enum iw_err escape(struct iw_inline_decoder *d, char c, struct sink *sink)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (d->escape == LETTER) {
        const char *which = c ? strchr(from, c) : NULL;
        d->escape = which ? 0 : 4;
        d->code = 0;
        return which ? character(d, to[which - from], sink) : c == 'u' ? IW_OK : IW_ERR_SYNTAX;
    }
    if (hex(c) < 0)
        return IW_ERR_SYNTAX;
    d->code = d->code << 4 | (uint32_t)hex(c);
    if (--d->escape)
        return IW_OK;
    char bytes[4];
    size_t len = iw_utf8_put(d->code >= 0xD800 && d->code <= 0xDFFF ? 0xFFFD : d->code, bytes);
    enum iw_err err = IW_OK;
    for (size_t i = 0; i < len && err == IW_OK; i++)
        err = character(d, bytes[i], sink);
    return err;
}

enum iw_err iw_inline_decode(struct iw_inline_decoder *decoder, const char *text, size_t len, uint8_t *out, size_t room,
                             size_t *out_len)
{
    struct sink sink = {out, 0, room};
    enum iw_err err = IW_OK;
    for (size_t i = 0; i < len && err == IW_OK;) {
        bool is_even = !decoder->digits && !decoder->padding && !decoder->escape && !decoder->percent_left &&
                       !decoder->is_watching;
        size_t bytes = decoder->part == IW_DECODE_BASE64 && is_even
                           ? iw_base64_groups(text + i, len - i, out + sink.len, room - sink.len)
                           : 0;
        sink.len += bytes;
        i += bytes / 3 * 4;
        if (bytes)
            continue;
        char c = text[i++];
        if (decoder->escape)
            err = escape(decoder, c, &sink);
        else if (c == '\\')
            decoder->escape = LETTER;
        else
            err = character(decoder, c, &sink);
    }
    *out_len = sink.len;
    return err;
}
