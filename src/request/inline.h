/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* An image in its document, as its text comes: counted and checked to its end, decoded only where the scanner of its
 * format asks for bytes. */
#ifndef IW_REQUEST_INLINE_H
#define IW_REQUEST_INLINE_H

#include "request/request.h"

enum {
    IW_INLINE_PREFIX_BYTES = 256,   /* between "data:" and the comma */
    IW_INLINE_KEPT_BYTES = 1 << 20, /* most that is decoded of one image */
    IW_INLINE_WINDOWS = 16,
};

struct iw_inline_scan {
    struct iw_inline out; /* label stays NONE: see prefix */
    enum { IW_INLINE_SCHEME, IW_INLINE_PREFIX, IW_INLINE_BASE64, IW_INLINE_PERCENT } part;
    unsigned scheme_left;                /* characters of "data:" to come */
    char prefix[IW_INLINE_PREFIX_BYTES]; /* as written, without comma; of a second one its own */
    size_t prefix_len;
    bool is_base64;
    char first[4];            /* the first digits */
    char last[20];            /* the last digits */
    uint64_t digits;          /* of base64 */
    unsigned padding;         /* characters */
    char escape[2];           /* hexadecimal digits of a percent escape so far */
    unsigned escape_left;     /* and how many of its characters are to come */
    bool is_looking;          /* bytes are still wanted */
    uint64_t kept_at, end_at; /* offset of the next byte to keep, and of the first not to */
    uint32_t bits;            /* of the base64 group at hand */
    unsigned bit_count;
    struct iw_buf kept; /* the windows one behind the other */
    struct {
        uint64_t at;
        size_t start, len; /* in kept */
    } windows[IW_INLINE_WINDOWS];
    size_t window_count;
    bool is_out_of_memory;
};

/* Cleared at first; may be begun again at any time. has_scheme: the text begins with "data:", in any case. */
void iw_inline_begin(struct iw_inline_scan *scan, bool has_scheme);
void iw_inline_feed(struct iw_inline_scan *scan, struct iw_str text);
/* The same for what the text begins with, as far as that is base64 without more ado; returns how much it was. */
size_t iw_inline_take(struct iw_inline_scan *scan, const char *text, size_t len);
/* scan->out is whole then. IW_ERR_NOMEM. */
enum iw_err iw_inline_end(struct iw_inline_scan *scan) IW_MUST_USE;
/* The media type that the prefix states, lower-case, in the arena; NONE: none. */
struct iw_str iw_inline_label(const struct iw_inline_scan *scan, struct iw_arena *arena);
void iw_inline_release(struct iw_inline_scan *scan);

#endif
