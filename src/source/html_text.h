/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Text of HTML: character references in attribute values, and the encodings of documents. */
#ifndef IW_SOURCE_HTML_TEXT_H
#define IW_SOURCE_HTML_TEXT_H

#include "base/buf.h"

/* What text, which holds at least a byte, begins with: a byte, or a character reference as attribute values have them
 * (section 13.2.5.72 of the HTML standard). Appends it as UTF-8 and returns how many bytes of text it takes. */
size_t iw_html_unit(struct iw_str text, struct iw_buf *out);
/* All of text. */
void iw_html_decode(struct iw_str text, struct iw_buf *out);

/* Encodings, by the labels of the Encoding Standard that documents still bear. */
struct iw_html_charset {
    const char *name; /* for iconv; NULL: none known */
    bool is_known;    /* somebody said it: later words do not count */
    bool is_utf8;
};
/* A label from a byte order mark, a header or a meta element; unknown ones are passed over. */
void iw_html_charset_set(struct iw_html_charset *charset, struct iw_str label);
/* The charset of "text/html; charset=x" (section 2.6.5); NONE. */
struct iw_str iw_html_charset_of(struct iw_str content_type);
/* text as UTF-8, in out where it had to be converted. Without a word about its encoding, what is no UTF-8 is read as
 * windows-1252. */
struct iw_str iw_html_convert(const struct iw_html_charset *charset, struct iw_str text, struct iw_buf *out);

#endif
