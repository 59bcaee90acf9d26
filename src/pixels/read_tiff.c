/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* TIFF (TIFF 6.0): the first image of the file, as stored; the caller turns it. Whole-number grey, palette, RGB and
 * CMYK samples of one plane are taken row by row (from strips) or a row of tiles at a time; everything else (YCbCr,
 * CIE L*a*b*, LogLuv, separate planes) goes through libtiff's own conversion to RGBA. The file is read from memory. */
#include "base/iw.h"
#include "pixels/inside.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <tiffio.h>

/* ALLOC_MAX: four bytes for every pixel that is decoded at most. */
enum { ALLOC_MAX = 4 * IW_DECODE_MAX_PIXELS, SAMPLES_MAX = 32 };

struct state {
    TIFF *tiff;
    uint64_t at;
    uint32_t band_rows; /* rows that are read together: 1, of a row of tiles, of a strip */
    uint32_t band_first, band_left;
    size_t row_bytes, tile_row_bytes;
    uint8_t *band, *tile;
    /* samples that are taken as they are */
    uint16_t photometric, depth, per_pixel;
    int alpha; /* index of that sample, or -1 */
    bool is_alpha_laid;
    uint8_t palette[256][3];
    struct iw_cmyk *cmyk;
    uint8_t *values, *row; /* a row of 8-bit samples, and of pixels */
    enum iw_samples samples;
    /* what libtiff converts */
    TIFFRGBAImage image;
    bool has_image;
};

static bool fail(struct iw_reader *reader, const char *why)
{
    if (!reader->why[0])
        (void)snprintf(reader->why, sizeof reader->why, "%s", why);
    return false;
}

/* ---- the file ---- */

static tmsize_t on_read(thandle_t handle, void *to, tmsize_t len)
{
    struct iw_reader *reader = handle;
    struct state *s = reader->state;
    if (len <= 0 || s->at >= reader->len)
        return 0;
    size_t count = IW_MIN((size_t)len, reader->len - (size_t)s->at);
    memcpy(to, reader->bytes + s->at, count);
    s->at += count;
    return (tmsize_t)count;
}

static tmsize_t on_write(thandle_t handle, void *from, tmsize_t len)
{
    (void)handle;
    (void)from;
    (void)len;
    return 0;
}

static toff_t on_seek(thandle_t handle, toff_t offset, int whence)
{
    struct iw_reader *reader = handle;
    struct state *s = reader->state;
    s->at = whence == SEEK_SET ? offset : whence == SEEK_CUR ? s->at + offset : reader->len + offset;
    return s->at;
}

static int on_close(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t on_size(thandle_t handle)
{
    return ((struct iw_reader *)handle)->len;
}

static int on_error(TIFF *tiff, void *user, const char *module, const char *format, va_list values)
{
    struct iw_reader *reader = user;
    (void)tiff;
    (void)module;
    if (!reader->why[0])
        (void)vsnprintf(reader->why, sizeof reader->why, format, values);
    return 1;
}

static int on_warning(TIFF *tiff, void *user, const char *module, const char *format, va_list values)
{
    (void)tiff;
    (void)user;
    (void)module;
    (void)format;
    (void)values;
    return 1;
}

static TIFF *open_file(struct iw_reader *reader)
{
    /* what is not tied to a handle would go to standard error */
    (void)TIFFSetErrorHandler(NULL);
    (void)TIFFSetWarningHandler(NULL);
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (!options)
        return NULL;
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, ALLOC_MAX);
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, reader);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, reader);
    /* m: no memory map, that is no pointer into the file, which may change under libtiff's hands */
    TIFF *tiff =
        TIFFClientOpenExt("", "rm", reader, on_read, on_write, on_seek, on_close, on_size, NULL, NULL, options);
    TIFFOpenOptionsFree(options);
    return tiff;
}

/* ---- samples as they are ---- */

static void find_alpha(struct state *s, unsigned colours)
{
    uint16_t extras = 0, *kinds = NULL;
    s->alpha = -1;
    (void)TIFFGetFieldDefaulted(s->tiff, TIFFTAG_EXTRASAMPLES, &extras, &kinds);
    for (unsigned i = 0; i < extras && kinds && s->alpha < 0 && colours + i < s->per_pixel; i++)
        if (kinds[i] == EXTRASAMPLE_ASSOCALPHA || kinds[i] == EXTRASAMPLE_UNASSALPHA) {
            s->alpha = (int)(colours + i);
            s->is_alpha_laid = kinds[i] == EXTRASAMPLE_ASSOCALPHA;
        }
}

/* Colour maps have 16 bits; some writers have put 8 there. */
static bool read_palette(struct state *s)
{
    uint16_t *map[3];
    if (!TIFFGetField(s->tiff, TIFFTAG_COLORMAP, &map[0], &map[1], &map[2]))
        return false;
    unsigned count = 1u << s->depth, shift = 0;
    for (unsigned i = 0; i < count; i++)
        for (unsigned c = 0; c < 3; c++)
            if (map[c][i] > 255)
                shift = 8;
    for (unsigned i = 0; i < count; i++)
        for (unsigned c = 0; c < 3; c++)
            s->palette[i][c] = (uint8_t)(map[c][i] >> shift);
    return true;
}

/* True when rows of samples can be taken without libtiff's conversion; the kind of pixels that come of it is set. */
static bool is_direct(struct iw_reader *reader, struct state *s)
{
    uint16_t planar = 0, format = 0, inks = 0;
    (void)TIFFGetFieldDefaulted(s->tiff, TIFFTAG_BITSPERSAMPLE, &s->depth);
    (void)TIFFGetFieldDefaulted(s->tiff, TIFFTAG_SAMPLESPERPIXEL, &s->per_pixel);
    (void)TIFFGetFieldDefaulted(s->tiff, TIFFTAG_PLANARCONFIG, &planar);
    (void)TIFFGetFieldDefaulted(s->tiff, TIFFTAG_SAMPLEFORMAT, &format);
    (void)TIFFGetFieldDefaulted(s->tiff, TIFFTAG_INKSET, &inks);
    bool has_kind = TIFFGetField(s->tiff, TIFFTAG_PHOTOMETRIC, &s->photometric) != 0;
    bool is_small = s->depth == 1 || s->depth == 2 || s->depth == 4;
    if (!has_kind || (planar != PLANARCONFIG_CONTIG && s->per_pixel > 1) || s->per_pixel == 0 ||
        s->per_pixel > SAMPLES_MAX || (format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID) ||
        (!is_small && s->depth != 8 && s->depth != 16))
        return false;
    reader->count = 3;
    switch (s->photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
        find_alpha(s, 1);
        reader->count = s->alpha < 0 || iw_row_is_grey_ground(reader) ? 1 : 3;
        break;
    case PHOTOMETRIC_PALETTE:
        s->alpha = -1;
        return s->depth <= 8 && read_palette(s);
    case PHOTOMETRIC_RGB:
        find_alpha(s, 3);
        return s->per_pixel >= 3;
    case PHOTOMETRIC_SEPARATED:
        s->alpha = -1;
        return s->per_pixel >= 4 && inks == INKSET_CMYK;
    default:
        return false;
    }
    return true;
}

/* The samples of a row as 8 bits each. */
static void unpack(const struct state *s, const uint8_t *from, uint32_t width)
{
    size_t count = (size_t)width * s->per_pixel;
    unsigned depth = s->depth, most = depth < 8 ? (1u << depth) - 1 : 255;
    bool is_index = s->photometric == PHOTOMETRIC_PALETTE;
    if (depth == 8) {
        memcpy(s->values, from, count);
    } else if (depth == 16) {
        for (size_t i = 0; i < count; i++) {
            uint16_t value;
            memcpy(&value, from + 2 * i, 2);
            s->values[i] = (uint8_t)((value * 255u + 32767u) / 65535u);
        }
    } else {
        /* rows begin at whole bytes */
        for (size_t i = 0; i < count; i++) {
            size_t bit = i * depth;
            unsigned value = (unsigned)from[bit / 8] >> (8 - depth - bit % 8) & most;
            s->values[i] = (uint8_t)(is_index ? value : value * (255 / most));
        }
    }
}

static enum iw_samples kind_of(const struct iw_reader *reader, const struct state *s)
{
    if (reader->count == 1)
        return s->alpha < 0 ? IW_GREY8 : s->is_alpha_laid ? IW_GREYA8_LAID : IW_GREYA8;
    return s->alpha < 0 ? IW_RGB8 : s->is_alpha_laid ? IW_RGBA8_LAID : IW_RGBA8;
}

/* 8-bit samples to pixels of the reader's kind. */
static void arrange(const struct iw_reader *reader, struct state *s)
{
    const uint8_t *from = s->values;
    uint8_t *to = s->row;
    if (s->photometric == PHOTOMETRIC_SEPARATED) {
        for (uint32_t x = 0; x < reader->width_px; x++, from += s->per_pixel)
            for (unsigned c = 0; c < 4; c++)
                s->values[4 * (size_t)x + c] = (uint8_t)(255 - from[c]); /* at or before what is read */
        iw_cmyk_row(s->cmyk, s->values, s->row, reader->width_px);
        return;
    }
    for (uint32_t x = 0; x < reader->width_px; x++, from += s->per_pixel) {
        unsigned alpha = s->alpha < 0 ? 255 : from[s->alpha];
        for (unsigned c = 0; c < reader->count; c++) {
            unsigned value = s->photometric == PHOTOMETRIC_RGB       ? from[c]
                             : s->photometric == PHOTOMETRIC_PALETTE ? s->palette[from[0]][c]
                                                                     : from[0];
            /* what is laid is white at alpha, not at 255 */
            *to++ = (uint8_t)(s->photometric != PHOTOMETRIC_MINISWHITE ? value
                              : s->is_alpha_laid                       ? alpha - IW_MIN(value, alpha)
                                                                       : 255 - value);
        }
        if (s->alpha >= 0)
            *to++ = (uint8_t)alpha;
    }
}

/* ---- opening ---- */

static bool open_direct(struct iw_reader *reader, struct state *s)
{
    s->row_bytes = (size_t)TIFFScanlineSize64(s->tiff);
    size_t least = ((size_t)reader->width_px * s->per_pixel * s->depth + 7) / 8;
    if (s->row_bytes < least || s->row_bytes > ALLOC_MAX)
        return fail(reader, "an impossible row size");
    s->band_rows = 1;
    if (TIFFIsTiled(s->tiff)) {
        (void)TIFFGetField(s->tiff, TIFFTAG_TILELENGTH, &s->band_rows);
        s->tile_row_bytes = (size_t)TIFFTileRowSize64(s->tiff);
        uint64_t tile_bytes = TIFFTileSize64(s->tiff);
        if (s->band_rows == 0 || s->tile_row_bytes == 0 || tile_bytes > ALLOC_MAX ||
            tile_bytes / s->tile_row_bytes < s->band_rows || (uint64_t)s->row_bytes * s->band_rows > ALLOC_MAX)
            return fail(reader, "tiles too large to be decoded");
        s->tile = iw_calloc(1, (size_t)tile_bytes);
        if (!s->tile)
            return false;
    }
    s->band = iw_calloc(s->band_rows, s->row_bytes);
    s->values = iw_malloc((size_t)reader->width_px * s->per_pixel);
    s->row = iw_malloc((size_t)reader->width_px * 4);
    s->samples = kind_of(reader, s);
    if (s->photometric == PHOTOMETRIC_SEPARATED) {
        s->cmyk = iw_cmyk_new(reader->icc, reader->icc_len);
        reader->icc = NULL;
        if (!s->cmyk)
            return false;
    }
    return s->band && s->values && s->row;
}

static bool open_converted(struct iw_reader *reader, struct state *s)
{
    char why[1024] = "";
    uint16_t format = SAMPLEFORMAT_UINT;
    (void)TIFFGetFieldDefaulted(s->tiff, TIFFTAG_SAMPLEFORMAT, &format);
    bool is_log = s->photometric == PHOTOMETRIC_LOGL || s->photometric == PHOTOMETRIC_LOGLUV;
    if (format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID && !is_log)
        return fail(reader, "its samples are not whole numbers");
    if (!TIFFRGBAImageOK(s->tiff, why) || !TIFFRGBAImageBegin(&s->image, s->tiff, 1, why))
        return fail(reader, why[0] ? why : "a kind of TIFF that is not read");
    s->has_image = true;
    s->image.orientation = s->image.req_orientation = ORIENTATION_TOPLEFT;
    (void)TIFFGetFieldDefaulted(s->tiff, TIFFIsTiled(s->tiff) ? TIFFTAG_TILELENGTH : TIFFTAG_ROWSPERSTRIP,
                                &s->band_rows);
    s->band_rows = IW_MIN(s->band_rows, reader->height_px);
    s->row_bytes = (size_t)reader->width_px * 4;
    if (s->band_rows == 0 || (uint64_t)s->row_bytes * s->band_rows > ALLOC_MAX)
        return fail(reader, "strips too large to be decoded");
    if (s->photometric != PHOTOMETRIC_YCBCR && s->photometric != PHOTOMETRIC_RGB)
        reader->icc = NULL; /* the profile is of the samples before libtiff converted them */
    s->band = iw_calloc(s->band_rows, s->row_bytes);
    s->samples = s->image.alpha ? IW_RGBA8_LAID : IW_RGB8;
    s->row = iw_malloc(s->row_bytes);
    reader->count = 3;
    return s->band && s->row;
}

static bool open_tiff(struct iw_reader *reader)
{
    struct state *s = iw_calloc(1, sizeof *s);
    if (!s)
        return false;
    reader->state = s;
    s->tiff = open_file(reader);
    if (!s->tiff)
        return fail(reader, "the TIFF header is damaged");
    reader->why[0] = '\0'; /* a complaint that did not matter */
    (void)TIFFGetField(s->tiff, TIFFTAG_IMAGEWIDTH, &reader->width_px);
    (void)TIFFGetField(s->tiff, TIFFTAG_IMAGELENGTH, &reader->height_px);
    if (!reader->width_px || !reader->height_px ||
        (uint64_t)reader->width_px * reader->height_px > IW_DECODE_MAX_PIXELS)
        return fail(reader, "an impossible size");
    uint32_t icc_len = 0;
    void *icc = NULL;
    if (TIFFGetField(s->tiff, TIFFTAG_ICCPROFILE, &icc_len, &icc)) {
        reader->icc = icc;
        reader->icc_len = icc_len;
    }
    if (!(is_direct(reader, s) ? open_direct(reader, s) : open_converted(reader, s)))
        return fail(reader, "no memory");
    reader->is_rgb = reader->count == 3;
    reader->step = 1;
    reader->row_room = reader->width_px;
    return true;
}

/* ---- rows ---- */

static bool read_tiles(struct iw_reader *reader, struct state *s, uint32_t y)
{
    uint32_t tile_width = 0;
    (void)TIFFGetField(s->tiff, TIFFTAG_TILEWIDTH, &tile_width);
    uint32_t rows = IW_MIN(s->band_rows, reader->height_px - y);
    size_t at = 0;
    for (uint32_t x = 0; tile_width && x < reader->width_px; x += IW_MIN(tile_width, reader->width_px - x)) {
        if (TIFFReadEncodedTile(s->tiff, TIFFComputeTile(s->tiff, x, y, 0, 0), s->tile, (tmsize_t)-1) < 0)
            return false;
        size_t count = IW_MIN(s->tile_row_bytes, s->row_bytes - at);
        for (uint32_t i = 0; i < rows; i++)
            memcpy(s->band + i * s->row_bytes + at, s->tile + i * s->tile_row_bytes, count);
        at += count;
    }
    return true;
}

static bool read_band(struct iw_reader *reader, struct state *s)
{
    uint32_t y = reader->next_row;
    s->band_first = y;
    s->band_left = IW_MIN(s->band_rows, reader->height_px - y);
    if (s->has_image) {
        s->image.row_offset = (int)y;
        return TIFFRGBAImageGet(&s->image, (uint32_t *)(void *)s->band, reader->width_px, s->band_left) != 0;
    }
    if (s->tile)
        return read_tiles(reader, s, y);
    return TIFFReadScanline(s->tiff, s->band, y, 0) >= 0;
}

/* libtiff's words of four bytes: red in the lowest, alpha in the highest, whatever the machine. */
static void from_words(const struct iw_reader *reader, struct state *s, const uint8_t *from)
{
    uint8_t *to = s->row;
    for (uint32_t x = 0; x < reader->width_px; x++) {
        uint32_t word;
        memcpy(&word, from + 4 * (size_t)x, 4);
        *to++ = (uint8_t)TIFFGetR(word);
        *to++ = (uint8_t)TIFFGetG(word);
        *to++ = (uint8_t)TIFFGetB(word);
        if (s->samples == IW_RGBA8_LAID)
            *to++ = (uint8_t)TIFFGetA(word);
    }
}

static bool rows_tiff(struct iw_reader *reader, const struct iw_ring *ring)
{
    struct state *s = reader->state;
    if (s->band_left == 0 && !read_band(reader, s))
        return fail(reader, "the TIFF is damaged or ends inside the picture");
    s->band_left--;
    const uint8_t *from = s->band + (size_t)(reader->next_row - s->band_first) * s->row_bytes;
    if (s->has_image) {
        from_words(reader, s, from);
    } else {
        unpack(s, from, reader->width_px);
        arrange(reader, s);
    }
    iw_row_split(reader, ring, reader->next_row, s->row, s->samples);
    return true;
}

static void close_tiff(struct iw_reader *reader)
{
    struct state *s = reader->state;
    if (!s)
        return;
    if (s->has_image)
        TIFFRGBAImageEnd(&s->image);
    if (s->tiff)
        TIFFClose(s->tiff);
    iw_cmyk_free(s->cmyk);
    iw_free(s->band);
    iw_free(s->tile);
    iw_free(s->values);
    iw_free(s->row);
    iw_free(s);
}

/* "LIBTIFF, Version 4.5.0\nCopyright ..." */
static void version(struct iw_buf *out)
{
    const char *text = TIFFGetVersion(), *number = strstr(text, "Version ");
    number = number ? number + strlen("Version ") : text;
    iw_buf_printf(out, "libtiff/%.*s", (int)strcspn(number, " \n"), number);
}

const struct iw_codec iw_codec_tiff = {
    .format = "tiff", .open = open_tiff, .rows = rows_tiff, .close = close_tiff, .version = version};
