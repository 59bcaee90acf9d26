/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Waivers from whatever text comes: what parses excuses no more than it says, what does not says where. */
#include "base/iw.h"
#include "store/store.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_expired(void *user, const struct iw_diag *diag)
{
    size_t *count = user;
    assert(diag->line > 0 && diag->text[0]);
    ++*count;
}

/* A pattern of the text without its stars matches the text that is left. */
static void match(struct iw_str text)
{
    char plain[200];
    size_t len = 0;
    for (size_t i = 0; i < text.len && len < sizeof plain; i++)
        if (text.ptr[i] != '*')
            plain[len++] = text.ptr[i];
    struct iw_str whole = {plain, len};
    assert(iw_waiver_matches(whole, whole));
    assert(iw_waiver_matches(IW_STR("*"), whole));
    assert(iw_waiver_matches(IW_STR("?*"), whole) == (len > 0));
    (void)iw_waiver_matches(iw_str_sub(text, 0, 200), whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct iw_str text = {(const char *)data, size};
    struct iw_arena arena;
    struct iw_diag diag = {0};
    struct iw_waivers *waivers = NULL;
    iw_arena_init(&arena, 16 << 20);
    match(text);
    enum iw_err err = iw_waivers_parse(&arena, text, "w.txt", &waivers, &diag);
    if (err != IW_OK) {
        assert(err == IW_ERR_SYNTAX || err == IW_ERR_UNKNOWN_NAME || err == IW_ERR_RANGE || err == IW_ERR_LIMIT);
        assert(diag.text[0] && strcmp(diag.place, "w.txt") == 0 && (diag.line > 0 || err == IW_ERR_LIMIT));
        iw_arena_release(&arena);
        return 0;
    }
    struct iw_findings findings = {.count = 1};
    findings.list[0] = (struct iw_finding){.rule = IW_RULE_bytes_over, .severity = IW_SEVERITY_ERROR};
    struct iw_facts facts = {.url = IW_STR("http://h/a.png")};
    struct iw_record record = {.facts = &facts, .findings = &findings, .verdict = IW_VERDICT_OVER};
    struct iw_record later = record;
    size_t expired = 0;
    bool is_excused = iw_waivers_excuse(waivers, &record, 1000000000);
    bool is_later = iw_waivers_excuse(waivers, &later, 100000000000);
    assert(!is_later || is_excused); /* time ends waivers, and begins none */
    assert(!is_excused || record.waiver.len > 0);
    assert(is_later || !is_excused || later.waiver_ended);
    iw_waivers_expired(waivers, on_expired, &expired);
    assert(is_later || !is_excused || expired > 0);
    iw_arena_release(&arena);
    return 0;
}
