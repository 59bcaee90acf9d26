/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Big- and little-endian integers read from bytes. The caller has checked that they are there. */
#ifndef IW_BASE_BYTES_H
#define IW_BASE_BYTES_H

#include "base/iw.h"

static inline uint16_t iw_be16(const uint8_t *p)
{
    return (uint16_t)((unsigned)p[0] << 8 | p[1]);
}
static inline uint16_t iw_le16(const uint8_t *p)
{
    return (uint16_t)((unsigned)p[1] << 8 | p[0]);
}
static inline uint32_t iw_le24(const uint8_t *p)
{
    return (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}
static inline uint32_t iw_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static inline uint32_t iw_le32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}
static inline uint64_t iw_be64(const uint8_t *p)
{
    return (uint64_t)iw_be32(p) << 32 | iw_be32(p + 4);
}
static inline uint64_t iw_le64(const uint8_t *p)
{
    return (uint64_t)iw_le32(p + 4) << 32 | iw_le32(p);
}

#endif
