/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The reader of TIFF: strips, tiles, compressions, depths, kinds of colour and alpha, written by libtiff. */
#include "pixels_case.h"

#ifdef HAVE_TIFF
#include <tiffio.h>

struct tiff_kind {
    const char *name;
    unsigned photometric, samples, depth, compression;
    unsigned rows_per_strip; /* 0: one strip */
    unsigned tile_width, tile_height;
    int extra; /* kind of the sample behind the colours, -1: not said */
    bool is_big_endian, is_separate, has_predictor;
    unsigned orientation;
    int near;
};

/* ---- writing ---- */

struct memory {
    struct file file;
    size_t at;
};

static tmsize_t memory_write(thandle_t handle, void *bytes, tmsize_t len)
{
    struct memory *memory = handle;
    while (memory->file.len < memory->at + (size_t)len)
        file_le(&memory->file, 0, 1);
    memcpy(memory->file.ptr + memory->at, bytes, (size_t)len);
    memory->at += (size_t)len;
    return len;
}

static tmsize_t memory_read(thandle_t handle, void *bytes, tmsize_t len)
{
    struct memory *memory = handle;
    size_t left = memory->file.len - IW_MIN(memory->at, memory->file.len), count = IW_MIN(left, (size_t)len);
    if (count)
        memcpy(bytes, memory->file.ptr + memory->at, count);
    memory->at += count;
    return (tmsize_t)count;
}

static toff_t memory_seek(thandle_t handle, toff_t offset, int whence)
{
    struct memory *memory = handle;
    memory->at = (size_t)offset + (whence == SEEK_CUR ? memory->at : whence == SEEK_END ? memory->file.len : 0);
    return memory->at;
}

static int memory_close(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t memory_size(thandle_t handle)
{
    return ((struct memory *)handle)->file.len;
}

/* Rows of the file: 16 bits in the machine's order. */
static void write_rows(TIFF *tiff, const struct tiff_kind *kind, uint32_t width, uint32_t height, const uint8_t *rows,
                       size_t row_bytes)
{
    if (kind->tile_width) {
        size_t pixel_bits = kind->samples * kind->depth, tile_row = kind->tile_width * pixel_bits / 8;
        uint8_t *tile = calloc(kind->tile_height, tile_row);
        for (uint32_t y = 0; tile && y < height; y += kind->tile_height)
            for (uint32_t x = 0; x < width; x += kind->tile_width) {
                for (uint32_t i = 0; i < kind->tile_height && y + i < height; i++)
                    memcpy(tile + i * tile_row, rows + (y + i) * row_bytes + x * pixel_bits / 8,
                           IW_MIN(tile_row, row_bytes - x * pixel_bits / 8));
                (void)TIFFWriteTile(tiff, tile, x, y, 0, 0);
            }
        free(tile);
    } else if (kind->is_separate) {
        uint8_t *plane = calloc(1, width);
        for (unsigned c = 0; plane && c < kind->samples; c++)
            for (uint32_t y = 0; y < height; y++) {
                for (uint32_t x = 0; x < width; x++)
                    plane[x] = rows[y * row_bytes + x * kind->samples + c];
                (void)TIFFWriteScanline(tiff, plane, y, (uint16_t)c);
            }
        free(plane);
    } else {
        uint8_t *row = malloc(row_bytes); /* libtiff encodes in place */
        for (uint32_t y = 0; row && y < height; y++) {
            memcpy(row, rows + y * row_bytes, row_bytes);
            (void)TIFFWriteScanline(tiff, row, y, 0);
        }
        free(row);
    }
}

static void set_palette(TIFF *tiff, unsigned depth)
{
    uint16_t map[3][256];
    for (unsigned i = 0; i < 256; i++)
        for (unsigned c = 0; c < 3; c++)
            map[c][i] = (uint16_t)(((i * (37 + 20 * c)) & 255) * 257);
    (void)depth;
    TIFFSetField(tiff, TIFFTAG_COLORMAP, map[0], map[1], map[2]);
}

static struct file tiff_make(const struct tiff_kind *kind, uint32_t width, uint32_t height, const uint8_t *rows,
                             size_t row_bytes)
{
    struct memory memory = {0};
    TIFF *tiff = TIFFClientOpen("", kind->is_big_endian ? "wb" : "wl", &memory, memory_read, memory_write, memory_seek,
                                memory_close, memory_size, NULL, NULL);
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, kind->depth);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, kind->samples);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, kind->photometric);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, kind->compression ? kind->compression : COMPRESSION_NONE);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, kind->is_separate ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
    if (kind->orientation)
        TIFFSetField(tiff, TIFFTAG_ORIENTATION, kind->orientation);
    if (kind->has_predictor)
        TIFFSetField(tiff, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
    if (kind->extra >= 0)
        TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &(uint16_t){(uint16_t)kind->extra});
    if (kind->photometric == PHOTOMETRIC_PALETTE)
        set_palette(tiff, kind->depth);
    if (kind->photometric == PHOTOMETRIC_YCBCR) {
        TIFFSetField(tiff, TIFFTAG_JPEGQUALITY, 100);
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        TIFFSetField(tiff, TIFFTAG_YCBCRSUBSAMPLING, 1, 1);
    }
    if (kind->tile_width) {
        TIFFSetField(tiff, TIFFTAG_TILEWIDTH, kind->tile_width);
        TIFFSetField(tiff, TIFFTAG_TILELENGTH, kind->tile_height);
    } else {
        TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, kind->rows_per_strip ? kind->rows_per_strip : height);
    }
    write_rows(tiff, kind, width, height, rows, row_bytes);
    TIFFClose(tiff);
    return memory.file;
}

/* ---- what it means ---- */

static unsigned sample_of(const uint8_t *row, size_t i, unsigned depth)
{
    uint16_t wide;
    if (depth != 16)
        return (unsigned)row[i * depth / 8] >> (8 - depth - i * depth % 8) & ((1u << depth) - 1);
    memcpy(&wide, row + 2 * i, 2);
    return wide;
}

static void meaning_of(const struct tiff_kind *kind, const unsigned *raw, uint8_t *rgba)
{
    double most = (1u << kind->depth) - 1;
    bool is_grey = kind->photometric == PHOTOMETRIC_MINISBLACK || kind->photometric == PHOTOMETRIC_MINISWHITE;
    for (unsigned c = 0; c < 3; c++) {
        double value = raw[is_grey ? 0 : c] / most * 255;
        if (kind->photometric == PHOTOMETRIC_MINISWHITE)
            value = 255 - value;
        if (kind->photometric == PHOTOMETRIC_PALETTE)
            value = (raw[0] * (37 + 20 * c)) & 255;
        if (kind->photometric == PHOTOMETRIC_SEPARATED)
            value = (255 - raw[c] / most * 255) * (255 - raw[3] / most * 255) / 255;
        rgba[c] = (uint8_t)(value + 0.5);
    }
    unsigned colours = is_grey || kind->photometric == PHOTOMETRIC_PALETTE ? 1
                       : kind->photometric == PHOTOMETRIC_SEPARATED        ? 4
                                                                           : 3;
    rgba[3] = 255;
    if (kind->samples > colours && kind->extra > 0)
        rgba[3] = (uint8_t)(raw[colours] / most * 255 + 0.5);
}

static struct picture tiff_meaning(const struct tiff_kind *kind, uint32_t width, uint32_t height, const uint8_t *rows,
                                   size_t row_bytes, uint32_t ground)
{
    bool is_grey = kind->photometric == PHOTOMETRIC_MINISBLACK || kind->photometric == PHOTOMETRIC_MINISWHITE;
    bool has_alpha = is_grey && kind->extra > 0;
    struct picture to =
        picture_new(width, height, is_grey && (!has_alpha || (ground & 255) * 0x010101u == ground) ? 1 : 3);
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            unsigned raw[8] = {0};
            uint8_t rgba[4];
            for (unsigned c = 0; c < kind->samples; c++)
                raw[c] = sample_of(rows + y * row_bytes, (size_t)x * kind->samples + c, kind->depth);
            meaning_of(kind, raw, rgba);
            for (unsigned c = 0; c < to.count; c++) {
                int below = (int)(ground >> (16 - 8 * c) & 255);
                /* what is weighted by its alpha already is only added to what the ground leaves */
                int laid = kind->extra == EXTRASAMPLE_ASSOCALPHA ? IW_MIN(rgba[c] + over(0, rgba[3], below), 255)
                                                                 : over(rgba[c], rgba[3], below);
                px_at(&to, x, y)[c] = (uint8_t)laid;
            }
        }
    return to;
}

/* ---- the tests ---- */

enum {
    BLACK = PHOTOMETRIC_MINISBLACK,
    WHITE = PHOTOMETRIC_MINISWHITE,
    RGB = PHOTOMETRIC_RGB,
    INDEX = PHOTOMETRIC_PALETTE,
    INK = PHOTOMETRIC_SEPARATED,
    NONE = -1,
    MASK = EXTRASAMPLE_UNSPECIFIED,
    LAID = EXTRASAMPLE_ASSOCALPHA,
    ALPHA = EXTRASAMPLE_UNASSALPHA
};

static const struct tiff_kind kinds[] = {
    {.name = "RGB in one strip", .photometric = RGB, .samples = 3, .depth = 8, .extra = NONE},
    {.name = "RGB in strips", .photometric = RGB, .samples = 3, .depth = 8, .rows_per_strip = 7, .extra = NONE},
    {.name = "RGB LZW",
     .photometric = RGB,
     .samples = 3,
     .depth = 8,
     .rows_per_strip = 8,
     .extra = NONE,
     .compression = COMPRESSION_LZW,
     .has_predictor = true},
    {.name = "RGB deflate, big-endian",
     .photometric = RGB,
     .samples = 3,
     .depth = 8,
     .rows_per_strip = 8,
     .extra = NONE,
     .compression = COMPRESSION_ADOBE_DEFLATE,
     .is_big_endian = true},
    {.name = "RGB PackBits",
     .photometric = RGB,
     .samples = 3,
     .depth = 8,
     .rows_per_strip = 3,
     .extra = NONE,
     .compression = COMPRESSION_PACKBITS},
    {.name = "RGB tiles",
     .photometric = RGB,
     .samples = 3,
     .depth = 8,
     .tile_width = 16,
     .tile_height = 32,
     .extra = NONE},
    {.name = "RGB tiles LZW",
     .photometric = RGB,
     .samples = 3,
     .depth = 8,
     .tile_width = 48,
     .tile_height = 16,
     .compression = COMPRESSION_LZW,
     .extra = NONE},
    {.name = "RGB 16 bits", .photometric = RGB, .samples = 3, .depth = 16, .rows_per_strip = 5, .extra = NONE},
    {.name = "RGB 16 bits, big-endian, tiles",
     .photometric = RGB,
     .samples = 3,
     .depth = 16,
     .tile_width = 16,
     .tile_height = 16,
     .extra = NONE,
     .is_big_endian = true},
    {.name = "RGB in planes", .photometric = RGB, .samples = 3, .depth = 8, .extra = NONE, .is_separate = true},
    {.name = "RGB and alpha", .photometric = RGB, .samples = 4, .depth = 8, .extra = ALPHA},
    {.name = "RGB and alpha, 16 bits", .photometric = RGB, .samples = 4, .depth = 16, .extra = ALPHA},
    {.name = "RGB laid", .photometric = RGB, .samples = 4, .depth = 8, .extra = LAID},
    {.name = "RGB and a mask", .photometric = RGB, .samples = 4, .depth = 8, .extra = MASK},
    {.name = "grey", .photometric = BLACK, .samples = 1, .depth = 8, .extra = NONE},
    {.name = "grey 1 bit", .photometric = BLACK, .samples = 1, .depth = 1, .extra = NONE},
    {.name = "grey 2 bits", .photometric = BLACK, .samples = 1, .depth = 2, .extra = NONE},
    {.name = "grey 4 bits, tiles",
     .photometric = BLACK,
     .samples = 1,
     .depth = 4,
     .tile_width = 16,
     .tile_height = 16,
     .extra = NONE},
    {.name = "grey 16 bits", .photometric = BLACK, .samples = 1, .depth = 16, .extra = NONE},
    {.name = "grey and alpha", .photometric = BLACK, .samples = 2, .depth = 8, .extra = ALPHA},
    {.name = "white is 0", .photometric = WHITE, .samples = 1, .depth = 8, .extra = NONE},
    {.name = "fax",
     .photometric = WHITE,
     .samples = 1,
     .depth = 1,
     .extra = NONE,
     .compression = COMPRESSION_CCITTFAX4},
    {.name = "palette 8", .photometric = INDEX, .samples = 1, .depth = 8, .extra = NONE},
    {.name = "palette 4", .photometric = INDEX, .samples = 1, .depth = 4, .extra = NONE, .rows_per_strip = 4},
    {.name = "palette 1", .photometric = INDEX, .samples = 1, .depth = 1, .extra = NONE},
    {.name = "CMYK", .photometric = INK, .samples = 4, .depth = 8, .extra = NONE, .near = 1},
    {.name = "CMYK 16 bits, LZW",
     .photometric = INK,
     .samples = 4,
     .depth = 16,
     .extra = NONE,
     .near = 1,
     .compression = COMPRESSION_LZW,
     .rows_per_strip = 4},
    {.name = "CMYK and a mask", .photometric = INK, .samples = 5, .depth = 8, .extra = MASK, .near = 1},
};

static void check_kind(const struct tiff_kind *kind, uint32_t width, uint32_t height)
{
    size_t row_bytes = ((size_t)width * kind->samples * kind->depth + 7) / 8;
    struct picture rows = picture_noise((uint32_t)row_bytes, height, 1, 21);
    struct file file = tiff_make(kind, width, height, rows.px, row_bytes);
    static const uint32_t grounds[] = {0xFFFFFF, 0x3366CC};
    for (size_t g = 0; g < 2; g++) {
        struct picture want = tiff_meaning(kind, width, height, rows.px, row_bytes, grounds[g]);
        struct wish wish = {.width = width, .height = height, .ground = grounds[g]};
        check_read(kind->name, "tiff", &file, &wish, &want, kind->near);
        picture_free(&want);
    }
    file_free(&file);
    picture_free(&rows);
}

static void test_tiff_of_every_kind(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {{1, 1}, {1, 17}, {17, 1}, {101, 101}, {64, 40}};
    for (size_t i = 0; i < IW_ARRAY_LEN(kinds); i++)
        for (size_t s = 0; s < IW_ARRAY_LEN(sizes); s++)
            check_kind(&kinds[i], sizes[s][0], sizes[s][1]);
}

/* Rows come as stored, whatever the tag says: the caller turns them. */
static void test_rows_come_as_stored(void **state)
{
    (void)state;
    for (unsigned orientation = 1; orientation <= 8; orientation++)
        for (size_t i = 0; i < IW_ARRAY_LEN(kinds); i++) {
            struct tiff_kind kind = kinds[i];
            kind.orientation = orientation;
            check_kind(&kind, 37, 22);
        }
}

/* YCbCr goes through libtiff's conversion; at full quality only rounding is lost. */
static void test_tiff_with_jpeg_inside(void **state)
{
    (void)state;
    struct tiff_kind kind = {.name = "JPEG",
                             .photometric = PHOTOMETRIC_YCBCR,
                             .samples = 3,
                             .depth = 8,
                             .extra = NONE,
                             .compression = COMPRESSION_JPEG,
                             .rows_per_strip = 16};
    for (unsigned orientation = 1; orientation <= 8; orientation++) {
        struct picture picture = picture_smooth(70, 50, 3);
        kind.orientation = orientation;
        kind.tile_width = kind.tile_height = orientation % 2 ? 0 : 32;
        struct file file = tiff_make(&kind, 70, 50, picture.px, 70 * 3);
        struct wish wish = {.width = 70, .height = 50};
        check_read("JPEG in TIFF", "tiff", &file, &wish, &picture, 5);
        file_free(&file);
        picture_free(&picture);
    }
}

static void test_tiff_refused(void **state)
{
    (void)state;
    struct picture picture = picture_noise(40, 40, 3, 1);
    const struct tiff_kind kind = {.photometric = RGB,
                                   .samples = 3,
                                   .depth = 8,
                                   .extra = NONE,
                                   .rows_per_strip = 4,
                                   .compression = COMPRESSION_LZW};
    struct file file = tiff_make(&kind, 40, 40, picture.px, 120);
    struct wish wish = {.width = 40, .height = 40};
    struct file cut = {.ptr = file.ptr};
    for (cut.len = 0; cut.len < file.len; cut.len += 1 + cut.len / 9)
        check_refused("TIFF cut", "tiff", &cut, &wish);
    file_free(&file);
    static const struct tiff_kind odd[] = {
        {.name = "32 bits", .photometric = BLACK, .samples = 1, .depth = 32, .extra = NONE},
        {.name = "RGB of 2 samples", .photometric = RGB, .samples = 2, .depth = 8, .extra = NONE},
        {.name = "CMYK of 3 samples", .photometric = INK, .samples = 3, .depth = 8, .extra = NONE},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(odd); i++) {
        file = tiff_make(&odd[i], 10, 10, picture.px, 10 * odd[i].samples * odd[i].depth / 8);
        check_refused(odd[i].name, "tiff", &file, &wish);
        file_free(&file);
    }
    picture_free(&picture);
}

static void test_tiff_damaged(void **state)
{
    (void)state;
    static const struct tiff_kind some[] = {
        {.photometric = RGB,
         .samples = 3,
         .depth = 8,
         .extra = NONE,
         .compression = COMPRESSION_LZW,
         .rows_per_strip = 4},
        {.photometric = INDEX, .samples = 1, .depth = 4, .extra = NONE, .compression = COMPRESSION_PACKBITS},
        {.photometric = RGB, .samples = 3, .depth = 8, .extra = NONE, .is_separate = true},
        {.photometric = WHITE, .samples = 1, .depth = 1, .extra = NONE, .compression = COMPRESSION_CCITTFAX4},
        {.photometric = BLACK, .samples = 1, .depth = 16, .extra = NONE, .tile_width = 16, .tile_height = 16},
        {.photometric = PHOTOMETRIC_YCBCR, .samples = 3, .depth = 8, .extra = NONE, .compression = COMPRESSION_JPEG},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(some); i++) {
        struct picture picture = picture_smooth(11, 9, 3);
        struct file file =
            tiff_make(&some[i], 11, 9, picture.px, ((size_t)11 * some[i].samples * some[i].depth + 7) / 8);
        check_damaged(&file, true);
        file_free(&file);
        picture_free(&picture);
    }
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef HAVE_TIFF
        cmocka_unit_test(test_tiff_of_every_kind),    cmocka_unit_test(test_rows_come_as_stored),
        cmocka_unit_test(test_tiff_with_jpeg_inside), cmocka_unit_test(test_tiff_refused),
        cmocka_unit_test(test_tiff_damaged),
#endif

    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
