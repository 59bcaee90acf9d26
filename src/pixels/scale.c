/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Scaling by zimg, fed row by row: the reader decodes into a ring of rows just before zimg asks for them, so a large
 * picture is never whole in memory unless its format demands it. What zimg 3.0.4 needs to be told: ZIMG_CPU_AUTO (its
 * AVX-512 code scales down wrongly), no dithering, the filter for chroma too, and centred chroma as JFIF has it. */
#include "base/iw.h"
#include "pixels/inside.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <zimg.h>

enum { ALIGN = 64, SPARE = 512 };

struct feed {
    const struct iw_codec *codec;
    struct iw_reader *reader;
    struct iw_ring ring;
    bool has_failed;
};

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

/* The padded source with the true picture as its active region. */
static zimg_filter_graph *build(const struct iw_reader *reader, const struct iw_planes *out)
{
    zimg_image_format from, to;
    describe(&from, reader->count, reader->is_rgb, even(reader->width_px, reader->sub_w),
             even(reader->height_px, reader->sub_h));
    from.subsample_w = reader->sub_w;
    from.subsample_h = reader->sub_h;
    from.active_region.left = 0;
    from.active_region.top = 0;
    from.active_region.width = reader->width_px;
    from.active_region.height = reader->height_px;
    describe(&to, out->count, reader->is_rgb, out->width_px, out->height_px);
    to.subsample_w = out->sub_w;
    to.subsample_h = out->sub_h;
    zimg_graph_builder_params params;
    zimg_graph_builder_params_default(&params, ZIMG_API_VERSION);
    params.resample_filter = params.resample_filter_uv = ZIMG_RESIZE_LANCZOS;
    params.filter_param_a = params.filter_param_a_uv = 3;
    params.dither_type = ZIMG_DITHER_NONE;
    params.cpu_type = ZIMG_CPU_AUTO;
    return zimg_filter_graph_build(&from, &to, &params);
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

static int feed_rows(void *user, unsigned row, unsigned left, unsigned right)
{
    (void)left;
    (void)right;
    struct feed *feed = user;
    struct iw_reader *r = feed->reader;
    uint32_t wanted = IW_MIN(row + (1u << r->sub_h), r->height_px);
    while (r->next_row < wanted) {
        uint32_t first = r->next_row, last = IW_MIN(first + r->step, r->height_px);
        if (!feed->codec->rows(r, &feed->ring)) {
            feed->has_failed = true;
            return 1;
        }
        r->next_row = last;
        pad_rows(feed, first, last);
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

/* Room for as many rows as zimg looks back at, and one step of the reader. */
static void *make_ring(struct feed *feed, const zimg_filter_graph *graph)
{
    const struct iw_reader *r = feed->reader;
    unsigned buffering = 0;
    if (zimg_filter_graph_get_input_buffering(graph, &buffering) != ZIMG_ERROR_SUCCESS)
        return NULL;
    uint32_t height = even(r->height_px, r->sub_h);
    size_t rows = (buffering == ZIMG_BUFFER_MAX ? height : IW_MIN(buffering, height)) + (size_t)r->step;
    unsigned count = power_of_two(rows + (1u << r->sub_h));
    size_t at[3] = {0}, total = 0;
    for (unsigned i = 0; i < r->count; i++) {
        unsigned sub_w = i ? r->sub_w : 0, sub_h = i ? r->sub_h : 0;
        feed->ring.stride[i] = ((r->row_room >> sub_w) + ALIGN + ALIGN) / ALIGN * ALIGN;
        feed->ring.mask[i] = (count >> sub_h) - 1;
        at[i] = total;
        total += feed->ring.stride[i] * (count >> sub_h) + SPARE;
        total = (total + ALIGN - 1) / ALIGN * ALIGN;
    }
    uint8_t *memory = iw_aligned_malloc(ALIGN, total);
    for (unsigned i = 0; i < r->count && memory; i++)
        feed->ring.px[i] = memory + at[i];
    return memory;
}

static bool run(struct feed *feed, const zimg_filter_graph *graph, void *tmp, const struct iw_planes *out)
{
    zimg_image_buffer_const from = {.version = ZIMG_API_VERSION};
    zimg_image_buffer to = {.version = ZIMG_API_VERSION};
    for (unsigned i = 0; i < out->count; i++) {
        from.plane[i].data = feed->ring.px[i];
        from.plane[i].stride = (ptrdiff_t)feed->ring.stride[i];
        from.plane[i].mask = feed->ring.mask[i];
        to.plane[i].data = out->px[i];
        to.plane[i].stride = (ptrdiff_t)out->stride[i];
        to.plane[i].mask = ZIMG_BUFFER_MAX;
    }
    return zimg_filter_graph_process(graph, &from, &to, tmp, feed_rows, feed, NULL, NULL) == ZIMG_ERROR_SUCCESS &&
           !feed->has_failed;
}

bool iw_scale(const struct iw_codec *codec, struct iw_reader *reader, uint32_t width_px, uint32_t height_px,
              bool wants_420, struct iw_planes *out)
{
    bool is_420 = wants_420 && reader->count == 3 && !reader->is_rgb && width_px % 2 == 0 && height_px % 2 == 0;
    if (!iw_planes_make(out, reader->count, width_px, height_px, is_420))
        return false;
    out->is_rgb = reader->is_rgb;
    struct feed feed = {.codec = codec, .reader = reader};
    zimg_filter_graph *graph = build(reader, out);
    size_t tmp_bytes = 0;
    void *ring = NULL, *tmp = NULL;
    bool is_good = graph && zimg_filter_graph_get_tmp_size(graph, &tmp_bytes) == ZIMG_ERROR_SUCCESS;
    if (is_good)
        ring = make_ring(&feed, graph);
    if (ring)
        tmp = iw_aligned_malloc(ALIGN, (tmp_bytes + SPARE + ALIGN - 1) / ALIGN * ALIGN);
    if (tmp) /* zimg multiplies what it never wrote by 0 */
        memset(tmp, 0, tmp_bytes + SPARE);
    is_good = ring && tmp && run(&feed, graph, tmp, out);
    if (!is_good && !reader->why[0]) {
        char text[80] = "";
        zimg_get_last_error(text, sizeof text);
        (void)snprintf(reader->why, sizeof reader->why, "cannot be scaled: %s", text[0] ? text : "no memory");
    }
    zimg_filter_graph_free(graph);
    iw_free(ring);
    iw_free(tmp);
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
