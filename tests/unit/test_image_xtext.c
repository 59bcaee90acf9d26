/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* X bitmaps and pixmaps, which are C source, and other C source, which is neither. */
#include "base/iw.h"
#include "text_case.h"

#define SIZES   .width = 30, .height = 20, .scan = IW_SCAN_DONE
#define UNKNOWN .scan = IW_SCAN_DONE, .is_unknown = true
#define BAD     .scan = IW_SCAN_BAD

#define XBM_SIZE "#define a_width 30\n#define a_height 20\n"
#define XBM_BITS "static unsigned char a_bits[] = {\n0x00 };\n"

static void test_bitmaps(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        {XBM_SIZE XBM_BITS, SIZES, .alpha = IW_NO, .colour = IW_COLOUR_GREY, .bit_depth = 1},
        {XBM_SIZE "static char a_bits[] = {", SIZES, .alpha = IW_NO, .colour = IW_COLOUR_GREY, .bit_depth = 1},
        {XBM_SIZE "static const unsigned char a_bits [75]", SIZES, .alpha = IW_NO, .colour = IW_COLOUR_GREY,
         .bit_depth = 1},
        {XBM_SIZE "#define a_x_hot 1\n#define a_y_hot -1\nstatic short a_bits[]", SIZES, .alpha = IW_NO,
         .colour = IW_COLOUR_GREY, .bit_depth = 1},
        {"#define width 30\r\n#define height 20\r\nchar bits[]", SIZES, .alpha = IW_NO, .colour = IW_COLOUR_GREY,
         .bit_depth = 1},
        {"#define\ta_width\t30\n\n #define a_height 20 /* high */\n" XBM_BITS, SIZES, .alpha = IW_NO,
         .colour = IW_COLOUR_GREY, .bit_depth = 1},
        {"#define a_width 0\n#define a_height 20\n" XBM_BITS, BAD},
        {"#define a_width 30\n#define a_height 4294967296\n" XBM_BITS, BAD},
        {XBM_SIZE, UNKNOWN},
        {XBM_SIZE "static unsigned char a_bits", UNKNOWN},
        {XBM_SIZE "static unsigned char a_bytes[] = {", UNKNOWN},
        {XBM_SIZE "int main(void) { return a_width; }", UNKNOWN},
        {XBM_SIZE "struct bits[", UNKNOWN},
        {"#define a_width 30\n" XBM_BITS, UNKNOWN},
        {"#define a_width 30\n#define a_height high\n" XBM_BITS, UNKNOWN},
        {"#define a_height 20\n#define a_width 30\n" XBM_BITS, UNKNOWN}, /* all writers begin with the width */
        {"#define a_width (15 * 2)\n#define a_height 20\n" XBM_BITS, UNKNOWN},
        {"#define a_width 30\n#define b 1\n#define c 1\n#define d 1\n#define e 1\n#define f 1\n#define g 1\n"
         "#define h 1\n#define a_height 20\n" XBM_BITS,
         UNKNOWN},
        {"#define WIDTH 30\n#define HEIGHT 20\n" XBM_BITS, UNKNOWN},
        {"#define a_name_so_long_that_no_signature_reaches_to_its_end_before_byte_64_width 30\n", UNKNOWN},
        {"#define width30 1\n", UNKNOWN},
        {"#include <stdio.h>\n" XBM_SIZE XBM_BITS, UNKNOWN},
        {"/* a licence */\n" XBM_SIZE XBM_BITS, UNKNOWN},
        {"#define", UNKNOWN},
    };
    text_check_all("xbm", cases, IW_ARRAY_LEN(cases));
}

#define XPM "/* XPM */\nstatic char *a[] = {\n"

static void test_pixmaps(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        {XPM "\"30 20 2 1\",\n\"  c None\",", SIZES, .colour = IW_COLOUR_PALETTE, .bit_depth = 1},
        {XPM "/* width \"5\" height */\n\"30 20 256 2 4 5 XPMEXT\",", SIZES, .colour = IW_COLOUR_PALETTE,
         .bit_depth = 8},
        {"/* XPM */static const char*const a[]={\" 30\t20 1 1\"", SIZES, .colour = IW_COLOUR_PALETTE, .bit_depth = 1},
        {"/* XPM */\n/**//***/\n\"30 20 257 8 \"", SIZES, .colour = IW_COLOUR_PALETTE, .bit_depth = 9},
        {XPM "\"4294967295 1 1 1\"", .width = UINT32_MAX, .height = 1, .scan = IW_SCAN_DONE,
         .colour = IW_COLOUR_PALETTE, .bit_depth = 1},
        {XPM "\"4294967296 1 1 1\"", BAD},
        {XPM "\"0 20 2 1\"", BAD},
        {XPM "\"30 20 0 1\"", BAD},
        {XPM "\"30 20 2 0\"", BAD},
        {XPM "\"30 20 2 9\"", BAD},
        {XPM "\"30 20 2\"", BAD},
        {XPM "\"30 -20 2 1\"", BAD},
        {XPM "\"30", BAD},
        {XPM, BAD},
        {"/* XPM */", BAD},
        {"/* XPM */ /* \"30 20 2 1\"", BAD},
        {"/*XPM*/\nstatic char *a[] = {\n\"30 20 2 1\"", UNKNOWN},
        {"/* XPM is a format */ int main(void);", UNKNOWN},
        {"/* XPM *", UNKNOWN},
    };
    text_check_all("xpm", cases, IW_ARRAY_LEN(cases));
}

static void put_words(struct made *m, const char *words, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        put(m, words, strlen(words));
}

static void build_long_source(struct made *m)
{
    PUT(m, XBM_SIZE);
    put_words(m, "                \n", 400);
    PUT(m, XBM_BITS);
}

static void build_long_name(struct made *m)
{
    PUT(m, "#define a_width 30\n#define ");
    put_words(m, "name", 100);
    PUT(m, "_height 20\n" XBM_BITS);
}

static void build_long_comment(struct made *m)
{
    PUT(m, "/* XPM */\n/* ");
    put_words(m, "\"words\" ", 2500);
    PUT(m, "*/\n\"30 20 2 1\"");
}

static void test_ends(void **state)
{
    (void)state;
    static const struct image_case cases[] = {
        {"an array behind 4096 bytes", build_long_source, IW_SCAN_DONE, NULL, 0, 0, {0}, NULL},
        {"a name of 400 bytes", build_long_name, IW_SCAN_DONE, NULL, 0, 0, {0}, NULL},
        {"20,000 bytes of comment", build_long_comment, IW_SCAN_BAD, "xpm", 0, 0, {0}, "values string"},
    };
    case_check_all(cases, IW_ARRAY_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bitmaps),
        cmocka_unit_test(test_pixmaps),
        cmocka_unit_test(test_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
