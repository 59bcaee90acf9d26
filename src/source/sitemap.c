/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Sitemaps (sitemaps.org 0.9, Google's image and video extensions). Elements are known by their local name, since the
 * namespace is spelt in many ways; an index entry without loc may hold the URL itself. */
#include "base/iw.h"
#include "source/inside.h"
#include "source/xml_stream.h"

enum element { E_OTHER, E_URL, E_SITEMAP };

struct sitemap {
    struct iw_xml xml;
    enum element stack[IW_XML_DEEPEST + 1]; /* by depth */
};

/* ---- elements ---- */

/* An extension is known by its namespace, or by its usual prefix where that is not declared or declared wrongly. */
static bool is_extension(const struct iw_xml_element *element, const char *name, const char *uri_part)
{
    return (element->uri && strstr(element->uri, uri_part)) || (element->prefix && strcmp(element->prefix, name) == 0);
}

static bool is_image(const struct iw_xml_element *element)
{
    return is_extension(element, "image", "/sitemap-image/");
}

static bool is_plain(const struct iw_xml_element *element)
{
    return !is_image(element) && !is_extension(element, "video", "/sitemap-video/") &&
           !is_extension(element, "news", "/sitemap-news/") &&
           !(element->uri && strstr(element->uri, "/sitemap-pagemap/"));
}

static void check_root(struct sitemap *s, const char *name)
{
    if (strcmp(name, "urlset") == 0 || strcmp(name, "sitemapindex") == 0)
        return;
    bool is_feed = strcmp(name, "rss") == 0 || strcmp(name, "feed") == 0 || strcmp(name, "RDF") == 0;
    iw_xml_stop(&s->xml, IW_ERR_SYNTAX,
                is_feed ? "this is a feed (RSS/Atom), not a sitemap: its first element is <"
                        : "this is no sitemap: expected <urlset> or <sitemapindex>, found <",
                iw_str_from(name));
}

/* Opens what may hold a URL; parent is the element around it. */
static void open_url(struct iw_xml *xml, const struct iw_xml_element *element, enum element parent, enum element kind)
{
    if (iw_xml_is_in_text(xml))
        return; /* markup within a loc: its text counts */
    bool is_loc = strcmp(element->local, "loc") == 0;
    if (is_loc && is_image(element))
        iw_xml_open_text(xml, IW_LEAD_IMAGE, "image:loc", 0);
    else if (strcmp(element->local, "thumbnail_loc") == 0 && is_extension(element, "video", "/sitemap-video/"))
        iw_xml_open_text(xml, IW_LEAD_IMAGE, "video:thumbnail_loc", 0);
    else if (is_loc && is_plain(element) && parent == E_SITEMAP)
        iw_xml_open_text(xml, IW_LEAD_DOCUMENT, "loc", 0);
    else if (is_loc && is_plain(element) && parent == E_URL)
        iw_xml_open_text(xml, IW_LEAD_PAGE, "loc", 0);
    else if (kind == E_SITEMAP)
        iw_xml_open_text(xml, IW_LEAD_DOCUMENT, "sitemap", IW_XML_DIRECT);
}

static void on_start(void *user, const struct iw_xml_element *element)
{
    struct sitemap *s = user;
    unsigned depth = s->xml.depth;
    if (depth == 1)
        check_root(s, element->local);
    if (s->xml.err != IW_OK)
        return;
    enum element kind = E_OTHER;
    if (depth > 1 && is_plain(element))
        kind = strcmp(element->local, "url") == 0       ? E_URL
               : strcmp(element->local, "sitemap") == 0 ? E_SITEMAP
                                                        : E_OTHER;
    s->stack[depth] = kind;
    open_url(&s->xml, element, s->stack[depth - 1], kind);
}

/* ---- the kind ---- */

static enum iw_err begin(void *state, const struct iw_source_events *events)
{
    static const struct iw_xml_handler handler = {on_start, NULL, NULL, NULL};
    struct sitemap *s = state;
    return iw_xml_init(&s->xml, events, &handler, s);
}

static void set(void *state, const struct iw_reader_limits *limits)
{
    struct sitemap *s = state;
    if (limits->max_line_bytes)
        iw_xml_limit(&s->xml, limits->max_line_bytes);
}

static enum iw_err feed(void *state, const char *bytes, size_t len, struct iw_diag *diag)
{
    struct sitemap *s = state;
    return iw_xml_feed(&s->xml, bytes, len, diag);
}

static enum iw_err finish(void *state, struct iw_diag *diag)
{
    struct sitemap *s = state;
    return iw_xml_finish(&s->xml, diag);
}

static void release(void *state)
{
    struct sitemap *s = state;
    iw_xml_release(&s->xml);
}

static int sniff(struct iw_str head, struct iw_str name_hint)
{
    static const int scores[] = {
        [IW_MARKUP_SITEMAP] = 100,
        [IW_MARKUP_OPEN] = 50,
        [IW_MARKUP_OTHER] = 0,
    };
    (void)name_hint;
    char space[IW_SOURCE_TEXT_BYTES];
    struct iw_str root;
    return scores[iw_source_markup(iw_source_text(head, space), &root)];
}

const struct iw_source iw_source_sitemap = {
    .name = "sitemap",
    .help = "urlset or index, with image:image",
    .serves = IW_LEAD_DOCUMENT,
    .sniff = sniff,
    .state_size = sizeof(struct sitemap),
    .begin = begin,
    .set = set,
    .feed = feed,
    .finish = finish,
    .release = release,
};
