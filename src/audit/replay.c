/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Facts of finished targets, for references that come after: a log in an unlinked temporary file, so that memory does
 * not grow with the targets and a late duplicate is neither asked again nor reported with less. */
#include "base/iw.h"
#include "audit/inside.h"

#include <unistd.h>

enum { TAIL_BYTES = 64 << 10, TEXTS = 6, ABSENT = UINT16_MAX, LONGEST = UINT16_MAX - 1 };

/* What is kept of a target: the facts without its URL, which the later reference brings along. Text behind it. */
struct saved {
    struct iw_image_facts image;
    const char *dims_why;
    uint64_t bytes, bytes_read, us;
    unsigned requests;
    uint16_t len[TEXTS];
    int16_t status;
    uint8_t http_version, bytes_from, failure;
    bool has_looked, is_final_same; /* final_url is the URL itself */
};

static void texts_of(struct iw_facts *facts, struct iw_str *out[TEXTS])
{
    struct iw_str *texts[TEXTS] = {&facts->final_url, &facts->content_type,  &facts->etag,
                                   &facts->vary,      &facts->last_modified, &facts->error};
    memcpy(out, texts, sizeof texts);
}

void iw_replay_init(struct iw_replay *replay)
{
    *replay = (struct iw_replay){.fd = -1};
    iw_buf_init(&replay->tail, SIZE_MAX / 2);
}

void iw_replay_release(struct iw_replay *replay)
{
    if (replay->fd >= 0)
        close(replay->fd);
    iw_buf_release(&replay->tail);
}

/* Moves the tail to the file; where there is no file, the log stays in memory. */
static void flush(struct iw_replay *replay)
{
    if (replay->fd < 0)
        replay->fd = iw_temp_open();
    size_t done = 0;
    while (replay->fd >= 0 && done < replay->tail.len) {
        ssize_t n =
            pwrite(replay->fd, replay->tail.ptr + done, replay->tail.len - done, (off_t)(replay->tail_at + done));
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    if (done < replay->tail.len) {
        replay->is_off = true;
        return;
    }
    replay->tail_at += done;
    iw_buf_clear(&replay->tail);
}

enum iw_err iw_replay_put(struct iw_replay *replay, const struct iw_facts *facts, uint64_t *out_place)
{
    struct iw_facts copy = *facts;
    bool is_same = iw_str_eq(facts->final_url, facts->url) && facts->final_url.ptr;
    struct saved saved;
    memset(&saved, 0, sizeof saved);
    saved = (struct saved){
        .image = facts->image,
        .dims_why = facts->dims_why,
        .bytes = facts->bytes,
        .bytes_read = facts->bytes_read,
        .us = facts->us,
        .requests = facts->requests,
        .status = (int16_t)facts->status,
        .http_version = (uint8_t)facts->http_version,
        .bytes_from = (uint8_t)facts->bytes_from,
        .failure = (uint8_t)facts->failure,
        .has_looked = facts->has_looked,
        .is_final_same = is_same,
    };
    if (is_same)
        copy.final_url = IW_STR_NONE;
    struct iw_str *texts[TEXTS];
    texts_of(&copy, texts);
    size_t at = replay->tail.len;
    for (size_t i = 0; i < TEXTS; i++)
        saved.len[i] = texts[i]->ptr ? (uint16_t)IW_MIN(texts[i]->len, (size_t)LONGEST) : ABSENT;
    iw_buf_add(&replay->tail, &saved, sizeof saved);
    for (size_t i = 0; i < TEXTS; i++)
        if (saved.len[i] != ABSENT)
            iw_buf_add(&replay->tail, texts[i]->ptr, saved.len[i]);
    if (replay->tail.err != IW_OK)
        return IW_ERR_NOMEM;
    *out_place = replay->tail_at + at;
    if (replay->tail.len >= TAIL_BYTES && !replay->is_off)
        flush(replay);
    return IW_OK;
}

static bool read_at(struct iw_replay *replay, uint64_t place, void *out, size_t len)
{
    if (place >= replay->tail_at) {
        if (place - replay->tail_at + len > replay->tail.len)
            return false;
        memcpy(out, replay->tail.ptr + (place - replay->tail_at), len);
        return true;
    }
    return pread(replay->fd, out, len, (off_t)place) == (ssize_t)len;
}

static enum iw_err read_text(struct iw_replay *replay, uint64_t place, uint16_t len, struct iw_arena *arena,
                             struct iw_str *out)
{
    char *copy = iw_arena_alloc(arena, len + 1u);
    if (!copy)
        return IW_ERR_NOMEM;
    if (len && !read_at(replay, place, copy, len))
        return IW_ERR_IO;
    copy[len] = '\0';
    *out = (struct iw_str){copy, len};
    return IW_OK;
}

enum iw_err iw_replay_get(struct iw_replay *replay, uint64_t place, struct iw_str url, struct iw_arena *arena,
                          struct iw_facts *out)
{
    struct saved saved;
    if (!read_at(replay, place, &saved, sizeof saved))
        return IW_ERR_IO;
    *out = (struct iw_facts){
        .url = url,
        .image = saved.image,
        .dims_why = saved.dims_why,
        .bytes = saved.bytes,
        .bytes_read = saved.bytes_read,
        .us = saved.us,
        .requests = saved.requests,
        .status = saved.status,
        .http_version = saved.http_version,
        .bytes_from = (enum iw_bytes_from)saved.bytes_from,
        .failure = (enum iw_failure)saved.failure,
        .has_looked = saved.has_looked,
    };
    struct iw_str *texts[TEXTS];
    texts_of(out, texts);
    place += sizeof saved;
    for (size_t i = 0; i < TEXTS; i++) {
        if (saved.len[i] == ABSENT)
            continue;
        enum iw_err err = read_text(replay, place, saved.len[i], arena, texts[i]);
        if (err != IW_OK)
            return err;
        place += saved.len[i];
    }
    if (saved.is_final_same)
        out->final_url = url;
    return IW_OK;
}
