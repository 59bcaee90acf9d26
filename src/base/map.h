/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A growable open-addressing table from 64-bit fingerprints to 64-bit values. It is many small tables that grow by
 * half, one by one, at a load of 7/8: 18 to 28 bytes an entry, and no moment at which an old and a new table of all
 * entries stand side by side. Fingerprint 0 is used for empty slots; the functions map it to 1. */
#ifndef IW_BASE_MAP_H
#define IW_BASE_MAP_H

#include "base/err.h"

enum { IW_MAP_PARTS = 16 };
struct iw_map {
    struct iw_map_part {
        struct iw_map_slot *slots;
        uint32_t count, capacity;
    } parts[IW_MAP_PARTS];
    size_t count;
    size_t ceiling; /* most entries */
};

void iw_map_init(struct iw_map *map, size_t ceiling);
void iw_map_release(struct iw_map *map);
/* The value's place for fingerprint, or NULL when absent; valid until the next add. */
uint64_t *iw_map_find(const struct iw_map *map, uint64_t fingerprint);
/* Brings the place of fingerprint nearer: for one that is looked up soon, in a table larger than the cache. */
void iw_map_prefetch(const struct iw_map *map, uint64_t fingerprint);
/* Adds fingerprint (not present yet) with value. IW_ERR_LIMIT at the ceiling, IW_ERR_NOMEM. */
enum iw_err iw_map_add(struct iw_map *map, uint64_t fingerprint, uint64_t value) IW_MUST_USE;
/* Removes fingerprint when present. */
void iw_map_remove(struct iw_map *map, uint64_t fingerprint);

#endif
