/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The inside of pixels/: planes, readers that fill them row by row, scaling, colour, and the encoder. */
#ifndef IW_PIXELS_INSIDE_H
#define IW_PIXELS_INSIDE_H

#include "pixels/pixels.h"

/* ---- size.c ---- */

struct iw_size {
    uint32_t width_px, height_px;
};
/* whole scaled into a box: as it is where it fits, else one side is the box's and the other is rounded to nearest. */
struct iw_size iw_size_fit(struct iw_size whole, uint32_t width_px, uint32_t height_px);
/* whole scaled so that its longer side is side_px. */
struct iw_size iw_size_of_long_side(struct iw_size whole, uint32_t side_px);
bool iw_size_is_allowed(struct iw_size size, const struct iw_goal *goal);
/* The largest size of whole's shape within goal's limits, at least 1x1. */
struct iw_size iw_size_allowed(struct iw_size whole, const struct iw_goal *goal);

/* ---- planes.c ---- */

/* One or three planes of 8-bit samples, full range: grey, YCbCr (BT.601, as JFIF says), or RGB. Rows begin at multiples
 * of 64 bytes; beyond the right and lower edge there is room for whole blocks of 16. */
struct iw_planes {
    unsigned count; /* 1 or 3; 0 while there are none */
    bool is_rgb;
    uint32_t width_px, height_px;
    uint8_t sub_w, sub_h; /* of planes 1 and 2, as powers of two */
    uint8_t *px[3];
    size_t stride[3];
    void *memory;
};
bool iw_planes_make(struct iw_planes *planes, unsigned count, uint32_t width_px, uint32_t height_px, unsigned sub);
void iw_planes_free(struct iw_planes *planes);
uint32_t iw_plane_width(const struct iw_planes *planes, unsigned plane);
uint32_t iw_plane_height(const struct iw_planes *planes, unsigned plane);
/* Turns the picture as the Exif orientation 2..8 says. False: no memory. Not for planes with sub_w != sub_h. */
bool iw_planes_turn(struct iw_planes *planes, unsigned orientation);
/* Repeats the last column and row up to whole blocks of 16 (8 in subsampled planes). */
void iw_planes_pad(struct iw_planes *planes);
/* RGB to YCbCr and back, in place; both need planes of one size. */
void iw_planes_to_ycc(struct iw_planes *planes);
void iw_planes_to_rgb(struct iw_planes *planes);
/* Studio range (Y 16..235, C 16..240) to full range. */
void iw_planes_expand(struct iw_planes *planes);

/* ---- chroma.c ---- */

struct iw_plane {
    uint8_t *px;
    size_t stride;
    uint32_t width_px, height_px;
};
/* Halves both ways, in place, each side rounded up. */
void iw_plane_halve(struct iw_plane *plane);
/* Halves the chroma both ways, in place; sub_w and sub_h become 1. */
void iw_planes_halve_chroma(struct iw_planes *planes);
/* True when halving would show: sharp edges between colours, as in text and drawings. */
bool iw_planes_need_chroma(const struct iw_planes *planes);
/* A quick look at some blocks of both chroma planes before they are scaled, row by row while they are in the cache: it
 * is soft when it is plain that halving what becomes of them would not show. side: a power of two, at least as many
 * samples as one of the halved plane is made of. */
enum { IW_CHROMA_SIDE_MAX = 8 };
struct iw_chroma_look {
    struct iw_plane planes[2];
    uint32_t side, every, row;
    unsigned seen, lossy;
};
void iw_chroma_look_begin(struct iw_chroma_look *look, const struct iw_plane planes[2], uint32_t side);
void iw_chroma_look_on(struct iw_chroma_look *look, uint32_t rows); /* so many are there now */
bool iw_chroma_looks_soft(const struct iw_chroma_look *look);

/* ---- readers: one file and one row of codecs.def each ---- */

/* Where rows go: row y of plane p is at px[p] + (y & mask[p]) * stride[p]. */
struct iw_ring {
    uint8_t *px[3];
    size_t stride[3];
    unsigned mask[3];
};

struct iw_codec;
struct iw_reader {
    /* given */
    const uint8_t *bytes;
    size_t len;
    const struct iw_image_facts *facts;
    uint32_t background_rgb;
    uint32_t least_width_px, least_height_px; /* as stored: a reader may shrink to no less while it decodes */
    bool wants_half;                          /* chroma that is stored in half size may come in half that least size */
    uint32_t wanted_width_px, wanted_height_px; /* as stored: what it is scaled to in the end; 0: not known */
    uint8_t quality; /* of the JPEG that is made of it, whose own losses may hide others; 100: none */
    /* told by open() */
    uint32_t width_px, height_px;
    unsigned count; /* planes */
    bool is_rgb, is_studio;
    uint8_t sub_w, sub_h;
    uint32_t step;      /* rows of plane 0 that rows() delivers at once */
    size_t row_room;    /* samples that a row of plane 0 may take: the width, and padding */
    bool is_turned;     /* the decoder has applied the orientation */
    bool is_whole;      /* YCbCr whose chroma the file holds in full size */
    const uint8_t *icc; /* profile of the samples, or NULL */
    size_t icc_len;
    /* the reader's own */
    uint32_t next_row;
    void *state;
    char why[120]; /* set when a call fails */
};
struct iw_codec {
    const char *format; /* of image/formats.def */
    bool (*open)(struct iw_reader *reader);
    bool (*rows)(struct iw_reader *reader, const struct iw_ring *ring); /* the next step rows, or as many as are left */
    void (*close)(struct iw_reader *reader);                            /* also after open() failed */
    void (*version)(struct iw_buf *out);
    void (*warm_up)(void); /* what the library sets up once, files and environment included; NULL: nothing */
};
/* table.c: those of the program's tier */
extern const struct iw_codec *const iw_codecs[];
extern const size_t iw_codec_count;
const struct iw_codec *iw_codec_find(const struct iw_image_format *format);

/* row.c: one row of interleaved samples to the planes of a ring, transparency laid on the background. LAID: colours
 * that are weighted by their alpha already (premultiplied, "associated"). */
enum iw_samples { IW_GREY8, IW_GREYA8, IW_GREYA8_LAID, IW_RGB8, IW_RGBA8, IW_RGBA8_LAID };
/* True when transparency over a grey picture stays grey: the background is a grey. */
bool iw_row_is_grey_ground(const struct iw_reader *reader);
void iw_row_split(const struct iw_reader *reader, const struct iw_ring *ring, uint32_t y, const uint8_t *row,
                  enum iw_samples samples);

/* For readers of RGB8 and RGBA8 rows, at the end of open(): where the picture is so large that chroma of half the size
 * is still more than enough, rows are converted to YCbCr 4:2:0 as they come, which halves the work of scaling. Then
 * sub_w is 1, step is 2, and rows() calls iw_row_pair(). */
void iw_row_halve_chroma(struct iw_reader *reader);
/* Rows y and y + 1 (twice the last one where there is no more). IW_RGB8 or IW_RGBA8. */
void iw_row_pair(const struct iw_reader *reader, const struct iw_ring *ring, uint32_t y, const uint8_t *const rows[2],
                 enum iw_samples samples);

/* ---- scale.c ---- */

/* What becomes of chroma. HALF: 4:2:0 is wanted. JUDGED: 4:2:0 where it is plain that nothing would be lost. */
enum iw_chroma { IW_CHROMA_WHOLE, IW_CHROMA_HALF, IW_CHROMA_JUDGED };
/* Reads all of an opened reader into new planes of width x height by Lanczos (3 lobes, in gamma space, as consumers'
 * own resizers do). Planes come whole wherever it is not sure that they may be halved, or not possible here. */
bool iw_scale(const struct iw_codec *codec, struct iw_reader *reader, uint32_t width_px, uint32_t height_px,
              enum iw_chroma chroma, struct iw_planes *out);
void iw_scale_version(struct iw_buf *out);

/* ---- colour.c ---- */

/* True when a profile is to be applied: it can be read, is of grey or RGB as the samples are, and does to a handful of
 * colours something else than sRGB. */
bool iw_colour_matters(const uint8_t *icc, size_t icc_len, unsigned count);
/* Brings planes of an ICC profile to sRGB; true when that was possible or needless. RGB or YCbCr of one size. */
bool iw_colour_to_srgb(struct iw_planes *planes, const uint8_t *icc, size_t icc_len);
/* CMYK rows to RGB by a profile, or by the naive product where there is none. */
struct iw_cmyk;
struct iw_cmyk *iw_cmyk_new(const uint8_t *icc, size_t icc_len);
void iw_cmyk_row(struct iw_cmyk *cmyk, const uint8_t *cmyk_inverted, uint8_t *rgb, uint32_t width_px);
void iw_cmyk_free(struct iw_cmyk *cmyk);
void iw_colour_version(struct iw_buf *out);

/* ---- jpeg_out.c ---- */

/* Encodes padded planes. Returns the bytes of the JPEG, of which the first room are at out (out NULL: only counted);
 * 0: no memory. */
uint64_t iw_jpeg_encode(const struct iw_planes *planes, unsigned quality, bool optimised, uint8_t *out, size_t room);
/* The same coefficients with optimised tables and without metadata except an ICC profile. 0: not possible. */
uint64_t iw_jpeg_reoptimise(const uint8_t *in, size_t len, uint8_t *out, size_t room);
/* Called by libjpeg for each pass: an endless progressive file is given up. */
#define IW_JPEG_MAX_SCANS    200
#define IW_JPEG_MAX_WARNINGS 100

/* ---- search.c ---- */

/* The best quality between goal's floor and quality whose JPEG keeps to max_bytes, written to out. made->error is OK or
 * NOT_REACHED (bytes: what the floor takes). */
void iw_search_quality(const struct iw_planes *planes, const struct iw_goal *goal, unsigned floor, uint8_t *out,
                       size_t room, struct iw_made *made);

#endif
