/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* --suggest: an offender of an image service waits while a variant of it is asked about, and is told with the variant
 * when that was seen to pass. Both have one origin, so it is the same lane that asks. */
#include "base/iw.h"
#include "audit/inside.h"

enum { VARIANT_BYTES = 64 << 10 };

bool iw_suggest_wants(struct iw_item *item, const struct iw_judge *judge, const struct iw_findings *findings)
{
    struct iw_variant_wish wish;
    if (!item->home->policy->suggests || item->is_again || item->suggested || !item->url.text.ptr ||
        !iw_variant_of(judge, item->facts, findings, &wish))
        return false;
    struct iw_buf text;
    struct iw_url url;
    iw_buf_init(&text, VARIANT_BYTES);
    bool is_there = iw_url_variant(&item->url, &wish, &text) != NULL &&
                    iw_url_parse(&item->arena, iw_buf_str(&text), NULL, &url, NULL, NULL) == IW_OK;
    iw_buf_release(&text);
    if (is_there)
        item->suggested = iw_arena_zalloc(&item->arena, sizeof *item->suggested);
    if (!item->suggested)
        return false;
    item->suggested->stage = IW_SUGGEST_WANTED;
    item->suggested->url = url;
    return true;
}

bool iw_suggest_ask(struct iw_item *item)
{
    struct iw_lane *lane = item->home;
    struct iw_suggested *suggested = item->suggested;
    suggested->stage = IW_SUGGEST_ASKED;
    if (lane->is_stopping)
        return false;
    struct iw_probe *probe = iw_probe_new(&item->arena, &lane->policy->probe, &suggested->url, ++lane->seed);
    if (!probe) {
        iw_lane_fail(lane, IW_ERR_NOMEM);
        return false;
    }
    item->probe = probe;
    item->allowed = NULL;
    item->is_over = false;
    iw_ask(item);
    return true;
}

bool iw_suggest_heard(struct iw_item *item)
{
    if (!item->suggested || item->suggested->stage != IW_SUGGEST_ASKED)
        return false;
    struct iw_facts *facts = iw_probe_facts(item->probe);
    item->suggested->facts = facts;
    item->home->totals.requests += facts->requests;
    item->home->totals.bytes_read += facts->bytes_read;
    return true;
}

const struct iw_suggestion *iw_suggest_judge(struct iw_item *item, const struct iw_judge *judge,
                                             struct iw_findings *scratch)
{
    struct iw_suggested *suggested = item->suggested;
    if (!suggested)
        return NULL;
    const struct iw_facts *facts = suggested->facts;
    if (!suggested->is_good && facts && iw_variant_passes(judge, item->facts, facts, &item->arena, scratch)) {
        suggested->is_good = true;
        suggested->suggestion = (struct iw_suggestion){
            .url = suggested->url.text,
            .bytes = facts->bytes,
            .width_px = facts->image.width_px,
            .height_px = facts->image.height_px,
        };
    }
    return suggested->is_good ? &suggested->suggestion : NULL;
}

/* What cannot be kept is told to those alone that are here now. */
void iw_suggest_keep(const struct iw_item *item)
{
    struct iw_lane *lane = item->home;
    if (!item->suggested || !item->suggested->is_good || !item->fingerprint || item->is_again)
        return;
    struct iw_suggested *copy = iw_arena_zalloc(&lane->arena, sizeof *copy);
    if (!copy)
        return;
    *copy = (struct iw_suggested){.is_good = true, .suggestion = item->suggested->suggestion};
    copy->suggestion.url = iw_arena_str(&lane->arena, copy->suggestion.url);
    if (copy->suggestion.url.ptr)
        (void)!iw_map_add(&lane->suggestions, item->fingerprint, (uint64_t)(uintptr_t)copy);
}

void iw_suggest_recall(struct iw_item *item, uint64_t fingerprint)
{
    const uint64_t *known = fingerprint ? iw_map_find(&item->home->suggestions, fingerprint) : NULL;
    if (known)
        item->suggested = (struct iw_suggested *)(uintptr_t)*known;
}
