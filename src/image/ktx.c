/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* KTX (Khronos "KTX File Format Specification" 1.0, sections 2.1 to 2.12): textures for OpenGL, as little- or
 * big-endian as their writer was. The picture is the largest level; a height of 0 is a line. The hint which way is up
 * is for whoever uses the texture: not taken for an orientation. */
#include "base/iw.h"
#include "image/image.h"

#include "base/bytes.h"
#include "image/inside.h"

enum { IDENTIFIER_BYTES = 12, HEADER_BYTES = 64 };

static const struct iw_place ktx_header = IW_PLACE("KTX header");

static bool sniff(const uint8_t *head, size_t len)
{
    return len >= IDENTIFIER_BYTES && memcmp(head, "\xABKTX 11\xBB\r\n\x1A\n", IDENTIFIER_BYTES) == 0;
}

/* Base internal formats of OpenGL. */
static void take_base(struct iw_image_facts *facts, uint32_t base)
{
    static const struct {
        uint16_t base;
        enum iw_tri alpha;
        enum iw_colour colour;
    } bases[] = {{0x1906, IW_YES, IW_COLOUR_UNKNOWN}, {0x1907, IW_NO, IW_COLOUR_RGB},   {0x1908, IW_YES, IW_COLOUR_RGB},
                 {0x1909, IW_NO, IW_COLOUR_GREY},     {0x190A, IW_YES, IW_COLOUR_GREY}, {0x80E0, IW_NO, IW_COLOUR_RGB},
                 {0x80E1, IW_YES, IW_COLOUR_RGB}};
    for (size_t i = 0; i < IW_ARRAY_LEN(bases); i++) {
        if (bases[i].base != base)
            continue;
        facts->alpha = bases[i].alpha;
        facts->colour = bases[i].colour;
    }
}

/* Bits of a channel by glType, where each is a value of its own. */
static uint8_t depth_of(uint32_t type)
{
    enum { BYTE = 0x1400, UBYTE, SHORT, USHORT, INT, UINT, FLOAT, HALF = 0x140B };
    switch (type) {
    case BYTE:
    case UBYTE:
        return 8;
    case SHORT:
    case USHORT:
    case HALF:
        return 16;
    case INT:
    case UINT:
    case FLOAT:
        return 32;
    default:
        return 0;
    }
}

static enum iw_scan scan_ktx(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                             struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    const uint8_t *p = iw_scanner_want(&scanner, 0, HEADER_BYTES, &ktx_header);
    if (!p)
        return scanner.lack;
    uint32_t order = iw_le32(p + 12);
    if (order != 0x04030201 && order != 0x01020304)
        return iw_scanner_bad(&scanner, "the KTX header states no byte order");
    uint32_t (*get)(const uint8_t *p) = order == 0x04030201 ? iw_le32 : iw_be32;
    uint32_t height = get(p + 40);
    if (!iw_scanner_size(&scanner, get(p + 36), height ? height : 1, UINT32_MAX,
                         "the KTX header states an impossible size"))
        return scanner.lack;
    iw_scanner_still(&scanner);
    take_base(facts, get(p + 32));
    facts->bit_depth = depth_of(get(p + 16));
    return IW_SCAN_DONE;
}

const struct iw_image_format iw_image_ktx = {
    .name = "ktx",
    .title = "KTX",
    .mime = "image/ktx",
    .extensions = "ktx",
    .sniff_bytes = IDENTIFIER_BYTES,
    .sniff = sniff,
    .scan = scan_ktx,
    .is_turned_by_exif = false,
};
