/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What the text report says before and after the offenders: what differs, how many there are and what is to be done
 * next; a bar for each host; what the run cost, and hints. */
#include "base/iw.h"
#include "report/text.h"

#include "base/parse.h"
#include "report/layout.h"

enum {
    HOSTS_SHOWN = 6,
    HOSTS_SHOWN_MORE = 25, /* with -v */
    CELLS = 20,
    CELLS_WIDE = 40,
    WIDE = 120,
    PLAIN_COLUMNS = 80, /* where there is no terminal */
    NAME_MIN = 12
};

static const enum iw_verdict verdicts_told[] = {IW_VERDICT_OVER, IW_VERDICT_BROKEN, IW_VERDICT_WARN, IW_VERDICT_UNKNOWN,
                                                IW_VERDICT_OK};

/* ---- first ---- */

void iw_text_tell_incomplete(const struct iw_text *t, const struct iw_totals *totals, struct iw_buf *out)
{
    if (!totals->is_incomplete)
        return;
    iw_text_paint(t, out, "31");
    iw_buf_printf(out, "INCOMPLETE: %s", totals->incomplete_why);
    iw_text_paint(t, out, "0");
    iw_buf_add_char(out, '\n');
}

/* "+3 new, 2 worse, 41 fixed, 1,208 known": what differs from the run before, first of all. */
static void tell_changes(const struct iw_text *t, const struct iw_totals *totals, struct iw_buf *out)
{
    static const enum iw_change order[] = {IW_CHANGE_NEW,  IW_CHANGE_WORSE,       IW_CHANGE_BETTER, IW_CHANGE_FIXED,
                                           IW_CHANGE_GONE, IW_CHANGE_UNREACHABLE, IW_CHANGE_WAIVED};
    char digits[27];
    if (!totals->is_compared)
        return;
    iw_text_paint(t, out, "1");
    if (totals->changes[IW_CHANGE_NEW] || totals->changes[IW_CHANGE_WORSE])
        iw_buf_printf(out, "+%s new", iw_format_u64(totals->changes[IW_CHANGE_NEW], digits));
    else
        iw_buf_add_str(out, IW_STR("nothing new"));
    iw_text_paint(t, out, "0");
    for (size_t i = 1; i < IW_ARRAY_LEN(order); i++)
        if (totals->changes[order[i]])
            iw_buf_printf(out, ", %s %s", iw_format_u64(totals->changes[order[i]], digits), iw_change_name(order[i]));
    if (totals->changes[IW_CHANGE_SAME])
        iw_buf_printf(out, ", %s known", iw_format_u64(totals->changes[IW_CHANGE_SAME], digits));
    if (totals->uncompared)
        iw_buf_printf(out, ", %s not compared", iw_format_u64(totals->uncompared, digits));
    iw_buf_add_str(out, IW_STR(", beside the run before\n"));
}

static void add_count(struct iw_buf *out, uint64_t count, const char *one, const char *many)
{
    char digits[27];
    iw_buf_printf(out, "%s %s", iw_format_u64(count, digits), count == 1 ? one : many);
}

/* Images, and what else there are records of. */
static void add_records(struct iw_buf *out, const struct iw_totals *totals)
{
    add_count(out, iw_totals_images(totals), "image", "images");
    if (!totals->notices)
        return;
    iw_buf_add_str(out, IW_STR(", "));
    add_count(out, totals->notices, "fault of the inputs", "faults of the inputs");
}

static void tell_verdicts(const struct iw_text *t, const struct iw_totals *totals, bool has_ok, struct iw_buf *out)
{
    char digits[27];
    const char *separator = "";
    for (size_t i = 0; i < IW_ARRAY_LEN(verdicts_told); i++) {
        bool is_ok = verdicts_told[i] == IW_VERDICT_OK;
        if (is_ok ? !has_ok : totals->verdicts[verdicts_told[i]] == 0)
            continue;
        iw_buf_printf(out, "%s", separator);
        iw_text_paint(t, out, iw_text_colour(verdicts_told[i]));
        iw_buf_printf(out, "%s %s", iw_format_u64(totals->verdicts[verdicts_told[i]], digits),
                      iw_verdict_name(verdicts_told[i]));
        iw_text_paint(t, out, "0");
        separator = ", ";
    }
}

/* "Next: 3 to make smaller (imgweigh fix does), 2 to correct". */
static void tell_next(const struct iw_text *t, struct iw_buf *out)
{
    static const char *const words[IW_NEXT_COUNT] = {
        [IW_NEXT_SHRINK] = "to make smaller (imgweigh fix does)",
        [IW_NEXT_REDO] = "to make smaller by other means",
        [IW_NEXT_CORRECT] = "to correct or remove",
        [IW_NEXT_AGAIN] = "to ask for again",
        [IW_NEXT_LOOK] = "to look at",
    };
    struct iw_buf line;
    char digits[27];
    iw_buf_init(&line, 1024);
    iw_buf_add_str(&line, IW_STR("Next:"));
    const char *separator = " ";
    for (size_t i = 0; i < IW_NEXT_COUNT; i++) {
        if (!t->next[i])
            continue;
        iw_buf_printf(&line, "%s%s %s", separator, iw_format_u64(t->next[i], digits), words[i]);
        separator = ", ";
    }
    if (separator[0] == ',') {
        iw_text_add_wrapped(out, iw_buf_str(&line), 0, t->style.columns);
        iw_buf_add_char(out, '\n');
    }
    iw_buf_release(&line);
}

void iw_text_tell_first(const struct iw_text *t, const struct iw_totals *totals, struct iw_buf *out)
{
    size_t from = out->len;
    tell_changes(t, totals, out);
    if (t->offenders.offered) {
        tell_verdicts(t, totals, false, out);
        iw_buf_add_str(out, IW_STR(" of "));
        add_records(out, totals);
        iw_buf_add_char(out, '\n');
        tell_next(t, out);
    }
    if (out->len > from)
        iw_buf_add_char(out, '\n');
}

/* ---- hosts ---- */

/* Images of the host beside those of the host that has most: what fails, what is in doubt, what fits. */
static void tell_bar(const struct iw_text *t, const struct iw_host_row *row, uint64_t longest, size_t cells,
                     struct iw_buf *out)
{
    static const char *const blocks[] = {"\xE2\x96\x88", "\xE2\x96\x92", "\xE2\x96\x91"}, *const letters[] = {"#", "?",
                                                                                                              "."};
    static const enum iw_verdict verdicts[] = {IW_VERDICT_OVER, IW_VERDICT_WARN, IW_VERDICT_OK};
    uint64_t refused = iw_host_row_refused(row), fits = row->verdicts[IW_VERDICT_OK];
    uint64_t parts[] = {refused, row->records - refused - fits, fits};
    size_t left = iw_text_cells(row->records, longest, cells), used = 0;
    for (size_t i = 0; i < IW_ARRAY_LEN(parts); i++) {
        size_t length = IW_MIN(iw_text_cells(parts[i], longest, cells), left);
        left -= length;
        used += length;
        if (!length)
            continue;
        iw_text_paint(t, out, iw_text_colour(verdicts[i]));
        for (size_t k = 0; k < length; k++)
            iw_buf_add_str(out, iw_str_from(t->style.has_unicode ? blocks[i] : letters[i]));
        iw_text_paint(t, out, "0");
    }
    iw_buf_printf(out, "%*s", (int)(cells - used), "");
}

static void add_figures(const struct iw_host_row *row, struct iw_buf *out)
{
    char digits[27], size[16];
    uint64_t refused = iw_host_row_refused(row), doubtful = row->records - refused - row->verdicts[IW_VERDICT_OK];
    if (refused)
        iw_buf_printf(out, "%s fail", iw_format_u64(refused, digits));
    if (doubtful)
        iw_buf_printf(out, "%s%s in doubt", refused ? ", " : "", iw_format_u64(doubtful, digits));
    if (!refused && !doubtful)
        iw_buf_add_str(out, IW_STR("all fit"));
    iw_buf_printf(out, " of %s, %s", iw_format_u64(row->records, digits), iw_format_size(row->bytes, size));
}

static void tell_host(const struct iw_text *t, const struct iw_host_row *row, uint64_t longest, size_t name_columns,
                      size_t cells, struct iw_buf *out)
{
    struct iw_buf name;
    iw_buf_init(&name, 4096);
    struct iw_buf cut;
    iw_buf_init(&cut, 4096);
    iw_report_add_safe(&name, iw_str_from(row->name));
    iw_text_add_shortened(&cut, iw_buf_str(&name), name_columns);
    size_t width = iw_text_width(iw_buf_str(&cut));
    iw_buf_printf(out, "  %.*s%*s  ", IW_STR_ARGS(iw_buf_str(&cut)),
                  (int)(width < name_columns ? name_columns - width : 0), "");
    tell_bar(t, row, longest, cells, out);
    iw_buf_add_str(out, IW_STR("  "));
    add_figures(row, out);
    iw_buf_add_char(out, '\n');
    iw_buf_release(&name);
    iw_buf_release(&cut);
}

static size_t figures_width(const struct iw_host_row *row)
{
    struct iw_buf figures;
    iw_buf_init(&figures, 512);
    add_figures(row, &figures);
    size_t width = iw_text_width(iw_buf_str(&figures));
    iw_buf_release(&figures);
    return width;
}

void iw_text_tell_hosts(struct iw_text *t, struct iw_buf *out)
{
    struct iw_host_rows *hosts = &t->hosts;
    if (hosts->count < 2)
        return;
    iw_host_rows_sort(hosts, t->style.verbosity >= 2 ? HOSTS_SHOWN_MORE : HOSTS_SHOWN);
    size_t columns = t->style.columns ? t->style.columns : PLAIN_COLUMNS;
    size_t cells = columns >= WIDE ? CELLS_WIDE : CELLS;
    bool has_others = hosts->others.records > 0;
    size_t names = has_others ? iw_text_width(iw_str_from(hosts->others.name)) : 0, figures = 0;
    for (size_t i = 0; i < hosts->count; i++) {
        names = IW_MAX(names, iw_text_width(iw_str_from(hosts->list[i].name)));
        figures = IW_MAX(figures, figures_width(&hosts->list[i]));
    }
    if (has_others)
        figures = IW_MAX(figures, figures_width(&hosts->others));
    size_t taken = 2 + 2 + cells + 2 + figures;
    names = IW_MAX(IW_MIN(names, columns > taken ? columns - taken : 0), (size_t)NAME_MIN);
    iw_text_paint(t, out, "1");
    iw_buf_add_str(out, IW_STR("hosts"));
    iw_text_paint(t, out, "0");
    iw_buf_add_str(out, IW_STR("  those with most that fails first\n"));
    uint64_t longest = iw_host_rows_longest(hosts);
    for (size_t i = 0; i < hosts->count; i++)
        tell_host(t, &hosts->list[i], longest, names, cells, out);
    if (has_others)
        tell_host(t, &hosts->others, longest, names, cells, out);
    iw_buf_add_char(out, '\n');
}

/* ---- last ---- */

static void tell_totals(const struct iw_text *t, const struct iw_totals *totals, struct iw_buf *out)
{
    char digits[27], read[16], weighed[16];
    struct iw_buf line;
    iw_buf_init(&line, 1024);
    add_records(&line, totals);
    iw_buf_add_str(&line, IW_STR(": "));
    iw_buf_add_str(out, iw_buf_str(&line));
    tell_verdicts(NULL, totals, true, &line); /* how wide it is */
    tell_verdicts(t, totals, true, out);
    iw_buf_add_char(out, ';');
    size_t width = iw_text_width(iw_buf_str(&line));
    iw_buf_clear(&line);
    iw_buf_printf(&line, " %s read to weigh %s", iw_format_size(totals->bytes_read, read),
                  iw_format_size(totals->bytes_weighed, weighed));
    iw_buf_printf(&line, " with %s requests in %.1f s\n", iw_format_u64(totals->requests, digits),
                  (double)totals->elapsed_ms / 1000);
    if (t->style.columns && width + line.len > t->style.columns) /* the ';' for the '\n' */
        iw_buf_add_str(out, IW_STR("\n "));
    iw_buf_add_str(out, iw_buf_str(&line));
    iw_buf_release(&line);
}

static void hint(struct iw_buf *out, uint64_t count, const char *one, const char *many)
{
    char digits[27];
    if (count)
        iw_buf_printf(out, "%s %s\n", iw_format_u64(count, digits), count == 1 ? one : many);
}

/* What the images of request files cost, a line for each profile with a formula. */
static void tell_tokens(const struct iw_text *t, const struct iw_totals *totals, struct iw_buf *out)
{
    char digits[27];
    uint64_t weighed = totals->call_images - totals->call_ids;
    for (size_t i = 0; i < t->style.profile_count && i < IW_TOKEN_TOTALS; i++) {
        const struct iw_token_totals *tokens = &totals->tokens[i];
        if (!tokens->images)
            continue;
        iw_buf_printf(out, "%s: %s tokens for ", t->style.profiles[i]->name, iw_format_u64(tokens->tokens, digits));
        add_count(out, tokens->images, "image", "images");
        iw_buf_add_str(out, IW_STR(" of "));
        add_count(out, totals->calls, "request", "requests");
        if (totals->calls > 1)
            iw_buf_printf(out, ", %s each", iw_format_u64(tokens->tokens / totals->calls, digits));
        if (tokens->images < weighed) {
            iw_buf_add_str(out, IW_STR("; of "));
            add_count(out, weighed - tokens->images, "image", "images");
            iw_buf_add_str(out, IW_STR(" it is not known"));
        }
        iw_buf_add_char(out, '\n');
    }
}

static void tell_hints(const struct iw_text *t, const struct iw_totals *totals, struct iw_buf *out)
{
    hint(out, totals->pages_skipped, "page of a sitemap was skipped (--pages skip)",
         "pages of sitemaps were skipped (--pages skip)");
    hint(out, totals->out_of_scope, "URL was left out by --include or --exclude",
         "URLs were left out by --include or --exclude");
    hint(out, totals->duplicates, "reference named an image again", "references named an image again");
    hint(out, totals->call_ids, "image is known to the consumer alone, by an id or in its store: not weighed",
         "images are known to the consumer alone, by an id or in its store: not weighed");
    hint(out, totals->complaints, "complaint about the inputs, above", "complaints about the inputs, above");
    hint(out, t->rules[IW_RULE_rate_limited], "answer was \"too many requests\": a lower --host-concurrency may help",
         "answers were \"too many requests\": a lower --host-concurrency may help");
}

static void tell_placeholders(const struct iw_text *t, struct iw_buf *out)
{
    char digits[27];
    uint64_t count = t->rules[IW_RULE_placeholder];
    if (count)
        iw_buf_printf(out, "%s %s of %s%s %s size and ETag with many others there: a placeholder? (-v tells which)\n",
                      iw_format_u64(count, digits), count == 1 ? "image" : "images", t->placeholder_host,
                      t->has_more_placeholder_hosts ? " and other hosts" : "", count == 1 ? "shares" : "share");
}

void iw_text_tell_last(const struct iw_text *t, const struct iw_totals *totals, struct iw_buf *out)
{
    tell_totals(t, totals, out);
    iw_report_add_read_as(out, totals);
    tell_tokens(t, totals, out);
    tell_hints(t, totals, out);
    tell_placeholders(t, out);
}
