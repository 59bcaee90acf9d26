/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* JPEG and PNG files made of pictures by the libraries' own encoders, and a plain decoder of JPEG to compare with. For
 * tests only. */
#ifndef IW_TESTS_PIXELS_ENCODE_H
#define IW_TESTS_PIXELS_ENCODE_H

#include "pixels_case.h"

#include <jpeglib.h>
#ifdef HAVE_PNG
#include <png.h>
#endif

/* ---- JPEG ---- */

struct jpeg_kind {
    const char *name;
    J_COLOR_SPACE in, stored; /* JCS_UNKNOWN: as usual for the samples */
    int h[4], v[4];           /* sampling factors, 0: 1 */
    bool is_progressive;
    int restart_rows;
    int quality; /* 0: 90 */
    const uint8_t *icc;
    size_t icc_len;
    unsigned orientation; /* Exif, 0: none */
};

/* APP1 with an Exif block that holds the orientation alone. */
static inline void put_exif(struct jpeg_compress_struct *c, unsigned orientation)
{
    uint8_t exif[] = {'E', 'x', 'i', 'f', 0,    0, 'M', 'M', 0, 42, 0, 0, 0,
                      8,   0,   1,   1,   0x12, 0, 3,   0,   0, 0,  1, 0, (uint8_t)orientation,
                      0,   0,   0,   0,   0,    0};
    jpeg_write_marker(c, JPEG_APP0 + 1, exif, sizeof exif);
}

/* CMYK is given as libjpeg takes it: inverted, as Adobe stores it. */
static inline struct file jpeg_make(const struct picture *picture, const struct jpeg_kind *kind)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr error;
    unsigned char *bytes = NULL;
    unsigned long len = 0;
    c.err = jpeg_std_error(&error);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &bytes, &len);
    c.image_width = picture->width;
    c.image_height = picture->height;
    c.input_components = (int)picture->count;
    c.in_color_space = kind->in              ? kind->in
                       : picture->count == 1 ? JCS_GRAYSCALE
                       : picture->count == 3 ? JCS_RGB
                                             : JCS_CMYK;
    jpeg_set_defaults(&c);
    if (kind->stored)
        jpeg_set_colorspace(&c, kind->stored);
    jpeg_set_quality(&c, kind->quality ? kind->quality : 90, TRUE);
    c.dct_method = JDCT_ISLOW;
    for (int i = 0; i < c.num_components; i++) {
        c.comp_info[i].h_samp_factor = IW_MAX(kind->h[i], 1);
        c.comp_info[i].v_samp_factor = IW_MAX(kind->v[i], 1);
    }
    c.restart_in_rows = kind->restart_rows;
    if (kind->is_progressive)
        jpeg_simple_progression(&c);
    jpeg_start_compress(&c, TRUE);
    if (kind->orientation)
        put_exif(&c, kind->orientation);
    if (kind->icc)
        jpeg_write_icc_profile(&c, kind->icc, (unsigned)kind->icc_len);
    while (c.next_scanline < c.image_height) {
        JSAMPROW row = px_at(picture, 0, c.next_scanline);
        (void)jpeg_write_scanlines(&c, &row, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    struct file file = {0};
    file_put(&file, bytes, len);
    free(bytes);
    return file;
}

struct jpeg_read {
    J_COLOR_SPACE space; /* JCS_UNKNOWN: grey or RGB */
    unsigned denominator;
    bool is_plain; /* chroma repeated, not interpolated */
};

/* By the scanline interface. */
static inline struct picture jpeg_decode(const struct file *file, const struct jpeg_read *how)
{
    struct jpeg_decompress_struct d;
    struct jpeg_error_mgr error;
    d.err = jpeg_std_error(&error);
    jpeg_create_decompress(&d);
    jpeg_mem_src(&d, file->ptr, file->len);
    (void)jpeg_read_header(&d, TRUE);
    if (how->space)
        d.out_color_space = how->space;
    d.dct_method = JDCT_ISLOW;
    d.scale_num = 1;
    d.scale_denom = IW_MAX(how->denominator, 1u);
    d.do_fancy_upsampling = !how->is_plain;
    (void)jpeg_start_decompress(&d);
    struct picture picture = picture_new(d.output_width, d.output_height, (unsigned)d.output_components);
    while (d.output_scanline < d.output_height) {
        JSAMPROW row = px_at(&picture, 0, d.output_scanline);
        (void)jpeg_read_scanlines(&d, &row, 1);
    }
    (void)jpeg_finish_decompress(&d);
    jpeg_destroy_decompress(&d);
    return picture;
}

/* Sampling factors of the first component in tens and ones: 11, 21, 22; 0: grey. */
static inline int jpeg_factors(const struct file *file)
{
    struct jpeg_decompress_struct d;
    struct jpeg_error_mgr error;
    d.err = jpeg_std_error(&error);
    jpeg_create_decompress(&d);
    jpeg_mem_src(&d, file->ptr, file->len);
    (void)jpeg_read_header(&d, TRUE);
    int factors = d.num_components == 1 ? 0 : 10 * d.comp_info[0].h_samp_factor + d.comp_info[0].v_samp_factor;
    jpeg_destroy_decompress(&d);
    return factors;
}

/* ---- PNG ---- */

#ifdef HAVE_PNG
struct png_kind {
    const char *name;
    int colour, depth;
    bool is_interlaced;
    png_color palette[256];
    int palette_count;
    png_byte alphas[256]; /* tRNS of a palette */
    int alpha_count;
    const png_color_16 *key; /* tRNS of grey and RGB */
    const uint8_t *icc;
    size_t icc_len;
};

static inline void png_to_file(png_structp png, png_bytep bytes, png_size_t len)
{
    file_put(png_get_io_ptr(png), bytes, len);
}

static inline void png_no_flush(png_structp png)
{
    (void)png;
}

/* rows: packed as the file is to hold them, row_bytes each */
static inline struct file png_make(uint32_t width, uint32_t height, const uint8_t *rows, size_t row_bytes,
                                   const struct png_kind *kind)
{
    struct file file = {0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    if (!info || setjmp(png_jmpbuf(png)))
        abort();
    png_set_write_fn(png, &file, png_to_file, png_no_flush);
    png_set_IHDR(png, info, width, height, kind->depth, kind->colour,
                 kind->is_interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (kind->palette_count)
        png_set_PLTE(png, info, kind->palette, kind->palette_count);
    if (kind->alpha_count)
        png_set_tRNS(png, info, kind->alphas, kind->alpha_count, NULL);
    if (kind->key)
        png_set_tRNS(png, info, NULL, 0, kind->key);
    if (kind->icc)
        png_set_iCCP(png, info, "test", 0, kind->icc, (png_uint_32)kind->icc_len);
    png_bytep *pointers = calloc(height, sizeof *pointers);
    for (uint32_t y = 0; pointers && y < height; y++)
        pointers[y] = (png_bytep)(uintptr_t)(rows + y * row_bytes);
    png_set_rows(png, info, pointers);
    png_write_png(png, info, PNG_TRANSFORM_IDENTITY, NULL);
    png_destroy_write_struct(&png, &info);
    free(pointers);
    return file;
}

/* 8 bits a sample */
static inline struct file png_of(const struct picture *picture, const uint8_t *icc, size_t icc_len)
{
    static const int colours[] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                  PNG_COLOR_TYPE_RGBA};
    struct png_kind kind = {.colour = colours[picture->count], .depth = 8, .icc = icc, .icc_len = icc_len};
    return png_make(picture->width, picture->height, picture->px, (size_t)picture->width * picture->count, &kind);
}
#endif

#endif
