/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* JSON text (RFC 8259) as bytes come: strict, with the place of everything, and without keeping any of it. One document
 * over many lines, or JSON Lines, a value on each. */
#ifndef IW_REQUEST_JSON_H
#define IW_REQUEST_JSON_H

#include "base/err.h"
#include "base/str.h"

enum { IW_JSON_DEEPEST = 512, IW_JSON_KEY_BYTES = 256, IW_JSON_FIRST_KEY_BYTES = 64 };

enum iw_json_type {
    IW_JSON_OBJECT,
    IW_JSON_ARRAY,
    IW_JSON_STRING,
    IW_JSON_NUMBER,
    IW_JSON_TRUE,
    IW_JSON_FALSE,
    IW_JSON_NULL
};

struct iw_json_place {
    uint64_t at;           /* in the file, a byte order mark included */
    unsigned line, column; /* 1-based, columns in bytes, a mark takes none; both stay at 2^32 - 1 */
};

struct iw_json_events {
    /* The key of the member that comes next, unescaped; one of more than IW_JSON_KEY_BYTES is NONE. place: its quote.
     */
    void (*key)(void *user, struct iw_str key, const struct iw_json_place *place);
    /* A value begins. True: the text of a string is wanted. */
    bool (*open)(void *user, enum iw_json_type type, const struct iw_json_place *place);
    /* A piece of a string's text, unescaped; a lone surrogate is U+FFFD. */
    void (*text)(void *user, struct iw_str piece);
    /* Takes bytes off the front of a string that is wanted, where it knows them to be ASCII that JSON may hold as it
     * is; returns how many. May be NULL. */
    size_t (*take)(void *user, const char *bytes, size_t len);
    /* The value that opened last has ended, before the byte at end. Another code than IW_OK stops the scanner, which
     * returns it: so do all below. */
    enum iw_err (*close)(void *user, uint64_t end);
    /* A whole document, or a line, is right to its end. */
    enum iw_err (*end)(void *user);
    /* A line is no JSON: nothing of it counts, the scanner goes on with the next. */
    enum iw_err (*fault)(void *user, const struct iw_json_place *place, struct iw_str text);
};

/* What it expects next, or what it is in. */
enum iw_json_state {
    IW_JSON_BETWEEN, /* a document or a line */
    IW_JSON_VALUE,
    IW_JSON_FIRST_ELEMENT,
    IW_JSON_FIRST_KEY,
    IW_JSON_KEY,
    IW_JSON_COLON,
    IW_JSON_AFTER, /* behind an element or member */
    IW_JSON_DONE,  /* behind the value of a line or of the document */
    IW_JSON_IN_STRING,
    IW_JSON_IN_NUMBER,
    IW_JSON_IN_WORD,
    IW_JSON_SKIP, /* a bad line */
};

struct iw_json {
    const struct iw_json_events *events;
    void *user;
    enum iw_json_state state;
    bool is_lines, is_document;              /* as far as is known */
    bool has_value;                          /* one has ended */
    const char *chunk;                       /* what is being read, and */
    uint64_t at;                             /* where that begins */
    unsigned mark_len;                       /* bytes of a byte order mark seen at the start */
    uint64_t lines;                          /* ends of lines seen */
    uint64_t line_start, line_before;        /* of the first byte of this line and of the one before */
    struct iw_json_place start;              /* of the document or of the line's value */
    unsigned tokens, tokens_before;          /* of structure, in this line and in the one before */
    char first_key[IW_JSON_FIRST_KEY_BYTES]; /* that the first line begins with, and */
    size_t first_key_len;                    /* 0: with none, or a longer one */
    struct iw_json_place brace;              /* of an object that may be a line of its own; line 0: there is none */
    unsigned depth;
    uint64_t is_object[IW_JSON_DEEPEST / 64]; /* a bit for each container that is open */
    /* of the string at hand */
    bool is_key, is_wanted;
    unsigned digits;                   /* hexadecimal digits to come; 5: the letter behind a backslash */
    uint32_t code, high;               /* the code unit at hand; a high surrogate that waits for its other half */
    unsigned utf8_left;                /* bytes of a character to come, and */
    unsigned char utf8_low, utf8_high; /* the bounds of the next of them */
    char key[IW_JSON_KEY_BYTES];
    size_t key_len; /* more than there is room for: too long */
    struct iw_json_place key_place;
    unsigned number;  /* how far the number has come */
    const char *word; /* what is left of true, false or null */
    /* The first line is bad, and it is not known yet whether there are others. */
    bool has_held;
    struct iw_json_place held_place;
    struct iw_diag held;
};

void iw_json_init(struct iw_json *json, const struct iw_json_events *events, void *user);
/* IW_ERR_SYNTAX: a document is no JSON, diag has the place; IW_ERR_LIMIT: it is nested too deep; or what an event
 * returned. Nothing more may be fed then. */
enum iw_err iw_json_feed(struct iw_json *json, const char *bytes, size_t len, struct iw_diag *diag) IW_MUST_USE;
enum iw_err iw_json_finish(struct iw_json *json, struct iw_diag *diag) IW_MUST_USE;

#endif
