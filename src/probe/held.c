/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Windows kept sorted and joined. Buffers grow by doubling inside the item's arena, so that a prefix that is
 * streamed in costs at most twice its size. */
#include "base/iw.h"
#include "probe/held.h"

void iw_held_init(struct iw_held *held, struct iw_arena *arena)
{
    *held = (struct iw_held){.arena = arena, .total_bytes = UINT64_MAX};
}

void iw_held_clear(struct iw_held *held)
{
    held->count = 0;
    held->held_bytes = 0;
}

struct iw_view iw_held_view(const struct iw_held *held)
{
    return (struct iw_view){held->windows, held->count, held->total_bytes};
}

uint64_t iw_held_gap(const struct iw_held *held, uint64_t at)
{
    for (size_t i = 0; i < held->count; i++) {
        const struct iw_window *w = &held->windows[i];
        if (at >= w->at && at - w->at < w->len)
            at = w->at + w->len;
    }
    return at;
}

uint64_t iw_held_next(const struct iw_held *held, uint64_t at)
{
    for (size_t i = 0; i < held->count; i++)
        if (held->windows[i].at > at)
            return held->windows[i].at;
    return UINT64_MAX;
}

/* A writable buffer for window i with room for need bytes. */
static uint8_t *grow(struct iw_held *held, size_t i, size_t need)
{
    struct iw_window *w = &held->windows[i];
    if (need <= held->room[i])
        return (uint8_t *)(uintptr_t)w->ptr;
    size_t room = IW_MAX(need, held->room[i] * 2);
    uint8_t *fresh = iw_arena_alloc(held->arena, room);
    if (!fresh)
        return NULL;
    if (w->len)
        memcpy(fresh, w->ptr, w->len);
    w->ptr = fresh;
    held->room[i] = room;
    return fresh;
}

static bool append(struct iw_held *held, size_t i, const uint8_t *bytes, size_t len, size_t expect)
{
    struct iw_window *w = &held->windows[i];
    if (len > SIZE_MAX / 4 - w->len)
        return false;
    uint8_t *buf = grow(held, i, w->len + len + (w->len + len > held->room[i] ? expect : 0));
    if (!buf)
        return false;
    memcpy(buf + w->len, bytes, len);
    w->len += len;
    held->held_bytes += len;
    return true;
}

/* Joins window i with the next one when they touch. */
static bool join(struct iw_held *held, size_t i)
{
    if (i + 1 >= held->count || held->windows[i].at + held->windows[i].len != held->windows[i + 1].at)
        return true;
    struct iw_window next = held->windows[i + 1];
    held->held_bytes -= next.len;
    if (!append(held, i, next.ptr, next.len, 0))
        return false;
    size_t behind = held->count - i - 2;
    memmove(&held->windows[i + 1], &held->windows[i + 2], behind * sizeof held->windows[0]);
    memmove(&held->room[i + 1], &held->room[i + 2], behind * sizeof held->room[0]);
    held->count--;
    return true;
}

static bool open_table(struct iw_held *held)
{
    if (held->windows)
        return true;
    held->windows = iw_arena_zalloc(held->arena, IW_HELD_WINDOWS * sizeof *held->windows);
    held->room = iw_arena_zalloc(held->arena, IW_HELD_WINDOWS * sizeof *held->room);
    return held->windows && held->room;
}

static bool insert(struct iw_held *held, size_t i, uint64_t at)
{
    if (held->count == IW_HELD_WINDOWS || !open_table(held))
        return false;
    size_t behind = held->count - i;
    memmove(&held->windows[i + 1], &held->windows[i], behind * sizeof held->windows[0]);
    memmove(&held->room[i + 1], &held->room[i], behind * sizeof held->room[0]);
    held->windows[i] = (struct iw_window){.at = at};
    held->room[i] = 0;
    held->count++;
    return true;
}

bool iw_held_add(struct iw_held *held, uint64_t at, const uint8_t *bytes, size_t len, size_t expect)
{
    while (len > 0) {
        uint64_t gap = iw_held_gap(held, at);
        if (gap - at >= len)
            return true;
        bytes += gap - at;
        len -= (size_t)(gap - at);
        at = gap;
        size_t i = 0; /* the first window that begins behind at */
        while (i < held->count && held->windows[i].at <= at)
            i++;
        size_t take = len;
        if (i < held->count && held->windows[i].at - at < take)
            take = (size_t)(held->windows[i].at - at);
        bool follows = i > 0 && held->windows[i - 1].at + held->windows[i - 1].len == at;
        if (!follows && !insert(held, i, at))
            return false;
        size_t target = follows ? i - 1 : i;
        if (!append(held, target, bytes, take, take == len ? expect : 0) || !join(held, target))
            return false;
        bytes += take;
        len -= take;
        at += take;
    }
    return true;
}
