/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The lists of an HTML report that need no script: the worst offenders of each rule, with what to do, and what changed
 * since the run before. A record's list item is made when it comes, if it may be kept at all. */
#include "base/iw.h"
#include "report/html.h"

#include "base/parse.h"

void iw_html_lists_begin(struct iw_html_lists *lists)
{
    for (size_t i = 0; i < IW_OFFENCES; i++)
        iw_worst_init(&lists->rules[i].worst, IW_HTML_LISTED_MAX, IW_HTML_LISTED_MAX_BYTES);
    for (size_t i = 0; i < IW_CHANGE_COUNT; i++)
        iw_worst_init(&lists->changes[i].worst, IW_HTML_LISTED_MAX, IW_HTML_LISTED_MAX_BYTES);
    iw_buf_init(&lists->item, IW_HTML_LISTED_MAX_BYTES);
}

void iw_html_lists_release(struct iw_html_lists *lists)
{
    for (size_t i = 0; i < IW_OFFENCES; i++)
        iw_worst_release(&lists->rules[i].worst);
    for (size_t i = 0; i < IW_CHANGE_COUNT; i++)
        iw_worst_release(&lists->changes[i].worst);
    iw_buf_release(&lists->item);
}

/* ---- one item ---- */

static void add_size(struct iw_buf *out, uint64_t bytes, uint32_t width_px, uint32_t height_px)
{
    char width[27], height[27];
    if (bytes)
        iw_html_size(out, bytes);
    if (width_px)
        iw_buf_printf(out, "%s%s&#8239;×&#8239;%s px", bytes ? ", " : "", iw_format_u64(width_px, width),
                      iw_format_u64(height_px, height));
}

/* "4.5 MB, 5,738 x 6,626 px, WebP", as much of it as is known. */
static void add_figures(struct iw_buf *out, const struct iw_facts *facts)
{
    bool has_bytes = facts->bytes_from != IW_BYTES_UNKNOWN, has_pixels = facts->image.width_px != 0;
    if (!has_bytes && !has_pixels && !facts->image.format)
        return;
    iw_html_add(out, "<b class=\"figures\">");
    if (facts->bytes_from == IW_BYTES_AT_LEAST)
        iw_html_add(out, "at least ");
    add_size(out, has_bytes ? facts->bytes : 0, facts->image.width_px, facts->image.height_px);
    if (facts->image.format)
        iw_buf_printf(out, "%s%s", has_bytes || has_pixels ? ", " : "", facts->image.format->title);
    iw_html_add(out, "</b> ");
}

/* The worst sentence, then the titles of the other rules that hold, once each. */
static void add_message(struct iw_buf *out, const struct iw_record *record, const struct iw_offence *worst)
{
    iw_html_text(out, worst->message);
    bool seen[IW_OFFENCES] = {false};
    seen[worst->rule] = true;
    const char *separator = " <span class=\"also\">Also: ";
    for (size_t i = 0; i < record->findings->count; i++) {
        enum iw_rule_id rule = record->findings->list[i].rule;
        if (seen[rule])
            continue;
        seen[rule] = true;
        iw_buf_printf(out, "%s%s", separator, iw_rules[rule].title);
        separator = ", ";
    }
    iw_html_add(out, separator[0] == ',' ? ".</span>" : "");
}

static void add_place(struct iw_buf *out, const struct iw_source_ref *source)
{
    if (!source->path.len)
        return;
    iw_html_add(out, "in <code>");
    iw_html_text(out, source->path);
    if (source->line)
        iw_buf_printf(out, ":%u:%u", source->line, source->column);
    iw_html_add(out, "</code>");
    if (source->element.len) {
        iw_html_add(out, ", <code>");
        iw_html_text(out, source->element);
        iw_html_add(out, "</code>");
    }
    iw_html_add(out, ". ");
}

/* "Worse: was over at 1.2 MB, 4,000 x 3,000 px, an offender since 2025-11-24 16:00 UTC." */
static void add_change(struct iw_buf *out, const struct iw_record *record)
{
    const struct iw_before *before = record->before;
    iw_buf_printf(out, "<b>%s</b>", iw_change_name(record->change));
    if (before) {
        iw_buf_printf(out, ": was %s", iw_verdict_name(before->verdict));
        iw_html_add(out, before->bytes || before->width_px ? " at " : "");
        add_size(out, before->bytes, before->width_px, before->height_px);
        if (before->first_seen_unix_s > 0) {
            iw_html_add(out, ", an offender since ");
            iw_html_moment(out, before->first_seen_unix_s);
        }
    }
    if (record->waiver.len) {
        iw_html_add(out, "; waived because: ");
        iw_html_text(out, record->waiver);
    }
    iw_buf_add_char(out, '.');
}

static void add_item(struct iw_buf *out, const struct iw_record *record, const struct iw_offence *worst)
{
    iw_html_add(out, "<li><p>");
    iw_html_url(out, record->facts->url);
    iw_html_add(out, "</p><p class=\"what\">");
    add_figures(out, record->facts);
    if (worst)
        add_message(out, record, worst);
    iw_html_add(out, "</p>");
    if (record->suggestion) {
        iw_html_add(out, "<p class=\"what instead\">Use instead: ");
        iw_html_url(out, record->suggestion->url);
        iw_buf_add_char(out, ' ');
        add_size(out, record->suggestion->bytes, record->suggestion->width_px, record->suggestion->height_px);
        iw_html_add(out, "</p>");
    }
    iw_html_add(out, "<p class=\"place\">");
    add_place(out, record->source);
    if (record->change != IW_CHANGE_NONE)
        add_change(out, record);
    iw_html_add(out, "</p></li>\n");
}

/* ---- collecting ---- */

static enum iw_err offer(struct iw_html_lists *lists, struct iw_html_list *list, const struct iw_record *record,
                         const struct iw_offence *worst)
{
    const struct iw_offence none = {0};
    struct iw_kept kept = {.id = 0};
    iw_rank_of(record, worst ? worst : &none, &kept.rank);
    list->severity = IW_MAX(list->severity, worst ? worst->severity : IW_SEVERITY_NOTE);
    if (!iw_worst_offer(&list->worst, &kept.rank))
        return IW_OK;
    iw_buf_clear(&lists->item);
    add_item(&lists->item, record, worst);
    if (lists->item.err == IW_ERR_NOMEM)
        return IW_ERR_NOMEM;
    return lists->item.err == IW_OK ? iw_worst_add(&list->worst, kept, iw_buf_str(&lists->item)) : IW_OK;
}

enum iw_err iw_html_lists_add(struct iw_html_lists *lists, const struct iw_record *record)
{
    struct iw_offence worst;
    bool is_offender = iw_offence_count(record) > 0;
    enum iw_err err = IW_OK;
    if (is_offender) {
        iw_offence_worst(record, &worst);
        err = offer(lists, &lists->rules[worst.rule], record, &worst);
    }
    if (err == IW_OK && record->change != IW_CHANGE_NONE)
        err = offer(lists, &lists->changes[record->change], record, is_offender ? &worst : NULL);
    return err;
}

/* ---- telling ---- */

enum { SHOWN = 3 };

static void tell_part(const struct iw_html_list *list, size_t from, size_t to, struct iw_buf *out)
{
    iw_html_add(out, "<ol class=\"items\">\n");
    for (size_t i = from; i < to; i++)
        iw_buf_add(out, list->worst.list[i].text, list->worst.list[i].len);
    iw_html_add(out, "</ol>\n");
}

/* A few, the rest behind a click, and what is only in the table. */
static void tell_items(struct iw_html_list *list, struct iw_buf *out)
{
    size_t count = list->worst.count, shown = count <= SHOWN + 1 ? count : SHOWN;
    iw_worst_sort(&list->worst);
    tell_part(list, 0, shown, out);
    if (shown < count) {
        iw_buf_printf(out, "<details class=\"rest\"><summary>%zu more</summary>\n", count - shown);
        tell_part(list, shown, count, out);
        iw_html_add(out, "</details>\n");
    }
    if (iw_worst_cut(&list->worst)) {
        iw_html_add(out, "<p class=\"more\">And ");
        iw_html_count(out, iw_worst_cut(&list->worst));
        iw_html_add(out, " further ones in the table of all images.</p>\n");
    }
}

/* A list that opens and closes; key and value are what the table shows of it. */
static void open_list(struct iw_buf *out, const char *class, bool is_open, const char *key, const char *value)
{
    iw_buf_printf(out, "<details class=\"list %s\"%s data-key=\"%s\" data-value=\"%s\"><summary>", class,
                  is_open ? " open" : "", key, value);
}

static void tell_rule(struct iw_html_list *list, unsigned rule, struct iw_buf *out)
{
    const struct iw_rule *row = iw_offence_rule(rule);
    const char *severity = rule == IW_UNDECIDED ? "warning" : iw_severity_name(list->severity);
    open_list(out, severity, list->severity == IW_SEVERITY_ERROR, "rule", rule == IW_UNDECIDED ? "" : row->name);
    iw_buf_printf(
        out,
        "<span class=\"tag %s\">%s</span> <span class=\"name\"><span class=\"title\">%s</span> <code>%s</code></span> "
        "<span class=\"number\">",
        severity, severity, row->title, row->name);
    iw_html_count(out, list->worst.offered);
    iw_buf_printf(out, "</span></summary>\n<p class=\"advice\"><b>What to do:</b> %s.</p>\n", row->advice);
    tell_items(list, out);
    iw_html_add(out, "</details>\n");
}

void iw_html_lists_tell_rules(struct iw_html_lists *lists, struct iw_buf *out)
{
    for (int severity = IW_SEVERITY_ERROR; severity >= IW_SEVERITY_NOTE; severity--)
        for (unsigned i = 0; i < IW_OFFENCES; i++)
            if (lists->rules[i].worst.offered && (int)lists->rules[i].severity == severity)
                tell_rule(&lists->rules[i], i, out);
}

void iw_html_lists_tell_changes(struct iw_html_lists *lists, const struct iw_totals *totals, struct iw_buf *out)
{
    static const struct {
        enum iw_change change;
        bool is_open;
        const char *meaning;
    } rows[] = {{IW_CHANGE_NEW, true, "were no offenders before, or were not there"},
                {IW_CHANGE_WORSE, true, "further beyond their limits"},
                {IW_CHANGE_UNREACHABLE, false, "checked before, and cannot be now"},
                {IW_CHANGE_FIXED, false, "were offenders, and fit now"},
                {IW_CHANGE_BETTER, false, "still offenders, but less so"},
                {IW_CHANGE_GONE, false, "nothing names them any more"},
                {IW_CHANGE_WAIVED, false, "somebody has answered for them"},
                {IW_CHANGE_SAME, false, "offenders as before"}};
    bool has_some = false;
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_html_list *list = &lists->changes[rows[i].change];
        const char *name = iw_change_name(rows[i].change);
        if (!totals->changes[rows[i].change] && !list->worst.offered)
            continue;
        open_list(out, name, rows[i].is_open, "change", name);
        iw_buf_printf(out, "<span class=\"tag %s\">%s</span> <span class=\"title\">%s</span> <span class=\"number\">",
                      name, name, rows[i].meaning);
        iw_html_count(out, IW_MAX(totals->changes[rows[i].change], list->worst.offered));
        iw_html_add(out, "</span></summary>\n");
        tell_items(list, out);
        iw_html_add(out, "</details>\n");
        has_some = true;
    }
    if (!has_some)
        iw_html_add(out, "<p>Nothing: there was no offender, and there is none.</p>\n");
}
