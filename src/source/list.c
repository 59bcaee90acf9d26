/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A list: one URL or path a line, as the text sitemaps of sitemaps.org have it. "#" begins a comment where it is the
 * first character that is not blank; blank lines are nothing. Whether a line is a good URL is judged by whoever takes
 * the lead. */
#include "base/iw.h"
#include "source/inside.h"

#include "base/utf8.h"

struct list {
    const struct iw_source_events *events;
    struct iw_lines lines;
};

static enum iw_err on_line(void *user, struct iw_str line, unsigned number, bool is_cut)
{
    struct list *list = user;
    const struct iw_source_events *events = list->events;
    if (is_cut) {
        events->complaint(events->user, number, 1, "the line is too long and was passed over");
        return IW_OK;
    }
    struct iw_str text = iw_source_trim(line);
    if (text.len == 0 || text.ptr[0] == '#')
        return IW_OK;
    unsigned column = (unsigned)(text.ptr - line.ptr) + 1;
    size_t control = iw_source_control(text);
    if (control < text.len) {
        events->complaint(events->user, number, column + (unsigned)control,
                          text.ptr[control] ? "the line holds a control character and was passed over"
                                            : "the line holds a NUL byte and was passed over");
        return IW_OK;
    }
    struct iw_lead lead = {.url = text, .role = IW_LEAD_IMAGE, .line = number, .column = column};
    return events->lead(events->user, &lead);
}

static enum iw_err begin(void *state, const struct iw_source_events *events)
{
    struct list *list = state;
    list->events = events;
    iw_lines_init(&list->lines, IW_SOURCE_LINE_BYTES);
    return IW_OK;
}

static void set(void *state, const struct iw_reader_limits *limits)
{
    struct list *list = state;
    if (limits->max_line_bytes)
        iw_lines_limit(&list->lines, limits->max_line_bytes);
}

static enum iw_err feed(void *state, const char *bytes, size_t len, struct iw_diag *diag)
{
    (void)diag;
    struct list *list = state;
    return iw_lines_feed(&list->lines, bytes, len, on_line, list);
}

static enum iw_err finish(void *state, struct iw_diag *diag)
{
    (void)diag;
    struct list *list = state;
    return iw_lines_finish(&list->lines, on_line, list);
}

static void release(void *state)
{
    struct list *list = state;
    iw_lines_release(&list->lines);
}

/* ---- recognition ---- */

static bool has_scheme(struct iw_str line)
{
    return iw_str_starts_nocase(line, IW_STR("http://")) || iw_str_starts_nocase(line, IW_STR("https://")) ||
           iw_str_starts_nocase(line, IW_STR("data:"));
}

/* One word with a dot or a slash, as URLs and paths have. */
static bool looks_like_path(struct iw_str line)
{
    bool has_mark = false;
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == ' ' || line.ptr[i] == '\t')
            return false;
        has_mark = has_mark || line.ptr[i] == '/' || line.ptr[i] == '.';
    }
    return has_mark && iw_source_control(line) == line.len &&
           iw_utf8_valid(line) + 3 >= line.len; /* the end may be cut */
}

/* Whether the first line that says something looks like a reference, and whether any names a scheme. */
struct look {
    bool has_line, is_path, has_scheme;
};

static enum iw_err look_at(void *user, struct iw_str line, unsigned number, bool is_cut)
{
    (void)number;
    (void)is_cut;
    struct look *look = user;
    struct iw_str text = iw_source_trim(line);
    if (text.len == 0 || text.ptr[0] == '#')
        return IW_OK;
    look->is_path = look->is_path || (!look->has_line && looks_like_path(text));
    look->has_scheme = look->has_scheme || has_scheme(text);
    look->has_line = true;
    return IW_OK;
}

static int sniff(struct iw_str head, struct iw_str name_hint)
{
    (void)name_hint;
    char space[IW_SOURCE_TEXT_BYTES];
    struct iw_str text = iw_source_text(head, space), trimmed = iw_source_trim(text);
    if (trimmed.len == 0)
        return 1; /* an empty document is an empty list */
    if (iw_str_find(text, '\0') < text.len || trimmed.ptr[0] == '<' || trimmed.ptr[0] == '{' || trimmed.ptr[0] == '[')
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
    return look.has_scheme || look.is_path ? 20 : look.has_line ? 0 : 1;
}

const struct iw_source iw_source_list = {
    .name = "list",
    .help = "one URL a line, # comments",
    .serves = IW_LEAD_DOCUMENT,
    .sniff = sniff,
    .state_size = sizeof(struct list),
    .begin = begin,
    .set = set,
    .feed = feed,
    .finish = finish,
    .release = release,
};
