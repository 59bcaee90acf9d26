/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The reader of JPEG beside libjpeg's scanline interface: raw planes at every scale, and the kinds that come as rows.
 */
#include "pixels_encode.h"

static const struct jpeg_kind k420 = {.name = "4:2:0", .h = {2}, .v = {2}};
static const struct jpeg_kind k444 = {.name = "4:4:4"};

static struct wish whole(const struct picture *picture)
{
    return (struct wish){.width = picture->width, .height = picture->height, .ground = 0xFFFFFF};
}

/* Plane by plane: a sample of a halved plane is what the scanline decoder repeats. */
static void check_planes(const struct file *file, const struct jpeg_kind *kind, const struct picture *source,
                         unsigned denominator)
{
    bool is_grey = source->count == 1;
    struct jpeg_read how = {.space = is_grey ? JCS_GRAYSCALE : JCS_YCbCr, .denominator = denominator, .is_plain = true};
    struct picture want = jpeg_decode(file, &how);
    struct wish wish = whole(source);
    wish.least_width = IW_MAX(source->width / denominator, 1u);
    wish.least_height = IW_MAX(source->height / denominator, 1u);
    struct taken got = take("jpeg", file, &wish);
    if (!got.is_good)
        fail_msg("%s 1/%u: %s", kind->name, denominator, got.why);
    assert_false(got.reader.is_rgb);
    assert_int_equal(got.reader.count, source->count);
    assert_int_equal(got.reader.width_px, want.width);
    assert_int_equal(got.reader.height_px, want.height);
    for (unsigned i = 0; i < got.reader.count; i++) {
        unsigned sub_w = i ? got.reader.sub_w : 0, sub_h = i ? got.reader.sub_h : 0;
        for (uint32_t y = 0; y < got.height[i]; y++)
            for (uint32_t x = 0; x < got.width[i]; x++)
                if (got.px[i][y * got.stride[i] + x] != px_at(&want, x << sub_w, y << sub_h)[i])
                    fail_msg("%s 1/%u: plane %u differs at %u,%u", kind->name, denominator, i, x, y);
    }
    picture_free(&want);
    taken_free(&got);
}

static void test_planes_are_those_of_the_scanline_decoder(void **state)
{
    (void)state;
    static const struct jpeg_kind kinds[] = {
        {.name = "4:2:0", .h = {2}, .v = {2}},
        {.name = "4:2:2", .h = {2}, .v = {1}},
        {.name = "4:4:4"},
        {.name = "4:4:0", .h = {1}, .v = {2}},
        {.name = "4:1:1", .h = {4}, .v = {1}},
        {.name = "4:1:0", .h = {4}, .v = {2}},
        {.name = "4:4:4 as 2x2", .h = {2, 2, 2}, .v = {1, 1, 1}},
        {.name = "progressive 4:2:0", .h = {2}, .v = {2}, .is_progressive = true},
        {.name = "restarts", .h = {2}, .v = {2}, .restart_rows = 1},
    };
    struct picture colour = picture_noise(173, 131, 3, 7), grey = picture_noise(173, 131, 1, 8);
    for (size_t i = 0; i < IW_ARRAY_LEN(kinds); i++) {
        struct file file = jpeg_make(&colour, &kinds[i]);
        for (unsigned denominator = 1; denominator <= 8; denominator *= 2)
            check_planes(&file, &kinds[i], &colour, denominator);
        file_free(&file);
    }
    const struct jpeg_kind grey_kinds[] = {{.name = "grey"}, {.name = "progressive grey", .is_progressive = true}};
    for (size_t i = 0; i < IW_ARRAY_LEN(grey_kinds); i++) {
        struct file file = jpeg_make(&grey, &grey_kinds[i]);
        for (unsigned denominator = 1; denominator <= 8; denominator *= 2)
            check_planes(&file, &grey_kinds[i], &grey, denominator);
        file_free(&file);
    }
    picture_free(&colour);
    picture_free(&grey);
}

static void test_a_shrunk_420_keeps_all_of_its_chroma(void **state)
{
    (void)state;
    struct picture picture = picture_noise(200, 120, 3, 3);
    struct file file = jpeg_make(&picture, &k420);
    struct wish wish = {.width = 200, .height = 120, .least_width = 100, .least_height = 60};
    struct taken taken = take("jpeg", &file, &wish);
    assert_true(taken.is_good);
    assert_int_equal(taken.reader.width_px, 100);
    assert_int_equal(taken.reader.sub_w + taken.reader.sub_h, 0);
    assert_false(taken.reader.is_whole);
    taken_free(&taken);
    file_free(&file);
    file = jpeg_make(&picture, &k444);
    taken = take("jpeg", &file, &wish);
    assert_true(taken.is_good && taken.reader.is_whole);
    taken_free(&taken);
    file_free(&file);
    picture_free(&picture);
}

static void test_it_never_shrinks_below_what_is_asked(void **state)
{
    (void)state;
    struct picture picture = picture_noise(160, 96, 3, 3);
    struct file file = jpeg_make(&picture, &k420);
    static const uint32_t rows[][4] = {/* least, and what comes */
                                       {80, 48, 80, 48}, {81, 48, 160, 96}, {80, 49, 160, 96}, {40, 24, 40, 24},
                                       {41, 24, 80, 48}, {20, 12, 20, 12},  {1, 1, 20, 12},    {160, 96, 160, 96}};
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct wish wish = {.width = 160, .height = 96, .least_width = rows[i][0], .least_height = rows[i][1]};
        struct taken taken = take("jpeg", &file, &wish);
        assert_true(taken.is_good);
        assert_int_equal(taken.reader.width_px, rows[i][2]);
        assert_int_equal(taken.reader.height_px, rows[i][3]);
        taken_free(&taken);
    }
    file_free(&file);
    picture_free(&picture);
}

static void test_odd_sizes(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {{1, 1}, {1, 17}, {17, 1}, {101, 101}, {8, 8}, {16, 15}, {33, 2}};
    static const struct jpeg_kind kinds[] = {{.name = "4:2:0", .h = {2}, .v = {2}},
                                             {.name = "4:2:2", .h = {2}},
                                             {.name = "4:1:1", .h = {4}},
                                             {.name = "4:4:0", .v = {2}},
                                             {.name = "4:4:4"}};
    for (size_t i = 0; i < IW_ARRAY_LEN(sizes); i++)
        for (size_t k = 0; k < IW_ARRAY_LEN(kinds); k++) {
            struct picture picture = picture_noise(sizes[i][0], sizes[i][1], 3, 5);
            struct file file = jpeg_make(&picture, &kinds[k]);
            for (unsigned denominator = 1; denominator <= 8; denominator *= 2)
                if (denominator == 1 || (sizes[i][0] >= denominator && sizes[i][1] >= denominator))
                    check_planes(&file, &kinds[k], &picture, denominator);
            file_free(&file);
            picture_free(&picture);
        }
}

/* What no three planes can hold comes as the RGB that libjpeg makes of it. */
static void test_odd_kinds_come_as_rows(void **state)
{
    (void)state;
    static const struct jpeg_kind kinds[] = {
        {.name = "RGB", .stored = JCS_RGB},
        {.name = "luma smaller than chroma", .h = {1, 2, 2}, .v = {1, 2, 2}},
        {.name = "luma smaller than one", .h = {1, 2, 1}, .v = {1, 1, 1}},
        {.name = "chroma of two sizes", .h = {2, 2, 1}, .v = {2, 1, 2}},
        {.name = "3:1", .h = {3, 1, 1}, .v = {1, 1, 1}},
    };
    struct picture picture = picture_noise(75, 43, 3, 11);
    for (size_t i = 0; i < IW_ARRAY_LEN(kinds); i++) {
        struct file file = jpeg_make(&picture, &kinds[i]);
        struct jpeg_read how = {.space = JCS_RGB};
        struct picture want = jpeg_decode(&file, &how);
        struct wish wish = whole(&picture);
        check_read(kinds[i].name, "jpeg", &file, &wish, &want, 0);
        picture_free(&want);
        file_free(&file);
    }
    picture_free(&picture);
}

/* Ink as Adobe stores it, 255 is none: the colour is the product of what colour and black let through. */
static void test_ink_becomes_light(void **state)
{
    (void)state;
    struct picture ink = picture_smooth(64, 40, 4), want = picture_new(64, 40, 3);
    for (uint32_t y = 0; y < 40; y++)
        for (uint32_t x = 0; x < 64; x++)
            for (unsigned c = 0; c < 3; c++)
                px_at(&want, x, y)[c] = (uint8_t)(px_at(&ink, x, y)[c] * px_at(&ink, x, y)[3] / 255.0 + 0.5);
    static const struct jpeg_kind kinds[] = {{.name = "CMYK", .stored = JCS_CMYK, .quality = 100},
                                             {.name = "YCCK", .stored = JCS_YCCK, .quality = 100}};
    for (size_t i = 0; i < IW_ARRAY_LEN(kinds); i++) {
        struct file file = jpeg_make(&ink, &kinds[i]);
        struct wish wish = whole(&ink);
        check_read(kinds[i].name, "jpeg", &file, &wish, &want, 4);
        file_free(&file);
    }
    picture_free(&ink);
    picture_free(&want);
}

/* Offset of the start of frame. */
static size_t frame_at(const struct file *file)
{
    for (size_t i = 2; i + 4 < file->len; i += 2u + ((size_t)file->ptr[i + 2] << 8 | file->ptr[i + 3]))
        if (file->ptr[i + 1] >= 0xC0 && file->ptr[i + 1] <= 0xC2)
            return i;
    fail_msg("no frame");
    return 0;
}

static void test_what_is_refused(void **state)
{
    (void)state;
    struct picture picture = picture_noise(64, 64, 3, 2);
    struct file file = jpeg_make(&picture, &k420);
    struct wish wish = whole(&picture);
    size_t frame = frame_at(&file);
    file.ptr[frame + 4] = 12;
    check_refused("12 bits", "jpeg", &file, &wish);
    file.ptr[frame + 4] = 8;
    file.ptr[frame + 1] = 0xC3;
    check_refused("lossless", "jpeg", &file, &wish);
    file.ptr[frame + 1] = 0xC0;
    file.ptr[frame + 10 + 1] = 0x00;
    check_refused("a sampling factor of 0", "jpeg", &file, &wish);
    file.ptr[frame + 10 + 1] = 0x55;
    check_refused("a sampling factor of 5", "jpeg", &file, &wish);
    file.ptr[frame + 10 + 1] = 0x22;
    struct file cut = {.ptr = file.ptr, .len = file.len / 2};
    check_refused("cut in the middle", "jpeg", &cut, &wish);
    cut.len = frame;
    check_refused("cut before the frame", "jpeg", &cut, &wish);
    cut.len = 0;
    check_refused("empty", "jpeg", &cut, &wish);
    file_free(&file);
    picture_free(&picture);
}

/* A progressive file that never ends: each scan refines nothing, and costs a pass over the picture. */
static void test_endless_scans_are_given_up(void **state)
{
    (void)state;
    struct picture picture = picture_noise(64, 64, 1, 2);
    const struct jpeg_kind kind = {.is_progressive = true};
    struct file once = jpeg_make(&picture, &kind), file = {0};
    size_t scan = 0, end = once.len - 2;
    for (size_t i = 2; i + 1 < once.len; i++) /* the last scan, with its tables */
        if (once.ptr[i] == 0xFF && once.ptr[i + 1] == 0xDA)
            scan = i;
    file_put(&file, once.ptr, end);
    for (int i = 0; i < 2 * IW_JPEG_MAX_SCANS; i++)
        file_put(&file, once.ptr + scan, end - scan);
    file_put(&file, once.ptr + end, 2);
    struct wish wish = whole(&picture);
    check_refused("endless scans", "jpeg", &file, &wish);
    file_free(&file);
    file_free(&once);
    picture_free(&picture);
}

static void test_damaged(void **state)
{
    (void)state;
    static const struct jpeg_kind kinds[] = {
        {.h = {2}, .v = {2}}, {.is_progressive = true}, {.stored = JCS_RGB}, {.restart_rows = 1}};
    struct picture picture = picture_smooth(21, 18, 3), ink = picture_smooth(21, 18, 4);
    for (size_t i = 0; i < IW_ARRAY_LEN(kinds); i++) {
        struct file file = jpeg_make(&picture, &kinds[i]);
        check_damaged(&file, true);
        file_free(&file);
    }
    const struct jpeg_kind ycck = {.stored = JCS_YCCK};
    struct file file = jpeg_make(&ink, &ycck);
    check_damaged(&file, true);
    file_free(&file);
    picture_free(&ink);
    picture_free(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_planes_are_those_of_the_scanline_decoder),
        cmocka_unit_test(test_a_shrunk_420_keeps_all_of_its_chroma),
        cmocka_unit_test(test_it_never_shrinks_below_what_is_asked),
        cmocka_unit_test(test_odd_sizes),
        cmocka_unit_test(test_odd_kinds_come_as_rows),
        cmocka_unit_test(test_ink_becomes_light),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_endless_scans_are_given_up),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
