/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Pieces of records as JSON, inside report/. Each appends "key":value with its comma. */
#ifndef IW_REPORT_JSON_H
#define IW_REPORT_JSON_H

#include "report/report.h"

/* A value: a string, or null for NULL. */
void iw_json_text(struct iw_buf *out, const char *text);
/* A number, or null where it is not known. */
void iw_json_number(struct iw_buf *out, const char *key, bool is_known, uint64_t value);
/* A string, or null where it is empty. */
void iw_json_string(struct iw_buf *out, const char *key, struct iw_str text);
/* A value: thousandths as a decimal number without trailing zeros. */
void iw_json_thousandths(struct iw_buf *out, uint64_t value);
/* A string: seconds since 1970 as "2026-11-25T08:00:00Z"; null for 0. */
void iw_json_moment(struct iw_buf *out, const char *key, int64_t unix_s);
/* An array of strings: the names of the profiles. */
void iw_json_profiles(struct iw_buf *out, const struct iw_report_style *style);
/* Begins a line, behind a comma unless it is the first of an array. */
void iw_json_line(struct iw_buf *out, bool is_first);
/* A whole record: an object, as imgweigh-record(5) says. */
void iw_json_record(struct iw_buf *out, const struct iw_report_style *style, const struct iw_record *record);
/* "source":{...} and "findings":[...], as imgweigh-record(5) says. */
void iw_json_source(struct iw_buf *out, const struct iw_source_ref *source);
void iw_json_findings(struct iw_buf *out, const struct iw_findings *findings);
/* The members of "summary", without braces. */
void iw_json_totals(struct iw_buf *out, const struct iw_totals *totals);
/* The end of a report, for struct iw_writer: a line that says so when it is not complete. */
enum iw_err iw_json_end(void *state, const struct iw_totals *totals, struct iw_buf *out);

#endif
