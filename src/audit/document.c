/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Documents that are fetched: sitemaps, robots.txt, lists, pages, style sheets. Recognised by their first bytes; what
 * turns out to be no document is weighed as an image when the operator named it. Redirects are followed here, each hop
 * checked. */
#include "base/iw.h"
#include "audit/repair.h"

#include "base/mem.h"

#include <stdio.h>

enum { OPEN_AT_ONCE = 16, DOCUMENT_ARENA_BYTES = 1 << 20, RETRY_MS = 1000 };

static const struct iw_transfer_events document_events;

/* ---- leads of a document ---- */

const struct iw_source *iw_feeding_kind(struct iw_feeding *feeding)
{
    const struct iw_source *kind = iw_reader_kind(*feeding->reader);
    if (kind && feeding->origin->kind != kind->name)
        feeding->origin->kind = kind->name;
    return kind;
}

static enum iw_err on_lead(void *user, const struct iw_lead *lead)
{
    struct iw_feeding *feeding = user;
    if (lead->call && feeding->audit->policy->fix.is_on)
        return IW_OK; /* its request comes as a whole */
    const struct iw_source *kind = iw_feeding_kind(feeding);
    if (kind && kind->serves != IW_LEAD_DOCUMENT)
        feeding->origin->names_files = feeding->origin->root.ptr != NULL;
    feeding->origin->leads += lead->role != IW_LEAD_LINK;
    return iw_post_lead(feeding->audit, feeding->origin, lead);
}

static void on_complaint(void *user, unsigned line, unsigned column, const char *text)
{
    struct iw_feeding *feeding = user;
    struct iw_diag diag = {0};
    (void)iw_fail(&diag, IW_ERR_SYNTAX, line, column, "%s", text);
    iw_audit_complain(feeding->audit, feeding->origin->path, &diag, false);
}

void iw_feeding_events(struct iw_feeding *feeding, struct iw_source_events *out)
{
    bool is_fix = feeding->audit->policy->fix.is_on;
    *out = (struct iw_source_events){.lead = on_lead,
                                     .complaint = on_complaint,
                                     .user = feeding,
                                     .calls = is_fix ? &iw_repair_events : &iw_feeding_calls};
}

/* The row for this kind and what was made of it; the last one is for all that find no other. */
static struct iw_read_as *read_as_of(struct iw_audit *audit, const char *kind, const char *how)
{
    for (size_t i = 0; i < audit->totals.read_as_count; i++) {
        struct iw_read_as *row = &audit->read_as[i];
        if (!row->kind || (strcmp(row->kind, kind) == 0 && strcmp(row->how, how) == 0))
            return row;
    }
    struct iw_read_as *row = &audit->read_as[audit->totals.read_as_count++];
    if (audit->totals.read_as_count < IW_READ_AS_MAX) {
        row->kind = kind;
        (void)snprintf(row->how, sizeof row->how, "%s", how);
    }
    return row;
}

void iw_feeding_end(struct iw_audit *audit, const struct iw_origin *origin, const struct iw_reader *reader)
{
    const struct iw_source *kind = reader ? iw_reader_kind(reader) : NULL;
    if (!kind)
        return;
    struct iw_buf how;
    iw_buf_init(&how, 1024);
    iw_reader_describe(reader, &how);
    iw_buf_add_char(&how, '\0');
    struct iw_read_as *row = read_as_of(audit, kind->name, how.err == IW_OK ? how.ptr : "");
    row->documents++;
    row->urls += origin->leads;
    iw_buf_release(&how);
}

/* ---- life ---- */

static void document_free(struct iw_document *doc)
{
    iw_reader_free(doc->reader);
    iw_buf_release(&doc->head);
    iw_arena_release(&doc->arena);
    iw_free(doc);
}

static void push(struct iw_audit *audit, struct iw_errand *errand)
{
    errand->next = NULL;
    if (audit->last_errand)
        audit->last_errand->next = errand;
    else
        audit->errands = errand;
    audit->last_errand = errand;
}

enum iw_err iw_document_leave_out(struct iw_audit *audit, struct iw_str path, bool is_deep)
{
    struct iw_diag diag = {0};
    if (!is_deep && audit->has_said_most)
        return IW_OK;
    audit->has_said_most = audit->has_said_most || !is_deep;
    (void)iw_fail(&diag, IW_ERR_LIMIT, 0, 0,
                  is_deep ? "not read: nested deeper than %u" : "not read, nor what follows: more than %u documents",
                  is_deep ? audit->policy->max_depth : audit->policy->max_documents);
    iw_audit_complain(audit, path, &diag, true);
    return IW_OK;
}

enum iw_err iw_document_add(struct iw_audit *audit, const struct iw_origin *from, const struct iw_url *url,
                            struct iw_errand errand)
{
    uint64_t fingerprint = iw_audit_fingerprint(audit, url->text);
    if (iw_map_find(&audit->documents_seen, fingerprint))
        return IW_OK; /* a cycle, or named twice */
    bool is_link = errand.role == IW_LEAD_LINK;
    unsigned depth = from ? from->depth + !is_link : 0;
    bool is_deep = depth > audit->policy->max_depth;
    if (is_deep || audit->documents_seen.count >= audit->policy->max_documents)
        return iw_document_leave_out(audit, url->text, is_deep);
    if (iw_map_add(&audit->documents_seen, fingerprint, 1) != IW_OK)
        return IW_ERR_NOMEM;
    struct iw_errand *copy = iw_arena_alloc(&audit->arena, sizeof *copy);
    if (!copy)
        return IW_ERR_NOMEM;
    *copy = errand;
    copy->origin = iw_origin_new(audit, url->text, errand.role == IW_LEAD_STYLE ? "css" : "sitemap", depth);
    if (!copy->origin)
        return IW_ERR_NOMEM;
    copy->obeys = from && audit->policy->obeys_robots && !audit->policy->is_dry;
    copy->origin->link_depth = from ? from->link_depth + is_link : 0;
    push(audit, copy);
    return IW_OK;
}

static struct iw_document *document_new(struct iw_audit *audit, const struct iw_errand *errand)
{
    struct iw_document *doc = iw_calloc(1, sizeof *doc);
    if (!doc)
        return NULL;
    doc->audit = audit;
    iw_arena_init(&doc->arena, DOCUMENT_ARENA_BYTES);
    iw_buf_init(&doc->head, SNIFF_BYTES * 2 + CHUNK_BYTES);
    doc->origin = errand->origin;
    doc->role = errand->role == IW_LEAD_LINK ? IW_LEAD_PAGE : errand->role;
    doc->may_be_image = errand->may_be_image;
    doc->may_be_private = errand->may_be_private;
    doc->obeys = errand->obeys;
    if (iw_url_parse(&doc->arena, errand->origin->path, NULL, &doc->url, NULL, NULL) == IW_OK)
        return doc;
    document_free(doc);
    return NULL;
}

static void done(struct iw_document *doc)
{
    if (--doc->audit->documents_open == 0 && !doc->audit->errands)
        atomic_store(&doc->audit->clients, 1);
    document_free(doc);
}

/* What cannot be submitted is done with. */
static void submit(struct iw_document *doc, uint64_t delay_ms)
{
    struct iw_audit *audit = doc->audit;
    doc->transfer.request =
        (struct iw_request){.method = IW_METHOD_GET, .url = doc->url, .delay_ms = delay_ms, .why = "the document"};
    doc->transfer.events = &document_events;
    doc->transfer.user = doc;
    doc->transfer.arena = &doc->arena;
    doc->transfer.may_be_private = doc->may_be_private;
    doc->transfer.is_urgent = true;
    doc->transfer.wants_encoding = true;
    doc->transfer.is_long = true;
    iw_trace_request(&audit->events, &doc->transfer.request);
    audit->totals.requests++;
    if (iw_net_submit(audit->net, &doc->transfer) == IW_OK)
        return;
    iw_audit_fail(audit, IW_ERR_NOMEM);
    done(doc);
}

/* ---- robots.txt ---- */

enum leave { LEAVE_GIVEN, LEAVE_WAITS, LEAVE_REFUSED };

/* What robots.txt says of a document that was found. *out_robots: it waits for this. That a site forbids it leaves
 * nothing undone; that robots.txt cannot be read does. */
static enum leave ask_leave(struct iw_audit *audit, const struct iw_origin *origin, const struct iw_url *url,
                            bool may_be_private, struct iw_robots **out_robots)
{
    struct iw_diag diag = {0};
    struct iw_str why = IW_STR_NONE;
    struct iw_robots *robots = iw_robots_of(&audit->robots_seat, url->origin, may_be_private);
    *out_robots = robots;
    if (robots && !iw_robots_is_known(robots))
        return LEAVE_WAITS;
    enum iw_failure failure =
        robots ? iw_robots_may(robots, url, may_be_private, &audit->scratch, &why) : IW_FAILURE_NONE;
    if (!why.ptr) {
        iw_audit_fail(audit, IW_ERR_NOMEM);
        return LEAVE_REFUSED;
    }
    if (failure == IW_FAILURE_NONE)
        return LEAVE_GIVEN;
    (void)iw_fail(&diag, IW_ERR_INPUT, 0, 0, "not read: %.*s", IW_STR_ARGS(why));
    iw_audit_complain(audit, origin->path, &diag, failure != IW_FAILURE_ROBOTS);
    return LEAVE_REFUSED;
}

/* False: the errand waits, or is left out. */
static bool may_start(struct iw_audit *audit, struct iw_errand *errand)
{
    struct iw_robots *robots;
    struct iw_url url;
    iw_arena_clear(&audit->scratch);
    if (!errand->obeys || iw_url_parse(&audit->scratch, errand->origin->path, NULL, &url, NULL, NULL) != IW_OK)
        return true;
    enum leave leave = ask_leave(audit, errand->origin, &url, errand->may_be_private, &robots);
    if (leave == LEAVE_WAITS) {
        errand->next = robots->errands;
        robots->errands = errand;
        audit->errands_held++;
    }
    return leave == LEAVE_GIVEN;
}

/* Where a redirect led: as far as that is allowed. */
static void go_on(struct iw_document *doc)
{
    struct iw_robots *robots;
    iw_arena_clear(&doc->audit->scratch);
    enum leave leave = doc->audit->is_stopping ? LEAVE_REFUSED
                       : !doc->obeys           ? LEAVE_GIVEN
                                     : ask_leave(doc->audit, doc->origin, &doc->url, doc->may_be_private, &robots);
    if (leave == LEAVE_WAITS) {
        doc->next = robots->documents;
        robots->documents = doc;
    } else if (leave == LEAVE_GIVEN) {
        submit(doc, 0);
    } else {
        done(doc);
    }
}

void iw_document_hear_robots(struct iw_audit *audit)
{
    struct iw_robots *next;
    for (struct iw_robots *robots = iw_robots_take_news(&audit->robots_seat); robots; robots = next) {
        struct iw_document *docs = robots->documents;
        next = robots->next_news[1];
        robots->documents = NULL;
        for (struct iw_document *doc = docs; doc; doc = docs) {
            docs = doc->next;
            go_on(doc);
        }
        for (struct iw_errand *errand = robots->errands; errand; errand = robots->errands) {
            robots->errands = errand->next;
            audit->errands_held--;
            errand->next = audit->errands;
            audit->errands = errand;
            if (!audit->last_errand)
                audit->last_errand = errand;
        }
    }
}

void iw_document_start_some(struct iw_audit *audit)
{
    while (audit->errands && audit->documents_open < OPEN_AT_ONCE && iw_audit_has_room(audit)) {
        struct iw_errand *errand = audit->errands;
        audit->errands = errand->next;
        if (!audit->errands)
            audit->last_errand = NULL;
        if (!may_start(audit, errand))
            continue;
        struct iw_document *doc = document_new(audit, errand);
        if (!doc) {
            iw_audit_fail(audit, IW_ERR_NOMEM);
            return;
        }
        audit->documents_open++;
        atomic_store(&audit->clients, 2);
        submit(doc, 0);
    }
}

/* ---- reading ---- */

static enum iw_err open_reader(struct iw_document *doc, const struct iw_source *kind)
{
    struct iw_audit *audit = doc->audit;
    struct iw_feeding *feeding = iw_arena_zalloc(&doc->arena, sizeof *feeding);
    if (!feeding)
        return IW_ERR_NOMEM;
    *feeding = (struct iw_feeding){audit, doc->origin, &doc->reader};
    struct iw_source_events events;
    iw_feeding_events(feeding, &events);
    doc->origin->url = doc->url;
    if (iw_url_parse(&audit->arena, doc->url.text, NULL, &doc->origin->url, NULL, NULL) != IW_OK)
        return IW_ERR_NOMEM;
    doc->origin->wishes = iw_robots_wishes(doc->transfer.response.robots_tag);
    doc->origin->may_be_private = doc->transfer.peer_is_private || doc->may_be_private;
    enum iw_err err = iw_reader_new(kind, doc->url.path, &audit->policy->reader, &events, &doc->reader);
    if (err != IW_OK)
        return err;
    iw_reader_expect(doc->reader, doc->role);
    return iw_reader_content_type(doc->reader, doc->transfer.response.content_type_all);
}

/* A page may begin with text: then its label decides. */
static const struct iw_source *kind_by_label(const struct iw_document *doc)
{
    struct iw_str type = doc->transfer.response.content_type, head = iw_buf_str(&doc->head);
    bool is_html = iw_str_eq(type, IW_STR("text/html")) || iw_str_eq(type, IW_STR("application/xhtml+xml"));
    bool is_text = iw_str_find(head, '\0') == head.len;
    return doc->role == IW_LEAD_PAGE && is_html && is_text ? iw_source_find(IW_STR("html")) : NULL;
}

/* Decides what the first bytes are; true when the reader is open or the document is an image. */
static bool decide(struct iw_document *doc, bool is_end)
{
    if (doc->reader || doc->is_image || doc->is_failed)
        return true;
    if (doc->head.len < SNIFF_BYTES && !is_end)
        return false;
    bool is_gzip = false;
    const struct iw_source *from = doc->role == IW_LEAD_IMAGE ? doc->audit->policy->from : NULL, *kind = from;
    if (!kind)
        kind = iw_source_sniff(iw_buf_str(&doc->head), doc->url.path, doc->role, &is_gzip);
    if (!kind && !is_gzip)
        from = kind = kind_by_label(doc);
    if (!kind && !is_gzip && doc->may_be_image) {
        doc->is_image = true;
        return true;
    }
    enum iw_err err = open_reader(doc, from);
    if (err == IW_OK)
        err = iw_reader_feed(doc->reader, doc->head.ptr, doc->head.len, &doc->diag);
    if (err != IW_OK) {
        doc->is_failed = true;
        doc->diag.code = err;
    }
    iw_buf_clear(&doc->head);
    return true;
}

enum iw_body iw_document_no_body(const struct iw_response *response)
{
    return response->has_content_length && response->content_length < CHUNK_BYTES ? IW_BODY_DRAIN : IW_BODY_STOP;
}

static enum iw_body on_head(struct iw_transfer *transfer)
{
    return transfer->response.status == 200 ? IW_BODY_READ : iw_document_no_body(&transfer->response);
}

static enum iw_body on_body(struct iw_transfer *transfer, const uint8_t *bytes, size_t len)
{
    struct iw_document *doc = transfer->user;
    if (transfer->response.status != 200)
        return IW_BODY_DRAIN;
    if (doc->is_failed || doc->is_image || doc->audit->is_stopping)
        return IW_BODY_STOP;
    if (doc->reader) {
        doc->diag.code = iw_reader_feed(doc->reader, (const char *)bytes, len, &doc->diag);
        doc->is_failed = doc->diag.code != IW_OK;
    } else {
        iw_buf_add(&doc->head, bytes, len);
        (void)decide(doc, false);
    }
    return doc->is_failed || doc->is_image ? IW_BODY_STOP : IW_BODY_READ;
}

static void on_restart(struct iw_transfer *transfer)
{
    struct iw_document *doc = transfer->user;
    iw_reader_free(doc->reader);
    doc->reader = NULL;
    doc->is_failed = doc->is_image = false;
    iw_buf_clear(&doc->head);
}

/* ---- the end ---- */

static void weigh_instead(struct iw_document *doc)
{
    struct iw_audit *audit = doc->audit;
    struct iw_origin *origin = iw_origin_new(audit, IW_STR_NONE, "argument", 0);
    struct iw_lead lead = {.url = doc->url.text, .role = IW_LEAD_IMAGE};
    if (!origin) {
        iw_audit_fail(audit, IW_ERR_NOMEM);
        return;
    }
    origin->may_be_private = doc->may_be_private;
    enum iw_err err = iw_post_lead(audit, origin, &lead);
    if (err != IW_OK)
        iw_audit_fail(audit, err);
}

static bool is_of_page(const struct iw_document *doc)
{
    return doc->role == IW_LEAD_PAGE || doc->role == IW_LEAD_STYLE;
}

/* What a document names and what is not there has no images: nothing is missing from the audit. */
static bool is_gone(const struct iw_document *doc)
{
    int status = doc->transfer.outcome == IW_OUTCOME_OK ? doc->transfer.response.status : 0;
    return doc->role != IW_LEAD_IMAGE && (status == 404 || status == 410);
}

/* A sitemap that is not there is a finding: whoever lists it is to mend that, or its images are in nobody's index. */
static void tell_gone(struct iw_document *doc, const char *why)
{
    struct iw_audit *audit = doc->audit;
    struct iw_findings findings;
    iw_arena_clear(&audit->scratch);
    struct iw_str message = iw_arena_printf(&audit->scratch, "the sitemap is not there: %s", why);
    struct iw_context_parts parts = {.findings = &findings, .verdict = iw_check_missing(message, &findings)};
    enum iw_err err = message.ptr ? iw_post_notice(audit, doc->origin, &parts, 1, 1) : IW_ERR_NOMEM;
    if (err != IW_OK)
        iw_audit_fail(audit, err);
}

static void give_up(struct iw_document *doc, const char *why)
{
    bool is_listed = doc->role == IW_LEAD_DOCUMENT && !doc->audit->policy->fix.is_on;
    if (doc->may_be_image && !doc->audit->policy->from) {
        weigh_instead(doc);
    } else {
        struct iw_diag diag = {0};
        (void)iw_fail(&diag, IW_ERR_INPUT, 0, 0, "cannot be read: %s", why);
        iw_audit_complain(doc->audit, doc->origin->path, &diag, !is_gone(doc));
        if (is_gone(doc) && is_listed)
            tell_gone(doc, why);
    }
    done(doc);
}

bool iw_document_may_pass(const struct iw_transfer *transfer)
{
    int status = transfer->response.status;
    if (transfer->outcome != IW_OUTCOME_OK)
        return transfer->outcome == IW_OUTCOME_TIMEOUT || transfer->outcome == IW_OUTCOME_RESET ||
               transfer->outcome == IW_OUTCOME_CONNECT || transfer->outcome == IW_OUTCOME_DNS_LATER;
    return status == 408 || status == 425 || status == 429 || status >= 500;
}

static bool redirect(struct iw_document *doc)
{
    const struct iw_response *r = &doc->transfer.response;
    if (r->status < 301 || r->status > 308 || r->location.len == 0)
        return false;
    if (doc->redirects++ >= doc->audit->policy->probe.max_redirects) {
        give_up(doc, "too many redirects");
        return true;
    }
    struct iw_url target;
    if (iw_url_parse(&doc->arena, r->location, &doc->url, &target, NULL, NULL) != IW_OK) {
        give_up(doc, "it redirects to what cannot be fetched");
        return true;
    }
    doc->url = target;
    doc->may_be_private = doc->transfer.peer_is_private;
    go_on(doc);
    return true;
}

static void finish(struct iw_document *doc)
{
    struct iw_audit *audit = doc->audit;
    if (!decide(doc, true) || doc->is_image) {
        weigh_instead(doc);
        done(doc);
        return;
    }
    if (!doc->is_failed && doc->transfer.was_cut) {
        doc->is_failed = true; /* only a stopped run cuts a healthy document */
        (void)iw_fail(&doc->diag, IW_ERR_INTERRUPTED, 0, 0, "not read to its end");
    }
    if (!doc->is_failed) {
        doc->diag.code = iw_reader_finish(doc->reader, &doc->diag);
        doc->is_failed = doc->diag.code != IW_OK;
    }
    if (doc->is_failed && audit->err == IW_OK)
        iw_audit_complain(audit, doc->origin->path, &doc->diag,
                          !is_of_page(doc) || doc->diag.code != IW_ERR_INPUT); /* a page may be a PDF */
    iw_feeding_end(audit, doc->origin, doc->reader);
    audit->totals.documents++;
    done(doc);
}

static void on_end(struct iw_transfer *transfer)
{
    struct iw_document *doc = transfer->user;
    struct iw_audit *audit = doc->audit;
    audit->totals.bytes_read += transfer->body_bytes;
    iw_trace_answer(&audit->events, transfer);
    if (transfer->outcome == IW_OUTCOME_OK && redirect(doc))
        return;
    if (transfer->outcome == IW_OUTCOME_OK && transfer->response.status == 200) {
        finish(doc);
        return;
    }
    bool is_begun = doc->reader != NULL; /* its leads are out: a second reading would only repeat them */
    if (!is_begun && !audit->is_stopping && iw_document_may_pass(transfer) &&
        doc->retries < audit->policy->probe.max_retries) {
        uint64_t delay = (uint64_t)RETRY_MS << doc->retries++;
        audit->totals.retries++;
        submit(doc, delay);
        return;
    }
    char why[200];
    if (transfer->outcome == IW_OUTCOME_OK)
        (void)snprintf(why, sizeof why, "HTTP status %d", transfer->response.status);
    else
        (void)snprintf(why, sizeof why, "%s", transfer->detail[0] ? transfer->detail : "the connection broke off");
    if (is_begun)
        doc->may_be_image = false;
    give_up(doc, why);
}

static const struct iw_transfer_events document_events = {
    .head = on_head, .body = on_body, .restart = on_restart, .end = on_end};
