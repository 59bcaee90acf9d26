/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The walls around a worker: what the whole program gives up once, and what each process gives up before it sees a
 * picture. Linux only; what a kernel lacks is missing from the posture. */
#ifndef IW_RECOMPRESS_JAIL_H
#define IW_RECOMPRESS_JAIL_H

#include "recompress/recompress.h"

struct iw_jail;

/* For the program, which only forks and waits: no_new_privs, Landlock without any right, no core dumps, death with its
 * parent; and the filter of system calls for its children, compiled once. NULL: no memory. */
struct iw_jail *iw_jail_new(struct iw_posture *out_posture);
/* For a child, before it looks at anything foreign: descriptors closed, resource limits, and at last the filter. False:
 * a wall that the posture promised does not stand. */
bool iw_jail_enter(const struct iw_jail *jail, uint64_t memory_bytes, uint64_t cpu_s);
/* The names of the system calls that the filter lets through, separated by spaces. */
void iw_jail_calls(struct iw_buf *out);

#endif
