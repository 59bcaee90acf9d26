/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Colour: profiles beside lcms2 alone, YCbCr beside the formulas of JFIF, and how much chroma is kept. */
#include "pixels_encode.h"

#include <lcms2.h>
#include <math.h>

/* ---- profiles ---- */

struct profile {
    uint8_t bytes[65536];
    cmsUInt32Number len;
};

static void save(cmsHPROFILE handle, struct profile *out)
{
    assert_true(handle && cmsSaveProfileToMem(handle, NULL, &out->len) && out->len <= sizeof out->bytes);
    assert_true(cmsSaveProfileToMem(handle, out->bytes, &out->len));
    cmsCloseProfile(handle);
}

static void rgb_profile(double gamma, const cmsCIExyYTRIPLE *primaries, struct profile *out)
{
    cmsCIExyY white;
    cmsToneCurve *curve = cmsBuildGamma(NULL, gamma), *curves[3] = {curve, curve, curve};
    assert_true(cmsWhitePointFromTemp(&white, 6504));
    save(cmsCreateRGBProfile(&white, primaries, curves), out);
    cmsFreeToneCurve(curve);
}

static const cmsCIExyYTRIPLE srgb = {{0.64, 0.33, 1}, {0.30, 0.60, 1}, {0.15, 0.06, 1}};
static const cmsCIExyYTRIPLE wide = {{0.735, 0.265, 1}, {0.115, 0.826, 1}, {0.157, 0.018, 1}};
static const cmsCIExyYTRIPLE swapped = {{0.15, 0.06, 1}, {0.64, 0.33, 1}, {0.30, 0.60, 1}};

static struct picture by_lcms(const struct picture *from, cmsUInt32Number type, const struct profile *profile)
{
    struct picture to = picture_new(from->width, from->height, 3);
    cmsHPROFILE source = cmsOpenProfileFromMem(profile->bytes, profile->len), target = cmsCreate_sRGBProfile();
    cmsHTRANSFORM transform = cmsCreateTransform(source, type, target, TYPE_RGB_8, INTENT_PERCEPTUAL, 0);
    assert_non_null(transform);
    cmsDoTransform(transform, from->px, to.px, from->width * from->height);
    cmsDeleteTransform(transform);
    cmsCloseProfile(source);
    cmsCloseProfile(target);
    return to;
}

/* What comes out as PPM or PGM, without encoding, at the same size. */
static struct picture shown(const struct file *file)
{
    struct iw_goal goal;
    iw_goal_init(&goal);
    goal.wants_ppm = true;
    struct result result = make(file, &goal);
    if (result.made.error != IW_MADE_OK)
        fail_msg("%s", result.made.reason);
    assert_int_equal(result.made.how, IW_MADE_PPM);
    struct picture picture =
        picture_new(result.made.width_px, result.made.height_px, result.file.ptr[1] == '5' ? 1 : 3);
    size_t len = (size_t)picture.width * picture.height * picture.count;
    char head[64];
    int head_len =
        snprintf(head, sizeof head, "P%d\n%u %u\n255\n", picture.count == 1 ? 5 : 6, picture.width, picture.height);
    assert_int_equal(result.file.len, (size_t)head_len + len);
    assert_memory_equal(result.file.ptr, head, (size_t)head_len);
    memcpy(picture.px, result.file.ptr + head_len, len);
    file_free(&result.file);
    return picture;
}

static void check_shown(const char *what, const struct file *file, const struct picture *want, int near)
{
    struct picture got = shown(file);
    int differ = picture_differ(&got, want);
    if (differ > near)
        fail_msg("%s: a sample is %d off", what, differ);
    picture_free(&got);
}

static void test_profiles_are_applied_as_lcms_does(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double gamma;
        const cmsCIExyYTRIPLE *primaries;
    } rows[] = {{"wide", 2.2, &wide}, {"swapped", 2.2, &swapped}, {"linear", 1.0, &srgb}, {"gamma 1.8", 1.8, &srgb}};
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct profile profile;
        rgb_profile(rows[i].gamma, rows[i].primaries, &profile);
        struct picture picture = picture_noise(61, 47, 3, 3);
#ifdef HAVE_PNG
        struct picture want = by_lcms(&picture, TYPE_RGB_8, &profile);
        struct file png = png_of(&picture, profile.bytes, profile.len);
        check_shown(rows[i].name, &png, &want, 3);
        file_free(&png);
        picture_free(&want);
#endif
        struct jpeg_kind kind = {.quality = 100, .icc = profile.bytes, .icc_len = profile.len};
        struct picture smooth = picture_smooth(61, 47, 3);
        struct file jpeg = jpeg_make(&smooth, &kind);
        struct picture decoded = jpeg_decode(&jpeg, &(struct jpeg_read){JCS_RGB, 1, false});
        struct picture converted = by_lcms(&decoded, TYPE_RGB_8, &profile);
        check_shown(rows[i].name, &jpeg, &converted, rows[i].gamma == 1.0 ? 6 : 3);
        picture_free(&converted);
        picture_free(&decoded);
        file_free(&jpeg);
        picture_free(&smooth);
        picture_free(&picture);
    }
}

static struct result result_of(const struct picture *picture, struct jpeg_kind kind, const uint8_t *icc, size_t icc_len)
{
    struct iw_goal goal;
    iw_goal_init(&goal);
    goal.may_reoptimise = false;
    goal.max_width_px = 50;
    kind.icc = icc;
    kind.icc_len = icc_len;
    struct file file = jpeg_make(picture, &kind);
    struct result result = make(&file, &goal);
    assert_int_equal(result.made.error, IW_MADE_OK);
    file_free(&file);
    return result;
}

/* To the byte: a profile that says sRGB, and one that says nothing that can be read. */
static void test_needless_profiles_change_nothing(void **state)
{
    (void)state;
    struct profile same, grey;
    cmsToneCurve *curve = cmsBuildGamma(NULL, 1.0);
    save(cmsCreate_sRGBProfile(), &same);
    save(cmsCreateGrayProfile(cmsD50_xyY(), curve), &grey);
    cmsFreeToneCurve(curve);
    static const uint8_t rubbish[300] = {0, 0, 1, 44, 'l', 'c', 'm', 's'};
    static const struct jpeg_kind kinds[] = {{.h = {2}, .v = {2}}, {.h = {1}}};
    struct picture picture = picture_photo(160, 120, 5);
    for (size_t k = 0; k < IW_ARRAY_LEN(kinds); k++) {
        struct result plain = result_of(&picture, kinds[k], NULL, 0);
        const struct {
            const uint8_t *bytes;
            size_t len;
        } profiles[] = {{same.bytes, same.len}, {rubbish, sizeof rubbish}, {grey.bytes, grey.len}, {same.bytes, 140}};
        for (size_t i = 0; i < IW_ARRAY_LEN(profiles); i++) {
            struct result with = result_of(&picture, kinds[k], profiles[i].bytes, profiles[i].len);
            assert_int_equal(with.file.len, plain.file.len);
            assert_memory_equal(with.file.ptr, plain.file.ptr, plain.file.len);
            file_free(&with.file);
        }
        file_free(&plain.file);
    }
    picture_free(&picture);
}

static void test_grey_profiles(void **state)
{
    (void)state;
    struct picture picture = picture_smooth(64, 40, 1);
    struct profile profile;
    cmsToneCurve *curve = cmsBuildGamma(NULL, 1.0);
    save(cmsCreateGrayProfile(cmsD50_xyY(), curve), &profile);
    cmsFreeToneCurve(curve);
    struct jpeg_kind kind = {.quality = 100, .icc = profile.bytes, .icc_len = profile.len};
    struct file file = jpeg_make(&picture, &kind);
    struct picture decoded = jpeg_decode(&file, &(struct jpeg_read){JCS_GRAYSCALE, 1, false});
    struct picture rgb = by_lcms(&decoded, TYPE_GRAY_8, &profile), want = picture_new(64, 40, 1);
    for (size_t i = 0; i < 64 * 40; i++)
        want.px[i] = rgb.px[3 * i + 1];
    check_shown("linear grey", &file, &want, 1);
    picture_free(&want);
    picture_free(&rgb);
    picture_free(&decoded);
    file_free(&file);
    picture_free(&picture);
}

/* Ink to L*a*b*: darker with every ink, and not the naive product. */
static cmsInt32Number ink_to_lab(const cmsUInt16Number *in, cmsUInt16Number *out, void *cargo)
{
    (void)cargo;
    double c = in[0] / 65535.0, m = in[1] / 65535.0, y = in[2] / 65535.0, k = in[3] / 65535.0;
    cmsCIELab lab = {.L = 100 * (1 - 0.5 * c) * (1 - 0.4 * m) * (1 - 0.1 * y) * (1 - 0.9 * k),
                     .a = 40 * (m - c) * (1 - k),
                     .b = 50 * (y - 0.5 * c) * (1 - k)};
    cmsFloat2LabEncodedV2(out, &lab);
    return 1;
}

static void cmyk_profile(struct profile *out)
{
    cmsHPROFILE handle = cmsCreateProfilePlaceholder(NULL);
    cmsPipeline *pipeline = cmsPipelineAlloc(NULL, 4, 3);
    cmsStage *grid = cmsStageAllocCLut16bit(NULL, 7, 4, 3, NULL);
    assert_true(handle && pipeline && grid && cmsStageSampleCLut16bit(grid, ink_to_lab, NULL, 0));
    assert_true(cmsPipelineInsertStage(pipeline, cmsAT_BEGIN, grid));
    cmsSetProfileVersion(handle, 2.4);
    cmsSetDeviceClass(handle, cmsSigOutputClass);
    cmsSetColorSpace(handle, cmsSigCmykData);
    cmsSetPCS(handle, cmsSigLabData);
    assert_true(cmsWriteTag(handle, cmsSigAToB0Tag, pipeline));
    cmsPipelineFree(pipeline);
    save(handle, out);
}

static void test_ink_by_its_profile(void **state)
{
    (void)state;
    struct profile profile;
    cmyk_profile(&profile);
    struct picture ink = picture_smooth(64, 40, 4);
    static const J_COLOR_SPACE spaces[] = {JCS_CMYK, JCS_YCCK};
    for (size_t i = 0; i < IW_ARRAY_LEN(spaces); i++) {
        struct jpeg_kind kind = {.stored = spaces[i], .quality = 100, .icc = profile.bytes, .icc_len = profile.len};
        struct file file = jpeg_make(&ink, &kind);
        struct picture decoded = jpeg_decode(&file, &(struct jpeg_read){JCS_CMYK, 1, false});
        for (size_t k = 0; k < (size_t)64 * 40 * 4; k++)
            decoded.px[k] = (uint8_t)(255 - decoded.px[k]); /* as ink, not as Adobe stores it */
        struct picture want = by_lcms(&decoded, TYPE_CMYK_8, &profile);
        check_shown("ink", &file, &want, 2);
        picture_free(&want);
        picture_free(&decoded);
        file_free(&file);
    }
    picture_free(&ink);
}

/* ---- planes ---- */

static struct iw_planes planes_of(const struct picture *picture)
{
    struct iw_planes planes;
    assert_true(iw_planes_make(&planes, picture->count, picture->width, picture->height, 0));
    planes.is_rgb = picture->count == 3;
    for (unsigned c = 0; c < picture->count; c++)
        for (uint32_t y = 0; y < picture->height; y++)
            for (uint32_t x = 0; x < picture->width; x++)
                planes.px[c][y * planes.stride[c] + x] = px_at(picture, x, y)[c];
    return planes;
}

static struct picture picture_of(const struct iw_planes *planes)
{
    struct picture picture = picture_new(planes->width_px, planes->height_px, planes->count);
    for (unsigned c = 0; c < picture.count; c++)
        for (uint32_t y = 0; y < picture.height; y++)
            for (uint32_t x = 0; x < picture.width; x++)
                px_at(&picture, x, y)[c] = planes->px[c][y * planes->stride[c] + x];
    return picture;
}

/* ITU-T T.871, section 7 */
static void test_ycc_is_that_of_jfif(void **state)
{
    (void)state;
    struct picture picture = picture_noise(200, 100, 3, 9), want = picture_new(200, 100, 3);
    memcpy(picture.px, "\0\0\0\xFF\xFF\xFF\xFF\0\0\0\xFF\0\0\0\xFF\xFF\xFF\0\0\xFF\xFF\xFF\0\xFF\x80\x80\x80", 27);
    for (size_t i = 0; i < 200 * 100; i++) {
        double r = picture.px[3 * i], g = picture.px[3 * i + 1], b = picture.px[3 * i + 2];
        double y = 0.299 * r + 0.587 * g + 0.114 * b;
        want.px[3 * i] = (uint8_t)fmin(255, floor(y + 0.5));
        want.px[3 * i + 1] = (uint8_t)fmin(255, floor((b - y) / 1.772 + 128 + 0.5));
        want.px[3 * i + 2] = (uint8_t)fmin(255, floor((r - y) / 1.402 + 128 + 0.5));
    }
    struct iw_planes planes = planes_of(&picture);
    iw_planes_to_ycc(&planes);
    assert_false(planes.is_rgb);
    struct picture got = picture_of(&planes);
    assert_in_range(picture_differ(&got, &want), 0, 1);
    picture_free(&got);
    iw_planes_to_rgb(&planes);
    got = picture_of(&planes);
    assert_in_range(picture_differ(&got, &picture), 0, 2);
    picture_free(&got);
    iw_planes_free(&planes);
    picture_free(&want);
    picture_free(&picture);
}

static void test_studio_range_is_expanded(void **state)
{
    (void)state;
    struct picture picture = picture_new(256, 1, 3);
    for (unsigned i = 0; i < 256; i++)
        memset(px_at(&picture, i, 0), (int)i, 3);
    struct iw_planes planes = planes_of(&picture);
    iw_planes_expand(&planes);
    for (int i = 0; i < 256; i++) {
        double luma = fmax(0, fmin(255, floor((i - 16) * 255.0 / 219 + 0.5)));
        double chroma = fmax(0, fmin(255, 128 + round((i - 128) * 255.0 / 224)));
        assert_int_equal(planes.px[0][i], (int)luma);
        assert_int_equal(planes.px[1][i], (int)chroma);
        assert_int_equal(planes.px[2][i], (int)chroma);
    }
    iw_planes_free(&planes);
    picture_free(&picture);
}

static void test_turning(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {{7, 4}, {4, 7}, {1, 5}, {5, 1}, {1, 1}};
    for (size_t i = 0; i < IW_ARRAY_LEN(sizes); i++)
        for (unsigned orientation = 0; orientation <= 9; orientation++)
            for (unsigned count = 1; count <= 3; count += 2) {
                unsigned real = orientation < 1 || orientation > 8 ? 1 : orientation;
                struct picture want = picture_noise(sizes[i][0], sizes[i][1], count, 3);
                struct picture stored = picture_stored(&want, real);
                struct iw_planes planes = planes_of(&stored);
                assert_true(iw_planes_turn(&planes, orientation));
                struct picture got = picture_of(&planes);
                assert_int_equal(picture_differ(&got, &want), 0);
                picture_free(&got);
                iw_planes_free(&planes);
                picture_free(&stored);
                picture_free(&want);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profiles_are_applied_as_lcms_does),
        cmocka_unit_test(test_needless_profiles_change_nothing),
        cmocka_unit_test(test_grey_profiles),
        cmocka_unit_test(test_ink_by_its_profile),
        cmocka_unit_test(test_ycc_is_that_of_jfif),
        cmocka_unit_test(test_studio_range_is_expanded),
        cmocka_unit_test(test_turning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
