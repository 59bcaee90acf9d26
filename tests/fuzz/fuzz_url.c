/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* URLs: what is accepted is pure ASCII, canonical, and parses to itself; a base and a reference never crash. */
#include "base/iw.h"
#include "url/url.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct iw_arena *arena, const struct iw_url *url)
{
    struct iw_url again;
    for (size_t i = 0; i < url->text.len; i++)
        assert(url->text.ptr[i] > ' ' && url->text.ptr[i] < 0x7F);
    assert(url->text.ptr[url->text.len] == '\0' && url->host.len > 0 && url->port > 0);
    assert(url->path.len > 0 && url->path.ptr[0] == '/');
    assert(iw_url_parse(arena, url->text, NULL, &again, NULL, NULL) == IW_OK);
    assert(iw_str_eq(again.text, url->text) && iw_str_eq(again.origin, url->origin) && again.port == url->port);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct iw_arena arena;
    struct iw_url base, url;
    struct iw_diag diag = {0};
    iw_arena_init(&arena, 4 << 20);
    struct iw_str text = {size ? (const char *)data : "", size};
    size_t split = iw_str_find(text, '\n');
    bool has_base = iw_url_parse(&arena, iw_str_sub(text, 0, split), NULL, &base, NULL, &diag) == IW_OK;
    if (has_base)
        check(&arena, &base);
    if (iw_url_parse(&arena, iw_str_skip(text, split + 1), has_base ? &base : NULL, &url, NULL, &diag) == IW_OK)
        check(&arena, &url);
    (void)iw_url_shorten(&arena, text);
    (void)iw_host_classify(text);
    iw_arena_release(&arena);
    return 0;
}
