/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Which profiles judge: found by name in --profile-dir, in the user's folder, in the installed one, else compiled in;
 * with the limits of the command line over each. */
#include "base/iw.h"
#include "cli/cli.h"

#include "base/mem.h"
#include "base/names.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef IW_DATADIR
#define IW_DATADIR "/usr/local/share/imgweigh"
#endif

enum { PROFILE_BYTES = 256 << 10 };

/* The text of DIR/NAME.ini in the arena; NONE when there is none. */
static struct iw_str read_profile(struct iw_arena *arena, const char *folder, struct iw_str name, char *path,
                                  size_t path_size)
{
    (void)snprintf(path, path_size, "%s/%.*s.ini", folder, IW_STR_ARGS(name));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *text = fd >= 0 ? iw_arena_alloc(arena, PROFILE_BYTES) : NULL;
    size_t len = 0;
    ssize_t got = 1;
    while (text && len < PROFILE_BYTES && (got = read(fd, text + len, PROFILE_BYTES - len)) > 0)
        len += (size_t)got;
    if (fd >= 0)
        close(fd);
    return text && got == 0 ? (struct iw_str){text, len} : IW_STR_NONE;
}

static enum iw_err no_such(struct iw_str name, struct iw_diag *diag)
{
    struct iw_nearest nearest = {0};
    for (size_t i = 0; i < iw_builtin_profile_count; i++)
        iw_nearest_offer(&nearest, name, iw_builtin_profiles[i].name);
    return iw_fail(diag, IW_ERR_UNKNOWN_NAME, 0, 0, "there is no profile \"%.*s\"%s%s%s; imgweigh profiles lists them",
                   IW_STR_ARGS(iw_str_sub(name, 0, 60)), nearest.name ? "; did you mean \"" : "",
                   nearest.name ? nearest.name : "", nearest.name ? "\"?" : "");
}

enum iw_err iw_profile_load(struct iw_settings *settings, struct iw_str name, struct iw_profile *out,
                            struct iw_diag *diag)
{
    char user[400] = "", path[700];
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (config && config[0] == '/')
        (void)snprintf(user, sizeof user, "%.300s/imgweigh/profiles", config);
    else if (home && home[0] == '/')
        (void)snprintf(user, sizeof user, "%.300s/.config/imgweigh/profiles", home);
    const char *folders[] = {settings->options.profile_dir, user[0] ? user : NULL, IW_DATADIR "/profiles"};
    bool is_name = iw_str_find(name, '/') == name.len && name.len > 0 && name.len < 100;
    for (size_t i = 0; is_name && i < IW_ARRAY_LEN(folders); i++) {
        struct iw_str text =
            folders[i] ? read_profile(&settings->arena, folders[i], name, path, sizeof path) : IW_STR_NONE;
        if (text.ptr)
            return iw_profile_parse(&settings->arena, text, path, out, diag);
    }
    for (size_t i = 0; i < iw_builtin_profile_count; i++) {
        const struct iw_builtin_profile *builtin = &iw_builtin_profiles[i];
        if (iw_str_eq(name, iw_str_from(builtin->name)))
            return iw_profile_parse(&settings->arena, (struct iw_str){builtin->text, builtin->len}, builtin->name, out,
                                    diag);
    }
    return no_such(name, diag);
}

static enum iw_err override(struct iw_settings *settings, struct iw_profile *profile, struct iw_diag *diag)
{
    const struct iw_options *options = &settings->options;
    enum iw_err err = IW_OK;
    for (size_t i = 0; i < options->limits.count && err == IW_OK; i++)
        err = iw_profile_override(&settings->arena, profile, iw_str_from(options->limits.items[i]), diag);
    if (err == IW_OK && options->formats)
        err = iw_profile_formats(&settings->arena, profile, iw_str_from(options->formats), diag);
    return err;
}

enum iw_err iw_profiles_choose(struct iw_settings *settings, struct iw_chosen *out, struct iw_diag *diag)
{
    struct iw_str rest = iw_str_from(settings->options.profiles), name;
    out->count = 0;
    while (iw_str_next(&rest, ',', &name)) {
        name = iw_str_trim(name);
        if (name.len == 0)
            continue;
        if (out->count == IW_CHOSEN_MAX)
            return iw_fail(diag, IW_ERR_USAGE, 0, 0, "more than %d profiles", IW_CHOSEN_MAX);
        struct iw_profile *profile = &out->profiles[out->count];
        enum iw_err err = IW_OK;
        if (iw_str_eq(name, IW_STR("none")))
            *profile =
                (struct iw_profile){.name = "limits", .title = "limits of the command line", .url_supported = true};
        else
            err = iw_profile_load(settings, name, profile, diag);
        if (err == IW_OK)
            err = override(settings, profile, diag);
        if (err != IW_OK)
            return err;
        out->list[out->count++] = profile;
    }
    return out->count ? IW_OK
                      : iw_fail(diag, IW_ERR_USAGE, 0, 0, "--profile names no profile; none stands for no limits");
}

static enum iw_err choose_source(struct iw_options *options, struct iw_diag *diag)
{
    if (!options->from)
        return IW_OK;
    struct iw_str name = iw_str_from(options->from);
    options->audit.from_image = iw_str_eq(name, IW_STR("image"));
    options->audit.from = iw_source_find(name);
    if (options->audit.from_image || options->audit.from)
        return IW_OK;
    return iw_fail(diag, IW_ERR_USAGE, 0, 0,
                   "--from: expected list, csv, sitemap, feed, robots, requests, html, css or image, found \"%.60s\"",
                   options->from);
}

static enum iw_err check_xpath(const char *expression, struct iw_diag *diag)
{
    struct iw_diag why = {0};
    if (iw_xpath_check(iw_str_from(expression), &why) == IW_OK)
        return IW_OK;
    return iw_fail(diag, IW_ERR_USAGE, 0, 0, "--xpath: at character %u: %.400s", why.column, why.text);
}

enum iw_err iw_policy_prepare(struct iw_settings *settings, struct iw_chosen *chosen, struct iw_scope **out_scope,
                              struct iw_diag *diag)
{
    struct iw_options *o = &settings->options;
    struct iw_audit_policy *policy = &o->audit;
    enum iw_err err = iw_profiles_choose(settings, chosen, diag);
    if (err == IW_OK)
        err = choose_source(o, diag);
    if (err == IW_OK && policy->reader.xpath)
        err = check_xpath(policy->reader.xpath, diag);
    if (err != IW_OK)
        return err;
    uint64_t most = 0;
    policy->probe.wants.details = policy->probe.wants.details || o->verbose;
    for (size_t i = 0; i < chosen->count; i++) {
        const struct iw_profile *profile = chosen->list[i];
        uint64_t limit = iw_profile_byte_limit(profile);
        policy->probe.profile_wants_dims = policy->probe.profile_wants_dims || iw_profile_wants_header(profile);
        policy->probe.wants.animation = policy->probe.wants.animation || iw_profile_wants_animation(profile);
        policy->probe.wants.details = policy->probe.wants.details || profile->max_bit_depth;
        if (limit != UINT64_MAX)
            most = IW_MAX(most, limit);
    }
    if (most)
        policy->probe.count_limit_bytes = most;
    policy->judge.profiles = chosen->list;
    policy->judge.profile_count = chosen->count;
    policy->judge.horizon_s = policy->horizon_ms / 1000;
    policy->judge.may_be_private = policy->net.private_rule == IW_PRIVATE_ALLOW;
    if (!policy->fix.is_on)
        policy->probe.decisive_bytes = iw_judge_byte_limit(&policy->judge);
    policy->net.headers = o->headers.items;
    policy->net.header_count = o->headers.count;
    policy->net.resolve = o->resolve.items;
    policy->net.resolve_count = o->resolve.count;
    struct iw_scope_rules rules = {o->include.items, o->include.count, o->exclude.items,
                                   o->exclude.count, o->remap.items,   o->remap.count};
    if (rules.include_count + rules.exclude_count + rules.remap_count)
        err = iw_scope_new(&rules, out_scope, diag);
    policy->scope = *out_scope;
    return err;
}
