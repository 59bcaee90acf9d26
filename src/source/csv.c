/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* CSV and its relatives (comma, semicolon, tab, pipe) with a header: the columns that hold images are chosen by
 * --column, else by their names. Only their cells are looked at; one may hold several URLs. What begins the document is
 * kept until the dialect is known. */
#include "base/iw.h"
#include "source/csv_cells.h"
#include "source/inside.h"

#include "base/parse.h"
#include <stdio.h>

enum { COLUMNS_MAX = 64, NAME_BYTES = 64, SHOWN_BYTES = 120, RAGGED_TOLD = 20 };

struct csv {
    const struct iw_source_events *events;
    struct iw_decoder decoder;
    unsigned max_line_bytes;
    struct iw_str column; /* NONE: by names */
    uint64_t number;      /* it is one, from 1; else 0 */
    struct iw_buf head;   /* until the dialect is known */
    bool is_begun, has_header;
    bool is_headless; /* its first row was data */
    bool is_stated;   /* the next row is "sep=" */
    struct iw_cells cells;
    unsigned wanted[COLUMNS_MAX];
    char names[COLUMNS_MAX][NAME_BYTES];
    size_t count;
    enum iw_source_naming naming; /* of those */
    unsigned columns;             /* of the header */
    unsigned ragged;              /* rows complained of */
    struct iw_buf text;           /* a URL, unescaped */
    struct iw_buf shown;          /* names of the header, for who has to choose */
    struct iw_diag failure;
};

/* ---- URLs of a cell ---- */

/* Where a byte of a cell stands. */
struct walk {
    const char *at;
    unsigned line, column;
};

static void walk_to(struct walk *walk, const char *to)
{
    for (char before = 0; walk->at < to; before = *walk->at++) {
        bool is_pair = *walk->at == '\n' && before == '\r';
        bool is_end = *walk->at == '\n' || *walk->at == '\r';
        walk->line += is_end && !is_pair;
        walk->column = is_end ? 1 : walk->column + 1;
    }
}

static bool is_between(char c)
{
    return c == ',' || c == ';' || c == '|' || c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_url_start(struct iw_str text)
{
    return iw_str_starts_nocase(text, IW_STR("http://")) || iw_str_starts_nocase(text, IW_STR("https://"));
}

/* How long the first URL is, with what stands before the next. */
static size_t first_len(struct iw_str text)
{
    enum { SCHEME = sizeof "https" - 1 };
    for (size_t at = 1; (at += iw_str_find(iw_str_skip(text, at), ':')) < text.len; at++) {
        for (size_t n = SCHEME - 1; n <= SCHEME; n++)
            if (at > n && is_between(text.ptr[at - n - 1]) && is_url_start(iw_str_skip(text, at - n)))
                return at - n;
    }
    return text.len;
}

/* Quotes that are doubled or escaped. */
static struct iw_str unescape(struct csv *csv, struct iw_str url, const struct iw_cell *cell)
{
    if (!cell->is_quoted ||
        (iw_str_find(url, '"') == url.len && (!cell->has_backslashes || iw_str_find(url, '\\') == url.len)))
        return url;
    iw_buf_clear(&csv->text);
    for (size_t i = 0; i < url.len; i++) {
        bool is_mark = url.ptr[i] == '"' || (cell->has_backslashes && url.ptr[i] == '\\');
        i += is_mark && i + 1 < url.len;
        iw_buf_add_char(&csv->text, url.ptr[i]);
    }
    return iw_source_trim(iw_buf_str(&csv->text));
}

static enum iw_err tell(struct csv *csv, struct iw_str url, const struct iw_cell *cell, const struct walk *place,
                        const char *element)
{
    const struct iw_source_events *events = csv->events;
    size_t control = iw_source_control(url);
    if (control < url.len) {
        struct walk at = *place;
        walk_to(&at, url.ptr + control);
        events->complaint(events->user, at.line, at.column, "the URL holds a control character and was passed over");
        return IW_OK;
    }
    struct iw_lead lead = {
        .url = unescape(csv, url, cell),
        .role = IW_LEAD_IMAGE,
        .line = place->line,
        .column = place->column,
        .element = element,
    };
    if (csv->text.err != IW_OK)
        return csv->text.err;
    return lead.url.len ? events->lead(events->user, &lead) : IW_OK;
}

static enum iw_err tell_urls(struct csv *csv, const struct iw_cell *cell, const char *element)
{
    const struct iw_source_events *events = csv->events;
    if (cell->is_cut || cell->is_bad) {
        events->complaint(events->user, cell->line, cell->column,
                          cell->is_cut ? "the cell is too long and was passed over"
                                       : "text follows the closing quote; the cell was passed over");
        return IW_OK;
    }
    struct walk walk = {cell->raw.ptr, cell->line, cell->column};
    struct iw_str rest = iw_csv_inner(cell->raw, cell->is_quoted);
    while (rest.len) {
        size_t len = first_len(rest);
        struct iw_str url = iw_str_sub(rest, 0, len);
        rest = iw_str_skip(rest, len);
        while (url.len && is_between(url.ptr[0]))
            url = iw_str_skip(url, 1);
        while (url.len && is_between(url.ptr[url.len - 1]))
            url.len--;
        url = iw_source_trim(url);
        if (url.len == 0)
            continue;
        walk_to(&walk, url.ptr);
        enum iw_err err = tell(csv, url, cell, &walk, element);
        if (err != IW_OK)
            return err;
    }
    return IW_OK;
}

/* ---- the header ---- */

static void want(struct csv *csv, unsigned index, struct iw_str name)
{
    if (csv->count == COLUMNS_MAX)
        return;
    char *to = csv->names[csv->count];
    size_t len = IW_MIN(name.len, (size_t)NAME_BYTES - 1);
    while (len < name.len && len && ((unsigned char)name.ptr[len] & 0xC0) == 0x80)
        len--;
    for (size_t i = 0; i < len; i++)
        to[i] = (unsigned char)name.ptr[i] < ' ' ? ' ' : name.ptr[i];
    to[len] = '\0';
    csv->wanted[csv->count++] = index;
}

/* Whether the first row is a header after all: the cell of a numbered column is a URL. */
static enum iw_err number_column(struct csv *csv, const struct iw_cell *cell, struct iw_str name)
{
    if (cell->index + 1 != csv->number)
        return IW_OK;
    if (!is_url_start(name)) {
        want(csv, cell->index, name);
        return IW_OK;
    }
    char text[32];
    (void)snprintf(text, sizeof text, "column %u", cell->index + 1);
    want(csv, cell->index, iw_str_from(text));
    csv->is_headless = true;
    return tell_urls(csv, cell, csv->names[0]);
}

static enum iw_err on_header_cell(struct csv *csv, const struct iw_cell *cell)
{
    struct iw_str name = iw_source_trim(iw_csv_inner(cell->raw, cell->is_quoted));
    if (csv->is_stated)
        return IW_OK;
    if (csv->shown.len < SHOWN_BYTES) {
        iw_buf_add_str(&csv->shown, cell->index ? IW_STR(", ") : IW_STR(""));
        iw_buf_add_str(&csv->shown, iw_str_sub(name, 0, SHOWN_BYTES / 3));
    }
    if (csv->number)
        return number_column(csv, cell, name);
    if (csv->column.len) {
        if (iw_str_eq_nocase(name, csv->column))
            want(csv, cell->index, name);
        return IW_OK;
    }
    enum iw_source_naming naming = iw_source_naming(name);
    if (naming > csv->naming) {
        csv->naming = naming;
        csv->count = 0;
    }
    if (naming == csv->naming && naming != IW_NAMING_OTHER)
        want(csv, cell->index, name);
    return IW_OK;
}

static enum iw_err on_header(struct csv *csv, const struct iw_row *row)
{
    if (csv->is_stated) {
        csv->is_stated = false;
        return IW_OK;
    }
    csv->has_header = true;
    csv->columns = row->cells;
    iw_cells_want(&csv->cells, csv->wanted, csv->count);
    if (csv->count)
        return IW_OK;
    struct iw_str shown = iw_buf_str(&csv->shown);
    const char *more = shown.len >= SHOWN_BYTES ? ", ..." : "";
    csv->failure.code = IW_ERR_SYNTAX;
    if (csv->number)
        return iw_fail(&csv->failure, IW_ERR_SYNTAX, row->line, 1, "there is no column %.20s: the first row has %u",
                       csv->column.ptr, row->cells);
    if (csv->column.len)
        return iw_fail(&csv->failure, IW_ERR_SYNTAX, row->line, 1, "no column is called %.60s; there are: %.*s%s",
                       csv->column.ptr, IW_STR_ARGS(shown), more);
    return iw_fail(&csv->failure, IW_ERR_SYNTAX, row->line, 1, "which column holds images? --column says it: %.*s%s",
                   IW_STR_ARGS(shown), more);
}

/* ---- rows ---- */

static enum iw_err on_cell(void *user, const struct iw_cell *cell)
{
    struct csv *csv = user;
    if (!csv->has_header)
        return on_header_cell(csv, cell);
    size_t i = 0;
    while (csv->wanted[i] != cell->index)
        i++;
    return tell_urls(csv, cell, csv->names[i]);
}

/* Rows that end before a column that is wanted, or have more than the header, are told; their URLs stand. */
static enum iw_err on_row(void *user, const struct iw_row *row)
{
    struct csv *csv = user;
    if (!csv->has_header)
        return on_header(csv, row);
    bool is_short = row->cells <= csv->wanted[csv->count - 1];
    bool is_long = row->cells > csv->columns + row->ends_empty;
    if ((!is_short && !is_long) || csv->ragged == RAGGED_TOLD)
        return IW_OK;
    struct iw_diag diag = {0};
    (void)iw_fail(&diag, IW_ERR_SYNTAX, row->line, 1, "the row has %u cell%s, the header %u%s", row->cells,
                  row->cells == 1 ? "" : "s", csv->columns,
                  ++csv->ragged == RAGGED_TOLD ? "; further ones are not told" : "");
    csv->events->complaint(csv->events->user, row->line, 1, diag.text);
    return IW_OK;
}

/* The dialect is decided by the same bytes, however they come. */
static enum iw_err begin_rows(struct csv *csv)
{
    struct iw_csv_dialect dialect;
    struct iw_str head = iw_buf_str(&csv->head);
    const struct iw_cells_events events = {on_cell, on_row, csv};
    enum iw_err err = iw_csv_guess(head, &dialect);
    if (err != IW_OK)
        return err;
    csv->is_begun = true;
    csv->is_stated = dialect.is_stated;
    iw_cells_init(&csv->cells, dialect.delimiter, csv->max_line_bytes, &events);
    csv->text.ceiling_bytes = csv->max_line_bytes;
    err = iw_cells_feed(&csv->cells, head);
    iw_buf_release(&csv->head);
    return err;
}

static enum iw_err on_text(void *user, struct iw_str text)
{
    struct csv *csv = user;
    if (csv->is_begun)
        return iw_cells_feed(&csv->cells, text);
    size_t take = IW_MIN(text.len, IW_SOURCE_HEAD_BYTES - csv->head.len);
    iw_buf_add(&csv->head, text.ptr, take);
    if (csv->head.err != IW_OK)
        return csv->head.err;
    if (csv->head.len < IW_SOURCE_HEAD_BYTES)
        return IW_OK;
    enum iw_err err = begin_rows(csv);
    return err == IW_OK && take < text.len ? iw_cells_feed(&csv->cells, iw_str_skip(text, take)) : err;
}

/* ---- the kind ---- */

static enum iw_err begin(void *state, const struct iw_source_events *events)
{
    struct csv *csv = state;
    csv->events = events;
    csv->max_line_bytes = IW_SOURCE_LINE_BYTES;
    iw_buf_init(&csv->head, IW_SOURCE_HEAD_BYTES);
    iw_buf_init(&csv->text, IW_SOURCE_LINE_BYTES);
    iw_buf_init(&csv->shown, (size_t)SHOWN_BYTES * 2);
    return IW_OK;
}

static void set(void *state, const struct iw_reader_limits *limits)
{
    struct csv *csv = state;
    if (limits->max_line_bytes)
        csv->max_line_bytes = limits->max_line_bytes;
    csv->column = iw_str_from(limits->column);
    if (iw_parse_u64(csv->column, &csv->number) != IW_OK || csv->number > UINT32_MAX)
        csv->number = 0;
}

static enum iw_err explain(const struct csv *csv, enum iw_err err, struct iw_diag *diag)
{
    const struct iw_diag *failure = &csv->failure;
    if (err == IW_OK || failure->code == IW_OK)
        return err;
    return iw_fail(diag, failure->code, failure->line, failure->column, "%s", failure->text);
}

static enum iw_err feed(void *state, const char *bytes, size_t len, struct iw_diag *diag)
{
    struct csv *csv = state;
    return explain(csv, iw_decoder_feed(&csv->decoder, bytes, len, on_text, csv), diag);
}

static enum iw_err finish(void *state, struct iw_diag *diag)
{
    struct csv *csv = state;
    enum iw_err err = iw_decoder_finish(&csv->decoder, on_text, csv);
    if (err == IW_OK && !csv->is_begun)
        err = begin_rows(csv);
    if (err != IW_OK)
        return explain(csv, err, diag);
    err = iw_cells_finish(&csv->cells);
    if (err == IW_ERR_SYNTAX && csv->failure.code == IW_OK)
        return iw_fail(diag, err, csv->cells.cell_line, csv->cells.cell_column, "the quotes of this cell never end");
    return explain(csv, err, diag);
}

static void release(void *state)
{
    struct csv *csv = state;
    iw_cells_release(&csv->cells);
    iw_buf_release(&csv->head);
    iw_buf_release(&csv->text);
    iw_buf_release(&csv->shown);
}

static void describe(const void *state, struct iw_buf *out)
{
    const struct csv *csv = state;
    enum { SHOWN = 4 };
    for (size_t i = 0; i < csv->count && i < SHOWN; i++)
        iw_buf_printf(out, "%s%s",
                      i                  ? ", "
                      : csv->is_headless ? ""
                      : csv->count > 1   ? "columns "
                                         : "column ",
                      csv->names[i]);
    if (csv->count > SHOWN)
        iw_buf_printf(out, " and %zu more", csv->count - SHOWN);
}

/* A header whose names say which columns hold URLs, else rows of equal length that name one. */
static int sniff(struct iw_str head, struct iw_str name_hint)
{
    (void)name_hint;
    char space[IW_SOURCE_TEXT_BYTES];
    struct iw_str text = iw_source_text(head, space);
    struct iw_csv_dialect d;
    bool is_other = text.len == 0 || iw_str_find(IW_STR("<{[#"), text.ptr[0]) < 4;
    if (is_other || iw_str_find(text, '\0') < text.len || iw_csv_guess(text, &d) != IW_OK || d.is_nameless)
        return 0;
    bool is_even = d.rows == 0 || (d.same > 0 && d.same + 1 >= d.rows); /* the last one may be cut */
    if (d.columns == 1)
        return d.naming != IW_NAMING_OTHER && d.has_url ? 60 : 0;
    if (d.naming == IW_NAMING_IMAGE)
        return 90;
    if (d.naming == IW_NAMING_URL && is_even)
        return 60;
    return d.rows && is_even && d.has_url ? 30 : 0;
}

const struct iw_source iw_source_csv = {
    .name = "csv",
    .help = "rows with a header, a column of image URLs",
    .serves = IW_LEAD_DOCUMENT,
    .sniff = sniff,
    .state_size = sizeof(struct csv),
    .begin = begin,
    .set = set,
    .feed = feed,
    .finish = finish,
    .describe = describe,
    .release = release,
};
