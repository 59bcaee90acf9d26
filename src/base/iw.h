/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* First include of every .c file: build configuration, attributes, small macros.
 * It declares no function and includes nothing of ours. */
#ifndef IW_BASE_IW_H
#define IW_BASE_IW_H

#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The result may not be dropped: it is the only sign of failure. */
#define IW_MUST_USE __attribute__((warn_unused_result))
/* A printf-like function; the format is parameter fmt, its values start at first. */
#define IW_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

#define IW_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define IW_MIN(a, b)    ((a) < (b) ? (a) : (b))
#define IW_MAX(a, b)    ((a) > (b) ? (a) : (b))

/* A claim that may be unknown. The values are what a record prints: null, false, true. */
enum iw_tri { IW_UNKNOWN = 0, IW_NO = 1, IW_YES = 2 };

#endif
