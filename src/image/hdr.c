/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Radiance HDR ("The Radiance Picture File Format"): lines up to an empty one, then the resolution. Its two axes come
 * in the order of storage, scan lines first, each with the sign of the way it runs: that is the orientation. */
#include "base/iw.h"
#include "image/image.h"

#include "image/text.h"

enum { SNIFF_BYTES = 11, MOST_BYTES = 65536, MOST_SIDE = INT32_MAX };

static const struct iw_place hdr_header = IW_PLACE("Radiance header");

static bool sniff(const uint8_t *head, size_t len)
{
    return len >= SNIFF_BYTES && (memcmp(head, "#?RADIANCE", 10) == 0 || memcmp(head, "#?RGBE", 6) == 0) &&
           (head[6] == '\n' || head[6] == '\r' || head[6] == 'A');
}

/* Moves behind the line. Whether there was something in it. */
static bool skip_line(struct iw_text *text)
{
    bool is_blank = true;
    int c;
    while ((c = iw_text_peek(text)) >= 0) {
        text->at++;
        if (c == '\n')
            break;
        is_blank = is_blank && c == '\r';
    }
    return !is_blank;
}

/* By the signs and the first axis: y down, x to the right is upright. */
static uint8_t orientation_of(const char *first, const char *second)
{
    static const struct {
        const char *first, *second;
    } orders[] = {{"-Y", "+X"}, {"-Y", "-X"}, {"+Y", "-X"}, {"+Y", "+X"},
                  {"+X", "-Y"}, {"-X", "-Y"}, {"-X", "+Y"}, {"+X", "+Y"}};
    for (size_t i = 0; i < IW_ARRAY_LEN(orders); i++)
        if (strcmp(first, orders[i].first) == 0 && strcmp(second, orders[i].second) == 0)
            return (uint8_t)(i + 1);
    return 0;
}

static enum iw_scan scan_hdr(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                             struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    struct iw_text text = {.scanner = &scanner, .place = &hdr_header, .end = MOST_BYTES};
    while (skip_line(&text))
        continue;
    char first[4];
    char second[4];
    iw_text_word(&text, first, sizeof first);
    iw_text_skip_space(&text);
    uint64_t lines = iw_text_number(&text);
    iw_text_skip_space(&text);
    iw_text_word(&text, second, sizeof second);
    iw_text_skip_space(&text);
    uint64_t columns = iw_text_number(&text);
    int behind = iw_text_peek(&text);
    uint8_t orientation = orientation_of(first, second);
    if (text.is_lacking || text.is_odd || !orientation || (behind != '\n' && behind != '\r'))
        return iw_text_stuck(&text, "the Radiance header has no line with a resolution");
    if (!iw_scanner_size(&scanner, columns, lines, MOST_SIDE, "the Radiance header states an impossible size"))
        return scanner.lack;
    iw_scanner_still(&scanner);
    facts->orientation = orientation;
    facts->alpha = IW_NO;
    facts->colour = IW_COLOUR_RGB;
    facts->bit_depth = 8; /* of each mantissa; the exponent is shared */
    return IW_SCAN_DONE;
}

const struct iw_image_format iw_image_hdr = {
    .name = "hdr",
    .title = "Radiance HDR",
    .mime = "image/vnd.radiance",
    .mime_others = "image/x-hdr image/hdr",
    .extensions = "hdr rgbe xyze",
    .sniff_bytes = SNIFF_BYTES,
    .sniff = sniff,
    .scan = scan_hdr,
    .is_turned_by_exif = true, /* by its own axes, numbered as in Exif */
    .has_other_beginnings = true,
};
