/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* One target from lead to record: normalised, in scope, not seen before; asked about as its probe plans; judged; told
 * once for each reference. */
#include "base/iw.h"
#include "audit/inside.h"

#include "base/mem.h"

#include <unistd.h>

/* ---- items ---- */

static struct iw_item *item_new(struct iw_audit *audit)
{
    struct iw_item *item = audit->free_items;
    if (item) {
        audit->free_items = item->next;
        struct iw_arena arena = item->arena;
        *item = (struct iw_item){.audit = audit, .arena = arena};
        return item;
    }
    item = iw_calloc(1, sizeof *item);
    if (!item)
        return NULL;
    item->audit = audit;
    iw_arena_init(&item->arena, ITEM_ARENA_BYTES);
    return item;
}

static void item_release(struct iw_item *item)
{
    struct iw_audit *audit = item->audit;
    if (item->mend)
        iw_mend_release(item);
    iw_arena_clear(&item->arena);
    item->next = audit->free_items;
    audit->free_items = item;
}

static struct iw_item *item_take(struct iw_audit *audit)
{
    struct iw_item *item = item_new(audit);
    if (!item || !audit->pool)
        return item;
    item->mend = iw_arena_zalloc(&item->arena, sizeof *item->mend);
    if (item->mend)
        return item;
    item_release(item);
    return NULL;
}

void iw_item_free_all(struct iw_audit *audit)
{
    while (audit->free_items) {
        struct iw_item *item = audit->free_items;
        audit->free_items = item->next;
        iw_arena_release(&item->arena);
        iw_free(item);
    }
}

/* While the teller has the item its arena is not ours: the reference then comes from the audit's. */
static enum iw_err add_ref(struct iw_item *item, const struct iw_origin *origin, const struct iw_lead *lead)
{
    struct iw_ref *ref = iw_arena_zalloc(item->is_telling ? &item->audit->arena : &item->arena, sizeof *ref);
    if (!ref)
        return IW_ERR_NOMEM;
    ref->source = (struct iw_source_ref){
        .path = origin->path,
        .kind = origin->kind,
        .line = lead->line,
        .column = lead->column,
        .element = iw_str_from(lead->element),
    };
    if (item->is_telling) {
        ref->next = item->late;
        item->late = ref;
        return IW_OK;
    }
    if (item->last_ref)
        item->last_ref->next = ref;
    else
        item->refs = ref;
    item->last_ref = ref;
    return IW_OK;
}

/* ---- telling ---- */

static void count(struct iw_audit *audit, const struct iw_facts *facts)
{
    struct iw_totals *totals = &audit->totals;
    totals->targets++;
    totals->requests += facts->requests;
    totals->bytes_read += facts->bytes_read;
    if (facts->bytes_from != IW_BYTES_UNKNOWN)
        totals->bytes_weighed += facts->bytes;
}

/* Hands an item with its final facts to the teller. */
static void give(struct iw_item *item, const struct iw_facts *facts)
{
    item->facts = facts;
    item->audit->items++;
    iw_teller_give(item->audit, item);
}

static void remember(struct iw_item *item, const struct iw_facts *facts)
{
    struct iw_audit *audit = item->audit;
    uint64_t place;
    bool is_new = item->fingerprint && !item->is_again;
    uint64_t *slot = is_new ? iw_map_find(&audit->targets, item->fingerprint) : NULL;
    if (!slot)
        return;
    if (facts->failure == IW_FAILURE_CANCELLED || iw_replay_put(&audit->replay, facts, &place) != IW_OK)
        iw_map_remove(&audit->targets, item->fingerprint);
    else
        *slot = place << 1 | 1;
}

void iw_item_told(struct iw_item *item)
{
    struct iw_audit *audit = item->audit;
    if (item->mend && item->mend->stage == IW_MEND_WANTED) {
        iw_mend_queue(audit, item);
        return;
    }
    if (item->mend)
        iw_mend_count(audit, item);
    audit->totals.records += item->told;
    audit->totals.verdicts[item->verdict] += item->told;
    audit->items--;
    if (item->late && !item->mend) { /* fix tells of each image once */
        item->refs = item->late;
        item->late = NULL;
        item->last_ref = NULL;
        for (struct iw_ref *ref = item->refs; ref; ref = ref->next)
            item->last_ref = ref;
        give(item, item->facts);
        return;
    }
    remember(item, item->facts);
    item_release(item);
}

static void finish(struct iw_item *item)
{
    struct iw_facts *facts = iw_probe_facts(item->probe);
    count(item->audit, facts);
    item->audit->done++;
    item->audit->items--;
    give(item, facts);
}

/* Reports a lead that cannot be asked about. IW_ERR_NOMEM: the item is still the caller's. */
static enum iw_err refuse(struct iw_item *item, const struct iw_lead *lead, enum iw_failure failure, const char *text)
{
    struct iw_facts *facts = iw_arena_zalloc(&item->arena, sizeof *facts);
    if (!facts)
        return IW_ERR_NOMEM;
    struct iw_str url = iw_url_shorten(&item->arena, iw_str_sub(iw_str_trim(lead->url), 0, 4096));
    facts->url = iw_arena_str(&item->arena, url);
    facts->failure = failure;
    facts->error = iw_arena_str(&item->arena, iw_str_from(text));
    item->audit->found++;
    item->audit->done++;
    count(item->audit, facts);
    give(item, facts);
    return IW_OK;
}

/* ---- asking ---- */

static const struct iw_transfer_events item_events;

static void advance(struct iw_item *item)
{
    struct iw_audit *audit = item->audit;
    struct iw_habit *habit = iw_net_habit(audit->net, iw_probe_url(item->probe)->origin);
    if (!habit) {
        iw_probe_stop(item->probe, IW_FAILURE_CANCELLED, "out of memory");
        iw_audit_fail(audit, IW_ERR_NOMEM);
    }
    static const struct iw_habit none;
    struct iw_request request;
    if (!iw_probe_next(item->probe, habit ? habit : &none, &request)) {
        finish(item);
        return;
    }
    if (audit->is_stopping) {
        iw_probe_facts(item->probe)->requests--;
        iw_probe_stop(item->probe, IW_FAILURE_CANCELLED, "the run was stopped before a verdict");
        finish(item);
        return;
    }
    if (request.delay_ms)
        audit->totals.retries++;
    item->transfer.request = request;
    item->transfer.events = &item_events;
    item->transfer.user = item;
    item->transfer.arena = &item->arena;
    item->transfer.may_be_private = item->may_be_private;
    item->transfer.is_urgent = iw_probe_facts(item->probe)->requests > 1;
    if (iw_net_submit(audit->net, &item->transfer) != IW_OK) {
        iw_audit_fail(audit, IW_ERR_NOMEM);
        iw_probe_stop(item->probe, IW_FAILURE_CANCELLED, "out of memory");
        finish(item);
    }
}

static void on_begin(struct iw_transfer *transfer)
{
    struct iw_item *item = transfer->user;
    iw_probe_reconsider(item->probe, transfer->habit, &transfer->request);
    iw_trace_request(item->audit, &transfer->request);
}

static enum iw_body on_head(struct iw_transfer *transfer)
{
    struct iw_item *item = transfer->user;
    return iw_probe_on_head(item->probe, &transfer->response);
}

static enum iw_body on_body(struct iw_transfer *transfer, const uint8_t *bytes, size_t len)
{
    struct iw_item *item = transfer->user;
    return iw_probe_on_body(item->probe, bytes, len);
}

static void on_restart(struct iw_transfer *transfer)
{
    struct iw_item *item = transfer->user;
    if (item->audit->events.trace)
        item->audit->events.trace(item->audit->events.user,
                                  "  that was not the answer to this request: asked again on a connection of its own");
    iw_probe_on_restart(item->probe);
}

static void on_end(struct iw_transfer *transfer)
{
    struct iw_item *item = transfer->user;
    struct iw_audit *audit = item->audit;
    iw_trace_answer(audit, transfer);
    struct iw_transfer_figures figures = {
        .us = transfer->us,
        .body_bytes = transfer->body_bytes,
        .was_cut = transfer->was_cut,
    };
    if (transfer->response.retry_after_is_date)
        figures.now_unix_s = iw_net_unix_s();
    const char *before = iw_probe_url(item->probe)->text.ptr;
    iw_probe_on_end(item->probe, transfer->outcome, transfer->detail, &figures, transfer->habit);
    /* a redirect may lead to a private address only from one */
    if (iw_probe_url(item->probe)->text.ptr != before)
        item->may_be_private = transfer->peer_is_private;
    advance(item);
}

static const struct iw_transfer_events item_events = {on_begin, on_head, on_body, on_restart, on_end};

/* ---- leads ---- */

/* A target that was asked about before, or is on its way. True when the lead is dealt with. */
static bool is_duplicate(struct iw_item *item, const struct iw_origin *origin, const struct iw_lead *lead,
                         enum iw_err *out_err)
{
    struct iw_audit *audit = item->audit;
    uint64_t *known = iw_map_find(&audit->targets, item->fingerprint);
    if (!known)
        return false;
    audit->totals.duplicates++;
    if ((*known & 1) == 0) {
        *out_err = add_ref((struct iw_item *)(uintptr_t)*known, origin, lead);
        item_release(item);
        return true;
    }
    if (audit->pool) { /* fix tells of each image once */
        item_release(item);
        return true;
    }
    struct iw_facts *facts = iw_arena_zalloc(&item->arena, sizeof *facts);
    *out_err = facts ? iw_replay_get(&audit->replay, *known >> 1, item->url.text, &item->arena, facts) : IW_ERR_NOMEM;
    if (*out_err == IW_OK)
        *out_err = add_ref(item, origin, lead);
    item->is_again = true;
    if (*out_err == IW_OK)
        give(item, facts);
    else
        item_release(item);
    return true;
}

static enum iw_err start(struct iw_item *item, const struct iw_origin *origin, const struct iw_lead *lead)
{
    struct iw_audit *audit = item->audit;
    enum iw_err err = IW_OK;
    if (audit->policy->dedupe) {
        item->fingerprint = iw_audit_fingerprint(audit, item->url.text);
        if (is_duplicate(item, origin, lead, &err))
            return err;
        err = iw_map_add(&audit->targets, item->fingerprint, (uint64_t)(uintptr_t)item);
    }
    if (err == IW_OK)
        err = add_ref(item, origin, lead);
    item->may_be_private = origin->may_be_private;
    item->probe = iw_probe_new(&item->arena, &audit->policy->probe, &item->url, ++audit->seed);
    if (err != IW_OK || !item->probe) {
        item_release(item);
        return err != IW_OK ? err : IW_ERR_NOMEM;
    }
    audit->items++;
    audit->found++;
    advance(item);
    return audit->err;
}

static bool is_page(const struct iw_lead *lead, const struct iw_url *url)
{
    return lead->role == IW_LEAD_PAGE && !iw_image_format_of_path(url->path);
}

/* The lead's URL, rewritten and in scope. *out_skip: it is left out. */
static enum iw_err resolve(struct iw_item *item, const struct iw_origin *origin, const struct iw_lead *lead,
                           enum iw_scheme *out_scheme, bool *out_skip, struct iw_diag *diag)
{
    const struct iw_scope *scope = item->audit->policy->scope;
    const struct iw_url *base = origin->url.text.ptr ? &origin->url : NULL;
    enum iw_err err = iw_url_parse(&item->arena, lead->url, base, &item->url, out_scheme, diag);
    if (err != IW_OK || !scope)
        return err;
    struct iw_str mapped;
    err = iw_scope_remap(scope, &item->arena, item->url.text, &mapped, diag);
    if (err == IW_OK && !iw_str_eq(mapped, item->url.text))
        err = iw_url_parse(&item->arena, mapped, NULL, &item->url, out_scheme, diag);
    bool is_in = true;
    if (err == IW_OK && lead->role != IW_LEAD_DOCUMENT)
        err = iw_scope_has(scope, item->url.text, &is_in, diag);
    *out_skip = !is_in;
    return err;
}

enum iw_err iw_item_lead(struct iw_audit *audit, struct iw_origin *origin, const struct iw_lead *lead)
{
    struct iw_item *item = item_take(audit);
    if (!item)
        return IW_ERR_NOMEM;
    struct iw_diag diag = {0};
    enum iw_scheme scheme = IW_SCHEME_OTHER;
    bool skip = false;
    enum iw_err err = resolve(item, origin, lead, &scheme, &skip, &diag);
    if (err == IW_ERR_SYNTAX || err == IW_ERR_RANGE || err == IW_ERR_UNKNOWN_NAME) {
        enum iw_failure failure = err == IW_ERR_UNKNOWN_NAME ? IW_FAILURE_SCHEME : IW_FAILURE_URL_INVALID;
        err = add_ref(item, origin, lead);
        if (err == IW_OK)
            err = refuse(item, lead, failure, diag.text);
        if (err == IW_ERR_NOMEM)
            item_release(item);
        return err;
    }
    if (err == IW_ERR_PATTERN)
        iw_audit_complain(audit, iw_str_from(diag.place), &diag, true);
    if (err != IW_OK) {
        item_release(item);
        return err;
    }
    if (skip) {
        audit->totals.out_of_scope++;
    } else if (lead->role == IW_LEAD_DOCUMENT) {
        err = iw_document_add(audit, origin, &item->url, false, origin->may_be_private);
    } else if (is_page(lead, &item->url)) {
        audit->totals.pages_skipped++;
    } else {
        return start(item, origin, lead);
    }
    item_release(item);
    return err;
}

/* ---- local images ---- */

static size_t read_file(void *user, uint64_t at, uint8_t *buf, size_t len)
{
    int fd = *(const int *)user;
    ssize_t n = pread(fd, buf, len, (off_t)at);
    return n > 0 ? (size_t)n : 0;
}

enum iw_err iw_item_local(struct iw_audit *audit, struct iw_origin *origin, const char *path, int fd, uint64_t bytes)
{
    struct iw_item *item = item_take(audit);
    if (!item)
        return IW_ERR_NOMEM;
    struct iw_facts *facts = iw_arena_zalloc(&item->arena, sizeof *facts);
    static const struct iw_lead lead;
    enum iw_err err = facts ? add_ref(item, origin, &lead) : IW_ERR_NOMEM;
    if (err == IW_OK) {
        facts->url = iw_arena_str(&item->arena, iw_str_from(path));
        facts->is_local = true;
        facts->bytes = bytes;
        facts->bytes_from = IW_BYTES_FILE;
        uint64_t began = iw_net_clock_us();
        err = iw_probe_local(&item->arena, &audit->policy->probe, bytes, read_file, &fd, facts);
        facts->us = iw_net_clock_us() - began;
    }
    if (err != IW_OK) {
        item_release(item);
        return err;
    }
    audit->found++;
    audit->done++;
    count(audit, facts);
    give(item, facts);
    return audit->err;
}
