/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Files that local pages name: references resolved against the folder of their page, within the tree of the page that
 * the operator named. Whoever wrote the page does not decide what is read of the rest of the disk: neither "..", nor a
 * path from the root, nor a symbolic link leads out. Pages that came from the network, or through a pipe, name no files
 * at all. */
#include "base/iw.h"
#include "audit/inside.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { REFERENCE_BYTES = 64 << 10 };

/* "scheme:", as a URL begins. */
static bool has_scheme(struct iw_str text)
{
    size_t i = 0;
    text = iw_str_trim(text);
    while (i < text.len && ((text.ptr[i] | 0x20) >= 'a' && (text.ptr[i] | 0x20) <= 'z'))
        i++;
    while (i > 0 && i < text.len && memchr("+-.0123456789", text.ptr[i], 13))
        i++;
    return i > 0 && i < text.len && text.ptr[i] == ':';
}

bool iw_file_is_named(const struct iw_origin *origin, const struct iw_lead *lead)
{
    return origin->names_files && !has_scheme(lead->url) && !has_scheme(lead->base);
}

/* ---- references to paths ---- */

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

/* A reference as a path: without query and fragment, escapes decoded; what browsers drop is dropped. */
static void decode(struct iw_str text, struct iw_buf *out)
{
    text = iw_str_trim(text);
    text = iw_str_sub(text, 0, iw_str_find(text, '#'));
    text = iw_str_sub(text, 0, iw_str_find(text, '?'));
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        int high = c == '%' && i + 2 < text.len ? hex(text.ptr[i + 1]) : -1, low = high < 0 ? -1 : hex(text.ptr[i + 2]);
        if (low >= 0) {
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '\t' || c == '\n' || c == '\r') {
            continue;
        }
        iw_buf_add_char(out, c == '\\' ? '/' : c);
    }
}

/* Walks from a folder of the tree along a reference. False: it leads out. */
static bool walk(struct iw_buf *path, struct iw_str reference)
{
    struct iw_str step;
    while (iw_str_next(&reference, '/', &step)) {
        if (step.len == 0 || iw_str_eq(step, IW_STR(".")))
            continue;
        if (!iw_str_eq(step, IW_STR(".."))) {
            if (path->len)
                iw_buf_add_char(path, '/');
            iw_buf_add_str(path, step);
            continue;
        }
        if (path->len == 0)
            return false;
        while (path->len && path->ptr[path->len - 1] != '/')
            path->len--;
        path->len -= path->len > 0;
    }
    return true;
}

/* Up to its last "/". */
static struct iw_str folder_of(struct iw_str path)
{
    while (path.len && path.ptr[path.len - 1] != '/')
        path.len--;
    return path;
}

static const char *follow(const struct iw_origin *origin, const struct iw_lead *lead, struct iw_buf *text,
                          struct iw_buf *path)
{
    const struct iw_str references[] = {lead->base, lead->url};
    iw_buf_add_str(path, folder_of(origin->place));
    path->len -= path->len > 0;
    for (size_t i = 0; i < IW_ARRAY_LEN(references); i++) {
        iw_buf_clear(text);
        decode(references[i], text);
        struct iw_str reference = iw_buf_str(text);
        if (iw_str_find(reference, '\0') < reference.len)
            return "it holds a NUL byte";
        if (reference.len && reference.ptr[0] == '/')
            return "it begins at the root of a site, and which that is a page in a file does not say";
        if (!walk(path, i == 0 ? folder_of(reference) : reference))
            return "it leads out of the folder of the page that was named";
    }
    return NULL;
}

/* ---- paths to files ---- */

static bool is_within(const char *path, struct iw_str root)
{
    char real[PATH_MAX], real_root[PATH_MAX], folder[PATH_MAX];
    if (root.len >= sizeof folder)
        return false;
    memcpy(folder, root.len ? root.ptr : ".", root.len ? root.len : 1);
    folder[root.len ? root.len : 1] = '\0';
    if (!realpath(path, real) || !realpath(folder, real_root))
        return false;
    size_t len = strlen(real_root);
    return strncmp(real, real_root, len) == 0 && (real[len] == '/' || (len && real_root[len - 1] == '/'));
}

enum iw_err iw_file_find(struct iw_arena *arena, const struct iw_origin *origin, const struct iw_lead *lead,
                         struct iw_file *out)
{
    struct iw_buf text, place;
    iw_buf_init(&text, REFERENCE_BYTES * 2);
    iw_buf_init(&place, REFERENCE_BYTES * 4);
    *out = (struct iw_file){.why = follow(origin, lead, &text, &place)};
    struct iw_str root = origin->root;
    bool has_slash = root.len && root.ptr[root.len - 1] == '/';
    out->path = iw_arena_printf(arena, "%.*s%s%.*s", IW_STR_ARGS(root), root.len && !has_slash ? "/" : "",
                                IW_STR_ARGS(iw_buf_str(&place)));
    out->place = iw_str_skip(out->path, out->path.len - place.len);
    bool is_short = text.err == IW_OK && place.err == IW_OK;
    enum iw_err err = !out->path.ptr || text.err == IW_ERR_NOMEM || place.err == IW_ERR_NOMEM ? IW_ERR_NOMEM : IW_OK;
    iw_buf_release(&text);
    iw_buf_release(&place);
    struct stat info;
    if (err != IW_OK || out->why)
        return err;
    if (!is_short || stat(out->path.ptr, &info) != 0 || !S_ISREG(info.st_mode))
        out->is_missing = true;
    else if (!is_within(out->path.ptr, root))
        out->why = "a symbolic link leads out of the folder of the page that was named";
    return IW_OK;
}

enum iw_err iw_file_root(struct iw_arena *arena, struct iw_origin *origin)
{
    struct iw_str folder = folder_of(origin->path);
    origin->place = iw_str_skip(origin->path, folder.len);
    if (folder.len > 1)
        folder.len--;
    origin->root = iw_arena_str(arena, folder.len ? folder : IW_STR(""));
    return origin->root.ptr ? IW_OK : IW_ERR_NOMEM;
}
