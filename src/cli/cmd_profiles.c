/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* imgweigh profiles: the limits, with sources. */
#include "base/iw.h"
#include "cli/cli.h"

static enum iw_err list_all(struct iw_settings *settings, struct iw_buf *out, struct iw_diag *diag)
{
    for (size_t i = 0; i < iw_builtin_profile_count; i++) {
        struct iw_profile profile;
        enum iw_err err = iw_profile_load(settings, iw_str_from(iw_builtin_profiles[i].name), &profile, diag);
        if (err != IW_OK)
            return err;
        iw_buf_printf(out, "%-18s %s (checked %s)\n", profile.name, profile.title,
                      profile.checked ? profile.checked : "never");
    }
    return out->err;
}

static enum iw_err print_named(struct iw_settings *settings, int argc, char **argv, struct iw_buf *out,
                               struct iw_diag *diag)
{
    for (int i = 0; i < argc; i++) {
        struct iw_profile profile;
        enum iw_err err = iw_profile_load(settings, iw_str_from(argv[i]), &profile, diag);
        if (err != IW_OK)
            return err;
        if (i)
            iw_buf_add_char(out, '\n');
        iw_profile_print(&profile, out);
    }
    return out->err;
}

static int run(struct iw_settings *settings, int argc, char **argv)
{
    struct iw_diag diag = {0};
    struct iw_buf out;
    iw_buf_init(&out, 4u << 20);
    enum iw_err err = argc ? print_named(settings, argc, argv, &out, &diag) : list_all(settings, &out, &diag);
    int status = err == IW_OK ? iw_exit_print(&out) : iw_exit_failure(err, &diag);
    iw_buf_release(&out);
    return status;
}

const struct iw_command iw_command_profiles = {
    .name = "profiles",
    .arguments = "[NAME...]",
    .help = "the limits that are known, with sources",
    .details =
        "Without NAME, lists the profiles. With NAME, prints every limit with its source, its date and how sure it is.",
    .run = run,
};
