/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Request files of vision APIs: the room of requests reads them; here their images become leads. */
#include "base/iw.h"
#include "source/inside.h"

struct requests {
    struct iw_request_reader *reader;
    struct iw_source_events events;
    char shape[32]; /* of the first image */
};

/* ---- what is read ---- */

static enum iw_err on_call(void *user, const struct iw_call *call)
{
    struct requests *r = user;
    enum iw_err err = IW_OK;
    if (call->shape.len && !r->shape[0])
        memcpy(r->shape, call->shape.ptr, IW_MIN(call->shape.len, sizeof r->shape - 1));
    for (size_t i = 0; i < call->list_count && err == IW_OK; i++) {
        const struct iw_call_image *image = &call->list[i];
        struct iw_lead lead = {
            .url = image->text,
            .role = IW_LEAD_IMAGE,
            .line = image->line,
            .column = image->column,
            .element = image->path.ptr, /* of an arena, which ends it with a 0 */
            .call = call,
            .image = image,
        };
        err = r->events.lead(r->events.user, &lead);
    }
    const struct iw_call_events *calls = r->events.calls;
    return err == IW_OK && calls ? calls->call(r->events.user, call) : err;
}

static enum iw_err on_fault(void *user, enum iw_request_fault fault, unsigned line, unsigned column, uint64_t at,
                            struct iw_str custom_id, struct iw_str text)
{
    struct requests *r = user;
    const struct iw_call_events *calls = r->events.calls;
    if (calls)
        return calls->fault(r->events.user, fault, line, column, at, custom_id, text);
    struct iw_buf words;
    iw_buf_init(&words, 2048);
    if (fault == IW_FAULT_DUPLICATE_ID)
        iw_buf_printf(&words, "the custom_id \"%.*s\" stands here again: ", IW_STR_ARGS(iw_str_sub(custom_id, 0, 512)));
    iw_buf_add_str(&words, text);
    iw_buf_add_char(&words, '\0');
    enum iw_err err = words.err;
    if (err == IW_OK)
        r->events.complaint(r->events.user, line, column, words.ptr);
    iw_buf_release(&words);
    return err;
}

/* ---- the kind ---- */

static enum iw_err begin(void *state, const struct iw_source_events *events)
{
    struct requests *r = state;
    r->events = *events;
    return iw_request_reader_new(&(struct iw_request_events){on_call, on_fault, r}, &r->reader);
}

static enum iw_err feed(void *state, const char *bytes, size_t len, struct iw_diag *diag)
{
    struct requests *r = state;
    return iw_request_reader_feed(r->reader, bytes, len, diag);
}

static enum iw_err finish(void *state, struct iw_diag *diag)
{
    struct requests *r = state;
    enum iw_err err = iw_request_reader_finish(r->reader, diag);
    if (err == IW_OK && r->events.calls)
        err = r->events.calls->file(r->events.user, iw_request_reader_file(r->reader));
    return err;
}

static void describe(const void *state, struct iw_buf *out)
{
    const struct requests *r = state;
    if (!r->reader) /* it never began */
        return;
    const struct iw_request_file *file = iw_request_reader_file(r->reader);
    iw_buf_printf(out, "%llu request%s, %llu image%s", (unsigned long long)file->calls, file->calls == 1 ? "" : "s",
                  (unsigned long long)file->images, file->images == 1 ? "" : "s");
    if (r->shape[0])
        iw_buf_printf(out, " (%s)", r->shape);
}

static void release(void *state)
{
    struct requests *r = state;
    iw_request_reader_free(r->reader);
}

static int sniff(struct iw_str head, struct iw_str name_hint)
{
    (void)name_hint;
    return iw_request_sniff(head);
}

const struct iw_source iw_source_requests = {
    .name = "requests",
    .help = "request files of vision APIs",
    .serves = IW_LEAD_DOCUMENT,
    .is_bulky = true,
    .sniff = sniff,
    .state_size = sizeof(struct requests),
    .begin = begin,
    .feed = feed,
    .finish = finish,
    .describe = describe,
    .release = release,
};
