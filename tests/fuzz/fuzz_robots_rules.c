/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The rules of robots.txt: the first line is a path, the rest any bytes. Cuts change nothing, what decides is a rule
 * that is there, and no path is refused whose own rule allows it. */
#include "base/iw.h"
#include "source/source.h"

#undef NDEBUG
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct iw_robots_rules *read_rules(const char *text, size_t len, size_t piece)
{
    struct iw_robots_rules *rules = iw_robots_rules_new("imgweigh");
    assert(rules);
    for (size_t at = 0; at < len; at += piece)
        assert(iw_robots_rules_feed(rules, text + at, IW_MIN(piece, len - at)) == IW_OK);
    assert(iw_robots_rules_finish(rules) == IW_OK);
    return rules;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct iw_str all = {(const char *)data, size};
    size_t line = size ? iw_str_find(all, '\n') : 0;
    struct iw_str path = iw_str_sub(all, 0, line), text = iw_str_skip(all, IW_MIN(line + 1, size));
    struct iw_robots_rules *whole = read_rules(text.ptr, text.len, text.len ? text.len : 1);
    struct iw_robots_rules *cut = read_rules(text.ptr, text.len, 3);
    struct iw_robots_word a, b;
    assert(iw_robots_judge(whole, path, &a) == IW_OK && iw_robots_judge(cut, path, &b) == IW_OK);
    assert(a.is_allowed == b.is_allowed && a.line == b.line && iw_str_eq(a.pattern, b.pattern));
    assert(iw_robots_rules_delay_ms(whole) == iw_robots_rules_delay_ms(cut));
    assert(a.is_allowed || a.line);
    assert((a.line == 0) == (a.pattern.len == 0));
    iw_robots_rules_free(whole);
    iw_robots_rules_free(cut);
    return 0;
}
