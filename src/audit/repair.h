/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Request files that fix writes anew. A request whose images are on their way is a bundle, each of its images a ticket
 * that its item holds. Items come back to their bundle when all is known of them; when all are there, the request is
 * weighed as a whole, some are perhaps made once more, and what is to be written is left in the spool (bundle.c). The
 * reader's thread makes bundles (repair.c); from then on they are the lane's, of which fix has one. */
#ifndef IW_AUDIT_REPAIR_H
#define IW_AUDIT_REPAIR_H

#include "audit/inside.h"

#include <sys/stat.h>

/* A request file. */
struct iw_repair {
    struct iw_repair *next;
    uint32_t index;
    struct iw_str path;
    int fd; /* of the document, kept open; -1: see iw_repair_open() */
    struct stat stat;
    struct iw_request_file figures;
    bool is_whole; /* read to its end */
    /* of the lane */
    uint64_t added_bytes, lost_bytes, edits;
    bool is_spoilt; /* something of it could not be spooled */
};

/* What can be written for an image, and what the request then holds. */
struct iw_prospect {
    struct iw_mended mended;
    struct iw_edit edits[IW_REWRITE_MAX];
    size_t edit_count;
    uint64_t chars, bytes; /* of the inline image; 0: none stands there */
};

/* A URL, and what is known of it. */
struct iw_twin {
    struct iw_twin *next; /* of all */
    unsigned count;       /* tickets of this URL */
    bool is_known;
    uint64_t place; /* of its facts, in the lane's log, once it is known */
    struct iw_waiting_twin *waiting;
    struct iw_item *fetcher, *parked; /* who fetches it, and who waits for that */
    struct iw_span source;            /* of the spool: its bytes, if they may be wanted again */
    struct iw_str why;                /* it cannot be fetched; NONE: not known */
};

struct iw_ticket {
    struct iw_bundle *bundle;
    struct iw_twin *twin;  /* of a URL */
    const char *misplaced; /* it stands where its kind of text does not belong, static; or NULL */
    struct iw_call_image image;
    struct iw_inline inlined;
    struct iw_setting setting;
    struct iw_item *item; /* once it has come back */
    struct iw_prospect first, now, best;
    bool is_shared; /* it is made anew because the request is too large */
    bool is_masked; /* a mask goes with it, or it is one: neither may be made anew */
    bool is_inline; /* it stands in the file */
};

struct iw_bundle {
    struct iw_bundle *next, **at; /* of all that are open; under the mutex of the repairs */
    struct iw_repair *repair;
    struct iw_arena arena;
    struct iw_call call;
    struct iw_ticket *tickets;
    size_t count;
    /* of the lane */
    bool is_sealed; /* all its parcels have come */
    size_t expected, arrived, told;
    enum { IW_ROUND_FIRST, IW_ROUND_FLOOR, IW_ROUND_BISECT, IW_ROUND_SCALE } round;
    unsigned step, quality, low, high; /* quality: of this round; low fits, high does not */
    unsigned scale_percent;
    bool has_best;
    struct iw_finding over; /* that the request was too large, without its message */
};

struct iw_repairs {
    pthread_mutex_t mutex; /* of the row of bundles */
    struct iw_bundle *bundles;
    struct iw_repair *first, *last; /* of the reader */
    uint32_t count;
    const struct iw_repair *opened; /* of the lane: the last file that was opened again */
    int opened_fd;
    struct iw_spool spool; /* of the lane */
    bool may_exceed;       /* some profile limits what a request may hold */
    struct iw_arena twins;
    struct iw_map urls; /* fingerprint to struct iw_twin */
    struct iw_twin *all_twins;
    size_t twins_waiting;
    atomic_size_t tickets; /* that are open: reading waits while they are many */
};

/* ---- repair.c, on the reader's thread ---- */

enum iw_err iw_repairs_new(struct iw_audit *audit);
void iw_repairs_free(struct iw_audit *audit);
/* A descriptor of the document for reading by place, borrowed until the next call; on the lane's thread, and when the
 * run is over. -1: errno says why, ESTALE that another file stands there, or it changed. */
int iw_repair_open(struct iw_repairs *repairs, const struct iw_repair *repair);
bool iw_repairs_have_room(const struct iw_audit *audit);
/* The events of a request file's reader; user is a struct iw_feeding. */
extern const struct iw_call_events iw_repair_events;

/* ---- twin.c, on the lane's thread ---- */

struct iw_twin *iw_twin_of(struct iw_lane *lane, struct iw_str url); /* NULL: no memory */
/* A ticket waits for what another one learns. */
enum iw_err iw_twin_wait(struct iw_lane *lane, struct iw_twin *twin, const struct iw_parcel *parcel);
/* All is known: whoever waits is told from the lane's log, by tell. */
enum iw_err iw_twin_learn(struct iw_lane *lane, struct iw_twin *twin, const struct iw_facts *facts,
                          enum iw_err (*tell)(struct iw_lane *, struct iw_parcel *, uint64_t, uint64_t));
/* The run stops, or is over: nobody waits any more. How many there were. */
size_t iw_twins_drop(struct iw_repairs *repairs);
/* True: another item fetches the same, and this one is kept until that is done. */
bool iw_twin_parks(struct iw_item *item);
/* The bytes are in the item's slot, or will never be. Nothing happens unless the item fetched them. */
void iw_twin_fetched(struct iw_item *item);
void iw_twin_failed(struct iw_item *item);

/* ---- bundle.c, on the lane's thread ---- */

/* All parcels of a bundle have come, so many images among them. */
void iw_bundle_seal(struct iw_lane *lane, struct iw_bundle *bundle, size_t count);
/* An item comes back: judged and left alone, or with what was made of it. */
void iw_bundle_arrive(struct iw_item *item);
/* The run stops: nothing is waited for any more. */
void iw_bundles_abandon(struct iw_lane *lane);
/* Its item was told, and is given back now. */
void iw_bundle_told(struct iw_lane *lane, struct iw_ticket *ticket);
/* How the ticket's image is judged, as it stands or as base64. */
struct iw_judge iw_ticket_judge(const struct iw_lane *lane, const struct iw_ticket *ticket, bool as_base64);
/* What its picture must keep to in this round. */
void iw_ticket_goal(const struct iw_item *item, struct iw_goal *out, const char **out_refuses_jpeg);
/* What is to be done, where images of lists would be done this to. */
enum iw_action iw_ticket_action(const struct iw_lane *lane, struct iw_item *item, enum iw_action action,
                                struct iw_str *out_reason);
/* Its bytes into the job's slot. False: they cannot be had, *out_why says why. */
bool iw_ticket_read(struct iw_item *item, const char **out_why);
/* Spools what is to be written for such bytes. False: it cannot be, *out_why says why. */
bool iw_ticket_take(struct iw_item *item, enum iw_action action, struct iw_str bytes,
                    const struct iw_image_format *format, const char **out_why);

#endif
