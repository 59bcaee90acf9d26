/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Where the worker programs are, and how one is started: with three descriptors and nothing of our environment. */
#include "base/iw.h"
#include "recompress/program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#ifndef IW_WORKERDIR
#define IW_WORKERDIR "/usr/local/libexec/imgweigh"
#endif

enum { FIRST_FD = 16 };

bool iw_program_find(const char *given, char *out, size_t size)
{
    if (given) {
        (void)snprintf(out, size, "%s", given);
        return access(out, X_OK) == 0;
    }
    char self[400];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    self[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash) {
        *slash = '\0';
        (void)snprintf(out, size, "%s/imgweigh-worker", self);
        if (access(out, X_OK) == 0)
            return true;
    }
    (void)snprintf(out, size, "%s/imgweigh-worker", IW_WORKERDIR);
    return access(out, X_OK) == 0;
}

static bool is_for_sanitizers(const char *variable)
{
    return strncmp(variable, "ASAN_", 5) == 0 || strncmp(variable, "UBSAN_", 6) == 0 ||
           strncmp(variable, "TSAN_", 5) == 0 || strncmp(variable, "LSAN_", 5) == 0;
}

/* Nothing of the environment reaches a codec. */
static void choose_environment(char *out[], size_t room)
{
    size_t count = 0;
    for (char **variable = environ; *variable && count + 1 < room; variable++)
        if (is_for_sanitizers(*variable))
            out[count++] = *variable;
    out[count] = NULL;
}

int iw_program_spawn(const char *path, char *const argv[], const int fds[3], int first_fd, pid_t *out_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char *variables[16];
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    choose_environment(variables, IW_ARRAY_LEN(variables));
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    for (int i = 0; i < 3; i++)
        if (fds[i] >= 0)
            posix_spawn_file_actions_adddup2(&actions, fds[i], first_fd + i);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int result = posix_spawn(out_pid, path, &actions, &attributes, argv, variables);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return result;
}

int iw_program_lift(int fd)
{
    int lifted = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD);
    if (fd >= 0)
        close(fd);
    return lifted;
}

bool iw_program_pipe(int ends[2], bool is_read_nonblocking)
{
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    ends[0] = iw_program_lift(ends[0]);
    ends[1] = iw_program_lift(ends[1]);
    return ends[0] >= 0 && ends[1] >= 0 && (!is_read_nonblocking || fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
}

/* ---- versions ---- */

static void ask_version(const char *path, struct iw_buf *out)
{
    int ends[2];
    pid_t pid;
    char word[] = "--version", name[600];
    (void)snprintf(name, sizeof name, "%s", path);
    char *argv[] = {name, word, NULL};
    if (access(path, X_OK) != 0 || !iw_program_pipe(ends, false))
        return;
    const int fds[3] = {ends[1], -1, -1};
    bool is_started = iw_program_spawn(path, argv, fds, STDOUT_FILENO, &pid) == 0;
    close(ends[1]);
    char text[1024];
    ssize_t n;
    while (is_started && (n = read(ends[0], text, sizeof text)) > 0)
        iw_buf_add(out, text, (size_t)n);
    close(ends[0]);
    if (is_started)
        (void)waitpid(pid, NULL, 0);
}

void iw_pool_versions(const char *program, struct iw_buf *out)
{
    char path[512], untrusted[600];
    if (!iw_program_find(program, path, sizeof path))
        return;
    ask_version(path, out);
    (void)snprintf(untrusted, sizeof untrusted, "%s-untrusted", path);
    ask_version(untrusted, out);
}
