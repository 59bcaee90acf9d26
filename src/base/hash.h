/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* SipHash-1-3 (Aumasson, Bernstein): a keyed 64-bit hash that hostile input cannot aim at. */
#ifndef IW_BASE_HASH_H
#define IW_BASE_HASH_H

#include "base/str.h"

struct iw_hash_key {
    uint64_t k0, k1;
};
uint64_t iw_hash64(const struct iw_hash_key *key, const void *bytes, size_t len);

#endif
