/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* PNG and APNG (PNG 3rd edition, clauses 5.2, 5.3, 11.2.1, 11.3): IHDR, then the chunk headers up to the first IDAT,
 * seeking past bodies. Apple's CgBI variant is read. An eXIf chunk turns the picture as in Chromium 156: one behind the
 * pixels (clause 5.6 allows it) does not, and is not looked for. Of the checksums only that of IHDR is computed:
 * decoders refuse a picture without a sound one (clause 13.1). */
#include "base/iw.h"
#include "image/image.h"

#include "base/bytes.h"
#include "image/inside.h"

enum {
    SIGNATURE_BYTES = 8,
    HEAD_BYTES = 8, /* length and type of a chunk */
    CRC_BYTES = 4,
    IHDR_BYTES = 13,
};
#define MAX_LENGTH 0x7FFFFFFFu /* of a chunk, and of a side (clauses 5.3 and 11.2.1) */

static const struct iw_place chunk_header = IW_PLACE("first chunk header");
static const struct iw_place ihdr_chunk = IW_PLACE("IHDR chunk");
static const struct iw_place before_idat = IW_PLACE("chunks before IDAT");

static const uint8_t signature[SIGNATURE_BYTES] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

struct chunk {
    uint64_t at; /* of its length field */
    uint32_t len;
    char type[5];
};

static bool sniff(const uint8_t *head, size_t len)
{
    return len >= SIGNATURE_BYTES && memcmp(head, signature, SIGNATURE_BYTES) == 0;
}

/* CRC-32 as in clause 5.5; bitwise, since it runs over 17 bytes. */
static uint32_t crc32_of(const uint8_t *p, size_t len)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < len; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
    }
    return ~crc;
}

static bool is_type(const struct chunk *chunk, const char *type)
{
    return memcmp(chunk->type, type, 4) == 0;
}

/* Reads the header of the chunk at chunk->at; false: see scanner->lack. */
static bool read_head(struct iw_scanner *scanner, struct chunk *chunk, const struct iw_place *place)
{
    const uint8_t *p = iw_scanner_want(scanner, chunk->at, HEAD_BYTES, place);
    if (!p)
        return false;
    chunk->len = iw_be32(p);
    memcpy(chunk->type, p + 4, 4);
    return true;
}

static void skip(struct chunk *chunk)
{
    chunk->at += (uint64_t)HEAD_BYTES + chunk->len + CRC_BYTES;
}

/* ---- IHDR ---- */

/* Colour types of table 8: which depths are allowed, as a mask of their values. */
static const struct {
    uint8_t type;
    uint8_t depths;
    enum iw_colour colour;
    enum iw_tri alpha; /* UNKNOWN: a tRNS chunk decides */
} colour_types[] = {
    {0, 1 | 2 | 4 | 8 | 16, IW_COLOUR_GREY, IW_UNKNOWN},
    {2, 8 | 16, IW_COLOUR_RGB, IW_UNKNOWN},
    {3, 1 | 2 | 4 | 8, IW_COLOUR_PALETTE, IW_UNKNOWN},
    {4, 8 | 16, IW_COLOUR_GREY, IW_YES},
    {6, 8 | 16, IW_COLOUR_RGB, IW_YES},
};

static bool take_colour(struct iw_image_facts *facts, uint8_t type, uint8_t depth)
{
    bool is_power = depth != 0 && (depth & (depth - 1)) == 0;
    for (size_t i = 0; i < IW_ARRAY_LEN(colour_types); i++) {
        if (colour_types[i].type != type || !is_power || !(colour_types[i].depths & depth))
            continue;
        facts->bit_depth = depth;
        facts->colour = colour_types[i].colour;
        facts->alpha = colour_types[i].alpha;
        return true;
    }
    return false;
}

/* What is wrong with IHDR's 13 bytes, or NULL: then they are in the facts. */
static const char *take_ihdr(struct iw_image_facts *facts, const uint8_t *p)
{
    uint32_t width = iw_be32(p);
    uint32_t height = iw_be32(p + 4);
    if (width == 0 || height == 0 || width > MAX_LENGTH || height > MAX_LENGTH)
        return "IHDR states an impossible size";
    if (p[10] != 0 || p[11] != 0 || p[12] > 1)
        return "IHDR names an unknown compression, filter or interlace method";
    if (!take_colour(facts, p[9], p[8]))
        return "IHDR states an impossible colour type or bit depth";
    facts->progressive = p[12] ? IW_YES : IW_NO;
    facts->stored_width_px = width;
    facts->stored_height_px = height;
    return NULL;
}

static enum iw_scan scan_ihdr(struct iw_scanner *scanner, struct chunk *chunk)
{
    if (!read_head(scanner, chunk, &chunk_header))
        return scanner->lack;
    if (is_type(chunk, "CgBI") && chunk->len <= MAX_LENGTH) {
        skip(chunk);
        if (!read_head(scanner, chunk, &ihdr_chunk))
            return scanner->lack;
    }
    if (!is_type(chunk, "IHDR"))
        return iw_scanner_bad(scanner, "the first chunk is not IHDR");
    if (chunk->len != IHDR_BYTES)
        return iw_scanner_bad(scanner, "IHDR has a wrong length");
    const uint8_t *p = iw_scanner_want(scanner, chunk->at, HEAD_BYTES + IHDR_BYTES + CRC_BYTES, &ihdr_chunk);
    if (!p)
        return scanner->lack;
    if (crc32_of(p + 4, 4 + IHDR_BYTES) != iw_be32(p + HEAD_BYTES + IHDR_BYTES))
        return iw_scanner_bad(scanner, "IHDR has a wrong checksum");
    const char *why = take_ihdr(scanner->facts, p + HEAD_BYTES);
    skip(chunk);
    return why ? iw_scanner_bad(scanner, why) : IW_SCAN_DONE;
}

/* ---- the chunks before IDAT ---- */

static enum iw_scan scan_actl(struct iw_scanner *scanner, const struct chunk *chunk)
{
    enum { ACTL_BYTES = 8 };
    if (chunk->len < ACTL_BYTES || scanner->facts->animated != IW_UNKNOWN)
        return IW_SCAN_DONE;
    const uint8_t *p = iw_scanner_want(scanner, chunk->at + HEAD_BYTES, ACTL_BYTES, &before_idat);
    if (!p)
        return scanner->lack;
    scanner->facts->frames = IW_MAX(iw_be32(p), 1u);
    scanner->facts->animated = scanner->facts->frames > 1 ? IW_YES : IW_NO;
    return IW_SCAN_DONE;
}

static enum iw_scan scan_exif(struct iw_scanner *scanner, const struct chunk *chunk)
{
    if (scanner->facts->orientation)
        return IW_SCAN_DONE;
    uint8_t orientation;
    enum iw_scan scan = iw_exif_orientation(scanner, chunk->at + HEAD_BYTES, chunk->len, &orientation);
    if (scan == IW_SCAN_DONE)
        scanner->facts->orientation = orientation;
    return scan;
}

static enum iw_scan scan_trns(struct iw_scanner *scanner, const struct chunk *chunk)
{
    (void)chunk;
    scanner->facts->alpha = IW_YES;
    return IW_SCAN_DONE;
}

static enum iw_scan scan_iccp(struct iw_scanner *scanner, const struct chunk *chunk)
{
    (void)chunk;
    scanner->facts->has_icc = IW_YES;
    return IW_SCAN_DONE;
}

static const struct {
    const char *type;
    enum iw_scan (*scan)(struct iw_scanner *scanner, const struct chunk *chunk);
} chunk_scans[] = {{"acTL", scan_actl}, {"eXIf", scan_exif}, {"tRNS", scan_trns}, {"iCCP", scan_iccp}};

static enum iw_scan scan_chunk(struct iw_scanner *scanner, const struct chunk *chunk)
{
    for (size_t i = 0; i < IW_ARRAY_LEN(chunk_scans); i++)
        if (is_type(chunk, chunk_scans[i].type))
            return chunk_scans[i].scan(scanner, chunk);
    return IW_SCAN_DONE;
}

/* IDAT is reached: what was not stated before it does not hold. */
static void settle(struct iw_image_facts *facts)
{
    if (facts->animated == IW_UNKNOWN) {
        facts->animated = IW_NO;
        facts->frames = 1;
    }
    if (facts->alpha == IW_UNKNOWN)
        facts->alpha = IW_NO;
    if (facts->has_icc == IW_UNKNOWN)
        facts->has_icc = IW_NO;
    if (facts->orientation == 0)
        facts->orientation = 1;
}

static bool is_letters(const char *type)
{
    for (int i = 0; i < 4; i++)
        if (!((type[i] >= 'a' && type[i] <= 'z') || (type[i] >= 'A' && type[i] <= 'Z')))
            return false;
    return true;
}

static enum iw_scan scan_png(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                             struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    struct chunk chunk = {.at = SIGNATURE_BYTES};
    enum iw_scan scan = scan_ihdr(&scanner, &chunk);
    if (scan != IW_SCAN_DONE)
        return scan;
    for (unsigned i = 0; i < IW_SCAN_STEPS; i++) {
        if (!read_head(&scanner, &chunk, &before_idat))
            return iw_scanner_details(&scanner);
        if (!is_letters(chunk.type) || chunk.len > MAX_LENGTH) {
            facts->is_damaged = true;
            return IW_SCAN_DONE;
        }
        if (is_type(&chunk, "IDAT") || is_type(&chunk, "IEND")) {
            settle(facts);
            return IW_SCAN_DONE;
        }
        if (scan_chunk(&scanner, &chunk) != IW_SCAN_DONE)
            return iw_scanner_details(&scanner);
        skip(&chunk);
    }
    return IW_SCAN_DONE;
}

const struct iw_image_format iw_image_png = {
    .name = "png",
    .title = "PNG",
    .mime = "image/png",
    .mime_others = "image/apng image/x-png image/vnd.mozilla.apng",
    .extensions = "png apng",
    .sniff_bytes = SIGNATURE_BYTES,
    .sniff = sniff,
    .scan = scan_png,
    .is_turned_by_exif = true,
};
