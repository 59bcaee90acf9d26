/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Images in their document: cuts change nothing, and what decodes well has the bytes that were counted. */
#include "base/iw.h"
#include "request/inline.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(const struct iw_inline *a, const struct iw_inline *b)
{
    assert(a->chars == b->chars && a->base64_chars == b->base64_chars && a->bytes == b->bytes);
    assert(a->has_prefix == b->has_prefix && a->is_url_safe == b->is_url_safe && a->is_unpadded == b->is_unpadded);
    assert(a->has_space == b->has_space && a->has_percent == b->has_percent);
    assert(a->fault == b->fault && a->dims_why == b->dims_why);
    assert(a->image.format == b->image.format && a->image.width_px == b->image.width_px);
    assert(a->image.height_px == b->image.height_px && a->is_corrupt == b->is_corrupt);
}

static void read_in_pieces(struct iw_str text, size_t piece, bool takes, const struct iw_inline *whole)
{
    struct iw_inline_scan scan = {0};
    iw_inline_begin(&scan, whole->has_prefix);
    for (size_t at = 0; at < text.len; at += piece) {
        struct iw_str part = iw_str_sub(text, at, piece);
        char *copy = malloc(part.len);
        if (!copy)
            abort();
        memcpy(copy, part.ptr, part.len);
        size_t taken = takes ? iw_inline_take(&scan, copy, part.len) : 0;
        iw_inline_feed(&scan, (struct iw_str){copy + taken, part.len - taken});
        free(copy);
    }
    if (iw_inline_end(&scan) != IW_OK)
        abort();
    check_same(&scan.out, whole);
    iw_inline_release(&scan);
}

static enum iw_err decode(struct iw_str text, size_t piece, uint8_t *out, size_t room, size_t *out_len)
{
    struct iw_inline_decoder decoder = {0};
    enum iw_err err = IW_OK;
    *out_len = 0;
    for (size_t at = 0; at < text.len && err == IW_OK; at += piece) {
        size_t n = 0;
        struct iw_str part = iw_str_sub(text, at, piece);
        err = iw_inline_decode(&decoder, part.ptr, part.len, out + *out_len, room - *out_len, &n);
        *out_len += n;
        assert(*out_len <= room);
    }
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct iw_str text = {size ? (const char *)data : "", size};
    struct iw_arena arena;
    struct iw_inline whole;
    iw_arena_init(&arena, 1 << 16);
    iw_inline_read(&arena, text, &whole);
    assert(whole.chars == size && whole.base64_chars <= size && whole.bytes <= size);
    for (size_t piece = 1; piece < 50; piece = piece * 3 + 1)
        read_in_pieces(text, piece, piece & 1, &whole);
    size_t room = size * 3 + 8, len, len_of_pieces; /* an escape of JSON becomes three bytes at most */
    uint8_t *out = malloc(room), *again = malloc(room);
    if (!out || !again)
        abort();
    enum iw_err err = decode(text, size ? size : 1, out, room, &len);
    enum iw_err err_of_pieces = decode(text, 3, again, room, &len_of_pieces);
    assert(err == err_of_pieces && (err == IW_OK || err == IW_ERR_SYNTAX) && len == len_of_pieces);
    assert(memcmp(out, again, len) == 0);
    bool is_plain = iw_str_find(text, '\\') == size && iw_str_find(text, '%') == size;
    if (is_plain && !whole.fault && whole.base64_chars > 5)
        assert(err == IW_OK && len == whole.bytes);
    free(out);
    free(again);
    iw_arena_release(&arena);
    return 0;
}
