/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* WebP. Lossy without alpha stays YCbCr (studio range) and is shrunk by libwebp on the way where the target is at most
 * half; the rest is decoded to RGBA. Of an animation the first frame is taken, on its canvas. */
#include "base/iw.h"
#include "pixels/inside.h"

#include "base/mem.h"

#include <stdio.h>
#include <webp/decode.h>
#include <webp/demux.h>

struct state {
    WebPDecoderConfig config;
    bool has_buffer, is_yuv;
    WebPDemuxer *demuxer;
    WebPIterator frame;
    bool has_frame;
    WebPChunkIterator icc;
    bool has_icc;
    uint32_t left, top; /* of the first frame on its canvas */
    uint8_t *line;      /* a row of canvas */
};

/* The first frame's bytes, for an animation; else all of the file. */
static WebPData find_frame(struct iw_reader *reader, struct state *s)
{
    WebPData all = {reader->bytes, reader->len};
    s->demuxer = WebPDemux(&all);
    if (!s->demuxer)
        return all;
    s->has_icc = WebPDemuxGetChunk(s->demuxer, "ICCP", 1, &s->icc) != 0;
    if (s->has_icc) {
        reader->icc = s->icc.chunk.bytes;
        reader->icc_len = s->icc.chunk.size;
    }
    s->has_frame = WebPDemuxGetFrame(s->demuxer, 1, &s->frame) != 0;
    if (!s->has_frame || (WebPDemuxGetI(s->demuxer, WEBP_FF_FORMAT_FLAGS) & ANIMATION_FLAG) == 0)
        return all;
    reader->width_px = WebPDemuxGetI(s->demuxer, WEBP_FF_CANVAS_WIDTH);
    reader->height_px = WebPDemuxGetI(s->demuxer, WEBP_FF_CANVAS_HEIGHT);
    s->left = (uint32_t)s->frame.x_offset;
    s->top = (uint32_t)s->frame.y_offset;
    return s->frame.fragment;
}

static void shrink(struct iw_reader *reader, WebPDecoderConfig *config)
{
    uint32_t width = reader->width_px, height = reader->height_px;
    if (width / 2 < reader->least_width_px || height / 2 < reader->least_height_px)
        return;
    config->options.use_scaling = 1;
    config->options.scaled_width = (int)(width / 2);
    config->options.scaled_height = (int)(height / 2);
    reader->width_px = width / 2;
    reader->height_px = height / 2;
}

static bool open_webp(struct iw_reader *reader)
{
    struct state *s = iw_calloc(1, sizeof *s);
    if (!s)
        return false;
    reader->state = s;
    WebPData data = find_frame(reader, s);
    if (!WebPInitDecoderConfig(&s->config) ||
        WebPGetFeatures(data.bytes, data.size, &s->config.input) != VP8_STATUS_OK) {
        (void)snprintf(reader->why, sizeof reader->why, "the WebP header is damaged");
        return false;
    }
    if (!reader->width_px) {
        reader->width_px = (uint32_t)s->config.input.width;
        reader->height_px = (uint32_t)s->config.input.height;
    }
    bool fills = s->config.input.width == (int)reader->width_px && s->config.input.height == (int)reader->height_px;
    s->is_yuv = s->config.input.format == 1 && !s->config.input.has_alpha && fills;
    if (s->is_yuv)
        shrink(reader, &s->config);
    s->config.output.colorspace = s->is_yuv ? MODE_YUV : MODE_RGBA;
    VP8StatusCode code = WebPDecode(data.bytes, data.size, &s->config);
    s->has_buffer = true;
    if (code != VP8_STATUS_OK) {
        (void)snprintf(reader->why, sizeof reader->why, "libwebp cannot decode it (status %d)", (int)code);
        return false;
    }
    reader->count = 3;
    reader->is_rgb = !s->is_yuv;
    reader->is_studio = s->is_yuv;
    reader->sub_w = reader->sub_h = s->is_yuv;
    reader->step = s->is_yuv ? 2 : 1;
    reader->row_room = reader->width_px + 2;
    s->line = iw_calloc(reader->width_px, 4);
    return s->line != NULL;
}

static void copy_yuv(struct iw_reader *reader, const WebPYUVABuffer *yuv, const struct iw_ring *ring)
{
    const uint8_t *planes[3] = {yuv->y, yuv->u, yuv->v};
    const int strides[3] = {yuv->y_stride, yuv->u_stride, yuv->v_stride};
    for (unsigned i = 0; i < 3; i++) {
        unsigned sub = i ? 1 : 0;
        uint32_t width = (reader->width_px + sub) >> sub, height = (reader->height_px + sub) >> sub;
        for (uint32_t y = reader->next_row >> sub; y < ((reader->next_row + 2) >> sub) && y < height; y++)
            memcpy(ring->px[i] + (y & ring->mask[i]) * ring->stride[i], planes[i] + (size_t)y * (size_t)strides[i],
                   width);
    }
}

/* A row of canvas: transparent but where the frame is. */
static const uint8_t *canvas_row(struct iw_reader *reader, struct state *s, uint32_t y)
{
    const WebPDecBuffer *buffer = &s->config.output;
    uint32_t width = (uint32_t)buffer->width, height = (uint32_t)buffer->height;
    if (y < s->top || y - s->top >= height || s->left >= reader->width_px) {
        memset(s->line, 0, (size_t)reader->width_px * 4);
        return s->line;
    }
    const uint8_t *row = buffer->u.RGBA.rgba + (size_t)(y - s->top) * (size_t)buffer->u.RGBA.stride;
    if (s->left == 0 && width == reader->width_px)
        return row;
    memset(s->line, 0, (size_t)reader->width_px * 4);
    memcpy(s->line + (size_t)s->left * 4, row, (size_t)IW_MIN(width, reader->width_px - s->left) * 4);
    return s->line;
}

static bool rows_webp(struct iw_reader *reader, const struct iw_ring *ring)
{
    struct state *s = reader->state;
    if (s->is_yuv)
        copy_yuv(reader, &s->config.output.u.YUVA, ring);
    else
        iw_row_split(reader, ring, reader->next_row, canvas_row(reader, s, reader->next_row), IW_RGBA8);
    return true;
}

static void close_webp(struct iw_reader *reader)
{
    struct state *s = reader->state;
    if (!s)
        return;
    if (s->has_buffer)
        WebPFreeDecBuffer(&s->config.output);
    if (s->has_frame)
        WebPDemuxReleaseIterator(&s->frame);
    if (s->has_icc)
        WebPDemuxReleaseChunkIterator(&s->icc);
    WebPDemuxDelete(s->demuxer);
    iw_free(s->line);
    iw_free(s);
}

static void version(struct iw_buf *out)
{
    int number = WebPGetDecoderVersion();
    iw_buf_printf(out, "libwebp/%d.%d.%d", number >> 16, number >> 8 & 255, number & 255);
}

const struct iw_codec iw_codec_webp = {
    .format = "webp", .open = open_webp, .rows = rows_webp, .close = close_webp, .version = version};
