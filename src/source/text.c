/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Questions to the text of documents: what surrounds a URL, what the first bytes look like. Recognition reads no
 * further than the first element's name; whether the rest is well-formed is the parsers' matter. */
#include "base/iw.h"
#include "source/inside.h"

#include "base/utf8.h"

/* ---- white space ---- */

/* Whether three bytes of UTF-8 are U+1680, U+2000..U+200F, U+2028, U+2029, U+202F, U+205F, U+2060, U+3000 or U+FEFF. */
static bool is_wide_space(const unsigned char *p)
{
    unsigned code = (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    if ((p[0] & 0xF0) != 0xE0 || (p[1] & 0xC0) != 0x80 || (p[2] & 0xC0) != 0x80)
        return false;
    return (code >= 0x2000 && code <= 0x200F) || code == 0x2028 || code == 0x2029 || code == 0x202F || code == 0x205F ||
           code == 0x2060 || code == 0x1680 || code == 0x3000 || code == 0xFEFF;
}

static bool is_no_break_space(const unsigned char *p)
{
    return p[0] == 0xC2 && p[1] == 0xA0;
}

static size_t space_before(struct iw_str text)
{
    const unsigned char *p = (const unsigned char *)text.ptr;
    if (text.len >= 2 && is_no_break_space(p))
        return 2;
    return text.len >= 3 && is_wide_space(p) ? 3 : 0;
}

static size_t space_behind(struct iw_str text)
{
    const unsigned char *end = (const unsigned char *)text.ptr + text.len;
    if (text.len >= 2 && is_no_break_space(end - 2))
        return 2;
    return text.len >= 3 && is_wide_space(end - 3) ? 3 : 0;
}

struct iw_str iw_source_trim(struct iw_str text)
{
    text = iw_str_trim(text);
    for (size_t n; text.len && (unsigned char)text.ptr[0] >= 0x80 && (n = space_before(text)) > 0;)
        text = iw_str_trim(iw_str_skip(text, n));
    for (size_t n; text.len && (unsigned char)text.ptr[text.len - 1] >= 0x80 && (n = space_behind(text)) > 0;)
        text = iw_str_trim(iw_str_sub(text, 0, text.len - n));
    return text;
}

size_t iw_source_control(struct iw_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if ((c < 0x20 && c != '\t') || c == 0x7F)
            return i;
    }
    return text.len;
}

/* ---- the first bytes ---- */

static struct iw_str from_utf16(struct iw_str head, bool is_big, char space[IW_SOURCE_TEXT_BYTES])
{
    size_t n = 0;
    for (size_t i = 0; i + 1 < head.len && i < IW_SOURCE_HEAD_BYTES; i += 2) {
        unsigned a = (unsigned char)head.ptr[i], b = (unsigned char)head.ptr[i + 1];
        uint32_t unit = is_big ? a << 8 | b : b << 8 | a;
        char text[4];
        size_t len = iw_utf8_put(unit >= 0xD800 && unit <= 0xDFFF ? '?' : unit, text);
        memcpy(space + n, text, len);
        n += len;
    }
    return (struct iw_str){space, n};
}

struct iw_str iw_source_text(struct iw_str head, char space[IW_SOURCE_TEXT_BYTES])
{
    static const struct {
        struct iw_str start;
        size_t skip;
        bool is_wide, is_big;
    } rows[] = {
        {{"\xEF\xBB\xBF", 3}, 3, false, false}, {{"\xFF\xFE", 2}, 2, true, false}, {{"\xFE\xFF", 2}, 2, true, true},
        {{"<\0", 2}, 0, true, false},           {{"\0<", 2}, 0, true, true}, /* XML 1.0 appendix F */
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_str rest = iw_str_skip(head, rows[i].skip);
        if (iw_str_starts(head, rows[i].start))
            return rows[i].is_wide ? from_utf16(rest, rows[i].is_big, space) : rest;
    }
    return head;
}

/* ---- markup ---- */

/* What stands behind the next end, or NONE when it is not there. */
static struct iw_str behind(struct iw_str text, struct iw_str end)
{
    while (text.len >= end.len) {
        text = iw_str_skip(text, iw_str_find(text, end.ptr[0]));
        if (iw_str_starts(text, end))
            return iw_str_skip(text, end.len);
        text = iw_str_skip(text, 1);
    }
    return IW_STR_NONE;
}

static struct iw_str name_at(struct iw_str text)
{
    size_t n = 0;
    while (n < text.len && (unsigned char)text.ptr[n] > ' ' && text.ptr[n] != '>' && text.ptr[n] != '/' &&
           text.ptr[n] != '[')
        n++;
    return iw_str_sub(text, 0, n);
}

static enum iw_markup kind_of_root(struct iw_str name, bool is_xml)
{
    static const struct {
        const char *name;
        enum iw_markup kind;
    } rows[] = {
        {"urlset", IW_MARKUP_SITEMAP}, {"sitemapindex", IW_MARKUP_SITEMAP},
        {"rss", IW_MARKUP_FEED},       {"feed", IW_MARKUP_FEED},
        {"RDF", IW_MARKUP_FEED},       {"svg", IW_MARKUP_SVG},
        {"html", IW_MARKUP_HTML},      {"head", IW_MARKUP_HTML},
        {"body", IW_MARKUP_HTML},
    };
    size_t colon = iw_str_find(name, ':');
    struct iw_str local = colon < name.len ? iw_str_skip(name, colon + 1) : name;
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++)
        if (iw_str_eq_nocase(local, iw_str_from(rows[i].name)))
            return rows[i].kind;
    return is_xml ? IW_MARKUP_XML : IW_MARKUP_OTHER;
}

enum iw_markup iw_source_markup(struct iw_str text, struct iw_str *out_root)
{
    *out_root = IW_STR("");
    bool is_xml = false, is_open = false;
    for (;;) {
        text = iw_source_trim(text);
        if (text.len == 0)
            return is_open ? IW_MARKUP_OPEN : IW_MARKUP_NONE;
        if (text.ptr[0] != '<')
            return IW_MARKUP_NONE;
        is_open = true;
        is_xml = is_xml || iw_str_starts(text, IW_STR("<?xml"));
        if (iw_str_starts_nocase(text, IW_STR("<!doctype"))) {
            *out_root = name_at(iw_str_trim(iw_str_skip(text, sizeof "<!doctype" - 1)));
            return kind_of_root(*out_root, true);
        }
        bool is_comment = iw_str_starts(text, IW_STR("<!--"));
        if (!is_comment && !iw_str_starts(text, IW_STR("<?"))) {
            *out_root = name_at(iw_str_skip(text, 1));
            return kind_of_root(*out_root, is_xml);
        }
        text = behind(text, is_comment ? IW_STR("-->") : IW_STR("?>"));
    }
}
