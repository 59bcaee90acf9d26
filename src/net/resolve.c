/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Names are looked up here, once each however many URLs wait, and handed to libcurl as answers (CURLOPT_RESOLVE): by
 * itself it starts a thread for each transfer and blocks the loop while it ends one. A host whose name is not known yet
 * waits with its queue and takes up no place. Whether an address may be asked is not decided here but where the
 * connection is opened, by guard.c: so it does not matter what a name said before. */
#include "base/iw.h"
#include "net/inside.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <stdio.h>

enum {
    AT_ONCE = 32,     /* lookups, */
    AT_MOST = 128,    /* those that are slow included: a thread may hang in getaddrinfo() for long */
    SLOW_MS = 500,    /* slow ones do not keep others waiting */
    LOOK_MS = 100,    /* how often those under way are looked at */
    AGAIN_MS = 500,   /* a name that could not be looked up is looked up again after so long, */
    GIVE_UP = 6,      /* and so many times in a row; then its URLs are undecided */
    REST_MS = 30000,  /* for so long */
    STALE_MS = 60000, /* an answer so old whose addresses refuse connections is asked for again */
    ENTRY_BYTES = 2048
};

/* ---- what needs no lookup ---- */

static bool is_numeric(struct iw_str host)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char bytes[16];
    if (host.len >= sizeof text)
        return false;
    memcpy(text, host.ptr, host.len);
    text[host.len] = '\0';
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* libcurl knows these by itself (RFC 6761). */
static bool is_localhost(struct iw_str host)
{
    return iw_str_eq(host, IW_STR("localhost")) || iw_str_ends_nocase(host, IW_STR(".localhost"));
}

/* ---- the user's rows ---- */

struct row {
    struct iw_str host, addresses;
    unsigned port;
};

/* HOST:PORT:ADDR[,ADDR]; HOST may be "*". */
static bool parse_row(const char *text, struct row *out)
{
    const char *host = text + (*text == '+'), *port = strchr(host, ':');
    const char *address = port ? strchr(port + 1, ':') : NULL;
    if (!address || port == host || !address[1])
        return false;
    *out = (struct row){{host, (size_t)(port - host)}, iw_str_from(address + 1), 0};
    for (const char *c = port + 1; c < address; c++) {
        if (*c < '0' || *c > '9' || out->port > UINT16_MAX)
            return false;
        out->port = out->port * 10 + (unsigned)(*c - '0');
    }
    return out->port > 0 && out->port <= UINT16_MAX;
}

static bool are_addresses(struct iw_str list)
{
    for (size_t at = 0, len; at <= list.len; at += len + 1) {
        len = 0;
        while (at + len < list.len && list.ptr[at + len] != ',')
            len++;
        struct iw_str one = iw_str_sub(list, at, len);
        bool has_brackets = len > 2 && one.ptr[0] == '[' && one.ptr[len - 1] == ']';
        if (!is_numeric(has_brackets ? iw_str_sub(one, 1, len - 2) : one))
            return false;
    }
    return true;
}

enum iw_err iw_resolve_check(const struct iw_net_policy *policy, struct iw_diag *diag)
{
    for (size_t i = 0; i < policy->resolve_count; i++) {
        struct row row;
        if (!parse_row(policy->resolve[i], &row) || !are_addresses(row.addresses))
            return iw_fail(diag, IW_ERR_USAGE, 0, 0, "--resolve takes HOST:PORT:ADDR, not %s", policy->resolve[i]);
    }
    return IW_OK;
}

/* The last row for the host, or else for any host. */
static struct iw_str pinned(const struct iw_net_policy *policy, const struct iw_url *url)
{
    struct iw_str found = IW_STR_NONE;
    bool is_exact = false;
    for (size_t i = 0; i < policy->resolve_count; i++) {
        struct row row;
        if (!parse_row(policy->resolve[i], &row) || row.port != url->port)
            continue;
        bool is_same = iw_str_eq_nocase(row.host, url->host);
        if (!is_same && (is_exact || !iw_str_eq(row.host, IW_STR("*"))))
            continue;
        is_exact = is_same;
        found = row.addresses;
    }
    return found;
}

/* ---- names ---- */

static struct iw_name *name_of(struct iw_net *net, struct iw_str host)
{
    uint64_t hash = iw_hash64(&net->key, host.ptr, host.len);
    const uint64_t *found = iw_map_find(&net->names, hash);
    if (found)
        return (struct iw_name *)(uintptr_t)*found;
    struct iw_name *name = iw_calloc(1, sizeof *name + host.len + 1);
    if (!name)
        return NULL;
    memcpy(name->text, host.ptr, host.len);
    if (iw_map_add(&net->names, hash, (uint64_t)(uintptr_t)name) != IW_OK) {
        iw_free(name);
        return NULL;
    }
    name->next_of_all = net->all_names;
    net->all_names = name;
    return name;
}

static bool begin_host(struct iw_net *net, struct iw_host *host, const struct iw_url *url)
{
    host->port = url->port;
    host->pinned = pinned(&net->policy, url);
    host->has_begun = true;
    if (host->pinned.ptr || net->policy.proxy || is_numeric(url->host) || is_localhost(url->host)) {
        if (!net->policy.proxy)
            host->address = iw_address_of(host->pinned.ptr ? host->pinned : url->host);
        return true;
    }
    host->name = name_of(net, url->host);
    host->has_begun = host->name != NULL;
    return host->has_begun;
}

static void end_queue(struct iw_net *net, struct iw_host *host, enum iw_outcome outcome, const char *why)
{
    struct iw_transfer *transfer;
    while ((transfer = iw_queue_take(&host->queue)) != NULL) {
        net->queued--;
        iw_host_turn_away(net, transfer, outcome);
        (void)snprintf(transfer->detail, sizeof transfer->detail, "%.*s: %s", 80, host->name ? host->name->text : "",
                       why);
    }
}

/* ---- lookups ---- */

static void on_look(uv_timer_t *timer);

static void row_push(struct iw_name_row *row, struct iw_name *name)
{
    name->next = NULL;
    *(row->last ? &row->last->next : &row->first) = name;
    row->last = name;
}

static void row_remove(struct iw_name_row *row, struct iw_name *name)
{
    struct iw_name **at = &row->first, *before = NULL;
    while (*at && *at != name) {
        before = *at;
        at = &before->next;
    }
    if (!*at)
        return;
    *at = name->next;
    if (row->last == name)
        row->last = before;
    name->next = NULL;
}

/* Hosts that waited for the name go on, or what they have queued ends. */
static void settle(struct iw_net *net, struct iw_name *name, enum iw_name_state state, const char *why)
{
    struct iw_host *host = name->waiting;
    name->state = state;
    name->why = why;
    name->since_ms = iw_net_now_ms(net);
    name->failures = state == IW_NAME_FAILED ? name->failures + 1 : 0;
    name->waiting = NULL;
    while (host) {
        struct iw_host *next = host->next_waiting;
        host->next_waiting = NULL;
        host->is_waiting = false;
        if (state == IW_NAME_FAILED)
            end_queue(net, host, IW_OUTCOME_DNS_LATER, why);
        iw_host_ready(net, host);
        host = next;
    }
}

static void start_some(struct iw_net *net)
{
    struct iw_name *name;
    while ((name = net->names_todo.first) != NULL && net->lookups_quick < AT_ONCE && net->lookups < AT_MOST) {
        row_remove(&net->names_todo, name);
        name->is_slow = name->threads > 0; /* one hangs there already: its answer will do */
        if (!name->is_slow && !iw_lookups_start(net->pool, name->text, name)) {
            settle(net, name, IW_NAME_FAILED, "no memory or no thread");
            continue;
        }
        if (!name->is_slow) {
            name->threads++;
            net->lookups++;
            net->lookups_quick++;
        }
        name->state = IW_NAME_ASKED;
        name->since_ms = iw_net_now_ms(net);
        row_push(&net->names_asked, name);
    }
    if (net->names_asked.first && !uv_is_active((uv_handle_t *)&net->look_timer))
        uv_timer_start(&net->look_timer, on_look, LOOK_MS, LOOK_MS);
    else if (!net->names_asked.first)
        uv_timer_stop(&net->look_timer);
}

/* It is given up: its thread goes on, and its answer may still be of use. */
static void leave_asked(struct iw_net *net, struct iw_name *name)
{
    row_remove(&net->names_asked, name);
    if (!name->is_slow)
        net->lookups_quick--;
    name->is_slow = true;
}

static void on_look(uv_timer_t *timer)
{
    struct iw_net *net = timer->data;
    uint64_t now = iw_net_now_ms(net);
    for (struct iw_name *name = net->names_asked.first, *next; name; name = next) {
        next = name->next;
        uint64_t age = now - name->since_ms;
        if (age >= SLOW_MS && !name->is_slow) {
            name->is_slow = true;
            net->lookups_quick--;
        }
        if (age < net->policy.connect_timeout_ms)
            continue;
        leave_asked(net, name);
        settle(net, name, IW_NAME_FAILED, "no answer in time");
    }
    start_some(net);
    iw_net_turn(net);
}

static void take_answer(struct iw_net *net, struct iw_lookup *lookup)
{
    struct iw_name *name = lookup->user;
    name->threads--;
    net->lookups--;
    if (name->state == IW_NAME_ASKED)
        leave_asked(net, name);
    else if (name->state == IW_NAME_WAITS)
        row_remove(&net->names_todo, name);
    if (lookup->status == IW_LOOKUP_FOUND) {
        iw_free(name->addresses);
        name->addresses = lookup->addresses;
        lookup->addresses = NULL;
        name->address = iw_address_of(iw_str_from(name->addresses));
        name->version++;
        settle(net, name, IW_NAME_FOUND, NULL);
    } else if (lookup->status == IW_LOOKUP_MISSING) {
        settle(net, name, IW_NAME_MISSING, lookup->why);
    } else {
        settle(net, name, IW_NAME_FAILED, lookup->why);
    }
}

static void on_answers(uv_async_t *async)
{
    struct iw_net *net = async->data;
    struct iw_lookup *lookup = iw_lookups_take(net->pool);
    while (lookup) {
        struct iw_lookup *next = lookup->next;
        take_answer(net, lookup);
        iw_lookup_free(lookup);
        lookup = next;
    }
    start_some(net);
}

static void wake(void *user)
{
    struct iw_net *net = user;
    uv_async_send(&net->answers);
}

static void ask(struct iw_net *net, struct iw_name *name)
{
    if (!net->pool)
        net->pool = iw_lookups_new(wake, net);
    if (!net->pool) {
        settle(net, name, IW_NAME_FAILED, "out of memory");
        return;
    }
    name->state = IW_NAME_WAITS;
    row_push(&net->names_todo, name);
    start_some(net);
}

static void wait_for(struct iw_name *name, struct iw_host *host)
{
    host->is_waiting = true;
    host->next_waiting = name->waiting;
    name->waiting = host;
}

/* Not before AGAIN_MS, and not for ever. */
static void ask_again(struct iw_net *net, struct iw_host *host)
{
    struct iw_name *name = host->name;
    bool is_given_up = name->failures >= GIVE_UP;
    uint64_t due = name->since_ms + (is_given_up ? REST_MS : AGAIN_MS);
    if (is_given_up && iw_net_now_ms(net) < due) {
        end_queue(net, host, IW_OUTCOME_DNS_GIVEN_UP, name->why);
    } else if (iw_net_now_ms(net) >= due) {
        wait_for(name, host);
        ask(net, name);
    } else if (iw_wait_add(net, due, NULL, host) == IW_OK) {
        host->is_parked = true;
    } else {
        end_queue(net, host, IW_OUTCOME_DNS_LATER, "out of memory");
    }
}

bool iw_resolve_is_known(struct iw_net *net, struct iw_host *host)
{
    if (!host->has_begun && !begin_host(net, host, &host->queue.first->request.url)) {
        end_queue(net, host, IW_OUTCOME_FAULT, "out of memory");
        return false;
    }
    struct iw_name *name = host->name;
    if (!name || host->is_waiting)
        return !name;
    switch (name->state) {
    case IW_NAME_FOUND:
        return true;
    case IW_NAME_MISSING:
        end_queue(net, host, IW_OUTCOME_DNS, name->why);
        break;
    case IW_NAME_FAILED:
        ask_again(net, host);
        break;
    case IW_NAME_NEW:
        wait_for(name, host);
        ask(net, name);
        break;
    case IW_NAME_WAITS:
    case IW_NAME_ASKED:
        wait_for(name, host);
        break;
    }
    return false;
}

void iw_resolve_doubt(struct iw_net *net, struct iw_host *host)
{
    struct iw_name *name = host->name;
    if (name && name->state == IW_NAME_FOUND && iw_net_now_ms(net) - name->since_ms >= STALE_MS)
        name->state = IW_NAME_NEW;
}

/* ---- for libcurl ---- */

/* The name as it stands in the origin, "https://NAME:port". */
static struct iw_str name_in(struct iw_str origin)
{
    size_t at = 0, len = 0;
    while (at < origin.len && !(at > 2 && origin.ptr[at - 1] == '/' && origin.ptr[at - 2] == '/'))
        at++;
    while (at + len < origin.len && origin.ptr[at + len] != ':')
        len++;
    return iw_str_sub(origin, at, len);
}

static bool append_row(struct curl_slist **list, const struct iw_host *host, char sign, struct iw_str addresses)
{
    char row[ENTRY_BYTES];
    int len = snprintf(row, sizeof row, "%c%.*s:%u%s%.*s", sign, IW_STR_ARGS(name_in(host->origin)),
                       (unsigned)host->port, addresses.len ? ":" : "", IW_STR_ARGS(addresses));
    bool fits = len > 0 && (size_t)len < sizeof row;
    struct curl_slist *longer = fits ? curl_slist_append(*list, row) : NULL;
    if (longer)
        *list = longer;
    return longer != NULL;
}

struct curl_slist *iw_resolve_entry(struct iw_net *net, const struct iw_host *host)
{
    struct iw_multi *multi = &net->multis[host->multi];
    struct curl_slist *list = multi->forget;
    struct iw_str addresses = host->pinned;
    multi->forget = NULL;
    if (!addresses.ptr && host->name)
        addresses = iw_str_from(host->name->addresses);
    if (addresses.ptr && host->version != (host->name ? host->name->version : 1))
        (void)append_row(&list, host, '+', addresses); /* without it libcurl looks it up by itself */
    return list;
}

void iw_resolve_forget(struct iw_net *net, struct iw_host *host)
{
    struct iw_str name = name_in(host->origin);
    if (host->handle && name.len && name.ptr[0] != '[') /* libcurl has no way to name those with brackets */
        (void)append_row(&net->multis[host->multi].forget, host, '-', IW_STR_NONE);
    host->version = 0;
}

void iw_resolve_loaded(struct iw_host *host)
{
    host->version = host->name ? host->name->version : 1;
}

/* ---- life ---- */

bool iw_resolve_init(struct iw_net *net)
{
    iw_map_init(&net->names, HOSTS_MAX);
    if (uv_async_init(&net->loop, &net->answers, on_answers) != 0)
        return false;
    uv_unref((uv_handle_t *)&net->answers); /* the timer keeps the loop alive while lookups are on their way */
    net->answers.data = net;
    uv_timer_init(&net->loop, &net->look_timer);
    net->look_timer.data = net;
    return true;
}

void iw_resolve_stop(struct iw_net *net)
{
    iw_lookups_free(net->pool);
    net->pool = NULL;
}

void iw_resolve_release(struct iw_net *net)
{
    while (net->all_names) {
        struct iw_name *name = net->all_names;
        net->all_names = name->next_of_all;
        iw_free(name->addresses);
        iw_free(name);
    }
    iw_map_release(&net->names);
}
