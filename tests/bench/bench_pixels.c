/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What a picture costs: bench_pixels [OPTION...] ROUNDS [FILE...] decodes, scales and encodes each file ROUNDS times,
 * from memory to memory, and prints a line of tab-separated medians for each. Without FILE, names are read from the
 * standard input, one a line, and answered one by one: so that peers can take turns.
 *   --fit WxH     the box (1280x960)      --quality N  of the JPEG (85)
 *   --fork        a process for each picture, as the workers have it; only so is the peak of memory one picture's
 *   --jobs N      with --fork: N processes at once; the wall time is then that of all pictures divided by their number
 *   --out DIR     keeps each result as DIR/NAME.jpg */
#include "base/iw.h"
#include "pixels/pixels.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OUT_ROOM = 64 << 20, ROUNDS_MAX = 1000, JOBS_MAX = 64, EACH = 4 };

struct bench {
    struct iw_goal goal;
    const char *out_dir;
    unsigned rounds, jobs;
    bool forks, wants_versions;
};

/* In memory that a forked process shares. */
struct picture {
    const char *path;
    uint8_t *in;
    size_t in_len;
    uint8_t *out;
    struct iw_made *made;
};

struct cost {
    double wall_ms, cpu_ms, peak_mb;
};

/* ---- clocks ---- */

static double ms_of(const struct timeval *time)
{
    return (double)time->tv_sec * 1e3 + (double)time->tv_usec / 1e3;
}

static struct cost now(bool of_children)
{
    struct timespec wall;
    struct rusage use, children = {0};
    clock_gettime(CLOCK_MONOTONIC, &wall);
    getrusage(RUSAGE_SELF, &use);
    if (of_children)
        getrusage(RUSAGE_CHILDREN, &children);
    return (struct cost){.wall_ms = (double)wall.tv_sec * 1e3 + (double)wall.tv_nsec / 1e6,
                         .cpu_ms = ms_of(&use.ru_utime) + ms_of(&use.ru_stime) + ms_of(&children.ru_utime) +
                                   ms_of(&children.ru_stime)};
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *values, unsigned count)
{
    qsort(values, count, sizeof *values, by_size);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* ---- one picture ---- */

static void *shared(size_t len)
{
    void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static bool load(struct picture *picture, const char *path)
{
    *picture = (struct picture){.path = path};
    FILE *file = fopen(path, "rb");
    struct stat facts;
    bool is_good = file && fstat(fileno(file), &facts) == 0 && facts.st_size > 0;
    if (is_good) {
        picture->in_len = (size_t)facts.st_size;
        picture->in = shared(picture->in_len);
        picture->out = shared(OUT_ROOM);
        picture->made = shared(sizeof *picture->made);
        is_good = picture->in && picture->out && picture->made &&
                  fread(picture->in, 1, picture->in_len, file) == picture->in_len;
    }
    if (file)
        fclose(file);
    if (!is_good)
        fprintf(stderr, "bench_pixels: %s: %s\n", path, strerror(errno));
    return is_good;
}

static void unload(struct picture *picture)
{
    if (picture->in)
        munmap(picture->in, picture->in_len);
    if (picture->out)
        munmap(picture->out, OUT_ROOM);
    if (picture->made)
        munmap(picture->made, sizeof *picture->made);
}

static void make(const struct bench *bench, const struct picture *picture)
{
    iw_pixels_make(picture->in, picture->in_len, &bench->goal, picture->out, OUT_ROOM, picture->made);
}

static void start(const struct bench *bench, const struct picture *picture)
{
    pid_t child = fork();
    if (child < 0) {
        perror("bench_pixels: fork");
        exit(1);
    }
    if (child == 0) {
        make(bench, picture);
        _exit(0);
    }
}

/* Waits for one process: false when it crashed. */
static bool reap(struct cost *cost)
{
    int status = 0;
    struct rusage use;
    if (wait4(-1, &status, 0, &use) <= 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return false;
    cost->peak_mb = IW_MAX(cost->peak_mb, (double)use.ru_maxrss / 1024);
    return true;
}

static bool make_many(const struct bench *bench, const struct picture *picture, unsigned count, struct cost *cost)
{
    unsigned started = 0, ended = 0;
    bool is_good = true;
    for (; started < count && started < bench->jobs; started++)
        start(bench, picture);
    for (; ended < count; ended++) {
        is_good = reap(cost) && is_good;
        if (started < count) {
            start(bench, picture);
            started++;
        }
    }
    return is_good;
}

static bool run_round(const struct bench *bench, const struct picture *picture, struct cost *cost)
{
    unsigned count = bench->jobs > 1 ? bench->jobs * EACH : 1;
    struct cost before = now(bench->forks);
    bool is_good = true;
    if (bench->forks)
        is_good = make_many(bench, picture, count, cost);
    else
        make(bench, picture);
    struct cost after = now(bench->forks);
    cost->wall_ms = (after.wall_ms - before.wall_ms) / count;
    cost->cpu_ms = (after.cpu_ms - before.cpu_ms) / count;
    return is_good;
}

static bool keep(const struct bench *bench, const struct picture *picture)
{
    const char *slash = strrchr(picture->path, '/');
    char path[4096];
    int len = snprintf(path, sizeof path, "%s/%s.jpg", bench->out_dir, slash ? slash + 1 : picture->path);
    FILE *file = len > 0 && (size_t)len < sizeof path ? fopen(path, "wb") : NULL;
    bool is_good = file && fwrite(picture->out, 1, picture->made->bytes, file) == picture->made->bytes;
    if (file && fclose(file) != 0)
        is_good = false;
    if (!is_good)
        fprintf(stderr, "bench_pixels: %s: cannot be written\n", path);
    return is_good;
}

static bool measure(const struct bench *bench, const char *path)
{
    struct picture picture;
    struct cost cost = {0};
    double walls[ROUNDS_MAX], cpus[ROUNDS_MAX];
    bool is_good = load(&picture, path);
    for (unsigned i = 0; i < bench->rounds && is_good; i++) {
        is_good = run_round(bench, &picture, &cost) && picture.made->error == IW_MADE_OK;
        if (!is_good)
            fprintf(stderr, "bench_pixels: %s: %s\n", path, picture.made->reason[0] ? picture.made->reason : "crashed");
        walls[i] = cost.wall_ms;
        cpus[i] = cost.cpu_ms;
    }
    if (is_good && bench->out_dir)
        is_good = keep(bench, &picture);
    if (is_good)
        printf("%.3f\t%.3f\t%llu\t%ux%u\tq%u\t%u\t%.1f\t%s\n", median(walls, bench->rounds),
               median(cpus, bench->rounds), (unsigned long long)picture.made->bytes, picture.made->width_px,
               picture.made->height_px, picture.made->quality, picture.made->subsampling, cost.peak_mb, path);
    fflush(stdout);
    unload(&picture);
    return is_good;
}

/* ---- the whole ---- */

static bool read_options(int argc, char **argv, struct bench *bench)
{
    static const struct option options[] = {{"fit", required_argument, NULL, 'f'},
                                            {"quality", required_argument, NULL, 'q'},
                                            {"fork", no_argument, NULL, 'F'},
                                            {"jobs", required_argument, NULL, 'j'},
                                            {"out", required_argument, NULL, 'o'},
                                            {"versions", no_argument, NULL, 'v'},
                                            {NULL, 0, NULL, 0}};
    int letter;
    while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (letter == 'f' && sscanf(optarg, "%ux%u", &bench->goal.box_width_px, &bench->goal.box_height_px) != 2)
            return false;
        if (letter == 'q')
            bench->goal.quality = (uint8_t)strtoul(optarg, NULL, 10);
        if (letter == 'F')
            bench->forks = true;
        if (letter == 'j')
            bench->jobs = (unsigned)strtoul(optarg, NULL, 10);
        if (letter == 'o')
            bench->out_dir = optarg;
        if (letter == 'v')
            bench->wants_versions = true;
        if (letter == '?')
            return false;
    }
    if (bench->wants_versions)
        return true;
    bench->rounds = optind < argc ? (unsigned)strtoul(argv[optind++], NULL, 10) : 0;
    return bench->rounds > 0 && bench->rounds <= ROUNDS_MAX && bench->jobs > 0 && bench->jobs <= JOBS_MAX &&
           (bench->jobs == 1 || bench->forks);
}
int main(int argc, char **argv)
{
    struct bench bench = {.jobs = 1};
    iw_goal_init(&bench.goal);
    bench.goal.box_width_px = 1280;
    bench.goal.box_height_px = 960;
    bench.goal.must_scale = true;
    if (!read_options(argc, argv, &bench)) {
        fputs("usage: bench_pixels [--fit WxH] [--quality N] [--fork [--jobs N]] [--out DIR] ROUNDS [FILE...]\n",
              stderr);
        return 2;
    }
    if (bench.wants_versions) {
        struct iw_buf out;
        iw_buf_init(&out, 1 << 16);
        iw_pixels_versions(&out);
        printf("%.*s\n", (int)out.len, out.ptr);
        iw_buf_release(&out);
        return 0;
    }
    iw_pixels_warm_up();
    iw_pixels_prepare_heap();
    bool is_good = true;
    if (optind < argc) {
        puts("wall ms\tcpu ms\tbytes\tsize\tquality\tchroma\tpeak MB\tfile");
        for (int i = optind; i < argc; i++)
            is_good = measure(&bench, argv[i]) && is_good;
        return is_good ? 0 : 1;
    }
    char path[4096];
    while (fgets(path, sizeof path, stdin)) {
        path[strcspn(path, "\n")] = '\0';
        if (!measure(&bench, path)) {
            is_good = false;
            puts("failed");
            fflush(stdout);
        }
    }
    return is_good ? 0 : 1;
}
