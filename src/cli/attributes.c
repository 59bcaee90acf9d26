/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What a file has beside its bytes, given to the one that takes its place: owner, mode, extended attributes. Those are
 * told by their names alone: what somebody else set (user.) and who may read (the access control list) must come
 * along; what the system or its administrator keeps there comes along where it can. */
#include "base/iw.h"
#include "cli/cli.h"

#include "base/mem.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Linux takes no longer list of names, and no longer value. */
enum { NAMES_BYTES = 1 << 16, VALUE_BYTES = 1 << 16 };

static const char access_list[] = "system.posix_acl_access";

static bool is_needed(const char *name)
{
    return strncmp(name, "user.", 5) == 0 || strcmp(name, access_list) == 0;
}

/* There are file systems without; < 0: errno says why. */
static ssize_t list_names(int fd, char *names)
{
    ssize_t len = flistxattr(fd, names, NAMES_BYTES);
    return len < 0 && errno == ENOTSUP ? 0 : len;
}

static bool copy_one(int from, int to, const char *name, char *value)
{
    ssize_t len = fgetxattr(from, name, value, VALUE_BYTES);
    if (len < 0)
        return errno == ENODATA; /* it is gone */
    return fsetxattr(to, name, value, (size_t)len, 0) == 0;
}

/* A folder may have given the new file a list that the old one has not. */
static bool drop_access_list(int to)
{
    return fremovexattr(to, access_list) == 0 || errno == ENODATA || errno == ENOTSUP;
}

static bool copy_attributes(int from, int to)
{
    char *names = iw_malloc(NAMES_BYTES + VALUE_BYTES);
    ssize_t len = names ? list_names(from, names) : -1;
    bool is_good = len >= 0, has_access_list = false;
    for (ssize_t at = 0; at < len && is_good; at += (ssize_t)strlen(names + at) + 1) {
        const char *name = names + at;
        has_access_list = has_access_list || strcmp(name, access_list) == 0;
        is_good = copy_one(from, to, name, names + NAMES_BYTES) || !is_needed(name);
    }
    if (is_good && !has_access_list)
        is_good = drop_access_list(to);
    iw_free(names);
    return is_good;
}

const char *iw_attributes_keep(int from, const struct stat *of, int to)
{
    struct stat made;
    if (fstat(to, &made) != 0)
        return "its owner cannot be kept";
    if ((made.st_uid != of->st_uid || made.st_gid != of->st_gid) && fchown(to, of->st_uid, of->st_gid) != 0)
        return "its owner cannot be kept";
    if (!copy_attributes(from, to))
        return "its extended attributes cannot be kept";
    return fchmod(to, of->st_mode & 07777) == 0 ? NULL : "its mode cannot be kept";
}
