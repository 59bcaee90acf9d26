/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Which bytes a probe asks for: the first window by media type, name or neither; what follows; the budgets. Over the
 * corpus that IW_CORPUS names: the same facts whichever way the bytes come, and what they cost. */
#include "base/iw.h"
#include "corpus.h"
#include "image_build.h"
#include "probe_feed.h"

#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <time.h>

enum { ARENA_BYTES = 16 << 20 };

static void policy_of_all(struct iw_probe_policy *policy)
{
    iw_probe_policy_default(policy);
    policy->dims = IW_DIMS_ALWAYS;
    policy->method = IW_PROBE_RANGE;
    policy->wants = (struct iw_wants){.animation = true, .trailing_exif = true, .details = true};
}

/* ---- the first window ---- */

static void test_first_window(void **state)
{
    (void)state;
    static const struct {
        const char *url, *type; /* NULL: no HEAD was asked */
        uint64_t bytes, end;
    } cases[] = {
        {"http://h.example/a.jpg", "image/jpeg", 100000, 16384},
        {"http://h.example/a.png", NULL, 100000, 4096},
        {"http://h.example/a.png?width=3.jpg", NULL, 100000, 4096},
        {"http://h.example/a.JPG", NULL, 100000, 16384},
        {"http://h.example/a.jpg", "image/webp", 100000, 1024}, /* the type is nearer to the truth than the name */
        {"http://h.example/a.tif", "application/octet-stream", 100000, 4096},
        {"http://h.example/a.tif", "text/html", 100000, 4096},
        {"http://h.example/a", "image/avif", 100000, 4096},
        {"http://h.example/a", NULL, 100000, 16384},
        {"http://h.example/a", "image/jpeg", 5000, 5000}, /* never past the end */
        {"http://h.example/a.png", "image/png", 4096, 4096},
        {"http://h.example/a.png", "image/png", 4097, 4096},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(cases); i++) {
        struct iw_arena arena;
        struct iw_probe_policy policy;
        struct iw_url url;
        struct iw_habit habit = {.head_good = cases[i].type ? 0 : 1};
        struct iw_request request;
        iw_arena_init(&arena, ARENA_BYTES);
        policy_of_all(&policy);
        policy.method = IW_PROBE_AUTO;
        assert_int_equal(iw_url_parse(&arena, iw_str_from(cases[i].url), NULL, &url, NULL, NULL), IW_OK);
        struct iw_probe *probe = iw_probe_new(&arena, &policy, &url, 1);
        assert_true(iw_probe_next(probe, &habit, &request));
        assert_int_equal(request.method, cases[i].type ? IW_METHOD_HEAD : IW_METHOD_GET);
        if (cases[i].type) {
            struct probe_file file = {.type = cases[i].type, .len = (size_t)cases[i].bytes};
            struct iw_response response;
            struct iw_transfer_figures figures = {.us = 1};
            probe_feed_head(&file, &request, false, &arena, &response);
            (void)iw_probe_on_head(probe, &response);
            iw_probe_on_end(probe, IW_OUTCOME_OK, "", &figures, &habit);
            assert_true(iw_probe_next(probe, &habit, &request));
        }
        assert_true(request.has_range);
        assert_int_equal(request.range_first, 0);
        assert_int_equal(request.range_last + 1, cases[i].end);
        iw_arena_release(&arena);
    }
}

/* Every row is for a format that there is, each has one at most, and the last is for all others. */
static void test_table(void **state)
{
    (void)state;
    size_t i = 0;
    for (; iw_window_rules[i].format; i++) {
        assert_non_null(iw_image_format_find(iw_str_from(iw_window_rules[i].format)));
        assert_string_equal(iw_image_format_find(iw_str_from(iw_window_rules[i].format))->name,
                            iw_window_rules[i].format);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(iw_window_rules[j].format, iw_window_rules[i].format);
        assert_true(iw_window_rules[i].first_bytes > 0 && iw_window_rules[i].step_bytes > 0);
    }
    assert_true(iw_window_rules[i].first_bytes > 0 && iw_window_rules[i].step_bytes > 0);
}

/* ---- what follows ---- */

/* A JPEG whose frame header stands behind segments of 60,000 bytes. */
static void build_far_jpeg(struct made *made, unsigned segments)
{
    struct made filler;
    made_init(&filler);
    put_fill(&filler, 0, 60000);
    PUT(made, "\xFF\xD8");
    for (unsigned i = 0; i < segments; i++)
        put_segment(made, 0xE5, filler.ptr, filler.len);
    put_sof(made, 0xC0, 40, 30, 3);
    put_fill(made, 0, 300000);
    made_release(&filler);
}

/* A TIFF whose directory is at its end. */
static void build_late_tiff(struct made *made)
{
    PUT(made, "II*\0");
    put_le(made, 200000, 4);
    put_fill(made, 0, 200000 - 8);
    put_le(made, 2, 2);
    static const unsigned tags[][2] = {{256, 70}, {257, 50}};
    for (size_t i = 0; i < IW_ARRAY_LEN(tags); i++) {
        put_le(made, tags[i][0], 2);
        put_le(made, 3, 2);
        put_le(made, 1, 4);
        put_le(made, tags[i][1], 4);
    }
    put_le(made, 0, 4);
}

static struct iw_facts probe_made(const struct made *made, const char *path, const struct iw_probe_policy *policy,
                                  struct iw_arena *arena, struct probe_cost *cost)
{
    struct probe_file file = {.path = path, .bytes = made->ptr, .len = made->len};
    struct iw_facts facts = probe_feed(&file, PROBE_RANGES, policy, arena, cost);
    assert_null(cost->fault);
    return facts;
}

static void test_seeks(void **state)
{
    (void)state;
    struct iw_arena arena;
    struct iw_probe_policy policy;
    struct probe_cost cost;
    struct made made;
    iw_arena_init(&arena, ARENA_BYTES);
    policy_of_all(&policy);

    made_init(&made);
    build_late_tiff(&made);
    assert_int_equal(probe_made(&made, "a.tif", &policy, &arena, &cost).image.width_px, 70);
    assert_int_equal(cost.requests, 2);
    assert_int_equal(cost.bytes, 4096 + made.len - 200000);
    /* a name that lies makes the first window too small; the rest of the right one follows */
    made_release(&made);
    made_init(&made);
    build_far_jpeg(&made, 1);
    assert_int_equal(probe_made(&made, "a.webp", &policy, &arena, &cost).image.width_px, 40);
    assert_int_equal(cost.requests, 2);
    assert_int_equal(cost.bytes, 1024 + 4096);
    made_release(&made);
    /* two exact seeks, then four times as much each */
    made_init(&made);
    build_far_jpeg(&made, 12);
    assert_int_equal(probe_made(&made, "a.jpg", &policy, &arena, &cost).image.width_px, 40);
    assert_true(cost.requests <= 8);
    made_release(&made);
    iw_arena_release(&arena);
}

static void test_budgets(void **state)
{
    (void)state;
    struct iw_arena arena;
    struct iw_probe_policy policy;
    struct probe_cost cost;
    struct made made;
    iw_arena_init(&arena, ARENA_BYTES);
    policy_of_all(&policy);
    made_init(&made);
    build_far_jpeg(&made, 12);

    policy.max_header_requests = 3;
    struct iw_facts facts = probe_made(&made, "a.jpg", &policy, &arena, &cost);
    assert_int_equal(cost.requests, 3);
    assert_int_equal(facts.image.width_px, 0);
    assert_int_equal(facts.failure, IW_FAILURE_NONE);
    assert_string_equal(facts.dims_why, "the header was not found within the requests allowed");

    policy.max_header_requests = 8;
    policy.max_header_bytes = 30000;
    facts = probe_made(&made, "a.jpg", &policy, &arena, &cost);
    assert_true(cost.bytes <= 30000);
    assert_string_equal(facts.dims_why, "the header was not found within the bytes allowed");
    made_release(&made);
    iw_arena_release(&arena);
}

/* ---- the same, whichever way the bytes come ---- */

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Names what differs, or NULL. */
static const char *differs(const struct iw_facts *a, const struct iw_facts *b)
{
    const struct iw_image_facts *f = &a->image, *g = &b->image;
    if (f->format != g->format)
        return "format";
    if (a->failure != b->failure || !is_same_text(a->dims_why, b->dims_why))
        return "failure";
    if (f->width_px != g->width_px || f->height_px != g->height_px || f->stored_width_px != g->stored_width_px ||
        f->stored_height_px != g->stored_height_px)
        return "size";
    if (f->orientation != g->orientation)
        return "orientation";
    if (f->animated != g->animated || f->frames != g->frames)
        return "animation";
    if (f->alpha != g->alpha || f->colour != g->colour || f->bit_depth != g->bit_depth || f->has_icc != g->has_icc)
        return "colour";
    return f->progressive != g->progressive || f->is_damaged != g->is_damaged ? "detail" : NULL;
}

/* A first window of these many bytes, and then as seldom as budgets let. */
#define FORCED(bytes)                                                                                                  \
    {                                                                                                                  \
        {                                                                                                              \
            .format = NULL, .first_bytes = (bytes), .step_bytes = 4096, .seeks = 2                                     \
        }                                                                                                              \
    }
static const struct iw_window_rule forced[][1] = {FORCED(1), FORCED(7), FORCED(64), FORCED(4096)};

struct way {
    const char *name;
    enum probe_server server;
    const struct iw_window_rule *rules;
};
static const struct way ways[] = {
    {"ranges", PROBE_RANGES, iw_window_rules},  {"no ranges", PROBE_IGNORES, iw_window_rules},
    {"a first byte", PROBE_RANGES, forced[0]},  {"7 bytes", PROBE_RANGES, forced[1]},
    {"64 bytes", PROBE_RANGES, forced[2]},      {"4,096 bytes", PROBE_RANGES, forced[3]},
    {"a local byte", PROBE_LOCAL, forced[0]},   {"7 local bytes", PROBE_LOCAL, forced[1]},
    {"64 local bytes", PROBE_LOCAL, forced[2]}, {"4,096 local bytes", PROBE_LOCAL, forced[3]},
};

/* How many ways come to other facts than the local file. */
static unsigned check_ways(struct probe_file *file)
{
    unsigned wrong = 0;
    struct iw_arena arena;
    struct iw_probe_policy policy;
    struct probe_cost cost;
    iw_arena_init(&arena, ARENA_BYTES);
    policy_of_all(&policy);
    struct iw_facts local = probe_feed(file, PROBE_LOCAL, &policy, &arena, &cost);
    for (size_t i = 0; i < IW_ARRAY_LEN(ways); i++) {
        policy.windows = ways[i].rules;
        struct iw_facts facts = probe_feed(file, ways[i].server, &policy, &arena, &cost);
        const char *what = cost.fault ? cost.fault : differs(&local, &facts);
        if (what && ++wrong)
            print_error("  %s, by %s: %s\n", file->path, ways[i].name, what);
    }
    iw_arena_release(&arena);
    return wrong;
}

/* ---- what it costs ---- */

/* The most that the files of a format may cost on average, beyond HEAD, where their sizes alone are wanted. */
struct target {
    const char *format;
    double requests, bytes;
    unsigned files;
    uint64_t seen_requests, seen_bytes;
};

static void add_cost(struct probe_file *file, struct target *targets, size_t count)
{
    struct iw_arena arena;
    struct iw_probe_policy policy;
    struct probe_cost cost;
    iw_arena_init(&arena, ARENA_BYTES);
    policy_of_all(&policy);
    policy.wants = (struct iw_wants){0};
    policy.method = IW_PROBE_AUTO;
    struct iw_facts facts = probe_feed(file, PROBE_RANGES, &policy, &arena, &cost);
    for (size_t i = 0; i < count && facts.image.format; i++) {
        if (strcmp(facts.image.format->name, targets[i].format) != 0)
            continue;
        targets[i].files++;
        targets[i].seen_requests += cost.requests;
        targets[i].seen_bytes += cost.bytes;
    }
    iw_arena_release(&arena);
}

static unsigned check_targets(const struct target *targets, size_t count)
{
    unsigned missed = 0;
    for (size_t i = 0; i < count; i++) {
        const struct target *t = &targets[i];
        assert_true(t->files > 0);
        double requests = (double)t->seen_requests / t->files, bytes = (double)t->seen_bytes / t->files;
        print_message("  %-5s %3u files: %.2f requests, %.0f bytes\n", t->format, t->files, requests, bytes);
        missed += requests > t->requests || bytes > t->bytes;
    }
    return missed;
}

static void test_corpus(void **state)
{
    (void)state;
    struct target targets[] = {
        {.format = "jpeg", .requests = 1.40, .bytes = 22e3}, {.format = "png", .requests = 1.0, .bytes = 4096},
        {.format = "webp", .requests = 1.1, .bytes = 4096},  {.format = "avif", .requests = 1.05, .bytes = 4096},
        {.format = "heic", .requests = 1.05, .bytes = 4096}, {.format = "tiff", .requests = 2.0, .bytes = 6e3}};
    const char *root = getenv("IW_CORPUS");
    char dir[2048];
    size_t len;
    (void)snprintf(dir, sizeof dir, "%s/images", root ? root : "");
    char *truth = root && *root ? (char *)corpus_slurp(dir, "truth.tsv", &len) : NULL;
    if (!truth) {
        print_message("no corpus: skipped\n");
        skip();
    }
    unsigned files = 0, wrong = 0;
    struct iw_str rest = iw_str_from(truth), line, path, format;
    (void)iw_str_next(&rest, '\n', &line);
    while (iw_str_next(&rest, '\n', &line)) {
        char text[2048];
        if (!iw_str_next(&line, '\t', &path) || !iw_str_next(&line, '\t', &format) || path.len >= sizeof text)
            continue;
        memcpy(text, path.ptr, path.len);
        text[path.len] = 0;
        struct probe_file file = {.path = text};
        uint8_t *bytes = corpus_slurp(dir, text, &file.len);
        file.bytes = bytes;
        assert_non_null(bytes);
        files++;
        wrong += check_ways(&file);
        add_cost(&file, targets, IW_ARRAY_LEN(targets));
        free(bytes);
    }
    free(truth);
    print_message("  %u files, %u differences\n", files, wrong);
    assert_true(files > 100);
    assert_int_equal(wrong, 0);
    assert_int_equal(check_targets(targets, IW_ARRAY_LEN(targets)), 0);
}

/* Files made to hang or to crash readers: each comes to an end at once, in an arena of 16 MB (SVG's parser has
 * memory of its own). */
static void test_hostile(void **state)
{
    (void)state;
    enum { MOST_MS = 100 };
    const char *root = getenv("IW_CORPUS");
    char dir[2048];
    size_t len;
    (void)snprintf(dir, sizeof dir, "%s/hostile", root ? root : "");
    char *list = root && *root ? (char *)corpus_slurp(dir, "files.tsv", &len) : NULL;
    if (!list) {
        print_message("no corpus: skipped\n");
        skip();
    }
    unsigned files = 0, wrong = 0;
    double slowest_ms = 0;
    struct iw_str rest = iw_str_from(list), line, path;
    (void)iw_str_next(&rest, '\n', &line);
    while (iw_str_next(&rest, '\n', &line)) {
        char text[2048];
        if (!iw_str_next(&line, '\t', &path) || path.len == 0 || path.len >= sizeof text)
            continue;
        memcpy(text, path.ptr, path.len);
        text[path.len] = 0;
        struct probe_file file = {.path = text};
        uint8_t *bytes = corpus_slurp(dir, text, &file.len);
        file.bytes = bytes;
        assert_non_null(bytes);
        for (enum probe_server server = PROBE_RANGES; server <= PROBE_LOCAL; server++) {
            struct iw_arena arena;
            struct iw_probe_policy policy;
            struct probe_cost cost;
            iw_arena_init(&arena, ARENA_BYTES);
            policy_of_all(&policy);
            clock_t began = clock();
            (void)probe_feed(&file, server, &policy, &arena, &cost);
            double ms = (double)(clock() - began) * 1000 / CLOCKS_PER_SEC;
            slowest_ms = IW_MAX(slowest_ms, ms);
            bool is_bad = cost.fault || arena.err != IW_OK || ms > MOST_MS;
            if (is_bad && ++wrong)
                print_error("  %s: %s, %.0f ms\n", text, cost.fault ? cost.fault : "too much", ms);
            iw_arena_release(&arena);
        }
        files++;
        free(bytes);
    }
    free(list);
    print_message("  %u files, the slowest %.1f ms\n", files, slowest_ms);
    assert_true(files > 50);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_window), cmocka_unit_test(test_table),  cmocka_unit_test(test_seeks),
        cmocka_unit_test(test_budgets),      cmocka_unit_test(test_corpus), cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
