/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What check does with a history: a run is recorded, compared with the one before, and resumed. */
#ifndef IW_CLI_HISTORY_H
#define IW_CLI_HISTORY_H

#include "cli/cli.h"
#include "store/store.h"

/* Where the history is: --history's FILE, else that of the system's or the user's state folder. NONE with diag: there
 * is no such folder. In arena. */
struct iw_str iw_history_path(const struct iw_options *options, struct iw_arena *arena, struct iw_diag *diag);
/* The file of the options, which must exist. */
enum iw_err iw_history_open(struct iw_settings *settings, struct iw_store **out, struct iw_diag *diag) IW_MUST_USE;
/* The same; while an audit has it, what is noted of the last complete run. */
enum iw_err iw_history_open_last(struct iw_settings *settings, struct iw_store **out, struct iw_diag *diag) IW_MUST_USE;
/* Runs of a chosen policy, as text: what judges (JSON), and the options that choose it again. */
void iw_history_policy(const struct iw_settings *settings, const struct iw_chosen *chosen, struct iw_buf *policy,
                       struct iw_buf *choice);

struct iw_history;
/* Begins a run. *out is NULL where no history is asked for. */
enum iw_err iw_history_begin(struct iw_settings *settings, const struct iw_chosen *chosen, int argc, char **argv,
                             struct iw_history **out, struct iw_diag *diag) IW_MUST_USE;
/* What is known of a target: see struct iw_audit_events. */
enum iw_err iw_history_known(struct iw_history *history, struct iw_str url, struct iw_arena *arena,
                             struct iw_facts *out, bool *out_is_told) IW_MUST_USE;
/* A record, before it is written: compared and recorded. */
enum iw_err iw_history_take(struct iw_history *history, struct iw_record *record) IW_MUST_USE;
/* Before reports are written out: nothing is told that is not recorded. */
enum iw_err iw_history_commit(struct iw_history *history) IW_MUST_USE;
bool iw_history_is_comparing(const struct iw_history *history); /* there is a run before */
/* The audit is over: what is gone is told, unless it is not complete, or is not for a page that could not be read; says
 * in the totals that, and whether anything was compared. */
enum iw_err iw_history_finish(struct iw_history *history, struct iw_totals *totals, iw_record_fn fn,
                              void *user) IW_MUST_USE;
/* The reports are written: the run has come to its end. */
enum iw_err iw_history_end(struct iw_history *history, const struct iw_totals *totals) IW_MUST_USE;
/* Why one of these failed, where the history is the reason: true. */
bool iw_history_diag(struct iw_history *history, struct iw_diag *out);
void iw_history_free(struct iw_history *history);

/* nagios.c: the state of a stored run as a plugin of Nagios tells it; the plugin's exit status, 0 to 3. */
int iw_nagios_run(struct iw_settings *settings, int argc, char **argv);

/* ---- waivers.c ---- */

/* The file of --waivers, and how the records of a run stand. */
struct iw_standing {
    struct iw_waivers *waivers; /* or NULL */
    int64_t now_unix_s;
    struct iw_totals counted;
};
enum iw_err iw_standing_open(struct iw_settings *settings, struct iw_standing *out, struct iw_diag *diag) IW_MUST_USE;
/* Sets change and waiver of a record that is waived. */
void iw_standing_excuse(const struct iw_standing *standing, struct iw_record *record);
/* Counts how a record stands, for the exit status and the line of differences. */
void iw_standing_count(struct iw_standing *standing, const struct iw_record *record);
void iw_standing_add(const struct iw_standing *standing, struct iw_totals *totals); /* what was counted */
/* Tells of each waiver that has expired, and counts it as a complaint. */
void iw_standing_complain(const struct iw_standing *standing, struct iw_totals *totals,
                          void (*fn)(void *user, const struct iw_diag *diag), void *user);

#endif
