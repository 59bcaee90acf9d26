/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Bytes of HTML to tags, by the tokenizer of the HTML standard (section 13.2.5). A push parser: its memory does not
 * grow with the document, however deep elements nest, and each byte is looked at once. */
#ifndef IW_SOURCE_HTML_TOKENS_H
#define IW_SOURCE_HTML_TOKENS_H

#include "base/buf.h"

enum iw_html_attribute {
#define IW_HTML_ATTRIBUTE(id, name) IW_HTML_##id,
#include "source/html_attributes.def"
#undef IW_HTML_ATTRIBUTE
    IW_HTML_ATTRIBUTES
};

/* An attribute's value as written: references are not resolved, NUL is U+FFFD. */
struct iw_html_value {
    struct iw_str text;
    bool is_long;          /* it was longer than the ceiling, and text is empty */
    unsigned line, column; /* of its first byte */
};

enum { IW_HTML_NAME_BYTES = 24 };
struct iw_html_tag {
    char name[IW_HTML_NAME_BYTES]; /* lower-cased; "" when it is longer than any that means something */
    bool is_end, is_self_closing;
    bool is_svg, is_math;              /* not an HTML element */
    unsigned line, column;             /* of "<" */
    uint64_t attributes;               /* bits of those that are set, */
    uint8_t order[IW_HTML_ATTRIBUTES]; /* and which they are, as they stand */
    size_t count;
    struct iw_html_value values[IW_HTML_ATTRIBUTES];
};

struct iw_html_events {
    /* A start or end tag. Another code than IW_OK ends the parse. The tag dies with the call. */
    enum iw_err (*tag)(void *user, const struct iw_html_tag *tag);
    /* A piece of text at a place, only while iw_html.wants_text is set: as written, of a style or script element. */
    enum iw_err (*text)(void *user, struct iw_str text, unsigned line, unsigned column);
    void *user;
};

enum { IW_HTML_FOREIGN_DEPTH = 32 };
struct iw_html {
    struct iw_html_events events;
    bool wants_text;       /* the events' owner may set it in tag() */
    unsigned line, column; /* of the next byte */
    /* the inside */
    enum {
        IW_HTML_IN_DATA,
        IW_HTML_IN_TAG_NAME,
        IW_HTML_BEFORE_ATTRIBUTE,
        IW_HTML_IN_ATTRIBUTE_NAME,
        IW_HTML_AFTER_ATTRIBUTE_NAME,
        IW_HTML_BEFORE_VALUE,
        IW_HTML_IN_QUOTED_VALUE,
        IW_HTML_IN_UNQUOTED_VALUE,
        IW_HTML_AFTER_QUOTED_VALUE,
        IW_HTML_IN_SELF_CLOSING,
        IW_HTML_IN_COMMENT_START,
        IW_HTML_IN_COMMENT,
        IW_HTML_IN_BOGUS_COMMENT, /* also a DOCTYPE */
        IW_HTML_IN_CDATA,
        IW_HTML_IN_RAW_TEXT, /* up to the end tag of raw */
        IW_HTML_IN_SCRIPT,
        IW_HTML_IN_PLAIN_TEXT,
    } state;
    enum { IW_HTML_SCRIPT_PLAIN, IW_HTML_SCRIPT_ESCAPED, IW_HTML_SCRIPT_ESCAPED_TWICE } script;
    const char *raw;
    char quote;
    struct iw_buf held; /* bytes whose meaning depends on what follows */
    struct iw_html_tag tag;
    size_t name_len;
    char attribute[IW_HTML_NAME_BYTES]; /* its name, lower-cased */
    size_t attribute_len;
    int current; /* the attribute whose value comes; -1: one that is not read */
    size_t starts[IW_HTML_ATTRIBUTES];
    struct iw_buf values;                       /* of the tag at hand */
    size_t max_bytes;                           /* of one value */
    const char *foreign[IW_HTML_FOREIGN_DEPTH]; /* open elements that lead into SVG and MathML, or out of it */
    size_t foreign_len;
};

/* max_bytes: ceiling for one value. */
void iw_html_init(struct iw_html *html, size_t max_bytes, const struct iw_html_events *events);
/* IW_ERR_NOMEM, or what an event returned; then nothing more may be fed. */
enum iw_err iw_html_feed(struct iw_html *html, const char *bytes, size_t len) IW_MUST_USE;
enum iw_err iw_html_finish(struct iw_html *html) IW_MUST_USE;
/* After that: the document ended within a tag with attributes, which no browser sees; html->tag says where it began. */
bool iw_html_is_cut(const struct iw_html *html);
void iw_html_release(struct iw_html *html);

/* Whether two names are the same; most differ in their first letter. */
static inline bool iw_html_is(const char *name, const char *other)
{
    return name[0] == other[0] && strcmp(name, other) == 0;
}

/* SVG and MathML (html_foreign.c): of the tag at hand, before and after it is handed over. */
void iw_html_classify_start(struct iw_html *html);
void iw_html_enter_start(struct iw_html *html);
void iw_html_leave_end(struct iw_html *html);
/* "svg", "math", or NULL: what a start tag is read as here. */
const char *iw_html_language(const struct iw_html *html);
/* The element of names that is name, or NULL. */
const char *iw_html_find(const char *name, const char *const *names, size_t count);

static inline bool iw_html_has(const struct iw_html_tag *tag, enum iw_html_attribute attribute)
{
    return tag->attributes >> attribute & 1;
}

#endif
