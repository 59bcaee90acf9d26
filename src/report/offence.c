/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What is wrong with a record, where it is shown, and the counts. */
#include "base/iw.h"
#include "report/escape.h"
#include "report/offence.h"

#include "base/hash.h"
#include "base/parse.h"

/* What is longer is cut in its middle: messages hold what servers say. A suggested URL is of use whole alone. */
enum { MESSAGE_SHOWN = 1000, URL_SHOWN = 1000, ELEMENT_SHOWN = 200, SUGGESTED_MAX = 2000 };

static const struct iw_rule undecided = {"undecided", IW_SEVERITY_WARNING, IW_EFFECT_UNKNOWN, "undecided",
                                         "ask again later, and see imgweigh explain"};

const struct iw_rule *iw_offence_rule(unsigned rule)
{
    return rule < IW_RULE_COUNT ? &iw_rules[rule] : &undecided;
}

size_t iw_offence_count(const struct iw_record *record)
{
    if (record->verdict == IW_VERDICT_OK || record->change == IW_CHANGE_FIXED || record->change == IW_CHANGE_GONE)
        return 0;
    return record->findings->count ? record->findings->count : 1;
}

struct iw_str iw_record_error(const struct iw_record *record)
{
    enum iw_rule_effect decides = record->verdict == IW_VERDICT_BROKEN ? IW_EFFECT_BROKEN : IW_EFFECT_UNKNOWN;
    bool is_decided = record->verdict != IW_VERDICT_BROKEN && record->verdict != IW_VERDICT_UNKNOWN;
    if (record->facts->error.len || is_decided)
        return record->facts->error;
    for (size_t i = 0; i < record->findings->count; i++) {
        const struct iw_finding *finding = &record->findings->list[i];
        if (iw_rules[finding->rule].effect == decides)
            return finding->message;
    }
    return IW_STR_NONE;
}

uint64_t iw_finding_weight(const struct iw_finding *f)
{
    if (!f->has_figures || !f->limit || !f->actual)
        return 0;
    double ratio = (double)f->actual / (double)f->limit;
    return (uint64_t)((ratio < 1 ? 1 / ratio : ratio) * 1000);
}

void iw_offence_at(const struct iw_record *record, size_t index, struct iw_offence *out)
{
    if (record->findings->count == 0) {
        struct iw_str error = record->facts->error;
        *out = (struct iw_offence){
            .rule = IW_UNDECIDED, .severity = IW_SEVERITY_WARNING, .message = error.len ? error : IW_STR("undecided")};
        return;
    }
    const struct iw_finding *finding = &record->findings->list[index];
    *out = (struct iw_offence){.rule = finding->rule,
                               .severity = finding->severity,
                               .profile = finding->profile,
                               .message =
                                   finding->message.len ? finding->message : iw_str_from(iw_rules[finding->rule].title),
                               .weight = iw_finding_weight(finding)};
}

void iw_offence_worst(const struct iw_record *record, struct iw_offence *out)
{
    iw_offence_at(record, 0, out);
    for (size_t i = 1; i < record->findings->count; i++) {
        struct iw_offence other;
        iw_offence_at(record, i, &other);
        if (other.severity > out->severity)
            *out = other;
    }
}

static void add_before(struct iw_buf *out, const struct iw_before *before)
{
    char size[16];
    iw_buf_printf(out, ", was %s", iw_verdict_name(before->verdict));
    if (before->bytes)
        iw_buf_printf(out, " at %s", iw_format_size(before->bytes, size));
    if (before->width_px)
        iw_buf_printf(out, "%s %ux%u", before->bytes ? "," : " at", before->width_px, before->height_px);
}

void iw_offence_say(struct iw_buf *out, const struct iw_record *record, const struct iw_offence *offence)
{
    char scratch[MESSAGE_SHOWN];
    iw_buf_add_str(out, iw_cut_middle(offence->message, scratch, sizeof scratch));
    if (record->change == IW_CHANGE_NONE)
        return;
    iw_buf_printf(out, " (%s", iw_change_name(record->change));
    bool is_waived = record->change == IW_CHANGE_WAIVED;
    if (record->before && !is_waived && record->change != IW_CHANGE_NEW && record->change != IW_CHANGE_SAME)
        add_before(out, record->before);
    if (is_waived && record->waiver.len) {
        iw_buf_add_str(out, IW_STR(": "));
        iw_buf_add_str(out, iw_cut_middle(record->waiver, scratch, sizeof scratch));
    }
    iw_buf_add_char(out, ')');
}

void iw_suggestion_add_figures(struct iw_buf *out, const struct iw_suggestion *suggestion)
{
    char size[16];
    iw_buf_printf(out, "%s, %ux%u", iw_format_size(suggestion->bytes, size), suggestion->width_px,
                  suggestion->height_px);
}

void iw_offence_describe(struct iw_buf *out, const struct iw_record *record, const struct iw_offence *offence)
{
    iw_offence_say(out, record, offence);
    if (!record->suggestion || record->suggestion->url.len > SUGGESTED_MAX)
        return;
    iw_buf_add_str(out, IW_STR("; use this URL instead: "));
    iw_buf_add_str(out, record->suggestion->url);
    iw_buf_add_str(out, IW_STR(" ("));
    iw_suggestion_add_figures(out, record->suggestion);
    iw_buf_add_char(out, ')');
}

void iw_offence_tell(struct iw_buf *out, const struct iw_record *record, const struct iw_offence *offence)
{
    char scratch[URL_SHOWN];
    iw_buf_clear(out);
    iw_buf_add_str(out, iw_cut_middle(record->facts->url, scratch, sizeof scratch));
    iw_buf_add_str(out, IW_STR(": "));
    iw_offence_describe(out, record, offence);
}

/* A path as it is told from the folder of the run. */
static struct iw_str below(struct iw_str path, const struct iw_report_style *style)
{
    struct iw_str folder = iw_str_from(style->folder);
    if (folder.len && iw_str_starts(path, folder) && path.len > folder.len && path.ptr[folder.len] == '/')
        path = iw_str_skip(path, folder.len + 1);
    while (iw_str_starts(path, IW_STR("./")) && path.len > 2)
        path = iw_str_skip(path, 2);
    return path;
}

void iw_anchor_of(const struct iw_record *record, const struct iw_report_style *style, struct iw_anchor *out)
{
    const struct iw_source_ref *source = record->source;
    bool is_image = record->facts->is_local && source->line == 0;
    struct iw_str path = is_image ? record->facts->url : source->path;
    *out = (struct iw_anchor){.line = source->line, .column = source->column};
    if (path.len == 0) {
        out->path = IW_STR("command-line");
    } else if (iw_str_eq(path, IW_STR("-"))) {
        out->path = IW_STR("standard-input");
    } else if (iw_url_is_http(path)) {
        out->path = iw_str_skip(path, iw_str_find(path, ':') + 3);
    } else {
        out->path = below(path, style);
        out->is_file = true;
    }
}

/* Parts are hashed one by one, so that no text runs into the next. The key is fixed: the number is to be the same
 * everywhere. */
uint64_t iw_offence_id(const struct iw_record *record, const struct iw_report_style *style,
                       const struct iw_offence *offence)
{
    static const struct iw_hash_key key = {0x696D677765696768u, 1};
    struct iw_anchor anchor;
    iw_anchor_of(record, style, &anchor);
    struct iw_str url = record->facts->is_local ? below(record->facts->url, style) : record->facts->url;
    const struct iw_str parts[] = {iw_str_from(iw_offence_rule(offence->rule)->name), iw_str_from(offence->profile),
                                   url, anchor.path, record->source->element};
    uint64_t hashes[IW_ARRAY_LEN(parts)];
    for (size_t i = 0; i < IW_ARRAY_LEN(parts); i++)
        hashes[i] = iw_hash64(&key, parts[i].ptr ? parts[i].ptr : "", parts[i].len);
    unsigned char bytes[sizeof hashes]; /* the same on every machine */
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(hashes[i / 8] >> i % 8 * 8);
    return iw_hash64(&key, bytes, sizeof bytes);
}

void iw_source_describe(struct iw_buf *out, const struct iw_source_ref *source)
{
    char scratch[URL_SHOWN];
    if (!source->path.len)
        return;
    iw_buf_add_str(out, iw_cut_middle(source->path, scratch, sizeof scratch));
    if (source->line)
        iw_buf_printf(out, ":%u:%u", source->line, source->column);
    if (source->element.len) {
        iw_buf_add_str(out, IW_STR(" ("));
        iw_buf_add_str(out, iw_cut_middle(source->element, scratch, ELEMENT_SHOWN));
        iw_buf_add_char(out, ')');
    }
}

void iw_tally_add(struct iw_tally *tally, const struct iw_record *record)
{
    size_t count = iw_offence_count(record);
    for (size_t i = 0; i < count; i++) {
        struct iw_offence offence;
        iw_offence_at(record, i, &offence);
        tally->findings[offence.rule][offence.severity]++;
        tally->fresh[offence.rule] += record->change == IW_CHANGE_NEW;
    }
}
