/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* JPEG: grey and YCbCr come as raw planes, straight from the inverse DCT, which also shrinks (by 1/2, 1/4 and 1/8, the
 * factors that have SIMD code); libjpeg then shrinks the chroma less where it can, so nothing of it is lost, which
 * costs more than it is worth where chroma of half the size is wanted anyway. Of a progressive file that is shrunk
 * libjpeg is not shown the scans that the result does not need (jpeg_scans.h). All else (CMYK, YCCK, RGB, odd sampling
 * factors) comes as rows. */
#include "base/iw.h"
#include "pixels/inside.h"

#include "base/mem.h"
#include "pixels/jpeg_scans.h"
#include "pixels/libjpeg.h"

enum { ROWS_MAX = 4 * 16 };

/* What may be lost of luma (mean square, of 255) at quality 85, whose own loss is 6 for photographs, and of chroma, of
 * which it is 2: decided by SSIM, see doc/benchmarks.md. */
static const double MOST_LOST = 0.25, MOST_LOST_OF_CHROMA = 1.0;

struct pieces {
    struct jpeg_source_mgr manager; /* first: libjpeg hands its address back */
    boolean (*at_end)(j_decompress_ptr);
    const uint8_t *bytes;
    struct iw_scan_plan plan;
    unsigned next;
};

struct state {
    struct jpeg_decompress_struct d;
    struct iw_jpeg_error error;
    struct jpeg_progress_mgr progress;
    bool is_created, is_raw, is_cmyk;
    void (*lay_out)(j_common_ptr);
    struct pieces pieces;
    JOCTET *icc;
    uint8_t *row, *rgb;
    struct iw_cmyk *cmyk;
};

static bool fail(struct iw_reader *reader)
{
    struct state *s = reader->state;
    (void)snprintf(reader->why, sizeof reader->why, "%.100s", s->error.text);
    return false;
}

/* ---- planes ---- */

static unsigned power(unsigned n)
{
    return n == 1 ? 0 : n == 2 ? 1 : n == 4 ? 2 : 9;
}

/* The planes as they come after shrinking: true when zimg can take them. */
static bool is_plain(const struct jpeg_decompress_struct *d, struct iw_reader *reader)
{
    bool is_grey = d->num_components == 1 && d->jpeg_color_space == JCS_GRAYSCALE;
    bool is_ycc = d->num_components == 3 && d->jpeg_color_space == JCS_YCbCr;
    if (!is_grey && !is_ycc)
        return false;
    const jpeg_component_info *luma = &d->comp_info[0], *cb = &d->comp_info[1];
    reader->sub_w = reader->sub_h = 0;
    if (luma->h_samp_factor != d->max_h_samp_factor || luma->v_samp_factor != d->max_v_samp_factor)
        return false;
    if (is_grey)
        return true;
    const jpeg_component_info *cr = &d->comp_info[2];
    int across = cb->h_samp_factor * cb->DCT_scaled_size, down = cb->v_samp_factor * cb->DCT_scaled_size;
    int full_across = luma->h_samp_factor * luma->DCT_scaled_size,
        full_down = luma->v_samp_factor * luma->DCT_scaled_size;
    if (across != cr->h_samp_factor * cr->DCT_scaled_size || down != cr->v_samp_factor * cr->DCT_scaled_size ||
        across == 0 || down == 0 || full_across % across || full_down % down)
        return false;
    unsigned sub_w = power((unsigned)(full_across / across)), sub_h = power((unsigned)(full_down / down));
    reader->sub_w = (uint8_t)sub_w;
    reader->sub_h = (uint8_t)sub_h;
    reader->is_whole = cb->h_samp_factor == luma->h_samp_factor && cb->v_samp_factor == luma->v_samp_factor;
    return sub_w <= 2 && sub_h <= 2;
}

static void choose_scale(struct jpeg_decompress_struct *d, const struct iw_reader *reader)
{
    d->scale_num = d->scale_denom = 1;
    for (unsigned denominator = 8; denominator > 1; denominator /= 2)
        if (d->image_width / denominator >= reader->least_width_px &&
            d->image_height / denominator >= reader->least_height_px) {
            d->scale_denom = denominator;
            return;
        }
}

/* In the place of libjpeg's last step before it chooses the inverse transforms: sizes are computed by then. */
static void halve_and_lay_out(j_common_ptr c)
{
    j_decompress_ptr d = (j_decompress_ptr)c;
    const struct state *s = d->client_data;
    for (int i = 1; i < d->num_components; i++)
        d->comp_info[i].DCT_scaled_size = d->min_DCT_scaled_size;
    s->lay_out(c);
}

/* Chroma that is stored in half size and would come whole: shrunk as much as luma, it is still half of that. */
static void halve_chroma(struct iw_reader *reader, struct state *s)
{
    struct jpeg_decompress_struct *d = &s->d;
    bool may_halve = d->num_components == 3 && reader->sub_w + reader->sub_h == 0 &&
                     d->comp_info[1].DCT_scaled_size == 2 * d->min_DCT_scaled_size;
    if (!reader->wants_half || !may_halve || (s->icc && iw_colour_matters(s->icc, reader->icc_len, 3)))
        return;
    d->client_data = s;
    s->lay_out = d->mem->realize_virt_arrays;
    d->mem->realize_virt_arrays = halve_and_lay_out;
}

/* ---- scans ---- */

static boolean next_piece(j_decompress_ptr d)
{
    struct pieces *pieces = (struct pieces *)(void *)d->src;
    if (pieces->next == pieces->plan.count)
        return pieces->at_end(d);
    size_t from = pieces->plan.pieces[pieces->next].from, to = pieces->plan.pieces[pieces->next].to;
    pieces->manager.next_input_byte = pieces->bytes + from;
    pieces->manager.bytes_in_buffer = to - from;
    pieces->next++;
    return TRUE;
}

/* A better quality hides less: its steps are finer. */
static double most_lost(const struct iw_reader *reader, bool is_chroma)
{
    double finer = IW_MIN((200 - 2 * (double)reader->quality) / 30, 1.0);
    return (is_chroma ? MOST_LOST_OF_CHROMA : MOST_LOST) * finer * finer;
}

static bool describe_part(const struct iw_reader *reader, const struct state *s, int i, struct iw_scan_part *part)
{
    const struct jpeg_decompress_struct *d = &s->d;
    const jpeg_component_info *component = &d->comp_info[i];
    const JQUANT_TBL *table = d->quant_tbl_ptrs[component->quant_tbl_no & (NUM_QUANT_TBLS - 1)];
    int side = s->lay_out ? d->min_DCT_scaled_size : component->DCT_scaled_size;
    if (!table || side <= 0 || DCTSIZE % side != 0)
        return false;
    double share_across = (double)component->h_samp_factor / d->max_h_samp_factor,
           share_down = (double)component->v_samp_factor / d->max_v_samp_factor;
    double across = d->image_width * share_across / reader->wanted_width_px,
           down = d->image_height * share_down / reader->wanted_height_px;
    if (reader->wants_half && i) { /* where the file has half of it, so has the result */
        across *= share_across < 1 ? 2 : 1;
        down *= share_down < 1 ? 2 : 1;
    }
    part->id = (uint8_t)component->component_id;
    for (unsigned k = 0; k < DCTSIZE2; k++)
        part->steps[k] = table->quantval[k];
    iw_scan_gain(part->gain_across, DCTSIZE / (unsigned)side, IW_MAX(across, 1.0));
    iw_scan_gain(part->gain_down, DCTSIZE / (unsigned)side, IW_MAX(down, 1.0));
    part->most_error = most_lost(reader, i > 0);
    return true;
}

/* Libjpeg would make up what is missing, from the means of neighbours: more work than the bits that it stands for. */
static void leave_scans_out(const struct iw_reader *reader, struct state *s)
{
    struct jpeg_decompress_struct *d = &s->d;
    struct iw_scan_part parts[IW_SCAN_PARTS_MAX];
    struct pieces *pieces = &s->pieces;
    if (!d->progressive_mode || d->min_DCT_scaled_size == DCTSIZE || !reader->wanted_width_px ||
        !reader->wanted_height_px)
        return;
    for (int i = 0; i < d->num_components; i++)
        if (!describe_part(reader, s, i, &parts[i]))
            return;
    size_t at = (size_t)(d->src->next_input_byte - reader->bytes);
    if (!iw_scans_plan(reader->bytes, reader->len, parts, (unsigned)d->num_components, &pieces->plan) ||
        pieces->plan.pieces[0].to < at)
        return;
    pieces->manager = *d->src;
    pieces->at_end = d->src->fill_input_buffer;
    pieces->manager.fill_input_buffer = next_piece;
    pieces->manager.bytes_in_buffer = pieces->plan.pieces[0].to - at;
    pieces->bytes = reader->bytes;
    pieces->next = 1;
    d->src = &pieces->manager;
    d->do_block_smoothing = FALSE;
}

/* ---- opening ---- */

static void read_header(struct iw_reader *reader, struct state *s)
{
    jpeg_create_decompress(&s->d);
    s->is_created = true;
    iw_jpeg_guard(&s->d, &s->progress);
    jpeg_mem_src(&s->d, reader->bytes, reader->len);
    jpeg_save_markers(&s->d, JPEG_APP0 + 2, 0xFFFF);
    jpeg_read_header(&s->d, TRUE);
    unsigned len = 0;
    if (jpeg_read_icc_profile(&s->d, &s->icc, &len)) {
        reader->icc = s->icc;
        reader->icc_len = len;
    }
    choose_scale(&s->d, reader);
    s->d.dct_method = JDCT_ISLOW;
}

/* Rows of interleaved samples. */
static bool open_rows(struct iw_reader *reader, struct state *s)
{
    struct jpeg_decompress_struct *d = &s->d;
    s->is_cmyk = d->num_components == 4;
    d->out_color_space = s->is_cmyk ? JCS_CMYK : d->num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    d->raw_data_out = FALSE;
    jpeg_start_decompress(d);
    reader->count = d->out_color_space == JCS_GRAYSCALE ? 1 : 3;
    reader->is_rgb = reader->count == 3;
    reader->sub_w = reader->sub_h = 0;
    reader->step = 1;
    reader->row_room = d->output_width;
    s->row = iw_malloc((size_t)d->output_width * 4);
    s->rgb = iw_malloc((size_t)d->output_width * 3);
    if (s->is_cmyk) {
        s->cmyk = iw_cmyk_new(reader->icc, reader->icc_len);
        reader->icc = NULL;
    }
    return s->row && s->rgb && (!s->is_cmyk || s->cmyk);
}

static bool open_jpeg(struct iw_reader *reader)
{
    struct state *s = iw_calloc(1, sizeof *s);
    if (!s)
        return false;
    reader->state = s;
    s->d.err = iw_jpeg_errors(&s->error);
    if (setjmp(s->error.jump))
        return fail(reader);
    read_header(reader, s);
    jpeg_calc_output_dimensions(&s->d);
    s->is_raw = is_plain(&s->d, reader);
    if (s->is_raw) {
        s->d.raw_data_out = TRUE;
        s->d.out_color_space = s->d.jpeg_color_space;
        halve_chroma(reader, s);
        leave_scans_out(reader, s);
        jpeg_start_decompress(&s->d);
        s->is_raw = is_plain(&s->d, reader);
        reader->count = (unsigned)s->d.num_components;
        reader->step = (uint32_t)(s->d.max_v_samp_factor * s->d.min_DCT_scaled_size);
        reader->row_room =
            (size_t)s->d.comp_info[0].width_in_blocks * (size_t)s->d.comp_info[0].DCT_scaled_size + ROWS_MAX;
        for (int i = 1; i < s->d.num_components; i++) {
            const jpeg_component_info *chroma = &s->d.comp_info[i];
            size_t wide = (size_t)chroma->width_in_blocks * (size_t)chroma->DCT_scaled_size << reader->sub_w;
            reader->row_room = IW_MAX(reader->row_room, wide + ROWS_MAX);
        }
    }
    bool is_open = s->is_raw || open_rows(reader, s);
    reader->width_px = s->d.output_width;
    reader->height_px = s->d.output_height;
    return is_open && (!s->is_raw || reader->step <= ROWS_MAX);
}

/* ---- rows ---- */

static void read_raw(struct iw_reader *reader, struct state *s, const struct iw_ring *ring)
{
    JSAMPROW rows[3][ROWS_MAX];
    JSAMPARRAY arrays[3] = {rows[0], rows[1], rows[2]};
    for (unsigned i = 0; i < reader->count; i++) {
        const jpeg_component_info *component = &s->d.comp_info[i];
        unsigned count = (unsigned)(component->v_samp_factor * component->DCT_scaled_size);
        unsigned first = reader->next_row >> (i ? reader->sub_h : 0);
        for (unsigned y = 0; y < count && y < ROWS_MAX; y++)
            rows[i][y] = ring->px[i] + ((first + y) & ring->mask[i]) * ring->stride[i];
    }
    (void)jpeg_read_raw_data(&s->d, arrays, reader->step);
}

static bool rows_jpeg(struct iw_reader *reader, const struct iw_ring *ring)
{
    struct state *s = reader->state;
    if (setjmp(s->error.jump))
        return fail(reader);
    if (s->is_raw) {
        read_raw(reader, s, ring);
        return true;
    }
    JSAMPROW row = s->row;
    (void)jpeg_read_scanlines(&s->d, &row, 1);
    if (s->is_cmyk)
        iw_cmyk_row(s->cmyk, s->row, s->rgb, reader->width_px);
    iw_row_split(reader, ring, reader->next_row, s->is_cmyk ? s->rgb : s->row, reader->count == 1 ? IW_GREY8 : IW_RGB8);
    return true;
}

static void close_jpeg(struct iw_reader *reader)
{
    struct state *s = reader->state;
    if (!s)
        return;
    if (s->is_created)
        jpeg_destroy_decompress(&s->d);
    iw_free(s->icc);
    iw_free(s->row);
    iw_free(s->rgb);
    iw_cmyk_free(s->cmyk);
    iw_free(s);
}

#define TEXT_OF(x)  #x
#define TEXT_OF2(x) TEXT_OF(x)
static void version(struct iw_buf *out)
{
#ifdef LIBJPEG_TURBO_VERSION
    iw_buf_printf(out, "libjpeg-turbo/%s", TEXT_OF2(LIBJPEG_TURBO_VERSION));
#else
    iw_buf_printf(out, "libjpeg/%d", JPEG_LIB_VERSION);
#endif
}

const struct iw_codec iw_codec_jpeg = {
    .format = "jpeg", .open = open_jpeg, .rows = rows_jpeg, .close = close_jpeg, .version = version};
