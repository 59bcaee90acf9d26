/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Headers of images made byte by byte, for tests only. */
#ifndef IW_TESTS_IMAGE_BUILD_H
#define IW_TESTS_IMAGE_BUILD_H

#include "image_feed.h"

#define MADE_BYTES (1u << 20)

/* A file in the making. */
struct made {
    uint8_t *ptr;
    size_t len;
};

static inline void made_init(struct made *made)
{
    made->ptr = malloc(MADE_BYTES);
    made->len = 0;
    if (!made->ptr)
        abort();
}

static inline void made_release(struct made *made)
{
    free(made->ptr);
}

static inline void put(struct made *made, const void *bytes, size_t len)
{
    if (len > MADE_BYTES - made->len)
        abort();
    memcpy(made->ptr + made->len, bytes, len);
    made->len += len;
}

#define PUT(made, literal) put(made, literal, sizeof(literal) - 1)

static inline void put_byte(struct made *made, unsigned byte)
{
    uint8_t b = (uint8_t)byte;
    put(made, &b, 1);
}

static inline void put_fill(struct made *made, unsigned byte, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_byte(made, byte);
}

/* value in count bytes, most or least significant first */
static inline void put_be(struct made *made, uint64_t value, unsigned count)
{
    while (count-- > 0)
        put_byte(made, (unsigned)(value >> 8 * count & 0xFF));
}

static inline void put_le(struct made *made, uint64_t value, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        put_byte(made, (unsigned)(value >> 8 * i & 0xFF));
}

static inline void put_int(struct made *made, bool is_big, uint64_t value, unsigned count)
{
    if (is_big)
        put_be(made, value, count);
    else
        put_le(made, value, count);
}

/* A TIFF structure with an Orientation (type SHORT) in IFD0 behind gap bytes, and Orientation 6 in IFD1. A value of -1
 * leaves IFD0 without one. */
static inline void put_tiff(struct made *made, bool is_big, int orientation, unsigned gap)
{
    put(made, is_big ? "MM" : "II", 2);
    put_int(made, is_big, 42, 2);
    put_int(made, is_big, 8 + gap, 4);
    put_fill(made, 0xFF, gap);
    put_int(made, is_big, 2, 2);
    put_int(made, is_big, 0x010F, 2); /* Make */
    put_int(made, is_big, 2, 2);
    put_int(made, is_big, 4, 4);
    PUT(made, "abc\0");
    put_int(made, is_big, orientation < 0 ? 0x0131 : 0x0112, 2);
    put_int(made, is_big, 3, 2);
    put_int(made, is_big, 1, 4);
    put_int(made, is_big, (uint64_t)(orientation < 0 ? 0 : orientation), 2);
    put_int(made, is_big, 0, 2);
    put_int(made, is_big, 8 + gap + 2 + 24 + 4, 4); /* IFD1 follows */
    put_int(made, is_big, 1, 2);
    put_int(made, is_big, 0x0112, 2);
    put_int(made, is_big, 3, 2);
    put_int(made, is_big, 1, 4);
    put_int(made, is_big, 6, 2);
    put_fill(made, 0, 6);
}

static inline uint32_t made_crc(const uint8_t *p, size_t len)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < len; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
    }
    return ~crc;
}

/* ---- PNG ---- */

static inline void put_chunk(struct made *made, const char *type, const void *body, size_t len)
{
    put_be(made, len, 4);
    size_t at = made->len;
    put(made, type, 4);
    if (len)
        put(made, body, len);
    put_be(made, made_crc(made->ptr + at, made->len - at), 4);
}

/* Signature and IHDR. */
static inline void put_png(struct made *made, uint32_t width, uint32_t height, unsigned depth, unsigned colour)
{
    uint8_t body[13] = {0};
    for (unsigned i = 0; i < 4; i++) {
        body[i] = (uint8_t)(width >> 8 * (3 - i));
        body[4 + i] = (uint8_t)(height >> 8 * (3 - i));
    }
    body[8] = (uint8_t)depth;
    body[9] = (uint8_t)colour;
    PUT(made, "\x89PNG\r\n\x1a\n");
    put_chunk(made, "IHDR", body, sizeof body);
}

/* ---- JPEG ---- */

static inline void put_segment(struct made *made, unsigned marker, const void *body, size_t len)
{
    put_byte(made, 0xFF);
    put_byte(made, marker);
    put_be(made, len + 2, 2);
    if (len)
        put(made, body, len);
}

static inline void put_sof(struct made *made, unsigned marker, unsigned width, unsigned height, unsigned components)
{
    put_byte(made, 0xFF);
    put_byte(made, marker);
    put_be(made, 8 + 3 * components, 2);
    put_byte(made, 8);
    put_be(made, height, 2);
    put_be(made, width, 2);
    put_byte(made, components);
    for (unsigned i = 0; i < components; i++) {
        put_byte(made, i + 1);
        put_be(made, 0x1100, 2);
    }
}

static inline void put_exif_segment(struct made *made, bool is_big, int orientation, unsigned gap)
{
    struct made body;
    made_init(&body);
    PUT(&body, "Exif\0\0");
    put_tiff(&body, is_big, orientation, gap);
    put_segment(made, 0xE1, body.ptr, body.len);
    made_release(&body);
}

/* ---- GIF ---- */

static inline void put_gif(struct made *made, unsigned width, unsigned height)
{
    PUT(made, "GIF89a");
    put_le(made, width, 2);
    put_le(made, height, 2);
    PUT(made, "\x81\0\0"); /* a global table of four colours */
    put_fill(made, 0x33, 12);
}

static inline void put_gce(struct made *made, bool is_transparent)
{
    PUT(made, "\x21\xF9\x04");
    put_byte(made, is_transparent);
    PUT(made, "\x0A\0\0\0");
}

/* A frame with count sub-blocks of data. */
static inline void put_gif_frame(struct made *made, unsigned x, unsigned width, unsigned height, unsigned count)
{
    put_byte(made, 0x2C);
    put_le(made, x, 2);
    put_le(made, 0, 2);
    put_le(made, width, 2);
    put_le(made, height, 2);
    PUT(made, "\0\x02");
    for (unsigned i = 0; i < count; i++) {
        put_byte(made, 255);
        put_fill(made, 0x2C, 255); /* what looks like an image separator */
    }
    put_byte(made, 0);
}

/* ---- WebP ---- */

/* A RIFF chunk; its body is count bytes of 0 behind the given ones. */
static inline void put_riff(struct made *made, const char *tag, const void *body, size_t len)
{
    put(made, tag, 4);
    put_le(made, len, 4);
    if (len)
        put(made, body, len);
    put_fill(made, 0, len & 1);
}

static inline void put_webp(struct made *made)
{
    PUT(made, "RIFF\0\0\0\0WEBP");
}

/* Writes the RIFF length now that all is there. */
static inline void end_webp(struct made *made)
{
    uint32_t len = (uint32_t)made->len - 8;
    for (unsigned i = 0; i < 4; i++)
        made->ptr[4 + i] = (uint8_t)(len >> 8 * i);
}

static inline void put_vp8x(struct made *made, unsigned flags, uint32_t width, uint32_t height)
{
    PUT(made, "VP8X\x0A\0\0\0");
    put_le(made, flags, 4);
    put_le(made, width - 1, 3);
    put_le(made, height - 1, 3);
}

/* ---- boxes ---- */

/* Starts a box; what it returns goes to end_box(). */
static inline size_t put_box(struct made *made, const char *type)
{
    size_t at = made->len;
    put_be(made, 0, 4);
    put(made, type, 4);
    return at;
}

/* The same, with version and flags. */
static inline size_t put_full_box(struct made *made, const char *type, unsigned version, unsigned flags)
{
    size_t at = put_box(made, type);
    put_be(made, version, 1);
    put_be(made, flags, 3);
    return at;
}

/* Puts value over the count bytes at offset at, most significant first. */
static inline void patch_be(struct made *made, size_t at, uint64_t value, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        made->ptr[at + i] = (uint8_t)(value >> 8 * (count - 1 - i));
}

/* Writes the size of a box now that all is there. */
static inline void end_box(struct made *made, size_t at)
{
    patch_be(made, at, made->len - at, 4);
}

/* brands: the major one first, four characters each. */
static inline void put_ftyp(struct made *made, const char *brands)
{
    size_t at = put_box(made, "ftyp");
    put(made, brands, 4);
    put_be(made, 0, 4);
    put(made, brands + 4, strlen(brands) - 4);
    end_box(made, at);
}

#endif
