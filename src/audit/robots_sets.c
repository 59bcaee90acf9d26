/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The rules of one robots.txt for several agents at once: our own, which decides what is asked for, and those of the
 * consumers that obey, which decides what they will fetch. */
#include "base/iw.h"
#include "audit/inside.h"

/* A token that no group names: what is said to all agents holds for it. */
#define NOBODYS "-"

void iw_robots_agents_init(struct iw_robots_agents *agents, const struct iw_judge *judge)
{
    *agents = (struct iw_robots_agents){.count = 1, .names = {IW_ROBOTS_AGENT}};
    for (size_t i = 0; i < judge->profile_count && i < IW_ROBOTS_PROFILES; i++) {
        const struct iw_profile *profile = judge->profiles[i];
        const char *name = profile->agent ? profile->agent : NOBODYS;
        unsigned at = 1;
        while (at < agents->count && strcmp(agents->names[at], name) != 0)
            at++;
        if (!profile->obeys_robots || at == IW_ROBOTS_AGENTS)
            continue;
        agents->names[at] = name;
        agents->count = IW_MAX(agents->count, at + 1);
        agents->of_profile[i] = (uint8_t)at;
    }
}

bool iw_robots_sets_new(const struct iw_robots_agents *agents, struct iw_robots_sets *out)
{
    *out = (struct iw_robots_sets){0};
    for (unsigned i = 0; i < agents->count; i++) {
        out->list[i] = iw_robots_rules_new(agents->names[i]);
        if (out->list[i])
            continue;
        iw_robots_sets_free(out);
        return false;
    }
    return true;
}

void iw_robots_sets_free(struct iw_robots_sets *sets)
{
    for (unsigned i = 0; i < IW_ROBOTS_AGENTS; i++)
        iw_robots_rules_free(sets->list[i]);
    *sets = (struct iw_robots_sets){0};
}

enum iw_err iw_robots_sets_feed(struct iw_robots_sets *sets, const char *bytes, size_t len)
{
    enum iw_err err = IW_OK;
    for (unsigned i = 0; i < IW_ROBOTS_AGENTS && sets->list[i] && err == IW_OK; i++)
        err = iw_robots_rules_feed(sets->list[i], bytes, len);
    return err;
}

enum iw_err iw_robots_sets_finish(struct iw_robots_sets *sets)
{
    enum iw_err err = IW_OK;
    for (unsigned i = 0; i < IW_ROBOTS_AGENTS && sets->list[i] && err == IW_OK; i++)
        err = iw_robots_rules_finish(sets->list[i]);
    return err;
}

size_t iw_robots_sets_size(const struct iw_robots_sets *sets)
{
    size_t size = 0;
    for (unsigned i = 0; i < IW_ROBOTS_AGENTS && sets->list[i]; i++)
        size += iw_robots_rules_size(sets->list[i]);
    return size;
}

uint32_t iw_robots_denied(const struct iw_robots_agents *agents, const struct iw_robots *robots,
                          const struct iw_url *url)
{
    struct iw_str path = iw_str_skip(url->text, url->origin.len);
    uint32_t denied = 0;
    for (unsigned i = 0; i < IW_ROBOTS_PROFILES && robots->kind == IW_ROBOTS_RULES; i++) {
        unsigned at = agents->of_profile[i];
        struct iw_robots_word word = {.is_allowed = true};
        if (at && robots->sets.list[at] && iw_robots_judge(robots->sets.list[at], path, &word) == IW_OK)
            denied |= (uint32_t)!word.is_allowed << i;
    }
    return denied;
}
