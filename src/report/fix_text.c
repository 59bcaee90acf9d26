/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What fix did, for people: a line or two for each image that was not simply kept, as it comes, and the sums. */
#include "base/iw.h"
#include "report/report.h"

#include "base/parse.h"
#include "report/layout.h"

#include <stdio.h>

enum { INDENT = 14, LINE_BYTES = 1 << 20 };

struct state {
    struct iw_report_style style;
    uint64_t failed;
    struct iw_buf line; /* at hand, to be wrapped or shortened */
};

static const char *const colours[IW_ACTION_COUNT] = {
    [IW_ACTION_KEPT] = "32",         [IW_ACTION_RELABELLED] = "33", [IW_ACTION_INLINED] = "32",
    [IW_ACTION_RECOMPRESSED] = "36", [IW_ACTION_FAILED] = "31",
};

static void paint(const struct state *s, struct iw_buf *out, const char *code)
{
    if (s->style.colour)
        iw_buf_printf(out, "\x1B[%sm", code);
}

/* ---- one image ---- */

static void add_before(struct iw_buf *out, const struct iw_facts *facts)
{
    char size[16];
    const struct iw_image_facts *image = &facts->image;
    if (facts->bytes_from != IW_BYTES_UNKNOWN)
        iw_buf_printf(out, "%s", iw_format_size(facts->bytes, size));
    if (image->width_px)
        iw_buf_printf(out, " %ux%u", image->width_px, image->height_px);
    if (image->format)
        iw_buf_printf(out, " %s", image->format->title);
}

static void add_after(struct iw_buf *out, const struct iw_mended *mended)
{
    char size[16];
    iw_buf_printf(out, " -> %s %ux%u %s", iw_format_size(mended->bytes, size), mended->width_px, mended->height_px,
                  mended->format->title);
    if (mended->quality)
        iw_buf_printf(out, ", quality %u", mended->quality);
    if (mended->subsampling && mended->subsampling != 400)
        iw_buf_printf(out, ", %u:%u:%u", mended->subsampling / 100, mended->subsampling / 10 % 10,
                      mended->subsampling % 10);
    iw_buf_printf(out, ", %.0f ms", (double)mended->us / 1000);
}

/* A text of strangers below an image, wrapped. */
static void add_below(struct state *s, struct iw_buf *out, const char *word, struct iw_str text)
{
    iw_buf_clear(&s->line);
    iw_buf_printf(&s->line, "%s", word);
    iw_report_add_safe(&s->line, text);
    iw_buf_printf(out, "%*s", INDENT, "");
    iw_text_add_wrapped(out, iw_buf_str(&s->line), INDENT, s->style.columns);
    iw_buf_add_char(out, '\n');
}

static void add_place(struct iw_buf *out, const struct iw_source_ref *source)
{
    if (!source->path.len || !source->line)
        return;
    iw_buf_printf(out, "%*sin ", INDENT, "");
    iw_report_add_safe(out, source->path);
    iw_buf_printf(out, ":%u:%u\n", source->line, source->column);
}

/* Without its middle where it is longer than the line. */
static void add_url(struct state *s, struct iw_buf *out, struct iw_str url)
{
    iw_buf_clear(&s->line);
    iw_report_add_safe(&s->line, url);
    size_t room = s->style.columns > INDENT ? s->style.columns - INDENT : SIZE_MAX;
    iw_text_add_shortened(out, iw_buf_str(&s->line), s->style.columns ? room : SIZE_MAX);
}

static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    struct state *s = state;
    const struct iw_mended *mended = record->mended;
    bool has_failed = mended->action == IW_ACTION_FAILED;
    s->failed += has_failed;
    bool is_quiet = s->style.is_brief || s->style.verbosity == 0;
    if (!has_failed && (is_quiet || (mended->action == IW_ACTION_KEPT && s->style.verbosity < 2)))
        return IW_OK;
    paint(s, out, colours[mended->action]);
    iw_buf_printf(out, "%-12s", iw_action_name(mended->action));
    paint(s, out, "0");
    iw_buf_add_str(out, IW_STR("  "));
    add_url(s, out, record->facts->url);
    iw_buf_add_char(out, '\n');
    if (has_failed) {
        add_below(s, out, "", mended->reason);
        add_place(out, record->source);
        return s->line.err == IW_OK ? out->err : s->line.err;
    }
    struct iw_buf figures;
    iw_buf_init(&figures, LINE_BYTES);
    add_before(&figures, record->facts);
    if (mended->format)
        add_after(&figures, mended);
    add_below(s, out, "", iw_buf_str(&figures));
    iw_buf_release(&figures);
    if (mended->reason.len)
        add_below(s, out, "", mended->reason);
    if (mended->path.len)
        add_below(s, out, "to ", mended->path);
    return s->line.err == IW_OK ? out->err : s->line.err;
}

/* ---- sums ---- */

static void add_actions(const struct state *s, const struct iw_totals *totals, struct iw_buf *out)
{
    static const enum iw_action order[] = {IW_ACTION_RECOMPRESSED, IW_ACTION_RELABELLED, IW_ACTION_INLINED,
                                           IW_ACTION_KEPT, IW_ACTION_FAILED};
    char digits[27];
    uint64_t all = 0;
    for (size_t i = 0; i < IW_ACTION_COUNT; i++)
        all += totals->actions[i];
    iw_buf_printf(out, "%s %s: ", iw_format_u64(all, digits), all == 1 ? "image" : "images");
    const char *separator = "";
    for (size_t i = 0; i < IW_ARRAY_LEN(order); i++) {
        if (totals->actions[order[i]] == 0 && order[i] != IW_ACTION_RECOMPRESSED)
            continue;
        iw_buf_printf(out, "%s", separator);
        paint(s, out, colours[order[i]]);
        iw_buf_printf(out, "%s %s", iw_format_u64(totals->actions[order[i]], digits), iw_action_name(order[i]));
        paint(s, out, "0");
        separator = ", ";
    }
}

static void add_savings(const struct state *s, const struct iw_totals *totals, struct iw_buf *out)
{
    uint64_t made = totals->actions[IW_ACTION_RECOMPRESSED];
    char before[27], after[27];
    if (!made)
        return;
    iw_buf_printf(out, "; %s -> %s", iw_format_size(totals->bytes_before, before),
                  iw_format_size(totals->bytes_after, after));
    if (totals->tokens_before)
        iw_buf_printf(out, ", %s -> %s tokens", iw_format_u64(totals->tokens_before, before),
                      iw_format_u64(totals->tokens_after, after));
    iw_buf_printf(out, "; %.0f ms of processor an image", (double)totals->fix_cpu_us / (double)made / 1000);
    if (s->style.verbosity >= 2)
        iw_buf_printf(out, ", at most %s in one worker", iw_format_size(totals->worker_peak_bytes, before));
}

static void add_request_files(const struct iw_totals *totals, struct iw_buf *out)
{
    char count[27], before[16], after[16];
    if (!totals->request_files)
        return;
    iw_buf_printf(out, "; %s request %s written", iw_format_u64(totals->request_files, count),
                  totals->request_files == 1 ? "file" : "files");
    if (totals->request_parts)
        iw_buf_printf(out, " in %s parts", iw_format_u64(totals->request_parts, count));
    iw_buf_printf(out, ", %s -> %s", iw_format_size(totals->request_bytes_before, before),
                  iw_format_size(totals->request_bytes_after, after));
}

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    struct state *s = state;
    s->style = *style;
    iw_buf_init(&s->line, LINE_BYTES);
    return out->err;
}

/* One line, or where it is too narrow what was done and then the rest. */
static void add_sums(struct state *s, const struct iw_totals *totals, struct iw_buf *out)
{
    struct state plain = *s;
    char read[16];
    plain.style.colour = false;
    iw_buf_clear(&s->line);
    add_actions(&plain, totals, &s->line);
    size_t done = s->line.len;
    add_savings(&plain, totals, &s->line);
    add_request_files(totals, &s->line);
    iw_buf_printf(&s->line, "; %s read in %.1f s", iw_format_size(totals->bytes_read, read),
                  (double)totals->elapsed_ms / 1000);
    struct iw_str rest = iw_str_skip(iw_buf_str(&s->line), done);
    bool is_wide = s->style.columns && iw_text_width(iw_buf_str(&s->line)) > s->style.columns;
    add_actions(s, totals, out);
    iw_buf_add_str(out, is_wide ? IW_STR("\n") : IW_STR(""));
    iw_text_add_wrapped(out, is_wide ? iw_str_skip(rest, 2) : rest, 0, is_wide ? s->style.columns : 0);
    iw_buf_add_char(out, '\n');
}

static enum iw_err end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    struct state *s = state;
    if (totals->is_incomplete)
        iw_buf_printf(out, "INCOMPLETE: %s\n", totals->incomplete_why);
    if (s->style.verbosity == 0 && !s->failed && !totals->is_incomplete)
        return out->err;
    add_sums(s, totals, out);
    if (s->style.verbosity > 0)
        iw_report_add_read_as(out, totals);
    return out->err;
}

static void release(void *state)
{
    struct state *s = state;
    iw_buf_release(&s->line);
}

const struct iw_writer iw_fix_writer_text = {
    .name = "text",
    .help = "for people: what was done to each image, and the sums",
    .state_size = sizeof(struct state),
    .begin = begin,
    .item = item,
    .end = end,
    .release = release,
};
