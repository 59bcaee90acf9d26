/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* JPEG 2000: a codestream (ISO/IEC 15444-1 clause A.5.1, the SIZ segment, where the picture is what its grid leaves
 * right of and below an offset), alone or in a file of boxes (Annex I; 15444-2 Annex M for the extended colours). The
 * header box says all that is wanted; a file that has its codestream before one is read by the codestream. Motion
 * JPEG 2000 is a film. */
#include "base/iw.h"
#include "image/bmff.h"
#include "image/image.h"

#include "base/bytes.h"

enum {
    SIGNATURE_BYTES = 12,
    SIZ_BYTES = 43,
    IHDR_BYTES = 14,
    COLR_BYTES = 3,
    PROFILE_BYTES = COLR_BYTES + 20, /* as far as the colour space of an ICC profile */
    CHANNEL_BYTES = 6,
    MOST_CHANNELS = 1024,
    DEPTHS_VARY = 255,
};

static const struct iw_place file_boxes = IW_PLACE("boxes before the header box");
static const struct iw_place header_box = IW_PLACE("header box");
static const struct iw_place siz_segment = IW_PLACE("SIZ segment");

static bool sniff(const uint8_t *head, size_t len)
{
    if (len < SIGNATURE_BYTES)
        return false;
    return memcmp(head, "\0\0\0\x0CjP  \r\n\x87\n", SIGNATURE_BYTES) == 0 || memcmp(head, "\xFF\x4F\xFF\x51", 4) == 0;
}

static bool take_size(struct iw_scanner *scanner, uint64_t width, uint64_t height)
{
    if (!iw_scanner_size(scanner, width, height, UINT32_MAX, "the JPEG 2000 header states an impossible size"))
        return false;
    iw_scanner_still(scanner);
    scanner->facts->progressive = IW_UNKNOWN; /* it can be read at any resolution, in an order that varies */
    return true;
}

static void take_depth(struct iw_image_facts *facts, uint8_t coded)
{
    facts->bit_depth = (uint8_t)((coded & 0x7F) + 1);
}

/* By their number alone: of two or four one may be alpha. */
static void guess_alpha(struct iw_image_facts *facts, unsigned components)
{
    if (components == 1 || components == 3)
        facts->alpha = IW_NO;
    if (components <= 2 && facts->colour == IW_COLOUR_UNKNOWN)
        facts->colour = IW_COLOUR_GREY;
}

/* The SIZ segment (clause A.5.1): the reference grid less the offset of the picture on it. */
static enum iw_scan scan_codestream(struct iw_scanner *scanner, uint64_t at)
{
    const uint8_t *p = iw_scanner_want(scanner, at, SIZ_BYTES, &siz_segment);
    if (!p)
        return scanner->lack;
    if (memcmp(p, "\xFF\x4F\xFF\x51", 4) != 0)
        return iw_scanner_bad(scanner, "the codestream does not begin with a SIZ segment");
    uint32_t x = iw_be32(p + 8), y = iw_be32(p + 12), x_offset = iw_be32(p + 16), y_offset = iw_be32(p + 20);
    unsigned components = iw_be16(p + 40);
    if (components == 0)
        return iw_scanner_bad(scanner, "the SIZ segment states no components");
    if (!take_size(scanner, x > x_offset ? x - x_offset : 0, y > y_offset ? y - y_offset : 0))
        return scanner->lack;
    take_depth(scanner->facts, p[42]);
    guess_alpha(scanner->facts, components);
    return IW_SCAN_DONE;
}

/* ---- the header box ---- */

struct header {
    struct iw_scanner *scanner;
    uint64_t reach;
    unsigned components;
    bool has_colour; /* the first colour specification counts */
    bool has_definition;
};

/* Enumerated colour spaces (clause I.5.3.3, and Annex M of 15444-2). */
static enum iw_colour colour_of(uint32_t enumerated)
{
    static const struct {
        uint8_t number;
        enum iw_colour colour;
    } spaces[] = {{0, IW_COLOUR_GREY},   {1, IW_COLOUR_YCBCR}, {3, IW_COLOUR_YCBCR}, {4, IW_COLOUR_YCBCR},
                  {12, IW_COLOUR_CMYK},  {15, IW_COLOUR_GREY}, {16, IW_COLOUR_RGB},  {17, IW_COLOUR_GREY},
                  {18, IW_COLOUR_YCBCR}, {20, IW_COLOUR_RGB},  {21, IW_COLOUR_RGB},  {24, IW_COLOUR_YCBCR}};
    for (size_t i = 0; i < IW_ARRAY_LEN(spaces); i++)
        if (spaces[i].number == enumerated)
            return spaces[i].colour;
    return IW_COLOUR_UNKNOWN;
}

static enum iw_colour colour_of_profile(uint32_t space)
{
    return space == IW_BOX('G', 'R', 'A', 'Y')   ? IW_COLOUR_GREY
           : space == IW_BOX('R', 'G', 'B', ' ') ? IW_COLOUR_RGB
           : space == IW_BOX('C', 'M', 'Y', 'K') ? IW_COLOUR_CMYK
                                                 : IW_COLOUR_UNKNOWN;
}

/* The image header box (clause I.5.3.1). */
static bool take_image(struct header *header, const struct iw_box *box)
{
    const uint8_t *p = iw_box_want(header->scanner, box, IHDR_BYTES, header->reach, &header_box);
    if (!p || !take_size(header->scanner, iw_be32(p + 4), iw_be32(p)))
        return false;
    header->components = iw_be16(p + 8);
    if (p[10] != DEPTHS_VARY)
        take_depth(header->scanner->facts, p[10]);
    return true;
}

/* A colour specification box (clause I.5.3.3). */
static bool take_colour(struct header *header, const struct iw_box *box)
{
    enum { ENUMERATED = 1, RESTRICTED_PROFILE, ANY_PROFILE };
    struct iw_image_facts *facts = header->scanner->facts;
    const uint8_t *p = iw_box_want(header->scanner, box, COLR_BYTES, header->reach, &header_box);
    if (!p)
        return false;
    bool is_profile = p[0] == RESTRICTED_PROFILE || p[0] == ANY_PROFILE;
    enum iw_colour colour = IW_COLOUR_UNKNOWN;
    if (is_profile || p[0] == ENUMERATED) {
        p = iw_box_want(header->scanner, box, is_profile ? PROFILE_BYTES : COLR_BYTES + 4, header->reach, &header_box);
        if (!p)
            return false;
        colour = is_profile ? colour_of_profile(iw_be32(p + PROFILE_BYTES - 4)) : colour_of(iw_be32(p + COLR_BYTES));
    }
    header->has_colour = true;
    facts->has_icc = is_profile ? IW_YES : IW_NO;
    if (facts->colour != IW_COLOUR_PALETTE)
        facts->colour = colour;
    return true;
}

/* The channel definition box (clause I.5.3.6): opacity is alpha, premultiplied or not. */
static bool take_channels(struct header *header, const struct iw_box *box)
{
    enum { OPACITY = 1, PREMULTIPLIED = 2 };
    const uint8_t *p = iw_box_want(header->scanner, box, 2, header->reach, &header_box);
    if (!p)
        return false;
    size_t count = IW_MIN((size_t)iw_be16(p), (size_t)MOST_CHANNELS);
    p = iw_box_want(header->scanner, box, 2 + count * CHANNEL_BYTES, header->reach, &header_box);
    if (!p)
        return false;
    header->has_definition = true;
    header->scanner->facts->alpha = IW_NO;
    for (size_t i = 0; i < count; i++) {
        unsigned kind = iw_be16(p + 2 + i * CHANNEL_BYTES + 2);
        if (kind == OPACITY || kind == PREMULTIPLIED)
            header->scanner->facts->alpha = IW_YES;
    }
    return true;
}

/* A box within the header box (clause I.5.3; bits per component I.5.3.2, palette I.5.3.4); false: see scanner->lack. */
static bool take_box(struct header *header, const struct iw_box *box)
{
    const uint8_t *p;
    bool has_size = header->scanner->facts->stored_width_px != 0;
    switch (box->type) {
    case IW_BOX('i', 'h', 'd', 'r'):
        return has_size || take_image(header, box);
    case IW_BOX('b', 'p', 'c', 'c'):
        p = iw_box_want(header->scanner, box, 1, header->reach, &header_box);
        if (p)
            take_depth(header->scanner->facts, *p);
        return p != NULL;
    case IW_BOX('p', 'c', 'l', 'r'):
        header->scanner->facts->colour = IW_COLOUR_PALETTE;
        return true;
    case IW_BOX('c', 'o', 'l', 'r'):
        return header->has_colour || take_colour(header, box);
    case IW_BOX('c', 'd', 'e', 'f'):
        return take_channels(header, box);
    default:
        return true;
    }
}

static enum iw_scan scan_header(struct iw_scanner *scanner, const struct iw_box *box)
{
    struct iw_image_facts *facts = scanner->facts;
    struct header header = {.scanner = scanner, .reach = box->end};
    struct iw_boxes boxes = iw_boxes_of(scanner, box, 0, box->end, &header_box);
    bool is_sound = true;
    while (is_sound && iw_boxes_next(&boxes))
        is_sound = take_box(&header, &boxes.box);
    if (!is_sound || boxes.is_stuck)
        return facts->stored_width_px ? iw_scanner_details(scanner) : scanner->lack;
    if (facts->stored_width_px == 0)
        return iw_scanner_bad(scanner, "the header box states no size");
    if (!header.has_definition && facts->colour != IW_COLOUR_PALETTE)
        guess_alpha(facts, header.components);
    return IW_SCAN_DONE;
}

/* ---- the file ---- */

static enum iw_scan scan_boxes(struct iw_scanner *scanner)
{
    uint32_t brand = 0;
    struct iw_boxes boxes = iw_boxes_of_file(scanner, SIGNATURE_BYTES, &file_boxes);
    while (iw_boxes_next(&boxes)) {
        const uint8_t *p;
        enum iw_scan scan;
        switch (boxes.box.type) {
        case IW_BOX('f', 't', 'y', 'p'):
            p = iw_box_want(scanner, &boxes.box, 4, boxes.box.end, &file_boxes);
            if (!p)
                return scanner->lack;
            brand = iw_be32(p);
            if (brand == IW_BOX('m', 'j', 'p', '2'))
                return iw_scanner_decline(scanner);
            break;
        case IW_BOX('j', 'p', '2', 'h'):
        case IW_BOX('j', 'p', '2', 'c'):
            scan = boxes.box.type == IW_BOX('j', 'p', '2', 'h') ? scan_header(scanner, &boxes.box)
                                                                : scan_codestream(scanner, boxes.box.body_at);
            if (scan == IW_SCAN_BAD || !scanner->facts->stored_width_px || brand != IW_BOX('j', 'p', 'x', ' '))
                return scan;
            scanner->facts->animated = IW_UNKNOWN; /* the extended file may compose many pictures */
            scanner->facts->frames = 0;
            return scan;
        default:
            break;
        }
    }
    return boxes.is_stuck ? scanner->lack : iw_scanner_bad(scanner, "no header box describes a picture");
}

static enum iw_scan scan_jp2(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                             struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    const uint8_t *p = iw_scanner_want(&scanner, 0, SIGNATURE_BYTES, &file_boxes);
    if (!p)
        return scanner.lack;
    return p[0] ? scan_codestream(&scanner, 0) : scan_boxes(&scanner);
}

const struct iw_image_format iw_image_jp2 = {
    .name = "jp2",
    .title = "JPEG 2000",
    .mime = "image/jp2",
    .mime_others = "image/jpx image/jpm image/jph image/jphc image/j2c image/jpeg2000 image/jpeg2000-image "
                   "image/x-jpeg2000-image image/x-jp2 image/x-jp2-codestream",
    .extensions = "jp2 jpg2 jpx jpf jpm jpgm jph j2k j2c jpc jhc",
    .sniff_bytes = SIGNATURE_BYTES,
    .sniff = sniff,
    .scan = scan_jp2,
    .is_turned_by_exif = false,
};
