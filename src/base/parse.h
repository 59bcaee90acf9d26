/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Text that people write into numbers, sizes, durations and choices. The whole slice must be consumed
 * (surrounding white space is allowed); out-parameters are untouched on failure. */
#ifndef IW_BASE_PARSE_H
#define IW_BASE_PARSE_H

#include "base/err.h"
#include "base/str.h"

/* Decimal digits only. IW_ERR_SYNTAX, or IW_ERR_RANGE above UINT64_MAX. */
enum iw_err iw_parse_u64(struct iw_str text, uint64_t *out_value) IW_MUST_USE;
/* Bytes: a bare number; with kB MB GB (powers of 1000) or KiB MiB GiB (powers of 1024), case-insensitive,
 * "5M"/"5k" are 5 MB/5 kB; a fraction ("1.5 MiB") is rounded down; a space before the unit is allowed. */
enum iw_err iw_parse_size(struct iw_str text, uint64_t *out_bytes) IW_MUST_USE;
/* Milliseconds: 500ms 20s 5m 24h 7d; a bare number is seconds; fractions are allowed. */
enum iw_err iw_parse_duration(struct iw_str text, uint64_t *out_ms) IW_MUST_USE;
/* "N/s", "N/m", "N/h": microseconds from one to the next; a bare number is of a second. At least 1 a day. */
enum iw_err iw_parse_rate(struct iw_str text, uint64_t *out_gap_us) IW_MUST_USE;
/* Days from 1970-01-01 to a date of the Gregorian calendar, which is taken to be one. */
int64_t iw_days_of(int64_t year, unsigned month, unsigned day);
/* yes no true false on off 1 0, case-insensitive. */
enum iw_err iw_parse_bool(struct iw_str text, bool *out_value) IW_MUST_USE;
/* "1280x960" (x or X), both 1..2^31-1. */
enum iw_err iw_parse_box(struct iw_str text, uint32_t *out_width_px, uint32_t *out_height_px) IW_MUST_USE;
/* "1,234,567": digits grouped by commas into out (at least 27 bytes), terminated; returns out. */
char *iw_format_u64(uint64_t value, char out[27]);
/* A size for people: "20.0 MB", "214 kB", "12 B" (powers of 1000) into out (at least 16 bytes). */
char *iw_format_size(uint64_t bytes, char out[16]);
/* "2026-10-28 12:00:00 UTC" of seconds since 1970, years 1970 to 9999; a later one is "after 9999". */
char *iw_format_utc(int64_t unix_s, char out[24]);

#endif
