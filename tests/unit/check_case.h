/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Facts and profiles in a few words, for the tests of the judgement. */
#ifndef CHECK_CASE_H
#define CHECK_CASE_H

#include "base/iw.h"
#include "rules/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define SAID                       "\nsource = s\nconfidence = official\n"
#define LIMIT(key, value)          "[limit " key "]\nvalue = " value SAID
#define LIMIT_AS(key, value, more) "[limit " key "]\nvalue = " value "\n" more SAID

/* One image. What is 0 is not known; bytes are told by Content-Length, and a header that was read told the rest. */
struct image {
    const char *format;
    uint32_t width, height;
    uint64_t bytes;
    enum iw_bytes_from from;
    const char *type, *url, *why;
    enum iw_tri animated;
    enum iw_colour colour;
    uint8_t depth;
    bool is_local;
    enum iw_detail detail; /* and how it is judged */
    bool as_base64;
};

#define PNG_AS(w, h, ...)                                                                                              \
    {                                                                                                                  \
        .format = "png", .width = w, .height = h, .bytes = 1, __VA_ARGS__                                              \
    }
#define PNG(w, h) PNG_AS(w, h, .type = NULL)

static inline struct iw_facts facts_of(const struct image *image)
{
    struct iw_facts facts = {
        .url = iw_str_from(image->url ? image->url : "https://example.com/image"),
        .is_local = image->is_local,
        .has_looked = image->format || image->width || image->why,
        .dims_why = image->why,
        .bytes = image->bytes,
        .bytes_from = image->from    ? image->from
                      : image->bytes ? IW_BYTES_CONTENT_LENGTH
                                     : IW_BYTES_UNKNOWN,
        .content_type = iw_str_from(image->type ? image->type : ""),
        .status = 200,
    };
    facts.image.format = image->format ? iw_image_format_find(iw_str_from(image->format)) : NULL;
    facts.image.width_px = facts.image.stored_width_px = image->width;
    facts.image.height_px = facts.image.stored_height_px = image->height;
    facts.image.animated = image->animated;
    facts.image.colour = image->colour;
    facts.image.bit_depth = image->depth;
    return facts;
}

static inline void parse(struct iw_arena *arena, const char *name, const char *lines, struct iw_profile *out)
{
    char text[1500];
    struct iw_diag diag = {0};
    (void)snprintf(text, sizeof text, "[profile]\nname = %s\n%s", name, lines);
    if (iw_profile_parse(arena, iw_str_from(text), NULL, out, &diag) != IW_OK)
        fail_msg("line %u: %s\n%s", diag.line, diag.text, text);
}

/* "bytes-over error, side-over warning" */
static inline void describe(const struct iw_findings *findings, char *out, size_t size)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < findings->count && at < size; i++) {
        const struct iw_finding *f = &findings->list[i];
        at += (size_t)snprintf(out + at, size - at, "%s%s %s", i ? ", " : "", iw_rules[f->rule].name,
                               iw_severity_name(f->severity));
    }
}

#define OK      IW_VERDICT_OK
#define WARN    IW_VERDICT_WARN
#define OVER    IW_VERDICT_OVER
#define UNKNOWN IW_VERDICT_UNKNOWN

#endif
