/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Totals in words, inside report/, for writers that people read. Nothing of strangers is in them but the names of
 * profiles. */
#ifndef IW_REPORT_WORDS_H
#define IW_REPORT_WORDS_H

#include "report/report.h"

/* The order in which verdicts are told: the worst first. */
extern const enum iw_verdict iw_verdicts_told[IW_VERDICT_COUNT];

/* Appends "8 of 33 images do not fit", without those waived, or "33 images, none over a limit"; then, where there are,
 * "; 2 faults of the inputs". */
void iw_words_title(struct iw_buf *out, const struct iw_totals *totals);
/* Appends "5 over, 3 broken, 24 ok": the verdicts that there are. */
void iw_words_verdicts(struct iw_buf *out, const struct iw_totals *totals);
/* Appends "1 new, 2 fixed", or "nothing new, 12 same": the changes that there are. */
void iw_words_changes(struct iw_buf *out, const struct iw_totals *totals);
/* Appends "judged by openai, anthropic; 193 kB read to weigh 22.9 MB with 50 requests in 0.0 s"; to be escaped. */
void iw_words_costs(struct iw_buf *out, const struct iw_report_style *style, const struct iw_totals *totals);
/* The tokens that an image costs by the profile at index, as its request asks for it; false: the profile states none,
 * or one of its name went before. */
bool iw_style_tokens(const struct iw_report_style *style, size_t index, const struct iw_record *record,
                     uint64_t *out_tokens);
/* Appends "1.2 MB, 1600x1200", or as much of it as is known. */
void iw_words_figures(struct iw_buf *out, const struct iw_facts *facts);

#endif
