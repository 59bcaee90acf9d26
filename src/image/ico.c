/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Windows icons (no formal standard: Microsoft's ICONDIR and ICONDIRENTRY), and the directory of cursors. A byte states
 * a side in the directory, 0 means 256; a picture inside that is a PNG, or a bitmap of 256 and more, knows better. Such
 * pictures are looked at where they begin within the first NEAR_BYTES of the file, which are in hand as a rule, and
 * where the largest entry says 0. Animated cursors (RIFF ACON) are not recognised. */
#include "base/iw.h"
#include "image/ico.h"

#include "base/bytes.h"

enum {
    HEADER_BYTES = 6,
    ENTRY_BYTES = 16,
    PICTURE_BYTES = 26, /* of a PNG to its colour type */
    NEAR_BYTES = 16 * 1024 - PICTURE_BYTES,
    BITMAP_HEADER_BYTES = 40,
    MOST_ENTRIES = 255, /* far from any icon met; other formats have bytes there */
};

static const struct iw_place directory = IW_PLACE("icon directory");
static const struct iw_place picture = IW_PLACE("largest picture of the icon");

struct entry {
    uint32_t width_px, height_px;
    uint64_t at, bytes; /* of its picture */
    bool is_open;       /* a side is 0: 256 or more */
    bool is_seen;       /* its picture was looked at */
    bool is_beyond;     /* its picture is not inside the file */
    enum iw_tri alpha;
    enum iw_colour colour;
    uint8_t bit_depth;
};

bool iw_ico_sniff(const uint8_t *head, size_t len, enum iw_ico_kind kind)
{
    if (len < IW_ICO_SNIFF_BYTES || iw_le16(head) != 0 || iw_le16(head + 2) != kind)
        return false;
    const uint8_t *first = head + HEADER_BYTES;
    unsigned count = iw_le16(head + 4);
    uint32_t end = HEADER_BYTES + ENTRY_BYTES * count;
    /* the reserved byte is 0, or 255 as .NET writes it; planes and bits are the hot spot in a cursor */
    bool is_reserved = first[3] == 0 || first[3] == 255;
    bool is_depth = kind == IW_ICO_CURSOR || (iw_le16(first + 4) <= 1 && iw_le16(first + 6) <= 32);
    return count > 0 && count <= MOST_ENTRIES && is_reserved && is_depth && iw_le32(first + 8) > 0 &&
           iw_le32(first + 12) >= end;
}

static struct entry entry_of(const uint8_t *p)
{
    struct entry entry = {.width_px = p[0] ? p[0] : 256, .height_px = p[1] ? p[1] : 256};
    entry.bytes = iw_le32(p + 8);
    entry.at = iw_le32(p + 12);
    entry.is_open = p[0] == 0 || p[1] == 0;
    return entry;
}

static void take_png(struct entry *entry, const uint8_t *p)
{
    uint32_t width = iw_be32(p + 16);
    uint32_t height = iw_be32(p + 20);
    if (width == 0 || height == 0 || width > INT32_MAX || height > INT32_MAX)
        return;
    entry->width_px = width;
    entry->height_px = height;
    bool has_alpha = p[25] == 4 || p[25] == 6;
    entry->alpha = has_alpha ? IW_YES : IW_UNKNOWN;
    entry->colour = p[25] == 3 ? IW_COLOUR_PALETTE : p[25] == 0 || p[25] == 4 ? IW_COLOUR_GREY : IW_COLOUR_RGB;
    entry->bit_depth = p[24];
}

/* Picture and mask lie one above the other: the height is that of both. */
static void take_bitmap(struct entry *entry, const uint8_t *p)
{
    uint32_t width = iw_le32(p + 4);
    uint32_t height = iw_le32(p + 8) / 2;
    unsigned bits = iw_le16(p + 14);
    if (entry->is_open && width >= 256 && height >= 256 && width <= UINT16_MAX && height <= UINT16_MAX) {
        entry->width_px = width;
        entry->height_px = height;
    }
    entry->colour = bits <= 8 ? IW_COLOUR_PALETTE : IW_COLOUR_RGB;
    entry->bit_depth = (uint8_t)(bits <= 8 ? bits : bits == 16 ? 5 : 8);
}

/* What the picture itself says; false: more bytes are wanted. */
static bool look(struct iw_scanner *scanner, struct entry *entry)
{
    static const uint8_t png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R'};
    entry->is_seen = true;
    const uint8_t *p = iw_scanner_want(scanner, entry->at, PICTURE_BYTES, &picture);
    if (!p) {
        entry->is_beyond = scanner->lack == IW_SCAN_BAD;
        return entry->is_beyond;
    }
    if (memcmp(p, png, sizeof png) == 0)
        take_png(entry, p);
    else if (iw_le32(p) == BITMAP_HEADER_BYTES)
        take_bitmap(entry, p);
    return true;
}

static bool is_larger(const struct entry *a, const struct entry *b)
{
    return (uint64_t)a->width_px * a->height_px > (uint64_t)b->width_px * b->height_px;
}

/* The largest entry; false: see scanner->lack. */
static bool find_largest(struct iw_scanner *scanner, unsigned count, struct entry *largest)
{
    for (unsigned i = 0; i < count; i++) {
        const uint8_t *p = iw_scanner_want(scanner, HEADER_BYTES + ENTRY_BYTES * (uint64_t)i, ENTRY_BYTES, &directory);
        if (!p)
            return false;
        struct entry entry = entry_of(p);
        if (i < IW_ICON_ENTRIES)
            scanner->facts->entries[i] = (struct iw_icon_entry){p[0], p[1]};
        if (entry.at <= NEAR_BYTES && !look(scanner, &entry))
            return false;
        if (is_larger(&entry, largest))
            *largest = entry;
    }
    return !largest->is_open || largest->is_seen || look(scanner, largest);
}

enum iw_scan iw_ico_scan(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                         struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    const uint8_t *p = iw_scanner_want(&scanner, 0, HEADER_BYTES, &directory);
    if (!p)
        return scanner.lack;
    unsigned count = iw_le16(p + 4);
    struct entry largest = {0};
    if (!find_largest(&scanner, count, &largest))
        return scanner.lack;
    iw_scanner_still(&scanner);
    facts->frames = count;
    facts->entry_count = (uint8_t)IW_MIN(count, (unsigned)IW_ICON_ENTRIES);
    facts->has_icc = IW_UNKNOWN; /* a PNG may hold one */
    facts->progressive = IW_UNKNOWN;
    facts->stored_width_px = largest.width_px;
    facts->stored_height_px = largest.height_px;
    facts->alpha = largest.alpha;
    facts->colour = largest.colour;
    facts->bit_depth = largest.bit_depth;
    facts->is_damaged = largest.is_beyond;
    return IW_SCAN_DONE;
}

static bool sniff(const uint8_t *head, size_t len)
{
    return iw_ico_sniff(head, len, IW_ICO_ICON);
}

const struct iw_image_format iw_image_ico = {
    .name = "ico",
    .title = "Windows icon",
    .mime = "image/vnd.microsoft.icon",
    .mime_others = "image/x-icon image/ico image/icon image/x-ico application/ico text/ico",
    .extensions = "ico",
    .sniff_bytes = IW_ICO_SNIFF_BYTES,
    .sniff = sniff,
    .scan = iw_ico_scan,
    .has_other_beginnings = true,
};
