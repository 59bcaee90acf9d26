/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Planes and what is done to them once they are small: turning, padding, RGB to YCbCr (JFIF, ITU-T T.871 section 7)
 * and back. The loops are plain, over separate planes, so that the compiler makes vectors of them. */
#include "base/iw.h"
#include "pixels/inside.h"

#include "base/mem.h"

#include <stdlib.h>

/* SPARE: zimg 3.0.4 reads up to so many bytes beyond a plane. */
enum { ALIGN = 64, BLOCK = 16, SPARE = 512 };

static size_t round_up(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}

uint32_t iw_plane_width(const struct iw_planes *planes, unsigned plane)
{
    unsigned sub = plane ? planes->sub_w : 0;
    return (planes->width_px + (1u << sub) - 1) >> sub;
}

uint32_t iw_plane_height(const struct iw_planes *planes, unsigned plane)
{
    unsigned sub = plane ? planes->sub_h : 0;
    return (planes->height_px + (1u << sub) - 1) >> sub;
}

bool iw_planes_make(struct iw_planes *planes, unsigned count, uint32_t width_px, uint32_t height_px, unsigned sub)
{
    *planes = (struct iw_planes){
        .count = count,
        .width_px = width_px,
        .height_px = height_px,
        .sub_w = (uint8_t)sub,
        .sub_h = (uint8_t)sub,
    };
    size_t at[3], total = 0;
    for (unsigned i = 0; i < count; i++) {
        planes->stride[i] = round_up(round_up(iw_plane_width(planes, i), BLOCK), ALIGN);
        at[i] = total;
        total += round_up(planes->stride[i] * round_up(iw_plane_height(planes, i), BLOCK) + SPARE, ALIGN);
    }
    planes->memory = iw_aligned_malloc(ALIGN, total);
    for (unsigned i = 0; i < count && planes->memory; i++)
        planes->px[i] = (uint8_t *)planes->memory + at[i];
    return planes->memory != NULL;
}

void iw_planes_free(struct iw_planes *planes)
{
    iw_free(planes->memory);
    *planes = (struct iw_planes){0};
}

/* ---- turning ---- */

/* Exif orientation as three steps: swap the axes first, then mirror across and down. */
static const struct {
    bool swaps, mirrors_x, mirrors_y;
} turns[9] = {
    [2] = {false, true, false}, [3] = {false, true, true}, [4] = {false, false, true}, [5] = {true, false, false},
    [6] = {true, true, false},  [7] = {true, true, true},  [8] = {true, false, true},
};

static void turn_plane(const struct iw_planes *from, struct iw_planes *to, unsigned plane, unsigned orientation)
{
    uint32_t width = iw_plane_width(to, plane), height = iw_plane_height(to, plane);
    bool swaps = turns[orientation].swaps;
    for (uint32_t y = 0; y < height; y++) {
        uint32_t sy = turns[orientation].mirrors_y ? height - 1 - y : y;
        uint8_t *row = to->px[plane] + y * to->stride[plane];
        for (uint32_t x = 0; x < width; x++) {
            uint32_t sx = turns[orientation].mirrors_x ? width - 1 - x : x;
            const uint8_t *source = from->px[plane];
            row[x] = swaps ? source[sx * from->stride[plane] + sy] : source[sy * from->stride[plane] + sx];
        }
    }
}

bool iw_planes_turn(struct iw_planes *planes, unsigned orientation)
{
    if (orientation < 2 || orientation > 8)
        return true;
    bool swaps = turns[orientation].swaps;
    struct iw_planes to;
    if (!iw_planes_make(&to, planes->count, swaps ? planes->height_px : planes->width_px,
                        swaps ? planes->width_px : planes->height_px, planes->sub_w))
        return false;
    to.is_rgb = planes->is_rgb;
    for (unsigned i = 0; i < planes->count; i++)
        turn_plane(planes, &to, i, orientation);
    iw_planes_free(planes);
    *planes = to;
    return true;
}

void iw_planes_pad(struct iw_planes *planes)
{
    for (unsigned i = 0; i < planes->count; i++) {
        size_t width = iw_plane_width(planes, i), height = iw_plane_height(planes, i), stride = planes->stride[i];
        size_t block = i && planes->sub_w ? BLOCK / 2 : BLOCK;
        for (size_t y = 0; y < height; y++) {
            uint8_t *row = planes->px[i] + y * stride;
            memset(row + width, row[width - 1], round_up(width, block) - width);
        }
        for (size_t y = height; y < round_up(height, block); y++)
            memcpy(planes->px[i] + y * stride, planes->px[i] + (height - 1) * stride, stride);
    }
}

/* ---- colour spaces ---- */

static uint8_t clamp(int value)
{
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* 16-bit fixed point; the coefficients of each row add up exactly. */
static void row_to_ycc(uint8_t *restrict a, uint8_t *restrict b, uint8_t *restrict c, uint32_t width)
{
    for (uint32_t x = 0; x < width; x++) {
        int r = a[x], g = b[x], u = c[x];
        a[x] = (uint8_t)((19595 * r + 38470 * g + 7471 * u + 32768) >> 16);
        b[x] = (uint8_t)((-11058 * r - 21710 * g + 32768 * u + (128 << 16) + 32767) >> 16);
        c[x] = (uint8_t)((32768 * r - 27439 * g - 5329 * u + (128 << 16) + 32767) >> 16);
    }
}

static void row_to_rgb(uint8_t *restrict a, uint8_t *restrict b, uint8_t *restrict c, uint32_t width)
{
    for (uint32_t x = 0; x < width; x++) {
        int y = a[x] << 16, cb = b[x] - 128, cr = c[x] - 128;
        a[x] = clamp((y + 91881 * cr + 32768) >> 16);
        b[x] = clamp((y - 22554 * cb - 46802 * cr + 32768) >> 16);
        c[x] = clamp((y + 116130 * cb + 32768) >> 16);
    }
}

static void each_row(struct iw_planes *planes, void (*convert)(uint8_t *, uint8_t *, uint8_t *, uint32_t))
{
    for (uint32_t y = 0; y < planes->height_px; y++)
        convert(planes->px[0] + y * planes->stride[0], planes->px[1] + y * planes->stride[1],
                planes->px[2] + y * planes->stride[2], planes->width_px);
}

void iw_planes_to_ycc(struct iw_planes *planes)
{
    if (planes->count == 3 && planes->is_rgb)
        each_row(planes, row_to_ycc);
    planes->is_rgb = false;
}

void iw_planes_to_rgb(struct iw_planes *planes)
{
    if (planes->count == 3 && !planes->is_rgb)
        each_row(planes, row_to_rgb);
    planes->is_rgb = planes->count == 3;
}

void iw_planes_expand(struct iw_planes *planes)
{
    uint8_t luma[256], chroma[256];
    for (int i = 0; i < 256; i++) {
        luma[i] = clamp(((i - 16) * 510 + 219) / 438);
        chroma[i] = clamp(128 + ((i - 128) * 510 + (i < 128 ? -224 : 224)) / 448);
    }
    for (unsigned i = 0; i < planes->count; i++)
        for (uint32_t y = 0; y < iw_plane_height(planes, i); y++) {
            uint8_t *row = planes->px[i] + y * planes->stride[i];
            for (uint32_t x = 0; x < iw_plane_width(planes, i); x++)
                row[x] = i ? chroma[row[x]] : luma[row[x]];
        }
}
