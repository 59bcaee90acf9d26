/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Windows cursors: an icon with a hot spot in each entry. No type is registered for them; the WHATWG MIME Sniffing
 * standard (clause 6.1) calls them image/x-icon, as icons. */
#include "base/iw.h"
#include "image/image.h"

#include "image/ico.h"

static bool sniff(const uint8_t *head, size_t len)
{
    return iw_ico_sniff(head, len, IW_ICO_CURSOR);
}

const struct iw_image_format iw_image_cur = {
    .name = "cur",
    .title = "Windows cursor",
    .mime = "image/x-win-bitmap",
    .mime_others = "image/x-icon image/vnd.microsoft.icon image/x-cursor",
    .extensions = "cur",
    .sniff_bytes = IW_ICO_SNIFF_BYTES,
    .sniff = sniff,
    .scan = iw_ico_scan,
    .has_other_beginnings = true,
};
