/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* One JSON object a line, as imgweigh-record(5) and doc/schema/record.schema.json say. */
#include "base/iw.h"
#include "report/json.h"

#include "base/base64.h"
#include "base/json_out.h"

struct jsonl {
    struct iw_report_style style;
};

static void add_image(struct iw_buf *out, const struct iw_facts *facts)
{
    const struct iw_image_facts *image = &facts->image;
    iw_json_number(out, "width", image->width_px, image->width_px);
    iw_json_number(out, "height", image->height_px, image->height_px);
    iw_json_number(out, "stored_width", image->stored_width_px, image->stored_width_px);
    iw_json_number(out, "stored_height", image->stored_height_px, image->stored_height_px);
    iw_json_number(out, "orientation", image->orientation, image->orientation);
    iw_json_key(out, "format");
    iw_json_text(out, image->format ? image->format->name : NULL);
    iw_json_string(out, "content_type", facts->content_type);
    iw_json_key(out, "animated");
    iw_json_tri(out, image->animated);
    iw_json_key(out, "alpha");
    iw_json_tri(out, image->alpha);
}

/* One key for each profile with a formula: the first of a name. */
static void add_tokens(struct iw_buf *out, const struct iw_report_style *style, const struct iw_image_facts *image)
{
    bool is_open = false;
    iw_json_key(out, "tokens");
    for (size_t i = 0; i < style->profile_count; i++) {
        const struct iw_profile *profile = style->profiles[i];
        uint64_t tokens;
        bool is_new = iw_tokens_of(profile, style->detail, image->width_px, image->height_px, &tokens);
        for (size_t j = 0; j < i && is_new; j++)
            is_new = strcmp(profile->name, style->profiles[j]->name) != 0;
        if (!is_new)
            continue;
        if (!is_open)
            iw_buf_add_char(out, '{');
        is_open = true;
        iw_json_number(out, profile->name, true, tokens);
    }
    if (is_open)
        iw_buf_add_char(out, '}');
    else
        iw_json_null(out);
}

static void add_http(struct iw_buf *out, const struct iw_facts *facts)
{
    const char *version = facts->http_version >= 20   ? "2"
                          : facts->http_version == 11 ? "1.1"
                          : facts->http_version == 10 ? "1.0"
                                                      : NULL;
    iw_json_number(out, "status", facts->status, (uint64_t)facts->status);
    iw_json_key(out, "http");
    iw_json_text(out, version);
    iw_json_string(out, "etag", facts->etag);
    iw_json_string(out, "last_modified", facts->last_modified);
    iw_json_number(out, "requests", true, facts->requests);
    iw_json_number(out, "bytes_read", true, facts->bytes_read);
    iw_json_key(out, "ms");
    iw_json_thousandths(out, facts->us);
    iw_json_string(out, "error", facts->error);
}

static void add_place(struct iw_buf *out, const struct iw_place *place)
{
    iw_json_key(out, "place");
    if (!iw_place_is_stated(place)) {
        iw_json_null(out);
        return;
    }
    iw_buf_add_char(out, '{');
    iw_json_number(out, "width", place->width_px, place->width_px);
    iw_json_number(out, "height", place->height_px, place->height_px);
    iw_json_key(out, "unit");
    iw_json_text(out, place->is_exact ? "px" : "css");
    iw_buf_add_char(out, '}');
}

static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    const struct jsonl *jsonl = state;
    const struct iw_facts *facts = record->facts;
    bool has_bytes = facts->bytes_from != IW_BYTES_UNKNOWN;
    iw_buf_add_char(out, '{');
    iw_json_key(out, "url");
    iw_json_str(out, facts->url);
    iw_json_key(out, "final_url");
    iw_json_str(out, facts->final_url);
    iw_json_source(out, record->source);
    iw_json_key(out, "verdict");
    iw_json_text(out, iw_verdict_name(record->verdict));
    iw_json_findings(out, record->findings);
    iw_json_number(out, "bytes", has_bytes, facts->bytes);
    iw_json_key(out, "bytes_from");
    iw_json_text(out, iw_bytes_from_name(facts->bytes_from));
    bool has_base64 = has_bytes && facts->bytes_from != IW_BYTES_AT_LEAST;
    iw_json_number(out, "base64_bytes", has_base64, iw_base64_len(facts->bytes));
    add_image(out, facts);
    add_tokens(out, &jsonl->style, &facts->image);
    add_http(out, facts);
    add_place(out, &record->source->place);
    iw_buf_add(out, "}\n", 2);
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
