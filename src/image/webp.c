/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* WebP (RFC 9649; the VP8 frame header of RFC 6386 section 9.1): the first chunk gives the size. A walk over the RIFF
 * chunks answers what VP8X only announces: two ANMF chunks make an animation, and the Exif chunk behind the pixels is
 * sought when asked for. An animation is not walked to its end for Exif: that would take a request for each frame. */
#include "base/iw.h"
#include "image/image.h"

#include "base/bytes.h"
#include "image/inside.h"

enum {
    RIFF_BYTES = 12,
    HEAD_BYTES = 8, /* tag and length of a chunk */
    BODY_AT = RIFF_BYTES + HEAD_BYTES,
    FLAG_ANIMATION = 0x02,
    FLAG_EXIF = 0x08,
    FLAG_ALPHA = 0x10,
    FLAG_ICC = 0x20,
};

static const struct iw_place first_chunk = IW_PLACE("first chunk");
static const struct iw_place vp8_header = IW_PLACE("VP8 frame header");
static const struct iw_place vp8l_header = IW_PLACE("VP8L header");
static const struct iw_place vp8x_header = IW_PLACE("VP8X header");
static const struct iw_place chunks = IW_PLACE("chunks behind VP8X");

static bool sniff(const uint8_t *head, size_t len)
{
    return len >= RIFF_BYTES && memcmp(head, "RIFF", 4) == 0 && memcmp(head + 8, "WEBP", 4) == 0;
}

/* What a file without VP8X cannot have. */
static void settle_simple(struct iw_scanner *scanner)
{
    iw_scanner_still(scanner);
    scanner->facts->bit_depth = 8;
}

/* ---- the three kinds of first chunk ---- */

static enum iw_scan scan_vp8(struct iw_scanner *scanner, uint32_t len)
{
    enum { VP8_BYTES = 10 };
    struct iw_image_facts *facts = scanner->facts;
    if (len < VP8_BYTES)
        return iw_scanner_bad(scanner, "the VP8 chunk is too short");
    const uint8_t *p = iw_scanner_want(scanner, BODY_AT, VP8_BYTES, &vp8_header);
    if (!p)
        return scanner->lack;
    if (p[0] & 1)
        return iw_scanner_bad(scanner, "the VP8 frame is no key frame");
    if (p[3] != 0x9D || p[4] != 0x01 || p[5] != 0x2A)
        return iw_scanner_bad(scanner, "the VP8 frame lacks its start code");
    /* the two upper bits ask the viewer to scale */
    uint32_t width = iw_le16(p + 6) & 0x3FFFu;
    uint32_t height = iw_le16(p + 8) & 0x3FFFu;
    if (!iw_scanner_size(scanner, width, height, UINT32_MAX, "the VP8 frame states a size of 0"))
        return scanner->lack;
    settle_simple(scanner);
    facts->alpha = IW_NO;
    facts->colour = IW_COLOUR_YCBCR;
    return IW_SCAN_DONE;
}

static enum iw_scan scan_vp8l(struct iw_scanner *scanner, uint32_t len)
{
    enum { VP8L_BYTES = 5 };
    struct iw_image_facts *facts = scanner->facts;
    if (len < VP8L_BYTES)
        return iw_scanner_bad(scanner, "the VP8L chunk is too short");
    const uint8_t *p = iw_scanner_want(scanner, BODY_AT, VP8L_BYTES, &vp8l_header);
    if (!p)
        return scanner->lack;
    uint32_t bits = iw_le32(p + 1);
    if (p[0] != 0x2F || bits >> 29 != 0)
        return iw_scanner_bad(scanner, "the VP8L chunk lacks its signature or version");
    settle_simple(scanner);
    facts->stored_width_px = (bits & 0x3FFF) + 1;
    facts->stored_height_px = (bits >> 14 & 0x3FFF) + 1;
    facts->alpha = bits & 1u << 28 ? IW_YES : IW_NO;
    facts->colour = IW_COLOUR_RGB;
    return IW_SCAN_DONE;
}

/* ---- VP8X and the walk behind it ---- */

/* What the walk is after, and how it goes. */
struct walk {
    uint64_t at;
    uint64_t end;         /* of the RIFF chunk, or of the file where that says nothing */
    unsigned frames;      /* ANMF chunks seen */
    bool wants_animation; /* announced, asked for and still open */
    bool wants_exif;
};

static struct walk start_walk(const struct iw_scanner *scanner, uint8_t flags, uint32_t vp8x_len, uint32_t riff_len)
{
    bool is_animated = (flags & FLAG_ANIMATION) != 0;
    struct walk walk = {
        .at = BODY_AT + (uint64_t)vp8x_len + (vp8x_len & 1),
        .wants_animation = is_animated && scanner->wants->animation,
        .wants_exif = (flags & FLAG_EXIF) && scanner->wants->trailing_exif && !is_animated,
    };
    /* what lies behind the RIFF chunk is not the picture's; a length too small for VP8X is no length */
    uint64_t riff_end = (uint64_t)HEAD_BYTES + riff_len + (riff_len & 1);
    walk.end = riff_end >= walk.at ? riff_end : scanner->view->total_bytes;
    return walk;
}

/* How a still picture is coded, where it stands right behind VP8X; its alpha in front of it goes with VP8 alone (RFC
 * 9649 section 2.7.1.2). It is not sought behind a profile. False: see scanner->lack. */
static bool take_colour(struct iw_scanner *scanner, const struct walk *walk)
{
    if (walk->at >= walk->end || walk->end - walk->at < HEAD_BYTES)
        return true;
    const uint8_t *p = iw_scanner_want(scanner, walk->at, HEAD_BYTES, &chunks);
    if (!p)
        return false;
    if (memcmp(p, "VP8L", 4) == 0)
        scanner->facts->colour = IW_COLOUR_RGB;
    else if (memcmp(p, "VP8 ", 4) == 0 || memcmp(p, "ALPH", 4) == 0)
        scanner->facts->colour = IW_COLOUR_YCBCR;
    return true;
}

/* The Exif block; some writers put JPEG's "Exif\0\0" in front. */
static enum iw_scan scan_exif(struct iw_scanner *scanner, uint64_t at, uint32_t len)
{
    enum { NAME_BYTES = 6 };
    uint8_t orientation = 1;
    if (len > NAME_BYTES) {
        const uint8_t *p = iw_scanner_want(scanner, at, NAME_BYTES, &chunks);
        if (!p)
            return scanner->lack;
        uint32_t skip = memcmp(p, "Exif\0\0", NAME_BYTES) == 0 ? NAME_BYTES : 0;
        enum iw_scan scan = iw_exif_orientation(scanner, at + skip, len - skip, &orientation);
        if (scan != IW_SCAN_DONE)
            return scan;
    }
    scanner->facts->orientation = orientation;
    return IW_SCAN_DONE;
}

/* The chunk at walk->at; false: see scanner->lack. */
static bool walk_chunk(struct iw_scanner *scanner, struct walk *walk)
{
    struct iw_image_facts *facts = scanner->facts;
    const uint8_t *p = iw_scanner_want(scanner, walk->at, HEAD_BYTES, &chunks);
    if (!p)
        return false;
    uint32_t len = iw_le32(p + 4);
    uint64_t body_at = walk->at + HEAD_BYTES;
    walk->at = body_at + len + (len & 1);
    if (memcmp(p, "ANMF", 4) == 0 && ++walk->frames == 2 && walk->wants_animation) {
        facts->animated = IW_YES;
        walk->wants_animation = false;
    }
    if (walk->wants_exif && memcmp(p, "EXIF", 4) == 0) {
        enum iw_scan scan = scan_exif(scanner, body_at, len);
        if (scan != IW_SCAN_DONE) {
            scanner->lack = scan;
            return false;
        }
        walk->wants_exif = false;
    }
    return true;
}

/* The chain has come to its end: what was not met is not there. A last chunk that reaches further proves nothing. */
static void finish(struct iw_image_facts *facts, const struct walk *walk)
{
    if (walk->at > walk->end)
        return;
    if (walk->wants_animation) {
        facts->animated = IW_NO;
        facts->frames = walk->frames;
    }
    if (walk->wants_exif)
        facts->orientation = 1;
}

static enum iw_scan walk_chunks(struct iw_scanner *scanner, struct walk *walk)
{
    for (unsigned i = 0; i < IW_SCAN_STEPS && (walk->wants_animation || walk->wants_exif); i++) {
        bool is_over = walk->at >= walk->end || walk->end - walk->at < HEAD_BYTES;
        if (is_over || walk->at == scanner->view->total_bytes) {
            finish(scanner->facts, walk);
            return IW_SCAN_DONE;
        }
        if (!walk_chunk(scanner, walk))
            return iw_scanner_details(scanner);
    }
    return IW_SCAN_DONE;
}

static enum iw_scan scan_vp8x(struct iw_scanner *scanner, uint32_t len, uint32_t riff_len)
{
    enum { VP8X_BYTES = 10 };
    struct iw_image_facts *facts = scanner->facts;
    if (len < VP8X_BYTES)
        return iw_scanner_bad(scanner, "the VP8X chunk is too short");
    const uint8_t *p = iw_scanner_want(scanner, BODY_AT, VP8X_BYTES, &vp8x_header);
    if (!p)
        return scanner->lack;
    uint8_t flags = p[0];
    uint32_t width = iw_le24(p + 4) + 1;
    uint32_t height = iw_le24(p + 7) + 1;
    if ((uint64_t)width * height > UINT32_MAX)
        return iw_scanner_bad(scanner, "the VP8X canvas has more than 2^32-1 pixels");
    facts->stored_width_px = width;
    facts->stored_height_px = height;
    facts->bit_depth = 8;
    facts->progressive = IW_NO;
    facts->alpha = flags & FLAG_ALPHA ? IW_YES : IW_NO;
    facts->has_icc = flags & FLAG_ICC ? IW_YES : IW_NO;
    if (!(flags & FLAG_ANIMATION)) {
        facts->animated = IW_NO;
        facts->frames = 1;
    }
    facts->orientation = flags & FLAG_EXIF ? 0 : 1;
    struct walk walk = start_walk(scanner, flags, len, riff_len);
    if (facts->animated == IW_NO && !take_colour(scanner, &walk))
        return iw_scanner_details(scanner);
    return walk_chunks(scanner, &walk);
}

static enum iw_scan scan_webp(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                              struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    const uint8_t *p = iw_scanner_want(&scanner, 0, BODY_AT, &first_chunk);
    if (!p)
        return scanner.lack;
    const uint8_t *tag = p + RIFF_BYTES;
    uint32_t len = iw_le32(tag + 4);
    if (memcmp(tag, "VP8 ", 4) == 0)
        return scan_vp8(&scanner, len);
    if (memcmp(tag, "VP8L", 4) == 0)
        return scan_vp8l(&scanner, len);
    if (memcmp(tag, "VP8X", 4) == 0)
        return scan_vp8x(&scanner, len, iw_le32(p + 4));
    return iw_scanner_bad(&scanner, "the first chunk is neither VP8, VP8L nor VP8X");
}

const struct iw_image_format iw_image_webp = {
    .name = "webp",
    .title = "WebP",
    .mime = "image/webp",
    .extensions = "webp",
    .sniff_bytes = RIFF_BYTES,
    .sniff = sniff,
    .scan = scan_webp,
    .is_turned_by_exif = false, /* Chromium 156 does not, wherever and however Exif is stored */
};
