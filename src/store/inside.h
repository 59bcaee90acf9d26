/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The inside of store/. open.c opens, locks and closes the file; schema.c brings it up to date; sql.c has the
 * statements of statements.def and the one way to bind, step and fail; words.c gives numbers to texts; seen.c holds a
 * bit for each reference and target; facts.c turns facts into a row and back; runs.c knows runs, record.c writes,
 * tell.c reads, change.c compares, prune.c forgets. */
#ifndef IW_STORE_INSIDE_H
#define IW_STORE_INSIDE_H

#include "base/hash.h"
#include "base/map.h"
#include "store/store.h"

#include <pthread.h>
#include <sqlite3.h>

enum iw_sql {
#define IW_SQL(name, text) IW_SQL_##name,
#include "store/statements.def"
#undef IW_SQL
    IW_SQL_COUNT
};

/* One bit for each number from 0, in chunks that are rows of the table. */
enum { IW_SEEN_CHUNK_BYTES = 1024, IW_SEEN_CHUNKS_MAX = 1 << 18 };
struct iw_seen {
    uint8_t **chunks; /* IW_SEEN_CHUNK_BYTES and a byte that says whether it is to be written */
    size_t count;
};
/* What a run has seen. */
enum iw_seen_kind { IW_SEEN_REFS, IW_SEEN_URLS };
struct iw_run_seen {
    struct iw_seen kinds[2];
};

/* Texts that were given numbers, by their hash. */
enum { IW_WORDS_MAX = 100000 };
enum iw_words { IW_WORDS_WORD, IW_WORDS_HOST };
#define IW_WORDS_COUNT 2

struct iw_store {
    sqlite3 *db;
    char *path;
    sqlite3_stmt *statements[IW_SQL_COUNT];
    pthread_mutex_t mutex;
    enum iw_err err; /* sticky */
    struct iw_diag diag;
    struct iw_hash_key key; /* of the database */
    bool is_busy;           /* it failed because another process has the file */
    bool is_writing;        /* within a transaction, */
    unsigned rows;          /* of so many records, */
    int64_t since_ms;       /* since then */
    struct iw_map words[IW_WORDS_COUNT];
    int64_t doc; /* the last that was looked up */
    struct iw_str doc_path;
    const char *doc_kind;
    struct iw_buf doc_buf;
    /* the run that is recorded, and the one that it is compared with; 0: none */
    int64_t run, base, started_unix_s;
    bool is_same_policy; /* base was judged by it */
    bool is_resumed;
    struct iw_run_seen seen, base_seen;
    struct iw_arena arena; /* of the call at hand, on the writer's thread */
    /* what compare() found last, for record() */
    struct iw_before before;
    struct iw_findings findings;
    const char *url; /* of it, and its number; NULL: not looked up */
    int64_t url_id;
};

/* sql.c */
/* The statement, reset, or NULL: it failed. */
sqlite3_stmt *iw_sql_get(struct iw_store *store, enum iw_sql id);
/* Binds by letters: i int64_t, n a number that is NULL where 0, t struct iw_str (NULL where its ptr is), b a blob. Text
 * is borrowed until the statement is reset. NULL: it failed. */
sqlite3_stmt *iw_sql_bind(struct iw_store *store, enum iw_sql id, const char *letters, ...);
/* The next row; false: there is none, or it failed. Either way the statement is done with then. */
bool iw_sql_step(struct iw_store *store, sqlite3_stmt *statement);
void iw_sql_done(sqlite3_stmt *statement); /* accepts NULL */
/* Binds and runs to the end. */
enum iw_err iw_sql_run(struct iw_store *store, enum iw_sql id, const char *letters, ...);
/* The first column of the first row; 0: none. */
int64_t iw_sql_number(struct iw_store *store, enum iw_sql id, const char *letters, ...);
/* A statement that is run once. */
enum iw_err iw_sql_exec(struct iw_store *store, const char *text);
/* A column; borrowed until the next step, or copied. */
struct iw_str iw_sql_text(sqlite3_stmt *statement, int column);
/* A number of an enum that goes from 0 to last; anything else: the history is damaged, and 0. */
int iw_sql_enum(struct iw_store *store, sqlite3_stmt *statement, int column, int last);
struct iw_str iw_sql_copy(struct iw_store *store, sqlite3_stmt *statement, int column, struct iw_arena *arena);
enum iw_err iw_sql_fail(struct iw_store *store); /* by what SQLite says */
enum iw_err iw_store_is_unwritable(struct iw_store *store);
enum iw_err iw_store_fail(struct iw_store *store, enum iw_err err, const char *format, ...) IW_PRINTF(3, 4);
/* Before the first change of a batch. */
enum iw_err iw_store_write(struct iw_store *store);
/* The same, without the mutex. */
enum iw_err iw_store_commit_now(struct iw_store *store);

/* open.c: where the note of a file is; false: its name is too long */
bool iw_store_note_path(const char *path, char *out, size_t size);

/* schema.c */
enum { IW_SCHEMA_ID = 0x49574731 }; /* "IWG1" */
enum iw_err iw_schema_update(struct iw_store *store, bool is_new);

/* words.c; 0: it failed, or for an absent text */
int64_t iw_word_id(struct iw_store *store, enum iw_words words, struct iw_str text);
int64_t iw_doc_id(struct iw_store *store, const struct iw_source_ref *source);
/* The text by which the target of a record is known: its URL, but for data URIs. In the store's arena. */
struct iw_str iw_target_key(struct iw_store *store, const struct iw_record *record);
struct iw_str iw_element_key(struct iw_store *store, const struct iw_record *record);
/* 0 without add: it is not known. */
int64_t iw_url_id(struct iw_store *store, struct iw_str url, bool add);

/* seen.c */
bool iw_seen_has(const struct iw_seen *seen, int64_t id);
int64_t iw_seen_next(const struct iw_seen *seen, int64_t from); /* the first that is not less; 0: none */
enum iw_err iw_seen_add(struct iw_seen *seen, int64_t id);
void iw_seen_release(struct iw_run_seen *seen);
enum iw_err iw_seen_load(struct iw_store *store, int64_t run, struct iw_run_seen *seen); /* adds to it */
enum iw_err iw_seen_save(struct iw_store *store, int64_t run, struct iw_run_seen *seen); /* what was added since */

/* facts.c */
/* The last row of facts of url that is not younger than run; and, with is_known, came to something. False: none. url is
 * what the facts are to say. */
bool iw_facts_read(struct iw_store *store, int64_t url_id, int64_t run, bool is_known, struct iw_str url,
                   struct iw_arena *arena, struct iw_facts *out);
enum iw_err iw_facts_write(struct iw_store *store, int64_t url_id, const struct iw_facts *facts);
bool iw_facts_are_same(const struct iw_facts *old, const struct iw_facts *now);
/* Undecided: another look may tell. */
bool iw_failure_is_passing(enum iw_failure failure);

/* verdicts.c */
/* What run told of a reference; *out_since_unix_s: since when it is an offender, or 0. */
enum iw_err iw_verdict_read(struct iw_store *store, int64_t ref, int64_t run, struct iw_arena *arena,
                            enum iw_verdict *out_verdict, struct iw_findings *out, int64_t *out_since_unix_s);
enum iw_err iw_verdict_write(struct iw_store *store, int64_t ref, const struct iw_record *record);
bool iw_findings_are_same(const struct iw_findings *a, const struct iw_findings *b); /* but for their words */

/* record.c: a run that another is compared with, and how it is judged now */
struct iw_past {
    int64_t run;
    const struct iw_run_seen *seen;
    const struct iw_judge *judge;
    bool is_same_policy; /* what it told then was judged like this, too */
    bool is_partial;     /* it was interrupted: what it did not see may have been there */
};
enum iw_err iw_past_compare(struct iw_store *store, const struct iw_past *past, struct iw_record *record);
/* A reference to a target that a run saw; 0: none. */
int64_t iw_ref_seen(struct iw_store *store, int64_t url_id, const struct iw_run_seen *seen);

/* runs.c */
void iw_digest(struct iw_str text, char out[IW_DIGEST_CHARS + 1]);

/* change.c: 0 fits, 1 warned, 2 refused; notes do not count */
unsigned iw_judged_level(const struct iw_judged *judged);

#endif
