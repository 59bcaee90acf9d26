/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Bytes of a document to leads: what it names, and where. Push parsers: bytes go in as they come, leads
 * come out at once, nothing grows with the document. */
#ifndef IW_SOURCE_SOURCE_H
#define IW_SOURCE_SOURCE_H

#include "base/buf.h"
#include "request/request.h"

struct iw_reader_limits;

/* What a lead is thought to be before anything is fetched. */
enum iw_lead_role {
    IW_LEAD_IMAGE,    /* named as an image, or by a list, which does not say: weigh it */
    IW_LEAD_DOCUMENT, /* a further sitemap: read it */
    IW_LEAD_PAGE,     /* a page that a sitemap lists: an image only when its path has an image's extension */
    IW_LEAD_STYLE,    /* a style sheet */
    IW_LEAD_LINK,     /* what a page links to: perhaps a page */
    IW_LEAD_FILE,     /* embedded without a word about its type: an image only when its path has an image's extension */
};

/* What a page asks of robots: bits. */
enum iw_wish {
    IW_WISH_NO_LINKS = 1,  /* links are not to be followed (nofollow, none) */
    IW_WISH_NO_IMAGES = 2, /* images are not for robots (noimageindex) */
};

/* One reference, as written. The slices die with the callback. */
struct iw_lead {
    struct iw_str url;
    struct iw_str base; /* what it is relative to, itself relative to the document's address; empty: that address */
    enum iw_lead_role role;
    unsigned line;       /* 1-based place of the reference in the (inflated) document; stays at 2^32 - 1 */
    unsigned column;     /* 1-based, in bytes; a byte order mark takes none. In documents that are converted (UTF-16, or
                            XML that declares another encoding than UTF-8) it counts the converted text */
    const char *element; /* "image:loc", "video:thumbnail_loc", "loc", "sitemap" (its own text), "Sitemap", the name of
                            a CSV's column, a feed's element ("enclosure@url": its attribute), "img@srcset",
                            "meta og:image", "url()"; NULL for a list's line. Dies with the callback, too */
    uint32_t place_width_px, place_height_px; /* what a page says of the size of an image; 0: nothing */
    bool place_is_exact;        /* of the file itself (srcset's 640w, or 300 px at 2x), not its place in CSS pixels */
    unsigned wishes;            /* of the page so far, and of the link itself: enum iw_wish */
    const struct iw_call *call; /* of a request file: the request that holds it, read whole; else NULL */
    const struct iw_call_image *image; /* the same: which of its images; what is inlined is weighed already */
};

/* What request files have to say besides leads. */
struct iw_call_events {
    /* A request was read whole; the leads of its images came just before. */
    enum iw_err (*call)(void *user, const struct iw_call *call);
    /* As in struct iw_request_events. */
    enum iw_err (*fault)(void *user, enum iw_request_fault fault, unsigned line, unsigned column, uint64_t at,
                         struct iw_str custom_id, struct iw_str text);
    /* The file has ended. */
    enum iw_err (*file)(void *user, const struct iw_request_file *file);
};

/* Something wrong in the document that does not end it: a bad line, an unreadable tail. */
struct iw_source_events {
    /* One reference. Return IW_OK to go on; another code stops the parser, which returns it. */
    enum iw_err (*lead)(void *user, const struct iw_lead *lead);
    /* A complaint with its place; the parser goes on. */
    void (*complaint)(void *user, unsigned line, unsigned column, const char *text);
    void *user;
    const struct iw_call_events *calls; /* or NULL; called with the same user */
};

/* One input kind: one file, one row of sources.def. */
struct iw_source {
    const char *name;
    const char *help;
    enum iw_lead_role serves; /* what it is read for: IW_LEAD_DOCUMENT, IW_LEAD_PAGE or IW_LEAD_STYLE */
    bool is_bulky;            /* it names little for its size, and is read in large pieces */
    /* How sure the kind is of the first bytes (at most 4096; BOM and leading white space still in place):
     * 0 no, 1 it reads anything, 50 likely, 100 certain. */
    int (*sniff)(struct iw_str head, struct iw_str name_hint);
    size_t state_size;
    /* state is state_size cleared bytes. IW_ERR_NOMEM. */
    enum iw_err (*begin)(void *state, const struct iw_source_events *events);
    /* Called at most once, between begin and feed. limits outlive the state. May be NULL. */
    void (*set)(void *state, const struct iw_reader_limits *limits);
    /* Called at most once, between begin and feed, with what an HTTP header says of the document. May be NULL. */
    void (*content_type)(void *state, struct iw_str value);
    /* IW_ERR_SYNTAX: fatal, what was emitted stands, diag says where. Or what a callback returned. */
    enum iw_err (*feed)(void *state, const char *bytes, size_t len, struct iw_diag *diag);
    /* The document ended. Same errors (a truncated document is IW_ERR_SYNTAX). */
    enum iw_err (*finish)(void *state, struct iw_diag *diag);
    /* Appends what was made of the document ("column image_link"); nothing where there is nothing to say. May be NULL.
     */
    void (*describe)(const void *state, struct iw_buf *out);
    /* Gives memory back; accepts a half-begun state. */
    void (*release)(void *state);
};
extern const struct iw_source *const iw_sources[];
extern const size_t iw_source_count;
/* By name, or NULL. */
const struct iw_source *iw_source_find(struct iw_str name);

/* Limits of a reader, and what it is to look for. */
struct iw_reader_limits {
    uint64_t max_inflated_bytes; /* of a gzip document; beyond: IW_ERR_LIMIT, leads so far stand */
    uint64_t max_bytes;          /* of a document as it comes; beyond: the same */
    uint64_t max_page_bytes;     /* of a page or style sheet, inflated; beyond: the same; 0: no limit of its own */
    unsigned max_line_bytes;     /* of a list's line, and of one URL in a sitemap: longer ones are complaints;
                                    0: 64 KiB */
    const char *column;          /* of a CSV: the name of a column, or its number from 1; NULL: known names */
    const char *xpath;           /* of a feed: what holds URLs, checked by iw_xpath_check(); NULL: known names */
};

/* Reads one document: inflates gzip by its magic (1F 8B) whatever the name says, recognises the kind
 * from the first bytes unless told, and feeds the parser. Trailing bytes behind a gzip stream are ignored. */
struct iw_reader;
/* kind NULL: recognise. name_hint: path or URL, a hint only. IW_ERR_NOMEM. */
enum iw_err iw_reader_new(const struct iw_source *kind, struct iw_str name_hint, const struct iw_reader_limits *limits,
                          const struct iw_source_events *events, struct iw_reader **out) IW_MUST_USE;
/* Before the first byte: only kinds that serve what it was named for are recognised. IW_LEAD_STYLE: it is one. */
void iw_reader_expect(struct iw_reader *reader, enum iw_lead_role role);
/* Before the first byte: the HTTP header's Content-Type, for its charset. IW_ERR_NOMEM. */
enum iw_err iw_reader_content_type(struct iw_reader *reader, struct iw_str value) IW_MUST_USE;
/* IW_ERR_INPUT: none of the kinds. IW_ERR_SYNTAX, IW_ERR_LIMIT, IW_ERR_NOMEM, or what a callback returned. An error is
 * the end: every later call returns it again. */
enum iw_err iw_reader_feed(struct iw_reader *reader, const char *bytes, size_t len, struct iw_diag *diag) IW_MUST_USE;
/* Also judges documents shorter than the sniff window. */
enum iw_err iw_reader_finish(struct iw_reader *reader, struct iw_diag *diag) IW_MUST_USE;
/* What it was read as; NULL while undecided. */
const struct iw_source *iw_reader_kind(const struct iw_reader *reader);
/* Appends what the kind made of it, as "column image_link". */
void iw_reader_describe(const struct iw_reader *reader, struct iw_buf *out);
void iw_reader_free(struct iw_reader *reader);
/* Recognition alone, for a caller that holds the first bytes, among the kinds that serve role (IW_LEAD_IMAGE: all).
 * is_gzip (unless NULL) says whether they are gzip (then the kind is NULL). NULL: none of the kinds (binary bytes). */
const struct iw_source *iw_source_sniff(struct iw_str head, struct iw_str name_hint, enum iw_lead_role role,
                                        bool *is_gzip);

/* Whether it is a path that a feed can be searched by; diag says where it is not. IW_ERR_SYNTAX, IW_ERR_RANGE. */
enum iw_err iw_xpath_check(struct iw_str text, struct iw_diag *diag) IW_MUST_USE;

/* ---- what robots.txt allows (RFC 9309) ---- */

/* Our product token. */
#define IW_ROBOTS_AGENT "imgweigh"

/* So much of it is read. */
#define IW_ROBOTS_BYTES 512000
/* What a site may ask for between two requests; of one that asks for more nothing is fetched. */
#define IW_ROBOTS_DELAY_MAX_MS 300000

/* The rules for one agent. Fed in any pieces, then finished, then asked; none of it changes any more. */
struct iw_robots_rules;
/* agent: a product token. NULL: no memory. */
struct iw_robots_rules *iw_robots_rules_new(const char *agent);
/* Any bytes are lines: what is no rule says nothing. IW_ERR_NOMEM. */
enum iw_err iw_robots_rules_feed(struct iw_robots_rules *rules, const char *bytes, size_t len) IW_MUST_USE;
enum iw_err iw_robots_rules_finish(struct iw_robots_rules *rules) IW_MUST_USE;
void iw_robots_rules_free(struct iw_robots_rules *rules);
/* Bytes that they take up. */
size_t iw_robots_rules_size(const struct iw_robots_rules *rules);
/* The Crawl-delay; 0: none. */
uint64_t iw_robots_rules_delay_ms(const struct iw_robots_rules *rules);

/* The rule that decides. */
struct iw_robots_word {
    bool is_allowed;
    unsigned line;         /* 0: no rule is about it, which allows it */
    struct iw_str pattern; /* in the form in which it is compared; as long as the rules */
};
/* path: of a canonical URL, with its query. IW_ERR_NOMEM. */
enum iw_err iw_robots_judge(const struct iw_robots_rules *rules, struct iw_str path,
                            struct iw_robots_word *out) IW_MUST_USE;

/* What X-Robots-Tag lines (LF between them) or the content of <meta name=robots> ask of us: enum iw_wish. */
unsigned iw_robots_wishes(struct iw_str text);

/* "libxml2/2.9.14 zlib/1.2.13", for --version; static text. */
const char *iw_source_versions(void);

#endif
