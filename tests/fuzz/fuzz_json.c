/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The scanner of JSON: cuts change nothing, what opens closes, places go forward and are where they say. */
#include "base/iw.h"
#include "request/json.h"

#include "base/buf.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct hearing {
    const uint8_t *data;
    size_t size;
    struct iw_buf said;
    uint64_t at; /* of the last event */
    size_t depth;
};

static void check_place(struct hearing *h, const struct iw_json_place *place)
{
    assert(place->at >= h->at && place->at <= h->size && place->line >= 1 && place->column >= 1);
    h->at = place->at;
}

static void on_key(void *user, struct iw_str key, const struct iw_json_place *place)
{
    struct hearing *h = user;
    check_place(h, place);
    assert(h->data[place->at] == '"' && key.len <= IW_JSON_KEY_BYTES && h->depth > 0);
    iw_buf_printf(&h->said, "%llu %u:%u %.*s\n", (unsigned long long)place->at, place->line, place->column,
                  IW_STR_ARGS(key));
}

static bool on_open(void *user, enum iw_json_type type, const struct iw_json_place *place)
{
    static const char first[] = "{[\"";
    struct hearing *h = user;
    check_place(h, place);
    assert(type > IW_JSON_STRING || h->data[place->at] == first[type]);
    h->depth++;
    iw_buf_printf(&h->said, "%llu %u:%u %d ", (unsigned long long)place->at, place->line, place->column, (int)type);
    return place->column % 3 != 0; /* some are not wanted */
}

static void on_text(void *user, struct iw_str piece)
{
    struct hearing *h = user;
    assert(piece.len > 0);
    iw_buf_add_str(&h->said, piece);
}

/* Letters, as a consumer may. */
static size_t on_take(void *user, const char *bytes, size_t len)
{
    struct hearing *h = user;
    size_t n = 0;
    while (n < len && bytes[n] >= 'a' && bytes[n] <= 'z')
        n++;
    iw_buf_add(&h->said, bytes, n);
    return n;
}

static enum iw_err on_close(void *user, uint64_t end)
{
    struct hearing *h = user;
    assert(h->depth > 0 && end > h->at && end <= h->size);
    h->at = end;
    h->depth--;
    iw_buf_printf(&h->said, ".%llu\n", (unsigned long long)end);
    return IW_OK;
}

static enum iw_err on_end(void *user)
{
    struct hearing *h = user;
    assert(h->depth == 0);
    iw_buf_printf(&h->said, "end\n");
    return IW_OK;
}

static enum iw_err on_fault(void *user, const struct iw_json_place *place, struct iw_str text)
{
    struct hearing *h = user;
    assert(place->at <= h->size && place->line >= 1 && place->column >= 1 && text.len > 0);
    h->depth = 0;
    iw_buf_printf(&h->said, "! %llu %u:%u %.*s\n", (unsigned long long)place->at, place->line, place->column,
                  IW_STR_ARGS(text));
    return IW_OK;
}

static struct iw_buf hear(const uint8_t *data, size_t size, size_t piece)
{
    static const struct iw_json_events events = {on_key, on_open, on_text, on_take, on_close, on_end, on_fault};
    struct hearing h = {.data = data, .size = size};
    struct iw_json json;
    struct iw_diag diag = {0};
    enum iw_err err = IW_OK;
    iw_buf_init(&h.said, 64 << 20);
    iw_json_init(&json, &events, &h);
    for (size_t at = 0; at < size && err == IW_OK; at += piece) {
        size_t n = IW_MIN(piece, size - at);
        char *copy = malloc(n);
        if (!copy)
            abort();
        memcpy(copy, data + at, n);
        err = iw_json_feed(&json, copy, n, &diag);
        free(copy);
    }
    if (err == IW_OK)
        err = iw_json_finish(&json, &diag);
    assert(err == IW_OK || err == IW_ERR_SYNTAX || err == IW_ERR_LIMIT);
    assert(err == IW_OK || (diag.code == err && diag.text[0] && diag.line && diag.column));
    iw_buf_printf(&h.said, "%d %u:%u %s\n", (int)err, diag.line, diag.column, diag.text);
    assert(h.said.err == IW_OK);
    return h.said;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t pieces[] = {1, 3, 40};
    struct iw_buf whole = hear(data, size, size ? size : 1);
    for (size_t i = 0; i < IW_ARRAY_LEN(pieces); i++) {
        struct iw_buf part = hear(data, size, pieces[i]);
        assert(iw_str_eq(iw_buf_str(&part), iw_buf_str(&whole)));
        iw_buf_release(&part);
    }
    iw_buf_release(&whole);
    return 0;
}
