/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What the images of an HTML report were held against: the limits of the profiles, as lines of the charts and as
 * tables. */
#include "base/iw.h"
#include "report/html.h"

#include "report/escape.h"

#include <stdio.h>

static void add_name(struct iw_html_mark *mark, const char *name)
{
    size_t len = strlen(mark->names);
    if (len == 0)
        (void)snprintf(mark->names, sizeof mark->names, "%s", name);
    else if (len + strlen(name) + 6 < sizeof mark->names)
        (void)snprintf(mark->names + len, sizeof mark->names - len, ", %s", name);
    else if (mark->names[len - 1] != '.')
        (void)snprintf(mark->names + len, sizeof mark->names - len, "%s", len + 5 < sizeof mark->names ? " ..." : "");
}

/* Ordered; beyond the ceiling the largest are left out: they say least. */
static size_t add_mark(struct iw_html_mark *marks, size_t count, uint64_t value, const char *name)
{
    size_t at = 0;
    while (at < count && marks[at].value < value)
        at++;
    if (at < count && marks[at].value == value) {
        add_name(&marks[at], name);
        return count;
    }
    if (at == IW_HTML_MARKS_MAX)
        return count;
    size_t moved = IW_MIN(count, (size_t)IW_HTML_MARKS_MAX - 1) - at;
    memmove(&marks[at + 1], &marks[at], moved * sizeof *marks);
    marks[at] = (struct iw_html_mark){.value = value};
    add_name(&marks[at], name);
    return IW_MIN(count + 1, (size_t)IW_HTML_MARKS_MAX);
}

size_t iw_html_marks(const struct iw_report_style *style, enum iw_limit_id id,
                     struct iw_html_mark marks[IW_HTML_MARKS_MAX])
{
    const struct iw_judge judge = {.detail = style->detail, .model = style->model};
    size_t count = 0;
    for (size_t i = 0; i < style->profile_count; i++) {
        const struct iw_profile *profile = style->profiles[i];
        for (size_t j = 0; j < profile->limit_count; j++) {
            const struct iw_limit *limit = &profile->limits[j];
            if (limit->id == id && limit->has_value && limit->value && iw_when_holds(&limit->when, &judge, false))
                count = add_mark(marks, count, limit->value, profile->name);
        }
    }
    return count;
}

static void cell(struct iw_buf *out, const char *text)
{
    iw_html_add(out, "<td>");
    iw_escape_xml(out, iw_str_from(text));
    iw_html_add(out, "</td>");
}

static void tell_limit(const struct iw_limit *limit, struct iw_buf *out)
{
    const struct iw_limit_key *key = &iw_limit_keys[limit->id];
    char text[48];
    iw_buf_printf(out, "<tr><th scope=\"row\">%s</th><td>", key->help);
    if (limit->has_value)
        iw_buf_printf(out, "%s, %s %s", iw_limit_show(key->unit, limit->value, text), iw_effect_name(limit->effect),
                      limit->id == IW_LIMIT_min_side_px ? "below" : "above");
    if (limit->has_warn)
        iw_buf_printf(out, "%swarns from %s", limit->has_value ? "; " : "",
                      iw_limit_show(key->unit, limit->warn, text));
    iw_html_add(out, "</td>");
    cell(out, limit->when.text[0] ? limit->when.text : "always");
    iw_html_add(out, "<td>");
    iw_buf_printf(out, "%s: ", iw_confidence_name(limit->confidence));
    iw_escape_xml(out, iw_str_from(limit->source));
    iw_html_add(out, "</td></tr>\n");
}

static void tell_formats(const struct iw_profile *profile, struct iw_buf *out)
{
    if (!profile->format_count)
        return;
    iw_html_add(out, "<tr><th scope=\"row\">formats</th><td colspan=\"3\">");
    for (size_t i = 0; i < profile->format_count; i++) {
        iw_html_add(out, i ? ", " : "");
        iw_escape_xml(out, iw_str_from(profile->formats[i]));
    }
    iw_html_add(out, "</td></tr>\n");
}

void iw_html_limits_tell(const struct iw_report_style *style, struct iw_buf *out)
{
    if (!style->profile_count)
        return;
    iw_html_add(out, "<section aria-labelledby=\"h-limits\"><h2 id=\"h-limits\">Limits</h2>\n"
                     "<p>What the images were held against.</p>\n");
    for (size_t i = 0; i < style->profile_count; i++) {
        const struct iw_profile *profile = style->profiles[i];
        iw_html_add(out, "<details class=\"list profile\"><summary><code>");
        iw_escape_xml(out, iw_str_from(profile->name));
        iw_html_add(out, "</code> <span class=\"title\">");
        iw_escape_xml(out, iw_str_from(profile->title));
        iw_html_add(out, "</span>");
        if (profile->checked) {
            iw_html_add(out, " <span class=\"number\">checked ");
            iw_escape_xml(out, iw_str_from(profile->checked));
            iw_html_add(out, "</span>");
        }
        iw_html_add(out, "</summary>\n<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"Limits of ");
        iw_escape_xml(out, iw_str_from(profile->name));
        iw_html_add(out,
                    "\"><table><thead><tr><th scope=\"col\">Limit</th><th scope=\"col\">Value</th><th scope=\"col\">"
                    "When</th><th scope=\"col\">Source</th></tr></thead><tbody>\n");
        for (size_t j = 0; j < profile->limit_count; j++)
            tell_limit(&profile->limits[j], out);
        tell_formats(profile, out);
        iw_html_add(out, "</tbody></table></div></details>\n");
    }
    iw_html_add(out, "</section>\n");
}
