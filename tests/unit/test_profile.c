/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Profiles: what a good file says, where a bad one is wrong, and what the command line puts over it. */
#include "base/iw.h"
#include "rules/rules.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define LIMIT_SAID "source = a page\nconfidence = official\n"

static enum iw_err parse(struct iw_arena *arena, const char *text, struct iw_profile *out, struct iw_diag *diag)
{
    *diag = (struct iw_diag){0};
    return iw_profile_parse(arena, iw_str_from(text), "test.ini", out, diag);
}

/* The example of the specification, comments behind values included. */
static const char example[] = "[profile]\n"
                              "name = openai\n"
                              "title = OpenAI vision, URL and base64 image inputs\n"
                              "checked = 2026-11-23\n"
                              "formats = jpg png webp gif\n"
                              "animation = no\n"
                              "\n"
                              "[limit max_bytes]\n"
                              "value = 20 MiB\n"
                              "warn = 20 MB\n"
                              "effect = refused          ; refused | downscaled | first-frame | warned\n"
                              "when = detail=high        ; optional condition\n"
                              "source = a troubleshooting page\n"
                              "confidence = third-party  ; official | mirror\n"
                              "\n"
                              "[target]                  ; what to aim at\n"
                              "fit = 1280x960\n"
                              "format = jpeg\n"
                              "quality = 85\n"
                              "background = #Fa00ff\n"
                              "\n"
                              "[tokens]\n"
                              "formula = tiles base=85 tile=170 size=512 fit=2048 short=768\n";

static void the_example_of_the_specification(void **state)
{
    (void)state;
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 20);
    struct iw_profile p;
    struct iw_diag diag;
    assert_int_equal(parse(&arena, example, &p, &diag), IW_OK);
    assert_string_equal(p.name, "openai");
    assert_string_equal(p.title, "OpenAI vision, URL and base64 image inputs");
    assert_string_equal(p.checked, "2026-11-23");
    assert_int_equal(p.format_count, 4);
    assert_string_equal(p.formats[0], "jpeg");
    assert_string_equal(p.formats[3], "gif");
    assert_true(p.has_animation && !p.animation && p.animation_effect == IW_REFUSED);
    assert_true(p.url_supported);
    assert_int_equal(p.limit_count, 1);
    const struct iw_limit *limit = &p.limits[0];
    assert_int_equal(limit->id, IW_LIMIT_max_bytes);
    assert_true(limit->has_value && limit->value == 20971520);
    assert_true(limit->has_warn && limit->warn == 20000000);
    assert_int_equal(limit->effect, IW_REFUSED);
    assert_true(limit->when.has_detail && limit->when.detail == IW_DETAIL_HIGH);
    assert_string_equal(limit->when.text, "detail=high");
    assert_string_equal(limit->source, "a troubleshooting page");
    assert_int_equal(limit->confidence, IW_THIRD_PARTY);
    assert_int_equal(limit->line, 8);
    assert_null(limit->note);
    assert_true(p.target.is_set && p.target.fit_width_px == 1280 && p.target.fit_height_px == 960);
    assert_int_equal(p.target.quality, 85);
    assert_int_equal(p.target.background_rgb, 0xfa00ff);
    assert_string_equal(p.tokens.by_detail[IW_DETAIL_AUTO].text, "tiles base=85 tile=170 size=512 fit=2048 short=768");
    iw_arena_release(&arena);
}

static void every_key_of_the_profile(void **state)
{
    (void)state;
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 20);
    struct iw_profile p;
    struct iw_diag diag;
    assert_int_equal(
        parse(&arena,
              "\xEF\xBB\xBF[profile]\r\nname = a-1\r\nnote = n\r\n"
              "formats_warned = tif gif\r\nformats = AVIF svg avif\r\n"
              "animation = first-frame\r\ncolours = grey cmyk\r\nmax_bit_depth = 8\r\ntype_must_match = yes\r\n"
              "url_supported = no\r\nsource = s\r\nconfidence = mirror\r\n",
              &p, &diag),
        IW_OK);
    assert_string_equal(p.title, "a-1"); /* for want of one */
    assert_string_equal(p.note, "n");
    assert_int_equal(p.format_count, 4);
    assert_int_equal(p.warned_format_count, 2);
    assert_string_equal(p.formats[0], "avif");
    assert_string_equal(p.formats[2], "tiff");
    assert_true(p.has_animation && !p.animation && p.animation_effect == IW_FIRST_FRAME);
    assert_true(p.has_colours && p.colour_ok[IW_COLOUR_GREY] && p.colour_ok[IW_COLOUR_CMYK]);
    assert_false(p.colour_ok[IW_COLOUR_RGB]);
    assert_int_equal(p.max_bit_depth, 8);
    assert_true(p.type_must_match);
    assert_false(p.url_supported);
    assert_string_equal(p.meta_source, "s");
    assert_int_equal(p.meta_confidence, IW_MIRROR);
    iw_arena_release(&arena);
}

/* One limit section around the lines given, from line 3 on. */
static enum iw_err parse_limit(struct iw_arena *arena, const char *key, const char *lines, struct iw_profile *out)
{
    struct iw_diag diag;
    char text[600];
    (void)snprintf(text, sizeof text, "[profile]\nname = x\n[limit %s]\n%s" LIMIT_SAID, key, lines);
    return parse(arena, text, out, &diag);
}

static void values_in_their_units(void **state)
{
    (void)state;
    static const struct {
        const char *key, *text;
        enum iw_err err;
        uint64_t value;
    } rows[] = {
        {"max_bytes", "5MB", IW_OK, 5000000},
        {"max_bytes", "5 MiB", IW_OK, 5242880},
        {"max_bytes", "1.5 KiB", IW_OK, 1536},
        {"max_bytes", "3932160 bytes", IW_OK, 3932160},
        {"max_bytes", "0", IW_OK, 0},
        {"max_bytes", "5 MiBs", IW_ERR_SYNTAX, 0},
        {"max_bytes", "-1", IW_ERR_SYNTAX, 0},
        {"max_bytes", "99999999999 GB", IW_ERR_SYNTAX, 0},
        {"max_bytes", "", IW_ERR_SYNTAX, 0},
        {"max_side_px", "2048", IW_OK, 2048},
        {"max_side_px", "2 MB", IW_ERR_SYNTAX, 0},
        {"max_side_px", "2048 px", IW_ERR_SYNTAX, 0},
        {"max_pixels", "75000000", IW_OK, 75000000},
        {"max_pixels", "7.5e7", IW_ERR_SYNTAX, 0},
        {"max_aspect", "200", IW_OK, 200000},
        {"max_aspect", "2.5", IW_OK, 2500},
        {"max_aspect", "1.91", IW_OK, 1910},
        {"max_aspect", "1.905", IW_OK, 1905},
        {"max_aspect", "1.9055", IW_ERR_SYNTAX, 0},
        {"max_aspect", "1.", IW_ERR_SYNTAX, 0},
        {"max_aspect", "1. 5", IW_ERR_SYNTAX, 0},
        {"max_aspect", ".5", IW_ERR_SYNTAX, 0},
        {"max_aspect", "1000001", IW_ERR_SYNTAX, 0},
        {"max_url_chars", "2000", IW_OK, 2000},
        {"max_request_images", "600", IW_OK, 600},
        {"max_file_requests", "50000", IW_OK, 50000},
        {"max_patches", "30000", IW_OK, 30000},
    };
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        char line[80];
        struct iw_profile p;
        (void)snprintf(line, sizeof line, "value = %s\n", rows[i].text);
        enum iw_err err = parse_limit(&arena, rows[i].key, line, &p);
        if (err != rows[i].err)
            print_message("%s = %s\n", rows[i].key, rows[i].text);
        assert_int_equal(err, rows[i].err);
        if (err == IW_OK)
            assert_true(p.limits[0].value == rows[i].value);
        iw_arena_clear(&arena);
    }
    iw_arena_release(&arena);
}

#define FIFTY "01234567890123456789012345678901234567890123456789"

static void conditions(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum iw_err err;
        int detail;     /* -1: none */
        int is_base64;  /* -1: none */
        int64_t images; /* -1: none */
    } rows[] = {
        {"detail=low", IW_OK, IW_DETAIL_LOW, -1, -1},
        {"detail=auto", IW_OK, IW_DETAIL_AUTO, -1, -1},
        {"detail=original", IW_OK, IW_DETAIL_ORIGINAL, -1, -1},
        {"images>20", IW_OK, -1, -1, 20},
        {"source=url", IW_OK, -1, 0, -1},
        {"source=base64 , images>0,detail=high", IW_OK, IW_DETAIL_HIGH, 1, 0},
        {"detail=higher", IW_ERR_SYNTAX, -1, -1, -1},
        {"detail=", IW_ERR_SYNTAX, -1, -1, -1},
        {"detail=high,detail=low", IW_ERR_SYNTAX, -1, -1, -1},
        {"source=file", IW_ERR_SYNTAX, -1, -1, -1},
        {"source=url,source=base64", IW_ERR_SYNTAX, -1, -1, -1},
        {"images>", IW_ERR_SYNTAX, -1, -1, -1},
        {"images>many", IW_ERR_SYNTAX, -1, -1, -1},
        {"images<20", IW_ERR_SYNTAX, -1, -1, -1},
        {"", IW_ERR_SYNTAX, -1, -1, -1},
        {"detail=high,", IW_ERR_SYNTAX, -1, -1, -1},
        {"model=*gpt-4o*|gpt-5", IW_OK, -1, -1, -1},
        {"detail=auto, model=*gpt-4o*|gpt-5 , images>2", IW_OK, IW_DETAIL_AUTO, -1, 2},
        {"model=", IW_ERR_SYNTAX, -1, -1, -1},
        {"model=a,model=b", IW_ERR_SYNTAX, -1, -1, -1},
        {"model=" FIFTY FIFTY FIFTY FIFTY, IW_ERR_SYNTAX, -1, -1, -1},
    };
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        char line[300];
        struct iw_profile p;
        (void)snprintf(line, sizeof line, "value = 1\nwhen = %s\n", rows[i].text);
        enum iw_err err = parse_limit(&arena, "max_bytes", line, &p);
        if (err != rows[i].err)
            print_message("when = %s\n", rows[i].text);
        assert_int_equal(err, rows[i].err);
        const struct iw_when *when = &p.limits[0].when;
        if (err == IW_OK) {
            assert_int_equal(when->has_detail ? (int)when->detail : -1, rows[i].detail);
            assert_int_equal(when->has_source ? (int)when->source_is_base64 : -1, rows[i].is_base64);
            assert_true((when->has_images ? (int64_t)when->images_more_than : -1) == rows[i].images);
        }
        iw_arena_clear(&arena);
    }
    iw_arena_release(&arena);
}

static void what_is_wrong_and_where(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum iw_err err;
        unsigned line;
        const char *says; /* part of the message */
    } rows[] = {
        {"", IW_ERR_SYNTAX, 0, "no name"},
        {"[profile]\ntitle = t\n", IW_ERR_SYNTAX, 0, "no name"},
        {"name = x\n", IW_ERR_SYNTAX, 1, "no section"},
        {"[profile]\nname =\n", IW_ERR_SYNTAX, 2, "a name"},
        {"[profile]\nname = Open AI\n", IW_ERR_SYNTAX, 2, "a-z"},
        {"[profile]\nname = x\nname = y\n", IW_ERR_SYNTAX, 3, "twice"},
        {"[profile]\nname = x\ntitel = t\n", IW_ERR_UNKNOWN_NAME, 3, "\"title\"?"},
        {"[profile]\nname = x\nwhatever = t\n", IW_ERR_UNKNOWN_NAME, 3, "no key"},
        {"[profile]\nname = x\nchecked = 23.11.2026\n", IW_ERR_SYNTAX, 3, "date"},
        {"[profile]\nname = x\nformats = jpeg jepg\n", IW_ERR_UNKNOWN_NAME, 3, "\"jpeg\"?"},
        {"[profile]\nname = x\nformats =\n", IW_ERR_SYNTAX, 3, "formats"},
        {"[profile]\nname = x\nformats_warned = gif\n", IW_ERR_SYNTAX, 0, "formats_warned"},
        {"[profile]\nname = x\nanimation = maybe\n", IW_ERR_SYNTAX, 3, "first-frame"},
        {"[profile]\nname = x\ncolours = rgb yuv\n", IW_ERR_SYNTAX, 3, "ycbcr"},
        {"[profile]\nname = x\ncolours =\n", IW_ERR_SYNTAX, 3, "colour modes"},
        {"[profile]\nname = x\nmax_bit_depth = 0\n", IW_ERR_SYNTAX, 3, "bits"},
        {"[profile]\nname = x\nmax_bit_depth = 33\n", IW_ERR_SYNTAX, 3, "bits"},
        {"[profile]\nname = x\nurl_supported = perhaps\n", IW_ERR_SYNTAX, 3, "yes or no"},
        {"[profile]\nname = x\nrequires_https = 2\n", IW_ERR_SYNTAX, 3, "yes or no"},
        {"[profile]\nname = x\nagent = Bot\n", IW_ERR_SYNTAX, 0, "without obeys_robots"},
        {"[profile]\nname = x\nobeys_robots = yes\nagent = Bot/1.0\n", IW_ERR_SYNTAX, 4, "product token"},
        {"[profile]\nname = x\nobeys_robots = yes\nagent =\n", IW_ERR_SYNTAX, 4, "product token"},
        {"[profile]\nname = x\none_model = perhaps\n", IW_ERR_SYNTAX, 3, "yes or no"},
        {"[profile]\nname = x\nconfidence = sure\n", IW_ERR_SYNTAX, 3, "contradicted"},
        {"[profile]\nname = x\n[profil]\nname = y\n", IW_ERR_UNKNOWN_NAME, 3, "[profile]?"},
        {"[profile]\nname = x\n[limits max_bytes]\nvalue = 1\n", IW_ERR_UNKNOWN_NAME, 3, "[limit KEY]?"},
        {"[profile]\nname = x\n[limit]\nvalue = 1\n", IW_ERR_UNKNOWN_NAME, 3, "[limit KEY]?"},
        {"[profile]\nname = x\n[nonsense]\n", IW_ERR_UNKNOWN_NAME, 3, "no section"},
        {"[profile]\nname = x\n[limit max_byte]\nvalue = 1\n" LIMIT_SAID, IW_ERR_UNKNOWN_NAME, 3, "\"max_bytes\"?"},
        {"[profile]\nname = x\n\n# c\n[limit max_bytes]\n; c\nvalue = 20 MoB\n", IW_ERR_SYNTAX, 7, "bytes"},
        {"[profile]\nname = x\n[limit max_bytes]\nvalue = 1\nconfidence = official\n\n", IW_ERR_SYNTAX, 3, "no source"},
        {"[profile]\nname = x\n[limit max_bytes]\nvalue = 1\nsource = s\n[target]\nfit = 1x1\n", IW_ERR_SYNTAX, 3,
         "no confidence"},
        {"[profile]\nname = x\n[limit max_bytes]\nvalue = 1\nsource =\n", IW_ERR_SYNTAX, 5, "source"},
        {"[profile]\nname = x\n[limit max_bytes]\n" LIMIT_SAID, IW_ERR_SYNTAX, 3, "neither value nor warn"},
        {"[profile]\nname = x\n[limit max_bytes]\n[target]\nfit = 1x1\n", IW_ERR_SYNTAX, 3, "neither"},
        {"[profile]\nname = x\n[limit max_bytes]", IW_ERR_SYNTAX, 3, "neither"},
        {"[profile]\nname = x\n[limit max_bytes]\nvalue = 5\nwarn = 6\n" LIMIT_SAID, IW_ERR_RANGE, 3, "warns above"},
        {"[profile]\nname = x\n[limit min_side_px]\nvalue = 5\nwarn = 4\n" LIMIT_SAID, IW_ERR_RANGE, 3, "warns below"},
        {"[profile]\nname = x\n[limit max_bytes]\nvalue = 5\nlimit = 4\n", IW_ERR_UNKNOWN_NAME, 5, "[limit]"},
        {"[profile]\nname = x\n[limit max_bytes]\nvalue = 5\neffect = resized\n", IW_ERR_SYNTAX, 5, "downscaled"},
        {"[profile]\nname = x\n[limit max_bytes]\nvalue = 5\nwhen = detail=medium\n", IW_ERR_SYNTAX, 5, "condition"},
        {"[profile]\nname = x\n[limit max_bytes]\nvalue = 5\ncounts = body\n", IW_ERR_SYNTAX, 5, "one way"},
        {"[profile]\nname = x\n[limit max_request_bytes]\nvalue = 5\ncounts = data-uri\n", IW_ERR_SYNTAX, 5,
         "body, base64 or images"},
        {"[profile]\nname = x\n[limit max_base64_bytes]\nvalue = 5\ncounts = images\n", IW_ERR_SYNTAX, 5,
         "base64 or data-uri"},
        {"[profile]\nname = x\n[limit max_bytes]\nvalue = 5\n" LIMIT_SAID "[limit max_bytes]\nvalue = 6\n" LIMIT_SAID,
         IW_ERR_SYNTAX, 7, "twice"},
        {"[profile]\nname = x\n[target]\nfit = 1x1\n[profile]\ntitle = t\n", IW_ERR_SYNTAX, 5, "twice"},
        {"[profile]\nname = x\n[target]\nfit = 1280\n", IW_ERR_SYNTAX, 4, "box"},
        {"[profile]\nname = x\n[target]\nquality = 101\n", IW_ERR_SYNTAX, 4, "quality"},
        {"[profile]\nname = x\n[target]\nbackground = white\n", IW_ERR_SYNTAX, 4, "#ffffff"},
        {"[profile]\nname = x\n[target]\nbackground = #fffffg\n", IW_ERR_SYNTAX, 4, "#ffffff"},
        {"[profile]\nname = x\n[tokens]\nformular = 1\n", IW_ERR_UNKNOWN_NAME, 4, "\"formula\"?"},
        {"[profile]\nname = x\n[tokens]\nmodel = gpt\n", IW_ERR_SYNTAX, 4, "[tokens LABEL]"},
        {"[profile]\nname = x\n[tokens gpt]\nmodel =\n", IW_ERR_SYNTAX, 4, "patterns"},
        {"[profile]\nname = x\n[tokens gpt]\nformula = flat 1\n", IW_ERR_SYNTAX, 3, "names no model"},
        {"[profile]\nname = x\n[tokens gpt]\nmodel = a\n[tokens gpt]\nmodel = b\n", IW_ERR_SYNTAX, 5, "twice"},
        {"[profile]\nname = x\n[tokens a]\nmodel = a\nsource = s\n[tokens b]\n", IW_ERR_SYNTAX, 5, "confidence"},
        {"[profile]\nname = x\n[token a]\nmodel = a\n", IW_ERR_UNKNOWN_NAME, 3, "[tokens"},
        {"[profile]\nname = x\nno equals sign\n", IW_ERR_SYNTAX, 3, ""},
        {"[profile\nname = x\n", IW_ERR_SYNTAX, 1, ""},
    };
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_profile p = {.name = "untouched"};
        struct iw_diag diag;
        enum iw_err err = parse(&arena, rows[i].text, &p, &diag);
        if (err != rows[i].err || diag.line != rows[i].line || !strstr(diag.text, rows[i].says))
            print_message("row %zu: error %d, line %u: %s\n%s", i, (int)err, diag.line, diag.text, rows[i].text);
        assert_int_equal(err, rows[i].err);
        assert_int_equal(diag.code, rows[i].err);
        assert_int_equal(diag.line, rows[i].line);
        assert_non_null(strstr(diag.text, rows[i].says));
        assert_string_equal(diag.place, "test.ini");
        assert_string_equal(p.name, "untouched");
        iw_arena_clear(&arena);
    }
    iw_arena_release(&arena);
}

static void several_limits_of_one_key(void **state)
{
    (void)state;
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 20);
    struct iw_profile p;
    struct iw_diag diag;
    assert_int_equal(parse(&arena,
                           "[profile]\nname = x\n[limit max_side_px]\nvalue = 1\n" LIMIT_SAID
                           "[limit max_side_px many]\nvalue = 2\nwhen = images>20\nnote = n\n" LIMIT_SAID,
                           &p, &diag),
                     IW_OK);
    assert_int_equal(p.limit_count, 2);
    assert_int_equal(p.limits[1].id, IW_LIMIT_max_side_px);
    assert_int_equal(p.limits[1].line, 7);
    assert_string_equal(p.limits[1].note, "n");
    iw_arena_release(&arena);
}

static void no_more_limits_than_there_is_room(void **state)
{
    (void)state;
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 20);
    struct iw_profile p;
    struct iw_diag diag;
    struct iw_buf text;
    iw_buf_init(&text, 1 << 16);
    for (unsigned count = IW_PROFILE_MAX_LIMITS; count <= IW_PROFILE_MAX_LIMITS + 1; count++) {
        iw_buf_clear(&text);
        iw_buf_printf(&text, "[profile]\nname = x\n[target]\nfit = 1x1\n[tokens]\nformula = flat 1\n");
        for (unsigned i = 0; i < count; i++)
            iw_buf_printf(&text, "[limit max_bytes n%u]\nvalue = 1\n" LIMIT_SAID, i);
        bool fits = count <= IW_PROFILE_MAX_LIMITS;
        assert_int_equal(iw_profile_parse(&arena, iw_buf_str(&text), NULL, &p, &diag), fits ? IW_OK : IW_ERR_RANGE);
    }
    assert_int_equal(diag.line, 7 + 4 * IW_PROFILE_MAX_LIMITS);
    iw_buf_release(&text);
    iw_arena_release(&arena);
}

static void without_memory(void **state)
{
    (void)state;
    struct iw_profile p;
    struct iw_diag diag;
    for (size_t room = 0; room < 8192; room += 64) {
        struct iw_arena arena;
        iw_arena_init(&arena, room);
        enum iw_err err = parse(&arena, example, &p, &diag);
        assert_true(err == IW_OK || err == IW_ERR_NOMEM);
        if (room == 0)
            assert_int_equal(err, IW_ERR_NOMEM);
        iw_arena_release(&arena);
    }
}

static void limits_of_the_command_line(void **state)
{
    (void)state;
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 20);
    struct iw_profile p;
    struct iw_diag diag;
    assert_int_equal(parse(&arena,
                           "[profile]\nname = x\n[limit max_side_px]\nvalue = 1\nwhen = detail=high\n" LIMIT_SAID
                           "[limit max_bytes]\nvalue = 7\n" LIMIT_SAID "[limit max_side_px b]\nvalue = 1\n" LIMIT_SAID,
                           &p, &diag),
                     IW_OK);
    assert_int_equal(iw_profile_override(&arena, &p, IW_STR("max_side_px=4096"), &diag), IW_OK);
    assert_int_equal(p.limit_count, 2); /* both of the key are gone */
    assert_int_equal(p.limits[0].id, IW_LIMIT_max_bytes);
    assert_int_equal(p.limits[1].value, 4096);
    assert_false(p.limits[1].when.has_detail);
    assert_string_equal(p.limits[1].source, "command line");
    assert_int_equal(p.limits[1].effect, IW_REFUSED);
    assert_int_equal(iw_profile_override(&arena, &p, IW_STR(" max_bytes = 5MB "), &diag), IW_OK);
    assert_int_equal(p.limits[1].value, 5000000);
    assert_int_equal(iw_profile_override(&arena, &p, IW_STR("max_aspect=2.5"), &diag), IW_OK);
    assert_int_equal(p.limits[2].value, 2500);
    static const struct {
        const char *text;
        enum iw_err err;
        const char *says;
    } rows[] = {
        {"max_bite=5", IW_ERR_UNKNOWN_NAME, "\"max_bytes\"?"},
        {"max_bytes", IW_ERR_SYNTAX, "KEY=VALUE"},
        {"max_bytes=", IW_ERR_SYNTAX, "bytes"},
        {"max_bytes=5 apples", IW_ERR_SYNTAX, "apples"},
        {"max_side_px=5MB", IW_ERR_SYNTAX, "px"},
        {"=5", IW_ERR_UNKNOWN_NAME, "no limit"},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        assert_int_equal(iw_profile_override(&arena, &p, iw_str_from(rows[i].text), &diag), rows[i].err);
        assert_non_null(strstr(diag.text, rows[i].says));
        assert_int_equal(p.limit_count, 3);
    }
    iw_arena_release(&arena);
}

static void formats_of_the_command_line(void **state)
{
    (void)state;
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 16);
    struct iw_profile p = {.name = "x", .formats = {"gif"}, .format_count = 1, .warned_format_count = 1};
    struct iw_diag diag = {0};
    assert_int_equal(iw_profile_formats(&arena, &p, IW_STR("jpg, PNG jpeg avif"), &diag), IW_OK);
    assert_int_equal(p.format_count, 3);
    assert_int_equal(p.warned_format_count, 0);
    assert_string_equal(p.formats[0], "jpeg");
    assert_string_equal(p.formats[1], "png");
    assert_string_equal(p.formats[2], "avif");
    assert_int_equal(iw_profile_formats(&arena, &p, IW_STR("png,wepb"), &diag), IW_ERR_UNKNOWN_NAME);
    assert_non_null(strstr(diag.text, "\"webp\"?"));
    assert_int_equal(p.format_count, 3);
    assert_int_equal(iw_profile_formats(&arena, &p, IW_STR(" ,"), &diag), IW_ERR_SYNTAX);
    iw_arena_release(&arena);
}

static void what_a_profile_wants(void **state)
{
    (void)state;
    static const struct {
        const char *lines;
        bool header, animation;
        uint64_t bytes;
    } rows[] = {
        {"", false, false, UINT64_MAX},
        {"formats = jpeg\n", true, false, UINT64_MAX},
        {"animation = yes\n", false, false, UINT64_MAX},
        {"animation = no\n", true, true, UINT64_MAX},
        {"animation = first-frame\n", true, true, UINT64_MAX},
        {"max_bit_depth = 8\n", true, false, UINT64_MAX},
        {"[limit max_bytes]\nvalue = 5\n" LIMIT_SAID, false, false, 5},
        {"[limit max_bytes]\nwarn = 5\n" LIMIT_SAID, false, false, 5},
        {"[limit max_bytes]\nvalue = 0\n" LIMIT_SAID, false, false, 0},
        {"[limit max_bytes]\nvalue = 5\n" LIMIT_SAID "[limit max_bytes b]\nvalue = 6\n" LIMIT_SAID, false, false, 6},
        {"[limit max_base64_bytes]\nvalue = 5 MiB\n" LIMIT_SAID, false, false, 3932160},
        {"[limit max_side_px]\nvalue = 5\n" LIMIT_SAID, true, false, UINT64_MAX},
        {"[limit max_aspect]\nvalue = 5\n" LIMIT_SAID, true, false, UINT64_MAX},
        {"[limit max_patches]\nvalue = 5\n" LIMIT_SAID, true, false, UINT64_MAX},
        {"[limit max_request_bytes]\nvalue = 5\n" LIMIT_SAID, false, false, UINT64_MAX},
    };
    struct iw_arena arena;
    iw_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_profile p;
        struct iw_diag diag;
        char text[400];
        (void)snprintf(text, sizeof text, "[profile]\nname = x\n%s", rows[i].lines);
        assert_int_equal(parse(&arena, text, &p, &diag), IW_OK);
        assert_int_equal(iw_profile_wants_header(&p), rows[i].header);
        assert_int_equal(iw_profile_wants_animation(&p), rows[i].animation);
        assert_true(iw_profile_byte_limit(&p) == rows[i].bytes);
    }
    iw_arena_release(&arena);
}

static void names_of_the_tables(void **state)
{
    (void)state;
    for (size_t i = 0; i < IW_RULE_COUNT; i++) {
        assert_non_null(iw_rules[i].name);
        assert_true(iw_rules[i].title[0] && iw_rules[i].advice[0]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(iw_rules[i].name, iw_rules[j].name);
    }
    assert_string_equal(iw_rules[IW_RULE_many_images_side_over].name, "many-images-side-over");
    assert_string_equal(iw_limit_keys[IW_LIMIT_max_aspect].name, "max_aspect");
    assert_int_equal(iw_limit_keys[IW_LIMIT_max_aspect].rule, IW_RULE_aspect_over);
    assert_string_equal(iw_unit_name(IW_UNIT_PATCHES), "patches");
    assert_string_equal(iw_verdict_name(IW_VERDICT_BROKEN), "broken");
    assert_string_equal(iw_severity_name(IW_SEVERITY_ERROR), "error");
    assert_string_equal(iw_effect_name(IW_WARNED), "warned");
    assert_string_equal(iw_confidence_name(IW_DERIVED), "derived");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_specification),
        cmocka_unit_test(every_key_of_the_profile),
        cmocka_unit_test(values_in_their_units),
        cmocka_unit_test(conditions),
        cmocka_unit_test(what_is_wrong_and_where),
        cmocka_unit_test(several_limits_of_one_key),
        cmocka_unit_test(no_more_limits_than_there_is_room),
        cmocka_unit_test(without_memory),
        cmocka_unit_test(limits_of_the_command_line),
        cmocka_unit_test(formats_of_the_command_line),
        cmocka_unit_test(what_a_profile_wants),
        cmocka_unit_test(names_of_the_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
