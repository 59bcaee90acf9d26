/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What the fuzz targets of source/ share: a document is read whole and in pieces; what it says must be the same, and
 * every lead must keep the promises of source.h. */
#ifndef IW_TESTS_SOURCE_FUZZ_H
#define IW_TESTS_SOURCE_FUZZ_H

#include "base/buf.h"
#include "source/source.h"

#undef NDEBUG
#include <assert.h>
#include <stdlib.h>

enum { FUZZ_LINE_BYTES = 200, FUZZ_INFLATED_BYTES = 1 << 20 };

struct fuzz_reading {
    struct iw_buf leads, complaints;
    unsigned line;  /* of the last lead */
    bool is_nested; /* what stands within a text is told before that text, which ends behind it */
    enum iw_err err;
};

static inline enum iw_err fuzz_lead(void *user, const struct iw_lead *lead)
{
    struct fuzz_reading *r = user;
    assert(lead->url.len > 0 && lead->url.len <= FUZZ_LINE_BYTES);
    assert((unsigned char)lead->url.ptr[0] > ' ' && (unsigned char)lead->url.ptr[lead->url.len - 1] > ' ');
    assert(lead->role <= IW_LEAD_FILE);
    assert(lead->line >= 1 && lead->column >= 1 && (lead->line >= r->line || r->is_nested));
    r->line = lead->line;
    iw_buf_printf(&r->leads, "%d %u:%u %s %.*s\n", (int)lead->role, lead->line, lead->column,
                  lead->element ? lead->element : "-", IW_STR_ARGS(lead->url));
    return IW_OK;
}

static inline void fuzz_complaint(void *user, unsigned line, unsigned column, const char *text)
{
    struct fuzz_reading *r = user;
    assert(line >= 1 && column >= 1 && text && text[0]);
    iw_buf_printf(&r->complaints, "%u:%u %s\n", line, column, text);
}

/* Reads data in pieces; each piece is a block of its own, so that a step beyond it is seen. */
static inline struct fuzz_reading fuzz_read(const char *kind, const uint8_t *data, size_t size, size_t piece)
{
    static const struct iw_reader_limits limits = {
        .max_inflated_bytes = FUZZ_INFLATED_BYTES, .max_bytes = 1 << 24, .max_line_bytes = FUZZ_LINE_BYTES};
    struct fuzz_reading r = {.is_nested = !kind || strcmp(kind, "feed") == 0};
    iw_buf_init(&r.leads, 64 << 20);
    iw_buf_init(&r.complaints, 64 << 20);
    const struct iw_source_events events = {.lead = fuzz_lead, .complaint = fuzz_complaint, .user = &r};
    struct iw_reader *reader = NULL;
    struct iw_diag diag = {0};
    const struct iw_source *source = kind ? iw_source_find(iw_str_from(kind)) : NULL;
    assert(!kind || source);
    if (iw_reader_new(source, IW_STR("fuzz"), &limits, &events, &reader) != IW_OK)
        abort();
    for (size_t at = 0; at < size && r.err == IW_OK; at += piece) {
        size_t n = IW_MIN(piece, size - at);
        char *copy = malloc(n);
        if (!copy)
            abort();
        memcpy(copy, data + at, n);
        r.err = iw_reader_feed(reader, copy, n, &diag);
        free(copy);
    }
    if (r.err == IW_OK)
        r.err = iw_reader_finish(reader, &diag);
    assert(r.err == IW_OK || r.err == IW_ERR_SYNTAX || r.err == IW_ERR_LIMIT || r.err == IW_ERR_INPUT);
    assert(r.err == IW_OK || (diag.code == r.err && diag.text[0]));
    assert(r.leads.err == IW_OK && r.complaints.err == IW_OK);
    iw_reader_free(reader);
    return r;
}

static inline bool fuzz_is_same(const struct iw_buf *a, const struct iw_buf *b)
{
    return iw_str_eq(iw_buf_str(a), iw_buf_str(b));
}

static inline void fuzz_release(struct fuzz_reading *r)
{
    iw_buf_release(&r->leads);
    iw_buf_release(&r->complaints);
}

/* Whole and in pieces, with the same result. */
static inline void fuzz_every_way(const char *kind, const uint8_t *data, size_t size)
{
    static const size_t pieces[] = {1, 5};
    struct fuzz_reading whole = fuzz_read(kind, data, size, size ? size : 1);
    for (size_t i = 0; i < IW_ARRAY_LEN(pieces); i++) {
        struct fuzz_reading part = fuzz_read(kind, data, size, pieces[i]);
        assert(part.err == whole.err);
        assert(fuzz_is_same(&part.leads, &whole.leads));
        assert(fuzz_is_same(&part.complaints, &whole.complaints));
        fuzz_release(&part);
    }
    fuzz_release(&whole);
}

#endif
