/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Files that appear whole, or not at all: written without a name, or under another, and put into place when all is
 * there. Whatever kills the process leaves nothing half-written. */
#include "base/iw.h"
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

bool iw_whole_open(struct iw_whole *whole, int parent, const char *base, unsigned mode)
{
    *whole = (struct iw_whole){.parent = parent, .base = base, .is_unnamed = true};
    (void)snprintf(whole->beside, sizeof whole->beside, ".imgweigh-%ld", (long)getpid());
    whole->fd = openat(parent, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
    if (whole->fd >= 0)
        return true;
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
        return false;
    whole->is_unnamed = false; /* there are file systems without */
    (void)unlinkat(parent, whole->beside, 0);
    whole->fd = openat(parent, whole->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    return whole->fd >= 0;
}

bool iw_whole_write(int fd, struct iw_str bytes)
{
    for (size_t done = 0; done < bytes.len;) {
        ssize_t n = write(fd, bytes.ptr + done, bytes.len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

/* Gives what is written a name beside the right one; under the right one at once where none is there yet. */
static bool give_name(struct iw_whole *whole, bool *out_is_right)
{
    char self[40];
    *out_is_right = false;
    if (!whole->is_unnamed)
        return true;
    (void)snprintf(self, sizeof self, "/proc/self/fd/%d", whole->fd);
    if (linkat(AT_FDCWD, self, whole->parent, whole->base, AT_SYMLINK_FOLLOW) == 0) {
        *out_is_right = true;
        return true;
    }
    if (errno != EEXIST)
        return false;
    (void)unlinkat(whole->parent, whole->beside, 0);
    if (linkat(AT_FDCWD, self, whole->parent, whole->beside, AT_SYMLINK_FOLLOW) != 0)
        return false;
    whole->is_unnamed = false;
    return true;
}

static bool place(struct iw_whole *whole, bool may_overwrite)
{
    bool is_right;
    if (!give_name(whole, &is_right))
        return false;
    if (is_right)
        return true;
    if (may_overwrite)
        return renameat(whole->parent, whole->beside, whole->parent, whole->base) == 0;
    return linkat(whole->parent, whole->beside, whole->parent, whole->base, 0) == 0;
}

/* Some file systems cannot, and a pipe need not. */
static bool sync_one(int fd)
{
    return fsync(fd) == 0 || errno == EINVAL || errno == EROFS;
}

bool iw_whole_place(struct iw_whole *whole, bool may_overwrite, bool is_synced)
{
    bool is_good = !is_synced || sync_one(whole->fd);
    is_good = is_good && place(whole, may_overwrite) && (!is_synced || sync_one(whole->parent));
    int why = errno;
    if (close(whole->fd) != 0 && is_good) {
        why = errno;
        is_good = false;
    }
    whole->fd = -1;
    if (!whole->is_unnamed)
        (void)unlinkat(whole->parent, whole->beside, 0);
    errno = why;
    return is_good;
}

void iw_whole_drop(struct iw_whole *whole)
{
    int why = errno;
    if (whole->fd >= 0)
        close(whole->fd);
    if (whole->fd >= 0 && !whole->is_unnamed)
        (void)unlinkat(whole->parent, whole->beside, 0);
    whole->fd = -1;
    errno = why;
}
