/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What the kinds that are XML share: bytes are mended and parsed as they come, and URLs in texts and attributes become
 * leads with their places. No tree, no recovery, no network, no entities, no DOCTYPE. */
#ifndef IW_SOURCE_XML_STREAM_H
#define IW_SOURCE_XML_STREAM_H

#include "source/source.h"
#include "source/xml_filter.h"

#include <libxml/parser.h>

/* Elements nested deeper are an error. */
enum { IW_XML_DEEPEST = 256 };

struct iw_xml_place {
    unsigned line, column;
};

/* A start tag. Names live as long as the stream, the rest dies with the call. */
struct iw_xml_element {
    const char *local, *prefix, *uri; /* the latter two may be NULL */
    const xmlChar **attributes;       /* as libxml2 has them: five pointers each */
    size_t attribute_count;
};
/* The value of the first attribute of this local name; NONE: it has none. */
struct iw_str iw_xml_attribute(const struct iw_xml_element *element, struct iw_str local);

/* What a kind makes of elements; user is the stream's. */
struct iw_xml_handler {
    void (*start)(void *user, const struct iw_xml_element *element);
    void (*end)(void *user); /* the innermost element; may be NULL */
    /* Text of an element that was opened as markup, as it comes, from its first "<" on, and its end. */
    void (*text)(void *user, struct iw_str text, struct iw_xml_place first);
    void (*close)(void *user);
};

/* How the text of an element is a URL. */
enum iw_xml_text_flags {
    IW_XML_DIRECT = 1, /* only its own text counts, and an element within may be opened in its place */
    IW_XML_QUIET = 2,  /* it may be empty */
    IW_XML_MARKUP = 4, /* it is no URL: handler->text is given it, with the place of its first character */
};

struct iw_xml {
    const struct iw_source_events *events;
    const struct iw_xml_handler *handler;
    void *user;
    unsigned depth; /* of the element at hand; 1: the root */
    /* the inside */
    struct iw_xml_filter filter;
    struct iw_buf filtered;
    xmlParserCtxtPtr parser;
    struct iw_xml_text { /* an element whose text is a URL, from its start tag to its end tag */
        bool is_open;
        unsigned flags;
        unsigned depth;
        struct iw_lead lead;
        struct iw_xml_place tag;   /* behind the start tag */
        struct iw_xml_place place; /* of the first character that is not blank */
        bool has_text;
        struct iw_buf buf;
        char element[80];
    } text;
    struct iw_buf value; /* of an attribute */
    enum iw_err err;     /* what ended the parse: a callback's, or our own */
    bool is_malformed;
    bool is_bad_end_tag; /* it broke off in, or over, an end tag */
    struct iw_xml_place error;
    char why[200];
};

/* user is borrowed. IW_ERR_NOMEM. Release it in any case. */
enum iw_err iw_xml_init(struct iw_xml *xml, const struct iw_source_events *events, const struct iw_xml_handler *handler,
                        void *user) IW_MUST_USE;
/* Longer URLs are complaints. */
void iw_xml_limit(struct iw_xml *xml, unsigned max_bytes);
/* As iw_source.feed and finish. */
enum iw_err iw_xml_feed(struct iw_xml *xml, const char *bytes, size_t len, struct iw_diag *diag) IW_MUST_USE;
enum iw_err iw_xml_finish(struct iw_xml *xml, struct iw_diag *diag) IW_MUST_USE;
void iw_xml_release(struct iw_xml *xml);

/* From within start: */

/* Whether a text is being read that elements within belong to. */
bool iw_xml_is_in_text(const struct iw_xml *xml);
/* The text of this element is a URL. name: the lead's element, cut to 79 bytes. */
void iw_xml_open_text(struct iw_xml *xml, enum iw_lead_role role, const char *name, unsigned flags);
/* The value of an attribute, unless it is empty, is the URL of an image. */
void iw_xml_tell(struct iw_xml *xml, const struct iw_xml_element *element, const char *attribute, const char *name);
/* The end, for a reason: why, then name and ">" unless it is empty. */
void iw_xml_stop(struct iw_xml *xml, enum iw_err err, const char *why, struct iw_str name);

#endif
