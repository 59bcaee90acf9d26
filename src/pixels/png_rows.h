/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The rows of a PNG that is not interlaced and has 8 bits a sample, read without libpng: ISA-L inflates at twice zlib's
 * speed, a row at a time. Only built where ISA-L is (HAVE_ISAL). */
#ifndef IW_PIXELS_PNG_ROWS_H
#define IW_PIXELS_PNG_ROWS_H

#include "base/iw.h"

struct iw_png_rows;
/* at: where the data of the first IDAT chunk begin; its length and type are the 8 bytes before. NULL: no memory, or no
 * such chunk. The bytes are kept by the caller. */
struct iw_png_rows *iw_png_rows_new(const uint8_t *bytes, size_t len, size_t at, size_t row_bytes,
                                    unsigned pixel_bytes);
/* The next row, good until the one after the next is asked for. NULL: *out_why says what is wrong (static text). */
const uint8_t *iw_png_rows_next(struct iw_png_rows *rows, const char **out_why);
void iw_png_rows_free(struct iw_png_rows *rows);

#endif
