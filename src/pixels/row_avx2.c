/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Why by hand: compilers make slow code of loads of three bytes, and rows of 12 megapixels are split here. */
#include "pixels/row_avx2.h"

enum { BLOCK = 16 };

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define AVX2        __attribute__((target("avx2")))
#define AVX2_INLINE static inline __attribute__((target("avx2"), always_inline))

struct block {
    __m128i c[3]; /* 16 samples each of R, G and B */
};

AVX2_INLINE __m128i load(const uint8_t *from)
{
    return _mm_loadu_si128((const __m128i *)(const void *)from);
}

AVX2_INLINE void store(uint8_t *to, __m128i value)
{
    _mm_storeu_si128((__m128i *)(void *)to, value);
}

/* Three vectors of interleaved pixels, each gives its share of the samples. */
AVX2_INLINE struct block split_rgb(const uint8_t *from)
{
    const __m128i masks[3][3] = {
        {_mm_setr_epi8(0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1),
         _mm_setr_epi8(-1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14, -1, -1, -1, -1, -1),
         _mm_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 4, 7, 10, 13)},
        {_mm_setr_epi8(1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1),
         _mm_setr_epi8(-1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1),
         _mm_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14)},
        {_mm_setr_epi8(2, 5, 8, 11, 14, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1),
         _mm_setr_epi8(-1, -1, -1, -1, -1, 1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1),
         _mm_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15)},
    };
    __m128i a = load(from), b = load(from + 16), c = load(from + 32);
    struct block block;
    for (int i = 0; i < 3; i++)
        block.c[i] = _mm_or_si128(_mm_or_si128(_mm_shuffle_epi8(a, masks[i][0]), _mm_shuffle_epi8(b, masks[i][1])),
                                  _mm_shuffle_epi8(c, masks[i][2]));
    return block;
}

/* (value * alpha + ground * (255 - alpha)) / 255, rounded */
AVX2_INLINE __m128i mix(__m128i value, __m256i alpha, unsigned ground)
{
    __m256i rest = _mm256_sub_epi16(_mm256_set1_epi16(255), alpha);
    __m256i sum = _mm256_add_epi16(_mm256_mullo_epi16(_mm256_cvtepu8_epi16(value), alpha),
                                   _mm256_mullo_epi16(rest, _mm256_set1_epi16((short)ground)));
    sum = _mm256_add_epi16(sum, _mm256_set1_epi16(128));
    sum = _mm256_srli_epi16(_mm256_add_epi16(sum, _mm256_srli_epi16(sum, 8)), 8);
    return _mm_packus_epi16(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
}

AVX2_INLINE struct block split_rgba(const uint8_t *from, uint32_t ground)
{
    const __m128i order = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    __m128i a = _mm_shuffle_epi8(load(from), order), b = _mm_shuffle_epi8(load(from + 16), order);
    __m128i c = _mm_shuffle_epi8(load(from + 32), order), d = _mm_shuffle_epi8(load(from + 48), order);
    __m128i ab = _mm_unpacklo_epi32(a, b), cd = _mm_unpacklo_epi32(c, d);
    __m128i ab_high = _mm_unpackhi_epi32(a, b), cd_high = _mm_unpackhi_epi32(c, d);
    struct block block = {
        {_mm_unpacklo_epi64(ab, cd), _mm_unpackhi_epi64(ab, cd), _mm_unpacklo_epi64(ab_high, cd_high)}};
    __m128i alpha = _mm_unpackhi_epi64(ab_high, cd_high);
    if (_mm_movemask_epi8(_mm_cmpeq_epi8(alpha, _mm_set1_epi8(-1))) == 0xFFFF)
        return block;
    __m256i wide = _mm256_cvtepu8_epi16(alpha);
    for (int i = 0; i < 3; i++)
        block.c[i] = mix(block.c[i], wide, ground >> (16 - 8 * i) & 255);
    return block;
}

AVX2_INLINE struct block split(const uint8_t *row, uint32_t x, unsigned pixel_bytes, uint32_t ground)
{
    return pixel_bytes == 3 ? split_rgb(row + 3 * (size_t)x) : split_rgba(row + 4 * (size_t)x, ground);
}

AVX2 uint32_t iw_row_planes_avx2(const uint8_t *row, unsigned pixel_bytes, uint32_t ground, uint8_t *const rgb[3],
                                 uint32_t width)
{
    uint32_t x = 0;
    for (; __builtin_cpu_supports("avx2") && x + BLOCK <= width; x += BLOCK) {
        struct block block = split(row, x, pixel_bytes, ground);
        for (int i = 0; i < 3; i++)
            store(rgb[i] + x, block.c[i]);
    }
    return x;
}

AVX2_INLINE __m256i part(__m128i samples, short weight)
{
    return _mm256_mulhrs_epi16(_mm256_slli_epi16(_mm256_cvtepu8_epi16(samples), 7), _mm256_set1_epi16(weight));
}

AVX2_INLINE __m128i luma_of(const struct block *block)
{
    __m256i sum = _mm256_add_epi16(_mm256_add_epi16(part(block->c[0], IW_Y_R), part(block->c[1], IW_Y_G)),
                                   part(block->c[2], IW_Y_B));
    sum = _mm256_srli_epi16(_mm256_add_epi16(sum, _mm256_set1_epi16(64)), 7);
    return _mm_packus_epi16(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
}

AVX2_INLINE __m128i chroma_of(const __m128i sums[3], short r, short g, short b)
{
    __m128i sum =
        _mm_add_epi16(_mm_mulhrs_epi16(sums[0], _mm_set1_epi16(r)), _mm_mulhrs_epi16(sums[1], _mm_set1_epi16(g)));
    sum = _mm_add_epi16(sum, _mm_mulhrs_epi16(sums[2], _mm_set1_epi16(b)));
    sum = _mm_srai_epi16(_mm_add_epi16(sum, _mm_set1_epi16(64)), 7);
    return _mm_add_epi16(sum, _mm_set1_epi16(128));
}

AVX2 uint32_t iw_row_pair_avx2(const uint8_t *const rows[2], unsigned pixel_bytes, uint32_t ground,
                               uint8_t *const luma[2], uint8_t *const chroma[2], uint32_t width)
{
    const __m128i ones = _mm_set1_epi8(1);
    uint32_t x = 0;
    for (; __builtin_cpu_supports("avx2") && x + BLOCK <= width; x += BLOCK) {
        struct block upper = split(rows[0], x, pixel_bytes, ground), lower = split(rows[1], x, pixel_bytes, ground);
        store(luma[0] + x, luma_of(&upper));
        store(luma[1] + x, luma_of(&lower));
        __m128i sums[3]; /* of four samples each */
        for (int i = 0; i < 3; i++)
            sums[i] = _mm_slli_epi16(
                _mm_add_epi16(_mm_maddubs_epi16(upper.c[i], ones), _mm_maddubs_epi16(lower.c[i], ones)), 5);
        __m128i both =
            _mm_packus_epi16(chroma_of(sums, IW_CB_R, IW_CB_G, IW_CB_B), chroma_of(sums, IW_CR_R, IW_CR_G, IW_CR_B));
        _mm_storel_epi64((__m128i *)(void *)(chroma[0] + x / 2), both);
        _mm_storel_epi64((__m128i *)(void *)(chroma[1] + x / 2), _mm_srli_si128(both, 8));
    }
    return x;
}

AVX2 uint32_t iw_row_halve_avx2(const uint8_t *upper, const uint8_t *lower, uint8_t *to, uint32_t width)
{
    const __m256i ones = _mm256_set1_epi8(1), half = _mm256_set1_epi16(2);
    uint32_t x = 0;
    for (; __builtin_cpu_supports("avx2") && 2 * (x + BLOCK) <= width; x += BLOCK) {
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(upper + 2 * (size_t)x));
        __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(lower + 2 * (size_t)x));
        __m256i sum = _mm256_add_epi16(_mm256_maddubs_epi16(a, ones), _mm256_maddubs_epi16(b, ones));
        sum = _mm256_srli_epi16(_mm256_add_epi16(sum, half), 2);
        store(to + x, _mm_packus_epi16(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1)));
    }
    return x;
}

#else

uint32_t iw_row_planes_avx2(const uint8_t *row, unsigned pixel_bytes, uint32_t ground, uint8_t *const rgb[3],
                            uint32_t width)
{
    (void)row, (void)pixel_bytes, (void)ground, (void)rgb, (void)width;
    return 0;
}

uint32_t iw_row_pair_avx2(const uint8_t *const rows[2], unsigned pixel_bytes, uint32_t ground, uint8_t *const luma[2],
                          uint8_t *const chroma[2], uint32_t width)
{
    (void)rows, (void)pixel_bytes, (void)ground, (void)luma, (void)chroma, (void)width;
    return 0;
}

uint32_t iw_row_halve_avx2(const uint8_t *upper, const uint8_t *lower, uint8_t *to, uint32_t width)
{
    (void)upper, (void)lower, (void)to, (void)width;
    return 0;
}

#endif
