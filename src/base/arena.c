/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A chain of blocks, the newest first; the first block is small, since most items need little. */
#include "base/iw.h"
#include "base/arena.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>

enum { FIRST_BYTES = 2560, GROWN_BYTES = 4096 };

struct iw_arena_block {
    struct iw_arena_block *next;
    size_t room, used;
    max_align_t bytes[];
};

void iw_arena_init(struct iw_arena *arena, size_t ceiling_bytes)
{
    *arena = (struct iw_arena){.ceiling_bytes = ceiling_bytes};
}

static void free_from(struct iw_arena_block *block)
{
    while (block) {
        struct iw_arena_block *next = block->next;
        iw_free(block);
        block = next;
    }
}

void iw_arena_release(struct iw_arena *arena)
{
    free_from(arena->head);
    arena->head = NULL;
    arena->used_bytes = 0;
}

void iw_arena_clear(struct iw_arena *arena)
{
    /* the oldest block is the smallest: that one stays */
    struct iw_arena_block *block = arena->head;
    while (block && block->next) {
        struct iw_arena_block *next = block->next;
        iw_free(block);
        block = next;
    }
    if (block)
        block->used = 0;
    arena->head = block;
    arena->used_bytes = 0;
    arena->err = IW_OK;
}

static struct iw_arena_block *add_block(struct iw_arena *arena, size_t size)
{
    size_t room = IW_MAX(size, (size_t)(arena->head ? GROWN_BYTES : FIRST_BYTES));
    struct iw_arena_block *block = room < SIZE_MAX / 2 ? iw_malloc(sizeof *block + room) : NULL;
    if (!block)
        return NULL;
    block->room = room;
    block->used = 0;
    block->next = arena->head;
    arena->head = block;
    return block;
}

void *iw_arena_alloc(struct iw_arena *arena, size_t size)
{
    size_t align = sizeof(max_align_t) < 16 ? sizeof(max_align_t) : 16;
    if (arena->err != IW_OK)
        return NULL;
    if (size > arena->ceiling_bytes || arena->used_bytes > arena->ceiling_bytes - size) {
        arena->err = IW_ERR_LIMIT;
        return NULL;
    }
    size_t rounded = (size + align - 1) & ~(align - 1);
    struct iw_arena_block *block = arena->head;
    if (!block || rounded > block->room - block->used)
        block = add_block(arena, rounded);
    if (!block) {
        arena->err = IW_ERR_NOMEM;
        return NULL;
    }
    void *result = (char *)block->bytes + block->used;
    block->used += rounded;
    arena->used_bytes += size;
    return result;
}

void *iw_arena_zalloc(struct iw_arena *arena, size_t size)
{
    void *result = iw_arena_alloc(arena, size);
    if (result)
        memset(result, 0, size);
    return result;
}

struct iw_str iw_arena_str(struct iw_arena *arena, struct iw_str text)
{
    char *copy = iw_arena_alloc(arena, text.len + 1);
    if (!copy)
        return IW_STR_NONE;
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return (struct iw_str){copy, text.len};
}

struct iw_str iw_arena_printf(struct iw_arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = len < 0 ? NULL : iw_arena_alloc(arena, (size_t)len + 1);
    if (text)
        (void)vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text ? (struct iw_str){text, (size_t)len} : IW_STR_NONE;
}
