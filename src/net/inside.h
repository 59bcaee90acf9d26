/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The inside of net/: what its files share. net.c runs the loop and the schedule, host.c keeps hosts and waiting
 * transfers, address.c counts what hosts of one address are asked together, pace.c says how hard a host is asked,
 * resolve.c looks names up (on lookup.c's threads), multi.c ties libcurl's multi handles to the loop, easy.c runs one
 * request, guard.c watches the connections. */
#ifndef IW_NET_INSIDE_H
#define IW_NET_INSIDE_H

#include "base/hash.h"
#include "base/map.h"
#include "net/lookup.h"
#include "net/net.h"
#include "net/pace.h"

#include <curl/curl.h>
#include <uv.h>

enum {
    MULTI_COUNT = 8,         /* libcurl scans its caches linearly: many small multis instead of a large one */
    MULTI_CONNECTIONS = 256, /* pooled connections of each */
    SWEEP_MS = 20,           /* how often silent connections are looked at */
    HOLD_MAX = 512,          /* answers on one connection that may wait for proof, */
    HOLD_CROWDED = 64,       /* and where there are many such connections, */
    HOLD_ALL = 8192,         /* so that not too many wait in all */
    CHECK_FIRST = 8,         /* requests of a connection that each compare what was received, */
    CHECK_EVERY = 16,        /* later only some: held answers are undone whenever the excess is seen */
    HOSTS_MAX = 1 << 22,
    POOL_IDLE = 256,    /* connections that may wait for requests which are not known yet */
    IDLE_HOSTS = 512,   /* that libcurl keeps something about; older ones are forgotten */
    QUEUED_AHEAD = 512, /* transfers that suffice while every slot is busy */
};

/* A queue of transfers, first in first out. */
struct iw_queue {
    struct iw_transfer *first, *last;
    unsigned count;
};
void iw_queue_push(struct iw_queue *queue, struct iw_transfer *transfer);
void iw_queue_push_front(struct iw_queue *queue, struct iw_transfer *transfer);
struct iw_transfer *iw_queue_take(struct iw_queue *queue);

struct iw_host {
    struct iw_str origin; /* own memory */
    CURLU *handle;        /* the origin parsed by libcurl; NULL until the first request */
    struct iw_queue queue;
    unsigned in_flight;
    unsigned held;   /* its answers that wait for proof */
    unsigned places; /* kept by transfers: iw_net_leave() */
    bool has_frames; /* it has answered by HTTP/2 */
    bool is_placeless;
    struct iw_host *next_placeless; /* in the row of hosts that wait for a place among all */
    bool is_ready;                  /* in the ready list */
    struct iw_host *next_ready;
    bool is_crowded; /* in the row of hosts whose address is asked enough */
    struct iw_host *next_crowded;
    struct iw_pace pace;
    bool is_parked;       /* its return is in the heap */
    char last_words[128]; /* libcurl's, of its last failure */
    struct iw_habit habit;
    unsigned multi;           /* index */
    unsigned tls_connections; /* opened so far */
    CURLSH *sessions;         /* its own; NULL: it has none */
    uint64_t mean_us;         /* moving average of answers */
    /* resolve.c's */
    struct iw_name *name;         /* NULL: there is nothing to look up */
    struct iw_host *next_waiting; /* for the same name */
    struct iw_str pinned;         /* addresses that the user chose */
    unsigned version;             /* of the answer that libcurl was given, 0 none */
    bool has_begun, is_waiting;   /* looked at; for its name */
    unsigned address;             /* where there is no name: its number, or 0 */
    uint16_t port;
    bool is_idle; /* in the row of idle hosts */
    struct iw_host *next_idle;
};

enum iw_name_state {
    IW_NAME_NEW,
    IW_NAME_WAITS, /* waits for its turn to be looked up */
    IW_NAME_ASKED, /* is being looked up */
    IW_NAME_FOUND,
    IW_NAME_MISSING, /* does not exist */
    IW_NAME_FAILED,  /* could not be looked up, for now */
};

/* A host name, of one or more hosts (ports, schemes). */
struct iw_name {
    enum iw_name_state state;
    char *addresses;   /* as CURLOPT_RESOLVE takes them; own memory */
    unsigned address;  /* the number of the least of them, 0: none */
    unsigned version;  /* of the addresses, from 1 */
    unsigned failures; /* in a row */
    unsigned threads;  /* that look it up, given-up ones included */
    bool is_slow;
    const char *why;         /* not found, static text */
    uint64_t since_ms;       /* asked, or settled */
    struct iw_host *waiting; /* hosts that wait for it */
    struct iw_name *next;    /* in its row */
    struct iw_name *next_of_all;
    char text[];
};
struct iw_name_row {
    struct iw_name *first, *last;
};

/* A wait: a transfer's delay, or a host's. */
struct iw_wait {
    uint64_t due_ms;
    struct iw_transfer *transfer;
    struct iw_host *host;
};

struct iw_multi {
    CURLM *curl; /* made when first needed */
    uv_timer_t timer;
    struct iw_net *net;
    bool has_timer;
    struct curl_slist *forget; /* what its next transfer tells it to forget */
};

/* A descriptor that libcurl wants watched. */
struct iw_watch {
    uv_poll_t poll;
    struct iw_multi *multi;
    curl_socket_t fd;
    int events;           /* UV_READABLE | UV_WRITABLE now armed */
    struct iw_sock *sock; /* NULL for descriptors that are not ours (libcurl's resolver) */
    bool is_wanted;       /* libcurl waits for it; else only unasked-for bytes are watched for */
};

enum { IW_PEER_CHARS = 48 }; /* of an address as text */

/* A connection that we opened. */
struct iw_sock {
    curl_socket_t fd;
    struct iw_multi *multi;
    struct iw_watch *watch;
    char peer[IW_PEER_CHARS];
    int local_port, peer_port; /* 0 until its first request */
    bool is_private, is_h2, is_tls;
    unsigned busy;            /* requests on their way, or ended but not yet taken from libcurl */
    bool is_out_of_step;      /* bytes came that nobody asked for */
    bool is_lingering;        /* libcurl is done with it; closed once its answers are proven */
    unsigned begun;           /* requests so far */
    unsigned heads_unproven;  /* HEADs begun since the last proof */
    uint64_t accounted_bytes; /* received in headers and bodies of answers */
    bool is_uncountable;      /* chunked framing came, or TLS: what was received cannot be accounted for */
    uint64_t slowest_ms;      /* of its answers */
    uint64_t last_answer_ms;
    struct iw_queue held; /* answered, but not proven to be theirs */
    struct iw_host *host;
    struct iw_slot *opened_by;   /* until it is placed by its first request */
    struct iw_sock *next_port;   /* in the table by local port */
    struct iw_sock *next, *prev; /* all of them */
};

enum { SOCK_BUCKETS = 1024, SLOT_OPENED = 8 };

/* An easy handle and the transfer it runs. */
struct iw_slot {
    CURL *easy;
    struct iw_net *net;
    struct iw_transfer *transfer;
    struct iw_slot *next; /* in the free list */
    struct iw_slot *next_busy, *prev_busy;
    struct iw_sock *sock;                /* connection in use, once known */
    struct iw_sock *opened[SLOT_OPENED]; /* sockets opened for this transfer that are not placed yet */
    size_t opened_count;
    uint64_t header_bytes;
    uint64_t began_us;
    bool has_head; /* the header block was handed over */
    bool is_cut;   /* an event said stop */
    bool is_too_big;
    bool is_refused; /* private address */
    bool is_repeat;  /* the guard wants it sent again, the connection is given up */
    int mode;        /* what the handle is set to: see easy.c */
    bool has_range, is_fresh, is_document, is_long;
    long buffer_bytes;
    bool is_closing; /* its connection is closed behind it: nothing more is to be asked */
    struct curl_slist *own_headers;
    struct curl_slist *resolve; /* given to libcurl with this transfer */
    const CURLU *origin;        /* that the handle is set to */
    CURLSH *sessions;           /* too */
    char errors[CURL_ERROR_SIZE];
};

struct iw_net {
    struct iw_net_policy policy;
    uv_loop_t loop;
    uv_check_t check;
    uv_idle_t idle; /* keeps the loop turning while there is work at hand */
    uv_timer_t waits_timer, sweep_timer, tick_timer, stop_timer;
    uv_signal_t signals[4];
    bool has_loop, has_handles, is_sweeping, is_running, is_stopping, is_idle_on;
    bool is_starved; /* the last turn left slots empty: no host that had work might be asked */
    int interrupts;
    const struct iw_net_driver *driver;
    bool is_pumping; /* pump() returned true last time */
    struct iw_multi multis[MULTI_COUNT];
    struct curl_slist *image_headers, *document_headers;
    CURLSH *sessions; /* of all hosts that have none of their own */
    struct iw_hash_key key;
    struct iw_map hosts;                    /* origin's hash to struct iw_host * */
    struct iw_host *idle_first, *idle_last; /* hosts that have nothing to do, the longest idle first */
    size_t idle_count;
    struct iw_host *last_host; /* the one asked for last: runs of one host are common */
    struct iw_host **host_list;
    size_t host_count, host_room;
    struct iw_host *ready_first, *ready_last;
    struct iw_host *placeless_first, *placeless_last;
    struct iw_places *places, own_places;
    struct iw_host *crowded_first, *crowded_last;
    size_t crowded_count;
    struct iw_addresses *addresses, own_addresses;
    struct iw_wait *waits; /* a heap by due_ms */
    size_t wait_count, wait_room;
    struct iw_slot *free_slots, *busy_slots;
    struct iw_sock *by_port[SOCK_BUCKETS];
    struct iw_sock **by_fd;
    size_t by_fd_room;
    struct iw_sock *socks;
    unsigned queued, in_flight, held;
    unsigned open;             /* connections that libcurl has, pooled ones included */
    struct iw_queue ended;     /* outcome is set: to be handed over on the next turn */
    struct iw_queue again;     /* to be queued again on the next turn */
    struct iw_child *children; /* commands that run */
    uv_async_t wake;           /* iw_net_wake() */
    uv_poll_t watch;           /* iw_net_watch() */
    bool has_watch;
    uv_poll_t *awaited; /* iw_net_await(); NULL: nothing */
    int awaited_fd;
    void (*on_watch)(void *user);
    void *watch_user;
    struct iw_map names; /* name's hash to struct iw_name * */
    struct iw_name *all_names;
    struct iw_name_row names_todo, names_asked; /* the latter by age */
    struct iw_lookups *pool;                    /* made when first needed */
    unsigned lookups, lookups_quick;            /* on threads; those that are not slow */
    uv_async_t answers;
    uv_timer_t look_timer;
    uint64_t requests, connections, out_of_step, retried;
};

/* net.c */
uint64_t iw_net_now_ms(const struct iw_net *net);
void iw_net_turn(struct iw_net *net);                              /* after events: deliver, pump, schedule */
void iw_net_end(struct iw_net *net, struct iw_transfer *transfer); /* delivers the end */
void iw_net_arm_sweep(struct iw_net *net);

/* host.c */
struct iw_host *iw_host_of(struct iw_net *net, struct iw_str origin);
void iw_host_release_all(struct iw_net *net);
void iw_host_enqueue(struct iw_net *net, struct iw_transfer *transfer);
void iw_host_ready(struct iw_net *net, struct iw_host *host); /* to the ready list, when it may */
struct iw_host *iw_host_take_ready(struct iw_net *net);
void iw_host_rest(struct iw_net *net, struct iw_host *host); /* one of its transfers ended: it may be idle now */
enum iw_err iw_wait_add(struct iw_net *net, uint64_t due_ms, struct iw_transfer *transfer, struct iw_host *host);
bool iw_wait_take(struct iw_net *net, uint64_t now_ms, struct iw_wait *out);
/* What becomes of a request for the host now: OK, or it is not asked (LATER, DOWN). */
enum iw_outcome iw_host_refuses(const struct iw_host *host, uint64_t patience_ms);
void iw_host_turn_away(struct iw_net *net, struct iw_transfer *transfer, enum iw_outcome outcome);
bool iw_host_may_start(const struct iw_host *host);
/* Takes a place for its first transfer, if that wants one; false: there is none. */
bool iw_host_take_place(struct iw_net *net, struct iw_host *host);
void iw_host_offer_places(struct iw_net *net); /* to those that wait for one */
/* A request is over, and not sent again by net itself; in_flight still counts it. */
void iw_host_heard(struct iw_net *net, struct iw_transfer *transfer, enum iw_pace_news news, uint64_t began_us,
                   uint64_t wait_us);

/* address.c */
/* The number of the least of the addresses in "1.2.3.4,[::1]", so that their order does not matter; 0: there is none.
 */
unsigned iw_address_of(struct iw_str list);
bool iw_address_has_room(const struct iw_net *net, const struct iw_host *host);
bool iw_address_take(struct iw_net *net, const struct iw_host *host, struct iw_transfer *transfer); /* false: no room */
void iw_address_leave(struct iw_net *net, struct iw_transfer *transfer);
void iw_address_wait(struct iw_net *net, struct iw_host *host); /* until there is room */
void iw_address_offer(struct iw_net *net);                      /* to some of those that wait */

/* resolve.c */
enum iw_err iw_resolve_check(const struct iw_net_policy *policy, struct iw_diag *diag); /* the user's rows */
bool iw_resolve_init(struct iw_net *net);
void iw_resolve_stop(struct iw_net *net); /* before the loop is closed */
void iw_resolve_release(struct iw_net *net);
/* True when the host, which has transfers queued, may be asked; else its name is looked up and iw_host_ready() called
 * again, or all that it has queued ends. */
bool iw_resolve_is_known(struct iw_net *net, struct iw_host *host);
/* The addresses of a host do not take connections: an old answer is asked for again. */
void iw_resolve_doubt(struct iw_net *net, struct iw_host *host);
/* What libcurl has to be told for a transfer of the host, a new list; NULL: nothing. */
struct curl_slist *iw_resolve_entry(struct iw_net *net, const struct iw_host *host);
void iw_resolve_loaded(struct iw_host *host);                     /* it was told */
void iw_resolve_forget(struct iw_net *net, struct iw_host *host); /* libcurl is to forget what it knows of the host */

/* child.c */
void iw_child_kill_all(struct iw_net *net);

/* multi.c */
enum iw_err iw_multi_open(struct iw_net *net, struct iw_multi *multi);
void iw_multi_close(struct iw_multi *multi);
void iw_multi_kick(struct iw_multi *multi);
void iw_multi_forget(struct iw_watch *watch); /* stops watching; the descriptor may then be closed */

/* session.c */
bool iw_session_init(struct iw_net *net);
/* Where the sessions of the host's connections are kept: its own, or what all hosts share. */
CURLSH *iw_session_of(struct iw_net *net, struct iw_host *host);
void iw_session_drop(CURLSH **sessions); /* no handle may be set to them; NULL is in order */

/* trust.c */
/* Checks the servers of the handle's connections against the certificates; where they cannot be read, its transfers end
 * with CURLE_SSL_CACERT_BADFILE. Any thread. */
void iw_trust_use(struct iw_trust *trust, CURL *easy);
/* Why they cannot be read; NULL: they can, or nobody tried. */
const char *iw_trust_fault(const struct iw_trust *trust);

/* easy.c */
struct iw_slot *iw_slot_take(struct iw_net *net);
void iw_slot_start(struct iw_slot *slot, struct iw_transfer *transfer);
void iw_slot_done(struct iw_slot *slot, CURLcode result); /* back to the free list; the transfer goes on to the guard */
void iw_slot_free_all(struct iw_net *net);
void iw_slot_cancel_all(struct iw_net *net);
enum iw_err iw_easy_headers(struct iw_net *net, struct iw_diag *diag); /* the header lists, made once */

/* guard.c */
curl_socket_t iw_guard_open(void *slot, curlsocktype purpose, struct curl_sockaddr *address);
int iw_guard_close(void *net, curl_socket_t fd);
int iw_guard_prereq(void *slot, char *peer_ip, char *local_ip, int peer_port, int local_port);
void iw_guard_answered(struct iw_net *net, struct iw_sock *sock,
                       struct iw_transfer *transfer); /* proven: ends it; else holds it */
/* A header block is there that may belong to another request, with a body that might never come. */
bool iw_guard_doubts(const struct iw_slot *slot);
bool iw_guard_wants_proof(const struct iw_net *net, const struct iw_host *host);
void iw_guard_left(struct iw_net *net, struct iw_sock *sock);           /* a request on it failed or was given up */
void iw_guard_repeat(struct iw_net *net, struct iw_transfer *transfer); /* on a connection of its own */
void iw_guard_free_all(struct iw_net *net);
void iw_guard_unasked(struct iw_net *net, struct iw_sock *sock); /* an idle connection became readable */
bool iw_guard_sweep(struct iw_net *net, bool is_final);          /* proves silent connections; false when none waits */
struct iw_sock *iw_guard_find(struct iw_net *net, curl_socket_t fd);

#endif
