/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* From leads to lanes. A lead is resolved, rewritten and found in or out of scope here; what is to be weighed is packed
 * into a batch of the lane to which its host is hashed, so that one lane alone ever asks a host. */
#include "base/iw.h"
#include "audit/repair.h"

#include "base/mem.h"

#define NO_FILE  "there is no such file"
#define UNWANTED "the page asks robots to leave its images alone (noimageindex)"

enum { BATCH_BYTES = 64 << 10, ALIGN = 8, WHY_MAX = 512, TEXT_MAX = 4096 };

struct iw_lane *iw_lane_of(const struct iw_audit *audit, struct iw_str origin)
{
    if (audit->lane_count == 1)
        return &audit->lanes[0];
    return &audit->lanes[iw_hash64(&audit->key, origin.ptr, origin.len) % audit->lane_count];
}

/* ---- batches ---- */

static void send(struct iw_lane *lane)
{
    struct iw_batch *batch = lane->filling;
    if (!batch || batch->count == 0)
        return;
    lane->filling = NULL;
    iw_lane_post(lane, batch);
}

void iw_post_flush(struct iw_audit *audit)
{
    for (unsigned i = 0; i < audit->lane_count; i++)
        send(&audit->lanes[i]);
}

/* A batch that the lane has read, or a new one; larger ones for longer texts are not kept. */
static struct iw_batch *batch_take(struct iw_lane *lane, size_t size)
{
    if (size > BATCH_BYTES)
        return iw_calloc(1, sizeof(struct iw_batch) + size);
    pthread_mutex_lock(&lane->mutex);
    struct iw_batch *batch = lane->spare;
    if (batch)
        lane->spare = batch->next;
    pthread_mutex_unlock(&lane->mutex);
    if (!batch)
        batch = iw_malloc(sizeof *batch + BATCH_BYTES);
    if (batch)
        *batch = (struct iw_batch){0};
    return batch;
}

enum iw_err iw_post_parcel(struct iw_audit *audit, struct iw_lane *lane, struct iw_parcel *parcel, struct iw_str text,
                           struct iw_str more)
{
    parcel->text_len = (uint32_t)text.len;
    parcel->more_len = (uint32_t)more.len;
    size_t size = (sizeof *parcel + text.len + 1 + more.len + 1 + ALIGN - 1) / ALIGN * ALIGN;
    parcel->size = (uint32_t)size;
    if (lane->filling && lane->filling->len + size > BATCH_BYTES)
        send(lane);
    if (!lane->filling)
        lane->filling = batch_take(lane, size);
    if (!lane->filling) {
        if (parcel->has_context)
            iw_context_free(parcel->context);
        return IW_ERR_NOMEM;
    }
    uint8_t *to = lane->filling->bytes + lane->filling->len;
    memcpy(to, parcel, sizeof *parcel);
    to += sizeof *parcel;
    memcpy(to, text.ptr, text.len);
    to[text.len] = '\0';
    if (more.len)
        memcpy(to + text.len + 1, more.ptr, more.len);
    to[text.len + 1 + more.len] = '\0';
    lane->filling->len += size;
    lane->filling->count++;
    atomic_fetch_add_explicit(&audit->waiting, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&audit->pending, 1, memory_order_relaxed);
    return IW_OK;
}

/* ---- leads ---- */

/* The audit's copy of a lead's element. Names of columns are any text: beyond the ceiling they are left out. */
static enum iw_err keep_element(struct iw_audit *audit, const char *element, const char **out)
{
    *out = NULL;
    if (!element)
        return IW_OK;
    if (!audit->element || strcmp(audit->element, element) != 0) {
        struct iw_str text = iw_str_from(element);
        uint64_t fingerprint = iw_audit_fingerprint(audit, text);
        const uint64_t *found = iw_map_find(&audit->elements, fingerprint);
        if (!found && audit->elements.count == audit->elements.ceiling)
            return IW_OK;
        const char *copy = found ? (const char *)(uintptr_t)*found : iw_arena_str(&audit->arena, text).ptr;
        if (!copy || (!found && iw_map_add(&audit->elements, fingerprint, (uintptr_t)copy) != IW_OK))
            return IW_ERR_NOMEM;
        audit->element = copy;
    }
    *out = audit->element;
    return IW_OK;
}

/* Whether it is an image, as far as can be said; else a document to be read, or nothing. */
static bool is_weighed(const struct iw_lead *lead, const struct iw_url *url)
{
    bool may_be_image = lead->role == IW_LEAD_PAGE || lead->role == IW_LEAD_FILE;
    return lead->role == IW_LEAD_IMAGE || (may_be_image && iw_image_format_of_path(url->path));
}

/* What the page asks of robots, where they are to be obeyed. */
static bool is_unwanted(const struct iw_audit *audit, const struct iw_origin *origin, const struct iw_lead *lead)
{
    if (!audit->policy->obeys_robots)
        return false;
    unsigned wishes = lead->wishes | (strcmp(origin->kind, "html") == 0 ? origin->wishes : 0);
    return wishes & (lead->role == IW_LEAD_LINK ? IW_WISH_NO_LINKS : IW_WISH_NO_IMAGES);
}

/* Documents are read, not weighed: include and exclude do not choose among them. A link is followed on its host, and
 * where it does not name an image. */
static enum iw_err post_document(struct iw_audit *audit, const struct iw_origin *origin, const struct iw_lead *lead,
                                 const struct iw_url *url)
{
    struct iw_errand errand = {.role = lead->role, .may_be_private = origin->may_be_private};
    bool is_near = origin->link_depth < audit->policy->max_link_depth && iw_str_eq(url->host, origin->url.host);
    if (lead->role == IW_LEAD_FILE)
        return IW_OK;
    if (lead->role == IW_LEAD_LINK && (!is_near || iw_image_format_of_path(url->path)))
        return IW_OK;
    if (is_unwanted(audit, origin, lead))
        return IW_OK;
    if (lead->role == IW_LEAD_PAGE && audit->policy->pages == IW_PAGES_SKIP) {
        audit->totals.pages_skipped++;
        return IW_OK;
    }
    return iw_document_add(audit, origin, url, errand);
}

/* The lead's URL, rewritten and in scope. *out_skip: it is left out. */
static enum iw_err resolve(struct iw_audit *audit, const struct iw_origin *origin, const struct iw_lead *lead,
                           struct iw_url *url, enum iw_scheme *out_scheme, bool *out_skip, struct iw_diag *diag)
{
    const struct iw_scope *scope = audit->policy->scope;
    const struct iw_url *base = origin->url.text.ptr ? &origin->url : NULL;
    struct iw_url stated;
    if (lead->base.len && iw_url_parse(&audit->scratch, lead->base, base, &stated, NULL, NULL) == IW_OK)
        base = &stated;
    enum iw_err err = iw_url_parse(&audit->scratch, lead->url, base, url, out_scheme, diag);
    if (err != IW_OK || !scope)
        return err;
    struct iw_str mapped;
    err = iw_scope_remap(scope, &audit->scratch, url->text, &mapped, diag);
    if (err == IW_OK && !iw_str_eq(mapped, url->text))
        err = iw_url_parse(&audit->scratch, mapped, NULL, url, out_scheme, diag);
    bool is_in = true;
    if (err == IW_OK && is_weighed(lead, url))
        err = iw_scope_has(scope, url->text, &is_in, diag);
    *out_skip = !is_in;
    return err;
}

/* What was known of a target before, as bytes. */
static enum iw_err know(struct iw_audit *audit, struct iw_str url, struct iw_str *out, bool *out_is_told)
{
    struct iw_facts facts = {0};
    const struct iw_audit_events *events = &audit->events;
    enum iw_err err = events->known ? events->known(events->user, url, &audit->scratch, &facts, out_is_told) : IW_OK;
    if (err != IW_OK || !facts.url.ptr)
        return err;
    iw_buf_clear(&audit->known);
    iw_saved_add(&audit->known, &facts);
    *out = iw_buf_str(&audit->known);
    return audit->known.err == IW_OK ? IW_OK : IW_ERR_NOMEM;
}

static enum iw_err post_target(struct iw_audit *audit, struct iw_parcel *parcel, const struct iw_url *url)
{
    parcel->kind = IW_PARCEL_TARGET;
    parcel->scheme = (uint8_t)url->scheme;
    parcel->port = url->port;
    parcel->origin_len = (uint32_t)url->origin.len;
    parcel->path_len = (uint32_t)url->path.len;
    parcel->host_at = (uint16_t)(url->host.ptr - url->text.ptr);
    parcel->host_len = (uint16_t)url->host.len;
    struct iw_str known = IW_STR_NONE;
    enum iw_err err = know(audit, url->text, &known, &parcel->is_told);
    return err == IW_OK ? iw_post_parcel(audit, iw_lane_of(audit, url->origin), parcel, url->text, known) : err;
}

static enum iw_err post_refused(struct iw_audit *audit, struct iw_parcel *parcel, struct iw_str text,
                                enum iw_failure failure, const char *why)
{
    struct iw_str url = iw_url_shorten(&audit->scratch, iw_str_sub(text, 0, TEXT_MAX));
    parcel->kind = IW_PARCEL_REFUSED;
    parcel->failure = (uint8_t)failure;
    return iw_post_parcel(audit, &audit->lanes[0], parcel, url, iw_str_sub(iw_str_from(why), 0, WHY_MAX));
}

struct iw_place iw_post_place(const struct iw_lead *lead)
{
    return (struct iw_place){
        .width_px = lead->place_width_px,
        .height_px = lead->place_height_px & 0x7fffffffu,
        .is_exact = lead->place_is_exact,
    };
}

static enum iw_err post_complaint(struct iw_audit *audit, const struct iw_origin *origin, const struct iw_lead *lead,
                                  const char *why)
{
    struct iw_diag diag = {0};
    (void)iw_fail(&diag, IW_ERR_INPUT, lead->line, lead->column, "%.200s: %s",
                  iw_arena_str(&audit->scratch, lead->url).ptr, why);
    iw_audit_complain(audit, origin->path, &diag, false);
    return IW_OK;
}

/* A reference of a local page to a file of its tree. */
static enum iw_err post_file(struct iw_audit *audit, struct iw_origin *origin, const struct iw_lead *lead,
                             struct iw_parcel *parcel)
{
    struct iw_file file;
    struct iw_diag diag = {0};
    bool is_near = origin->link_depth < audit->policy->max_link_depth, is_in = true;
    enum iw_err err = iw_file_find(&audit->scratch, origin, lead, &file);
    if (err != IW_OK)
        return err;
    bool has_image_name = iw_image_format_of_path(file.path) != NULL;
    bool is_weighed = lead->role == IW_LEAD_IMAGE || (lead->role == IW_LEAD_FILE && has_image_name);
    if (lead->role == IW_LEAD_STYLE && (file.why || file.is_missing))
        return post_complaint(audit, origin, lead, file.why ? file.why : NO_FILE);
    if (lead->role == IW_LEAD_LINK && (file.why || file.is_missing || has_image_name || !is_near))
        return IW_OK;
    if (is_weighed && file.why)
        return post_refused(audit, parcel, iw_str_trim(lead->url), IW_FAILURE_URL_INVALID, file.why);
    if (is_weighed && audit->policy->scope)
        err = iw_scope_has(audit->policy->scope, file.path, &is_in, &diag);
    audit->totals.out_of_scope += !is_in;
    if (err != IW_OK || !is_in || (!is_weighed && lead->role == IW_LEAD_FILE))
        return err;
    if (is_unwanted(audit, origin, lead))
        return is_weighed ? post_refused(audit, parcel, file.path, IW_FAILURE_ROBOTS, UNWANTED) : IW_OK;
    if (!is_weighed)
        return iw_input_add_found(audit, origin, lead, &file);
    if (file.is_missing)
        return post_refused(audit, parcel, file.path, IW_FAILURE_NOT_IMAGE, NO_FILE);
    parcel->kind = IW_PARCEL_LOCAL;
    return iw_post_parcel(audit, iw_lane_of(audit, file.path), parcel, file.path, IW_STR_NONE);
}

/* What the request says that holds it. */
static enum iw_err attach_context(struct iw_audit *audit, const struct iw_lead *lead, struct iw_parcel *parcel)
{
    if (!lead->image || parcel->ticket)
        return IW_OK;
    struct iw_context_parts parts = iw_call_parts(lead);
    struct iw_context *context = iw_context_new(audit, &parts);
    if (!context)
        return IW_ERR_NOMEM;
    parcel->context = context;
    parcel->has_context = true;
    return IW_OK;
}

enum iw_err iw_post_in_scope(struct iw_audit *audit, struct iw_str text, bool *out_in)
{
    struct iw_diag diag = {0};
    *out_in = true;
    enum iw_err err = audit->policy->scope ? iw_scope_has(audit->policy->scope, text, out_in, &diag) : IW_OK;
    if (err == IW_ERR_PATTERN)
        iw_audit_complain(audit, iw_str_from(diag.place), &diag, true);
    audit->totals.out_of_scope += !*out_in;
    return err;
}

/* What cannot be asked for: told as it is, or passed over. */
static enum iw_err post_odd(struct iw_audit *audit, struct iw_origin *origin, const struct iw_lead *lead,
                            struct iw_parcel *parcel, enum iw_failure failure, struct iw_diag *diag)
{
    if (lead->role == IW_LEAD_LINK || lead->role == IW_LEAD_FILE)
        return IW_OK;
    if (lead->role == IW_LEAD_STYLE) { /* no image, and perhaps some that are missed */
        diag->line = lead->line;
        diag->column = lead->column;
        iw_audit_complain(audit, origin->path, diag, false);
        return IW_OK;
    }
    enum iw_err err = attach_context(audit, lead, parcel);
    return err == IW_OK ? post_refused(audit, parcel, iw_str_trim(lead->url), failure, diag->text) : err;
}

enum iw_err iw_post_url(struct iw_audit *audit, struct iw_origin *origin, const struct iw_lead *lead,
                        struct iw_ticket *ticket)
{
    struct iw_diag diag = {0};
    struct iw_url url;
    enum iw_scheme scheme = IW_SCHEME_OTHER;
    bool skip = false;
    struct iw_parcel parcel = {
        .origin = origin, .place = iw_post_place(lead), .line = lead->line, .column = lead->column};
    parcel.ticket = ticket;
    parcel.element = lead->element; /* a ticket's outlives it */
    enum iw_err err = ticket || lead->image ? IW_OK : keep_element(audit, lead->element, &parcel.element);
    if (err != IW_OK)
        return err;
    if (iw_file_is_named(origin, lead))
        return post_file(audit, origin, lead, &parcel);
    err = resolve(audit, origin, lead, &url, &scheme, &skip, &diag);
    bool is_named = lead->role == IW_LEAD_IMAGE || lead->role == IW_LEAD_PAGE;
    if (err == IW_ERR_UNKNOWN_NAME && scheme == IW_SCHEME_DATA && is_named && !audit->policy->fix.is_on)
        return iw_post_data_uri(audit, origin, lead);
    if (err == IW_ERR_UNKNOWN_NAME)
        return post_odd(audit, origin, lead, &parcel, IW_FAILURE_SCHEME, &diag);
    if (err == IW_ERR_SYNTAX || err == IW_ERR_RANGE)
        return post_odd(audit, origin, lead, &parcel, IW_FAILURE_URL_INVALID, &diag);
    if (err == IW_ERR_PATTERN)
        iw_audit_complain(audit, iw_str_from(diag.place), &diag, true);
    if (err != IW_OK)
        return err;
    if (skip) {
        audit->totals.out_of_scope++;
        return IW_OK;
    }
    if (!is_weighed(lead, &url))
        return post_document(audit, origin, lead, &url);
    if (is_unwanted(audit, origin, lead))
        return post_refused(audit, &parcel, url.text, IW_FAILURE_ROBOTS, UNWANTED);
    err = attach_context(audit, lead, &parcel);
    return err == IW_OK ? post_target(audit, &parcel, &url) : err;
}

enum iw_err iw_post_lead(struct iw_audit *audit, struct iw_origin *origin, const struct iw_lead *lead)
{
    iw_arena_clear(&audit->scratch);
    bool is_of_call = lead->image && !audit->policy->fix.is_on;
    return is_of_call ? iw_post_call_image(audit, origin, lead) : iw_post_url(audit, origin, lead, NULL);
}

enum iw_err iw_post_ticket(struct iw_audit *audit, struct iw_origin *origin, const struct iw_lead *lead,
                           struct iw_ticket *ticket)
{
    iw_arena_clear(&audit->scratch);
    if (!ticket->is_inline)
        return iw_post_url(audit, origin, lead, ticket);
    struct iw_parcel parcel = {
        .origin = origin,
        .element = lead->element,
        .ticket = ticket,
        .line = lead->line,
        .column = lead->column,
        .kind = IW_PARCEL_TICKET,
    };
    return iw_post_parcel(audit, &audit->lanes[0], &parcel, lead->url, IW_STR_NONE);
}

enum iw_err iw_post_seal(struct iw_audit *audit, struct iw_origin *origin, struct iw_bundle *bundle, size_t count)
{
    struct iw_parcel parcel = {.origin = origin, .bundle = bundle, .line = (uint32_t)count, .kind = IW_PARCEL_SEAL};
    return iw_post_parcel(audit, &audit->lanes[0], &parcel, IW_STR(""), IW_STR_NONE);
}

enum iw_err iw_post_local(struct iw_audit *audit, struct iw_origin *origin, const char *path)
{
    struct iw_str text = iw_str_from(path);
    struct iw_parcel parcel = {.origin = origin, .kind = IW_PARCEL_LOCAL};
    return iw_post_parcel(audit, iw_lane_of(audit, text), &parcel, text, IW_STR_NONE);
}
