/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* INI text through libinih. Its handler is told no line number and its fixed buffers cut what is long, so our reader
 * counts the lines, and refuses what would be cut: a wrong limit in silence is worse than an error. */
#include "base/iw.h"
#include "base/ini.h"

#include <ini.h>
#include <string.h>

enum { LONGEST_NAME = 49 }; /* of a section or key, by libinih's buffers */

struct state {
    struct iw_str rest;
    unsigned line;
    iw_ini_fn fn;
    void *user;
    struct iw_diag *diag;
    enum iw_err err;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Says why libinih would misread the line, or NULL. */
static const char *misread(struct iw_str line, size_t room)
{
    struct iw_str text = iw_str_trim(line);
    bool is_comment = text.len && (text.ptr[0] == ';' || text.ptr[0] == '#');
    if (memchr(line.ptr, 0, line.len))
        return "the line contains a NUL byte";
    if (line.len + 2 > room)
        return "the line is too long";
    if (text.len && !is_comment && is_blank(line.ptr[0]))
        return "a line may not begin with white space (continuation lines are not read)";
    if (text.len && text.ptr[0] == '[')
        return iw_str_find(text, ']') > LONGEST_NAME ? "the section's name is too long" : NULL;
    size_t end = IW_MIN(iw_str_find(text, '='), iw_str_find(text, ':'));
    return !is_comment && end < text.len && end > LONGEST_NAME ? "the key is too long" : NULL;
}

static char *next_line(char *out, int room, void *stream)
{
    struct state *state = stream;
    struct iw_str line;
    if (state->err != IW_OK || room < 3 || !iw_str_next(&state->rest, '\n', &line))
        return NULL;
    state->line++;
    const char *why = misread(line, (size_t)room);
    if (why) {
        state->err = iw_fail(state->diag, IW_ERR_SYNTAX, state->line, 1, "%s", why);
        return NULL;
    }
    if (line.len)
        memcpy(out, line.ptr, line.len);
    memcpy(out + line.len, "\n", 2);
    return out;
}

static int on_pair(void *user, const char *section, const char *key, const char *value)
{
    struct state *state = user;
    if (state->err == IW_OK)
        state->err = state->fn(state->user, section, key, value, state->line, state->diag);
    return state->err == IW_OK;
}

enum iw_err iw_ini_parse(struct iw_str text, iw_ini_fn fn, void *user, struct iw_diag *diag)
{
    struct state state = {.rest = text.ptr ? text : IW_STR(""), .fn = fn, .user = user, .diag = diag};
    int line = ini_parse_stream(next_line, &state, on_pair, &state);
    if (state.err != IW_OK)
        return state.err;
    if (line > 0)
        return iw_fail(diag, IW_ERR_SYNTAX, (unsigned)line, 1, "expected \"key = value\" or \"[section]\"");
    return line == 0 ? IW_OK : IW_ERR_NOMEM;
}
