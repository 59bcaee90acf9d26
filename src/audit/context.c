/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What a reference brings along besides its place, in one piece of memory: it goes from the reader to a lane and to the
 * teller, and ends where its reference ends. */
#include "base/iw.h"
#include "audit/inside.h"

#include "base/mem.h"

enum { ELEMENT_BYTES = 1024, NAME_BYTES = 256, MESSAGE_BYTES = 2048, MODEL_BYTES = 128, ALIGN = 8 };

/* The texts that are copied, each with a 0 behind it. */
struct packing {
    const struct iw_context_parts *parts;
    char *to; /* NULL while sizes are summed up */
    size_t size;
};

static struct iw_str put(struct packing *packing, struct iw_str text, size_t most)
{
    size_t len = IW_MIN(text.len, most);
    packing->size += text.ptr ? len + 1 : 0;
    if (!packing->to || !text.ptr)
        return IW_STR_NONE;
    struct iw_str copy = {packing->to, len};
    memcpy(packing->to, text.ptr, len);
    packing->to[len] = '\0';
    packing->to += len + 1;
    return copy;
}

static void *room(struct packing *packing, size_t size)
{
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    void *at = packing->to;
    packing->size += size;
    if (packing->to)
        packing->to += size;
    return at;
}

/* RFC 4648 section 3: what a decoder need not take. RFC 2397: without a type it is text/plain. */
static const char *flaw_of(const struct iw_inline *in)
{
    if (in->is_doubled)
        return "the prefix stands twice: \"data:...,data:...,\"";
    if (in->is_url_safe)
        return "the base64 is that of URLs, with - and _ for + and /: not every consumer takes it";
    if (in->is_unpadded)
        return "the base64 lacks its padding: not every consumer takes it";
    if (in->has_space)
        return "white space stands in the base64: not every consumer takes it";
    if (in->has_percent)
        return "percent escapes stand in the base64: not every consumer takes it";
    if (in->lacks_end)
        return "the image does not end as its format does: it may be cut off";
    return in->has_prefix && !in->label.len ? "the data URI states no type: that makes it text/plain" : NULL;
}

void iw_inline_facts(const struct iw_inline *in, struct iw_facts *facts)
{
    facts->has_looked = in->has_looked;
    facts->image = in->image;
    facts->dims_why = in->dims_why;
    facts->bytes = in->bytes;
    facts->bytes_from = IW_BYTES_DATA_URI;
    facts->inline_chars = in->chars;
    facts->inline_flaw = flaw_of(in);
    facts->is_misplaced = in->is_doubled;
    facts->content_type = in->label;
    if (in->fault) {
        facts->failure = IW_FAILURE_DATA_URI;
        facts->error = iw_str_from(in->fault);
    } else if (in->is_corrupt) {
        facts->failure = IW_FAILURE_CORRUPT;
        facts->error = in->dims_why ? iw_str_from(in->dims_why) : IW_STR("its header is corrupt");
    } else if (in->has_looked && !in->image.format) {
        facts->failure = IW_FAILURE_NOT_IMAGE;
        facts->error = IW_STR("not an image: its bytes begin like none that is known");
    }
}

static void pack_facts(struct packing *packing, struct iw_facts *facts)
{
    const struct iw_context_parts *parts = packing->parts;
    struct iw_str label = put(packing, parts->inlined->label, NAME_BYTES);
    if (!facts)
        return;
    *facts = (struct iw_facts){0};
    iw_inline_facts(parts->inlined, facts);
    facts->content_type = label;
    if (!parts->misplaced)
        return;
    facts->is_misplaced = true;
    facts->inline_flaw = parts->misplaced;
}

/* Pieces that need their place first, then the texts. */
static void pack(struct packing *packing, struct iw_context *context)
{
    const struct iw_context_parts *parts = packing->parts;
    size_t count = parts->findings ? parts->findings->count : 0;
    struct iw_facts *facts = parts->inlined ? room(packing, sizeof *facts) : NULL;
    struct iw_finding *list = count ? room(packing, count * sizeof *list) : NULL;
    struct iw_str element = put(packing, parts->element, ELEMENT_BYTES);
    struct iw_str custom_id = put(packing, parts->custom_id, NAME_BYTES);
    struct iw_str model = put(packing, parts->model, MODEL_BYTES);
    struct iw_str said_type = put(packing, parts->said_type, NAME_BYTES);
    if (parts->inlined)
        pack_facts(packing, facts);
    for (size_t i = 0; i < count; i++) {
        struct iw_str message = put(packing, parts->findings->list[i].message, MESSAGE_BYTES);
        if (!list)
            continue;
        list[i] = parts->findings->list[i];
        list[i].message = message;
    }
    if (!context)
        return;
    context->element = element;
    context->custom_id = custom_id;
    context->setting.model = model.ptr;
    context->setting.said_type = said_type.ptr;
    context->facts = facts;
    context->findings = list;
    context->finding_count = count;
}

struct iw_context *iw_context_new(struct iw_audit *audit, const struct iw_context_parts *parts)
{
    struct packing packing = {.parts = parts};
    pack(&packing, NULL);
    struct iw_context *context = iw_malloc(sizeof *context + packing.size);
    if (!context)
        return NULL;
    *context = (struct iw_context){
        .audit = audit,
        .weight = parts->inlined || parts->findings ? IW_CONTEXT_HEAVY : 1,
        .is_request = parts->is_request,
        .setting = parts->setting,
        .verdict = parts->verdict,
    };
    packing.to = context->rest;
    pack(&packing, context);
    atomic_fetch_add_explicit(&audit->contexts, context->weight, memory_order_relaxed);
    return context;
}

/* The reader may wait for room. */
void iw_context_free(struct iw_context *context)
{
    if (!context)
        return;
    struct iw_audit *audit = context->audit;
    unsigned left = atomic_fetch_sub(&audit->contexts, context->weight) - context->weight;
    iw_free(context);
    if (left < IW_CONTEXTS_MAX / 4 * 3 && atomic_load_explicit(&audit->reader_waits, memory_order_relaxed) &&
        atomic_exchange(&audit->reader_waits, false))
        iw_net_wake(audit->net);
}
