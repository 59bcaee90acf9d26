/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Text as bytes come: a byte order mark is taken off, UTF-16 that has one becomes UTF-8. 8-bit text is handed on where
 * it lies. Half surrogates and half units become U+FFFD. */
#include "base/iw.h"
#include "source/inside.h"

#include "base/utf8.h"

/* UTF-8 on its way out of UTF-16. */
struct converted {
    char text[512];
    size_t len;
    iw_text_fn fn;
    void *user;
};

static enum iw_err flush(struct converted *out)
{
    struct iw_str text = {out->text, out->len};
    out->len = 0;
    return text.len ? out->fn(out->user, text) : IW_OK;
}

static enum iw_err put(struct converted *out, uint32_t point)
{
    enum iw_err err = out->len + 4 > sizeof out->text ? flush(out) : IW_OK;
    if (err == IW_OK)
        out->len += iw_utf8_put(point, out->text + out->len);
    return err;
}

static enum iw_err put_unit(struct iw_decoder *decoder, uint32_t unit, struct converted *out)
{
    uint32_t high = decoder->high;
    bool is_low = unit >= 0xDC00 && unit <= 0xDFFF;
    decoder->high = 0;
    if (high && is_low)
        return put(out, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
    enum iw_err err = high ? put(out, 0xFFFD) : IW_OK;
    if (err != IW_OK)
        return err;
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        decoder->high = unit;
        return IW_OK;
    }
    return put(out, is_low ? 0xFFFD : unit);
}

static enum iw_err feed_16bit(struct iw_decoder *decoder, struct iw_str text, iw_text_fn fn, void *user)
{
    struct converted out = {.fn = fn, .user = user};
    enum iw_err err = IW_OK;
    for (size_t i = 0; i < text.len && err == IW_OK; i++) {
        unsigned byte = (unsigned char)text.ptr[i];
        decoder->has_odd = !decoder->has_odd;
        if (decoder->has_odd) {
            decoder->odd = (unsigned char)byte;
            continue;
        }
        bool is_big = decoder->coding == IW_TEXT_16BE;
        err = put_unit(decoder, is_big ? (unsigned)decoder->odd << 8 | byte : byte << 8 | decoder->odd, &out);
    }
    return err == IW_OK ? flush(&out) : err;
}

static enum iw_err feed_decided(struct iw_decoder *decoder, struct iw_str text, iw_text_fn fn, void *user)
{
    if (text.len == 0)
        return IW_OK;
    return decoder->coding == IW_TEXT_8BIT ? fn(user, text) : feed_16bit(decoder, text, fn, user);
}

/* Looks for a byte order mark in the first bytes; they wait until it is decided. */
static enum iw_err feed_start(struct iw_decoder *decoder, iw_text_fn fn, void *user, bool is_end)
{
    struct iw_str s = {decoder->start, decoder->start_len};
    bool is_le = iw_str_starts(s, IW_STR("\xFF\xFE")), is_be = iw_str_starts(s, IW_STR("\xFE\xFF"));
    bool may_be_utf8 = iw_str_starts(IW_STR("\xEF\xBB\xBF"), s);
    bool may_be_mark = may_be_utf8 || (s.len == 1 && ((unsigned char)s.ptr[0] & 0xFE) == 0xFE);
    if (!is_le && !is_be && may_be_mark && s.len < 3 && !is_end)
        return IW_OK;
    decoder->coding = is_le ? IW_TEXT_16LE : is_be ? IW_TEXT_16BE : IW_TEXT_8BIT;
    size_t skip = may_be_utf8 && s.len == 3 ? 3 : is_le || is_be ? 2 : 0;
    decoder->has_mark = skip > 0;
    return feed_decided(decoder, iw_str_skip(s, skip), fn, user);
}

enum iw_err iw_decoder_feed(struct iw_decoder *decoder, const char *bytes, size_t len, iw_text_fn fn, void *user)
{
    enum iw_err err = IW_OK;
    while (len && decoder->coding == IW_TEXT_UNKNOWN && err == IW_OK) {
        decoder->start[decoder->start_len++] = *bytes++;
        len--;
        err = feed_start(decoder, fn, user, false);
    }
    return err == IW_OK ? feed_decided(decoder, (struct iw_str){bytes, len}, fn, user) : err;
}

enum iw_err iw_decoder_finish(struct iw_decoder *decoder, iw_text_fn fn, void *user)
{
    enum iw_err err = IW_OK;
    if (decoder->coding == IW_TEXT_UNKNOWN)
        err = feed_start(decoder, fn, user, true);
    bool is_cut = decoder->high || decoder->has_odd;
    decoder->high = 0;
    decoder->has_odd = false;
    return err == IW_OK && is_cut ? fn(user, IW_STR("\xEF\xBF\xBD")) : err;
}
