/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A state machine over text, comments and CDATA sections (XML 1.0, sections 2.2 to 2.8 and 4.1). Whatever cannot be
 * decided yet is held: an entity's name, a byte sequence, the beginning of "<!--", "<![CDATA[" or of the XML
 * declaration. It does not look at elements: what is malformed there stays so. */
#include "base/iw.h"
#include "source/xml_filter.h"

#include "base/utf8.h"

#include <libxml/HTMLparser.h>

enum { LONGEST_ENTITY = 32, LONGEST_DECLARATION = 256, HELD_BYTES = 1024, MARKS = 1 << 20 };

/* U+FFFD in place of a character that XML does not have: to drop it could join what stands around it to markup. */
#define REPLACEMENT "\xEF\xBF\xBD"

static const uint64_t LOW_BITS = 0x0101010101010101, HIGH_BITS = 0x8080808080808080;

/* A step needs more bytes than there are. */
static const size_t MORE = SIZE_MAX;

void iw_xml_filter_init(struct iw_xml_filter *filter)
{
    *filter = (struct iw_xml_filter){.state = IW_XML_MARK, .line = 1};
    iw_buf_init(&filter->held, HELD_BYTES);
    iw_buf_init(&filter->newlines, MARKS * sizeof(uint64_t));
    iw_buf_init(&filter->edits, MARKS * sizeof(struct iw_xml_edit));
}

void iw_xml_filter_release(struct iw_xml_filter *filter)
{
    iw_buf_release(&filter->held);
    iw_buf_release(&filter->newlines);
    iw_buf_release(&filter->edits);
}

/* ---- what comes out ---- */

/* Notes that what comes out next no longer stands where the last change says. */
static void note_edit(struct iw_xml_filter *filter)
{
    struct iw_xml_edit edit = {filter->out_at, filter->in_at};
    iw_buf_add(&filter->edits, &edit, sizeof edit);
}

/* Controls were dropped since the last step, at the latest before its end. */
static void pass_dropped(struct iw_xml_filter *filter)
{
    if (filter->dropped == 0)
        return;
    filter->in_at += filter->dropped;
    filter->dropped = 0;
    note_edit(filter);
}

/* Steps take in, where at least one byte stands, and out; they return how many bytes of in are done with, or MORE. */
static size_t copy(struct iw_xml_filter *filter, struct iw_str in, size_t len, struct iw_buf *out)
{
    pass_dropped(filter);
    iw_buf_add(out, in.ptr, len);
    filter->in_at += len;
    filter->out_at += len;
    return len;
}

/* text comes out in place of the first len bytes. */
static size_t change(struct iw_xml_filter *filter, size_t len, struct iw_str text, struct iw_buf *out)
{
    pass_dropped(filter);
    iw_buf_add_str(out, text);
    filter->in_at += len;
    filter->out_at += text.len;
    if (text.len != len)
        note_edit(filter);
    return len;
}

/* ---- the start of the document ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_dropped(unsigned char c)
{
    return c < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

static size_t byte_order_mark(struct iw_xml_filter *filter, struct iw_str in, bool is_end)
{
    if (in.len < 3 && !is_end)
        return MORE;
    bool is_wide = iw_str_starts(in, IW_STR("\xFF\xFE")) || iw_str_starts(in, IW_STR("\xFE\xFF"));
    bool has_nul = in.len >= 2 && (in.ptr[0] == '\0' || in.ptr[1] == '\0');
    filter->state = is_wide || has_nul ? IW_XML_RAW : IW_XML_SPACE;
    return filter->state == IW_XML_SPACE && iw_str_starts(in, IW_STR("\xEF\xBB\xBF")) ? 3 : 0;
}

static size_t leading_space(struct iw_xml_filter *filter, struct iw_str in, bool is_end)
{
    if (is_space(in.ptr[0])) {
        bool is_newline = in.ptr[0] == '\n';
        filter->columns_skipped = is_newline ? 0 : filter->columns_skipped + 1;
        filter->lines_skipped += is_newline;
        return 1;
    }
    static const struct iw_str mark = {"\xEF\xBB\xBF", 3}; /* one more, as programs that join files leave it */
    if (!is_end && in.len < mark.len && iw_str_starts(mark, in))
        return MORE;
    if (iw_str_starts(in, mark)) {
        filter->columns_skipped += (unsigned)mark.len;
        return mark.len;
    }
    filter->state = IW_XML_DECLARATION;
    return 0;
}

/* The encoding pseudo-attribute within a declaration: from "encoding" to behind its value, which is *out_name. */
static struct iw_str find_encoding(struct iw_str declaration, struct iw_str *out_name)
{
    for (size_t i = 0; i < declaration.len; i++) {
        struct iw_str rest = iw_str_skip(declaration, i);
        if (!iw_str_starts(rest, IW_STR("encoding")))
            continue;
        size_t quote = IW_MIN(iw_str_find(rest, '"'), iw_str_find(rest, '\''));
        struct iw_str value = iw_str_skip(rest, quote + 1);
        size_t end = quote < rest.len ? iw_str_find(value, rest.ptr[quote]) : value.len;
        *out_name = iw_str_sub(value, 0, end);
        return end < value.len ? iw_str_sub(rest, 0, quote + end + 2) : IW_STR_NONE;
    }
    return IW_STR_NONE;
}

static bool starts_with_one(struct iw_str name, const char *const *starts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (iw_str_starts_nocase(name, iw_str_from(starts[i])))
            return true;
    return false;
}

/* Takes the declaration for what it says of the encoding. */
static size_t declaration(struct iw_xml_filter *filter, struct iw_str in, bool is_end, struct iw_buf *out)
{
    static const char *const impossible[] = {"utf-16", "utf16", "ucs-2", "iso-10646-ucs", "unicode", "us-ascii",
                                             "ascii",  "utf-8", "utf8",  "utf_8",         "utf 8",   "utf-08"};
    static const char *const stateful[] = {"iso-2022", "utf-7", "hz"};
    static const struct iw_str start = {"<?xml", 5};
    if (!is_end && in.len <= start.len && iw_str_starts(start, iw_str_sub(in, 0, start.len)))
        return MORE;
    struct iw_str head = iw_str_sub(in, 0, LONGEST_DECLARATION);
    size_t end = iw_str_find(head, '>');
    bool is_declaration = iw_str_starts(in, start) && in.len > start.len && is_space(in.ptr[start.len]);
    if (is_declaration && end == head.len && head.len < LONGEST_DECLARATION && !is_end)
        return MORE;
    filter->state = IW_XML_TEXT;
    struct iw_str name = IW_STR_NONE;
    struct iw_str place = is_declaration ? find_encoding(iw_str_sub(head, 0, end), &name) : IW_STR_NONE;
    if (place.len == 0 || iw_str_eq_nocase(name, IW_STR("utf-8")) || iw_str_eq_nocase(name, IW_STR("utf8")))
        return 0;
    if (name.len && !starts_with_one(name, impossible, IW_ARRAY_LEN(impossible))) {
        filter->is_other_coding = true;
        if (starts_with_one(name, stateful, IW_ARRAY_LEN(stateful)))
            filter->state = IW_XML_RAW;
        return 0;
    }
    size_t before = (size_t)(place.ptr - in.ptr);
    if (iw_utf8_valid(iw_str_sub(in, 0, before)) < before)
        return 0;
    (void)copy(filter, in, before, out);
    for (size_t i = 0; i < place.len; i++)
        (void)change(filter, 1, is_space(place.ptr[i]) ? iw_str_sub(place, i, 1) : IW_STR(" "), out);
    return before + place.len;
}

/* ---- references ---- */

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_xml_entity(struct iw_str name)
{
    static const char *const names[] = {"amp", "lt", "gt", "quot", "apos"};
    for (size_t i = 0; i < IW_ARRAY_LEN(names); i++)
        if (iw_str_eq(name, iw_str_from(names[i])))
            return true;
    return false;
}

static int digit_of(char c, bool is_hex)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char lower = (char)(c | 0x20);
    return is_hex && lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The digits behind "&#". False: they are none. */
static bool parse_number(struct iw_str text, uint64_t *out_value)
{
    bool is_hex = text.len && text.ptr[0] == 'x';
    text = iw_str_skip(text, is_hex);
    uint64_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        int digit = digit_of(text.ptr[i], is_hex);
        if (digit < 0)
            return false;
        value = IW_MIN(value * (is_hex ? 16 : 10) + (unsigned)digit, (uint64_t)0x110000);
    }
    *out_value = value;
    return text.len > 0;
}

/* XML 1.0 section 2.2, production Char. */
static bool is_character(uint64_t c)
{
    if (c < 0x20)
        return c == 9 || c == 10 || c == 13;
    return c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF) && c != 0xFFFE && c != 0xFFFF;
}

static uint32_t html_character(struct iw_str name)
{
    char terminated[LONGEST_ENTITY + 1];
    memcpy(terminated, name.ptr, name.len);
    terminated[name.len] = '\0';
    const htmlEntityDesc *entity = htmlEntityLookup((const xmlChar *)terminated);
    return entity ? entity->value : 0;
}

/* in begins with "&". */
static size_t reference(struct iw_xml_filter *filter, struct iw_str in, bool is_end, struct iw_buf *out)
{
    size_t n = in.len > 1 && in.ptr[1] == '#' ? 2 : 1;
    while (n < in.len && n < LONGEST_ENTITY && is_name_byte(in.ptr[n]))
        n++;
    if (n == in.len && n < LONGEST_ENTITY && !is_end)
        return MORE;
    struct iw_str name = iw_str_sub(in, 1, n - 1);
    bool is_closed = n < LONGEST_ENTITY && n < in.len && in.ptr[n] == ';' && name.len;
    uint64_t value = 0;
    if (is_closed && name.ptr[0] == '#' && parse_number(iw_str_skip(name, 1), &value))
        return is_character(value) ? copy(filter, in, n + 1, out) : change(filter, n + 1, IW_STR(REPLACEMENT), out);
    if (is_closed && is_xml_entity(name))
        return copy(filter, in, n + 1, out);
    value = is_closed ? html_character(name) : 0;
    if (value == 0)
        return change(filter, 1, IW_STR("&amp;"), out);
    char text[16] = "&#x0000;";
    for (size_t i = 0; i < 4; i++) /* HTML 4 has none beyond U+FFFF */
        text[3 + i] = "0123456789ABCDEF"[value >> (12 - 4 * i) & 15];
    return change(filter, n + 1, iw_str_from(text), out);
}

/* ---- bytes ---- */

/* Whether more bytes could still make it UTF-8. Newlines in particular are never waited for. */
static bool is_cut(struct iw_str in)
{
    unsigned char lead = (unsigned char)in.ptr[0];
    size_t wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
    size_t n = 1;
    while (n < in.len && ((unsigned char)in.ptr[n] & 0xC0) == 0x80)
        n++;
    return lead <= 0xF4 && n == in.len && n < wanted;
}

/* A byte of 0x80 and up. */
static size_t high_byte(struct iw_xml_filter *filter, struct iw_str in, bool is_end, struct iw_buf *out)
{
    if (filter->is_other_coding)
        return copy(filter, in, 1, out);
    size_t len = iw_utf8_len(in);
    if (len == 0 && !is_end && is_cut(in))
        return MORE;
    if (len == 3 && (iw_str_starts(in, IW_STR("\xEF\xBF\xBE")) || iw_str_starts(in, IW_STR("\xEF\xBF\xBF"))))
        return change(filter, len, IW_STR(REPLACEMENT), out); /* U+FFFE, U+FFFF: no characters */
    if (len)
        return copy(filter, in, len, out);
    char text[4];
    len = iw_utf8_put((unsigned char)in.ptr[0], text);
    return change(filter, 1, (struct iw_str){text, len}, out);
}

/* "<" in text: a comment or a CDATA section may begin. */
static size_t markup(struct iw_xml_filter *filter, struct iw_str in, bool is_end, struct iw_buf *out)
{
    static const struct iw_str comment = {"<!--", 4}, cdata = {"<![CDATA[", 9};
    bool is_comment = iw_str_starts(in, comment), is_cdata = iw_str_starts(in, cdata);
    if (!is_comment && !is_cdata && !is_end && (iw_str_starts(comment, in) || iw_str_starts(cdata, in)))
        return MORE;
    if (is_comment)
        filter->state = IW_XML_COMMENT;
    else if (is_cdata)
        filter->state = IW_XML_CDATA;
    return copy(filter, in, is_comment ? comment.len : is_cdata ? cdata.len : 1, out);
}

/* "-" in a comment: the end, or a pair that XML does not allow there. */
static size_t hyphen(struct iw_xml_filter *filter, struct iw_str in, bool is_end, struct iw_buf *out)
{
    static const struct iw_str end = {"-->", 3};
    if (!is_end && in.len < end.len && iw_str_starts(end, in))
        return MORE;
    if (iw_str_starts(in, end)) {
        filter->state = IW_XML_TEXT;
        return copy(filter, in, end.len, out);
    }
    return in.len > 1 && in.ptr[1] == '-' ? change(filter, 1, IW_STR(" "), out) : copy(filter, in, 1, out);
}

/* "]" in a CDATA section. */
static size_t bracket(struct iw_xml_filter *filter, struct iw_str in, bool is_end, struct iw_buf *out)
{
    static const struct iw_str end = {"]]>", 3};
    if (!is_end && in.len < end.len && iw_str_starts(end, in))
        return MORE;
    bool is_over = iw_str_starts(in, end);
    if (is_over)
        filter->state = IW_XML_TEXT;
    return copy(filter, in, is_over ? end.len : 1, out);
}

static size_t special(struct iw_xml_filter *filter, struct iw_str in, bool is_end, struct iw_buf *out)
{
    unsigned char c = (unsigned char)in.ptr[0];
    if (c >= 0x80)
        return high_byte(filter, in, is_end, out);
    if (c == '&')
        return reference(filter, in, is_end, out);
    if (c == '<')
        return markup(filter, in, is_end, out);
    return c == '-' ? hyphen(filter, in, is_end, out) : bracket(filter, in, is_end, out);
}

/* Eight bytes at once: the high bit of each that is below n (at most 128). */
static uint64_t below(uint64_t bytes, unsigned char n)
{
    return ~(((bytes & ~HIGH_BITS) + LOW_BITS * (0x80u - n)) | bytes) & HIGH_BITS;
}

static uint64_t are(uint64_t bytes, unsigned char c)
{
    return below(bytes ^ LOW_BITS * c, 1);
}

static uint64_t eight_at(const char *text)
{
    uint64_t bytes;
    memcpy(&bytes, text, sizeof bytes);
    return bytes;
}

/* How many bytes are neither a nor b nor 0x80 and up. */
static size_t run_without(struct iw_str in, unsigned char a, unsigned char b)
{
    size_t n = 0;
    for (uint64_t eight; n + sizeof eight <= in.len; n += sizeof eight) {
        eight = eight_at(in.ptr + n);
        if (are(eight, a) | are(eight, b) | (eight & HIGH_BITS))
            break;
    }
    for (; n < in.len; n++) {
        unsigned char c = (unsigned char)in.ptr[n];
        if (c == a || c == b || c >= 0x80)
            break;
    }
    return n;
}

/* How many bytes of text need no second look. Tags are many, but few are behind a "<" and before a "!". */
static size_t text_run(struct iw_str in)
{
    size_t n = 0;
    for (;; n++) {
        n += run_without(iw_str_skip(in, n), '&', '!');
        if (n == in.len || in.ptr[n] != '!')
            break;
        if (n && in.ptr[n - 1] == '<')
            return n - 1;
    }
    return n && n == in.len && in.ptr[n - 1] == '<' ? n - 1 : n;
}

static size_t plain_run(const struct iw_xml_filter *filter, struct iw_str in)
{
    if (filter->state == IW_XML_TEXT)
        return text_run(in);
    unsigned char end = filter->state == IW_XML_COMMENT ? '-' : ']';
    return run_without(in, end, end);
}

static size_t step(struct iw_xml_filter *filter, struct iw_str in, bool is_end, struct iw_buf *out)
{
    switch (filter->state) {
    case IW_XML_MARK:
        return byte_order_mark(filter, in, is_end);
    case IW_XML_SPACE:
        return leading_space(filter, in, is_end);
    case IW_XML_DECLARATION:
        return declaration(filter, in, is_end, out);
    case IW_XML_RAW:
        return copy(filter, in, in.len, out);
    case IW_XML_TEXT:
    case IW_XML_COMMENT:
    case IW_XML_CDATA:
        break;
    }
    size_t n = plain_run(filter, in);
    return n ? copy(filter, in, n, out) : special(filter, in, is_end, out);
}

/* Goes as far as it can be decided; returns how far. Each step takes bytes or leaves one of the three first states. */
static size_t run(struct iw_xml_filter *filter, struct iw_str in, bool is_end, struct iw_buf *out)
{
    size_t at = 0;
    while (at < in.len) {
        size_t n = step(filter, iw_str_skip(in, at), is_end, out);
        if (n == MORE)
            break;
        at += n;
    }
    return at;
}

/* Bytes without controls. */
static void feed_clean(struct iw_xml_filter *filter, struct iw_str in, struct iw_buf *out)
{
    struct iw_buf *held = &filter->held;
    size_t at = 0;
    while (held->len && at < in.len && held->err == IW_OK) { /* byte by byte until what is held is decided */
        iw_buf_add(held, in.ptr + at++, 1);
        iw_buf_drop(held, run(filter, iw_buf_str(held), false, out));
    }
    in = iw_str_skip(in, at);
    in = iw_str_skip(in, run(filter, in, false, out));
    iw_buf_add_str(held, in);
}

static size_t clean_run(struct iw_str in)
{
    size_t n = 0;
    for (uint64_t eight; n + sizeof eight <= in.len; n += sizeof eight) {
        eight = eight_at(in.ptr + n);
        uint64_t low = below(eight, 0x20);
        if (low && (low & ~(are(eight, '\n') | are(eight, '\r') | are(eight, '\t'))))
            break;
    }
    while (n < in.len && !is_dropped((unsigned char)in.ptr[n]))
        n++;
    return n;
}

/* Controls go before anything else is looked at, so that what they stood between is seen as the parser will see it. */
static void feed_bytes(struct iw_xml_filter *filter, struct iw_str in, struct iw_buf *out)
{
    while (in.len && filter->held.err == IW_OK) {
        size_t n = filter->state == IW_XML_RAW ? in.len : clean_run(in);
        feed_clean(filter, iw_str_sub(in, 0, n), out);
        in = iw_str_skip(in, n);
        if (in.len == 0)
            break;
        if (filter->state == IW_XML_RAW)
            continue;
        if (filter->state == IW_XML_SPACE)
            filter->columns_skipped++;
        else
            filter->dropped++;
        in = iw_str_skip(in, 1);
    }
}

static enum iw_err note_newlines(struct iw_xml_filter *filter, struct iw_str text)
{
    for (size_t at = 0; (at += iw_str_find(iw_str_skip(text, at), '\n')) < text.len; at++) {
        uint64_t offset = filter->out_at - text.len + at;
        iw_buf_add(&filter->newlines, &offset, sizeof offset);
    }
    return filter->newlines.err;
}

/* The first bytes, until it is known whether they are UTF-16, where a NUL is no control. Returns how many were taken.
 */
static size_t feed_mark(struct iw_xml_filter *filter, struct iw_str in, bool is_end, struct iw_buf *out)
{
    struct iw_buf *held = &filter->held;
    size_t taken = IW_MIN(in.len, 3 - held->len);
    iw_buf_add(held, in.ptr, taken);
    size_t n = held->err == IW_OK ? byte_order_mark(filter, iw_buf_str(held), is_end) : MORE;
    if (n == MORE)
        return taken;
    char first[3];
    size_t len = held->len - n;
    memcpy(first, held->ptr + n, len);
    iw_buf_clear(held);
    feed_bytes(filter, (struct iw_str){first, len}, out);
    return taken;
}

enum iw_err iw_xml_filter_feed(struct iw_xml_filter *filter, const char *bytes, size_t len, bool is_end,
                               struct iw_buf *out)
{
    struct iw_buf *held = &filter->held;
    struct iw_str in = {bytes, len};
    size_t had = out->len;
    if (filter->state == IW_XML_MARK && (in.len || (is_end && held->len)))
        in = iw_str_skip(in, feed_mark(filter, in, is_end, out));
    feed_bytes(filter, in, out);
    if (is_end && held->len)
        iw_buf_drop(held, run(filter, iw_buf_str(held), true, out));
    if (held->err != IW_OK || out->err != IW_OK)
        return IW_ERR_NOMEM;
    if (filter->state == IW_XML_RAW)
        return IW_OK; /* bytes 0A are no newlines there */
    enum iw_err err = note_newlines(filter, iw_str_skip(iw_buf_str(out), had));
    return err != IW_OK ? err : filter->edits.err;
}
