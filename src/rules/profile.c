/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Profiles from INI text, as imgweigh-profile(5) describes. Strict: a key that is not known, a value without its
 * unit, a limit without a source are errors with their line, since a limit that is silently dropped is worse. The INI
 * reader tells of keys alone, so the lines of the sections are found here: an empty or repeated one is an error, too.
 */
#include "base/iw.h"
#include "rules/parsing.h"

#include "base/ini.h"
#include "base/parse.h"

enum iw_err iw_parsing_bad(const struct iw_parsing *p, unsigned line, const char *expected, struct iw_str value)
{
    return iw_fail(p->diag, IW_ERR_SYNTAX, line, 0, "expected %s, found \"%.*s\"", expected,
                   IW_STR_ARGS(iw_str_sub(value, 0, 60)));
}

enum iw_err iw_parsing_keep(struct iw_parsing *p, struct iw_str value, const char **out)
{
    *out = iw_arena_str(p->arena, value).ptr;
    return *out ? IW_OK : IW_ERR_NOMEM;
}

enum iw_err iw_parsing_confidence(struct iw_parsing *p, struct iw_str value, unsigned line, enum iw_confidence *out)
{
    for (int i = IW_OFFICIAL; i <= IW_DERIVED; i++) {
        if (!iw_str_eq(value, iw_str_from(iw_confidence_name((enum iw_confidence)i))))
            continue;
        *out = (enum iw_confidence)i;
        return IW_OK;
    }
    return iw_parsing_bad(p, line, "official, mirror, sdk, measured, third-party, contradicted or derived", value);
}

/* ---- [limit KEY] ---- */

static enum iw_err set_value(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    p->limit->has_value = true;
    enum iw_unit unit = iw_limit_keys[p->limit->id].unit;
    return iw_limit_value(unit, value, &p->limit->value) == IW_OK ? IW_OK
                                                                  : iw_parsing_bad(p, line, iw_unit_name(unit), value);
}

static enum iw_err set_warn(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    p->limit->has_warn = true;
    enum iw_unit unit = iw_limit_keys[p->limit->id].unit;
    return iw_limit_value(unit, value, &p->limit->warn) == IW_OK ? IW_OK
                                                                 : iw_parsing_bad(p, line, iw_unit_name(unit), value);
}

static enum iw_err set_effect(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    for (int i = IW_REFUSED; i <= IW_WARNED; i++) {
        if (!iw_str_eq(value, iw_str_from(iw_effect_name((enum iw_effect)i))))
            continue;
        p->limit->effect = (enum iw_effect)i;
        return IW_OK;
    }
    return iw_parsing_bad(p, line, "refused, downscaled, first-frame or warned", value);
}

static enum iw_err set_counts(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    bool is_of_request = p->limit->id == IW_LIMIT_max_request_bytes;
    if (!is_of_request && p->limit->id != IW_LIMIT_max_base64_bytes)
        return iw_fail(p->diag, IW_ERR_SYNTAX, line, 0, "limit %s counts in one way alone",
                       iw_limit_keys[p->limit->id].name);
    enum iw_counts from = is_of_request ? IW_COUNTS_BODY : IW_COUNTS_BASE64;
    for (int i = IW_COUNTS_BODY; i <= IW_COUNTS_DATA_URI; i++) {
        bool is_possible = is_of_request ? i != IW_COUNTS_DATA_URI : i == IW_COUNTS_BASE64 || i == IW_COUNTS_DATA_URI;
        if (!is_possible || !iw_str_eq(value, iw_str_from(iw_counts_name((enum iw_counts)i))))
            continue;
        p->limit->counts = (enum iw_counts)i;
        return IW_OK;
    }
    return iw_parsing_bad(p, line, from == IW_COUNTS_BODY ? "body, base64 or images" : "base64 or data-uri", value);
}

static enum iw_err set_when(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    return iw_when_parse(value, &p->limit->when, line, p->diag);
}

static enum iw_err set_source(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    return value.len ? iw_parsing_keep(p, value, &p->limit->source) : iw_parsing_bad(p, line, "a source", value);
}

static enum iw_err set_confidence(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    return iw_parsing_confidence(p, value, line, &p->limit->confidence);
}

static enum iw_err set_limit_note(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    (void)line;
    return iw_parsing_keep(p, value, &p->limit->note);
}

/* The places of source and confidence in limit_keys: a limit must have both. */
enum { KEY_SOURCE, KEY_CONFIDENCE };

static const struct iw_profile_key limit_keys[] = {
    [KEY_SOURCE] = {"source", set_source, 0},
    [KEY_CONFIDENCE] = {"confidence", set_confidence, 0},
    {"value", set_value, 0},
    {"warn", set_warn, 0},
    {"effect", set_effect, 0},
    {"counts", set_counts, 0},
    {"when", set_when, 0},
    {"note", set_limit_note, 0},
};

/* ---- [target], [tokens] ---- */

static enum iw_err set_fit(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    p->profile->target.is_set = true;
    if (iw_parse_box(value, &p->profile->target.fit_width_px, &p->profile->target.fit_height_px) != IW_OK)
        return iw_parsing_bad(p, line, "a box as 1280x960", value);
    return IW_OK;
}

static enum iw_err set_target_format(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    (void)line;
    return iw_parsing_keep(p, value, &p->profile->target.format);
}

static enum iw_err set_quality(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    uint64_t quality;
    if (iw_parse_u64(value, &quality) != IW_OK || quality < 1 || quality > 100)
        return iw_parsing_bad(p, line, "a quality of 1 to 100", value);
    p->profile->target.quality = (unsigned)quality;
    return IW_OK;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static enum iw_err set_background(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    uint32_t rgb = 0;
    bool is_good = value.len == 7 && value.ptr[0] == '#';
    for (size_t i = 1; is_good && i < 7; i++) {
        int digit = hex_digit(value.ptr[i]);
        is_good = digit >= 0;
        rgb = rgb << 4 | (uint32_t)(digit & 15);
    }
    if (!is_good)
        return iw_parsing_bad(p, line, "a colour as #ffffff", value);
    p->profile->target.background_rgb = rgb;
    return IW_OK;
}

static enum iw_err set_formula(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    return iw_tokens_parse(p->arena, value, line, &p->tokens->by_detail[IW_DETAIL_AUTO], p->diag);
}

static enum iw_err set_formula_low(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    return iw_tokens_parse(p->arena, value, line, &p->tokens->by_detail[IW_DETAIL_LOW], p->diag);
}

static enum iw_err set_formula_high(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    return iw_tokens_parse(p->arena, value, line, &p->tokens->by_detail[IW_DETAIL_HIGH], p->diag);
}

static enum iw_err set_formula_original(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    return iw_tokens_parse(p->arena, value, line, &p->tokens->by_detail[IW_DETAIL_ORIGINAL], p->diag);
}

static enum iw_err set_tokens_source(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    p->tokens_source_line = line;
    return value.len ? iw_parsing_keep(p, value, &p->tokens->source) : iw_parsing_bad(p, line, "a source", value);
}

static enum iw_err set_tokens_confidence(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    p->has_tokens_confidence = true;
    return iw_parsing_confidence(p, value, line, &p->tokens->confidence);
}

static enum iw_err set_tokens_note(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    (void)line;
    return iw_parsing_keep(p, value, &p->tokens->note);
}

static enum iw_err set_tokens_model(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    if (p->tokens == &p->profile->tokens)
        return iw_fail(p->diag, IW_ERR_SYNTAX, line, 0, "[tokens] is for every model: [tokens LABEL] may name some");
    return value.len ? iw_parsing_keep(p, value, &p->tokens->models)
                     : iw_parsing_bad(p, line, "patterns of models", value);
}

static const struct iw_profile_key target_keys[] = {{"fit", set_fit, 0},
                                                    {"format", set_target_format, 0},
                                                    {"quality", set_quality, 0},
                                                    {"background", set_background, 0}};
static const struct iw_profile_key token_keys[] = {
    {"formula", set_formula, 0},           {"formula_low", set_formula_low, 0},
    {"formula_high", set_formula_high, 0}, {"formula_original", set_formula_original, 0},
    {"source", set_tokens_source, 0},      {"confidence", set_tokens_confidence, 0},
    {"note", set_tokens_note, 0},          {"model", set_tokens_model, 0},
};

/* ---- sections ---- */

static const struct iw_profile_section target_section = {"target", target_keys, IW_ARRAY_LEN(target_keys)};
static const struct iw_profile_section token_section = {"tokens", token_keys, IW_ARRAY_LEN(token_keys)};
static const struct iw_profile_section limit_section = {"limit", limit_keys, IW_ARRAY_LEN(limit_keys)};
static const struct iw_profile_section *const plain_sections[] = {&iw_profile_section, &target_section};

/* A limit section is over: it must say what it limits and who says so. */
static enum iw_err end_limit(struct iw_parsing *p)
{
    const struct iw_limit *limit = p->limit;
    p->limit = NULL;
    if (!limit)
        return IW_OK;
    const char *name = iw_limit_keys[limit->id].name;
    if (!limit->has_value && !limit->has_warn)
        return iw_fail(p->diag, IW_ERR_SYNTAX, limit->line, 0, "limit %s has neither value nor warn", name);
    if (!(p->keys_seen & 1u << KEY_SOURCE))
        return iw_fail(p->diag, IW_ERR_SYNTAX, limit->line, 0, "limit %s has no source", name);
    if (!(p->keys_seen & 1u << KEY_CONFIDENCE))
        return iw_fail(p->diag, IW_ERR_SYNTAX, limit->line, 0, "limit %s has no confidence", name);
    if (!limit->has_value || !limit->has_warn)
        return IW_OK;
    bool is_minimum = limit->id == IW_LIMIT_min_side_px;
    if (is_minimum ? limit->warn < limit->value : limit->warn > limit->value)
        return iw_fail(p->diag, IW_ERR_RANGE, limit->line, 0, "limit %s warns %s its value", name,
                       is_minimum ? "below" : "above");
    return IW_OK;
}

/* So is one of formulas. */
static enum iw_err end_tokens(struct iw_parsing *p)
{
    const struct iw_token_set *set = p->tokens;
    p->tokens = NULL;
    if (set && p->tokens_source_line && !p->has_tokens_confidence)
        return iw_fail(p->diag, IW_ERR_SYNTAX, p->tokens_source_line, 0, "[tokens] has a source without a confidence");
    if (set && set != &p->profile->tokens && !set->models)
        return iw_fail(p->diag, IW_ERR_SYNTAX, set->line, 0, "[tokens LABEL] names no model");
    return IW_OK;
}

static enum iw_err end_section(struct iw_parsing *p)
{
    enum iw_err err = end_limit(p);
    return err == IW_OK ? end_tokens(p) : err;
}

static enum iw_err begin_tokens(struct iw_parsing *p, bool has_label)
{
    struct iw_profile *profile = p->profile;
    if (has_label && profile->model_token_count == IW_PROFILE_MAX_TOKENS)
        return iw_fail(p->diag, IW_ERR_RANGE, p->line, 0, "more than %d sections of formulas", IW_PROFILE_MAX_TOKENS);
    p->tokens = has_label ? &profile->model_tokens[profile->model_token_count++] : &profile->tokens;
    p->tokens->line = p->line;
    p->tokens_source_line = 0;
    p->has_tokens_confidence = false;
    return IW_OK;
}

/* words: "max_bytes", or with a label "max_bytes inline". */
static enum iw_err begin_limit(struct iw_parsing *p, struct iw_str words)
{
    struct iw_profile *profile = p->profile;
    const struct iw_limit_key *key = iw_limit_key_find(iw_str_sub(words, 0, iw_str_find(words, ' ')), p->line, p->diag);
    if (!key)
        return IW_ERR_UNKNOWN_NAME;
    if (profile->limit_count == IW_PROFILE_MAX_LIMITS)
        return iw_fail(p->diag, IW_ERR_RANGE, p->line, 0, "more than %d limits", IW_PROFILE_MAX_LIMITS);
    p->limit = &profile->limits[profile->limit_count++];
    *p->limit = (struct iw_limit){.id = (enum iw_limit_id)(key - iw_limit_keys), .line = p->line};
    return IW_OK;
}

static bool is_of_tokens(struct iw_str name)
{
    return iw_str_eq(iw_str_sub(name, 0, iw_str_find(name, ' ')), iw_str_from(token_section.name));
}

static enum iw_err begin_section(struct iw_parsing *p, struct iw_str name)
{
    p->keys_seen = 0;
    for (size_t i = 0; i < p->section_count; i++)
        if (iw_str_eq(p->sections[i], name))
            return iw_fail(p->diag, IW_ERR_SYNTAX, p->line, 0, "section [%.*s] stands twice", IW_STR_ARGS(name));
    if (p->section_count == IW_PARSING_MAX_SECTIONS)
        return iw_fail(p->diag, IW_ERR_RANGE, p->line, 0, "more than %d sections", (int)IW_PARSING_MAX_SECTIONS);
    p->sections[p->section_count++] = name;
    if (iw_str_starts(name, IW_STR("limit ")))
        return begin_limit(p, iw_str_trim(iw_str_skip(name, 6)));
    if (is_of_tokens(name))
        return begin_tokens(p, name.len > strlen(token_section.name));
    struct iw_nearest nearest = {0};
    for (size_t i = 0; i < IW_ARRAY_LEN(plain_sections); i++) {
        if (iw_str_eq(name, iw_str_from(plain_sections[i]->name)))
            return IW_OK;
        iw_nearest_offer(&nearest, name, plain_sections[i]->name);
    }
    iw_nearest_offer(&nearest, iw_str_sub(name, 0, iw_str_find(name, ' ')), token_section.name);
    iw_nearest_offer(&nearest, iw_str_sub(name, 0, iw_str_find(name, ' ')), limit_section.name);
    const char *end = nearest.name == limit_section.name ? " KEY]?" : nearest.name ? "]?" : "";
    return iw_fail(p->diag, IW_ERR_UNKNOWN_NAME, p->line, 0, "no section [%.*s] is known%s%s%s",
                   IW_STR_ARGS(iw_str_sub(name, 0, 60)), nearest.name ? "; did you mean [" : "",
                   nearest.name ? nearest.name : "", end);
}

/* Begins all sections whose header stands before the line end: each is seen once, empty ones as well. */
static enum iw_err begin_sections(struct iw_parsing *p, unsigned end)
{
    struct iw_str text, after = p->rest;
    unsigned line = p->line;
    while (line + 1 < end && iw_str_next(&after, '\n', &text)) {
        line++;
        text = iw_str_trim(text);
        if (text.len == 0 || text.ptr[0] != '[')
            continue;
        enum iw_err err = end_section(p);
        p->line = line;
        p->rest = after;
        size_t close = iw_str_find(text, ']');
        if (err == IW_OK && close == text.len)
            err = iw_fail(p->diag, IW_ERR_SYNTAX, line, 0, "a section's name ends with ]");
        if (err == IW_OK)
            err = begin_section(p, iw_str_sub(text, 1, close - 1));
        if (err != IW_OK)
            return err;
    }
    return IW_OK;
}

static enum iw_err set_flag(struct iw_parsing *p, size_t at, struct iw_str value, unsigned line)
{
    bool flag;
    if (iw_parse_bool(value, &flag) != IW_OK)
        return iw_parsing_bad(p, line, "yes or no", value);
    memcpy((char *)p->profile + at, &flag, sizeof flag);
    return IW_OK;
}

static enum iw_err set_key(struct iw_parsing *p, const struct iw_profile_section *section, struct iw_str name,
                           struct iw_str value, unsigned line)
{
    struct iw_nearest nearest = {0};
    for (size_t i = 0; i < section->key_count; i++) {
        iw_nearest_offer(&nearest, name, section->keys[i].name);
        if (!iw_str_eq(name, iw_str_from(section->keys[i].name)))
            continue;
        if (p->keys_seen & 1u << i)
            return iw_fail(p->diag, IW_ERR_SYNTAX, line, 0, "\"%s\" stands twice in its section",
                           section->keys[i].name);
        p->keys_seen |= 1u << i;
        return section->keys[i].fn ? section->keys[i].fn(p, value, line)
                                   : set_flag(p, section->keys[i].flag_at, value, line);
    }
    return iw_fail(p->diag, IW_ERR_UNKNOWN_NAME, line, 0, "no key \"%.*s\" is known in [%s]%s%s%s",
                   IW_STR_ARGS(iw_str_sub(name, 0, 60)), section->name, nearest.name ? "; did you mean \"" : "",
                   nearest.name ? nearest.name : "", nearest.name ? "\"?" : "");
}

static enum iw_err on_key(void *user, const char *section, const char *key, const char *value, unsigned line,
                          struct iw_diag *diag)
{
    (void)diag;
    struct iw_parsing *p = user;
    enum iw_err err = begin_sections(p, line);
    if (err != IW_OK)
        return err;
    struct iw_str name = iw_str_from(section);
    if (p->section_count == 0 || !iw_str_eq(name, p->sections[p->section_count - 1]))
        return iw_fail(p->diag, IW_ERR_SYNTAX, line, 0, "\"%.60s\" stands in no section", key);
    const struct iw_profile_section *at = is_of_tokens(name) ? &token_section : &limit_section;
    for (size_t i = 0; i < IW_ARRAY_LEN(plain_sections); i++)
        if (iw_str_eq(name, iw_str_from(plain_sections[i]->name)))
            at = plain_sections[i];
    return set_key(p, at, iw_str_from(key), iw_str_trim(iw_str_from(value)), line);
}

/* What can only be seen at the end. */
static enum iw_err finish(struct iw_parsing *p)
{
    struct iw_profile *profile = p->profile;
    enum iw_err err = begin_sections(p, UINT32_MAX);
    if (err == IW_OK)
        err = end_section(p);
    if (err != IW_OK)
        return err;
    if (!profile->name)
        return iw_fail(p->diag, IW_ERR_SYNTAX, 0, 0, "the profile has no name");
    if (p->warned_count && !profile->format_count)
        return iw_fail(p->diag, IW_ERR_SYNTAX, 0, 0, "formats_warned without formats");
    if (profile->agent && !profile->obeys_robots)
        return iw_fail(p->diag, IW_ERR_SYNTAX, 0, 0, "agent without obeys_robots");
    for (size_t i = 0; i < p->warned_count; i++)
        profile->formats[profile->format_count++] = p->warned[i];
    profile->warned_format_count = p->warned_count;
    profile->title = profile->title ? profile->title : profile->name;
    return IW_OK;
}

enum iw_err iw_profile_parse(struct iw_arena *arena, struct iw_str text, const char *name_hint, struct iw_profile *out,
                             struct iw_diag *diag)
{
    struct iw_profile *profile = iw_arena_zalloc(arena, sizeof *profile);
    struct iw_parsing *parsing = iw_arena_zalloc(arena, sizeof *parsing);
    if (!profile || !parsing)
        return IW_ERR_NOMEM;
    profile->url_supported = true;
    text = text.ptr ? text : IW_STR("");
    bool has_mark = iw_str_starts(text, IW_STR("\xEF\xBB\xBF"));
    *parsing = (struct iw_parsing){
        .arena = arena, .profile = profile, .diag = diag, .rest = iw_str_skip(text, has_mark ? 3 : 0)};
    if (name_hint)
        iw_diag_at(diag, name_hint);
    enum iw_err err = iw_ini_parse(text, on_key, parsing, diag);
    if (err == IW_OK)
        err = finish(parsing);
    if (err != IW_OK)
        return err;
    if (name_hint)
        iw_diag_at(diag, ""); /* what fails next is none of the profile's */
    *out = *profile;
    return IW_OK;
}
