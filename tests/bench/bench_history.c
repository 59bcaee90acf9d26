/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* bench_history FILE run URLS RUNS [CHANGED_IN_1000]: brings a history to so many runs over so many URLs of 100 hosts,
 * of which some change from run to run; what each run costs beside its transport (looking up, comparing, recording),
 * and what the database weighs. bench_history FILE read: how long it takes to list, to tell, to compare and to prune
 * it. */
#include "base/iw.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Of the processor: what else the machine does matters little then. */
static double now_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static const struct iw_profile profile = {
    .name = "bench",
    .title = "bench",
    .url_supported = true,
    .limits = {{.id = IW_LIMIT_max_bytes, .value = 1000000, .has_value = true, .effect = IW_REFUSED, .source = "here"}},
    .limit_count = 1,
};
static const struct iw_profile *const profiles[] = {&profile};
static const struct iw_judge judge = {.profiles = profiles, .profile_count = 1};

static void check(enum iw_err err, struct iw_store *store)
{
    struct iw_diag diag = {0};
    if (err == IW_OK)
        return;
    if (store)
        iw_store_diag(store, &diag);
    (void)fprintf(stderr, "bench_history: %s\n", diag.text);
    exit(1);
}

/* 5 in 100 are over the limit. */
static enum iw_err one(struct iw_store *store, unsigned long i, unsigned run, unsigned changed, struct iw_arena *arena)
{
    char url[120], etag[40];
    struct iw_findings findings;
    struct iw_facts known;
    bool is_told, has_changed = (i * 7 + run * 13) % 1000 < changed && run > 0;
    unsigned long version = has_changed ? run : 0;
    (void)snprintf(url, sizeof url, "https://cdn-%02lu.example/catalogue/%04lu/product-%08lu-large.jpg", i % 100,
                   i / 1000, i);
    (void)snprintf(etag, sizeof etag, "\"%016lx-%lx\"", i * 2654435761u, version);
    struct iw_facts facts = {
        .url = iw_str_from(url),
        .final_url = iw_str_from(url),
        .bytes = (i % 20 == 0 ? 1000000 : 100000) + i % 5000 + version,
        .bytes_from = IW_BYTES_CONTENT_LENGTH,
        .etag = iw_str_from(etag),
        .last_modified = IW_STR("Wed, 01 Jan 2025 00:00:00 GMT"),
        .content_type = IW_STR("image/jpeg"),
        .status = 200,
        .http_version = 20,
        .requests = 1,
        .us = 1000 + i % 1000,
        .has_looked = true,
        .image = {.format = iw_image_format_find(IW_STR("jpeg")),
                  .width_px = 1200,
                  .height_px = 800,
                  .stored_width_px = 1200,
                  .stored_height_px = 800,
                  .orientation = 1},
    };
    struct iw_source_ref source = {.path = IW_STR("/srv/catalogue.xml"),
                                   .kind = "sitemap",
                                   .line = (unsigned)i + 1,
                                   .column = 5,
                                   .element = IW_STR("image:loc")};
    iw_arena_clear(arena);
    enum iw_err err = iw_store_known(store, facts.url, arena, &known, &is_told);
    struct iw_record record = {.facts = &facts, .source = &source, .findings = &findings};
    record.verdict = iw_check(&judge, &facts, arena, &findings);
    if (err == IW_OK)
        err = iw_store_compare(store, &judge, &record);
    return err == IW_OK ? iw_store_record(store, &record) : err;
}

static void run_once(const char *path, unsigned long urls, unsigned run, unsigned changed)
{
    struct iw_store *store = NULL;
    struct iw_diag diag = {0};
    struct iw_arena arena;
    struct iw_store_figures figures;
    struct iw_run_plan plan = {.version = IW_STR("bench"),
                               .argv = IW_STR("bench"),
                               .policy = IW_STR("{}"),
                               .choice = IW_STR(""),
                               .inputs = IW_STR("bench"),
                               .now_unix_s = 1000000 + run * 86400};
    struct iw_totals totals = {.records = urls};
    iw_arena_init(&arena, 1 << 20);
    double began = now_s();
    check(iw_store_open(path, IW_STORE_CREATE, &store, &diag), NULL);
    check(iw_store_begin(store, &plan, &diag), store);
    for (unsigned long i = 0; i < urls; i++)
        check(one(store, i, run, changed, &arena), store);
    check(iw_store_end(store, &totals, 1000000 + run * 86400 + 3600), store);
    double took = now_s() - began;
    check(iw_store_figures(store, &figures), store);
    check(iw_store_close(store, &diag), NULL);
    (void)printf("run %u: %.1f s, %.1f us a record; %llu observations in rows, %.1f MB\n", run + 1, took,
                 took / (double)urls * 1e6, (unsigned long long)figures.observations, (double)figures.file_bytes / 1e6);
    (void)fflush(stdout);
    iw_arena_release(&arena);
}

static enum iw_err count_run(void *user, const struct iw_run_row *run)
{
    (void)run;
    ++*(unsigned long *)user;
    return IW_OK;
}

static enum iw_err count_record(void *user, const struct iw_record *record)
{
    (void)record;
    ++*(unsigned long *)user;
    return IW_OK;
}

static void read_it(const char *path)
{
    struct iw_store *store = NULL;
    struct iw_diag diag = {0};
    struct iw_store_figures figures;
    unsigned long count = 0;
    uint64_t forgotten;
    double began = now_s();
    check(iw_store_open(path, IW_STORE_EXISTING, &store, &diag), NULL);
    check(iw_store_runs(store, count_run, &count), store);
    unsigned runs = (unsigned)count;
    (void)printf("open and list %u runs: %.3f s\n", runs, now_s() - began);
    struct iw_retelling retelling = {.run = runs, .as_told = true, .fn = count_record, .user = &count};
    began = now_s();
    count = 0;
    check(iw_store_tell(store, &retelling), store);
    (void)printf("tell a run of %lu records: %.1f s\n", count, now_s() - began);
    began = now_s();
    count = 0;
    retelling = (struct iw_retelling){
        .run = runs, .base = 1, .is_complete = true, .judge = &judge, .fn = count_record, .user = &count};
    check(iw_store_tell(store, &retelling), store);
    (void)printf("what differs from run 1, of as many: %.1f s\n", now_s() - began);
    began = now_s();
    check(iw_store_prune(store, runs / 2, 0, &forgotten), store);
    (void)printf("prune %llu runs: %.1f s\n", (unsigned long long)forgotten, now_s() - began);
    began = now_s();
    check(iw_store_vacuum(store), store);
    check(iw_store_figures(store, &figures), store);
    (void)printf("vacuum: %.1f s, %.1f MB\n", now_s() - began, (double)figures.file_bytes / 1e6);
    check(iw_store_close(store, &diag), NULL);
}

static unsigned runs_of(const char *path)
{
    struct iw_store *store = NULL;
    struct iw_diag diag = {0};
    unsigned long count = 0;
    check(iw_store_open(path, IW_STORE_CREATE, &store, &diag), NULL);
    check(iw_store_runs(store, count_run, &count), store);
    check(iw_store_close(store, &diag), NULL);
    return (unsigned)count;
}

int main(int argc, char **argv)
{
    bool runs = argc >= 5 && strcmp(argv[2], "run") == 0, reads = argc == 3 && strcmp(argv[2], "read") == 0;
    if (reads) {
        read_it(argv[1]);
    } else if (runs) {
        unsigned long urls = strtoul(argv[3], NULL, 10), last = strtoul(argv[4], NULL, 10);
        unsigned changed = argc > 5 ? (unsigned)strtoul(argv[5], NULL, 10) : 20;
        for (unsigned run = runs_of(argv[1]); run < last; run++)
            run_once(argv[1], urls, run, changed);
    } else {
        (void)fprintf(stderr, "usage: bench_history FILE run URLS RUNS [CHANGED_IN_1000] | read\n");
    }
    return runs || reads ? 0 : 2;
}
