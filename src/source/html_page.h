/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A page that is being read (html.c), and what its tags name (html_leads.c). */
#ifndef IW_SOURCE_HTML_PAGE_H
#define IW_SOURCE_HTML_PAGE_H

#include "base/hash.h"
#include "base/map.h"
#include "source/css_urls.h"
#include "source/html_text.h"
#include "source/html_tokens.h"
#include "source/inside.h"

struct iw_page {
    const struct iw_source_events *events;
    size_t max_bytes; /* of one URL */
    struct iw_decoder decoder;
    struct iw_html_charset charset;
    struct iw_html html;
    struct iw_css css; /* of the style element at hand */
    bool has_css, has_json;
    struct iw_buf json; /* of the script element at hand */
    unsigned json_line, json_column;
    struct iw_buf base;               /* of the first <base href> */
    struct iw_buf converted, decoded; /* a value */
    struct iw_buf unit;
    struct iw_map seen; /* images named so far: what <noscript> repeats is no second reference */
    unsigned noscript;  /* open ones */
    unsigned wishes;    /* enum iw_wish, of the meta elements so far */
};

/* The attributes of a start tag. IW_ERR_NOMEM, or what an event returned. */
enum iw_err iw_page_start(struct iw_page *page, const struct iw_html_tag *tag) IW_MUST_USE;
/* One reference; its base is filled in. */
enum iw_err iw_page_lead(struct iw_page *page, const struct iw_lead *lead) IW_MUST_USE;
/* A reference of CSS within it; url->url is empty where it was too long. */
enum iw_err iw_page_css(struct iw_page *page, const struct iw_css_url *url, bool is_attribute, unsigned line,
                        unsigned column) IW_MUST_USE;

/* From an offset to its place; offsets may only grow. */
struct iw_page_cursor {
    struct iw_str rest; /* not yet passed */
    unsigned line, column;
};
void iw_page_pass(struct iw_page_cursor *cursor, size_t count);

#endif
