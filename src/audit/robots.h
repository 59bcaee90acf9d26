/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What robots.txt of each host says, for ourselves and for consumers. Inside audit/. */
#ifndef IW_AUDIT_ROBOTS_H
#define IW_AUDIT_ROBOTS_H

#include "audit/audit.h"
#include "base/map.h"

#include <pthread.h>
#include <stdatomic.h>

struct iw_lane;
struct iw_item;
struct iw_waiting;
struct iw_errand;
struct iw_document;

enum iw_robots_kind {
    IW_ROBOTS_RULES,
    IW_ROBOTS_NONE,   /* there is none: everything may be asked */
    IW_ROBOTS_LATER,  /* it cannot be read: nothing may be asked for now */
    IW_ROBOTS_NOBODY, /* no such host, or a private address that may not be asked: its targets will find out */
};

/* Whom robots.txt is read for: ourselves first, then the consumers that obey it, by the judge's profiles. */
enum { IW_ROBOTS_AGENTS = 8, IW_ROBOTS_PROFILES = 32 };
struct iw_robots_agents {
    const char *names[IW_ROBOTS_AGENTS];
    unsigned count;
    uint8_t of_profile[IW_ROBOTS_PROFILES]; /* which of them; 0: none */
};
/* Rules for each. */
struct iw_robots_sets {
    struct iw_robots_rules *list[IW_ROBOTS_AGENTS];
};

/* What robots.txt of one origin says. Once it is known it changes no more, but for the rows of who waits. */
struct iw_robots {
    struct iw_robots *next; /* of all */
    struct iw_str origin;
    bool may_be_private; /* as of who named it first */
    atomic_bool is_known;
    enum iw_robots_kind kind;
    struct iw_robots_sets sets;
    char why[160]; /* of what has no rules */
    /* under the table's mutex; [0]: its lane, [1]: the reader */
    bool is_awaited[2];
    struct iw_robots *next_news[2];
    struct iw_robots *next_todo;
    /* what waits for it: its lane's, and the reader's */
    struct iw_waiting *waiting;
    struct iw_item *items;
    struct iw_errand *errands;
    struct iw_document *documents;
    char text[]; /* of the origin */
};
struct iw_robots_table {
    pthread_mutex_t mutex;
    struct iw_map origins; /* hash to struct iw_robots */
    struct iw_robots *all;
    size_t kept_bytes; /* of rules */
};
/* Who asks: a lane, or the reader (lane NULL). */
struct iw_robots_seat {
    struct iw_audit *audit;
    struct iw_lane *lane;
    struct iw_net *net;
    struct iw_totals *totals;
    struct iw_robots *todo_first, *todo_last; /* to be asked for */
    struct iw_robots *news;                   /* under the table's mutex */
};

/* robots.c */
void iw_robots_table_init(struct iw_robots_table *table);
void iw_robots_table_release(struct iw_robots_table *table);
/* robots.txt of the origin; who asks first has it fetched, and who asks before it is known is told. NULL: no memory. */
struct iw_robots *iw_robots_of(struct iw_robots_seat *seat, struct iw_str origin, bool may_be_private);
bool iw_robots_is_known(const struct iw_robots *robots);
/* Fetches that may start. */
void iw_robots_pump(struct iw_robots_seat *seat, bool is_stopping);
/* What has become known of that which the seat waits for: a row by next_news[lane ? 0 : 1]. */
struct iw_robots *iw_robots_take_news(struct iw_robots_seat *seat);
/* Whether a URL may be asked for (IW_FAILURE_NONE), by what is known. *out_why: in one sentence; NONE: no memory. */
enum iw_failure iw_robots_may(const struct iw_robots *robots, const struct iw_url *url, bool may_be_private,
                              struct iw_arena *arena, struct iw_str *out_why);

/* robots_sets.c */
void iw_robots_agents_init(struct iw_robots_agents *agents, const struct iw_judge *judge);
bool iw_robots_sets_new(const struct iw_robots_agents *agents, struct iw_robots_sets *out); /* false: no memory */
void iw_robots_sets_free(struct iw_robots_sets *sets);
enum iw_err iw_robots_sets_feed(struct iw_robots_sets *sets, const char *bytes, size_t len); /* IW_ERR_NOMEM */
enum iw_err iw_robots_sets_finish(struct iw_robots_sets *sets);
size_t iw_robots_sets_size(const struct iw_robots_sets *sets);
/* Bit i: the consumer of the i-th profile obeys, and may not fetch the URL. */
uint32_t iw_robots_denied(const struct iw_robots_agents *agents, const struct iw_robots *robots,
                          const struct iw_url *url);

#endif
