/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* JPEG XL: the first frame, blended and turned by libjxl, as 8-bit samples. The decoder is asked for sRGB; it obeys for
 * all that was coded lossily, and hands the profile on for the rest. Pixels come in no order, so all are kept. */
#include "base/iw.h"
#include "pixels/inside.h"

#include "base/mem.h"

#include <jxl/decode.h>
#include <stdio.h>

enum { ICC_MAX = 16 << 20 };

struct state {
    JxlDecoder *decoder;
    JxlPixelFormat format;
    enum iw_samples samples;
    size_t row_bytes;
    uint8_t *pixels, *icc;
};

static bool fail(struct iw_reader *reader, const char *why)
{
    (void)snprintf(reader->why, sizeof reader->why, "%s", why);
    return false;
}

static bool is_cmyk(const JxlDecoder *decoder, const JxlBasicInfo *info)
{
    for (uint32_t i = 0; i < info->num_extra_channels; i++) {
        JxlExtraChannelInfo channel;
        if (JxlDecoderGetExtraChannelInfo(decoder, i, &channel) == JXL_DEC_SUCCESS && channel.type == JXL_CHANNEL_BLACK)
            return true;
    }
    return false;
}

static bool take_info(struct iw_reader *reader, struct state *s)
{
    JxlBasicInfo info;
    if (JxlDecoderGetBasicInfo(s->decoder, &info) != JXL_DEC_SUCCESS)
        return fail(reader, "the JPEG XL header is damaged");
    reader->width_px = info.xsize;
    reader->height_px = info.ysize;
    if (!info.xsize || !info.ysize || (uint64_t)info.xsize * info.ysize > IW_DECODE_MAX_PIXELS)
        return fail(reader, "an impossible size");
    if (is_cmyk(s->decoder, &info))
        return fail(reader, "JPEG XL with printing colours is not read");
    bool has_alpha = info.alpha_bits > 0;
    bool is_grey = info.num_color_channels == 1 && (!has_alpha || iw_row_is_grey_ground(reader));
    reader->count = is_grey ? 1 : 3;
    bool is_laid = info.alpha_premultiplied != 0;
    if (has_alpha)
        s->samples = is_grey ? (is_laid ? IW_GREYA8_LAID : IW_GREYA8) : is_laid ? IW_RGBA8_LAID : IW_RGBA8;
    else
        s->samples = is_grey ? IW_GREY8 : IW_RGB8;
    s->format = (JxlPixelFormat){
        .num_channels = reader->count + has_alpha, .data_type = JXL_TYPE_UINT8, .endianness = JXL_NATIVE_ENDIAN};
    s->row_bytes = (size_t)info.xsize * s->format.num_channels;
    return true;
}

static bool is_srgb(const JxlColorEncoding *colour)
{
    bool is_grey = colour->color_space == JXL_COLOR_SPACE_GRAY;
    return (is_grey || (colour->color_space == JXL_COLOR_SPACE_RGB && colour->primaries == JXL_PRIMARIES_SRGB)) &&
           colour->white_point == JXL_WHITE_POINT_D65 && colour->transfer_function == JXL_TRANSFER_FUNCTION_SRGB;
}

static void take_colour(struct iw_reader *reader, struct state *s)
{
    JxlBasicInfo info;
    bool is_grey = JxlDecoderGetBasicInfo(s->decoder, &info) == JXL_DEC_SUCCESS && info.num_color_channels == 1;
    JxlColorEncoding colour = {.color_space = is_grey ? JXL_COLOR_SPACE_GRAY : JXL_COLOR_SPACE_RGB,
                               .white_point = JXL_WHITE_POINT_D65,
                               .primaries = JXL_PRIMARIES_SRGB,
                               .transfer_function = JXL_TRANSFER_FUNCTION_SRGB,
                               .rendering_intent = JXL_RENDERING_INTENT_PERCEPTUAL};
    (void)JxlDecoderSetPreferredColorProfile(s->decoder, &colour);
    JxlColorProfileTarget data = JXL_COLOR_PROFILE_TARGET_DATA;
    if (JxlDecoderGetColorAsEncodedProfile(s->decoder, &s->format, data, &colour) == JXL_DEC_SUCCESS &&
        is_srgb(&colour))
        return;
    size_t len = 0;
    if (JxlDecoderGetICCProfileSize(s->decoder, &s->format, data, &len) != JXL_DEC_SUCCESS || len == 0 || len > ICC_MAX)
        return;
    iw_free(s->icc);
    s->icc = iw_malloc(len);
    if (!s->icc || JxlDecoderGetColorAsICCProfile(s->decoder, &s->format, data, s->icc, len) != JXL_DEC_SUCCESS)
        return;
    reader->icc = s->icc;
    reader->icc_len = len;
}

static bool make_room(struct iw_reader *reader, struct state *s)
{
    size_t len = 0, total = s->row_bytes * reader->height_px;
    if (s->pixels || total == 0 || JxlDecoderImageOutBufferSize(s->decoder, &s->format, &len) != JXL_DEC_SUCCESS ||
        len > total)
        return fail(reader, "the JPEG XL is damaged");
    s->pixels = iw_calloc(1, total);
    if (!s->pixels)
        return fail(reader, "no memory");
    return JxlDecoderSetImageOutBuffer(s->decoder, &s->format, s->pixels, total) == JXL_DEC_SUCCESS ||
           fail(reader, "the JPEG XL is damaged");
}

static bool decode(struct iw_reader *reader, struct state *s)
{
    for (;;) {
        switch (JxlDecoderProcessInput(s->decoder)) {
        case JXL_DEC_BASIC_INFO:
            if (!take_info(reader, s))
                return false;
            break;
        case JXL_DEC_COLOR_ENCODING:
            take_colour(reader, s);
            break;
        case JXL_DEC_NEED_IMAGE_OUT_BUFFER:
            if (!make_room(reader, s))
                return false;
            break;
        case JXL_DEC_FULL_IMAGE:
            return s->pixels || fail(reader, "the JPEG XL is damaged");
        case JXL_DEC_NEED_MORE_INPUT:
            return fail(reader, "the file ends inside the picture");
        default:
            return fail(reader, "the JPEG XL is damaged");
        }
    }
}

static bool open_jxl(struct iw_reader *reader)
{
    struct state *s = iw_calloc(1, sizeof *s);
    if (!s)
        return false;
    reader->state = s;
    s->decoder = JxlDecoderCreate(NULL);
    int events = JXL_DEC_BASIC_INFO | JXL_DEC_COLOR_ENCODING | JXL_DEC_FULL_IMAGE;
    if (!s->decoder || JxlDecoderSubscribeEvents(s->decoder, events) != JXL_DEC_SUCCESS ||
        JxlDecoderSetInput(s->decoder, reader->bytes, reader->len) != JXL_DEC_SUCCESS)
        return fail(reader, "no memory");
    if (!decode(reader, s))
        return false;
    reader->is_rgb = reader->count == 3;
    reader->step = 1;
    reader->row_room = reader->width_px;
    reader->is_turned = true;
    return true;
}

static bool rows_jxl(struct iw_reader *reader, const struct iw_ring *ring)
{
    struct state *s = reader->state;
    iw_row_split(reader, ring, reader->next_row, s->pixels + reader->next_row * s->row_bytes, s->samples);
    return true;
}

static void close_jxl(struct iw_reader *reader)
{
    struct state *s = reader->state;
    if (!s)
        return;
    JxlDecoderDestroy(s->decoder);
    iw_free(s->pixels);
    iw_free(s->icc);
    iw_free(s);
}

static void version(struct iw_buf *out)
{
    uint32_t number = JxlDecoderVersion();
    iw_buf_printf(out, "libjxl/%u.%u.%u", number / 1000000, number / 1000 % 1000, number % 1000);
}

const struct iw_codec iw_codec_jxl = {
    .format = "jxl", .open = open_jxl, .rows = rows_jxl, .close = close_jxl, .version = version};
