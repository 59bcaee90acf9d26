/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Questions to slices. ASCII only, independent of the locale. */
#include "base/iw.h"
#include "base/str.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool iw_str_eq_nocase(struct iw_str a, struct iw_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

bool iw_str_starts(struct iw_str s, struct iw_str prefix)
{
    return s.len >= prefix.len && iw_str_eq(iw_str_sub(s, 0, prefix.len), prefix);
}

bool iw_str_starts_nocase(struct iw_str s, struct iw_str prefix)
{
    return s.len >= prefix.len && iw_str_eq_nocase(iw_str_sub(s, 0, prefix.len), prefix);
}

bool iw_str_ends_nocase(struct iw_str s, struct iw_str suffix)
{
    return s.len >= suffix.len && iw_str_eq_nocase(iw_str_skip(s, s.len - suffix.len), suffix);
}

size_t iw_str_find(struct iw_str s, char c)
{
    const char *found = s.len ? memchr(s.ptr, c, s.len) : NULL;
    return found ? (size_t)(found - s.ptr) : s.len;
}

struct iw_str iw_str_trim(struct iw_str s)
{
    while (s.len && is_space(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len && is_space(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

bool iw_str_next(struct iw_str *rest, char separator, struct iw_str *out_piece)
{
    if (!rest->ptr)
        return false;
    size_t at = iw_str_find(*rest, separator);
    *out_piece = iw_str_sub(*rest, 0, at);
    *rest = at < rest->len ? iw_str_skip(*rest, at + 1) : IW_STR_NONE;
    return true;
}
