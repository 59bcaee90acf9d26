/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A stored run, told again; and what a run does not name any more. */
#include "base/iw.h"
#include "store/inside.h"

/* One reference with all that hangs on it; in the store's arena. */
struct told {
    int64_t url_id;
    struct iw_source_ref source;
    struct iw_facts facts;
    struct iw_findings findings;
    struct iw_record record;
};

/* Kinds are words of ours, and are written as such, without quotes. */
static bool is_kind(struct iw_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((text.ptr[i] < 'a' || text.ptr[i] > 'z') && text.ptr[i] != '-')
            return false;
    return text.len > 0;
}

static bool read_ref(struct iw_store *store, int64_t ref, struct iw_str *out_url, struct told *out)
{
    struct iw_arena *arena = &store->arena;
    sqlite3_stmt *s = iw_sql_bind(store, IW_SQL_tell_refs, "i", ref);
    if (!iw_sql_step(store, s))
        return false;
    bool is_it = sqlite3_column_int64(s, 0) == ref;
    out->url_id = sqlite3_column_int64(s, 1);
    struct iw_str host = iw_sql_text(s, 2), rest = iw_sql_text(s, 3), element = iw_sql_copy(store, s, 8, arena);
    rest = iw_str_sub(rest, 0, iw_str_find(rest, '\0')); /* see iw_target_key() and iw_element_key() */
    element = iw_str_sub(element, 0, iw_str_find(element, '\0'));
    *out_url = iw_arena_printf(arena, "%.*s%.*s", IW_STR_ARGS(host), IW_STR_ARGS(rest));
    out->source = (struct iw_source_ref){
        .path = iw_sql_copy(store, s, 4, arena),
        .kind = iw_sql_copy(store, s, 5, arena).ptr,
        .line = (unsigned)sqlite3_column_int64(s, 6),
        .column = (unsigned)sqlite3_column_int64(s, 7),
        .element = element.len ? element : IW_STR_NONE,
    };
    iw_sql_done(s);
    if (!out->source.kind)
        out->source.kind = "list";
    if (!is_kind(iw_str_from(out->source.kind)))
        (void)iw_store_fail(store, IW_ERR_IO, "the history is damaged: a document is of no kind");
    if (!out_url->ptr)
        (void)iw_store_fail(store, IW_ERR_NOMEM, "out of memory");
    return is_it && store->err == IW_OK;
}

/* The record of a reference as run found it, judged anew where judge is set. False: there is none, or it failed. */
static bool read_told(struct iw_store *store, int64_t ref, int64_t run, bool is_known, const struct iw_judge *judge,
                      struct told *out)
{
    struct iw_str url;
    int64_t since;
    iw_arena_clear(&store->arena);
    *out = (struct told){0};
    if (!read_ref(store, ref, &url, out))
        return false;
    bool has = (is_known && iw_facts_read(store, out->url_id, run, true, url, &store->arena, &out->facts)) ||
               iw_facts_read(store, out->url_id, run, false, url, &store->arena, &out->facts);
    if (!has)
        return false;
    out->record = (struct iw_record){.facts = &out->facts, .source = &out->source, .findings = &out->findings};
    /* a document is told as named by itself, and was not asked for as an image */
    out->record.is_notice =
        iw_str_eq(url, out->source.path) && !out->facts.status && out->facts.bytes_from == IW_BYTES_UNKNOWN;
    if (judge)
        out->record.verdict = iw_check(judge, &out->facts, &store->arena, &out->findings);
    else
        (void)iw_verdict_read(store, ref, run, &store->arena, &out->record.verdict, &out->findings, &since);
    return store->err == IW_OK;
}

/* True when a page that named what is missing now is a target of the run, and gave no answer. */
static bool is_page_unreached(struct iw_store *store, int64_t ref, const struct iw_seen *targets)
{
    struct iw_facts facts;
    struct iw_str url;
    struct told told = {0};
    iw_arena_clear(&store->arena);
    if (!read_ref(store, ref, &url, &told))
        return false;
    struct iw_str page = told.source.path;
    int64_t id = page.ptr ? iw_url_id(store, page, false) : 0;
    return iw_seen_has(targets, id) && iw_facts_read(store, id, store->run, false, page, &store->arena, &facts) &&
           iw_failure_is_passing(facts.failure);
}

static bool is_hidden(struct iw_store *store)
{
    const struct iw_seen *was = &store->base_seen.kinds[IW_SEEN_URLS], *is = &store->seen.kinds[IW_SEEN_URLS];
    for (int64_t id = iw_seen_next(was, 1); id && store->err == IW_OK; id = iw_seen_next(was, id + 1)) {
        int64_t ref = iw_seen_has(is, id) ? 0 : iw_ref_seen(store, id, &store->base_seen);
        if (ref && is_page_unreached(store, ref, is))
            return true;
    }
    return false;
}

static enum iw_err tell_gone(struct iw_store *store, const struct iw_past *past, const struct iw_run_seen *seen,
                             iw_record_fn fn, void *user)
{
    const struct iw_seen *was = &past->seen->kinds[IW_SEEN_URLS], *is = &seen->kinds[IW_SEEN_URLS];
    enum iw_err err = store->err;
    for (int64_t id = iw_seen_next(was, 1); id && err == IW_OK; id = iw_seen_next(was, id + 1)) {
        int64_t ref = iw_seen_has(is, id) ? 0 : iw_ref_seen(store, id, past->seen);
        struct told told;
        if (!ref || !read_told(store, ref, past->run, true, past->judge, &told)) {
            err = store->err;
            continue;
        }
        struct iw_before before = {
            .verdict = told.record.verdict,
            .bytes = told.facts.bytes_from == IW_BYTES_UNKNOWN ? 0 : told.facts.bytes,
            .width_px = told.facts.image.width_px,
            .height_px = told.facts.image.height_px,
        };
        told.record.change = IW_CHANGE_GONE;
        told.record.before = &before;
        err = fn(user, &told.record);
    }
    return err;
}

enum iw_err iw_store_gone(struct iw_store *store, const struct iw_judge *judge, iw_record_fn fn, void *user,
                          bool *out_is_hidden)
{
    *out_is_hidden = false;
    if (!store->base)
        return IW_OK;
    pthread_mutex_lock(&store->mutex);
    struct iw_past past = {store->base, &store->base_seen, judge, store->is_same_policy, false};
    *out_is_hidden = is_hidden(store);
    enum iw_err err = *out_is_hidden ? store->err : tell_gone(store, &past, &store->seen, fn, user);
    pthread_mutex_unlock(&store->mutex);
    return err;
}

enum iw_err iw_store_tell(struct iw_store *store, const struct iw_retelling *retelling)
{
    struct iw_run_seen seen = {0}, past_seen = {0};
    struct iw_past past = {retelling->base, &past_seen, retelling->judge, retelling->is_same_policy,
                           retelling->is_base_partial};
    pthread_mutex_lock(&store->mutex);
    (void)iw_seen_load(store, retelling->run, &seen);
    if (past.run)
        (void)iw_seen_load(store, past.run, &past_seen);
    const struct iw_seen *refs = &seen.kinds[IW_SEEN_REFS];
    enum iw_err err = store->err;
    for (int64_t ref = iw_seen_next(refs, 1); ref && err == IW_OK; ref = iw_seen_next(refs, ref + 1)) {
        struct told told;
        bool has = read_told(store, ref, retelling->run, false, retelling->as_told ? NULL : retelling->judge, &told);
        if (has && past.run)
            (void)iw_past_compare(store, &past, &told.record);
        err = store->err;
        if (has && err == IW_OK)
            err = retelling->fn(retelling->user, &told.record);
    }
    if (err == IW_OK && past.run && retelling->is_complete)
        err = tell_gone(store, &past, &seen, retelling->fn, retelling->user);
    pthread_mutex_unlock(&store->mutex);
    iw_seen_release(&seen);
    iw_seen_release(&past_seen);
    return err;
}
