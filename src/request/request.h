/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Request files of vision APIs: bytes of JSON or JSON Lines to calls and the images that each of them carries, with the
 * spans where they stand; and the same bytes with some spans replaced. Pure but for what a caller hands over: no
 * sockets, no clock, no globals. Memory does not grow with a line, a document or an image. */
#ifndef IW_REQUEST_REQUEST_H
#define IW_REQUEST_REQUEST_H

#include "base/arena.h"
#include "base/buf.h"
#include "image/image.h"

/* Bytes of the document as it was read (after gzip). */
struct iw_span {
    uint64_t at;
    uint64_t len; /* 0: there is none */
};

/* ---- an image that stands in its document ---- */

/* What is known of base64 text or of a data URI (RFC 2397, RFC 4648) without decoding it whole. */
struct iw_inline {
    uint64_t chars;        /* of the whole string, unescaped: prefix, white space and padding included */
    uint64_t base64_chars; /* of the base64 text, white space left out, padding included */
    uint64_t bytes;        /* that it decodes to */
    bool has_prefix;       /* "data:...," stands before it */
    struct iw_str label;   /* media type as the prefix or the sibling states it, lower-case; NONE: none */
    bool is_url_safe;      /* "-" and "_" stand where "+" and "/" belong */
    bool is_unpadded;      /* the padding that belongs there is missing */
    bool has_space;        /* white space stands in the base64 text */
    bool has_percent;      /* percent escapes do, as RFC 2397 lets them */
    bool is_doubled;       /* a second prefix stands behind the first, as where one was added to a whole data URI */
    bool lacks_end;        /* a PNG, JPEG or GIF that does not end as these do: it may be cut off */
    const char *fault;     /* what is malformed ("a character outside the alphabet"), static; NULL: nothing */
    bool has_looked;       /* the first bytes were looked at: image.format NULL means "no known image" */
    struct iw_image_facts image;
    bool is_corrupt;      /* its header contradicts itself, or the image ends inside it: dims_why says how */
    const char *dims_why; /* why the pixel size is not known, static; NULL when it is */
};

/* ---- calls and their images ---- */

/* How an image is named. */
enum iw_carrier {
    IW_CARRIER_URL,      /* http or https */
    IW_CARRIER_DATA_URI, /* "data:..." */
    IW_CARRIER_BASE64,   /* base64 text alone, its type (if any) in a sibling */
    IW_CARRIER_ID,       /* a file of the consumer's: nothing to weigh, but an image to count */
    IW_CARRIER_OTHER,    /* a URI that nobody but the consumer fetches: gs:, s3: */
};

/* What must be written where a URL becomes the image's own base64. */
enum iw_inlining {
    IW_INLINE_NONE,     /* the shape has no place for it */
    IW_INLINE_DATA_URI, /* the URL's string becomes a data URI */
    /* The member that names it becomes one of its base64, beside one that says its type, and keys and kind around it
     * follow: Anthropic's {"type":"url","url":U} becomes {"type":"base64","media_type":M,"data":D}, Gemini's
     * "fileData":{"fileUri":U} "inlineData":{"mimeType":M,"data":D}. Further members stay. */
    IW_INLINE_MEMBERS,
};

/* One image of a call. Slices live as long as the call. */
struct iw_call_image {
    enum iw_carrier carrier;
    struct iw_str text;    /* URL, URI or id, unescaped; of inline images "data:image/png;base64,...(N chars)" */
    struct iw_str path;    /* "$.body.messages[0].content[1].image_url.url" */
    unsigned line, column; /* 1-based, of the string's opening quote; columns in bytes */
    struct iw_span value;  /* the string with its quotes */
    struct iw_span label;  /* the sibling that names its type, a string with its quotes */
    struct iw_span kind; /* a sibling that becomes "base64" when it is inlined ("source_type"), a string with quotes */
    struct iw_span key,
        outer; /* of IW_INLINE_MEMBERS: from the quote of a key to its value; outer: there may be none */
    const char *data_key, *type_key, *outer_key; /* what stands there then, static; type_key NULL: a label is there */
    enum iw_inlining inlining;
    const char *not_inlined; /* why it cannot be although its shape has a place for it, static; NULL: it can */
    struct iw_str said;      /* the media type that this sibling names, as written */
    bool label_is_format;    /* the sibling says "png" (Bedrock Converse): said is then "image/png" */
    bool is_mask;            /* it says which pixels of the other images are meant */
    bool has_detail;
    struct iw_str detail;            /* "low", "high", "auto", "original", or whatever is written */
    const struct iw_inline *inlined; /* of DATA_URI and BASE64; else NULL */
};

/* One request of a file. */
struct iw_call {
    uint64_t index;          /* from 0, in the file */
    unsigned line, column;   /* where it begins */
    struct iw_span span;     /* of its JSON */
    struct iw_str custom_id; /* of a batch: custom_id, key, recordId; NONE */
    struct iw_str model;     /* as written; NONE */
    struct iw_str shape;     /* "openai-chat", "anthropic", "gemini", ... as shapes.def names it; NONE: no image */
    uint64_t images;         /* all image blocks, history, tool results and ids included */
    uint64_t inline_images;  /* those whose bytes are in it */
    uint64_t inline_chars;   /* their unescaped strings */
    uint64_t inline_bytes;   /* what they decode to */
    const struct iw_call_image *list; /* the first list_count of them */
    size_t list_count;                /* at most IW_CALL_MAX_IMAGES */
};
#define IW_CALL_MAX_IMAGES 4096

/* What is wrong with the file itself. */
enum iw_request_fault { IW_FAULT_JSON, IW_FAULT_DUPLICATE_ID };

struct iw_request_events {
    /* A request has ended. Another code than IW_OK stops the reader, which returns it. */
    enum iw_err (*call)(void *user, const struct iw_call *call);
    /* A line that is no JSON, or no object; the reader goes on with the next line. text: what was expected and what
     * is there. custom_id: as far as it was read, or NONE. */
    enum iw_err (*fault)(void *user, enum iw_request_fault fault, unsigned line, unsigned column, uint64_t at,
                         struct iw_str custom_id, struct iw_str text);
    void *user;
};

/* Figures of a whole file. */
struct iw_request_file {
    uint64_t bytes, lines, calls, images;
    uint64_t faults;
    bool is_batch;        /* JSON Lines, or a document of many requests */
    bool is_lines;        /* JSON Lines */
    bool has_many_models; /* not all of its requests name the same model */
};

/* Reads one file, fed in any pieces. */
struct iw_request_reader;
enum iw_err iw_request_reader_new(const struct iw_request_events *events,
                                  struct iw_request_reader **out) IW_MUST_USE; /* IW_ERR_NOMEM */
/* IW_ERR_NOMEM, IW_ERR_LIMIT (nesting, keys), or what an event returned. */
enum iw_err iw_request_reader_feed(struct iw_request_reader *reader, const char *bytes, size_t len,
                                   struct iw_diag *diag) IW_MUST_USE;
/* A single document that is cut or no JSON: IW_ERR_SYNTAX, with its place; else as above. */
enum iw_err iw_request_reader_finish(struct iw_request_reader *reader, struct iw_diag *diag) IW_MUST_USE;
const struct iw_request_file *iw_request_reader_file(const struct iw_request_reader *reader);
void iw_request_reader_free(struct iw_request_reader *reader);

/* What the first bytes look like: 0 no, 50 likely, 100 a request file for certain. */
int iw_request_sniff(struct iw_str head);

/* ---- data URIs and base64, also outside of request files ---- */

/* What a data URI that is in hand whole says (text as written, percent escapes and all). */
void iw_inline_read(struct iw_arena *arena, struct iw_str uri, struct iw_inline *out);

/* Decodes an inline image: text as it stands in a JSON string without quotes (escapes and all), prefix included, fed in
 * any pieces. Cleared at first. */
struct iw_inline_decoder {
    enum { IW_DECODE_START, IW_DECODE_PREFIX, IW_DECODE_BASE64, IW_DECODE_PERCENT } part;
    unsigned escape; /* of JSON: hexadecimal digits to come; 5: the letter behind a backslash */
    uint32_t code;
    char held[16]; /* the first characters, then the last of the prefix */
    size_t held_len;
    unsigned percent_left; /* characters of a percent escape to come */
    unsigned percent;
    char first_digit; /* of it, as written */
    bool has_prefix, is_doubled;
    bool is_watching; /* for a second prefix, in what is held */
    uint32_t bits;    /* of the base64 group at hand */
    unsigned digits, padding;
};
/* Writes at most room bytes to out; *out_len: how many. IW_ERR_SYNTAX: malformed. IW_ERR_LIMIT: no room; three bytes
 * for each four characters and three more always suffice. What is missing at the end is the caller's to notice, by
 * iw_inline.bytes: so is a text of no more than the beginning of a second "data:". */
enum iw_err iw_inline_decode(struct iw_inline_decoder *decoder, const char *text, size_t len, uint8_t *out, size_t room,
                             size_t *out_len) IW_MUST_USE;

/* ---- the same bytes with some spans replaced ---- */

/* One replacement; spans of a file are disjoint. A span without length is an insertion in front of its place. */
struct iw_edit {
    struct iw_span span;
    struct iw_span text; /* in the spool: what stands there instead */
};

/* Where the next bytes of the result stand: in the document, or in the spool. Whoever owns the descriptors copies them,
 * and need not bring them into memory. */
struct iw_piece {
    struct iw_span span;
    bool is_spooled;
};

/* Gives the next edit in the order of their places; *out_has false: there is none. */
typedef enum iw_err iw_next_edit(void *user, struct iw_edit *out, bool *out_has);

struct iw_splice {
    iw_next_edit *next;
    void *user;
    uint64_t at; /* of the document, so far */
    struct iw_edit edit;
    bool has_edit, is_over;
};
/* From the beginning of the document. */
void iw_splice_begin(struct iw_splice *splice, iw_next_edit *next, void *user);
/* The next piece of the result of what stands before end, a place in the document (of its size, or of the end of a
 * part: ends must not fall). A piece without length: that was all before end. IW_ERR_INTERNAL: edits overlap, come in
 * the wrong order or pass end; else what next returned. */
enum iw_err iw_splice_next(struct iw_splice *splice, uint64_t end, struct iw_piece *out) IW_MUST_USE;
/* No edit stands at end, where the document ends, or behind it. May be asked once all pieces before end were given. */
enum iw_err iw_splice_finish(struct iw_splice *splice) IW_MUST_USE; /* IW_ERR_INTERNAL, or as above */

/* Cuts a result into parts of at most max_bytes, each of whole lines of the document. Fed with the document. */
struct iw_split {
    iw_next_edit *next;
    void *user;
    uint64_t max_bytes;
    struct iw_buf *ends;  /* uint64_t: where parts end, in the document */
    uint64_t at, line_at; /* of the document */
    uint64_t part_bytes;  /* of the result */
    unsigned line;
    struct iw_edit edit;
    bool has_edit, is_over;
};
/* ends: empty, with a ceiling; the last part's end is added by iw_split_finish(). */
void iw_split_begin(struct iw_split *split, uint64_t max_bytes, iw_next_edit *next, void *user, struct iw_buf *ends);
/* IW_ERR_LIMIT with diag: a line is longer than a part may be, or ends is full; IW_ERR_NOMEM; IW_ERR_INTERNAL: an edit
 * passes the end of its line. */
enum iw_err iw_split_feed(struct iw_split *split, const char *bytes, size_t len, struct iw_diag *diag) IW_MUST_USE;
enum iw_err iw_split_finish(struct iw_split *split, struct iw_diag *diag) IW_MUST_USE;

/* ---- what is written where an image changes ---- */

/* Bytes of the document, at most len from at; how many there were. */
struct iw_raw {
    size_t (*read_at)(void *user, uint64_t at, uint8_t *buf, size_t len);
    void *user;
};
/* One span of the document and what takes its place: text, base64 of the image's bytes if has_payload, text. Needs no
 * escaping. */
struct iw_rewritten {
    struct iw_span span;
    struct iw_str before, after;
    bool has_payload;
};
#define IW_REWRITE_MAX 6
struct iw_rewrite {
    struct iw_rewritten list[IW_REWRITE_MAX];
    size_t count;
};
enum iw_rewriting {
    IW_REWRITE_LABEL,   /* what says its type, and nothing else: nothing at all where it is right */
    IW_REWRITE_PAYLOAD, /* of an inline image, its label included */
    IW_REWRITE_INLINE,  /* a URL becomes the image's own bytes */
};
/* What to write so that the image (of which places, carrier and inlining are looked at) is of this format.
 * is_misplaced: bare base64 that is to be a data URI, or the other way round. Texts are static or of arena.
 * IW_ERR_NOMEM, IW_ERR_LIMIT; IW_ERR_INTERNAL: the value is no string; IW_ERR_UNKNOWN_NAME: it cannot be done,
 * *out_why says why (static).
 */
enum iw_err iw_rewrite_image(const struct iw_call_image *image, enum iw_rewriting what,
                             const struct iw_image_format *format, bool is_misplaced, const struct iw_raw *raw,
                             struct iw_arena *arena, struct iw_rewrite *out, const char **out_why) IW_MUST_USE;

#endif
