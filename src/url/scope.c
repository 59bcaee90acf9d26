/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Include, exclude and remap patterns by PCRE2. A set is one alternation, compiled with JIT where the system allows it
 * (a hardened unit may not): tens of times faster than one pattern after the other. Byte mode: canonical URLs are
 * ASCII. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/iw.h"
#include "url/url.h"

#include "base/buf.h"
#include "base/mem.h"

#include <pcre2.h>

enum { MATCH_LIMIT = 100000, PATTERNS_BYTES = 1 << 20, PATTERNS_MAX = 1000 };

struct remap {
    pcre2_code *code;
    char *text;
};

struct iw_scope {
    pcre2_code *include, *exclude;
    struct remap *remaps;
    size_t remap_count;
    pcre2_match_context *context;
    pcre2_match_data *data;
};

static enum iw_err explain(int code, const char *option, size_t at, struct iw_diag *diag)
{
    PCRE2_UCHAR text[160] = "";
    (void)pcre2_get_error_message(code, text, sizeof text);
    iw_diag_at(diag, option);
    return iw_fail(diag, code == PCRE2_ERROR_NOMEMORY ? IW_ERR_NOMEM : IW_ERR_PATTERN, at ? 1 : 0, (unsigned)at, "%s",
                   (const char *)text);
}

static enum iw_err compile(const char *pattern, size_t len, const char *option, pcre2_code **out, struct iw_diag *diag)
{
    int code;
    PCRE2_SIZE at;
    *out = pcre2_compile((PCRE2_SPTR)pattern, len,
                         PCRE2_DOTALL | PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UCP | PCRE2_NEVER_UTF, &code, &at, NULL);
    if (!*out)
        return explain(code, option, (size_t)at + 1, diag);
    (void)pcre2_jit_compile(*out, PCRE2_JIT_COMPLETE); /* without JIT the interpreter does */
    return IW_OK;
}

/* Compiles each pattern alone first, so that an error names the right one, then all as one alternation. */
static enum iw_err compile_set(const char *const *patterns, size_t count, const char *option, pcre2_code **out,
                               struct iw_diag *diag)
{
    struct iw_buf all;
    iw_buf_init(&all, PATTERNS_BYTES);
    enum iw_err err = IW_OK;
    for (size_t i = 0; i < count && err == IW_OK; i++) {
        pcre2_code *alone = NULL;
        err = compile(patterns[i], strlen(patterns[i]), option, &alone, diag);
        pcre2_code_free(alone);
        iw_buf_printf(&all, "%s(?:%s)", i ? "|" : "", patterns[i]);
    }
    if (err == IW_OK && all.err != IW_OK)
        err = iw_fail(diag, IW_ERR_PATTERN, 0, 0, "%s: too many patterns", option);
    if (err == IW_OK && count)
        err = compile(all.ptr, all.len, option, out, diag);
    iw_buf_release(&all);
    return err;
}

static enum iw_err add_remap(struct iw_scope *scope, const char *rule, struct iw_diag *diag)
{
    const char *arrow = strstr(rule, "=>");
    if (!arrow) {
        iw_diag_at(diag, "--remap");
        return iw_fail(diag, IW_ERR_PATTERN, 0, 0, "expected 'PATTERN=>TEXT'");
    }
    struct remap *remap = &scope->remaps[scope->remap_count];
    enum iw_err err = compile(rule, (size_t)(arrow - rule), "--remap", &remap->code, diag);
    if (err != IW_OK)
        return err;
    scope->remap_count++;
    remap->text = iw_strdup(arrow + 2);
    return remap->text ? IW_OK : IW_ERR_NOMEM;
}

static enum iw_err fill(struct iw_scope *scope, const struct iw_scope_rules *rules, struct iw_diag *diag)
{
    scope->context = pcre2_match_context_create(NULL);
    scope->data = pcre2_match_data_create(32, NULL);
    scope->remaps = iw_calloc(rules->remap_count, sizeof *scope->remaps);
    if (!scope->context || !scope->data || !scope->remaps)
        return IW_ERR_NOMEM;
    pcre2_set_match_limit(scope->context, MATCH_LIMIT);
    enum iw_err err = compile_set(rules->include, rules->include_count, "--include", &scope->include, diag);
    if (err == IW_OK)
        err = compile_set(rules->exclude, rules->exclude_count, "--exclude", &scope->exclude, diag);
    for (size_t i = 0; i < rules->remap_count && err == IW_OK; i++)
        err = add_remap(scope, rules->remap[i], diag);
    return err;
}

enum iw_err iw_scope_new(const struct iw_scope_rules *rules, struct iw_scope **out, struct iw_diag *diag)
{
    if (rules->include_count > PATTERNS_MAX || rules->exclude_count > PATTERNS_MAX || rules->remap_count > PATTERNS_MAX)
        return iw_fail(diag, IW_ERR_PATTERN, 0, 0, "more than %d patterns", PATTERNS_MAX);
    struct iw_scope *scope = iw_calloc(1, sizeof *scope);
    if (!scope)
        return IW_ERR_NOMEM;
    enum iw_err err = fill(scope, rules, diag);
    if (err == IW_OK)
        *out = scope;
    else
        iw_scope_free(scope);
    return err;
}

void iw_scope_free(struct iw_scope *scope)
{
    if (!scope)
        return;
    pcre2_code_free(scope->include);
    pcre2_code_free(scope->exclude);
    for (size_t i = 0; i < scope->remap_count; i++) {
        pcre2_code_free(scope->remaps[i].code);
        iw_free(scope->remaps[i].text);
    }
    iw_free(scope->remaps);
    pcre2_match_data_free(scope->data);
    pcre2_match_context_free(scope->context);
    iw_free(scope);
}

static enum iw_err matches(const struct iw_scope *scope, const pcre2_code *code, const char *option, struct iw_str url,
                           bool *out, struct iw_diag *diag)
{
    int rc = pcre2_match(code, (PCRE2_SPTR)url.ptr, url.len, 0, 0, scope->data, scope->context);
    if (rc < 0 && rc != PCRE2_ERROR_NOMATCH)
        return explain(rc, option, 0, diag);
    *out = rc >= 0;
    return IW_OK;
}

enum iw_err iw_scope_has(const struct iw_scope *scope, struct iw_str url, bool *out_in, struct iw_diag *diag)
{
    bool is_match = false;
    enum iw_err err = IW_OK;
    if (scope->include) {
        err = matches(scope, scope->include, "--include", url, &is_match, diag);
    } else if (scope->exclude) {
        err = matches(scope, scope->exclude, "--exclude", url, &is_match, diag);
        is_match = !is_match;
    } else {
        is_match = true;
    }
    if (err == IW_OK)
        *out_in = is_match;
    return err;
}

enum iw_err iw_scope_remap(const struct iw_scope *scope, struct iw_arena *arena, struct iw_str url, struct iw_str *out,
                           struct iw_diag *diag)
{
    for (size_t i = 0; i < scope->remap_count; i++) {
        size_t room = url.len * 2 + 4096;
        PCRE2_SIZE len = room;
        char *text = iw_arena_alloc(arena, room);
        if (!text)
            return IW_ERR_NOMEM;
        const char *with = scope->remaps[i].text;
        int rc = pcre2_substitute(scope->remaps[i].code, (PCRE2_SPTR)url.ptr, url.len, 0, 0, scope->data,
                                  scope->context, (PCRE2_SPTR)with, strlen(with), (PCRE2_UCHAR *)text, &len);
        if (rc < 0)
            return explain(rc, "--remap", 0, diag);
        if (rc > 0) {
            *out = (struct iw_str){text, len};
            return IW_OK;
        }
    }
    *out = url;
    return IW_OK;
}
