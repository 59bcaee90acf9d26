/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What "imgweigh profiles NAME" prints, and what a profile needs to know of an image. */
#include "base/iw.h"
#include "rules/inside.h"

#include "base/base64.h"
#include "base/buf.h"

static void print_source(const char *source, enum iw_confidence confidence, const char *checked, struct iw_buf *out)
{
    iw_buf_printf(out, "    source      %s\n    confidence  %s%s%s\n", source, iw_confidence_name(confidence),
                  checked ? ", checked " : "", checked ? checked : "");
}

static const char *counts_text(const struct iw_limit *limit)
{
    if (limit->id == IW_LIMIT_max_base64_bytes)
        return limit->counts == IW_COUNTS_DATA_URI ? "data-uri" : NULL;
    return limit->id == IW_LIMIT_max_request_bytes ? iw_counts_name(limit->counts) : NULL;
}

static void print_limit(const struct iw_limit *limit, const char *checked, struct iw_buf *out)
{
    const struct iw_limit_key *key = &iw_limit_keys[limit->id];
    bool is_minimum = limit->id == IW_LIMIT_min_side_px;
    char text[48];
    iw_buf_printf(out, "%s (%s)\n", key->name, key->help);
    if (limit->has_value)
        iw_buf_printf(out, "    limit       %s, %s %s\n", iw_limit_show(key->unit, limit->value, text),
                      iw_effect_name(limit->effect), is_minimum ? "below" : "above");
    if (limit->has_warn)
        iw_buf_printf(out, "    warns       %s %s\n", is_minimum ? "below" : "above",
                      iw_limit_show(key->unit, limit->warn, text));
    if (counts_text(limit))
        iw_buf_printf(out, "    counts      %s\n", counts_text(limit));
    if (limit->when.text[0])
        iw_buf_printf(out, "    when        %s\n", limit->when.text);
    if (limit->note)
        iw_buf_printf(out, "    note        %s\n", limit->note);
    print_source(limit->source, limit->confidence, checked, out);
}

static void print_formats(const struct iw_profile *profile, struct iw_buf *out)
{
    size_t sure = profile->format_count - profile->warned_format_count;
    for (size_t i = 0; i < profile->format_count; i++) {
        if (i == 0 || i == sure)
            iw_buf_printf(out, "%s%s", i ? "\n" : "", i == sure ? "formats, not documented" : "formats        ");
        iw_buf_printf(out, " %s", profile->formats[i]);
    }
    if (profile->format_count)
        iw_buf_add_char(out, '\n');
}

static void print_colours(const struct iw_profile *profile, struct iw_buf *out)
{
    static const char *const names[] = {"", "grey", "rgb", "palette", "ycbcr", "cmyk"};
    if (profile->has_colours) {
        iw_buf_printf(out, "colours        ");
        for (size_t i = 1; i < IW_ARRAY_LEN(names); i++)
            if (profile->colour_ok[i])
                iw_buf_printf(out, " %s", names[i]);
        iw_buf_add_char(out, '\n');
    }
    if (profile->max_bit_depth)
        iw_buf_printf(out, "bit depth       at most %u\n", profile->max_bit_depth);
}

static void print_target(const struct iw_profile *profile, struct iw_buf *out)
{
    iw_buf_printf(out, "target          fit %ux%u", profile->target.fit_width_px, profile->target.fit_height_px);
    if (profile->target.format)
        iw_buf_printf(out, ", %s", profile->target.format);
    if (profile->target.quality)
        iw_buf_printf(out, ", quality %u", profile->target.quality);
    iw_buf_printf(out, ", background #%06x\n", (unsigned)profile->target.background_rgb);
}

static void print_tokens(const struct iw_token_set *set, const char *checked, struct iw_buf *out)
{
    static const char *const labels[IW_DETAIL_COUNT] = {
        [IW_DETAIL_AUTO] = "tokens",
        [IW_DETAIL_LOW] = "tokens low",
        [IW_DETAIL_HIGH] = "tokens high",
        [IW_DETAIL_ORIGINAL] = "tokens original",
    };
    for (size_t i = 0; i < IW_DETAIL_COUNT; i++)
        if (set->by_detail[i].text)
            iw_buf_printf(out, "%-15s %s\n", labels[i], set->by_detail[i].text);
    if (set->models)
        iw_buf_printf(out, "    model       %s\n", set->models);
    if (set->note)
        iw_buf_printf(out, "    note        %s\n", set->note);
    if (set->source)
        print_source(set->source, set->confidence, checked, out);
}

void iw_profile_print(const struct iw_profile *profile, struct iw_buf *out)
{
    iw_buf_printf(out, "%s: %s\n", profile->name, profile->title);
    if (profile->note)
        iw_buf_printf(out, "%s\n", profile->note);
    iw_buf_add_char(out, '\n');
    print_formats(profile, out);
    if (profile->has_animation)
        iw_buf_printf(out, "animation       %s\n",
                      profile->animation                            ? "yes"
                      : profile->animation_effect == IW_FIRST_FRAME ? "first frame only"
                                                                    : "no");
    print_colours(profile, out);
    if (!profile->url_supported)
        iw_buf_printf(out, "URLs            never fetched: base64 only\n");
    if (profile->requires_https)
        iw_buf_printf(out, "URLs            https alone\n");
    if (profile->obeys_robots)
        iw_buf_printf(out, "robots.txt      obeyed as %s\n", profile->agent ? profile->agent : "any agent");
    if (profile->one_model)
        iw_buf_printf(out, "batch files     of one model each\n");
    if (profile->label_must_match)
        iw_buf_printf(out, "label           of an inline image must be that of the bytes\n");
    if (profile->type_must_match)
        iw_buf_printf(out, "type            the stated type must be that of the bytes\n");
    if (profile->meta_source)
        print_source(profile->meta_source, profile->meta_confidence, profile->checked, out);
    for (size_t i = 0; i < profile->limit_count; i++)
        print_limit(&profile->limits[i], profile->checked, out);
    if (profile->target.is_set)
        print_target(profile, out);
    print_tokens(&profile->tokens, profile->checked, out);
    for (size_t i = 0; i < profile->model_token_count; i++)
        print_tokens(&profile->model_tokens[i], profile->checked, out);
}

bool iw_profile_wants_animation(const struct iw_profile *profile)
{
    return profile->has_animation && !profile->animation;
}

bool iw_profile_wants_header(const struct iw_profile *profile)
{
    bool wants = profile->format_count || profile->has_colours || profile->max_bit_depth || profile->type_must_match ||
                 profile->label_must_match || iw_profile_wants_animation(profile);
    for (size_t i = 0; i < profile->limit_count && !wants; i++) {
        enum iw_unit unit = iw_limit_keys[profile->limits[i].id].unit;
        wants = unit == IW_UNIT_PX || unit == IW_UNIT_RATIO || unit == IW_UNIT_PATCHES;
    }
    return wants;
}

uint64_t iw_profile_byte_limit(const struct iw_profile *profile)
{
    uint64_t most = 0;
    bool has_any = false;
    for (size_t i = 0; i < profile->limit_count; i++) {
        const struct iw_limit *limit = &profile->limits[i];
        uint64_t bytes = IW_MAX(limit->value, limit->warn);
        if (limit->id == IW_LIMIT_max_base64_bytes)
            bytes = iw_bytes_of_base64(limit, bytes);
        else if (limit->id != IW_LIMIT_max_bytes)
            continue;
        has_any = true;
        most = IW_MAX(most, bytes);
    }
    return has_any ? most : UINT64_MAX;
}
