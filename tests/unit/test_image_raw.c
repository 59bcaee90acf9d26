/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Raw pictures of cameras whose full size does not stand in a first directory of TIFF, and films that look like their
 * boxes. */
#include "base/iw.h"
#include "image_case.h"
#include "tiff_build.h"

/* ---- Olympus ---- */

static void put_orf(struct made *m, bool is_big_endian, const char *magic)
{
    struct tiff t = begin(m, is_big_endian, false, 8);
    put_ifd(&t, 300, 200, LONG, 8);
    memcpy(m->ptr, magic, 4);
}

static void orf(struct made *m)
{
    put_orf(m, false, "IIRO");
}
static void orf_s(struct made *m)
{
    put_orf(m, false, "IIRS");
}
static void orf_big(struct made *m)
{
    put_orf(m, true, "MMOR");
}

/* ---- Panasonic ---- */

static void put_rw2(struct made *m, unsigned left, unsigned right, unsigned orientation)
{
    struct tiff t = begin(m, false, false, 8);
    begin_ifd(&t);
    put_field(&t, 1, IFD, 1, 0x30333330);
    put_field(&t, 2, SHORT, 1, 320);
    put_field(&t, 3, SHORT, 1, 240);
    put_field(&t, 4, SHORT, 1, 8);
    put_field(&t, 5, SHORT, 1, left);
    put_field(&t, 6, SHORT, 1, 208);
    put_field(&t, 7, SHORT, 1, right);
    put_field(&t, 274, SHORT, 1, orientation);
    end_ifd(&t, 0);
    m->ptr[2] = 'U';
}

static void rw2(struct made *m)
{
    put_rw2(m, 4, 304, 1);
}
static void rw2_turned(struct made *m)
{
    put_rw2(m, 4, 304, 6);
}
static void rw2_odd_borders(struct made *m)
{
    put_rw2(m, 4, 321, 6);
}

static void rw2_no_sensor(struct made *m)
{
    struct tiff t = begin(m, false, false, 8);
    put_ifd(&t, 300, 200, SHORT, 0);
    m->ptr[2] = 'U';
}

/* ---- Canon, TIFF ---- */

/* Its preview, and the Exif directory with the size of the picture behind gap bytes; far: where it points instead. */
static void put_cr2(struct made *m, size_t gap, bool has_size, uint64_t far)
{
    struct tiff t = begin(m, false, false, 16);
    PUT(m, "CR\2\0\0\0\0\0");
    begin_ifd(&t);
    put_field(&t, 256, SHORT, 1, 150);
    put_field(&t, 257, SHORT, 1, 100);
    put_field(&t, 274, SHORT, 1, 8);
    put_field(&t, 34665, LONG, 1, far ? far : m->len + 12 + 4 + gap);
    end_ifd(&t, 0);
    put_fill(m, 0, gap);
    begin_ifd(&t);
    put_field(&t, 40960, SHORT, 1, 1);
    if (has_size) {
        put_field(&t, 40962, SHORT, 1, 300);
        put_field(&t, 40963, LONG, 1, 200);
    }
    end_ifd(&t, 0);
}

static void cr2(struct made *m)
{
    put_cr2(m, 30, true, 0);
}
static void cr2_far(struct made *m)
{
    put_cr2(m, 30000, true, 0);
}
static void cr2_no_size(struct made *m)
{
    put_cr2(m, 0, false, 0);
}
static void cr2_beyond(struct made *m)
{
    put_cr2(m, 0, true, 90000);
}

/* The same directories without "CR": what Exif says there is of no account. */
static void no_cr2(struct made *m)
{
    cr2(m);
    m->ptr[8] = 'c';
}

/* ---- DNG ---- */

/* A mask and a depth map stand before the picture. */
static void dng_masks(struct made *m)
{
    static const unsigned kinds[] = {4, 8, 65537, 0};
    struct tiff t = begin(m, false, false, 8);
    begin_ifd(&t);
    put_field(&t, 254, LONG, 1, 1);
    put_field(&t, 256, LONG, 1, 16);
    put_field(&t, 257, LONG, 1, 12);
    put_field(&t, 330, LONG, 4, m->len + 12 + 4);
    end_ifd(&t, 0);
    size_t list_at = m->len;
    put_fill(m, 0, 16);
    for (size_t i = 0; i < IW_ARRAY_LEN(kinds); i++) {
        struct made list = {.ptr = m->ptr + list_at + 4 * i};
        put_le(&list, m->len, 4);
        begin_ifd(&t);
        put_field(&t, 254, LONG, 1, kinds[i]);
        put_field(&t, 256, LONG, 1, kinds[i] ? 30 : 300);
        put_field(&t, 257, LONG, 1, kinds[i] ? 20 : 200);
        end_ifd(&t, 0);
    }
}

/* ---- Canon, boxes ---- */

#define CANON "\x85\xC0\xB6\x87\x82\x0F\x11\xE0\x81\x11\xF4\xCE\x46\x2B\x6A\x48"

static void put_cr3(struct made *m, const char *directory, bool is_far)
{
    put_ftyp(m, "crx crx isom");
    size_t far = is_far ? put_box(m, "free") : 0;
    if (is_far) {
        put_fill(m, 0, 30000);
        end_box(m, far);
    }
    size_t moov = put_box(m, "moov");
    size_t other = put_box(m, "uuid");
    put_fill(m, 7, 40);
    end_box(m, other);
    size_t canon = put_box(m, "uuid");
    PUT(m, CANON);
    size_t version = put_box(m, "CNCV");
    PUT(m, "CanonCR3_001/00.09.00/00.00.00");
    end_box(m, version);
    size_t at = put_box(m, directory);
    struct made inner;
    made_init(&inner);
    struct tiff t = begin(&inner, false, false, 8);
    put_ifd(&t, 300, 200, SHORT, 6);
    put(m, inner.ptr, inner.len);
    made_release(&inner);
    end_box(m, at);
    end_box(m, canon);
    end_box(m, moov);
}

static void cr3(struct made *m)
{
    put_cr3(m, "CMT1", false);
}
static void cr3_far(struct made *m)
{
    put_cr3(m, "CMT1", true);
}
static void cr3_no_directory(struct made *m)
{
    put_cr3(m, "CMT2", false);
}

static void cr3_cut(struct made *m)
{
    cr3(m);
    m->len -= 60;
}

static void cr3_no_movie(struct made *m)
{
    put_ftyp(m, "crx isom");
}

/* ---- films ---- */

static void put_film(struct made *m, const char *brands)
{
    put_ftyp(m, brands);
    size_t moov = put_box(m, "moov");
    put_fill(m, 0, 300);
    end_box(m, moov);
}

#define FILM(name, brands)                                                                                             \
    static void name(struct made *m)                                                                                   \
    {                                                                                                                  \
        put_film(m, brands);                                                                                           \
    }
FILM(isom, "isomisomiso2avc1mp41")
FILM(mp42, "mp42isommp42")
FILM(quicktime, "qt  qt  ")
FILM(av1_film, "iso5iso5iso6mp41av01")
FILM(hevc_film, "isomisomhevchvc1")
FILM(audio, "M4A M4A mp42isom")
FILM(phone, "3gp53gp4isom")

#define IS(name) IW_SCAN_DONE, name, 300, 200
#define BAD(name)                                                                                                      \
    IW_SCAN_BAD, name, 0, 0,                                                                                           \
    {                                                                                                                  \
        .animated = IW_NO                                                                                              \
    }
#define NONE  IW_SCAN_DONE, NULL, 0, 0, {.animated = IW_NO}, NULL
#define STILL .animated = IW_NO

static const struct image_case cases[] = {
    {"ORF", orf, IS("orf"), {STILL, .alpha = IW_NO, .orientation = 8, .bit_depth = 8}, NULL},
    {"ORF, S", orf_s, IS("orf"), {STILL, .alpha = IW_NO, .orientation = 8}, NULL},
    {"ORF, big-endian", orf_big, IS("orf"), {STILL, .alpha = IW_NO, .orientation = 8}, NULL},
    {"RW2", rw2, IW_SCAN_DONE, "rw2", 320, 240, {STILL, .alpha = IW_NO, .width_px = 300, .height_px = 200}, NULL},
    {"RW2, turned",
     rw2_turned,
     IW_SCAN_DONE,
     "rw2",
     320,
     240,
     {STILL, .alpha = IW_NO, .width_px = 200, .height_px = 300, .orientation = 6},
     NULL},
    {"RW2, odd borders",
     rw2_odd_borders,
     IW_SCAN_DONE,
     "rw2",
     320,
     240,
     {STILL, .alpha = IW_NO, .orientation = 6},
     NULL},
    {"RW2 without sensor", rw2_no_sensor, BAD("rw2"), "impossible size"},
    {"CR2", cr2, IS("tiff"), {STILL, .orientation = 8}, NULL},
    {"CR2, far", cr2_far, IS("tiff"), {STILL, .orientation = 8}, NULL},
    {"CR2 without size", cr2_no_size, IW_SCAN_DONE, "tiff", 150, 100, {STILL, .orientation = 8}, NULL},
    {"CR2, beyond", cr2_beyond, IW_SCAN_DONE, "tiff", 150, 100, {STILL, .orientation = 8, .is_damaged = true}, NULL},
    {"no CR2", no_cr2, IW_SCAN_DONE, "tiff", 150, 100, {STILL, .orientation = 8}, NULL},
    {"DNG, masks", dng_masks, IS("tiff"), {STILL}, NULL},
    {"CR3", cr3, IS("cr3"), {STILL, .alpha = IW_NO, .orientation = 6, .bit_depth = 8}, NULL},
    {"CR3, far", cr3_far, IS("cr3"), {STILL, .alpha = IW_NO, .orientation = 6}, NULL},
    {"CR3 without directory", cr3_no_directory, BAD("cr3"), "no box of Canon's"},
    {"CR3, cut", cr3_cut, BAD("cr3"), "ends inside"},
    {"CR3 without movie", cr3_no_movie, BAD("cr3"), "no box of Canon's"},
    {"film isom", isom, NONE},
    {"film mp42", mp42, NONE},
    {"film qt", quicktime, NONE},
    {"film av01", av1_film, NONE},
    {"film hevc", hevc_film, NONE},
    {"sound", audio, NONE},
    {"film 3gp5", phone, NONE},
};

static void test_cases(void **state)
{
    (void)state;
    case_check_all(cases, IW_ARRAY_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
