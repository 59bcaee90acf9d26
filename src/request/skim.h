/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* How far text is plain: what long strings are skipped by. AVX2 where the processor has it, else SSE2, else a table;
 * all give the same. */
#ifndef IW_REQUEST_SKIM_H
#define IW_REQUEST_SKIM_H

#include "base/iw.h"

/* Index of the first byte that means something within a JSON string, or len: a quote, a backslash, a control character
 * below 0x20, or a byte that is no ASCII. */
size_t iw_skim_string(const char *text, size_t len);
/* Index of the first byte that is not in the base64 alphabet (RFC 4648 section 4, without padding), or len. */
size_t iw_skim_base64(const char *text, size_t len);
/* By byte, the value 0..63 of a character of that alphabet or of the URL-safe one (section 5), else -1. */
extern const int8_t iw_base64_values[256];
/* Decodes whole groups of four such characters, as far as text holds nothing else and room suffices; returns how many
 * bytes: three for each group. */
size_t iw_base64_groups(const char *text, size_t len, uint8_t *out, size_t room);

#endif
