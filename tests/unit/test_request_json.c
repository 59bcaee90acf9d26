/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The scanner of JSON: what it takes and refuses, and where; the same however the bytes are cut. */
#include "base/iw.h"
#include "corpus.h"
#include "request/json.h"

#include "base/buf.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>

/* ---- events as text ---- */

struct hearing {
    struct iw_buf said;
    enum iw_json_type open[IW_JSON_DEEPEST + 1];
    size_t depth;
};

static void on_key(void *user, struct iw_str key, const struct iw_json_place *place)
{
    struct hearing *h = user;
    iw_buf_printf(&h->said, "%u:%u key %s%.*s\n", place->line, place->column, key.ptr ? "" : "(long)",
                  IW_STR_ARGS(key));
}

static bool on_open(void *user, enum iw_json_type type, const struct iw_json_place *place)
{
    static const char *const names[] = {"{", "[", "string", "number", "true", "false", "null"};
    struct hearing *h = user;
    h->open[h->depth++] = type;
    iw_buf_printf(&h->said, "%u:%u %s ", place->line, place->column, names[type]);
    return true;
}

static void on_text(void *user, struct iw_str piece)
{
    struct hearing *h = user;
    assert_true(piece.len > 0 && h->depth && h->open[h->depth - 1] == IW_JSON_STRING);
    iw_buf_add_str(&h->said, piece);
}

static enum iw_err on_close(void *user, uint64_t end)
{
    struct hearing *h = user;
    assert_true(h->depth > 0);
    h->depth--;
    iw_buf_printf(&h->said, " .%llu\n", (unsigned long long)end);
    return IW_OK;
}

static enum iw_err on_end(void *user)
{
    struct hearing *h = user;
    assert_int_equal(h->depth, 0);
    iw_buf_printf(&h->said, "end\n");
    return IW_OK;
}

static enum iw_err on_fault(void *user, const struct iw_json_place *place, struct iw_str text)
{
    struct hearing *h = user;
    h->depth = 0;
    iw_buf_printf(&h->said, "\n! %u:%u @%llu %.*s\n", place->line, place->column, (unsigned long long)place->at,
                  IW_STR_ARGS(text));
    return IW_OK;
}

static const struct iw_json_events events = {on_key, on_open, on_text, NULL, on_close, on_end, on_fault};

static void feed(struct iw_json *json, struct iw_str piece, enum iw_err *err, struct iw_diag *diag)
{
    if (*err != IW_OK || !piece.len)
        return;
    char *copy = malloc(piece.len); /* exactly as long: a sanitizer sees a step beyond */
    memcpy(copy, piece.ptr, piece.len);
    *err = iw_json_feed(json, copy, piece.len, diag);
    free(copy);
}

/* Reads text cut at one place (or in pieces of one byte where cut is SIZE_MAX); an error is its last line. */
static struct iw_buf hear(struct iw_str text, size_t cut)
{
    struct hearing h = {.depth = 0};
    struct iw_json json;
    struct iw_diag diag = {0};
    enum iw_err err = IW_OK;
    iw_buf_init(&h.said, 64 << 20);
    iw_json_init(&json, &events, &h);
    if (cut == SIZE_MAX) {
        for (size_t i = 0; i < text.len; i++)
            feed(&json, iw_str_sub(text, i, 1), &err, &diag);
    } else {
        feed(&json, iw_str_sub(text, 0, cut), &err, &diag);
        feed(&json, iw_str_skip(text, cut), &err, &diag);
    }
    if (err == IW_OK)
        err = iw_json_finish(&json, &diag);
    assert_true(err == IW_OK || (err == diag.code && diag.text[0] && diag.line && diag.column));
    if (err != IW_OK)
        iw_buf_printf(&h.said, "\nerror %u:%u %s\n", diag.line, diag.column, diag.text);
    iw_buf_add_char(&h.said, '\0');
    assert_int_equal(h.said.err, IW_OK);
    return h.said;
}

static struct iw_buf hear_every_way(struct iw_str text)
{
    struct iw_buf whole = hear(text, text.len);
    for (size_t cut = 0; cut <= text.len; cut++) {
        struct iw_buf part = hear(text, cut < text.len ? cut : SIZE_MAX);
        assert_string_equal(part.ptr, whole.ptr);
        iw_buf_release(&part);
    }
    return whole;
}

static bool is_refused(const char *said)
{
    return strstr(said, "\nerror ") || strstr(said, "\n! ");
}

/* ---- cases ---- */

static const struct {
    const char *text, *said; /* without the lines of events: what is refused, or "" */
} cases[] = {
    {"{}", ""},
    {"[1,-0,0.5,1e+9,-1.25E-3,true,false,null,\"\"]", ""},
    {"  \t\r\n{\"a\" : [ ] , \"b\":{}}\n\n", ""},
    {"\xEF\xBB\xBF{}", ""},
    {"\xEF\xBB{}", "error 1:1 expected a value, found byte 0xEF"},
    {"\"\\uD83D\\uDE00 \\ud800\"", ""},
    {"", "error 1:1 expected a value, found the end of the file"},
    {" \n ", "error 2:2 expected a value, found the end of the file"},
    {"{\"a\":1,}", "error 1:8 expected a key, found '}'"},
    {"[1 2]", "error 1:4 expected ',' or ']', found '2'"},
    {"[01]", "error 1:3 expected ',' or ']', found '1'"},
    {"[-]", "error 1:3 expected a digit, found ']'"},
    {"[1.]", "error 1:4 expected a digit, found ']'"},
    {"{'a':1}", "error 1:2 expected a key or '}', found '''"},
    {"{\"a\" 1}", "error 1:6 expected ':', found '1'"},
    {"[tru]", "error 1:5 expected true, false or null, found ']'"},
    {"[\"a\tb\"]", "error 1:4 a control character (byte 0x09) stands in a string"},
    {"[\"\\x\"]", "error 1:4 expected an escape, found 'x'"},
    {"[\"\\u12G4\"]", "error 1:7 expected a hexadecimal digit, found 'G'"},
    {"[\"\xC0\xAF\"]", "error 1:3 a string is no UTF-8 (byte 0xC0)"},
    {"[\"\xE2\x82\"]", "error 1:5 expected the rest of a UTF-8 character, found '\"'"},
    {"{} {}", "error 1:4 expected the end of the line, found '{'"},
    {"{\n\"a\":\n1\n", "error 4:1 expected ',' or '}', found the end of the file"},
    {"{\n}\n{", "error 3:1 expected the end of the document, found '{'"},
    {"{\"a\":1", "error 1:7 expected ',' or '}', found the end of the file"},
    /* lines */
    {"{}\n{}\n", ""},
    {"{}\r\n\r\n[]\r\n1\r\n\"x\"", ""},
    {"{}\n{\"a\":}\n{}\n", "! 2:6 @8 expected a value, found '}'"},
    {"{\"a\":1,\n{}", "! 1:1 @0 the line ends within a value"},
    {"{\"a\":1,\n{}\n{}\n", "! 1:1 @0 the line ends within a value"},
    {"{\"a\":[\n{\"a\":1}\n{\"a\":2}\n", "! 1:1 @0 the line ends within a value\n2:1 {"},
    {"{\"a\":[{},\r\n\r\n{\"a\":1}", "! 1:1 @0 the line ends within a value\n3:1 {"},
    {"{\"a\":\n{ \"a\" :1}\n", "! 1:1 @0 the line ends within a value\n2:1 { 2:3 key a"},
    {"{\"a\":[\n{\"\\u0061\":1}\n{\"a\":}\n{}", "! 3:6 @"},
    {"{\"a\":1,\n\n{}\n{}", "! 1:1 @0 the line ends within a value\n3:1 {"},
    {"{\"a\":[\n1,\n{\"a\":1}", "! 2:1 @7 it was taken for the rest of the line before, which is cut"},
    {"{\"a\":[\n{\"b\":1},\n{\"c\":2}]}", ""},                      /* of another kind: a document */
    {"{\"type\":\"x\",\"a\":[\n{\"type\":1},\n{\"type\":2}]}", ""}, /* as blocks do */
    {"{\"a\":[\n {\"a\":1},\n {\"a\":2}]}", ""},                    /* lines are not indented */
    {"{\"a\":[\n{},{\"a\":1}]}", ""},
    {"{\n\"a\":[\n{\n\"a\":1\n}\n]\n}", ""},
    {"{\"a\":[\n{\n\"a\":1}]}", ""},
    {"nope\n{}", "! 1:2 @1 expected true, false or null, found 'o'"},
    {"nope\n\n", "error 1:2 expected true, false or null, found 'o'"},
    {"{}\n{\"a\"", "! 2:5 @7 expected ':', found the end of the file"},
    {"{}\n{\"a\":\"b\n{}\n", "! 2:8 @10 expected the rest of a string, found the end of the line"},
    {"{}\n[1,\n2]", "! 2:4 @6 expected a value, found the end of the line"},
};

static void refuses_what_is_wrong_and_says_where(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < IW_ARRAY_LEN(cases); i++) {
        struct iw_buf said = hear_every_way(iw_str_from(cases[i].text));
        bool is_right = cases[i].said[0] ? strstr(said.ptr, cases[i].said) != NULL : !is_refused(said.ptr);
        if (!is_right)
            print_error("\"%s\" gave:\n%s-- instead of: %s\n", cases[i].text, said.ptr, cases[i].said);
        wrong += !is_right;
        iw_buf_release(&said);
    }
    assert_int_equal(wrong, 0);
}

static void tells_what_is_there(void **state)
{
    (void)state;
    struct iw_buf said =
        hear_every_way(IW_STR("{\"a\\u0062\": [ \"\\u00e9\\/\\n\xE4\xB8\xAD\", -1.5e3 ],\n \"\":null}"));
    assert_string_equal(said.ptr, "1:1 { 1:2 key ab\n"
                                  "1:13 [ 1:15 string \xC3\xA9/\n\xE4\xB8\xAD .29\n"
                                  "1:32 number  .37\n .39\n"
                                  "2:2 key \n"
                                  "2:5 null  .49\n .50\nend\n");
    iw_buf_release(&said);
}

static void long_keys_are_no_names(void **state)
{
    (void)state;
    struct iw_buf text;
    iw_buf_init(&text, 4096);
    for (unsigned len = IW_JSON_KEY_BYTES - 1; len <= IW_JSON_KEY_BYTES + 1; len++) {
        iw_buf_clear(&text);
        iw_buf_printf(&text, "{\"");
        for (unsigned i = 0; i < len; i++)
            iw_buf_add_char(&text, 'k');
        iw_buf_printf(&text, "\":1}");
        struct iw_buf said = hear_every_way(iw_buf_str(&text));
        assert_int_equal(strstr(said.ptr, "(long)") != NULL, len > IW_JSON_KEY_BYTES);
        assert_false(is_refused(said.ptr));
        iw_buf_release(&said);
    }
    iw_buf_release(&text);
}

static void nesting_has_an_end(void **state)
{
    (void)state;
    static char text[2 * IW_JSON_DEEPEST];
    memset(text, '[', IW_JSON_DEEPEST);
    memset(text + IW_JSON_DEEPEST, ']', IW_JSON_DEEPEST);
    struct iw_buf said = hear((struct iw_str){text, sizeof text}, SIZE_MAX);
    assert_false(is_refused(said.ptr));
    iw_buf_release(&said);
    memset(text, '[', IW_JSON_DEEPEST + 1);
    said = hear((struct iw_str){text, sizeof text}, 7);
    assert_non_null(strstr(said.ptr, "error 1:513 it is nested too deep"));
    iw_buf_release(&said);
}

/* ---- the suite ---- */

static bool is_right(const char *dir, const char *name)
{
    size_t len = 0;
    char *bytes = (char *)corpus_slurp(dir, name, &len);
    assert_non_null(bytes);
    struct iw_buf said = hear_every_way((struct iw_str){bytes, len});
    bool is_wrong = (name[0] == 'y' && is_refused(said.ptr)) || (name[0] == 'n' && !is_refused(said.ptr));
    if (is_wrong)
        print_error("%s gave:\n%s--\n", name, said.ptr);
    iw_buf_release(&said);
    free(bytes);
    return !is_wrong;
}

static void judges_the_suite(void **state)
{
    (void)state;
    char dir[2048];
    const char *root = getenv("IW_CORPUS");
    (void)snprintf(dir, sizeof dir, "%s/json", root ? root : "");
    DIR *files = root ? opendir(dir) : NULL;
    if (!files) {
        print_message("IW_CORPUS names no corpus\n");
        skip();
    }
    size_t wrong = 0, count = 0;
    for (struct dirent *file; (file = readdir(files));) {
        if (!strstr(file->d_name, ".json"))
            continue;
        wrong += !is_right(dir, file->d_name);
        count++;
    }
    closedir(files);
    assert_true(count > 100);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_wrong_and_says_where),
        cmocka_unit_test(tells_what_is_there),
        cmocka_unit_test(long_keys_are_no_names),
        cmocka_unit_test(nesting_has_an_end),
        cmocka_unit_test(judges_the_suite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
