/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Moments as text, inside report/. */
#ifndef IW_REPORT_MOMENT_H
#define IW_REPORT_MOMENT_H

#include "base/buf.h"

/* Appends seconds since 1970 as "2026-11-25T08:00:00" (UTC, ISO 8601), of the years 1970 to 9999. */
void iw_moment_add(struct iw_buf *out, int64_t unix_s);

#endif
