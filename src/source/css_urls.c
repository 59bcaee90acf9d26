/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The part of "CSS Syntax" (level 3, section 4) that tells where a URL is one: comments, strings, escapes, url() with
 * and without quotes and what makes one bad; the strings of image-set(); @import. What a rule or a value means is not
 * looked at, but that fonts and namespaces are no images, and that an @import behind a rule is none. */
#include "base/iw.h"
#include "source/css_urls.h"

#include "base/utf8.h"

static const char URL[] = "url()", IMAGE_SET[] = "image-set()", IMPORT[] = "@import";

static enum iw_err step(struct iw_css *css, char c);

void iw_css_init(struct iw_css *css, size_t max_bytes, iw_css_fn fn, void *user)
{
    *css = (struct iw_css){.fn = fn, .user = user, .line = 1, .column = 1, .is_at_start = true};
    iw_buf_init(&css->value, max_bytes);
}

void iw_css_release(struct iw_css *css)
{
    iw_buf_release(&css->value);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static bool is_newline(char c)
{
    return c == '\n' || c == '\f' || c == '\r';
}

static int hex_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool is_ident_byte(char c)
{
    char lower = (char)(c | 0x20);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || (unsigned char)c >= 0x80;
}

/* ---- values ---- */

static void begin_value(struct iw_css *css, const char *as)
{
    iw_buf_clear(&css->value);
    css->string_as = as;
}

/* The byte at hand belongs to the value, perhaps as its first. */
static void note_place(struct iw_css *css)
{
    if (css->value.len)
        return;
    css->value_at = css->at;
    css->value_line = css->line;
    css->value_column = css->column;
}

/* Controls and spaces around a URL are no part of it (URL standard, "basic URL parser"). */
static bool is_around(char c)
{
    return (unsigned char)c <= ' ';
}

static struct iw_str strip(struct iw_str url)
{
    while (url.len && is_around(url.ptr[0]))
        url = iw_str_skip(url, 1);
    while (url.len && is_around(url.ptr[url.len - 1]))
        url.len--;
    return url;
}

static void add_to_value(struct iw_css *css, char c)
{
    if (css->value.len == 0 && is_around(c))
        return;
    note_place(css);
    iw_buf_add_char(&css->value, c);
}

static void begin_escape_of_value(struct iw_css *css)
{
    css->escape = IW_CSS_BACKSLASH;
    note_place(css);
}

static bool is_no_image(const char *property)
{
    return strcmp(property, "behavior") == 0 || strcmp(property, "-moz-binding") == 0;
}

/* What a URL at this place names; NULL: nothing that is looked for. */
static const char *meaning(struct iw_css *css, const char *as)
{
    if (css->prelude == IW_CSS_IMPORT) {
        css->prelude = IW_CSS_OTHER_RULE; /* what follows are its conditions */
        return css->depth == 0 && !css->has_rules ? IMPORT : NULL;
    }
    if (css->prelude != IW_CSS_NO_RULE || css->font_depth || is_no_image(css->property))
        return NULL;
    return css->set_at ? IMAGE_SET : as;
}

static enum iw_err end_value(struct iw_css *css)
{
    if (css->value.err == IW_ERR_NOMEM)
        return IW_ERR_NOMEM;
    const char *as = css->string_as ? meaning(css, css->string_as) : NULL;
    bool is_long = css->value.err != IW_OK;
    struct iw_str url = is_long ? IW_STR("") : strip(iw_buf_str(&css->value));
    css->string_as = NULL;
    if (!as || (!is_long && (url.len == 0 || url.ptr[0] == '#')))
        return IW_OK;
    struct iw_css_url found = {url, as, as == IMPORT, css->value_at, css->value_line, css->value_column};
    return css->fn(css->user, &found);
}

/* ---- identifiers ---- */

static void add_to_ident(struct iw_css *css, struct iw_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (css->ident_len < sizeof css->ident - 1)
            css->ident[css->ident_len] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
        css->ident_len = IW_MIN(css->ident_len + 1, sizeof css->ident);
    }
}

static bool ident_is(const struct iw_css *css, const char *name)
{
    return css->ident_len < sizeof css->ident &&
           iw_str_eq((struct iw_str){css->ident, css->ident_len}, iw_str_from(name));
}

static void begin_rule(struct iw_css *css)
{
    css->prelude = ident_is(css, "import")      ? IW_CSS_IMPORT
                   : ident_is(css, "font-face") ? IW_CSS_FONT_FACE
                                                : IW_CSS_OTHER_RULE;
}

/* The identifier at hand is over; c follows. */
static void end_ident(struct iw_css *css, char c)
{
    if (css->is_at_keyword)
        begin_rule(css);
    else if (c == '(') {
        css->parentheses++;
        if (ident_is(css, "url"))
            css->state = IW_CSS_URL_START;
        else if (css->set_at == 0 && (ident_is(css, "image-set") || ident_is(css, "-webkit-image-set")))
            css->set_at = css->parentheses;
    } else if (css->is_at_start && css->ident_len < sizeof css->ident) {
        memcpy(css->property, css->ident, css->ident_len);
        css->property[css->ident_len] = '\0';
    }
    css->is_at_start = css->is_at_keyword = false;
    css->ident_len = 0;
}

/* ---- text ---- */

static void close_parenthesis(struct iw_css *css)
{
    if (css->parentheses && css->parentheses == css->set_at)
        css->set_at = 0;
    css->parentheses -= css->parentheses > 0;
}

static void end_declaration(struct iw_css *css)
{
    css->parentheses = css->set_at = 0;
    css->prelude = IW_CSS_NO_RULE;
    css->property[0] = '\0';
    css->is_at_start = true;
}

static void open_block(struct iw_css *css)
{
    css->depth += css->depth < UINT32_MAX;
    if (css->prelude == IW_CSS_FONT_FACE && css->font_depth == 0)
        css->font_depth = css->depth;
    css->has_rules = true;
    end_declaration(css);
}

static void close_block(struct iw_css *css)
{
    if (css->depth == css->font_depth)
        css->font_depth = 0;
    css->depth -= css->depth > 0;
    end_declaration(css);
}

/* A string begins: what it is depends on what it stands in. */
static void open_string(struct iw_css *css, char quote)
{
    css->quote = quote;
    css->state = IW_CSS_STRING;
    bool is_of_set = css->set_at && css->set_at == css->parentheses;
    begin_value(css, css->prelude == IW_CSS_IMPORT && css->parentheses == 0 ? IMPORT : is_of_set ? IMAGE_SET : NULL);
}

static void punctuation(struct iw_css *css, char c)
{
    switch (c) {
    case '/':
        css->state = IW_CSS_SLASH;
        break;
    case '"':
    case '\'':
        open_string(css, c);
        break;
    case '@':
        css->is_at_keyword = true;
        return; /* an identifier has to follow at once */
    case '(':
        css->parentheses += css->parentheses < UINT32_MAX;
        break;
    case ')':
        close_parenthesis(css);
        break;
    case '{':
        open_block(css);
        return;
    case '}':
        close_block(css);
        return;
    case ';':
        if (css->parentheses == 0)
            end_declaration(css);
        return;
    default:
        break;
    }
    css->is_at_keyword = false;
    css->is_at_start = css->is_at_start && (is_space(c) || c == '/');
}

static enum iw_err in_text(struct iw_css *css, char c)
{
    if (c == '\\') {
        css->escape = IW_CSS_BACKSLASH;
    } else if (is_ident_byte(c)) {
        add_to_ident(css, (struct iw_str){&c, 1});
    } else {
        bool is_function = css->ident_len && c == '(' && !css->is_at_keyword;
        if (css->ident_len)
            end_ident(css, c);
        if (!is_function)
            punctuation(css, c);
    }
    return IW_OK;
}

/* ---- strings and URLs ---- */

static enum iw_err in_string(struct iw_css *css, char c)
{
    if (c == '\\') {
        begin_escape_of_value(css);
    } else if (c == css->quote) {
        css->state = IW_CSS_TEXT;
        return end_value(css);
    } else if (is_newline(c)) { /* a bad string */
        css->state = IW_CSS_TEXT;
        css->string_as = NULL;
    } else {
        add_to_value(css, c);
    }
    return IW_OK;
}

static enum iw_err end_url(struct iw_css *css)
{
    css->state = IW_CSS_TEXT;
    close_parenthesis(css);
    return end_value(css);
}

/* Bytes that an unquoted URL cannot have. */
static bool is_bad_in_url(char c)
{
    unsigned char byte = (unsigned char)c;
    return c == '"' || c == '\'' || c == '(' || byte < 0x20 || byte == 0x7F;
}

static enum iw_err in_url(struct iw_css *css, char c)
{
    if (css->state == IW_CSS_URL_START) {
        if (is_space(c))
            return IW_OK;
        begin_value(css, URL);
        css->state = c == '"' || c == '\'' ? IW_CSS_STRING : IW_CSS_URL;
        css->quote = c;
        if (css->state == IW_CSS_STRING)
            return IW_OK;
    }
    if (c == ')')
        return end_url(css);
    if (is_space(c)) {
        css->state = IW_CSS_URL_END;
    } else if (css->state == IW_CSS_URL_END || is_bad_in_url(c)) {
        css->state = IW_CSS_BAD_URL;
        css->string_as = NULL;
        css->escape = c == '\\' ? IW_CSS_BACKSLASH : IW_CSS_NO_ESCAPE;
    } else if (c == '\\') {
        begin_escape_of_value(css);
    } else {
        add_to_value(css, c);
    }
    return IW_OK;
}

static enum iw_err in_bad_url(struct iw_css *css, char c)
{
    if (c == ')')
        return end_url(css);
    if (c == '\\')
        css->escape = IW_CSS_BACKSLASH;
    return IW_OK;
}

/* ---- escapes ---- */

static void add_escaped(struct iw_css *css, struct iw_str text)
{
    if (css->state == IW_CSS_TEXT)
        add_to_ident(css, text);
    else if (css->state != IW_CSS_BAD_URL)
        iw_buf_add_str(&css->value, text);
}

static void add_code_point(struct iw_css *css)
{
    char text[4];
    bool is_none = css->hex == 0 || css->hex > 0x10FFFF || (css->hex >= 0xD800 && css->hex <= 0xDFFF);
    size_t len = iw_utf8_put(is_none ? 0xFFFD : css->hex, text);
    add_escaped(css, (struct iw_str){text, len});
}

/* Behind a backslash. */
static enum iw_err begin_escape(struct iw_css *css, char c)
{
    int hex = hex_of(c);
    css->escape = IW_CSS_NO_ESCAPE;
    if (is_newline(c)) {
        if (css->state != IW_CSS_STRING) /* it is no escape */
            return css->state == IW_CSS_URL ? in_url(css, '"') : step(css, c);
        css->escape = c == '\r' ? IW_CSS_BEHIND_CR : IW_CSS_NO_ESCAPE;
    } else if (hex >= 0) {
        css->escape = IW_CSS_HEX;
        css->hex = (uint32_t)hex;
        css->hex_digits = 1;
    } else {
        add_escaped(css, (struct iw_str){&c, 1});
    }
    return IW_OK;
}

static enum iw_err in_escape(struct iw_css *css, char c)
{
    if (css->escape == IW_CSS_BACKSLASH)
        return begin_escape(css, c);
    if (css->escape == IW_CSS_BEHIND_CR) {
        css->escape = IW_CSS_NO_ESCAPE;
        return c == '\n' ? IW_OK : step(css, c);
    }
    int hex = hex_of(c);
    if (hex >= 0 && css->hex_digits < 6) {
        css->hex = css->hex * 16 + (uint32_t)hex;
        css->hex_digits++;
        return IW_OK;
    }
    add_code_point(css);
    css->escape = c == '\r' ? IW_CSS_BEHIND_CR : IW_CSS_NO_ESCAPE;
    return is_space(c) ? IW_OK : step(css, c);
}

/* ---- bytes ---- */

static enum iw_err in_comment(struct iw_css *css, char c)
{
    if (css->state == IW_CSS_SLASH) {
        css->state = c == '*' ? IW_CSS_COMMENT : IW_CSS_TEXT;
        return c == '*' ? IW_OK : step(css, c);
    }
    bool is_end = css->state == IW_CSS_COMMENT_STAR && c == '/';
    css->state = is_end ? IW_CSS_TEXT : c == '*' ? IW_CSS_COMMENT_STAR : IW_CSS_COMMENT;
    return IW_OK;
}

static enum iw_err step(struct iw_css *css, char c)
{
    if (css->escape != IW_CSS_NO_ESCAPE)
        return in_escape(css, c);
    switch (css->state) {
    case IW_CSS_SLASH:
    case IW_CSS_COMMENT:
    case IW_CSS_COMMENT_STAR:
        return in_comment(css, c);
    case IW_CSS_STRING:
        return in_string(css, c);
    case IW_CSS_URL_START:
    case IW_CSS_URL:
    case IW_CSS_URL_END:
        return in_url(css, c);
    case IW_CSS_BAD_URL:
        return in_bad_url(css, c);
    case IW_CSS_TEXT:
        break;
    }
    return in_text(css, c);
}

enum iw_err iw_css_feed(struct iw_css *css, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        enum iw_err err = step(css, bytes[i]);
        if (err != IW_OK)
            return err;
        css->at++;
        if (bytes[i] == '\n') {
            css->line += css->line != UINT32_MAX;
            css->column = 1;
        } else {
            css->column += css->column != UINT32_MAX;
        }
    }
    return IW_OK;
}

enum iw_err iw_css_finish(struct iw_css *css)
{
    if (css->escape == IW_CSS_HEX)
        add_code_point(css);
    css->escape = IW_CSS_NO_ESCAPE;
    bool is_open = css->state == IW_CSS_STRING || css->state == IW_CSS_URL || css->state == IW_CSS_URL_END;
    css->state = IW_CSS_TEXT;
    return is_open ? end_value(css) : IW_OK;
}
