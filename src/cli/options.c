/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* One parser for every option: a row says of which kind it is and where its value goes. */
#include "base/iw.h"
#include "cli/options.h"

#include "base/names.h"
#include "base/parse.h"

#include <stdio.h>

#define G 1
const struct iw_option iw_options_table[] = {
#define IW_OPTION(name, letter, kind, field, least, most, group, value, help, guarded)                                 \
    {name, letter, IW_OPT_##kind, offsetof(struct iw_options, field), least, most, #group, value, help, guarded},
#include "cli/options.def"
#undef IW_OPTION
};
#undef G
const size_t iw_options_count = IW_ARRAY_LEN(iw_options_table);
_Static_assert(IW_ARRAY_LEN(iw_options_table) <= IW_OPTIONS_MAX, "a place for the origin of each");

void iw_settings_init(struct iw_settings *settings)
{
    memset(settings, 0, sizeof *settings);
    iw_arena_init(&settings->arena, 16u << 20);
    struct iw_options *o = &settings->options;
    iw_audit_policy_default(&o->audit);
    o->profiles = "openai";
    o->top = 10;
    o->verbose = 0;
    for (size_t i = 0; i < iw_options_count; i++)
        (void)snprintf(settings->origin[i], sizeof settings->origin[i], "default");
}

void iw_settings_release(struct iw_settings *settings)
{
    iw_arena_release(&settings->arena);
}

/* ---- one value ---- */

static void *field_of(struct iw_settings *settings, const struct iw_option *option)
{
    return (char *)&settings->options + option->offset;
}

static enum iw_err wrong(struct iw_diag *diag, const struct iw_option *option, const char *expected, const char *found)
{
    return iw_fail(diag, IW_ERR_USAGE, diag ? diag->line : 0, 0, "--%s: expected %s, found \"%.80s\"", option->name,
                   expected, found);
}

static enum iw_err set_number(struct iw_settings *settings, const struct iw_option *option, const char *text,
                              struct iw_diag *diag)
{
    uint64_t value;
    bool is_time = option->kind == IW_OPT_DURATION;
    enum iw_err err = is_time ? iw_parse_duration(iw_str_from(text), &value) : iw_parse_u64(iw_str_from(text), &value);
    char expected[96];
    (void)snprintf(expected, sizeof expected, is_time ? "a time as 20s, %llu to %llu ms" : "a number of %llu to %llu",
                   (unsigned long long)option->least, (unsigned long long)option->most);
    if (err != IW_OK || value < option->least || value > option->most)
        return wrong(diag, option, expected, text);
    if (is_time)
        *(uint64_t *)field_of(settings, option) = value;
    else
        *(unsigned *)field_of(settings, option) = (unsigned)value;
    return IW_OK;
}

static enum iw_err set_rate(struct iw_settings *settings, const struct iw_option *option, const char *text,
                            struct iw_diag *diag)
{
    uint64_t gap_us;
    if (iw_parse_rate(iw_str_from(text), &gap_us) != IW_OK || gap_us < option->least || gap_us > option->most)
        return wrong(diag, option, "a rate as 10/s or 30/m", text);
    *(uint64_t *)field_of(settings, option) = gap_us;
    return IW_OK;
}

static enum iw_err set_size(struct iw_settings *settings, const struct iw_option *option, const char *text,
                            struct iw_diag *diag)
{
    uint64_t value;
    char expected[96];
    (void)snprintf(expected, sizeof expected, "a size as 1MiB, %llu to %llu bytes", (unsigned long long)option->least,
                   (unsigned long long)option->most);
    if (iw_parse_size(iw_str_from(text), &value) != IW_OK || value < option->least || value > option->most)
        return wrong(diag, option, expected, text);
    *(uint64_t *)field_of(settings, option) = value;
    return IW_OK;
}

static enum iw_err set_choice(struct iw_settings *settings, const struct iw_option *option, const char *text,
                              struct iw_diag *diag)
{
    struct iw_str rest = iw_str_from(option->value), word;
    for (int i = 0; iw_str_next(&rest, '|', &word); i++) {
        if (!iw_str_eq(word, iw_str_from(text)))
            continue;
        memcpy(field_of(settings, option), &i, sizeof i);
        return IW_OK;
    }
    char expected[96];
    (void)snprintf(expected, sizeof expected, "one of %s", option->value);
    return wrong(diag, option, expected, text);
}

static enum iw_err add_item(struct iw_settings *settings, const struct iw_option *option, struct iw_str text, int layer,
                            struct iw_diag *diag)
{
    struct iw_option_list *list = field_of(settings, option);
    if (list->layer != layer)
        list->count = 0;
    list->layer = layer;
    if (list->count == IW_OPTION_LIST_MAX)
        return iw_fail(diag, IW_ERR_USAGE, 0, 0, "--%s is given more than %d times", option->name, IW_OPTION_LIST_MAX);
    const char *copy = iw_arena_str(&settings->arena, text).ptr;
    if (!copy)
        return IW_ERR_NOMEM;
    list->items[list->count++] = copy;
    return IW_OK;
}

/* "--max-side 2048" is "--limit max_side_px=2048". */
static enum iw_err add_limit(struct iw_settings *settings, const struct iw_option *option, const char *text, int layer,
                             struct iw_diag *diag)
{
    char key[32];
    (void)snprintf(key, sizeof key, "%s", option->name);
    for (char *c = key; *c; c++)
        *c = *c == '-' ? '_' : *c;
    bool is_px = strcmp(option->value, "PX") == 0;
    struct iw_str assignment = iw_arena_printf(&settings->arena, "%s%s=%s", key, is_px ? "_px" : "", text);
    return assignment.ptr ? add_item(settings, option, assignment, layer, diag) : IW_ERR_NOMEM;
}

static enum iw_err set_flag(struct iw_settings *settings, const struct iw_option *option, const char *text,
                            bool is_negated, struct iw_diag *diag)
{
    bool value = true;
    if (text && iw_parse_bool(iw_str_from(text), &value) != IW_OK)
        return wrong(diag, option, "yes or no", text);
    *(bool *)field_of(settings, option) = value != is_negated;
    return IW_OK;
}

/* "yes" and "no" are what a settings file says of a switch. */
static enum iw_err set_maybe(struct iw_settings *settings, const struct iw_option *option, const char *text,
                             bool is_negated)
{
    bool is_on = true;
    bool is_word = text && iw_parse_bool(iw_str_from(text), &is_on) == IW_OK;
    struct iw_str copy = iw_arena_str(&settings->arena, iw_str_from(text && !is_word ? text : ""));
    if (!copy.ptr)
        return IW_ERR_NOMEM;
    *(const char **)field_of(settings, option) = is_on != is_negated ? copy.ptr : NULL;
    return IW_OK;
}

static enum iw_err set_value(struct iw_settings *settings, const struct iw_option *option, const char *text,
                             bool is_negated, int layer, struct iw_diag *diag)
{
    struct iw_str copy;
    switch (option->kind) {
    case IW_OPT_FLAG:
        return set_flag(settings, option, text, is_negated, diag);
    case IW_OPT_COUNT:
        ++*(unsigned *)field_of(settings, option);
        return IW_OK;
    case IW_OPT_UINT:
    case IW_OPT_DURATION:
        return set_number(settings, option, text, diag);
    case IW_OPT_RATE:
        return set_rate(settings, option, text, diag);
    case IW_OPT_SIZE:
        return set_size(settings, option, text, diag);
    case IW_OPT_CHOICE:
        return set_choice(settings, option, text, diag);
    case IW_OPT_LIST:
        return add_item(settings, option, iw_str_from(text), layer, diag);
    case IW_OPT_LIMIT:
        return add_limit(settings, option, text, layer, diag);
    case IW_OPT_MAYBE:
        return set_maybe(settings, option, text, is_negated);
    case IW_OPT_STRING:
        copy = iw_arena_str(&settings->arena, iw_str_from(text));
        if (!copy.ptr)
            return IW_ERR_NOMEM;
        *(const char **)field_of(settings, option) = copy.ptr;
        return IW_OK;
    }
    return IW_ERR_INTERNAL;
}

enum iw_err iw_settings_set(struct iw_settings *settings, const struct iw_option *option, const char *text,
                            bool is_negated, int layer, const char *origin, struct iw_diag *diag)
{
    enum iw_err err = set_value(settings, option, text, is_negated, layer, diag);
    size_t i = (size_t)(option - iw_options_table);
    if (err == IW_OK)
        (void)snprintf(settings->origin[i], sizeof settings->origin[i], "%s", origin);
    return err;
}

/* ---- names ---- */

const struct iw_option *iw_option_find(struct iw_str name, bool *out_negated, struct iw_diag *diag)
{
    struct iw_nearest nearest = {0};
    struct iw_str positive = iw_str_starts(name, IW_STR("no-")) ? iw_str_skip(name, 3) : IW_STR_NONE;
    for (size_t i = 0; i < iw_options_count; i++) {
        const struct iw_option *option = &iw_options_table[i];
        struct iw_str candidate = iw_str_from(option->name);
        bool is_switch = option->kind == IW_OPT_FLAG || option->kind == IW_OPT_MAYBE;
        *out_negated = is_switch && positive.len && iw_str_eq(candidate, positive);
        if (*out_negated || iw_str_eq(candidate, name))
            return option;
        iw_nearest_offer(&nearest, name, option->name);
    }
    (void)iw_fail(diag, IW_ERR_USAGE, diag ? diag->line : 0, 0, "unknown option --%.*s%s%s%s",
                  IW_STR_ARGS(iw_str_sub(name, 0, 80)), nearest.name ? "; did you mean --" : "",
                  nearest.name ? nearest.name : "", nearest.name ? "?" : "");
    return NULL;
}

static bool takes_value(const struct iw_option *option)
{
    return option->kind != IW_OPT_FLAG && option->kind != IW_OPT_COUNT && option->kind != IW_OPT_MAYBE;
}

/* A value that may be left out stands behind "=", or is a word that nobody takes for an input. */
static bool is_value(const char *word)
{
    return word && iw_str_ends_nocase(iw_str_from(word), IW_STR(".db"));
}

/* ---- arguments ---- */

struct arguments {
    struct iw_settings *settings;
    int argc, at, kept;
    char **argv;
    struct iw_diag *diag;
};

static enum iw_err set_argument(struct arguments *a, const struct iw_option *option, const char *text, bool is_negated)
{
    return iw_settings_set(a->settings, option, text, is_negated, IW_LAYER_FLAG, "command line", a->diag);
}

static enum iw_err long_option(struct arguments *a, const char *word)
{
    struct iw_str whole = iw_str_from(word);
    size_t equals = iw_str_find(whole, '=');
    bool has_value = equals < whole.len, is_negated;
    const struct iw_option *option = iw_option_find(iw_str_sub(whole, 0, equals), &is_negated, a->diag);
    if (!option)
        return IW_ERR_USAGE;
    const char *text = has_value ? word + equals + 1 : NULL;
    bool may_have = option->kind == IW_OPT_MAYBE && !is_negated;
    if (may_have && !has_value && a->at + 1 < a->argc && is_value(a->argv[a->at + 1]))
        text = a->argv[++a->at];
    if (!takes_value(option) && has_value && !may_have)
        return iw_fail(a->diag, IW_ERR_USAGE, 0, 0, "--%s takes no value", option->name);
    if (takes_value(option) && !has_value) {
        if (a->at + 1 >= a->argc)
            return iw_fail(a->diag, IW_ERR_USAGE, 0, 0, "--%s needs a value: %s", option->name, option->value);
        text = a->argv[++a->at];
    }
    return set_argument(a, option, text, is_negated);
}

/* "-qv", "-j64", "-j 64". */
static enum iw_err short_options(struct arguments *a, const char *letters)
{
    for (; *letters; letters++) {
        const struct iw_option *option = NULL;
        for (size_t i = 0; i < iw_options_count && !option; i++)
            if (iw_options_table[i].letter == *letters)
                option = &iw_options_table[i];
        if (!option)
            return iw_fail(a->diag, IW_ERR_USAGE, 0, 0, "unknown option -%c; imgweigh --help lists all", *letters);
        if (!takes_value(option)) {
            enum iw_err err = set_argument(a, option, NULL, false);
            if (err != IW_OK)
                return err;
            continue;
        }
        const char *text = letters[1] ? letters + 1 : a->at + 1 < a->argc ? a->argv[++a->at] : NULL;
        if (!text)
            return iw_fail(a->diag, IW_ERR_USAGE, 0, 0, "-%c needs a value: %s", *letters, option->value);
        return set_argument(a, option, text, false);
    }
    return IW_OK;
}

enum iw_err iw_settings_arguments(struct iw_settings *settings, int argc, char **argv, int *out_count,
                                  struct iw_diag *diag)
{
    struct arguments a = {settings, argc, 0, 0, argv, diag};
    bool has_ended = false;
    for (; a.at < argc; a.at++) {
        char *word = argv[a.at];
        enum iw_err err = IW_OK;
        if (has_ended || word[0] != '-' || word[1] == '\0')
            argv[a.kept++] = word;
        else if (strcmp(word, "--") == 0)
            has_ended = true;
        else if (word[1] == '-')
            err = long_option(&a, word + 2);
        else
            err = short_options(&a, word + 1);
        if (err != IW_OK)
            return err;
    }
    *out_count = a.kept;
    return IW_OK;
}

/* ---- showing ---- */

/* By the shortest period of which it is a whole number, as near as a gap in microseconds can tell. */
static void print_rate(uint64_t gap_us, struct iw_buf *out)
{
    static const uint64_t periods_us[] = {1000000, 60000000, 3600000000};
    for (size_t i = 0; gap_us && i < IW_ARRAY_LEN(periods_us); i++) {
        uint64_t count = periods_us[i] / gap_us;
        if (count == 0 || periods_us[i] - count * gap_us > count)
            continue;
        iw_buf_printf(out, "%llu/%c", (unsigned long long)count, "smh"[i]);
        return;
    }
}

static void print_value(const struct iw_options *options, const struct iw_option *option, struct iw_buf *out)
{
    const char *field = (const char *)options + option->offset;
    struct iw_str rest = iw_str_from(option->value), word = IW_STR_NONE;
    const struct iw_option_list *list;
    int choice;
    switch (option->kind) {
    case IW_OPT_FLAG:
        iw_buf_printf(out, "%s", *(const bool *)field ? "yes" : "no");
        break;
    case IW_OPT_COUNT:
    case IW_OPT_UINT:
        iw_buf_printf(out, "%u", *(const unsigned *)(const void *)field);
        break;
    case IW_OPT_DURATION:
        iw_buf_printf(out, "%llums", (unsigned long long)*(const uint64_t *)(const void *)field);
        break;
    case IW_OPT_RATE:
        print_rate(*(const uint64_t *)(const void *)field, out);
        break;
    case IW_OPT_SIZE:
        iw_buf_printf(out, "%llu", (unsigned long long)*(const uint64_t *)(const void *)field);
        break;
    case IW_OPT_MAYBE:
        if (!*(const char *const *)(const void *)field)
            iw_buf_add_str(out, IW_STR("no"));
        else if (!**(const char *const *)(const void *)field)
            iw_buf_add_str(out, IW_STR("yes"));
        else
            iw_report_add_safe(out, iw_str_from(*(const char *const *)(const void *)field));
        break;
    case IW_OPT_STRING:
        if (*(const char *const *)(const void *)field)
            iw_report_add_safe(out, iw_str_from(*(const char *const *)(const void *)field));
        break;
    case IW_OPT_CHOICE:
        memcpy(&choice, field, sizeof choice);
        for (int i = 0; i <= choice && iw_str_next(&rest, '|', &word); i++)
            ;
        iw_buf_add_str(out, word);
        break;
    case IW_OPT_LIST:
        list = (const struct iw_option_list *)(const void *)field;
        for (size_t i = 0; i < list->count; i++) {
            iw_buf_add_str(out, i ? IW_STR(", ") : IW_STR(""));
            iw_report_add_safe(out, iw_str_from(list->items[i]));
        }
        break;
    case IW_OPT_LIMIT:
        break; /* shown as limit */
    }
}

void iw_settings_print(const struct iw_settings *settings, struct iw_buf *out)
{
    for (size_t i = 0; i < iw_options_count; i++) {
        const struct iw_option *option = &iw_options_table[i];
        if (strcmp(option->group, "OTHER") == 0 || option->kind == IW_OPT_LIMIT)
            continue;
        iw_buf_printf(out, "%s = ", option->name);
        print_value(&settings->options, option, out);
        iw_buf_printf(out, "    ; %s\n", settings->origin[i]);
    }
}
