/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* How hard one host is asked: how many requests at once, how far apart, and whether at all. Arithmetic alone: times, in
 * microseconds of any one clock, are handed in.
 *
 *   at once   from IW_PACE_START up by one for each answer while all that may be asked is asked and answers keep
 *             coming as fast as before; halved, at most once in a round trip, where the host is pushed or breaks; then
 *             again up to three quarters of what was too much, and from there on by one for each round of answers. A
 *             host that says 429 again and again is one that counts: with each time, up to what it refused, it takes
 *             twice as many rounds.
 *   apart     a token bucket: by --host-rate or Crawl-delay, or because one request at once was still too much.
 *   at all    a circuit breaker: connections that fail in a row open it, for longer each time; then one request tries.
 */
#ifndef IW_NET_PACE_H
#define IW_NET_PACE_H

#include "base/iw.h"

enum {
    IW_PACE_START = 2,    /* requests at once, to begin with */
    IW_PACE_ROUNDS_MAX = 64,
    IW_PACE_FAILURES = 3, /* in a row, open the breaker */
    IW_PACE_OPENINGS = 3, /* in a row, and so long a time, end it: */
    IW_PACE_STRANGER_US = 3000000,
    IW_PACE_FRIEND_US = 30000000, /* where the host has answered before */
    IW_PACE_OPEN_US = 1000000,    /* how long it stays open at first, less up to half of it; then doubled, */
    IW_PACE_OPEN_MAX_US = 8000000,
    IW_PACE_GAP_US = 50000, /* at least, between requests where one at once was too much; then doubled, */
    IW_PACE_GAP_MAX_US = 10000000,
};

/* What a request has shown of its host. */
enum iw_pace_news {
    IW_PACE_GOOD,     /* answered as it should be */
    IW_PACE_NEUTRAL,  /* answered, in a way that is no reason for more or for less */
    IW_PACE_PUSHED,   /* says that it is asked too often */
    IW_PACE_STRAINED, /* overloaded perhaps, or broke off: less at once, but no slower than one by one */
    IW_PACE_DEAD,     /* no connection, no handshake, or silence until time ran out */
};

struct iw_pace {
    unsigned limit, most;   /* at once: now, and ever */
    unsigned doubles_below; /* one more for each answer up to here, then for so many rounds of answers: */
    unsigned rounds;        /* 1 above what was ever refused, */
    unsigned pushed_at;     /* which is this; 0: nothing was */
    unsigned earned;        /* answers of the present round */
    uint64_t cut_us;        /* when it was halved: what was asked before says nothing new */
    uint64_t wait_us;       /* from request to answer: moving average, */
    uint64_t least_wait_us; /* and the least, slowly forgotten */
    uint64_t gap_us;        /* between requests, learnt; 0: none */
    uint64_t own_gap_us;    /* and as wanted */
    uint64_t next_us;       /* by these no earlier than this, */
    uint64_t rest_until_us; /* by Retry-After than this, */
    uint64_t open_until_us; /* by the breaker than this */
    uint64_t failing_since_us;
    uint64_t seed; /* of the jitter */
    unsigned failures, openings;
    bool is_open;      /* of the breaker: one request at a time, to try */
    bool is_down;      /* for good: it is not asked any more */
    bool has_answered; /* ever */
};

/* most: requests at once, ever; gap_us: between two requests, 0 for none. */
void iw_pace_init(struct iw_pace *pace, unsigned most, uint64_t gap_us, uint64_t seed);
/* Requests that may be on their way at once. */
unsigned iw_pace_at_once(const struct iw_pace *pace);
/* When the next request may start; 0: any time. */
uint64_t iw_pace_next_us(const struct iw_pace *pace);
void iw_pace_started(struct iw_pace *pace, uint64_t now_us);
/* A request that began then is over now. wait_us: until its answer began, 0 unknown. is_full: as many were on their way
 * as might be. */
void iw_pace_heard(struct iw_pace *pace, enum iw_pace_news news, uint64_t began_us, uint64_t now_us, uint64_t wait_us,
                   bool is_full);
/* The host is not asked before. */
void iw_pace_rest(struct iw_pace *pace, uint64_t until_us);

#endif
