/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Boxes put in, taken out, doubled, moved, resized and renamed, and the bodies of boxes without children changed. The
 * sizes of what holds them are kept right, but for one time in eight. The offsets of iloc are not: nothing that is
 * read from headers lies where they lead. */
#include "mutate.h"

enum {
    MOST_BOXES = 96,
    MOST_DEPTH = 6,
    SIZE_BYTES = 4,
    HEAD_BYTES = 8,
    WIDE_HEAD_BYTES = 16,
    MOST_BODY = 64,
    NONE = -1
};

struct box {
    size_t at, body_at, end;
    int parent; /* its place in the list, or NONE */
};

struct box_list {
    struct box boxes[MOST_BOXES];
    int count;
};

/* What holds boxes, and how many bytes stand before the first of them. */
static const struct {
    char type[5];
    uint8_t skipped;
} holders[] = {
    {"meta", 4}, {"iinf", 6}, {"iref", 4}, {"iprp", 0}, {"ipco", 0}, {"moov", 0}, {"trak", 0},  {"mdia", 0},
    {"minf", 0}, {"stbl", 0}, {"dinf", 0}, {"stsd", 8}, {"jp2h", 0}, {"grpl", 0}, {"av01", 78}, {"hvc1", 78},
};

static const char types[][5] = {"ftyp", "meta", "hdlr", "pitm", "iinf", "infe", "iloc", "iref", "iprp", "ipco", "ipma",
                                "ispe", "irot", "imir", "clap", "pixi", "colr", "auxC", "auxl", "dimg", "idat", "grid",
                                "av1C", "hvcC", "moov", "trak", "tkhd", "mdia", "mdhd", "minf", "stbl", "stsd", "stsz",
                                "stts", "mdat", "free", "uuid", "jp2h", "ihdr", "bpcc", "cdef", "pclr", "jp2c", "jxlc",
                                "jxlp", "Exif", "JXL ", "mini", "CMT1", "CMT2", "elst", "edts", "a1op", "lsel"};

static int skipped_of(const uint8_t *type)
{
    for (size_t i = 0; i < IW_ARRAY_LEN(holders); i++)
        if (memcmp(type, holders[i].type, 4) == 0)
            return holders[i].skipped;
    return NONE;
}

static uint64_t size_of(const struct mutant *mutant, size_t at)
{
    return mutant_get(mutant, at, SIZE_BYTES, true);
}

/* Lists the boxes from at to end, and those inside. */
static void list_boxes(const struct mutant *mutant, struct box_list *list, size_t at, size_t end, int parent, int depth)
{
    while (end - at >= HEAD_BYTES && list->count < MOST_BOXES) {
        bool is_wide = size_of(mutant, at) == 1 && end - at >= WIDE_HEAD_BYTES;
        size_t head = is_wide ? WIDE_HEAD_BYTES : HEAD_BYTES;
        uint64_t size = is_wide ? mutant_get(mutant, at + HEAD_BYTES, 8, true) : size_of(mutant, at);
        if (size < head || size > end - at)
            size = end - at;
        struct box box = {.at = at, .body_at = at + head, .end = at + (size_t)size, .parent = parent};
        int own = list->count;
        list->boxes[list->count++] = box;
        int skipped = skipped_of(mutant->bytes + at + SIZE_BYTES);
        if (skipped != NONE && depth < MOST_DEPTH && box.end - box.body_at > (size_t)skipped)
            list_boxes(mutant, list, box.body_at + (size_t)skipped, box.end, own, depth + 1);
        at = box.end;
    }
}

/* Adds delta to the sizes of a box and of all that hold it. */
static void resize(struct mutant *mutant, const struct box_list *list, int box, size_t delta)
{
    if (mutant_pick(mutant, 8) == 0)
        return;
    for (; box != NONE; box = list->boxes[box].parent) {
        const struct box *b = &list->boxes[box];
        if (b->body_at - b->at == WIDE_HEAD_BYTES)
            mutant_put(mutant, b->at + HEAD_BYTES, mutant_get(mutant, b->at + HEAD_BYTES, 8, true) + delta, 8, true);
        else if (size_of(mutant, b->at) != 0) /* 0: to the end, wherever that is */
            mutant_put(mutant, b->at, size_of(mutant, b->at) + delta, SIZE_BYTES, true);
    }
}

static bool take_out(struct mutant *mutant, const struct box_list *list, int box)
{
    const struct box *b = &list->boxes[box];
    size_t len = b->end - b->at;
    resize(mutant, list, b->parent, 0 - len);
    mutant_remove(mutant, b->at, len);
    return true;
}

/* Puts len bytes in front of a box, or behind it. */
static bool put_beside(struct mutant *mutant, const struct box_list *list, int box, const uint8_t *bytes, size_t len)
{
    const struct box *b = &list->boxes[box];
    if (!mutant_insert(mutant, mutant_pick(mutant, 2) ? b->at : b->end, bytes, len))
        return false;
    /* what holds it begins before it, so it is where it was */
    resize(mutant, list, b->parent, len);
    return true;
}

/* A copy of one box beside another one; moved: without the first. */
static bool copy(struct mutant *mutant, const struct box_list *list, int from, int to, bool is_moved)
{
    static uint8_t kept[1 << 16];
    const struct box *b = &list->boxes[from];
    size_t len = b->end - b->at;
    if (len > sizeof kept)
        return false;
    memcpy(kept, mutant->bytes + b->at, len);
    if (!is_moved)
        return put_beside(mutant, list, to, kept, len);
    take_out(mutant, list, from);
    struct box_list left = {.count = 0};
    list_boxes(mutant, &left, 0, mutant->size, NONE, 0);
    return left.count && put_beside(mutant, &left, (int)mutant_pick(mutant, (size_t)left.count), kept, len);
}

/* A box of a known type, with a body of a few numbers. */
static bool put_new(struct mutant *mutant, const struct box_list *list, int box)
{
    uint8_t bytes[HEAD_BYTES + MOST_BODY] = {0};
    size_t len = HEAD_BYTES + 4 * mutant_pick(mutant, MOST_BODY / 4);
    struct mutant made = {.bytes = bytes};
    mutant_put(&made, 0, len, SIZE_BYTES, true);
    memcpy(bytes + SIZE_BYTES, types[mutant_pick(mutant, IW_ARRAY_LEN(types))], 4);
    for (size_t at = HEAD_BYTES; at < len; at += 4)
        mutant_put(&made, at, mutant_pick(mutant, 3) ? mutant_pick(mutant, 4) : mutant_edge(mutant, 4), 4, true);
    return put_beside(mutant, list, box, bytes, len);
}

/* The size written as one of 64 bits. */
static bool widen(struct mutant *mutant, const struct box_list *list, int box)
{
    const struct box *b = &list->boxes[box];
    if (b->body_at - b->at != HEAD_BYTES || !mutant_insert(mutant, b->body_at, NULL, 8))
        return false;
    mutant_put(mutant, b->body_at, b->end - b->at + 8, 8, true);
    mutant_put(mutant, b->at, 1, SIZE_BYTES, true);
    resize(mutant, list, b->parent, 8);
    return true;
}

/* The body by libFuzzer's own means, which may make it longer or shorter. */
static bool change_body(struct mutant *mutant, const struct box_list *list, int box)
{
    static uint8_t body[1 << 12];
    const struct box *b = &list->boxes[box];
    size_t len = b->end - b->body_at;
    size_t most = IW_MIN(sizeof body, IW_MIN(len + MOST_BODY, mutant->most - mutant->size + len));
    if (len > most || most == 0)
        return false;
    memcpy(body, mutant->bytes + b->body_at, len);
    size_t changed = LLVMFuzzerMutate(body, len, most);
    mutant_remove(mutant, b->body_at, len);
    if (!mutant_insert(mutant, b->body_at, body, changed))
        return false;
    resize(mutant, list, box, changed - len);
    return true;
}

/* A number of the body: entries of iinf, iloc, ipma and iref are made of numbers of one to four bytes, most of them
 * small: items, properties, counts. */
static bool change_number(struct mutant *mutant, const struct box_list *list, int box)
{
    const struct box *b = &list->boxes[box];
    size_t len = b->end - b->body_at;
    if (len < 4)
        return false;
    unsigned bytes = 1u << mutant_pick(mutant, 3);
    size_t at = b->body_at + mutant_pick(mutant, len - bytes + 1);
    uint64_t value = mutant_pick(mutant, 4) ? mutant_pick(mutant, 8) : mutant_edge(mutant, bytes);
    if (bytes == 1 && mutant_pick(mutant, 4) == 0)
        value |= 0x80; /* an essential property of ipma */
    mutant_put(mutant, at, value, bytes, true);
    return true;
}

bool mutate_boxes(struct mutant *mutant)
{
    struct box_list list = {.count = 0};
    list_boxes(mutant, &list, 0, mutant->size, NONE, 0);
    if (list.count == 0)
        return false;
    int box = (int)mutant_pick(mutant, (size_t)list.count), other = (int)mutant_pick(mutant, (size_t)list.count);
    switch (mutant_pick(mutant, 12)) {
    case 0:
        return take_out(mutant, &list, box);
    case 1:
        return copy(mutant, &list, box, other, false);
    case 2:
        return copy(mutant, &list, box, other, true);
    case 3:
        return put_new(mutant, &list, box);
    case 4:
        return widen(mutant, &list, box);
    case 5:
        mutant_put(mutant, list.boxes[box].at, mutant_edge(mutant, SIZE_BYTES), SIZE_BYTES, true);
        return true;
    case 6:
        memcpy(mutant->bytes + list.boxes[box].at + SIZE_BYTES, types[mutant_pick(mutant, IW_ARRAY_LEN(types))], 4);
        return true;
    case 7:
    case 8:
        return change_body(mutant, &list, box);
    default:
        return change_number(mutant, &list, box);
    }
}
