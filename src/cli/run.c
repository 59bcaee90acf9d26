/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What check and fix share: an audit that writes reports, shows progress, and ends with a status. */
#include "base/iw.h"
#include "cli/cli.h"
#include "cli/history.h"

#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

enum { TICK_MS = 100 };

static enum iw_err on_record(void *user, const struct iw_record *record)
{
    struct iw_run *run = user;
    struct iw_record own = *record;
    enum iw_err err = run->on_record ? run->on_record(run->user, record) : IW_OK;
    iw_standing_excuse(run->standing, &own);
    if (err == IW_OK && run->history)
        err = iw_history_take(run->history, &own);
    iw_standing_count(run->standing, &own);
    return err == IW_OK ? iw_sinks_record(run->sinks, &own) : err;
}

static enum iw_err on_known(void *user, struct iw_str url, struct iw_arena *arena, struct iw_facts *out,
                            bool *out_is_told)
{
    struct iw_run *run = user;
    return run->history ? iw_history_known(run->history, url, arena, out, out_is_told) : IW_OK;
}

static enum iw_err on_gone(void *user, const struct iw_record *record)
{
    struct iw_run *run = user;
    iw_standing_count(run->standing, record);
    return iw_sinks_record(run->sinks, record);
}

static enum iw_err on_settle(void *user)
{
    struct iw_run *run = user;
    return iw_history_commit(run->history);
}

static void on_flush(void *user)
{
    struct iw_run *run = user;
    iw_sinks_flush(run->sinks);
}

static void on_complaint(void *user, const struct iw_diag *diag)
{
    struct iw_run *run = user;
    iw_progress_clear(&run->progress);
    iw_exit_tell(diag);
}

static void on_tick(void *user)
{
    struct iw_run *run = user;
    iw_progress_tick(&run->progress, run->audit);
}

static void on_status(void *user)
{
    struct iw_run *run = user;
    iw_progress_show(&run->progress, run->audit);
}

static bool can_fix(const struct iw_image_format *format)
{
    return iw_decoding_of(format) != IW_DECODING_NONE;
}

void iw_run_style(struct iw_run *run, struct iw_report_style *out)
{
    const struct iw_options *options = &run->settings->options;
    struct timeval now = {0};
    (void)gettimeofday(&now, NULL);
    *out = (struct iw_report_style){
        .colour = iw_terminal_colour(options->color, STDOUT_FILENO),
        .columns = iw_terminal_columns(STDOUT_FILENO),
        .verbosity = options->quiet ? 0 : 1 + options->verbose,
        .top = options->top,
        .sort = (enum iw_sort)options->sort,
        .has_unicode = iw_terminal_unicode(),
        .profiles = run->chosen.list,
        .profile_count = run->chosen.count,
        .detail = options->audit.judge.detail,
        .model = options->audit.judge.model,
        .began_unix_s = now.tv_sec,
        .can_fix = can_fix,
        .folder = getcwd(run->folder, sizeof run->folder),
    };
    out->hyperlinks = out->colour && iw_terminal_hyperlinks(STDOUT_FILENO);
}

static enum iw_err add_input(struct iw_run *run, int index, const char *name)
{
    int fd = run->opened ? iw_request_in_take(run->opened, index) : -1;
    return fd >= 0 ? iw_audit_add_opened(run->audit, name, fd) : iw_audit_add(run->audit, name);
}

enum iw_err iw_run_prepare(struct iw_run *run, const struct iw_writer_table *table, const struct iw_outlet *outlets,
                           size_t outlet_count, int argc, char **argv, struct iw_diag *diag)
{
    struct iw_report_style style;
    enum iw_err err = iw_policy_prepare(run->settings, &run->chosen, &run->scope, diag);
    run->standing = iw_arena_zalloc(&run->settings->arena, sizeof *run->standing);
    if (err == IW_OK)
        err = run->standing ? iw_standing_open(run->settings, run->standing, diag) : IW_ERR_NOMEM;
    if (err != IW_OK)
        return err;
    iw_run_style(run, &style);
    struct iw_audit_events events = {.record = on_record,
                                     .known = run->settings->options.history ? on_known : NULL,
                                     .settle = run->settings->options.history ? on_settle : NULL,
                                     .complaint = on_complaint,
                                     .flush = on_flush,
                                     .tick = on_tick,
                                     .status = on_status,
                                     .user = run,
                                     .tick_ms = TICK_MS};
    err = iw_audit_new(&run->settings->options.audit, &events, &run->audit, diag);
    for (int i = 0; i < argc && err == IW_OK; i++)
        err = add_input(run, i, argv[i]);
    if (err == IW_OK && argc == 0)
        err = iw_audit_add(run->audit, "-");
    if (err == IW_OK)
        err = iw_sinks_open(table, outlets, outlet_count, &style, &run->sinks, diag);
    if (err == IW_OK)
        err = iw_history_begin(run->settings, &run->chosen, argc, argv, &run->history, diag);
    if (err == IW_OK && run->history)
        iw_sinks_before_write(run->sinks, on_settle, run);
    return err;
}

/* Where no text report says what the inputs were taken for, standard error does: no other format has a place for it. */
static void tell_read_as(const struct iw_run *run, const struct iw_totals *totals)
{
    if (run->settings->options.quiet || iw_sinks_has_text(run->sinks))
        return;
    struct iw_buf text;
    iw_buf_init(&text, 16384);
    iw_report_add_read_as(&text, totals);
    (void)fprintf(stderr, "%.*s", IW_STR_ARGS(iw_buf_str(&text)));
    iw_buf_release(&text);
}

/* What the audit or the history says went wrong. */
static int fail(struct iw_run *run, enum iw_err err)
{
    struct iw_diag diag = {0};
    bool is_history = run->history && iw_history_diag(run->history, &diag);
    return iw_exit_failure(err, is_history ? &diag : NULL);
}

/* A history that fails ends a run early: what was found until then is told all the same, recorded or not. */
static void tell_without_history(struct iw_run *run, struct iw_totals *totals)
{
    struct iw_diag diag;
    if (!run->history || !iw_history_diag(run->history, &diag))
        return;
    iw_sinks_before_write(run->sinks, NULL, NULL);
    totals->is_incomplete = true;
    (void)snprintf(totals->incomplete_why, sizeof totals->incomplete_why, "the history could not be read or written");
}

int iw_run_finish(struct iw_run *run)
{
    struct iw_diag diag = {0};
    iw_progress_init(&run->progress, &run->settings->options);
    enum iw_err err = iw_audit_run(run->audit);
    iw_progress_clear(&run->progress);
    struct iw_totals totals = *iw_audit_totals(run->audit);
    if (run->on_over && err == IW_OK)
        run->on_over(run->user, &totals);
    struct iw_totals whole = totals;
    whole.is_incomplete = false; /* whoever reads has seen enough */
    whole.is_compared = run->history && iw_history_is_comparing(run->history);
    iw_standing_add(run->standing, &whole);
    if (iw_sinks_is_broken_pipe(run->sinks))
        return run->status(&whole, &run->settings->options);
    if (run->history && err == IW_OK)
        err = iw_history_finish(run->history, &totals, on_gone, run);
    if (run->history && err == IW_OK)
        err = iw_history_commit(run->history);
    if (err != IW_OK)
        tell_without_history(run, &totals);
    iw_standing_add(run->standing, &totals);
    iw_standing_complain(run->standing, &totals, on_complaint, run);
    tell_read_as(run, &totals);
    enum iw_err late = iw_sinks_close(run->sinks, &totals, &diag);
    if (late != IW_OK && !(run->history && iw_history_diag(run->history, &diag)))
        return iw_exit_failure(late, &diag);
    if (err == IW_OK && run->history)
        err = iw_history_end(run->history, &totals);
    if (err != IW_OK)
        return fail(run, err);
    return run->status(&totals, &run->settings->options);
}

void iw_run_release(struct iw_run *run)
{
    iw_audit_free(run->audit);
    iw_sinks_free(run->sinks);
    iw_history_free(run->history);
    iw_scope_free(run->scope);
}
