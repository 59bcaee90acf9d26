/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The state of a reader of request files: reader.c walks the document, calls.c gathers what its blocks hold. */
#ifndef IW_REQUEST_READER_H
#define IW_REQUEST_READER_H

#include "base/map.h"
#include "request/inline.h"
#include "request/json.h"
#include "request/shapes.h"

enum {
    IW_CALL_ARENA_BYTES = 16 << 20, /* of the texts of one call */
    /* Of one URL or id, with the space around it; longer ones are cut, and are then longer than any that is asked for:
     * what is left of a URL is another URL. */
    IW_URL_TEXT_BYTES = (64 << 10) + 512,
    IW_WORD_BYTES = 80,  /* of a discriminator, label or detail */
    IW_NAME_BYTES = 512, /* of a custom_id or model */
    IW_NESTED_BLOCKS = 6,
    IW_CUSTOM_IDS = 500000, /* as many are compared with each other */
};

/* What stands in a slot of a block. */
struct iw_slot_value {
    uint64_t key_at; /* the quote of its key */
    struct iw_span span;
    struct iw_json_place place;
    char word[IW_WORD_BYTES];
    size_t word_len;
    enum iw_carrier carrier;
    struct iw_str text;        /* in the call's arena */
    struct iw_inline *inlined; /* the same */
};

struct iw_block {
    uint32_t kinds;
    uint64_t set;    /* a bit for each slot that is filled */
    uint64_t others; /* the same of those where a number, true, false or null stands */
    struct iw_slot_value values[IW_SHAPE_SLOTS];
};

/* An open object or array that matters. */
struct iw_frame {
    unsigned node;      /* 0: only its depth matters */
    struct iw_str name; /* the key it was entered by; of elements NONE */
    bool is_array, is_call, is_block;
    uint64_t index; /* of the element at hand */
    uint64_t seen;  /* a bit for each member by its ordinal */
    uint64_t clean; /* the same: none of the images listed stands below it, as long as no more than */
    uint64_t listed;
    uint64_t key_at, at;
    size_t blocks; /* open ones, outside of it */
    unsigned slot;
};

/* A short text that the call keeps. */
struct iw_name {
    char text[IW_NAME_BYTES];
    size_t len;
    bool is_set;
};

struct iw_request_reader {
    struct iw_request_events events;
    struct iw_json json;
    struct iw_shape_tree tree;
    struct iw_request_file file;
    enum iw_err err; /* of what happened where nothing could be returned */
    /* where it is */
    struct iw_frame frames[IW_SHAPE_DEEPEST];
    unsigned depth;
    uint64_t skipped; /* containers open within what does not matter */
    unsigned next;    /* the node of the member that comes next */
    struct iw_str next_name;
    uint64_t key_at;
    bool is_scalar; /* the value that is open is none that others stand in */
    struct iw_block *blocks;
    size_t block_count;
    /* the string at hand */
    enum { IW_TEXT_NONE, IW_TEXT_WORD, IW_TEXT_NAME, IW_TEXT_OPEN, IW_TEXT_URL, IW_TEXT_INLINE } sink;
    bool is_id;
    bool is_own_block; /* the string is its own block */
    struct iw_slot_value *value;
    struct iw_name *name;
    struct iw_buf text, path;
    struct iw_inline_scan scan;
    /* the call at hand */
    struct iw_call call;
    struct iw_arena arena;
    struct iw_call_image *list;
    size_t list_room;
    uint64_t listed; /* images, in all calls */
    struct iw_name model, ids[IW_ENVELOPES];
    unsigned envelope; /* whose body was seen, from 1 */
    bool is_array;     /* the document or line is an array */
    bool is_object;
    bool has_calls; /* requests within it: it is none itself */
    /* the file */
    struct iw_name first_model;
    struct iw_map seen_ids;
    unsigned points; /* of the signs that were seen */
};

/* ---- calls.c ---- */

void iw_call_begin(struct iw_request_reader *reader, const struct iw_json_place *place);
/* Tells of the call, which ends before the byte at end. */
enum iw_err iw_call_end(struct iw_request_reader *reader, uint64_t end) IW_MUST_USE;
/* A new block; NULL: nested deeper than any shape. */
struct iw_block *iw_block_open(struct iw_request_reader *reader, uint32_t kinds);
/* Takes an image out of the innermost block, if there is one. */
void iw_block_close(struct iw_request_reader *reader);
/* Text of a string that is wanted, and its end. */
void iw_value_take(struct iw_request_reader *reader, struct iw_str piece);
void iw_value_end(struct iw_request_reader *reader, uint64_t end);
/* A member is there for the second time: what was found in the first one does not count. node: of the member. */
void iw_call_forget(struct iw_request_reader *reader, unsigned node, struct iw_str name);
/* "$.a[0].b" of the frames that are open, in reader->path. */
void iw_path_write(struct iw_request_reader *reader);

#endif
