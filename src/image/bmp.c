/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* BMP (no formal standard: Microsoft's BITMAPCOREHEADER to BITMAPV5HEADER, OS/2 1.x and 2.x headers): with a file
 * header, as first entry of an OS/2 bitmap array, and bare (DIB). Compressed pixels (RLE, embedded JPEG or PNG) are
 * not looked at; icons and pointers without an array around them are not recognised. */
#include "base/iw.h"
#include "image/image.h"

#include "base/bytes.h"
#include "image/inside.h"

enum {
    FILE_HEADER_BYTES = 14, /* also that of an array */
    SNIFF_BYTES = 20,
    CORE_BYTES = 12,      /* BITMAPCOREHEADER: 16-bit sides */
    SHORTEST_BYTES = 16,  /* OS/2 2.x, cut after the bit count: 32-bit sides */
    LONGEST_BYTES = 1024, /* 124 is the longest met */
    INFO_BYTES = 40,      /* BITMAPINFOHEADER */
    OS2_BYTES = 64,       /* OS/2 2.x in full: no masks, other fields in their place */
    COMPRESSION_AT = 16,
    ALPHA_MASK_AT = 52, /* since BITMAPV3INFOHEADER */
    ALPHA_MASK_END = 56,
    BI_JPEG = 4,
    BI_PNG = 5,
    BI_ALPHABITFIELDS = 6,
};

static const struct iw_place bitmap_header = IW_PLACE("bitmap header");

static bool is_header_size(uint32_t size)
{
    return size == CORE_BYTES || (size >= SHORTEST_BYTES && size <= LONGEST_BYTES);
}

/* What may stand in an OS/2 bitmap array: bitmap, colour and monochrome icon and pointer. Those of icons and pointers
 * hold picture and mask one above the other. */
static const struct {
    char tag[3];
    bool has_mask;
} entries[] = {{"BM", false}, {"CI", true}, {"CP", true}, {"IC", true}, {"PT", true}};

static bool is_entry(const uint8_t *tag, bool *out_has_mask)
{
    for (size_t i = 0; i < IW_ARRAY_LEN(entries); i++) {
        if (memcmp(entries[i].tag, tag, 2) != 0)
            continue;
        *out_has_mask = entries[i].has_mask;
        return true;
    }
    return false;
}

/* Without a file header there is no signature: a BITMAPINFOHEADER whose fields all make sense. */
static bool is_bare(const uint8_t *head)
{
    static const uint16_t depths[] = {1, 4, 8, 16, 24, 32};
    bool is_depth = false;
    for (size_t i = 0; i < IW_ARRAY_LEN(depths); i++)
        is_depth |= iw_le16(head + 14) == depths[i];
    uint32_t width = iw_le32(head + 4);
    uint32_t height = iw_le32(head + 8);
    bool is_size = width > 0 && width <= INT32_MAX && height != 0 && height != 0x80000000u;
    return iw_le32(head) == INFO_BYTES && iw_le16(head + 12) == 1 && is_depth && is_size &&
           iw_le32(head + COMPRESSION_AT) <= BI_ALPHABITFIELDS;
}

static bool sniff(const uint8_t *head, size_t len)
{
    bool has_mask;
    if (len < SNIFF_BYTES)
        return false;
    if (memcmp(head, "BM", 2) == 0)
        return is_header_size(iw_le32(head + FILE_HEADER_BYTES));
    if (memcmp(head, "BA", 2) == 0)
        return is_entry(head + FILE_HEADER_BYTES, &has_mask);
    return is_bare(head);
}

/* Offset of the bitmap header behind the headers in front of it. */
static uint64_t header_at(const uint8_t *head, bool *out_has_mask)
{
    *out_has_mask = false;
    if (memcmp(head, "BM", 2) == 0)
        return FILE_HEADER_BYTES;
    if (memcmp(head, "BA", 2) != 0)
        return 0;
    (void)is_entry(head + FILE_HEADER_BYTES, out_has_mask);
    return 2 * FILE_HEADER_BYTES;
}

/* Magnitude of a 32-bit number with sign; 0 where it has none. */
static uint32_t magnitude(uint32_t bits)
{
    if (bits == 0x80000000u)
        return 0;
    return bits > INT32_MAX ? 0u - bits : bits;
}

static void take_depth(struct iw_image_facts *facts, unsigned bits)
{
    if (bits == 1 || bits == 2 || bits == 4 || bits == 8) {
        facts->bit_depth = (uint8_t)bits;
        facts->colour = IW_COLOUR_PALETTE;
    } else if (bits == 16 || bits == 24 || bits == 32) {
        facts->bit_depth = bits == 16 ? 5 : 8;
        facts->colour = IW_COLOUR_RGB;
    }
    if (bits > 0 && bits <= 24)
        facts->alpha = IW_NO;
}

/* Alpha as the header's fourth mask states it. Only details: the size is known. */
static enum iw_scan scan_alpha(struct iw_scanner *scanner, uint64_t at, uint32_t size, unsigned bits)
{
    struct iw_image_facts *facts = scanner->facts;
    if (size < COMPRESSION_AT + 4 || size == OS2_BYTES)
        return IW_SCAN_DONE;
    const uint8_t *p = iw_scanner_want(scanner, at, COMPRESSION_AT + 4, &bitmap_header);
    if (!p)
        return iw_scanner_details(scanner);
    uint32_t compression = iw_le32(p + COMPRESSION_AT);
    if (compression == BI_JPEG || compression == BI_PNG) {
        facts->alpha = IW_UNKNOWN;
        facts->colour = IW_COLOUR_UNKNOWN;
        facts->bit_depth = 0;
        return IW_SCAN_DONE;
    }
    /* BI_ALPHABITFIELDS puts the masks behind the header, where longer headers have them inside */
    bool has_masks = size >= ALPHA_MASK_END || (size == INFO_BYTES && compression == BI_ALPHABITFIELDS);
    if (!has_masks || (bits != 16 && bits != 32))
        return IW_SCAN_DONE;
    p = iw_scanner_want(scanner, at, ALPHA_MASK_END, &bitmap_header);
    if (!p)
        return iw_scanner_details(scanner);
    if (iw_le32(p + ALPHA_MASK_AT) != 0)
        facts->alpha = IW_YES;
    return IW_SCAN_DONE;
}

/* Takes the sides; false: see scanner->lack. */
static bool take_size(struct iw_scanner *scanner, const uint8_t *p, bool is_core, bool has_mask)
{
    uint32_t width = is_core ? iw_le16(p + 4) : iw_le32(p + 4);
    uint32_t height = is_core ? iw_le16(p + 6) : magnitude(iw_le32(p + 8));
    if (width > INT32_MAX)
        width = 0;
    return iw_scanner_size(scanner, width, has_mask ? height / 2 : height, UINT32_MAX,
                           "the bitmap header states an impossible size");
}

static enum iw_scan scan_bmp(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                             struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    const uint8_t *p = iw_scanner_want(&scanner, 0, SNIFF_BYTES, &bitmap_header);
    if (!p)
        return scanner.lack;
    bool has_mask;
    uint64_t at = header_at(p, &has_mask);
    p = iw_scanner_want(&scanner, at, CORE_BYTES, &bitmap_header);
    if (!p)
        return scanner.lack;
    uint32_t size = iw_le32(p);
    bool is_core = size == CORE_BYTES;
    if (!is_header_size(size))
        return iw_scanner_bad(&scanner, "the bitmap header has an unknown size");
    p = iw_scanner_want(&scanner, at, is_core ? CORE_BYTES : SHORTEST_BYTES, &bitmap_header);
    if (!p)
        return scanner.lack;
    if (!take_size(&scanner, p, is_core, has_mask))
        return scanner.lack;
    unsigned bits = is_core ? iw_le16(p + 10) : iw_le16(p + 14);
    iw_scanner_still(&scanner);
    take_depth(facts, bits);
    return is_core ? IW_SCAN_DONE : scan_alpha(&scanner, at, size, bits);
}

const struct iw_image_format iw_image_bmp = {
    .name = "bmp",
    .title = "BMP",
    .mime = "image/bmp",
    .mime_others = "image/x-bmp image/x-ms-bmp image/x-windows-bmp",
    .extensions = "bmp dib",
    .sniff_bytes = SNIFF_BYTES,
    .sniff = sniff,
    .scan = scan_bmp,
    .has_other_beginnings = true,
};
