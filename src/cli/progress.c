/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Progress on standard error: a line that is redrawn on a terminal, a plain line every 10 s without one. */
#include "base/iw.h"
#include "cli/cli.h"

#include "base/parse.h"

#include <stdio.h>
#include <unistd.h>

enum { FIRST_MS = 300, DRAW_MS = 100, PLAIN_MS = 10000, BUSY_HOSTS = 3 };

void iw_progress_init(struct iw_progress *progress, const struct iw_options *options)
{
    *progress = (struct iw_progress){.options = options, .is_terminal = isatty(STDERR_FILENO)};
    progress->is_on = options->progress != IW_NEVER && !options->quiet;
    if (isatty(STDOUT_FILENO) && options->format && strcmp(options->format, "text") != 0)
        progress->is_on = false; /* records appear on the same screen */
    if (options->progress == IW_ALWAYS)
        progress->is_on = true;
    progress->began_ms = iw_net_clock_us() / 1000;
    progress->drawn_ms = progress->began_ms;
}

/* All is over when the slowest host is, however fast the others are. */
static void add_eta(struct iw_buf *line, const struct iw_audit_progress *p, double rate)
{
    if (p->is_reading || p->found <= p->done)
        return;
    uint64_t all_s = rate < 0.1 ? 0 : (uint64_t)((double)(p->found - p->done) / rate);
    uint64_t slowest_s = p->busy_count ? iw_busy_left_ms(&p->busy[0]) / 1000 : 0, seconds = IW_MAX(all_s, slowest_s);
    if (seconds == 0)
        return;
    if (seconds < 90)
        iw_buf_printf(line, "  ETA %llus", (unsigned long long)seconds);
    else if (seconds < 90 * 60)
        iw_buf_printf(line, "  ETA %llum", (unsigned long long)(seconds + 30) / 60);
    else
        iw_buf_printf(line, "  ETA %lluh", (unsigned long long)(seconds + 1800) / 3600);
    if (slowest_s > all_s + all_s / 4)
        iw_buf_printf(line, " by %.*s", IW_STR_ARGS(p->busy[0].origin));
}

static void add_counts(struct iw_buf *line, const struct iw_totals *totals)
{
    static const enum iw_verdict shown[] = {IW_VERDICT_OVER, IW_VERDICT_BROKEN, IW_VERDICT_UNKNOWN};
    char digits[27];
    for (size_t i = 0; i < IW_ARRAY_LEN(shown); i++)
        if (totals->verdicts[shown[i]])
            iw_buf_printf(line, "  %s %s", iw_verdict_name(shown[i]),
                          iw_format_u64(totals->verdicts[shown[i]], digits));
}

/* What binds: nothing is said where it is our own limit. */
static void add_bound(struct iw_buf *line, const struct iw_audit_progress *p)
{
    if (!p->net.is_starved || p->net.is_full || p->busy_count == 0)
        return;
    if (p->net.is_crowded) {
        iw_buf_printf(line, "  --address-concurrency binds");
        return;
    }
    const struct iw_busy_host *first = &p->busy[0];
    uint64_t at_work = 0;
    for (size_t i = 0; i < p->busy_count; i++)
        at_work += p->busy[i].waiting + p->busy[i].in_flight;
    if ((first->waiting + first->in_flight) * 2 <= at_work)
        iw_buf_printf(line, "  hosts' limits bind");
    else if (first->rests_ms >= 1000)
        iw_buf_printf(line, "  %.*s rests", IW_STR_ARGS(first->origin));
    else
        iw_buf_printf(line, "  %.*s binds: %u at once", IW_STR_ARGS(first->origin), first->at_once);
}

static void add_hosts(struct iw_buf *line, const struct iw_audit_progress *p)
{
    const struct iw_busy_host *hosts = p->busy;
    for (size_t i = 0; i < p->busy_count && i < BUSY_HOSTS; i++) {
        iw_buf_printf(line, "%s%.*s %llu waiting, %u of %u asked, %llu ms", i ? "; " : "  | ",
                      IW_STR_ARGS(hosts[i].origin), (unsigned long long)hosts[i].waiting, hosts[i].in_flight,
                      hosts[i].at_once, (unsigned long long)hosts[i].mean_us / 1000);
        if (hosts[i].rests_ms >= 1000)
            iw_buf_printf(line, ", rests for %llu s", (unsigned long long)(hosts[i].rests_ms + 999) / 1000);
    }
}

static void compose(const struct iw_progress *progress, struct iw_audit *audit, struct iw_buf *line)
{
    struct iw_audit_progress p;
    char a[27], b[27], read[16], weighed[16];
    iw_audit_progress(audit, &p);
    const struct iw_totals *totals = iw_audit_totals(audit);
    uint64_t saved = totals->bytes_weighed > totals->bytes_read ? totals->bytes_weighed - totals->bytes_read : 0;
    iw_buf_printf(line, "%s/%s%s  %.0f/s", iw_format_u64(p.done, a), iw_format_u64(p.found, b), p.is_reading ? "+" : "",
                  progress->rate);
    add_eta(line, &p, progress->rate);
    if (p.to_mend)
        iw_buf_printf(line, "  mended %s/%s", iw_format_u64(p.mended, a), iw_format_u64(p.to_mend, b));
    iw_buf_printf(line, "  read %s, saved %s", iw_format_size(totals->bytes_read, read),
                  iw_format_size(saved, weighed));
    add_counts(line, totals);
    add_bound(line, &p);
    if (progress->options->verbose || !progress->is_terminal)
        add_hosts(line, &p);
}

static void draw(struct iw_progress *progress, struct iw_audit *audit)
{
    struct iw_buf line;
    iw_buf_init(&line, 8192);
    if (progress->is_terminal)
        iw_buf_add_str(&line, IW_STR("\r\x1B[K"));
    size_t start = line.len;
    compose(progress, audit, &line);
    unsigned columns = iw_terminal_columns(STDERR_FILENO);
    if (columns > 1 && line.len - start >= columns)
        line.len = start + columns - 1;
    if (!progress->is_terminal)
        iw_buf_add_char(&line, '\n');
    ssize_t ignored = write(STDERR_FILENO, line.ptr, line.len);
    (void)ignored;
    progress->is_drawn = progress->is_terminal;
    iw_buf_release(&line);
}

void iw_progress_tick(struct iw_progress *progress, struct iw_audit *audit)
{
    uint64_t now = iw_net_clock_us() / 1000;
    uint64_t every = progress->is_terminal ? DRAW_MS : PLAIN_MS;
    uint64_t first = progress->is_terminal ? FIRST_MS : PLAIN_MS;
    if (!progress->is_on || now - progress->began_ms < first || now - progress->drawn_ms < every)
        return;
    struct iw_audit_progress p;
    iw_audit_progress(audit, &p);
    double rate = (double)(p.done - progress->last_done) * 1000 / (double)(now - progress->drawn_ms);
    progress->rate = progress->rate > 0 ? progress->rate * 0.9 + rate * 0.1 : rate;
    progress->last_done = p.done;
    progress->drawn_ms = now;
    draw(progress, audit);
}

void iw_progress_show(struct iw_progress *progress, struct iw_audit *audit)
{
    struct iw_buf line;
    iw_buf_init(&line, 8192);
    iw_progress_clear(progress);
    compose(progress, audit, &line);
    iw_buf_add_char(&line, '\n');
    ssize_t ignored = write(STDERR_FILENO, line.ptr, line.len);
    (void)ignored;
    iw_buf_release(&line);
}

void iw_progress_clear(struct iw_progress *progress)
{
    if (!progress->is_drawn)
        return;
    ssize_t ignored = write(STDERR_FILENO, "\r\x1B[K", 4);
    (void)ignored;
    progress->is_drawn = false;
}
