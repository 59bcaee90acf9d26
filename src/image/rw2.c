/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Raw pictures of Panasonic and Leica cameras: TIFF but for its magic number, with tags of its own. */
#include "base/iw.h"
#include "image/image.h"

#include "base/bytes.h"
#include "image/tiff.h"

enum { HEADER_BYTES = 8 };

static bool sniff(const uint8_t *head, size_t len)
{
    return len >= HEADER_BYTES && memcmp(head, "IIU\0", 4) == 0 && iw_le32(head + 4) >= HEADER_BYTES;
}

static enum iw_scan scan_rw2(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                             struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    return iw_tiff_scan_sensor(&scanner);
}

const struct iw_image_format iw_image_rw2 = {
    .name = "rw2",
    .title = "Panasonic RW2",
    .mime = "image/x-panasonic-rw2",
    .mime_others = "image/x-panasonic-raw2 image/x-panasonic-rw image/x-panasonic-raw",
    .extensions = "rw2 rwl",
    .sniff_bytes = HEADER_BYTES,
    .sniff = sniff,
    .scan = scan_rw2,
    .is_turned_by_exif = true, /* its own tag, the one that Exif took over */
};
