/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The hosts of an HTML report: those with most that is wrong, each with a bar. */
#include "base/iw.h"
#include "report/html.h"

#include "base/mem.h"
#include "report/escape.h"

#include <stdio.h>
#include <stdlib.h>

void iw_html_hosts_begin(struct iw_html_hosts *hosts)
{
    iw_map_init(&hosts->map, IW_HTML_HOSTS_MAX);
    (void)snprintf(hosts->others.name, sizeof hosts->others.name, "further hosts");
}

void iw_html_hosts_release(struct iw_html_hosts *hosts)
{
    iw_map_release(&hosts->map);
    iw_free(hosts->list);
    hosts->list = NULL;
}

static struct iw_html_host *add_host(struct iw_html_hosts *hosts, struct iw_str name, uint64_t fingerprint)
{
    if (hosts->count == hosts->room) {
        size_t room = hosts->room ? hosts->room * 2 : 16;
        struct iw_html_host *list = iw_realloc(hosts->list, room, sizeof *list);
        if (!list)
            return NULL;
        hosts->list = list;
        hosts->room = room;
    }
    if (iw_map_add(&hosts->map, fingerprint, hosts->count) != IW_OK)
        return NULL;
    struct iw_html_host *host = &hosts->list[hosts->count++];
    *host = (struct iw_html_host){.records = 0};
    (void)snprintf(host->name, sizeof host->name, "%.*s", IW_STR_ARGS(name));
    return host;
}

static struct iw_html_host *host_of(struct iw_html_hosts *hosts, struct iw_str name)
{
    static const struct iw_hash_key key = {0x686F737473u, 1};
    uint64_t fingerprint = iw_hash64(&key, name.len ? name.ptr : "", name.len);
    const uint64_t *place = iw_map_find(&hosts->map, fingerprint);
    if (place)
        return &hosts->list[*place];
    return hosts->count < IW_HTML_HOSTS_MAX ? add_host(hosts, name, fingerprint) : &hosts->others;
}

enum iw_err iw_html_hosts_add(struct iw_html_hosts *hosts, const struct iw_record *record)
{
    if (record->change == IW_CHANGE_GONE || record->is_notice)
        return IW_OK;
    struct iw_html_host *host = host_of(hosts, iw_html_host(record->facts->url));
    if (!host)
        return IW_ERR_NOMEM;
    host->records++;
    host->verdicts[record->verdict]++;
    if (record->facts->bytes_from != IW_BYTES_UNKNOWN)
        host->bytes += record->facts->bytes;
    return IW_OK;
}

static uint64_t refused(const struct iw_html_host *host)
{
    return host->verdicts[IW_VERDICT_OVER] + host->verdicts[IW_VERDICT_BROKEN];
}

static int by_offenders(const void *a, const void *b)
{
    const struct iw_html_host *x = a, *y = b;
    if (refused(x) != refused(y))
        return refused(x) > refused(y) ? -1 : 1;
    if (x->records != y->records)
        return x->records > y->records ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* Parts of a bar as long as the host's share of the largest: what does not fit, what is in doubt, what fits. */
static void tell_bar(const struct iw_html_host *host, uint64_t most, struct iw_buf *out)
{
    uint64_t parts[] = {refused(host), host->verdicts[IW_VERDICT_WARN] + host->verdicts[IW_VERDICT_UNKNOWN],
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

static void tell_host(const struct iw_html_host *host, uint64_t most, bool is_filter, struct iw_buf *out)
{
    iw_html_add(out, "<tr><th scope=\"row\">");
    if (is_filter)
        iw_html_add(out, "<a href=\"#images\" class=\"filter\" data-key=\"host\">");
    iw_escape_xml(out, iw_str_from(host->name));
    iw_html_add(out, is_filter ? "</a>" : "");
    tell_bar(host, most, out);
    iw_html_add(out, "</th><td class=\"n\">");
    iw_html_count(out, refused(host));
    iw_html_add(out, "</td><td class=\"n\">");
    iw_html_count(out, host->records);
    iw_html_add(out, "</td><td class=\"n\">");
    iw_html_size(out, host->bytes);
    iw_html_add(out, "</td></tr>\n");
}

void iw_html_hosts_tell(struct iw_html_hosts *hosts, struct iw_buf *out)
{
    if (!hosts->count)
        return;
    qsort(hosts->list, hosts->count, sizeof *hosts->list, by_offenders);
    struct iw_html_host *others = &hosts->others;
    for (size_t i = IW_HTML_HOSTS_SHOWN; i < hosts->count; i++) {
        others->records += hosts->list[i].records;
        others->bytes += hosts->list[i].bytes;
        for (size_t v = 0; v < IW_VERDICT_COUNT; v++)
            others->verdicts[v] += hosts->list[i].verdicts[v];
    }
    size_t shown = IW_MIN(hosts->count, (size_t)IW_HTML_HOSTS_SHOWN);
    uint64_t most = others->records;
    for (size_t i = 0; i < shown; i++)
        most = IW_MAX(most, hosts->list[i].records);
    iw_html_add(out,
                "<section aria-labelledby=\"h-hosts\"><h2 id=\"h-hosts\">Hosts</h2>\n<table class=\"hosts\"><thead>"
                "<tr><th scope=\"col\">Host</th><th scope=\"col\" class=\"n\">fail</th><th scope=\"col\" class=\"n\">"
                "images</th><th scope=\"col\" class=\"n\">weigh</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < shown; i++)
        tell_host(&hosts->list[i], most, true, out);
    if (others->records)
        tell_host(others, most, false, out);
    iw_html_add(out, "</tbody></table></section>\n");
}
