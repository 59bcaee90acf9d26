/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* One JSON document, as imgweigh-record(5) and doc/schema/report.schema.json say: by what was judged, the records as in
 * JSON Lines, the totals. */
#include "base/iw.h"
#include "report/json.h"

#include "base/json_out.h"

struct json {
    struct iw_report_style style;
    bool has_records;
};

static void add_policy(struct iw_buf *out, const struct iw_report_style *style)
{
    static const char *const details[IW_DETAIL_COUNT] = {"auto", "low", "high", "original"};
    iw_json_key(out, "policy");
    iw_buf_add_char(out, '{');
    iw_json_profiles(out, style);
    iw_json_key(out, "detail");
    iw_json_text(out, details[style->detail]);
    iw_buf_add_char(out, '}');
}

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    struct json *json = state;
    json->style = *style;
    iw_buf_add_char(out, '{');
    iw_json_key(out, "tool");
    iw_buf_add_str(out, IW_STR("{\"name\":\"imgweigh\",\"version\":\"" PACKAGE_VERSION "\"}"));
    iw_json_moment(out, "began", style->began_unix_s);
    add_policy(out, style);
    iw_json_key(out, "records");
    iw_buf_add_char(out, '[');
    return out->err;
}

static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    struct json *json = state;
    iw_json_line(out, !json->has_records);
    json->has_records = true;
    iw_json_record(out, &json->style, record);
    return out->err;
}

static enum iw_err end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    (void)state;
    iw_buf_add_str(out, IW_STR("\n],\"summary\":{"));
    iw_json_totals(out, totals);
    iw_buf_add_str(out, IW_STR("}}\n"));
    return out->err;
}

static void release(void *state)
{
    (void)state;
}

const struct iw_writer iw_writer_json = {
    .name = "json",
    .help = "one JSON document: profiles, records, totals",
    .state_size = sizeof(struct json),
    .begin = begin,
    .item = item,
    .end = end,
    .release = release,
};
