/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Markdown as GitHub and GitLab render it, for job summaries and comments: totals, then what is wrong by rule, the
 * worst first, in parts that unfold. GitHub drops a summary of more than 1 MiB whole, so what is written stays below
 * 900 KiB. */
#include "base/iw.h"
#include "report/escape.h"
#include "report/offence.h"
#include "report/words.h"

#include "base/parse.h"

enum {
    RULE_ROWS_MAX = 200,
    ROW_BYTES = 750 << 10,
    NEWS_BYTES = 40 << 10,
    LINK_MAX = 2000,
    URL_SHOWN = 90,
    PLACE_SHOWN = 120,
    WHAT_SHOWN = 600
};

struct markdown {
    struct iw_report_style style;
    struct iw_worst rows[IW_OFFENCES]; /* by the rule of the worst finding */
    struct iw_worst fixed, gone;
    struct iw_buf text, sentence;
};

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    struct markdown *m = state;
    m->style = *style;
    for (size_t i = 0; i < IW_OFFENCES; i++)
        iw_worst_init(&m->rows[i], RULE_ROWS_MAX, ROW_BYTES);
    iw_worst_init(&m->fixed, RULE_ROWS_MAX, NEWS_BYTES);
    iw_worst_init(&m->gone, RULE_ROWS_MAX, NEWS_BYTES);
    iw_buf_init(&m->text, IW_ONE_BYTES);
    iw_buf_init(&m->sentence, IW_ONE_BYTES);
    return out->err;
}

/* A line may break behind slashes: tables are read on telephones, too. */
static void add_cut(struct iw_buf *out, struct iw_str text, size_t max)
{
    char scratch[WHAT_SHOWN];
    struct iw_str rest = iw_cut_middle(text, scratch, max);
    while (rest.len) {
        size_t slash = iw_str_find(rest, '/');
        iw_escape_markdown(out, iw_str_sub(rest, 0, slash + 1));
        rest = iw_str_skip(rest, slash + 1);
        if (rest.len && rest.ptr[0] != '/')
            iw_buf_add_str(out, IW_STR("<wbr>"));
    }
}

/* A link where it leads to the web, else text. */
static void add_url(struct iw_buf *out, struct iw_str url, struct iw_str shown)
{
    bool is_link = iw_url_is_http(url) && url.len <= LINK_MAX;
    if (is_link)
        iw_buf_add_char(out, '[');
    add_cut(out, shown, URL_SHOWN);
    if (!is_link)
        return;
    iw_buf_add_str(out, IW_STR("](<"));
    iw_escape_uri(out, url, "&()[]*!'~$");
    iw_buf_add_str(out, IW_STR(">)"));
}

/* Two cells, since a telephone shows no more: the image and its size; what is wrong, and where it was named. */
static void add_row(struct markdown *m, const struct iw_record *record, const struct iw_offence *worst)
{
    struct iw_buf *out = &m->text;
    iw_buf_clear(out);
    iw_buf_add_str(out, IW_STR("| "));
    add_url(out, record->facts->url, record->facts->url);
    iw_buf_add_str(out, IW_STR("<br>"));
    iw_words_figures(out, record->facts);
    iw_buf_add_str(out, IW_STR(" | "));
    iw_buf_clear(&m->sentence);
    iw_offence_say(&m->sentence, record, worst);
    add_cut(out, iw_buf_str(&m->sentence), WHAT_SHOWN);
    if (record->suggestion) {
        iw_buf_add_str(out, IW_STR("<br>"));
        add_url(out, record->suggestion->url, IW_STR("use this URL instead"));
        iw_buf_add_str(out, IW_STR(": "));
        iw_suggestion_add_figures(out, record->suggestion);
    }
    iw_buf_clear(&m->sentence);
    iw_source_describe(&m->sentence, record->source);
    if (m->sentence.len) {
        iw_buf_add_str(out, IW_STR("<br>in "));
        add_cut(out, iw_buf_str(&m->sentence), PLACE_SHOWN);
    }
    iw_buf_add_str(out, IW_STR(" |\n"));
}

/* A line of what is fixed or gone. */
static enum iw_err keep_news(struct markdown *m, struct iw_worst *worst, const struct iw_record *record)
{
    struct iw_kept kept = {.rank = {.line = record->source->line, .column = record->source->column}};
    if (!iw_worst_offer(worst, &kept.rank))
        return IW_OK;
    iw_buf_clear(&m->text);
    iw_buf_add_str(&m->text, IW_STR("* "));
    add_url(&m->text, record->facts->url, record->facts->url);
    iw_buf_add_char(&m->text, '\n');
    return m->text.err == IW_OK ? iw_worst_add(worst, kept, iw_buf_str(&m->text)) : IW_ERR_NOMEM;
}

/* One row a record, below its worst finding. Notes are no news. */
static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    struct markdown *m = state;
    (void)out;
    if (record->change == IW_CHANGE_FIXED || record->change == IW_CHANGE_GONE)
        return keep_news(m, record->change == IW_CHANGE_FIXED ? &m->fixed : &m->gone, record);
    if (iw_offence_count(record) == 0)
        return IW_OK;
    struct iw_offence worst;
    struct iw_kept kept = {0};
    iw_offence_worst(record, &worst);
    if (worst.severity == IW_SEVERITY_NOTE)
        return IW_OK;
    iw_rank_of(record, &worst, &kept.rank);
    if (!iw_worst_offer(&m->rows[worst.rule], &kept.rank))
        return IW_OK;
    add_row(m, record, &worst);
    if (m->text.err != IW_OK || m->sentence.err != IW_OK)
        return IW_ERR_NOMEM;
    return iw_worst_add(&m->rows[worst.rule], kept, iw_buf_str(&m->text));
}

static void add_head(struct markdown *m, const struct iw_totals *totals, struct iw_buf *out)
{
    iw_buf_add_str(out, IW_STR("## imgweigh: "));
    iw_words_title(out, totals);
    iw_buf_add_str(out, IW_STR("\n\n"));
    if (totals->is_incomplete) {
        iw_buf_add_str(out, IW_STR("> **Not finished:** "));
        iw_escape_markdown(out, iw_str_from(totals->incomplete_why));
        iw_buf_add_str(out, IW_STR("\n\n"));
    }
    iw_buf_add_str(out, IW_STR("**"));
    iw_words_verdicts(out, totals);
    iw_buf_add_str(out, IW_STR("**"));
    if (totals->is_compared) {
        iw_buf_add_str(out, IW_STR("; since the run before: "));
        iw_words_changes(out, totals);
    }
    iw_buf_add_str(out, IW_STR("; "));
    iw_buf_clear(&m->sentence);
    iw_words_costs(&m->sentence, &m->style, totals);
    iw_escape_markdown(out, iw_buf_str(&m->sentence));
    iw_buf_add_str(out, IW_STR(".\n"));
}

static void add_group(const struct markdown *m, unsigned rule, bool is_first, size_t max_bytes, struct iw_buf *out)
{
    const struct iw_worst *rows = &m->rows[rule];
    char digits[27];
    size_t shown = 0, bytes = 0;
    iw_buf_printf(out, "\n<details%s>\n<summary><b>%s</b> (%s): %s</summary>\n\nWhat to do: %s.\n\n",
                  is_first ? " open" : "", iw_offence_rule(rule)->title, iw_offence_rule(rule)->name,
                  iw_format_u64(rows->offered, digits), iw_offence_rule(rule)->advice);
    iw_buf_add_str(out, IW_STR("| Image | What is wrong |\n|---|---|\n"));
    for (; shown < rows->count && bytes + rows->list[shown].len <= max_bytes; shown++) {
        iw_buf_add(out, rows->list[shown].text, rows->list[shown].len);
        bytes += rows->list[shown].len;
    }
    if (shown < rows->offered)
        iw_buf_printf(out, "\nand %s more\n", iw_format_u64(rows->offered - shown, digits));
    iw_buf_add_str(out, IW_STR("\n</details>\n"));
}

static void add_news(struct iw_worst *worst, const char *title, struct iw_buf *out)
{
    char digits[27];
    if (!worst->offered)
        return;
    iw_worst_sort(worst);
    iw_buf_printf(out, "\n<details>\n<summary><b>%s</b>: %s</summary>\n\n", title,
                  iw_format_u64(worst->offered, digits));
    for (size_t i = 0; i < worst->count; i++)
        iw_buf_add(out, worst->list[i].text, worst->list[i].len);
    if (iw_worst_cut(worst))
        iw_buf_printf(out, "\nand %s more\n", iw_format_u64(iw_worst_cut(worst), digits));
    iw_buf_add_str(out, IW_STR("\n</details>\n"));
}

/* The rule not told yet that has the worst row; IW_OFFENCES: none. */
static unsigned next_rule(const struct markdown *m, const bool *is_told)
{
    unsigned best = IW_OFFENCES;
    for (unsigned i = 0; i < IW_OFFENCES; i++) {
        bool is_candidate = m->rows[i].count && !is_told[i];
        if (is_candidate &&
            (best == IW_OFFENCES || iw_rank_order(&m->rows[i].list[0].rank, &m->rows[best].list[0].rank) < 0))
            best = i;
    }
    return best;
}

/* Where all rows together are too long, each rule has an equal share. */
static enum iw_err end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    struct markdown *m = state;
    bool is_told[IW_OFFENCES] = {false};
    size_t bytes = 0, rules = 0;
    for (unsigned i = 0; i < IW_OFFENCES; i++) {
        iw_worst_sort(&m->rows[i]);
        bytes += m->rows[i].bytes;
        rules += m->rows[i].count > 0;
    }
    size_t share = bytes <= ROW_BYTES ? ROW_BYTES : ROW_BYTES / rules;
    add_head(m, totals, out);
    for (unsigned rule, told = 0; (rule = next_rule(m, is_told)) < IW_OFFENCES; told++) {
        add_group(m, rule, told == 0, share, out);
        is_told[rule] = true;
    }
    add_news(&m->fixed, "fixed since the run before", out);
    add_news(&m->gone, "named no more", out);
    return out->err;
}

static void release(void *state)
{
    struct markdown *m = state;
    for (size_t i = 0; i < IW_OFFENCES; i++)
        iw_worst_release(&m->rows[i]);
    iw_worst_release(&m->fixed);
    iw_worst_release(&m->gone);
    iw_buf_release(&m->text);
    iw_buf_release(&m->sentence);
}

const struct iw_writer iw_writer_markdown = {
    .name = "markdown",
    .help = "Markdown, for job summaries and comments: below 900 KiB",
    .state_size = sizeof(struct markdown),
    .begin = begin,
    .item = item,
    .end = end,
    .release = release,
};
