/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Pictures made by tests, files made of them, and what a reader makes of those. For tests only. */
#ifndef IW_TESTS_PIXELS_CASE_H
#define IW_TESTS_PIXELS_CASE_H

#include "base/iw.h"
#include "pixels/inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- pictures: interleaved samples of 8 bits ---- */

struct picture {
    uint32_t width, height;
    unsigned count; /* grey, grey and alpha, RGB, RGBA */
    uint8_t *px;
};

static inline struct picture picture_new(uint32_t width, uint32_t height, unsigned count)
{
    struct picture picture = {width, height, count, calloc((size_t)width * height, count)};
    if (!picture.px)
        abort();
    return picture;
}

static inline void picture_free(struct picture *picture)
{
    free(picture->px);
    picture->px = NULL;
}

static inline uint8_t *px_at(const struct picture *picture, uint32_t x, uint32_t y)
{
    return picture->px + ((size_t)y * picture->width + x) * picture->count;
}

static inline uint32_t random_next(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static inline struct picture picture_noise(uint32_t width, uint32_t height, unsigned count, uint32_t seed)
{
    struct picture picture = picture_new(width, height, count);
    uint32_t state = seed * 2654435761u + 1;
    for (size_t i = 0; i < (size_t)width * height * count; i++)
        picture.px[i] = (uint8_t)(random_next(&state) >> 11);
    return picture;
}

/* Smooth: lossy codecs keep it. Every channel and both axes differ; values 20..235 keep away from clipping. */
static inline struct picture picture_smooth(uint32_t width, uint32_t height, unsigned count)
{
    struct picture picture = picture_new(width, height, count);
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            unsigned across = x * 200 / IW_MAX(width - 1, 1u), down = y * 200 / IW_MAX(height - 1, 1u);
            unsigned values[4] = {20 + across, 20 + down, 235 - (across + down) / 2, 255 - across / 2};
            if (count <= 2)
                values[1] = values[3];
            for (unsigned c = 0; c < count; c++)
                px_at(&picture, x, y)[c] = (uint8_t)values[c];
        }
    return picture;
}

/* A photograph's mixture: smooth ground, grain in the luma, soft chroma. */
static inline struct picture picture_photo(uint32_t width, uint32_t height, uint32_t seed)
{
    struct picture picture = picture_smooth(width, height, 3);
    uint32_t state = seed * 2654435761u + 1;
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            int grain = (int)(random_next(&state) >> 9 & 31) - 16;
            for (unsigned c = 0; c < 3; c++)
                px_at(&picture, x, y)[c] = (uint8_t)(px_at(&picture, x, y)[c] + grain);
        }
    return picture;
}

/* (v * a + ground * (255 - a)) / 255, rounded to nearest */
static inline int over(int value, int alpha, int ground)
{
    return (int)((value * alpha + ground * (255 - alpha)) / 255.0 + 0.5);
}

/* The picture without its alpha, laid on 0xRRGGBB. */
static inline struct picture picture_laid(const struct picture *from, uint32_t ground)
{
    unsigned colours = from->count <= 2 ? 1 : 3;
    struct picture to = picture_new(from->width, from->height, colours);
    for (uint32_t y = 0; y < from->height; y++)
        for (uint32_t x = 0; x < from->width; x++)
            for (unsigned c = 0; c < colours; c++) {
                int alpha = from->count % 2 ? 255 : px_at(from, x, y)[colours];
                px_at(&to, x, y)[c] =
                    (uint8_t)over(px_at(from, x, y)[c], alpha, (int)(ground >> (colours == 1 ? 0 : 16 - 8 * c) & 255));
            }
    return to;
}

/* The picture as a viewer shows it that is stored with an Exif orientation: the eight names of TIFF 6.0, section
 * "Orientation", each as where row 0 and column 0 of what is stored are shown. */
static inline struct picture picture_stored(const struct picture *shown, unsigned orientation)
{
    bool swaps = orientation >= 5;
    struct picture to =
        picture_new(swaps ? shown->height : shown->width, swaps ? shown->width : shown->height, shown->count);
    for (uint32_t row = 0; row < to.height; row++)
        for (uint32_t column = 0; column < to.width; column++) {
            uint32_t right = shown->width - 1, bottom = shown->height - 1, x = 0, y = 0;
            switch (orientation) {
            case 1:
                x = column, y = row;
                break; /* top, left */
            case 2:
                x = right - column, y = row;
                break; /* top, right */
            case 3:
                x = right - column, y = bottom - row;
                break; /* bottom, right */
            case 4:
                x = column, y = bottom - row;
                break; /* bottom, left */
            case 5:
                x = row, y = column;
                break; /* left, top */
            case 6:
                x = right - row, y = column;
                break; /* right, top */
            case 7:
                x = right - row, y = bottom - column;
                break; /* right, bottom */
            case 8:
                x = row, y = bottom - column;
                break; /* left, bottom */
            }
            memcpy(px_at(&to, column, row), px_at(shown, x, y), shown->count);
        }
    return to;
}

/* Largest difference of a sample; fails on different shapes. */
static inline int picture_differ(const struct picture *a, const struct picture *b)
{
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    assert_int_equal(a->count, b->count);
    int most = 0;
    for (size_t i = 0; i < (size_t)a->width * a->height * a->count; i++)
        most = IW_MAX(most, abs(a->px[i] - b->px[i]));
    return most;
}

/* Mean difference of a sample. */
static inline double picture_mean_differ(const struct picture *a, const struct picture *b)
{
    double sum = 0;
    size_t total = (size_t)a->width * a->height * a->count;
    (void)picture_differ(a, b);
    for (size_t i = 0; i < total; i++)
        sum += abs(a->px[i] - b->px[i]);
    return sum / (double)total;
}

/* ---- files ---- */

struct file {
    uint8_t *ptr;
    size_t len, cap;
};

static inline void file_free(struct file *file)
{
    free(file->ptr);
    *file = (struct file){0};
}

static inline void file_put(struct file *file, const void *bytes, size_t len)
{
    if (file->cap - file->len < len) {
        file->cap = 2 * file->cap + len + 1024;
        file->ptr = realloc(file->ptr, file->cap);
        if (!file->ptr)
            abort();
    }
    if (len)
        memcpy(file->ptr + file->len, bytes, len);
    file->len += len;
}

/* value in count bytes, least or most significant first */
static inline void file_le(struct file *file, uint64_t value, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        file_put(file, &(uint8_t){(uint8_t)(i < 8 ? value >> 8 * i : 0)}, 1);
}

static inline void file_be(struct file *file, uint64_t value, unsigned count)
{
    while (count-- > 0)
        file_put(file, &(uint8_t){(uint8_t)(value >> 8 * count)}, 1);
}

/* ---- reading ---- */

static inline const struct iw_codec *codec_of(const char *format)
{
    for (size_t i = 0; i < iw_codec_count; i++)
        if (strcmp(iw_codecs[i]->format, format) == 0)
            return iw_codecs[i];
    return NULL;
}

/* What a reader delivered, row by row, before anything is scaled. */
struct taken {
    bool is_good;
    char why[120];
    struct iw_reader reader; /* what open() told; its pointers are gone */
    uint32_t width[3], height[3];
    uint8_t *px[3];
    size_t stride[3];
};

struct wish {
    uint32_t width, height; /* as stored: what the header would say */
    uint32_t least_width, least_height;
    uint32_t wanted_width, wanted_height;
    unsigned quality;
    bool wants_half;
    uint32_t ground;
    unsigned orientation;
};

static inline void taken_free(struct taken *taken)
{
    for (unsigned i = 0; i < 3; i++)
        free(taken->px[i]);
}

static inline bool take_rows(const struct iw_codec *codec, struct iw_reader *reader, struct taken *taken)
{
    struct iw_ring ring = {0};
    for (unsigned i = 0; i < reader->count; i++) {
        unsigned sub_w = i ? reader->sub_w : 0, sub_h = i ? reader->sub_h : 0;
        size_t rows = 1;
        while (rows < ((size_t)reader->height_px >> sub_h) + reader->step + 2)
            rows *= 2;
        taken->width[i] = (reader->width_px + (1u << sub_w) - 1) >> sub_w;
        taken->height[i] = (reader->height_px + (1u << sub_h) - 1) >> sub_h;
        ring.stride[i] = taken->stride[i] = (reader->row_room >> sub_w) + 128;
        ring.mask[i] = (unsigned)rows - 1;
        ring.px[i] = taken->px[i] = calloc(rows, taken->stride[i]);
        if (!ring.px[i])
            abort();
    }
    while (reader->next_row < reader->height_px) {
        if (!codec->rows(reader, &ring))
            return false;
        reader->next_row = IW_MIN(reader->next_row + reader->step, reader->height_px);
    }
    return true;
}

static inline struct taken take(const char *format, const struct file *file, const struct wish *wish)
{
    const struct iw_codec *codec = codec_of(format);
    struct taken taken = {0};
    struct iw_image_facts facts = {.width_px = wish->width,
                                   .height_px = wish->height,
                                   .stored_width_px = wish->width,
                                   .stored_height_px = wish->height,
                                   .orientation = (uint8_t)IW_MAX(wish->orientation, 1u)};
    struct iw_reader reader = {.bytes = file->ptr,
                               .len = file->len,
                               .facts = &facts,
                               .background_rgb = wish->ground,
                               .least_width_px = wish->least_width ? wish->least_width : UINT32_MAX,
                               .least_height_px = wish->least_height ? wish->least_height : UINT32_MAX,
                               .wanted_width_px = wish->wanted_width,
                               .wanted_height_px = wish->wanted_height,
                               .quality = (uint8_t)wish->quality,
                               .wants_half = wish->wants_half};
    assert_non_null(codec);
    taken.is_good = codec->open(&reader);
    if (taken.is_good)
        taken.is_good = take_rows(codec, &reader, &taken);
    memcpy(taken.why, reader.why, sizeof taken.why);
    codec->close(&reader);
    taken.reader = reader;
    return taken;
}

/* RGB or grey samples as a picture; planes must be whole. */
static inline struct picture taken_picture(const struct taken *taken)
{
    struct picture picture = picture_new(taken->reader.width_px, taken->reader.height_px, taken->reader.count);
    for (unsigned c = 0; c < picture.count; c++)
        for (uint32_t y = 0; y < picture.height; y++)
            for (uint32_t x = 0; x < picture.width; x++)
                px_at(&picture, x, y)[c] = taken->px[c][y * taken->stride[c] + x];
    return picture;
}

/* A file must be read as want (grey, or RGB), each sample within near. */
static inline void check_read(const char *what, const char *format, const struct file *file, const struct wish *wish,
                              const struct picture *want, int near)
{
    struct taken taken = take(format, file, wish);
    if (!taken.is_good)
        fail_msg("%s: %s", what, taken.why);
    assert_int_equal(taken.reader.sub_w + taken.reader.sub_h, 0);
    assert_int_equal(taken.reader.is_rgb, want->count == 3);
    struct picture got = taken_picture(&taken);
    int differ = picture_differ(&got, want);
    if (differ > near)
        fail_msg("%s: a sample is %d off", what, differ);
    picture_free(&got);
    taken_free(&taken);
}

/* A file must be refused, with a sentence. */
static inline void check_refused(const char *what, const char *format, const struct file *file, const struct wish *wish)
{
    struct taken taken = take(format, file, wish);
    if (taken.is_good)
        fail_msg("%s was read", what);
    if (!taken.why[0])
        fail_msg("%s: refused without a reason", what);
    taken_free(&taken);
}

/* ---- the whole ---- */

struct result {
    struct iw_made made;
    struct file file;
};

/* What comes back must be sound, or have a reason; bytes are handed over in memory of their exact size, so that a
 * sanitizer sees a read beyond. */
static inline struct result make_exact(const uint8_t *bytes, size_t len, const struct iw_goal *goal, size_t room)
{
    struct result result = {.file = {.ptr = malloc(room), .cap = room}};
    uint8_t *exact = malloc(len ? len : 1);
    if (!result.file.ptr || !exact)
        abort();
    if (len)
        memcpy(exact, bytes, len);
    iw_pixels_make(exact, len, goal, result.file.ptr, room, &result.made);
    free(exact);
    const char *why = NULL;
    const struct iw_made *made = &result.made;
    if (made->error != IW_MADE_OK) {
        if (!made->reason[0])
            fail_msg("error %d without a reason", (int)made->error);
        return result;
    }
    result.file.len = (size_t)made->bytes;
    if (made->reason[0] || made->bytes > room)
        fail_msg("fine, and yet \"%s\", %llu bytes", made->reason, (unsigned long long)made->bytes);
    if (made->how != IW_MADE_PPM && !iw_made_is_sound(result.file.ptr, result.file.len, made, goal, &why))
        fail_msg("the result is not sound: %s", why);
    return result;
}

static inline struct result make(const struct file *file, const struct iw_goal *goal)
{
    return make_exact(file->ptr, file->len, goal, 8u << 20);
}

/* TIFF with an Orientation of 6: a quarter turn. */
static const uint8_t turning[] = {'I', 'I', '*', 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3,
                                  0,   1,   0,   0, 0, 6, 0, 0, 0, 0, 0,    0, 0};

/* What is made of a file has this size. */
static inline void check_made_size(const struct file *file, uint32_t width, uint32_t height)
{
    struct iw_goal goal;
    iw_goal_init(&goal);
    goal.may_reoptimise = false;
    struct result result = make(file, &goal);
    assert_int_equal(result.made.error, IW_MADE_OK);
    assert_int_equal(result.made.width_px, width);
    assert_int_equal(result.made.height_px, height);
    file_free(&result.file);
}

/* Every beginning of a file, and with flips every byte changed in two ways. */
static inline void check_damaged(const struct file *file, bool flips)
{
    enum { ROOM = 1 << 16 };
    static const uint8_t masks[] = {0x01, 0x80};
    struct iw_goal goal;
    iw_goal_init(&goal);
    goal.box_width_px = goal.box_height_px = 9;
    goal.must_scale = true;
    for (size_t len = 0; len <= file->len; len++) {
        struct result result = make_exact(file->ptr, len, &goal, ROOM);
        file_free(&result.file);
    }
    for (size_t i = 0; flips && i < file->len * IW_ARRAY_LEN(masks); i++) {
        uint8_t *byte = &file->ptr[i / IW_ARRAY_LEN(masks)], mask = masks[i % IW_ARRAY_LEN(masks)];
        *byte ^= mask;
        struct result result = make_exact(file->ptr, file->len, &goal, ROOM);
        file_free(&result.file);
        *byte ^= mask;
    }
}

#endif
