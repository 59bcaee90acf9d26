/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* imgweigh history: what runs there are, one of them, and keeping the database small. */
#include "base/iw.h"
#include "cli/history.h"

#include "base/parse.h"

#include <stdio.h>
#include <time.h>

enum { TEXT_BYTES = 16 << 20 };

static const char *const states[] = {
    [IW_RUN_OPEN] = "interrupted", [IW_RUN_COMPLETE] = "complete", [IW_RUN_PARTIAL] = "partial"};

/* "2026-11-25 04:17", in local time. */
static void add_time(struct iw_buf *out, int64_t unix_s)
{
    char text[40] = "";
    time_t when = (time_t)unix_s;
    struct tm local;
    if (localtime_r(&when, &local))
        (void)strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local);
    iw_buf_printf(out, "%s", text);
}

static void add_count(struct iw_buf *out, uint64_t count, const char *what)
{
    char digits[27];
    if (count)
        iw_buf_printf(out, ", %s %s", iw_format_u64(count, digits), what);
}

static void add_changes(struct iw_buf *out, const struct iw_totals *totals)
{
    for (int i = IW_CHANGE_NONE + 1; i < IW_CHANGE_COUNT; i++)
        add_count(out, totals->changes[i], iw_change_name((enum iw_change)i));
}

static enum iw_err on_run(void *user, const struct iw_run_row *run)
{
    struct iw_buf *out = user;
    char digits[27];
    const struct iw_totals *totals = &run->totals;
    iw_buf_printf(out, "%5lld  ", (long long)run->id);
    add_time(out, run->started_unix_s);
    iw_buf_printf(out, "  %-11s", states[run->state]);
    if (run->state != IW_RUN_OPEN)
        iw_buf_printf(out, "  %s images", iw_format_u64(totals->records, digits));
    add_count(out, totals->verdicts[IW_VERDICT_OVER], "over");
    add_count(out, totals->verdicts[IW_VERDICT_BROKEN], "broken");
    if (run->base)
        add_changes(out, totals);
    iw_buf_add_str(out, IW_STR("\n       imgweigh "));
    iw_report_add_safe(out, iw_str_sub(run->argv, 0, 200));
    iw_buf_add_char(out, '\n');
    return out->err;
}

static enum iw_err list_runs(struct iw_settings *settings, struct iw_store *store, struct iw_buf *out)
{
    struct iw_store_figures figures;
    char bytes[16], rows[27], urls[27];
    (void)settings;
    enum iw_err err = iw_store_runs(store, on_run, out);
    if (err == IW_OK)
        err = iw_store_figures(store, &figures);
    if (err == IW_OK)
        iw_buf_printf(out, "%llu runs, %s URLs, %s observations, %s\n", (unsigned long long)figures.runs,
                      iw_format_u64(figures.urls, urls), iw_format_u64(figures.observations, rows),
                      iw_format_size(figures.file_bytes, bytes));
    return err;
}

static void add_line(struct iw_buf *out, const char *name, struct iw_str text)
{
    iw_buf_printf(out, "%-14s ", name);
    iw_report_add_safe(out, text);
    iw_buf_add_char(out, '\n');
}

static void add_number(struct iw_buf *out, const char *name, uint64_t value)
{
    char digits[27];
    iw_buf_printf(out, "%-14s %s\n", name, iw_format_u64(value, digits));
}

static void add_run(struct iw_buf *out, const struct iw_run_row *run)
{
    const struct iw_totals *totals = &run->totals;
    iw_buf_printf(out, "%-14s %lld, %s\n%-14s ", "run", (long long)run->id, states[run->state], "began");
    add_time(out, run->started_unix_s);
    if (run->ended_unix_s) {
        iw_buf_printf(out, "\n%-14s ", "ended");
        add_time(out, run->ended_unix_s);
    }
    iw_buf_add_char(out, '\n');
    if (run->why.len)
        add_line(out, "why", run->why);
    add_line(out, "command", run->argv);
    add_line(out, "version", run->version);
    add_line(out, "inputs", iw_str_from(run->inputs_digest));
    add_line(out, "policy", iw_str_from(run->policy_digest));
    if (run->state == IW_RUN_OPEN)
        return;
    add_number(out, "images", totals->records);
    for (int i = 0; i < IW_VERDICT_COUNT; i++)
        add_number(out, iw_verdict_name((enum iw_verdict)i), totals->verdicts[i]);
    add_number(out, "requests", totals->requests);
    add_number(out, "bytes read", totals->bytes_read);
    add_number(out, "bytes weighed", totals->bytes_weighed);
    if (!run->base)
        return;
    iw_buf_printf(out, "%-14s run %lld\n", "compared with", (long long)run->base);
    for (int i = IW_CHANGE_NONE + 1; i < IW_CHANGE_COUNT; i++)
        add_number(out, iw_change_name((enum iw_change)i), totals->changes[i]);
}

static enum iw_err show(struct iw_settings *settings, struct iw_store *store, const char *name, struct iw_buf *out,
                        struct iw_diag *diag)
{
    struct iw_run_row run;
    enum iw_err err = iw_store_find(store, iw_str_from(name), false, &settings->arena, &run, diag);
    if (err == IW_OK)
        add_run(out, &run);
    return err;
}

static enum iw_err prune(struct iw_settings *settings, struct iw_store *store, struct iw_buf *out, struct iw_diag *diag)
{
    const struct iw_options *options = &settings->options;
    uint64_t forgotten = 0;
    if (!options->keep && !options->older_than_ms)
        return iw_fail(diag, IW_ERR_USAGE, 0, 0, "prune needs --keep N or --older-than TIME");
    int64_t now = (int64_t)iw_net_unix_s();
    int64_t before = options->older_than_ms ? now - (int64_t)(options->older_than_ms / 1000) : 0;
    enum iw_err err = iw_store_prune(store, options->keep, before, &forgotten);
    if (err == IW_OK)
        iw_buf_printf(out, "%llu %s forgotten; imgweigh history vacuum gives the space back\n",
                      (unsigned long long)forgotten, forgotten == 1 ? "run was" : "runs were");
    return err;
}

static enum iw_err vacuum(struct iw_store *store, struct iw_buf *out)
{
    struct iw_store_figures before, after;
    char old[16], new[16];
    enum iw_err err = iw_store_figures(store, &before);
    if (err == IW_OK)
        err = iw_store_vacuum(store);
    if (err == IW_OK)
        err = iw_store_figures(store, &after);
    if (err == IW_OK)
        iw_buf_printf(out, "%s, was %s\n", iw_format_size(after.file_bytes, new),
                      iw_format_size(before.file_bytes, old));
    return err;
}

static enum iw_err dispatch(struct iw_settings *settings, int argc, char **argv, struct iw_buf *out,
                            struct iw_diag *diag)
{
    static const char *const words[] = {"list", "show", "prune", "vacuum"};
    enum { LIST, SHOW, PRUNE, VACUUM, NONE };
    size_t word = argc ? 0 : LIST;
    while (argc && word < NONE && strcmp(argv[0], words[word]) != 0)
        word++;
    bool is_path = argc && strcmp(argv[0], "path") == 0;
    bool is_wrong = (word == NONE && !is_path) || argc > (word == SHOW ? 2 : 1) || (word == SHOW && argc < 2);
    if (is_wrong)
        return iw_fail(diag, IW_ERR_USAGE, 0, 0, "history: expected list, show RUN, prune, vacuum or path");
    if (is_path) {
        struct iw_str path = iw_history_path(&settings->options, &settings->arena, diag);
        iw_buf_printf(out, "%.*s\n", IW_STR_ARGS(path));
        return path.ptr ? IW_OK : IW_ERR_USAGE;
    }
    struct iw_store *store = NULL;
    enum iw_err err = iw_history_open(settings, &store, diag);
    if (err != IW_OK)
        return err;
    if (word == LIST)
        err = list_runs(settings, store, out);
    else if (word == SHOW)
        err = show(settings, store, argv[1], out, diag);
    else if (word == PRUNE)
        err = prune(settings, store, out, diag);
    else
        err = vacuum(store, out);
    if (err != IW_OK && diag->code == IW_OK)
        iw_store_diag(store, diag);
    struct iw_diag late = {0};
    enum iw_err closed = iw_store_close(store, &late);
    if (err == IW_OK && closed != IW_OK)
        *diag = late;
    return err == IW_OK ? closed : err;
}

static int run(struct iw_settings *settings, int argc, char **argv)
{
    struct iw_diag diag = {0};
    struct iw_buf out;
    iw_buf_init(&out, TEXT_BYTES);
    enum iw_err err = dispatch(settings, argc, argv, &out, &diag);
    if (err == IW_OK)
        err = out.err;
    int status = err == IW_OK ? iw_exit_print(&out) : iw_exit_failure(err, &diag);
    iw_buf_release(&out);
    return status;
}

const struct iw_command iw_command_history = {
    .name = "history",
    .arguments = "[list | show RUN | prune | vacuum | path]",
    .help = "runs that --history has recorded",
    .details = "Without a word, lists the runs of the history (--history=FILE, else the usual one).\n\n"
               "  show RUN   what a run was, and its figures; RUN is a number, latest, or latest~1, the one before\n"
               "  prune      forgets runs (--keep N, --older-than TIME); the youngest complete one of the same\n"
               "             inputs is kept\n"
               "  vacuum     gives free space back\n"
               "  path       where the history is",
    .run = run,
};
