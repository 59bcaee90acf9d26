/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Truevision TGA (TGA File Format Specification 2.0). There is no signature in front, so every field of the header
 * must make sense. The footer at the end of a file would prove it, and the extension area would tell what alpha means,
 * but either would cost a request for the far end of whatever looks like this: they are not asked for. Where the first
 * row lies (bits 4 and 5 of the descriptor) is the order of storage and turns nothing. */
#include "base/iw.h"
#include "image/image.h"

#include "base/bytes.h"
#include "image/inside.h"

enum {
    HEADER_BYTES = 18,
    HAS_MAP = 1,
    RUN_LENGTH = 8, /* added to the kinds of picture */
    MAPPED = 1,
    TRUE_COLOUR = 2,
    GREY = 3,
    ALPHA_BITS = 0x0F,
    RESERVED_BITS = 0xC0, /* interleaving, long gone */
};

static const struct iw_place file_header = IW_PLACE("file header");

static bool is_depth(unsigned bits)
{
    return bits == 15 || bits == 16 || bits == 24 || bits == 32;
}

/* Netpbm writes maps of grey in 8 bits. */
static bool is_map_depth(unsigned bits)
{
    return bits == 8 || is_depth(bits);
}

/* First index, length and depth of the colour map: all 0 where there is none. */
static bool is_map(const uint8_t *map, bool has_map)
{
    unsigned first = iw_le16(map);
    unsigned count = iw_le16(map + 2);
    if (!has_map)
        return first == 0 && count == 0 && (map[4] == 0 || is_map_depth(map[4]));
    return count > 0 && first + count <= 256 && is_map_depth(map[4]);
}

/* Bits of a pixel, and how many of them are alpha. Grey of one bit is Pillow's. */
static bool is_pixel(unsigned kind, unsigned bits, unsigned alpha)
{
    switch (kind) {
    case MAPPED:
        return bits == 8 && (alpha == 0 || alpha == 8);
    case GREY:
        return ((bits == 1 || bits == 8) && alpha == 0) || (bits == 16 && (alpha == 0 || alpha == 8));
    default:
        return is_depth(bits) && (alpha == 0 || (bits == 32 && alpha == 8) || (bits == 16 && alpha == 1));
    }
}

static bool sniff(const uint8_t *head, size_t len)
{
    if (len < HEADER_BYTES || head[1] > HAS_MAP)
        return false;
    unsigned kind = head[2] & ~(unsigned)RUN_LENGTH;
    bool has_map = head[1] == HAS_MAP;
    return kind >= MAPPED && kind <= GREY && has_map == (kind == MAPPED) && is_map(head + 3, has_map) &&
           iw_le16(head + 12) > 0 && iw_le16(head + 14) > 0 && (head[17] & RESERVED_BITS) == 0 &&
           is_pixel(kind, head[16], head[17] & ALPHA_BITS);
}

/* Four bytes a pixel without alpha bits: many writers leave them out. */
static enum iw_tri alpha_of(unsigned kind, unsigned bits, unsigned alpha, unsigned map_bits)
{
    if (kind == MAPPED)
        return map_bits == 32 ? IW_UNKNOWN : IW_NO;
    if (alpha > 0)
        return IW_YES;
    return bits == 32 || (kind == GREY && bits == 16) ? IW_UNKNOWN : IW_NO;
}

static enum iw_scan scan(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                         struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    const uint8_t *p = iw_scanner_want(&scanner, 0, HEADER_BYTES, &file_header);
    if (!p)
        return scanner.lack;
    if (!iw_scanner_size(&scanner, iw_le16(p + 12), iw_le16(p + 14), UINT16_MAX,
                         "the file header states an impossible size"))
        return scanner.lack;
    unsigned kind = p[2] & ~(unsigned)RUN_LENGTH;
    unsigned bits = p[16];
    iw_scanner_still(&scanner);
    facts->alpha = alpha_of(kind, bits, p[17] & ALPHA_BITS, p[7]);
    facts->colour = kind == MAPPED ? IW_COLOUR_PALETTE : kind == GREY ? IW_COLOUR_GREY : IW_COLOUR_RGB;
    facts->bit_depth = bits == 1 ? 1 : kind == TRUE_COLOUR && bits <= 16 ? 5 : 8;
    return IW_SCAN_DONE;
}

const struct iw_image_format iw_image_tga = {
    .name = "tga",
    .title = "TGA",
    .mime = "image/x-tga",
    .mime_others =
        "image/tga image/x-targa image/targa image/x-icb application/tga application/x-tga application/x-targa",
    .extensions = "tga icb tpic vda vst",
    .sniff_bytes = HEADER_BYTES,
    .sniff = sniff,
    .scan = scan,
    .has_other_beginnings = true,
};
