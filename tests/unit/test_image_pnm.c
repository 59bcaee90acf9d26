/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Netpbm headers: every kind, comments and white space in all places, numbers out of range, and text that only begins
 * like one. */
#include "base/iw.h"
#include "text_case.h"

#define SIZES   .width = 30, .height = 20, .scan = IW_SCAN_DONE
#define UNKNOWN .scan = IW_SCAN_DONE, .is_unknown = true
#define BAD     .scan = IW_SCAN_BAD
#define GREY    .colour = IW_COLOUR_GREY
#define COLOUR  .colour = IW_COLOUR_RGB

static void test_numbers(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        {"P1\n30 20\n0 1 0", SIZES, GREY, .alpha = IW_NO, .bit_depth = 1},
        {"P2\n30 20\n255\n0", SIZES, GREY, .alpha = IW_NO, .bit_depth = 8},
        {"P3\n30 20\n15\n0", SIZES, COLOUR, .alpha = IW_NO, .bit_depth = 4},
        {"P4\n30 20\n\x01", SIZES, GREY, .alpha = IW_NO, .bit_depth = 1},
        {"P5 30 20 65535 \x01", SIZES, GREY, .alpha = IW_NO, .bit_depth = 16},
        {"P6\t30\r\n20\v255\f\x01", SIZES, COLOUR, .alpha = IW_NO, .bit_depth = 8},
        {"P6\n# 1 2 3\n#\n30 # 4\n# 5\r20 \n#\n256\n", SIZES, COLOUR, .alpha = IW_NO, .bit_depth = 9},
        {"P6#c\n30#c\n20#c\n1#c\n", SIZES, COLOUR, .alpha = IW_NO, .bit_depth = 1},
        {"P5 0030 020 255\n", SIZES, GREY, .alpha = IW_NO, .bit_depth = 8},
        {"P5 4294967295 1 255\n", .width = UINT32_MAX, .height = 1, .scan = IW_SCAN_DONE, GREY, .alpha = IW_NO,
         .bit_depth = 8},
        {"P5 4294967296 1 255\n", BAD},
        {"P5 18446744073709551646 20 255\n", BAD}, /* 2^64 + 30 */
        {"P5 30 99999999999999999999999999 255\n", BAD},
        {"P5 0 20 255\n", BAD},
        {"P4 30 0\n", BAD},
        {"P5 30 20 0\n", BAD},
        {"P6 30 20 65536\n", BAD},
        {"P6\n30 20\n", UNKNOWN},
        {"P5 30 20 255", UNKNOWN},
        {"P5 30", UNKNOWN},
        {"P5 30x20 255\n", UNKNOWN},
        {"P5 -30 20 255\n", UNKNOWN},
        {"P5 3.0 20 255\n", UNKNOWN},
        {"P4x30 20\n", UNKNOWN},
        {"P8 30 20 255\n", UNKNOWN},
        {"P0 30 20 255\n", UNKNOWN},
        {"P5                      30 20 255\n", UNKNOWN}, /* no signature that is so far away */
        {"P2 30 20 255\n# c\n", SIZES, GREY, .alpha = IW_NO, .bit_depth = 8},
        {"P2 30 20 255 points", UNKNOWN},
        {"P1 30 20 or so", UNKNOWN},
        {"P2 and P3 are roads", UNKNOWN},
        {"P3 500 pieces of something", UNKNOWN},
        {"P1\n# a heading\n\nand text below it", UNKNOWN},
    };
    text_check_all("pnm", cases, IW_ARRAY_LEN(cases));
}

static void test_floats(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        {"PF\n30 20\n-1.0\n\x01", SIZES, COLOUR, .alpha = IW_NO, .bit_depth = 32},
        {"Pf\n30 20\n1e0\n", SIZES, GREY, .alpha = IW_NO, .bit_depth = 32},
        {"PF 30 20 1\n", SIZES, COLOUR, .alpha = IW_NO, .bit_depth = 32},
        {"PF\n30 20\n-1.0", UNKNOWN},
        {"PF\n30 20\nscale\n", UNKNOWN},
        {"PF\n30 20\n1111111111111111111111111111111111111111\n", UNKNOWN},
        {"PF\n0 20\n-1.0\n", BAD},
        {"PF is a pair of letters", UNKNOWN},
    };
    text_check_all("pnm", cases, IW_ARRAY_LEN(cases));
}

#define PAM(tuple) "P7\nWIDTH 30\nHEIGHT 20\nDEPTH 4\nMAXVAL 255\n" tuple "ENDHDR\n\x01"

static void test_pam(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        {PAM("TUPLTYPE RGB_ALPHA\n"), SIZES, COLOUR, .alpha = IW_YES, .bit_depth = 8},
        {PAM("TUPLTYPE RGB\n"), SIZES, COLOUR, .alpha = IW_NO, .bit_depth = 8},
        {PAM("TUPLTYPE GRAYSCALE_ALPHA\n"), SIZES, GREY, .alpha = IW_YES, .bit_depth = 8},
        {PAM("TUPLTYPE BLACKANDWHITE\n"), SIZES, GREY, .alpha = IW_NO, .bit_depth = 8},
        {PAM("TUPLTYPE CMYK\n"), SIZES, .colour = IW_COLOUR_CMYK, .alpha = IW_NO, .bit_depth = 8},
        {PAM("TUPLTYPE RGBA\n"), SIZES, .alpha = IW_UNKNOWN, .bit_depth = 8},
        {PAM("TUPLTYPE SOMETHING_LONGER_THAN_ANY_TUPLE_TYPE_KNOWN_ALPHA\n"), SIZES, .bit_depth = 8},
        {PAM(""), SIZES, .alpha = IW_UNKNOWN, .bit_depth = 8},
        {PAM("# WIDTH 5\n\n"), SIZES, .bit_depth = 8},
        {"P7\n#c\nMAXVAL\t1\nDEPTH 1\n  HEIGHT   20\n\nWIDTH 30 \nENDHDR\n", SIZES, .bit_depth = 1},
        {"P7\nWIDTH 30\nHEIGHT 20\nDEPTH 1\nENDHDR\n", BAD},
        {"P7\nWIDTH 30\nHEIGHT 20\nMAXVAL 1\nENDHDR\n", BAD},
        {"P7\nWIDTH 30\nDEPTH 1\nMAXVAL 1\nENDHDR\n", BAD},
        {"P7\nWIDTH 30\nHEIGHT 20\nDEPTH 1\nMAXVAL 1\n", BAD},
        {"P7\nWIDTH x\nHEIGHT 20\nDEPTH 1\nMAXVAL 1\nENDHDR\n", BAD},
        {"P7\nWIDTH 30\nHEIGHT 20\nCOLOUR 1\nENDHDR\n", BAD},
        {"P7\nWIDTH 99999999999999999999\nHEIGHT 20\nDEPTH 1\nMAXVAL 1\nENDHDR\n", BAD},
        {"P7 332\n#XVVERSION\n", UNKNOWN}, /* a thumbnail of xv */
        {"P7\nwidth 30\n", UNKNOWN},
    };
    text_check_all("pnm", cases, IW_ARRAY_LEN(cases));
}

static void build_long_comment(struct made *m)
{
    PUT(m, "P6\n#");
    put_fill(m, 'x', 60000);
    PUT(m, "\n30 20 255\n");
}

static void build_endless_comment(struct made *m)
{
    PUT(m, "P6\n#");
    put_fill(m, 'x', 70000);
    PUT(m, "\n30 20 255\n");
}

static void test_comments(void **state)
{
    (void)state;
    static const struct image_case cases[] = {
        {"60,000 bytes of comment",
         build_long_comment,
         IW_SCAN_DONE,
         "pnm",
         30,
         20,
         {.animated = IW_NO, .alpha = IW_NO},
         NULL},
        {"70,000 bytes of comment", build_endless_comment, IW_SCAN_DONE, NULL, 0, 0, {0}, NULL},
    };
    case_check_all(cases, IW_ARRAY_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_floats),
        cmocka_unit_test(test_pam),
        cmocka_unit_test(test_comments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
