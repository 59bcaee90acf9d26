/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Lines of a terminal: widths, cuts in the middle, wrapping, bars. */
#include "base/iw.h"
#include "report/layout.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>

static void assert_said(struct iw_buf *out, const char *expected)
{
    iw_buf_add_char(out, '\0');
    assert_int_equal(out->err, IW_OK);
    assert_string_equal(out->ptr, expected);
    iw_buf_clear(out);
}

static void widths(void **state)
{
    (void)state;
    assert_int_equal(iw_text_width(IW_STR("")), 0);
    assert_int_equal(iw_text_width(IW_STR("abc")), 3);
    assert_int_equal(iw_text_width(IW_STR("\xC3\xA9")), 1);         /* e with acute */
    assert_int_equal(iw_text_width(IW_STR("e\xCC\x81")), 1);        /* the same in two characters */
    assert_int_equal(iw_text_width(IW_STR("\xE5\xA4\xA7")), 2);     /* a Chinese character */
    assert_int_equal(iw_text_width(IW_STR("\xF0\x9F\x98\x80")), 2); /* a face */
    assert_int_equal(iw_text_width(IW_STR("\xE2\x96\x88")), 1);     /* a block */
    assert_int_equal(iw_text_width(IW_STR("a\xFF\xC3")), 3);        /* not UTF-8 */
}

static void cut_in_the_middle(void **state)
{
    (void)state;
    struct iw_buf out;
    iw_buf_init(&out, 1000);
    iw_text_add_shortened(&out, IW_STR("0123456789"), 10);
    assert_said(&out, "0123456789");
    iw_text_add_shortened(&out, IW_STR("0123456789A"), 10);
    assert_said(&out, "0123...89A");
    iw_text_add_shortened(&out, IW_STR("0123456789A"), 0);
    assert_said(&out, "012...9A");
    /* six wide characters: a cut never splits one, and may leave a column free */
    iw_text_add_shortened(&out, IW_STR("\xE4\xB8\x80\xE4\xBA\x8C\xE4\xB8\x89\xE5\x9B\x9B\xE4\xBA\x94\xE5\x85\xAD"), 10);
    assert_said(&out, "\xE4\xB8\x80\xE4\xBA\x8C...\xE5\x85\xAD");
    iw_buf_release(&out);
}

/* Of every length, at every width: never wider, and both ends are kept. */
static void cuts_fit(void **state)
{
    (void)state;
    struct iw_buf text, out;
    iw_buf_init(&text, 1000);
    iw_buf_init(&out, 1000);
    for (size_t i = 0; i < 60; i++) {
        static const char *const letters[] = {"a", "\xC3\xA9", "\xE5\xA4\xA7", "e\xCC\x81"};
        iw_buf_add_str(&text, iw_str_from(letters[(i * 7 + i / 3) % 4]));
        for (size_t room = 8; room < 100; room++) {
            iw_buf_clear(&out);
            iw_text_add_shortened(&out, iw_buf_str(&text), room);
            assert_true(iw_text_width(iw_buf_str(&out)) <= room);
            assert_true(iw_text_width(iw_buf_str(&text)) > room || out.len == text.len);
            assert_true(out.ptr[0] == text.ptr[0]);
        }
    }
    iw_buf_release(&text);
    iw_buf_release(&out);
}

static void wrapped(void **state)
{
    (void)state;
    struct iw_buf out;
    iw_buf_init(&out, 1000);
    iw_text_add_wrapped(&out, IW_STR("one two three"), 2, 0);
    assert_said(&out, "one two three");
    iw_text_add_wrapped(&out, IW_STR("one two three"), 2, 9);
    assert_said(&out, "one two\n  three");
    iw_text_add_wrapped(&out, IW_STR("incomprehensibly one"), 2, 9);
    assert_said(&out, "incomprehensibly\n  one");
    iw_text_add_wrapped(&out, IW_STR("a  b "), 2, 80);
    assert_said(&out, "a  b");
    iw_text_add_wrapped(&out, IW_STR(""), 2, 80);
    assert_said(&out, "");
    iw_buf_release(&out);
}

static void bars(void **state)
{
    (void)state;
    assert_int_equal(iw_text_cells(0, 10, 20), 0);
    assert_int_equal(iw_text_cells(1, 1000000, 20), 1);
    assert_int_equal(iw_text_cells(5, 10, 20), 10);
    assert_int_equal(iw_text_cells(10, 10, 20), 20);
    assert_int_equal(iw_text_cells(11, 10, 20), 20);
    assert_int_equal(iw_text_cells(UINT64_MAX, UINT64_MAX, 20), 20);
    assert_int_equal(iw_text_cells(3, 0, 20), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths),   cmocka_unit_test(cut_in_the_middle),
        cmocka_unit_test(cuts_fit), cmocka_unit_test(wrapped),
        cmocka_unit_test(bars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
