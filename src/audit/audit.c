/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The reader: keeps the lanes fed from the inputs as long as there is room, waits for their end, and sums up. */
#include "base/iw.h"
#include "audit/repair.h"

#include "base/mem.h"

#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

enum {
    DRAIN_MS = 5000,
    ORIGINS_BYTES = 256 << 20,
    SCRATCH_BYTES = 1 << 20,
    LANES_MAX = 64,
    BUSY_HOSTS = 3,
    ELEMENTS_MAX = 10000
};

void iw_audit_policy_default(struct iw_audit_policy *policy)
{
    *policy = (struct iw_audit_policy){
        .reader = {.max_inflated_bytes = 1u << 30,
                   .max_bytes = 1u << 30,
                   .max_page_bytes = 4u << 20,
                   .max_line_bytes = 64u << 10},
        .dedupe = true,
        .max_depth = 8,
        .max_documents = 100000,
        .frontier = 200000,
    };
    policy->fix.encoder_ms = 60000;
    iw_pool_policy_default(&policy->fix.pool);
    iw_net_policy_default(&policy->net);
    iw_probe_policy_default(&policy->probe);
}

/* One per core, as long as each one's share of what is asked at once is enough for a host; fix has its pool on one
 * loop, and explain tells one story. */
static unsigned choose_lanes(const struct iw_audit_policy *policy, const struct iw_audit_events *events)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned at_once = policy->net.max_concurrency, of_a_host = IW_MAX(policy->net.host_concurrency, 1u);
    unsigned lanes = policy->lanes ? policy->lanes : IW_MIN(cores > 0 ? (unsigned)cores : 1, at_once / of_a_host);
    if (policy->fix.is_on || events->trace)
        lanes = 1;
    return IW_MAX(IW_MIN(IW_MIN(lanes, (unsigned)LANES_MAX), at_once), 1u);
}

/* One descriptor short, and requests would fail that are none's fault. */
static void fit_descriptors(struct iw_audit *audit, unsigned lanes)
{
    struct iw_net_policy *net = &audit->net_policy;
    struct iw_diag diag = {0};
    *net = audit->policy->net;
    net->max_concurrency = (net->max_concurrency + lanes - 1) / lanes;
    unsigned wanted = net->max_concurrency;
    atomic_store(&audit->clients, 1);
    net->clients = &audit->clients;
    iw_net_fit(net, lanes + 1);
    audit->places.most = IW_MIN(audit->policy->net.max_concurrency, net->max_concurrency * lanes);
    if (net->max_concurrency == wanted)
        return;
    (void)iw_fail(&diag, IW_ERR_LIMIT, 0, 0,
                  "only %u requests at once in each lane: there are too few descriptors (ulimit -n)",
                  net->max_concurrency);
    audit->events.complaint(audit->events.user, &diag);
}

static enum iw_err open_lanes(struct iw_audit *audit, unsigned count, struct iw_diag *diag)
{
    audit->lanes = iw_calloc(count, sizeof *audit->lanes);
    if (!audit->lanes)
        return IW_ERR_NOMEM;
    audit->lane_count = count;
    enum iw_err err = IW_OK;
    for (unsigned i = 0; i < count && err == IW_OK; i++)
        err = iw_lane_open(audit, &audit->lanes[i], i, diag);
    return err;
}

enum iw_err iw_audit_new(const struct iw_audit_policy *policy, const struct iw_audit_events *events,
                         struct iw_audit **out, struct iw_diag *diag)
{
    struct iw_audit *audit = iw_calloc(1, sizeof *audit);
    if (!audit)
        return IW_ERR_NOMEM;
    iw_image_prepare();
    audit->policy = policy;
    audit->events = *events;
    (void)!getrandom(&audit->key, sizeof audit->key, 0);
    iw_arena_init(&audit->arena, ORIGINS_BYTES);
    iw_arena_init(&audit->scratch, SCRATCH_BYTES);
    iw_buf_init(&audit->known, SCRATCH_BYTES);
    iw_map_init(&audit->documents_seen, policy->max_documents);
    iw_map_init(&audit->elements, ELEMENTS_MAX);
    iw_robots_table_init(&audit->robots);
    iw_robots_agents_init(&audit->agents, &policy->judge);
    audit->totals.read_as = audit->read_as;
    unsigned lanes = choose_lanes(policy, events);
    fit_descriptors(audit, lanes);
    enum iw_err err = iw_trust_new(audit->net_policy.cacert, &audit->net_policy.trust, diag);
    audit->addresses.most = IW_MAX(policy->net.address_concurrency, policy->net.host_concurrency);
    audit->net_policy.addresses = &audit->addresses;
    struct iw_net_policy for_documents = audit->net_policy;
    for_documents.host_concurrency = IW_MAX(for_documents.host_concurrency / 2, 1u);
    if (err == IW_OK)
        err = iw_net_new(&for_documents, &audit->net, diag);
    audit->robots_seat = (struct iw_robots_seat){.audit = audit, .net = audit->net, .totals = &audit->totals};
    audit->net_policy.places = &audit->places;
    if (err == IW_OK)
        err = open_lanes(audit, lanes, diag);
    if (err == IW_OK)
        err = iw_teller_new(audit);
    if (err == IW_OK && policy->fix.is_on)
        err = iw_repairs_new(audit);
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
    for (unsigned i = 0; i < audit->lane_count; i++)
        iw_lane_close(&audit->lanes[i]);
    iw_teller_free(audit);
    iw_free(audit->lanes);
    iw_input_drop_all(audit);
    iw_net_free(audit->net);
    iw_trust_free(audit->net_policy.trust);
    iw_repairs_free(audit);
    iw_map_release(&audit->documents_seen);
    iw_map_release(&audit->elements);
    iw_robots_table_release(&audit->robots);
    iw_arena_release(&audit->scratch);
    iw_buf_release(&audit->known);
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
static void stop(struct iw_audit *audit, bool is_drained)
{
    if (audit->is_stopping)
        return;
    audit->is_stopping = true;
    for (unsigned i = 0; i < audit->lane_count; i++)
        iw_lane_stop(&audit->lanes[i], is_drained);
    iw_net_stop(audit->net, is_drained ? DRAIN_MS : 0);
}

void iw_audit_fail(struct iw_audit *audit, enum iw_err err)
{
    if (audit->err == IW_OK)
        audit->err = err;
    mark_incomplete(audit, iw_err_text(err));
    stop(audit, false);
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
    return atomic_load_explicit(&audit->waiting, memory_order_relaxed) < audit->policy->frontier &&
           atomic_load_explicit(&audit->contexts, memory_order_relaxed) < IW_CONTEXTS_MAX &&
           iw_repairs_have_room(audit);
}

/* ---- driving ---- */

/* Says that it waits before it looks again, so that no lane's word is missed. */
static bool read_some(struct iw_audit *audit)
{
    bool more = iw_input_pump(audit);
    iw_post_flush(audit);
    if (more && !iw_audit_has_room(audit)) {
        atomic_store(&audit->reader_waits, true);
        if (iw_audit_has_room(audit))
            iw_net_wake(audit->net);
    }
    return more;
}

static bool is_reading(const struct iw_audit *audit)
{
    return audit->local.is_open || audit->inputs || audit->errands || audit->documents_open || audit->errands_held;
}

/* All is posted: the lanes may end when they have nothing left. */
static void say_end(struct iw_audit *audit)
{
    if (audit->has_said_end)
        return;
    audit->has_said_end = true;
    iw_post_flush(audit);
    for (unsigned i = 0; i < audit->lane_count; i++)
        iw_lane_end(&audit->lanes[i]);
}

static bool pump(void *user)
{
    struct iw_audit *audit = user;
    int lane_err = atomic_load(&audit->lane_err);
    if (lane_err != IW_OK && !audit->is_stopping)
        iw_audit_fail(audit, (enum iw_err)lane_err);
    iw_robots_pump(&audit->robots_seat, audit->is_stopping);
    iw_document_hear_robots(audit);
    if (!audit->is_stopping) {
        (void)read_some(audit);
        iw_document_start_some(audit);
        iw_post_flush(audit);
    }
    if (audit->is_stopping ? audit->documents_open == 0 : !is_reading(audit))
        say_end(audit);
    return atomic_load(&audit->lanes_running) > 0;
}

static void tick(void *user)
{
    struct iw_audit *audit = user;
    iw_post_flush(audit);
    if (audit->events.tick)
        audit->events.tick(audit->events.user);
}

static void interrupt(void *user, int nth)
{
    struct iw_audit *audit = user;
    if (nth > 1)
        return;
    mark_incomplete(audit, "interrupted");
    stop(audit, true);
}

static void show_status(void *user)
{
    struct iw_audit *audit = user;
    if (audit->events.status)
        audit->events.status(audit->events.user);
}

static void start_lanes(struct iw_audit *audit)
{
    atomic_store(&audit->lanes_running, audit->lane_count);
    for (unsigned i = 0; i < audit->lane_count; i++) {
        enum iw_err err = iw_lane_start(&audit->lanes[i]);
        if (err == IW_OK)
            continue;
        atomic_fetch_sub(&audit->lanes_running, 1);
        iw_audit_fail(audit, err);
    }
}

enum iw_err iw_audit_run(struct iw_audit *audit)
{
    struct iw_net_driver driver = {
        .pump = pump,
        .tick = tick,
        .interval_ms = audit->events.tick_ms ? audit->events.tick_ms : 100,
        .interrupt = interrupt,
        .status = show_status,
        .user = audit,
    };
    uint64_t began_us = iw_net_clock_us();
    start_lanes(audit);
    enum iw_err err = iw_net_run(audit->net, &driver);
    if (err != IW_OK)
        iw_audit_fail(audit, err);
    say_end(audit);
    for (unsigned i = 0; i < audit->lane_count; i++)
        iw_lane_join(&audit->lanes[i]);
    audit->totals.elapsed_ms = (iw_net_clock_us() - began_us) / 1000;
    if (atomic_load(&audit->lane_err) != IW_OK)
        iw_audit_fail(audit, (enum iw_err)atomic_load(&audit->lane_err));
    return audit->err;
}

/* ---- sums ---- */

static void add_totals(struct iw_totals *sum, const struct iw_totals *more)
{
    sum->records += more->records;
    sum->targets += more->targets;
    for (size_t i = 0; i < IW_VERDICT_COUNT; i++)
        sum->verdicts[i] += more->verdicts[i];
    for (size_t i = 0; i < IW_VERDICT_COUNT; i++)
        sum->notice_verdicts[i] += more->notice_verdicts[i];
    for (size_t i = 0; i < IW_ACTION_COUNT; i++)
        sum->actions[i] += more->actions[i];
    sum->notices += more->notices;
    sum->duplicates += more->duplicates;
    sum->requests += more->requests;
    sum->bytes_read += more->bytes_read;
    sum->bytes_weighed += more->bytes_weighed;
    sum->retries += more->retries;
    sum->bytes_before += more->bytes_before;
    sum->bytes_after += more->bytes_after;
    sum->tokens_before += more->tokens_before;
    sum->tokens_after += more->tokens_after;
    sum->fix_us += more->fix_us;
    sum->fix_cpu_us += more->fix_cpu_us;
    sum->worker_peak_bytes = IW_MAX(sum->worker_peak_bytes, more->worker_peak_bytes);
}

const struct iw_totals *iw_audit_totals(struct iw_audit *audit)
{
    audit->sum = audit->totals;
    for (unsigned i = 0; i < audit->lane_count; i++) {
        struct iw_lane_news news;
        iw_lane_news(&audit->lanes[i], &news);
        add_totals(&audit->sum, &news.totals);
    }
    iw_teller_tokens(audit, audit->sum.tokens);
    return &audit->sum;
}

void iw_audit_progress(struct iw_audit *audit, struct iw_audit_progress *out)
{
    *out = (struct iw_audit_progress){.is_reading = is_reading(audit)};
    for (unsigned i = 0; i < audit->lane_count; i++) {
        struct iw_lane_news news;
        iw_lane_news(&audit->lanes[i], &news);
        out->net.queued += news.net.queued;
        out->net.in_flight += news.net.in_flight;
        out->net.is_full = out->net.is_full || news.net.is_full;
        out->net.is_starved = out->net.is_starved || news.net.is_starved;
        out->net.is_crowded = out->net.is_crowded || news.net.is_crowded;
        out->found += news.found;
        out->done += news.done;
        out->to_mend += news.to_mend;
        out->mended += news.mended;
        for (size_t k = 0; k < news.busy_count; k++)
            iw_busy_insert(out->busy, &out->busy_count, IW_ARRAY_LEN(out->busy), &news.busy[k]);
    }
}

const struct iw_pool *iw_audit_pool(const struct iw_audit *audit)
{
    return audit->lanes[0].pool;
}
