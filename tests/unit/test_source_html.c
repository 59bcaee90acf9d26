/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Pages: what is named, where, and what only looks like it. Each document is read whole and in pieces, and the harness
 * looks at each place. */
#include "base/iw.h"
#include "source_feed.h"

static void images(void **state)
{
    (void)state;
    static const struct reading_case rows[] = {
        {"nothing", DOC("<p>a"), "", IW_OK, NULL, 0, 0},
        {"img", DOC("<!doctype html>\n<p><img alt='' src=\"a.png\">"), "IMAGE 2:21 img@src a.png\n", IW_OK, NULL, 0, 0},
        {"no quotes", DOC("<img src=a.png>"), "IMAGE 1:10 img@src a.png\n", IW_OK, NULL, 0, 0},
        {"a slash behind no quotes", DOC("<img src=a/>"), "IMAGE 1:10 img@src a/\n", IW_OK, NULL, 0, 0},
        {"upper case", DOC("<IMG SRC='a.png'>"), "IMAGE 1:11 img@src a.png\n", IW_OK, NULL, 0, 0},
        {"spaces and lines", DOC("<img\n src =\n '\n a.png '/>"), "IMAGE 4:2 img@src a.png\n", IW_OK, NULL, 0, 0},
        {"the first attribute counts", DOC("<img src=a src=b>"), "IMAGE 1:10 img@src a\n", IW_OK, NULL, 0, 0},
        {"an empty first one counts, too", DOC("<img src src=b><img src='' src=b>"), "", IW_OK, NULL, 0, 0},
        {"no space between", DOC("<img alt=''src='a'>"), "IMAGE 1:17 img@src a\n", IW_OK, NULL, 0, 0},
        {"slashes between", DOC("<img/alt/src='a'/>"), "IMAGE 1:15 img@src a\n", IW_OK, NULL, 0, 0},
        {"a name with an equals sign", DOC("<img =src=a src=b>"), "IMAGE 1:17 img@src b\n", IW_OK, NULL, 0, 0},
        {"a greater-than sign in quotes", DOC("<img alt='>' src=a>"), "IMAGE 1:18 img@src a\n", IW_OK, NULL, 0, 0},
        {"a fragment, nothing, about:", DOC("<img src=#a><img src><img src=' '><img src=about:blank>"), "", IW_OK, NULL,
         0, 0},
        {"the old spelling", DOC("<image src=a>"), "IMAGE 1:12 img@src a\n", IW_OK, NULL, 0, 0},
        {"an end tag", DOC("</img src=a>"), "", IW_OK, NULL, 0, 0},
        {"not closed", DOC("<p>\n <img src=a"), "! 2:2 the page ends within this tag, which was passed over\n", IW_OK,
         NULL, 0, 0},
        {"cut where nothing is lost", DOC("<img"), "", IW_OK, NULL, 0, 0},
        {"cut in an attribute that is not read", DOC("<p title='a"), "", IW_OK, NULL, 0, 0},
        {"another element", DOC("<imgs src=a><script src=b></script>"), "", IW_OK, NULL, 0, 0},
        {"a data URI", DOC("<img src='data:image/png;base64,AA=='>"), "IMAGE 1:11 img@src data:image/png;base64,AA==\n",
         IW_OK, NULL, 0, 0},
        {"references", DOC("<img src='a?b=1&amp;c=2&copy=3&#x64;&colon;'>"), "IMAGE 1:11 img@src a?b=1&c=2&copy=3d:\n",
         IW_OK, NULL, 0, 0},
        {"a reference first", DOC("<img src='&#97;.png'>"), "IMAGE 1:11 img@src a.png\n", IW_OK, NULL, 0, 0},
        {"srcset", DOC("<img srcset='a.png 1x,\n b.png 2x, c 2q'>"),
         "IMAGE 1:14 img@srcset a.png\nIMAGE 2:2 img@srcset b.png\n", IW_OK, NULL, 0, 0},
        {"srcset with references", DOC("<img srcset='a?b&amp;c 1x, d&amp;e 2x, f 3x'>"),
         "IMAGE 1:14 img@srcset a?b&c\nIMAGE 1:28 img@srcset d&e\nIMAGE 1:40 img@srcset f\n", IW_OK, NULL, 0, 0},
        {"in the order of the page", DOC("<img srcset='a 2x' src=b>"),
         "IMAGE 1:14 img@srcset a\nIMAGE 1:24 img@src b\n", IW_OK, NULL, 0, 0},
        {"picture", DOC("<picture><source srcset=a type=image/avif><source srcset='b 1x'><img src=c></picture>"),
         "IMAGE 1:25 source@srcset a\nIMAGE 1:59 source@srcset b\nIMAGE 1:74 img@src c\n", IW_OK, NULL, 0, 0},
        {"sound", DOC("<audio><source src=a></audio>"), "", IW_OK, NULL, 0, 0},
        {"lazy", DOC("<img data-src=a data-srcset='b 1x' data-original=c data-lazy-src=d data-lazy-srcset=e>"),
         "IMAGE 1:15 img@data-src a\nIMAGE 1:30 img@data-srcset b\nIMAGE 1:50 img@data-original c\n"
         "IMAGE 1:66 img@data-lazy-src d\nIMAGE 1:85 img@data-lazy-srcset e\n",
         IW_OK, NULL, 0, 0},
        {"lazy backgrounds", DOC("<div data-bg=a></div><p data-bg='url(b)'><p data-background-image=c>"),
         "IMAGE 1:14 @data-bg a\nIMAGE 1:38 @style b\nIMAGE 1:67 @data-background-image c\n", IW_OK, NULL, 0, 0},
        {"video", DOC("<video poster=a src=b></video>"), "IMAGE 1:15 video@poster a\n", IW_OK, NULL, 0, 0},
        {"input", DOC("<input src=a><input type=IMAGE src=b><input type=text src=c>"), "IMAGE 1:36 input@src b\n",
         IW_OK, NULL, 0, 0},
        {"object",
         DOC("<object data=a type=image/svg+xml></object><object data=b type=text/html></object>"
             "<object data=c></object><embed src=d type=Image/png>"),
         "IMAGE 1:14 object@data a\nFILE 1:96 object@data c\nIMAGE 1:118 embed@src d\n", IW_OK, NULL, 0, 0},
        {"background", DOC("<table background=a><td background=b>"),
         "IMAGE 1:19 @background a\nIMAGE 1:36 @background b\n", IW_OK, NULL, 0, 0},
    };
    check_cases("html", rows, IW_ARRAY_LEN(rows));
}

static void robots_are_asked(void **state)
{
    (void)state;
    static const struct reading_case rows[] = {
        {"from there on", DOC("<img src=a><meta name=Robots content='noindex, NoImageIndex'><img src=b><a href=c>"),
         "IMAGE 1:10 img@src a\nIMAGE 1:71 img@src b but noimageindex\nLINK 1:81 a@href c but noimageindex\n", IW_OK,
         NULL, 0, 0},
        {"by name", DOC("<meta content=none name=imgweigh><meta name=otherbot content=noimageindex><a href=a>"),
         "LINK 1:83 a@href a but nofollow\n", IW_OK, NULL, 0, 0},
        {"rel", DOC("<a href=a rel='noopener NOFOLLOW'><area rel=nofollow href=b><a href=c rel=nofollower>"),
         "LINK 1:9 a@href a but nofollow\nLINK 1:59 area@href b but nofollow\nLINK 1:69 a@href c\n", IW_OK, NULL, 0, 0},
        {"not of others", DOC("<meta property=robots content=none><meta name=robots><a href=a>"),
         "LINK 1:62 a@href a\n", IW_OK, NULL, 0, 0},
    };
    check_cases("html", rows, IW_ARRAY_LEN(rows));
}

static void places(void **state)
{
    (void)state;
    static const struct reading_case rows[] = {
        {"both sides", DOC("<img src=a width=300 height=200>"), "IMAGE 1:10 img@src a in 300x200\n", IW_OK, NULL, 0, 0},
        {"in any order", DOC("<img height='200' width=\" 300px \" src=a>"), "IMAGE 1:39 img@src a in 300x200\n", IW_OK,
         NULL, 0, 0},
        {"one side", DOC("<img src=a width=300><img src=b height=7.9>"),
         "IMAGE 1:10 img@src a in 300x0\nIMAGE 1:31 img@src b in 0x7\n", IW_OK, NULL, 0, 0},
        {"no lengths", DOC("<img src=a width=50% height=auto><img src=b width=50.5% height=0><img src=c width=-3>"),
         "IMAGE 1:10 img@src a\nIMAGE 1:43 img@src b\nIMAGE 1:75 img@src c\n", IW_OK, NULL, 0, 0},
        {"without end", DOC("<img src=a width=99999999999999999999 height=1000001>"), "IMAGE 1:10 img@src a\n", IW_OK,
         NULL, 0, 0},
        {"srcset by density", DOC("<img width=300 height=200 srcset='a, b 2x, c 1.5x, d 2e0x'>"),
         "IMAGE 1:35 img@srcset a in 300x200\nIMAGE 1:38 img@srcset b of 600x400\nIMAGE 1:44 img@srcset c of 450x300\n"
         "IMAGE 1:52 img@srcset d\n",
         IW_OK, NULL, 0, 0},
        {"srcset by width", DOC("<img width=300 srcset='a 640w, b 1280w 960h'><source srcset='c 320w'>"),
         "IMAGE 1:24 img@srcset a of 640x0\nIMAGE 1:32 img@srcset b of 1280x960\nIMAGE 1:62 source@srcset c of 320x0\n",
         IW_OK, NULL, 0, 0},
        {"others that have one",
         DOC("<video poster=a width=10><input type=image src=b width=20><img data-src=c width=30><table background=d "
             "width=40><svg><image href=e width=50></svg><iframe src=f width=60>"),
         "IMAGE 1:15 video@poster a in 10x0\nIMAGE 1:48 input@src b in 20x0\nIMAGE 1:73 img@data-src c in 30x0\n"
         "IMAGE 1:102 @background d\nIMAGE 1:130 svg image@href e\nLINK 1:159 iframe@src f\n",
         IW_OK, NULL, 0, 0},
    };
    check_cases("html", rows, IW_ARRAY_LEN(rows));
}

static void links_and_meta(void **state)
{
    (void)state;
    static const struct reading_case rows[] = {
        {"icons", DOC("<link rel='shortcut icon' href=a><link href=b rel=Apple-Touch-Icon><link rel=mask-icon href=c>"),
         "IMAGE 1:32 link icon a\nIMAGE 1:45 link apple-touch-icon b\nIMAGE 1:93 link mask-icon c\n", IW_OK, NULL, 0,
         0},
        {"preload", DOC("<link rel=preload as=image href=a imagesrcset='b 1x, c 2x'><link rel=preload as=font href=d>"),
         "IMAGE 1:33 link preload a\nIMAGE 1:48 link@imagesrcset b\nIMAGE 1:54 link@imagesrcset c\n", IW_OK, NULL, 0,
         0},
        {"image_src", DOC("<link rel=image_src href=a>"), "IMAGE 1:26 link image_src a\n", IW_OK, NULL, 0, 0},
        {"style sheets", DOC("<link rel=stylesheet href=a><link rel='alternate stylesheet' href=b>"),
         "STYLE 1:27 link stylesheet a\nSTYLE 1:67 link stylesheet b\n", IW_OK, NULL, 0, 0},
        {"others", DOC("<link rel=canonical href=a><link href=b><link rel=icon>"), "", IW_OK, NULL, 0, 0},
        {"og:image", DOC("<meta property=og:image content='a'><meta content=b property='og:image:secure_url'>"),
         "IMAGE 1:34 meta og:image a\nIMAGE 1:51 meta og:image:secure_url b\n", IW_OK, NULL, 0, 0},
        {"by name",
         DOC("<meta name=og:image content=a><meta name=Twitter:Image content=b>"
             "<meta property=twitter:image:src content=c><meta name=twitter:image3 content=d><meta "
             "name=twitter:image:alt content=e>"),
         "IMAGE 1:29 meta og:image a\nIMAGE 1:64 meta twitter:image b\nIMAGE 1:107 meta twitter:image:src c\n"
         "IMAGE 1:143 meta twitter:image3 d\n",
         IW_OK, NULL, 0, 0},
        {"other meta", DOC("<meta property=og:image:width content=1><meta name=description content=a>"), "", IW_OK,
         NULL, 0, 0},
        {"microdata", DOC("<meta itemprop=image content=a><link itemprop=image href=b>"),
         "IMAGE 1:30 meta image a\nIMAGE 1:58 link image b\n", IW_OK, NULL, 0, 0},
        {"links", DOC("<a href=a>b</a><a href=#c><a href=mailto:d><a href='javascript:e'><area href=f><iframe src=g>"),
         "LINK 1:9 a@href a\nLINK 1:78 area@href f\nLINK 1:92 iframe@src g\n", IW_OK, NULL, 0, 0},
        {"base", DOC("<img src=a><base href=' /b/ '><base href=c><img src=d>"),
         "IMAGE 1:10 img@src a\nIMAGE 1:53 img@src d at /b/\n", IW_OK, NULL, 0, 0},
        {"a base without address", DOC("<base target=a><base href=b><img src=c>"), "IMAGE 1:38 img@src c at b\n", IW_OK,
         NULL, 0, 0},
        {"noscript", DOC("<img data-src=a><noscript><img src=a><img src=b></noscript><img src=a>"),
         "IMAGE 1:15 img@data-src a\nIMAGE 1:47 img@src b\nIMAGE 1:69 img@src a\n", IW_OK, NULL, 0, 0},
    };
    check_cases("html", rows, IW_ARRAY_LEN(rows));
}

static void styles_and_scripts(void **state)
{
    (void)state;
    static const struct reading_case rows[] = {
        {"style attribute", DOC("<p style=\"background: url('a.png'), url(b.png)\">"),
         "IMAGE 1:28 @style a.png\nIMAGE 1:41 @style b.png\n", IW_OK, NULL, 0, 0},
        {"style attribute with references", DOC("<p style='background:\n url(&quot;a.png&quot;)'>"),
         "IMAGE 2:12 @style a.png\n", IW_OK, NULL, 0, 0},
        {"style element", DOC("<style>\n@import 'a';b{c:url(d)}</style><img src=e>"),
         "STYLE 2:10 style @import a\nIMAGE 2:21 style d\nIMAGE 2:41 img@src e\n", IW_OK, NULL, 0, 0},
        {"tags in a style element", DOC("<style>a{b:'<img src=c>';d:url(e)}</style>"), "IMAGE 1:32 style e\n", IW_OK,
         NULL, 0, 0},
        {"a style element without end", DOC("<style>a{b:url(c"), "IMAGE 1:16 style c\n", IW_OK, NULL, 0, 0},
        {"a script", DOC("<script>document.write('<img src=a>')</script><img src=b>"), "IMAGE 1:56 img@src b\n", IW_OK,
         NULL, 0, 0},
        {"an escaped script", DOC("<script><!--<script></script><img src=a>--></script><img src=b>"),
         "IMAGE 1:62 img@src b\n", IW_OK, NULL, 0, 0},
        {"a script that is escaped once", DOC("<script><!-- </script><img src=a>-->"), "IMAGE 1:32 img@src a\n", IW_OK,
         NULL, 0, 0},
        {"a comment that ends at once", DOC("<script><!--><script></script><img src=a>"), "IMAGE 1:40 img@src a\n",
         IW_OK, NULL, 0, 0},
        {"JSON-LD", DOC("<script type='application/ld+json'>{\"@type\":\"Product\",\n \"image\": \"a.png\"}</script>"),
         "IMAGE 2:12 JSON-LD image a.png\n", IW_OK, NULL, 0, 0},
        {"JSON-LD lists and objects",
         DOC("<script type=\"application/ld+json;charset=utf-8\">[{\"image\":[\"a\",{\"url\":\"b\",\"name\":\"c\","
             "\"contentUrl\":[\"d\"]}],\"url\":\"e\",\"logo\":{\"url\":\"f\"}}]</script>"),
         "IMAGE 1:62 JSON-LD image a\nIMAGE 1:73 JSON-LD image b\nIMAGE 1:102 JSON-LD image d\nIMAGE 1:133 JSON-LD "
         "logo "
         "f\n",
         IW_OK, NULL, 0, 0},
        {"JSON-LD escapes",
         DOC("<script type=application/ld+json>{\"image\":\"https:\\/\\/a\\/\\u00e4\\ud83d\\ude00\"}"),
         "IMAGE 1:44 JSON-LD image https://a/\xC3\xA4\xF0\x9F\x98\x80\n", IW_OK, NULL, 0, 0},
        {"JSON-LD by type",
         DOC("<script type=application/ld+json>{\"@graph\":[{\"@type\":\"ImageObject\",\"url\":\"a\"},"
             "{\"@type\":\"Person\",\"url\":\"b\"}]}"),
         "IMAGE 1:75 JSON-LD ImageObject a\n", IW_OK, NULL, 0, 0},
        {"other JSON", DOC("<script type=application/json>{\"image\":\"a\"}</script>"), "", IW_OK, NULL, 0, 0},
        {"broken JSON-LD", DOC("<script type=application/ld+json>]}{\"image\":\"a\",,\"b\"\"image\":[{\"c\\"),
         "IMAGE 1:46 JSON-LD image a\n", IW_OK, NULL, 0, 0},
    };
    check_cases("html", rows, IW_ARRAY_LEN(rows));
}

static void what_is_no_tag(void **state)
{
    (void)state;
    static const struct reading_case rows[] = {
        {"title", DOC("<title><img src=a></title><img src=b>"), "IMAGE 1:36 img@src b\n", IW_OK, NULL, 0, 0},
        {"text area", DOC("<textarea><img src=a></textare></textarea><img src=b>"), "IMAGE 1:52 img@src b\n", IW_OK,
         NULL, 0, 0},
        {"raw text", DOC("<xmp><img src=a></xmp><noembed><img src=b></noembed><iframe><img src=c></iframe><img src=d>"),
         "IMAGE 1:90 img@src d\n", IW_OK, NULL, 0, 0},
        {"an end tag of raw text", DOC("<title></TITLE\n><img src=a>"), "IMAGE 2:11 img@src a\n", IW_OK, NULL, 0, 0},
        {"plain text", DOC("<plaintext></plaintext><img src=a>"), "", IW_OK, NULL, 0, 0},
        {"comments", DOC("<!-- <img src=a> --><!--><img src=b><!---><img src=c><!-- --!><img src=d>"),
         "IMAGE 1:35 img@src b\nIMAGE 1:52 img@src c\nIMAGE 1:72 img@src d\n", IW_OK, NULL, 0, 0},
        {"comments with dashes", DOC("<!-- - -- --- > <img src=a> ---><img src=b>"), "IMAGE 1:42 img@src b\n", IW_OK,
         NULL, 0, 0},
        {"a comment without end", DOC("<!-- <img src=a>"), "", IW_OK, NULL, 0, 0},
        {"declarations", DOC("<!doctype html '<img src=a>'><?php <img src=b> ?><!x <img src=c></ <img src=d>"), "",
         IW_OK, NULL, 0, 0},
        {"a less-than sign", DOC("1 < 2 <<img src=a>"), "IMAGE 1:17 img@src a\n", IW_OK, NULL, 0, 0},
        {"CDATA in HTML", DOC("<![CDATA[ <img src=a> ]]><img src=b>"), "IMAGE 1:35 img@src b\n", IW_OK, NULL, 0, 0},
        {"NUL bytes", DOC("<\0img src=a>\0<img\0 src=b><img src=c\0d>"),
         "IMAGE 1:35 img@src c\xEF\xBF\xBD"
         "d\n",
         IW_OK, NULL, 0, 0},
    };
    check_cases("html", rows, IW_ARRAY_LEN(rows));
}

static void foreign(void **state)
{
    (void)state;
    static const struct reading_case rows[] = {
        {"svg", DOC("<svg><image href=a /><image xlink:href='b'></image><feImage href=c /></svg>"),
         "IMAGE 1:18 svg image@href a\nIMAGE 1:41 svg image@href b\nIMAGE 1:66 svg feImage@href c\n", IW_OK, NULL, 0,
         0},
        {"a title in it", DOC("<svg><title><b></title><image href=a /></svg>"), "IMAGE 1:36 svg image@href a\n", IW_OK,
         NULL, 0, 0},
        {"CDATA in it", DOC("<svg><style><![CDATA[a{b:url(c)}]]></style></svg>"), "IMAGE 1:30 style c\n", IW_OK, NULL,
         0, 0},
        {"a style in it", DOC("<svg><style>a{b:url(c)}</style><image href=d /></svg>"),
         "IMAGE 1:21 style c\nIMAGE 1:44 svg image@href d\n", IW_OK, NULL, 0, 0},
        {"an empty style in it", DOC("<svg><style/><image href=a /></svg>"), "IMAGE 1:26 svg image@href a\n", IW_OK,
         NULL, 0, 0},
        {"HTML in it", DOC("<svg><foreignObject><img src=a><style></b></style></foreignObject><image href=b /></svg>"),
         "IMAGE 1:30 img@src a\nIMAGE 1:79 svg image@href b\n", IW_OK, NULL, 0, 0},
        {"HTML ends it", DOC("<svg><g><p><title><img src=a></title>"), "", IW_OK, NULL, 0, 0},
        {"a styled font ends it", DOC("<svg><font><image href=a /><font size=1><image src=b>"),
         "IMAGE 1:24 svg image@href a\nIMAGE 1:52 img@src b\n", IW_OK, NULL, 0, 0},
        {"no MathML in it", DOC("<svg><math><title><b></title><image href=a /></math></svg>"),
         "IMAGE 1:42 svg image@href a\n", IW_OK, NULL, 0, 0},
        {"behind it", DOC("<svg></svg><image src=a>"), "IMAGE 1:23 img@src a\n", IW_OK, NULL, 0, 0},
        {"closed at once", DOC("<svg/><image src=a>"), "IMAGE 1:18 img@src a\n", IW_OK, NULL, 0, 0},
        {"MathML", DOC("<math><mi><img src=a></mi><annotation-xml><style><img src=b>"),
         "IMAGE 1:20 img@src a\nIMAGE 1:59 img@src b\n", IW_OK, NULL, 0, 0},
    };
    check_cases("html", rows, IW_ARRAY_LEN(rows));
}

static void encodings(void **state)
{
    (void)state;
    static const struct reading_case rows[] = {
        {"a byte order mark", DOC("\xEF\xBB\xBF<img src=\xC3\xA4>"), "IMAGE 1:10 img@src \xC3\xA4\n", IW_OK, NULL, 0,
         0},
        {"nothing said, UTF-8", DOC("<img src=\xC3\xA4>"), "IMAGE 1:10 img@src \xC3\xA4\n", IW_OK, NULL, 0, 0},
        {"nothing said, something else", DOC("<img src=\xE4\x80>"), "IMAGE 1:10 img@src \xC3\xA4\xE2\x82\xAC\n", IW_OK,
         NULL, 0, 0},
        {"meta charset", DOC("<meta charset=koi8-r><img src=\xC1>"), "IMAGE 1:31 img@src \xD0\xB0\n", IW_OK, NULL, 0,
         0},
        {"meta http-equiv",
         DOC("<meta http-equiv=Content-Type content='text/html; charset=Shift_JIS'><img src='\x83\x5C 1.png'>"),
         "IMAGE 1:80 img@src \xE3\x82\xBD 1.png\n", IW_OK, NULL, 0, 0},
        {"the first word counts", DOC("<meta charset=utf-8><meta charset=koi8-r><img src=\xC3\xA4>"),
         "IMAGE 1:51 img@src \xC3\xA4\n", IW_OK, NULL, 0, 0},
        {"an unknown name", DOC("<meta charset=foo><meta charset=koi8-r><img src=\xC1>"),
         "IMAGE 1:49 img@src \xD0\xB0\n", IW_OK, NULL, 0, 0},
        {"not of the encoding", DOC("<meta charset=gbk><img src=a\xFF\xFF.png>"),
         "IMAGE 1:28 img@src a\xEF\xBF\xBD\xEF\xBF\xBD.png\n", IW_OK, NULL, 0, 0},
        {"UTF-16", DOC("\xFF\xFE<\0i\0m\0g\0 \0s\0r\0c\0=\0\xE4\0>\0"), "IMAGE 1:10 img@src \xC3\xA4\n", IW_OK, NULL, 0,
         0},
    };
    check_cases("html", rows, IW_ARRAY_LEN(rows));
}

/* What the HTTP header says counts more than what the page says. */
static void a_header_counts_more(void **state)
{
    (void)state;
    struct reading r = {0};
    iw_buf_init(&r.said, 1 << 16);
    const struct iw_source_events events = {.lead = reading_lead, .complaint = reading_complaint, .user = &r};
    struct iw_reader *reader = NULL;
    struct iw_diag diag = {0};
    assert_int_equal(iw_reader_new(NULL, IW_STR(""), &source_limits, &events, &reader), IW_OK);
    assert_int_equal(iw_reader_content_type(reader, IW_STR("text/html; Charset=\"KOI8-R\"")), IW_OK);
    static const struct iw_str page = DOC("<html><meta charset=utf-8><img src=\xC1>");
    assert_int_equal(iw_reader_feed(reader, page.ptr, page.len, &diag), IW_OK);
    assert_int_equal(iw_reader_finish(reader, &diag), IW_OK);
    iw_reader_free(reader);
    iw_buf_add_char(&r.said, '\0');
    assert_string_equal(r.said.ptr, "IMAGE 1:36 img@src \xD0\xB0\n");
    reading_release(&r);
}

static void recognition(void **state)
{
    (void)state;
    static const struct {
        struct iw_str document;
        const char *name, *kind; /* NULL: none */
        enum iw_lead_role role;
    } rows[] = {
        {DOC("<!DOCTYPE html><p>"), "", "html", IW_LEAD_IMAGE},
        {DOC("\n <!-- a --> <HTML lang=en>"), "", "html", IW_LEAD_IMAGE},
        {DOC("<?xml version='1.0'?><html xmlns='a'>"), "", "html", IW_LEAD_IMAGE},
        {DOC("<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN'>"), "", "html", IW_LEAD_IMAGE},
        {DOC("<title>a</title>"), "", "html", IW_LEAD_IMAGE},
        {DOC("<foo>"), "", NULL, IW_LEAD_IMAGE},
        {DOC("<foo>"), "a.html", "html", IW_LEAD_IMAGE},
        {DOC("Hello, <b>world</b>"), "a.html", "html", IW_LEAD_IMAGE},
        {DOC("<!DOCTYPE html><p>"), "", NULL, IW_LEAD_DOCUMENT},
        {DOC("<urlset></urlset>"), "a.html", "sitemap", IW_LEAD_IMAGE},
        {DOC("<urlset></urlset>"), "", NULL, IW_LEAD_PAGE},
        {DOC("http://a/\n"), "", NULL, IW_LEAD_PAGE},
        {DOC("a{b:url(c)}"), "a.css", "css", IW_LEAD_IMAGE},
        {DOC("a{b:url(c)}"), "", "css", IW_LEAD_STYLE},
        {DOC("<!DOCTYPE html>"), "", "css", IW_LEAD_STYLE},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        const struct iw_source *kind = iw_source_sniff(rows[i].document, iw_str_from(rows[i].name), rows[i].role, NULL);
        if ((kind != NULL) != (rows[i].kind != NULL) || (kind && strcmp(kind->name, rows[i].kind) != 0))
            fail_msg("row %zu: %s", i, kind ? kind->name : "none");
    }
}

static void style_sheets(void **state)
{
    (void)state;
    static const struct reading_case rows[] = {
        {"a sheet", DOC("\xEF\xBB\xBF@import 'a';\nb{c:url(d)}"), "STYLE 1:10 @import a\nIMAGE 2:9 url() d\n", IW_OK,
         NULL, 0, 0},
        {"UTF-16", DOC("\xFE\xFF\0a\0{\0b\0:\0u\0r\0l\0(\0\xE4\0)"), "IMAGE 1:9 url() \xC3\xA4\n", IW_OK, NULL, 0, 0},
    };
    check_cases("css", rows, IW_ARRAY_LEN(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images),
        cmocka_unit_test(places),
        cmocka_unit_test(robots_are_asked),
        cmocka_unit_test(links_and_meta),
        cmocka_unit_test(styles_and_scripts),
        cmocka_unit_test(what_is_no_tag),
        cmocka_unit_test(foreign),
        cmocka_unit_test(encodings),
        cmocka_unit_test(a_header_counts_more),
        cmocka_unit_test(recognition),
        cmocka_unit_test(style_sheets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
