/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Feeds: cuts change nothing; any XML ends well, or where it is not well-formed. */
#include "base/iw.h"
#include "source_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool is_gzip = size >= 2 && data[0] == 0x1F && data[1] == 0x8B;
    if (is_gzip)
        return 0; /* fuzz_reader's matter */
    struct fuzz_reading r = fuzz_read("feed", data, size, size ? size : 1);
    assert(r.err == IW_OK || r.err == IW_ERR_SYNTAX || r.err == IW_ERR_LIMIT);
    fuzz_release(&r);
    fuzz_every_way("feed", data, size);
    return 0;
}
