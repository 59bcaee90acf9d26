/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The arithmetic of a host's pace. Growth is TCP's (slow start, then one for each round), and so is the rule that one
 * round trip is good for one cut: the answers that follow were asked for before it. */
#include "net/pace.h"

/* WAIT_SLACK_US: waits that differ by less say nothing. FORGET_ROUNDS: the least wait is forgotten in about so many.
 * EASE: a learnt gap shrinks by that part with each good answer. LATE_US: what starts later than it might is made up
 * for, so that a coarse timer does not lower the rate; short gaps need more of it. */
enum {
    WAIT_SLACK_US = 25000,
    FORGET_ROUNDS = 16,
    EASE = 32,
    GAP_LEAST_US = 10000,
    LATE_US = 4000,
    LATE_SHORT_US = 20000
};

void iw_pace_init(struct iw_pace *pace, unsigned most, uint64_t gap_us, uint64_t seed)
{
    *pace = (struct iw_pace){
        .limit = IW_MIN((unsigned)IW_PACE_START, most),
        .most = most,
        .doubles_below = most,
        .rounds = 1,
        .own_gap_us = gap_us,
        .seed = seed,
    };
}

unsigned iw_pace_at_once(const struct iw_pace *pace)
{
    return pace->is_open ? 1 : pace->limit;
}

uint64_t iw_pace_next_us(const struct iw_pace *pace)
{
    uint64_t next = IW_MAX(pace->next_us, pace->rest_until_us);
    return IW_MAX(next, pace->open_until_us);
}

void iw_pace_started(struct iw_pace *pace, uint64_t now_us)
{
    uint64_t gap = IW_MAX(pace->gap_us, pace->own_gap_us);
    if (gap == 0)
        return;
    uint64_t late = gap < LATE_SHORT_US ? LATE_SHORT_US : LATE_US;
    uint64_t from = now_us > late ? now_us - late : 0;
    pace->next_us = IW_MAX(pace->next_us, pace->next_us ? from : now_us) + gap;
}

void iw_pace_rest(struct iw_pace *pace, uint64_t until_us)
{
    pace->rest_until_us = IW_MAX(pace->rest_until_us, until_us);
}

/* ---- at once, and apart ---- */

static void time_answer(struct iw_pace *pace, uint64_t wait_us)
{
    if (pace->wait_us == 0)
        pace->wait_us = pace->least_wait_us = wait_us;
    pace->wait_us = pace->wait_us - pace->wait_us / 8 + wait_us / 8;
    if (wait_us < pace->least_wait_us)
        pace->least_wait_us = wait_us;
    else
        pace->least_wait_us += (wait_us - pace->least_wait_us) / ((uint64_t)FORGET_ROUNDS * pace->limit);
}

static void grow(struct iw_pace *pace, bool is_full)
{
    if (pace->gap_us) {
        pace->gap_us -= pace->gap_us / EASE + 1;
        if (pace->gap_us < GAP_LEAST_US)
            pace->gap_us = pace->next_us = 0;
        return;
    }
    if (pace->wait_us > 2 * pace->least_wait_us + WAIT_SLACK_US) {
        pace->doubles_below = IW_MIN(pace->doubles_below, pace->limit);
        return;
    }
    if (!is_full || pace->limit >= pace->most)
        return;
    if (pace->limit >= pace->doubles_below && ++pace->earned < pace->limit * pace->rounds)
        return;
    pace->earned = 0;
    pace->limit++;
    if (pace->limit > pace->pushed_at)
        pace->rounds = 1;
}

static void cut(struct iw_pace *pace, bool is_pushed, uint64_t began_us, uint64_t now_us)
{
    if (began_us < pace->cut_us)
        return;
    pace->cut_us = now_us;
    pace->earned = 0;
    if (pace->limit == 1 && is_pushed) {
        uint64_t least = IW_MAX((uint64_t)IW_PACE_GAP_US, pace->wait_us);
        pace->gap_us = IW_MIN(IW_MAX(pace->gap_us * 2, least), (uint64_t)IW_PACE_GAP_MAX_US);
        pace->next_us = IW_MAX(pace->next_us, now_us + pace->gap_us);
    }
    unsigned before = pace->limit;
    if (is_pushed) {
        pace->rounds = IW_MIN(pace->rounds * 2, (unsigned)IW_PACE_ROUNDS_MAX);
        pace->pushed_at = before;
    }
    pace->limit = IW_MAX(before / 2, 1u);
    pace->doubles_below = IW_MAX(before * 3 / 4, pace->limit); /* as CUBIC does: soon near to what was too much */
}

/* ---- at all ---- */

/* SplitMix64: jitter needs no more. */
static uint64_t mix(uint64_t x)
{
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

static void open_breaker(struct iw_pace *pace, uint64_t now_us)
{
    uint64_t open_us = IW_PACE_OPEN_US;
    for (unsigned i = 0; i < pace->openings && open_us < IW_PACE_OPEN_MAX_US; i++)
        open_us *= 2;
    pace->openings++;
    pace->is_open = true;
    uint64_t patience = pace->has_answered ? IW_PACE_FRIEND_US : IW_PACE_STRANGER_US;
    if (pace->openings >= IW_PACE_OPENINGS && now_us - pace->failing_since_us >= patience) {
        pace->is_down = true;
        return;
    }
    open_us = IW_MIN(open_us, (uint64_t)IW_PACE_OPEN_MAX_US);
    /* between half and all of it, so that hosts which failed together are not tried together */
    open_us = open_us / 2 + mix(pace->seed + pace->openings) % (open_us / 2 + 1);
    pace->open_until_us = now_us + open_us;
}

static void fail(struct iw_pace *pace, uint64_t began_us, uint64_t now_us)
{
    if (pace->is_down || (pace->is_open && began_us < pace->open_until_us))
        return; /* known */
    if (pace->failures++ == 0)
        pace->failing_since_us = began_us;
    if (pace->is_open || pace->failures >= IW_PACE_FAILURES)
        open_breaker(pace, now_us);
}

static void close_breaker(struct iw_pace *pace)
{
    pace->failures = pace->openings = 0;
    pace->is_open = false;
    pace->open_until_us = 0;
    pace->has_answered = true;
}

void iw_pace_heard(struct iw_pace *pace, enum iw_pace_news news, uint64_t began_us, uint64_t now_us, uint64_t wait_us,
                   bool is_full)
{
    if (news == IW_PACE_DEAD)
        fail(pace, began_us, now_us);
    else if (!pace->is_down)
        close_breaker(pace);
    if (wait_us && news == IW_PACE_GOOD) /* refusals are quick, and beside them all else would seem slow */
        time_answer(pace, wait_us);
    if (news == IW_PACE_GOOD)
        grow(pace, is_full);
    else if (news != IW_PACE_NEUTRAL)
        cut(pace, news == IW_PACE_PUSHED, began_us, now_us);
}
