/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The judgement, rule by rule: each that one image's facts decide fires, and does not where its limit is just kept. */
#include "base/iw.h"
#include "check_case.h"

struct row {
    const char *profile; /* behind its name */
    struct image image;
    const char *findings; /* "rule severity, ..." */
    enum iw_verdict verdict;
};

static void check_row(const struct row *row)
{
    static struct iw_findings found;
    struct iw_arena arena;
    struct iw_profile profile;
    iw_arena_init(&arena, 1 << 20);
    parse(&arena, "p", row->profile, &profile);
    const struct iw_profile *list[] = {&profile};
    struct iw_judge judge = {
        .profiles = list, .profile_count = 1, .detail = row->image.detail, .as_base64 = row->image.as_base64};
    struct iw_facts facts = facts_of(&row->image);
    size_t before = arena.used_bytes;
    enum iw_verdict verdict = iw_check(&judge, &facts, &arena, &found);
    char text[512];
    describe(&found, text, sizeof text);
    if (strcmp(text, row->findings) != 0 || verdict != row->verdict)
        print_message("profile:\n%sgot: %s; %s\n", row->profile, text, iw_verdict_name(verdict));
    assert_string_equal(text, row->findings);
    assert_string_equal(iw_verdict_name(verdict), iw_verdict_name(row->verdict));
    if (found.count == 0)
        assert_int_equal(arena.used_bytes, before); /* what is fine costs nothing */
    for (size_t i = 0; i < found.count; i++)
        assert_true(found.list[i].message.len > 10);
    iw_arena_release(&arena);
}

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_row(&rows[i]);
}

static void sizes(void **state)
{
    (void)state;
    static const char near[] = LIMIT_AS("max_bytes", "20 MiB", "warn = 20 MB");
    static const char only_warn[] = "[limit max_bytes]\nwarn = 100 kB\neffect = warned" SAID;
    static const struct row rows[] = {
        {LIMIT("max_bytes", "1000"), {.bytes = 1000}, "", OK},
        {LIMIT("max_bytes", "1000"), {.bytes = 1001}, "bytes-over error", OVER},
        {LIMIT("max_bytes", "1000"),
         {.bytes = 1001, .from = IW_BYTES_FILE, .is_local = true},
         "bytes-over error",
         OVER},
        {LIMIT("max_bytes", "1000"), {.bytes = UINT64_MAX}, "bytes-over error", OVER},
        {LIMIT("max_bytes", "0"), {.from = IW_BYTES_COUNTED}, "", OK},
        {near, {.bytes = 20000000}, "", OK},
        {near, {.bytes = 20000001}, "bytes-near warning", WARN},
        {near, {.bytes = 20971520}, "bytes-near warning", WARN},
        {near, {.bytes = 20971521}, "bytes-over error", OVER},
        {only_warn, {.bytes = 100000}, "", OK},
        {only_warn, {.bytes = 100001}, "bytes-near warning", WARN},
        {LIMIT_AS("max_bytes", "9", "effect = warned"), {.bytes = 10}, "bytes-over warning", WARN},
        {LIMIT_AS("max_bytes", "9", "effect = downscaled"), {.bytes = 10}, "bytes-over warning", WARN},
        /* lower bounds */
        {LIMIT("max_bytes", "1000"), {.bytes = 1001, .from = IW_BYTES_AT_LEAST}, "bytes-over error", OVER},
        {LIMIT("max_bytes", "1000"), {.bytes = 1000, .from = IW_BYTES_AT_LEAST}, "bytes-unknown warning", UNKNOWN},
        {near, {.bytes = 20000001, .from = IW_BYTES_AT_LEAST}, "bytes-near warning, bytes-unknown warning", UNKNOWN},
        {only_warn, {.bytes = 100001, .from = IW_BYTES_AT_LEAST}, "bytes-near warning", WARN},
        {LIMIT("max_side_px", "9"),
         {.format = "png", .width = 9, .height = 9, .bytes = 5, .from = IW_BYTES_AT_LEAST},
         "",
         OK},
        /* not told */
        {LIMIT("max_bytes", "1000"), {0}, "bytes-unknown warning", UNKNOWN},
        {only_warn, {0}, "bytes-unknown warning", UNKNOWN},
        {LIMIT("max_side_px", "9"), {.format = "png", .width = 9, .height = 9}, "", OK},
        {LIMIT("max_request_bytes", "9"), {0}, "", OK},
        {LIMIT("max_bytes", "1") LIMIT("max_side_px", "9"),
         {.format = "png", .width = 10, .height = 9},
         "side-over error",
         OVER},
        {LIMIT("max_bytes", "1") LIMIT_AS("max_side_px", "9", "effect = downscaled"),
         {.format = "png", .width = 10, .height = 9},
         "bytes-unknown warning, side-over warning",
         UNKNOWN},
    };
    check_rows(rows, IW_ARRAY_LEN(rows));
}

static void base64_lengths(void **state)
{
    (void)state;
    static const char limit[] = LIMIT("max_base64_bytes", "20 MiB");
    static const char both[] = LIMIT("max_base64_bytes", "20 MiB") LIMIT("max_bytes", "20 MiB");
    static const char no_url[] = "url_supported = no\n" LIMIT("max_base64_bytes", "20 MiB");
    static const struct row rows[] = {
        {limit, {.bytes = 15728641}, "", OK}, /* a URL stays one */
        {limit, {.bytes = 15728640, .as_base64 = true}, "", OK},
        {limit, {.bytes = 15728641, .as_base64 = true}, "base64-over error", OVER},
        {limit, {.bytes = 15728640, .from = IW_BYTES_DATA_URI}, "", OK},
        {limit, {.bytes = 15728641, .from = IW_BYTES_DATA_URI}, "base64-over error", OVER},
        {no_url, {.bytes = 15728640}, "", OK},
        {no_url, {.bytes = 15728641}, "base64-over error", OVER},
        {no_url, {0}, "bytes-unknown warning", UNKNOWN},
        {limit, {0}, "", OK},
        {limit, {.as_base64 = true}, "bytes-unknown warning", UNKNOWN},
        {limit, {.bytes = UINT64_MAX, .as_base64 = true}, "base64-over error", OVER},
        {both, {.bytes = 20971521, .from = IW_BYTES_DATA_URI}, "base64-over error", OVER},
        {both, {.bytes = 20971521, .as_base64 = true}, "bytes-over error, base64-over error", OVER},
        {LIMIT("max_bytes", "9"), {.bytes = 10, .from = IW_BYTES_DATA_URI}, "bytes-over error", OVER},
        {LIMIT_AS("max_base64_bytes", "1000", "warn = 8"), {.bytes = 6, .as_base64 = true}, "", OK},
        {LIMIT_AS("max_base64_bytes", "1000", "warn = 8"), {.bytes = 7, .as_base64 = true}, "bytes-near warning", WARN},
    };
    check_rows(rows, IW_ARRAY_LEN(rows));
}

static void pixels(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {LIMIT("max_width_px", "100"), PNG(100, 900), "", OK},
        {LIMIT("max_width_px", "100"), PNG(101, 1), "width-over error", OVER},
        {LIMIT("max_height_px", "100"), PNG(900, 100), "", OK},
        {LIMIT("max_height_px", "100"), PNG(1, 101), "height-over error", OVER},
        {LIMIT("max_side_px", "100"), PNG(100, 100), "", OK},
        {LIMIT("max_side_px", "100"), PNG(101, 1), "side-over error", OVER},
        {LIMIT("max_side_px", "100"), PNG(1, 101), "side-over error", OVER},
        {LIMIT("min_side_px", "100"), PNG(100, 100), "", OK},
        {LIMIT("min_side_px", "100"), PNG(99, 900), "side-under error", OVER},
        {LIMIT_AS("min_side_px", "100", "warn = 250"), PNG(100, 900), "side-under warning", WARN},
        {LIMIT_AS("min_side_px", "100", "warn = 250"), PNG(250, 900), "", OK},
        {LIMIT("max_pixels", "10000"), PNG(100, 100), "", OK},
        {LIMIT("max_pixels", "10000"), PNG(73, 137), "pixels-over error", OVER},
        {LIMIT("max_pixels", "10000"), PNG(UINT32_MAX, UINT32_MAX), "pixels-over error", OVER},
        {LIMIT("max_patches", "4"), PNG(64, 64), "", OK},
        {LIMIT("max_patches", "4"), PNG(65, 64), "patches-over error", OVER},
        {LIMIT("max_patches", "30000"), PNG(5536, 5536), "", OK}, /* 29,929 */
        {LIMIT("max_patches", "30000"), PNG(8000, 6000), "patches-over error", OVER},
        {LIMIT("max_aspect", "20"), PNG(2000, 100), "", OK},
        {LIMIT("max_aspect", "20"), PNG(100, 2000), "", OK},
        {LIMIT("max_aspect", "20"), PNG(2001, 100), "aspect-over error", OVER},
        {LIMIT("max_aspect", "20"), PNG(40001, 2000), "aspect-over error", OVER}, /* 20.0005 */
        {LIMIT("max_aspect", "1.5"), PNG(300, 200), "", OK},
        {LIMIT("max_aspect", "1.5"), PNG(301, 200), "aspect-over error", OVER},
        {LIMIT_AS("max_side_px", "9", "effect = downscaled"), PNG(10, 1), "side-over warning", WARN},
        {LIMIT_AS("max_side_px", "8000", "warn = 2000"), PNG(2001, 1), "side-over warning", WARN},
        /* conditions */
        {LIMIT_AS("max_side_px", "9", "when = detail=high"), PNG_AS(10, 1, .detail = IW_DETAIL_AUTO), "", OK},
        {LIMIT_AS("max_side_px", "9", "when = detail=high"), PNG_AS(10, 1, .detail = IW_DETAIL_HIGH), "side-over error",
         OVER},
        {LIMIT_AS("max_side_px", "9", "when = detail=auto"), PNG_AS(10, 1, .detail = IW_DETAIL_AUTO), "side-over error",
         OVER},
        {LIMIT_AS("max_side_px", "9", "when = detail=auto"), PNG_AS(10, 1, .detail = IW_DETAIL_LOW), "", OK},
        {LIMIT_AS("max_side_px", "9", "when = images>20"), PNG(10, 1), "", OK},
        {LIMIT_AS("max_side_px", "9", "when = source=base64"), PNG(10, 1), "", OK},
        {LIMIT_AS("max_side_px", "9", "when = source=base64"), PNG_AS(10, 1, .as_base64 = true), "side-over error",
         OVER},
        {LIMIT_AS("max_side_px", "9", "when = source=url"), PNG(10, 1), "side-over error", OVER},
        {LIMIT_AS("max_side_px", "9", "when = source=url"), PNG_AS(10, 1, .as_base64 = true), "", OK},
        /* not known */
        {LIMIT("max_side_px", "9"), {.format = "jpeg", .bytes = 1, .why = "too far"}, "dims-unknown warning", UNKNOWN},
        {LIMIT("max_aspect", "9"), {.format = "jpeg", .bytes = 1, .why = "too far"}, "dims-unknown warning", UNKNOWN},
        {LIMIT("max_bytes", "9"), {.format = "jpeg", .bytes = 1, .why = "too far"}, "", OK},
        {LIMIT_AS("max_side_px", "9", "when = images>20"), {.format = "jpeg", .bytes = 1, .why = "x"}, "", OK},
        {LIMIT("max_side_px", "9"), {.bytes = 1}, "", OK}, /* nobody asked for the header */
    };
    check_rows(rows, IW_ARRAY_LEN(rows));
}

static void formats(void **state)
{
    (void)state;
    static const char two[] = "formats = jpg png\n";
    static const char three[] = "formats = jpeg\nformats_warned = gif heic\n";
    static const char sides[] = "formats = jpeg\n" LIMIT("max_side_px", "9");
    static const struct row rows[] = {
        {"", {.format = "bmp", .width = 1, .height = 1}, "", OK},
        {two, {.format = "jpeg", .width = 1, .height = 1}, "", OK},
        {two, {.format = "webp", .width = 1, .height = 1}, "format-refused error", OVER},
        {three, {.format = "gif", .width = 1, .height = 1}, "format-refused warning", WARN},
        {three, {.format = "jpeg", .width = 1, .height = 1}, "", OK},
        {three, {.format = "png", .width = 1, .height = 1}, "format-refused error", OVER},
        /* by the stated type, where the bytes are of no format that is read, or were not read */
        {two, {.type = "image/avif", .why = "x"}, "format-refused error", OVER},
        {two, {.type = "image/svg+xml", .why = "x"}, "format-refused error", OVER},
        {two, {.type = "image/vnd.microsoft.icon", .why = "x"}, "format-refused error", OVER},
        {"formats = avif ico\n", {.type = "image/avif", .why = "x"}, "", OK},
        {"formats = avif ico\n", {.type = "image/x-icon", .why = "x"}, "", OK},
        {three, {.type = "image/heic", .why = "x"}, "format-refused warning", WARN},
        {two, {.type = "image/x-ms-bmp"}, "format-refused error", OVER},
        {two, {.type = "image/pjpeg"}, "", OK},
        {two, {.type = "image/*"}, "", OK},
        {two, {.type = "application/octet-stream"}, "", OK},
        /* the bytes stand over the label */
        {two, {.format = "png", .width = 1, .height = 1, .type = "image/png"}, "", OK},
        /* nothing tells */
        {two, {.bytes = 1, .why = "x"}, "dims-unknown warning", UNKNOWN},
        {two, {.bytes = 1, .why = "x", .type = "image/x-unheard-of"}, "dims-unknown warning", UNKNOWN},
        {"", {.bytes = 1, .why = "x"}, "", OK},
        {sides, {.type = "image/avif", .why = "x"}, "format-refused error", OVER},
        {"formats = avif\n" LIMIT("max_side_px", "9"),
         {.type = "image/avif", .why = "x"},
         "dims-unknown warning",
         UNKNOWN},
    };
    check_rows(rows, IW_ARRAY_LEN(rows));
}

#define GIF(...)                                                                                                       \
    {                                                                                                                  \
        .format = "gif", .width = 1, .height = 1, __VA_ARGS__                                                          \
    }

static void animation_and_colours(void **state)
{
    (void)state;
    static const char colours[] = "colours = grey rgb\nmax_bit_depth = 8\n";
    static const struct row rows[] = {
        {"animation = no\n", GIF(.animated = IW_YES), "animated-refused error", OVER},
        {"animation = no\n", GIF(.animated = IW_NO), "", OK},
        {"animation = no\n", GIF(.animated = IW_UNKNOWN), "", OK},
        {"animation = yes\n", GIF(.animated = IW_YES), "", OK},
        {"", GIF(.animated = IW_YES), "", OK},
        {"animation = first-frame\n", GIF(.animated = IW_YES), "animated-refused warning", WARN},
        {colours, GIF(.colour = IW_COLOUR_RGB), "", OK},
        {colours, GIF(.colour = IW_COLOUR_UNKNOWN), "", OK},
        {colours, GIF(.colour = IW_COLOUR_PALETTE), "colour-refused warning", WARN},
        {colours, GIF(.colour = IW_COLOUR_CMYK), "colour-refused warning", WARN},
        {colours, GIF(.depth = 8), "", OK},
        {colours, GIF(.depth = 16), "colour-refused warning", WARN},
        {"max_bit_depth = 8\n", GIF(.colour = IW_COLOUR_CMYK), "", OK},
    };
    check_rows(rows, IW_ARRAY_LEN(rows));
}

static void types(void **state)
{
    (void)state;
    static const char strict[] = "type_must_match = yes\n";
    static const char jpg[] = "https://example.com/a/photo.JPG?x=.png#.gif";
    static const struct row rows[] = {
        {"", {.format = "jpeg", .type = "image/jpeg", .url = jpg}, "", OK},
        {"", {.format = "jpeg", .type = "image/jpg"}, "", OK},
        {"", {.format = "jpeg", .type = "image/png"}, "type-mismatch warning", WARN},
        {"", {.format = "jpeg", .type = "image/avif"}, "type-mismatch warning", WARN},
        {"", {.format = "jpeg", .type = "text/html"}, "type-mismatch warning", WARN},
        {"", {.format = "jpeg", .type = "application/octet-stream"}, "", OK},
        {"", {.format = "jpeg", .type = "binary/octet-stream"}, "", OK},
        {"", {.format = "jpeg", .type = "image/*"}, "", OK},
        {"", {.format = "jpeg"}, "", OK},
        {"", {.format = "png", .url = jpg}, "type-mismatch warning", WARN},
        {"", {.format = "png", .type = "image/png", .url = jpg}, "type-mismatch warning", WARN},
        {"", {.format = "png", .type = "image/gif", .url = jpg}, "type-mismatch warning", WARN}, /* once */
        {"", {.format = "png", .url = "a.sgi"}, "", OK}, /* not a format that is read */
        {"", {.format = "png", .url = "photo.jpg", .is_local = true}, "type-mismatch warning", WARN},
        {"",
         {.format = "png",
          .type = "image/png",
          .url = "data:image/png;base64,x.jpg",
          .from = IW_BYTES_DATA_URI,
          .bytes = 1},
         "",
         OK},
        {"",
         {.format = "png", .type = "image/jpeg", .url = "data:", .from = IW_BYTES_DATA_URI, .bytes = 1},
         "type-mismatch warning",
         WARN},
        {strict, {.format = "jpeg", .type = "image/png"}, "type-mismatch error", OVER},
        {strict, {.format = "jpeg", .type = "application/octet-stream"}, "", OK},
        {strict, {.format = "png", .type = "image/png", .url = jpg}, "type-mismatch warning", WARN},
    };
    check_rows(rows, IW_ARRAY_LEN(rows));
}

static void urls_and_needs(void **state)
{
    (void)state;
    static const char url[] = LIMIT("max_url_chars", "20");
    static const char box[] = "[target]\nfit = 100x100\n";
    static const struct row rows[] = {
        {url, {.url = "https://example.com/", .bytes = 1}, "", OK}, /* 20 */
        {url, {.url = "https://example.com/a", .bytes = 1}, "url-too-long error", OVER},
        {url, {.url = "/home/somebody/pictures/a", .bytes = 1, .is_local = true}, "", OK},
        {url, {.url = "data:image/png;base64,AAAA", .bytes = 3, .from = IW_BYTES_DATA_URI}, "", OK},
        {box, PNG(100, 200), "", OK},
        {box, PNG(101, 200), "larger-than-needed note", WARN},
        {box, {.format = "png", .width = 101, .height = 200}, "", OK}, /* what is saved is not known */
        {"[target]\nfit = 100x100\n" LIMIT("max_side_px", "100"), PNG(101, 200), "side-over error", OVER},
        {"[target]\nfit = 2147483647x2147483647\n", PNG(UINT32_MAX, UINT32_MAX), "larger-than-needed note", WARN},
    };
    check_rows(rows, IW_ARRAY_LEN(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes),          cmocka_unit_test(base64_lengths),        cmocka_unit_test(pixels),
        cmocka_unit_test(formats),        cmocka_unit_test(animation_and_colours), cmocka_unit_test(types),
        cmocka_unit_test(urls_and_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
