/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Facts of finished targets, for references that come after: a log in an unlinked temporary file, so that memory does
 * not grow with the targets and a late duplicate is neither asked again nor reported with less. */
#include "base/iw.h"
#include "audit/inside.h"

#include <unistd.h>

enum { TAIL_BYTES = 64 << 10 };

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
    size_t at = replay->tail.len;
    iw_saved_add(&replay->tail, facts);
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

enum iw_err iw_replay_get(struct iw_replay *replay, uint64_t place, struct iw_str url, struct iw_arena *arena,
                          struct iw_facts *out)
{
    uint8_t head[sizeof(struct iw_saved)];
    if (!read_at(replay, place, head, sizeof head))
        return IW_ERR_IO;
    size_t len = iw_saved_texts_len(head);
    char *texts = iw_arena_alloc(arena, len + 1);
    if (!texts)
        return IW_ERR_NOMEM;
    if (len && !read_at(replay, place + sizeof head, texts, len))
        return IW_ERR_IO;
    iw_saved_get(head, texts, url, out);
    return IW_OK;
}
