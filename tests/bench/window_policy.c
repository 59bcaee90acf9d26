/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What policies for windows cost: window_policy FOLDER [FORMAT...] probes each image that FOLDER/truth.tsv lists, its
 * answers made in memory as a server's that knows ranges would be, and prints requests and bytes beyond HEAD per format
 * for the table in use and for others: of all that a header tells unless it says "sizes alone". It justifies the
 * constants of src/probe/window.c. */
#include "base/iw.h"
#include "../unit/corpus.h"
#include "../unit/probe_feed.h"

#include <limits.h>

enum { MOST_FILES = 4096, ARENA_BYTES = 8 << 20 };

/* Policies beside the table in use, for all formats alike. */
static const struct {
    const char *name;
    struct iw_window_rule rules[1];
} others[] = {
    {"256 B, then seeks", {{NULL, 256, 4096, UINT_MAX}}},  {"1 KB, then seeks", {{NULL, 1024, 4096, UINT_MAX}}},
    {"2 KB, then seeks", {{NULL, 2048, 4096, UINT_MAX}}},  {"4 KB, then seeks", {{NULL, 4096, 4096, UINT_MAX}}},
    {"8 KB, then seeks", {{NULL, 8192, 4096, UINT_MAX}}},  {"16 KB, then seeks", {{NULL, 16384, 4096, UINT_MAX}}},
    {"16 KB, 1 seek, then x4", {{NULL, 16384, 4096, 1}}},  {"16 KB, 2 seeks, then x4", {{NULL, 16384, 4096, 2}}},
    {"16 KB, 8 KB steps", {{NULL, 16384, 8192, 2}}},       {"16 KB, 16 KB steps", {{NULL, 16384, 16384, 2}}},
    {"24 KB, 2 seeks, then x4", {{NULL, 24576, 4096, 2}}}, {"32 KB, 2 seeks, then x4", {{NULL, 32768, 4096, 2}}},
    {"64 KB, 2 seeks, then x4", {{NULL, 65536, 4096, 2}}},
};

/* What one format costs by one policy. */
struct tally {
    unsigned files, undecided;
    unsigned requests[MOST_FILES];
    uint64_t bytes[MOST_FILES];
};

static void probe_one(struct probe_file *file, const struct iw_window_rule *rules, const struct iw_image_format *format,
                      bool wants_details, struct tally *tally)
{
    struct iw_arena arena;
    struct iw_probe_policy policy;
    struct probe_cost cost;
    iw_arena_init(&arena, ARENA_BYTES);
    iw_probe_policy_default(&policy);
    policy.dims = IW_DIMS_ALWAYS;
    policy.wants.animation = policy.wants.details = wants_details;
    policy.windows = rules;
    struct iw_facts facts = probe_feed(file, PROBE_RANGES, &policy, &arena, &cost);
    if (cost.fault) {
        (void)fprintf(stderr, "%s: %s\n", file->path, cost.fault);
        exit(1);
    }
    if (facts.image.format == format && tally->files < MOST_FILES) {
        tally->undecided += facts.image.width_px == 0;
        tally->requests[tally->files] = cost.requests;
        tally->bytes[tally->files++] = cost.bytes;
    }
    iw_arena_release(&arena);
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static int by_count(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return (x > y) - (x < y);
}

static void print_tally(const char *policy, const struct iw_image_format *format, struct tally *tally)
{
    uint64_t requests = 0, bytes = 0;
    unsigned n = tally->files;
    if (!n)
        return;
    for (unsigned i = 0; i < n; i++) {
        requests += tally->requests[i];
        bytes += tally->bytes[i];
    }
    qsort(tally->requests, n, sizeof tally->requests[0], by_count);
    qsort(tally->bytes, n, sizeof tally->bytes[0], by_number);
    unsigned p95 = (n * 95 + 99) / 100 - 1;
    printf("| %-8s | %-24s | %3u | %.2f | %u | %u | %7.0f | %6llu | %6llu | %u |\n", format->name, policy, n,
           (double)requests / n, tally->requests[p95], tally->requests[n - 1], (double)bytes / n,
           (unsigned long long)tally->bytes[p95], (unsigned long long)tally->bytes[n - 1], tally->undecided);
}

/* The files of the corpus, by their names in truth.tsv; the first line is its head. */
static void replay(const char *folder, char *truth, const char *policy, const struct iw_window_rule *rules,
                   const struct iw_image_format *format, bool wants_details, struct tally *tally)
{
    *tally = (struct tally){0};
    struct iw_str rest = iw_str_from(truth), line, path, name;
    (void)iw_str_next(&rest, '\n', &line);
    while (iw_str_next(&rest, '\n', &line)) {
        char text[2048];
        if (!iw_str_next(&line, '\t', &path) || !iw_str_next(&line, '\t', &name) || path.len >= sizeof text ||
            !corpus_names(name, format->name))
            continue;
        memcpy(text, path.ptr, path.len);
        text[path.len] = 0;
        struct probe_file file = {.path = text, .type = format->mime};
        uint8_t *bytes = corpus_slurp(folder, text, &file.len);
        file.bytes = bytes;
        if (bytes && file.len >= 64)
            probe_one(&file, rules, format, wants_details, tally);
        free(bytes);
    }
    print_tally(policy, format, tally);
}

static bool is_wanted(const struct iw_image_format *format, char **names, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(format->name, names[i]) == 0)
            return true;
    return count == 0;
}

int main(int argc, char **argv)
{
    size_t len;
    char *truth = argc > 1 ? (char *)corpus_slurp(argv[1], "truth.tsv", &len) : NULL;
    struct tally *tally = malloc(sizeof *tally);
    if (!truth || !tally) {
        (void)fputs("usage: window_policy FOLDER [FORMAT...], where FOLDER has a truth.tsv\n", stderr);
        return 2;
    }
    puts("| format | policy | files | requests: mean | p95 | max | bytes: mean | p95 | max | undecided |");
    puts("|---|---|---|---|---|---|---|---|---|---|");
    for (size_t i = 0; i < iw_image_format_count; i++) {
        const struct iw_image_format *format = iw_image_formats[i];
        if (!is_wanted(format, argv + 2, argc - 2))
            continue;
        replay(argv[1], truth, "in use, sizes alone", iw_window_rules, format, false, tally);
        replay(argv[1], truth, "in use", iw_window_rules, format, true, tally);
        for (size_t j = 0; j < IW_ARRAY_LEN(others); j++)
            replay(argv[1], truth, others[j].name, others[j].rules, format, true, tally);
    }
    free(tally);
    free(truth);
    return 0;
}
