/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* ICC profiles by lcms2, on the scaled planes: a tenth of the pixels of the source. A profile that does to a handful of
 * colours what sRGB does is left alone. */
#include "base/iw.h"
#include "pixels/inside.h"

#include "base/mem.h"

#include <lcms2.h>
#include <stdlib.h>

enum { NEAR = 3 }; /* levels that a profile may differ from sRGB and still count as the same */

static cmsHTRANSFORM to_srgb(const uint8_t *icc, size_t icc_len, cmsUInt32Number input, cmsColorSpaceSignature space)
{
    cmsHPROFILE from = icc_len <= UINT32_MAX ? cmsOpenProfileFromMem(icc, (cmsUInt32Number)icc_len) : NULL;
    cmsHPROFILE to = cmsCreate_sRGBProfile();
    cmsHTRANSFORM transform = NULL;
    if (from && to && cmsGetColorSpace(from) == space)
        transform = cmsCreateTransform(from, input, to, TYPE_RGB_8, INTENT_PERCEPTUAL, cmsFLAGS_NOCACHE);
    if (from)
        cmsCloseProfile(from);
    if (to)
        cmsCloseProfile(to);
    return transform;
}

static bool keeps_colours(cmsHTRANSFORM transform)
{
    uint8_t in[125][3], out[125][3];
    for (unsigned i = 0; i < 125; i++) {
        in[i][0] = (uint8_t)(i % 5 * 63);
        in[i][1] = (uint8_t)(i / 5 % 5 * 63);
        in[i][2] = (uint8_t)(i / 25 * 63);
    }
    cmsDoTransform(transform, in, out, 125);
    for (unsigned i = 0; i < 125; i++)
        for (unsigned c = 0; c < 3; c++)
            if (abs(in[i][c] - out[i][c]) > NEAR)
                return false;
    return true;
}

static bool keeps_greys(cmsHTRANSFORM transform)
{
    uint8_t in[16], out[16][3];
    for (unsigned i = 0; i < 16; i++)
        in[i] = (uint8_t)(i * 17);
    cmsDoTransform(transform, in, out, 16);
    for (unsigned i = 0; i < 16; i++)
        if (abs(in[i] - out[i][1]) > NEAR)
            return false;
    return true;
}

static void transform_row(cmsHTRANSFORM transform, struct iw_planes *planes, uint32_t y, uint8_t *row)
{
    uint8_t *to[3];
    for (unsigned c = 0; c < 3; c++)
        to[c] = planes->px[c] + y * planes->stride[c];
    for (uint32_t x = 0; x < planes->width_px; x++)
        for (unsigned c = 0; c < 3; c++)
            row[3 * x + c] = to[c][x];
    cmsDoTransform(transform, row, row, planes->width_px);
    for (uint32_t x = 0; x < planes->width_px; x++)
        for (unsigned c = 0; c < 3; c++)
            to[c][x] = row[3 * x + c];
}

static cmsHTRANSFORM transform_for(const uint8_t *icc, size_t icc_len, unsigned count)
{
    return count == 1 ? to_srgb(icc, icc_len, TYPE_GRAY_8, cmsSigGrayData)
                      : to_srgb(icc, icc_len, TYPE_RGB_8, cmsSigRgbData);
}

bool iw_colour_matters(const uint8_t *icc, size_t icc_len, unsigned count)
{
    cmsHTRANSFORM transform = transform_for(icc, icc_len, count);
    if (!transform) /* a profile that cannot be read is no profile */
        return false;
    bool matters = !(count == 1 ? keeps_greys(transform) : keeps_colours(transform));
    cmsDeleteTransform(transform);
    return matters;
}

static void transform_grey(cmsHTRANSFORM transform, struct iw_planes *planes)
{
    uint8_t in[256], out[256][3];
    for (unsigned i = 0; i < 256; i++)
        in[i] = (uint8_t)i;
    cmsDoTransform(transform, in, out, 256);
    for (uint32_t y = 0; y < planes->height_px; y++)
        for (uint32_t x = 0; x < planes->width_px; x++) {
            uint8_t *px = planes->px[0] + y * planes->stride[0] + x;
            *px = out[*px][1];
        }
}

bool iw_colour_to_srgb(struct iw_planes *planes, const uint8_t *icc, size_t icc_len)
{
    cmsHTRANSFORM transform = transform_for(icc, icc_len, planes->count);
    if (!transform)
        return true;
    uint8_t *row = iw_malloc((size_t)planes->width_px * 3);
    if (row && planes->count == 1) {
        transform_grey(transform, planes);
    } else if (row) {
        iw_planes_to_rgb(planes);
        for (uint32_t y = 0; y < planes->height_px; y++)
            transform_row(transform, planes, y, row);
    }
    cmsDeleteTransform(transform);
    iw_free(row);
    return row != NULL;
}

struct iw_cmyk {
    cmsHTRANSFORM transform;
};

struct iw_cmyk *iw_cmyk_new(const uint8_t *icc, size_t icc_len)
{
    struct iw_cmyk *cmyk = iw_calloc(1, sizeof *cmyk);
    if (cmyk && icc)
        cmyk->transform = to_srgb(icc, icc_len, TYPE_CMYK_8_REV, cmsSigCmykData);
    return cmyk;
}

void iw_cmyk_row(struct iw_cmyk *cmyk, const uint8_t *cmyk_inverted, uint8_t *rgb, uint32_t width_px)
{
    if (cmyk->transform) {
        cmsDoTransform(cmyk->transform, cmyk_inverted, rgb, width_px);
        return;
    }
    for (uint32_t x = 0; x < width_px; x++) {
        unsigned black = cmyk_inverted[4 * x + 3];
        for (unsigned c = 0; c < 3; c++)
            rgb[3 * x + c] = (uint8_t)((cmyk_inverted[4 * x + c] * black + 127) / 255);
    }
}

void iw_cmyk_free(struct iw_cmyk *cmyk)
{
    if (cmyk && cmyk->transform)
        cmsDeleteTransform(cmyk->transform);
    iw_free(cmyk);
}

void iw_colour_version(struct iw_buf *out)
{
    int number = cmsGetEncodedCMMversion();
    iw_buf_printf(out, "lcms2/%d.%d", number / 1000, number % 1000 / 10);
}
