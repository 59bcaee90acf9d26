/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* One image of a request that fix repairs: how it is judged, what is to be done, where its bytes come from, and what is
 * written for them. */
#include "base/iw.h"
#include "audit/repair.h"

#include "base/base64.h"

#include <errno.h>

enum { READ_BYTES = 32 << 10 };

struct iw_judge iw_ticket_judge(const struct iw_lane *lane, const struct iw_ticket *ticket, bool as_base64)
{
    struct iw_judge judge = iw_judge_of(&lane->policy->judge, &ticket->setting);
    judge.as_base64 = as_base64;
    return judge;
}

void iw_ticket_goal(const struct iw_item *item, struct iw_goal *out, const char **out_refuses_jpeg)
{
    const struct iw_lane *lane = item->lane;
    const struct iw_ticket *ticket = item->ticket;
    const struct iw_bundle *bundle = ticket->bundle;
    struct iw_judge judge = iw_ticket_judge(lane, ticket, true);
    iw_goal_of(lane->policy, &judge, out, out_refuses_jpeg);
    if (!ticket->is_shared)
        return;
    out->quality = (uint8_t)IW_MIN((unsigned)out->quality, bundle->quality);
    out->quality_floor = IW_MIN(out->quality_floor, out->quality);
    out->may_reoptimise = false;
    if (bundle->scale_percent == 100)
        return;
    const struct iw_mended *first = &ticket->first.mended;
    const struct iw_image_facts *image = &item->mend->original.image;
    uint64_t width = (uint64_t)(first->width_px ? first->width_px : image->width_px) * bundle->scale_percent / 100;
    uint64_t height = (uint64_t)(first->height_px ? first->height_px : image->height_px) * bundle->scale_percent / 100;
    out->box_width_px = (uint32_t)IW_MAX(width, (uint64_t)1);
    out->box_height_px = (uint32_t)IW_MAX(height, (uint64_t)1);
    out->must_scale = true;
}

/* ---- what is to be done ---- */

/* Why a consumer cannot have what we can: its bytes in the request end that. */
static bool is_of_reach(enum iw_rule_id rule)
{
    return rule == IW_RULE_url_too_long || rule == IW_RULE_private_address || rule == IW_RULE_url_expiring ||
           rule == IW_RULE_robots_refused || rule == IW_RULE_scheme_refused;
}

static bool has_error(const struct iw_findings *findings, bool is_reach)
{
    for (size_t i = 0; i < findings->count; i++)
        if (findings->list[i].severity == IW_SEVERITY_ERROR && is_of_reach(findings->list[i].rule) == is_reach)
            return true;
    return false;
}

static bool is_of_text(enum iw_rule_id rule)
{
    return rule == IW_RULE_bad_data_uri;
}

/* What the errors ask for besides those that are over once the least is done. */
static enum iw_action action_beyond(const struct iw_findings *findings, bool (*is_over)(enum iw_rule_id rule),
                                    enum iw_action least)
{
    enum iw_action action = least;
    for (size_t i = 0; i < findings->count; i++) {
        const struct iw_finding *finding = &findings->list[i];
        if (finding->severity != IW_SEVERITY_ERROR || is_over(finding->rule))
            continue;
        if (!iw_rule_is_mendable(finding->rule))
            return IW_ACTION_FAILED;
        if (finding->rule != IW_RULE_type_mismatch)
            action = IW_ACTION_RECOMPRESSED;
    }
    return action;
}

/* Base64 as every decoder takes it. */
static bool is_strict(const struct iw_inline *in)
{
    return !in->is_url_safe && !in->is_unpadded && !in->has_space && !in->has_percent && !in->is_doubled;
}

/* Its text can be written as it should be. An image that ends early gains nothing by that. */
static bool is_text_flawed(const struct iw_ticket *ticket)
{
    const struct iw_inline *in = &ticket->inlined;
    return !is_strict(in) || ticket->misplaced || (in->has_prefix && !in->label.len);
}

/* Text that is misplaced, or that strict decoders refuse, is written as it should be. */
static enum iw_action inline_action(struct iw_item *item, enum iw_action action, struct iw_str *out_reason)
{
    const struct iw_mend *mend = item->mend;
    bool is_flawed = mend->original.failure == IW_FAILURE_NONE && is_text_flawed(item->ticket);
    if (is_flawed && action == IW_ACTION_FAILED) {
        action = action_beyond(&mend->findings, is_of_text, IW_ACTION_RELABELLED);
        if (action == IW_ACTION_FAILED)
            return action;
        *out_reason = IW_STR_NONE;
    }
    if (action == IW_ACTION_INLINED || action == IW_ACTION_KEPT)
        return is_flawed ? IW_ACTION_RELABELLED : IW_ACTION_KEPT;
    return action;
}

/* The type that stands beside a URL is not that of its image. */
static bool is_said_wrong(const struct iw_item *item)
{
    const struct iw_image_format *format = item->mend->original.image.format;
    struct iw_str said = item->ticket->image.said;
    return format && said.len && iw_image_format_of_type(said) != format;
}

enum iw_action iw_ticket_action(const struct iw_lane *lane, struct iw_item *item, enum iw_action action,
                                struct iw_str *out_reason)
{
    const struct iw_ticket *ticket = item->ticket;
    const struct iw_mend *mend = item->mend;
    if (ticket->is_shared)
        return action == IW_ACTION_FAILED ? action : IW_ACTION_RECOMPRESSED;
    if (ticket->is_inline)
        return inline_action(item, action, out_reason);
    bool is_asked_for = lane->policy->fix.inline_all;
    bool has_reach = has_error(&mend->findings, true), has_other = has_error(&mend->findings, false);
    if (action == IW_ACTION_FAILED && mend->original.failure == IW_FAILURE_NONE && has_reach) {
        action = action_beyond(&mend->findings, is_of_reach, IW_ACTION_INLINED);
        if (action == IW_ACTION_FAILED)
            return action;
        *out_reason = IW_STR_NONE;
    } else if (action == IW_ACTION_RELABELLED && is_said_wrong(item) && !is_asked_for) {
        return action;
    } else if (action == IW_ACTION_RELABELLED) {
        action = has_other || is_asked_for ? IW_ACTION_INLINED : IW_ACTION_KEPT;
    }
    bool may_be_inlined = ticket->image.inlining != IW_INLINE_NONE && !ticket->image.not_inlined;
    if (may_be_inlined || (action != IW_ACTION_INLINED && action != IW_ACTION_RECOMPRESSED))
        return action;
    if (action == IW_ACTION_INLINED && !has_reach && !has_other && !ticket->image.not_inlined)
        return IW_ACTION_KEPT;
    *out_reason = ticket->image.not_inlined ? iw_str_from(ticket->image.not_inlined)
                                            : IW_STR("a request of this kind has no place for the bytes of an image");
    return IW_ACTION_FAILED;
}

/* ---- its bytes ---- */

/* The document's descriptor, or -1. */
static int open_document(const struct iw_item *item, const char **out_why)
{
    int fd = iw_repair_open(item->lane->audit->repairs, item->ticket->bundle->repair);
    *out_why = fd < 0 && errno != ESTALE ? "its file cannot be opened again" : "the file changed while it was read";
    return fd;
}

static bool decode(const struct iw_item *item, struct iw_job *job, const char **out_why)
{
    const struct iw_ticket *ticket = item->ticket;
    char text[READ_BYTES];
    struct iw_inline_decoder decoder = {0};
    struct iw_span value = ticket->image.value;
    int fd = open_document(item, out_why);
    for (uint64_t at = value.at + 1, end = value.at + value.len - 1; at < end;) {
        size_t step = (size_t)IW_MIN(end - at, (uint64_t)READ_BYTES), got = 0;
        if (!iw_read_at(fd, at, text, step))
            return false;
        enum iw_err err =
            iw_inline_decode(&decoder, text, step, job->in + job->in_len, job->in_room - job->in_len, &got);
        job->in_len += got;
        at += step;
        if (err == IW_ERR_LIMIT)
            *out_why = "it is larger than anything that is read";
        if (err != IW_OK)
            return false;
    }
    return job->in_len == ticket->inlined.bytes;
}

bool iw_ticket_read(struct iw_item *item, const char **out_why)
{
    const struct iw_ticket *ticket = item->ticket;
    struct iw_job *job = item->mend->job;
    job->in_len = 0;
    if (ticket->is_inline)
        return decode(item, job, out_why);
    *out_why = "its bytes cannot be read again";
    job->in_len = (size_t)ticket->twin->source.len;
    return iw_spool_read(&item->lane->audit->repairs->spool, ticket->twin->source.at, job->in, job->in_len);
}

/* ---- what is written ---- */

static size_t read_document(void *user, uint64_t at, uint8_t *buf, size_t len)
{
    const int *fd = user;
    return iw_read_at(*fd, at, buf, len) ? len : 0;
}

/* Where the string stood when it was read, a string still stands. */
static bool is_there(int fd, struct iw_span value)
{
    char quotes[2];
    return value.len >= 2 && iw_read_at(fd, value.at, &quotes[0], 1) &&
           iw_read_at(fd, value.at + value.len - 1, &quotes[1], 1) && quotes[0] == '"' && quotes[1] == '"';
}

static enum iw_err spool_piece(struct iw_spool *spool, const struct iw_rewritten *piece, struct iw_str bytes,
                               struct iw_edit *out)
{
    uint64_t at = iw_spool_end(spool);
    enum iw_err err = iw_spool_text(spool, piece->before);
    if (err == IW_OK && piece->has_payload)
        err = iw_spool_base64(spool, bytes);
    if (err == IW_OK)
        err = iw_spool_text(spool, piece->after);
    *out = (struct iw_edit){piece->span, {at, iw_spool_end(spool) - at}};
    return err;
}

bool iw_ticket_take(struct iw_item *item, enum iw_action action, struct iw_str bytes,
                    const struct iw_image_format *format, const char **out_why)
{
    struct iw_ticket *ticket = item->ticket;
    struct iw_repair *repair = ticket->bundle->repair;
    struct iw_prospect *now = &ticket->now;
    int fd = open_document(item, out_why);
    struct iw_raw raw = {read_document, &fd};
    struct iw_rewrite rewrite;
    const struct iw_inline *inlined = &ticket->inlined;
    enum iw_rewriting what = action == IW_ACTION_RELABELLED ? IW_REWRITE_LABEL : IW_REWRITE_INLINE;
    if (ticket->is_inline)
        what = action == IW_ACTION_RELABELLED && is_strict(inlined) ? IW_REWRITE_LABEL : IW_REWRITE_PAYLOAD;
    now->edit_count = 0;
    if (fd < 0 || !is_there(fd, ticket->image.value))
        return false;
    const char *why;
    enum iw_err err =
        iw_rewrite_image(&ticket->image, what, format, ticket->misplaced != NULL, &raw, &item->arena, &rewrite, &why);
    if (err != IW_OK) {
        *out_why = why ? why : *out_why;
        return false;
    }
    *out_why = "it cannot be kept in a temporary file";
    for (size_t i = 0; i < rewrite.count; i++)
        if (spool_piece(&item->lane->audit->repairs->spool, &rewrite.list[i], bytes, &now->edits[now->edit_count++]) !=
            IW_OK) {
            repair->is_spoilt = true;
            return false;
        }
    bool is_uri =
        ticket->is_inline ? ticket->image.carrier == IW_CARRIER_DATA_URI : ticket->image.inlining == IW_INLINE_DATA_URI;
    bool is_label = what == IW_REWRITE_LABEL;
    now->bytes = is_label ? inlined->bytes : bytes.len;
    now->chars = is_label ? inlined->chars
                          : iw_base64_len(bytes.len) + (is_uri ? strlen("data:;base64,") + strlen(format->mime) : 0);
    return true;
}
