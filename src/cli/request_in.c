/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Which inputs of fix are request files, seen from their first bytes before anything is read, as what fix writes and
 * where depends on it. A request file is read twice: what comes down a pipe is put into a file first, and what is
 * packed is unpacked. */
#include "base/iw.h"
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define KIND "requests" /* of source/sources.def */

enum { HEAD_BYTES = 4096, COPY_BYTES = 64 << 10 };

static bool is_requests(const char *head, ssize_t len, const char *name)
{
    char unpacked[HEAD_BYTES];
    if (len <= 0 || iw_image_format_of_path(iw_str_from(name)))
        return false;
    struct iw_str text = {head, (size_t)len};
    if (iw_packed_is(head, text.len))
        text = (struct iw_str){unpacked, iw_packed_peek(head, text.len, unpacked, sizeof unpacked)};
    const struct iw_source *kind = iw_source_sniff(text, iw_str_from(name), IW_LEAD_IMAGE, NULL);
    return kind && strcmp(kind->name, KIND) == 0;
}

/* What comes first, without taking it away; 0: it cannot be seen. */
static ssize_t peek(int fd, char *head)
{
    struct stat info;
    int ends[2];
    if (fstat(fd, &info) != 0)
        return 0;
    if (S_ISREG(info.st_mode))
        return pread(fd, head, HEAD_BYTES, lseek(fd, 0, SEEK_CUR));
    if (!S_ISFIFO(info.st_mode) || pipe2(ends, O_CLOEXEC) != 0)
        return 0;
    ssize_t len = tee(fd, ends[1], HEAD_BYTES, 0);
    if (len > 0)
        len = read(ends[0], head, HEAD_BYTES);
    close(ends[0]);
    close(ends[1]);
    return len;
}

/* Standard input becomes a file with the same bytes. */
static enum iw_err copy_stdin(struct iw_diag *diag)
{
    char bytes[COPY_BYTES];
    struct stat info;
    if (fstat(STDIN_FILENO, &info) == 0 && S_ISREG(info.st_mode) && lseek(STDIN_FILENO, 0, SEEK_CUR) == 0)
        return IW_OK;
    int fd = iw_temp_open();
    ssize_t n = 1;
    while (fd >= 0 && n > 0) {
        n = read(STDIN_FILENO, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0 && !iw_whole_write(fd, (struct iw_str){bytes, (size_t)n}))
            n = -1;
    }
    bool is_good = fd >= 0 && n == 0 && lseek(fd, 0, SEEK_SET) == 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO;
    int why = errno;
    if (fd >= 0)
        close(fd);
    return is_good ? IW_OK
                   : iw_fail(diag, IW_ERR_IO, 0, 0, "standard input cannot be put into a temporary file: %s",
                             strerror(why));
}

/* ---- what is packed ---- */

static enum iw_err cannot_unpack(struct iw_diag *diag, const char *name, const char *why)
{
    return iw_fail(diag, IW_ERR_IO, 0, 0, "%.200s cannot be unpacked: %s", name, why);
}

/* Standard input is a file by now. */
static enum iw_err unpack_stdin(struct iw_diag *diag)
{
    char magic[2];
    const char *why = NULL;
    if (pread(STDIN_FILENO, magic, sizeof magic, 0) != sizeof magic || !iw_packed_is(magic, sizeof magic))
        return IW_OK;
    int fd = iw_packed_open(STDIN_FILENO, &why);
    bool is_good = fd >= 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO;
    if (!is_good && !why)
        why = strerror(errno);
    if (fd >= 0)
        close(fd);
    return is_good ? IW_OK : cannot_unpack(diag, "standard input", why);
}

static enum iw_err unpack(struct iw_request_in *in, int index, const char *name, int fd, struct iw_diag *diag)
{
    const char *why;
    struct stat info;
    if (in->unpacked == IW_UNPACKED_MAX)
        return iw_fail(diag, IW_ERR_LIMIT, 0, 0, "%.200s: more than %d request files that are packed: a few at a time",
                       name, IW_UNPACKED_MAX);
    int unpacked = fstat(fd, &info) == 0 ? iw_packed_open(fd, &why) : -1;
    if (unpacked < 0)
        return cannot_unpack(diag, name, why);
    in->list[in->unpacked++] = (struct iw_unpacked){index, unpacked, info.st_dev, info.st_ino};
    return IW_OK;
}

int iw_request_in_take(struct iw_request_in *in, int index)
{
    for (size_t i = 0; i < in->unpacked; i++) {
        int fd = in->list[i].fd;
        if (in->list[i].index != index)
            continue;
        in->list[i].fd = -1;
        return fd;
    }
    return -1;
}

bool iw_request_in_is_unpacked(const struct iw_request_in *in, int index)
{
    for (size_t i = 0; i < in->unpacked; i++)
        if (in->list[i].index == index)
            return true;
    return false;
}

bool iw_request_in_was(const struct iw_request_in *in, uint64_t device, uint64_t inode)
{
    for (size_t i = 0; i < in->unpacked; i++)
        if (in->list[i].device == device && in->list[i].inode == inode)
            return true;
    return false;
}

void iw_request_in_close(struct iw_request_in *in)
{
    for (size_t i = 0; i < in->unpacked; i++)
        if (in->list[i].fd >= 0)
            close(in->list[i].fd);
    in->unpacked = 0;
}

/* ---- the inputs ---- */

static enum iw_err look_at_stdin(bool is_said, struct iw_request_in *in, struct iw_diag *diag)
{
    char head[HEAD_BYTES];
    if (!is_said && !is_requests(head, peek(STDIN_FILENO, head), "-"))
        return IW_OK;
    in->count++;
    enum iw_err err = copy_stdin(diag);
    return err == IW_OK ? unpack_stdin(diag) : err;
}

static enum iw_err look(const char *name, int index, bool is_said, struct iw_request_in *in, struct iw_diag *diag)
{
    char head[HEAD_BYTES];
    ssize_t len = 0;
    struct stat info;
    if (strcmp(name, "-") == 0)
        return look_at_stdin(is_said, in, diag);
    bool is_file = !strstr(name, "://") && stat(name, &info) == 0 && S_ISREG(info.st_mode);
    int fd = is_file ? open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    if (fd >= 0)
        len = peek(fd, head);
    bool is = is_said || is_requests(head, len, name);
    in->count += is;
    enum iw_err err = is && len > 0 && iw_packed_is(head, (size_t)len) ? unpack(in, index, name, fd, diag) : IW_OK;
    if (fd >= 0)
        close(fd);
    return err;
}

enum iw_err iw_request_in_open(const struct iw_options *options, int argc, char **argv, struct iw_request_in *out,
                               struct iw_diag *diag)
{
    static const char standard[] = "-";
    bool is_said = options->from && strcmp(options->from, KIND) == 0;
    enum iw_err err = IW_OK;
    *out = (struct iw_request_in){0};
    if (options->from && !is_said)
        return IW_OK;
    for (int i = 0; i < IW_MAX(argc, 1) && err == IW_OK; i++)
        err = look(argc ? argv[i] : standard, i, is_said, out, diag);
    return err;
}
