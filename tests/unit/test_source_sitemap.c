/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Sitemaps: what is a lead and of which role, where it stands, what is forgiven and what ends the document. */
#include "base/iw.h"
#include "source_feed.h"

#define NS       "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"
#define IMAGE_NS "xmlns:image='http://www.google.com/schemas/sitemap-image/1.1'"

static const struct reading_case elements[] = {
    {"urlset",
     DOC("<?xml version='1.0'?>\n<urlset " NS "><url><loc>http://a/1</loc></url>\n<url><loc>\n  http://a/2.png\n"
         "</loc></url></urlset>\n"),
     "PAGE 2:71 loc http://a/1\nPAGE 4:3 loc http://a/2.png\n", IW_OK, NULL, 0, 0},
    {"index",
     DOC("<sitemapindex " NS ">\n<sitemap><lastmod>2026</lastmod><loc>http://a/1.xml</loc></sitemap>\n"
         "<sitemap><loc>http://a/2.xml</loc><loc>http://a/3.xml</loc></sitemap></sitemapindex>"),
     "DOCUMENT 2:38 loc http://a/1.xml\nDOCUMENT 3:15 loc http://a/2.xml\nDOCUMENT 3:40 loc http://a/3.xml\n", IW_OK,
     NULL, 0, 0},
    {"index without loc",
     DOC("<sitemapindex>\n<sitemap>\nhttp://a/?a&amp;b\n<lastmod>x</lastmod></sitemap>\n"
         "<sitemap/><sitemap>x<loc>y</loc>z</sitemap></sitemapindex>"),
     "DOCUMENT 3:1 sitemap http://a/?a&b\n! 5:10 the element holds no URL\nDOCUMENT 5:26 loc y\n", IW_OK, NULL, 0, 0},
    {"images",
     DOC("<urlset " NS " " IMAGE_NS "><url><loc>p</loc>\n<image:image><image:loc>1</image:loc>"
         "<image:license>no</image:license></image:image>\n<image:image><image:loc> 2 </image:loc></image:image>"
         "</url></urlset>"),
     "PAGE 1:133 loc p\nIMAGE 2:25 image:loc 1\nIMAGE 3:26 image:loc 2\n", IW_OK, NULL, 0, 0},
    {"image namespaces",
     DOC("<urlset>\n<url xmlns:i='https://www.google.com/schemas/sitemap-image/1.1/'><i:image><i:loc>1"
         "</i:loc></i:image></url>\n<url><image:image><image:loc>2</image:loc></image:image></url>\n<url>"
         "<image xmlns='http://www.google.com/schemas/sitemap-image/1.1'><loc>3</loc></image></url>\n"
         "<url xmlns:image='http://example.com/wrong'><image:image><image:loc>4</image:loc></image:image>"
         "</url></urlset>"),
     "IMAGE 2:82 image:loc 1\nIMAGE 3:30 image:loc 2\nIMAGE 4:74 image:loc 3\nIMAGE 5:69 image:loc 4\n", IW_OK, NULL, 0,
     0},
    {"page namespaces",
     DOC("<s:urlset xmlns:s='http://www.google.com/schemas/sitemap/0.84'><s:url><s:loc>1</s:loc></s:url>"
         "<url xmlns='x'><loc>2</loc></url><sm:url><sm:loc>3</sm:loc></sm:url></s:urlset>"),
     "PAGE 1:78 loc 1\nPAGE 1:115 loc 2\nPAGE 1:144 loc 3\n", IW_OK, NULL, 0, 0},
    {"video, news, links, PageMap",
     DOC("<urlset " NS " xmlns:video='http://www.google.com/schemas/sitemap-video/1.1' xmlns:xhtml='x'>\n"
         "<url><video:video><video:thumbnail_loc>t</video:thumbnail_loc><video:player_loc>no</video:player_loc></"
         "video:video>"
         "<news:news><news:loc>no</news:loc></news:news><xhtml:link href='no'/>\n"
         "<PageMap xmlns='http://www.google.com/schemas/sitemap-pagemap/1.0'><url><loc>no</loc></url></PageMap></url>"
         "</urlset>"),
     "IMAGE 2:40 video:thumbnail_loc t\n", IW_OK, NULL, 0, 0},
    {"loc elsewhere", DOC("<urlset><loc>no</loc><x><loc>no</loc></x></urlset>"), "", IW_OK, NULL, 0, 0},
    {"url within loc", DOC("<urlset><url><loc><url><![CDATA[http://a/1]]></url></loc></url></urlset>"),
     "PAGE 1:33 loc http://a/1\n", IW_OK, NULL, 0, 0},
    {"nothing in it", DOC("<urlset><url><loc/></url>\n<url><loc>\n \n</loc></url><url></url></urlset>"),
     "! 1:19 the element holds no URL\n! 2:11 the element holds no URL\n", IW_OK, NULL, 0, 0},
    {"empty set", DOC("<urlset/>"), "", IW_OK, NULL, 0, 0},
};

static const struct reading_case texts[] = {
    {"CDATA", DOC("<urlset><url><loc>\n <![CDATA[ http://a/?b&c ]]>\n</loc></url></urlset>"),
     "PAGE 2:12 loc http://a/?b&c\n", IW_OK, NULL, 0, 0},
    {"CDATA and text", DOC("<urlset><url><loc>http://a/<![CDATA[?b&]]>c&amp;d</loc></url></urlset>"),
     "PAGE 1:19 loc http://a/?b&c&d\n", IW_OK, NULL, 0, 0},
    {"comment first", DOC("<urlset><url><loc><!-- x -->http://a/1</loc></url></urlset>"), "PAGE 1:29 loc http://a/1\n",
     IW_OK, NULL, 0, 0},
    {"Unicode space",
     DOC("<urlset><url><loc>\n<![CDATA[\xC2\xA0http://a/1 ]]> \xE2\x80\x80\n</loc></url>"
         "<url><loc>&#160;\xE2\x80\x83http://a/2&#x2003;</loc></url></urlset>"),
     "PAGE 2:12 loc http://a/1\nPAGE 3:32 loc http://a/2\n", IW_OK, NULL, 0, 0},
    {"non-ASCII", DOC("<urlset><url><loc>\xC3\xA9http://a/\xC3\xA9</loc></url><url><loc>b</loc></url></urlset>"),
     "PAGE 1:19 loc \xC3\xA9http://a/\xC3\xA9\nPAGE 1:54 loc b\n", IW_OK, NULL, 0, 0},
    {"reference first", DOC("<urlset><url><loc>&#104;ttp://a/</loc></url></urlset>"), "PAGE 1:19 loc http://a/\n",
     IW_OK, NULL, 0, 0},
    {"escaped twice", DOC("<urlset><url><loc>a?b&amp;amp;c&amp;amp;d&amp;e</loc></url></urlset>"),
     "PAGE 1:19 loc a?b&c&d&e\n", IW_OK, NULL, 0, 0},
    {"CRLF", DOC("<urlset>\r\n<url>\r\n<loc>\r\n  a\r\n</loc></url></urlset>\r\n"), "PAGE 4:3 loc a\n", IW_OK, NULL, 0,
     0},
};

/* What the filter forgives: every URL behind it is right, and its place too. */
static const struct reading_case mended[] = {
    {"a bare ampersand", DOC("<urlset><url><loc>a?b&c=d</loc></url><url><loc>3?p=1&amp;q=2</loc></url></urlset>"),
     "PAGE 1:19 loc a?b&c=d\nPAGE 1:48 loc 3?p=1&q=2\n", IW_OK, NULL, 0, 0},
    {"undeclared entities",
     DOC("<urlset><url><loc>a&nbsp;&eacute;&unknown;&Eacute</loc></url><url><loc>b</loc></url></urlset>"),
     "PAGE 1:19 loc a\xC2\xA0\xC3\xA9&unknown;&Eacute\nPAGE 1:72 loc b\n", IW_OK, NULL, 0, 0},
    {"a Latin-1 byte",
     DOC("<urlset><url><loc>a\xE9</loc></url><url><loc>\xE9"
         "b</loc></url></urlset>"),
     "PAGE 1:19 loc a\xC3\xA9\nPAGE 1:43 loc \xC3\xA9"
     "b\n",
     IW_OK, NULL, 0, 0},
    {"controls",
     DOC("<urlset><url><loc>\x01"
         "a\x08"
         "bc&#xD800;</loc></url><url><loc>d</loc></url></urlset>"),
     "PAGE 1:20 loc abc\xEF\xBF\xBD\nPAGE 1:54 loc d\n", IW_OK, NULL, 0, 0},
    {"white space and a mark in front",
     DOC("\xEF\xBB\xBF \n  \xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?><urlset><url><loc>a</loc></url>\n"
         "<url><loc>b</loc></url></urlset>"),
     "PAGE 2:62 loc a\nPAGE 3:11 loc b\n", IW_OK, NULL, 0, 0},
    {"hyphens in a comment", DOC("<urlset><!------ a -- b ------><url><loc>c</loc></url></urlset>"),
     "PAGE 1:42 loc c\n", IW_OK, NULL, 0, 0},
    {"an encoding that cannot be",
     DOC("<?xml version='1.0' encoding='utf-16'?><urlset><url><loc>\xC3\xA9</loc></url></urlset>"),
     "PAGE 1:58 loc \xC3\xA9\n", IW_OK, NULL, 0, 0},
    {"more than ASCII", DOC("<?xml version='1.0' encoding='US-ASCII'?><urlset><url><loc>\xC3\xA9</loc></url></urlset>"),
     "PAGE 1:60 loc \xC3\xA9\n", IW_OK, NULL, 0, 0},
};

static const struct reading_case converted[] = {
    {"ISO 8859-1",
     DOC("\n<?xml version='1.0' encoding='ISO-8859-1'?>\n<urlset><url><loc>\n  \xE9?a&b&amp;c</loc></url></urlset>"),
     "PAGE 4:3 loc \xC3\xA9?a&b&c\n", IW_OK, NULL, 0, 0},
    {"UTF-16LE with a mark",
     DOC("\xFF\xFE<\0u\0r\0l\0s\0e\0t\0>\0\n\0<\0u\0r\0l\0>\0<\0l\0o\0c\0>\0a\0<\0/\0l\0o\0c\0>\0"
         "<\0/\0u\0r\0l\0>\0<\0/\0u\0r\0l\0s\0e\0t\0>\0"),
     "PAGE 2:11 loc a\n", IW_OK, NULL, 0, 0},
    {"UTF-16BE with a mark",
     DOC("\xFE\xFF\0<\0u\0r\0l\0s\0e\0t\0>\0<\0u\0r\0l\0>\0<\0l\0o\0c\0>\x4E\x0A\0<\0/\0l\0o\0c\0>"
         "\0<\0/\0u\0r\0l\0>\0<\0/\0u\0r\0l\0s\0e\0t\0>"),
     "PAGE 1:19 loc \xE4\xB8\x8A\n", IW_OK, NULL, 0, 0},
};

/* What ends a document; the URLs before it stand. */
static const struct reading_case fatal[] = {
    {"billion laughs",
     DOC("<?xml version='1.0'?>\n<!DOCTYPE lolz [<!ENTITY lol 'lol'><!ENTITY lol2 "
         "'&lol;&lol;&lol;&lol;&lol;&lol;&lol;'>"
         "<!ENTITY lol3 '&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;'>]>\n<urlset><url><loc>&lol3;</loc></url></urlset>"),
     "", IW_ERR_SYNTAX, "a DOCTYPE is refused", 0, 0},
    {"external entity",
     DOC("<!DOCTYPE urlset [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>&x;</loc></url></urlset>"), "",
     IW_ERR_SYNTAX, "a DOCTYPE is refused", 0, 0},
    {"RSS",
     DOC("<?xml version='1.0'?>\n <rss version='2.0'><channel><item><link>http://a/</link></item></channel></rss>"), "",
     IW_ERR_SYNTAX, "this is a feed (RSS/Atom), not a sitemap: its first element is <rss>", 0, 0},
    {"RDF", DOC("<?xml version='1.0'?><rdf:RDF xmlns:rdf='x'/>"), "", IW_ERR_SYNTAX, "this is a feed (RSS/Atom)", 0, 0},
    {"another root", DOC("<?xml version='1.0'?><catalogue><url><loc>a</loc></url></catalogue>"), "", IW_ERR_SYNTAX,
     "this is no sitemap: expected <urlset> or <sitemapindex>, found <catalogue>", 0, 0},
    {"cut in an end tag", DOC("<urlset><url><loc>a</loc></url>\n<url><loc>b</lo"), "PAGE 1:19 loc a\nPAGE 2:11 loc b\n",
     IW_ERR_SYNTAX, "the document ends early", 0, 0},
    {"cut in the next tag", DOC("<urlset><url><loc>b<"), "", IW_ERR_SYNTAX, "the document ends early", 0, 0},
    {"cut in a URL", DOC("<urlset><url><loc>a</loc></url><url><loc>http://b/"), "PAGE 1:19 loc a\n", IW_ERR_SYNTAX,
     "the document ends early", 0, 0},
    {"cut in a CDATA section", DOC("<urlset><url><loc><![CDATA[http://b/"), "", IW_ERR_SYNTAX,
     "the document ends early", 0, 0},
    {"cut behind a URL", DOC("<sitemapindex><sitemap><loc>a</loc><las"), "DOCUMENT 1:29 loc a\n", IW_ERR_SYNTAX,
     "the document ends early", 0, 0},
    {"end tag missing", DOC("<urlset><url><loc>a</loc></url>"), "PAGE 1:19 loc a\n", IW_ERR_SYNTAX,
     "the document ends early", 0, 0},
    {"malformed later", DOC("<urlset><url><loc>a</loc></url>\n<url x><loc>b</loc></url></urlset>"), "PAGE 1:19 loc a\n",
     IW_ERR_SYNTAX, "the XML is not well-formed: Specification mandates value for attribute x", 2, 7},
    {"crossed tags", DOC("<urlset><url><loc>a</url></loc></urlset>"), "PAGE 1:19 loc a\n", IW_ERR_SYNTAX,
     "Opening and ending tag mismatch", 1, 26},
    {"text behind the end", DOC("<urlset><url><loc>a</loc></url></urlset>\njunk and more"), "PAGE 1:19 loc a\n",
     IW_ERR_SYNTAX, "the XML is not well-formed: Extra content", 0, 0},
    {"no such encoding", DOC("<?xml version='1.0' encoding='klingon'?><urlset/>"), "", IW_ERR_SYNTAX, "klingon", 0, 0},
    {"nothing", DOC(""), "", IW_ERR_SYNTAX, "the XML is not well-formed", 0, 0},
};

static void rows_of_elements(void **state)
{
    (void)state;
    check_cases("sitemap", elements, IW_ARRAY_LEN(elements));
}

static void rows_of_texts(void **state)
{
    (void)state;
    check_cases("sitemap", texts, IW_ARRAY_LEN(texts));
}

static void rows_of_mended(void **state)
{
    (void)state;
    check_cases("sitemap", mended, IW_ARRAY_LEN(mended));
}

static void rows_of_converted(void **state)
{
    (void)state;
    check_cases("sitemap", converted, IW_ARRAY_LEN(converted));
}

static void rows_of_fatal(void **state)
{
    (void)state;
    check_cases("sitemap", fatal, IW_ARRAY_LEN(fatal));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_elements),  cmocka_unit_test(rows_of_texts), cmocka_unit_test(rows_of_mended),
        cmocka_unit_test(rows_of_converted), cmocka_unit_test(rows_of_fatal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
