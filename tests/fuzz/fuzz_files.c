/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* References of a local page: the first line is its base element's, the rest the reference. What is found stands below
 * the root, without a step that leads up. */
#include "base/iw.h"
#include "audit/inside.h"

#undef NDEBUG
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 22);
    struct iw_str text = {size ? (const char *)data : "", size};
    size_t end = iw_str_find(text, '\n');
    struct iw_lead lead = {.base = iw_str_sub(text, 0, end), .url = iw_str_skip(text, end + 1)};
    struct iw_origin origin = {.root = IW_STR("not-there"), .place = IW_STR("a/b/page.html"), .names_files = true};
    struct iw_file file;
    if (iw_file_is_named(&origin, &lead)) {
        enum iw_err err = iw_file_find(&arena, &origin, &lead, &file);
        assert(err == IW_OK && file.path.ptr[file.path.len] == '\0');
        assert(iw_str_starts(file.path, IW_STR("not-there/")));
        assert(file.why || file.is_missing);
        struct iw_str rest = file.place, step;
        while (iw_str_next(&rest, '/', &step)) {
            assert(!iw_str_eq(step, IW_STR("..")) && !iw_str_eq(step, IW_STR(".")));
            assert(file.why || iw_str_find(step, '\0') == step.len);
        }
    }
    iw_arena_release(&arena);
    return 0;
}
