/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The tree is made anew for each reader from the rows. That of bodies stands once, and every envelope leads to it;
 * blocks are laid out where a document has one, so that it costs less than reading a small file. */
#include "base/iw.h"
#include "request/shapes.h"

#include "base/mem.h"

static const struct {
    const char *body, *id;
} envelopes[] = {
#define IW_ENVELOPE(body, id) {body, id},
#include "request/shapes.def"
};

static const struct {
    const char *kinds, *path;
} positions[] = {
#define IW_POSITION(kinds, path) {kinds, path},
#include "request/shapes.def"
};

const struct iw_shape iw_shapes[] = {
#define IW_SHAPE(...) {__VA_ARGS__},
#include "request/shapes.def"
};
const size_t iw_shape_count = IW_ARRAY_LEN(iw_shapes);

static const char *const models[] = {
#define IW_MODEL(path) path,
#include "request/shapes.def"
};

static const struct {
    const char *path;
    uint8_t points;
} signs[] = {
#define IW_SIGN(path, points) {path, points},
#include "request/shapes.def"
};

_Static_assert(IW_ARRAY_LEN(envelopes) <= IW_ENVELOPES, "too many envelopes");
_Static_assert(IW_ARRAY_LEN(iw_shapes) <= IW_SHAPES, "too many shapes");

enum { MOST_NODES = 1 << 14, FIRST_OF_ROOT = 40 /* those of a body are members there, too */ };

/* ---- making ---- */

static unsigned add_node(struct iw_shape_tree *tree, unsigned parent, struct iw_str name)
{
    if (tree->count == tree->room) {
        size_t room = tree->room ? tree->room * 2 : 256;
        void *nodes = room <= MOST_NODES ? iw_realloc(tree->nodes, room, sizeof *tree->nodes) : NULL;
        if (!nodes) {
            tree->is_out_of_memory = true;
            return 0;
        }
        tree->nodes = nodes;
        tree->room = room;
    }
    unsigned at = (unsigned)tree->count++;
    tree->nodes[at] = (struct iw_shape_node){
        .name = name.ptr, .name_len = (uint16_t)name.len, .parent = (uint16_t)parent, .ordinal = 0};
    return at;
}

static unsigned own_member(const struct iw_shape_tree *tree, unsigned node, struct iw_str key)
{
    unsigned at = tree->nodes[node].child;
    for (; at; at = tree->nodes[at].sibling) {
        const struct iw_shape_node *child = &tree->nodes[at];
        bool may_be = child->name_len == key.len && child->name[0] == key.ptr[0];
        if (may_be && memcmp(child->name, key.ptr, key.len) == 0)
            break;
    }
    return at;
}

/* The number of the node of a path below another, made where it is missing. */
static unsigned number_of(struct iw_shape_tree *tree, unsigned node, struct iw_str path)
{
    while (path.len && !tree->is_out_of_memory) {
        bool is_element = iw_str_starts(path, IW_STR("[]"));
        size_t len = is_element ? 2 : IW_MIN(iw_str_find(path, '.'), iw_str_find(path, '['));
        struct iw_str key = iw_str_sub(path, 0, len);
        unsigned next = is_element ? tree->nodes[node].element : own_member(tree, node, key);
        if (!next) {
            next = add_node(tree, node, is_element ? IW_STR_NONE : key);
            struct iw_shape_node *parent = &tree->nodes[node], *child = &tree->nodes[next];
            if (!next)
                return 0;
            if (is_element) {
                parent->element = (uint16_t)next;
            } else {
                unsigned first = node == IW_SHAPE_ROOT ? FIRST_OF_ROOT : 0;
                child->ordinal = (uint16_t)(parent->child ? tree->nodes[parent->child].ordinal + 1u : first);
                child->sibling = parent->child;
                parent->child = (uint16_t)next;
            }
        }
        node = next;
        path = iw_str_skip(path, len);
        path = iw_str_skip(path, iw_str_starts(path, IW_STR(".")));
    }
    return node;
}

/* The node itself: good until the next one is made. */
static struct iw_shape_node *place(struct iw_shape_tree *tree, unsigned node, struct iw_str path)
{
    unsigned number = number_of(tree, node, path);
    return &tree->nodes[number];
}

/* The slot of a path in a block. A row too many is no row that works: a test makes all of them. */
static uint8_t slot_of(struct iw_shape_tree *tree, struct iw_str path, enum iw_slot_use use)
{
    size_t i = 0;
    while (i < tree->slot_count && !iw_str_eq(tree->slots[i], path))
        i++;
    if (i == IW_SHAPE_SLOTS - 1) {
        tree->is_out_of_memory = true;
        return 0;
    }
    if (i == tree->slot_count)
        tree->slots[tree->slot_count++] = path;
    tree->uses[i] = IW_MAX(use, tree->uses[i]);
    return (uint8_t)(i + 1);
}

static uint8_t slot_of_name(struct iw_shape_tree *tree, const char *path, enum iw_slot_use use)
{
    return path ? slot_of(tree, iw_str_from(path), use) : 0;
}

static uint32_t kinds_of(struct iw_shape_tree *tree, const char *list)
{
    uint32_t kinds = 0;
    struct iw_str rest = iw_str_from(list), name;
    while (rest.ptr && iw_str_next(&rest, ' ', &name)) {
        size_t i = 0;
        while (i < tree->kind_count && !iw_str_eq(tree->kinds[i], name))
            i++;
        if (i == tree->kind_count && i < IW_ARRAY_LEN(tree->kinds))
            tree->kinds[tree->kind_count++] = name;
        kinds |= i < tree->kind_count ? (uint32_t)1 << i : 0;
    }
    return kinds;
}

static void plan(struct iw_shape_tree *tree, const struct iw_shape *shape, struct iw_shape_plan *out)
{
    *out = (struct iw_shape_plan){
        .kinds = kinds_of(tree, shape->at),
        .image = slot_of_name(tree, shape->image, shape->is_id ? IW_SLOT_ID : IW_SLOT_IMAGE),
        .detail = slot_of_name(tree, shape->detail, IW_SLOT_WORD),
        .outer = slot_of_name(tree, shape->outer, IW_SLOT_NONE),
        .taken = slot_of_name(tree, shape->taken, IW_SLOT_NONE),
        .kind = slot_of_name(tree, shape->kind, IW_SLOT_WORD),
    };
    struct iw_str piece, rest = iw_str_from(shape->label);
    for (size_t i = 0; i < IW_SHAPE_LIST && rest.ptr && iw_str_next(&rest, ' ', &piece); i++)
        out->labels[i] = slot_of(tree, piece, IW_SLOT_WORD);
    rest = iw_str_from(shape->is);
    for (size_t i = 0; i < IW_SHAPE_LIST && rest.ptr && iw_str_next(&rest, ' ', &piece); i++) {
        size_t at = iw_str_find(piece, '=');
        out->is[i].slot = slot_of(tree, iw_str_sub(piece, 0, at), IW_SLOT_WORD);
        out->is[i].has_value = at < piece.len;
        out->is[i].value = iw_str_skip(piece, at + 1);
    }
}

static uint64_t slots_of(const struct iw_shape_plan *plan)
{
    uint64_t slots = 0; /* bit 0 is none */
    slots |= (uint64_t)1 << plan->image | (uint64_t)1 << plan->detail | (uint64_t)1 << plan->outer;
    slots |= (uint64_t)1 << plan->kind | (uint64_t)1 << plan->taken;
    for (size_t i = 0; i < IW_SHAPE_LIST; i++)
        slots |= (uint64_t)1 << plan->labels[i] | (uint64_t)1 << plan->is[i].slot;
    return slots;
}

static void add_positions(struct iw_shape_tree *tree)
{
    for (size_t i = 0; i < iw_shape_count; i++)
        plan(tree, &iw_shapes[i], &tree->plans[i]);
    for (size_t i = 0; i < IW_ARRAY_LEN(positions) && !tree->is_out_of_memory; i++) {
        uint32_t kinds = kinds_of(tree, positions[i].kinds);
        place(tree, IW_SHAPE_BODY, iw_str_from(positions[i].path))->kinds |= kinds;
    }
}

enum iw_err iw_shape_fill(struct iw_shape_tree *tree, unsigned node)
{
    uint64_t slots = 0;
    for (size_t i = 0; i < iw_shape_count; i++)
        slots |= tree->plans[i].kinds & tree->nodes[node].kinds ? slots_of(&tree->plans[i]) : 0;
    for (unsigned slot = 1; slot < IW_SHAPE_SLOTS && !tree->is_out_of_memory; slot++)
        if (slots >> slot & 1)
            place(tree, node, tree->slots[slot - 1])->slot = (uint16_t)slot;
    tree->nodes[node].is_filled = true;
    return tree->is_out_of_memory ? IW_ERR_NOMEM : IW_OK;
}

static void add_envelopes(struct iw_shape_tree *tree)
{
    for (size_t i = 0; i < IW_ARRAY_LEN(envelopes) && !tree->is_out_of_memory; i++) {
        struct iw_str body = iw_str_from(envelopes[i].body);
        place(tree, IW_SHAPE_ROOT, body)->body = (uint8_t)(i + 1);
        for (size_t j = body.len; j >= 2; j--)
            if (body.ptr[j - 2] == '[') {
                place(tree, IW_SHAPE_ROOT, iw_str_sub(body, 0, j))->is_call = true;
                break;
            }
        struct iw_shape_node *id = envelopes[i].id[0] ? place(tree, IW_SHAPE_ROOT, iw_str_from(envelopes[i].id)) : NULL;
        if (id && !id->id)
            id->id = (uint8_t)(i + 1);
    }
}

static void add_sign(struct iw_shape_tree *tree, size_t i)
{
    struct iw_str path = iw_str_from(signs[i].path);
    bool is_of_document = iw_str_starts(path, IW_STR("$."));
    unsigned root = is_of_document ? IW_SHAPE_ROOT : IW_SHAPE_BODY;
    place(tree, root, iw_str_skip(path, is_of_document ? 2 : 0))->points = signs[i].points;
}

enum iw_err iw_shape_tree_init(struct iw_shape_tree *tree)
{
    *tree = (struct iw_shape_tree){0};
    for (unsigned i = 0; i <= IW_SHAPE_BODY; i++)
        (void)add_node(tree, 0, IW_STR_NONE);
    if (!tree->is_out_of_memory) {
        tree->nodes[IW_SHAPE_ROOT].also = IW_SHAPE_BODY;
        add_positions(tree);
        for (size_t i = 0; i < IW_ARRAY_LEN(models) && !tree->is_out_of_memory; i++)
            place(tree, IW_SHAPE_BODY, iw_str_from(models[i]))->is_model = true;
        add_envelopes(tree);
        for (size_t i = 0; i < IW_ARRAY_LEN(signs) && !tree->is_out_of_memory; i++)
            add_sign(tree, i);
    }
    if (!tree->is_out_of_memory)
        return IW_OK;
    iw_shape_tree_release(tree);
    return IW_ERR_NOMEM;
}

void iw_shape_tree_release(struct iw_shape_tree *tree)
{
    iw_free(tree->nodes);
    tree->nodes = NULL;
    tree->count = tree->room = 0;
}

/* ---- asking ---- */

unsigned iw_shape_member(const struct iw_shape_tree *tree, unsigned node, struct iw_str key)
{
    unsigned at = own_member(tree, node, key);
    return at || !tree->nodes[node].also ? at : own_member(tree, tree->nodes[node].also, key);
}

bool iw_shape_is_id(unsigned of, unsigned body)
{
    struct iw_str wanted = iw_str_from(envelopes[body > 1 ? body - 1 : 1].id); /* without a body: as in a batch */
    return of < IW_ARRAY_LEN(envelopes) && iw_str_eq(wanted, iw_str_from(envelopes[of].id));
}

bool iw_shape_is_batch(unsigned envelope)
{
    return envelope && envelopes[envelope - 1].id[0];
}
