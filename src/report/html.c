/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* One self-contained page: what the images come to, what changed, charts, offenders by rule, and a table of all
 * records. All but that table is there without script. Nothing is fetched: the page forbids it to itself. Records are
 * digested as they come (html_*.c), and the page is written at the end, since it begins with the totals. */
#include "base/iw.h"
#include "report/html.h"

#include "base/parse.h"
#include "report/escape.h"

#include <stdio.h>

struct html {
    struct iw_report_style style;
    struct iw_html_rows rows;
    struct iw_html_lists lists;
    struct iw_html_bytes bytes;
    struct iw_html_pixels pixels;
    struct iw_host_rows hosts;
};

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    (void)out;
    struct html *html = state;
    html->style = *style;
    iw_html_lists_begin(&html->lists);
    iw_host_rows_begin(&html->hosts);
    return iw_html_rows_begin(&html->rows, &html->style);
}

static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    (void)out;
    struct html *html = state;
    iw_html_bytes_add(&html->bytes, record);
    iw_html_pixels_add(&html->pixels, record);
    enum iw_err err = iw_host_rows_add(&html->hosts, record);
    if (err == IW_OK)
        err = iw_html_lists_add(&html->lists, record);
    return err == IW_OK ? iw_html_rows_add(&html->rows, record) : err;
}

static void release(void *state)
{
    struct html *html = state;
    iw_html_rows_release(&html->rows);
    iw_html_lists_release(&html->lists);
    iw_host_rows_release(&html->hosts);
}

/* ---- the head ---- */

static uint64_t refused(const struct iw_totals *totals)
{
    return iw_totals_verdict(totals, IW_VERDICT_OVER) + iw_totals_verdict(totals, IW_VERDICT_BROKEN);
}

/* The one sentence that a reader takes along. */
static void add_headline(struct iw_buf *out, const struct iw_totals *totals)
{
    char some[27], all[27];
    uint64_t in_doubt = iw_totals_verdict(totals, IW_VERDICT_UNKNOWN), bad = refused(totals);
    uint64_t images = iw_totals_images(totals);
    const char *noun = images == 1 ? "image" : "images";
    (void)iw_format_u64(images, all);
    if (images == 0)
        iw_buf_printf(out, "No images were found");
    else if (bad)
        iw_buf_printf(out, "%s of %s %s %s not pass", iw_format_u64(bad, some), all, noun, bad == 1 ? "does" : "do");
    else if (in_doubt)
        iw_buf_printf(out, "%s of %s %s could not be judged", iw_format_u64(in_doubt, some), all, noun);
    else
        iw_buf_printf(out, images == 1 ? "The image passes" : "All %s images pass", all);
    if (totals->notices)
        iw_buf_printf(out, "; %s %s of the inputs", iw_format_u64(totals->notices, some),
                      totals->notices == 1 ? "fault" : "faults");
}

static void add_head(struct iw_buf *out, const struct iw_totals *totals)
{
    iw_buf_printf(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '%s'; "
        "script-src '%s'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
        "<meta name=\"robots\" content=\"noindex\">\n<meta name=\"generator\" content=\"imgweigh %s\">\n<title>",
        iw_html_css.digest, iw_html_js.digest, PACKAGE_VERSION);
    add_headline(out, totals);
    iw_html_add(out, " - imgweigh</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>");
    iw_buf_add(out, iw_html_css.text, iw_html_css.len);
    iw_html_add(out, "</style>\n</head>\n");
}

/* ---- the summary ---- */

static const struct {
    enum iw_verdict verdict;
    const char *meaning;
} verdict_rows[IW_VERDICT_COUNT] = {{IW_VERDICT_OVER, "break a limit"},
                                    {IW_VERDICT_BROKEN, "cannot be used"},
                                    {IW_VERDICT_WARN, "pass with warnings"},
                                    {IW_VERDICT_UNKNOWN, "undecided"},
                                    {IW_VERDICT_OK, "pass"}};

static void tell_judges(const struct html *html, const struct iw_totals *totals, struct iw_buf *out)
{
    iw_html_add(out, "<p class=\"by\">");
    for (size_t i = 0; i < html->style.profile_count; i++) {
        iw_html_add(out, i ? ", <code>" : "Judged by the limits of <code>");
        iw_escape_xml(out, iw_str_from(html->style.profiles[i]->name));
        iw_html_add(out, "</code>");
    }
    iw_html_add(out, html->style.profile_count ? ". " : "");
    if (html->style.began_unix_s > 0) {
        iw_html_add(out, "Begun ");
        iw_html_moment(out, html->style.began_unix_s);
        iw_html_add(out, ". ");
    }
    iw_buf_printf(out, "It took %.1f s.</p>\n", (double)totals->elapsed_ms / 1000);
}

static void tell_proportions(const struct iw_totals *totals, struct iw_buf *out)
{
    double x = 0, all = (double)IW_MAX(totals->records, 1u);
    iw_html_add(out, "<svg class=\"bar proportions\" aria-hidden=\"true\" focusable=\"false\">");
    for (size_t i = 0; i < IW_VERDICT_COUNT; i++) {
        enum iw_verdict verdict = verdict_rows[i].verdict;
        double width = (double)totals->verdicts[verdict] * 100 / all;
        if (totals->verdicts[verdict] == 0)
            continue;
        width = width < 0.4 ? 0.4 : width;
        iw_buf_printf(out, "<rect class=\"v-%s\" x=\"%.2f%%\" width=\"%.2f%%\" height=\"100%%\"/>",
                      iw_verdict_name(verdict), x, width);
        x += width;
    }
    iw_html_add(out, "</svg>\n");
}

static void tell_verdicts(const struct iw_totals *totals, struct iw_buf *out)
{
    iw_html_add(out, "<ul class=\"tiles\">\n");
    for (size_t i = 0; i < IW_VERDICT_COUNT; i++) {
        enum iw_verdict verdict = verdict_rows[i].verdict;
        const char *name = iw_verdict_name(verdict);
        iw_buf_printf(out,
                      "<li><a href=\"#images\" class=\"tile filter v-%s%s\" data-key=\"verdict\" data-value=\"%s\">"
                      "<span class=\"big\">",
                      name, totals->verdicts[verdict] ? "" : " none", name);
        iw_html_count(out, totals->verdicts[verdict]);
        iw_buf_printf(out, "</span> <span class=\"label\"><b>%s</b> %s</span></a></li>\n", name,
                      verdict_rows[i].meaning);
    }
    iw_html_add(out, "</ul>\n");
}

static void figure(struct iw_buf *out, const char *label, uint64_t count)
{
    if (!count)
        return;
    iw_buf_printf(out, "<div><dt>%s</dt><dd>", label);
    iw_html_count(out, count);
    iw_html_add(out, "</dd></div>\n");
}

/* What was read against what downloading all would have taken. */
static void tell_cost(const struct iw_totals *totals, struct iw_buf *out)
{
    double share = totals->bytes_weighed ? (double)totals->bytes_read * 100 / (double)totals->bytes_weighed : 0;
    iw_html_add(out, "<section class=\"cost\" aria-labelledby=\"h-cost\"><h2 id=\"h-cost\">What it took</h2>\n"
                     "<dl class=\"figures\">\n<div><dt>read</dt><dd>");
    iw_html_size(out, totals->bytes_read);
    iw_html_add(out, "</dd></div>\n<div><dt>downloading all of them</dt><dd>");
    iw_html_size(out, totals->bytes_weighed);
    iw_html_add(out, "</dd></div>\n");
    figure(out, totals->requests == 1 ? "request" : "requests", totals->requests);
    figure(out, "of them again", totals->retries);
    figure(out, totals->targets == 1 ? "image asked for" : "distinct images", totals->targets);
    figure(out, totals->documents == 1 ? "document read" : "documents read", totals->documents);
    figure(out, "named again", totals->duplicates);
    figure(out, "left out of scope", totals->out_of_scope);
    figure(out, "pages of sitemaps not read", totals->pages_skipped);
    figure(out, "complaints about inputs", totals->complaints);
    iw_html_add(out, "</dl>\n");
    if (totals->bytes_weighed && share <= 100) {
        iw_buf_printf(
            out,
            "<svg class=\"bar\" aria-hidden=\"true\" focusable=\"false\"><rect class=\"rest\" width=\"100%%\" "
            "height=\"100%%\"/><rect class=\"spent\" width=\"%.2f%%\" height=\"100%%\"/></svg>\n",
            share < 0.4 ? 0.4 : share);
        iw_buf_printf(out, "<p>Read: %s%.*f&#8239;%% of what they weigh.</p>\n", share < 0.01 ? "below " : "",
                      share < 1 ? 2 : 0, share < 0.01 ? 0.01 : share);
    }
    iw_html_add(out, "</section>\n");
}

static void tell_read_as(const struct iw_totals *totals, struct iw_buf *out)
{
    if (!totals->read_as_count)
        return;
    iw_html_add(out, "<ul class=\"key\">\n");
    for (size_t i = 0; i < totals->read_as_count; i++) {
        const struct iw_read_as *read = &totals->read_as[i];
        iw_buf_printf(out, "<li>read as %s", read->kind ? read->kind : "others");
        if (read->how[0]) {
            iw_html_add(out, " (");
            iw_escape_xml(out, iw_str_from(read->how));
            iw_buf_add_char(out, ')');
        }
        iw_html_add(out, ": ");
        if (read->documents > 1) {
            iw_html_count(out, read->documents);
            iw_html_add(out, " documents, ");
        }
        iw_html_count(out, read->urls);
        iw_buf_printf(out, " URL%s</li>\n", read->urls == 1 ? "" : "s");
    }
    iw_html_add(out, "</ul>\n");
}

static void tell_summary(const struct html *html, const struct iw_totals *totals, struct iw_buf *out)
{
    iw_html_add(out, "<body>\n<a class=\"skip\" href=\"#images\">Skip to the table of all images</a>\n"
                     "<header>\n<p class=\"brand\">imgweigh</p>\n<h1>");
    add_headline(out, totals);
    iw_html_add(out, "</h1>\n");
    tell_judges(html, totals, out);
    if (totals->is_incomplete) {
        iw_html_add(out, "<p class=\"notice\"><b>Incomplete:</b> ");
        iw_escape_xml(out, iw_str_from(totals->incomplete_why));
        iw_html_add(out, "</p>\n");
    }
    tell_proportions(totals, out);
    tell_verdicts(totals, out);
    iw_html_add(out, "</header>\n<main>\n");
}

/* ---- the table ---- */

static void tell_left_out(const struct html *html, struct iw_buf *out)
{
    if (!html->rows.left_out)
        return;
    iw_html_add(out, "<p class=\"notice\"><b>Not all are in the table:</b> it leaves ");
    iw_html_count(out, html->rows.left_out);
    iw_html_add(out, " images out, beyond the first ");
    iw_html_count(out, html->rows.kept[1]);
    iw_html_add(out, " with findings or changes and the first ");
    iw_html_count(out, html->rows.kept[0]);
    iw_html_add(out, " without. Counts, charts and lists are of all. "
                     "<code>-f jsonl</code> and <code>-f csv</code> leave nothing out.</p>\n");
}

/* What the script fills; it is hidden until it does. */
static void tell_table(const struct html *html, const struct iw_totals *totals, struct iw_buf *out)
{
    static const char *const filters[][2] = {
        {"verdict", "Verdict"}, {"rule", "Rule"}, {"profile", "Profile"}, {"host", "Host"}, {"change", "Change"}};
    iw_html_add(out, "<section id=\"images\" tabindex=\"-1\" aria-labelledby=\"h-images\"><h2 id=\"h-images\">All "
                     "images</h2>\n<noscript><p class=\"notice\">The table of all images needs JavaScript; "
                     "all above does not.</p></noscript>\n");
    tell_left_out(html, out);
    iw_html_add(out,
                "<form id=\"controls\" role=\"search\" hidden>\n<div class=\"field search\"><label for=\"q\">"
                "Search</label><input id=\"q\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\"></div>\n");
    for (size_t i = 0; i < IW_ARRAY_LEN(filters); i++)
        if (totals->is_compared || strcmp(filters[i][0], "change") != 0)
            iw_buf_printf(
                out,
                "<div class=\"field\"><label for=\"f-%s\">%s</label><select id=\"f-%s\"><option value=\"\">any"
                "</option></select></div>\n",
                filters[i][0], filters[i][1], filters[i][0]);
    iw_html_add(out, "<div class=\"field\"><label for=\"sort\">Sort</label><select id=\"sort\"></select></div>\n"
                     "<div class=\"field buttons\"><button type=\"button\" id=\"clear\">Clear</button>"
                     "<button type=\"button\" id=\"save\">Save as CSV</button></div>\n</form>\n"
                     "<p id=\"count\" role=\"status\"></p>\n"
                     "<div id=\"scroller\" hidden><table id=\"grid\" role=\"grid\" tabindex=\"0\" "
                     "aria-label=\"All images; arrow keys move, Enter shows details\"></table></div>\n"
                     "<div id=\"printed\"></div>\n</section>\n");
    iw_html_limits_tell(&html->style, out);
    iw_html_add(out, "</main>\n<footer><p>Written by imgweigh " PACKAGE_VERSION ". This page fetches nothing; links "
                     "lead to the images themselves.</p></footer>\n<dialog id=\"detail\" "
                     "aria-labelledby=\"d-title\"></dialog>\n");
}

static void tell_charts(struct html *html, struct iw_buf *out)
{
    if (!html->bytes.known && !html->pixels.known)
        return;
    iw_html_add(out, "<section aria-labelledby=\"h-charts\"><h2 id=\"h-charts\">Sizes</h2>\n<ul class=\"key\">");
    for (size_t i = IW_VERDICT_COUNT; i-- > 0;)
        iw_buf_printf(out, "<li class=\"v-%s\">%s</li>", iw_verdict_name(verdict_rows[i].verdict),
                      iw_verdict_name(verdict_rows[i].verdict));
    iw_html_add(out, "<li class=\"line\">limit</li></ul>\n<div class=\"charts\">\n");
    iw_html_bytes_tell(&html->bytes, &html->style, out);
    iw_html_pixels_tell(&html->pixels, &html->style, out);
    iw_html_add(out, "</div></section>\n");
}

static void tell_rules(struct html *html, const struct iw_totals *totals, struct iw_buf *out)
{
    iw_html_add(out, "<section aria-labelledby=\"h-rules\"><h2 id=\"h-rules\">What is wrong, and what to do</h2>\n");
    if (totals->records && totals->verdicts[IW_VERDICT_OK] == totals->records)
        iw_html_add(out, "<p>Nothing: everything fits.</p>\n");
    iw_html_lists_tell_rules(&html->lists, out);
    iw_html_add(out, "</section>\n");
}

static enum iw_err end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    struct html *html = state;
    add_head(out, totals);
    tell_summary(html, totals, out);
    if (totals->is_compared) {
        iw_html_add(out, "<section aria-labelledby=\"h-changes\"><h2 id=\"h-changes\">Since the last run</h2>\n");
        iw_html_lists_tell_changes(&html->lists, totals, out);
        iw_html_add(out, "</section>\n");
    }
    tell_rules(html, totals, out);
    tell_charts(html, out);
    iw_html_hosts_tell(&html->hosts, out);
    tell_cost(totals, out);
    tell_read_as(totals, out);
    tell_table(html, totals, out);
    enum iw_err err = iw_html_rows_tell(&html->rows, totals, out);
    iw_html_add(out, "<script>");
    iw_buf_add(out, iw_html_js.text, iw_html_js.len);
    iw_html_add(out, "</script>\n</body>\n</html>\n");
    return err == IW_OK ? out->err : err;
}

const struct iw_writer iw_writer_html = {
    .name = "html",
    .help = "one page for people, with charts and a table; needs no network",
    .state_size = sizeof(struct html),
    .begin = begin,
    .item = item,
    .end = end,
    .release = release,
};
