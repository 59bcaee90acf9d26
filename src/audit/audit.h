/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The pump: inputs become leads, leads targets, targets facts, facts verdicts, verdicts records. */
#ifndef IW_AUDIT_AUDIT_H
#define IW_AUDIT_AUDIT_H

#include "net/net.h"
#include "recompress/recompress.h"
#include "report/report.h"
#include "request/request.h"
#include "source/source.h"

#include <sys/stat.h>

/* What fix does with offenders. */
struct iw_fix_policy {
    bool is_on;
    bool inline_all;                      /* images that fit are fetched and handed out, too */
    bool as_files;                        /* results become files; else data URIs, to which base64 limits apply */
    uint32_t fit_width_px, fit_height_px; /* 0: the profiles' */
    unsigned quality;                     /* 0: the profiles', else 85 */
    bool has_background;
    uint32_t background_rgb;
    const char *encoder; /* a command with {in} and {out}; NULL: our own */
    uint64_t encoder_ms; /* it may take so long */
    struct iw_pool_policy pool;
};

/* What happens to the pages that sitemaps list. */
enum iw_pages { IW_PAGES_SCAN, IW_PAGES_SKIP };

/* How it is done. Everything is borrowed and must outlive the run. */
struct iw_audit_policy {
    struct iw_net_policy net;
    struct iw_probe_policy probe;
    struct iw_judge judge;
    struct iw_fix_policy fix;
    struct iw_reader_limits reader;
    const struct iw_scope *scope; /* NULL: everything */
    const struct iw_source *from; /* NULL: recognise */
    bool from_image;              /* --from image: inputs are weighed themselves, never read */
    bool dedupe;
    bool suggests;       /* variants of offenders are asked for; not by fix */
    uint64_t horizon_ms; /* signed URLs that end within it are told of; 0: of request files alone, see iw_judge_of() */
    bool obeys_robots; /* robots.txt of each host is read before it is asked for images, or for pages that were found */
    enum iw_pages pages;
    unsigned max_depth;      /* of sitemap indexes, and of style sheets that import each other */
    unsigned max_link_depth; /* of links that are followed from pages, on their host */
    unsigned max_documents;  /* read in one run */
    unsigned lanes;          /* threads that ask; 0: one per core. fix has one */
    bool is_dry; /* for measuring: nobody is asked, and nothing told; targets wait for their turn, and have had it */
    unsigned frontier; /* most targets begun or waiting; reading pauses there, or earlier while all slots are busy */
};
void iw_audit_policy_default(struct iw_audit_policy *policy);

/* What comes out. */
struct iw_audit_events {
    /* One record. Another code than IW_OK ends the run with it. record, settle and flush are called on one thread of
     * the audit's own, never at the same time; trace on a lane's; the other events on the thread of iw_audit_run(). */
    enum iw_err (*record)(void *user, const struct iw_record *record);
    /* What is known of a target from before, in arena; out->url NONE: nothing. *out_is_told: it was told by this run,
     * which goes on, and is not asked for. On the thread of iw_audit_run(); may be NULL. Another code than IW_OK ends
     * the run with it. */
    enum iw_err (*known)(void *user, struct iw_str url, struct iw_arena *arena, struct iw_facts *out,
                         bool *out_is_told);
    /* Something wrong with an input that does not stop the run; path, line and column are set as known. */
    void (*complaint)(void *user, const struct iw_diag *diag);
    /* Records were told and none waits to be: they are to be made to last. On the thread of record; may be NULL. Where
     * it is set, what is known is told without waiting for more, and what was asked for counts as in flight until then:
     * of all targets that were asked for, no more are not yet settled than may be asked at once, of a host and in all,
     * but for those that wait to be tried again.
     * Another code than IW_OK ends the run with it. */
    enum iw_err (*settle)(void *user);
    /* Records were told and none is at hand, or it is time: what waits in buffers may be written. May be NULL. */
    void (*flush)(void *user);
    /* Every tick_ms while the run lasts. */
    void (*tick)(void *user);
    /* SIGUSR1 came: somebody wants to know how far it is. May be NULL. */
    void (*status)(void *user);
    /* A step of the story of one target, for explain; may be NULL. */
    void (*trace)(void *user, const char *text);
    void *user;
    unsigned tick_ms;
};

struct iw_audit;

/* IW_ERR_NOMEM, or what iw_net_new() says. */
enum iw_err iw_audit_new(const struct iw_audit_policy *policy, const struct iw_audit_events *events,
                         struct iw_audit **out, struct iw_diag *diag) IW_MUST_USE;
/* An INPUT as the user wrote it: URL, file, directory or "-". IW_ERR_NOMEM. */
enum iw_err iw_audit_add(struct iw_audit *audit, const char *input) IW_MUST_USE;
/* A document of this name that is read from a descriptor, which is the audit's in any case. IW_ERR_NOMEM. */
enum iw_err iw_audit_add_opened(struct iw_audit *audit, const char *name, int fd) IW_MUST_USE;
/* Runs to the end. IW_OK also when inputs were unreadable or the run was interrupted (see totals->is_incomplete);
 * else what an event returned, or IW_ERR_NOMEM, IW_ERR_INTERNAL. */
enum iw_err iw_audit_run(struct iw_audit *audit) IW_MUST_USE;
const struct iw_totals *iw_audit_totals(struct iw_audit *audit);
/* For the progress line. */
struct iw_audit_progress {
    struct iw_net_figures net;
    uint64_t found;           /* targets known so far */
    uint64_t done;            /* targets judged */
    uint64_t to_mend, mended; /* of fix */
    struct iw_busy_host busy[8];
    size_t busy_count; /* hosts, the one that will take longest first */
    bool is_reading;   /* found may still grow */
};
void iw_audit_progress(struct iw_audit *audit, struct iw_audit_progress *out);
/* ---- request files, of fix ---- */

/* A request file that was read and seen to whole, and what it becomes. */
struct iw_repaired {
    uint32_t index;
    const char *path; /* as it was given; "-": standard input */
    int fd;           /* of the document, for reading by place; the audit's */
    int spool_fd;     /* of what is new; -1: there is nothing */
    struct stat stat; /* of the document when reading began */
    struct iw_request_file figures;
    uint64_t bytes, result_bytes, edits;
};
/* After the run. */
size_t iw_audit_repaired_count(const struct iw_audit *audit);
/* IW_ERR_INPUT: it was not read to its end, or not all of it was seen to; IW_ERR_IO: the temporary file. */
enum iw_err iw_audit_repaired(const struct iw_audit *audit, size_t index, struct iw_repaired *out,
                              struct iw_diag *diag) IW_MUST_USE;
/* Its edits, in order: iw_repaired_next_edit() is for the splicer, with a struct iw_repaired_edits as user. */
struct iw_repaired_edits {
    const struct iw_audit *audit;
    uint32_t index;
    size_t at, left;
};
void iw_audit_edits(const struct iw_audit *audit, const struct iw_repaired *file, struct iw_repaired_edits *out);
iw_next_edit iw_repaired_next_edit;

/* A temporary file that has no name any more, or -1. The caller closes it. */
int iw_temp_open(void);

/* NULL unless the policy's fix is on. */
const struct iw_pool *iw_audit_pool(const struct iw_audit *audit);
void iw_audit_free(struct iw_audit *audit);

#endif
