/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Numbers for texts that come again: words (formats, types, elements, rules), hosts, documents, URLs. Small tables are
 * remembered by a keyed hash of 64 bits, as targets of an audit are. */
#include "base/iw.h"
#include "store/inside.h"

static const struct {
    enum iw_sql find, add;
} rows[IW_WORDS_COUNT] = {
    [IW_WORDS_WORD] = {IW_SQL_word_find, IW_SQL_word_add},
    [IW_WORDS_HOST] = {IW_SQL_host_find, IW_SQL_host_add},
};

static uint64_t hash_of(const struct iw_store *store, struct iw_str text)
{
    return iw_hash64(&store->key, text.ptr, text.len);
}

static int64_t added(struct iw_store *store)
{
    return store->err == IW_OK ? sqlite3_last_insert_rowid(store->db) : 0;
}

int64_t iw_word_id(struct iw_store *store, enum iw_words words, struct iw_str text)
{
    if (!text.ptr)
        return 0;
    struct iw_map *map = &store->words[words];
    uint64_t hash = hash_of(store, text);
    const uint64_t *known = iw_map_find(map, hash);
    if (known)
        return (int64_t)*known;
    int64_t id = iw_sql_number(store, rows[words].find, "t", text);
    if (!id && iw_sql_run(store, rows[words].add, "t", text) == IW_OK)
        id = added(store);
    if (id && map->count < map->ceiling && iw_map_add(map, hash, (uint64_t)id) != IW_OK)
        (void)iw_store_fail(store, IW_ERR_NOMEM, "out of memory");
    return store->err == IW_OK ? id : 0;
}

int64_t iw_doc_id(struct iw_store *store, const struct iw_source_ref *source)
{
    bool is_last =
        store->doc && store->doc_kind == source->kind && iw_str_eq(iw_buf_str(&store->doc_buf), source->path);
    if (is_last)
        return store->doc;
    struct iw_str path = source->path.ptr ? source->path : IW_STR("");
    int64_t kind = iw_word_id(store, IW_WORDS_WORD, iw_str_from(source->kind));
    int64_t id = iw_sql_number(store, IW_SQL_doc_find, "ti", path, kind);
    if (!id && iw_sql_run(store, IW_SQL_doc_add, "ti", path, kind) == IW_OK)
        id = added(store);
    iw_buf_clear(&store->doc_buf);
    iw_buf_add_str(&store->doc_buf, path);
    store->doc = store->doc_buf.err == IW_OK && store->err == IW_OK ? id : 0;
    store->doc_kind = source->kind;
    return store->err == IW_OK ? id : 0;
}

/* "https://host:1" and the rest; of what is no URL nothing and all. */
static struct iw_str host_of(struct iw_str url)
{
    size_t colon = iw_str_find(url, ':');
    if (!iw_str_starts(iw_str_skip(url, colon), IW_STR("://")))
        return IW_STR("");
    return iw_str_sub(url, 0, colon + 3 + iw_str_find(iw_str_skip(url, colon + 3), '/'));
}

/* Data URIs are shortened to what many share: where one stands tells them apart, behind a NUL, which no URL or path
 * has. URLs with a name and password, which are refused, are kept without. */
struct iw_str iw_target_key(struct iw_store *store, const struct iw_record *record)
{
    const struct iw_source_ref *source = record->source;
    struct iw_str url = record->facts->url, secret = iw_url_userinfo(url);
    bool is_data = iw_str_starts(url, IW_STR("data:"));
    if (!is_data && secret.len == 0)
        return url;
    size_t before = secret.len ? (size_t)(secret.ptr - url.ptr) : 0;
    struct iw_str key =
        !is_data
            ? iw_arena_printf(&store->arena, "%.*s***@%.*s", IW_STR_ARGS(iw_str_sub(url, 0, before)),
                              IW_STR_ARGS(iw_str_skip(url, before + secret.len)))
            : iw_arena_printf(&store->arena, "%.*s%c%.*s:%u:%u:%.*s", IW_STR_ARGS(url), '\0', IW_STR_ARGS(source->path),
                              source->line, source->column, IW_STR_ARGS(source->element));
    if (!key.ptr)
        (void)iw_store_fail(store, IW_ERR_NOMEM, "out of memory");
    return key;
}

/* A document may have several faults at one place: their rules tell them apart, likewise. */
struct iw_str iw_element_key(struct iw_store *store, const struct iw_record *record)
{
    struct iw_str element = record->source->element;
    if (!record->is_notice || record->findings->count == 0)
        return element;
    struct iw_str key = iw_arena_printf(&store->arena, "%.*s%c%s", IW_STR_ARGS(element), '\0',
                                        iw_rules[record->findings->list[0].rule].name);
    if (!key.ptr)
        (void)iw_store_fail(store, IW_ERR_NOMEM, "out of memory");
    return key;
}

static bool is_it(sqlite3_stmt *statement, struct iw_str url)
{
    struct iw_str host = iw_sql_text(statement, 1), rest = iw_sql_text(statement, 2);
    return host.len + rest.len == url.len && iw_str_starts(url, host) && iw_str_eq(iw_str_skip(url, host.len), rest);
}

int64_t iw_url_id(struct iw_store *store, struct iw_str url, bool add)
{
    int64_t hash = (int64_t)hash_of(store, url), id = 0;
    sqlite3_stmt *statement = iw_sql_bind(store, IW_SQL_url_find, "i", hash);
    while (!id && iw_sql_step(store, statement))
        if (is_it(statement, url))
            id = sqlite3_column_int64(statement, 0);
    if (id)
        iw_sql_done(statement);
    if (id || !add || store->err != IW_OK)
        return id;
    struct iw_str host = host_of(url);
    int64_t host_id = iw_word_id(store, IW_WORDS_HOST, host);
    (void)iw_sql_run(store, IW_SQL_url_add, "iit", hash, host_id, iw_str_skip(url, host.len));
    return added(store);
}
