/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* How the program ends: 0 all fits, 1 findings, 2 usage, 3 not finished or undecided with --strict, 4 a fault of our
 * own. */
#include "base/iw.h"
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

void iw_exit_tell(const struct iw_diag *diag)
{
    char text[900];
    struct iw_buf safe;
    iw_diag_format(diag, text, sizeof text);
    iw_buf_init(&safe, 8192);
    iw_report_add_safe(&safe, iw_str_from(text));
    (void)fprintf(stderr, "imgweigh: %.*s\n", IW_STR_ARGS(iw_buf_str(&safe)));
    iw_buf_release(&safe);
}

int iw_exit_failure(enum iw_err err, const struct iw_diag *diag)
{
    struct iw_diag plain = {.code = err};
    if (!diag || (!diag->text[0] && diag->code == IW_OK))
        diag = &plain;
    iw_exit_tell(diag);
    return iw_err_exit_status(err);
}

/* Findings of the kind that the user wants to fail for; what is waived is none. A record that a closed pipe did not
 * take any more was excused, but is in no total. */
static uint64_t failures(const struct iw_totals *totals, enum iw_fail_on fail_on)
{
    uint64_t errors = totals->verdicts[IW_VERDICT_OVER] + totals->verdicts[IW_VERDICT_BROKEN];
    uint64_t warnings = totals->verdicts[IW_VERDICT_WARN];
    errors -= IW_MIN(errors, totals->excused);
    warnings -= IW_MIN(warnings, totals->excused_warnings);
    switch (fail_on) {
    case IW_FAIL_ON_ANY:
        return errors;
    case IW_FAIL_ON_NEW:
        return totals->is_compared ? totals->new_offenders : errors; /* in a first run all are */
    case IW_FAIL_ON_WORSE:
        return totals->is_compared ? totals->new_offenders + totals->worse_offenders : errors;
    case IW_FAIL_ON_WARNING:
        return errors + warnings;
    case IW_FAIL_ON_NEVER:
        break;
    }
    return 0;
}

int iw_exit_status(const struct iw_totals *totals, const struct iw_options *options)
{
    if (totals->is_incomplete)
        return 3;
    if (failures(totals, (enum iw_fail_on)options->fail_on))
        return 1;
    return options->strict && totals->verdicts[IW_VERDICT_UNKNOWN] ? 3 : 0;
}

int iw_exit_fix_status(const struct iw_totals *totals, const struct iw_options *options)
{
    if (totals->is_incomplete)
        return 3;
    uint64_t left = totals->actions[IW_ACTION_FAILED] + totals->request_faults;
    return options->fail_on != IW_FAIL_ON_NEVER && left ? 1 : 0;
}

int iw_exit_print(const struct iw_buf *text)
{
    size_t done = 0;
    enum iw_err err = text->err;
    while (err == IW_OK && done < text->len) {
        ssize_t n = write(STDOUT_FILENO, text->ptr + done, text->len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EPIPE)
            return 0; /* whoever reads has seen enough */
        if (n <= 0)
            err = IW_ERR_IO;
        else
            done += (size_t)n;
    }
    struct iw_diag diag = {0};
    if (err == IW_ERR_IO)
        (void)iw_fail(&diag, err, 0, 0, "standard output: %s", strerror(errno));
    return err == IW_OK ? 0 : iw_exit_failure(err, &diag);
}
