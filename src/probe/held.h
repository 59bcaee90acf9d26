/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The bytes of one file that a probe holds: a few windows, joined where they touch. */
#ifndef IW_PROBE_HELD_H
#define IW_PROBE_HELD_H

#include "probe/probe.h"

#define IW_HELD_WINDOWS IW_PROBE_REQUESTS_MAX

struct iw_held {
    struct iw_arena *arena;    /* buffers come from here and die with it */
    struct iw_window *windows; /* IW_HELD_WINDOWS of them, once there are bytes */
    size_t *room;              /* bytes allocated for each */
    size_t count;
    uint64_t total_bytes; /* of the file; UINT64_MAX unknown */
    uint64_t held_bytes;
};

void iw_held_init(struct iw_held *held, struct iw_arena *arena);
/* Forgets the bytes, keeps the total. */
void iw_held_clear(struct iw_held *held);
/* Adds bytes at offset at; bytes already held are skipped. expect: how many more are likely to follow at once, a hint
 * for the buffer's size. False: no memory, or too many separate windows. */
bool iw_held_add(struct iw_held *held, uint64_t at, const uint8_t *bytes, size_t len, size_t expect);
/* The first offset at or behind at that is not held. */
uint64_t iw_held_gap(const struct iw_held *held, uint64_t at);
/* The first offset behind at, which is not held, that is held; UINT64_MAX: none. */
uint64_t iw_held_next(const struct iw_held *held, uint64_t at);
struct iw_view iw_held_view(const struct iw_held *held);

#endif
