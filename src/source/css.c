/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A style sheet: the images that it names, and the style sheets that it imports. Nothing in its bytes says that it is
 * one, so it is known by its name, or because a page links to it as such. */
#include "base/iw.h"
#include "source/css_urls.h"
#include "source/inside.h"

struct sheet {
    const struct iw_source_events *events;
    struct iw_decoder decoder;
    struct iw_css css;
};

static enum iw_err on_url(void *user, const struct iw_css_url *url)
{
    struct sheet *sheet = user;
    const struct iw_source_events *events = sheet->events;
    if (url->url.len == 0) {
        events->complaint(events->user, url->line, url->column, "the URL is too long and was passed over");
        return IW_OK;
    }
    struct iw_lead lead = {
        .url = url->url,
        .role = url->is_import ? IW_LEAD_STYLE : IW_LEAD_IMAGE,
        .line = url->line,
        .column = url->column,
        .element = url->element,
    };
    return events->lead(events->user, &lead);
}

static enum iw_err on_text(void *user, struct iw_str text)
{
    struct sheet *sheet = user;
    return iw_css_feed(&sheet->css, text.ptr, text.len);
}

static enum iw_err begin(void *state, const struct iw_source_events *events)
{
    struct sheet *sheet = state;
    sheet->events = events;
    iw_css_init(&sheet->css, IW_SOURCE_LINE_BYTES, on_url, sheet);
    return IW_OK;
}

static void set(void *state, const struct iw_reader_limits *limits)
{
    struct sheet *sheet = state;
    if (limits->max_line_bytes)
        sheet->css.value.ceiling_bytes = limits->max_line_bytes;
}

static enum iw_err feed(void *state, const char *bytes, size_t len, struct iw_diag *diag)
{
    (void)diag;
    struct sheet *sheet = state;
    return iw_decoder_feed(&sheet->decoder, bytes, len, on_text, sheet);
}

static enum iw_err finish(void *state, struct iw_diag *diag)
{
    (void)diag;
    struct sheet *sheet = state;
    enum iw_err err = iw_decoder_finish(&sheet->decoder, on_text, sheet);
    return err == IW_OK ? iw_css_finish(&sheet->css) : err;
}

static void release(void *state)
{
    struct sheet *sheet = state;
    iw_css_release(&sheet->css);
}

static int sniff(struct iw_str head, struct iw_str name_hint)
{
    bool has_nul = iw_str_find(head, '\0') < head.len;
    return iw_str_ends_nocase(name_hint, IW_STR(".css")) && !has_nul ? 95 : 0;
}

const struct iw_source iw_source_css = {
    .name = "css",
    .help = "url(), image-set() and @import of a style sheet",
    .serves = IW_LEAD_STYLE,
    .sniff = sniff,
    .state_size = sizeof(struct sheet),
    .begin = begin,
    .set = set,
    .feed = feed,
    .finish = finish,
    .release = release,
};
