/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* HTML for mail programs: tables, styles inline, no script, nothing fetched. Gmail cuts a message at 102 kB, so the
 * worst that fit are shown, and a line says how many more there are. Before them stands what there is most of, with
 * what to do. */
#include "base/iw.h"
#include "report/escape.h"
#include "report/offence.h"
#include "report/words.h"

#include "base/parse.h"

enum {
    ROWS_MAX = 25,
    ROW_BYTES = 80000,
    LINK_MAX = 1500,
    URL_SHOWN = 160,
    WHAT_SHOWN = 400,
    PLACE_SHOWN = 160,
    RULES_SHOWN = 6
};

#define FONT "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;"

struct mail {
    struct iw_report_style style;
    struct iw_worst rows;
    uint64_t rules[IW_OFFENCES]; /* records by the rule of their worst finding */
    struct iw_buf text, sentence;
};

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    struct mail *m = state;
    m->style = *style;
    iw_worst_init(&m->rows, ROWS_MAX, ROW_BYTES);
    iw_buf_init(&m->text, IW_ONE_BYTES);
    iw_buf_init(&m->sentence, IW_ONE_BYTES);
    return out->err;
}

static void add_cut(struct iw_buf *out, struct iw_str text, size_t max)
{
    char scratch[WHAT_SHOWN];
    iw_escape_xml(out, iw_cut_middle(text, scratch, max));
}

static void add_url(struct mail *m, struct iw_str url, struct iw_str shown)
{
    struct iw_buf *out = &m->text;
    iw_buf_clear(&m->sentence);
    iw_escape_uri(&m->sentence, url, "");
    bool is_link = iw_url_is_http(url) && m->sentence.len <= LINK_MAX;
    if (is_link) {
        iw_buf_add_str(out, IW_STR("<a style=\"color:#0b57d0;text-decoration:none\" href=\""));
        iw_escape_xml(out, iw_buf_str(&m->sentence));
        iw_buf_add_str(out, IW_STR("\">"));
    }
    add_cut(out, shown, URL_SHOWN);
    if (is_link)
        iw_buf_add_str(out, IW_STR("</a>"));
}

static const char *colour_of(enum iw_verdict verdict)
{
    static const char *const colours[IW_VERDICT_COUNT] = {
        [IW_VERDICT_OK] = "#1e7b34",   [IW_VERDICT_WARN] = "#8a5a00",   [IW_VERDICT_UNKNOWN] = "#5f6368",
        [IW_VERDICT_OVER] = "#b3261e", [IW_VERDICT_BROKEN] = "#7b1fa2",
    };
    return colours[verdict];
}

static void add_row(struct mail *m, const struct iw_record *record, const struct iw_offence *worst)
{
    struct iw_buf *out = &m->text;
    iw_buf_clear(out);
    iw_buf_printf(out,
                  "<tr><td style=\"padding:12px 20px;border-top:1px solid #e3e6ea;" FONT
                  "font-size:14px;line-height:20px;color:#1f2328;word-break:break-word;overflow-wrap:anywhere\">"
                  "<b style=\"color:%s\">%s</b> ",
                  colour_of(record->verdict), iw_offence_rule(worst->rule)->title);
    iw_buf_add_str(out, IW_STR("<span style=\"color:#5f6368\">"));
    iw_words_figures(out, record->facts);
    iw_buf_add_str(out, IW_STR("</span><br>"));
    add_url(m, record->facts->url, record->facts->url);
    iw_buf_add_str(out, IW_STR("<br>"));
    iw_buf_clear(&m->sentence);
    iw_offence_say(&m->sentence, record, worst);
    add_cut(out, iw_buf_str(&m->sentence), WHAT_SHOWN);
    if (record->suggestion) {
        iw_buf_add_str(out, IW_STR("<br>"));
        add_url(m, record->suggestion->url, IW_STR("use this URL instead"));
        iw_buf_add_str(out, IW_STR(": "));
        iw_suggestion_add_figures(out, record->suggestion);
    }
    iw_buf_clear(&m->sentence);
    iw_source_describe(&m->sentence, record->source);
    if (m->sentence.len) {
        iw_buf_add_str(out, IW_STR("<br><span style=\"color:#5f6368;font-size:12px\">in "));
        add_cut(out, iw_buf_str(&m->sentence), PLACE_SHOWN);
        iw_buf_add_str(out, IW_STR("</span>"));
    }
    iw_buf_add_str(out, IW_STR("</td></tr>\n"));
}

/* One row a record, of its worst finding. Notes are no news, nor is what is waived. */
static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    struct mail *m = state;
    (void)out;
    if (iw_offence_count(record) == 0 || record->change == IW_CHANGE_WAIVED)
        return IW_OK;
    struct iw_offence worst;
    struct iw_kept kept = {0};
    iw_offence_worst(record, &worst);
    iw_rank_of(record, &worst, &kept.rank);
    m->rules[worst.rule] += worst.severity != IW_SEVERITY_NOTE;
    if (worst.severity == IW_SEVERITY_NOTE || !iw_worst_offer(&m->rows, &kept.rank))
        return IW_OK;
    add_row(m, record, &worst);
    if (m->text.err != IW_OK || m->sentence.err != IW_OK)
        return IW_ERR_NOMEM;
    return iw_worst_add(&m->rows, kept, iw_buf_str(&m->text));
}

/* ---- the letter ---- */

static void add_counts(const struct iw_totals *totals, struct iw_buf *out)
{
    char digits[27];
    iw_buf_add_str(out, IW_STR("<tr><td style=\"padding:0 14px 12px\"><table role=\"presentation\" width=\"100%\" "
                               "cellpadding=\"0\" cellspacing=\"0\" style=\"table-layout:fixed\"><tr>\n"));
    for (size_t i = 0; i < IW_VERDICT_COUNT; i++)
        iw_buf_printf(out,
                      "<td align=\"center\" style=\"padding:8px 2px;" FONT "font-size:12px;line-height:18px;"
                      "color:#5f6368\"><b style=\"font-size:20px;line-height:26px;color:%s\">%s</b><br>%s</td>\n",
                      totals->verdicts[iw_verdicts_told[i]] ? colour_of(iw_verdicts_told[i]) : "#9aa0a6",
                      iw_format_u64(totals->verdicts[iw_verdicts_told[i]], digits),
                      iw_verdict_name(iw_verdicts_told[i]));
    iw_buf_add_str(out, IW_STR("</tr></table></td></tr>\n"));
}

/* The most frequent rules, and what to do about each. */
static void add_advice(const struct mail *m, struct iw_buf *out)
{
    char digits[27];
    bool is_told[IW_OFFENCES] = {false};
    for (unsigned told = 0, best; told < RULES_SHOWN; told++, is_told[best] = true) {
        best = IW_OFFENCES;
        for (unsigned i = 0; i < IW_OFFENCES; i++)
            if (m->rules[i] && !is_told[i] && (best == IW_OFFENCES || m->rules[i] > m->rules[best]))
                best = i;
        if (best == IW_OFFENCES)
            return;
        iw_buf_printf(out,
                      "<tr><td style=\"padding:0 20px 10px;" FONT "font-size:14px;line-height:20px;color:#1f2328\">"
                      "<b>%s</b> (%s): %s.</td></tr>\n",
                      iw_offence_rule(best)->title, iw_format_u64(m->rules[best], digits),
                      iw_offence_rule(best)->advice);
    }
}

static void add_head(const struct iw_totals *totals, struct iw_buf *out)
{
    iw_buf_add_str(out,
                   IW_STR("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                          "content=\"width=device-width, initial-scale=1\"><title>imgweigh: "));
    iw_words_title(out, totals);
    iw_buf_add_str(out, IW_STR("</title></head>\n<body style=\"margin:0;padding:0;background:#f2f4f7\">\n"
                               "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" "
                               "style=\"background:#f2f4f7\"><tr><td align=\"center\" style=\"padding:16px 8px\">\n"
                               "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" "
                               "style=\"max-width:720px;background:#ffffff;border:1px solid #dfe3e8;"
                               "border-radius:8px\">\n<tr><td style=\"padding:20px 20px 8px;" FONT
                               "color:#1f2328\"><h1 style=\"margin:0;font-size:20px;line-height:28px\">"));
    iw_words_title(out, totals);
    iw_buf_add_str(out, IW_STR("</h1>"));
    if (totals->is_incomplete) {
        iw_buf_add_str(out, IW_STR("<p style=\"margin:8px 0 0;font-size:14px;line-height:20px;color:#b3261e\"><b>Not "
                                   "finished:</b> "));
        iw_escape_xml(out, iw_str_from(totals->incomplete_why));
        iw_buf_add_str(out, IW_STR("</p>"));
    }
    if (totals->is_compared) {
        iw_buf_add_str(out,
                       IW_STR("<p style=\"margin:8px 0 0;font-size:14px;line-height:20px\">Since the run before: "));
        iw_words_changes(out, totals);
        iw_buf_add_str(out, IW_STR("</p>"));
    }
    iw_buf_add_str(out, IW_STR("</td></tr>\n"));
    add_counts(totals, out);
}

static void add_foot(struct mail *m, const struct iw_totals *totals, struct iw_buf *out)
{
    char digits[27];
    iw_buf_add_str(out, IW_STR("<tr><td style=\"padding:14px 20px 18px;border-top:1px solid #e3e6ea;" FONT
                               "font-size:12px;line-height:18px;color:#5f6368\">"));
    if (iw_worst_cut(&m->rows))
        iw_buf_printf(out, "<b>and %s more</b>, less severe or less heavy: see another report of this run<br>",
                      iw_format_u64(iw_worst_cut(&m->rows), digits));
    iw_buf_clear(&m->sentence);
    iw_words_costs(&m->sentence, &m->style, totals);
    iw_escape_xml(out, iw_buf_str(&m->sentence));
    iw_buf_add_str(out, IW_STR("</td></tr>\n</table>\n</td></tr></table>\n</body></html>\n"));
}

static enum iw_err end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    struct mail *m = state;
    iw_worst_sort(&m->rows);
    add_head(totals, out);
    add_advice(m, out);
    for (size_t i = 0; i < m->rows.count; i++)
        iw_buf_add(out, m->rows.list[i].text, m->rows.list[i].len);
    add_foot(m, totals, out);
    return out->err;
}

static void release(void *state)
{
    struct mail *m = state;
    iw_worst_release(&m->rows);
    iw_buf_release(&m->text);
    iw_buf_release(&m->sentence);
}

const struct iw_writer iw_writer_html_mail = {
    .name = "html-mail",
    .help = "HTML for mail, below 100 kB: totals and the worst 25",
    .state_size = sizeof(struct mail),
    .begin = begin,
    .item = item,
    .end = end,
    .release = release,
};
