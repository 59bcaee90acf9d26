/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A plugin of Nagios, Icinga and the like: one line with performance data, and an exit status of its own. A plugin may
 * take some seconds, an audit hours: so the last complete run is judged, by what it found and by its age. */
#include "base/iw.h"
#include "cli/history.h"

#include "base/parse.h"

#include <stdio.h>

enum state { OK, WARNING, CRITICAL, UNKNOWN };
static const char *const names[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

static int say(enum state state, struct iw_buf *line)
{
    (void)printf("IMGWEIGH %s - %.*s\n", names[state], IW_STR_ARGS(iw_buf_str(line)));
    return fflush(stdout) == 0 ? (int)state : UNKNOWN;
}

static void add_age(struct iw_buf *line, uint64_t age_s)
{
    static const struct {
        uint64_t s;
        const char *name;
    } units[] = {{86400, "days"}, {3600, "hours"}, {60, "minutes"}, {1, "seconds"}};
    size_t i = 0;
    while (i + 1 < IW_ARRAY_LEN(units) && age_s < units[i].s * 2)
        i++;
    iw_buf_printf(line, "%llu %s ago", (unsigned long long)(age_s / units[i].s), units[i].name);
}

static enum state judge(const struct iw_options *options, uint64_t offenders, uint64_t warned, uint64_t age_s)
{
    if (options->max_age_ms && age_s > options->max_age_ms / 1000)
        return UNKNOWN;
    if (offenders > options->critical_above)
        return CRITICAL;
    return offenders + warned > options->warn_above ? WARNING : OK;
}

static int tell(const struct iw_options *options, const struct iw_run_row *run, struct iw_buf *line)
{
    const struct iw_totals *totals = &run->totals;
    uint64_t offenders = iw_totals_bad_images(totals), faults = iw_totals_bad_inputs(totals);
    uint64_t all = iw_totals_images(totals);
    uint64_t warned = totals->verdicts[IW_VERDICT_WARN];
    warned -= IW_MIN(warned, totals->excused_warnings);
    int64_t now = (int64_t)iw_net_unix_s();
    uint64_t age_s = now > run->started_unix_s ? (uint64_t)(now - run->started_unix_s) : 0;
    enum state state = judge(options, offenders + faults, warned, age_s);
    char count[27], images[27];
    if (run->state != IW_RUN_COMPLETE)
        state = UNKNOWN;
    iw_buf_printf(line, "%s of %s images do not fit", iw_format_u64(offenders, count), iw_format_u64(all, images));
    if (totals->notices)
        iw_buf_printf(line, ", %s %s of the inputs", iw_format_u64(totals->notices, count),
                      totals->notices == 1 ? "fault" : "faults");
    if (run->base)
        iw_buf_printf(line, ", %s new", iw_format_u64(totals->new_offenders, count));
    iw_buf_printf(line, "; run %lld began ", (long long)run->id);
    add_age(line, age_s);
    if (run->state != IW_RUN_COMPLETE)
        iw_buf_add_str(line, IW_STR(" and did not come to its end"));
    else if (state == UNKNOWN)
        iw_buf_add_str(line, IW_STR(", too long for --max-age"));
    iw_buf_printf(line,
                  " | offenders=%llu;%u;%u;0;%llu new=%llu;;;0 warned=%llu;;;0 undecided=%llu;;;0 images=%llu;;;0 "
                  "faults=%llu;;;0",
                  (unsigned long long)offenders, options->warn_above, options->critical_above, (unsigned long long)all,
                  (unsigned long long)totals->new_offenders, (unsigned long long)warned,
                  (unsigned long long)totals->verdicts[IW_VERDICT_UNKNOWN], (unsigned long long)all,
                  (unsigned long long)faults);
    iw_buf_printf(line, " age=%llus;", (unsigned long long)age_s);
    if (options->max_age_ms)
        iw_buf_printf(line, "%llu", (unsigned long long)(options->max_age_ms / 1000));
    iw_buf_add_str(line, IW_STR(";;0"));
    return say(state, line);
}

int iw_nagios_run(struct iw_settings *settings, int argc, char **argv)
{
    struct iw_store *store = NULL;
    struct iw_run_row run;
    struct iw_diag diag = {0};
    struct iw_buf line;
    iw_buf_init(&line, 8192);
    enum iw_err err = argc > 1 ? iw_fail(&diag, IW_ERR_USAGE, 0, 0, "-f nagios tells of one run")
                               : iw_history_open_last(settings, &store, &diag);
    if (err == IW_OK)
        err = iw_store_find(store, iw_str_from(argc ? argv[0] : "latest"), true, &settings->arena, &run, &diag);
    int status;
    if (err == IW_OK) {
        status = tell(&settings->options, &run, &line);
    } else {
        iw_report_add_safe(&line, iw_str_from(diag.text[0] ? diag.text : iw_err_text(err)));
        for (size_t i = 0; i < line.len; i++)
            line.ptr[i] = line.ptr[i] == '|' ? '/' : line.ptr[i]; /* what follows it is taken for data */
        status = say(UNKNOWN, &line);
    }
    (void)iw_store_close(store, NULL);
    iw_buf_release(&line);
    return status;
}
