/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The report for a terminal: offenders first, grouped by what is wrong with them, each with by how much and where it
 * was named, then one line of totals and hints. Lines are kept until the end, up to a ceiling; what is beyond is
 * counted. */
#include "base/iw.h"
#include "report/offence.h"

#include "base/mem.h"
#include "base/parse.h"

#include <stdio.h>
#include <stdlib.h>

enum { OFFENDERS_MAX = 10000, TEXT_BYTES = 64 << 20, SHORTEST_URL = 24 };

/* One offender: a record with findings, or without a verdict. */
struct offender {
    enum iw_rule_id rule; /* of its worst finding */
    enum iw_severity severity;
    enum iw_verdict verdict;
    enum iw_change change;
    uint64_t weight; /* how far over, in thousandths; larger comes first */
    uint64_t order;
    size_t text, len; /* its lines in the text buffer: URL, then what follows */
    size_t url_len, what_len, image_len, other_len, place_len;
};

struct text {
    struct iw_report_style style;
    struct offender *offenders;
    size_t count, room;
    uint64_t more;  /* beyond the ceiling */
    uint64_t fresh; /* new or worse than in the run before */
    uint64_t unwaived;
    bool is_compared;
    uint64_t rules[IW_RULE_COUNT];
    struct iw_buf buf;
    char placeholder_host[256]; /* the first that has one */
    bool has_more_placeholder_hosts;
};

static const char *const colours[] = {
    [IW_VERDICT_OK] = "32",   [IW_VERDICT_WARN] = "33",   [IW_VERDICT_UNKNOWN] = "33",
    [IW_VERDICT_OVER] = "31", [IW_VERDICT_BROKEN] = "31",
};

static void paint(const struct text *t, struct iw_buf *out, const char *code)
{
    if (t->style.colour)
        iw_buf_printf(out, "\x1B[%sm", code);
}

/* ---- collecting ---- */

static const struct iw_finding *worst_of(const struct iw_findings *findings)
{
    const struct iw_finding *worst = NULL;
    for (size_t i = 0; i < findings->count; i++)
        if (!worst || findings->list[i].severity > worst->severity)
            worst = &findings->list[i];
    return worst;
}

/* What it weighs, and the worst finding's sentence. */
static void add_what(struct text *t, const struct iw_record *record, const struct iw_finding *worst)
{
    const struct iw_facts *facts = record->facts;
    char size[16];
    if (facts->bytes_from != IW_BYTES_UNKNOWN)
        iw_buf_printf(&t->buf, "%s%s", facts->bytes_from == IW_BYTES_AT_LEAST ? "at least " : "",
                      iw_format_size(facts->bytes, size));
    if (facts->image.width_px)
        iw_buf_printf(&t->buf, "%s%ux%u", facts->bytes_from != IW_BYTES_UNKNOWN ? ", " : "", facts->image.width_px,
                      facts->image.height_px);
    bool has_facts = facts->bytes_from != IW_BYTES_UNKNOWN || facts->image.width_px;
    if (has_facts)
        iw_buf_add_str(&t->buf, IW_STR("; "));
    iw_report_add_safe(&t->buf, worst ? worst->message : facts->error.len ? facts->error : IW_STR("undecided"));
    const char *separator = " (also ";
    for (size_t i = 0; i < record->findings->count; i++) {
        const struct iw_finding *f = &record->findings->list[i];
        if (f == worst || (worst && f->rule == worst->rule && f->profile == worst->profile))
            continue;
        iw_buf_printf(&t->buf, "%s%s", separator, iw_rules[f->rule].name);
        separator = ", ";
    }
    if (separator[0] == ',')
        iw_buf_add_char(&t->buf, ')');
}

static void add_place(struct text *t, const struct iw_source_ref *source)
{
    if (!source->path.len)
        return;
    iw_report_add_safe(&t->buf, source->path);
    if (source->line)
        iw_buf_printf(&t->buf, ":%u:%u", source->line, source->column);
    const struct iw_str parts[] = {source->element, source->custom_id};
    static const char *const before[] = {"", "custom_id "};
    const char *separator = " (";
    for (size_t i = 0; i < IW_ARRAY_LEN(parts); i++) {
        if (!parts[i].len)
            continue;
        iw_buf_printf(&t->buf, "%s%s", separator, before[i]);
        iw_report_add_safe(&t->buf, parts[i]);
        separator = ", ";
    }
    if (separator[0] == ',')
        iw_buf_add_char(&t->buf, ')');
}

/* In full, to be copied. */
static void add_other(struct text *t, const struct iw_suggestion *suggestion)
{
    iw_buf_add_str(&t->buf, IW_STR("use this URL instead: "));
    iw_suggestion_add_figures(&t->buf, suggestion);
    iw_buf_add_str(&t->buf, IW_STR("\n      "));
    iw_report_add_safe(&t->buf, suggestion->url);
}

static bool grow(struct text *t)
{
    if (t->count < t->room)
        return true;
    size_t room = t->room ? t->room * 2 : 64;
    struct offender *offenders = iw_realloc(t->offenders, room, sizeof *offenders);
    if (!offenders)
        return false;
    t->offenders = offenders;
    t->room = room;
    return true;
}

/* The summary names one host. */
static void keep_placeholder_host(struct text *t, struct iw_str url)
{
    struct iw_buf safe;
    size_t from = iw_str_find(url, ':') + 3;
    size_t len = from + iw_str_find(iw_str_skip(url, from), '/');
    iw_buf_init(&safe, sizeof t->placeholder_host);
    iw_report_add_safe(&safe, iw_str_sub(url, 0, IW_MIN(len, sizeof t->placeholder_host / 4)));
    iw_buf_add_char(&safe, '\0');
    if (safe.err == IW_OK && !t->placeholder_host[0])
        memcpy(t->placeholder_host, safe.ptr, safe.len);
    else if (safe.err == IW_OK && strcmp(t->placeholder_host, safe.ptr) != 0)
        t->has_more_placeholder_hosts = true;
    iw_buf_release(&safe);
}

/* What a run after another is there to tell. */
static bool is_fresh(enum iw_change change)
{
    return change == IW_CHANGE_NEW || change == IW_CHANGE_WORSE;
}

/* What it was, behind what it is. */
static void add_before(struct text *t, const struct iw_record *record)
{
    const struct iw_before *before = record->before;
    char size[16];
    if (record->change == IW_CHANGE_WAIVED) {
        iw_buf_add_str(&t->buf, IW_STR("; waived: "));
        iw_report_add_safe(&t->buf, record->waiver);
    }
    if (!before || record->change == IW_CHANGE_SAME)
        return;
    iw_buf_printf(&t->buf, "; %s, was %s", iw_change_name(record->change), iw_verdict_name(before->verdict));
    if (before->bytes)
        iw_buf_printf(&t->buf, " at %s", iw_format_size(before->bytes, size));
    if (before->width_px)
        iw_buf_printf(&t->buf, ", %ux%u", before->width_px, before->height_px);
}

static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    (void)out;
    struct text *t = state;
    if (iw_offence_count(record) == 0)
        return IW_OK;
    t->fresh += is_fresh(record->change);
    t->unwaived += record->change != IW_CHANGE_WAIVED;
    for (size_t i = 0; i < record->findings->count; i++) {
        t->rules[record->findings->list[i].rule]++;
        if (record->findings->list[i].rule == IW_RULE_placeholder)
            keep_placeholder_host(t, record->facts->final_url);
    }
    if (t->count >= OFFENDERS_MAX || t->buf.len > TEXT_BYTES / 2) {
        t->more++;
        return IW_OK;
    }
    if (!grow(t))
        return IW_ERR_NOMEM;
    const struct iw_finding *worst = worst_of(record->findings);
    struct offender o = {
        .rule = worst ? worst->rule : IW_RULE_COUNT,
        .severity = worst ? worst->severity : IW_SEVERITY_WARNING,
        .verdict = record->verdict,
        .change = record->change,
        .weight = worst ? iw_finding_weight(worst) : 0,
        .order = t->count,
        .text = t->buf.len,
    };
    iw_report_add_safe(&t->buf, record->facts->url);
    o.url_len = t->buf.len - o.text;
    add_what(t, record, worst);
    add_before(t, record);
    o.what_len = t->buf.len - o.text - o.url_len;
    if (t->style.verbosity >= 2 && record->facts->image.format)
        iw_report_add_image(&t->buf, &record->facts->image, "; ");
    o.image_len = t->buf.len - o.text - o.url_len - o.what_len;
    if (record->suggestion)
        add_other(t, record->suggestion);
    o.other_len = t->buf.len - o.text - o.url_len - o.what_len - o.image_len;
    add_place(t, record->source);
    o.place_len = t->buf.len - o.text - o.url_len - o.what_len - o.image_len - o.other_len;
    t->offenders[t->count++] = o;
    return t->buf.err == IW_OK ? IW_OK : IW_ERR_NOMEM;
}

/* ---- telling ---- */

/* Errors before warnings before notes, undecided ones last; within a rule the heaviest first. */
static int by_group(const void *a, const void *b)
{
    const struct offender *x = a, *y = b;
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

/* A URL cut in its middle to fit. */
static void add_shortened(const struct text *t, struct iw_buf *out, struct iw_str text, size_t taken)
{
    size_t columns = t->style.columns;
    size_t room = columns > taken + SHORTEST_URL ? columns - taken : SHORTEST_URL;
    if (columns == 0 || text.len <= room) {
        iw_buf_add_str(out, text);
        return;
    }
    size_t tail = room / 2, head = room - tail - 3;
    /* not inside a UTF-8 sequence */
    while (head > 0 && ((unsigned char)text.ptr[head] & 0xC0) == 0x80)
        head--;
    size_t from = text.len - tail;
    while (from < text.len && ((unsigned char)text.ptr[from] & 0xC0) == 0x80)
        from++;
    iw_buf_add(out, text.ptr, head);
    iw_buf_add_str(out, IW_STR("..."));
    iw_buf_add(out, text.ptr + from, text.len - from);
}

static void tell_one(const struct text *t, const struct offender *o, struct iw_buf *out)
{
    struct iw_str url = {t->buf.ptr + o->text, o->url_len};
    struct iw_str what = {url.ptr + url.len, o->what_len}, image = {what.ptr + what.len, o->image_len};
    struct iw_str other = {image.ptr + image.len, o->other_len}, place = {other.ptr + other.len, o->place_len};
    bool is_link = t->style.hyperlinks && iw_url_is_http(url);
    iw_buf_add_str(out, IW_STR("  "));
    if (is_link)
        iw_buf_printf(out, "\x1B]8;;%.*s\x1B\\", IW_STR_ARGS(url));
    add_shortened(t, out, url, 2);
    if (is_link)
        iw_buf_add_str(out, IW_STR("\x1B]8;;\x1B\\"));
    iw_buf_printf(out, "\n      %.*s\n", IW_STR_ARGS(what));
    if (image.len)
        iw_buf_printf(out, "      %.*s\n", IW_STR_ARGS(image));
    if (other.len)
        iw_buf_printf(out, "      %.*s\n", IW_STR_ARGS(other));
    if (!place.len)
        return;
    paint(t, out, "2");
    iw_buf_add_str(out, IW_STR("      in "));
    add_shortened(t, out, place, 9);
    paint(t, out, "0");
    iw_buf_add_char(out, '\n');
}

static void tell_group(const struct text *t, const struct offender *first, size_t count, struct iw_buf *out)
{
    char digits[27];
    bool has_rule = first->rule != IW_RULE_COUNT;
    paint(t, out, colours[first->verdict]);
    paint(t, out, "1");
    iw_buf_printf(out, "%s", has_rule ? iw_rules[first->rule].title : "undecided");
    paint(t, out, "0");
    iw_buf_printf(out, "  %s%s%s, %s\n", has_rule ? iw_rules[first->rule].name : "", has_rule ? ", " : "",
                  first->verdict == IW_VERDICT_UNKNOWN ? "undecided" : iw_severity_name(first->severity),
                  iw_format_u64(count, digits));
    if (has_rule)
        iw_buf_printf(out, "  What to do: %s.\n", iw_rules[first->rule].advice);
    size_t shown = t->style.top ? IW_MIN(count, (size_t)t->style.top) : count;
    for (size_t i = 0; i < shown; i++)
        tell_one(t, first + i, out);
    if (shown < count)
        iw_buf_printf(out, "  ... and %s more (--top 0 shows all)\n", iw_format_u64(count - shown, digits));
    iw_buf_add_char(out, '\n');
}

static bool same_group(const struct offender *a, const struct offender *b)
{
    return a->rule == b->rule && a->severity == b->severity &&
           (a->verdict == IW_VERDICT_UNKNOWN) == (b->verdict == IW_VERDICT_UNKNOWN);
}

/* Notes, what is waived, and what was so in the run before are shown only when asked for. */
static bool is_shown(const struct text *t, const struct offender *o)
{
    bool is_news = t->is_compared ? is_fresh(o->change) : o->change != IW_CHANGE_WAIVED;
    return (o->severity != IW_SEVERITY_NOTE && is_news) || t->style.verbosity >= 2;
}

/* Puts what is shown before the rest; how many. */
static size_t choose_shown(struct text *t)
{
    size_t shown = 0;
    for (size_t i = 0; i < t->count; i++)
        if (is_shown(t, &t->offenders[i]))
            t->offenders[shown++] = t->offenders[i];
    return shown;
}

static void tell_groups(struct text *t, struct iw_buf *out)
{
    size_t count = choose_shown(t);
    if (count)
        qsort(t->offenders, count, sizeof *t->offenders, by_group);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && same_group(&t->offenders[i], &t->offenders[end]);)
            end++;
        tell_group(t, &t->offenders[i], end - i, out);
    }
    char digits[27];
    if (t->more)
        iw_buf_printf(out, "and %s more with findings: -f jsonl tells all\n\n", iw_format_u64(t->more, digits));
}

static void tell_totals(const struct text *t, const struct iw_totals *totals, struct iw_buf *out)
{
    char digits[27], read[16], weighed[16];
    uint64_t images = totals->records - totals->notices;
    iw_buf_printf(out, "%s %s", iw_format_u64(images, digits), images == 1 ? "image" : "images");
    if (totals->notices)
        iw_buf_printf(out, ", %s %s or their files", iw_format_u64(totals->notices, digits),
                      totals->notices == 1 ? "fault of requests" : "faults of requests");
    iw_buf_add_str(out, IW_STR(": "));
    static const enum iw_verdict order[] = {IW_VERDICT_OVER, IW_VERDICT_BROKEN, IW_VERDICT_WARN, IW_VERDICT_UNKNOWN,
                                            IW_VERDICT_OK};
    const char *separator = "";
    for (size_t i = 0; i < IW_ARRAY_LEN(order); i++) {
        if (totals->verdicts[order[i]] == 0 && order[i] != IW_VERDICT_OK)
            continue;
        iw_buf_printf(out, "%s", separator);
        paint(t, out, colours[order[i]]);
        iw_buf_printf(out, "%s %s", iw_format_u64(totals->verdicts[order[i]], digits), iw_verdict_name(order[i]));
        paint(t, out, "0");
        separator = ", ";
    }
    iw_buf_printf(out, "; %s read to weigh %s", iw_format_size(totals->bytes_read, read),
                  iw_format_size(totals->bytes_weighed, weighed));
    iw_buf_printf(out, " with %s requests in %.1f s\n", iw_format_u64(totals->requests, digits),
                  (double)totals->elapsed_ms / 1000);
}

/* "+3 new, 2 worse, 41 fixed, 1,208 known": what differs from the run before, first of all. */
static void tell_changes(const struct text *t, const struct iw_totals *totals, struct iw_buf *out)
{
    static const enum iw_change order[] = {IW_CHANGE_NEW,  IW_CHANGE_WORSE,       IW_CHANGE_BETTER, IW_CHANGE_FIXED,
                                           IW_CHANGE_GONE, IW_CHANGE_UNREACHABLE, IW_CHANGE_WAIVED};
    char digits[27];
    if (!totals->is_compared)
        return;
    paint(t, out, "1");
    if (totals->changes[IW_CHANGE_NEW] || totals->changes[IW_CHANGE_WORSE])
        iw_buf_printf(out, "+%s new", iw_format_u64(totals->changes[IW_CHANGE_NEW], digits));
    else
        iw_buf_add_str(out, IW_STR("nothing new"));
    paint(t, out, "0");
    for (size_t i = 1; i < IW_ARRAY_LEN(order); i++)
        if (totals->changes[order[i]])
            iw_buf_printf(out, ", %s %s", iw_format_u64(totals->changes[order[i]], digits), iw_change_name(order[i]));
    if (totals->changes[IW_CHANGE_SAME])
        iw_buf_printf(out, ", %s known", iw_format_u64(totals->changes[IW_CHANGE_SAME], digits));
    iw_buf_add_str(out, IW_STR(", beside the run before\n\n"));
}

static void hint(struct iw_buf *out, uint64_t count, const char *one, const char *many)
{
    char digits[27];
    if (count)
        iw_buf_printf(out, "%s %s\n", iw_format_u64(count, digits), count == 1 ? one : many);
}

static void add_count(struct iw_buf *out, uint64_t count, const char *one, const char *many)
{
    char digits[27];
    iw_buf_printf(out, "%s %s", iw_format_u64(count, digits), count == 1 ? one : many);
}

/* What the images of request files cost, a line for each profile with a formula. */
static void tell_tokens(const struct text *t, const struct iw_totals *totals, struct iw_buf *out)
{
    char digits[27];
    uint64_t weighed = totals->call_images - totals->call_ids;
    for (size_t i = 0; i < t->style.profile_count && i < IW_TOKEN_TOTALS; i++) {
        const struct iw_token_totals *tokens = &totals->tokens[i];
        if (!tokens->images)
            continue;
        iw_buf_printf(out, "%s: %s tokens for ", t->style.profiles[i]->name, iw_format_u64(tokens->tokens, digits));
        add_count(out, tokens->images, "image", "images");
        iw_buf_add_str(out, IW_STR(" of "));
        add_count(out, totals->calls, "request", "requests");
        if (totals->calls > 1)
            iw_buf_printf(out, ", %s each", iw_format_u64(tokens->tokens / totals->calls, digits));
        if (tokens->images < weighed) {
            iw_buf_add_str(out, IW_STR("; of "));
            add_count(out, weighed - tokens->images, "image", "images");
            iw_buf_add_str(out, IW_STR(" it is not known"));
        }
        iw_buf_add_char(out, '\n');
    }
}

static void tell_hints(const struct text *t, const struct iw_totals *totals, struct iw_buf *out)
{
    hint(out, totals->pages_skipped, "page of a sitemap was skipped (--pages skip)",
         "pages of sitemaps were skipped (--pages skip)");
    hint(out, totals->out_of_scope, "URL was left out by --include or --exclude",
         "URLs were left out by --include or --exclude");
    hint(out, totals->duplicates, "reference named an image again", "references named an image again");
    hint(out, totals->call_ids, "image is known to the consumer alone, by an id or in its store: not weighed",
         "images are known to the consumer alone, by an id or in its store: not weighed");
    hint(out, totals->complaints, "complaint about the inputs, above", "complaints about the inputs, above");
    hint(out, t->rules[IW_RULE_rate_limited], "answer was \"too many requests\": a lower --host-concurrency may help",
         "answers were \"too many requests\": a lower --host-concurrency may help");
}

static void tell_placeholders(const struct text *t, struct iw_buf *out)
{
    char digits[27];
    uint64_t count = t->rules[IW_RULE_placeholder];
    if (count)
        iw_buf_printf(out, "%s %s of %s%s %s size and ETag with many others there: a placeholder? (-v tells which)\n",
                      iw_format_u64(count, digits), count == 1 ? "image" : "images", t->placeholder_host,
                      t->has_more_placeholder_hosts ? " and other hosts" : "", count == 1 ? "shares" : "share");
}

static void tell_incomplete(const struct text *t, const struct iw_totals *totals, struct iw_buf *out)
{
    if (!totals->is_incomplete)
        return;
    paint(t, out, "31");
    iw_buf_printf(out, "INCOMPLETE: %s", totals->incomplete_why);
    paint(t, out, "0");
    iw_buf_add_char(out, '\n');
}

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    struct text *t = state;
    t->style = *style;
    iw_buf_init(&t->buf, TEXT_BYTES);
    return out->err;
}

static enum iw_err end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    struct text *t = state;
    bool is_clean = !t->count && !t->more && !totals->is_incomplete;
    t->is_compared = totals->is_compared;
    uint64_t news = totals->is_compared ? t->fresh : t->unwaived;
    if (t->style.verbosity == 0 && !news && !totals->is_incomplete)
        return IW_OK;
    tell_incomplete(t, totals, out);
    tell_changes(t, totals, out);
    tell_groups(t, out);
    if (is_clean && totals->records)
        iw_buf_add_str(out, IW_STR("Everything fits.\n"));
    tell_totals(t, totals, out);
    iw_report_add_read_as(out, totals);
    tell_tokens(t, totals, out);
    tell_hints(t, totals, out);
    tell_placeholders(t, out);
    tell_incomplete(t, totals, out);
    return out->err;
}

static void release(void *state)
{
    struct text *t = state;
    iw_buf_release(&t->buf);
    iw_free(t->offenders);
}

const struct iw_writer iw_writer_text = {
    .name = "text",
    .help = "for people: offenders first, then totals",
    .state_size = sizeof(struct text),
    .begin = begin,
    .item = item,
    .end = end,
    .release = release,
};
