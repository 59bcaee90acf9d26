/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A sitemap (sitemaps.org 0.9) of the images that pass: each once, http and https alone. One file holds 50,000 URLs of
 * at most 2,048 characters and 50 MiB; what is beyond goes into further files and an index of them, or, where there can
 * be none, is counted in a comment. */
#include "base/iw.h"
#include "report/escape.h"
#include "report/seen.h"

/* SEEN_MAX: of so many URLs in several files each stands once. */
enum { URLS_MAX = 50000, URL_CHARS_MAX = 2047, FILE_BYTES_MAX = 52000000, SEEN_MAX = 1000000 };

struct sitemap {
    struct iw_map seen;
    struct iw_buf one;
    size_t urls, bytes;     /* of the file at hand */
    bool has_parts, begins; /* begins: the file at hand is a further one, and empty */
    uint64_t more;
};

static void begin_file(struct sitemap *s, struct iw_buf *out)
{
    s->urls = s->bytes = 0;
    iw_buf_add_str(out, IW_STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                               "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"));
}

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    struct sitemap *s = state;
    s->has_parts = style->has_parts;
    iw_map_init(&s->seen, s->has_parts ? SEEN_MAX : URLS_MAX);
    iw_buf_init(&s->one, 1 << 20);
    begin_file(s, out);
    return out->err;
}

static bool has_room(const struct sitemap *s)
{
    return s->urls < URLS_MAX && s->bytes + 6 * s->one.len < FILE_BYTES_MAX;
}

static bool passes(const struct iw_record *record)
{
    bool is_good = record->verdict == IW_VERDICT_OK || record->verdict == IW_VERDICT_WARN;
    return is_good && record->change != IW_CHANGE_GONE && iw_url_is_http(record->facts->url);
}

/* The last file may be full: only what passes begins another one. */
static bool next_part(void *state, const struct iw_record *record, struct iw_buf *out)
{
    struct sitemap *s = state;
    iw_buf_clear(&s->one);
    if (passes(record))
        iw_escape_uri(&s->one, record->facts->url, "");
    bool is_told = s->one.len > 0 && s->one.len <= URL_CHARS_MAX && !iw_was_seen(&s->seen, iw_buf_str(&s->one));
    if (!is_told || has_room(s))
        return false;
    iw_buf_add_str(out, IW_STR("</urlset>\n"));
    s->begins = true;
    return true;
}

static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    struct sitemap *s = state;
    if (!passes(record))
        return out->err;
    iw_buf_clear(&s->one);
    iw_escape_uri(&s->one, record->facts->url, "");
    if (s->begins)
        begin_file(s, out);
    s->begins = false;
    bool is_new = true;
    enum iw_err err = s->one.err == IW_OK ? iw_seen(&s->seen, iw_buf_str(&s->one), &is_new) : s->one.err;
    if (err != IW_OK || !is_new)
        return err;
    if (!has_room(s) || s->one.len > URL_CHARS_MAX) {
        s->more++;
        return IW_OK;
    }
    size_t before = out->len;
    iw_buf_add_str(out, IW_STR("<url><loc>"));
    iw_escape_xml(out, iw_buf_str(&s->one));
    iw_buf_add_str(out, IW_STR("</loc></url>\n"));
    s->bytes += out->len - before;
    s->urls++;
    return out->err;
}

static enum iw_err end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    struct sitemap *s = state;
    if (s->more && s->has_parts)
        iw_buf_printf(out, "<!-- %llu more pass, of more than %d characters: too long for a sitemap -->\n",
                      (unsigned long long)s->more, URL_CHARS_MAX);
    else if (s->more)
        iw_buf_printf(out, "<!-- %llu more pass: a sitemap holds %d URLs of at most %d characters, and 50 MB -->\n",
                      (unsigned long long)s->more, URLS_MAX, URL_CHARS_MAX);
    if (totals->is_incomplete)
        iw_buf_add_str(out, IW_STR("<!-- the run was not finished: others may pass as well -->\n"));
    iw_buf_add_str(out, IW_STR("</urlset>\n"));
    return out->err;
}

static enum iw_err index_of(void *state, const struct iw_str *names, size_t count, struct iw_buf *out)
{
    (void)state;
    iw_buf_add_str(out, IW_STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                               "<!-- where the files are served is to be put before their names -->\n"
                               "<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"));
    for (size_t i = 0; i < count; i++) {
        struct iw_buf name;
        iw_buf_init(&name, 1 << 16);
        iw_escape_uri(&name, names[i], "");
        iw_buf_add_str(out, IW_STR("<sitemap><loc>"));
        iw_escape_xml(out, iw_buf_str(&name));
        iw_buf_add_str(out, IW_STR("</loc></sitemap>\n"));
        iw_buf_release(&name);
    }
    iw_buf_add_str(out, IW_STR("</sitemapindex>\n"));
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
    .next_part = next_part,
    .index = index_of,
};
