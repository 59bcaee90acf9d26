/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A worker program: it warms its codecs up, gives its rights away, and then forks one process for each picture that it
 * is told of. The process keeps the memory of its own slot alone, is confined, works, and ends; whatever it did, the
 * next one starts clean. The program itself never looks at a picture. */
#include "base/iw.h"
#include "recompress/jail.h"
#include "recompress/slot.h"

#include "base/mem.h"
#include "base/parse.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef IW_HAS_UNTRUSTED
enum { IS_UNTRUSTED = 1 };
#else
enum { IS_UNTRUSTED = 0 };
#endif

/* DECODE_BYTES: 100 million pixels of RGBA and as much again for a decoder's own needs. NICE: fetching comes first. */
enum { SLOTS_MAX = 4096, NICE = 5 };
static const uint64_t DECODE_BYTES = 1200ull << 20;

struct program {
    struct iw_jail *jail;
    struct iw_posture posture;
    uint8_t *memory;
    uint64_t slots, in_bytes, out_bytes, cpu_s;
    pid_t *pids; /* by slot; 0: none */
    int signals_fd;
};

static size_t stride(const struct program *p)
{
    return (size_t)(SLOT_HEAD_BYTES + p->in_bytes + p->out_bytes);
}

/* ---- a picture ---- */

static _Noreturn void work(const struct program *p, size_t slot)
{
    uint8_t *mine = p->memory + slot * stride(p);
    struct iw_slot_head *head = (struct iw_slot_head *)(void *)mine;
    if (slot > 0)
        (void)munmap(p->memory, slot * stride(p));
    if (slot + 1 < p->slots)
        (void)munmap(mine + stride(p), (size_t)(p->slots - slot - 1) * stride(p));
    if (!iw_jail_enter(p->jail, DECODE_BYTES + IW_HEAP_AHEAD_BYTES + stride(p), p->cpu_s))
        _exit(3);
    struct iw_goal goal = head->goal;
    struct iw_made made;
    size_t in_len = (size_t)IW_MIN(head->in_len, p->in_bytes);
    iw_pixels_make(mine + SLOT_HEAD_BYTES, in_len, &goal, mine + SLOT_HEAD_BYTES + p->in_bytes, (size_t)p->out_bytes,
                   &made);
    head->made = made;
    head->is_finished = 1;
    _exit(0);
}

/* ---- the program ---- */

static bool report(const struct iw_report *message)
{
    ssize_t n;
    do
        n = write(WORKER_REPORTS_FD, message, sizeof *message);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof *message;
}

static bool start(struct program *p, size_t slot)
{
    pid_t pid = fork();
    if (pid == 0)
        work(p, slot);
    p->pids[slot] = pid > 0 ? pid : 0;
    struct iw_report failed = {
        .kind = IW_REPORT_ENDED, .slot = (uint32_t)slot, .is_untrusted = IS_UNTRUSTED, .wait_status = 4 << 8};
    return pid > 0 || report(&failed);
}

static bool obey(struct program *p)
{
    struct iw_order order;
    ssize_t n = read(WORKER_ORDERS_FD, &order, sizeof order);
    if (n < 0 && errno == EINTR)
        return true;
    if (n != (ssize_t)sizeof order || order.slot >= p->slots)
        return false; /* the pool is gone */
    if (order.verb == IW_VERB_RUN)
        return p->pids[order.slot] == 0 && start(p, order.slot);
    if (p->pids[order.slot] > 0)
        (void)kill(p->pids[order.slot], SIGKILL);
    return true;
}

static uint64_t microseconds(const struct timeval *time)
{
    return (uint64_t)time->tv_sec * 1000000 + (uint64_t)time->tv_usec;
}

static bool reap(struct program *p)
{
    struct signalfd_siginfo info;
    if (read(p->signals_fd, &info, sizeof info) < 0 && errno != EINTR && errno != EAGAIN)
        return false;
    int status;
    struct rusage usage;
    pid_t pid;
    while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
        for (size_t slot = 0; slot < p->slots; slot++) {
            if (p->pids[slot] != pid)
                continue;
            p->pids[slot] = 0;
            struct iw_report ended = {.kind = IW_REPORT_ENDED,
                                      .slot = (uint32_t)slot,
                                      .is_untrusted = IS_UNTRUSTED,
                                      .wait_status = status,
                                      .cpu_us = microseconds(&usage.ru_utime) + microseconds(&usage.ru_stime),
                                      .peak_bytes = (uint64_t)usage.ru_maxrss << 10};
            if (!report(&ended))
                return false;
        }
    }
    return true;
}

static void run(struct program *p)
{
    struct pollfd ready[] = {{.fd = WORKER_ORDERS_FD, .events = POLLIN}, {.fd = p->signals_fd, .events = POLLIN}};
    for (;;) {
        if (poll(ready, 2, -1) < 0 && errno != EINTR)
            return;
        if ((ready[1].revents & POLLIN) && !reap(p))
            return;
        if (ready[0].revents && !obey(p))
            return;
    }
}

static bool set_signals(struct program *p)
{
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    (void)signal(SIGINT, SIG_IGN); /* of the terminal: the pool decides what is still to be done */
    (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* a library's word of warning to a file is lost, not the picture */
    if (sigprocmask(SIG_BLOCK, &child, NULL) != 0)
        return false;
    p->signals_fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    return p->signals_fd >= 0;
}

static bool set_up(struct program *p, char **argv)
{
    uint64_t *numbers[] = {&p->slots, &p->in_bytes, &p->out_bytes, &p->cpu_s};
    for (size_t i = 0; i < IW_ARRAY_LEN(numbers); i++)
        if (iw_parse_u64(iw_str_from(argv[i + 1]), numbers[i]) != IW_OK)
            return false;
    if (p->slots == 0 || p->slots > SLOTS_MAX)
        return false;
    void *memory = mmap(NULL, (size_t)p->slots * stride(p), PROT_READ | PROT_WRITE, MAP_SHARED, WORKER_MEMORY_FD, 0);
    p->pids = iw_calloc((size_t)p->slots, sizeof *p->pids);
    if (memory == MAP_FAILED || !p->pids || !set_signals(p))
        return false;
    p->memory = memory;
    close(WORKER_MEMORY_FD);
    (void)setpriority(PRIO_PROCESS, 0, NICE);
    iw_pixels_warm_up();
    iw_pixels_prepare_heap();
    p->jail = iw_jail_new(&p->posture);
    return p->jail != NULL;
}

/* For --version: libraries, walls, and what is let through them. */
static int print_versions(void)
{
    struct iw_buf out;
    struct iw_posture posture = {0};
    iw_buf_init(&out, 1 << 16);
    iw_pixels_versions(&out);
    (void)iw_jail_new(&posture); /* ends with the process */
    iw_buf_printf(&out, "; ");
    iw_posture_print(&posture, &out);
    iw_buf_printf(&out, "; calls ");
    iw_jail_calls(&out);
    iw_buf_add_char(&out, '\n');
    ssize_t n = write(STDOUT_FILENO, out.ptr, out.len);
    return n == (ssize_t)out.len ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct program p = {0};
    struct stat info;
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return print_versions();
    if (argc != 5 || fstat(WORKER_MEMORY_FD, &info) != 0 || !set_up(&p, argv)) {
        (void)fprintf(stderr, "%s is started by imgweigh fix, not by hand\n", argv[0]);
        return 2;
    }
    struct iw_report hello = {.kind = IW_REPORT_HELLO, .is_untrusted = IS_UNTRUSTED, .posture = p.posture};
    if (report(&hello))
        run(&p);
    return 0; /* PR_SET_PDEATHSIG ends what still runs */
}
