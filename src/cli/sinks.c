/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Where reports go: standard output, and files that are written beside and renamed when whole. Late write errors count.
 */
#include "base/iw.h"
#include "cli/cli.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FLUSH_BYTES = 64 << 10, REPORT_BYTES = 512 << 20 };

/* A file that is whole, and waits beside until all of its report are. */
struct part {
    char *path, *beside;
};

struct sink {
    const struct iw_writer *writer;
    void *state;
    struct iw_buf buf;
    int fd;
    char *path, *beside; /* NULL for standard output; beside also for what is written to as it stands */
    bool has_failed; /* nothing more is written: it would stand behind a gap */
    bool has_parts;
    struct part *parts; /* the first has the name that was given */
    size_t part_count;
};

struct iw_sinks {
    struct sink *list;
    size_t count;
    bool is_direct; /* standard output is a terminal: every record is shown at once */
    bool is_broken_pipe;
    int write_errno;
    const char *failed; /* the path that could not be written */
    enum iw_err (*before)(void *user);
    void *user;
};

static enum iw_err flush(struct iw_sinks *sinks, struct sink *sink)
{
    size_t done = 0;
    enum iw_err err = sinks->before ? sinks->before(sinks->user) : IW_OK;
    if (err == IW_OK && sink->has_failed)
        err = IW_ERR_IO;
    if (err != IW_OK)
        return err;
    while (done < sink->buf.len && !(sinks->is_broken_pipe && sink->fd == STDOUT_FILENO)) {
        ssize_t n = write(sink->fd, sink->buf.ptr + done, sink->buf.len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EPIPE && sink->fd == STDOUT_FILENO) {
            sinks->is_broken_pipe = true;
        } else if (n <= 0) {
            sinks->write_errno = errno;
            sinks->failed = sink->path ? sink->path : "standard output";
            sink->has_failed = true;
            iw_buf_clear(&sink->buf);
            return IW_ERR_IO;
        } else {
            done += (size_t)n;
        }
    }
    iw_buf_clear(&sink->buf);
    return IW_OK;
}

/* A device, a pipe or a link: to put a file in its stead would take it from everybody, as /dev/null. */
static bool is_written_to(const char *path)
{
    struct stat there;
    return lstat(path, &there) == 0 && !S_ISREG(there.st_mode);
}

/* What stands behind the folder. */
static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static enum iw_err open_file(struct sink *sink, const struct iw_outlet *outlet, struct iw_diag *diag)
{
    const char *path = outlet->path;
    char beside[4096];
    bool is_renamed = !outlet->is_appended && !is_written_to(path);
    (void)snprintf(beside, sizeof beside, "%.4000s.tmp-%ld", path, (long)getpid());
    sink->path = iw_strdup(path);
    sink->beside = is_renamed ? iw_strdup(beside) : NULL;
    if (!sink->path || (!sink->beside && is_renamed))
        return IW_ERR_NOMEM;
    if (is_renamed)
        (void)unlink(beside); /* of one that was killed: in containers each has the same number */
    int how = is_renamed ? O_EXCL : outlet->is_appended ? O_APPEND : O_TRUNC;
    sink->fd = open(is_renamed ? beside : path, O_WRONLY | O_CREAT | O_CLOEXEC | how, 0666);
    if (sink->fd >= 0)
        return IW_OK;
    int why = errno;
    iw_free(sink->beside);
    sink->beside = NULL;
    return iw_fail(diag, IW_ERR_IO, 0, 0, "%.300s cannot be written: %s", path, strerror(why));
}

static enum iw_err refuse_format(const struct iw_writer_table *table, struct iw_str format, struct iw_diag *diag)
{
    char names[300] = "";
    for (size_t i = 0, len = 0; i < table->count && len < sizeof names; i++)
        len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", i ? ", " : "", table->list[i]->name);
    return iw_fail(diag, IW_ERR_USAGE, 0, 0, "\"%.*s\" is no output format here: %s",
                   IW_STR_ARGS(iw_str_sub(format, 0, 60)), names);
}

static enum iw_err add(struct iw_sinks *sinks, const struct iw_writer_table *table, const struct iw_outlet *outlet,
                       const struct iw_report_style *style, struct iw_diag *diag)
{
    const struct iw_writer *writer = iw_writer_find(table, outlet->format);
    if (!writer)
        return refuse_format(table, outlet->format, diag);
    for (size_t i = 0; outlet->path && i < sinks->count; i++)
        if (sinks->list[i].path && strcmp(sinks->list[i].path, outlet->path) == 0)
            return iw_fail(diag, IW_ERR_USAGE, 0, 0, "two reports are to be written to %.300s", outlet->path);
    struct sink *sink = &sinks->list[sinks->count];
    *sink = (struct sink){.writer = writer, .fd = outlet->is_stderr ? STDERR_FILENO : STDOUT_FILENO};
    iw_buf_init(&sink->buf, REPORT_BYTES);
    sink->state = iw_calloc(1, writer->state_size);
    sinks->count++;
    if (!sink->state)
        return IW_ERR_NOMEM;
    struct iw_report_style own = *style;
    own.has_payload = outlet->has_payload;
    own.is_brief = outlet->is_stderr;
    enum iw_err err = IW_OK;
    if (outlet->path) {
        err = open_file(sink, outlet, diag);
        own.has_parts = sink->has_parts = writer->next_part && sink->beside;
        own.colour = own.hyperlinks = false;
        own.columns = 0;
    }
    return err == IW_OK ? writer->begin(sink->state, &own, &sink->buf) : err;
}

void iw_outlet_parse(const char *spec, struct iw_outlet *out)
{
    struct iw_str whole = iw_str_from(spec);
    size_t colon = iw_str_find(whole, ':');
    const char *path = colon < whole.len ? spec + colon + 1 : "-";
    *out = (struct iw_outlet){.format = iw_str_sub(whole, 0, colon), .path = strcmp(path, "-") == 0 ? NULL : path};
}

/* GitHub shows what a step appends to this file beside its annotations, which are few. */
static size_t add_job_summary(struct iw_outlet *outlets, size_t count)
{
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    bool has_github = false;
    for (size_t i = 0; i < count; i++)
        has_github = has_github || iw_str_eq(outlets[i].format, IW_STR("github"));
    if (!has_github || !path || !*path || count == IW_OUTLETS_MAX)
        return count;
    outlets[count] = (struct iw_outlet){.format = IW_STR("markdown"), .path = path, .is_appended = true};
    return count + 1;
}

size_t iw_outlets_choose(const struct iw_options *options, struct iw_outlet *outlets)
{
    size_t count = 0;
    iw_outlet_parse(options->format ? options->format : "text", &outlets[count++]);
    for (size_t i = 0; i < options->reports.count && count < IW_OUTLETS_MAX; i++)
        iw_outlet_parse(options->reports.items[i], &outlets[count++]);
    return add_job_summary(outlets, count);
}

enum iw_err iw_sinks_open(const struct iw_writer_table *table, const struct iw_outlet *outlets, size_t count,
                          const struct iw_report_style *style, struct iw_sinks **out, struct iw_diag *diag)
{
    struct iw_sinks *sinks = iw_calloc(1, sizeof *sinks);
    if (!sinks)
        return IW_ERR_NOMEM;
    sinks->is_direct = isatty(STDOUT_FILENO);
    sinks->list = iw_calloc(count, sizeof *sinks->list);
    enum iw_err err = sinks->list ? IW_OK : IW_ERR_NOMEM;
    for (size_t i = 0; i < count && err == IW_OK; i++)
        err = add(sinks, table, &outlets[i], style, diag);
    if (err == IW_OK)
        *out = sinks;
    else
        iw_sinks_free(sinks);
    return err;
}

/* ---- reports of several files ---- */

/* Writes the file out; what it is called is settled when all are. */
static enum iw_err end_file(struct iw_sinks *sinks, struct sink *sink)
{
    enum iw_err err = flush(sinks, sink);
    if (err == IW_OK && (fsync(sink->fd) != 0 && errno != EINVAL && errno != EROFS))
        err = IW_ERR_IO;
    if (err == IW_OK && sink->beside && sink->writer->is_public && fchmod(sink->fd, 0644) != 0)
        err = IW_ERR_IO;
    if (close(sink->fd) != 0 && err == IW_OK)
        err = IW_ERR_IO;
    sink->fd = -1;
    if (err == IW_ERR_IO && !sinks->failed) {
        sinks->write_errno = errno;
        sinks->failed = sink->path;
    }
    return err;
}

/* "list-2.xml" beside "list.xml", by what is put before the extension. */
static enum iw_err open_beside(struct iw_sinks *sinks, struct sink *sink, const char *first, const char *mark)
{
    const char *dot = strrchr(name_of(first), '.');
    size_t stem = dot && dot != name_of(first) ? (size_t)(dot - first) : strlen(first);
    char path[4096];
    struct iw_diag diag = {0};
    (void)snprintf(path, sizeof path, "%.*s-%s%s", (int)IW_MIN(stem, (size_t)4000), first, mark, first + stem);
    struct iw_outlet outlet = {.path = path};
    enum iw_err err = open_file(sink, &outlet, &diag);
    if (err == IW_ERR_IO) {
        sinks->write_errno = errno;
        sinks->failed = sink->path;
    }
    return err;
}

/* The file at hand is whole: it waits with the others. */
static enum iw_err keep_part(struct sink *sink)
{
    struct part *parts = iw_realloc(sink->parts, sink->part_count + 1, sizeof *parts);
    if (!parts)
        return IW_ERR_NOMEM;
    sink->parts = parts;
    parts[sink->part_count++] = (struct part){sink->path, sink->beside};
    sink->path = sink->beside = NULL;
    return IW_OK;
}

static enum iw_err begin_part(struct iw_sinks *sinks, struct sink *sink)
{
    char mark[24];
    enum iw_err err = end_file(sinks, sink);
    if (err == IW_OK)
        err = keep_part(sink);
    if (err != IW_OK)
        return err;
    (void)snprintf(mark, sizeof mark, "%zu", sink->part_count + 1);
    return open_beside(sinks, sink, sink->parts[0].path, mark);
}

static enum iw_err write_index(struct iw_sinks *sinks, struct sink *sink)
{
    size_t count = sink->part_count;
    struct iw_str *names = iw_calloc(count, sizeof *names);
    if (!names)
        return IW_ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        names[i] = iw_str_from(name_of(sink->parts[i].path));
    enum iw_err err = open_beside(sinks, sink, sink->parts[0].path, "index");
    if (err == IW_OK)
        err = sink->writer->index(sink->state, names, count, &sink->buf);
    iw_free(names);
    if (err == IW_OK)
        err = end_file(sinks, sink);
    return err == IW_OK ? keep_part(sink) : err;
}

static enum iw_err rename_parts(struct iw_sinks *sinks, struct sink *sink)
{
    for (size_t i = 0; i < sink->part_count; i++) {
        struct part *part = &sink->parts[i];
        if (part->beside && rename(part->beside, part->path) != 0) {
            sinks->write_errno = errno;
            sinks->failed = part->path;
            return IW_ERR_IO;
        }
        iw_free(part->beside);
        part->beside = NULL;
    }
    return IW_OK;
}

enum iw_err iw_sinks_record(struct iw_sinks *sinks, const struct iw_record *record)
{
    for (size_t i = 0; i < sinks->count; i++) {
        struct sink *sink = &sinks->list[i];
        enum iw_err err = IW_OK;
        if (sink->has_parts && sink->writer->next_part(sink->state, record, &sink->buf))
            err = begin_part(sinks, sink);
        if (err == IW_OK)
            err = sink->writer->item(sink->state, record, &sink->buf);
        bool is_full = sink->buf.len >= FLUSH_BYTES || (sinks->is_direct && sink->fd == STDOUT_FILENO);
        if (err == IW_OK && is_full && sink->buf.len)
            err = flush(sinks, sink);
        if (err != IW_OK)
            return err;
    }
    return iw_sinks_is_broken_pipe(sinks) ? IW_ERR_IO : IW_OK;
}

void iw_sinks_flush(struct iw_sinks *sinks)
{
    for (size_t i = 0; i < sinks->count; i++)
        if (sinks->list[i].buf.len)
            (void)flush(sinks, &sinks->list[i]); /* what fails here fails again at the end */
}

static enum iw_err close_sink(struct iw_sinks *sinks, struct sink *sink, const struct iw_totals *totals)
{
    enum iw_err err = sink->writer->end(sink->state, totals, &sink->buf);
    if (!sink->path)
        return err == IW_OK ? flush(sinks, sink) : err;
    if (err == IW_OK)
        err = end_file(sinks, sink);
    if (err == IW_OK)
        err = keep_part(sink);
    if (err == IW_OK && sink->part_count > 1)
        err = write_index(sinks, sink);
    return err == IW_OK ? rename_parts(sinks, sink) : err;
}

enum iw_err iw_sinks_close(struct iw_sinks *sinks, const struct iw_totals *totals, struct iw_diag *diag)
{
    enum iw_err result = sinks->failed ? IW_ERR_IO : IW_OK;
    for (size_t i = 0; i < sinks->count; i++) {
        enum iw_err err = close_sink(sinks, &sinks->list[i], totals);
        result = result == IW_OK ? err : result;
    }
    if (!sinks->is_broken_pipe && close(STDOUT_FILENO) != 0 && result == IW_OK) {
        sinks->write_errno = errno;
        sinks->failed = "standard output";
        result = IW_ERR_IO;
    }
    if (result == IW_ERR_IO)
        return iw_fail(diag, IW_ERR_IO, 0, 0, "%s cannot be written: %s", sinks->failed ? sinks->failed : "a report",
                       strerror(sinks->write_errno));
    return result;
}

void iw_sinks_before_write(struct iw_sinks *sinks, enum iw_err (*before)(void *user), void *user)
{
    sinks->before = before;
    sinks->user = user;
}

void iw_sinks_free(struct iw_sinks *sinks)
{
    if (!sinks)
        return;
    for (size_t i = 0; i < sinks->count; i++) {
        struct sink *sink = &sinks->list[i];
        if (sink->state)
            sink->writer->release(sink->state);
        iw_free(sink->state);
        if (sink->path && sink->fd >= 0)
            close(sink->fd);
        for (size_t k = 0; k <= sink->part_count; k++) {
            struct part part = k < sink->part_count ? sink->parts[k] : (struct part){sink->path, sink->beside};
            if (part.beside)
                (void)unlink(part.beside);
            iw_free(part.path);
            iw_free(part.beside);
        }
        iw_free(sink->parts);
        iw_buf_release(&sink->buf);
    }
    iw_free(sinks->list);
    iw_free(sinks);
}

bool iw_sinks_is_broken_pipe(const struct iw_sinks *sinks)
{
    for (size_t i = 0; i < sinks->count; i++)
        if (sinks->list[i].path)
            return false;
    return sinks->is_broken_pipe;
}

bool iw_sinks_has_text(const struct iw_sinks *sinks)
{
    for (size_t i = 0; i < sinks->count; i++)
        if (!sinks->list[i].path && strcmp(sinks->list[i].writer->name, "text") == 0)
            return true;
    return false;
}
