/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Recognition, gzip and the ceilings: whatever bytes come and however they are cut, the same kind is found and the same
 * is said; recognition by the head alone agrees with the reader. */
#include "base/iw.h"
#include "source_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_every_way(NULL, data, size);
    struct iw_str head = {size ? (const char *)data : "", IW_MIN(size, (size_t)4096)};
    bool is_gzip = false;
    const struct iw_source *kind = iw_source_sniff(head, IW_STR("fuzz"), IW_LEAD_IMAGE, &is_gzip);
    assert(!is_gzip || !kind);
    if (is_gzip)
        return 0;
    struct fuzz_reading r = fuzz_read(NULL, data, size, size ? size : 1);
    assert((r.err == IW_ERR_INPUT) == (kind == NULL));
    fuzz_release(&r);
    return 0;
}
