/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* TGA and PCX, which have no signature worth the name: what they are known by, and all that must not be taken for
 * them. */
#include "base/iw.h"
#include "image_case.h"

/* ---- TGA ---- */

struct tga_case {
    const char *name;
    unsigned id, has_map, kind, first, count, map_bits;
    unsigned width, height, bits, descriptor;
    bool is_unknown; /* no known image */
    enum iw_tri alpha;
    enum iw_colour colour;
    uint8_t bit_depth;
};

static void check_tga(const struct tga_case *c)
{
    struct made m;
    made_init(&m);
    put_byte(&m, c->id);
    put_byte(&m, c->has_map);
    put_byte(&m, c->kind);
    put_le(&m, c->first, 2);
    put_le(&m, c->count, 2);
    put_byte(&m, c->map_bits);
    put_le(&m, 7, 2); /* the origin on a screen */
    put_le(&m, 456, 2);
    put_le(&m, c->width, 2);
    put_le(&m, c->height, 2);
    put_byte(&m, c->bits);
    put_byte(&m, c->descriptor);
    put_fill(&m, 0x20, 50);
    struct feed_result result = feed_whole(m.ptr, m.len);
    const char *cut = feed_cuts(m.ptr, m.len, 0);
    made_release(&m);
    print_message("  %s\n", c->name);
    assert_null(cut);
    assert_int_equal(result.scan, IW_SCAN_DONE);
    if (c->is_unknown) {
        assert_null(result.facts.format);
        return;
    }
    assert_non_null(result.facts.format);
    assert_string_equal(result.facts.format->name, "tga");
    assert_int_equal(result.facts.width_px, c->width);
    assert_int_equal(result.facts.height_px, c->height);
    assert_int_equal(result.facts.stored_width_px, c->width);
    assert_int_equal(result.facts.orientation, 1);
    assert_int_equal(result.facts.animated, IW_NO);
    assert_int_equal(result.facts.alpha, c->alpha);
    assert_int_equal(result.facts.colour, c->colour);
    assert_int_equal(result.facts.bit_depth, c->bit_depth);
}

#define SIZES   .width = 300, .height = 200
#define UNKNOWN .is_unknown = true
#define COLOUR  .colour = IW_COLOUR_RGB, .bit_depth = 8
#define GREY    .colour = IW_COLOUR_GREY, .bit_depth = 8
#define MAP     .has_map = 1, .kind = 1, .count = 256, .bits = 8

static void test_tga(void **state)
{
    (void)state;
    static const struct tga_case cases[] = {
        {"true colour, 24 bits", .kind = 2, SIZES, .bits = 24, COLOUR, .alpha = IW_NO},
        {"run length, 24 bits, first row on top", .kind = 10, SIZES, .bits = 24, .descriptor = 0x20, COLOUR,
         .alpha = IW_NO},
        {"first pixel on the right", .kind = 10, SIZES, .bits = 24, .descriptor = 0x30, COLOUR, .alpha = IW_NO},
        {"32 bits with alpha", .kind = 2, SIZES, .bits = 32, .descriptor = 8, COLOUR, .alpha = IW_YES},
        {"32 bits, alpha not stated", .kind = 2, SIZES, .bits = 32, COLOUR, .alpha = IW_UNKNOWN},
        {"16 bits with a bit of alpha", .kind = 2, SIZES, .bits = 16, .descriptor = 1, .colour = IW_COLOUR_RGB,
         .bit_depth = 5, .alpha = IW_YES},
        {"15 bits", .kind = 10, SIZES, .bits = 15, .colour = IW_COLOUR_RGB, .bit_depth = 5, .alpha = IW_NO},
        {"grey", .kind = 3, SIZES, .bits = 8, GREY, .alpha = IW_NO},
        {"grey with alpha", .kind = 11, SIZES, .bits = 16, .descriptor = 8, GREY, .alpha = IW_YES},
        {"palette", MAP, .map_bits = 24, SIZES, .colour = IW_COLOUR_PALETTE, .bit_depth = 8, .alpha = IW_NO},
        {"palette with alpha", MAP, .map_bits = 32, SIZES, .colour = IW_COLOUR_PALETTE, .bit_depth = 8,
         .alpha = IW_UNKNOWN},
        {"palette of grey", MAP, .map_bits = 8, SIZES, .colour = IW_COLOUR_PALETTE, .bit_depth = 8, .alpha = IW_NO},
        {"one bit of grey", .kind = 3, SIZES, .bits = 1, .colour = IW_COLOUR_GREY, .bit_depth = 1, .alpha = IW_NO},
        {"one bit of colour", .kind = 2, SIZES, .bits = 1, UNKNOWN},
        {"an identification", .id = 255, .kind = 2, .width = 65535, .height = 1, .bits = 24, COLOUR, .alpha = IW_NO},
        {"no picture", .kind = 0, SIZES, .bits = 24, UNKNOWN},
        {"kind 4", .kind = 4, SIZES, .bits = 24, UNKNOWN},
        {"kind 18", .kind = 18, SIZES, .bits = 24, UNKNOWN},
        {"map 2", .has_map = 2, .kind = 2, SIZES, .bits = 24, UNKNOWN},
        {"a palette without its map", .kind = 1, SIZES, .bits = 8, UNKNOWN},
        {"a map without entries", .has_map = 1, .kind = 1, .map_bits = 24, SIZES, .bits = 8, UNKNOWN},
        {"a map beyond 256", MAP, .first = 1, .map_bits = 24, SIZES, UNKNOWN},
        {"a map of 12 bits", MAP, .map_bits = 12, SIZES, UNKNOWN},
        {"true colour with a map", .kind = 2, .count = 1, .map_bits = 24, SIZES, .bits = 24, UNKNOWN},
        {"8 bits of colour", .kind = 2, SIZES, .bits = 8, UNKNOWN},
        {"24 bits of grey", .kind = 3, SIZES, .bits = 24, UNKNOWN},
        {"24 bits with alpha", .kind = 2, SIZES, .bits = 24, .descriptor = 8, UNKNOWN},
        {"interleaved", .kind = 2, SIZES, .bits = 24, .descriptor = 0x40, UNKNOWN},
        {"width 0", .kind = 2, .height = 200, .bits = 24, UNKNOWN},
        {"height 0", .kind = 2, .width = 300, .bits = 24, UNKNOWN},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(cases); i++)
        check_tga(&cases[i]);
}

/* ---- PCX ---- */

struct pcx_case {
    const char *name;
    unsigned version, encoding, bits;
    unsigned x, y, right, bottom;
    unsigned reserved, planes, line, palette;
    size_t cut; /* length of the file, 0: whole */
    enum iw_scan scan;
    bool is_unknown;
    uint32_t width, height;
    enum iw_colour colour;
    uint8_t bit_depth;
    enum iw_tri alpha;
};

static void check_pcx(const struct pcx_case *c)
{
    struct made m;
    made_init(&m);
    put_byte(&m, 0x0A);
    put_byte(&m, c->version);
    put_byte(&m, c->encoding);
    put_byte(&m, c->bits);
    put_le(&m, c->x, 2);
    put_le(&m, c->y, 2);
    put_le(&m, c->right, 2);
    put_le(&m, c->bottom, 2);
    put_fill(&m, 0x2C, 52);
    put_byte(&m, c->reserved);
    put_byte(&m, c->planes);
    put_le(&m, c->line, 2);
    put_le(&m, c->palette, 2);
    put_fill(&m, 0, 58);
    size_t len = c->cut ? c->cut : m.len;
    struct feed_result result = feed_whole(m.ptr, len);
    const char *cut = feed_cuts(m.ptr, len, 0);
    made_release(&m);
    print_message("  %s\n", c->name);
    assert_null(cut);
    assert_int_equal(result.scan, c->scan);
    if (c->is_unknown) {
        assert_null(result.facts.format);
        return;
    }
    assert_non_null(result.facts.format);
    assert_string_equal(result.facts.format->name, "pcx");
    if (c->scan != IW_SCAN_DONE)
        return;
    assert_int_equal(result.facts.width_px, c->width);
    assert_int_equal(result.facts.height_px, c->height);
    assert_int_equal(result.facts.orientation, 1);
    assert_int_equal(result.facts.animated, IW_NO);
    assert_int_equal(result.facts.colour, c->colour);
    assert_int_equal(result.facts.bit_depth, c->bit_depth);
    assert_int_equal(result.facts.alpha, c->alpha);
}

#undef SIZES
#define HEAD  .version = 5, .encoding = 1
#define SIZES .x = 10, .y = 5, .right = 309, .bottom = 204, .width = 300, .height = 200

static void test_pcx(void **state)
{
    (void)state;
    static const struct pcx_case cases[] = {
        {"24 bits", HEAD, .bits = 8, SIZES, .planes = 3, .line = 300, .colour = IW_COLOUR_RGB, .bit_depth = 8,
         .alpha = IW_NO},
        {"32 bits", HEAD, .bits = 8, SIZES, .planes = 4, .line = 300, .colour = IW_COLOUR_RGB, .bit_depth = 8},
        {"palette of 256", HEAD, .bits = 8, SIZES, .planes = 1, .line = 302, .palette = 1, .colour = IW_COLOUR_PALETTE,
         .bit_depth = 8, .alpha = IW_NO},
        {"grey", HEAD, .bits = 8, SIZES, .planes = 1, .line = 300, .palette = 2, .colour = IW_COLOUR_GREY,
         .bit_depth = 8, .alpha = IW_NO},
        {"four planes of a bit", HEAD, .bits = 1, SIZES, .planes = 4, .line = 38, .colour = IW_COLOUR_PALETTE,
         .bit_depth = 4, .alpha = IW_NO},
        {"version 0", .version = 0, .encoding = 1, .bits = 2, SIZES, .planes = 1, .line = 76,
         .colour = IW_COLOUR_PALETTE, .bit_depth = 2, .alpha = IW_NO},
        {"65536 a side", HEAD, .bits = 1, .right = 65535, .bottom = 65535, .width = 65536, .height = 65536, .planes = 1,
         .line = 8192, .colour = IW_COLOUR_PALETTE, .bit_depth = 1, .alpha = IW_NO},
        {"version 1", .version = 1, .encoding = 1, .bits = 8, SIZES, .planes = 3, .line = 300, UNKNOWN},
        {"version 6", .version = 6, .encoding = 1, .bits = 8, SIZES, .planes = 3, .line = 300, UNKNOWN},
        {"not encoded", .version = 5, .bits = 8, SIZES, .planes = 3, .line = 300, UNKNOWN},
        {"3 bits", HEAD, .bits = 3, SIZES, .planes = 3, .line = 300, UNKNOWN},
        {"right of the right side", HEAD, .bits = 8, .x = 10, .right = 9, .planes = 3, .line = 300, UNKNOWN},
        {"below the bottom", HEAD, .bits = 8, .y = 2, .bottom = 1, .planes = 3, .line = 300, UNKNOWN},
        {"a reserved byte", HEAD, .bits = 8, SIZES, .reserved = 1, .planes = 3, .line = 300, UNKNOWN},
        {"no planes", HEAD, .bits = 8, SIZES, .line = 300, UNKNOWN},
        {"five planes", HEAD, .bits = 8, SIZES, .planes = 5, .line = 300, UNKNOWN},
        {"lines too short", HEAD, .bits = 8, SIZES, .planes = 3, .line = 299, UNKNOWN},
        {"lines too long", HEAD, .bits = 8, SIZES, .planes = 3, .line = 365, UNKNOWN},
        {"cut", HEAD, .bits = 8, SIZES, .planes = 3, .line = 300, .cut = 69, .scan = IW_SCAN_BAD},
        {"too short for a signature", HEAD, .bits = 8, SIZES, .planes = 3, .line = 300, .cut = 11, UNKNOWN},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(cases); i++)
        check_pcx(&cases[i]);
}

/* ---- what is neither ---- */

#define HEX(literal)                                                                                                   \
    {                                                                                                                  \
        literal, sizeof(literal) - 1                                                                                   \
    }

/* Each is fed with zeros and with text behind it. */
static void test_look_alikes(void **state)
{
    (void)state;
    static const struct iw_str heads[] = {
        HEX("\0\0\1\xBA\x44\0\4\0"),         /* MPEG program stream */
        HEX("\0\0\1\xB3\x16\0\xF0\x15"),     /* MPEG video */
        HEX("\0\0\0\1\x67\x42\0\x1E"),       /* H.264 */
        HEX("\0\0\0\x18\x66typmp42"),        /* MP4 */
        HEX("\0\0\2\0\6\4\6\0\x08\0"),       /* a spreadsheet of Lotus */
        HEX("\0\0\3\xF3\0\0\0\0\0\0\0\2"),   /* a program of the Amiga */
        HEX("\0\1\0\0\0\x0F\0\x80\0\3\0p"),  /* TrueType */
        HEX("\1\0\x09\0\0\3\0\0\0\0"),       /* Windows metafile */
        HEX("\1\0\0\0\x6C\0\0\0"),           /* enhanced metafile */
        HEX("h\0e\0l\0l\0o\0,\0 \0w\0"),     /* UTF-16 */
        HEX("\n\0\n\0\n\0\n\0\n\0"),         /* UTF-16, blank lines */
        HEX("h\0\0\0e\0\0\0l\0\0\0"),        /* UTF-32 */
        HEX("\n\n\n\n\n\n\n\n\n\n\n\n\n\n"), /* blank lines */
        HEX("\n\5\1\x08"),                   /* a PCX of which nothing else agrees */
        HEX("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        HEX("\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1"),
        HEX("\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2"),
        HEX("\x1A\x45\xDF\xA3"), /* Matroska */
        HEX("7z\xBC\xAF\x27\x1C"),
        HEX("PK\3\4\x14\0\0\0"),
    };
    for (size_t i = 0; i < 2 * IW_ARRAY_LEN(heads); i++) {
        struct made m;
        made_init(&m);
        put(&m, heads[i / 2].ptr, heads[i / 2].len);
        put_fill(&m, i % 2 ? ' ' : 0, 200);
        struct feed_result result = feed_whole(m.ptr, m.len);
        made_release(&m);
        if (result.facts.format)
            fail_msg("look-alike %zu was taken for %s", i / 2, result.facts.format->name);
    }
}

/* Nothing behind the first bytes is asked for, neither of these formats nor of what may be one of them. */
static void test_cost(void **state)
{
    (void)state;
    static const struct iw_str heads[] = {
        HEX("\0\0\2\0\0\0\0\0\0\0\0\0\x2C\1\xC8\0\x18\0"),
        HEX("\0\0\2\0\0\0\0\0\0\0\0\0\x2C\1\xC8\0\x18\xC0"),
        HEX("\n\5\1\x08\0\0\0\0\x2C\1\xC8\0"),
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(heads); i++) {
        struct made m;
        made_init(&m);
        put(&m, heads[i].ptr, heads[i].len);
        put_fill(&m, 0, 100000);
        PUT(&m, "\0\0\0\0\0\0\0\0TRUEVISION-XFILE.\0");
        struct feed_plan plan = {.first_bytes = 16384, .is_total_unknown = true};
        struct feed_result result = feed_run(m.ptr, m.len, &plan);
        made_release(&m);
        assert_null(result.fault);
        assert_int_equal(result.rounds, 0);
        assert_int_equal(result.facts.format != NULL, i == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tga),
        cmocka_unit_test(test_pcx),
        cmocka_unit_test(test_look_alikes),
        cmocka_unit_test(test_cost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
