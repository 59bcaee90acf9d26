/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The whole way from bytes and a goal to a JPEG: sizes, turning, the ladder of byte targets, what is kept, what is
 * refused. */
#include "pixels_encode.h"

#include <math.h>
#ifdef HAVE_PNG
#include <zlib.h>
#endif
#ifdef __GLIBC__
#include <malloc.h>
#endif

static const struct jpeg_kind k420 = {.name = "4:2:0", .h = {2}, .v = {2}};

static struct iw_goal goal_of(void)
{
    struct iw_goal goal;
    iw_goal_init(&goal);
    goal.may_reoptimise = false;
    return goal;
}

/* ---- sizes ---- */

static void test_boxes_are_exact(void **state)
{
    (void)state;
    static const uint32_t rows[][6] = {
        /* picture, box, result */
        {4000, 3000, 1280, 960, 1280, 960},
        {4032, 3024, 1568, 1568, 1568, 1176},
        {3024, 4032, 1568, 1568, 1176, 1568},
        {1000, 333, 100, 100, 100, 33},
        {1000, 335, 100, 100, 100, 34},
        {333, 1000, 100, 100, 33, 100},
        {1000, 1, 100, 100, 100, 1},
        {1, 65535, 100, 100, 1, 100},
        {99, 100, 100, 100, 99, 100},
        {100, 101, 100, 100, 99, 100},
        {1921, 1081, 1920, 1080, 1919, 1080},
        {7, 3, 3, 3, 3, 1},
        {65535, 65535, 1, 1, 1, 1},
        {10, 10, UINT32_MAX, 5, 5, 5},
        {10, 10, UINT32_MAX, UINT32_MAX, 10, 10},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        const uint32_t *r = rows[i];
        struct iw_size size = iw_size_fit((struct iw_size){r[0], r[1]}, r[2], r[3]);
        if (size.width_px != r[4] || size.height_px != r[5])
            fail_msg("%ux%u into %ux%u: %ux%u", r[0], r[1], r[2], r[3], size.width_px, size.height_px);
    }
}

/* As a consumer computes it, with one factor and rounding. */
static void test_boxes_as_others_compute_them(void **state)
{
    (void)state;
    uint32_t seed = 12345;
    for (int i = 0; i < 200000; i++) {
        uint32_t w = random_next(&seed) % 9000 + 1, h = random_next(&seed) % 9000 + 1;
        uint32_t bw = random_next(&seed) % 3000 + 1, bh = random_next(&seed) % 3000 + 1;
        struct iw_size size = iw_size_fit((struct iw_size){w, h}, bw, bh);
        bool is_by_width = (double)bw / w <= (double)bh / h, fits = w <= bw && h <= bh;
        double width = fits ? w : is_by_width ? bw : fmax(1, round((double)w * bh / h));
        double height = fits ? h : is_by_width ? fmax(1, round((double)h * bw / w)) : bh;
        if (size.width_px != width || size.height_px != height || size.width_px > IW_MIN(w, bw) ||
            size.height_px > IW_MIN(h, bh))
            fail_msg("%ux%u into %ux%u: %ux%u", w, h, bw, bh, size.width_px, size.height_px);
    }
}

static uint64_t patches_of(struct iw_size size)
{
    return (uint64_t)((size.width_px + 31) / 32) * ((size.height_px + 31) / 32);
}

/* By trying every size from the largest on. */
static void test_limits_of_area_and_patches(void **state)
{
    (void)state;
    uint32_t seed = 99;
    for (int i = 0; i < 3000; i++) {
        struct iw_size whole = {random_next(&seed) % 900 + 1, random_next(&seed) % 900 + 1};
        struct iw_goal goal = goal_of();
        if (i & 1)
            goal.max_pixels = random_next(&seed) % 400000 + 1;
        if (i & 2)
            goal.max_patches = random_next(&seed) % 300 + 1;
        if (i & 4)
            goal.max_side_px = random_next(&seed) % 900 + 1;
        struct iw_size got = iw_size_allowed(whole, &goal);
        assert_true(iw_size_is_allowed(got, &goal));
        bool is_wide = whole.width_px >= whole.height_px;
        uint32_t most = IW_MAX(whole.width_px, whole.height_px), other = IW_MIN(whole.width_px, whole.height_px);
        for (uint32_t side = most; side > IW_MAX(got.width_px, got.height_px); side--) {
            uint32_t rest = (uint32_t)fmax(1, round((double)other * side / most));
            struct iw_size larger = is_wide ? (struct iw_size){side, rest} : (struct iw_size){rest, side};
            if (side <= goal.max_side_px && (uint64_t)side * rest <= goal.max_pixels &&
                patches_of(larger) <= goal.max_patches)
                fail_msg("%ux%u: %ux%u, but %ux%u is allowed", whole.width_px, whole.height_px, got.width_px,
                         got.height_px, larger.width_px, larger.height_px);
        }
    }
}

static void test_limits_are_kept_and_nothing_grows(void **state)
{
    (void)state;
    static const struct {
        struct iw_goal goal; /* 0: no limit */
        uint32_t width, height;
    } rows[] = {
        {{.max_width_px = 100}, 100, 67},
        {{.max_height_px = 100}, 150, 100},
        {{.max_side_px = 120}, 120, 80},
        {{.max_pixels = 15000}, 150, 100},
        {{.max_patches = 12}, 128, 85},
        {{.max_patches = 1}, 32, 21},
        {{.max_patches = 70}, 300, 200},
        {{.max_side_px = 3000, .max_pixels = 10000000}, 300, 200},
        {{.max_side_px = 200, .box_width_px = 90, .box_height_px = 90}, 90, 60},
        {{.max_side_px = 200, .box_width_px = 900, .box_height_px = 900}, 200, 133},
        {{.box_width_px = 90, .box_height_px = 90}, 300, 200},
        {{.box_width_px = 90, .box_height_px = 90, .must_scale = true}, 90, 60},
        {{.box_width_px = 900, .box_height_px = 900, .must_scale = true}, 300, 200},
        {{.max_side_px = 120, .max_pixels = 5400, .max_patches = 9}, 90, 60},
        {{.max_width_px = 1, .max_height_px = 1}, 1, 1},
    };
    struct picture picture = picture_photo(300, 200, 1);
    struct file file = jpeg_make(&picture, &k420);
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_goal goal = goal_of(), given = rows[i].goal;
        goal.max_width_px = given.max_width_px ? given.max_width_px : UINT32_MAX;
        goal.max_height_px = given.max_height_px ? given.max_height_px : UINT32_MAX;
        goal.max_side_px = given.max_side_px ? given.max_side_px : UINT32_MAX;
        goal.max_pixels = given.max_pixels ? given.max_pixels : UINT64_MAX;
        goal.max_patches = given.max_patches ? given.max_patches : UINT64_MAX;
        goal.box_width_px = given.box_width_px;
        goal.box_height_px = given.box_height_px;
        goal.must_scale = given.must_scale;
        struct result result = make(&file, &goal);
        if (result.made.error != IW_MADE_OK || result.made.width_px != rows[i].width ||
            result.made.height_px != rows[i].height)
            fail_msg("row %zu: %ux%u %s", i, result.made.width_px, result.made.height_px, result.made.reason);
        file_free(&result.file);
    }
    file_free(&file);
    picture_free(&picture);
}

static void test_extreme_shapes(void **state)
{
    (void)state;
    static const uint32_t rows[][3] = {{20000, 1, 1280}, {1, 20000, 1280}, {65000, 3, 100}, {3, 65000, 100},
                                       {9000, 100, 1},   {1, 1, 1},        {2, 1, 1},       {1, 17, 9},
                                       {17, 1, 9},       {101, 101, 100}};
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++)
        for (unsigned count = 1; count <= 3; count += 2) {
            struct picture picture = picture_smooth(rows[i][0], rows[i][1], count);
            struct file file = jpeg_make(&picture, &k420);
            struct iw_goal goal = goal_of();
            goal.max_side_px = rows[i][2];
            struct result result = make(&file, &goal);
            if (result.made.error != IW_MADE_OK)
                fail_msg("%ux%u: %s", rows[i][0], rows[i][1], result.made.reason);
            assert_int_equal(IW_MAX(result.made.width_px, result.made.height_px), rows[i][2]);
            file_free(&result.file);
            file_free(&file);
            picture_free(&picture);
        }
}

/* ---- turning ---- */

static void test_eight_orientations_give_one_picture(void **state)
{
    (void)state;
    static const struct jpeg_kind kinds[] = {
        {.name = "4:4:4", .quality = 98},
        {.name = "4:2:0", .h = {2}, .v = {2}, .quality = 98},
        {.name = "4:2:2", .h = {2}, .quality = 98},
        {.name = "RGB", .stored = JCS_RGB, .quality = 98},
    };
    struct picture picture = picture_smooth(160, 96, 3);
    for (size_t k = 0; k < IW_ARRAY_LEN(kinds); k++)
        for (int is_odd = 0; is_odd < 2; is_odd++)
            for (unsigned orientation = 1; orientation <= 8; orientation++) {
                struct picture stored = picture_stored(&picture, orientation);
                struct jpeg_kind kind = kinds[k];
                kind.orientation = orientation;
                struct file file = jpeg_make(&stored, &kind);
                struct iw_goal goal = goal_of();
                goal.quality = 98;
                goal.may_reoptimise = true; /* turned, it cannot be kept */
                goal.max_width_px = is_odd ? 75 : 80;
                struct result result = make(&file, &goal);
                assert_int_equal(result.made.error, IW_MADE_OK);
                struct picture got = jpeg_decode(&result.file, &(struct jpeg_read){JCS_RGB, 1, false});
                struct picture want = picture_smooth(goal.max_width_px, is_odd ? 45 : 48, 3);
                double differ = picture_mean_differ(&got, &want);
                if (differ > 2)
                    fail_msg("%s, orientation %u: %f", kind.name, orientation, differ);
                picture_free(&want);
                picture_free(&got);
                file_free(&result.file);
                file_free(&file);
                picture_free(&stored);
            }
    picture_free(&picture);
}

#ifdef HAVE_PNG
/* As browsers do, by an eXIf chunk before the pixels. */
static void test_png_is_turned_by_exif(void **state)
{
    (void)state;
    enum { IHDR_END = 33 };
    struct picture picture = picture_smooth(48, 16, 3);
    struct file file = png_of(&picture, NULL, 0), turned = {0};
    file_put(&turned, file.ptr, IHDR_END);
    file_be(&turned, sizeof turning, 4);
    file_put(&turned, "eXIf", 4);
    file_put(&turned, turning, sizeof turning);
    file_be(&turned, crc32(crc32(0, (const uint8_t *)"eXIf", 4), turning, sizeof turning), 4);
    file_put(&turned, file.ptr + IHDR_END, file.len - IHDR_END);
    check_made_size(&file, 48, 16);
    check_made_size(&turned, 16, 48);
    file_free(&turned);
    file_free(&file);
    picture_free(&picture);
}
#endif

/* ---- bytes ---- */

struct rung {
    struct iw_made made;
    uint64_t asked;
};

static struct rung climb(const struct file *file, uint64_t max_bytes, uint32_t box)
{
    struct iw_goal goal = goal_of();
    goal.max_bytes = max_bytes;
    goal.box_width_px = goal.box_height_px = box;
    goal.quality_floor = 50;
    struct result result = make(file, &goal);
    struct rung rung = {result.made, max_bytes};
    if (rung.made.error == IW_MADE_OK && (rung.made.bytes > max_bytes || result.file.len > max_bytes))
        fail_msg("%llu bytes asked for, %llu made", (unsigned long long)max_bytes, (unsigned long long)rung.made.bytes);
    if (rung.made.error == IW_MADE_OK && (rung.made.quality < 50 || rung.made.quality > 85))
        fail_msg("quality %u", rung.made.quality);
    file_free(&result.file);
    return rung;
}

/* With ever fewer bytes: full quality, less of it down to 70, the box, less quality down to the floor, smaller. */
static void test_the_ladder(void **state)
{
    (void)state;
    struct picture picture = picture_photo(400, 300, 2);
    struct file file = jpeg_make(&picture, &(struct jpeg_kind){.h = {2}, .v = {2}, .quality = 97});
    for (uint32_t box = 0; box <= 200; box += 200) {
        struct rung last = climb(&file, UINT64_MAX, box);
        uint64_t full = last.made.bytes;
        bool had_less_quality = false, had_box = false, had_smaller = false;
        assert_int_equal(last.made.quality, 85);
        assert_int_equal(last.made.width_px, 400);
        for (uint64_t bytes = full; bytes > 900; bytes = bytes * 9 / 10) {
            struct rung rung = climb(&file, bytes, box);
            assert_int_equal(rung.made.error, IW_MADE_OK);
            assert_true(rung.made.width_px <= last.made.width_px);
            if (rung.made.width_px == last.made.width_px)
                assert_true(rung.made.quality <= last.made.quality);
            if (rung.made.width_px == 400) {
                had_less_quality |= rung.made.quality < 85;
                assert_true(rung.made.quality >= (box ? 70 : 50));
            } else if (rung.made.width_px == box) {
                had_box = true;
            } else {
                had_smaller = true;
                assert_true(!box || rung.made.width_px < box);
            }
            if (rung.made.quality > 50 && rung.made.quality < 85) /* no byte too much, and few too little */
                assert_true(rung.made.bytes * 100 >= bytes * 93);
            last = rung;
        }
        assert_true(had_less_quality && had_smaller && had_box == (box > 0));
    }
    file_free(&file);
    picture_free(&picture);
}

static void test_a_target_out_of_reach(void **state)
{
    (void)state;
    struct picture picture = picture_photo(200, 150, 2);
    struct file file = jpeg_make(&picture, &k420);
    struct rung rung = climb(&file, 100, 0);
    assert_int_equal(rung.made.error, IW_MADE_NOT_REACHED);
    assert_true(rung.made.bytes > 100 && rung.made.bytes < 2000);
    assert_non_null(strstr(rung.made.reason, "100"));
    struct iw_goal goal = goal_of();
    struct result small = make_exact(file.ptr, file.len, &goal, 1500); /* the room is a limit, too */
    assert_true(small.made.error == IW_MADE_OK && small.made.bytes <= 1500);
    file_free(&small.file);
    file_free(&file);
    picture_free(&picture);
}

/* Also when memory holds something else: zimg reads a little beyond what it is given, and must multiply it by 0. */
static void test_same_bytes_twice(void **state)
{
    (void)state;
#ifdef __GLIBC__
    (void)mallopt(M_PERTURB, 0x55);
#endif
    struct picture picture = picture_photo(300, 220, 4);
    struct file file = jpeg_make(&picture, &k420);
    struct iw_goal goal = goal_of();
    goal.max_bytes = 9000;
    goal.box_width_px = goal.box_height_px = 177;
    struct result a = make(&file, &goal);
#ifdef __GLIBC__
    (void)mallopt(M_PERTURB, 0xAA);
#endif
    struct result b = make(&file, &goal);
#ifdef __GLIBC__
    (void)mallopt(M_PERTURB, 0);
#endif
    assert_int_equal(a.made.error, IW_MADE_OK);
    assert_int_equal(a.file.len, b.file.len);
    assert_memory_equal(a.file.ptr, b.file.ptr, a.file.len);
    assert_memory_equal(&a.made, &b.made, sizeof a.made);
    file_free(&a.file);
    file_free(&b.file);
    file_free(&file);
    picture_free(&picture);
}

/* ---- kept to the bit ---- */

static size_t find(const struct file *file, const char *text, size_t len)
{
    for (size_t i = 0; i + len <= file->len; i++)
        if (memcmp(file->ptr + i, text, len) == 0)
            return i;
    return SIZE_MAX;
}

static void test_a_jpeg_that_is_only_too_heavy(void **state)
{
    (void)state;
    uint8_t icc[3000];
    for (size_t i = 0; i < sizeof icc; i++)
        icc[i] = (uint8_t)(i * 7);
    static const struct jpeg_kind kinds[] = {
        {.name = "4:2:0", .h = {2}, .v = {2}}, {.name = "4:4:4"},
        {.name = "RGB", .stored = JCS_RGB},    {.name = "progressive", .is_progressive = true},
        {.name = "4:1:1", .h = {4}},           {.name = "restarts", .restart_rows = 1}};
    struct picture picture = picture_photo(201, 133, 8);
    for (size_t i = 0; i < IW_ARRAY_LEN(kinds); i++) {
        struct jpeg_kind kind = kinds[i];
        kind.orientation = 1;
        kind.icc = icc;
        kind.icc_len = sizeof icc;
        struct file file = jpeg_make(&picture, &kind);
        size_t lean = file.len;
        file_put(&file, "trailing bytes of a second picture", 34);
        struct iw_goal goal = goal_of();
        goal.may_reoptimise = true;
        struct result result = make(&file, &goal);
        assert_int_equal(result.made.error, IW_MADE_OK);
        assert_int_equal(result.made.how, IW_MADE_REOPTIMISED);
        assert_true(kind.is_progressive || result.file.len < lean);
        struct jpeg_read how = {0};
        struct picture before = jpeg_decode(&file, &how), after = jpeg_decode(&result.file, &how);
        assert_int_equal(picture_differ(&before, &after), 0);
        assert_true(find(&result.file, "Exif", 4) == SIZE_MAX && find(&result.file, "trailing", 8) == SIZE_MAX);
        assert_true(find(&result.file, (const char *)icc, sizeof icc) != SIZE_MAX);
        picture_free(&after);
        picture_free(&before);
        file_free(&result.file);
        goal.max_bytes = 3600; /* too few for that: encoded anew */
        result = make(&file, &goal);
        assert_true(result.made.error == IW_MADE_OK && result.made.how == IW_MADE_ENCODED);
        file_free(&result.file);
        file_free(&file);
    }
    picture_free(&picture);
}

/* ---- refused ---- */

static void check_error(const char *what, const struct file *file, enum iw_made_error error)
{
    struct iw_goal goal = goal_of();
    struct result result = make(file, &goal);
    if (result.made.error != error)
        fail_msg("%s: error %d, %s", what, (int)result.made.error, result.made.reason);
    file_free(&result.file);
}

/* Headers of 30000x30000 (and one of a single long row) without much behind them. */
static void test_bombs_are_not_decoded(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const uint8_t *bytes;
        size_t len;
    } rows[] = {
#define BOMB(name, text) {name, (const uint8_t *)text, sizeof(text) - 1}
        BOMB("PNG", "\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\x75\x30\0\0\x75\x30\x08\2\0\0\0\xC0\xDE\xBA\x1E\0\0\0\0IDAT"),
        BOMB("GIF", "GIF89a\x30\x75\x30\x75\x80\0\0\0\0\0\xFF\xFF\xFF,\0\0\0\0\x30\x75\x30\x75\0\2\2\x44\1\0;"),
        BOMB("BMP",
             "BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x30\x75\0\0\x30\x75\0\0\1\0\x18\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
             "\0\0\0\0\0\0\0\0\0\0"),
        BOMB("a long row",
             "BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\0\0\1\0\1\0\0\0\1\0\x18\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
             "\0\0\0\0\0\0\0\0\0\0"),
        BOMB(
            "JPEG",
            "\xFF\xD8\xFF\xC0\0\x11\x08\x75\x30\x75\x30\3\1\x22\0\2\x11\0\3\x11\0\xFF\xDA\0\x0C\3\1\0\2\0\3\0\0\x3F\0"),
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct file file = {0};
        file_put(&file, rows[i].bytes, rows[i].len);
        if (i == 0) /* the checksum of IHDR, so that nothing else is wrong with it */
            memcpy(file.ptr + 29, "\xE9\x45\x6F\xED", 4);
        check_error(rows[i].name, &file, IW_MADE_TOO_LARGE);
        file_free(&file);
    }
}

static void test_what_is_no_image(void **state)
{
    (void)state;
    static const char *texts[] = {"", "x", "<html><body>404</body></html>", "\177ELF", "%PDF-1.7"};
    for (size_t i = 0; i < IW_ARRAY_LEN(texts); i++) {
        struct file file = {0};
        file_put(&file, texts[i], strlen(texts[i]));
        check_error(texts[i], &file, IW_MADE_NO_DECODER);
        file_free(&file);
    }
}

/* ---- pixels for another encoder ---- */

static void test_ppm(void **state)
{
    (void)state;
    for (unsigned count = 1; count <= 3; count += 2) {
        struct picture picture = picture_noise(31, 17, count, 5);
#ifdef HAVE_PNG
        struct file file = png_of(&picture, NULL, 0);
#else
        struct file file = jpeg_make(&picture, &k420);
#endif
        struct iw_goal goal = goal_of();
        goal.wants_ppm = true;
        goal.max_bytes = 10; /* no limit here */
        struct result result = make(&file, &goal);
        const char *head = count == 1 ? "P5\n31 17\n255\n" : "P6\n31 17\n255\n";
        assert_int_equal(result.made.error, IW_MADE_OK);
        assert_int_equal(result.made.how, IW_MADE_PPM);
        assert_int_equal(result.file.len, 13 + 31 * 17 * count);
        assert_memory_equal(result.file.ptr, head, 13);
#ifdef HAVE_PNG
        assert_memory_equal(result.file.ptr + 13, picture.px, 31 * 17 * count);
#endif
        file_free(&result.file);
        struct result tight = make_exact(file.ptr, file.len, &goal, 12 + 31 * 17 * count);
        assert_int_equal(tight.made.error, IW_MADE_NO_MEMORY);
        file_free(&tight.file);
        file_free(&file);
        picture_free(&picture);
    }
}

static void test_versions(void **state)
{
    (void)state;
    struct iw_buf out;
    iw_buf_init(&out, 1000);
    iw_pixels_versions(&out);
    iw_buf_add_char(&out, '\0');
    print_message("  %s\n", out.ptr);
    assert_non_null(strstr(out.ptr, "zimg/"));
    assert_non_null(strstr(out.ptr, "lcms2/"));
    assert_null(strstr(out.ptr, "  "));
    iw_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boxes_are_exact),
        cmocka_unit_test(test_boxes_as_others_compute_them),
        cmocka_unit_test(test_limits_of_area_and_patches),
        cmocka_unit_test(test_limits_are_kept_and_nothing_grows),
        cmocka_unit_test(test_extreme_shapes),
        cmocka_unit_test(test_eight_orientations_give_one_picture),
#ifdef HAVE_PNG
        cmocka_unit_test(test_png_is_turned_by_exif),
#endif
        cmocka_unit_test(test_the_ladder),
        cmocka_unit_test(test_a_target_out_of_reach),
        cmocka_unit_test(test_same_bytes_twice),
        cmocka_unit_test(test_a_jpeg_that_is_only_too_heavy),
        cmocka_unit_test(test_bombs_are_not_decoded),
        cmocka_unit_test(test_what_is_no_image),
        cmocka_unit_test(test_ppm),
        cmocka_unit_test(test_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
