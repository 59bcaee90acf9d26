/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The judgement: facts against each limit of each profile. What an image is not, a failure, is told by one finding
 * alone; else every limit that does not hold is told, with by how much. An image that keeps all limits costs no
 * allocation: that is the case of most of them. Whether the consumer can fetch it is judged in reach.c, and the request
 * that holds it in requests.c. */
#include "base/iw.h"
#include "rules/inside.h"

#include "base/base64.h"
#include "base/parse.h"

#include <stdio.h>

struct checking {
    const struct iw_judge *judge;
    const struct iw_facts *facts;
    struct iw_arena *arena;
    struct iw_findings *out;
    const struct iw_profile *profile; /* now */
};

/* ---- adding ---- */

static struct iw_finding *add(struct checking *c, enum iw_rule_id rule, enum iw_severity severity,
                              struct iw_str message)
{
    return iw_findings_add(c->out, rule, severity, c->profile, message);
}

/* By the rule's own severity. */
static void add_plain(struct checking *c, enum iw_rule_id rule, struct iw_str message)
{
    add(c, rule, iw_rules[rule].severity, message);
}

/* Whether the profile now refuses the image already, for the rule or (IW_RULE_COUNT) for any. */
static bool is_refused(const struct checking *c, enum iw_rule_id rule)
{
    for (size_t i = 0; i < c->out->count; i++) {
        const struct iw_finding *f = &c->out->list[i];
        if (f->severity == IW_SEVERITY_ERROR && f->profile == c->profile->name &&
            (rule == IW_RULE_COUNT || f->rule == rule))
            return true;
    }
    return false;
}

/* ---- failures ---- */

static const struct {
    bool has_rule;
    enum iw_rule_id rule;
} failure_rules[] = {
    [IW_FAILURE_NONE] = {false, 0},
    [IW_FAILURE_URL_INVALID] = {true, IW_RULE_url_invalid},
    [IW_FAILURE_SCHEME] = {true, IW_RULE_scheme_refused},
    [IW_FAILURE_HTTP] = {true, IW_RULE_http_error},
    [IW_FAILURE_ACCESS] = {true, IW_RULE_access_refused},
    [IW_FAILURE_RATE] = {true, IW_RULE_rate_limited},
    [IW_FAILURE_SERVER] = {true, IW_RULE_server_error},
    [IW_FAILURE_TIMEOUT] = {true, IW_RULE_timeout},
    [IW_FAILURE_DNS] = {true, IW_RULE_dns_failure},
    [IW_FAILURE_DNS_LATER] = {false, 0},
    [IW_FAILURE_CONNECT] = {true, IW_RULE_connect_failure},
    [IW_FAILURE_DOWN] = {false, 0},
    [IW_FAILURE_TLS] = {true, IW_RULE_tls_failure},
    [IW_FAILURE_REDIRECT] = {true, IW_RULE_redirect_limit},
    [IW_FAILURE_PRIVATE] = {true, IW_RULE_private_address},
    [IW_FAILURE_ROBOTS] = {true, IW_RULE_robots_refused},
    [IW_FAILURE_ROBOTS_LATER] = {false, 0},
    [IW_FAILURE_NOT_IMAGE] = {true, IW_RULE_not_an_image},
    [IW_FAILURE_CORRUPT] = {true, IW_RULE_header_corrupt},
    [IW_FAILURE_DATA_URI] = {true, IW_RULE_bad_data_uri},
    [IW_FAILURE_PROTOCOL] = {true, IW_RULE_server_error},
    [IW_FAILURE_FILE] = {false, 0},
    [IW_FAILURE_CANCELLED] = {false, 0},
};

/* A failure without a rule is no finding; its text is in the facts. */
static enum iw_verdict check_failure(struct checking *c)
{
    enum iw_failure failure = c->facts->failure;
    if (!failure_rules[failure].has_rule)
        return IW_VERDICT_UNKNOWN;
    add_plain(c, failure_rules[failure].rule, c->facts->error);
    /* nothing is known of an image that is not asked for */
    return failure == IW_FAILURE_ROBOTS ? IW_VERDICT_UNKNOWN : IW_VERDICT_OK;
}

/* ---- limits ---- */

/* How a limit's key looks at the facts. */
struct measure {
    bool is_known;  /* there is something to compare */
    bool is_wanted; /* there should be, but it is not known */
    uint64_t actual;
};

static uint64_t ceil_div(uint64_t a, uint64_t b)
{
    return a / b + (a % b != 0);
}

static struct measure measure_pixels(const struct iw_facts *facts, enum iw_limit_id id)
{
    uint64_t w = facts->image.width_px, h = facts->image.height_px;
    if (!w || !h)
        return (struct measure){.is_wanted = facts->has_looked || facts->dims_why};
    struct measure m = {.is_known = true};
    switch (id) {
    case IW_LIMIT_max_width_px:
        m.actual = w;
        break;
    case IW_LIMIT_max_height_px:
        m.actual = h;
        break;
    case IW_LIMIT_max_side_px:
        m.actual = IW_MAX(w, h);
        break;
    case IW_LIMIT_min_side_px:
        m.actual = IW_MIN(w, h);
        break;
    case IW_LIMIT_max_pixels:
        m.actual = w * h;
        break;
    case IW_LIMIT_max_patches:
        m.actual = ceil_div(w, 32) * ceil_div(h, 32);
        break;
    default: /* max_aspect: a little over is over */
        m.actual = ceil_div(IW_MAX(w, h) * 1000, IW_MIN(w, h));
        break;
    }
    return m;
}

/* The consumer gets base64 text. */
static bool is_inline(const struct checking *c)
{
    return c->judge->as_base64 || c->facts->bytes_from == IW_BYTES_DATA_URI || !c->profile->url_supported;
}

static bool has_limit(const struct iw_profile *profile, enum iw_limit_id id)
{
    for (size_t i = 0; i < profile->limit_count; i++)
        if (profile->limits[i].id == id)
            return true;
    return false;
}

/* A data URI is judged by the length of its text, where a limit states one; the file's size is then no matter. */
static bool counts_file(const struct checking *c)
{
    return c->facts->bytes_from != IW_BYTES_DATA_URI || !has_limit(c->profile, IW_LIMIT_max_base64_bytes);
}

/* Base64 text, or the data URI around it. */
static uint64_t chars_of(const struct iw_facts *facts, const struct iw_limit *limit)
{
    uint64_t chars = iw_base64_len(facts->bytes);
    if (limit->counts != IW_COUNTS_DATA_URI)
        return chars;
    return facts->inline_chars ? facts->inline_chars : chars + IW_DATA_URI_PREFIX;
}

static struct measure measure_of(const struct checking *c, const struct iw_limit *limit)
{
    const struct iw_facts *facts = c->facts;
    bool has_bytes = facts->bytes_from != IW_BYTES_UNKNOWN;
    switch (limit->id) {
    case IW_LIMIT_max_bytes:
        return (struct measure){has_bytes && counts_file(c), !has_bytes, facts->bytes};
    case IW_LIMIT_max_base64_bytes:
        if (!is_inline(c))
            return (struct measure){0};
        return (struct measure){has_bytes, !has_bytes, chars_of(facts, limit)};
    case IW_LIMIT_max_url_chars:
        return (struct measure){.is_known = !facts->is_local && facts->bytes_from != IW_BYTES_DATA_URI,
                                .actual = facts->url.len};
    case IW_LIMIT_max_request_bytes:
    case IW_LIMIT_max_request_images:
    case IW_LIMIT_max_file_bytes:
    case IW_LIMIT_max_file_requests:
        return (struct measure){0}; /* of requests and files: requests.c */
    default:
        return measure_pixels(facts, limit->id);
    }
}

static bool is_of_bytes(const struct iw_limit *limit)
{
    return iw_limit_keys[limit->id].unit == IW_UNIT_BYTES;
}

static void add_breach(struct checking *c, const struct iw_limit *limit, uint64_t bound, uint64_t actual)
{
    bool is_near = !limit->has_value || !iw_limit_is_beyond(limit, actual, limit->value);
    enum iw_rule_id rule = iw_limit_keys[limit->id].rule;
    enum iw_severity severity = is_near ? IW_SEVERITY_WARNING : iw_severity_of(rule, limit->effect);
    struct iw_breach breach = {
        .profile = c->profile,
        .limit = limit,
        .bound = bound,
        .actual = actual,
        .is_at_least = is_of_bytes(limit) && c->facts->bytes_from == IW_BYTES_AT_LEAST,
        .where = "",
    };
    if (limit->id == IW_LIMIT_max_bytes && !is_inline(c))
        breach.where = c->facts->is_local ? " as a file" : " by URL";
    char where[64];
    if (is_near && is_of_bytes(limit))
        rule = IW_RULE_bytes_near;
    if (limit->when.has_images && iw_limit_keys[limit->id].unit == IW_UNIT_PX) {
        (void)snprintf(where, sizeof where, " in a request of %llu images",
                       (unsigned long long)c->judge->request_images);
        breach.where = where;
        rule = IW_RULE_many_images_side_over;
    }
    iw_finding_set(add(c, rule, severity, iw_breach_say(c->arena, &breach)), bound, actual,
                   iw_limit_keys[limit->id].unit);
}

static void check_limit(struct checking *c, const struct iw_limit *limit)
{
    struct measure m = measure_of(c, limit);
    if (!m.is_known || !iw_when_holds(&limit->when, c->judge, is_inline(c)))
        return;
    if (limit->has_value && iw_limit_is_beyond(limit, m.actual, limit->value))
        add_breach(c, limit, limit->value, m.actual);
    else if (limit->has_warn && iw_limit_is_beyond(limit, m.actual, limit->warn))
        add_breach(c, limit, limit->warn, m.actual);
}

/* ---- what is not known ---- */

/* Unless the image is refused already: no size, or only a lower bound that does not decide. */
static void check_size_known(struct checking *c)
{
    bool is_open = false;
    if (c->facts->bytes_from != IW_BYTES_UNKNOWN && c->facts->bytes_from != IW_BYTES_AT_LEAST)
        return;
    for (size_t i = 0; i < c->profile->limit_count && !is_open; i++) {
        const struct iw_limit *limit = &c->profile->limits[i];
        struct measure m = is_of_bytes(limit) ? measure_of(c, limit) : (struct measure){0};
        uint64_t most = limit->has_value ? limit->value : limit->warn;
        is_open =
            iw_when_holds(&limit->when, c->judge, is_inline(c)) && (m.is_wanted || (m.is_known && m.actual <= most));
    }
    if (!is_open || is_refused(c, IW_RULE_COUNT))
        return;
    char digits[27];
    if (c->facts->bytes_from == IW_BYTES_UNKNOWN)
        add_plain(c, IW_RULE_bytes_unknown, IW_STR("the server never told a size"));
    else
        add_plain(c, IW_RULE_bytes_unknown,
                  iw_arena_printf(c->arena, "the server never told a size; counting stopped at %s bytes",
                                  iw_format_u64(c->facts->bytes, digits)));
}

/* The pixel size where a limit asks for it, the format where a list does. Pixels of a refused format are no matter. */
static void check_header_known(struct checking *c)
{
    const struct iw_facts *facts = c->facts;
    bool is_open = facts->has_looked && !facts->image.format && c->profile->format_count &&
                   !iw_format_name_of_type(facts->content_type);
    for (size_t i = 0; i < c->profile->limit_count && !is_open && !facts->image.width_px; i++) {
        const struct iw_limit *limit = &c->profile->limits[i];
        is_open = !is_of_bytes(limit) && iw_when_holds(&limit->when, c->judge, is_inline(c)) &&
                  measure_of(c, limit).is_wanted;
    }
    if (!is_open || is_refused(c, IW_RULE_format_refused))
        return;
    add_plain(c, IW_RULE_dims_unknown,
              iw_arena_printf(c->arena, "the pixel size is not known: %s",
                              facts->dims_why ? facts->dims_why : "the format is not recognised"));
}

/* ---- format, animation, colours, type ---- */

/* Where the format stands in the profile's list; format_count when it does not. */
static size_t place_of(const struct iw_profile *profile, const char *format)
{
    size_t i = 0;
    while (i < profile->format_count && strcmp(profile->formats[i], format) != 0)
        i++;
    return i;
}

/* By the bytes, else by the stated type. */
static void check_format(struct checking *c)
{
    const struct iw_profile *profile = c->profile;
    const struct iw_image_format *format = c->facts->image.format;
    const char *name = format ? format->name : iw_format_name_of_type(c->facts->content_type);
    if (!name || !profile->format_count)
        return;
    size_t at = place_of(profile, name);
    if (at + profile->warned_format_count < profile->format_count)
        return;
    bool is_unlisted = at == profile->format_count;
    add(c, IW_RULE_format_refused, is_unlisted ? iw_rules[IW_RULE_format_refused].severity : IW_SEVERITY_WARNING,
        iw_arena_printf(c->arena, is_unlisted ? "%s does not accept %s%s" : "%s does not document that it accepts %s%s",
                        profile->name, name, format ? "" : " (by the stated type)"));
}

static void check_animation(struct checking *c)
{
    const struct iw_profile *profile = c->profile;
    if (!iw_profile_wants_animation(profile) || c->facts->image.animated != IW_YES)
        return;
    enum iw_rule_id rule = IW_RULE_animated_refused;
    bool is_first_frame = profile->animation_effect == IW_FIRST_FRAME;
    add(c, rule, iw_severity_of(rule, profile->animation_effect),
        iw_arena_printf(c->arena, is_first_frame ? "%s uses its first frame only" : "%s takes no animation",
                        profile->name));
}

static void check_colours(struct checking *c)
{
    static const char *const names[] = {"unknown", "grey", "RGB", "palette", "YCbCr", "CMYK"};
    const struct iw_image_facts *image = &c->facts->image;
    const struct iw_profile *profile = c->profile;
    if (profile->has_colours && image->colour != IW_COLOUR_UNKNOWN && !profile->colour_ok[image->colour])
        add_plain(c, IW_RULE_colour_refused,
                  iw_arena_printf(c->arena, "%s does not list %s colours", profile->name, names[image->colour]));
    else if (profile->max_bit_depth && image->bit_depth > profile->max_bit_depth)
        add_plain(c, IW_RULE_colour_refused,
                  iw_arena_printf(c->arena, "%u bits a channel; %s lists at most %u", image->bit_depth, profile->name,
                                  profile->max_bit_depth));
}

/* ---- type ---- */

static bool type_names(const struct iw_image_format *format, struct iw_str type)
{
    if (iw_str_eq_nocase(type, iw_str_from(format->mime)))
        return true;
    struct iw_str others = iw_str_from(format->mime_others), word;
    while (iw_str_next(&others, ' ', &word))
        if (iw_str_eq_nocase(word, type))
            return true;
    return false;
}

/* Types that claim nothing. */
static bool is_generic(struct iw_str type)
{
    return type.len == 0 || iw_str_ends_nocase(type, IW_STR("/octet-stream")) || iw_str_eq(type, IW_STR("image/*"));
}

/* type, which who states, is not that of the bytes. is_label: it stands in the request. */
static void add_mismatch(struct checking *c, struct iw_str type, const char *who, bool is_label)
{
    const struct iw_image_format *format = c->facts->image.format;
    struct iw_str message =
        iw_arena_printf(c->arena, "the bytes are %s, the %s says %.*s", format->title, who, IW_STR_ARGS(type));
    bool is_told = false;
    for (size_t i = 0; i < c->judge->profile_count; i++) {
        c->profile = c->judge->profiles[i];
        bool must_match = c->profile->type_must_match || (is_label && c->profile->label_must_match);
        if (must_match && add(c, IW_RULE_type_mismatch, IW_SEVERITY_ERROR, message))
            is_told = true;
    }
    c->profile = NULL;
    if (!is_told)
        add_plain(c, IW_RULE_type_mismatch, message);
}

/* "image/jpg" is understood by many; who looks at the labels of inline images takes the registered names alone, and who
 * is told a format takes its name alone. Of a data URI case is no matter, of what stands beside an image it is. */
static void check_label_name(struct checking *c)
{
    const struct iw_image_format *format = c->facts->image.format;
    struct iw_str type = c->facts->content_type, said = iw_str_from(c->judge->said_type);
    bool says_format = c->judge->says_format && said.len;
    if (iw_str_eq(type, iw_str_from(format->mime)) && said.len)
        type = said;
    if (c->facts->bytes_from != IW_BYTES_DATA_URI || iw_str_eq(type, iw_str_from(format->mime)))
        return;
    for (size_t i = 0; i < c->judge->profile_count && type.len; i++) {
        c->profile = c->judge->profiles[i];
        if (says_format)
            add(c, IW_RULE_type_mismatch, IW_SEVERITY_ERROR,
                iw_arena_printf(c->arena, "the request says %.*s, and requests of its kind know %s alone",
                                IW_STR_ARGS(iw_str_skip(type, strlen("image/"))), format->name));
        else if (c->profile->label_must_match)
            add(c, IW_RULE_type_mismatch, IW_SEVERITY_ERROR,
                iw_arena_printf(c->arena, "the label says %.*s, and %s knows %s alone", IW_STR_ARGS(type),
                                c->profile->name, format->mime));
    }
    c->profile = NULL;
}

/* What the label says, or else the name; no consumer is known to go by the name, so that stays a warning. */
static void check_type(struct checking *c)
{
    const struct iw_facts *facts = c->facts;
    const struct iw_image_format *format = facts->image.format;
    if (!format)
        return;
    if (!is_generic(facts->content_type) && !type_names(format, facts->content_type)) {
        bool is_label = facts->bytes_from == IW_BYTES_DATA_URI;
        add_mismatch(c, facts->content_type, is_label ? "label" : "Content-Type", is_label);
        return;
    }
    struct iw_str said = iw_str_from(c->judge->said_type);
    if (!is_generic(said) && !type_names(format, said)) {
        add_mismatch(c, said, "request", true);
        return;
    }
    check_label_name(c);
    const struct iw_image_format *named =
        facts->bytes_from == IW_BYTES_DATA_URI ? NULL : iw_image_format_of_path(facts->url);
    if (named && named != format)
        add_plain(c, IW_RULE_type_mismatch,
                  iw_arena_printf(c->arena, "the bytes are %s, the name says %s", format->title, named->title));
}

/* ---- notes ---- */

static void check_flaw(struct checking *c)
{
    if (c->facts->inline_flaw)
        add(c, IW_RULE_bad_data_uri, c->facts->is_misplaced ? IW_SEVERITY_ERROR : IW_SEVERITY_WARNING,
            iw_str_from(c->facts->inline_flaw));
}

static bool list_names(struct iw_str list, struct iw_str name)
{
    struct iw_str piece;
    while (iw_str_next(&list, ',', &piece))
        if (iw_str_eq_nocase(iw_str_trim(piece), name))
            return true;
    return false;
}

static void check_vary(struct checking *c)
{
    struct iw_str vary = c->facts->vary;
    if (vary.len == 0 || (!list_names(vary, IW_STR("Accept")) && !list_names(vary, IW_STR("User-Agent"))))
        return;
    add_plain(c, IW_RULE_size_varies,
              iw_arena_printf(c->arena, "the server varies its answer by %.*s", IW_STR_ARGS(iw_str_sub(vary, 0, 80))));
}

/* More than twice the pixels of the target's box: what scaling into it would save. */
static void check_need(struct checking *c)
{
    const struct iw_profile *profile = c->profile;
    const struct iw_image_facts *image = &c->facts->image;
    uint64_t box = (uint64_t)profile->target.fit_width_px * profile->target.fit_height_px;
    uint64_t pixels = (uint64_t)image->width_px * image->height_px;
    bool has_bytes = c->facts->bytes_from != IW_BYTES_UNKNOWN && c->facts->bytes_from != IW_BYTES_AT_LEAST;
    if (!profile->target.is_set || !has_bytes || pixels <= box * 2 || is_refused(c, IW_RULE_COUNT))
        return;
    double across = (double)profile->target.fit_width_px / image->width_px;
    double down = (double)profile->target.fit_height_px / image->height_px;
    double scale = IW_MIN(1, IW_MIN(across, down));
    double saved = 1 - scale * scale;
    char size[16];
    iw_finding_set(
        add(c, IW_RULE_larger_than_needed, iw_rules[IW_RULE_larger_than_needed].severity,
            iw_arena_printf(c->arena, "%ux%u px; scaled into %ux%u it has %.0f %% fewer pixels, some %s less",
                            image->width_px, image->height_px, profile->target.fit_width_px,
                            profile->target.fit_height_px, saved * 100,
                            iw_format_size((uint64_t)((double)c->facts->bytes * saved), size))),
        box, pixels, IW_UNIT_PX);
}

/* ---- all together ---- */

static void check_profile(struct checking *c)
{
    const struct iw_profile *profile = c->profile;
    for (size_t i = 0; i < profile->limit_count; i++)
        check_limit(c, &profile->limits[i]);
    check_format(c);
    check_animation(c);
    check_colours(c);
    check_size_known(c);
    check_header_known(c);
    check_need(c);
}

/* How long a URL is holds whatever comes of it. */
static void check_url_length(struct checking *c)
{
    for (size_t i = 0; i < c->profile->limit_count; i++)
        if (c->profile->limits[i].id == IW_LIMIT_max_url_chars)
            check_limit(c, &c->profile->limits[i]);
}

enum iw_verdict iw_check(const struct iw_judge *judge, const struct iw_facts *facts, struct iw_arena *arena,
                         struct iw_findings *out)
{
    struct checking c = {judge, facts, arena, out, NULL};
    enum iw_verdict verdict = IW_VERDICT_OK;
    bool has_failed = facts->failure != IW_FAILURE_NONE;
    out->count = 0;
    if (has_failed)
        verdict = check_failure(&c);
    for (size_t i = 0; i < judge->profile_count; i++) {
        c.profile = judge->profiles[i];
        if (has_failed)
            check_url_length(&c);
        else
            check_profile(&c);
    }
    c.profile = NULL;
    if (!has_failed) {
        check_type(&c);
        check_flaw(&c);
        check_vary(&c);
    }
    iw_check_reach(judge, facts, arena, out);
    return IW_MAX(verdict, iw_findings_end(out));
}
