/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The worst of many, in a heap whose root is the least bad: what has no room pushes that out. */
#include "base/iw.h"
#include "report/offence.h"

#include "base/mem.h"

#include <stdlib.h>

void iw_rank_of(const struct iw_record *record, const struct iw_offence *offence, struct iw_rank *out)
{
    bool is_fresh = record->change == IW_CHANGE_NEW || record->change == IW_CHANGE_WORSE;
    bool is_waived = record->change == IW_CHANGE_WAIVED;
    *out = (struct iw_rank){
        .level = is_waived ? 0 : (unsigned)offence->severity * 2 + 1 + is_fresh,
        .weight = offence->weight,
        .line = record->source->line,
        .column = record->source->column,
    };
}

int iw_rank_order(const struct iw_rank *a, const struct iw_rank *b)
{
    if (a->level != b->level)
        return a->level > b->level ? -1 : 1;
    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return a->column < b->column ? -1 : a->column > b->column;
}

static int by_text(const struct iw_kept *a, const struct iw_kept *b)
{
    size_t common = IW_MIN(a->len, b->len);
    int order = common ? memcmp(a->text, b->text, common) : 0;
    return order ? order : (a->len > b->len) - (a->len < b->len);
}

static int compare(const void *a, const void *b)
{
    const struct iw_kept *x = a, *y = b;
    int order = iw_rank_order(&x->rank, &y->rank);
    return order ? order : by_text(x, y);
}

static int by_id(const void *a, const void *b)
{
    const struct iw_kept *x = a, *y = b;
    return x->id != y->id ? (x->id < y->id ? -1 : 1) : compare(a, b);
}

void iw_worst_init(struct iw_worst *worst, size_t max_count, size_t max_bytes)
{
    *worst = (struct iw_worst){.max_count = max_count, .max_bytes = max_bytes};
}

void iw_worst_release(struct iw_worst *worst)
{
    for (size_t i = 0; i < worst->count; i++)
        iw_free(worst->list[i].text);
    iw_free(worst->list);
    worst->list = NULL;
    worst->count = 0;
}

bool iw_worst_offer(struct iw_worst *worst, const struct iw_rank *rank)
{
    worst->offered++;
    bool has_room = worst->count < worst->max_count && worst->bytes < worst->max_bytes;
    return has_room || (worst->count && iw_rank_order(rank, &worst->list[0].rank) <= 0);
}

static void sink(struct iw_worst *worst, size_t at)
{
    struct iw_kept *list = worst->list;
    for (size_t child; (child = 2 * at + 1) < worst->count; at = child) {
        if (child + 1 < worst->count && compare(&list[child + 1], &list[child]) > 0)
            child++;
        if (compare(&list[child], &list[at]) <= 0)
            return;
        struct iw_kept other = list[at];
        list[at] = list[child];
        list[child] = other;
    }
}

static void drop_least(struct iw_worst *worst)
{
    worst->bytes -= worst->list[0].len;
    iw_free(worst->list[0].text);
    worst->list[0] = worst->list[--worst->count];
    sink(worst, 0);
}

static bool grow(struct iw_worst *worst)
{
    if (worst->count < worst->room)
        return true;
    size_t room = IW_MIN(worst->room ? worst->room * 2 : 64, worst->max_count);
    struct iw_kept *list = iw_realloc(worst->list, room, sizeof *list);
    if (!list)
        return false;
    worst->list = list;
    worst->room = room;
    return true;
}

enum iw_err iw_worst_add(struct iw_worst *worst, struct iw_kept kept, struct iw_str text)
{
    if (text.len == 0 || text.len > worst->max_bytes || worst->max_count == 0)
        return IW_OK;
    kept.text = iw_strndup(text.ptr, text.len);
    kept.len = text.len;
    if (!kept.text)
        return IW_ERR_NOMEM;
    bool is_kept = true;
    while (is_kept && (worst->count == worst->max_count || worst->bytes > worst->max_bytes - kept.len)) {
        is_kept = compare(&kept, &worst->list[0]) < 0;
        if (is_kept)
            drop_least(worst);
    }
    if (!is_kept || !grow(worst)) {
        iw_free(kept.text);
        return is_kept ? IW_ERR_NOMEM : IW_OK;
    }
    size_t at = worst->count++;
    worst->bytes += kept.len;
    worst->list[at] = kept;
    for (size_t parent; at > 0 && compare(&worst->list[at], &worst->list[parent = (at - 1) / 2]) > 0; at = parent) {
        struct iw_kept other = worst->list[at];
        worst->list[at] = worst->list[parent];
        worst->list[parent] = other;
    }
    return IW_OK;
}

void iw_worst_sort(struct iw_worst *worst)
{
    if (worst->count == 0)
        return;
    qsort(worst->list, worst->count, sizeof *worst->list, by_id);
    for (size_t i = 0; i < worst->count; i++) {
        bool is_again = i > 0 && worst->list[i].id == worst->list[i - 1].id;
        worst->list[i].nth = is_again ? worst->list[i - 1].nth + 1 : 0;
    }
    qsort(worst->list, worst->count, sizeof *worst->list, compare);
}
