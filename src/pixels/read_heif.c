/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* HEIC and AVIF: the primary image. 8-bit planes without alpha are taken as libheif hands them out: RGB up to 1.15,
 * YCbCr where it keeps them. The rest is converted to 8-bit RGB or RGBA. Rotation, mirroring and cropping are
 * properties of the file, and libheif applies them. */
#include "base/iw.h"
#include "pixels/inside.h"

#include "base/mem.h"
#include "pixels/heif_decoders.h"

#include <libheif/heif.h>
#include <stdio.h>

enum { ICC_MAX = 16 << 20, SIDE_MAX = 65535 };

struct state {
    struct heif_context *context;
    struct heif_image_handle *handle;
    struct heif_image *image;
    const uint8_t *px[3];
    size_t stride[3];
    enum iw_samples samples; /* of interleaved pixels */
    bool is_planar;
    uint8_t *icc;
};

static bool fail(struct iw_reader *reader, const char *why)
{
    (void)snprintf(reader->why, sizeof reader->why, "%.110s", why);
    return false;
}

static bool is_fine(struct iw_reader *reader, struct heif_error error)
{
    return error.code == heif_error_Ok || fail(reader, error.message ? error.message : "libheif cannot decode it");
}

static void find_profile(struct iw_reader *reader, struct state *s)
{
    enum heif_color_profile_type type = heif_image_handle_get_color_profile_type(s->handle);
    if (type != heif_color_profile_type_prof && type != heif_color_profile_type_rICC)
        return;
    size_t len = heif_image_handle_get_raw_color_profile_size(s->handle);
    s->icc = len > 0 && len <= ICC_MAX ? iw_malloc(len) : NULL;
    if (!s->icc || heif_image_handle_get_raw_color_profile(s->handle, s->icc).code != heif_error_Ok)
        return;
    reader->icc = s->icc;
    reader->icc_len = len;
}

static bool decode(struct iw_reader *reader, struct state *s, enum heif_colorspace space, enum heif_chroma chroma)
{
    struct heif_decoding_options *options = heif_decoding_options_alloc();
    if (!options)
        return fail(reader, "no memory");
    options->convert_hdr_to_8bit = 1;
    struct heif_error error = heif_decode_image(s->handle, &s->image, space, chroma, options);
    heif_decoding_options_free(options);
    return is_fine(reader, error) && s->image;
}

/* ---- planes ---- */

/* Whether samples are those of JFIF: BT.601, or left open, which libheif takes for the same. */
static bool is_bt601(const struct heif_image *image, bool *out_studio)
{
    struct heif_color_profile_nclx *nclx = NULL;
    *out_studio = false;
    if (heif_image_get_nclx_color_profile(image, &nclx).code != heif_error_Ok || !nclx)
        return true;
    bool is_known = nclx->matrix_coefficients == heif_matrix_coefficients_unspecified ||
                    nclx->matrix_coefficients == heif_matrix_coefficients_ITU_R_BT_470_6_System_B_G ||
                    nclx->matrix_coefficients == heif_matrix_coefficients_ITU_R_BT_601_6;
    *out_studio = !nclx->full_range_flag;
    heif_nclx_color_profile_free(nclx);
    return is_known;
}

static bool take_plane(struct iw_reader *reader, struct state *s, unsigned i, enum heif_channel channel)
{
    uint32_t sub_w = i ? reader->sub_w : 0, sub_h = i ? reader->sub_h : 0;
    uint32_t width = (reader->width_px + (1u << sub_w) - 1) >> sub_w;
    uint32_t height = (reader->height_px + (1u << sub_h) - 1) >> sub_h;
    int stride = 0;
    if (!heif_image_has_channel(s->image, channel)) /* asking for more aborts */
        return false;
    s->px[i] = heif_image_get_plane_readonly(s->image, channel, &stride);
    s->stride[i] = (size_t)stride;
    return s->px[i] && stride > 0 && (uint32_t)stride >= width &&
           heif_image_get_bits_per_pixel_range(s->image, channel) == 8 &&
           heif_image_get_width(s->image, channel) == (int)width &&
           heif_image_get_height(s->image, channel) == (int)height;
}

static bool has_size(struct iw_reader *reader, struct state *s)
{
    int width = heif_image_get_primary_width(s->image), height = heif_image_get_primary_height(s->image);
    if (width <= 0 || height <= 0 || (uint64_t)width * (uint64_t)height > IW_DECODE_MAX_PIXELS)
        return false;
    reader->width_px = (uint32_t)width;
    reader->height_px = (uint32_t)height;
    return true;
}

/* False: not such planes; the caller asks libheif for interleaved pixels instead. */
static bool take_planes(struct iw_reader *reader, struct state *s)
{
    static const enum heif_channel ycc[3] = {heif_channel_Y, heif_channel_Cb, heif_channel_Cr},
                                   rgb[3] = {heif_channel_R, heif_channel_G, heif_channel_B};
    enum heif_chroma chroma = heif_image_get_chroma_format(s->image);
    enum heif_colorspace space = heif_image_get_colorspace(s->image);
    bool is_grey = chroma == heif_chroma_monochrome, is_halved = chroma == heif_chroma_420 || chroma == heif_chroma_422;
    if ((!is_grey && !is_halved && chroma != heif_chroma_444) || !has_size(reader, s))
        return false;
    reader->count = is_grey ? 1 : 3;
    reader->sub_w = is_halved;
    reader->sub_h = chroma == heif_chroma_420;
    reader->is_rgb = space == heif_colorspace_RGB;
    if (reader->is_rgb ? chroma != heif_chroma_444 : !is_bt601(s->image, &reader->is_studio))
        return false;
    for (unsigned i = 0; i < reader->count; i++)
        if (!take_plane(reader, s, i, reader->is_rgb ? rgb[i] : ycc[i]))
            return false;
    reader->is_whole = chroma == heif_chroma_444;
    reader->step = 1u << reader->sub_h;
    s->is_planar = true;
    return true;
}

/* ---- opening ---- */

static bool open_file(struct iw_reader *reader, struct state *s)
{
    s->context = heif_context_alloc();
    if (!s->context)
        return fail(reader, "no memory");
    iw_heif_register_decoders();
    heif_context_set_max_decoding_threads(s->context, 0);
    heif_context_set_maximum_image_size_limit(s->context, SIDE_MAX);
    if (!is_fine(reader, heif_context_read_from_memory_without_copy(s->context, reader->bytes, reader->len, NULL)) ||
        !is_fine(reader, heif_context_get_primary_image_handle(s->context, &s->handle)))
        return false;
    int width = heif_image_handle_get_width(s->handle), height = heif_image_handle_get_height(s->handle);
    if (width <= 0 || height <= 0 || (uint64_t)width * (uint64_t)height > IW_DECODE_MAX_PIXELS)
        return fail(reader, "an impossible size");
    return true;
}

static bool open_interleaved(struct iw_reader *reader, struct state *s, bool has_alpha)
{
    enum heif_chroma chroma = has_alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB;
    int stride = 0;
    if (!decode(reader, s, heif_colorspace_RGB, chroma))
        return false;
    if (!has_size(reader, s))
        return fail(reader, "an impossible size");
    s->px[0] = heif_image_get_plane_readonly(s->image, heif_channel_interleaved, &stride);
    s->stride[0] = (size_t)stride;
    if (!s->px[0] || stride <= 0 || (size_t)stride < (size_t)reader->width_px * (has_alpha ? 4 : 3) ||
        heif_image_get_bits_per_pixel_range(s->image, heif_channel_interleaved) != 8 ||
        heif_image_get_chroma_format(s->image) != chroma)
        return fail(reader, "libheif cannot bring it to 8 bits");
    bool is_laid = has_alpha && heif_image_handle_is_premultiplied_alpha(s->handle) != 0;
    s->samples = !has_alpha ? IW_RGB8 : is_laid ? IW_RGBA8_LAID : IW_RGBA8;
    reader->count = 3;
    reader->is_rgb = true;
    reader->is_studio = false;
    reader->sub_w = reader->sub_h = 0;
    reader->step = 1;
    return true;
}

static bool open_heif(struct iw_reader *reader)
{
    struct state *s = iw_calloc(1, sizeof *s);
    if (!s)
        return false;
    reader->state = s;
    if (!open_file(reader, s))
        return false;
    find_profile(reader, s);
    bool has_alpha = heif_image_handle_has_alpha_channel(s->handle) != 0;
    if (!has_alpha && heif_image_handle_get_luma_bits_per_pixel(s->handle) == 8) {
        if (!decode(reader, s, heif_colorspace_undefined, heif_chroma_undefined))
            return false;
        if (!take_planes(reader, s)) {
            heif_image_release(s->image);
            s->image = NULL;
        }
    }
    if (!s->is_planar && !open_interleaved(reader, s, has_alpha))
        return false;
    reader->row_room = reader->width_px + 2;
    reader->is_turned = true;
    return true;
}

/* ---- rows ---- */

static void copy_planes(const struct iw_reader *reader, const struct state *s, const struct iw_ring *ring)
{
    uint32_t last = IW_MIN(reader->next_row + reader->step, reader->height_px);
    for (unsigned i = 0; i < reader->count; i++) {
        unsigned sub_w = i ? reader->sub_w : 0, sub_h = i ? reader->sub_h : 0;
        uint32_t width = (reader->width_px + (1u << sub_w) - 1) >> sub_w;
        for (uint32_t y = reader->next_row >> sub_h; y < (last + (1u << sub_h) - 1) >> sub_h; y++)
            memcpy(ring->px[i] + (y & ring->mask[i]) * ring->stride[i], s->px[i] + y * s->stride[i], width);
    }
}

static bool rows_heif(struct iw_reader *reader, const struct iw_ring *ring)
{
    struct state *s = reader->state;
    if (s->is_planar)
        copy_planes(reader, s, ring);
    else
        iw_row_split(reader, ring, reader->next_row, s->px[0] + reader->next_row * s->stride[0], s->samples);
    return true;
}

static void close_heif(struct iw_reader *reader)
{
    struct state *s = reader->state;
    if (!s)
        return;
    heif_image_release(s->image);
    heif_image_handle_release(s->handle);
    heif_context_free(s->context);
    iw_free(s->icc);
    iw_free(s);
}

/* heif_init() is left alone: all that it adds is to load plug-ins from where the environment says. */
static void warm_up(void)
{
    iw_heif_register_decoders();
}

static void version(struct iw_buf *out)
{
    iw_buf_printf(out, "libheif/%s", heif_get_version());
}

const struct iw_codec iw_codec_heic = {.format = "heic",
                                       .open = open_heif,
                                       .rows = rows_heif,
                                       .close = close_heif,
                                       .version = version,
                                       .warm_up = warm_up};
const struct iw_codec iw_codec_avif = {
    .format = "avif", .open = open_heif, .rows = rows_heif, .close = close_heif, .warm_up = warm_up};
