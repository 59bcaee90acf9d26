/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The splicer: what comes out is the document with the edits' spans replaced, whatever the parts it is asked for; and
 * parts are whole lines that fit. */
#include "base/iw.h"
#include "request/request.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>

struct edits {
    const struct iw_edit *list;
    size_t count, given, fail_at;
};

static enum iw_err next_edit(void *user, struct iw_edit *out, bool *out_has)
{
    struct edits *edits = user;
    if (edits->fail_at && edits->given + 1 == edits->fail_at)
        return IW_ERR_IO;
    *out_has = edits->given < edits->count;
    if (*out_has)
        *out = edits->list[edits->given++];
    return IW_OK;
}

/* All pieces before each of the ends, the last of which is the document's. */
static enum iw_err splice(const char *document, const char *spool, struct edits *edits, const uint64_t *ends,
                          size_t end_count, struct iw_buf *out)
{
    struct iw_splice s;
    struct iw_piece piece;
    enum iw_err err = IW_OK;
    iw_splice_begin(&s, next_edit, edits);
    for (size_t i = 0; i < end_count && err == IW_OK; i++) {
        while ((err = iw_splice_next(&s, ends[i], &piece)) == IW_OK && piece.span.len) {
            const char *from = piece.is_spooled ? spool : document;
            assert_true(piece.span.at + piece.span.len <= strlen(from));
            iw_buf_add(out, from + piece.span.at, (size_t)piece.span.len);
        }
        if (err == IW_OK && i + 1 < end_count)
            iw_buf_add_char(out, '|');
    }
    return err == IW_OK ? iw_splice_finish(&s) : err;
}

#define DOCUMENT "0123456789"
#define SPOOL    "abcdefghij"
static const struct {
    const char *what;
    struct iw_edit edits[3];
    size_t count;
    uint64_t ends[3];
    size_t end_count;
    enum iw_err err;
    const char *result;
} rows[] = {
    {"no edit", {{{0, 0}, {0, 0}}}, 0, {10}, 1, IW_OK, "0123456789"},
    {"no edit, three parts", {{{0, 0}, {0, 0}}}, 0, {3, 4, 10}, 3, IW_OK, "012|3|456789"},
    {"an empty part", {{{0, 0}, {0, 0}}}, 0, {0, 10, 10}, 3, IW_OK, "|0123456789|"},
    {"at the beginning", {{{0, 2}, {0, 3}}}, 1, {10}, 1, IW_OK, "abc23456789"},
    {"at the end", {{{8, 2}, {0, 3}}}, 1, {10}, 1, IW_OK, "01234567abc"},
    {"all of it", {{{0, 10}, {9, 1}}}, 1, {10}, 1, IW_OK, "j"},
    {"taken out", {{{2, 3}, {0, 0}}}, 1, {10}, 1, IW_OK, "0156789"},
    {"all taken out", {{{0, 10}, {0, 0}}}, 1, {10}, 1, IW_OK, ""},
    {"put in", {{{2, 0}, {4, 2}}}, 1, {10}, 1, IW_OK, "01ef23456789"},
    {"put in at the beginning", {{{0, 0}, {4, 2}}}, 1, {10}, 1, IW_OK, "ef0123456789"},
    {"put in behind a replacement", {{{2, 2}, {0, 1}}, {{4, 0}, {1, 1}}}, 2, {10}, 1, IW_OK, "01ab456789"},
    {"touching", {{{2, 2}, {0, 1}}, {{4, 2}, {1, 1}}}, 2, {10}, 1, IW_OK, "01ab6789"},
    {"the spool in any order", {{{2, 1}, {8, 2}}, {{5, 1}, {0, 2}}}, 2, {10}, 1, IW_OK, "01ij34ab6789"},
    {"an edit in each part", {{{2, 1}, {8, 2}}, {{5, 1}, {0, 2}}}, 2, {3, 6, 10}, 3, IW_OK, "01ij|34ab|6789"},
    {"put in where a part begins", {{{3, 0}, {0, 1}}}, 1, {3, 10}, 2, IW_OK, "012|a3456789"},
    {"overlap", {{{2, 3}, {0, 1}}, {{4, 2}, {1, 1}}}, 2, {10}, 1, IW_ERR_INTERNAL, "01a"},
    {"wrong order", {{{5, 1}, {0, 1}}, {{1, 1}, {1, 1}}}, 2, {10}, 1, IW_ERR_INTERNAL, "01234a"},
    {"beyond the end", {{{8, 3}, {0, 1}}}, 1, {10}, 1, IW_ERR_INTERNAL, ""},
    {"behind the end", {{{11, 1}, {0, 1}}}, 1, {10}, 1, IW_ERR_INTERNAL, "0123456789"},
    {"put in at the end", {{{10, 0}, {0, 1}}}, 1, {10}, 1, IW_ERR_INTERNAL, "0123456789"},
    {"over a part's end", {{{2, 2}, {0, 1}}}, 1, {3, 10}, 2, IW_ERR_INTERNAL, ""},
    {"an overflow", {{{2, UINT64_MAX}, {0, 1}}}, 1, {10}, 1, IW_ERR_INTERNAL, ""},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct edits edits = {rows[i].edits, rows[i].count, 0, 0};
        struct iw_buf out;
        iw_buf_init(&out, 1000);
        enum iw_err err = splice(DOCUMENT, SPOOL, &edits, rows[i].ends, rows[i].end_count, &out);
        if (err != rows[i].err || !iw_str_eq(iw_buf_str(&out), iw_str_from(rows[i].result)))
            fail_msg("%s: %s, \"%.*s\"", rows[i].what, iw_err_text(err), IW_STR_ARGS(iw_buf_str(&out)));
        iw_buf_release(&out);
    }
}

static void test_edits_that_cannot_be_read(void **state)
{
    (void)state;
    static const struct iw_edit list[] = {{{2, 1}, {0, 1}}, {{4, 1}, {1, 1}}};
    for (size_t fail_at = 1; fail_at <= 3; fail_at++) {
        struct edits edits = {list, 2, 0, fail_at};
        struct iw_buf out;
        iw_buf_init(&out, 1000);
        assert_int_equal(splice(DOCUMENT, SPOOL, &edits, &(uint64_t){10}, 1, &out), IW_ERR_IO);
        iw_buf_release(&out);
    }
}

/* ---- parts ---- */

static enum iw_err split(const char *document, struct edits *edits, uint64_t max_bytes, size_t step, size_t ceiling,
                         struct iw_buf *ends, struct iw_diag *diag)
{
    struct iw_split s;
    enum iw_err err = IW_OK;
    iw_buf_init(ends, ceiling * sizeof(uint64_t));
    iw_split_begin(&s, max_bytes, next_edit, edits, ends);
    size_t len = strlen(document);
    for (size_t at = 0; at < len && err == IW_OK; at += step)
        err = iw_split_feed(&s, document + at, IW_MIN(step, len - at), diag);
    return err == IW_OK ? iw_split_finish(&s, diag) : err;
}

static const struct {
    const char *what, *document;
    struct iw_edit edits[2];
    size_t count;
    uint64_t max_bytes;
    enum iw_err err;
    const char *ends;
} splits[] = {
    {"all in one", "aa\nbb\ncc\n", {{{0, 0}, {0, 0}}}, 0, 9, IW_OK, "9"},
    {"two lines and one", "aa\nbb\ncc\n", {{{0, 0}, {0, 0}}}, 0, 8, IW_OK, "6 9"},
    {"each its own", "aa\nbb\ncc\n", {{{0, 0}, {0, 0}}}, 0, 3, IW_OK, "3 6 9"},
    {"no newline at the end", "aa\nbb\ncc", {{{0, 0}, {0, 0}}}, 0, 6, IW_OK, "6 8"},
    {"empty lines", "\n\naa\n\n", {{{0, 0}, {0, 0}}}, 0, 4, IW_OK, "2 6"},
    {"nothing", "", {{{0, 0}, {0, 0}}}, 0, 4, IW_OK, "0"},
    {"an edit makes a line longer", "aa\nbb\ncc\n", {{{3, 1}, {0, 4}}}, 1, 6, IW_OK, "3 6 9"},
    {"an edit makes a line shorter", "aaaa\nbb\ncc\n", {{{1, 3}, {0, 0}}}, 1, 5, IW_OK, "8 11"},
    {"put in where a line begins", "aa\nbb\n", {{{3, 0}, {0, 2}}}, 1, 5, IW_OK, "3 6"},
    {"a line alone is too long", "aa\nbbbb\n", {{{0, 0}, {0, 0}}}, 0, 4, IW_ERR_LIMIT, "line 2"},
    {"an edit makes it too long", "aa\nbb\n", {{{0, 1}, {0, 3}}}, 1, 4, IW_ERR_LIMIT, "line 1"},
    {"an edit over the end of a line", "aa\nbb\n", {{{1, 3}, {0, 1}}}, 1, 4, IW_ERR_INTERNAL, ""},
};

static void test_splits(void **state)
{
    (void)state;
    for (size_t i = 0; i < IW_ARRAY_LEN(splits); i++) {
        for (size_t step = 1; step <= 9; step++) {
            struct edits edits = {splits[i].edits, splits[i].count, 0, 0};
            struct iw_buf ends;
            struct iw_diag diag = {0};
            char said[200] = "";
            enum iw_err err = split(splits[i].document, &edits, splits[i].max_bytes, step, 100, &ends, &diag);
            for (size_t k = 0; k < ends.len / sizeof(uint64_t) && err == IW_OK; k++)
                (void)snprintf(said + strlen(said), sizeof said - strlen(said), "%s%llu", k ? " " : "",
                               (unsigned long long)((const uint64_t *)(const void *)ends.ptr)[k]);
            if (err == IW_ERR_LIMIT)
                (void)snprintf(said, sizeof said, "line %u", diag.line);
            if (err != splits[i].err || strcmp(said, splits[i].ends) != 0)
                fail_msg("%s, by %zu: %s, \"%s\"", splits[i].what, step, iw_err_text(err), said);
            iw_buf_release(&ends);
        }
    }
}

static void test_too_many_parts(void **state)
{
    (void)state;
    struct edits edits = {0};
    struct iw_buf ends;
    struct iw_diag diag = {0};
    assert_int_equal(split("a\nb\nc\n", &edits, 2, 6, 2, &ends, &diag), IW_ERR_LIMIT);
    assert_non_null(strstr(diag.text, "more than 2 parts"));
    iw_buf_release(&ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_edits_that_cannot_be_read),
        cmocka_unit_test(test_splits),
        cmocka_unit_test(test_too_many_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
