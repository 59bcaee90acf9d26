/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* URLs in CSS: a row for each way in which one is written, or only looks like one. */
#include "base/iw.h"
#include "source/css_urls.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>

static const struct {
    const char *what, *css, *said;
} rows[] = {
    {"nothing", "", ""},
    {"no URL", "a { color: red }", ""},
    /* url() */
    {"unquoted", "a{b:url(c.png)}", "1:9 url() c.png\n"},
    {"double quotes", "a{b:url(\"c.png\")}", "1:10 url() c.png\n"},
    {"single quotes", "a{b:url('c.png')}", "1:10 url() c.png\n"},
    {"white space around", "a{b:url( \n c.png\t)}", "2:2 url() c.png\n"},
    {"white space around quotes", "a{b:url( 'c.png' )}", "1:11 url() c.png\n"},
    {"white space within quotes", "a{b:url('  c.png ')}", "1:12 url() c.png\n"},
    {"controls within quotes", "a{b:url('\v\x01 c.png\x02\v')}", "1:13 url() c.png\n"},
    {"a space within quotes", "a{b:url('c d.png')}", "1:10 url() c d.png\n"},
    {"upper case", "a{b:URL(c.png)}", "1:9 url() c.png\n"},
    {"two", "a{b:url(c.png),url(d.png)}", "1:9 url() c.png\n1:20 url() d.png\n"},
    {"a data URI", "a{b:url(data:image/png;base64,AA==)}", "1:9 url() data:image/png;base64,AA==\n"},
    {"a data URI in quotes", "a{b:url(\"data:image/svg+xml,<svg a='1'/>\")}",
     "1:10 url() data:image/svg+xml,<svg a='1'/>\n"},
    {"empty", "a{b:url()}", ""},
    {"empty in quotes", "a{b:url('')}", ""},
    {"blank", "a{b:url( )}", ""},
    {"a fragment", "a{b:url(#c)}", ""},
    {"modifiers behind it", "a{b:url('c.png' foo(1))}", "1:10 url() c.png\n"},
    {"no function of that name", "a{b:curl(c.png);d:url-prefix(e.png)}", ""},
    {"no function: a space", "a{b:url (c.png)}", ""},
    {"in another function", "a{b:cross-fade(url(c.png),url(d.png),50%)}", "1:20 url() c.png\n1:31 url() d.png\n"},
    {"in a custom property", "a{--b:url(c.png)}", "1:11 url() c.png\n"},
    {"in a media query's block", "@media print{a{b:url(c.png)}}", "1:22 url() c.png\n"},
    {"in a declaration list", "b:url(c.png)", "1:7 url() c.png\n"},
    {"comment-like in it", "a{b:url(//c/*d*/.png)}", "1:9 url() //c/*d*/.png\n"},
    {"a second line", "a{}\n b{c:url(d)}", "2:10 url() d\n"},
    /* the end */
    {"open at the end", "a{b:url(c.png", "1:9 url() c.png\n"},
    {"open behind white space", "a{b:url(c.png ", "1:9 url() c.png\n"},
    {"open in a string", "a{b:url('c.png", "1:10 url() c.png\n"},
    {"open behind a string", "a{b:url('c.png'", "1:10 url() c.png\n"},
    {"open before it", "a{b:url(", ""},
    {"a backslash at the end", "a{b:url(c\\", "1:9 url() c\n"},
    {"an escape at the end", "a{b:url(c\\64", "1:9 url() cd\n"},
    /* bad URLs */
    {"a space within", "a{b:url(c d.png) url(e)}", "1:22 url() e\n"},
    {"a quote within", "a{b:url(c'd') url(e)}", "1:19 url() e\n"},
    {"a parenthesis within", "a{b:url(c(d) url(e)}", "1:18 url() e\n"},
    {"a control within", "a{b:url(c\x01) url(e)}", "1:17 url() e\n"},
    {"an escaped parenthesis in a bad one", "a{b:url(c d\\) url(e) url(f)}", "1:26 url() f\n"},
    {"an escaped new line", "a{b:url(c\\\nd) url(e)}", "2:8 url() e\n"},
    {"a bad one at the end", "a{b:url(c d", ""},
    {"a string with a new line", "a{b:url('c\nd')}", ""},
    /* escapes */
    {"an escaped parenthesis", "a{b:url(c\\)\\(.png)}", "1:9 url() c)(.png\n"},
    {"an escaped quote", "a{b:url('c\\'d')}", "1:10 url() c'd\n"},
    {"the other quote", "a{b:url('c\"d')}", "1:10 url() c\"d\n"},
    {"hexadecimal", "a{b:url('\\63 d\\000065f')}", "1:10 url() cdef\n"},
    {"hexadecimal before CRLF", "a{b:url('\\63\r\nd')}", "1:10 url() cd\n"},
    {"seven digits", "a{b:url(\\0000630)}", "1:9 url() c0\n"},
    {"an escaped space unquoted", "a{b:url(c\\ d.png)}", "1:9 url() c d.png\n"},
    {"no character", "a{b:url('a\\0 b\\d800 c\\110000 d')}",
     "1:10 url() a\xEF\xBF\xBD"
     "b\xEF\xBF\xBD"
     "c\xEF\xBF\xBD"
     "d\n"},
    {"beyond ASCII", "a{b:url('\\e4.png')}", "1:10 url() \xC3\xA4.png\n"},
    {"a line continued", "a{b:url('c\\\nd')}", "1:10 url() cd\n"},
    {"a line continued by CRLF", "a{b:url('c\\\r\nd')}", "1:10 url() cd\n"},
    {"an escaped name", "a{b:u\\72 l(c.png)}", "1:12 url() c.png\n"},
    {"an escaped first letter", "a{b:\\75rl(c.png)}", "1:11 url() c.png\n"},
    /* comments and strings */
    {"a comment", "/* url(a) */ a{b:url(c)}", "1:22 url() c\n"},
    {"a comment in a declaration", "a{b/*;*/:/**/url(c)}", "1:18 url() c\n"},
    {"stars", "/***url(a)***/a{b:url(c)}", "1:23 url() c\n"},
    {"a slash before a star is no end", "/*/url(a)*/a{b:url(c)}", "1:20 url() c\n"},
    {"no nesting", "/* /* */a{b:url(c)}", "1:17 url() c\n"},
    {"a comment that stays open", "a{b:url(c)} /* d{e:url(f)}", "1:9 url() c\n"},
    {"two slashes are no comment", "a{b://url(c)\n}", "1:11 url() c\n"},
    {"a string", "a{content:'url(b)'}", ""},
    {"a string with an escaped quote", "a{content:'\\'url(b)';d:url(e)}", "1:28 url() e\n"},
    {"a string that a new line ends", "a{b:'c\n;d:url(e)}", "2:8 url() e\n"},
    {"the marks of HTML", "<!-- a{b:url(c)} -->", "1:14 url() c\n"},
    /* image-set() */
    {"strings", "a{b:image-set('c.png' 1x, \"d.png\" 2x)}", "1:16 image-set() c.png\n1:28 image-set() d.png\n"},
    {"URLs", "a{b:image-set(url(c.png) 1x, url('d.png') 2x)}", "1:19 image-set() c.png\n1:35 image-set() d.png\n"},
    {"with a prefix", "a{b:-webkit-image-set(url(c) 1x)}", "1:27 image-set() c\n"},
    {"a type is no image", "a{b:image-set('c' type('image/avif'), 'd' type('e'))}",
     "1:16 image-set() c\n1:40 image-set() d\n"},
    {"behind it", "a{b:image-set('c' 1x) 'd';e:url(f)}", "1:16 image-set() c\n1:33 url() f\n"},
    {"left open", "a{b:image-set('c' 1x}d{e:'f'}", "1:16 image-set() c\n"},
    /* @import */
    {"a string of import", "@import 'a.css';", "1:10 @import a.css\n"},
    {"a URL of import", "@import url(a.css) screen;b{c:url(d)}", "1:13 @import a.css\n1:35 url() d\n"},
    {"upper case of import", "@IMPORT \"a.css\";", "1:10 @import a.css\n"},
    {"an escaped import", "@\\69mport 'a.css';", "1:12 @import a.css\n"},
    {"conditions of import", "@import 'a.css' layer(b) supports(c:url(d));", "1:10 @import a.css\n"},
    {"two imports", "@charset 'x';@import 'a';@import 'b';", "1:23 @import a\n1:35 @import b\n"},
    {"import behind a layer", "@layer a;@import 'b';", "1:19 @import b\n"},
    {"import behind a rule", "a{}@import 'b';c{d:url(e)}", "1:24 url() e\n"},
    {"import in a block", "@media x{@import 'b';}", ""},
    {"import without end", "@import 'a.css", "1:10 @import a.css\n"},
    {"a name that begins so", "@importance 'a.css';", ""},
    /* what is no image */
    {"a font", "@font-face{src:url(a.woff2) format('woff2'),local('b')}c{d:url(e)}", "1:64 url() e\n"},
    {"a font in a media query", "@media x{@font-face{src:url(a)}b{c:url(d)}}", "1:40 url() d\n"},
    {"a nested block in a font", "@font-face{a{b:url(c)}d:url(e)}f{g:url(h)}", "1:40 url() h\n"},
    {"a namespace", "@namespace svg url(http://www.w3.org/2000/svg);a{b:url(c)}", "1:56 url() c\n"},
    {"supports", "@supports (a:url(b)){c{d:url(e)}}", "1:30 url() e\n"},
    {"behaviour", "a{behavior:url(b.htc);c:url(d)}", "1:29 url() d\n"},
    {"a binding", "a{-moz-binding : url(b.xml#c)}", ""},
    /* what does not fit */
    {"braces too many", "}}a{b:url(c)}", "1:11 url() c\n"},
    {"parentheses too many", "a{b:)))url(c)}", "1:12 url() c\n"},
    {"a URL behind an open parenthesis", "a{b:foo(c;url(d)} e{f:url(g)}", "1:15 url() d\n1:27 url() g\n"},
    {"a very long name", "a{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:url(b)}", "1:51 url() b\n"},
};

struct said {
    struct iw_buf text;
    struct iw_str css;
    size_t stop_at, count;
};

static enum iw_err on_url(void *user, const struct iw_css_url *url)
{
    struct said *said = user;
    assert_true(url->is_import == (strcmp(url->element, "@import") == 0));
    assert_in_range(url->at, 0, said->css.len - 1);
    char first = said->css.ptr[url->at];
    assert_true(url->url.len == 0 || first == url->url.ptr[0] || first == '\\');
    iw_buf_printf(&said->text, "%u:%u %s %.*s\n", url->line, url->column, url->element, IW_STR_ARGS(url->url));
    return ++said->count == said->stop_at ? IW_ERR_INTERRUPTED : IW_OK;
}

static struct said parse(struct iw_str text, size_t piece, size_t stop_at, enum iw_err *out_err)
{
    struct said said = {.css = text, .stop_at = stop_at};
    iw_buf_init(&said.text, 1 << 20);
    struct iw_css css;
    iw_css_init(&css, 64, on_url, &said);
    enum iw_err err = IW_OK;
    for (size_t at = 0; at < text.len && err == IW_OK; at += piece)
        err = iw_css_feed(&css, text.ptr + at, IW_MIN(piece, text.len - at));
    if (err == IW_OK)
        err = iw_css_finish(&css);
    iw_css_release(&css);
    iw_buf_add_char(&said.text, '\0');
    *out_err = err;
    return said;
}

static void every_case(void **state)
{
    (void)state;
    static const size_t pieces[] = {SIZE_MAX / 2, 1, 3};
    size_t wrong = 0;
    for (size_t i = 0; i < IW_ARRAY_LEN(rows) * IW_ARRAY_LEN(pieces); i++) {
        size_t row = i / IW_ARRAY_LEN(pieces);
        enum iw_err err;
        struct said said = parse(iw_str_from(rows[row].css), pieces[i % IW_ARRAY_LEN(pieces)], 0, &err);
        bool is_right = err == IW_OK && strcmp(said.text.ptr, rows[row].said) == 0;
        if (!is_right)
            print_error("%s: %s\n%s-- instead of\n%s--\n", rows[row].what, rows[row].css, said.text.ptr,
                        rows[row].said);
        wrong += !is_right;
        iw_buf_release(&said.text);
    }
    assert_int_equal(wrong, 0);
}

static void a_callback_ends_it(void **state)
{
    (void)state;
    enum iw_err err;
    struct said said = parse(IW_STR("a{b:url(c),url(d),url(e)}"), 100, 2, &err);
    assert_int_equal(err, IW_ERR_INTERRUPTED);
    assert_int_equal(said.count, 2);
    iw_buf_release(&said.text);
}

static void a_long_url_is_told_without_its_text(void **state)
{
    (void)state;
    enum iw_err err;
    struct said said =
        parse(IW_STR("a{b:url(0123456789012345678901234567890123456789012345678901234567890123456789),url(c)}"), 100, 0,
              &err);
    assert_int_equal(err, IW_OK);
    assert_string_equal(said.text.ptr, "1:9 url() \n1:85 url() c\n");
    iw_buf_release(&said.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case),
        cmocka_unit_test(a_callback_ends_it),
        cmocka_unit_test(a_long_url_is_told_without_its_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
