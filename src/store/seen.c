/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A bit for each reference and each target that a run has seen: an observation that tells nothing new costs no more. */
#include "base/iw.h"
#include "store/inside.h"

#include "base/mem.h"

enum { CHUNK_BITS = IW_SEEN_CHUNK_BYTES * 8, GROWTH = 64 };

bool iw_seen_has(const struct iw_seen *seen, int64_t id)
{
    size_t chunk = (size_t)id / CHUNK_BITS, bit = (size_t)id % CHUNK_BITS;
    return id > 0 && chunk < seen->count && seen->chunks[chunk] && (seen->chunks[chunk][bit / 8] >> bit % 8 & 1);
}

int64_t iw_seen_next(const struct iw_seen *seen, int64_t from)
{
    int64_t last = (int64_t)seen->count * CHUNK_BITS;
    for (int64_t id = from; id < last; id++) {
        if (!seen->chunks[id / CHUNK_BITS])
            id = (id / CHUNK_BITS + 1) * CHUNK_BITS - 1;
        else if (iw_seen_has(seen, id))
            return id;
    }
    return 0;
}

static uint8_t *chunk_of(struct iw_seen *seen, size_t chunk)
{
    if (chunk >= IW_SEEN_CHUNKS_MAX)
        return NULL;
    if (chunk >= seen->count) {
        size_t count = chunk + GROWTH;
        uint8_t **chunks = iw_realloc(seen->chunks, count, sizeof *chunks);
        if (!chunks)
            return NULL;
        memset(chunks + seen->count, 0, (count - seen->count) * sizeof *chunks);
        seen->chunks = chunks;
        seen->count = count;
    }
    if (!seen->chunks[chunk])
        seen->chunks[chunk] = iw_calloc(1, IW_SEEN_CHUNK_BYTES + 1);
    return seen->chunks[chunk];
}

enum iw_err iw_seen_add(struct iw_seen *seen, int64_t id)
{
    size_t bit = (size_t)id % CHUNK_BITS;
    uint8_t *bits = id > 0 ? chunk_of(seen, (size_t)id / CHUNK_BITS) : NULL;
    if (!bits)
        return IW_ERR_NOMEM;
    bits[bit / 8] = (uint8_t)(bits[bit / 8] | 1u << bit % 8);
    bits[IW_SEEN_CHUNK_BYTES] = 1;
    return IW_OK;
}

void iw_seen_release(struct iw_run_seen *seen)
{
    for (size_t kind = 0; kind < IW_ARRAY_LEN(seen->kinds); kind++) {
        for (size_t i = 0; i < seen->kinds[kind].count; i++)
            iw_free(seen->kinds[kind].chunks[i]);
        iw_free(seen->kinds[kind].chunks);
    }
    *seen = (struct iw_run_seen){0};
}

static enum iw_err load(struct iw_store *store, int64_t run, int64_t kind, struct iw_seen *seen)
{
    sqlite3_stmt *statement = iw_sql_bind(store, IW_SQL_seen_get, "ii", run, kind);
    while (iw_sql_step(store, statement)) {
        int64_t at = sqlite3_column_int64(statement, 0);
        const uint8_t *bits = sqlite3_column_blob(statement, 1);
        int len = sqlite3_column_bytes(statement, 1);
        bool is_whole = at >= 0 && at < IW_SEEN_CHUNKS_MAX && bits && len == IW_SEEN_CHUNK_BYTES;
        uint8_t *chunk = is_whole ? chunk_of(seen, (size_t)at) : NULL;
        if (!is_whole)
            (void)iw_store_fail(store, IW_ERR_IO, "the history is damaged: what run %lld saw", (long long)run);
        else if (!chunk)
            (void)iw_store_fail(store, IW_ERR_NOMEM, "out of memory");
        if (!chunk) {
            iw_sql_done(statement);
            break;
        }
        for (int i = 0; i < len; i++)
            chunk[i] = (uint8_t)(chunk[i] | bits[i]);
    }
    return store->err;
}

enum iw_err iw_seen_load(struct iw_store *store, int64_t run, struct iw_run_seen *seen)
{
    for (size_t kind = 0; kind < IW_ARRAY_LEN(seen->kinds); kind++)
        if (load(store, run, (int64_t)kind, &seen->kinds[kind]) != IW_OK)
            break;
    return store->err;
}

enum iw_err iw_seen_save(struct iw_store *store, int64_t run, struct iw_run_seen *seen)
{
    for (size_t kind = 0; kind < IW_ARRAY_LEN(seen->kinds); kind++) {
        for (size_t i = 0; i < seen->kinds[kind].count; i++) {
            uint8_t *chunk = seen->kinds[kind].chunks[i];
            if (!chunk || !chunk[IW_SEEN_CHUNK_BYTES])
                continue;
            struct iw_str bits = {(const char *)chunk, IW_SEEN_CHUNK_BYTES};
            if (iw_sql_run(store, IW_SQL_seen_put, "iiib", run, (int64_t)kind, (int64_t)i, bits) != IW_OK)
                return store->err;
            chunk[IW_SEEN_CHUNK_BYTES] = 0;
        }
    }
    return store->err;
}
