/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Results as files. Names mirror where an image came from: HOST/PATH for a URL, the path for a file; a component that
 * could lead elsewhere becomes "_". Folders are opened one by one without following links. A file is written without a
 * name and linked into place when it is whole: whatever kills the process leaves nothing half-written. */
#include "base/iw.h"
#include "cli/cli.h"

#include "base/hash.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES = 1 << 16, COMPONENT_MAX = 180, DEPTH_MAX = 64, WHY_BYTES = 300 };

struct iw_out_dir {
    int fd;
    const char *path;
    bool may_overwrite;
    struct iw_buf name; /* below the folder */
    struct iw_buf full;
    char why[WHY_BYTES];
};

enum iw_err iw_out_dir_open(const char *path, bool may_overwrite, struct iw_out_dir **out, struct iw_diag *diag)
{
    struct iw_out_dir *dir = iw_calloc(1, sizeof *dir);
    if (!dir)
        return IW_ERR_NOMEM;
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        dir->fd = -1;
    else
        dir->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir->fd < 0) {
        iw_free(dir);
        return iw_fail(diag, IW_ERR_IO, 0, 0, "--out-dir %.300s: %s", path, strerror(errno));
    }
    dir->path = path;
    dir->may_overwrite = may_overwrite;
    iw_buf_init(&dir->name, NAME_BYTES);
    iw_buf_init(&dir->full, NAME_BYTES * 2);
    *out = dir;
    return IW_OK;
}

void iw_out_dir_close(struct iw_out_dir *dir)
{
    if (!dir)
        return;
    close(dir->fd);
    iw_buf_release(&dir->name);
    iw_buf_release(&dir->full);
    iw_free(dir);
}

/* ---- names ---- */

/* Eight hexadecimal digits of a text that a name cannot hold whole; the same in every run. */
static void add_digest(struct iw_buf *out, struct iw_str text)
{
    static const struct iw_hash_key key = {0x696D67776569676Au, 0x6F75742D64697221u};
    iw_buf_printf(out, "-%08x", (unsigned)(iw_hash64(&key, text.ptr, text.len) & 0xFFFFFFFFu));
}

static void add_component(struct iw_buf *out, struct iw_str part)
{
    if (part.len == 0)
        return;
    if (out->len)
        iw_buf_add_char(out, '/');
    if (iw_str_eq(part, IW_STR(".")) || iw_str_eq(part, IW_STR(".."))) {
        iw_buf_add_char(out, '_');
        return;
    }
    iw_buf_add_str(out, iw_str_sub(part, 0, COMPONENT_MAX));
    if (part.len > COMPONENT_MAX)
        add_digest(out, part);
}

static bool has_extension(struct iw_str name, const struct iw_image_format *format)
{
    struct iw_str rest = iw_str_from(format->extensions), word;
    while (iw_str_next(&rest, ' ', &word))
        if (name.len > word.len && name.ptr[name.len - word.len - 1] == '.' && iw_str_ends_nocase(name, word))
            return true;
    return false;
}

static void make_name(struct iw_out_dir *dir, struct iw_str name, const struct iw_image_format *format)
{
    struct iw_buf *out = &dir->name;
    iw_buf_clear(out);
    bool is_url = iw_url_is_http(name);
    struct iw_str rest = name, query = IW_STR_NONE, part;
    if (is_url) {
        rest = iw_str_skip(name, iw_str_find(name, ':') + 3);
        size_t mark = iw_str_find(rest, '?');
        query = iw_str_skip(rest, mark);
        rest = iw_str_sub(rest, 0, mark);
    }
    bool ends_open = rest.len == 0 || rest.ptr[rest.len - 1] == '/';
    while (iw_str_next(&rest, '/', &part))
        add_component(out, part);
    if (ends_open || out->len == 0)
        add_component(out, IW_STR("index"));
    if (query.len)
        add_digest(out, query);
    struct iw_str extension, extensions = iw_str_from(format->extensions);
    if (!has_extension(iw_buf_str(out), format) && iw_str_next(&extensions, ' ', &extension)) {
        iw_buf_add_char(out, '.');
        iw_buf_add_str(out, extension);
    }
    iw_buf_add_char(out, '\0');
    if (out->err == IW_OK)
        out->len--;
}

/* ---- files ---- */

static bool fail(struct iw_out_dir *dir, const char *what, int why, struct iw_str *out_why)
{
    (void)snprintf(dir->why, sizeof dir->why, "%.200s: %s", what, strerror(why));
    *out_why = iw_str_from(dir->why);
    return false;
}

/* Opens (or makes) the folder of a name; *out_base is the last component. The descriptor is the caller's. */
static int open_parent(struct iw_out_dir *dir, const char **out_base)
{
    int at = fcntl(dir->fd, F_DUPFD_CLOEXEC, 0);
    char *part = dir->name.ptr, *slash;
    for (unsigned depth = 0; at >= 0 && (slash = strchr(part, '/')) != NULL; part = slash + 1, depth++) {
        *slash = '\0';
        int made = mkdirat(at, part, 0777);
        bool is_there = made == 0 || errno == EEXIST;
        int next =
            is_there && depth < DEPTH_MAX ? openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
        int why = errno;
        *slash = '/';
        close(at);
        errno = why;
        at = next;
    }
    *out_base = part;
    return at;
}

static bool write_file(struct iw_out_dir *dir, int parent, const char *base, struct iw_str bytes)
{
    struct iw_whole whole;
    if (!iw_whole_open(&whole, parent, base, 0666))
        return false;
    if (iw_whole_write(whole.fd, bytes))
        return iw_whole_place(&whole, dir->may_overwrite, false);
    iw_whole_drop(&whole);
    return false;
}

bool iw_out_dir_write(struct iw_out_dir *dir, struct iw_str name, const struct iw_image_format *format,
                      struct iw_str bytes, struct iw_str *out_path, struct iw_str *out_why)
{
    const char *base;
    make_name(dir, name, format);
    if (dir->name.err != IW_OK)
        return fail(dir, "the name is too long", ENAMETOOLONG, out_why);
    int parent = open_parent(dir, &base);
    if (parent < 0)
        return fail(dir, dir->name.ptr, errno, out_why);
    bool is_good = write_file(dir, parent, base, bytes);
    int why = errno;
    close(parent);
    if (!is_good)
        return fail(dir, dir->name.ptr, why, out_why);
    iw_buf_clear(&dir->full);
    iw_buf_printf(&dir->full, "%s/%s", dir->path, dir->name.ptr);
    *out_path = iw_buf_str(&dir->full);
    return true;
}
