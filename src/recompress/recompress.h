/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Bytes of an image and a goal in, bytes of a JPEG that meets it and facts out: a pool of confined workers. No codec is
 * linked into whoever asks: pictures are decoded by worker programs (worker.c and jail.c here, and src/pixels/), one
 * process for each picture, confined before it sees a byte. Nothing that a worker says is believed without a look. */
#ifndef IW_RECOMPRESS_RECOMPRESS_H
#define IW_RECOMPRESS_RECOMPRESS_H

#include "pixels/pixels.h"

/* ---- the pool of workers ---- */

struct iw_pool_policy {
    unsigned workers;     /* pictures decoded at once; 0: one per core */
    unsigned jobs;        /* pictures in memory at once: being fetched, waiting, decoded */
    uint64_t in_bytes;    /* room for one picture, */
    uint64_t out_bytes;   /* and for what is made of it */
    uint64_t timeout_ms;  /* for one picture */
    bool require_sandbox; /* refuse to run where seccomp or Landlock is missing */
    const char *program;  /* the worker program; NULL: found beside imgweigh, else where it was installed */
};
void iw_pool_policy_default(struct iw_pool_policy *policy);

/* What confines the workers, as found out by trying. */
struct iw_posture {
    bool has_seccomp, has_rlimits, has_no_new_privs;
    bool is_sanitized;     /* built with a sanitizer, which a filter would kill */
    unsigned landlock_abi; /* 0: none */
};
/* "seccomp+landlock+rlimits+no-new-privs" into out, or "none". */
void iw_posture_print(const struct iw_posture *posture, struct iw_buf *out);

struct iw_pool;

/* One picture. in is shared with one worker; write it before iw_pool_submit() and leave it alone until done. */
struct iw_job {
    uint8_t *in;
    size_t in_room, in_len;
    struct iw_goal goal;
    bool is_untrusted; /* which program decodes it: iw_decoding_of() */
    void *user;
    /* once done */
    struct iw_made made;
    const uint8_t *out;          /* made.bytes bytes that nobody else can write any more, when made.error is OK */
    uint64_t us;                 /* from handing it to a worker to its end */
    uint64_t cpu_us, peak_bytes; /* of the worker process */
    /* the pool's own */
    unsigned index;
    int state;
    uint64_t deadline_us;
    struct iw_job *next;
};

/* Starts the worker program (posix_spawn: may be called before or after threads exist) and waits for its word.
 * IW_ERR_UNKNOWN_NAME: the program is missing; IW_ERR_INTERNAL: it does not start or, with require_sandbox, cannot be
 * confined; IW_ERR_NOMEM. diag says which. */
enum iw_err iw_pool_new(const struct iw_pool_policy *policy, struct iw_pool **out, struct iw_diag *diag) IW_MUST_USE;
/* Kills what runs. */
void iw_pool_free(struct iw_pool *pool);
const struct iw_posture *iw_pool_posture(const struct iw_pool *pool);

/* A job with room, or NULL while all are in use. */
struct iw_job *iw_pool_take(struct iw_pool *pool);
/* Gives a job back, and its memory to the kernel. */
void iw_pool_release(struct iw_pool *pool, struct iw_job *job);
/* Queues a filled job. It comes back from iw_pool_next(), whatever happens to its worker. */
void iw_pool_submit(struct iw_pool *pool, struct iw_job *job);
/* Readable when jobs may be done. Both programs report there. */
int iw_pool_fd(const struct iw_pool *pool);
/* Takes reports, kills what is over its time, starts what waits. now_us: a monotonic clock. Call it when the descriptor
 * is readable and every 100 ms or so while jobs are out. */
void iw_pool_turn(struct iw_pool *pool, uint64_t now_us);
/* What waits is given up (TIMEOUT) at once, what runs or is submitted later at deadline_us. */
void iw_pool_hurry(struct iw_pool *pool, uint64_t deadline_us);
/* The next job that is done, or NULL. */
struct iw_job *iw_pool_next(struct iw_pool *pool);

/* Appends what the worker programs say of themselves, for --version: libraries and posture, a line each. */
void iw_pool_versions(const char *program, struct iw_buf *out);

#endif
