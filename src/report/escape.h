/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Text of strangers in other formats, inside report/. URLs, types, names and messages may hold any bytes. All but
 * iw_escape_uri() first do what iw_report_add_safe() does: what comes out holds no control character, no line break, no
 * bidi control and no invalid UTF-8. */
#ifndef IW_REPORT_ESCAPE_H
#define IW_REPORT_ESCAPE_H

#include "report/report.h"

/* Whether the character of len bytes (0: no UTF-8) that text begins with is one of these. */
bool iw_is_unsafe(struct iw_str text, size_t len);
/* Content and attribute values of XML 1.0 and HTML: code points that are no characters become U+FFFD, too. */
void iw_escape_xml(struct iw_buf *out, struct iw_str text);
/* Markdown that is read as text wherever it stands in a line, also in a cell: all that could begin markup, HTML, maths,
 * a link or a mention is a numeric entity. */
void iw_escape_markdown(struct iw_buf *out, struct iw_str text);
/* Values of GitHub's workflow commands; of properties, commas and colons, too. */
void iw_escape_github(struct iw_buf *out, struct iw_str text, bool is_property);
/* Descriptions of TAP: # and \ are escaped. */
void iw_escape_tap(struct iw_buf *out, struct iw_str text);
/* A JSON string of safe text; null for a NULL pointer. */
void iw_escape_json(struct iw_buf *out, struct iw_str text);

/* A URI reference by RFC 3986: what is percent-encoded stays so, all that may not stand there becomes so, and so do the
 * characters of also (of those that may). */
void iw_escape_uri(struct iw_buf *out, struct iw_str text, const char *also);

/* At most max bytes of text, cut in its middle (never inside a UTF-8 sequence) with "..." where it is longer; what
 * comes back lives in scratch, which holds max bytes. max is 16 at least. */
struct iw_str iw_cut_middle(struct iw_str text, char *scratch, size_t max);

#endif
