/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Numbers, URLs and hosts as an HTML report spells them. */
#include "base/iw.h"
#include "report/html.h"

#include "base/parse.h"
#include "report/escape.h"
#include "report/moment.h"

enum { SHOWN_MAX = 1000, LINK_MAX = 8000 };

void iw_html_count(struct iw_buf *out, uint64_t value)
{
    char digits[27];
    iw_buf_printf(out, "%s", iw_format_u64(value, digits));
}

void iw_html_size(struct iw_buf *out, uint64_t bytes)
{
    char size[16], digits[27];
    iw_buf_printf(out, "<data value=\"%llu\" title=\"%s bytes\">%s</data>", (unsigned long long)bytes,
                  iw_format_u64(bytes, digits), iw_format_size(bytes, size));
}

void iw_html_moment(struct iw_buf *out, int64_t unix_s)
{
    struct iw_buf text;
    iw_buf_init(&text, 64);
    iw_moment_add(&text, unix_s);
    if (text.err == IW_OK && text.len == sizeof "2026-11-25T08:00:00" - 1)
        iw_buf_printf(out, "<time datetime=\"%.19sZ\">%.10s %.5s UTC</time>", text.ptr, text.ptr, text.ptr + 11);
    else if (out->err == IW_OK)
        out->err = text.err;
    iw_buf_release(&text);
}

/* What was made safe is no URL any more: it is shown, but leads nowhere. */
static bool is_link(struct iw_str url)
{
    for (size_t i = 0; i < url.len; i++)
        if (url.ptr[i] <= ' ' || url.ptr[i] >= 0x7F || url.ptr[i] == '\\')
            return false;
    return iw_url_is_http(url);
}

void iw_html_text(struct iw_buf *out, struct iw_str text)
{
    char cut[SHOWN_MAX];
    iw_escape_xml(out, iw_cut_middle(text, cut, sizeof cut));
}

void iw_html_url(struct iw_buf *out, struct iw_str url)
{
    if (url.len > LINK_MAX || !is_link(url)) {
        iw_html_add(out, "<span class=\"url\">");
        iw_html_text(out, url);
        iw_html_add(out, "</span>");
        return;
    }
    iw_html_add(out, "<a class=\"url\" rel=\"noopener noreferrer\" target=\"_blank\" href=\"");
    iw_escape_xml(out, url);
    iw_html_add(out, "\">");
    iw_html_text(out, url);
    iw_html_add(out, "</a>");
}

bool iw_html_is_notable(const struct iw_record *record)
{
    return record->verdict != IW_VERDICT_OK || record->change != IW_CHANGE_NONE;
}
