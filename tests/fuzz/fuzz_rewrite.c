/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What is written where an image changes: whatever the document says, spans stay within the places that are the
 * image's, and do not overlap. */
#include "base/iw.h"
#include "request/request.h"

#undef NDEBUG
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD_BYTES = 6 };

static size_t read_at(void *user, uint64_t at, uint8_t *buf, size_t len)
{
    struct iw_str part = iw_str_sub(*(const struct iw_str *)user, (size_t)at, len);
    if (part.len)
        memcpy(buf, part.ptr, part.len);
    return part.len;
}

static bool is_within(struct iw_span inner, struct iw_span outer)
{
    return inner.at >= outer.at && inner.at + inner.len <= outer.at + outer.len;
}

/* Bytes that choose what is asked, where the key ends and the value, where the label begins and ends; and the document.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD_BYTES)
        return 0;
    struct iw_str document = {(const char *)data + HEAD_BYTES, size - HEAD_BYTES};
    struct iw_raw raw = {read_at, &document};
    uint64_t key_len = IW_MIN((uint64_t)(data[2] >> 3), document.len);
    uint64_t value_len = IW_MIN((uint64_t)data[3], document.len - key_len);
    uint64_t label_at = IW_MIN(key_len + value_len + data[4], document.len);
    struct iw_call_image image = {
        .carrier = (enum iw_carrier)(data[1] % 3),
        .inlining = (enum iw_inlining)((data[2] & 3) % 3),
        .data_key = "data",
        .type_key = (data[2] & 4) ? "type" : NULL,
        .key = {0, key_len},
        .label_is_format = data[1] & 0x80,
        .value = {key_len, value_len},
        .label = {label_at, IW_MIN((uint64_t)data[5], document.len - label_at)},
    };
    enum iw_rewriting what = (enum iw_rewriting)(data[0] % 3);
    struct iw_arena arena;
    struct iw_rewrite out;
    const char *why;
    iw_arena_init(&arena, 1 << 20);
    enum iw_err err =
        iw_rewrite_image(&image, what, iw_image_format_find(IW_STR("jpeg")), data[0] & 0x80, &raw, &arena, &out, &why);
    assert(err != IW_ERR_UNKNOWN_NAME || why);
    for (size_t i = 0; i < out.count && err == IW_OK; i++) {
        struct iw_span span = out.list[i].span;
        assert(out.count <= IW_REWRITE_MAX);
        assert(is_within(span, image.value) || is_within(span, image.label) || is_within(span, image.key));
        for (size_t k = 0; k < i; k++)
            assert(span.at + span.len <= out.list[k].span.at || span.at >= out.list[k].span.at + out.list[k].span.len);
    }
    iw_arena_release(&arena);
    return 0;
}
