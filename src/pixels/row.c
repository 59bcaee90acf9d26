/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Interleaved rows to planes. Transparent pixels are laid on the background here, before anything is scaled:
 * averaging after compositing is what weights colours by their alpha. */
#include "base/iw.h"
#include "pixels/inside.h"

#define ROW_INLINE static inline __attribute__((always_inline))

ROW_INLINE void split_3(const uint8_t *restrict row, uint8_t *restrict a, uint8_t *restrict b, uint8_t *restrict c,
                        uint32_t width)
{
    for (uint32_t x = 0; x < width; x++) {
        a[x] = row[3 * x];
        b[x] = row[3 * x + 1];
        c[x] = row[3 * x + 2];
    }
}

/* (value * alpha + ground * (255 - alpha)) / 255, rounded; exact for all bytes. */
ROW_INLINE uint8_t mix(unsigned value, unsigned alpha, unsigned ground)
{
    unsigned sum = value * alpha + ground * (255 - alpha) + 128;
    return (uint8_t)((sum + (sum >> 8)) >> 8);
}

ROW_INLINE void split_4(const uint8_t *restrict row, uint8_t *restrict a, uint8_t *restrict b, uint8_t *restrict c,
                        uint32_t width, uint32_t ground)
{
    unsigned r = ground >> 16 & 255, g = ground >> 8 & 255, u = ground & 255;
    for (uint32_t x = 0; x < width; x++) {
        unsigned alpha = row[4 * x + 3];
        a[x] = mix(row[4 * x], alpha, r);
        b[x] = mix(row[4 * x + 1], alpha, g);
        c[x] = mix(row[4 * x + 2], alpha, u);
    }
}

#if defined(__x86_64__) && defined(__GNUC__)
#define ROW_AVX2 __attribute__((target("avx2"), optimize("O3")))
#ifdef __clang__
#undef ROW_AVX2
#define ROW_AVX2 __attribute__((target("avx2")))
#endif
ROW_AVX2 static void split_3_avx2(const uint8_t *row, uint8_t *a, uint8_t *b, uint8_t *c, uint32_t width)
{
    split_3(row, a, b, c, width);
}
ROW_AVX2 static void split_4_avx2(const uint8_t *row, uint8_t *a, uint8_t *b, uint8_t *c, uint32_t width,
                                  uint32_t ground)
{
    split_4(row, a, b, c, width, ground);
}
static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}
#else
#define split_3_avx2 split_3
#define split_4_avx2 split_4
static bool has_avx2(void)
{
    return false;
}
#endif

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
        (has_avx2() ? split_3_avx2 : split_3)(row, to[0], to[1], to[2], width);
        break;
    case IW_RGBA8:
        (has_avx2() ? split_4_avx2 : split_4)(row, to[0], to[1], to[2], width, reader->background_rgb);
        break;
    }
}
