/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Forgetting. First runs go, then references and targets that no run has seen, then rows that no run would read: those
 * between two of which no run is left. In small transactions: it may be cut off anywhere, and be taken up again. */
#include "base/iw.h"
#include "store/inside.h"

static enum iw_err forget_runs(struct iw_store *store, unsigned keep, int64_t before_unix_s, uint64_t *out_forgotten)
{
    int64_t run;
    while ((run = iw_sql_number(store, IW_SQL_run_spare, "ii", (int64_t)keep, before_unix_s)) != 0) {
        if (iw_store_write(store) != IW_OK)
            break;
        (void)iw_sql_run(store, IW_SQL_seen_forget, "i", run);
        (void)iw_sql_run(store, IW_SQL_total_forget, "i", run);
        (void)iw_sql_run(store, IW_SQL_run_forget, "i", run);
        *out_forgotten += store->err == IW_OK;
    }
    return store->err;
}

/* What the runs that are left have seen. */
static enum iw_err load_kept(struct iw_store *store, struct iw_run_seen *kept)
{
    enum { ALL = 0 };
    for (int64_t back = 0;; back++) {
        int64_t run = iw_sql_number(store, IW_SQL_run_last, "ii", (int64_t)ALL, back);
        if (!run || iw_seen_load(store, run, kept) != IW_OK)
            return store->err;
    }
}

static enum iw_err thin_refs(struct iw_store *store, const struct iw_seen *kept)
{
    int64_t ref = 0;
    while ((ref = iw_sql_number(store, IW_SQL_ref_next, "i", ref)) != 0) {
        bool is_kept = iw_seen_has(kept, ref);
        (void)iw_store_write(store);
        if (!is_kept)
            (void)iw_sql_run(store, IW_SQL_ref_forget, "i", ref);
        (void)iw_sql_run(store, is_kept ? IW_SQL_verdict_thin : IW_SQL_verdict_forget, "i", ref);
        (void)iw_sql_run(store, is_kept ? IW_SQL_finding_thin : IW_SQL_finding_forget, "i", ref);
    }
    return store->err;
}

static enum iw_err thin_urls(struct iw_store *store, const struct iw_seen *kept)
{
    int64_t url = 0;
    while ((url = iw_sql_number(store, IW_SQL_url_next, "i", url)) != 0) {
        (void)iw_store_write(store);
        if (!iw_seen_has(kept, url)) {
            (void)iw_sql_run(store, IW_SQL_url_forget, "i", url);
            (void)iw_sql_run(store, IW_SQL_obs_forget, "i", url);
        }
        (void)iw_sql_run(store, IW_SQL_obs_thin, "i", url);
    }
    return store->err;
}

enum iw_err iw_store_prune(struct iw_store *store, unsigned keep, int64_t before_unix_s, uint64_t *out_forgotten)
{
    struct iw_run_seen kept = {0};
    *out_forgotten = 0;
    pthread_mutex_lock(&store->mutex);
    if (forget_runs(store, keep, before_unix_s, out_forgotten) == IW_OK && load_kept(store, &kept) == IW_OK &&
        thin_refs(store, &kept.kinds[IW_SEEN_REFS]) == IW_OK && thin_urls(store, &kept.kinds[IW_SEEN_URLS]) == IW_OK &&
        iw_store_write(store) == IW_OK) {
        (void)iw_sql_run(store, IW_SQL_doc_thin, "");
        (void)iw_sql_run(store, IW_SQL_host_thin, "");
        (void)iw_sql_run(store, IW_SQL_policy_thin, "");
    }
    enum iw_err err = iw_store_commit_now(store);
    pthread_mutex_unlock(&store->mutex);
    iw_seen_release(&kept);
    return err;
}

enum iw_err iw_store_vacuum(struct iw_store *store)
{
    pthread_mutex_lock(&store->mutex);
    if (iw_store_commit_now(store) == IW_OK)
        /* the copy is as large as what is left: it lies on the disk */
        (void)iw_sql_exec(store, "PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY;"
                                 "PRAGMA wal_checkpoint(TRUNCATE)");
    enum iw_err err = store->err;
    pthread_mutex_unlock(&store->mutex);
    return err;
}

enum iw_err iw_store_figures(struct iw_store *store, struct iw_store_figures *out)
{
    pthread_mutex_lock(&store->mutex);
    sqlite3_stmt *s = iw_sql_bind(store, IW_SQL_figures, "");
    if (iw_sql_step(store, s)) {
        *out = (struct iw_store_figures){
            .file_bytes = (uint64_t)sqlite3_column_int64(s, 0),
            .runs = (uint64_t)sqlite3_column_int64(s, 1),
            .urls = (uint64_t)sqlite3_column_int64(s, 2),
            .refs = (uint64_t)sqlite3_column_int64(s, 3),
            .observations = (uint64_t)sqlite3_column_int64(s, 4),
            .verdicts = (uint64_t)sqlite3_column_int64(s, 5),
        };
        iw_sql_done(s);
    }
    enum iw_err err = store->err;
    pthread_mutex_unlock(&store->mutex);
    return err;
}
