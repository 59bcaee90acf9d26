/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What the scanners of this folder share: bytes on demand, and the end of a file told from the end of what is in
 * hand. */
#ifndef IW_IMAGE_INSIDE_H
#define IW_IMAGE_INSIDE_H

#include "image/image.h"

/* Most segments, chunks or blocks that are walked before a file counts as a maze. */
#define IW_SCAN_STEPS 4096

/* The state of one scan. */
struct iw_scanner {
    const struct iw_view *view;
    const struct iw_wants *wants;
    struct iw_image_facts *facts;
    struct iw_need *need;
    enum iw_scan lack; /* why iw_scanner_want() gave NULL: MORE or BAD */
};

/* A part of a file, in the words of struct iw_need. */
struct iw_place {
    const char *more; /* "frame header" */
    const char *end;  /* "the file ends inside the frame header" */
};
#define IW_PLACE(name)                                                                                                 \
    {                                                                                                                  \
        name, "the file ends inside the " name                                                                         \
    }

/* The len (at least 1) bytes at offset at. NULL: scanner->lack is MORE and the need says so, or it is BAD since the
 * file ends before. */
const uint8_t *iw_scanner_want(struct iw_scanner *scanner, uint64_t at, size_t len, const struct iw_place *place);

/* What to return when want() gave NULL and the size is known already: MORE with the facts usable as they are, or
 * DONE where the file ends, since only details stay open. */
enum iw_scan iw_scanner_details(struct iw_scanner *scanner);

/* BAD for a reason; why is static text. */
enum iw_scan iw_scanner_bad(struct iw_scanner *scanner, const char *why);

/* What to return when the bytes only look like the scanner's format at first: those behind it in the table are tried
 * then. */
enum iw_scan iw_scanner_decline(struct iw_scanner *scanner);

/* Takes the stored size. False: a side is 0 or longer than most (at most UINT32_MAX), scanner->lack is BAD because of
 * why. */
bool iw_scanner_size(struct iw_scanner *scanner, uint64_t width, uint64_t height, uint32_t most, const char *why);

/* The facts of a format that holds one picture, upright, at once, without a colour profile. */
void iw_scanner_still(struct iw_scanner *scanner);

/* As many bytes as are in hand at offset at without a hole, at most max; NULL and 0 when there is none. */
const uint8_t *iw_view_run(const struct iw_view *view, uint64_t at, size_t max, size_t *out_len);

/* How many bits the numbers from 0 to most take, at least 1. */
static inline uint8_t iw_bits_of(uint32_t most)
{
    uint8_t bits = 1;
    while (bits < 32 && most >> bits)
        bits++;
    return bits;
}

/* Orientation by the TIFF structure of len bytes at offset at, which lies inside the file as far as its size is
 * known: DONE with 1..8 in *out_orientation (1 where none, or nonsense, is stated), MORE, or BAD when the file ends
 * inside. */
enum iw_scan iw_exif_orientation(struct iw_scanner *scanner, uint64_t at, uint64_t len, uint8_t *out_orientation);

#endif
