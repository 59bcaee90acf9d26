/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* robots.txt (RFC 9309): its Sitemap lines, which belong to no group (section 2.2.4). "Site-map:", "Sitemaps:", missing
 * or extra spaces, and the bare address are in use. What may be crawled is read in robots_rules.c. */
#include "base/iw.h"
#include "source/inside.h"

struct robots {
    const struct iw_source_events *events;
    struct iw_lines lines;
};

/* Letters alone count: hyphens, underscores and spaces come and go. */
static bool is_named(struct iw_str key, const char *name)
{
    for (size_t i = 0; i < key.len; i++) {
        char c = key.ptr[i];
        if (c == '-' || c == '_' || c == ' ' || c == '\t')
            continue;
        if (!*name || (c | 0x20) != *name++)
            return false;
    }
    return !*name;
}

static struct iw_str value_behind(struct iw_str line, size_t at, const char *const *names, size_t count)
{
    struct iw_str key = iw_str_trim(iw_str_sub(line, 0, at)), value = iw_str_skip(line, at + 1);
    for (size_t i = 0; i < count && at < line.len; i++)
        if (is_named(key, names[i]))
            return iw_source_trim(iw_str_sub(value, 0, iw_str_find(value, '#')));
    return IW_STR_NONE;
}

struct iw_str iw_robots_value(struct iw_str line, const char *const *names, size_t count, bool is_lenient)
{
    struct iw_str value = value_behind(line, iw_str_find(line, ':'), names, count);
    if (value.ptr || !is_lenient)
        return value;
    struct iw_str text = iw_source_trim(line);
    size_t space = IW_MIN(iw_str_find(text, ' '), iw_str_find(text, '\t'));
    return value_behind(text, space, names, count);
}

static struct iw_str sitemap_of(struct iw_str line)
{
    static const char *const names[] = {"sitemap", "sitemaps"};
    struct iw_str text = iw_source_trim(line);
    if (iw_str_starts_nocase(text, IW_STR("http://")) || iw_str_starts_nocase(text, IW_STR("https://")))
        return text;
    return iw_robots_value(line, names, IW_ARRAY_LEN(names), true);
}

static enum iw_err on_line(void *user, struct iw_str line, unsigned number, bool is_cut)
{
    struct robots *robots = user;
    const struct iw_source_events *events = robots->events;
    if (is_cut)
        return IW_OK;
    struct iw_str value = sitemap_of(line);
    if (value.len == 0)
        return IW_OK;
    unsigned column = (unsigned)(value.ptr - line.ptr) + 1;
    size_t control = iw_source_control(value);
    if (control < value.len) {
        events->complaint(events->user, number, column + (unsigned)control,
                          "the Sitemap line holds a control character and was passed over");
        return IW_OK;
    }
    struct iw_lead lead = {
        .url = value,
        .role = IW_LEAD_DOCUMENT,
        .line = number,
        .column = column,
        .element = "Sitemap",
    };
    return events->lead(events->user, &lead);
}

static enum iw_err begin(void *state, const struct iw_source_events *events)
{
    struct robots *robots = state;
    robots->events = events;
    iw_lines_init(&robots->lines, IW_SOURCE_LINE_BYTES);
    return IW_OK;
}

static void set(void *state, const struct iw_reader_limits *limits)
{
    struct robots *robots = state;
    if (limits->max_line_bytes)
        iw_lines_limit(&robots->lines, limits->max_line_bytes);
}

static enum iw_err feed(void *state, const char *bytes, size_t len, struct iw_diag *diag)
{
    (void)diag;
    struct robots *robots = state;
    return iw_lines_feed(&robots->lines, bytes, len, on_line, robots);
}

static enum iw_err finish(void *state, struct iw_diag *diag)
{
    (void)diag;
    struct robots *robots = state;
    return iw_lines_finish(&robots->lines, on_line, robots);
}

static void release(void *state)
{
    struct robots *robots = state;
    iw_lines_release(&robots->lines);
}

/* ---- recognition ---- */

/* What the lines of the head say. */
struct look {
    bool has_line, is_rule, has_name;
};

static enum iw_err look_at(void *user, struct iw_str line, unsigned number, bool is_cut)
{
    static const char *const certain[] = {"useragent", "sitemap"};
    static const char *const rules[] = {"disallow", "allow", "crawldelay"};
    (void)number;
    (void)is_cut;
    struct look *look = user;
    struct iw_str text = iw_source_trim(line);
    if (text.len == 0 || text.ptr[0] == '#')
        return IW_OK;
    look->has_name = look->has_name || iw_robots_value(text, certain, IW_ARRAY_LEN(certain), false).ptr;
    look->is_rule = look->is_rule || (!look->has_line && iw_robots_value(text, rules, IW_ARRAY_LEN(rules), false).ptr);
    look->has_line = true;
    return IW_OK;
}

static int sniff(struct iw_str head, struct iw_str name_hint)
{
    char space[IW_SOURCE_TEXT_BYTES];
    struct iw_str text = iw_source_text(head, space), trimmed = iw_source_trim(text);
    if ((trimmed.len && trimmed.ptr[0] == '<') || iw_str_find(text, '\0') < text.len)
        return 0;
    struct look look = {0};
    struct iw_lines lines;
    iw_lines_init(&lines, IW_SOURCE_TEXT_BYTES);
    enum iw_err err = iw_lines_feed(&lines, text.ptr, text.len, look_at, &look);
    if (err == IW_OK)
        err = iw_lines_finish(&lines, look_at, &look);
    iw_lines_release(&lines);
    if (err != IW_OK)
        return 0;
    return look.has_name || look.is_rule ? 90 : iw_str_ends_nocase(name_hint, IW_STR("robots.txt")) ? 60 : 0;
}

const struct iw_source iw_source_robots = {
    .name = "robots",
    .help = "the Sitemap lines of robots.txt",
    .serves = IW_LEAD_DOCUMENT,
    .sniff = sniff,
    .state_size = sizeof(struct robots),
    .begin = begin,
    .set = set,
    .feed = feed,
    .finish = finish,
    .release = release,
};
