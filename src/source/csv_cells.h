/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Rows of cells (RFC 4180 and its relatives) as text comes. Only the cells that are wanted are handed over; the others
 * are passed without a copy. */
#ifndef IW_SOURCE_CSV_CELLS_H
#define IW_SOURCE_CSV_CELLS_H

#include "source/inside.h"

/* A cell that is wanted, as it is written: with its quotes. The slice dies with the call. */
struct iw_cell {
    struct iw_str raw; /* empty where it is cut */
    unsigned index;    /* 0: the first of its row */
    unsigned line, column;
    bool is_quoted;
    bool has_backslashes; /* they escape, within its quotes */
    bool is_cut;          /* longer than the ceiling */
    bool is_bad;          /* text behind the closing quote */
};
struct iw_row {
    unsigned cells;
    unsigned line; /* where it begins */
    bool ends_empty;
};
/* Another code than IW_OK ends it. */
struct iw_cells_events {
    enum iw_err (*cell)(void *user, const struct iw_cell *cell);
    enum iw_err (*row)(void *user, const struct iw_row *row); /* blank lines are none */
    void *user;
};

struct iw_cells {
    struct iw_cells_events events;
    char delimiter;
    enum {
        IW_CELLS_START,           /* before a cell */
        IW_CELLS_BLANK,           /* spaces, behind which a quote may come */
        IW_CELLS_PLAIN,           /* no quotes */
        IW_CELLS_QUOTED,          /* within */
        IW_CELLS_QUOTE,           /* behind a quote: the closing one, or the first of two */
        IW_CELLS_BACKSLASH,       /* behind one, within quotes */
        IW_CELLS_BACKSLASH_QUOTE, /* behind both: the end, or an escaped quote */
        IW_CELLS_CLOSED,          /* behind the closing quote */
    } state;
    unsigned char stops[256]; /* what a run of plain text, or of quoted text, ends at */
    const unsigned *wanted;   /* NULL: every cell */
    size_t wanted_count, wanted_next;
    bool is_wanted; /* the cell at hand */
    bool is_cut, is_bad, is_empty;
    bool has_backslashes; /* one has escaped a quote beyond doubt: from now on they do */
    struct iw_buf part;   /* of a wanted cell, from an earlier text */
    size_t mark;          /* where the rest of it begins in the text at hand */
    uint64_t at;          /* offset of the text at hand */
    uint64_t line_start, behind_cr;
    uint32_t index, line, row_line, cell_line, cell_column;
};

/* max_bytes: ceiling for one cell. Every cell is wanted at first. */
void iw_cells_init(struct iw_cells *cells, char delimiter, size_t max_bytes, const struct iw_cells_events *events);
/* From the next row on: the cells of these indexes, which ascend. The array is kept. */
void iw_cells_want(struct iw_cells *cells, const unsigned *indexes, size_t count);
/* IW_ERR_NOMEM, or what an event returned; then nothing more may be fed. */
enum iw_err iw_cells_feed(struct iw_cells *cells, struct iw_str text) IW_MUST_USE;
/* Also IW_ERR_SYNTAX: a quote is never closed; cell_line and cell_column say of which cell. */
enum iw_err iw_cells_finish(struct iw_cells *cells) IW_MUST_USE;
void iw_cells_release(struct iw_cells *cells);

/* ---- the dialect (csv_dialect.c) ---- */

/* The text of a cell: without its quotes and the blanks around them; quotes within stay doubled. */
struct iw_str iw_csv_inner(struct iw_str raw, bool is_quoted);

struct iw_csv_dialect {
    char delimiter;
    bool is_stated;               /* by a line "sep=" */
    unsigned columns;             /* of the header */
    unsigned rows, same;          /* behind it; of as many columns */
    enum iw_source_naming naming; /* the best of its columns */
    bool has_url;                 /* a row names one */
    bool is_nameless;             /* the header holds a URL, a path or a control character: it is none */
};
/* Guesses from the beginning of a document, as text. IW_ERR_NOMEM. */
enum iw_err iw_csv_guess(struct iw_str head, struct iw_csv_dialect *out) IW_MUST_USE;

#endif
