/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What makes a placeholder: eight paths of one host, one length, one strong ETag; and what does not. And the size
 * beyond which every profile refuses. */
#include "check_case.h"

struct answer {
    const char *format; /* of the final URL, %u: the number of the answer */
    const char *etag;
    uint64_t bytes;
    enum iw_failure failure;
};

/* How many of count answers get the finding. */
static unsigned found_in(struct iw_placeholders *seen, const struct answer *answer, unsigned count)
{
    static struct iw_findings found;
    struct iw_arena arena;
    unsigned marked = 0;
    iw_arena_init(&arena, 1 << 20);
    for (unsigned i = 0; i < count; i++) {
        char url[200];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        (void)snprintf(url, sizeof url, answer->format, i);
#pragma GCC diagnostic pop
        struct iw_facts facts = {
            .final_url = iw_str_from(url),
            .etag = iw_str_from(answer->etag),
            .bytes = answer->bytes ? answer->bytes : 1000 + i,
            .bytes_from = IW_BYTES_CONTENT_LENGTH,
            .failure = answer->failure,
        };
        found.count = 0;
        enum iw_verdict verdict = iw_placeholders_check(seen, &facts, &arena, &found, IW_VERDICT_OK);
        assert_int_equal(verdict, found.count ? IW_VERDICT_WARN : IW_VERDICT_OK);
        if (found.count)
            assert_int_equal(found.list[0].rule, IW_RULE_placeholder);
        marked += (unsigned)found.count;
    }
    iw_arena_release(&arena);
    return marked;
}

static void what_is_one(void **state)
{
    (void)state;
    static const struct {
        struct answer answer;
        unsigned marked; /* of 20 */
    } rows[] = {
        {{"http://h/%u.png", "\"a\"", 500, 0}, 13},
        {{"http://h/x/%u.png?v=1", "\"b\"", 500, 0}, 13},
        {{"http://h/one.png?v=%u", "\"c\"", 500, 0}, 0}, /* one path */
        {{"http://h%u/a.png", "\"d\"", 500, 0}, 0},      /* many hosts */
        {{"http://h/%u.png", "\"e\"", 0, 0}, 0},         /* many lengths */
        {{"http://h/%u.png", "W/\"f\"", 500, 0}, 0},     /* weak */
        {{"http://h/%u.png", "", 500, 0}, 0},
        {{"http://h/%u.png", "\"\"", 500, 0}, 0},
        {{"http://h/%u.html", "\"g\"", 500, IW_FAILURE_NOT_IMAGE}, 0}, /* told already for what it is */
    };
    struct iw_hash_key key = {1, 2};
    struct iw_placeholders *seen = iw_placeholders_new(&key);
    assert_non_null(seen);
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++)
        assert_int_equal(found_in(seen, &rows[i].answer, 20), rows[i].marked);
    iw_placeholders_free(seen);
}

/* Thousands of honest images between two paths of a placeholder do not hide it. */
static void among_many(void **state)
{
    (void)state;
    struct iw_hash_key key = {3, 4};
    struct iw_placeholders *seen = iw_placeholders_new(&key);
    assert_non_null(seen);
    unsigned marked = 0;
    for (unsigned i = 0; i < 40; i++) {
        char one[64], many[64], etag[16];
        (void)snprintf(etag, sizeof etag, "\"%u\"", i);
        (void)snprintf(one, sizeof one, "http://h/missing/%u.png", i);
        (void)snprintf(many, sizeof many, "http://h/%u/%%u.png", i);
        assert_int_equal(found_in(seen, &(struct answer){many, etag, 0, 0}, 100), 0);
        marked += found_in(seen, &(struct answer){one, "\"gone\"", 777, 0}, 1);
    }
    assert_int_equal(marked, 33);
    iw_placeholders_free(seen);
}

static void all_refuse_beyond(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        uint64_t beyond;
    } rows[] = {
        {LIMIT("max_bytes", "1000"), LIMIT("max_bytes", "3000"), 3000},
        {LIMIT("max_bytes", "1000"), LIMIT("max_side_px", "10"), UINT64_MAX},
        {LIMIT("max_bytes", "1000"), LIMIT_AS("max_bytes", "3000", "effect = downscaled"), UINT64_MAX},
        {LIMIT("max_bytes", "1000"), LIMIT("max_bytes", "900") LIMIT("max_pixels", "1"), 1000},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_arena arena;
        iw_arena_init(&arena, 1 << 20);
        struct iw_profile a, b;
        parse(&arena, "a", rows[i].a, &a);
        parse(&arena, "b", rows[i].b, &b);
        const struct iw_profile *const list[] = {&a, &b};
        struct iw_judge judge = {.profiles = list, .profile_count = 2};
        assert_int_equal(iw_judge_byte_limit(&judge), rows[i].beyond);
        judge.profile_count = 0;
        assert_true(iw_judge_byte_limit(&judge) == UINT64_MAX);
        iw_arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_one),
        cmocka_unit_test(among_many),
        cmocka_unit_test(all_refuse_beyond),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
