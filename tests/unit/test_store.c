/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A history: what it takes for its own, runs that are recorded, compared, told again, resumed and forgotten. */
#include "check_case.h"

#include "store/store.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct folder {
    char path[64], file[100];
};

static struct folder folder_new(void)
{
    struct folder folder = {.path = "/tmp/test-store-XXXXXX"};
    assert_non_null(mkdtemp(folder.path));
    (void)snprintf(folder.file, sizeof folder.file, "%s/state/h.db", folder.path);
    return folder;
}

static void folder_free(const struct folder *folder)
{
    char name[140];
    static const char *const names[] = {"state/h.db", "state/h.db-wal", "state/h.db-journal", "state", ""};
    for (size_t i = 0; i < IW_ARRAY_LEN(names); i++) {
        (void)snprintf(name, sizeof name, "%s/%s", folder->path, names[i]);
        if (unlink(name) != 0)
            (void)rmdir(name);
    }
}

static struct iw_store *open_new(const char *path)
{
    struct iw_store *store = NULL;
    struct iw_diag diag = {0};
    assert_int_equal(iw_store_open(path, IW_STORE_CREATE, &store, &diag), IW_OK);
    return store;
}

static void refuse(const char *path, enum iw_store_mode mode, const char *why)
{
    struct iw_store *store = NULL;
    struct iw_diag diag = {0};
    assert_int_equal(iw_store_open(path, mode, &store, &diag), IW_ERR_IO);
    if (!strstr(diag.text, why))
        fail_msg("\"%s\" instead of \"%s\"", diag.text, why);
    assert_null(store);
}

static void run_sql(const char *path, const char *text)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* ---- files ---- */

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void assert_file(const char *path, const char *text)
{
    char seen[100] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(seen, sizeof seen, file));
    (void)fclose(file);
    assert_string_equal(seen, text);
}

static void what_is_a_history(void **state)
{
    (void)state;
    struct folder folder = folder_new();
    refuse(folder.file, IW_STORE_EXISTING, "there is no history yet");
    assert_int_equal(iw_store_close(open_new(folder.file), NULL), IW_OK);
    assert_int_equal(iw_store_close(open_new(folder.file), NULL), IW_OK);
    run_sql(folder.file, "PRAGMA user_version = 99");
    refuse(folder.file, IW_STORE_CREATE, "newer imgweigh (schema 99");
    unlink(folder.file);
    write_file(folder.file, "notes of somebody");
    refuse(folder.file, IW_STORE_CREATE, "no history of imgweigh, nor any SQLite database");
    assert_file(folder.file, "notes of somebody");
    unlink(folder.file);
    run_sql(folder.file, "CREATE TABLE theirs(a); INSERT INTO theirs VALUES(1)");
    refuse(folder.file, IW_STORE_CREATE, "a database of another program");
    run_sql(folder.file, "SELECT a FROM theirs");
    unlink(folder.file);
    /* a file of a version before the first: its steps are taken */
    run_sql(folder.file, "PRAGMA application_id = 0x49574731; CREATE TABLE old(a)");
    assert_int_equal(iw_store_close(open_new(folder.file), NULL), IW_OK);
    run_sql(folder.file, "SELECT hash FROM url; SELECT a FROM old");
    unlink(folder.file);
    write_file(folder.file, "");
    assert_int_equal(iw_store_close(open_new(folder.file), NULL), IW_OK);
    unlink(folder.file);
    assert_int_equal(mkfifo(folder.file, 0600), 0);
    refuse(folder.file, IW_STORE_CREATE, "this is no file");
    unlink(folder.file);
    refuse("/dev/null", IW_STORE_CREATE, "this is no file");
    folder_free(&folder);
}

static void damage_is_told(void **state)
{
    (void)state;
    struct folder folder = folder_new();
    struct iw_store *store = open_new(folder.file);
    struct iw_diag diag = {0};
    assert_int_equal(iw_store_close(store, NULL), IW_OK);
    FILE *file = fopen(folder.file, "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, 100, SEEK_SET), 0);
    for (int i = 0; i < 100000; i++)
        (void)fputc(0x5A, file);
    assert_int_equal(fclose(file), 0);
    store = NULL;
    assert_int_equal(iw_store_open(folder.file, IW_STORE_CREATE, &store, &diag), IW_ERR_IO);
    assert_non_null(strstr(diag.text, "damaged"));
    folder_free(&folder);
}

static void one_at_a_time(void **state)
{
    (void)state;
    struct folder folder = folder_new();
    struct iw_store *store = open_new(folder.file);
    char why[100];
    (void)snprintf(why, sizeof why, "in use by process %ld", (long)getpid());
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct iw_store *second = NULL;
        struct iw_diag diag = {0};
        bool is_refused = iw_store_open(folder.file, IW_STORE_CREATE, &second, &diag) == IW_ERR_IO;
        _exit(is_refused && strstr(diag.text, why) ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(iw_store_close(store, NULL), IW_OK);
    folder_free(&folder);
}

static void journals(void **state)
{
    (void)state;
    assert_string_equal(iw_store_journal_for(0xEF53), "WAL");                /* ext4 */
    assert_string_equal(iw_store_journal_for(0x6969), "TRUNCATE");           /* NFS */
    assert_string_equal(iw_store_journal_for((long)0xFF534D42), "TRUNCATE"); /* CIFS */
    assert_string_equal(iw_store_journal_for(0x01021997), "TRUNCATE");       /* 9p */
    assert_string_equal(iw_store_journal_for(0x65735546), "TRUNCATE");       /* FUSE */
}

/* ---- runs ---- */

struct shot {
    const char *url;
    uint64_t bytes;
    enum iw_failure failure;
    unsigned line;
};

static const struct iw_profile five = {
    .name = "five",
    .title = "five kilobytes",
    .url_supported = true,
    .limits = {{.id = IW_LIMIT_max_bytes, .value = 5000, .has_value = true, .effect = IW_REFUSED, .source = "here"}},
    .limit_count = 1,
};
static const struct iw_profile *const profiles[] = {&five};
static const struct iw_judge judge = {.profiles = profiles, .profile_count = 1};

static void fill(const struct shot *image, struct iw_facts *out)
{
    *out = (struct iw_facts){
        .url = iw_str_from(image->url),
        .final_url = iw_str_from(image->url),
        .bytes = image->failure ? 0 : image->bytes,
        .bytes_from = image->failure ? IW_BYTES_UNKNOWN : IW_BYTES_CONTENT_LENGTH,
        .failure = image->failure,
        .etag = IW_STR("\"e\""),
        .status = 200,
        .requests = 1,
        .error = image->failure ? IW_STR("something") : IW_STR_NONE,
    };
    if (!image->failure)
        out->image = (struct iw_image_facts){
            .format = iw_image_format_find(IW_STR("jpeg")), .width_px = 640, .height_px = 480, .orientation = 1};
}

/* What is told, as text: "url change verdict before|". */
struct told {
    char text[1000];
};

static enum iw_err on_record(void *user, const struct iw_record *record)
{
    struct told *told = user;
    size_t len = strlen(told->text);
    (void)snprintf(told->text + len, sizeof told->text - len, "%.*s %s %s %llu|",
                   IW_STR_ARGS(iw_str_skip(record->facts->url, 9)), iw_change_name(record->change),
                   iw_verdict_name(record->verdict), record->before ? (unsigned long long)record->before->bytes : 0);
    return IW_OK;
}

static enum iw_err begin(struct iw_store *store, bool resumes, const char *inputs, const char *policy,
                         struct iw_diag *diag)
{
    struct iw_run_plan plan = {
        .version = IW_STR("test"),
        .argv = IW_STR("list.txt"),
        .policy = iw_str_from(policy),
        .choice = IW_STR("profile=five\n"),
        .inputs = iw_str_from(inputs),
        .now_unix_s = 1000,
        .resumes = resumes,
    };
    return iw_store_begin(store, &plan, diag);
}

static void record_some(struct iw_store *store, const struct shot *images, size_t count, struct told *told)
{
    struct iw_arena arena;
    struct iw_findings findings;
    iw_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < count; i++) {
        struct iw_facts facts;
        struct iw_source_ref source = {
            .path = IW_STR("list.txt"), .kind = "list", .line = images[i].line ? images[i].line : 1, .column = 1};
        fill(&images[i], &facts);
        struct iw_record record = {.facts = &facts, .source = &source, .findings = &findings};
        record.verdict = iw_check(&judge, &facts, &arena, &findings);
        if (strstr(images[i].url, "private")) { /* a finding that comes of more than the facts */
            findings.list[findings.count++] =
                (struct iw_finding){.rule = IW_RULE_private_address, .severity = IW_SEVERITY_ERROR};
            record.verdict = IW_VERDICT_BROKEN;
        }
        assert_int_equal(iw_store_compare(store, &judge, &record), IW_OK);
        assert_int_equal(iw_store_record(store, &record), IW_OK);
        assert_int_equal(on_record(told, &record), IW_OK);
    }
    iw_arena_release(&arena);
}

/* A whole run; what it tells, and then what is gone. */
static void one_run(struct iw_store *store, const struct shot *images, size_t count, struct told *told)
{
    struct iw_diag diag = {0};
    struct iw_totals totals = {.records = count};
    *told = (struct told){0};
    assert_int_equal(begin(store, false, "a", "p", &diag), IW_OK);
    record_some(store, images, count, told);
    bool is_hidden;
    assert_int_equal(iw_store_gone(store, &judge, on_record, told, &is_hidden), IW_OK);
    assert_false(is_hidden);
    assert_int_equal(iw_store_end(store, &totals, 2000), IW_OK);
}

/* A store holds one run: it is opened anew for each. */
static void a_run(const char *path, const struct shot *images, size_t count, struct told *told)
{
    struct iw_store *store = open_new(path);
    one_run(store, images, count, told);
    assert_int_equal(iw_store_close(store, NULL), IW_OK);
}

static const struct shot first[] = {
    {"http://h/fine", 100, 0, 0},   {"http://h/heavy", 9000, 0, 0},  {"http://h/grows", 100, 0, 0},
    {"http://h/mends", 8000, 0, 0}, {"http://h/leaves", 50, 0, 0},   {"http://h/hides", 60, 0, 0},
    {"http://h/worse", 6000, 0, 0}, {"http://h/better", 9000, 0, 0},
};
static const struct shot second[] = {
    {"http://h/fine", 100, 0, 7},
    {"http://h/heavy", 9000, 0, 8},
    {"http://h/grows", 7000, 0, 0},
    {"http://h/mends", 800, 0, 0},
    {"http://h/hides", 0, IW_FAILURE_TIMEOUT, 0},
    {"http://h/worse", 7000, 0, 0},
    {"http://h/better", 6000, 0, 0},
    {"http://h/comes", 9999, 0, 0},
};

static void differences(void **state)
{
    (void)state;
    struct folder folder = folder_new();
    struct told told;
    a_run(folder.file, first, IW_ARRAY_LEN(first), &told);
    assert_string_equal(told.text, "fine  ok 0|heavy  over 0|grows  ok 0|mends  over 0|leaves  ok 0|hides  ok 0|"
                                   "worse  over 0|better  over 0|");
    a_run(folder.file, second, IW_ARRAY_LEN(second), &told);
    assert_string_equal(told.text,
                        "fine  ok 0|heavy same over 9000|grows new over 100|mends fixed ok 8000|"
                        "hides unreachable unknown 60|worse worse over 6000|better better over 9000|comes new over 0|"
                        "leaves gone ok 50|");
    /* what was unreachable is compared with what was seen last, and what could not be asked was not fixed */
    static const struct shot third[] = {{"http://h/hides", 60, 0, 0}, {"http://h/heavy", 0, IW_FAILURE_CONNECT, 0}};
    a_run(folder.file, third, IW_ARRAY_LEN(third), &told);
    assert_non_null(strstr(told.text, "hides  ok 0|heavy unreachable broken 9000|"));
    static const struct shot fourth[] = {{"http://h/heavy", 9000, 0, 0}};
    a_run(folder.file, fourth, IW_ARRAY_LEN(fourth), &told);
    assert_string_equal(told.text, "heavy same over 9000|hides gone ok 60|");
    folder_free(&folder);
}

static void told_again(void **state)
{
    (void)state;
    struct folder folder = folder_new();
    struct told told, again = {0}, differ = {0};
    a_run(folder.file, first, IW_ARRAY_LEN(first), &told);
    a_run(folder.file, second, IW_ARRAY_LEN(second), &told);
    struct iw_store *store = open_new(folder.file);
    struct iw_retelling retelling = {.run = 1, .as_told = true, .fn = on_record, .user = &again};
    assert_int_equal(iw_store_tell(store, &retelling), IW_OK);
    assert_string_equal(again.text, "fine  ok 0|heavy  over 0|grows  ok 0|mends  over 0|leaves  ok 0|hides  ok 0|"
                                    "worse  over 0|better  over 0|");
    retelling = (struct iw_retelling){
        .run = 2, .base = 1, .is_complete = true, .judge = &judge, .fn = on_record, .user = &differ};
    assert_int_equal(iw_store_tell(store, &retelling), IW_OK);
    assert_non_null(strstr(differ.text, "mends fixed ok 8000|"));
    assert_non_null(strstr(differ.text, "leaves gone ok 50|"));
    struct iw_run_row row;
    struct iw_arena arena;
    struct iw_diag diag = {0};
    iw_arena_init(&arena, 1 << 20);
    assert_int_equal(iw_store_find(store, IW_STR("latest~1"), true, &arena, &row, &diag), IW_OK);
    assert_int_equal(row.id, 1);
    assert_int_equal(row.totals.records, IW_ARRAY_LEN(first));
    assert_int_equal(iw_store_find(store, IW_STR("2"), true, &arena, &row, &diag), IW_OK);
    assert_int_equal(row.base, 1);
    static const char *const none[] = {"latest~2", "3", "0", "", "latest~", "latest~x", "late", "-1"};
    for (size_t i = 0; i < IW_ARRAY_LEN(none); i++)
        assert_int_equal(iw_store_find(store, iw_str_from(none[i]), true, &arena, &row, &diag), IW_ERR_UNKNOWN_NAME);
    iw_arena_release(&arena);
    assert_int_equal(iw_store_close(store, NULL), IW_OK);
    folder_free(&folder);
}

/* What did not change has no new row. */
static void nothing_is_written_twice(void **state)
{
    (void)state;
    struct folder folder = folder_new();
    struct iw_store_figures figures;
    struct told told;
    for (int i = 0; i < 3; i++)
        a_run(folder.file, first, IW_ARRAY_LEN(first), &told);
    struct iw_store *store = open_new(folder.file);
    assert_int_equal(iw_store_figures(store, &figures), IW_OK);
    assert_int_equal(figures.runs, 3);
    assert_int_equal(figures.urls, IW_ARRAY_LEN(first));
    assert_int_equal(figures.refs, IW_ARRAY_LEN(first));
    assert_int_equal(figures.observations, IW_ARRAY_LEN(first));
    assert_int_equal(figures.verdicts, 4);
    assert_int_equal(iw_store_close(store, NULL), IW_OK);
    folder_free(&folder);
}

/* What a run that ended early counted does not stand beside what it counts when it goes on. */
static void totals_of_a_resumed_run(void **state)
{
    (void)state;
    struct folder folder = folder_new();
    struct iw_diag diag = {0};
    struct told told = {0};
    struct iw_arena arena;
    struct iw_run_row row;
    struct iw_totals early = {.records = 3, .is_incomplete = true}, late = {.records = 8};
    early.verdicts[IW_VERDICT_UNKNOWN] = 2;
    iw_arena_init(&arena, 1 << 20);
    struct iw_store *store = open_new(folder.file);
    assert_int_equal(begin(store, false, "a", "p", &diag), IW_OK);
    record_some(store, first, 3, &told);
    assert_int_equal(iw_store_end(store, &early, 1500), IW_OK);
    assert_int_equal(iw_store_close(store, NULL), IW_OK);
    store = open_new(folder.file);
    assert_int_equal(begin(store, true, "a", "p", &diag), IW_OK);
    assert_int_equal(iw_store_end(store, &late, 2500), IW_OK);
    assert_int_equal(iw_store_find(store, IW_STR("latest"), true, &arena, &row, &diag), IW_OK);
    assert_int_equal(row.totals.records, 8);
    assert_int_equal(row.totals.verdicts[IW_VERDICT_UNKNOWN], 0);
    assert_int_equal(iw_store_close(store, NULL), IW_OK);
    iw_arena_release(&arena);
    folder_free(&folder);
}

static void resuming(void **state)
{
    (void)state;
    struct folder folder = folder_new();
    struct iw_diag diag = {0};
    struct told told = {0};
    struct iw_facts facts;
    struct iw_arena arena;
    bool is_told;
    iw_arena_init(&arena, 1 << 20);
    struct iw_store *store = open_new(folder.file);
    assert_int_equal(begin(store, true, "a", "p", &diag), IW_ERR_USAGE);
    assert_int_equal(begin(store, false, "a", "p", &diag), IW_OK);
    record_some(store, second, IW_ARRAY_LEN(second), &told);
    assert_int_equal(iw_store_known(store, IW_STR("http://h/fine"), &arena, &facts, &is_told), IW_OK);
    assert_false(is_told);
    assert_int_equal(iw_store_close(store, NULL), IW_OK); /* without an end */
    store = open_new(folder.file);
    assert_int_equal(begin(store, true, "b", "p", &diag), IW_ERR_USAGE);
    assert_non_null(strstr(diag.text, "other inputs"));
    assert_int_equal(begin(store, true, "a", "q", &diag), IW_ERR_USAGE);
    assert_non_null(strstr(diag.text, "other profiles"));
    assert_int_equal(begin(store, true, "a", "p", &diag), IW_OK);
    assert_int_equal(iw_store_known(store, IW_STR("http://h/heavy"), &arena, &facts, &is_told), IW_OK);
    assert_true(is_told);
    assert_int_equal(facts.bytes, 9000);
    assert_int_equal(facts.image.width_px, 640);
    assert_string_equal(facts.image.format->name, "jpeg");
    assert_true(iw_str_eq(facts.final_url, IW_STR("http://h/heavy")));
    assert_true(iw_str_eq(facts.etag, IW_STR("\"e\"")));
    assert_false(facts.vary.ptr);
    /* a time-out is not known */
    assert_int_equal(iw_store_known(store, IW_STR("http://h/hides"), &arena, &facts, &is_told), IW_OK);
    assert_false(is_told);
    assert_false(facts.url.ptr);
    assert_int_equal(iw_store_known(store, IW_STR("http://h/never"), &arena, &facts, &is_told), IW_OK);
    assert_false(is_told || facts.url.ptr);
    assert_int_equal(iw_store_close(store, NULL), IW_OK);
    iw_arena_release(&arena);
    folder_free(&folder);
}

static void forgetting(void **state)
{
    (void)state;
    struct folder folder = folder_new();
    struct told told, before = {0}, after = {0};
    uint64_t forgotten;
    a_run(folder.file, first, IW_ARRAY_LEN(first), &told);
    a_run(folder.file, second, IW_ARRAY_LEN(second), &told);
    a_run(folder.file, first, IW_ARRAY_LEN(first) - 1, &told);
    struct iw_store *store = open_new(folder.file);
    struct iw_retelling retelling = {.run = 3, .as_told = true, .fn = on_record, .user = &before};
    assert_int_equal(iw_store_tell(store, &retelling), IW_OK);
    assert_int_equal(iw_store_prune(store, 0, 500, &forgotten), IW_OK); /* all began at 1000 */
    assert_int_equal(forgotten, 0);
    assert_int_equal(iw_store_prune(store, 1, 0, &forgotten), IW_OK);
    assert_int_equal(forgotten, 2);
    retelling.user = &after;
    assert_int_equal(iw_store_tell(store, &retelling), IW_OK);
    assert_string_equal(after.text, before.text);
    struct iw_store_figures figures;
    assert_int_equal(iw_store_vacuum(store), IW_OK);
    assert_int_equal(iw_store_figures(store, &figures), IW_OK);
    assert_int_equal(figures.runs, 1);
    assert_int_equal(figures.urls, IW_ARRAY_LEN(first) - 1);
    assert_int_equal(figures.observations, IW_ARRAY_LEN(first) - 1);
    assert_int_equal(iw_store_prune(store, 0, 9000, &forgotten), IW_OK); /* the last complete one stays */
    assert_int_equal(forgotten, 0);
    assert_int_equal(iw_store_close(store, NULL), IW_OK);
    folder_free(&folder);
}

/* What is told beyond what the facts alone say is known the next time, too. */
static void more_than_facts(void **state)
{
    (void)state;
    static const struct shot shots[] = {{"http://h/private", 100, 0, 0}, {"http://h/private-heavy", 9000, 0, 0}};
    struct folder folder = folder_new();
    struct told told;
    a_run(folder.file, shots, IW_ARRAY_LEN(shots), &told);
    a_run(folder.file, shots, IW_ARRAY_LEN(shots), &told);
    assert_string_equal(told.text, "private same broken 100|private-heavy same broken 9000|");
    folder_free(&folder);
}

/* Data URIs are shortened, and many look alike then. */
static void data_uris(void **state)
{
    (void)state;
    static const struct shot shots[] = {{"data:image/png;base64,AAAA...(9000 chars)", 7000, 0, 1},
                                        {"data:image/png;base64,AAAA...(9000 chars)", 100, 0, 2}};
    struct folder folder = folder_new();
    struct told told, again = {0};
    a_run(folder.file, shots, IW_ARRAY_LEN(shots), &told);
    a_run(folder.file, shots, IW_ARRAY_LEN(shots), &told);
    assert_string_equal(told.text, "e/png;base64,AAAA...(9000 chars) same over 7000|"
                                   "e/png;base64,AAAA...(9000 chars)  ok 0|");
    struct iw_store *store = open_new(folder.file);
    struct iw_retelling retelling = {.run = 2, .as_told = true, .fn = on_record, .user = &again};
    assert_int_equal(iw_store_tell(store, &retelling), IW_OK);
    assert_string_equal(again.text, "e/png;base64,AAAA...(9000 chars)  over 0|"
                                    "e/png;base64,AAAA...(9000 chars)  ok 0|");
    assert_int_equal(iw_store_close(store, NULL), IW_OK);
    folder_free(&folder);
}

/* What a history keeps as numbers must not change its meaning. */
static void numbers_stay(void **state)
{
    (void)state;
    static const struct {
        int value, number;
    } rows[] = {
        {IW_FAILURE_NONE, 0},
        {IW_FAILURE_URL_INVALID, 1},
        {IW_FAILURE_SCHEME, 2},
        {IW_FAILURE_HTTP, 3},
        {IW_FAILURE_ACCESS, 4},
        {IW_FAILURE_RATE, 5},
        {IW_FAILURE_SERVER, 6},
        {IW_FAILURE_TIMEOUT, 7},
        {IW_FAILURE_DNS, 8},
        {IW_FAILURE_DNS_LATER, 9},
        {IW_FAILURE_CONNECT, 10},
        {IW_FAILURE_DOWN, 11},
        {IW_FAILURE_TLS, 12},
        {IW_FAILURE_REDIRECT, 13},
        {IW_FAILURE_PRIVATE, 14},
        {IW_FAILURE_ROBOTS, 15},
        {IW_FAILURE_ROBOTS_LATER, 16},
        {IW_FAILURE_NOT_IMAGE, 17},
        {IW_FAILURE_CORRUPT, 18},
        {IW_FAILURE_DATA_URI, 19},
        {IW_FAILURE_PROTOCOL, 20},
        {IW_FAILURE_FILE, 21},
        {IW_FAILURE_CANCELLED, 22},
        {IW_BYTES_UNKNOWN, 0},
        {IW_BYTES_CONTENT_LENGTH, 1},
        {IW_BYTES_CONTENT_RANGE, 2},
        {IW_BYTES_COUNTED, 3},
        {IW_BYTES_AT_LEAST, 4},
        {IW_BYTES_FILE, 5},
        {IW_BYTES_DATA_URI, 6},
        {IW_COLOUR_UNKNOWN, 0},
        {IW_COLOUR_GREY, 1},
        {IW_COLOUR_RGB, 2},
        {IW_COLOUR_PALETTE, 3},
        {IW_COLOUR_YCBCR, 4},
        {IW_COLOUR_CMYK, 5},
        {IW_SEVERITY_NOTE, 0},
        {IW_SEVERITY_WARNING, 1},
        {IW_SEVERITY_ERROR, 2},
        {IW_VERDICT_OK, 0},
        {IW_VERDICT_WARN, 1},
        {IW_VERDICT_UNKNOWN, 2},
        {IW_VERDICT_OVER, 3},
        {IW_VERDICT_BROKEN, 4},
        {IW_UNIT_BYTES, 0},
        {IW_UNIT_PX, 1},
        {IW_UNIT_RATIO, 2},
        {IW_UNIT_COUNT_, 3},
        {IW_UNIT_CHARS, 4},
        {IW_UNIT_PATCHES, 5},
        {IW_NO, 1},
        {IW_YES, 2},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++)
        assert_int_equal(rows[i].value, rows[i].number);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_a_history),
        cmocka_unit_test(damage_is_told),
        cmocka_unit_test(one_at_a_time),
        cmocka_unit_test(journals),
        cmocka_unit_test(differences),
        cmocka_unit_test(told_again),
        cmocka_unit_test(nothing_is_written_twice),
        cmocka_unit_test(resuming),
        cmocka_unit_test(totals_of_a_resumed_run),
        cmocka_unit_test(forgetting),
        cmocka_unit_test(more_than_facts),
        cmocka_unit_test(data_uris),
        cmocka_unit_test(numbers_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
