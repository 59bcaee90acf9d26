/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Memory that dies together: what belongs to one item. Allocation is a pointer bump. The arena has a
 * ceiling; what passes it, or fails for want of memory, gives NULL and sets a sticky error. */
#ifndef IW_BASE_ARENA_H
#define IW_BASE_ARENA_H

#include "base/err.h"
#include "base/str.h"

struct iw_arena_block;
struct iw_arena {
    struct iw_arena_block *head;
    size_t used_bytes;    /* handed out since the last clear */
    size_t ceiling_bytes; /* used_bytes never passes it */
    enum iw_err err;      /* sticky: IW_OK, IW_ERR_LIMIT or IW_ERR_NOMEM */
};

/* No memory is taken until the first allocation. */
void iw_arena_init(struct iw_arena *arena, size_t ceiling_bytes);
/* Gives everything back; the arena may be used again after iw_arena_init(). Accepts one never used. */
void iw_arena_release(struct iw_arena *arena);
/* Forgets all allocations and the error; keeps one block for reuse. */
void iw_arena_clear(struct iw_arena *arena);
/* size bytes aligned for any type, not cleared; NULL on failure (see arena->err). */
void *iw_arena_alloc(struct iw_arena *arena, size_t size);
/* The same, cleared. */
void *iw_arena_zalloc(struct iw_arena *arena, size_t size);
/* A copy with a terminating NUL behind it (not counted in len); IW_STR_NONE on failure. */
struct iw_str iw_arena_str(struct iw_arena *arena, struct iw_str text);
/* printf into the arena; IW_STR_NONE on failure. The result is terminated. */
struct iw_str iw_arena_printf(struct iw_arena *arena, const char *format, ...) IW_PRINTF(2, 3);

#endif
