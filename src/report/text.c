/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The report for a terminal: what matters first, then offenders, grouped by what is wrong with them or in an order that
 * was asked for, each with by how much and where it was named, then hosts, totals and hints. Offenders are kept until
 * the end, the worst of them or the first by that order, up to a ceiling; what is beyond is counted. */
#include "base/iw.h"
#include "report/text.h"

#include "base/hash.h"
#include "base/parse.h"

enum { OFFENDERS_MAX = 10000, TEXT_BYTES = 32 << 20, DOCUMENTS_MAX = 65536 };

void iw_text_paint(const struct iw_text *t, struct iw_buf *out, const char *code)
{
    if (t && t->style.colour)
        iw_buf_printf(out, "\x1B[%sm", code);
}

const char *iw_text_colour(enum iw_verdict verdict)
{
    static const char *const colours[] = {
        [IW_VERDICT_OK] = "32",   [IW_VERDICT_WARN] = "33",   [IW_VERDICT_UNKNOWN] = "33",
        [IW_VERDICT_OVER] = "31", [IW_VERDICT_BROKEN] = "31",
    };
    return colours[verdict];
}

/* ---- one offender ---- */

static const struct iw_finding *worst_of(const struct iw_findings *findings)
{
    const struct iw_finding *worst = NULL;
    for (size_t i = 0; i < findings->count; i++)
        if (!worst || findings->list[i].severity > worst->severity)
            worst = &findings->list[i];
    return worst;
}

/* What it weighs, and the worst finding's sentence. */
static void add_what(struct iw_text *t, const struct iw_record *record, const struct iw_finding *worst)
{
    const struct iw_facts *facts = record->facts;
    char size[16];
    if (facts->bytes_from != IW_BYTES_UNKNOWN)
        iw_buf_printf(&t->buf, "%s%s", facts->bytes_from == IW_BYTES_AT_LEAST ? "at least " : "",
                      iw_format_size(facts->bytes, size));
    if (facts->image.width_px)
        iw_buf_printf(&t->buf, "%s%ux%u", facts->bytes_from != IW_BYTES_UNKNOWN ? ", " : "", facts->image.width_px,
                      facts->image.height_px);
    bool has_facts = facts->bytes_from != IW_BYTES_UNKNOWN || facts->image.width_px;
    if (has_facts)
        iw_buf_add_str(&t->buf, IW_STR("; "));
    iw_report_add_safe(&t->buf, worst ? worst->message : facts->error.len ? facts->error : IW_STR("undecided"));
    const char *separator = " (also ";
    for (size_t i = 0; i < record->findings->count; i++) {
        const struct iw_finding *f = &record->findings->list[i];
        if (f == worst || (worst && f->rule == worst->rule && f->profile == worst->profile))
            continue;
        iw_buf_printf(&t->buf, "%s%s", separator, iw_rules[f->rule].name);
        separator = ", ";
    }
    if (separator[0] == ',')
        iw_buf_add_char(&t->buf, ')');
}

static void add_place(struct iw_text *t, const struct iw_source_ref *source)
{
    if (!source->path.len)
        return;
    iw_report_add_safe(&t->buf, source->path);
    if (source->line)
        iw_buf_printf(&t->buf, ":%u:%u", source->line, source->column);
    const struct iw_str parts[] = {source->element, source->custom_id};
    static const char *const before[] = {"", "custom_id "};
    const char *separator = " (";
    for (size_t i = 0; i < IW_ARRAY_LEN(parts); i++) {
        if (!parts[i].len)
            continue;
        iw_buf_printf(&t->buf, "%s%s", separator, before[i]);
        iw_report_add_safe(&t->buf, parts[i]);
        separator = ", ";
    }
    if (separator[0] == ',')
        iw_buf_add_char(&t->buf, ')');
}

/* In full, to be copied. */
static void add_other(struct iw_text *t, const struct iw_suggestion *suggestion)
{
    iw_buf_add_str(&t->buf, IW_STR("use this URL instead: "));
    iw_suggestion_add_figures(&t->buf, suggestion);
    iw_buf_add_str(&t->buf, IW_STR("\n      "));
    iw_report_add_safe(&t->buf, suggestion->url);
}

/* What it was, behind what it is. */
static void add_before(struct iw_text *t, const struct iw_record *record)
{
    const struct iw_before *before = record->before;
    char size[16];
    if (record->change == IW_CHANGE_WAIVED) {
        iw_buf_add_str(&t->buf, IW_STR("; waived: "));
        iw_report_add_safe(&t->buf, record->waiver);
    }
    if (!before || record->change == IW_CHANGE_SAME)
        return;
    iw_buf_printf(&t->buf, "; %s, was %s", iw_change_name(record->change), iw_verdict_name(before->verdict));
    if (before->bytes)
        iw_buf_printf(&t->buf, " at %s", iw_format_size(before->bytes, size));
    if (before->width_px)
        iw_buf_printf(&t->buf, ", %ux%u", before->width_px, before->height_px);
}

/* How an offender is kept: this, then its texts. */
struct packed {
    enum iw_rule_id rule;
    enum iw_severity severity;
    enum iw_verdict verdict;
    enum iw_change change;
    uint64_t weight;
    size_t lens[5];
};

enum { URL, WHAT, IMAGE, OTHER, PLACE };

static void end_piece(struct iw_text *t, struct packed *packed, unsigned piece)
{
    size_t before = sizeof *packed;
    for (unsigned i = 0; i < piece; i++)
        before += packed->lens[i];
    packed->lens[piece] = t->buf.len - before;
}

static void pack(struct iw_text *t, const struct iw_record *record)
{
    const struct iw_finding *worst = worst_of(record->findings);
    struct packed packed;
    memset(&packed, 0, sizeof packed); /* its padding, too: it is compared */
    packed.rule = worst ? worst->rule : IW_RULE_COUNT;
    packed.severity = worst ? worst->severity : IW_SEVERITY_WARNING;
    packed.verdict = record->verdict;
    packed.change = record->change;
    packed.weight = worst ? iw_finding_weight(worst) : 0;
    iw_buf_clear(&t->buf);
    iw_buf_add(&t->buf, &packed, sizeof packed);
    iw_report_add_safe(&t->buf, record->facts->url);
    end_piece(t, &packed, URL);
    add_what(t, record, worst);
    add_before(t, record);
    end_piece(t, &packed, WHAT);
    if (t->style.verbosity >= 2 && record->facts->image.format)
        iw_report_add_image(&t->buf, &record->facts->image, "; ");
    end_piece(t, &packed, IMAGE);
    if (record->suggestion)
        add_other(t, record->suggestion);
    end_piece(t, &packed, OTHER);
    add_place(t, record->source);
    end_piece(t, &packed, PLACE);
    if (t->buf.err == IW_OK)
        memcpy(t->buf.ptr, &packed, sizeof packed);
}

void iw_text_unpack(const struct iw_kept *kept, struct iw_text_offender *out)
{
    struct packed packed;
    memcpy(&packed, kept->text, sizeof packed);
    *out = (struct iw_text_offender){
        .rule = packed.rule,
        .severity = packed.severity,
        .verdict = packed.verdict,
        .change = packed.change,
        .weight = packed.weight,
    };
    struct iw_str *const pieces[] = {&out->url, &out->what, &out->image, &out->other, &out->place};
    const char *at = kept->text + sizeof packed;
    for (size_t i = 0; i < IW_ARRAY_LEN(pieces); at += packed.lens[i++])
        *pieces[i] = (struct iw_str){at, packed.lens[i]};
}

/* ---- which are kept ---- */

/* Documents by the order in which they were first heard of, from 0. */
static uint64_t document_of(struct iw_text *t, struct iw_str path)
{
    static const struct iw_hash_key key = {0x646F63u, 2};
    uint64_t fingerprint = iw_hash64(&key, path.ptr, path.len);
    const uint64_t *known = iw_map_find(&t->documents, fingerprint);
    if (known)
        return *known;
    if (iw_map_add(&t->documents, fingerprint, t->document_count) != IW_OK)
        return DOCUMENTS_MAX; /* later than all others */
    return t->document_count++;
}

static void rank(struct iw_text *t, const struct iw_record *record, struct iw_rank *out)
{
    struct iw_offence worst;
    iw_offence_worst(record, &worst);
    iw_rank_of(record, &worst, out);
    if (t->style.sort == IW_SORT_VERDICT)
        return;
    out->level = 0;
    if (t->style.sort == IW_SORT_SIZE) {
        out->weight = record->facts->bytes_from == IW_BYTES_UNKNOWN ? 0 : record->facts->bytes;
        return;
    }
    out->weight = UINT64_MAX - (record->source->path.len ? document_of(t, record->source->path) : 0);
    if (!out->line) /* arguments, and what is a document itself: as they come */
        out->line = (unsigned)IW_MIN(++t->without_place, (uint64_t)UINT32_MAX);
}

/* The summary names one host. */
static void keep_placeholder_host(struct iw_text *t, struct iw_str url)
{
    struct iw_buf safe;
    size_t from = iw_str_find(url, ':') + 3;
    size_t len = from + iw_str_find(iw_str_skip(url, from), '/');
    iw_buf_init(&safe, sizeof t->placeholder_host);
    iw_report_add_safe(&safe, iw_str_sub(url, 0, IW_MIN(len, sizeof t->placeholder_host / 4)));
    iw_buf_add_char(&safe, '\0');
    if (safe.err == IW_OK && !t->placeholder_host[0])
        memcpy(t->placeholder_host, safe.ptr, safe.len);
    else if (safe.err == IW_OK && strcmp(t->placeholder_host, safe.ptr) != 0)
        t->has_more_placeholder_hosts = true;
    iw_buf_release(&safe);
}

/* By what its bytes are, or else by what it is said to be. */
static bool can_fix(const struct iw_text *t, const struct iw_facts *facts)
{
    const struct iw_image_format *format = facts->image.format;
    if (!format && !facts->has_looked)
        format = iw_image_format_of_type(facts->content_type);
    if (!format && !facts->has_looked)
        format = iw_image_format_of_path(facts->url);
    return !format || !t->style.can_fix || t->style.can_fix(format);
}

static enum iw_text_next next_of(const struct iw_text *t, const struct iw_record *record,
                                 const struct iw_finding *worst)
{
    if (record->verdict == IW_VERDICT_UNKNOWN || !worst)
        return IW_NEXT_AGAIN;
    if (iw_rules[worst->rule].effect == IW_EFFECT_BROKEN)
        return IW_NEXT_CORRECT;
    switch (worst->rule) {
    case IW_RULE_bytes_over:
    case IW_RULE_base64_over:
    case IW_RULE_bytes_near:
    case IW_RULE_width_over:
    case IW_RULE_height_over:
    case IW_RULE_side_over:
    case IW_RULE_pixels_over:
    case IW_RULE_patches_over:
    case IW_RULE_format_refused:
    case IW_RULE_animated_refused:
    case IW_RULE_colour_refused:
        return can_fix(t, record->facts) ? IW_NEXT_SHRINK : IW_NEXT_REDO;
    default:
        return IW_NEXT_LOOK;
    }
}

static void count(struct iw_text *t, const struct iw_record *record)
{
    const struct iw_finding *worst = worst_of(record->findings);
    t->fresh += iw_text_is_fresh(record->change);
    t->unwaived += record->change != IW_CHANGE_WAIVED;
    bool is_news = record->change == IW_CHANGE_NONE || iw_text_is_fresh(record->change);
    if (is_news && (!worst || worst->severity != IW_SEVERITY_NOTE))
        t->next[next_of(t, record, worst)]++;
    for (size_t i = 0; i < record->findings->count; i++) {
        t->rules[record->findings->list[i].rule]++;
        if (record->findings->list[i].rule == IW_RULE_placeholder)
            keep_placeholder_host(t, record->facts->final_url);
    }
}

static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    (void)out;
    struct iw_text *t = state;
    enum iw_err err = iw_host_rows_add(&t->hosts, record);
    if (err != IW_OK || iw_offence_count(record) == 0)
        return err;
    count(t, record);
    struct iw_kept kept = {.group = 0};
    rank(t, record, &kept.rank);
    if (!iw_worst_offer(&t->offenders, &kept.rank))
        return IW_OK;
    pack(t, record);
    return t->buf.err == IW_OK ? iw_worst_add(&t->offenders, kept, iw_buf_str(&t->buf)) : IW_ERR_NOMEM;
}

/* ---- the writer ---- */

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    struct iw_text *t = state;
    t->style = *style;
    iw_buf_init(&t->buf, IW_ONE_BYTES);
    iw_worst_init(&t->offenders, OFFENDERS_MAX, TEXT_BYTES);
    iw_host_rows_begin(&t->hosts);
    iw_map_init(&t->documents, DOCUMENTS_MAX);
    return out->err;
}

static enum iw_err end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    struct iw_text *t = state;
    bool is_clean = t->offenders.offered == 0 && !totals->is_incomplete;
    t->is_compared = totals->is_compared;
    uint64_t news = totals->is_compared ? t->fresh : t->unwaived;
    if (t->style.verbosity == 0 && !news && !totals->is_incomplete)
        return IW_OK;
    iw_text_tell_incomplete(t, totals, out);
    iw_text_tell_first(t, totals, out);
    enum iw_err err = iw_text_tell_offenders(t, out);
    if (err != IW_OK)
        return err;
    if (!is_clean || t->style.verbosity >= 2)
        iw_text_tell_hosts(t, out);
    if (is_clean && totals->records)
        iw_buf_add_str(out, IW_STR("Everything fits.\n"));
    iw_text_tell_last(t, totals, out);
    iw_text_tell_incomplete(t, totals, out);
    return out->err;
}

static void release(void *state)
{
    struct iw_text *t = state;
    iw_buf_release(&t->buf);
    iw_worst_release(&t->offenders);
    iw_host_rows_release(&t->hosts);
    iw_map_release(&t->documents);
}

const struct iw_writer iw_writer_text = {
    .name = "text",
    .help = "for people: what to do next, offenders, hosts, totals",
    .state_size = sizeof(struct iw_text),
    .begin = begin,
    .item = item,
    .end = end,
    .release = release,
};
