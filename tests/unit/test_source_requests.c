/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Request files as a kind of input: their images as leads, with their call; what is wrong as complaints where nobody
 * asks for calls; and which JSON is recognised. What a shape is, test_request_shapes.c tells. */
#include "base/iw.h"
#include "source_feed.h"

#define CHAT(content) "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[" content "]}]}"
#define IMAGE(url)    "{\"type\":\"image_url\",\"image_url\":{\"url\":\"" url "\"}}"

static const struct reading_case cases[] = {
    {"a document", DOC(CHAT(IMAGE("https://a.example/i.png") "," IMAGE("data:;base64,QUJD"))),
     "IMAGE 1:91 $.messages[0].content[0].image_url.url https://a.example/i.png\n"
     "IMAGE 1:158 $.messages[0].content[1].image_url.url data:;base64,\xE2\x80\xA6(17 chars)\n",
     IW_OK, NULL, 0, 0},
    {"lines, and what is wrong with them",
     DOC("\xEF\xBB\xBF{\"custom_id\":\"a\"}\r\n{\"custom_id\":\"a\",\"body\":" CHAT(
         IMAGE("http://x")) "}\r\nnull\r\n{]\r\n"),
     "! 2:1 the custom_id \"a\" stands here again: the request of line 1 has it, too\n"
     "IMAGE 2:115 $.body.messages[0].content[0].image_url.url http://x\n"
     "! 3:1 expected an object\n! 4:2 expected a key or '}', found ']'\n",
     IW_OK, NULL, 0, 0},
    {"a cut document", DOC("{\n\"messages\":[\n"), "", IW_ERR_SYNTAX,
     "expected a value or ']', found the end of the file", 3, 1},
    {"no JSON", DOC("hello"), "", IW_ERR_SYNTAX, "expected a value, found 'h'", 1, 1},
    {"nothing", DOC(""), "", IW_ERR_SYNTAX, "found the end of the file", 1, 1},
};

static void leads_and_complaints(void **state)
{
    (void)state;
    check_cases("requests", cases, IW_ARRAY_LEN(cases));
}

/* ---- calls ---- */

struct heard {
    uint64_t leads, calls, faults, files;
    const struct iw_call *call;
};

static enum iw_err on_lead(void *user, const struct iw_lead *lead)
{
    struct heard *h = user;
    assert_non_null(lead->call);
    assert_true(lead->image == &lead->call->list[h->leads] && lead->line == lead->image->line);
    h->call = lead->call;
    h->leads++;
    return IW_OK;
}

static enum iw_err on_call(void *user, const struct iw_call *call)
{
    struct heard *h = user;
    assert_true(call->list_count == h->leads && (!h->call || call == h->call));
    h->calls++;
    h->leads = 0;
    return IW_OK;
}

static enum iw_err on_fault(void *user, enum iw_request_fault fault, unsigned line, unsigned column, uint64_t at,
                            struct iw_str custom_id, struct iw_str text)
{
    struct heard *h = user;
    assert_true(fault == IW_FAULT_JSON && line == 2 && column == 18 && at > 17 && text.len);
    assert_true(iw_str_eq(custom_id, IW_STR("b")));
    h->faults++;
    return IW_OK;
}

static enum iw_err on_file(void *user, const struct iw_request_file *file)
{
    struct heard *h = user;
    assert_true(file->calls == 2 && file->images == 2 && file->faults == 1 && file->lines == 3 && file->is_batch);
    assert_true(file->has_many_models);
    h->files++;
    return IW_OK;
}

static void calls_follow_their_leads(void **state)
{
    (void)state;
    static const char text[] =
        "{\"model\":\"n\",\"messages\":[]}\n{\"custom_id\":\"b\",}\n" CHAT(IMAGE("a") "," IMAGE("b"));
    static const struct iw_call_events calls = {on_call, on_fault, on_file};
    struct heard h = {0};
    const struct iw_source_events events = {
        .lead = on_lead, .complaint = reading_complaint, .user = &h, .calls = &calls};
    struct iw_reader *reader = NULL;
    struct iw_diag diag;
    const struct iw_source *kind = iw_source_find(IW_STR("requests"));
    assert_int_equal(iw_reader_new(kind, IW_STR(""), &source_limits, &events, &reader), IW_OK);
    assert_int_equal(iw_reader_feed(reader, text, sizeof text - 1, &diag), IW_OK);
    assert_int_equal(iw_reader_finish(reader, &diag), IW_OK);
    struct iw_buf words;
    iw_buf_init(&words, 1000);
    iw_reader_describe(reader, &words);
    iw_buf_add_char(&words, '\0');
    assert_string_equal(words.ptr, "2 requests, 2 images (openai-chat)");
    iw_buf_release(&words);
    iw_reader_free(reader);
    assert_true(h.calls == 2 && h.faults == 1 && h.files == 1);
}

/* ---- recognition ---- */

static const char *kind_of(struct iw_str text)
{
    const struct iw_source *kind = iw_source_sniff(text, IW_STR("x.json"), IW_LEAD_IMAGE, NULL);
    return kind ? kind->name : "none";
}

static void only_requests_are_recognised(void **state)
{
    (void)state;
    assert_string_equal(kind_of(IW_STR(" \n" CHAT("\"x\""))), "requests");
    assert_string_equal(kind_of(IW_STR("\xEF\xBB\xBF{\"custom_id\":\"a\",\"method\":\"POST\",\"body\":{}}\n")),
                        "requests");
    assert_string_equal(kind_of(IW_STR("{\"@type\":\"Product\",\"image\":\"https://a.example/i.png\"}")), "none");
    assert_string_equal(kind_of(IW_STR("{\"type\":\"FeatureCollection\",\"features\":[]}")), "none");
    assert_string_equal(kind_of(IW_STR("{\"name\":\"p\",\"version\":\"1.0.0\",\"dependencies\":{}}")), "none");
    assert_string_equal(kind_of(IW_STR("[\"https://a.example/i.png\"]")), "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leads_and_complaints),
        cmocka_unit_test(calls_follow_their_leads),
        cmocka_unit_test(only_requests_are_recognised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
