/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What is written where an image changes: as little as can be. Of a data URI the media type and the text behind the
 * comma, of an object the members concerned; parameters, white space, further members and their order stay. The
 * document was read before: what stands here is known to be JSON. */
#include "base/iw.h"
#include "request/request.h"

enum {
    PREFIX_BYTES = 1024, /* in which the comma of a data URI must come */
    LABEL_BYTES = 256,
    KEY_BYTES = 4096, /* escaped, and what stands behind it */
};

struct job {
    const struct iw_call_image *image;
    const struct iw_image_format *format;
    bool is_misplaced;
    const struct iw_raw *raw;
    struct iw_arena *arena;
    struct iw_rewrite *out;
    const char **out_why;
};

static enum iw_err cannot(const struct job *job, const char *why)
{
    *job->out_why = why;
    return IW_ERR_UNKNOWN_NAME;
}

static void put(const struct job *job, uint64_t at, uint64_t len, struct iw_str before, bool has_payload,
                struct iw_str after)
{
    struct iw_rewrite *out = job->out;
    out->list[out->count++] = (struct iw_rewritten){{at, len}, before, after, has_payload};
}

/* The bytes of a span in the arena; *out_raw.ptr NULL: no memory, or they are not there. */
static struct iw_str fetch(const struct job *job, struct iw_span span)
{
    uint8_t *bytes = iw_arena_alloc(job->arena, (size_t)span.len + 1);
    if (!bytes || job->raw->read_at(job->raw->user, span.at, bytes, (size_t)span.len) != span.len)
        return IW_STR_NONE;
    return (struct iw_str){(const char *)bytes, (size_t)span.len};
}

/* ---- characters of a string, as it is written ---- */

struct chars {
    struct iw_str raw;
    size_t at;
};

static unsigned hex(char c)
{
    return c >= '0' && c <= '9' ? (unsigned)(c - '0') : ((unsigned)(unsigned char)c | 32u) - 'a' + 10;
}

/* The next character; beyond ASCII it is '\x80', whatever it is. False: the text ends. */
static bool next_char(struct chars *chars, char *out)
{
    static const char escapes[] = "b\bf\fn\nr\rt\t";
    struct iw_str rest = iw_str_skip(chars->raw, chars->at);
    if (rest.len == 0 || (rest.ptr[0] == '\\' && (rest.len < 2 || (rest.ptr[1] == 'u' && rest.len < 6))))
        return false;
    chars->at++;
    *out = (unsigned char)rest.ptr[0] < 0x80 ? rest.ptr[0] : '\x80';
    if (rest.ptr[0] != '\\')
        return true;
    chars->at++;
    *out = rest.ptr[1];
    const char *escape = strchr(escapes, rest.ptr[1]);
    if (rest.ptr[1] == 'u') {
        unsigned code = hex(rest.ptr[2]) << 12 | hex(rest.ptr[3]) << 8 | hex(rest.ptr[4]) << 4 | hex(rest.ptr[5]);
        *out = code < 0x80 ? (char)code : '\x80';
        chars->at += 4;
    } else if (escape && rest.ptr[1]) {
        *out = escape[1];
    }
    return true;
}

/* Whether a string as it is written, without quotes, says text. */
static bool says(struct iw_str raw, const char *text)
{
    struct chars chars = {raw, 0};
    char c;
    while (next_char(&chars, &c))
        if (*text == '\0' || c != *text++)
            return false;
    return *text == '\0' && chars.at == raw.len;
}

/* ---- labels ---- */

static struct iw_str quoted(const struct job *job, const char *text)
{
    return iw_arena_printf(job->arena, "\"%s\"", text);
}

static const char *label_of(const struct job *job)
{
    return job->image->label_is_format ? job->format->name : job->format->mime;
}

static enum iw_err put_label(const struct job *job)
{
    struct iw_span span = job->image->label;
    if (span.len == 0)
        return IW_OK;
    if (span.len > LABEL_BYTES)
        return cannot(job, "what says its type is too long");
    struct iw_str raw = fetch(job, span);
    if (!raw.ptr || raw.len < 2)
        return IW_ERR_NOMEM;
    if (says(iw_str_sub(raw, 1, raw.len - 2), label_of(job)))
        return IW_OK;
    struct iw_str text = quoted(job, label_of(job));
    if (text.ptr)
        put(job, span.at, span.len, text, false, IW_STR_NONE);
    return text.ptr ? IW_OK : IW_ERR_NOMEM;
}

/* ---- data URIs ---- */

struct prefix {
    struct iw_str raw; /* of the string, behind the quote */
    size_t type_at, type_len, comma_end;
    bool is_base64;
};

static bool parse_prefix(struct iw_str raw, struct prefix *out)
{
    static const char scheme[] = "data:", base64[] = ";base64";
    struct chars chars = {raw, 0};
    size_t matched = 0, before = 0;
    char c;
    *out = (struct prefix){.raw = raw};
    while (matched < sizeof scheme - 1 && next_char(&chars, &c)) {
        if (matched == 0 && (c == ' ' || c == '\n' || c == '\r' || c == '\t'))
            continue;
        if (c == '"' || ((unsigned char)c | 32u) != ((unsigned char)scheme[matched] | 32u))
            return false;
        matched++;
    }
    out->type_at = chars.at;
    bool is_in_type = true;
    for (matched = 0; before = chars.at, next_char(&chars, &c);) {
        if (is_in_type && (c == ';' || c == ',')) {
            out->type_len = before - out->type_at;
            is_in_type = false;
        }
        if (c == ',') {
            out->comma_end = chars.at;
            out->is_base64 = matched == sizeof base64 - 1;
            return true;
        }
        if (c == ';')
            matched = 1;
        else
            matched = matched && matched < sizeof base64 - 1 &&
                              ((unsigned char)c | 32u) == ((unsigned char)base64[matched] | 32u)
                          ? matched + 1
                          : 0;
    }
    return false;
}

static enum iw_err read_prefix(const struct job *job, struct prefix *out)
{
    struct iw_span value = job->image->value;
    struct iw_span head = {value.at + 1, IW_MIN(value.len - 2, (uint64_t)PREFIX_BYTES)};
    struct iw_str raw = fetch(job, head);
    if (!raw.ptr)
        return IW_ERR_NOMEM;
    return parse_prefix(raw, out) ? IW_OK : cannot(job, "its data URI has no comma where one is due");
}

static void put_type(const struct job *job, const struct prefix *prefix)
{
    struct iw_str mime = iw_str_from(job->format->mime);
    if (!says(iw_str_sub(prefix->raw, prefix->type_at, prefix->type_len), job->format->mime))
        put(job, job->image->value.at + 1 + prefix->type_at, prefix->type_len, mime, false, IW_STR_NONE);
}

/* "data:image/png;base64," in front of the payload, quotes included. */
static enum iw_err put_data_uri(const struct job *job)
{
    struct iw_str before = iw_arena_printf(job->arena, "\"data:%s;base64,", job->format->mime);
    if (!before.ptr)
        return IW_ERR_NOMEM;
    put(job, job->image->value.at, job->image->value.len, before, true, IW_STR("\""));
    return IW_OK;
}

/* Bare base64 gets a prefix, or loses it. */
static enum iw_err move(const struct job *job)
{
    struct prefix prefix;
    uint64_t at = job->image->value.at + 1;
    if (job->image->carrier == IW_CARRIER_BASE64) {
        struct iw_str text = iw_arena_printf(job->arena, "data:%s;base64,", job->format->mime);
        put(job, at, 0, text, false, IW_STR_NONE);
        return text.ptr ? put_label(job) : IW_ERR_NOMEM;
    }
    enum iw_err err = read_prefix(job, &prefix);
    if (err == IW_OK && !prefix.is_base64)
        err = cannot(job, "its data URI is not base64");
    if (err == IW_OK)
        put(job, at, prefix.comma_end, IW_STR_NONE, false, IW_STR_NONE);
    return err == IW_OK ? put_label(job) : err;
}

static enum iw_err relabel(const struct job *job)
{
    if (job->is_misplaced)
        return move(job);
    struct prefix prefix;
    enum iw_err err = job->image->carrier == IW_CARRIER_DATA_URI ? read_prefix(job, &prefix) : IW_OK;
    if (err != IW_OK)
        return err;
    if (job->image->carrier == IW_CARRIER_DATA_URI)
        put_type(job, &prefix);
    return put_label(job);
}

static enum iw_err repay(const struct job *job)
{
    struct iw_span value = job->image->value;
    struct prefix prefix = {.is_base64 = true};
    if (job->is_misplaced && job->image->carrier == IW_CARRIER_BASE64) {
        enum iw_err done = put_data_uri(job);
        return done == IW_OK ? put_label(job) : done;
    }
    if (job->is_misplaced) {
        put(job, value.at + 1, value.len - 2, IW_STR_NONE, true, IW_STR_NONE);
        return put_label(job);
    }
    enum iw_err err = job->image->carrier == IW_CARRIER_DATA_URI ? read_prefix(job, &prefix) : IW_OK;
    if (err == IW_OK && !prefix.is_base64) {
        err = put_data_uri(job);
    } else if (err == IW_OK) {
        if (job->image->carrier == IW_CARRIER_DATA_URI)
            put_type(job, &prefix);
        put(job, value.at + 1 + prefix.comma_end, value.len - 2 - prefix.comma_end, IW_STR_NONE, true, IW_STR_NONE);
    }
    return err == IW_OK ? put_label(job) : err;
}

/* ---- URLs become bytes ---- */

/* The key at the beginning of a span gets another name, and another member in front of it
 * says the type, if it is to, spaced as this one is. */
static enum iw_err put_key(const struct job *job, struct iw_span span, const char *name, bool has_type)
{
    if (span.len > KEY_BYTES)
        return cannot(job, "too much white space stands behind its key");
    struct iw_str raw = fetch(job, span), text;
    size_t end = 1;
    while (end < raw.len && raw.ptr[end] != '"')
        end += raw.ptr[end] == '\\' ? 2 : 1;
    if (end >= raw.len)
        return IW_ERR_NOMEM;
    struct iw_str between = iw_str_skip(raw, end + 1);
    const char *space = between.len && between.ptr[between.len - 1] == ' ' ? " " : "";
    if (has_type)
        text = iw_arena_printf(job->arena, "\"%s\"%.*s\"%s\",%s\"%s\"", job->image->type_key, IW_STR_ARGS(between),
                               job->format->mime, space, name);
    else
        text = quoted(job, name);
    if (text.ptr)
        put(job, span.at, end + 1, text, false, IW_STR_NONE);
    return text.ptr ? IW_OK : IW_ERR_NOMEM;
}

static enum iw_err put_members(const struct job *job)
{
    const struct iw_call_image *image = job->image;
    enum iw_err err = image->outer.len ? put_key(job, image->outer, image->outer_key, false) : IW_OK;
    if (err == IW_OK)
        err = put_key(job, image->key, image->data_key, image->type_key != NULL);
    if (err == IW_OK)
        put(job, image->value.at, image->value.len, IW_STR("\""), true, IW_STR("\""));
    if (err == IW_OK && image->kind.len)
        put(job, image->kind.at, image->kind.len, IW_STR("\"base64\""), false, IW_STR_NONE);
    return err;
}

static enum iw_err inline_url(const struct job *job)
{
    enum iw_err err = IW_ERR_INTERNAL;
    switch (job->image->inlining) {
    case IW_INLINE_NONE:
        return cannot(job, "a request of this kind has no place for the bytes of an image");
    case IW_INLINE_DATA_URI:
        err = put_data_uri(job);
        break;
    case IW_INLINE_MEMBERS:
        err = job->image->not_inlined ? cannot(job, job->image->not_inlined) : put_members(job);
        break;
    }
    return err == IW_OK ? put_label(job) : err;
}

enum iw_err iw_rewrite_image(const struct iw_call_image *image, enum iw_rewriting what,
                             const struct iw_image_format *format, bool is_misplaced, const struct iw_raw *raw,
                             struct iw_arena *arena, struct iw_rewrite *out, const char **out_why)
{
    struct job job = {image, format, is_misplaced, raw, arena, out, out_why};
    out->count = 0;
    *out_why = NULL;
    if (image->value.len < 2) /* no string with its quotes */
        return IW_ERR_INTERNAL;
    if (!format->mime)
        return cannot(&job, "its format has no media type");
    switch (what) {
    case IW_REWRITE_LABEL:
        return relabel(&job);
    case IW_REWRITE_PAYLOAD:
        return repay(&job);
    case IW_REWRITE_INLINE:
        return inline_url(&job);
    }
    return IW_ERR_INTERNAL;
}
