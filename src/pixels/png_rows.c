/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Chunks, the zlib header (RFC 1950) and row filters (PNG, third edition, sections 9 and 10); checksums are not
 * verified, as with libpng here. A filtered row and the row made of it are apart, so that vectors may be stored whole:
 * what they write too much is overwritten by the next. */
#include "pixels/png_rows.h"

#include "base/bytes.h"
#include "base/mem.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <string.h>

enum { PAD = 32, FILTERS = 5 };

struct iw_png_rows {
    const uint8_t *bytes;
    size_t len, at, left; /* left: of the chunk */
    bool has_header;
    size_t row_bytes;
    unsigned pixel_bytes;
    unsigned next;    /* of rows */
    uint8_t *coded;   /* the filter's number and the filtered row */
    uint8_t *rows[3]; /* two that were handed out, and the next */
    struct inflate_state inflate;
};

/* ---- chunks ---- */

/* Makes the chunk at `at` the current one; at is where its data begin. */
static bool take_chunk(struct iw_png_rows *r)
{
    if (r->at < 8 || r->at > r->len || memcmp(r->bytes + r->at - 4, "IDAT", 4) != 0)
        return false;
    r->left = iw_be32(r->bytes + r->at - 8);
    if (r->left > r->len - r->at)
        r->left = r->len - r->at;
    return true;
}

/* Goes to the next chunk that holds data. */
static bool find_data(struct iw_png_rows *r)
{
    while (r->left == 0) {
        if (r->len - r->at < 12)
            return false;
        r->at += 12; /* checksum, length, type */
        if (!take_chunk(r))
            return false;
    }
    return true;
}

static bool take_byte(struct iw_png_rows *r, unsigned *byte)
{
    if (!find_data(r))
        return false;
    *byte = r->bytes[r->at++];
    r->left--;
    return true;
}

static bool read_header(struct iw_png_rows *r)
{
    unsigned method, flags;
    if (!take_byte(r, &method) || !take_byte(r, &flags))
        return false;
    r->has_header = true;
    return (method & 15) == 8 && (flags & 32) == 0 && (method << 8 | flags) % 31 == 0;
}

/* Inflates one row with its filter. */
static const char *fill_coded(struct iw_png_rows *r)
{
    if (!r->has_header && !read_header(r))
        return "the compressed data have no header";
    r->inflate.next_out = r->coded + PAD - 1;
    r->inflate.avail_out = (uint32_t)r->row_bytes + 1;
    while (r->inflate.avail_out > 0) {
        bool has_data = find_data(r);
        uint32_t given = r->left > UINT32_MAX ? UINT32_MAX : (uint32_t)r->left, room = r->inflate.avail_out;
        r->inflate.next_in = (uint8_t *)(uintptr_t)(r->bytes + r->at); /* only read */
        r->inflate.avail_in = given;
        if (isal_inflate(&r->inflate) != ISAL_DECOMP_OK)
            return "the compressed data are damaged";
        uint32_t used = given - r->inflate.avail_in;
        r->at += used;
        r->left -= used;
        bool stands = used == 0 && r->inflate.avail_out == room;
        if (stands && (!has_data || r->inflate.block_state == ISAL_BLOCK_FINISH))
            return "the file ends inside the picture";
        if (stands)
            return "the compressed data are damaged";
    }
    return NULL;
}

/* ---- filters ---- */

static void undo_none(const uint8_t *from, const uint8_t *above, uint8_t *to, size_t len)
{
    (void)above;
    memcpy(to, from, len);
}

static void undo_up(const uint8_t *restrict from, const uint8_t *restrict above, uint8_t *restrict to, size_t len)
{
    for (size_t i = 0; i < len; i++)
        to[i] = (uint8_t)(from[i] + above[i]);
}

static uint8_t paeth(int left, int up, int corner)
{
    int a = abs(up - corner), b = abs(left - corner), c = abs(left + up - 2 * corner);
    return (uint8_t)(a <= b && a <= c ? left : b <= c ? up : corner);
}

/* Any width of pixel. What is left of the row counts as 0; to and above have a cleared pad before them. */
static void undo_plain(unsigned filter, const uint8_t *from, const uint8_t *above, uint8_t *to, size_t len,
                       unsigned pixel_bytes)
{
    const uint8_t *left = to - pixel_bytes, *corner = above - pixel_bytes;
    for (size_t i = 0; i < len; i++) {
        unsigned guess = filter == 1   ? left[i]
                         : filter == 3 ? (left[i] + above[i]) / 2u
                                       : paeth(left[i], above[i], corner[i]);
        to[i] = (uint8_t)(from[i] + guess);
    }
}

#ifdef __SSE2__
#include <emmintrin.h>

/* Four bytes, of which three or four are a pixel's. */
static inline __m128i load_4(const uint8_t *from)
{
    int value;
    memcpy(&value, from, sizeof value);
    return _mm_cvtsi32_si128(value);
}

static inline void store_4(uint8_t *to, __m128i pixel)
{
    int value = _mm_cvtsi128_si32(pixel);
    memcpy(to, &value, sizeof value);
}

static inline __attribute__((always_inline)) void undo_sub(const uint8_t *from, uint8_t *to, size_t len, unsigned pixel)
{
    __m128i left = _mm_setzero_si128();
    for (size_t i = 0; i < len; i += pixel) {
        left = _mm_add_epi8(left, load_4(from + i));
        store_4(to + i, left);
    }
}

static inline __attribute__((always_inline)) void undo_average(const uint8_t *from, const uint8_t *above, uint8_t *to,
                                                               size_t len, unsigned pixel)
{
    const __m128i one = _mm_set1_epi8(1);
    __m128i left = _mm_setzero_si128();
    for (size_t i = 0; i < len; i += pixel) {
        __m128i up = load_4(above + i), mean = _mm_avg_epu8(left, up); /* rounds up */
        mean = _mm_sub_epi8(mean, _mm_and_si128(_mm_xor_si128(left, up), one));
        left = _mm_add_epi8(mean, load_4(from + i));
        store_4(to + i, left);
    }
}

static inline __m128i magnitude(__m128i value)
{
    return _mm_max_epi16(value, _mm_sub_epi16(_mm_setzero_si128(), value));
}

static inline __attribute__((always_inline)) void undo_paeth(const uint8_t *from, const uint8_t *above, uint8_t *to,
                                                             size_t len, unsigned pixel)
{
    const __m128i zero = _mm_setzero_si128();
    __m128i left = zero, corner = zero; /* 16 bits each */
    for (size_t i = 0; i < len; i += pixel) {
        __m128i up = _mm_unpacklo_epi8(load_4(above + i), zero);
        __m128i across = _mm_sub_epi16(left, corner), down = _mm_sub_epi16(up, corner);
        __m128i a = magnitude(down), b = magnitude(across), c = magnitude(_mm_add_epi16(across, down));
        __m128i least = _mm_min_epi16(c, _mm_min_epi16(a, b));
        __m128i is_a = _mm_cmpeq_epi16(least, a), is_b = _mm_cmpeq_epi16(least, b);
        __m128i other = _mm_or_si128(_mm_and_si128(is_b, up), _mm_andnot_si128(is_b, corner));
        __m128i guess = _mm_or_si128(_mm_and_si128(is_a, left), _mm_andnot_si128(is_a, other));
        __m128i made = _mm_add_epi8(_mm_packus_epi16(guess, guess), load_4(from + i));
        store_4(to + i, made);
        corner = up;
        left = _mm_unpacklo_epi8(made, zero);
    }
}

static bool undo_fast(unsigned filter, const uint8_t *from, const uint8_t *above, uint8_t *to, size_t len,
                      unsigned pixel_bytes)
{
    if (pixel_bytes == 3 && filter == 1)
        undo_sub(from, to, len, 3);
    else if (pixel_bytes == 3 && filter == 3)
        undo_average(from, above, to, len, 3);
    else if (pixel_bytes == 3)
        undo_paeth(from, above, to, len, 3);
    else if (pixel_bytes == 4 && filter == 1)
        undo_sub(from, to, len, 4);
    else if (pixel_bytes == 4 && filter == 3)
        undo_average(from, above, to, len, 4);
    else if (pixel_bytes == 4)
        undo_paeth(from, above, to, len, 4);
    return pixel_bytes >= 3;
}
#else
static bool undo_fast(unsigned filter, const uint8_t *from, const uint8_t *above, uint8_t *to, size_t len,
                      unsigned pixel_bytes)
{
    (void)filter, (void)from, (void)above, (void)to, (void)len, (void)pixel_bytes;
    return false;
}
#endif

/* ---- the whole ---- */

struct iw_png_rows *iw_png_rows_new(const uint8_t *bytes, size_t len, size_t at, size_t row_bytes, unsigned pixel_bytes)
{
    struct iw_png_rows *r = row_bytes < UINT32_MAX - 2 * PAD ? iw_malloc(sizeof *r) : NULL;
    if (!r)
        return NULL;
    memset(r, 0, offsetof(struct iw_png_rows, inflate));
    r->bytes = bytes;
    r->len = len;
    r->at = at;
    r->row_bytes = row_bytes;
    r->pixel_bytes = pixel_bytes;
    isal_inflate_init(&r->inflate);
    size_t room = row_bytes + 2 * PAD;
    r->coded = iw_calloc(4, room);
    for (unsigned i = 0; i < 3 && r->coded; i++)
        r->rows[i] = r->coded + (i + 1) * room + PAD;
    if (r->coded && take_chunk(r))
        return r;
    iw_png_rows_free(r);
    return NULL;
}

const uint8_t *iw_png_rows_next(struct iw_png_rows *r, const char **out_why)
{
    *out_why = fill_coded(r);
    if (*out_why)
        return NULL;
    const uint8_t *from = r->coded + PAD, *above = r->rows[(r->next + 2) % 3];
    uint8_t *to = r->rows[r->next];
    unsigned filter = from[-1];
    if (filter >= FILTERS) {
        *out_why = "a row has an unknown filter";
        return NULL;
    }
    if (filter == 0)
        undo_none(from, above, to, r->row_bytes);
    else if (filter == 2)
        undo_up(from, above, to, r->row_bytes);
    else if (!undo_fast(filter, from, above, to, r->row_bytes, r->pixel_bytes))
        undo_plain(filter, from, above, to, r->row_bytes, r->pixel_bytes);
    r->next = (r->next + 1) % 3;
    return to;
}

void iw_png_rows_free(struct iw_png_rows *r)
{
    if (!r)
        return;
    iw_free(r->coded);
    iw_free(r);
}
