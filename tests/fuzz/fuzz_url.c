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

/* What an image service makes of it is of the same origin, canonical, and fits already. */
static void check_variant(struct iw_arena *arena, const struct iw_url *url)
{
    static const struct iw_variant_wish wish = {.width_px = 1280, .height_px = 960, .quality = 85, .wants_jpeg = true};
    struct iw_url made;
    struct iw_buf out;
    iw_buf_init(&out, 1 << 20);
    if (iw_url_variant(url, &wish, &out) && out.len <= 60000) {
        assert(iw_url_parse(arena, iw_buf_str(&out), NULL, &made, NULL, NULL) == IW_OK);
        assert(iw_str_eq(made.text, iw_buf_str(&out)) && iw_str_eq(made.origin, url->origin));
    }
    iw_buf_release(&out);
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
    if (iw_url_parse(&arena, iw_str_skip(text, split + 1), has_base ? &base : NULL, &url, NULL, &diag) == IW_OK) {
        check(&arena, &url);
        check_variant(&arena, &url);
    }
    (void)iw_url_shorten(&arena, text);
    (void)iw_host_classify(text);
    iw_arena_release(&arena);
    return 0;
}
