/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What the attributes of HTML name: one row for each element and attribute. */
#include "base/iw.h"
#include "source/html_page.h"
#include "source/srcset.h"

/* ---- places ---- */

void iw_page_pass(struct iw_page_cursor *cursor, size_t count)
{
    struct iw_str passed = iw_str_sub(cursor->rest, 0, count);
    cursor->rest = iw_str_skip(cursor->rest, count);
    for (size_t end; (end = iw_str_find(passed, '\n')) < passed.len; passed = iw_str_skip(passed, end + 1)) {
        cursor->line += cursor->line != UINT32_MAX;
        cursor->column = 1;
    }
    cursor->column += (unsigned)IW_MIN(passed.len, (size_t)(UINT32_MAX - cursor->column));
}

/* A value that is read: as UTF-8, with references resolved, and where in it we are. */
struct reading {
    struct iw_page *page;
    struct iw_page_cursor cursor;
    struct iw_str text;  /* resolved */
    size_t at;           /* in text, where the cursor stands */
    struct iw_lead lead; /* what is known of its leads: role, element, place */
};

/* Moves the cursor to an offset of the resolved text. */
static void move(struct reading *reading, size_t at)
{
    struct iw_buf *unit = &reading->page->unit;
    while (reading->at < at && reading->cursor.rest.len) {
        size_t plain = IW_MIN(iw_str_find(reading->cursor.rest, '&'), at - reading->at);
        reading->at += plain;
        iw_page_pass(&reading->cursor, plain);
        if (plain || reading->cursor.rest.len == 0)
            continue;
        iw_buf_clear(unit);
        size_t n = iw_html_unit(reading->cursor.rest, unit);
        reading->at += unit->len;
        iw_page_pass(&reading->cursor, n);
    }
}

/* ---- leads ---- */

static enum iw_err too_long(struct iw_page *page, unsigned line, unsigned column)
{
    page->events->complaint(page->events->user, line, column, "the URL is too long and was passed over");
    return IW_OK;
}

/* Whether an image was named before; notes it. The key is no secret: who aims at it leaves out an image of their own.
 */
static enum iw_err was_seen(struct iw_page *page, struct iw_str url, bool *out_was)
{
    static const struct iw_hash_key key = {1, 2};
    uint64_t fingerprint = iw_hash64(&key, url.ptr, url.len);
    *out_was = iw_map_find(&page->seen, fingerprint) != NULL;
    enum iw_err err = *out_was ? IW_OK : iw_map_add(&page->seen, fingerprint, 1);
    return err == IW_ERR_LIMIT ? IW_OK : err;
}

static bool is_nothing(struct iw_str url)
{
    return url.len == 0 || url.ptr[0] == '#' || iw_str_starts_nocase(url, IW_STR("about:"));
}

/* Links that lead to no document. */
static bool is_no_link(struct iw_str url)
{
    static const char *const schemes[] = {"mailto:", "tel:", "javascript:", "data:", "ftp:", "sms:", "blob:"};
    for (size_t i = 0; i < IW_ARRAY_LEN(schemes); i++)
        if (iw_str_starts_nocase(url, iw_str_from(schemes[i])))
            return true;
    return false;
}

/* Bytes around a URL that the URL standard strips. */
static struct iw_str trim(struct iw_str url)
{
    while (url.len && (unsigned char)url.ptr[0] <= ' ')
        url = iw_str_skip(url, 1);
    while (url.len && (unsigned char)url.ptr[url.len - 1] <= ' ')
        url.len--;
    return url;
}

enum iw_err iw_page_lead(struct iw_page *page, const struct iw_lead *lead)
{
    struct iw_lead whole = *lead;
    whole.url = trim(lead->url);
    whole.base = iw_buf_str(&page->base);
    whole.wishes |= page->wishes;
    if (is_nothing(whole.url) || (lead->role == IW_LEAD_LINK && is_no_link(whole.url)))
        return IW_OK;
    if (whole.url.len > page->max_bytes)
        return too_long(page, lead->line, lead->column);
    bool was = false;
    enum iw_err err = lead->role == IW_LEAD_IMAGE ? was_seen(page, whole.url, &was) : IW_OK;
    if (err != IW_OK || (was && page->noscript))
        return err;
    return page->events->lead(page->events->user, &whole);
}

enum iw_err iw_page_css(struct iw_page *page, const struct iw_css_url *url, bool is_attribute, unsigned line,
                        unsigned column)
{
    if (url->url.len == 0)
        return too_long(page, line, column);
    struct iw_lead lead = {
        .url = url->url,
        .role = url->is_import ? IW_LEAD_STYLE : IW_LEAD_IMAGE,
        .element = url->is_import ? "style @import"
                   : is_attribute ? "@style"
                                  : "style",
        .line = line,
        .column = column,
    };
    return iw_page_lead(page, &lead);
}

/* ---- values ---- */

/* Opens a value; false: it is too long, which was said. */
static bool open_value(struct iw_page *page, const struct iw_html_value *value, const struct iw_lead *lead,
                       struct reading *out)
{
    if (value->is_long) {
        (void)too_long(page, value->line, value->column);
        return false;
    }
    struct iw_str raw = iw_html_convert(&page->charset, value->text, &page->converted);
    *out = (struct reading){page, {raw, value->line, value->column}, raw, 0, *lead};
    if (iw_str_find(raw, '&') < raw.len) {
        iw_buf_clear(&page->decoded);
        iw_html_decode(raw, &page->decoded);
        out->text = iw_buf_str(&page->decoded);
    }
    return true;
}

/* A reference at an offset of the resolved text. */
static enum iw_err lead_at(struct reading *reading, size_t at, struct iw_lead lead)
{
    move(reading, at);
    lead.line = reading->cursor.line;
    lead.column = reading->cursor.column;
    return iw_page_lead(reading->page, &lead);
}

static enum iw_err take_url(struct iw_page *page, const struct iw_html_value *value, const struct iw_lead *lead)
{
    struct reading reading;
    if (!open_value(page, value, lead, &reading))
        return IW_OK;
    reading.lead.url = trim(reading.text);
    if (reading.lead.url.len == 0)
        return IW_OK;
    return lead_at(&reading, (size_t)(reading.lead.url.ptr - reading.text.ptr), reading.lead);
}

/* What a candidate says of its file counts; else the place that its element has, in pixels of the stated density. */
static enum iw_err on_candidate(void *user, const struct iw_srcset_candidate *candidate)
{
    struct reading *reading = user;
    struct iw_lead lead = reading->lead;
    lead.url = candidate->url;
    if (candidate->density_thousandths == 0) {
        lead.place_width_px = candidate->width_px;
        lead.place_height_px = candidate->height_px;
        lead.place_is_exact = true;
    } else if (candidate->density_thousandths != 1000) {
        lead.place_width_px = (uint32_t)((uint64_t)lead.place_width_px * candidate->density_thousandths / 1000);
        lead.place_height_px = (uint32_t)((uint64_t)lead.place_height_px * candidate->density_thousandths / 1000);
        lead.place_is_exact = true;
    }
    return lead_at(reading, candidate->at, lead);
}

static enum iw_err take_srcset(struct iw_page *page, const struct iw_html_value *value, const struct iw_lead *lead)
{
    struct reading reading;
    if (!open_value(page, value, lead, &reading))
        return IW_OK;
    return iw_srcset_parse(reading.text, on_candidate, &reading);
}

static enum iw_err on_css_url(void *user, const struct iw_css_url *url)
{
    struct reading *reading = user;
    move(reading, (size_t)url->at);
    return iw_page_css(reading->page, url, true, reading->cursor.line, reading->cursor.column);
}

static enum iw_err take_css(struct iw_page *page, const struct iw_html_value *value)
{
    struct reading reading;
    if (!open_value(page, value, &(struct iw_lead){0}, &reading))
        return IW_OK;
    struct iw_css css;
    iw_css_init(&css, page->max_bytes, on_css_url, &reading);
    enum iw_err err = iw_css_feed(&css, reading.text.ptr, reading.text.len);
    if (err == IW_OK)
        err = iw_css_finish(&css);
    iw_css_release(&css);
    return err;
}

/* ---- the place of an image ---- */

/* "Parse a dimension value" of the HTML standard, for lengths in pixels: "300", "300px", " 300.5"; 0 for a share
 * ("50%"), for nothing, and for what no page is as wide as. */
static uint32_t length_px(struct iw_str text)
{
    enum { LENGTH_MAX_PX = 1000000 };
    uint32_t length = 0;
    size_t i = 0;
    for (text = iw_str_trim(text); i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
        if (length <= LENGTH_MAX_PX)
            length = length * 10 + (uint32_t)(text.ptr[i] - '0');
    if (i < text.len && text.ptr[i] == '.')
        for (i++; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9';)
            i++;
    bool is_share = i < text.len && text.ptr[i] == '%';
    return is_share || length > LENGTH_MAX_PX ? 0 : length;
}

/* ---- rows ---- */

enum how {
    URL,
    SRCSET,
    CSS,
    URL_OR_CSS, /* scripts take both "a.jpg" and "url(a.jpg)" */
};

enum condition {
    ALWAYS,
    IMAGE_BUTTON, /* input type=image */
    IMAGE_TYPE,   /* a type that is an image's, or none: then its name decides */
};

struct row {
    const char *element; /* NULL: any */
    enum iw_html_attribute attribute;
    enum how how;
    enum iw_lead_role role;
    const char *name;
    enum condition condition;
};

static const struct row rows[] = {
    {"img", IW_HTML_SRC, URL, IW_LEAD_IMAGE, "img@src", ALWAYS},
    {"img", IW_HTML_SRCSET, SRCSET, IW_LEAD_IMAGE, "img@srcset", ALWAYS},
    {"img", IW_HTML_DATA_SRC, URL, IW_LEAD_IMAGE, "img@data-src", ALWAYS},
    {"img", IW_HTML_DATA_SRCSET, SRCSET, IW_LEAD_IMAGE, "img@data-srcset", ALWAYS},
    {"img", IW_HTML_DATA_ORIGINAL, URL, IW_LEAD_IMAGE, "img@data-original", ALWAYS},
    {"img", IW_HTML_DATA_LAZY, URL, IW_LEAD_IMAGE, "img@data-lazy", ALWAYS},
    {"img", IW_HTML_DATA_LAZY_SRC, URL, IW_LEAD_IMAGE, "img@data-lazy-src", ALWAYS},
    {"img", IW_HTML_DATA_LAZY_SRCSET, SRCSET, IW_LEAD_IMAGE, "img@data-lazy-srcset", ALWAYS},
    {"source", IW_HTML_SRCSET, SRCSET, IW_LEAD_IMAGE, "source@srcset", ALWAYS},
    {"source", IW_HTML_DATA_SRCSET, SRCSET, IW_LEAD_IMAGE, "source@data-srcset", ALWAYS},
    {"source", IW_HTML_DATA_LAZY_SRCSET, SRCSET, IW_LEAD_IMAGE, "source@data-lazy-srcset", ALWAYS},
    {"video", IW_HTML_POSTER, URL, IW_LEAD_IMAGE, "video@poster", ALWAYS},
    {"video", IW_HTML_DATA_POSTER, URL, IW_LEAD_IMAGE, "video@data-poster", ALWAYS},
    {"input", IW_HTML_SRC, URL, IW_LEAD_IMAGE, "input@src", IMAGE_BUTTON},
    {"object", IW_HTML_DATA, URL, IW_LEAD_IMAGE, "object@data", IMAGE_TYPE},
    {"embed", IW_HTML_SRC, URL, IW_LEAD_IMAGE, "embed@src", IMAGE_TYPE},
    {"a", IW_HTML_HREF, URL, IW_LEAD_LINK, "a@href", ALWAYS},
    {"area", IW_HTML_HREF, URL, IW_LEAD_LINK, "area@href", ALWAYS},
    {"iframe", IW_HTML_SRC, URL, IW_LEAD_LINK, "iframe@src", ALWAYS},
    {"frame", IW_HTML_SRC, URL, IW_LEAD_LINK, "frame@src", ALWAYS},
    {NULL, IW_HTML_BACKGROUND, URL, IW_LEAD_IMAGE, "@background", ALWAYS},
    {NULL, IW_HTML_DATA_BG, URL_OR_CSS, IW_LEAD_IMAGE, "@data-bg", ALWAYS},
    {NULL, IW_HTML_DATA_BGSET, SRCSET, IW_LEAD_IMAGE, "@data-bgset", ALWAYS},
    {NULL, IW_HTML_DATA_BACKGROUND, URL_OR_CSS, IW_LEAD_IMAGE, "@data-background", ALWAYS},
    {NULL, IW_HTML_DATA_BACKGROUND_IMAGE, URL_OR_CSS, IW_LEAD_IMAGE, "@data-background-image", ALWAYS},
    {NULL, IW_HTML_STYLE, CSS, IW_LEAD_IMAGE, "@style", ALWAYS},
};

/* The elements of SVG. */
static const struct row svg_rows[] = {
    {"image", IW_HTML_HREF, URL, IW_LEAD_IMAGE, "svg image@href", ALWAYS},
    {"image", IW_HTML_XLINK_HREF, URL, IW_LEAD_IMAGE, "svg image@href", ALWAYS},
    {"feimage", IW_HTML_HREF, URL, IW_LEAD_IMAGE, "svg feImage@href", ALWAYS},
    {"feimage", IW_HTML_XLINK_HREF, URL, IW_LEAD_IMAGE, "svg feImage@href", ALWAYS},
    {NULL, IW_HTML_STYLE, CSS, IW_LEAD_IMAGE, "@style", ALWAYS},
};

struct word {
    const char *word, *name;
};

/* The row of the first of the words in text (separated by white space) that has one. */
static const char *find_word(struct iw_str text, const struct word *words, size_t count)
{
    while ((text = iw_str_trim(text)).len) {
        size_t n = 0;
        while (n < text.len && !memchr(" \t\n\f\r", text.ptr[n], 5))
            n++;
        for (size_t i = 0; i < count; i++)
            if (iw_str_eq_nocase(iw_str_sub(text, 0, n), iw_str_from(words[i].word)))
                return words[i].name;
        text = iw_str_skip(text, n);
    }
    return NULL;
}

static enum iw_err take(struct iw_page *page, const struct iw_html_tag *tag, const struct row *row)
{
    static const struct word nofollow[] = {{"nofollow", "nofollow"}};
    const struct iw_html_value *value = &tag->values[row->attribute];
    struct iw_str type = iw_str_trim(tag->values[IW_HTML_TYPE].text);
    enum iw_lead_role role = row->role;
    if (row->condition == IMAGE_BUTTON && !iw_str_eq_nocase(type, IW_STR("image")))
        return IW_OK;
    if (row->condition == IMAGE_TYPE && type.len && !iw_str_starts_nocase(type, IW_STR("image/")))
        return IW_OK;
    if (row->condition == IMAGE_TYPE && type.len == 0)
        role = IW_LEAD_FILE;
    bool is_css =
        row->how == CSS || (row->how == URL_OR_CSS && iw_str_starts_nocase(iw_str_trim(value->text), IW_STR("url(")));
    if (is_css)
        return take_css(page, value);
    struct iw_lead lead = {.role = role, .element = row->name};
    if (role == IW_LEAD_LINK && find_word(tag->values[IW_HTML_REL].text, nofollow, IW_ARRAY_LEN(nofollow)))
        lead.wishes = IW_WISH_NO_LINKS;
    if (row->element && role == IW_LEAD_IMAGE && !tag->is_svg) {
        lead.place_width_px = length_px(tag->values[IW_HTML_WIDTH].text);
        lead.place_height_px = length_px(tag->values[IW_HTML_HEIGHT].text);
    }
    return row->how == SRCSET ? take_srcset(page, value, &lead) : take_url(page, value, &lead);
}

/* ---- link and meta ---- */

static const char *image_of_link(const struct iw_html_tag *tag)
{
    static const struct word rels[] = {
        {"icon", "link icon"},
        {"apple-touch-icon", "link apple-touch-icon"},
        {"apple-touch-icon-precomposed", "link apple-touch-icon"},
        {"mask-icon", "link mask-icon"},
        {"image_src", "link image_src"},
    };
    static const struct word loads[] = {{"preload", "link preload"}, {"prefetch", "link prefetch"}};
    static const struct word props[] = {{"image", "link image"}, {"logo", "link logo"}, {"thumbnailUrl", "link image"}};
    struct iw_str rel = tag->values[IW_HTML_REL].text;
    const char *name = find_word(rel, rels, IW_ARRAY_LEN(rels));
    if (!name && iw_str_eq_nocase(iw_str_trim(tag->values[IW_HTML_AS].text), IW_STR("image")))
        name = find_word(rel, loads, IW_ARRAY_LEN(loads));
    return name ? name : find_word(tag->values[IW_HTML_ITEMPROP].text, props, IW_ARRAY_LEN(props));
}

static enum iw_err take_link(struct iw_page *page, const struct iw_html_tag *tag, enum iw_html_attribute attribute)
{
    static const struct word sheet[] = {{"stylesheet", "link stylesheet"}};
    const struct iw_html_value *value = &tag->values[attribute];
    const char *style = find_word(tag->values[IW_HTML_REL].text, sheet, IW_ARRAY_LEN(sheet));
    const char *image = image_of_link(tag);
    struct iw_lead lead = {.role = style ? IW_LEAD_STYLE : IW_LEAD_IMAGE, .element = style ? style : image};
    if (attribute == IW_HTML_HREF && (style || image))
        return take_url(page, value, &lead);
    lead = (struct iw_lead){.role = IW_LEAD_IMAGE, .element = "link@imagesrcset"};
    if (attribute == IW_HTML_IMAGESRCSET && image)
        return take_srcset(page, value, &lead);
    return IW_OK;
}

static enum iw_err take_meta(struct iw_page *page, const struct iw_html_tag *tag)
{
    static const struct word names[] = {
        {"og:image", "meta og:image"},
        {"og:image:url", "meta og:image:url"},
        {"og:image:secure_url", "meta og:image:secure_url"},
        {"twitter:image", "meta twitter:image"},
        {"twitter:image:src", "meta twitter:image:src"},
        {"twitter:image0", "meta twitter:image0"}, /* of gallery cards */
        {"twitter:image1", "meta twitter:image1"},
        {"twitter:image2", "meta twitter:image2"},
        {"twitter:image3", "meta twitter:image3"},
        {"msapplication-TileImage", "meta msapplication-TileImage"},
        {"thumbnail", "meta thumbnail"},
    };
    static const struct word props[] = {{"image", "meta image"}, {"thumbnailUrl", "meta image"}};
    const char *name = find_word(tag->values[IW_HTML_PROPERTY].text, names, IW_ARRAY_LEN(names));
    if (!name)
        name = find_word(tag->values[IW_HTML_NAME].text, names, IW_ARRAY_LEN(names));
    if (!name)
        name = find_word(tag->values[IW_HTML_ITEMPROP].text, props, IW_ARRAY_LEN(props));
    struct iw_lead lead = {.role = IW_LEAD_IMAGE, .element = name};
    return name ? take_url(page, &tag->values[IW_HTML_CONTENT], &lead) : IW_OK;
}

/* What a meta element says about the encoding of the document, and to robots. */
static void note_meta(struct iw_page *page, const struct iw_html_tag *tag)
{
    struct iw_str name = iw_str_trim(tag->values[IW_HTML_NAME].text);
    if (iw_str_eq_nocase(name, IW_STR("robots")) || iw_str_eq_nocase(name, IW_STR(IW_ROBOTS_AGENT)))
        page->wishes |= iw_robots_wishes(tag->values[IW_HTML_CONTENT].text);
    bool is_type = iw_str_eq_nocase(iw_str_trim(tag->values[IW_HTML_HTTP_EQUIV].text), IW_STR("content-type"));
    if (iw_html_has(tag, IW_HTML_CHARSET))
        iw_html_charset_set(&page->charset, tag->values[IW_HTML_CHARSET].text);
    else if (is_type)
        iw_html_charset_set(&page->charset, iw_html_charset_of(tag->values[IW_HTML_CONTENT].text));
}

/* ---- tags ---- */

static enum iw_err take_rows(struct iw_page *page, const struct iw_html_tag *tag, const char *name,
                             enum iw_html_attribute attribute)
{
    const struct row *list = tag->is_svg ? svg_rows : rows;
    size_t count = tag->is_svg ? IW_ARRAY_LEN(svg_rows) : IW_ARRAY_LEN(rows);
    enum iw_err err = IW_OK;
    for (size_t i = 0; i < count && err == IW_OK; i++)
        if (list[i].attribute == attribute && (!list[i].element || iw_html_is(list[i].element, name)))
            err = take(page, tag, &list[i]);
    return err;
}

enum iw_err iw_page_start(struct iw_page *page, const struct iw_html_tag *tag)
{
    bool is_html = !tag->is_svg && !tag->is_math;
    const char *name = is_html && iw_html_is(tag->name, "image") ? "img" : tag->name; /* as browsers have it */
    bool is_link = is_html && iw_html_is(name, "link"), is_meta = is_html && iw_html_is(name, "meta");
    if (is_meta)
        note_meta(page, tag);
    enum iw_err err = IW_OK;
    for (size_t i = 0; i < tag->count && err == IW_OK && !tag->is_math; i++) {
        enum iw_html_attribute attribute = (enum iw_html_attribute)tag->order[i];
        if (is_link && (attribute == IW_HTML_HREF || attribute == IW_HTML_IMAGESRCSET))
            err = take_link(page, tag, attribute);
        else if (is_meta && attribute == IW_HTML_CONTENT)
            err = take_meta(page, tag);
        else
            err = take_rows(page, tag, name, attribute);
    }
    return err == IW_OK && (page->decoded.err == IW_ERR_NOMEM || page->converted.err == IW_ERR_NOMEM) ? IW_ERR_NOMEM
                                                                                                      : err;
}
