/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* One heap, which is neither mapped nor given back piece by piece. What the warm-up has touched is set aside, and
 * behind it room is taken in advance, in huge pages: a process that is forked for one picture would pay for each page
 * of 4 KiB that it touches first, or writes again, a tenth of its time. */
#include "base/iw.h"
#include "pixels/pixels.h"

#include "base/mem.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifdef SANITIZED

void iw_pixels_prepare_heap(void)
{
    /* A sanitizer's allocator is not malloc's: where its pieces lie says nothing of what was touched. */
}

#else

/* RESERVE_BYTES: most pictures are decoded within. PLUG_BYTES: more than the warm-up touched. Both cost address space.
 */
enum { RESERVE_BYTES = 256 << 20, PLUG_BYTES = 64 << 20, HUGE_BYTES = 2 << 20, LATER_BYTES = 1 << 20 };
enum { LARGEST_HOLE_BYTES = 16 << 20, SMALLEST_HOLE_BYTES = 16 << 10, HOLES_MAX = 1 << 10 };
enum { RECORD_BYTES = 2 * sizeof(size_t) };
_Static_assert(RESERVE_BYTES + PLUG_BYTES <= IW_HEAP_AHEAD_BYTES, "what a limit on memory must allow besides");

/* Takes what the warm-up has touched and given back, below limit, for good: writing it again would copy it. Bounded,
 * should another allocator (valgrind's, a preloaded one) never reach the limit. */
static void fill_holes(const char *limit)
{
    for (size_t size = LARGEST_HOLE_BYTES; size >= SMALLEST_HOLE_BYTES; size /= 2) {
        char *hole = iw_malloc(size);
        for (unsigned n = 0; hole && hole < limit && n < HOLES_MAX && n * size < PLUG_BYTES; n++)
            hole = iw_malloc(size);
        iw_free(hole);
    }
}

/* Fills up to where a huge page begins that nobody has touched: malloc's own record of what is free lies before it. */
static uintptr_t begin_untouched(void)
{
    char *first = iw_malloc(HUGE_BYTES);
    uintptr_t from = (uintptr_t)first, to = from + 2 * LARGEST_HOLE_BYTES + 2 * HUGE_BYTES;
    iw_free(first);
    to -= to % HUGE_BYTES;
    return first && iw_malloc(to - RECORD_BYTES - from + sizeof(size_t)) == first ? to : 0;
}

void iw_pixels_prepare_heap(void)
{
    (void)mallopt(M_ARENA_MAX, 1);
    (void)mallopt(M_MMAP_MAX, 0);
    (void)mallopt(M_TRIM_THRESHOLD, INT32_MAX);
    (void)mallopt(M_TOP_PAD, RESERVE_BYTES);
    char *plug = iw_malloc(PLUG_BYTES); /* never given back: what follows is untouched */
    (void)mallopt(M_TOP_PAD, LATER_BYTES);
    if (!plug)
        return;
    fill_holes(plug);
    uintptr_t begin = begin_untouched(), end = (uintptr_t)sbrk(0);
    if (begin && begin < end)
        (void)madvise((void *)begin, end - begin, MADV_HUGEPAGE); /* without huge pages it is merely slower */
}

#endif
