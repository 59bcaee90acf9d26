/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The inside of source/: what the kinds share. */
#ifndef IW_SOURCE_INSIDE_H
#define IW_SOURCE_INSIDE_H

#include "base/buf.h"
#include "source/source.h"

/* The longest line or URL of a document unless iw_source.set says otherwise. */
enum { IW_SOURCE_LINE_BYTES = 64 << 10 };

/* ---- text (text.c) ---- */

/* Without the white space around it: ASCII, and the Unicode spaces and marks that people paste along with a URL
 * (U+00A0, U+1680, U+2000 to U+200F, U+2028, U+2029, U+202F, U+205F, U+2060, U+3000, U+FEFF). */
struct iw_str iw_source_trim(struct iw_str text);
/* Index of the first control character other than tab, or text.len. */
size_t iw_source_control(struct iw_str text);

/* What the name of a column or an element says of its content (naming.c). Case, digits, separators and what stands
 * before a colon do not matter. */
enum iw_source_naming { IW_NAMING_OTHER, IW_NAMING_URL, IW_NAMING_IMAGE };
enum iw_source_naming iw_source_naming(struct iw_str name);

/* The first bytes of a document as ASCII-compatible text: without byte order mark; UTF-16 is converted into space. */
enum { IW_SOURCE_HEAD_BYTES = 4096, IW_SOURCE_TEXT_BYTES = IW_SOURCE_HEAD_BYTES / 2 * 3 };
struct iw_str iw_source_text(struct iw_str head, char space[IW_SOURCE_TEXT_BYTES]);

/* What the beginning of a document is as markup. */
enum iw_markup {
    IW_MARKUP_NONE,    /* it does not begin with "<" */
    IW_MARKUP_OPEN,    /* XML whose first element lies behind the bytes given */
    IW_MARKUP_SITEMAP, /* urlset, sitemapindex */
    IW_MARKUP_FEED,    /* RSS, Atom */
    IW_MARKUP_HTML,
    IW_MARKUP_SVG,
    IW_MARKUP_XML, /* declared as XML, or with a DOCTYPE, of another kind */
    IW_MARKUP_OTHER,
};
/* text as iw_source_text() gives it. *out_root: the name of the first element as written, empty where none was seen. */
enum iw_markup iw_source_markup(struct iw_str text, struct iw_str *out_root);

/* ---- bytes to text (decode.c) ---- */

/* Text of a document as bytes come, without byte order mark, UTF-16 converted to UTF-8. Cleared at first. */
struct iw_decoder {
    enum { IW_TEXT_UNKNOWN, IW_TEXT_8BIT, IW_TEXT_16LE, IW_TEXT_16BE } coding;
    bool has_mark; /* it began with a byte order mark */
    char start[3]; /* until the byte order mark is decided */
    size_t start_len;
    unsigned char odd; /* first byte of a UTF-16 unit that was cut */
    bool has_odd;
    uint32_t high; /* high surrogate */
};
/* Called with text as it comes, cut anywhere; never empty. */
typedef enum iw_err (*iw_text_fn)(void *user, struct iw_str text);
/* What fn returned; unless IW_OK nothing more may be fed. */
enum iw_err iw_decoder_feed(struct iw_decoder *decoder, const char *bytes, size_t len, iw_text_fn fn,
                            void *user) IW_MUST_USE;
enum iw_err iw_decoder_finish(struct iw_decoder *decoder, iw_text_fn fn, void *user) IW_MUST_USE;

/* ---- lines (lines.c) ---- */

/* Lines of a text document, whatever ends them (LF, CRLF, CR), with the byte order mark removed and UTF-16 converted.
 */
struct iw_lines {
    struct iw_buf part; /* a line that began in an earlier chunk */
    unsigned line;      /* number of the next line; stays at UINT32_MAX */
    unsigned max_bytes; /* longer lines are handed over as cut */
    bool is_cut, after_cr;
    struct iw_decoder decoder;
};
/* Called for each line without its end; is_cut: it was longer than the ceiling, and line is empty. */
typedef enum iw_err (*iw_line_fn)(void *user, struct iw_str line, unsigned number, bool is_cut);
void iw_lines_init(struct iw_lines *lines, unsigned max_bytes);
/* IW_ERR_NOMEM, or what fn returned; then nothing more may be fed. */
enum iw_err iw_lines_feed(struct iw_lines *lines, const char *bytes, size_t len, iw_line_fn fn, void *user) IW_MUST_USE;
enum iw_err iw_lines_finish(struct iw_lines *lines, iw_line_fn fn, void *user) IW_MUST_USE;
/* Before the first line. */
void iw_lines_limit(struct iw_lines *lines, unsigned max_bytes);
void iw_lines_release(struct iw_lines *lines);

/* ---- robots.txt (robots.c) ---- */

/* The value of "Name: value" without its comment when the name, its letters alone, is one of names (lower case); else
 * NONE. is_lenient: white space will do for the colon. */
struct iw_str iw_robots_value(struct iw_str line, const char *const *names, size_t count, bool is_lenient);

#endif
