/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The readers of HEIC, AVIF and JPEG XL, on files of the libraries' own encoders. */
#include "pixels_case.h"

#ifdef HAVE_HEIF
#include <libheif/heif.h>
#include <sys/wait.h>
#include <unistd.h>

struct heif_kind {
    const char *name, *chroma; /* NULL: as the encoder likes */
    int depth;                 /* 8 or 10 */
    bool is_lossless, is_studio;
    unsigned orientation;
    const uint8_t *icc;
    size_t icc_len;
};

static const struct heif_format {
    const char *name;
    enum heif_compression_format compression;
} heif_formats[] = {{"heic", heif_compression_HEVC}, {"avif", heif_compression_AV1}};

static struct heif_error heif_to_file(struct heif_context *context, const void *bytes, size_t len, void *user)
{
    (void)context;
    file_put(user, bytes, len);
    return (struct heif_error){heif_error_Ok, heif_suberror_Unspecified, ""};
}

/* Samples of 10 bits are those of 8 bits, times four. */
static struct heif_image *heif_input(const struct picture *picture, const struct heif_kind *kind)
{
    static const enum heif_chroma narrow[] = {heif_chroma_undefined, heif_chroma_monochrome, heif_chroma_undefined,
                                              heif_chroma_interleaved_RGB, heif_chroma_interleaved_RGBA};
    struct heif_image *image = NULL;
    bool is_deep = kind->depth == 10, is_grey = picture->count == 1;
    int width = (int)picture->width, height = (int)picture->height, stride = 0;
    enum heif_chroma chroma =
        is_deep ? (picture->count == 4 ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBB_LE)
                : narrow[picture->count];
    enum heif_channel channel = is_grey ? heif_channel_Y : heif_channel_interleaved;
    (void)heif_image_create(width, height, is_grey ? heif_colorspace_monochrome : heif_colorspace_RGB, chroma, &image);
    (void)heif_image_add_plane(image, channel, width, height, kind->depth);
    uint8_t *to = heif_image_get_plane(image, channel, &stride);
    for (uint32_t y = 0; y < picture->height; y++)
        for (size_t i = 0; i < (size_t)picture->width * picture->count; i++) {
            unsigned value = px_at(picture, 0, y)[i];
            if (is_deep) {
                to[(int)y * stride + (int)(2 * i)] = (uint8_t)(value << 2);
                to[(int)y * stride + (int)(2 * i + 1)] = (uint8_t)(value >> 6);
            } else {
                to[(int)y * stride + (int)i] = (uint8_t)value;
            }
        }
    if (kind->icc)
        (void)heif_image_set_raw_color_profile(image, "prof", kind->icc, kind->icc_len);
    return image;
}

/* No bytes: there is no such encoder here. */
static struct file heif_encode(const struct picture *picture, const struct heif_format *format,
                               const struct heif_kind *kind)
{
    struct file file = {0};
    if (format->compression == heif_compression_AV1 && kind->depth > 8)
        return file; /* libheif 1.15 gives libaom a profile that it aborts on */
    struct heif_context *context = heif_context_alloc();
    struct heif_encoder *encoder = NULL;
    struct heif_writer writer = {1, heif_to_file};
    if (heif_context_get_encoder_for_format(context, format->compression, &encoder).code != heif_error_Ok) {
        heif_context_free(context);
        return file;
    }
    (void)heif_encoder_set_lossy_quality(encoder, 98);
    (void)heif_encoder_set_lossless(encoder, kind->is_lossless);
    if (kind->chroma)
        (void)heif_encoder_set_parameter_string(encoder, "chroma", kind->chroma);
    (void)heif_encoder_set_parameter_integer(encoder, "speed", 8);
    (void)heif_encoder_set_parameter_string(encoder, "preset", "ultrafast");
    struct heif_image *image = heif_input(picture, kind);
    struct heif_encoding_options *options = heif_encoding_options_alloc();
    struct heif_color_profile_nclx *nclx = heif_nclx_color_profile_alloc();
    nclx->full_range_flag = !kind->is_studio;
    options->output_nclx_profile = nclx;
    options->macOS_compatibility_workaround_no_nclx_profile = 0;
    options->image_orientation = (enum heif_orientation)IW_MAX(kind->orientation, 1u);
    struct heif_error error = heif_context_encode_image(context, image, encoder, options, NULL);
    if (error.code == heif_error_Ok)
        (void)heif_context_write(context, &writer, &file);
    heif_encoding_options_free(options);
    heif_nclx_color_profile_free(nclx);
    heif_image_release(image);
    heif_encoder_release(encoder);
    heif_context_free(context);
    return file;
}

/* In a child: libx265 loses memory, and a checker of leaks would blame the test (and change the child's status, so that
 * it ends what it writes with a mark). */
static struct file heif_make(const struct picture *picture, const struct heif_format *format,
                             const struct heif_kind *kind)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct file file = heif_encode(picture, format, kind);
        size_t at = 0;
        file_put(&file, "!", 1);
        for (ssize_t n = 1; at < file.len && n > 0; at += (size_t)n)
            n = write(ends[1], file.ptr + at, file.len - at);
        _exit(0);
    }
    close(ends[1]);
    struct file file = {0};
    uint8_t bytes[4096];
    ssize_t n;
    while ((n = read(ends[0], bytes, sizeof bytes)) > 0)
        file_put(&file, bytes, (size_t)n);
    close(ends[0]);
    assert_true(pid > 0 && waitpid(pid, NULL, 0) == pid);
    assert_true(file.len > 0 && file.ptr[file.len - 1] == '!');
    file.len--;
    return file;
}

/* A reader of these may keep YCbCr planes, so the comparison is in RGB at full size, made by the code for that. */
static void check_heif(const char *format, const struct heif_kind *kind, const struct file *file,
                       const struct picture *want, uint32_t ground, double near)
{
    const struct iw_codec *codec = codec_of(format);
    struct iw_image_facts facts = {.width_px = want->width,
                                   .height_px = want->height,
                                   .stored_width_px = want->width,
                                   .stored_height_px = want->height};
    struct iw_reader reader = {.bytes = file->ptr, .len = file->len, .facts = &facts, .background_rgb = ground};
    struct iw_planes planes;
    bool is_good = codec->open(&reader);
    if (!is_good)
        fail_msg("%s %s: %s", format, kind->name, reader.why);
    assert_true(reader.is_turned);
    assert_int_equal(reader.width_px, want->width);
    assert_int_equal(reader.height_px, want->height);
    assert_int_equal(reader.icc_len, kind->icc_len);
    if (kind->icc)
        assert_memory_equal(reader.icc, kind->icc, kind->icc_len);
    assert_true(iw_scale(codec, &reader, want->width, want->height, IW_CHROMA_WHOLE, &planes));
    if (reader.is_studio)
        iw_planes_expand(&planes);
    iw_planes_to_rgb(&planes);
    struct picture got = picture_new(want->width, want->height, want->count);
    for (unsigned c = 0; c < got.count; c++)
        for (uint32_t y = 0; y < got.height; y++)
            for (uint32_t x = 0; x < got.width; x++)
                px_at(&got, x, y)[c] =
                    planes.px[planes.count == 1 ? 0 : c][y * planes.stride[planes.count == 1 ? 0 : c] + x];
    double differ = picture_mean_differ(&got, want);
    if (differ > near)
        fail_msg("%s %s %ux%u: a sample is %f off", format, kind->name, want->width, want->height, differ);
    picture_free(&got);
    iw_planes_free(&planes);
    codec->close(&reader);
}

static void test_heif_of_every_kind(void **state)
{
    (void)state;
    static const uint8_t icc[200] = {1, 2, 3};
    static const struct {
        struct heif_kind kind;
        unsigned count;
        double near;
    } rows[] = {
        {{.name = "4:2:0", .chroma = "420", .depth = 8}, 3, 5},
        {{.name = "4:2:2", .chroma = "422", .depth = 8}, 3, 5},
        {{.name = "4:4:4", .chroma = "444", .depth = 8}, 3, 2},
        {{.name = "studio range", .chroma = "444", .depth = 8, .is_studio = true}, 3, 3},
        {{.name = "alpha", .chroma = "444", .depth = 8}, 4, 2.5},
        {{.name = "10 bits", .chroma = "420", .depth = 10}, 3, 5},
        {{.name = "10 bits and alpha", .chroma = "420", .depth = 10}, 4, 5},
        {{.name = "grey", .depth = 8}, 1, 2},
        {{.name = "with a profile", .chroma = "444", .depth = 8, .icc = icc, .icc_len = sizeof icc}, 3, 2},
    };
    static const uint32_t few[][2] = {{1, 1}, {17, 1}, {33, 21}}; /* encoding takes its time */
    for (size_t f = 0; f < IW_ARRAY_LEN(heif_formats); f++)
        for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++)
            for (size_t s = 0; s < IW_ARRAY_LEN(few); s++) {
                struct picture picture = picture_smooth(few[s][0], few[s][1], rows[i].count);
                struct file file = heif_make(&picture, &heif_formats[f], &rows[i].kind);
                struct picture want = picture_laid(&picture, 0x3366CC);
                if (file.len)
                    check_heif(heif_formats[f].name, &rows[i].kind, &file, &want, 0x3366CC, rows[i].near);
                else
                    print_message("  no encoder for %s %s\n", heif_formats[f].name, rows[i].kind.name);
                picture_free(&want);
                file_free(&file);
                picture_free(&picture);
            }
}

static void test_heif_is_turned_by_the_library(void **state)
{
    (void)state;
    struct picture shown = picture_smooth(64, 40, 3);
    for (size_t f = 0; f < IW_ARRAY_LEN(heif_formats); f++)
        for (unsigned orientation = 1; orientation <= 8; orientation++) {
            struct heif_kind kind = {.name = "turned", .chroma = "444", .depth = 8, .orientation = orientation};
            struct picture stored = picture_stored(&shown, orientation);
            struct file file = heif_make(&stored, &heif_formats[f], &kind);
            if (file.len)
                check_heif(heif_formats[f].name, &kind, &file, &shown, 0, 2);
            file_free(&file);
            picture_free(&stored);
        }
    picture_free(&shown);
}

static void test_heif_refused(void **state)
{
    (void)state;
    struct picture picture = picture_smooth(64, 40, 3);
    for (size_t f = 0; f < IW_ARRAY_LEN(heif_formats); f++) {
        const struct heif_kind kind = {.chroma = "444", .depth = 8};
        struct file file = heif_make(&picture, &heif_formats[f], &kind);
        struct wish wish = {.width = 64, .height = 40};
        struct file cut = {.ptr = file.ptr};
        for (cut.len = 0; cut.len < file.len; cut.len += 1 + cut.len / 9)
            check_refused("HEIF cut", heif_formats[f].name, &cut, &wish);
        file_free(&file);
    }
    picture_free(&picture);
}

/* Cut alone: what changed bytes do to libheif is for the fuzzer, and for the walls around it. */
static void test_heif_damaged(void **state)
{
    (void)state;
    struct picture picture = picture_smooth(18, 18, 3);
    for (size_t f = 0; f < IW_ARRAY_LEN(heif_formats); f++) {
        const struct heif_kind kind = {.chroma = "420", .depth = 8};
        struct file file = heif_make(&picture, &heif_formats[f], &kind);
        check_damaged(&file, false);
        file_free(&file);
    }
    picture_free(&picture);
}
#endif

/* ---- JPEG XL ---- */

#ifdef HAVE_JXL
#include <jxl/encode.h>

static const uint32_t sizes[][2] = {{1, 1}, {1, 17}, {17, 1}, {101, 101}, {64, 40}};

struct jxl_kind {
    const char *name;
    bool is_lossless, has_container;
    unsigned orientation;
    uint32_t count, depth;
};

static void jxl_finish(JxlEncoder *encoder, struct file *file)
{
    uint8_t bytes[4096], *next;
    JxlEncoderStatus status;
    do {
        next = bytes;
        size_t room = sizeof bytes;
        status = JxlEncoderProcessOutput(encoder, &next, &room);
        file_put(file, bytes, sizeof bytes - room);
    } while (status == JXL_ENC_NEED_MORE_OUTPUT);
    assert_int_equal(status, JXL_ENC_SUCCESS);
}

static struct file jxl_make(const struct picture *picture, const struct jxl_kind *kind)
{
    struct file file = {0};
    JxlEncoder *encoder = JxlEncoderCreate(NULL);
    JxlBasicInfo info;
    JxlColorEncoding colour;
    unsigned colours = picture->count <= 2 ? 1 : 3, alpha = picture->count % 2 == 0;
    JxlEncoderInitBasicInfo(&info);
    info.xsize = picture->width;
    info.ysize = picture->height;
    info.bits_per_sample = kind->depth;
    info.num_color_channels = colours;
    info.num_extra_channels = alpha;
    info.alpha_bits = alpha ? kind->depth : 0;
    info.orientation = (JxlOrientation)IW_MAX(kind->orientation, 1u);
    info.uses_original_profile = kind->is_lossless;
    JxlColorEncodingSetToSRGB(&colour, colours == 1);
    JxlPixelFormat format = {picture->count, JXL_TYPE_UINT8, JXL_NATIVE_ENDIAN, 0};
    (void)JxlEncoderUseContainer(encoder, kind->has_container);
    assert_int_equal(JxlEncoderSetBasicInfo(encoder, &info), JXL_ENC_SUCCESS);
    assert_int_equal(JxlEncoderSetColorEncoding(encoder, &colour), JXL_ENC_SUCCESS);
    JxlEncoderFrameSettings *settings = JxlEncoderFrameSettingsCreate(encoder, NULL);
    (void)JxlEncoderSetFrameLossless(settings, kind->is_lossless);
    (void)JxlEncoderFrameSettingsSetOption(settings, JXL_ENC_FRAME_SETTING_EFFORT, 3);
    size_t len = (size_t)picture->width * picture->height * picture->count;
    assert_int_equal(JxlEncoderAddImageFrame(settings, &format, picture->px, len), JXL_ENC_SUCCESS);
    JxlEncoderCloseInput(encoder);
    jxl_finish(encoder, &file);
    JxlEncoderDestroy(encoder);
    return file;
}

static void check_lossy(const char *what, const struct file *file, const struct wish *wish, const struct picture *want)
{
    struct taken taken = take("jxl", file, wish);
    if (!taken.is_good)
        fail_msg("%s: %s", what, taken.why);
    struct picture got = taken_picture(&taken);
    if (picture_mean_differ(&got, want) > 5)
        fail_msg("%s: a sample is %f off", what, picture_mean_differ(&got, want));
    picture_free(&got);
    taken_free(&taken);
}

static void test_jxl_of_every_kind(void **state)
{
    (void)state;
    static const struct jxl_kind kinds[] = {
        {.name = "grey", .is_lossless = true, .count = 1, .depth = 8},
        {.name = "grey and alpha", .is_lossless = true, .count = 2, .depth = 8},
        {.name = "RGB", .is_lossless = true, .count = 3, .depth = 8},
        {.name = "RGBA", .is_lossless = true, .count = 4, .depth = 8, .has_container = true},
        {.name = "RGB, 16 bits", .is_lossless = true, .count = 3, .depth = 16},
        {.name = "lossy grey", .count = 1, .depth = 8},
        {.name = "lossy RGB", .count = 3, .depth = 8, .has_container = true},
        {.name = "lossy RGBA", .count = 4, .depth = 8},
    };
    static const uint32_t grounds[] = {0xFFFFFF, 0x3366CC};
    for (size_t i = 0; i < IW_ARRAY_LEN(kinds); i++)
        for (size_t s = 0; s < IW_ARRAY_LEN(sizes); s++)
            for (size_t g = 0; g < 2; g++) {
                struct picture picture = kinds[i].is_lossless
                                             ? picture_noise(sizes[s][0], sizes[s][1], kinds[i].count, 5)
                                             : picture_smooth(sizes[s][0], sizes[s][1], kinds[i].count);
                struct file file = jxl_make(&picture, &kinds[i]);
                struct picture want = picture;
                bool becomes_rgb = picture.count == 2 && grounds[g] != 0xFFFFFF;
                if (becomes_rgb) { /* grey over a colour is coloured */
                    want = picture_new(picture.width, picture.height, 4);
                    for (size_t k = 0; k < (size_t)want.width * want.height; k++) {
                        memset(want.px + 4 * k, picture.px[2 * k], 3);
                        want.px[4 * k + 3] = picture.px[2 * k + 1];
                    }
                }
                struct picture laid = picture_laid(&want, grounds[g]);
                struct wish wish = {.width = sizes[s][0], .height = sizes[s][1], .ground = grounds[g]};
                if (kinds[i].is_lossless)
                    check_read(kinds[i].name, "jxl", &file, &wish, &laid, 0);
                else
                    check_lossy(kinds[i].name, &file, &wish, &laid);
                picture_free(&laid);
                if (becomes_rgb)
                    picture_free(&want);
                file_free(&file);
                picture_free(&picture);
            }
}

static void test_jxl_is_turned_by_the_library(void **state)
{
    (void)state;
    struct picture shown = picture_noise(37, 20, 3, 6);
    for (unsigned orientation = 1; orientation <= 8; orientation++) {
        struct picture stored = picture_stored(&shown, orientation);
        const struct jxl_kind kind = {.is_lossless = true, .count = 3, .depth = 8, .orientation = orientation};
        struct file file = jxl_make(&stored, &kind);
        struct wish wish = {.width = stored.width, .height = stored.height, .orientation = orientation};
        struct taken taken = take("jxl", &file, &wish);
        assert_true(taken.is_good && taken.reader.is_turned);
        struct picture got = taken_picture(&taken);
        assert_int_equal(picture_differ(&got, &shown), 0);
        picture_free(&got);
        taken_free(&taken);
        file_free(&file);
        picture_free(&stored);
    }
    picture_free(&shown);
}

static void test_jxl_refused(void **state)
{
    (void)state;
    struct picture picture = picture_smooth(64, 40, 3);
    for (int is_lossless = 0; is_lossless < 2; is_lossless++) {
        const struct jxl_kind kind = {.is_lossless = is_lossless, .count = 3, .depth = 8, .has_container = is_lossless};
        struct file file = jxl_make(&picture, &kind);
        struct wish wish = {.width = 64, .height = 40};
        struct file cut = {.ptr = file.ptr};
        for (cut.len = 0; cut.len < file.len; cut.len += 1 + cut.len / 9)
            check_refused("JPEG XL cut", "jxl", &cut, &wish);
        check_damaged(&file, false);
        file_free(&file);
    }
    picture_free(&picture);
}
#endif

static void test_nothing_else(void **state)
{
    (void)state;
    print_message("  built without these formats where nothing else is listed\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_else),
#ifdef HAVE_HEIF
        cmocka_unit_test(test_heif_of_every_kind), cmocka_unit_test(test_heif_is_turned_by_the_library),
        cmocka_unit_test(test_heif_refused),       cmocka_unit_test(test_heif_damaged),
#endif
#ifdef HAVE_JXL
        cmocka_unit_test(test_jxl_of_every_kind),  cmocka_unit_test(test_jxl_is_turned_by_the_library),
        cmocka_unit_test(test_jxl_refused),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
