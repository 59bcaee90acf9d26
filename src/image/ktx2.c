/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* KTX 2.0 (Khronos "KTX File Format Specification" 2.0, section 3) and its data format descriptor (Khronos Data Format
 * 1.3, section 5), which tells colour and alpha. The picture is the largest level; a height of 0 is a line. */
#include "base/iw.h"
#include "image/image.h"

#include "base/bytes.h"
#include "image/inside.h"

enum {
    IDENTIFIER_BYTES = 12,
    HEADER_BYTES = 80,
    BLOCK_AT = 4, /* within the descriptor: behind its length */
    BLOCK_BYTES = 24,
    SAMPLE_BYTES = 16,
    MOST_SAMPLES = 16,
};

static const struct iw_place ktx2_header = IW_PLACE("KTX2 header");
static const struct iw_place descriptor = IW_PLACE("KTX2 data format descriptor");

static bool sniff(const uint8_t *head, size_t len)
{
    return len >= IDENTIFIER_BYTES && memcmp(head, "\xABKTX 20\xBB\r\n\x1A\n", IDENTIFIER_BYTES) == 0;
}

/* What the samples of a texel are; block is followed by count of them. */
static void take_samples(struct iw_image_facts *facts, const uint8_t *block, size_t count)
{
    enum { RGBSDA = 1, YUVSDA = 2, ETC1S = 163, UASTC = 166, ALPHA = 15, UASTC_RGBA = 3, UASTC_RRRG = 5 };
    uint8_t model = block[8];
    bool has_alpha = false;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *sample = block + BLOCK_BYTES + i * SAMPLE_BYTES;
        unsigned channel = sample[3] & 15;
        has_alpha |= model == UASTC ? channel == UASTC_RGBA || channel == UASTC_RRRG : channel == ALPHA;
    }
    if (model == RGBSDA || model == YUVSDA) {
        facts->bit_depth = (uint8_t)IW_MIN(block[BLOCK_BYTES + 2] + 1u, 255u);
        facts->colour = model == YUVSDA ? IW_COLOUR_YCBCR : count - has_alpha >= 3 ? IW_COLOUR_RGB : IW_COLOUR_UNKNOWN;
    }
    if (model == RGBSDA || model == YUVSDA || model == ETC1S || model == UASTC)
        facts->alpha = has_alpha ? IW_YES : IW_NO;
}

/* The basic block of the descriptor, which stands first in it. */
static enum iw_scan scan_descriptor(struct iw_scanner *scanner, uint64_t at, uint32_t len)
{
    if (len < BLOCK_AT + BLOCK_BYTES + SAMPLE_BYTES)
        return IW_SCAN_DONE;
    const uint8_t *p = iw_scanner_want(scanner, at + BLOCK_AT, BLOCK_BYTES, &descriptor);
    if (!p)
        return iw_scanner_details(scanner);
    size_t block_bytes = iw_le16(p + 6);
    bool is_basic = iw_le32(p) == 0; /* the vendor is Khronos, the type 0 */
    if (!is_basic || block_bytes < BLOCK_BYTES + SAMPLE_BYTES || block_bytes > len - BLOCK_AT)
        return IW_SCAN_DONE;
    size_t samples = IW_MIN((block_bytes - BLOCK_BYTES) / SAMPLE_BYTES, (size_t)MOST_SAMPLES);
    p = iw_scanner_want(scanner, at + BLOCK_AT, BLOCK_BYTES + samples * SAMPLE_BYTES, &descriptor);
    if (!p)
        return iw_scanner_details(scanner);
    take_samples(scanner->facts, p, samples);
    return IW_SCAN_DONE;
}

static enum iw_scan scan_ktx2(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                              struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    const uint8_t *p = iw_scanner_want(&scanner, 0, HEADER_BYTES, &ktx2_header);
    if (!p)
        return scanner.lack;
    uint32_t height = iw_le32(p + 24);
    if (!iw_scanner_size(&scanner, iw_le32(p + 20), height ? height : 1, UINT32_MAX,
                         "the KTX2 header states an impossible size"))
        return scanner.lack;
    iw_scanner_still(&scanner);
    if (iw_le32(p + 32) > 1) { /* the layers of an array may be the frames of an animation */
        facts->animated = IW_UNKNOWN;
        facts->frames = 0;
    }
    return scan_descriptor(&scanner, iw_le32(p + 48), iw_le32(p + 52));
}

const struct iw_image_format iw_image_ktx2 = {
    .name = "ktx2",
    .title = "KTX 2.0",
    .mime = "image/ktx2",
    .extensions = "ktx2",
    .sniff_bytes = IDENTIFIER_BYTES,
    .sniff = sniff,
    .scan = scan_ktx2,
    .is_turned_by_exif = false,
};
