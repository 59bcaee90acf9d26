/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Feeds: what is an image in RSS, Atom, product feeds and other XML, and where it stands; paths of --xpath. */
#include "base/iw.h"
#include "source_feed.h"

static const struct reading_case feeds[] = {
    {"RSS 2.0",
     DOC("<?xml version='1.0'?>\n<rss version='2.0'><channel><title>x</title>\n"
         "<image><title>t</title><url> http://a/0.png </url><link>http://a/</link></image>\n"
         "<item><link>http://a/1</link>\n <enclosure length='1' type='image/jpeg'\n url=' http://a/1?b&amp;c'/>\n"
         "<enclosure url='http://a/2.mp3' type='audio/mpeg'/><enclosure url='http://a/3.PNG?x'/>\n"
         "</item></channel></rss>"),
     "IMAGE 3:30 url http://a/0.png\nIMAGE 6:8 enclosure@url http://a/1?b&c\n"
     "IMAGE 7:68 enclosure@url http://a/3.PNG?x\n",
     IW_OK, NULL, 0, 0},
    {"Media RSS and podcasts",
     DOC("<rss xmlns:media='http://search.yahoo.com/mrss/'><itunes:image href='http://a/1'/>\n"
         "<media:group><media:content medium='image' url=\"http://a/2\"/><media:content url='http://a/3.webp'/>\n"
         "<media:content url='http://a/4' type='video/mp4'><media:thumbnail width='1' url='http://a/5'/>\n"
         "</media:content><media:content url='http://a/6.jpg' medium='video'/></media:group></rss>"),
     "IMAGE 1:70 itunes:image@href http://a/1\nIMAGE 2:49 media:content@url http://a/2\n"
     "IMAGE 2:82 media:content@url http://a/3.webp\nIMAGE 3:82 media:thumbnail@url http://a/5\n",
     IW_OK, NULL, 0, 0},
    {"RSS 1.0",
     DOC("<rdf:RDF xmlns:rdf='r'><image rdf:about='x'><title/><url>http://a/1</url></image>"
         "<item><url>http://a/2</url></item></rdf:RDF>"),
     "IMAGE 1:58 url http://a/1\n", IW_OK, NULL, 0, 0},
    {"Atom",
     DOC("<feed xmlns='http://www.w3.org/2005/Atom'><icon>/favicon.ico</icon><logo>\n/logo.png</logo>\n"
         "<link rel='alternate' href='http://a/1.png'/><link rel='enclosure' type='image/png' href='http://a/2'/>\n"
         "<entry><content type='image/svg+xml' src='http://a/3'/><content src='http://a/4' type='text/html'/>\n"
         "<content type='xhtml'><div><img alt='' src='http://a/5'/></div></content></entry></feed>"),
     "IMAGE 1:49 icon /favicon.ico\nIMAGE 2:1 logo /logo.png\nIMAGE 3:91 link@href http://a/2\n"
     "IMAGE 4:43 content@src http://a/3\nIMAGE 5:45 img@src http://a/5\n",
     IW_OK, NULL, 0, 0},
    {"products",
     DOC("<rss xmlns:g='http://base.google.com/ns/1.0'><channel><item><g:id>1</g:id>\n"
         "<g:image_link>http://a/1?x&amp;amp;y</g:image_link><g:additional_image_link><![CDATA[ http://a/2 ]]>"
         "</g:additional_image_link>\n<image_link/><image_link>http://a/3</image_link></item></channel></rss>"),
     "IMAGE 2:15 g:image_link http://a/1?x&y\nIMAGE 2:87 g:additional_image_link http://a/2\n"
     "IMAGE 3:26 image_link http://a/3\n",
     IW_OK, NULL, 0, 0},
    {"other XML",
     DOC("<?xml version='1.0' encoding='iso-8859-1'?>\n<products><product><images>\n<image>http://a/1</image>\n"
         "<image\n  title='\xE9'\n  src='http://a/2'/></images><photo "
         "url='http://a/3'>\n</photo></product></products>"),
     "IMAGE 3:8 image http://a/1\nIMAGE 6:8 image@src http://a/2\nIMAGE 6:42 photo@url http://a/3\n", IW_OK, NULL, 0,
     0},
    {"a text that is cut within a tag",
     DOC("<rss><item><description><![CDATA[<img src=a><img src='b]]></description></item></rss>"),
     "IMAGE 1:43 description img@src a\n", IW_OK, NULL, 0, 0},
    {"HTML in texts",
     DOC("<rss><item><description>\n Words. <![CDATA[<p>\n<img src='http://a/1' srcset='http://a/2 2x, http://a/3 3x'>"
         "<a href='x'><IMG SRC=http://a/4></a>]]></description><summary>a &lt; b</summary><content type='xhtml'>\n"
         " <div><img src='h'/></div></content></item></rss>"),
     "IMAGE 3:11 description img@src http://a/1\nIMAGE 3:31 description img@srcset http://a/2\n"
     "IMAGE 3:46 description img@srcset http://a/3\nIMAGE 3:82 description img@src http://a/4\n"
     "IMAGE 4:17 img@src h\n",
     IW_OK, NULL, 0, 0},
    {"nothing", DOC("<a><b>http://a/1</b></a>"),
     "! 1:1 no element is named as an image: --xpath can say which holds one\n", IW_OK, NULL, 0, 0},
    {"a feed of nothing", DOC("<rss/>"), "", IW_OK, NULL, 0, 0},
    {"mended", DOC("\xEF\xBB\xBF\n<rss><item><enclosure a='x&y\x01' url='http://a/1.gif?b&c\xE9'/></item></rss>"),
     "IMAGE 2:37 enclosure@url http://a/1.gif?b&c\xC3\xA9\n", IW_OK, NULL, 0, 0},
    {"cut", DOC("<rss><item><enclosure url='http://a/1.gif'/>\n<image_link>http://a/2</image"),
     "IMAGE 1:28 enclosure@url http://a/1.gif\nIMAGE 2:13 image_link http://a/2\n", IW_ERR_SYNTAX,
     "the document ends early", 0, 0},
    {"DOCTYPE", DOC("<!DOCTYPE rss [<!ENTITY x 'y'>]><rss/>"), "", IW_ERR_SYNTAX, "a DOCTYPE is refused", 0, 0},
};

static void feed_elements(void **state)
{
    (void)state;
    check_cases("feed", feeds, IW_ARRAY_LEN(feeds));
}

/* Lines are those of the document; columns count what is escaped as the one character that it stands for. */
static void escaped_html(void **state)
{
    (void)state;
    struct iw_buf text;
    iw_buf_init(&text, 1 << 20);
    iw_buf_add_str(&text, IW_STR("<rss><x:encoded xmlns:x='x'>a &lt;img src=\"http://a/5?b&amp;amp;c\"&gt;\n"
                                 "&lt;img src=h&gt;</x:encoded></rss>"));
    while (text.len < 65536) /* places of long documents are not looked up */
        iw_buf_add_str(&text, IW_STR("                                                                "));
    struct reading r = read_every_way("feed", "", iw_buf_str(&text));
    assert_string_equal(r.said.ptr, "IMAGE 1:41 x:encoded img@src http://a/5?b&c\nIMAGE 2:10 x:encoded img@src h\n");
    reading_release(&r);
    iw_buf_release(&text);
}

static const struct iw_str catalogue = {
    "<c xmlns:x='u'><p kind='main' n='1'>\n<pic>http://a/1</pic><x:pic lang='de'>http://a/2</x:pic></p>\n"
    "<p><q><pic>http://a/3<b>4</b></pic><f u='http://a/5' x:v='http://a/6'/></q></p><pic> </pic></c>",
    sizeof "<c xmlns:x='u'><p kind='main' n='1'>\n<pic>http://a/1</pic><x:pic lang='de'>http://a/2</x:pic></p>\n"
           "<p><q><pic>http://a/3<b>4</b></pic><f u='http://a/5' x:v='http://a/6'/></q></p><pic> </pic></c>" -
        1};

static void paths(void **state)
{
    (void)state;
    static const struct {
        const char *path, *said;
    } rows[] = {
        {"//pic", "IMAGE 2:6 pic http://a/1\nIMAGE 2:39 x:pic http://a/2\nIMAGE 3:12 pic http://a/34\n"},
        {"pic", "IMAGE 2:6 pic http://a/1\nIMAGE 2:39 x:pic http://a/2\nIMAGE 3:12 pic http://a/34\n"},
        {"/c/p/pic", "IMAGE 2:6 pic http://a/1\nIMAGE 2:39 x:pic http://a/2\n"},
        {"/c/p/pic/text()", "IMAGE 2:6 pic http://a/1\nIMAGE 2:39 x:pic http://a/2\n"},
        {"/c/*/*/y:pic", "IMAGE 3:12 pic http://a/34\n"},
        {"/c//q//pic", "IMAGE 3:12 pic http://a/34\n"},
        {"/p//pic", "! 1:1 nothing is where --xpath says\n"},
        {"//p[@kind='main']/pic", "IMAGE 2:6 pic http://a/1\nIMAGE 2:39 x:pic http://a/2\n"},
        {"//p[ @kind = \"main\" ][@n]/pic[@lang='de']", "IMAGE 2:39 x:pic http://a/2\n"},
        {"//p[@kind='m']/pic", "! 1:1 nothing is where --xpath says\n"},
        {"//f/@u", "IMAGE 3:42 f@u http://a/5\n"},
        {"//f/@x:v", "IMAGE 3:59 f@v http://a/6\n"},
        {"//@u", "IMAGE 3:42 f@u http://a/5\n"},
        {"/c/p/pic[@lang] | //f/@u", "IMAGE 2:39 x:pic http://a/2\nIMAGE 3:42 f@u http://a/5\n"},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_reader_limits limits = source_limits;
        limits.xpath = rows[i].path;
        for (size_t piece = 0; piece < 4; piece++) {
            struct reading r = read_as("feed", "", catalogue, piece, &limits, 0);
            if (strcmp(r.said.ptr, rows[i].said) != 0)
                print_error("%s:\n", rows[i].path);
            assert_string_equal(r.said.ptr, rows[i].said);
            reading_release(&r);
        }
    }
}

static void bad_paths(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        unsigned column;
        const char *why;
    } rows[] = {
        {"", 1, "expected the name of an element, *, @ and a name, or text(), found its end"},
        {"/", 2, "expected the name of an element"},
        {"/@a", 2, "expected the name of an element"},
        {"//a/", 5, "expected the name of an element"},
        {"//a/@", 6, "expected the name of an attribute"},
        {"//a/@b/c", 7, "expected \"/\", \"[\", \"|\" or the end, found \"/c\""},
        {"//a[1]", 5, "expected an attribute, as in [@name='value'], found \"1]\""},
        {"//a[@b=c]", 8, "expected a value in quotes"},
        {"//a[@b='c]", 8, "expected a value in quotes"},
        {"//a[@b='c'", 11, "expected \"]\", found its end"},
        {"//a[@b][@c][@d][@e]", 16, "more than 3 tests"},
        {"a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x/y", 49, "more than 24 steps"},
        {"a|b|c|d|e|f|g|h|i", 16, "more than 8 paths"},
        {"count(//a)", 6, "expected \"/\""},
        {"//a/../b", 5, "expected the name of an element"},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_diag diag = {0};
        assert_int_not_equal(iw_xpath_check(iw_str_from(rows[i].path), &diag), IW_OK);
        if (diag.column != rows[i].column || !strstr(diag.text, rows[i].why))
            print_error("%s: %u: %s\n", rows[i].path, diag.column, diag.text);
        assert_int_equal(diag.column, rows[i].column);
        assert_non_null(strstr(diag.text, rows[i].why));
    }
}

static void long_urls(void **state)
{
    (void)state;
    struct iw_reader_limits limits = source_limits;
    limits.max_line_bytes = 10;
    struct iw_str document =
        IW_STR("<rss><image href='http://a/1'/><image href='http://a/12'/><image>http://a/12</image></rss>");
    for (size_t piece = 0; piece < 30; piece++) {
        struct reading r = read_as("feed", "", document, piece, &limits, 0);
        assert_string_equal(r.said.ptr, "IMAGE 1:19 image@href http://a/1\n"
                                        "! 1:45 the URL is too long and was passed over\n"
                                        "! 1:66 the URL is too long and was passed over\n");
        reading_release(&r);
    }
}

static void a_callback_stops(void **state)
{
    (void)state;
    struct iw_str document = IW_STR("<rss><image href='a'/><image href='b'/><image href='c' url='d'/></rss>");
    for (size_t piece = 0; piece < 12; piece++) {
        struct reading r = read_as("feed", "", document, piece, &source_limits, 2);
        assert_int_equal(r.err, IW_ERR_INTERRUPTED);
        assert_int_equal(r.leads, 2);
        reading_release(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(feed_elements), cmocka_unit_test(escaped_html), cmocka_unit_test(paths),
        cmocka_unit_test(bad_paths),     cmocka_unit_test(long_urls),    cmocka_unit_test(a_callback_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
