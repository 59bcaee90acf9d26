/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* GIF: the first frame on its canvas. giflib has no limits of its own, so its whole-file reader is not used. */
#include "base/iw.h"
#include "pixels/inside.h"

#include "base/mem.h"

#include <gif_lib.h>
#include <stdio.h>

struct state {
    GifFileType *gif;
    size_t at;
    uint8_t *indices; /* of the frame, in display order */
    uint32_t left, top, width, height;
    int transparent; /* index, or -1 */
    const ColorMapObject *map;
    uint8_t *row; /* RGBA */
};

static int on_read(GifFileType *gif, GifByteType *to, int len)
{
    struct iw_reader *reader = gif->UserData;
    struct state *s = reader->state;
    size_t count = len < 0 ? 0 : IW_MIN((size_t)len, reader->len - s->at);
    memcpy(to, reader->bytes + s->at, count);
    s->at += count;
    return (int)count;
}

static bool fail(struct iw_reader *reader, const char *why)
{
    (void)snprintf(reader->why, sizeof reader->why, "%s", why);
    return false;
}

static bool read_extension(struct state *s)
{
    int kind;
    GifByteType *block;
    if (DGifGetExtension(s->gif, &kind, &block) == GIF_ERROR)
        return false;
    while (block) {
        if (kind == GRAPHICS_EXT_FUNC_CODE && block[0] >= 4)
            s->transparent = (block[1] & 1) ? block[4] : -1;
        if (DGifGetExtensionNext(s->gif, &block) == GIF_ERROR)
            return false;
    }
    return true;
}

/* Up to the descriptor of the first image. */
static bool find_image(struct state *s)
{
    for (int i = 0; i < 4096; i++) {
        GifRecordType type;
        if (DGifGetRecordType(s->gif, &type) == GIF_ERROR)
            return false;
        if (type == IMAGE_DESC_RECORD_TYPE)
            return DGifGetImageDesc(s->gif) != GIF_ERROR;
        if (type != EXTENSION_RECORD_TYPE || !read_extension(s))
            return false;
    }
    return false;
}

/* GIF89a appendix E: four passes. */
static bool read_pixels(struct state *s, bool is_interlaced)
{
    static const unsigned starts[] = {0, 4, 2, 1}, steps[] = {8, 8, 4, 2};
    for (unsigned pass = 0; pass < (is_interlaced ? 4u : 1u); pass++)
        for (uint32_t y = is_interlaced ? starts[pass] : 0; y < s->height; y += is_interlaced ? steps[pass] : 1)
            if (DGifGetLine(s->gif, s->indices + (size_t)y * s->width, (int)s->width) == GIF_ERROR)
                return false;
    return true;
}

static bool open_gif(struct iw_reader *reader)
{
    struct state *s = iw_calloc(1, sizeof *s);
    if (!s)
        return false;
    reader->state = s;
    s->transparent = -1;
    int code = 0;
    s->gif = DGifOpen(reader, on_read, &code);
    if (!s->gif || !find_image(s))
        return fail(reader, "the GIF holds no image");
    const GifImageDesc *image = &s->gif->Image;
    s->map = image->ColorMap ? image->ColorMap : s->gif->SColorMap;
    reader->width_px = (uint32_t)IW_MAX(s->gif->SWidth, 1);
    reader->height_px = (uint32_t)IW_MAX(s->gif->SHeight, 1);
    s->left = (uint32_t)image->Left;
    s->top = (uint32_t)image->Top;
    s->width = (uint32_t)image->Width;
    s->height = (uint32_t)image->Height;
    if (!s->map || s->width == 0 || s->height == 0 || (uint64_t)s->width * s->height > IW_DECODE_MAX_PIXELS ||
        (uint64_t)reader->width_px * reader->height_px > IW_DECODE_MAX_PIXELS)
        return fail(reader, "the GIF has no colours or an impossible size");
    s->indices = iw_malloc((size_t)s->width * s->height);
    s->row = iw_calloc(reader->width_px, 4);
    if (!s->indices || !s->row)
        return fail(reader, "no memory");
    if (!read_pixels(s, image->Interlace))
        return fail(reader, "the GIF is damaged or ends inside the picture");
    reader->count = 3;
    reader->is_rgb = true;
    reader->step = 1;
    reader->row_room = reader->width_px;
    return true;
}

static void fill_row(const struct iw_reader *reader, struct state *s, uint32_t y)
{
    memset(s->row, 0, (size_t)reader->width_px * 4);
    if (y < s->top || y - s->top >= s->height)
        return;
    const uint8_t *indices = s->indices + (size_t)(y - s->top) * s->width;
    for (uint32_t x = 0; x < s->width && s->left + x < reader->width_px; x++) {
        int index = indices[x];
        uint8_t *to = s->row + (size_t)(s->left + x) * 4;
        if (index == s->transparent || index >= s->map->ColorCount)
            continue;
        to[0] = s->map->Colors[index].Red;
        to[1] = s->map->Colors[index].Green;
        to[2] = s->map->Colors[index].Blue;
        to[3] = 255;
    }
}

static bool rows_gif(struct iw_reader *reader, const struct iw_ring *ring)
{
    struct state *s = reader->state;
    fill_row(reader, s, reader->next_row);
    iw_row_split(reader, ring, reader->next_row, s->row, IW_RGBA8);
    return true;
}

static void close_gif(struct iw_reader *reader)
{
    struct state *s = reader->state;
    if (!s)
        return;
    int code;
    if (s->gif)
        (void)DGifCloseFile(s->gif, &code);
    iw_free(s->indices);
    iw_free(s->row);
    iw_free(s);
}

static void version(struct iw_buf *out)
{
    iw_buf_printf(out, "giflib/%d.%d.%d", GIFLIB_MAJOR, GIFLIB_MINOR, GIFLIB_RELEASE);
}

const struct iw_codec iw_codec_gif = {
    .format = "gif", .open = open_gif, .rows = rows_gif, .close = close_gif, .version = version};
