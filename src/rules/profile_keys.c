/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The keys of a profile's section [profile]. */
#include "base/iw.h"
#include "rules/parsing.h"

#include "base/parse.h"

#include <stddef.h>

static enum iw_err set_name(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return iw_parsing_bad(p, line, "a name of a-z, 0-9 and -", value);
    }
    return value.len ? iw_parsing_keep(p, value, &p->profile->name) : iw_parsing_bad(p, line, "a name", value);
}

static enum iw_err set_title(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    (void)line;
    return iw_parsing_keep(p, value, &p->profile->title);
}

static enum iw_err set_checked(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    bool ok = value.len == 10;
    for (size_t i = 0; ok && i < 10; i++)
        ok = i == 4 || i == 7 ? value.ptr[i] == '-' : value.ptr[i] >= '0' && value.ptr[i] <= '9';
    return ok ? iw_parsing_keep(p, value, &p->profile->checked)
              : iw_parsing_bad(p, line, "a date as 2026-11-23", value);
}

static enum iw_err set_note(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    (void)line;
    return iw_parsing_keep(p, value, &p->profile->note);
}

static enum iw_err add_formats(struct iw_parsing *p, struct iw_str value, unsigned line, const char **list, size_t max,
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
            return iw_parsing_bad(p, line, "fewer formats", word);
        list[(*count)++] = name;
    }
    return *count ? IW_OK : iw_parsing_bad(p, line, "names of formats", value);
}

static enum iw_err set_formats(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    return add_formats(p, value, line, p->profile->formats, IW_PROFILE_MAX_FORMATS - IW_PARSING_MAX_WARNED,
                       &p->profile->format_count);
}

static enum iw_err set_formats_warned(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    return add_formats(p, value, line, p->warned, IW_PARSING_MAX_WARNED, &p->warned_count);
}

static enum iw_err set_animation(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    p->profile->has_animation = true;
    if (iw_str_eq(value, IW_STR("first-frame"))) {
        p->profile->animation_effect = IW_FIRST_FRAME;
        return IW_OK;
    }
    return iw_parse_bool(value, &p->profile->animation) == IW_OK
               ? IW_OK
               : iw_parsing_bad(p, line, "yes, no or first-frame", value);
}

static enum iw_err set_colours(struct iw_parsing *p, struct iw_str value, unsigned line)
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
            return iw_parsing_bad(p, line, "grey, rgb, palette, ycbcr or cmyk", word);
    }
    return p->profile->has_colours ? IW_OK : iw_parsing_bad(p, line, "names of colour modes", value);
}

static enum iw_err set_bit_depth(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    uint64_t bits;
    if (iw_parse_u64(value, &bits) != IW_OK || bits < 1 || bits > 32)
        return iw_parsing_bad(p, line, "1 to 32 bits", value);
    p->profile->max_bit_depth = (unsigned)bits;
    return IW_OK;
}

static enum iw_err set_agent(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && c != '-' && c != '_')
            return iw_parsing_bad(p, line, "a product token of letters, - and _ (RFC 9309)", value);
    }
    return value.len ? iw_parsing_keep(p, value, &p->profile->agent)
                     : iw_parsing_bad(p, line, "a product token", value);
}

static enum iw_err set_meta_source(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    (void)line;
    return iw_parsing_keep(p, value, &p->profile->meta_source);
}

static enum iw_err set_meta_confidence(struct iw_parsing *p, struct iw_str value, unsigned line)
{
    return iw_parsing_confidence(p, value, line, &p->profile->meta_confidence);
}

static const struct iw_profile_key keys[] = {
    {"name", set_name, 0},
    {"title", set_title, 0},
    {"checked", set_checked, 0},
    {"note", set_note, 0},
    {"formats", set_formats, 0},
    {"formats_warned", set_formats_warned, 0},
    {"animation", set_animation, 0},
    {"colours", set_colours, 0},
    {"max_bit_depth", set_bit_depth, 0},
    {"type_must_match", NULL, offsetof(struct iw_profile, type_must_match)},
    {"label_must_match", NULL, offsetof(struct iw_profile, label_must_match)},
    {"url_supported", NULL, offsetof(struct iw_profile, url_supported)},
    {"requires_https", NULL, offsetof(struct iw_profile, requires_https)},
    {"obeys_robots", NULL, offsetof(struct iw_profile, obeys_robots)},
    {"agent", set_agent, 0},
    {"one_model", NULL, offsetof(struct iw_profile, one_model)},
    {"source", set_meta_source, 0},
    {"confidence", set_meta_confidence, 0},
};
const struct iw_profile_section iw_profile_section = {"profile", keys, IW_ARRAY_LEN(keys)};
