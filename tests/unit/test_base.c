/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* base/: what people write into numbers, text, tables and memory with ceilings. */
#include "base/iw.h"

#include "base/arena.h"
#include "base/base64.h"
#include "base/hash.h"
#include "base/ini.h"
#include "base/json_out.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/names.h"
#include "base/parse.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>

static void sizes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum iw_err err;
        uint64_t bytes;
    } rows[] = {
        {"0", IW_OK, 0},
        {"500kB", IW_OK, 500000},
        {"500KiB", IW_OK, 512000},
        {" 20 MiB ", IW_OK, 20971520},
        {"1.5 MiB", IW_OK, 1572864},
        {"5M", IW_OK, 5000000},
        {"2gb", IW_OK, 2000000000},
        {"0.3 kB", IW_OK, 300},
        {"18446744073709551615", IW_OK, UINT64_MAX},
        {"18446744073709551616", IW_ERR_RANGE, 0},
        {"99999999999 GiB", IW_ERR_RANGE, 0},
        {"", IW_ERR_SYNTAX, 0},
        {"5 parsec", IW_ERR_SYNTAX, 0},
        {"-5", IW_ERR_SYNTAX, 0},
        {"5.MB", IW_ERR_SYNTAX, 0},
        {"MB", IW_ERR_SYNTAX, 0},
        {"1e6", IW_ERR_SYNTAX, 0},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        uint64_t bytes = 77;
        assert_int_equal(iw_parse_size(iw_str_from(rows[i].text), &bytes), rows[i].err);
        assert_int_equal(bytes, rows[i].err == IW_OK ? rows[i].bytes : 77);
    }
}

static void times_boxes_words(void **state)
{
    (void)state;
    uint64_t ms;
    assert_int_equal(iw_parse_duration(IW_STR("500ms"), &ms), IW_OK);
    assert_int_equal(ms, 500);
    assert_int_equal(iw_parse_duration(IW_STR("1.5s"), &ms), IW_OK);
    assert_int_equal(ms, 1500);
    assert_int_equal(iw_parse_duration(IW_STR("24h"), &ms), IW_OK);
    assert_int_equal(ms, 86400000);
    assert_int_equal(iw_parse_duration(IW_STR("soon"), &ms), IW_ERR_SYNTAX);
    static const struct {
        const char *text;
        enum iw_err err;
        uint64_t gap_us;
    } rates[] = {
        {"10/s", IW_OK, 100000},   {" 4 / m ", IW_OK, 15000000}, {"2/h", IW_OK, 1800000000},
        {"5", IW_OK, 200000},      {"0/s", IW_ERR_RANGE, 0},     {"2000000/s", IW_ERR_RANGE, 0},
        {"1/y", IW_ERR_SYNTAX, 0}, {"/s", IW_ERR_SYNTAX, 0},     {"ten/s", IW_ERR_SYNTAX, 0},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rates); i++) {
        uint64_t gap_us = 0;
        assert_int_equal(iw_parse_rate(iw_str_from(rates[i].text), &gap_us), rates[i].err);
        assert_int_equal(gap_us, rates[i].gap_us);
    }
    uint32_t w, h;
    assert_int_equal(iw_parse_box(IW_STR("1280x960"), &w, &h), IW_OK);
    assert_int_equal(w * 10000 + h, 12800960);
    assert_int_equal(iw_parse_box(IW_STR("0x960"), &w, &h), IW_ERR_RANGE);
    assert_int_equal(iw_parse_box(IW_STR("1280"), &w, &h), IW_ERR_SYNTAX);
    bool yes = false;
    assert_int_equal(iw_parse_bool(IW_STR("Yes"), &yes), IW_OK);
    assert_true(yes);
    assert_int_equal(iw_parse_bool(IW_STR("maybe"), &yes), IW_ERR_SYNTAX);
}

static void shown(void **state)
{
    (void)state;
    char digits[27], size[16];
    assert_string_equal(iw_format_u64(0, digits), "0");
    assert_string_equal(iw_format_u64(999, digits), "999");
    assert_string_equal(iw_format_u64(1000, digits), "1,000");
    assert_string_equal(iw_format_u64(UINT64_MAX, digits), "18,446,744,073,709,551,615");
    assert_string_equal(iw_format_size(12, size), "12 B");
    assert_string_equal(iw_format_size(20971520, size), "21.0 MB");
    assert_string_equal(iw_format_size(999999, size), "1.0 MB");
    assert_string_equal(iw_format_size(UINT64_MAX, size), "18.4 EB");
}

static void slices(void **state)
{
    (void)state;
    struct iw_str rest = IW_STR("a,,b"), piece;
    char seen[16] = "";
    size_t n = 0;
    while (iw_str_next(&rest, ',', &piece))
        n += (size_t)snprintf(seen + n, sizeof seen - n, "[%.*s]", IW_STR_ARGS(piece));
    assert_string_equal(seen, "[a][][b]");
    assert_true(iw_str_eq(iw_str_trim(IW_STR(" \t x y\r\n")), IW_STR("x y")));
    assert_true(iw_str_ends_nocase(IW_STR("A.JPG"), IW_STR(".jpg")));
    assert_false(iw_str_starts(IW_STR("ab"), IW_STR("abc")));
    assert_int_equal(iw_str_sub(IW_STR("abc"), 5, 2).len, 0);
}

static void json_strings(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"plain", "\"plain\""},
        {"12345678\"12345678", "\"12345678\\\"12345678\""},
        {"back\\slash", "\"back\\\\slash\""},
        {"\x01\x1f\x7f\n", "\"\\u0001\\u001f\\u007f\\n\""},
        {"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\""},
        {"bad \xff\xc0\xaf\xed\xa0\x80.",
         "\"bad \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd.\""},
        {"cut \xe2\x82", "\"cut \xef\xbf\xbd\xef\xbf\xbd\""},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_buf buf;
        iw_buf_init(&buf, 1000);
        iw_json_str(&buf, iw_str_from(rows[i].in));
        iw_buf_add_char(&buf, '\0');
        assert_string_equal(buf.ptr, rows[i].out);
        iw_buf_release(&buf);
    }
}

static void ceilings(void **state)
{
    (void)state;
    struct iw_buf buf;
    iw_buf_init(&buf, 10);
    iw_buf_add(&buf, "0123456789", 10);
    assert_int_equal(buf.err, IW_OK);
    iw_buf_add_char(&buf, 'x');
    assert_int_equal(buf.err, IW_ERR_LIMIT);
    assert_int_equal(buf.len, 10);
    iw_buf_clear(&buf);
    assert_int_equal(buf.err, IW_OK);
    iw_buf_release(&buf);
    struct iw_arena arena;
    iw_arena_init(&arena, 100);
    assert_non_null(iw_arena_alloc(&arena, 100));
    assert_null(iw_arena_alloc(&arena, 1));
    assert_int_equal(arena.err, IW_ERR_LIMIT);
    iw_arena_clear(&arena);
    assert_non_null(iw_arena_alloc(&arena, 50));
    assert_null(iw_realloc(NULL, SIZE_MAX, 2));
    iw_arena_release(&arena);
}

static void arena_is_aligned_and_kept_apart(void **state)
{
    (void)state;
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 20);
    unsigned char *parts[200];
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 200; i++) {
            parts[i] = iw_arena_alloc(&arena, 1 + i * 7);
            assert_non_null(parts[i]);
            assert_int_equal((uintptr_t)parts[i] % 16, 0);
            memset(parts[i], (int)i, 1 + i * 7);
        }
        for (unsigned i = 0; i < 200; i++)
            assert_int_equal(parts[i][i * 7], i);
        iw_arena_clear(&arena);
    }
    iw_arena_release(&arena);
}

static void map_against_a_model(void **state)
{
    (void)state;
    enum { KEYS = 512, STEPS = 20000 };
    struct iw_map map;
    iw_map_init(&map, KEYS);
    uint64_t model[KEYS] = {0}, seed = 42;
    size_t count = 0;
    for (int i = 0; i < STEPS; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        uint64_t key = (seed >> 33) % KEYS, fingerprint = (key + 1) * 0x10001;
        uint64_t *found = iw_map_find(&map, fingerprint);
        assert_int_equal(found != NULL, model[key] != 0);
        if (found)
            assert_int_equal(*found, model[key]);
        if (found && seed & 1) {
            iw_map_remove(&map, fingerprint);
            model[key] = 0;
            count--;
        } else if (!found) {
            assert_int_equal(iw_map_add(&map, fingerprint, (uint64_t)i + 1), IW_OK);
            model[key] = (uint64_t)i + 1;
            count++;
        }
        assert_int_equal(map.count, count);
    }
    iw_map_release(&map);
    iw_map_init(&map, 2);
    assert_int_equal(iw_map_add(&map, 0, 9), IW_OK);
    assert_int_equal(*iw_map_find(&map, 0), 9);
    assert_int_equal(iw_map_add(&map, 2, 1), IW_OK);
    assert_int_equal(iw_map_add(&map, 3, 1), IW_ERR_LIMIT);
    iw_map_release(&map);
}

static void hashes_are_keyed(void **state)
{
    (void)state;
    struct iw_hash_key a = {1, 2}, b = {1, 3};
    assert_int_equal(iw_hash64(&a, "abcdefgh", 8), iw_hash64(&a, "abcdefgh", 8));
    assert_true(iw_hash64(&a, "abcdefgh", 8) != iw_hash64(&b, "abcdefgh", 8));
    assert_true(iw_hash64(&a, "abcdefgh", 8) != iw_hash64(&a, "abcdefgh\0", 9));
    assert_true(iw_hash64(&a, "", 0) != 0);
}

static void near_names(void **state)
{
    (void)state;
    struct iw_nearest nearest = {0};
    iw_nearest_offer(&nearest, IW_STR("max-concurency"), "timeout");
    assert_null(nearest.name);
    iw_nearest_offer(&nearest, IW_STR("max-concurency"), "host-concurrency");
    iw_nearest_offer(&nearest, IW_STR("max-concurency"), "max-concurrency");
    assert_string_equal(nearest.name, "max-concurrency");
    assert_int_equal(nearest.distance, 1);
    nearest = (struct iw_nearest){0};
    iw_nearest_offer(&nearest, IW_STR("opnea"), "open");
    assert_string_equal(nearest.name, "open");
}

static void base64(void **state)
{
    (void)state;
    uint8_t out[16];
    assert_int_equal(iw_base64_len(0), 0);
    assert_int_equal(iw_base64_len(1), 4);
    assert_int_equal(iw_base64_len(15728640), 20971520);
    assert_int_equal(iw_base64_len(UINT64_MAX), UINT64_MAX);
    assert_int_equal(iw_base64_decode("iVBO\nRw==", 9, out, sizeof out), 4);
    assert_memory_equal(out, "\x89PNG", 4);
    assert_int_equal(iw_base64_decode("!!", 2, out, sizeof out), SIZE_MAX);
    assert_int_equal(iw_base64_decode("AAAAAAAA", 8, out, 2), 2);
}

/* RFC 4648 section 10, bytes beyond ASCII, and every length up to a few groups against the decoder. */
static void base64_add(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *text;
        size_t len;
    } rows[] = {
        {"", "", 0},
        {"f", "Zg==", 1},
        {"fo", "Zm8=", 2},
        {"foo", "Zm9v", 3},
        {"foob", "Zm9vYg==", 4},
        {"fooba", "Zm9vYmE=", 5},
        {"foobar", "Zm9vYmFy", 6},
        {"\0\0\0", "AAAA", 3},
        {"\xFF\xFF\xFF", "////", 3},
        {"\xFB\xEF\xBE\x80", "++++gA==", 4},
        {"\xFF\xD8\xFF\xE0\0\x10JFIF", "/9j/4AAQSkZJRg==", 10},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_buf out;
        iw_buf_init(&out, 1000);
        iw_buf_add_char(&out, '>');
        iw_base64_add(&out, (struct iw_str){rows[i].bytes, rows[i].len});
        assert_int_equal(out.err, IW_OK);
        assert_int_equal(out.len, 1 + strlen(rows[i].text));
        assert_int_equal(out.len - 1, iw_base64_len(rows[i].len));
        assert_memory_equal(out.ptr + 1, rows[i].text, out.len - 1);
        iw_buf_release(&out);
    }
    for (size_t len = 0; len < 260; len++) {
        uint8_t *bytes = test_malloc(len + 1), back[260];
        struct iw_buf out;
        iw_buf_init(&out, 1000);
        for (size_t i = 0; i < len; i++)
            bytes[i] = (uint8_t)(i * 97 + len);
        iw_base64_add(&out, (struct iw_str){(const char *)bytes, len});
        assert_int_equal(iw_base64_decode(out.ptr, out.len, back, sizeof back), len);
        if (len)
            assert_memory_equal(back, bytes, len);
        iw_buf_release(&out);
        test_free(bytes);
    }
    struct iw_buf tight; /* a ceiling is kept, and what was there stays */
    iw_buf_init(&tight, 16);
    iw_base64_add(&tight, IW_STR("0123456789abcdef"));
    assert_int_equal(tight.err, IW_ERR_LIMIT);
    assert_int_equal(tight.len, 0);
    iw_buf_release(&tight);
}

static enum iw_err note(void *user, const char *section, const char *key, const char *value, unsigned line,
                        struct iw_diag *diag)
{
    (void)diag;
    iw_buf_printf(user, "%u:%s/%s=%s;", line, section, key, value);
    return strcmp(key, "stop") == 0 ? IW_ERR_LIMIT : IW_OK;
}

static void ini(void **state)
{
    (void)state;
    char longest[400];
    (void)snprintf(longest, sizeof longest, "a = %0300d\n", 0);
    const struct {
        const char *text, *seen;
        enum iw_err err;
        unsigned line;
    } rows[] = {
        {"a = 1\n; note\n[s]\n\nb: 2 ; note\r\n# x\n[limit a]\nc =\n", "1:/a=1;5:s/b=2;8:limit a/c=;", IW_OK, 0},
        {"\xef\xbb\xbf"
         "a = 1",
         "1:/a=1;", IW_OK, 0},
        {"a = 1\nnonsense\nb = 2\n", "1:/a=1;", IW_ERR_SYNTAX, 2},
        {"a = 1\n  more\n", "1:/a=1;", IW_ERR_SYNTAX, 2},
        {"a = 1\nstop = 1\nb = 2\n", "1:/a=1;2:/stop=1;", IW_ERR_LIMIT, 0},
        {longest, "", IW_ERR_SYNTAX, 1},
        {"[unclosed\na = 1\n", "", IW_ERR_SYNTAX, 1},
        {"", "", IW_OK, 0},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_buf seen;
        struct iw_diag diag = {0};
        iw_buf_init(&seen, 10000);
        assert_int_equal(iw_ini_parse(iw_str_from(rows[i].text), note, &seen, &diag), rows[i].err);
        iw_buf_add_char(&seen, '\0');
        if (rows[i].line == 0 || rows[i].seen[0])
            assert_memory_equal(seen.ptr, rows[i].seen, strlen(rows[i].seen));
        if (rows[i].line)
            assert_int_equal(diag.line, rows[i].line);
        iw_buf_release(&seen);
    }
}

static void utf8(void **state)
{
    (void)state;
    char out[4];
    for (uint32_t point = 0; point <= 0x10FFFF; point += point < 0x900 ? 1 : 97) {
        if (point >= 0xD800 && point <= 0xDFFF)
            continue;
        size_t len = iw_utf8_put(point, out);
        assert_int_equal(iw_utf8_len((struct iw_str){out, len}), len);
        assert_int_equal(iw_utf8_len((struct iw_str){out, len - 1}), 0);
    }
    assert_int_equal(iw_utf8_valid(IW_STR("ab\xc3\xa9\xffz")), 4);
    assert_int_equal(iw_utf8_len(IW_STR("\xf4\x90\x80\x80")), 0);
}

static void diags(void **state)
{
    (void)state;
    char text[900];
    struct iw_diag diag = {0};
    iw_diag_at(&diag, "x.ini");
    assert_int_equal(iw_fail(&diag, IW_ERR_SYNTAX, 3, 5, "expected %s", "this"), IW_ERR_SYNTAX);
    iw_diag_format(&diag, text, sizeof text);
    assert_string_equal(text, "x.ini:3:5: expected this");
    diag.line = diag.column = 0;
    iw_diag_format(&diag, text, sizeof text);
    assert_string_equal(text, "x.ini: expected this");
    assert_int_equal(iw_fail(NULL, IW_ERR_IO, 0, 0, "x"), IW_ERR_IO);
    assert_int_equal(iw_err_exit_status(IW_ERR_USAGE), 2);
    assert_int_equal(iw_err_exit_status(IW_ERR_IO), 3);
    assert_int_equal(iw_err_exit_status(IW_ERR_NOMEM), 4);
}

static void dates(void **state)
{
    (void)state;
    static const struct {
        int64_t unix_s;
        const char *text;
    } rows[] = {
        {0, "1970-01-01 00:00:00 UTC"},
        {951782399, "2000-02-28 23:59:59 UTC"},
        {951782400, "2000-02-29 00:00:00 UTC"},
        {951868800, "2000-03-01 00:00:00 UTC"},
        {1709164800, "2024-02-29 00:00:00 UTC"},
        {1793188800, "2026-10-28 12:00:00 UTC"},
        {4107542399, "2100-02-28 23:59:59 UTC"},
        {4107542400, "2100-03-01 00:00:00 UTC"},
        {253402300799, "9999-12-31 23:59:59 UTC"},
        {253402300800, "after 9999"},
        {INT64_MAX, "after 9999"},
        {-1, "before 1970"},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        char text[24];
        assert_string_equal(iw_format_utc(rows[i].unix_s, text), rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates),
        cmocka_unit_test(sizes),
        cmocka_unit_test(times_boxes_words),
        cmocka_unit_test(shown),
        cmocka_unit_test(slices),
        cmocka_unit_test(json_strings),
        cmocka_unit_test(ceilings),
        cmocka_unit_test(arena_is_aligned_and_kept_apart),
        cmocka_unit_test(map_against_a_model),
        cmocka_unit_test(hashes_are_keyed),
        cmocka_unit_test(near_names),
        cmocka_unit_test(base64),
        cmocka_unit_test(base64_add),
        cmocka_unit_test(ini),
        cmocka_unit_test(utf8),
        cmocka_unit_test(diags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
