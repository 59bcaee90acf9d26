/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What the program is told: settings files, environment, flags, one after the other, by the one table of options.def.
 */
#ifndef IW_CLI_OPTIONS_H
#define IW_CLI_OPTIONS_H

#include "audit/audit.h"

#define IW_OPTION_LIST_MAX 256

/* Values of an option that may be given several times. */
struct iw_option_list {
    const char *items[IW_OPTION_LIST_MAX];
    size_t count;
    int layer; /* of settings that filled it: a later one begins anew */
};

enum iw_fail_on { IW_FAIL_ON_ANY, IW_FAIL_ON_NEW, IW_FAIL_ON_WORSE, IW_FAIL_ON_WARNING, IW_FAIL_ON_NEVER };
enum iw_when_to { IW_AUTO, IW_ALWAYS, IW_NEVER };

struct iw_options {
    struct iw_audit_policy audit;
    const char *profiles, *formats, *profile_dir, *from, *format;
    const char *fit, *background, *target_bytes, *out_dir, *output, *log; /* of fix */
    const char *waivers;
    const char *history;                                                  /* NULL: none; "": where it usually is */
    struct iw_option_list limits, headers, resolve, include, exclude, remap, reports;
    int fail_on, color, progress; /* enums above */
    int sort;                     /* enum iw_sort */
    int inlines;                  /* of fix: offenders, all */
    unsigned verbose, top, keep;
    uint64_t older_than_ms, max_age_ms;
    unsigned warn_above, critical_above;
    uint64_t split_bytes; /* of fix */
    bool in_place;        /* the same */
    bool strict, resume, quiet, print_config, help, version, force;
};

enum iw_option_kind {
    IW_OPT_FLAG,
    IW_OPT_COUNT,
    IW_OPT_UINT,
    IW_OPT_DURATION,
    IW_OPT_RATE,
    IW_OPT_SIZE, /* uint64_t, as 1MiB */
    IW_OPT_STRING,
    IW_OPT_MAYBE, /* a string that may be left out: a switch with a value */
    IW_OPT_LIST,
    IW_OPT_LIMIT,
    IW_OPT_CHOICE
};

struct iw_option {
    const char *name;
    char letter;
    enum iw_option_kind kind;
    size_t offset;
    uint64_t least, most;
    const char *group; /* "LIMITS" */
    const char *value; /* "SIZE"; words of a choice */
    const char *help;
    bool is_guarded;
};
extern const struct iw_option iw_options_table[];
extern const size_t iw_options_count;

/* Settings come in layers; a value remembers the last that set it. */
enum { IW_LAYER_DEFAULT, IW_LAYER_USER, IW_LAYER_FOLDER, IW_LAYER_ENVIRONMENT, IW_LAYER_FLAG };
#define IW_OPTIONS_MAX 120
struct iw_settings {
    struct iw_options options;
    struct iw_arena arena; /* the strings */
    char origin[IW_OPTIONS_MAX]
               [280]; /* where each value came from: "default", "FILE:LINE", "environment", "command line" */
};

/* Defaults. */
void iw_settings_init(struct iw_settings *settings);
void iw_settings_release(struct iw_settings *settings);
/* Sets one option from text (NULL for a flag). IW_ERR_USAGE, IW_ERR_SYNTAX, IW_ERR_RANGE, IW_ERR_NOMEM; diag says what
 * was expected. */
enum iw_err iw_settings_set(struct iw_settings *settings, const struct iw_option *option, const char *text,
                            bool is_negated, int layer, const char *origin, struct iw_diag *diag) IW_MUST_USE;
/* The option called name ("no-" is taken off, *out_negated), or NULL; diag then suggests the nearest. */
const struct iw_option *iw_option_find(struct iw_str name, bool *out_negated, struct iw_diag *diag);
/* Takes argv: options are set, the rest is moved to the front of argv; *out_count is how many. */
enum iw_err iw_settings_arguments(struct iw_settings *settings, int argc, char **argv, int *out_count,
                                  struct iw_diag *diag) IW_MUST_USE;
/* Reads the user's settings file, that of the working directory and IMGWEIGH_* variables, in this order. */
enum iw_err iw_settings_load(struct iw_settings *settings, struct iw_diag *diag) IW_MUST_USE;
/* Appends every setting with its value and origin (--print-config). */
void iw_settings_print(const struct iw_settings *settings, struct iw_buf *out);

#endif
