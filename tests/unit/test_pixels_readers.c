/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The readers of PNG, WebP and GIF: every depth and colour kind, transparency, frames. */
#include "pixels_encode.h"

#ifdef HAVE_WEBP
#include <webp/decode.h>
#include <webp/encode.h>
#endif
#ifdef HAVE_GIF
#include <gif_lib.h>
#endif

static const uint32_t sizes[][2] = {{1, 1}, {1, 17}, {17, 1}, {101, 101}, {64, 40}};

static struct wish whole(uint32_t width, uint32_t height, uint32_t ground)
{
    return (struct wish){.width = width, .height = height, .ground = ground};
}

/* ---- PNG ---- */

#ifdef HAVE_PNG
enum {
    GREY = PNG_COLOR_TYPE_GRAY,
    GREYA = PNG_COLOR_TYPE_GRAY_ALPHA,
    RGB = PNG_COLOR_TYPE_RGB,
    RGBA = PNG_COLOR_TYPE_RGBA,
    INDEX = PNG_COLOR_TYPE_PALETTE
};

static unsigned samples_of(int colour)
{
    return colour == GREYA ? 2 : colour == RGB ? 3 : colour == RGBA ? 4 : 1;
}

/* Sample i of a row that is packed as PNG packs it. */
static unsigned sample(const uint8_t *row, size_t i, unsigned depth)
{
    if (depth == 16)
        return (unsigned)row[2 * i] << 8 | row[2 * i + 1];
    unsigned byte = row[i * depth / 8];
    return byte >> (8 - depth - i * depth % 8) & ((1u << depth) - 1);
}

static unsigned to_8(unsigned value, unsigned depth)
{
    return (unsigned)(value * 255.0 / ((1u << depth) - 1) + 0.5);
}

static bool is_key(const struct png_kind *kind, const unsigned *values, unsigned count)
{
    if (!kind->key)
        return false;
    return count == 1 ? values[0] == kind->key->gray
                      : values[0] == kind->key->red && values[1] == kind->key->green && values[2] == kind->key->blue;
}

/* What the packed rows mean. */
static struct picture png_meaning(uint32_t width, uint32_t height, const uint8_t *rows, size_t row_bytes,
                                  const struct png_kind *kind, uint32_t ground)
{
    unsigned stored = samples_of(kind->colour), depth = (unsigned)kind->depth;
    bool is_grey = kind->colour == GREY || kind->colour == GREYA, has_alpha = kind->key || stored % 2 == 0;
    bool stays_grey = is_grey && (!has_alpha || (ground & 255) * 0x010101u == ground);
    struct picture full = picture_new(width, height, stays_grey ? 2 : 4);
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            unsigned raw[4] = {0}, alpha = 255;
            uint8_t *to = px_at(&full, x, y);
            for (unsigned c = 0; c < stored; c++)
                raw[c] = sample(rows + y * row_bytes, (size_t)x * stored + c, depth);
            if (stored % 2 == 0)
                alpha = to_8(raw[stored - 1], depth);
            if (is_key(kind, raw, stored))
                alpha = 0;
            for (unsigned c = 0; c < full.count - 1; c++)
                to[c] = (uint8_t)to_8(is_grey ? raw[0] : raw[c], depth);
            if (kind->colour == INDEX) {
                const png_color *colour = &kind->palette[raw[0]];
                to[0] = colour->red, to[1] = colour->green, to[2] = colour->blue;
                alpha = (int)raw[0] < kind->alpha_count ? kind->alphas[raw[0]] : 255;
            }
            to[full.count - 1] = (uint8_t)alpha;
        }
    struct picture laid = picture_laid(&full, ground);
    picture_free(&full);
    return laid;
}

static void check_png(const struct png_kind *kind, uint32_t width, uint32_t height, uint32_t ground)
{
    size_t row_bytes = ((size_t)width * samples_of(kind->colour) * (unsigned)kind->depth + 7) / 8;
    struct picture packed = picture_noise((uint32_t)row_bytes, height, 1, width + (unsigned)kind->depth);
    if (kind->key) /* so that the key is met, and misses it by one sample of 16 bits */
        memset(packed.px, 0x40, (size_t)row_bytes * height / 2);
    struct file file = png_make(width, height, packed.px, row_bytes, kind);
    struct picture want = png_meaning(width, height, packed.px, row_bytes, kind, ground);
    struct wish wish = whole(width, height, ground);
    char what[80];
    (void)snprintf(what, sizeof what, "%s %d bits%s %ux%u on %06X", kind->name, kind->depth,
                   kind->is_interlaced ? " interlaced" : "", width, height, ground);
    check_read(what, "png", &file, &wish, &want, 0);
    picture_free(&want);
    picture_free(&packed);
    file_free(&file);
}

static void set_palette(struct png_kind *kind)
{
    kind->palette_count = 1 << kind->depth;
    kind->alpha_count = IW_MAX(kind->palette_count - 1, 1); /* the last has none, and is opaque */
    uint32_t state = 77;
    for (int i = 0; i < kind->palette_count; i++) {
        uint32_t value = random_next(&state);
        kind->palette[i] = (png_color){(png_byte)(value >> 24), (png_byte)(value >> 16), (png_byte)(value >> 8)};
        kind->alphas[i] = (png_byte)(i * 37);
    }
}

static void test_png_of_every_kind(void **state)
{
    (void)state;
    static const png_color_16 low = {.gray = 1},
                              keys[] = {{.gray = 0x40, .red = 0x40, .green = 0x40, .blue = 0x40},
                                        {.gray = 0x4040, .red = 0x4040, .green = 0x4040, .blue = 0x4040}};
    static const struct {
        const char *name;
        int colour, first_depth, last_depth;
    } kinds[] = {{"grey", GREY, 1, 16},
                 {"grey and alpha", GREYA, 8, 16},
                 {"RGB", RGB, 8, 16},
                 {"RGBA", RGBA, 8, 16},
                 {"palette", INDEX, 1, 8}};
    for (size_t i = 0; i < IW_ARRAY_LEN(kinds); i++)
        for (int depth = kinds[i].first_depth; depth <= kinds[i].last_depth; depth *= 2)
            for (int is_interlaced = 0; is_interlaced < 2; is_interlaced++)
                for (size_t s = 0; s < IW_ARRAY_LEN(sizes); s++) {
                    struct png_kind kind = {.name = kinds[i].name,
                                            .colour = kinds[i].colour,
                                            .depth = depth,
                                            .is_interlaced = is_interlaced == 1};
                    if (kind.colour == INDEX)
                        set_palette(&kind);
                    check_png(&kind, sizes[s][0], sizes[s][1], 0xFFFFFF);
                    check_png(&kind, sizes[s][0], sizes[s][1], 0x3366CC);
                    if (kind.colour == GREY || kind.colour == RGB) {
                        kind.key = depth < 8 ? &low : &keys[depth == 16];
                        check_png(&kind, sizes[s][0], sizes[s][1], 0x3366CC);
                    }
                }
}

/* Loud red hidden under full transparency, beside a calm green: averaged before it is laid on the ground, it would
 * show. */
static void test_hidden_colours_do_not_bleed(void **state)
{
    (void)state;
    struct picture picture = picture_new(64, 64, 4);
    for (uint32_t y = 0; y < 64; y++)
        for (uint32_t x = 0; x < 64; x++)
            memcpy(px_at(&picture, x, y), (x + y) % 5 < 3 ? "\0\xC8\0\xFF" : "\xFF\0\0\0", 4);
    struct file file = png_of(&picture, NULL, 0);
    struct iw_image_facts facts = {.width_px = 64, .height_px = 64, .stored_width_px = 64, .stored_height_px = 64};
    struct iw_reader reader = {.bytes = file.ptr, .len = file.len, .facts = &facts, .background_rgb = 0xFFFFFF};
    struct iw_planes planes;
    assert_true(codec_of("png")->open(&reader));
    assert_true(iw_scale(codec_of("png"), &reader, 9, 9, IW_CHROMA_WHOLE, &planes));
    for (uint32_t y = 0; y < 9; y++)
        for (uint32_t x = 0; x < 9; x++) {
            int red = planes.px[0][y * planes.stride[0] + x], green = planes.px[1][y * planes.stride[1] + x],
                blue = planes.px[2][y * planes.stride[2] + x];
            assert_in_range(red + 1 - blue, 0, 2);
            assert_in_range(green, 195, 255);
        }
    iw_planes_free(&planes);
    codec_of("png")->close(&reader);
    file_free(&file);
    picture_free(&picture);
}

/* libpng reads tRNS, and takes it back when PLTE follows: rows have three samples then, whatever its flags say. */
static void test_png_with_chunks_out_of_order(void **state)
{
    (void)state;
    static const char plte[] = "\0\0\0\6PLTE\0\0\0\xFF\xFF\xFF\0\0\0";
    static const png_color_16 key = {.red = 1, .green = 2, .blue = 3};
    const struct png_kind kind = {.colour = RGB, .depth = 8, .key = &key};
    struct picture picture = picture_noise(33, 20, 3, 8);
    struct file file = png_make(33, 20, picture.px, 33 * 3, &kind), late = {0};
    size_t at = 0;
    while (memcmp(file.ptr + at + 4, "IDAT", 4) != 0)
        at++;
    file_put(&late, file.ptr, at);
    file_put(&late, plte, sizeof plte); /* the last bytes stand for a checksum, which is not verified */
    file_put(&late, file.ptr + at, file.len - at);
    struct wish wish = whole(33, 20, 0xFFFFFF);
    check_read("PLTE behind tRNS", "png", &late, &wish, &picture, 0);
    file_free(&late);
    file_free(&file);
    picture_free(&picture);
}

static void test_png_damaged(void **state)
{
    (void)state;
    struct png_kind kind = {.colour = INDEX, .depth = 4, .is_interlaced = true};
    set_palette(&kind);
    struct picture packed = picture_noise(9, 18, 1, 3), picture = picture_smooth(18, 18, 4);
    struct file file = png_make(18, 18, packed.px, 9, &kind);
    check_damaged(&file, true);
    file_free(&file);
    file = png_of(&picture, NULL, 0);
    check_damaged(&file, true);
    file_free(&file);
    picture_free(&picture);
    picture_free(&packed);
}

static void test_png_cut(void **state)
{
    (void)state;
    struct picture picture = picture_noise(40, 40, 3, 1);
    struct file file = png_of(&picture, NULL, 0), cut = {.ptr = file.ptr, .len = file.len / 2};
    struct wish wish = whole(40, 40, 0);
    check_refused("PNG cut", "png", &cut, &wish);
    cut.len = 20;
    check_refused("PNG cut in its header", "png", &cut, &wish);
    file_free(&file);
    picture_free(&picture);
}
#endif

/* ---- WebP ---- */

#ifdef HAVE_WEBP
static struct file webp_of(const struct picture *picture, bool is_lossless)
{
    struct file file = {0};
    uint8_t *bytes = NULL;
    size_t len;
    int width = (int)picture->width, height = (int)picture->height, stride = width * (int)picture->count;
    WebPConfig config;
    WebPPicture input;
    if (!is_lossless) {
        len = picture->count == 4 ? WebPEncodeRGBA(picture->px, width, height, stride, 80, &bytes)
                                  : WebPEncodeRGB(picture->px, width, height, stride, 80, &bytes);
        file_put(&file, bytes, len);
        WebPFree(bytes);
        return file;
    }
    WebPMemoryWriter writer;
    WebPMemoryWriterInit(&writer);
    if (!WebPConfigInit(&config) || !WebPPictureInit(&input))
        abort();
    config.lossless = 1;
    config.exact = 1; /* hidden colours, too */
    input.use_argb = 1;
    input.width = width;
    input.height = height;
    input.writer = WebPMemoryWrite;
    input.custom_ptr = &writer;
    if (!(picture->count == 4 ? WebPPictureImportRGBA : WebPPictureImportRGB)(&input, picture->px, stride) ||
        !WebPEncode(&config, &input))
        abort();
    file_put(&file, writer.mem, writer.size);
    WebPPictureFree(&input);
    WebPMemoryWriterClear(&writer);
    return file;
}

/* Browsers do not turn WebP, whatever its Exif chunk says. */
static void test_webp_is_not_turned_by_exif(void **state)
{
    (void)state;
    enum { RIFF_BYTES = 12, HAS_EXIF = 8 };
    struct picture picture = picture_smooth(48, 16, 3);
    struct file file = webp_of(&picture, false), turned = {0};
    file_put(&turned, file.ptr, RIFF_BYTES);
    file_put(&turned, "VP8X\x0A\0\0\0", 8);
    file_le(&turned, HAS_EXIF, 4);
    file_le(&turned, 48 - 1, 3);
    file_le(&turned, 16 - 1, 3);
    file_put(&turned, file.ptr + RIFF_BYTES, file.len - RIFF_BYTES);
    file_put(&turned, "EXIF", 4);
    file_le(&turned, sizeof turning, 4);
    file_put(&turned, turning, sizeof turning);
    for (unsigned i = 0; i < 4; i++)
        turned.ptr[4 + i] = (uint8_t)((turned.len - 8) >> 8 * i);
    check_made_size(&turned, 48, 16);
    file_free(&turned);
    file_free(&file);
    picture_free(&picture);
}

static void test_webp_lossless_and_alpha(void **state)
{
    (void)state;
    for (size_t i = 0; i < IW_ARRAY_LEN(sizes); i++)
        for (unsigned count = 3; count <= 4; count++) {
            struct picture picture = picture_noise(sizes[i][0], sizes[i][1], count, 4);
            struct file file = webp_of(&picture, true);
            struct picture want = picture_laid(&picture, 0x3366CC);
            struct wish wish = whole(picture.width, picture.height, 0x3366CC);
            check_read(count == 4 ? "lossless with alpha" : "lossless", "webp", &file, &wish, &want, 0);
            picture_free(&want);
            file_free(&file);
            picture_free(&picture);
        }
    struct picture picture = picture_smooth(90, 50, 4);
    struct file file = webp_of(&picture, false);
    struct picture shown = picture_new(90, 50, 4);
    assert_non_null(WebPDecodeRGBAInto(file.ptr, file.len, shown.px, 90 * 50 * 4, 90 * 4));
    struct picture want = picture_laid(&shown, 0xFFFFFF);
    struct wish wish = whole(90, 50, 0xFFFFFF);
    check_read("lossy with alpha", "webp", &file, &wish, &want, 0);
    picture_free(&want);
    picture_free(&shown);
    file_free(&file);
    picture_free(&picture);
}

/* Lossy without alpha is taken as libwebp's own planes, which are of studio range. */
static void test_webp_lossy_planes(void **state)
{
    (void)state;
    for (size_t i = 0; i < IW_ARRAY_LEN(sizes); i++) {
        struct picture picture = picture_noise(sizes[i][0], sizes[i][1], 3, 4);
        struct file file = webp_of(&picture, false);
        struct wish wish = whole(picture.width, picture.height, 0);
        struct taken taken = take("webp", &file, &wish);
        assert_true(taken.is_good && taken.reader.is_studio && !taken.reader.is_rgb);
        int width, height, stride, chroma_stride;
        uint8_t *planes[3];
        planes[0] = WebPDecodeYUV(file.ptr, file.len, &width, &height, &planes[1], &planes[2], &stride, &chroma_stride);
        assert_non_null(planes[0]);
        for (unsigned p = 0; p < 3; p++)
            for (uint32_t y = 0; y < taken.height[p]; y++)
                assert_memory_equal(taken.px[p] + y * taken.stride[p],
                                    planes[p] + (int)y * (p ? chroma_stride : stride), taken.width[p]);
        WebPFree(planes[0]);
        taken_free(&taken);
        file_free(&file);
        picture_free(&picture);
    }
}

/* A frame of 20x12 at 10,6 of a canvas of 50x30; what is beside it is transparent. */
static struct file webp_animated(const struct picture *frame)
{
    struct file still = webp_of(frame, true), file = {0}, body = {0};
    file_put(&body, "WEBPVP8X\x0A\0\0\0\x12\0\0\0", 16); /* animation, alpha */
    file_le(&body, 50 - 1, 3);
    file_le(&body, 30 - 1, 3);
    file_put(&body, "ANIM\6\0\0\0\0\0\0\0\0\0", 14);
    for (int i = 0; i < 2; i++) { /* the second one is not to be taken */
        file_put(&body, "ANMF", 4);
        file_le(&body, 16 + still.len - 12, 4);
        file_le(&body, i ? 0 : 10 / 2, 3);
        file_le(&body, i ? 0 : 6 / 2, 3);
        file_le(&body, frame->width - 1, 3);
        file_le(&body, frame->height - 1, 3);
        file_le(&body, 100, 3);
        file_le(&body, 0, 1);
        file_put(&body, still.ptr + 12, still.len - 12);
    }
    file_put(&file, "RIFF", 4);
    file_le(&file, body.len, 4);
    file_put(&file, body.ptr, body.len);
    file_free(&body);
    file_free(&still);
    return file;
}

static void test_webp_first_frame_on_its_canvas(void **state)
{
    (void)state;
    struct picture frame = picture_noise(20, 12, 4, 9), canvas = picture_new(50, 30, 4);
    for (uint32_t y = 0; y < 12; y++)
        memcpy(px_at(&canvas, 10, 6 + y), px_at(&frame, 0, y), 20 * 4);
    struct file file = webp_animated(&frame);
    struct picture want = picture_laid(&canvas, 0x102030);
    struct wish wish = whole(50, 30, 0x102030);
    check_read("animated", "webp", &file, &wish, &want, 0);
    struct file cut = {.ptr = file.ptr, .len = file.len / 3};
    check_refused("animated, cut", "webp", &cut, &wish);
    picture_free(&want);
    file_free(&file);
    picture_free(&canvas);
    picture_free(&frame);
}

static void test_webp_damaged(void **state)
{
    (void)state;
    struct picture picture = picture_smooth(18, 18, 4), solid = picture_smooth(18, 18, 3);
    struct file files[] = {webp_of(&picture, true), webp_of(&picture, false), webp_of(&solid, false),
                           webp_animated(&picture)};
    for (size_t i = 0; i < IW_ARRAY_LEN(files); i++) {
        check_damaged(&files[i], true);
        file_free(&files[i]);
    }
    picture_free(&solid);
    picture_free(&picture);
}

static void test_webp_cut(void **state)
{
    (void)state;
    struct picture picture = picture_noise(40, 40, 3, 1);
    for (int is_lossless = 0; is_lossless < 2; is_lossless++) {
        struct file file = webp_of(&picture, is_lossless), cut = {.ptr = file.ptr, .len = file.len / 2};
        struct wish wish = whole(40, 40, 0);
        check_refused("WebP cut", "webp", &cut, &wish);
        cut.len = 24;
        check_refused("WebP cut in its header", "webp", &cut, &wish);
        file_free(&file);
    }
    picture_free(&picture);
}
#endif

/* ---- GIF ---- */

#ifdef HAVE_GIF
struct gif_kind {
    const char *name;
    uint32_t left, top; /* of the frame on a canvas of 40x30 */
    uint32_t width, height;
    bool is_interlaced, is_local; /* its colours are of the frame */
    int transparent;              /* index, or -1 */
};

static int gif_to_file(GifFileType *gif, const GifByteType *bytes, int len)
{
    file_put(gif->UserData, bytes, (size_t)len);
    return len;
}

static ColorMapObject *gif_colours(unsigned seed)
{
    ColorMapObject *map = GifMakeMapObject(16, NULL);
    if (!map)
        abort();
    for (unsigned i = 0; i < 16; i++)
        map->Colors[i] = (GifColorType){(GifByteType)(i * 17), (GifByteType)(255 - i * 9), (GifByteType)(i * seed)};
    return map;
}

static struct file gif_make(const struct picture *indices, const struct gif_kind *kind)
{
    static const unsigned starts[] = {0, 4, 2, 1}, steps[] = {8, 8, 4, 2};
    struct file file = {0};
    int code = 0;
    GifFileType *gif = EGifOpen(&file, gif_to_file, &code);
    ColorMapObject *global = gif_colours(3), *local = gif_colours(11);
    EGifSetGifVersion(gif, true);
    (void)EGifPutScreenDesc(gif, 40, 30, 4, 0, global);
    GraphicsControlBlock block = {.TransparentColor = kind->transparent};
    GifByteType extension[4];
    (void)EGifGCBToExtension(&block, extension);
    (void)EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, sizeof extension, extension);
    (void)EGifPutImageDesc(gif, (int)kind->left, (int)kind->top, (int)kind->width, (int)kind->height,
                           kind->is_interlaced, kind->is_local ? local : NULL);
    for (unsigned pass = 0; pass < (kind->is_interlaced ? 4u : 1u); pass++)
        for (uint32_t y = kind->is_interlaced ? starts[pass] : 0; y < kind->height;
             y += kind->is_interlaced ? steps[pass] : 1)
            (void)EGifPutLine(gif, px_at(indices, 0, y), (int)kind->width);
    (void)EGifCloseFile(gif, &code);
    GifFreeMapObject(global);
    GifFreeMapObject(local);
    return file;
}

static void test_gif_of_every_kind(void **state)
{
    (void)state;
    static const struct gif_kind kinds[] = {
        {.name = "plain", .width = 40, .height = 30, .transparent = -1},
        {.name = "interlaced", .width = 40, .height = 30, .is_interlaced = true, .transparent = -1},
        {.name = "transparent", .width = 40, .height = 30, .transparent = 5},
        {.name = "smaller than its canvas", .left = 7, .top = 3, .width = 21, .height = 9, .transparent = -1},
        {.name = "colours of its own", .left = 1, .width = 5, .height = 30, .is_local = true, .transparent = 2},
        {.name = "beyond its canvas", .left = 30, .top = 25, .width = 40, .height = 30, .transparent = -1},
        {.name = "a pixel", .left = 39, .top = 29, .width = 1, .height = 1, .transparent = -1},
        {.name = "outside its canvas", .left = 100, .top = 100, .width = 10, .height = 10, .transparent = -1},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(kinds); i++) {
        const struct gif_kind *kind = &kinds[i];
        struct picture indices = picture_noise(kind->width, kind->height, 1, 5), canvas = picture_new(40, 30, 4);
        ColorMapObject *map = gif_colours(kind->is_local ? 11 : 3);
        for (uint32_t y = 0; y < kind->height; y++)
            for (uint32_t x = 0; x < kind->width; x++) {
                uint8_t *index = px_at(&indices, x, y);
                *index &= 15;
                if (*index == kind->transparent || kind->left + x >= 40 || kind->top + y >= 30)
                    continue;
                const GifColorType *colour = &map->Colors[*index];
                memcpy(px_at(&canvas, kind->left + x, kind->top + y),
                       ((uint8_t[4]){colour->Red, colour->Green, colour->Blue, 255}), 4);
            }
        struct file file = gif_make(&indices, kind);
        struct picture want = picture_laid(&canvas, 0xABCDEF);
        struct wish wish = whole(40, 30, 0xABCDEF);
        check_read(kind->name, "gif", &file, &wish, &want, 0);
        GifFreeMapObject(map);
        picture_free(&want);
        file_free(&file);
        picture_free(&canvas);
        picture_free(&indices);
    }
}

static void test_gif_damaged(void **state)
{
    (void)state;
    const struct gif_kind kind = {
        .left = 7, .top = 3, .width = 21, .height = 9, .is_interlaced = true, .is_local = true, .transparent = 3};
    struct picture indices = picture_new(21, 9, 1);
    for (size_t i = 0; i < 21 * 9; i++)
        indices.px[i] = i / 5 % 16;
    struct file file = gif_make(&indices, &kind);
    check_damaged(&file, true);
    file_free(&file);
    picture_free(&indices);
}

static void test_gif_cut(void **state)
{
    (void)state;
    const struct gif_kind kind = {.width = 40, .height = 30, .transparent = -1};
    struct picture indices = picture_new(40, 30, 1);
    struct file file = gif_make(&indices, &kind), cut = {.ptr = file.ptr};
    struct wish wish = whole(40, 30, 0);
    static const size_t lens[] = {0, 6, 13, 61, 70, 80, 90};
    for (size_t i = 0; i < IW_ARRAY_LEN(lens); i++) {
        cut.len = lens[i];
        check_refused("GIF cut", "gif", &cut, &wish);
    }
    file_free(&file);
    picture_free(&indices);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef HAVE_PNG
        cmocka_unit_test(test_png_of_every_kind),
        cmocka_unit_test(test_hidden_colours_do_not_bleed),
        cmocka_unit_test(test_png_cut),
        cmocka_unit_test(test_png_with_chunks_out_of_order),
        cmocka_unit_test(test_png_damaged),
#endif
#ifdef HAVE_WEBP
        cmocka_unit_test(test_webp_lossless_and_alpha),
        cmocka_unit_test(test_webp_lossy_planes),
        cmocka_unit_test(test_webp_first_frame_on_its_canvas),
        cmocka_unit_test(test_webp_cut),
        cmocka_unit_test(test_webp_is_not_turned_by_exif),
        cmocka_unit_test(test_webp_damaged),
#endif
#ifdef HAVE_GIF
        cmocka_unit_test(test_gif_of_every_kind),
        cmocka_unit_test(test_gif_cut),
        cmocka_unit_test(test_gif_damaged),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
