/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A local file or bytes in memory by the same scanners: windows are read where the network would be asked. */
#include "base/iw.h"
#include "probe/machine.h"

/* Fills one window and adds it; false at the end of what can be read. */
static bool read_window(struct iw_probe *probe, iw_probe_read_fn read, void *user, uint64_t at, uint64_t len)
{
    uint8_t *buf = iw_arena_alloc(probe->arena, (size_t)len);
    if (!buf)
        return false;
    size_t got = read(user, at, buf, (size_t)len);
    return got > 0 && iw_held_add(&probe->held, at, buf, got, 0);
}

enum iw_err iw_probe_local(struct iw_arena *arena, const struct iw_probe_policy *policy, uint64_t total_bytes,
                           iw_probe_read_fn read, void *user, struct iw_facts *facts)
{
    struct iw_probe *probe = iw_arena_zalloc(arena, sizeof *probe);
    if (!probe)
        return IW_ERR_NOMEM;
    probe->policy = policy;
    probe->arena = arena;
    probe->wants = policy->wants;
    probe->wants.details = true; /* for nothing */
    probe->facts = *facts;
    iw_held_init(&probe->held, arena);
    probe->held.total_bytes = total_bytes;
    probe->facts.bytes = total_bytes;
    probe->more_len = IW_MIN(iw_window_first(probe), total_bytes);
    probe->step = IW_STEP_MORE;
    while (probe->step == IW_STEP_MORE) {
        probe->header_requests++;
        bool got = probe->more_len > 0 && read_window(probe, read, user, probe->more_at, probe->more_len);
        probe->facts.bytes_read = probe->held.held_bytes;
        iw_look(probe, !got);
    }
    *facts = probe->facts;
    return arena->err == IW_OK ? IW_OK : IW_ERR_NOMEM;
}
