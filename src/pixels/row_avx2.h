/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The rows of row.c by AVX2: each does the columns of whole blocks of 16, returns how many that were (0 where the
 * processor or the compiler has no AVX2), and leaves the rest to the plain code, whose results are the same. */
#ifndef IW_PIXELS_ROW_AVX2_H
#define IW_PIXELS_ROW_AVX2_H

#include "base/iw.h"

/* Weights of R, G and B in units of 1/32768: luma, and both chroma. */
enum { IW_Y_R = 9798, IW_Y_G = 19235, IW_Y_B = 3735 };
enum { IW_CB_R = -5529, IW_CB_G = -10855, IW_CB_B = 16384 };
enum { IW_CR_R = 16384, IW_CR_G = -13720, IW_CR_B = -2664 };

/* pixel_bytes: 3 (RGB) or 4 (RGBA, laid on ground, 0xRRGGBB). */
uint32_t iw_row_planes_avx2(const uint8_t *row, unsigned pixel_bytes, uint32_t ground, uint8_t *const rgb[3],
                            uint32_t width);
/* Two rows to luma, and to chroma of half the width and height. */
uint32_t iw_row_pair_avx2(const uint8_t *const rows[2], unsigned pixel_bytes, uint32_t ground, uint8_t *const luma[2],
                          uint8_t *const chroma[2], uint32_t width);
/* Two rows to the means of two samples by two, rounded; width counts what is read, the columns returned what is
 * written. */
uint32_t iw_row_halve_avx2(const uint8_t *upper, const uint8_t *lower, uint8_t *to, uint32_t width);

#endif
