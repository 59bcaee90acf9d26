/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The tables of rules.def and limits.def, the names of enumerations and of image formats, and what to do about each
 * finding. */
#include "base/iw.h"
#include "rules/inside.h"

#define ADVICE_SCALE "serve a smaller image: scale it down to fit, which also saves bytes and tokens"

const struct iw_rule iw_rules[IW_RULE_COUNT] = {
#define IW_RULE(id, name, severity, effect, title)                                                                     \
    [IW_RULE_##id] = {name, IW_SEVERITY_##severity, IW_EFFECT_##effect, title, ADVICE_##id},
#define ADVICE_bytes_over                                                                                              \
    "recompress it or scale it down: JPEG at quality 85 within 1280x960 fits nearly every consumer"
#define ADVICE_base64_over           "recompress it before encoding: base64 adds a third to the file's size"
#define ADVICE_bytes_near            "recompress it before it grows over the limit"
#define ADVICE_bytes_unknown         "let the server send Content-Length, or count with --count-unknown"
#define ADVICE_width_over            ADVICE_SCALE
#define ADVICE_height_over           ADVICE_SCALE
#define ADVICE_side_over             ADVICE_SCALE
#define ADVICE_side_under            "serve a larger original: enlarging adds no detail"
#define ADVICE_pixels_over           ADVICE_SCALE
#define ADVICE_patches_over          ADVICE_SCALE
#define ADVICE_aspect_over           "cut it into parts: scaling keeps the ratio"
#define ADVICE_dims_unknown          "see imgweigh explain: the header lies far inside, or the format is not read"
#define ADVICE_format_refused        "convert it: every consumer takes JPEG and PNG"
#define ADVICE_animated_refused      "serve a still image, such as its first frame"
#define ADVICE_colour_refused        "convert it to 8-bit RGB"
#define ADVICE_type_mismatch         "correct the Content-Type or the file name"
#define ADVICE_not_an_image          "correct the URL, or what the server answers there"
#define ADVICE_header_corrupt        "upload the file again: it is damaged or cut off"
#define ADVICE_http_error            "correct or remove the reference"
#define ADVICE_access_refused        "let the consumer in, or hand it a signed URL or the bytes"
#define ADVICE_rate_limited          "ask more slowly: lower --host-concurrency"
#define ADVICE_server_error          "mend the server, then ask again"
#define ADVICE_timeout               "ask again later, or raise --timeout: consumers give up sooner"
#define ADVICE_dns_failure           "correct the host name"
#define ADVICE_connect_failure       "see whether the server is up"
#define ADVICE_tls_failure           "mend the certificate: consumers refuse it, too"
#define ADVICE_redirect_limit        "link to where the redirects end"
#define ADVICE_private_address       "serve it from a public address"
#define ADVICE_scheme_refused        "use an http or https URL"
#define ADVICE_url_invalid           "correct the URL"
#define ADVICE_url_too_long          "use a shorter URL"
#define ADVICE_url_expiring          "sign it for longer, or send the bytes"
#define ADVICE_robots_refused        "allow the consumer's agent in robots.txt"
#define ADVICE_size_varies           "weigh it again with the consumer's own Accept and User-Agent"
#define ADVICE_larger_than_needed    ADVICE_SCALE
#define ADVICE_request_bytes_over    "split the request, or recompress its images"
#define ADVICE_request_images_over   "split the request"
#define ADVICE_many_images_side_over "scale its images down, or split the request"
#define ADVICE_file_bytes_over       "split the batch file"
#define ADVICE_file_requests_over    "split the batch file"
#define ADVICE_duplicate_custom_id   "give each line a custom_id of its own"
#define ADVICE_bad_json              "correct the line"
#define ADVICE_bad_data_uri          "encode the image again"
#define ADVICE_placeholder           "see whether the server stands in for images that it does not have"
#include "rules/rules.def"
#undef IW_RULE
};

const struct iw_limit_key iw_limit_keys[IW_LIMIT_COUNT] = {
#define BYTES                          IW_UNIT_BYTES
#define PX                             IW_UNIT_PX
#define RATIO                          IW_UNIT_RATIO
#define COUNT                          IW_UNIT_COUNT_
#define CHARS                          IW_UNIT_CHARS
#define PATCHES                        IW_UNIT_PATCHES
#define IW_LIMIT(id, unit, rule, help) [IW_LIMIT_##id] = {#id, unit, IW_RULE_##rule, help},
#include "rules/limits.def"
#undef IW_LIMIT
#undef BYTES
#undef PX
#undef RATIO
#undef COUNT
#undef CHARS
#undef PATCHES
};

const char *iw_severity_name(enum iw_severity severity)
{
    static const char *const names[] = {"note", "warning", "error"};
    return names[severity];
}

const char *iw_verdict_name(enum iw_verdict verdict)
{
    static const char *const names[] = {
        [IW_VERDICT_OK] = "ok",     [IW_VERDICT_WARN] = "warn",     [IW_VERDICT_UNKNOWN] = "unknown",
        [IW_VERDICT_OVER] = "over", [IW_VERDICT_BROKEN] = "broken",
    };
    return names[verdict];
}

const char *iw_unit_name(enum iw_unit unit)
{
    static const char *const names[] = {"bytes", "px", "ratio", "count", "chars", "patches"};
    return names[unit];
}

const char *iw_effect_name(enum iw_effect effect)
{
    static const char *const names[] = {"refused", "downscaled", "first-frame", "warned"};
    return names[effect];
}

const char *iw_counts_name(enum iw_counts counts)
{
    static const char *const names[] = {"body", "base64", "images", "data-uri"};
    return names[counts];
}

const char *iw_confidence_name(enum iw_confidence confidence)
{
    static const char *const names[] = {"official",    "mirror",       "sdk",    "measured",
                                        "third-party", "contradicted", "derived"};
    return names[confidence];
}

/* ---- formats ---- */

/* Formats that consumers list and whose bytes are not scanned (yet): known by their types and extensions alone. */
static const struct {
    const char *name;
    const char *others; /* extensions and subtypes, separated by spaces */
} unread_formats[] = {
    {"sgi", "x-sgi"},
};

static bool has_word(const char *list, struct iw_str wanted)
{
    struct iw_str rest = iw_str_from(list), word;
    while (iw_str_next(&rest, ' ', &word))
        if (word.len && iw_str_eq_nocase(word, wanted))
            return true;
    return false;
}

const char *iw_format_name(struct iw_str word, struct iw_nearest *nearest)
{
    const struct iw_image_format *format = iw_image_format_find(word);
    if (format)
        return format->name;
    for (size_t i = 0; i < IW_ARRAY_LEN(unread_formats); i++) {
        const char *name = unread_formats[i].name;
        if (iw_str_eq_nocase(word, iw_str_from(name)) || has_word(unread_formats[i].others, word))
            return name;
        if (nearest)
            iw_nearest_offer(nearest, word, name);
    }
    for (size_t i = 0; nearest && i < iw_image_format_count; i++)
        iw_nearest_offer(nearest, word, iw_image_formats[i]->name);
    return NULL;
}

bool iw_format_is_among(const char *const *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], name) == 0)
            return true;
    return false;
}

const char *iw_format_name_of_type(struct iw_str type)
{
    const struct iw_image_format *format = iw_image_format_of_type(type);
    if (format)
        return format->name;
    return iw_str_starts(type, IW_STR("image/")) ? iw_format_name(iw_str_skip(type, 6), NULL) : NULL;
}
