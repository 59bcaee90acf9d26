/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Where a byte that came out of the filter stood in the original. The parser lags behind the filter, so newlines and
 * changes wait here until it has passed them. */
#include "base/iw.h"
#include "source/xml_filter.h"

enum { DROP_BYTES = 64 << 10 };

/* Passes the changes up to out_at and returns the offset in the original. What was put in place of a byte stands where
 * that byte stood, however long it is. */
static uint64_t original_of(struct iw_xml_filter *filter, uint64_t out_at)
{
    struct iw_xml_edit next;
    while (filter->edits.len - filter->edits_passed >= sizeof next) {
        memcpy(&next, filter->edits.ptr + filter->edits_passed, sizeof next);
        if (next.out_at > out_at) {
            uint64_t at = filter->edit.in_at + (out_at - filter->edit.out_at);
            return IW_MIN(at, next.in_at - 1);
        }
        filter->edit = next;
        filter->edits_passed += sizeof next;
    }
    return filter->edit.in_at + (out_at - filter->edit.out_at);
}

/* Moving what remains costs time, so it waits until there is enough to drop. */
static void drop_passed(struct iw_buf *marks, size_t *passed)
{
    if (*passed == marks->len || *passed >= DROP_BYTES) {
        iw_buf_drop(marks, *passed);
        *passed = 0;
    }
}

static unsigned clamp(uint64_t value)
{
    return value > UINT32_MAX ? UINT32_MAX : (unsigned)value;
}

void iw_xml_filter_place(struct iw_xml_filter *filter, uint64_t out_at, unsigned *out_line, unsigned *out_column)
{
    filter->asked = IW_MAX(filter->asked, out_at);
    uint64_t newline;
    while (filter->newlines.len - filter->newlines_passed >= sizeof newline) {
        memcpy(&newline, filter->newlines.ptr + filter->newlines_passed, sizeof newline);
        if (newline >= filter->asked)
            break;
        filter->newlines_passed += sizeof newline;
        filter->line_start = original_of(filter, newline) + 1;
        filter->line++;
    }
    uint64_t at = original_of(filter, filter->asked);
    uint64_t skipped = filter->line == 1 ? filter->columns_skipped : 0;
    *out_line = clamp(filter->line + filter->lines_skipped);
    *out_column = clamp(at - IW_MIN(at, filter->line_start) + 1 + skipped);
    drop_passed(&filter->newlines, &filter->newlines_passed);
    drop_passed(&filter->edits, &filter->edits_passed);
}
