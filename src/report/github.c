/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Annotations of GitHub's workflows. A step shows ten errors and ten warnings and drops the rest without a word: so the
 * nine worst of each, and a tenth that says how many more there are. */
#include "base/iw.h"
#include "report/escape.h"
#include "report/offence.h"

#include "base/parse.h"

enum { SHOWN = 9, SHOWN_BYTES = 4 << 20 };

struct github {
    struct iw_report_style style;
    struct iw_worst errors, warnings;
    struct iw_buf text, sentence;
};

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    struct github *g = state;
    g->style = *style;
    iw_worst_init(&g->errors, SHOWN, SHOWN_BYTES);
    iw_worst_init(&g->warnings, SHOWN, SHOWN_BYTES);
    iw_buf_init(&g->text, IW_ONE_BYTES);
    iw_buf_init(&g->sentence, IW_ONE_BYTES);
    return out->err;
}

static enum iw_err keep(struct github *g, struct iw_worst *worst, const struct iw_record *record,
                        const struct iw_offence *offence)
{
    struct iw_kept kept = {0};
    struct iw_anchor anchor;
    struct iw_buf *out = &g->text;
    iw_rank_of(record, offence, &kept.rank);
    if (!iw_worst_offer(worst, &kept.rank))
        return IW_OK;
    iw_anchor_of(record, &g->style, &anchor);
    iw_buf_clear(out);
    iw_buf_printf(out, "::%s ", worst == &g->errors ? "error" : "warning");
    if (anchor.is_file) {
        iw_buf_add_str(out, IW_STR("file="));
        iw_escape_github(out, anchor.path, true);
        iw_buf_add_char(out, ',');
    }
    if (anchor.is_file && anchor.line)
        iw_buf_printf(out, "line=%u,col=%u,", anchor.line, anchor.column);
    iw_buf_printf(out, "title=imgweigh %s::", iw_offence_rule(offence->rule)->name);
    iw_offence_tell(&g->sentence, record, offence);
    iw_escape_github(out, iw_buf_str(&g->sentence), false);
    iw_buf_add_char(out, '\n');
    if (out->err != IW_OK || g->sentence.err != IW_OK)
        return IW_ERR_NOMEM;
    return iw_worst_add(worst, kept, iw_buf_str(out));
}

/* One annotation a record: of its worst finding. */
static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    struct github *g = state;
    (void)out;
    if (record->change == IW_CHANGE_WAIVED || iw_offence_count(record) == 0)
        return IW_OK;
    struct iw_offence offence;
    iw_offence_worst(record, &offence);
    if (offence.severity == IW_SEVERITY_NOTE)
        return IW_OK;
    bool is_error = offence.severity == IW_SEVERITY_ERROR;
    return keep(g, is_error ? &g->errors : &g->warnings, record, &offence);
}

static void tell(struct iw_worst *worst, const char *level, struct iw_buf *out)
{
    char digits[27];
    iw_worst_sort(worst);
    for (size_t i = 0; i < worst->count; i++)
        iw_buf_add(out, worst->list[i].text, worst->list[i].len);
    if (iw_worst_cut(worst))
        iw_buf_printf(out, "::%s title=imgweigh::and %s more, see the job summary\n", level,
                      iw_format_u64(iw_worst_cut(worst), digits));
}

static enum iw_err end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    struct github *g = state;
    if (totals->is_incomplete) { /* a notice is none of the ten */
        iw_buf_add_str(out, IW_STR("::notice title=imgweigh is not finished::"));
        iw_escape_github(out, iw_str_from(totals->incomplete_why), false);
        iw_buf_add_char(out, '\n');
    }
    tell(&g->errors, "error", out);
    tell(&g->warnings, "warning", out);
    return out->err;
}

static void release(void *state)
{
    struct github *g = state;
    iw_worst_release(&g->errors);
    iw_worst_release(&g->warnings);
    iw_buf_release(&g->text);
    iw_buf_release(&g->sentence);
}

const struct iw_writer iw_writer_github = {
    .name = "github",
    .help = "annotations of GitHub Actions, and the job summary",
    .state_size = sizeof(struct github),
    .begin = begin,
    .item = item,
    .end = end,
    .release = release,
};
