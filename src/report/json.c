/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The pieces of records that several JSON writers share. */
#include "base/iw.h"
#include "report/json.h"

#include "base/json_out.h"

void iw_json_text(struct iw_buf *out, const char *text)
{
    iw_json_str(out, iw_str_from(text));
}

void iw_json_number(struct iw_buf *out, const char *key, bool is_known, uint64_t value)
{
    iw_json_key(out, key);
    if (is_known)
        iw_json_u64(out, value);
    else
        iw_json_null(out);
}

void iw_json_string(struct iw_buf *out, const char *key, struct iw_str text)
{
    iw_json_key(out, key);
    iw_json_str(out, text.len ? text : IW_STR_NONE);
}

/* Thousandths as a decimal number without trailing zeros. */
void iw_json_thousandths(struct iw_buf *out, uint64_t value)
{
    iw_json_u64(out, value / 1000);
    uint64_t rest = value % 1000;
    if (rest == 0)
        return;
    iw_buf_add_char(out, '.');
    for (uint64_t scale = 100; rest; rest %= scale, scale /= 10)
        iw_buf_add_char(out, (char)('0' + rest / scale));
}

static void figure(struct iw_buf *out, const char *key, const struct iw_finding *f, uint64_t value)
{
    iw_json_key(out, key);
    if (!f->has_figures)
        iw_json_null(out);
    else if (f->unit == IW_UNIT_RATIO)
        iw_json_thousandths(out, value);
    else
        iw_json_u64(out, value);
}

static void add_finding(struct iw_buf *out, const struct iw_finding *f)
{
    iw_buf_add_char(out, '{');
    iw_json_key(out, "rule");
    iw_json_text(out, iw_rules[f->rule].name);
    iw_json_key(out, "severity");
    iw_json_text(out, iw_severity_name(f->severity));
    iw_json_key(out, "profile");
    iw_json_text(out, f->profile);
    figure(out, "limit", f, f->limit);
    figure(out, "actual", f, f->actual);
    iw_json_key(out, "unit");
    iw_json_text(out, f->has_figures ? iw_unit_name(f->unit) : NULL);
    iw_json_key(out, "message");
    iw_json_str(out, f->message);
    iw_buf_add_char(out, '}');
}

void iw_json_source(struct iw_buf *out, const struct iw_source_ref *source)
{
    iw_json_key(out, "source");
    iw_buf_add_char(out, '{');
    iw_json_key(out, "path");
    iw_json_str(out, source->path.ptr ? source->path : IW_STR(""));
    iw_json_key(out, "kind");
    iw_json_text(out, source->kind);
    iw_json_number(out, "line", source->line, source->line);
    iw_json_number(out, "column", source->column, source->column);
    iw_json_string(out, "element", source->element);
    iw_buf_add_char(out, '}');
}

void iw_json_findings(struct iw_buf *out, const struct iw_findings *findings)
{
    iw_json_key(out, "findings");
    iw_buf_add_char(out, '[');
    for (size_t i = 0; i < findings->count; i++) {
        if (i)
            iw_buf_add_char(out, ',');
        add_finding(out, &findings->list[i]);
    }
    iw_buf_add_char(out, ']');
}

enum iw_err iw_json_end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    (void)state;
    if (!totals->is_incomplete)
        return out->err;
    iw_buf_add_str(out, IW_STR("{\"incomplete\":true,\"why\":"));
    iw_json_text(out, totals->incomplete_why);
    iw_buf_add(out, "}\n", 2);
    return out->err;
}
