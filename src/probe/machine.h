/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The inside of a probe, shared by plan.c (what to ask), window.c (which bytes of a header), answer.c (what an
 * answer proves), look.c (what the bytes show), known.c (what was so before) and
 * retry.c (whether to ask again). */
#ifndef IW_PROBE_MACHINE_H
#define IW_PROBE_MACHINE_H

#include "probe/held.h"

/* What the next request is for. */
enum iw_step {
    IW_STEP_HEAD,   /* the size, by HEAD */
    IW_STEP_WINDOW, /* size and header in one, by a ranged GET of the first window */
    IW_STEP_MORE,   /* a further window of the header */
    IW_STEP_PLAIN,  /* GET without Range: where ranges are refused or answered with nonsense */
    IW_STEP_COUNT,  /* GET to the end, counting */
    IW_STEP_WHOLE,  /* GET to the end, keeping: fetch.c */
    IW_STEP_DONE,
};

enum { VISITED = 64 };

/* The whole of a target on its way. */
struct iw_fetch {
    uint64_t limit_bytes;
    uint64_t have_bytes;  /* from the start, without a gap */
    uint64_t began_at;    /* where the body in hand began */
    uint64_t total_bytes; /* UINT64_MAX: not told */
    uint64_t resumed_at;
    unsigned resumes;
    bool is_too_big;
};

struct iw_probe {
    const struct iw_probe_policy *policy;
    struct iw_arena *arena;
    struct iw_url url; /* where the next request goes */
    struct iw_facts facts;
    struct iw_held held;
    struct iw_wants wants;
    const struct iw_facts *known; /* from before, or NULL */
    enum iw_step step;
    bool wants_dims;
    uint64_t seed;

    /* the request on its way */
    struct iw_request request;
    struct iw_response response;
    bool has_response;
    bool is_reading;    /* its body goes into held or is counted */
    uint64_t body_at;   /* file offset of the next body byte */
    uint64_t body_seen; /* bytes of this body */
    uint64_t body_end;  /* reading stops here (offset in the file) */
    uint64_t delay_ms;  /* before the next request */

    /* what happened so far */
    bool head_failed, head_told; /* HEAD was of no use; HEAD told a size */
    uint64_t head_bytes;
    bool plain_tried;
    unsigned retries, redirects, header_requests;
    uint64_t more_at, more_len; /* the next window */
    uint64_t last_grown;        /* length of the last continuation */
    unsigned seeks;             /* continuations at an offset that the format names */
    struct iw_str *visited;     /* URLs that redirected: VISITED of them, once there is one */
    struct iw_str strong_etag;
    struct iw_fetch fetch;
    enum iw_outcome broken; /* how the last request that got no answer ended; OK: none */
    struct iw_str broken_detail;
};

/* answer.c: the transfer is over, whatever its outcome: sets the next step. */
void iw_answer_take(struct iw_probe *probe, enum iw_outcome outcome, const char *detail,
                    const struct iw_transfer_figures *figures, struct iw_habit *habit);
/* answer.c: the body in hand begins at a 206's range or at 0; false when it is of no use. */
bool iw_answer_body_place(const struct iw_probe *probe, uint64_t *out_at);

/* answer.c: keeps type and validators of the answer in hand. */
void iw_answer_keep_fields(struct iw_probe *probe);

/* fetch.c: the parts of step WHOLE. iw_fetch_take(): false when the answer is an error like any other;
 * iw_fetch_resume(): true when a transfer that broke off is taken up without counting as a retry, or had it all. */
void iw_fetch_ask(struct iw_probe *probe, struct iw_request *out);
void iw_fetch_forget(struct iw_probe *probe);
void iw_fetch_on_restart(struct iw_probe *probe);
enum iw_body iw_fetch_on_head(struct iw_probe *probe, const struct iw_response *response);
enum iw_body iw_fetch_on_body(struct iw_probe *probe, size_t len);
bool iw_fetch_take(struct iw_probe *probe, bool is_whole);
bool iw_fetch_resume(struct iw_probe *probe);

/* look.c: scans what is held; sets the facts and the next step (MORE, DONE). is_final: no more bytes can be had. */
void iw_look(struct iw_probe *probe, bool is_final);
/* look.c: whether the bytes held already say all (to cut a body short). */
bool iw_look_is_enough(struct iw_probe *probe);

/* window.c: how many bytes from the start to ask for before any is seen. */
uint64_t iw_window_first(const struct iw_probe *probe);
/* window.c: sets the window to ask for where a scan wants more, without any byte in hand; false: a budget is used up,
 * and *out_why says which. */
bool iw_window_next(struct iw_probe *probe, const struct iw_need *need, const char **out_why);

/* known.c: whether a HEAD alone may show that nothing has changed; whether the answer in hand does (then the facts of
 * before are taken over, and the probe is done); whether it fails as it did then. */
bool iw_known_may_suffice(const struct iw_probe *probe);
bool iw_known_take(struct iw_probe *probe);
/* Whether such an answer would show by itself whose it is. */
bool iw_known_proves(const struct iw_probe *probe);
bool iw_known_fails(const struct iw_probe *probe);

/* retry.c: asks again later when retries are left (and response's Retry-After, if any, is not beyond the cap); else
 * false. */
bool iw_retry(struct iw_probe *probe, const struct iw_response *response, uint64_t now_unix_s);

/* Ends the probe with a failure and its sentence. */
void iw_probe_fail(struct iw_probe *probe, enum iw_failure failure, const char *format, ...) IW_PRINTF(3, 4);

#endif
