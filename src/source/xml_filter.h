/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Mends the bytes of an XML document before the parser sees them, so that the parser can stay strict: what libxml2's
 * RECOVER does to a bare "&" corrupts every later URL. How the bytes are cut does not change what comes out. It
 * remembers what it changed, and so knows where each byte that came out stood in the original. */
#ifndef IW_SOURCE_XML_FILTER_H
#define IW_SOURCE_XML_FILTER_H

#include "base/buf.h"

/* Behind a change: the byte that came out at out_at stood at in_at. */
struct iw_xml_edit {
    uint64_t out_at, in_at;
};

struct iw_xml_filter {
    enum { IW_XML_MARK, IW_XML_SPACE, IW_XML_DECLARATION, IW_XML_TEXT, IW_XML_COMMENT, IW_XML_CDATA, IW_XML_RAW } state;
    bool is_other_coding;   /* the document declares an encoding other than UTF-8: its bytes are the parser's matter */
    struct iw_buf held;     /* bytes whose meaning depends on what follows */
    uint64_t in_at, out_at; /* bytes read behind the start, bytes given out */
    uint64_t dropped;       /* controls, not yet counted in in_at */
    unsigned lines_skipped; /* newlines in the white space before the document */
    unsigned columns_skipped; /* bytes before the document on its first line, without byte order mark */
    /* For iw_xml_filter_place(): marks not yet passed, and where the last question was. */
    struct iw_buf newlines;               /* uint64_t: where newlines came out */
    struct iw_buf edits;                  /* struct iw_xml_edit */
    size_t newlines_passed, edits_passed; /* bytes */
    struct iw_xml_edit edit;              /* the last one passed */
    uint64_t line_start;                  /* of the current line, in the original */
    uint64_t line, asked;
};

void iw_xml_filter_init(struct iw_xml_filter *filter);
void iw_xml_filter_release(struct iw_xml_filter *filter);
/* Appends the mended bytes to out. Changes made: byte order mark, white space and controls in front removed; a "&" that
 * begins no XML entity or character reference becomes "&amp;" or, for an HTML 4 entity, a character reference; C0
 * controls are dropped, before anything else; characters that XML does not have become U+FFFD; bytes that are not UTF-8
 * are read as ISO 8859-1 (unless the document declares another encoding); "--" inside a comment becomes " -"; a
 * declared encoding that 8-bit text cannot have (UTF-16, UCS-2), that is a part of UTF-8 (ASCII) or a misspelling of it
 * is blanked. UTF-16 passes untouched. is_end: no more bytes follow. Newlines are never added or removed behind the
 * start. IW_ERR_NOMEM; IW_ERR_LIMIT when too many changes wait to be passed by iw_xml_filter_place(). */
enum iw_err iw_xml_filter_feed(struct iw_xml_filter *filter, const char *bytes, size_t len, bool is_end,
                               struct iw_buf *out) IW_MUST_USE;
/* Line and column (1-based, in bytes) in the original of the byte that came out at offset out_at. Offsets may only
 * grow: an earlier one is answered as the latest was. What lies before is forgotten. Not for documents in UTF-16. */
void iw_xml_filter_place(struct iw_xml_filter *filter, uint64_t out_at, unsigned *out_line, unsigned *out_column);

#endif
