/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Request files of fix, on the reader's thread: each request becomes a bundle, whose images are posted one by one. */
#include "base/iw.h"
#include "audit/repair.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum {
    TICKETS_MAX = 1024,
    BUNDLE_BYTES = 32 << 20,
    TWINS_BYTES = 1 << 30,
    TWINS_MAX = 1 << 22,
    NAME_CHARS = 200,
    FILES_MAX = 10000,
    KEPT_OPEN = 16 /* of many files; the others are opened again for each look */
};

/* ---- life ---- */

static bool has_request_limits(const struct iw_judge *judge)
{
    for (size_t i = 0; i < judge->profile_count; i++)
        for (size_t k = 0; k < judge->profiles[i]->limit_count; k++)
            if (judge->profiles[i]->limits[k].id == IW_LIMIT_max_request_bytes)
                return true;
    return false;
}

enum iw_err iw_repairs_new(struct iw_audit *audit)
{
    struct iw_repairs *repairs = iw_calloc(1, sizeof *repairs);
    if (!repairs)
        return IW_ERR_NOMEM;
    pthread_mutex_init(&repairs->mutex, NULL);
    repairs->opened_fd = -1;
    iw_spool_init(&repairs->spool);
    iw_arena_init(&repairs->twins, TWINS_BYTES);
    iw_map_init(&repairs->urls, TWINS_MAX);
    repairs->may_exceed = has_request_limits(&audit->policy->judge);
    audit->repairs = repairs;
    return IW_OK;
}

void iw_repairs_free(struct iw_audit *audit)
{
    struct iw_repairs *repairs = audit->repairs;
    if (!repairs)
        return;
    for (struct iw_bundle *bundle = repairs->bundles, *next; bundle; bundle = next) {
        next = bundle->next;
        iw_arena_release(&bundle->arena);
        iw_free(bundle);
    }
    for (struct iw_repair *repair = repairs->first; repair; repair = repair->next)
        if (repair->fd >= 0)
            close(repair->fd);
    if (repairs->opened_fd >= 0)
        close(repairs->opened_fd);
    (void)iw_twins_drop(repairs);
    iw_map_release(&repairs->urls);
    iw_arena_release(&repairs->twins);
    iw_spool_release(&repairs->spool);
    pthread_mutex_destroy(&repairs->mutex);
    iw_free(repairs);
    audit->repairs = NULL;
}

bool iw_repairs_have_room(const struct iw_audit *audit)
{
    return !audit->repairs || atomic_load(&audit->repairs->tickets) < TICKETS_MAX;
}

/* ---- files ---- */

static void complain(struct iw_audit *audit, const struct iw_origin *origin, unsigned line, unsigned column,
                     bool is_incomplete, const char *text)
{
    struct iw_diag diag = {0};
    (void)iw_fail(&diag, IW_ERR_INPUT, line, column, "%s", text);
    iw_audit_complain(audit, origin->path, &diag, is_incomplete);
}

static bool is_gzip(int fd)
{
    uint8_t magic[2];
    return pread(fd, magic, sizeof magic, 0) == sizeof magic && magic[0] == 0x1F && magic[1] == 0x8B;
}

/* Why a document cannot be written anew, or NULL. */
static const char *find_hindrance(const struct iw_audit *audit, const struct iw_origin *origin)
{
    const struct iw_local *local = &audit->local;
    if (!local->is_open || local->origin != origin)
        return "a request file that is elsewhere is not repaired: download it, and name the file";
    if (!S_ISREG(local->stat.st_mode))
        return "a request file is read twice: it must be a file, not a pipe";
    if (is_gzip(local->fd))
        return "a request file that is compressed is not repaired: unpack it first";
    if (audit->repairs->count == FILES_MAX)
        return "not repaired: there are too many request files";
    return NULL;
}

/* The file that is being read, entered when it first has something to say; NULL: it is left alone. */
static enum iw_err repair_of(const struct iw_feeding *feeding, struct iw_repair **out)
{
    struct iw_audit *audit = feeding->audit;
    struct iw_origin *origin = feeding->origin;
    *out = origin->repair;
    if (origin->repair || origin->is_left_alone)
        return IW_OK;
    origin->kind = "requests";
    const char *hindrance = find_hindrance(audit, origin);
    if (hindrance) {
        origin->is_left_alone = true;
        complain(audit, origin, 0, 0, true, hindrance);
        return IW_OK;
    }
    struct iw_repairs *repairs = audit->repairs;
    struct iw_repair *repair = iw_arena_zalloc(&audit->arena, sizeof *repair);
    if (!repair)
        return IW_ERR_NOMEM;
    repair->index = repairs->count++;
    repair->path = origin->path;
    repair->stat = audit->local.stat;
    bool is_nameless = iw_str_eq(repair->path, IW_STR("-")) || repair->stat.st_nlink == 0; /* or unpacked */
    repair->fd = is_nameless || repairs->count <= KEPT_OPEN ? fcntl(audit->local.fd, F_DUPFD_CLOEXEC, 0) : -1;
    if (repairs->last)
        repairs->last->next = repair;
    else
        repairs->first = repair;
    repairs->last = repair;
    origin->repair = *out = repair;
    if (repair->fd >= 0 || !is_nameless)
        return IW_OK;
    origin->is_left_alone = true;
    complain(audit, origin, 0, 0, true, strerror(errno));
    return IW_OK;
}

static bool is_it(int fd, const struct stat *was)
{
    struct stat now;
    return fstat(fd, &now) == 0 && now.st_dev == was->st_dev && now.st_ino == was->st_ino &&
           now.st_size == was->st_size && now.st_mtim.tv_sec == was->st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == was->st_mtim.tv_nsec;
}

int iw_repair_open(struct iw_repairs *repairs, const struct iw_repair *repair)
{
    if (repair->fd >= 0)
        return repair->fd;
    if (repairs->opened == repair)
        return repairs->opened_fd;
    if (repairs->opened_fd >= 0)
        close(repairs->opened_fd);
    repairs->opened = NULL;
    repairs->opened_fd = open(repair->path.ptr, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (repairs->opened_fd < 0)
        return -1;
    if (is_it(repairs->opened_fd, &repair->stat)) {
        repairs->opened = repair;
        return repairs->opened_fd;
    }
    close(repairs->opened_fd);
    repairs->opened_fd = -1;
    errno = ESTALE;
    return -1;
}

/* ---- requests ---- */

static bool copy_str(struct iw_arena *arena, struct iw_str *text)
{
    if (text->ptr)
        *text = iw_arena_str(arena, *text);
    return arena->err == IW_OK;
}

static bool fill_ticket(struct iw_bundle *bundle, const struct iw_call *call, const struct iw_call_image *image,
                        struct iw_ticket *out)
{
    struct iw_context_parts parts = iw_call_parts(&(struct iw_lead){.call = call, .image = image});
    struct iw_arena *arena = &bundle->arena;
    out->bundle = bundle;
    out->image = *image;
    out->is_inline = image->inlined != NULL;
    if (image->inlined)
        out->inlined = *image->inlined;
    out->image.inlined = &out->inlined;
    out->setting = parts.setting;
    out->setting.model = bundle->call.model.ptr;
    out->image.said = parts.said_type;
    out->misplaced = image->inlined ? parts.misplaced : NULL;
    out->image.detail = IW_STR_NONE;
    bool is_good = copy_str(arena, &out->image.said);
    out->setting.said_type = out->image.said.ptr;
    return is_good && copy_str(arena, &out->image.text) && copy_str(arena, &out->image.path) &&
           copy_str(arena, &out->inlined.label);
}

static struct iw_bundle *bundle_new(struct iw_audit *audit, struct iw_repair *repair, const struct iw_call *call)
{
    struct iw_bundle *bundle = iw_calloc(1, sizeof *bundle);
    if (!bundle)
        return NULL;
    iw_arena_init(&bundle->arena, BUNDLE_BYTES);
    bundle->repair = repair;
    bundle->call = *call;
    bundle->call.list = NULL;
    bool is_good = copy_str(&bundle->arena, &bundle->call.custom_id) && copy_str(&bundle->arena, &bundle->call.model);
    bool is_masked = false;
    for (size_t i = 0; i < call->list_count; i++)
        is_masked = is_masked || call->list[i].is_mask;
    bundle->tickets = iw_arena_zalloc(&bundle->arena, call->list_count * sizeof *bundle->tickets);
    is_good = is_good && bundle->tickets;
    for (size_t i = 0; i < call->list_count && is_good; i++)
        if (!iw_call_image_is_kept(&call->list[i]))
            is_good = fill_ticket(bundle, call, &call->list[i], &bundle->tickets[bundle->count++]);
    for (size_t i = 0; i < bundle->count; i++)
        bundle->tickets[i].is_masked = is_masked;
    struct iw_repairs *repairs = audit->repairs;
    pthread_mutex_lock(&repairs->mutex);
    bundle->next = repairs->bundles;
    bundle->at = &repairs->bundles;
    if (bundle->next)
        bundle->next->at = &bundle->next;
    repairs->bundles = bundle;
    pthread_mutex_unlock(&repairs->mutex);
    return is_good ? bundle : NULL; /* what is not whole is freed with all */
}

/* Out of scope is what no parcel is posted for. */
static enum iw_err post_tickets(struct iw_audit *audit, struct iw_origin *origin, struct iw_bundle *bundle)
{
    size_t posted = 0;
    enum iw_err err = IW_OK;
    for (size_t i = 0; i < bundle->count && err == IW_OK; i++) {
        struct iw_ticket *ticket = &bundle->tickets[i];
        const struct iw_call_image *image = &ticket->image;
        struct iw_lead lead = {
            .url = image->text,
            .role = IW_LEAD_IMAGE,
            .line = image->line,
            .column = image->column,
            .element = image->path.ptr,
        };
        uint64_t left_out = audit->totals.out_of_scope;
        err = iw_post_ticket(audit, origin, &lead, ticket);
        posted += audit->totals.out_of_scope == left_out;
        origin->leads++;
    }
    return err == IW_OK ? iw_post_seal(audit, origin, bundle, posted) : err;
}

static void say_too_many(struct iw_audit *audit, const struct iw_origin *origin, const struct iw_call *call)
{
    struct iw_findings findings;
    iw_arena_clear(&audit->scratch);
    struct iw_setting setting = iw_call_setting(audit, call);
    struct iw_judge judge = iw_judge_of(&audit->policy->judge, &setting);
    (void)iw_check_call(&judge, call, &audit->scratch, &findings);
    for (size_t i = 0; i < findings.count; i++) {
        const struct iw_finding *finding = &findings.list[i];
        if (finding->rule != IW_RULE_request_images_over || finding->severity != IW_SEVERITY_ERROR)
            continue;
        struct iw_str text =
            iw_arena_printf(&audit->scratch, "cannot be repaired: %.*s", IW_STR_ARGS(finding->message));
        complain(audit, origin, call->line, call->column, false, text.ptr ? text.ptr : "it has too many images");
        audit->totals.request_faults++;
        return;
    }
}

static enum iw_err on_call(void *user, const struct iw_call *call)
{
    const struct iw_feeding *feeding = user;
    struct iw_audit *audit = feeding->audit;
    struct iw_repair *repair;
    enum iw_err err = repair_of(feeding, &repair);
    if (err != IW_OK || !repair || feeding->origin->is_left_alone)
        return err;
    if (call->images > 0)
        say_too_many(audit, feeding->origin, call);
    bool has_any = false;
    for (size_t i = 0; i < call->list_count && !has_any; i++)
        has_any = !iw_call_image_is_kept(&call->list[i]);
    iw_call_complain(audit, feeding->origin, call);
    if (!has_any)
        return IW_OK;
    struct iw_bundle *bundle = bundle_new(audit, repair, call);
    if (!bundle)
        return IW_ERR_NOMEM;
    atomic_fetch_add(&audit->repairs->tickets, bundle->count);
    return post_tickets(audit, feeding->origin, bundle);
}

static enum iw_err on_fault(void *user, enum iw_request_fault fault, unsigned line, unsigned column, uint64_t at,
                            struct iw_str custom_id, struct iw_str text)
{
    const struct iw_feeding *feeding = user;
    struct iw_repair *repair;
    enum iw_err err = repair_of(feeding, &repair);
    if (err != IW_OK || !repair)
        return err;
    struct iw_arena *scratch = &feeding->audit->scratch;
    iw_arena_clear(scratch);
    struct iw_str id = iw_str_sub(custom_id, 0, NAME_CHARS);
    struct iw_str said = fault == IW_FAULT_DUPLICATE_ID
                             ? iw_arena_printf(scratch, "the custom_id \"%.*s\" stands here again: %.*s",
                                               IW_STR_ARGS(id), IW_STR_ARGS(text))
                             : iw_arena_printf(scratch, "%.*s (byte %llu%s%.*s); copied as it is", IW_STR_ARGS(text),
                                               (unsigned long long)at, id.len ? ", custom_id " : "", IW_STR_ARGS(id));
    complain(feeding->audit, feeding->origin, line, column, false, said.ptr ? said.ptr : "copied as it is");
    feeding->audit->totals.request_faults++;
    return IW_OK;
}

static enum iw_err on_file(void *user, const struct iw_request_file *file)
{
    const struct iw_feeding *feeding = user;
    struct iw_repair *repair;
    enum iw_err err = repair_of(feeding, &repair);
    if (err != IW_OK || !repair)
        return err;
    iw_call_complain_models(feeding->audit, feeding->origin, file);
    repair->figures = *file;
    repair->is_whole = true;
    return IW_OK;
}

const struct iw_call_events iw_repair_events = {on_call, on_fault, on_file};

/* ---- what comes of them ---- */

size_t iw_audit_repaired_count(const struct iw_audit *audit)
{
    return audit->repairs ? audit->repairs->count : 0;
}

enum iw_err iw_audit_repaired(const struct iw_audit *audit, size_t index, struct iw_repaired *out, struct iw_diag *diag)
{
    struct iw_repairs *repairs = audit->repairs;
    const struct iw_repair *repair = repairs->first;
    while (repair->index != index)
        repair = repair->next;
    if (!repair->is_whole || audit->totals.is_incomplete || audit->err != IW_OK)
        return iw_fail(diag, IW_ERR_INPUT, 0, 0, "%.200s: not all of it was seen to: nothing was written",
                       repair->path.ptr);
    if (repair->is_spoilt || iw_spool_sort(&repairs->spool) != IW_OK)
        return iw_fail(diag, IW_ERR_IO, 0, 0, "%.200s: nothing was written: the temporary file: %s", repair->path.ptr,
                       strerror(repairs->spool.why));
    int fd = iw_repair_open(repairs, repair);
    if (fd < 0)
        return iw_fail(diag, IW_ERR_IO, 0, 0, "%.200s: %s: nothing was written", repair->path.ptr,
                       errno == ESTALE ? "it changed while it was read" : strerror(errno));
    *out = (struct iw_repaired){
        .index = repair->index,
        .path = repair->path.ptr,
        .fd = fd,
        .spool_fd = repairs->spool.text_fd,
        .stat = repair->stat,
        .figures = repair->figures,
        .bytes = (uint64_t)repair->stat.st_size,
        .result_bytes = (uint64_t)repair->stat.st_size - repair->lost_bytes + repair->added_bytes,
        .edits = repair->edits,
    };
    return IW_OK;
}

void iw_audit_edits(const struct iw_audit *audit, const struct iw_repaired *file, struct iw_repaired_edits *out)
{
    const struct iw_spool *spool = &audit->repairs->spool;
    *out = (struct iw_repaired_edits){
        .audit = audit, .index = file->index, .at = iw_spool_first(spool, file->index), .left = (size_t)file->edits};
}

enum iw_err iw_repaired_next_edit(void *user, struct iw_edit *out, bool *out_has)
{
    struct iw_repaired_edits *edits = user;
    const struct iw_spool *spool = &edits->audit->repairs->spool;
    *out_has = edits->left > 0;
    if (!*out_has)
        return IW_OK;
    const struct iw_spooled_edit *next = &spool->sorted[edits->at++];
    edits->left--;
    *out = next->edit;
    return next->file == edits->index ? IW_OK : IW_ERR_INTERNAL;
}
