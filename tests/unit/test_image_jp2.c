/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The JPEG 2000 scanner: codestreams alone and in boxes, colours, channels, and what is damaged or a film. */
#include "base/iw.h"
#include "image_case.h"

/* SOC and SIZ, a grid of width by height behind an offset. */
static void put_siz(struct made *m, unsigned components, unsigned depth)
{
    PUT(m, "\xFF\x4F\xFF\x51");
    put_be(m, 38 + 3 * components, 2);
    put_be(m, 0, 2);
    put_be(m, 307, 4);
    put_be(m, 211, 4);
    put_be(m, 7, 4);
    put_be(m, 11, 4);
    put_be(m, 307, 4);
    put_be(m, 211, 4);
    put_be(m, 0, 8);
    put_be(m, components, 2);
    for (unsigned i = 0; i < components; i++) {
        put_byte(m, depth);
        put_be(m, 0x0101, 2);
    }
    PUT(m, "\xFF\x52\0\x0C");
}

static void naked(struct made *m)
{
    put_siz(m, 3, 11);
}
static void naked_grey(struct made *m)
{
    put_siz(m, 1, 0x87); /* signed */
}
static void naked_four(struct made *m)
{
    put_siz(m, 4, 7);
}
static void naked_none(struct made *m)
{
    put_siz(m, 0, 7);
    put_fill(m, 0, 9);
}

static void naked_offset(struct made *m)
{
    put_siz(m, 1, 7);
    patch_be(m, 16, 307, 4);
}

static void naked_cut(struct made *m)
{
    put_siz(m, 1, 7);
    m->len = 40;
}

static void begin(struct made *m, const char *brands)
{
    PUT(m, "\0\0\0\x0CjP  \r\n\x87\n");
    put_ftyp(m, brands);
}

static void put_ihdr(struct made *m, uint32_t width, uint32_t height, unsigned components, unsigned depth)
{
    size_t at = put_box(m, "ihdr");
    put_be(m, height, 4);
    put_be(m, width, 4);
    put_be(m, components, 2);
    put_byte(m, depth);
    PUT(m, "\x07\0\0");
    end_box(m, at);
}

static void put_colour(struct made *m, unsigned method, uint32_t value)
{
    size_t at = put_box(m, "colr");
    put_byte(m, method);
    put_be(m, 0, 2);
    if (method != 1)
        put_fill(m, 0, 16);
    put_be(m, value, 4);
    put_fill(m, 0, method == 1 ? 0 : 50);
    end_box(m, at);
}

/* kinds: one digit for each channel */
static void put_channels(struct made *m, const char *kinds)
{
    size_t at = put_box(m, "cdef");
    put_be(m, strlen(kinds), 2);
    for (unsigned i = 0; kinds[i]; i++) {
        put_be(m, i, 2);
        put_be(m, (unsigned)kinds[i] - '0', 2);
        put_be(m, i + 1, 2);
    }
    end_box(m, at);
}

static void put_plain(struct made *m, const char *brands, unsigned components, uint32_t colour)
{
    begin(m, brands);
    size_t at = put_box(m, "jp2h");
    put_ihdr(m, 300, 200, components, 7);
    put_colour(m, 1, colour);
    end_box(m, at);
    at = put_box(m, "jp2c");
    put_siz(m, components, 7);
    put_fill(m, 0, 5000);
    end_box(m, at);
}

static void plain(struct made *m)
{
    put_plain(m, "jp2 jp2 ", 3, 16);
}
static void grey(struct made *m)
{
    put_plain(m, "jp2 jp2 ", 1, 17);
}
static void ycc(struct made *m)
{
    put_plain(m, "jph jp2 ", 3, 18);
}
static void cmyk(struct made *m)
{
    put_plain(m, "jp2 jp2 ", 4, 12);
}
static void extended(struct made *m)
{
    put_plain(m, "jpx jp2 ", 3, 16);
}
static void film(struct made *m)
{
    put_plain(m, "mjp2mjp2", 3, 16);
}

static void with_alpha(struct made *m)
{
    begin(m, "jp2 jp2 ");
    size_t far = put_box(m, "xml "); /* what does not matter may stand before */
    put_fill(m, '<', 20000);
    end_box(m, far);
    size_t at = put_box(m, "jp2h");
    put_ihdr(m, 300, 200, 4, 255);
    size_t depths = put_box(m, "bpcc");
    PUT(m, "\x0B\x0B\x0B\x07");
    end_box(m, depths);
    put_colour(m, 2, 0x52474220);
    put_colour(m, 1, 17); /* a second one does not count */
    put_channels(m, "0001");
    end_box(m, at);
}

static void without_alpha(struct made *m)
{
    begin(m, "jp2 jp2 ");
    size_t at = put_box(m, "jp2h");
    put_ihdr(m, 300, 200, 4, 7);
    put_colour(m, 3, 0x434D594B);
    put_channels(m, "0000");
    end_box(m, at);
}

static void palette(struct made *m)
{
    begin(m, "jp2 jp2 ");
    size_t at = put_box(m, "jp2h");
    put_ihdr(m, 300, 200, 1, 7);
    put_colour(m, 1, 16);
    size_t entries = put_box(m, "pclr");
    PUT(m, "\0\1\4\7\7\7\7\1\2\3\4");
    end_box(m, entries);
    put_channels(m, "0002");
    end_box(m, at);
}

static void codestream_first(struct made *m)
{
    begin(m, "jpx jpx ");
    size_t at = put_box(m, "jp2c");
    put_siz(m, 3, 7);
    end_box(m, at);
}

static void no_header(struct made *m)
{
    begin(m, "jpm jpm ");
    end_box(m, put_box(m, "page"));
}

static void empty_header(struct made *m)
{
    begin(m, "jp2 jp2 ");
    size_t at = put_box(m, "jp2h");
    put_colour(m, 1, 16);
    end_box(m, at);
}

static void zero(struct made *m)
{
    begin(m, "jp2 jp2 ");
    size_t at = put_box(m, "jp2h");
    put_ihdr(m, 0, 200, 1, 7);
    end_box(m, at);
}

static void short_ihdr(struct made *m)
{
    begin(m, "jp2 jp2 ");
    size_t at = put_box(m, "jp2h");
    size_t ihdr = put_box(m, "ihdr");
    put_be(m, 300, 4);
    end_box(m, ihdr);
    end_box(m, at);
}

/* The size is known before the box that is wrong. */
static void odd_colour(struct made *m)
{
    begin(m, "jp2 jp2 ");
    size_t at = put_box(m, "jp2h");
    put_ihdr(m, 300, 200, 3, 7);
    PUT(m, "\0\0\0\x03"
           "colr");
    end_box(m, at);
}

static void cut(struct made *m)
{
    plain(m);
    m->len = 60;
}

#define JP2 IW_SCAN_DONE, "jp2", 300, 200
#define BAD                                                                                                            \
    IW_SCAN_BAD, "jp2", 0, 0,                                                                                          \
    {                                                                                                                  \
        .animated = IW_NO                                                                                              \
    }
#define NONE IW_SCAN_DONE, NULL, 0, 0, {.animated = IW_NO}, NULL

static const struct image_case cases[] = {
    {"naked", naked, JP2, {.animated = IW_NO, .alpha = IW_NO, .bit_depth = 12, .has_icc = IW_NO, .frames = 1}, NULL},
    {"naked, grey",
     naked_grey,
     JP2,
     {.animated = IW_NO, .alpha = IW_NO, .bit_depth = 8, .colour = IW_COLOUR_GREY},
     NULL},
    {"naked, four", naked_four, JP2, {.animated = IW_NO}, NULL},
    {"no components", naked_none, BAD, "no components"},
    {"offset of all", naked_offset, BAD, "impossible size"},
    {"cut in SIZ", naked_cut, BAD, "ends inside the SIZ"},
    {"plain",
     plain,
     JP2,
     {.animated = IW_NO, .alpha = IW_NO, .bit_depth = 8, .colour = IW_COLOUR_RGB, .has_icc = IW_NO, .frames = 1},
     NULL},
    {"grey", grey, JP2, {.animated = IW_NO, .alpha = IW_NO, .colour = IW_COLOUR_GREY}, NULL},
    {"sYCC", ycc, JP2, {.animated = IW_NO, .alpha = IW_NO, .colour = IW_COLOUR_YCBCR}, NULL},
    {"CMYK", cmyk, JP2, {.animated = IW_NO, .colour = IW_COLOUR_CMYK}, NULL},
    {"extended", extended, JP2, {.alpha = IW_NO}, NULL},
    {"alpha",
     with_alpha,
     JP2,
     {.animated = IW_NO, .alpha = IW_YES, .bit_depth = 12, .colour = IW_COLOUR_RGB, .has_icc = IW_YES},
     NULL},
    {"four without alpha",
     without_alpha,
     JP2,
     {.animated = IW_NO, .alpha = IW_NO, .colour = IW_COLOUR_CMYK, .has_icc = IW_YES},
     NULL},
    {"palette", palette, JP2, {.animated = IW_NO, .alpha = IW_YES, .colour = IW_COLOUR_PALETTE}, NULL},
    {"codestream first", codestream_first, JP2, {.alpha = IW_NO}, NULL},
    {"odd colour", odd_colour, JP2, {.animated = IW_NO}, NULL},
    {"no header", no_header, BAD, "no header box"},
    {"empty header", empty_header, BAD, "states no size"},
    {"width of 0", zero, BAD, "impossible size"},
    {"short ihdr", short_ihdr, BAD, "too short"},
    {"cut in the header", cut, BAD, "ends inside"},
    {"film", film, NONE},
};

static void test_cases(void **state)
{
    (void)state;
    case_check_all(cases, IW_ARRAY_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
