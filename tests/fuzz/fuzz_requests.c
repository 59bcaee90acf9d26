/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Request files: cuts change nothing, every span is in the file and what it says it is, images come in order within
 * their call, and what a call counts is what it lists. */
#include "base/iw.h"
#include "request/request.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct hearing {
    struct iw_str data;
    struct iw_buf said;
    uint64_t calls, faults;
};

static void check_span(const struct hearing *h, struct iw_span span, const struct iw_call *call, const char *ends)
{
    if (!span.len)
        return;
    assert(span.at >= call->span.at && span.len >= 2 && span.at + span.len <= call->span.at + call->span.len);
    assert(h->data.ptr[span.at] == ends[0] && h->data.ptr[span.at + span.len - 1] == ends[1]);
}

static void check_key(const struct hearing *h, struct iw_span span, const struct iw_call *call)
{
    if (!span.len)
        return;
    assert(span.at > call->span.at && span.len >= 3 && span.at + span.len < call->span.at + call->span.len);
    assert(h->data.ptr[span.at] == '"');
}

static void check_inline(struct hearing *h, const struct iw_call_image *image)
{
    const struct iw_inline *in = image->inlined;
    assert(in->has_looked && in->chars <= image->value.len && in->base64_chars <= in->chars);
    assert(in->bytes <= in->chars && (in->image.width_px || in->dims_why));
    iw_buf_printf(&h->said, " %llu %llu %llu %s %ux%u %s %s", (unsigned long long)in->chars,
                  (unsigned long long)in->base64_chars, (unsigned long long)in->bytes,
                  in->image.format ? in->image.format->name : "-", in->image.width_px, in->image.height_px,
                  in->fault ? in->fault : "", in->dims_why ? in->dims_why : "");
}

static void check_image(struct hearing *h, const struct iw_call *call, const struct iw_call_image *image)
{
    bool is_inline = image->carrier == IW_CARRIER_DATA_URI || image->carrier == IW_CARRIER_BASE64;
    check_span(h, image->value, call, "\"\"");
    check_span(h, image->label, call, "\"\"");
    check_span(h, image->kind, call, "\"\"");
    check_key(h, image->key, call);
    check_key(h, image->outer, call);
    assert((image->inlining == IW_INLINE_MEMBERS) == (image->key.len > 0));
    assert(!image->key.len || image->key.at + image->key.len == image->value.at);
    assert(image->value.len >= 2 && image->line >= 1 && image->column >= 1);
    assert(image->path.len > 1 && image->path.ptr[0] == '$' && image->path.ptr[image->path.len] == '\0');
    assert(is_inline == (image->inlined != NULL) && (!is_inline || image->text.len > 0));
    iw_buf_printf(&h->said, "%d %u:%u %.*s %.*s %.*s", (int)image->carrier, image->line, image->column,
                  IW_STR_ARGS(image->path), IW_STR_ARGS(image->detail), IW_STR_ARGS(image->text));
    if (is_inline)
        check_inline(h, image);
    iw_buf_add_char(&h->said, '\n');
}

static enum iw_err on_call(void *user, const struct iw_call *call)
{
    struct hearing *h = user;
    assert(call->index == h->calls++ && call->list_count <= call->images && call->inline_images <= call->images);
    assert(call->span.len >= 2 && call->span.at + call->span.len <= h->data.len);
    assert((call->images > 0) == (call->shape.len > 0));
    for (size_t i = 0; i < call->list_count; i++)
        check_image(h, call, &call->list[i]);
    iw_buf_printf(&h->said, "= %u:%u %.*s/%.*s/%.*s %llu %llu %llu\n", call->line, call->column,
                  IW_STR_ARGS(call->shape), IW_STR_ARGS(call->custom_id), IW_STR_ARGS(call->model),
                  (unsigned long long)call->images, (unsigned long long)call->inline_chars,
                  (unsigned long long)call->inline_bytes);
    return IW_OK;
}

static enum iw_err on_fault(void *user, enum iw_request_fault fault, unsigned line, unsigned column, uint64_t at,
                            struct iw_str custom_id, struct iw_str text)
{
    struct hearing *h = user;
    assert(line >= 1 && column >= 1 && at <= h->data.len && text.len > 0);
    h->faults++;
    iw_buf_printf(&h->said, "! %d %u:%u %.*s %.*s\n", (int)fault, line, column, IW_STR_ARGS(custom_id),
                  IW_STR_ARGS(text));
    return IW_OK;
}

static struct iw_buf hear(struct iw_str data, size_t piece)
{
    struct hearing h = {.data = data};
    struct iw_request_reader *reader = NULL;
    struct iw_diag diag = {0};
    iw_buf_init(&h.said, 64 << 20);
    enum iw_err err = iw_request_reader_new(&(struct iw_request_events){on_call, on_fault, &h}, &reader);
    for (size_t at = 0; at < data.len && err == IW_OK; at += piece) {
        size_t n = IW_MIN(piece, data.len - at);
        char *copy = malloc(n);
        if (!copy)
            abort();
        memcpy(copy, data.ptr + at, n);
        err = iw_request_reader_feed(reader, copy, n, &diag);
        free(copy);
    }
    if (err == IW_OK)
        err = iw_request_reader_finish(reader, &diag);
    const struct iw_request_file *file = iw_request_reader_file(reader);
    assert(err == IW_OK || err == IW_ERR_SYNTAX || err == IW_ERR_LIMIT);
    assert(file->calls == h.calls && file->faults == h.faults && (err != IW_OK || file->bytes == data.len));
    iw_buf_printf(&h.said, "%d %u:%u %s %llu\n", (int)err, diag.line, diag.column, diag.text,
                  (unsigned long long)file->images);
    assert(h.said.err == IW_OK);
    iw_request_reader_free(reader);
    return h.said;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct iw_str text = {size ? (const char *)data : "", size};
    struct iw_buf whole = hear(text, size ? size : 1);
    struct iw_buf part = hear(text, 1 + (size_t)(whole.len % 40)); /* another for each input */
    assert(iw_str_eq(iw_buf_str(&part), iw_buf_str(&whole)));
    iw_buf_release(&part);
    iw_buf_release(&whole);
    int sure = iw_request_sniff(iw_str_sub(text, 0, 4096));
    assert(sure == 0 || sure == 50 || sure == 100);
    return 0;
}
