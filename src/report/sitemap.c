/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A sitemap (sitemaps.org 0.9) of the images that pass: each once, http and https alone. One file holds 50,000 URLs of
 * at most 2,048 characters and 50 MiB; what is beyond is counted in a comment. */
#include "base/iw.h"
#include "report/escape.h"
#include "report/seen.h"

enum { URLS_MAX = 50000, URL_CHARS_MAX = 2047, FILE_BYTES_MAX = 52000000 };

struct sitemap {
    struct iw_map seen;
    struct iw_buf one;
    size_t bytes;
    uint64_t more;
};

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    struct sitemap *s = state;
    (void)style;
    iw_map_init(&s->seen, URLS_MAX);
    iw_buf_init(&s->one, 1 << 20);
    iw_buf_add_str(out, IW_STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                               "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"));
    return out->err;
}

static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    struct sitemap *s = state;
    struct iw_str url = record->facts->url;
    bool passes = record->verdict == IW_VERDICT_OK || record->verdict == IW_VERDICT_WARN;
    if (!passes || record->change == IW_CHANGE_GONE || !iw_url_is_http(url))
        return out->err;
    iw_buf_clear(&s->one);
    iw_escape_uri(&s->one, url, "");
    bool has_room = s->seen.count < URLS_MAX && s->bytes + 6 * s->one.len < FILE_BYTES_MAX;
    bool is_new = true;
    enum iw_err err = s->one.err == IW_OK ? iw_seen(&s->seen, iw_buf_str(&s->one), &is_new) : s->one.err;
    if (err != IW_OK || !is_new)
        return err;
    if (!has_room || s->one.len > URL_CHARS_MAX) {
        s->more++;
        return IW_OK;
    }
    size_t before = out->len;
    iw_buf_add_str(out, IW_STR("<url><loc>"));
    iw_escape_xml(out, iw_buf_str(&s->one));
    iw_buf_add_str(out, IW_STR("</loc></url>\n"));
    s->bytes += out->len - before;
    return out->err;
}

static enum iw_err end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    struct sitemap *s = state;
    if (s->more)
        iw_buf_printf(out, "<!-- %llu more pass: a sitemap holds %d URLs of at most %d characters, and 50 MB -->\n",
                      (unsigned long long)s->more, URLS_MAX, URL_CHARS_MAX);
    if (totals->is_incomplete)
        iw_buf_add_str(out, IW_STR("<!-- the run was not finished: others may pass as well -->\n"));
    iw_buf_add_str(out, IW_STR("</urlset>\n"));
    return out->err;
}

static void release(void *state)
{
    struct sitemap *s = state;
    iw_map_release(&s->seen);
    iw_buf_release(&s->one);
}

const struct iw_writer iw_writer_sitemap = {
    .name = "sitemap",
    .help = "a sitemap of the images that pass",
    .state_size = sizeof(struct sitemap),
    .begin = begin,
    .item = item,
    .end = end,
    .release = release,
};
