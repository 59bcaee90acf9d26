/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* By 64-bit hashes: of a million URLs two are taken for one with a chance of 1 in 37 million. */
#include "base/iw.h"
#include "report/seen.h"

#include "base/hash.h"

static uint64_t hash_of(struct iw_str text)
{
    static const struct iw_hash_key key = {3, 4};
    return iw_hash64(&key, text.ptr ? text.ptr : "", text.len);
}

bool iw_was_seen(const struct iw_map *map, struct iw_str text)
{
    return iw_map_find(map, hash_of(text)) != NULL;
}

enum iw_err iw_seen(struct iw_map *map, struct iw_str text, bool *out_is_new)
{
    uint64_t hash = hash_of(text);
    *out_is_new = iw_map_find(map, hash) == NULL;
    enum iw_err err = *out_is_new ? iw_map_add(map, hash, 0) : IW_OK;
    return err == IW_ERR_LIMIT ? IW_OK : err;
}
