/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Pieces of the HTML report, inside report/. Each takes records as they come, keeps a bounded digest of them, and
 * appends its part of the page at the end. Text of strangers goes through report/escape.h. */
#ifndef IW_REPORT_HTML_H
#define IW_REPORT_HTML_H

#include "base/map.h"
#include "report/hosts.h"
#include "report/offence.h"
#include <zlib.h>

/* The style sheet and the script of data/report, compiled in; their digests as a Content-Security-Policy spells them
 * ("sha256-..."). */
struct iw_html_asset {
    const char *text;
    size_t len;
    const char *digest;
};
extern const struct iw_html_asset iw_html_css, iw_html_js;

/* ---- words ---- */

/* Markup of ours, as it is. */
static inline void iw_html_add(struct iw_buf *out, const char *markup)
{
    iw_buf_add_str(out, iw_str_from(markup));
}
/* "1,234" */
void iw_html_count(struct iw_buf *out, uint64_t value);
/* A size for people, in an element that tells the exact number of bytes. */
void iw_html_size(struct iw_buf *out, uint64_t bytes);
/* Seconds since 1970, above 0: "2026-11-25 08:00 UTC". */
void iw_html_moment(struct iw_buf *out, int64_t unix_s);
/* Text of strangers, cut in its middle where it is longer than 1,000 bytes. */
void iw_html_text(struct iw_buf *out, struct iw_str text);
/* A URL: a link where it is one of http, else text. */
void iw_html_url(struct iw_buf *out, struct iw_str url);
/* True when the record is to be seen before others: something is wrong with it, or has changed. */
bool iw_html_is_notable(const struct iw_record *record);

/* ---- the table of all records (html_rows.c) ---- */

enum iw_html_column {
#define IW_HTML_COLUMN(name, as, per) IW_HTML_##name,
#include "report/html_columns.def"
#undef IW_HTML_COLUMN
    IW_HTML_COLUMN_COUNT
};
/* Of records that are notable and of others each at most so many, and both within so many bytes of deflated columns:
 * some 110 MB in memory at the end, base64 included. */
#define IW_HTML_ROWS_MAX   100000
#define IW_HTML_PACKED_MAX ((size_t)24 << 20)
struct iw_html_rows {
    const struct iw_report_style *style;
    struct iw_html_cells {
        struct iw_buf numbers, text, last; /* of one block; last: the text before */
        uint64_t before;
    } columns[IW_HTML_COLUMN_COUNT];
    uint64_t kept[2], findings, left_out; /* kept: others, notable */
    size_t in_block, block_bytes;
    struct iw_buf packed, scratch;
    z_stream z;
    bool has_z;
};
/* style is borrowed until the end. */
enum iw_err iw_html_rows_begin(struct iw_html_rows *rows, const struct iw_report_style *style) IW_MUST_USE;
enum iw_err iw_html_rows_add(struct iw_html_rows *rows, const struct iw_record *record) IW_MUST_USE;
/* Appends the script elements that hold the table and what it takes to read it. */
enum iw_err iw_html_rows_tell(struct iw_html_rows *rows, const struct iw_totals *totals,
                              struct iw_buf *out) IW_MUST_USE;
void iw_html_rows_release(struct iw_html_rows *rows);

/* ---- the worst records of each rule and of each kind of change (html_lists.c) ---- */

/* Of each list so many records, within so many bytes of HTML. */
#define IW_HTML_LISTED_MAX       25
#define IW_HTML_LISTED_MAX_BYTES ((size_t)256 << 10)
struct iw_html_list {
    struct iw_worst worst;
    enum iw_severity severity;
};
struct iw_html_lists {
    struct iw_html_list rules[IW_OFFENCES], changes[IW_CHANGE_COUNT];
    struct iw_buf item;
};
void iw_html_lists_begin(struct iw_html_lists *lists);
enum iw_err iw_html_lists_add(struct iw_html_lists *lists, const struct iw_record *record) IW_MUST_USE;
void iw_html_lists_tell_rules(struct iw_html_lists *lists, struct iw_buf *out);
void iw_html_lists_tell_changes(struct iw_html_lists *lists, const struct iw_totals *totals, struct iw_buf *out);
void iw_html_lists_release(struct iw_html_lists *lists);

/* ---- charts (html_bytes.c, html_pixels.c, html_hosts.c) ---- */

/* Ten bins for each power of ten, from 1 byte on; the last takes all beyond. */
#define IW_HTML_BINS 120
struct iw_html_bytes {
    uint64_t bins[IW_HTML_BINS][IW_VERDICT_COUNT];
    uint64_t known;
};
void iw_html_bytes_add(struct iw_html_bytes *bytes, const struct iw_record *record);
void iw_html_bytes_tell(const struct iw_html_bytes *bytes, const struct iw_report_style *style, struct iw_buf *out);

/* Twelve cells for each doubling of width and height, from 1 px to 65,536 px; the last take all beyond. */
#define IW_HTML_CELLS 192
enum iw_html_class { IW_HTML_FITS, IW_HTML_DOUBTFUL, IW_HTML_REFUSED };
#define IW_HTML_CLASS_COUNT 3
struct iw_html_pixels {
    uint32_t cells[IW_HTML_CLASS_COUNT][IW_HTML_CELLS][IW_HTML_CELLS]; /* by height, then width */
    uint64_t known;
};
void iw_html_pixels_add(struct iw_html_pixels *pixels, const struct iw_record *record);
void iw_html_pixels_tell(const struct iw_html_pixels *pixels, const struct iw_report_style *style, struct iw_buf *out);

#define IW_HTML_HOSTS_SHOWN 15
void iw_html_hosts_tell(struct iw_host_rows *hosts, struct iw_buf *out);

/* ---- what the images were held against (html_limits.c) ---- */

/* Distinct values of a limit among the profiles, smallest first; of several profiles the names. */
#define IW_HTML_MARKS_MAX 5
struct iw_html_mark {
    uint64_t value;
    char names[80];
};
size_t iw_html_marks(const struct iw_report_style *style, enum iw_limit_id id,
                     struct iw_html_mark marks[IW_HTML_MARKS_MAX]);
void iw_html_limits_tell(const struct iw_report_style *style, struct iw_buf *out);

#endif
