/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* One request on one easy handle: options set once, the few that differ set when they differ, callbacks to the
 * transfer's events, and libcurl's result codes to outcomes. Handles are reused and never reset: curl_easy_reset()
 * would bring back the CApath whose mere presence defeats libcurl's cache of CA certificates. */
#include "base/iw.h"
#include "net/inside.h"

#include "base/mem.h"

#include <stdio.h>

enum { MODE_NONE, MODE_HEAD, MODE_GET, LINE_MAX_BYTES = 1 << 20 };
/* libcurl allocates this for each transfer: what a header alone needs comes from malloc's fast bins. Not where HTTP/2
 * may be spoken: with a buffer smaller than a frame beside others on a connection, libcurl 7.88 leaves streams whose
 * bytes have come waiting until they time out. */
static const long HEAD_BUFFER_BYTES = 1024, GET_BUFFER_BYTES = 16384;
enum { LONG_PATIENCE = 10 }; /* what is read whole may take so many times the time-out of one header */

/* ---- callbacks ---- */

/* A connection for which nothing more is known is not pooled: those of hosts with one URL would only be looked at again
 * and again by libcurl. While reading goes on some are kept, since what is read next may be theirs. */
static void close_behind(struct iw_slot *slot)
{
    const struct iw_net *net = slot->net;
    struct iw_transfer *transfer = slot->transfer;
    bool is_crowded = net->open > net->in_flight + IW_MIN(net->policy.max_pooled / 2, (unsigned)POOL_IDLE);
    if (transfer->host->queue.count || !transfer->events->is_last || !transfer->events->is_last(transfer, is_crowded))
        return;
    slot->is_closing = true;
    curl_easy_setopt(slot->easy, CURLOPT_FORBID_REUSE, 1L);
}

static bool hand_over_head(struct iw_slot *slot)
{
    struct iw_transfer *transfer = slot->transfer;
    if (transfer->response.status < 200)
        return true; /* 1xx: the final response follows */
    slot->has_head = true;
    if (iw_guard_doubts(slot)) {
        slot->is_repeat = true;
        transfer->wants_fresh = true;
        transfer->repeats++;
        transfer->events->restart(transfer);
        return false;
    }
    bool is_read = transfer->events->head(transfer) != IW_BODY_STOP;
    close_behind(slot);
    if (is_read)
        return true;
    slot->is_cut = true;
    return false;
}

/* At once, not when the transfer is over: the next request may be sent on the connection before that. */
static void account(const struct iw_slot *slot, size_t len)
{
    if (!slot->sock)
        return;
    slot->sock->accounted_bytes += len;
    slot->sock->is_uncountable = slot->sock->is_uncountable || slot->transfer->response.is_chunked;
}

static size_t on_header(char *line, size_t size, size_t count, void *user)
{
    struct iw_slot *slot = user;
    size_t len = size * count;
    slot->header_bytes += len;
    account(slot, len);
    if (slot->header_bytes > slot->net->policy.max_header_block_bytes) {
        slot->is_too_big = true;
        return 0;
    }
    if (slot->has_head)
        return len; /* trailers */
    if (len <= 2 && (line[0] == '\r' || line[0] == '\n'))
        return hand_over_head(slot) ? len : 0;
    struct iw_transfer *transfer = slot->transfer;
    if (iw_response_line(&transfer->response, transfer->arena, (struct iw_str){line, len}) != IW_OK) {
        slot->is_too_big = true;
        return 0;
    }
    return len;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *user)
{
    struct iw_slot *slot = user;
    size_t len = size * count;
    slot->transfer->body_bytes += len;
    account(slot, len);
    if (!slot->has_head)
        return len;
    if (slot->transfer->events->body(slot->transfer, (const uint8_t *)bytes, len) == IW_BODY_STOP) {
        slot->is_cut = true;
        return CURL_WRITEFUNC_ERROR;
    }
    return len;
}

/* ---- handles ---- */

static struct curl_slist *append(struct curl_slist *list, const char *line, bool *failed)
{
    struct curl_slist *longer = curl_slist_append(list, line);
    if (!longer)
        *failed = true;
    return longer ? longer : list;
}

/* As a header of our own: libcurl formats that once for each request, and CURLOPT_USERAGENT twice. */
static void add_user_agent(struct iw_net *net, bool *failed)
{
    static const char name[] = "User-Agent:";
    for (size_t i = 0; i < net->policy.header_count; i++)
        if (strncasecmp(net->policy.headers[i], name, sizeof name - 1) == 0)
            return;
    struct iw_buf line;
    iw_buf_init(&line, LINE_MAX_BYTES);
    iw_buf_printf(&line, "%s %s", name, net->policy.user_agent);
    iw_buf_add_char(&line, '\0');
    *failed = *failed || line.err != IW_OK;
    if (line.err == IW_OK) {
        net->image_headers = append(net->image_headers, line.ptr, failed);
        net->document_headers = append(net->document_headers, line.ptr, failed);
    }
    iw_buf_release(&line);
}

enum iw_err iw_easy_headers(struct iw_net *net, struct iw_diag *diag)
{
    const struct iw_net_policy *policy = &net->policy;
    bool failed = false;
    char accept[512];
    struct iw_buf line;
    iw_buf_init(&line, sizeof accept);
    iw_buf_printf(&line, "Accept: %s", policy->accept);
    iw_buf_add_char(&line, '\0');
    bool too_long = line.err != IW_OK;
    if (!too_long)
        net->image_headers = append(net->image_headers, line.ptr, &failed);
    iw_buf_release(&line);
    if (too_long)
        return iw_fail(diag, IW_ERR_USAGE, 0, 0, "the Accept value is too long");
    net->image_headers = append(net->image_headers, "Accept-Encoding: identity", &failed);
    net->document_headers = append(net->document_headers, "Accept: */*", &failed);
    add_user_agent(net, &failed);
    for (size_t i = 0; i < policy->header_count; i++) {
        net->image_headers = append(net->image_headers, policy->headers[i], &failed);
        net->document_headers = append(net->document_headers, policy->headers[i], &failed);
    }
    return failed ? IW_ERR_NOMEM : IW_OK;
}

/* libcurl asks for a context of a proxy's connection as of any other, and --cacert does not speak of proxies. */
static void set_trust(CURL *easy, const struct iw_net_policy *policy)
{
    bool is_shared = policy->trust && !(policy->proxy && strncasecmp(policy->proxy, "https:", 6) == 0);
    if (policy->insecure) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    } else if (is_shared) {
        iw_trust_use(policy->trust, easy);
    } else if (policy->cacert) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, policy->cacert);
    }
}

static void set_fixed_options(struct iw_slot *slot)
{
    const struct iw_net_policy *policy = &slot->net->policy;
    CURL *easy = slot->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, slot->errors);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    set_trust(easy, policy);
    curl_easy_setopt(easy, CURLOPT_PROXY, policy->proxy ? policy->proxy : "");
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, -1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                     (long)(policy->http11_only ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)policy->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, slot);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, slot);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, iw_guard_open);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, slot);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, iw_guard_close);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, slot->net);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, iw_guard_prereq);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, slot);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, slot->net->image_headers);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)policy->timeout_ms);
}

struct iw_slot *iw_slot_take(struct iw_net *net)
{
    struct iw_slot *slot = net->free_slots;
    if (slot) {
        net->free_slots = slot->next;
        return slot;
    }
    slot = iw_calloc(1, sizeof *slot);
    if (!slot)
        return NULL;
    slot->net = net;
    slot->easy = curl_easy_init();
    if (!slot->easy) {
        iw_free(slot);
        return NULL;
    }
    set_fixed_options(slot);
    return slot;
}

/* ---- start ---- */

static bool wants_own_connection(const struct iw_transfer *transfer)
{
    const struct iw_habit *habit = &transfer->host->habit;
    if (transfer->wants_fresh || transfer->request.is_apart)
        return true;
    return transfer->request.method == IW_METHOD_HEAD ? habit->head_has_body : habit->range_ignored > 0;
}

static void set_headers(struct iw_slot *slot, const struct iw_transfer *transfer)
{
    bool is_document = transfer->wants_encoding;
    if (transfer->request.if_range.len && !is_document) {
        bool failed = false;
        for (const struct curl_slist *h = slot->net->image_headers; h; h = h->next)
            slot->own_headers = append(slot->own_headers, h->data, &failed);
        struct iw_str line =
            iw_arena_printf(transfer->arena, "If-Range: %.*s", IW_STR_ARGS(transfer->request.if_range));
        if (line.ptr)
            slot->own_headers = append(slot->own_headers, line.ptr, &failed);
        curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, slot->own_headers);
        return;
    }
    if (is_document == slot->is_document)
        return;
    slot->is_document = is_document;
    curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER,
                     is_document ? slot->net->document_headers : slot->net->image_headers);
    curl_easy_setopt(slot->easy, CURLOPT_ACCEPT_ENCODING, is_document ? "gzip, deflate" : NULL);
}

/* The origin is parsed once for each host, and the request target is sent as it stands: libcurl would parse, print and
 * copy the whole URL for each request, a sixth of its own time. A proxy needs it whole. */
static void set_url(struct iw_slot *slot, const struct iw_transfer *transfer)
{
    const struct iw_url *url = &transfer->request.url;
    struct iw_host *host = transfer->host;
    if (slot->net->policy.proxy) {
        curl_easy_setopt(slot->easy, CURLOPT_URL, url->text.ptr);
        return;
    }
    if (!host->handle && (host->handle = curl_url()) != NULL)
        curl_url_set(host->handle, CURLUPART_URL, host->origin.ptr, 0);
    if (slot->origin != host->handle)
        curl_easy_setopt(slot->easy, CURLOPT_CURLU, host->handle);
    slot->origin = host->handle;
    curl_easy_setopt(slot->easy, CURLOPT_REQUEST_TARGET, url->path.ptr);
}

static void set_sessions(struct iw_slot *slot, CURLSH *sessions)
{
    if (slot->sessions != sessions)
        curl_easy_setopt(slot->easy, CURLOPT_SHARE, sessions);
    slot->sessions = sessions;
}

static void set_options(struct iw_slot *slot, const struct iw_transfer *transfer)
{
    const struct iw_request *request = &transfer->request;
    int mode = request->method == IW_METHOD_HEAD ? MODE_HEAD : MODE_GET;
    if (mode != slot->mode)
        curl_easy_setopt(slot->easy, mode == MODE_HEAD ? CURLOPT_NOBODY : CURLOPT_HTTPGET, 1L);
    slot->mode = mode;
    bool is_small = mode == MODE_HEAD && request->url.scheme == IW_SCHEME_HTTP;
    long buffer_bytes = is_small ? HEAD_BUFFER_BYTES : GET_BUFFER_BYTES;
    if (buffer_bytes != slot->buffer_bytes)
        curl_easy_setopt(slot->easy, CURLOPT_BUFFERSIZE, buffer_bytes);
    slot->buffer_bytes = buffer_bytes;
    set_url(slot, transfer);
    set_sessions(slot, iw_session_of(slot->net, transfer->host));
    if (request->has_range) {
        char range[64];
        bool is_open = request->range_last == UINT64_MAX;
        int len = snprintf(range, sizeof range, "%llu-", (unsigned long long)request->range_first);
        if (!is_open)
            (void)snprintf(range + len, sizeof range - (size_t)len, "%llu", (unsigned long long)request->range_last);
        curl_easy_setopt(slot->easy, CURLOPT_RANGE, range);
    } else if (slot->has_range) {
        curl_easy_setopt(slot->easy, CURLOPT_RANGE, NULL);
    }
    slot->has_range = request->has_range;
    slot->resolve = iw_resolve_entry(slot->net, transfer->host);
    if (slot->resolve)
        curl_easy_setopt(slot->easy, CURLOPT_RESOLVE, slot->resolve);
    bool is_fresh = wants_own_connection(transfer);
    if (is_fresh != slot->is_fresh)
        curl_easy_setopt(slot->easy, CURLOPT_FRESH_CONNECT, (long)is_fresh);
    if (is_fresh != slot->is_fresh || slot->is_closing)
        curl_easy_setopt(slot->easy, CURLOPT_FORBID_REUSE, (long)is_fresh);
    slot->is_fresh = is_fresh;
    slot->is_closing = false;
    if (transfer->is_long != slot->is_long) {
        uint64_t timeout = slot->net->policy.timeout_ms * (transfer->is_long ? LONG_PATIENCE : 1);
        curl_easy_setopt(slot->easy, CURLOPT_TIMEOUT_MS, (long)timeout);
    }
    slot->is_long = transfer->is_long;
    set_headers(slot, transfer);
}

void iw_slot_start(struct iw_slot *slot, struct iw_transfer *transfer)
{
    struct iw_net *net = slot->net;
    transfer->habit->wants_proof = iw_guard_wants_proof(net, transfer->host);
    transfer->habit->wants_each_proven = transfer->keeps_place && !transfer->host->has_frames;
    if (transfer->events->begin)
        transfer->events->begin(transfer);
    iw_response_init(&transfer->response);
    transfer->was_cut = false;
    transfer->body_bytes = 0;
    transfer->detail[0] = '\0';
    transfer->peer[0] = '\0';
    slot->transfer = transfer;
    slot->header_bytes = 0;
    slot->has_head = slot->is_cut = slot->is_too_big = slot->is_refused = slot->is_repeat = false;
    slot->errors[0] = '\0';
    slot->began_us = uv_hrtime() / 1000;
    slot->prev_busy = NULL;
    slot->next_busy = net->busy_slots;
    if (net->busy_slots)
        net->busy_slots->prev_busy = slot;
    net->busy_slots = slot;
    set_options(slot, transfer);
    net->requests++;
    net->in_flight++;
    transfer->host->in_flight++;
    struct iw_multi *multi = &net->multis[transfer->host->multi];
    if (iw_multi_open(net, multi) != IW_OK || curl_multi_add_handle(multi->curl, slot->easy) != CURLM_OK)
        iw_slot_done(slot, CURLE_FAILED_INIT);
}

/* ---- end ---- */

static const struct {
    CURLcode code;
    enum iw_outcome outcome;
} results[] = {
    {CURLE_OK, IW_OUTCOME_OK},
    {CURLE_COULDNT_RESOLVE_HOST, IW_OUTCOME_DNS_LATER},
    {CURLE_COULDNT_RESOLVE_PROXY, IW_OUTCOME_DNS_LATER},
    {CURLE_COULDNT_CONNECT, IW_OUTCOME_CONNECT},
    {CURLE_OPERATION_TIMEDOUT, IW_OUTCOME_TIMEOUT},
    {CURLE_SSL_CONNECT_ERROR, IW_OUTCOME_TLS},
    {CURLE_PEER_FAILED_VERIFICATION, IW_OUTCOME_TLS},
    {CURLE_SSL_CERTPROBLEM, IW_OUTCOME_TLS},
    {CURLE_SSL_CIPHER, IW_OUTCOME_TLS},
    {CURLE_SSL_ISSUER_ERROR, IW_OUTCOME_TLS},
    {CURLE_SSL_PINNEDPUBKEYNOTMATCH, IW_OUTCOME_TLS},
    {CURLE_SSL_INVALIDCERTSTATUS, IW_OUTCOME_TLS},
    {CURLE_SSL_CACERT_BADFILE, IW_OUTCOME_FAULT},
    {CURLE_GOT_NOTHING, IW_OUTCOME_RESET},
    {CURLE_SEND_ERROR, IW_OUTCOME_RESET},
    {CURLE_RECV_ERROR, IW_OUTCOME_RESET},
    {CURLE_PARTIAL_FILE, IW_OUTCOME_RESET},
    {CURLE_SSL_SHUTDOWN_FAILED, IW_OUTCOME_RESET},
    {CURLE_HTTP2, IW_OUTCOME_RESET},
    {CURLE_HTTP2_STREAM, IW_OUTCOME_RESET},
    {CURLE_OUT_OF_MEMORY, IW_OUTCOME_TOO_BIG}, /* what libcurl says of a header line beyond its own limit */
    {CURLE_FAILED_INIT, IW_OUTCOME_FAULT},
};

static enum iw_outcome outcome_of(const struct iw_slot *slot, CURLcode result)
{
    if (slot->is_refused)
        return IW_OUTCOME_PRIVATE;
    if (slot->is_too_big)
        return IW_OUTCOME_TOO_BIG;
    if (slot->is_cut)
        return IW_OUTCOME_OK;
    for (size_t i = 0; i < IW_ARRAY_LEN(results); i++)
        if (results[i].code == result)
            return results[i].outcome;
    return IW_OUTCOME_PROTOCOL;
}

static void fill_in(struct iw_slot *slot, struct iw_transfer *transfer, CURLcode result)
{
    transfer->us = uv_hrtime() / 1000 - slot->began_us;
    transfer->was_cut = slot->is_cut;
    transfer->outcome = outcome_of(slot, result);
    const char *ip = NULL;
    if (curl_easy_getinfo(slot->easy, CURLINFO_PRIMARY_IP, &ip) == CURLE_OK && ip && *ip) {
        size_t len = IW_MIN(strlen(ip), sizeof transfer->peer - 1);
        memcpy(transfer->peer, ip, len);
        transfer->peer[len] = '\0';
    }
    if (slot->sock)
        transfer->peer_is_private = slot->sock->is_private;
    else
        transfer->peer_is_private = iw_host_classify(iw_str_from(transfer->peer)) == IW_ADDRESS_PRIVATE;
    if (result != CURLE_OK && !slot->is_cut) {
        const char *text = slot->errors[0] ? slot->errors : curl_easy_strerror(result);
        const char *fault = iw_trust_fault(slot->net->policy.trust);
        if (result == CURLE_SSL_CACERT_BADFILE && fault)
            text = fault;
        size_t len = IW_MIN(strlen(text), sizeof transfer->detail - 1);
        memcpy(transfer->detail, text, len);
        transfer->detail[len] = '\0';
    }
}

static void release(struct iw_slot *slot)
{
    struct iw_net *net = slot->net;
    while (slot->opened_count)
        slot->opened[--slot->opened_count]->opened_by = NULL;
    if (slot->own_headers) {
        curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER,
                         slot->is_document ? net->document_headers : net->image_headers);
        curl_slist_free_all(slot->own_headers);
        slot->own_headers = NULL;
    }
    set_sessions(slot, net->sessions);
    if (slot->resolve)
        curl_easy_setopt(slot->easy, CURLOPT_RESOLVE, NULL);
    curl_slist_free_all(slot->resolve);
    slot->resolve = NULL;
    if (slot->prev_busy)
        slot->prev_busy->next_busy = slot->next_busy;
    else
        net->busy_slots = slot->next_busy;
    if (slot->next_busy)
        slot->next_busy->prev_busy = slot->prev_busy;
    slot->transfer = NULL;
    slot->sock = NULL;
    slot->next = net->free_slots;
    net->free_slots = slot;
}

/* A connection of HTTP/2 that others had opened said goodbye (GOAWAY, as servers do after so many requests) or broke
 * before it came to this stream: that says nothing of it either. */
static bool is_left_behind(const struct iw_slot *slot, CURLcode result)
{
    long opened = 1;
    if (slot->sock || slot->has_head || slot->transfer->repeats || result == CURLE_HTTP2_STREAM)
        return false;
    return result == CURLE_HTTP2 ||
           (curl_easy_getinfo(slot->easy, CURLINFO_NUM_CONNECTS, &opened) == CURLE_OK && opened == 0);
}

static enum iw_pace_news news_of(const struct iw_slot *slot, const struct iw_transfer *transfer, CURLcode result)
{
    int status = transfer->response.status;
    switch (transfer->outcome) {
    case IW_OUTCOME_OK:
        if (status == 429 || status == 503)
            return status == 429 ? IW_PACE_PUSHED : IW_PACE_STRAINED;
        return status >= 500 || status == 408 ? IW_PACE_NEUTRAL : IW_PACE_GOOD;
    case IW_OUTCOME_CONNECT:
        return IW_PACE_DEAD;
    case IW_OUTCOME_TIMEOUT:
        return slot->has_head ? IW_PACE_STRAINED : IW_PACE_DEAD;
    case IW_OUTCOME_TLS: /* a certificate that is refused is an answer */
        return result == CURLE_SSL_CONNECT_ERROR ? IW_PACE_DEAD : IW_PACE_NEUTRAL;
    case IW_OUTCOME_RESET:
        return IW_PACE_STRAINED;
    default:
        return IW_PACE_NEUTRAL;
    }
}

static void tell_host(struct iw_slot *slot, struct iw_transfer *transfer, CURLcode result)
{
    curl_off_t sent = 0, answered = 0;
    if (transfer->outcome == IW_OUTCOME_OK) {
        curl_easy_getinfo(slot->easy, CURLINFO_PRETRANSFER_TIME_T, &sent);
        curl_easy_getinfo(slot->easy, CURLINFO_STARTTRANSFER_TIME_T, &answered);
    }
    uint64_t wait_us = answered > sent ? (uint64_t)(answered - sent) : 0;
    iw_host_heard(slot->net, transfer, news_of(slot, transfer, result), slot->began_us, wait_us);
}

void iw_slot_done(struct iw_slot *slot, CURLcode result)
{
    struct iw_net *net = slot->net;
    struct iw_transfer *transfer = slot->transfer;
    struct iw_sock *sock = slot->sock;
    struct iw_host *host = transfer->host;
    fill_in(slot, transfer, result);
    if (transfer->response.http_version)
        host->has_frames = transfer->response.http_version >= 20;
    if (sock && transfer->response.http_version >= 20)
        sock->is_h2 = true;
    curl_multi_remove_handle(net->multis[host->multi].curl, slot->easy);
    /* a used connection that breaks before an answer says nothing of this request */
    bool is_broken = transfer->outcome == IW_OUTCOME_RESET || transfer->outcome == IW_OUTCOME_PROTOCOL;
    bool is_repeat = slot->is_repeat;
    if (slot->resolve && sock)
        iw_resolve_loaded(host);
    if (transfer->outcome == IW_OUTCOME_CONNECT || (transfer->outcome == IW_OUTCOME_TIMEOUT && !sock))
        iw_resolve_doubt(net, host);
    bool is_stale = is_broken && sock && transfer->nth > 0 && !slot->has_head && !transfer->wants_fresh;
    bool is_left_out = is_broken && is_left_behind(slot, result);
    if (!is_repeat && !is_stale && !is_left_out)
        tell_host(slot, transfer, result);
    release(slot);
    net->in_flight--;
    host->in_flight--;
    iw_address_leave(net, transfer);
    if (is_repeat) {
        net->retried++;
        iw_queue_push(&net->again, transfer);
    } else if (is_left_out) {
        transfer->events->restart(transfer);
        transfer->repeats++;
        net->retried++;
        iw_queue_push(&net->again, transfer);
    } else if (is_stale) {
        iw_guard_repeat(net, transfer);
    } else if (transfer->outcome == IW_OUTCOME_OK) {
        if (transfer->events->answered)
            transfer->events->answered(transfer);
        if (sock)
            iw_guard_answered(net, sock, transfer);
        else
            iw_net_end(net, transfer);
        sock = NULL;
    } else {
        iw_queue_push(&net->ended, transfer);
    }
    if (sock)
        iw_guard_left(net, sock);
    iw_host_ready(net, host);
    iw_host_rest(net, host);
}

void iw_slot_cancel_all(struct iw_net *net)
{
    while (net->busy_slots) {
        struct iw_slot *slot = net->busy_slots;
        struct iw_transfer *transfer = slot->transfer;
        struct iw_sock *sock = slot->sock;
        curl_multi_remove_handle(net->multis[transfer->host->multi].curl, slot->easy);
        transfer->outcome = IW_OUTCOME_CANCELLED;
        release(slot);
        net->in_flight--;
        transfer->host->in_flight--;
        iw_address_leave(net, transfer);
        if (sock)
            iw_guard_left(net, sock);
        iw_queue_push(&net->ended, transfer);
    }
}

void iw_slot_free_all(struct iw_net *net)
{
    while (net->free_slots) {
        struct iw_slot *slot = net->free_slots;
        net->free_slots = slot->next;
        curl_easy_cleanup(slot->easy);
        iw_free(slot);
    }
    curl_slist_free_all(net->image_headers);
    curl_slist_free_all(net->document_headers);
}
