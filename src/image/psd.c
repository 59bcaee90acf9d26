/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Photoshop documents (Adobe Photoshop File Formats Specification, "File Header Section"), PSD and the large PSB. The
 * size is that of the whole document; layers and image resources (which hold a colour profile) are not walked. */
#include "base/iw.h"
#include "image/image.h"

#include "base/bytes.h"
#include "image/inside.h"

enum {
    HEADER_BYTES = 26,
    SNIFF_BYTES = 12, /* signature, version, six bytes that are 0 */
    PSB = 2,
    PSD_MOST_PX = 30000,
    PSB_MOST_PX = 300000,
    MOST_CHANNELS = 56,
};

static const struct iw_place file_header = IW_PLACE("file header");

static bool sniff(const uint8_t *head, size_t len)
{
    static const uint8_t zeros[6];
    return len >= SNIFF_BYTES && memcmp(head, "8BPS\0", 5) == 0 && (head[5] == 1 || head[5] == PSB) &&
           memcmp(head + 6, zeros, sizeof zeros) == 0;
}

/* Colour modes and how many channels they need. What is beyond may be alpha or spot colours. */
static const struct {
    uint8_t mode, channels;
    enum iw_colour colour;
} modes[] = {
    {0, 1, IW_COLOUR_GREY}, /* bitmap */
    {1, 1, IW_COLOUR_GREY},    {2, 1, IW_COLOUR_PALETTE}, {3, 3, IW_COLOUR_RGB},
    {4, 4, IW_COLOUR_CMYK},    {8, 1, IW_COLOUR_GREY}, /* duotone */
    {9, 3, IW_COLOUR_UNKNOWN},                         /* Lab */
};

static enum iw_scan scan(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                         struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    const uint8_t *p = iw_scanner_want(&scanner, 0, HEADER_BYTES, &file_header);
    if (!p)
        return scanner.lack;
    uint32_t most = p[5] == PSB ? PSB_MOST_PX : PSD_MOST_PX;
    unsigned channels = iw_be16(p + 12);
    unsigned depth = iw_be16(p + 22);
    if (!iw_scanner_size(&scanner, iw_be32(p + 18), iw_be32(p + 14), most, "the file header states an impossible size"))
        return scanner.lack;
    if (channels == 0 || channels > MOST_CHANNELS || (depth != 1 && depth != 8 && depth != 16 && depth != 32))
        return iw_scanner_bad(&scanner, "the file header states impossible channels");
    iw_scanner_still(&scanner);
    facts->has_icc = IW_UNKNOWN;
    facts->bit_depth = (uint8_t)depth;
    for (size_t i = 0; i < IW_ARRAY_LEN(modes); i++) {
        if (modes[i].mode != iw_be16(p + 24))
            continue;
        facts->colour = modes[i].colour;
        facts->alpha = channels <= modes[i].channels ? IW_NO : IW_UNKNOWN;
    }
    return IW_SCAN_DONE;
}

const struct iw_image_format iw_image_psd = {
    .name = "psd",
    .title = "Photoshop",
    .mime = "image/vnd.adobe.photoshop",
    .mime_others = "image/x-psd image/psd image/photoshop image/x-photoshop application/photoshop "
                   "application/x-photoshop application/psd",
    .extensions = "psd psb",
    .sniff_bytes = SNIFF_BYTES,
    .sniff = sniff,
    .scan = scan,
};
