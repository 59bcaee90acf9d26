/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A growable open-addressing table from 64-bit fingerprints to 64-bit values; 16 bytes a slot.
 * Fingerprint 0 is used for empty slots; the functions map it to 1. */
#ifndef IW_BASE_MAP_H
#define IW_BASE_MAP_H

#include "base/err.h"

struct iw_map {
    struct iw_map_slot *slots;
    size_t count;
    size_t capacity; /* a power of two, or 0 */
    size_t ceiling;  /* most entries */
};

void iw_map_init(struct iw_map *map, size_t ceiling);
void iw_map_release(struct iw_map *map);
/* The value's place for fingerprint, or NULL when absent; valid until the next add. */
uint64_t *iw_map_find(const struct iw_map *map, uint64_t fingerprint);
/* Adds fingerprint (not present yet) with value. IW_ERR_LIMIT at the ceiling, IW_ERR_NOMEM. */
enum iw_err iw_map_add(struct iw_map *map, uint64_t fingerprint, uint64_t value) IW_MUST_USE;
/* Removes fingerprint when present. */
void iw_map_remove(struct iw_map *map, uint64_t fingerprint);

#endif
