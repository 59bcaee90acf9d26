/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A byte decides what comes next; long strings are skimmed. Whether many lines are one document is known at the first
 * end of a line: within a value it is one, behind it each line is a value of its own. */
#include "base/iw.h"
#include "request/json.h"

#include "base/utf8.h"
#include "request/skim.h"

#include <stdio.h>

enum number { MINUS, ZERO, INTEGER, POINT, FRACTION, EXPONENT, SIGN, POWER };
enum { LETTER = 5 };

void iw_json_init(struct iw_json *json, const struct iw_json_events *events, void *user)
{
    *json = (struct iw_json){.events = events, .user = user};
}

static unsigned capped(uint64_t count)
{
    return count < UINT32_MAX ? (unsigned)count : UINT32_MAX;
}

static struct iw_json_place place_at(const struct iw_json *json, uint64_t at)
{
    return (struct iw_json_place){at, capped(json->lines + 1), capped(at - json->line_start + 1)};
}

static struct iw_json_place place_of(const struct iw_json *json, const char *p)
{
    return place_at(json, json->at + (uint64_t)(p - json->chunk));
}

static bool in_object(const struct iw_json *json)
{
    unsigned top = json->depth - 1;
    return json->is_object[top / 64] >> top % 64 & 1;
}

/* ---- what is wrong ---- */

static const char *expected(const struct iw_json *json)
{
    switch (json->state) {
    case IW_JSON_FIRST_ELEMENT:
        return "a value or ']'";
    case IW_JSON_FIRST_KEY:
        return "a key or '}'";
    case IW_JSON_KEY:
        return "a key";
    case IW_JSON_COLON:
        return "':'";
    case IW_JSON_AFTER:
        return in_object(json) ? "',' or '}'" : "',' or ']'";
    case IW_JSON_DONE:
        return json->is_document ? "the end of the document" : "the end of the line";
    case IW_JSON_IN_STRING:
        return json->utf8_left          ? "the rest of a UTF-8 character"
               : json->digits == LETTER ? "an escape"
               : json->digits           ? "a hexadecimal digit"
                                        : "the rest of a string";
    case IW_JSON_IN_NUMBER:
        return "a digit";
    case IW_JSON_IN_WORD:
        return "true, false or null";
    default:
        return "a value";
    }
}

static void describe(char out[32], int c)
{
    if (c < 0)
        (void)snprintf(out, 32, "the end of the file");
    else if (c == '\n' || c == '\r')
        (void)snprintf(out, 32, "the end of the line");
    else if (c > ' ' && c < 0x7F)
        (void)snprintf(out, 32, "'%c'", c);
    else
        (void)snprintf(out, 32, "byte 0x%02X", (unsigned)c);
}

static enum iw_err deliver(struct iw_json *json, const struct iw_json_place *place, const char *text)
{
    return json->events->fault(json->user, place, iw_str_from(text));
}

/* What was held back is a line among others. */
static enum iw_err release(struct iw_json *json)
{
    json->is_lines = true;
    if (!json->has_held)
        return IW_OK;
    json->has_held = false;
    return deliver(json, &json->held_place, json->held.text);
}

static enum iw_err fail(struct iw_json *json, struct iw_json_place place, enum iw_err code, const char *text,
                        struct iw_diag *diag)
{
    if (json->is_document)
        return iw_fail(diag, code, place.line, place.column, "%s", text);
    json->state = IW_JSON_SKIP;
    if (json->is_lines)
        return deliver(json, &place, text);
    json->has_held = true;
    json->held_place = place;
    (void)iw_fail(&json->held, code, place.line, place.column, "%s", text);
    return IW_OK;
}

/* A line that was cut looks like a document of many lines until the next one begins. What was taken for a part of it
 * cannot be read again, so it is told of, too. */
static enum iw_err restart(struct iw_json *json, const struct iw_json_place *place)
{
    json->is_document = false;
    json->is_lines = true;
    json->state = IW_JSON_BETWEEN;
    struct iw_json_place cut = json->start;
    enum iw_err err = deliver(json, &cut, "the line ends within a value");
    if (err != IW_OK || place->line < cut.line + 2 || !json->tokens_before)
        return err;
    cut = (struct iw_json_place){json->line_before, cut.line + 1, 1};
    return deliver(json, &cut, "it was taken for the rest of the line before, which is cut");
}

/* Whether a line that was cut may end before this place. */
static bool may_be_line(const struct iw_json *json, const struct iw_json_place *place)
{
    return json->is_document && place->column == 1 && place->line > json->start.line &&
           place->line <= json->start.line + 2;
}

/* c is not what may stand there (-1: the file ends). *out_again: the byte is to be looked at once more. */
static enum iw_err refuse(struct iw_json *json, struct iw_json_place place, int c, bool *out_again,
                          struct iw_diag *diag)
{
    if (c == '{' && json->state != IW_JSON_DONE && may_be_line(json, &place)) {
        *out_again = true;
        return restart(json, &place);
    }
    char found[32], text[100];
    describe(found, c);
    if (json->state == IW_JSON_IN_STRING && !json->digits && !json->utf8_left && c >= 0 && c < ' ' && c != '\n')
        (void)snprintf(text, sizeof text, "a control character (%s) stands in a string", found);
    else if (json->state == IW_JSON_IN_STRING && c >= 0x80 && !json->digits && !json->utf8_left)
        (void)snprintf(text, sizeof text, "a string is no UTF-8 (%s)", found);
    else
        (void)snprintf(text, sizeof text, "expected %s, found %s", expected(json), found);
    return fail(json, place, IW_ERR_SYNTAX, text, diag);
}

/* ---- strings ---- */

static void emit(struct iw_json *json, const char *text, size_t len)
{
    if (json->is_key) {
        if (len <= sizeof json->key - IW_MIN(json->key_len, sizeof json->key))
            memcpy(json->key + json->key_len, text, len);
        json->key_len = IW_MIN(json->key_len + len, sizeof json->key + 1);
    } else if (json->is_wanted && len) {
        json->events->text(json->user, (struct iw_str){text, len});
    }
}

static void emit_code(struct iw_json *json, uint32_t code)
{
    char bytes[4];
    emit(json, bytes, iw_utf8_put(code, bytes));
}

static void flush_surrogate(struct iw_json *json)
{
    if (json->high)
        emit_code(json, 0xFFFD);
    json->high = 0;
}

static void end_unit(struct iw_json *json)
{
    uint32_t code = json->code, high = json->high;
    bool is_low = code >= 0xDC00 && code <= 0xDFFF;
    if (high && is_low) {
        json->high = 0;
        emit_code(json, 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00));
        return;
    }
    flush_surrogate(json);
    if (code >= 0xD800 && code <= 0xDBFF)
        json->high = code;
    else
        emit_code(json, is_low ? 0xFFFD : code);
}

/* One byte of an escape; false: it may not stand there. */
static bool escape(struct iw_json *json, char c)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (json->digits == LETTER) {
        const char *which = c ? strchr(from, c) : NULL;
        if (!which && c != 'u')
            return false;
        json->digits = which ? 0 : 4;
        json->code = 0;
        if (which) {
            flush_surrogate(json);
            emit(json, &to[which - from], 1);
        }
        return true;
    }
    char low = (char)(c | 0x20);
    bool is_digit = c >= '0' && c <= '9', is_letter = low >= 'a' && low <= 'f';
    if (!is_digit && !is_letter)
        return false;
    json->code = json->code << 4 | (uint32_t)(is_digit ? c - '0' : low - 'a' + 10);
    if (--json->digits == 0)
        end_unit(json);
    return true;
}

/* The first byte of a character that is no ASCII; false: there is none such. */
static bool begin_utf8(struct iw_json *json, unsigned char c)
{
    json->utf8_low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
    json->utf8_high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
    json->utf8_left = c < 0xC2 || c > 0xF4 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
    return json->utf8_left > 0;
}

/* Behind the plain bytes from p on; UTF-8 is checked. NULL: *out_bad may not stand there. */
static const char *plain(struct iw_json *json, const char *p, const char *end, const char **out_bad)
{
    while (p < end) {
        unsigned char c = (unsigned char)*p;
        if (json->utf8_left) {
            *out_bad = p;
            if (c < json->utf8_low || c > json->utf8_high)
                return NULL;
            json->utf8_low = 0x80;
            json->utf8_high = 0xBF;
            json->utf8_left--;
            p++;
        } else if (c >= 0x80) {
            *out_bad = p;
            if (!begin_utf8(json, c))
                return NULL;
            p++;
        } else {
            size_t run = iw_skim_string(p, (size_t)(end - p));
            if (run == 0)
                return p;
            p += run;
        }
    }
    return p;
}

static enum iw_err value_done(struct iw_json *json, uint64_t end)
{
    json->state = json->depth ? IW_JSON_AFTER : IW_JSON_DONE;
    return json->events->close(json->user, end);
}

static enum iw_err begin_line(struct iw_json *json, struct iw_json_place place, char c, struct iw_diag *diag);

/* A line that is cut where a value may stand is no document because one follows: an object that begins the next line
 * with the key that it began with is a line, too. Objects within others may begin with their type as those do. */
static enum iw_err compare_keys(struct iw_json *json)
{
    bool is_first = !json->first_key_len && json->depth == 1 && json->key_place.line == json->start.line;
    struct iw_json_place brace = json->brace;
    json->brace.line = 0;
    if (json->key_len > sizeof json->first_key || !(is_first || brace.line == json->key_place.line))
        return IW_OK;
    if (is_first)
        memcpy(json->first_key, json->key, json->first_key_len = json->key_len);
    struct iw_str key = {json->key, json->key_len}, first = {json->first_key, json->first_key_len};
    if (is_first || !iw_str_eq(key, first) || iw_str_eq(key, IW_STR("type")))
        return IW_OK;
    enum iw_err err = restart(json, &brace);
    return err == IW_OK ? begin_line(json, brace, '{', NULL) : err;
}

static enum iw_err end_string(struct iw_json *json, uint64_t end)
{
    flush_surrogate(json);
    if (!json->is_key)
        return value_done(json, end);
    enum iw_err err = compare_keys(json);
    struct iw_str key = {json->key_len <= sizeof json->key ? json->key : NULL, json->key_len};
    json->state = IW_JSON_COLON;
    json->events->key(json->user, key.ptr ? key : IW_STR_NONE, &json->key_place);
    return err;
}

/* Text is handed on in pieces that fit a fast cache, as it is looked at twice. */
enum { PIECE = 16 << 10 };

/* Reads on in a string; *p moves. */
static enum iw_err string(struct iw_json *json, const char **p, const char *end, struct iw_diag *diag)
{
    bool again;
    while (*p < end) {
        const char *from = *p, *bad = from;
        if (json->digits) {
            if (!escape(json, *from))
                return refuse(json, place_of(json, from), (unsigned char)*from, &again, diag);
            ++*p;
            continue;
        }
        if (json->is_wanted && json->events->take && !json->high && !json->utf8_left) {
            from += json->events->take(json->user, from, (size_t)(end - from));
            *p = from;
        }
        const char *stop = IW_MIN(end - from, PIECE) == PIECE ? from + PIECE : end;
        const char *to = plain(json, from, stop, &bad);
        const char *good = to ? to : bad;
        if (good > from) {
            flush_surrogate(json);
            emit(json, from, (size_t)(good - from));
        }
        if (!to)
            return refuse(json, place_of(json, bad), (unsigned char)*bad, &again, diag);
        *p = to;
        if (to == stop)
            continue;
        if (*to == '"') {
            ++*p;
            return end_string(json, json->at + (uint64_t)(*p - json->chunk));
        }
        if (*to != '\\')
            return refuse(json, place_of(json, to), (unsigned char)*to, &again, diag);
        json->digits = LETTER;
        ++*p;
    }
    return IW_OK;
}

static void begin_string(struct iw_json *json, struct iw_json_place place, bool is_key)
{
    json->state = IW_JSON_IN_STRING;
    json->digits = json->utf8_left = 0;
    json->high = 0;
    json->is_key = is_key;
    json->key_len = 0;
    json->is_wanted = false;
    if (is_key)
        json->key_place = place;
    else
        json->is_wanted = json->events->open(json->user, IW_JSON_STRING, &place);
}

/* ---- numbers and words ---- */

static bool begin_number(struct iw_json *json, char c)
{
    json->number = c == '-' ? MINUS : c == '0' ? ZERO : INTEGER;
    return c == '-' || (c >= '0' && c <= '9');
}

/* Whether the number goes on with c. */
static bool number_goes_on(struct iw_json *json, char c)
{
    bool is_digit = c >= '0' && c <= '9', is_e = c == 'e' || c == 'E';
    unsigned was = json->number;
    if (is_digit && was == MINUS)
        json->number = c == '0' ? ZERO : INTEGER;
    else if (is_digit && was != ZERO)
        json->number = was == POINT ? FRACTION : was == EXPONENT || was == SIGN ? POWER : was;
    else if (c == '.' && (was == ZERO || was == INTEGER))
        json->number = POINT;
    else if (is_e && (was == ZERO || was == INTEGER || was == FRACTION))
        json->number = EXPONENT;
    else if ((c == '+' || c == '-') && was == EXPONENT)
        json->number = SIGN;
    else
        return false;
    return true;
}

static bool number_is_whole(const struct iw_json *json)
{
    unsigned n = json->number;
    return n == ZERO || n == INTEGER || n == FRACTION || n == POWER;
}

static bool begin_word(struct iw_json *json, char c)
{
    json->word = c == 't' ? "rue" : c == 'f' ? "alse" : "ull";
    return c == 't' || c == 'f' || c == 'n';
}

/* ---- structure ---- */

static enum iw_err push(struct iw_json *json, struct iw_json_place place, bool is_object, struct iw_diag *diag)
{
    if (json->depth == IW_JSON_DEEPEST)
        return fail(json, place, IW_ERR_LIMIT, "it is nested too deep", diag);
    unsigned top = json->depth++;
    uint64_t bit = (uint64_t)1 << top % 64;
    json->is_object[top / 64] = (json->is_object[top / 64] & ~bit) | (is_object ? bit : 0);
    json->state = is_object ? IW_JSON_FIRST_KEY : IW_JSON_FIRST_ELEMENT;
    json->brace = is_object && may_be_line(json, &place) ? place : (struct iw_json_place){0};
    (void)json->events->open(json->user, is_object ? IW_JSON_OBJECT : IW_JSON_ARRAY, &place);
    return IW_OK;
}

static enum iw_err pop(struct iw_json *json, uint64_t end)
{
    json->depth--;
    json->brace.line = 0;
    return value_done(json, end);
}

static enum iw_err begin_value(struct iw_json *json, struct iw_json_place place, char c, struct iw_diag *diag)
{
    bool again = false;
    if (c == '{' || c == '[')
        return push(json, place, c == '{', diag);
    if (c == '"') {
        begin_string(json, place, false);
    } else if (begin_number(json, c)) {
        json->state = IW_JSON_IN_NUMBER;
        (void)json->events->open(json->user, IW_JSON_NUMBER, &place);
    } else if (begin_word(json, c)) {
        json->state = IW_JSON_IN_WORD;
        enum iw_json_type type = c == 't' ? IW_JSON_TRUE : c == 'f' ? IW_JSON_FALSE : IW_JSON_NULL;
        (void)json->events->open(json->user, type, &place);
    } else {
        return refuse(json, place, (unsigned char)c, &again, diag);
    }
    return IW_OK;
}

/* The first byte of a document or line. */
static enum iw_err begin_line(struct iw_json *json, struct iw_json_place place, char c, struct iw_diag *diag)
{
    enum iw_err err = json->has_value || json->has_held ? release(json) : IW_OK;
    if (err != IW_OK)
        return err;
    json->depth = 0;
    json->start = place;
    return begin_value(json, place, c, diag);
}

/* A byte of structure that is no white space. */
static enum iw_err token(struct iw_json *json, const char *p, struct iw_diag *diag)
{
    struct iw_json_place place = place_of(json, p);
    bool again = false;
    char c = *p, close = json->depth && in_object(json) ? '}' : ']';
    json->tokens++;
    switch (json->state) {
    case IW_JSON_BETWEEN:
        return begin_line(json, place, c, diag);
    case IW_JSON_FIRST_ELEMENT:
        if (c == ']')
            return pop(json, place.at + 1);
        return begin_value(json, place, c, diag);
    case IW_JSON_FIRST_KEY:
    case IW_JSON_KEY:
        if (c == '}' && json->state == IW_JSON_FIRST_KEY)
            return pop(json, place.at + 1);
        if (c != '"')
            break;
        begin_string(json, place, true);
        return IW_OK;
    case IW_JSON_COLON:
        if (c != ':')
            break;
        json->state = IW_JSON_VALUE;
        return IW_OK;
    case IW_JSON_AFTER:
        if (c == close)
            return pop(json, place.at + 1);
        if (c != ',')
            break;
        json->state = close == '}' ? IW_JSON_KEY : IW_JSON_VALUE;
        return IW_OK;
    case IW_JSON_DONE:
        break;
    default:
        return begin_value(json, place, c, diag);
    }
    enum iw_err err = refuse(json, place, (unsigned char)c, &again, diag);
    return again && err == IW_OK ? begin_line(json, place, c, diag) : err;
}

static enum iw_err end_line(struct iw_json *json, const char *p, struct iw_diag *diag)
{
    struct iw_json_place place = place_of(json, p);
    enum iw_err err = IW_OK;
    if (json->state == IW_JSON_DONE && !json->is_document) {
        json->state = IW_JSON_BETWEEN;
        json->has_value = true;
        err = json->events->end(json->user);
    } else if (json->state == IW_JSON_SKIP) {
        json->state = IW_JSON_BETWEEN;
    } else if (json->state != IW_JSON_BETWEEN && json->is_lines) {
        err = refuse(json, place, '\n', &(bool){false}, diag);
        json->state = IW_JSON_BETWEEN;
    } else if (json->state != IW_JSON_BETWEEN) {
        json->is_document = true;
    }
    json->lines++;
    json->tokens_before = json->tokens;
    json->tokens = 0;
    json->line_before = json->line_start;
    json->line_start = place.at + 1;
    return err;
}

/* ---- bytes ---- */

/* Reads on in a number or word; true: it is over, and the byte at *p belongs to what follows. */
static enum iw_err scalar(struct iw_json *json, const char **p, const char *end, struct iw_diag *diag)
{
    if (json->state == IW_JSON_IN_NUMBER) {
        while (*p < end && number_goes_on(json, **p))
            ++*p;
        if (*p == end)
            return IW_OK;
        if (!number_is_whole(json))
            return refuse(json, place_of(json, *p), (unsigned char)**p, &(bool){false}, diag);
        return value_done(json, json->at + (uint64_t)(*p - json->chunk));
    }
    while (*p < end && *json->word && **p == *json->word) {
        ++*p;
        json->word++;
    }
    if (*json->word == '\0')
        return value_done(json, json->at + (uint64_t)(*p - json->chunk));
    return *p == end ? IW_OK : refuse(json, place_of(json, *p), (unsigned char)**p, &(bool){false}, diag);
}

static enum iw_err step(struct iw_json *json, const char **p, const char *end, struct iw_diag *diag)
{
    if (json->state == IW_JSON_IN_STRING)
        return string(json, p, end, diag);
    if (json->state == IW_JSON_IN_NUMBER || json->state == IW_JSON_IN_WORD)
        return scalar(json, p, end, diag);
    if (json->state == IW_JSON_SKIP) {
        const char *lf = memchr(*p, '\n', (size_t)(end - *p));
        *p = lf ? lf : end;
        if (!lf)
            return IW_OK;
    }
    const char *at = (*p)++;
    if (*at == '\n')
        return end_line(json, at, diag);
    return *at == ' ' || *at == '\t' || *at == '\r' ? IW_OK : token(json, at, diag);
}

enum iw_err iw_json_feed(struct iw_json *json, const char *bytes, size_t len, struct iw_diag *diag)
{
    static const char mark[] = "\xEF\xBB\xBF";
    const char *p = bytes, *end = bytes + len;
    json->chunk = bytes;
    while (p < end && json->mark_len < 3 && json->at + (uint64_t)(p - bytes) == json->mark_len &&
           *p == mark[json->mark_len]) {
        json->mark_len++;
        p++;
        json->line_start = json->mark_len == 3 ? 3 : 0;
    }
    enum iw_err err = IW_OK;
    if (p < end && (json->mark_len == 1 || json->mark_len == 2)) {
        json->mark_len = 3;
        err = refuse(json, place_at(json, 0), 0xEF, &(bool){false}, diag);
    }
    while (p < end && err == IW_OK)
        err = step(json, &p, end, diag);
    json->at += len;
    json->chunk = NULL;
    return err;
}

enum iw_err iw_json_finish(struct iw_json *json, struct iw_diag *diag)
{
    bool again, is_number = json->state == IW_JSON_IN_NUMBER && number_is_whole(json);
    enum iw_err err = is_number ? value_done(json, json->at) : IW_OK;
    if (err != IW_OK)
        return err;
    if (json->state == IW_JSON_DONE) {
        json->has_value = true;
        return json->events->end(json->user);
    }
    bool is_over = json->state == IW_JSON_BETWEEN || json->state == IW_JSON_SKIP;
    if (!is_over && (json->is_lines || json->is_document))
        return refuse(json, place_at(json, json->at), -1, &again, diag);
    if (json->has_held)
        return iw_fail(diag, json->held.code, json->held.line, json->held.column, "%s", json->held.text);
    if (is_over && (json->has_value || json->is_lines))
        return IW_OK;
    json->is_document = true;
    return refuse(json, place_at(json, json->at), -1, &again, diag);
}
