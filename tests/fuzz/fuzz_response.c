/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Header lines of a response: whatever comes, the parsed fields keep their promises. */
#include "base/iw.h"
#include "probe/probe.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 20);
    struct iw_response r;
    iw_response_init(&r);
    struct iw_str rest = {size ? (const char *)data : "", size}, line;
    while (iw_str_next(&rest, '\n', &line))
        if (iw_response_line(&r, &arena, line) != IW_OK)
            break;
    assert(!r.has_valid_range || (r.range_first <= r.range_last && r.has_content_range));
    assert(!r.has_valid_range || !r.has_total || r.range_last < r.range_total);
    assert(r.status == 0 || (r.status >= 100 && r.status <= 999));
    assert(!r.retry_after_is_date || r.has_retry_after);
    for (size_t i = 0; i < r.content_type.len; i++)
        assert(r.content_type.ptr[i] != ';' && (r.content_type.ptr[i] < 'A' || r.content_type.ptr[i] > 'Z'));
    iw_arena_release(&arena);
    return 0;
}
