/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Pages that are made to keep a reader busy, or to fill its memory: each is a pattern that repeats, fed as a stream.
 * Time is bounded by what is left of a test's; memory is measured. */
#include "base/iw.h"
#include "source_feed.h"

#include <sys/resource.h>

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED true
#elif defined(__has_feature)
#define IS_SANITIZED __has_feature(address_sanitizer)
#else
#define IS_SANITIZED false
#endif

/* Sanitizers and valgrind are slow: less of the same. MIB is what a stream has, LARGE the one that is longer. */
enum { MIB = 1 << 20, STREAM_BYTES = 2 * MIB, LARGE_BYTES = IS_SANITIZED ? 4 * MIB : 100 * MIB };

/* What the reader may hold: values of a tag, text of a script, images seen. */
enum { MOST_KILOBYTES = 12 * 1024 };

struct heard {
    uint64_t leads, complaints;
    char complaint[100], last[100]; /* the first complaint; the last URL */
};

static enum iw_err on_lead(void *user, const struct iw_lead *lead)
{
    struct heard *heard = user;
    heard->leads++;
    (void)snprintf(heard->last, sizeof heard->last, "%.*s", IW_STR_ARGS(lead->url));
    return IW_OK;
}

static void on_complaint(void *user, unsigned line, unsigned column, const char *text)
{
    (void)line;
    (void)column;
    struct heard *heard = user;
    if (heard->complaints++ == 0)
        (void)snprintf(heard->complaint, sizeof heard->complaint, "%s", text);
}

static long peak_kilobytes(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

/* One page: a beginning, a pattern as often as it takes, an end. */
struct stream {
    const char *what, *kind, *start;
    struct iw_str pattern;
    const char *end;
    const char *last;      /* the last URL; NULL: none at all */
    const char *complaint; /* the first; NULL: none */
};

static enum iw_err read_stream(const struct stream *stream, uint64_t bytes, uint64_t max_page_bytes,
                               struct heard *heard, struct iw_diag *diag)
{
    const struct iw_reader_limits limits = {
        .max_inflated_bytes = UINT64_MAX, .max_bytes = UINT64_MAX, .max_page_bytes = max_page_bytes};
    const struct iw_source_events events = {.lead = on_lead, .complaint = on_complaint, .user = heard};
    struct iw_reader *reader = NULL;
    struct iw_buf block;
    iw_buf_init(&block, 1 << 20);
    while (block.len < 65536)
        iw_buf_add_str(&block, stream->pattern);
    assert_int_equal(iw_reader_new(iw_source_find(iw_str_from(stream->kind)), IW_STR(""), &limits, &events, &reader),
                     IW_OK);
    enum iw_err err = iw_reader_feed(reader, stream->start, strlen(stream->start), diag);
    for (uint64_t at = 0; at < bytes && err == IW_OK; at += block.len)
        err = iw_reader_feed(reader, block.ptr, block.len, diag);
    if (err == IW_OK)
        err = iw_reader_feed(reader, stream->end, strlen(stream->end), diag);
    if (err == IW_OK)
        err = iw_reader_finish(reader, diag);
    iw_reader_free(reader);
    iw_buf_release(&block);
    return err;
}

static const char TOO_LONG[] = "the URL is too long and was passed over";

static const struct stream streams[] = {
    {"unclosed tags", "html", "", DOC("<div>"), "<img src=a>", "a", NULL},
    {"unclosed and stray tags", "html", "", DOC("<b></i>"), "<img src=a>", "a", NULL},
    {"tags within SVG", "html", "<svg>", DOC("<g><svg><math><foreignObject>"), "<img src=a>", "a", NULL},
    {"attributes without end", "html", "<img src=a ", DOC("b=c d "), "><img src=e>", "e", NULL},
    {"the same attribute again", "html", "<img ", DOC("srcset='a 1x' "), "><img src=b>", "b", NULL},
    {"an attribute's name without end", "html", "<img ", DOC("a"), "=b src=c>", "c", NULL},
    {"an element's name without end", "html", "<", DOC("a"), " src=b><img src=c>", "c", NULL},
    {"a value without end", "html", "<img src='", DOC("a"), "'><img src=b>", "b", TOO_LONG},
    {"a value of references", "html", "<img src='", DOC("&amp;"), "'><img src=b>", "b", TOO_LONG},
    {"a value of NUL", "html", "<img src='", DOC("\0"), "'><img src=b>", "b", TOO_LONG},
    {"a value that is never closed", "html", "<img src='", DOC("a>"), "", NULL,
     "the page ends within this tag, which was passed over"},
    {"a srcset without end", "html", "<img srcset='", DOC("a 1x, "), "'><img src=b>", "b", TOO_LONG},
    {"a style without end", "html", "<p style='", DOC("a:b;"), "'><img src=b>", "b", TOO_LONG},
    {"NUL bytes", "html", "", DOC("\0"), "<img src=a>", "a", NULL},
    {"every byte", "html", "", DOC("\xC0\xFF\xFE\x80\x01\x7F\x1B$B"), "<img src=a>", "a", NULL},
    {"less-than signs", "html", "", DOC("<"), "img src=a>", "a", NULL},
    {"the beginnings of end tags", "html", "<title>", DOC("</titl"), "</title><img src=a>", "a", NULL},
    {"a comment of dashes", "html", "<!--", DOC("--!-"), "--><img src=a>", "a", NULL},
    {"a comment without end", "html", "<!--", DOC("<img src=a>"), "", NULL, NULL},
    {"declarations", "html", "", DOC("<!"), "><img src=a>", "a", NULL},
    {"CDATA of brackets", "html", "<svg><![CDATA[", DOC("]"), "]]><image href=a />", "a", NULL},
    {"scripts that are escaped", "html", "<script>", DOC("<!--<script></script>"), "--></script><img src=a>", "a",
     NULL},
    {"a style element of brackets", "html", "<style>", DOC("{(["), "</style><img src=a>", "a", NULL},
    {"JSON-LD of brackets", "html", "<script type=application/ld+json>", DOC("[{\"a\":"), "</script><img src=a>", "a",
     "the JSON-LD is too long and was passed over"},
    {"noscript", "html", "", DOC("<noscript>"), "<img src=a>", "a", NULL},
    {"bases", "html", "", DOC("<base href=a>"), "<img src=b>", "b", NULL},
    {"meta elements of charsets", "html", "", DOC("<meta charset=gbk><img src=\xFF>"), "<img src=a>", "a", NULL},
    {"a style sheet of backslashes", "css", "a{b:url(", DOC("\\"), ")}c{d:url(e)}", "e", TOO_LONG},
    {"a style sheet of parentheses", "css", "a{b:", DOC("image-set(("), "}c{d:url(e)}", "e", NULL},
    {"a style sheet of blocks", "css", "", DOC("@font-face{"), "", NULL, NULL},
    {"a style sheet of comments", "css", "", DOC("/**/*/"), "a{b:url(c)}", "c", NULL},
};

static bool is_as_expected(const struct stream *stream, uint64_t bytes)
{
    struct heard heard = {0};
    struct iw_diag diag = {0};
    long before = peak_kilobytes();
    enum iw_err err = read_stream(stream, bytes, 0, &heard, &diag);
    long grown = peak_kilobytes() - before;
    bool is_last = stream->last ? strcmp(heard.last, stream->last) == 0 : heard.leads == 0;
    bool is_complaint = stream->complaint ? strcmp(heard.complaint, stream->complaint) == 0 : heard.complaints == 0;
    bool is_small = IS_SANITIZED || grown <= MOST_KILOBYTES;
    if (err != IW_OK || !is_last || !is_complaint || !is_small)
        print_error("%s: error %d \"%s\", last \"%s\", complaint \"%s\", %ld kB more\n", stream->what, (int)err,
                    diag.text, heard.last, heard.complaint, grown);
    return err == IW_OK && is_last && is_complaint && is_small;
}

static void every_stream(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < IW_ARRAY_LEN(streams); i++)
        wrong += !is_as_expected(&streams[i], STREAM_BYTES);
    assert_int_equal(wrong, 0);
}

static void a_hundred_megabytes_of_unclosed_tags(void **state)
{
    (void)state;
    assert_true(is_as_expected(&streams[0], LARGE_BYTES));
}

/* By default a page ends long before: with a message, and with what was found. */
static void the_limit_of_a_page(void **state)
{
    (void)state;
    static const struct stream page = {"a page", "html", "<img src=a>", DOC("<b>"), "<img src=b>", NULL, NULL};
    struct heard heard = {0};
    struct iw_diag diag = {0};
    assert_int_equal(read_stream(&page, STREAM_BYTES, MIB, &heard, &diag), IW_ERR_LIMIT);
    assert_string_equal(diag.text, "the page is larger than 1048576 bytes and was read to there");
    assert_int_equal(heard.leads, 1);
    assert_string_equal(heard.last, "a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_stream),
        cmocka_unit_test(a_hundred_megabytes_of_unclosed_tags),
        cmocka_unit_test(the_limit_of_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
