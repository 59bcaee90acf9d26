/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* How much chroma is kept, and that what is halved lies where it belongs. */
#include "pixels_encode.h"

#include <math.h>

static const struct jpeg_kind k420 = {.name = "4:2:0", .h = {2}, .v = {2}};
static const struct jpeg_kind k444 = {.name = "4:4:4", .quality = 95};

static void test_halves_are_means(void **state)
{
    (void)state;
    for (uint32_t width = 1; width <= 90; width++)
        for (uint32_t height = 1; height <= 4; height++) {
            struct picture noise = picture_noise(width, height, 1, width),
                           copy = picture_noise(width, height, 1, width);
            struct iw_plane plane = {.px = copy.px, .stride = width, .width_px = width, .height_px = height};
            iw_plane_halve(&plane);
            assert_int_equal(plane.width_px, (width + 1) / 2);
            assert_int_equal(plane.height_px, (height + 1) / 2);
            for (uint32_t y = 0; y < plane.height_px; y++)
                for (uint32_t x = 0; x < plane.width_px; x++) {
                    uint32_t right = IW_MIN(2 * x + 1, width - 1), below = IW_MIN(2 * y + 1, height - 1);
                    int want = (*px_at(&noise, 2 * x, 2 * y) + *px_at(&noise, right, 2 * y) +
                                *px_at(&noise, 2 * x, below) + *px_at(&noise, right, below) + 2) >>
                               2;
                    if (plane.px[y * width + x] != want)
                        fail_msg("%ux%u: differs at %u,%u", width, height, x, y);
                }
            picture_free(&noise);
            picture_free(&copy);
        }
}

/* ---- a reader that halves ---- */

/* Soft waves of colour across and down, so steep that a shift by half a sample of a halved plane is seen. */
static struct picture waves(uint32_t width, uint32_t height, double period)
{
    struct picture picture = picture_new(width, height, 3);
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            px_at(&picture, x, y)[0] = (uint8_t)(128 + 100 * sin(6.2831853 * (x + 0.5) / period));
            px_at(&picture, x, y)[1] = 128;
            px_at(&picture, x, y)[2] = (uint8_t)(128 + 100 * sin(6.2831853 * (y + 0.5) / period));
        }
    return picture;
}

static void check_half(const struct file *file, const char *name, unsigned denominator)
{
    struct wish wish = {
        .width = 320, .height = 240, .least_width = 320 / denominator, .least_height = 240 / denominator};
    struct taken all = take("jpeg", file, &wish);
    wish.wants_half = true;
    struct taken half = take("jpeg", file, &wish);
    assert_true(all.is_good && half.is_good);
    assert_int_equal(all.reader.sub_w + all.reader.sub_h, 0);
    assert_int_equal(half.reader.sub_w, 1);
    assert_int_equal(half.reader.sub_h, 1);
    assert_int_equal(half.reader.width_px, all.reader.width_px);
    for (uint32_t y = 0; y < all.height[0]; y++)
        assert_memory_equal(half.px[0] + y * half.stride[0], all.px[0] + y * all.stride[0], all.width[0]);
    for (unsigned i = 1; i < 3; i++)
        for (uint32_t y = 0; y < half.height[i]; y++)
            for (uint32_t x = 0; x < half.width[i]; x++) {
                const uint8_t *px = all.px[i] + 2 * y * all.stride[i] + 2 * x;
                int mean = (px[0] + px[1] + px[all.stride[i]] + px[all.stride[i] + 1] + 2) / 4;
                if (abs(half.px[i][y * half.stride[i] + x] - mean) > 4)
                    fail_msg("%s 1/%u: plane %u is %d at %u,%u, not near %d", name, denominator, i,
                             half.px[i][y * half.stride[i] + x], x, y, mean);
            }
    taken_free(&all);
    taken_free(&half);
}

static void test_jpeg_chroma_shrinks_with_its_luma(void **state)
{
    (void)state;
    static const struct jpeg_kind kinds[] = {
        {.name = "4:2:0", .h = {2}, .v = {2}},
        {.name = "progressive 4:2:0", .h = {2}, .v = {2}, .is_progressive = true},
        {.name = "restarts", .h = {2}, .v = {2}, .restart_rows = 1},
    };
    struct picture picture = waves(320, 240, 160);
    for (size_t i = 0; i < IW_ARRAY_LEN(kinds); i++) {
        struct file file = jpeg_make(&picture, &kinds[i]);
        for (unsigned denominator = 2; denominator <= 8; denominator *= 2)
            check_half(&file, kinds[i].name, denominator);
        file_free(&file);
    }
    picture_free(&picture);
}

static void test_whole_jpeg_chroma_stays(void **state)
{
    (void)state;
    static const struct jpeg_kind kinds[] = {
        {.name = "4:4:4"}, {.name = "4:2:2", .h = {2}}, {.name = "4:4:0", .v = {2}}};
    struct picture picture = picture_noise(160, 120, 3, 3);
    for (size_t i = 0; i < IW_ARRAY_LEN(kinds); i++) {
        struct file file = jpeg_make(&picture, &kinds[i]);
        struct wish wish = {.width = 160, .height = 120, .least_width = 80, .least_height = 60};
        struct taken all = take("jpeg", &file, &wish);
        wish.wants_half = true;
        struct taken half = take("jpeg", &file, &wish);
        assert_true(all.is_good && half.is_good);
        for (unsigned p = 0; p < 3; p++) {
            assert_int_equal(half.width[p], all.width[p]);
            for (uint32_t y = 0; y < all.height[p]; y++)
                assert_memory_equal(half.px[p] + y * half.stride[p], all.px[p] + y * all.stride[p], all.width[p]);
        }
        taken_free(&all);
        taken_free(&half);
        file_free(&file);
    }
    picture_free(&picture);
}

/* ---- scaling ---- */

static bool scale(const struct file *file, const struct wish *wish, uint32_t width, uint32_t height,
                  enum iw_chroma chroma, struct iw_planes *planes)
{
    const struct iw_codec *codec = codec_of("jpeg");
    struct iw_image_facts facts = {.stored_width_px = wish->width, .stored_height_px = wish->height, .orientation = 1};
    struct iw_reader reader = {.bytes = file->ptr,
                               .len = file->len,
                               .facts = &facts,
                               .least_width_px = wish->least_width,
                               .least_height_px = wish->least_height,
                               .wants_half = chroma != IW_CHROMA_WHOLE};
    bool is_good = codec->open(&reader) && iw_scale(codec, &reader, width, height, chroma, planes);
    codec->close(&reader);
    return is_good;
}

/* Against whole planes, halved afterwards: for even and odd sizes, of what comes whole and what comes halved. */
static void test_halved_chroma_lies_where_it_belongs(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {{200, 150}, {201, 151}, {127, 95}, {120, 91}, {101, 75}};
    static const struct jpeg_kind kinds[] = {{.name = "4:2:0", .h = {2}, .v = {2}, .quality = 98},
                                             {.name = "4:2:2", .h = {2}, .quality = 98},
                                             {.name = "4:4:4", .quality = 98}};
    struct picture picture = waves(613, 459, 80);
    for (size_t k = 0; k < IW_ARRAY_LEN(kinds); k++) {
        struct file file = jpeg_make(&picture, &kinds[k]);
        for (size_t i = 0; i < IW_ARRAY_LEN(sizes); i++) {
            uint32_t width = sizes[i][0], height = sizes[i][1];
            struct wish wish = {
                .width = 613, .height = 459, .least_width = width * 3 / 2, .least_height = height * 3 / 2};
            struct iw_planes whole, half;
            assert_true(scale(&file, &wish, width, height, IW_CHROMA_WHOLE, &whole));
            assert_true(scale(&file, &wish, width, height, IW_CHROMA_HALF, &half));
            assert_int_equal(half.sub_w + half.sub_h, 2);
            iw_planes_halve_chroma(&whole);
            for (unsigned p = 0; p < 3; p++)
                for (uint32_t y = 0; y < iw_plane_height(&half, p); y++)
                    for (uint32_t x = 0; x < iw_plane_width(&half, p); x++) {
                        int got = half.px[p][y * half.stride[p] + x], want = whole.px[p][y * whole.stride[p] + x];
                        bool is_edge = (x + 1) * 2 > width || (y + 1) * 2 > height;
                        if (abs(got - want) > (p == 0 ? 1 : is_edge ? 9 : 6))
                            fail_msg("%s to %ux%u: plane %u is %d at %u,%u, not near %d", kinds[k].name, width, height,
                                     p, got, x, y, want);
                    }
            iw_planes_free(&whole);
            iw_planes_free(&half);
        }
        file_free(&file);
    }
    picture_free(&picture);
}

/* ---- judging ---- */

/* A photograph in whose lower part, so many rows of it, there is writing: strokes of so many samples, in a colour that
 * differs from its ground by so much. */
static struct picture captioned(uint32_t rows, int contrast, uint32_t stroke)
{
    struct picture picture = picture_photo(640, 480, 5);
    uint32_t seed = 77;
    for (uint32_t y = 480 - rows; y < 480; y += stroke)
        for (uint32_t x = 0; x < 640; x += stroke) {
            bool is_ink = random_next(&seed) >> 13 & 1;
            for (uint32_t i = 0; i < stroke * stroke; i++) {
                if (y + i / stroke >= 480 || x + i % stroke >= 640)
                    continue;
                uint8_t *px = px_at(&picture, x + i % stroke, y + i / stroke);
                px[0] = (uint8_t)(is_ink ? 128 + contrast : 128 - contrast);
                px[1] = 128;
                px[2] = (uint8_t)(is_ink ? 128 - contrast : 128 + contrast);
            }
        }
    return picture;
}

/* Whatever is halved before it is scaled would have been halved afterwards, too. */
static void test_writing_is_never_halved_unseen(void **state)
{
    (void)state;
    static const uint32_t rows[] = {0, 16, 48, 480}, widths[] = {320, 240, 213};
    static const int contrasts[] = {10, 30, 60, 120};
    unsigned halved = 0, kept = 0, doubtful = 0;
    for (size_t i = 0; i < IW_ARRAY_LEN(rows) * IW_ARRAY_LEN(contrasts) * 3; i++) {
        uint32_t stroke = 1 + (uint32_t)i % 3;
        struct picture picture =
            captioned(rows[i / 3 % IW_ARRAY_LEN(rows)], contrasts[i / 3 / IW_ARRAY_LEN(rows)], stroke);
        struct file file = jpeg_make(&picture, &k444);
        for (size_t w = 0; w < IW_ARRAY_LEN(widths); w++) {
            uint32_t width = widths[w], height = width * 3 / 4;
            struct wish wish = {
                .width = 640, .height = 480, .least_width = width * 3 / 2, .least_height = height * 3 / 2};
            struct iw_planes whole, judged;
            assert_true(scale(&file, &wish, width, height, IW_CHROMA_WHOLE, &whole));
            assert_true(scale(&file, &wish, width, height, IW_CHROMA_JUDGED, &judged));
            bool needs = iw_planes_need_chroma(&whole);
            if (needs && judged.sub_w)
                fail_msg("%u rows, contrast %d, strokes of %u, to %u: halved", rows[i / 3 % IW_ARRAY_LEN(rows)],
                         contrasts[i / 3 / IW_ARRAY_LEN(rows)], stroke, width);
            halved += judged.sub_w;
            kept += needs;
            doubtful += !needs && !judged.sub_w;
            iw_planes_free(&whole);
            iw_planes_free(&judged);
        }
        file_free(&file);
        picture_free(&picture);
    }
    print_message("# halved at once %u, kept %u, doubtful at first %u\n", halved, kept, doubtful);
    assert_true(halved > 0 && kept > 0);
}

static struct picture coloured_text(uint32_t width, uint32_t height)
{
    struct picture picture = picture_new(width, height, 3);
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) /* strokes of one pixel, blue on black and red on white */
            memcpy(px_at(&picture, x, y),
                   y < height / 2 ? (x % 3 && y % 5 ? "\0\0\0" : "\x20\x20\xFF")
                                  : (x % 4 && y % 7 ? "\xFF\xFF\xFF" : "\xE0\0\0"),
                   3);
    return picture;
}

static void check_chroma(const char *what, const struct file *file, unsigned subsampling, int factors)
{
    for (int is_scaled = 0; is_scaled < 2; is_scaled++) {
        struct iw_goal goal;
        iw_goal_init(&goal);
        goal.may_reoptimise = false;
        goal.max_side_px = is_scaled ? 150 : UINT32_MAX;
        struct result result = make(file, &goal);
        assert_int_equal(result.made.error, IW_MADE_OK);
        if (result.made.subsampling != subsampling || jpeg_factors(&result.file) != factors)
            fail_msg("%s%s: 4:%u, factors %d", what, is_scaled ? " scaled" : "", result.made.subsampling,
                     jpeg_factors(&result.file));
        file_free(&result.file);
    }
}

static void test_how_much_chroma_is_kept(void **state)
{
    (void)state;
    struct picture text = coloured_text(200, 160), photo = picture_photo(200, 160, 3),
                   grey = picture_noise(200, 160, 1, 3);
    struct {
        const char *name;
        struct file file;
        unsigned subsampling;
        int factors;
    } rows[] = {
#ifdef HAVE_PNG
        {"text, PNG", png_of(&text, NULL, 0), 444, 11},
        {"photograph, PNG", png_of(&photo, NULL, 0), 420, 22},
        {"grey, PNG", png_of(&grey, NULL, 0), 400, 0},
#endif
        {"text, JPEG 4:4:4", jpeg_make(&text, &k444), 444, 11},
        {"photograph, JPEG 4:4:4", jpeg_make(&photo, &k444), 420, 22},
        {"text, JPEG 4:2:0", jpeg_make(&text, &k420), 420, 22},
        {"photograph, JPEG 4:2:0", jpeg_make(&photo, &k420), 420, 22},
        {"grey, JPEG", jpeg_make(&grey, &k444), 400, 0},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        check_chroma(rows[i].name, &rows[i].file, rows[i].subsampling, rows[i].factors);
        file_free(&rows[i].file);
    }
    picture_free(&grey);
    picture_free(&photo);
    picture_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_halves_are_means),
        cmocka_unit_test(test_jpeg_chroma_shrinks_with_its_luma),
        cmocka_unit_test(test_whole_jpeg_chroma_stays),
        cmocka_unit_test(test_halved_chroma_lies_where_it_belongs),
        cmocka_unit_test(test_writing_is_never_halved_unseen),
        cmocka_unit_test(test_how_much_chroma_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
