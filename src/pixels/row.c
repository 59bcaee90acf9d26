/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Interleaved rows to planes. Transparent pixels are laid on the background here, before anything is scaled:
 * averaging after compositing is what weights colours by their alpha. */
#include "base/iw.h"
#include "pixels/inside.h"

#include "pixels/row_avx2.h"

/* (value * alpha + ground * (255 - alpha)) / 255, rounded; exact for all bytes. */
static uint8_t mix(unsigned value, unsigned alpha, unsigned ground)
{
    unsigned sum = value * alpha + ground * (255 - alpha) + 128;
    return (uint8_t)((sum + (sum >> 8)) >> 8);
}

/* One pixel of RGB or RGBA, laid on the ground. */
static void pixel_at(const uint8_t *row, uint32_t x, unsigned pixel_bytes, uint32_t ground, uint8_t rgb[3])
{
    const uint8_t *pixel = row + (size_t)x * pixel_bytes;
    for (unsigned c = 0; c < 3; c++)
        rgb[c] = pixel_bytes == 3 ? pixel[c] : mix(pixel[c], pixel[3], ground >> (16 - 8 * c) & 255);
}

static void split(const uint8_t *row, unsigned pixel_bytes, uint32_t ground, uint8_t *const to[3], uint32_t width)
{
    for (uint32_t x = iw_row_planes_avx2(row, pixel_bytes, ground, to, width); x < width; x++) {
        uint8_t rgb[3];
        pixel_at(row, x, pixel_bytes, ground, rgb);
        for (unsigned c = 0; c < 3; c++)
            to[c][x] = rgb[c];
    }
}

/* value + ground * (255 - alpha) / 255 */
static uint8_t lay(unsigned value, unsigned alpha, unsigned ground)
{
    unsigned sum = value + mix(0, alpha, ground);
    return (uint8_t)IW_MIN(sum, 255u);
}

static void lay_row(const uint8_t *row, uint8_t *const to[3], unsigned count, uint32_t width, uint32_t ground)
{
    unsigned grounds[3] = {ground >> 16 & 255, ground >> 8 & 255, ground & 255};
    for (uint32_t x = 0; x < width; x++, row += count + 1)
        for (unsigned c = 0; c < count; c++)
            to[c][x] = lay(row[c], row[count], grounds[c]);
}

static void grey_alpha(const uint8_t *row, uint8_t *to, uint32_t width, unsigned ground)
{
    for (uint32_t x = 0; x < width; x++)
        to[x] = mix(row[2 * x], row[2 * x + 1], ground);
}

bool iw_row_is_grey_ground(const struct iw_reader *reader)
{
    uint32_t ground = reader->background_rgb;
    return (ground & 255) == (ground >> 8 & 255) && (ground & 255) == (ground >> 16 & 255);
}

void iw_row_split(const struct iw_reader *reader, const struct iw_ring *ring, uint32_t y, const uint8_t *row,
                  enum iw_samples samples)
{
    uint32_t width = reader->width_px;
    uint8_t *to[3] = {0};
    for (unsigned i = 0; i < reader->count; i++)
        to[i] = ring->px[i] + (y & ring->mask[i]) * ring->stride[i];
    switch (samples) {
    case IW_GREY8:
        memcpy(to[0], row, width);
        break;
    case IW_GREYA8:
        grey_alpha(row, to[0], width, reader->background_rgb & 255);
        break;
    case IW_GREYA8_LAID:
        lay_row(row, to, 1, width, reader->background_rgb);
        break;
    case IW_RGBA8_LAID:
        lay_row(row, to, 3, width, reader->background_rgb);
        break;
    case IW_RGB8:
        split(row, 3, 0, to, width);
        break;
    case IW_RGBA8:
        split(row, 4, reader->background_rgb, to, width);
        break;
    }
}

/* ---- two rows at once ---- */

void iw_row_halve_chroma(struct iw_reader *reader)
{
    if (!reader->is_rgb || reader->least_width_px == 0 || reader->width_px / 2 < reader->least_width_px ||
        reader->height_px / 2 < reader->least_height_px)
        return;
    reader->is_rgb = false;
    reader->is_whole = true;
    reader->sub_w = reader->sub_h = 1;
    reader->step = 2;
    reader->row_room += 2;
}

/* As vectors round it: each product apart, in units of 1/128. */
static int part(unsigned value, int weight)
{
    return ((int)value * weight + 16384) >> 15;
}

static uint8_t luma_of(const uint8_t rgb[3])
{
    int sum =
        part((unsigned)rgb[0] << 7, IW_Y_R) + part((unsigned)rgb[1] << 7, IW_Y_G) + part((unsigned)rgb[2] << 7, IW_Y_B);
    return (uint8_t)((sum + 64) >> 7);
}

static uint8_t chroma_of(const unsigned sums[3], int r, int g, int b)
{
    int value = ((part(sums[0] << 5, r) + part(sums[1] << 5, g) + part(sums[2] << 5, b) + 64) >> 7) + 128;
    return (uint8_t)IW_MIN(value, 255);
}

void iw_row_pair(const struct iw_reader *reader, const struct iw_ring *ring, uint32_t y, const uint8_t *const rows[2],
                 enum iw_samples samples)
{
    uint32_t width = reader->width_px, ground = reader->background_rgb;
    unsigned pixel_bytes = samples == IW_RGB8 ? 3 : 4;
    uint8_t *luma[2], *chroma[2];
    for (unsigned i = 0; i < 2; i++) {
        luma[i] = ring->px[0] + ((y + i) & ring->mask[0]) * ring->stride[0];
        chroma[i] = ring->px[i + 1] + (y / 2 & ring->mask[i + 1]) * ring->stride[i + 1];
    }
    for (uint32_t x = iw_row_pair_avx2(rows, pixel_bytes, ground, luma, chroma, width); x < width; x += 2) {
        unsigned sums[3] = {0};
        for (unsigned i = 0; i < 4; i++) {
            uint8_t rgb[3];
            uint32_t column = IW_MIN(x + i % 2, width - 1);
            pixel_at(rows[i / 2], column, pixel_bytes, ground, rgb);
            luma[i / 2][column] = luma_of(rgb);
            for (unsigned c = 0; c < 3; c++)
                sums[c] += rgb[c];
        }
        chroma[0][x / 2] = chroma_of(sums, IW_CB_R, IW_CB_G, IW_CB_B);
        chroma[1][x / 2] = chroma_of(sums, IW_CR_R, IW_CR_G, IW_CR_B);
    }
}
