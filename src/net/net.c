/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The loop: every turn delivers what ended, lets the driver submit more, and starts what may start. One turn follows
 * each round of events. */
#include "base/iw.h"
#include "net/inside.h"

#include "base/mem.h"

#include <signal.h>
#include <sys/random.h>
#include <sys/resource.h>

/* A request may have two connections under way (Happy Eyeballs), a loop has descriptors of its own and a look-up one.
 */
enum { SPARE_DESCRIPTORS = 32, NET_DESCRIPTORS = 12, DESCRIPTORS_EACH = 2 };
enum { CROWDED_MS = 10 }; /* how soon hosts are looked at again that wait because of others of their address */
static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};

void iw_net_policy_default(struct iw_net_policy *policy)
{
    *policy = (struct iw_net_policy){
        .max_concurrency = 128,
        .host_concurrency = 8,
        .address_concurrency = 64,
        .max_pooled = MULTI_COUNT * MULTI_CONNECTIONS,
        .timeout_ms = 20000,
        .connect_timeout_ms = 10000,
        .user_agent = "Mozilla/5.0 (compatible; imgweigh/" PACKAGE_VERSION ")",
        .accept = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
        .max_header_block_bytes = 64u << 10,
        .patience_ms = 60000,
    };
}

uint64_t iw_net_now_ms(const struct iw_net *net)
{
    return uv_now(&net->loop);
}

/* ---- delivering ---- */

void iw_net_end(struct iw_net *net, struct iw_transfer *transfer)
{
    (void)net;
    transfer->events->end(transfer);
}

/* True when any transfer ended. */
static bool finish_infos(struct iw_net *net)
{
    bool any = false;
    for (size_t i = 0; i < MULTI_COUNT; i++) {
        CURLMsg *message;
        int left;
        while (net->multis[i].curl && (message = curl_multi_info_read(net->multis[i].curl, &left)) != NULL) {
            if (message->msg != CURLMSG_DONE)
                continue;
            CURLcode result = message->data.result;
            struct iw_slot *slot = NULL;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &slot);
            iw_slot_done(slot, result);
            any = true;
        }
    }
    return any;
}

static void deliver_ended(struct iw_net *net)
{
    struct iw_transfer *transfer;
    while ((transfer = iw_queue_take(&net->ended)) != NULL)
        iw_net_end(net, transfer);
}

/* ---- queueing ---- */

static void enqueue(struct iw_net *net, struct iw_transfer *transfer)
{
    if (net->is_stopping) {
        transfer->outcome = IW_OUTCOME_CANCELLED;
        iw_queue_push(&net->ended, transfer);
        return;
    }
    enum iw_outcome refusal = iw_host_refuses(transfer->host, net->policy.patience_ms);
    if (refusal != IW_OUTCOME_OK) {
        iw_host_turn_away(net, transfer, refusal);
        return;
    }
    net->queued++;
    iw_host_enqueue(net, transfer);
}

static void on_waits(uv_timer_t *timer)
{
    iw_net_turn(timer->data);
}

static void arm_waits(struct iw_net *net)
{
    if (net->wait_count == 0 && net->crowded_count == 0)
        return;
    uint64_t now = iw_net_now_ms(net), due = net->wait_count ? net->waits[0].due_ms : UINT64_MAX;
    if (net->crowded_count)
        due = IW_MIN(due, now + CROWDED_MS);
    uv_timer_start(&net->waits_timer, on_waits, due > now ? due - now : 0, 0);
}

static void take_waits(struct iw_net *net)
{
    struct iw_wait wait;
    uint64_t now = net->is_stopping ? UINT64_MAX : iw_net_now_ms(net);
    while (iw_wait_take(net, now, &wait)) {
        if (wait.host) {
            wait.host->is_parked = false;
            if (!net->is_stopping)
                iw_host_ready(net, wait.host);
        } else {
            net->queued--;
            enqueue(net, wait.transfer);
        }
    }
}

enum iw_err iw_net_submit(struct iw_net *net, struct iw_transfer *transfer)
{
    transfer->host = iw_host_of(net, transfer->request.url.origin);
    if (!transfer->host)
        return IW_ERR_NOMEM;
    transfer->habit = &transfer->host->habit;
    transfer->repeats = 0;
    transfer->wants_fresh = false;
    if (transfer->request.delay_ms == 0 || net->is_stopping || transfer->host->pace.is_down) {
        enqueue(net, transfer);
        return IW_OK;
    }
    if (iw_wait_add(net, iw_net_now_ms(net) + transfer->request.delay_ms, transfer, NULL) != IW_OK)
        return IW_ERR_NOMEM;
    net->queued++;
    return IW_OK;
}

bool iw_net_is_hungry(const struct iw_net *net)
{
    return net->queued < QUEUED_AHEAD || net->is_starved;
}

struct iw_habit *iw_net_habit(struct iw_net *net, struct iw_str origin)
{
    struct iw_host *host = iw_host_of(net, origin);
    return host ? &host->habit : NULL;
}

/* ---- starting ---- */

static void schedule(struct iw_net *net)
{
    bool has_started[MULTI_COUNT] = {false};
    iw_host_offer_places(net);
    iw_address_offer(net);
    while (net->in_flight < net->policy.max_concurrency && net->ready_first) {
        struct iw_host *host = iw_host_take_ready(net);
        if (host->queue.count == 0)
            continue; /* a stop emptied it */
        if (!iw_host_may_start(host)) {
            iw_host_ready(net, host); /* it has asked for patience meanwhile */
            continue;
        }
        struct iw_transfer *transfer = host->queue.first;
        if (!iw_address_take(net, host, transfer)) {
            iw_host_ready(net, host); /* another net was faster */
            continue;
        }
        if (!iw_host_take_place(net, host)) {
            iw_address_leave(net, transfer);
            iw_host_ready(net, host); /* it waits for one */
            continue;
        }
        struct iw_slot *slot = iw_slot_take(net);
        if (!slot) {
            iw_address_leave(net, transfer);
            iw_host_ready(net, host);
            break;
        }
        (void)iw_queue_take(&host->queue);
        net->queued--;
        has_started[host->multi] = true;
        unsigned turns = net->policy.clients && host->pace.own_gap_us ? atomic_load(net->policy.clients) : 1;
        for (; turns && (host->pace.gap_us || host->pace.own_gap_us); turns--) /* the others' turns pass, too */
            iw_pace_started(&host->pace, iw_net_clock_us());
        iw_slot_start(slot, transfer);
        iw_host_ready(net, host);
    }
    net->is_starved = net->in_flight < net->policy.max_concurrency && !net->ready_first && !net->placeless_first;
    for (size_t i = 0; i < MULTI_COUNT; i++)
        if (has_started[i] && net->multis[i].curl)
            iw_multi_kick(&net->multis[i]);
}

static bool has_work(const struct iw_net *net)
{
    return net->queued || net->in_flight || net->held || net->ended.count || net->again.count;
}

static void on_idle(uv_idle_t *idle)
{
    (void)idle; /* its being active keeps the loop from sleeping */
}

/* The loop must not sleep while something can be done at once. */
static void keep_awake(struct iw_net *net)
{
    bool is_awake = net->ended.count || net->again.count;
    if (is_awake == net->is_idle_on)
        return;
    net->is_idle_on = is_awake;
    if (is_awake)
        uv_idle_start(&net->idle, on_idle);
    else
        uv_idle_stop(&net->idle);
}

void iw_net_turn(struct iw_net *net)
{
    (void)finish_infos(net);
    do {
        struct iw_transfer *transfer;
        while ((transfer = iw_queue_take(&net->again)) != NULL)
            enqueue(net, transfer);
        take_waits(net);
        deliver_ended(net);
        if (net->is_running)
            net->is_pumping = net->driver->pump(net->driver->user);
        schedule(net);
    } while (finish_infos(net)); /* starting may end some at once */
    arm_waits(net);
    keep_awake(net);
    if (net->is_running && !net->is_pumping && !has_work(net))
        uv_stop(&net->loop);
}

static void on_check(uv_check_t *check)
{
    iw_net_turn(check->data);
}

/* ---- timers and signals ---- */

static void on_sweep(uv_timer_t *timer)
{
    struct iw_net *net = timer->data;
    if (!iw_guard_sweep(net, false)) {
        uv_timer_stop(timer);
        net->is_sweeping = false;
    }
    iw_net_turn(net);
}

void iw_net_arm_sweep(struct iw_net *net)
{
    if (net->is_sweeping)
        return;
    net->is_sweeping = true;
    uv_timer_start(&net->sweep_timer, on_sweep, SWEEP_MS, SWEEP_MS);
}

static void on_tick(uv_timer_t *timer)
{
    struct iw_net *net = timer->data;
    net->driver->tick(net->driver->user);
    iw_net_turn(net);
}

static void on_stop(uv_timer_t *timer)
{
    struct iw_net *net = timer->data;
    iw_slot_cancel_all(net);
    iw_child_kill_all(net);
    (void)iw_guard_sweep(net, true);
    iw_net_turn(net);
}

void iw_net_stop(struct iw_net *net, uint64_t drain_ms)
{
    net->is_stopping = true;
    for (size_t i = 0; i < net->host_count; i++) {
        struct iw_transfer *transfer;
        while ((transfer = iw_queue_take(&net->host_list[i]->queue)) != NULL) {
            net->queued--;
            enqueue(net, transfer);
        }
    }
    uv_timer_start(&net->stop_timer, on_stop, drain_ms, 0);
    keep_awake(net);
}

static void on_signal(uv_signal_t *signal_handle, int number)
{
    struct iw_net *net = signal_handle->data;
    if (number == SIGUSR1) {
        if (net->driver->status)
            net->driver->status(net->driver->user);
        return;
    }
    if (++net->interrupts > 1) {
        signal(number, SIG_DFL);
        raise(number);
    }
    net->driver->interrupt(net->driver->user, net->interrupts);
    iw_net_turn(net);
}

static void on_wake(uv_async_t *wake)
{
    (void)wake; /* the turn that follows each round of events does the work */
}

void iw_net_wake(struct iw_net *net)
{
    uv_async_send(&net->wake);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    struct iw_net *net = poll->data;
    net->on_watch(net->watch_user);
}

enum iw_err iw_net_watch(struct iw_net *net, int fd, void (*ready)(void *user), void *user)
{
    if (net->has_watch || uv_poll_init(&net->loop, &net->watch, fd) != 0)
        return IW_ERR_INTERNAL;
    net->has_watch = true;
    net->watch.data = net;
    net->on_watch = ready;
    net->watch_user = user;
    return uv_poll_start(&net->watch, UV_READABLE, on_readable) == 0 ? IW_OK : IW_ERR_INTERNAL;
}

static void on_awaited(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    uv_poll_stop(poll); /* the turn that follows reads, and asks again */
}

static void on_awaited_closed(uv_handle_t *handle)
{
    iw_free(handle);
}

void iw_net_await(struct iw_net *net, int fd)
{
    if (net->awaited && net->awaited_fd != fd) {
        uv_close((uv_handle_t *)net->awaited, on_awaited_closed);
        net->awaited = NULL;
    }
    if (fd < 0)
        return;
    if (!net->awaited) {
        uv_poll_t *poll = iw_calloc(1, sizeof *poll);
        if (!poll || uv_poll_init(&net->loop, poll, fd) != 0) {
            iw_free(poll); /* what cannot be watched is looked at every tick */
            return;
        }
        net->awaited = poll;
        net->awaited_fd = fd;
    }
    uv_poll_start(net->awaited, UV_READABLE | UV_DISCONNECT, on_awaited);
}

/* ---- life ---- */

void iw_net_fit(struct iw_net_policy *policy, unsigned nets)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 && getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    rlim_t spare = SPARE_DESCRIPTORS + (rlim_t)NET_DESCRIPTORS * nets;
    rlim_t each = limit.rlim_cur > spare ? (limit.rlim_cur - spare) / nets : 0; /* half of them in flight at most */
    policy->max_concurrency = (unsigned)IW_MIN((rlim_t)policy->max_concurrency, IW_MAX(each / 2, (rlim_t)1));
    rlim_t left = each > policy->max_concurrency ? each - policy->max_concurrency : 0;
    policy->max_pooled = (unsigned)IW_MIN((rlim_t)policy->max_pooled, left);
}

static bool init_handles(struct iw_net *net)
{
    if (uv_loop_init(&net->loop) != 0)
        return false;
    net->has_loop = true;
    net->loop.data = net;
    uv_timer_t *timers[] = {&net->waits_timer, &net->sweep_timer, &net->tick_timer, &net->stop_timer};
    for (size_t i = 0; i < IW_ARRAY_LEN(timers); i++) {
        uv_timer_init(&net->loop, timers[i]);
        timers[i]->data = net;
    }
    if (uv_async_init(&net->loop, &net->wake, on_wake) != 0)
        return false;
    uv_unref((uv_handle_t *)&net->wake);
    uv_check_init(&net->loop, &net->check);
    uv_idle_init(&net->loop, &net->idle);
    net->check.data = net;
    if (!iw_resolve_init(net) || !iw_session_init(net))
        return false;
    for (size_t i = 0; i < IW_ARRAY_LEN(net->signals); i++) {
        uv_signal_init(&net->loop, &net->signals[i]);
        net->signals[i].data = net;
    }
    return true;
}

enum iw_err iw_net_new(const struct iw_net_policy *policy, struct iw_net **out, struct iw_diag *diag)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return iw_fail(diag, IW_ERR_INTERNAL, 0, 0, "libcurl does not start");
    struct iw_net *net = iw_calloc(1, sizeof *net);
    if (!net) {
        curl_global_cleanup();
        return IW_ERR_NOMEM;
    }
    net->policy = *policy;
    net->own_places.most = policy->max_concurrency;
    net->places = policy->places ? policy->places : &net->own_places;
    net->own_addresses.most = IW_MAX(policy->address_concurrency, policy->host_concurrency);
    net->addresses = policy->addresses ? policy->addresses : &net->own_addresses;
    iw_map_init(&net->hosts, HOSTS_MAX);
    if (getrandom(&net->key, sizeof net->key, 0) != (ssize_t)sizeof net->key)
        net->key = (struct iw_hash_key){0x9E3779B97F4A7C15u, (uint64_t)(uintptr_t)net};
    enum iw_err err = init_handles(net) ? iw_easy_headers(net, diag) : IW_ERR_INTERNAL;
    if (err == IW_OK)
        err = iw_resolve_check(policy, diag);
    if (err != IW_OK) {
        iw_net_free(net);
        return err;
    }
    *out = net;
    return IW_OK;
}

static void close_handle(uv_handle_t *handle, void *user)
{
    (void)user;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void iw_net_free(struct iw_net *net)
{
    if (!net)
        return;
    net->is_running = false;
    iw_net_await(net, -1);
    iw_slot_cancel_all(net);
    iw_resolve_stop(net);
    for (size_t i = 0; i < MULTI_COUNT; i++)
        iw_multi_close(&net->multis[i]);
    iw_slot_free_all(net);
    iw_guard_free_all(net);
    if (net->has_loop) {
        uv_run(&net->loop, UV_RUN_NOWAIT);
        uv_walk(&net->loop, close_handle, NULL);
        while (uv_run(&net->loop, UV_RUN_NOWAIT))
            ;
        uv_loop_close(&net->loop);
    }
    iw_host_release_all(net);
    iw_session_drop(&net->sessions);
    iw_resolve_release(net);
    iw_free(net);
    curl_global_cleanup();
}

enum iw_err iw_net_run(struct iw_net *net, const struct iw_net_driver *driver)
{
    net->driver = driver;
    net->is_running = true;
    uv_check_start(&net->check, on_check);
    if (driver->tick && driver->interval_ms)
        uv_timer_start(&net->tick_timer, on_tick, driver->interval_ms, driver->interval_ms);
    for (size_t i = 0; driver->interrupt && i < IW_ARRAY_LEN(caught); i++)
        uv_signal_start(&net->signals[i], on_signal, caught[i]);
    iw_net_turn(net);
    if (net->is_pumping || has_work(net))
        uv_run(&net->loop, UV_RUN_DEFAULT);
    net->is_running = false;
    uv_check_stop(&net->check);
    uv_timer_stop(&net->tick_timer);
    uv_timer_stop(&net->stop_timer);
    for (size_t i = 0; i < IW_ARRAY_LEN(caught); i++)
        uv_signal_stop(&net->signals[i]);
    return net->is_pumping || has_work(net) ? IW_ERR_INTERNAL : IW_OK;
}

/* ---- clocks and figures ---- */

uint64_t iw_net_unix_s(void)
{
    uv_timeval64_t now;
    return uv_gettimeofday(&now) == 0 && now.tv_sec > 0 ? (uint64_t)now.tv_sec : 0;
}

uint64_t iw_net_clock_us(void)
{
    return uv_hrtime() / 1000;
}

void iw_net_figures(const struct iw_net *net, struct iw_net_figures *out)
{
    *out = (struct iw_net_figures){
        .queued = net->queued,
        .in_flight = net->in_flight,
        .requests = net->requests,
        .connections = net->connections,
        .retries_of_connection = net->retried,
        .out_of_step = net->out_of_step,
        .now_ms = iw_net_now_ms(net),
        .is_full = net->in_flight >= net->policy.max_concurrency,
        .is_starved = net->is_starved && net->queued > 0,
        .is_crowded = net->crowded_count > 0,
    };
}

void iw_net_versions(struct iw_buf *out)
{
    iw_buf_printf(out, "%s libuv/%s", curl_version(), uv_version_string());
}
