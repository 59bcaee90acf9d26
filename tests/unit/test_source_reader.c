/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Recognition by the first bytes, gzip in all its endings, and the ceilings. */
#include "base/iw.h"
#include "source_feed.h"

#include <zlib.h>

/* ---- recognition ---- */

static const struct {
    const char *kind; /* NULL: none */
    const char *name;
    struct iw_str head;
} heads[] = {
    {"list", "", DOC("")},
    {"list", "", DOC("# only a comment\n")},
    {"list", "", DOC("http://a/1\nhttp://a/2\n")},
    {"list", "", DOC("\xEF\xBB\xBF\r\n# x\r\n  HTTPS://a/1")},
    {"list", "", DOC("images/a.jpg\nb.png\n")},
    {"list", "", DOC("\xFF\xFEh\0t\0t\0p\0:\0/\0/\0a\0/\0")},
    {"list", "", DOC("http://a/1,2\nhttp://a/3,4\n")},
    {"list", "", DOC("# id,image\nhttp://a/1\n")},
    {"list", "", DOC("images/a,b.jpg\nhttp://a/c,d\n")},
    {"list", "", DOC("a.jpg\nimage\nhttp://a/1\n")},
    {"csv", "", DOC("name,url\n2,http://a/1\n")},
    {"csv", "list.txt", DOC("id;image_link")},
    {"csv", "", DOC("\xEF\xBB\xBFid\tPicture\r\n1\tx.jpg\r\n")},
    {"csv", "", DOC("image_link\nhttp://a/1\n")},
    {"csv", "", DOC("url\nhttp://a/1\n")},
    {"csv", "", DOC("sku|foto (gross)\n1|http://a/1\n2|http://a/2\n")},
    {"csv", "", DOC("Handle,Google Shopping / MPN,Image Src\n")},
    {"csv", "", DOC("\xFF\xFEi\0m\0g\0,\0i\0d\0\n\0")},
    {NULL, "", DOC("sku,title\n1,2\n")},
    {NULL, "", DOC("Dear reader, hello\n")},
    {"list", "sitemap.xml", DOC("http://a/1\n")},
    {"list", "", DOC("data:image/png;base64,AAAA\n")},
    {"sitemap", "", DOC("<?xml version='1.0'?><urlset>")},
    {"sitemap", "list.txt", DOC("\xEF\xBB\xBF\n <urlset xmlns='x'>")},
    {"sitemap", "", DOC("<sm:sitemapindex xmlns:sm='x'>")},
    {"sitemap", "robots.txt", DOC("<!-- Sitemap: x -->\n<?xml-stylesheet href='x'?><urlset/>")},
    {"sitemap", "", DOC("<?xml version='1.0'?>\n<!-- a very long comment")},
    {"feed", "", DOC("<?xml version='1.0'?><!DOCTYPE lolz [")},
    {"feed", "", DOC("<rss version='2.0'>")},
    {"feed", "", DOC("<?xml version='1.0'?><rdf:RDF>")},
    {"feed", "", DOC("<?xml version='1.0'?><catalogue>")},
    {"sitemap", "", DOC("\xFF\xFE<\0u\0r\0l\0s\0e\0t\0>\0")},
    {"sitemap", "", DOC("\0<\0u\0r\0l\0s\0e\0t\0>")},
    {"robots", "", DOC("User-agent: *\nDisallow:\n")},
    {"robots", "", DOC("# hello\r\rsite-map : /x\r")},
    {"robots", "", DOC("Disallow: /x\n")},
    {"robots", "http://a/robots.txt", DOC("Host: a\n")},
    {"robots", "http://a/ROBOTS.TXT", DOC("")},
    {"robots", "", DOC("\xFE\xFF\0U\0s\0e\0r\0-\0a\0g\0e\0n\0t\0:\0*")},
    {"html", "robots.txt", DOC("<html>Sitemap: x</html>")},
    {"html", "sitemap.xml", DOC("<!DOCTYPE html><html>")},
    {"html", "", DOC("\n\n <!doctype HTML>")},
    {"html", "", DOC("<?xml version='1.0'?><!DOCTYPE html PUBLIC 'x'>")},
    {"html", "", DOC("<?xml version='1.0'?>\n<html xmlns='x'>")},
    {"html", "", DOC("<div>http://a/</div>")},
    {NULL, "", DOC("<?xml version='1.0'?><svg xmlns='x'>")},
    {NULL, "list.txt", DOC("\x89PNG\r\n\x1A\n\0\0\0\rIHDR")},
    {NULL, "list.txt", DOC("\xFF\xD8\xFF\xE0\0\x10JFIF")},
    {NULL, "", DOC("GIF89a\x01\0\x01\0")},
    {NULL, "", DOC("{\"url\": \"http://a/\"}")},
    {NULL, "", DOC("[\"http://a/\"]")},
    {NULL, "", DOC("this is a bogus sitemap")},
    {NULL, "", DOC("word\n")},
    {NULL, "", DOC("http://a/\0\n")},
    {NULL, "", DOC("\x80\x81\x82/\x83\x84\x85\x86\n")},
    {NULL, "x.gz", DOC("\x1F\x8B\x08")},
};

static void recognition(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < IW_ARRAY_LEN(heads); i++) {
        bool is_gzip = false;
        const struct iw_source *kind =
            iw_source_sniff(heads[i].head, iw_str_from(heads[i].name), IW_LEAD_IMAGE, &is_gzip);
        bool is_right = strcmp(kind ? kind->name : "-", heads[i].kind ? heads[i].kind : "-") == 0 &&
                        is_gzip == iw_str_starts(heads[i].head, IW_STR("\x1F\x8B"));
        if (!is_right)
            print_error("row %zu is %s, not %s\n", i, kind ? kind->name : "none",
                        heads[i].kind ? heads[i].kind : "none");
        wrong += !is_right;
    }
    assert_int_equal(wrong, 0);
    assert_null(iw_source_find(IW_STR("lis")));
    assert_string_equal(iw_source_find(IW_STR("robots"))->name, "robots");
}

static void what_is_refused(void **state)
{
    (void)state;
    static const struct {
        struct iw_str document;
        const char *text;
    } rows[] = {
        {DOC("<svg/>"), "this looks like an SVG image, not an input of a known kind"},
        {DOC("<foo>"), "this looks like markup of another kind, not an input of a known kind"},
        {DOC("{}"), "this looks like JSON, not an input of a known kind"},
        {DOC("\xFF\xD8\xFF\xE0\0\x10JFIF"), "this looks like binary data, not an input of a known kind"},
        {DOC("Dear reader"), "this looks like plain text without URLs, not an input of a known kind"},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct reading r = read_every_way(NULL, "", rows[i].document);
        assert_int_equal(r.err, IW_ERR_INPUT);
        assert_string_equal(r.diag.text, rows[i].text);
        assert_null(r.kind);
        assert_int_equal(r.leads, 0);
        reading_release(&r);
    }
}

/* A document longer than the window is recognised by it, and nothing of the window is lost. */
static void a_long_window(void **state)
{
    (void)state;
    struct iw_buf text;
    iw_buf_init(&text, 1 << 20);
    for (unsigned i = 0; i < 600; i++)
        iw_buf_printf(&text, "http://example.com/%u\n", i);
    struct reading r = read_every_way(NULL, "", iw_buf_str(&text));
    assert_int_equal(r.err, IW_OK);
    assert_int_equal(r.leads, 600);
    assert_string_equal(r.first, "http://example.com/0");
    assert_string_equal(r.last, "http://example.com/599");
    reading_release(&r);
    iw_buf_release(&text);
}

/* ---- gzip ---- */

static void add_gzip(struct iw_buf *out, struct iw_str text)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (z_const Bytef *)(uintptr_t)text.ptr;
    z.avail_in = (uInt)text.len;
    size_t bound = deflateBound(&z, text.len);
    char *to = iw_buf_reserve(out, bound);
    assert_non_null(to);
    z.next_out = (Bytef *)to;
    z.avail_out = (uInt)bound;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->len += bound - z.avail_out;
    deflateEnd(&z);
}

static struct iw_buf gzip_of(struct iw_str text)
{
    struct iw_buf out;
    iw_buf_init(&out, 32 << 20);
    add_gzip(&out, text);
    return out;
}

static void members_and_tails(void **state)
{
    (void)state;
    static const struct iw_str tails[] = {DOC(""),         DOC("garbage"),           DOC("\0\0\0\0"),     DOC("\x1F"),
                                          DOC("\x1F\x8B"), DOC("\x1F\x8Bno member"), DOC("x\x1F\x8B\x08")};
    for (size_t i = 0; i < IW_ARRAY_LEN(tails); i++) {
        struct iw_buf document = gzip_of(IW_STR("http://a/1\nhttp://"));
        add_gzip(&document, IW_STR("a/2\n"));
        add_gzip(&document, IW_STR(""));
        add_gzip(&document, IW_STR("http://a/3"));
        iw_buf_add_str(&document, tails[i]);
        bool is_cut = iw_str_eq(tails[i], IW_STR("\x1F\x8B")); /* a member that begins and does not go on */
        struct reading r = read_every_way(NULL, "list.txt", iw_buf_str(&document));
        assert_int_equal(r.err, is_cut ? IW_ERR_SYNTAX : IW_OK);
        assert_string_equal(r.said.ptr,
                            is_cut ? "IMAGE 1:1 - http://a/1\nIMAGE 2:1 - http://a/2\n"
                                   : "IMAGE 1:1 - http://a/1\nIMAGE 2:1 - http://a/2\nIMAGE 3:1 - http://a/3\n");
        reading_release(&r);
        iw_buf_release(&document);
    }
}

static void gzip_of_every_kind(void **state)
{
    (void)state;
    static const struct {
        struct iw_str text;
        const char *kind, *said, *name;
    } rows[] = {
        {DOC("<urlset><url><loc>\na</loc></url></urlset>"), "sitemap", "PAGE 2:1 loc a\n", "x"},
        {DOC("Sitemap: /a\n"), "robots", "DOCUMENT 1:10 Sitemap /a\n", "x"},
        {DOC("id,image\n1,a\n"), "csv", "IMAGE 2:3 image a\n", "x"},
        {DOC("<rss><item><image>a</image></item></rss>"), "feed", "IMAGE 1:19 image a\n", "x"},
        {DOC("<html><img src=a>"), "html", "IMAGE 1:16 img@src a\n", "x"},
        {DOC("Text. <img src=a>"), "html", "IMAGE 1:16 img@src a\n", "page.html.gz"},
        {DOC("a{b:url(c)}"), "css", "IMAGE 1:9 url() c\n", "sheet.css.GZ"},
        {DOC(""), "list", "", "x"},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_buf document = gzip_of(rows[i].text);
        struct reading r = read_every_way(NULL, rows[i].name, iw_buf_str(&document));
        assert_int_equal(r.err, IW_OK);
        assert_string_equal(r.kind->name, rows[i].kind);
        assert_string_equal(r.said.ptr, rows[i].said);
        reading_release(&r);
        struct iw_buf twice = gzip_of(iw_buf_str(&document));
        r = read_every_way(NULL, "x", iw_buf_str(&twice));
        assert_int_equal(r.err, IW_ERR_INPUT);
        assert_string_equal(r.diag.text, "this is gzip within gzip, not an input of a known kind");
        reading_release(&r);
        iw_buf_release(&document);
        iw_buf_release(&twice);
    }
}

/* Cut at every byte: an error, and only whole URLs of the beginning. */
static void gzip_cut_anywhere(void **state)
{
    (void)state;
    struct iw_buf text;
    iw_buf_init(&text, 1 << 20);
    for (unsigned i = 0; i < 40; i++)
        iw_buf_printf(&text, "http://example.com/%08X\n", i * 2654435761u);
    struct iw_buf document = gzip_of(iw_buf_str(&text));
    size_t most = 0;
    for (size_t len = 2; len < document.len; len++) {
        struct reading r = read_as(NULL, "", (struct iw_str){document.ptr, len}, len % 5, &source_limits, 0);
        assert_int_equal(r.err, IW_ERR_SYNTAX);
        assert_string_equal(r.diag.text, "the gzip stream ends early");
        assert_true(r.leads >= most);
        assert_true(r.leads == 0 || strlen(r.last) == strlen("http://example.com/00000000"));
        most = r.leads;
        reading_release(&r);
    }
    assert_int_equal(most, 40);
    document.ptr[document.len - 6] ^= 1; /* in the checksum */
    struct reading r = read_every_way(NULL, "", iw_buf_str(&document));
    assert_int_equal(r.err, IW_ERR_SYNTAX);
    assert_string_equal(r.diag.text, "the gzip stream is damaged");
    assert_int_equal(r.leads, 40);
    reading_release(&r);
    iw_buf_release(&document);
    iw_buf_release(&text);
}

/* ---- ceilings ---- */

static void ceilings(void **state)
{
    (void)state;
    struct iw_str text = IW_STR("http://a/1\nhttp://a/2\nhttp://a/3\n");
    struct iw_buf document = gzip_of(text);
    for (size_t piece = 0; piece < 40; piece++) {
        struct iw_reader_limits limits = source_limits;
        limits.max_inflated_bytes = 25; /* of what is inflated only */
        struct reading r = read_as(NULL, "", text, piece, &limits, 0);
        assert_int_equal(r.err, IW_OK);
        reading_release(&r);
        r = read_as(NULL, "", iw_buf_str(&document), piece, &limits, 0);
        assert_int_equal(r.err, IW_ERR_LIMIT);
        assert_string_equal(r.diag.text, "the document inflates to more than 25 bytes");
        assert_int_equal(r.leads, 2);
        reading_release(&r);
        limits.max_inflated_bytes = text.len;
        r = read_as(NULL, "", iw_buf_str(&document), piece, &limits, 0);
        assert_int_equal(r.err, IW_OK);
        assert_int_equal(r.leads, 3);
        reading_release(&r);
        limits.max_bytes = 15;
        r = read_as(NULL, "", text, piece, &limits, 0);
        assert_int_equal(r.err, IW_ERR_LIMIT);
        assert_string_equal(r.diag.text, "the document is larger than 15 bytes");
        assert_int_equal(r.leads, 1);
        reading_release(&r);
    }
    iw_buf_release(&document);
}

/* A few kilobytes that inflate to gigabytes stop at the ceiling. */
static void a_gzip_bomb(void **state)
{
    (void)state;
    enum { BYTES = 16 << 20 };
    char *spaces = malloc(BYTES);
    memset(spaces, ' ', BYTES);
    struct iw_buf document = gzip_of((struct iw_str){spaces, BYTES});
    free(spaces);
    struct iw_reader_limits limits = source_limits;
    limits.max_inflated_bytes = 1 << 20;
    struct reading r = read_as("sitemap", "", iw_buf_str(&document), 0, &limits, 0);
    assert_int_equal(r.err, IW_ERR_LIMIT);
    reading_release(&r);
    iw_buf_release(&document);
}

static void long_urls_in_a_sitemap(void **state)
{
    (void)state;
    struct iw_reader_limits limits = source_limits;
    limits.max_line_bytes = 4;
    struct reading r = read_as(NULL, "",
                               IW_STR("<urlset><url><loc>      1234 </loc></url>\n<url><loc>12345</loc></url>"
                                      "<url><loc>1</loc></url></urlset>"),
                               0, &limits, 0);
    assert_int_equal(r.err, IW_OK);
    assert_string_equal(
        r.said.ptr, "! 1:25 the URL is too long and was passed over\n! 2:11 the URL is too long and was passed over\n"
                    "PAGE 2:38 loc 1\n");
    reading_release(&r);
}

/* ---- errors ---- */

static void an_error_is_the_end(void **state)
{
    (void)state;
    struct reading said = {.stop_at = 1};
    iw_buf_init(&said.said, 1 << 20);
    const struct iw_source_events events = {.lead = reading_lead, .complaint = reading_complaint, .user = &said};
    struct iw_reader *reader = NULL;
    assert_int_equal(iw_reader_new(iw_source_find(IW_STR("list")), IW_STR(""), &source_limits, &events, &reader),
                     IW_OK);
    assert_int_equal(iw_reader_feed(reader, "a\nb\n", 4, NULL), IW_ERR_INTERRUPTED);
    assert_int_equal(iw_reader_feed(reader, "c\n", 2, NULL), IW_ERR_INTERRUPTED);
    assert_int_equal(iw_reader_finish(reader, NULL), IW_ERR_INTERRUPTED);
    assert_int_equal(said.leads, 1);
    iw_reader_free(reader);
    iw_reader_free(NULL);
    reading_release(&said);
}

static void a_callback_stops_a_sitemap(void **state)
{
    (void)state;
    struct iw_str text =
        IW_STR("<urlset><url><loc>a</loc></url><url><loc>b</loc></url><url><loc>c</loc></url></urlset>");
    struct iw_buf document = gzip_of(text);
    for (size_t piece = 0; piece < 20; piece++) {
        struct reading r = read_as(NULL, "", piece % 2 ? iw_buf_str(&document) : text, piece, &source_limits, 2);
        assert_int_equal(r.err, IW_ERR_INTERRUPTED);
        assert_int_equal(r.leads, 2);
        reading_release(&r);
    }
    iw_buf_release(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recognition),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(a_long_window),
        cmocka_unit_test(members_and_tails),
        cmocka_unit_test(gzip_of_every_kind),
        cmocka_unit_test(gzip_cut_anywhere),
        cmocka_unit_test(ceilings),
        cmocka_unit_test(a_gzip_bomb),
        cmocka_unit_test(long_urls_in_a_sitemap),
        cmocka_unit_test(an_error_is_the_end),
        cmocka_unit_test(a_callback_stops_a_sitemap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
