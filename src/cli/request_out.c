/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Repaired request files: the document with the edits in it, copied from descriptor to descriptor, to standard output,
 * a file, a folder or in place of what was read; in parts where that is asked for. A document that changed meanwhile is
 * not written, nor one with something missing. */
#include "base/iw.h"
#include "cli/cli.h"

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_BYTES = 1 << 20, DIRECT_BYTES = 256 << 10, NAME_BYTES = 4096, PARTS_MAX = 100000, NAMES_MAX = 1 << 20 };

struct writing {
    struct iw_request_out *out;
    struct iw_repaired file;
    struct iw_repaired_edits edits;
    struct iw_diag *diag;
    char *buffer;
    size_t held;              /* bytes of it that are not written yet */
    int to;                   /* where they go, through */
    struct iw_packer *packer; /* or NULL */
    bool is_stdout;
    bool cannot_copy;    /* from descriptor to descriptor */
    struct iw_map names; /* of --out-dir, that stand there now */
};

static enum iw_err complain(const struct writing *w, const char *what)
{
    return iw_fail(w->diag, IW_ERR_IO, 0, 0, "%.200s: %s: nothing was written", w->file.path, what);
}

static enum iw_err cannot_write(const struct writing *w, const char *name)
{
    return iw_fail(w->diag, IW_ERR_IO, 0, 0, "%.300s cannot be written: %s", name, strerror(errno));
}

/* ---- what was read, and whether it still is that ---- */

static bool is_same_time(const struct stat *a, const struct stat *b)
{
    return a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static enum iw_err check_unchanged(const struct writing *w)
{
    struct stat now;
    if (fstat(w->file.fd, &now) != 0 || now.st_size != w->file.stat.st_size || !is_same_time(&now, &w->file.stat))
        return complain(w, "it changed while it was read");
    return IW_OK;
}

/* What stands in place of the document must be it, and nothing else must be. */
static enum iw_err check_in_place(const struct writing *w, const char *name)
{
    struct stat now;
    if (lstat(name, &now) != 0)
        return complain(w, strerror(errno));
    if (S_ISLNK(now.st_mode))
        return complain(w, "it is a symbolic link, and --in-place would put a file in its stead");
    if (!S_ISREG(now.st_mode) || !is_same_file(&now, &w->file.stat))
        return complain(w, "another file has taken its place");
    if (now.st_nlink > 1)
        return complain(w, "it has further names (hard links), which would go on naming what it was");
    return check_unchanged(w);
}

/* ---- bytes ---- */

static enum iw_err flush(struct writing *w)
{
    struct iw_str bytes = {w->buffer, w->held};
    bool is_good =
        w->out->is_broken_pipe || (w->packer ? iw_packer_add(w->packer, bytes) : iw_whole_write(w->to, bytes));
    w->held = 0;
    if (is_good)
        return IW_OK;
    if (w->is_stdout && errno == EPIPE) {
        w->out->is_broken_pipe = true; /* whoever reads has seen enough */
        return IW_OK;
    }
    return cannot_write(w, w->is_stdout ? "standard output" : w->file.path);
}

/* True when all was copied without coming to memory. */
static bool copy_directly(struct writing *w, int from, struct iw_span *span)
{
    while (!w->cannot_copy && span->len) {
        off_t at = (off_t)span->at;
        ssize_t n = copy_file_range(from, &at, w->to, NULL, (size_t)IW_MIN(span->len, (uint64_t)1 << 30), 0);
        if (n < 0 && errno == EINTR)
            continue;
        w->cannot_copy = n <= 0;
        if (n > 0)
            *span = (struct iw_span){span->at + (uint64_t)n, span->len - (uint64_t)n};
    }
    return span->len == 0;
}

static enum iw_err copy(struct writing *w, const struct iw_piece *piece)
{
    struct iw_span span = piece->span;
    int from = piece->is_spooled ? w->file.spool_fd : w->file.fd;
    if (span.len >= DIRECT_BYTES && !w->is_stdout && !w->packer && !w->cannot_copy) {
        enum iw_err err = flush(w);
        if (err != IW_OK || copy_directly(w, from, &span))
            return err;
    }
    while (span.len) {
        size_t step = (size_t)IW_MIN(span.len, (uint64_t)(BUFFER_BYTES - w->held));
        ssize_t n = pread(from, w->buffer + w->held, step, (off_t)span.at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return complain(w, n < 0 ? strerror(errno) : "it changed while it was read");
        w->held += (size_t)n;
        span = (struct iw_span){span.at + (uint64_t)n, span.len - (uint64_t)n};
        enum iw_err err = w->held == BUFFER_BYTES ? flush(w) : IW_OK;
        if (err != IW_OK)
            return err;
    }
    return IW_OK;
}

/* All before a place of the document. */
static enum iw_err copy_until(struct writing *w, struct iw_splice *splice, uint64_t end)
{
    struct iw_piece piece;
    enum iw_err err;
    while ((err = iw_splice_next(splice, end, &piece)) == IW_OK && piece.span.len)
        if ((err = copy(w, &piece)) != IW_OK)
            return err;
    if (err == IW_OK && end == w->file.bytes)
        err = iw_splice_finish(splice);
    return err == IW_OK ? flush(w) : err;
}

/* ---- parts ---- */

static enum iw_err find_ends(struct writing *w, struct iw_buf *ends)
{
    struct iw_split split;
    iw_audit_edits(w->out->audit, &w->file, &w->edits);
    iw_split_begin(&split, w->out->split_bytes, iw_repaired_next_edit, &w->edits, ends);
    enum iw_err err = IW_OK;
    for (uint64_t at = 0; at < w->file.bytes && err == IW_OK;) {
        ssize_t n = pread(w->file.fd, w->buffer, BUFFER_BYTES, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return complain(w, n < 0 ? strerror(errno) : "it changed while it was read");
        err = iw_split_feed(&split, w->buffer, (size_t)n, w->diag);
        at += (uint64_t)n;
    }
    if (err == IW_OK)
        err = iw_split_finish(&split, w->diag);
    if (err == IW_ERR_LIMIT)
        iw_diag_at(w->diag, w->file.path);
    return err;
}

/* "batch.jsonl" to "batch-1of3.jsonl", "batch.jsonl.gz" to "batch-1of3.jsonl.gz". */
static bool part_name(char *out, const char *name, size_t part, size_t parts)
{
    const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name, *dot = strrchr(base, '.');
    size_t stem = dot && dot != base ? (size_t)(dot - name) : strlen(name);
    for (size_t i = stem; iw_packed_is_name(name) && i > (size_t)(base - name) + 1; i--)
        if (name[i - 1] == '.') {
            stem = i - 1;
            break;
        }
    int n = parts == 1 ? snprintf(out, NAME_BYTES, "%s", name)
                       : snprintf(out, NAME_BYTES, "%.*s-%zuof%zu%s", (int)stem, name, part + 1, parts, name + stem);
    return n > 0 && n < NAME_BYTES;
}

/* ---- files ---- */

/* The folder of a name; the descriptor is the caller's. */
static int open_folder(const char *name, const char **out_base)
{
    char folder[NAME_BYTES] = ".";
    const char *slash = strrchr(name, '/');
    *out_base = slash ? slash + 1 : name;
    if (slash && (slash - name >= NAME_BYTES || strlen(name) >= NAME_BYTES)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (slash)
        (void)snprintf(folder, sizeof folder, "%.*s", (int)IW_MAX(slash - name, (ptrdiff_t)1), name);
    return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

struct target {
    const char *name;
    bool is_in_place, may_overwrite;
};

/* Writes one part into the file called name, relative to a folder. */
static enum iw_err write_file(struct writing *w, struct iw_splice *splice, uint64_t end, int folder, const char *base,
                              const struct target *target, const char *name)
{
    struct iw_whole whole;
    if (base[0] == '\0' || !iw_whole_open(&whole, folder, base, target->is_in_place ? 0600 : 0666))
        return cannot_write(w, name);
    w->to = whole.fd;
    bool is_packed = !target->is_in_place && iw_packed_is_name(base);
    w->packer = is_packed ? iw_packer_new(whole.fd) : NULL;
    enum iw_err err = is_packed && !w->packer ? cannot_write(w, name) : copy_until(w, splice, end);
    if (!iw_packer_end(w->packer) && err == IW_OK)
        err = cannot_write(w, name);
    w->packer = NULL;
    const char *lost =
        err == IW_OK && target->is_in_place ? iw_attributes_keep(w->file.fd, &w->file.stat, whole.fd) : NULL;
    if (lost)
        err = complain(w, lost);
    if (err == IW_OK)
        err = target->is_in_place ? check_in_place(w, w->file.path) : check_unchanged(w);
    if (err != IW_OK) {
        iw_whole_drop(&whole);
        return err;
    }
    return iw_whole_place(&whole, target->may_overwrite, true) ? IW_OK : cannot_write(w, name);
}

static bool is_input(const struct writing *w, const struct stat *file)
{
    return is_same_file(file, &w->file.stat) || iw_request_in_was(w->out->in, file->st_dev, file->st_ino);
}

static enum iw_err write_part(struct writing *w, struct iw_splice *splice, uint64_t end, const struct target *target,
                              const char *name)
{
    const char *base;
    int folder = open_folder(name, &base);
    struct stat there;
    if (folder < 0)
        return cannot_write(w, name);
    enum iw_err err = IW_OK;
    if (!target->is_in_place && fstatat(folder, base, &there, 0) == 0 && is_input(w, &there))
        err = iw_fail(w->diag, IW_ERR_USAGE, 0, 0, "%.300s is what is read: --in-place does that", name);
    if (err == IW_OK && !target->is_in_place && fstatat(folder, base, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
        !S_ISREG(there.st_mode))
        err = iw_fail(w->diag, IW_ERR_IO, 0, 0, "%.300s is no regular file, and one would stand in its stead", name);
    if (err == IW_OK)
        err = write_file(w, splice, end, folder, base, target, name);
    close(folder);
    return err;
}

/* What was written of parts that do not go together is taken away again. */
static void take_back(const struct target *target, size_t parts, size_t done)
{
    char name[NAME_BYTES];
    for (size_t i = 0; i < done && parts > 1; i++)
        if (part_name(name, target->name, i, parts))
            (void)unlink(name);
}

static enum iw_err write_parts(struct writing *w, const struct target *target, const uint64_t *ends, size_t count)
{
    struct iw_splice splice;
    char name[NAME_BYTES];
    struct target part = *target;
    part.may_overwrite = target->may_overwrite && (count == 1 || w->out->may_overwrite);
    iw_audit_edits(w->out->audit, &w->file, &w->edits);
    iw_splice_begin(&splice, iw_repaired_next_edit, &w->edits);
    for (size_t i = 0; i < count; i++) {
        errno = ENAMETOOLONG;
        enum iw_err err = part_name(name, target->name, i, count) ? write_part(w, &splice, ends[i], &part, name)
                                                                  : cannot_write(w, target->name);
        if (err != IW_OK) {
            take_back(target, count, i);
            return err;
        }
    }
    w->out->parts += count > 1 ? count : 0;
    return IW_OK;
}

static enum iw_err write_stdout(struct writing *w)
{
    struct iw_splice splice;
    struct stat there;
    if (fstat(STDOUT_FILENO, &there) == 0 && S_ISREG(there.st_mode) && is_input(w, &there))
        return iw_fail(w->diag, IW_ERR_USAGE, 0, 0, "standard output is what is read: --in-place does that");
    w->is_stdout = true;
    w->to = STDOUT_FILENO;
    iw_audit_edits(w->out->audit, &w->file, &w->edits);
    iw_splice_begin(&splice, iw_repaired_next_edit, &w->edits);
    return copy_until(w, &splice, w->file.bytes);
}

/* ---- one document ---- */

/* A batch file that grew beyond what the consumer takes is of no use to anybody. One that was too large before, or has
 * too many requests, is no worse than it was. */
static enum iw_err check_size(const struct writing *w)
{
    struct iw_arena arena;
    struct iw_findings findings;
    struct iw_request_file figures = w->file.figures;
    uint64_t bytes = w->file.result_bytes, part = w->out->split_bytes;
    figures.bytes = part ? IW_MIN(bytes, part) : bytes;
    iw_arena_init(&arena, 1 << 16);
    (void)iw_check_file(w->out->judge, &figures, &arena, &findings);
    enum iw_err err = IW_OK;
    for (size_t i = 0; i < findings.count && err == IW_OK; i++) {
        const struct iw_finding *finding = &findings.list[i];
        struct iw_diag diag = {0};
        bool may_be_split = part && finding->rule == IW_RULE_file_requests_over;
        if (finding->severity != IW_SEVERITY_ERROR || may_be_split)
            continue;
        if (finding->rule == IW_RULE_file_bytes_over && !part && bytes > w->file.bytes) {
            err =
                iw_fail(w->diag, IW_ERR_LIMIT, 0, 0,
                        "%.200s would come to %llu bytes, and %s takes %llu: nothing was written; --split BYTES "
                        "writes several files",
                        w->file.path, (unsigned long long)bytes, finding->profile, (unsigned long long)finding->limit);
            continue;
        }
        w->out->faults++;
        (void)iw_fail(&diag, IW_ERR_INPUT, 0, 0, "%.200s: %.*s", w->file.path, IW_STR_ARGS(finding->message));
        (void)iw_exit_failure(IW_ERR_INPUT, &diag);
    }
    iw_arena_release(&arena);
    return err;
}

static enum iw_err write_to(struct writing *w, const struct target *target)
{
    struct iw_buf ends;
    iw_buf_init(&ends, PARTS_MAX * sizeof(uint64_t));
    bool is_split = w->out->split_bytes && w->file.result_bytes > w->out->split_bytes;
    enum iw_err err = IW_OK;
    if (is_split && !w->file.figures.is_lines)
        err = complain(w, "it is one document, not JSON Lines, and cannot be split");
    else if (is_split)
        err = find_ends(w, &ends);
    else
        iw_buf_add(&ends, &w->file.bytes, sizeof w->file.bytes);
    if (err == IW_OK)
        err = ends.err;
    if (err == IW_OK)
        err = write_parts(w, target, (const uint64_t *)(const void *)ends.ptr, ends.len / sizeof(uint64_t));
    iw_buf_release(&ends);
    return err;
}

/* Files of several folders may have one name. --force is for what was there before. */
static enum iw_err take_name(struct writing *w, const char *base)
{
    static const struct iw_hash_key key = {0x6e616d65, 0x73};
    uint64_t fingerprint = iw_hash64(&key, base, strlen(base));
    if (iw_map_find(&w->names, fingerprint))
        return complain(w, "another input of this name was written already");
    return iw_map_add(&w->names, fingerprint, 1);
}

static enum iw_err write_one(struct writing *w)
{
    const struct iw_request_out *out = w->out;
    struct target target = {.name = out->output, .may_overwrite = true};
    char name[NAME_BYTES];
    enum iw_err err = check_unchanged(w);
    if (err == IW_OK)
        err = check_size(w);
    if (err != IW_OK)
        return err;
    if (out->is_in_place) {
        target = (struct target){.name = w->file.path, .is_in_place = true, .may_overwrite = true};
        return w->file.edits ? check_in_place(w, w->file.path) == IW_OK ? write_to(w, &target) : IW_ERR_IO : IW_OK;
    }
    if (out->out_dir) {
        const char *slash = strrchr(w->file.path, '/');
        const char *base = strcmp(w->file.path, "-") == 0 ? "stdin.jsonl" : slash ? slash + 1 : w->file.path;
        if (snprintf(name, sizeof name, "%s/%s", out->out_dir, base) >= NAME_BYTES)
            return iw_fail(w->diag, IW_ERR_IO, 0, 0, "--out-dir: the name is too long");
        target = (struct target){.name = name, .may_overwrite = out->may_overwrite};
        err = take_name(w, base);
        return err == IW_OK ? write_to(w, &target) : err;
    }
    return out->output ? write_to(w, &target) : write_stdout(w);
}

bool iw_request_out_write(struct iw_request_out *out)
{
    struct iw_diag diag = {0};
    struct writing w = {.out = out, .diag = &diag, .buffer = iw_malloc(BUFFER_BYTES)};
    bool is_good = w.buffer != NULL;
    iw_map_init(&w.names, NAMES_MAX);
    if (!w.buffer)
        (void)iw_exit_failure(IW_ERR_NOMEM, NULL);
    for (size_t i = 0; i < iw_audit_repaired_count(out->audit) && w.buffer; i++) {
        diag = (struct iw_diag){0};
        enum iw_err err = iw_audit_repaired(out->audit, i, &w.file, &diag);
        if (err == IW_OK)
            err = write_one(&w);
        if (err == IW_OK) {
            out->files++;
            out->bytes_before += w.file.bytes;
            out->bytes_after += w.file.result_bytes;
        } else {
            is_good = false;
            (void)iw_exit_failure(err, &diag);
        }
    }
    iw_map_release(&w.names);
    iw_free(w.buffer);
    return is_good;
}
