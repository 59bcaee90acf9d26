/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Which scans of a progressive JPEG (ITU-T T.81, G.1) a picture that is scaled down can do without: the last bits of
 * coefficients, and coefficients that the result does not hold. Pure; the bytes may be anything. */
#ifndef IW_PIXELS_JPEG_SCANS_H
#define IW_PIXELS_JPEG_SCANS_H

#include "base/iw.h"

enum { IW_SCAN_PARTS_MAX = 3, IW_SCANS_MAX = 64 };

/* A component, as the decoder is going to shrink it. */
struct iw_scan_part {
    uint8_t id;                          /* by which the headers of scans name it */
    uint16_t steps[64];                  /* of its quantisation, row by row */
    double gain_across[8], gain_down[8]; /* see iw_scan_gain() */
    double most_error;                   /* mean square of samples of the result (0..255) that may be lost */
};

/* How much of a coefficient's square arrives in each sample of the result, for the eight cosines of one direction:
 * averaged by twos, fours or eights (shrunk_by: 1, 2, 4, 8) in the inverse DCT, then brought from 1/ratio of a sample's
 * size to 1 by a low-pass filter. 0 for those that the averaging cancels. ratio: samples that are stored to those of
 * the result, at least 1. */
void iw_scan_gain(double gain[8], unsigned shrunk_by, double ratio);

/* Pieces of the file, in order, that make the file without the scans that are left out. */
struct iw_scan_plan {
    unsigned count;
    struct {
        size_t from, to;
    } pieces[IW_SCANS_MAX + 1];
};

/* True when scans can be left out so that no component loses more than its part allows. The first scan and those of
 * means (DC) stay. False, and all bytes are to be decoded, when none can, and when anything is unusual: another order
 * of scans than the standard's, a coefficient without its last bit, tables that change between scans, more than
 * IW_SCANS_MAX scans, no end of image. */
bool iw_scans_plan(const uint8_t *bytes, size_t len, const struct iw_scan_part parts[], unsigned count,
                   struct iw_scan_plan *plan);

#endif
