/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Which CSV it is: the delimiter under which the header names most and the rows agree best, and what its columns are
 * by their names. */
#include "base/iw.h"
#include "source/csv_cells.h"
#include "source/inside.h"

enum { ROWS_READ = 30 };

struct iw_str iw_csv_inner(struct iw_str raw, bool is_quoted)
{
    raw = iw_str_trim(raw);
    if (!is_quoted)
        return raw;
    raw = iw_str_skip(raw, 1);
    return iw_str_sub(raw, 0, raw.len - (raw.len > 0));
}

struct survey {
    struct iw_csv_dialect dialect;
    bool has_header, is_over;
};

/* A header holds names; URLs, paths and what no text has are none. */
static bool is_no_name(struct iw_str text)
{
    size_t slash = iw_str_find(text, '/');
    bool is_word = iw_str_find(text, ' ') == text.len;
    return iw_source_control(text) < text.len || (slash < text.len && is_word) ||
           iw_str_starts_nocase(text, IW_STR("http:")) || iw_str_starts_nocase(text, IW_STR("https:"));
}

static enum iw_err on_cell(void *user, const struct iw_cell *cell)
{
    struct survey *survey = user;
    struct iw_csv_dialect *dialect = &survey->dialect;
    struct iw_str text = iw_csv_inner(cell->raw, cell->is_quoted);
    if (survey->has_header) {
        dialect->has_url = dialect->has_url || iw_str_starts_nocase(text, IW_STR("http://")) ||
                           iw_str_starts_nocase(text, IW_STR("https://"));
        return IW_OK;
    }
    enum iw_source_naming naming = iw_source_naming(text);
    dialect->naming = IW_MAX(dialect->naming, naming);
    dialect->is_nameless = dialect->is_nameless || is_no_name(text);
    return IW_OK;
}

static enum iw_err on_row(void *user, const struct iw_row *row)
{
    struct survey *survey = user;
    struct iw_csv_dialect *dialect = &survey->dialect;
    if (!survey->has_header) {
        survey->has_header = true;
        dialect->columns = row->cells;
        return IW_OK;
    }
    dialect->rows++;
    dialect->same += row->cells == dialect->columns;
    survey->is_over = dialect->rows == ROWS_READ;
    return survey->is_over ? IW_ERR_LIMIT : IW_OK;
}

static enum iw_err look(struct iw_str head, char delimiter, struct iw_csv_dialect *out)
{
    struct survey survey = {.dialect.delimiter = delimiter};
    const struct iw_cells_events events = {on_cell, on_row, &survey};
    struct iw_cells cells;
    iw_cells_init(&cells, delimiter, IW_SOURCE_TEXT_BYTES, &events);
    enum iw_err err = iw_cells_feed(&cells, head);
    if (err == IW_OK)
        err = iw_cells_finish(&cells);
    if (!survey.has_header)
        survey.dialect.columns = cells.index + 1; /* longer than what is there */
    iw_cells_release(&cells);
    *out = survey.dialect;
    return err == IW_ERR_NOMEM ? err : IW_OK;
}

static unsigned score(const struct iw_csv_dialect *dialect)
{
    unsigned agreement = dialect->rows ? dialect->same * 100 / dialect->rows : 50;
    return (unsigned)dialect->naming * 1000 + (dialect->columns > 1 ? 100 + agreement : 0) +
           IW_MIN(dialect->columns, 50u);
}

/* Excel's first line "sep=;" says it. */
static char stated_delimiter(struct iw_str *head)
{
    size_t end = IW_MIN(iw_str_find(*head, '\n'), iw_str_find(*head, '\r'));
    if (end != sizeof "sep=" - 1 + 1 || !iw_str_starts_nocase(*head, IW_STR("sep=")))
        return '\0';
    char c = head->ptr[end - 1];
    bool is_usable = c == '\t' || (c > ' ' && c < 0x7F && c != '"' && c != '\\');
    *head = iw_str_skip(*head, is_usable ? end : 0);
    return is_usable ? c : '\0';
}

enum iw_err iw_csv_guess(struct iw_str head, struct iw_csv_dialect *out)
{
    static const char delimiters[] = {',', ';', '\t', '|'};
    char stated = stated_delimiter(&head);
    if (stated) {
        enum iw_err err = look(head, stated, out);
        out->is_stated = true;
        return err;
    }
    for (size_t i = 0; i < sizeof delimiters; i++) {
        struct iw_csv_dialect dialect;
        enum iw_err err = look(head, delimiters[i], &dialect);
        if (err != IW_OK)
            return err;
        if (i == 0 || score(&dialect) > score(out))
            *out = dialect;
    }
    return IW_OK;
}
