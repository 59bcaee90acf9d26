/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Raw pictures of Olympus cameras: TIFF but for its magic number. */
#include "base/iw.h"
#include "image/image.h"

#include "base/bytes.h"
#include "image/tiff.h"

enum { HEADER_BYTES = 8 };

static bool sniff(const uint8_t *head, size_t len)
{
    if (len < HEADER_BYTES)
        return false;
    if (memcmp(head, "IIRO", 4) == 0 || memcmp(head, "IIRS", 4) == 0)
        return iw_le32(head + 4) >= HEADER_BYTES;
    return memcmp(head, "MMOR", 4) == 0 && iw_be32(head + 4) >= HEADER_BYTES;
}

static enum iw_scan scan_orf(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                             struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    return iw_tiff_scan(&scanner, 0, false);
}

const struct iw_image_format iw_image_orf = {
    .name = "orf",
    .title = "Olympus ORF",
    .mime = "image/x-olympus-orf",
    .extensions = "orf",
    .sniff_bytes = HEADER_BYTES,
    .sniff = sniff,
    .scan = scan_orf,
    .is_turned_by_exif = true, /* its own tag, the one that Exif took over */
};
