/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Headers that are text. Nothing can be jumped over in them: more bytes are wanted as a longer prefix. */
#include "base/iw.h"
#include "image/text.h"

enum { STEP_BYTES = 64 }; /* one byte would do, and be asked for again and again */

int iw_text_peek(struct iw_text *text)
{
    uint64_t total = text->scanner->view->total_bytes;
    if (text->is_lacking || text->at >= text->end || text->at >= total)
        return -1;
    const uint8_t *p = iw_scanner_want(text->scanner, text->at, 1, text->place);
    if (p)
        return *p;
    text->scanner->need->len = IW_MIN((uint64_t)STEP_BYTES, total - text->at);
    text->scanner->need->is_prefix = true;
    text->is_lacking = true;
    return -1;
}

bool iw_text_take(struct iw_text *text, const char *word)
{
    uint64_t start = text->at;
    for (; *word; word++, text->at++) {
        if (iw_text_peek(text) == (uint8_t)*word)
            continue;
        text->at = start;
        return false;
    }
    return true;
}

static bool is_space(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

void iw_text_skip_space(struct iw_text *text)
{
    while (is_space(iw_text_peek(text)))
        text->at++;
}

void iw_text_skip_line(struct iw_text *text)
{
    int c;
    while ((c = iw_text_peek(text)) >= 0) {
        text->at++;
        if (c == '\n' || c == '\r')
            break;
    }
}

uint64_t iw_text_number(struct iw_text *text)
{
    uint64_t value = 0;
    uint64_t start = text->at;
    int c;
    while ((c = iw_text_peek(text)) >= '0' && c <= '9') {
        unsigned digit = (unsigned)c - '0';
        value = value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : value * 10 + digit;
        text->at++;
    }
    if (text->at == start)
        text->is_odd = true;
    return value;
}

size_t iw_text_word(struct iw_text *text, char *out, size_t size)
{
    size_t len = 0;
    int c;
    while ((c = iw_text_peek(text)) >= 0 && !is_space(c)) {
        if (len + 1 < size)
            out[len] = (char)c;
        len++;
        text->at++;
    }
    out[IW_MIN(len, size - 1)] = '\0';
    return len;
}

enum iw_scan iw_text_stuck(struct iw_text *text, const char *why)
{
    return text->is_lacking ? IW_SCAN_MORE : iw_scanner_bad(text->scanner, why);
}
