/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The text report from inside: text.c collects, text_offenders.c and text_summary.c tell. */
#ifndef IW_REPORT_TEXT_H
#define IW_REPORT_TEXT_H

#include "report/hosts.h"
#include "report/offence.h"

/* What the user is to do about an offender. */
enum iw_text_next { IW_NEXT_SHRINK, IW_NEXT_REDO, IW_NEXT_CORRECT, IW_NEXT_AGAIN, IW_NEXT_LOOK };
#define IW_NEXT_COUNT 5

/* One offender: a record with findings, or without a verdict. Its texts follow one another in what is kept. */
struct iw_text_offender {
    enum iw_rule_id rule; /* of its worst finding */
    enum iw_severity severity;
    enum iw_verdict verdict;
    enum iw_change change;
    uint64_t weight; /* how far over, in thousandths; larger comes first */
    size_t order;
    struct iw_str url, what, image, other, place;
};

struct iw_text {
    struct iw_report_style style;
    struct iw_worst offenders; /* the first ones by style.sort; the rest is counted */
    struct iw_host_rows hosts;
    struct iw_buf buf;       /* one offender's texts */
    struct iw_map documents; /* in their order; what has no place in one is counted */
    uint64_t document_count, without_place;
    uint64_t fresh; /* new or worse than in the run before */
    uint64_t unwaived;
    bool is_compared;
    uint64_t rules[IW_RULE_COUNT];
    uint64_t next[IW_NEXT_COUNT]; /* of what is neither waived, nor a note, nor known from the run before */
    char placeholder_host[256];   /* the first that has one */
    bool has_more_placeholder_hosts;
};

static inline bool iw_text_is_fresh(enum iw_change change)
{
    return change == IW_CHANGE_NEW || change == IW_CHANGE_WORSE;
}
/* Appends an escape sequence, as "31", where there are colours; t NULL: there are none. */
void iw_text_paint(const struct iw_text *t, struct iw_buf *out, const char *code);
const char *iw_text_colour(enum iw_verdict verdict);

/* Reads back what was kept. */
void iw_text_unpack(const struct iw_kept *kept, struct iw_text_offender *out);

/* IW_ERR_NOMEM. */
enum iw_err iw_text_tell_offenders(struct iw_text *t, struct iw_buf *out) IW_MUST_USE;

void iw_text_tell_incomplete(const struct iw_text *t, const struct iw_totals *totals, struct iw_buf *out);
/* What differs from the run before, how many of what verdict there are, what to do next. */
void iw_text_tell_first(const struct iw_text *t, const struct iw_totals *totals, struct iw_buf *out);
void iw_text_tell_hosts(struct iw_text *t, struct iw_buf *out);
void iw_text_tell_last(const struct iw_text *t, const struct iw_totals *totals, struct iw_buf *out);

#endif
