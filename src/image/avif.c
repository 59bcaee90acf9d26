/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* AVIF (AV1 Image File Format v1.1 of AOM): HEIF with AV1, by the brands avif and avis; all is in heif.c. */
#include "base/iw.h"
#include "image/heif.h"

static bool sniff(const uint8_t *head, size_t len)
{
    return iw_heif_kind(head, len) == IW_HEIF_AVIF;
}

const struct iw_image_format iw_image_avif = {
    .name = "avif",
    .title = "AVIF",
    .mime = "image/avif",
    .mime_others = "image/avif-sequence",
    .extensions = "avif avifs",
    .sniff_bytes = IW_HEIF_SNIFF_BYTES,
    .sniff = sniff,
    .scan = iw_heif_scan,
    .is_turned_by_exif = false, /* the scan turns by the boxes of the file */
};
