/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* BMP with a file header: 1, 4, 8, 16, 24 and 32 bits, bit fields, RLE4 and RLE8, either way up. No packaged library
 * reads BMP alone, and it is little more than an offset. Rows are made on demand; only RLE is expanded as a whole. */
#include "base/iw.h"
#include "pixels/inside.h"

#include "base/bytes.h"
#include "base/mem.h"

#include <stdio.h>

enum {
    FILE_HEADER = 14,
    CORE_HEADER = 12,
    INFO_HEADER = 40,
    MASKS_END = 52,
    ALPHA_END = 56,
    OS2_HEADER = 64,
    BI_RGB = 0,
    BI_RLE8 = 1,
    BI_RLE4 = 2,
    BI_BITFIELDS = 3,
    BI_ALPHABITFIELDS = 6,
};

struct mask {
    uint32_t bits;
    unsigned shift, width;
};

struct state {
    size_t pixels_at, row_bytes;
    unsigned depth;
    bool is_top_down, has_masks;
    struct mask masks[4]; /* red, green, blue, alpha */
    uint8_t palette[256][3];
    unsigned colours;
    uint8_t *indices; /* of RLE, top row first */
    uint8_t *row;     /* RGBA */
};

static bool fail(struct iw_reader *reader, const char *why)
{
    (void)snprintf(reader->why, sizeof reader->why, "%s", why);
    return false;
}

static void set_mask(struct mask *mask, uint32_t bits)
{
    *mask = (struct mask){.bits = bits};
    while (bits && (bits & 1) == 0) {
        bits >>= 1;
        mask->shift++;
    }
    for (; bits & 1; bits >>= 1)
        mask->width++;
}

/* A mask with gaps has more bits than it is wide. */
static uint8_t channel(uint32_t pixel, const struct mask *mask)
{
    if (mask->width == 0)
        return 0;
    uint64_t most = (1ull << mask->width) - 1, value = IW_MIN((pixel & mask->bits) >> mask->shift, most);
    return (uint8_t)((value * 255 + most / 2) / most);
}

/* ---- opening ---- */

static void read_masks(const uint8_t *head, size_t len, uint32_t header, uint32_t compression, struct state *s)
{
    bool is_told = compression == BI_BITFIELDS || compression == BI_ALPHABITFIELDS;
    s->has_masks = s->depth == 16 || s->depth == 32;
    uint32_t usual[2][3] = {{0x7C00, 0x03E0, 0x001F}, {0xFF0000, 0x00FF00, 0x0000FF}};
    for (unsigned i = 0; i < 3; i++)
        set_mask(&s->masks[i],
                 is_told && len >= MASKS_END ? iw_le32(head + INFO_HEADER + 4 * i) : usual[s->depth == 32][i]);
    bool has_alpha = len >= ALPHA_END && (header >= ALPHA_END || compression == BI_ALPHABITFIELDS) && is_told;
    set_mask(&s->masks[3], has_alpha ? iw_le32(head + MASKS_END) : 0);
}

static bool read_palette(struct iw_reader *reader, struct state *s, uint32_t header, uint32_t used, size_t at)
{
    if (s->depth > 8)
        return true;
    unsigned entry = header == CORE_HEADER ? 3 : 4;
    s->colours = used && used <= 1u << s->depth ? used : 1u << s->depth;
    for (unsigned i = 0; i < s->colours && at + (size_t)(i + 1) * entry <= reader->len; i++) {
        const uint8_t *colour = reader->bytes + at + (size_t)i * entry;
        s->palette[i][0] = colour[2];
        s->palette[i][1] = colour[1];
        s->palette[i][2] = colour[0];
    }
    return true;
}

/* Microsoft, "Bitmap Compression": runs, literals, and escapes for end of line, end of picture and moves. False: cut,
 * though only the end of the picture may be missing where all rows are there. */
static bool expand_rle(const struct iw_reader *reader, struct state *s, uint32_t width, uint32_t height)
{
    size_t at = s->pixels_at;
    uint32_t x = 0, y = 0;
    bool is_4 = s->depth == 4;
    while (at + 2 <= reader->len && y < height) {
        unsigned count = reader->bytes[at], value = reader->bytes[at + 1];
        at += 2;
        if (count == 0 && value == 1)
            return true;
        if (count == 0 && value == 0) {
            x = 0;
            y++;
        } else if (count == 0 && value == 2) {
            if (at + 2 > reader->len)
                return false;
            x += reader->bytes[at];
            y += reader->bytes[at + 1];
            at += 2;
        } else {
            bool is_literal = count == 0;
            unsigned n = is_literal ? value : count;
            size_t stored = is_literal ? ((is_4 ? (n + 1) / 2 : n) + 1) / 2 * 2 : 0;
            if (at + stored > reader->len)
                return false;
            for (unsigned i = 0; i < n; i++, x++) {
                unsigned byte = is_literal ? reader->bytes[at + (is_4 ? i / 2 : i)] : value;
                if (x < width && y < height)
                    s->indices[(size_t)(height - 1 - y) * width + x] =
                        (uint8_t)(is_4 ? (i % 2 ? byte & 15 : byte >> 4) : byte);
            }
            at += stored;
        }
    }
    return y >= height || (y == height - 1 && x >= width);
}

static bool read_header(struct iw_reader *reader, struct state *s, uint32_t *out_compression)
{
    if (reader->len < FILE_HEADER + CORE_HEADER || memcmp(reader->bytes, "BM", 2) != 0)
        return fail(reader, "only BMP files with a file header are read");
    const uint8_t *head = reader->bytes + FILE_HEADER;
    size_t len = reader->len - FILE_HEADER;
    uint32_t header = iw_le32(head), used = 0;
    if (header != CORE_HEADER && (header < INFO_HEADER || len < INFO_HEADER))
        return fail(reader, "an OS/2 bitmap header that is not read");
    if (header == CORE_HEADER) {
        s->depth = iw_le16(head + 10);
        *out_compression = BI_RGB;
    } else {
        s->depth = iw_le16(head + 14);
        *out_compression = iw_le32(head + 16);
        used = iw_le32(head + 32);
        s->is_top_down = (iw_le32(head + 8) & 0x80000000u) != 0;
    }
    s->pixels_at = iw_le32(reader->bytes + 10);
    size_t masks = *out_compression == BI_BITFIELDS && header == INFO_HEADER ? 12 : 0;
    if (header == OS2_HEADER && *out_compression > BI_RLE4)
        return fail(reader, "an OS/2 bitmap whose compression is not read");
    if (header != CORE_HEADER)
        read_masks(head, len, header, *out_compression, s);
    return read_palette(reader, s, header, used, FILE_HEADER + (size_t)header + masks);
}

static bool open_bmp(struct iw_reader *reader)
{
    struct state *s = iw_calloc(1, sizeof *s);
    if (!s)
        return false;
    reader->state = s;
    uint32_t compression;
    if (!read_header(reader, s, &compression))
        return false;
    reader->width_px = reader->facts->stored_width_px;
    reader->height_px = reader->facts->stored_height_px;
    s->row_bytes = (size_t)(((uint64_t)reader->width_px * s->depth + 31) / 32 * 4);
    bool is_rle = (compression == BI_RLE8 && s->depth == 8) || (compression == BI_RLE4 && s->depth == 4);
    bool has_masks = compression == BI_BITFIELDS || compression == BI_ALPHABITFIELDS;
    bool is_depth =
        s->depth == 1 || s->depth == 4 || s->depth == 8 || s->depth == 16 || s->depth == 24 || s->depth == 32;
    if (!is_depth || (!is_rle && compression != BI_RGB && !(has_masks && s->has_masks)))
        return fail(reader, "a kind of BMP that is not read");
    if (s->pixels_at > reader->len)
        return fail(reader, "the file ends inside the picture");
    if (!is_rle && (reader->len - s->pixels_at) / IW_MAX(s->row_bytes, (size_t)1) < reader->height_px)
        return fail(reader, "the file ends inside the picture");
    if (is_rle) {
        s->indices = iw_calloc(reader->width_px, reader->height_px);
        if (!s->indices)
            return fail(reader, "no memory");
        if (!expand_rle(reader, s, reader->width_px, reader->height_px))
            return fail(reader, "the file ends inside the picture");
    }
    s->row = iw_calloc(reader->width_px, 4);
    reader->count = 3;
    reader->is_rgb = true;
    reader->step = 1;
    reader->row_room = reader->width_px;
    return s->row != NULL;
}

/* ---- rows ---- */

static unsigned index_at(const struct state *s, const uint8_t *row, uint32_t x)
{
    unsigned per_byte = 8 / s->depth, shift = (per_byte - 1 - x % per_byte) * s->depth;
    return (unsigned)row[x / per_byte] >> shift & ((1u << s->depth) - 1);
}

static void fill_row(const struct iw_reader *reader, struct state *s, uint32_t y)
{
    uint32_t width = reader->width_px;
    uint32_t stored_y = s->is_top_down ? y : reader->height_px - 1 - y;
    const uint8_t *row = reader->bytes + s->pixels_at + (s->indices ? 0 : (size_t)stored_y * s->row_bytes);
    for (uint32_t x = 0; x < width; x++) {
        uint8_t *to = s->row + (size_t)x * 4;
        to[3] = 255;
        if (s->depth <= 8) {
            unsigned index = s->indices ? s->indices[(size_t)y * width + x] : index_at(s, row, x);
            memcpy(to, s->palette[index & 255], 3);
        } else if (s->depth == 24) {
            to[0] = row[3 * x + 2];
            to[1] = row[3 * x + 1];
            to[2] = row[3 * x];
        } else {
            uint32_t pixel = s->depth == 16 ? iw_le16(row + 2 * (size_t)x) : iw_le32(row + 4 * (size_t)x);
            for (unsigned c = 0; c < (s->masks[3].width ? 4 : 3); c++)
                to[c] = channel(pixel, &s->masks[c]);
        }
    }
}

static bool rows_bmp(struct iw_reader *reader, const struct iw_ring *ring)
{
    struct state *s = reader->state;
    fill_row(reader, s, reader->next_row);
    iw_row_split(reader, ring, reader->next_row, s->row, IW_RGBA8);
    return true;
}

static void close_bmp(struct iw_reader *reader)
{
    struct state *s = reader->state;
    if (!s)
        return;
    iw_free(s->indices);
    iw_free(s->row);
    iw_free(s);
}

const struct iw_codec iw_codec_bmp = {.format = "bmp", .open = open_bmp, .rows = rows_bmp, .close = close_bmp};
