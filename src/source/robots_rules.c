/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What robots.txt allows an agent (RFC 9309): the groups that name it are one; where none does, those of "*" are. Of
 * the rules that match, the longest decides, and of two the one that allows (section 2.2.2). Crawl-delay is no part of
 * the RFC and therefore ends no row of User-agent lines. Misspellings that are in use are read as what they mean.
 *
 * Patterns and paths are compared in one form: what is unreserved stands for itself, everything else that RFC 3986 does
 * not allow in a path is percent-encoded, and so are "*" and "$" where they mean themselves. In the RFC's examples the
 * delimiters of a query's values are encoded, too. A pattern that names a query is compared so; others, such as
 * "*" and a slash, see the query as it came. */
#include "base/iw.h"
#include "source/inside.h"

#include "base/mem.h"

#include <stdlib.h>

/* TEXT_BYTES: each byte may become three. */
enum { TEXT_BYTES = 3 * IW_ROBOTS_BYTES + 1024, RULES_MAX = IW_ROBOTS_BYTES / 8, PATH_BYTES = 8 << 20 };
enum { OF_AGENT = 1, OF_ALL = 2 };

struct rule {
    uint32_t at, len; /* of the pattern in the text */
    uint32_t line;
    bool is_allow, is_query;
    uint8_t whose;
};

struct iw_robots_rules {
    const char *agent;
    struct iw_lines lines;
    size_t seen_bytes;
    bool is_group_open; /* the last line with a say was User-agent */
    uint8_t whose;      /* of the group now */
    uint8_t found;      /* groups of these are there */
    uint64_t delay_ms[2];
    struct iw_buf text;
    struct rule *list;
    size_t count, room;
};

/* ---- the form that is compared ---- */

static bool is_unreserved(unsigned char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c && strchr("-._~", c));
}

/* May stand in a path or query as itself. "*" and "$" are not among them. */
static bool is_plain(unsigned char c, bool is_in_query)
{
    return is_unreserved(c) || (c && strchr("!&'()+,;=", c)) || (c && strchr("/:@?#[]", c) && !is_in_query);
}

static int hex_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void add_encoded(struct iw_buf *out, unsigned char c)
{
    static const char digits[] = "0123456789ABCDEF";
    char text[3] = {'%', digits[c >> 4], digits[c & 15]};
    iw_buf_add(out, text, sizeof text);
}

/* is_pattern: "*" stays, and "$" at the end. is_query: delimiters behind the first "?" are encoded. */
static void add_normal(struct iw_buf *out, struct iw_str text, bool is_pattern, bool is_query)
{
    bool is_in_query = false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        int high = c == '%' && i + 2 < text.len ? hex_of(text.ptr[i + 1]) : -1;
        int low = high >= 0 ? hex_of(text.ptr[i + 2]) : -1;
        bool is_special = is_pattern && (c == '*' || (c == '$' && i + 1 == text.len));
        if (low >= 0) {
            i += 2;
            c = (unsigned char)(high << 4 | low);
            if (!is_unreserved(c)) {
                add_encoded(out, c);
                continue;
            }
        }
        if (is_special || is_plain(c, is_in_query))
            iw_buf_add_char(out, (char)c);
        else
            add_encoded(out, c);
        is_in_query = is_in_query || (is_query && c == '?');
    }
}

/* ---- reading ---- */

static bool is_agent(struct iw_str value, const char *agent)
{
    size_t len = 0;
    while (len < value.len && (is_unreserved((unsigned char)value.ptr[len]) && value.ptr[len] != '.'))
        len++;
    return iw_str_eq_nocase(iw_str_sub(value, 0, len), iw_str_from(agent));
}

static void name_agent(struct iw_robots_rules *rules, struct iw_str value)
{
    if (!rules->is_group_open)
        rules->whose = 0;
    rules->is_group_open = true;
    if (iw_str_eq(value, IW_STR("*")) || iw_str_starts(value, IW_STR("* ")))
        rules->whose |= OF_ALL;
    else if (is_agent(value, rules->agent))
        rules->whose |= OF_AGENT;
    rules->found |= rules->whose;
}

static enum iw_err add_rule(struct iw_robots_rules *rules, struct iw_str value, unsigned line, bool is_allow)
{
    rules->is_group_open = false;
    if (value.len == 0 || !rules->whose || rules->count == RULES_MAX)
        return IW_OK;
    if (rules->count == rules->room) {
        size_t room = rules->room ? rules->room * 2 : 16;
        struct rule *list = iw_realloc(rules->list, room, sizeof *list);
        if (!list)
            return IW_ERR_NOMEM;
        rules->list = list;
        rules->room = room;
    }
    struct rule *rule = &rules->list[rules->count++];
    *rule = (struct rule){.at = (uint32_t)rules->text.len,
                          .line = line,
                          .is_allow = is_allow,
                          .is_query = iw_str_find(value, '?') < value.len,
                          .whose = rules->whose};
    if (value.ptr[0] != '/' && value.ptr[0] != '*')
        iw_buf_add_char(&rules->text, '/'); /* forgotten */
    add_normal(&rules->text, value, true, rule->is_query);
    rule->len = (uint32_t)(rules->text.len - rule->at);
    return rules->text.err == IW_OK ? IW_OK : IW_ERR_NOMEM;
}

/* Seconds, perhaps with a fraction; the longest of several counts. */
static void set_delay(struct iw_robots_rules *rules, struct iw_str value)
{
    uint64_t ms = 0, unit = 1000;
    size_t i = 0;
    for (; i < value.len && value.ptr[i] >= '0' && value.ptr[i] <= '9'; i++)
        ms = IW_MIN(ms * 10 + (uint64_t)(value.ptr[i] - '0') * 1000, (uint64_t)UINT32_MAX);
    if (i < value.len && value.ptr[i] == '.')
        for (i++; i < value.len && value.ptr[i] >= '0' && value.ptr[i] <= '9'; i++)
            ms += (uint64_t)(value.ptr[i] - '0') * (unit /= 10);
    for (unsigned k = 0; k < 2; k++)
        if (rules->whose >> k & 1)
            rules->delay_ms[k] = IW_MAX(rules->delay_ms[k], ms);
}

static enum iw_err on_line(void *user, struct iw_str line, unsigned number, bool is_cut)
{
    static const char *const agents[] = {"useragent", "useragents"};
    static const char *const allows[] = {"allow", "allows"};
    static const char *const disallows[] = {"disallow", "disallows", "desallow", "dissallow",
                                            "dissalow", "disalow",   "disallaw", "diasllow"};
    static const char *const delays[] = {"crawldelay", "crawldeley", "crawlerdelay"};
    struct iw_robots_rules *rules = user;
    struct iw_str value;
    if (is_cut)
        return IW_OK;
    if ((value = iw_robots_value(line, disallows, IW_ARRAY_LEN(disallows), true)).ptr)
        return add_rule(rules, value, number, false);
    if ((value = iw_robots_value(line, allows, IW_ARRAY_LEN(allows), true)).ptr)
        return add_rule(rules, value, number, true);
    if ((value = iw_robots_value(line, agents, IW_ARRAY_LEN(agents), true)).ptr)
        name_agent(rules, value);
    else if ((value = iw_robots_value(line, delays, IW_ARRAY_LEN(delays), true)).ptr)
        set_delay(rules, value);
    return IW_OK;
}

struct iw_robots_rules *iw_robots_rules_new(const char *agent)
{
    struct iw_robots_rules *rules = iw_calloc(1, sizeof *rules);
    if (!rules)
        return NULL;
    rules->agent = agent;
    iw_lines_init(&rules->lines, IW_SOURCE_LINE_BYTES);
    iw_buf_init(&rules->text, TEXT_BYTES);
    return rules;
}

enum iw_err iw_robots_rules_feed(struct iw_robots_rules *rules, const char *bytes, size_t len)
{
    size_t more = IW_MIN(len, IW_ROBOTS_BYTES + 1 - rules->seen_bytes);
    size_t kept = IW_MIN(more, IW_ROBOTS_BYTES - IW_MIN(rules->seen_bytes, (size_t)IW_ROBOTS_BYTES));
    rules->seen_bytes += more;
    return iw_lines_feed(&rules->lines, bytes, kept, on_line, rules);
}

/* The longest first, and of two that which allows: the first that matches decides. */
static int compare(const void *a, const void *b)
{
    const struct rule *x = a, *y = b;
    if (x->len != y->len)
        return x->len < y->len ? 1 : -1;
    if (x->is_allow != y->is_allow)
        return x->is_allow ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

enum iw_err iw_robots_rules_finish(struct iw_robots_rules *rules)
{
    /* a line that ends beyond the ceiling would be a shorter one, which says more */
    bool is_whole = rules->seen_bytes <= IW_ROBOTS_BYTES;
    enum iw_err err = is_whole ? iw_lines_finish(&rules->lines, on_line, rules) : IW_OK;
    iw_lines_release(&rules->lines);
    uint8_t whose = rules->found & OF_AGENT ? OF_AGENT : OF_ALL;
    size_t kept = 0;
    for (size_t i = 0; i < rules->count; i++)
        if (rules->list[i].whose & whose)
            rules->list[kept++] = rules->list[i];
    rules->count = kept;
    if (whose == OF_ALL)
        rules->delay_ms[0] = rules->delay_ms[1];
    if (kept)
        qsort(rules->list, kept, sizeof *rules->list, compare);
    return err;
}

void iw_robots_rules_free(struct iw_robots_rules *rules)
{
    if (!rules)
        return;
    iw_lines_release(&rules->lines);
    iw_buf_release(&rules->text);
    iw_free(rules->list);
    iw_free(rules);
}

size_t iw_robots_rules_size(const struct iw_robots_rules *rules)
{
    return sizeof *rules + rules->text.cap + rules->room * sizeof *rules->list;
}

uint64_t iw_robots_rules_delay_ms(const struct iw_robots_rules *rules)
{
    return rules->delay_ms[0];
}

/* ---- judging ---- */

/* Where the piece begins in the text, or its length when it does not. */
static size_t find(struct iw_str text, struct iw_str piece)
{
    const char *at = memmem(text.ptr, text.len, piece.ptr, piece.len);
    return at ? (size_t)(at - text.ptr) : text.len + 1;
}

/* Each piece between two stars is taken where it comes first: no other choice can do better. */
static bool matches(struct iw_str pattern, struct iw_str path)
{
    bool is_anchored = pattern.len && pattern.ptr[pattern.len - 1] == '$';
    struct iw_str rest = iw_str_sub(pattern, 0, pattern.len - is_anchored);
    size_t star = iw_str_find(rest, '*');
    struct iw_str piece = iw_str_sub(rest, 0, star);
    if (!iw_str_starts(path, piece))
        return false;
    path = iw_str_skip(path, piece.len);
    if (star == rest.len)
        return !is_anchored || path.len == 0;
    for (;;) {
        rest = iw_str_skip(rest, star + 1);
        star = iw_str_find(rest, '*');
        piece = iw_str_sub(rest, 0, star);
        if (star == rest.len && is_anchored)
            return path.len >= piece.len && iw_str_eq(iw_str_skip(path, path.len - piece.len), piece);
        size_t at = find(path, piece);
        if (at > path.len)
            return false;
        if (star == rest.len)
            return true;
        path = iw_str_skip(path, at + piece.len);
    }
}

enum iw_err iw_robots_judge(const struct iw_robots_rules *rules, struct iw_str path, struct iw_robots_word *out)
{
    *out = (struct iw_robots_word){.is_allowed = true};
    if (rules->count == 0 || iw_str_eq(path, IW_STR("/robots.txt")))
        return IW_OK;
    if (path.len == 0)
        path = IW_STR("/");
    struct iw_buf forms[2];
    for (unsigned i = 0; i < 2; i++) {
        iw_buf_init(&forms[i], PATH_BYTES);
        add_normal(&forms[i], path, false, i == 1);
    }
    enum iw_err err = forms[0].err != IW_OK ? forms[0].err : forms[1].err;
    for (size_t i = 0; i < rules->count && err == IW_OK; i++) {
        const struct rule *rule = &rules->list[i];
        struct iw_str pattern = {rules->text.ptr + rule->at, rule->len};
        if (!matches(pattern, iw_buf_str(&forms[rule->is_query])))
            continue;
        *out = (struct iw_robots_word){rule->is_allow, rule->line, pattern};
        break;
    }
    iw_buf_release(&forms[0]);
    iw_buf_release(&forms[1]);
    return err;
}
