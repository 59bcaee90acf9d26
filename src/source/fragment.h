/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* HTML within the text of another document, as feeds have it: the images that it shows. */
#ifndef IW_SOURCE_FRAGMENT_H
#define IW_SOURCE_FRAGMENT_H

#include "source/source.h"

/* Cleared at first but for events, to which its leads go, and limits (or NULL); both are borrowed. */
struct iw_fragment {
    const struct iw_source_events *events;
    const struct iw_reader_limits *limits;
    /* the inside */
    struct iw_source_events inner;
    void *page;    /* state of the kind html; kept for the next one */
    bool is_begun; /* text was there */
    bool is_closing;
    unsigned line, column;
    char name[80];
};

/* Text follows; name is that of the element around it, for the leads. */
void iw_fragment_open(struct iw_fragment *fragment, const char *name);
/* line, column: where it stands; only those of the first text count, whose lines are then those of the document.
 * IW_ERR_NOMEM, or what an event returned. */
enum iw_err iw_fragment_feed(struct iw_fragment *fragment, struct iw_str text, unsigned line,
                             unsigned column) IW_MUST_USE;
enum iw_err iw_fragment_close(struct iw_fragment *fragment) IW_MUST_USE;
void iw_fragment_release(struct iw_fragment *fragment);

#endif
