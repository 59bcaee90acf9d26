/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The scanners of pictures of light and of textures: OpenEXR, Radiance HDR, KTX and KTX2. */
#include "base/iw.h"
#include "image_case.h"

static void put_text(struct made *m, const char *text)
{
    put(m, text, strlen(text));
}

/* ---- OpenEXR ---- */

static void put_attribute(struct made *m, const char *name, const char *type, uint32_t size)
{
    put(m, name, strlen(name) + 1);
    put(m, type, strlen(type) + 1);
    put_le(m, size, 4);
}

static void put_window(struct made *m, const char *name, int x, int y, int right, int bottom)
{
    put_attribute(m, name, "box2i", 16);
    put_le(m, (uint32_t)x, 4);
    put_le(m, (uint32_t)y, 4);
    put_le(m, (uint32_t)right, 4);
    put_le(m, (uint32_t)bottom, 4);
}

/* names: one letter for each channel */
static void put_channels(struct made *m, const char *names, unsigned type)
{
    put_attribute(m, "channels", "chlist", (uint32_t)strlen(names) * 18 + 1);
    for (; *names; names++) {
        put_byte(m, (unsigned char)*names);
        put_byte(m, 0);
        put_le(m, type, 4);
        put_fill(m, 1, 12);
    }
    put_byte(m, 0);
}

static void begin_exr(struct made *m, unsigned flags)
{
    PUT(m, "\x76\x2F\x31\x01\x02");
    put_le(m, flags, 3);
}

static void put_exr(struct made *m, const char *channels, unsigned type)
{
    begin_exr(m, 0);
    put_channels(m, channels, type);
    put_attribute(m, "preview", "preview", 9000); /* passed over */
    put_fill(m, 0, 9000);
    put_window(m, "dataWindow", -10, -20, 309, 219);
    put_window(m, "displayWindow", 0, 0, 299, 199);
    put_byte(m, 0);
}

static void exr(struct made *m)
{
    put_exr(m, "BGR", 1);
}
static void exr_alpha(struct made *m)
{
    put_exr(m, "ABGR", 2);
}
static void exr_grey(struct made *m)
{
    put_exr(m, "YZ", 1);
}

static void exr_windows_first(struct made *m)
{
    begin_exr(m, 0x10);
    put_window(m, "displayWindow", 5, 5, 304, 204);
    put_window(m, "dataWindow", 0, 0, 319, 239);
    put_byte(m, 0);
}

static void exr_no_display(struct made *m)
{
    begin_exr(m, 0);
    put_window(m, "dataWindow", 0, 0, 319, 239);
    put_channels(m, "Y", 1);
    put_byte(m, 0);
}

static void exr_empty_window(struct made *m)
{
    begin_exr(m, 0);
    put_window(m, "dataWindow", 10, 0, 9, 239);
}

static void exr_widest(struct made *m)
{
    begin_exr(m, 0);
    put_window(m, "dataWindow", INT32_MIN, 0, INT32_MAX, 0);
}

static void exr_long_name(struct made *m)
{
    begin_exr(m, 4);
    put_fill(m, 'n', 400);
}

static void exr_negative_size(struct made *m)
{
    begin_exr(m, 0);
    put_attribute(m, "a", "b", UINT32_MAX);
    put_fill(m, 0, 100);
}

static void exr_many(struct made *m)
{
    begin_exr(m, 0);
    for (unsigned i = 0; i < 5000; i++)
        put_attribute(m, "a", "b", 0);
}

static void exr_cut(struct made *m)
{
    exr(m);
    m->len -= 20;
}

/* ---- Radiance HDR ---- */

static void put_hdr(struct made *m, const char *end, const char *resolution)
{
    PUT(m, "#?RADIANCE");
    put_text(m, end);
    put_text(m, "# made by hand");
    put_text(m, end);
    put_text(m, "FORMAT=32-bit_rle_rgbe");
    put_text(m, end);
    put_text(m, end);
    put_text(m, resolution);
    put_text(m, "\n\2\2\1\x2C");
}

#define HDR(name, resolution)                                                                                          \
    static void name(struct made *m)                                                                                   \
    {                                                                                                                  \
        put_hdr(m, "\n", resolution);                                                                                  \
    }
HDR(hdr, "-Y 200 +X 300")
HDR(hdr_2, "-Y 200 -X 300")
HDR(hdr_3, "+Y 200 -X 300")
HDR(hdr_4, "+Y 200 +X 300")
HDR(hdr_5, "+X 200 -Y 300")
HDR(hdr_6, "-X 200 -Y 300")
HDR(hdr_7, "-X 200 +Y 300")
HDR(hdr_8, "+X 200 +Y 300")
HDR(hdr_same_axis, "-Y 200 +Y 300")
HDR(hdr_unsigned, "Y 200 X 300")
HDR(hdr_no_number, "-Y x +X 300")
HDR(hdr_more, "-Y 200 +X 300 9")
HDR(hdr_zero, "-Y 0 +X 300")
HDR(hdr_large, "-Y 99999999999999999999 +X 300")

static void hdr_windows(struct made *m)
{
    put_hdr(m, "\r\n", "-Y 200 +X 300\r");
}

static void hdr_rgbe(struct made *m)
{
    PUT(m, "#?RGBE\n\n-Y 200 +X 300\n");
}

static void hdr_endless(struct made *m)
{
    PUT(m, "#?RADIANCE\n");
    put_fill(m, 'x', 70000);
}

static void hdr_cut(struct made *m)
{
    PUT(m, "#?RADIANCE\n\n-Y 200 +X 30");
}

/* ---- KTX ---- */

static void put_ktx(struct made *m, bool is_big, unsigned type, unsigned base, unsigned height)
{
    PUT(m, "\xABKTX 11\xBB\r\n\x1A\n");
    put_int(m, is_big, 0x04030201, 4);
    put_int(m, is_big, type, 4);
    put_int(m, is_big, 1, 4);
    put_int(m, is_big, base, 4);
    put_int(m, is_big, 0x8058, 4);
    put_int(m, is_big, base, 4);
    put_int(m, is_big, 300, 4);
    put_int(m, is_big, height, 4);
    put_fill(m, 0, 40);
}

static void ktx(struct made *m)
{
    put_ktx(m, false, 0x1401, 0x1908, 200);
}
static void ktx_big(struct made *m)
{
    put_ktx(m, true, 0x140B, 0x1907, 200);
}
static void ktx_line(struct made *m)
{
    put_ktx(m, false, 0, 0x1903, 0);
}

static void ktx_order(struct made *m)
{
    ktx(m);
    m->ptr[12] = 9;
}

static void ktx_zero(struct made *m)
{
    ktx(m);
    memset(m->ptr + 36, 0, 4);
}

/* channels: one for each sample, of bits */
static void put_ktx2(struct made *m, unsigned model, const char *channels, unsigned bits, unsigned layers)
{
    size_t count = strlen(channels);
    PUT(m, "\xABKTX 20\xBB\r\n\x1A\n");
    put_le(m, 37, 4);
    put_le(m, 1, 4);
    put_le(m, 300, 4);
    put_le(m, 200, 4);
    put_le(m, 0, 4);
    put_le(m, layers, 4);
    put_le(m, 1, 4);
    put_le(m, 1, 4);
    put_le(m, 0, 4);
    put_le(m, 5000, 4);
    put_le(m, 4 + 24 + 16 * count, 4);
    put_fill(m, 0, 5000 - m->len);
    put_le(m, 4 + 24 + 16 * count, 4);
    put_le(m, 0, 4);
    put_le(m, 2, 2);
    put_le(m, 24 + 16 * count, 2);
    put_byte(m, model);
    put_fill(m, 0, 15);
    for (size_t i = 0; i < count; i++) {
        put_le(m, i * bits, 2);
        put_byte(m, bits - 1);
        put_byte(m, (unsigned char)channels[i] - 'a');
        put_fill(m, 0, 12);
    }
}

static void ktx2(struct made *m)
{
    put_ktx2(m, 1, "abc", 8, 0);
}
static void ktx2_alpha(struct made *m)
{
    put_ktx2(m, 1, "abcp", 16, 0);
}
static void ktx2_red(struct made *m)
{
    put_ktx2(m, 1, "a", 8, 0);
}
static void ktx2_uastc(struct made *m)
{
    put_ktx2(m, 166, "d", 128, 0);
}
static void ktx2_etc1s(struct made *m)
{
    put_ktx2(m, 163, "a", 64, 0);
}
static void ktx2_layers(struct made *m)
{
    put_ktx2(m, 1, "abc", 8, 5);
}

static void ktx2_no_descriptor(struct made *m)
{
    ktx2(m);
    m->len = 3000;
}

static void ktx2_short(struct made *m)
{
    ktx2(m);
    m->len = 70;
}

#define IS(name) IW_SCAN_DONE, name, 300, 200
#define BAD(name)                                                                                                      \
    IW_SCAN_BAD, name, 0, 0,                                                                                           \
    {                                                                                                                  \
        .animated = IW_NO                                                                                              \
    }
#define HDR_IS(turn)                                                                                                   \
    {                                                                                                                  \
        .animated = IW_NO, .alpha = IW_NO, .colour = IW_COLOUR_RGB, .orientation = (turn)                              \
    }

static const struct image_case cases[] = {
    {"EXR",
     exr,
     IW_SCAN_DONE,
     "exr",
     320,
     240,
     {.width_px = 300, .height_px = 200, .animated = IW_NO, .alpha = IW_NO, .bit_depth = 16, .colour = IW_COLOUR_RGB},
     NULL},
    {"EXR, alpha",
     exr_alpha,
     IW_SCAN_DONE,
     "exr",
     320,
     240,
     {.width_px = 300, .height_px = 200, .animated = IW_NO, .alpha = IW_YES, .bit_depth = 32, .colour = IW_COLOUR_RGB},
     NULL},
    {"EXR, grey",
     exr_grey,
     IW_SCAN_DONE,
     "exr",
     320,
     240,
     {.width_px = 300, .height_px = 200, .animated = IW_NO, .alpha = IW_NO, .colour = IW_COLOUR_GREY},
     NULL},
    {"EXR, windows first",
     exr_windows_first,
     IW_SCAN_DONE,
     "exr",
     320,
     240,
     {.width_px = 300, .height_px = 200, .animated = IW_NO},
     NULL},
    {"EXR without display window", exr_no_display, BAD("exr"), "lacks a window"},
    {"EXR, empty window", exr_empty_window, BAD("exr"), "is empty"},
    {"EXR, widest window", exr_widest, BAD("exr"), "is empty"},
    {"EXR, endless name", exr_long_name, BAD("exr"), "does not end"},
    {"EXR, negative size", exr_negative_size, BAD("exr"), "impossible size"},
    {"EXR, many attributes", exr_many, BAD("exr"), "too many"},
    {"EXR, cut", exr_cut, BAD("exr"), "ends inside"},
    {"HDR", hdr, IS("hdr"), HDR_IS(1), NULL},
    {"HDR 2", hdr_2, IS("hdr"), HDR_IS(2), NULL},
    {"HDR 3", hdr_3, IS("hdr"), HDR_IS(3), NULL},
    {"HDR 4", hdr_4, IS("hdr"), HDR_IS(4), NULL},
    {"HDR 5", hdr_5, IS("hdr"), HDR_IS(5), NULL},
    {"HDR 6", hdr_6, IS("hdr"), HDR_IS(6), NULL},
    {"HDR 7", hdr_7, IS("hdr"), HDR_IS(7), NULL},
    {"HDR 8", hdr_8, IS("hdr"), HDR_IS(8), NULL},
    {"HDR, CR LF", hdr_windows, IS("hdr"), HDR_IS(1), NULL},
    {"HDR, RGBE", hdr_rgbe, IS("hdr"), HDR_IS(1), NULL},
    {"HDR, one axis", hdr_same_axis, BAD("hdr"), "no line with a resolution"},
    {"HDR, no signs", hdr_unsigned, BAD("hdr"), "no line with a resolution"},
    {"HDR, no number", hdr_no_number, BAD("hdr"), "no line with a resolution"},
    {"HDR, more", hdr_more, BAD("hdr"), "no line with a resolution"},
    {"HDR, 0", hdr_zero, BAD("hdr"), "impossible size"},
    {"HDR, too large", hdr_large, BAD("hdr"), "impossible size"},
    {"HDR, endless", hdr_endless, BAD("hdr"), "no line with a resolution"},
    {"HDR, cut", hdr_cut, BAD("hdr"), "no line with a resolution"},
    {"KTX", ktx, IS("ktx"), {.animated = IW_NO, .alpha = IW_YES, .bit_depth = 8, .colour = IW_COLOUR_RGB}, NULL},
    {"KTX, big-endian",
     ktx_big,
     IS("ktx"),
     {.animated = IW_NO, .alpha = IW_NO, .bit_depth = 16, .colour = IW_COLOUR_RGB},
     NULL},
    {"KTX, a line", ktx_line, IW_SCAN_DONE, "ktx", 300, 1, {.animated = IW_NO}, NULL},
    {"KTX, no byte order", ktx_order, BAD("ktx"), "byte order"},
    {"KTX, width 0", ktx_zero, BAD("ktx"), "impossible size"},
    {"KTX2",
     ktx2,
     IS("ktx2"),
     {.animated = IW_NO, .alpha = IW_NO, .bit_depth = 8, .colour = IW_COLOUR_RGB, .frames = 1},
     NULL},
    {"KTX2, alpha", ktx2_alpha, IS("ktx2"), {.animated = IW_NO, .alpha = IW_YES, .bit_depth = 16}, NULL},
    {"KTX2, red", ktx2_red, IS("ktx2"), {.animated = IW_NO, .alpha = IW_NO}, NULL},
    {"KTX2, UASTC", ktx2_uastc, IS("ktx2"), {.animated = IW_NO, .alpha = IW_YES}, NULL},
    {"KTX2, ETC1S", ktx2_etc1s, IS("ktx2"), {.animated = IW_NO, .alpha = IW_NO}, NULL},
    {"KTX2, layers", ktx2_layers, IS("ktx2"), {.alpha = IW_NO}, NULL},
    {"KTX2, no descriptor", ktx2_no_descriptor, IS("ktx2"), {.animated = IW_NO}, NULL},
    {"KTX2, cut", ktx2_short, BAD("ktx2"), "ends inside"},
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
