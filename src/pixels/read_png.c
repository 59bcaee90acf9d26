/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* PNG, row by row; only an interlaced one is held whole. libpng reads the headers and all that is rare; rows of 8-bit
 * samples that need no change are read by png_rows.c where it is built. 16 bits become 8 by rounding, palettes and low
 * depths are expanded, transparency is laid on the background. Checksums are not verified: what is damaged shows as a
 * picture or an error, and the codec is confined. */
#include "base/iw.h"
#include "pixels/inside.h"

#include "base/mem.h"
#include "pixels/png_rows.h"

#ifdef HAVE_ISAL
#include <isa-l.h>
#endif
#include <png.h>
#include <stdio.h>

struct state {
    png_structp png;
    png_infop info;
    size_t at;
    enum iw_samples samples;
    size_t row_bytes;
    uint8_t *rows[2], *whole;
    struct iw_png_rows *fast;
};

static void on_error(png_structp png, png_const_charp text)
{
    struct iw_reader *reader = png_get_error_ptr(png);
    (void)snprintf(reader->why, sizeof reader->why, "%.100s", text);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

static void on_read(png_structp png, png_bytep to, png_size_t len)
{
    struct iw_reader *reader = png_get_io_ptr(png);
    struct state *s = reader->state;
    if (len > reader->len - s->at)
        png_error(png, "the file ends inside the picture");
    memcpy(to, reader->bytes + s->at, len);
    s->at += len;
}

/* Any PNG to 8-bit grey, grey with alpha, RGB or RGBA. True when rows of 8 bits stay as they are. */
static bool transform(struct iw_reader *reader, struct state *s)
{
    size_t stored_row_bytes = png_get_rowbytes(s->png, s->info);
    bool is_plain = png_get_bit_depth(s->png, s->info) == 8;
    png_set_expand(s->png);
    if (png_get_bit_depth(s->png, s->info) == 16)
        png_set_scale_16(s->png);
    bool is_grey = (png_get_color_type(s->png, s->info) & PNG_COLOR_MASK_COLOR) == 0;
    bool has_alpha = (png_get_color_type(s->png, s->info) & PNG_COLOR_MASK_ALPHA) != 0 ||
                     png_get_valid(s->png, s->info, PNG_INFO_tRNS) != 0;
    uint32_t ground = reader->background_rgb;
    bool is_grey_ground = (ground & 255) == (ground >> 8 & 255) && (ground & 255) == (ground >> 16 & 255);
    if (is_grey && has_alpha && !is_grey_ground) {
        png_set_gray_to_rgb(s->png);
        is_grey = false;
    }
    png_set_interlace_handling(s->png);
    png_read_update_info(s->png, s->info);
    s->samples = is_grey ? (has_alpha ? IW_GREYA8 : IW_GREY8) : has_alpha ? IW_RGBA8 : IW_RGB8;
    s->row_bytes = png_get_rowbytes(s->png, s->info);
    reader->count = is_grey ? 1 : 3;
    reader->is_rgb = !is_grey;
    return is_plain && stored_row_bytes == s->row_bytes;
}

static void find_profile(struct iw_reader *reader, struct state *s)
{
    png_charp name;
    png_bytep profile;
    png_uint_32 len;
    int method;
    if (png_get_valid(s->png, s->info, PNG_INFO_sRGB) == 0 &&
        png_get_iCCP(s->png, s->info, &name, &method, &profile, &len) != 0) {
        reader->icc = profile;
        reader->icc_len = len;
    }
}

static void read_whole(struct iw_reader *reader, struct state *s)
{
    s->whole = iw_malloc(s->row_bytes * reader->height_px);
    if (!s->whole)
        png_error(s->png, "no memory");
    for (int pass = png_set_interlace_handling(s->png); pass > 0; pass--)
        for (uint32_t y = 0; y < reader->height_px; y++)
            png_read_row(s->png, s->whole + y * s->row_bytes, NULL);
}

/* After png_read_info(), whose last bytes were the length and type of the first IDAT chunk. */
static void open_fast(struct iw_reader *reader, struct state *s, bool is_plain)
{
#ifdef HAVE_ISAL
    if (is_plain && png_get_interlace_type(s->png, s->info) == PNG_INTERLACE_NONE)
        s->fast = iw_png_rows_new(reader->bytes, reader->len, s->at, s->row_bytes,
                                  (unsigned)(s->row_bytes / reader->width_px));
#else
    (void)reader, (void)s, (void)is_plain;
#endif
}

static bool open_png(struct iw_reader *reader)
{
    struct state *s = iw_calloc(1, sizeof *s);
    if (!s)
        return false;
    reader->state = s;
    s->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, on_error, on_warning);
    s->info = s->png ? png_create_info_struct(s->png) : NULL;
    if (!s->info || setjmp(png_jmpbuf(s->png)))
        return false;
    png_set_read_fn(s->png, reader, on_read);
    png_set_option(s->png, PNG_IGNORE_ADLER32, PNG_OPTION_ON);
    png_set_crc_action(s->png, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
    png_read_info(s->png, s->info);
    reader->width_px = png_get_image_width(s->png, s->info);
    reader->height_px = png_get_image_height(s->png, s->info);
    find_profile(reader, s);
    open_fast(reader, s, transform(reader, s));
    reader->step = 1;
    reader->row_room = reader->width_px;
    for (unsigned i = 0; i < 2 && !s->fast; i++)
        s->rows[i] = iw_malloc(s->row_bytes);
    if (!s->fast && (!s->rows[0] || !s->rows[1]))
        return false;
    if (!s->fast && png_get_interlace_type(s->png, s->info) != PNG_INTERLACE_NONE)
        read_whole(reader, s);
    iw_row_halve_chroma(reader);
    return true;
}

/* May jump. */
static const uint8_t *row_at(struct state *s, uint32_t y)
{
    if (s->whole)
        return s->whole + y * s->row_bytes;
#ifdef HAVE_ISAL
    const char *why = NULL;
    const uint8_t *row = s->fast ? iw_png_rows_next(s->fast, &why) : NULL;
    if (why)
        png_error(s->png, why);
    if (row)
        return row;
#endif
    png_read_row(s->png, s->rows[y % 2], NULL);
    return s->rows[y % 2];
}

static bool rows_png(struct iw_reader *reader, const struct iw_ring *ring)
{
    struct state *s = reader->state;
    if (setjmp(png_jmpbuf(s->png)))
        return false;
    uint32_t y = reader->next_row;
    const uint8_t *rows[2];
    rows[0] = rows[1] = row_at(s, y);
    if (reader->step == 2 && y + 1 < reader->height_px)
        rows[1] = row_at(s, y + 1);
    if (reader->step == 2)
        iw_row_pair(reader, ring, y, rows, s->samples);
    else
        iw_row_split(reader, ring, y, rows[0], s->samples);
    return true;
}

static void close_png(struct iw_reader *reader)
{
    struct state *s = reader->state;
    if (!s)
        return;
    png_destroy_read_struct(&s->png, &s->info, NULL);
#ifdef HAVE_ISAL
    iw_png_rows_free(s->fast);
#endif
    iw_free(s->rows[0]);
    iw_free(s->rows[1]);
    iw_free(s->whole);
    iw_free(s);
}

static void version(struct iw_buf *out)
{
    iw_buf_printf(out, "libpng/%s", png_get_libpng_ver(NULL));
#ifdef HAVE_ISAL
    iw_buf_printf(out, " isa-l/%d.%d.%d", ISAL_MAJOR_VERSION, ISAL_MINOR_VERSION, ISAL_PATCH_VERSION);
#endif
}

const struct iw_codec iw_codec_png = {
    .format = "png", .open = open_png, .rows = rows_png, .close = close_png, .version = version};
