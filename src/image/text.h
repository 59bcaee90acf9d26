/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Headers that are text: words, numbers and lines, one byte after the other. */
#ifndef IW_IMAGE_TEXT_H
#define IW_IMAGE_TEXT_H

#include "image/inside.h"

/* A place in such a header. Once stuck it stays where it is, so that a caller need not look after each step. */
struct iw_text {
    struct iw_scanner *scanner;
    const struct iw_place *place;
    uint64_t at;
    uint64_t end;    /* no header reaches further */
    bool is_lacking; /* more bytes are wanted: return scanner->lack */
    bool is_odd;     /* it is not written as it should be, or ends too early */
};

/* The next byte, or -1 where there is none: at the end, or while bytes are lacking. */
int iw_text_peek(struct iw_text *text);

/* Moves behind word, where it stands here. */
bool iw_text_take(struct iw_text *text, const char *word);

/* Moves behind white space; behind what is left of the line. */
void iw_text_skip_space(struct iw_text *text);
void iw_text_skip_line(struct iw_text *text);

/* A number without sign, UINT64_MAX for any that is larger. Odd where there is none. */
uint64_t iw_text_number(struct iw_text *text);

/* Moves behind what stands up to the next white space, at most size - 1 bytes of it, which go to out with a
 * terminator. Returns its whole length. */
size_t iw_text_word(struct iw_text *text, char *out, size_t size);

/* What to return for a header that is stuck: MORE, or BAD because of why. */
enum iw_scan iw_text_stuck(struct iw_text *text, const char *why);

#endif
