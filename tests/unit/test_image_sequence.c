/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Image sequences made box by box, with an image item and without, against plain video; and the minimized image box. */
#include "base/iw.h"
#include "bmff_build.h"
#include "image_case.h"

/* ---- sequences ---- */

/* Matrices of a track header: as it is, and a quarter turn clockwise. */
static const uint32_t upright[9] = {0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000};
static const uint32_t turned[9] = {0, 0x10000, 0, 0xFFFF0000, 0, 0, 0, 0, 0x40000000};

struct trak {
    const char *handler;
    const uint32_t *matrix;
    uint32_t samples;
    const char *auxiliary; /* type of an auxi box, or NULL */
    unsigned version;      /* of the track header */
};

static void put_sample_entry(struct made *m, const struct trak *trak)
{
    size_t at = put_box(m, "hvc1");
    put_fill(m, 0, 24);
    put_be(m, 320, 2);
    put_be(m, 240, 2);
    put_fill(m, 0, 50);
    put_hvcc(m, 1, 10);
    if (trak->auxiliary) {
        size_t auxi = put_full_box(m, "auxi", 0, 0);
        put(m, trak->auxiliary, strlen(trak->auxiliary) + 1);
        end_box(m, auxi);
    }
    end_box(m, at);
}

static void put_trak(struct made *m, const struct trak *trak)
{
    size_t at = put_box(m, "trak");
    size_t box = put_full_box(m, "tkhd", trak->version, 7);
    put_fill(m, 0, (trak->version ? 32 : 20) + 16);
    for (unsigned i = 0; i < 9; i++)
        put_be(m, trak->matrix[i], 4);
    put_be(m, 300u << 16, 4);
    put_be(m, 200u << 16, 4);
    end_box(m, box);
    size_t mdia = put_box(m, "mdia");
    put_hdlr(m, trak->handler);
    size_t minf = put_box(m, "minf");
    size_t stbl = put_box(m, "stbl");
    box = put_full_box(m, "stsd", 0, 0);
    put_be(m, 1, 4);
    put_sample_entry(m, trak);
    end_box(m, box);
    box = put_full_box(m, "stsz", 0, 0);
    put_be(m, 0, 4);
    put_be(m, trak->samples, 4);
    put_fill(m, 0, 4 * (size_t)trak->samples);
    end_box(m, box);
    end_box(m, stbl);
    end_box(m, minf);
    end_box(m, mdia);
    end_box(m, at);
}

static void put_moov(struct made *m, const struct trak *traks, size_t count)
{
    size_t at = put_box(m, "moov");
    for (size_t i = 0; i < count; i++)
        put_trak(m, &traks[i]);
    end_box(m, at);
}

static const struct trak sound = {"soun", upright, 3, NULL, 0};
static const struct trak pictures = {"pict", upright, 48, NULL, 0};
static const struct trak one_picture = {"pict", turned, 1, NULL, 1};
static const struct trak alpha_track = {"auxv", upright, 48, alpha_urn, 0};

static void sequence(struct made *m)
{
    put_ftyp(m, "msf1msf1hevciso8");
    put_moov(m, (struct trak[]){sound, alpha_track, pictures}, 3);
    put_mdat(m, 100);
}

static void sequence_of_one(struct made *m)
{
    put_ftyp(m, "hevcmsf1hevciso8");
    put_moov(m, &one_picture, 1);
}

/* The item gives the size, the track says that it moves. */
static void item_and_sequence(struct made *m)
{
    put_ftyp(m, "avisavifavismsf1mif1");
    plain_meta(m, false);
    put_moov(m, &pictures, 1);
    put_mdat(m, 100);
}

static void sequence_before_item(struct made *m)
{
    put_ftyp(m, "avisavifavismsf1mif1");
    put_moov(m, &pictures, 1);
    put_mdat(m, 9000);
    plain_meta(m, false);
}

static void sequence_without_item(struct made *m)
{
    put_ftyp(m, "avisavifavismsf1mif1");
    put_moov(m, &pictures, 1);
    put_mdat(m, 9000);
}

static void sequence_cut(struct made *m)
{
    item_and_sequence(m);
    m->len -= 400;
}

static void video(struct made *m)
{
    put_ftyp(m, "mp42isommp41hvc1");
    put_moov(m, &pictures, 1);
}
static void movie(struct made *m)
{
    put_ftyp(m, "qt  qt  ");
    put_moov(m, &pictures, 1);
}
static void raw_of_canon(struct made *m)
{
    put_ftyp(m, "crx crx isom");
    put_moov(m, &pictures, 1);
}

/* ---- the minimized image box (ISO/IEC 23008-12 Amd 2) ---- */

static void mini(struct made *m)
{
    PUT(m, "\0\0\0\x10"
           "ftypmif3avif");
    size_t at = put_box(m, "mini");
    /* alpha, full range; profile; 4:2:0, orientation 6; 300 by 200 in 15 bits; centred; 10 bits */
    PUT(m, "\x0C\x8D");
    put_be(m, 1ull << 47 | 299ull << 32 | 199ull << 17 | 1ull << 14 | 1ull << 11, 6);
    put_fill(m, 0, 20);
    end_box(m, at);
}

static void mini_small(struct made *m)
{
    PUT(m, "\0\0\0\x10"
           "ftypmif3heic");
    size_t at = put_box(m, "mini");
    PUT(m, "\x08\x00"); /* grey */
    put_be(m, 127ull << 24 | 63ull << 17, 4);
    put_fill(m, 0, 20);
    end_box(m, at);
}

static void mini_unknown(struct made *m)
{
    PUT(m, "\0\0\0\x10"
           "ftypmif3avif");
    size_t at = put_box(m, "mini");
    put_fill(m, 0xFF, 20);
    end_box(m, at);
}

#define STILL       .animated = IW_NO, .frames = 1
#define SHOWN(w, h) .width_px = (w), .height_px = (h)
#define AVIF(w, h)  IW_SCAN_DONE, "avif", (w), (h)
#define HEIC(w, h)  IW_SCAN_DONE, "heic", (w), (h)
#define BAD(format)                                                                                                    \
    IW_SCAN_BAD, (format), 0, 0,                                                                                       \
    {                                                                                                                  \
        0                                                                                                              \
    }
#define NONE IW_SCAN_DONE, NULL, 0, 0, {0}, NULL

static const struct image_case cases[] = {
    {"sequence",
     sequence,
     HEIC(320, 240),
     {SHOWN(300, 200), .animated = IW_YES, .frames = 48, .alpha = IW_YES, .bit_depth = 10},
     NULL},
    {"sequence of one",
     sequence_of_one,
     HEIC(320, 240),
     {SHOWN(200, 300), STILL, .orientation = 6, .alpha = IW_NO},
     NULL},
    {"item and sequence", item_and_sequence, AVIF(300, 200), {.animated = IW_YES, .frames = 48, .alpha = IW_NO}, NULL},
    {"sequence before item",
     sequence_before_item,
     AVIF(300, 200),
     {.animated = IW_YES, .frames = 48, .alpha = IW_NO},
     NULL},
    {"sequence without item",
     sequence_without_item,
     AVIF(320, 240),
     {SHOWN(300, 200), .animated = IW_YES, .frames = 48, .alpha = IW_NO},
     NULL},
    {"sequence cut", sequence_cut, AVIF(300, 200), {.alpha = IW_NO}, NULL},
    {"video", video, NONE},
    {"movie", movie, NONE},
    {"raw of Canon", raw_of_canon, BAD("cr3"), "no box of Canon's"},
    {"mini",
     mini,
     AVIF(300, 200),
     {STILL, .orientation = 6, SHOWN(200, 300), .alpha = IW_YES, .bit_depth = 10, .has_icc = IW_YES},
     NULL},
    {"mini, small", mini_small, HEIC(128, 64), {STILL, .alpha = IW_NO, .bit_depth = 8, .colour = IW_COLOUR_GREY}, NULL},
    {"mini, unknown version", mini_unknown, BAD("avif"), "unknown version"},
};

static void test_cases(void **state)
{
    (void)state;
    case_check_all(cases, IW_ARRAY_LEN(cases));
}

/* Without the wish for it, the movie box behind the item is not looked for. */
static void test_wants(void **state)
{
    (void)state;
    struct made m;
    made_init(&m);
    item_and_sequence(&m);
    struct feed_plan plan = {.first_bytes = 400};
    struct feed_result result = feed_run(m.ptr, m.len, &plan);
    made_release(&m);
    assert_int_equal(result.scan, IW_SCAN_DONE);
    assert_int_equal(result.rounds, 0);
    assert_int_equal(result.facts.animated, IW_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases), cmocka_unit_test(test_wants)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
