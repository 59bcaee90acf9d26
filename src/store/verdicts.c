/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Verdicts and findings of references. A reference without a row was always fine. */
#include "base/iw.h"
#include "store/inside.h"

/* Rules that this version does not know are passed over: they were written by another one. */
static bool read_rule(struct iw_str name, enum iw_rule_id *out)
{
    for (size_t i = 0; i < IW_RULE_COUNT; i++) {
        if (!iw_str_eq(name, iw_str_from(iw_rules[i].name)))
            continue;
        *out = (enum iw_rule_id)i;
        return true;
    }
    return false;
}

static enum iw_err read_findings(struct iw_store *store, int64_t ref, int64_t run, struct iw_arena *arena,
                                 struct iw_findings *out)
{
    sqlite3_stmt *s = iw_sql_bind(store, IW_SQL_finding_get, "ii", ref, run);
    while (iw_sql_step(store, s)) {
        struct iw_finding finding = {
            .severity = (enum iw_severity)iw_sql_enum(store, s, 1, IW_SEVERITY_ERROR),
            .profile = iw_sql_copy(store, s, 2, arena).ptr,
            .has_figures = sqlite3_column_int(s, 3) != 0,
            .limit = (uint64_t)sqlite3_column_int64(s, 4),
            .actual = (uint64_t)sqlite3_column_int64(s, 5),
            .unit = (enum iw_unit)iw_sql_enum(store, s, 6, IW_UNIT_PATCHES),
            .message = iw_sql_copy(store, s, 7, arena),
        };
        if (out->count < IW_MAX_FINDINGS && read_rule(iw_sql_text(s, 0), &finding.rule))
            out->list[out->count++] = finding;
    }
    return store->err;
}

enum iw_err iw_verdict_read(struct iw_store *store, int64_t ref, int64_t run, struct iw_arena *arena,
                            enum iw_verdict *out_verdict, struct iw_findings *out, int64_t *out_since_unix_s)
{
    out->count = 0;
    *out_verdict = IW_VERDICT_OK;
    *out_since_unix_s = 0;
    sqlite3_stmt *s = iw_sql_bind(store, IW_SQL_verdict_get, "ii", ref, run);
    if (!iw_sql_step(store, s))
        return store->err;
    int64_t from = sqlite3_column_int64(s, 0);
    *out_verdict = (enum iw_verdict)iw_sql_enum(store, s, 1, IW_VERDICT_COUNT - 1);
    *out_since_unix_s = sqlite3_column_int64(s, 2);
    iw_sql_done(s);
    return read_findings(store, ref, from, arena, out);
}

static bool is_same(const struct iw_finding *a, const struct iw_finding *b)
{
    return a->rule == b->rule && a->severity == b->severity && a->has_figures == b->has_figures &&
           a->limit == b->limit && a->actual == b->actual && a->unit == b->unit &&
           iw_str_eq(iw_str_from(a->profile), iw_str_from(b->profile));
}

bool iw_findings_are_same(const struct iw_findings *a, const struct iw_findings *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!is_same(&a->list[i], &b->list[i]))
            return false;
    return true;
}

static enum iw_err write_findings(struct iw_store *store, int64_t ref, const struct iw_findings *findings)
{
    (void)iw_sql_run(store, IW_SQL_finding_drop, "ii", ref, store->run);
    for (size_t i = 0; i < findings->count; i++) {
        const struct iw_finding *f = &findings->list[i];
        int64_t rule = iw_word_id(store, IW_WORDS_WORD, iw_str_from(iw_rules[f->rule].name));
        int64_t profile = iw_word_id(store, IW_WORDS_WORD, iw_str_from(f->profile));
        (void)iw_sql_run(store, IW_SQL_finding_put, "iiiiiniiiit", ref, store->run, (int64_t)i, rule,
                         (int64_t)f->severity, profile, (int64_t)f->has_figures, (int64_t)f->limit, (int64_t)f->actual,
                         (int64_t)f->unit, f->message);
    }
    return store->err;
}

enum iw_err iw_verdict_write(struct iw_store *store, int64_t ref, const struct iw_record *record)
{
    enum iw_verdict old;
    int64_t since = 0;
    struct iw_findings *findings = iw_arena_alloc(&store->arena, sizeof *findings);
    if (!findings)
        return iw_store_fail(store, IW_ERR_NOMEM, "out of memory");
    if (iw_verdict_read(store, ref, store->run, &store->arena, &old, findings, &since) != IW_OK)
        return store->err;
    if (old == record->verdict && iw_findings_are_same(findings, record->findings))
        return IW_OK;
    struct iw_judged judged = {.verdict = record->verdict, .findings = record->findings};
    if (record->before && record->before->first_seen_unix_s)
        since = record->before->first_seen_unix_s;
    if (!since)
        since = store->started_unix_s;
    if (iw_judged_level(&judged) == 0)
        since = 0;
    if (iw_sql_run(store, IW_SQL_verdict_put, "iiin", ref, store->run, (int64_t)record->verdict, since) != IW_OK)
        return store->err;
    return write_findings(store, ref, record->findings);
}
