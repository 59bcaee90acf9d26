/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Feeds a whole file in memory to the scanners piece by piece, as a network would: the first bytes, then what
 * MORE asks for. Windows are exact copies, so that a sanitizer sees every step outside them. For tests only. */
#ifndef IW_TESTS_IMAGE_FEED_H
#define IW_TESTS_IMAGE_FEED_H

#include "image/image.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* How the bytes are handed out. */
struct feed_plan {
    size_t first_bytes;    /* the first window */
    size_t least_bytes;    /* at least so many for each MORE; 0: exactly what is asked for */
    bool is_total_unknown; /* the size of the file is learnt when something behind its end is asked for */
    bool is_growing;       /* prefix formats get windows that double */
    struct iw_wants wants;
};

/* What came of it. */
struct feed_result {
    enum iw_scan scan;
    struct iw_image_facts facts;
    struct iw_need need;
    unsigned rounds;   /* MOREs */
    uint64_t handed;   /* bytes handed out */
    const char *fault; /* a broken promise of the scanner, or NULL */
};

struct feed {
    const uint8_t *bytes;
    size_t size;
    struct iw_view view;
    struct iw_window *windows; /* view.count of them are used */
    uint8_t **copies;
    size_t room; /* of both; grows, because an allocation of the most there can be takes longer than a scan */
};

/* Makes room for count windows. */
static inline void feed_fit(struct feed *feed, size_t count)
{
    if (count <= feed->room)
        return;
    feed->room = 2 * count;
    feed->windows = realloc(feed->windows, feed->room * sizeof *feed->windows);
    feed->copies = realloc(feed->copies, feed->room * sizeof *feed->copies);
    if (!feed->windows || !feed->copies)
        abort();
    feed->view.windows = feed->windows;
}

/* Adds [at, end) of the file, joined with the windows that it overlaps or touches. */
static inline void feed_add(struct feed *feed, uint64_t at, uint64_t end)
{
    size_t first = 0;
    while (first < feed->view.count && feed->windows[first].at + feed->windows[first].len < at)
        first++;
    size_t last = first;
    while (last < feed->view.count && feed->windows[last].at <= end) {
        at = feed->windows[last].at < at ? feed->windows[last].at : at;
        uint64_t other_end = feed->windows[last].at + feed->windows[last].len;
        end = other_end > end ? other_end : end;
        free(feed->copies[last++]);
    }
    size_t tail = feed->view.count - last;
    feed_fit(feed, first + 1 + tail);
    memmove(feed->windows + first + 1, feed->windows + last, tail * sizeof feed->windows[0]);
    memmove(feed->copies + first + 1, feed->copies + last, tail * sizeof feed->copies[0]);
    size_t len = (size_t)(end - at);
    feed->copies[first] = malloc(len);
    if (!feed->copies[first])
        abort();
    memcpy(feed->copies[first], feed->bytes + at, len);
    feed->windows[first] = (struct iw_window){.ptr = feed->copies[first], .at = at, .len = len};
    feed->view.count = first + 1 + tail;
}

static inline struct feed *feed_new(const uint8_t *bytes, size_t size, const struct feed_plan *plan)
{
    struct feed *feed = malloc(sizeof *feed);
    if (!feed)
        abort();
    *feed = (struct feed){.bytes = bytes, .size = size, .view = {.total_bytes = size}};
    feed_fit(feed, 1);
    if (plan->is_total_unknown)
        feed->view.total_bytes = UINT64_MAX;
    size_t first = plan->first_bytes < size ? plan->first_bytes : size;
    if (first)
        feed_add(feed, 0, first);
    return feed;
}

static inline void feed_free(struct feed *feed)
{
    for (size_t i = 0; i < feed->view.count; i++)
        free(feed->copies[i]);
    free(feed->copies);
    free(feed->windows);
    free(feed);
}

/* What a MORE must never be. */
static inline const char *feed_check_need(const struct feed *feed, const struct iw_need *need)
{
    uint64_t total = feed->view.total_bytes;
    if (need->len == 0)
        return "MORE asks for nothing";
    if (need->at >= total)
        return "MORE asks at or behind the end of the file";
    if (total != UINT64_MAX && need->len > total - need->at)
        return "MORE asks past the end of the file";
    if (iw_view_get(&feed->view, need->at, (size_t)need->len))
        return "MORE asks for what is in hand";
    if (!need->why)
        return "MORE does not say why";
    return NULL;
}

/* What a final answer must be. */
static inline const char *feed_check_end(const struct feed_result *result)
{
    const struct iw_image_facts *facts = &result->facts;
    if (result->scan == IW_SCAN_BAD)
        return !facts->format ? "BAD without a format" : !result->need.why ? "BAD does not say why" : NULL;
    if (!facts->format)
        return facts->stored_width_px || facts->width_px ? "a size without a format" : NULL;
    if ((facts->width_px == 0) != (facts->height_px == 0) || (facts->width_px == 0) != (facts->stored_width_px == 0))
        return "half a size";
    if (facts->width_px == 0 && !result->need.why)
        return "DONE without a size does not say why";
    if (facts->orientation > 8)
        return "an impossible orientation";
    return NULL;
}

/* Hands out what need asks for. */
static inline void feed_answer(struct feed *feed, const struct feed_plan *plan, const struct iw_need *need)
{
    uint64_t at = need->at;
    uint64_t len = need->len > plan->least_bytes ? need->len : plan->least_bytes;
    if (plan->is_growing && need->is_prefix) {
        at = 0;
        len = 2 * (need->at + need->len);
    }
    if (at >= feed->size || len > feed->size - at) {
        /* as a 206 or 416 tells it */
        feed->view.total_bytes = feed->size;
        len = at < feed->size ? feed->size - at : 0;
    }
    if (len)
        feed_add(feed, at, at + len);
}

static inline struct feed_result feed_run(const uint8_t *bytes, size_t size, const struct feed_plan *plan)
{
    struct feed *feed = feed_new(bytes, size, plan);
    struct feed_result result = {0};
    /* each MORE hands out a byte at least, and one may only tell the size */
    for (;;) {
        result.scan = iw_image_scan(&feed->view, &plan->wants, &result.facts, &result.need);
        if (result.scan != IW_SCAN_MORE)
            break;
        result.rounds++;
        result.fault = feed_check_need(feed, &result.need);
        if (!result.fault && result.rounds > size + 2)
            result.fault = "MORE without end";
        if (result.fault)
            break;
        feed_answer(feed, plan, &result.need);
    }
    if (!result.fault)
        result.fault = feed_check_end(&result);
    for (size_t i = 0; i < feed->view.count; i++)
        result.handed += feed->windows[i].len;
    feed_free(feed);
    return result;
}

/* The whole file at once. */
static inline struct feed_result feed_whole(const uint8_t *bytes, size_t size)
{
    struct feed_plan plan = {.first_bytes = size, .wants = {.animation = true, .trailing_exif = true}};
    return feed_run(bytes, size, &plan);
}

/* Names what differs between two answers, or NULL. */
static inline const char *feed_differ(const struct feed_result *a, const struct feed_result *b)
{
    const struct iw_image_facts *f = &a->facts;
    const struct iw_image_facts *g = &b->facts;
    if (a->scan != b->scan)
        return "DONE or BAD";
    if (a->need.why != b->need.why)
        return "the reason";
    if (f->format != g->format)
        return "the format";
    if (f->width_px != g->width_px || f->height_px != g->height_px)
        return "the display size";
    if (f->stored_width_px != g->stored_width_px || f->stored_height_px != g->stored_height_px)
        return "the stored size";
    if (f->orientation != g->orientation)
        return "the orientation";
    if (f->animated != g->animated || f->frames != g->frames)
        return "the animation";
    if (f->alpha != g->alpha || f->colour != g->colour || f->bit_depth != g->bit_depth)
        return "the colour";
    if (f->entry_count != g->entry_count || memcmp(f->entries, g->entries, sizeof f->entries) != 0)
        return "the entries";
    if (f->has_icc != g->has_icc || f->progressive != g->progressive || f->is_damaged != g->is_damaged)
        return "a detail";
    return NULL;
}

/* The same file through first windows of 1, 7, 64 and 4096 bytes, with the size known and not. Names what comes out
 * differently from the whole file at once, or a broken promise; NULL when all is well. */
static inline const char *feed_cuts(const uint8_t *bytes, size_t size, size_t least_bytes)
{
    static const size_t firsts[] = {1, 7, 64, 4096};
    struct feed_result whole = feed_whole(bytes, size);
    if (whole.fault)
        return whole.fault;
    if (whole.rounds)
        return "MORE though all is in hand";
    for (size_t i = 0; i < 2 * IW_ARRAY_LEN(firsts); i++) {
        struct feed_plan plan = {.first_bytes = firsts[i / 2],
                                 .least_bytes = least_bytes,
                                 .is_total_unknown = i % 2 == 1,
                                 .is_growing = least_bytes > 0,
                                 .wants = {.animation = true, .trailing_exif = true}};
        struct feed_result cut = feed_run(bytes, size, &plan);
        const char *what = cut.fault ? cut.fault : feed_differ(&whole, &cut);
        if (what)
            return what;
    }
    return NULL;
}

#endif
