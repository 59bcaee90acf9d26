/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What robots.txt allows: which group, which rule, in which form things are compared, and for how long one waits. */
#include "base/iw.h"
#include "source/source.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct iw_robots_rules *read_rules(struct iw_str text, size_t piece)
{
    struct iw_robots_rules *rules = iw_robots_rules_new("imgweigh");
    assert_non_null(rules);
    for (size_t at = 0; at < text.len; at += piece) {
        struct iw_str part = iw_str_sub(text, at, piece);
        assert_int_equal(IW_OK, iw_robots_rules_feed(rules, part.ptr, part.len));
    }
    assert_int_equal(IW_OK, iw_robots_rules_finish(rules));
    return rules;
}

/* "+" or "-", the line of the rule that decides (0: none), and the pattern as it is compared. */
static void check_word(const char *name, const struct iw_robots_rules *rules, const char *path, const char *expected)
{
    struct iw_robots_word word;
    char said[200];
    assert_int_equal(IW_OK, iw_robots_judge(rules, iw_str_from(path), &word));
    (void)snprintf(said, sizeof said, "%c%u%s%.*s", word.is_allowed ? '+' : '-', word.line, word.pattern.len ? " " : "",
                   IW_STR_ARGS(word.pattern));
    if (strcmp(said, expected) != 0)
        fail_msg("%s, %s: expected \"%s\", found \"%s\"", name, path, expected, said);
}

/* One robots.txt, and what it says of each path. */
struct robots_case {
    const char *name, *text;
    struct {
        const char *path, *expected;
    } words[8];
};

static const struct robots_case cases[] = {
    /* ---- section 2.2.1: groups ---- */
    {"empty", "", {{"/", "+0"}, {"/a?b", "+0"}}},
    {"all may", "User-agent: *\nDisallow:\n", {{"/a", "+0"}}},
    {"none may", "User-agent: *\nDisallow: /\n", {{"/", "-2 /"}, {"", "-2 /"}, {"/a", "-2 /"}, {"/robots.txt", "+0"}}},
    {"rules before any group", "Disallow: /\nUser-agent: *\nDisallow: /b\n", {{"/a", "+0"}, {"/b", "-3 /b"}}},
    {"our group wins whole",
     "User-agent: *\nDisallow: /a\nUser-agent: ImgWeigh\nDisallow: /b\n",
     {{"/a", "+0"}, {"/b", "-4 /b"}}},
    {"our group without rules", "User-agent: *\nDisallow: /\n\nUser-agent: imgweigh\nDisallow:\n", {{"/a", "+0"}}},
    {"another's group", "User-agent: examplebot\nDisallow: /\n", {{"/a", "+0"}}},
    {"no part of a name", "User-agent: imgweighty\nDisallow: /\nUser-agent: img\nDisallow: /\n", {{"/a", "+0"}}},
    {"a version behind the name", "user-AGENT :imgweigh/2.0 (x)\nDisallow: /\n", {{"/a", "-2 /"}}},
    {"groups of one agent are one",
     "User-agent: imgweigh\nDisallow: /a\nUser-agent: b\nDisallow: /c\nUser-agent: imgweigh\nDisallow: /d\n",
     {{"/a", "-2 /a"}, {"/c", "+0"}, {"/d", "-6 /d"}}},
    {"several agents of one group",
     "User-agent: a\nUser-agent: imgweigh\nUser-agent: b\nDisallow: /x\nUser-agent: c\nDisallow: /y\n",
     {{"/x", "-4 /x"}, {"/y", "+0"}}},
    {"blank lines and others end no group",
     "User-agent: *\n\nSitemap: http://a/\nHost: b\n\nDisallow: /x\n\nDisallow: /y\n",
     {{"/x", "-6 /x"}, {"/y", "-8 /y"}}},
    {"Crawl-delay ends no row of agents",
     "User-agent: imgweigh\nCrawl-delay: 1\nUser-agent: b\nDisallow: /x\n",
     {{"/x", "-4 /x"}}},
    /* ---- section 2.2.2: the longest match ---- */
    {"the longest, in any order",
     "User-agent: *\nAllow: /pub/page\nDisallow: /pub/page.gif\nDisallow: /pub\n",
     {{"/pub/page.gif", "-3 /pub/page.gif"}, {"/pub/page.png", "+2 /pub/page"}, {"/pub/x", "-4 /pub"}, {"/x", "+0"}}},
    {"of two equal, that which allows", "User-agent: *\nDisallow: /a/\nAllow: /a/\n", {{"/a/b", "+3 /a/"}}},
    {"a star counts as an octet",
     "User-agent: *\nAllow: /pa\nDisallow: /*.png\n",
     {{"/pa.png", "-3 /*.png"}, {"/pa", "+2 /pa"}}},
    {"case matters in paths", "User-agent: *\nDISALLOW: /Ab\n", {{"/Ab", "-2 /Ab"}, {"/ab", "+0"}}},
    {"a prefix, no folder", "User-agent: *\nDisallow: /fish\n", {{"/fisher?x", "-2 /fish"}, {"/a/fish", "+0"}}},
    /* ---- section 2.2.3: special characters ---- */
    {"comments", "User-agent: * # all\nDisallow: /a # not b\n#Disallow: /c\n", {{"/a", "-2 /a"}, {"/c", "+0"}}},
    {"the end",
     "User-agent: *\nDisallow: /a.gif$\nDisallow: /b$c\n",
     {{"/a.gif", "-2 /a.gif$"}, {"/a.gif?x", "+0"}, {"/b$c", "-3 /b%24c"}, {"/b", "+0"}}},
    {"stars",
     "User-agent: *\nDisallow: /a/*/c*d$\n",
     {{"/a/b/cd", "-2 /a/*/c*d$"},
      {"/a/b/c/d/cdxd", "-2 /a/*/c*d$"},
      {"/a//cd", "-2 /a/*/c*d$"},
      {"/a/cd", "+0"},
      {"/a/b/cde", "+0"}}},
    {"an end that overlaps nothing", "User-agent: *\nDisallow: /ab*b$\n", {{"/ab", "+0"}, {"/abb", "-2 /ab*b$"}}},
    {"stars first and last",
     "User-agent: *\nDisallow: *.jpg\nDisallow: /x*\nDisallow: /y*$\n",
     {{"/a/b.jpg?c", "-2 *.jpg"}, {"/xa", "-3 /x*"}, {"/y", "-4 /y*$"}, {"/z", "+0"}}},
    {"stars that mean themselves",
     "User-agent: *\nDisallow: /a-%2A.png\nDisallow: /b-%24\n",
     {{"/a-*.png", "-2 /a-%2A.png"}, {"/a-%2a.png", "-2 /a-%2A.png"}, {"/a-x.png", "+0"}, {"/b-$", "-3 /b-%24"}}},
    /* ---- the forms in which octets are compared ---- */
    {"a plain query", "User-agent: *\nDisallow: /q/r?s=tu\n", {{"/q/r?s=tuv", "-2 /q/r?s=tu"}, {"/q/r", "+0"}}},
    {"delimiters in a value",
     "User-agent: *\nDisallow: /q/r?s=http://t.u\n",
     {{"/q/r?s=http%3A%2F%2Ft.u", "-2 /q/r?s=http%3A%2F%2Ft.u"}, {"/q/r?s=http://t.u", "-2 /q/r?s=http%3A%2F%2Ft.u"}}},
    {"delimiters in a path stay what they are",
     "User-agent: *\nDisallow: /a%2fb\n",
     {{"/a/b", "+0"}, {"/a%2Fb", "-2 /a%2Fb"}}},
    {"a slash in a query, for a rule of none", "User-agent: *\nDisallow: /*/b\n", {{"/a?c=/b", "-2 /*/b"}}},
    {"octets beyond ASCII",
     "User-agent: *\nDisallow: /q/\xE3\x82\xAB\nDisallow: /r/%e3%82%ab\n",
     {{"/q/%E3%82%AB", "-2 /q/%E3%82%AB"},
      {"/q/%e3%82%ab", "-2 /q/%E3%82%AB"},
      {"/r/\xE3\x82\xAB", "-3 /r/%E3%82%AB"}}},
    {"what need not be encoded",
     "User-agent: *\nDisallow: /q/%66oo\nDisallow: /bar\n",
     {{"/q/foo", "-2 /q/foo"}, {"/%62%61%72", "-3 /bar"}}},
    {"half an encoding",
     "User-agent: *\nDisallow: /a%\nDisallow: /b%4\n",
     {{"/a%", "-2 /a%25"}, {"/b%4", "-3 /b%254"}}},
    /* ---- what is written and not meant ---- */
    {"misspelt",
     "Useragent: *\nDissallow: /a\ndesallow: /b\nDisalow : /c\nDis allow: /d\nUser agent: imgweigh\nallow /x\ndisallow "
     "/y\n",
     {{"/a", "+0"}, {"/x", "+7 /x"}, {"/y", "-8 /y"}}},
    {"misspelt, for all",
     "User_agent *\nDissallow: /a\ndesallow: /b\nDisalow : /c\nDis allow: /d\n",
     {{"/a", "-2 /a"}, {"/b", "-3 /b"}, {"/c", "-4 /c"}, {"/d", "-5 /d"}}},
    {"no slash", "User-agent: *\nDisallow: private\n", {{"/private/a", "-2 /private"}, {"/b", "+0"}}},
    {"ends of lines and a mark",
     "\xEF\xBB\xBFUser-agent: *\r\rDisallow: /a\r\nDisallow: /b\r",
     {{"/a", "-3 /a"}, {"/b", "-4 /b"}}},
    {"a page instead", "<html><body>User-agent: *<br>Disallow: /</body></html>\n", {{"/a", "+0"}}},
};

static void words(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 2, 7, 1000};
    for (size_t i = 0; i < IW_ARRAY_LEN(cases); i++) {
        for (size_t p = 0; p < IW_ARRAY_LEN(pieces); p++) {
            struct iw_robots_rules *rules = read_rules(iw_str_from(cases[i].text), pieces[p]);
            for (size_t k = 0; k < IW_ARRAY_LEN(cases[i].words) && cases[i].words[k].path; k++)
                check_word(cases[i].name, rules, cases[i].words[k].path, cases[i].words[k].expected);
            iw_robots_rules_free(rules);
        }
    }
}

static void delays(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t ms;
    } rows[] = {
        {"User-agent: *\nDisallow: /a\n", 0},
        {"User-agent: *\nCrawl-delay: 10\n", 10000},
        {"User-agent: *\nCrawl-Delay: 0.25\n", 250},
        {"User-agent: *\ncrawl deley: 2 # s\n", 2000},
        {"User-agent: *\nCrawl-delay: .5\nCrawl-delay: 1.0009\nCrawl-delay: 1\n", 1000},
        {"User-agent: *\nCrawl-delay: soon\nCrawl-delay: -1\nCrawl-delay:\n", 0},
        {"User-agent: *\nCrawl-delay: 10\nUser-agent: imgweigh\nAllow: /\n", 0},
        {"User-agent: *\nCrawl-delay: 10\nAllow: /\nUser-agent: imgweigh\nCrawl-delay: 3\n", 3000},
        {"Crawl-delay: 5\nUser-agent: b\nCrawl-delay: 6\n", 0},
        {"User-agent: *\nCrawl-delay: 301\n", 301000},
        {"User-agent: *\nCrawl-delay: 99999999999999999999999999999999999999\n", UINT32_MAX},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_robots_rules *rules = read_rules(iw_str_from(rows[i].text), 3);
        assert_int_equal(rows[i].ms, iw_robots_rules_delay_ms(rules));
        iw_robots_rules_free(rules);
    }
}

/* What stands behind the ceiling says nothing, nor does a line that reaches across it: cut, it would say more. */
static void ceiling(void **state)
{
    (void)state;
    struct iw_str head = IW_STR("User-agent: *\nDisallow: /first\n");
    struct iw_str across = IW_STR("Disallow: /across\nDisallow: /behind\n");
    for (size_t over = 0; over <= 20; over++) {
        struct iw_buf text;
        iw_buf_init(&text, 1 << 20);
        iw_buf_add_str(&text, head);
        while (text.len < IW_ROBOTS_BYTES - 18 + over - 1)
            iw_buf_add_char(&text, '#');
        iw_buf_add_char(&text, '\n');
        iw_buf_add_str(&text, across);
        struct iw_robots_rules *rules = read_rules(iw_buf_str(&text), over % 2 ? 100000 : text.len);
        check_word("ceiling", rules, "/first", "-2 /first");
        check_word("ceiling", rules, "/across", over <= 0 ? "-4 /across" : "+0");
        check_word("ceiling", rules, "/behind", "+0");
        check_word("ceiling", rules, "/a", "+0");
        iw_robots_rules_free(rules);
        iw_buf_release(&text);
    }
}

/* As many rules as fit, each of which must be looked at: memory and time stay bounded. */
static void crowd(void **state)
{
    (void)state;
    struct iw_buf text;
    iw_buf_init(&text, 1 << 20);
    iw_buf_add_str(&text, IW_STR("User-agent:*\n"));
    while (text.len < IW_ROBOTS_BYTES)
        iw_buf_add_str(&text, IW_STR("allow:\xFF*b$\n"));
    struct iw_robots_rules *rules = read_rules(iw_buf_str(&text), 4096);
    assert_true(iw_robots_rules_size(rules) < 4u << 20);
    check_word("crowd", rules, "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "+0");
    check_word("crowd", rules, "/\xFF/b", "+2 /%FF*b$");
    iw_robots_rules_free(rules);
    iw_buf_release(&text);
}

static void wishes(void **state)
{
    (void)state;
    enum { L = IW_WISH_NO_LINKS, I = IW_WISH_NO_IMAGES };
    static const struct {
        const char *text;
        unsigned wishes;
    } rows[] = {
        {"", 0},
        {"all", 0},
        {"index, follow", 0},
        {"noindex", 0},
        {"noindex,nofollow", L},
        {" NoFollow ", L},
        {"none", L},
        {"nofollow, follow", L}, /* the stricter counts */
        {"noimageindex", I},
        {"noimageindex , none", L | I},
        {"nofollowed", 0},
        {"no follow", 0},
        {"nofollow noimageindex", 0}, /* commas are wanted */
        {"imgweigh: nofollow", L},
        {"IMGWEIGH :nofollow", L},
        {"otherbot: nofollow", 0},
        {"otherbot: noindex, nofollow", 0}, /* the name holds for all that follows */
        {"nofollow, otherbot: noimageindex", L},
        {"otherbot: nofollow, imgweigh: noimageindex", I},
        {"otherbot: none\nnoimageindex", I}, /* but not for the next line */
        {"unavailable_after: 25 Jun 2010 15:00:00 PST, nofollow", L},
        {"max-snippet:-1, max-image-preview:large, max-video-preview:-1", 0},
        {"max-image-preview:none", 0},
        {":nofollow", 0},
        {",,,:,\n\n,", 0},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++)
        if (iw_robots_wishes(iw_str_from(rows[i].text)) != rows[i].wishes)
            fail_msg("%s: %u", rows[i].text, iw_robots_wishes(iw_str_from(rows[i].text)));
    assert_int_equal(iw_robots_wishes(IW_STR_NONE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words), cmocka_unit_test(delays), cmocka_unit_test(ceiling),
        cmocka_unit_test(crowd), cmocka_unit_test(wishes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
