/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Formats whose facts stand at fixed offsets behind a sure signature: PSD and PSB, QOI, farbfeld, DDS. */
#include "base/iw.h"
#include "image_case.h"

/* ---- PSD ---- */

static void put_psd(struct made *m, unsigned version, unsigned channels, uint32_t width, uint32_t height,
                    unsigned depth, unsigned mode)
{
    PUT(m, "8BPS");
    put_be(m, version, 2);
    put_be(m, 0, 6);
    put_be(m, channels, 2);
    put_be(m, height, 4);
    put_be(m, width, 4);
    put_be(m, depth, 2);
    put_be(m, mode, 2);
}

static void psd_rgb(struct made *m)
{
    put_psd(m, 1, 3, 300, 200, 8, 3);
}

static void psd_rgb_and_one(struct made *m)
{
    put_psd(m, 1, 4, 300, 200, 16, 3);
}

static void psd_cmyk(struct made *m)
{
    put_psd(m, 1, 4, 30000, 1, 8, 4);
}

static void psd_bitmap(struct made *m)
{
    put_psd(m, 1, 1, 300, 200, 1, 0);
}

static void psd_indexed(struct made *m)
{
    put_psd(m, 1, 1, 300, 200, 8, 2);
}

static void psd_multichannel(struct made *m)
{
    put_psd(m, 1, 5, 300, 200, 8, 7);
}

static void psd_too_wide(struct made *m)
{
    put_psd(m, 1, 3, 30001, 200, 8, 3);
}

static void psb_wide(struct made *m)
{
    put_psd(m, 2, 3, 300000, 30001, 32, 3);
}

static void psb_too_high(struct made *m)
{
    put_psd(m, 2, 3, 1, 300001, 8, 3);
}

static void psd_no_height(struct made *m)
{
    put_psd(m, 1, 3, 300, 0, 8, 3);
}

static void psd_depth_9(struct made *m)
{
    put_psd(m, 1, 3, 300, 200, 9, 3);
}

static void psd_no_channels(struct made *m)
{
    put_psd(m, 1, 0, 300, 200, 8, 3);
}

static void psd_version_3(struct made *m)
{
    put_psd(m, 3, 3, 300, 200, 8, 3);
}

static void psd_reserved(struct made *m)
{
    psd_rgb(m);
    m->ptr[11] = 1;
}

static void psd_cut(struct made *m)
{
    psd_rgb(m);
    m->len = 25;
}

static void test_psd(void **state)
{
    (void)state;
    static const struct image_case cases[] = {
        {"PSD, RGB",
         psd_rgb,
         IW_SCAN_DONE,
         "psd",
         300,
         200,
         {.animated = IW_NO, .alpha = IW_NO, .colour = IW_COLOUR_RGB, .bit_depth = 8, .frames = 1},
         NULL},
        {"PSD, a fourth channel",
         psd_rgb_and_one,
         IW_SCAN_DONE,
         "psd",
         300,
         200,
         {.animated = IW_NO, .colour = IW_COLOUR_RGB, .bit_depth = 16},
         NULL},
        {"PSD, CMYK, the widest",
         psd_cmyk,
         IW_SCAN_DONE,
         "psd",
         30000,
         1,
         {.animated = IW_NO, .alpha = IW_NO, .colour = IW_COLOUR_CMYK},
         NULL},
        {"PSD, bitmap",
         psd_bitmap,
         IW_SCAN_DONE,
         "psd",
         300,
         200,
         {.animated = IW_NO, .alpha = IW_NO, .colour = IW_COLOUR_GREY, .bit_depth = 1},
         NULL},
        {"PSD, indexed",
         psd_indexed,
         IW_SCAN_DONE,
         "psd",
         300,
         200,
         {.animated = IW_NO, .alpha = IW_NO, .colour = IW_COLOUR_PALETTE},
         NULL},
        {"PSD, multichannel", psd_multichannel, IW_SCAN_DONE, "psd", 300, 200, {.animated = IW_NO}, NULL},
        {"PSD, 30001 wide", psd_too_wide, IW_SCAN_BAD, "psd", 0, 0, {0}, "size"},
        {"PSB, the widest",
         psb_wide,
         IW_SCAN_DONE,
         "psd",
         300000,
         30001,
         {.animated = IW_NO, .alpha = IW_NO, .bit_depth = 32},
         NULL},
        {"PSB, 300001 high", psb_too_high, IW_SCAN_BAD, "psd", 0, 0, {0}, "size"},
        {"PSD, height 0", psd_no_height, IW_SCAN_BAD, "psd", 0, 0, {0}, "size"},
        {"PSD, depth 9", psd_depth_9, IW_SCAN_BAD, "psd", 0, 0, {0}, "channels"},
        {"PSD, no channels", psd_no_channels, IW_SCAN_BAD, "psd", 0, 0, {0}, "channels"},
        {"PSD, version 3", psd_version_3, IW_SCAN_DONE, NULL, 0, 0, {0}, NULL},
        {"PSD, a reserved byte", psd_reserved, IW_SCAN_DONE, NULL, 0, 0, {0}, NULL},
        {"PSD, cut", psd_cut, IW_SCAN_BAD, "psd", 0, 0, {0}, "ends inside the file header"},
    };
    case_check_all(cases, IW_ARRAY_LEN(cases));
}

/* ---- QOI and farbfeld ---- */

static void put_qoi(struct made *m, uint32_t width, uint32_t height, unsigned channels)
{
    PUT(m, "qoif");
    put_be(m, width, 4);
    put_be(m, height, 4);
    put_byte(m, channels);
    put_byte(m, 0);
}

static void qoi_rgb(struct made *m)
{
    put_qoi(m, 300, 200, 3);
}

static void qoi_rgba(struct made *m)
{
    put_qoi(m, UINT32_MAX, 1, 4);
}

static void qoi_channels_5(struct made *m)
{
    put_qoi(m, 300, 200, 5);
}

static void qoi_no_width(struct made *m)
{
    put_qoi(m, 0, 200, 4);
}

static void qoi_cut(struct made *m)
{
    qoi_rgb(m);
    m->len = 12;
}

static void put_farbfeld(struct made *m, uint32_t width, uint32_t height)
{
    PUT(m, "farbfeld");
    put_be(m, width, 4);
    put_be(m, height, 4);
}

static void farbfeld_plain(struct made *m)
{
    put_farbfeld(m, 300, 200);
    put_fill(m, 0x80, 8);
}

static void farbfeld_no_height(struct made *m)
{
    put_farbfeld(m, 300, 0);
}

static void farbfeld_cut(struct made *m)
{
    put_farbfeld(m, 300, 200);
    m->len = 15;
}

static void test_qoi_and_farbfeld(void **state)
{
    (void)state;
    static const struct image_case cases[] = {
        {"QOI, RGB",
         qoi_rgb,
         IW_SCAN_DONE,
         "qoi",
         300,
         200,
         {.animated = IW_NO, .alpha = IW_NO, .colour = IW_COLOUR_RGB, .bit_depth = 8, .frames = 1},
         NULL},
        {"QOI, RGBA, the widest",
         qoi_rgba,
         IW_SCAN_DONE,
         "qoi",
         UINT32_MAX,
         1,
         {.animated = IW_NO, .alpha = IW_YES},
         NULL},
        {"QOI, 5 channels", qoi_channels_5, IW_SCAN_BAD, "qoi", 0, 0, {0}, "channels"},
        {"QOI, width 0", qoi_no_width, IW_SCAN_BAD, "qoi", 0, 0, {0}, "size"},
        {"QOI, cut", qoi_cut, IW_SCAN_BAD, "qoi", 0, 0, {0}, "ends inside the file header"},
        {"farbfeld",
         farbfeld_plain,
         IW_SCAN_DONE,
         "farbfeld",
         300,
         200,
         {.animated = IW_NO, .alpha = IW_YES, .colour = IW_COLOUR_RGB, .bit_depth = 16, .frames = 1},
         NULL},
        {"farbfeld, height 0", farbfeld_no_height, IW_SCAN_BAD, "farbfeld", 0, 0, {0}, "size"},
        {"farbfeld, cut", farbfeld_cut, IW_SCAN_BAD, "farbfeld", 0, 0, {0}, "ends inside the file header"},
    };
    case_check_all(cases, IW_ARRAY_LEN(cases));
}

/* ---- DDS ---- */

static void put_dds(struct made *m, uint32_t width, uint32_t height, uint32_t flags, const char *code)
{
    PUT(m, "DDS ");
    put_le(m, 124, 4);
    put_le(m, 0x1007, 4);
    put_le(m, height, 4);
    put_le(m, width, 4);
    put_fill(m, 0, 56);
    put_le(m, 32, 4);
    put_le(m, flags, 4);
    put(m, code, 4);
    put_le(m, 32, 4);
    put_le(m, 0xFF0000, 4);
    put_le(m, 0xFF00, 4);
    put_le(m, 0xFF, 4);
    put_le(m, 0xFF000000u, 4);
    put_fill(m, 0, 20);
}

static void dds_rgb(struct made *m)
{
    put_dds(m, 300, 200, 0x40, "\0\0\0\0");
}

static void dds_rgba(struct made *m)
{
    put_dds(m, 300, 200, 0x41, "\0\0\0\0");
}

static void dds_luminance(struct made *m)
{
    put_dds(m, 300, 200, 0x20000, "\0\0\0\0");
}

static void dds_palette(struct made *m)
{
    put_dds(m, 300, 200, 0x60, "\0\0\0\0");
}

static void dds_dxt1(struct made *m)
{
    put_dds(m, 300, 200, 4, "DXT1");
}

static void dds_dxt5(struct made *m)
{
    put_dds(m, 300, 200, 4, "DXT5");
}

static void dds_unknown_code(struct made *m)
{
    put_dds(m, 300, 200, 4, "WHAT");
}

static void put_dx10(struct made *m, unsigned mode)
{
    put_dds(m, 300, 200, 4, "DX10");
    put_fill(m, 0, 16);
    put_le(m, mode, 4);
}

static void dds_straight(struct made *m)
{
    put_dx10(m, 1);
}

static void dds_opaque(struct made *m)
{
    put_dx10(m, 3);
}

static void dds_any_alpha(struct made *m)
{
    put_dx10(m, 0);
}

static void dds_cut_in_dx10(struct made *m)
{
    put_dx10(m, 1);
    m->len -= 1;
}

static void dds_cut_in_pixel_format(struct made *m)
{
    dds_rgba(m);
    m->len = 90;
}

static void dds_cut(struct made *m)
{
    dds_rgba(m);
    m->len = 19;
}

static void dds_no_width(struct made *m)
{
    put_dds(m, 0, 200, 4, "DXT1");
}

static void dds_other_size(struct made *m)
{
    dds_rgb(m);
    m->ptr[4] = 100;
}

static void test_dds(void **state)
{
    (void)state;
    static const struct image_case cases[] = {
        {"DDS, RGB",
         dds_rgb,
         IW_SCAN_DONE,
         "dds",
         300,
         200,
         {.animated = IW_NO, .alpha = IW_NO, .colour = IW_COLOUR_RGB, .bit_depth = 8, .frames = 1},
         NULL},
        {"DDS, RGBA", dds_rgba, IW_SCAN_DONE, "dds", 300, 200, {.animated = IW_NO, .alpha = IW_YES}, NULL},
        {"DDS, luminance",
         dds_luminance,
         IW_SCAN_DONE,
         "dds",
         300,
         200,
         {.animated = IW_NO, .alpha = IW_NO, .colour = IW_COLOUR_GREY},
         NULL},
        {"DDS, palette",
         dds_palette,
         IW_SCAN_DONE,
         "dds",
         300,
         200,
         {.animated = IW_NO, .alpha = IW_NO, .colour = IW_COLOUR_PALETTE, .bit_depth = 8},
         NULL},
        {"DDS, DXT1", dds_dxt1, IW_SCAN_DONE, "dds", 300, 200, {.animated = IW_NO, .colour = IW_COLOUR_RGB}, NULL},
        {"DDS, DXT5", dds_dxt5, IW_SCAN_DONE, "dds", 300, 200, {.animated = IW_NO, .alpha = IW_YES}, NULL},
        {"DDS, an unknown code", dds_unknown_code, IW_SCAN_DONE, "dds", 300, 200, {.animated = IW_NO}, NULL},
        {"DDS, DX10, straight alpha",
         dds_straight,
         IW_SCAN_DONE,
         "dds",
         300,
         200,
         {.animated = IW_NO, .alpha = IW_YES},
         NULL},
        {"DDS, DX10, opaque", dds_opaque, IW_SCAN_DONE, "dds", 300, 200, {.animated = IW_NO, .alpha = IW_NO}, NULL},
        {"DDS, DX10, alpha not stated", dds_any_alpha, IW_SCAN_DONE, "dds", 300, 200, {.animated = IW_NO}, NULL},
        {"DDS, cut in the DX10 header", dds_cut_in_dx10, IW_SCAN_DONE, "dds", 300, 200, {.animated = IW_NO}, NULL},
        {"DDS, cut in the pixel format",
         dds_cut_in_pixel_format,
         IW_SCAN_DONE,
         "dds",
         300,
         200,
         {.animated = IW_NO},
         NULL},
        {"DDS, cut in front of the width", dds_cut, IW_SCAN_BAD, "dds", 0, 0, {0}, "surface header"},
        {"DDS, width 0", dds_no_width, IW_SCAN_BAD, "dds", 0, 0, {0}, "size"},
        {"DDS, another header size", dds_other_size, IW_SCAN_DONE, NULL, 0, 0, {0}, NULL},
    };
    case_check_all(cases, IW_ARRAY_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_psd),
        cmocka_unit_test(test_qoi_and_farbfeld),
        cmocka_unit_test(test_dds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
