/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* farbfeld (farbfeld(5)): sides, then 16 bits for each of red, green, blue and alpha. */
#include "base/iw.h"
#include "image/image.h"

#include "base/bytes.h"
#include "image/inside.h"

enum { SIGNATURE_BYTES = 8, HEADER_BYTES = 16 };

static const struct iw_place file_header = IW_PLACE("file header");

static bool sniff(const uint8_t *head, size_t len)
{
    return len >= SIGNATURE_BYTES && memcmp(head, "farbfeld", SIGNATURE_BYTES) == 0;
}

static enum iw_scan scan(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                         struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    const uint8_t *p = iw_scanner_want(&scanner, 0, HEADER_BYTES, &file_header);
    if (!p)
        return scanner.lack;
    if (!iw_scanner_size(&scanner, iw_be32(p + 8), iw_be32(p + 12), UINT32_MAX,
                         "the file header states an impossible size"))
        return scanner.lack;
    iw_scanner_still(&scanner);
    facts->alpha = IW_YES;
    facts->colour = IW_COLOUR_RGB;
    facts->bit_depth = 16;
    return IW_SCAN_DONE;
}

const struct iw_image_format iw_image_farbfeld = {
    .name = "farbfeld",
    .title = "farbfeld",
    .mime = "image/x-farbfeld",
    .extensions = "ff",
    .sniff_bytes = SIGNATURE_BYTES,
    .sniff = sniff,
    .scan = scan,
};
