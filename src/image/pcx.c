/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* PCX (ZSoft PCX File Format Technical Reference Manual, revision 5). The first byte is a line feed and proves nothing,
 * so the fields must agree; the planes stand behind what a signature may look at, and bytes that fail there are
 * declined. Several pictures in one file (DCX) are not recognised. */
#include "base/iw.h"
#include "image/image.h"

#include "base/bytes.h"
#include "image/inside.h"

enum {
    SNIFF_BYTES = 12,
    HEADER_BYTES = 70, /* up to the kind of palette */
    GREY_PALETTE = 2,
    MOST_PADDING_BYTES = 64,
};

static const struct iw_place file_header = IW_PLACE("file header");

static bool sniff(const uint8_t *head, size_t len)
{
    if (len < SNIFF_BYTES || head[0] != 0x0A || head[1] > 5 || head[1] == 1 || head[2] != 1)
        return false;
    bool is_depth = head[3] == 1 || head[3] == 2 || head[3] == 4 || head[3] == 8;
    return is_depth && iw_le16(head + 4) <= iw_le16(head + 8) && iw_le16(head + 6) <= iw_le16(head + 10);
}

/* Whether planes and bytes a line agree with the width. */
static bool is_consistent(const uint8_t *p, uint32_t width)
{
    uint32_t least = (width * p[3] + 7) / 8;
    uint32_t line = iw_le16(p + 66);
    return p[64] == 0 && p[65] >= 1 && p[65] <= 4 && line >= least && line <= least + MOST_PADDING_BYTES;
}

static void take_colour(struct iw_image_facts *facts, unsigned bits, unsigned planes, unsigned palette)
{
    facts->bit_depth = (uint8_t)bits;
    facts->alpha = IW_NO;
    if (bits == 8 && planes >= 3) {
        facts->colour = IW_COLOUR_RGB;
        facts->alpha = planes == 4 ? IW_UNKNOWN : IW_NO;
        return;
    }
    bool is_grey = palette == GREY_PALETTE && bits == 8 && planes == 1;
    facts->colour = is_grey ? IW_COLOUR_GREY : IW_COLOUR_PALETTE;
    if (bits * planes <= 8)
        facts->bit_depth = (uint8_t)(bits * planes);
}

static enum iw_scan scan(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                         struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    const uint8_t *p = iw_scanner_want(&scanner, 0, HEADER_BYTES, &file_header);
    if (!p)
        return scanner.lack;
    uint32_t width = (uint32_t)iw_le16(p + 8) - iw_le16(p + 4) + 1;
    uint32_t height = (uint32_t)iw_le16(p + 10) - iw_le16(p + 6) + 1;
    if (!is_consistent(p, width))
        return iw_scanner_decline(&scanner);
    iw_scanner_still(&scanner);
    facts->stored_width_px = width;
    facts->stored_height_px = height;
    take_colour(facts, p[3], p[65], iw_le16(p + 68));
    return IW_SCAN_DONE;
}

const struct iw_image_format iw_image_pcx = {
    .name = "pcx",
    .title = "PCX",
    .mime = "image/x-pcx",
    .mime_others = "image/vnd.zbrush.pcx image/pcx",
    .extensions = "pcx",
    .sniff_bytes = SNIFF_BYTES,
    .sniff = sniff,
    .scan = scan,
    .has_other_beginnings = true,
};
