/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* SVG (SVG 2 sections 8.2, 8.6 and 8.7; CSS Images 3 section 4 for what a missing side becomes), also as gzip. The root
 * element is read by libxml2's push parser, which is given its start tag alone, as an element without content. Where
 * width and height do not both say how many pixels they are, the ratio of viewBox completes one of them; a viewBox
 * alone is a ratio and no size. Style sheets and scripts, which can do as they like, are not looked at. */
#include "base/iw.h"
#include "image/image.h"

#include "image/inside.h"
#include "image/svg.h"

#include <libxml/parser.h>

enum { SNIFF_BYTES = 64, STEP_BYTES = 1024 };

/* What an entity stands for: nobody declared it to us. It is no number and no namespace. */
#define UNDECLARED "?"

static const char no_memory[] = "there was too little memory to read the SVG";

struct root {
    xmlEntity undeclared;
    bool is_read; /* its start tag is over */
    bool is_svg;
    double width_px, height_px; /* 0: draws nothing; below 0: not stated, or relative to what is not known */
    double ratio;               /* width by height of viewBox; 0: none */
};

/* ---- numbers ---- */

/* A number of SVG (the grammar of CSS) at the start of *text, which moves behind it. No strtod: it heeds the locale. */
static bool take_number(struct iw_str *text, double *out)
{
    enum { MOST_EXPONENT = 400 };
    size_t n = 0;
    bool is_negative = text->len && text->ptr[0] == '-';
    n += text->len && (text->ptr[0] == '-' || text->ptr[0] == '+');
    double value = 0;
    int exponent = 0;
    size_t digits = 0;
    bool is_fraction = false;
    for (; n < text->len; n++) {
        char c = text->ptr[n];
        if (c == '.' && !is_fraction) {
            is_fraction = true;
            continue;
        }
        if (c < '0' || c > '9')
            break;
        value = value * 10 + (c - '0');
        exponent -= is_fraction;
        digits++;
    }
    if (digits == 0)
        return false;
    size_t e = n + 1;
    bool is_below = e < text->len && text->ptr[e] == '-';
    e += e < text->len && (text->ptr[e] == '-' || text->ptr[e] == '+');
    if (e < text->len && (text->ptr[n] | 0x20) == 'e' && text->ptr[e] >= '0' && text->ptr[e] <= '9') {
        int stated = 0;
        for (; e < text->len && text->ptr[e] >= '0' && text->ptr[e] <= '9'; e++)
            stated = IW_MIN(stated * 10 + (text->ptr[e] - '0'), MOST_EXPONENT);
        exponent += is_below ? -stated : stated;
        n = e;
    }
    for (; exponent > 0 && value > 0 && value < 1e300; exponent--)
        value *= 10;
    for (; exponent < 0 && value > 0; exponent++)
        value /= 10;
    *text = iw_str_skip(*text, n);
    *out = is_negative ? -value : value;
    return true;
}

/* A length in pixels of CSS (CSS Values 4 section 6.2), or -1 where it is none, is negative or is relative. */
static double length_of(struct iw_str text)
{
    static const struct {
        const char *unit;
        double px;
    } units[] = {{"", 1},           {"px", 1},         {"in", 96}, {"cm", 96 / 2.54}, {"mm", 9.6 / 2.54},
                 {"q", 2.4 / 2.54}, {"pt", 96.0 / 72}, {"pc", 16}};
    double value;
    text = iw_str_trim(text);
    if (!take_number(&text, &value) || value < 0)
        return -1;
    for (size_t i = 0; i < IW_ARRAY_LEN(units); i++)
        if (iw_str_eq_nocase(text, iw_str_from(units[i].unit)))
            return value * units[i].px;
    return -1;
}

static bool is_between(char c)
{
    return c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Width by height of "x y width height"; 0 where that is not what it says. */
static double ratio_of(struct iw_str text)
{
    double numbers[4];
    for (size_t i = 0; i < IW_ARRAY_LEN(numbers); i++) {
        while (text.len && is_between(text.ptr[0]))
            text = iw_str_skip(text, 1);
        if (!take_number(&text, &numbers[i]))
            return 0;
    }
    bool is_sound = iw_str_trim(text).len == 0 && numbers[2] > 0 && numbers[3] > 0;
    return is_sound ? numbers[2] / numbers[3] : 0;
}

/* ---- the root element ---- */

static xmlEntityPtr on_entity(void *user, const xmlChar *name)
{
    (void)name;
    struct root *root = user;
    return &root->undeclared;
}

static bool is_svg_namespace(const char *uri)
{
    return !uri || strcmp(uri, "http://www.w3.org/2000/svg") == 0 || strcmp(uri, UNDECLARED) == 0;
}

/* Attributes come in fives: local name, prefix, namespace, and where their value begins and ends. */
static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces,
                     const xmlChar **namespace_list, int attributes, int defaulted, const xmlChar **list)
{
    (void)prefix;
    (void)namespaces;
    (void)namespace_list;
    (void)defaulted;
    struct root *root = user;
    if (root->is_read)
        return;
    root->is_read = true;
    root->is_svg = strcmp((const char *)name, "svg") == 0 && is_svg_namespace((const char *)uri);
    for (int i = 0; i < attributes; i++, list += 5) {
        struct iw_str key = iw_str_from((const char *)list[0]);
        struct iw_str value = {(const char *)list[3], (size_t)(list[4] - list[3])};
        if (list[1])
            continue;
        if (iw_str_eq(key, IW_STR("width")))
            root->width_px = length_of(value);
        else if (iw_str_eq(key, IW_STR("height")))
            root->height_px = length_of(value);
        else if (iw_str_eq(key, IW_STR("viewBox")))
            root->ratio = ratio_of(value);
    }
}

/* With a handler of its own, libxml2 does not print. What is wrong is seen in the parser afterwards. */
static void on_error(void *user, xmlErrorPtr error)
{
    (void)user;
    (void)error;
}

/* Parses an element without content. False: no memory. */
static bool parse(struct root *root, struct iw_str element)
{
    xmlSAXHandler sax = {
        .initialized = XML_SAX2_MAGIC,
        .getEntity = on_entity,
        .startElementNs = on_start,
        .serror = on_error,
    };
    xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&sax, root, NULL, 0, NULL);
    if (!parser)
        return false;
    xmlCtxtUseOptions(parser, XML_PARSE_NONET);
    (void)xmlParseChunk(parser, element.ptr, (int)element.len, 1);
    bool has_memory = parser->errNo != XML_ERR_NO_MEMORY;
    root->is_read = root->is_read && parser->wellFormed;
    xmlFreeParserCtxt(parser);
    return has_memory;
}

/* Reads a start tag; root->is_read says whether it is one. False: no memory. */
static bool read_root(struct root *root, struct iw_str tag)
{
    *root = (struct root){
        .undeclared = {.type = XML_ENTITY_DECL,
                       .name = (const xmlChar *)UNDECLARED,
                       .etype = XML_INTERNAL_PREDEFINED_ENTITY,
                       .content = (xmlChar *)(uintptr_t)UNDECLARED,
                       .length = sizeof UNDECLARED - 1},
        .width_px = -1,
        .height_px = -1,
    };
    if (tag.ptr[tag.len - 1] != '>')
        return true;
    tag = iw_str_sub(tag, 0, tag.len - 1);
    if (tag.ptr[tag.len - 1] == '/')
        tag = iw_str_sub(tag, 0, tag.len - 1);
    struct iw_buf element;
    iw_buf_init(&element, tag.len + 2);
    iw_buf_add_str(&element, tag);
    iw_buf_add_str(&element, IW_STR("/>"));
    bool has_memory = element.err == IW_OK && parse(root, iw_buf_str(&element));
    iw_buf_release(&element);
    return has_memory;
}

/* ---- facts ---- */

/* Takes the size; NULL, or why there is none. */
static const char *take_size(const struct root *root, struct iw_image_facts *facts)
{
    double width = root->width_px;
    double height = root->height_px;
    if (width == 0 || height == 0)
        return "the SVG has a side of 0 pixels: it draws nothing";
    if (width < 0 && height < 0)
        return root->ratio > 0 ? "the SVG states a ratio and no size" : "the SVG states no size";
    if (width < 0 || height < 0) {
        if (root->ratio <= 0)
            return "the SVG states one side alone";
        width = width < 0 ? height * root->ratio : width;
        height = height < 0 ? width / root->ratio : height;
    }
    if (!(width < UINT32_MAX && height < UINT32_MAX))
        return "the SVG states a size beyond all pixels";
    facts->stored_width_px = (uint32_t)IW_MAX(width + 0.5, 1.0);
    facts->stored_height_px = (uint32_t)IW_MAX(height + 0.5, 1.0);
    return NULL;
}

/* There will never be a root: these bytes are nothing that we know, or an SVG whose root cannot be read. */
static enum iw_scan refuse(struct iw_scanner *scanner, bool is_svg, const char *why)
{
    return is_svg ? iw_scanner_bad(scanner, why) : iw_scanner_decline(scanner);
}

/* The root, or its end, may be in bytes that are not in hand. */
static enum iw_scan ask(struct iw_scanner *scanner, enum iw_svg_root kind, uint64_t have)
{
    uint64_t left = scanner->view->total_bytes - have;
    *scanner->need = (struct iw_need){
        .at = have, .len = IW_MIN(left, (uint64_t)STEP_BYTES), .is_prefix = true, .why = "root element"};
    if (kind == IW_SVG_OPEN)
        scanner->facts->format = NULL;
    return IW_SCAN_MORE;
}

static enum iw_scan scan_text(struct iw_scanner *scanner, struct iw_str text, bool is_open, uint64_t have)
{
    struct iw_str tag;
    enum iw_svg_root kind = iw_svg_find_root(text, &tag);
    if (kind != IW_SVG_ROOT && kind != IW_SVG_NONE && is_open)
        return ask(scanner, kind, have);
    if (kind != IW_SVG_ROOT)
        return refuse(scanner, kind == IW_SVG_CUT, "the root element does not end");
    struct root root;
    if (!read_root(&root, tag)) {
        scanner->need->why = no_memory;
        return IW_SCAN_DONE;
    }
    if (!root.is_read || !root.is_svg)
        return refuse(scanner, !root.is_read, "the root element is not well-formed XML");
    scanner->facts->orientation = 1;
    scanner->need->why = take_size(&root, scanner->facts);
    return IW_SCAN_DONE;
}

static enum iw_scan scan_svg(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                             struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    struct iw_buf text;
    bool is_open;
    uint64_t have;
    iw_svg_text(view, &text, &is_open, &have);
    enum iw_scan scan = IW_SCAN_DONE;
    if (text.err == IW_OK)
        scan = scan_text(&scanner, iw_buf_str(&text), is_open, have);
    else
        need->why = no_memory;
    iw_buf_release(&text);
    return scan;
}

void iw_image_prepare(void)
{
    xmlInitParser(); /* else each thread's first call does, and they race for its mutex */
}

const struct iw_image_format iw_image_svg = {
    .name = "svg",
    .title = "SVG",
    .mime = "image/svg+xml",
    .mime_others = "image/svg image/svg+xml-compressed",
    .extensions = "svg svgz",
    .sniff_bytes = SNIFF_BYTES,
    .sniff = iw_svg_sniff,
    .scan = scan_svg,
    .is_turned_by_exif = false,
    .has_other_beginnings = true, /* a root behind what is read */
};
