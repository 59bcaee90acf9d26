/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* imgweigh fix: the audit, and offenders made to fit. */
#include "base/iw.h"
#include "cli/cli.h"

#include "base/parse.h"

#include <stdio.h>
#include <unistd.h>

struct fix {
    struct iw_run run;
    struct iw_out_dir *out_dir;
    struct iw_request_in in; /* request files among the inputs */
};

/* ---- results to files ---- */

/* On the audit's own thread. What cannot be written was not mended. */
static enum iw_err on_record(void *user, const struct iw_record *record)
{
    struct fix *fix = user;
    struct iw_mended *mended = record->mended;
    if (!fix->out_dir || !mended->payload.ptr)
        return IW_OK;
    struct iw_str why = IW_STR_NONE;
    if (iw_out_dir_write(fix->out_dir, record->facts->url, mended->format, mended->payload, &mended->path, &why))
        return IW_OK;
    mended->action = IW_ACTION_FAILED;
    mended->reason = why;
    mended->payload = IW_STR_NONE;
    return IW_OK;
}

/* ---- options ---- */

static enum iw_err wrong(struct iw_diag *diag, const char *option, const char *expected, const char *found)
{
    return iw_fail(diag, IW_ERR_USAGE, 0, 0, "--%s: expected %s, found \"%.60s\"", option, expected, found);
}

/* "#ffffff" or "ffffff". */
static bool parse_colour(const char *text, uint32_t *out_rgb)
{
    const char *digits = text[0] == '#' ? text + 1 : text;
    uint32_t value = 0;
    if (strlen(digits) != 6)
        return false;
    for (size_t i = 0; i < 6; i++) {
        char c = digits[i];
        unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0') : ((unsigned)c | 32) - 'a' + 10;
        if (digit > 15)
            return false;
        value = value << 4 | digit;
    }
    *out_rgb = value;
    return true;
}

/* What results are to keep to makes offenders of what does not keep to it. */
static enum iw_err add_limit(struct iw_settings *settings, const char *key, uint64_t value)
{
    struct iw_option_list *limits = &settings->options.limits;
    struct iw_str text = iw_arena_printf(&settings->arena, "%s=%llu", key, (unsigned long long)value);
    if (!text.ptr || limits->count == IW_OPTION_LIST_MAX)
        return IW_ERR_NOMEM;
    limits->items[limits->count++] = text.ptr;
    return IW_OK;
}

/* What goes where is another matter for request files: they are written anew, and nothing else comes out of them. */
static enum iw_err check_targets(const struct iw_options *o, const struct fix *fix, int argc, struct iw_diag *diag)
{
    int targets = (o->output != NULL) + (o->out_dir != NULL) + o->in_place;
    if (fix->in.count == 0) {
        const char *option = o->in_place ? "in-place" : o->split_bytes ? "split" : NULL;
        if (option)
            return iw_fail(diag, IW_ERR_USAGE, 0, 0, "--%s is for request files, and no input is one", option);
        return targets <= 1 ? IW_OK
                            : iw_fail(diag, IW_ERR_USAGE, 0, 0,
                                      "--out-dir writes files and --output writes records: one of them");
    }
    if (fix->in.count < (size_t)IW_MAX(argc, 1))
        return iw_fail(diag, IW_ERR_USAGE, 0, 0, "request files and other inputs: one after the other");
    if (targets > 1)
        return iw_fail(diag, IW_ERR_USAGE, 0, 0, "--output, --out-dir, --in-place: one of them");
    if (fix->in.count > 1 && !o->out_dir && !o->in_place)
        return iw_fail(diag, IW_ERR_USAGE, 0, 0, "several request files need --out-dir or --in-place");
    if (o->split_bytes && !o->out_dir && !o->output)
        return iw_fail(diag, IW_ERR_USAGE, 0, 0, "--split needs --output or --out-dir, for names");
    if (o->format && targets == 0)
        return iw_fail(diag, IW_ERR_USAGE, 0, 0,
                       "standard output is for the request file: --log FILE or --report FMT:PATH for what was done");
    return IW_OK;
}

static enum iw_err check_names(const struct iw_options *o, const struct fix *fix, int argc, char **argv,
                               struct iw_diag *diag)
{
    for (int i = 0; i < argc && fix->in.count; i++) {
        if (o->in_place && strcmp(argv[i], "-") == 0)
            return iw_fail(diag, IW_ERR_USAGE, 0, 0, "--in-place: standard input has no place");
        if (o->in_place && iw_request_in_is_unpacked(&fix->in, i))
            return iw_fail(diag, IW_ERR_USAGE, 0, 0,
                           "--in-place: %.200s is packed: --output NAME.gz or --out-dir write it packed", argv[i]);
        for (int k = 0; k < i && o->out_dir; k++) {
            const char *a = strrchr(argv[i], '/'), *b = strrchr(argv[k], '/');
            if (strcmp(a ? a + 1 : argv[i], b ? b + 1 : argv[k]) == 0)
                return iw_fail(diag, IW_ERR_USAGE, 0, 0, "--out-dir: %.200s and %.200s have the same name", argv[k],
                               argv[i]);
        }
    }
    return IW_OK;
}

static enum iw_err take_options(struct iw_settings *settings, const struct fix *of, struct iw_diag *diag)
{
    struct iw_options *o = &settings->options;
    struct iw_fix_policy *fix = &o->audit.fix;
    uint64_t bytes;
    enum iw_err err = IW_OK;
    fix->is_on = true;
    fix->as_files = o->out_dir != NULL && of->in.count == 0;
    fix->inline_all = o->inlines != 0;
    o->audit.judge.as_base64 = fix->inline_all && !fix->as_files;
    if (o->background && !(fix->has_background = parse_colour(o->background, &fix->background_rgb)))
        return wrong(diag, "background", "a colour as #ffffff", o->background);
    if (fix->encoder && (!strstr(fix->encoder, "{in}") || !strstr(fix->encoder, "{out}")))
        return wrong(diag, "encoder", "a command with {in} and {out}", fix->encoder);
    if (o->target_bytes && (iw_parse_size(iw_str_from(o->target_bytes), &bytes) != IW_OK || bytes == 0))
        return wrong(diag, "target-bytes", "a size as 200kB", o->target_bytes);
    if (o->target_bytes)
        err = add_limit(settings, "max_bytes", bytes);
    if (!o->fit || err != IW_OK)
        return err;
    if (iw_parse_box(iw_str_from(o->fit), &fix->fit_width_px, &fix->fit_height_px) != IW_OK)
        return wrong(diag, "fit", "a box as 1280x960", o->fit);
    err = add_limit(settings, "max_width_px", fix->fit_width_px);
    return err == IW_OK ? add_limit(settings, "max_height_px", fix->fit_height_px) : err;
}

/* A request file on standard output leaves standard error for what was done; elsewhere standard output. */
static size_t choose_request_outlets(const struct iw_options *o, struct iw_outlet *outlets)
{
    bool is_elsewhere = o->output || o->out_dir || o->in_place;
    size_t count = 0;
    if (is_elsewhere)
        iw_outlet_parse(o->format ? o->format : "text", &outlets[count++]);
    else
        outlets[count++] = (struct iw_outlet){.format = IW_STR("text"), .is_stderr = true};
    if (o->log)
        outlets[count++] = (struct iw_outlet){.format = IW_STR("jsonl"), .path = o->log};
    for (size_t i = 0; i < o->reports.count && count < IW_OUTLETS_MAX; i++)
        iw_outlet_parse(o->reports.items[i], &outlets[count++]);
    return count;
}

/* Records with their data URIs go to standard output or --output, files to --out-dir; what was done is told to people
 * on what is left of standard output and error. */
static size_t choose_outlets(const struct iw_options *o, struct iw_outlet *outlets)
{
    bool is_elsewhere = o->out_dir || o->output;
    const char *format = o->format ? o->format : is_elsewhere ? "text" : "jsonl";
    size_t count = 0;
    iw_outlet_parse(format, &outlets[count]);
    outlets[count++].has_payload = !is_elsewhere;
    if (!is_elsewhere && strcmp(format, "text") != 0 && !o->quiet)
        outlets[count++] = (struct iw_outlet){.format = IW_STR("text"), .is_stderr = true};
    if (o->output)
        outlets[count++] = (struct iw_outlet){.format = IW_STR("jsonl"), .path = o->output, .has_payload = true};
    if (o->log)
        outlets[count++] = (struct iw_outlet){.format = IW_STR("jsonl"), .path = o->log};
    for (size_t i = 0; i < o->reports.count && count < IW_OUTLETS_MAX; i++) {
        iw_outlet_parse(o->reports.items[i], &outlets[count]);
        outlets[count++].has_payload = !o->out_dir;
    }
    return count;
}

/* ---- the command ---- */

static void tell_posture(const struct iw_run *run)
{
    const struct iw_options *options = &run->settings->options;
    if (!options->verbose)
        return;
    struct iw_buf text;
    iw_buf_init(&text, 256);
    iw_posture_print(iw_pool_posture(iw_audit_pool(run->audit)), &text);
    (void)fprintf(stderr, "imgweigh: pictures are decoded behind %.*s\n", IW_STR_ARGS(iw_buf_str(&text)));
    iw_buf_release(&text);
}

/* The audit is over: request files are written. */
static void on_over(void *user, struct iw_totals *totals)
{
    struct fix *fix = user;
    const struct iw_options *o = &fix->run.settings->options;
    struct iw_request_out out = {
        .audit = fix->run.audit,
        .judge = &o->audit.judge,
        .in = &fix->in,
        .output = o->output,
        .out_dir = o->out_dir,
        .is_in_place = o->in_place,
        .may_overwrite = o->force,
        .split_bytes = o->split_bytes,
    };
    if (!iw_request_out_write(&out) && !totals->is_incomplete) {
        totals->is_incomplete = true;
        (void)snprintf(totals->incomplete_why, sizeof totals->incomplete_why, "a request file was not written");
    }
    totals->request_files = out.files;
    totals->request_faults += out.faults;
    totals->request_parts = out.parts;
    totals->request_bytes_before = out.bytes_before;
    totals->request_bytes_after = out.bytes_after;
}

static int run(struct iw_settings *settings, int argc, char **argv)
{
    const struct iw_options *options = &settings->options;
    struct fix fix = {.run = {.settings = settings, .status = iw_exit_fix_status, .on_record = on_record}};
    struct iw_outlet outlets[IW_OUTLETS_MAX];
    struct iw_diag diag = {0};
    fix.run.user = &fix;
    enum iw_err err = iw_request_in_open(options, argc, argv, &fix.in, &diag);
    fix.run.opened = &fix.in;
    if (err == IW_OK)
        err = check_targets(options, &fix, argc, &diag);
    if (err == IW_OK)
        err = check_names(options, &fix, argc, argv, &diag);
    if (err == IW_OK)
        err = take_options(settings, &fix, &diag);
    if (fix.in.count)
        fix.run.on_over = on_over;
    if (err == IW_OK && options->history)
        err = iw_fail(&diag, IW_ERR_USAGE, 0, 0, "--history records what check finds; fix keeps none");
    if (err == IW_OK && options->out_dir)
        err = iw_out_dir_open(options->out_dir, options->force, &fix.out_dir, &diag);
    if (err == IW_OK) {
        size_t count = fix.in.count ? choose_request_outlets(options, outlets) : choose_outlets(options, outlets);
        err = iw_run_prepare(&fix.run, &iw_fix_writers, outlets, count, argc, argv, &diag);
    }
    if (err == IW_OK)
        tell_posture(&fix.run);
    int status = err == IW_OK ? iw_run_finish(&fix.run) : iw_exit_failure(err, &diag);
    iw_run_release(&fix.run);
    iw_request_in_close(&fix.in);
    iw_out_dir_close(fix.out_dir);
    return status;
}

const struct iw_command iw_command_fix = {
    .name = "fix",
    .arguments = "INPUT...",
    .help = "download the offenders alone and make JPEGs of them that fit",
    .details =
        "Judges as check does, then fetches what breaks a limit, decodes it in a confined process, and makes a JPEG\n"
        "that fits: base64 data URIs as JSON Lines on standard output, or files below --out-dir. A request file of a\n"
        "vision API is written anew, to standard output, --output, --out-dir or --in-place, every other byte as it "
        "was.\n\n"
        "  imgweigh fix -p openai urls.txt >mended.jsonl\n"
        "  imgweigh fix --out-dir small/ public/\n"
        "  imgweigh fix -p openai batch.jsonl >repaired.jsonl\n"
        "  imgweigh fix -p none --target-bytes 200kB --fit 1280x960 --out-dir small/ https://shop.example/sitemap.xml\n"
        "  imgweigh fix --encoder 'cjpeg -quality {quality} -outfile {out} {in}' urls.txt >mended.jsonl\n\n"
        "Exit status 0 when all fits afterwards, 1 when something could not be made to fit, or a request file\n"
        "has more wrong with it than its images.",
    .run = run,
};
