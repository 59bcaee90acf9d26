/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The directory that Windows icons and cursors share. */
#ifndef IW_IMAGE_ICO_H
#define IW_IMAGE_ICO_H

#include "image/inside.h"

#define IW_ICO_SNIFF_BYTES 22 /* the header and one entry */

enum iw_ico_kind { IW_ICO_ICON = 1, IW_ICO_CURSOR = 2 };

/* A header of that kind whose first entry makes sense. */
bool iw_ico_sniff(const uint8_t *head, size_t len, enum iw_ico_kind kind);

/* Scans what iw_ico_sniff() knows: the largest entry is the size, the entries are counted as frames. */
enum iw_scan iw_ico_scan(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                         struct iw_need *need);

#endif
