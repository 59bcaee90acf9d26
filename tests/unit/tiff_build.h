/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* TIFF structures made field by field, for tests only. */
#ifndef IW_TESTS_TIFF_BUILD_H
#define IW_TESTS_TIFF_BUILD_H

#include "image_build.h"

enum { SHORT = 3, LONG = 4, IFD = 13, LONG8 = 16 };

/* A file in the making, and its shape. */
struct tiff {
    struct made *m;
    bool is_big_endian;
    bool is_big;
    size_t count_at; /* of the directory at hand */
    unsigned count;
};

static inline void put_number(struct tiff *t, uint64_t value, unsigned bytes)
{
    put_int(t->m, t->is_big_endian, value, bytes);
}

static inline unsigned offset_bytes(const struct tiff *t)
{
    return t->is_big ? 8 : 4;
}

/* Header; the first directory is at offset at. */
static inline struct tiff begin(struct made *m, bool is_big_endian, bool is_big, uint64_t at)
{
    struct tiff t = {.m = m, .is_big_endian = is_big_endian, .is_big = is_big};
    put(m, is_big_endian ? "MM" : "II", 2);
    put_number(&t, is_big ? 43 : 42, 2);
    if (is_big) {
        put_number(&t, 8, 2);
        put_number(&t, 0, 2);
    }
    put_number(&t, at, offset_bytes(&t));
    return t;
}

static inline void begin_ifd(struct tiff *t)
{
    t->count_at = t->m->len;
    t->count = 0;
    put_number(t, 0, t->is_big ? 8 : 2);
}

/* An entry; value lies in the last field as TIFF wants it: to the left. */
static inline void put_field(struct tiff *t, unsigned tag, unsigned type, uint64_t count, uint64_t value)
{
    unsigned bytes = type == SHORT && count == 1 ? 2 : type == LONG && count == 1 ? 4 : offset_bytes(t);
    put_number(t, tag, 2);
    put_number(t, type, 2);
    put_number(t, count, offset_bytes(t));
    put_number(t, value, bytes);
    put_fill(t->m, 0, offset_bytes(t) - bytes);
    t->count++;
    struct made count_field = {.ptr = t->m->ptr + t->count_at};
    put_int(&count_field, t->is_big_endian, t->count, t->is_big ? 8 : 2);
}

static inline void end_ifd(struct tiff *t, uint64_t next)
{
    put_number(t, next, offset_bytes(t));
}

/* A directory of an RGB picture; BitsPerSample is a single value. */
static inline void put_ifd(struct tiff *t, uint32_t width, uint32_t height, unsigned type, unsigned orientation)
{
    begin_ifd(t);
    put_field(t, 256, type, 1, width);
    put_field(t, 257, type, 1, height);
    put_field(t, 258, SHORT, 1, 8);
    put_field(t, 262, SHORT, 1, 2);
    put_field(t, 277, SHORT, 1, 3);
    if (orientation)
        put_field(t, 274, SHORT, 1, orientation);
    end_ifd(t, 0);
}

#endif
