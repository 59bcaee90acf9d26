/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Asks about one item, as its probe plans and robots.txt allows, until all is known; by another lane where a redirect
 * leads to a host of that one. */
#include "base/iw.h"
#include "audit/inside.h"

/* All is known; at another lane's the item goes home first. */
static void end(struct iw_item *item)
{
    if (item->lane == item->home) {
        iw_item_finish(item);
        return;
    }
    item->is_over = true;
    item->lane = item->home;
    iw_lane_visit(item->home, item);
}

static const struct iw_transfer_events item_events;

/* A redirect may lead to a host of another lane: that one asks on, and the item comes home when all is known. */
static bool hand_over(struct iw_item *item)
{
    struct iw_lane *to = iw_lane_of(item->home->audit, iw_probe_url(item->probe)->origin);
    if (to == item->lane)
        return false;
    item->is_away = to != item->home;
    item->lane = to;
    iw_lane_visit(to, item);
    return true;
}

/* What robots.txt says of the URL that is to be asked for now. False: it is not known yet, and the item waits for it;
 * that is so only where a redirect led to a host that was not asked before. */
static bool is_told_by_robots(struct iw_item *item)
{
    struct iw_lane *lane = item->lane;
    const struct iw_url *url = iw_probe_url(item->probe);
    if (!lane->obeys_robots || item->allowed == url->text.ptr)
        return true;
    struct iw_robots *robots = item->waiting && item->waiting->robots
                                   ? item->waiting->robots
                                   : iw_robots_of(&lane->robots, url->origin, item->may_be_private);
    if (robots && !iw_robots_is_known(robots)) {
        item->next = robots->items;
        robots->items = item;
        return false;
    }
    struct iw_str why = IW_STR_NONE;
    enum iw_failure failure =
        robots ? iw_robots_may(robots, url, item->may_be_private, &item->arena, &why) : IW_FAILURE_CANCELLED;
    item->allowed = url->text.ptr;
    if (!why.ptr) {
        iw_lane_fail(lane, IW_ERR_NOMEM);
        return true;
    }
    if (robots)
        iw_probe_facts(item->probe)->robots_denied |= iw_robots_denied(&lane->audit->agents, robots, url);
    iw_trace_robots(lane->events, why);
    if (failure != IW_FAILURE_NONE)
        iw_probe_stop(item->probe, failure, why.ptr);
    return true;
}

void iw_ask(struct iw_item *item)
{
    struct iw_lane *lane = item->lane;
    if (!lane->is_stopping && (hand_over(item) || !is_told_by_robots(item)))
        return;
    struct iw_habit *habit = iw_net_habit(lane->net, iw_probe_url(item->probe)->origin);
    if (!habit) {
        iw_probe_stop(item->probe, IW_FAILURE_CANCELLED, "out of memory");
        iw_lane_fail(lane, IW_ERR_NOMEM);
    }
    static const struct iw_habit none;
    struct iw_request request;
    if (!iw_probe_next(item->probe, habit ? habit : &none, &request)) {
        end(item);
        return;
    }
    if (lane->is_stopping) {
        iw_probe_facts(item->probe)->requests--;
        iw_probe_stop(item->probe, IW_FAILURE_CANCELLED, "the run was stopped before a verdict");
        end(item);
        return;
    }
    if (request.delay_ms) {
        lane->totals.retries++;
        if (lane == item->home) /* it is to be asked again anyway: nothing is lost that it keeps a place for */
            iw_net_leave(lane->net, &item->transfer);
    }
    item->transfer.request = request;
    item->transfer.events = &item_events;
    item->transfer.user = item;
    item->transfer.arena = &item->arena;
    item->transfer.may_be_private = item->may_be_private;
    item->transfer.keeps_place = lane->events->settle != NULL;
    /* a variant goes on with its offender, which may keep the place that others wait for */
    item->transfer.is_urgent = item->suggested || iw_probe_facts(item->probe)->requests > 1;
    if (iw_net_submit(lane->net, &item->transfer) != IW_OK) {
        iw_lane_fail(lane, IW_ERR_NOMEM);
        iw_probe_stop(item->probe, IW_FAILURE_CANCELLED, "out of memory");
        end(item);
    }
}

static void on_begin(struct iw_transfer *transfer)
{
    struct iw_item *item = transfer->user;
    iw_probe_reconsider(item->probe, transfer->habit, &transfer->request);
    iw_trace_request(item->lane->events, &transfer->request);
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
    const struct iw_audit_events *events = item->lane->events;
    if (events->trace)
        events->trace(events->user,
                      "  that was not the answer to this request: asked again on a connection of its own");
    iw_probe_on_restart(item->probe);
}

static void on_end(struct iw_transfer *transfer)
{
    struct iw_item *item = transfer->user;
    struct iw_lane *lane = item->lane;
    iw_trace_answer(lane->events, transfer);
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
    iw_ask(item);
}

static void on_answered(struct iw_transfer *transfer)
{
    struct iw_item *item = transfer->user;
    if (item->lane == item->home)
        iw_item_leave_row(item);
}

static bool on_is_last(struct iw_transfer *transfer, bool is_scarce)
{
    const struct iw_item *item = transfer->user;
    const struct iw_lane *lane = item->lane;
    bool has_others = lane == item->home && item->row && item->row->first;
    return !has_others && (is_scarce || lane->is_ending) && !iw_probe_is_followed(item->probe);
}

static bool on_is_as_known(struct iw_transfer *transfer)
{
    const struct iw_item *item = transfer->user;
    return iw_probe_is_as_known(item->probe);
}

static const struct iw_transfer_events item_events = {
    .begin = on_begin,
    .head = on_head,
    .body = on_body,
    .restart = on_restart,
    .end = on_end,
    .answered = on_answered,
    .is_last = on_is_last,
    .is_as_known = on_is_as_known,
};

void iw_ask_visitor(struct iw_lane *lane, struct iw_item *item)
{
    if (item->home == lane)
        item->is_away = false;
    if (item->is_over)
        iw_item_finish(item);
    else
        iw_ask(item);
}

void iw_ask_heard_robots(struct iw_lane *lane)
{
    struct iw_robots *next;
    for (struct iw_robots *robots = iw_robots_take_news(&lane->robots); robots; robots = next) {
        next = robots->next_news[0];
        struct iw_item *items = robots->items;
        robots->items = NULL;
        if (robots->waiting)
            iw_frontier_open(lane, robots->waiting);
        for (struct iw_item *item = items; item; item = items) {
            items = item->next;
            iw_ask(item);
        }
    }
}
