/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Image items made box by box, for tests only. */
#ifndef IW_TESTS_BMFF_BUILD_H
#define IW_TESTS_BMFF_BUILD_H

#include "image_build.h"

/* ---- properties, each a box of its own ---- */

static inline void put_ispe(struct made *m, uint32_t width, uint32_t height)
{
    size_t at = put_full_box(m, "ispe", 0, 0);
    put_be(m, width, 4);
    put_be(m, height, 4);
    end_box(m, at);
}

static inline void put_clap(struct made *m, uint32_t width, uint32_t width_d, uint32_t height, uint32_t height_d)
{
    size_t at = put_box(m, "clap");
    put_be(m, width, 4);
    put_be(m, width_d, 4);
    put_be(m, height, 4);
    put_be(m, height_d, 4);
    PUT(m, "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1");
    end_box(m, at);
}

/* irot and imir: one byte. */
static inline void put_turn(struct made *m, const char *type, unsigned value)
{
    size_t at = put_box(m, type);
    put_byte(m, value);
    end_box(m, at);
}

static inline void put_av1c(struct made *m, unsigned flags)
{
    size_t at = put_box(m, "av1C");
    PUT(m, "\x81\0");
    put_byte(m, flags);
    PUT(m, "\0");
    end_box(m, at);
}

static inline void put_hvcc(struct made *m, unsigned chroma, unsigned depth)
{
    size_t at = put_box(m, "hvcC");
    put_fill(m, 0, 16);
    put_byte(m, 0xFC | chroma);
    put_byte(m, 0xF8 | (depth - 8));
    put_fill(m, 0, 5);
    end_box(m, at);
}

static inline void put_auxc(struct made *m, const char *type)
{
    size_t at = put_full_box(m, "auxC", 0, 0);
    put(m, type, strlen(type) + 1);
    end_box(m, at);
}

static inline void put_colr(struct made *m, const char *type)
{
    size_t at = put_box(m, "colr");
    put(m, type, 4);
    PUT(m, "\0\1\0\15\0\0\x80");
    end_box(m, at);
}

static inline void put_pixi(struct made *m, unsigned channels, unsigned depth)
{
    size_t at = put_full_box(m, "pixi", 0, 0);
    put_byte(m, channels);
    put_fill(m, depth, channels);
    end_box(m, at);
}

static const char alpha_urn[] = "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha";

/* ---- meta ---- */

/* A meta box in the making. Items are 16 or 32 bits, associations 7 or 15, as wide says. */
struct meta {
    size_t at, iprp, ipco, ipma;
    unsigned entries;
    bool is_wide;
};

static inline void put_hdlr(struct made *m, const char *handler)
{
    size_t at = put_full_box(m, "hdlr", 0, 0);
    put_be(m, 0, 4);
    put(m, handler, 4);
    put_fill(m, 0, 13);
    end_box(m, at);
}

static inline struct meta begin_meta(struct made *m, uint32_t primary, bool is_wide)
{
    struct meta meta = {.at = put_full_box(m, "meta", 0, 0), .is_wide = is_wide};
    put_hdlr(m, "pict");
    size_t at = put_full_box(m, "pitm", is_wide, 0);
    put_be(m, primary, is_wide ? 4 : 2);
    end_box(m, at);
    return meta;
}

/* One reference of a type, from one item to another. */
static inline void put_iref(struct made *m, const struct meta *meta, const char *type, uint32_t from, uint32_t to)
{
    size_t at = put_full_box(m, "iref", meta->is_wide, 0);
    size_t inner = put_box(m, type);
    put_be(m, from, meta->is_wide ? 4 : 2);
    put_be(m, 1, 2);
    put_be(m, to, meta->is_wide ? 4 : 2);
    end_box(m, inner);
    end_box(m, at);
}

static inline void begin_properties(struct made *m, struct meta *meta)
{
    meta->iprp = put_box(m, "iprp");
    meta->ipco = put_box(m, "ipco");
}

static inline void begin_associations(struct made *m, struct meta *meta)
{
    end_box(m, meta->ipco);
    meta->ipma = put_full_box(m, "ipma", meta->is_wide, meta->is_wide);
    put_be(m, 0, 4);
}

/* The properties of one item by their places, each a digit from 1 on. */
static inline void associate(struct made *m, struct meta *meta, uint32_t item, const char *places)
{
    put_be(m, item, meta->is_wide ? 4 : 2);
    put_byte(m, (unsigned)strlen(places));
    for (const char *p = places; *p; p++)
        put_be(m, (unsigned)(*p - '0') | (meta->is_wide ? 0x8000u : 0x80u), meta->is_wide ? 2 : 1);
    patch_be(m, meta->ipma + 12, ++meta->entries, 4);
}

static inline void end_meta(struct made *m, struct meta *meta)
{
    end_box(m, meta->ipma);
    end_box(m, meta->iprp);
    end_box(m, meta->at);
}

static inline void put_mdat(struct made *m, size_t len)
{
    size_t at = put_box(m, "mdat");
    put_fill(m, 0x55, len);
    end_box(m, at);
}

/* An item of 300 by 200. */
static inline void plain_meta(struct made *m, bool is_wide)
{
    struct meta meta = begin_meta(m, 1, is_wide);
    begin_properties(m, &meta);
    put_ispe(m, 300, 200);
    put_av1c(m, 0);
    begin_associations(m, &meta);
    associate(m, &meta, 1, "12");
    end_meta(m, &meta);
}

#endif
