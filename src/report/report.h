/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Verdicts to bytes. Writers append to a buffer; who owns the file flushes it. */
#ifndef IW_REPORT_REPORT_H
#define IW_REPORT_REPORT_H

#include "base/buf.h"
#include "rules/rules.h"

/* The document that named a target, and where. */
struct iw_source_ref {
    struct iw_str path;      /* file, URL, "-" for standard input, "" for an argument */
    const char *kind;        /* list sitemap robots file argument ... */
    unsigned line, column;   /* 0: none (printed as null) */
    struct iw_str element;   /* NONE: null */
    struct iw_place place;   /* of an image in a page */
    struct iw_str custom_id; /* of the request that holds it; NONE: null */
};

/* What `fix` did about one image (imgweigh-record(5), "FIX RECORDS"). */
enum iw_action {
    IW_ACTION_KEPT,         /* it fits already */
    IW_ACTION_RELABELLED,   /* its own bytes under their right type */
    IW_ACTION_INLINED,      /* its own bytes in place of the URL */
    IW_ACTION_RECOMPRESSED, /* a new JPEG */
    IW_ACTION_FAILED,       /* could not be made to fit, or could not be read */
};
#define IW_ACTION_COUNT 5
const char *iw_action_name(enum iw_action action); /* "kept" ... */
struct iw_mended {
    enum iw_action action;
    struct iw_str reason; /* one sentence; NONE where the action says it all */
    /* the result, unless kept or failed */
    uint64_t bytes;
    uint32_t width_px, height_px;
    const struct iw_image_format *format;
    unsigned quality;      /* 0: the pixels are the source's */
    unsigned subsampling;  /* 444, 420, 400; 0: the source's */
    struct iw_str payload; /* its bytes; NONE once or where there are none */
    bool wants_data_uri;
    struct iw_str path; /* the file that it was written to, by whoever did */
    uint64_t us;        /* spent on mending: fetching, decoding, encoding */
    uint64_t worker_cpu_us, worker_peak_bytes;
};

/* How a record stands beside the run that it is compared with. */
enum iw_change {
    IW_CHANGE_NONE,        /* nothing to compare with, or nothing to say: it was and is fine */
    IW_CHANGE_NEW,         /* an offender that was none, or was not there */
    IW_CHANGE_WORSE,       /* an offender, and further beyond its limit */
    IW_CHANGE_SAME,        /* an offender as before */
    IW_CHANGE_BETTER,      /* still an offender, but less so */
    IW_CHANGE_FIXED,       /* it was an offender */
    IW_CHANGE_GONE,        /* nothing names it any more: a record of what was */
    IW_CHANGE_UNREACHABLE, /* it was checked, and cannot be now: never "fixed" */
    IW_CHANGE_WAIVED,      /* an offender that somebody has answered for */
};
#define IW_CHANGE_COUNT 9
const char *iw_change_name(enum iw_change change); /* "" "new" "worse" ... */

/* What the run before found of the same target. */
struct iw_before {
    enum iw_verdict verdict;
    uint64_t bytes; /* 0: unknown */
    uint32_t width_px, height_px;
    int64_t first_seen_unix_s; /* when it became an offender; 0: not known */
};

/* Another URL of the same picture that was seen to pass (--suggest). */
struct iw_suggestion {
    struct iw_str url;
    uint64_t bytes;
    uint32_t width_px, height_px;
};

/* What the images of request files cost in tokens, by one profile. */
struct iw_token_totals {
    const char *profile; /* its name, once one is counted */
    uint64_t images;     /* whose cost is known: the profile has a formula, and the size in pixels is known */
    uint64_t tokens;
};
#define IW_TOKEN_TOTALS 32

/* One line of the report: a (target, source reference) pair. Everything is borrowed for the call. */
struct iw_record {
    const struct iw_facts *facts;
    const struct iw_source_ref *source;
    const struct iw_findings *findings;
    enum iw_verdict verdict;
    struct iw_mended *mended; /* NULL but in a report of fix, where there is one record an image */
    enum iw_change change;    /* NONE where no run is compared with */
    bool is_uncompared; /* change is NONE because the run before did not come to it, nor does an older look tell */
    const struct iw_before *before; /* NULL: not known, or nothing to compare with */
    bool waiver_ended;    /* what excused it does so no more: told as new, until the waiver is renewed or taken out */
    struct iw_str waiver; /* of WAIVED: why, as its file says */
    const struct iw_suggestion *suggestion; /* or NULL */
    const struct iw_setting *setting;       /* of the request that holds the reference; else NULL */
    bool is_notice; /* it is about a request or a document: facts have its path as url, and no more */
};

/* Documents that were read alike. */
struct iw_read_as {
    const char *kind; /* NULL: further ones, of any kind */
    char how[120];    /* "column image_link", or "" */
    uint64_t documents, urls;
};
#define IW_READ_AS_MAX 8

/* Counts of a run; filled by the audit. */
struct iw_totals {
    uint64_t records;                        /* lines reported */
    uint64_t targets;                        /* distinct targets judged */
    uint64_t verdicts[IW_VERDICT_COUNT];     /* by record */
    bool is_compared;                        /* with a run before; then */
    uint64_t changes[IW_CHANGE_COUNT];       /* by record; what is gone is no record else */
    uint64_t new_offenders, worse_offenders; /* of these, what is over or broken */
    uint64_t uncompared;                     /* by record: an interrupted run before did not come to them */
    uint64_t excused, excused_warnings;      /* waived: what is over or broken, and what is warned of */
    uint64_t pages_skipped;                  /* page URLs of sitemaps, not read */
    uint64_t out_of_scope;                   /* left out by --include and --exclude */
    uint64_t duplicates;                     /* references beyond a target's first */
    uint64_t complaints;                     /* bad lines and documents */
    uint64_t documents;                      /* inputs read */
    const struct iw_read_as *read_as;        /* what they were taken for; the last of IW_READ_AS_MAX is of all others */
    size_t read_as_count;
    uint64_t notices;                               /* records about requests and documents, of records, */
    uint64_t notice_verdicts[IW_VERDICT_COUNT];     /* and of verdicts */
    uint64_t calls, call_images;                    /* requests in request files, and the images that they hold */
    uint64_t call_ids;                              /* of these, known to the consumer alone: not weighed */
    struct iw_token_totals tokens[IW_TOKEN_TOTALS]; /* of the others, by the profiles of the style */
    uint64_t requests;
    uint64_t bytes_read;    /* body bytes received */
    uint64_t bytes_weighed; /* sum of the sizes found: what downloading everything would have cost */
    uint64_t retries;
    uint64_t elapsed_ms;
    uint64_t actions[IW_ACTION_COUNT];    /* of fix */
    uint64_t bytes_before, bytes_after;   /* of what was recompressed */
    uint64_t tokens_before, tokens_after; /* of the same, by the first profile that has a formula */
    uint64_t fix_us, fix_cpu_us;          /* spent on it: by the clock, summed; by the workers' processors */
    uint64_t worker_peak_bytes;
    uint64_t request_files, request_parts;              /* written by fix; parts of those that were split */
    uint64_t request_faults;                            /* of what fix read and cannot mend, but for images */
    uint64_t request_bytes_before, request_bytes_after; /* of them */
    bool is_incomplete;                                 /* the report does not hold everything */
    char incomplete_why[160];
};

/* The records that are of images, and those of a verdict. */
uint64_t iw_totals_images(const struct iw_totals *totals);
uint64_t iw_totals_verdict(const struct iw_totals *totals, enum iw_verdict verdict);
/* What is over or broken and not waived: images, and what is no image. */
uint64_t iw_totals_bad_images(const struct iw_totals *totals);
uint64_t iw_totals_bad_inputs(const struct iw_totals *totals);

/* How the text report orders offenders: in groups, the worst first; as the inputs name them; the largest first. */
enum iw_sort { IW_SORT_VERDICT, IW_SORT_INPUT, IW_SORT_SIZE };

struct iw_report_style {
    bool colour;
    bool hyperlinks;
    bool has_unicode; /* characters beyond ASCII may be drawn with */
    enum iw_sort sort;
    unsigned columns;   /* width of the terminal; 0 unlimited */
    unsigned verbosity; /* 0 quiet, 1 normal, 2 and up: more */
    bool has_payload;   /* of fix: results as data URIs */
    bool is_brief;      /* of fix: what failed, and the totals */
    bool has_parts;     /* there may be further files beside the one that was named */
    unsigned top;       /* most offenders shown per group; 0 all */
    const struct iw_profile *const *profiles;
    size_t profile_count;
    enum iw_detail detail; /* that requests ask for: tokens depend on it, */
    const char *model;     /* and on the model; NULL: not known */
    int64_t began_unix_s;  /* when the run began */
    const char *folder;    /* the working directory, or NULL: paths below it are told from there */
    bool (*can_fix)(const struct iw_image_format *format); /* whether fix reads a format; NULL: not known */
};

/* One output format. state is state_size cleared bytes; release() gives back what it holds. */
struct iw_writer {
    const char *name;
    const char *help;
    size_t state_size;
    bool is_public; /* its files may be read by everybody, whatever the umask */
    enum iw_err (*begin)(void *state, const struct iw_report_style *style, struct iw_buf *out);
    enum iw_err (*item)(void *state, const struct iw_record *record, struct iw_buf *out);
    enum iw_err (*end)(void *state, const struct iw_totals *totals, struct iw_buf *out);
    void (*release)(void *state);
    /* Where the style has parts, asked before each item; NULL: never. True: what was written is a whole file, ended
     * here, and what follows begins the next one. */
    bool (*next_part)(void *state, const struct iw_record *record, struct iw_buf *out);
    /* Beside several parts: what lists them by their names. */
    enum iw_err (*index)(void *state, const struct iw_str *names, size_t count, struct iw_buf *out);
};
/* The table of writers.def: the formats of an audit, and those of fix. */
struct iw_writer_table {
    const struct iw_writer *const *list;
    size_t count;
};
extern const struct iw_writer_table iw_writers, iw_fix_writers;
const struct iw_writer *iw_writer_find(const struct iw_writer_table *table, struct iw_str name);

/* Bytes that a terminal may be given: control characters (C0, DEL, C1) and bidi controls as \xNN or \u{NNNN}, invalid
 * UTF-8 as U+FFFD. */
void iw_report_add_safe(struct iw_buf *out, struct iw_str text);

/* What the inputs were taken for, a line for each kind: a wrong guess shows there. */
void iw_report_add_read_as(struct iw_buf *out, const struct iw_totals *totals);

/* What a header says, for people: format and sizes, then after the separator colours, profile, animation and alpha. */
void iw_report_add_image(struct iw_buf *out, const struct iw_image_facts *image, const char *separator);

#endif
