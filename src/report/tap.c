/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Test Anything Protocol 14: one test a record, as answers come; the plan is at the end. What is undecided is skipped,
 * what is waived is still to be done: neither makes the run fail. */
#include "base/iw.h"
#include "report/escape.h"
#include "report/offence.h"

#include "base/json_out.h"

struct tap {
    uint64_t count;
    struct iw_buf sentence;
};

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    struct tap *t = state;
    (void)style;
    iw_buf_init(&t->sentence, IW_ONE_BYTES);
    iw_buf_add_str(out, IW_STR("TAP version 14\n"));
    return out->err;
}

static void add_directive(struct iw_buf *out, const char *word, struct iw_str why)
{
    iw_buf_printf(out, " # %s ", word);
    iw_escape_tap(out, why);
}

/* A block of YAML: its strings are those of JSON. */
static enum iw_err add_block(struct tap *t, const struct iw_record *record, struct iw_buf *out)
{
    size_t count = iw_offence_count(record);
    iw_buf_clear(&t->sentence);
    iw_source_describe(&t->sentence, record->source);
    iw_buf_printf(out, "  ---\n  severity: %s\n", record->verdict == IW_VERDICT_WARN ? "comment" : "fail");
    if (t->sentence.len) {
        iw_buf_add_str(out, IW_STR("  at: "));
        iw_escape_json(out, iw_buf_str(&t->sentence));
        iw_buf_add_char(out, '\n');
    }
    iw_buf_add_str(out, IW_STR("  findings:\n"));
    for (size_t i = 0; i < count; i++) {
        struct iw_offence offence;
        iw_offence_at(record, i, &offence);
        iw_buf_clear(&t->sentence);
        iw_offence_describe(&t->sentence, record, &offence);
        iw_buf_printf(out, "    - rule: %s\n      message: ", iw_offence_rule(offence.rule)->name);
        iw_escape_json(out, iw_buf_str(&t->sentence));
        iw_buf_add_char(out, '\n');
    }
    iw_buf_add_str(out, IW_STR("  ...\n"));
    return t->sentence.err;
}

static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    struct tap *t = state;
    bool is_bad = record->verdict == IW_VERDICT_OVER || record->verdict == IW_VERDICT_BROKEN;
    size_t count = iw_offence_count(record);
    iw_buf_printf(out, "%s %llu - ", is_bad && count ? "not ok" : "ok", (unsigned long long)++t->count);
    iw_escape_tap(out, record->facts->url);
    if (count && record->change == IW_CHANGE_WAIVED) {
        add_directive(out, "TODO waived:", record->waiver);
    } else if (count && record->verdict == IW_VERDICT_UNKNOWN) {
        struct iw_offence offence;
        iw_offence_worst(record, &offence);
        add_directive(out, "SKIP undecided:", offence.message);
    }
    iw_buf_add_char(out, '\n');
    enum iw_err err = count ? add_block(t, record, out) : IW_OK;
    return err == IW_OK ? out->err : err;
}

static enum iw_err end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    const struct tap *t = state;
    if (totals->is_incomplete) {
        iw_buf_add_str(out, IW_STR("Bail out! "));
        iw_escape_tap(out, iw_str_from(totals->incomplete_why));
        iw_buf_add_char(out, '\n');
    } else {
        iw_buf_printf(out, "1..%llu\n", (unsigned long long)t->count);
    }
    return out->err;
}

static void release(void *state)
{
    struct tap *t = state;
    iw_buf_release(&t->sentence);
}

const struct iw_writer iw_writer_tap = {
    .name = "tap",
    .help = "Test Anything Protocol 14: one test an image",
    .state_size = sizeof(struct tap),
    .begin = begin,
    .item = item,
    .end = end,
    .release = release,
};
