/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Lines of a terminal, inside report/. Texts are UTF-8 without control characters; a column is what a terminal gives to
 * one letter, two for those of East Asia and for pictures. */
#ifndef IW_REPORT_LAYOUT_H
#define IW_REPORT_LAYOUT_H

#include "base/buf.h"

/* Columns that a text takes. */
size_t iw_text_width(struct iw_str text);
/* Appends a text; where it is wider than room, without its middle, for which "..." stands. room below 8 counts as 8. */
void iw_text_add_shortened(struct iw_buf *out, struct iw_str text, size_t room);
/* Appends sentences that begin at the column indent, and go on there in the next lines where they reach the last of
 * columns; a word that fits no line is not cut. columns 0: as one line. */
void iw_text_add_wrapped(struct iw_buf *out, struct iw_str text, size_t indent, size_t columns);
/* How many of a bar's cells a part of the whole takes: at least one unless it is 0. */
size_t iw_text_cells(uint64_t part, uint64_t whole, size_t cells);

#endif
