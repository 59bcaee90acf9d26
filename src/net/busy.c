/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* How hosts stand, for who looks on: which one will take longest. */
#include "base/iw.h"
#include "net/inside.h"

void iw_net_look(const struct iw_host *host, struct iw_busy_host *out)
{
    uint64_t next_us = iw_pace_next_us(&host->pace), now_us = iw_net_clock_us();
    *out = (struct iw_busy_host){
        .origin = host->origin,
        .waiting = host->queue.count,
        .in_flight = host->in_flight,
        .at_once = iw_net_at_once(host),
        .rests_ms = next_us > now_us ? (next_us - now_us) / 1000 : 0,
        .gap_us = IW_MAX(host->pace.gap_us, host->pace.own_gap_us),
        .mean_us = host->mean_us,
        .is_down = host->pace.is_down,
    };
}

uint64_t iw_busy_left_ms(const struct iw_busy_host *host)
{
    if (host->is_down)
        return 0;
    uint64_t each_us = IW_MAX(host->mean_us / IW_MAX(host->at_once, 1u), host->gap_us);
    uint64_t count = host->waiting + host->in_flight;
    return host->rests_ms + (each_us && count > UINT64_MAX / 2 / each_us ? UINT64_MAX / 2 : count * each_us) / 1000;
}

/* Those that will take equally long: the one with more to do. */
static bool is_before(const struct iw_busy_host *a, const struct iw_busy_host *b)
{
    uint64_t left_a = iw_busy_left_ms(a), left_b = iw_busy_left_ms(b);
    return left_a != left_b ? left_a > left_b : a->waiting + a->in_flight > b->waiting + b->in_flight;
}

void iw_busy_insert(struct iw_busy_host *list, size_t *count, size_t cap, const struct iw_busy_host *host)
{
    size_t at = *count;
    while (at > 0 && is_before(host, &list[at - 1]))
        at--;
    if (at >= cap)
        return;
    *count = IW_MIN(*count + 1, cap);
    memmove(&list[at + 1], &list[at], (*count - at - 1) * sizeof *list);
    list[at] = *host;
}
