/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Decoders that libheif is to use instead of its own, which start threads whatever they are told. */
#ifndef IW_PIXELS_HEIF_DECODERS_H
#define IW_PIXELS_HEIF_DECODERS_H

/* Any number of times: the same ones are not added twice. */
void iw_heif_register_decoders(void);

#endif
