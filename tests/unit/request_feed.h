/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* For the tests of request/: a file goes through a reader in pieces of a given size, and what it says is written down,
 * so that a whole reading is compared as one text. Every span is looked up in the file. */
#ifndef IW_TESTS_REQUEST_FEED_H
#define IW_TESTS_REQUEST_FEED_H

#include "request/request.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

struct request_reading {
    struct iw_str document;
    struct iw_buf said; /* a line for each call, image and fault */
    bool is_long;       /* also what is known of inline images */
    enum iw_err err;
    struct iw_diag diag;
    struct iw_request_file file;
};

/* The offset of a place. */
static inline uint64_t offset_of(struct iw_str text, unsigned line, unsigned column)
{
    size_t at = 0;
    for (; line > 1 && at < text.len; at++)
        line -= text.ptr[at] == '\n';
    bool has_mark = at == 0 && iw_str_starts(text, IW_STR("\xEF\xBB\xBF"));
    return at + column - 1 + (has_mark ? 3 : 0);
}

static inline void check_span(const struct request_reading *r, struct iw_span span, char first, char last)
{
    if (!span.len)
        return;
    assert_true(span.at + span.len <= r->document.len);
    assert_int_equal(r->document.ptr[span.at], first);
    assert_int_equal(r->document.ptr[span.at + span.len - 1], last);
}

/* From a key's quote to its value. */
static inline void check_key(const struct request_reading *r, struct iw_span span)
{
    struct iw_str text = iw_str_sub(r->document, (size_t)span.at, (size_t)span.len);
    assert_true(!span.len || (text.len == span.len && text.ptr[0] == '"' && iw_str_find(text, ':') < text.len));
}

static inline void say_image(struct request_reading *r, const struct iw_call_image *image)
{
    static const char *const carriers[] = {"url", "data", "base64", "id", "other"};
    check_span(r, image->value, '"', '"');
    check_span(r, image->label, '"', '"');
    check_span(r, image->kind, '"', '"');
    bool has_key = image->inlining == IW_INLINE_MEMBERS;
    assert_true(has_key == (image->key.len > 0) && has_key == (image->data_key != NULL));
    assert_true((image->outer.len > 0) == (image->outer_key != NULL));
    check_key(r, image->key);
    check_key(r, image->outer);
    assert_true(!has_key || image->key.at + image->key.len == image->value.at);
    assert_int_equal(image->value.at, offset_of(r->document, image->line, image->column));
    assert_true((image->carrier == IW_CARRIER_DATA_URI || image->carrier == IW_CARRIER_BASE64) ==
                (image->inlined != NULL));
    struct iw_str written = {r->document.ptr + image->value.at + 1, image->value.len - 2};
    if (!image->inlined && iw_str_find(written, '\\') == written.len && image->text.len < 60000)
        assert_true(iw_str_eq(written, image->text));
    iw_buf_printf(&r->said, "%s %u:%u %.*s", carriers[image->carrier], image->line, image->column,
                  IW_STR_ARGS(image->path));
    if (image->has_detail)
        iw_buf_printf(&r->said, " %.*s", IW_STR_ARGS(image->detail));
    if (image->label.len)
        iw_buf_printf(&r->said, " [%.*s]", (int)image->label.len, r->document.ptr + image->label.at);
    if (!r->is_long || !image->inlined) {
        iw_buf_printf(&r->said, " %.*s\n", IW_STR_ARGS(image->text));
        return;
    }
    const struct iw_inline *in = image->inlined;
    iw_buf_printf(&r->said, " %s%llu %llu %llu %.*s %s %ux%u%s%s%s%s%s%s\n", in->has_prefix ? "" : "bare ",
                  (unsigned long long)in->chars, (unsigned long long)in->base64_chars, (unsigned long long)in->bytes,
                  IW_STR_ARGS(in->label), in->image.format ? in->image.format->name : "-", in->image.width_px,
                  in->image.height_px, in->is_url_safe ? " url-safe" : "", in->is_unpadded ? " unpadded" : "",
                  in->has_space ? " space" : "", in->is_doubled ? " doubled" : "", in->fault ? " ! " : "",
                  in->fault ? in->fault : "");
}

static inline enum iw_err say_call(void *user, const struct iw_call *call)
{
    struct request_reading *r = user;
    check_span(r, call->span, r->document.ptr[call->span.at], r->document.ptr[call->span.at] == '{' ? '}' : ']');
    assert_int_equal(call->span.at, offset_of(r->document, call->line, call->column));
    for (size_t i = 0; i < call->list_count; i++)
        say_image(r, &call->list[i]);
    iw_buf_printf(&r->said, "= %u:%u %.*s/%.*s/%.*s %llu of %llu, %llu %llu\n", call->line, call->column,
                  IW_STR_ARGS(call->shape), IW_STR_ARGS(call->custom_id), IW_STR_ARGS(call->model),
                  (unsigned long long)call->inline_images, (unsigned long long)call->images,
                  (unsigned long long)call->inline_chars, (unsigned long long)call->inline_bytes);
    return IW_OK;
}

static inline enum iw_err say_fault(void *user, enum iw_request_fault fault, unsigned line, unsigned column,
                                    uint64_t at, struct iw_str custom_id, struct iw_str text)
{
    struct request_reading *r = user;
    assert_int_equal(at, offset_of(r->document, line, column));
    iw_buf_printf(&r->said, "! %u:%u %s \"%.*s\" %.*s\n", line, column, fault == IW_FAULT_JSON ? "json" : "twice",
                  IW_STR_ARGS(custom_id), IW_STR_ARGS(text));
    return IW_OK;
}

/* Reads a document in pieces of at most piece bytes (0: whole). */
static inline struct request_reading request_read(struct iw_str document, size_t piece, bool is_long)
{
    struct request_reading r = {.document = document, .is_long = is_long};
    iw_buf_init(&r.said, 64u << 20);
    struct iw_request_reader *reader = NULL;
    assert_int_equal(iw_request_reader_new(&(struct iw_request_events){say_call, say_fault, &r}, &reader), IW_OK);
    while (document.len && r.err == IW_OK) {
        size_t n = piece ? IW_MIN(piece, document.len) : document.len;
        char *copy = malloc(n); /* exactly as long: a sanitizer sees a step beyond */
        memcpy(copy, document.ptr, n);
        r.err = iw_request_reader_feed(reader, copy, n, &r.diag);
        free(copy);
        document = iw_str_skip(document, n);
    }
    if (r.err == IW_OK)
        r.err = iw_request_reader_finish(reader, &r.diag);
    r.file = *iw_request_reader_file(reader);
    iw_request_reader_free(reader);
    iw_buf_add_char(&r.said, '\0');
    assert_int_equal(r.said.err, IW_OK);
    return r;
}

/* The reading of the whole document, after it was checked that the same is read in pieces. */
static inline struct request_reading request_read_every_way(struct iw_str document, bool is_long)
{
    static const size_t pieces[] = {1, 2, 3, 7, 31, 33, 997};
    struct request_reading whole = request_read(document, 0, is_long);
    for (size_t i = 0; i < IW_ARRAY_LEN(pieces); i++) {
        struct request_reading part = request_read(document, pieces[i], is_long);
        assert_string_equal(part.said.ptr, whole.said.ptr);
        assert_int_equal(part.err, whole.err);
        assert_string_equal(part.diag.text, whole.diag.text);
        assert_int_equal(part.diag.line, whole.diag.line);
        assert_int_equal(part.diag.column, whole.diag.column);
        iw_buf_release(&part.said);
    }
    return whole;
}

#endif
