/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The hosts of an HTML report: those with most that is wrong, each with a bar. */
#include "base/iw.h"
#include "report/html.h"

#include "report/escape.h"

/* Parts of a bar as long as the host's share of the largest: what does not fit, what is in doubt, what fits. */
static void tell_bar(const struct iw_host_row *host, uint64_t most, struct iw_buf *out)
{
    uint64_t parts[] = {iw_host_row_refused(host), host->verdicts[IW_VERDICT_WARN] + host->verdicts[IW_VERDICT_UNKNOWN],
                        host->verdicts[IW_VERDICT_OK]};
    static const char *const classes[] = {"refused", "doubtful", "fits"};
    double x = 0;
    iw_html_add(out, "<svg class=\"bar\" aria-hidden=\"true\" focusable=\"false\">");
    for (size_t i = 0; i < IW_ARRAY_LEN(parts); i++) {
        if (!parts[i])
            continue;
        double width = (double)parts[i] * 100 / (double)most;
        width = width < 0.7 ? 0.7 : width;
        iw_buf_printf(out, "<rect class=\"%s\" x=\"%.2f%%\" width=\"%.2f%%\" height=\"100%%\"/>", classes[i], x, width);
        x += width;
    }
    iw_html_add(out, "</svg>");
}

static void tell_host(const struct iw_host_row *host, uint64_t most, bool is_filter, struct iw_buf *out)
{
    iw_html_add(out, "<tr><th scope=\"row\">");
    if (is_filter)
        iw_html_add(out, "<a href=\"#images\" class=\"filter\" data-key=\"host\">");
    iw_escape_xml(out, iw_str_from(host->name));
    iw_html_add(out, is_filter ? "</a>" : "");
    tell_bar(host, most, out);
    iw_html_add(out, "</th><td class=\"n\">");
    iw_html_count(out, iw_host_row_refused(host));
    iw_html_add(out, "</td><td class=\"n\">");
    iw_html_count(out, host->records);
    iw_html_add(out, "</td><td class=\"n\">");
    iw_html_size(out, host->bytes);
    iw_html_add(out, "</td></tr>\n");
}

void iw_html_hosts_tell(struct iw_host_rows *hosts, struct iw_buf *out)
{
    if (!hosts->count)
        return;
    iw_host_rows_sort(hosts, IW_HTML_HOSTS_SHOWN);
    uint64_t most = iw_host_rows_longest(hosts);
    iw_html_add(out,
                "<section aria-labelledby=\"h-hosts\"><h2 id=\"h-hosts\">Hosts</h2>\n<table class=\"hosts\"><thead>"
                "<tr><th scope=\"col\">Host</th><th scope=\"col\" class=\"n\">fail</th><th scope=\"col\" class=\"n\">"
                "images</th><th scope=\"col\" class=\"n\">weigh</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < hosts->count; i++)
        tell_host(&hosts->list[i], most, true, out);
    if (hosts->others.records)
        tell_host(&hosts->others, most, false, out);
    iw_html_add(out, "</tbody></table></section>\n");
}
