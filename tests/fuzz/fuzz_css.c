/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* CSS: URLs come in order, each at a place of the text, and how the bytes are cut changes nothing. */
#include "base/iw.h"
#include "source/css_urls.h"

#undef NDEBUG
#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LONGEST = 40 };

struct seen {
    const uint8_t *data;
    size_t size;
    uint64_t at;
    struct iw_buf text;
};

static enum iw_err on_url(void *user, const struct iw_css_url *url)
{
    struct seen *seen = user;
    assert(url->at < seen->size && url->at >= seen->at && url->url.len <= LONGEST);
    size_t start = (size_t)url->at, line = 1;
    while (start > 0 && seen->data[start - 1] != '\n')
        start--;
    assert(url->column == url->at - start + 1);
    for (size_t i = 0; i < start; i++)
        line += seen->data[i] == '\n';
    assert(url->line == line);
    char first = (char)seen->data[url->at];
    assert(url->url.len == 0 || first == url->url.ptr[0] || first == '\\');
    seen->at = url->at;
    iw_buf_printf(&seen->text, "%zu %s %.*s\n", (size_t)url->at, url->element, IW_STR_ARGS(url->url));
    return IW_OK;
}

static struct iw_buf read_css(const uint8_t *data, size_t size, size_t piece)
{
    struct seen seen = {.data = data, .size = size};
    struct iw_css css;
    iw_buf_init(&seen.text, 64 << 20);
    iw_css_init(&css, LONGEST, on_url, &seen);
    enum iw_err err = IW_OK;
    for (size_t at = 0; at < size && err == IW_OK; at += piece)
        err = iw_css_feed(&css, (const char *)data + at, IW_MIN(piece, size - at));
    if (err == IW_OK)
        err = iw_css_finish(&css);
    assert(err == IW_OK);
    iw_css_release(&css);
    return seen.text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct iw_buf whole = read_css(data, size, size ? size : 1), part = read_css(data, size, 1);
    assert(iw_str_eq(iw_buf_str(&whole), iw_buf_str(&part)));
    iw_buf_release(&whole);
    iw_buf_release(&part);
    return 0;
}
