/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Where SVG and MathML begin and end within HTML (section 13.2.6.5 of the HTML standard): there, titles, styles and
 * scripts are elements like others, and CDATA sections are text. Without a stack of all elements an end tag of HTML
 * does not close an SVG that was left open; the next element that SVG cannot hold does. */
#include "base/iw.h"
#include "source/html_tokens.h"

const char *iw_html_find(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (iw_html_is(name, names[i]))
            return names[i];
    return NULL;
}

static const char SVG[] = "svg", MATH[] = "math";

/* Elements of SVG and MathML within which HTML goes on (section 13.2.6.5, integration points). */
static const char *const svg_points[] = {"foreignobject", "desc", "title"};
static const char *const math_points[] = {"mi", "mo", "mn", "ms", "mtext", "annotation-xml"};

/* Start tags that end SVG and MathML. */
static const char *const breakouts[] = {
    "b",     "big",   "blockquote", "body",   "br",   "center", "code",  "dd", "div",  "dl",   "dt",
    "em",    "embed", "h1",         "h2",     "h3",   "h4",     "h5",    "h6", "head", "hr",   "i",
    "img",   "li",    "listing",    "menu",   "meta", "nobr",   "ol",    "p",  "pre",  "ruby", "s",
    "small", "span",  "strong",     "strike", "sub",  "sup",    "table", "tt", "u",    "ul",   "var",
};

static bool is_root(const char *name)
{
    return name == SVG || name == MATH;
}

const char *iw_html_language(const struct iw_html *html)
{
    const char *top = html->foreign_len ? html->foreign[html->foreign_len - 1] : NULL;
    return top && is_root(top) ? top : NULL;
}

static void leave_foreign(struct iw_html *html)
{
    while (iw_html_language(html))
        html->foreign_len--;
}

static void enter(struct iw_html *html, const char *name)
{
    if (html->foreign_len < IW_HTML_FOREIGN_DEPTH)
        html->foreign[html->foreign_len++] = name;
}

/* Only an annotation that says that it is HTML is read as such. */
static bool is_html_annotation(const struct iw_html_tag *tag)
{
    struct iw_str encoding = tag->values[IW_HTML_ENCODING].text;
    return !iw_html_is(tag->name, "annotation-xml") || iw_str_eq_nocase(encoding, IW_STR("text/html")) ||
           iw_str_eq_nocase(encoding, IW_STR("application/xhtml+xml"));
}

static bool breaks_out(const struct iw_html_tag *tag)
{
    bool is_styled =
        iw_html_has(tag, IW_HTML_COLOR) || iw_html_has(tag, IW_HTML_FACE) || iw_html_has(tag, IW_HTML_SIZE);
    return iw_html_find(tag->name, breakouts, IW_ARRAY_LEN(breakouts)) || (is_styled && iw_html_is(tag->name, "font"));
}

void iw_html_classify_start(struct iw_html *html)
{
    struct iw_html_tag *tag = &html->tag;
    if (iw_html_language(html) && breaks_out(tag))
        leave_foreign(html);
    tag->is_svg = iw_html_language(html) == SVG || iw_html_is(tag->name, SVG);
    tag->is_math = !tag->is_svg && (iw_html_language(html) == MATH || iw_html_is(tag->name, MATH));
}

void iw_html_enter_start(struct iw_html *html)
{
    const struct iw_html_tag *tag = &html->tag;
    const char *in = iw_html_language(html), *point = NULL;
    if (tag->is_self_closing)
        return;
    if (iw_html_is(tag->name, SVG))
        enter(html, SVG);
    else if (in != SVG && iw_html_is(tag->name, MATH))
        enter(html, MATH);
    else if (in == SVG)
        point = iw_html_find(tag->name, svg_points, IW_ARRAY_LEN(svg_points));
    else if (in == MATH && is_html_annotation(tag))
        point = iw_html_find(tag->name, math_points, IW_ARRAY_LEN(math_points));
    if (point)
        enter(html, point);
}

void iw_html_leave_end(struct iw_html *html)
{
    const char *name = html->tag.name;
    if (iw_html_language(html) && (iw_html_is(name, "p") || iw_html_is(name, "br")))
        leave_foreign(html);
    for (size_t i = html->foreign_len; i > 0; i--) {
        if (iw_html_is(html->foreign[i - 1], name)) {
            html->foreign_len = i - 1;
            return;
        }
    }
}
