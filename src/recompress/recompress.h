/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Bytes of an image and a goal in, bytes of a JPEG that meets it and facts out. No codec is linked here: pictures are
 * decoded by worker programs (src/worker/, src/pixels/) that are confined before they see a byte, one process for each
 * picture. Whoever asks keeps nothing that a worker said without looking for himself. */
#ifndef IW_RECOMPRESS_RECOMPRESS_H
#define IW_RECOMPRESS_RECOMPRESS_H

#include "base/buf.h"
#include "image/image.h"

/* ---- what is asked for, and what came of it: plain data that crosses process borders ---- */

/* What the result must keep to. UINT32_MAX and UINT64_MAX mean no limit. */
struct iw_goal {
    uint32_t max_width_px, max_height_px, max_side_px;
    uint64_t max_pixels, max_patches; /* patches of 32x32 px */
    uint64_t max_bytes;
    uint32_t box_width_px, box_height_px; /* scaled into when the pixels are too many, or the bytes at the same size;
                                             0: no box, scaled no further than needed */
    uint32_t background_rgb;              /* what transparent pixels lie on, 0xRRGGBB */
    uint8_t quality, quality_floor;       /* JPEG, 1..100: aimed at, and never gone below */
    bool may_reoptimise;                  /* a JPEG that is only too heavy may keep its pixels to the bit */
    bool must_scale;                      /* into the box, also when the limits do not ask for it */
    bool wants_ppm;                       /* scaled pixels as PPM or PGM, for another encoder; bytes are no limit */
};
/* No limit, quality 85 down to 40, white. */
void iw_goal_init(struct iw_goal *goal);

enum iw_made_error {
    IW_MADE_OK,
    IW_MADE_NO_DECODER,  /* built without it, or the format is none that is read */
    IW_MADE_UNREADABLE,  /* the decoder refused the bytes */
    IW_MADE_TOO_LARGE,   /* more pixels than are decoded */
    IW_MADE_NOT_REACHED, /* over max_bytes even at the floor and small */
    IW_MADE_NO_MEMORY,
    IW_MADE_CRASHED, /* the worker died by a signal: decode-crashed */
    IW_MADE_TIMEOUT, /* it was killed after timeout_ms: decode-timeout */
    IW_MADE_BLOCKED, /* it asked the kernel for what it may not: decode-blocked */
    IW_MADE_LIE,     /* what it handed back is not what it said */
};
enum iw_made_how { IW_MADE_ENCODED, IW_MADE_REOPTIMISED, IW_MADE_PPM };

struct iw_made {
    enum iw_made_error error;
    enum iw_made_how how;
    uint64_t bytes; /* written; for NOT_REACHED the least that was reached */
    uint32_t width_px, height_px;
    uint8_t quality;      /* 0 where the pixels were kept */
    uint16_t subsampling; /* 444, 420, 400 (grey); 0 where the pixels were kept */
    uint32_t encodes;     /* passes of the encoder */
    char reason[160];     /* a sentence for an error; else "" */
};

/* Most pixels that are decoded. */
#define IW_DECODE_MAX_PIXELS 100000000u

/* How a format is decoded in this build. */
enum iw_decoding { IW_DECODING_NONE, IW_DECODING_TRUSTED, IW_DECODING_UNTRUSTED };
enum iw_decoding iw_decoding_of(const struct iw_image_format *format);

/* ---- the pool of workers ---- */

struct iw_pool_policy {
    unsigned workers;       /* pictures decoded at once; 0: one per core */
    unsigned jobs;          /* pictures in memory at once: being fetched, waiting, decoded */
    uint64_t in_bytes;      /* room for one picture, */
    uint64_t out_bytes;     /* and for what is made of it */
    uint64_t timeout_ms;    /* for one picture */
    bool require_sandbox;   /* refuse to run where seccomp or Landlock is missing */
    const char *program;    /* the worker program; NULL: found beside imgweigh, else where it was installed */
};
void iw_pool_policy_default(struct iw_pool_policy *policy);

/* What confines the workers, as found out by trying. */
struct iw_posture {
    bool has_seccomp, has_rlimits, has_no_new_privs;
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
    const uint8_t *out; /* made.bytes bytes that nobody else can write any more, when made.error is OK */
    uint64_t us;        /* from handing it to a worker to its end */
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
/* The next job that is done, or NULL. */
struct iw_job *iw_pool_next(struct iw_pool *pool);

/* Appends what the worker programs say of themselves, for --version: libraries and posture, a line each. */
void iw_pool_versions(const char *program, struct iw_buf *out);

/* True when the len bytes at jpeg are a whole JPEG of made's size (SOI, EOI, our own reading of the frame header) within
 * goal; else *out_why says what is wrong (static text). Pure. */
bool iw_made_is_sound(const uint8_t *jpeg, size_t len, const struct iw_made *made, const struct iw_goal *goal,
                      const char **out_why);

#endif
