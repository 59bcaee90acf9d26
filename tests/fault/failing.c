/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* For LD_PRELOAD: makes the FAIL_MALLOC_th allocation after the start of the program fail. With FAIL_COUNT set, the
 * last line on standard error is how many there were. libuv is spared: it aborts by itself where it has no memory for
 * its table of descriptors. FAIL_WRITE is likewise the write to a regular file that finds the disk full, alone. */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_long left = -1, count, writes_left = -1;
static atomic_bool has_begun;

__attribute__((constructor)) static void begin(void)
{
    const char *text = getenv("FAIL_MALLOC");
    left = text ? strtol(text, NULL, 10) : -1;
    has_begun = text != NULL;
    text = getenv("FAIL_WRITE");
    writes_left = text ? strtol(text, NULL, 10) - 1 : -1;
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

ssize_t write(int fd, const void *bytes, size_t size)
{
    static ssize_t (*real)(int, const void *, size_t);
    struct stat file;
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "write");
    if (fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && atomic_fetch_sub(&writes_left, 1) == 0) {
        errno = ENOSPC;
        return -1;
    }
    return real(fd, bytes, size);
}
