/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* JUnit's XML, as Jenkins and Ant describe it. What is over fails, what is broken or undecided is an error, what is
 * waived is skipped, what is fixed passes; all other images that pass are one test for each document. GitLab takes
 * 250,000 objects of XML (elements, attributes and texts) and ignores a second test of one name: so the worst are kept,
 * and names are made unique. */
#include "base/iw.h"
#include "report/escape.h"
#include "report/moment.h"
#include "report/offence.h"
#include "report/words.h"

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"

enum { CASES_MAX = 20000, CASE_BYTES = 24 << 20, SOURCES_MAX = 2000 };
enum { FAILURE, ERROR, SKIPPED, FIXED, KINDS };

/* A document, and how many of its images pass. The first is for all that have no room. */
struct source {
    char *name;
    uint64_t passed;
};

struct junit {
    struct iw_report_style style;
    struct iw_worst cases; /* group: KINDS * (where the name ends) + kind */
    struct iw_buf text, sentence;
    struct iw_map map; /* hash of a name to its index */
    struct source *sources;
    size_t source_count;
};

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    struct junit *j = state;
    j->style = *style;
    iw_worst_init(&j->cases, CASES_MAX, CASE_BYTES);
    iw_buf_init(&j->text, IW_ONE_BYTES);
    iw_buf_init(&j->sentence, IW_ONE_BYTES);
    iw_map_init(&j->map, SOURCES_MAX);
    j->sources = iw_calloc(SOURCES_MAX, sizeof *j->sources);
    j->source_count = 1;
    return j->sources ? out->err : IW_ERR_NOMEM;
}

/* ---- what passes ---- */

static struct iw_str name_of(const struct iw_source_ref *source)
{
    return source->path.len ? source->path : IW_STR("command line");
}

static uint64_t hash_of(struct iw_str text)
{
    static const struct iw_hash_key key = {1, 2};
    return iw_hash64(&key, text.ptr ? text.ptr : "", text.len);
}

static enum iw_err count_passed(struct junit *j, const struct iw_source_ref *source)
{
    char scratch[300];
    struct iw_str name = iw_cut_middle(name_of(source), scratch, sizeof scratch);
    uint64_t hash = hash_of(name);
    const uint64_t *found = iw_map_find(&j->map, hash);
    size_t index = found ? (size_t)*found : 0;
    if (!found && j->source_count < SOURCES_MAX) {
        index = j->source_count;
        j->sources[index].name = iw_strndup(name.ptr, name.len);
        if (!j->sources[index].name || iw_map_add(&j->map, hash, index) != IW_OK)
            return IW_ERR_NOMEM;
        j->source_count++;
    }
    j->sources[index].passed++;
    return IW_OK;
}

static void add_passed(const struct junit *j, size_t index, struct iw_buf *out)
{
    struct iw_str name = index ? iw_str_from(j->sources[index].name) : IW_STR("further documents");
    iw_buf_add_str(out, IW_STR("<testcase name=\"images that pass, of "));
    iw_escape_xml(out, name);
    iw_buf_add_str(out, IW_STR("\" classname=\""));
    iw_escape_xml(out, name);
    iw_buf_add_str(out, IW_STR("\" time=\"0\"/>\n"));
}

/* ---- what does not ---- */

static unsigned kind_of(const struct iw_record *record)
{
    if (record->change == IW_CHANGE_WAIVED)
        return SKIPPED;
    if (record->change == IW_CHANGE_FIXED)
        return FIXED;
    return record->verdict == IW_VERDICT_OVER ? FAILURE : ERROR;
}

/* Every finding, one a line, then where it was named. */
static void add_story(struct junit *j, const struct iw_record *record)
{
    struct iw_buf *out = &j->text;
    size_t count = iw_offence_count(record);
    for (size_t i = 0; i < count; i++) {
        struct iw_offence offence;
        iw_offence_at(record, i, &offence);
        iw_buf_clear(&j->sentence);
        iw_offence_describe(&j->sentence, record, &offence);
        iw_buf_printf(out, "%s: ", iw_offence_rule(offence.rule)->name);
        iw_escape_xml(out, iw_buf_str(&j->sentence));
        iw_buf_add_char(out, '\n');
    }
    iw_buf_clear(&j->sentence);
    iw_words_figures(&j->sentence, record->facts);
    iw_buf_add_char(&j->sentence, ' ');
    iw_source_describe(&j->sentence, record->source);
    iw_escape_xml(out, iw_str_trim(iw_buf_str(&j->sentence)));
}

/* What is wrong inside of a test case. */
static void add_outcome(struct junit *j, const struct iw_record *record)
{
    static const char *const tags[] = {"failure", "error", "skipped"};
    struct iw_buf *out = &j->text;
    struct iw_offence worst;
    const char *tag = tags[kind_of(record)];
    iw_offence_worst(record, &worst);
    iw_buf_printf(out, "<%s", tag);
    if (kind_of(record) != SKIPPED)
        iw_buf_printf(out, " type=\"%s\"", iw_offence_rule(worst.rule)->name);
    iw_buf_add_str(out, IW_STR(" message=\""));
    iw_buf_clear(&j->sentence);
    iw_offence_describe(&j->sentence, record, &worst);
    iw_escape_xml(out, iw_buf_str(&j->sentence));
    iw_buf_add_str(out, IW_STR("\">"));
    add_story(j, record);
    iw_buf_printf(out, "</%s>", tag);
}

/* A test case. Behind the end of its name, which comes back, goes what makes it the only one of its id. */
static size_t add_case(struct junit *j, const struct iw_record *record, uint64_t *out_id)
{
    struct iw_buf *out = &j->text;
    char scratch[1000];
    iw_buf_clear(out);
    iw_buf_printf(out, "<testcase time=\"%llu.%03u\" classname=\"", (unsigned long long)(record->facts->us / 1000000),
                  (unsigned)(record->facts->us / 1000 % 1000));
    iw_escape_xml(out, iw_cut_middle(name_of(record->source), scratch, 300));
    iw_buf_add_str(out, IW_STR("\" name=\""));
    size_t name = out->len;
    iw_escape_xml(out, iw_cut_middle(record->facts->url, scratch, sizeof scratch));
    size_t name_end = out->len;
    *out_id = hash_of(iw_str_skip(iw_buf_str(out), name));
    iw_buf_add_str(out, IW_STR("\">"));
    if (kind_of(record) != FIXED)
        add_outcome(j, record);
    iw_buf_add_str(out, IW_STR("</testcase>\n"));
    return name_end;
}

static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    struct junit *j = state;
    (void)out;
    if (record->change == IW_CHANGE_GONE)
        return IW_OK;
    bool is_fixed = record->change == IW_CHANGE_FIXED;
    bool passes = iw_offence_count(record) == 0 || record->verdict == IW_VERDICT_WARN;
    if (passes && !is_fixed)
        return count_passed(j, record->source);
    struct iw_offence worst = {0};
    struct iw_kept kept = {0};
    if (!passes)
        iw_offence_worst(record, &worst);
    iw_rank_of(record, &worst, &kept.rank);
    if (!iw_worst_offer(&j->cases, &kept.rank))
        return IW_OK;
    kept.group = (unsigned)add_case(j, record, &kept.id) * KINDS + kind_of(record);
    if (j->text.err != IW_OK || j->sentence.err != IW_OK)
        return IW_ERR_NOMEM;
    return iw_worst_add(&j->cases, kept, iw_buf_str(&j->text));
}

/* ---- the document ---- */

static void add_suite(const struct junit *j, const struct iw_totals *totals, uint64_t passing, struct iw_buf *out)
{
    uint64_t kinds[KINDS] = {0};
    for (size_t i = 0; i < j->cases.count; i++)
        kinds[j->cases.list[i].group % KINDS]++;
    kinds[ERROR] += totals->is_incomplete;
    iw_buf_printf(out,
                  "<testsuite name=\"imgweigh\" package=\"imgweigh\" id=\"0\" hostname=\"localhost\" tests=\"%llu\" "
                  "failures=\"%llu\" errors=\"%llu\" skipped=\"%llu\" time=\"%llu.%03u\" timestamp=\"",
                  (unsigned long long)(passing + j->cases.count + totals->is_incomplete),
                  (unsigned long long)kinds[FAILURE], (unsigned long long)kinds[ERROR],
                  (unsigned long long)kinds[SKIPPED], (unsigned long long)(totals->elapsed_ms / 1000),
                  (unsigned)(totals->elapsed_ms % 1000));
    iw_moment_add(out, j->style.began_unix_s);
    iw_buf_add_str(out, IW_STR("\">\n<properties>\n"));
    for (size_t i = 0; i < j->style.profile_count; i++) {
        iw_buf_add_str(out, IW_STR("<property name=\"profile\" value=\""));
        iw_escape_xml(out, iw_str_from(j->style.profiles[i]->name));
        iw_buf_add_str(out, IW_STR("\"/>\n"));
    }
    iw_buf_add_str(out, IW_STR("</properties>\n"));
}

static void add_cases(const struct junit *j, struct iw_buf *out)
{
    for (size_t i = 0; i < j->cases.count; i++) {
        const struct iw_kept *kept = &j->cases.list[i];
        size_t name_end = kept->group / KINDS;
        iw_buf_add(out, kept->text, name_end);
        if (kept->nth)
            iw_buf_printf(out, " (%u)", kept->nth + 1);
        iw_buf_add(out, kept->text + name_end, kept->len - name_end);
    }
}

static enum iw_err end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    struct junit *j = state;
    uint64_t passing = 0, passed = 0;
    iw_worst_sort(&j->cases);
    for (size_t i = 0; i < j->source_count; i++) {
        passing += j->sources[i].passed > 0;
        passed += j->sources[i].passed;
    }
    for (size_t i = 0; i < j->cases.count; i++)
        passed += j->cases.list[i].group % KINDS == FIXED;
    iw_buf_add_str(out, IW_STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"));
    add_suite(j, totals, passing, out);
    if (totals->is_incomplete) {
        iw_buf_add_str(out, IW_STR("<testcase name=\"the run is complete\" classname=\"imgweigh\" time=\"0\"><error "
                                   "type=\"incomplete\" message=\""));
        iw_escape_xml(out, iw_str_from(totals->incomplete_why));
        iw_buf_add_str(out, IW_STR("\"/></testcase>\n"));
    }
    add_cases(j, out);
    for (size_t i = 0; i < j->source_count; i++)
        if (j->sources[i].passed)
            add_passed(j, i, out);
    iw_buf_printf(out, "<system-out>%llu of %llu %s pass, %llu of them with warnings", (unsigned long long)passed,
                  (unsigned long long)totals->records, totals->notices ? "images and faults of the inputs" : "images",
                  (unsigned long long)totals->verdicts[IW_VERDICT_WARN]);
    if (iw_worst_cut(&j->cases))
        iw_buf_printf(out, "; %llu more that do not, less severe or less heavy, were left out",
                      (unsigned long long)iw_worst_cut(&j->cases));
    iw_buf_add_str(out, IW_STR("</system-out>\n<system-err></system-err>\n</testsuite>\n</testsuites>\n"));
    return out->err;
}

static void release(void *state)
{
    struct junit *j = state;
    iw_worst_release(&j->cases);
    iw_buf_release(&j->text);
    iw_buf_release(&j->sentence);
    iw_map_release(&j->map);
    for (size_t i = 1; j->sources && i < SOURCES_MAX; i++)
        iw_free(j->sources[i].name);
    iw_free(j->sources);
}

const struct iw_writer iw_writer_junit = {
    .name = "junit",
    .help = "JUnit's XML: the worst 20,000 offenders, and one test for what passes of a document",
    .state_size = sizeof(struct junit),
    .begin = begin,
    .item = item,
    .end = end,
    .release = release,
};
