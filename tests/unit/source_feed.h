/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* For the tests of source/: a document goes through a reader in pieces of a given size, and what it says is written
 * down, a line for each lead and complaint, so that a whole reading is compared as one text. */
#ifndef IW_TESTS_SOURCE_FEED_H
#define IW_TESTS_SOURCE_FEED_H

#include "base/buf.h"
#include "source/source.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

/* A document in a static table; it may hold NUL bytes. */
#define DOC(literal)                                                                                                   \
    {                                                                                                                  \
        literal, sizeof(literal) - 1                                                                                   \
    }

struct reading {
    struct iw_buf said; /* "IMAGE 3:5 image:loc http://..." and "! 3:5 text" */
    size_t leads, complaints;
    char *first, *last; /* URLs of the first and last lead */
    const struct iw_source *kind;
    enum iw_err err;
    struct iw_diag diag;
    size_t stop_at;         /* the lead that is answered with IW_ERR_INTERRUPTED; 0: none */
    struct iw_str original; /* where every place is looked up; empty: it is not plain text, or long */
    bool is_csv;
};

/* The byte at a place; line ends are LF, CRLF and, in text, CR. -1: there is no such place. */
static inline int byte_at(struct iw_str text, unsigned line, unsigned column, bool has_cr_lines)
{
    size_t at = iw_str_starts(text, IW_STR("\xEF\xBB\xBF")) ? 3 : 0;
    for (; line > 1 && at < text.len; at++) {
        bool is_crlf = at + 1 < text.len && text.ptr[at] == '\r' && text.ptr[at + 1] == '\n';
        line -= text.ptr[at] == '\n' || (has_cr_lines && text.ptr[at] == '\r' && !is_crlf);
    }
    struct iw_str rest = iw_str_skip(text, at);
    size_t end = iw_str_find(rest, '\n');
    return line == 1 && column >= 1 && column - 1 < end ? (unsigned char)rest.ptr[column - 1] : -1;
}

static const struct iw_reader_limits source_limits = {
    .max_inflated_bytes = 1u << 30, .max_bytes = 1u << 30, .max_line_bytes = 64u << 10};

static inline enum iw_err reading_lead(void *user, const struct iw_lead *lead)
{
    static const char *const roles[] = {"IMAGE", "DOCUMENT", "PAGE", "STYLE", "LINK", "FILE"};
    struct reading *r = user;
    if (r->original.len) { /* the URL stands where it is said to stand, itself or as a reference */
        int byte =
            byte_at(r->original, lead->line, lead->column, r->is_csv || !lead->element || lead->element[0] == 'S');
        bool is_string = lead->image && byte == '"'; /* of a request file: its quote */
        assert_true(is_string || byte == (unsigned char)lead->url.ptr[0] || byte == '&' || byte == '\\' ||
                    byte >= 0x80);
    }
    iw_buf_printf(&r->said, "%s %u:%u %s %.*s", roles[lead->role], lead->line, lead->column,
                  lead->element ? lead->element : "-", IW_STR_ARGS(lead->url));
    if (lead->place_width_px || lead->place_height_px)
        iw_buf_printf(&r->said, " %s %ux%u", lead->place_is_exact ? "of" : "in", lead->place_width_px,
                      lead->place_height_px);
    if (lead->wishes)
        iw_buf_printf(&r->said, " but%s%s", lead->wishes & IW_WISH_NO_LINKS ? " nofollow" : "",
                      lead->wishes & IW_WISH_NO_IMAGES ? " noimageindex" : "");
    iw_buf_printf(&r->said, "%s%.*s\n", lead->base.len ? " at " : "", IW_STR_ARGS(lead->base));
    r->leads++;
    free(r->last);
    r->last = strndup(lead->url.ptr, lead->url.len);
    if (!r->first)
        r->first = strdup(r->last);
    return r->stop_at && r->leads == r->stop_at ? IW_ERR_INTERRUPTED : IW_OK;
}

static inline void reading_complaint(void *user, unsigned line, unsigned column, const char *text)
{
    struct reading *r = user;
    iw_buf_printf(&r->said, "! %u:%u %s\n", line, column, text);
    r->complaints++;
}

static inline void reading_release(struct reading *r)
{
    iw_buf_release(&r->said);
    free(r->first);
    free(r->last);
}

/* Reads a document in pieces of at most piece bytes (0: whole). stop_at: see above. */
static inline struct reading read_as(const char *kind, const char *name, struct iw_str document, size_t piece,
                                     const struct iw_reader_limits *limits, size_t stop_at)
{
    struct reading r = {.stop_at = stop_at, .is_csv = kind && strcmp(kind, "csv") == 0};
    bool is_plain = document.len && (unsigned char)document.ptr[0] < 0xF0 && document.ptr[0] != 0x1F && document.ptr[0];
    if (is_plain && document.len < 65536)
        r.original = document;
    iw_buf_init(&r.said, 64u << 20);
    const struct iw_source_events events = {.lead = reading_lead, .complaint = reading_complaint, .user = &r};
    struct iw_reader *reader = NULL;
    const struct iw_source *source = kind ? iw_source_find(iw_str_from(kind)) : NULL;
    assert_true(!kind || source);
    assert_int_equal(iw_reader_new(source, iw_str_from(name), limits, &events, &reader), IW_OK);
    while (document.len && r.err == IW_OK) {
        size_t n = piece ? IW_MIN(piece, document.len) : document.len;
        char *copy = malloc(n); /* exactly as long: a sanitizer sees a step beyond */
        memcpy(copy, document.ptr, n);
        r.err = iw_reader_feed(reader, copy, n, &r.diag);
        free(copy);
        document = iw_str_skip(document, n);
    }
    if (r.err == IW_OK)
        r.err = iw_reader_finish(reader, &r.diag);
    assert_int_equal(r.err, r.err == IW_OK ? IW_OK : r.diag.code);
    r.kind = iw_reader_kind(reader);
    iw_reader_free(reader);
    iw_buf_add_char(&r.said, '\0');
    assert_int_equal(r.said.err, IW_OK);
    return r;
}

/* The reading of the whole document, after it was checked that the same is read byte by byte and in odd pieces. */
static inline struct reading read_every_way(const char *kind, const char *name, struct iw_str document)
{
    static const size_t pieces[] = {1, 2, 3, 7, 61, 997};
    struct reading whole = read_as(kind, name, document, 0, &source_limits, 0);
    for (size_t i = 0; i < IW_ARRAY_LEN(pieces); i++) {
        struct reading part = read_as(kind, name, document, pieces[i], &source_limits, 0);
        assert_string_equal(part.said.ptr, whole.said.ptr);
        assert_int_equal(part.err, whole.err);
        assert_string_equal(part.diag.text, whole.diag.text);
        assert_int_equal(part.diag.line, whole.diag.line);
        assert_int_equal(part.diag.column, whole.diag.column);
        assert_ptr_equal(part.kind, whole.kind);
        reading_release(&part);
    }
    return whole;
}

/* One row of a table: what a document must say. */
struct reading_case {
    const char *what;
    struct iw_str document;
    const char *said;
    enum iw_err err;
    const char *why;       /* part of the error's text */
    unsigned line, column; /* of the error; line 0: not compared */
};

static inline bool is_as_said(const char *kind, const struct reading_case *row)
{
    struct reading r = read_every_way(kind, "", row->document);
    bool is_right = strcmp(r.said.ptr, row->said) == 0 && r.err == row->err &&
                    strstr(r.diag.text, row->why ? row->why : "") &&
                    (row->line == 0 || (r.diag.line == row->line && r.diag.column == row->column));
    if (!is_right)
        print_error("%s: error %d \"%s\" at %u:%u, said:\n%s-- instead of error %d \"%s\" at %u:%u:\n%s--\n", row->what,
                    (int)r.err, r.diag.text, r.diag.line, r.diag.column, r.said.ptr, (int)row->err,
                    row->why ? row->why : "", row->line, row->column, row->said);
    reading_release(&r);
    return is_right;
}

/* Checks all rows, so that one run shows all that is wrong. */
static inline void check_cases(const char *kind, const struct reading_case *rows, size_t count)
{
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++)
        wrong += !is_as_said(kind, &rows[i]);
    assert_int_equal(wrong, 0);
}

#endif
