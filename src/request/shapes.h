/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The rows of shapes.def as one tree of keys, so that a reader knows by a look at each key whether anything below it
 * matters. */
#ifndef IW_REQUEST_SHAPES_H
#define IW_REQUEST_SHAPES_H

#include "request/request.h"

struct iw_shape {
    const char *name, *at, *is, *image;
    bool is_id, is_mask;
    const char *label;
    bool label_is_format, needs_label;
    const char *detail, *kind;
    enum iw_inlining inlining;
    const char *data_key, *type_key, *outer, *outer_key, *taken;
};
extern const struct iw_shape iw_shapes[];
extern const size_t iw_shape_count;

enum {
    IW_SHAPE_SLOTS = 64 /* and none */,
    IW_SHAPE_DEEPEST = 24,
    IW_ENVELOPES = 16,
    IW_SHAPES = 64,
    IW_SHAPE_LIST = 4
};

/* A row with its paths looked up. Slots count from 1; 0: none, and the end of a list. */
struct iw_shape_plan {
    uint32_t kinds; /* of position */
    uint8_t image, detail, outer, taken, kind;
    uint8_t labels[IW_SHAPE_LIST];
    struct {
        uint8_t slot;
        bool has_value;
        struct iw_str value;
    } is[IW_SHAPE_LIST];
};

/* What the text of a string is good for. */
enum iw_slot_use {
    IW_SLOT_NONE,
    IW_SLOT_WORD,  /* short: a discriminator, a label, a detail */
    IW_SLOT_IMAGE, /* an image or its address */
    IW_SLOT_ID,    /* the consumer's name for a file */
};

/* A place in a document. */
struct iw_shape_node {
    const char *name; /* the key; of elements NULL */
    uint16_t name_len;
    uint16_t ordinal; /* among its siblings, from 0 */
    uint16_t child;   /* first of its members, 0: none */
    uint16_t sibling; /* next member of the same object */
    uint16_t element; /* of an array; 0: nothing there matters */
    uint16_t parent;
    uint16_t also;  /* whose members count here as well */
    uint16_t slot;  /* from 1, of the block around it */
    uint32_t kinds; /* as a position: a bit for each kind of block; 0: it is none */
    uint8_t body;   /* envelope + 1 whose body begins here */
    uint8_t id;     /* envelope + 1 whose name for a request stands here */
    uint8_t points; /* of a sign */
    bool is_call;   /* each is a request of its own */
    bool is_model;
    bool is_filled;  /* a position whose blocks have been laid out */
    bool is_counted; /* its points have been */
};

struct iw_shape_tree {
    struct iw_shape_node *nodes; /* 1 is the root of a document, 2 that of a body */
    size_t count, room;
    struct iw_shape_plan plans[IW_SHAPES];
    struct iw_str slots[IW_SHAPE_SLOTS]; /* paths in a block */
    enum iw_slot_use uses[IW_SHAPE_SLOTS];
    size_t slot_count;
    struct iw_str kinds[32];
    size_t kind_count;
    bool is_out_of_memory;
};
enum { IW_SHAPE_ROOT = 1, IW_SHAPE_BODY = 2 };

enum iw_err iw_shape_tree_init(struct iw_shape_tree *tree) IW_MUST_USE; /* IW_ERR_NOMEM */
void iw_shape_tree_release(struct iw_shape_tree *tree);
/* The node of a member, 0: nothing there matters. What a body is in is left behind: see struct iw_shape_node.body. */
unsigned iw_shape_member(const struct iw_shape_tree *tree, unsigned node, struct iw_str key);
/* Lays out the blocks of a position, which moves the nodes. IW_ERR_NOMEM. */
enum iw_err iw_shape_fill(struct iw_shape_tree *tree, unsigned node) IW_MUST_USE;
/* Whether the name that the id of envelope `of` (from 0) is belongs to a body of envelope `body` (from 1; 0: none). */
bool iw_shape_is_id(unsigned of, unsigned body);
/* Whether an envelope (from 1; 0: none) is that of a batch, whose requests have names. */
bool iw_shape_is_batch(unsigned envelope);
#endif
