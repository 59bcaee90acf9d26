/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* imgweigh explain: one target, told request by request. */
#include "base/iw.h"
#include "cli/cli.h"

#include "base/parse.h"

#include <stdio.h>

struct explain {
    struct iw_buf out;
    unsigned records;
};

static void on_trace(void *user, const char *text)
{
    struct explain *explain = user;
    iw_buf_printf(&explain->out, "%s\n", text);
}

static void on_complaint(void *user, const struct iw_diag *diag)
{
    struct explain *explain = user;
    char text[900];
    iw_diag_format(diag, text, sizeof text);
    iw_report_add_safe(&explain->out, iw_str_from(text));
    iw_buf_add_char(&explain->out, '\n');
}

static enum iw_err on_record(void *user, const struct iw_record *record)
{
    struct explain *explain = user;
    const struct iw_facts *facts = record->facts;
    struct iw_buf *out = &explain->out;
    char digits[27], size[16];
    explain->records++;
    iw_buf_add_char(out, '\n');
    if (facts->bytes_from != IW_BYTES_UNKNOWN)
        iw_buf_printf(out, "Size:  %s%s bytes, from %s\n", facts->bytes_from == IW_BYTES_AT_LEAST ? "at least " : "",
                      iw_format_u64(facts->bytes, digits), iw_bytes_from_name(facts->bytes_from));
    else
        iw_buf_printf(out, "Size:  not known\n");
    if (facts->image.format) {
        iw_buf_add_str(out, IW_STR("Image: "));
        iw_report_add_image(out, &facts->image, "\n       ");
        iw_buf_add_char(out, '\n');
    }
    if (facts->dims_why)
        iw_buf_printf(out, "Pixels are not known: %s\n", facts->dims_why);
    iw_buf_printf(out, "Cost:  %u %s, %s bytes of bodies\n", facts->requests,
                  facts->requests == 1 ? "request" : "requests", iw_format_u64(facts->bytes_read, digits));
    for (size_t i = 0; i < record->findings->count; i++) {
        const struct iw_finding *f = &record->findings->list[i];
        iw_buf_printf(out, "%s %s%s%s: ", iw_severity_name(f->severity), iw_rules[f->rule].name, f->profile ? ", " : "",
                      f->profile ? f->profile : "");
        iw_report_add_safe(out, f->message);
        iw_buf_printf(out, "\n  What to do: %s.\n", iw_rules[f->rule].advice);
    }
    if (record->suggestion) {
        const struct iw_suggestion *other = record->suggestion;
        iw_buf_printf(out, "Use this URL instead: %s, %ux%u\n  ", iw_format_size(other->bytes, size), other->width_px,
                      other->height_px);
        iw_report_add_safe(out, other->url);
        iw_buf_add_char(out, '\n');
    }
    iw_buf_printf(out, "Verdict: %s\n", iw_verdict_name(record->verdict));
    return out->err;
}

static enum iw_err audit_one(struct iw_settings *settings, const char *input, struct explain *explain,
                             struct iw_totals *out_totals, struct iw_diag *diag)
{
    struct iw_chosen chosen;
    struct iw_scope *scope = NULL;
    struct iw_audit *audit = NULL;
    struct iw_probe_policy *probe = &settings->options.audit.probe;
    settings->options.audit.from_image = true;
    probe->wants = (struct iw_wants){.animation = true, .trailing_exif = true, .details = true};
    if (probe->dims == IW_DIMS_AUTO)
        probe->dims = IW_DIMS_ALWAYS;
    enum iw_err err = iw_policy_prepare(settings, &chosen, &scope, diag);
    settings->options.audit.from_image = true;
    struct iw_audit_events events = {
        .record = on_record, .complaint = on_complaint, .trace = on_trace, .user = explain, .tick_ms = 1000};
    if (err == IW_OK)
        err = iw_audit_new(&settings->options.audit, &events, &audit, diag);
    if (err == IW_OK)
        err = iw_audit_add(audit, input);
    if (err == IW_OK)
        err = iw_audit_run(audit);
    if (err == IW_OK)
        *out_totals = *iw_audit_totals(audit);
    iw_audit_free(audit);
    iw_scope_free(scope);
    return err;
}

static int run(struct iw_settings *settings, int argc, char **argv)
{
    struct iw_diag diag = {0};
    if (argc != 1)
        return iw_exit_failure(iw_fail(&diag, IW_ERR_USAGE, 0, 0, "explain takes one URL or file"), &diag);
    struct explain explain = {0};
    struct iw_totals totals;
    iw_buf_init(&explain.out, 4u << 20);
    enum iw_err err = audit_one(settings, argv[0], &explain, &totals, &diag);
    int status = iw_exit_print(&explain.out);
    iw_buf_release(&explain.out);
    if (err != IW_OK)
        return iw_exit_failure(err, &diag);
    return status ? status : iw_exit_status(&totals, &settings->options);
}

const struct iw_command iw_command_explain = {
    .name = "explain",
    .arguments = "URL",
    .help = "one image, told request by request",
    .details = "Weighs one image and tells how: each request, the fields of the answer that mattered, each range of\n"
               "bytes and why it was asked for, and the verdict with what to do about it.",
    .run = run,
};
