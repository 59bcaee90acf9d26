/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What writers of offenders share, inside report/: what is wrong with a record, where it is to be shown, how many there
 * are of each rule, and the worst ones kept where a format takes no more. */
#ifndef IW_REPORT_OFFENCE_H
#define IW_REPORT_OFFENCE_H

#include "report/report.h"

/* ---- what is wrong ---- */

/* Rules as reports count them: those of rules.def, and one behind them for what is undecided without a finding. */
enum { IW_UNDECIDED = IW_RULE_COUNT, IW_OFFENCES = IW_RULE_COUNT + 1 };
const struct iw_rule *iw_offence_rule(unsigned rule); /* below IW_OFFENCES; "undecided" */

/* One thing that is wrong with a record: a finding, or that it is undecided. */
struct iw_offence {
    unsigned rule; /* below IW_OFFENCES */
    enum iw_severity severity;
    const char *profile;   /* or NULL */
    struct iw_str message; /* of strangers, not empty */
    uint64_t weight;       /* how far beyond the limit, in thousandths of it; 0: no figures */
};
/* How many there are: none of a record that is ok, fixed or gone. */
size_t iw_offence_count(const struct iw_record *record);
/* The one at index, in the order of the findings. */
void iw_offence_at(const struct iw_record *record, size_t index, struct iw_offence *out);
/* The most severe one, the first of those. The record has some. */
void iw_offence_worst(const struct iw_record *record, struct iw_offence *out);
/* One sentence where the verdict is broken or unknown (the record's `error`): what failed, or which finding leaves it
 * undecided; else NONE. */
struct iw_str iw_record_error(const struct iw_record *record);
uint64_t iw_finding_weight(const struct iw_finding *finding);

/* Appends a sentence, not escaped: the message, and how it stands beside the run before; describe: what to use instead,
 * too. */
void iw_offence_say(struct iw_buf *out, const struct iw_record *record, const struct iw_offence *offence);
void iw_offence_describe(struct iw_buf *out, const struct iw_record *record, const struct iw_offence *offence);
/* Appends "214 kB, 1280x960". */
void iw_suggestion_add_figures(struct iw_buf *out, const struct iw_suggestion *suggestion);
/* Fills out with "URL: sentence"; a long URL is cut in its middle. */
void iw_offence_tell(struct iw_buf *out, const struct iw_record *record, const struct iw_offence *offence);
/* Room for one record as any format writes it, whatever its URLs (64 KiB each) are made of. */
#define IW_ONE_BYTES ((size_t)4 << 20)
/* A number that names an offence in run after run, wherever its line or the folder of the run moves: of rule, profile,
 * target, document and element. */
uint64_t iw_offence_id(const struct iw_record *record, const struct iw_report_style *style,
                       const struct iw_offence *offence);

/* ---- where it is shown ---- */

/* Formats for repositories want a path, relative to the folder of the run. What has none gets one that no file has: the
 * URL of a document without its scheme, "standard-input", "command-line". */
struct iw_anchor {
    struct iw_str path;    /* borrowed; not escaped */
    bool is_file;          /* a file of this machine */
    unsigned line, column; /* 0: none */
};
void iw_anchor_of(const struct iw_record *record, const struct iw_report_style *style, struct iw_anchor *out);
/* Appends "path:line:column (element)" as text for people, not escaped, the path not shortened to the folder; nothing
 * for an argument. */
void iw_source_describe(struct iw_buf *out, const struct iw_source_ref *source);

/* ---- counting ---- */

struct iw_tally {
    uint64_t findings[IW_OFFENCES][3]; /* by rule and severity */
    uint64_t fresh[IW_OFFENCES];       /* of those, in records that are new */
};
void iw_tally_add(struct iw_tally *tally, const struct iw_record *record);

/* ---- the worst ---- */

/* Severity first, then what is new or worse, then how far beyond the limit; then place, so that the order in which
 * answers came does not show. */
struct iw_rank {
    unsigned level; /* larger is worse */
    uint64_t weight;
    unsigned line, column;
};
/* Below 0: a is worse; 0: neither. */
int iw_rank_order(const struct iw_rank *a, const struct iw_rank *b);
void iw_rank_of(const struct iw_record *record, const struct iw_offence *offence, struct iw_rank *out);

struct iw_kept {
    struct iw_rank rank;
    uint64_t id;    /* of the offence, where a format wants one */
    unsigned nth;   /* 0, 1 ... of those with one id; set by iw_worst_sort() */
    unsigned group; /* what the writer likes */
    char *text;     /* set by iw_worst_add(), and so is len */
    size_t len;
};
/* The worst of what was offered, up to a count and a sum of bytes. */
struct iw_worst {
    struct iw_kept *list; /* a heap, its least bad first; after iw_worst_sort() the worst first */
    size_t count, room, max_count;
    size_t bytes, max_bytes;
    uint64_t offered;
};
void iw_worst_init(struct iw_worst *worst, size_t max_count, size_t max_bytes);
void iw_worst_release(struct iw_worst *worst); /* accepts a cleared struct */
/* Counts one more; false: it would not be kept, so that its text need not be made. */
bool iw_worst_offer(struct iw_worst *worst, const struct iw_rank *rank);
/* Keeps it, with a copy of text, and lets go of what is less bad and has no room. IW_ERR_NOMEM. */
enum iw_err iw_worst_add(struct iw_worst *worst, struct iw_kept kept, struct iw_str text) IW_MUST_USE;
void iw_worst_sort(struct iw_worst *worst);
static inline uint64_t iw_worst_cut(const struct iw_worst *worst)
{
    return worst->offered - worst->count;
}

#endif
