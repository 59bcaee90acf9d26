/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Profiles from whatever text comes, and judging by them: what parses keeps the promises of rules.h, what does not says
 * where; lines of "KEY=VALUE" are tried as limits of the command line, too. */
#include "base/iw.h"
#include "rules/inside.h"

#include "base/buf.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_limit(const struct iw_limit *limit)
{
    assert((unsigned)limit->id < IW_LIMIT_COUNT);
    assert(limit->has_value || limit->has_warn);
    assert(limit->source && limit->source[0]);
    assert(limit->confidence <= IW_DERIVED && limit->effect <= IW_WARNED);
    if (limit->has_value && limit->has_warn)
        assert(limit->id == IW_LIMIT_min_side_px ? limit->warn >= limit->value : limit->warn <= limit->value);
    assert(!limit->when.has_detail || limit->when.detail <= IW_DETAIL_ORIGINAL);
}

static void assert_profile(const struct iw_profile *profile)
{
    assert(profile->name && profile->name[0] && profile->title);
    assert(strspn(profile->name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(profile->name));
    assert(profile->limit_count <= IW_PROFILE_MAX_LIMITS);
    assert(profile->format_count <= IW_PROFILE_MAX_FORMATS);
    assert(profile->warned_format_count <= profile->format_count);
    for (size_t i = 0; i < profile->format_count; i++)
        assert(profile->formats[i]);
    for (size_t i = 0; i < profile->limit_count; i++)
        assert_limit(&profile->limits[i]);
    assert(profile->target.quality <= 100 && profile->target.background_rgb <= 0xffffff);
    assert(!profile->target.fit_width_px == !profile->target.fit_height_px);
}

/* Each formula scales down only, keeps within its budget and costs something. */
static void count_tokens(const struct iw_profile *profile, uint32_t width_px, uint32_t height_px)
{
    for (size_t i = 0; i < IW_DETAIL_COUNT; i++) {
        const struct iw_tokens *tokens = &profile->tokens.by_detail[i];
        uint32_t width = width_px, height = height_px;
        uint64_t count = 0;
        bool has = iw_tokens_of(profile, NULL, (enum iw_detail)i, width_px, height_px, &count);
        assert(has ==
               (tokens->kind != IW_TOKENS_NONE || profile->tokens.by_detail[IW_DETAIL_AUTO].kind != IW_TOKENS_NONE));
        assert(!has || count > 0);
        if (tokens->kind == IW_TOKENS_NONE)
            continue;
        iw_tokens_scale(tokens, &width, &height);
        assert(width > 0 && width <= width_px && height > 0 && height <= height_px);
        uint32_t longer = IW_MAX(width, height);
        assert(!tokens->fit_px || longer <= tokens->fit_px);
        assert(!tokens->edge_px || longer <= tokens->edge_px);
        assert(!tokens->short_px || IW_MIN(width, height) <= tokens->short_px);
        if (tokens->budget)
            assert(count <= ((uint64_t)tokens->budget * tokens->multiplier_thousandths + 999) / 1000);
    }
}

/* Facts that depend on the input, so that limits are met on both sides. */
static void judge(const struct iw_profile *profile, struct iw_arena *arena, uint32_t seed)
{
    static const enum iw_bytes_from froms[] = {IW_BYTES_UNKNOWN, IW_BYTES_CONTENT_LENGTH, IW_BYTES_AT_LEAST,
                                               IW_BYTES_DATA_URI};
    struct iw_findings found;
    const struct iw_profile *list[] = {profile, profile};
    static const char *const models[] = {NULL, "gpt-4o", "claude-opus-5", ""};
    struct iw_judge how = {
        .profiles = list,
        .profile_count = 1 + (seed & 1),
        .detail = (enum iw_detail)(seed >> 1 & 3),
        .as_base64 = (seed & 8) != 0,
        .model = models[seed >> 14 & 3],
        .horizon_s = seed & 65536 ? 86400 : 0,
        .is_request = (seed & 131072) != 0,
        .request_images = seed >> 18 & 31,
    };
    struct iw_facts facts = {
        .url = IW_STR("https://example.com/a.png"),
        .has_looked = (seed & 16) != 0,
        .bytes = (uint64_t)seed << (seed >> 27),
        .bytes_from = froms[seed >> 5 & 3],
        .content_type = seed & 128 ? IW_STR("image/avif") : IW_STR("image/png"),
    };
    facts.image.format = seed & 256 ? iw_image_formats[seed % iw_image_format_count] : NULL;
    facts.image.width_px = seed & 512 ? seed : 0;
    facts.image.height_px = seed & 512 ? (seed >> 9) + 1 : 0;
    facts.image.animated = seed & 1024 ? IW_YES : IW_NO;
    facts.image.colour = (enum iw_colour)(seed % 6);
    facts.image.bit_depth = (uint8_t)(seed >> 11 & 31);
    facts.failure = seed & 4096 ? IW_FAILURE_NONE : (enum iw_failure)(seed % (IW_FAILURE_CANCELLED + 1));
    size_t before = arena->used_bytes;
    enum iw_verdict verdict = iw_check(&how, &facts, arena, &found);
    assert(found.count <= IW_MAX_FINDINGS);
    assert(found.count || arena->used_bytes == before);
    assert(found.count || verdict == (facts.failure ? IW_VERDICT_UNKNOWN : IW_VERDICT_OK));
    for (size_t i = 0; i < found.count; i++) {
        const struct iw_finding *f = &found.list[i];
        assert(f->rule < IW_RULE_COUNT && f->message.len > 0);
        assert(i == 0 || found.list[i - 1].rule <= f->rule);
        assert(f->severity != IW_SEVERITY_ERROR || verdict >= IW_VERDICT_UNKNOWN);
        assert(!f->has_figures || f->actual != f->limit);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct iw_str text = {size ? (const char *)data : "", size}, rest = text, line;
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 20);
    struct iw_profile profile = {0};
    struct iw_diag diag = {0};
    unsigned lines = 0;
    uint32_t seed = 2166136261u;
    for (size_t i = 0; i < size; i++)
        seed = (seed ^ data[i]) * 16777619u;
    enum iw_err err = iw_profile_parse(&arena, text, "fuzz", &profile, &diag);
    if (err == IW_OK)
        assert_profile(&profile);
    else
        profile = (struct iw_profile){.name = "none", .title = "none", .url_supported = true};
    while (iw_str_next(&rest, '\n', &line)) {
        lines++;
        if (iw_profile_override(&arena, &profile, line, NULL) == IW_OK)
            assert(profile.limit_count > 0 && profile.limit_count <= IW_PROFILE_MAX_LIMITS);
    }
    assert(err == IW_OK || err == IW_ERR_NOMEM || (diag.code == err && diag.line <= lines && diag.text[0]));
    if (iw_profile_formats(&arena, &profile, text, NULL) == IW_OK)
        assert(profile.format_count > 0 && profile.format_count <= IW_PROFILE_MAX_FORMATS);
    struct iw_buf out;
    iw_buf_init(&out, 1 << 20);
    iw_profile_print(&profile, &out);
    assert(out.err != IW_OK || out.len > 0);
    iw_buf_release(&out);
    for (uint32_t i = 0; i < 8; i++) {
        uint32_t chance = seed * (2 * i + 1);
        judge(&profile, &arena, chance);
        count_tokens(&profile, (chance >> (chance & 31)) + 1, (chance >> (chance >> 5 & 31)) + 1);
        count_tokens(&profile, UINT32_MAX - (chance & 7), (chance >> 8) + 1);
    }
    iw_arena_release(&arena);
    return 0;
}
