/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Pages: every lead keeps its promises, and how the bytes are cut changes neither leads nor complaints. */
#include "base/iw.h"
#include "source_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size >= 2 && data[0] == 0x1F && data[1] == 0x8B)
        return 0;
    fuzz_every_way("html", data, size);
    return 0;
}
