/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* URLs by RFC 3986: parsing (appendix B), reference resolution (section 5.2), normalisation (6.2.2, 6.2.3). One pass
 * writes the canonical text; nothing is re-ordered, and no query is touched beyond encoding what may not stand in it. A
 * backslash is no slash here: it is encoded in a path, and no host may contain one. */
#include "base/iw.h"
#include "url/inside.h"

#include "base/parse.h"

/* Zeros behind the text: it is terminated, and matchers that read whole vectors read nothing undefined. */
enum { LONGEST_BYTES = 64 << 10, PADDING_BYTES = 32 };

/* The parts of a reference, as written. */
struct parts {
    struct iw_str scheme, authority, path, query;
    bool has_authority, has_query;
};

/* Sets of ASCII characters as bits: unreserved (RFC 3986 section 2.3); what may stand in a path, that is pchar and "/"
 * (3.3); and "?" besides in a query (3.4). */
static const uint64_t unreserved[2] = {0x03FF600000000000u, 0x47FFFFFE87FFFFFEu};
static const uint64_t in_path[2] = {0x2FFFFFD200000000u, 0x47FFFFFE87FFFFFFu};
static const uint64_t in_query[2] = {0xAFFFFFD200000000u, 0x47FFFFFE87FFFFFFu};

static bool is_in(const uint64_t set[2], unsigned char c)
{
    return c < 128 && (set[c / 64] >> (c % 64) & 1);
}

/* ---- taking apart ---- */

static size_t scheme_len(struct iw_str text)
{
    size_t n = 0;
    while (n < text.len) {
        char c = text.ptr[n];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool is_other = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
        if (!is_letter && !(n > 0 && is_other))
            break;
        n++;
    }
    return n > 0 && n < text.len && text.ptr[n] == ':' ? n : 0;
}

static void split(struct iw_str text, struct parts *out)
{
    *out = (struct parts){0};
    text = iw_str_sub(text, 0, iw_str_find(text, '#'));
    size_t n = scheme_len(text);
    if (n) {
        out->scheme = iw_str_sub(text, 0, n);
        text = iw_str_skip(text, n + 1);
    }
    size_t question = iw_str_find(text, '?');
    out->has_query = question < text.len;
    out->query = iw_str_skip(text, question + 1);
    text = iw_str_sub(text, 0, question);
    if (iw_str_starts(text, IW_STR("//"))) {
        text = iw_str_skip(text, 2);
        size_t slash = iw_str_find(text, '/');
        out->has_authority = true;
        out->authority = iw_str_sub(text, 0, slash);
        text = iw_str_skip(text, slash);
    }
    out->path = text;
}

static enum iw_scheme scheme_of(struct iw_str name)
{
    if (iw_str_eq_nocase(name, IW_STR("https")))
        return IW_SCHEME_HTTPS;
    if (iw_str_eq_nocase(name, IW_STR("http")))
        return IW_SCHEME_HTTP;
    return iw_str_eq_nocase(name, IW_STR("data")) ? IW_SCHEME_DATA : IW_SCHEME_OTHER;
}

/* ---- putting together ---- */

struct writer {
    char *text; /* large enough by construction */
    size_t len;
};

static void put(struct writer *w, const char *bytes, size_t len)
{
    if (len)
        memcpy(w->text + w->len, bytes, len);
    w->len += len;
}

static void put_encoded(struct writer *w, unsigned char c)
{
    static const char hex[] = "0123456789ABCDEF";
    char text[3] = {'%', hex[c >> 4], hex[c & 15]};
    put(w, text, 3);
}

static void put_part(struct writer *w, struct iw_str part, bool is_query)
{
    const uint64_t *may_stand = is_query ? in_query : in_path;
    for (size_t i = 0; i < part.len; i++) {
        unsigned char c = (unsigned char)part.ptr[i];
        int high = -1, low = -1;
        if (c == '%' && part.len - i > 2) {
            high = iw_hex(part.ptr[i + 1]);
            low = iw_hex(part.ptr[i + 2]);
        }
        if (high >= 0 && low >= 0) {
            c = (unsigned char)(high * 16 + low);
            i += 2;
            if (is_in(unreserved, c))
                w->text[w->len++] = (char)c;
            else
                put_encoded(w, c);
        } else if (is_in(may_stand, c)) {
            w->text[w->len++] = (char)c;
        } else {
            put_encoded(w, c);
        }
    }
}

/* Removes dot segments from text[start..len), which begins with "/" (RFC 3986 section 5.2.4). */
static void remove_dots(struct writer *w, size_t start)
{
    size_t in = start, out = start;
    char *t = w->text;
    while (in < w->len) {
        size_t end = in + 1;
        while (end < w->len && t[end] != '/')
            end++;
        size_t n = end - in; /* a "/" and its segment */
        bool is_last = end == w->len;
        bool is_one = n == 2 && t[in + 1] == '.';
        bool is_two = n == 3 && t[in + 1] == '.' && t[in + 2] == '.';
        if (is_two)
            while (out > start && t[--out] != '/')
                ;
        if (is_one || is_two) {
            if (is_last)
                t[out++] = '/';
        } else {
            memmove(t + out, t + in, n);
            out += n;
        }
        in = end;
    }
    w->len = out;
}

static enum iw_err put_authority(struct writer *w, struct iw_str authority, enum iw_scheme scheme, struct iw_url *out,
                                 struct iw_diag *diag)
{
    if (iw_str_find(authority, '@') < authority.len)
        return iw_fail(diag, IW_ERR_SYNTAX, 0, 0, "user information in a URL is not accepted");
    size_t end = authority.len;
    size_t from = authority.len && authority.ptr[0] == '[' ? iw_str_find(authority, ']') : 0;
    struct iw_str port_text = IW_STR_NONE;
    for (size_t i = from; i < authority.len; i++) {
        if (authority.ptr[i] == ':') {
            end = i;
            port_text = iw_str_skip(authority, i + 1);
            break;
        }
    }
    char host[IW_HOST_MAX];
    size_t host_len = 0;
    bool is_ipv6 = false;
    enum iw_err err = iw_hostname_parse(iw_str_sub(authority, 0, end), host, &host_len, &is_ipv6);
    if (err != IW_OK)
        return iw_fail(diag, err, 0, 0, "\"%.*s\" is not a host name", IW_STR_ARGS(iw_str_sub(authority, 0, 80)));
    uint16_t usual = scheme == IW_SCHEME_HTTPS ? 443 : 80;
    uint64_t port = usual;
    if (port_text.len && (iw_parse_u64(port_text, &port) != IW_OK || port < 1 || port > 65535))
        return iw_fail(diag, IW_ERR_SYNTAX, 0, 0, "\"%.*s\" is not a port", IW_STR_ARGS(iw_str_sub(port_text, 0, 20)));
    if (is_ipv6)
        put(w, "[", 1);
    out->host = (struct iw_str){w->text + w->len, host_len};
    put(w, host, host_len);
    if (is_ipv6)
        put(w, "]", 1);
    out->port = (uint16_t)port;
    if (port != usual) {
        char digits[8] = ":";
        size_t n = 6;
        char reversed[6];
        size_t count = 0;
        for (uint64_t p = port; p; p /= 10)
            reversed[count++] = (char)('0' + p % 10);
        for (n = 1; count; n++)
            digits[n] = reversed[--count];
        put(w, digits, n);
    }
    return IW_OK;
}

/* The path of a relative reference merged with the base's (RFC 3986 section 5.2.3). */
static void put_path(struct writer *w, const struct parts *parts, const struct iw_url *base, bool has_own_authority)
{
    size_t start = w->len;
    if (!has_own_authority && base && (parts->path.len == 0 || parts->path.ptr[0] != '/')) {
        struct iw_str merged = base->path;
        if (parts->path.len)
            while (merged.len && merged.ptr[merged.len - 1] != '/')
                merged.len--;
        put(w, merged.ptr, merged.len);
    } else if (parts->path.len == 0 || parts->path.ptr[0] != '/') {
        put(w, "/", 1);
    }
    put_part(w, parts->path, false);
    remove_dots(w, start);
    if (w->len == start)
        put(w, "/", 1);
}

/* White space around goes; tabs and line ends inside go, too (URL standard). */
static enum iw_err clean(struct iw_arena *arena, struct iw_str text, struct iw_str *out, struct iw_diag *diag)
{
    text = iw_str_trim(text);
    if (text.len > LONGEST_BYTES)
        return iw_fail(diag, IW_ERR_RANGE, 0, 0, "the URL is longer than %d bytes", LONGEST_BYTES);
    bool has_breaks =
        iw_str_find(text, '\n') < text.len || iw_str_find(text, '\t') < text.len || iw_str_find(text, '\r') < text.len;
    *out = text;
    if (!has_breaks)
        return IW_OK;
    char *copy = iw_arena_alloc(arena, text.len + 1);
    if (!copy)
        return IW_ERR_NOMEM;
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] != '\n' && text.ptr[i] != '\t' && text.ptr[i] != '\r')
            copy[n++] = text.ptr[i];
    *out = (struct iw_str){copy, n};
    return IW_OK;
}

static enum iw_err compose(struct writer *w, const struct parts *parts, enum iw_scheme scheme,
                           const struct iw_url *base, struct iw_url *out, struct iw_diag *diag)
{
    out->scheme = scheme;
    if (parts->has_authority) {
        struct iw_str name = scheme == IW_SCHEME_HTTPS ? IW_STR("https://") : IW_STR("http://");
        put(w, name.ptr, name.len);
        enum iw_err err = put_authority(w, parts->authority, scheme, out, diag);
        if (err != IW_OK)
            return err;
    } else {
        put(w, base->origin.ptr, base->origin.len);
        out->host = (struct iw_str){w->text + (base->host.ptr - base->text.ptr), base->host.len};
        out->port = base->port;
    }
    out->origin = (struct iw_str){w->text, w->len};
    put_path(w, parts, base, parts->has_authority);
    out->path = (struct iw_str){w->text + out->origin.len, w->len - out->origin.len};
    if (parts->has_query) {
        put(w, "?", 1);
        put_part(w, parts->query, true);
    } else if (!parts->has_authority && parts->path.len == 0) {
        size_t known = base->origin.len + base->path.len;
        put(w, base->text.ptr + known, base->text.len - known);
    }
    memset(w->text + w->len, 0, PADDING_BYTES);
    out->text = (struct iw_str){w->text, w->len};
    return IW_OK;
}

/* ---- what is canonical already ---- */

/* Length of a host of letters, digits and inner hyphens whose last label begins with a letter, so that it is neither an
 * address nor an internationalised name; 0: it may be anything. */
static size_t plain_host_len(const char *host, size_t len)
{
    enum { LABEL_MAX = 63, NAME_MAX_BYTES = 253 };
    size_t label = 0, i = 0;
    for (; i < len && host[i] != '/'; i++) {
        char c = host[i];
        bool is_letter = c >= 'a' && c <= 'z', is_digit = c >= '0' && c <= '9';
        if (c == '.') {
            if (i == label || host[i - 1] == '-' || i - label > LABEL_MAX)
                return 0;
            label = i + 1;
        } else if (!is_letter && !is_digit && !(c == '-' && i > label && host[i - 1] != '-')) {
            return 0;
        }
    }
    bool is_name = i > label && host[label] >= 'a' && host[i - 1] != '-' && i - label <= LABEL_MAX;
    return is_name && i <= NAME_MAX_BYTES && i < len ? i : 0;
}

/* True when all of path and query may stand as it is. */
static bool is_plain_rest(const char *rest, size_t len, size_t *out_path_len)
{
    size_t i = 0;
    for (; i < len && is_in(in_path, (unsigned char)rest[i]); i++)
        if (rest[i] == '/' && i + 1 < len && rest[i + 1] == '.')
            return false; /* perhaps a dot segment */
    *out_path_len = i;
    if (i < len && rest[i] != '?')
        return false;
    while (i < len && is_in(in_query, (unsigned char)rest[i]))
        i++;
    return i == len;
}

/* Most URLs are canonical as they stand: nothing is encoded, no dot segments, no port, a host of ASCII labels. Telling
 * them by one look is a fifth of the work of taking them apart and writing them anew. False: they must be. */
static bool take_canonical(struct iw_arena *arena, struct iw_str text, struct iw_url *out, enum iw_err *out_err)
{
    bool is_https = iw_str_starts(text, IW_STR("https://"));
    size_t scheme = is_https ? 8 : 7, path_len;
    if (text.len > LONGEST_BYTES || (!is_https && !iw_str_starts(text, IW_STR("http://"))))
        return false;
    size_t host = plain_host_len(text.ptr + scheme, text.len - scheme), origin = scheme + host;
    if (!host || !is_plain_rest(text.ptr + origin, text.len - origin, &path_len))
        return false;
    char *copy = iw_arena_alloc(arena, text.len + PADDING_BYTES);
    *out_err = copy ? IW_OK : IW_ERR_NOMEM;
    if (!copy)
        return true;
    memcpy(copy, text.ptr, text.len);
    memset(copy + text.len, 0, PADDING_BYTES);
    *out = (struct iw_url){
        .text = {copy, text.len},
        .scheme = is_https ? IW_SCHEME_HTTPS : IW_SCHEME_HTTP,
        .origin = {copy, origin},
        .host = {copy + scheme, host},
        .port = is_https ? 443 : 80,
        .path = {copy + origin, path_len},
    };
    return true;
}

enum iw_err iw_url_parse(struct iw_arena *arena, struct iw_str text, const struct iw_url *base, struct iw_url *out,
                         enum iw_scheme *out_scheme, struct iw_diag *diag)
{
    enum iw_err err;
    if (take_canonical(arena, text, out, &err)) {
        if (out_scheme && err == IW_OK)
            *out_scheme = out->scheme;
        return err;
    }
    err = clean(arena, text, &text, diag);
    if (err != IW_OK)
        return err;
    struct parts parts;
    split(text, &parts);
    enum iw_scheme scheme = parts.scheme.len ? scheme_of(parts.scheme) : base ? base->scheme : IW_SCHEME_OTHER;
    if (!parts.scheme.len && !base)
        return iw_fail(diag, IW_ERR_SYNTAX, 0, 0, "expected a URL that begins with http:// or https://");
    if (out_scheme)
        *out_scheme = scheme;
    if (scheme != IW_SCHEME_HTTP && scheme != IW_SCHEME_HTTPS)
        return iw_fail(diag, IW_ERR_UNKNOWN_NAME, 0, 0, "the scheme \"%.*s\" is not fetched",
                       IW_STR_ARGS(iw_str_sub(parts.scheme, 0, 40)));
    if (parts.scheme.len && !parts.has_authority)
        return iw_fail(diag, IW_ERR_SYNTAX, 0, 0, "expected \"//\" and a host behind the scheme");
    size_t others = 0; /* bytes that become three */
    for (size_t i = 0; i < text.len; i++)
        others += !is_in(in_path, (unsigned char)text.ptr[i]);
    size_t host_room = parts.has_authority ? IW_HOST_MAX : 0;
    size_t room = text.len + others * 2 + host_room + 16 + PADDING_BYTES + (base ? base->text.len : 0);
    struct writer w = {iw_arena_alloc(arena, room), 0};
    if (!w.text)
        return IW_ERR_NOMEM;
    struct iw_url result = {0};
    err = compose(&w, &parts, scheme, base, &result, diag);
    if (err == IW_OK)
        *out = result;
    return err;
}

struct iw_str iw_url_userinfo(struct iw_str text)
{
    size_t colon = iw_str_find(text, ':');
    if (!iw_str_starts(iw_str_skip(text, colon), IW_STR("://")))
        return iw_str_sub(text, 0, 0);
    struct iw_str rest = iw_str_skip(text, colon + 3);
    size_t end = 0;
    for (size_t i = 0; i < rest.len && rest.ptr[i] != '/' && rest.ptr[i] != '?' && rest.ptr[i] != '#'; i++)
        if (rest.ptr[i] == '@')
            end = i + 1;
    return iw_str_sub(rest, 0, end);
}

bool iw_url_is_http(struct iw_str text)
{
    return iw_str_starts_nocase(text, IW_STR("http:")) || iw_str_starts_nocase(text, IW_STR("https:"));
}

struct iw_str iw_url_shorten(struct iw_arena *arena, struct iw_str text)
{
    size_t comma = iw_str_find(text, ',');
    if (!iw_str_starts_nocase(text, IW_STR("data:")) || comma == text.len || comma > 200)
        return text;
    struct iw_str kept = iw_str_sub(text, 0, comma + 1);
    return iw_arena_printf(arena, "%.*s\xE2\x80\xA6(%zu chars)", IW_STR_ARGS(kept), text.len - kept.len);
}
