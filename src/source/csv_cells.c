/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A state machine over text that is cut anywhere. Quotes within a quoted cell are doubled (RFC 4180) or escaped by a
 * backslash; a backslash before what may be the closing quote is plain text until another one has left no doubt. A
 * quote that does not begin a cell is plain text. */
#include "base/iw.h"
#include "source/csv_cells.h"

enum { STOPS_PLAIN = 1, STOPS_QUOTED = 2 };

void iw_cells_init(struct iw_cells *cells, char delimiter, size_t max_bytes, const struct iw_cells_events *events)
{
    *cells = (struct iw_cells){.delimiter = delimiter, .events = *events, .line = 1, .behind_cr = UINT64_MAX};
    iw_buf_init(&cells->part, max_bytes);
    cells->stops['\n'] = cells->stops['\r'] = STOPS_PLAIN | STOPS_QUOTED;
    cells->stops['"'] = cells->stops['\\'] = STOPS_QUOTED;
    cells->stops[(unsigned char)delimiter] |= STOPS_PLAIN;
}

void iw_cells_want(struct iw_cells *cells, const unsigned *indexes, size_t count)
{
    cells->wanted = indexes;
    cells->wanted_count = count;
    cells->wanted_next = 0;
}

void iw_cells_release(struct iw_cells *cells)
{
    iw_buf_release(&cells->part);
}

/* ---- cells ---- */

static bool is_end(const struct iw_cells *cells, char c)
{
    return cells->stops[(unsigned char)c] & STOPS_PLAIN;
}

/* c is its first character, at offset at; an opening quote is to be passed. */
static void begin_cell(struct iw_cells *cells, char c, size_t at)
{
    bool is_next = cells->wanted_next < cells->wanted_count && cells->wanted[cells->wanted_next] == cells->index;
    cells->is_wanted = !cells->wanted || is_next;
    cells->is_empty = is_end(cells, c);
    cells->state = IW_CELLS_PLAIN;
    if (c == ' ' && c != cells->delimiter) {
        cells->is_empty = true;
        cells->state = IW_CELLS_BLANK;
    } else if (c == '"') {
        cells->state = IW_CELLS_QUOTED;
    }
    if (cells->index == 0)
        cells->row_line = cells->line;
    cells->cell_line = cells->line;
    uint64_t column = cells->at + at - cells->line_start + 1;
    cells->cell_column = column > UINT32_MAX ? UINT32_MAX : (uint32_t)column;
    if (!cells->is_wanted)
        return;
    cells->wanted_next += is_next;
    cells->mark = at;
    cells->is_cut = cells->is_bad = false;
    iw_buf_clear(&cells->part);
}

/* Keeps what is there of a wanted cell. */
static enum iw_err keep(struct iw_cells *cells, struct iw_str rest)
{
    if (cells->is_cut)
        return IW_OK;
    iw_buf_add_str(&cells->part, rest);
    cells->is_cut = cells->part.err == IW_ERR_LIMIT;
    return cells->is_cut ? IW_OK : cells->part.err;
}

static enum iw_err end_cell(struct iw_cells *cells, struct iw_str text, size_t at)
{
    bool is_quoted = cells->state != IW_CELLS_PLAIN && cells->state != IW_CELLS_BLANK;
    if (!cells->is_wanted)
        return IW_OK;
    struct iw_str rest = iw_str_sub(text, cells->mark, at - cells->mark), raw = rest;
    if (cells->part.len || cells->is_cut || rest.len > cells->part.ceiling_bytes) {
        enum iw_err err = keep(cells, rest);
        if (err != IW_OK)
            return err;
        raw = cells->is_cut ? IW_STR("") : iw_buf_str(&cells->part);
    }
    struct iw_cell cell = {
        .raw = raw,
        .index = cells->index,
        .line = cells->cell_line,
        .column = cells->cell_column,
        .is_quoted = is_quoted,
        .has_backslashes = cells->has_backslashes,
        .is_cut = cells->is_cut,
        .is_bad = cells->is_bad,
    };
    return cells->events.cell(cells->events.user, &cell);
}

static enum iw_err end_row(struct iw_cells *cells)
{
    struct iw_row row = {cells->index + 1, cells->row_line, cells->is_empty};
    bool is_blank = cells->index == 0 && cells->is_empty;
    cells->index = 0;
    cells->wanted_next = 0;
    return is_blank ? IW_OK : cells->events.row(cells->events.user, &row);
}

/* A line ends at offset at of the text; CR and LF together are one end. */
static void newline(struct iw_cells *cells, char c, size_t at)
{
    uint64_t here = cells->at + at;
    if (c == '\r' || cells->behind_cr != here)
        cells->line += cells->line != UINT32_MAX;
    if (c == '\r')
        cells->behind_cr = here + 1;
    cells->line_start = here + 1;
}

/* What ends a cell stands at offset at: a delimiter, CR or LF. */
static enum iw_err pass_end(struct iw_cells *cells, struct iw_str text, size_t at)
{
    enum iw_err err = end_cell(cells, text, at);
    cells->state = IW_CELLS_START;
    if (text.ptr[at] == cells->delimiter) {
        cells->index += cells->index != UINT32_MAX;
        return err;
    }
    if (err == IW_OK)
        err = end_row(cells);
    newline(cells, text.ptr[at], at);
    return err;
}

/* ---- text ---- */

static size_t run(const struct iw_cells *cells, struct iw_str text, size_t at, unsigned stop)
{
    while (at < text.len && !(cells->stops[(unsigned char)text.ptr[at]] & stop))
        at++;
    return at;
}

/* Within quotes, at what stops there: returns the next offset. */
static size_t quoted(struct iw_cells *cells, struct iw_str text, size_t at)
{
    at = run(cells, text, at, STOPS_QUOTED);
    if (at == text.len)
        return at;
    char c = text.ptr[at];
    if (c == '"')
        cells->state = IW_CELLS_QUOTE;
    else if (c == '\\')
        cells->state = IW_CELLS_BACKSLASH;
    else
        newline(cells, c, at);
    return at + 1;
}

/* The states of a single character: true when it was taken. */
static bool take(struct iw_cells *cells, char c)
{
    switch (cells->state) {
    case IW_CELLS_BLANK:
        cells->is_empty = cells->is_empty && (c == ' ' || is_end(cells, c));
        if (c == ' ' && c != cells->delimiter)
            return true;
        cells->state = c == '"' ? IW_CELLS_QUOTED : IW_CELLS_PLAIN;
        return c == '"';
    case IW_CELLS_QUOTE:
        cells->state = c == '"' ? IW_CELLS_QUOTED : IW_CELLS_CLOSED;
        return c == '"';
    case IW_CELLS_BACKSLASH:
        cells->state = c == '"' && !cells->has_backslashes ? IW_CELLS_BACKSLASH_QUOTE : IW_CELLS_QUOTED;
        return c == '"' || c == '\\';
    case IW_CELLS_BACKSLASH_QUOTE:
        cells->state = is_end(cells, c) ? IW_CELLS_CLOSED : IW_CELLS_QUOTED;
        cells->has_backslashes = !is_end(cells, c) && c != '"';
        return c == '"';
    case IW_CELLS_CLOSED:
        if (is_end(cells, c))
            return false; /* the caller ends the cell */
        cells->is_bad = cells->is_bad || c != ' ';
        return true;
    case IW_CELLS_START:
    case IW_CELLS_PLAIN:
    case IW_CELLS_QUOTED:
        break;
    }
    return false;
}

enum iw_err iw_cells_feed(struct iw_cells *cells, struct iw_str text)
{
    enum iw_err err = IW_OK;
    size_t at = 0;
    cells->mark = 0;
    while (at < text.len && err == IW_OK) {
        char c = text.ptr[at];
        switch (cells->state) {
        case IW_CELLS_START:
            if (c == '\n' && cells->index == 0 && cells->behind_cr == cells->at + at) {
                newline(cells, c, at++);
                break;
            }
            begin_cell(cells, c, at);
            at += c == '"';
            break;
        case IW_CELLS_PLAIN:
            at = run(cells, text, at, STOPS_PLAIN);
            if (at < text.len)
                err = pass_end(cells, text, at++);
            break;
        case IW_CELLS_QUOTED:
            at = quoted(cells, text, at);
            break;
        case IW_CELLS_CLOSED:
            if (is_end(cells, c))
                err = pass_end(cells, text, at++);
            else
                at += take(cells, c);
            break;
        default:
            at += take(cells, c);
            break;
        }
    }
    if (err == IW_OK && cells->state != IW_CELLS_START && cells->is_wanted)
        err = keep(cells, iw_str_skip(text, cells->mark));
    cells->at += text.len;
    return err;
}

enum iw_err iw_cells_finish(struct iw_cells *cells)
{
    if (cells->state == IW_CELLS_QUOTED || cells->state == IW_CELLS_BACKSLASH)
        return IW_ERR_SYNTAX;
    if (cells->state == IW_CELLS_START && cells->index == 0)
        return IW_OK;
    if (cells->state == IW_CELLS_START)
        begin_cell(cells, cells->delimiter, 0);
    cells->mark = 0;
    enum iw_err err = end_cell(cells, IW_STR(""), 0);
    return err == IW_OK ? end_row(cells) : err;
}
