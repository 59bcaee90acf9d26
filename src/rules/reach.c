/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Whether the consumer can fetch a URL at all: its scheme, its host, its signature, robots.txt. Told whatever we found
 * there ourselves, since we may stand elsewhere. Nothing is allocated where there is nothing to say. */
#include "base/iw.h"
#include "rules/inside.h"

#include "base/parse.h"

/* Of a canonical URL: "http://[::1]:80/a" to "::1". */
static struct iw_str host_of(struct iw_str url)
{
    struct iw_str rest = iw_str_skip(url, iw_str_find(url, ':') + 3);
    rest = iw_str_sub(rest, 0, iw_str_find(rest, '/'));
    if (rest.len && rest.ptr[0] == '[')
        return iw_str_sub(rest, 1, iw_str_find(rest, ']') - 1);
    return iw_str_sub(rest, 0, iw_str_find(rest, ':'));
}

/* By its name alone: what a name leads to may be seen differently from elsewhere. RFC 6762, RFC 8375; "internal" is
 * ICANN's for private use; a name without a dot is one of a local network. */
static bool is_private(struct iw_str host)
{
    static const char *const endings[] = {".local", ".internal", ".home.arpa"};
    for (size_t i = 0; i < IW_ARRAY_LEN(endings); i++)
        if (iw_str_ends_nocase(host, iw_str_from(endings[i])))
            return true;
    bool is_bare = iw_str_find(host, '.') == host.len && iw_str_find(host, ':') == host.len;
    return is_bare || iw_host_classify(host) == IW_ADDRESS_PRIVATE;
}

static void check_host(const struct iw_judge *judge, const struct iw_facts *facts, struct iw_arena *arena,
                       struct iw_findings *out)
{
    struct iw_str host = host_of(facts->url);
    bool is_told = facts->failure == IW_FAILURE_PRIVATE || facts->failure == IW_FAILURE_URL_INVALID;
    if (!judge->is_request || judge->may_be_private || is_told || !is_private(host))
        return;
    iw_findings_add(out, IW_RULE_private_address, iw_rules[IW_RULE_private_address].severity, NULL,
                    iw_arena_printf(arena, "a consumer elsewhere cannot fetch from %.*s, which is private",
                                    IW_STR_ARGS(iw_str_sub(host, 0, 80))));
}

static void check_expiry(const struct iw_judge *judge, const struct iw_facts *facts, struct iw_arena *arena,
                         struct iw_findings *out)
{
    int64_t end_s;
    if (!judge->horizon_s || !iw_url_expiry(facts->url, &end_s))
        return;
    bool is_over = end_s <= judge->now_unix_s;
    if (!is_over && (uint64_t)(end_s - judge->now_unix_s) >= judge->horizon_s)
        return;
    char when[24];
    (void)iw_format_utc(end_s, when);
    uint64_t minutes = is_over ? 0 : (uint64_t)(end_s - judge->now_unix_s) / 60;
    bool is_long = minutes >= 120;
    struct iw_str message =
        is_over ? iw_arena_printf(arena, "the URL is signed until %s, which is over", when)
                : iw_arena_printf(arena, "the URL is signed until %s, which is in %llu %s", when,
                                  (unsigned long long)(is_long ? minutes / 60 : minutes), is_long ? "hours" : "min");
    iw_findings_add(out, IW_RULE_url_expiring, iw_rules[IW_RULE_url_expiring].severity, NULL, message);
}

static void check_profile(const struct iw_judge *judge, size_t which, const struct iw_facts *facts,
                          struct iw_arena *arena, struct iw_findings *out)
{
    const struct iw_profile *profile = judge->profiles[which];
    enum iw_severity refused = iw_rules[IW_RULE_scheme_refused].severity;
    if (judge->is_request && !profile->url_supported && !judge->as_base64)
        iw_findings_add(out, IW_RULE_scheme_refused, refused, profile,
                        iw_arena_printf(arena, "%s fetches no URL: it takes base64 text alone", profile->name));
    else if (profile->requires_https && iw_str_starts(facts->url, IW_STR("http:")))
        iw_findings_add(out, IW_RULE_scheme_refused, refused, profile,
                        iw_arena_printf(arena, "%s fetches https URLs alone", profile->name));
    bool is_denied = which < 32 && (facts->robots_denied >> which & 1);
    if (is_denied && profile->obeys_robots)
        iw_findings_add(
            out, IW_RULE_robots_refused, iw_rules[IW_RULE_robots_refused].severity, profile,
            iw_arena_printf(arena, "robots.txt disallows it for %s, and %s obeys", profile->agent, profile->name));
}

void iw_check_reach(const struct iw_judge *judge, const struct iw_facts *facts, struct iw_arena *arena,
                    struct iw_findings *out)
{
    if (facts->is_local || !iw_url_is_http(facts->url))
        return;
    check_host(judge, facts, arena, out);
    check_expiry(judge, facts, arena, out);
    for (size_t i = 0; i < judge->profile_count; i++)
        check_profile(judge, i, facts, arena, out);
}
