/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What the blocks of a call hold. A block is judged at its end, as what makes it an image may stand behind the image; a
 * call at its own, when all its images are known. */
#include "base/iw.h"
#include "request/reader.h"

#include "base/hash.h"
#include "base/mem.h"

static struct iw_str name_text(const struct iw_name *name)
{
    return name->is_set ? (struct iw_str){name->text, name->len} : IW_STR_NONE;
}

/* What is allocated for the call: past its ceiling images are counted, but not listed. */
static void check_arena(struct iw_request_reader *reader)
{
    if (reader->arena.err == IW_ERR_NOMEM)
        reader->err = IW_ERR_NOMEM;
}

/* ---- text ---- */

static void append(char *to, size_t *len, size_t room, struct iw_str piece)
{
    size_t n = IW_MIN(piece.len, room - *len);
    memcpy(to + *len, piece.ptr, n);
    *len += n;
}

/* Behind the colon of a scheme that text begins with, or 0. */
static size_t scheme_len(struct iw_str text)
{
    size_t n = 0;
    while (n < text.len && n < 32) {
        char c = text.ptr[n], low = (char)(c | 0x20);
        bool is_letter = low >= 'a' && low <= 'z';
        if (c == ':')
            return n ? n + 1 : 0;
        if (!is_letter && (n == 0 || !((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.')))
            return 0;
        n++;
    }
    return 0;
}

/* Decides what the text at hand begins to be; is_end: there is no more of it. */
static void decide(struct iw_request_reader *reader, bool is_end)
{
    struct iw_str held = iw_buf_str(&reader->text), text = held;
    while (text.len && (text.ptr[0] == ' ' || (text.ptr[0] >= '\t' && text.ptr[0] <= '\r')))
        text = iw_str_skip(text, 1);
    size_t scheme = scheme_len(text);
    if (!scheme && text.len < 32 && held.len < 256 && !is_end)
        return;
    struct iw_slot_value *value = reader->value;
    bool is_data = scheme == 5 && iw_str_starts_nocase(text, IW_STR("data:"));
    if (scheme && !is_data) {
        bool is_web = iw_str_starts_nocase(text, IW_STR("http:")) || iw_str_starts_nocase(text, IW_STR("https:"));
        value->carrier = is_web ? IW_CARRIER_URL : IW_CARRIER_OTHER;
        reader->sink = IW_TEXT_URL;
        return;
    }
    value->carrier = is_data ? IW_CARRIER_DATA_URI : IW_CARRIER_BASE64;
    reader->sink = IW_TEXT_INLINE;
    iw_inline_begin(&reader->scan, is_data);
    iw_inline_feed(&reader->scan, held);
}

void iw_value_take(struct iw_request_reader *reader, struct iw_str piece)
{
    struct iw_slot_value *value = reader->value;
    while (piece.len && reader->sink == IW_TEXT_OPEN) {
        size_t n = IW_MIN(piece.len, (size_t)64);
        iw_buf_add(&reader->text, piece.ptr, n);
        piece = iw_str_skip(piece, n);
        decide(reader, false);
    }
    switch (reader->sink) {
    case IW_TEXT_WORD:
        append(value->word, &value->word_len, sizeof value->word, piece);
        break;
    case IW_TEXT_NAME:
        append(reader->name->text, &reader->name->len, sizeof reader->name->text, piece);
        break;
    case IW_TEXT_URL:
        iw_buf_add(&reader->text, piece.ptr, IW_MIN(piece.len, IW_URL_TEXT_BYTES - reader->text.len));
        break;
    case IW_TEXT_INLINE:
        iw_inline_feed(&reader->scan, piece);
        break;
    default:
        break;
    }
}

static void end_inline(struct iw_request_reader *reader)
{
    struct iw_slot_value *value = reader->value;
    if (iw_inline_end(&reader->scan) != IW_OK)
        reader->err = IW_ERR_NOMEM;
    value->inlined = iw_arena_alloc(&reader->arena, sizeof *value->inlined);
    if (!value->inlined)
        return;
    *value->inlined = reader->scan.out;
    value->inlined->label = iw_inline_label(&reader->scan, &reader->arena);
    if (value->carrier != IW_CARRIER_DATA_URI)
        return; /* its text tells the label, which is not known yet */
    struct iw_str prefix = {reader->scan.prefix, IW_MIN(reader->scan.prefix_len, (size_t)80)};
    value->text = iw_arena_printf(&reader->arena, "data:%.*s,\xE2\x80\xA6(%llu chars)", IW_STR_ARGS(prefix),
                                  (unsigned long long)reader->scan.out.chars);
}

void iw_value_end(struct iw_request_reader *reader, uint64_t end)
{
    struct iw_slot_value *value = reader->value;
    if (reader->sink == IW_TEXT_NAME)
        return;
    if (reader->sink == IW_TEXT_OPEN)
        decide(reader, true);
    value->span.len = end - value->span.at;
    if (reader->sink == IW_TEXT_INLINE) {
        end_inline(reader);
    } else if (reader->sink == IW_TEXT_URL) {
        struct iw_str text = iw_str_trim(iw_buf_str(&reader->text));
        bool is_file = iw_str_starts(text, IW_STR("https://generativelanguage.googleapis.com/"));
        value->carrier = reader->is_id || is_file ? IW_CARRIER_ID : value->carrier;
        value->text = iw_arena_str(&reader->arena, text);
    }
    if (reader->text.err == IW_ERR_NOMEM)
        reader->err = IW_ERR_NOMEM;
    check_arena(reader);
    if (reader->is_own_block)
        iw_block_close(reader);
    reader->is_own_block = false;
}

/* ---- blocks ---- */

struct iw_block *iw_block_open(struct iw_request_reader *reader, uint32_t kinds)
{
    if (reader->block_count == IW_NESTED_BLOCKS)
        return NULL;
    struct iw_block *block = &reader->blocks[reader->block_count++];
    block->kinds = kinds;
    block->set = block->others = 0;
    return block;
}

static const struct iw_slot_value *value_of(const struct iw_block *block, unsigned slot)
{
    return slot && block->set >> (slot - 1) & 1 ? &block->values[slot - 1] : NULL;
}

static struct iw_str word_of(const struct iw_slot_value *value)
{
    return value ? (struct iw_str){value->word, value->word_len} : IW_STR_NONE;
}

/* The first of several members that is there and a string. */
static const struct iw_slot_value *label_of(const struct iw_block *block, const struct iw_shape_plan *plan)
{
    for (size_t i = 0; i < IW_SHAPE_LIST && plan->labels[i]; i++) {
        const struct iw_slot_value *value = value_of(block, plan->labels[i]);
        if (value && value->word_len)
            return value;
    }
    return NULL;
}

/* Gemini takes videos of YouTube by their pages, and wants no type beside them. */
static bool is_video(struct iw_str url)
{
    static const char *const places[] = {"https://www.youtube.com/", "https://youtube.com/", "https://youtu.be/"};
    bool is = false;
    for (size_t i = 0; i < IW_ARRAY_LEN(places) && !is; i++)
        is = iw_str_starts_nocase(url, iw_str_from(places[i]));
    return is;
}

static bool fits(const struct iw_block *block, const struct iw_shape *shape, const struct iw_shape_plan *plan)
{
    const struct iw_slot_value *image = plan->kinds & block->kinds ? value_of(block, plan->image) : NULL;
    if (!image || !image->place.line) /* no string */
        return false;
    for (size_t i = 0; i < IW_SHAPE_LIST && plan->is[i].slot; i++) {
        const struct iw_slot_value *value = value_of(block, plan->is[i].slot);
        if (!value || (plan->is[i].has_value && !iw_str_eq(word_of(value), plan->is[i].value)))
            return false;
    }
    if (!shape->needs_label)
        return true;
    struct iw_str label = word_of(label_of(block, plan));
    if (label.len)
        return iw_str_starts_nocase(label, IW_STR("image/"));
    return image->inlined ? image->inlined->image.format != NULL : !is_video(image->text);
}

static struct iw_str lower(struct iw_arena *arena, const char *before, struct iw_str text)
{
    size_t skip = strlen(before);
    char *copy = iw_arena_alloc(arena, skip + text.len);
    if (!copy)
        return IW_STR_NONE;
    memcpy(copy, before, skip);
    for (size_t i = 0; i < text.len; i++)
        copy[skip + i] = (char)(text.ptr[i] >= 'A' && text.ptr[i] <= 'Z' ? text.ptr[i] | 0x20 : text.ptr[i]);
    return (struct iw_str){copy, skip + text.len};
}

/* What a sibling says of an image whose text says nothing. */
static void label_inline(struct iw_request_reader *reader, struct iw_slot_value *value, struct iw_str label,
                         bool is_format)
{
    struct iw_inline *inlined = value->inlined;
    if (!inlined || value->carrier == IW_CARRIER_DATA_URI)
        return;
    inlined->label = label.len ? lower(&reader->arena, is_format ? "image/" : "", label) : IW_STR_NONE;
    value->text = iw_arena_printf(&reader->arena, "data:%.*s;base64,\xE2\x80\xA6(%llu chars)",
                                  IW_STR_ARGS(inlined->label), (unsigned long long)inlined->chars);
}

static struct iw_str path_of(struct iw_request_reader *reader, const struct iw_shape *shape)
{
    iw_path_write(reader);
    if (shape->image[0]) {
        iw_buf_add_char(&reader->path, '.');
        iw_buf_add_str(&reader->path, iw_str_from(shape->image));
    }
    return iw_arena_str(&reader->arena, iw_buf_str(&reader->path));
}

/* From the key of a member to its value. */
static struct iw_span key_of(const struct iw_block *block, unsigned slot)
{
    const struct iw_slot_value *value = value_of(block, slot);
    return value ? (struct iw_span){value->key_at, value->span.at - value->key_at} : (struct iw_span){0, 0};
}

static bool is_there(const struct iw_block *block, unsigned slot)
{
    return slot && (block->set | block->others) >> (slot - 1) & 1;
}

/* A key that stood there twice would count once. */
static const char *find_hindrance(const struct iw_block *block, const struct iw_shape_plan *plan, bool is_labelled)
{
    bool is_taken = is_there(block, plan->taken);
    for (size_t i = 0; i < IW_SHAPE_LIST && !is_labelled; i++)
        is_taken = is_taken || is_there(block, plan->labels[i]);
    return is_taken ? "a member of the name that its bytes or their type would have stands there already" : NULL;
}

static void describe_members(const struct iw_block *block, const struct iw_shape *shape,
                             const struct iw_shape_plan *plan, struct iw_call_image *image)
{
    image->key = key_of(block, plan->image);
    image->outer = key_of(block, plan->outer);
    image->data_key = shape->data_key;
    image->type_key = image->label.len ? NULL : shape->type_key;
    image->outer_key = shape->outer_key;
    image->not_inlined = find_hindrance(block, plan, image->label.len > 0);
}

static struct iw_call_image describe(struct iw_request_reader *reader, struct iw_block *block,
                                     const struct iw_shape *shape, const struct iw_shape_plan *plan)
{
    const struct iw_slot_value *label = label_of(block, plan), *kind = value_of(block, plan->kind);
    const struct iw_slot_value *detail = value_of(block, plan->detail);
    struct iw_slot_value *value = &block->values[plan->image - 1];
    label_inline(reader, value, word_of(label), shape->label_is_format);
    struct iw_call_image image = {
        .carrier = value->carrier,
        .text = value->text,
        .path = path_of(reader, shape),
        .line = value->place.line,
        .column = value->place.column,
        .value = value->span,
        .label = label ? label->span : (struct iw_span){0, 0},
        .kind = kind ? kind->span : (struct iw_span){0, 0},
        .inlining = shape->inlining,
        .label_is_format = shape->label_is_format,
        .is_mask = shape->is_mask,
        .has_detail = detail && detail->word_len,
        .inlined = value->inlined,
    };
    if (shape->inlining == IW_INLINE_MEMBERS)
        describe_members(block, shape, plan, &image);
    if (label)
        image.said = iw_arena_printf(&reader->arena, "%s%.*s", shape->label_is_format ? "image/" : "",
                                     IW_STR_ARGS(word_of(label)));
    if (image.has_detail)
        image.detail = iw_arena_str(&reader->arena, word_of(detail));
    return image;
}

/* One more image, listed as far as there is room. */
static void count(struct iw_request_reader *reader, const struct iw_call_image *image, const struct iw_shape *shape)
{
    struct iw_call *call = &reader->call;
    check_arena(reader);
    if (call->images == 0)
        call->shape = iw_str_from(shape->name);
    call->images++;
    if (image->carrier == IW_CARRIER_DATA_URI || image->carrier == IW_CARRIER_BASE64) {
        call->inline_images++;
        call->inline_chars += image->inlined ? image->inlined->chars : image->value.len - 2;
        call->inline_bytes += image->inlined ? image->inlined->bytes : 0;
    }
    if (reader->arena.err != IW_OK || call->list_count == IW_CALL_MAX_IMAGES)
        return;
    if (call->list_count == reader->list_room) {
        size_t room = reader->list_room ? reader->list_room * 2 : 16;
        void *list = iw_realloc(reader->list, room, sizeof *reader->list);
        if (!list) {
            reader->err = IW_ERR_NOMEM;
            return;
        }
        reader->list = list;
        reader->list_room = room;
    }
    reader->list[call->list_count++] = *image;
    reader->listed++;
}

void iw_block_close(struct iw_request_reader *reader)
{
    struct iw_block *block = &reader->blocks[--reader->block_count];
    for (size_t i = 0; i < iw_shape_count; i++) {
        if (!fits(block, &iw_shapes[i], &reader->tree.plans[i]))
            continue;
        struct iw_call_image image = describe(reader, block, &iw_shapes[i], &reader->tree.plans[i]);
        count(reader, &image, &iw_shapes[i]);
        return;
    }
}

/* ---- members twice ---- */

/* Within the same block: what stands below another position is of a block of its own. */
static bool is_below(const struct iw_shape_tree *tree, unsigned node, unsigned above)
{
    while (node && node != above && !tree->nodes[node].kinds)
        node = tree->nodes[node].parent;
    return node == above;
}

void iw_path_write(struct iw_request_reader *reader)
{
    struct iw_buf *out = &reader->path;
    iw_buf_clear(out);
    iw_buf_add_char(out, '$');
    for (unsigned i = 0; i < reader->depth; i++) {
        const struct iw_frame *frame = &reader->frames[i];
        if (frame->name.len) {
            iw_buf_add_char(out, '.');
            iw_buf_add_str(out, frame->name);
        }
        if (frame->is_array && frame->index != UINT64_MAX) {
            iw_buf_add_char(out, '[');
            iw_buf_add_u64(out, frame->index);
            iw_buf_add_char(out, ']');
        }
    }
    if (out->err == IW_ERR_NOMEM)
        reader->err = IW_ERR_NOMEM;
}

static void uncount(struct iw_call *call, const struct iw_call_image *image)
{
    call->images--;
    if (!image->inlined)
        return;
    call->inline_images--;
    call->inline_chars -= image->inlined->chars;
    call->inline_bytes -= image->inlined->bytes;
}

/* Images that stand below a path. */
static void drop_below(struct iw_request_reader *reader, struct iw_str path)
{
    struct iw_call *call = &reader->call;
    size_t kept = 0;
    for (size_t i = 0; i < call->list_count; i++) {
        struct iw_str rest = iw_str_skip(reader->list[i].path, path.len);
        bool is_in =
            iw_str_starts(reader->list[i].path, path) && (!rest.len || rest.ptr[0] == '.' || rest.ptr[0] == '[');
        if (is_in)
            uncount(call, &reader->list[i]);
        else
            reader->list[kept++] = reader->list[i];
    }
    call->list_count = kept;
}

/* Whether the member was forgotten before, and no image was listed since: the list need not be gone through for each of
 * a million members of one name. */
static bool is_clean(struct iw_request_reader *reader, unsigned node)
{
    struct iw_frame *frame = &reader->frames[reader->depth - 1];
    uint64_t bit = (uint64_t)1 << reader->tree.nodes[node].ordinal % 64, clean = frame->clean;
    if (frame->listed != reader->listed)
        clean = 0;
    frame->listed = reader->listed;
    frame->clean = clean | bit;
    return clean & bit;
}

static void drop(struct iw_block *block, unsigned slot)
{
    uint64_t bit = (uint64_t)1 << (slot - 1);
    block->set &= ~bit;
    block->others &= ~bit;
}

void iw_call_forget(struct iw_request_reader *reader, unsigned node, struct iw_str name)
{
    const struct iw_shape_tree *tree = &reader->tree;
    if (tree->nodes[node].is_model)
        reader->model.is_set = false;
    if (tree->nodes[node].id)
        reader->ids[tree->nodes[node].id - 1].is_set = false;
    struct iw_block *block = reader->block_count ? &reader->blocks[reader->block_count - 1] : NULL;
    for (size_t i = 1; block && i < tree->count; i++)
        if (tree->nodes[i].slot && is_below(tree, (unsigned)i, node))
            drop(block, tree->nodes[i].slot);
    if (is_clean(reader, node))
        return;
    iw_path_write(reader);
    iw_buf_add_char(&reader->path, '.');
    iw_buf_add_str(&reader->path, name);
    drop_below(reader, iw_buf_str(&reader->path));
}

/* ---- calls ---- */

void iw_call_begin(struct iw_request_reader *reader, const struct iw_json_place *place)
{
    iw_arena_clear(&reader->arena);
    reader->call = (struct iw_call){
        .index = reader->file.calls, .line = place->line, .column = place->column, .span.at = place->at};
    reader->model.is_set = false;
    for (size_t i = 0; i < IW_ENVELOPES; i++)
        reader->ids[i].is_set = false;
    reader->envelope = 0;
}

static void note_model(struct iw_request_reader *reader)
{
    struct iw_str model = reader->call.model, first = name_text(&reader->first_model);
    if (!model.ptr)
        return;
    if (!first.ptr)
        reader->first_model = reader->model;
    else if (!iw_str_eq(model, first))
        reader->file.has_many_models = true;
}

static enum iw_err note_id(struct iw_request_reader *reader)
{
    static const struct iw_hash_key key = {0x696d67776569, 0x6768};
    const struct iw_call *call = &reader->call;
    if (!call->custom_id.len || call->custom_id.len == IW_NAME_BYTES) /* what was cut cannot be compared */
        return IW_OK;
    uint64_t fingerprint = iw_hash64(&key, call->custom_id.ptr, call->custom_id.len);
    const uint64_t *line = iw_map_find(&reader->seen_ids, fingerprint);
    if (!line) {
        enum iw_err err = iw_map_add(&reader->seen_ids, fingerprint, call->line);
        return err == IW_ERR_LIMIT ? IW_OK : err;
    }
    struct iw_str text =
        iw_arena_printf(&reader->arena, "the request of line %llu has it, too", (unsigned long long)*line);
    reader->file.faults++;
    return reader->events.fault(reader->events.user, IW_FAULT_DUPLICATE_ID, call->line, call->column, call->span.at,
                                call->custom_id, text);
}

/* The name that goes with the body; where there is no body, a custom_id is one all the same. */
static struct iw_str id_of(const struct iw_request_reader *reader)
{
    for (size_t i = 0; i < IW_ENVELOPES; i++)
        if (reader->ids[i].is_set && iw_shape_is_id((unsigned)i, reader->envelope))
            return name_text(&reader->ids[i]);
    return IW_STR_NONE;
}

enum iw_err iw_call_end(struct iw_request_reader *reader, uint64_t end)
{
    struct iw_call *call = &reader->call;
    call->span.len = end - call->span.at;
    call->custom_id = id_of(reader);
    call->model = name_text(&reader->model);
    call->list = reader->list;
    if (!call->images) /* those of a member that stands twice are gone again */
        call->shape = IW_STR_NONE;
    reader->file.calls++;
    reader->file.images += call->images;
    reader->file.is_batch = reader->file.is_batch || iw_shape_is_batch(reader->envelope);
    note_model(reader);
    enum iw_err err = note_id(reader);
    if (err == IW_OK)
        err = reader->events.call(reader->events.user, call);
    iw_arena_clear(&reader->arena);
    return err;
}
