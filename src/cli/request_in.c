/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Which inputs of fix are request files, seen from their first bytes before anything is read, as what fix writes and
 * where depends on it. A request file is read twice: what comes down a pipe is put into a file first. */
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
    bool is_gzip = false;
    if (len <= 0 || iw_image_format_of_path(iw_str_from(name)))
        return false;
    const struct iw_source *kind =
        iw_source_sniff((struct iw_str){head, (size_t)len}, iw_str_from(name), IW_LEAD_IMAGE, &is_gzip);
    return kind && strcmp(kind->name, KIND) == 0 && !is_gzip;
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

static enum iw_err look(const char *name, bool is_said, bool *out_is, struct iw_diag *diag)
{
    char head[HEAD_BYTES];
    *out_is = is_said;
    if (strcmp(name, "-") == 0) {
        *out_is = is_said || is_requests(head, peek(STDIN_FILENO, head), name);
        return *out_is ? copy_stdin(diag) : IW_OK;
    }
    if (is_said || strstr(name, "://"))
        return IW_OK;
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info;
    if (fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode))
        *out_is = is_requests(head, peek(fd, head), name);
    if (fd >= 0)
        close(fd);
    return IW_OK;
}

enum iw_err iw_request_in_count(const struct iw_options *options, int argc, char **argv, size_t *out_count,
                                struct iw_diag *diag)
{
    static const char standard[] = "-";
    bool is_said = options->from && strcmp(options->from, KIND) == 0;
    *out_count = 0;
    if (options->from && !is_said)
        return IW_OK;
    for (int i = 0; i < IW_MAX(argc, 1); i++) {
        bool is = false;
        enum iw_err err = look(argc ? argv[i] : standard, is_said, &is, diag);
        if (err != IW_OK)
            return err;
        *out_count += is;
    }
    return IW_OK;
}
