/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* TIFF structures, for the camera raw formats that are not TIFF by their first bytes. */
#ifndef IW_IMAGE_TIFF_H
#define IW_IMAGE_TIFF_H

#include "image/inside.h"

/* Scans the structure whose header, of whatever magic number, lies at offset base. is_size_in_exif: the size of the
 * picture is that of the Exif directory, where there is one. */
enum iw_scan iw_tiff_scan(struct iw_scanner *scanner, uint64_t base, bool is_size_in_exif);

/* Scans a file that describes its sensor, as RW2 does: all of it is stored, what its borders leave is shown. */
enum iw_scan iw_tiff_scan_sensor(struct iw_scanner *scanner);

#endif
