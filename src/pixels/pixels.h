/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Pixels: decode, scale, colour, encode, and the search for a quality that fits. Meant to run in a confined process:
 * it calls codecs on hostile bytes, opens nothing, and starts no thread. Linked into the worker programs alone. */
#ifndef IW_PIXELS_PIXELS_H
#define IW_PIXELS_PIXELS_H

#include "recompress/recompress.h"

/* Makes *made and up to room bytes at out from the len bytes at in. Deterministic: same bytes and goal, same result. */
void iw_pixels_make(const uint8_t *in, size_t len, const struct iw_goal *goal, uint8_t *out, size_t room,
                    struct iw_made *made);
/* Runs all that would otherwise be set up on the first image: called once before the process is confined. */
void iw_pixels_warm_up(void);
/* Appends "libjpeg-turbo/2.1.5 libpng/1.6.39 ..." of the decoders in this program. */
void iw_pixels_versions(struct iw_buf *out);

#endif
