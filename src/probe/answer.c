/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What an answer proves, and what follows from it. RFC 9110: HEAD may omit fields or be refused (9.3.2), Range may
 * be ignored (14.2), a 206 must be checked against what was asked (15.3.7), 416 may tell the size (15.5.17). */
#include "base/iw.h"
#include "probe/machine.h"

/* A Content-Length below this is no image: 23, 0 and the like are what broken HEAD handlers say. */
enum { IMPLAUSIBLE_BYTES = 64 };

static void next(struct iw_probe *probe, enum iw_step step)
{
    probe->step = step;
}

static bool may_be_image(struct iw_str type)
{
    return type.len == 0 || iw_str_starts(type, IW_STR("image/")) ||
           iw_str_ends_nocase(type, IW_STR("/octet-stream")) || iw_str_eq(type, IW_STR("application/x-download"));
}

void iw_answer_keep_fields(struct iw_probe *probe)
{
    const struct iw_response *r = &probe->response;
    struct iw_facts *facts = &probe->facts;
    facts->content_type = r->content_type;
    facts->etag = r->etag;
    facts->last_modified = r->last_modified;
    facts->vary = r->vary;
    probe->strong_etag = iw_str_starts(r->etag, IW_STR("W/")) ? IW_STR_NONE : r->etag;
}

static void set_bytes(struct iw_probe *probe, uint64_t bytes, enum iw_bytes_from from)
{
    probe->facts.bytes = bytes;
    probe->facts.bytes_from = from;
    if (from != IW_BYTES_AT_LEAST)
        probe->held.total_bytes = bytes;
}

/* ---- failures ---- */

static bool may_pass(int status)
{
    return status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 599);
}

static void fail_status(struct iw_probe *probe, const struct iw_response *r)
{
    enum iw_failure failure = IW_FAILURE_HTTP;
    if (r->status == 401 || r->status == 403 || r->status == 407)
        failure = IW_FAILURE_ACCESS;
    else if (r->status == 429 || (r->status == 503 && r->has_retry_after))
        failure = IW_FAILURE_RATE;
    else if (r->status == 408)
        failure = IW_FAILURE_TIMEOUT;
    else if (may_pass(r->status) || r->status < 200 || r->status > 599)
        failure = IW_FAILURE_SERVER;
    if (probe->retries)
        iw_probe_fail(probe, failure, "HTTP status %d after %u %s", r->status, probe->retries,
                      probe->retries == 1 ? "retry" : "retries");
    else
        iw_probe_fail(probe, failure, "HTTP status %d", r->status);
}

static const struct {
    enum iw_failure failure;
    bool may_pass; /* worth a retry */
    const char *text;
} outcomes[] = {
    [IW_OUTCOME_OK] = {IW_FAILURE_NONE, false, ""},
    [IW_OUTCOME_TIMEOUT] = {IW_FAILURE_TIMEOUT, true, "timed out"},
    [IW_OUTCOME_DNS] = {IW_FAILURE_DNS, false, "the host name does not exist"},
    [IW_OUTCOME_DNS_LATER] = {IW_FAILURE_DNS_LATER, true, "the host name could not be looked up"},
    [IW_OUTCOME_DNS_GIVEN_UP] = {IW_FAILURE_DNS_LATER, false,
                                 "not asked: the host name could not be looked up, several times"},
    [IW_OUTCOME_CONNECT] = {IW_FAILURE_CONNECT, true, "cannot connect"},
    [IW_OUTCOME_TLS] = {IW_FAILURE_TLS, false, "TLS failed"},
    [IW_OUTCOME_RESET] = {IW_FAILURE_PROTOCOL, true, "the connection broke off"},
    [IW_OUTCOME_PROTOCOL] = {IW_FAILURE_PROTOCOL, true, "the answer is not valid HTTP"},
    [IW_OUTCOME_PRIVATE] = {IW_FAILURE_PRIVATE, false, "the address is private"},
    [IW_OUTCOME_LATER] = {IW_FAILURE_RATE, false,
                          "not asked: the host wants to be left alone for longer than is waited"},
    [IW_OUTCOME_DOWN] = {IW_FAILURE_DOWN, false, "not asked: the host does not answer"},
    [IW_OUTCOME_TOO_BIG] = {IW_FAILURE_PROTOCOL, false, "the answer's header is too large"},
    [IW_OUTCOME_CANCELLED] = {IW_FAILURE_CANCELLED, false, "the run was stopped"},
    [IW_OUTCOME_FAULT] = {IW_FAILURE_CANCELLED, false, "a fault of imgweigh"},
};

static bool is_of_head_alone(enum iw_outcome outcome)
{
    return outcome == IW_OUTCOME_RESET || outcome == IW_OUTCOME_PROTOCOL || outcome == IW_OUTCOME_TIMEOUT ||
           outcome == IW_OUTCOME_TOO_BIG;
}

/* A 206 shows whose answer it is: where it breaks off or is slow, what came of it may be all of the header. */
static bool has_header_in_hand(struct iw_probe *probe)
{
    const struct iw_response *r = &probe->response;
    bool is_part = probe->has_response && probe->is_reading && r->status == 206 && r->has_total;
    return is_part && probe->step != IW_STEP_WHOLE && probe->body_seen > 0 && iw_look_is_enough(probe);
}

/* detail: libcurl's words, may be NULL. NONE where there is no memory. */
static struct iw_str words_of(struct iw_probe *probe, enum iw_outcome outcome, const char *detail)
{
    if (!detail || outcome == IW_OUTCOME_PRIVATE) /* we refused: libcurl's words would blame the server */
        detail = "";
    return iw_arena_printf(probe->arena, "%s%s%s%s", outcomes[outcome].text, *detail ? ": " : "", detail,
                           probe->retries ? " (after retries)" : "");
}

/* It was not sent: the host is not asked any more. A target that was asked before keeps what came of that. */
static void take_not_asked(struct iw_probe *probe, enum iw_outcome outcome, const char *detail)
{
    probe->facts.requests--;
    bool is_known = probe->facts.bytes_from != IW_BYTES_UNKNOWN && probe->step != IW_STEP_WHOLE;
    if (is_known && outcome == IW_OUTCOME_DOWN) {
        probe->facts.dims_why = "the host does not answer any more";
        next(probe, IW_STEP_DONE);
        return;
    }
    bool was_asked = outcome == IW_OUTCOME_DOWN && probe->broken != IW_OUTCOME_OK;
    if (was_asked)
        outcome = probe->broken;
    struct iw_str words = was_asked ? probe->broken_detail : iw_str_from(detail ? detail : "");
    iw_probe_fail(probe, outcomes[outcome].failure, "%s%s%.*s%s", outcomes[outcome].text, words.len ? ": " : "",
                  IW_STR_ARGS(words), was_asked && probe->retries ? " (after retries)" : "");
}

static void take_broken(struct iw_probe *probe, enum iw_outcome outcome, const char *detail, struct iw_habit *habit,
                        uint64_t now_unix_s)
{
    if (outcome == IW_OUTCOME_LATER || outcome == IW_OUTCOME_DOWN || outcome == IW_OUTCOME_DNS_GIVEN_UP) {
        take_not_asked(probe, outcome, detail);
        return;
    }
    probe->broken = outcome;
    probe->broken_detail = iw_arena_str(probe->arena, iw_str_from(detail ? detail : ""));
    if (probe->step == IW_STEP_HEAD && is_of_head_alone(outcome) && probe->policy->method != IW_PROBE_HEAD) {
        habit->head_bad++;
        probe->head_failed = true;
        next(probe, IW_STEP_WINDOW);
        return;
    }
    if (outcomes[outcome].may_pass && has_header_in_hand(probe)) {
        if (probe->step != IW_STEP_MORE)
            iw_answer_keep_fields(probe);
        set_bytes(probe, probe->response.range_total, IW_BYTES_CONTENT_RANGE);
        iw_look(probe, true);
        return;
    }
    bool is_whole_wanted = probe->step == IW_STEP_WHOLE;
    if (is_whole_wanted && outcomes[outcome].may_pass && iw_fetch_resume(probe))
        return;
    if (outcomes[outcome].may_pass && iw_retry(probe, NULL, now_unix_s))
        return;
    struct iw_str words = words_of(probe, outcome, detail);
    if (!is_whole_wanted && probe->facts.bytes_from != IW_BYTES_UNKNOWN && outcomes[outcome].may_pass) {
        struct iw_str why = iw_arena_printf(probe->arena, "its header was not to be had: %.*s", IW_STR_ARGS(words));
        probe->facts.dims_why = why.ptr ? why.ptr : "its header was not to be had";
        next(probe, IW_STEP_DONE);
        return;
    }
    iw_probe_fail(probe, outcomes[outcome].failure, "%.*s", IW_STR_ARGS(words));
}

/* ---- redirects ---- */

static bool is_redirect(const struct iw_response *r)
{
    return r->status == 301 || r->status == 302 || r->status == 303 || r->status == 307 || r->status == 308;
}

static void take_redirect(struct iw_probe *probe)
{
    const struct iw_response *r = &probe->response;
    if (r->location.len == 0) {
        iw_probe_fail(probe, IW_FAILURE_HTTP, "HTTP status %d without a Location", r->status);
        return;
    }
    if (probe->redirects >= probe->policy->max_redirects) {
        iw_probe_fail(probe, IW_FAILURE_REDIRECT, "more than %u redirects", probe->policy->max_redirects);
        return;
    }
    if (!probe->visited)
        probe->visited = iw_arena_zalloc(probe->arena, VISITED * sizeof *probe->visited);
    if (!probe->visited) {
        iw_probe_fail(probe, IW_FAILURE_CANCELLED, "out of memory");
        return;
    }
    probe->visited[probe->redirects++ % VISITED] = probe->url.text;
    struct iw_url target;
    enum iw_scheme scheme = IW_SCHEME_OTHER;
    struct iw_diag diag = {0};
    enum iw_err err = iw_url_parse(probe->arena, r->location, &probe->url, &target, &scheme, &diag);
    if (err == IW_ERR_UNKNOWN_NAME) {
        iw_probe_fail(probe, IW_FAILURE_SCHEME, "redirects to a scheme that is not fetched: %.*s",
                      IW_STR_ARGS(iw_str_sub(r->location, 0, 80)));
        return;
    }
    if (err != IW_OK) {
        iw_probe_fail(probe, IW_FAILURE_URL_INVALID, "redirects to what is no URL: %s", diag.text);
        return;
    }
    for (unsigned i = 0; i < IW_MIN(probe->redirects, (unsigned)VISITED); i++) {
        if (iw_str_eq(probe->visited[i], target.text)) {
            iw_probe_fail(probe, IW_FAILURE_REDIRECT, "redirect loop");
            return;
        }
    }
    probe->url = target;
    iw_held_clear(&probe->held);
    iw_fetch_forget(probe); /* a validator speaks for one URL */
}

/* ---- HEAD ---- */

static void head_is_useless(struct iw_probe *probe, struct iw_habit *habit)
{
    probe->head_failed = true;
    if (probe->policy->method == IW_PROBE_HEAD) {
        next(probe, IW_STEP_DONE);
        return;
    }
    habit->head_bad++;
    next(probe, IW_STEP_WINDOW);
}

static void take_head(struct iw_probe *probe, struct iw_habit *habit, uint64_t now_unix_s)
{
    const struct iw_response *r = &probe->response;
    if (r->status == 429 || r->status == 408 || r->status == 425 || (r->status == 503 && r->has_retry_after)) {
        if (!iw_retry(probe, r, now_unix_s))
            fail_status(probe, r);
        return;
    }
    if (r->status == 410 || r->status == 407) {
        fail_status(probe, r);
        return;
    }
    if (r->status < 200 || r->status > 299) {
        if (iw_known_fails(probe))
            fail_status(probe, r);
        else if (probe->policy->method == IW_PROBE_HEAD && !(may_pass(r->status) && iw_retry(probe, r, now_unix_s)))
            fail_status(probe, r);
        else if (probe->policy->method != IW_PROBE_HEAD)
            head_is_useless(probe, habit);
        return;
    }
    iw_answer_keep_fields(probe);
    bool is_unchanged = iw_response_has_length(r) && iw_known_take(probe);
    if (!is_unchanged && (!iw_response_has_length(r) || r->content_length < IMPLAUSIBLE_BYTES)) {
        head_is_useless(probe, habit);
        return;
    }
    habit->head_good++;
    probe->head_told = true;
    probe->head_bytes = r->content_length;
    set_bytes(probe, r->content_length, IW_BYTES_CONTENT_LENGTH);
    if (is_unchanged)
        return;
    /* too large for everybody, by a HEAD that is not known to lie: its header would change nothing */
    bool is_decided = probe->policy->dims == IW_DIMS_AUTO && r->content_length > probe->policy->decisive_bytes &&
                      habit->head_bad <= habit->head_good;
    bool wants_dims = probe->wants_dims && !is_decided;
    bool is_forced = probe->policy->method == IW_PROBE_HEAD;
    if (is_forced && wants_dims)
        probe->facts.dims_why = "HEAD alone was to be asked";
    next(probe, !is_forced && (wants_dims || !may_be_image(r->content_type)) ? IW_STEP_WINDOW : IW_STEP_DONE);
}

/* ---- GET ---- */

bool iw_answer_body_place(const struct iw_probe *probe, uint64_t *out_at)
{
    const struct iw_response *r = &probe->response;
    if (r->content_encoding.len || r->has_conflicting_length)
        return false;
    if (r->status == 200) {
        *out_at = 0;
        return true;
    }
    if (r->status != 206 || !probe->request.has_range || !r->has_valid_range ||
        r->range_first != probe->request.range_first)
        return false;
    *out_at = r->range_first;
    return true;
}

/* GET knows better than HEAD: HEAD's word is compared with it, once. */
static void compare_head(struct iw_probe *probe, uint64_t bytes, struct iw_habit *habit)
{
    if (probe->head_told && probe->head_bytes != bytes) {
        habit->head_bad++;
        if (habit->head_good)
            habit->head_good--;
    }
    probe->head_told = false;
}

static void no_size(struct iw_probe *probe)
{
    if (probe->policy->count_unknown && probe->step != IW_STEP_COUNT)
        next(probe, IW_STEP_COUNT);
    else
        next(probe, IW_STEP_DONE);
}

/* Ranges are refused or answered with nonsense: one GET without. */
static void ask_plain(struct iw_probe *probe, const char *why)
{
    if (probe->plain_tried) {
        if (probe->facts.bytes_from == IW_BYTES_UNKNOWN)
            iw_probe_fail(probe, IW_FAILURE_PROTOCOL, "%s", why);
        else
            probe->facts.dims_why = why;
        next(probe, IW_STEP_DONE);
        return;
    }
    probe->plain_tried = true;
    iw_held_clear(&probe->held);
    next(probe, IW_STEP_PLAIN);
}

static void take_206(struct iw_probe *probe, struct iw_habit *habit)
{
    const struct iw_response *r = &probe->response;
    if (!probe->is_reading) {
        ask_plain(probe, r->content_encoding.len ? "the server compresses although identity is asked for"
                                                 : "the server answers a range with something else");
        return;
    }
    if (probe->step != IW_STEP_MORE)
        iw_answer_keep_fields(probe);
    if (r->has_total) {
        compare_head(probe, r->range_total, habit);
        set_bytes(probe, r->range_total, IW_BYTES_CONTENT_RANGE);
    }
    if (probe->body_seen == 0) {
        ask_plain(probe, "the server sends an empty range");
        return;
    }
    if (probe->wants_dims || !may_be_image(r->content_type) || probe->facts.bytes_from == IW_BYTES_UNKNOWN)
        iw_look(probe, false);
    else
        next(probe, IW_STEP_DONE);
    if (probe->step == IW_STEP_DONE && probe->facts.bytes_from == IW_BYTES_UNKNOWN &&
        probe->facts.failure == IW_FAILURE_NONE)
        no_size(probe);
}

/* A body from its start, read to its end or cut by us. */
static void take_200(struct iw_probe *probe, struct iw_habit *habit, bool is_whole)
{
    const struct iw_response *r = &probe->response;
    if (probe->request.has_range)
        habit->range_ignored++;
    iw_answer_keep_fields(probe);
    if (r->content_encoding.len) {
        probe->facts.dims_why = "the server compresses although identity is asked for";
        next(probe, IW_STEP_DONE);
        return;
    }
    if (r->has_conflicting_length) {
        iw_probe_fail(probe, IW_FAILURE_PROTOCOL, "the answer has Content-Lengths that differ");
        return;
    }
    if (iw_response_has_length(r)) {
        compare_head(probe, r->content_length, habit);
        set_bytes(probe, r->content_length, IW_BYTES_CONTENT_LENGTH);
    } else if (is_whole) {
        set_bytes(probe, probe->body_seen, IW_BYTES_COUNTED);
    } else if (probe->policy->count_unknown) {
        set_bytes(probe, probe->body_seen, IW_BYTES_AT_LEAST);
    }
    if (probe->step == IW_STEP_COUNT) {
        next(probe, IW_STEP_DONE);
        return;
    }
    iw_look(probe, true);
}

static void take_416(struct iw_probe *probe)
{
    const struct iw_response *r = &probe->response;
    if (r->has_total && r->range_total == 0) {
        set_bytes(probe, 0, IW_BYTES_CONTENT_RANGE);
        iw_probe_fail(probe, IW_FAILURE_NOT_IMAGE, "not an image: nothing at all");
        return;
    }
    if (r->has_total)
        set_bytes(probe, r->range_total, IW_BYTES_CONTENT_RANGE);
    if (probe->step == IW_STEP_MORE) {
        iw_look(probe, true);
        return;
    }
    ask_plain(probe, "the server refuses every range");
}

/* Statuses that some servers and walls have for Range itself, not for the image. */
static bool is_of_range_alone(int status)
{
    return status == 400 || status == 403 || status == 501;
}

static void take_get(struct iw_probe *probe, struct iw_habit *habit, bool is_whole, uint64_t now_unix_s)
{
    const struct iw_response *r = &probe->response;
    if (probe->step == IW_STEP_WHOLE && iw_fetch_take(probe, is_whole))
        return;
    if (r->status == 206 && probe->request.has_range) {
        take_206(probe, habit);
    } else if (r->status == 200) {
        take_200(probe, habit, is_whole);
    } else if (r->status == 416 && probe->request.has_range) {
        take_416(probe);
    } else if (r->status >= 200 && r->status <= 299) {
        iw_answer_keep_fields(probe);
        iw_probe_fail(probe, IW_FAILURE_NOT_IMAGE, "not an image: HTTP status %d", r->status);
    } else if (may_pass(r->status) && iw_retry(probe, r, now_unix_s)) {
        return;
    } else if (iw_known_fails(probe)) {
        fail_status(probe, r);
    } else if (probe->step != IW_STEP_WHOLE && probe->request.has_range && !probe->plain_tried && !probe->head_failed &&
               r->status != 429 && (probe->head_told || is_of_range_alone(r->status))) {
        ask_plain(probe, "");
    } else {
        fail_status(probe, r);
    }
}

void iw_answer_take(struct iw_probe *probe, enum iw_outcome outcome, const char *detail,
                    const struct iw_transfer_figures *figures, struct iw_habit *habit)
{
    if (outcome != IW_OUTCOME_OK || !probe->has_response) {
        take_broken(probe, outcome == IW_OUTCOME_OK ? IW_OUTCOME_PROTOCOL : outcome, detail, habit,
                    figures->now_unix_s);
        return;
    }
    probe->broken = IW_OUTCOME_OK;
    const struct iw_response *r = &probe->response;
    /* we cut the body ourselves unless its end was seen */
    bool is_whole = !figures->was_cut;
    if (is_redirect(r))
        take_redirect(probe);
    else if (probe->request.method == IW_METHOD_HEAD)
        take_head(probe, habit, figures->now_unix_s);
    else
        take_get(probe, habit, is_whole, figures->now_unix_s);
}
