/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* When a signed URL ends, from its query alone: Amazon S3 (Signature Version 4: X-Amz-Date and X-Amz-Expires; version 2
 * and CloudFront: Expires), Google Cloud Storage (X-Goog-Date and X-Goog-Expires), Azure (se). Nothing is verified. */
#include "base/iw.h"
#include "url/url.h"

#include "base/parse.h"

static bool digits(struct iw_str text, size_t at, size_t len, unsigned *out)
{
    unsigned value = 0;
    if (at + len > text.len)
        return false;
    for (size_t i = at; i < at + len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        value = value * 10 + (unsigned)(text.ptr[i] - '0');
    }
    *out = value;
    return true;
}

/* "20261125T223000Z" (is_basic), or "2026-11-25T22:30:00Z" with or without its time; ":" may be "%3A". */
static bool parse_time(struct iw_str text, bool is_basic, int64_t *out)
{
    char plain[32];
    size_t n = 0;
    for (size_t i = 0; i < text.len && n < sizeof plain; i++) {
        bool is_colon = iw_str_starts(iw_str_skip(text, i), IW_STR("%3A"));
        if (is_colon)
            i += 2;
        else if (is_basic || (text.ptr[i] != '-' && text.ptr[i] != ':'))
            plain[n++] = text.ptr[i];
    }
    struct iw_str s = {plain, n};
    unsigned year, month, day, hour = 0, minute = 0, second = 0;
    if (!digits(s, 0, 4, &year) || !digits(s, 4, 2, &month) || !digits(s, 6, 2, &day) || month < 1 || month > 12 ||
        day < 1 || day > 31 || year < 1970)
        return false;
    bool has_time = n > 8 && plain[8] == 'T';
    if (has_time && (!digits(s, 9, 2, &hour) || !digits(s, 11, 2, &minute)))
        return false;
    (void)(has_time && digits(s, 13, 2, &second));
    *out = iw_days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

static struct iw_str value_of(struct iw_str query, struct iw_str name)
{
    struct iw_str rest = query, pair;
    while (iw_str_next(&rest, '&', &pair))
        if (pair.len > name.len && pair.ptr[name.len] == '=' && iw_str_eq_nocase(iw_str_sub(pair, 0, name.len), name))
            return iw_str_skip(pair, name.len + 1);
    return IW_STR_NONE;
}

static bool from_date_and_span(struct iw_str query, struct iw_str date_name, struct iw_str span_name, int64_t *out)
{
    int64_t begins;
    uint64_t span;
    if (!parse_time(value_of(query, date_name), true, &begins) ||
        iw_parse_u64(value_of(query, span_name), &span) != IW_OK || span > 366u * 86400)
        return false;
    *out = begins + (int64_t)span;
    return true;
}

bool iw_url_expiry(struct iw_str url, int64_t *out_unix_s)
{
    struct iw_str query = iw_str_skip(url, iw_str_find(url, '?') + 1);
    uint64_t seconds;
    if (query.len < 3)
        return false;
    if (from_date_and_span(query, IW_STR("X-Amz-Date"), IW_STR("X-Amz-Expires"), out_unix_s) ||
        from_date_and_span(query, IW_STR("X-Goog-Date"), IW_STR("X-Goog-Expires"), out_unix_s))
        return true;
    bool is_signed = value_of(query, IW_STR("Signature")).len > 0;
    if (is_signed && iw_parse_u64(value_of(query, IW_STR("Expires")), &seconds) == IW_OK && seconds < INT64_MAX) {
        *out_unix_s = (int64_t)seconds;
        return true;
    }
    return value_of(query, IW_STR("sig")).len > 0 && parse_time(value_of(query, IW_STR("se")), false, out_unix_s);
}
