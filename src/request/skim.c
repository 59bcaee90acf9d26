/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Text in steps of 32 or 16 bytes. The last few bytes, and processors without vectors, go byte by byte. */
#include "base/iw.h"
#include "request/skim.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define HAS_VECTORS 1
#include <emmintrin.h>
#include <immintrin.h>
#define AVX2        __attribute__((target("avx2")))
#define AVX2_INLINE AVX2 static inline __attribute__((always_inline))
#endif

const int8_t iw_base64_values[256] = {
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 62, -1, 62, -1, 63, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61,
    -1, -1, -1, -1, -1, -1, -1, 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
    22, 23, 24, 25, -1, -1, -1, -1, 63, -1, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44,
    45, 46, 47, 48, 49, 50, 51, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
};

static bool is_plain(char c)
{
    return c >= ' ' && c != '"' && c != '\\' && !((unsigned char)c & 0x80);
}

static bool is_base64(char c)
{
    return iw_base64_values[(unsigned char)c] >= 0 && c != '-' && c != '_';
}

#ifdef HAS_VECTORS

/* ---- 32 bytes at once ---- */

AVX2_INLINE __m256i load(const char *text)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)text);
}

/* A byte below the space, as a signed number, is a control character or no ASCII. */
AVX2 static size_t string_avx2(const char *text, size_t len)
{
    const __m256i quote = _mm256_set1_epi8('"'), backslash = _mm256_set1_epi8('\\'), space = _mm256_set1_epi8(' ');
    size_t at = 0;
    for (; at + 32 <= len; at += 32) {
        __m256i x = load(text + at);
        __m256i odd = _mm256_or_si256(_mm256_cmpeq_epi8(x, quote), _mm256_cmpeq_epi8(x, backslash));
        odd = _mm256_or_si256(odd, _mm256_cmpgt_epi8(space, x));
        unsigned mask = (unsigned)_mm256_movemask_epi8(odd);
        if (mask)
            return at + (size_t)__builtin_ctz(mask);
    }
    return at;
}

/* A byte is in the alphabet when the classes of its two halves have no bit in common: each bit stands for a group of
 * upper halves, and is set for those lower halves that do not belong to it. */
AVX2_INLINE __m256i odd_base64(__m256i x)
{
    const __m256i upper = _mm256_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10,
                                           0x10, 0x10, 0x10, 0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10,
                                           0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
    const __m256i lower = _mm256_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1A, 0x1B,
                                           0x1B, 0x1B, 0x1A, 0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                           0x13, 0x1A, 0x1B, 0x1B, 0x1B, 0x1A);
    const __m256i half = _mm256_set1_epi8(0x0F);
    __m256i high = _mm256_and_si256(_mm256_srli_epi32(x, 4), half);
    return _mm256_and_si256(_mm256_shuffle_epi8(upper, high), _mm256_shuffle_epi8(lower, _mm256_and_si256(x, half)));
}

AVX2 static size_t base64_avx2(const char *text, size_t len)
{
    const __m256i zero = _mm256_setzero_si256();
    size_t at = 0;
    while (at + 128 <= len) { /* most text is long, and whole blocks of it are plain */
        __m256i odd[4];
        for (int i = 0; i < 4; i++)
            odd[i] = odd_base64(load(text + at + 32 * i));
        __m256i any = _mm256_or_si256(_mm256_or_si256(odd[0], odd[1]), _mm256_or_si256(odd[2], odd[3]));
        if (!_mm256_testz_si256(any, any))
            break;
        at += 128;
    }
    for (; at + 32 <= len; at += 32) {
        unsigned mask = ~(unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(odd_base64(load(text + at)), zero));
        if (mask)
            return at + (size_t)__builtin_ctz(mask);
    }
    return at;
}

/* ---- 16 bytes at once ---- */

static size_t string_sse2(const char *text, size_t len)
{
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(' ');
    size_t at = 0;
    for (; at + 16 <= len; at += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(text + at));
        __m128i odd = _mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, backslash));
        odd = _mm_or_si128(odd, _mm_cmplt_epi8(x, space));
        unsigned mask = (unsigned)_mm_movemask_epi8(odd);
        if (mask)
            return at + (size_t)__builtin_ctz(mask);
    }
    return at;
}

/* Whether low <= x <= high, each of them ASCII. */
static __m128i within(__m128i x, char low, char high)
{
    return _mm_and_si128(_mm_cmpgt_epi8(x, _mm_set1_epi8((char)(low - 1))),
                         _mm_cmplt_epi8(x, _mm_set1_epi8((char)(high + 1))));
}

static size_t base64_sse2(const char *text, size_t len)
{
    size_t at = 0;
    for (; at + 16 <= len; at += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(text + at));
        __m128i letters = within(_mm_or_si128(x, _mm_set1_epi8(0x20)), 'a', 'z');
        __m128i known = _mm_or_si128(letters, within(x, '/', '9')); /* "/" stands right before "0" */
        known = _mm_or_si128(known, _mm_cmpeq_epi8(x, _mm_set1_epi8('+')));
        unsigned mask = ~(unsigned)_mm_movemask_epi8(known) & 0xFFFF;
        if (mask)
            return at + (size_t)__builtin_ctz(mask);
    }
    return at;
}

#endif

size_t iw_skim_string(const char *text, size_t len)
{
    size_t at = 0;
#ifdef HAS_VECTORS
    at = __builtin_cpu_supports("avx2") ? string_avx2(text, len) : string_sse2(text, len);
#endif
    while (at < len && is_plain(text[at]))
        at++;
    return at;
}

size_t iw_skim_base64(const char *text, size_t len)
{
    size_t at = 0;
#ifdef HAS_VECTORS
    at = __builtin_cpu_supports("avx2") ? base64_avx2(text, len) : base64_sse2(text, len);
#endif
    while (at < len && is_base64(text[at]))
        at++;
    return at;
}

size_t iw_base64_groups(const char *text, size_t len, uint8_t *out, size_t room)
{
    size_t n = 0;
    for (const unsigned char *p = (const unsigned char *)text; len >= 4 && room - n >= 3; p += 4, len -= 4) {
        int a = iw_base64_values[p[0]], b = iw_base64_values[p[1]], c = iw_base64_values[p[2]];
        int d = iw_base64_values[p[3]];
        if ((a | b | c | d) < 0)
            break;
        uint32_t bits = (uint32_t)a << 18 | (uint32_t)b << 12 | (uint32_t)c << 6 | (uint32_t)d;
        out[n++] = (uint8_t)(bits >> 16);
        out[n++] = (uint8_t)(bits >> 8);
        out[n++] = (uint8_t)bits;
    }
    return n;
}
