/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Mutations that know what a file is made of, for libFuzzer: chance alone breaks the sizes and offsets that lead to
 * what is worth breaking. A document is changed in place; what does not fit its room is not done. */
#ifndef IW_TESTS_MUTATE_H
#define IW_TESTS_MUTATE_H

#include "base/iw.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Of libFuzzer: changes size bytes at data, of which there may be most in the end; returns how many there are. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

/* A file that is being changed. */
struct mutant {
    uint8_t *bytes;
    size_t size, most;
    uint64_t chance; /* state of the generator, never 0 */
};

/* A number below count, which is at least 1 (xorshift64, Marsaglia 2003). */
static inline size_t mutant_pick(struct mutant *mutant, size_t count)
{
    mutant->chance ^= mutant->chance << 13;
    mutant->chance ^= mutant->chance >> 7;
    mutant->chance ^= mutant->chance << 17;
    return (size_t)(mutant->chance >> 16) % count;
}

/* A number that is at the edge of something: small, the size of the file, the most that bytes hold. */
static inline uint64_t mutant_edge(struct mutant *mutant, unsigned bytes)
{
    uint64_t most = bytes >= 8 ? UINT64_MAX : (UINT64_C(1) << 8 * bytes) - 1;
    switch (mutant_pick(mutant, 6)) {
    case 0:
        return most - mutant_pick(mutant, 3);
    case 1:
        return (most >> 1) + mutant_pick(mutant, 2);
    case 2:
        return mutant->size - IW_MIN(mutant->size, mutant_pick(mutant, 32));
    case 3:
        return mutant->size + mutant_pick(mutant, 32);
    case 4:
        return mutant_pick(mutant, mutant->size + 1);
    default:
        return mutant_pick(mutant, 20);
    }
}

/* Puts len bytes in at offset at; bytes may be NULL, for zeros. */
static inline bool mutant_insert(struct mutant *mutant, size_t at, const uint8_t *bytes, size_t len)
{
    if (at > mutant->size || len > mutant->most - mutant->size)
        return false;
    memmove(mutant->bytes + at + len, mutant->bytes + at, mutant->size - at);
    memset(mutant->bytes + at, 0, len);
    if (bytes)
        memcpy(mutant->bytes + at, bytes, len);
    mutant->size += len;
    return true;
}

/* Takes len bytes out at offset at. */
static inline void mutant_remove(struct mutant *mutant, size_t at, size_t len)
{
    memmove(mutant->bytes + at, mutant->bytes + at + len, mutant->size - at - len);
    mutant->size -= len;
}

/* The number in bytes bytes at offset at, most significant first or last. */
static inline uint64_t mutant_get(const struct mutant *mutant, size_t at, unsigned bytes, bool is_big_endian)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | mutant->bytes[at + (is_big_endian ? i : bytes - 1 - i)];
    return value;
}

static inline void mutant_put(struct mutant *mutant, size_t at, uint64_t value, unsigned bytes, bool is_big_endian)
{
    for (unsigned i = 0; i < bytes; i++)
        mutant->bytes[at + (is_big_endian ? bytes - 1 - i : i)] = (uint8_t)(value >> 8 * i);
}

/* One change to boxes (ISO/IEC 14496-12 clause 4.2), to directories of TIFF (TIFF 6.0 section 2). False: there is
 * nothing of the kind, or it did not fit. */
bool mutate_boxes(struct mutant *mutant);
bool mutate_tiff(struct mutant *mutant);

#endif
