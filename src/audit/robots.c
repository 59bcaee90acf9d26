/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* --robots: what robots.txt of each origin says, asked for once by whoever needs it first: the lane of the host, on the
 * connection that its images use, or the reader, for a document that was found. Whoever else waits is told (RFC 9309
 * section 2.3). What is known changes no more, so it is read without the table's mutex. */
#include "base/iw.h"
#include "audit/inside.h"

#include "base/mem.h"

#include <stdio.h>

/* KEPT_BYTES: of all rules; beyond, a further robots.txt counts as one that cannot be read. */
enum { FETCH_ARENA_BYTES = 1 << 20, REDIRECTS_MAX = 5, RETRY_MS = 1000, KEPT_BYTES = 256 << 20, ORIGINS_MAX = 1 << 22 };

/* robots.txt on its way. */
struct fetch {
    struct iw_robots_seat *seat;
    struct iw_robots *robots;
    struct iw_robots_sets sets;
    struct iw_arena arena;
    struct iw_url url;
    struct iw_transfer transfer;
    size_t seen_bytes;
    unsigned redirects, retries;
};

static const struct iw_transfer_events fetch_events;

/* ---- the table ---- */

void iw_robots_table_init(struct iw_robots_table *table)
{
    pthread_mutex_init(&table->mutex, NULL);
    iw_map_init(&table->origins, ORIGINS_MAX);
}

void iw_robots_table_release(struct iw_robots_table *table)
{
    while (table->all) {
        struct iw_robots *robots = table->all;
        table->all = robots->next;
        iw_robots_sets_free(&robots->sets);
        iw_free(robots);
    }
    iw_map_release(&table->origins);
    pthread_mutex_destroy(&table->mutex);
}

static struct iw_robots *robots_new(struct iw_robots_table *table, uint64_t hash, struct iw_str origin)
{
    struct iw_robots *robots = iw_calloc(1, sizeof *robots + origin.len);
    if (!robots || iw_map_add(&table->origins, hash, (uint64_t)(uintptr_t)robots) != IW_OK) {
        iw_free(robots);
        return NULL;
    }
    memcpy(robots->text, origin.ptr, origin.len);
    robots->origin = (struct iw_str){robots->text, origin.len};
    robots->next = table->all;
    table->all = robots;
    return robots;
}

struct iw_robots *iw_robots_of(struct iw_robots_seat *seat, struct iw_str origin, bool may_be_private)
{
    struct iw_robots_table *table = &seat->audit->robots;
    uint64_t hash = iw_hash64(&seat->audit->key, origin.ptr, origin.len);
    pthread_mutex_lock(&table->mutex);
    const uint64_t *found = iw_map_find(&table->origins, hash);
    struct iw_robots *robots = found ? (struct iw_robots *)(uintptr_t)*found : robots_new(table, hash, origin);
    if (robots && !found) {
        robots->may_be_private = may_be_private;
        *(seat->todo_first ? &seat->todo_last->next_todo : &seat->todo_first) = robots;
        seat->todo_last = robots;
    }
    if (robots && !iw_robots_is_known(robots))
        robots->is_awaited[!seat->lane] = true;
    pthread_mutex_unlock(&table->mutex);
    return robots;
}

bool iw_robots_is_known(const struct iw_robots *robots)
{
    return atomic_load_explicit(&robots->is_known, memory_order_acquire);
}

static void tell(struct iw_robots_seat *seat, struct iw_robots *robots)
{
    robots->next_news[!seat->lane] = seat->news;
    seat->news = robots;
    iw_net_wake(seat->net);
}

/* From now on it changes no more. */
static void settle(struct iw_robots_seat *seat, struct iw_robots *robots, enum iw_robots_kind kind, const char *why)
{
    struct iw_audit *audit = seat->audit;
    (void)snprintf(robots->why, sizeof robots->why, "%s", why);
    pthread_mutex_lock(&audit->robots.mutex);
    size_t size = iw_robots_sets_size(&robots->sets);
    robots->kind = kind;
    if (size > KEPT_BYTES - audit->robots.kept_bytes) {
        robots->kind = IW_ROBOTS_LATER;
        (void)snprintf(robots->why, sizeof robots->why, "there is no room for more rules");
        iw_robots_sets_free(&robots->sets);
    } else {
        audit->robots.kept_bytes += size;
    }
    atomic_store_explicit(&robots->is_known, true, memory_order_release);
    if (robots->is_awaited[0])
        tell(&iw_lane_of(audit, robots->origin)->robots, robots);
    if (robots->is_awaited[1])
        tell(&audit->robots_seat, robots);
    pthread_mutex_unlock(&audit->robots.mutex);
}

struct iw_robots *iw_robots_take_news(struct iw_robots_seat *seat)
{
    pthread_mutex_lock(&seat->audit->robots.mutex);
    struct iw_robots *news = seat->news;
    seat->news = NULL;
    pthread_mutex_unlock(&seat->audit->robots.mutex);
    for (struct iw_robots *robots = news; robots; robots = robots->next_news[!seat->lane])
        if (robots->sets.list[0])
            iw_net_space(seat->net, robots->origin, iw_robots_rules_delay_ms(robots->sets.list[0]) * 1000);
    return news;
}

/* ---- asking ---- */

static void fetch_free(struct fetch *fetch)
{
    iw_robots_sets_free(&fetch->sets);
    iw_arena_release(&fetch->arena);
    iw_free(fetch);
}

static void out_of_memory(struct iw_robots_seat *seat)
{
    if (seat->lane)
        iw_lane_fail(seat->lane, IW_ERR_NOMEM);
    else
        iw_audit_fail(seat->audit, IW_ERR_NOMEM);
}

static void end(struct fetch *fetch, enum iw_robots_kind kind, const char *why)
{
    if (kind == IW_ROBOTS_RULES) {
        fetch->robots->sets = fetch->sets;
        fetch->sets = (struct iw_robots_sets){0};
    }
    settle(fetch->seat, fetch->robots, kind, why);
    fetch_free(fetch);
}

static void fail(struct fetch *fetch)
{
    out_of_memory(fetch->seat);
    end(fetch, IW_ROBOTS_LATER, "out of memory");
}

static void submit(struct fetch *fetch, uint64_t delay_ms)
{
    struct iw_robots_seat *seat = fetch->seat;
    fetch->transfer.request = (struct iw_request){
        .method = IW_METHOD_GET, .url = fetch->url, .delay_ms = delay_ms, .why = "what robots may do"};
    fetch->transfer.events = &fetch_events;
    fetch->transfer.user = fetch;
    fetch->transfer.arena = &fetch->arena;
    fetch->transfer.is_urgent = fetch->transfer.wants_encoding = true;
    fetch->seen_bytes = 0;
    iw_trace_request(&seat->audit->events, &fetch->transfer.request);
    seat->totals->requests++;
    seat->totals->retries += delay_ms > 0;
    iw_robots_sets_free(&fetch->sets);
    if (!iw_robots_sets_new(&seat->audit->agents, &fetch->sets) || iw_net_submit(seat->net, &fetch->transfer) != IW_OK)
        fail(fetch);
}

static void start(struct iw_robots_seat *seat, struct iw_robots *robots)
{
    struct fetch *fetch = iw_calloc(1, sizeof *fetch);
    if (!fetch) {
        out_of_memory(seat);
        settle(seat, robots, IW_ROBOTS_LATER, "out of memory");
        return;
    }
    fetch->seat = seat;
    fetch->robots = robots;
    iw_arena_init(&fetch->arena, FETCH_ARENA_BYTES);
    struct iw_str text = iw_arena_printf(&fetch->arena, "%.*s/robots.txt", IW_STR_ARGS(robots->origin));
    fetch->transfer.may_be_private = robots->may_be_private;
    if (!text.ptr || iw_url_parse(&fetch->arena, text, NULL, &fetch->url, NULL, NULL) != IW_OK)
        fail(fetch);
    else
        submit(fetch, 0);
}

static struct iw_robots *take_todo(struct iw_robots_seat *seat)
{
    struct iw_robots *robots = seat->todo_first;
    if (robots)
        seat->todo_first = robots->next_todo;
    return robots;
}

void iw_robots_pump(struct iw_robots_seat *seat, bool is_stopping)
{
    struct iw_robots *robots;
    while (is_stopping && (robots = take_todo(seat)) != NULL)
        settle(seat, robots, IW_ROBOTS_LATER, "the run was stopped");
    while (seat->todo_first && iw_net_is_hungry(seat->net))
        start(seat, take_todo(seat));
}

/* ---- its answer ---- */

static bool is_there(const struct iw_transfer *transfer)
{
    return transfer->response.status >= 200 && transfer->response.status <= 299;
}

static enum iw_body on_head(struct iw_transfer *transfer)
{
    return is_there(transfer) ? IW_BODY_READ : iw_document_no_body(&transfer->response);
}

static enum iw_body on_body(struct iw_transfer *transfer, const uint8_t *bytes, size_t len)
{
    struct fetch *fetch = transfer->user;
    if (!is_there(transfer))
        return IW_BODY_DRAIN;
    fetch->seen_bytes += len;
    if (iw_robots_sets_feed(&fetch->sets, (const char *)bytes, len) != IW_OK)
        out_of_memory(fetch->seat);
    return fetch->seen_bytes > IW_ROBOTS_BYTES ? IW_BODY_STOP : IW_BODY_READ;
}

static void on_restart(struct iw_transfer *transfer)
{
    struct fetch *fetch = transfer->user;
    iw_robots_sets_free(&fetch->sets);
    fetch->seen_bytes = 0;
    (void)iw_robots_sets_new(&fetch->seat->audit->agents, &fetch->sets);
}

/* True when the redirect is followed. One that leads nowhere, or the sixth, is no robots.txt (section 2.3.1.2). */
static bool redirect(struct fetch *fetch)
{
    const struct iw_response *r = &fetch->transfer.response;
    struct iw_url target;
    if (r->status < 301 || r->status > 308 || r->location.len == 0 || fetch->redirects++ >= REDIRECTS_MAX ||
        iw_url_parse(&fetch->arena, r->location, &fetch->url, &target, NULL, NULL) != IW_OK)
        return false;
    fetch->url = target;
    fetch->transfer.may_be_private = fetch->transfer.peer_is_private;
    submit(fetch, 0);
    return true;
}

static void on_answer(struct fetch *fetch)
{
    char why[64];
    int status = fetch->transfer.response.status;
    (void)snprintf(why, sizeof why, "HTTP status %d", status);
    if (is_there(&fetch->transfer)) {
        if (iw_robots_sets_finish(&fetch->sets) == IW_OK)
            end(fetch, IW_ROBOTS_RULES, "");
        else
            fail(fetch);
    } else if (!redirect(fetch)) {
        end(fetch, status >= 500 || status == 429 ? IW_ROBOTS_LATER : IW_ROBOTS_NONE, why);
    }
}

static void on_end(struct iw_transfer *transfer)
{
    struct fetch *fetch = transfer->user;
    struct iw_robots_seat *seat = fetch->seat;
    bool is_stopping = seat->lane ? seat->lane->is_stopping : seat->audit->is_stopping;
    seat->totals->bytes_read += transfer->body_bytes;
    iw_trace_answer(&seat->audit->events, transfer);
    if (is_stopping || !fetch->sets.list[0])
        end(fetch, IW_ROBOTS_LATER, "the run was stopped");
    else if (iw_document_may_pass(transfer) && fetch->retries < seat->audit->policy->probe.max_retries)
        submit(fetch, (uint64_t)RETRY_MS << fetch->retries++);
    else if (transfer->outcome == IW_OUTCOME_OK)
        on_answer(fetch);
    else if (transfer->outcome == IW_OUTCOME_DNS || transfer->outcome == IW_OUTCOME_PRIVATE)
        end(fetch, IW_ROBOTS_NOBODY, "there is nobody to be asked");
    else
        end(fetch, IW_ROBOTS_LATER, transfer->detail[0] ? transfer->detail : "the host does not answer");
}

static const struct iw_transfer_events fetch_events = {
    .head = on_head, .body = on_body, .restart = on_restart, .end = on_end};

/* ---- what it says ---- */

static enum iw_failure judge_path(const struct iw_robots *robots, const struct iw_url *url, struct iw_arena *arena,
                                  struct iw_str *out_why)
{
    struct iw_robots_word word;
    uint64_t delay_ms = iw_robots_rules_delay_ms(robots->sets.list[0]);
    struct iw_str path = iw_str_skip(url->text, url->origin.len);
    if (iw_robots_judge(robots->sets.list[0], path, &word) != IW_OK)
        return IW_FAILURE_CANCELLED;
    if (word.line == 0)
        *out_why = IW_STR("no line of robots.txt is about it");
    else
        *out_why = iw_arena_printf(arena, "line %u of robots.txt %s it for " IW_ROBOTS_AGENT ": %s: %.*s", word.line,
                                   word.is_allowed ? "allows" : "disallows", word.is_allowed ? "Allow" : "Disallow",
                                   IW_STR_ARGS(iw_str_sub(word.pattern, 0, 200)));
    if (word.is_allowed && delay_ms > IW_ROBOTS_DELAY_MAX_MS) {
        *out_why = iw_arena_printf(arena, "robots.txt wants %.0f s between two requests, more than %d s",
                                   (double)delay_ms / 1000, IW_ROBOTS_DELAY_MAX_MS / 1000);
        return IW_FAILURE_ROBOTS;
    }
    return word.is_allowed ? IW_FAILURE_NONE : IW_FAILURE_ROBOTS;
}

enum iw_failure iw_robots_may(const struct iw_robots *robots, const struct iw_url *url, bool may_be_private,
                              struct iw_arena *arena, struct iw_str *out_why)
{
    /* nobody was asked; one that may have a private address could be */
    bool is_nobody = robots->kind == IW_ROBOTS_NOBODY && (!may_be_private || robots->may_be_private);
    bool is_open = robots->kind == IW_ROBOTS_NONE || is_nobody;
    if (robots->kind == IW_ROBOTS_RULES)
        return judge_path(robots, url, arena, out_why);
    *out_why = iw_arena_printf(
        arena, is_open ? "there is no robots.txt: %s" : "robots.txt cannot be read, so nothing is asked for now: %s",
        robots->why);
    return is_open ? IW_FAILURE_NONE : IW_FAILURE_ROBOTS_LATER;
}
