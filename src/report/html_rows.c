/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The table of all records in an HTML report: columns, deflated as they come, so that 100,000 records take some 2 MB in
 * the file and in memory. Rows are gathered into blocks; in a block each column lies by itself, since like goes well
 * with like. A block, inflated, is: the number of rows; then for each column the length of its numbers and those, and,
 * of TEXT, the length of its text and that. All numbers have 7 bits a byte, low ones first. A text is a number, that of
 * the characters (all ASCII) which it shares with the one before, and a line with the rest. The script that reads this
 * is data/report/report.js. */
#include "base/iw.h"
#include "report/html.h"

#include "base/base64.h"
#include "base/json_out.h"
#include "base/parse.h"
#include "report/escape.h"
#include "report/words.h"
#include "report/offence.h"

enum { BLOCK_ROWS = 8192, BLOCK_BYTES = 2 << 20, CELLS_MAX = 8 << 20, TEXT_MAX = 8000, PACK_BYTES = 64 << 10 };

enum as { TEXT, NUMBER, STEP };
enum per { RECORD, FINDING };
static const struct {
    const char *name;
    enum as as;
    enum per per;
} columns[IW_HTML_COLUMN_COUNT] = {
#define IW_HTML_COLUMN(name, as, per) {#name, as, per},
#include "report/html_columns.def"
#undef IW_HTML_COLUMN
};

enum iw_err iw_html_rows_begin(struct iw_html_rows *rows, const struct iw_report_style *style)
{
    rows->style = style;
    for (size_t i = 0; i < IW_HTML_COLUMN_COUNT; i++) {
        iw_buf_init(&rows->columns[i].numbers, CELLS_MAX);
        iw_buf_init(&rows->columns[i].text, CELLS_MAX);
        iw_buf_init(&rows->columns[i].last, TEXT_MAX * 2);
    }
    iw_buf_init(&rows->packed, IW_HTML_PACKED_MAX * 2);
    iw_buf_init(&rows->scratch, TEXT_MAX * 8);
    rows->has_z = deflateInit(&rows->z, Z_DEFAULT_COMPRESSION) == Z_OK;
    return rows->has_z ? IW_OK : IW_ERR_NOMEM;
}

void iw_html_rows_release(struct iw_html_rows *rows)
{
    for (size_t i = 0; i < IW_HTML_COLUMN_COUNT; i++) {
        iw_buf_release(&rows->columns[i].numbers);
        iw_buf_release(&rows->columns[i].text);
        iw_buf_release(&rows->columns[i].last);
    }
    iw_buf_release(&rows->packed);
    iw_buf_release(&rows->scratch);
    if (rows->has_z)
        (void)deflateEnd(&rows->z);
    rows->has_z = false;
}

/* ---- one row ---- */

static void add_varint(struct iw_buf *out, uint64_t value)
{
    char bytes[10];
    size_t len = 0;
    for (; value >= 0x80; value >>= 7)
        bytes[len++] = (char)(value | 0x80);
    bytes[len++] = (char)value;
    iw_buf_add(out, bytes, len);
}

static void put_number(struct iw_html_rows *rows, enum iw_html_column at, uint64_t value)
{
    struct iw_html_cells *cells = &rows->columns[at];
    value = IW_MIN(value, UINT64_C(1) << 53); /* what a number of JavaScript holds exactly */
    if (columns[at].as == STEP) {
        uint64_t step = value - cells->before;
        cells->before = value;
        value = step >> 63 ? ~(step << 1) : step << 1;
    }
    add_varint(&cells->numbers, value);
}

static void put_text(struct iw_html_rows *rows, enum iw_html_column at, struct iw_str text)
{
    struct iw_html_cells *cells = &rows->columns[at];
    char cut[TEXT_MAX];
    iw_buf_clear(&rows->scratch);
    iw_report_add_safe(&rows->scratch, iw_cut_middle(text, cut, sizeof cut));
    struct iw_str safe = iw_cut_middle(iw_buf_str(&rows->scratch), cut, sizeof cut), last = iw_buf_str(&cells->last);
    size_t shared = 0;
    while (shared < safe.len && shared < last.len && safe.ptr[shared] == last.ptr[shared] &&
           (unsigned char)safe.ptr[shared] < 0x80)
        shared++;
    add_varint(&cells->numbers, shared);
    iw_buf_add_str(&cells->text, iw_str_skip(safe, shared));
    iw_buf_add_char(&cells->text, '\n');
    iw_buf_clear(&cells->last);
    iw_buf_add_str(&cells->last, safe);
    if (rows->scratch.err != IW_OK)
        cells->text.err = rows->scratch.err;
}

static void put_word(struct iw_html_rows *rows, enum iw_html_column at, const char *word)
{
    put_text(rows, at, iw_str_from(word));
}

static void put_source(struct iw_html_rows *rows, const struct iw_source_ref *source)
{
    put_text(rows, IW_HTML_path, source->path);
    put_word(rows, IW_HTML_kind, source->kind);
    put_number(rows, IW_HTML_line, source->line);
    put_number(rows, IW_HTML_column, source->column);
    put_text(rows, IW_HTML_element, source->element);
}

static void put_image(struct iw_html_rows *rows, const struct iw_facts *facts)
{
    const struct iw_image_facts *image = &facts->image;
    bool is_known = facts->bytes_from != IW_BYTES_UNKNOWN;
    bool is_turned = image->stored_width_px != image->width_px || image->stored_height_px != image->height_px;
    put_number(rows, IW_HTML_bytes, is_known ? IW_MIN(facts->bytes, UINT64_MAX - 1) + 1 : 0);
    put_word(rows, IW_HTML_bytes_from, iw_bytes_from_name(facts->bytes_from));
    put_number(rows, IW_HTML_width, image->width_px);
    put_number(rows, IW_HTML_height, image->height_px);
    put_number(rows, IW_HTML_stored_width, is_turned ? image->stored_width_px : 0);
    put_number(rows, IW_HTML_stored_height, is_turned ? image->stored_height_px : 0);
    put_number(rows, IW_HTML_orientation, image->orientation);
    put_word(rows, IW_HTML_format, image->format ? image->format->title : "");
    put_text(rows, IW_HTML_content_type, facts->content_type);
    put_number(rows, IW_HTML_animated, (uint64_t)image->animated);
    put_number(rows, IW_HTML_alpha, (uint64_t)image->alpha);
}

static void put_tokens(struct iw_html_rows *rows, const struct iw_record *record)
{
    struct iw_buf text;
    char digits[27];
    uint64_t tokens;
    iw_buf_init(&text, TEXT_MAX);
    for (size_t i = 0; i < rows->style->profile_count; i++)
        if (iw_style_tokens(rows->style, i, record, &tokens))
            iw_buf_printf(&text, "%s%s %s", text.len ? ", " : "", iw_format_u64(tokens, digits),
                          rows->style->profiles[i]->name);
    put_text(rows, IW_HTML_tokens, iw_buf_str(&text));
    if (text.err == IW_ERR_NOMEM)
        rows->columns[IW_HTML_tokens].text.err = text.err;
    iw_buf_release(&text);
}

static void put_history(struct iw_html_rows *rows, const struct iw_record *record)
{
    const struct iw_before none = {0}, *before = record->before ? record->before : &none;
    const struct iw_suggestion nothing = {0}, *other = record->suggestion ? record->suggestion : &nothing;
    put_number(rows, IW_HTML_change, (uint64_t)record->change);
    put_text(rows, IW_HTML_waiver, record->waiver);
    put_number(rows, IW_HTML_before_verdict, record->before ? (uint64_t)before->verdict + 1 : 0);
    put_number(rows, IW_HTML_before_bytes, before->bytes);
    put_number(rows, IW_HTML_before_width, before->width_px);
    put_number(rows, IW_HTML_before_height, before->height_px);
    put_number(rows, IW_HTML_since, before->first_seen_unix_s > 0 ? (uint64_t)before->first_seen_unix_s : 0);
    put_text(rows, IW_HTML_suggestion, other->url);
    put_number(rows, IW_HTML_suggestion_bytes, other->bytes);
    put_number(rows, IW_HTML_suggestion_width, other->width_px);
    put_number(rows, IW_HTML_suggestion_height, other->height_px);
}

static void put_findings(struct iw_html_rows *rows, const struct iw_findings *findings)
{
    put_number(rows, IW_HTML_findings, findings->count);
    for (size_t i = 0; i < findings->count; i++) {
        const struct iw_finding *f = &findings->list[i];
        put_number(rows, IW_HTML_rule, (uint64_t)f->rule);
        put_number(rows, IW_HTML_severity, (uint64_t)f->severity);
        put_word(rows, IW_HTML_profile, f->profile);
        put_text(rows, IW_HTML_message, f->message);
    }
    rows->findings += findings->count;
}

static void put_record(struct iw_html_rows *rows, const struct iw_record *record)
{
    const struct iw_facts *facts = record->facts;
    bool is_elsewhere = facts->final_url.len && !iw_str_eq(facts->final_url, facts->url);
    struct iw_offence worst = {0};
    if (iw_offence_count(record))
        iw_offence_worst(record, &worst);
    put_text(rows, IW_HTML_url, facts->url);
    put_text(rows, IW_HTML_final_url, is_elsewhere ? facts->final_url : IW_STR(""));
    put_source(rows, record->source);
    put_number(rows, IW_HTML_verdict, (uint64_t)record->verdict);
    put_number(rows, IW_HTML_excess, worst.weight);
    put_image(rows, facts);
    put_tokens(rows, record);
    put_number(rows, IW_HTML_place_width, record->source->place.width_px);
    put_number(rows, IW_HTML_place_height, record->source->place.height_px);
    put_number(rows, IW_HTML_status, (uint64_t)facts->status);
    put_number(rows, IW_HTML_http, (uint64_t)facts->http_version);
    put_number(rows, IW_HTML_requests, facts->requests);
    put_number(rows, IW_HTML_bytes_read, facts->bytes_read);
    put_number(rows, IW_HTML_ms, facts->us / 1000);
    put_text(rows, IW_HTML_error, facts->error);
    put_history(rows, record);
    put_findings(rows, record->findings);
}

/* ---- blocks ---- */

static enum iw_err deflate_into(struct iw_html_rows *rows, struct iw_str bytes, int flush)
{
    /* zlib does not write there, but its type says so */
    union {
        const char *from;
        unsigned char *to;
    } in = {bytes.ptr};
    rows->z.next_in = in.to;
    rows->z.avail_in = (unsigned)bytes.len;
    do {
        char *to = iw_buf_reserve(&rows->packed, PACK_BYTES);
        if (!to)
            return IW_ERR_NOMEM;
        rows->z.next_out = (unsigned char *)to;
        rows->z.avail_out = PACK_BYTES;
        (void)deflate(&rows->z, flush);
        rows->packed.len += PACK_BYTES - rows->z.avail_out;
    } while (rows->z.avail_out == 0);
    return IW_OK;
}

static enum iw_err pack_part(struct iw_html_rows *rows, struct iw_buf *part)
{
    iw_buf_clear(&rows->scratch);
    add_varint(&rows->scratch, part->len);
    enum iw_err err = deflate_into(rows, iw_buf_str(&rows->scratch), Z_NO_FLUSH);
    if (err == IW_OK && part->len)
        err = deflate_into(rows, iw_buf_str(part), Z_NO_FLUSH);
    iw_buf_clear(part);
    return err;
}

static enum iw_err pack_block(struct iw_html_rows *rows)
{
    iw_buf_clear(&rows->scratch);
    add_varint(&rows->scratch, rows->in_block);
    enum iw_err err = deflate_into(rows, iw_buf_str(&rows->scratch), Z_NO_FLUSH);
    for (size_t i = 0; i < IW_HTML_COLUMN_COUNT && err == IW_OK; i++) {
        struct iw_html_cells *cells = &rows->columns[i];
        err = pack_part(rows, &cells->numbers);
        if (err == IW_OK && columns[i].as == TEXT)
            err = pack_part(rows, &cells->text);
        iw_buf_clear(&cells->last);
        cells->before = 0;
    }
    rows->in_block = 0;
    return err;
}

/* How many bytes the block has; IW_ERR_NOMEM where a cell could not be kept. */
static enum iw_err block_bytes(const struct iw_html_rows *rows, size_t *out)
{
    *out = 0;
    for (size_t i = 0; i < IW_HTML_COLUMN_COUNT; i++) {
        const struct iw_html_cells *cells = &rows->columns[i];
        if (cells->numbers.err != IW_OK || cells->text.err != IW_OK || cells->last.err != IW_OK)
            return IW_ERR_NOMEM;
        *out += cells->numbers.len + cells->text.len;
    }
    return IW_OK;
}

enum iw_err iw_html_rows_add(struct iw_html_rows *rows, const struct iw_record *record)
{
    uint64_t *kept = &rows->kept[iw_html_is_notable(record)];
    if (*kept >= IW_HTML_ROWS_MAX || rows->packed.len > IW_HTML_PACKED_MAX) {
        rows->left_out++;
        return IW_OK;
    }
    put_record(rows, record);
    ++*kept;
    rows->in_block++;
    size_t bytes;
    enum iw_err err = block_bytes(rows, &bytes);
    if (err == IW_OK && (rows->in_block == BLOCK_ROWS || bytes > BLOCK_BYTES))
        err = pack_block(rows);
    return err;
}

/* ---- telling ---- */

static void add_names(struct iw_buf *out, const char *key, const char *(*name)(unsigned), unsigned count)
{
    iw_json_key(out, key);
    iw_buf_add_char(out, '[');
    for (unsigned i = 0; i < count; i++) {
        if (i)
            iw_buf_add_char(out, ',');
        iw_json_str(out, iw_str_from(name(i)));
    }
    iw_buf_add_char(out, ']');
}

static const char *verdict_name(unsigned i)
{
    return iw_verdict_name((enum iw_verdict)i);
}
static const char *severity_name(unsigned i)
{
    return iw_severity_name((enum iw_severity)i);
}
static const char *change_name(unsigned i)
{
    return iw_change_name((enum iw_change)i);
}
static const char *rule_name(unsigned i)
{
    return iw_rules[i].name;
}
static const char *rule_title(unsigned i)
{
    return iw_rules[i].title;
}
static const char *rule_advice(unsigned i)
{
    return iw_rules[i].advice;
}

/* What the script must know of the table. All of it is ours, so that no "<" needs to be escaped. */
static void add_meta(const struct iw_html_rows *rows, const struct iw_totals *totals, struct iw_buf *out)
{
    iw_buf_add_char(out, '{');
    iw_json_key(out, "columns");
    for (size_t i = 0; i < IW_HTML_COLUMN_COUNT; i++)
        iw_buf_printf(out, "%s[\"%s\",%d,%d]", i ? "," : "[", columns[i].name, (int)columns[i].as, (int)columns[i].per);
    iw_buf_add_char(out, ']');
    iw_json_key(out, "rows");
    iw_json_u64(out, rows->kept[0] + rows->kept[1]);
    iw_json_key(out, "records");
    iw_json_u64(out, totals->records);
    iw_json_key(out, "is_compared");
    iw_json_bool(out, totals->is_compared);
    add_names(out, "verdicts", verdict_name, IW_VERDICT_COUNT);
    add_names(out, "severities", severity_name, IW_SEVERITY_ERROR + 1);
    add_names(out, "changes", change_name, IW_CHANGE_COUNT);
    add_names(out, "rules", rule_name, IW_RULE_COUNT);
    add_names(out, "titles", rule_title, IW_RULE_COUNT);
    add_names(out, "advice", rule_advice, IW_RULE_COUNT);
    iw_buf_add_char(out, '}');
}

enum iw_err iw_html_rows_tell(struct iw_html_rows *rows, const struct iw_totals *totals, struct iw_buf *out)
{
    enum iw_err err = rows->in_block ? pack_block(rows) : IW_OK;
    if (err == IW_OK)
        err = deflate_into(rows, IW_STR(""), Z_FINISH);
    if (err != IW_OK)
        return err;
    iw_html_add(out, "<script type=\"application/json\" id=\"meta\">");
    add_meta(rows, totals, out);
    iw_html_add(out, "</script>\n<script type=\"application/octet-stream\" id=\"rows\">");
    iw_base64_add(out, iw_buf_str(&rows->packed));
    iw_html_add(out, "</script>\n");
    return out->err;
}
