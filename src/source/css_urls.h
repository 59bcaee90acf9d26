/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The URLs that CSS names: images and imported style sheets. A push parser: bytes go in as they come. */
#ifndef IW_SOURCE_CSS_URLS_H
#define IW_SOURCE_CSS_URLS_H

#include "base/buf.h"

/* One reference, escapes resolved. */
struct iw_css_url {
    struct iw_str url;     /* empty: it was longer than the ceiling */
    const char *element;   /* "url()", "image-set()", "@import" */
    bool is_import;        /* a style sheet, no image */
    uint64_t at;           /* where it begins, in bytes since iw_css_init() */
    unsigned line, column; /* 1-based, in bytes */
};
/* Another code than IW_OK ends the parse. The slice dies with the call. */
typedef enum iw_err (*iw_css_fn)(void *user, const struct iw_css_url *url);

struct iw_css {
    iw_css_fn fn;
    void *user;
    uint64_t at;           /* of the next byte */
    unsigned line, column; /* of the next byte; may be set where the text goes on elsewhere */
    /* the inside */
    enum {
        IW_CSS_TEXT,
        IW_CSS_SLASH, /* it may begin a comment */
        IW_CSS_COMMENT,
        IW_CSS_COMMENT_STAR,
        IW_CSS_STRING,
        IW_CSS_URL_START, /* behind "url(" */
        IW_CSS_URL,
        IW_CSS_URL_END, /* white space behind it */
        IW_CSS_BAD_URL,
    } state;
    enum { IW_CSS_NO_ESCAPE, IW_CSS_BACKSLASH, IW_CSS_HEX, IW_CSS_BEHIND_CR } escape;
    unsigned hex_digits;
    uint32_t hex;
    char quote;
    const char *string_as; /* what the string at hand is; NULL: none of ours */
    struct iw_buf value;   /* a string or URL */
    uint64_t value_at;
    unsigned value_line, value_column;
    char ident[24];   /* lower-cased */
    size_t ident_len; /* 0: none at hand; beyond the room: a longer one */
    bool is_at_keyword;
    char property[24]; /* of the declaration at hand; "" outside of one */
    bool is_at_start;  /* of a declaration: a property may come */
    enum { IW_CSS_NO_RULE, IW_CSS_IMPORT, IW_CSS_FONT_FACE, IW_CSS_OTHER_RULE } prelude; /* the at-rule begun */
    bool has_rules;                                                                      /* imports are over */
    unsigned depth;                                                                      /* of blocks */
    unsigned font_depth;  /* the block of @font-face; 0: outside of one */
    unsigned parentheses; /* open ones */
    unsigned set_at;      /* which of them is an image-set(); 0: none */
};

/* max_bytes: ceiling for one URL. */
void iw_css_init(struct iw_css *css, size_t max_bytes, iw_css_fn fn, void *user);
/* IW_ERR_NOMEM, or what fn returned. */
enum iw_err iw_css_feed(struct iw_css *css, const char *bytes, size_t len) IW_MUST_USE;
/* The text ended: what is open is closed, as CSS has it. Then init may be called again after release. */
enum iw_err iw_css_finish(struct iw_css *css) IW_MUST_USE;
void iw_css_release(struct iw_css *css);

#endif
