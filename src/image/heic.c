/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* HEIF of any codec but AV1 (ISO/IEC 23008-12): HEVC mostly; all is in heif.c. Files that name generic brands alone,
 * such as mif1, count as this one. */
#include "base/iw.h"
#include "image/heif.h"

static bool sniff(const uint8_t *head, size_t len)
{
    return iw_heif_kind(head, len) == IW_HEIF_HEIC;
}

const struct iw_image_format iw_image_heic = {
    .name = "heic",
    .title = "HEIC",
    .mime = "image/heic",
    .mime_others = "image/heif image/heic-sequence image/heif-sequence image/avci image/avcs image/hej2k image/hsj2",
    .extensions = "heic heif hif heics heifs avci avcs hej2 hsj2",
    .sniff_bytes = IW_HEIF_SNIFF_BYTES,
    .sniff = sniff,
    .scan = iw_heif_scan,
    .is_turned_by_exif = false,   /* the scan turns by the boxes of the file */
    .has_other_beginnings = true, /* brands of other codecs, and newer ones */
};
