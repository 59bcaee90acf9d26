/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What the pool and the worker programs share: the layout of the memory between them, and the messages on their pipes
 * (each smaller than PIPE_BUF, so they arrive whole). */
#ifndef IW_RECOMPRESS_SLOT_H
#define IW_RECOMPRESS_SLOT_H

#include "recompress/recompress.h"

/* The memory is a row of slots: a head in SLOT_HEAD_BYTES, then the picture, then what is made of it. */
enum { SLOT_HEAD_BYTES = 4096 };
struct iw_slot_head {
    uint64_t in_len;
    struct iw_goal goal;
    struct iw_made made;
    uint32_t is_finished; /* written last */
};
_Static_assert(sizeof(struct iw_slot_head) <= SLOT_HEAD_BYTES, "the head of a slot");

/* Descriptors that a worker program is started with. */
enum { WORKER_ORDERS_FD = 3, WORKER_REPORTS_FD = 4, WORKER_MEMORY_FD = 5 };

/* Pool to program. */
enum iw_verb { IW_VERB_RUN, IW_VERB_KILL };
struct iw_order {
    uint32_t verb, slot;
};

/* Program to pool. */
enum iw_report_kind { IW_REPORT_HELLO, IW_REPORT_ENDED };
struct iw_report {
    uint32_t kind, slot;
    uint32_t is_untrusted; /* which program speaks */
    int32_t wait_status;   /* of the process, as wait4() says */
    uint64_t cpu_us, peak_bytes;
    struct iw_posture posture; /* of HELLO */
};

#endif
