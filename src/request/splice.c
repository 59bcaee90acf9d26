/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The same bytes with some spans replaced: which bytes come next, and where a result may be cut. Neither the document
 * nor what is new passes through here, so that both may be larger than memory. */
#include "base/iw.h"
#include "request/request.h"

/* ---- edits, one ahead ---- */

/* The next edit into *edit, unless it is there already or none is left. */
static enum iw_err look_ahead(iw_next_edit *next, void *user, struct iw_edit *edit, bool *has_edit, bool *is_over)
{
    if (*has_edit || *is_over)
        return IW_OK;
    enum iw_err err = next(user, edit, has_edit);
    *is_over = err == IW_OK && !*has_edit;
    if (err == IW_OK && *has_edit && edit->span.len > UINT64_MAX - edit->span.at)
        err = IW_ERR_INTERNAL;
    return err;
}

/* ---- pieces ---- */

void iw_splice_begin(struct iw_splice *splice, iw_next_edit *next, void *user)
{
    *splice = (struct iw_splice){.next = next, .user = user};
}

enum iw_err iw_splice_next(struct iw_splice *splice, uint64_t end, struct iw_piece *out)
{
    *out = (struct iw_piece){0};
    while (true) {
        enum iw_err err = look_ahead(splice->next, splice->user, &splice->edit, &splice->has_edit, &splice->is_over);
        if (err != IW_OK)
            return err;
        const struct iw_edit *edit = &splice->edit;
        bool is_before_end = splice->has_edit && edit->span.at < end;
        if (is_before_end && (edit->span.at < splice->at || edit->span.at + edit->span.len > end))
            return IW_ERR_INTERNAL;
        uint64_t until = is_before_end ? edit->span.at : end;
        if (splice->at < until) {
            out->span = (struct iw_span){splice->at, until - splice->at};
            splice->at = until;
            return IW_OK;
        }
        if (!is_before_end)
            return IW_OK;
        splice->at = edit->span.at + edit->span.len;
        splice->has_edit = false;
        if (edit->text.len) {
            *out = (struct iw_piece){edit->text, true};
            return IW_OK;
        }
    }
}

enum iw_err iw_splice_finish(struct iw_splice *splice)
{
    enum iw_err err = look_ahead(splice->next, splice->user, &splice->edit, &splice->has_edit, &splice->is_over);
    return err == IW_OK && splice->has_edit ? IW_ERR_INTERNAL : err;
}

/* ---- parts ---- */

void iw_split_begin(struct iw_split *split, uint64_t max_bytes, iw_next_edit *next, void *user, struct iw_buf *ends)
{
    *split = (struct iw_split){.next = next, .user = user, .max_bytes = max_bytes, .ends = ends, .line = 1};
}

static enum iw_err end_part(struct iw_split *split, uint64_t at, struct iw_diag *diag)
{
    iw_buf_add(split->ends, &at, sizeof at);
    split->part_bytes = 0;
    if (split->ends->err == IW_ERR_LIMIT)
        return iw_fail(diag, IW_ERR_LIMIT, 0, 0, "more than %zu parts", split->ends->ceiling_bytes / sizeof(uint64_t));
    return split->ends->err;
}

/* A line ends before the place end: what it comes to, edits included. */
static enum iw_err end_line(struct iw_split *split, uint64_t end, struct iw_diag *diag)
{
    uint64_t added = 0, lost = 0;
    while (true) {
        enum iw_err err = look_ahead(split->next, split->user, &split->edit, &split->has_edit, &split->is_over);
        if (err != IW_OK)
            return err;
        if (!split->has_edit || split->edit.span.at >= end)
            break;
        if (split->edit.span.at < split->line_at || split->edit.span.at + split->edit.span.len > end)
            return IW_ERR_INTERNAL;
        added += split->edit.text.len;
        lost += split->edit.span.len;
        split->has_edit = false;
    }
    uint64_t bytes = end - split->line_at - lost + added;
    if (bytes > split->max_bytes)
        return iw_fail(diag, IW_ERR_LIMIT, split->line, 0,
                       "this line alone comes to %llu bytes, more than a part may have", (unsigned long long)bytes);
    enum iw_err err = IW_OK;
    if (bytes > split->max_bytes - split->part_bytes)
        err = end_part(split, split->line_at, diag);
    split->part_bytes += bytes;
    split->line_at = end;
    split->line++;
    return err;
}

enum iw_err iw_split_feed(struct iw_split *split, const char *bytes, size_t len, struct iw_diag *diag)
{
    enum iw_err err = IW_OK;
    for (size_t done = 0; done < len && err == IW_OK;) {
        const char *newline = memchr(bytes + done, '\n', len - done);
        size_t step = newline ? (size_t)(newline - bytes) + 1 - done : len - done;
        done += step;
        split->at += step;
        if (newline)
            err = end_line(split, split->at, diag);
    }
    return err;
}

enum iw_err iw_split_finish(struct iw_split *split, struct iw_diag *diag)
{
    enum iw_err err = split->at > split->line_at ? end_line(split, split->at, diag) : IW_OK;
    if (err == IW_OK && (split->part_bytes || split->ends->len == 0))
        err = end_part(split, split->at, diag);
    return err;
}
