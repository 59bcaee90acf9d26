/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A slice of bytes that somebody else owns, and what is asked of slices. Slices need no terminator. */
#ifndef IW_BASE_STR_H
#define IW_BASE_STR_H

#include "base/iw.h"
#include <string.h>

struct iw_str {
    const char *ptr; /* may be NULL when len is 0: an absent string */
    size_t len;
};

#define IW_STR(literal) ((struct iw_str){"" literal, sizeof(literal) - 1})
#define IW_STR_NONE     ((struct iw_str){NULL, 0})
/* For printf("%.*s"): IW_STR_ARGS(s) gives the length (cut to INT_MAX) and the pointer. */
#define IW_STR_ARGS(s) (int)((s).len > 0x7fffffff ? 0x7fffffff : (s).len), ((s).ptr ? (s).ptr : "")

static inline struct iw_str iw_str_from(const char *text)
{
    return (struct iw_str){text, text ? strlen(text) : 0};
}
static inline bool iw_str_eq(struct iw_str a, struct iw_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
static inline struct iw_str iw_str_sub(struct iw_str s, size_t at, size_t len)
{
    if (at > s.len)
        at = s.len;
    return (struct iw_str){s.ptr ? s.ptr + at : NULL, len < s.len - at ? len : s.len - at};
}
static inline struct iw_str iw_str_skip(struct iw_str s, size_t at)
{
    return iw_str_sub(s, at, s.len);
}

/* ASCII case folding only: what HTTP field names, schemes and units need. */
bool iw_str_eq_nocase(struct iw_str a, struct iw_str b);
bool iw_str_starts(struct iw_str s, struct iw_str prefix);
bool iw_str_starts_nocase(struct iw_str s, struct iw_str prefix);
bool iw_str_ends_nocase(struct iw_str s, struct iw_str suffix);
/* Index of the first byte c, or s.len. */
size_t iw_str_find(struct iw_str s, char c);
/* Without leading and trailing space, tab, CR, LF, FF and VT. */
struct iw_str iw_str_trim(struct iw_str s);
/* Cuts the next piece up to separator off *rest (which moves behind it); false when *rest is exhausted.
 * Empty pieces are returned. Start with *rest = the whole; a NULL ptr marks exhaustion. */
bool iw_str_next(struct iw_str *rest, char separator, struct iw_str *out_piece);

#endif
