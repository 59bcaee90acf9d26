/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Images in their document: what is said of data URIs and of base64, that it is the same however the text is cut, and
 * that what is decoded is what was encoded. */
#include "base/iw.h"
#include "corpus.h"
#include "request/inline.h"
#include "request/skim.h"

#include "base/base64.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- words of an image ---- */

static struct iw_buf words(const struct iw_inline *in)
{
    struct iw_buf out;
    iw_buf_init(&out, 4096);
    iw_buf_printf(&out, "%llu %llu %llu %s", (unsigned long long)in->chars, (unsigned long long)in->base64_chars,
                  (unsigned long long)in->bytes, in->has_prefix ? "prefix" : "bare");
    if (in->label.len)
        iw_buf_printf(&out, " [%.*s]", IW_STR_ARGS(in->label));
    iw_buf_printf(&out, " %s", in->image.format ? in->image.format->name : "-");
    if (in->image.width_px)
        iw_buf_printf(&out, " %ux%u", in->image.width_px, in->image.height_px);
    iw_buf_printf(&out, "%s%s%s%s%s%s", in->is_url_safe ? " url-safe" : "", in->is_unpadded ? " unpadded" : "",
                  in->has_space ? " space" : "", in->has_percent ? " percent" : "", in->is_corrupt ? " corrupt" : "",
                  in->lacks_end ? " cut" : "");
    if (in->is_doubled)
        iw_buf_printf(&out, " doubled");
    if (in->fault)
        iw_buf_printf(&out, " ! %s", in->fault);
    iw_buf_add_char(&out, '\0');
    assert_int_equal(out.err, IW_OK);
    assert_true(in->image.width_px || in->dims_why);
    assert_true(in->has_looked);
    return out;
}

/* In pieces of so many characters, each a block of its own, and what the scan takes by itself. */
static struct iw_buf words_in_pieces(struct iw_str text, size_t piece, bool takes)
{
    struct iw_inline_scan scan = {0};
    struct iw_arena arena;
    iw_arena_init(&arena, 4096);
    iw_inline_begin(&scan, iw_str_starts_nocase(iw_str_trim(text), IW_STR("data:")));
    while (text.len) {
        size_t n = IW_MIN(piece, text.len);
        char *copy = malloc(n);
        memcpy(copy, text.ptr, n);
        size_t taken = takes ? iw_inline_take(&scan, copy, n) : 0;
        iw_inline_feed(&scan, (struct iw_str){copy + taken, n - taken});
        free(copy);
        text = iw_str_skip(text, n);
    }
    assert_int_equal(iw_inline_end(&scan), IW_OK);
    scan.out.label = iw_inline_label(&scan, &arena);
    struct iw_buf said = words(&scan.out);
    iw_inline_release(&scan);
    iw_arena_release(&arena);
    return said;
}

static struct iw_buf words_every_way(struct iw_str text)
{
    struct iw_arena arena;
    struct iw_inline in;
    iw_arena_init(&arena, 4096);
    iw_inline_read(&arena, text, &in);
    struct iw_buf whole = words(&in);
    iw_arena_release(&arena);
    for (size_t i = 0; i < 12; i++) {
        struct iw_buf part = words_in_pieces(text, i < 6 ? i + 1 : i * i, i & 1);
        assert_string_equal(part.ptr, whole.ptr);
        iw_buf_release(&part);
    }
    return whole;
}

/* ---- cases ---- */

/* A GIF of one pixel: 43 bytes, 58 characters without their padding. */
#define GIF "R0lGODlhAQABAIAAAP///wAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw"
#define SVG "<svg xmlns='http://www.w3.org/2000/svg' width='7' height='5'/>"

static const struct {
    const char *text, *said;
} cases[] = {
    {"data:image/gif;base64," GIF "==", "82 60 43 prefix [image/gif] gif 1x1"},
    {"DATA:Image/GIF;Charset=utf-8;BASE64," GIF "==", "96 60 43 prefix [image/gif] gif 1x1"},
    {" data:image/gif ; base64 ," GIF "==", "86 60 43 prefix [image/gif] gif 1x1"},
    {"data:image/gif;base64," GIF "AA", "82 60 45 prefix [image/gif] gif 1x1"}, /* two more bytes are no matter */
    {"data:image/gif;base64,R0lGODlhAQABAIAAAP///wAAACH5BAAAAAAALAAAAAABAAEAAAICRA==",
     "78 56 40 prefix [image/gif] gif 1x1 cut"},
    {"data:;base64," GIF "==", "73 60 43 prefix gif 1x1"},
    {"data:image/jpg;base64," GIF "==", "82 60 43 prefix [image/jpg] gif 1x1"},
    {"data:image/gif;base64," GIF, "80 58 43 prefix [image/gif] gif 1x1 unpadded"},
    {"data:image/gif;base64," GIF "=", "81 59 43 prefix [image/gif] gif 1x1 ! the padding is incomplete"},
    {"data:image/gif;base64," GIF "===", "83 61 43 prefix [image/gif] gif 1x1 ! more padding than belongs there"},
    {"data:image/gif;base64," GIF "%3D%3d", "86 60 43 prefix [image/gif] gif 1x1 percent"},
    {"data:image/gif;base64," GIF "=%",
     "82 59 43 prefix [image/gif] gif 1x1 ! a character outside the base64 alphabet"},
    {"data:image/gif;base64," GIF "A==", "83 61 44 prefix [image/gif] gif 1x1 ! more padding than belongs there"},
    {"data:image/gif;base64," GIF "==AAAA",
     "86 64 46 prefix [image/gif] gif 1x1 ! characters stand behind the padding"},
    {"data:image/gif;base64,data:image/gif;base64," GIF "==", "104 60 43 prefix [image/gif] gif 1x1 doubled"},
    {"data:;base64,DATA:image/gif;charset=x;base64," GIF "==", "105 60 43 prefix [image/gif] gif 1x1 doubled"},
    {"data:image/gif;base64, d%61ta:image/png;base64," GIF "==",
     "107 60 43 prefix [image/png] gif 1x1 space percent doubled"},
    {"data:image/gif;base64,data:image/svg+xml," SVG, "103 0 62 prefix [image/svg+xml] svg 7x5 doubled"},
    {"data:a;base64,data:b;base64,data:image/gif;base64," GIF "==",
     "110 79 57 prefix [b] - doubled ! the prefix stands more than twice"},
    {"data:a;base64,data", "18 4 3 prefix [a] -"},
    {"da ta:image/gif;base64," GIF "==", "83 79 57 bare - space ! a character outside the base64 alphabet"},
    {"data:image/gif;base64,", "22 0 0 prefix [image/gif] - ! it is empty"},
    {"data:image/gif;base64", "21 0 0 prefix [image/gif] - ! no comma ends its prefix"},
    {"data:", "5 0 0 prefix - ! no comma ends its prefix"},
    {"data:,", "6 0 0 prefix - ! it is empty"},
    {"data:image/svg+xml," SVG, "81 0 62 prefix [image/svg+xml] svg 7x5"},
    {"data:image/svg+xml;utf8,%3Csvg xmlns='http://www.w3.org/2000/svg' width='7' height='5'/%3e",
     "90 0 62 prefix [image/svg+xml] svg 7x5"},
    {"data:text/plain,100%25 %zz %", "28 0 10 prefix [text/plain] -"},
    {"data:text/plain,base64", "22 0 6 prefix [text/plain] -"},
    {"data:base64,QQ==", "16 0 4 prefix [base64] -"},
    {GIF "==", "60 60 43 bare gif 1x1"},
    {"R0lGODlhAQABAIAAAP///wAAACH5\r\nBAAAAAAALAAAAAAB\tAAEAAAICRAEAOw==", "63 60 43 bare gif 1x1 space"},
    {"R0lGODlhAQABAIAAAP___wAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==", "60 60 43 bare gif 1x1 url-safe"},
    {"R0lGODlhAQABAIAAAP%2F//wA", "25 24 18 bare gif 1x1 ! a character outside the base64 alphabet"},
    {"", "0 0 0 bare - ! it is empty"},
    {"A", "1 1 0 bare - ! the length of its base64 is 1 more than a multiple of 4"},
    {"QUJD\xC3\xA9", "6 4 3 bare - ! a character outside the base64 alphabet"},
    {"iVBORw0KGgoAAAANSUhEUgAAAAA", "27 27 20 bare png unpadded corrupt"},
};

static void says_what_is_there(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < IW_ARRAY_LEN(cases); i++) {
        struct iw_buf said = words_every_way(iw_str_from(cases[i].text));
        if (strcmp(said.ptr, cases[i].said) != 0) {
            print_error("%s\n gave       %s\n instead of %s\n", cases[i].text, said.ptr, cases[i].said);
            wrong++;
        }
        iw_buf_release(&said);
    }
    assert_int_equal(wrong, 0);
}

static void a_prefix_has_an_end(void **state)
{
    (void)state;
    char text[1000] = "data:image/gif;x=";
    memset(text + 17, 'x', 400);
    strcpy(text + 417, ";base64," GIF "==");
    struct iw_buf said = words_every_way(iw_str_from(text));
    assert_non_null(strstr(said.ptr, "! the prefix is too long"));
    iw_buf_release(&said);
}

/* ---- headers ---- */

static struct iw_buf encode(struct iw_str bytes)
{
    struct iw_buf text;
    iw_buf_init(&text, 8 << 20);
    iw_base64_add(&text, bytes);
    assert_int_equal(text.err, IW_OK);
    return text;
}

static void check_jpeg(size_t segments, bool has_size)
{
    struct iw_buf jpeg;
    iw_buf_init(&jpeg, 8 << 20);
    iw_buf_add(&jpeg, "\xFF\xD8", 2);
    for (size_t i = 0; i < segments; i++) { /* APP13 of 65,000 bytes */
        iw_buf_add(&jpeg, "\xFF\xED\xFD\xE8", 4);
        for (size_t j = 0; j < 64998; j++)
            iw_buf_add_char(&jpeg, (char)(j * 7 + i));
    }
    iw_buf_add(&jpeg, "\xFF\xC0\x00\x11\x08\x04\x38\x07\x80\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01\xFF\xDA", 21);
    struct iw_buf text = encode(iw_buf_str(&jpeg));
    struct iw_buf said = words_every_way(iw_buf_str(&text));
    if ((strstr(said.ptr, "jpeg 1920x1080") != NULL) != has_size)
        print_error("%zu segments: %s\n", segments, said.ptr);
    assert_true((strstr(said.ptr, "jpeg 1920x1080") != NULL) == has_size);
    iw_buf_release(&said);
    iw_buf_release(&text);
    iw_buf_release(&jpeg);
}

static void headers_are_followed(void **state)
{
    (void)state;
    check_jpeg(0, true);
    check_jpeg(1, true);
    check_jpeg(12, true);
    check_jpeg(IW_INLINE_WINDOWS + 1, false); /* a maze has an end */
}

/* ---- whole images ---- */

/* What is known of an image of which all bytes are in hand. */
static struct iw_image_facts facts_of(const uint8_t *bytes, size_t len)
{
    static const struct iw_wants wants = {.animation = true, .trailing_exif = true};
    struct iw_window window = {.ptr = bytes, .len = len};
    struct iw_view view = {&window, len > 0, len};
    struct iw_image_facts facts;
    struct iw_need need;
    (void)iw_image_scan(&view, &wants, &facts, &need);
    return facts;
}

/* Whether it is read alike within base64; less may be known of one whose header is too long or goes backwards. */
static bool is_alike(const char *dir, const char *name, size_t *out_less)
{
    size_t len = 0;
    uint8_t *bytes = corpus_slurp(dir, name, &len);
    assert_non_null(bytes);
    struct iw_image_facts a = facts_of(bytes, len);
    struct iw_buf text;
    iw_buf_init(&text, 64 << 20);
    iw_base64_add(&text, (struct iw_str){(char *)bytes, len});
    struct iw_arena arena;
    struct iw_inline in;
    iw_arena_init(&arena, 4096);
    iw_inline_read(&arena, iw_buf_str(&text), &in);
    const struct iw_image_facts *b = &in.image;
    bool is_less = !b->width_px && a.width_px && in.dims_why && strstr(in.dims_why, "the header ");
    bool is_right = is_less || (a.format == b->format && a.width_px == b->width_px && a.height_px == b->height_px &&
                                a.orientation == b->orientation && in.bytes == len && (!in.fault || len == 0));
    if (!is_right)
        print_error("%s: %s %ux%u, in base64 %s %ux%u (%s)\n", name, a.format ? a.format->name : "-", a.width_px,
                    a.height_px, b->format ? b->format->name : "-", b->width_px, b->height_px,
                    in.dims_why ? in.dims_why : "");
    *out_less += is_less;
    iw_arena_release(&arena);
    iw_buf_release(&text);
    free(bytes);
    return is_right;
}

static void images_are_read_as_from_files(void **state)
{
    (void)state;
    char dir[2048];
    const char *root = getenv("IW_CORPUS");
    (void)snprintf(dir, sizeof dir, "%s/images", root ? root : "");
    size_t len = 0;
    uint8_t *table = root ? corpus_slurp(dir, "truth.tsv", &len) : NULL;
    if (!table) {
        print_message("IW_CORPUS names no corpus\n");
        skip();
    }
    struct iw_str rest = {(char *)table, len}, line, path;
    size_t wrong = 0, count = 0, less = 0;
    (void)iw_str_next(&rest, '\n', &line);
    while (iw_str_next(&rest, '\n', &line) && line.len) {
        char name[1024];
        (void)iw_str_next(&line, '\t', &path);
        (void)snprintf(name, sizeof name, "%.*s", IW_STR_ARGS(path));
        wrong += !is_alike(dir, name, &less);
        count++;
    }
    free(table);
    print_message("%zu images, of %zu less is known than from a file\n", count, less);
    assert_true(count > 100 && less * 20 < count);
    assert_int_equal(wrong, 0);
}

/* ---- random bytes ---- */

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* As JSON, with the escapes that writers use, white space, and either alphabet. */
static void write_odd(struct iw_buf *out, struct iw_str text, uint32_t *seed)
{
    uint32_t kind = next_random(seed) % 4;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (kind == 1 && c == '/')
            iw_buf_printf(out, "\\/");
        else if (kind == 1 && c == '+')
            iw_buf_printf(out, "\\u002%c", next_random(seed) & 1 ? 'b' : 'B');
        else if (kind == 2 && (c == '/' || c == '+'))
            iw_buf_add_char(out, c == '/' ? '_' : '-');
        else
            iw_buf_add_char(out, c);
        if (kind == 3 && i % 76 == 75)
            iw_buf_printf(out, "\\r\\n");
    }
}

static void decodes_what_was_encoded(void **state)
{
    (void)state;
    uint32_t seed = 7;
    for (unsigned round = 0; round < 400; round++) {
        uint8_t bytes[700], out[703];
        size_t len = next_random(&seed) % sizeof bytes, done = 0;
        for (size_t i = 0; i < len; i++)
            bytes[i] = (uint8_t)next_random(&seed);
        struct iw_buf plain = encode((struct iw_str){(char *)bytes, len}), text;
        iw_buf_init(&text, 1 << 16);
        iw_buf_printf(&text, "%s", round & 1 ? "data:image\\/png;base64," : "");
        write_odd(&text, iw_buf_str(&plain), &seed);
        struct iw_inline_decoder decoder = {0};
        size_t piece = 1 + next_random(&seed) % 90;
        for (size_t at = 0; at < text.len; at += piece) {
            size_t n = IW_MIN(piece, text.len - at), got = 0;
            assert_int_equal(iw_inline_decode(&decoder, text.ptr + at, n, out + done, sizeof out - done, &got), IW_OK);
            done += got;
        }
        assert_int_equal(done, len);
        assert_memory_equal(out, bytes, len);
        iw_buf_release(&plain);
        iw_buf_release(&text);
    }
}

static void decoding_says_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text, *bytes;
        enum iw_err err;
    } rows[] = {
        {"data:text/plain,a%41%4\\u0031%zz%", "aAA%zz", IW_OK},
        {"data:;base64,QUJD", "ABC", IW_OK},
        {"data:;base64,QU%4AD", "ABC", IW_OK}, /* %4A: "J" */
        {"data:;base64,data:image/png;base64,QUJD", "ABC", IW_OK},
        {"data:;base64,DA TA\\u003a;base64,QUJD", "ABC", IW_OK},
        {"data:;base64,d%61ta:,A%42", "AB", IW_OK},
        {"data:;base64,dateQUJD", "u\xAB^\x41\x42\x43", IW_OK},
        {"data:;base64,data:;base64,data:;base64,QUJD", "u\xABZ", IW_ERR_SYNTAX},
        {"QUJD====", "ABC", IW_ERR_SYNTAX},
        {"QQ==QQ==", "A", IW_ERR_SYNTAX},
        {"QUJD!", "ABC", IW_ERR_SYNTAX},
        {"QUJD\\x", "ABC", IW_ERR_SYNTAX},
        {"QUJDQUJDQUJD", "ABCABCAB", IW_ERR_LIMIT},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_inline_decoder decoder = {0};
        uint8_t out[8];
        size_t len;
        assert_int_equal(iw_inline_decode(&decoder, rows[i].text, strlen(rows[i].text), out, sizeof out, &len),
                         rows[i].err);
        assert_int_equal(len, strlen(rows[i].bytes));
        assert_memory_equal(out, rows[i].bytes, len);
    }
}

/* ---- vectors ---- */

static void vectors_stop_where_they_must(void **state)
{
    (void)state;
    char text[300];
    for (unsigned byte = 0; byte < 256; byte++)
        for (size_t at = 0; at < 290; at += at < 70 ? 1 : 13) {
            memset(text, 'A', sizeof text);
            text[at] = (char)byte;
            bool is_plain = byte >= ' ' && byte < 0x80 && byte != '"' && byte != '\\';
            bool is_digit = byte < 0x80 && iw_base64_values[byte] >= 0 && byte != '-' && byte != '_';
            assert_int_equal(iw_skim_string(text, 290), is_plain ? 290 : at);
            assert_int_equal(iw_skim_base64(text, 290), is_digit ? 290 : at);
            assert_int_equal(iw_skim_base64(text, at), at);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_is_there),           cmocka_unit_test(a_prefix_has_an_end),
        cmocka_unit_test(headers_are_followed),         cmocka_unit_test(images_are_read_as_from_files),
        cmocka_unit_test(decodes_what_was_encoded),     cmocka_unit_test(decoding_says_what_is_wrong),
        cmocka_unit_test(vectors_stop_where_they_must),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
