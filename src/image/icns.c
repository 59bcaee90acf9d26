/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Apple icons (no formal standard: Apple's IconFamily and the types of its iconutil). The largest entry is the size, by
 * its type. A table of contents in front spares the walk over the entries, which may be large, and nothing is larger
 * than 1024x1024. */
#include "base/iw.h"
#include "image/image.h"

#include "base/bytes.h"
#include "image/inside.h"

enum { HEADER_BYTES = 8, MOST_SIDE_PX = 1024 };

static const struct iw_place entries = IW_PLACE("icon entries");

/* Types of pictures and their sides. Masks that go with a picture, and notes, are not among them. */
static const struct {
    char type[5];
    uint16_t width_px, height_px;
} types[] = {
    {"ICON", 32, 32},     {"ICN#", 32, 32},   {"icm#", 16, 12},   {"icm4", 16, 12},   {"icm8", 16, 12},
    {"ics#", 16, 16},     {"ics4", 16, 16},   {"ics8", 16, 16},   {"is32", 16, 16},   {"icl4", 32, 32},
    {"icl8", 32, 32},     {"il32", 32, 32},   {"ich#", 48, 48},   {"ich4", 48, 48},   {"ich8", 48, 48},
    {"ih32", 48, 48},     {"it32", 128, 128}, {"icp4", 16, 16},   {"icp5", 32, 32},   {"icp6", 64, 64},
    {"ic04", 16, 16},     {"ic05", 32, 32},   {"ic07", 128, 128}, {"ic08", 256, 256}, {"ic09", 512, 512},
    {"ic10", 1024, 1024}, {"ic11", 32, 32},   {"ic12", 64, 64},   {"ic13", 256, 256}, {"ic14", 512, 512},
    {"icsb", 18, 18},     {"icsB", 36, 36},   {"sb24", 24, 24},   {"SB24", 48, 48},
};

/* What the entries have told so far. */
struct icns {
    struct iw_scanner scanner;
    uint32_t width_px, height_px;
    uint32_t frames;
};

static bool sniff(const uint8_t *head, size_t len)
{
    return len >= HEADER_BYTES && memcmp(head, "icns", 4) == 0 && iw_be32(head + 4) >= HEADER_BYTES;
}

static void take_entry(struct icns *icns, const uint8_t *type)
{
    for (size_t i = 0; i < IW_ARRAY_LEN(types); i++) {
        if (memcmp(types[i].type, type, 4) != 0)
            continue;
        icns->frames++;
        if ((uint32_t)types[i].width_px * types[i].height_px <= icns->width_px * icns->height_px)
            return;
        icns->width_px = types[i].width_px;
        icns->height_px = types[i].height_px;
        return;
    }
}

/* The table of contents: type and length of each entry. False: see scanner.lack. */
static bool read_contents(struct icns *icns, uint64_t at, uint64_t end)
{
    for (unsigned i = 0; i < IW_SCAN_STEPS && at + HEADER_BYTES <= end; i++, at += HEADER_BYTES) {
        const uint8_t *p = iw_scanner_want(&icns->scanner, at, HEADER_BYTES, &entries);
        if (!p)
            return false;
        take_entry(icns, p);
    }
    return true;
}

/* Entry after entry, each with its length in front. False: see scanner.lack. */
static bool walk(struct icns *icns, uint64_t end)
{
    uint64_t at = HEADER_BYTES;
    for (unsigned i = 0; i < IW_SCAN_STEPS && icns->width_px < MOST_SIDE_PX; i++) {
        if (at + HEADER_BYTES > end)
            return true;
        const uint8_t *p = iw_scanner_want(&icns->scanner, at, HEADER_BYTES, &entries);
        if (!p)
            return false;
        uint32_t len = iw_be32(p + 4);
        if (len < HEADER_BYTES) {
            icns->scanner.lack = iw_scanner_bad(&icns->scanner, "an icon entry is shorter than its header");
            return false;
        }
        if (i == 0 && memcmp(p, "TOC ", 4) == 0)
            return read_contents(icns, at + HEADER_BYTES, IW_MIN(at + len, end));
        take_entry(icns, p);
        at += len;
    }
    icns->frames = 0; /* not all were counted */
    return true;
}

static enum iw_scan scan(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                         struct iw_need *need)
{
    struct icns icns = {.scanner = {.view = view, .wants = wants, .facts = facts, .need = need}};
    const uint8_t *p = iw_scanner_want(&icns.scanner, 0, HEADER_BYTES, &entries);
    if (!p)
        return icns.scanner.lack;
    if (!walk(&icns, IW_MIN((uint64_t)iw_be32(p + 4), view->total_bytes)))
        return icns.scanner.lack;
    if (icns.width_px == 0)
        return iw_scanner_bad(&icns.scanner, "the icon has no entry of a known type");
    iw_scanner_still(&icns.scanner);
    facts->has_icc = IW_UNKNOWN; /* entries may be PNG or JPEG 2000 */
    facts->progressive = IW_UNKNOWN;
    facts->frames = icns.frames;
    facts->stored_width_px = icns.width_px;
    facts->stored_height_px = icns.height_px;
    return IW_SCAN_DONE;
}

const struct iw_image_format iw_image_icns = {
    .name = "icns",
    .title = "Apple icon",
    .mime = "image/x-icns",
    .mime_others = "image/icns",
    .extensions = "icns",
    .sniff_bytes = HEADER_BYTES,
    .sniff = sniff,
    .scan = scan,
};
