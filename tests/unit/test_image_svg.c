/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The SVG scanner: sizes and units, what may precede the root, what is no SVG, entities, encodings, gzip, and how much
 * is asked for. */
#include "base/iw.h"
#include "image_case.h"

#include <zlib.h>

#define NS "xmlns='http://www.w3.org/2000/svg' "

struct row {
    const char *text;
    uint32_t width, height; /* 0: DONE without a size */
    const char *why;
};

static void check_bytes(const char *name, const void *bytes, size_t len, enum iw_scan scan, const char *format,
                        uint32_t width, uint32_t height, const char *why)
{
    struct feed_result result = feed_whole(bytes, len);
    const char *cut = feed_cuts(bytes, len, len > 4096 ? 4096 : 0);
    print_message("  %s\n", name);
    if (cut)
        fail_msg("fed in pieces: %s", cut);
    assert_int_equal(result.scan, scan);
    assert_string_equal(result.facts.format ? result.facts.format->name : "none", format);
    assert_int_equal(result.facts.width_px, width);
    assert_int_equal(result.facts.height_px, height);
    assert_int_equal(result.facts.stored_width_px, width);
    assert_int_equal(result.facts.stored_height_px, height);
    if (scan == IW_SCAN_DONE && result.facts.format)
        assert_int_equal(result.facts.orientation, 1);
    if (why && !(result.need.why && strstr(result.need.why, why)))
        fail_msg("the reason is \"%s\", not \"%s\"", result.need.why ? result.need.why : "", why);
}

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_bytes(rows[i].text, rows[i].text, strlen(rows[i].text), IW_SCAN_DONE, "svg", rows[i].width,
                    rows[i].height, rows[i].why);
}

static void test_sizes(void **state)
{
    (void)state;
#define SVG(attributes) "<svg " NS attributes ">"
    static const struct row rows[] = {
        {SVG("width='123' height='456'"), 123, 456, NULL},
        {SVG("width=' 123px\n' height='+456PX'"), 123, 456, NULL},
        {SVG("width='1.28125in' height='4.75in'"), 123, 456, NULL},
        {SVG("width='1.23e2' height='4560E-1px'"), 123, 456, NULL},
        {SVG("width='2.54cm' height='254mm'"), 96, 960, NULL},
        {SVG("width='72pt' height='6pc'"), 96, 96, NULL},
        {SVG("width='1016q' height='101.6Q'"), 960, 96, NULL},
        {SVG("width='.4' height='10.5'"), 1, 11, NULL},
        {SVG("width='1&#50;3' height='4&#x35;6'"), 123, 456, NULL},
        {SVG("width='1' height='2' viewBox='0 0 30 40'"), 1, 2, NULL},
        {SVG("height='456' viewBox='0 0 246 912'"), 123, 456, NULL},
        {SVG("width='123' viewBox='-1,-2,246,912'"), 123, 456, NULL},
        {SVG("width='100%' height='456px' viewBox='0 0 246 912'"), 123, 456, NULL},
        {SVG("width='auto' height='456px' viewBox=' 0,0 , 246 912 '"), 123, 456, NULL},
        {SVG("stroke-width='2' x:width='7' width='12' height='34' xmlns:x='urn:x'"), 12, 34, NULL},
        {SVG("width='4294967294' height='1'"), 4294967294u, 1, NULL},
        {SVG("width='100'"), 0, 0, "one side alone"},
        {SVG("width='100' viewBox='0 0 0 912'"), 0, 0, "one side alone"},
        {SVG("width='100' viewBox='0 0 9'"), 0, 0, "one side alone"},
        {SVG("width='100' viewBox='0 0 9 9 9'"), 0, 0, "one side alone"},
        {SVG("width='100%' height='100%'"), 0, 0, "no size"},
        {SVG("width='7.6875em' height='-5'"), 0, 0, "no size"},
        {SVG("width='12 3' height='e5'"), 0, 0, "no size"},
        {SVG("width='' height='.'"), 0, 0, "no size"},
        {SVG("viewBox='0 0 123 456'"), 0, 0, "a ratio and no size"},
        {SVG("viewbox='0 0 123 456'"), 0, 0, "no size"},
        {SVG(""), 0, 0, "no size"},
        {SVG("width='0' height='5'"), 0, 0, "draws nothing"},
        {SVG("width='4294967295' height='5'"), 0, 0, "beyond all pixels"},
        {SVG("width='1e999999999999' height='1e-999999999999'"), 0, 0, NULL},
    };
    check_rows(rows, IW_ARRAY_LEN(rows));
}

#define SIZED NS "width='12' height='34'"

static void test_before_the_root(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"<svg width='12' height='34'/>", 12, 34, NULL},
        {"\xEF\xBB\xBF<svg " SIZED ">", 12, 34, NULL},
        {" \r\n\t<svg\n" SIZED "\n>", 12, 34, NULL},
        {"<svg:svg xmlns:svg='http://www.w3.org/2000/svg' width='12' height='34'>", 12, 34, NULL},
        {"<svg:svg width='12' height='34'>", 12, 34, NULL},
        {"<?xml version='1.0' encoding='UTF-8'?><svg " SIZED ">", 12, 34, NULL},
        {"<?xml version='1.0' encoding='no-such-code'?><!--\xE9 > <html> - --><svg id='\xE9' " SIZED ">", 12, 34, NULL},
        {"<!-- a <svg width='1' height='1'> --><?x <svg> ?><svg " SIZED "><!--", 12, 34, NULL},
        {"<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'http://192.0.2.1/svg11.dtd'><svg " SIZED ">", 12, 34, NULL},
        {"<!DOCTYPE svg [<!ENTITY a \"]>\"><!-- it's ]> --><?p ]>'?>] ><svg " SIZED ">", 12, 34, NULL},
        {"<!DOCTYPE svg:svg><x:svg xmlns:x='http://www.w3.org/2000/svg' width='12' height='34'>", 12, 34, NULL},
    };
    check_rows(rows, IW_ARRAY_LEN(rows));
}

/* Entities stand for nothing, declared or not: a name among them is no size. */
static void test_entities(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"<!DOCTYPE svg [<!ENTITY ns 'http://www.w3.org/2000/svg'>]><svg xmlns='&ns;' width='12' height='34'>", 12, 34,
         NULL},
        {"<!DOCTYPE svg [<!ENTITY w '12'>]><svg " NS "width='&w;' height='34'>", 0, 0, "one side alone"},
        {"<!DOCTYPE svg [<!ENTITY w '12'>]><svg " NS "width='1&w;' height='3&undeclared;'>", 0, 0, "no size"},
        {"<!DOCTYPE svg [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'><!ENTITY c '&b;&b;&b;'>]><svg id='&c;&c;' " SIZED ">",
         12, 34, NULL},
        {"<!DOCTYPE svg [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><svg id='&f;' " SIZED ">", 12, 34, NULL},
        {"<!DOCTYPE svg [<!ENTITY % p SYSTEM 'http://192.0.2.1/'>%p;]><svg id='&amp;&lt;' " SIZED ">", 12, 34, NULL},
    };
    check_rows(rows, IW_ARRAY_LEN(rows));
}

static void test_others(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "<html><body><svg " SIZED "></svg></body></html>",
        "<!doctype html><svg " SIZED ">",
        "<!DOCTYPE html><svg " SIZED ">",
        "<!-- c --><!DOCTYPE html PUBLIC 'x' 'y'><svg " SIZED ">",
        "<!-- c -- c --><html><svg " SIZED ">",
        "<?xml version='1.0'?><rss><svg " SIZED "/></rss>",
        "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>",
        "<?xml version='1.0'?>",
        "<?xml version='1.0'?><!-- without end <svg " SIZED ">",
        "<svgx " SIZED ">",
        "<svg:image " SIZED ">",
        "<svg xmlns='urn:other' width='1' height='1'>",
        "<SVG " SIZED ">",
        "<",
        "<3 <svg>",
        "<!--",
        "<!DOCTYPE svg",
        "<!DOCTYPE svg [ <svg " SIZED ">",
        "text <svg " SIZED ">",
        "<a-name-that-goes-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on",
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(texts); i++)
        check_bytes(texts[i], texts[i], strlen(texts[i]), IW_SCAN_DONE, "none", 0, 0, NULL);
}

static void test_damaged(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "<svg width=100 height=100>",
        "<svg " NS "width='1' width='2'>",
        "<svg " NS "id='<' width='1' height='2'>",
        "<svg " NS "onclick='a' ^(*-^)> height='2'>",
        "<?xml version='1.0'?><svg " NS "width='1 height='2' <g>",
        "<svg \x01>",
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(texts); i++)
        check_bytes(texts[i], texts[i], strlen(texts[i]), IW_SCAN_BAD, "svg", 0, 0, "not well-formed");
    static const char *const cut[] = {"<svg ", "<svg " SIZED, "<svg " NS "width='1 height='2'>"};
    for (size_t i = 0; i < IW_ARRAY_LEN(cut); i++)
        check_bytes(cut[i], cut[i], strlen(cut[i]), IW_SCAN_BAD, "svg", 0, 0, "does not end");
}

/* ---- encodings ---- */

static void test_utf16(void **state)
{
    (void)state;
    static const char text[] = "<?xml version='1.0' encoding='UTF-16'?><!--\xFF--><svg " SIZED ">";
    for (unsigned choice = 0; choice < 4; choice++) {
        struct made m;
        made_init(&m);
        if (choice & 1)
            put_int(&m, choice & 2, 0xFEFF, 2);
        for (size_t i = 0; i < sizeof text - 1; i++)
            put_int(&m, choice & 2, text[i] == '\xFF' ? 0xD83D : (uint8_t)text[i], 2);
        check_bytes(choice & 2 ? "UTF-16 BE" : "UTF-16 LE", m.ptr, m.len, IW_SCAN_DONE, "svg", 12, 34, NULL);
        made_release(&m);
    }
}

static void put_gzip(struct made *m, const void *bytes, size_t len)
{
    z_stream z = {.next_in = (z_const Bytef *)(uintptr_t)bytes, .avail_in = (uInt)len};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_out = m->ptr + m->len;
    z.avail_out = (uInt)(MADE_BYTES - m->len);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    m->len += z.total_out;
    (void)deflateEnd(&z);
}

static void check_gzip(const char *text, size_t len, size_t drop, enum iw_scan scan, const char *format, uint32_t width,
                       const char *why)
{
    struct made m;
    made_init(&m);
    put_gzip(&m, text, len);
    m.len -= drop;
    check_bytes("gzip", m.ptr, m.len, scan, format, width, width ? 34 : 0, why);
    made_release(&m);
}

static void test_gzip(void **state)
{
    (void)state;
    static const char svg[] = "<?xml version='1.0'?><svg " SIZED "><path d='M0 0L1 1'/></svg>";
    static const char open[] = "<svg " SIZED;
    static const char html[] = "<html><svg " SIZED "></svg></html>";
    check_gzip(svg, sizeof svg - 1, 0, IW_SCAN_DONE, "svg", 12, NULL);
    check_gzip(svg, sizeof svg - 1, 12, IW_SCAN_DONE, "svg", 12, NULL);
    check_gzip(open, sizeof open - 1, 0, IW_SCAN_BAD, "svg", 0, "does not end");
    check_gzip(html, sizeof html - 1, 0, IW_SCAN_DONE, "none", 0, NULL);
    check_gzip("", 0, 0, IW_SCAN_DONE, "none", 0, NULL);
    static const char damaged[] = "\x1F\x8B\x08\0\0\0\0\0\0\3\xFF\xFF\xFF\xFF";
    check_bytes("damaged gzip", damaged, sizeof damaged - 1, IW_SCAN_DONE, "none", 0, 0, NULL);
    /* what inflates to very much is not inflated to its end */
    size_t len = 50u << 20;
    char *bomb = malloc(len);
    assert_non_null(bomb);
    memset(bomb, ' ', len);
    memcpy(bomb, "<svg ", 5);
    check_gzip(bomb, len, 0, IW_SCAN_BAD, "svg", 0, "does not end");
    free(bomb);
}

/* ---- how much is asked for ---- */

static void put_text(struct made *m, const char *text)
{
    put(m, text, strlen(text));
}

static void test_windows(void **state)
{
    (void)state;
    static const size_t gaps[] = {10, 4000, 40000, 65300};
    for (size_t i = 0; i < IW_ARRAY_LEN(gaps); i++) {
        for (unsigned where = 0; where < 2; where++) {
            struct made m;
            made_init(&m);
            put_text(&m, where ? "<svg id='>" : "<!-->");
            put_fill(&m, 'x', gaps[i]);
            put_text(&m, where ? "' " SIZED ">" : "--><svg " SIZED ">");
            put_fill(&m, ' ', 90000);
            check_bytes("far", m.ptr, m.len, IW_SCAN_DONE, "svg", 12, 34, NULL);
            struct feed_plan plan = {.first_bytes = 16384, .least_bytes = 4096, .is_growing = true};
            struct feed_result result = feed_run(m.ptr, m.len, &plan);
            assert_int_equal(result.rounds, gaps[i] < 16000 ? 0 : 2);
            made_release(&m);
        }
    }
}

/* Behind 64 KB nothing is looked for. */
static void test_bound(void **state)
{
    (void)state;
    for (unsigned where = 0; where < 2; where++) {
        struct made m;
        made_init(&m);
        put_text(&m, where ? "<svg id='" : "<!--");
        put_fill(&m, 'x', 65536);
        put_text(&m, where ? "' " SIZED ">" : "--><svg " SIZED ">");
        check_bytes("too far", m.ptr, m.len, where ? IW_SCAN_BAD : IW_SCAN_DONE, where ? "svg" : "none", 0, 0, NULL);
        struct feed_plan plan = {.first_bytes = 4096, .is_total_unknown = true};
        struct feed_result result = feed_run(m.ptr, m.len, &plan);
        assert_true(result.handed <= 65536 + 1024);
        made_release(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),  cmocka_unit_test(test_before_the_root), cmocka_unit_test(test_entities),
        cmocka_unit_test(test_others), cmocka_unit_test(test_damaged),         cmocka_unit_test(test_utf16),
        cmocka_unit_test(test_gzip),   cmocka_unit_test(test_windows),         cmocka_unit_test(test_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
