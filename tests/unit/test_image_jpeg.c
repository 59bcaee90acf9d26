/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* JPEG headers made byte by byte: far and damaged frame headers, every kind of frame, Exif in all its forms. */
#include "base/iw.h"
#include "image_case.h"

static void soi(struct made *m)
{
    PUT(m, "\xFF\xD8");
}

static void plain(struct made *m)
{
    soi(m);
    put_segment(m, 0xE0, "JFIF\0\1\2\0\0\1\0\1\0\0", 14);
    put_segment(m, 0xDB, "quantisation", 12);
    put_sof(m, 0xC0, 640, 480, 3);
    PUT(m, "\xFF\xDA");
}

static void only_sof(struct made *m, unsigned marker, unsigned components)
{
    soi(m);
    put_sof(m, marker, 300, 200, components);
}

static void sof1(struct made *m)
{
    only_sof(m, 0xC1, 3);
}

static void sof2(struct made *m)
{
    only_sof(m, 0xC2, 3);
}

static void sof3(struct made *m)
{
    only_sof(m, 0xC3, 1);
}

static void sof9(struct made *m)
{
    only_sof(m, 0xC9, 3);
}

static void sof10(struct made *m)
{
    only_sof(m, 0xCA, 3);
}

static void sof15(struct made *m)
{
    only_sof(m, 0xCF, 2);
}

/* C4, C8 and CC stand among the frame markers but are none */
static void not_frames(struct made *m)
{
    soi(m);
    put_segment(m, 0xC4, "\x08\x11\x11\x22\x22\x03 huffman", 14);
    put_segment(m, 0xC8, "\x08\x11\x11\x22\x22\x03 reserved", 15);
    put_segment(m, 0xCC, "\x08\x11\x11\x22\x22\x03 arithmetic", 17);
    put_sof(m, 0xC0, 300, 200, 1);
}

static void far(struct made *m, unsigned segments)
{
    soi(m);
    struct made body;
    made_init(&body);
    PUT(&body, "http://ns.adobe.com/xmp/extension/");
    put_fill(&body, 0xFF, 65533 - body.len);
    for (unsigned i = 0; i < segments; i++)
        put_segment(m, 0xE1, body.ptr, body.len);
    made_release(&body);
    put_sof(m, 0xC2, 4000, 3000, 3);
}

static void far_140k(struct made *m)
{
    far(m, 2);
}

static void far_660k(struct made *m)
{
    far(m, 11);
}

/* a whole small JPEG inside the Exif segment */
static void thumbnail(struct made *m)
{
    struct made body;
    made_init(&body);
    PUT(&body, "Exif\0\0");
    put_tiff(&body, true, 3, 0);
    soi(&body);
    put_sof(&body, 0xC0, 52351, 52319, 3);
    PUT(&body, "\xFF\xD9");
    soi(m);
    put_segment(m, 0xE1, body.ptr, body.len);
    put_sof(m, 0xC0, 300, 200, 3);
    made_release(&body);
}

static void fill_bytes(struct made *m)
{
    soi(m);
    put_fill(m, 0xFF, 300);
    put_segment(m, 0xFE, "comment", 7);
    put_fill(m, 0xFF, 5);
    put_sof(m, 0xC0, 300, 200, 3);
}

static void endless_fill(struct made *m)
{
    soi(m);
    put_fill(m, 0xFF, 70000);
    put_sof(m, 0xC0, 300, 200, 3);
}

static void junk(struct made *m)
{
    plain(m);
    m->len = 2;
    put_segment(m, 0xFE, "comment", 7);
    PUT(m, "junk\xFF\0more");
    put_sof(m, 0xC0, 300, 200, 3);
}

static void endless_junk(struct made *m)
{
    soi(m);
    put_segment(m, 0xFE, "comment", 7);
    put_fill(m, 0x41, 9000);
    put_sof(m, 0xC0, 300, 200, 3);
}

static void endless_segments(struct made *m)
{
    soi(m);
    for (unsigned i = 0; i < 5000; i++)
        put_segment(m, 0xFE, NULL, 0);
    put_sof(m, 0xC0, 300, 200, 3);
}

static void lone_markers(struct made *m)
{
    soi(m);
    PUT(m, "\xFF\x01\xFF\xD0\xFF\xD7\xFF\xD8");
    put_sof(m, 0xC0, 300, 200, 3);
}

static void cut_before_sof(struct made *m)
{
    soi(m);
    put_segment(m, 0xFE, "comment", 7);
}

static void cut_in_segment(struct made *m)
{
    plain(m);
    m->len = 30;
}

static void cut_in_sof(struct made *m)
{
    soi(m);
    put_sof(m, 0xC0, 300, 200, 3);
    m->len -= 10;
}

static void scan_first(struct made *m)
{
    soi(m);
    put_segment(m, 0xDA, "\1\1\0\0\x3F\0", 6);
}

static void end_first(struct made *m)
{
    soi(m);
    PUT(m, "\xFF\xD9");
}

static void no_length(struct made *m)
{
    soi(m);
    PUT(m, "\xFF\xE0\0\1 rest");
}

static void short_sof(struct made *m)
{
    soi(m);
    put_segment(m, 0xC0, "\x08\0\x10\0\x10", 5);
    put_fill(m, 0, 20);
}

static void sof_without_components(struct made *m)
{
    only_sof(m, 0xC0, 0);
}

static void sof_with_wrong_count(struct made *m)
{
    only_sof(m, 0xC0, 3);
    m->ptr[11] = 4;
}

static void width_0(struct made *m)
{
    soi(m);
    put_sof(m, 0xC0, 0, 200, 3);
}

static void height_by_dnl(struct made *m)
{
    soi(m);
    put_sof(m, 0xC0, 300, 0, 3);
    put_segment(m, 0xDC, "\0\x64", 2);
}

static void adobe(struct made *m, unsigned transform, unsigned components)
{
    uint8_t body[12] = "Adobe\0\x64";
    body[11] = (uint8_t)transform;
    soi(m);
    put_segment(m, 0xEE, body, sizeof body);
    put_sof(m, 0xC0, 300, 200, components);
}

static void adobe_cmyk(struct made *m)
{
    adobe(m, 2, 4);
}

static void adobe_rgb(struct made *m)
{
    adobe(m, 0, 3);
}

static void adobe_ycc(struct made *m)
{
    adobe(m, 1, 3);
}

static void adobe_short(struct made *m)
{
    soi(m);
    put_segment(m, 0xEE, "Adobe\0", 6);
    put_sof(m, 0xC0, 300, 200, 3);
}

static void rgb_by_names(struct made *m)
{
    only_sof(m, 0xC0, 3);
    m->ptr[12] = 'R';
    m->ptr[15] = 'G';
    m->ptr[18] = 'B';
}

static void icc(struct made *m)
{
    soi(m);
    put_segment(m, 0xE2, "MPF\0 something else", 19);
    put_segment(m, 0xE2, "ICC_PROFILE\0\1\1....", 18);
    put_sof(m, 0xC0, 300, 200, 1);
}

/* Exif with IFD0 far into its segment, then a second Exif that does not count */
static void exif_far(struct made *m)
{
    soi(m);
    put_exif_segment(m, false, 8, 60000);
    put_exif_segment(m, false, 2, 0);
    put_sof(m, 0xC0, 300, 200, 3);
}

static void exif_only_ifd1(struct made *m)
{
    soi(m);
    put_exif_segment(m, true, -1, 0);
    put_sof(m, 0xC0, 300, 200, 3);
}

static void exif_body(struct made *m, const void *body, size_t len)
{
    soi(m);
    put_segment(m, 0xE1, body, len);
    put_sof(m, 0xC0, 300, 200, 3);
}

static void exif_empty(struct made *m)
{
    exif_body(m, "Exif\0\0", 6);
}

static void exif_no_pad(struct made *m)
{
    exif_body(m, "Exif\0", 5);
}

static void exif_short(struct made *m)
{
    exif_body(m, "Exif\0\0MM\0*\0\0\0", 13);
}

static void exif_no_tiff(struct made *m)
{
    exif_body(m, "Exif\0\0IM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0", 28);
}

static void exif_beyond(struct made *m)
{
    exif_body(m, "Exif\0\0MM\0*\xFF\xFF\xFF\xFE\0\1\1\x12\0\3\0\0\0\1\0\6\0\0", 28);
}

static void exif_inside_header(struct made *m)
{
    exif_body(m, "Exif\0\0MM\0*\0\0\0\6\1\x12\0\3\0\0\0\1\0\6\0\0", 26);
}

/* claims 65535 entries; the first is within the segment */
static void exif_many(struct made *m)
{
    exif_body(m, "Exif\0\0MM\0*\0\0\0\x08\xFF\xFF\1\x12\0\3\0\0\0\1\0\6\0\0", 28);
}

static void exif_no_entry_fits(struct made *m)
{
    exif_body(m, "Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1", 24);
}

static void exif_as_long(struct made *m)
{
    exif_body(m, "Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\4\0\0\0\1\0\0\0\6", 28);
}

static void gzip(struct made *m)
{
    PUT(m, "\x1F\x8B\x08\0\0\0\0\0\0\3 the compressed bytes of a picture");
}

#define DONE(name, build, w, h, ...)                                                                                   \
    {                                                                                                                  \
        name, build, IW_SCAN_DONE, "jpeg", w, h, {.animated = IW_NO, .alpha = IW_NO, __VA_ARGS__}, NULL                \
    }
#define BAD(name, build, why)                                                                                          \
    {                                                                                                                  \
        name, build, IW_SCAN_BAD, "jpeg", 0, 0, {0}, why                                                               \
    }

static void test_headers(void **state)
{
    (void)state;
    static const struct image_case cases[] = {
        DONE("plain", plain, 640, 480, .colour = IW_COLOUR_YCBCR, .progressive = IW_NO, .has_icc = IW_NO,
             .bit_depth = 8),
        DONE("SOF1", sof1, 300, 200, .progressive = IW_NO),
        DONE("SOF2", sof2, 300, 200, .progressive = IW_YES),
        DONE("SOF3", sof3, 300, 200, .progressive = IW_NO, .colour = IW_COLOUR_GREY),
        DONE("SOF9", sof9, 300, 200, .progressive = IW_NO),
        DONE("SOF10", sof10, 300, 200, .progressive = IW_YES),
        DONE("SOF15, two components", sof15, 300, 200, .progressive = IW_NO),
        DONE("DHT, JPG and DAC are no frames", not_frames, 300, 200, .colour = IW_COLOUR_GREY),
        DONE("frame header behind 130 kB", far_140k, 4000, 3000, .progressive = IW_YES),
        DONE("frame header behind 720 kB", far_660k, 4000, 3000, .progressive = IW_YES),
        DONE("thumbnail inside APP1", thumbnail, 300, 200, .orientation = 3),
        DONE("fill bytes", fill_bytes, 300, 200, .is_damaged = false),
        DONE("junk between segments", junk, 300, 200, .is_damaged = true),
        DONE("markers without a length", lone_markers, 300, 200, .is_damaged = false),
        DONE("Adobe CMYK", adobe_cmyk, 300, 200, .colour = IW_COLOUR_CMYK),
        DONE("Adobe RGB", adobe_rgb, 300, 200, .colour = IW_COLOUR_RGB),
        DONE("Adobe YCC", adobe_ycc, 300, 200, .colour = IW_COLOUR_YCBCR),
        DONE("Adobe, cut", adobe_short, 300, 200, .colour = IW_COLOUR_YCBCR),
        DONE("components called R, G, B", rgb_by_names, 300, 200, .colour = IW_COLOUR_RGB),
        DONE("ICC profile", icc, 300, 200, .has_icc = IW_YES),
        DONE("Exif directory 60 kB in", exif_far, 300, 200, .orientation = 8),
        DONE("orientation in IFD1 only", exif_only_ifd1, 300, 200, .orientation = 1),
        DONE("empty Exif", exif_empty, 300, 200, .orientation = 1),
        DONE("Exif without padding", exif_no_pad, 300, 200, .orientation = 1),
        DONE("Exif, cut header", exif_short, 300, 200, .orientation = 1),
        DONE("Exif, no TIFF", exif_no_tiff, 300, 200, .orientation = 1),
        DONE("Exif directory beyond the segment", exif_beyond, 300, 200, .orientation = 1),
        DONE("Exif directory inside its header", exif_inside_header, 300, 200, .orientation = 1),
        DONE("Exif directory longer than the segment", exif_many, 300, 200, .orientation = 6),
        DONE("no Exif entry fits", exif_no_entry_fits, 300, 200, .orientation = 1),
        DONE("orientation as LONG", exif_as_long, 300, 200, .orientation = 1),
        {"height by DNL", height_by_dnl, IW_SCAN_DONE, "jpeg", 0, 0, {.animated = IW_NO, .alpha = IW_NO}, "DNL"},
        BAD("endless fill bytes", endless_fill, "no marker"),
        BAD("endless junk", endless_junk, "no marker"),
        BAD("endless segments", endless_segments, "too many segments"),
        BAD("cut before the frame header", cut_before_sof, "before the frame header"),
        BAD("cut in a segment", cut_in_segment, "ends early"),
        BAD("cut in the frame header", cut_in_sof, "ends inside the frame header"),
        BAD("scan first", scan_first, "scan begins before"),
        BAD("end first", end_first, "ends before the frame header"),
        BAD("length below 2", no_length, "below 2"),
        BAD("short frame header", short_sof, "too short"),
        BAD("no components", sof_without_components, "too short"),
        BAD("components do not fit", sof_with_wrong_count, "does not fit"),
        BAD("width 0", width_0, "width of 0"),
        {"gzip labelled as JPEG", gzip, IW_SCAN_DONE, NULL, 0, 0, {0}, NULL},
    };
    case_check_all(cases, IW_ARRAY_LEN(cases));
}

static void test_orientations(void **state)
{
    (void)state;
    for (int value = 0; value <= 9; value++) {
        for (int is_big = 0; is_big <= 1; is_big++) {
            struct made made;
            made_init(&made);
            soi(&made);
            put_exif_segment(&made, is_big, value, 0);
            put_sof(&made, 0xC0, 300, 200, 3);
            struct feed_result result = feed_whole(made.ptr, made.len);
            const char *cut = feed_cuts(made.ptr, made.len, 0);
            made_release(&made);
            assert_null(cut);
            assert_int_equal(result.scan, IW_SCAN_DONE);
            assert_int_equal(result.facts.orientation, value >= 1 && value <= 8 ? value : 1);
            bool is_turned = value >= 5 && value <= 8;
            assert_int_equal(result.facts.width_px, is_turned ? 200 : 300);
            assert_int_equal(result.facts.height_px, is_turned ? 300 : 200);
            assert_int_equal(result.facts.stored_width_px, 300);
        }
    }
}

/* 720 kB of segments are jumped over: with windows of 4 KB few bytes are handed out, and the question is exact */
static void test_jumps(void **state)
{
    (void)state;
    struct made made;
    made_init(&made);
    far_660k(&made);
    struct feed_plan plan = {.first_bytes = 16384, .least_bytes = 4096};
    struct feed_result result = feed_run(made.ptr, made.len, &plan);
    assert_null(result.fault);
    assert_int_equal(result.scan, IW_SCAN_DONE);
    assert_int_equal(result.rounds, 11);
    assert_true(result.handed <= 16384 + 11 * 4096);

    struct iw_window window = {.ptr = made.ptr, .len = 16384};
    struct iw_view view = {.windows = &window, .count = 1, .total_bytes = made.len};
    struct iw_wants wants = {0};
    struct iw_image_facts facts;
    struct iw_need need;
    assert_int_equal(iw_image_scan(&view, &wants, &facts, &need), IW_SCAN_MORE);
    assert_int_equal(need.at, 2 + 65537);
    assert_false(need.is_prefix);
    assert_false(need.has_size_already);
    assert_string_equal(need.why, "frame header behind APP1");
    made_release(&made);
}

/* Exif is read as far as its directory goes, not to its end */
static void test_exif_is_read_in_part(void **state)
{
    (void)state;
    struct made body;
    struct made made;
    made_init(&body);
    made_init(&made);
    PUT(&body, "Exif\0\0");
    put_tiff(&body, true, 6, 0);
    put_fill(&body, 0, 60000);
    soi(&made);
    put_segment(&made, 0xE1, body.ptr, body.len);
    put_sof(&made, 0xC0, 300, 200, 3);
    struct feed_plan plan = {.first_bytes = 3};
    struct feed_result result = feed_run(made.ptr, made.len, &plan);
    assert_null(result.fault);
    assert_int_equal(result.facts.orientation, 6);
    assert_true(result.handed < 200);
    made_release(&made);
    made_release(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_orientations),
        cmocka_unit_test(test_jumps),
        cmocka_unit_test(test_exif_is_read_in_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
