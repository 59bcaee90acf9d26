/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Sitemaps (sitemaps.org 0.9, Google's image and video extensions) by libxml2's push SAX2 parser: no recovery, no
 * network, no entities, no DOCTYPE. Elements are known by their local name, since the namespace is spelt in many ways;
 * an index entry without loc may hold the URL itself. Places are exact for 8-bit documents in UTF-8, however the filter
 * mends them; in converted ones lines are exact and columns those of the converted text. */
#include "base/iw.h"
#include "source/inside.h"
#include "source/xml_filter.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

enum { FILTERED_BYTES = 1 << 20, SLICE_BYTES = 64 << 10, DEPTH = 64, DEEPEST = 256 };

enum element { E_OTHER, E_URL, E_SITEMAP };

struct place {
    unsigned line, column;
};

/* An element whose text is a URL, from its start tag to its end tag. */
struct loc {
    bool is_open;
    bool is_direct; /* a "sitemap" that may hold its URL without loc: only its own text counts */
    unsigned depth;
    struct iw_lead lead;
    struct place tag;   /* behind the start tag */
    struct place place; /* of the first character that is not blank */
    bool has_text;
    struct iw_buf text;
};

struct sitemap {
    const struct iw_source_events *events;
    struct iw_xml_filter filter;
    struct iw_buf filtered;
    xmlParserCtxtPtr parser;
    enum element stack[DEPTH];
    unsigned depth;
    struct loc loc;
    enum iw_err err; /* what ended the parse: a callback's, or our own */
    bool is_malformed;
    bool is_bad_end_tag; /* it broke off in, or over, an end tag */
    struct place error;
    char why[200];
};

/* ---- the end by us ---- */

static bool is_converted(const struct sitemap *s)
{
    return s->filter.state == IW_XML_RAW || s->filter.is_other_coding;
}

static uint64_t parsed_bytes(const struct sitemap *s)
{
    long consumed = xmlByteConsumed(s->parser);
    return consumed < 0 ? 0 : (uint64_t)consumed;
}

/* The place of an offset in the filtered bytes; offsets may only grow, as the parser goes on. Not in converted
 * documents. */
static struct place place_of(struct sitemap *s, uint64_t offset)
{
    struct place place;
    iw_xml_filter_place(&s->filter, offset, &place.line, &place.column);
    return place;
}

/* Where the parser stands, ahead characters further on. */
static struct place place_now(struct sitemap *s, unsigned ahead)
{
    const xmlParserInput *input = s->parser->input;
    if (!is_converted(s))
        return place_of(s, parsed_bytes(s) + ahead);
    if (!input)
        return (struct place){0};
    return (struct place){
        .line = (unsigned)IW_MAX(input->line, 1) + s->filter.lines_skipped,
        .column = (unsigned)IW_MAX(input->col, 1) + ahead,
    };
}

static void stop(struct sitemap *s, enum iw_err err, const char *why, struct iw_str name)
{
    s->err = err;
    s->error = place_now(s, 0);
    struct iw_diag diag = {0};
    (void)iw_fail(&diag, err, 0, 0, "%s%.*s%s", why, IW_STR_ARGS(iw_str_sub(name, 0, 60)), name.len ? ">" : "");
    memcpy(s->why, diag.text, sizeof s->why - 1);
    xmlStopParser(s->parser);
}

/* ---- one URL ---- */

static void open_loc(struct sitemap *s, enum iw_lead_role role, const char *element)
{
    struct loc *loc = &s->loc;
    loc->is_open = true;
    loc->is_direct = strcmp(element, "sitemap") == 0;
    loc->depth = s->depth;
    loc->lead = (struct iw_lead){.role = role, .element = element};
    loc->has_text = false;
    iw_buf_clear(&loc->text);
    loc->tag = place_now(s, 1); /* the parser stands before the ">" */
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
static uint64_t offset_of(const struct sitemap *s, const xmlChar *bytes, size_t len)
{
    enum { LONGEST_CHARACTER = 4, LONG_COPY = 300 };
    const xmlParserInput *input = s->parser->input;
    uintptr_t at = (uintptr_t)bytes, base = (uintptr_t)input->base, end = (uintptr_t)input->end;
    size_t passed = (size_t)(input->cur - input->base), left = (size_t)(input->end - input->cur);
    uint64_t now = parsed_bytes(s);
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

/* The first text of a loc that is not blank: before counts the blanks in front. */
static void note_text(struct sitemap *s, const xmlChar *bytes, size_t len, size_t before)
{
    struct loc *loc = &s->loc;
    loc->has_text = true;
    if (!is_converted(s)) {
        loc->place = place_of(s, offset_of(s, bytes, len) + before);
        return;
    }
    struct place place = place_now(s, 0); /* behind the text */
    for (size_t i = before; i < len; i++)
        place.line -= bytes[i] == '\n' && place.line > 1;
    size_t indent = 0;
    while (indent < before && bytes[before - indent - 1] != '\n')
        indent++;
    place.column = (unsigned)indent + (place.line == loc->tag.line ? loc->tag.column : 1);
    loc->place = place;
}

static void on_text(void *user, const xmlChar *bytes, int count)
{
    struct sitemap *s = user;
    struct loc *loc = &s->loc;
    if (!loc->is_open || count <= 0 || (loc->is_direct && s->depth != loc->depth))
        return;
    struct iw_str text = {(const char *)bytes, (size_t)count};
    size_t before = 0;
    if (!loc->has_text) {
        struct iw_str rest = iw_source_trim(text);
        if (rest.len == 0 && is_converted(s))
            loc->tag = place_now(s, 0);
        if (rest.len == 0)
            return;
        before = (size_t)(rest.ptr - text.ptr);
        note_text(s, bytes, text.len, before);
    }
    iw_buf_add_str(&loc->text, iw_str_skip(text, before));
}

/* Escaped twice is common: "&amp;" that is left in a URL is unescaped once more. */
static struct iw_str unescape(struct iw_buf *text, struct iw_str url)
{
    size_t from = url.len ? (size_t)(url.ptr - text->ptr) : 0, n = from;
    for (size_t i = from; i < from + url.len; i++) {
        char c = text->ptr[i];
        if (c == '&' && iw_str_starts((struct iw_str){text->ptr + i, from + url.len - i}, IW_STR("&amp;")))
            i += 4;
        text->ptr[n++] = c;
    }
    return (struct iw_str){text->ptr + from, n - from};
}

static void close_loc(struct sitemap *s)
{
    struct loc *loc = &s->loc;
    const struct iw_source_events *events = s->events;
    loc->is_open = false;
    struct place place = loc->has_text ? loc->place : loc->tag;
    struct iw_str url = iw_source_trim(iw_buf_str(&loc->text));
    if (loc->text.err == IW_ERR_NOMEM) {
        stop(s, IW_ERR_NOMEM, "out of memory", IW_STR_NONE);
    } else if (loc->text.err != IW_OK) {
        events->complaint(events->user, place.line, place.column, "the URL is too long and was passed over");
    } else if (url.len == 0) {
        events->complaint(events->user, place.line, place.column, "the element holds no URL");
    } else {
        loc->lead.line = place.line;
        loc->lead.column = place.column;
        loc->lead.url = unescape(&loc->text, url);
        enum iw_err err = events->lead(events->user, &loc->lead);
        if (err != IW_OK)
            stop(s, err, iw_err_text(err), IW_STR_NONE);
    }
}

/* ---- elements ---- */

/* An extension is known by its namespace, or by its usual prefix where that is not declared or declared wrongly. */
static bool is_extension(const xmlChar *prefix, const xmlChar *uri, const char *name, const char *uri_part)
{
    return (uri && strstr((const char *)uri, uri_part)) || (prefix && strcmp((const char *)prefix, name) == 0);
}

static bool is_image(const xmlChar *prefix, const xmlChar *uri)
{
    return is_extension(prefix, uri, "image", "/sitemap-image/");
}

static bool is_plain(const xmlChar *prefix, const xmlChar *uri)
{
    return !is_image(prefix, uri) && !is_extension(prefix, uri, "video", "/sitemap-video/") &&
           !is_extension(prefix, uri, "news", "/sitemap-news/") &&
           !(uri && strstr((const char *)uri, "/sitemap-pagemap/"));
}

static void check_root(struct sitemap *s, const char *name)
{
    if (strcmp(name, "urlset") == 0 || strcmp(name, "sitemapindex") == 0)
        return;
    bool is_feed = strcmp(name, "rss") == 0 || strcmp(name, "feed") == 0 || strcmp(name, "RDF") == 0;
    stop(s, IW_ERR_SYNTAX,
         is_feed ? "this is a feed (RSS/Atom), not a sitemap: its first element is <"
                 : "this is no sitemap: expected <urlset> or <sitemapindex>, found <",
         iw_str_from(name));
}

/* Opens what may hold a URL; parent is the element around it. */
static void start_element(struct sitemap *s, const char *name, const xmlChar *prefix, const xmlChar *uri,
                          enum element parent, enum element element)
{
    if (s->loc.is_open && !s->loc.is_direct)
        return; /* markup within a loc: its text counts */
    bool is_loc = strcmp(name, "loc") == 0;
    if (is_loc && is_image(prefix, uri))
        open_loc(s, IW_LEAD_IMAGE, "image:loc");
    else if (strcmp(name, "thumbnail_loc") == 0 && is_extension(prefix, uri, "video", "/sitemap-video/"))
        open_loc(s, IW_LEAD_IMAGE, "video:thumbnail_loc");
    else if (is_loc && is_plain(prefix, uri) && parent == E_SITEMAP)
        open_loc(s, IW_LEAD_DOCUMENT, "loc");
    else if (is_loc && is_plain(prefix, uri) && parent == E_URL)
        open_loc(s, IW_LEAD_PAGE, "loc");
    else if (element == E_SITEMAP)
        open_loc(s, IW_LEAD_DOCUMENT, "sitemap");
}

static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces,
                     const xmlChar **namespace_list, int attributes, int defaulted, const xmlChar **attribute_list)
{
    (void)namespaces;
    (void)namespace_list;
    (void)attributes;
    (void)defaulted;
    (void)attribute_list;
    struct sitemap *s = user;
    const char *local = (const char *)name;
    if (s->depth == 0)
        check_root(s, local);
    if (s->err != IW_OK)
        return;
    enum element parent = s->depth && s->depth <= DEPTH ? s->stack[s->depth - 1] : E_OTHER;
    enum element element = E_OTHER;
    if (s->depth && is_plain(prefix, uri))
        element = strcmp(local, "url") == 0 ? E_URL : strcmp(local, "sitemap") == 0 ? E_SITEMAP : E_OTHER;
    if (s->depth < DEPTH)
        s->stack[s->depth] = element;
    s->depth++;
    if (s->depth > DEEPEST) { /* libxml2 counts only when it builds a tree */
        stop(s, IW_ERR_SYNTAX, "elements are nested too deeply", IW_STR_NONE);
        return;
    }
    start_element(s, local, prefix, uri, parent, element);
}

static void on_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    (void)name;
    (void)prefix;
    (void)uri;
    struct sitemap *s = user;
    if (s->loc.is_open && s->depth == s->loc.depth)
        close_loc(s);
    s->depth -= s->depth > 0;
}

static void on_doctype(void *user, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    (void)name;
    (void)external;
    (void)system;
    stop(user, IW_ERR_SYNTAX, "a DOCTYPE is refused", IW_STR_NONE);
}

/* The first fatal error is the one that explains; undeclared prefixes and the like are not fatal. */
static void on_error(void *user, xmlErrorPtr error)
{
    struct sitemap *s = user;
    if (s->err != IW_OK || s->is_malformed)
        return;
    if (error->code == XML_ERR_NO_MEMORY)
        s->err = IW_ERR_NOMEM;
    if (error->level != XML_ERR_FATAL || s->err != IW_OK)
        return;
    s->is_malformed = true;
    s->is_bad_end_tag = s->parser->instate == XML_PARSER_END_TAG;
    s->error = place_now(s, 0);
    struct iw_str message = iw_str_sub(iw_str_trim(iw_str_from(error->message)), 0, sizeof s->why - 1);
    if (error->code == XML_ERR_DOCUMENT_END && s->depth)
        message.len = 0; /* of a document that is cut it says that there is too much of it */
    if (message.len)
        memcpy(s->why, message.ptr, message.len);
}

/* ---- the kind ---- */

static enum iw_err begin(void *state, const struct iw_source_events *events)
{
    struct sitemap *s = state;
    s->events = events;
    iw_xml_filter_init(&s->filter);
    iw_buf_init(&s->filtered, FILTERED_BYTES);
    iw_buf_init(&s->loc.text, IW_SOURCE_LINE_BYTES);
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
    s->parser = xmlCreatePushParserCtxt(&sax, s, NULL, 0, NULL);
    if (!s->parser)
        return IW_ERR_NOMEM;
    xmlCtxtUseOptions(s->parser, XML_PARSE_NONET);
    return IW_OK;
}

static void set(void *state, const struct iw_reader_limits *limits)
{
    struct sitemap *s = state;
    if (limits->max_line_bytes)
        s->loc.text.ceiling_bytes = limits->max_line_bytes;
}

/* disableSAX: it gave up, also where it could not convert the document and says nothing. */
static bool is_over(const struct sitemap *s)
{
    return s->err != IW_OK || s->is_malformed || !s->parser->wellFormed || s->parser->disableSAX;
}

static enum iw_err explain(const struct sitemap *s, bool is_end, struct iw_diag *diag)
{
    const struct place place = s->error;
    if (s->err != IW_OK)
        return iw_fail(diag, s->err, place.line, place.column, "%s", s->why);
    return iw_fail(diag, IW_ERR_SYNTAX, place.line, place.column, "%s%s%s",
                   is_end && s->depth ? "the document ends early" : "the XML is not well-formed", s->why[0] ? ": " : "",
                   s->why);
}

static void be_silent(void *user, const char *format, ...)
{
    (void)user;
    (void)format;
}

/* libxml2 prints when it cannot convert a document, whatever handlers it was given. */
static void parse(struct sitemap *s, struct iw_str text, bool is_end)
{
    xmlGenericErrorFunc function = xmlGenericError;
    void *context = xmlGenericErrorContext;
    xmlSetGenericErrorFunc(NULL, be_silent);
    if (text.len)
        (void)xmlParseChunk(s->parser, text.ptr, (int)text.len, 0);
    if (is_end && !is_over(s))
        (void)xmlParseChunk(s->parser, "", 0, 1);
    xmlSetGenericErrorFunc(context, function);
}

static enum iw_err feed_slice(struct sitemap *s, const char *bytes, size_t len, bool is_end, struct iw_diag *diag)
{
    if (is_over(s))
        return explain(s, is_end, diag);
    iw_buf_clear(&s->filtered);
    enum iw_err err = iw_xml_filter_feed(&s->filter, bytes, len, is_end, &s->filtered);
    if (err == IW_ERR_LIMIT)
        return iw_fail(diag, err, 0, 0, "the XML holds an element of too many lines or errors");
    if (err != IW_OK)
        return err;
    parse(s, iw_buf_str(&s->filtered), is_end);
    if (s->err == IW_OK && s->is_bad_end_tag && s->loc.is_open && s->loc.has_text)
        close_loc(s); /* an end tag has begun, so the URL is whole */
    if (is_over(s))
        return explain(s, is_end, diag);
    if (!is_converted(s))
        (void)place_of(s, parsed_bytes(s)); /* lets go of what the parser has passed */
    return IW_OK;
}

static enum iw_err feed(void *state, const char *bytes, size_t len, struct iw_diag *diag)
{
    while (len) {
        size_t n = IW_MIN(len, (size_t)SLICE_BYTES);
        enum iw_err err = feed_slice(state, bytes, n, false, diag);
        if (err != IW_OK)
            return err;
        bytes += n;
        len -= n;
    }
    return IW_OK;
}

static enum iw_err finish(void *state, struct iw_diag *diag)
{
    return feed_slice(state, "", 0, true, diag);
}

static void release(void *state)
{
    struct sitemap *s = state;
    if (s->parser)
        xmlFreeParserCtxt(s->parser);
    iw_xml_filter_release(&s->filter);
    iw_buf_release(&s->filtered);
    iw_buf_release(&s->loc.text);
}

/* Other XML and feeds are taken too, for an error that says what they are. */
static int sniff(struct iw_str head, struct iw_str name_hint)
{
    static const int scores[] = {
        [IW_MARKUP_SITEMAP] = 100, [IW_MARKUP_FEED] = 60, [IW_MARKUP_XML] = 60,
        [IW_MARKUP_OPEN] = 50,     [IW_MARKUP_OTHER] = 0,
    };
    (void)name_hint;
    char space[IW_SOURCE_TEXT_BYTES];
    struct iw_str root;
    return scores[iw_source_markup(iw_source_text(head, space), &root)];
}

const struct iw_source iw_source_sitemap = {
    .name = "sitemap",
    .help = "urlset or index, with image:image",
    .serves = IW_LEAD_DOCUMENT,
    .sniff = sniff,
    .state_size = sizeof(struct sitemap),
    .begin = begin,
    .set = set,
    .feed = feed,
    .finish = finish,
    .release = release,
};
