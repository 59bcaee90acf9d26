/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Variants that image services make: a row or more for each grammar, and what is no such URL. */
#include "base/iw.h"
#include "url/url.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

static const struct iw_variant_wish small = {.width_px = 1280, .height_px = 960, .quality = 85, .wants_jpeg = true};
static const struct iw_variant_wish same_format = {.width_px = 1280, .height_px = 960, .quality = 85};
static const struct iw_variant_wish lighter = {.quality = 70};

static const struct {
    const struct iw_variant_wish *wish;
    const char *url, *service, *variant; /* NULL: none */
} rows[] = {
    /* Cloudflare */
    {&small, "https://shop.test/cdn-cgi/image/width=4000,quality=90,onerror=redirect/img/a.jpg", "Cloudflare",
     "https://shop.test/cdn-cgi/image/onerror=redirect,width=1280,height=960,fit=scale-down,format=jpeg,quality=85/img/"
     "a.jpg"},
    {&same_format, "https://shop.test/cdn-cgi/image/fit=cover,w=9/https://origin.test/a.png?x=1", "Cloudflare",
     "https://shop.test/cdn-cgi/image/width=1280,height=960,fit=scale-down,quality=85/https://origin.test/a.png?x=1"},
    {&small, "https://shop.test/cdn-cgi/image/width=4000", NULL, NULL}, /* of nothing */
    {&small, "https://shop.test/img/a.jpg", NULL, NULL},                /* behind Cloudflare or not: nothing says so */
    /* imgix */
    {&small, "https://acme.imgix.net/a.png", "imgix", "https://acme.imgix.net/a.png?w=1280&h=960&fit=max&fm=jpg&q=85"},
    {&same_format, "https://acme.imgix.net/a.jpg?w=4000&rect=0,0,9,9&auto=format&fit=crop", "imgix",
     "https://acme.imgix.net/a.jpg?rect=0,0,9,9&w=1280&h=960&fit=max&q=85"},
    {&lighter, "https://acme.imgix.net/a.jpg", "imgix", "https://acme.imgix.net/a.jpg?q=70"},
    {&small, "https://img.acme.test/a.png?ixlib=rb-4.0.3&w=9", "imgix",
     "https://img.acme.test/a.png?ixlib=rb-4.0.3&w=1280&h=960&fit=max&fm=jpg&q=85"},
    {&small, "https://acme.imgix.net/a.png?w=4000&s=0123456789abcdef", NULL, NULL}, /* signed */
    {&small, "https://imgix.net.test/a.png", NULL, NULL},
    /* Cloudinary */
    {&small, "https://res.cloudinary.com/demo/image/upload/v1312461204/sample.png", "Cloudinary",
     "https://res.cloudinary.com/demo/image/upload/c_limit,w_1280,h_960,f_jpg,q_85/v1312461204/sample.png"},
    {&same_format, "https://res.cloudinary.com/demo/image/upload/c_fill,w_4000/e_sepia/folder/a.jpg", "Cloudinary",
     "https://res.cloudinary.com/demo/image/upload/c_fill,w_4000/e_sepia/c_limit,w_1280,h_960,q_85/folder/a.jpg"},
    {&small, "https://img.acme.test/acme/image/upload/my_folder/a.jpg", "Cloudinary",
     "https://img.acme.test/acme/image/upload/my_folder/c_limit,w_1280,h_960,f_jpg,q_85/a.jpg"}, /* cannot be told */
    {&small, "https://img.acme.test/acme/image/upload/products_2026/a.jpg", "Cloudinary",
     "https://img.acme.test/acme/image/upload/c_limit,w_1280,h_960,f_jpg,q_85/products_2026/a.jpg"},
    {&small, "https://res.cloudinary.com/demo/image/fetch/https://a.test/b.jpg", "Cloudinary",
     "https://res.cloudinary.com/demo/image/fetch/c_limit,w_1280,h_960,f_jpg,q_85/https://a.test/b.jpg"},
    {&small, "https://res.cloudinary.com/demo/image/upload/s--abcdefgh--/w_4000/a.jpg", NULL, NULL}, /* signed */
    /* Fastly */
    {&small, "https://acme.global.ssl.fastly.net/a.png?width=4000&auto=webp&v=2", "Fastly",
     "https://acme.global.ssl.fastly.net/a.png?v=2&width=1280&height=960&fit=bounds&format=jpg&quality=85"},
    {&small, "https://img.acme.test/a.png?optimize=high&width=9", "Fastly",
     "https://img.acme.test/a.png?width=1280&height=960&fit=bounds&format=jpg&quality=85"},
    /* Shopify */
    {&same_format, "https://cdn.shopify.com/s/files/1/2/3/products/a.jpg?v=1683744744", "Shopify",
     "https://cdn.shopify.com/s/files/1/2/3/products/a.jpg?v=1683744744&width=1280&height=960"},
    {&small, "https://shop.test/cdn/shop/files/a.png?v=1&width=4000&crop=center", "Shopify",
     "https://shop.test/cdn/shop/files/a.png?v=1&width=1280&height=960&format=jpg"},
    {&lighter, "https://shop.test/cdn/shop/files/a.png?v=1", NULL, NULL}, /* it cannot be asked for that */
    /* Photon */
    {&small, "https://i0.wp.com/blog.test/a.jpg?w=4000&ssl=1", "Photon",
     "https://i0.wp.com/blog.test/a.jpg?ssl=1&fit=1280,960&quality=85"},
    {&small, "https://blog.files.wordpress.com/2026/01/a.jpg", "Photon",
     "https://blog.files.wordpress.com/2026/01/a.jpg?fit=1280,960&quality=85"},
    {&small, "https://i4.wp.com/blog.test/a.jpg", NULL, NULL},
    /* Contentful */
    {&small, "https://images.ctfassets.net/space/asset/id/a.png?fit=fill", "Contentful",
     "https://images.ctfassets.net/space/asset/id/a.png?w=1280&h=960&fm=jpg&q=85"},
    {&small, "https://videos.ctfassets.net/space/asset/id/a.png", NULL, NULL},
    /* Sanity */
    {&small, "https://cdn.sanity.io/images/project/production/abc-4000x3000.png?rect=0,0,9,9", "Sanity",
     "https://cdn.sanity.io/images/project/production/abc-4000x3000.png?rect=0,0,9,9&w=1280&h=960&fit=max&fm=jpg&q=85"},
    {&small, "https://cdn.sanity.io/files/project/production/abc.pdf", NULL, NULL},
    /* Akamai: widths in steps */
    {&small, "https://acme.test/a.jpg?imwidth=5000&t=7", "Akamai",
     "https://acme.test/a.jpg?t=7&imwidth=1024&imformat=jpeg"},
    {&same_format, "https://acme.test/a.jpg?impolicy=large", "Akamai",
     "https://acme.test/a.jpg?impolicy=large&imwidth=1024"},
    {&lighter, "https://acme.test/a.jpg?imwidth=5000", NULL, NULL},
    /* Wikimedia: the same */
    {&small, "https://upload.wikimedia.org/wikipedia/commons/a/ab/X.jpg", "Wikimedia",
     "https://upload.wikimedia.org/wikipedia/commons/thumb/a/ab/X.jpg/1280px-X.jpg"},
    {&same_format, "https://upload.wikimedia.org/wikipedia/commons/thumb/a/ab/X_Y.png/3840px-X_Y.png", "Wikimedia",
     "https://upload.wikimedia.org/wikipedia/commons/thumb/a/ab/X_Y.png/1280px-X_Y.png"},
    {&small, "https://upload.wikimedia.org/wikipedia/en/1/12/X.svg", "Wikimedia",
     "https://upload.wikimedia.org/wikipedia/en/thumb/1/12/X.svg/1280px-X.svg.png"},
    {&small, "https://upload.wikimedia.org/wikipedia/commons/a/ab/X.pdf", NULL, NULL},
    {&small, "https://upload.wikimedia.org/wikipedia/commons/X.jpg", NULL, NULL},
    {&small, "https://upload.wikimedia.org/score/a/b/abc/X.png", NULL, NULL},
    /* signed by others, and what is it already */
    {&small, "https://acme.imgix.net/a.png?Expires=1767225600&Signature=abc&Key-Pair-Id=K", NULL, NULL},
    {&same_format, "https://acme.imgix.net/a.jpg?w=1280&h=960&fit=max&q=85", NULL, NULL},
};

static void every_service(void **state)
{
    (void)state;
    struct iw_arena arena;
    struct iw_buf out;
    iw_arena_init(&arena, 1 << 20);
    iw_buf_init(&out, 1 << 16);
    size_t wrong = 0;
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_url url, made;
        assert_int_equal(iw_url_parse(&arena, iw_str_from(rows[i].url), NULL, &url, NULL, NULL), IW_OK);
        assert_string_equal(url.text.ptr, rows[i].url); /* the table is canonical */
        const char *service = iw_url_variant(&url, rows[i].wish, &out);
        iw_buf_add_char(&out, '\0');
        bool is_right = service && rows[i].service ? strcmp(service, rows[i].service) == 0 : service == rows[i].service;
        if (service) {
            is_right = is_right && strcmp(out.ptr, rows[i].variant) == 0;
            assert_int_equal(iw_url_parse(&arena, iw_str_from(out.ptr), NULL, &made, NULL, NULL), IW_OK);
            is_right = is_right && strcmp(made.text.ptr, out.ptr) == 0 && iw_str_eq(made.origin, url.origin);
        }
        if (!is_right)
            print_error("%s\n  %s: %s\n", rows[i].url, service ? service : "none", service ? out.ptr : "");
        wrong += !is_right;
    }
    iw_buf_release(&out);
    iw_arena_release(&arena);
    assert_int_equal(wrong, 0);
}

/* A box narrower than any width that there is, and a URL that leaves no room. */
static void none_fits(void **state)
{
    (void)state;
    static const struct iw_variant_wish tiny = {.width_px = 19, .height_px = 19};
    struct iw_arena arena;
    struct iw_buf out;
    struct iw_url url;
    iw_arena_init(&arena, 1 << 20);
    iw_buf_init(&out, 40);
    assert_int_equal(iw_url_parse(&arena, IW_STR("https://upload.wikimedia.org/wikipedia/commons/a/ab/X.jpg"), NULL,
                                  &url, NULL, NULL),
                     IW_OK);
    assert_null(iw_url_variant(&url, &tiny, &out));
    assert_null(iw_url_variant(&url, &small, &out));
    iw_buf_release(&out);
    iw_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_service),
        cmocka_unit_test(none_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
