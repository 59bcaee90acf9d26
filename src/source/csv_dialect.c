/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Which CSV it is: the delimiter under which the header names most and the rows agree best, and what its columns are
 * by their names. */
#include "base/iw.h"
#include "source/csv_cells.h"
#include "source/inside.h"

enum { ROWS_READ = 30, NAME_BYTES = 40 };

/* ---- names ---- */

/* Letters alone, lower-cased, so that "Image Src", "image_src" and "g:image_src 2" are one name. */
static struct iw_str squeeze(struct iw_str name, char space[NAME_BYTES])
{
    size_t colon = iw_str_find(name, ':'), n = 0;
    if (colon < name.len)
        name = iw_str_skip(name, colon + 1);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
        if (is_letter && n == NAME_BYTES)
            return IW_STR("");
        if (is_letter)
            space[n++] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    return (struct iw_str){space, n};
}

struct iw_str iw_csv_inner(struct iw_str raw, bool is_quoted)
{
    raw = iw_str_trim(raw);
    if (!is_quoted)
        return raw;
    raw = iw_str_skip(raw, 1);
    return iw_str_sub(raw, 0, raw.len - (raw.len > 0));
}

enum iw_csv_naming iw_csv_naming(struct iw_str raw)
{
    static const struct {
        const char *name;
        enum iw_csv_naming naming;
    } rows[] = {
        {"imagelink", IW_CSV_IMAGE}, /* Google Merchant and Meta: image_link, "image link" */
        {"additionalimagelink", IW_CSV_IMAGE},
        {"lifestyleimagelink", IW_CSV_IMAGE},
        {"imagesrc", IW_CSV_IMAGE}, /* Shopify: Image Src, Variant Image */
        {"variantimage", IW_CSV_IMAGE},
        {"images", IW_CSV_IMAGE},    /* WooCommerce */
        {"baseimage", IW_CSV_IMAGE}, /* Magento */
        {"additionalimages", IW_CSV_IMAGE},
        {"image", IW_CSV_IMAGE}, /* in general; also image_1, image[0].url */
        {"imageurl", IW_CSV_IMAGE},
        {"imageurls", IW_CSV_IMAGE},
        {"imagefile", IW_CSV_IMAGE},
        {"mainimage", IW_CSV_IMAGE},
        {"mainimageurl", IW_CSV_IMAGE},
        {"otherimageurl", IW_CSV_IMAGE},
        {"productimage", IW_CSV_IMAGE},
        {"img", IW_CSV_IMAGE},
        {"imgs", IW_CSV_IMAGE},
        {"imgurl", IW_CSV_IMAGE},
        {"imgsrc", IW_CSV_IMAGE},
        {"picture", IW_CSV_IMAGE},
        {"pictures", IW_CSV_IMAGE},
        {"pictureurl", IW_CSV_IMAGE},
        {"photo", IW_CSV_IMAGE},
        {"photos", IW_CSV_IMAGE},
        {"photourl", IW_CSV_IMAGE},
        {"thumbnail", IW_CSV_IMAGE},
        {"thumbnailurl", IW_CSV_IMAGE},
        {"url", IW_CSV_URL},
        {"urls", IW_CSV_URL},
        {"link", IW_CSV_URL},
        {"links", IW_CSV_URL},
        {"src", IW_CSV_URL},
        {"href", IW_CSV_URL},
    };
    char space[NAME_BYTES];
    struct iw_str name = squeeze(iw_str_trim(raw), space);
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++)
        if (iw_str_eq(name, iw_str_from(rows[i].name)))
            return rows[i].naming;
    return IW_CSV_OTHER;
}

/* ---- the delimiter ---- */

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
    enum iw_csv_naming naming = iw_csv_naming(text);
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
