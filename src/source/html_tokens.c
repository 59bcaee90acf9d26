/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The tokenizer of the HTML standard, with as much of tree construction as decides how bytes are read: which elements
 * hold raw text, and where SVG and MathML begin and end. libxml2 (2.9) has a push parser for HTML, but of the time
 * before HTML5: it finds elements in titles and text areas, knows places only behind a tag, and searches its stack of
 * open elements at each end tag, which keeps it busy for a minute with a few megabytes of "<b>" and "</i>". Here there
 * is no stack. */
#include "base/iw.h"
#include "source/html_tokens.h"

enum { HELD_BYTES = 64 };

/* A step needs more bytes than there are. */
static const size_t MORE = SIZE_MAX;

void iw_html_init(struct iw_html *html, size_t max_bytes, const struct iw_html_events *events)
{
    *html = (struct iw_html){.events = *events, .line = 1, .column = 1, .max_bytes = max_bytes};
    iw_buf_init(&html->held, HELD_BYTES);
    iw_buf_init(&html->values, max_bytes * IW_HTML_ATTRIBUTES);
    for (size_t i = 0; i < IW_HTML_ATTRIBUTES; i++)
        html->tag.values[i].text.ptr = "";
}

void iw_html_release(struct iw_html *html)
{
    iw_buf_release(&html->held);
    iw_buf_release(&html->values);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static bool is_letter(char c)
{
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'z';
}

/* ---- tags ---- */

/* How what follows a start tag is read. */
static void choose_text(struct iw_html *html)
{
    static const char *const raw[] = {"iframe", "noembed", "noframes", "style", "textarea", "title", "xmp"};
    const struct iw_html_tag *tag = &html->tag;
    if (tag->is_end || tag->is_svg || tag->is_math)
        return;
    html->raw = iw_html_find(tag->name, raw, IW_ARRAY_LEN(raw));
    if (html->raw) {
        html->state = IW_HTML_IN_RAW_TEXT;
    } else if (iw_html_is(tag->name, "script")) {
        html->raw = "script";
        html->script = IW_HTML_SCRIPT_PLAIN;
        html->state = IW_HTML_IN_SCRIPT;
    } else if (iw_html_is(tag->name, "plaintext")) {
        html->state = IW_HTML_IN_PLAIN_TEXT;
    }
}

static enum iw_err emit_tag(struct iw_html *html)
{
    struct iw_html_tag *tag = &html->tag;
    tag->name[html->name_len < IW_HTML_NAME_BYTES ? html->name_len : 0] = '\0';
    if (html->values.err != IW_OK)
        return IW_ERR_NOMEM;
    for (size_t i = 0; i < tag->count && html->values.len; i++)
        tag->values[tag->order[i]].text.ptr = html->values.ptr + html->starts[tag->order[i]];
    html->state = IW_HTML_IN_DATA;
    if (tag->is_end)
        iw_html_leave_end(html);
    else
        iw_html_classify_start(html);
    enum iw_err err = html->events.tag(html->events.user, tag);
    choose_text(html);
    if (!tag->is_end)
        iw_html_enter_start(html);
    return err;
}

static void begin_tag(struct iw_html *html, bool is_end)
{
    struct iw_html_tag *tag = &html->tag;
    tag->is_end = is_end;
    tag->is_self_closing = tag->is_svg = tag->is_math = false;
    tag->line = html->line;
    tag->column = html->column;
    tag->attributes = 0;
    for (; tag->count; tag->count--) /* those of the tag before */
        tag->values[tag->order[tag->count - 1]] = (struct iw_html_value){.text = {"", 0}};
    html->name_len = 0;
    iw_buf_clear(&html->values);
    html->state = IW_HTML_IN_TAG_NAME;
}

/* Adds a byte to a name, lower-cased; one that is too long stays as long as the room. NUL, which no name has, must not
 * end it. */
static void add_to_name(char name[IW_HTML_NAME_BYTES], size_t *len, char c)
{
    if (*len < IW_HTML_NAME_BYTES)
        name[(*len)++] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c ? c : '?';
}

/* The name is complete: whether its value is read. The first attribute of a name is the one that counts. */
static void choose_attribute(struct iw_html *html)
{
    static const struct iw_str names[] = {
#define IW_HTML_ATTRIBUTE(id, name) {name, sizeof name - 1},
#include "source/html_attributes.def"
#undef IW_HTML_ATTRIBUTE
    };
    struct iw_str name = {html->attribute, html->attribute_len};
    html->current = -1;
    for (size_t i = 0; i < IW_HTML_ATTRIBUTES && html->current < 0; i++)
        if (iw_str_eq(name, names[i]))
            html->current = (int)i;
    if (html->current < 0)
        return;
    if (iw_html_has(&html->tag, (enum iw_html_attribute)html->current)) {
        html->current = -1;
        return;
    }
    html->tag.attributes |= (uint64_t)1 << html->current;
    html->tag.order[html->tag.count++] = (uint8_t)html->current;
    html->tag.values[html->current] =
        (struct iw_html_value){.text = {"", 0}, .line = html->line, .column = html->column};
    html->starts[html->current] = html->values.len;
}

static void add_to_value(struct iw_html *html, struct iw_str text)
{
    if (html->current < 0 || text.len == 0)
        return;
    struct iw_html_value *value = &html->tag.values[html->current];
    if (value->text.len == 0) {
        value->line = html->line;
        value->column = html->column;
    }
    size_t room = html->max_bytes - value->text.len;
    for (struct iw_str piece = text; text.len && !value->is_long; text = iw_str_skip(text, piece.len)) {
        bool is_nul = text.ptr[0] == '\0';
        piece = is_nul ? iw_str_sub(text, 0, 1) : iw_str_sub(text, 0, iw_str_find(text, '\0'));
        struct iw_str written = is_nul ? IW_STR("\xEF\xBF\xBD") : piece;
        value->is_long = written.len > room;
        if (value->is_long)
            break;
        iw_buf_add_str(&html->values, written);
        value->text.len += written.len;
        room -= written.len;
    }
    if (value->is_long) { /* what there is of it is no URL */
        html->values.len -= IW_MIN(value->text.len, html->values.len);
        value->text.len = 0;
        html->current = -1;
    }
}

/* ---- within a tag ---- */

/* Steps take in, where at least one byte stands; they return how many bytes of it are done with. 0: the state changed
 * and the byte is looked at again. */
static size_t tag_end(struct iw_html *html, enum iw_err *out_err)
{
    *out_err = emit_tag(html);
    return 1;
}

static size_t tag_name(struct iw_html *html, struct iw_str in)
{
    size_t n = 0;
    for (; n < in.len; n++) {
        char c = in.ptr[n];
        if (is_space(c) || c == '/' || c == '>') {
            html->state = IW_HTML_BEFORE_ATTRIBUTE;
            break;
        }
        add_to_name(html->tag.name, &html->name_len, c);
    }
    return n;
}

static size_t before_attribute(struct iw_html *html, struct iw_str in, enum iw_err *out_err)
{
    char c = in.ptr[0];
    if (is_space(c))
        return 1;
    if (c == '>')
        return tag_end(html, out_err);
    if (c == '/') {
        html->state = IW_HTML_IN_SELF_CLOSING;
        return 1;
    }
    html->attribute_len = 0;
    html->state = IW_HTML_IN_ATTRIBUTE_NAME;
    if (c != '=')
        return 0;
    add_to_name(html->attribute, &html->attribute_len, c);
    return 1;
}

static size_t attribute_name(struct iw_html *html, struct iw_str in)
{
    size_t n = 0;
    for (; n < in.len; n++) {
        char c = in.ptr[n];
        if (is_space(c) || c == '/' || c == '>' || c == '=') {
            html->state = IW_HTML_AFTER_ATTRIBUTE_NAME;
            if (n == 0)
                choose_attribute(html);
            break;
        }
        add_to_name(html->attribute, &html->attribute_len, c);
    }
    if (n)
        html->state = IW_HTML_IN_ATTRIBUTE_NAME; /* its end is looked at where it stands */
    return n;
}

static size_t after_attribute_name(struct iw_html *html, struct iw_str in)
{
    char c = in.ptr[0];
    if (is_space(c))
        return 1;
    html->state = c == '=' ? IW_HTML_BEFORE_VALUE : IW_HTML_BEFORE_ATTRIBUTE;
    return c == '=';
}

static size_t before_value(struct iw_html *html, struct iw_str in, enum iw_err *out_err)
{
    char c = in.ptr[0];
    if (is_space(c))
        return 1;
    if (c == '>')
        return tag_end(html, out_err);
    html->quote = c;
    bool is_quoted = c == '"' || c == '\'';
    html->state = is_quoted ? IW_HTML_IN_QUOTED_VALUE : IW_HTML_IN_UNQUOTED_VALUE;
    return is_quoted;
}

static size_t quoted_value(struct iw_html *html, struct iw_str in)
{
    size_t n = iw_str_find(in, html->quote);
    add_to_value(html, iw_str_sub(in, 0, n));
    if (n)
        return n;
    html->state = IW_HTML_AFTER_QUOTED_VALUE;
    return 1;
}

static size_t unquoted_value(struct iw_html *html, struct iw_str in)
{
    size_t n = 0;
    while (n < in.len && !is_space(in.ptr[n]) && in.ptr[n] != '>')
        n++;
    add_to_value(html, iw_str_sub(in, 0, n));
    if (n == 0)
        html->state = IW_HTML_BEFORE_ATTRIBUTE;
    return n;
}

static size_t self_closing(struct iw_html *html, struct iw_str in, enum iw_err *out_err)
{
    html->state = IW_HTML_BEFORE_ATTRIBUTE;
    if (in.ptr[0] != '>')
        return 0;
    html->tag.is_self_closing = true;
    return tag_end(html, out_err);
}

static size_t step_in_tag(struct iw_html *html, struct iw_str in, enum iw_err *out_err)
{
    switch (html->state) {
    case IW_HTML_IN_TAG_NAME:
        return tag_name(html, in);
    case IW_HTML_IN_ATTRIBUTE_NAME:
        return attribute_name(html, in);
    case IW_HTML_AFTER_ATTRIBUTE_NAME:
        return after_attribute_name(html, in);
    case IW_HTML_BEFORE_VALUE:
        return before_value(html, in, out_err);
    case IW_HTML_IN_QUOTED_VALUE:
        return quoted_value(html, in);
    case IW_HTML_IN_UNQUOTED_VALUE:
        return unquoted_value(html, in);
    case IW_HTML_AFTER_QUOTED_VALUE:
        html->state = IW_HTML_BEFORE_ATTRIBUTE;
        return 0;
    case IW_HTML_IN_SELF_CLOSING:
        return self_closing(html, in, out_err);
    default:
        return before_attribute(html, in, out_err);
    }
}

/* ---- text ---- */

static size_t text(struct iw_html *html, struct iw_str in, size_t n, enum iw_err *out_err)
{
    if (html->wants_text && n)
        *out_err = html->events.text(html->events.user, iw_str_sub(in, 0, n), html->line, html->column);
    return n;
}

/* Whether in begins with a mark; MORE while that cannot be said yet. */
static size_t mark_len(struct iw_str in, struct iw_str mark, bool is_end)
{
    if (iw_str_starts_nocase(in, mark))
        return mark.len;
    return !is_end && in.len < mark.len && iw_str_starts_nocase(mark, in) ? MORE : 0;
}

/* The same for a tag of that name: "<script" or "</script" and behind it white space, "/" or ">". */
static size_t tag_len(struct iw_str in, const char *start, const char *name, bool is_end)
{
    size_t len = mark_len(in, iw_str_from(start), is_end), name_len;
    if (len == 0 || len == MORE)
        return len;
    name_len = mark_len(iw_str_skip(in, len), iw_str_from(name), is_end);
    if (name_len == 0 || name_len == MORE)
        return name_len;
    len += name_len;
    if (len == in.len)
        return is_end ? 0 : MORE;
    return is_space(in.ptr[len]) || in.ptr[len] == '/' || in.ptr[len] == '>' ? len : 0;
}

/* "<!" in text. */
static size_t declaration(struct iw_html *html, struct iw_str in, bool is_end)
{
    size_t comment = mark_len(in, IW_STR("<!--"), is_end);
    size_t cdata =
        iw_html_language(html) && !iw_str_starts(in, IW_STR("<!--")) ? mark_len(in, IW_STR("<![CDATA["), is_end) : 0;
    if (comment == MORE || cdata == MORE)
        return MORE;
    html->state = comment ? IW_HTML_IN_COMMENT_START : cdata ? IW_HTML_IN_CDATA : IW_HTML_IN_BOGUS_COMMENT;
    return comment ? comment : cdata ? cdata : 2;
}

static size_t data(struct iw_html *html, struct iw_str in, bool is_end, enum iw_err *out_err)
{
    size_t n = iw_str_find(in, '<');
    if (n)
        return text(html, in, n, out_err);
    if (in.len < 3 && !is_end)
        return MORE;
    char c = in.len > 1 ? in.ptr[1] : ' ', next = in.len > 2 ? in.ptr[2] : ' ';
    if (is_letter(c)) {
        begin_tag(html, false);
        return 1;
    }
    if (c == '/' && is_letter(next)) {
        begin_tag(html, true);
        return 2;
    }
    if (c == '/' && next == '>')
        return 3;
    if (c == '!')
        return declaration(html, in, is_end);
    if (c == '?' || (c == '/' && in.len > 2)) {
        html->state = IW_HTML_IN_BOGUS_COMMENT;
        return 2;
    }
    return text(html, in, 1, out_err);
}

static size_t comment(struct iw_html *html, struct iw_str in, bool is_end)
{
    bool is_start = html->state == IW_HTML_IN_COMMENT_START;
    size_t n = iw_str_find(in, '-');
    if (is_start && in.ptr[0] == '>')
        n = 1;
    else if (is_start && n == 0 && mark_len(in, IW_STR("->"), is_end))
        n = mark_len(in, IW_STR("->"), is_end);
    else
        is_start = false;
    if (n == MORE)
        return MORE;
    html->state = is_start ? IW_HTML_IN_DATA : IW_HTML_IN_COMMENT;
    if (n)
        return n;
    size_t end = mark_len(in, IW_STR("-->"), is_end), bang = mark_len(in, IW_STR("--!>"), is_end);
    if (end == MORE || bang == MORE)
        return MORE;
    if (end || bang)
        html->state = IW_HTML_IN_DATA;
    return end ? end : bang ? bang : 1;
}

static size_t bogus_comment(struct iw_html *html, struct iw_str in)
{
    size_t n = iw_str_find(in, '>');
    if (n == in.len)
        return n;
    html->state = IW_HTML_IN_DATA;
    return n + 1;
}

static size_t cdata(struct iw_html *html, struct iw_str in, bool is_end, enum iw_err *out_err)
{
    size_t n = iw_str_find(in, ']');
    if (n)
        return text(html, in, n, out_err);
    n = mark_len(in, IW_STR("]]>"), is_end);
    if (n == 0)
        return text(html, in, 1, out_err);
    if (n != MORE)
        html->state = IW_HTML_IN_DATA;
    return n;
}

/* The end tag of an element of raw text: begins it, or goes on in the text. */
static size_t raw_text_end(struct iw_html *html, struct iw_str in, bool is_end, enum iw_err *out_err)
{
    size_t n = tag_len(in, "</", html->raw, is_end);
    if (n == MORE)
        return MORE;
    if (n == 0)
        return text(html, in, 1, out_err);
    begin_tag(html, true);
    return 2;
}

static size_t raw_text(struct iw_html *html, struct iw_str in, bool is_end, enum iw_err *out_err)
{
    size_t n = iw_str_find(in, '<');
    return n ? text(html, in, n, out_err) : raw_text_end(html, in, is_end, out_err);
}

/* A script: within "<!--" and "-->", a pair of script tags does not end it. */
static size_t script(struct iw_html *html, struct iw_str in, bool is_end, enum iw_err *out_err)
{
    bool is_plain = html->script == IW_HTML_SCRIPT_PLAIN, is_twice = html->script == IW_HTML_SCRIPT_ESCAPED_TWICE;
    size_t n = iw_str_find(in, '<');
    if (!is_plain)
        n = iw_str_find(iw_str_sub(in, 0, n), '-');
    if (n)
        return text(html, in, n, out_err);
    bool is_dash = in.ptr[0] == '-';
    n = is_dash    ? mark_len(in, IW_STR("-->"), is_end)
        : is_plain ? mark_len(in, IW_STR("<!--"), is_end)
                   : tag_len(in, is_twice ? "</" : "<", "script", is_end);
    if (n == MORE)
        return MORE;
    if (n == 0)
        return is_dash || is_twice ? text(html, in, 1, out_err) : raw_text_end(html, in, is_end, out_err);
    if (is_dash)
        html->script = IW_HTML_SCRIPT_PLAIN;
    else
        html->script = is_plain || is_twice ? IW_HTML_SCRIPT_ESCAPED : IW_HTML_SCRIPT_ESCAPED_TWICE;
    return text(html, in, is_plain ? 2 : n, out_err); /* the dashes of "<!--" may belong to "-->", too */
}

static size_t step(struct iw_html *html, struct iw_str in, bool is_end, enum iw_err *out_err)
{
    switch (html->state) {
    case IW_HTML_IN_DATA:
        return data(html, in, is_end, out_err);
    case IW_HTML_IN_COMMENT_START:
    case IW_HTML_IN_COMMENT:
        return comment(html, in, is_end);
    case IW_HTML_IN_BOGUS_COMMENT:
        return bogus_comment(html, in);
    case IW_HTML_IN_CDATA:
        return cdata(html, in, is_end, out_err);
    case IW_HTML_IN_RAW_TEXT:
        return raw_text(html, in, is_end, out_err);
    case IW_HTML_IN_SCRIPT:
        return script(html, in, is_end, out_err);
    case IW_HTML_IN_PLAIN_TEXT:
        return in.len;
    default:
        return step_in_tag(html, in, out_err);
    }
}

/* ---- bytes ---- */

static void pass(struct iw_html *html, struct iw_str passed)
{
    for (size_t end; (end = iw_str_find(passed, '\n')) < passed.len; passed = iw_str_skip(passed, end + 1)) {
        html->line += html->line != UINT32_MAX;
        html->column = 1;
    }
    html->column += (unsigned)IW_MIN(passed.len, (size_t)(UINT32_MAX - html->column));
}

/* Goes as far as it can be decided; *out_done is how far. */
static enum iw_err run(struct iw_html *html, struct iw_str in, bool is_end, size_t *out_done)
{
    size_t at = 0;
    enum iw_err err = IW_OK;
    while (at < in.len && err == IW_OK) {
        struct iw_str rest = iw_str_skip(in, at);
        size_t n = step(html, rest, is_end, &err);
        if (n == MORE)
            break;
        pass(html, iw_str_sub(rest, 0, n));
        at += n;
    }
    *out_done = at;
    return err;
}

enum iw_err iw_html_feed(struct iw_html *html, const char *bytes, size_t len)
{
    struct iw_buf *held = &html->held;
    struct iw_str in = {bytes, len};
    enum iw_err err = IW_OK;
    size_t done = 0;
    while (held->len && in.len && err == IW_OK) { /* byte by byte until what is held is decided */
        iw_buf_add(held, in.ptr, 1);
        if (held->err != IW_OK)
            return IW_ERR_NOMEM;
        in = iw_str_skip(in, 1);
        err = run(html, iw_buf_str(held), false, &done);
        iw_buf_drop(held, done);
    }
    if (err != IW_OK || in.len == 0)
        return err;
    err = run(html, in, false, &done);
    iw_buf_add_str(held, iw_str_skip(in, done));
    return err != IW_OK ? err : held->err;
}

enum iw_err iw_html_finish(struct iw_html *html)
{
    size_t done;
    return html->held.len ? run(html, iw_buf_str(&html->held), true, &done) : IW_OK;
}

bool iw_html_is_cut(const struct iw_html *html)
{
    bool is_in_tag = html->state >= IW_HTML_BEFORE_ATTRIBUTE && html->state <= IW_HTML_IN_SELF_CLOSING;
    return is_in_tag && (html->tag.attributes || html->current >= 0);
}
