/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Fields of directories changed, doubled and exchanged; directories copied to the end of the file and linked from
 * there, chains bitten into their tails, SubIFDs added, and the order of all bytes turned over. */
#include "mutate.h"

enum { MOST_IFDS = 24, MOST_ENTRIES = 512, SUB_IFDS = 330, EXIF_IFD = 34665, LONG = 4, IFD = 13, LONG8 = 16 };

struct tiff {
    bool is_big_endian, is_big; /* BigTIFF */
    unsigned wide;              /* bytes of an offset */
    unsigned entry_bytes, count_bytes;
    size_t first_at; /* of the offset of the first directory */
    struct ifd {
        size_t at, entries;
        size_t link_at; /* what leads here */
    } ifds[MOST_IFDS];
    size_t count;
};

static const uint16_t tags[] = {254,   255,   256,   257,   258, 262, 274, 277, 330, 338,
                                34665, 34675, 40962, 40963, 2,   3,   4,   5,   6,   7};
/* Bytes of a value, by its type. */
static const uint8_t type_bytes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};

static uint64_t get(const struct mutant *mutant, const struct tiff *tiff, size_t at, unsigned bytes)
{
    return mutant_get(mutant, at, bytes, tiff->is_big_endian);
}

static void put(struct mutant *mutant, const struct tiff *tiff, size_t at, uint64_t value, unsigned bytes)
{
    mutant_put(mutant, at, value, bytes, tiff->is_big_endian);
}

static size_t entry_at(const struct tiff *tiff, const struct ifd *ifd, size_t entry)
{
    return ifd->at + tiff->count_bytes + entry * tiff->entry_bytes;
}

/* Of the offset of the next directory. */
static size_t next_at(const struct tiff *tiff, const struct ifd *ifd)
{
    return entry_at(tiff, ifd, ifd->entries);
}

/* Adds the directory that the offset at link_at leads to, if there is a new one. */
static void add_ifd(const struct mutant *mutant, struct tiff *tiff, size_t link_at)
{
    if (tiff->count == MOST_IFDS || link_at > mutant->size || mutant->size - link_at < tiff->wide)
        return;
    uint64_t at = get(mutant, tiff, link_at, tiff->wide);
    if (at < 8 || at > mutant->size || mutant->size - at < tiff->count_bytes)
        return;
    for (size_t i = 0; i < tiff->count; i++)
        if (tiff->ifds[i].at == at)
            return;
    struct ifd ifd = {
        .at = (size_t)at, .entries = (size_t)get(mutant, tiff, (size_t)at, tiff->count_bytes), .link_at = link_at};
    size_t room = mutant->size - ifd.at - tiff->count_bytes;
    if (ifd.entries <= MOST_ENTRIES && room >= tiff->wide && ifd.entries <= (room - tiff->wide) / tiff->entry_bytes)
        tiff->ifds[tiff->count++] = ifd;
}

/* Finds the directories: those of the chain, and of the fields that lead to others. */
static bool find(const struct mutant *mutant, struct tiff *tiff)
{
    if (mutant->size < 16 || (memcmp(mutant->bytes, "II", 2) != 0 && memcmp(mutant->bytes, "MM", 2) != 0))
        return false;
    tiff->is_big_endian = mutant->bytes[0] == 'M';
    tiff->is_big = get(mutant, tiff, 2, 2) == 43;
    tiff->wide = tiff->is_big ? 8 : 4;
    tiff->entry_bytes = tiff->is_big ? 20 : 12;
    tiff->count_bytes = tiff->is_big ? 8 : 2;
    tiff->first_at = tiff->is_big ? 8 : 4;
    add_ifd(mutant, tiff, tiff->first_at);
    for (size_t i = 0; i < tiff->count; i++) {
        const struct ifd *ifd = &tiff->ifds[i];
        for (size_t entry = 0; entry < ifd->entries; entry++) {
            size_t at = entry_at(tiff, ifd, entry);
            uint64_t tag = get(mutant, tiff, at, 2);
            if (tag == SUB_IFDS || tag == EXIF_IFD)
                add_ifd(mutant, tiff, at + 4 + tiff->wide);
        }
        add_ifd(mutant, tiff, next_at(tiff, ifd));
    }
    return tiff->count > 0;
}

static void turn(struct mutant *mutant, size_t at, unsigned bytes)
{
    mutant_put(mutant, at, mutant_get(mutant, at, bytes, true), bytes, false);
}

/* Turns the bytes of an entry; values that lie elsewhere stay as they are. */
static void turn_entry(struct mutant *mutant, const struct tiff *tiff, size_t at)
{
    uint64_t type = get(mutant, tiff, at + 2, 2);
    uint64_t count = get(mutant, tiff, at + 4, tiff->wide);
    unsigned bytes = type < sizeof type_bytes ? type_bytes[type] : 0;
    turn(mutant, at, 2);
    turn(mutant, at + 2, 2);
    turn(mutant, at + 4, tiff->wide);
    if (bytes == 0 || count > tiff->wide / bytes) {
        turn(mutant, at + 4 + tiff->wide, tiff->wide);
        return;
    }
    for (unsigned i = 0; i < count; i++)
        turn(mutant, at + 4 + tiff->wide + i * bytes, bytes);
}

/* The other order of bytes, in all that leads to the fields. */
static bool turn_all(struct mutant *mutant, const struct tiff *tiff)
{
    for (size_t i = 0; i < tiff->count; i++) {
        const struct ifd *ifd = &tiff->ifds[i];
        for (size_t entry = 0; entry < ifd->entries; entry++)
            turn_entry(mutant, tiff, entry_at(tiff, ifd, entry));
        turn(mutant, ifd->at, tiff->count_bytes);
        turn(mutant, next_at(tiff, ifd), tiff->wide);
    }
    turn(mutant, 2, 2);
    if (tiff->is_big) /* the width of offsets, and a zero */
        turn(mutant, 4, 2);
    turn(mutant, tiff->first_at, tiff->wide);
    memcpy(mutant->bytes, tiff->is_big_endian ? "II" : "MM", 2);
    return true;
}

/* One part of a field: its tag, its type, its count, its value. */
static bool change_entry(struct mutant *mutant, const struct tiff *tiff, size_t at)
{
    unsigned bytes = 1u << mutant_pick(mutant, tiff->is_big ? 4 : 3);
    size_t value_at = at + 4 + tiff->wide;
    switch (mutant_pick(mutant, 6)) {
    case 0:
        put(mutant, tiff, at, tags[mutant_pick(mutant, IW_ARRAY_LEN(tags))], 2);
        return true;
    case 1:
        put(mutant, tiff, at + 2, mutant_pick(mutant, sizeof type_bytes + 1), 2);
        return true;
    case 2:
        put(mutant, tiff, at + 4, mutant_edge(mutant, tiff->wide), tiff->wide);
        return true;
    case 3:
        put(mutant, tiff, value_at, tiff->ifds[mutant_pick(mutant, tiff->count)].at, tiff->wide);
        return true;
    case 4:
        put(mutant, tiff, value_at, mutant_edge(mutant, tiff->wide), tiff->wide);
        return true;
    default:
        put(mutant, tiff, value_at, mutant_edge(mutant, bytes), bytes);
        return true;
    }
}

/* A copy of a directory at the end of the file, with one entry more if wanted. Returns where, or 0. */
static size_t copy_ifd(struct mutant *mutant, const struct tiff *tiff, const struct ifd *ifd, bool is_longer)
{
    size_t len = next_at(tiff, ifd) + tiff->wide - ifd->at, at = mutant->size;
    if (!mutant_insert(mutant, at, NULL, len + (is_longer ? tiff->entry_bytes : 0)))
        return 0;
    memcpy(mutant->bytes + at, mutant->bytes + ifd->at, len - tiff->wide);
    if (is_longer)
        put(mutant, tiff, at, ifd->entries + 1, tiff->count_bytes);
    return at;
}

/* A copy that follows a directory, is one of its SubIFDs, or takes its place with one field more. */
static bool link_copy(struct mutant *mutant, const struct tiff *tiff, const struct ifd *ifd, const struct ifd *other)
{
    bool is_longer = mutant_pick(mutant, 2);
    size_t at = copy_ifd(mutant, tiff, other, is_longer);
    if (at == 0)
        return false;
    if (is_longer) {
        size_t entry = at + tiff->count_bytes + other->entries * tiff->entry_bytes;
        static const uint16_t leads[] = {SUB_IFDS, SUB_IFDS, EXIF_IFD};
        static const uint16_t kinds[] = {LONG, IFD, LONG8};
        put(mutant, tiff, entry, leads[mutant_pick(mutant, IW_ARRAY_LEN(leads))], 2);
        put(mutant, tiff, entry + 2, kinds[mutant_pick(mutant, IW_ARRAY_LEN(kinds))], 2);
        put(mutant, tiff, entry + 4, 1 + mutant_pick(mutant, 3), tiff->wide);
        put(mutant, tiff, entry + 4 + tiff->wide, mutant_pick(mutant, 4) ? ifd->at : at, tiff->wide);
        put(mutant, tiff, other->link_at, at, tiff->wide);
    } else if (ifd->entries && mutant_pick(mutant, 2)) {
        size_t entry = entry_at(tiff, ifd, mutant_pick(mutant, ifd->entries));
        put(mutant, tiff, entry, SUB_IFDS, 2);
        put(mutant, tiff, entry + 2, IFD, 2);
        put(mutant, tiff, entry + 4, 1, tiff->wide);
        put(mutant, tiff, entry + 4 + tiff->wide, at, tiff->wide);
    } else {
        put(mutant, tiff, next_at(tiff, ifd), at, tiff->wide);
    }
    return true;
}

bool mutate_tiff(struct mutant *mutant)
{
    struct tiff tiff = {.count = 0};
    if (!find(mutant, &tiff))
        return false;
    const struct ifd *ifd = &tiff.ifds[mutant_pick(mutant, tiff.count)];
    const struct ifd *other = &tiff.ifds[mutant_pick(mutant, tiff.count)];
    size_t choice = mutant_pick(mutant, 12);
    if (choice == 0)
        return turn_all(mutant, &tiff);
    if (choice == 1) {
        put(mutant, &tiff, next_at(&tiff, ifd), mutant_pick(mutant, 2) ? other->at : mutant_edge(mutant, tiff.wide),
            tiff.wide);
        return true;
    }
    if (choice == 2) {
        put(mutant, &tiff, ifd->at, mutant_edge(mutant, tiff.count_bytes), tiff.count_bytes);
        return true;
    }
    if (choice < 5)
        return link_copy(mutant, &tiff, ifd, other);
    if (ifd->entries == 0)
        return false;
    size_t at = entry_at(&tiff, ifd, mutant_pick(mutant, ifd->entries));
    if (choice > 5)
        return change_entry(mutant, &tiff, at);
    if (other->entries == 0)
        return false;
    /* one field over another one */
    memmove(mutant->bytes + at, mutant->bytes + entry_at(&tiff, other, mutant_pick(mutant, other->entries)),
            tiff.entry_bytes);
    return true;
}
