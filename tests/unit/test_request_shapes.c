/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The shapes of requests: what is an image where, what is none, and where all of it stands. Each document is read whole
 * and in pieces, and each span is looked up in it. */
#include "base/iw.h"
#include "request_feed.h"

#include "request/reader.h"

/* A GIF of one pixel. */
#define B      "R0lGODlhAQABAIAAAP///wAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw=="
#define D      "data:image/gif;base64," B
#define U      "https://a.example/i.png"
#define SAID_D "data:image/gif;base64,\xE2\x80\xA6(82 chars)"
#define SAID_B "data:image/gif;base64,\xE2\x80\xA6(60 chars)"

static const struct {
    const char *what, *text, *said;
} cases[] = {
    {"chat",
     "{\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"" U "\",\"detail\":\"low\"}}]}]}",
     "url 1:65 $.messages[0].content[0].image_url.url low " U "\n= 1:1 openai-chat// 0 of 1, 0 0\n"},
    {"the type behind", "{\"messages\":[{\"content\":[{\"image_url\":\"" D "\",\"type\":\"image_url\"}]}]}",
     "data 1:39 $.messages[0].content[0].image_url " SAID_D "\n= 1:1 openai-chat// 1 of 1, 82 43\n"},
    {"another type", "{\"messages\":[{\"content\":[{\"image_url\":{\"url\":\"" U "\"},\"type\":\"text\"}]}]}",
     "= 1:1 // 0 of 0, 0 0\n"},
    {"no type", "{\"messages\":[{\"content\":[{\"image_url\":{\"url\":\"" U "\"}}]}]}", "= 1:1 // 0 of 0, 0 0\n"},
    {"elsewhere", "{\"tools\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"" U "\"}}]}]}",
     "= 1:1 // 0 of 0, 0 0\n"},
    {"JSON in a string",
     "{\"messages\":[{\"content\":\"[{\\\"type\\\":\\\"image_url\\\",\\\"image_url\\\":\\\"" U "\\\"}]\"}]}",
     "= 1:1 // 0 of 0, 0 0\n"},
    {"null and numbers",
     "{\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":null}},{\"type\":\"image_url\","
     "\"image_url\":[1]},{\"type\":7,\"image_url\":\"" U "\"},null,3]}]}",
     "= 1:1 // 0 of 0, 0 0\n"},
    {"escapes",
     "{\"mess\\u0061ges\":[{\"content\":[{\"\\u0074ype\":\"image\\u005furl\",\"image_url\":\"https:\\/\\/"
     "a\\u002Eb\\u0026\"}]}]}",
     "url 1:73 $.messages[0].content[0].image_url https://a.b&\n= 1:1 openai-chat// 0 of 1, 0 0\n"},
    {"an empty URL", "{\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":\"\"}]}]}",
     "base64 1:58 $.messages[0].content[0].image_url data:;base64,\xE2\x80\xA6(0 chars)\n= 1:1 openai-chat// 1 of 1, 0 "
     "0\n"},
    {"responses",
     "{\"model\":\"m\",\"input\":[{\"type\":\"input_image\",\"file_id\":\"f\"},{\"type\":\"x\",\"output\":[{\"type\":"
     "\"input_image\",\"image_url\":\"" U "\"}]}]}",
     "id 1:55 $.input[0].file_id f\nurl 1:116 $.input[1].output[0].image_url " U "\n"
     "= 1:1 openai-responses//m 0 of 2, 0 0\n"},
    {"edits", "{\"images\":[{\"image_url\":\"" U "\"},{\"file_id\":\"f\"}],\"mask\":{\"image_url\":\"" U "\"}}",
     "url 1:25 $.images[0].image_url " U "\nid 1:63 $.images[1].file_id f\nurl 1:89 $.mask.image_url " U "\n"
     "= 1:1 openai-images// 0 of 3, 0 0\n"},
    {"anthropic, a document of blocks",
     "{\"messages\":[{\"content\":[{\"type\":\"document\",\"source\":{\"type\":\"content\",\"content\":[{\"type\":"
     "\"image\","
     "\"source\":{\"type\":\"url\",\"url\":\"" U "\"}}]}}]}]}",
     "url 1:128 $.messages[0].content[0].source.content[0].source.url " U "\n= 1:1 anthropic// 0 of 1, 0 0\n"},
    {"anthropic, the source's type says otherwise",
     "{\"messages\":[{\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"url\":\"" U "\"}}]}]}",
     "= 1:1 // 0 of 0, 0 0\n"},
    {"gemini: only images",
     "{\"contents\":[{\"parts\":[{\"inlineData\":{\"data\":\"QUJD\",\"mimeType\":\"audio/wav\"}},{\"inlineData\":"
     "{\"data\":\"" B "\",\"mime_type\":\"image/gif\"}},{\"inline_data\":{\"data\":\"" B "\"}}]}]}",
     "base64 1:100 $.contents[0].parts[1].inlineData.data [\"image/gif\"] " SAID_B "\n"
     "base64 1:212 $.contents[0].parts[2].inline_data.data data:;base64,\xE2\x80\xA6(60 chars)\n"
     "= 1:1 gemini// 2 of 2, 120 86\n"},
    {"gemini: no videos of YouTube",
     "{\"contents\":[{\"parts\":[{\"fileData\":{\"fileUri\":\"https://www.youtube.com/watch?v=a\"}},{\"file_data\":"
     "{\"file_uri\":\"https://youtu.be/a\"}},{\"file_data\":{\"file_uri\":\"" U "\"}}]}]}",
     "url 1:158 $.contents[0].parts[2].file_data.file_uri " U "\n= 1:1 gemini// 0 of 1, 0 0\n"},
    {"langchain, as it was",
     "[{\"content\":[{\"type\":\"image\",\"source_type\":\"url\",\"url\":\"" U
     "\"},{\"type\":\"image\",\"source_type\":"
     "\"base64\",\"data\":\"" B "\",\"mime_type\":\"image/gif\"}]}]",
     "url 1:56 $[0].content[0].url " U "\nbase64 1:129 $[0].content[1].data [\"image/gif\"] " SAID_B "\n"
     "= 1:1 langchain// 1 of 2, 60 43\n"},
    {"ai-sdk",
     "{\"messages\":[{\"content\":[{\"type\":\"image\",\"image\":\"" D
     "\",\"mediaType\":\"image/gif\"},{\"type\":\"file\","
     "\"data\":\"QUJD\",\"mediaType\":\"application/pdf\"}]}]}",
     "data 1:50 $.messages[0].content[0].image [\"image/gif\"] " SAID_D "\n= 1:1 ai-sdk// 1 of 1, 82 43\n"},
    {"converse, and what else may be called image",
     "{\"modelId\":\"m\",\"messages\":[{\"content\":[{\"image\":{\"source\":{\"bytes\":\"" B "\"},"
     "\"format\":\"GIF\"}},{\"image\":\"x\"},{\"image\":{\"bytes\":\"x\"}}]}]}",
     "base64 1:68 $.messages[0].content[0].image.source.bytes [\"GIF\"] " SAID_B "\n= 1:1 converse//m 1 of 1, 60 43\n"},
    {"ollama", "{\"prompt\":\"p\",\"images\":[\"" B "\",\"" D "\"]}",
     "base64 1:25 $.images[0] data:;base64,\xE2\x80\xA6(60 chars)\ndata 1:88 $.images[1] " SAID_D "\n"
     "= 1:1 ollama// 2 of 2, 142 86\n"},
    {"gs and unknown schemes",
     "{\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":\"gs://b/c\"},{\"type\":\"image_url\","
     "\"image_url\":\"FILE:/x\"}]}]}",
     "other 1:58 $.messages[0].content[0].image_url gs://b/c\nother 1:102 $.messages[0].content[1].image_url FILE:/x\n"
     "= 1:1 openai-chat// 0 of 2, 0 0\n"},
    /* members twice: the last one counts */
    {"an image twice",
     "{\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x\",\"detail\":\"low\"},"
     "\"image_url\":{\"url\":\"" U "\"}}]}]}",
     "url 1:112 $.messages[0].content[0].image_url.url " U "\n= 1:1 openai-chat// 0 of 1, 0 0\n"},
    {"a source twice",
     "{\"messages\":[{\"content\":[{\"source\":{\"url\":\"http://y\"},\"type\":\"image\",\"source\":{\"url\":\"" U
     "\",\"type\":\"url\"}}]}]}",
     "url 1:86 $.messages[0].content[0].source.url " U "\n= 1:1 anthropic// 0 of 1, 0 0\n"},
    {"content twice",
     "{\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":\"" D "\"}],\"content\":\"x\"}]}",
     "= 1:1 // 0 of 0, 0 0\n"},
    {"messages twice",
     "{\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":\"" D "\"}]}],\"messages\":[{\"content\":["
     "{\"type\":\"image_url\",\"image_url\":\"" U "\"}]}],\"model\":\"a\",\"model\":null}",
     "url 1:203 $.messages[0].content[0].image_url " U "\n= 1:1 openai-chat// 0 of 1, 0 0\n"},
    {"messages four times",
     "{\"model\":\"a\",\"messages\":[],\"messages\":[],\"messages\":[{\"content\":[{\"type\":\"image_url\","
     "\"image_url\":\"" D "\"}]}],\"model\":\"b\",\"messages\":[{\"content\":[{\"type\":\"image_url\","
     "\"image_url\":\"" U "\"}]}]}",
     "url 1:255 $.messages[0].content[0].image_url " U "\n= 1:1 openai-chat//b 0 of 1, 0 0\n"},
    {"nothing twice", "{\"a\":1,\"a\":2,\"model\":\"a\",\"model\":\"b\"}", "= 1:1 //b 0 of 0, 0 0\n"},
    /* files of requests */
    {"names",
     "{\"custom_id\":\"a\",\"body\":{\"model\":\"m\"}}\n{\"key\":\"b\",\"request\":{}}\n{\"key\":\"c\",\"custom_id\":"
     "\"d\"}\n"
     "{\"recordId\":\"e\",\"modelInput\":{}}\n{\"body\":{\"model\":\"n\"},\"custom_id\":\"f\"}\n{\"params\":{},"
     "\"custom_id\":\"g\"}",
     "= 1:1 /a/m 0 of 0, 0 0\n= 2:1 /b/ 0 of 0, 0 0\n= 3:1 /d/ 0 of 0, 0 0\n= 4:1 /e/ 0 of 0, 0 0\n= 5:1 /f/n 0 of 0, "
     "0 0\n"
     "= 6:1 /g/ 0 of 0, 0 0\n"},
    {"names twice", "{\"custom_id\":\"a\"}\n{\"custom_id\":\"b\"}\n{\"custom_id\":\"\\u0061\"}\n",
     "= 1:1 /a/ 0 of 0, 0 0\n= 2:1 /b/ 0 of 0, 0 0\n! 3:1 twice \"a\" the request of line 1 has it, too\n"
     "= 3:1 /a/ 0 of 0, 0 0\n"},
    {"bad lines",
     "{\"custom_id\":\"a\"}\n{\"custom_id\":\"b\",\"body\":{\"messages\":[{\"content\":[{\"type\":\"image_url\","
     "\"image_url\":\"" U "\"}]}]}\n"
     "null\n[]\n{\"custom_id\":\"c\"}",
     "= 1:1 /a/ 0 of 0, 0 0\n! 2:112 json \"b\" expected ',' or '}', found the end of the line\n! 3:1 json \"\" "
     "expected an object\n"
     "! 4:1 json \"\" expected an object, found a list without messages\n= 5:1 /c/ 0 of 0, 0 0\n"},
    {"a first line that is cut where a value may stand",
     "{\"custom_id\":\"a\",\"body\":{\"messages\":[{\"content\":[\n"
     "{\"custom_id\":\"b\",\"body\":{\"model\":\"m\"}}\n{\"custom_id\":\"c\"}\n",
     "! 1:1 json \"a\" the line ends within a value\n= 2:1 /b/m 0 of 0, 0 0\n= 3:1 /c/ 0 of 0, 0 0\n"},
    {"a line without a name behind one with", "{\"custom_id\":\"a\"}\n?\n",
     "= 1:1 /a/ 0 of 0, 0 0\n! 2:1 json \"\" expected a value, found '?'\n"},
    {"a message batch",
     "{\"requests\":[{\"custom_id\":\"a\",\"params\":{\"model\":\"m\"}},{\"params\":{\"messages\":[{\"content\":[{"
     "\"type\":"
     "\"image\",\"source\":{\"type\":\"url\",\"url\":\"" U "\"}}]}]},\"custom_id\":\"b\"}]}",
     "= 1:14 /a/m 0 of 0, 0 0\nurl 1:135 $.requests[1].params.messages[0].content[0].source.url " U "\n"
     "= 1:55 anthropic/b/ 0 of 1, 0 0\n"},
    {"a message batch of nothing", "{\"requests\":[]}", ""},
};

static void finds_what_is_there(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < IW_ARRAY_LEN(cases); i++) {
        struct request_reading r = request_read_every_way(iw_str_from(cases[i].text), false);
        if (r.err != IW_OK || strcmp(r.said.ptr, cases[i].said) != 0) {
            print_error("%s: error %d, said:\n%s-- instead of:\n%s--\n", cases[i].what, (int)r.err, r.said.ptr,
                        cases[i].said);
            wrong++;
        }
        iw_buf_release(&r.said);
    }
    assert_int_equal(wrong, 0);
}

/* ---- what an inlining rewrites ---- */

static enum iw_err rewrite_call(void *user, const struct iw_call *call)
{
    struct request_reading *r = user;
    for (size_t i = 0; i < call->list_count; i++) {
        const struct iw_call_image *image = &call->list[i];
        iw_buf_printf(&r->said, "%.*s%.*s %d %s %s %s", (int)image->outer.len, r->document.ptr + image->outer.at,
                      (int)image->key.len, r->document.ptr + image->key.at, (int)image->inlining,
                      image->outer_key ? image->outer_key : "-", image->type_key ? image->type_key : "-",
                      image->data_key ? image->data_key : "-");
        if (image->not_inlined)
            iw_buf_printf(&r->said, " ! %s", image->not_inlined);
        if (image->kind.len)
            iw_buf_printf(&r->said, " %.*s", (int)image->kind.len, r->document.ptr + image->kind.at);
        iw_buf_add_char(&r->said, '\n');
    }
    return IW_OK;
}

static void says_what_is_rewritten(void **state)
{
    (void)state;
    static const char document[] =
        "{\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\" : \"" U "\"}},"
        "{\"type\":\"image\",\"source\" : { \"type\":\"url\",\"url\":\"" U "\" }},"
        "{\"type\":\"image\",\"url\" : \"" U "\"},"
        "{\"type\":\"image\",\"url\":\"" U "\",\"mime_type\":\"image/png\"},"
        "{\"type\":\"image\",\"url\":\"" U "\",\"mimeType\":\"image/png\"},"
        "{\"type\":\"image\",\"url\":\"" U "\",\"source_type\":\"url\"}]}],"
        "\"contents\":[{\"parts\":[{\"fileData\" : {\"fileUri\":\"" U "\"}},{\"file_data\":{\"file_uri\":\"" U "\","
        "\"mime_type\":\"image/png\"}},{\"inline_data\":null,\"file_data\":{\"file_uri\":\"" U "\"}},"
        "{\"fileData\":{\"fileUri\":\"" U "\",\"mimeType\":null}},{\"inlineData\":1,\"fileData\":{\"fileUri\":\"" U
        "\"},\"inlineData\":1}]}]}";
    struct request_reading r = {.document = {document, sizeof document - 1}};
    iw_buf_init(&r.said, 1 << 20);
    struct iw_request_reader *reader = NULL;
    assert_int_equal(iw_request_reader_new(&(struct iw_request_events){rewrite_call, say_fault, &r}, &reader), IW_OK);
    assert_int_equal(iw_request_reader_feed(reader, document, sizeof document - 1, NULL), IW_OK);
    assert_int_equal(iw_request_reader_finish(reader, NULL), IW_OK);
    iw_request_reader_free(reader);
    iw_buf_add_char(&r.said, '\0');
#define TAKEN " ! a member of the name that its bytes or their type would have stands there already\n"
    assert_string_equal(r.said.ptr, " 1 - - -\n"
                                    "\"url\": 2 - media_type data \"url\"\n"
                                    "\"url\" :  2 - mime_type base64\n"
                                    "\"url\": 2 - - base64\n"
                                    "\"url\": 2 - - data\n"
                                    "\"url\": 2 - mime_type data \"url\"\n"
                                    "\"fileData\" : \"fileUri\": 2 inlineData mimeType data\n"
                                    "\"file_data\":\"file_uri\": 2 inline_data - data\n"
                                    "\"file_data\":\"file_uri\": 2 inline_data mime_type data" TAKEN
                                    "\"fileData\":\"fileUri\": 2 inlineData mimeType data" TAKEN
                                    "\"fileData\":\"fileUri\": 2 inlineData mimeType data" TAKEN);
    iw_buf_release(&r.said);
}

/* ---- bounds ---- */

/* A call of so many images, each with a URL of so many bytes. */
static struct request_reading read_many(struct iw_buf *text, size_t count, size_t url_bytes)
{
    iw_buf_init(text, 1u << 30);
    iw_buf_printf(text, "{\"messages\":[{\"content\":[");
    for (size_t i = 0; i < count; i++) {
        iw_buf_printf(text, "%s{\"type\":\"image_url\",\"image_url\":\"http://x/", i ? "," : "");
        char *to = iw_buf_reserve(text, url_bytes);
        assert_non_null(to);
        memset(to, 'u', url_bytes);
        text->len += url_bytes;
        iw_buf_printf(text, "\"}");
    }
    iw_buf_printf(text, "]}]}");
    return request_read(iw_buf_str(text), 0, false);
}

static size_t count_lines(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static void a_list_is_bounded(void **state)
{
    (void)state;
    struct iw_buf text;
    struct request_reading r = read_many(&text, IW_CALL_MAX_IMAGES + 5, 10);
    assert_int_equal(count_lines(r.said.ptr), IW_CALL_MAX_IMAGES + 1);
    assert_non_null(strstr(r.said.ptr, "0 of 4101, 0 0"));
    iw_buf_release(&r.said);
    iw_buf_release(&text);
    r = read_many(&text, 2, 100000); /* a URL that nobody takes is cut */
    assert_int_equal(count_lines(r.said.ptr), 3);
    assert_true(r.said.len > 2 * IW_URL_TEXT_BYTES && r.said.len < 2 * IW_URL_TEXT_BYTES + 300);
    iw_buf_release(&r.said);
    iw_buf_release(&text);
    r = read_many(&text, 400, 65000); /* more text than one call may take up */
    assert_true(count_lines(r.said.ptr) > 200 && count_lines(r.said.ptr) < 300);
    assert_non_null(strstr(r.said.ptr, "0 of 400, 0 0"));
    iw_buf_release(&r.said);
    iw_buf_release(&text);
}

static void the_table_has_room(void **state)
{
    (void)state;
    struct iw_shape_tree tree;
    assert_int_equal(iw_shape_tree_init(&tree), IW_OK);
    for (unsigned i = 0; i < tree.count; i++)
        if (tree.nodes[i].kinds)
            assert_int_equal(iw_shape_fill(&tree, i), IW_OK);
    assert_true(tree.count > 300 && tree.count < UINT16_MAX && tree.slot_count < IW_SHAPE_SLOTS);
    for (size_t i = 0; i < tree.count; i++) { /* members that come twice are told by a bit each */
        for (unsigned at = tree.nodes[i].child; at; at = tree.nodes[at].sibling)
            assert_true(tree.nodes[at].ordinal < (i == IW_SHAPE_BODY ? 40 : 64));
        unsigned deep = 0;
        for (unsigned at = (unsigned)i; at; at = tree.nodes[at].parent)
            deep++;
        assert_true(deep + 4 < IW_SHAPE_DEEPEST);
    }
    for (size_t i = 0; i < iw_shape_count; i++)
        assert_true((iw_shapes[i].data_key != NULL) == (iw_shapes[i].inlining == IW_INLINE_MEMBERS));
    iw_shape_tree_release(&tree);
}

static void other_json_is_not_taken(void **state)
{
    (void)state;
    static const char *const others[] = {
        "",
        "x",
        "[]",
        "{}",
        "null",
        "[{\"url\":\"" U "\"}]",
        "{\"image\":\"" U "\",\"images\":[\"" U "\"]}",
        "{\"@context\":\"https://schema.org\",\"@type\":\"Product\",\"model\":\"X\",\"image\":[\"" U "\"]}",
        "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"geometry\":{\"type\":\"Point\"}}]}",
        "{\"name\":\"p\",\"version\":\"1.0.0\",\"main\":\"i.js\",\"config\":{\"key\":\"v\"},\"dependencies\":{}}",
        "{\"model\":\"X5\",\"images\":[\"a.png\"],\"content\":\"new\"}",
        "{\"key\":\"a\"}\n{\"key\":\"b\"}",
        "{\"method\":\"GET\",\"body\":\"\",\"params\":{}}",
        "{\"role\":\"admin\",\"content\":[\"a\"]}",
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(others); i++)
        if (iw_request_sniff(iw_str_from(others[i])) != 0)
            fail_msg("%s is taken for requests", others[i]);
    static const char *const sorted[] = {/* by their keys, cut within an image */
                                         "{\"messages\":[{\"content\":[{\"image_url\":{\"url\":\"data:",
                                         "{\"body\":{\"messages\":[{\"content\":[{\"source\":{\"data\":\"iVBOR",
                                         "{\"messages\":[{\"content\":[{\"image\":{\"format\":\"png\",",
                                         "{\"messages\":[{\"content\":[{\"text\":\"What is it?\",\"type\":\"text\"}",
                                         "{\"input\":[{\"content\":[{\"image_url\":\"data:image/png;base64,"};
    for (size_t i = 0; i < IW_ARRAY_LEN(sorted); i++)
        if (iw_request_sniff(iw_str_from(sorted[i])) < 50)
            fail_msg("%s is not taken for requests", sorted[i]);
    assert_int_equal(iw_request_sniff(IW_STR("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"")),
                     100);
    assert_int_equal(iw_request_sniff(IW_STR("{\"model\":\"m\",\"prompt\":\"p\",\"images\":[\"")), 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_is_there),     cmocka_unit_test(says_what_is_rewritten),
        cmocka_unit_test(a_list_is_bounded),       cmocka_unit_test(the_table_has_room),
        cmocka_unit_test(other_json_is_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
