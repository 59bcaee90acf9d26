/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Settings files (INI; the keys are the long option names) and IMGWEIGH_* variables. A file found in the working
 * directory may be anybody's: what is guarded is refused there, and so is a report written outside of that directory.
 */
#include "base/iw.h"
#include "cli/options.h"

#include "base/ini.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FILE_BYTES = 1 << 20 };

struct loading {
    struct iw_settings *settings;
    const char *path;
    bool is_folder;
};

/* "FMT:PATH" that stays below the working directory. */
static bool is_inside(const char *output)
{
    const char *colon = strchr(output, ':');
    const char *path = colon ? colon + 1 : "";
    return path[0] != '/' && strncmp(path, "../", 3) != 0 && !strstr(path, "/../");
}

static enum iw_err on_key(void *user, const char *section, const char *key, const char *value, unsigned line,
                          struct iw_diag *diag)
{
    (void)section; /* groups are for the reader */
    struct loading *loading = user;
    bool is_negated;
    diag->line = line;
    const struct iw_option *option = iw_option_find(iw_str_from(key), &is_negated, diag);
    if (!option)
        return IW_ERR_USAGE;
    if (loading->is_folder && option->is_guarded)
        return iw_fail(diag, IW_ERR_USAGE, line, 0, "\"%s\" may not be set by a file of the working directory", key);
    if (loading->is_folder && strcmp(option->name, "report") == 0 && !is_inside(value))
        return iw_fail(diag, IW_ERR_USAGE, line, 0, "\"%s\" leads out of the working directory", value);
    char origin[280];
    (void)snprintf(origin, sizeof origin, "%.250s:%u", loading->path, line);
    int layer = loading->is_folder ? IW_LAYER_FOLDER : IW_LAYER_USER;
    return iw_settings_set(loading->settings, option, value, is_negated, layer, origin, diag);
}

static enum iw_err load_file(struct iw_settings *settings, const char *path, bool is_folder, struct iw_diag *diag)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? IW_OK
                   : iw_fail(diag, IW_ERR_USAGE, 0, 0, "%.200s: %s", path, strerror(errno));
    char *text = iw_malloc(FILE_BYTES);
    size_t len = 0;
    ssize_t got = 1;
    while (text && len < FILE_BYTES && (got = read(fd, text + len, FILE_BYTES - len)) > 0)
        len += (size_t)got;
    close(fd);
    enum iw_err err = text ? IW_OK : IW_ERR_NOMEM;
    iw_diag_at(diag, path);
    if (err == IW_OK && (got < 0 || len == FILE_BYTES))
        err = iw_fail(diag, IW_ERR_USAGE, 0, 0, "the settings file cannot be read, or is too large");
    struct loading loading = {settings, path, is_folder};
    if (err == IW_OK)
        err = iw_ini_parse((struct iw_str){text, len}, on_key, &loading, diag);
    iw_free(text);
    if (err == IW_OK)
        iw_diag_at(diag, "");
    return err;
}

static enum iw_err load_environment(struct iw_settings *settings, struct iw_diag *diag)
{
    for (size_t i = 0; i < iw_options_count; i++) {
        const struct iw_option *option = &iw_options_table[i];
        char name[64] = "IMGWEIGH_";
        size_t len = strlen(name);
        for (const char *c = option->name; *c && len + 1 < sizeof name; c++)
            name[len++] = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c >= '0' && *c <= '9' ? *c : '_';
        name[len] = '\0';
        const char *value = getenv(name);
        if (!value || strcmp(option->group, "OTHER") == 0)
            continue;
        iw_diag_at(diag, name);
        enum iw_err err = iw_settings_set(settings, option, value, false, IW_LAYER_ENVIRONMENT, "environment", diag);
        if (err != IW_OK)
            return err;
        iw_diag_at(diag, "");
    }
    return IW_OK;
}

enum iw_err iw_settings_load(struct iw_settings *settings, struct iw_diag *diag)
{
    char path[512] = "";
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (config && config[0] == '/')
        (void)snprintf(path, sizeof path, "%s/imgweigh/config.ini", config);
    else if (home && home[0] == '/')
        (void)snprintf(path, sizeof path, "%s/.config/imgweigh/config.ini", home);
    enum iw_err err = path[0] ? load_file(settings, path, false, diag) : IW_OK;
    if (err == IW_OK)
        err = load_file(settings, "./.imgweigh.ini", true, diag);
    return err == IW_OK ? load_environment(settings, diag) : err;
}
