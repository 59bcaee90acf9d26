/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The judgement where a request holds the image: conditions on its model, its detail and its number of images; what a
 * consumer elsewhere cannot fetch; and requests and files as a whole. */
#include "base/iw.h"
#include "check_case.h"

#define MANY    LIMIT_AS("max_side_px many", "2000", "when = images>20")
#define GPT_4O  LIMIT_AS("max_side_px", "2048", "when = model=*gpt-4o*|gpt-5.1")
#define NOON    1793188800 /* 2026-10-28 12:00:00 UTC, half a day after S3 begins */
#define S3      "https://b.s3.amazonaws.com/x?X-Amz-Date=20261028T000000Z&X-Amz-Expires="
#define HTTPS   "requires_https = yes\n"
#define NO_URLS "url_supported = no\n"
#define ROBOTS  "obeys_robots = yes\nagent = Some-Bot\n"

static void models(void **state)
{
    (void)state;
    static const struct {
        const char *patterns, *model;
        bool matches;
    } rows[] = {
        {"gpt-4o", "gpt-4o", true},
        {"gpt-4o", "gpt-4o-mini", false},
        {"gpt-4o", "GPT-4O", true},
        {"gpt-4o*", "gpt-4o-mini", true},
        {"*gpt-4o*", "my-GPT-4o-batch-deployment", true},
        {"*gpt-4o*", "openai/gpt-4o", true},
        {"*gpt-4o*", "gpt-4", false},
        {"gpt-?", "gpt-5", true},
        {"gpt-?", "gpt-", false},
        {"a|b | c*", "b", true},
        {"a|b | c*", "cd", true},
        {"a|b | c*", "d", false},
        {"*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
        {"*", "", true},
        {"", "", true},
        {"", "a", false},
        {"***", "a", true},
        {"*-haiku-*", "claude-haiku-4-5", true},
        {"a", NULL, true}, /* not known: it may be any */
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++)
        if (iw_model_matches(iw_str_from(rows[i].patterns), rows[i].model) != rows[i].matches)
            fail_msg("%s: %s", rows[i].patterns, rows[i].model ? rows[i].model : "NULL");
}

/* One image, and the request that holds it. */
struct row {
    const char *profile;
    struct image image;
    const char *model;
    uint64_t images; /* 0: no request */
    uint64_t horizon_s;
    uint32_t robots_denied;
    bool is_alone; /* the request is none of a batch */
    enum iw_failure failure;
    const char *findings;
    enum iw_verdict verdict;
};

static void check_rows(const struct row *rows, size_t count)
{
    static struct iw_findings found;
    for (size_t i = 0; i < count; i++) {
        const struct row *row = &rows[i];
        struct iw_arena arena;
        struct iw_profile profile;
        iw_arena_init(&arena, 1 << 20);
        parse(&arena, "p", row->profile, &profile);
        const struct iw_profile *list[] = {&profile};
        struct iw_judge judge = {.profiles = list,
                                 .profile_count = 1,
                                 .as_base64 = row->image.as_base64,
                                 .horizon_s = row->horizon_s,
                                 .now_unix_s = NOON};
        if (row->images) {
            struct iw_setting setting = {.has_detail = row->image.detail != IW_DETAIL_AUTO,
                                         .detail = row->image.detail,
                                         .model = row->model,
                                         .images = row->images,
                                         .is_batch = !row->is_alone};
            judge = iw_judge_of(&judge, &setting);
        } else {
            judge.model = row->model;
        }
        struct iw_facts facts = facts_of(&row->image);
        facts.robots_denied = row->robots_denied;
        facts.failure = row->failure;
        size_t before = arena.used_bytes;
        enum iw_verdict verdict = iw_check(&judge, &facts, &arena, &found);
        char text[512];
        describe(&found, text, sizeof text);
        if (strcmp(text, row->findings) != 0 || verdict != row->verdict)
            fail_msg("row %zu: %sgot: %s; %s", i, row->profile, text, iw_verdict_name(verdict));
        assert_true(found.count || arena.used_bytes == before);
        iw_arena_release(&arena);
    }
}

static void what_the_request_says(void **state)
{
    (void)state;
    static const struct row rows[] = {
        /* the many-image limit holds beyond 20 images, and nowhere else */
        {.profile = MANY, .image = PNG(2001, 1), .images = 20, .findings = "", .verdict = OK},
        {.profile = MANY, .image = PNG(2000, 1), .images = 21, .findings = "", .verdict = OK},
        {.profile = MANY,
         .image = PNG(2001, 1),
         .images = 21,
         .findings = "many-images-side-over error",
         .verdict = OVER},
        {.profile = MANY, .image = PNG(2001, 1), .findings = "", .verdict = OK},
        /* a model */
        {.profile = GPT_4O,
         .image = PNG(2049, 1),
         .images = 1,
         .model = "gpt-4o",
         .findings = "side-over error",
         .verdict = OVER},
        {.profile = GPT_4O, .image = PNG(2049, 1), .images = 1, .model = "gpt-5.6", .findings = "", .verdict = OK},
        {.profile = GPT_4O, .image = PNG(2049, 1), .model = "gpt-5.6", .findings = "", .verdict = OK},
        {.profile = GPT_4O, .image = PNG(2049, 1), .images = 1, .findings = "side-over error", .verdict = OVER},
        {.profile = GPT_4O, .image = PNG(2049, 1), .findings = "side-over error", .verdict = OVER},
        /* the detail of the image */
        {.profile = LIMIT_AS("max_patches", "9", "when = detail=high"),
         .image = PNG_AS(999, 999, .detail = IW_DETAIL_HIGH),
         .images = 1,
         .findings = "patches-over error",
         .verdict = OVER},
        {.profile = LIMIT_AS("max_patches", "9", "when = detail=high"),
         .image = PNG_AS(999, 999, .detail = IW_DETAIL_LOW),
         .images = 1,
         .findings = "",
         .verdict = OK},
        /* what a URL takes as base64: 8 characters and what stands before them */
        {.profile = LIMIT_AS("max_base64_bytes", "31", "counts = data-uri"),
         .image = {.bytes = 6, .as_base64 = true},
         .findings = "",
         .verdict = OK},
        {.profile = LIMIT_AS("max_base64_bytes", "30", "counts = data-uri"),
         .image = {.bytes = 6, .as_base64 = true},
         .findings = "base64-over error",
         .verdict = OVER},
        {.profile = LIMIT_AS("max_base64_bytes", "8", "counts = base64"),
         .image = {.bytes = 6, .as_base64 = true},
         .findings = "",
         .verdict = OK},
    };
    check_rows(rows, IW_ARRAY_LEN(rows));
}

#define AT(text)                                                                                                       \
    {                                                                                                                  \
        .bytes = 1, .url = text                                                                                        \
    }

static void what_cannot_be_fetched(void **state)
{
    (void)state;
    static const char private_[] = "private-address error";
    static const struct row rows[] = {
        {.profile = "",
         .image = AT("http://127.0.0.1:3000/a"),
         .images = 1,
         .findings = private_,
         .verdict = IW_VERDICT_BROKEN},
        {.profile = "", .image = AT("http://[::1]/a"), .images = 1, .findings = private_, .verdict = IW_VERDICT_BROKEN},
        {.profile = "",
         .image = AT("https://localhost/a"),
         .images = 1,
         .findings = private_,
         .verdict = IW_VERDICT_BROKEN},
        {.profile = "",
         .image = AT("http://minio:9000/a"),
         .images = 1,
         .findings = private_,
         .verdict = IW_VERDICT_BROKEN},
        {.profile = "",
         .image = AT("http://nas.local/a"),
         .images = 1,
         .findings = private_,
         .verdict = IW_VERDICT_BROKEN},
        {.profile = "",
         .image = AT("http://10.1.2.3/a"),
         .images = 1,
         .failure = IW_FAILURE_TIMEOUT,
         .findings = "timeout warning, private-address error",
         .verdict = IW_VERDICT_BROKEN},
        {.profile = "",
         .image = AT("http://10.1.2.3/a"),
         .images = 1,
         .failure = IW_FAILURE_PRIVATE,
         .findings = private_,
         .verdict = IW_VERDICT_BROKEN},
        {.profile = "", .image = AT("http://93.184.215.14/a"), .images = 1, .findings = "", .verdict = OK},
        {.profile = "", .image = AT("http://[2606:2800:21f::1]/a"), .images = 1, .findings = "", .verdict = OK},
        {.profile = "", .image = AT("http://127.0.0.1:3000/a"), .findings = "", .verdict = OK},
        /* schemes are the consumer's matter: over, not broken */
        {.profile = HTTPS, .image = AT("http://example.com/a"), .findings = "scheme-refused error", .verdict = OVER},
        {.profile = HTTPS, .image = AT("https://example.com/a"), .findings = "", .verdict = OK},
        {.profile = NO_URLS,
         .image = AT("https://example.com/a"),
         .images = 1,
         .findings = "scheme-refused error",
         .verdict = OVER},
        {.profile = NO_URLS, .image = AT("https://example.com/a"), .findings = "", .verdict = OK},
        {.profile = NO_URLS,
         .image = {.bytes = 1, .url = "data:...", .from = IW_BYTES_DATA_URI},
         .images = 1,
         .findings = "",
         .verdict = OK},
        /* robots.txt, where the consumer obeys it */
        {.profile = ROBOTS,
         .image = AT("https://example.com/a"),
         .robots_denied = 1,
         .findings = "robots-refused warning",
         .verdict = WARN},
        {.profile = ROBOTS, .image = AT("https://example.com/a"), .robots_denied = 2, .findings = "", .verdict = OK},
        {.profile = "", .image = AT("https://example.com/a"), .robots_denied = 1, .findings = "", .verdict = OK},
        /* signatures: a day is looked ahead for requests, else nothing */
        {.profile = "", .image = AT(S3 "3600"), .images = 1, .findings = "url-expiring warning", .verdict = WARN},
        {.profile = "", .image = AT(S3 "129599"), .images = 1, .findings = "url-expiring warning", .verdict = WARN},
        {.profile = "", .image = AT(S3 "129600"), .images = 1, .findings = "", .verdict = OK},
        {.profile = "", .image = AT(S3 "3600"), .findings = "", .verdict = OK},
        {.profile = "",
         .image = AT(S3 "3600"),
         .images = 1,
         .is_alone = true,
         .findings = "url-expiring warning",
         .verdict = WARN},
        {.profile = "", .image = AT(S3 "43260"), .images = 1, .is_alone = true, .findings = "", .verdict = OK},
        {.profile = "", .image = AT(S3 "3600"), .horizon_s = 60, .findings = "url-expiring warning", .verdict = WARN},
        {.profile = "", .image = AT(S3 "43260"), .horizon_s = 60, .images = 1, .findings = "", .verdict = OK},
        {.profile = "",
         .image = AT(S3 "3600"),
         .images = 1,
         .failure = IW_FAILURE_ACCESS,
         .findings = "access-refused error, url-expiring warning",
         .verdict = UNKNOWN},
    };
    check_rows(rows, IW_ARRAY_LEN(rows));
}

/* Images that stand in their request: what labels and text may be, by who looks at them. */
static void what_stands_in_the_request(void **state)
{
    (void)state;
#define INLINE(format_, type_)                                                                                         \
    {                                                                                                                  \
        .format = format_, .width = 9, .height = 9, .bytes = 9, .url = "data:...", .from = IW_BYTES_DATA_URI,          \
        .type = type_                                                                                                  \
    }
    static const char strict[] = "label_must_match = yes\n";
    static const struct row rows[] = {
        {.profile = "", .image = INLINE("png", "image/png"), .images = 1, .findings = "", .verdict = OK},
        {.profile = "", .image = INLINE("jpeg", "image/jpg"), .images = 1, .findings = "", .verdict = OK},
        {.profile = "",
         .image = INLINE("jpeg", "image/png"),
         .images = 1,
         .findings = "type-mismatch warning",
         .verdict = WARN},
        {.profile = "", .image = INLINE("jpeg", NULL), .images = 1, .findings = "", .verdict = OK},
        {.profile = strict, .image = INLINE("png", "image/png"), .images = 1, .findings = "", .verdict = OK},
        {.profile = strict,
         .image = INLINE("jpeg", "image/jpg"),
         .images = 1,
         .findings = "type-mismatch error",
         .verdict = OVER},
        {.profile = strict,
         .image = INLINE("jpeg", "image/png"),
         .images = 1,
         .findings = "type-mismatch error",
         .verdict = OVER},
        {.profile = strict, .image = INLINE("jpeg", NULL), .images = 1, .findings = "", .verdict = OK},
        /* a server's word is no label */
        {.profile = strict,
         .image = PNG_AS(9, 9, .type = "image/jpeg"),
         .images = 1,
         .findings = "type-mismatch warning",
         .verdict = WARN},
        {.profile = "",
         .image = INLINE("png", "image/png"),
         .images = 1,
         .failure = IW_FAILURE_DATA_URI,
         .findings = "bad-data-uri error",
         .verdict = IW_VERDICT_BROKEN},
    };
    check_rows(rows, IW_ARRAY_LEN(rows));
    static struct iw_findings found;
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 20);
    struct image image = INLINE("png", "image/png");
    struct iw_facts facts = facts_of(&image);
    facts.inline_flaw = "white space stands in it";
    assert_int_equal(iw_check(&(struct iw_judge){0}, &facts, &arena, &found), WARN);
    assert_int_equal(found.list[0].rule, IW_RULE_bad_data_uri);
    assert_string_equal(found.list[0].message.ptr, facts.inline_flaw);
    facts.is_misplaced = true;
    assert_int_equal(iw_check(&(struct iw_judge){0}, &facts, &arena, &found), IW_VERDICT_BROKEN);
    iw_arena_release(&arena);
}

/* ---- requests and files ---- */

static void requests(void **state)
{
    (void)state;
    static const struct {
        const char *profile;
        uint64_t len, images, inline_images, chars, bytes; /* of the request */
        const char *model, *findings;
        enum iw_verdict verdict;
    } rows[] = {
        {LIMIT_AS("max_request_bytes", "100", "warn = 90"), 90, 0, 0, 0, 0, NULL, "", OK},
        {LIMIT_AS("max_request_bytes", "100", "warn = 90"), 91, 0, 0, 0, 0, NULL, "request-bytes-over warning", WARN},
        {LIMIT_AS("max_request_bytes", "100", "warn = 90"), 101, 0, 0, 0, 0, NULL, "request-bytes-over error", OVER},
        {LIMIT_AS("max_request_bytes", "100", "counts = body"), 101, 1, 1, 8, 6, NULL, "request-bytes-over error",
         OVER},
        {LIMIT_AS("max_request_bytes", "7", "counts = base64"), 101, 1, 1, 8, 6, NULL, "request-bytes-over error",
         OVER},
        {LIMIT_AS("max_request_bytes", "8", "counts = base64"), 101, 1, 1, 8, 6, NULL, "", OK},
        {LIMIT_AS("max_request_bytes", "5", "counts = images"), 101, 1, 1, 8, 6, NULL, "request-bytes-over error",
         OVER},
        {LIMIT_AS("max_request_bytes", "6", "counts = images"), 101, 1, 1, 8, 6, NULL, "", OK},
        {LIMIT_AS("max_request_bytes", "100", "when = source=url"), 101, 1, 1, 8, 6, NULL, "", OK},
        {LIMIT_AS("max_request_bytes", "100", "when = source=base64"), 101, 1, 1, 8, 6, NULL,
         "request-bytes-over error", OVER},
        {LIMIT_AS("max_request_bytes", "100", "when = source=url"), 101, 1, 0, 0, 0, NULL, "request-bytes-over error",
         OVER},
        {LIMIT_AS("max_request_bytes", "1", "when = model=b*"), 101, 0, 0, 0, 0, "a", "", OK},
        {LIMIT_AS("max_request_bytes", "1", "when = model=b*"), 101, 0, 0, 0, 0, "bc", "request-bytes-over error",
         OVER},
        {LIMIT("max_request_images", "3"), 1, 3, 0, 0, 0, NULL, "", OK},
        {LIMIT("max_request_images", "3"), 1, 4, 0, 0, 0, NULL, "request-images-over error", OVER},
        {LIMIT_AS("max_request_images", "3", "effect = warned"), 1, 4, 0, 0, 0, NULL, "request-images-over warning",
         WARN},
        /* by source, each counts its own */
        {LIMIT_AS("max_request_images", "3", "when = source=url"), 1, 7, 4, 0, 0, NULL, "", OK},
        {LIMIT_AS("max_request_images", "3", "when = source=base64"), 1, 7, 4, 0, 0, NULL, "request-images-over error",
         OVER},
        /* limits of an image are none of a request */
        {LIMIT("max_bytes", "1") LIMIT("max_side_px", "1"), 101, 1, 1, 8, 6, NULL, "", OK},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        static struct iw_findings found;
        struct iw_arena arena;
        struct iw_profile profile;
        char text[512];
        iw_arena_init(&arena, 1 << 20);
        parse(&arena, "p", rows[i].profile, &profile);
        const struct iw_profile *list[] = {&profile};
        struct iw_judge judge = {.profiles = list, .profile_count = 1};
        struct iw_call call = {
            .span = {0, rows[i].len},
            .model = iw_str_from(rows[i].model ? rows[i].model : ""),
            .images = rows[i].images,
            .inline_images = rows[i].inline_images,
            .inline_chars = rows[i].chars,
            .inline_bytes = rows[i].bytes,
        };
        judge = iw_judge_of(&judge, &(struct iw_setting){.model = rows[i].model, .images = call.images});
        enum iw_verdict verdict = iw_check_call(&judge, &call, &arena, &found);
        describe(&found, text, sizeof text);
        if (strcmp(text, rows[i].findings) != 0 || verdict != rows[i].verdict)
            fail_msg("row %zu: %sgot: %s; %s", i, rows[i].profile, text, iw_verdict_name(verdict));
        iw_arena_release(&arena);
    }
}

static void files(void **state)
{
    (void)state;
    static struct iw_findings found;
    struct iw_arena arena;
    struct iw_profile first, second;
    char text[512];
    iw_arena_init(&arena, 1 << 20);
    parse(&arena, "a", LIMIT("max_file_bytes", "100") LIMIT("max_file_requests", "3"), &first);
    parse(&arena, "b", "one_model = yes\n", &second);
    const struct iw_profile *list[] = {&first, &second};
    struct iw_judge judge = {.profiles = list, .profile_count = 2};
    struct iw_request_file file = {.bytes = 101, .calls = 4, .is_batch = true, .has_many_models = true};
    assert_int_equal(iw_check_file(&judge, &file, &arena, &found), OVER);
    describe(&found, text, sizeof text);
    assert_string_equal(text, "file-bytes-over error, file-requests-over error");
    assert_string_equal(iw_judge_one_model(&judge, &file)->name, "b");
    file.has_many_models = false;
    assert_null(iw_judge_one_model(&judge, &file));
    file.bytes = 100;
    file.calls = 3;
    assert_int_equal(iw_check_file(&judge, &file, &arena, &found), OK);
    /* one request by itself is sent otherwise */
    file = (struct iw_request_file){.bytes = 101, .calls = 1, .has_many_models = true};
    assert_int_equal(iw_check_file(&judge, &file, &arena, &found), OK);
    assert_null(iw_judge_one_model(&judge, &file));
    assert_int_equal(iw_check_fault(IW_FAULT_JSON, IW_STR("expected a value"), &found), IW_VERDICT_BROKEN);
    assert_int_equal(found.list[0].rule, IW_RULE_bad_json);
    assert_int_equal(iw_check_fault(IW_FAULT_DUPLICATE_ID, IW_STR("it was used before"), &found), OVER);
    assert_int_equal(found.list[0].rule, IW_RULE_duplicate_custom_id);
    iw_arena_release(&arena);
}

static void sentences(void **state)
{
    (void)state;
    static struct iw_findings found;
    struct iw_arena arena;
    struct iw_profile profile;
    iw_arena_init(&arena, 1 << 20);
    parse(&arena, "p", LIMIT_AS("max_request_bytes", "1000", "counts = images") MANY, &profile);
    const struct iw_profile *list[] = {&profile};
    struct iw_judge judge = {.profiles = list, .profile_count = 1, .now_unix_s = NOON};
    (void)iw_check_call(&judge, &(struct iw_call){.inline_bytes = 1100}, &arena, &found);
    assert_string_equal(found.list[0].message.ptr,
                        "1,100 bytes of images in a request are 100 (10 %) over the 1,000 bytes that p accepts");
    judge = iw_judge_of(&judge, &(struct iw_setting){.images = 21, .is_batch = true});
    struct image image = PNG_AS(2001, 1, .url = S3 "3600");
    struct iw_facts facts = facts_of(&image);
    (void)iw_check(&judge, &facts, &arena, &found);
    assert_string_equal(found.list[0].message.ptr, "the URL is signed until 2026-10-28 01:00:00 UTC, which is over");
    assert_string_equal(found.list[1].message.ptr,
                        "a longer side of 2,001 px is 1 over the 2,000 px that p accepts in a request of 21 images");
    iw_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models),
        cmocka_unit_test(what_the_request_says),
        cmocka_unit_test(what_cannot_be_fetched),
        cmocka_unit_test(what_stands_in_the_request),
        cmocka_unit_test(requests),
        cmocka_unit_test(files),
        cmocka_unit_test(sentences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
