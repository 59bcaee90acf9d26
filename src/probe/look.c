/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What the bytes in hand show. */
#include "base/iw.h"
#include "probe/machine.h"

static bool is_image_type(struct iw_str type)
{
    return iw_str_starts(type, IW_STR("image/"));
}

/* Whether the bytes may be an image all the same: of a type that names none of our formats, or one whose files do not
 * all begin in a way that is known. */
static bool may_be_another(const struct iw_facts *facts)
{
    const struct iw_image_format *named = iw_image_format_of_type(facts->content_type);
    if (!named && facts->is_local)
        named = iw_image_format_of_path(facts->url);
    return named ? named->has_other_beginnings : is_image_type(facts->content_type);
}

/* The bytes are no image that we know. Sure of it: a failure. Else the format is left open. */
static void not_known(struct iw_probe *probe)
{
    struct iw_facts *facts = &probe->facts;
    struct iw_str head = IW_STR_NONE;
    if (probe->held.count && probe->held.windows[0].at == 0)
        head = (struct iw_str){(const char *)probe->held.windows[0].ptr, probe->held.windows[0].len};
    const char *what = iw_probe_describe_bytes(head);
    bool is_binary = strcmp(what, "unknown bytes") == 0;
    if (is_binary && may_be_another(facts)) {
        facts->dims_why = "the format is not one that is read";
        probe->step = IW_STEP_DONE;
        return;
    }
    if (facts->content_type.len)
        iw_probe_fail(probe, IW_FAILURE_NOT_IMAGE, "not an image: %s, labelled %.*s", what,
                      IW_STR_ARGS(facts->content_type));
    else
        iw_probe_fail(probe, IW_FAILURE_NOT_IMAGE, "not an image: %s", what);
}

static void give_up(struct iw_probe *probe, const char *why)
{
    if (!probe->facts.image.width_px)
        probe->facts.dims_why = why;
    probe->step = IW_STEP_DONE;
}

/* Whether what is known suffices although the header has more to tell. */
static bool is_settled(const struct iw_probe *probe, const struct iw_image_facts *image, const struct iw_need *need)
{
    const struct iw_wants *wants = &probe->wants;
    return need->has_size_already && !wants->details && !(wants->animation && image->animated == IW_UNKNOWN) &&
           !(wants->trailing_exif && image->orientation == 0);
}

static void ask_more(struct iw_probe *probe, const struct iw_need *need)
{
    const char *why;
    if (iw_window_next(probe, need, &why))
        probe->step = IW_STEP_MORE;
    else
        give_up(probe, why);
}

void iw_look(struct iw_probe *probe, bool is_final)
{
    struct iw_view view = iw_held_view(&probe->held);
    struct iw_need need = {0};
    probe->facts.has_looked = true;
    enum iw_scan scan = iw_image_scan(&view, &probe->wants, &probe->facts.image, &need);
    switch (scan) {
    case IW_SCAN_DONE:
        if (!probe->facts.image.format) {
            not_known(probe);
            return;
        }
        if (!probe->facts.image.width_px)
            probe->facts.dims_why = need.why ? need.why : "the header states no size";
        probe->step = IW_STEP_DONE;
        return;
    case IW_SCAN_BAD:
        iw_probe_fail(probe, IW_FAILURE_CORRUPT, "%s header is corrupt: %s",
                      probe->facts.image.format ? probe->facts.image.format->title : "the", need.why ? need.why : "?");
        return;
    case IW_SCAN_MORE:
        if (is_settled(probe, &probe->facts.image, &need))
            probe->step = IW_STEP_DONE;
        else if (is_final)
            give_up(probe, "the header was not found within the bytes allowed");
        else
            ask_more(probe, &need);
        return;
    }
}

bool iw_look_is_enough(struct iw_probe *probe)
{
    struct iw_view view = iw_held_view(&probe->held);
    struct iw_image_facts facts;
    struct iw_need need = {0};
    return iw_image_scan(&view, &probe->wants, &facts, &need) != IW_SCAN_MORE || is_settled(probe, &facts, &need);
}
