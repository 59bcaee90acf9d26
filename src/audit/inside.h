/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The inside of audit/: audit.c drives, input.c reads local inputs, document.c fetches documents, item.c takes one
 * target from lead to record, mend.c takes offenders on to a picture that fits, replay.c remembers facts for late
 * duplicates, trace.c tells the story, teller.c judges and reports on a thread of its own. */
#ifndef IW_AUDIT_INSIDE_H
#define IW_AUDIT_INSIDE_H

#include "audit/audit.h"
#include "base/hash.h"
#include "base/map.h"

enum { ITEM_ARENA_BYTES = 8 << 20, SNIFF_BYTES = 4096, CHUNK_BYTES = 64 << 10 };

/* Where leads come from: a list, a sitemap, the command line. Lives as long as the audit. */
struct iw_origin {
    struct iw_str path;
    const char *kind;
    struct iw_url url;   /* base for relative references; text NONE for local documents */
    bool may_be_private; /* what it names may have a private address */
    unsigned depth;
};

/* One reference to a target. */
struct iw_ref {
    struct iw_source_ref source;
    struct iw_ref *next;
};

enum iw_mend_stage {
    IW_MEND_NONE,   /* not to be mended, or not known to be */
    IW_MEND_WANTED, /* the teller has decided so */
    IW_MEND_WAITS,  /* for room in the pool */
    IW_MEND_FETCH,
    IW_MEND_DECODE,
    IW_MEND_ENCODE, /* by a command */
    IW_MEND_DONE,   /* to be told */
};
/* What fix needs of an item; in its arena. */
struct iw_mend {
    enum iw_mend_stage stage;
    struct iw_findings findings; /* why */
    enum iw_verdict verdict;
    struct iw_facts original; /* as the record tells of it */
    struct iw_job *job;
    struct iw_mended mended;
    uint64_t began_us;
    uint8_t *encoded; /* what a command made; to be freed */
    unsigned shrinks; /* a command could not do it with more pixels */
    char reason[300];
};

/* One target on its way. */
struct iw_item {
    struct iw_audit *audit;
    struct iw_arena arena;
    struct iw_url url;
    uint64_t fingerprint; /* 0: not in the table of targets */
    struct iw_probe *probe;
    struct iw_transfer transfer;
    bool may_be_private;
    const struct iw_facts *facts; /* final, once it is told */
    struct iw_mend *mend;         /* of fix; else NULL */
    struct iw_ref *refs, *last_ref;
    struct iw_ref *late; /* references that came while it was being told */
    enum iw_verdict verdict;
    unsigned told;        /* references reported */
    bool is_telling;      /* it is with the teller: hands off */
    bool is_again;        /* told from memory, for a late duplicate: nothing new was learnt */
    struct iw_item *next; /* free list, or a row of the teller's */
};

/* A document that is fetched. */
struct iw_document {
    struct iw_audit *audit;
    struct iw_arena arena;
    struct iw_origin *origin;
    struct iw_url url;
    struct iw_transfer transfer;
    struct iw_reader *reader;
    struct iw_buf head; /* first bytes, until the kind is known */
    bool may_be_image;  /* an argument: what is no document is weighed */
    bool may_be_private;
    bool is_image, is_failed;
    unsigned redirects, retries;
    struct iw_diag diag;
    struct iw_document *next;
};

/* An input that waits: a path, a URL or "-". */
struct iw_input {
    char *name;
    bool is_nested; /* found in a directory: silently passed over when it is no image */
    struct iw_input *next;
};

/* A local document that is being read. */
struct iw_local {
    int fd;
    bool is_open;
    struct iw_origin *origin;
    struct iw_reader *reader;
    char *chunk;
};

struct iw_replay {
    struct iw_buf tail; /* not yet written */
    uint64_t tail_at;   /* offset of its first byte */
    int fd;             /* -1 until needed */
    bool is_off;        /* no place to write: memory only */
};

struct iw_audit {
    const struct iw_audit_policy *policy;
    struct iw_audit_events events;
    struct iw_net *net;
    struct iw_arena arena; /* origins */
    struct iw_totals totals;
    struct iw_map targets; /* fingerprint to item (bit 0 clear) or place in the replay log (bit 0 set) */
    struct iw_map documents_seen;
    struct iw_hash_key key;
    struct iw_replay replay;
    struct iw_input *inputs, *last_input;
    struct iw_document *documents, *last_document; /* waiting */
    unsigned documents_open;
    struct iw_local local;
    struct iw_item *free_items;
    unsigned items; /* on their way */
    uint64_t found, done, seed;
    bool is_stopping;
    enum iw_err err; /* what ends the run */
    struct iw_teller *teller;
    struct iw_pool *pool;                     /* of fix; else NULL */
    struct iw_item *mends_first, *mends_last; /* waiting for room in the pool */
    uint64_t to_mend, mended;
    struct iw_judge result_judge; /* how results are judged */
    struct iw_goal goal;
    char encoder_folder[240]; /* of a command's files; "" until needed */
    const char *refuses_jpeg; /* a profile that takes no JPEG, or NULL */
};

/* audit.c */
void iw_audit_fail(struct iw_audit *audit, enum iw_err err);
void iw_audit_complain(struct iw_audit *audit, struct iw_str path, const struct iw_diag *diag, bool is_incomplete);
struct iw_origin *iw_origin_new(struct iw_audit *audit, struct iw_str path, const char *kind, unsigned depth);
uint64_t iw_audit_fingerprint(const struct iw_audit *audit, struct iw_str text);
bool iw_audit_has_room(const struct iw_audit *audit);

/* teller.c: its thread judges and reports */
enum iw_err iw_teller_new(struct iw_audit *audit);
void iw_teller_give(struct iw_audit *audit, struct iw_item *item);
void iw_teller_hurry(struct iw_audit *audit); /* hands over what waits for a batch to fill */
/* Takes back what was told (iw_item_told() is called for each); wants_all: waits until there is something. */
void iw_teller_collect(struct iw_audit *audit, bool wants_all);
unsigned iw_teller_out(const struct iw_audit *audit); /* items that are with it */
void iw_teller_free(struct iw_audit *audit);

/* mend.c: fix, between the first judgement and the record */
enum iw_err iw_mend_open(struct iw_audit *audit, struct iw_diag *diag); /* starts the pool */
void iw_mend_close(struct iw_audit *audit);
/* On the teller's thread: judges an item that is told for the first time. True: there is nothing (more) to be done,
 * tell it as record says; false: it wants mending. */
bool iw_mend_judge(const struct iw_audit *audit, struct iw_item *item, struct iw_findings *findings,
                   struct iw_record *record);
/* On the loop's thread: an item is back that wants mending; fetches and jobs that may start. */
void iw_mend_queue(struct iw_audit *audit, struct iw_item *item);
void iw_mend_pump(struct iw_audit *audit);
void iw_mend_stop(struct iw_audit *audit, uint64_t drain_ms);
void iw_mend_count(struct iw_audit *audit, const struct iw_item *item); /* it was told */
void iw_mend_release(struct iw_item *item);                             /* what is kept outside of its arena */
bool iw_mend_is_busy(const struct iw_audit *audit);

/* The end of an item that was worked on: FAILED for a reason, or a JPEG that is judged first. */
void iw_mend_fail(struct iw_item *item, const char *format, ...) IW_PRINTF(2, 3);
void iw_mend_result(struct iw_item *item, const uint8_t *bytes, uint64_t len);

/* encode.c: the operator's encoder makes a JPEG of the pixels that the item's job holds */
void iw_encode(struct iw_item *item);
void iw_encode_close(struct iw_audit *audit);

/* goal.c: what recompression aims at, by profiles and options */
void iw_goal_of(const struct iw_audit_policy *policy, const struct iw_judge *judge, struct iw_goal *out,
                const char **out_refuses_jpeg);

/* item.c */
void iw_item_told(struct iw_item *item); /* it is back from the teller */
enum iw_err iw_item_lead(struct iw_audit *audit, struct iw_origin *origin, const struct iw_lead *lead);
enum iw_err iw_item_local(struct iw_audit *audit, struct iw_origin *origin, const char *path, int fd, uint64_t bytes);
void iw_item_free_all(struct iw_audit *audit);

/* document.c */
enum iw_err iw_document_add(struct iw_audit *audit, struct iw_origin *from, const struct iw_url *url, bool may_be_image,
                            bool may_be_private);
void iw_document_start_some(struct iw_audit *audit);
void iw_document_drop_all(struct iw_audit *audit);
/* The events that feed an origin's leads into the audit; user is a struct iw_feeding. */
struct iw_feeding {
    struct iw_audit *audit;
    struct iw_origin *origin;
    struct iw_reader *const *reader; /* tells the kind, once it is known */
};
void iw_feeding_events(struct iw_feeding *feeding, struct iw_source_events *out);

/* input.c */
bool iw_input_pump(struct iw_audit *audit); /* true while local inputs remain */
void iw_input_drop_all(struct iw_audit *audit);

/* replay.c */
void iw_replay_init(struct iw_replay *replay);
void iw_replay_release(struct iw_replay *replay);
/* Stores facts; *out_place is where. IW_ERR_NOMEM, IW_ERR_IO. */
enum iw_err iw_replay_put(struct iw_replay *replay, const struct iw_facts *facts, uint64_t *out_place);
/* The facts stored there, for url (the same that was asked about, as written now). IW_ERR_NOMEM, IW_ERR_IO. */
enum iw_err iw_replay_get(struct iw_replay *replay, uint64_t place, struct iw_str url, struct iw_arena *arena,
                          struct iw_facts *out);

/* trace.c: lines for explain; nothing happens unless the trace event is set */
void iw_trace_request(struct iw_audit *audit, const struct iw_request *request);
void iw_trace_answer(struct iw_audit *audit, const struct iw_transfer *transfer);

#endif
