/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The ladder, least change first: the same pixels in a better coded JPEG; the same size at a lower quality; the box;
 * smaller than the box. */
#include "base/iw.h"
#include "pixels/inside.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>

/* SAME_SIZE_FLOOR: below this a smaller picture looks better than a worse one. */
enum { SAME_SIZE_FLOOR = 70, SIDE_MIN = 16, SHRINKS = 8 };

/* libjpeg's own limit, a little below the format's. */
enum { JPEG_SIDE_MAX = 65500 };

/* How much larger than the result a picture shrunk while decoding must still be, in percent (decided by SSIM). */
enum { LEFT_FOR_LANCZOS = 150 };

struct task {
    const uint8_t *in;
    size_t len;
    const struct iw_goal *goal;
    uint8_t *out;
    size_t room;
    struct iw_made *made;
    struct iw_image_facts facts;
    const struct iw_codec *codec;
};

static bool fail(struct iw_made *made, enum iw_made_error error, const char *reason)
{
    made->error = error;
    (void)snprintf(made->reason, sizeof made->reason, "%s", reason);
    return false;
}

/* ---- sizes ---- */

static struct iw_size shown(const struct task *t)
{
    return (struct iw_size){t->facts.width_px, t->facts.height_px};
}

/* The box, where there is one and it is smaller than what is allowed. */
static struct iw_size boxed(const struct task *t, struct iw_size most)
{
    const struct iw_goal *goal = t->goal;
    if (!goal->box_width_px || !goal->box_height_px)
        return most;
    struct iw_size size = iw_size_fit(shown(t), goal->box_width_px, goal->box_height_px);
    return size.width_px <= most.width_px && size.height_px <= most.height_px ? size : most;
}

/* ---- one size ---- */

/* Whether the planes are to be turned: where viewers do so, and the decoder has not. */
static bool is_turned(const struct iw_reader *reader)
{
    const struct iw_image_facts *facts = reader->facts;
    return !reader->is_turned && facts->orientation > 1 && facts->format->is_turned_by_exif;
}

static uint32_t least(uint32_t px, uint32_t stored)
{
    return (uint32_t)IW_MIN((uint64_t)px * LEFT_FOR_LANCZOS / 100, (uint64_t)stored);
}

/* What remains to be done once the planes are small. */
static bool finish_planes(struct iw_reader *reader, struct iw_planes *planes, bool wants_ppm)
{
    if (reader->is_studio)
        iw_planes_expand(planes);
    if (reader->icc && !iw_colour_to_srgb(planes, reader->icc, reader->icc_len))
        return false;
    if (is_turned(reader) && !iw_planes_turn(planes, reader->facts->orientation))
        return false;
    if (wants_ppm) {
        iw_planes_to_rgb(planes);
        return true;
    }
    iw_planes_to_ycc(planes);
    bool had_whole = reader->is_rgb || reader->is_whole;
    if (planes->count == 3 && !planes->sub_w && !(had_whole && iw_planes_need_chroma(planes)))
        iw_planes_halve_chroma(planes);
    iw_planes_pad(planes);
    return true;
}

static bool open_reader(const struct task *t, struct iw_reader *reader, struct iw_size *stored)
{
    struct iw_size size = *stored; /* as displayed, so far */
    bool swaps = t->facts.orientation >= 5 && t->facts.stored_width_px == t->facts.height_px &&
                 t->facts.stored_height_px == t->facts.width_px;
    if (swaps)
        *stored = (struct iw_size){size.height_px, size.width_px};
    reader->wanted_width_px = stored->width_px;
    reader->wanted_height_px = stored->height_px;
    reader->least_width_px = least(stored->width_px, t->facts.stored_width_px);
    reader->least_height_px = least(stored->height_px, t->facts.stored_height_px);
    if (!t->codec->open(reader))
        return false;
    if (reader->is_turned)
        *stored = size;
    bool is_more = (uint64_t)reader->width_px * reader->height_px > IW_DECODE_MAX_PIXELS ||
                   IW_MAX(reader->width_px, reader->height_px) > IW_DECODE_MAX_SIDE;
    if (is_more || reader->width_px < stored->width_px || reader->height_px < stored->height_px) {
        (void)snprintf(reader->why, sizeof reader->why, "its pixels are %s than its header said",
                       is_more ? "more" : "fewer");
        return false;
    }
    if (reader->icc && !iw_colour_matters(reader->icc, reader->icc_len, reader->count))
        reader->icc = NULL;
    return true;
}

/* Decodes and scales to a display size; the planes are ready to be encoded. */
static bool make_planes(const struct task *t, struct iw_size size, struct iw_planes *planes)
{
    struct iw_reader reader = {
        .bytes = t->in, .len = t->len, .facts = &t->facts, .background_rgb = t->goal->background_rgb};
    struct iw_size stored = size;
    /* mirrored, the halves of an odd row would be other pairs of samples */
    bool is_odd = size.width_px % 2 || size.height_px % 2;
    reader.quality = t->goal->wants_ppm ? 100 : t->goal->quality;
    reader.wants_half = !t->goal->wants_ppm && !(is_odd && t->facts.orientation > 1);
    bool is_good = open_reader(t, &reader, &stored);
    enum iw_chroma chroma = !reader.wants_half || reader.icc ? IW_CHROMA_WHOLE
                            : reader.is_whole                ? IW_CHROMA_JUDGED
                                                             : IW_CHROMA_HALF;
    is_good = is_good && iw_scale(t->codec, &reader, stored.width_px, stored.height_px, chroma, planes);
    if (is_good && !finish_planes(&reader, planes, t->goal->wants_ppm)) {
        iw_planes_free(planes);
        is_good = false;
    }
    t->codec->close(&reader);
    if (!is_good && reader.why[0])
        fail(t->made, IW_MADE_UNREADABLE, reader.why);
    else if (!is_good)
        fail(t->made, IW_MADE_NO_MEMORY, "no memory to decode it");
    return is_good;
}

/* True when the search is over, one way or the other. */
static bool try_size(const struct task *t, struct iw_size size, unsigned floor_quality)
{
    struct iw_planes planes;
    if (!make_planes(t, size, &planes))
        return true;
    iw_search_quality(&planes, t->goal, IW_MIN(floor_quality, t->goal->quality), t->out, t->room, t->made);
    iw_planes_free(&planes);
    return t->made->error != IW_MADE_NOT_REACHED;
}

static void shrink(const struct task *t, struct iw_size size)
{
    for (int i = 0; i < SHRINKS; i++) {
        double over = (double)t->made->bytes / (double)IW_MIN(t->goal->max_bytes, (uint64_t)t->room);
        double factor = IW_MIN(0.95 / sqrt(over), 0.9);
        size = iw_size_of_long_side(shown(t), (uint32_t)(IW_MAX(size.width_px, size.height_px) * factor));
        if (IW_MAX(size.width_px, size.height_px) < SIDE_MIN)
            break;
        if (try_size(t, size, t->goal->quality_floor))
            return;
    }
    (void)snprintf(t->made->reason, sizeof t->made->reason,
                   "still %llu bytes at %ux%u and quality %u, where %llu are allowed",
                   (unsigned long long)t->made->bytes, t->made->width_px, t->made->height_px, t->goal->quality_floor,
                   (unsigned long long)t->goal->max_bytes);
}

/* ---- PPM ---- */

static bool write_ppm(const struct task *t, struct iw_planes *planes)
{
    bool is_grey = planes->count == 1;
    char head[64];
    int head_len =
        snprintf(head, sizeof head, "P%d\n%u %u\n255\n", is_grey ? 5 : 6, planes->width_px, planes->height_px);
    size_t pixel = is_grey ? 1 : 3;
    uint64_t total = (uint64_t)head_len + (uint64_t)planes->width_px * planes->height_px * pixel;
    if (total > t->room)
        return fail(t->made, IW_MADE_NO_MEMORY, "the pixels do not fit into the slot");
    memcpy(t->out, head, (size_t)head_len);
    uint8_t *to = t->out + head_len;
    for (uint32_t y = 0; y < planes->height_px; y++)
        for (uint32_t x = 0; x < planes->width_px; x++)
            for (unsigned c = 0; c < pixel; c++)
                *to++ = planes->px[c][y * planes->stride[c] + x];
    t->made->bytes = total;
    t->made->how = IW_MADE_PPM;
    t->made->width_px = planes->width_px;
    t->made->height_px = planes->height_px;
    return true;
}

static void make_ppm(const struct task *t, struct iw_size size)
{
    struct iw_planes planes;
    if (!make_planes(t, size, &planes))
        return;
    (void)write_ppm(t, &planes);
    iw_planes_free(&planes);
}

/* ---- the whole ---- */

static bool scan(struct task *t)
{
    struct iw_window window = {.ptr = t->in, .at = 0, .len = t->len};
    struct iw_view view = {.windows = &window, .count = 1, .total_bytes = t->len};
    struct iw_wants wants = {.animation = false, .trailing_exif = true};
    struct iw_need need = {0};
    enum iw_scan result = iw_image_scan(&view, &wants, &t->facts, &need);
    if (!t->facts.format)
        return fail(t->made, IW_MADE_NO_DECODER, "these bytes are no known image");
    if (result == IW_SCAN_BAD || !t->facts.width_px || !t->facts.height_px)
        return fail(t->made, IW_MADE_UNREADABLE, need.why ? need.why : "the header is damaged");
    if ((uint64_t)t->facts.stored_width_px * t->facts.stored_height_px > IW_DECODE_MAX_PIXELS)
        return fail(t->made, IW_MADE_TOO_LARGE, "more than 100 million pixels are not decoded");
    if (IW_MAX(t->facts.stored_width_px, t->facts.stored_height_px) > IW_DECODE_MAX_SIDE)
        return fail(t->made, IW_MADE_TOO_LARGE, "sides of more than 65535 pixels are not decoded");
    t->codec = iw_codec_find(t->facts.format);
    if (t->codec)
        return true;
    (void)snprintf(t->made->reason, sizeof t->made->reason, "built without a decoder for %s", t->facts.format->title);
    t->made->error = IW_MADE_NO_DECODER;
    return false;
}

static bool reoptimise(const struct task *t)
{
    const struct iw_goal *goal = t->goal;
    if (!goal->may_reoptimise || strcmp(t->facts.format->name, "jpeg") != 0 || t->facts.orientation > 1)
        return false;
    uint64_t bytes = iw_jpeg_reoptimise(t->in, t->len, t->out, t->room);
    if (bytes == 0 || bytes > t->room || bytes > goal->max_bytes)
        return false;
    *t->made = (struct iw_made){.how = IW_MADE_REOPTIMISED,
                                .bytes = bytes,
                                .width_px = t->facts.stored_width_px,
                                .height_px = t->facts.stored_height_px,
                                .encodes = 1};
    return true;
}

void iw_pixels_make(const uint8_t *in, size_t len, const struct iw_goal *asked, uint8_t *out, size_t room,
                    struct iw_made *made)
{
    struct iw_goal own = *asked, *goal = &own;
    if (!goal->wants_ppm)
        goal->max_side_px = IW_MIN(goal->max_side_px, (uint32_t)JPEG_SIDE_MAX);
    *made = (struct iw_made){0};
    struct task t = {.in = in, .len = len, .goal = goal, .out = out, .room = room, .made = made};
    if (!scan(&t))
        return;
    struct iw_size most = iw_size_allowed(shown(&t), goal), box = boxed(&t, most);
    bool is_too_many = most.width_px < t.facts.width_px || most.height_px < t.facts.height_px;
    if (goal->wants_ppm) {
        make_ppm(&t, is_too_many || goal->must_scale ? box : most);
        return;
    }
    if (!is_too_many && !goal->must_scale) {
        if (reoptimise(&t))
            return;
        bool has_box = box.width_px < most.width_px || box.height_px < most.height_px;
        if (try_size(&t, most, has_box ? IW_MAX((unsigned)SAME_SIZE_FLOOR, goal->quality_floor) : goal->quality_floor))
            return;
        if (!has_box) {
            shrink(&t, most);
            return;
        }
    }
    if (!try_size(&t, box, goal->quality_floor))
        shrink(&t, box);
}

void iw_pixels_versions(struct iw_buf *out)
{
    for (size_t i = 0; i < iw_codec_count; i++)
        if (iw_codecs[i]->version) {
            iw_codecs[i]->version(out);
            iw_buf_add_char(out, ' ');
        }
    iw_scale_version(out);
    iw_buf_add_char(out, ' ');
    iw_colour_version(out);
}
