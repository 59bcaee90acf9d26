/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* DirectDraw Surface (Microsoft's DDS_HEADER, DDS_PIXELFORMAT, DDS_HEADER_DXT10). The size is that of the first
 * surface; mipmaps, faces of a cube and slices of a volume are no frames. */
#include "base/iw.h"
#include "image/image.h"

#include "base/bytes.h"
#include "image/bmff.h"

enum {
    SIZE_BYTES = 20, /* signature, header size, flags, height, width */
    HEADER_BYTES = 128,
    DX10_BYTES = 148,
    PIXEL_FORMAT_AT = 76,
    PIXEL_FORMAT_BYTES = 32,
    ALPHA_PIXELS = 0x1,
    ALPHA_ONLY = 0x2,
    FOUR_CC = 0x4,
    PALETTE = 0x20,
    RGB = 0x40,
    LUMINANCE = 0x20000,
};

static const struct iw_place surface = IW_PLACE("surface header");

static bool sniff(const uint8_t *head, size_t len)
{
    return len >= 8 && memcmp(head, "DDS ", 4) == 0 && iw_le32(head + 4) == HEADER_BYTES - 4;
}

static uint8_t count_bits(uint32_t mask)
{
    uint8_t bits = 0;
    for (; mask; mask &= mask - 1)
        bits++;
    return bits;
}

/* DDS_HEADER_DXT10 states what alpha means: straight and premultiplied 1 and 2, opaque 3. */
static enum iw_scan scan_dx10(struct iw_scanner *scanner)
{
    const uint8_t *p = iw_scanner_want(scanner, HEADER_BYTES, DX10_BYTES - HEADER_BYTES, &surface);
    if (!p)
        return iw_scanner_details(scanner);
    uint32_t mode = iw_le32(p + 16) & 7;
    scanner->facts->alpha = mode == 1 || mode == 2 ? IW_YES : mode == 3 ? IW_NO : IW_UNKNOWN;
    return IW_SCAN_DONE;
}

/* Block compression by its code. DXT1 may have transparent pixels or none. */
static enum iw_scan scan_code(struct iw_scanner *scanner, uint32_t code)
{
    struct iw_image_facts *facts = scanner->facts;
    switch (code) {
    case IW_BOX('D', 'X', '1', '0'):
        return scan_dx10(scanner);
    case IW_BOX('D', 'X', 'T', '2'):
    case IW_BOX('D', 'X', 'T', '3'):
    case IW_BOX('D', 'X', 'T', '4'):
    case IW_BOX('D', 'X', 'T', '5'):
        facts->alpha = IW_YES;
        facts->colour = IW_COLOUR_RGB;
        return IW_SCAN_DONE;
    case IW_BOX('D', 'X', 'T', '1'):
        facts->colour = IW_COLOUR_RGB;
        return IW_SCAN_DONE;
    default:
        return IW_SCAN_DONE;
    }
}

static enum iw_scan scan_pixels(struct iw_scanner *scanner)
{
    struct iw_image_facts *facts = scanner->facts;
    const uint8_t *p = iw_scanner_want(scanner, PIXEL_FORMAT_AT, PIXEL_FORMAT_BYTES, &surface);
    if (!p)
        return iw_scanner_details(scanner);
    uint32_t flags = iw_le32(p + 4);
    if (flags & FOUR_CC)
        return scan_code(scanner, iw_be32(p + 8));
    bool has_alpha = flags & (ALPHA_PIXELS | ALPHA_ONLY);
    facts->alpha = has_alpha ? IW_YES : flags & (RGB | LUMINANCE) ? IW_NO : IW_UNKNOWN;
    if (flags & PALETTE)
        facts->colour = IW_COLOUR_PALETTE;
    else if (flags & (RGB | LUMINANCE))
        facts->colour = flags & RGB ? IW_COLOUR_RGB : IW_COLOUR_GREY;
    facts->bit_depth = flags & PALETTE ? 8 : count_bits(iw_le32(p + 16)); /* the mask of red or luminance */
    return IW_SCAN_DONE;
}

static enum iw_scan scan(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                         struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    const uint8_t *p = iw_scanner_want(&scanner, 0, SIZE_BYTES, &surface);
    if (!p)
        return scanner.lack;
    if (!iw_scanner_size(&scanner, iw_le32(p + 16), iw_le32(p + 12), UINT32_MAX,
                         "the surface header states an impossible size"))
        return scanner.lack;
    iw_scanner_still(&scanner);
    return scan_pixels(&scanner);
}

const struct iw_image_format iw_image_dds = {
    .name = "dds",
    .title = "DirectDraw Surface",
    .mime = "image/vnd-ms.dds",
    .mime_others = "image/x-dds image/x-direct-draw-surface image/vnd.ms-dds",
    .extensions = "dds",
    .sniff_bytes = 8,
    .sniff = sniff,
    .scan = scan,
};
