/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Scaling by itself, fed by a reader that paints: pictures so large that zimg works on them in strips. */
#include "pixels_case.h"

#include <math.h>

/* Plane 0 grows downwards, plane 1 to the right, plane 2 shrinks both ways: a row or a column in the wrong place shows.
 */
static double painted(unsigned plane, double across, double down)
{
    return plane == 0 ? 20 + 200 * down : plane == 1 ? 20 + 200 * across : 235 - 100 * (across + down);
}

static bool paint_rows(struct iw_reader *r, const struct iw_ring *ring)
{
    for (unsigned p = 0; p < r->count; p++) {
        unsigned sub_w = p ? r->sub_w : 0, sub_h = p ? r->sub_h : 0;
        uint32_t width = (r->width_px + (1u << sub_w) - 1) >> sub_w, last = (r->next_row + r->step) >> sub_h;
        for (uint32_t y = r->next_row >> sub_h; y < last && y << sub_h < r->height_px; y++) {
            uint8_t *row = ring->px[p] + (y & ring->mask[p]) * ring->stride[p];
            for (uint32_t x = 0; x < width; x++)
                row[x] = (uint8_t)(painted(p, (x + 0.5) / width, (y + 0.5) * (1u << sub_h) / r->height_px) + 0.5);
        }
    }
    return true;
}

static const struct iw_codec painter = {.format = "painted", .rows = paint_rows};

static const struct kind {
    const char *name;
    unsigned count, sub;
    bool is_rgb;
    enum iw_chroma chroma;
} kinds[] = {
    {"grey", 1, 0, false, IW_CHROMA_WHOLE},       {"RGB", 3, 0, true, IW_CHROMA_WHOLE},
    {"4:4:4", 3, 0, false, IW_CHROMA_WHOLE},      {"4:2:0", 3, 1, false, IW_CHROMA_WHOLE},
    {"4:2:0, half", 3, 1, false, IW_CHROMA_HALF}, {"4:4:4, judged", 3, 0, false, IW_CHROMA_JUDGED},
};

static void check(const struct kind *kind, uint32_t width, uint32_t height, uint32_t to_width, uint32_t to_height)
{
    struct iw_reader reader = {.width_px = width,
                               .height_px = height,
                               .count = kind->count,
                               .is_rgb = kind->is_rgb,
                               .sub_w = (uint8_t)kind->sub,
                               .sub_h = (uint8_t)kind->sub,
                               .step = 16,
                               .row_room = width};
    struct iw_planes out;
    if (!iw_scale(&painter, &reader, to_width, to_height, kind->chroma, &out))
        fail_msg("%s, %ux%u: %s", kind->name, width, height, reader.why);
    assert_int_equal(reader.next_row, height); /* each row is read once */
    for (unsigned p = 0; p < out.count; p++) {
        uint32_t w = iw_plane_width(&out, p), h = iw_plane_height(&out, p);
        double across = (p ? 1u << out.sub_w : 1u) / (double)to_width,
               down = (p ? 1u << out.sub_h : 1u) / (double)to_height;
        for (uint32_t y = 0; y < h; y++)
            for (uint32_t x = 0; x < w; x++) {
                double want = painted(p, (x + 0.5) * across, (y + 0.5) * down), got = out.px[p][y * out.stride[p] + x];
                bool is_edge = x < 4 || y < 4 || x + 4 >= w || y + 4 >= h; /* mirrored, which a slope feels */
                if (fabs(got - want) > (is_edge ? 5 : 1.6))
                    fail_msg("%s, %ux%u: plane %u at %u,%u is %g, not %g", kind->name, width, height, p, x, y, got,
                             want);
            }
    }
    iw_planes_free(&out);
}

static void test_wide_pictures(void **state)
{
    (void)state;
    static const uint32_t rows[][4] = {
        {16000, 1200, 1000, 75}, {8000, 600, 640, 48}, {9001, 301, 897, 30}, {1200, 9000, 75, 562}};
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++)
        for (size_t k = 0; k < IW_ARRAY_LEN(kinds); k++)
            check(&kinds[k], rows[i][0], rows[i][1], rows[i][2], rows[i][3]);
}

/* A reader that fails is asked no second time. */
static bool fail_rows(struct iw_reader *r, const struct iw_ring *ring)
{
    (void)ring;
    (void)snprintf(r->why, sizeof r->why, "%s", r->why[0] ? "twice" : "broken");
    return false;
}

static void test_a_reader_that_fails(void **state)
{
    (void)state;
    static const struct iw_codec broken = {.format = "broken", .rows = fail_rows};
    for (uint32_t width = 500; width <= 16000; width += 15500) {
        struct iw_reader reader = {
            .width_px = width, .height_px = 800, .count = 3, .is_rgb = true, .step = 16, .row_room = width};
        struct iw_planes out;
        assert_false(iw_scale(&broken, &reader, 100, 50, IW_CHROMA_WHOLE, &out));
        assert_string_equal(reader.why, "broken");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wide_pictures),
        cmocka_unit_test(test_a_reader_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
