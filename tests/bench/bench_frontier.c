/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* bench_frontier URLS HOSTS DEDUPE(0|1): reads a list of so many URLs, normalises and deduplicates them, and lets each
 * wait for its turn, with nobody to ask: what the reader, the table of targets and the frontier take by themselves. */
#include "base/iw.h"
#include "audit/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static enum iw_err on_record(void *user, const struct iw_record *record)
{
    (void)user;
    (void)record;
    return IW_OK;
}

static void on_complaint(void *user, const struct iw_diag *diag)
{
    (void)user;
    (void)fprintf(stderr, "%s\n", diag->text);
}

/* The list comes through a pipe from a process of its own: its making is not counted. */
static void write_list(int fd, unsigned long urls, unsigned long hosts)
{
    FILE *out = fdopen(fd, "w");
    for (unsigned long i = 0; out && i < urls; i++)
        fprintf(out, "https://cdn%lu.shop.example/media/catalog/product/%lu/photo-%08lu.jpg?w=1200\n", i % hosts,
                i % 97, i);
    _exit(out && fclose(out) == 0 ? 0 : 1);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    int ends[2];
    unsigned long urls = strtoul(argv[1], NULL, 10), hosts = strtoul(argv[2], NULL, 10);
    if (pipe(ends) != 0)
        return 1;
    if (fork() == 0) {
        close(ends[0]);
        write_list(ends[1], urls, hosts);
    }
    close(ends[1]);
    (void)dup2(ends[0], STDIN_FILENO);
    struct iw_audit_policy policy;
    struct iw_audit_events events = {.record = on_record, .complaint = on_complaint};
    struct iw_audit *audit;
    struct iw_diag diag = {0};
    iw_audit_policy_default(&policy);
    policy.dedupe = argv[3][0] == '1';
    policy.is_dry = true;
    if (iw_audit_new(&policy, &events, &audit, &diag) != IW_OK || iw_audit_add(audit, "-") != IW_OK)
        return 1;
    uint64_t began = iw_net_clock_us();
    enum iw_err err = iw_audit_run(audit);
    double seconds = (double)(iw_net_clock_us() - began) / 1e6;
    struct iw_audit_progress progress;
    iw_audit_progress(audit, &progress);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                 (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    printf("%lu URLs of %lu hosts, %s: %.2f s, %.0f URLs/s, CPU %.2f us/URL, peak %ld MB, %llu had their turn%s\n",
           urls, hosts, policy.dedupe ? "each once" : "no dedupe", seconds, (double)urls / seconds,
           cpu / (double)urls * 1e6, usage.ru_maxrss / 1024, (unsigned long long)progress.done,
           err == IW_OK ? "" : ", FAILED");
    iw_audit_free(audit);
    return err == IW_OK ? 0 : 1;
}
