/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The srcset parser: a row for each case that the HTML standard's algorithm tells apart. */
#include "base/iw.h"
#include "base/buf.h"
#include "source/srcset.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

struct said {
    struct iw_buf text;
    struct iw_str srcset;
    size_t stop_at, count;
    struct iw_srcset_candidate last;
};

static enum iw_err on_candidate(void *user, const struct iw_srcset_candidate *candidate)
{
    struct said *said = user;
    struct iw_str url = candidate->url;
    assert_true(iw_str_eq(url, iw_str_sub(said->srcset, candidate->at, url.len)));
    iw_buf_printf(&said->text, "%zu %.*s\n", candidate->at, IW_STR_ARGS(url));
    said->last = *candidate;
    return ++said->count == said->stop_at ? IW_ERR_INTERRUPTED : IW_OK;
}

static const struct {
    const char *what, *srcset, *said;
} rows[] = {
    /* splitting loop */
    {"nothing", "", ""},
    {"white space alone", " \t\n\f\r", ""},
    {"commas alone", ",,, ,", ""},
    {"one URL", "a.png", "0 a.png\n"},
    {"white space around", " \n a.png \t", "3 a.png\n"},
    {"commas in front", ", ,a.png", "3 a.png\n"},
    {"vertical tab is no white space", "a\vb", "0 a\vb\n"},
    /* URLs */
    {"comma behind a URL", "a.png, b.png", "0 a.png\n7 b.png\n"},
    {"a comma without a space is the URL's", "a.png,b.png", "0 a.png,b.png\n"},
    {"commas within", "i/w_1,h_2/a.png 1x, i/w_3,h_4/a.png 2x", "0 i/w_1,h_2/a.png\n20 i/w_3,h_4/a.png\n"},
    {"commas at its end", "a.png,,, b.png", "0 a.png\n9 b.png\n"},
    {"a comma at the very end", "a.png,", "0 a.png\n"},
    {"no descriptor behind a comma", "a.png, 2x", "0 a.png\n7 2x\n"},
    {"a data URI", "data:image/png;base64,AAAA 1x", "0 data:image/png;base64,AAAA\n"},
    {"data URIs", "data:,a 1x, data:,b 2x", "0 data:,a\n12 data:,b\n"},
    {"a data URI without descriptor", "data:image/gif;base64,R0, b.png 2x", "0 data:image/gif;base64,R0\n26 b.png\n"},
    {"a data URI cut by a space", "data:image/svg+xml,<svg a='1'/> 1x", ""},
    {"a parenthesis in a URL", "a(b,c).png 1x, d.png 2x", "0 a(b,c).png\n15 d.png\n"},
    {"an open parenthesis in a URL", "a(b.png, c.png", "0 a(b.png\n9 c.png\n"},
    {"the same URL twice", "a 1x, a 2x", "0 a\n6 a\n"},
    {"the same density twice", "a 1x, b 1x", "0 a\n6 b\n"},
    /* descriptor tokenizer */
    {"no space between descriptor and comma", "a 1x,b 2x", "0 a\n5 b\n"},
    {"space before the comma", "a 1x , b 2x", "0 a\n7 b\n"},
    {"a comma alone behind a space", "a , b", "0 a\n4 b\n"},
    {"two commas behind a descriptor", "a 1x,, b 2x", "0 a\n7 b\n"},
    {"new lines", "a\n1x,\nb\n2x", "0 a\n6 b\n"},
    {"several spaces", "a   300w   ,   b   600w", "0 a\n15 b\n"},
    {"a comma in parentheses", "a foo(1,2), b 2x", "12 b\n"},
    {"a space in parentheses", "a foo(1 2x), b 2x", "13 b\n"},
    {"parentheses do not nest", "a (b(c), d) , e 1x", "9 d)\n14 e\n"},
    {"a parenthesis that stays open", "a (b, c 2x", ""},
    {"a closing parenthesis alone", "a ), b", "5 b\n"},
    {"parentheses behind a descriptor", "a 1x(, b 2x", ""},
    /* widths */
    {"a width", "a 300w", "0 a\n"},
    {"a width of leading zeros", "a 0300w", "0 a\n"},
    {"a huge width", "a 99999999999999999999w", "0 a\n"},
    {"width 0", "a 0w, b 1w", "6 b\n"},
    {"width 000", "a 000w", ""},
    {"a negative width", "a -1w", ""},
    {"a signed width", "a +1w", ""},
    {"a fraction", "a 1.5w", ""},
    {"an exponent", "a 1e2w", ""},
    {"no number", "a w", ""},
    {"an upper-case W", "a 300W", ""},
    {"two widths", "a 1w 2w", ""},
    {"width and density", "a 1w 1x", ""},
    {"density and width", "a 1x 1w", ""},
    {"a space before the unit", "a 300 w", ""},
    /* densities */
    {"a density", "a 2x", "0 a\n"},
    {"a fraction of density", "a 1.5x", "0 a\n"},
    {"a fraction alone", "a .5x", "0 a\n"},
    {"a stop without digits", "a 1.x", ""},
    {"a stop alone", "a .x", ""},
    {"an exponent of density", "a 15e-1x, b 1E+1x, c 1e1x", "0 a\n10 b\n19 c\n"},
    {"an exponent without digits", "a 1ex", ""},
    {"a signed exponent without digits", "a 1e+x", ""},
    {"an exponent alone", "a e1x", ""},
    {"density 0", "a 0x", "0 a\n"},
    {"minus 0", "a -0x", "0 a\n"},
    {"minus 0.0e9", "a -0.0e9x", "0 a\n"},
    {"a negative density", "a -1x", ""},
    {"a negative fraction", "a -.5x", ""},
    {"a minus alone", "a -x", ""},
    {"a plus", "a +1x", ""},
    {"an upper-case X", "a 2X", ""},
    {"infinity", "a Infinityx", ""},
    {"not a number", "a NaNx", ""},
    {"hexadecimal", "a 0x1x", ""},
    {"two densities", "a 1x 2x", ""},
    {"no density", "a x", ""},
    /* heights, kept for the future */
    {"width and height", "a 100w 50h", "0 a\n"},
    {"height and width", "a 50h 100w", "0 a\n"},
    {"a height alone", "a 50h", ""},
    {"height and density", "a 50h 1x", ""},
    {"density and height", "a 1x 50h", ""},
    {"two heights", "a 1w 2h 3h", ""},
    {"height 0", "a 1w 0h", ""},
    {"a negative height", "a 1w -2h", ""},
    /* others */
    {"an unknown unit", "a 1q", ""},
    {"an unknown descriptor", "a foo", ""},
    {"a good and an unknown one", "a 1x foo", ""},
    {"a bad one does not harm its neighbours", "a 1x, b 2q, c 3x", "0 a\n12 c\n"},
    {"a unit that is not ASCII", "a 1\xC3\x97", ""},
};

static struct said parse(struct iw_str text, size_t stop_at, enum iw_err *out_err)
{
    struct said said = {.srcset = text, .stop_at = stop_at};
    iw_buf_init(&said.text, 1 << 20);
    *out_err = iw_srcset_parse(text, on_candidate, &said);
    iw_buf_add_char(&said.text, '\0');
    return said;
}

static void every_case(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        enum iw_err err;
        struct said said = parse(iw_str_from(rows[i].srcset), 0, &err);
        bool is_right = err == IW_OK && strcmp(said.text.ptr, rows[i].said) == 0;
        if (!is_right)
            print_error("%s: %s\n%s-- instead of\n%s--\n", rows[i].what, rows[i].srcset, said.text.ptr, rows[i].said);
        wrong += !is_right;
        iw_buf_release(&said.text);
    }
    assert_int_equal(wrong, 0);
}

static void a_callback_ends_it(void **state)
{
    (void)state;
    enum iw_err err;
    struct said said = parse(IW_STR("a 1x, b 2x, c 3x"), 2, &err);
    assert_int_equal(err, IW_ERR_INTERRUPTED);
    assert_string_equal(said.text.ptr, "0 a\n6 b\n");
    iw_buf_release(&said.text);
}

static void bytes_without_end(void **state)
{
    (void)state;
    enum iw_err err;
    struct said said = parse(IW_STR("a\0b 1x, \0"), 0, &err);
    assert_int_equal(err, IW_OK);
    assert_int_equal(said.count, 2); /* NUL is a byte like any other here */
    iw_buf_release(&said.text);
}

/* What the descriptors say, where they are plain numbers. */
static void sizes(void **state)
{
    (void)state;
    static const struct {
        const char *srcset;
        uint32_t width_px, height_px, density_thousandths;
    } cases[] = {
        {"a", 0, 0, 1000},           {"a 640w", 640, 0, 0},         {"a 480h 640w", 640, 480, 0},
        {"a 007w", 7, 0, 0},         {"a 1000000w", 1000000, 0, 0}, {"a 1000001w", 0, 0, 0},
        {"a 99999999999w", 0, 0, 0}, {"a 2x", 0, 0, 2000},          {"a 1.5x", 0, 0, 1500},
        {"a .75x", 0, 0, 750},       {"a 1.23456x", 0, 0, 1234},    {"a 0x", 0, 0, 0},
        {"a 15e-1x", 0, 0, 0},       {"a 100x", 0, 0, 0},           {"a 99x", 0, 0, 99000},
        {"b 1q, a 3x", 0, 0, 3000},  {"b 5w, a", 0, 0, 1000},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(cases); i++) {
        enum iw_err err;
        struct said said = parse(iw_str_from(cases[i].srcset), 0, &err);
        print_message("%s\n", cases[i].srcset);
        assert_int_equal(said.last.width_px, cases[i].width_px);
        assert_int_equal(said.last.height_px, cases[i].height_px);
        assert_int_equal(said.last.density_thousandths, cases[i].density_thousandths);
        iw_buf_release(&said.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case),
        cmocka_unit_test(a_callback_ends_it),
        cmocka_unit_test(bytes_without_end),
        cmocka_unit_test(sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
