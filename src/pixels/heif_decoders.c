/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* HEVC by libde265 and AV1 by dav1d, each in the calling thread. libheif's own glue starts a thread for every HEVC
 * picture, and dav1d one for each core; in a process that may not start threads the first waits for ever for a thread
 * that is not there. */
#include "base/iw.h"
#include "pixels/heif_decoders.h"

#include "base/bytes.h"
#include "base/mem.h"
#include "pixels/inside.h"

#include <dav1d/dav1d.h>
#include <libde265/de265.h>
#include <libheif/heif_plugin.h>

enum { PRIORITY = 1000 }; /* libheif's own have 100 to 150 */

static struct heif_error fine(void)
{
    return (struct heif_error){heif_error_Ok, heif_suberror_Unspecified, "Success"};
}

static struct heif_error failed(const char *why)
{
    return (struct heif_error){heif_error_Decoder_plugin_error, heif_suberror_Unspecified, why};
}

static void set_strict(void *decoder, int flag)
{
    (void)decoder;
    (void)flag;
}

/* ---- a decoded picture to libheif's ---- */

struct picture {
    int width, height, depth;
    enum heif_chroma chroma;
    const uint8_t *px[3];
    ptrdiff_t stride[3];
    int plane_width[3], plane_height[3];
    /* of the bit stream, ITU-T H.273 */
    unsigned primaries, transfer, matrix;
    bool is_full_range;
};

static struct heif_error add_planes(const struct picture *picture, struct heif_image *image)
{
    static const enum heif_channel channels[3] = {heif_channel_Y, heif_channel_Cb, heif_channel_Cr};
    unsigned count = picture->chroma == heif_chroma_monochrome ? 1 : 3;
    for (unsigned i = 0; i < count; i++) {
        int width = picture->plane_width[i], height = picture->plane_height[i], stride = 0;
        if (!picture->px[i] || width <= 0 || height <= 0)
            return failed("the picture lacks a plane");
        struct heif_error error = heif_image_add_plane(image, channels[i], width, height, picture->depth);
        if (error.code != heif_error_Ok)
            return error;
        uint8_t *to = heif_image_get_plane(image, channels[i], &stride);
        size_t row_bytes = (size_t)width * (picture->depth > 8 ? 2 : 1);
        for (int y = 0; y < height; y++)
            memcpy(to + (ptrdiff_t)y * stride, picture->px[i] + y * picture->stride[i], row_bytes);
    }
    return fine();
}

static void add_colour(const struct picture *picture, struct heif_image *image)
{
    struct heif_color_profile_nclx *nclx = heif_nclx_color_profile_alloc();
    if (!nclx)
        return;
    /* numbers that libheif does not know are left at "unspecified" */
    (void)heif_nclx_color_profile_set_color_primaries(nclx, (uint16_t)picture->primaries);
    (void)heif_nclx_color_profile_set_transfer_characteristics(nclx, (uint16_t)picture->transfer);
    (void)heif_nclx_color_profile_set_matrix_coefficients(nclx, (uint16_t)picture->matrix);
    nclx->full_range_flag = picture->is_full_range;
    (void)heif_image_set_nclx_color_profile(image, nclx);
    heif_nclx_color_profile_free(nclx);
}

static struct heif_error hand_out(const struct picture *picture, struct heif_image **out)
{
    bool is_grey = picture->chroma == heif_chroma_monochrome;
    if (picture->width <= 0 || picture->height <= 0 || picture->depth < 8 || picture->depth > 16 ||
        (uint64_t)picture->width * (uint64_t)picture->height > IW_DECODE_MAX_PIXELS)
        return failed("an impossible size");
    struct heif_error error =
        heif_image_create(picture->width, picture->height, is_grey ? heif_colorspace_monochrome : heif_colorspace_YCbCr,
                          picture->chroma, out);
    if (error.code != heif_error_Ok)
        return error;
    error = add_planes(picture, *out);
    if (error.code == heif_error_Ok) {
        add_colour(picture, *out);
        return error;
    }
    heif_image_release(*out);
    *out = NULL;
    return error;
}

/* ---- HEVC ---- */

static const char *hevc_name(void)
{
    return "HEVC by libde265 without threads";
}

static void hevc_init(void)
{
    (void)de265_init(); /* counts; its tables are made once */
}

static void hevc_deinit(void)
{
    (void)de265_free();
}

static int hevc_priority(enum heif_compression_format format)
{
    return format == heif_compression_HEVC ? PRIORITY : 0;
}

static struct heif_error hevc_new(void **out)
{
    *out = de265_new_decoder();
    return *out ? fine() : failed("no memory");
}

static void hevc_free(void *decoder)
{
    (void)de265_free_decoder(decoder);
}

/* ISO/IEC 14496-15: units, each behind its length. */
static struct heif_error hevc_push(void *decoder, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    for (size_t at = 0; at < len;) {
        if (len - at < 4 || iw_be32(bytes + at) > len - at - 4)
            return failed("the file ends inside the picture");
        uint32_t count = iw_be32(bytes + at);
        if (de265_push_NAL(decoder, bytes + at + 4, (int)count, 0, NULL) != DE265_OK)
            return failed("no memory");
        at += 4 + (size_t)count;
    }
    return fine();
}

static struct heif_error hevc_take(const struct de265_image *image, struct heif_image **out)
{
    static const enum heif_chroma chromas[] = {
        [de265_chroma_mono] = heif_chroma_monochrome,
        [de265_chroma_420] = heif_chroma_420,
        [de265_chroma_422] = heif_chroma_422,
        [de265_chroma_444] = heif_chroma_444,
    };
    enum de265_chroma chroma = de265_get_chroma_format(image);
    struct picture picture = {
        .width = de265_get_image_width(image, 0),
        .height = de265_get_image_height(image, 0),
        .depth = de265_get_bits_per_pixel(image, 0),
        .chroma = chromas[chroma],
        .primaries = (unsigned)de265_get_image_colour_primaries(image),
        .transfer = (unsigned)de265_get_image_transfer_characteristics(image),
        .matrix = (unsigned)de265_get_image_matrix_coefficients(image),
        .is_full_range = de265_get_image_full_range_flag(image) != 0,
    };
    for (int i = 0; i < (chroma == de265_chroma_mono ? 1 : 3); i++) {
        int stride = 0;
        if (de265_get_bits_per_pixel(image, i) != picture.depth)
            return failed("planes of different depths");
        picture.px[i] = de265_get_image_plane(image, i, &stride);
        picture.stride[i] = stride;
        picture.plane_width[i] = de265_get_image_width(image, i);
        picture.plane_height[i] = de265_get_image_height(image, i);
    }
    return hand_out(&picture, out);
}

/* The first picture: a HEIC item is one. */
static struct heif_error hevc_decode(void *decoder, struct heif_image **out)
{
    *out = NULL;
    (void)de265_flush_data(decoder);
    for (int more = 1; more;) {
        more = 0;
        de265_error error = de265_decode(decoder, &more);
        if (error != DE265_OK)
            return failed(de265_get_error_text(error));
        const struct de265_image *image = de265_get_next_picture(decoder);
        if (image)
            return hevc_take(image, out);
    }
    return failed("the HEVC data holds no picture");
}

/* ---- AV1 ---- */

struct av1 {
    Dav1dContext *context;
    Dav1dData data;
};

static const char *av1_name(void)
{
    return "AV1 by dav1d without threads";
}

static int av1_priority(enum heif_compression_format format)
{
    return format == heif_compression_AV1 ? PRIORITY : 0;
}

static void on_message(void *cookie, const char *format, va_list values)
{
    (void)cookie;
    (void)format;
    (void)values;
}

static struct heif_error av1_new(void **out)
{
    struct av1 *av1 = iw_calloc(1, sizeof *av1);
    Dav1dSettings settings;
    dav1d_default_settings(&settings);
    settings.n_threads = 1;
    settings.max_frame_delay = 1;
    settings.all_layers = 0;
    settings.frame_size_limit = IW_DECODE_MAX_PIXELS;
    settings.logger = (Dav1dLogger){.callback = on_message};
    *out = av1;
    if (av1 && dav1d_open(&av1->context, &settings) == 0)
        return fine();
    iw_free(av1);
    *out = NULL;
    return failed("no memory");
}

static void av1_free(void *decoder)
{
    struct av1 *av1 = decoder;
    if (!av1)
        return;
    dav1d_data_unref(&av1->data);
    dav1d_close(&av1->context);
    iw_free(av1);
}

static struct heif_error av1_push(void *decoder, const void *data, size_t len)
{
    struct av1 *av1 = decoder;
    uint8_t *to = av1->data.sz == 0 && len > 0 ? dav1d_data_create(&av1->data, len) : NULL;
    if (!to)
        return failed("no AV1 data");
    memcpy(to, data, len);
    return fine();
}

static struct heif_error av1_take(const Dav1dPicture *frame, struct heif_image **out)
{
    static const enum heif_chroma chromas[] = {
        [DAV1D_PIXEL_LAYOUT_I400] = heif_chroma_monochrome,
        [DAV1D_PIXEL_LAYOUT_I420] = heif_chroma_420,
        [DAV1D_PIXEL_LAYOUT_I422] = heif_chroma_422,
        [DAV1D_PIXEL_LAYOUT_I444] = heif_chroma_444,
    };
    bool is_narrow = frame->p.layout == DAV1D_PIXEL_LAYOUT_I420 || frame->p.layout == DAV1D_PIXEL_LAYOUT_I422;
    bool is_low = frame->p.layout == DAV1D_PIXEL_LAYOUT_I420;
    struct picture picture = {
        .width = frame->p.w,
        .height = frame->p.h,
        .depth = frame->p.bpc,
        .chroma = chromas[frame->p.layout],
        .primaries = (unsigned)frame->seq_hdr->pri,
        .transfer = (unsigned)frame->seq_hdr->trc,
        .matrix = (unsigned)frame->seq_hdr->mtrx,
        .is_full_range = frame->seq_hdr->color_range != 0,
    };
    for (unsigned i = 0; i < 3; i++) {
        picture.px[i] = frame->data[i];
        picture.stride[i] = frame->stride[i ? 1 : 0];
        picture.plane_width[i] = i && is_narrow ? (frame->p.w + 1) / 2 : frame->p.w;
        picture.plane_height[i] = i && is_low ? (frame->p.h + 1) / 2 : frame->p.h;
    }
    return hand_out(&picture, out);
}

static struct heif_error av1_decode(void *decoder, struct heif_image **out)
{
    enum { TURNS = 1000 }; /* each takes data in or hands a picture out */
    struct av1 *av1 = decoder;
    *out = NULL;
    for (int i = 0; i < TURNS; i++) {
        int sent = av1->data.sz > 0 ? dav1d_send_data(av1->context, &av1->data) : 0;
        if (sent < 0 && sent != DAV1D_ERR(EAGAIN))
            break;
        Dav1dPicture frame = {0};
        int got = dav1d_get_picture(av1->context, &frame);
        if (got == 0) {
            struct heif_error error = av1_take(&frame, out);
            dav1d_picture_unref(&frame);
            return error;
        }
        if (got != DAV1D_ERR(EAGAIN))
            break;
    }
    return failed("the AV1 data holds no picture");
}

/* ---- both ---- */

void iw_heif_register_decoders(void)
{
    static const struct heif_decoder_plugin hevc = {
        .plugin_api_version = 3,
        .get_plugin_name = hevc_name,
        .init_plugin = hevc_init,
        .deinit_plugin = hevc_deinit,
        .does_support_format = hevc_priority,
        .new_decoder = hevc_new,
        .free_decoder = hevc_free,
        .push_data = hevc_push,
        .decode_image = hevc_decode,
        .set_strict_decoding = set_strict,
        .id_name = "imgweigh-hevc",
    };
    static const struct heif_decoder_plugin av1 = {
        .plugin_api_version = 3,
        .get_plugin_name = av1_name,
        .does_support_format = av1_priority,
        .new_decoder = av1_new,
        .free_decoder = av1_free,
        .push_data = av1_push,
        .decode_image = av1_decode,
        .set_strict_decoding = set_strict,
        .id_name = "imgweigh-av1",
    };
    (void)heif_register_decoder_plugin(&hevc);
    (void)heif_register_decoder_plugin(&av1);
}
