/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A run of check on its way into the history. */
#include "base/iw.h"
#include "cli/history.h"

#include "base/json_out.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEXT_BYTES = 4 << 20, PATH_BYTES = 4096 };

struct iw_history {
    struct iw_store *store;
    const struct iw_judge *judge;
};

/* ---- where it is ---- */

struct iw_str iw_history_path(const struct iw_options *options, struct iw_arena *arena, struct iw_diag *diag)
{
    if (options->history && options->history[0])
        return iw_arena_str(arena, iw_str_from(options->history));
    const char *system = getenv("STATE_DIRECTORY"), *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (system && system[0] == '/') {
        struct iw_str all = iw_str_from(system); /* several are separated by colons */
        return iw_arena_printf(arena, "%.*s/history.db", IW_STR_ARGS(iw_str_sub(all, 0, iw_str_find(all, ':'))));
    }
    if (state && state[0] == '/')
        return iw_arena_printf(arena, "%s/imgweigh/history.db", state);
    if (home && home[0] == '/')
        return iw_arena_printf(arena, "%s/.local/state/imgweigh/history.db", home);
    (void)iw_fail(diag, IW_ERR_USAGE, 0, 0,
                  "--history: neither XDG_STATE_HOME nor HOME names a folder; use --history=FILE");
    return IW_STR_NONE;
}

static enum iw_err open_store(struct iw_settings *settings, enum iw_store_mode mode, struct iw_store **out,
                              struct iw_diag *diag)
{
    struct iw_str path = iw_history_path(&settings->options, &settings->arena, diag);
    if (!path.ptr)
        return diag->code != IW_OK ? diag->code : IW_ERR_NOMEM;
    return iw_store_open(path.ptr, mode, out, diag);
}

enum iw_err iw_history_open(struct iw_settings *settings, struct iw_store **out, struct iw_diag *diag)
{
    return open_store(settings, IW_STORE_EXISTING, out, diag);
}

enum iw_err iw_history_open_last(struct iw_settings *settings, struct iw_store **out, struct iw_diag *diag)
{
    return open_store(settings, IW_STORE_LAST, out, diag);
}

/* ---- what a run is about ---- */

static void add_option(struct iw_buf *out, const char *name, const char *value)
{
    if (value)
        iw_buf_printf(out, "%s=%s\n", name, value);
}

static void add_options(struct iw_buf *out, const char *name, const struct iw_option_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        add_option(out, name, list->items[i]);
}

void iw_history_policy(const struct iw_settings *settings, const struct iw_chosen *chosen, struct iw_buf *policy,
                       struct iw_buf *choice)
{
    static const char *const details[IW_DETAIL_COUNT] = {"auto", "low", "high", "original"};
    const struct iw_options *options = &settings->options;
    const char *detail = details[options->audit.judge.detail];
    iw_buf_add_str(policy, IW_STR("{\"detail\":"));
    iw_json_str(policy, iw_str_from(detail));
    iw_json_key(policy, "model");
    iw_json_str(policy, iw_str_from(options->audit.judge.model));
    iw_json_key(policy, "profiles");
    iw_buf_add_char(policy, '[');
    for (size_t i = 0; i < chosen->count; i++) {
        struct iw_buf text;
        iw_buf_init(&text, TEXT_BYTES);
        iw_profile_print(chosen->list[i], &text);
        iw_buf_add_str(policy, i ? IW_STR(",{") : IW_STR("{"));
        iw_json_key(policy, "name");
        iw_json_str(policy, iw_str_from(chosen->list[i]->name));
        iw_json_key(policy, "limits");
        iw_json_str(policy, iw_buf_str(&text));
        iw_buf_add_char(policy, '}');
        iw_buf_release(&text);
    }
    iw_buf_add_str(policy, IW_STR("]}"));
    add_option(choice, "profile", options->profiles);
    add_options(choice, "limit", &options->limits);
    add_option(choice, "formats", options->formats);
    add_option(choice, "detail", detail);
    add_option(choice, "model", options->audit.judge.model);
    add_option(choice, "profile-dir", options->profile_dir);
}

/* Files by their real paths, so that it does not matter from where they are named. */
static void add_input(struct iw_buf *out, const char *input)
{
    char path[PATH_BYTES];
    const char *real = strcmp(input, "-") != 0 ? realpath(input, path) : NULL;
    add_option(out, "input", real ? real : input);
}

static void add_inputs(const struct iw_options *options, int argc, char **argv, struct iw_buf *out)
{
    const struct iw_audit_policy *policy = &options->audit;
    for (int i = 0; i < argc; i++)
        add_input(out, argv[i]);
    if (argc == 0)
        add_input(out, "-");
    add_option(out, "from", options->from);
    add_option(out, "column", policy->reader.column);
    add_option(out, "xpath", policy->reader.xpath);
    add_options(out, "include", &options->include);
    add_options(out, "exclude", &options->exclude);
    add_options(out, "remap", &options->remap);
    iw_buf_printf(out, "pages=%d depth=%u\n", (int)policy->pages, policy->max_link_depth);
}

/* A word as a shell takes it, in single quotes where it would mean more than itself. */
static void add_word(struct iw_buf *out, struct iw_str word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
    bool is_plain = word.len > 0;
    for (size_t i = 0; i < word.len && is_plain; i++)
        is_plain = word.ptr[i] && strchr(plain, word.ptr[i]);
    iw_buf_add_char(out, ' ');
    if (is_plain) {
        iw_buf_add_str(out, word);
        return;
    }
    iw_buf_add_char(out, '\'');
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] == '\'')
            iw_buf_add_str(out, IW_STR("'\\'"));
        iw_buf_add_char(out, word.ptr[i]);
    }
    iw_buf_add_char(out, '\'');
}

/* A user's name and password are kept nowhere. */
static void add_input_word(struct iw_buf *out, const char *input)
{
    struct iw_str all = iw_str_from(input), secret = iw_url_userinfo(all);
    struct iw_buf text;
    iw_buf_init(&text, TEXT_BYTES);
    iw_buf_add(&text, all.ptr, secret.len ? (size_t)(secret.ptr - all.ptr) : 0);
    iw_buf_add_str(&text, secret.len ? iw_str_skip(all, (size_t)(secret.ptr - all.ptr) + secret.len) : all);
    add_word(out, iw_buf_str(&text));
    iw_buf_release(&text);
}

/* As a shell would take it again: for people, and without what headers hold. */
static void add_argv(const struct iw_options *options, int argc, char **argv, struct iw_buf *out)
{
    iw_buf_add_str(out, IW_STR("-p"));
    add_word(out, iw_str_from(options->profiles));
    for (size_t i = 0; i < options->limits.count; i++) {
        iw_buf_add_str(out, IW_STR(" --limit"));
        add_word(out, iw_str_from(options->limits.items[i]));
    }
    for (int i = 0; i < argc; i++)
        add_input_word(out, argv[i]);
}

/* ---- a run ---- */

static enum iw_err begin(struct iw_history *history, struct iw_settings *settings, const struct iw_chosen *chosen,
                         int argc, char **argv, struct iw_diag *diag)
{
    struct iw_buf texts[4]; /* policy, choice, inputs, argv */
    for (size_t i = 0; i < IW_ARRAY_LEN(texts); i++)
        iw_buf_init(&texts[i], TEXT_BYTES);
    iw_history_policy(settings, chosen, &texts[0], &texts[1]);
    add_inputs(&settings->options, argc, argv, &texts[2]);
    add_argv(&settings->options, argc, argv, &texts[3]);
    enum iw_err err = IW_OK;
    for (size_t i = 0; i < IW_ARRAY_LEN(texts) && err == IW_OK; i++)
        err = texts[i].err;
    struct iw_run_plan plan = {
        .version = IW_STR(PACKAGE_VERSION),
        .policy = iw_buf_str(&texts[0]),
        .choice = iw_buf_str(&texts[1]),
        .inputs = iw_buf_str(&texts[2]),
        .argv = iw_buf_str(&texts[3]),
        .now_unix_s = (int64_t)iw_net_unix_s(),
        .resumes = settings->options.resume,
    };
    if (err == IW_OK)
        err = open_store(settings, IW_STORE_CREATE, &history->store, diag);
    if (err == IW_OK)
        err = iw_store_begin(history->store, &plan, diag);
    for (size_t i = 0; i < IW_ARRAY_LEN(texts); i++)
        iw_buf_release(&texts[i]);
    return err;
}

enum iw_err iw_history_begin(struct iw_settings *settings, const struct iw_chosen *chosen, int argc, char **argv,
                             struct iw_history **out, struct iw_diag *diag)
{
    const struct iw_options *options = &settings->options;
    *out = NULL;
    if (!options->history && options->resume)
        return iw_fail(diag, IW_ERR_USAGE, 0, 0, "--resume goes on with a run of a history: it needs --history");
    bool compares = options->fail_on == IW_FAIL_ON_NEW || options->fail_on == IW_FAIL_ON_WORSE;
    if (!options->history && compares)
        return iw_fail(diag, IW_ERR_USAGE, 0, 0,
                       "--fail-on new and worse compare with a run before: they need --history");
    if (!options->history)
        return IW_OK;
    struct iw_history *history = iw_calloc(1, sizeof *history);
    if (!history)
        return IW_ERR_NOMEM;
    history->judge = &options->audit.judge;
    enum iw_err err = begin(history, settings, chosen, argc, argv, diag);
    if (err == IW_OK)
        *out = history;
    else
        iw_history_free(history);
    return err;
}

enum iw_err iw_history_known(struct iw_history *history, struct iw_str url, struct iw_arena *arena,
                             struct iw_facts *out, bool *out_is_told)
{
    return iw_store_known(history->store, url, arena, out, out_is_told);
}

enum iw_err iw_history_take(struct iw_history *history, struct iw_record *record)
{
    enum iw_err err = iw_store_compare(history->store, history->judge, record);
    return err == IW_OK ? iw_store_record(history->store, record) : err;
}

enum iw_err iw_history_commit(struct iw_history *history)
{
    return iw_store_commit(history->store);
}

bool iw_history_is_comparing(const struct iw_history *history)
{
    return iw_store_is_comparing(history->store);
}

enum iw_err iw_history_finish(struct iw_history *history, struct iw_totals *totals, iw_record_fn fn, void *user)
{
    totals->is_compared = iw_history_is_comparing(history);
    if (totals->is_incomplete)
        return IW_OK;
    bool is_hidden;
    enum iw_err err = iw_store_gone(history->store, history->judge, fn, user, &is_hidden);
    if (is_hidden) {
        totals->is_incomplete = true;
        (void)snprintf(totals->incomplete_why, sizeof totals->incomplete_why,
                       "a page that named images before could not be read");
    }
    return err;
}

enum iw_err iw_history_end(struct iw_history *history, const struct iw_totals *totals)
{
    enum iw_err err = iw_store_end(history->store, totals, (int64_t)iw_net_unix_s());
    if (err == IW_OK && !totals->is_incomplete)
        iw_store_note(history->store);
    return err;
}

bool iw_history_diag(struct iw_history *history, struct iw_diag *out)
{
    struct iw_diag diag = {0};
    iw_store_diag(history->store, &diag);
    if (diag.code != IW_OK)
        *out = diag;
    return diag.code != IW_OK;
}

void iw_history_free(struct iw_history *history)
{
    if (!history)
        return;
    (void)iw_store_close(history->store, NULL); /* what fails here has failed before, or is read again next time */
    iw_free(history);
}
