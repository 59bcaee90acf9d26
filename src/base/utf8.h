/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* UTF-8 (RFC 3629). */
#ifndef IW_BASE_UTF8_H
#define IW_BASE_UTF8_H

#include "base/str.h"

/* Length of the longest valid prefix: s.len when all of it is valid. */
size_t iw_utf8_valid(struct iw_str s);
/* Length in bytes (1..4) of the valid sequence at the start of s, or 0 when it is invalid or cut. */
size_t iw_utf8_len(struct iw_str s);
/* Writes code_point (not a surrogate, <= 0x10FFFF) as 1..4 bytes and returns how many. */
size_t iw_utf8_put(uint32_t code_point, char out[4]);

#endif
