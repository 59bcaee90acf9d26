/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The beginning of an XML document (XML 1.0 sections 2.8 and 4.3.3), as far as is needed to tell which element is its
 * root. What stands before the root is passed over here and no parser ever sees it: so there is no DOCTYPE to load and
 * no entity to expand. Encodings that a declaration names are not looked up, as that would load code: of the root only
 * ASCII matters. */
#include "base/iw.h"
#include "image/svg.h"

#include "base/bytes.h"
#include "base/utf8.h"

#include <zlib.h>

/* Of the file, and of what it inflates to. A root element that ends behind is not read. */
enum { MOST_BYTES = 65536, MOST_NAME = 64, GZIP_HEAD_BYTES = 4, ZLIB_GZIP = 16 + MAX_WBITS };

/* ---- what precedes the root ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_space(struct iw_str text, size_t at)
{
    while (at < text.len && is_space(text.ptr[at]))
        at++;
    return at;
}

/* Behind the next end, at offset at or later; text.len + 1 where there is none. */
static size_t skip_past(struct iw_str text, size_t at, struct iw_str end)
{
    while (at + end.len <= text.len) {
        if (iw_str_starts(iw_str_skip(text, at), end))
            return at + end.len;
        at += 1 + iw_str_find(iw_str_skip(text, at + 1), end.ptr[0]);
    }
    return text.len + 1;
}

/* Behind the comment, instruction or quoted text at offset at; at itself where none of them begins there. */
static size_t skip_opaque(struct iw_str text, size_t at)
{
    struct iw_str rest = iw_str_skip(text, at);
    if (iw_str_starts(rest, IW_STR("<!--")))
        return skip_past(text, at + 4, IW_STR("-->"));
    if (iw_str_starts(rest, IW_STR("<?")))
        return skip_past(text, at + 2, IW_STR("?>"));
    if (rest.len && (rest.ptr[0] == '"' || rest.ptr[0] == '\''))
        return skip_past(text, at + 1, iw_str_sub(rest, 0, 1));
    return at;
}

/* Behind a DOCTYPE, where at is behind its name: over literals and the internal subset, to the ">". */
static size_t skip_doctype(struct iw_str text, size_t at)
{
    bool is_subset = false;
    while (at < text.len) {
        size_t behind = skip_opaque(text, at);
        char c = text.ptr[at];
        if (behind == at && c == '>' && !is_subset)
            return at + 1;
        if (behind == at && (c == '[' || c == ']'))
            is_subset = c == '[';
        at = IW_MAX(behind, at + 1);
    }
    return text.len + 1;
}

static bool is_name_start(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

/* The name at offset at: ROOT when it is svg, with any prefix. OPEN: it may go on. */
static enum iw_svg_root judge_name(struct iw_str text, size_t at, size_t *out_end)
{
    size_t end = at;
    size_t local = at;
    while (end < text.len && !is_space(text.ptr[end]) && !strchr("/>[<", text.ptr[end])) {
        local = text.ptr[end] == ':' ? end + 1 : local;
        end++;
    }
    *out_end = end;
    bool is_name = end > at && is_name_start((uint8_t)text.ptr[at]);
    if (end - at > MOST_NAME || (end > at && !is_name))
        return IW_SVG_NONE;
    if (end == text.len)
        return IW_SVG_OPEN;
    return iw_str_eq(iw_str_sub(text, local, end - local), IW_STR("svg")) ? IW_SVG_ROOT : IW_SVG_NONE;
}

/* Whether text ends within word. */
static bool is_cut_in(struct iw_str text, struct iw_str word)
{
    return text.len < word.len && iw_str_starts(word, text);
}

/* The start tag at offset at, by its name: ">" in quotes is no end. */
static enum iw_svg_root take_tag(struct iw_str text, size_t at, struct iw_str *out_tag)
{
    size_t end;
    enum iw_svg_root kind = judge_name(text, at + 1, &end);
    if (kind != IW_SVG_ROOT)
        return kind;
    char quote = '\0';
    for (; end < text.len; end++) {
        char c = text.ptr[end];
        if (c == '<' || (c == '>' && !quote)) {
            *out_tag = iw_str_sub(text, at, end + 1 - at);
            return IW_SVG_ROOT;
        }
        if (c == quote)
            quote = '\0';
        else if (!quote && (c == '"' || c == '\''))
            quote = c;
    }
    return IW_SVG_CUT;
}

enum iw_svg_root iw_svg_find_root(struct iw_str text, struct iw_str *out_tag)
{
    static const struct iw_str mark = {"\xEF\xBB\xBF", 3}, doctype = {"<!DOCTYPE", 9};
    size_t at = iw_str_starts(text, mark) ? mark.len : 0;
    if (is_cut_in(text, mark))
        return IW_SVG_OPEN;
    for (;;) {
        at = skip_space(text, at);
        struct iw_str rest = iw_str_skip(text, at);
        if (is_cut_in(rest, IW_STR("<!--")) || is_cut_in(rest, doctype))
            return IW_SVG_OPEN;
        if (rest.ptr[0] != '<')
            return IW_SVG_NONE;
        size_t behind = skip_opaque(text, at);
        if (behind == at && iw_str_starts(rest, doctype)) {
            size_t name_at = skip_space(text, at + doctype.len);
            enum iw_svg_root named = judge_name(text, name_at, &behind);
            if (named != IW_SVG_ROOT)
                return named;
            behind = skip_doctype(text, behind);
        }
        if (behind > text.len)
            return IW_SVG_OPEN;
        if (behind == at)
            return take_tag(text, at, out_tag);
        at = behind;
    }
}

/* ---- bytes to text ---- */

/* UTF-16 is known by its mark, or by a first character of ASCII (XML 1.0 appendix F). */
static bool is_utf16(struct iw_str bytes, bool *out_is_big)
{
    if (bytes.len < 4)
        return false;
    const uint8_t *p = (const uint8_t *)bytes.ptr;
    unsigned first = iw_be16(p);
    unsigned second = iw_be16(p + 2);
    *out_is_big = first == 0xFEFF || first == '<';
    if (first == 0xFEFF)
        return second < 0x80;
    if (first == 0xFFFE)
        return (second & 0xFF) == 0;
    return first == '<' ? second < 0x80 : first == (unsigned)'<' << 8 && (second & 0xFF) == 0;
}

/* Every unit is taken by itself: of what surrogates could say nothing is needed. */
static void add_utf16(struct iw_buf *text, struct iw_str bytes, bool is_big)
{
    for (size_t i = 0; i + 2 <= bytes.len; i += 2) {
        const uint8_t *p = (const uint8_t *)bytes.ptr + i;
        uint32_t c = is_big ? iw_be16(p) : iw_le16(p);
        char out[4];
        if (c >= 0xD800 && c <= 0xDFFF)
            c = 0xFFFD;
        iw_buf_add(text, out, iw_utf8_put(c, out));
    }
}

static void add_utf8(struct iw_buf *text, struct iw_str bytes)
{
    while (bytes.len) {
        size_t len = iw_utf8_valid(bytes);
        iw_buf_add_str(text, iw_str_sub(bytes, 0, len));
        bytes = iw_str_skip(bytes, len);
        if (bytes.len == 0)
            return;
        char out[4];
        iw_buf_add(text, out, iw_utf8_put((uint8_t)bytes.ptr[0], out));
        bytes = iw_str_skip(bytes, 1);
    }
}

static void add_text(struct iw_buf *text, struct iw_str bytes)
{
    bool is_big;
    if (is_utf16(bytes, &is_big))
        add_utf16(text, bytes, is_big);
    else
        add_utf8(text, bytes);
}

static bool is_gzip(struct iw_str bytes)
{
    return iw_str_starts(bytes, IW_STR("\x1F\x8B\x08")) && bytes.len >= GZIP_HEAD_BYTES &&
           ((uint8_t)bytes.ptr[3] & 0xE0) == 0;
}

/* At most MOST_BYTES of what bytes inflate to. *out_is_over: more bytes would give no more. */
static void inflate_into(struct iw_buf *out, struct iw_str bytes, bool *out_is_over)
{
    char *to = iw_buf_reserve(out, MOST_BYTES);
    z_stream z = {.next_in = (z_const Bytef *)(uintptr_t)bytes.ptr, .avail_in = (uInt)bytes.len};
    int rc = to ? inflateInit2(&z, ZLIB_GZIP) : Z_MEM_ERROR;
    if (rc == Z_OK) {
        z.next_out = (Bytef *)to;
        z.avail_out = MOST_BYTES;
        rc = inflate(&z, Z_SYNC_FLUSH);
        out->len += MOST_BYTES - z.avail_out;
        (void)inflateEnd(&z);
    }
    if (rc == Z_MEM_ERROR)
        out->err = IW_ERR_NOMEM;
    *out_is_over = out->len == MOST_BYTES || (rc != Z_OK && rc != Z_BUF_ERROR);
}

void iw_svg_text(const struct iw_view *view, struct iw_buf *text, bool *out_is_open, uint64_t *out_have)
{
    iw_buf_init(text, MOST_BYTES * 3); /* a byte becomes two, a unit of UTF-16 three at most */
    size_t have;
    const uint8_t *p = iw_view_run(view, 0, MOST_BYTES, &have);
    struct iw_str bytes = {(const char *)p, have};
    *out_have = have;
    *out_is_open = have < MOST_BYTES && have < view->total_bytes;
    if (!is_gzip(bytes)) {
        add_text(text, bytes);
        return;
    }
    struct iw_buf inflated;
    bool is_over;
    iw_buf_init(&inflated, MOST_BYTES);
    inflate_into(&inflated, bytes, &is_over);
    *out_is_open = *out_is_open && !is_over;
    if (inflated.err)
        text->err = inflated.err;
    add_text(text, iw_buf_str(&inflated));
    iw_buf_release(&inflated);
}

bool iw_svg_sniff(const uint8_t *head, size_t len)
{
    struct iw_str bytes = {(const char *)head, len};
    bool is_big;
    struct iw_str tag;
    return is_gzip(bytes) || is_utf16(bytes, &is_big) || (len > 0 && iw_svg_find_root(bytes, &tag) != IW_SVG_NONE);
}
