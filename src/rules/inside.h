/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The inside of rules/: limit values, conditions, token formulas, format names and sentences, shared by its files. */
#ifndef IW_RULES_INSIDE_H
#define IW_RULES_INSIDE_H

#include "base/names.h"
#include "rules/rules.h"

/* The key called name, or NULL; diag then suggests the nearest (line as given). */
const struct iw_limit_key *iw_limit_key_find(struct iw_str name, unsigned line, struct iw_diag *diag);
/* "20 MiB", "2048", "2.5" in the unit of the key. IW_ERR_SYNTAX, IW_ERR_RANGE. */
enum iw_err iw_limit_value(enum iw_unit unit, struct iw_str text, uint64_t *out) IW_MUST_USE;
/* "detail=high, images>20, source=url". IW_ERR_SYNTAX, IW_ERR_UNKNOWN_NAME. */
enum iw_err iw_when_parse(struct iw_str text, struct iw_when *out, unsigned line, struct iw_diag *diag) IW_MUST_USE;

/* "patches size=32 budget=1536"; the text is kept in arena. out is untouched on failure. IW_ERR_UNKNOWN_NAME for the
 * kind or a key, IW_ERR_SYNTAX, IW_ERR_RANGE, all with line; IW_ERR_NOMEM. */
enum iw_err iw_tokens_parse(struct iw_arena *arena, struct iw_str text, unsigned line, struct iw_tokens *out,
                            struct iw_diag *diag) IW_MUST_USE;
/* The size, in pixels, to which the consumer scales an image before it counts; no side grows or becomes 0. */
void iw_tokens_scale(const struct iw_tokens *tokens, uint32_t *width_px, uint32_t *height_px);

/* The one name of an image format: "jpg" is "jpeg", "tif" is "tiff". Also of formats whose bytes are not read.
 * Static text, or NULL; nearest (unless NULL) is then offered all names. */
const char *iw_format_name(struct iw_str word, struct iw_nearest *nearest);
/* The same for a media type (lower-case, without parameters). */
const char *iw_format_name_of_type(struct iw_str type);
/* Whether the name, from either of them, is among the first count of a list. */
bool iw_format_is_among(const char *const *list, size_t count, const char *name);

/* What stands before the base64 text of a data URI, at least: "data:image/jpeg;base64,". */
#define IW_DATA_URI_PREFIX 23

/* The bytes whose base64 text, as the limit counts it, is at most chars long. */
uint64_t iw_bytes_of_base64(const struct iw_limit *limit, uint64_t chars);

/* What keeps a consumer from fetching the URL, whatever stands there. */
void iw_check_reach(const struct iw_judge *judge, const struct iw_facts *facts, struct iw_arena *arena,
                    struct iw_findings *out);

/* A new finding, with the rule's title where message is empty; NULL: there is no room. When full, the last that is no
 * error gives way to an error. */
struct iw_finding *iw_findings_add(struct iw_findings *out, enum iw_rule_id rule, enum iw_severity severity,
                                   const struct iw_profile *profile, struct iw_str message);
/* Its figures; finding may be NULL. */
void iw_finding_set(struct iw_finding *finding, uint64_t limit, uint64_t actual, enum iw_unit unit);
/* All are there: puts them in the order of rules.def, and returns the verdict that they make. */
enum iw_verdict iw_findings_end(struct iw_findings *out);
enum iw_severity iw_severity_of(enum iw_rule_id rule, enum iw_effect effect);
/* Whether actual is on the wrong side of a limit's bound. */
bool iw_limit_is_beyond(const struct iw_limit *limit, uint64_t actual, uint64_t bound);

/* The sentence of a limit that does not hold, or nearly so. */
struct iw_breach {
    const struct iw_profile *profile;
    const struct iw_limit *limit;
    uint64_t bound; /* the value, or the threshold of the warning */
    uint64_t actual;
    bool is_at_least;  /* actual is a lower bound */
    const char *where; /* " by URL", or "" */
};
struct iw_str iw_breach_say(struct iw_arena *arena, const struct iw_breach *breach);

#endif
