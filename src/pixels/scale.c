/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Scaling by zimg, fed row by row: the reader decodes into a ring of rows just before zimg asks for them, so a large
 * picture is never whole in memory unless its format demands it. The chroma of YCbCr is held back where it is
 * small enough, so that it can be looked at, and shrunk, before it is scaled: most photographs need half of it only.
 * What zimg 3.0.4 needs to be told: ZIMG_CPU_AUTO (its AVX-512 code scales down wrongly), no dithering, the filter for
 * chroma too, and centred chroma as JFIF has it. */
#include "base/iw.h"
#include "pixels/inside.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <zimg.h>

/* HELD_MAX_BYTES: of chroma. Three times 1280x960, the most that a JPEG shrunk while decoding leaves of it, is 22 MB.
 */
enum { ALIGN = 64, SPARE = 512, HELD_MAX_BYTES = 24 << 20 };

/* BAND_ROWS: that are read for a band, see run_bands(); LOBES: of Lanczos, in rows of the result. */
enum { STRIP_MARGIN = 64, BAND_ROWS = 850, LOBES = 3 };

struct feed {
    const struct iw_codec *codec;
    struct iw_reader *reader;
    struct iw_ring ring;
    struct iw_plane chroma[2];   /* held in full, where they are */
    struct iw_chroma_look *look; /* NULL: none is wanted */
    bool has_failed;
    uint32_t kept_rows; /* of plane 0, in the ring */
    bool may_go_back;   /* the ring holds all that zimg may ask for again */
    bool is_in_strips;  /* zimg asked for a part of a row, where it does not */
};

/* Rows of the result. */
struct band {
    uint32_t first, rows;
};
typedef zimg_filter_graph *build_band(const struct iw_reader *reader, const struct iw_planes *out, struct band band);

static void describe(zimg_image_format *format, unsigned count, bool is_rgb, uint32_t width, uint32_t height)
{
    zimg_image_format_default(format, ZIMG_API_VERSION);
    format->width = width;
    format->height = height;
    format->pixel_type = ZIMG_PIXEL_BYTE;
    format->depth = 8;
    format->pixel_range = ZIMG_RANGE_FULL;
    format->color_family = count == 1 ? ZIMG_COLOR_GREY : is_rgb ? ZIMG_COLOR_RGB : ZIMG_COLOR_YUV;
    format->matrix_coefficients = is_rgb && count == 3 ? ZIMG_MATRIX_RGB : ZIMG_MATRIX_BT470_BG;
    format->chroma_location = ZIMG_CHROMA_CENTER;
}

static uint32_t even(uint32_t n, unsigned sub)
{
    return (n + (1u << sub) - 1) >> sub << sub;
}

static zimg_filter_graph *build(const zimg_image_format *from, const zimg_image_format *to)
{
    zimg_graph_builder_params params;
    zimg_graph_builder_params_default(&params, ZIMG_API_VERSION);
    params.resample_filter = params.resample_filter_uv = ZIMG_RESIZE_LANCZOS;
    params.filter_param_a = params.filter_param_a_uv = 3;
    params.dither_type = ZIMG_DITHER_NONE;
    params.cpu_type = ZIMG_CPU_AUTO;
    return zimg_filter_graph_build(from, to, &params);
}

/* So much of a source becomes the band: the neighbours of a band stay what they are. */
static void set_active(zimg_image_format *from, double width, double height, const struct iw_planes *out,
                       struct band band)
{
    from->active_region.left = 0;
    from->active_region.top = band.first * height / out->height_px;
    from->active_region.width = width;
    from->active_region.height = IW_MIN(band.rows * height / out->height_px, height - from->active_region.top);
}

/* All planes at once: the padded source with the true picture as its active region. */
static zimg_filter_graph *build_picture(const struct iw_reader *reader, const struct iw_planes *out, struct band band)
{
    zimg_image_format from, to;
    describe(&from, reader->count, reader->is_rgb, even(reader->width_px, reader->sub_w),
             even(reader->height_px, reader->sub_h));
    from.subsample_w = reader->sub_w;
    from.subsample_h = reader->sub_h;
    set_active(&from, reader->width_px, reader->height_px, out, band);
    describe(&to, out->count, reader->is_rgb, out->width_px, band.rows);
    to.subsample_w = out->sub_w;
    to.subsample_h = out->sub_h;
    return build(&from, &to);
}

static zimg_filter_graph *build_luma(const struct iw_reader *reader, const struct iw_planes *out, struct band band)
{
    zimg_image_format from, to;
    describe(&from, 1, false, reader->width_px, reader->height_px);
    set_active(&from, reader->width_px, reader->height_px, out, band);
    describe(&to, 1, false, out->width_px, band.rows);
    return build(&from, &to);
}

/* One plane of a picture: so much of it, in its own samples, becomes width x height. */
static zimg_filter_graph *build_plane(const struct iw_plane *plane, double part_width, double part_height,
                                      uint32_t width, uint32_t height)
{
    zimg_image_format from, to;
    describe(&from, 1, false, plane->width_px, plane->height_px);
    from.active_region.left = 0;
    from.active_region.top = 0;
    from.active_region.width = part_width;
    from.active_region.height = part_height;
    describe(&to, 1, false, width, height);
    return build(&from, &to);
}

/* ---- feeding ---- */

/* Repeats the last column where the subsampling needs one more, and the last row. */
static void pad_rows(struct feed *feed, uint32_t first, uint32_t last)
{
    const struct iw_reader *r = feed->reader;
    const struct iw_ring *ring = &feed->ring;
    for (uint32_t y = first; r->width_px != even(r->width_px, r->sub_w) && y < last; y++) {
        uint8_t *row = ring->px[0] + (y & ring->mask[0]) * ring->stride[0];
        memset(row + r->width_px, row[r->width_px - 1], even(r->width_px, r->sub_w) - r->width_px);
    }
    for (uint32_t y = r->height_px; last == r->height_px && y < even(r->height_px, r->sub_h); y++)
        memcpy(ring->px[0] + (y & ring->mask[0]) * ring->stride[0],
               ring->px[0] + ((r->height_px - 1) & ring->mask[0]) * ring->stride[0], ring->stride[0]);
}

/* Strips of zimg's are at least 128 samples of the result wide, and results are never larger than what is read: a
 * first strip ends well before the row does. */
static bool is_strip(const struct iw_reader *r, unsigned left, unsigned right)
{
    return left > 0 || right + STRIP_MARGIN < r->width_px;
}

static int feed_rows(void *user, unsigned row, unsigned left, unsigned right)
{
    struct feed *feed = user;
    struct iw_reader *r = feed->reader;
    if (!feed->may_go_back && is_strip(r, left, right)) {
        feed->is_in_strips = true;
        return 1;
    }
    if (row + feed->kept_rows < r->next_row) { /* never seen: rather no picture than a wrong one */
        feed->has_failed = true;
        return 1;
    }
    uint32_t wanted = IW_MIN(row + (1u << r->sub_h), r->height_px);
    while (r->next_row < wanted) {
        uint32_t first = r->next_row, last = IW_MIN(first + r->step, r->height_px);
        if (!feed->codec->rows(r, &feed->ring)) {
            feed->has_failed = true;
            return 1;
        }
        r->next_row = last;
        pad_rows(feed, first, last);
        if (feed->look)
            iw_chroma_look_on(feed->look, last >> r->sub_h);
    }
    return 0;
}

static unsigned power_of_two(size_t least)
{
    unsigned n = 1;
    while (n < least)
        n *= 2;
    return n;
}

static size_t ring_stride(const struct iw_reader *r, unsigned plane)
{
    return ((r->row_room >> (plane ? r->sub_w : 0)) + ALIGN + ALIGN) / ALIGN * ALIGN;
}

/* Room in the first planes for so many rows (all, where there are no more), and one step of the reader. */
static void *make_ring(struct feed *feed, size_t least_rows, unsigned planes)
{
    const struct iw_reader *r = feed->reader;
    size_t rows = IW_MIN(least_rows, (size_t)even(r->height_px, r->sub_h)) + (size_t)r->step;
    unsigned count = power_of_two(rows + (1u << r->sub_h));
    feed->kept_rows = count;
    size_t at[3] = {0}, total = 0;
    for (unsigned i = 0; i < planes; i++) {
        unsigned sub_h = i ? r->sub_h : 0;
        feed->ring.stride[i] = ring_stride(r, i);
        feed->ring.mask[i] = (count >> sub_h) - 1;
        at[i] = total;
        total += feed->ring.stride[i] * (count >> sub_h) + SPARE;
        total = (total + ALIGN - 1) / ALIGN * ALIGN;
    }
    uint8_t *memory = iw_aligned_malloc(ALIGN, total);
    for (unsigned i = 0; i < planes && memory; i++)
        feed->ring.px[i] = memory + at[i];
    return memory;
}

/* ---- running ---- */

/* count planes of a ring, from first on, to those of out. feed NULL: all rows are there already. */
static bool run(const zimg_filter_graph *graph, const struct iw_ring *ring, const struct iw_planes *out, unsigned first,
                unsigned count, struct feed *feed)
{
    zimg_image_buffer_const from = {.version = ZIMG_API_VERSION};
    zimg_image_buffer to = {.version = ZIMG_API_VERSION};
    for (unsigned i = 0; i < count; i++) {
        from.plane[i].data = ring->px[first + i];
        from.plane[i].stride = (ptrdiff_t)ring->stride[first + i];
        from.plane[i].mask = ring->mask[first + i];
        to.plane[i].data = out->px[first + i];
        to.plane[i].stride = (ptrdiff_t)out->stride[first + i];
        to.plane[i].mask = ZIMG_BUFFER_MAX;
    }
    size_t bytes = 0;
    if (zimg_filter_graph_get_tmp_size(graph, &bytes) != ZIMG_ERROR_SUCCESS)
        return false;
    void *tmp = iw_aligned_malloc(ALIGN, (bytes + SPARE + ALIGN - 1) / ALIGN * ALIGN);
    if (!tmp)
        return false;
    memset(tmp, 0, bytes + SPARE); /* zimg multiplies what it never wrote by 0 */
    bool is_good = zimg_filter_graph_process(graph, &from, &to, tmp, feed ? feed_rows : NULL, feed, NULL, NULL) ==
                       ZIMG_ERROR_SUCCESS &&
                   !(feed && feed->has_failed);
    iw_free(tmp);
    return is_good;
}

/* For a graph that looks back at some rows and never asks for one again. */
static bool run_ring(struct feed *feed, const zimg_filter_graph *graph, const struct iw_planes *out, unsigned planes)
{
    unsigned buffering = 0;
    if (zimg_filter_graph_get_input_buffering(graph, &buffering) != ZIMG_ERROR_SUCCESS)
        return false;
    void *ring = make_ring(feed, buffering, planes);
    bool is_good = ring && run(graph, &feed->ring, out, 0, planes, feed);
    iw_free(ring);
    return is_good;
}

/* Band by band, with a ring that holds all rows of one and what its filters reach beyond. */
static bool run_bands(struct feed *feed, build_band *build_one, const struct iw_planes *out, unsigned planes)
{
    const struct iw_reader *r = feed->reader;
    size_t ratio = r->height_px / out->height_px + 1;
    uint32_t rows = (uint32_t)IW_MAX(BAND_ROWS / ratio, (size_t)2) & ~1u;
    void *ring = make_ring(feed, (rows + 2 * LOBES + 2) * ratio, planes);
    bool is_good = ring != NULL;
    feed->may_go_back = true;
    for (struct band band = {0, rows}; is_good && band.first < out->height_px; band.first += rows) {
        band.rows = IW_MIN(rows, out->height_px - band.first);
        struct iw_planes piece = *out;
        for (unsigned i = 0; i < planes; i++)
            piece.px[i] += (band.first >> (i ? out->sub_h : 0)) * out->stride[i];
        zimg_filter_graph *graph = build_one(r, out, band);
        is_good = graph && run(graph, &feed->ring, &piece, 0, planes, feed);
        zimg_filter_graph_free(graph);
    }
    iw_free(ring);
    return is_good;
}

/* The first planes, row by row as the reader delivers them. Where what zimg works on is larger than the processor's
 * cache it works in strips from top to bottom, one after the other, and wants all rows again for each. It says so when
 * it asks for the first row, before any is read. */
static bool run_fed(struct feed *feed, build_band *build_one, const struct iw_planes *out, unsigned planes)
{
    zimg_filter_graph *graph = build_one(feed->reader, out, (struct band){0, out->height_px});
    bool is_good = graph && run_ring(feed, graph, out, planes);
    zimg_filter_graph_free(graph);
    if (!is_good && feed->is_in_strips && feed->reader->next_row == 0)
        is_good = run_bands(feed, build_one, out, planes);
    return is_good;
}

/* ---- luma first ---- */

static size_t held_rows(const struct iw_reader *r)
{
    return (((size_t)r->height_px + r->step) >> r->sub_h) + 1;
}

static bool may_hold(const struct iw_reader *r)
{
    return r->count == 3 && !r->is_rgb && 2 * ring_stride(r, 1) * held_rows(r) <= HELD_MAX_BYTES;
}

/* Planes in which the reader leaves all of the chroma, instead of a ring. */
static uint8_t *hold_chroma(struct feed *feed)
{
    const struct iw_reader *r = feed->reader;
    size_t stride = ring_stride(r, 1), bytes = (stride * held_rows(r) + SPARE + ALIGN - 1) / ALIGN * ALIGN;
    uint8_t *memory = iw_aligned_malloc(ALIGN, 2 * bytes);
    for (unsigned i = 0; i < 2 && memory; i++) {
        feed->chroma[i] = (struct iw_plane){.px = memory + i * bytes,
                                            .stride = stride,
                                            .width_px = even(r->width_px, r->sub_w) >> r->sub_w,
                                            .height_px = even(r->height_px, r->sub_h) >> r->sub_h};
        feed->ring.px[i + 1] = feed->chroma[i].px;
        feed->ring.stride[i + 1] = stride;
        feed->ring.mask[i + 1] = ZIMG_BUFFER_MAX;
    }
    return memory;
}

static bool scale_luma(struct feed *feed, const struct iw_planes *out)
{
    const struct iw_reader *r = feed->reader;
    return run_fed(feed, build_luma, out, 1) && feed_rows(feed, r->height_px - 1, 0, r->width_px) == 0;
}

/* Halves both planes as long as one and a half times as much as is wanted remains, as in decoding; how often. */
static unsigned shrink(struct iw_plane planes[2], uint32_t width_px, uint32_t height_px)
{
    unsigned times = 0;
    for (; (uint64_t)planes[0].width_px >= 3 * (uint64_t)width_px &&
           (uint64_t)planes[0].height_px >= 3 * (uint64_t)height_px;
         times++)
        for (unsigned i = 0; i < 2; i++)
            iw_plane_halve(&planes[i]);
    return times;
}

static bool scale_chroma(struct feed *feed, struct iw_planes *out)
{
    const struct iw_reader *r = feed->reader;
    uint32_t width = iw_plane_width(out, 1), height = iw_plane_height(out, 1);
    unsigned halved = shrink(feed->chroma, width, height);
    /* what lies below these samples: of an odd row, half of the last one is beyond the picture */
    double across = (double)r->width_px * (width << out->sub_w) / out->width_px,
           down = (double)r->height_px * (height << out->sub_h) / out->height_px;
    zimg_filter_graph *graph = build_plane(&feed->chroma[0], across / (1u << (r->sub_w + halved)),
                                           down / (1u << (r->sub_h + halved)), width, height);
    bool is_good = graph && run(graph, &feed->ring, out, 1, 1, NULL) && run(graph, &feed->ring, out, 2, 1, NULL);
    zimg_filter_graph_free(graph);
    return is_good;
}

/* So many samples of chroma, both ways, become one of a halved plane: a power of two, not less. */
static uint32_t cell_side(const struct iw_plane *plane, const struct iw_planes *out)
{
    return 2 * power_of_two(IW_MAX((plane->width_px + out->width_px - 1) / out->width_px,
                                   (plane->height_px + out->height_px - 1) / out->height_px));
}

static bool scale_apart(struct feed *feed, enum iw_chroma chroma, struct iw_planes *out)
{
    uint8_t *held = hold_chroma(feed);
    struct iw_chroma_look look;
    uint32_t side = cell_side(&feed->chroma[0], out);
    if (held && chroma == IW_CHROMA_JUDGED && side <= IW_CHROMA_SIDE_MAX) {
        iw_chroma_look_begin(&look, feed->chroma, side);
        feed->look = &look;
    }
    bool is_good = held && scale_luma(feed, out);
    if (is_good && feed->look)
        out->sub_w = out->sub_h = iw_chroma_looks_soft(feed->look);
    is_good = is_good && scale_chroma(feed, out);
    iw_free(held);
    return is_good;
}

/* ---- the whole ---- */

bool iw_scale(const struct iw_codec *codec, struct iw_reader *reader, uint32_t width_px, uint32_t height_px,
              enum iw_chroma chroma, struct iw_planes *out)
{
    bool is_apart = chroma != IW_CHROMA_WHOLE && may_hold(reader);
    bool is_even = width_px % 2 == 0 && height_px % 2 == 0 && reader->sub_w == reader->sub_h; /* zimg halves no other */
    bool is_halved = chroma == IW_CHROMA_HALF && reader->count == 3 && !reader->is_rgb && (is_apart || is_even);
    if (!iw_planes_make(out, reader->count, width_px, height_px, is_halved))
        return false;
    out->is_rgb = reader->is_rgb;
    struct feed feed = {.codec = codec, .reader = reader};
    bool is_good = is_apart ? scale_apart(&feed, chroma, out) : run_fed(&feed, build_picture, out, out->count);
    if (!is_good && !reader->why[0]) {
        char text[80] = "";
        zimg_get_last_error(text, sizeof text);
        (void)snprintf(reader->why, sizeof reader->why, "cannot be scaled: %s", text[0] ? text : "no memory");
    }
    if (!is_good)
        iw_planes_free(out);
    return is_good;
}

void iw_scale_version(struct iw_buf *out)
{
    unsigned major, minor, micro;
    zimg_get_version_info(&major, &minor, &micro);
    iw_buf_printf(out, "zimg/%u.%u.%u", major, minor, micro);
}
