/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The only callers of malloc. */
#include "base/iw.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void *iw_malloc(size_t size)
{
    return malloc(size ? size : 1);
}

void *iw_calloc(size_t count, size_t size)
{
    return calloc(count ? count : 1, size ? size : 1);
}

/* At random, nearly every access to small pages misses the TLB as well as the cache. */
void *iw_calloc_table(size_t count, size_t size)
{
    enum { HUGE_BYTES = 2 << 20 };
    if (size && count > (SIZE_MAX - HUGE_BYTES) / size)
        return NULL;
    size_t total = count * size;
    if (total < 2 * (size_t)HUGE_BYTES)
        return iw_calloc(count, size);
    total = (total + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES;
    void *table = aligned_alloc(HUGE_BYTES, total);
    if (!table)
        return NULL;
    (void)madvise(table, total, MADV_HUGEPAGE); /* without them it is merely slower */
    return memset(table, 0, total);
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
