/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The pool: starts the worker programs, hands them filled slots, takes their reports, kills what is over its time, and
 * looks at every result before anybody else may. A program that dies is started again a few times; its pictures are
 * lost, no other. */
#include "base/iw.h"
#include "recompress/program.h"
#include "recompress/slot.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FREE, FILLING, WAITING, RUNNING, KILLED, DONE };

/* KEEP_BYTES: memory of a slot that the next picture finds warm. GRACE_MS: between our clock and the kernel's.
 * PATIENCE_MS: for a program to say that a picture was killed. */
enum {
    START_MS = 10000,
    RESTARTS = 3,
    KEEP_BYTES = 8 << 20,
    GRACE_MS = 2000,
    PATIENCE_MS = 1000,
    JOBS_MAX = 1024,
};

struct program {
    pid_t pid; /* 0: not running */
    int orders_fd;
    unsigned starts;
    bool is_up;
};

struct iw_pool {
    struct iw_pool_policy policy;
    char path[512];
    int memory_fd, reports_fd, reports_end_fd;
    uint8_t *memory;
    size_t memory_bytes;
    struct iw_job *jobs;
    struct iw_job *free_jobs, *waiting_first, *waiting_last, *done_first, *done_last;
    unsigned running;
    uint64_t end_us;            /* nothing runs longer, once there is a hurry; 0: none */
    struct program programs[2]; /* by is_untrusted */
    struct iw_posture posture;
};

void iw_pool_policy_default(struct iw_pool_policy *policy)
{
    *policy = (struct iw_pool_policy){
        .in_bytes = 128ull << 20,
        .out_bytes = 64ull << 20,
        .timeout_ms = 30000,
    };
}

void iw_posture_print(const struct iw_posture *posture, struct iw_buf *out)
{
    size_t before = out->len;
    if (posture->has_seccomp)
        iw_buf_printf(out, "seccomp");
    if (posture->landlock_abi)
        iw_buf_printf(out, "%slandlock", out->len > before ? "+" : "");
    if (posture->has_rlimits)
        iw_buf_printf(out, "%srlimits", out->len > before ? "+" : "");
    if (posture->has_no_new_privs)
        iw_buf_printf(out, "%sno-new-privs", out->len > before ? "+" : "");
    if (out->len == before)
        iw_buf_printf(out, "none");
}

const struct iw_posture *iw_pool_posture(const struct iw_pool *pool)
{
    return &pool->posture;
}

static size_t stride(const struct iw_pool *pool)
{
    return (size_t)(SLOT_HEAD_BYTES + pool->policy.in_bytes + pool->policy.out_bytes);
}

static struct iw_slot_head *head_of(const struct iw_pool *pool, const struct iw_job *job)
{
    return (struct iw_slot_head *)(void *)(pool->memory + job->index * stride(pool));
}

/* ---- queues ---- */

static void push(struct iw_job **first, struct iw_job **last, struct iw_job *job)
{
    job->next = NULL;
    if (*first)
        (*last)->next = job;
    else
        *first = job;
    *last = job;
}

static struct iw_job *shift(struct iw_job **first)
{
    struct iw_job *job = *first;
    if (job)
        *first = job->next;
    return job;
}

static void finish(struct iw_pool *pool, struct iw_job *job, enum iw_made_error error, const char *reason)
{
    if (error != IW_MADE_OK) {
        job->made = (struct iw_made){.error = error};
        (void)snprintf(job->made.reason, sizeof job->made.reason, "%s", reason);
    }
    job->state = DONE;
    push(&pool->done_first, &pool->done_last, job);
}

/* ---- programs ---- */

static bool start_program(struct iw_pool *pool, bool is_untrusted)
{
    struct program *program = &pool->programs[is_untrusted];
    char path[600], numbers[4][24];
    int orders[2];
    if (program->starts++ > RESTARTS || !iw_program_pipe(orders, false))
        return false;
    (void)snprintf(path, sizeof path, "%s%s", pool->path, is_untrusted ? "-untrusted" : "");
    const struct iw_pool_policy *policy = &pool->policy;
    uint64_t values[] = {policy->jobs, policy->in_bytes, policy->out_bytes, (policy->timeout_ms + GRACE_MS) / 1000 + 1};
    char *argv[6] = {path};
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(numbers[i], sizeof numbers[i], "%llu", (unsigned long long)values[i]);
        argv[i + 1] = numbers[i];
    }
    const int fds[3] = {orders[0], pool->reports_end_fd, pool->memory_fd};
    bool is_started = iw_program_spawn(path, argv, fds, WORKER_ORDERS_FD, &program->pid) == 0;
    close(orders[0]);
    program->orders_fd = orders[1];
    if (!is_started) {
        close(orders[1]);
        program->pid = 0;
        program->orders_fd = -1;
    }
    return is_started;
}

/* The program is gone: so are the pictures that it had. */
static void bury(struct iw_pool *pool, bool is_untrusted)
{
    struct program *program = &pool->programs[is_untrusted];
    program->pid = 0;
    program->is_up = false;
    if (program->orders_fd >= 0)
        close(program->orders_fd);
    program->orders_fd = -1;
    for (unsigned i = 0; i < pool->policy.jobs; i++) {
        struct iw_job *job = &pool->jobs[i];
        if ((job->state != RUNNING && job->state != KILLED) || job->is_untrusted != is_untrusted)
            continue;
        pool->running--;
        if (job->state == KILLED)
            finish(pool, job, IW_MADE_TIMEOUT, "decode-timeout: not done in time, nor was its program");
        else
            finish(pool, job, IW_MADE_CRASHED, "decode-crashed: the worker program ended");
    }
}

/* Also where somebody else has waited for it. */
static bool is_gone(pid_t pid)
{
    pid_t result = pid > 0 ? waitpid(pid, NULL, WNOHANG) : 0;
    return result != 0 && (result == pid || errno == ECHILD);
}

static void take_reports(struct iw_pool *pool, uint64_t now_us);

/* What a program said before it died is heard first: its reports may not be taken for those of the next one. */
static void look_after(struct iw_pool *pool, uint64_t now_us)
{
    for (int i = 0; i < 2; i++) {
        if (!is_gone(pool->programs[i].pid))
            continue;
        take_reports(pool, now_us);
        bury(pool, i);
    }
}

static bool tell(struct iw_pool *pool, const struct iw_job *job, enum iw_verb verb)
{
    struct iw_order order = {.verb = verb, .slot = job->index};
    struct program *program = &pool->programs[job->is_untrusted];
    ssize_t n;
    do
        n = write(program->orders_fd, &order, sizeof order);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof order;
}

/* ---- life ---- */

static enum iw_err make_memory(struct iw_pool *pool)
{
    pool->memory_bytes = stride(pool) * pool->policy.jobs;
    pool->memory_fd = iw_program_lift(memfd_create("imgweigh", MFD_CLOEXEC));
    if (pool->memory_fd < 0 || ftruncate(pool->memory_fd, (off_t)pool->memory_bytes) != 0)
        return IW_ERR_NOMEM;
    void *memory =
        mmap(NULL, pool->memory_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, pool->memory_fd, 0);
    pool->jobs = iw_calloc(pool->policy.jobs, sizeof *pool->jobs);
    if (memory == MAP_FAILED || !pool->jobs)
        return IW_ERR_NOMEM;
    pool->memory = memory;
    for (unsigned i = pool->policy.jobs; i-- > 0;) {
        struct iw_job *job = &pool->jobs[i];
        *job = (struct iw_job){.index = i, .next = pool->free_jobs};
        job->in = pool->memory + i * stride(pool) + SLOT_HEAD_BYTES;
        job->in_room = (size_t)pool->policy.in_bytes;
        pool->free_jobs = job;
    }
    return IW_OK;
}

/* Waits for the first word of the program that decodes what is trusted. */
static bool greet(struct iw_pool *pool)
{
    struct pollfd ready = {.fd = pool->reports_fd, .events = POLLIN};
    struct iw_report hello;
    int result;
    for (int waited = 0; waited < START_MS; waited += 50) {
        do
            result = poll(&ready, 1, 50);
        while (result < 0 && errno == EINTR);
        if (result > 0)
            break;
        if (is_gone(pool->programs[0].pid)) {
            pool->programs[0].pid = 0;
            return false;
        }
    }
    if (result <= 0 || read(pool->reports_fd, &hello, sizeof hello) != (ssize_t)sizeof hello ||
        hello.kind != IW_REPORT_HELLO)
        return false;
    pool->posture = hello.posture;
    pool->programs[0].is_up = true;
    return true;
}

static enum iw_err check_posture(const struct iw_pool *pool, struct iw_diag *diag)
{
    const struct iw_posture *posture = &pool->posture;
    if (!pool->policy.require_sandbox || (posture->has_seccomp && posture->landlock_abi && posture->has_rlimits))
        return IW_OK;
    struct iw_buf text;
    iw_buf_init(&text, 256);
    iw_posture_print(posture, &text);
    enum iw_err err =
        iw_fail(diag, IW_ERR_INTERNAL, 0, 0, "--require-sandbox: seccomp, Landlock and rlimits are wanted, found: %.*s",
                IW_STR_ARGS(iw_buf_str(&text)));
    iw_buf_release(&text);
    return err;
}

static enum iw_err open_pool(struct iw_pool *pool, struct iw_diag *diag)
{
    if (!iw_program_find(pool->policy.program, pool->path, sizeof pool->path))
        return iw_fail(diag, IW_ERR_UNKNOWN_NAME, 0, 0, "the worker program is missing: %.300s", pool->path);
    enum iw_err err = make_memory(pool);
    if (err != IW_OK)
        return iw_fail(diag, err, 0, 0, "no memory for %u pictures: %s", pool->policy.jobs, strerror(errno));
    int ends[2] = {-1, -1};
    bool is_piped = iw_program_pipe(ends, true);
    pool->reports_fd = ends[0];
    pool->reports_end_fd = ends[1];
    if (!is_piped || !start_program(pool, false) || !greet(pool))
        return iw_fail(diag, IW_ERR_INTERNAL, 0, 0, "the worker program does not start: %.300s", pool->path);
    return check_posture(pool, diag);
}

enum iw_err iw_pool_new(const struct iw_pool_policy *policy, struct iw_pool **out, struct iw_diag *diag)
{
    struct iw_pool *pool = iw_calloc(1, sizeof *pool);
    if (!pool)
        return IW_ERR_NOMEM;
    pool->policy = *policy;
    if (pool->policy.workers == 0) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        pool->policy.workers = cores > 0 ? (unsigned)IW_MIN(cores, JOBS_MAX / 2) : 1;
    }
    if (pool->policy.jobs == 0)
        pool->policy.jobs = IW_MIN(pool->policy.workers * 2 + 4, (unsigned)JOBS_MAX);
    pool->memory_fd = pool->reports_fd = pool->reports_end_fd = -1;
    pool->programs[0].orders_fd = pool->programs[1].orders_fd = -1;
    enum iw_err err = open_pool(pool, diag);
    if (err != IW_OK) {
        iw_pool_free(pool);
        return err;
    }
    *out = pool;
    return IW_OK;
}

void iw_pool_free(struct iw_pool *pool)
{
    if (!pool)
        return;
    for (int i = 0; i < 2; i++) {
        struct program *program = &pool->programs[i];
        if (program->pid > 0) {
            (void)kill(program->pid, SIGKILL); /* its children die with it */
            (void)waitpid(program->pid, NULL, 0);
        }
        if (program->orders_fd >= 0)
            close(program->orders_fd);
    }
    int fds[] = {pool->memory_fd, pool->reports_fd, pool->reports_end_fd};
    for (size_t i = 0; i < IW_ARRAY_LEN(fds); i++)
        if (fds[i] >= 0)
            close(fds[i]);
    if (pool->memory)
        (void)munmap(pool->memory, pool->memory_bytes);
    iw_free(pool->jobs);
    iw_free(pool);
}

/* ---- jobs ---- */

struct iw_job *iw_pool_take(struct iw_pool *pool)
{
    struct iw_job *job = shift(&pool->free_jobs);
    if (!job)
        return NULL;
    *job = (struct iw_job){.in = job->in, .in_room = job->in_room, .index = job->index, .state = FILLING};
    iw_goal_init(&job->goal);
    return job;
}

/* Gives pages beyond what the next picture is likely to need back. */
static void cool(const struct iw_pool *pool, const struct iw_job *job)
{
    off_t in_at = (off_t)(job->index * stride(pool)) + SLOT_HEAD_BYTES, out_at = in_at + (off_t)pool->policy.in_bytes;
    if (pool->policy.in_bytes > KEEP_BYTES) /* more than in_len where a fetch began anew */
        (void)fallocate(pool->memory_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, in_at + KEEP_BYTES,
                        (off_t)pool->policy.in_bytes - KEEP_BYTES);
    if (pool->policy.out_bytes > KEEP_BYTES) /* whatever the worker said that it wrote */
        (void)fallocate(pool->memory_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, out_at + KEEP_BYTES,
                        (off_t)pool->policy.out_bytes - KEEP_BYTES);
}

void iw_pool_release(struct iw_pool *pool, struct iw_job *job)
{
    cool(pool, job);
    job->state = FREE;
    job->next = pool->free_jobs;
    pool->free_jobs = job;
}

void iw_pool_submit(struct iw_pool *pool, struct iw_job *job)
{
    const struct iw_posture *posture = &pool->posture;
    if (job->is_untrusted && !posture->has_seccomp && !posture->is_sanitized) {
        finish(pool, job, IW_MADE_NO_DECODER, "its decoder is not trusted without a sandbox, and seccomp is missing");
        return;
    }
    job->state = WAITING;
    push(&pool->waiting_first, &pool->waiting_last, job);
}

/* False: the program cannot be told, or cannot be started; in the first case it has ended, or ends now. */
static bool run(struct iw_pool *pool, struct iw_job *job, bool *out_may_start)
{
    struct program *program = &pool->programs[job->is_untrusted];
    *out_may_start = program->pid > 0 || start_program(pool, job->is_untrusted);
    if (!*out_may_start)
        return false;
    *head_of(pool, job) = (struct iw_slot_head){.in_len = job->in_len, .goal = job->goal};
    if (tell(pool, job, IW_VERB_RUN))
        return true;
    (void)kill(program->pid, SIGKILL);
    return false;
}

static void start_waiting(struct iw_pool *pool, uint64_t now_us)
{
    bool may_start;
    while (pool->waiting_first && pool->running < pool->policy.workers) {
        struct iw_job *job = pool->waiting_first;
        bool is_late = pool->end_us && now_us >= pool->end_us;
        if (!is_late && !run(pool, job, &may_start) && may_start)
            return; /* once its program is buried, by another */
        (void)shift(&pool->waiting_first);
        if (is_late) {
            finish(pool, job, IW_MADE_TIMEOUT, "decode-timeout: not begun");
        } else if (!may_start) {
            finish(pool, job, IW_MADE_CRASHED, "decode-crashed: the worker program does not run");
        } else {
            job->state = RUNNING;
            job->us = now_us;
            job->deadline_us = now_us + pool->policy.timeout_ms * 1000;
            if (pool->end_us)
                job->deadline_us = IW_MIN(job->deadline_us, pool->end_us);
            pool->running++;
        }
    }
}

/* A program that does not even report what was killed is stuck: it goes, and takes the rest of its pictures along. */
static void kill_overdue(struct iw_pool *pool, uint64_t now_us)
{
    for (unsigned i = 0; i < pool->policy.jobs && pool->running; i++) {
        struct iw_job *job = &pool->jobs[i];
        if (now_us < job->deadline_us)
            continue;
        if (job->state == KILLED && pool->programs[job->is_untrusted].pid > 0)
            (void)kill(pool->programs[job->is_untrusted].pid, SIGKILL);
        else if (job->state != RUNNING || !tell(pool, job, IW_VERB_KILL))
            continue;
        job->state = KILLED;
        job->deadline_us = now_us + PATIENCE_MS * 1000;
    }
}

void iw_pool_hurry(struct iw_pool *pool, uint64_t deadline_us)
{
    struct iw_job *job;
    pool->end_us = deadline_us;
    while ((job = shift(&pool->waiting_first)) != NULL)
        finish(pool, job, IW_MADE_TIMEOUT, "decode-timeout: not begun");
    for (unsigned i = 0; i < pool->policy.jobs; i++)
        if (pool->jobs[i].state == RUNNING)
            pool->jobs[i].deadline_us = IW_MIN(pool->jobs[i].deadline_us, deadline_us);
}

/* ---- reports ---- */

/* The process has ended, and the program cannot reach a slot's pages but by forking: what is there stays. */
static void take_made(struct iw_pool *pool, struct iw_job *job)
{
    const struct iw_slot_head *head = head_of(pool, job);
    job->made = head->made;
    job->made.reason[sizeof job->made.reason - 1] = '\0';
    job->out = job->in + pool->policy.in_bytes;
    if (head->is_finished != 1 || job->made.error > IW_MADE_NO_MEMORY || job->made.how > IW_MADE_PPM) {
        finish(pool, job, IW_MADE_LIE, "the worker's answer makes no sense");
        return;
    }
    if (job->made.error == IW_MADE_OK && job->made.bytes > pool->policy.out_bytes) {
        finish(pool, job, IW_MADE_LIE, "the worker says that it wrote more than there is room");
        return;
    }
    const char *why = NULL;
    if (job->made.error == IW_MADE_OK && job->made.how != IW_MADE_PPM &&
        !iw_made_is_sound(job->out, (size_t)job->made.bytes, &job->made, &job->goal, &why)) {
        char text[120];
        (void)snprintf(text, sizeof text, "the worker's result is refused: %s", why);
        finish(pool, job, IW_MADE_LIE, text);
        return;
    }
    finish(pool, job, IW_MADE_OK, "");
}

static void take_end(struct iw_pool *pool, const struct iw_report *report, uint64_t now_us)
{
    if (report->slot >= pool->policy.jobs)
        return;
    struct iw_job *job = &pool->jobs[report->slot];
    if ((job->state != RUNNING && job->state != KILLED) || job->is_untrusted != (report->is_untrusted != 0))
        return;
    pool->running--;
    job->us = now_us - job->us;
    job->cpu_us = report->cpu_us;
    job->peak_bytes = report->peak_bytes;
    int status = report->wait_status;
    char text[100];
    if (job->state == KILLED || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)) {
        (void)snprintf(text, sizeof text, "decode-timeout: not done after %llu ms",
                       (unsigned long long)pool->policy.timeout_ms);
        finish(pool, job, IW_MADE_TIMEOUT, text);
    } else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) {
        finish(pool, job, IW_MADE_BLOCKED, "decode-blocked: the decoder asked the kernel for what it may not");
    } else if (WIFSIGNALED(status)) {
        (void)snprintf(text, sizeof text, "decode-crashed: signal %d (%s)", WTERMSIG(status),
                       strsignal(WTERMSIG(status)));
        finish(pool, job, IW_MADE_CRASHED, text);
    } else if (WEXITSTATUS(status) != 0) {
        (void)snprintf(text, sizeof text, "decode-crashed: exit status %d", WEXITSTATUS(status));
        finish(pool, job, IW_MADE_CRASHED, text);
    } else {
        take_made(pool, job);
    }
}

static void take_reports(struct iw_pool *pool, uint64_t now_us)
{
    struct iw_report report;
    while (read(pool->reports_fd, &report, sizeof report) == (ssize_t)sizeof report)
        if (report.kind == IW_REPORT_ENDED)
            take_end(pool, &report, now_us);
        else
            pool->programs[report.is_untrusted != 0].is_up = true;
}

void iw_pool_turn(struct iw_pool *pool, uint64_t now_us)
{
    take_reports(pool, now_us);
    look_after(pool, now_us);
    kill_overdue(pool, now_us);
    start_waiting(pool, now_us);
}

struct iw_job *iw_pool_next(struct iw_pool *pool)
{
    return shift(&pool->done_first);
}

int iw_pool_fd(const struct iw_pool *pool)
{
    return pool->reports_fd;
}
