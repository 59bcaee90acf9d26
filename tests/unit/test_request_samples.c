/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What must be found in each of the request files beside the corpus that IW_CORPUS names: every image with its place,
 * path and kind, what is known of it, every call, every fault, and nothing else. Each is read whole and in pieces.
 * Skipped where there are none. */
#include "base/iw.h"
#include "corpus.h"
#include "request_feed.h"

#include <dirent.h>

static const struct expectation {
    const char *path, *said;
} expectations[] = {
    {"anthropic-batch.json", "base64 17:27 $.requests[0].params.messages[0].content[0].source.data [\"image/png\"] "
                             "bare 168 168 125 image/png png 8x4\n"
                             "url 24:26 $.requests[0].params.messages[0].content[1].source.url "
                             "https://images.example.test/photos/cat%20one.jpg?w=4000&sig=a+b/c=\n"
                             "id 34:30 $.requests[0].params.messages[0].content[2].source.file_id file_011abc\n"
                             "base64 68:31 $.requests[0].params.messages[2].content[0].content[1].source.data "
                             "[\"image/jpeg\"] bare 876 876 656 image/jpeg jpeg 8x4\n"
                             "= 3:5 anthropic/q1/claude-opus-5 2 of 4, 1044 781\n"
                             "base64 102:27 $.requests[1].params.messages[0].content[0].source.data [\"image/png\"] "
                             "bare 876 876 656 image/png jpeg 8x4\n"
                             "= 88:5 anthropic/q2/claude-haiku-4-5 1 of 1, 876 656\n"},
    {"anthropic-many-images.json",
     "base64 13:21 $.messages[0].content[0].source.data [\"image/png\"] bare 112 112 82 image/png png 2001x10\n"
     "base64 21:21 $.messages[0].content[1].source.data [\"image/png\"] bare 112 112 82 image/png png 2001x10\n"
     "base64 29:21 $.messages[0].content[2].source.data [\"image/png\"] bare 112 112 82 image/png png 2001x10\n"
     "base64 37:21 $.messages[0].content[3].source.data [\"image/png\"] bare 112 112 82 image/png png 2001x10\n"
     "base64 45:21 $.messages[0].content[4].source.data [\"image/png\"] bare 112 112 82 image/png png 2001x10\n"
     "base64 53:21 $.messages[0].content[5].source.data [\"image/png\"] bare 112 112 82 image/png png 2001x10\n"
     "base64 61:21 $.messages[0].content[6].source.data [\"image/png\"] bare 112 112 82 image/png png 2001x10\n"
     "base64 69:21 $.messages[0].content[7].source.data [\"image/png\"] bare 112 112 82 image/png png 2001x10\n"
     "base64 77:21 $.messages[0].content[8].source.data [\"image/png\"] bare 112 112 82 image/png png 2001x10\n"
     "base64 85:21 $.messages[0].content[9].source.data [\"image/png\"] bare 112 112 82 image/png png 2001x10\n"
     "base64 93:21 $.messages[0].content[10].source.data [\"image/png\"] bare 112 112 82 image/png png 2001x10\n"
     "base64 101:21 $.messages[0].content[11].source.data [\"image/png\"] bare 112 112 82 image/png png 2001x10\n"
     "base64 109:21 $.messages[0].content[12].source.data [\"image/png\"] bare 112 112 82 image/png png 2001x10\n"
     "base64 117:21 $.messages[0].content[13].source.data [\"image/png\"] bare 112 112 82 image/png png 2001x10\n"
     "base64 125:21 $.messages[0].content[14].source.data [\"image/png\"] bare 112 112 82 image/png png 2001x10\n"
     "base64 133:21 $.messages[0].content[15].source.data [\"image/png\"] bare 112 112 82 image/png png 2001x10\n"
     "base64 141:21 $.messages[0].content[16].source.data [\"image/png\"] bare 112 112 82 image/png png 2001x10\n"
     "base64 149:21 $.messages[0].content[17].source.data [\"image/png\"] bare 112 112 82 image/png png 2001x10\n"
     "base64 157:21 $.messages[0].content[18].source.data [\"image/png\"] bare 112 112 82 image/png png 2001x10\n"
     "base64 165:21 $.messages[0].content[19].source.data [\"image/png\"] bare 112 112 82 image/png png 2001x10\n"
     "base64 197:25 $.messages[2].content[0].content[0].source.data [\"image/png\"] bare 168 168 125 image/png png "
     "8x4\n"
     "= 1:1 anthropic//claude-opus-5 21 of 21, 2408 1765\n"},
    {"azure-batch.jsonl", "data 1:290 $.body.messages[1].content[1].image_url.url 190 168 125 image/png png 8x4\n"
                          "= 1:1 openai-chat/az-0/my-gpt-4o-batch-deployment 1 of 1, 190 125\n"},
    {"bedrock-batch-converse.jsonl",
     "base64 1:153 $.modelInput.messages[0].content[1].image.source.bytes [\"png\"] bare 168 168 125 image/png png "
     "8x4\n"
     "other 1:390 $.modelInput.messages[0].content[2].image.source.s3Location.uri [\"jpeg\"] s3://bucket/cat.jpg\n"
     "base64 1:575 $.modelInput.messages[1].content[0].toolResult.content[0].image.source.bytes [\"jpeg\"] bare 876 "
     "876 656 image/jpeg jpeg 8x4\n"
     "= 1:1 converse/CALL0000002/ 2 of 3, 1044 781\n"},
    {"bedrock-converse.json",
     "base64 13:24 $.messages[0].content[1].image.source.bytes [\"png\"] bare 168 168 125 image/png png 8x4\n"
     "other 22:24 $.messages[0].content[2].image.source.s3Location.uri [\"jpeg\"] s3://bucket/cat.jpg\n"
     "base64 41:30 $.messages[1].content[0].toolResult.content[0].image.source.bytes [\"jpeg\"] bare 876 876 656 "
     "image/jpeg jpeg 8x4\n"
     "= 1:1 converse// 2 of 3, 1044 781\n"},
    {"gemini-batch.jsonl",
     "base64 1:140 $.request.contents[0].parts[1].inline_data.data [\"image/png\"] bare 168 168 125 image/png png 8x4\n"
     "id 1:368 $.request.contents[0].parts[2].file_data.file_uri [\"image/jpeg\"] "
     "https://generativelanguage.googleapis.com/v1beta/files/abc\n"
     "base64 1:549 $.request.contents[0].parts[3].function_response.parts[0].inline_data.data [\"image/jpeg\"] bare "
     "876 876 656 image/jpeg jpeg 8x4\n"
     "= 1:1 gemini/k1/ 2 of 3, 1044 781\n"},
    {"gemini-camel.json",
     "base64 12:21 $.contents[0].parts[1].inlineData.data [\"image/png\"] bare 168 168 125 image/png png 8x4\n"
     "other 18:24 $.contents[0].parts[2].fileData.fileUri [\"image/jpeg\"] gs://bucket/cat.jpg\n"
     "base64 29:27 $.contents[0].parts[3].functionResponse.parts[0].inlineData.data [\"image/jpeg\"] bare 876 876 656 "
     "image/jpeg jpeg 8x4\n"
     "= 1:1 gemini// 2 of 3, 1044 781\n"},
    {"invalid.jsonl", "! 1:195 json \"cut\" expected the rest of a string, found the end of the line\n"
                      "! 2:8 json \"\" expected a key, found '}'\n"
                      "! 3:1 json \"\" expected an object\n"
                      "! 4:1 json \"\" expected an object, found a list without messages\n"},
    {"langchain-js-v1.json",
     "base64 7:17 $[0].content[0].data [\"image/png\"] bare 168 168 125 image/png png 8x4\n"
     "url 12:16 $[0].content[1].url https://images.example.test/photos/cat%20one.jpg?w=4000&sig=a+b/c=\n"
     "= 1:1 langchain// 1 of 2, 168 125\n"},
    {"langchain-v1.json",
     "base64 7:19 $[0].content[0].base64 [\"image/png\"] bare 168 168 125 image/png png 8x4\n"
     "url 12:16 $[0].content[1].url https://images.example.test/photos/cat%20one.jpg?w=4000&sig=a+b/c=\n"
     "id 16:20 $[0].content[2].file_id file-1\n"
     "= 1:1 langchain// 1 of 3, 168 125\n"},
    {"litellm.json",
     "url 18:20 $.messages[1].content[1].image_url.url low [\"image/jpeg\"] "
     "https://images.example.test/photos/cat%20one.jpg?w=4000&sig=a+b/c=\n"
     "url 25:24 $.messages[1].content[2].image_url https://images.example.test/photos/cat%20one.jpg?w=4000&sig=a+b/c=\n"
     "= 1:1 openai-chat//gemini/gemini-3.5-flash 0 of 2, 0 0\n"},
    {"mcp-tool-result.json",
     "base64 12:17 $.result.content[1].data [\"image/png\"] bare 168 168 125 image/png png 8x4\n"
     "base64 20:19 $.result.content[2].resource.blob [\"image/png\"] bare 168 168 125 image/png png 8x4\n"
     "= 1:1 mcp// 2 of 2, 336 250\n"},
    {"mistral-batch.jsonl", "data 1:183 $.body.messages[0].content[1].image_url 899 876 656 image/jpeg jpeg 8x4\n"
                            "= 1:1 openai-chat/0/mistral-small-latest 1 of 1, 899 656\n"},
    {"mistral-object.json", "url 14:20 $.messages[0].content[1].image_url.url low "
                            "https://images.example.test/photos/cat%20one.jpg?w=4000&sig=a+b/c=\n"
                            "= 1:1 openai-chat//mistral-small-latest 0 of 1, 0 0\n"},
    {"ollama-chat.json", "base64 9:9 $.messages[0].images[0] bare 168 168 125  png 8x4\n"
                         "base64 10:9 $.messages[0].images[1] bare 876 876 656  jpeg 8x4\n"
                         "= 1:1 ollama//llava 2 of 2, 1044 781\n"},
    {"openai-chat-batch.jsonl",
     "url 1:271 $.body.messages[1].content[1].image_url.url high "
     "https://images.example.test/photos/cat%20one.jpg?w=4000&sig=a+b/c=\n"
     "= 1:1 openai-chat/r1/gpt-4o 0 of 1, 0 0\n"
     "data 2:227 $.body.messages[1].content[0].image_url.url 899 876 656 image/jpeg jpeg 8x4\n"
     "= 2:1 openai-chat/r2/gpt-4o 1 of 1, 899 656\n"
     "data 3:246 $.body.messages[1].content[0].image_url.url 5970 5948 4459 image/png png 6000x6000\n"
     "= 3:1 openai-chat/r3-35344-patches/gpt-5.6-sol 1 of 1, 5970 4459\n"
     "data 4:263 $.body.messages[1].content[0].image_url.url high 5970 5948 4459 image/png png 6000x6000\n"
     "= 4:1 openai-chat/r4-same-image-detail-high-is-fine/gpt-5.6-sol 1 of 1, 5970 4459\n"
     "= 5:1 /r5-text-only/gpt-4o 0 of 0, 0 0\n"},
    {"openai-chat.json", "url 18:20 $.messages[1].content[1].image_url.url high "
                         "https://images.example.test/photos/cat%20one.jpg?w=4000&sig=a+b/c=\n"
                         "data 25:20 $.messages[1].content[2].image_url.url low 190 168 125 image/png png 8x4\n"
                         "= 1:1 openai-chat//gpt-4o 1 of 2, 190 125\n"},
    {"openai-moderation-batch.jsonl", "data 1:206 $.body.input[1].image_url.url 899 876 656 image/jpeg jpeg 8x4\n"
                                      "= 1:1 openai-chat/m1/omni-moderation-latest 1 of 1, 899 656\n"},
    {"openai-responses.json", "url 13:24 $.input[0].content[1].image_url original "
                              "https://images.example.test/photos/cat%20one.jpg?w=4000&sig=a+b/c=\n"
                              "data 18:24 $.input[0].content[2].image_url auto 131 108 80 image/webp webp 8x4\n"
                              "id 23:22 $.input[0].content[3].file_id low file-abc123\n"
                              "data 38:24 $.input[1].output[1].image_url 190 168 125 image/png png 8x4\n"
                              "data 47:22 $.input[2].output.image_url 190 168 125 image/png png 8x4\n"
                              "base64 54:17 $.input[3].result bare 168 168 125  png 8x4\n"
                              "= 1:1 openai-responses//gpt-5.6-sol 4 of 6, 679 455\n"},
    {"openai-thread-message.json",
     "url 11:16 $.content[1].image_url.url auto https://images.example.test/photos/cat%20one.jpg?w=4000&sig=a+b/c=\n"
     "id 18:20 $.content[2].image_file.file_id high file-abc\n"
     "= 1:1 openai-chat// 0 of 2, 0 0\n"},
    {"traps-crlf-bom-noeol.jsonl",
     "data 1:177 $.body.messages[0].content[0].image_url.url 190 168 125 image/png png 8x4\n"
     "= 1:1 openai-chat/slash-escaped/gpt-4o 1 of 1, 190 125\n"
     "data 3:250 $.body.messages[0].content[0].image_url.url 190 168 125 image/png png 8x4\n"
     "= 3:1 openai-chat/numbers/gpt-4o 1 of 1, 190 125\n"},
    {"traps.jsonl",
     "data 1:177 $.body.messages[0].content[0].image_url.url 190 168 125 image/png png 8x4\n"
     "= 1:1 openai-chat/slash-escaped/gpt-4o 1 of 1, 190 125\n"
     "data 2:177 $.body.messages[0].content[0].image_url.url 899 876 656 image/jpeg jpeg 8x4\n"
     "= 2:1 openai-chat/u002B-escaped/gpt-4o 1 of 1, 899 656\n"
     "data 3:250 $.body.messages[0].content[0].image_url.url 190 168 125 image/png png 8x4\n"
     "= 3:1 openai-chat/numbers/gpt-4o 1 of 1, 190 125\n"
     "data 4:213 $.body.messages[0].content[0].image_url.url 190 168 125 image/png png 8x4\n"
     "= 4:1 openai-chat/dup-keys/gpt-4o 1 of 1, 190 125\n"
     "data 5:185 $.body.messages[0].content[0].image_url.url 190 168 125 image/png png 8x4\n"
     "= 5:1 openai-chat/escaped-key/gpt-4o 1 of 1, 190 125\n"
     "data 6:170 $.body.messages[0].content[0].image_url.url high 190 168 125 image/png png 8x4\n"
     "= 6:1 openai-chat/key-order/gpt-4o 1 of 1, 190 125\n"
     "= 7:1 /lookalike-in-tool-schema/gpt-4o 0 of 0, 0 0\n"
     "= 8:1 /null-url/gpt-4o 0 of 0, 0 0\n"
     "data 9:171 $.body.messages[0].content[0].image_url.url 181 168 125  png 8x4\n"
     "= 9:1 openai-chat/no-mime/gpt-4o 1 of 1, 181 125\n"
     "data 10:177 $.body.messages[0].content[0].image_url.url 204 168 125 image/png png 8x4\n"
     "= 10:1 openai-chat/charset-param/gpt-4o 1 of 1, 204 125\n"
     "data 11:173 $.body.messages[0].content[0].image_url.url 898 876 656 image/jpg jpeg 8x4\n"
     "= 11:1 openai-chat/image-jpg/gpt-4o 1 of 1, 898 656\n"
     "data 12:187 $.body.messages[0].content[0].image_url.url 898 876 656 image/png jpeg 8x4\n"
     "= 12:1 openai-chat/mislabelled-jpeg-as-png/gpt-4o 1 of 1, 898 656\n"
     "data 13:177 $.body.messages[0].content[0].image_url.url 212 168 125 image/png png 8x4 doubled\n"
     "= 13:1 openai-chat/double-prefix/gpt-4o 1 of 1, 212 125\n"
     "data 14:182 $.body.messages[0].content[0].image_url.url 192 168 125 image/png png 8x4 space\n"
     "= 14:1 openai-chat/newlines-in-base64/gpt-4o 1 of 1, 192 125\n"
     "data 15:182 $.body.messages[0].content[0].image_url.url 899 876 656 image/jpeg jpeg 8x4 url-safe\n"
     "= 15:1 openai-chat/base64url-alphabet/gpt-4o 1 of 1, 899 656\n"
     "data 16:177 $.body.messages[0].content[0].image_url.url 150 128 95 image/png png 8x4\n"
     "= 16:1 openai-chat/truncated-png/gpt-4o 1 of 1, 150 95\n"
     "data 17:176 $.body.messages[0].content[0].image_url.url 138 116 85 image/gif gif 1x1\n"
     "= 17:1 openai-chat/animated-gif/gpt-4o 1 of 1, 138 85\n"
     "data 18:167 $.body.messages[0].content[0].image_url.url 102 80 58 image/bmp bmp 1x1\n"
     "= 18:1 openai-chat/bmp/gpt-4o 1 of 1, 102 58\n"
     "data 19:183 $.body.messages[0].content[0].image_url.url 68 0 41 image/svg+xml svg 0x0\n"
     "= 19:1 openai-chat/svg-percent-encoded/gpt-4o 1 of 1, 68 41\n"
     "data 20:182 $.body.messages[0].content[0].image_url.url 947 924 692 image/jpeg jpeg 4x8\n"
     "= 20:1 openai-chat/exif-orientation-6/gpt-4o 1 of 1, 947 692\n"
     "data 21:173 $.body.messages[0].content[0].image_url.url 142 120 88 image/png png 9000x1\n"
     "= 21:1 openai-chat/wide-9000/gpt-4o 1 of 1, 142 88\n"
     "url 22:176 $.body.messages[0].content[0].image_url.url "
     "https://bucket.s3.amazonaws.com/"
     "x.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20260101T000000Z&X-Amz-Expires=7200&X-Amz-SignedHeaders=host&X-"
     "Amz-Signature=00\n"
     "= 22:1 openai-chat/presigned-2h/gpt-4o 0 of 1, 0 0\n"
     "url 23:173 $.body.messages[0].content[0].image_url.url http://127.0.0.1:3000/uploads/a.png\n"
     "= 23:1 openai-chat/localhost/gpt-4o 0 of 1, 0 0\n"
     "data 24:172 $.body.messages[0].content[0].image_url.url 190 168 125 image/png png 8x4\n"
     "= 24:1 openai-chat/utf8-raw/gpt-4o 1 of 1, 190 125\n"},
};

/* The folder of requests; NULL where there is none. */
static const char *folder(char space[4096])
{
    const char *root = getenv("IW_CORPUS");
    if (!root || !root[0])
        return NULL;
    (void)snprintf(space, 4096, "%s/../requests", root);
    DIR *dir = opendir(space);
    if (!dir)
        return NULL;
    closedir(dir);
    return space;
}

static bool is_as_expected(const char *dir, const struct expectation *e)
{
    size_t len = 0;
    char *bytes = (char *)corpus_slurp(dir, e->path, &len);
    if (!bytes)
        print_error("%s/%s cannot be read\n", dir, e->path);
    assert_non_null(bytes);
    struct iw_str text = {bytes, len};
    struct request_reading r = request_read_every_way(text, true);
    bool is_right = strcmp(r.said.ptr, e->said) == 0 && r.err == IW_OK && r.file.bytes == len &&
                    iw_request_sniff(iw_str_sub(text, 0, 4096)) == 100;
    if (!is_right)
        print_error("%s: error %d \"%s\", said:\n%s--\n", e->path, (int)r.err, r.diag.text, r.said.ptr);
    iw_buf_release(&r.said);
    free(bytes);
    return is_right;
}

static void every_file(void **state)
{
    (void)state;
    char space[4096];
    const char *dir = folder(space);
    if (!dir) {
        print_message("there are no request files beside the corpus\n");
        skip();
    }
    size_t wrong = 0;
    for (size_t i = 0; i < IW_ARRAY_LEN(expectations); i++)
        wrong += !is_as_expected(dir, &expectations[i]);
    assert_int_equal(wrong, 0);
}

static bool is_known(const char *name)
{
    for (size_t i = 0; i < IW_ARRAY_LEN(expectations); i++)
        if (strcmp(expectations[i].path, name) == 0)
            return true;
    return false;
}

static void no_file_is_forgotten(void **state)
{
    (void)state;
    char space[4096];
    const char *dir = folder(space);
    if (!dir) {
        print_message("there are no request files beside the corpus\n");
        skip();
    }
    size_t unexpected = 0;
    DIR *files = opendir(dir);
    assert_non_null(files);
    for (struct dirent *file; (file = readdir(files));) {
        if (!strstr(file->d_name, ".json") || is_known(file->d_name))
            continue;
        print_error("no expectation for %s\n", file->d_name);
        unexpected++;
    }
    closedir(files);
    assert_int_equal(unexpected, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file),
        cmocka_unit_test(no_file_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
