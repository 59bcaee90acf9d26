/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* JPEG XL headers made bit by bit: both forms of a size, orientation, animation, extra channels, and the containers in
 * which a codestream may lie. */
#include "base/iw.h"
#include "image_case.h"

/* ---- bits ---- */

/* Bits in the making, the first one lowest. */
struct bits {
    uint8_t bytes[128];
    size_t count;
};

static void add(struct bits *b, uint32_t value, unsigned count)
{
    for (unsigned i = 0; i < count; i++, b->count++)
        if (value >> i & 1)
            b->bytes[b->count / 8] |= (uint8_t)(1u << b->count % 8);
}

/* A side that is no multiple of 8: in 9, 13, 18 or 30 bits. */
static void add_side(struct bits *b, uint32_t side)
{
    static const unsigned widths[4] = {9, 13, 18, 30};
    unsigned selector = 0;
    while (selector < 3 && (side - 1) >> widths[selector])
        selector++;
    add(b, selector, 2);
    add(b, side - 1, widths[selector]);
}

/* Signature and SizeHeader; ratio 0: both sides. */
static struct bits begin(uint32_t width, uint32_t height, unsigned ratio)
{
    struct bits b = {0};
    add(&b, 0x0AFF, 16);
    add(&b, 0, 1);
    add_side(&b, height);
    add(&b, ratio, 3);
    if (!ratio)
        add_side(&b, width);
    return b;
}

/* The same in eighths. */
static struct bits begin_small(unsigned width, unsigned height, unsigned ratio)
{
    struct bits b = {0};
    add(&b, 0x0AFF, 16);
    add(&b, 1, 1);
    add(&b, height / 8 - 1, 5);
    add(&b, ratio, 3);
    if (!ratio)
        add(&b, width / 8 - 1, 5);
    return b;
}

/* ImageMetadata: all default. */
static void add_default(struct bits *b)
{
    add(b, 1, 1);
}

/* The extra fields of ImageMetadata: no intrinsic size, no preview; animation of 10/1 per second without end. */
static void add_extra_fields(struct bits *b, unsigned orientation, bool is_animated)
{
    add(b, 0, 1);
    add(b, 1, 1);
    add(b, orientation - 1, 3);
    add(b, 0, 2);
    add(b, is_animated, 1);
    if (is_animated) {
        add(b, 2 | 9 << 2, 12);
        add(b, 0, 2);
        add(b, 0, 2);
        add(b, 0, 1);
    }
}

/* 16 bits a sample by the general form; number of extra channels below 18. */
static void add_depth(struct bits *b, unsigned channels)
{
    add(b, 0, 1);
    add(b, 3 | 15 << 2, 8);
    add(b, 0, 1);
    if (channels < 2)
        add(b, channels, 2);
    else
        add(b, 2 | (channels - 2) << 2, 6);
}

static void add_default_colour(struct bits *b)
{
    add(b, 1, 1); /* XYB */
    add(b, 1, 1);
}

static void add_grey_profile(struct bits *b)
{
    add(b, 0, 1); /* not XYB */
    add(b, 0, 1); /* not all default */
    add(b, 1, 1); /* a profile */
    add(b, 1, 2); /* grey */
}

static void put_bits(struct made *m, const struct bits *b)
{
    put(m, b->bytes, (b->count + 7) / 8);
}

/* ---- codestreams ---- */

static void naked(struct made *m)
{
    struct bits b = begin(300, 200, 0);
    add_default(&b);
    put_bits(m, &b);
    put_fill(m, 0x11, 50);
}

static void small(struct made *m)
{
    struct bits b = begin_small(256, 64, 0);
    add_default(&b);
    put_bits(m, &b);
}

/* Ratios of 1000: 1 is 1:1, 2 is 12:10 and so on. */
static void by_ratio(struct made *m, unsigned ratio, uint32_t height)
{
    struct bits b = begin(0, height, ratio);
    add_default(&b);
    put_bits(m, &b);
}

static void square(struct made *m)
{
    by_ratio(m, 1, 1000);
}
static void twelve_tenths(struct made *m)
{
    by_ratio(m, 2, 1003); /* 1203.6: rounded down */
}
static void sixteen_ninths(struct made *m)
{
    by_ratio(m, 5, 1080);
}
static void double_width(struct made *m)
{
    by_ratio(m, 7, 1u << 30);
}

static void small_ratio(struct made *m)
{
    struct bits b = begin_small(0, 72, 4);
    add_default(&b);
    put_bits(m, &b);
}

static void huge(struct made *m)
{
    struct bits b = begin(1u << 30, 300000, 0);
    add_default(&b);
    put_bits(m, &b);
}

static struct bits rich(unsigned orientation, bool is_animated, unsigned channels)
{
    struct bits b = begin(300, 200, 0);
    add_extra_fields(&b, orientation, is_animated);
    add_depth(&b, channels);
    for (unsigned i = 0; i < channels; i++)
        add(&b, 1, 1); /* all default: alpha */
    add_grey_profile(&b);
    return b;
}

static void oriented(struct made *m)
{
    struct bits b = rich(6, false, 0);
    put_bits(m, &b);
}

static void animated(struct made *m)
{
    struct bits b = rich(1, true, 1);
    put_bits(m, &b);
}

static void many_alphas(struct made *m)
{
    struct bits b = rich(8, false, 9);
    put_bits(m, &b);
}

/* Depth, spot colour, black and a filter array, each with a name; none is alpha. */
static void other_channels(struct made *m)
{
    struct bits b = begin(300, 200, 0);
    add(&b, 0, 1);
    add(&b, 0, 1); /* no extra fields */
    add(&b, 0, 3); /* 8 bits */
    add(&b, 1, 1);
    add(&b, 2 | 2 << 2, 6);
    static const unsigned types[4] = {1, 2, 4, 5};
    for (unsigned i = 0; i < 4; i++) {
        add(&b, 0, 1);
        if (types[i] < 2)
            add(&b, types[i], 2);
        else
            add(&b, 2 | (types[i] - 2) << 2, 6);
        add(&b, 1, 1); /* floating point, 32 bits */
        add(&b, 0, 2);
        add(&b, 7, 4);
        add(&b, 3 | 1 << 2, 5);
        add(&b, 1 | 3 << 2, 6); /* a name of three bytes */
        add(&b, 0x414243, 24);
        for (unsigned k = 0; types[i] == 2 && k < 4; k++)
            add(&b, 0x3C00, 16);
        if (types[i] == 5)
            add(&b, 1 | 2 << 2, 4);
    }
    add_default_colour(&b);
    put_bits(m, &b);
}

/* An intrinsic size and a preview in front of the animation flag. */
static void preview(struct made *m)
{
    struct bits b = begin(300, 200, 0);
    add(&b, 0, 1);
    add(&b, 1, 1);
    add(&b, 4, 3);
    add(&b, 1, 1); /* intrinsic size: 8 high, 2:1 */
    add(&b, 1, 1);
    add(&b, 0, 5);
    add(&b, 7, 3);
    add(&b, 1, 1); /* preview: 64 + 1 high, width of its own */
    add(&b, 0, 1);
    add(&b, 1, 2);
    add(&b, 0, 8);
    add(&b, 0, 3);
    add(&b, 0, 2);
    add(&b, 5, 6);
    add(&b, 0, 1); /* no animation */
    add_depth(&b, 0);
    add_default_colour(&b);
    put_bits(m, &b);
}

static void too_many_channels(struct made *m)
{
    struct bits b = begin(300, 200, 0);
    add(&b, 0, 1);
    add(&b, 0, 1);
    add(&b, 0, 3);
    add(&b, 1, 1);
    add(&b, 3 | 4000u << 2, 14);
    put_bits(m, &b);
}

static void cut_in_size(struct made *m)
{
    naked(m);
    m->len = 4;
}

static void cut_in_details(struct made *m)
{
    animated(m);
    m->len = 8;
}

/* ---- containers ---- */

static void put_container(struct made *m)
{
    put(m, "\0\0\0\x0CJXL \r\n\x87\n", 12);
    put_ftyp(m, "jxl jxl ");
}

static void boxed(struct made *m)
{
    put_container(m);
    size_t at = put_box(m, "Exif"); /* says 8, and does not count */
    put_be(m, 0, 4);
    put_tiff(m, true, 8, 0);
    end_box(m, at);
    at = put_box(m, "jxlc");
    oriented(m);
    end_box(m, at);
}

static void boxed_to_end(struct made *m)
{
    put_container(m);
    put(m, "\0\0\0\0jxlc", 8);
    oriented(m);
}

/* Parts of one byte, the first one empty, with another box between them. */
static void in_parts(struct made *m)
{
    struct bits b = rich(6, true, 1);
    put_container(m);
    size_t len = (b.count + 7) / 8;
    for (size_t i = 0; i <= len; i++) {
        size_t at = put_box(m, "jxlp");
        put_be(m, i | (i == len ? 0x80000000u : 0), 4);
        if (i)
            put_byte(m, b.bytes[i - 1]);
        end_box(m, at);
        if (i == 4)
            put(m, "\0\0\0\x0Cjbrd1234", 12);
    }
}

static void last_part_too_short(struct made *m)
{
    put_container(m);
    size_t at = put_box(m, "jxlp");
    put_be(m, 0x80000000u, 4);
    PUT(m, "\xFF\x0A\x11");
    end_box(m, at);
    boxed(m);
}

static void part_without_index(struct made *m)
{
    put_container(m);
    put(m, "\0\0\0\x0Ajxlp\0\0", 10);
    put_fill(m, 0, 50);
}

static void empty_parts(struct made *m)
{
    put_container(m);
    for (unsigned i = 0; i < 5000; i++)
        put(m, "\0\0\0\x0Cjxlp\0\0\0\0", 12);
}

static void no_codestream(struct made *m)
{
    put_container(m);
    put(m, "\0\0\0\x08xml ", 8);
}

static void wrong_codestream(struct made *m)
{
    put_container(m);
    size_t at = put_box(m, "jxlc");
    put_fill(m, 0x42, 50);
    end_box(m, at);
}

static void cut_box(struct made *m)
{
    put_container(m);
    put(m, "\0\0\1\0jxlc\xFF\x0A", 10);
}

static void not_quite(struct made *m)
{
    put(m, "\0\0\0\x0CJXL \n\n\x87\n", 12);
    put_fill(m, 0, 50);
}

#define JXL(w, h) IW_SCAN_DONE, "jxl", (w), (h)
#define STILL     .animated = IW_NO, .frames = 1
#define PLAIN     STILL, .alpha = IW_NO
#define BAD                                                                                                            \
    IW_SCAN_BAD, "jxl", 0, 0,                                                                                          \
    {                                                                                                                  \
        0                                                                                                              \
    }

static const struct image_case cases[] = {
    {"naked", naked, JXL(300, 200), {PLAIN, .bit_depth = 8, .colour = IW_COLOUR_RGB, .has_icc = IW_NO}, NULL},
    {"small", small, JXL(256, 64), {PLAIN}, NULL},
    {"square", square, JXL(1000, 1000), {PLAIN}, NULL},
    {"12:10", twelve_tenths, JXL(1203, 1003), {PLAIN}, NULL},
    {"16:9", sixteen_ninths, JXL(1920, 1080), {PLAIN}, NULL},
    {"2:1", double_width, JXL(1u << 31, 1u << 30), {PLAIN}, NULL},
    {"small, 3:2", small_ratio, JXL(108, 72), {PLAIN}, NULL},
    {"huge", huge, JXL(1u << 30, 300000), {PLAIN}, NULL},
    {"oriented",
     oriented,
     JXL(300, 200),
     {PLAIN, .orientation = 6, .bit_depth = 16, .colour = IW_COLOUR_GREY, .has_icc = IW_YES},
     NULL},
    {"animated", animated, JXL(300, 200), {.animated = IW_YES, .alpha = IW_YES, .bit_depth = 16}, NULL},
    {"many alphas", many_alphas, JXL(300, 200), {STILL, .alpha = IW_YES, .orientation = 8}, NULL},
    {"other channels",
     other_channels,
     JXL(300, 200),
     {PLAIN, .bit_depth = 8, .colour = IW_COLOUR_CMYK, .has_icc = IW_NO},
     NULL},
    {"preview", preview, JXL(300, 200), {PLAIN, .orientation = 5, .bit_depth = 16, .has_icc = IW_NO}, NULL},
    {"too many channels", too_many_channels, JXL(300, 200), {STILL, .bit_depth = 8}, NULL},
    {"cut in the size", cut_in_size, BAD, "ends inside"},
    {"cut in details", cut_in_details, JXL(300, 200), {.animated = IW_YES}, NULL},
    {"container", boxed, JXL(300, 200), {PLAIN, .orientation = 6}, NULL},
    {"container to the end", boxed_to_end, JXL(300, 200), {PLAIN, .orientation = 6}, NULL},
    {"parts",
     in_parts,
     JXL(300, 200),
     {.animated = IW_YES, .alpha = IW_YES, .orientation = 6, .bit_depth = 16, .has_icc = IW_YES},
     NULL},
    {"last part too short", last_part_too_short, BAD, "ends inside its header"},
    {"part without index", part_without_index, BAD, "too short"},
    {"empty parts", empty_parts, BAD, "too many boxes"},
    {"no codestream", no_codestream, BAD, "ends before its codestream"},
    {"wrong codestream", wrong_codestream, BAD, "holds no codestream"},
    {"cut box", cut_box, BAD, "ends inside"},
    {"not quite", not_quite, IW_SCAN_DONE, NULL, 0, 0, {0}, NULL},
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
