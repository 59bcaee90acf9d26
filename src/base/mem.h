/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The only callers of malloc. Sizes are checked for overflow. NULL means out of memory;
 * the caller hands IW_ERR_NOMEM up. */
#ifndef IW_BASE_MEM_H
#define IW_BASE_MEM_H

#include "base/iw.h"

/* size bytes, not cleared. The caller frees them with iw_free(). */
void *iw_malloc(size_t size) IW_MUST_USE;
/* count * size bytes, cleared. */
void *iw_calloc(size_t count, size_t size) IW_MUST_USE;
/* As iw_calloc(), for tables that are read at random: several megabytes come in huge pages, if the system has them. */
void *iw_calloc_table(size_t count, size_t size) IW_MUST_USE;
/* ptr resized to count * size bytes; on failure NULL and ptr is untouched. */
void *iw_realloc(void *ptr, size_t count, size_t size) IW_MUST_USE;
/* size bytes that begin at a multiple of alignment (a power of two, and size a multiple of it), not cleared. */
void *iw_aligned_malloc(size_t alignment, size_t size) IW_MUST_USE;
/* Accepts NULL, and what a library has taken from malloc for its caller to free. */
void iw_free(void *ptr);
/* A terminated copy of a string or of len bytes; the caller frees it. */
char *iw_strdup(const char *text) IW_MUST_USE;
char *iw_strndup(const char *text, size_t len) IW_MUST_USE;

#endif
