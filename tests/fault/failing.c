/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* For LD_PRELOAD: makes the FAIL_MALLOC_th allocation after the start of the program fail. With FAIL_COUNT set, the
 * last line on standard error is how many there were. libuv is spared: it aborts by itself where it has no memory for
 * its table of descriptors. */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_long left = -1, count;
static atomic_bool has_begun;

__attribute__((constructor)) static void begin(void)
{
    const char *text = getenv("FAIL_MALLOC");
    left = text ? strtol(text, NULL, 10) : -1;
    has_begun = text != NULL;
}

__attribute__((destructor)) static void end(void)
{
    if (getenv("FAIL_COUNT"))
        (void)fprintf(stderr, "%ld\n", (long)count);
}

static bool fails(const void *caller)
{
    Dl_info info;
    if (!has_begun)
        return false;
    count++;
    if (atomic_fetch_sub(&left, 1) != 0)
        return false;
    if (dladdr(caller, &info) && info.dli_fname && strstr(info.dli_fname, "libuv"))
        return false;
    errno = ENOMEM;
    return true;
}

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *ptr, size_t size);
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *ptr, size_t size);

void *malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *ptr, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(ptr, size);
}
