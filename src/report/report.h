/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Verdicts to bytes. Writers append to a buffer; who owns the file flushes it. */
#ifndef IW_REPORT_REPORT_H
#define IW_REPORT_REPORT_H

#include "base/buf.h"
#include "rules/rules.h"

/* The document that named a target, and where. */
struct iw_source_ref {
    struct iw_str path;    /* file, URL, "-" for standard input, "" for an argument */
    const char *kind;      /* list sitemap robots file argument ... */
    unsigned line, column; /* 0: none (printed as null) */
    struct iw_str element; /* NONE: null */
};

/* One line of the report: a (target, source reference) pair. Everything is borrowed for the call. */
struct iw_record {
    const struct iw_facts *facts;
    const struct iw_source_ref *source;
    const struct iw_findings *findings;
    enum iw_verdict verdict;
};

/* Counts of a run; filled by the audit. */
struct iw_totals {
    uint64_t records;                    /* lines reported */
    uint64_t targets;                    /* distinct targets judged */
    uint64_t verdicts[IW_VERDICT_COUNT]; /* by record */
    uint64_t pages_skipped;              /* page URLs of sitemaps, not read */
    uint64_t out_of_scope;               /* left out by --include and --exclude */
    uint64_t duplicates;                 /* references beyond a target's first */
    uint64_t complaints;                 /* bad lines and documents */
    uint64_t documents;                  /* inputs read */
    uint64_t requests;
    uint64_t bytes_read;    /* body bytes received */
    uint64_t bytes_weighed; /* sum of the sizes found: what downloading everything would have cost */
    uint64_t retries;
    uint64_t elapsed_ms;
    bool is_incomplete; /* the report does not hold everything */
    char incomplete_why[160];
};

struct iw_report_style {
    bool colour;
    bool hyperlinks;
    unsigned columns;   /* width of the terminal; 0 unlimited */
    unsigned verbosity; /* 0 quiet, 1 normal, 2 and up: more */
    unsigned top;       /* most offenders shown per group; 0 all */
    const struct iw_profile *const *profiles;
    size_t profile_count;
};

/* One output format. state is state_size cleared bytes; release() gives back what it holds. */
struct iw_writer {
    const char *name;
    const char *help;
    size_t state_size;
    enum iw_err (*begin)(void *state, const struct iw_report_style *style, struct iw_buf *out);
    enum iw_err (*item)(void *state, const struct iw_record *record, struct iw_buf *out);
    enum iw_err (*end)(void *state, const struct iw_totals *totals, struct iw_buf *out);
    void (*release)(void *state);
};
extern const struct iw_writer *const iw_writers[];
extern const size_t iw_writer_count;
const struct iw_writer *iw_writer_find(struct iw_str name);

/* Bytes that a terminal may be given: control characters (C0, DEL, C1) and bidi controls as \xNN or \u{NNNN}, invalid
 * UTF-8 as U+FFFD. */
void iw_report_add_safe(struct iw_buf *out, struct iw_str text);

#endif
