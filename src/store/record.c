/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* While a run goes on: what is known of a target, how a record stands beside the run before, and the record itself. */
#include "base/iw.h"
#include "store/inside.h"

/* A logo may be named by every page. */
enum { REFS_LOOKED_AT = 10000, REFS_COMPARED = 64 };

enum iw_err iw_store_known(struct iw_store *store, struct iw_str url, struct iw_arena *arena, struct iw_facts *facts,
                           bool *out_is_told)
{
    *out_is_told = false;
    pthread_mutex_lock(&store->mutex);
    int64_t id = iw_url_id(store, url, false);
    bool was_seen = store->is_resumed && iw_seen_has(&store->seen.kinds[IW_SEEN_URLS], id);
    bool has = was_seen && iw_facts_read(store, id, store->run, false, url, arena, facts);
    *out_is_told = has && !iw_failure_is_passing(facts->failure);
    if (!*out_is_told)
        has = id && iw_facts_read(store, id, INT64_MAX, true, url, arena, facts);
    if (!has)
        facts->url = IW_STR_NONE;
    enum iw_err err = store->err;
    pthread_mutex_unlock(&store->mutex);
    return err;
}

/* ---- comparing ---- */

int64_t iw_ref_seen(struct iw_store *store, int64_t url_id, const struct iw_run_seen *seen)
{
    int64_t ref = 0;
    sqlite3_stmt *statement = iw_sql_bind(store, IW_SQL_ref_of_url, "i", url_id);
    for (int i = 0; !ref && i < REFS_LOOKED_AT && iw_sql_step(store, statement); i++)
        if (iw_seen_has(&seen->kinds[IW_SEEN_REFS], sqlite3_column_int64(statement, 0)))
            ref = sqlite3_column_int64(statement, 0);
    iw_sql_done(statement);
    return ref;
}

/* Whether that run told of a reference what is told now. */
static bool was_told_so(struct iw_store *store, int64_t ref, int64_t run, const struct iw_record *record)
{
    enum iw_verdict verdict;
    int64_t since;
    struct iw_findings *told = &store->findings;
    return iw_verdict_read(store, ref, run, &store->arena, &verdict, told, &since) == IW_OK &&
           verdict == record->verdict && iw_findings_are_same(told, record->findings);
}

/* Of the references that a statement lists the first of which that run told what is told now, or 0; the first that it
 * saw at all in *out_first, unless something is there. */
static int64_t find_alike(struct iw_store *store, const struct iw_past *past, sqlite3_stmt *statement,
                          const struct iw_record *record, int64_t *out_first)
{
    int64_t alike = 0;
    for (int i = 0; !alike && i < REFS_COMPARED && iw_sql_step(store, statement); i++) {
        int64_t ref = sqlite3_column_int64(statement, 0);
        if (!iw_seen_has(&past->seen->kinds[IW_SEEN_REFS], ref))
            continue;
        *out_first = *out_first ? *out_first : ref;
        if (was_told_so(store, ref, past->run, record))
            alike = ref;
    }
    iw_sql_done(statement);
    return alike;
}

/* The reference of that run that a record stands beside: requests may ask for one image in several ways, and a document
 * has several faults. That is the one at its place, or, since lines move, one of which the same was told. */
static int64_t ref_beside(struct iw_store *store, const struct iw_past *past, int64_t url_id,
                          const struct iw_record *record)
{
    const struct iw_source_ref *source = record->source;
    struct iw_str path = source->path.ptr ? source->path : IW_STR("");
    int64_t there = 0;
    int64_t alike = find_alike(store, past,
                               iw_sql_bind(store, IW_SQL_ref_at, "itii", url_id, path, (int64_t)source->line,
                                           (int64_t)source->column),
                               record, &there);
    if (!alike && !(there && record->verdict == IW_VERDICT_OK))
        alike = find_alike(store, past, iw_sql_bind(store, IW_SQL_ref_of_url, "i", url_id), record, &there);
    if (alike || there)
        return alike ? alike : there;
    return iw_ref_seen(store, url_id, past->seen);
}

/* What that run found of a target; what came to nothing there stands aside for an older look that did not. */
struct was {
    struct iw_facts facts;
    struct iw_judged judged;
    bool has_failed; /* that run could not tell */
    int64_t since_unix_s;
};

static bool read_was(struct iw_store *store, const struct iw_past *past, int64_t url_id, struct iw_str url,
                     struct was *out)
{
    struct iw_arena *arena = &store->arena;
    if (!iw_facts_read(store, url_id, past->run, false, url, arena, &out->facts))
        return false;
    out->has_failed = iw_failure_is_passing(out->facts.failure);
    if (out->has_failed)
        (void)iw_facts_read(store, url_id, past->run, true, url, arena, &out->facts);
    return store->err == IW_OK;
}

/* By what was told then, where that was judged alike: some findings come of more than the facts (a request as a whole,
 * what its consumer can fetch). Else both by their facts alone. */
static enum iw_err judge_both(struct iw_store *store, const struct iw_past *past, int64_t ref,
                              const struct iw_record *record, struct was *was, struct iw_judged *now)
{
    struct iw_findings *told = iw_arena_alloc(&store->arena, sizeof *told);
    struct iw_findings *own = iw_arena_alloc(&store->arena, sizeof *own);
    if (!told || !own)
        return iw_store_fail(store, IW_ERR_NOMEM, "out of memory");
    enum iw_verdict verdict = IW_VERDICT_UNKNOWN;
    if (ref)
        (void)iw_verdict_read(store, ref, past->run, &store->arena, &verdict, told, &was->since_unix_s);
    if (ref && past->is_same_policy && !was->has_failed && verdict != IW_VERDICT_UNKNOWN) {
        was->judged = (struct iw_judged){.verdict = verdict, .findings = told};
        return store->err;
    }
    store->findings.count = 0;
    was->judged =
        (struct iw_judged){.findings = &store->findings, .is_unreached = iw_failure_is_passing(was->facts.failure)};
    was->judged.verdict = iw_check(past->judge, &was->facts, &store->arena, &store->findings);
    now->verdict = iw_check(past->judge, record->facts, &store->arena, own);
    now->findings = own;
    return store->err;
}

enum iw_err iw_past_compare(struct iw_store *store, const struct iw_past *past, struct iw_record *record)
{
    struct was was = {0};
    struct iw_judged now = {.verdict = record->verdict,
                            .findings = record->findings,
                            .is_unreached = iw_failure_is_passing(record->facts->failure)};
    bool is_waived = record->change == IW_CHANGE_WAIVED;
    int64_t url_id = iw_url_id(store, iw_target_key(store, record), false);
    store->url = url_id ? record->facts->url.ptr : NULL;
    store->url_id = url_id;
    record->before = NULL;
    bool was_there = iw_seen_has(&past->seen->kinds[IW_SEEN_URLS], url_id) &&
                     read_was(store, past, url_id, record->facts->url, &was);
    if (!was_there && past->is_partial)
        was_there =
            url_id && iw_facts_read(store, url_id, past->run, true, record->facts->url, &store->arena, &was.facts);
    int64_t ref = was_there ? ref_beside(store, past, url_id, record) : 0;
    if (was_there && judge_both(store, past, ref, record, &was, &now) != IW_OK)
        return store->err;
    record->is_uncompared = !was_there && past->is_partial;
    record->change = record->is_uncompared ? IW_CHANGE_NONE : iw_change_of(was_there ? &was.judged : NULL, &now);
    if (was_there && record->change != IW_CHANGE_NONE) {
        store->before = (struct iw_before){
            .verdict = was.judged.verdict,
            .bytes = was.facts.bytes_from == IW_BYTES_UNKNOWN ? 0 : was.facts.bytes,
            .width_px = was.facts.image.width_px,
            .height_px = was.facts.image.height_px,
            .first_seen_unix_s = was.since_unix_s,
        };
        record->before = &store->before;
    }
    if (is_waived)
        record->change = IW_CHANGE_WAIVED;
    else if (record->waiver_ended && (record->change == IW_CHANGE_SAME || record->change == IW_CHANGE_BETTER))
        record->change = IW_CHANGE_NEW;
    return store->err;
}

enum iw_err iw_store_compare(struct iw_store *store, const struct iw_judge *judge, struct iw_record *record)
{
    if (!store->base)
        return IW_OK;
    pthread_mutex_lock(&store->mutex);
    struct iw_past past = {store->base, &store->base_seen, judge, store->is_same_policy, false};
    iw_arena_clear(&store->arena);
    enum iw_err err = iw_past_compare(store, &past, record);
    pthread_mutex_unlock(&store->mutex);
    return err;
}

/* ---- recording ---- */

static enum iw_err record_now(struct iw_store *store, const struct iw_record *record)
{
    const struct iw_facts *facts = record->facts;
    struct iw_facts old;
    if (iw_store_write(store) != IW_OK)
        return store->err;
    int64_t url = store->url == facts->url.ptr && store->url ? store->url_id
                                                             : iw_url_id(store, iw_target_key(store, record), true);
    store->url = NULL; /* its memory may be another's next time */
    bool has = iw_facts_read(store, url, store->run, false, facts->url, &store->arena, &old);
    if (!has || !iw_facts_are_same(&old, facts))
        (void)iw_facts_write(store, url, facts);
    int64_t doc = iw_doc_id(store, record->source);
    int64_t element = iw_word_id(store, IW_WORDS_WORD, iw_element_key(store, record));
    int64_t line = record->source->line, column = record->source->column;
    int64_t ref = iw_sql_number(store, IW_SQL_ref_find, "iiiii", url, doc, line, column, element);
    if (!ref && iw_sql_run(store, IW_SQL_ref_add, "iiiii", url, doc, line, column, element) == IW_OK)
        ref = sqlite3_last_insert_rowid(store->db);
    if (store->err == IW_OK && iw_verdict_write(store, ref, record) == IW_OK &&
        (iw_seen_add(&store->seen.kinds[IW_SEEN_REFS], ref) != IW_OK ||
         iw_seen_add(&store->seen.kinds[IW_SEEN_URLS], url) != IW_OK))
        (void)iw_store_fail(store, IW_ERR_NOMEM, "out of memory");
    return store->err;
}

enum iw_err iw_store_record(struct iw_store *store, const struct iw_record *record)
{
    if (record->facts->failure == IW_FAILURE_CANCELLED)
        return IW_OK;
    pthread_mutex_lock(&store->mutex);
    iw_arena_clear(&store->arena);
    enum iw_err err = record_now(store, record);
    pthread_mutex_unlock(&store->mutex);
    return err;
}
