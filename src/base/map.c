/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Linear probing; removal shifts back, so there are no tombstones. The low bits of a fingerprint choose the part, the
 * bits above them the slot, by multiplication: capacities need not be powers of two. */
#include "base/iw.h"
#include "base/map.h"

#include "base/mem.h"

struct iw_map_slot {
    uint64_t fingerprint; /* 0: empty */
    uint64_t value;
};

enum { FIRST_SLOTS = 8, PART_BITS = 4 };

static uint64_t shown(uint64_t fingerprint)
{
    return fingerprint ? fingerprint : 1;
}

static struct iw_map_part *part_of(struct iw_map *map, uint64_t fingerprint)
{
    return &map->parts[fingerprint % IW_MAP_PARTS];
}

static uint32_t home(const struct iw_map_part *part, uint64_t fingerprint)
{
    return (uint32_t)((fingerprint >> PART_BITS & UINT32_MAX) * part->capacity >> 32);
}

static uint32_t behind(const struct iw_map_part *part, uint32_t i)
{
    return i + 1 == part->capacity ? 0 : i + 1;
}

void iw_map_init(struct iw_map *map, size_t ceiling)
{
    *map = (struct iw_map){.ceiling = ceiling};
}

void iw_map_release(struct iw_map *map)
{
    for (size_t i = 0; i < IW_MAP_PARTS; i++)
        iw_free(map->parts[i].slots);
    *map = (struct iw_map){.ceiling = map->ceiling};
}

uint64_t *iw_map_find(const struct iw_map *map, uint64_t fingerprint)
{
    fingerprint = shown(fingerprint);
    const struct iw_map_part *part = &map->parts[fingerprint % IW_MAP_PARTS];
    if (!part->capacity)
        return NULL;
    for (uint32_t i = home(part, fingerprint);; i = behind(part, i)) {
        if (part->slots[i].fingerprint == fingerprint)
            return &part->slots[i].value;
        if (part->slots[i].fingerprint == 0)
            return NULL;
    }
}

void iw_map_prefetch(const struct iw_map *map, uint64_t fingerprint)
{
    fingerprint = shown(fingerprint);
    const struct iw_map_part *part = &map->parts[fingerprint % IW_MAP_PARTS];
    if (part->capacity)
        __builtin_prefetch(&part->slots[home(part, fingerprint)]);
}

static void place(struct iw_map_part *part, struct iw_map_slot slot)
{
    uint32_t i = home(part, slot.fingerprint);
    while (part->slots[i].fingerprint)
        i = behind(part, i);
    part->slots[i] = slot;
}

static enum iw_err grow(struct iw_map_part *part)
{
    if (part->capacity > UINT32_MAX / 2)
        return IW_ERR_LIMIT;
    struct iw_map_part larger = {.capacity = part->capacity ? part->capacity + part->capacity / 2 : FIRST_SLOTS,
                                 .count = part->count};
    larger.slots = iw_calloc_table(larger.capacity, sizeof *larger.slots);
    if (!larger.slots)
        return IW_ERR_NOMEM;
    for (uint32_t i = 0; i < part->capacity; i++)
        if (part->slots[i].fingerprint)
            place(&larger, part->slots[i]);
    iw_free(part->slots);
    *part = larger;
    return IW_OK;
}

enum iw_err iw_map_add(struct iw_map *map, uint64_t fingerprint, uint64_t value)
{
    fingerprint = shown(fingerprint);
    struct iw_map_part *part = part_of(map, fingerprint);
    if (map->count >= map->ceiling)
        return IW_ERR_LIMIT;
    enum iw_err err = part->count + 1 > part->capacity - part->capacity / 8 ? grow(part) : IW_OK;
    if (err != IW_OK)
        return err;
    place(part, (struct iw_map_slot){fingerprint, value});
    part->count++;
    map->count++;
    return IW_OK;
}

/* How far slot i lies behind slot from, around the end. */
static uint32_t distance(const struct iw_map_part *part, uint32_t from, uint32_t i)
{
    return i >= from ? i - from : i + part->capacity - from;
}

void iw_map_remove(struct iw_map *map, uint64_t fingerprint)
{
    uint64_t *value = iw_map_find(map, fingerprint);
    if (!value)
        return;
    struct iw_map_part *part = part_of(map, shown(fingerprint));
    uint32_t hole = home(part, shown(fingerprint));
    while (&part->slots[hole].value != value)
        hole = behind(part, hole);
    for (uint32_t i = behind(part, hole); part->slots[i].fingerprint; i = behind(part, i)) {
        if (distance(part, home(part, part->slots[i].fingerprint), i) >= distance(part, hole, i)) {
            part->slots[hole] = part->slots[i];
            hole = i;
        }
    }
    part->slots[hole].fingerprint = 0;
    part->count--;
    map->count--;
}
