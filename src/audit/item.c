/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* One target from its parcel to its record: not seen before; begun when its host's turn comes; asked about
 * (ask.c); judged; told once for each reference. */
#include "base/iw.h"
#include "audit/repair.h"

#include "base/mem.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TAG_ITEM = 0, TAG_PLACE = 1, TAG_WANT = 2, TAG_MASK = 3, TAG_BITS = 2, ITEMS_MAX = 1 << 13, AWAY_MAX = 1 << 13 };

/* ---- items ---- */

static struct iw_item *item_new(struct iw_lane *lane)
{
    struct iw_item *item = lane->free_items;
    if (item) {
        lane->free_items = item->next;
        struct iw_arena arena = item->arena;
        *item = (struct iw_item){.home = lane, .lane = lane, .arena = arena};
        return item;
    }
    item = iw_calloc(1, sizeof *item);
    if (!item)
        return NULL;
    item->home = item->lane = lane;
    iw_arena_init(&item->arena, ITEM_ARENA_BYTES);
    return item;
}

void iw_item_leave_row(struct iw_item *item)
{
    if (item->waiting)
        iw_frontier_done(item->home, item->waiting);
    item->waiting = NULL;
}

static void free_contexts(struct iw_ref *refs)
{
    for (struct iw_ref *ref = refs; ref; ref = ref->next) {
        iw_context_free(ref->context);
        ref->context = NULL;
    }
}

static void item_release(struct iw_item *item)
{
    free_contexts(item->refs);
    free_contexts(item->late);
    struct iw_lane *lane = item->home;
    iw_item_leave_row(item);
    iw_net_leave(lane->net, &item->transfer);
    if (item->ticket)
        iw_bundle_told(lane, item->ticket);
    if (item->mend)
        iw_mend_release(item);
    iw_arena_clear(&item->arena);
    item->next = lane->free_items;
    lane->free_items = item;
}

static struct iw_item *item_take(struct iw_lane *lane)
{
    struct iw_item *item = item_new(lane);
    if (!item || !lane->pool)
        return item;
    item->mend = iw_arena_zalloc(&item->arena, sizeof *item->mend);
    if (item->mend)
        return item;
    item_release(item);
    return NULL;
}

void iw_item_free_all(struct iw_lane *lane)
{
    while (lane->free_items) {
        struct iw_item *item = lane->free_items;
        lane->free_items = item->next;
        iw_arena_release(&item->arena);
        iw_free(item);
    }
}

/* Takes the parcel's context over. While somebody else has the item its arena is not ours: the reference then comes
 * from the lane's. */
static enum iw_err add_ref(struct iw_item *item, struct iw_parcel *parcel)
{
    struct iw_ref *ref = iw_arena_zalloc(item->is_away ? &item->home->arena : &item->arena, sizeof *ref);
    if (!ref)
        return IW_ERR_NOMEM;
    ref->source = (struct iw_source_ref){
        .path = parcel->origin->path,
        .kind = parcel->origin->kind,
        .line = parcel->line,
        .column = parcel->column,
        .place = parcel->place,
    };
    if (parcel->has_context) {
        ref->context = parcel->context;
        ref->source.element = ref->context->element;
        ref->source.custom_id = ref->context->custom_id;
    } else {
        ref->source.element = iw_str_from(parcel->element);
    }
    parcel->has_context = false;
    if (item->is_away) {
        ref->next = item->late;
        item->late = ref;
        return IW_OK;
    }
    if (item->last_ref)
        item->last_ref->next = ref;
    else
        item->refs = ref;
    item->last_ref = ref;
    return IW_OK;
}

/* ---- telling ---- */

static void count(struct iw_lane *lane, const struct iw_facts *facts, bool was_asked)
{
    struct iw_totals *totals = &lane->totals;
    totals->targets++;
    totals->requests += was_asked ? facts->requests : 0;
    totals->bytes_read += was_asked ? facts->bytes_read : 0;
    if (facts->bytes_from != IW_BYTES_UNKNOWN)
        totals->bytes_weighed += facts->bytes;
}

/* Hands an item with its final facts to the teller. */
static void give(struct iw_item *item, const struct iw_facts *facts)
{
    item->facts = facts;
    item->home->items++;
    iw_teller_give(item->home, item);
}

static void remember(struct iw_item *item, const struct iw_facts *facts)
{
    struct iw_lane *lane = item->home;
    uint64_t place;
    bool is_new = item->fingerprint && !item->is_again;
    uint64_t *slot = is_new ? iw_map_find(&lane->targets, item->fingerprint) : NULL;
    if (!slot)
        return;
    if (facts->failure == IW_FAILURE_CANCELLED || iw_replay_put(&lane->replay, facts, &place) != IW_OK)
        iw_map_remove(&lane->targets, item->fingerprint);
    else
        *slot = place << TAG_BITS | TAG_PLACE;
}

void iw_item_told(struct iw_item *item)
{
    struct iw_lane *lane = item->home;
    if (item->mend && item->mend->stage == IW_MEND_WANTED) {
        iw_mend_queue(lane, item);
        return;
    }
    if (item->mend && item->mend->stage == IW_MEND_HELD) {
        iw_mend_held(item);
        return;
    }
    if (item->mend)
        iw_mend_count(lane, item);
    if (item->suggested && item->suggested->stage == IW_SUGGEST_WANTED) {
        if (iw_suggest_ask(item))
            return;
        lane->items--;
        give(item, item->facts);
        return;
    }
    for (size_t i = 0; i < IW_VERDICT_COUNT; i++) {
        lane->totals.records += item->told[i];
        lane->totals.verdicts[i] += item->told[i];
        lane->totals.notice_verdicts[i] += item->notices ? item->told[i] : 0;
    }
    lane->totals.notices += item->notices;
    lane->items--;
    if (item->late && !item->mend) { /* fix tells of each image once */
        free_contexts(item->refs);
        item->refs = item->late;
        item->late = NULL;
        item->last_ref = NULL;
        for (struct iw_ref *ref = item->refs; ref; ref = ref->next)
            item->last_ref = ref;
        give(item, item->facts);
        return;
    }
    remember(item, item->facts);
    iw_suggest_keep(item);
    lane->ended++;
    item_release(item);
}

/* Puts references that came while the item was away behind the others. */
static void join_late(struct iw_item *item)
{
    struct iw_ref **at = item->refs ? &item->last_ref->next : &item->refs;
    *at = item->late;
    item->late = NULL;
    for (struct iw_ref *ref = *at; ref; ref = ref->next)
        item->last_ref = ref;
}

/* ---- beginning ---- */

static void url_of(const struct iw_parcel *parcel, const char *text, struct iw_url *out)
{
    *out = (struct iw_url){
        .text = {text, parcel->text_len},
        .scheme = (enum iw_scheme)parcel->scheme,
        .origin = {text, parcel->origin_len},
        .host = {text + parcel->host_at, parcel->host_len},
        .port = parcel->port,
        .path = {text + parcel->origin_len, parcel->path_len},
    };
}

/* The text with zeros behind it, as iw_url_parse() leaves it for whoever reads whole vectors. */
static const char *copy_text(struct iw_item *item, const struct iw_parcel *parcel)
{
    enum { PADDING_BYTES = 32 };
    char *text = iw_arena_alloc(&item->arena, parcel->text_len + PADDING_BYTES);
    if (!text)
        return NULL;
    memcpy(text, parcel + 1, parcel->text_len);
    memset(text + parcel->text_len, 0, PADDING_BYTES);
    return text;
}

/* What was known before, as a parcel brings it; in the item's arena. */
static enum iw_err read_known(struct iw_item *item, const struct iw_parcel *parcel, struct iw_str url,
                              struct iw_facts *out)
{
    const char *head = (const char *)(parcel + 1) + parcel->text_len + 1;
    size_t len = iw_saved_texts_len(head);
    char *texts = iw_arena_alloc(&item->arena, len + 1);
    if (!texts)
        return IW_ERR_NOMEM;
    memcpy(texts, head + sizeof(struct iw_saved), len);
    iw_saved_get(head, texts, url, out);
    return IW_OK;
}

static enum iw_err know(struct iw_item *item, const struct iw_parcel *parcel)
{
    if (parcel->more_len == 0)
        return IW_OK;
    struct iw_facts *known = iw_arena_alloc(&item->arena, sizeof *known);
    if (!known || read_known(item, parcel, item->url.text, known) != IW_OK)
        return IW_ERR_NOMEM;
    iw_probe_know(item->probe, known);
    return IW_OK;
}

static enum iw_err begin(struct iw_item *item, struct iw_want *want)
{
    struct iw_lane *lane = item->home;
    const char *text = copy_text(item, &want->parcel);
    enum iw_err err = text ? add_ref(item, &want->parcel) : IW_ERR_NOMEM;
    for (struct iw_want_ref *ref = want->more; ref && err == IW_OK; ref = ref->next) {
        struct iw_parcel parcel = {.origin = ref->origin,
                                   .place = ref->place,
                                   .line = ref->line,
                                   .column = ref->column,
                                   .has_context = ref->has_context};
        if (ref->has_context)
            parcel.context = ref->context;
        else
            parcel.element = ref->element;
        err = add_ref(item, &parcel);
        ref->has_context = parcel.has_context;
    }
    if (err != IW_OK)
        return err;
    url_of(&want->parcel, text, &item->url);
    if (!item->waiting->host)
        item->waiting->host = iw_net_host(lane->net, item->url.origin);
    item->fingerprint = want->fingerprint;
    item->ticket = want->parcel.ticket;
    item->may_be_private = want->parcel.origin->may_be_private;
    item->probe = iw_probe_new(&item->arena, &lane->policy->probe, &item->url, ++lane->seed);
    uint64_t *known = item->fingerprint ? iw_map_find(&lane->targets, item->fingerprint) : NULL;
    if (known)
        *known = (uint64_t)(uintptr_t)item | TAG_ITEM;
    return item->probe ? know(item, &want->parcel) : IW_ERR_NOMEM;
}

/* Nobody is asked: the target has had its turn. */
static void pass_over(struct iw_lane *lane, struct iw_want *want, struct iw_waiting *waiting)
{
    uint64_t *known = want->fingerprint ? iw_map_find(&lane->targets, want->fingerprint) : NULL;
    if (known)
        *known = TAG_PLACE;
    iw_want_free(want);
    iw_frontier_done(lane, waiting);
    lane->begun++;
    lane->ended++;
    lane->done++;
}

void iw_item_start_some(struct iw_lane *lane)
{
    struct iw_waiting *waiting;
    struct iw_want *want;
    while (lane->items < ITEMS_MAX && iw_net_is_hungry(lane->net) &&
           (want = iw_frontier_take(lane, &waiting)) != NULL) {
        if (lane->policy->is_dry) {
            pass_over(lane, want, waiting);
            continue;
        }
        struct iw_item *item = item_take(lane);
        lane->begun++;
        enum iw_err err = item ? IW_OK : IW_ERR_NOMEM;
        if (item) {
            item->waiting = waiting;
            item->row = waiting;
            err = begin(item, want);
        }
        iw_want_free(want);
        if (err != IW_OK) {
            iw_lane_fail(lane, err);
            if (item)
                item_release(item);
            return;
        }
        lane->items++;
        iw_ask(item);
    }
}

/* ---- parcels ---- */

/* From what was learnt before, for a reference that comes late. fix tells of each image once. */
static enum iw_err tell_again(struct iw_lane *lane, struct iw_parcel *parcel, uint64_t fingerprint, uint64_t place)
{
    if ((lane->pool && !parcel->ticket) || lane->policy->is_dry) {
        lane->begun++;
        lane->ended++;
        return IW_OK;
    }
    struct iw_item *item = item_take(lane);
    struct iw_facts *facts = item ? iw_arena_zalloc(&item->arena, sizeof *facts) : NULL;
    const char *text = facts ? copy_text(item, parcel) : NULL;
    enum iw_err err = text ? add_ref(item, parcel) : IW_ERR_NOMEM;
    if (err == IW_OK && parcel->ticket) {
        item->ticket = parcel->ticket;
        item->may_be_private = parcel->origin->may_be_private;
        url_of(parcel, text, &item->url);
    }
    if (err == IW_OK)
        err = iw_replay_get(&lane->replay, place, (struct iw_str){text, parcel->text_len}, &item->arena, facts);
    lane->begun++;
    if (err == IW_OK) {
        item->is_again = true;
        iw_suggest_recall(item, fingerprint);
        give(item, facts);
    } else if (item) {
        item_release(item);
    }
    return err;
}

void iw_item_finish(struct iw_item *item)
{
    struct iw_facts *facts = iw_probe_facts(item->probe);
    struct iw_lane *lane = item->home;
    if (iw_suggest_heard(item)) {
        lane->items--;
        join_late(item);
        give(item, item->facts);
        return;
    }
    count(lane, facts, true);
    lane->done++;
    lane->items--;
    iw_item_leave_row(item);
    join_late(item);
    if (item->ticket) {
        enum iw_err err = iw_twin_learn(lane, item->ticket->twin, facts, tell_again);
        if (err != IW_OK)
            iw_lane_fail(lane, err);
    }
    give(item, facts);
}

/* A target that waits, is on its way, or was asked about before. */
static enum iw_err add_duplicate(struct iw_lane *lane, struct iw_parcel *parcel, uint64_t fingerprint, uint64_t known)
{
    lane->totals.duplicates++;
    if ((known & TAG_MASK) == TAG_PLACE)
        return tell_again(lane, parcel, fingerprint, known >> TAG_BITS);
    lane->begun++;
    lane->ended++;
    if ((known & TAG_MASK) == TAG_WANT)
        return iw_frontier_add_ref((struct iw_want *)(uintptr_t)(known & ~(uint64_t)TAG_MASK), parcel);
    return add_ref((struct iw_item *)(uintptr_t)known, parcel);
}

uint64_t iw_item_expect(const struct iw_lane *lane, const struct iw_parcel *parcel)
{
    if (!lane->policy->dedupe || parcel->kind != IW_PARCEL_TARGET || parcel->ticket)
        return 0;
    uint64_t hash = iw_hash64(&lane->key, parcel + 1, parcel->text_len);
    iw_map_prefetch(&lane->targets, hash);
    return hash ? hash : 1;
}

/* Facts that need no network, told at once. */
static enum iw_err take_facts(struct iw_lane *lane, struct iw_parcel *parcel, uint64_t fingerprint,
                              enum iw_err (*fill)(struct iw_item *, const struct iw_parcel *, struct iw_facts *))
{
    struct iw_item *item = item_take(lane);
    struct iw_facts *facts = item ? iw_arena_zalloc(&item->arena, sizeof *facts) : NULL;
    enum iw_err err = facts ? add_ref(item, parcel) : IW_ERR_NOMEM;
    if (err == IW_OK) {
        const char *text = copy_text(item, parcel);
        facts->url = (struct iw_str){text, parcel->text_len};
        item->ticket = parcel->ticket;
        err = text ? fill(item, parcel, facts) : IW_ERR_NOMEM;
    }
    if (err == IW_OK && fingerprint)
        err = iw_map_add(&lane->targets, fingerprint, (uint64_t)(uintptr_t)item | TAG_ITEM);
    if (err == IW_OK)
        item->fingerprint = fingerprint;
    lane->begun++;
    if (err != IW_OK) {
        if (item)
            item_release(item);
        return err;
    }
    if (parcel->kind != IW_PARCEL_NOTICE) {
        lane->found++;
        lane->done++;
        count(lane, facts, !parcel->is_told);
    }
    give(item, facts);
    if (lane->out >= AWAY_MAX)
        iw_teller_collect(lane, true); /* faster than it can be told */
    return IW_OK;
}

static enum iw_err read_told(struct iw_item *item, const struct iw_parcel *parcel, struct iw_facts *facts)
{
    return read_known(item, parcel, facts->url, facts);
}

/* An image of a request that is repaired. */
static enum iw_err take_ticket(struct iw_lane *lane, struct iw_parcel *parcel)
{
    struct iw_twin *twin = iw_twin_of(lane, (struct iw_str){(const char *)(parcel + 1), parcel->text_len});
    struct iw_want *want;
    if (!twin)
        return IW_ERR_NOMEM;
    parcel->ticket->twin = twin;
    lane->totals.duplicates += twin->count > 0;
    if (twin->is_known)
        return tell_again(lane, parcel, 0, twin->place);
    if (twin->count++ > 0)
        return iw_twin_wait(lane, twin, parcel);
    lane->found++;
    return iw_frontier_add(lane, parcel, 0, &want);
}

static enum iw_err take_target(struct iw_lane *lane, struct iw_parcel *parcel, uint64_t fingerprint)
{
    struct iw_want *want = NULL;
    if (fingerprint) {
        const uint64_t *known = iw_map_find(&lane->targets, fingerprint);
        if (known)
            return add_duplicate(lane, parcel, fingerprint, *known);
    }
    if (parcel->is_told)
        return take_facts(lane, parcel, fingerprint, read_told);
    enum iw_err err = iw_frontier_add(lane, parcel, fingerprint, &want);
    if (err == IW_OK && fingerprint)
        err = iw_map_add(&lane->targets, fingerprint, (uint64_t)(uintptr_t)want | TAG_WANT);
    lane->found += err == IW_OK;
    return err;
}

static enum iw_err fill_refused(struct iw_item *item, const struct iw_parcel *parcel, struct iw_facts *facts)
{
    const char *why = (const char *)(parcel + 1) + parcel->text_len + 1;
    facts->failure = (enum iw_failure)parcel->failure;
    facts->error = iw_arena_str(&item->arena, (struct iw_str){why, parcel->more_len});
    return facts->error.ptr ? IW_OK : IW_ERR_NOMEM;
}

static enum iw_err fill_ticket(struct iw_item *item, const struct iw_parcel *parcel, struct iw_facts *facts)
{
    (void)item;
    const struct iw_ticket *ticket = parcel->ticket;
    iw_inline_facts(&ticket->inlined, facts);
    if (!ticket->misplaced)
        return IW_OK;
    facts->is_misplaced = true;
    facts->inline_flaw = ticket->misplaced;
    return IW_OK;
}

static enum iw_err fill_inline(struct iw_item *item, const struct iw_parcel *parcel, struct iw_facts *facts)
{
    struct iw_str url = facts->url;
    (void)parcel;
    *facts = *item->refs->context->facts;
    facts->url = url;
    return IW_OK;
}

static enum iw_err fill_notice(struct iw_item *item, const struct iw_parcel *parcel, struct iw_facts *facts)
{
    (void)item;
    (void)parcel;
    facts->is_local = true;
    return IW_OK;
}

static size_t read_at(void *user, uint64_t at, uint8_t *buf, size_t len)
{
    int fd = *(const int *)user;
    ssize_t n = fd >= 0 ? pread(fd, buf, len, (off_t)at) : -1;
    return n > 0 ? (size_t)n : 0;
}

static enum iw_err fill_local(struct iw_item *item, const struct iw_parcel *parcel, struct iw_facts *facts)
{
    struct stat info;
    (void)parcel;
    if (stat(facts->url.ptr, &info) != 0)
        info.st_size = 0; /* it has gone meanwhile */
    int fd = open(facts->url.ptr, O_RDONLY | O_CLOEXEC);
    facts->is_local = true;
    facts->bytes = (uint64_t)info.st_size;
    facts->bytes_from = IW_BYTES_FILE;
    uint64_t began = iw_net_clock_us();
    enum iw_err err = iw_probe_local(&item->arena, &item->home->policy->probe, facts->bytes, read_at, &fd, facts);
    facts->us = iw_net_clock_us() - began;
    if (fd >= 0)
        close(fd);
    return err;
}

/* What nobody took over. */
static void drop_context(struct iw_parcel *parcel)
{
    if (parcel->has_context)
        iw_context_free(parcel->context);
    parcel->has_context = false;
}

void iw_item_parcel(struct iw_lane *lane, struct iw_parcel *parcel, uint64_t fingerprint)
{
    enum iw_err err = IW_OK;
    if (lane->is_stopping || lane->err != IW_OK || parcel->kind == IW_PARCEL_SEAL) {
        if (parcel->kind == IW_PARCEL_SEAL)
            iw_bundle_seal(lane, parcel->bundle, parcel->line);
        lane->begun++;
        lane->ended++;
        drop_context(parcel);
        return;
    }
    switch ((enum iw_parcel_kind)parcel->kind) {
    case IW_PARCEL_TARGET:
        err = parcel->ticket ? take_ticket(lane, parcel) : take_target(lane, parcel, fingerprint);
        break;
    case IW_PARCEL_REFUSED:
        err = take_facts(lane, parcel, 0, fill_refused);
        break;
    case IW_PARCEL_LOCAL:
        err = take_facts(lane, parcel, 0, fill_local);
        break;
    case IW_PARCEL_TICKET:
        err = take_facts(lane, parcel, 0, fill_ticket);
        break;
    case IW_PARCEL_INLINE:
        err = take_facts(lane, parcel, 0, fill_inline);
        break;
    case IW_PARCEL_NOTICE:
        err = take_facts(lane, parcel, 0, fill_notice);
        break;
    case IW_PARCEL_SEAL:
        break;
    }
    drop_context(parcel);
    if (err != IW_OK)
        iw_lane_fail(lane, err);
}
