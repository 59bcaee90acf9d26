/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Waivers: one a line, of four parts, since URLs hold what INI would take for its own. */
#include "base/iw.h"
#include "store/store.h"

#include "base/names.h"
#include "base/parse.h"

enum { DAY_S = 86400 };

struct waiver {
    struct iw_str pattern, why;
    bool rules[IW_RULE_COUNT];
    int64_t until_unix_s; /* the first moment at which it does not count; INT64_MAX: never */
    struct iw_str until;  /* as written */
    unsigned line;
    bool was_missed; /* it had expired when it was looked for */
};
struct iw_waivers {
    const char *name;
    struct waiver *list;
    size_t count;
};

bool iw_waiver_matches(struct iw_str pattern, struct iw_str text)
{
    size_t at = 0, star = SIZE_MAX, from = 0; /* the last * and how much it has taken */
    for (size_t i = 0; i < text.len;) {
        if (at < pattern.len && pattern.ptr[at] == '*') {
            star = at++;
            from = i;
        } else if (at < pattern.len && (pattern.ptr[at] == '?' || pattern.ptr[at] == text.ptr[i])) {
            at++;
            i++;
        } else if (star != SIZE_MAX) {
            at = star + 1;
            i = ++from;
        } else {
            return false;
        }
    }
    while (at < pattern.len && pattern.ptr[at] == '*')
        at++;
    return at == pattern.len;
}

/* ---- a line ---- */

/* Cuts the next part off *rest; *out_column is where it began. */
static struct iw_str next_part(struct iw_str line, size_t *at, unsigned *out_column)
{
    while (*at < line.len && (line.ptr[*at] == ' ' || line.ptr[*at] == '\t'))
        ++*at;
    size_t begin = *at;
    while (*at < line.len && line.ptr[*at] != ' ' && line.ptr[*at] != '\t')
        ++*at;
    *out_column = (unsigned)begin + 1;
    return iw_str_sub(line, begin, *at - begin);
}

static enum iw_err read_rule(struct iw_str name, struct waiver *waiver, unsigned column, struct iw_diag *diag)
{
    struct iw_nearest nearest = {0};
    for (size_t i = 0; i < IW_RULE_COUNT; i++) {
        if (iw_str_eq(name, iw_str_from(iw_rules[i].name))) {
            waiver->rules[i] = true;
            return IW_OK;
        }
        iw_nearest_offer(&nearest, name, iw_rules[i].name);
    }
    return iw_fail(diag, IW_ERR_UNKNOWN_NAME, waiver->line, column, "there is no rule \"%.*s\"%s%s%s",
                   IW_STR_ARGS(iw_str_sub(name, 0, 60)), nearest.name ? "; did you mean \"" : "",
                   nearest.name ? nearest.name : "", nearest.name ? "\"?" : "");
}

static enum iw_err read_rules(struct iw_str text, struct waiver *waiver, unsigned column, struct iw_diag *diag)
{
    struct iw_str rest = text, name;
    enum iw_err err = IW_OK;
    if (iw_str_eq(text, IW_STR("*"))) {
        for (size_t i = 0; i < IW_RULE_COUNT; i++)
            waiver->rules[i] = true;
        return IW_OK;
    }
    while (err == IW_OK && iw_str_next(&rest, ',', &name))
        err = read_rule(name, waiver, column + (unsigned)(name.ptr - text.ptr), diag);
    return err;
}

static enum iw_err read_date(struct iw_str text, struct waiver *waiver, unsigned column, struct iw_diag *diag)
{
    static const unsigned char lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint64_t year, month, day;
    waiver->until = text;
    waiver->until_unix_s = INT64_MAX;
    if (iw_str_eq(text, IW_STR("never")))
        return IW_OK;
    bool is_date = text.len == 10 && text.ptr[4] == '-' && text.ptr[7] == '-' &&
                   iw_parse_u64(iw_str_sub(text, 0, 4), &year) == IW_OK &&
                   iw_parse_u64(iw_str_sub(text, 5, 2), &month) == IW_OK &&
                   iw_parse_u64(iw_str_sub(text, 8, 2), &day) == IW_OK;
    if (!is_date)
        return iw_fail(diag, IW_ERR_SYNTAX, waiver->line, column,
                       "expected until when, as 2026-12-31 or never, found \"%.*s\"",
                       IW_STR_ARGS(iw_str_sub(text, 0, 60)));
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    bool is_there = year >= 1970 && month >= 1 && month <= 12 && day >= 1;
    if (!is_there || day > lengths[month - 1] + (unsigned)(month == 2 && is_leap))
        return iw_fail(diag, IW_ERR_RANGE, waiver->line, column, "there is no day \"%.*s\"", IW_STR_ARGS(text));
    waiver->until_unix_s = (iw_days_of((int64_t)year, (unsigned)month, (unsigned)day) + 1) * DAY_S;
    return IW_OK;
}

static enum iw_err read_line(struct iw_str line, struct waiver *waiver, struct iw_diag *diag)
{
    static const char *const missing[] = {"", "a rule", "until when, as 2026-12-31 or never", "why"};
    struct iw_str parts[3];
    unsigned columns[4];
    size_t at = 0;
    for (size_t i = 0; i < IW_ARRAY_LEN(parts); i++) {
        parts[i] = next_part(line, &at, &columns[i]);
        if (parts[i].len == 0)
            return iw_fail(diag, IW_ERR_SYNTAX, waiver->line, columns[i], "expected %s", missing[i]);
    }
    waiver->pattern = parts[0];
    waiver->why = iw_str_trim(iw_str_skip(line, at));
    enum iw_err err = read_rules(parts[1], waiver, columns[1], diag);
    if (err == IW_OK)
        err = read_date(parts[2], waiver, columns[2], diag);
    if (err == IW_OK && waiver->why.len == 0)
        err = iw_fail(diag, IW_ERR_SYNTAX, waiver->line, (unsigned)line.len + 1, "expected %s", missing[3]);
    return err;
}

/* ---- the file ---- */

static bool is_waiver(struct iw_str line)
{
    return line.len > 0 && line.ptr[0] != '#';
}

static size_t count_waivers(struct iw_str text)
{
    struct iw_str line;
    size_t count = 0;
    while (iw_str_next(&text, '\n', &line))
        count += is_waiver(iw_str_trim(line));
    return count;
}

enum iw_err iw_waivers_parse(struct iw_arena *arena, struct iw_str text, const char *name, struct iw_waivers **out,
                             struct iw_diag *diag)
{
    if (iw_str_starts(text, IW_STR("\xEF\xBB\xBF")))
        text = iw_str_skip(text, 3);
    size_t room = count_waivers(text);
    iw_diag_at(diag, name);
    if (room > IW_WAIVERS_MAX)
        return iw_fail(diag, IW_ERR_LIMIT, 0, 0, "more than %d waivers", IW_WAIVERS_MAX);
    struct iw_waivers *waivers = iw_arena_zalloc(arena, sizeof *waivers);
    struct waiver *list = iw_arena_zalloc(arena, (room + 1) * sizeof *list);
    if (!waivers || !list)
        return IW_ERR_NOMEM;
    waivers->name = name;
    waivers->list = list;
    struct iw_str line;
    for (unsigned n = 1; iw_str_next(&text, '\n', &line); n++) {
        if (iw_str_ends_nocase(line, IW_STR("\r")))
            line.len--;
        if (!is_waiver(iw_str_trim(line)))
            continue;
        struct waiver *waiver = &list[waivers->count];
        waiver->line = n;
        enum iw_err err = read_line(line, waiver, diag);
        if (err != IW_OK)
            return err;
        waivers->count++;
    }
    iw_diag_at(diag, "");
    *out = waivers;
    return IW_OK;
}

/* ---- excusing ---- */

static const struct waiver *find(struct iw_waivers *waivers, struct iw_str url, enum iw_rule_id rule,
                                 int64_t now_unix_s, bool *out_has_ended)
{
    for (size_t i = 0; i < waivers->count; i++) {
        struct waiver *waiver = &waivers->list[i];
        if (!waiver->rules[rule] || !iw_waiver_matches(waiver->pattern, url))
            continue;
        if (now_unix_s < waiver->until_unix_s)
            return waiver;
        waiver->was_missed = *out_has_ended = true;
    }
    return NULL;
}

bool iw_waivers_excuse(struct iw_waivers *waivers, struct iw_record *record, int64_t now_unix_s)
{
    const struct iw_findings *findings = record->findings;
    const struct waiver *first = NULL;
    for (size_t i = 0; i < findings->count; i++) {
        if (findings->list[i].severity == IW_SEVERITY_NOTE)
            continue;
        const struct waiver *waiver =
            find(waivers, record->facts->url, findings->list[i].rule, now_unix_s, &record->waiver_ended);
        if (!waiver)
            return false;
        first = first ? first : waiver;
    }
    if (!first)
        return false;
    record->waiver = first->why;
    record->change = IW_CHANGE_WAIVED;
    return true;
}

void iw_waivers_expired(const struct iw_waivers *waivers, void (*fn)(void *user, const struct iw_diag *diag),
                        void *user)
{
    for (size_t i = 0; i < waivers->count; i++) {
        const struct waiver *waiver = &waivers->list[i];
        struct iw_diag diag = {0};
        if (!waiver->was_missed)
            continue;
        iw_diag_at(&diag, waivers->name);
        (void)iw_fail(&diag, IW_ERR_LIMIT, waiver->line, 0,
                      "this waiver ended with %.*s, and what it was for is still there: \"%.*s\"",
                      IW_STR_ARGS(waiver->until), IW_STR_ARGS(iw_str_sub(waiver->why, 0, 200)));
        fn(user, &diag);
    }
}
