/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* One way to prepare, bind, step and fail. Whatever fails is kept with SQLite's words, and nothing is tried after it.
 */
#include "base/iw.h"
#include "store/inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

/* A batch: so many records, or so long. */
enum { BATCH_ROWS = 1000, BATCH_MS = 1000 };

static const char *const texts[IW_SQL_COUNT] = {
#define IW_SQL(name, text) [IW_SQL_##name] = (text),
#include "store/statements.def"
#undef IW_SQL
};

enum iw_err iw_store_fail(struct iw_store *store, enum iw_err err, const char *format, ...)
{
    if (store->err != IW_OK)
        return store->err;
    char text[400];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    store->err = err;
    return iw_fail(&store->diag, err, 0, 0, "%.200s: %s", store->path ? store->path : "history", text);
}

enum iw_err iw_store_is_unwritable(struct iw_store *store)
{
    return iw_store_fail(store, IW_ERR_IO, "the history cannot be written, as whoever reads it must be able to");
}

enum iw_err iw_sql_fail(struct iw_store *store)
{
    switch (sqlite3_errcode(store->db) & 0xFF) {
    case SQLITE_NOMEM:
        return iw_store_fail(store, IW_ERR_NOMEM, "out of memory");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return iw_store_fail(store, IW_ERR_IO, "the history is damaged (%s); move it away to begin a new one",
                             sqlite3_errmsg(store->db));
    case SQLITE_BUSY: /* between a look and the lock */
        store->is_busy = true;
        return iw_store_fail(store, IW_ERR_IO, "the history is in use by another process");
    case SQLITE_READONLY: /* the file, or the folder in which its journal is to be */
        return iw_store_is_unwritable(store);
    default:
        return iw_store_fail(store, IW_ERR_IO, "the history cannot be used: %s", sqlite3_errmsg(store->db));
    }
}

sqlite3_stmt *iw_sql_get(struct iw_store *store, enum iw_sql id)
{
    if (store->err != IW_OK)
        return NULL;
    sqlite3_stmt **place = &store->statements[id];
    if (!*place && sqlite3_prepare_v3(store->db, texts[id], -1, SQLITE_PREPARE_PERSISTENT, place, NULL) != SQLITE_OK)
        (void)iw_sql_fail(store);
    return *place;
}

static int bind_text(sqlite3_stmt *statement, int at, struct iw_str text)
{
    if (!text.ptr)
        return sqlite3_bind_null(statement, at);
    return sqlite3_bind_text64(statement, at, text.ptr, text.len, SQLITE_STATIC, SQLITE_UTF8);
}

static bool bind(struct iw_store *store, sqlite3_stmt *statement, const char *letters, va_list args)
{
    int status = SQLITE_OK;
    for (int at = 1; *letters && status == SQLITE_OK; letters++, at++) {
        int64_t number;
        struct iw_str text;
        switch (*letters) {
        case 't':
            status = bind_text(statement, at, va_arg(args, struct iw_str));
            break;
        case 'b':
            text = va_arg(args, struct iw_str);
            status = sqlite3_bind_blob64(statement, at, text.ptr, text.len, SQLITE_STATIC);
            break;
        default:
            number = va_arg(args, int64_t);
            if (*letters == 'n' && number == 0)
                status = sqlite3_bind_null(statement, at);
            else
                status = sqlite3_bind_int64(statement, at, number);
        }
    }
    if (status != SQLITE_OK)
        (void)iw_sql_fail(store);
    return status == SQLITE_OK;
}

sqlite3_stmt *iw_sql_bind(struct iw_store *store, enum iw_sql id, const char *letters, ...)
{
    sqlite3_stmt *statement = iw_sql_get(store, id);
    va_list args;
    va_start(args, letters);
    if (statement && !bind(store, statement, letters, args))
        statement = NULL;
    va_end(args);
    return statement;
}

bool iw_sql_step(struct iw_store *store, sqlite3_stmt *statement)
{
    int status = statement ? sqlite3_step(statement) : SQLITE_DONE;
    if (status == SQLITE_ROW)
        return true;
    if (status != SQLITE_DONE)
        (void)iw_sql_fail(store);
    iw_sql_done(statement);
    return false;
}

void iw_sql_done(sqlite3_stmt *statement)
{
    if (!statement)
        return;
    (void)sqlite3_reset(statement); /* says again what the last step said */
    (void)sqlite3_clear_bindings(statement);
}

enum iw_err iw_sql_run(struct iw_store *store, enum iw_sql id, const char *letters, ...)
{
    sqlite3_stmt *statement = iw_sql_get(store, id);
    va_list args;
    va_start(args, letters);
    if (statement && bind(store, statement, letters, args))
        while (iw_sql_step(store, statement))
            ;
    va_end(args);
    return store->err;
}

int64_t iw_sql_number(struct iw_store *store, enum iw_sql id, const char *letters, ...)
{
    sqlite3_stmt *statement = iw_sql_get(store, id);
    int64_t number = 0;
    va_list args;
    va_start(args, letters);
    if (statement && bind(store, statement, letters, args) && iw_sql_step(store, statement)) {
        number = sqlite3_column_int64(statement, 0);
        iw_sql_done(statement);
    }
    va_end(args);
    return number;
}

enum iw_err iw_sql_exec(struct iw_store *store, const char *text)
{
    if (store->err == IW_OK && sqlite3_exec(store->db, text, NULL, NULL, NULL) != SQLITE_OK)
        (void)iw_sql_fail(store);
    return store->err;
}

struct iw_str iw_sql_text(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return (struct iw_str){text, text ? (size_t)sqlite3_column_bytes(statement, column) : 0};
}

int iw_sql_enum(struct iw_store *store, sqlite3_stmt *statement, int column, int last)
{
    int64_t number = sqlite3_column_int64(statement, column);
    if (number >= 0 && number <= last)
        return (int)number;
    (void)iw_store_fail(store, IW_ERR_IO, "the history is damaged: %s is %lld", sqlite3_column_name(statement, column),
                        (long long)number);
    return 0;
}

struct iw_str iw_sql_copy(struct iw_store *store, sqlite3_stmt *statement, int column, struct iw_arena *arena)
{
    struct iw_str text = iw_sql_text(statement, column);
    if (!text.ptr)
        return IW_STR_NONE;
    struct iw_str copy = iw_arena_str(arena, text);
    if (!copy.ptr)
        (void)iw_store_fail(store, IW_ERR_NOMEM, "out of memory");
    return copy;
}

/* ---- batches ---- */

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

enum iw_err iw_store_write(struct iw_store *store)
{
    if (store->is_writing && (store->rows >= BATCH_ROWS || now_ms() - store->since_ms >= BATCH_MS))
        (void)iw_store_commit_now(store);
    if (!store->is_writing && iw_sql_run(store, IW_SQL_begin, "") == IW_OK) {
        store->is_writing = true;
        store->rows = 0;
        store->since_ms = now_ms();
    }
    store->rows++;
    return store->err;
}

enum iw_err iw_store_commit_now(struct iw_store *store)
{
    if (!store->is_writing || store->err != IW_OK)
        return store->err;
    if (store->run && iw_seen_save(store, store->run, &store->seen) != IW_OK)
        return store->err;
    if (iw_sql_run(store, IW_SQL_commit, "") == IW_OK)
        store->is_writing = false;
    return store->err;
}

enum iw_err iw_store_commit(struct iw_store *store)
{
    pthread_mutex_lock(&store->mutex);
    enum iw_err err = iw_store_commit_now(store);
    pthread_mutex_unlock(&store->mutex);
    return err;
}

void iw_store_diag(struct iw_store *store, struct iw_diag *out)
{
    pthread_mutex_lock(&store->mutex);
    *out = store->diag;
    pthread_mutex_unlock(&store->mutex);
}
