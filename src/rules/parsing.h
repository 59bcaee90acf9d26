/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Reading of profiles, inside rules/: the state of it, and the keys of its first section (profile_keys.c). */
#ifndef IW_RULES_PARSING_H
#define IW_RULES_PARSING_H

#include "rules/inside.h"

enum { IW_PARSING_MAX_SECTIONS = IW_PROFILE_MAX_LIMITS + IW_PROFILE_MAX_TOKENS + 3, IW_PARSING_MAX_WARNED = 8 };

struct iw_parsing {
    struct iw_arena *arena;
    struct iw_profile *profile;
    struct iw_diag *diag;
    struct iw_str rest;     /* of the text, behind the last section's header */
    unsigned line;          /* of that header; 0 before the first */
    struct iw_limit *limit; /* of the section now, or NULL */
    uint32_t keys_seen;     /* of the section now */
    struct iw_str sections[IW_PARSING_MAX_SECTIONS];
    size_t section_count;
    const char *warned[IW_PARSING_MAX_WARNED]; /* formats_warned: they go behind formats */
    size_t warned_count;
    struct iw_token_set *tokens; /* of the section now, or NULL */
    unsigned tokens_source_line; /* 0: none */
    bool has_tokens_confidence;
};

typedef enum iw_err (*iw_profile_key_fn)(struct iw_parsing *parsing, struct iw_str value, unsigned line);
struct iw_profile_key {
    const char *name;
    iw_profile_key_fn fn; /* NULL: yes or no, */
    size_t flag_at;       /* in struct iw_profile */
};

struct iw_profile_section {
    const char *name;
    const struct iw_profile_key *keys;
    size_t key_count;
};
extern const struct iw_profile_section iw_profile_section;

/* "expected ..., found ...": IW_ERR_SYNTAX. */
enum iw_err iw_parsing_bad(const struct iw_parsing *p, unsigned line, const char *expected, struct iw_str value);
/* A copy of value. IW_ERR_NOMEM. */
enum iw_err iw_parsing_keep(struct iw_parsing *p, struct iw_str value, const char **out);
enum iw_err iw_parsing_confidence(struct iw_parsing *p, struct iw_str value, unsigned line, enum iw_confidence *out);

#endif
