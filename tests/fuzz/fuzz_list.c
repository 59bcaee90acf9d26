/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Lists: any bytes are lines; no error but a ceiling, and cuts change nothing. */
#include "base/iw.h"
#include "source_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool is_gzip = size >= 2 && data[0] == 0x1F && data[1] == 0x8B;
    if (is_gzip)
        return 0; /* fuzz_reader's matter */
    struct fuzz_reading r = fuzz_read("list", data, size, size ? size : 1);
    assert(r.err == IW_OK);
    const char role = '0' + IW_LEAD_IMAGE;
    assert(r.leads.len == 0 || r.leads.ptr[0] == role);
    fuzz_release(&r);
    fuzz_every_way("list", data, size);
    return 0;
}
