/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The inside of audit/. The reader's thread (audit.c) reads local inputs (input.c) and fetched documents (document.c)
 * and posts their leads, packed, to lanes (post.c). A lane (lane.c) is a thread with a network of its own, for the
 * hosts that are hashed to it: it drops duplicates, keeps what waits by host (frontier.c), and asks (ask.c). item.c
 * takes one target from there to its record, mend.c takes offenders on to a picture that fits, robots.c knows what
 * robots.txt of each host says, replay.c remembers facts for late duplicates (as bytes: saved.c), trace.c tells the
 * story, teller.c judges and reports on a thread of its own. */
#ifndef IW_AUDIT_INSIDE_H
#define IW_AUDIT_INSIDE_H

#include "audit/audit.h"
#include "audit/context.h"
#include "audit/robots.h"
#include "base/hash.h"
#include "base/map.h"
#include "request/request.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

enum { ITEM_ARENA_BYTES = 20 << 20, SNIFF_BYTES = 4096, CHUNK_BYTES = 64 << 10 };

/* Where leads come from: a list, a sitemap, the command line. Lives as long as the audit. */
struct iw_origin {
    struct iw_str path;
    const char *kind;
    struct iw_url url;        /* base for relative references; text NONE for local documents */
    bool may_be_private;      /* what it names may have a private address */
    unsigned depth;           /* of documents that name each other; links are not counted */
    unsigned link_depth;      /* links that were followed to it */
    unsigned wishes;          /* of its X-Robots-Tag: enum iw_wish */
    struct iw_str root;       /* of a local file: the folder whose files it may name, if it is a page; ptr NULL: none */
    struct iw_str place;      /* and where in that folder it stands */
    bool names_files;         /* it is such a page, or a style sheet */
    struct iw_repair *repair; /* of fix: the request file that this is; NULL: none, or not known yet */
    bool is_left_alone;       /* of fix: a request file that is not repaired */
    uint64_t leads;           /* read so far, but for links; of the reader's thread alone, as all that changes here */
};

/* One reference to a target. */
struct iw_ref {
    struct iw_source_ref source;
    struct iw_context *context; /* or NULL */
    struct iw_ref *next;
};

enum iw_mend_stage {
    IW_MEND_NONE,   /* not to be mended, or not known to be */
    IW_MEND_WANTED, /* the teller has decided so */
    IW_MEND_WAITS,  /* for room in the pool */
    IW_MEND_FETCH,
    IW_MEND_DECODE,
    IW_MEND_ENCODE, /* by a command */
    IW_MEND_HELD,   /* of a request: until all images of it are known */
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
    unsigned queued;  /* how often it was to be mended */
    char reason[300];
};

/* A variant of an offender (--suggest); in the item's arena, or the lane's. */
struct iw_suggested {
    enum { IW_SUGGEST_KNOWN, IW_SUGGEST_WANTED, IW_SUGGEST_ASKED } stage;
    struct iw_url url;
    const struct iw_facts *facts; /* once it was asked about */
    bool is_good;                 /* it was seen to pass: */
    struct iw_suggestion suggestion;
};

/* One target on its way. */
struct iw_item {
    struct iw_lane *home; /* that of the host that was named; it owns the item but while somebody else has it */
    struct iw_lane *lane; /* where it is asked about: another's while a redirect leads to a host of that one */
    struct iw_arena arena;
    struct iw_url url;
    uint64_t fingerprint;         /* 0: not in the table of targets */
    struct iw_waiting *waiting;   /* the row that it came from: its host has one request less to spare */
    const struct iw_waiting *row; /* of its host at home, or NULL; as long as the item lives */
    struct iw_probe *probe;
    struct iw_transfer transfer;
    bool may_be_private;
    const char *allowed;            /* text of the URL that robots.txt was asked about last */
    const struct iw_facts *facts;   /* final, once it is told */
    struct iw_mend *mend;           /* of fix; else NULL */
    struct iw_suggested *suggested; /* or NULL */
    struct iw_ticket *ticket;       /* of fix: the image of a request; else NULL */
    struct iw_ref *refs, *last_ref;
    struct iw_ref *late;             /* references that came while somebody else had it */
    unsigned told[IW_VERDICT_COUNT]; /* references reported, each with its verdict; */
    unsigned notices;                /* of these about a request or a file */
    bool is_away;                    /* with the teller or another lane: hands off */
    bool is_over;                    /* asked about to the end; on its way home */
    bool is_again;                   /* told from memory, for a late duplicate: nothing new was learnt */
    struct iw_item *next;            /* free list, or a row of the teller's or a lane's */
};

/* A document that waits to be fetched: there may be as many as a sitemap lists pages. In the audit's arena. */
struct iw_errand {
    struct iw_errand *next;
    struct iw_origin *origin;
    enum iw_lead_role role; /* what it was named as; IW_LEAD_IMAGE: the operator's argument, which may be anything */
    bool may_be_image, may_be_private;
    bool obeys; /* it was found, not named by the operator: robots.txt has a say */
};

/* A document that is fetched. */
struct iw_document {
    struct iw_audit *audit;
    enum iw_lead_role role;
    struct iw_arena arena;
    struct iw_origin *origin;
    struct iw_url url;
    struct iw_transfer transfer;
    struct iw_reader *reader;
    struct iw_buf head; /* first bytes, until the kind is known */
    bool may_be_image;  /* an argument: what is no document is weighed */
    bool may_be_private;
    bool is_image, is_failed;
    bool obeys;
    struct iw_document *next; /* that waits for the same robots.txt */
    unsigned redirects, retries;
    struct iw_diag diag;
};

/* An input that waits: a path, a URL or "-". */
struct iw_input {
    char *name;
    int fd;                   /* it is open already; -1: it is not */
    bool is_nested;           /* found in a directory: silently passed over when it is no image */
    struct iw_origin *origin; /* of a page or style sheet that a local page names; else NULL */
    enum iw_lead_role role;   /* what it was named as then */
    struct iw_input *next;
};

/* A local document that is being read. */
struct iw_local {
    int fd;
    struct stat stat; /* when it was opened */
    bool is_open;
    struct iw_origin *origin;
    enum iw_lead_role role; /* what it was named as; IW_LEAD_IMAGE: the operator's argument */
    struct iw_reader *reader;
    char *chunk;
};

struct iw_replay {
    struct iw_buf tail; /* not yet written */
    uint64_t tail_at;   /* offset of its first byte */
    int fd;             /* -1 until needed */
    bool is_off;        /* no place to write: memory only */
};

/* ---- from the reader to a lane ---- */

/* A lead, packed: the text stands behind it, and behind that, for what is refused, a sentence, and for a target what
 * was known of it before (saved.c), or nothing. Canonical URLs come with their parts, so that no lane parses them
 * again. */
enum iw_parcel_kind {
    IW_PARCEL_TARGET,
    IW_PARCEL_REFUSED,
    IW_PARCEL_LOCAL,
    IW_PARCEL_TICKET, /* an image that stands in its request */
    IW_PARCEL_SEAL,   /* all images of a request were posted: so many as line says */
    IW_PARCEL_INLINE, /* an image that stands in the document: its context has the facts */
    IW_PARCEL_NOTICE, /* findings about a request or a file: its context has them */
};
struct iw_parcel {
    const struct iw_origin *origin;
    union {
        const char *element;
        struct iw_context *context; /* has_context: owned; it has the element, too */
    };
    union {
        struct iw_ticket *ticket; /* of the image of a request that is repaired, or NULL */
        struct iw_bundle *bundle; /* of SEAL */
    };
    struct iw_place place;
    uint32_t line, column;
    uint32_t size; /* of all, to the next parcel */
    uint32_t text_len, more_len;
    uint32_t origin_len, path_len; /* of a URL: slices of the text */
    uint16_t host_at, host_len, port;
    uint8_t kind, scheme, failure;
    bool is_told; /* what is known is of this run, which goes on: it is not asked for */
    bool has_context;
};
struct iw_batch {
    struct iw_batch *next;
    size_t len, count;
    _Alignas(8) uint8_t bytes[];
};

/* ---- a lane ---- */

/* A target that waits for its turn; in a row of its host. */
struct iw_want {
    struct iw_want *next;
    uint64_t fingerprint;
    uint32_t deadline_s;      /* of a signed URL that ends soon, in seconds since 1970; else 0 */
    struct iw_want_ref *more; /* further references to it */
    struct iw_parcel parcel;  /* its text follows */
};
struct iw_want_ref {
    struct iw_want_ref *next;
    const struct iw_origin *origin;
    union {
        const char *element;
        struct iw_context *context;
    };
    struct iw_place place;
    uint32_t line : 31, has_context : 1;
    uint32_t column;
};
/* What waits for one host (origin). */
struct iw_waiting {
    struct iw_want *first, *last;
    struct iw_want *soon_last;  /* the last of those with a deadline, which are the first */
    struct iw_waiting *next;    /* in the ring of those that may be asked */
    const struct iw_host *host; /* once it was asked */
    struct iw_robots *robots;   /* its row is not in the ring until this is known; NULL: not obeyed */
    uint64_t wants;             /* in its row */
    unsigned begun;             /* its items that are not judged yet */
    bool is_in_ring;
};

/* What a lane tells of itself, now and then; under its mutex. */
struct iw_lane_news {
    struct iw_totals totals;
    struct iw_net_figures net;
    struct iw_busy_host busy[3];
    size_t busy_count;
    uint64_t found, done, to_mend, mended;
};

struct iw_lane {
    struct iw_audit *audit;
    const struct iw_audit_policy *policy;
    const struct iw_audit_events *events;
    unsigned index;
    pthread_t thread;
    bool has_thread;

    /* the lane's thread alone */
    struct iw_net *net;
    struct iw_arena arena; /* late references */
    struct iw_totals totals;
    struct iw_map targets; /* fingerprint to an item (low bits 0), a want (2) or a place in the replay log (1) */
    struct iw_hash_key key;
    struct iw_replay replay;
    struct iw_map suggestions; /* fingerprint to struct iw_suggested, of variants that pass */
    struct iw_map hosts;       /* hash of an origin to struct iw_waiting */
    struct iw_waiting **host_list;
    size_t host_count, host_room;
    struct iw_waiting *ring_last; /* its next is whose turn it is */
    size_t wants;                 /* in all rows */
    struct iw_item *free_items;
    unsigned items; /* on their way */
    uint64_t found, done, seed;
    size_t begun, ended; /* parcels since it was last told to the others */
    struct iw_robots_seat robots;
    bool obeys_robots;
    bool is_stopping, is_ending;
    enum iw_err err; /* what ends the run */
    /* of fix, on the only lane */
    struct iw_pool *pool;
    struct iw_item *mends_first, *mends_last; /* waiting for room in the pool */
    uint64_t to_mend, mended;
    struct iw_judge result_judge; /* how results are judged */
    struct iw_goal goal;
    char encoder_folder[240]; /* of a command's files; "" until needed */
    const char *refuses_jpeg; /* a profile that takes no JPEG, or NULL */
    /* between the lane and the teller: teller.c */
    struct iw_item *batch_first, *batch_last;
    size_t batch_count;
    unsigned out;                           /* items that are with the teller */
    struct iw_item *back_first, *back_last; /* under the teller's mutex */
    atomic_bool has_back, wants_back;       /* wants_back: its loop is to be woken for what is back */

    /* what others leave for it, under the mutex */
    pthread_mutex_t mutex;
    struct iw_batch *inbox_first, *inbox_last, *spare; /* spare: read, to be filled again */
    struct iw_item *visitors;                          /* items of other lanes, or ours that come home */
    bool wants_end;
    int wants_stop; /* 0 no, 1 drained, 2 at once */
    struct iw_lane_news news;
    struct iw_batch *filling; /* the reader's thread alone */
};

struct iw_audit {
    const struct iw_audit_policy *policy;
    struct iw_audit_events events;
    struct iw_net *net;    /* for documents */
    struct iw_arena arena; /* origins */
    struct iw_totals totals, sum;
    struct iw_map documents_seen;
    struct iw_map elements; /* fingerprint to the one copy of a lead's element */
    const char *element;    /* the last of them that was asked for */
    struct iw_read_as read_as[IW_READ_AS_MAX];
    struct iw_hash_key key;
    struct iw_input *inputs, *last_input;
    struct iw_errand *errands, *last_errand; /* documents that wait, */
    unsigned documents_open;                 /* or are fetched, */
    unsigned errands_held;                   /* or wait for their host's robots.txt */
    atomic_uint clients; /* that ask hosts now: the lanes, of which each host has one, and who fetches documents */
    bool has_said_most;  /* that there are too many */
    struct iw_local local;
    struct iw_arena scratch; /* of the lead at hand */
    struct iw_buf known;     /* of its target, as bytes */
    bool is_stopping, has_said_end;
    enum iw_err err; /* what ends the run */
    struct iw_teller *teller;
    struct iw_repairs *repairs; /* of fix; else NULL */
    struct iw_robots_table robots;
    struct iw_robots_agents agents;
    struct iw_robots_seat robots_seat;
    struct iw_net_policy net_policy; /* the policy's, as a lane has it: its share, cut to the descriptors there are */
    struct iw_addresses addresses;   /* what each is asked by all lanes, and for documents */
    struct iw_places places;         /* of all lanes, which share them out; kept where what is told is made to last */
    struct iw_lane *lanes;
    unsigned lane_count;
    atomic_uint lanes_running;
    atomic_size_t waiting;    /* parcels that no lane has begun yet, */
    atomic_size_t pending;    /* or that are not told yet: while there are any, items may visit any lane */
    atomic_uint contexts;     /* their weight, */
    atomic_bool reader_waits; /* for these numbers to fall */
    atomic_int lane_err;      /* enum iw_err of the first lane that failed */
};

/* audit.c */
void iw_audit_fail(struct iw_audit *audit, enum iw_err err);
void iw_audit_complain(struct iw_audit *audit, struct iw_str path, const struct iw_diag *diag, bool is_incomplete);
struct iw_origin *iw_origin_new(struct iw_audit *audit, struct iw_str path, const char *kind, unsigned depth);
uint64_t iw_audit_fingerprint(const struct iw_audit *audit, struct iw_str text);
bool iw_audit_has_room(const struct iw_audit *audit);

/* post.c, on the reader's thread: leads to lanes. Codes as of iw_url_parse() never come back: what is refused is
 * posted. */
enum iw_err iw_post_lead(struct iw_audit *audit, struct iw_origin *origin, const struct iw_lead *lead);
enum iw_err iw_post_local(struct iw_audit *audit, struct iw_origin *origin, const char *path);
/* An image of a request that is repaired; its texts outlive its item. SEAL: so many of the bundle's were posted. */
enum iw_err iw_post_ticket(struct iw_audit *audit, struct iw_origin *origin, const struct iw_lead *lead,
                           struct iw_ticket *ticket);
enum iw_err iw_post_seal(struct iw_audit *audit, struct iw_origin *origin, struct iw_bundle *bundle, size_t count);
void iw_post_flush(struct iw_audit *audit); /* what is half full */
struct iw_lane *iw_lane_of(const struct iw_audit *audit, struct iw_str origin);

struct iw_place iw_post_place(const struct iw_lead *lead);
/* The same as iw_post_lead(), of what is a URL. */
enum iw_err iw_post_url(struct iw_audit *audit, struct iw_origin *origin, const struct iw_lead *lead,
                        struct iw_ticket *ticket);
/* Packs a parcel for a lane, with its context if it has one: that is the lane's then, and freed on failure. */
enum iw_err iw_post_parcel(struct iw_audit *audit, struct iw_lane *lane, struct iw_parcel *parcel, struct iw_str text,
                           struct iw_str why);
/* Whether an image that stands in a document, by its shortened text, is to be weighed. */
enum iw_err iw_post_in_scope(struct iw_audit *audit, struct iw_str text, bool *out_in);

/* lane.c */
enum iw_err iw_lane_open(struct iw_audit *audit, struct iw_lane *lane, unsigned index, struct iw_diag *diag);
enum iw_err iw_lane_start(struct iw_lane *lane); /* its thread */
void iw_lane_join(struct iw_lane *lane);         /* waits for the end of its thread, if there is one */
void iw_lane_close(struct iw_lane *lane);
void iw_lane_post(struct iw_lane *lane, struct iw_batch *batch);
void iw_lane_visit(struct iw_lane *lane, struct iw_item *item); /* hands an item over, from another lane's thread */
void iw_lane_end(struct iw_lane *lane);                         /* no more is posted */
void iw_lane_stop(struct iw_lane *lane, bool is_drained);
void iw_lane_fail(struct iw_lane *lane, enum iw_err err); /* on its own thread: ends the run */
void iw_lane_news(struct iw_lane *lane, struct iw_lane_news *out);

/* frontier.c, on the lane's thread: what waits, by host */
/* Takes the parcel's context over. */
enum iw_err iw_frontier_add(struct iw_lane *lane, struct iw_parcel *parcel, uint64_t fingerprint, struct iw_want **out);
enum iw_err iw_frontier_add_ref(struct iw_want *want, struct iw_parcel *parcel); /* takes the context over */
/* Whose turn it is, or NULL: nobody's. The want is the caller's, to be freed with iw_want_free(). */
struct iw_want *iw_frontier_take(struct iw_lane *lane, struct iw_waiting **out_waiting);
void iw_frontier_open(struct iw_lane *lane, struct iw_waiting *waiting); /* its robots.txt is known */
/* The hosts that will take longest. */
void iw_frontier_look(const struct iw_lane *lane, struct iw_lane_news *out);
void iw_frontier_done(struct iw_lane *lane, struct iw_waiting *waiting); /* one item less of that host */
void iw_want_free(struct iw_want *want);
void iw_frontier_drop(struct iw_lane *lane); /* all that waits; hosts stay */
void iw_frontier_release(struct iw_lane *lane);

/* teller.c: its thread judges and reports */
enum iw_err iw_teller_new(struct iw_audit *audit);
void iw_teller_give(struct iw_lane *lane, struct iw_item *item);
void iw_teller_hurry(struct iw_lane *lane); /* hands over what waits for a batch to fill */
/* Takes back what was told (iw_item_told() is called for each); wants_all: waits until there is something. */
void iw_teller_collect(struct iw_lane *lane, bool wants_all);
void iw_teller_tokens(const struct iw_audit *audit, struct iw_token_totals *out); /* IW_TOKEN_TOTALS of them */
void iw_teller_free(struct iw_audit *audit);

/* mend.c: fix, between the first judgement and the record */
enum iw_err iw_mend_open(struct iw_lane *lane, struct iw_diag *diag); /* starts the pool */
enum iw_err iw_mend_watch(struct iw_lane *lane);                      /* its loop listens to the pool */
void iw_mend_close(struct iw_lane *lane);
/* On the lane's thread: an item is back that wants mending; fetches and jobs that may start. */
void iw_mend_queue(struct iw_lane *lane, struct iw_item *item);
void iw_mend_held(struct iw_item *item); /* one is back that waits for the others of its request */
void iw_mend_return(struct iw_lane *lane, struct iw_item *item); /* to the queue that it was taken from */
void iw_mend_pump(struct iw_lane *lane);
void iw_mend_stop(struct iw_lane *lane, uint64_t drain_ms);
void iw_mend_count(struct iw_lane *lane, const struct iw_item *item); /* it was told */
void iw_mend_release(struct iw_item *item);                           /* what is kept outside of its arena */
bool iw_mend_is_busy(const struct iw_lane *lane);

/* The end of an item that was worked on: FAILED for a reason, or a JPEG that is judged first. */
void iw_mend_fail(struct iw_item *item, const char *format, ...) IW_PRINTF(2, 3);
void iw_mend_result(struct iw_item *item, const uint8_t *bytes, uint64_t len);

/* decide.c */
/* On the teller's thread: judges an item that is told for the first time. True: there is nothing (more) to be done,
 * tell it as record says; false: it wants mending, or waits for others. */
bool iw_mend_judge(struct iw_item *item, struct iw_findings *findings, struct iw_record *record);
struct iw_judge iw_mend_judge_of(const struct iw_item *item);
/* What is left to be done: FAILED with a reason, KEPT, or the action to be attempted. */
enum iw_action iw_mend_decide(struct iw_item *item, struct iw_str *out_reason);
/* The first limit that such bytes would break where the consumer gets them; *out_why then says so. */
bool iw_mend_find_flaw(struct iw_item *item, uint64_t len, const struct iw_image_facts *image, struct iw_str *out_why);

/* encode.c: the operator's encoder makes a JPEG of the pixels that the item's job holds */
void iw_encode(struct iw_item *item);
void iw_encode_close(struct iw_lane *lane);

/* goal.c: what recompression aims at, by profiles and options */
void iw_goal_of(const struct iw_audit_policy *policy, const struct iw_judge *judge, struct iw_goal *out,
                const char **out_refuses_jpeg);

/* item.c, on the lane's thread */
/* The fingerprint of a lead that is about to arrive, 0 where it is not looked up; its place is fetched meanwhile. */
uint64_t iw_item_expect(const struct iw_lane *lane, const struct iw_parcel *parcel);
void iw_item_parcel(struct iw_lane *lane, struct iw_parcel *parcel, uint64_t fingerprint); /* it arrives */
void iw_item_start_some(struct iw_lane *lane); /* as many as the network is hungry for */
void iw_item_leave_row(struct iw_item *item);  /* another item of its host may begin */
void iw_item_finish(struct iw_item *item);     /* all is known, and it is at home */
void iw_item_told(struct iw_item *item);       /* one is back from the teller */
void iw_item_free_all(struct iw_lane *lane);

/* suggest.c */
/* On the teller's thread: whether a variant is to be asked for before it is told. */
bool iw_suggest_wants(struct iw_item *item, const struct iw_judge *judge, const struct iw_findings *findings);
/* On the lane's: it is back for that. False: nothing is asked for any more, so it is told as it is. */
bool iw_suggest_ask(struct iw_item *item);
/* On the lane's: all is known of the variant. False: it is the item itself of which all is known. */
bool iw_suggest_heard(struct iw_item *item);
/* On the teller's: the variant that passes, or NULL. */
const struct iw_suggestion *iw_suggest_judge(struct iw_item *item, const struct iw_judge *judge,
                                             struct iw_findings *scratch);
/* On the lane's: for references that come late, and for one that does. */
void iw_suggest_keep(const struct iw_item *item);
void iw_suggest_recall(struct iw_item *item, uint64_t fingerprint);

/* ask.c, on the lane's thread */
void iw_ask(struct iw_item *item);                               /* what comes next for it: a request, or its end */
void iw_ask_visitor(struct iw_lane *lane, struct iw_item *item); /* one arrives from another lane */
void iw_ask_heard_robots(struct iw_lane *lane);                  /* what waits for a robots.txt that is known now */

/* document.c */
/* Whether what went wrong may be well another time. */
bool iw_document_may_pass(const struct iw_transfer *transfer);
/* What to do with the body of an answer that is not read. */
enum iw_body iw_document_no_body(const struct iw_response *response);
/* A document to be fetched, unless it was named before. errand says what it is; its origin is filled in. from: the
 * document that names it, or NULL. */
enum iw_err iw_document_add(struct iw_audit *audit, const struct iw_origin *from, const struct iw_url *url,
                            struct iw_errand errand);
/* Says why a document is not read: nested too deeply, or one of too many, which is said once. */
enum iw_err iw_document_leave_out(struct iw_audit *audit, struct iw_str path, bool is_deep);
void iw_document_start_some(struct iw_audit *audit);
void iw_document_hear_robots(struct iw_audit *audit); /* what waits for a robots.txt that is known now */
/* The events that feed an origin's leads into the audit; user is a struct iw_feeding. */
struct iw_feeding {
    struct iw_audit *audit;
    struct iw_origin *origin;
    struct iw_reader *const *reader; /* tells the kind, once it is known */
};
void iw_feeding_events(struct iw_feeding *feeding, struct iw_source_events *out);
/* The kind, NULL while it is not known; its origin has it from now on: before the first parcel goes to a lane. */
const struct iw_source *iw_feeding_kind(struct iw_feeding *feeding);
/* The document was read as far as it will be: counts what it was read as. */
void iw_feeding_end(struct iw_audit *audit, const struct iw_origin *origin, const struct iw_reader *reader);

/* files.c: what local pages name */
struct iw_file {
    struct iw_str path, place; /* terminated; place: below the root */
    const char *why;           /* it may not be named; one sentence, static */
    bool is_missing;           /* no regular file */
};
/* Whether a lead names a file, not a URL. */
bool iw_file_is_named(const struct iw_origin *origin, const struct iw_lead *lead);
/* That file. IW_ERR_NOMEM. */
enum iw_err iw_file_find(struct iw_arena *arena, const struct iw_origin *origin, const struct iw_lead *lead,
                         struct iw_file *out);
/* Makes the folder of a local file the root of what it names. IW_ERR_NOMEM. */
enum iw_err iw_file_root(struct iw_arena *arena, struct iw_origin *origin);

/* input.c */
/* A local page or style sheet that a local page names, unless it was named before. */
enum iw_err iw_input_add_found(struct iw_audit *audit, const struct iw_origin *from, const struct iw_lead *lead,
                               const struct iw_file *file);
bool iw_input_pump(struct iw_audit *audit); /* true while local inputs remain */
void iw_input_drop_all(struct iw_audit *audit);

/* spool.c */
struct iw_spooled_edit {
    uint32_t file;
    struct iw_edit edit;
};
struct iw_spool {
    int text_fd, edits_fd;     /* -1 until needed */
    struct iw_buf text, edits; /* not yet written */
    uint64_t text_written, edits_written;
    size_t edit_count;
    struct iw_spooled_edit *sorted; /* all of them, once iw_spool_sort() is done; NULL where there are none */
    int why;                        /* errno of what failed first */
};
void iw_spool_init(struct iw_spool *spool);
void iw_spool_release(struct iw_spool *spool);
/* Appends text, or bytes as base64; iw_spool_end() is where it begins. IW_ERR_IO, IW_ERR_NOMEM. */
uint64_t iw_spool_end(const struct iw_spool *spool);
enum iw_err iw_spool_text(struct iw_spool *spool, struct iw_str text);
enum iw_err iw_spool_base64(struct iw_spool *spool, struct iw_str bytes);
enum iw_err iw_spool_edit(struct iw_spool *spool, uint32_t file, const struct iw_edit *edit);
/* All of len bytes at a place of a file; false: they are not there. */
bool iw_read_at(int fd, uint64_t at, void *out, size_t len);
/* Text that was appended; false: it cannot be read. */
bool iw_spool_read(struct iw_spool *spool, uint64_t at, uint8_t *out, size_t len);
/* Edits in the order of files and places. No more may be added. IW_ERR_IO. */
enum iw_err iw_spool_sort(struct iw_spool *spool);
size_t iw_spool_first(const struct iw_spool *spool, uint32_t file);

/* replay.c */
void iw_replay_init(struct iw_replay *replay);
void iw_replay_release(struct iw_replay *replay);
/* Stores facts; *out_place is where. IW_ERR_NOMEM, IW_ERR_IO. */
enum iw_err iw_replay_put(struct iw_replay *replay, const struct iw_facts *facts, uint64_t *out_place);
/* The facts stored there, for url (the same that was asked about, as written now). IW_ERR_NOMEM, IW_ERR_IO. */
enum iw_err iw_replay_get(struct iw_replay *replay, uint64_t place, struct iw_str url, struct iw_arena *arena,
                          struct iw_facts *out);

/* saved.c: facts as bytes, a head and texts behind it */
enum { IW_SAVED_TEXTS = 7 };
struct iw_saved {
    struct iw_image_facts image;
    uint64_t bytes, bytes_read, us;
    unsigned requests;
    uint32_t robots_denied;
    uint16_t len[IW_SAVED_TEXTS];
    int16_t status;
    uint8_t http_version, bytes_from, failure;
    bool has_looked, is_final_same; /* final_url is the URL itself */
};
void iw_saved_add(struct iw_buf *out, const struct iw_facts *facts);
size_t iw_saved_texts_len(const void *head);
/* The texts stay where they are. */
void iw_saved_get(const void *head, const char *texts, struct iw_str url, struct iw_facts *out);

/* trace.c: lines for explain; nothing happens unless the trace event is set */
void iw_trace_request(const struct iw_audit_events *events, const struct iw_request *request);
void iw_trace_robots(const struct iw_audit_events *events, struct iw_str why);
void iw_trace_answer(const struct iw_audit_events *events, const struct iw_transfer *transfer);

#endif
