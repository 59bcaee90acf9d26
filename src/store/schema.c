/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The schema, as steps from one version to the next: a new database takes all of them, an old one those it lacks, in
 * one transaction. A step that was released is never changed. */
#include "base/iw.h"
#include "store/inside.h"

#include <stdio.h>
#include <sys/random.h>

static const char *const steps[] = {
    /* 1 */
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "CREATE TABLE policy(id INTEGER PRIMARY KEY, digest TEXT UNIQUE, json TEXT, choice TEXT);"
    "CREATE TABLE run(id INTEGER PRIMARY KEY AUTOINCREMENT, state INT, started INT, ended INT, version TEXT, argv TEXT,"
    " inputs TEXT, policy INT, base INT, why TEXT);"
    "CREATE INDEX run_inputs ON run(inputs, id);"
    "CREATE TABLE total(run INT, name TEXT, value INT, PRIMARY KEY(run, name)) WITHOUT ROWID;"
    "CREATE TABLE word(id INTEGER PRIMARY KEY, text TEXT UNIQUE);"
    "CREATE TABLE host(id INTEGER PRIMARY KEY, text TEXT UNIQUE);"
    "CREATE TABLE doc(id INTEGER PRIMARY KEY, path TEXT, kind INT, UNIQUE(path, kind));"
    "CREATE TABLE url(id INTEGER PRIMARY KEY, hash INT, host INT, rest TEXT);"
    "CREATE INDEX url_hash ON url(hash);"
    "CREATE TABLE ref(id INTEGER PRIMARY KEY, url INT, doc INT, line INT, col INT, element INT);"
    "CREATE INDEX ref_key ON ref(url, doc, line, col, element);"
    "CREATE TABLE obs(url INT, run INT, status INT, http INT, failure INT, bytes INT, bytes_from INT, requests INT,"
    " bytes_read INT, us INT, looked INT, width INT, height INT, stored_width INT, stored_height INT, orientation INT,"
    " animated INT, alpha INT, depth INT, colour INT, icc INT, progressive INT, frames INT, damaged INT, final_url "
    "TEXT,"
    " etag TEXT, last_modified TEXT, error TEXT, dims_why TEXT, format INT, type INT, vary INT, PRIMARY KEY(url, run))"
    " WITHOUT ROWID;"
    "CREATE TABLE verdict(ref INT, run INT, verdict INT, since INT, PRIMARY KEY(ref, run)) WITHOUT ROWID;"
    "CREATE TABLE finding(ref INT, run INT, n INT, rule INT, severity INT, profile INT, has_figures INT, bound INT,"
    " actual INT, unit INT, message TEXT, PRIMARY KEY(ref, run, n)) WITHOUT ROWID;"
    "CREATE TABLE seen(run INT, kind INT, chunk INT, bits BLOB, PRIMARY KEY(run, kind, chunk)) WITHOUT ROWID;",
};

static int pragma(struct iw_store *store, const char *text)
{
    sqlite3_stmt *statement = NULL;
    int value = 0;
    if (sqlite3_prepare_v2(store->db, text, -1, &statement, NULL) != SQLITE_OK)
        (void)iw_sql_fail(store);
    if (iw_sql_step(store, statement))
        value = sqlite3_column_int(statement, 0);
    (void)sqlite3_finalize(statement);
    return value;
}

static enum iw_err set_key(struct iw_store *store)
{
    uint8_t key[sizeof store->key];
    if (getrandom(key, sizeof key, 0) != sizeof key)
        return iw_store_fail(store, IW_ERR_IO, "no random numbers");
    struct iw_str blob = {(const char *)key, sizeof key};
    return iw_sql_run(store, IW_SQL_meta_put, "tb", IW_STR("key"), blob);
}

static enum iw_err get_key(struct iw_store *store)
{
    sqlite3_stmt *statement = iw_sql_bind(store, IW_SQL_meta_get, "t", IW_STR("key"));
    bool has = iw_sql_step(store, statement);
    if (has && sqlite3_column_bytes(statement, 0) == (int)sizeof store->key)
        memcpy(&store->key, sqlite3_column_blob(statement, 0), sizeof store->key);
    else
        (void)iw_store_fail(store, IW_ERR_IO, "the history is damaged: it has no key");
    if (has)
        iw_sql_done(statement);
    return store->err;
}

enum iw_err iw_schema_update(struct iw_store *store, bool is_new)
{
    int last = (int)IW_ARRAY_LEN(steps);
    int version = is_new ? 0 : pragma(store, "PRAGMA user_version");
    if (store->err != IW_OK)
        return store->err;
    if (version > last)
        return iw_store_fail(store, IW_ERR_IO, "the history was made by a newer imgweigh (schema %d, not %d)", version,
                             last);
    char stamp[100];
    (void)snprintf(stamp, sizeof stamp, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", IW_SCHEMA_ID,
                   last);
    if (version < last) {
        (void)iw_sql_exec(store, "BEGIN EXCLUSIVE");
        for (int i = version; i < last; i++)
            (void)iw_sql_exec(store, steps[i]);
        if (version == 0 && store->err == IW_OK)
            (void)set_key(store);
        (void)iw_sql_exec(store, stamp);
    }
    return store->err == IW_OK ? get_key(store) : store->err;
}
