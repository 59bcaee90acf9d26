/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The table of formats and the views: look-ups by name, type and path, signatures, windows and their edges. */
#include "base/iw.h"
#include "image_case.h"

static const char *name_of(const struct iw_image_format *format)
{
    return format ? format->name : "none";
}

static void test_table(void **state)
{
    (void)state;
    assert_true(iw_image_format_count >= 5);
    for (size_t i = 0; i < iw_image_format_count; i++) {
        const struct iw_image_format *format = iw_image_formats[i];
        assert_non_null(format->title);
        assert_non_null(format->mime);
        assert_non_null(format->extensions);
        assert_non_null(format->sniff);
        assert_non_null(format->scan);
        assert_true(format->sniff_bytes >= 1 && format->sniff_bytes <= 64);
        assert_ptr_equal(iw_image_format_find(iw_str_from(format->name)), format);
        assert_ptr_equal(iw_image_format_of_type(iw_str_from(format->mime)), format);
    }
}

static void test_find(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *format;
    } cases[] = {
        {"jpeg", "jpeg"},  {"jpg", "jpeg"},      {"JPG", "jpeg"},  {"jfif", "jpeg"}, {"png", "png"},
        {"apng", "png"},   {"gif", "gif"},       {"webp", "webp"}, {"dib", "bmp"},   {"avif", "avif"},
        {"heif", "heic"},  {"tif", "tiff"},      {"DNG", "tiff"},  {"ico", "ico"},   {"cur", "cur"},
        {"psb", "psd"},    {"ff", "farbfeld"},   {"ppm", "pnm"},   {"PAM", "pnm"},   {"tga", "tga"},
        {"icns", "icns"},  {"xpm", "xpm"},       {"", "none"},     {" ", "none"},    {"jp", "none"},
        {"jpegx", "none"}, {"jpg jpeg", "none"}, {"avci", "heic"}, {"NRW", "tiff"},  {"jpg2", "jp2"},
        {"xyze", "hdr"},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(cases); i++)
        assert_string_equal(name_of(iw_image_format_find(iw_str_from(cases[i].name))), cases[i].format);
    assert_null(iw_image_format_find(IW_STR_NONE));
}

static void test_types(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        const char *format;
    } cases[] = {
        {"image/jpeg", "jpeg"},
        {"image/jpg", "jpeg"},
        {"image/pjpeg", "jpeg"},
        {"image/png", "png"},
        {"image/apng", "png"},
        {"image/bmp", "bmp"},
        {"image/x-ms-bmp", "bmp"},
        {"image/webp", "webp"},
        {"image/gif", "gif"},
        {"image/", "none"},
        {"text/html", "none"},
        {"", "none"},
        {"image/heif", "heic"},
        {"image/tiff", "tiff"},
        {"image/jxl", "jxl"},
        {"image/avif", "avif"},
        {"image/x-adobe-dng", "tiff"},
        {"image/x-icon", "ico"},
        {"image/vnd.microsoft.icon", "ico"},
        {"image/x-win-bitmap", "cur"},
        {"image/vnd.adobe.photoshop", "psd"},
        {"image/x-portable-pixmap", "pnm"},
        {"image/x-tga", "tga"},
        {"image/x-xbitmap", "xbm"},
        {"image/svg+xml", "svg"},
        {"image/avci", "heic"},
        {"image/hej2k", "heic"},
        {"image/x-epson-erf", "tiff"},
        {"image/x-nikon-nrw", "tiff"},
        {"image/tiff-fx", "tiff"},
        {"image/x-panasonic-raw2", "rw2"},
        {"image/x-jp2-codestream", "jp2"},
        {"application/ico", "ico"},
        {"image/x-icb", "tga"},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(cases); i++)
        assert_string_equal(name_of(iw_image_format_of_type(iw_str_from(cases[i].type))), cases[i].format);
}

static void test_paths(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *format;
    } cases[] = {
        {"/a/b.jpg", "jpeg"},
        {"/a/b.JPEG", "jpeg"},
        {"b.png", "png"},
        {"https://x.test/a.webp", "webp"},
        {"/a.png/b", "none"},
        {"/a.jpg/b.gif", "gif"},
        {"/a", "none"},
        {"/a.", "none"},
        {"/a.b.bmp", "bmp"},
        {"/page.php?x=a.jpg", "none"},
        {"/a.jpg?x=a.png", "jpeg"},
        {"/a.gif#x.png", "gif"},
        {".png", "png"},
        {"", "none"},
        {"/a.jpg.txt", "none"},
        {"png", "none"},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(cases); i++)
        assert_string_equal(name_of(iw_image_format_of_path(iw_str_from(cases[i].path))), cases[i].format);
    assert_null(iw_image_format_of_path(IW_STR_NONE));
}

static void test_view(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0, 1, 2, 3, 4, 5, 6, 7};
    const struct iw_window windows[] = {
        {.ptr = bytes, .at = 0, .len = 3},
        {.ptr = bytes + 5, .at = 5, .len = 2},
        {.ptr = bytes, .at = UINT64_MAX - 8, .len = 8},
    };
    struct iw_view view = {.windows = windows, .count = 3, .total_bytes = UINT64_MAX};
    assert_ptr_equal(iw_view_get(&view, 0, 3), bytes);
    assert_ptr_equal(iw_view_get(&view, 2, 1), bytes + 2);
    assert_null(iw_view_get(&view, 0, 4));
    assert_null(iw_view_get(&view, 2, 2));
    assert_null(iw_view_get(&view, 3, 1));
    assert_ptr_equal(iw_view_get(&view, 5, 2), bytes + 5);
    assert_null(iw_view_get(&view, 6, 2));
    assert_null(iw_view_get(&view, 7, 1));
    assert_null(iw_view_get(&view, 1, SIZE_MAX));
    assert_ptr_equal(iw_view_get(&view, UINT64_MAX - 8, 8), bytes);
    assert_null(iw_view_get(&view, UINT64_MAX - 1, 2));
    assert_null(iw_view_get(&view, UINT64_MAX, 1));
    view.count = 0;
    assert_null(iw_view_get(&view, 0, 1));
}

static enum iw_scan scan_head(const void *head, size_t len, uint64_t total, struct iw_image_facts *facts,
                              struct iw_need *need)
{
    struct iw_window window = {.ptr = head, .len = len};
    struct iw_view view = {.windows = &window, .count = len > 0, .total_bytes = total};
    struct iw_wants wants = {0};
    memset(facts, 0xAA, sizeof *facts);
    memset(need, 0xAA, sizeof *need);
    return iw_image_scan(&view, &wants, facts, need);
}

/* What is too short for a signature is asked for once, and never past the end. */
static void test_short(void **state)
{
    (void)state;
    struct iw_image_facts facts;
    struct iw_need need;
    assert_int_equal(scan_head("", 0, 0, &facts, &need), IW_SCAN_DONE);
    assert_null(facts.format);
    assert_int_equal(facts.width_px, 0);
    assert_int_equal(scan_head("", 0, UINT64_MAX, &facts, &need), IW_SCAN_MORE);
    assert_int_equal(need.at, 0);
    assert_true(need.len >= 12);
    assert_int_equal(scan_head("G", 1, 5, &facts, &need), IW_SCAN_MORE);
    assert_int_equal(need.at, 0);
    assert_int_equal(need.len, 5);
    assert_int_equal(scan_head("GIF8", 4, 4, &facts, &need), IW_SCAN_DONE);
    assert_null(facts.format);
    assert_int_equal(scan_head("\xFF\xD8", 2, 2, &facts, &need), IW_SCAN_DONE);
    assert_null(facts.format);
    assert_int_equal(scan_head("\xFF\xD8\xFF", 3, 3, &facts, &need), IW_SCAN_BAD);
    assert_string_equal(facts.format->name, "jpeg");
    assert_non_null(need.why);
    /* the first window is not the first bytes */
    struct iw_window window = {.ptr = (const uint8_t *)"GIF89a", .at = 10, .len = 6};
    struct iw_view view = {.windows = &window, .count = 1, .total_bytes = 100};
    assert_int_equal(iw_image_scan(&view, &(struct iw_wants){0}, &facts, &need), IW_SCAN_MORE);
    assert_int_equal(need.at, 0);
}

/* A page, a document or a picture of a kind that is not in the table is no known image. */
static void test_not_images(void **state)
{
    (void)state;
    static const char *const heads[] = {
        "<!DOCTYPE html><html><head><title>BM</title>",        "{\"error\": \"not found\"}                  ",
        "BMW is a car maker in Munich, Germany         ",      "BAD request: this is no bitmap array either   ",
        "GIF is a format that this text is about       ",      "RIFF....AVI LIST                              ",
        "\x1F\x8B\x08 gzip                                ",   "(   (parenthesis as in a bitmap header of 40) ",
        "P6 is a magic number, and this is a text about",      "P1 2 3 and other words that begin with numbers",
        "qoi and 8BPS and DDS are other magic numbers   ",     "                                              ",
        "\x89PNG\n\n a picture that went through a text mode",
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(heads); i++) {
        struct iw_image_facts facts;
        struct iw_need need;
        size_t len = strlen(heads[i]);
        assert_int_equal(scan_head(heads[i], len, len, &facts, &need), IW_SCAN_DONE);
        if (facts.format)
            fail_msg("\"%s\" was taken for %s", heads[i], facts.format->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),      cmocka_unit_test(test_find), cmocka_unit_test(test_types),
        cmocka_unit_test(test_paths),      cmocka_unit_test(test_view), cmocka_unit_test(test_short),
        cmocka_unit_test(test_not_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
