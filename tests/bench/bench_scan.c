/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* How many image headers a second one core reads: bench_scan [N [FILE...]] scans typical headers, or those of files, N
 * times each, all of it in hand, and prints images per second. It measures the scanners alone, neither network nor
 * files. */
#include "base/iw.h"
#include "../unit/corpus.h"
#include "../unit/image_build.h"

#include <stdio.h>
#include <time.h>

/* A camera's: JFIF, Exif, a profile, tables, three components. */
static void build_jpeg(struct made *made)
{
    struct made profile;
    made_init(&profile);
    PUT(&profile, "ICC_PROFILE\0\1\1");
    put_fill(&profile, 0, 3000);
    PUT(made, "\xFF\xD8");
    put_segment(made, 0xE0, "JFIF\0\1\2\0\0\1\0\1\0\0", 14);
    put_exif_segment(made, true, 6, 0);
    put_segment(made, 0xE2, profile.ptr, profile.len);
    for (unsigned i = 0; i < 2; i++)
        put_segment(made, 0xDB, profile.ptr, 65);
    put_sof(made, 0xC0, 4000, 3000, 3);
    made_release(&profile);
}

static void build_png(struct made *made)
{
    put_png(made, 1200, 800, 8, 6);
    put_chunk(made, "gAMA", "\0\0\xB1\x8F", 4);
    put_chunk(made, "pHYs", "\0\0\x0B\x13\0\0\x0B\x13\1", 9);
    put_chunk(made, "IDAT", "pixels", 6);
}

/* An animation whose second frame is 8 kB in. */
static void build_gif(struct made *made)
{
    put_gif(made, 300, 200);
    put_gce(made, true);
    put_gif_frame(made, 0, 300, 200, 31);
    put_gif_frame(made, 0, 300, 200, 1);
}

static void build_webp(struct made *made)
{
    put_webp(made);
    put_vp8x(made, 0x12, 1200, 800);
    for (unsigned i = 0; i < 2; i++)
        put_riff(made, "ANMF", "frame", 5);
    end_webp(made);
}

static void build_bmp(struct made *made)
{
    PUT(made, "BM");
    put_fill(made, 0, 12);
    put_le(made, 124, 4);
    put_le(made, 300, 4);
    put_le(made, 200, 4);
    put_le(made, 1, 2);
    put_le(made, 32, 2);
    put_le(made, 3, 4);
    put_fill(made, 0xFF, 104);
}

/* Bytes that every signature is tried on. */
static void build_other(struct made *made)
{
    PUT(made, "<!DOCTYPE html><html><head><title>Sign in</title></head>");
}

static const struct {
    const char *name;
    void (*build)(struct made *made);
} headers[] = {{"jpeg", build_jpeg}, {"png", build_png}, {"gif", build_gif},
               {"webp", build_webp}, {"bmp", build_bmp}, {"no image", build_other}};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Seconds for count scans; negative when one did not come to an answer. */
static double time_scans(const struct made *made, unsigned long count)
{
    struct iw_window window = {.ptr = made->ptr, .len = made->len};
    struct iw_view view = {.windows = &window, .count = 1, .total_bytes = made->len};
    struct iw_wants wants = {.animation = true, .trailing_exif = true};
    double start = now_s();
    for (unsigned long i = 0; i < count; i++) {
        struct iw_image_facts facts;
        struct iw_need need;
        if (iw_image_scan(&view, &wants, &facts, &need) != IW_SCAN_DONE)
            return -1;
    }
    return now_s() - start;
}

/* Times one header and prints it; false when it was not read. */
static bool bench(const char *name, const struct made *made, unsigned long count)
{
    double seconds = time_scans(made, count);
    if (seconds < 0) {
        (void)fprintf(stderr, "bench_scan: the header of %s was not read\n", name);
        return false;
    }
    printf("%-9s %6zu bytes %12.0f images/s %8.1f ns each\n", name, made->len, (double)count / seconds,
           seconds * 1e9 / (double)count);
    return true;
}

/* The header of a file, under the name of its format. */
static bool bench_file(const char *path, unsigned long count)
{
    struct made made = {0};
    struct iw_window window;
    struct iw_view view = {.windows = &window, .count = 1};
    struct iw_image_facts facts;
    struct iw_need need;
    made.ptr = corpus_slurp("/", path, &made.len);
    if (!made.ptr)
        return false;
    window = (struct iw_window){.ptr = made.ptr, .len = made.len};
    view.total_bytes = made.len;
    struct iw_wants wants = {.animation = true};
    (void)iw_image_scan(&view, &wants, &facts, &need);
    bool is_good = bench(facts.format ? facts.format->name : path, &made, count);
    free(made.ptr);
    return is_good;
}

int main(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
    bool is_good = true;
    if (count == 0) {
        (void)fputs("usage: bench_scan [N [FILE...]], with whole paths\n", stderr);
        return 2;
    }
    for (int i = 2; i < argc; i++)
        is_good = bench_file(argv[i], count) && is_good;
    for (size_t i = 0; i < IW_ARRAY_LEN(headers) && argc < 3; i++) {
        struct made made;
        made_init(&made);
        headers[i].build(&made);
        is_good = bench(headers[i].name, &made, count) && is_good;
        made_release(&made);
    }
    return is_good ? 0 : 1;
}
