/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Totals in words. */
#include "base/iw.h"
#include "report/words.h"

#include "base/parse.h"

const enum iw_verdict iw_verdicts_told[IW_VERDICT_COUNT] = {IW_VERDICT_OVER, IW_VERDICT_BROKEN, IW_VERDICT_WARN,
                                                            IW_VERDICT_UNKNOWN, IW_VERDICT_OK};

uint64_t iw_totals_images(const struct iw_totals *totals)
{
    return totals->records - IW_MIN(totals->records, totals->notices);
}

uint64_t iw_totals_verdict(const struct iw_totals *totals, enum iw_verdict verdict)
{
    return totals->verdicts[verdict] - IW_MIN(totals->verdicts[verdict], totals->notice_verdicts[verdict]);
}

static uint64_t bad_notices(const struct iw_totals *totals)
{
    return totals->notice_verdicts[IW_VERDICT_OVER] + totals->notice_verdicts[IW_VERDICT_BROKEN];
}

/* Waivers name images, so that images are what is waived first. */
uint64_t iw_totals_bad_images(const struct iw_totals *totals)
{
    uint64_t bad = iw_totals_verdict(totals, IW_VERDICT_OVER) + iw_totals_verdict(totals, IW_VERDICT_BROKEN);
    return bad - IW_MIN(bad, totals->excused);
}

uint64_t iw_totals_bad_inputs(const struct iw_totals *totals)
{
    uint64_t all = totals->verdicts[IW_VERDICT_OVER] + totals->verdicts[IW_VERDICT_BROKEN],
             of_inputs = bad_notices(totals);
    uint64_t bad = all - IW_MIN(all, totals->excused);
    return IW_MIN(of_inputs, bad - IW_MIN(bad, iw_totals_bad_images(totals)));
}

void iw_words_title(struct iw_buf *out, const struct iw_totals *totals)
{
    char digits[27], all[27];
    uint64_t images = iw_totals_images(totals), bad = iw_totals_bad_images(totals);
    if (bad)
        iw_buf_printf(out, "%s of %s images %s not fit", iw_format_u64(bad, digits), iw_format_u64(images, all),
                      bad == 1 ? "does" : "do");
    else if (totals->excused)
        iw_buf_printf(out, "%s %s, none over a limit but what is waived", iw_format_u64(images, all),
                      images == 1 ? "image" : "images");
    else
        iw_buf_printf(out, "%s %s, none over a limit", iw_format_u64(images, all), images == 1 ? "image" : "images");
    if (totals->notices)
        iw_buf_printf(out, "; %s %s of the inputs", iw_format_u64(totals->notices, digits),
                      totals->notices == 1 ? "fault" : "faults");
}

bool iw_style_tokens(const struct iw_report_style *style, size_t index, const struct iw_record *record,
                     uint64_t *out_tokens)
{
    const struct iw_profile *profile = style->profiles[index];
    const struct iw_setting *setting = record->setting;
    const char *model = setting && setting->model ? setting->model : style->model;
    enum iw_detail detail = setting && setting->has_detail ? setting->detail : style->detail;
    const struct iw_image_facts *image = &record->facts->image;
    for (size_t i = 0; i < index; i++)
        if (strcmp(profile->name, style->profiles[i]->name) == 0)
            return false;
    return iw_tokens_of(profile, model, detail, image->width_px, image->height_px, out_tokens);
}

void iw_words_figures(struct iw_buf *out, const struct iw_facts *facts)
{
    char size[16];
    bool has_bytes = facts->bytes_from != IW_BYTES_UNKNOWN;
    if (has_bytes)
        iw_buf_printf(out, "%s%s", facts->bytes_from == IW_BYTES_AT_LEAST ? "at least " : "",
                      iw_format_size(facts->bytes, size));
    if (facts->image.width_px)
        iw_buf_printf(out, "%s%ux%u", has_bytes ? ", " : "", facts->image.width_px, facts->image.height_px);
}

void iw_words_verdicts(struct iw_buf *out, const struct iw_totals *totals)
{
    char digits[27];
    const char *separator = "";
    for (size_t i = 0; i < IW_VERDICT_COUNT; i++) {
        uint64_t count = totals->verdicts[iw_verdicts_told[i]];
        if (count == 0 && iw_verdicts_told[i] != IW_VERDICT_OK)
            continue;
        iw_buf_printf(out, "%s%s %s", separator, iw_format_u64(count, digits), iw_verdict_name(iw_verdicts_told[i]));
        separator = ", ";
    }
}

void iw_words_changes(struct iw_buf *out, const struct iw_totals *totals)
{
    char digits[27];
    bool is_calm = totals->changes[IW_CHANGE_NEW] + totals->changes[IW_CHANGE_WORSE] == 0;
    const char *separator = is_calm ? ", " : "";
    iw_buf_add_str(out, is_calm ? IW_STR("nothing new") : IW_STR(""));
    for (unsigned i = IW_CHANGE_NONE + 1; i < IW_CHANGE_COUNT; i++) {
        if (totals->changes[i] == 0)
            continue;
        iw_buf_printf(out, "%s%s %s", separator, iw_format_u64(totals->changes[i], digits), iw_change_name(i));
        separator = ", ";
    }
    if (totals->uncompared)
        iw_buf_printf(out, "%s%s not compared", separator, iw_format_u64(totals->uncompared, digits));
}

void iw_words_costs(struct iw_buf *out, const struct iw_report_style *style, const struct iw_totals *totals)
{
    char digits[27], read[16], weighed[16];
    iw_buf_printf(out, "judged by %s", style->profile_count ? "" : "no profile");
    for (size_t i = 0; i < style->profile_count; i++)
        iw_buf_printf(out, "%s%s", i ? ", " : "", style->profiles[i]->name);
    iw_buf_add_str(out, IW_STR("; "));
    iw_buf_printf(out, "%s read to weigh %s with %s requests in %.1f s", iw_format_size(totals->bytes_read, read),
                  iw_format_size(totals->bytes_weighed, weighed), iw_format_u64(totals->requests, digits),
                  (double)totals->elapsed_ms / 1000);
}
