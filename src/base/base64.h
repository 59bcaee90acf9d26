/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Base64 (RFC 4648 section 4). */
#ifndef IW_BASE_BASE64_H
#define IW_BASE_BASE64_H

#include "base/buf.h"

/* Length of the encoded text with padding: 4 * ceil(bytes / 3); UINT64_MAX on overflow. */
uint64_t iw_base64_len(uint64_t bytes);
/* Appends bytes as base64 with padding. */
void iw_base64_add(struct iw_buf *out, struct iw_str bytes);
/* Decodes at most cap bytes from the start of text, skipping ASCII white space, stopping at padding;
 * returns how many were written, SIZE_MAX when a byte is outside the alphabet. */
size_t iw_base64_decode(const char *text, size_t len, uint8_t *out, size_t cap);

#endif
