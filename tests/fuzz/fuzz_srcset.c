/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* srcset: candidates come in order, each a slice of the text between white space, with no comma at either end. */
#include "base/iw.h"
#include "source/srcset.h"

#undef NDEBUG
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    struct iw_str text;
    size_t behind; /* the last candidate */
};

static enum iw_err on_candidate(void *user, const struct iw_srcset_candidate *candidate)
{
    struct seen *seen = user;
    struct iw_str url = candidate->url;
    size_t at = candidate->at;
    assert(candidate->width_px <= 1000000 && candidate->height_px <= 1000000);
    assert(candidate->density_thousandths < 100000 && !(candidate->width_px && candidate->density_thousandths));
    assert(url.len && at >= seen->behind && url.ptr == seen->text.ptr + at && url.len <= seen->text.len - at);
    assert(url.ptr[0] != ',' && url.ptr[url.len - 1] != ',');
    for (size_t i = 0; i < url.len; i++)
        assert(!memchr(" \t\n\f\r", url.ptr[i], 5));
    seen->behind = at + url.len;
    return IW_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen seen = {{size ? (const char *)data : "", size}, 0};
    enum iw_err err = iw_srcset_parse(seen.text, on_candidate, &seen);
    assert(err == IW_OK);
    return 0;
}
