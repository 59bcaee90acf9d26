/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The only callers of malloc. */
#include "base/iw.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void *iw_malloc(size_t size)
{
    return malloc(size ? size : 1);
}

void *iw_calloc(size_t count, size_t size)
{
    return calloc(count ? count : 1, size ? size : 1);
}

void *iw_realloc(void *ptr, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return NULL;
    size_t total = count * size;
    return realloc(ptr, total ? total : 1);
}

void *iw_aligned_malloc(size_t alignment, size_t size)
{
    return aligned_alloc(alignment, size);
}

void iw_free(void *ptr)
{
    free(ptr);
}

char *iw_strdup(const char *text)
{
    return iw_strndup(text, strlen(text));
}

char *iw_strndup(const char *text, size_t len)
{
    char *copy = len < SIZE_MAX ? iw_malloc(len + 1) : NULL;
    if (!copy)
        return NULL;
    if (len)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}
