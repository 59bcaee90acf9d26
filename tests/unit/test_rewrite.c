/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What is written where an image changes: rows of documents before and after, of which nothing else may differ. */
#include "base/iw.h"
#include "request/request.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

enum { L = IW_REWRITE_LABEL, P = IW_REWRITE_PAYLOAD, I = IW_REWRITE_INLINE, MISPLACED = 8 };
enum { AS_NOTHING, AS_URI, AS_SOURCE, AS_PART, AS_MEMBER };
/* The keys that change are named as they stand, up to the value. */
static const struct {
    const char *key, *data_key, *type_key, *outer, *outer_key, *kind;
} inlinings[] = {
    [AS_SOURCE] = {"\"url\"", "data", "media_type", NULL, NULL, "\"url\""},
    [AS_PART] = {"\"fileUri\"", "data", "mimeType", "\"fileData\"", "inlineData", NULL},
    [AS_MEMBER] = {"\"url\"", "base64", "mime_type", NULL, NULL, "\"uri\""},
};
enum { URL = IW_CARRIER_URL, URI = IW_CARRIER_DATA_URI, B64 = IW_CARRIER_BASE64 };

/* The value and label are named by what they are in the document: their first occurrence. The payload is "@". */
static const struct row {
    const char *what;
    int rewriting, carrier, inlining;
    bool label_is_format;
    const char *format, *document, *value, *label;
    const char *result; /* or, behind "!", the reason why not */
} rows[] = {
    {"a data URI", P, URI, 0, false, "jpeg", "{\"url\": \"data:image/png;base64,AAAA\", \"detail\": \"low\"}",
     "\"data:image/png;base64,AAAA\"", NULL, "{\"url\": \"data:image/jpeg;base64,@\", \"detail\": \"low\"}"},
    {"its type is right", P, URI, 0, false, "png", "[\"data:image/png;base64,AAAA\"]", "\"data:image/png;base64,AAAA\"",
     NULL, "[\"data:image/png;base64,@\"]"},
    {"escapes in a prefix that is right", P, URI, 0, false, "png", "[\"data:image\\/png;base64,AA\\/A\"]",
     "\"data:image\\/png;base64,AA\\/A\"", NULL, "[\"data:image\\/png;base64,@\"]"},
    {"escapes in a prefix that is wrong", P, URI, 0, false, "jpeg",
     "[\"d\\u0061ta:image\\/png\\u003bbase64\\u002cAAAA\"]", "\"d\\u0061ta:image\\/png\\u003bbase64\\u002cAAAA\"", NULL,
     "[\"d\\u0061ta:image/jpeg\\u003bbase64\\u002c@\"]"},
    {"parameters stay", P, URI, 0, false, "jpeg", "[\"data:image/png;charset=x;base64,AAAA\"]",
     "\"data:image/png;charset=x;base64,AAAA\"", NULL, "[\"data:image/jpeg;charset=x;base64,@\"]"},
    {"no type", P, URI, 0, false, "jpeg", "[\"data:;base64,AAAA\"]", "\"data:;base64,AAAA\"", NULL,
     "[\"data:image/jpeg;base64,@\"]"},
    {"capitals", P, URI, 0, false, "jpeg", "[\" DATA:IMAGE/PNG;BASE64,AAAA\"]", "\" DATA:IMAGE/PNG;BASE64,AAAA\"", NULL,
     "[\" DATA:image/jpeg;BASE64,@\"]"},
    {"percent escapes become base64", P, URI, 0, false, "jpeg", "[\"data:image/svg+xml,%3Csvg/%3E\"]",
     "\"data:image/svg+xml,%3Csvg/%3E\"", NULL, "[\"data:image/jpeg;base64,@\"]"},
    {"base64 that is not last", P, URI, 0, false, "jpeg", "[\"data:image/png;base64;x=1,AAAA\"]",
     "\"data:image/png;base64;x=1,AAAA\"", NULL, "[\"data:image/jpeg;base64,@\"]"},
    {"an empty payload", P, URI, 0, false, "jpeg", "[\"data:image/png;base64,\"]", "\"data:image/png;base64,\"", NULL,
     "[\"data:image/jpeg;base64,@\"]"},
    {"no comma", P, URI, 0, false, "jpeg", "[\"data:image/png\"]", "\"data:image/png\"", NULL,
     "!its data URI has no comma where one is due"},
    {"no data URI", L, URI, 0, false, "jpeg", "[\"dat,\"]", "\"dat,\"", NULL,
     "!its data URI has no comma where one is due"},
    {"base64 alone", P, B64, 0, false, "jpeg", "{\"data\":\"AAAA\",\"images\":[\"AAAB\"]}", "\"AAAA\"", NULL,
     "{\"data\":\"@\",\"images\":[\"AAAB\"]}"},
    {"a label behind", P, B64, 0, false, "jpeg", "{\"data\":\"AAAA\", \"media_type\" :\"image/png\"}", "\"AAAA\"",
     "\"image/png\"", "{\"data\":\"@\", \"media_type\" :\"image/jpeg\"}"},
    {"a label in front", P, B64, 0, false, "jpeg", "{\"media_type\":\"image/png\",\"data\":\"AAAA\"}", "\"AAAA\"",
     "\"image/png\"", "{\"media_type\":\"image/jpeg\",\"data\":\"@\"}"},
    {"a label that is right, escaped", P, B64, 0, false, "jpeg", "{\"media_type\":\"image\\/jpeg\",\"data\":\"AAAA\"}",
     "\"AAAA\"", "\"image\\/jpeg\"", "{\"media_type\":\"image\\/jpeg\",\"data\":\"@\"}"},
    {"a format", P, B64, 0, true, "jpeg", "{\"format\":\"png\",\"source\":{\"bytes\":\"AAAA\"}}", "\"AAAA\"", "\"png\"",
     "{\"format\":\"jpeg\",\"source\":{\"bytes\":\"@\"}}"},
    {"a format in capitals", L, B64, 0, true, "jpeg", "{\"format\":\"JPEG\",\"bytes\":\"AAAA\"}", "\"AAAA\"",
     "\"JPEG\"", "{\"format\":\"jpeg\",\"bytes\":\"AAAA\"}"},
    {"LiteLLM", P, URI, 0, false, "jpeg", "{\"url\":\"data:image/png;base64,AAAA\",\"format\":\"image/png\"}",
     "\"data:image/png;base64,AAAA\"", "\"image/png\"",
     "{\"url\":\"data:image/jpeg;base64,@\",\"format\":\"image/jpeg\"}"},
    {"a label alone", L, URI, 0, false, "jpeg", "[\"data:image/png;base64,AAAA\"]", "\"data:image/png;base64,AAAA\"",
     NULL, "[\"data:image/jpeg;base64,AAAA\"]"},
    {"image/jpg", L, URI, 0, false, "jpeg", "[\"data:image/jpg;base64,AAAA\"]", "\"data:image/jpg;base64,AAAA\"", NULL,
     "[\"data:image/jpeg;base64,AAAA\"]"},
    {"a label that is right", L, URI, 0, false, "jpeg", "[\"data:image/jpeg;base64,AAAA\"]",
     "\"data:image/jpeg;base64,AAAA\"", NULL, "[\"data:image/jpeg;base64,AAAA\"]"},
    {"nothing that says a type", L, B64, 0, false, "jpeg", "[\"AAAA\"]", "\"AAAA\"", NULL, "[\"AAAA\"]"},

    {"a prefix where one is missing", L | MISPLACED, B64, 0, false, "jpeg", "[\"AAAA\"]", "\"AAAA\"", NULL,
     "[\"data:image/jpeg;base64,AAAA\"]"},
    {"and another payload", P | MISPLACED, B64, 0, false, "jpeg", "[\"AAAA\"]", "\"AAAA\"", NULL,
     "[\"data:image/jpeg;base64,@\"]"},
    {"a prefix where none belongs", L | MISPLACED, URI, 0, false, "jpeg", "[\"data:image\\/png;base64,AAAA\"]",
     "\"data:image\\/png;base64,AAAA\"", NULL, "[\"AAAA\"]"},
    {"the same, and another payload", P | MISPLACED, URI, 0, false, "jpeg", "[\"data:image/png,%41\"]",
     "\"data:image/png,%41\"", NULL, "[\"@\"]"},
    {"the same without base64", L | MISPLACED, URI, 0, false, "jpeg", "[\"data:image/png,%41\"]",
     "\"data:image/png,%41\"", NULL, "!its data URI is not base64"},
    {"a URL becomes a data URI", I, URL, AS_URI, false, "webp", "{\"url\":\"https://h/a\",\"detail\":\"low\"}",
     "\"https://h/a\"", NULL, "{\"url\":\"data:image/webp;base64,@\",\"detail\":\"low\"}"},
    {"and its sibling keeps step", I, URL, AS_URI, false, "webp", "{\"format\":\"image/png\",\"url\":\"https://h/a\"}",
     "\"https://h/a\"", "\"image/png\"", "{\"format\":\"image/webp\",\"url\":\"data:image/webp;base64,@\"}"},
    {"no place", I, URL, AS_NOTHING, false, "webp", "[\"https://h/a\"]", "\"https://h/a\"", NULL,
     "!a request of this kind has no place for the bytes of an image"},
    {"members of an object, and others that stay", I, URL, AS_SOURCE, false, "png",
     "{\"type\":\"image\",\"source\":{\"x\":[1.0],\"type\":\"url\",\"url\":\"https://h/a\",\"z\":{\"url\":0}}}",
     "\"https://h/a\"", NULL,
     "{\"type\":\"image\",\"source\":{\"x\":[1.0],\"type\":\"base64\",\"media_type\":\"image/"
     "png\",\"data\":\"@\",\"z\":{"
     "\"url\":0}}}"},
    {"white space is that of the member", I, URL, AS_SOURCE, false, "png",
     "{\"source\": {\"\\u0075rl\": \"https://h/a\", \"type\": \"url\"}}", "\"https://h/a\"", NULL,
     "{\"source\": {\"media_type\": \"image/png\", \"data\": \"@\", \"type\": \"base64\"}}"},
    {"lines", I, URL, AS_SOURCE, false, "png", "{\"type\":\n\"url\",\n\"url\" :\n\"https://h/a\"\n}", "\"https://h/a\"",
     NULL, "{\"type\":\n\"base64\",\n\"media_type\" :\n\"image/png\",\"data\" :\n\"@\"\n}"},
    {"keys of a member and of the one around it", I, URL, AS_PART, false, "png",
     "{\"fileData\" : "
     "{\"a\":1,\"mimeType\":\"image/jpeg\",\"fileUri\":\"https://h/a\"},\"mediaResolution\":{\"level\":1}}",
     "\"https://h/a\"", "\"image/jpeg\"",
     "{\"inlineData\" : {\"a\":1,\"mimeType\":\"image/png\",\"data\":\"@\"},\"mediaResolution\":{\"level\":1}}"},
    {"the same without a type", I, URL, AS_PART, false, "png", "{\"fileData\":{\"fileUri\":\"https://h/a\"}}",
     "\"https://h/a\"", NULL, "{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"@\"}}"},
    {"a member and its type", I, URL, AS_MEMBER, false, "png", "{\"type\":\"image\", \"url\": \"https://h/a\"}",
     "\"https://h/a\"", NULL, "{\"type\":\"image\", \"mime_type\": \"image/png\", \"base64\": \"@\"}"},
    {"a member with its label beside it", I, URL, AS_MEMBER, false, "png",
     "{\"mime_type\":\"image/jpeg\",\"type\":\"image\",\"url\":\"https://h/a\"}", "\"https://h/a\"", "\"image/jpeg\"",
     "{\"mime_type\":\"image/png\",\"type\":\"image\",\"base64\":\"@\"}"},
    {"a member and its kind", I, URL, AS_MEMBER, false, "png",
     "{\"type\":\"image\",\"source_type\":\"uri\",\"url\":\"https://h/a\"}", "\"https://h/a\"", NULL,
     "{\"type\":\"image\",\"source_type\":\"base64\",\"mime_type\":\"image/png\",\"base64\":\"@\"}"},
};

static struct iw_span find(const char *document, const char *what)
{
    const char *at = what ? strstr(document, what) : NULL;
    return at ? (struct iw_span){(uint64_t)(at - document), strlen(what)} : (struct iw_span){0, 0};
}

/* From a key to the value, or to the object that it names. */
static struct iw_span key_of(const struct row *row, const char *key, bool is_of_value)
{
    const char *value = key ? strstr(row->document, row->value) : NULL;
    const char *at = key ? strstr(row->document, key) : NULL, *end = at ? strchr(at, '{') : NULL;
    if (is_of_value)
        for (end = at = value; at && end && *--at != ',' && *at != '{';)
            continue;
    while (is_of_value && at && *at != '"')
        at++;
    return at && end ? (struct iw_span){(uint64_t)(at - row->document), (uint64_t)(end - at)} : (struct iw_span){0, 0};
}

/* The value that says "url" or "uri", behind its key. */
static struct iw_span kind_of(const struct row *row)
{
    const char *kind = inlinings[row->inlining].kind, *at = kind ? strstr(row->document, "type\":") : NULL;
    for (; at; at = strstr(at + 1, "type\":")) {
        const char *value = at + strcspn(at, ":") + 1;
        value += strspn(value, " \n");
        if (strncmp(value, kind, strlen(kind)) == 0)
            return (struct iw_span){(uint64_t)(value - row->document), strlen(kind)};
    }
    return (struct iw_span){0, 0};
}

static size_t read_at(void *user, uint64_t at, uint8_t *buf, size_t len)
{
    struct iw_str part = iw_str_sub(*(const struct iw_str *)user, (size_t)at, len);
    memcpy(buf, part.ptr, part.len);
    return part.len;
}

/* Spans are put into the order of their places, as the splicer wants them. */
static void apply(const char *document, const struct iw_rewrite *rewrite, struct iw_buf *out)
{
    uint64_t at = 0;
    bool is_done[IW_REWRITE_MAX] = {false};
    for (size_t done = 0; done < rewrite->count; done++) {
        const struct iw_rewritten *next = NULL;
        for (size_t i = 0; i < rewrite->count; i++)
            if (!is_done[i] && (!next || rewrite->list[i].span.at < next->span.at))
                next = &rewrite->list[i];
        assert_true(next && next->span.at >= at);
        is_done[next - rewrite->list] = true;
        iw_buf_add(out, document + at, (size_t)(next->span.at - at));
        iw_buf_add_str(out, next->before);
        if (next->has_payload)
            iw_buf_add_char(out, '@');
        iw_buf_add_str(out, next->after);
        at = next->span.at + next->span.len;
    }
    iw_buf_add_str(out, iw_str_from(document + at));
}

static enum iw_err rewrite(const struct row *row, struct iw_str document, struct iw_arena *arena,
                           struct iw_rewrite *out, const char **out_why)
{
    struct iw_call_image image = {
        .carrier = (enum iw_carrier)row->carrier,
        .value = find(row->document, row->value),
        .label = find(row->document, row->label),
        .kind = kind_of(row),
        .key = key_of(row, inlinings[row->inlining].key, true),
        .outer = key_of(row, inlinings[row->inlining].outer, false),
        .data_key = inlinings[row->inlining].data_key,
        .type_key = row->label ? NULL : inlinings[row->inlining].type_key,
        .outer_key = inlinings[row->inlining].outer_key,
        .inlining = row->inlining > AS_URI ? IW_INLINE_MEMBERS : (enum iw_inlining)row->inlining,
        .label_is_format = row->label_is_format,
    };
    struct iw_raw raw = {read_at, &document};
    const struct iw_image_format *format = iw_image_format_find(iw_str_from(row->format));
    assert_non_null(format);
    return iw_rewrite_image(&image, (enum iw_rewriting)(row->rewriting & ~MISPLACED), format,
                            row->rewriting & MISPLACED, &raw, arena, out, out_why);
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_arena arena;
        struct iw_buf out;
        struct iw_rewrite result;
        const char *why;
        iw_arena_init(&arena, 1 << 20);
        iw_buf_init(&out, 10000);
        enum iw_err err = rewrite(&rows[i], iw_str_from(rows[i].document), &arena, &result, &why);
        if (err == IW_OK)
            apply(rows[i].document, &result, &out);
        else
            iw_buf_printf(&out, "!%s", why ? why : "");
        if (!iw_str_eq(iw_buf_str(&out), iw_str_from(rows[i].result)))
            fail_msg("%s:\n%.*s\n%s", rows[i].what, IW_STR_ARGS(iw_buf_str(&out)), rows[i].result);
        iw_arena_release(&arena);
        iw_buf_release(&out);
    }
}

/* A document that is shorter by now gives no bytes, and no answer. */
static void test_bytes_that_are_gone(void **state)
{
    (void)state;
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        for (size_t len = 0; len < strlen(rows[i].document); len++) {
            struct iw_arena arena;
            struct iw_rewrite result;
            const char *why;
            iw_arena_init(&arena, 1 << 20);
            enum iw_err err = rewrite(&rows[i], (struct iw_str){rows[i].document, len}, &arena, &result, &why);
            assert_true(err == IW_OK || err == IW_ERR_NOMEM || (err == IW_ERR_UNKNOWN_NAME && why));
            iw_arena_release(&arena);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_bytes_that_are_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
