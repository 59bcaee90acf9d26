/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* imgweigh check: the audit. */
#include "base/iw.h"
#include "cli/cli.h"

static int run(struct iw_settings *settings, int argc, char **argv)
{
    struct iw_run run = {.settings = settings, .status = iw_exit_status};
    struct iw_outlet outlets[IW_OUTLETS_MAX];
    struct iw_diag diag = {0};
    size_t count = iw_outlets_choose(&settings->options, outlets);
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
