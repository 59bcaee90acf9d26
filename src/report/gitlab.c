/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* GitLab's Code Quality: an array of findings, the worst first. Of several with one fingerprint GitLab shows the first
 * alone, so each has its own; no line goes into it, or whatever moved would be new. What is waived is left out: the
 * format has no word for it. */
#include "base/iw.h"
#include "report/escape.h"
#include "report/json.h"
#include "report/offence.h"

#include "base/json_out.h"

enum { ISSUES_MAX = 25000, ISSUE_BYTES = 32 << 20 };

struct gitlab {
    struct iw_report_style style;
    struct iw_worst issues;
    struct iw_buf text, sentence;
};

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    struct gitlab *g = state;
    g->style = *style;
    iw_worst_init(&g->issues, ISSUES_MAX, ISSUE_BYTES);
    iw_buf_init(&g->text, IW_ONE_BYTES);
    iw_buf_init(&g->sentence, IW_ONE_BYTES);
    return out->err;
}

static const char *severity_of(const struct iw_record *record, const struct iw_offence *offence)
{
    if (offence->severity == IW_SEVERITY_ERROR)
        return record->verdict == IW_VERDICT_BROKEN ? "critical" : "major";
    return offence->severity == IW_SEVERITY_WARNING ? "minor" : "info";
}

static void add_location(const struct gitlab *g, struct iw_buf *out, const struct iw_record *record)
{
    struct iw_anchor anchor;
    iw_anchor_of(record, &g->style, &anchor);
    iw_json_key(out, "location");
    iw_buf_add_char(out, '{');
    iw_json_key(out, "path");
    iw_escape_json(out, anchor.path);
    iw_buf_printf(out, ",\"lines\":{\"begin\":%u}}", anchor.line ? anchor.line : 1);
}

static enum iw_err keep(struct gitlab *g, const struct iw_record *record, const struct iw_offence *offence)
{
    struct iw_kept kept = {.id = iw_offence_id(record, &g->style, offence)};
    iw_rank_of(record, offence, &kept.rank);
    if (!iw_worst_offer(&g->issues, &kept.rank))
        return IW_OK;
    iw_offence_tell(&g->sentence, record, offence);
    struct iw_buf *out = &g->text;
    iw_buf_clear(out);
    iw_buf_add_char(out, '{');
    iw_json_key(out, "description");
    iw_escape_json(out, iw_buf_str(&g->sentence));
    iw_json_key(out, "check_name");
    iw_json_text(out, iw_offence_rule(offence->rule)->name);
    iw_json_key(out, "severity");
    iw_json_text(out, severity_of(record, offence));
    add_location(g, out, record);
    if (out->err != IW_OK || g->sentence.err != IW_OK)
        return IW_ERR_NOMEM;
    return iw_worst_add(&g->issues, kept, iw_buf_str(out));
}

static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    (void)out;
    size_t count = record->change == IW_CHANGE_WAIVED ? 0 : iw_offence_count(record);
    enum iw_err err = IW_OK;
    for (size_t i = 0; i < count && err == IW_OK; i++) {
        struct iw_offence offence;
        iw_offence_at(record, i, &offence);
        err = keep(state, record, &offence);
    }
    return err;
}

/* Something about the report itself, as an issue of its own. */
static void add_remark(struct iw_buf *out, bool is_first, const char *severity, const char *name, struct iw_str text)
{
    iw_json_line(out, is_first);
    iw_buf_add_char(out, '{');
    iw_json_key(out, "description");
    iw_escape_json(out, text);
    iw_buf_printf(
        out,
        ",\"check_name\":\"%s\",\"severity\":\"%s\",\"location\":{\"path\":\"imgweigh\",\"lines\":{\"begin\":1}},"
        "\"fingerprint\":\"%s\"}",
        name, severity, name);
}

static enum iw_err end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    struct gitlab *g = state;
    bool is_first = !totals->is_incomplete;
    iw_worst_sort(&g->issues);
    iw_buf_add_char(out, '[');
    if (totals->is_incomplete)
        add_remark(out, true, "critical", "incomplete", iw_str_from(totals->incomplete_why));
    for (size_t i = 0; i < g->issues.count; i++, is_first = false) {
        const struct iw_kept *kept = &g->issues.list[i];
        iw_json_line(out, is_first);
        iw_buf_add(out, kept->text, kept->len);
        iw_buf_printf(out, ",\"fingerprint\":\"%016llx%08x\"}", (unsigned long long)kept->id, kept->nth);
    }
    uint64_t cut = iw_worst_cut(&g->issues);
    iw_buf_clear(&g->sentence);
    iw_buf_printf(&g->sentence, "%llu more findings, less severe or less heavy, were left out",
                  (unsigned long long)cut);
    if (cut)
        add_remark(out, is_first, "info", "results-cut", iw_buf_str(&g->sentence));
    iw_buf_add_str(out, IW_STR("]\n"));
    return g->sentence.err == IW_OK ? out->err : g->sentence.err;
}

static void release(void *state)
{
    struct gitlab *g = state;
    iw_worst_release(&g->issues);
    iw_buf_release(&g->text);
    iw_buf_release(&g->sentence);
}

const struct iw_writer iw_writer_gitlab = {
    .name = "gitlab",
    .help = "GitLab's Code Quality: the worst 25,000 findings",
    .state_size = sizeof(struct gitlab),
    .begin = begin,
    .item = item,
    .end = end,
    .release = release,
};
