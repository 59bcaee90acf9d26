/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Chroma of half the size: how it is made, and whether that would show. */
#include "base/iw.h"
#include "pixels/inside.h"

#include "pixels/row_avx2.h"

#include <stdlib.h>

enum { BLOCK = IW_CHROMA_SIDE_MAX };

/* The loss of a block is the mean distance of its samples from what remains of them; so many levels of it show, and a
 * picture in which more than one block of so many shows it is not to be halved. */
enum { LOSS = 8, ONE_IN = 200 };

/* ---- halving ---- */

static void halve_row(const uint8_t *upper, const uint8_t *lower, uint8_t *to, uint32_t width)
{
    uint32_t x = iw_row_halve_avx2(upper, lower, to, width);
    for (; 2 * x + 1 < width; x++)
        to[x] = (uint8_t)((upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1] + 2) >> 2);
    if (width % 2)
        to[x] = (uint8_t)((upper[2 * x] + lower[2 * x] + 1) >> 1);
}

void iw_plane_halve(struct iw_plane *plane)
{
    uint32_t height = (plane->height_px + 1) / 2;
    for (uint32_t y = 0; y < height; y++) { /* each row is written at or before those it is made of */
        const uint8_t *upper = plane->px + 2 * y * plane->stride;
        const uint8_t *lower = 2 * y + 1 < plane->height_px ? upper + plane->stride : upper;
        halve_row(upper, lower, plane->px + y * plane->stride, plane->width_px);
    }
    plane->width_px = (plane->width_px + 1) / 2;
    plane->height_px = height;
}

static struct iw_plane plane_of(const struct iw_planes *planes, unsigned i)
{
    return (struct iw_plane){.px = planes->px[i],
                             .stride = planes->stride[i],
                             .width_px = iw_plane_width(planes, i),
                             .height_px = iw_plane_height(planes, i)};
}

void iw_planes_halve_chroma(struct iw_planes *planes)
{
    for (unsigned i = 1; i < planes->count; i++) {
        struct iw_plane plane = plane_of(planes, i);
        iw_plane_halve(&plane);
    }
    planes->sub_w = planes->sub_h = planes->count == 3;
}

/* ---- judging ---- */

/* Sum of the distances from the mean of a cell of side x side. A constant side makes loops that are unrolled. */
static inline unsigned cell_loss(const uint8_t *px, size_t stride, uint32_t side)
{
    unsigned sum = side * side / 2, loss = 0;
    for (uint32_t y = 0; y < side; y++)
        for (uint32_t x = 0; x < side; x++)
            sum += px[y * stride + x];
    int mean = (int)(sum / (side * side));
    for (uint32_t y = 0; y < side; y++)
        for (uint32_t x = 0; x < side; x++)
            loss += (unsigned)abs(px[y * stride + x] - mean);
    return loss;
}

static inline unsigned cells_loss(const uint8_t *px, size_t stride, uint32_t side)
{
    unsigned loss = 0;
    for (uint32_t y = 0; y < BLOCK; y += side)
        for (uint32_t x = 0; x < BLOCK; x += side)
            loss += cell_loss(px + y * stride + x, stride, side);
    return loss;
}

/* What is lost of a block of either plane when its cells become one sample each. */
static unsigned block_loss(const struct iw_plane planes[2], uint32_t x, uint32_t y, uint32_t side)
{
    unsigned most = 0;
    for (unsigned i = 0; i < 2; i++) {
        const uint8_t *px = planes[i].px + y * planes[i].stride + x;
        unsigned loss = side == 2   ? cells_loss(px, planes[i].stride, 2)
                        : side == 4 ? cells_loss(px, planes[i].stride, 4)
                                    : cells_loss(px, planes[i].stride, BLOCK);
        most = IW_MAX(most, loss);
    }
    return most;
}

void iw_chroma_look_begin(struct iw_chroma_look *look, const struct iw_plane planes[2], uint32_t side)
{
    enum { SAMPLE = 4096 };
    *look = (struct iw_chroma_look){.planes = {planes[0], planes[1]}, .side = side};
    look->every = 1 + (planes[0].width_px / BLOCK) * (planes[0].height_px / BLOCK) / SAMPLE;
}

/* Blocks of all alignments: those of a grid would miss the edges along it. */
static void look_at_row(struct iw_chroma_look *look)
{
    uint32_t row = look->row / BLOCK, columns = look->planes[0].width_px / BLOCK;
    for (uint32_t column = row * 3 % look->every; column + 1 < columns; column += look->every, look->seen++) {
        uint32_t x = column * BLOCK + (5 * column + 3 * row) % BLOCK;
        uint32_t y = row * BLOCK + (3 * column + 5 * row) % BLOCK;
        /* three quarters of the loss, in half as many blocks: what is near is for iw_planes_need_chroma() */
        look->lossy += 4 * block_loss(look->planes, x, y, look->side) > 3 * LOSS * BLOCK * BLOCK;
    }
}

void iw_chroma_look_on(struct iw_chroma_look *look, uint32_t rows)
{
    for (; look->row + 2 * BLOCK <= IW_MIN(rows, look->planes[0].height_px); look->row += BLOCK)
        look_at_row(look);
}

bool iw_chroma_looks_soft(const struct iw_chroma_look *look)
{
    return look->seen > 0 && 2 * look->lossy * ONE_IN <= look->seen;
}

bool iw_planes_need_chroma(const struct iw_planes *planes)
{
    if (planes->count != 3 || planes->width_px < 2 * BLOCK || planes->height_px < 2 * BLOCK)
        return planes->count == 3;
    const struct iw_plane both[2] = {plane_of(planes, 1), plane_of(planes, 2)};
    unsigned blocks = 0, lossy = 0;
    for (uint32_t y = 0; y + BLOCK <= both[0].height_px; y += BLOCK)
        for (uint32_t x = 0; x + BLOCK <= both[0].width_px; x += BLOCK, blocks++)
            lossy += block_loss(both, x, y, 2) > LOSS * BLOCK * BLOCK;
    return lossy * ONE_IN > blocks;
}
