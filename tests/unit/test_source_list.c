/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* URL lists and robots.txt: which lines are references, where they stand, what is complained of. */
#include "base/iw.h"
#include "source_feed.h"

#include "source/inside.h"

static const struct reading_case lists[] = {
    {"empty", DOC(""), "", IW_OK, NULL, 0, 0},
    {"plain", DOC("http://a/1\nhttp://a/2\n"), "IMAGE 1:1 - http://a/1\nIMAGE 2:1 - http://a/2\n", IW_OK, NULL, 0, 0},
    {"no newline at the end", DOC("http://a/1"), "IMAGE 1:1 - http://a/1\n", IW_OK, NULL, 0, 0},
    {"comments and blanks", DOC("# one\n\n   \n  # two\nhttp://a/#3\n"), "IMAGE 5:1 - http://a/#3\n", IW_OK, NULL, 0,
     0},
    {"every end of line", DOC("http://a/1\r\nhttp://a/2\rhttp://a/3\n\rhttp://a/5\r\r\nhttp://a/7"),
     "IMAGE 1:1 - http://a/1\nIMAGE 2:1 - http://a/2\nIMAGE 3:1 - http://a/3\nIMAGE 5:1 - http://a/5\n"
     "IMAGE 7:1 - http://a/7\n",
     IW_OK, NULL, 0, 0},
    {"white space", DOC("\t http://a/1 \v\n\xC2\xA0\xEF\xBB\xBFhttp://a/2\xE2\x80\x8B\xC2\xA0 \n"),
     "IMAGE 1:3 - http://a/1\nIMAGE 2:6 - http://a/2\n", IW_OK, NULL, 0, 0},
    {"inner white space stays", DOC("http://a/b c.png\n"), "IMAGE 1:1 - http://a/b c.png\n", IW_OK, NULL, 0, 0},
    {"UTF-8 mark", DOC("\xEF\xBB\xBFhttp://a/1\n http://a/2"), "IMAGE 1:1 - http://a/1\nIMAGE 2:2 - http://a/2\n",
     IW_OK, NULL, 0, 0},
    {"comment behind a mark", DOC("\xEF\xBB\xBF# x\nhttp://a/2"), "IMAGE 2:1 - http://a/2\n", IW_OK, NULL, 0, 0},
    {"half a mark", DOC("\xEF\xBB"), "IMAGE 1:1 - \xEF\xBB\n", IW_OK, NULL, 0, 0},
    {"UTF-16LE", DOC("\xFF\xFEh\0:\0\n\0\x3D\xD8\x00\xDE\r\0\n\0\xE9\0"),
     "IMAGE 1:1 - h:\nIMAGE 2:1 - \xF0\x9F\x98\x80\nIMAGE 3:1 - \xC3\xA9\n", IW_OK, NULL, 0, 0},
    {"UTF-16BE", DOC("\xFE\xFF\0h\0:\0\n\xD8\x3D\xDE\x00"), "IMAGE 1:1 - h:\nIMAGE 2:1 - \xF0\x9F\x98\x80\n", IW_OK,
     NULL, 0, 0},
    {"half surrogates and half a unit", DOC("\xFE\xFF\xD8\x3D\0h\0\n\xDE\x00\0\n\0i\xD8\x3D\0"),
     "IMAGE 1:1 - \xEF\xBF\xBDh\nIMAGE 2:1 - \xEF\xBF\xBD\nIMAGE 3:1 - i\xEF\xBF\xBD\n", IW_OK, NULL, 0, 0},
    {"bad lines do not end it", DOC("http://a/1\n  http://\x01\n\0http://a/3\nhttp://a/4\x7F\n\nhttp://a/6\thttp\n"),
     "IMAGE 1:1 - http://a/1\n! 2:10 the line holds a control character and was passed over\n"
     "! 3:1 the line holds a NUL byte and was passed over\n"
     "! 4:11 the line holds a control character and was passed over\nIMAGE 6:1 - http://a/6\thttp\n",
     IW_OK, NULL, 0, 0},
};

static void list_lines(void **state)
{
    (void)state;
    check_cases("list", lists, IW_ARRAY_LEN(lists));
}

static void long_lines(void **state)
{
    (void)state;
    struct iw_reader_limits limits = source_limits;
    limits.max_line_bytes = 12;
    struct iw_str document = IW_STR("http://a/123\nhttp://a/1234\r\n   http://a/1\nhttp://a/123");
    for (size_t piece = 0; piece < 30; piece++) {
        struct reading r = read_as("list", "", document, piece, &limits, 0);
        assert_string_equal(r.said.ptr, "IMAGE 1:1 - http://a/123\n! 2:1 the line is too long and was passed over\n"
                                        "! 3:1 the line is too long and was passed over\nIMAGE 4:1 - http://a/123\n");
        reading_release(&r);
    }
}

/* Carriage returns without a line feed anywhere: the work must not grow with the square of the size. */
static void returns_only(void **state)
{
    (void)state;
    enum { BYTES = 8 << 20 };
    char *text = malloc(BYTES);
    memset(text, '\r', BYTES);
    memcpy(text + BYTES - 6, "http:/", 6);
    struct reading r = read_as("list", "", (struct iw_str){text, BYTES}, 0, &source_limits, 0);
    assert_int_equal(r.leads, 1);
    char expected[64];
    snprintf(expected, sizeof expected, "IMAGE %d:1 - http:/\n", BYTES - 6 + 1);
    assert_string_equal(r.said.ptr, expected);
    reading_release(&r);
    free(text);
}

static const struct reading_case robots[] = {
    {"empty", DOC(""), "", IW_OK, NULL, 0, 0},
    {"names",
     DOC("User-agent: *\nSitemap: http://a/1\nsite-map:http://a/2\nSITEMAP :\thttp://a/3 # third\nsitemaps: x\n"
         "#sitemap: y\nsitemap http://a/7\n https://a/8\nmysitemap: z\nsitemapping z\n"),
     "DOCUMENT 2:10 Sitemap http://a/1\nDOCUMENT 3:10 Sitemap http://a/2\nDOCUMENT 4:11 Sitemap http://a/3\n"
     "DOCUMENT 5:11 Sitemap x\nDOCUMENT 7:9 Sitemap http://a/7\nDOCUMENT 8:2 Sitemap https://a/8\n",
     IW_OK, NULL, 0, 0},
    {"relative and nothing", DOC("Sitemap: /sitemap.xml\rSitemap:\rSitemap: # none\r\n Sitemap: x"),
     "DOCUMENT 1:10 Sitemap /sitemap.xml\nDOCUMENT 4:11 Sitemap x\n", IW_OK, NULL, 0, 0},
    {"marks", DOC("\xEF\xBB\xBFSitemap: http://a/1"), "DOCUMENT 1:10 Sitemap http://a/1\n", IW_OK, NULL, 0, 0},
    {"UTF-16LE", DOC("\xFF\xFES\0i\0t\0e\0m\0a\0p\0:\0x\0"), "DOCUMENT 1:9 Sitemap x\n", IW_OK, NULL, 0, 0},
    {"UTF-16BE", DOC("\xFE\xFF\0S\0i\0t\0e\0m\0a\0p\0:\0x"), "DOCUMENT 1:9 Sitemap x\n", IW_OK, NULL, 0, 0},
    {"controls", DOC("Sitemap: http://a/\x01\nSitemap: y\n"),
     "! 1:19 the Sitemap line holds a control character and was passed over\nDOCUMENT 2:10 Sitemap y\n", IW_OK, NULL, 0,
     0},
};

static void robots_lines(void **state)
{
    (void)state;
    check_cases("robots", robots, IW_ARRAY_LEN(robots));
}

static void a_callback_stops(void **state)
{
    (void)state;
    struct iw_str document = IW_STR("http://a/1\nhttp://a/2\nhttp://a/3\n");
    for (size_t piece = 0; piece < 12; piece++) {
        struct reading r = read_as("list", "", document, piece, &source_limits, 2);
        assert_int_equal(r.err, IW_ERR_INTERRUPTED);
        assert_int_equal(r.leads, 2);
        reading_release(&r);
    }
}

static void trimming(void **state)
{
    (void)state;
    static const struct {
        struct iw_str text, expected;
    } rows[] = {
        {DOC(""), DOC("")},
        {DOC(" \xC2\xA0\n"), DOC("")},
        {DOC("\xC2"), DOC("\xC2")},
        {DOC("\xE3\x80\x80 a\xE2\x80\xA9\xE1\x9A\x80"), DOC("a")},
        {DOC("\xE2\x81\xA0"
             "a \xE2\x80\xAF b\xE2\x81\x9F"),
         DOC("a \xE2\x80\xAF b")},
        {DOC("\xC3\xA0"), DOC("\xC3\xA0")},           /* not U+00A0 */
        {DOC("a\xE2\x80\xA6"), DOC("a\xE2\x80\xA6")}, /* an ellipsis */
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++)
        assert_true(iw_str_eq(iw_source_trim(rows[i].text), rows[i].expected));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_lines),   cmocka_unit_test(long_lines),       cmocka_unit_test(returns_only),
        cmocka_unit_test(robots_lines), cmocka_unit_test(a_callback_stops), cmocka_unit_test(trimming),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
