/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Any edits to any document: the result is what a plain copy makes of them, and reverting them gives the document
 * again; parts are whole lines, and together the result. */
#include "base/iw.h"
#include "request/request.h"

#undef NDEBUG
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EDITS_MAX = 64, EDIT_BYTES = 3, CEILING = 1 << 20 };

struct edits {
    struct iw_edit list[EDITS_MAX];
    size_t count, given;
};

static enum iw_err next_edit(void *user, struct iw_edit *out, bool *out_has)
{
    struct edits *edits = user;
    *out_has = edits->given < edits->count;
    if (*out_has)
        *out = edits->list[edits->given++];
    return IW_OK;
}

/* Three bytes an edit: how far behind the one before, how long, and how long its text is. */
static void read_edits(const uint8_t *data, size_t count, uint64_t document_len, struct edits *out)
{
    uint64_t at = 0, text_at = 0;
    *out = (struct edits){.count = 0};
    for (size_t i = 0; i < count; i++) {
        const uint8_t *bytes = data + i * EDIT_BYTES;
        at += bytes[0];
        if (at >= document_len || text_at + bytes[2] > document_len)
            break;
        uint64_t len = IW_MIN((uint64_t)bytes[1], document_len - at);
        out->list[out->count++] = (struct iw_edit){{at, len}, {text_at, bytes[2]}};
        at += len;
        text_at += bytes[2];
    }
}

static void add(struct iw_buf *out, struct iw_str from, struct iw_span span)
{
    assert(span.at <= from.len && span.len <= from.len - span.at);
    iw_buf_add(out, from.ptr + span.at, (size_t)span.len);
}

static void splice(struct iw_str document, struct iw_str spool, struct edits *edits, const uint64_t *ends,
                   size_t end_count, struct iw_buf *out)
{
    struct iw_splice s;
    struct iw_piece piece;
    edits->given = 0;
    iw_splice_begin(&s, next_edit, edits);
    for (size_t i = 0; i < end_count; i++) {
        while (true) {
            enum iw_err err = iw_splice_next(&s, ends[i], &piece);
            assert(err == IW_OK);
            if (!piece.span.len)
                break;
            add(out, piece.is_spooled ? spool : document, piece.span);
        }
        assert(s.at == ends[i]);
    }
    enum iw_err err = iw_splice_finish(&s);
    assert(err == IW_OK);
}

/* What was there before becomes the spool of edits that undo the others. */
static void revert(struct iw_str document, struct iw_str result, const struct edits *edits)
{
    struct edits back = {.count = edits->count};
    struct iw_buf spool, out;
    int64_t shift = 0;
    iw_buf_init(&spool, CEILING);
    iw_buf_init(&out, CEILING);
    for (size_t i = 0; i < edits->count; i++) {
        const struct iw_edit *edit = &edits->list[i];
        back.list[i] =
            (struct iw_edit){{(uint64_t)((int64_t)edit->span.at + shift), edit->text.len}, {spool.len, edit->span.len}};
        add(&spool, document, edit->span);
        shift += (int64_t)edit->text.len - (int64_t)edit->span.len;
    }
    struct iw_str spooled = spool.len ? iw_buf_str(&spool) : IW_STR("");
    if (back.count && back.list[back.count - 1].span.at == result.len)
        back.count = 0; /* the end was taken away: there is nothing in front of which it could be put */
    if (back.count || edits->count == 0) {
        splice(result, spooled, &back, &(uint64_t){result.len}, 1, &out);
        assert(iw_str_eq(iw_buf_str(&out), document));
    }
    iw_buf_release(&spool);
    iw_buf_release(&out);
}

static void cut(struct iw_str document, struct iw_str spool, struct iw_str result, struct edits *edits, uint64_t max)
{
    struct iw_split s;
    struct iw_buf ends, out;
    struct iw_diag diag;
    iw_buf_init(&ends, CEILING);
    iw_buf_init(&out, CEILING);
    edits->given = 0;
    iw_split_begin(&s, max, next_edit, edits, &ends);
    enum iw_err err = IW_OK;
    for (size_t at = 0; at < document.len && err == IW_OK; at += 7)
        err = iw_split_feed(&s, document.ptr + at, IW_MIN((size_t)7, document.len - at), &diag);
    if (err == IW_OK)
        err = iw_split_finish(&s, &diag);
    if (err == IW_OK) {
        size_t count = ends.len / sizeof(uint64_t);
        const uint64_t *list = (const uint64_t *)(const void *)ends.ptr;
        assert(count && list[count - 1] == document.len);
        for (size_t i = 0; i < count; i++)
            assert(list[i] == document.len || (list[i] && document.ptr[list[i] - 1] == '\n'));
        splice(document, spool, edits, list, count, &out);
        assert(iw_str_eq(iw_buf_str(&out), result) && out.len <= max * count);
    } else {
        assert(err == IW_ERR_LIMIT || err == IW_ERR_INTERNAL); /* a line too long, an edit over the end of its line */
    }
    iw_buf_release(&ends);
    iw_buf_release(&out);
}

/* count, longest part, edits, and the document, which is its own spool. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct edits edits;
    struct iw_buf out, plain;
    size_t count = size ? data[0] % EDITS_MAX : 0;
    if (size < 2 + count * EDIT_BYTES)
        return 0;
    struct iw_str document = {(const char *)data + 2 + count * EDIT_BYTES, size - 2 - count * EDIT_BYTES};
    read_edits(data + 2, count, document.len, &edits);
    iw_buf_init(&out, CEILING);
    iw_buf_init(&plain, CEILING);
    splice(document, document, &edits, &(uint64_t){document.len}, 1, &out);
    uint64_t at = 0;
    for (size_t i = 0; i < edits.count; i++) {
        add(&plain, document, (struct iw_span){at, edits.list[i].span.at - at});
        add(&plain, document, edits.list[i].text);
        at = edits.list[i].span.at + edits.list[i].span.len;
    }
    add(&plain, document, (struct iw_span){at, document.len - at});
    assert(iw_str_eq(iw_buf_str(&out), iw_buf_str(&plain)));
    revert(document, iw_buf_str(&out), &edits);
    cut(document, document, iw_buf_str(&out), &edits, data[1]);
    iw_buf_release(&out);
    iw_buf_release(&plain);
    return 0;
}
