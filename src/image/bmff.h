/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Boxes of the ISO base media file format (ISO/IEC 14496-12 clause 4.2): what HEIF, AVIF and the container of JPEG XL
 * are made of. A walk goes over the boxes of a file or of a box, by their sizes alone. */
#ifndef IW_IMAGE_BMFF_H
#define IW_IMAGE_BMFF_H

#include "image/inside.h"

/* A type of four characters as a number. */
#define IW_BOX(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

struct iw_box {
    uint32_t type;
    uint64_t body_at; /* behind size, type, 64-bit size and the name of a uuid box */
    uint64_t end;     /* UINT64_MAX: it reaches to the end of the file, wherever that is */
};

/* A walk over neighbouring boxes. */
struct iw_boxes {
    struct iw_scanner *scanner;
    const struct iw_place *place;
    uint64_t at;    /* of the next box */
    uint64_t end;   /* of what holds them; UINT64_MAX: the end of the file */
    uint64_t reach; /* what is asked for may go so far, to save requests; 0: no further than the least */
    unsigned steps; /* boxes passed; at most IW_SCAN_STEPS */
    bool is_top;    /* boxes of the file itself: one of size 0 reaches to its end */
    bool is_stuck;  /* next() said false for want of bytes, or of sense: see scanner->lack */
    struct iw_box box;
};

/* The walk over the boxes of a file that lie at offset at and behind. */
struct iw_boxes iw_boxes_of_file(struct iw_scanner *scanner, uint64_t at, const struct iw_place *place);
/* The walk over the boxes inside box, behind skip bytes of its body. reach is the end of the outermost box. */
struct iw_boxes iw_boxes_of(struct iw_scanner *scanner, const struct iw_box *box, unsigned skip, uint64_t reach,
                            const struct iw_place *place);

/* Moves to the next box: true and boxes->box, or false at the end, or when stuck. */
bool iw_boxes_next(struct iw_boxes *boxes);

/* As iw_scanner_want(), where what lies ahead up to reach is asked for in the same breath. */
const uint8_t *iw_reach_want(struct iw_scanner *scanner, uint64_t at, size_t len, uint64_t reach,
                             const struct iw_place *place);

/* The first len bytes of the body of box; BAD when it is shorter than that. */
const uint8_t *iw_box_want(struct iw_scanner *scanner, const struct iw_box *box, size_t len, uint64_t reach,
                           const struct iw_place *place);

#endif
