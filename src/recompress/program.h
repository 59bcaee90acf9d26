/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Finding and starting worker programs, for the pool. */
#ifndef IW_RECOMPRESS_PROGRAM_H
#define IW_RECOMPRESS_PROGRAM_H

#include "recompress/recompress.h"

#include <sys/types.h>

/* The path of the program: given, else beside imgweigh (a build folder), else where it was installed. False: it cannot
 * be run; out then is where it was looked for last. */
bool iw_program_find(const char *given, char *out, size_t size);
/* posix_spawn(3) with the default signals and no environment; fds (those that are not negative) become first_fd and
 * those behind it. Returns its error number, 0 for none. */
int iw_program_spawn(const char *path, char *const argv[], const int fds[3], int first_fd, pid_t *out_pid);
/* A descriptor out of the way of those that a program is given; fd is closed. -1: none. */
int iw_program_lift(int fd);
/* A pipe of such descriptors, closed on exec. */
bool iw_program_pipe(int ends[2], bool is_read_nonblocking);

#endif
