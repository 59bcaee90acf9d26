/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Links, style sheets and pages that a fragment names are not followed. */
#include "base/iw.h"
#include "source/fragment.h"

#include "base/mem.h"

#include <stdio.h>

static const struct iw_source *html(void)
{
    return iw_source_find(IW_STR("html"));
}

/* From a place in the fragment to one in the document. */
static void to_outer(const struct iw_fragment *fragment, unsigned *line, unsigned *column)
{
    if (*line == 1)
        *column += fragment->column - 1;
    *line += fragment->line - 1;
}

static enum iw_err on_lead(void *user, const struct iw_lead *lead)
{
    const struct iw_fragment *fragment = user;
    if (lead->role != IW_LEAD_IMAGE)
        return IW_OK;
    char name[160];
    (void)snprintf(name, sizeof name, "%s %s", fragment->name, lead->element ? lead->element : "");
    struct iw_lead outer = *lead;
    outer.element = name;
    to_outer(fragment, &outer.line, &outer.column);
    return fragment->events->lead(fragment->events->user, &outer);
}

static void on_complaint(void *user, unsigned line, unsigned column, const char *text)
{
    const struct iw_fragment *fragment = user;
    if (fragment->is_closing)
        return;
    to_outer(fragment, &line, &column);
    fragment->events->complaint(fragment->events->user, line, column, text);
}

static enum iw_err begin(struct iw_fragment *fragment)
{
    const struct iw_source *kind = html();
    if (!fragment->page)
        fragment->page = iw_malloc(kind->state_size);
    if (!fragment->page)
        return IW_ERR_NOMEM;
    memset(fragment->page, 0, kind->state_size);
    fragment->is_begun = true;
    fragment->inner = (struct iw_source_events){.lead = on_lead, .complaint = on_complaint, .user = fragment};
    enum iw_err err = kind->begin(fragment->page, &fragment->inner);
    if (err == IW_OK && fragment->limits)
        kind->set(fragment->page, fragment->limits);
    if (err == IW_OK)
        kind->content_type(fragment->page, IW_STR("text/html; charset=utf-8"));
    return err;
}

void iw_fragment_open(struct iw_fragment *fragment, const char *name)
{
    size_t len = IW_MIN(strlen(name), sizeof fragment->name - 1);
    memcpy(fragment->name, name, len);
    fragment->name[len] = '\0';
}

enum iw_err iw_fragment_feed(struct iw_fragment *fragment, struct iw_str text, unsigned line, unsigned column)
{
    enum iw_err err = IW_OK;
    if (!fragment->is_begun) {
        fragment->line = line;
        fragment->column = column;
        err = begin(fragment);
    }
    struct iw_diag diag;
    return err == IW_OK ? html()->feed(fragment->page, text.ptr, text.len, &diag) : err;
}

enum iw_err iw_fragment_close(struct iw_fragment *fragment)
{
    if (!fragment->is_begun)
        return IW_OK;
    struct iw_diag diag;
    fragment->is_closing = true; /* feeds shorten texts, and tags within: that is nobody's mistake */
    enum iw_err err = html()->finish(fragment->page, &diag);
    html()->release(fragment->page);
    fragment->is_begun = fragment->is_closing = false;
    return err;
}

void iw_fragment_release(struct iw_fragment *fragment)
{
    if (fragment->is_begun)
        html()->release(fragment->page);
    iw_free(fragment->page);
}
