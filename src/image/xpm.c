/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* X pixmaps (XPM Manual, version 3.4i, chapter 2): C source that begins with a comment that says XPM. The first string
 * holds width, height, colours and characters a pixel. XPM 1 and 2, which have other forms, are not recognised. */
#include "base/iw.h"
#include "image/image.h"

#include "image/text.h"

enum { MOST_BYTES = 16 * 1024, MOST_COLOURS = 1 << 24, MOST_CHARACTERS = 8 };

static const char signature[] = "/* XPM */";
static const struct iw_place values = IW_PLACE("values string");

static bool sniff(const uint8_t *head, size_t len)
{
    return len >= sizeof signature - 1 && memcmp(head, signature, sizeof signature - 1) == 0;
}

/* Moves behind the comment that has been opened. */
static void skip_comment(struct iw_text *text)
{
    while (iw_text_peek(text) >= 0 && !iw_text_take(text, "*/"))
        text->at++;
}

/* Moves behind the quotation mark that opens the first string. */
static void find_string(struct iw_text *text)
{
    int c;
    while ((c = iw_text_peek(text)) >= 0) {
        if (iw_text_take(text, "/*")) {
            skip_comment(text);
            continue;
        }
        if (text->is_lacking)
            return;
        text->at++;
        if (c == '"')
            return;
    }
    text->is_odd = true;
}

static uint64_t number(struct iw_text *text)
{
    iw_text_skip_space(text);
    return iw_text_number(text);
}

static enum iw_scan scan(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                         struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    struct iw_text text = {.scanner = &scanner, .place = &values, .at = sizeof signature - 1, .end = MOST_BYTES};
    find_string(&text);
    uint64_t width = number(&text);
    uint64_t height = number(&text);
    uint64_t colours = number(&text);
    uint64_t characters = number(&text);
    if (text.is_lacking || text.is_odd)
        return iw_text_stuck(&text, "the values string is not there, or is no four numbers");
    if (colours == 0 || colours > MOST_COLOURS || characters == 0 || characters > MOST_CHARACTERS)
        return iw_scanner_bad(&scanner, "the values string states impossible colours");
    if (!iw_scanner_size(&scanner, width, height, UINT32_MAX, "the values string states an impossible size"))
        return scanner.lack;
    iw_scanner_still(&scanner);
    facts->colour = IW_COLOUR_PALETTE;
    facts->bit_depth = iw_bits_of((uint32_t)colours - 1);
    return IW_SCAN_DONE;
}

const struct iw_image_format iw_image_xpm = {
    .name = "xpm",
    .title = "X pixmap",
    .mime = "image/x-xpixmap",
    .mime_others = "image/x-xpm image/xpm",
    .extensions = "xpm",
    .sniff_bytes = sizeof signature - 1,
    .sniff = sniff,
    .scan = scan,
    .has_other_beginnings = true,
};
