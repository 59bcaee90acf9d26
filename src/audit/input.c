/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Local inputs: files, folders, standard input. Read in chunks, and only while the targets on their way leave room.
 * What a file is is seen from its bytes. */
#include "base/iw.h"
#include "audit/inside.h"

#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGE_CHUNK_BYTES = 1 << 20, PAGE_BYTES = 4096 };

static enum iw_err add_input(struct iw_audit *audit, const char *name, bool is_nested, bool is_next,
                             struct iw_input **out)
{
    struct iw_input *input = iw_calloc(1, sizeof *input);
    char *copy = iw_strdup(name);
    if (!input || !copy) {
        iw_free(input);
        iw_free(copy);
        return IW_ERR_NOMEM;
    }
    input->name = copy;
    input->fd = -1;
    input->is_nested = is_nested;
    if (out)
        *out = input;
    if (is_next) {
        input->next = audit->inputs;
        audit->inputs = input;
        if (!audit->last_input)
            audit->last_input = input;
    } else {
        if (audit->last_input)
            audit->last_input->next = input;
        else
            audit->inputs = input;
        audit->last_input = input;
    }
    return IW_OK;
}

enum iw_err iw_audit_add(struct iw_audit *audit, const char *name)
{
    return add_input(audit, name, false, false, NULL);
}

enum iw_err iw_audit_add_opened(struct iw_audit *audit, const char *name, int fd)
{
    struct iw_input *input = NULL;
    enum iw_err err = add_input(audit, name, false, false, &input);
    if (err == IW_OK)
        input->fd = fd;
    else
        close(fd);
    return err;
}

static void input_free(struct iw_input *input)
{
    if (input->fd >= 0)
        close(input->fd);
    iw_free(input->name);
    iw_free(input);
}

static struct iw_input *input_take(struct iw_audit *audit)
{
    struct iw_input *input = audit->inputs;
    audit->inputs = input->next;
    if (!audit->inputs)
        audit->last_input = NULL;
    return input;
}

static void close_local(struct iw_audit *audit)
{
    struct iw_local *local = &audit->local;
    if (local->is_open && audit->net)
        iw_net_await(audit->net, -1);
    if (local->is_open && local->fd > 0)
        close(local->fd);
    iw_reader_free(local->reader);
    local->reader = NULL;
    local->is_open = false;
}

void iw_input_drop_all(struct iw_audit *audit)
{
    close_local(audit);
    iw_free(audit->local.chunk);
    audit->local.chunk = NULL;
    while (audit->inputs)
        input_free(input_take(audit));
}

static void complain(struct iw_audit *audit, const char *path, const char *text)
{
    struct iw_diag diag = {0};
    (void)iw_fail(&diag, IW_ERR_INPUT, 0, 0, "%s", text);
    iw_audit_complain(audit, iw_str_from(path), &diag, true);
}

/* ---- folders ---- */

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*b)->d_name, (*a)->d_name); /* backwards: each is put in front of the one before */
}

static int is_listed(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static enum iw_err open_folder(struct iw_audit *audit, const char *path)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, is_listed, by_name);
    if (count < 0) {
        complain(audit, path, strerror(errno));
        return IW_OK;
    }
    enum iw_err err = IW_OK;
    size_t len = strlen(path);
    const char *slash = len && path[len - 1] == '/' ? "" : "/";
    for (int i = 0; i < count; i++) {
        struct iw_buf name;
        iw_buf_init(&name, 1u << 16);
        iw_buf_printf(&name, "%s%s%s", path, slash, entries[i]->d_name);
        iw_buf_add_char(&name, '\0');
        if (err == IW_OK)
            err = name.err == IW_OK ? add_input(audit, name.ptr, true, true, NULL) : name.err;
        iw_buf_release(&name);
        free(entries[i]);
    }
    free(entries);
    return err;
}

/* ---- files ---- */

/* By a scan, as a signature that says little may turn out to be none. */
static bool is_image(const char *head, size_t len, uint64_t total_bytes)
{
    struct iw_window window = {.ptr = (const uint8_t *)head, .len = len};
    struct iw_view view = {.windows = &window, .count = len > 0, .total_bytes = total_bytes};
    struct iw_image_facts facts;
    struct iw_need need;
    (void)iw_image_scan(&view, &(struct iw_wants){0}, &facts, &need);
    return facts.format != NULL;
}

static enum iw_err weigh(struct iw_audit *audit, const struct iw_input *input)
{
    struct iw_str folder = IW_STR_NONE;
    const char *slash = strrchr(input->name, '/');
    if (input->is_nested && slash)
        folder = (struct iw_str){input->name, (size_t)(slash - input->name)};
    struct iw_origin *origin = iw_origin_new(audit, folder, input->is_nested ? "file" : "argument", 0);
    return origin ? iw_post_local(audit, origin, input->name) : IW_ERR_NOMEM;
}

static enum iw_err open_reader(struct iw_audit *audit, const char *name, int fd, struct iw_origin *origin,
                               enum iw_lead_role role)
{
    struct iw_local *local = &audit->local;
    if (!local->chunk)
        local->chunk = iw_aligned_malloc(PAGE_BYTES, LARGE_CHUNK_BYTES); /* whole pages are copied fastest */
    local->origin = origin;
    struct iw_feeding *feeding = iw_arena_zalloc(&audit->arena, sizeof *feeding);
    if (!local->chunk || !feeding)
        return IW_ERR_NOMEM;
    origin->may_be_private = true; /* the operator's own */
    *feeding = (struct iw_feeding){audit, local->origin, &local->reader};
    struct iw_source_events events;
    iw_feeding_events(feeding, &events);
    struct iw_reader_limits limits = audit->policy->reader;
    limits.max_bytes = limits.max_inflated_bytes = UINT64_MAX;
    const struct iw_source *kind = role == IW_LEAD_IMAGE ? audit->policy->from : NULL;
    enum iw_err err = iw_reader_new(kind, iw_str_from(name), &limits, &events, &local->reader);
    if (err != IW_OK)
        return err;
    iw_reader_expect(local->reader, role);
    local->fd = fd;
    if (fstat(fd, &local->stat) != 0)
        local->stat = (struct stat){0};
    local->role = role;
    local->is_open = true;
    return IW_OK;
}

/* is_file: a file of the operator's; a page in it may name its neighbours. What comes through a pipe may be from
 * anywhere. */
static enum iw_err open_document(struct iw_audit *audit, const char *name, int fd, bool is_file)
{
    struct iw_origin *origin = iw_origin_new(audit, iw_str_from(name), "list", 0);
    enum iw_err err = origin ? IW_OK : IW_ERR_NOMEM;
    if (err == IW_OK && is_file)
        err = iw_file_root(&audit->arena, origin);
    uint64_t fingerprint = iw_audit_fingerprint(audit, iw_str_from(name));
    if (err == IW_OK && is_file && !iw_map_find(&audit->documents_seen, fingerprint))
        (void)!iw_map_add(&audit->documents_seen, fingerprint, 1); /* links back to it are not followed */
    return err == IW_OK ? open_reader(audit, name, fd, origin, IW_LEAD_IMAGE) : err;
}

/* ---- what local pages name ---- */

enum iw_err iw_input_add_found(struct iw_audit *audit, const struct iw_origin *from, const struct iw_lead *lead,
                               const struct iw_file *file)
{
    bool is_link = lead->role == IW_LEAD_LINK;
    struct iw_input *input = NULL;
    bool is_deep = from->depth + !is_link > audit->policy->max_depth;
    uint64_t fingerprint = iw_audit_fingerprint(audit, file->path);
    if (iw_map_find(&audit->documents_seen, fingerprint))
        return IW_OK;
    if (is_deep || audit->documents_seen.count >= audit->policy->max_documents)
        return iw_document_leave_out(audit, file->path, is_deep);
    if (iw_map_add(&audit->documents_seen, fingerprint, 1) != IW_OK)
        return IW_ERR_NOMEM;
    struct iw_origin *origin = iw_origin_new(audit, file->path, is_link ? "html" : "css", from->depth + !is_link);
    if (!origin || add_input(audit, file->path.ptr, false, false, &input) != IW_OK)
        return IW_ERR_NOMEM;
    origin->link_depth = from->link_depth + is_link;
    origin->root = from->root;
    origin->place = iw_arena_str(&audit->arena, file->place);
    input->origin = origin;
    input->role = is_link ? IW_LEAD_PAGE : IW_LEAD_STYLE;
    return origin->place.ptr ? IW_OK : IW_ERR_NOMEM;
}

static enum iw_err open_found(struct iw_audit *audit, const struct iw_input *input)
{
    int fd = open(input->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info;
    if (fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode))
        return open_reader(audit, input->name, fd, input->origin, input->role);
    complain(audit, input->name, fd < 0 ? strerror(errno) : "this is no regular file");
    if (fd >= 0)
        close(fd);
    return IW_OK;
}

static enum iw_err open_file(struct iw_audit *audit, const struct iw_input *input, int fd, uint64_t bytes)
{
    char head[SNIFF_BYTES];
    ssize_t got = pread(fd, head, sizeof head, 0);
    size_t len = got > 0 ? (size_t)got : 0;
    bool has_name = iw_image_format_of_path(iw_str_from(input->name)) != NULL;
    bool is_gzip = false;
    enum iw_err err = IW_OK;
    const struct iw_source *kind = audit->policy->from;
    if (!kind && !audit->policy->from_image && !input->is_nested)
        kind = iw_source_sniff((struct iw_str){head, len}, iw_str_from(input->name), IW_LEAD_IMAGE, &is_gzip);
    if (audit->policy->from_image || (!audit->policy->from && (is_image(head, len, bytes) || has_name)))
        err = weigh(audit, input);
    else if (kind || is_gzip)
        return open_document(audit, input->name, fd, true);
    else if (!input->is_nested)
        complain(audit, input->name, "neither an image nor an input of a known kind");
    close(fd);
    return err;
}

static enum iw_err open_path(struct iw_audit *audit, const struct iw_input *input)
{
    struct stat info;
    bool is_link = input->is_nested && lstat(input->name, &info) == 0 && S_ISLNK(info.st_mode);
    if (stat(input->name, &info) != 0) {
        if (!is_link)
            complain(audit, input->name, strerror(errno));
        return IW_OK;
    }
    if (S_ISDIR(info.st_mode))
        return is_link ? IW_OK : open_folder(audit, input->name); /* links could make a circle */
    if (input->is_nested && !S_ISREG(info.st_mode))
        return IW_OK;
    int fd = open(input->name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        complain(audit, input->name, strerror(errno));
        return IW_OK;
    }
    if (!S_ISREG(info.st_mode))
        return open_document(audit, input->name, fd, false); /* a pipe */
    return open_file(audit, input, fd, (uint64_t)info.st_size);
}

static enum iw_err open_url(struct iw_audit *audit, const char *name)
{
    struct iw_arena arena;
    iw_arena_init(&arena, 1u << 20);
    struct iw_url url;
    struct iw_diag diag = {0};
    enum iw_err err = iw_url_parse(&arena, iw_str_from(name), NULL, &url, NULL, &diag);
    bool is_image_name = err == IW_OK && !audit->policy->from && iw_image_format_of_path(url.path) != NULL;
    if (err != IW_OK || audit->policy->from_image || is_image_name) {
        struct iw_origin *origin = iw_origin_new(audit, IW_STR_NONE, "argument", 0);
        struct iw_lead lead = {.url = iw_str_from(name), .role = IW_LEAD_IMAGE};
        if (origin)
            origin->may_be_private = true;
        err = origin ? iw_post_lead(audit, origin, &lead) : IW_ERR_NOMEM;
    } else {
        bool is_document = iw_str_ends_nocase(url.path, IW_STR(".xml")) ||
                           iw_str_ends_nocase(url.path, IW_STR(".gz")) || iw_str_ends_nocase(url.path, IW_STR(".txt"));
        struct iw_errand errand = {.role = IW_LEAD_IMAGE, .may_be_image = !is_document, .may_be_private = true};
        err = iw_document_add(audit, NULL, &url, errand);
    }
    iw_arena_release(&arena);
    return err;
}

static enum iw_err open_input(struct iw_audit *audit, struct iw_input *input)
{
    int opened = input->fd;
    input->fd = -1;
    if (opened >= 0)
        return open_document(audit, input->name, opened, true);
    if (input->origin)
        return open_found(audit, input);
    if (!input->is_nested && strcmp(input->name, "-") == 0)
        return open_document(audit, "-", STDIN_FILENO, false);
    if (!input->is_nested && strstr(input->name, "://"))
        return open_url(audit, input->name);
    return open_path(audit, input);
}

/* ---- reading ---- */

static void end_local(struct iw_audit *audit, enum iw_err err, struct iw_diag *diag)
{
    struct iw_local *local = &audit->local;
    if (err == IW_OK)
        err = iw_reader_finish(local->reader, diag);
    if (err == IW_ERR_NOMEM || audit->err != IW_OK) {
        iw_audit_fail(audit, err);
    } else if (err != IW_OK) {
        diag->code = err;
        iw_audit_complain(audit, local->origin->path, diag,
                          local->role == IW_LEAD_IMAGE || err != IW_ERR_INPUT); /* a link may lead to a PDF */
    }
    iw_feeding_end(audit, local->origin, local->reader);
    audit->totals.documents++;
    close_local(audit);
}

/* One chunk; false when nothing can be read at once. */
static bool read_chunk(struct iw_audit *audit)
{
    struct iw_local *local = &audit->local;
    struct pollfd ready = {.fd = local->fd, .events = POLLIN};
    if (poll(&ready, 1, 0) == 0) {
        iw_net_await(audit->net, local->fd);
        return false;
    }
    struct iw_diag diag = {0};
    const struct iw_source *kind = iw_reader_kind(local->reader);
    ssize_t got = read(local->fd, local->chunk, kind && kind->is_bulky ? LARGE_CHUNK_BYTES : CHUNK_BYTES);
    if (got < 0 && errno == EINTR)
        return true;
    enum iw_err err = IW_OK;
    if (got < 0)
        err = iw_fail(&diag, IW_ERR_INPUT, 0, 0, "%s", strerror(errno));
    else if (got > 0)
        err = iw_reader_feed(local->reader, local->chunk, (size_t)got, &diag);
    if (got <= 0 || err != IW_OK)
        end_local(audit, err, &diag);
    return true;
}

bool iw_input_pump(struct iw_audit *audit)
{
    while (audit->err == IW_OK && iw_audit_has_room(audit)) {
        if (audit->local.is_open) {
            if (!read_chunk(audit))
                return true;
            continue;
        }
        if (!audit->inputs)
            return false;
        struct iw_input *input = input_take(audit);
        enum iw_err err = open_input(audit, input);
        input_free(input);
        if (err != IW_OK)
            iw_audit_fail(audit, err);
    }
    return audit->err == IW_OK && (audit->local.is_open || audit->inputs);
}
