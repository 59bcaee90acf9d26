/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A page: the images that its elements, its style sheets and its JSON-LD name, the style sheets and the pages that it
 * links to. Scripts are not run. Places are exact, in documents that are converted those of the converted text. What
 * <noscript> repeats for browsers without scripts is told once; what it alone names is told. */
#include "base/iw.h"
#include "source/html_page.h"
#include "source/json_ld.h"

enum { JSON_BYTES = 1 << 20, IMAGES_SEEN = 1 << 16, UNIT_BYTES = 64 };

/* ---- text of style and script elements ---- */

static enum iw_err on_css_url(void *user, const struct iw_css_url *url)
{
    return iw_page_css(user, url, false, url->line, url->column);
}

static void begin_css(struct iw_page *page)
{
    page->has_css = page->html.wants_text = true;
    iw_css_init(&page->css, page->max_bytes, on_css_url, page);
}

static enum iw_err end_css(struct iw_page *page)
{
    if (!page->has_css)
        return IW_OK;
    page->has_css = page->html.wants_text = false;
    enum iw_err err = iw_css_finish(&page->css);
    iw_css_release(&page->css);
    return err;
}

static void begin_json(struct iw_page *page)
{
    page->has_json = page->html.wants_text = true;
    iw_buf_clear(&page->json);
}

struct json_reading {
    struct iw_page *page;
    struct iw_page_cursor cursor;
    size_t at;
};

static enum iw_err on_json_image(void *user, struct iw_str url, size_t at, const char *element)
{
    struct json_reading *reading = user;
    iw_page_pass(&reading->cursor, at - reading->at);
    reading->at = at;
    struct iw_lead lead = {.url = url,
                           .role = IW_LEAD_IMAGE,
                           .element = element,
                           .line = reading->cursor.line,
                           .column = reading->cursor.column};
    return iw_page_lead(reading->page, &lead);
}

static enum iw_err end_json(struct iw_page *page)
{
    if (!page->has_json)
        return IW_OK;
    page->has_json = page->html.wants_text = false;
    struct iw_str text = iw_buf_str(&page->json);
    if (page->json.err == IW_ERR_NOMEM)
        return IW_ERR_NOMEM;
    if (page->json.err != IW_OK) {
        page->events->complaint(page->events->user, page->json_line, page->json_column,
                                "the JSON-LD is too long and was passed over");
        return IW_OK;
    }
    struct json_reading reading = {page, {text, page->json_line, page->json_column}, 0};
    return iw_json_ld_scan(text, &page->decoded, on_json_image, &reading);
}

static enum iw_err on_text(void *user, struct iw_str text, unsigned line, unsigned column)
{
    struct iw_page *page = user;
    if (page->has_css) {
        page->css.line = line;
        page->css.column = column;
        return iw_css_feed(&page->css, text.ptr, text.len);
    }
    if (page->json.len == 0 && page->json.err == IW_OK) {
        page->json_line = line;
        page->json_column = column;
    }
    iw_buf_add_str(&page->json, text);
    return IW_OK;
}

/* ---- tags ---- */

static void set_base(struct iw_page *page, const struct iw_html_tag *tag)
{
    if (page->base.len || !iw_html_has(tag, IW_HTML_HREF))
        return;
    iw_html_decode(iw_str_trim(tag->values[IW_HTML_HREF].text), &page->base);
    if (page->base.err == IW_ERR_LIMIT)
        iw_buf_clear(&page->base);
}

/* "application/ld+json", perhaps with parameters. */
static bool is_json_ld(const struct iw_html_tag *tag)
{
    struct iw_str type = iw_str_trim(tag->values[IW_HTML_TYPE].text);
    return iw_str_eq_nocase(iw_str_trim(iw_str_sub(type, 0, iw_str_find(type, ';'))), IW_STR("application/ld+json"));
}

static enum iw_err on_start(struct iw_page *page, const struct iw_html_tag *tag)
{
    bool is_html = !tag->is_svg && !tag->is_math, is_open = is_html || !tag->is_self_closing;
    enum iw_err err = end_css(page); /* of an SVG, where tags are tags */
    if (err != IW_OK)
        return err;
    if (is_open && iw_html_is(tag->name, "style"))
        begin_css(page);
    else if (is_html && iw_html_is(tag->name, "script") && is_json_ld(tag))
        begin_json(page);
    else if (is_html && iw_html_is(tag->name, "base"))
        set_base(page, tag);
    else if (is_html && iw_html_is(tag->name, "noscript"))
        page->noscript += page->noscript < UINT32_MAX;
    return tag->attributes ? iw_page_start(page, tag) : IW_OK;
}

static enum iw_err on_tag(void *user, const struct iw_html_tag *tag)
{
    struct iw_page *page = user;
    if (!tag->is_end)
        return on_start(page, tag);
    if (iw_html_is(tag->name, "noscript"))
        page->noscript -= page->noscript > 0;
    enum iw_err err = end_css(page);
    return err == IW_OK ? end_json(page) : err;
}

/* ---- the kind ---- */

static enum iw_err begin(void *state, const struct iw_source_events *events)
{
    struct iw_page *page = state;
    page->events = events;
    page->max_bytes = IW_SOURCE_LINE_BYTES;
    const struct iw_html_events html_events = {on_tag, on_text, page};
    iw_html_init(&page->html, IW_SOURCE_LINE_BYTES, &html_events);
    iw_buf_init(&page->json, JSON_BYTES);
    iw_buf_init(&page->base, IW_SOURCE_LINE_BYTES);
    iw_buf_init(&page->converted, 4 * IW_SOURCE_LINE_BYTES);
    iw_buf_init(&page->decoded, 4 * IW_SOURCE_LINE_BYTES);
    iw_buf_init(&page->unit, UNIT_BYTES);
    iw_map_init(&page->seen, IMAGES_SEEN);
    return IW_OK;
}

static void set(void *state, const struct iw_reader_limits *limits)
{
    struct iw_page *page = state;
    unsigned max_line_bytes = limits->max_line_bytes;
    if (max_line_bytes == 0)
        return;
    page->max_bytes = page->html.max_bytes = max_line_bytes;
    page->html.values.ceiling_bytes = (size_t)max_line_bytes * IW_HTML_ATTRIBUTES;
    page->base.ceiling_bytes = max_line_bytes;
    page->converted.ceiling_bytes = page->decoded.ceiling_bytes = (size_t)max_line_bytes * 4;
}

static void content_type(void *state, struct iw_str value)
{
    struct iw_page *page = state;
    iw_html_charset_set(&page->charset, iw_html_charset_of(value));
}

static enum iw_err on_bytes(void *user, struct iw_str text)
{
    struct iw_page *page = user;
    if (page->decoder.has_mark && !page->charset.is_utf8) /* it counts more than a header */
        page->charset = (struct iw_html_charset){.is_known = true, .is_utf8 = true};
    return iw_html_feed(&page->html, text.ptr, text.len);
}

static enum iw_err feed(void *state, const char *bytes, size_t len, struct iw_diag *diag)
{
    (void)diag;
    struct iw_page *page = state;
    return iw_decoder_feed(&page->decoder, bytes, len, on_bytes, page);
}

static enum iw_err finish(void *state, struct iw_diag *diag)
{
    (void)diag;
    struct iw_page *page = state;
    enum iw_err err = iw_decoder_finish(&page->decoder, on_bytes, page);
    if (err == IW_OK)
        err = iw_html_finish(&page->html);
    if (err == IW_OK && iw_html_is_cut(&page->html))
        page->events->complaint(page->events->user, page->html.tag.line, page->html.tag.column,
                                "the page ends within this tag, which was passed over");
    if (err == IW_OK)
        err = end_css(page);
    return err == IW_OK ? end_json(page) : err;
}

static void release(void *state)
{
    struct iw_page *page = state;
    if (page->has_css)
        iw_css_release(&page->css);
    iw_html_release(&page->html);
    iw_buf_release(&page->json);
    iw_buf_release(&page->base);
    iw_buf_release(&page->converted);
    iw_buf_release(&page->decoded);
    iw_buf_release(&page->unit);
    iw_map_release(&page->seen);
}

/* ---- recognition ---- */

/* Elements with which pages begin that leave out <html>. */
static bool is_html_element(struct iw_str name)
{
    static const char *const names[] = {
        "title",   "meta",  "link", "base", "style",   "script",  "noscript", "div",  "p",      "a",        "img",
        "picture", "table", "h1",   "h2",   "h3",      "ul",      "ol",       "span", "center", "font",     "b",
        "i",       "br",    "hr",   "main", "section", "article", "header",   "nav",  "form",   "frameset", "template",
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(names); i++)
        if (iw_str_eq_nocase(name, iw_str_from(names[i])))
            return true;
    return false;
}

static int sniff(struct iw_str head, struct iw_str name_hint)
{
    char space[IW_SOURCE_TEXT_BYTES];
    struct iw_str root, text = iw_source_text(head, space);
    bool has_name = iw_str_ends_nocase(name_hint, IW_STR(".html")) || iw_str_ends_nocase(name_hint, IW_STR(".htm")) ||
                    iw_str_ends_nocase(name_hint, IW_STR(".xhtml"));
    switch (iw_source_markup(text, &root)) {
    case IW_MARKUP_HTML:
        return 100;
    case IW_MARKUP_OPEN:
        return has_name ? 70 : 20;
    case IW_MARKUP_OTHER:
        return is_html_element(root) ? 70 : has_name ? 30 : 0;
    case IW_MARKUP_NONE:
        return has_name && text.len && iw_str_find(text, '\0') == text.len ? 30 : 0;
    default:
        return 0;
    }
}

const struct iw_source iw_source_html = {
    .name = "html",
    .help = "the images of a page: img, srcset, picture, link, meta, CSS, JSON-LD",
    .serves = IW_LEAD_PAGE,
    .sniff = sniff,
    .state_size = sizeof(struct iw_page),
    .begin = begin,
    .set = set,
    .content_type = content_type,
    .feed = feed,
    .finish = finish,
    .release = release,
};
