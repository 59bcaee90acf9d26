/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The Gregorian calendar, without the clock and the locale of the C library. */
#include "base/iw.h"
#include "report/moment.h"

void iw_moment_add(struct iw_buf *out, int64_t unix_s)
{
    static const int64_t last = 253402300799; /* of 9999 */
    uint64_t seconds = (uint64_t)(unix_s < 0 ? 0 : IW_MIN(unix_s, last));
    uint64_t day = seconds / 86400, second = seconds % 86400;
    /* years begin in March, so that the leap day is their last; 719,468 days lie between 0000-03-01 and 1970 */
    uint64_t era_day = day + 719468;
    uint64_t era = era_day / 146097, of_era = era_day % 146097;
    uint64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint64_t march_month = (5 * of_year + 2) / 153;
    uint64_t of_month = of_year - (153 * march_month + 2) / 5 + 1;
    uint64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
    uint64_t year = era * 400 + year_of_era + (month <= 2);
    iw_buf_printf(out, "%04u-%02u-%02uT%02u:%02u:%02u", (unsigned)year, (unsigned)month, (unsigned)of_month,
                  (unsigned)(second / 3600), (unsigned)(second / 60 % 60), (unsigned)(second % 60));
}
