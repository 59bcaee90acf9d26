/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Runs requests: the only folder that opens sockets. A libuv loop drives libcurl multi handles by
 * curl_multi_socket_action. Requests wait in our own queue per host, never inside libcurl. */
#ifndef IW_NET_NET_H
#define IW_NET_NET_H

#include "base/buf.h"
#include "probe/probe.h"

#include <stdatomic.h>

enum iw_private { IW_PRIVATE_NO_CROSSING, IW_PRIVATE_DENY, IW_PRIVATE_ALLOW };

/* The certificates that servers are checked against, read once for all nets that share them. */
struct iw_trust;
/* From a PEM file, at once; NULL: from the one that libcurl was built for, when the first connection wants them. *out
 * is NULL where libcurl's TLS is not the OpenSSL that we are linked with, or knows of no file: then libcurl reads for
 * itself. IW_ERR_NOMEM, IW_ERR_USAGE (diag). */
enum iw_err iw_trust_new(const char *file, struct iw_trust **out, struct iw_diag *diag) IW_MUST_USE;
void iw_trust_free(struct iw_trust *trust); /* after the nets */

/* Kept by transfers: iw_net_leave(). */
struct iw_places {
    unsigned most; /* places, given */
    atomic_uint kept;
    atomic_uint waiting;  /* nets in which something waits for one: they are to be woken when there may be */
    atomic_bool is_short; /* something could not be asked for want of one; whoever gives them back may forget it */
};

enum { IW_ADDRESSES = 8192 };

/* Requests in flight to each address, whatever the host; see address.c. */
struct iw_addresses {
    unsigned most; /* of one, given */
    atomic_uint in_flight[IW_ADDRESSES];
};

struct iw_net_policy {
    unsigned max_concurrency;       /* of this net */
    unsigned host_concurrency;      /* at most: what a host is asked at once follows how it answers */
    uint64_t host_gap_us;           /* between two requests to one host; 0: none */
    const atomic_uint *clients;     /* how many ask the same hosts now, and share that pace; NULL: this one alone */
    struct iw_places *places;       /* shared by nets; NULL: max_concurrency of its own */
    unsigned address_concurrency;   /* at most, to one address; no less than host_concurrency */
    struct iw_addresses *addresses; /* shared by nets; NULL: address_concurrency of its own */
    unsigned max_pooled;            /* connections that wait for their host's next request */
    uint64_t timeout_ms, connect_timeout_ms;
    enum iw_private private_rule;
    bool insecure;
    bool http11_only;
    const char *user_agent;
    const char *accept;
    const char *cacert;         /* NULL: the system's */
    struct iw_trust *trust;     /* the same, shared; NULL: each multi handle of libcurl reads it */
    const char *proxy;          /* NULL: none, whatever the environment says */
    const char *const *headers; /* "Name: value" */
    size_t header_count;
    const char *const *resolve; /* "HOST:PORT:ADDR" */
    size_t resolve_count;
    uint64_t max_header_block_bytes; /* of one response */
    uint64_t patience_ms;            /* a host that asks (Retry-After) to be left alone for longer is not asked again */
};
void iw_net_policy_default(struct iw_net_policy *policy);

struct iw_net;
struct iw_host;
struct iw_transfer;

/* Called on the loop's thread. */
struct iw_transfer_events {
    /* The request is about to be sent: it may still be changed, by what its host has taught meanwhile. May be NULL. */
    void (*begin)(struct iw_transfer *transfer);
    enum iw_body (*head)(struct iw_transfer *transfer);
    enum iw_body (*body)(struct iw_transfer *transfer, const uint8_t *bytes, size_t len);
    /* What was seen so far was not this request's answer; it is being sent again. */
    void (*restart)(struct iw_transfer *transfer);
    /* The last call for this transfer; it may be submitted anew from within. */
    void (*end)(struct iw_transfer *transfer);
    /* Its answer is whole: it takes up no place any more, though its end may wait until the answer is proven to be its
     * own. May be NULL. */
    void (*answered)(struct iw_transfer *transfer);
    /* Its header is there: true when nothing is known that its host would be asked next, and, unless connections are
     * scarce, nothing can come to be known. May be NULL: false. */
    bool (*is_last)(struct iw_transfer *transfer, bool is_scarce);
    /* Its header is there: true when it says exactly what was known of what is asked for, so that it can be the answer
     * to nothing else. May be NULL: false. */
    bool (*is_as_known)(struct iw_transfer *transfer);
};

/* One request on its way. Caller's storage, untouched by the caller between submit and end. */
struct iw_transfer {
    /* set by the caller */
    struct iw_request request;
    const struct iw_transfer_events *events;
    void *user;
    struct iw_arena *arena; /* for the response's strings */
    bool may_be_private;    /* a private address is in order for this request */
    bool is_urgent;         /* goes before others of its host: it continues a target already begun */
    bool is_long;           /* read whole: ten times the patience */
    bool wants_encoding;    /* a document: compressed content is welcome and decoded */
    bool keeps_place;       /* once it was started, and through all that it is submitted for: see iw_net_leave() */
    /* set by net */
    struct iw_habit *habit; /* of the host, from submit on */
    struct iw_response response;
    enum iw_outcome outcome;
    char detail[128]; /* for a failed outcome: libcurl's words */
    char peer[48];    /* address that answered */
    bool peer_is_private;
    bool was_cut; /* the body was stopped before its end, on an event's word */
    uint64_t us;  /* from handing it to libcurl to its end */
    uint64_t body_bytes;
    /* net's own */
    struct iw_host *host;
    struct iw_host *place; /* that it keeps a place of; NULL: it was not started yet, or does not */
    struct iw_transfer *next;
    uint64_t due_ms;
    unsigned address; /* that it counts for while it is on its way, from 1; 0: none */
    unsigned repeats;
    unsigned nth;          /* of the requests of its connection, from 0 */
    unsigned heads_before; /* unproven HEADs that went before it there */
    bool wants_fresh;      /* on a connection of its own */
};

/* Raises the limit of descriptors, and cuts the concurrency, and what is pooled, to what fits below it in each of so
 * many nets. */
void iw_net_fit(struct iw_net_policy *policy, unsigned nets);
/* IW_ERR_NOMEM, IW_ERR_INTERNAL, IW_ERR_USAGE (a --resolve that is not HOST:PORT:ADDR; diag). */
enum iw_err iw_net_new(const struct iw_net_policy *policy, struct iw_net **out, struct iw_diag *diag) IW_MUST_USE;
void iw_net_free(struct iw_net *net);

/* Queues a transfer. Its end comes later, never from within this call. IW_ERR_NOMEM. */
enum iw_err iw_net_submit(struct iw_net *net, struct iw_transfer *transfer) IW_MUST_USE;
/* A transfer that keeps its place counts as one of those that its host, and all, may be asked at once, until this is
 * called on the net that started it first; answered or not. */
void iw_net_leave(struct iw_net *net, struct iw_transfer *transfer);
/* True when more work would be of use: little is queued, or what is queued is all for hosts that have enough on their
 * hands. Reading further ahead than that only makes memory cold. */
bool iw_net_is_hungry(const struct iw_net *net);
/* The host of an origin ("https://host:port"); made when unknown, and valid until the net is freed. NULL: no memory. */
const struct iw_host *iw_net_host(struct iw_net *net, struct iw_str origin);
/* A host wants so much time between two requests; the policy may want more. */
void iw_net_space(struct iw_net *net, struct iw_str origin, uint64_t gap_us);
/* Requests that it may be asked at once, as it answers now. */
unsigned iw_net_at_once(const struct iw_host *host);
/* The habit of the host of an origin ("https://host:port"); made when unknown. NULL: no memory. */
struct iw_habit *iw_net_habit(struct iw_net *net, struct iw_str origin);

/* Calls ready on the loop whenever fd is readable, while the loop runs; one descriptor. IW_ERR_INTERNAL. */
enum iw_err iw_net_watch(struct iw_net *net, int fd, void (*ready)(void *user), void *user) IW_MUST_USE;

/* Makes the loop turn once fd, a pipe or a terminal, is readable; then it must be asked for again. fd -1: forget it,
 * before it is closed. */
void iw_net_await(struct iw_net *net, int fd);
/* Runs a command of at most three words beside the loop; its output goes to standard error. done is called on the loop,
 * once: how says in words what was not good. It is killed with all that it started after timeout_ms, and when a stop
 * has drained. IW_ERR_IO: it does not start; IW_ERR_NOMEM. */
enum iw_err iw_net_spawn(struct iw_net *net, char *const *argv, uint64_t timeout_ms,
                         void (*done)(void *user, bool is_good, const char *how), void *user) IW_MUST_USE;
/* Makes the loop turn soon. The only function that another thread may call. */
void iw_net_wake(struct iw_net *net);

/* Called on the loop when something may be done: transfers ended, or an interval passed. */
struct iw_net_driver {
    /* More work may be submitted; called after every turn of the loop. Return false when no more is to come. */
    bool (*pump)(void *user);
    /* Every interval_ms, for progress. */
    void (*tick)(void *user);
    unsigned interval_ms;
    /* SIGINT, SIGTERM or SIGHUP arrived; nth is 1 for the first. */
    void (*interrupt)(void *user, int nth);
    /* SIGUSR1 arrived; may be NULL. */
    void (*status)(void *user);
    void *user;
};
/* Runs until pump() returned false and nothing is queued or in flight. IW_ERR_INTERNAL when the loop fails. */
enum iw_err iw_net_run(struct iw_net *net, const struct iw_net_driver *driver) IW_MUST_USE;
/* Ends what is queued at once (CANCELLED) and what is in flight within drain_ms. */
void iw_net_stop(struct iw_net *net, uint64_t drain_ms);

/* The wall clock in seconds since 1970, and a monotonic one in microseconds. */
uint64_t iw_net_unix_s(void);
uint64_t iw_net_clock_us(void);

struct iw_net_figures {
    unsigned queued, in_flight;
    uint64_t requests, connections, retries_of_connection, out_of_step;
    uint64_t now_ms; /* the loop's clock */
    bool is_full;    /* as many requests are on their way as may be at once; */
    bool is_starved; /* or requests wait, but what their hosts may be asked at once, and when, keeps them; */
    bool is_crowded; /* or some wait because others are asked at the same address */
};
void iw_net_figures(const struct iw_net *net, struct iw_net_figures *out);
/* How a host stands. */
struct iw_busy_host {
    struct iw_str origin; /* valid until the net is freed */
    uint64_t waiting;     /* for their turn */
    unsigned in_flight;
    unsigned at_once;  /* requests that it may be asked at once, now */
    uint64_t rests_ms; /* until it may be asked again: it said so, or does not answer */
    uint64_t gap_us;   /* between two requests */
    uint64_t mean_us;  /* of its answers; 0: there is none */
    bool is_down;      /* what waits for it goes through without being asked */
};
/* waiting is what was submitted. */
void iw_net_look(const struct iw_host *host, struct iw_busy_host *out);
/* How long what waits and is in flight will take, if it answers as it did. */
uint64_t iw_busy_left_ms(const struct iw_busy_host *host);
/* Inserts one into a list of at most cap, the one that will take longest first. */
void iw_busy_insert(struct iw_busy_host *list, size_t *count, size_t cap, const struct iw_busy_host *host);
/* "libcurl/7.88.1 OpenSSL/3.0.19 ..., libuv 1.44.2" for --version. */
void iw_net_versions(struct iw_buf *out);

#endif
