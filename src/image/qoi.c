/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* QOI (The Quite OK Image Format specification 1.0). */
#include "base/iw.h"
#include "image/image.h"

#include "base/bytes.h"
#include "image/inside.h"

enum { HEADER_BYTES = 14 };

static const struct iw_place file_header = IW_PLACE("file header");

static bool sniff(const uint8_t *head, size_t len)
{
    return len >= 4 && memcmp(head, "qoif", 4) == 0;
}

static enum iw_scan scan(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                         struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    const uint8_t *p = iw_scanner_want(&scanner, 0, HEADER_BYTES, &file_header);
    if (!p)
        return scanner.lack;
    if (!iw_scanner_size(&scanner, iw_be32(p + 4), iw_be32(p + 8), UINT32_MAX,
                         "the file header states an impossible size"))
        return scanner.lack;
    if (p[12] != 3 && p[12] != 4)
        return iw_scanner_bad(&scanner, "the file header states impossible channels");
    iw_scanner_still(&scanner);
    facts->alpha = p[12] == 4 ? IW_YES : IW_NO;
    facts->colour = IW_COLOUR_RGB;
    facts->bit_depth = 8;
    return IW_SCAN_DONE;
}

const struct iw_image_format iw_image_qoi = {
    .name = "qoi",
    .title = "QOI",
    .mime = "image/qoi",
    .mime_others = "image/x-qoi",
    .extensions = "qoi",
    .sniff_bytes = 4,
    .sniff = sniff,
    .scan = scan,
};
