/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Long documents: places far down, memory that does not grow with the document, work that grows with its size only. */
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

/* Lead number n must stand at line first_line + n * lines_each, in a column. */
struct counter {
    uint64_t leads, wrong;
    unsigned first_line, lines_each, column;
};

static enum iw_err count(void *user, const struct iw_lead *lead)
{
    struct counter *c = user;
    bool is_right = lead->line == c->first_line + c->leads * c->lines_each && lead->column == c->column;
    c->wrong += !is_right;
    c->leads++;
    return IW_OK;
}

static void complain(void *user, unsigned line, unsigned column, const char *text)
{
    (void)line;
    (void)column;
    (void)text;
    struct counter *c = user;
    c->wrong++;
}

static struct iw_reader *open_reader(struct counter *c)
{
    const struct iw_source_events events = {.lead = count, .complaint = complain, .user = c};
    struct iw_reader *reader = NULL;
    assert_int_equal(iw_reader_new(NULL, IW_STR("x"), &source_limits, &events, &reader), IW_OK);
    return reader;
}

static void feed(struct iw_reader *reader, struct iw_str text)
{
    struct iw_diag diag = {0};
    enum iw_err err = iw_reader_feed(reader, text.ptr, text.len, &diag);
    if (err != IW_OK)
        print_error("%u:%u: %s\n", diag.line, diag.column, diag.text);
    assert_int_equal(err, IW_OK);
}

static void feed_lines(struct iw_reader *reader, const char *line, unsigned times)
{
    struct iw_buf block;
    iw_buf_init(&block, 1 << 20);
    while (times) {
        unsigned n = IW_MIN(times, 500u);
        for (unsigned i = 0; i < n; i++)
            iw_buf_add_str(&block, iw_str_from(line));
        feed(reader, iw_buf_str(&block));
        iw_buf_clear(&block);
        times -= n;
    }
    iw_buf_release(&block);
}

static void close_reader(struct iw_reader *reader)
{
    struct iw_diag diag = {0};
    assert_int_equal(iw_reader_finish(reader, &diag), IW_OK);
    iw_reader_free(reader);
}

/* libxml2 keeps line numbers of nodes in 16 bits; ours go on. */
static void a_hundred_thousand_lines(void **state)
{
    (void)state;
    struct counter c = {.first_line = 2, .lines_each = 1, .column = 11};
    struct iw_reader *reader = open_reader(&c);
    feed(reader, IW_STR("<urlset>\n"));
    feed_lines(reader, "<url><loc>http://a/?b&amp;c</loc></url>\n", 100000);
    feed(reader, IW_STR("</urlset>"));
    close_reader(reader);
    assert_int_equal(c.leads, 100000);
    assert_int_equal(c.wrong, 0);
}

/* The same where libxml2's own count is used, and where the filter changes every line. */
static void converted_and_mended_lines(void **state)
{
    (void)state;
    static const struct iw_str starts[] = {
        DOC("<?xml version='1.0' encoding='iso-8859-1'?><urlset>\n"),
        DOC("<?xml version='1.0' encoding='utf-8'?><urlset>\n"),
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(starts); i++) {
        struct counter c = {.first_line = 2, .lines_each = 1, .column = 11};
        struct iw_reader *reader = open_reader(&c);
        feed(reader, starts[i]);
        feed_lines(reader, "<url><loc>http://a/?b&c\xE9\x01&nbsp;</loc></url>\n", 70000);
        feed(reader, IW_STR("</urlset>"));
        close_reader(reader);
        assert_int_equal(c.leads, 70000);
        assert_int_equal(c.wrong, 0);
    }
}

/* Newlines and changes that no URL follows are let go of. */
static void nothing_but_newlines(void **state)
{
    (void)state;
    struct counter c = {.first_line = 3000002, .lines_each = 1, .column = 11};
    struct iw_reader *reader = open_reader(&c);
    feed(reader, IW_STR("<urlset>\n"));
    feed_lines(reader, "\n\n\n\n\n\n\n\n\x01\n\x02\n", 300000);
    feed(reader, IW_STR("<url><loc>a</loc></url></urlset>"));
    close_reader(reader);
    assert_int_equal(c.leads, 1);
    assert_int_equal(c.wrong, 0);
}

static long peak_kilobytes(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

static void sixteen_megabytes(void **state)
{
    (void)state;
    static const char line[] =
        "<url><loc>https://www.example.com/catalogue/item?id=1234567&amp;view=large</loc><lastmod>2026-01"
        "</lastmod></url>\n";
    enum { BYTES = 16 << 20, LINES = BYTES / (sizeof line - 1) };
    struct counter c = {.first_line = 2, .lines_each = 1, .column = 11};
    struct iw_reader *reader = open_reader(&c);
    feed(reader, IW_STR("<urlset>\n"));
    feed_lines(reader, line, LINES / 4);
    long before = peak_kilobytes();
    feed_lines(reader, line, LINES - LINES / 4);
    long behind = peak_kilobytes();
    feed(reader, IW_STR("</urlset>"));
    close_reader(reader);
    assert_int_equal(c.leads, LINES);
    assert_int_equal(c.wrong, 0);
    if (!IS_SANITIZED) /* freed memory is kept back there */
        assert_in_range(behind - before, 0, 1024);
}

static void a_long_list(void **state)
{
    (void)state;
    struct counter c = {.first_line = 1, .lines_each = 1, .column = 1};
    struct iw_reader *reader = open_reader(&c);
    feed_lines(reader, "https://www.example.com/images/1234567.jpg\r\n", 250000);
    close_reader(reader);
    assert_int_equal(c.leads, 250000);
    assert_int_equal(c.wrong, 0);
}

/* What libxml2 collects before it can judge is bounded: an element that never ends is an error, not a full memory. */
static void an_endless_element(void **state)
{
    (void)state;
    static const char *const starts[] = {"<urlset><!-- ", "<urlset><url a='", "<urlset><url ", "<?pi ",
                                         "<urlset><![CDATA["};
    char *block = malloc(1 << 20);
    memset(block, 'x', 1 << 20);
    for (size_t i = 0; i < IW_ARRAY_LEN(starts); i++) {
        struct counter c = {0};
        const struct iw_source_events events = {.lead = count, .complaint = complain, .user = &c};
        struct iw_reader *reader = NULL;
        struct iw_diag diag = {0};
        assert_int_equal(iw_reader_new(iw_source_find(IW_STR("sitemap")), IW_STR(""), &source_limits, &events, &reader),
                         IW_OK);
        enum iw_err err = iw_reader_feed(reader, starts[i], strlen(starts[i]), &diag);
        for (unsigned n = 0; n < 24 && err == IW_OK; n++)
            err = iw_reader_feed(reader, block, 1 << 20, &diag);
        if (err == IW_OK)
            err = iw_reader_finish(reader, &diag);
        assert_int_equal(err, IW_ERR_SYNTAX);
        assert_int_equal(c.leads, 0);
        iw_reader_free(reader);
    }
    free(block);
}

/* libxml2's stack of open elements has no end of its own. */
static void nested_too_deeply(void **state)
{
    (void)state;
    struct counter c = {0};
    const struct iw_source_events events = {.lead = count, .complaint = complain, .user = &c};
    struct iw_reader *reader = NULL;
    struct iw_diag diag = {0};
    assert_int_equal(iw_reader_new(iw_source_find(IW_STR("sitemap")), IW_STR(""), &source_limits, &events, &reader),
                     IW_OK);
    enum iw_err err = iw_reader_feed(reader, "<urlset>", 8, &diag);
    for (unsigned n = 0; n < 254 && err == IW_OK; n++)
        err = iw_reader_feed(reader, "<a>", 3, &diag);
    assert_int_equal(err, IW_OK);
    err = iw_reader_feed(reader, "<a><a><a><a>", 12, &diag);
    assert_int_equal(err, IW_ERR_SYNTAX);
    assert_string_equal(diag.text, "elements are nested too deeply");
    iw_reader_free(reader);
}

/* A URL element of a million lines is one complaint, and the places behind it are right. */
static void a_million_lines_in_one_element(void **state)
{
    (void)state;
    struct counter c = {.first_line = 1500003, .lines_each = 1, .column = 11};
    struct iw_reader *reader = open_reader(&c);
    feed(reader, IW_STR("<urlset>\n<url><loc>"));
    feed_lines(reader, "\n", 1500000);
    feed(reader, IW_STR("</loc></url>\n<url><loc>a</loc></url></urlset>"));
    close_reader(reader);
    assert_int_equal(c.leads, 1);
    assert_int_equal(c.wrong, 1); /* the complaint */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hundred_thousand_lines),
        cmocka_unit_test(converted_and_mended_lines),
        cmocka_unit_test(nothing_but_newlines),
        cmocka_unit_test(sixteen_megabytes),
        cmocka_unit_test(a_long_list),
        cmocka_unit_test(an_endless_element),
        cmocka_unit_test(nested_too_deeply),
        cmocka_unit_test(a_million_lines_in_one_element),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
