/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* imgweigh check: the audit. */
#include "base/iw.h"
#include "cli/cli.h"

#include <stdlib.h>

/* GitHub shows what a step appends to this file beside its annotations, which are few. */
static size_t add_job_summary(struct iw_outlet *outlets, size_t count)
{
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    bool has_github = false;
    for (size_t i = 0; i < count; i++)
        has_github = has_github || iw_str_eq(outlets[i].format, IW_STR("github"));
    if (!has_github || !path || !*path || count == IW_OUTLETS_MAX)
        return count;
    outlets[count] = (struct iw_outlet){.format = IW_STR("markdown"), .path = path, .is_appended = true};
    return count + 1;
}

static int run(struct iw_settings *settings, int argc, char **argv)
{
    const struct iw_options *options = &settings->options;
    struct iw_run run = {.settings = settings, .status = iw_exit_status};
    struct iw_outlet outlets[IW_OUTLETS_MAX];
    struct iw_diag diag = {0};
    size_t count = 0;
    iw_outlet_parse(options->format ? options->format : "text", &outlets[count++]);
    for (size_t i = 0; i < options->reports.count && count < IW_OUTLETS_MAX; i++)
        iw_outlet_parse(options->reports.items[i], &outlets[count++]);
    count = add_job_summary(outlets, count);
    enum iw_err err = iw_run_prepare(&run, &iw_writers, outlets, count, argc, argv, &diag);
    int status = err == IW_OK ? iw_run_finish(&run) : iw_exit_failure(err, &diag);
    iw_run_release(&run);
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
