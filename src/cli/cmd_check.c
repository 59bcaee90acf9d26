/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* imgweigh check: the audit. */
#include "base/iw.h"
#include "cli/cli.h"

#include <stdio.h>
#include <unistd.h>

enum { TICK_MS = 100 };

struct check {
    struct iw_settings *settings;
    struct iw_chosen chosen;
    struct iw_scope *scope;
    struct iw_sinks *sinks;
    struct iw_audit *audit;
    struct iw_progress progress;
};

static enum iw_err on_record(void *user, const struct iw_record *record)
{
    struct check *check = user;
    return iw_sinks_record(check->sinks, record);
}

static void on_flush(void *user)
{
    struct check *check = user;
    iw_sinks_flush(check->sinks);
}

static void on_complaint(void *user, const struct iw_diag *diag)
{
    struct check *check = user;
    char text[900];
    iw_diag_format(diag, text, sizeof text);
    struct iw_buf safe;
    iw_buf_init(&safe, 8192);
    iw_report_add_safe(&safe, iw_str_from(text));
    iw_progress_clear(&check->progress);
    (void)fprintf(stderr, "imgweigh: %.*s\n", IW_STR_ARGS(iw_buf_str(&safe)));
    iw_buf_release(&safe);
}

static void on_tick(void *user)
{
    struct check *check = user;
    iw_progress_tick(&check->progress, check->audit);
}

static void style_of(struct check *check, struct iw_report_style *out)
{
    const struct iw_options *options = &check->settings->options;
    bool is_terminal = isatty(STDOUT_FILENO);
    *out = (struct iw_report_style){
        .colour = iw_terminal_colour(options->color, STDOUT_FILENO),
        .columns = iw_terminal_columns(STDOUT_FILENO),
        .verbosity = options->quiet ? 0 : 1 + options->verbose,
        .top = options->top,
        .profiles = check->chosen.list,
        .profile_count = check->chosen.count,
    };
    out->hyperlinks = is_terminal && out->colour;
}

static enum iw_err prepare(struct check *check, int argc, char **argv, struct iw_diag *diag)
{
    struct iw_report_style style;
    enum iw_err err = iw_policy_prepare(check->settings, &check->chosen, &check->scope, diag);
    if (err != IW_OK)
        return err;
    style_of(check, &style);
    struct iw_audit_events events = {.record = on_record,
                                     .complaint = on_complaint,
                                     .flush = on_flush,
                                     .tick = on_tick,
                                     .user = check,
                                     .tick_ms = TICK_MS};
    err = iw_audit_new(&check->settings->options.audit, &events, &check->audit, diag);
    for (int i = 0; i < argc && err == IW_OK; i++)
        err = iw_audit_add(check->audit, argv[i]);
    if (err == IW_OK && argc == 0)
        err = iw_audit_add(check->audit, "-");
    if (err == IW_OK)
        err = iw_sinks_open(&check->settings->options, &style, &check->sinks, diag);
    return err;
}

/* Runs and reports; the exit status. */
static int finish(struct check *check)
{
    struct iw_diag diag = {0};
    iw_progress_init(&check->progress, &check->settings->options);
    enum iw_err err = iw_audit_run(check->audit);
    iw_progress_clear(&check->progress);
    const struct iw_totals *totals = iw_audit_totals(check->audit);
    if (iw_sinks_is_broken_pipe(check->sinks))
        return iw_exit_status(
            &(struct iw_totals){.verdicts = {[IW_VERDICT_OVER] = totals->verdicts[IW_VERDICT_OVER],
                                             [IW_VERDICT_BROKEN] = totals->verdicts[IW_VERDICT_BROKEN]}},
            &check->settings->options);
    enum iw_err late = iw_sinks_close(check->sinks, totals, &diag);
    if (late != IW_OK)
        return iw_exit_failure(late, &diag);
    if (err != IW_OK)
        return iw_exit_failure(err, NULL);
    return iw_exit_status(totals, &check->settings->options);
}

static int run(struct iw_settings *settings, int argc, char **argv)
{
    struct check check = {.settings = settings};
    struct iw_diag diag = {0};
    enum iw_err err = prepare(&check, argc, argv, &diag);
    int status = err == IW_OK ? finish(&check) : iw_exit_failure(err, &diag);
    iw_audit_free(check.audit);
    iw_sinks_free(check.sinks);
    iw_scope_free(check.scope);
    return status;
}

const struct iw_command iw_command_check = {
    .name = "check",
    .arguments = "INPUT...",
    .help = "weigh every image that the inputs name (the default command)",
    .details = "Finds every image that the inputs name, asks its server for its size and, where a limit needs it,\n"
               "for its header, judges what it learnt and reports. Nothing is downloaded whole.",
    .run = run,
};
