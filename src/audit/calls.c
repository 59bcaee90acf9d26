/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What request files say, to lanes: images with the request that holds them, images that stand in it, and what is wrong
 * with requests and files, as records of their own. Of an audit alone: fix reads request files in repair.c. */
#include "base/iw.h"
#include "audit/inside.h"

enum { MODEL_BYTES = 128 };

/* ---- what is told of a request ---- */

enum iw_err iw_post_notice(struct iw_audit *audit, struct iw_origin *origin, struct iw_context_parts *parts,
                           unsigned line, unsigned column)
{
    struct iw_parcel parcel = {
        .origin = origin, .kind = IW_PARCEL_NOTICE, .has_context = true, .line = line, .column = column};
    parcel.context = iw_context_new(audit, parts);
    if (!parcel.context)
        return IW_ERR_NOMEM;
    return iw_post_parcel(audit, &audit->lanes[0], &parcel, origin->path, IW_STR_NONE);
}

static enum iw_err tell(struct iw_feeding *feeding, struct iw_context_parts *parts, unsigned line, unsigned column)
{
    (void)iw_feeding_kind(feeding);
    return iw_post_notice(feeding->audit, feeding->origin, parts, line, column);
}

/* Where the request stands: "$" of a line, "$.requests[3]" of a document of many. */
static struct iw_str element_of(struct iw_audit *audit, const struct iw_call *call)
{
    bool is_of_many = call->list_count && iw_str_starts(call->list[0].path, IW_STR("$.requests["));
    if (!is_of_many)
        return IW_STR("$");
    return iw_arena_printf(&audit->scratch, "$.requests[%llu]", (unsigned long long)call->index);
}

struct iw_setting iw_call_setting(struct iw_audit *audit, const struct iw_call *call)
{
    struct iw_str model = iw_arena_str(&audit->scratch, iw_str_sub(call->model, 0, MODEL_BYTES));
    return (struct iw_setting){.model = call->model.len ? model.ptr : NULL, .images = call->images};
}

void iw_call_complain(struct iw_audit *audit, const struct iw_origin *origin, const struct iw_call *call)
{
    struct iw_diag diag = {0};
    if (call->images <= call->list_count)
        return;
    (void)iw_fail(&diag, IW_ERR_INPUT, call->line, call->column,
                  "not all of its images are looked at: there are too many");
    iw_audit_complain(audit, origin->path, &diag, true);
}

static enum iw_err on_call(void *user, const struct iw_call *call)
{
    struct iw_feeding *feeding = user;
    struct iw_audit *audit = feeding->audit;
    struct iw_findings findings;
    audit->totals.calls++;
    audit->totals.call_images += call->images;
    iw_call_complain(audit, feeding->origin, call);
    iw_arena_clear(&audit->scratch);
    struct iw_setting setting = iw_call_setting(audit, call);
    struct iw_judge judge = iw_judge_of(&audit->policy->judge, &setting);
    enum iw_verdict verdict = iw_check_call(&judge, call, &audit->scratch, &findings);
    if (findings.count == 0)
        return IW_OK;
    struct iw_context_parts parts = {
        .is_request = true,
        .setting = setting,
        .model = call->model,
        .element = element_of(audit, call),
        .custom_id = call->custom_id,
        .findings = &findings,
        .verdict = verdict,
    };
    return tell(feeding, &parts, call->line, call->column);
}

static enum iw_err on_fault(void *user, enum iw_request_fault fault, unsigned line, unsigned column, uint64_t at,
                            struct iw_str custom_id, struct iw_str text)
{
    struct iw_feeding *feeding = user;
    struct iw_audit *audit = feeding->audit;
    struct iw_findings findings;
    iw_arena_clear(&audit->scratch);
    struct iw_str message =
        fault == IW_FAULT_JSON
            ? iw_arena_printf(&audit->scratch, "byte %llu of the file: %.*s", (unsigned long long)at, IW_STR_ARGS(text))
            : iw_arena_printf(&audit->scratch, "the custom_id \"%.*s\" stands here again: %.*s",
                              IW_STR_ARGS(iw_str_sub(custom_id, 0, 200)), IW_STR_ARGS(text));
    enum iw_verdict verdict = iw_check_fault(fault, message, &findings);
    struct iw_context_parts parts = {
        .element = IW_STR("$"), .custom_id = custom_id, .findings = &findings, .verdict = verdict};
    return tell(feeding, &parts, line, column);
}

void iw_call_complain_models(struct iw_audit *audit, const struct iw_origin *origin, const struct iw_request_file *file)
{
    struct iw_diag diag = {0};
    const struct iw_profile *profile = iw_judge_one_model(&audit->policy->judge, file);
    if (!profile)
        return;
    (void)iw_fail(&diag, IW_ERR_INPUT, 0, 0, "its requests name several models: %s takes one in a batch file",
                  profile->name);
    iw_audit_complain(audit, origin->path, &diag, false);
}

static enum iw_err on_file(void *user, const struct iw_request_file *file)
{
    struct iw_feeding *feeding = user;
    struct iw_audit *audit = feeding->audit;
    const struct iw_judge *judge = &audit->policy->judge;
    struct iw_findings findings;
    iw_call_complain_models(audit, feeding->origin, file);
    iw_arena_clear(&audit->scratch);
    enum iw_verdict verdict = iw_check_file(judge, file, &audit->scratch, &findings);
    if (findings.count == 0)
        return IW_OK;
    struct iw_context_parts parts = {.element = IW_STR("$"), .findings = &findings, .verdict = verdict};
    return tell(feeding, &parts, 1, 1);
}

const struct iw_call_events iw_feeding_calls = {on_call, on_fault, on_file};

/* ---- images ---- */

static enum iw_err post_inline(struct iw_audit *audit, struct iw_origin *origin, const struct iw_lead *lead,
                               struct iw_context_parts *parts, struct iw_str text)
{
    struct iw_parcel parcel = {.origin = origin,
                               .kind = IW_PARCEL_INLINE,
                               .has_context = true,
                               .place = iw_post_place(lead),
                               .line = lead->line,
                               .column = lead->column};
    bool is_in = true;
    enum iw_err err = iw_post_in_scope(audit, text, &is_in);
    if (err != IW_OK || !is_in)
        return err;
    parcel.context = iw_context_new(audit, parts);
    if (!parcel.context)
        return IW_ERR_NOMEM;
    return iw_post_parcel(audit, &audit->lanes[0], &parcel, text, IW_STR_NONE);
}

/* A shape takes either a URL, which may be a data URI, or bare base64. Vercel's AI SDK takes both in one place. */
static const char *misplaced(const struct iw_call *call, const struct iw_call_image *image)
{
    bool takes_uri = image->inlining == IW_INLINE_DATA_URI;
    if (image->carrier == IW_CARRIER_BASE64 && takes_uri && !iw_str_eq(call->shape, IW_STR("ai-sdk")))
        return "bare base64 where a URL is expected: \"data:image/...;base64,\" is missing before it";
    if (image->carrier == IW_CARRIER_DATA_URI && image->inlining == IW_INLINE_NONE)
        return "a data URI where bare base64 is expected";
    return NULL;
}

/* As requests have it: Gemini's words for it are its own. Its medium has no like among ours. */
static bool find_detail(struct iw_str text, enum iw_detail *out)
{
    static const struct {
        const char *level;
        enum iw_detail detail;
    } levels[] = {
        {"MEDIA_RESOLUTION_LOW", IW_DETAIL_LOW},
        {"MEDIA_RESOLUTION_HIGH", IW_DETAIL_HIGH},
        {"MEDIA_RESOLUTION_ULTRA_HIGH", IW_DETAIL_ORIGINAL},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(levels); i++) {
        if (!iw_str_eq(text, iw_str_from(levels[i].level)))
            continue;
        *out = levels[i].detail;
        return true;
    }
    return iw_detail_find(text, out);
}

struct iw_context_parts iw_call_parts(const struct iw_lead *lead)
{
    const struct iw_call *call = lead->call;
    const struct iw_call_image *image = lead->image;
    struct iw_context_parts parts = {
        .is_request = true,
        .setting.images = call->images,
        .setting.is_batch = call->custom_id.len > 0,
        .setting.says_format = image->label_is_format,
        .model = call->model.len ? call->model : IW_STR_NONE,
        .said_type = image->said,
        .element = image->path,
        .custom_id = call->custom_id,
        .inlined = image->inlined,
        .misplaced = misplaced(call, image),
    };
    parts.setting.has_detail = image->has_detail && find_detail(image->detail, &parts.setting.detail);
    return parts;
}

bool iw_call_image_is_kept(const struct iw_call_image *image)
{
    static const char *const schemes[] = {"gs:", "s3:"};
    bool is = image->carrier == IW_CARRIER_ID;
    for (size_t i = 0; i < IW_ARRAY_LEN(schemes) && image->carrier == IW_CARRIER_OTHER && !is; i++)
        is = iw_str_starts_nocase(image->text, iw_str_from(schemes[i]));
    return is;
}

enum iw_err iw_post_call_image(struct iw_audit *audit, struct iw_origin *origin, const struct iw_lead *lead)
{
    if (iw_call_image_is_kept(lead->image)) {
        audit->totals.call_ids++;
        return IW_OK;
    }
    struct iw_context_parts parts = iw_call_parts(lead);
    if (lead->image->inlined)
        return post_inline(audit, origin, lead, &parts, lead->url);
    return iw_post_url(audit, origin, lead, NULL);
}

enum iw_err iw_post_data_uri(struct iw_audit *audit, struct iw_origin *origin, const struct iw_lead *lead)
{
    struct iw_inline in = {0};
    struct iw_str uri = iw_str_trim(lead->url);
    iw_inline_read(&audit->scratch, uri, &in);
    in.has_percent = false; /* who reads URLs reads these */
    struct iw_context_parts parts = {
        .element = lead->element ? iw_str_from(lead->element) : IW_STR_NONE,
        .inlined = &in,
    };
    return post_inline(audit, origin, lead, &parts, iw_url_shorten(&audit->scratch, uri));
}
