/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* One JSON object a line, as imgweigh-record(5) and doc/schema/record.schema.json say. */
#include "base/iw.h"
#include "report/json.h"

struct jsonl {
    struct iw_report_style style;
};

static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    const struct jsonl *jsonl = state;
    iw_json_record(out, &jsonl->style, record);
    iw_buf_add_char(out, '\n');
    return out->err;
}

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    struct jsonl *jsonl = state;
    jsonl->style = *style;
    return out->err;
}

static void release(void *state)
{
    (void)state;
}

const struct iw_writer iw_writer_jsonl = {
    .name = "jsonl",
    .help = "one JSON object a line (imgweigh-record(5))",
    .state_size = sizeof(struct jsonl),
    .begin = begin,
    .item = item,
    .end = iw_json_end,
    .release = release,
};
