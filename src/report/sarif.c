/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* SARIF 2.1.0 (OASIS), for GitHub's code scanning and others. GitHub takes 25,000 results of a run and shows 5,000, in
 * an order of its own: so the worst are kept here, the worst first, and a notification says what was cut. What is fixed
 * or gone is told as a notification as well: GitHub does not read baselineState, and would show it as an alert. */
#include "base/iw.h"
#include "report/escape.h"
#include "report/json.h"
#include "report/moment.h"
#include "report/offence.h"

#include "base/json_out.h"

enum { RESULTS_MAX = 25000, RESULTS_SHOWN = 5000, RESULT_BYTES = 64 << 20, NEWS_MAX = 1000, NEWS_BYTES = 1 << 20 };
enum { URL_SHOWN_BYTES = 1000 };

struct sarif {
    struct iw_report_style style;
    struct iw_worst results, news; /* news: what is fixed or gone */
    struct iw_buf text, sentence;  /* of one result */
};

/* ---- the tool ---- */

static void add_text(struct iw_buf *out, const char *key, const char *text)
{
    iw_json_key(out, key);
    iw_buf_add_str(out, IW_STR("{\"text\":"));
    iw_json_text(out, text);
    iw_buf_add_char(out, '}');
}

static void add_rule(struct iw_buf *out, const struct iw_rule *rule)
{
    iw_buf_add_char(out, '{');
    iw_json_key(out, "id");
    iw_json_text(out, rule->name);
    add_text(out, "shortDescription", rule->title);
    iw_json_key(out, "fullDescription");
    iw_buf_printf(out, "{\"text\":\"imgweigh: %s.\"}", rule->title);
    iw_json_key(out, "help");
    iw_buf_printf(out, "{\"text\":\"What to do: %s.\",\"markdown\":\"**What to do:** %s.\"}", rule->advice,
                  rule->advice);
    iw_json_key(out, "defaultConfiguration");
    iw_buf_printf(out, "{\"level\":\"%s\"}", iw_severity_name(rule->severity));
    iw_json_key(out, "properties");
    iw_buf_add_str(out, IW_STR("{\"tags\":[\"images\"]}}"));
}

static void add_tool(struct iw_buf *out)
{
    iw_json_key(out, "tool");
    iw_buf_add_str(out, IW_STR("{\"driver\":{\"name\":\"imgweigh\",\"version\":\"" PACKAGE_VERSION
                               "\",\"semanticVersion\":\"" PACKAGE_VERSION "\",\"rules\":["));
    for (unsigned i = 0; i < IW_OFFENCES; i++) {
        iw_json_line(out, i == 0);
        add_rule(out, iw_offence_rule(i));
    }
    iw_buf_add_str(out, IW_STR("]}}"));
}

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    struct sarif *s = state;
    s->style = *style;
    iw_worst_init(&s->results, RESULTS_MAX, RESULT_BYTES);
    iw_worst_init(&s->news, NEWS_MAX, NEWS_BYTES);
    iw_buf_init(&s->text, IW_ONE_BYTES);
    iw_buf_init(&s->sentence, IW_ONE_BYTES);
    return out->err;
}

/* ---- one result ---- */

/* GitHub wants paths below the root of the repository; other URIs than file: make it refuse the report, so documents of
 * the web go without their scheme. */
/* SARIF counts characters, of UTF-16 or of Unicode, and ours are bytes: the line is not at hand any more to count
 * again. So the region is the whole line, but where the reference begins it, and the column in bytes is a property. */
static void add_region(struct iw_buf *out, unsigned line, unsigned column)
{
    iw_buf_printf(out, "},\"region\":{\"startLine\":%u,\"startColumn\":1,\"endLine\":%u", line, line);
    if (column > 1)
        iw_buf_printf(out, ",\"properties\":{\"byteColumn\":%u}}", column);
    else
        iw_buf_add_str(out, IW_STR(",\"endColumn\":2}"));
}

static void add_location(const struct sarif *s, struct iw_buf *out, const struct iw_record *record)
{
    struct iw_anchor anchor;
    iw_anchor_of(record, &s->style, &anchor);
    bool is_absolute = anchor.is_file && iw_str_starts(anchor.path, IW_STR("/"));
    iw_json_key(out, "locations");
    iw_buf_add_str(out, IW_STR("[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":\""));
    if (is_absolute)
        iw_buf_add_str(out, IW_STR("file://"));
    iw_escape_uri(out, anchor.path, anchor.is_file ? "%?#[]:" : "?#[]:");
    iw_buf_add_char(out, '"');
    if (anchor.is_file && !is_absolute)
        iw_buf_add_str(out, IW_STR(",\"uriBaseId\":\"%SRCROOT%\""));
    add_region(out, anchor.line ? anchor.line : 1, anchor.column);
    iw_buf_add_str(out, IW_STR("}}]"));
}

static void add_message(struct sarif *s, const struct iw_record *record, const struct iw_offence *offence)
{
    iw_offence_tell(&s->sentence, record, offence);
    iw_json_key(&s->text, "message");
    iw_buf_add_str(&s->text, IW_STR("{\"text\":"));
    iw_escape_json(&s->text, iw_buf_str(&s->sentence));
    iw_buf_add_char(&s->text, '}');
}

static const char *baseline_of(enum iw_change change)
{
    switch (change) {
    case IW_CHANGE_NEW:
        return "new";
    case IW_CHANGE_SAME:
    case IW_CHANGE_WAIVED:
        return "unchanged";
    case IW_CHANGE_WORSE:
    case IW_CHANGE_BETTER:
    case IW_CHANGE_UNREACHABLE:
        return "updated";
    case IW_CHANGE_FIXED:
    case IW_CHANGE_GONE:
        return "absent";
    case IW_CHANGE_NONE:
        break;
    }
    return NULL;
}

static void add_standing(struct iw_buf *out, const struct iw_record *record)
{
    const char *baseline = baseline_of(record->change);
    if (baseline) {
        iw_json_key(out, "baselineState");
        iw_json_text(out, baseline);
    }
    if (record->change == IW_CHANGE_WAIVED) {
        iw_json_key(out, "suppressions");
        iw_buf_add_str(out, IW_STR("[{\"kind\":\"external\",\"status\":\"accepted\""));
        if (record->waiver.len) {
            iw_json_key(out, "justification");
            iw_escape_json(out, record->waiver);
        }
        iw_buf_add_str(out, IW_STR("}]"));
    }
}

static void add_properties(struct iw_buf *out, const struct iw_record *record, const struct iw_offence *offence)
{
    const struct iw_facts *facts = record->facts;
    iw_json_key(out, "properties");
    iw_buf_add_char(out, '{');
    iw_json_key(out, "url");
    iw_json_str(out, facts->url);
    iw_json_string(out, "document", record->source->path);
    iw_json_string(out, "element", record->source->element);
    iw_json_key(out, "verdict");
    iw_json_text(out, iw_verdict_name(record->verdict));
    iw_json_key(out, "profile");
    iw_json_text(out, offence->profile);
    iw_json_number(out, "bytes", facts->bytes_from != IW_BYTES_UNKNOWN, facts->bytes);
    iw_json_number(out, "width", facts->image.width_px, facts->image.width_px);
    iw_json_number(out, "height", facts->image.height_px, facts->image.height_px);
    if (record->change != IW_CHANGE_NONE) {
        iw_json_key(out, "change");
        iw_json_text(out, iw_change_name(record->change));
    }
    iw_buf_add_char(out, '}');
}

/* All but its end, which waits until it is known whether it is the only one of its kind. */
static enum iw_err keep(struct sarif *s, const struct iw_record *record, const struct iw_offence *offence)
{
    struct iw_kept kept = {.id = iw_offence_id(record, &s->style, offence)};
    iw_rank_of(record, offence, &kept.rank);
    if (!iw_worst_offer(&s->results, &kept.rank))
        return IW_OK;
    struct iw_buf *out = &s->text;
    iw_buf_clear(out);
    iw_buf_add_char(out, '{');
    iw_json_key(out, "ruleId");
    iw_json_text(out, iw_offence_rule(offence->rule)->name);
    iw_json_number(out, "ruleIndex", true, offence->rule);
    iw_json_key(out, "level");
    iw_json_text(out, iw_severity_name(offence->severity));
    add_message(s, record, offence);
    add_location(s, out, record);
    add_standing(out, record);
    add_properties(out, record, offence);
    if (out->err != IW_OK || s->sentence.err != IW_OK)
        return IW_ERR_NOMEM;
    return iw_worst_add(&s->results, kept, iw_buf_str(out));
}

static enum iw_err keep_news(struct sarif *s, const struct iw_record *record)
{
    char scratch[URL_SHOWN_BYTES];
    struct iw_kept kept = {.rank = {.line = record->source->line, .column = record->source->column}};
    if (!iw_worst_offer(&s->news, &kept.rank))
        return IW_OK;
    iw_buf_clear(&s->text);
    iw_buf_printf(&s->text, "%s: ", iw_change_name(record->change));
    iw_buf_add_str(&s->text, iw_cut_middle(record->facts->url, scratch, sizeof scratch));
    return s->text.err == IW_OK ? iw_worst_add(&s->news, kept, iw_buf_str(&s->text)) : IW_ERR_NOMEM;
}

static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    struct sarif *s = state;
    (void)out;
    if (record->change == IW_CHANGE_FIXED || record->change == IW_CHANGE_GONE)
        return keep_news(s, record);
    enum iw_err err = IW_OK;
    size_t count = iw_offence_count(record);
    for (size_t i = 0; i < count && err == IW_OK; i++) {
        struct iw_offence offence;
        iw_offence_at(record, i, &offence);
        err = keep(s, record, &offence);
    }
    return err;
}

/* ---- the document ---- */

static void add_results(const struct sarif *s, struct iw_buf *out)
{
    iw_json_key(out, "results");
    iw_buf_add_char(out, '[');
    for (size_t i = 0; i < s->results.count; i++) {
        const struct iw_kept *kept = &s->results.list[i];
        iw_json_line(out, i == 0);
        iw_buf_add(out, kept->text, kept->len);
        iw_buf_printf(out, ",\"partialFingerprints\":{\"primaryLocationLineHash\":\"%016llx:%u\"}}",
                      (unsigned long long)kept->id, kept->nth + 1);
    }
    iw_buf_add_char(out, ']');
}

static void notify(struct iw_buf *out, const char *level, const char *id, struct iw_str text)
{
    iw_json_line(out, out->len && out->ptr[out->len - 1] == '[');
    iw_buf_printf(out, "{\"level\":\"%s\",\"descriptor\":{\"id\":\"%s\"},\"message\":{\"text\":", level, id);
    iw_escape_json(out, text);
    iw_buf_add_str(out, IW_STR("}}"));
}

static void add_notifications(struct sarif *s, const struct iw_totals *totals, struct iw_buf *out)
{
    iw_json_key(out, "toolExecutionNotifications");
    iw_buf_add_char(out, '[');
    if (totals->is_incomplete)
        notify(out, "error", "incomplete", iw_str_from(totals->incomplete_why));
    iw_buf_clear(&s->sentence);
    if (iw_worst_cut(&s->results))
        iw_buf_printf(&s->sentence, "%llu results were cut, the least severe and least heavy: GitHub takes %d of a run",
                      (unsigned long long)iw_worst_cut(&s->results), RESULTS_MAX);
    else if (s->results.count > RESULTS_SHOWN)
        iw_buf_printf(&s->sentence, "GitHub shows %d of %zu results; the worst come first", RESULTS_SHOWN,
                      s->results.count);
    if (s->sentence.len)
        notify(out, "warning", "results-cut", iw_buf_str(&s->sentence));
    for (size_t i = 0; i < s->news.count; i++) {
        const struct iw_kept *kept = &s->news.list[i];
        struct iw_str text = {kept->text, kept->len};
        notify(out, "note", iw_str_starts(text, IW_STR("fixed")) ? "fixed" : "gone", text);
    }
    iw_buf_add_char(out, ']');
}

static void add_invocation(struct sarif *s, const struct iw_totals *totals, struct iw_buf *out)
{
    iw_json_key(out, "invocations");
    iw_buf_add_str(out, IW_STR("[{\"executionSuccessful\":"));
    iw_json_bool(out, !totals->is_incomplete);
    if (s->style.began_unix_s) {
        iw_json_moment(out, "startTimeUtc", s->style.began_unix_s);
        iw_json_moment(out, "endTimeUtc", s->style.began_unix_s + (int64_t)(totals->elapsed_ms / 1000));
    }
    add_notifications(s, totals, out);
    iw_buf_add_str(out, IW_STR("}]"));
}

/* The category by which GitHub keeps several reports of one commit apart: what was judged by. */
static void add_category(const struct sarif *s, struct iw_buf *out)
{
    iw_json_key(out, "automationDetails");
    iw_buf_add_str(out, IW_STR("{\"id\":\"imgweigh"));
    for (size_t i = 0; i < s->style.profile_count; i++) {
        iw_buf_add_char(out, i ? '+' : '-');
        iw_escape_uri(out, iw_str_from(s->style.profiles[i]->name), "/?#[]:");
    }
    iw_buf_add_str(out, IW_STR("/\"}"));
}

static enum iw_err end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    struct sarif *s = state;
    iw_worst_sort(&s->results);
    iw_worst_sort(&s->news);
    iw_buf_add_str(out, IW_STR("{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\","
                               "\"runs\":[{"));
    add_tool(out);
    add_category(s, out);
    add_invocation(s, totals, out);
    iw_json_key(out, "columnKind");
    iw_json_text(out, "unicodeCodePoints");
    add_results(s, out);
    iw_json_key(out, "properties");
    iw_buf_add_char(out, '{');
    iw_json_totals(out, totals);
    iw_buf_add_str(out, IW_STR("}}]}\n"));
    return s->sentence.err == IW_OK ? out->err : s->sentence.err;
}

static void release(void *state)
{
    struct sarif *s = state;
    iw_worst_release(&s->results);
    iw_worst_release(&s->news);
    iw_buf_release(&s->text);
    iw_buf_release(&s->sentence);
}

const struct iw_writer iw_writer_sarif = {
    .name = "sarif",
    .help = "SARIF 2.1.0, for code scanning: the worst 25,000 findings",
    .state_size = sizeof(struct sarif),
    .begin = begin,
    .item = item,
    .end = end,
    .release = release,
};
