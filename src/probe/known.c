/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What was found before saves the look at the header, where a HEAD shows that the representation is the same: by its
 * length and an entity tag, weak or strong (RFC 9110 section 8.8.3: a weak one speaks for the same picture), or, where
 * tags differ as those of the edges of some networks do, by length and date. */
#include "base/iw.h"
#include "probe/machine.h"

void iw_probe_know(struct iw_probe *probe, const struct iw_facts *known)
{
    probe->known = known;
}

/* The header told then all that is wanted now. */
static bool tells_enough(const struct iw_probe *probe)
{
    const struct iw_image_facts *image = &probe->known->image;
    const struct iw_wants *wants = &probe->wants;
    return image->width_px && image->format && (!wants->animation || image->animated != IW_UNKNOWN) &&
           (!wants->trailing_exif || image->orientation) && (!wants->details || image->bit_depth);
}

/* A refusal that another look would find again. */
static bool is_refusal(const struct iw_facts *known)
{
    return known->failure == IW_FAILURE_HTTP || known->failure == IW_FAILURE_ACCESS;
}

bool iw_known_may_suffice(const struct iw_probe *probe)
{
    const struct iw_facts *known = probe->known;
    if (!known)
        return false;
    if (is_refusal(known))
        return true;
    bool was_no_image = known->failure == IW_FAILURE_NOT_IMAGE || known->failure == IW_FAILURE_CORRUPT;
    bool has_told = was_no_image || (known->failure == IW_FAILURE_NONE && tells_enough(probe));
    return has_told && (known->etag.len || known->last_modified.len);
}

bool iw_known_proves(const struct iw_probe *probe)
{
    return iw_known_may_suffice(probe) && !is_refusal(probe->known);
}

bool iw_known_fails(const struct iw_probe *probe)
{
    return probe->known && is_refusal(probe->known) && probe->response.status == probe->known->status;
}

static struct iw_str opaque(struct iw_str etag)
{
    return iw_str_starts(etag, IW_STR("W/")) ? iw_str_skip(etag, 2) : etag;
}

static bool is_unchanged(const struct iw_facts *known, const struct iw_response *r)
{
    bool has_length = known->bytes_from == IW_BYTES_CONTENT_LENGTH || known->bytes_from == IW_BYTES_CONTENT_RANGE;
    if (!has_length || known->bytes != r->content_length)
        return false;
    bool is_tag_same = r->etag.len && iw_str_eq(opaque(r->etag), opaque(known->etag));
    bool is_date_same = r->last_modified.len && iw_str_eq(r->last_modified, known->last_modified);
    return is_tag_same || is_date_same;
}

bool iw_probe_is_as_known(const struct iw_probe *probe)
{
    const struct iw_response *r = &probe->response;
    bool is_good = probe->has_response && r->status >= 200 && r->status <= 299;
    return is_good && iw_response_has_length(r) && iw_known_proves(probe) && is_unchanged(probe->known, r);
}

bool iw_known_take(struct iw_probe *probe)
{
    const struct iw_facts *known = probe->known;
    if (!iw_known_proves(probe) || !is_unchanged(known, &probe->response))
        return false;
    probe->facts.image = known->image;
    probe->facts.has_looked = known->has_looked;
    probe->facts.failure = known->failure;
    probe->facts.error = known->error;
    probe->step = IW_STEP_DONE;
    return true;
}
