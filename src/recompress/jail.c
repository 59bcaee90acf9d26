/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* seccomp(2) by libseccomp, landlock(7), setrlimit(2), prctl(2). A worker needs memory and an end, nothing else: it has
 * no descriptor to read or write. The filter is compiled before the fork and installed after it. */
#include "base/iw.h"
#include "recompress/jail.h"

#include "base/mem.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A sanitizer's runtime asks the kernel for much more, and maps terabytes. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IW_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IW_SANITIZED 1
#endif
#endif
#ifndef IW_SANITIZED
#define IW_SANITIZED 0
#endif

enum { PROGRAM_BYTES = 16384 };

/* All that a decoder may ask for; the heap is told never to map (worker.c), and asks for a mapping only when it has
 * reached its limit. mmap is let through for memory alone: no file, nothing executable. */
static const struct {
    int number;
    const char *name;
} calls[] = {
    {SCMP_SYS(brk), "brk"},
    {SCMP_SYS(exit_group), "exit_group"},
};

struct iw_jail {
    struct iw_posture posture;
    pid_t parent;              /* of the children: the program */
    struct sock_fprog program; /* filter NULL: none */
};

void iw_jail_calls(struct iw_buf *out)
{
    iw_buf_printf(out, "mmap");
    for (size_t i = 0; i < IW_ARRAY_LEN(calls); i++)
        iw_buf_printf(out, " %s", calls[i].name);
}

/* ---- the filter ---- */

static bool add_rules(scmp_filter_ctx filter)
{
    for (size_t i = 0; i < IW_ARRAY_LEN(calls); i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i].number, 0) != 0)
            return false;
    /* libraries that complain on standard error find it closed; that is no attack */
    if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EBADF), SCMP_SYS(write), 0) != 0 ||
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(EBADF), SCMP_SYS(writev), 0) != 0)
        return false;
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
                            SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS)) == 0;
}

/* As instructions in memory: libseccomp 2.5 exports to a descriptor only. */
static bool export_filter(scmp_filter_ctx filter, struct sock_fprog *out)
{
    int ends[2];
    uint8_t *code = iw_malloc(PROGRAM_BYTES);
    if (!code || pipe(ends) != 0) {
        iw_free(code);
        return false;
    }
    bool is_good = seccomp_export_bpf(filter, ends[1]) == 0;
    close(ends[1]);
    ssize_t len = is_good ? read(ends[0], code, PROGRAM_BYTES) : -1;
    close(ends[0]);
    if (len <= 0 || len == PROGRAM_BYTES || (size_t)len % sizeof(struct sock_filter)) {
        iw_free(code);
        return false;
    }
    out->len = (unsigned short)((size_t)len / sizeof(struct sock_filter));
    out->filter = (struct sock_filter *)(void *)code;
    return true;
}

static bool make_filter(struct sock_fprog *out)
{
    scmp_filter_ctx filter = IW_SANITIZED ? NULL : seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter)
        return false;
    bool is_made = add_rules(filter) && export_filter(filter, out);
    seccomp_release(filter);
    return is_made;
}

static bool install(const struct iw_jail *jail)
{
    struct sock_fprog program = jail->program;
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

/* Whether a filter can be had is found out in a child. */
static bool filter_works(const struct iw_jail *jail)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0)
        _exit(install(jail) ? 0 : 1);
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* ---- Landlock ---- */

/* Every right that the kernel knows is handled, and none is granted. Returns the ABI, 0 when there is none. */
static unsigned enter_landlock(void)
{
    struct {
        uint64_t files, net, scoped; /* struct landlock_ruleset_attr as of ABI 6; older headers lack the rest */
    } attributes = {.files = (1ull << 13) - 1};
    long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1)
        return 0;
    size_t size = sizeof attributes.files;
    if (abi >= 2)
        attributes.files |= 1ull << 13; /* REFER */
    if (abi >= 3)
        attributes.files |= 1ull << 14; /* TRUNCATE */
    if (abi >= 4) {
        attributes.net = 3; /* BIND_TCP, CONNECT_TCP */
        size = 2 * sizeof(uint64_t);
    }
    if (abi >= 5)
        attributes.files |= 1ull << 15; /* IOCTL_DEV */
    if (abi >= 6) {
        attributes.scoped =
            3; /* ABSTRACT_UNIX_SOCKET, SIGNAL: the program must still kill its children, who share its domain */
        size = sizeof attributes;
    }
    long ruleset = syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
    if (ruleset < 0)
        return 0;
    long result = syscall(SYS_landlock_restrict_self, (int)ruleset, 0);
    close((int)ruleset);
    return result == 0 ? (unsigned)abi : 0;
}

/* ---- the program ---- */

static bool limit(int resource, uint64_t value)
{
    struct rlimit both = {.rlim_cur = value, .rlim_max = value};
    return setrlimit((__rlimit_resource_t)resource, &both) == 0;
}

struct iw_jail *iw_jail_new(struct iw_posture *out_posture)
{
    struct iw_jail *jail = iw_calloc(1, sizeof *jail);
    if (!jail)
        return NULL;
    struct iw_posture *posture = &jail->posture;
    jail->parent = getpid();
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_DUMPABLE, 0);
    posture->has_rlimits = limit(RLIMIT_CORE, 0);
    posture->has_no_new_privs = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    posture->landlock_abi = posture->has_no_new_privs ? enter_landlock() : 0;
    posture->has_seccomp = posture->has_no_new_privs && make_filter(&jail->program) && filter_works(jail);
    posture->is_sanitized = IW_SANITIZED;
    *out_posture = *posture;
    return jail;
}

/* ---- a child ---- */

bool iw_jail_enter(const struct iw_jail *jail, uint64_t memory_bytes, uint64_t cpu_s)
{
    const struct iw_posture *posture = &jail->posture;
    bool has_limits = limit(RLIMIT_NOFILE, 0) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NPROC, 0) &&
                      limit(RLIMIT_MEMLOCK, 0) && limit(RLIMIT_CPU, cpu_s);
    if (!IW_SANITIZED)
        has_limits = limit(RLIMIT_DATA, memory_bytes) && limit(RLIMIT_AS, memory_bytes) && has_limits;
    if (posture->has_rlimits && !has_limits)
        return false;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != jail->parent)
        return false; /* it died before we asked to die with it */
    if (!IW_SANITIZED && syscall(SYS_close_range, 0u, ~0u, 0u) != 0)
        for (int fd = 0; fd < 64; fd++) /* before Linux 5.9; the program opens no more than a handful */
            close(fd);
    return !posture->has_seccomp || install(jail);
}
