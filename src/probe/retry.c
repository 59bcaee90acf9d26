/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Whether and when to ask again: exponential delays with jitter, Retry-After (RFC 9110 section 10.2.3) honoured. A
 * server that asks for more patience than the cap allows is not asked early: the probe gives up. */
#include "base/iw.h"
#include "probe/machine.h"

/* SplitMix64: jitter needs no more. */
static uint64_t mix(uint64_t x)
{
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

static uint64_t backoff_ms(const struct iw_probe *probe)
{
    uint64_t delay = probe->policy->retry_base_ms;
    for (unsigned i = 0; i < probe->retries && delay < probe->policy->retry_cap_ms; i++)
        delay *= 2;
    delay = IW_MIN(delay, probe->policy->retry_cap_ms);
    /* between half and all of it, so that clients which failed together do not return together */
    return delay / 2 + mix(probe->seed + probe->retries) % (delay / 2 + 1);
}

static uint64_t wanted_ms(const struct iw_response *response, uint64_t now_unix_s)
{
    uint64_t seconds = response->retry_after_s;
    if (response->retry_after_is_date)
        seconds = seconds > now_unix_s ? seconds - now_unix_s : 0;
    return seconds > UINT64_MAX / 1000 ? UINT64_MAX : seconds * 1000;
}

bool iw_retry(struct iw_probe *probe, const struct iw_response *response, uint64_t now_unix_s)
{
    if (probe->retries >= probe->policy->max_retries)
        return false;
    uint64_t delay = backoff_ms(probe);
    if (response && response->has_retry_after) {
        uint64_t wanted = wanted_ms(response, now_unix_s);
        if (wanted > probe->policy->retry_after_cap_ms)
            return false;
        delay = IW_MAX(delay, wanted);
    }
    probe->retries++;
    probe->delay_ms = delay;
    return true;
}
