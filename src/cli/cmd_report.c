/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* imgweigh report: runs of the history, told again in any format, or what differs between two. */
#include "base/iw.h"
#include "cli/history.h"

#include "base/mem.h"

#include <stdio.h>

enum { RUNS_MAX = 64 };

struct report {
    struct iw_run run;
    struct iw_store *store;
    struct iw_run_row rows[RUNS_MAX];
    size_t count;
    bool has_own_policy; /* the command line says how to judge */
    bool is_same_policy; /* what was chosen is what judged the last run */
    struct iw_totals totals;
    struct iw_standing standing;
};

static enum iw_err on_record(void *user, const struct iw_record *record)
{
    struct report *report = user;
    struct iw_totals *totals = &report->totals;
    struct iw_record own = *record;
    if (record->change != IW_CHANGE_GONE) {
        iw_standing_excuse(&report->standing, &own);
        totals->records++;
        totals->verdicts[record->verdict]++;
        totals->notices += record->is_notice;
        totals->notice_verdicts[record->verdict] += record->is_notice;
    }
    iw_standing_count(&report->standing, &own);
    return iw_sinks_record(report->run.sinks, &own);
}

/* ---- how it is judged ---- */

static bool is_of_policy(const struct iw_option *option)
{
    return strcmp(option->group, "LIMITS") == 0;
}

static bool has_own_policy(const struct iw_settings *settings)
{
    for (size_t i = 0; i < iw_options_count; i++)
        if (is_of_policy(&iw_options_table[i]) && strcmp(settings->origin[i], "command line") == 0)
            return true;
    return false;
}

/* The options that chose the policy of a run: lines of NAME=VALUE. No others: a history may come from anybody. */
static enum iw_err choose_as_then(struct iw_settings *settings, struct iw_str choice, struct iw_diag *diag)
{
    struct iw_str line;
    settings->options.limits.count = 0;
    settings->options.formats = NULL;
    while (iw_str_next(&choice, '\n', &line)) {
        size_t equals = iw_str_find(line, '=');
        bool is_negated;
        const struct iw_option *option =
            equals < line.len ? iw_option_find(iw_str_sub(line, 0, equals), &is_negated, diag) : NULL;
        struct iw_str value = iw_arena_str(&settings->arena, iw_str_skip(line, equals + 1));
        if (line.len == 0)
            continue;
        if (!value.ptr)
            return IW_ERR_NOMEM;
        enum iw_err err = option && is_of_policy(option)
                              ? iw_settings_set(settings, option, value.ptr, false, IW_LAYER_FLAG, "history", diag)
                              : iw_fail(diag, IW_ERR_IO, 0, 0, "the history is damaged: \"%.*s\" chose no policy",
                                        IW_STR_ARGS(iw_str_sub(line, 0, 60)));
        if (err != IW_OK)
            return err;
    }
    return IW_OK;
}

static enum iw_err choose_policy(struct report *report, struct iw_diag *diag)
{
    struct iw_settings *settings = report->run.settings;
    const struct iw_run_row *last = &report->rows[report->count - 1];
    struct iw_buf policy, choice;
    enum iw_err err = report->has_own_policy ? IW_OK : choose_as_then(settings, last->choice, diag);
    if (err == IW_OK)
        err = iw_policy_prepare(settings, &report->run.chosen, &report->run.scope, diag);
    if (err != IW_OK)
        return err;
    iw_buf_init(&policy, 4 << 20);
    iw_buf_init(&choice, 4 << 20);
    iw_history_policy(settings, &report->run.chosen, &policy, &choice);
    report->is_same_policy = iw_str_eq(iw_buf_str(&policy), last->policy);
    iw_buf_release(&policy);
    iw_buf_release(&choice);
    return IW_OK;
}

/* ---- telling ---- */

static void add_totals(struct iw_totals *sum, const struct iw_totals *more)
{
    sum->targets += more->targets;
    sum->pages_skipped += more->pages_skipped;
    sum->out_of_scope += more->out_of_scope;
    sum->duplicates += more->duplicates;
    sum->documents += more->documents;
    sum->requests += more->requests;
    sum->bytes_read += more->bytes_read;
    sum->bytes_weighed += more->bytes_weighed;
    sum->retries += more->retries;
    sum->elapsed_ms += more->elapsed_ms;
    if (more->is_incomplete && !sum->is_incomplete)
        memcpy(sum->incomplete_why, more->incomplete_why, sizeof sum->incomplete_why);
    sum->is_incomplete = sum->is_incomplete || more->is_incomplete;
}

static enum iw_err tell_run(struct report *report, const struct iw_run_row *row, const struct iw_run_row *past)
{
    int64_t base = past ? past->id : 0;
    struct iw_retelling retelling = {
        .run = row->id,
        .base = base,
        .is_complete = row->state == IW_RUN_COMPLETE,
        .is_base_partial = past && past->state != IW_RUN_COMPLETE,
        .as_told = !report->has_own_policy && (report->is_same_policy || report->count != 2),
        .judge = &report->run.settings->options.audit.judge,
        .fn = on_record,
        .user = report,
    };
    retelling.is_same_policy = past && retelling.as_told && strcmp(past->policy_digest, row->policy_digest) == 0;
    add_totals(&report->totals, &row->totals);
    report->totals.is_compared = report->totals.is_compared || base;
    return iw_store_tell(report->store, &retelling);
}

/* The run that a run was compared with, where it is still there. */
static bool find_base(struct report *report, const struct iw_run_row *row, struct iw_run_row *out)
{
    struct iw_diag none = {0};
    char name[24];
    (void)snprintf(name, sizeof name, "%lld", (long long)row->base);
    return row->base &&
           iw_store_find(report->store, iw_str_from(name), true, &report->run.settings->arena, out, &none) == IW_OK;
}

/* Two: what differs. One: beside the run that it was compared with. Else one after another. */
static enum iw_err tell_all(struct report *report)
{
    const struct iw_run_row *rows = report->rows;
    struct iw_run_row base;
    enum iw_err err = IW_OK;
    if (report->count == 2)
        return tell_run(report, &rows[1], &rows[0]);
    bool has_base = report->count == 1 && find_base(report, &rows[0], &base);
    for (size_t i = 0; i < report->count && err == IW_OK; i++)
        err = tell_run(report, &rows[i], has_base ? &base : NULL);
    return err;
}

static enum iw_err open_report(struct report *report, int argc, char **argv, struct iw_diag *diag)
{
    struct iw_settings *settings = report->run.settings;
    report->count = argc ? (size_t)argc : 1;
    if (report->count > RUNS_MAX)
        return iw_fail(diag, IW_ERR_USAGE, 0, 0, "more than %d runs", RUNS_MAX);
    enum iw_err err = iw_history_open(settings, &report->store, diag);
    for (size_t i = 0; i < report->count && err == IW_OK; i++)
        err = iw_store_find(report->store, iw_str_from(argc ? argv[i] : "latest"), true, &settings->arena,
                            &report->rows[i], diag);
    if (err == IW_OK)
        err = choose_policy(report, diag);
    if (err == IW_OK)
        err = iw_standing_open(settings, &report->standing, diag);
    if (err != IW_OK)
        return err;
    struct iw_report_style style;
    struct iw_outlet outlets[IW_OUTLETS_MAX];
    size_t count = iw_outlets_choose(&settings->options, outlets);
    iw_run_style(&report->run, &style);
    style.began_unix_s = report->rows[report->count - 1].started_unix_s;
    return iw_sinks_open(&iw_writers, outlets, count, &style, &report->run.sinks, diag);
}

static enum iw_err tell(struct report *report, struct iw_diag *diag)
{
    enum iw_err err = tell_all(report);
    iw_standing_add(&report->standing, &report->totals);
    if (iw_sinks_is_broken_pipe(report->run.sinks))
        return IW_OK; /* whoever reads has seen enough */
    iw_store_diag(report->store, diag);
    if (err != IW_OK) {
        report->totals.is_incomplete = true;
        (void)snprintf(report->totals.incomplete_why, sizeof report->totals.incomplete_why,
                       "the history could not be told to its end");
    }
    enum iw_err late = iw_sinks_close(report->run.sinks, &report->totals, diag->code == IW_OK ? diag : NULL);
    return err == IW_OK ? late : err;
}

static int run(struct iw_settings *settings, int argc, char **argv)
{
    if (settings->options.format && strcmp(settings->options.format, "nagios") == 0)
        return iw_nagios_run(settings, argc, argv);
    struct iw_diag diag = {0};
    struct report *report = iw_calloc(1, sizeof *report);
    if (!report)
        return iw_exit_failure(IW_ERR_NOMEM, NULL);
    report->run.settings = settings;
    report->has_own_policy = has_own_policy(settings);
    enum iw_err err = open_report(report, argc, argv, &diag);
    if (err == IW_OK)
        err = tell(report, &diag);
    int status = err == IW_OK ? iw_exit_status(&report->totals, &settings->options) : iw_exit_failure(err, &diag);
    iw_run_release(&report->run);
    (void)iw_store_close(report->store, NULL);
    iw_free(report);
    return status;
}

const struct iw_command iw_command_report = {
    .name = "report",
    .arguments = "[RUN...]",
    .help = "a recorded run, in any format, or what differs between two",
    .details =
        "Tells a run of the history again, without asking for anything: latest (the default), latest~1, the one "
        "before\n"
        "it, or a number. Two RUNs: the second beside the first. With -p or limits it is judged anew by these.\n\n"
        "  imgweigh report -f html -o csv:run.csv\n"
        "  imgweigh report latest~1 latest\n"
        "  imgweigh report -f nagios --max-age 36h      one line for a monitor, and its exit status: 0 OK, 1 WARNING,\n"
        "                                               2 CRITICAL, 3 UNKNOWN",
    .run = run,
};
