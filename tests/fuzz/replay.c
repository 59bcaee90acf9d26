/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Runs a fuzz target over files: "replay FILE...". With libFuzzer's own main() the same target searches for new ones.
 */
#include "base/iw.h"

#include "base/mem.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 1 << 20 };

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        uint8_t *bytes = iw_malloc(LARGEST);
        size_t len = file && bytes ? fread(bytes, 1, LARGEST, file) : 0;
        /* a copy of the exact size, so that a read past the end is seen */
        uint8_t *exact = iw_malloc(len);
        if (!file || !bytes || !exact)
            return 1;
        for (size_t j = 0; j < len; j++)
            exact[j] = bytes[j];
        (void)LLVMFuzzerTestOneInput(exact, len);
        iw_free(exact);
        iw_free(bytes);
        (void)fclose(file);
    }
    printf("replayed %d inputs\n", argc - 1);
    return argc > 1 ? 0 : 1;
}
