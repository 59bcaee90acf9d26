/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What was found before: a database of runs (SQLite, one file), and how what is found now stands beside it.
 *
 * What did not change is not written again: an observation has a row where it differs from the one before, a verdict
 * where it differs from the one before, and that a run saw a reference is one bit. What a run found is therefore the
 * last row of each that is not younger than the run.
 *
 * One process at a time has a database: a second one is told who has it. Calls may come from two threads (one writes,
 * one asks what is known); each is whole by itself. Once a call has failed every further one fails with the same code,
 * and iw_store_diag() says why. Whatever ends the process, the database opens and holds what was committed. */
#ifndef IW_STORE_STORE_H
#define IW_STORE_STORE_H

#include "report/report.h"

struct iw_store;

enum iw_store_mode {
    IW_STORE_CREATE, /* makes the file, and its folders, where there is none */
    IW_STORE_EXISTING,
    IW_STORE_LAST, /* where another process has the file: its note of the last complete run, which stands beside it */
};
/* Opens a database and brings its schema up to date. IW_ERR_IO with diag: it is in use, for more than some seconds, is
 * no history, was made by a newer version, is damaged, cannot be read or written; nothing in it was changed then.
 * IW_ERR_NOMEM. */
enum iw_err iw_store_open(const char *path, enum iw_store_mode mode, struct iw_store **out,
                          struct iw_diag *diag) IW_MUST_USE;
/* Commits what waits. A run that was not ended stays one that was interrupted. Accepts NULL. */
enum iw_err iw_store_close(struct iw_store *store, struct iw_diag *diag);
/* Why a call failed. */
void iw_store_diag(struct iw_store *store, struct iw_diag *out);
/* The journal for a file system of this type (statfs.f_type): "WAL", or "TRUNCATE" where memory cannot be shared. */
const char *iw_store_journal_for(long f_type);

/* ---- runs ---- */

enum iw_run_state {
    IW_RUN_OPEN,     /* it goes on, or was ended from outside */
    IW_RUN_COMPLETE, /* all that its inputs name was told */
    IW_RUN_PARTIAL,  /* it ended before */
};
#define IW_DIGEST_CHARS 32
struct iw_run_row {
    int64_t id; /* from 1, never given twice */
    enum iw_run_state state;
    int64_t started_unix_s, ended_unix_s; /* 0: not ended */
    struct iw_str version, argv;
    struct iw_str policy; /* JSON: what judged */
    struct iw_str choice; /* options that choose the same policy again: lines of NAME=VALUE */
    struct iw_str why;    /* of a partial one */
    char inputs_digest[IW_DIGEST_CHARS + 1], policy_digest[IW_DIGEST_CHARS + 1];
    int64_t base; /* the run that it was compared with; 0: none */
    struct iw_totals totals;
};
/* Every run, the oldest first, or the youngest first; strings live for the call. What fn returns ends it. */
typedef enum iw_err (*iw_run_fn)(void *user, const struct iw_run_row *run);
enum iw_err iw_store_runs(struct iw_store *store, iw_run_fn fn, void *user) IW_MUST_USE;
/* The run called name: a number, "latest", or "latest~N", N runs before it; wants_complete: those of latest that are.
 * Strings live in arena. IW_ERR_UNKNOWN_NAME with diag. */
enum iw_err iw_store_find(struct iw_store *store, struct iw_str name, bool wants_complete, struct iw_arena *arena,
                          struct iw_run_row *out, struct iw_diag *diag) IW_MUST_USE;

/* ---- recording ---- */

struct iw_run_plan {
    struct iw_str version, argv, policy, choice;
    struct iw_str inputs; /* what is read and what of it is chosen, as text: equal for runs that are compared */
    int64_t now_unix_s;
    int64_t id, base; /* of a note: those of the run that it is of; else 0 */
    bool resumes;     /* the last run, which must be of these inputs and this policy and not complete */
};
/* Begins a run, or goes on with one. IW_ERR_USAGE with diag: there is nothing to resume, or what differs. */
enum iw_err iw_store_begin(struct iw_store *store, const struct iw_run_plan *plan, struct iw_diag *diag) IW_MUST_USE;
/* What is known of a target that is to be asked for; strings live in arena. facts->url is NONE: nothing is.
 * *out_is_told: this run, which goes on, has told it; the facts are what it found. Else they are of the last look that
 * came to something. May be called by another thread than the others. */
enum iw_err iw_store_known(struct iw_store *store, struct iw_str url, struct iw_arena *arena, struct iw_facts *facts,
                           bool *out_is_told) IW_MUST_USE;
/* Compares a record with the run before, judging what that found as judge says: sets change and before (which lives
 * until the next call). A record that is waived stays so. Nothing is set without a run to compare with. */
enum iw_err iw_store_compare(struct iw_store *store, const struct iw_judge *judge,
                             struct iw_record *record) IW_MUST_USE;
/* Records it. What was cut off by the end of the run is left out: it was not looked at. */
enum iw_err iw_store_record(struct iw_store *store, const struct iw_record *record) IW_MUST_USE;
/* Makes what was recorded last, whatever happens to the process. To be called before it is told. */
enum iw_err iw_store_commit(struct iw_store *store) IW_MUST_USE;
/* A record for each target that the run before names and this one does not, at the end of a complete run. It is not
 * complete, and nothing is told, where *out_is_hidden: a page that named some of them was asked for as if it were an
 * image, since it could not be reached. */
typedef enum iw_err (*iw_record_fn)(void *user, const struct iw_record *record);
enum iw_err iw_store_gone(struct iw_store *store, const struct iw_judge *judge, iw_record_fn fn, void *user,
                          bool *out_is_hidden) IW_MUST_USE;
/* True when there is a run to compare with. */
bool iw_store_is_comparing(const struct iw_store *store);
/* Ends the run: complete or partial, as totals say. */
enum iw_err iw_store_end(struct iw_store *store, const struct iw_totals *totals, int64_t now_unix_s) IW_MUST_USE;
/* Notes the run, which has come to its end, in a database of its own beside the file: FILE-last. It holds no records.
 * What fails leaves the note before. */
void iw_store_note(struct iw_store *store);

/* ---- reading ---- */

/* Tells every record of a run, in the order in which their references were first seen: with the verdicts and findings
 * that were told then, or judged anew. base: a run to compare each with, whose further targets a complete run tells as
 * gone; what that found is judged by judge. 0: none. */
struct iw_retelling {
    int64_t run, base;
    bool as_told;
    bool is_complete;     /* what it does not name is gone; else it may not have come so far */
    bool is_same_policy;  /* what base told was judged alike: it is compared with as it was told */
    bool is_base_partial; /* what base did not see is compared with an older look, or with nothing (is_uncompared) */
    const struct iw_judge *judge; /* may be NULL where it is as told and without base */
    iw_record_fn fn;
    void *user;
};
enum iw_err iw_store_tell(struct iw_store *store, const struct iw_retelling *retelling) IW_MUST_USE;

/* ---- keeping it small ---- */

/* Forgets runs: all but the youngest keep of each kind (0: any number), and what began before before_unix_s (0: any
 * time); and then what no run refers to. The youngest complete one of each kind stays. */
enum iw_err iw_store_prune(struct iw_store *store, unsigned keep, int64_t before_unix_s,
                           uint64_t *out_forgotten) IW_MUST_USE;
/* Gives free space back to the file system. */
enum iw_err iw_store_vacuum(struct iw_store *store) IW_MUST_USE;
struct iw_store_figures {
    uint64_t file_bytes, runs, urls, refs, observations, verdicts;
};
enum iw_err iw_store_figures(struct iw_store *store, struct iw_store_figures *out) IW_MUST_USE;

/* ---- differences ---- */

/* How an offender or what was one stands: verdicts and findings of then and now. Pure. was NULL: it was not there.
 * Notes do not count. */
struct iw_judged {
    enum iw_verdict verdict;
    const struct iw_findings *findings;
    bool is_unreached; /* it could not be asked, or gave no answer: another time it may */
};
enum iw_change iw_change_of(const struct iw_judged *was, const struct iw_judged *now);

/* ---- waivers: offenders that somebody has answered for ---- */

/* A file of lines "PATTERN RULE[,RULE] UNTIL WHY", as imgweigh(1) says. In arena, as text is. IW_ERR_SYNTAX,
 * IW_ERR_UNKNOWN_NAME, IW_ERR_RANGE with line and column; IW_ERR_LIMIT beyond IW_WAIVERS_MAX; IW_ERR_NOMEM. */
#define IW_WAIVERS_MAX 10000
struct iw_waivers;
enum iw_err iw_waivers_parse(struct iw_arena *arena, struct iw_str text, const char *name, struct iw_waivers **out,
                             struct iw_diag *diag) IW_MUST_USE;
/* True when each finding of a record, notes aside, is waived at that time, and there is one: sets its change and
 * waiver, the first one's reason. A waiver that has expired excuses nothing, is remembered when it was looked for, and
 * sets waiver_ended. */
bool iw_waivers_excuse(struct iw_waivers *waivers, struct iw_record *record, int64_t now_unix_s);
/* Each expired waiver that was looked for, as a complaint. */
void iw_waivers_expired(const struct iw_waivers *waivers, void (*fn)(void *user, const struct iw_diag *diag),
                        void *user);
/* Any text by a pattern: * is any number of characters, ? is one; no pattern takes longer than the product of both. */
bool iw_waiver_matches(struct iw_str pattern, struct iw_str text);

#endif
