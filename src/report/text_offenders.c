/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The offenders of the text report: by groups of what is wrong with them, or one after another in the order that was
 * asked for. */
#include "base/iw.h"
#include "report/text.h"

#include "base/mem.h"
#include "base/parse.h"
#include "report/layout.h"

#include <stdlib.h>

enum { URL_INDENT = 2, INDENT = 6, VERDICT_COLUMNS = 8 };

static size_t room(const struct iw_text *t, size_t taken)
{
    size_t columns = t->style.columns;
    return columns == 0 ? SIZE_MAX : columns > taken ? columns - taken : 0;
}

/* Errors before warnings before notes, undecided ones last; within a rule as they are kept: the worst first. */
static int by_group(const void *a, const void *b)
{
    const struct iw_text_offender *x = a, *y = b;
    bool ux = x->verdict == IW_VERDICT_UNKNOWN, uy = y->verdict == IW_VERDICT_UNKNOWN;
    if (ux != uy)
        return ux ? 1 : -1;
    if (x->severity != y->severity)
        return x->severity > y->severity ? -1 : 1;
    if (x->rule != y->rule)
        return x->rule < y->rule ? -1 : 1;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void tell_url(const struct iw_text *t, struct iw_str url, size_t indent, struct iw_buf *out)
{
    bool is_link = t->style.hyperlinks && iw_url_is_http(url);
    if (is_link)
        iw_buf_printf(out, "\x1B]8;;%.*s\x1B\\", IW_STR_ARGS(url));
    iw_text_add_shortened(out, url, room(t, indent));
    if (is_link)
        iw_buf_add_str(out, IW_STR("\x1B]8;;\x1B\\"));
    iw_buf_add_char(out, '\n');
}

static void tell_sentence(const struct iw_text *t, struct iw_str text, size_t indent, struct iw_buf *out)
{
    iw_buf_printf(out, "%*s", (int)indent, "");
    iw_text_add_wrapped(out, text, indent, t->style.columns);
    iw_buf_add_char(out, '\n');
}

static void tell_one(const struct iw_text *t, const struct iw_text_offender *o, bool is_grouped, struct iw_buf *out)
{
    size_t indent = URL_INDENT;
    iw_buf_printf(out, "%*s", URL_INDENT, "");
    if (!is_grouped) {
        iw_text_paint(t, out, iw_text_colour(o->verdict));
        iw_buf_printf(out, "%-*s", VERDICT_COLUMNS, iw_verdict_name(o->verdict));
        iw_text_paint(t, out, "0");
        indent += VERDICT_COLUMNS;
    }
    tell_url(t, o->url, indent, out);
    tell_sentence(t, o->what, INDENT, out);
    if (o->image.len)
        tell_sentence(t, o->image, INDENT, out);
    if (o->other.len)
        iw_buf_printf(out, "%*s%.*s\n", INDENT, "", IW_STR_ARGS(o->other));
    if (!o->place.len)
        return;
    iw_text_paint(t, out, "2");
    iw_buf_printf(out, "%*sin ", INDENT, "");
    iw_text_add_shortened(out, o->place, room(t, INDENT + 3));
    iw_text_paint(t, out, "0");
    iw_buf_add_char(out, '\n');
}

/* The first of them, as --top says. */
static void tell_list(const struct iw_text *t, const struct iw_text_offender *first, size_t count, bool is_grouped,
                      struct iw_buf *out)
{
    char digits[27];
    size_t shown = t->style.top ? IW_MIN(count, (size_t)t->style.top) : count;
    for (size_t i = 0; i < shown; i++)
        tell_one(t, first + i, is_grouped, out);
    if (shown < count)
        iw_buf_printf(out, "  ... and %s more (--top 0 shows all)\n", iw_format_u64(count - shown, digits));
    iw_buf_add_char(out, '\n');
}

static void tell_group(const struct iw_text *t, const struct iw_text_offender *first, size_t count, struct iw_buf *out)
{
    char digits[27];
    bool has_rule = first->rule != IW_RULE_COUNT;
    iw_text_paint(t, out, iw_text_colour(first->verdict));
    iw_text_paint(t, out, "1");
    iw_buf_printf(out, "%s", has_rule ? iw_rules[first->rule].title : "undecided");
    iw_text_paint(t, out, "0");
    iw_buf_printf(out, "  %s%s%s, %s\n", has_rule ? iw_rules[first->rule].name : "", has_rule ? ", " : "",
                  first->verdict == IW_VERDICT_UNKNOWN ? "undecided" : iw_severity_name(first->severity),
                  iw_format_u64(count, digits));
    if (has_rule) {
        struct iw_buf advice;
        iw_buf_init(&advice, 1024);
        iw_buf_printf(&advice, "What to do: %s.", iw_rules[first->rule].advice);
        tell_sentence(t, iw_buf_str(&advice), URL_INDENT, out);
        iw_buf_release(&advice);
    }
    tell_list(t, first, count, true, out);
}

static bool same_group(const struct iw_text_offender *a, const struct iw_text_offender *b)
{
    return a->rule == b->rule && a->severity == b->severity &&
           (a->verdict == IW_VERDICT_UNKNOWN) == (b->verdict == IW_VERDICT_UNKNOWN);
}

/* Notes, what is waived, and what was so in the run before are shown only when asked for. */
static bool is_shown(const struct iw_text *t, const struct iw_text_offender *o)
{
    bool is_news = t->is_compared ? iw_text_is_fresh(o->change) : o->change != IW_CHANGE_WAIVED;
    return (o->severity != IW_SEVERITY_NOTE && is_news) || t->style.verbosity >= 2;
}

static void tell_groups(const struct iw_text *t, struct iw_text_offender *list, size_t count, struct iw_buf *out)
{
    qsort(list, count, sizeof *list, by_group);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && same_group(&list[i], &list[end]);)
            end++;
        tell_group(t, &list[i], end - i, out);
    }
}

enum iw_err iw_text_tell_offenders(struct iw_text *t, struct iw_buf *out)
{
    char digits[27];
    if (t->offenders.offered == 0)
        return IW_OK;
    struct iw_text_offender *list = iw_calloc(IW_MAX(t->offenders.count, (size_t)1), sizeof *list);
    if (!list)
        return IW_ERR_NOMEM;
    iw_worst_sort(&t->offenders);
    size_t count = 0;
    for (size_t i = 0; i < t->offenders.count; i++) {
        iw_text_unpack(&t->offenders.list[i], &list[count]);
        list[count].order = i;
        count += is_shown(t, &list[count]);
    }
    if (count && t->style.sort == IW_SORT_VERDICT)
        tell_groups(t, list, count, out);
    else if (count)
        tell_list(t, list, count, false, out);
    iw_free(list);
    if (iw_worst_cut(&t->offenders))
        iw_buf_printf(out, "and %s more with findings: -f jsonl tells all\n\n",
                      iw_format_u64(iw_worst_cut(&t->offenders), digits));
    return out->err;
}
