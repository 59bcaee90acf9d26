/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* HTTP response header lines to struct iw_response: RFC 9110 (Content-Length 8.6, Content-Range 14.4, Retry-After
 * 10.2.3, dates 5.6.7) and RFC 9112 section 6.3. What libcurl lets pass (conflicting lengths, odd
 * Content-Range) is marked here. Obsolete line folding is not joined: such a line is no field. */
#include "base/iw.h"
#include "probe/probe.h"

#include "base/parse.h"

void iw_response_init(struct iw_response *response)
{
    *response = (struct iw_response){0};
}

/* Decimal digits at the start of *rest; moves *rest behind them. */
static bool take_number(struct iw_str *rest, uint64_t *out)
{
    size_t n = 0;
    while (n < rest->len && rest->ptr[n] >= '0' && rest->ptr[n] <= '9')
        n++;
    if (n == 0 || iw_parse_u64(iw_str_sub(*rest, 0, n), out) != IW_OK)
        return false;
    *rest = iw_str_skip(*rest, n);
    return true;
}

static bool take_char(struct iw_str *rest, char c)
{
    if (rest->len == 0 || rest->ptr[0] != c)
        return false;
    *rest = iw_str_skip(*rest, 1);
    return true;
}

/* "HTTP/1.1 200 OK", "HTTP/2 200". */
static void status_line(struct iw_response *response, struct iw_str line)
{
    struct iw_str rest = iw_str_skip(line, 5);
    uint64_t major = 0, minor = 0, status = 0;
    if (!take_number(&rest, &major))
        return;
    if (take_char(&rest, '.') && !take_number(&rest, &minor))
        return;
    if (!take_char(&rest, ' ') || !take_number(&rest, &status) || status < 100 || status > 999)
        return;
    response->http_version = major > 9 || minor > 9 ? 0 : (int)(major * 10 + minor);
    response->status = (int)status;
}

/* One length, or a list of equal ones ("42, 42", RFC 9110 section 8.6). */
static void content_length(struct iw_response *response, struct iw_str value)
{
    struct iw_str piece;
    while (iw_str_next(&value, ',', &piece)) {
        uint64_t length;
        if (iw_parse_u64(iw_str_trim(piece), &length) != IW_OK) {
            response->has_conflicting_length = true;
            continue;
        }
        if (response->has_content_length && response->content_length != length)
            response->has_conflicting_length = true;
        response->has_content_length = true;
        response->content_length = length;
    }
}

/* "bytes 0-99/1234"; an unknown total or, in a 416, an absent range is written as an asterisk. */
static void content_range(struct iw_response *response, struct iw_str value)
{
    response->has_content_range = true;
    if (!iw_str_starts_nocase(value, IW_STR("bytes")))
        return;
    struct iw_str rest = iw_str_trim(iw_str_skip(value, 5));
    bool has_range = !take_char(&rest, '*');
    uint64_t first = 0, last = 0, total = 0;
    if (has_range && !(take_number(&rest, &first) && take_char(&rest, '-') && take_number(&rest, &last)))
        return;
    if (!take_char(&rest, '/'))
        return;
    bool has_total = !take_char(&rest, '*') && take_number(&rest, &total);
    if (rest.len != 0 || (has_range && (last < first || (has_total && total <= last))))
        return;
    response->has_valid_range = has_range;
    response->range_first = first;
    response->range_last = last;
    response->has_total = has_total;
    response->range_total = total;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" (IMF-fixdate; the two obsolete forms are not read). */
static bool http_date(struct iw_str value, uint64_t *out_s)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct iw_str rest = iw_str_skip(value, iw_str_find(value, ',') + 1);
    rest = iw_str_trim(rest);
    uint64_t day, year, hour, minute, second;
    if (!take_number(&rest, &day) || !take_char(&rest, ' ') || rest.len < 4)
        return false;
    unsigned month = 0;
    for (unsigned i = 0; i < 12; i++)
        if (memcmp(rest.ptr, months + (size_t)i * 3, 3) == 0)
            month = i + 1;
    rest = iw_str_skip(rest, 3);
    if (month == 0 || !take_char(&rest, ' ') || !take_number(&rest, &year) || !take_char(&rest, ' '))
        return false;
    if (!take_number(&rest, &hour) || !take_char(&rest, ':') || !take_number(&rest, &minute) ||
        !take_char(&rest, ':') || !take_number(&rest, &second))
        return false;
    if (day < 1 || day > 31 || year < 1970 || year > 9999 || hour > 23 || minute > 59 || second > 60)
        return false;
    int64_t days = iw_days_of((int64_t)year, month, (unsigned)day);
    *out_s = (uint64_t)days * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

static void retry_after(struct iw_response *response, struct iw_str value)
{
    if (iw_parse_u64(value, &response->retry_after_s) == IW_OK) {
        response->has_retry_after = true;
    } else if (http_date(value, &response->retry_after_s)) {
        response->has_retry_after = true;
        response->retry_after_is_date = true;
    }
}

/* A lower-cased copy without parameters. */
static struct iw_str token(struct iw_arena *arena, struct iw_str value)
{
    value = iw_str_trim(iw_str_sub(value, 0, iw_str_find(value, ';')));
    struct iw_str copy = iw_arena_str(arena, value);
    for (size_t i = 0; copy.ptr && i < copy.len; i++)
        if (copy.ptr[i] >= 'A' && copy.ptr[i] <= 'Z')
            ((char *)(uintptr_t)copy.ptr)[i] = (char)(copy.ptr[i] - 'A' + 'a');
    return copy;
}

static void text_field(struct iw_str *field, struct iw_arena *arena, struct iw_str value)
{
    *field = iw_arena_str(arena, value);
}

static void encoding_field(struct iw_response *response, struct iw_arena *arena, struct iw_str value)
{
    struct iw_str coding = token(arena, value);
    response->content_encoding = iw_str_eq(coding, IW_STR("identity")) ? IW_STR_NONE : coding;
}

/* Each line may be for another agent, so they are kept apart. */
static void robots_tag(struct iw_response *response, struct iw_arena *arena, struct iw_str value)
{
    enum { ROBOTS_TAG_BYTES = 4096 };
    struct iw_str before = response->robots_tag;
    if (before.len + 1 + value.len > ROBOTS_TAG_BYTES)
        return;
    response->robots_tag = before.len ? iw_arena_printf(arena, "%.*s\n%.*s", IW_STR_ARGS(before), IW_STR_ARGS(value))
                                      : iw_arena_str(arena, value);
}

enum field {
    F_CONTENT_TYPE,
    F_CONTENT_LENGTH,
    F_CONTENT_RANGE,
    F_CONTENT_ENCODING,
    F_TRANSFER_ENCODING,
    F_ETAG,
    F_LAST_MODIFIED,
    F_LOCATION,
    F_VARY,
    F_RETRY_AFTER,
    F_ROBOTS_TAG
};
static const struct {
    struct iw_str name;
    enum field field;
} fields[] = {
    {{"content-type", 12}, F_CONTENT_TYPE},
    {{"content-length", 14}, F_CONTENT_LENGTH},
    {{"content-range", 13}, F_CONTENT_RANGE},
    {{"content-encoding", 16}, F_CONTENT_ENCODING},
    {{"transfer-encoding", 17}, F_TRANSFER_ENCODING},
    {{"etag", 4}, F_ETAG},
    {{"last-modified", 13}, F_LAST_MODIFIED},
    {{"location", 8}, F_LOCATION},
    {{"vary", 4}, F_VARY},
    {{"retry-after", 11}, F_RETRY_AFTER},
    {{"x-robots-tag", 12}, F_ROBOTS_TAG},
};

static void set_field(struct iw_response *r, struct iw_arena *arena, enum field field, struct iw_str value)
{
    switch (field) {
    case F_CONTENT_TYPE:
        r->content_type = token(arena, value);
        r->content_type_all = iw_str_find(value, ';') < value.len ? iw_arena_str(arena, value) : IW_STR_NONE;
        break;
    case F_CONTENT_LENGTH:
        content_length(r, value);
        break;
    case F_CONTENT_RANGE:
        content_range(r, value);
        break;
    case F_CONTENT_ENCODING:
        encoding_field(r, arena, value);
        break;
    case F_TRANSFER_ENCODING:
        r->is_chunked = true;
        break;
    case F_ETAG:
        text_field(&r->etag, arena, value);
        break;
    case F_LAST_MODIFIED:
        text_field(&r->last_modified, arena, value);
        break;
    case F_LOCATION:
        text_field(&r->location, arena, value);
        break;
    case F_VARY:
        text_field(&r->vary, arena, value);
        break;
    case F_RETRY_AFTER:
        retry_after(r, value);
        break;
    case F_ROBOTS_TAG:
        robots_tag(r, arena, value);
        break;
    }
}

enum iw_err iw_response_line(struct iw_response *response, struct iw_arena *arena, struct iw_str line)
{
    if (iw_str_starts_nocase(line, IW_STR("HTTP/"))) {
        iw_response_init(response);
        status_line(response, line);
        return IW_OK;
    }
    size_t colon = iw_str_find(line, ':');
    if (colon == line.len)
        return IW_OK;
    struct iw_str name = iw_str_sub(line, 0, colon);
    for (size_t i = 0; i < IW_ARRAY_LEN(fields); i++) {
        if (fields[i].name.len != colon || !iw_str_eq_nocase(fields[i].name, name))
            continue;
        set_field(response, arena, fields[i].field, iw_str_trim(iw_str_skip(line, colon + 1)));
        break;
    }
    return arena->err == IW_OK ? IW_OK : IW_ERR_NOMEM;
}

bool iw_response_has_length(const struct iw_response *response)
{
    return response->has_content_length && !response->has_conflicting_length && !response->is_chunked &&
           response->content_encoding.len == 0;
}
