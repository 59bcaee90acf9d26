/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The Orientation tag of an Exif block (CIPA DC-008 section 4.6.4, tag 0x0112; TIFF 6.0 section 2), for the formats
 * that carry one. Reads IFD0 alone: IFD1 describes the thumbnail. Values outside 1..8 count as 1. */
#include "base/iw.h"
#include "image/inside.h"

#include "base/bytes.h"

enum {
    HEADER_BYTES = 8,
    ENTRY_BYTES = 12,
    TAG_ORIENTATION = 0x0112,
    TYPE_SHORT = 3,
    REACH_BYTES = 65536, /* what a JPEG segment can hold; an IFD0 further on is not looked for */
};

static const struct iw_place tiff_header = IW_PLACE("Exif header");
static const struct iw_place ifd0 = IW_PLACE("Exif directory");

static uint16_t get16(const uint8_t *p, bool is_big)
{
    return is_big ? iw_be16(p) : iw_le16(p);
}

static uint32_t get32(const uint8_t *p, bool is_big)
{
    return is_big ? iw_be32(p) : iw_le32(p);
}

/* "II*\0" or "MM\0*". */
static bool is_tiff(const uint8_t *p, bool *out_is_big)
{
    *out_is_big = p[0] == 'M';
    return p[0] == p[1] && (p[0] == 'M' || p[0] == 'I') && get16(p + 2, *out_is_big) == 42;
}

/* The first Orientation among the entries; 1 when there is none. */
static uint8_t find_orientation(const uint8_t *entries, size_t count, bool is_big)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *p = entries + i * ENTRY_BYTES;
        if (get16(p, is_big) != TAG_ORIENTATION)
            continue;
        uint16_t value = get16(p + 8, is_big);
        bool is_short = get16(p + 2, is_big) == TYPE_SHORT && get32(p + 4, is_big) == 1;
        return is_short && value >= 1 && value <= 8 ? (uint8_t)value : 1;
    }
    return 1;
}

enum iw_scan iw_exif_orientation(struct iw_scanner *scanner, uint64_t at, uint64_t len, uint8_t *out_orientation)
{
    *out_orientation = 1;
    len = IW_MIN(len, (uint64_t)REACH_BYTES);
    if (len < HEADER_BYTES)
        return IW_SCAN_DONE;
    const uint8_t *p = iw_scanner_want(scanner, at, HEADER_BYTES, &tiff_header);
    if (!p)
        return scanner->lack;
    bool is_big;
    if (!is_tiff(p, &is_big))
        return IW_SCAN_DONE;
    uint64_t ifd = get32(p + 4, is_big);
    if (ifd < HEADER_BYTES || ifd + 2 > len)
        return IW_SCAN_DONE;
    p = iw_scanner_want(scanner, at + ifd, 2, &ifd0);
    if (!p)
        return scanner->lack;
    /* a directory that claims more entries than fit is read as far as it goes */
    size_t count = (size_t)IW_MIN((uint64_t)get16(p, is_big), (len - ifd - 2) / ENTRY_BYTES);
    if (count == 0)
        return IW_SCAN_DONE;
    p = iw_scanner_want(scanner, at + ifd + 2, count * ENTRY_BYTES, &ifd0);
    if (!p)
        return scanner->lack;
    *out_orientation = find_orientation(p, count, is_big);
    return IW_SCAN_DONE;
}
