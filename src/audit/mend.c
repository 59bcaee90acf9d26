/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* fix: an offender goes on from its first judgement to a slot of the pool. Its bytes are fetched straight into shared
 * memory, read and judged again by what they are, handed to a confined worker, and what comes back is judged like any
 * image before it is called mended. Each step ends in an item that is told once, with its action and its reason. */
#include "base/iw.h"
#include "audit/repair.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* ---- ends ---- */

static void give_back(struct iw_item *item)
{
    struct iw_mend *mend = item->mend;
    if (mend->job)
        iw_pool_release(item->lane->pool, mend->job);
    mend->job = NULL;
    iw_free(mend->encoded);
    mend->encoded = NULL;
}

static void end(struct iw_item *item, enum iw_action action)
{
    struct iw_mend *mend = item->mend;
    mend->mended.action = action;
    mend->mended.us += mend->began_us ? iw_net_clock_us() - mend->began_us : 0;
    if (item->ticket) {
        iw_twin_failed(item); /* of bytes that came to nothing; else it fetches no more */
        give_back(item);
        iw_bundle_arrive(item);
        return;
    }
    mend->stage = IW_MEND_DONE;
    item->facts = &mend->original;
    iw_teller_give(item->lane, item);
    iw_teller_hurry(item->lane); /* it holds a slot of the pool */
}

void iw_mend_fail(struct iw_item *item, const char *format, ...)
{
    struct iw_mend *mend = item->mend;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(mend->reason, sizeof mend->reason, format, args);
    va_end(args);
    mend->mended.reason = iw_str_from(mend->reason);
    mend->mended.payload = IW_STR_NONE;
    end(item, IW_ACTION_FAILED);
}

/* Hands out bytes with the facts of them. */
static void succeed(struct iw_item *item, enum iw_action action, const uint8_t *bytes, uint64_t len,
                    const struct iw_image_facts *image)
{
    struct iw_mended *mended = &item->mend->mended;
    mended->bytes = len;
    mended->width_px = image->width_px;
    mended->height_px = image->height_px;
    mended->format = image->format;
    const char *why;
    if (item->ticket &&
        !iw_ticket_take(item, action, (struct iw_str){(const char *)bytes, (size_t)len}, image->format, &why)) {
        iw_mend_fail(item, "%s", why);
        return;
    }
    mended->payload = (struct iw_str){(const char *)bytes, (size_t)len};
    mended->wants_data_uri = !item->lane->policy->fix.as_files;
    end(item, action);
}

/* Nothing of the image is needed: it stays, or a type beside its URL changes. */
void iw_mend_held(struct iw_item *item)
{
    struct iw_mend *mend = item->mend;
    if (mend->mended.action == IW_ACTION_RELABELLED)
        succeed(item, IW_ACTION_RELABELLED, NULL, mend->original.bytes, &mend->original.image);
    else
        iw_bundle_arrive(item);
}

/* ---- the bytes ---- */

static bool scan(const struct iw_job *job, struct iw_image_facts *out, const char **out_why)
{
    struct iw_window window = {.ptr = job->in, .len = job->in_len};
    struct iw_view view = {.windows = &window, .count = 1, .total_bytes = job->in_len};
    struct iw_wants wants = {.animation = true, .trailing_exif = true};
    struct iw_need need = {0};
    enum iw_scan result = iw_image_scan(&view, &wants, out, &need);
    *out_why = need.why ? need.why : "its header is damaged";
    return result != IW_SCAN_BAD && out->width_px && out->height_px;
}

static void decode(struct iw_item *item)
{
    struct iw_lane *lane = item->lane;
    struct iw_mend *mend = item->mend;
    const struct iw_image_facts *image = &mend->original.image;
    enum iw_decoding decoding = iw_decoding_of(image->format);
    uint64_t pixels = (uint64_t)image->stored_width_px * image->stored_height_px;
    struct iw_goal goal = lane->goal;
    const char *refuses_jpeg = lane->refuses_jpeg;
    if (item->ticket)
        iw_ticket_goal(item, &goal, &refuses_jpeg);
    if (item->ticket && item->ticket->is_masked) {
        iw_mend_fail(item, "%s",
                     "not made anew: an image and its mask must have the same pixels, and a mask its transparency");
    } else if (refuses_jpeg) {
        iw_mend_fail(item, "%s takes no JPEG, and nothing else is made", refuses_jpeg);
    } else if (decoding == IW_DECODING_NONE) {
        iw_mend_fail(item, "this build has no decoder for %s", image->format->title);
    } else if (pixels > IW_DECODE_MAX_PIXELS) {
        iw_mend_fail(item, "%ux%u are more than %u pixels: not decoded", image->stored_width_px,
                     image->stored_height_px, IW_DECODE_MAX_PIXELS);
    } else {
        mend->stage = IW_MEND_DECODE;
        mend->job->goal = goal;
        mend->job->is_untrusted = decoding == IW_DECODING_UNTRUSTED;
        iw_pool_submit(lane->pool, mend->job);
    }
}

/* All bytes are there: what they are decides now, not what a server said. */
static void take_bytes(struct iw_item *item)
{
    struct iw_mend *mend = item->mend;
    struct iw_facts *facts = &mend->original;
    struct iw_job *job = mend->job;
    const char *why;
    struct iw_image_facts image;
    bool is_readable = scan(job, &image, &why);
    facts->bytes = job->in_len;
    if (facts->bytes_from == IW_BYTES_UNKNOWN || facts->bytes_from == IW_BYTES_AT_LEAST)
        facts->bytes_from = IW_BYTES_COUNTED;
    facts->image = image;
    facts->has_looked = true;
    facts->dims_why = NULL;
    if (!image.format) {
        struct iw_str head = {(const char *)job->in, job->in_len};
        iw_mend_fail(item, "not an image: %s", iw_probe_describe_bytes(iw_str_sub(head, 0, 512)));
        return;
    }
    if (!is_readable) {
        iw_mend_fail(item, "%s", why);
        return;
    }
    if (item->ticket)
        iw_twin_fetched(item);
    struct iw_judge judge = iw_mend_judge_of(item);
    mend->verdict = iw_check(&judge, facts, &item->arena, &mend->findings);
    struct iw_str reason = IW_STR_NONE;
    enum iw_action action = iw_mend_decide(item, &reason);
    if (action == IW_ACTION_FAILED)
        iw_mend_fail(item, "%.*s", IW_STR_ARGS(reason));
    else if (action == IW_ACTION_KEPT)
        end(item, IW_ACTION_KEPT);
    else if (action == IW_ACTION_RECOMPRESSED || iw_mend_find_flaw(item, job->in_len, &image, &reason))
        decode(item); /* also where its own bytes are too many as a data URI */
    else
        succeed(item, action, job->in, job->in_len, &image);
}

/* ---- fetching ---- */

static const struct iw_transfer_events fetch_events;

static void ask(struct iw_item *item)
{
    struct iw_lane *lane = item->lane;
    struct iw_mend *mend = item->mend;
    const struct iw_url *url = iw_probe_url(item->probe);
    struct iw_habit *habit = iw_net_habit(lane->net, url->origin);
    struct iw_request request;
    if (!habit) {
        iw_mend_fail(item, "out of memory");
        return;
    }
    if (!iw_probe_next(item->probe, habit, &request)) {
        const struct iw_facts *facts = iw_probe_facts(item->probe);
        mend->original = *facts; /* what it is labelled now, above all */
        mend->job->in_len = (size_t)iw_probe_fetched(item->probe);
        if (facts->failure != IW_FAILURE_NONE)
            iw_mend_fail(item, "%.*s", IW_STR_ARGS(facts->error));
        else
            take_bytes(item);
        return;
    }
    if (request.delay_ms)
        lane->totals.retries++;
    item->transfer.request = request;
    item->transfer.events = &fetch_events;
    item->transfer.user = item;
    item->transfer.arena = &item->arena;
    item->transfer.may_be_private = item->may_be_private;
    item->transfer.is_urgent = item->transfer.is_long = true;
    iw_trace_request(lane->events, &request);
    lane->totals.requests++;
    if (iw_net_submit(lane->net, &item->transfer) != IW_OK)
        iw_mend_fail(item, "out of memory");
}

static enum iw_body on_head(struct iw_transfer *transfer)
{
    struct iw_item *item = transfer->user;
    return iw_probe_on_head(item->probe, &transfer->response);
}

static enum iw_body on_body(struct iw_transfer *transfer, const uint8_t *bytes, size_t len)
{
    struct iw_item *item = transfer->user;
    struct iw_job *job = item->mend->job;
    uint64_t at = iw_probe_body_place(item->probe);
    if (at != UINT64_MAX && at <= job->in_room && len <= job->in_room - at)
        memcpy(job->in + at, bytes, len);
    return iw_probe_on_body(item->probe, bytes, len);
}

static void on_restart(struct iw_transfer *transfer)
{
    struct iw_item *item = transfer->user;
    iw_probe_on_restart(item->probe);
}

static void on_end(struct iw_transfer *transfer)
{
    struct iw_item *item = transfer->user;
    struct iw_lane *lane = item->lane;
    iw_trace_answer(lane->events, transfer);
    lane->totals.bytes_read += transfer->body_bytes;
    struct iw_transfer_figures figures = {
        .us = transfer->us, .body_bytes = transfer->body_bytes, .was_cut = transfer->was_cut};
    if (transfer->response.retry_after_is_date)
        figures.now_unix_s = iw_net_unix_s();
    const char *before = iw_probe_url(item->probe)->text.ptr;
    iw_probe_on_end(item->probe, transfer->outcome, transfer->detail, &figures, transfer->habit);
    if (iw_probe_url(item->probe)->text.ptr != before)
        item->may_be_private = transfer->peer_is_private; /* a redirect leads to a private address only from one */
    ask(item);
}

static const struct iw_transfer_events fetch_events = {
    .head = on_head, .body = on_body, .restart = on_restart, .end = on_end};

static void read_ticket(struct iw_item *item)
{
    const char *why;
    if (iw_ticket_read(item, &why))
        take_bytes(item);
    else
        iw_mend_fail(item, "%s", why);
}

static void read_file(struct iw_item *item)
{
    struct iw_job *job = item->mend->job;
    struct iw_str path = item->facts->url;
    int fd = open(path.ptr, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : 1;
    while (got > 0 && job->in_len < job->in_room) {
        got = read(fd, job->in + job->in_len, job->in_room - job->in_len);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            job->in_len += (size_t)got;
    }
    int why = errno;
    if (fd >= 0)
        close(fd);
    if (got < 0)
        iw_mend_fail(item, "%s", strerror(why));
    else if (job->in_len == job->in_room)
        iw_mend_fail(item, "larger than %zu bytes, the most that is read", job->in_room - 1);
    else
        take_bytes(item);
}

/* ---- what the workers made ---- */

/* Judges a result as the consumer will; what breaks a limit is not mended. */
void iw_mend_result(struct iw_item *item, const uint8_t *bytes, uint64_t len)
{
    struct iw_window window = {.ptr = bytes, .len = (size_t)len};
    struct iw_view view = {.windows = &window, .count = 1, .total_bytes = len};
    struct iw_wants wants = {0};
    struct iw_need need;
    struct iw_image_facts image;
    struct iw_str why;
    if (iw_image_scan(&view, &wants, &image, &need) != IW_SCAN_DONE || !image.format)
        iw_mend_fail(item, "what was made of it is no image");
    else if (iw_mend_find_flaw(item, len, &image, &why))
        iw_mend_fail(item, "made anew at %ux%u and %llu bytes, but %.*s", image.width_px, image.height_px,
                     (unsigned long long)len, IW_STR_ARGS(why));
    else
        succeed(item, IW_ACTION_RECOMPRESSED, bytes, len, &image);
}

static void take_job(struct iw_item *item)
{
    struct iw_mend *mend = item->mend;
    const struct iw_job *job = mend->job;
    const struct iw_made *made = &job->made;
    mend->mended.worker_cpu_us = job->cpu_us;
    mend->mended.worker_peak_bytes = job->peak_bytes;
    mend->mended.quality = made->quality;
    mend->mended.subsampling = made->subsampling;
    if (item->lane->is_stopping && made->error == IW_MADE_TIMEOUT)
        iw_mend_fail(item, "the run was stopped before it was done");
    else if (made->error != IW_MADE_OK)
        iw_mend_fail(item, "%s", made->reason);
    else if (made->how == IW_MADE_PPM)
        iw_encode(item);
    else
        iw_mend_result(item, job->out, made->bytes);
}

static void take_jobs(void *user)
{
    struct iw_lane *lane = user;
    struct iw_job *job;
    iw_pool_turn(lane->pool, iw_net_clock_us());
    while ((job = iw_pool_next(lane->pool)) != NULL)
        take_job(job->user);
}

/* ---- driving ---- */

void iw_mend_return(struct iw_lane *lane, struct iw_item *item)
{
    item->mend->stage = IW_MEND_WAITS;
    item->next = NULL;
    if (lane->mends_last)
        lane->mends_last->next = item;
    else
        lane->mends_first = item;
    lane->mends_last = item;
}

void iw_mend_queue(struct iw_lane *lane, struct iw_item *item)
{
    iw_mend_return(lane, item);
    lane->to_mend++;
    item->mend->queued++;
}

static struct iw_item *shift(struct iw_lane *lane)
{
    struct iw_item *item = lane->mends_first;
    lane->mends_first = item->next;
    if (!lane->mends_first)
        lane->mends_last = NULL;
    return item;
}

/* The item has a slot: its bytes into it. */
static void get_bytes(struct iw_lane *lane, struct iw_item *item)
{
    struct iw_ticket *ticket = item->ticket;
    struct iw_twin *twin = ticket ? ticket->twin : NULL;
    if (ticket && (ticket->is_inline || twin->source.len)) {
        read_ticket(item);
        return;
    }
    if (twin && twin->why.len) {
        iw_mend_fail(item, "%.*s", IW_STR_ARGS(twin->why));
        return;
    }
    if (twin) {
        twin->fetcher = item;
        if (!item->probe) /* what is known of it was learnt by another */
            item->probe = iw_probe_new(&item->arena, &lane->policy->probe, &item->url, ++lane->seed);
        if (!item->probe) {
            iw_mend_fail(item, "out of memory");
            return;
        }
    }
    if (item->probe) {
        iw_probe_fetch(item->probe, item->mend->job->in_room);
        ask(item);
    } else {
        read_file(item);
    }
}

void iw_mend_pump(struct iw_lane *lane)
{
    struct iw_job *job;
    if (!lane->pool)
        return;
    while (lane->mends_first && lane->is_stopping)
        iw_mend_fail(shift(lane), "the run was stopped before it was done");
    while (lane->mends_first && (job = iw_pool_take(lane->pool)) != NULL) {
        struct iw_item *item = shift(lane);
        if (iw_twin_parks(item)) {
            iw_pool_release(lane->pool, job);
            continue;
        }
        job->user = item;
        item->mend->job = job;
        item->mend->stage = IW_MEND_FETCH;
        item->mend->began_us = iw_net_clock_us();
        get_bytes(lane, item);
    }
    take_jobs(lane);
}

void iw_mend_stop(struct iw_lane *lane, uint64_t drain_ms)
{
    if (lane->pool)
        iw_pool_hurry(lane->pool, iw_net_clock_us() + drain_ms * 1000);
}

bool iw_mend_is_busy(const struct iw_lane *lane)
{
    return lane->to_mend > lane->mended;
}

/* ---- after it was told ---- */

/* By the first profile that states a formula. */
static void count_tokens(struct iw_lane *lane, const struct iw_item *item)
{
    const struct iw_mend *mend = item->mend;
    struct iw_judge judge = iw_mend_judge_of(item);
    const struct iw_image_facts *image = &mend->original.image;
    uint64_t before, after;
    for (size_t i = 0; i < judge.profile_count; i++) {
        const struct iw_profile *profile = judge.profiles[i];
        if (!iw_tokens_of(profile, judge.model, judge.detail, image->width_px, image->height_px, &before) ||
            !iw_tokens_of(profile, judge.model, judge.detail, mend->mended.width_px, mend->mended.height_px, &after))
            continue;
        lane->totals.tokens_before += before;
        lane->totals.tokens_after += after;
        return;
    }
}

void iw_mend_count(struct iw_lane *lane, const struct iw_item *item)
{
    const struct iw_mend *mend = item->mend;
    struct iw_totals *totals = &lane->totals;
    lane->mended += mend->queued;
    if (!item->told[mend->verdict])
        return;
    totals->actions[mend->mended.action]++;
    totals->fix_us += mend->mended.us;
    totals->fix_cpu_us += mend->mended.worker_cpu_us;
    totals->worker_peak_bytes = IW_MAX(totals->worker_peak_bytes, mend->mended.worker_peak_bytes);
    if (mend->mended.action != IW_ACTION_RECOMPRESSED)
        return;
    totals->bytes_before += mend->original.bytes;
    totals->bytes_after += mend->mended.bytes;
    count_tokens(lane, item);
}

void iw_mend_release(struct iw_item *item)
{
    give_back(item);
    item->mend = NULL;
}

static void on_pool(void *user)
{
    iw_mend_pump(user);
}

enum iw_err iw_mend_watch(struct iw_lane *lane)
{
    return lane->pool ? iw_net_watch(lane->net, iw_pool_fd(lane->pool), on_pool, lane) : IW_OK;
}

enum iw_err iw_mend_open(struct iw_lane *lane, struct iw_diag *diag)
{
    const struct iw_audit_policy *policy = lane->policy;
    if (!policy->fix.is_on)
        return IW_OK;
    lane->result_judge = policy->judge;
    lane->result_judge.as_base64 = !policy->fix.as_files;
    iw_goal_of(policy, &lane->result_judge, &lane->goal, &lane->refuses_jpeg);
    return iw_pool_new(&policy->fix.pool, &lane->pool, diag);
}

void iw_mend_close(struct iw_lane *lane)
{
    iw_encode_close(lane);
    iw_pool_free(lane->pool);
    lane->pool = NULL;
}
