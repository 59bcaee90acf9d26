/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A walk over JSON text (RFC 8259) that knows in what it is, and keeps nothing else. Deeper than the room for that, it
 * goes on without finding anything until it is out again. */
#include "base/iw.h"
#include "source/json_ld.h"

#include "base/utf8.h"

enum { DEEPEST = 64 };

struct frame {
    bool is_object;
    const char *as;     /* what a list's strings, or an object's url, name; NULL: nothing that is looked for */
    const char *key_as; /* the same for the value of the key at hand */
    bool is_type;       /* the key at hand is "@type" */
};

struct walk {
    struct iw_str text;
    size_t at;
    struct iw_buf *scratch;
    iw_json_ld_fn fn;
    void *user;
    struct frame frames[DEEPEST];
    size_t depth; /* also of those without a frame */
};

static const char *meaning_of(struct iw_str key)
{
    static const struct {
        const char *key, *as;
    } rows[] = {
        {"image", "JSON-LD image"},
        {"logo", "JSON-LD logo"},
        {"thumbnail", "JSON-LD thumbnail"},
        {"thumbnailUrl", "JSON-LD thumbnailUrl"},
        {"primaryImageOfPage", "JSON-LD primaryImageOfPage"},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++)
        if (iw_str_eq(key, iw_str_from(rows[i].key)))
            return rows[i].as;
    return NULL;
}

static struct frame *top(struct walk *walk)
{
    return walk->depth && walk->depth <= DEEPEST ? &walk->frames[walk->depth - 1] : NULL;
}

/* What a value here names. */
static const char *context(struct walk *walk)
{
    const struct frame *frame = top(walk);
    return !frame ? NULL : frame->is_object ? frame->key_as : frame->as;
}

static void open(struct walk *walk, bool is_object)
{
    const char *as = context(walk);
    walk->depth++;
    struct frame *frame = top(walk);
    if (frame)
        *frame = (struct frame){.is_object = is_object, .as = as};
}

/* ---- strings ---- */

static uint32_t hex4(struct iw_str text)
{
    uint32_t value = 0;
    for (size_t i = 0; i < 4 && i < text.len; i++) {
        char c = text.ptr[i], lower = (char)(c | 0x20);
        uint32_t digit = c >= '0' && c <= '9'           ? (uint32_t)(c - '0')
                         : lower >= 'a' && lower <= 'f' ? (uint32_t)(lower - 'a' + 10)
                                                        : 0;
        value = value << 4 | digit;
    }
    return value;
}

/* A Unicode escape of four digits that text begins with, or a pair of them. */
static size_t unicode(struct iw_str text, struct iw_buf *out)
{
    uint32_t code = hex4(iw_str_skip(text, 2));
    size_t n = IW_MIN((size_t)6, text.len);
    struct iw_str rest = iw_str_skip(text, 6);
    if (code >= 0xD800 && code <= 0xDBFF && rest.len >= 6 && iw_str_starts(rest, IW_STR("\\u"))) {
        uint32_t low = hex4(iw_str_skip(rest, 2));
        if (low >= 0xDC00 && low <= 0xDFFF) {
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            n += 6;
        }
    }
    char bytes[4];
    size_t len = iw_utf8_put(code >= 0xD800 && code <= 0xDFFF ? 0xFFFD : code, bytes);
    iw_buf_add(out, bytes, len);
    return n;
}

static struct iw_str unescape(struct iw_str text, struct iw_buf *out)
{
    if (iw_str_find(text, '\\') == text.len)
        return text;
    while (text.len) {
        size_t n = iw_str_find(text, '\\');
        iw_buf_add(out, text.ptr, n);
        text = iw_str_skip(text, n);
        if (text.len > 1 && text.ptr[1] == 'u') {
            text = iw_str_skip(text, unicode(text, out));
        } else if (text.len > 1) {
            static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
            const char *which = memchr(from, text.ptr[1], sizeof from - 1);
            iw_buf_add_char(out, which ? to[which - from] : text.ptr[1]);
            text = iw_str_skip(text, 2);
        } else {
            text = iw_str_skip(text, 1);
        }
    }
    return iw_buf_str(out);
}

/* The string at hand, without its quotes; goes on behind it. */
static struct iw_str take_string(struct walk *walk)
{
    size_t start = ++walk->at;
    while (walk->at < walk->text.len && walk->text.ptr[walk->at] != '"')
        walk->at += walk->text.ptr[walk->at] == '\\' ? 2 : 1;
    size_t end = IW_MIN(walk->at, walk->text.len);
    walk->at = IW_MIN(end + 1, walk->text.len);
    return iw_str_sub(walk->text, start, end - start);
}

static bool is_key(const struct walk *walk)
{
    size_t at = walk->at;
    while (at < walk->text.len && memchr(" \t\r\n", walk->text.ptr[at], 4))
        at++;
    return at < walk->text.len && walk->text.ptr[at] == ':';
}

static void take_key(struct frame *frame, struct iw_str key)
{
    bool is_url = iw_str_eq(key, IW_STR("url")) || iw_str_eq(key, IW_STR("contentUrl"));
    frame->key_as = is_url && frame->as ? frame->as : meaning_of(key);
    frame->is_type = iw_str_eq(key, IW_STR("@type"));
}

/* Behind the value. */
static void forget_key(struct walk *walk)
{
    struct frame *frame = top(walk);
    if (frame) {
        frame->key_as = NULL;
        frame->is_type = false;
    }
}

static enum iw_err string(struct walk *walk)
{
    struct iw_str raw = take_string(walk);
    struct frame *frame = top(walk);
    if (!frame)
        return IW_OK;
    if (frame->is_object && is_key(walk)) {
        take_key(frame, raw);
        return IW_OK;
    }
    if (frame->is_object && frame->is_type && !frame->as && iw_str_eq(raw, IW_STR("ImageObject")))
        frame->as = "JSON-LD ImageObject";
    const char *as = context(walk);
    if (!as)
        return IW_OK;
    iw_buf_clear(walk->scratch);
    struct iw_str url = iw_str_trim(unescape(raw, walk->scratch));
    if (walk->scratch->err != IW_OK) /* longer than any URL */
        return walk->scratch->err == IW_ERR_NOMEM ? IW_ERR_NOMEM : IW_OK;
    size_t at = (size_t)(iw_str_trim(raw).ptr - walk->text.ptr);
    return url.len ? walk->fn(walk->user, url, at, as) : IW_OK;
}

/* ---- the walk ---- */

enum iw_err iw_json_ld_scan(struct iw_str text, struct iw_buf *scratch, iw_json_ld_fn fn, void *user)
{
    struct walk walk = {.text = text, .scratch = scratch, .fn = fn, .user = user};
    enum iw_err err = IW_OK;
    while (walk.at < text.len && err == IW_OK) {
        char c = text.ptr[walk.at];
        if (c == '"') {
            err = string(&walk);
            continue;
        }
        if (c == '{' || c == '[')
            open(&walk, c == '{');
        else if (c == '}' || c == ']')
            walk.depth -= walk.depth > 0;
        else if (c == ',')
            forget_key(&walk);
        walk.at++;
    }
    return err;
}
