/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* URLs: RFC 3986's own examples, normalisation, hosts in every spelling, what is refused; addresses; scope. */
#include "base/iw.h"
#include "url/url.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>

static enum iw_err parse(struct iw_arena *arena, const char *text, const char *base, struct iw_url *out)
{
    struct iw_url from;
    if (base)
        assert_int_equal(iw_url_parse(arena, iw_str_from(base), NULL, &from, NULL, NULL), IW_OK);
    return iw_url_parse(arena, iw_str_from(text), base ? &from : NULL, out, NULL, NULL);
}

/* NULL as out: refused. */
struct row {
    const char *in, *out;
};

static size_t offset(const struct iw_url *url, struct iw_str part)
{
    return (size_t)(part.ptr - url->text.ptr);
}

/* A scheme in capitals is not canonical as it stands: the long way must lead to the same URL as the short one. */
static void check_both_ways(struct iw_arena *arena, const struct iw_url *url)
{
    struct iw_url other;
    struct iw_str loud = iw_arena_printf(arena, "HTTP%s", url->text.ptr + 4);
    assert_int_equal(iw_url_parse(arena, loud, NULL, &other, NULL, NULL), IW_OK);
    assert_string_equal(other.text.ptr, url->text.ptr);
    assert_true(iw_str_eq(other.origin, url->origin) && iw_str_eq(other.host, url->host));
    assert_true(iw_str_eq(other.path, url->path) && other.port == url->port && other.scheme == url->scheme);
    assert_int_equal(offset(&other, other.host), offset(url, url->host));
    assert_int_equal(offset(&other, other.path), offset(url, url->path));
}

static void check_rows(const struct row *rows, size_t count, const char *base)
{
    for (size_t i = 0; i < count; i++) {
        struct iw_arena arena;
        struct iw_url url, again;
        iw_arena_init(&arena, 1 << 20);
        enum iw_err err = parse(&arena, rows[i].in, base, &url);
        if ((err == IW_OK) != (rows[i].out != NULL) || (err == IW_OK && strcmp(url.text.ptr, rows[i].out) != 0))
            print_error("%s: %s\n", rows[i].in, err == IW_OK ? url.text.ptr : iw_err_text(err));
        assert_int_equal(err == IW_OK, rows[i].out != NULL);
        if (err == IW_OK) {
            assert_string_equal(url.text.ptr, rows[i].out);
            assert_int_equal(iw_url_parse(&arena, url.text, NULL, &again, NULL, NULL), IW_OK);
            assert_true(iw_str_eq(again.text, url.text));
            check_both_ways(&arena, &again);
            assert_true(url.origin.ptr == url.text.ptr && url.path.ptr == url.text.ptr + url.origin.len);
        }
        iw_arena_release(&arena);
    }
}

/* RFC 3986 section 5.4.1 and 5.4.2, without fragments. */
static void references(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g/"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q"},
        {"g#s", "http://a/b/c/g"},
        {";x", "http://a/b/c/;x"},
        {"g;x", "http://a/b/c/g;x"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {"..g", "http://a/b/c/..g"},
        {"./../g", "http://a/b/g"},
        {"g/./h", "http://a/b/c/g/h"},
        {"g/../h", "http://a/b/c/h"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"https://x", "https://x/"},
    };
    check_rows(rows, IW_ARRAY_LEN(rows), "http://a/b/c/d;p?q");
}

static void normal_forms(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"HTTP://EXAMPLE.com:80", "http://example.com/"},
        {"https://example.com:443/a", "https://example.com/a"},
        {"http://example.com:8080/", "http://example.com:8080/"},
        {"  http://a.b/x y\n", "http://a.b/x%20y"},
        {"http://a.b/%7euser/%2e%2E/x", "http://a.b/x"},
        {"http://a.b/%3a%2f", "http://a.b/%3A%2F"},
        {"http://a.b/100%", "http://a.b/100%25"},
        {"http://a.b/%zz", "http://a.b/%25zz"},
        {"http://a.b/caf\xc3\xa9?q=\xc3\xa9", "http://a.b/caf%C3%A9?q=%C3%A9"},
        {"http://a.b/[x]{y}|z^`\"<>", "http://a.b/%5Bx%5D%7By%7D%7Cz%5E%60%22%3C%3E"},
        {"http://a.b/?b=2&a=1&a=1", "http://a.b/?b=2&a=1&a=1"},
        {"http://a.b/x\\\\y", "http://a.b/x%5C%5Cy"},
        {"http://a.b?x", "http://a.b/?x"},
        {"http://b\xc3\xbc"
         "cher.example/",
         "http://xn--bcher-kva.example/"},
        {"http://2130706433/", "http://127.0.0.1/"},
        {"http://0x7f.1/", "http://127.0.0.1/"},
        {"http://0177.0.0.01/", "http://127.0.0.1/"},
        {"http://0/", "http://0.0.0.0/"},
        {"http://1.2.3/", "http://1.2.0.3/"},
        {"http://[::FFFF:127.0.0.1]/", "http://[::ffff:127.0.0.1]/"},
        {"http://[2001:DB8:0:0::1]:81/", "http://[2001:db8::1]:81/"},
        {"http://%65xample.com/", "http://example.com/"},
        {"http://a_b.example/", "http://a_b.example/"},
        {"http://example.com./", "http://example.com./"},
    };
    check_rows(rows, IW_ARRAY_LEN(rows), NULL);
}

static void refused(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", NULL},
        {"example.com/a.png", NULL},
        {"/a.png", NULL},
        {"http:", NULL},
        {"http://", NULL},
        {"http:///x", NULL},
        {"http://user@host/", NULL},
        {"http://user:pw@host/", NULL},
        {"http://127.0.0.1%2f@x/", NULL},
        {"http://a b/", NULL},
        {"http://a%00b/", NULL},
        {"http://a%2fb/", NULL},
        {"http://a:99999/", NULL},
        {"http://a:x/", NULL},
        {"http://[::1/", NULL},
        {"http://[x]/", NULL},
        {"http://256.1.1.1/", NULL},
        {"http://1.2.3.4.5/", NULL},
        {"http://a..b/", NULL},
        {"http://.a/", NULL},
        {"http://\xff/", NULL},
        {"http://a\\b/", NULL},
        {"ftp://a/", NULL},
        {"data:image/png;base64,AA", NULL},
        {"file:///etc/passwd", NULL},
        {"javascript:alert(1)", NULL},
        {"http:a", NULL},
    };
    check_rows(rows, IW_ARRAY_LEN(rows), NULL);
}

static void schemes_and_places(void **state)
{
    (void)state;
    struct iw_arena arena;
    struct iw_url url;
    struct iw_diag diag = {0};
    enum iw_scheme scheme = IW_SCHEME_HTTP;
    iw_arena_init(&arena, 1 << 20);
    assert_int_equal(iw_url_parse(&arena, IW_STR("data:,x"), NULL, &url, &scheme, &diag), IW_ERR_UNKNOWN_NAME);
    assert_int_equal(scheme, IW_SCHEME_DATA);
    assert_string_equal(diag.text, "the scheme \"data\" is not fetched");
    assert_int_equal(parse(&arena, "https://h.example:81/p/q?r", NULL, &url), IW_OK);
    assert_true(iw_str_eq(url.origin, IW_STR("https://h.example:81")));
    assert_true(iw_str_eq(url.host, IW_STR("h.example")));
    assert_true(iw_str_eq(url.path, IW_STR("/p/q")));
    assert_int_equal(url.port, 81);
    struct iw_str shortened = iw_url_shorten(&arena, IW_STR("data:image/png;base64,AAAABBBB"));
    assert_string_equal(shortened.ptr, "data:image/png;base64,\xe2\x80\xa6(8 chars)");
    char *longest = iw_arena_alloc(&arena, 70000);
    memset(longest, 'a', 70000);
    assert_int_equal(iw_url_parse(&arena, (struct iw_str){longest, 70000}, NULL, &url, NULL, NULL), IW_ERR_RANGE);
    iw_arena_release(&arena);
}

static void addresses(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        bool is_private;
    } rows[] = {
        {"8.8.8.8", false},
        {"10.1.2.3", true},
        {"172.15.255.255", false},
        {"172.16.0.1", true},
        {"172.32.0.0", false},
        {"192.168.1.1", true},
        {"127.0.0.1", true},
        {"169.254.169.254", true},
        {"100.64.0.1", true},
        {"100.128.0.1", false},
        {"0.0.0.0", true},
        {"224.0.0.1", true},
        {"255.255.255.255", true},
        {"192.0.2.1", true},
        {"198.18.0.1", true},
        {"198.20.0.1", false},
        {"203.0.113.9", true},
        {"1.1.1.1", false},
        {"::1", true},
        {"::", true},
        {"fe80::1", true},
        {"fc00::1", true},
        {"ff02::1", true},
        {"2606:4700::1", false},
        {"2001:db8::1", true},
        {"::ffff:10.0.0.1", true},
        {"::ffff:8.8.8.8", false},
        {"64:ff9b::7f00:1", true},
        {"64:ff9b::808:808", false},
        {"2002:7f00:1::", true},
        {"2002:808:808::1", false},
        {"localhost", true},
        {"a.localhost", true},
        {"example.com", false},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++)
        if ((iw_host_classify(iw_str_from(rows[i].host)) == IW_ADDRESS_PRIVATE) != rows[i].is_private)
            fail_msg("%s is judged wrongly", rows[i].host);
    assert_int_equal(iw_address_classify((const uint8_t *)"abc", 3), IW_ADDRESS_PRIVATE);
}

static void scopes(void **state)
{
    (void)state;
    static const char *const include[] = {"\\.png$", "special"}, *const exclude[] = {"."},
                             *const remap[] = {"^http://a/(.*)=>http://b/$1"};
    struct iw_scope_rules rules = {include, 2, exclude, 1, remap, 1};
    struct iw_scope *scope = NULL;
    struct iw_diag diag = {0};
    struct iw_arena arena;
    bool is_in;
    struct iw_str mapped;
    iw_arena_init(&arena, 1 << 20);
    assert_int_equal(iw_scope_new(&rules, &scope, &diag), IW_OK);
    assert_int_equal(iw_scope_has(scope, IW_STR("http://a/x.png"), &is_in, &diag), IW_OK);
    assert_true(is_in);
    assert_int_equal(iw_scope_has(scope, IW_STR("http://a/x.jpg"), &is_in, &diag), IW_OK);
    assert_false(is_in);
    assert_int_equal(iw_scope_remap(scope, &arena, IW_STR("http://a/x/y"), &mapped, &diag), IW_OK);
    assert_true(iw_str_eq(mapped, IW_STR("http://b/x/y")));
    assert_int_equal(iw_scope_remap(scope, &arena, IW_STR("http://c/x"), &mapped, &diag), IW_OK);
    assert_true(iw_str_eq(mapped, IW_STR("http://c/x")));
    iw_scope_free(scope);
    scope = NULL;
    static const char *const bad[] = {"fine", "(open"};
    rules = (struct iw_scope_rules){.exclude = bad, .exclude_count = 2};
    assert_int_equal(iw_scope_new(&rules, &scope, &diag), IW_ERR_PATTERN);
    assert_string_equal(diag.place, "--exclude");
    static const char *const no_arrow[] = {"x"};
    rules = (struct iw_scope_rules){.remap = no_arrow, .remap_count = 1};
    assert_int_equal(iw_scope_new(&rules, &scope, &diag), IW_ERR_PATTERN);
    /* a catastrophic pattern gives up with an error, never with "no match" */
    static const char *const slow[] = {"^([a-z/:.]+)+[!?]$"};
    rules = (struct iw_scope_rules){.include = slow, .include_count = 1};
    assert_int_equal(iw_scope_new(&rules, &scope, &diag), IW_OK);
    assert_int_equal(
        iw_scope_has(scope, IW_STR("http://example.com/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), &is_in, &diag),
        IW_ERR_PATTERN);
    iw_scope_free(scope);
    iw_arena_release(&arena);
}

/* 2026-11-25T22:30:00Z is 1795645800. */
static void ends_of_signed_urls(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        int64_t end; /* 0: it is not signed */
    } rows[] = {
        {"https://b.s3.amazonaws.com/"
         "a.png?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261125T223000Z&X-Amz-Expires=3600",
         1795645800 + 3600},
        {"https://b.s3.amazonaws.com/a.png?x-amz-date=20261125T223000Z&x-amz-expires=0", 1795645800},
        {"https://storage.googleapis.com/b/a.png?X-Goog-Date=20261125T223000Z&X-Goog-Expires=60&X-Goog-Signature=1",
         1795645860},
        {"https://d.cloudfront.net/a.png?Expires=1795645800&Signature=abc&Key-Pair-Id=K", 1795645800},
        {"https://b.s3.amazonaws.com/a.png?AWSAccessKeyId=A&Expires=1795645800&Signature=abc", 1795645800},
        {"https://x.blob.core.windows.net/c/a.png?sv=2024&se=2026-11-25T22%3A30%3A00Z&sr=b&sig=abc", 1795645800},
        {"https://x.blob.core.windows.net/c/a.png?se=2026-11-25&sig=abc", 1795564800},
        {"https://x.example/a.png?se=2024-02-29T00:00:00Z&sig=abc", 1709164800},
        {"https://x.example/a.png?Expires=1795645800", 0},
        {"https://x.example/a.png?se=2026-11-25", 0},
        {"https://x.example/a.png?X-Amz-Date=20261325T223000Z&X-Amz-Expires=3600", 0},
        {"https://x.example/a.png?X-Amz-Date=2026&X-Amz-Expires=3600", 0},
        {"https://x.example/a.png?X-Amz-Date=20261125T223000Z&X-Amz-Expires=99999999999999999999", 0},
        {"https://x.example/a.png?X-Amz-Expires=3600", 0},
        {"https://x.example/a.png?", 0},
        {"https://x.example/a.png", 0},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        int64_t end = 0;
        bool is_signed = iw_url_expiry(iw_str_from(rows[i].url), &end);
        if (is_signed != (rows[i].end != 0) || (is_signed && end != rows[i].end))
            print_error("%s: %lld\n", rows[i].url, (long long)end);
        assert_int_equal(is_signed, rows[i].end != 0);
        assert_int_equal(end, rows[i].end);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references),          cmocka_unit_test(normal_forms), cmocka_unit_test(refused),
        cmocka_unit_test(schemes_and_places),  cmocka_unit_test(addresses),    cmocka_unit_test(scopes),
        cmocka_unit_test(ends_of_signed_urls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
