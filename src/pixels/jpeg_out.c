/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Planes to JPEG through libjpeg's raw data interface (libjpeg.txt, "Raw (downsampled) image data"), and JPEG to JPEG
 * through its coefficients. */
#include "base/iw.h"
#include "pixels/inside.h"

#include "base/mem.h"
#include "pixels/libjpeg.h"

enum { COUNT_BYTES = 16384, DCT = 8 };

/* Writes to out as long as there is room, and counts on. */
struct sink {
    struct jpeg_destination_mgr manager;
    uint8_t *out;
    size_t room;
    uint64_t bytes;
    uint8_t beyond[COUNT_BYTES];
};

static struct sink *sink_of(j_compress_ptr c)
{
    return (struct sink *)(void *)c->dest;
}

static void use(struct sink *sink)
{
    bool has_room = sink->out && sink->bytes < sink->room;
    sink->manager.next_output_byte = has_room ? sink->out + sink->bytes : sink->beyond;
    sink->manager.free_in_buffer = has_room ? sink->room - (size_t)sink->bytes : sizeof sink->beyond;
}

static size_t given(const struct sink *sink)
{
    return sink->out && sink->bytes < sink->room ? sink->room - (size_t)sink->bytes : sizeof sink->beyond;
}

static void on_init(j_compress_ptr c)
{
    use(sink_of(c));
}

static boolean on_full(j_compress_ptr c)
{
    struct sink *sink = sink_of(c);
    sink->bytes += given(sink);
    use(sink);
    return TRUE;
}

static void on_term(j_compress_ptr c)
{
    struct sink *sink = sink_of(c);
    sink->bytes += given(sink) - sink->manager.free_in_buffer;
}

static void sink_init(struct sink *sink, uint8_t *out, size_t room)
{
    sink->manager = (struct jpeg_destination_mgr){
        .init_destination = on_init, .empty_output_buffer = on_full, .term_destination = on_term};
    sink->out = out;
    sink->room = room;
    sink->bytes = 0;
}

/* ---- planes ---- */

static void set_up(j_compress_ptr c, const struct iw_planes *planes, unsigned quality, bool optimised)
{
    c->image_width = planes->width_px;
    c->image_height = planes->height_px;
    c->input_components = (int)planes->count;
    c->in_color_space = planes->count == 1 ? JCS_GRAYSCALE : JCS_YCbCr;
    jpeg_set_defaults(c);
    jpeg_set_colorspace(c, c->in_color_space);
    jpeg_set_quality(c, (int)quality, TRUE);
    c->comp_info[0].h_samp_factor = 1 << planes->sub_w;
    c->comp_info[0].v_samp_factor = 1 << planes->sub_h;
    for (unsigned i = 1; i < planes->count; i++)
        c->comp_info[i].h_samp_factor = c->comp_info[i].v_samp_factor = 1;
    c->dct_method = JDCT_ISLOW;
    c->optimize_coding = optimised;
    c->raw_data_in = TRUE;
}

/* The planes are padded to whole iMCU rows: see iw_planes_pad(). */
static void write_planes(j_compress_ptr c, const struct iw_planes *planes)
{
    JSAMPROW rows[3][2 * DCT];
    JSAMPARRAY arrays[3] = {rows[0], rows[1], rows[2]};
    unsigned step = (unsigned)DCT << planes->sub_h;
    while (c->next_scanline < c->image_height) {
        for (unsigned i = 0; i < planes->count; i++) {
            unsigned sub = i ? planes->sub_h : 0;
            for (unsigned y = 0; y < step >> sub; y++)
                rows[i][y] = planes->px[i] + ((c->next_scanline >> sub) + y) * planes->stride[i];
        }
        jpeg_write_raw_data(c, arrays, step);
    }
}

uint64_t iw_jpeg_encode(const struct iw_planes *planes, unsigned quality, bool optimised, uint8_t *out, size_t room)
{
    struct jpeg_compress_struct c;
    struct iw_jpeg_error error;
    struct sink sink;
    c.err = iw_jpeg_errors(&error);
    if (setjmp(error.jump)) {
        jpeg_destroy_compress(&c);
        return 0;
    }
    jpeg_create_compress(&c);
    sink_init(&sink, out, room);
    c.dest = &sink.manager;
    set_up(&c, planes, quality, optimised);
    jpeg_start_compress(&c, TRUE);
    write_planes(&c, planes);
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    return sink.bytes;
}

/* ---- coefficients ---- */

static void copy_icc(j_decompress_ptr d, j_compress_ptr c)
{
    JOCTET *icc = NULL;
    unsigned len = 0;
    if (!jpeg_read_icc_profile(d, &icc, &len))
        return;
    jpeg_write_icc_profile(c, icc, len);
    iw_free(icc);
}

uint64_t iw_jpeg_reoptimise(const uint8_t *in, size_t len, uint8_t *out, size_t room)
{
    struct jpeg_decompress_struct d;
    struct jpeg_compress_struct c;
    struct iw_jpeg_error error;
    struct jpeg_progress_mgr progress;
    struct sink sink;
    memset(&d, 0, sizeof d); /* so that both may be destroyed whatever was created */
    memset(&c, 0, sizeof c);
    d.err = c.err = iw_jpeg_errors(&error);
    if (setjmp(error.jump)) {
        jpeg_destroy_compress(&c);
        jpeg_destroy_decompress(&d);
        return 0;
    }
    jpeg_create_decompress(&d);
    jpeg_create_compress(&c);
    iw_jpeg_guard(&d, &progress);
    jpeg_mem_src(&d, in, len);
    jpeg_save_markers(&d, JPEG_APP0 + 2, 0xFFFF);
    jpeg_read_header(&d, TRUE);
    jvirt_barray_ptr *coefficients = jpeg_read_coefficients(&d);
    jpeg_copy_critical_parameters(&d, &c);
    c.optimize_coding = TRUE;
    sink_init(&sink, out, room);
    c.dest = &sink.manager;
    jpeg_write_coefficients(&c, coefficients);
    copy_icc(&d, &c);
    jpeg_finish_compress(&c);
    bool is_whole = d.err->num_warnings == 0;
    jpeg_destroy_compress(&c);
    jpeg_destroy_decompress(&d);
    return is_whole ? sink.bytes : 0;
}
