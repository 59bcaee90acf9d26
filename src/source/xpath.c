/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Namespaces are not looked at: a prefix is passed over, as those of documents are the documents' own. libxml2's
 * patterns, which stream as well, know no tests of attributes and want every prefix declared. */
#include "base/iw.h"
#include "source/xpath.h"

/* ---- parsing ---- */

struct cursor {
    struct iw_str text;
    size_t at;
    struct iw_diag *diag;
};

static enum iw_err expected(const struct cursor *c, const char *what)
{
    struct iw_str found = iw_str_sub(iw_str_skip(c->text, c->at), 0, 20);
    return iw_fail(c->diag, IW_ERR_SYNTAX, 0, (unsigned)c->at + 1, "expected %s, found %s%.*s%s", what,
                   found.len ? "\"" : "its end", IW_STR_ARGS(found), found.len ? "\"" : "");
}

static bool take(struct cursor *c, const char *word)
{
    struct iw_str text = iw_str_from(word);
    if (!iw_str_starts(iw_str_skip(c->text, c->at), text))
        return false;
    c->at += text.len;
    return true;
}

static void pass_blanks(struct cursor *c)
{
    while (take(c, " "))
        ;
}

static bool is_name_byte(char c, bool is_first)
{
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80 || c == '_';
    return is_letter || (!is_first && ((c >= '0' && c <= '9') || c == '-' || c == '.'));
}

static struct iw_str take_word(struct cursor *c)
{
    size_t start = c->at;
    while (c->at < c->text.len && is_name_byte(c->text.ptr[c->at], c->at == start))
        c->at++;
    return iw_str_sub(c->text, start, c->at - start);
}

/* A name without its prefix; empty: there is none. */
static struct iw_str take_name(struct cursor *c)
{
    struct iw_str name = take_word(c);
    return name.len && take(c, ":") ? take_word(c) : name;
}

static enum iw_err parse_test(struct cursor *c, struct iw_xpath_step *step)
{
    if (step->test_count == IW_XPATH_TESTS)
        return iw_fail(c->diag, IW_ERR_RANGE, 0, (unsigned)c->at, "more than %d tests of one step", IW_XPATH_TESTS);
    struct iw_xpath_test *test = &step->tests[step->test_count++];
    pass_blanks(c);
    if (!take(c, "@") || (test->attribute = take_name(c)).len == 0)
        return expected(c, "an attribute, as in [@name='value']");
    pass_blanks(c);
    if (take(c, "=")) {
        pass_blanks(c);
        char quote = c->at < c->text.len ? c->text.ptr[c->at] : '\0';
        struct iw_str rest = iw_str_skip(c->text, c->at + 1);
        size_t len = iw_str_find(rest, quote);
        if ((quote != '"' && quote != '\'') || len == rest.len)
            return expected(c, "a value in quotes");
        test->value = iw_str_sub(rest, 0, len);
        c->at += len + 2;
        pass_blanks(c);
    }
    return take(c, "]") ? IW_OK : expected(c, "\"]\"");
}

static enum iw_err parse_step(struct cursor *c, struct iw_xpath_path *path, bool is_deep)
{
    if (path->count == IW_XPATH_STEPS)
        return iw_fail(c->diag, IW_ERR_RANGE, 0, (unsigned)c->at + 1, "more than %d steps", IW_XPATH_STEPS);
    struct iw_xpath_step *step = &path->steps[path->count++];
    *step = (struct iw_xpath_step){.is_deep = is_deep};
    step->name = take(c, "*") ? IW_STR("*") : take_name(c);
    if (step->name.len == 0)
        return expected(c, "the name of an element, *, @ and a name, or text()");
    enum iw_err err = IW_OK;
    while (err == IW_OK && take(c, "["))
        err = parse_test(c, step);
    return err;
}

static enum iw_err parse_attribute(struct cursor *c, struct iw_xpath_path *path, bool is_deep)
{
    if (is_deep && path->count < IW_XPATH_STEPS)
        path->steps[path->count++] = (struct iw_xpath_step){.name = IW_STR("*"), .is_deep = true};
    struct iw_str name = take_name(c);
    if (name.len == 0 || name.len >= sizeof path->attribute)
        return expected(c, "the name of an attribute");
    memcpy(path->attribute, name.ptr, name.len);
    return IW_OK;
}

static bool is_over(const struct cursor *c)
{
    return c->at == c->text.len || c->text.ptr[c->at] == '|';
}

static enum iw_err parse_path(struct cursor *c, struct iw_xpath_path *path)
{
    *path = (struct iw_xpath_path){0};
    bool is_deep = take(c, "//") || !take(c, "/"); /* a relative path may begin anywhere */
    enum iw_err err = IW_OK;
    do {
        bool may_end = path->count || is_deep;
        if (may_end && take(c, "@")) {
            err = parse_attribute(c, path, is_deep);
            break;
        }
        if (path->count && !is_deep && take(c, "text()"))
            break;
        err = parse_step(c, path, is_deep);
        is_deep = take(c, "//");
    } while (err == IW_OK && (is_deep || take(c, "/")));
    pass_blanks(c);
    return err == IW_OK && !is_over(c) ? expected(c, "\"/\", \"[\", \"|\" or the end") : err;
}

enum iw_err iw_xpath_parse(struct iw_str text, struct iw_xpath *out, struct iw_diag *diag)
{
    struct cursor c = {text, 0, diag};
    enum iw_err err = IW_OK;
    out->count = 0;
    do {
        if (out->count == IW_XPATH_PATHS)
            return iw_fail(diag, IW_ERR_RANGE, 0, (unsigned)c.at, "more than %d paths", IW_XPATH_PATHS);
        pass_blanks(&c);
        err = parse_path(&c, &out->paths[out->count++]);
    } while (err == IW_OK && take(&c, "|"));
    return err;
}

enum iw_err iw_xpath_check(struct iw_str text, struct iw_diag *diag)
{
    struct iw_xpath ignored;
    return iw_xpath_parse(text, &ignored, diag);
}

/* ---- matching ---- */

static bool is_match(const struct iw_xpath_step *step, const struct iw_xml_element *element)
{
    if (!iw_str_eq(step->name, IW_STR("*")) && !iw_str_eq(step->name, iw_str_from(element->local)))
        return false;
    for (unsigned i = 0; i < step->test_count; i++) {
        const struct iw_xpath_test *test = &step->tests[i];
        struct iw_str value = iw_xml_attribute(element, test->attribute);
        if (!value.ptr || (test->value.ptr && !iw_str_eq(value, test->value)))
            return false;
    }
    return true;
}

iw_xpath_reach iw_xpath_enter(const struct iw_xpath_path *path, iw_xpath_reach above,
                              const struct iw_xml_element *element)
{
    iw_xpath_reach reach = 0;
    for (unsigned n = 0; n < path->count; n++) {
        if (!(above >> n & 1))
            continue;
        const struct iw_xpath_step *step = &path->steps[n];
        reach |= step->is_deep ? 1u << n : 0;
        reach |= is_match(step, element) ? 1u << (n + 1) : 0;
    }
    return reach;
}
