/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

#include "base/iw.h"
#include "report/hosts.h"

#include "base/hash.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

static struct iw_str name_of(struct iw_str url)
{
    if (!iw_url_is_http(url))
        return iw_str_starts_nocase(url, IW_STR("data:")) ? IW_STR("data URIs") : IW_STR("local files");
    struct iw_str host = iw_str_skip(url, iw_str_find(url, ':') + 3);
    size_t end = 0, user = 0;
    while (end < host.len && !strchr("/?#", host.ptr[end])) {
        user = host.ptr[end] == '@' ? end + 1 : user;
        end++;
    }
    return iw_str_sub(host, user, end - user);
}

void iw_host_rows_begin(struct iw_host_rows *rows)
{
    iw_map_init(&rows->map, IW_HOSTS_COUNTED);
    (void)snprintf(rows->others.name, sizeof rows->others.name, "further hosts");
}

void iw_host_rows_release(struct iw_host_rows *rows)
{
    iw_map_release(&rows->map);
    iw_free(rows->list);
    rows->list = NULL;
}

static struct iw_host_row *add_host(struct iw_host_rows *rows, struct iw_str name, uint64_t fingerprint)
{
    if (rows->count == rows->room) {
        size_t room = rows->room ? rows->room * 2 : 16;
        struct iw_host_row *list = iw_realloc(rows->list, room, sizeof *list);
        if (!list)
            return NULL;
        rows->list = list;
        rows->room = room;
    }
    if (iw_map_add(&rows->map, fingerprint, rows->count) != IW_OK)
        return NULL;
    struct iw_host_row *host = &rows->list[rows->count++];
    *host = (struct iw_host_row){.records = 0};
    (void)snprintf(host->name, sizeof host->name, "%.*s", IW_STR_ARGS(name));
    return host;
}

static struct iw_host_row *host_of(struct iw_host_rows *rows, struct iw_str name)
{
    static const struct iw_hash_key key = {0x686F737473u, 1};
    uint64_t fingerprint = iw_hash64(&key, name.len ? name.ptr : "", name.len);
    const uint64_t *place = iw_map_find(&rows->map, fingerprint);
    if (place)
        return &rows->list[*place];
    return rows->count < IW_HOSTS_COUNTED ? add_host(rows, name, fingerprint) : &rows->others;
}

enum iw_err iw_host_rows_add(struct iw_host_rows *rows, const struct iw_record *record)
{
    if (record->change == IW_CHANGE_GONE || record->is_notice)
        return IW_OK;
    struct iw_host_row *host = host_of(rows, name_of(record->facts->url));
    if (!host)
        return IW_ERR_NOMEM;
    host->records++;
    host->verdicts[record->verdict]++;
    if (record->facts->bytes_from != IW_BYTES_UNKNOWN)
        host->bytes += record->facts->bytes;
    return IW_OK;
}

uint64_t iw_host_row_refused(const struct iw_host_row *row)
{
    return row->verdicts[IW_VERDICT_OVER] + row->verdicts[IW_VERDICT_BROKEN];
}

static int by_offenders(const void *a, const void *b)
{
    const struct iw_host_row *x = a, *y = b;
    if (iw_host_row_refused(x) != iw_host_row_refused(y))
        return iw_host_row_refused(x) > iw_host_row_refused(y) ? -1 : 1;
    if (x->records != y->records)
        return x->records > y->records ? -1 : 1;
    return strcmp(x->name, y->name);
}

void iw_host_rows_sort(struct iw_host_rows *rows, size_t most)
{
    if (rows->count)
        qsort(rows->list, rows->count, sizeof *rows->list, by_offenders);
    struct iw_host_row *others = &rows->others;
    for (; rows->count > most; rows->count--) {
        const struct iw_host_row *row = &rows->list[rows->count - 1];
        others->records += row->records;
        others->bytes += row->bytes;
        for (size_t v = 0; v < IW_VERDICT_COUNT; v++)
            others->verdicts[v] += row->verdicts[v];
    }
}

uint64_t iw_host_rows_longest(const struct iw_host_rows *rows)
{
    uint64_t most = rows->others.records;
    for (size_t i = 0; i < rows->count; i++)
        most = IW_MAX(most, rows->list[i].records);
    return most;
}
