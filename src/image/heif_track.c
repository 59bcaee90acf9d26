/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Image sequences: the first picture track of a movie box (ISO/IEC 14496-12 clauses 8.2 to 8.7 and 12.1, ISO/IEC
 * 23008-12 clause 7), and what describes a coded picture there and among the properties of an item alike. Tables of
 * samples are not read beyond their counts; of fragments nothing is counted. */
#include "base/iw.h"
#include "image/heif.h"

#include "base/bytes.h"

enum { FULL_BYTES = 4 /* version and flags of a full box */ };

static const struct iw_place movie_box = IW_PLACE("movie box");
static const struct iw_place codec_box = IW_PLACE("codec configuration");

/* ---- what describes a coded picture ---- */

static void take_coded(struct iw_image_facts *facts, unsigned bits, bool is_grey)
{
    if (!facts->bit_depth)
        facts->bit_depth = (uint8_t)bits;
    if (is_grey)
        facts->colour = IW_COLOUR_GREY;
    else if (!facts->colour)
        facts->colour = IW_COLOUR_YCBCR;
}

/* AV1 codec configuration (AV1-ISOBMFF clause 2.3.3). */
static void take_av1(struct iw_image_facts *facts, const uint8_t *p)
{
    bool is_high = p[2] & 0x40;
    bool is_twelve = p[2] & 0x20;
    take_coded(facts, !is_high ? 8 : is_twelve ? 12 : 10, p[2] & 0x10);
}

/* HEVC decoder configuration (ISO/IEC 14496-15 clause 8.3.3.1.2): chroma format and luma depth. */
static void take_hevc(struct iw_image_facts *facts, const uint8_t *p)
{
    take_coded(facts, (p[17] & 7u) + 8, (p[16] & 3) == 0);
}

/* Pixel information (ISO/IEC 23008-12 clause 6.5.6): channels and the depth of each. */
static void take_pixi(struct iw_image_facts *facts, const uint8_t *p)
{
    if (p[FULL_BYTES] && p[FULL_BYTES + 1])
        facts->bit_depth = p[FULL_BYTES + 1];
    if (p[FULL_BYTES] == 1)
        facts->colour = IW_COLOUR_GREY;
}

/* Colour information (ISO/IEC 14496-12 clause 12.1.5): a profile, or coefficients; 0 of them leaves RGB as it is. */
static void take_colr(struct iw_image_facts *facts, const uint8_t *p)
{
    if (memcmp(p, "prof", 4) == 0 || memcmp(p, "rICC", 4) == 0)
        facts->has_icc = IW_YES;
    else if (memcmp(p, "nclx", 4) == 0 && iw_be16(p + 8) == 0)
        facts->colour = IW_COLOUR_RGB;
}

static const struct {
    uint32_t type;
    unsigned least_bytes;
    void (*take)(struct iw_image_facts *facts, const uint8_t *p);
} codec_boxes[] = {
    {IW_BOX('a', 'v', '1', 'C'), 4, take_av1},
    {IW_BOX('h', 'v', 'c', 'C'), 18, take_hevc},
    {IW_BOX('p', 'i', 'x', 'i'), FULL_BYTES + 2, take_pixi},
    {IW_BOX('c', 'o', 'l', 'r'), 10, take_colr},
};

bool iw_heif_codec(struct iw_scanner *scanner, const struct iw_box *box, uint64_t reach, struct iw_image_facts *facts)
{
    for (size_t i = 0; i < IW_ARRAY_LEN(codec_boxes); i++) {
        if (box->type != codec_boxes[i].type)
            continue;
        const uint8_t *p = iw_box_want(scanner, box, codec_boxes[i].least_bytes, reach, &codec_box);
        if (!p)
            return false;
        codec_boxes[i].take(facts, p);
    }
    return true;
}

bool iw_heif_alpha(struct iw_scanner *scanner, const struct iw_box *box, uint64_t reach, bool *out_is_alpha)
{
    static const char *const names[] = {"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", "urn:mpeg:hevc:2015:auxid:1",
                                        "urn:mpeg:avc:2015:auxid:1"};
    enum { MOST_BYTES = 64 };
    size_t len = (size_t)IW_MIN(box->end - box->body_at, (uint64_t)MOST_BYTES);
    *out_is_alpha = false;
    if (len <= FULL_BYTES)
        return true;
    const uint8_t *p = iw_box_want(scanner, box, len, reach, &codec_box);
    if (!p)
        return false;
    p += FULL_BYTES;
    len -= FULL_BYTES;
    for (size_t i = 0; i < IW_ARRAY_LEN(names); i++) {
        size_t name_len = strlen(names[i]);
        bool is_it = len >= name_len && memcmp(p, names[i], name_len) == 0;
        *out_is_alpha |= is_it && (len == name_len || p[name_len] == 0);
    }
    return true;
}

/* ---- tracks ---- */

/* One track in the making. */
struct track {
    struct iw_scanner *scanner;
    uint64_t reach; /* end of the movie box */
    uint32_t handler;
    struct iw_image_facts facts;
    bool is_alpha;
};

static const uint8_t *want(const struct track *track, const struct iw_box *box, size_t len)
{
    return iw_box_want(track->scanner, box, len, track->reach, &movie_box);
}

/* Orientation by the matrix of a track header, as the four numbers that turn a picture without distorting it. */
static uint8_t orientation_of(const uint8_t *p)
{
    static const struct {
        int8_t a, b, c, d;
        uint8_t orientation;
    } turns[] = {{0, 1, -1, 0, 6}, {-1, 0, 0, -1, 3}, {0, -1, 1, 0, 8}};
    enum { ONE = 0x10000, ROW_BYTES = 12 };
    for (size_t i = 0; i < IW_ARRAY_LEN(turns); i++) {
        bool is_first = iw_be32(p) == (uint32_t)(turns[i].a * ONE) && iw_be32(p + 4) == (uint32_t)(turns[i].b * ONE);
        p += ROW_BYTES;
        bool is_second = iw_be32(p) == (uint32_t)(turns[i].c * ONE) && iw_be32(p + 4) == (uint32_t)(turns[i].d * ONE);
        p -= ROW_BYTES;
        if (is_first && is_second)
            return turns[i].orientation;
    }
    return 1;
}

/* Track header (clause 8.3.2): the size to be shown, and how it is turned. */
static bool read_tkhd(struct track *track, const struct iw_box *box)
{
    enum { MATRIX_AT = 40, MATRIX_AT_V1 = 52, MATRIX_BYTES = 36, SIZE_BYTES = 8, FRACTION_BITS = 16 };
    const uint8_t *p = want(track, box, MATRIX_AT + MATRIX_BYTES + SIZE_BYTES);
    size_t at = p && p[0] == 1 ? MATRIX_AT_V1 : MATRIX_AT;
    if (p)
        p = want(track, box, at + MATRIX_BYTES + SIZE_BYTES);
    if (!p)
        return false;
    struct iw_image_facts *facts = &track->facts;
    facts->orientation = orientation_of(p + at);
    uint32_t width = iw_be32(p + at + MATRIX_BYTES) >> FRACTION_BITS;
    uint32_t height = iw_be32(p + at + MATRIX_BYTES + 4) >> FRACTION_BITS;
    facts->width_px = facts->orientation >= 5 ? height : width;
    facts->height_px = facts->orientation >= 5 ? width : height;
    return true;
}

/* The first sample entry (clauses 8.5.2 and 12.1.3): size as stored, and the boxes behind its fixed fields. */
static bool read_stsd(struct track *track, const struct iw_box *stsd)
{
    enum { ENTRIES_AT = FULL_BYTES + 4, SIZE_AT = 24, FIXED_BYTES = 78 };
    struct iw_boxes entries = iw_boxes_of(track->scanner, stsd, ENTRIES_AT, track->reach, &movie_box);
    if (!iw_boxes_next(&entries))
        return !entries.is_stuck;
    const uint8_t *p = want(track, &entries.box, FIXED_BYTES);
    if (!p)
        return false;
    track->facts.stored_width_px = iw_be16(p + SIZE_AT);
    track->facts.stored_height_px = iw_be16(p + SIZE_AT + 2);
    struct iw_boxes boxes = iw_boxes_of(track->scanner, &entries.box, FIXED_BYTES, track->reach, &movie_box);
    while (iw_boxes_next(&boxes)) {
        if (!iw_heif_codec(track->scanner, &boxes.box, track->reach, &track->facts))
            return false;
        if (boxes.box.type == IW_BOX('a', 'u', 'x', 'i') &&
            !iw_heif_alpha(track->scanner, &boxes.box, track->reach, &track->is_alpha))
            return false;
    }
    return !boxes.is_stuck;
}

static bool read_stbl(struct track *track, const struct iw_box *stbl)
{
    enum { COUNT_AT = FULL_BYTES + 4 };
    struct iw_boxes boxes = iw_boxes_of(track->scanner, stbl, 0, track->reach, &movie_box);
    bool has_entry = false;
    bool has_count = false;
    while (!(has_entry && has_count) && iw_boxes_next(&boxes)) {
        uint32_t type = boxes.box.type;
        if (type == IW_BOX('s', 't', 's', 'd')) {
            if (!read_stsd(track, &boxes.box))
                return false;
            has_entry = true;
        } else if (type == IW_BOX('s', 't', 's', 'z') || type == IW_BOX('s', 't', 'z', '2')) {
            const uint8_t *p = want(track, &boxes.box, COUNT_AT + 4);
            if (!p)
                return false;
            track->facts.frames = iw_be32(p + COUNT_AT);
            has_count = true;
        }
    }
    return !boxes.is_stuck;
}

static bool is_visual(const struct track *track)
{
    return track->handler == IW_BOX('p', 'i', 'c', 't') || track->handler == IW_BOX('v', 'i', 'd', 'e') ||
           track->handler == IW_BOX('a', 'u', 'x', 'v');
}

static bool read_minf(struct track *track, const struct iw_box *minf)
{
    struct iw_boxes boxes = iw_boxes_of(track->scanner, minf, 0, track->reach, &movie_box);
    while (iw_boxes_next(&boxes))
        if (boxes.box.type == IW_BOX('s', 't', 'b', 'l'))
            return read_stbl(track, &boxes.box);
    return !boxes.is_stuck;
}

/* The handler comes before what it handles (clause 8.4). */
static bool read_mdia(struct track *track, const struct iw_box *mdia)
{
    struct iw_boxes boxes = iw_boxes_of(track->scanner, mdia, 0, track->reach, &movie_box);
    while (iw_boxes_next(&boxes)) {
        if (boxes.box.type == IW_BOX('h', 'd', 'l', 'r')) {
            const uint8_t *p = want(track, &boxes.box, FULL_BYTES + 8);
            if (!p)
                return false;
            track->handler = iw_be32(p + FULL_BYTES + 4);
        } else if (boxes.box.type == IW_BOX('m', 'i', 'n', 'f') && is_visual(track)) {
            return read_minf(track, &boxes.box);
        }
    }
    return !boxes.is_stuck;
}

static bool read_trak(struct track *track, const struct iw_box *trak)
{
    struct iw_boxes boxes = iw_boxes_of(track->scanner, trak, 0, track->reach, &movie_box);
    while (iw_boxes_next(&boxes)) {
        if (boxes.box.type == IW_BOX('t', 'k', 'h', 'd') && !read_tkhd(track, &boxes.box))
            return false;
        if (boxes.box.type == IW_BOX('m', 'd', 'i', 'a') && !read_mdia(track, &boxes.box))
            return false;
    }
    return !boxes.is_stuck;
}

/* What a track leaves open. */
static void settle(struct iw_image_facts *facts)
{
    if (!facts->width_px || !facts->height_px) {
        facts->width_px = facts->orientation >= 5 ? facts->stored_height_px : facts->stored_width_px;
        facts->height_px = facts->orientation >= 5 ? facts->stored_width_px : facts->stored_height_px;
    }
    if (!facts->orientation)
        facts->orientation = 1;
    if (facts->has_icc == IW_UNKNOWN)
        facts->has_icc = IW_NO;
}

bool iw_heif_track(struct iw_scanner *scanner, const struct iw_box *moov, bool wants_alpha, struct iw_heif_track *out)
{
    struct iw_boxes boxes = iw_boxes_of(scanner, moov, 0, moov->end, &movie_box);
    bool is_alpha = false;
    while (!(out->is_found && !wants_alpha) && iw_boxes_next(&boxes)) {
        if (boxes.box.type != IW_BOX('t', 'r', 'a', 'k'))
            continue;
        struct track track = {.scanner = scanner, .reach = moov->end};
        if (!read_trak(&track, &boxes.box))
            return false;
        is_alpha |= track.handler == IW_BOX('a', 'u', 'x', 'v') && track.is_alpha;
        bool is_picture = is_visual(&track) && track.handler != IW_BOX('a', 'u', 'x', 'v');
        if (out->is_found || !is_picture || !track.facts.stored_width_px || !track.facts.stored_height_px)
            continue;
        settle(&track.facts);
        out->facts = track.facts;
        out->is_found = true;
    }
    if (boxes.is_stuck)
        return false;
    out->facts.alpha = is_alpha ? IW_YES : wants_alpha ? IW_NO : IW_UNKNOWN;
    return true;
}
