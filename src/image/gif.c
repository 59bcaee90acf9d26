/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* GIF (GIF89a specification, clauses 18, 20, 23): the logical screen is the size, whatever the frames measure. Only
 * when the caller asks for animation the blocks are walked to the second image descriptor; data comes in sub-blocks
 * of at most 255 bytes, so nothing can be jumped over. NETSCAPE2.0 proves nothing and is not read. */
#include "base/iw.h"
#include "image/image.h"

#include "base/bytes.h"
#include "image/inside.h"

enum {
    SCREEN_BYTES = 13, /* signature and logical screen descriptor */
    IMAGE_BYTES = 10,  /* image descriptor with its separator */
    EXTENSION = 0x21,
    IMAGE = 0x2C,
    TRAILER = 0x3B,
    PLAIN_TEXT = 0x01,
    GRAPHIC_CONTROL = 0xF9,
};

static const struct iw_place screen = IW_PLACE("logical screen descriptor");
static const struct iw_place blocks = IW_PLACE("blocks before the second frame");

/* The walk over blocks. */
struct gif {
    struct iw_scanner scanner;
    uint64_t at;
    bool is_transparent; /* by the graphic control extension that waits for its image */
    bool is_over;        /* all is known that the blocks will tell */
};

static bool sniff(const uint8_t *head, size_t len)
{
    return len >= 6 && (memcmp(head, "GIF87a", 6) == 0 || memcmp(head, "GIF89a", 6) == 0);
}

/* Bytes of the colour table that a flags byte announces. */
static size_t table_bytes(uint8_t flags)
{
    return flags & 0x80 ? (size_t)3 << ((flags & 7) + 1) : 0;
}

static const uint8_t *want(struct gif *gif, size_t len)
{
    return iw_scanner_want(&gif->scanner, gif->at, len, &blocks);
}

/* Moves behind a chain of sub-blocks and its terminator. */
static bool skip_sub_blocks(struct gif *gif)
{
    for (;;) {
        const uint8_t *p = want(gif, 1);
        if (!p)
            return false;
        gif->at += 1u + p[0];
        if (p[0] == 0)
            return true;
    }
}

static bool walk_extension(struct gif *gif)
{
    const uint8_t *p = want(gif, 2);
    if (!p)
        return false;
    uint8_t label = p[1];
    if (label == GRAPHIC_CONTROL) {
        /* introducer, label, size 4, flags */
        p = want(gif, 4);
        if (!p)
            return false;
        gif->is_transparent = p[2] == 4 && (p[3] & 1);
    }
    if (label == PLAIN_TEXT)
        gif->is_transparent = false; /* the control extension was for this text */
    gif->at += 2;
    return skip_sub_blocks(gif);
}

/* The first image descriptor tells about alpha and interlacing, the second that there is animation. */
static bool walk_image(struct gif *gif)
{
    struct iw_image_facts *facts = gif->scanner.facts;
    const uint8_t *p = want(gif, IMAGE_BYTES);
    if (!p)
        return false;
    if (facts->frames > 0) {
        facts->animated = IW_YES;
        facts->frames = 0; /* two or more: how many is not known */
        gif->is_over = true;
        return true;
    }
    bool is_covering = iw_le16(p + 1) == 0 && iw_le16(p + 3) == 0 && iw_le16(p + 5) >= facts->stored_width_px &&
                       iw_le16(p + 7) >= facts->stored_height_px;
    facts->frames = 1;
    facts->progressive = p[9] & 0x40 ? IW_YES : IW_NO;
    facts->alpha = gif->is_transparent ? IW_YES : is_covering ? IW_NO : IW_UNKNOWN;
    gif->at += IMAGE_BYTES + table_bytes(p[9]) + 1; /* and the LZW code size */
    gif->is_transparent = false;
    return skip_sub_blocks(gif);
}

/* The stream is over: one frame is a still picture. */
static void finish(struct gif *gif)
{
    if (gif->scanner.facts->frames == 1)
        gif->scanner.facts->animated = IW_NO;
    gif->is_over = true;
}

/* One block; false: see scanner.lack. */
static bool walk_block(struct gif *gif)
{
    if (gif->at == gif->scanner.view->total_bytes) {
        finish(gif); /* without a trailer, as many encoders leave it */
        return true;
    }
    const uint8_t *p = want(gif, 1);
    if (!p)
        return false;
    switch (p[0]) {
    case EXTENSION:
        return walk_extension(gif);
    case IMAGE:
        return walk_image(gif);
    case TRAILER:
        finish(gif);
        return true;
    default:
        /* browsers take anything else for the end */
        gif->scanner.facts->is_damaged = true;
        finish(gif);
        return true;
    }
}

static enum iw_scan walk(struct gif *gif)
{
    while (!gif->is_over) {
        if (walk_block(gif))
            continue;
        gif->scanner.facts->frames = 0;
        enum iw_scan scan = iw_scanner_details(&gif->scanner);
        gif->scanner.need->is_prefix = scan == IW_SCAN_MORE;
        return scan;
    }
    return IW_SCAN_DONE;
}

static enum iw_scan scan_gif(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                             struct iw_need *need)
{
    struct gif gif = {.scanner = {.view = view, .wants = wants, .facts = facts, .need = need}};
    const uint8_t *p = iw_scanner_want(&gif.scanner, 0, SCREEN_BYTES, &screen);
    if (!p)
        return gif.scanner.lack;
    uint8_t flags = p[10];
    facts->colour = IW_COLOUR_PALETTE;
    facts->bit_depth = flags & 0x80 ? (uint8_t)((flags & 7) + 1) : 0;
    facts->orientation = 1;
    facts->has_icc = IW_NO;
    facts->stored_width_px = iw_le16(p + 6);
    facts->stored_height_px = iw_le16(p + 8);
    if (facts->stored_width_px == 0 || facts->stored_height_px == 0) {
        facts->stored_width_px = facts->stored_height_px = 0;
        need->why = "the logical screen has no size";
        return IW_SCAN_DONE;
    }
    if (!wants->animation)
        return IW_SCAN_DONE;
    gif.at = SCREEN_BYTES + table_bytes(flags);
    return walk(&gif);
}

const struct iw_image_format iw_image_gif = {
    .name = "gif",
    .title = "GIF",
    .mime = "image/gif",
    .extensions = "gif",
    .sniff_bytes = 6,
    .sniff = sniff,
    .scan = scan_gif,
};
