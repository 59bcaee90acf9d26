/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A corpus of files with known answers: their bytes, and the cells of its tables. For tests only. */
#ifndef IW_TESTS_CORPUS_H
#define IW_TESTS_CORPUS_H

#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The whole of DIR/path, with a 0 behind it, or NULL. The caller frees it. */
static inline uint8_t *corpus_slurp(const char *dir, const char *path, size_t *out_len)
{
    char name[4096];
    (void)snprintf(name, sizeof name, "%s/%s", dir, path);
    FILE *file = fopen(name, "rb");
    if (!file)
        return NULL;
    uint8_t *bytes = NULL;
    if (fseek(file, 0, SEEK_END) == 0) {
        long size = ftell(file);
        rewind(file);
        bytes = size >= 0 ? malloc((size_t)size + 1) : NULL;
        *out_len = bytes ? fread(bytes, 1, (size_t)size, file) : 0;
        if (bytes)
            bytes[*out_len] = 0;
    }
    (void)fclose(file);
    return bytes;
}

/* Whether a cell names this, alone or as one of "a|b". */
static inline bool corpus_names(struct iw_str cell, const char *name)
{
    struct iw_str piece;
    while (iw_str_next(&cell, '|', &piece))
        if (iw_str_eq(piece, iw_str_from(name)))
            return true;
    return false;
}

#endif
