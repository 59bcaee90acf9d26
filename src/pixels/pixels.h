/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Pixels: decode, scale, colour, encode, and the search for a quality that fits. What calls codecs on hostile bytes is
 * linked into the worker programs alone, runs confined, opens nothing and starts no thread; the words for what is asked
 * and what came of it (goal.c) are everybody's. */
#ifndef IW_PIXELS_PIXELS_H
#define IW_PIXELS_PIXELS_H

#include "base/buf.h"
#include "image/image.h"

/* ---- what is asked for, and what came of it: plain data that crosses process borders ---- */

/* What the result must keep to. UINT32_MAX and UINT64_MAX mean no limit. */
struct iw_goal {
    uint32_t max_width_px, max_height_px, max_side_px;
    uint64_t max_pixels, max_patches; /* patches of 32x32 px */
    uint64_t max_bytes;
    uint32_t box_width_px, box_height_px; /* scaled into when the pixels are too many, or the bytes at the same size;
                                             0: no box, scaled no further than needed */
    uint32_t background_rgb;              /* what transparent pixels lie on, 0xRRGGBB */
    uint8_t quality, quality_floor;       /* JPEG, 1..100: aimed at, and never gone below */
    bool may_reoptimise;                  /* a JPEG that is only too heavy may keep its pixels to the bit */
    bool must_scale;                      /* into the box, also when the limits do not ask for it */
    bool wants_ppm;                       /* scaled pixels as PPM or PGM, for another encoder; bytes are no limit */
};
/* No limit, quality 85 down to 40, white. */
void iw_goal_init(struct iw_goal *goal);

enum iw_made_error {
    IW_MADE_OK,
    IW_MADE_NO_DECODER,  /* built without it, or the format is none that is read */
    IW_MADE_UNREADABLE,  /* the decoder refused the bytes */
    IW_MADE_TOO_LARGE,   /* more pixels than are decoded */
    IW_MADE_NOT_REACHED, /* over max_bytes even at the floor and small */
    IW_MADE_NO_MEMORY,
    IW_MADE_CRASHED, /* the worker died by a signal: decode-crashed */
    IW_MADE_TIMEOUT, /* it was killed after timeout_ms: decode-timeout */
    IW_MADE_BLOCKED, /* it asked the kernel for what it may not: decode-blocked */
    IW_MADE_LIE,     /* what it handed back is not what it said */
};
enum iw_made_how { IW_MADE_ENCODED, IW_MADE_REOPTIMISED, IW_MADE_PPM };

struct iw_made {
    enum iw_made_error error;
    enum iw_made_how how;
    uint64_t bytes; /* written; for NOT_REACHED the least that was reached */
    uint32_t width_px, height_px;
    uint8_t quality;      /* 0 where the pixels were kept */
    uint16_t subsampling; /* 444, 420, 400 (grey); 0 where the pixels were kept */
    uint32_t encodes;     /* passes of the encoder */
    char reason[160];     /* a sentence for an error; else "" */
};

/* Most pixels that are decoded, and the longest side: scaling takes time and memory for every column. */
#define IW_DECODE_MAX_PIXELS 100000000u
#define IW_DECODE_MAX_SIDE   65535u

/* How a format is decoded in this build. */
enum iw_decoding { IW_DECODING_NONE, IW_DECODING_TRUSTED, IW_DECODING_UNTRUSTED };
enum iw_decoding iw_decoding_of(const struct iw_image_format *format);

/* True when the len bytes at jpeg are a whole JPEG of made's size (SOI, EOI, our own reading of the frame header)
 * within goal; else *out_why says what is wrong (static text). Pure. */
bool iw_made_is_sound(const uint8_t *jpeg, size_t len, const struct iw_made *made, const struct iw_goal *goal,
                      const char **out_why);

/* ---- for the worker programs alone ---- */

/* Makes *made and up to room bytes at out from the len bytes at in. Deterministic: same bytes and goal, same result. */
void iw_pixels_make(const uint8_t *in, size_t len, const struct iw_goal *goal, uint8_t *out, size_t room,
                    struct iw_made *made);
/* Runs all that would otherwise be set up on the first image: called once before the process is confined. */
void iw_pixels_warm_up(void);
/* Sets malloc up for a program that forks a process for each picture: after the warm-up, before its first fork. Of
 * address space it takes so much in advance: */
#define IW_HEAP_AHEAD_BYTES (320u << 20)
void iw_pixels_prepare_heap(void);
/* Appends "libjpeg-turbo/2.1.5 libpng/1.6.39 ..." of the decoders in this program. */
void iw_pixels_versions(struct iw_buf *out);

#endif
