/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Feeds: RSS 0.9x, 1.0 and 2.0, Atom, Media RSS, podcasts, product feeds of Google Merchant and Meta, and any other XML
 * whose elements are named as images. Names are local ones, since prefixes and namespaces are spelt in many ways. With
 * --xpath, what that names and nothing else. */
#include "base/iw.h"
#include "source/fragment.h"
#include "source/inside.h"
#include "source/xpath.h"

#include <stdio.h>

enum { NAMES = 64, PROBES = 8, ELEMENT_BYTES = 80, ROOT_BYTES = 40 };

enum role {
    R_OTHER,
    R_IMAGE,     /* its name says so */
    R_ENCLOSURE, /* of RSS; an image by its type */
    R_CONTENT,   /* of Media RSS or Atom; the same */
    R_LINK,      /* of Atom; the same */
    R_ICON,      /* icon and logo of Atom */
    R_URL,       /* within an image: its URL */
    R_TEXT,      /* may hold HTML */
};

struct feed {
    struct iw_xml xml;
    struct iw_source_events events, counted;
    uint64_t leads;
    char root[ROOT_BYTES];
    struct {
        const char *local; /* libxml2 keeps one copy of each name */
        enum role role;
    } names[NAMES + PROBES];           /* what was found out, by address */
    bool is_image[IW_XML_DEEPEST + 1]; /* the open elements, by depth */
    struct iw_xpath xpath;
    struct iw_str expression;    /* NONE: by names */
    struct iw_fragment fragment; /* the text at hand */
    iw_xpath_reach reach[IW_XPATH_PATHS][IW_XML_DEEPEST + 1];
};

/* ---- names ---- */

static enum role find_role(const char *local)
{
    static const struct {
        const char *name;
        enum role role;
    } rows[] = {
        {"enclosure", R_ENCLOSURE}, {"content", R_CONTENT}, {"link", R_LINK},
        {"description", R_TEXT},    {"encoded", R_TEXT},    {"summary", R_TEXT},
        {"icon", R_ICON},           {"logo", R_ICON},       {"url", R_URL},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++)
        if (strcmp(local, rows[i].name) == 0)
            return rows[i].role;
    return iw_source_naming(iw_str_from(local)) == IW_NAMING_IMAGE ? R_IMAGE : R_OTHER;
}

static enum role role_of(struct feed *feed, const char *local)
{
    size_t first = ((uintptr_t)local >> 3) % NAMES;
    for (size_t i = first; i < first + PROBES; i++) {
        if (feed->names[i].local == local)
            return feed->names[i].role;
        if (!feed->names[i].local) {
            feed->names[i].local = local;
            return feed->names[i].role = find_role(local);
        }
    }
    return find_role(local); /* more names than a feed has */
}

/* "media:content@url". */
static const char *name_of(const struct iw_xml_element *element, const char *attribute, char name[ELEMENT_BYTES])
{
    const char *const parts[] = {element->prefix, element->prefix ? ":" : NULL, element->local, attribute ? "@" : NULL,
                                 attribute};
    size_t at = 0;
    for (size_t i = 0; i < IW_ARRAY_LEN(parts); i++) {
        size_t len = parts[i] ? IW_MIN(strlen(parts[i]), ELEMENT_BYTES - 1 - at) : 0;
        memcpy(name + at, parts[i] ? parts[i] : "", len);
        at += len;
    }
    name[at] = '\0';
    return name;
}

/* ---- what is an image ---- */

static bool has_image_extension(struct iw_str url)
{
    static const char *const extensions[] = {".jpg", ".jpeg", ".png",  ".gif", ".webp", ".avif", ".svg",
                                             ".bmp", ".tif",  ".tiff", ".jxl", ".heic", ".ico"};
    url = iw_str_sub(url, 0, IW_MIN(iw_str_find(url, '?'), iw_str_find(url, '#')));
    for (size_t i = 0; i < IW_ARRAY_LEN(extensions); i++)
        if (iw_str_ends_nocase(url, iw_str_from(extensions[i])))
            return true;
    return false;
}

/* By what the element says of it, else by its extension. */
static bool is_image(const struct iw_xml_element *element, const char *attribute)
{
    struct iw_str medium = iw_xml_attribute(element, IW_STR("medium"));
    struct iw_str type = iw_xml_attribute(element, IW_STR("type"));
    if (medium.len)
        return iw_str_eq_nocase(medium, IW_STR("image"));
    if (type.len)
        return iw_str_starts_nocase(type, IW_STR("image/"));
    return has_image_extension(iw_xml_attribute(element, iw_str_from(attribute)));
}

static void tell(struct feed *feed, const struct iw_xml_element *element, const char *attribute)
{
    char name[ELEMENT_BYTES];
    if (iw_xml_attribute(element, iw_str_from(attribute)).len)
        iw_xml_tell(&feed->xml, element, attribute, name_of(element, attribute, name));
}

static void tell_image(struct feed *feed, const struct iw_xml_element *element, const char *attribute)
{
    if (is_image(element, attribute))
        tell(feed, element, attribute);
}

static void open_text(struct feed *feed, const struct iw_xml_element *element, unsigned flags)
{
    char name[ELEMENT_BYTES];
    iw_xml_open_text(&feed->xml, IW_LEAD_IMAGE, name_of(element, NULL, name), flags);
    if (flags & IW_XML_MARKUP)
        iw_fragment_open(&feed->fragment, name);
}

static void look_by_name(struct feed *feed, const struct iw_xml_element *element)
{
    unsigned depth = feed->xml.depth;
    enum role role = role_of(feed, element->local);
    feed->is_image[depth] = role == R_IMAGE;
    switch (role) {
    case R_IMAGE:
        tell(feed, element, "url");
        tell(feed, element, "src");
        tell(feed, element, "href");
        open_text(feed, element, IW_XML_DIRECT | IW_XML_QUIET);
        break;
    case R_ENCLOSURE:
        tell_image(feed, element, "url");
        break;
    case R_CONTENT:
        tell_image(feed, element, "url");
        tell_image(feed, element, "src");
        open_text(feed, element, IW_XML_MARKUP | IW_XML_DIRECT);
        break;
    case R_TEXT:
        open_text(feed, element, IW_XML_MARKUP | IW_XML_DIRECT);
        break;
    case R_LINK:
        if (iw_str_eq_nocase(iw_xml_attribute(element, IW_STR("rel")), IW_STR("enclosure")))
            tell_image(feed, element, "href");
        break;
    case R_ICON:
        open_text(feed, element, IW_XML_DIRECT | IW_XML_QUIET);
        break;
    case R_URL:
        if (feed->is_image[depth - 1])
            open_text(feed, element, IW_XML_QUIET);
        break;
    case R_OTHER:
        break;
    }
}

/* ---- HTML in texts ---- */

static void stop_at(struct feed *feed, enum iw_err err)
{
    if (err != IW_OK && feed->xml.err == IW_OK)
        iw_xml_stop(&feed->xml, err, iw_err_text(err), IW_STR_NONE);
}

static void on_text(void *user, struct iw_str text, struct iw_xml_place first)
{
    struct feed *feed = user;
    if (feed->xml.err == IW_OK)
        stop_at(feed, iw_fragment_feed(&feed->fragment, text, first.line, first.column));
}

static void on_close(void *user)
{
    struct feed *feed = user;
    if (feed->xml.err == IW_OK)
        stop_at(feed, iw_fragment_close(&feed->fragment));
}

/* ---- elements ---- */

/* Attributes first: they stand before the text. */
static void look_by_path(struct feed *feed, const struct iw_xml_element *element)
{
    unsigned depth = feed->xml.depth;
    bool is_text = false;
    for (unsigned i = 0; i < feed->xpath.count; i++) {
        const struct iw_xpath_path *path = &feed->xpath.paths[i];
        iw_xpath_reach above = depth > 1 ? feed->reach[i][depth - 1] : IW_XPATH_ROOT;
        iw_xpath_reach reach = iw_xpath_enter(path, above, element);
        feed->reach[i][depth] = reach;
        bool is_there = iw_xpath_is_there(path, reach);
        is_text = is_text || (is_there && !path->attribute[0]);
        if (is_there && path->attribute[0] && feed->xml.err == IW_OK)
            tell(feed, element, path->attribute);
    }
    if (is_text && !iw_xml_is_in_text(&feed->xml))
        open_text(feed, element, IW_XML_QUIET);
}

static void on_start(void *user, const struct iw_xml_element *element)
{
    struct feed *feed = user;
    if (feed->xml.depth == 1)
        (void)snprintf(feed->root, sizeof feed->root, "%s", element->local);
    if (feed->expression.len)
        look_by_path(feed, element);
    else
        look_by_name(feed, element);
}

/* ---- the kind ---- */

static enum iw_err on_lead(void *user, const struct iw_lead *lead)
{
    struct feed *feed = user;
    feed->leads++;
    return feed->events.lead(feed->events.user, lead);
}

static void on_complaint(void *user, unsigned line, unsigned column, const char *text)
{
    struct feed *feed = user;
    feed->events.complaint(feed->events.user, line, column, text);
}

static enum iw_err begin(void *state, const struct iw_source_events *events)
{
    static const struct iw_xml_handler handler = {on_start, NULL, on_text, on_close};
    struct feed *feed = state;
    feed->events = *events;
    feed->counted = (struct iw_source_events){.lead = on_lead, .complaint = on_complaint, .user = feed};
    feed->fragment.events = &feed->counted;
    return iw_xml_init(&feed->xml, &feed->counted, &handler, feed);
}

static void set(void *state, const struct iw_reader_limits *limits)
{
    struct feed *feed = state;
    struct iw_str expression = iw_str_from(limits->xpath);
    feed->fragment.limits = limits;
    if (limits->max_line_bytes)
        iw_xml_limit(&feed->xml, limits->max_line_bytes);
    if (expression.len && iw_xpath_parse(expression, &feed->xpath, NULL) == IW_OK)
        feed->expression = expression;
}

static enum iw_err feed_bytes(void *state, const char *bytes, size_t len, struct iw_diag *diag)
{
    struct feed *feed = state;
    return iw_xml_feed(&feed->xml, bytes, len, diag);
}

static enum iw_err finish(void *state, struct iw_diag *diag)
{
    struct feed *feed = state;
    enum iw_err err = iw_xml_finish(&feed->xml, diag);
    bool is_known = strcmp(feed->root, "rss") == 0 || strcmp(feed->root, "feed") == 0 || strcmp(feed->root, "RDF") == 0;
    if (err == IW_OK && feed->leads == 0 && feed->expression.len)
        on_complaint(feed, 1, 1, "nothing is where --xpath says");
    else if (err == IW_OK && feed->leads == 0 && !is_known)
        on_complaint(feed, 1, 1, "no element is named as an image: --xpath can say which holds one");
    return err;
}

static void release(void *state)
{
    struct feed *feed = state;
    iw_xml_release(&feed->xml);
    iw_fragment_release(&feed->fragment);
}

static void describe(const void *state, struct iw_buf *out)
{
    const struct feed *feed = state;
    if (feed->expression.len)
        iw_buf_printf(out, "%.*s", IW_STR_ARGS(iw_str_sub(feed->expression, 0, 100)));
    else if (feed->root[0])
        iw_buf_printf(out, "<%s>", feed->root);
}

static int sniff(struct iw_str head, struct iw_str name_hint)
{
    static const int scores[] = {[IW_MARKUP_FEED] = 100, [IW_MARKUP_XML] = 60, [IW_MARKUP_OTHER] = 0};
    (void)name_hint;
    char space[IW_SOURCE_TEXT_BYTES];
    struct iw_str root;
    return scores[iw_source_markup(iw_source_text(head, space), &root)];
}

const struct iw_source iw_source_feed = {
    .name = "feed",
    .help = "RSS, Atom, product feeds, any XML",
    .serves = IW_LEAD_DOCUMENT,
    .sniff = sniff,
    .state_size = sizeof(struct feed),
    .begin = begin,
    .set = set,
    .feed = feed_bytes,
    .finish = finish,
    .describe = describe,
    .release = release,
};
