/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What fix did, one JSON object an image, as imgweigh-record(5) and doc/schema/fix.schema.json say. */
#include "base/iw.h"
#include "report/json.h"

#include "base/base64.h"
#include "base/json_out.h"

struct state {
    bool has_payload;
};

static void add_format(struct iw_buf *out, const struct iw_image_format *format)
{
    iw_json_key(out, "format");
    iw_json_text(out, format ? format->name : NULL);
}

static void add_original(struct iw_buf *out, const struct iw_facts *facts)
{
    const struct iw_image_facts *image = &facts->image;
    iw_json_key(out, "original");
    iw_buf_add_char(out, '{');
    iw_json_number(out, "bytes", facts->bytes_from != IW_BYTES_UNKNOWN, facts->bytes);
    iw_json_number(out, "width", image->width_px, image->width_px);
    iw_json_number(out, "height", image->height_px, image->height_px);
    add_format(out, image->format);
    iw_buf_add_char(out, '}');
}

static void add_subsampling(struct iw_buf *out, unsigned subsampling)
{
    iw_json_key(out, "subsampling");
    if (subsampling)
        iw_buf_printf(out, "\"%u:%u:%u\"", subsampling / 100, subsampling / 10 % 10, subsampling % 10);
    else
        iw_json_null(out);
}

static void add_result(struct iw_buf *out, const struct iw_mended *mended)
{
    iw_json_key(out, "result");
    if (!mended->format || mended->action == IW_ACTION_FAILED) {
        iw_json_null(out);
        return;
    }
    iw_buf_add_char(out, '{');
    iw_json_number(out, "bytes", true, mended->bytes);
    iw_json_number(out, "base64_bytes", true, iw_base64_len(mended->bytes));
    iw_json_number(out, "width", mended->width_px, mended->width_px);
    iw_json_number(out, "height", mended->height_px, mended->height_px);
    add_format(out, mended->format);
    iw_json_number(out, "quality", mended->quality, mended->quality);
    add_subsampling(out, mended->subsampling);
    iw_buf_add_char(out, '}');
}

static void add_data_uri(struct iw_buf *out, const struct iw_mended *mended, bool has_payload)
{
    iw_json_key(out, "data_uri");
    if (!has_payload || !mended->wants_data_uri || !mended->payload.ptr) {
        iw_json_null(out);
        return;
    }
    iw_buf_printf(out, "\"data:%s;base64,", mended->format->mime);
    iw_base64_add(out, mended->payload);
    iw_buf_add_char(out, '"');
}

static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    const struct state *s = state;
    const struct iw_mended *mended = record->mended;
    iw_buf_add_char(out, '{');
    iw_json_key(out, "url");
    iw_json_str(out, record->facts->url);
    iw_json_source(out, record->source);
    iw_json_key(out, "action");
    iw_json_text(out, iw_action_name(mended->action));
    iw_json_string(out, "reason", mended->reason);
    add_original(out, record->facts);
    add_result(out, mended);
    add_data_uri(out, mended, s->has_payload);
    iw_json_string(out, "path", mended->path);
    iw_json_key(out, "ms");
    iw_json_thousandths(out, mended->us);
    iw_json_findings(out, record->findings);
    iw_buf_add(out, "}\n", 2);
    return out->err;
}

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    struct state *s = state;
    s->has_payload = style->has_payload;
    return out->err;
}

static void release(void *state)
{
    (void)state;
}

const struct iw_writer iw_fix_writer_jsonl = {
    .name = "jsonl",
    .help = "one JSON object an image (imgweigh-record(5))",
    .state_size = sizeof(struct state),
    .begin = begin,
    .item = item,
    .end = iw_json_end,
    .release = release,
};
