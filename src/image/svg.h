/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What the halves of SVG share: svg_text.c turns bytes into text and finds the root element, svg.c reads that. */
#ifndef IW_IMAGE_SVG_H
#define IW_IMAGE_SVG_H

#include "base/buf.h"
#include "image/inside.h"

/* The first element of a document. */
enum iw_svg_root {
    IW_SVG_NONE, /* of another kind, or this is no document */
    IW_SVG_OPEN, /* the text ends before its name does */
    IW_SVG_CUT,  /* an element svg; the text ends inside its start tag */
    IW_SVG_ROOT, /* an element svg */
};

/* Looks past a byte order mark, white space, declarations, comments and a DOCTYPE. ROOT: *out_tag is the start tag, up
 * to its ">" or to a "<", which must not be in it. */
enum iw_svg_root iw_svg_find_root(struct iw_str text, struct iw_str *out_tag);

/* The beginning of a document as UTF-8, in what is to become an empty buffer: inflated where it is gzip, converted
 * where it is UTF-16, and bytes that are no UTF-8 as Latin-1. *out_is_open: bytes that are not in hand, from offset
 * *out_have of the file, could make it longer. text->err tells where memory ended. */
void iw_svg_text(const struct iw_view *view, struct iw_buf *text, bool *out_is_open, uint64_t *out_have);

/* Whether head may begin such a document. */
bool iw_svg_sniff(const uint8_t *head, size_t len);

#endif
