/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What to ask next about one target, and what the answers prove. A pure state machine: it never
 * transfers, never waits and never reads a clock; requests come out, responses go in.
 *
 *   iw_probe_init -> { iw_probe_next -> request -> iw_probe_on_head, on_body*, on_end }* -> FINISHED -> facts
 */
#ifndef IW_PROBE_PROBE_H
#define IW_PROBE_PROBE_H

#include "base/arena.h"
#include "image/image.h"
#include "url/url.h"

/* ---- requests and responses (RFC 9110) ---- */

enum iw_method { IW_METHOD_HEAD, IW_METHOD_GET };

struct iw_request {
    enum iw_method method;
    struct iw_url url;
    bool has_range;
    uint64_t range_first, range_last; /* inclusive, RFC 9110 section 14.1.2; last UINT64_MAX: to the end */
    struct iw_str if_range;           /* a strong ETag, or none (section 13.1.5) */
    uint64_t delay_ms;                /* not before so long from now: a retry */
    bool is_apart;                    /* on a connection of its own, so that its answer waits for no proof */
    const char *why;                  /* static text for explain */
};

/* The fields of one final response that matter here. Strings live in the arena of the response. */
struct iw_response {
    int status;       /* 0 until a status line was seen */
    int http_version; /* 10, 11, 20; 0 unknown */
    bool has_content_length;
    bool has_conflicting_length; /* several Content-Lengths that differ (RFC 9112 section 6.3) */
    uint64_t content_length;
    bool has_content_range; /* the field was there */
    bool has_valid_range;   /* "bytes first-last/total" that parses with first <= last < total */
    bool has_total;         /* total known: "/total", also where a 416 tells it */
    uint64_t range_first, range_last, range_total;
    bool is_chunked; /* Transfer-Encoding present */
    bool has_retry_after;
    bool retry_after_is_date; /* retry_after_s is seconds since 1970 then */
    uint64_t retry_after_s;
    struct iw_str content_type;     /* lower-cased, without parameters */
    struct iw_str content_type_all; /* as it came, when it has parameters */
    struct iw_str content_encoding; /* lower-cased; empty for identity */
    struct iw_str etag, last_modified, location, vary;
    struct iw_str robots_tag; /* the X-Robots-Tag lines with LF between them, the first 4 KB */
};

/* Makes *response empty. */
void iw_response_init(struct iw_response *response);
/* Takes one header line (with or without CRLF). A status line ("HTTP/1.1 200 OK", "HTTP/2 200") empties
 * *response first, so that 1xx responses leave nothing behind. Malformed fields are ignored or
 * marked. IW_ERR_NOMEM when the arena is full. */
enum iw_err iw_response_line(struct iw_response *response, struct iw_arena *arena, struct iw_str line) IW_MUST_USE;
/* A length is told, and it is that of the representation. */
bool iw_response_has_length(const struct iw_response *response);

/* How a transfer ended, as far as the network is concerned. */
enum iw_outcome {
    IW_OUTCOME_OK,           /* a whole response, or we stopped it ourselves after the header */
    IW_OUTCOME_TIMEOUT,      /* connect, first byte or total time */
    IW_OUTCOME_DNS,          /* the name does not exist */
    IW_OUTCOME_DNS_LATER,    /* the resolver failed for now */
    IW_OUTCOME_DNS_GIVEN_UP, /* not asked: the resolver failed several times */
    IW_OUTCOME_CONNECT,      /* refused or unreachable */
    IW_OUTCOME_TLS,          /* certificate or handshake refused */
    IW_OUTCOME_RESET,        /* closed or reset before the response was whole */
    IW_OUTCOME_PROTOCOL,     /* not HTTP, or HTTP that contradicts itself */
    IW_OUTCOME_PRIVATE,      /* the final address may not be asked */
    IW_OUTCOME_LATER,        /* not asked: the host wants to be left alone for longer than is waited */
    IW_OUTCOME_DOWN,         /* not asked: connections to the host failed again and again */
    IW_OUTCOME_TOO_BIG,      /* header block beyond the limit */
    IW_OUTCOME_CANCELLED,    /* the run is being stopped */
    IW_OUTCOME_FAULT,        /* our own: out of memory, descriptors */
};

/* ---- facts: all that is known of one target ---- */

/* Histories keep the number: new ones go to the end. */
enum iw_bytes_from {
    IW_BYTES_UNKNOWN,
    IW_BYTES_CONTENT_LENGTH,
    IW_BYTES_CONTENT_RANGE,
    IW_BYTES_COUNTED,
    IW_BYTES_AT_LEAST,
    IW_BYTES_FILE,
    IW_BYTES_DATA_URI,
};
/* As the record spells it ("content-length"); NULL for UNKNOWN. */
const char *iw_bytes_from_name(enum iw_bytes_from from);

/* Why there is no image, one value per rule that says so. Histories keep the number: new ones go to the end. */
enum iw_failure {
    IW_FAILURE_NONE,
    IW_FAILURE_URL_INVALID,
    IW_FAILURE_SCHEME,
    IW_FAILURE_HTTP,
    IW_FAILURE_ACCESS,
    IW_FAILURE_RATE,
    IW_FAILURE_SERVER,
    IW_FAILURE_TIMEOUT,
    IW_FAILURE_DNS,
    IW_FAILURE_DNS_LATER,
    IW_FAILURE_CONNECT,
    IW_FAILURE_DOWN, /* not asked, because its host does not answer: undecided */
    IW_FAILURE_TLS,
    IW_FAILURE_REDIRECT,
    IW_FAILURE_PRIVATE,
    IW_FAILURE_ROBOTS,       /* not asked, because robots.txt forbids it */
    IW_FAILURE_ROBOTS_LATER, /* not asked, because robots.txt cannot be read: undecided */
    IW_FAILURE_NOT_IMAGE,
    IW_FAILURE_CORRUPT,
    IW_FAILURE_DATA_URI, /* a data URI or base64 text that is malformed */
    IW_FAILURE_PROTOCOL, /* the server's answers contradict themselves or break off: undecided */
    IW_FAILURE_FILE,     /* a local file that cannot be read */
    IW_FAILURE_CANCELLED /* the run was stopped before a verdict */
};

struct iw_facts {
    struct iw_str url;       /* the target as the record prints it */
    struct iw_str final_url; /* where redirects ended; NONE when nothing was fetched */
    bool is_local;           /* a file */
    struct iw_image_facts image;
    bool has_looked;      /* bytes were looked at: image.format == NULL means "no known image" */
    const char *dims_why; /* why the pixel size is not known, lives as url does; NULL when it is or was not wanted */
    uint64_t bytes;
    enum iw_bytes_from bytes_from;
    uint64_t inline_chars;   /* of an inline image: its whole text, what stands before the base64 included; else 0 */
    const char *inline_flaw; /* of its text: what some decoders pass over and others refuse, static; or NULL */
    bool is_misplaced;       /* that keeps it from being read where it stands, by any decoder */
    uint32_t robots_denied;  /* bit i: robots.txt forbids it to the agent of the i-th of the judge's profiles */
    struct iw_str content_type, etag, last_modified, vary;
    int status;       /* last HTTP status, 0 none */
    int http_version; /* 10, 11, 20, 0 none */
    unsigned requests;
    uint64_t bytes_read;
    uint64_t us; /* from first request to verdict, queues left out */
    enum iw_failure failure;
    struct iw_str error; /* one sentence, for broken and unknown */
};

/* ---- the machine ---- */

enum iw_probe_method { IW_PROBE_AUTO, IW_PROBE_HEAD, IW_PROBE_RANGE };
enum iw_probe_dims { IW_DIMS_AUTO, IW_DIMS_ALWAYS, IW_DIMS_NEVER };

/* Which bytes of a header are asked for. The last row of a table has no format: it is for every other, and for those
 * that are not known yet. */
struct iw_window_rule {
    const char *format;
    uint32_t first_bytes; /* of the first window */
    uint32_t step_bytes;  /* of the windows behind it, the least */
    unsigned seeks;       /* so many of these; then, and where a format cannot seek, each is four times the last */
};
/* The table in use. */
extern const struct iw_window_rule iw_window_rules[];

#define IW_PROBE_REQUESTS_MAX 32

struct iw_probe_policy {
    enum iw_probe_method method;
    enum iw_probe_dims dims;
    bool profile_wants_dims;    /* some chosen limit needs pixels, format, animation: what AUTO follows */
    struct iw_wants wants;      /* beyond the size; of local files everything */
    uint64_t decisive_bytes;    /* beyond this, size alone decides: HEAD suffices (dims AUTO) */
    bool count_unknown;         /* read bodies whose size is never told ... */
    uint64_t count_limit_bytes; /* ... up to this */
    const struct iw_window_rule *windows;
    uint64_t drain_bytes;         /* a body that nobody wants is read up to this, to keep the connection */
    unsigned max_header_requests; /* ranged GETs for one header: 8; at most IW_PROBE_REQUESTS_MAX */
    uint64_t max_header_bytes;    /* and bytes: 1 MiB */
    unsigned max_redirects;
    unsigned max_retries;
    uint64_t retry_base_ms, retry_cap_ms; /* exponential between these; jitter comes from the seed */
    uint64_t retry_after_cap_ms;
};
void iw_probe_policy_default(struct iw_probe_policy *policy);

/* What a host has taught us; one per host, kept by whoever keeps hosts. Start with {0}. */
struct iw_habit {
    unsigned head_good;     /* HEADs that told a size */
    unsigned head_bad;      /* HEADs that failed or lied where GET knew better */
    unsigned range_ignored; /* 200 where 206 was asked */
    bool head_has_body;     /* sends a body after a HEAD response: HEAD is not used again */
    bool wants_proof;       /* answers to HEADs wait until one that echoes a range shows that they were in step */
    bool wants_each_proven; /* what waits so keeps others from being asked: each answer had better prove itself */
};

struct iw_probe; /* lives in the item's arena */

/* url and arena stay the caller's and must outlive the probe. seed drives the jitter alone. NULL: no memory. */
struct iw_probe *iw_probe_new(struct iw_arena *arena, const struct iw_probe_policy *policy, const struct iw_url *url,
                              uint64_t seed);

/* What an earlier look found, to be called before the first request; known stays the caller's and must outlive the
 * probe. Where a HEAD shows by length and validator that nothing has changed, or fails as GET did then, nothing further
 * is asked. */
void iw_probe_know(struct iw_probe *probe, const struct iw_facts *known);

/* What comes next: true and *out, or false: finished, the facts are final. habit is of out's host (that of
 * the current URL: iw_probe_url). */
bool iw_probe_next(struct iw_probe *probe, const struct iw_habit *habit, struct iw_request *out);
/* *request, from iw_probe_next() and not sent yet, as it would be planned now that habit may know more. */
void iw_probe_reconsider(struct iw_probe *probe, const struct iw_habit *habit, struct iw_request *request);
/* Whether the answer to the HEAD in hand, from iw_probe_on_head(), says just what an earlier look found. */
bool iw_probe_is_as_known(const struct iw_probe *probe);
/* The URL that the next request goes to (redirects change it). */
const struct iw_url *iw_probe_url(const struct iw_probe *probe);

enum iw_body { IW_BODY_READ, IW_BODY_DRAIN, IW_BODY_STOP };
/* The header block is complete: what to do with the body. */
enum iw_body iw_probe_on_head(struct iw_probe *probe, const struct iw_response *response);
/* After that: another request is going to follow this one, as far as can be told. */
bool iw_probe_is_followed(const struct iw_probe *probe);
/* Body bytes that were to be read; STOP when no more are wanted (the transfer is then cut, outcome OK). */
enum iw_body iw_probe_on_body(struct iw_probe *probe, const uint8_t *bytes, size_t len);
/* The response just seen was not this request's answer (a connection out of step): forget it. */
void iw_probe_on_restart(struct iw_probe *probe);
struct iw_transfer_figures {
    uint64_t us;         /* time on the wire */
    uint64_t body_bytes; /* received, drained ones included */
    uint64_t now_unix_s; /* the wall clock, for Retry-After dates */
    bool was_cut;        /* the body was stopped before its end */
};
/* The transfer is over. habit of its host is updated. */
void iw_probe_on_end(struct iw_probe *probe, enum iw_outcome outcome, const char *detail,
                     const struct iw_transfer_figures *figures, struct iw_habit *habit);
/* Ends the machine from outside (cancelled, refused): the next iw_probe_next() says finished. */
void iw_probe_stop(struct iw_probe *probe, enum iw_failure failure, const char *text);
/* Final after iw_probe_next() returned false; strings live in the arena. */
struct iw_facts *iw_probe_facts(struct iw_probe *probe);

/* Begins a finished machine anew: what it asks for next is the whole of the target, from where its redirects ended; at
 * most limit_bytes. What breaks off is taken up where it ended, where a strong ETag guards it. The facts keep what was
 * learnt; bytes becomes exact, failure tells how it went. */
void iw_probe_fetch(struct iw_probe *probe, uint64_t limit_bytes);
/* Where in the file the bytes belong that iw_probe_on_body() is about to be told of; UINT64_MAX: nowhere. */
uint64_t iw_probe_body_place(const struct iw_probe *probe);
/* Bytes that are in hand from the start of the file. */
uint64_t iw_probe_fetched(const struct iw_probe *probe);

/* A name for bytes that are no image: "HTML", "JSON", "XML", "text", "nothing at all", "unknown bytes". */
const char *iw_probe_describe_bytes(struct iw_str head);

/* Facts of bytes in memory or of a local file: the same scanners without a network. read() fills buf with up
 * to len bytes from offset at and returns how many (0 at the end or on error). */
typedef size_t (*iw_probe_read_fn)(void *user, uint64_t at, uint8_t *buf, size_t len);
enum iw_err iw_probe_local(struct iw_arena *arena, const struct iw_probe_policy *policy, uint64_t total_bytes,
                           iw_probe_read_fn read, void *user, struct iw_facts *facts) IW_MUST_USE;

#endif
