/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A probe of a file in memory, answered as a server that keeps to RFC 9110 would, or one that ignores ranges, or read
 * as a local file. Counts what the header costs beyond HEAD; no byte may be asked for twice, nor one past the end. */
#ifndef IW_TESTS_PROBE_FEED_H
#define IW_TESTS_PROBE_FEED_H

#include "probe/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum probe_server { PROBE_RANGES, PROBE_IGNORES, PROBE_LOCAL };

struct probe_file {
    const char *path; /* its extension is a hint; NULL: none */
    const char *type; /* the Content-Type; NULL: none */
    const uint8_t *bytes;
    size_t len;
};

struct probe_cost {
    unsigned requests; /* ranged GETs */
    uint64_t bytes;    /* of their bodies, as far as they were read */
    uint64_t touched;  /* bytes of the file that were handed out */
    const char *fault; /* a broken promise of the probe, or NULL */
};

static inline void probe_feed_head(const struct probe_file *file, const struct iw_request *request, bool is_range,
                                   struct iw_arena *arena, struct iw_response *out)
{
    char lines[5][200] = {""};
    uint64_t first = is_range ? request->range_first : 0;
    uint64_t end = is_range ? IW_MIN(request->range_last + 1, (uint64_t)file->len) : file->len;
    snprintf(lines[0], sizeof lines[0], "HTTP/1.1 %s", is_range ? "206 Partial Content" : "200 OK");
    snprintf(lines[1], sizeof lines[1], "Content-Length: %llu", (unsigned long long)(end - first));
    if (file->type)
        snprintf(lines[2], sizeof lines[2], "Content-Type: %s", file->type);
    if (is_range)
        snprintf(lines[3], sizeof lines[3], "Content-Range: bytes %llu-%llu/%zu", (unsigned long long)first,
                 (unsigned long long)end - 1, file->len);
    iw_response_init(out);
    for (size_t i = 0; i < IW_ARRAY_LEN(lines); i++)
        if (lines[i][0] && iw_response_line(out, arena, iw_str_from(lines[i])) != IW_OK)
            abort();
}

/* One answer; what is wrong with the request, or NULL. seen has a mark for each byte handed out. */
static inline const char *probe_feed_answer(struct iw_probe *probe, const struct probe_file *file,
                                            const struct iw_request *request, bool is_range, struct iw_arena *arena,
                                            uint8_t *seen, struct probe_cost *cost, struct iw_habit *habit)
{
    struct iw_transfer_figures figures = {.us = 1, .now_unix_s = 1000};
    struct iw_response response;
    is_range = is_range && request->has_range;
    bool is_told = iw_probe_facts(probe)->bytes_from != IW_BYTES_UNKNOWN;
    if (is_range && (request->range_first > request->range_last || request->range_first >= file->len ||
                     (is_told && request->range_last >= file->len)))
        return "a range past the end";
    probe_feed_head(file, request, is_range, arena, &response);
    enum iw_body what = iw_probe_on_head(probe, &response);
    uint64_t end = is_range ? IW_MIN(request->range_last + 1, (uint64_t)file->len) : file->len;
    for (uint64_t at = is_range ? request->range_first : 0; at < end && what == IW_BODY_READ;) {
        size_t piece = (size_t)IW_MIN(end - at, (uint64_t)1460);
        for (size_t i = 0; i < piece; i++) {
            if (is_range && seen[at + i])
                return "asks for what is in hand";
            cost->touched += !seen[at + i];
            seen[at + i] = 1;
        }
        /* an exact copy, so that a sanitizer sees every step outside */
        uint8_t *copy = malloc(piece);
        if (!copy)
            abort();
        memcpy(copy, file->bytes + at, piece);
        what = iw_probe_on_body(probe, copy, piece);
        free(copy);
        figures.body_bytes += piece;
        at += piece;
        figures.was_cut = what == IW_BODY_STOP;
    }
    if (request->method == IW_METHOD_GET) {
        cost->requests++;
        cost->bytes += figures.body_bytes;
    }
    iw_probe_on_end(probe, IW_OUTCOME_OK, "", &figures, habit);
    return NULL;
}

static inline size_t probe_feed_read(void *user, uint64_t at, uint8_t *buf, size_t len)
{
    const struct probe_file *file = user;
    if (at >= file->len)
        return 0;
    len = IW_MIN(len, file->len - (size_t)at);
    memcpy(buf, file->bytes + at, len);
    return len;
}

/* The facts of a file; they live in the arena. */
static inline struct iw_facts probe_feed(struct probe_file *file, enum probe_server server,
                                         const struct iw_probe_policy *policy, struct iw_arena *arena,
                                         struct probe_cost *cost)
{
    char text[100];
    const char *dot = file->path ? strrchr(file->path, '.') : NULL;
    snprintf(text, sizeof text, "http://h.example/a%.20s", dot ? dot : "");
    struct iw_url url;
    *cost = (struct probe_cost){0};
    if (iw_url_parse(arena, iw_str_from(text), NULL, &url, NULL, NULL) != IW_OK)
        abort();
    if (server == PROBE_LOCAL) {
        struct iw_facts facts = {.url = url.text, .is_local = true, .bytes_from = IW_BYTES_FILE};
        if (iw_probe_local(arena, policy, file->len, probe_feed_read, file, &facts) != IW_OK)
            cost->fault = "no memory";
        return facts;
    }
    struct iw_habit habit = {0};
    struct iw_request request;
    struct iw_probe *probe = iw_probe_new(arena, policy, &url, 1);
    uint8_t *seen = calloc(1, file->len + 1);
    if (!probe || !seen)
        abort();
    while (!cost->fault && iw_probe_next(probe, &habit, &request))
        cost->fault = probe_feed_answer(probe, file, &request, server == PROBE_RANGES, arena, seen, cost, &habit);
    free(seen);
    return *iw_probe_facts(probe);
}

#endif
