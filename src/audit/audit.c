/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The pump: keeps the network fed from the inputs as long as there is room, and counts. */
#include "base/iw.h"
#include "audit/inside.h"

#include "base/mem.h"

#include <stdio.h>
#include <sys/random.h>

enum { DRAIN_MS = 5000, TARGETS_MAX = 1 << 28, ORIGINS_BYTES = 256 << 20 };

void iw_audit_policy_default(struct iw_audit_policy *policy)
{
    *policy = (struct iw_audit_policy){
        .reader = {.max_inflated_bytes = 1u << 30, .max_bytes = 1u << 30, .max_line_bytes = 64u << 10},
        .dedupe = true,
        .max_depth = 8,
        .max_documents = 100000,
        .frontier = 16384,
    };
    policy->fix.encoder_ms = 60000;
    iw_pool_policy_default(&policy->fix.pool);
    iw_net_policy_default(&policy->net);
    iw_probe_policy_default(&policy->probe);
}

static void on_pool(void *user)
{
    iw_mend_pump(user);
}

enum iw_err iw_audit_new(const struct iw_audit_policy *policy, const struct iw_audit_events *events,
                         struct iw_audit **out, struct iw_diag *diag)
{
    struct iw_audit *audit = iw_calloc(1, sizeof *audit);
    if (!audit)
        return IW_ERR_NOMEM;
    audit->policy = policy;
    audit->events = *events;
    (void)!getrandom(&audit->key, sizeof audit->key, 0);
    audit->seed = audit->key.k0;
    iw_arena_init(&audit->arena, ORIGINS_BYTES);
    iw_map_init(&audit->targets, TARGETS_MAX);
    iw_map_init(&audit->documents_seen, policy->max_documents);
    iw_replay_init(&audit->replay);
    enum iw_err err = iw_mend_open(audit, diag);
    if (err == IW_OK)
        err = iw_net_new(&policy->net, &audit->net, diag);
    if (err == IW_OK && audit->pool)
        err = iw_net_watch(audit->net, iw_pool_fd(audit->pool), on_pool, audit);
    if (err == IW_OK)
        err = iw_teller_new(audit);
    if (err != IW_OK) {
        iw_audit_free(audit);
        return err;
    }
    *out = audit;
    return IW_OK;
}

void iw_audit_free(struct iw_audit *audit)
{
    if (!audit)
        return;
    iw_net_free(audit->net);
    iw_teller_free(audit);
    iw_mend_close(audit);
    iw_input_drop_all(audit);
    iw_document_drop_all(audit);
    iw_item_free_all(audit);
    iw_replay_release(&audit->replay);
    iw_map_release(&audit->targets);
    iw_map_release(&audit->documents_seen);
    iw_arena_release(&audit->arena);
    iw_free(audit);
}

/* ---- helpers of the room ---- */

static void mark_incomplete(struct iw_audit *audit, const char *why)
{
    if (!audit->totals.is_incomplete)
        (void)snprintf(audit->totals.incomplete_why, sizeof audit->totals.incomplete_why, "%s", why);
    audit->totals.is_incomplete = true;
}

/* Stops asking; what is in flight may end. */
static void stop(struct iw_audit *audit, uint64_t drain_ms)
{
    if (audit->is_stopping)
        return;
    audit->is_stopping = true;
    iw_mend_stop(audit, drain_ms);
    iw_net_stop(audit->net, drain_ms);
}

void iw_audit_fail(struct iw_audit *audit, enum iw_err err)
{
    if (audit->err == IW_OK)
        audit->err = err;
    mark_incomplete(audit, iw_err_text(err));
    stop(audit, 0);
}

void iw_audit_complain(struct iw_audit *audit, struct iw_str path, const struct iw_diag *diag, bool is_incomplete)
{
    struct iw_diag copy = *diag;
    size_t len = IW_MIN(path.len, sizeof copy.place - 1);
    if (path.ptr)
        memcpy(copy.place, path.ptr, len);
    copy.place[path.ptr ? len : 0] = '\0';
    audit->totals.complaints++;
    if (is_incomplete)
        mark_incomplete(audit, "an input could not be read to its end");
    audit->events.complaint(audit->events.user, &copy);
}

struct iw_origin *iw_origin_new(struct iw_audit *audit, struct iw_str path, const char *kind, unsigned depth)
{
    struct iw_origin *origin = iw_arena_zalloc(&audit->arena, sizeof *origin);
    if (!origin)
        return NULL;
    origin->path = iw_arena_str(&audit->arena, path.ptr ? path : IW_STR(""));
    origin->kind = kind;
    origin->depth = depth;
    return origin->path.ptr ? origin : NULL;
}

uint64_t iw_audit_fingerprint(const struct iw_audit *audit, struct iw_str text)
{
    uint64_t hash = iw_hash64(&audit->key, text.ptr, text.len);
    return hash ? hash : 1;
}

bool iw_audit_has_room(const struct iw_audit *audit)
{
    return audit->items < audit->policy->frontier && iw_net_is_hungry(audit->net);
}

/* ---- driving ---- */

static bool pump(void *user)
{
    struct iw_audit *audit = user;
    iw_teller_collect(audit, false);
    iw_mend_pump(audit);
    if (audit->is_stopping) {
        bool is_judging =
            audit->pool && iw_teller_out(audit) > 0; /* each may want mending, and be told that it gets none */
        if (is_judging)
            iw_teller_hurry(audit);
        return is_judging || iw_mend_is_busy(audit);
    }
    bool more = iw_input_pump(audit);
    /* the frontier is full, and nothing but the teller can make room */
    while (more && !audit->is_stopping && !iw_audit_has_room(audit) && iw_teller_out(audit) == audit->items) {
        iw_teller_collect(audit, true);
        more = iw_input_pump(audit);
    }
    iw_document_start_some(audit);
    if (audit->pool && !more && !audit->documents && iw_teller_out(audit) > 0)
        iw_teller_hurry(audit); /* what is still to be judged may want mending */
    bool is_mending = audit->pool && (iw_mend_is_busy(audit) || iw_teller_out(audit) > 0);
    return is_mending || (!audit->is_stopping && (more || audit->documents));
}

static void tick(void *user)
{
    struct iw_audit *audit = user;
    iw_teller_hurry(audit);
    if (audit->events.tick)
        audit->events.tick(audit->events.user);
}

static void interrupt(void *user, int nth)
{
    struct iw_audit *audit = user;
    if (nth > 1)
        return;
    mark_incomplete(audit, "interrupted");
    stop(audit, DRAIN_MS);
}

enum iw_err iw_audit_run(struct iw_audit *audit)
{
    struct iw_net_driver driver = {
        .pump = pump,
        .tick = tick,
        .interval_ms = audit->events.tick_ms ? audit->events.tick_ms : 100,
        .interrupt = interrupt,
        .user = audit,
    };
    uint64_t began_us = iw_net_clock_us();
    enum iw_err err = iw_net_run(audit->net, &driver);
    while (iw_teller_out(audit) > 0)
        iw_teller_collect(audit, true);
    audit->totals.elapsed_ms = (iw_net_clock_us() - began_us) / 1000;
    if (err != IW_OK)
        iw_audit_fail(audit, err);
    return audit->err;
}

const struct iw_totals *iw_audit_totals(struct iw_audit *audit)
{
    return &audit->totals;
}

void iw_audit_progress(struct iw_audit *audit, struct iw_audit_progress *out)
{
    iw_net_figures(audit->net, &out->net);
    out->found = audit->found;
    out->done = audit->done;
    out->to_mend = audit->to_mend;
    out->mended = audit->mended;
    out->is_reading = audit->local.is_open || audit->inputs || audit->documents || audit->documents_open;
}

const struct iw_pool *iw_audit_pool(const struct iw_audit *audit)
{
    return audit->pool;
}

const struct iw_net *iw_audit_net(const struct iw_audit *audit)
{
    return audit->net;
}
