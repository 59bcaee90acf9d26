/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* JSON-LD: images come in order, each from within the text, where it stands as it is said or with an escape in it. */
#include "base/iw.h"
#include "source/json_ld.h"

#undef NDEBUG
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LONGEST = 4096 };

struct seen {
    struct iw_str text;
    size_t behind; /* the last image */
};

static enum iw_err on_image(void *user, struct iw_str url, size_t at, const char *element)
{
    struct seen *seen = user;
    assert(url.len && element && at >= seen->behind && at < seen->text.len);
    struct iw_str written = iw_str_sub(seen->text, at, url.len);
    assert(iw_str_eq(written, url) || iw_str_find(iw_str_skip(seen->text, at), '\\') < seen->text.len - at);
    seen->behind = at + 1;
    return IW_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen seen = {{size ? (const char *)data : "", size}, 0};
    struct iw_buf scratch;
    iw_buf_init(&scratch, LONGEST);
    assert(iw_json_ld_scan(seen.text, &scratch, on_image, &seen) == IW_OK);
    iw_buf_release(&scratch);
    return 0;
}
