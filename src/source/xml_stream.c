/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* libxml2's push SAX2 parser behind the filter. Places are exact for 8-bit documents in UTF-8, however the filter mends
 * them; in converted ones lines are exact and columns those of the converted text. */
#include "base/iw.h"
#include "source/inside.h"
#include "source/xml_stream.h"

#include <libxml/parserInternals.h>

enum { FILTERED_BYTES = 1 << 20, SLICE_BYTES = 64 << 10 };

/* ---- places ---- */

static bool is_converted(const struct iw_xml *xml)
{
    return xml->filter.state == IW_XML_RAW || xml->filter.is_other_coding;
}

static uint64_t parsed_bytes(const struct iw_xml *xml)
{
    long consumed = xmlByteConsumed(xml->parser);
    return consumed < 0 ? 0 : (uint64_t)consumed;
}

/* The place of an offset in the filtered bytes; offsets may only grow, as the parser goes on. Not in converted
 * documents. */
static struct iw_xml_place place_of(struct iw_xml *xml, uint64_t offset)
{
    struct iw_xml_place place;
    iw_xml_filter_place(&xml->filter, offset, &place.line, &place.column);
    return place;
}

/* Where the parser stands, ahead characters further on. */
static struct iw_xml_place place_now(struct iw_xml *xml, unsigned ahead)
{
    const xmlParserInput *input = xml->parser->input;
    if (!is_converted(xml))
        return place_of(xml, parsed_bytes(xml) + ahead);
    if (!input)
        return (struct iw_xml_place){0};
    return (struct iw_xml_place){
        .line = (unsigned)IW_MAX(input->line, 1) + xml->filter.lines_skipped,
        .column = (unsigned)IW_MAX(input->col, 1) + ahead,
    };
}

/* ---- the end by us ---- */

void iw_xml_stop(struct iw_xml *xml, enum iw_err err, const char *why, struct iw_str name)
{
    xml->err = err;
    xml->error = place_now(xml, 0);
    struct iw_diag diag = {0};
    (void)iw_fail(&diag, err, 0, 0, "%s%.*s%s", why, IW_STR_ARGS(iw_str_sub(name, 0, 60)), name.len ? ">" : "");
    memcpy(xml->why, diag.text, sizeof xml->why - 1);
    xmlStopParser(xml->parser);
}

/* ---- text that is a URL ---- */

bool iw_xml_is_in_text(const struct iw_xml *xml)
{
    return xml->text.is_open && !(xml->text.flags & IW_XML_DIRECT);
}

void iw_xml_open_text(struct iw_xml *xml, enum iw_lead_role role, const char *name, unsigned flags)
{
    struct iw_xml_text *open = &xml->text;
    if (open->is_open && (open->flags & IW_XML_MARKUP))
        xml->handler->close(xml->user);
    size_t len = IW_MIN(strlen(name), sizeof open->element - 1);
    memcpy(open->element, name, len);
    open->element[len] = '\0';
    open->is_open = true;
    open->flags = flags;
    open->depth = xml->depth;
    open->lead = (struct iw_lead){.role = role, .element = open->element};
    open->has_text = false;
    iw_buf_clear(&open->buf);
    if (!(flags & IW_XML_MARKUP) || is_converted(xml))
        open->tag = place_now(xml, 1); /* the parser stands before the ">" */
}

/* How long a reference is that ends before cur: what it stands for has just been handed over. 0: there is none. */
static size_t reference_before(const xmlParserInput *input)
{
    size_t passed = (size_t)(input->cur - input->base), n = 1;
    if (passed == 0 || input->cur[-1] != ';')
        return 0;
    while (n < passed) {
        xmlChar c = input->cur[-(ptrdiff_t)++n];
        if (c == '&')
            return n;
        if (c != '#' && !(c >= '0' && c <= '9') && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
            return 0;
    }
    return 0;
}

/* Offset of text that the parser hands over. It points into the parser's input, or stands for a reference that was just
 * passed, or is a copy of what was just passed; of a long one the last character is only about to be. */
static uint64_t offset_of(const struct iw_xml *xml, const xmlChar *bytes, size_t len)
{
    enum { LONGEST_CHARACTER = 4, LONG_COPY = 300 };
    const xmlParserInput *input = xml->parser->input;
    uintptr_t at = (uintptr_t)bytes, base = (uintptr_t)input->base, end = (uintptr_t)input->end;
    size_t passed = (size_t)(input->cur - input->base), left = (size_t)(input->end - input->cur);
    uint64_t now = parsed_bytes(xml);
    if (at >= base && at < end)
        return now - passed + (at - base);
    size_t reference = len <= LONGEST_CHARACTER ? reference_before(input) : 0;
    if (reference)
        return now - reference;
    size_t most = len >= LONG_COPY ? IW_MIN(left, (size_t)LONGEST_CHARACTER) : 0;
    for (size_t ahead = 0; ahead <= most; ahead++)
        if (len <= passed + ahead && memcmp(input->cur + ahead - len, bytes, len) == 0)
            return now + ahead - len;
    return now - IW_MIN(len, passed);
}

/* The first text that counts begins behind before bytes. */
static void note_text(struct iw_xml *xml, const xmlChar *bytes, size_t len, size_t before)
{
    struct iw_xml_text *open = &xml->text;
    open->has_text = true;
    if (!is_converted(xml)) {
        open->place = place_of(xml, offset_of(xml, bytes, len) + before);
        return;
    }
    struct iw_xml_place place = place_now(xml, 0); /* behind the text */
    for (size_t i = before; i < len; i++)
        place.line -= bytes[i] == '\n' && place.line > 1;
    size_t indent = 0;
    while (indent < before && bytes[before - indent - 1] != '\n')
        indent++;
    place.column = (unsigned)indent + (place.line == open->tag.line ? open->tag.column : 1);
    open->place = place;
}

/* Index of the first character that is not blank, or text.len. */
static size_t text_start(struct iw_str text)
{
    struct iw_str rest = iw_source_trim(text);
    return rest.len ? (size_t)(rest.ptr - text.ptr) : text.len;
}

static void on_text(void *user, const xmlChar *bytes, int count)
{
    struct iw_xml *xml = user;
    struct iw_xml_text *open = &xml->text;
    if (!open->is_open || count <= 0 || ((open->flags & IW_XML_DIRECT) && xml->depth != open->depth))
        return;
    struct iw_str text = {(const char *)bytes, (size_t)count};
    size_t before = 0;
    if (!open->has_text) {
        before = open->flags & IW_XML_MARKUP ? iw_str_find(text, '<') : text_start(text);
        if (before == text.len && is_converted(xml))
            open->tag = place_now(xml, 0);
        if (before == text.len)
            return;
        note_text(xml, bytes, text.len, before);
    }
    text = iw_str_skip(text, before);
    if (open->flags & IW_XML_MARKUP)
        xml->handler->text(xml->user, text, open->place);
    else
        iw_buf_add_str(&open->buf, text);
}

/* An ampersand is put in place of each escape. */
static struct iw_str unescape(struct iw_buf *text, struct iw_str url, struct iw_str escape)
{
    if (iw_str_find(url, '&') == url.len)
        return url;
    size_t from = (size_t)(url.ptr - text->ptr), n = from;
    for (size_t i = from; i < from + url.len; i++) {
        char c = text->ptr[i];
        if (c == '&' && iw_str_starts((struct iw_str){text->ptr + i, from + url.len - i}, escape))
            i += escape.len - 1;
        text->ptr[n++] = c;
    }
    return (struct iw_str){text->ptr + from, n - from};
}

static void close_text(struct iw_xml *xml)
{
    struct iw_xml_text *open = &xml->text;
    const struct iw_source_events *events = xml->events;
    open->is_open = false;
    if (open->flags & IW_XML_MARKUP) {
        xml->handler->close(xml->user);
        return;
    }
    struct iw_xml_place place = open->has_text ? open->place : open->tag;
    struct iw_str url = iw_source_trim(iw_buf_str(&open->buf));
    if (open->buf.err == IW_ERR_NOMEM) {
        iw_xml_stop(xml, IW_ERR_NOMEM, "out of memory", IW_STR_NONE);
    } else if (open->buf.err != IW_OK) {
        events->complaint(events->user, place.line, place.column, "the URL is too long and was passed over");
    } else if (url.len == 0) {
        if (!(open->flags & IW_XML_QUIET))
            events->complaint(events->user, place.line, place.column, "the element holds no URL");
    } else {
        open->lead.line = place.line;
        open->lead.column = place.column;
        open->lead.url = unescape(&open->buf, url, IW_STR("&amp;")); /* escaped twice is common */
        enum iw_err err = events->lead(events->user, &open->lead);
        if (err != IW_OK)
            iw_xml_stop(xml, err, iw_err_text(err), IW_STR_NONE);
    }
}

/* ---- attributes ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The attribute at index i of those that libxml2 hands over. */
static const xmlChar **attribute_at(const struct iw_xml_element *element, size_t i)
{
    return element->attributes + 5 * i; /* local name, prefix, URI, value, its end */
}

static const xmlChar **find_attribute(const struct iw_xml_element *element, struct iw_str local)
{
    for (size_t i = 0; i < element->attribute_count; i++)
        if (iw_str_eq(iw_str_from((const char *)attribute_at(element, i)[0]), local))
            return attribute_at(element, i);
    return NULL;
}

static struct iw_str value_of(const xmlChar **attribute)
{
    return (struct iw_str){(const char *)attribute[3], (size_t)(attribute[4] - attribute[3])};
}

struct iw_str iw_xml_attribute(const struct iw_xml_element *element, struct iw_str local)
{
    const xmlChar **attribute = find_attribute(element, local);
    return attribute ? value_of(attribute) : IW_STR_NONE;
}

/* Where the value of a named attribute begins in a start tag, of which text is all but its end; no value holds a "<".
 * Index behind the blanks at its start, or text.len. */
static size_t value_in_tag(struct iw_str text, struct iw_str prefix, struct iw_str local)
{
    for (size_t at = 0, name; at < text.len;) {
        while (at < text.len && !is_space(text.ptr[at])) /* the tag's name, or what is behind a value */
            at++;
        while (at < text.len && is_space(text.ptr[at]))
            at++;
        for (name = at; at < text.len && !is_space(text.ptr[at]) && text.ptr[at] != '=';)
            at++;
        struct iw_str found = iw_str_sub(text, name, at - name);
        while (at < text.len && text.ptr[at] != '"' && text.ptr[at] != '\'')
            at++;
        size_t value = at + 1;
        bool is_it =
            iw_str_eq(iw_str_skip(found, prefix.len ? prefix.len + 1 : 0), local) && iw_str_starts(found, prefix);
        at = at < text.len ? value + iw_str_find(iw_str_skip(text, value), text.ptr[at]) + 1 : at;
        while (is_it && value < text.len && is_space(text.ptr[value]))
            value++;
        if (is_it)
            return value;
    }
    return text.len;
}

static struct iw_xml_place place_of_value(struct iw_xml *xml, const xmlChar **attribute)
{
    const xmlParserInput *input = xml->parser->input;
    struct iw_str passed = {(const char *)input->base, (size_t)(input->cur - input->base)};
    size_t start = passed.len;
    while (start && passed.ptr[start - 1] != '<')
        start--;
    struct iw_str tag = iw_str_skip(passed, start);
    size_t at = value_in_tag(tag, iw_str_from((const char *)attribute[1]), iw_str_from((const char *)attribute[0]));
    if (!is_converted(xml))
        return place_of(xml, parsed_bytes(xml) - (tag.len - at));
    struct iw_xml_place place = place_now(xml, 0);
    size_t line = start + at; /* where the line begins, as far as it is there */
    while (line && passed.ptr[line - 1] != '\n')
        line--;
    for (size_t i = start + at; i < passed.len; i++)
        place.line -= passed.ptr[i] == '\n' && place.line > 1;
    place.column = (unsigned)(start + at - line) + 1;
    return place;
}

void iw_xml_tell(struct iw_xml *xml, const struct iw_xml_element *element, const char *attribute, const char *name)
{
    const xmlChar **found = find_attribute(element, iw_str_from(attribute));
    struct iw_str value = found ? iw_source_trim(value_of(found)) : IW_STR_NONE;
    if (value.len == 0)
        return;
    const struct iw_source_events *events = xml->events;
    struct iw_xml_place place = place_of_value(xml, found);
    struct iw_buf *buf = &xml->value;
    iw_buf_clear(buf);
    iw_buf_add_str(buf, value);
    if (buf->err == IW_ERR_LIMIT) {
        events->complaint(events->user, place.line, place.column, "the URL is too long and was passed over");
        return;
    }
    enum iw_err err = buf->err;
    if (err == IW_OK) { /* in attributes libxml2 leaves this one to a tree that we do not build */
        value = unescape(buf, iw_buf_str(buf), IW_STR("&#38;"));
        value = unescape(buf, value, IW_STR("&amp;"));
    }
    struct iw_lead lead = {
        .url = value,
        .role = IW_LEAD_IMAGE,
        .line = place.line,
        .column = place.column,
        .element = name,
    };
    if (err == IW_OK)
        err = events->lead(events->user, &lead);
    if (err != IW_OK)
        iw_xml_stop(xml, err, iw_err_text(err), IW_STR_NONE);
}
/* ---- elements ---- */

static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces,
                     const xmlChar **namespace_list, int attributes, int defaulted, const xmlChar **attribute_list)
{
    (void)namespaces;
    (void)namespace_list;
    (void)defaulted;
    struct iw_xml *xml = user;
    if (xml->err != IW_OK)
        return;
    xml->depth++;
    if (xml->depth > IW_XML_DEEPEST) { /* libxml2 counts only when it builds a tree */
        iw_xml_stop(xml, IW_ERR_SYNTAX, "elements are nested too deeply", IW_STR_NONE);
        return;
    }
    struct iw_xml_element element = {
        .local = (const char *)name,
        .prefix = (const char *)prefix,
        .uri = (const char *)uri,
        .attributes = attribute_list,
        .attribute_count = (size_t)attributes,
    };
    xml->handler->start(xml->user, &element);
}

static void on_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    (void)name;
    (void)prefix;
    (void)uri;
    struct iw_xml *xml = user;
    if (xml->text.is_open && xml->depth == xml->text.depth)
        close_text(xml);
    if (xml->handler->end)
        xml->handler->end(xml->user);
    xml->depth -= xml->depth > 0;
}
static void on_doctype(void *user, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    (void)name;
    (void)external;
    (void)system;
    iw_xml_stop(user, IW_ERR_SYNTAX, "a DOCTYPE is refused", IW_STR_NONE);
}

/* The first fatal error is the one that explains; undeclared prefixes and the like are not fatal. */
static void on_error(void *user, xmlErrorPtr error)
{
    struct iw_xml *xml = user;
    if (xml->err != IW_OK || xml->is_malformed)
        return;
    if (error->code == XML_ERR_NO_MEMORY)
        xml->err = IW_ERR_NOMEM;
    if (error->level != XML_ERR_FATAL || xml->err != IW_OK)
        return;
    xml->is_malformed = true;
    xml->is_bad_end_tag = xml->parser->instate == XML_PARSER_END_TAG;
    xml->error = place_now(xml, 0);
    struct iw_str message = iw_str_sub(iw_str_trim(iw_str_from(error->message)), 0, sizeof xml->why - 1);
    if (error->code == XML_ERR_DOCUMENT_END && xml->depth)
        message.len = 0; /* of a document that is cut it says that there is too much of it */
    if (message.len)
        memcpy(xml->why, message.ptr, message.len);
}

/* ---- the stream ---- */

enum iw_err iw_xml_init(struct iw_xml *xml, const struct iw_source_events *events, const struct iw_xml_handler *handler,
                        void *user)
{
    *xml = (struct iw_xml){.events = events, .handler = handler, .user = user};
    iw_xml_filter_init(&xml->filter);
    iw_buf_init(&xml->filtered, FILTERED_BYTES);
    iw_buf_init(&xml->text.buf, IW_SOURCE_LINE_BYTES);
    iw_buf_init(&xml->value, IW_SOURCE_LINE_BYTES);
    xmlSAXHandler sax = {
        .initialized = XML_SAX2_MAGIC,
        .startElementNs = on_start,
        .endElementNs = on_end,
        .characters = on_text,
        .ignorableWhitespace = on_text,
        .cdataBlock = on_text,
        .internalSubset = on_doctype,
        .serror = on_error,
    };
    xml->parser = xmlCreatePushParserCtxt(&sax, xml, NULL, 0, NULL);
    if (!xml->parser)
        return IW_ERR_NOMEM;
    xmlCtxtUseOptions(xml->parser, XML_PARSE_NONET);
    return IW_OK;
}

void iw_xml_limit(struct iw_xml *xml, unsigned max_bytes)
{
    xml->text.buf.ceiling_bytes = xml->value.ceiling_bytes = max_bytes;
}

void iw_xml_release(struct iw_xml *xml)
{
    if (xml->parser)
        xmlFreeParserCtxt(xml->parser);
    iw_xml_filter_release(&xml->filter);
    iw_buf_release(&xml->filtered);
    iw_buf_release(&xml->text.buf);
    iw_buf_release(&xml->value);
}
/* disableSAX: it gave up, also where it could not convert the document and says nothing. */
static bool is_over(const struct iw_xml *xml)
{
    return xml->err != IW_OK || xml->is_malformed || !xml->parser->wellFormed || xml->parser->disableSAX;
}

static enum iw_err explain(const struct iw_xml *xml, bool is_end, struct iw_diag *diag)
{
    const struct iw_xml_place place = xml->error;
    if (xml->err != IW_OK)
        return iw_fail(diag, xml->err, place.line, place.column, "%s", xml->why);
    return iw_fail(diag, IW_ERR_SYNTAX, place.line, place.column, "%s%s%s",
                   is_end && xml->depth ? "the document ends early" : "the XML is not well-formed",
                   xml->why[0] ? ": " : "", xml->why);
}

static void be_silent(void *user, const char *format, ...)
{
    (void)user;
    (void)format;
}

/* libxml2 prints when it cannot convert a document, whatever handlers it was given. */
static void parse(struct iw_xml *xml, struct iw_str text, bool is_end)
{
    xmlGenericErrorFunc function = xmlGenericError;
    void *context = xmlGenericErrorContext;
    xmlSetGenericErrorFunc(NULL, be_silent);
    if (text.len)
        (void)xmlParseChunk(xml->parser, text.ptr, (int)text.len, 0);
    if (is_end && !is_over(xml))
        (void)xmlParseChunk(xml->parser, "", 0, 1);
    xmlSetGenericErrorFunc(context, function);
}

static enum iw_err feed_slice(struct iw_xml *xml, const char *bytes, size_t len, bool is_end, struct iw_diag *diag)
{
    if (is_over(xml))
        return explain(xml, is_end, diag);
    iw_buf_clear(&xml->filtered);
    enum iw_err err = iw_xml_filter_feed(&xml->filter, bytes, len, is_end, &xml->filtered);
    if (err == IW_ERR_LIMIT)
        return iw_fail(diag, err, 0, 0, "the XML holds an element of too many lines or errors");
    if (err != IW_OK)
        return err;
    parse(xml, iw_buf_str(&xml->filtered), is_end);
    if (xml->err == IW_OK && xml->is_bad_end_tag && xml->text.is_open && xml->text.has_text)
        close_text(xml); /* an end tag has begun, so the URL is whole */
    if (is_over(xml))
        return explain(xml, is_end, diag);
    if (!is_converted(xml))
        (void)place_of(xml, parsed_bytes(xml)); /* lets go of what the parser has passed */
    return IW_OK;
}

enum iw_err iw_xml_feed(struct iw_xml *xml, const char *bytes, size_t len, struct iw_diag *diag)
{
    while (len) {
        size_t n = IW_MIN(len, (size_t)SLICE_BYTES);
        enum iw_err err = feed_slice(xml, bytes, n, false, diag);
        if (err != IW_OK)
            return err;
        bytes += n;
        len -= n;
    }
    return IW_OK;
}

enum iw_err iw_xml_finish(struct iw_xml *xml, struct iw_diag *diag)
{
    return feed_slice(xml, "", 0, true, diag);
}
