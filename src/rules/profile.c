/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Profiles from INI text, as imgweigh-profile(5) describes. Strict: a key that is not known, a value without its
 * unit, a limit without a source are errors with their line, since a limit that is silently dropped is worse. The INI
 * reader tells of keys alone, so the lines of the sections are found here: an empty or repeated one is an error, too.
 */
#include "base/iw.h"
#include "rules/inside.h"

#include "base/ini.h"
#include "base/parse.h"

enum { MAX_SECTIONS = IW_PROFILE_MAX_LIMITS + 3, MAX_WARNED = 8 };

struct parsing {
    struct iw_arena *arena;
    struct iw_profile *profile;
    struct iw_diag *diag;
    struct iw_str rest;     /* of the text, behind the last section's header */
    unsigned line;          /* of that header; 0 before the first */
    struct iw_limit *limit; /* of the section now, or NULL */
    uint32_t keys_seen;     /* of the section now */
    struct iw_str sections[MAX_SECTIONS];
    size_t section_count;
    const char *warned[MAX_WARNED]; /* formats_warned: they go behind formats */
    size_t warned_count;
    unsigned tokens_source_line; /* 0: none */
    bool has_tokens_confidence;
};

typedef enum iw_err (*key_fn)(struct parsing *parsing, struct iw_str value, unsigned line);
struct key {
    const char *name;
    key_fn fn;
};

static enum iw_err bad(const struct parsing *p, unsigned line, const char *expected, struct iw_str value)
{
    return iw_fail(p->diag, IW_ERR_SYNTAX, line, 0, "expected %s, found \"%.*s\"", expected,
                   IW_STR_ARGS(iw_str_sub(value, 0, 60)));
}

static enum iw_err keep(struct parsing *p, struct iw_str value, const char **out)
{
    *out = iw_arena_str(p->arena, value).ptr;
    return *out ? IW_OK : IW_ERR_NOMEM;
}

/* ---- [profile] ---- */

static enum iw_err set_name(struct parsing *p, struct iw_str value, unsigned line)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return bad(p, line, "a name of a-z, 0-9 and -", value);
    }
    return value.len ? keep(p, value, &p->profile->name) : bad(p, line, "a name", value);
}

static enum iw_err set_title(struct parsing *p, struct iw_str value, unsigned line)
{
    (void)line;
    return keep(p, value, &p->profile->title);
}

static enum iw_err set_checked(struct parsing *p, struct iw_str value, unsigned line)
{
    bool ok = value.len == 10;
    for (size_t i = 0; ok && i < 10; i++)
        ok = i == 4 || i == 7 ? value.ptr[i] == '-' : value.ptr[i] >= '0' && value.ptr[i] <= '9';
    return ok ? keep(p, value, &p->profile->checked) : bad(p, line, "a date as 2026-11-23", value);
}

static enum iw_err set_note(struct parsing *p, struct iw_str value, unsigned line)
{
    (void)line;
    return keep(p, value, &p->profile->note);
}

static enum iw_err add_formats(struct parsing *p, struct iw_str value, unsigned line, const char **list, size_t max,
                               size_t *count)
{
    struct iw_str rest = value, word;
    while (iw_str_next(&rest, ' ', &word)) {
        if (word.len == 0)
            continue;
        struct iw_nearest nearest = {0};
        const char *name = iw_format_name(word, &nearest);
        if (!name)
            return iw_fail(p->diag, IW_ERR_UNKNOWN_NAME, line, 0, "\"%.*s\" is no image format%s%s%s",
                           IW_STR_ARGS(iw_str_sub(word, 0, 60)), nearest.name ? "; did you mean \"" : "",
                           nearest.name ? nearest.name : "", nearest.name ? "\"?" : "");
        if (iw_format_is_among(list, *count, name))
            continue;
        if (*count == max)
            return bad(p, line, "fewer formats", word);
        list[(*count)++] = name;
    }
    return *count ? IW_OK : bad(p, line, "names of formats", value);
}

static enum iw_err set_formats(struct parsing *p, struct iw_str value, unsigned line)
{
    return add_formats(p, value, line, p->profile->formats, IW_PROFILE_MAX_FORMATS - MAX_WARNED,
                       &p->profile->format_count);
}

static enum iw_err set_formats_warned(struct parsing *p, struct iw_str value, unsigned line)
{
    return add_formats(p, value, line, p->warned, MAX_WARNED, &p->warned_count);
}

static enum iw_err set_animation(struct parsing *p, struct iw_str value, unsigned line)
{
    p->profile->has_animation = true;
    if (iw_str_eq(value, IW_STR("first-frame"))) {
        p->profile->animation_effect = IW_FIRST_FRAME;
        return IW_OK;
    }
    return iw_parse_bool(value, &p->profile->animation) == IW_OK ? IW_OK
                                                                 : bad(p, line, "yes, no or first-frame", value);
}

static enum iw_err set_colours(struct parsing *p, struct iw_str value, unsigned line)
{
    static const struct {
        const char *name;
        enum iw_colour colour;
    } names[] = {{"grey", IW_COLOUR_GREY},
                 {"rgb", IW_COLOUR_RGB},
                 {"palette", IW_COLOUR_PALETTE},
                 {"ycbcr", IW_COLOUR_YCBCR},
                 {"cmyk", IW_COLOUR_CMYK}};
    struct iw_str rest = value, word;
    while (iw_str_next(&rest, ' ', &word)) {
        bool found = word.len == 0;
        for (size_t i = 0; i < IW_ARRAY_LEN(names); i++) {
            if (!iw_str_eq(word, iw_str_from(names[i].name)))
                continue;
            p->profile->colour_ok[names[i].colour] = p->profile->has_colours = true;
            found = true;
        }
        if (!found)
            return bad(p, line, "grey, rgb, palette, ycbcr or cmyk", word);
    }
    return p->profile->has_colours ? IW_OK : bad(p, line, "names of colour modes", value);
}

static enum iw_err set_bit_depth(struct parsing *p, struct iw_str value, unsigned line)
{
    uint64_t bits;
    if (iw_parse_u64(value, &bits) != IW_OK || bits < 1 || bits > 32)
        return bad(p, line, "1 to 32 bits", value);
    p->profile->max_bit_depth = (unsigned)bits;
    return IW_OK;
}

static enum iw_err set_type_must_match(struct parsing *p, struct iw_str value, unsigned line)
{
    return iw_parse_bool(value, &p->profile->type_must_match) == IW_OK ? IW_OK : bad(p, line, "yes or no", value);
}

static enum iw_err set_url_supported(struct parsing *p, struct iw_str value, unsigned line)
{
    return iw_parse_bool(value, &p->profile->url_supported) == IW_OK ? IW_OK : bad(p, line, "yes or no", value);
}

static enum iw_err set_meta_source(struct parsing *p, struct iw_str value, unsigned line)
{
    (void)line;
    return keep(p, value, &p->profile->meta_source);
}

static enum iw_err confidence(struct parsing *p, struct iw_str value, unsigned line, enum iw_confidence *out)
{
    for (int i = IW_OFFICIAL; i <= IW_DERIVED; i++) {
        if (!iw_str_eq(value, iw_str_from(iw_confidence_name((enum iw_confidence)i))))
            continue;
        *out = (enum iw_confidence)i;
        return IW_OK;
    }
    return bad(p, line, "official, mirror, sdk, measured, third-party, contradicted or derived", value);
}

static enum iw_err set_meta_confidence(struct parsing *p, struct iw_str value, unsigned line)
{
    return confidence(p, value, line, &p->profile->meta_confidence);
}

static const struct key profile_keys[] = {
    {"name", set_name},
    {"title", set_title},
    {"checked", set_checked},
    {"note", set_note},
    {"formats", set_formats},
    {"formats_warned", set_formats_warned},
    {"animation", set_animation},
    {"colours", set_colours},
    {"max_bit_depth", set_bit_depth},
    {"type_must_match", set_type_must_match},
    {"url_supported", set_url_supported},
    {"source", set_meta_source},
    {"confidence", set_meta_confidence},
};

/* ---- [limit KEY] ---- */

static enum iw_err set_value(struct parsing *p, struct iw_str value, unsigned line)
{
    p->limit->has_value = true;
    enum iw_unit unit = iw_limit_keys[p->limit->id].unit;
    return iw_limit_value(unit, value, &p->limit->value) == IW_OK ? IW_OK : bad(p, line, iw_unit_name(unit), value);
}

static enum iw_err set_warn(struct parsing *p, struct iw_str value, unsigned line)
{
    p->limit->has_warn = true;
    enum iw_unit unit = iw_limit_keys[p->limit->id].unit;
    return iw_limit_value(unit, value, &p->limit->warn) == IW_OK ? IW_OK : bad(p, line, iw_unit_name(unit), value);
}

static enum iw_err set_effect(struct parsing *p, struct iw_str value, unsigned line)
{
    for (int i = IW_REFUSED; i <= IW_WARNED; i++) {
        if (!iw_str_eq(value, iw_str_from(iw_effect_name((enum iw_effect)i))))
            continue;
        p->limit->effect = (enum iw_effect)i;
        return IW_OK;
    }
    return bad(p, line, "refused, downscaled, first-frame or warned", value);
}

static enum iw_err set_when(struct parsing *p, struct iw_str value, unsigned line)
{
    return iw_when_parse(value, &p->limit->when, line, p->diag);
}

static enum iw_err set_source(struct parsing *p, struct iw_str value, unsigned line)
{
    return value.len ? keep(p, value, &p->limit->source) : bad(p, line, "a source", value);
}

static enum iw_err set_confidence(struct parsing *p, struct iw_str value, unsigned line)
{
    return confidence(p, value, line, &p->limit->confidence);
}

static enum iw_err set_limit_note(struct parsing *p, struct iw_str value, unsigned line)
{
    (void)line;
    return keep(p, value, &p->limit->note);
}

/* The places of source and confidence in limit_keys: a limit must have both. */
enum { KEY_SOURCE, KEY_CONFIDENCE };

static const struct key limit_keys[] = {
    [KEY_SOURCE] = {"source", set_source},
    [KEY_CONFIDENCE] = {"confidence", set_confidence},
    {"value", set_value},
    {"warn", set_warn},
    {"effect", set_effect},
    {"when", set_when},
    {"note", set_limit_note},
};

/* ---- [target], [tokens] ---- */

static enum iw_err set_fit(struct parsing *p, struct iw_str value, unsigned line)
{
    p->profile->target.is_set = true;
    if (iw_parse_box(value, &p->profile->target.fit_width_px, &p->profile->target.fit_height_px) != IW_OK)
        return bad(p, line, "a box as 1280x960", value);
    return IW_OK;
}

static enum iw_err set_target_format(struct parsing *p, struct iw_str value, unsigned line)
{
    (void)line;
    return keep(p, value, &p->profile->target.format);
}

static enum iw_err set_quality(struct parsing *p, struct iw_str value, unsigned line)
{
    uint64_t quality;
    if (iw_parse_u64(value, &quality) != IW_OK || quality < 1 || quality > 100)
        return bad(p, line, "a quality of 1 to 100", value);
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

static enum iw_err set_background(struct parsing *p, struct iw_str value, unsigned line)
{
    uint32_t rgb = 0;
    bool is_good = value.len == 7 && value.ptr[0] == '#';
    for (size_t i = 1; is_good && i < 7; i++) {
        int digit = hex_digit(value.ptr[i]);
        is_good = digit >= 0;
        rgb = rgb << 4 | (uint32_t)(digit & 15);
    }
    if (!is_good)
        return bad(p, line, "a colour as #ffffff", value);
    p->profile->target.background_rgb = rgb;
    return IW_OK;
}

static enum iw_err set_formula(struct parsing *p, struct iw_str value, unsigned line)
{
    return iw_tokens_parse(p->arena, value, line, &p->profile->tokens[IW_DETAIL_AUTO], p->diag);
}

static enum iw_err set_formula_low(struct parsing *p, struct iw_str value, unsigned line)
{
    return iw_tokens_parse(p->arena, value, line, &p->profile->tokens[IW_DETAIL_LOW], p->diag);
}

static enum iw_err set_formula_high(struct parsing *p, struct iw_str value, unsigned line)
{
    return iw_tokens_parse(p->arena, value, line, &p->profile->tokens[IW_DETAIL_HIGH], p->diag);
}

static enum iw_err set_formula_original(struct parsing *p, struct iw_str value, unsigned line)
{
    return iw_tokens_parse(p->arena, value, line, &p->profile->tokens[IW_DETAIL_ORIGINAL], p->diag);
}

static enum iw_err set_tokens_source(struct parsing *p, struct iw_str value, unsigned line)
{
    p->tokens_source_line = line;
    return value.len ? keep(p, value, &p->profile->tokens_source) : bad(p, line, "a source", value);
}

static enum iw_err set_tokens_confidence(struct parsing *p, struct iw_str value, unsigned line)
{
    p->has_tokens_confidence = true;
    return confidence(p, value, line, &p->profile->tokens_confidence);
}

static enum iw_err set_tokens_note(struct parsing *p, struct iw_str value, unsigned line)
{
    (void)line;
    return keep(p, value, &p->profile->tokens_note);
}

static const struct key target_keys[] = {
    {"fit", set_fit}, {"format", set_target_format}, {"quality", set_quality}, {"background", set_background}};
static const struct key token_keys[] = {
    {"formula", set_formula},           {"formula_low", set_formula_low},
    {"formula_high", set_formula_high}, {"formula_original", set_formula_original},
    {"source", set_tokens_source},      {"confidence", set_tokens_confidence},
    {"note", set_tokens_note},
};

/* ---- sections ---- */

static const struct section {
    const char *name;
    const struct key *keys;
    size_t key_count;
} sections[] = {
    {"profile", profile_keys, IW_ARRAY_LEN(profile_keys)},
    {"target", target_keys, IW_ARRAY_LEN(target_keys)},
    {"tokens", token_keys, IW_ARRAY_LEN(token_keys)},
};
static const struct section limit_section = {"limit", limit_keys, IW_ARRAY_LEN(limit_keys)};

/* A limit section is over: it must say what it limits and who says so. */
static enum iw_err end_limit(struct parsing *p)
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

/* words: "max_bytes", or with a label "max_bytes inline". */
static enum iw_err begin_limit(struct parsing *p, struct iw_str words)
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

static enum iw_err begin_section(struct parsing *p, struct iw_str name)
{
    p->keys_seen = 0;
    for (size_t i = 0; i < p->section_count; i++)
        if (iw_str_eq(p->sections[i], name))
            return iw_fail(p->diag, IW_ERR_SYNTAX, p->line, 0, "section [%.*s] stands twice", IW_STR_ARGS(name));
    if (p->section_count == MAX_SECTIONS)
        return iw_fail(p->diag, IW_ERR_RANGE, p->line, 0, "more than %d sections", (int)MAX_SECTIONS);
    p->sections[p->section_count++] = name;
    if (iw_str_starts(name, IW_STR("limit ")))
        return begin_limit(p, iw_str_trim(iw_str_skip(name, 6)));
    struct iw_nearest nearest = {0};
    for (size_t i = 0; i < IW_ARRAY_LEN(sections); i++) {
        if (iw_str_eq(name, iw_str_from(sections[i].name)))
            return IW_OK;
        iw_nearest_offer(&nearest, name, sections[i].name);
    }
    iw_nearest_offer(&nearest, iw_str_sub(name, 0, iw_str_find(name, ' ')), limit_section.name);
    const char *end = nearest.name == limit_section.name ? " KEY]?" : nearest.name ? "]?" : "";
    return iw_fail(p->diag, IW_ERR_UNKNOWN_NAME, p->line, 0, "no section [%.*s] is known%s%s%s",
                   IW_STR_ARGS(iw_str_sub(name, 0, 60)), nearest.name ? "; did you mean [" : "",
                   nearest.name ? nearest.name : "", end);
}

/* Begins all sections whose header stands before the line end: each is seen once, empty ones as well. */
static enum iw_err begin_sections(struct parsing *p, unsigned end)
{
    struct iw_str text, after = p->rest;
    unsigned line = p->line;
    while (line + 1 < end && iw_str_next(&after, '\n', &text)) {
        line++;
        text = iw_str_trim(text);
        if (text.len == 0 || text.ptr[0] != '[')
            continue;
        enum iw_err err = end_limit(p);
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

static enum iw_err set_key(struct parsing *p, const struct section *section, struct iw_str name, struct iw_str value,
                           unsigned line)
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
        return section->keys[i].fn(p, value, line);
    }
    return iw_fail(p->diag, IW_ERR_UNKNOWN_NAME, line, 0, "no key \"%.*s\" is known in [%s]%s%s%s",
                   IW_STR_ARGS(iw_str_sub(name, 0, 60)), section->name, nearest.name ? "; did you mean \"" : "",
                   nearest.name ? nearest.name : "", nearest.name ? "\"?" : "");
}

static enum iw_err on_key(void *user, const char *section, const char *key, const char *value, unsigned line,
                          struct iw_diag *diag)
{
    (void)diag;
    struct parsing *p = user;
    enum iw_err err = begin_sections(p, line);
    if (err != IW_OK)
        return err;
    struct iw_str name = iw_str_from(section);
    if (p->section_count == 0 || !iw_str_eq(name, p->sections[p->section_count - 1]))
        return iw_fail(p->diag, IW_ERR_SYNTAX, line, 0, "\"%.60s\" stands in no section", key);
    const struct section *at = &limit_section;
    for (size_t i = 0; i < IW_ARRAY_LEN(sections); i++)
        if (iw_str_eq(name, iw_str_from(sections[i].name)))
            at = &sections[i];
    return set_key(p, at, iw_str_from(key), iw_str_trim(iw_str_from(value)), line);
}

/* What can only be seen at the end. */
static enum iw_err finish(struct parsing *p)
{
    struct iw_profile *profile = p->profile;
    enum iw_err err = begin_sections(p, UINT32_MAX);
    if (err == IW_OK)
        err = end_limit(p);
    if (err != IW_OK)
        return err;
    if (!profile->name)
        return iw_fail(p->diag, IW_ERR_SYNTAX, 0, 0, "the profile has no name");
    if (p->warned_count && !profile->format_count)
        return iw_fail(p->diag, IW_ERR_SYNTAX, 0, 0, "formats_warned without formats");
    if (p->tokens_source_line && !p->has_tokens_confidence)
        return iw_fail(p->diag, IW_ERR_SYNTAX, p->tokens_source_line, 0, "[tokens] has a source without a confidence");
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
    struct parsing *parsing = iw_arena_zalloc(arena, sizeof *parsing);
    if (!profile || !parsing)
        return IW_ERR_NOMEM;
    profile->url_supported = true;
    text = text.ptr ? text : IW_STR("");
    bool has_mark = iw_str_starts(text, IW_STR("\xEF\xBB\xBF"));
    *parsing =
        (struct parsing){.arena = arena, .profile = profile, .diag = diag, .rest = iw_str_skip(text, has_mark ? 3 : 0)};
    if (name_hint)
        iw_diag_at(diag, name_hint);
    enum iw_err err = iw_ini_parse(text, on_key, parsing, diag);
    if (err == IW_OK)
        err = finish(parsing);
    if (err != IW_OK)
        return err;
    *out = *profile;
    return IW_OK;
}
