/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The filter in front of the XML parser: what it mends, what it leaves alone, that cuts change nothing, and that it
 * knows where each byte stood. */
#include "base/iw.h"
#include "source/xml_filter.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>

#define DOC(literal)                                                                                                   \
    {                                                                                                                  \
        literal, sizeof(literal) - 1                                                                                   \
    }

static const struct row {
    const char *what;
    struct iw_str in, out;
} rows[] = {
    {"nothing", DOC(""), DOC("")},
    {"well-formed", DOC("<a b='&amp;'>&lt;&#38;&#x2F;<!-- & - --><![CDATA[&nbsp;&]]>\r\n</a>"),
     DOC("<a b='&amp;'>&lt;&#38;&#x2F;<!-- & - --><![CDATA[&nbsp;&]]>\r\n</a>")},
    {"bare ampersands", DOC("<a>& &&amp;&a=1&b;c&amp &;&#;&#x;&#12a;&#</a>"),
     DOC("<a>&amp; &amp;&amp;&amp;a=1&amp;b;c&amp;amp &amp;;&amp;#;&amp;#x;&amp;#12a;&amp;#</a>")},
    {"an ampersand at the end", DOC("<a>&"), DOC("<a>&amp;")},
    {"a name at the end", DOC("<a>&amp"), DOC("<a>&amp;amp")},
    {"HTML entities", DOC("<a>&nbsp;&Eacute;&eacute;&euro;&thetasym;&copy&nosuch;</a>"),
     DOC("<a>&#x00A0;&#x00C9;&#x00E9;&#x20AC;&#x03D1;&amp;copy&amp;nosuch;</a>")},
    {"the XML ones", DOC("<a>&quot;&apos;&gt;&AMP;</a>"), DOC("<a>&quot;&apos;&gt;&amp;AMP;</a>")},
    {"a long name", DOC("<a>&abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz;&amp;</a>"),
     DOC("<a>&amp;abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz;&amp;</a>")},
    {"31 and 32 bytes",
     DOC("<a>&#0000000000000000000000000038;&#00000000000000000000000000038;&#000000000000000000000000000038;</a>"),
     DOC("<a>&#0000000000000000000000000038;&#00000000000000000000000000038;&amp;#000000000000000000000000000038;</"
         "a>")},
    {"characters that are none", DOC("<a>&#0;&#8;&#x1F;&#xD800;&#xFFFE;&#x110000;&#99999999999;&#9;&#x10FFFF;</a>"),
     DOC("<a>\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD&#9;&#x10FFFF;</a>")},
    {"controls", DOC("<a>\x01 \x0B\0b\t\r\n\x1F\x7F</a>"), DOC("<a> b\t\r\n\x7F</a>")},
    {"controls in the middle of something", DOC("<\x01!-\x02-&-\x03-\x04>&a\x05mp;<![CDATA[]\0]\0>&\xC3\x06\xA9"),
     DOC("<!--&-->&amp;<![CDATA[]]>&amp;\xC3\xA9")},
    {"Latin-1", DOC("<a>caf\xE9 \xC3\xA9 \xFF\xC3</a>"), DOC("<a>caf\xC3\xA9 \xC3\xA9 \xC3\xBF\xC3\x83</a>")},
    {"cut and overlong UTF-8", DOC("<a>\xC0\x80\xED\xA0\x80\xF5\xE2\x82"),
     DOC("<a>\xC3\x80\xC2\x80\xC3\xAD\xC2\xA0\xC2\x80\xC3\xB5\xC3\xA2\xC2\x82")},
    {"noncharacters", DOC("<a>\xEF\xBF\xBE\xEF\xBF\xBF\xEF\xBF\xBD\xF0\x9F\x98\x80"),
     DOC("<a>\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xF0\x9F\x98\x80")},
    {"the start", DOC("\xEF\xBB\xBF \r\n\t\x01\xEF\xBB\xBF\n<?xml version='1.0'?><a/>"),
     DOC("<?xml version='1.0'?><a/>")},
    {"only a start", DOC("\xEF\xBB\xBF  "), DOC("")},
    {"half a mark", DOC("\xEF\xBB"), DOC("\xC3\xAF\xC2\xBB")},
    {"comments", DOC("<a><!----><!-----><!-- a--b --- -><&--->&</a>"),
     DOC("<a><!----><!-- --><!-- a -b   - -><& -->&amp;</a>")},
    {"a comment that does not end", DOC("<!-- --"), DOC("<!--  -")},
    {"CDATA", DOC("<![CDATA[]]]]>&<!-- ]]>& -->&<![CDATA [&]]>"),
     DOC("<![CDATA[]]]]>&amp;<!-- ]]>& -->&amp;<![CDATA [&amp;]]>")},
    {"half of something", DOC("<a><![CDAT"), DOC("<a><![CDAT")},
    {"an encoding that cannot be", DOC("<?xml version=\"1.0\" encoding=\"UTF-16LE\"?><a>\xE9</a>"),
     DOC("<?xml version=\"1.0\"                    ?><a>\xC3\xA9</a>")},
    {"a part of UTF-8", DOC("<?xml version='1.0' encoding = 'ascii' standalone='yes'?>\xE9"),
     DOC("<?xml version='1.0'                    standalone='yes'?>\xC3\xA9")},
    {"UTF-8", DOC("<?xml version='1.0' encoding='utf-8'?>\xE9"), DOC("<?xml version='1.0' encoding='utf-8'?>\xC3\xA9")},
    {"another encoding", DOC("<?xml version='1.0' encoding='windows-1251'?>\xE9&\x01"),
     DOC("<?xml version='1.0' encoding='windows-1251'?>\xE9&amp;")},
    {"an encoding with states", DOC("<?xml version='1.0' encoding='ISO-2022-JP'?>\x1B$B&\x01"),
     DOC("<?xml version='1.0' encoding='ISO-2022-JP'?>\x1B$B&\x01")},
    {"no declaration", DOC("<?xmlfoo encoding='x'?>\xE9"), DOC("<?xmlfoo encoding='x'?>\xC3\xA9")},
    {"UTF-16", DOC("\xFF\xFE<\0&\0\x01\0"), DOC("\xFF\xFE<\0&\0\x01\0")},
    {"UTF-16 without a mark", DOC("\0<\0&"), DOC("\0<\0&")},
};

static struct iw_buf run(struct iw_xml_filter *filter, struct iw_str in, size_t piece)
{
    struct iw_buf out;
    iw_buf_init(&out, 1 << 20);
    iw_xml_filter_init(filter);
    while (in.len) {
        size_t n = IW_MIN(piece, in.len);
        char *copy = malloc(n);
        memcpy(copy, in.ptr, n);
        assert_int_equal(iw_xml_filter_feed(filter, copy, n, false, &out), IW_OK);
        free(copy);
        in = iw_str_skip(in, n);
    }
    assert_int_equal(iw_xml_filter_feed(filter, "", 0, true, &out), IW_OK);
    return out;
}

static void mended_however_it_is_cut(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        for (size_t piece = 1; piece <= rows[i].in.len + 1; piece++) {
            struct iw_xml_filter filter;
            struct iw_buf out = run(&filter, rows[i].in, piece);
            bool is_right = iw_str_eq(iw_buf_str(&out), rows[i].out);
            if (!is_right)
                print_error("%s, pieces of %zu: %.*s\n", rows[i].what, piece, (int)out.len, out.ptr);
            wrong += !is_right;
            iw_buf_release(&out);
            iw_xml_filter_release(&filter);
        }
    }
    assert_int_equal(wrong, 0);
}

/* What comes out of the filter goes through it unchanged. */
static void mended_once_is_enough(void **state)
{
    (void)state;
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_xml_filter filter;
        struct iw_buf out = run(&filter, rows[i].out, SIZE_MAX);
        assert_true(iw_str_eq(iw_buf_str(&out), rows[i].out));
        assert_int_equal(filter.edits.len, 0);
        iw_buf_release(&out);
        iw_xml_filter_release(&filter);
    }
}

/* Letters are never changed: wherever one comes out, it stands in the original where it is said to. */
static void places(void **state)
{
    (void)state;
    static const struct iw_str in = DOC("\xEF\xBB\xBF \n\x01 <A>&B&Alpha;C\xE9\x01"
                                        "D&amp;E\nF&#0;&G&#x1;\n\n&&&H\r\nI\xC3\xA9J\x02\n\x03"
                                        "K<!----L-->M</A>\n");
    struct iw_xml_filter filter;
    struct iw_buf out = run(&filter, in, 5);
    size_t letters = 0;
    for (size_t i = 0; i < out.len; i++) {
        if (out.ptr[i] < 'A' || out.ptr[i] > 'Z')
            continue;
        unsigned line, column;
        iw_xml_filter_place(&filter, i, &line, &column);
        const char *at = in.ptr + 3;
        for (unsigned n = 1; n < line; n++)
            at = strchr(at, '\n') + 1;
        if (out.ptr[i] == at[column - 1])
            letters++;
        else
            print_error("%c is not at %u:%u\n", out.ptr[i], line, column);
        assert_int_equal(out.ptr[i], at[column - 1]);
    }
    assert_int_equal(letters, 14);
    assert_int_equal(filter.newlines.len - filter.newlines_passed, sizeof(uint64_t)); /* the last one */
    iw_buf_release(&out);
    iw_xml_filter_release(&filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mended_however_it_is_cut),
        cmocka_unit_test(mended_once_is_enough),
        cmocka_unit_test(places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
