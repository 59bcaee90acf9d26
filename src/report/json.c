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
    iw_buf_add(out, ",\n" + !json->has_records, 1 + json->has_records);
    json->has_records = true;
    iw_json_record(out, &json->style, record);
    return out->err;
}

static void add_verdicts(struct iw_buf *out, const struct iw_totals *totals)
{
    iw_json_key(out, "verdicts");
    iw_buf_add_char(out, '{');
    for (unsigned i = 0; i < IW_VERDICT_COUNT; i++)
        iw_json_number(out, iw_verdict_name(i), true, totals->verdicts[i]);
    iw_buf_add_char(out, '}');
}

static void add_changes(struct iw_buf *out, const struct iw_totals *totals)
{
    iw_json_key(out, "changes");
    if (!totals->is_compared) {
        iw_json_null(out);
        return;
    }
    iw_buf_add_char(out, '{');
    for (unsigned i = IW_CHANGE_NONE + 1; i < IW_CHANGE_COUNT; i++)
        iw_json_number(out, iw_change_name(i), true, totals->changes[i]);
    iw_buf_add_char(out, '}');
}

static enum iw_err end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    (void)state;
    iw_buf_add_str(out, IW_STR("\n],\"summary\":{"));
    iw_json_number(out, "records", true, totals->records);
    iw_json_number(out, "targets", true, totals->targets);
    add_verdicts(out, totals);
    add_changes(out, totals);
    iw_json_number(out, "requests", true, totals->requests);
    iw_json_number(out, "bytes_read", true, totals->bytes_read);
    iw_json_number(out, "bytes_weighed", true, totals->bytes_weighed);
    iw_json_number(out, "elapsed_ms", true, totals->elapsed_ms);
    iw_json_key(out, "complete");
    iw_json_bool(out, !totals->is_incomplete);
    iw_json_key(out, "why");
    iw_json_text(out, totals->is_incomplete ? totals->incomplete_why : NULL);
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
