/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Runs: begun, gone on with, ended, listed, found by name. */
#include "base/iw.h"
#include "store/inside.h"

#include "base/parse.h"

#include <stdio.h>
#include <unistd.h>

/* Totals that are kept, by name: one that is not there is 0. */
#define TOTAL(name, field)                                                                                             \
    {                                                                                                                  \
        name, offsetof(struct iw_totals, field)                                                                        \
    }
static const struct {
    const char *name;
    size_t at;
} totals_table[] = {
    TOTAL("records", records),
    TOTAL("targets", targets),
    TOTAL("ok", verdicts[IW_VERDICT_OK]),
    TOTAL("warn", verdicts[IW_VERDICT_WARN]),
    TOTAL("unknown", verdicts[IW_VERDICT_UNKNOWN]),
    TOTAL("over", verdicts[IW_VERDICT_OVER]),
    TOTAL("broken", verdicts[IW_VERDICT_BROKEN]),
    TOTAL("faults", notices),
    TOTAL("faults_warn", notice_verdicts[IW_VERDICT_WARN]),
    TOTAL("faults_unknown", notice_verdicts[IW_VERDICT_UNKNOWN]),
    TOTAL("faults_over", notice_verdicts[IW_VERDICT_OVER]),
    TOTAL("faults_broken", notice_verdicts[IW_VERDICT_BROKEN]),
    TOTAL("new", changes[IW_CHANGE_NEW]),
    TOTAL("worse", changes[IW_CHANGE_WORSE]),
    TOTAL("same", changes[IW_CHANGE_SAME]),
    TOTAL("better", changes[IW_CHANGE_BETTER]),
    TOTAL("fixed", changes[IW_CHANGE_FIXED]),
    TOTAL("gone", changes[IW_CHANGE_GONE]),
    TOTAL("unreachable", changes[IW_CHANGE_UNREACHABLE]),
    TOTAL("waived", changes[IW_CHANGE_WAIVED]),
    TOTAL("excused", excused),
    TOTAL("excused_warnings", excused_warnings),
    TOTAL("new_offenders", new_offenders),
    TOTAL("worse_offenders", worse_offenders),
    TOTAL("pages_skipped", pages_skipped),
    TOTAL("out_of_scope", out_of_scope),
    TOTAL("duplicates", duplicates),
    TOTAL("complaints", complaints),
    TOTAL("documents", documents),
    TOTAL("requests", requests),
    TOTAL("bytes_read", bytes_read),
    TOTAL("bytes_weighed", bytes_weighed),
    TOTAL("retries", retries),
    TOTAL("elapsed_ms", elapsed_ms),
};
#undef TOTAL

void iw_digest(struct iw_str text, char out[IW_DIGEST_CHARS + 1])
{
    static const struct iw_hash_key keys[2] = {{0x696d677765696768, 1}, {0x696d677765696768, 2}};
    (void)snprintf(out, IW_DIGEST_CHARS + 1, "%016llx%016llx",
                   (unsigned long long)iw_hash64(&keys[0], text.ptr, text.len),
                   (unsigned long long)iw_hash64(&keys[1], text.ptr, text.len));
}

/* ---- totals ---- */

static enum iw_err write_totals(struct iw_store *store, const struct iw_totals *totals)
{
    for (size_t i = 0; i < IW_ARRAY_LEN(totals_table); i++) {
        uint64_t value;
        memcpy(&value, (const char *)totals + totals_table[i].at, sizeof value);
        if (value)
            (void)iw_sql_run(store, IW_SQL_total_put, "iti", store->run, iw_str_from(totals_table[i].name),
                             (int64_t)value);
    }
    return store->err;
}

static enum iw_err read_totals(struct iw_store *store, int64_t run, struct iw_totals *out)
{
    sqlite3_stmt *statement = iw_sql_bind(store, IW_SQL_total_get, "i", run);
    while (iw_sql_step(store, statement)) {
        struct iw_str name = iw_sql_text(statement, 0);
        uint64_t value = (uint64_t)sqlite3_column_int64(statement, 1);
        for (size_t i = 0; i < IW_ARRAY_LEN(totals_table); i++)
            if (iw_str_eq(name, iw_str_from(totals_table[i].name)))
                memcpy((char *)out + totals_table[i].at, &value, sizeof value);
    }
    return store->err;
}

/* ---- rows ---- */

static void copy_digest(sqlite3_stmt *statement, int column, char out[IW_DIGEST_CHARS + 1])
{
    struct iw_str text = iw_sql_text(statement, column);
    (void)snprintf(out, IW_DIGEST_CHARS + 1, "%.*s", IW_STR_ARGS(text));
}

/* A moment from 1970 to 9999, so that whoever reckons with it has room. */
static int64_t moment(sqlite3_stmt *statement, int column)
{
    const int64_t last_unix_s = 253402300799;
    int64_t unix_s = sqlite3_column_int64(statement, column);
    return unix_s < 0 ? 0 : IW_MIN(unix_s, last_unix_s);
}

static void read_row(struct iw_store *store, sqlite3_stmt *s, struct iw_arena *arena, struct iw_run_row *out)
{
    *out = (struct iw_run_row){
        .id = sqlite3_column_int64(s, 0),
        .state = (enum iw_run_state)iw_sql_enum(store, s, 1, IW_RUN_PARTIAL),
        .started_unix_s = moment(s, 2),
        .ended_unix_s = moment(s, 3),
        .version = iw_sql_copy(store, s, 4, arena),
        .argv = iw_sql_copy(store, s, 5, arena),
        .policy = iw_sql_copy(store, s, 6, arena),
        .choice = iw_sql_copy(store, s, 7, arena),
        .why = iw_sql_copy(store, s, 8, arena),
        .base = sqlite3_column_int64(s, 11),
    };
    copy_digest(s, 9, out->inputs_digest);
    copy_digest(s, 10, out->policy_digest);
    out->totals.is_compared = out->base != 0;
    out->totals.is_incomplete = out->state != IW_RUN_COMPLETE;
    if (out->totals.is_incomplete)
        (void)snprintf(out->totals.incomplete_why, sizeof out->totals.incomplete_why, "%.*s",
                       IW_STR_ARGS(out->why.len ? out->why : IW_STR("the run did not come to its end")));
}

/* The first run that is not younger than from; false: there is none, or it failed. */
static bool row_from(struct iw_store *store, int64_t from, struct iw_arena *arena, struct iw_run_row *out)
{
    sqlite3_stmt *statement = iw_sql_bind(store, IW_SQL_run_list, "i", from);
    if (!iw_sql_step(store, statement))
        return false;
    read_row(store, statement, arena, out);
    iw_sql_done(statement);
    return read_totals(store, out->id, &out->totals) == IW_OK;
}

enum iw_err iw_store_runs(struct iw_store *store, iw_run_fn fn, void *user)
{
    struct iw_arena arena;
    struct iw_run_row row;
    enum iw_err err = IW_OK;
    iw_arena_init(&arena, 16 << 20);
    pthread_mutex_lock(&store->mutex);
    for (int64_t from = 0; err == IW_OK && row_from(store, from, &arena, &row); from = row.id + 1) {
        err = fn(user, &row);
        iw_arena_clear(&arena);
    }
    if (err == IW_OK)
        err = store->err;
    pthread_mutex_unlock(&store->mutex);
    iw_arena_release(&arena);
    return err;
}

/* "latest~2" is 2; false: it is no such name. */
static bool is_latest(struct iw_str name, uint64_t *out_back)
{
    *out_back = 0;
    if (!iw_str_starts(name, IW_STR("latest")))
        return false;
    struct iw_str rest = iw_str_skip(name, 6);
    return rest.len == 0 || (rest.ptr[0] == '~' && iw_parse_u64(iw_str_skip(rest, 1), out_back) == IW_OK);
}

enum iw_err iw_store_find(struct iw_store *store, struct iw_str name, bool wants_complete, struct iw_arena *arena,
                          struct iw_run_row *out, struct iw_diag *diag)
{
    uint64_t number = 0;
    int64_t id = 0;
    pthread_mutex_lock(&store->mutex);
    if (is_latest(name, &number))
        id = iw_sql_number(store, IW_SQL_run_last, "ii", (int64_t)wants_complete,
                           (int64_t)IW_MIN(number, (uint64_t)INT32_MAX));
    else if (iw_parse_u64(name, &number) == IW_OK && number < INT64_MAX)
        id = (int64_t)number;
    bool has = id > 0 && row_from(store, id, arena, out) && out->id == id;
    enum iw_err err = store->err;
    if (err != IW_OK)
        *diag = store->diag;
    pthread_mutex_unlock(&store->mutex);
    if (err != IW_OK || has)
        return err;
    return iw_fail(diag, IW_ERR_UNKNOWN_NAME, 0, 0, "there is no run \"%.*s\"; imgweigh history lists them",
                   IW_STR_ARGS(iw_str_sub(name, 0, 40)));
}

/* ---- beginning ---- */

static enum iw_err resume(struct iw_store *store, const char *inputs, const char *policy, struct iw_diag *diag)
{
    struct iw_run_row row = {0};
    int64_t last = iw_sql_number(store, IW_SQL_run_last, "ii", (int64_t)0, (int64_t)0);
    bool has = last && row_from(store, last, &store->arena, &row);
    if (store->err != IW_OK)
        return store->err;
    if (!has || row.state == IW_RUN_COMPLETE)
        return iw_fail(diag, IW_ERR_USAGE, 0, 0, "--resume: %s",
                       has ? "the last run came to its end" : "the history has no run");
    if (strcmp(row.inputs_digest, inputs) != 0)
        return iw_fail(diag, IW_ERR_USAGE, 0, 0,
                       "--resume: run %lld had other inputs, or another choice of them; it was: imgweigh %.*s",
                       (long long)row.id, IW_STR_ARGS(iw_str_sub(row.argv, 0, 300)));
    if (strcmp(row.policy_digest, policy) != 0)
        return iw_fail(diag, IW_ERR_USAGE, 0, 0,
                       "--resume: run %lld was judged by other profiles or limits; it was: imgweigh %.*s",
                       (long long)row.id, IW_STR_ARGS(iw_str_sub(row.argv, 0, 300)));
    store->run = row.id;
    store->is_resumed = true;
    store->started_unix_s = row.started_unix_s;
    store->base = row.base;
    if (iw_store_write(store) == IW_OK && iw_sql_run(store, IW_SQL_run_reopen, "i", row.id) == IW_OK &&
        iw_sql_run(store, IW_SQL_total_forget, "i", row.id) == IW_OK)
        (void)iw_seen_load(store, row.id, &store->seen);
    return store->err;
}

static enum iw_err begin(struct iw_store *store, const struct iw_run_plan *plan, const char *inputs, const char *policy)
{
    struct iw_str digest = iw_str_from(policy);
    store->base = plan->id ? plan->base : iw_sql_number(store, IW_SQL_run_base_for, "t", iw_str_from(inputs));
    store->started_unix_s = plan->now_unix_s;
    if (iw_store_write(store) != IW_OK)
        return store->err;
    int64_t policy_id = iw_sql_number(store, IW_SQL_policy_find, "t", digest);
    if (!policy_id && iw_sql_run(store, IW_SQL_policy_add, "ttt", digest, plan->policy, plan->choice) == IW_OK)
        policy_id = sqlite3_last_insert_rowid(store->db);
    (void)iw_sql_run(store, IW_SQL_run_add, "itttiin", plan->now_unix_s, plan->version, plan->argv, iw_str_from(inputs),
                     policy_id, store->base, plan->id);
    store->run = store->err == IW_OK ? sqlite3_last_insert_rowid(store->db) : 0;
    return store->err;
}

enum iw_err iw_store_begin(struct iw_store *store, const struct iw_run_plan *plan, struct iw_diag *diag)
{
    char inputs[IW_DIGEST_CHARS + 1], policy[IW_DIGEST_CHARS + 1];
    struct iw_run_row base;
    iw_digest(plan->inputs, inputs);
    iw_digest(plan->policy, policy);
    pthread_mutex_lock(&store->mutex);
    enum iw_err err = plan->resumes ? resume(store, inputs, policy, diag) : begin(store, plan, inputs, policy);
    if (err == IW_OK && store->base) {
        /* one that was forgotten meanwhile is compared with no more */
        bool has = row_from(store, store->base, &store->arena, &base) && base.id == store->base;
        store->is_same_policy = has && strcmp(base.policy_digest, policy) == 0;
        store->base = has ? store->base : 0;
        if (has)
            (void)iw_seen_load(store, store->base, &store->base_seen);
    }
    if (err == IW_OK)
        err = iw_store_commit_now(store);
    if (store->err != IW_OK)
        *diag = store->diag;
    iw_arena_clear(&store->arena);
    pthread_mutex_unlock(&store->mutex);
    return err;
}

bool iw_store_is_comparing(const struct iw_store *store)
{
    return store->base != 0;
}

enum iw_err iw_store_end(struct iw_store *store, const struct iw_totals *totals, int64_t now_unix_s)
{
    pthread_mutex_lock(&store->mutex);
    int64_t state = totals->is_incomplete ? IW_RUN_PARTIAL : IW_RUN_COMPLETE;
    struct iw_str why = totals->is_incomplete ? iw_str_from(totals->incomplete_why) : IW_STR_NONE;
    if (iw_store_write(store) == IW_OK && write_totals(store, totals) == IW_OK)
        (void)iw_sql_run(store, IW_SQL_run_end, "iiit", store->run, state, now_unix_s, why);
    enum iw_err err = iw_store_commit_now(store);
    pthread_mutex_unlock(&store->mutex);
    return err;
}

/* ---- the note ---- */

static bool note_run(struct iw_store *store, struct iw_store *note)
{
    struct iw_run_row row;
    struct iw_diag diag = {0};
    if (!row_from(store, store->run, &store->arena, &row) || row.id != store->run)
        return false;
    struct iw_run_plan plan = {
        .version = row.version,
        .argv = row.argv,
        .policy = row.policy,
        .choice = row.choice,
        .inputs = iw_str_from(row.inputs_digest),
        .now_unix_s = row.started_unix_s,
        .id = row.id,
        .base = row.base,
    };
    return iw_store_begin(note, &plan, &diag) == IW_OK && iw_store_end(note, &row.totals, row.ended_unix_s) == IW_OK;
}

void iw_store_note(struct iw_store *store)
{
    char path[4096], beside[4120];
    struct iw_store *note = NULL;
    if (!iw_store_note_path(store->path, path, sizeof path))
        return;
    (void)snprintf(beside, sizeof beside, "%s.tmp-%ld", path, (long)getpid());
    (void)unlink(beside);
    pthread_mutex_lock(&store->mutex);
    bool is_good = iw_store_open(beside, IW_STORE_CREATE, &note, NULL) == IW_OK;
    is_good = is_good && note_run(store, note);
    is_good = iw_store_close(note, NULL) == IW_OK && is_good;
    if (!is_good || rename(beside, path) != 0)
        (void)unlink(beside);
    iw_arena_clear(&store->arena);
    pthread_mutex_unlock(&store->mutex);
}
