/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Metrics for the textfile collector of Prometheus' node exporter: gauges of the last run, named by its conventions
 * (one prefix, base units, no suffix _total, which is for counters). No label holds a URL or a host: each value would
 * be a time series of its own, for ever. */
#include "base/iw.h"
#include "report/offence.h"

enum { BUCKETS = 9 };
static const uint64_t bucket_bytes[BUCKETS] = {10000,   30000,    100000,   300000,   1000000,
                                               3000000, 10000000, 20000000, 100000000};

struct prometheus {
    struct iw_report_style style;
    struct iw_tally tally;
    uint64_t buckets[BUCKETS], sized, sized_bytes;
};

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    struct prometheus *p = state;
    p->style = *style;
    return out->err;
}

static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    struct prometheus *p = state;
    const struct iw_facts *facts = record->facts;
    iw_tally_add(&p->tally, record);
    bool has_size = facts->bytes_from != IW_BYTES_UNKNOWN && facts->bytes_from != IW_BYTES_AT_LEAST;
    if (!has_size || record->change == IW_CHANGE_GONE)
        return out->err;
    p->sized++;
    p->sized_bytes += facts->bytes;
    for (size_t i = 0; i < BUCKETS; i++)
        p->buckets[i] += facts->bytes <= bucket_bytes[i];
    return out->err;
}

static void declare(struct iw_buf *out, const char *name, const char *type, const char *help)
{
    iw_buf_printf(out, "# HELP imgweigh_%s %s\n# TYPE imgweigh_%s %s\n", name, help, name, type);
}

static void gauge(struct iw_buf *out, const char *name, const char *help, uint64_t value)
{
    declare(out, name, "gauge", help);
    iw_buf_printf(out, "imgweigh_%s %llu\n", name, (unsigned long long)value);
}

static void add_run(const struct prometheus *p, const struct iw_totals *totals, struct iw_buf *out)
{
    uint64_t ended_s = (uint64_t)IW_MAX(p->style.began_unix_s, 0) + totals->elapsed_ms / 1000;
    gauge(out, "last_run_timestamp_seconds", "When the last run ended.", ended_s);
    if (!totals->is_incomplete)
        gauge(out, "last_success_timestamp_seconds", "When the last run ended, if it was complete.", ended_s);
    gauge(out, "run_complete", "Whether the last run looked at everything.", !totals->is_incomplete);
    declare(out, "run_duration_seconds", "gauge", "How long the last run took.");
    iw_buf_printf(out, "imgweigh_run_duration_seconds %llu.%03u\n", (unsigned long long)(totals->elapsed_ms / 1000),
                  (unsigned)(totals->elapsed_ms % 1000));
    gauge(out, "run_requests", "HTTP requests of the last run, retries and redirects included.", totals->requests);
    gauge(out, "run_retries", "Requests of the last run that were repeated.", totals->retries);
    gauge(out, "run_read_bytes", "Bytes of bodies that the last run received.", totals->bytes_read);
}

static void add_images(const struct iw_totals *totals, struct iw_buf *out)
{
    declare(out, "images", "gauge", "Images of the last run by verdict.");
    for (unsigned i = 0; i < IW_VERDICT_COUNT; i++)
        iw_buf_printf(out, "imgweigh_images{verdict=\"%s\"} %llu\n", iw_verdict_name(i),
                      (unsigned long long)iw_totals_verdict(totals, i));
    gauge(out, "input_faults", "What is wrong with requests and documents of the last run, beside images.",
          totals->notices);
    if (!totals->is_compared)
        return;
    declare(out, "image_changes", "gauge", "Images of the last run by how they stand beside the run before.");
    for (unsigned i = IW_CHANGE_NONE + 1; i < IW_CHANGE_COUNT; i++)
        iw_buf_printf(out, "imgweigh_image_changes{change=\"%s\"} %llu\n", iw_change_name(i),
                      (unsigned long long)totals->changes[i]);
}

/* Every rule at its own severity, so that a series does not come and go; other severities where there are some. */
static void add_findings(const struct prometheus *p, const struct iw_totals *totals, struct iw_buf *out)
{
    declare(out, "findings", "gauge", "Findings of the last run by rule and severity.");
    for (unsigned rule = 0; rule < IW_OFFENCES; rule++)
        for (unsigned severity = 0; severity < 3; severity++)
            if (p->tally.findings[rule][severity] || severity == iw_offence_rule(rule)->severity)
                iw_buf_printf(out, "imgweigh_findings{rule=\"%s\",severity=\"%s\"} %llu\n", iw_offence_rule(rule)->name,
                              iw_severity_name(severity), (unsigned long long)p->tally.findings[rule][severity]);
    if (!totals->is_compared)
        return;
    declare(out, "findings_new", "gauge",
            "Findings of the last run in images that the run before did not find fault with.");
    for (unsigned rule = 0; rule < IW_OFFENCES; rule++)
        iw_buf_printf(out, "imgweigh_findings_new{rule=\"%s\"} %llu\n", iw_offence_rule(rule)->name,
                      (unsigned long long)p->tally.fresh[rule]);
}

static void add_sizes(const struct prometheus *p, struct iw_buf *out)
{
    declare(out, "image_size_bytes", "histogram", "Sizes of the images of the last run.");
    for (size_t i = 0; i < BUCKETS; i++)
        iw_buf_printf(out, "imgweigh_image_size_bytes_bucket{le=\"%llu\"} %llu\n", (unsigned long long)bucket_bytes[i],
                      (unsigned long long)p->buckets[i]);
    iw_buf_printf(out, "imgweigh_image_size_bytes_bucket{le=\"+Inf\"} %llu\n", (unsigned long long)p->sized);
    iw_buf_printf(out, "imgweigh_image_size_bytes_sum %llu\nimgweigh_image_size_bytes_count %llu\n",
                  (unsigned long long)p->sized_bytes, (unsigned long long)p->sized);
}

static enum iw_err end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    const struct prometheus *p = state;
    add_run(p, totals, out);
    add_images(totals, out);
    add_findings(p, totals, out);
    add_sizes(p, out);
    return out->err;
}

static void release(void *state)
{
    (void)state;
}

const struct iw_writer iw_writer_prometheus = {
    .name = "prometheus",
    .help = "metrics for node_exporter's textfile collector",
    .state_size = sizeof(struct prometheus),
    .is_public = true,
    .begin = begin,
    .item = item,
    .end = end,
    .release = release,
};
