/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Linear probing at a load of at most 3/4; removal shifts back, so there are no tombstones. */
#include "base/iw.h"
#include "base/map.h"

#include "base/mem.h"

struct iw_map_slot {
    uint64_t fingerprint; /* 0: empty */
    uint64_t value;
};

enum { FIRST_SLOTS = 64 };

static uint64_t shown(uint64_t fingerprint)
{
    return fingerprint ? fingerprint : 1;
}

void iw_map_init(struct iw_map *map, size_t ceiling)
{
    *map = (struct iw_map){.ceiling = ceiling};
}

void iw_map_release(struct iw_map *map)
{
    iw_free(map->slots);
    map->slots = NULL;
    map->count = map->capacity = 0;
}

uint64_t *iw_map_find(const struct iw_map *map, uint64_t fingerprint)
{
    fingerprint = shown(fingerprint);
    for (size_t i = fingerprint & (map->capacity - 1); map->capacity; i = (i + 1) & (map->capacity - 1)) {
        if (map->slots[i].fingerprint == fingerprint)
            return &map->slots[i].value;
        if (map->slots[i].fingerprint == 0)
            return NULL;
    }
    return NULL;
}

static void place(struct iw_map_slot *slots, size_t capacity, struct iw_map_slot slot)
{
    size_t i = slot.fingerprint & (capacity - 1);
    while (slots[i].fingerprint)
        i = (i + 1) & (capacity - 1);
    slots[i] = slot;
}

static enum iw_err grow(struct iw_map *map)
{
    size_t capacity = map->capacity ? map->capacity * 2 : FIRST_SLOTS;
    struct iw_map_slot *slots = iw_calloc(capacity, sizeof *slots);
    if (!slots)
        return IW_ERR_NOMEM;
    for (size_t i = 0; i < map->capacity; i++)
        if (map->slots[i].fingerprint)
            place(slots, capacity, map->slots[i]);
    iw_free(map->slots);
    map->slots = slots;
    map->capacity = capacity;
    return IW_OK;
}

enum iw_err iw_map_add(struct iw_map *map, uint64_t fingerprint, uint64_t value)
{
    if (map->count >= map->ceiling)
        return IW_ERR_LIMIT;
    if (map->count + 1 > map->capacity / 4 * 3 && grow(map) != IW_OK)
        return IW_ERR_NOMEM;
    place(map->slots, map->capacity, (struct iw_map_slot){shown(fingerprint), value});
    map->count++;
    return IW_OK;
}

void iw_map_remove(struct iw_map *map, uint64_t fingerprint)
{
    uint64_t *value = iw_map_find(map, fingerprint);
    if (!value)
        return;
    size_t mask = map->capacity - 1;
    size_t hole = shown(fingerprint) & mask;
    while (&map->slots[hole].value != value)
        hole = (hole + 1) & mask;
    for (size_t i = (hole + 1) & mask; map->slots[i].fingerprint; i = (i + 1) & mask) {
        size_t home = map->slots[i].fingerprint & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            map->slots[hole] = map->slots[i];
            hole = i;
        }
    }
    map->slots[hole].fingerprint = 0;
    map->count--;
}
