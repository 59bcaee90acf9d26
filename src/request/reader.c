/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Walks a document along the tree of shapes. What the tree does not know is skipped by its depth alone. */
#include "base/iw.h"
#include "request/reader.h"

#include "base/mem.h"

static struct iw_frame *top(struct iw_request_reader *reader)
{
    return reader->depth ? &reader->frames[reader->depth - 1] : NULL;
}

static struct iw_block *block(struct iw_request_reader *reader)
{
    return reader->block_count ? &reader->blocks[reader->block_count - 1] : NULL;
}

/* ---- keys ---- */

static void on_key(void *user, struct iw_str key, const struct iw_json_place *place)
{
    struct iw_request_reader *reader = user;
    if (reader->skipped)
        return;
    struct iw_frame *frame = top(reader);
    unsigned node = key.ptr ? iw_shape_member(&reader->tree, frame->node, key) : 0;
    reader->next = node;
    reader->key_at = place->at;
    if (!node)
        return;
    const struct iw_shape_node *member = &reader->tree.nodes[node];
    reader->next_name = (struct iw_str){member->name, member->name_len};
    uint64_t bit = (uint64_t)1 << member->ordinal % 64;
    if (frame->seen & bit)
        iw_call_forget(reader, node, reader->next_name);
    frame->seen |= bit;
}

static unsigned element_of(const struct iw_request_reader *reader, const struct iw_frame *frame)
{
    const struct iw_shape_node *node = &reader->tree.nodes[frame->node];
    return node->element || !node->also ? node->element : reader->tree.nodes[node->also].element;
}

/* The node of the value that begins; 0: nothing there matters. */
static unsigned arrive(struct iw_request_reader *reader)
{
    struct iw_frame *frame = top(reader);
    unsigned at = !frame ? IW_SHAPE_ROOT : frame->is_array ? element_of(reader, frame) : reader->next;
    if (!frame || frame->is_array) {
        reader->next_name = IW_STR_NONE;
        reader->key_at = 0;
    }
    if (frame && frame->is_array)
        frame->index = frame->index == UINT64_MAX ? 0 : frame->index + 1;
    const struct iw_shape_node *node = &reader->tree.nodes[at];
    if (!node->kinds || node->is_filled || iw_shape_fill(&reader->tree, at) == IW_OK)
        return at;
    reader->err = IW_ERR_NOMEM;
    return 0;
}

/* ---- values ---- */

static void count_points(struct iw_request_reader *reader, unsigned node)
{
    struct iw_shape_node *at = &reader->tree.nodes[node];
    reader->points += at->is_counted ? 0 : at->points;
    at->is_counted = true;
}

static void open_container(struct iw_request_reader *reader, unsigned at, bool is_object,
                           const struct iw_json_place *place)
{
    if (reader->skipped || !at || reader->depth == IW_SHAPE_DEEPEST) {
        reader->skipped++;
        return;
    }
    const struct iw_shape_node *node = &reader->tree.nodes[at];
    struct iw_frame frame = {
        .node = at,
        .name = reader->next_name,
        .is_array = !is_object,
        .index = UINT64_MAX,
        .key_at = reader->key_at,
        .at = place->at,
        .blocks = reader->block_count,
        .slot = node->slot,
    };
    if (reader->depth == 0) {
        reader->is_object = is_object;
        reader->is_array = !is_object;
        iw_call_begin(reader, place);
    }
    if (!is_object && node->element && reader->tree.nodes[node->element].is_call)
        reader->has_calls = true;
    if (is_object && node->is_call) {
        frame.is_call = true;
        iw_call_begin(reader, place);
    }
    if (is_object && node->body) {
        reader->envelope = node->body;
        frame.node = at == IW_SHAPE_ROOT ? at : IW_SHAPE_BODY;
    }
    frame.is_block = is_object && node->kinds && iw_block_open(reader, node->kinds);
    reader->frames[reader->depth++] = frame;
}

/* Where a string goes; false: nowhere. */
static bool open_string(struct iw_request_reader *reader, unsigned at, const struct iw_json_place *place)
{
    const struct iw_shape_node *node = &reader->tree.nodes[at];
    reader->name = node->is_model ? &reader->model : node->id ? &reader->ids[node->id - 1] : NULL;
    if (reader->name) {
        reader->sink = IW_TEXT_NAME;
        reader->name->len = 0;
        reader->name->is_set = true;
        return true;
    }
    reader->is_own_block = node->slot && node->kinds && iw_block_open(reader, node->kinds);
    struct iw_block *in = block(reader);
    if (!node->slot || !in || (node->kinds && !reader->is_own_block))
        return false;
    enum iw_slot_use use = reader->tree.uses[node->slot - 1];
    reader->value = &in->values[node->slot - 1];
    *reader->value = (struct iw_slot_value){.key_at = reader->key_at, .place = *place, .span.at = place->at};
    in->set |= (uint64_t)1 << (node->slot - 1);
    reader->is_id = use == IW_SLOT_ID;
    reader->sink = use == IW_SLOT_WORD ? IW_TEXT_WORD : use == IW_SLOT_ID ? IW_TEXT_URL : IW_TEXT_OPEN;
    iw_buf_clear(&reader->text);
    return true;
}

/* A member that is there, but no string. */
static void note_other(struct iw_request_reader *reader, const struct iw_shape_node *node)
{
    struct iw_block *in = block(reader);
    if (in && node->slot && !node->kinds)
        in->others |= (uint64_t)1 << (node->slot - 1);
}

static bool on_open(void *user, enum iw_json_type type, const struct iw_json_place *place)
{
    struct iw_request_reader *reader = user;
    bool is_container = type == IW_JSON_OBJECT || type == IW_JSON_ARRAY;
    reader->is_scalar = !is_container;
    reader->sink = IW_TEXT_NONE;
    unsigned node = reader->skipped ? 0 : arrive(reader);
    if (node)
        count_points(reader, node);
    if (is_container)
        open_container(reader, node, type == IW_JSON_OBJECT, place);
    else if (reader->depth == 0)
        iw_call_begin(reader, place);
    else if (type != IW_JSON_STRING)
        note_other(reader, &reader->tree.nodes[node]);
    return type == IW_JSON_STRING && node && reader->depth && open_string(reader, node, place);
}

static void on_text(void *user, struct iw_str piece)
{
    iw_value_take(user, piece);
}

static size_t on_take(void *user, const char *bytes, size_t len)
{
    struct iw_request_reader *reader = user;
    return reader->sink == IW_TEXT_INLINE ? iw_inline_take(&reader->scan, bytes, len) : 0;
}

/* ---- ends ---- */

static enum iw_err close_container(struct iw_request_reader *reader, uint64_t end)
{
    if (reader->skipped) {
        reader->skipped--;
        return IW_OK;
    }
    struct iw_frame *frame = &reader->frames[reader->depth - 1];
    if (frame->is_block)
        iw_block_close(reader);
    struct iw_block *in = block(reader);
    if (frame->slot && in && !frame->is_block) {
        in->values[frame->slot - 1] = (struct iw_slot_value){
            .key_at = frame->key_at, .span = {frame->at, end - frame->at}, .carrier = IW_CARRIER_OTHER};
        in->set |= (uint64_t)1 << (frame->slot - 1);
    }
    enum iw_err err = frame->is_call ? iw_call_end(reader, end) : IW_OK;
    reader->depth--;
    if (reader->depth == 0)
        reader->call.span.len = end - reader->call.span.at;
    return err;
}

static enum iw_err on_close(void *user, uint64_t end)
{
    struct iw_request_reader *reader = user;
    enum iw_err err = IW_OK;
    if (!reader->is_scalar)
        err = close_container(reader, end);
    else if (reader->sink != IW_TEXT_NONE)
        iw_value_end(reader, end);
    reader->is_scalar = false;
    reader->sink = IW_TEXT_NONE;
    return err == IW_OK ? reader->err : err;
}

static void reset(struct iw_request_reader *reader)
{
    reader->depth = 0;
    reader->skipped = 0;
    reader->block_count = 0;
    reader->sink = IW_TEXT_NONE;
    reader->is_object = reader->is_array = reader->has_calls = reader->is_scalar = false;
    reader->envelope = 0;
    for (size_t i = 0; i < IW_ENVELOPES; i++)
        reader->ids[i].is_set = false;
}

static struct iw_str any_id(const struct iw_request_reader *reader)
{
    for (size_t i = 0; i < IW_ENVELOPES; i++)
        if (reader->ids[i].is_set)
            return (struct iw_str){reader->ids[i].text, reader->ids[i].len};
    return IW_STR_NONE;
}

static enum iw_err complain(struct iw_request_reader *reader, const struct iw_json_place *place, struct iw_str id,
                            struct iw_str text)
{
    reader->file.faults++;
    return reader->events.fault(reader->events.user, IW_FAULT_JSON, place->line, place->column, place->at, id, text);
}

static enum iw_err on_end(void *user)
{
    struct iw_request_reader *reader = user;
    enum iw_err err = IW_OK;
    struct iw_json_place start = reader->json.start;
    if (!reader->is_object && !(reader->is_array && reader->call.images))
        err = complain(reader, &start, IW_STR_NONE,
                       reader->is_array ? IW_STR("expected an object, found a list without messages")
                                        : IW_STR("expected an object"));
    else if (!reader->has_calls)
        err = iw_call_end(reader, reader->call.span.at + reader->call.span.len);
    reset(reader);
    return err;
}

static enum iw_err on_fault(void *user, const struct iw_json_place *place, struct iw_str text)
{
    struct iw_request_reader *reader = user;
    enum iw_err err = complain(reader, place, any_id(reader), text);
    reset(reader);
    return err;
}

static const struct iw_json_events json_events = {on_key, on_open, on_text, on_take, on_close, on_end, on_fault};

/* ---- the door ---- */

enum iw_err iw_request_reader_new(const struct iw_request_events *events, struct iw_request_reader **out)
{
    struct iw_request_reader *reader = iw_calloc(1, sizeof *reader);
    if (!reader)
        return IW_ERR_NOMEM;
    reader->events = *events;
    iw_json_init(&reader->json, &json_events, reader);
    iw_buf_init(&reader->text, IW_URL_TEXT_BYTES);
    iw_buf_init(&reader->path, 4096); /* more than the deepest shape */
    iw_arena_init(&reader->arena, IW_CALL_ARENA_BYTES);
    iw_map_init(&reader->seen_ids, IW_CUSTOM_IDS);
    reader->blocks = iw_calloc(IW_NESTED_BLOCKS, sizeof *reader->blocks);
    enum iw_err err = iw_shape_tree_init(&reader->tree);
    if (err != IW_OK || !reader->blocks) {
        iw_request_reader_free(reader);
        return IW_ERR_NOMEM;
    }
    *out = reader;
    return IW_OK;
}

void iw_request_reader_free(struct iw_request_reader *reader)
{
    if (!reader)
        return;
    iw_buf_release(&reader->text);
    iw_buf_release(&reader->path);
    iw_inline_release(&reader->scan);
    iw_arena_release(&reader->arena);
    iw_map_release(&reader->seen_ids);
    iw_shape_tree_release(&reader->tree);
    iw_free(reader->blocks);
    iw_free(reader->list);
    iw_free(reader);
}

enum iw_err iw_request_reader_feed(struct iw_request_reader *reader, const char *bytes, size_t len,
                                   struct iw_diag *diag)
{
    reader->file.bytes += len;
    return iw_json_feed(&reader->json, bytes, len, diag);
}

enum iw_err iw_request_reader_finish(struct iw_request_reader *reader, struct iw_diag *diag)
{
    enum iw_err err = iw_json_finish(&reader->json, diag);
    reader->file.lines = reader->json.lines + (reader->json.at > reader->json.line_start);
    reader->file.is_lines = reader->json.is_lines;
    reader->file.is_batch = reader->file.is_batch || reader->json.is_lines;
    return err;
}

const struct iw_request_file *iw_request_reader_file(const struct iw_request_reader *reader)
{
    return &reader->file;
}

/* ---- recognition ---- */

static enum iw_err no_call(void *user, const struct iw_call *call)
{
    (void)user, (void)call;
    return IW_OK;
}

static enum iw_err no_fault(void *user, enum iw_request_fault fault, unsigned line, unsigned column, uint64_t at,
                            struct iw_str custom_id, struct iw_str text)
{
    (void)user, (void)fault, (void)line, (void)column, (void)at, (void)custom_id, (void)text;
    return IW_OK;
}

int iw_request_sniff(struct iw_str head)
{
    static const struct iw_request_events events = {no_call, no_fault, NULL};
    struct iw_str text = iw_str_trim(iw_str_starts(head, IW_STR("\xEF\xBB\xBF")) ? iw_str_skip(head, 3) : head);
    struct iw_request_reader *reader = NULL;
    if (text.len == 0 || (text.ptr[0] != '{' && text.ptr[0] != '['))
        return 0;
    if (iw_request_reader_new(&events, &reader) != IW_OK)
        return 0;
    enum iw_err err = iw_request_reader_feed(reader, head.ptr, head.len, NULL);
    (void)err; /* what was seen before an error counts */
    unsigned points = reader->points;
    iw_request_reader_free(reader);
    return points >= 100 ? 100 : points >= 80 ? 50 : 0;
}
