/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* How fast a request file is read: bench_requests FILE [CHUNK] reads FILE through a reader, as an audit does, CHUNK
 * bytes (1 MiB) at a time, and prints bytes, requests, images, seconds of processor time (reads from the page cache
 * included) and peak memory. */
#include "base/iw.h"
#include "source/source.h"

#include "base/mem.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct counts {
    uint64_t leads, sized, faults;
    struct iw_request_file file;
};

static enum iw_err on_lead(void *user, const struct iw_lead *lead)
{
    struct counts *counts = user;
    const struct iw_inline *inlined = lead->image ? lead->image->inlined : NULL;
    counts->leads++;
    counts->sized += inlined && inlined->image.width_px && !inlined->fault;
    return IW_OK;
}

static void on_complaint(void *user, unsigned line, unsigned column, const char *text)
{
    (void)user;
    fprintf(stderr, "%u:%u: %s\n", line, column, text);
}

static enum iw_err on_call(void *user, const struct iw_call *call)
{
    (void)user, (void)call;
    return IW_OK;
}

static enum iw_err on_fault(void *user, enum iw_request_fault fault, unsigned line, unsigned column, uint64_t at,
                            struct iw_str custom_id, struct iw_str text)
{
    (void)fault, (void)at, (void)custom_id;
    struct counts *counts = user;
    counts->faults++;
    fprintf(stderr, "%u:%u: %.*s\n", line, column, IW_STR_ARGS(text));
    return IW_OK;
}

static enum iw_err on_file(void *user, const struct iw_request_file *file)
{
    struct counts *counts = user;
    counts->file = *file;
    return IW_OK;
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Since it was started: getrusage() would also count what its parent had. */
static double peak_mb(void)
{
    char line[256];
    double kb = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kb = strtod(line + 6, NULL);
    if (status)
        (void)fclose(status);
    return kb / 1024;
}

static enum iw_err read_file(int fd, size_t chunk_bytes, struct counts *counts, struct iw_diag *diag)
{
    static const struct iw_call_events calls = {on_call, on_fault, on_file};
    const struct iw_source_events events = {
        .lead = on_lead, .complaint = on_complaint, .user = counts, .calls = &calls};
    const struct iw_reader_limits limits = {.max_inflated_bytes = UINT64_MAX, .max_bytes = UINT64_MAX};
    struct iw_reader *reader = NULL;
    char *chunk = iw_aligned_malloc(4096, chunk_bytes);
    enum iw_err err = chunk ? iw_reader_new(NULL, IW_STR(""), &limits, &events, &reader) : IW_ERR_NOMEM;
    ssize_t got;
    while (err == IW_OK && (got = read(fd, chunk, chunk_bytes)) > 0)
        err = iw_reader_feed(reader, chunk, (size_t)got, diag);
    if (err == IW_OK)
        err = iw_reader_finish(reader, diag);
    iw_reader_free(reader);
    iw_free(chunk);
    return err;
}

int main(int argc, char **argv)
{
    size_t chunk_bytes = argc > 2 ? strtoul(argv[2], NULL, 10) : 1 << 20;
    int fd = argc > 1 && chunk_bytes ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) {
        fputs("usage: bench_requests FILE [CHUNK]\n", stderr);
        return 2;
    }
    struct counts counts = {0};
    struct iw_diag diag = {0};
    double start = now_s();
    enum iw_err err = read_file(fd, chunk_bytes, &counts, &diag);
    double seconds = now_s() - start;
    close(fd);
    if (err != IW_OK) {
        fprintf(stderr, "bench_requests: %u:%u: %s\n", diag.line, diag.column, diag.text);
        return 1;
    }
    printf("%.0f MB, %llu requests, %llu images (%llu with their size), %.3f s, %.0f MB/s, peak %.1f MB\n",
           (double)counts.file.bytes / 1e6, (unsigned long long)counts.file.calls, (unsigned long long)counts.leads,
           (unsigned long long)counts.sized, seconds, (double)counts.file.bytes / 1e6 / seconds, peak_mb());
    return 0;
}
