/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The reader of BMP: files written by hand in every depth, both ways up, run-length coded and with masks. */
#include "pixels_case.h"

struct bmp_kind {
    const char *name;
    unsigned depth, compression, header; /* header 0: 40 bytes */
    bool is_top_down;
    uint32_t masks[4]; /* red, green, blue, alpha */
    unsigned colours;  /* 0: all */
};

enum { BI_RGB, BI_RLE8, BI_RLE4, BI_BITFIELDS, BI_JPEG, BI_PNG, BI_ALPHABITFIELDS };

static void put_head(struct file *file, const struct bmp_kind *kind, uint32_t width, uint32_t height)
{
    unsigned header = kind->header ? kind->header : 40, entry = header == 12 ? 3 : 4;
    unsigned all = kind->depth <= 8 ? 1u << kind->depth : 0, colours = kind->colours ? kind->colours : all;
    bool has_masks = kind->compression == BI_BITFIELDS || kind->compression == BI_ALPHABITFIELDS;
    unsigned outside = !has_masks || header > 40 ? 0 : kind->compression == BI_ALPHABITFIELDS ? 16 : 12;
    file_put(file, "BM", 2);
    file_le(file, 0, 8);
    file_le(file, 14 + header + outside + colours * entry, 4);
    file_le(file, header, 4);
    file_le(file, width, header == 12 ? 2 : 4);
    file_le(file, kind->is_top_down ? (uint64_t)0 - height : height, header == 12 ? 2 : 4);
    file_le(file, 1, 2);
    file_le(file, kind->depth, 2);
    if (header > 12) {
        file_le(file, kind->compression, 4);
        file_le(file, 0, 12);
        file_le(file, kind->colours, 4);
        file_le(file, 0, 4);
        for (unsigned i = 0; i < 4; i++)
            if (4 * i < outside || header >= 44 + 4 * i)
                file_le(file, kind->masks[i], 4);
        for (size_t end = 14 + header + outside; file->len < end;)
            file_le(file, 0, 1);
    }
    for (unsigned i = 0; i < colours; i++) {
        uint8_t colour[4] = {(uint8_t)(i * 29), (uint8_t)(255 - i), (uint8_t)(i * 3), 0};
        file_put(file, colour, entry);
    }
}

static void colour_of(unsigned index, uint8_t *rgba)
{
    rgba[0] = (uint8_t)(index * 3);
    rgba[1] = (uint8_t)(255 - index);
    rgba[2] = (uint8_t)(index * 29);
    rgba[3] = 255;
}

static unsigned under_mask(uint32_t pixel, uint32_t mask)
{
    uint32_t most = mask, value = pixel & mask;
    while (most && !(most & 1)) {
        most >>= 1;
        value >>= 1;
    }
    return (unsigned)(value * 255.0 / IW_MAX(most, 1u) + 0.5);
}

static void pixel_of(const struct bmp_kind *kind, uint32_t pixel, uint8_t *rgba)
{
    static const uint32_t usual[2][4] = {{0x7C00, 0x03E0, 0x001F, 0}, {0xFF0000, 0xFF00, 0xFF, 0}};
    const uint32_t *masks = kind->compression == BI_RGB ? usual[kind->depth == 32] : kind->masks;
    if (kind->depth == 24) {
        rgba[0] = (uint8_t)(pixel >> 16), rgba[1] = (uint8_t)(pixel >> 8), rgba[2] = (uint8_t)pixel;
    } else {
        for (unsigned c = 0; c < 4; c++)
            rgba[c] = (uint8_t)under_mask(pixel, masks[c]);
    }
    if (kind->depth == 24 || !masks[3])
        rgba[3] = 255;
}

/* Random rows, and what they mean. */
static struct file bmp_make(const struct bmp_kind *kind, uint32_t width, uint32_t height, struct picture *out_meaning)
{
    struct file file = {0};
    size_t row_bytes = ((size_t)width * kind->depth + 31) / 32 * 4;
    struct picture rows = picture_noise((uint32_t)row_bytes, height, 1, kind->depth + width);
    *out_meaning = picture_new(width, height, 4);
    put_head(&file, kind, width, height);
    file_put(&file, rows.px, row_bytes * height);
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            const uint8_t *row = rows.px + (kind->is_top_down ? y : height - 1 - y) * row_bytes;
            uint8_t *to = px_at(out_meaning, x, y);
            if (kind->depth <= 8) {
                unsigned index = (unsigned)row[x * kind->depth / 8] >> (8 - kind->depth - x * kind->depth % 8) &
                                 ((1u << kind->depth) - 1);
                memset(to, 0, 3);
                to[3] = 255;
                if (!kind->colours || index < kind->colours)
                    colour_of(index, to);
            } else {
                uint32_t pixel = 0;
                for (unsigned i = 0; i < kind->depth / 8; i++)
                    pixel |= (uint32_t)row[x * (kind->depth / 8) + i] << 8 * i;
                pixel_of(kind, pixel, to);
            }
        }
    picture_free(&rows);
    return file;
}

static void test_bmp_of_every_kind(void **state)
{
    (void)state;
    static const struct bmp_kind kinds[] = {
        {.name = "1 bit", .depth = 1},
        {.name = "4 bits", .depth = 4},
        {.name = "8 bits", .depth = 8},
        {.name = "8 bits of 100 colours", .depth = 8, .colours = 100},
        {.name = "16 bits", .depth = 16},
        {.name = "24 bits", .depth = 24},
        {.name = "32 bits", .depth = 32},
        {.name = "OS/2 1", .depth = 1, .header = 12},
        {.name = "OS/2 4", .depth = 4, .header = 12},
        {.name = "OS/2 8", .depth = 8, .header = 12},
        {.name = "OS/2 24", .depth = 24, .header = 12},
        {.name = "5-6-5", .depth = 16, .compression = BI_BITFIELDS, .masks = {0xF800, 0x07E0, 0x001F}},
        {.name = "1-5-5-5", .depth = 16, .compression = BI_ALPHABITFIELDS, .masks = {0x7C00, 0x03E0, 0x001F, 0x8000}},
        {.name = "4-4-4-4",
         .depth = 16,
         .compression = BI_BITFIELDS,
         .header = 56,
         .masks = {0x0F00, 0x00F0, 0x000F, 0xF000}},
        {.name = "BGRA",
         .depth = 32,
         .compression = BI_BITFIELDS,
         .header = 108,
         .masks = {0xFF0000, 0xFF00, 0xFF, 0xFF000000}},
        {.name = "RGBA",
         .depth = 32,
         .compression = BI_BITFIELDS,
         .header = 124,
         .masks = {0xFF, 0xFF00, 0xFF0000, 0xFF000000}},
        {.name = "10-10-10", .depth = 32, .compression = BI_BITFIELDS, .masks = {0x3FF00000, 0x000FFC00, 0x3FF}},
        {.name = "V3 without alpha",
         .depth = 32,
         .compression = BI_BITFIELDS,
         .header = 52,
         .masks = {0xFF, 0xFF00, 0xFF0000}},
        {.name = "V5 24 bits", .depth = 24, .header = 124},
    };
    static const uint32_t sizes[][2] = {{1, 1}, {1, 17}, {17, 1}, {101, 101}, {64, 40}};
    for (size_t i = 0; i < IW_ARRAY_LEN(kinds); i++)
        for (size_t s = 0; s < IW_ARRAY_LEN(sizes); s++)
            for (int is_top_down = 0; is_top_down < (kinds[i].header == 12 ? 1 : 2); is_top_down++) {
                struct bmp_kind kind = kinds[i];
                kind.is_top_down = is_top_down == 1;
                struct picture meaning;
                struct file file = bmp_make(&kind, sizes[s][0], sizes[s][1], &meaning);
                struct picture want = picture_laid(&meaning, 0x336699);
                struct wish wish = {.width = sizes[s][0], .height = sizes[s][1], .ground = 0x336699};
                check_read(kind.name, "bmp", &file, &wish, &want, 0);
                struct file cut = {.ptr = file.ptr, .len = file.len - 1};
                check_refused("the same cut", "bmp", &cut, &wish);
                picture_free(&want);
                picture_free(&meaning);
                file_free(&file);
            }
}

/* 12x4; rows from below. '.' is index 0. */
struct rle_case {
    const char *name;
    unsigned depth;
    const char *codes;
    size_t len;
    const char *rows[4]; /* from above, in hexadecimal digits; NULL: refused */
};
#define CODES(text) text, sizeof(text) - 1

static void test_run_lengths(void **state)
{
    (void)state;
    static const struct rle_case cases[] = {
        {"runs",
         8,
         CODES("\x0C\1\0\0\x06\2\x06\3\0\0\x0C\4\0\0\1\5\x0B\6\0\1"),
         {"566666666666", "444444444444", "222222333333", "111111111111"}},
        {"literals",
         8,
         CODES("\0\5\1\2\3\4\5\0\7\6\0\0\0\4\7\7\x08\x08\x08\6\0\0\x0C\1\0\0\x0C\2\0\1"),
         {"222222222222", "111111111111", "778866666666", "123456666666"}},
        {"moves", 8, CODES("\2\1\0\2\4\2\2\3\0\1"), {"............", "......33....", "............", "11.........."}},
        {"early end of lines",
         8,
         CODES("\3\1\0\0\0\0\2\2\0\0\0\1"),
         {"............", "22..........", "............", "111........."}},
        {"no end of picture",
         8,
         CODES("\x0C\1\0\0\x0C\2\0\0\x0C\3\0\0\x0C\4"),
         {"444444444444", "333333333333", "222222222222", "111111111111"}},
        {"beyond the row",
         8,
         CODES("\x20\1\0\0\x0C\2\0\1"),
         {"............", "............", "222222222222", "111111111111"}},
        {"4 bits: runs",
         4,
         CODES("\x0C\x12\0\0\5\x34\7\x56\0\0\x0C\x77\0\0\x0C\x88\0\1"),
         {"888888888888", "777777777777", "343435656565", "121212121212"}},
        {"4 bits: literals",
         4,
         CODES("\0\5\x12\x34\x50\0\7\x66\0\0\0\3\x78\x90\x09\xAA\0\0\x0C\x11\0\0\x0C\x22\0\1"),
         {"222222222222", "111111111111", "789AAAAAAAAA", "123456666666"}},
        {"a row missing", 8, CODES("\x0C\1\0\0\x0C\2\0\0"), {NULL}},
        {"cut in a literal", 8, CODES("\0\5\1\2"), {NULL}},
        {"cut in a move", 8, CODES("\0\2\1"), {NULL}},
        {"nothing", 8, CODES(""), {NULL}},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(cases); i++) {
        const struct rle_case *c = &cases[i];
        struct bmp_kind kind = {.depth = c->depth, .compression = c->depth == 8 ? BI_RLE8 : BI_RLE4};
        struct file file = {0};
        struct wish wish = {.width = 12, .height = 4};
        put_head(&file, &kind, 12, 4);
        file_put(&file, c->codes, c->len);
        if (!c->rows[0]) {
            check_refused(c->name, "bmp", &file, &wish);
            file_free(&file);
            continue;
        }
        struct picture meaning = picture_new(12, 4, 4);
        for (uint32_t y = 0; y < 4; y++)
            for (uint32_t x = 0; x < 12; x++) {
                char digit[2] = {c->rows[y][x], '\0'};
                colour_of((unsigned)strtoul(digit, NULL, 16), px_at(&meaning, x, y));
            }
        struct picture want = picture_laid(&meaning, 0);
        check_read(c->name, "bmp", &file, &wish, &want, 0);
        picture_free(&want);
        picture_free(&meaning);
        file_free(&file);
    }
}

static void test_what_is_refused(void **state)
{
    (void)state;
    static const struct bmp_kind kinds[] = {
        {.name = "a JPEG inside", .depth = 24, .compression = BI_JPEG},
        {.name = "runs of 24 bits", .depth = 24, .compression = BI_RLE8},
        {.name = "masks on a palette", .depth = 8, .compression = BI_BITFIELDS},
        {.name = "Huffman of OS/2", .depth = 1, .compression = BI_BITFIELDS, .header = 64},
        {.name = "7 bits", .depth = 7},
        {.name = "64 bits", .depth = 64},
        {.name = "0 bits", .depth = 0},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(kinds); i++) {
        struct file file = {0};
        struct wish wish = {.width = 2, .height = 2};
        put_head(&file, &kinds[i], 2, 2);
        file_put(&file, (uint8_t[64]){0}, 64);
        check_refused(kinds[i].name, "bmp", &file, &wish);
        file_free(&file);
    }
}

static void test_damaged(void **state)
{
    (void)state;
    static const struct bmp_kind kinds[] = {
        {.depth = 4, .colours = 7},
        {.depth = 24},
        {.depth = 16, .compression = BI_BITFIELDS, .header = 56, .masks = {0x0F00, 0x00F0, 0x000F, 0xF000}},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(kinds); i++) {
        struct picture meaning;
        struct file file = bmp_make(&kinds[i], 12, 11, &meaning);
        check_damaged(&file, true);
        file_free(&file);
        picture_free(&meaning);
    }
    const struct bmp_kind runs = {.depth = 4, .compression = BI_RLE4};
    struct file file = {0};
    put_head(&file, &runs, 12, 4);
    file_put(&file, CODES("\0\5\x12\x34\x50\0\7\x66\0\0\0\2\3\1\x09\xAA\0\0\x0C\x22\0\1"));
    check_damaged(&file, true);
    file_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bmp_of_every_kind),
        cmocka_unit_test(test_run_lengths),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
