/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Images counted by host, inside report/. */
#ifndef IW_REPORT_HOSTS_H
#define IW_REPORT_HOSTS_H

#include "base/map.h"
#include "report/report.h"

#define IW_HOSTS_COUNTED 4096
struct iw_host_row {
    char name[256]; /* with the port; not escaped */
    uint64_t verdicts[IW_VERDICT_COUNT];
    uint64_t records, bytes;
};
struct iw_host_rows {
    struct iw_map map;
    struct iw_host_row *list;
    size_t count, room;
    struct iw_host_row others; /* beyond IW_HOSTS_COUNTED, and those that iw_host_rows_sort() puts there */
};
void iw_host_rows_begin(struct iw_host_rows *rows);
void iw_host_rows_release(struct iw_host_rows *rows);
enum iw_err iw_host_rows_add(struct iw_host_rows *rows, const struct iw_record *record) IW_MUST_USE;
/* Those with most that fails first; what is beyond the first so many is added to the others, and not counted. */
void iw_host_rows_sort(struct iw_host_rows *rows, size_t most);
/* Images of the host that are over or broken. */
uint64_t iw_host_row_refused(const struct iw_host_row *row);
/* Records of the row that has most. */
uint64_t iw_host_rows_longest(const struct iw_host_rows *rows);

#endif
