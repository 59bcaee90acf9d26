/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* HEIF files (ISO/IEC 23008-12; AVIF v1.1 of AOM; ISO/IEC 14496-12 clause 4.3 for brands): which brand, and the walk
 * over the boxes of the file to the meta box, past mdat by its size alone. A file without image items is read by its
 * movie box. Whether a sequence moves is told by the samples of its first picture track. */
#include "base/iw.h"
#include "image/heif.h"

#include "base/bytes.h"

enum {
    BRAND_BYTES = 4,
    FTYP_BYTES = 16,  /* header, major brand, minor version: the shortest */
    MOST_FTYP = 4096, /* a longer one is none */
    MOST_BRANDS_AT = 1024,
};

static const struct iw_place ftyp_box = IW_PLACE("file type box");
static const struct iw_place file_boxes = IW_PLACE("boxes before the picture");

/* ---- brands ---- */

/* What a brand promises (ISO/IEC 23008-12 clause 10 and Annexes B to F; AVIF section 6). Brands of sequences are
 * believed as major brand alone, save msf1 and avis: they also stand in files of plain video. */
static const struct brand {
    char name[BRAND_BYTES + 1];
    enum iw_heif_kind kind;
    bool has_item;     /* a meta box with a primary item */
    bool has_sequence; /* a movie box with a picture track */
    bool must_be_major;
} brands[] = {
    {"avif", IW_HEIF_AVIF, true, false, false}, {"avis", IW_HEIF_AVIF, false, true, false},
    {"heic", IW_HEIF_HEIC, true, false, false}, {"heix", IW_HEIF_HEIC, true, false, false},
    {"heim", IW_HEIF_HEIC, true, false, false}, {"heis", IW_HEIF_HEIC, true, false, false},
    {"hevc", IW_HEIF_HEIC, false, true, true},  {"hevx", IW_HEIF_HEIC, false, true, true},
    {"hevm", IW_HEIF_HEIC, false, true, true},  {"hevs", IW_HEIF_HEIC, false, true, true},
    {"avci", IW_HEIF_HEIC, true, false, true},  {"avcs", IW_HEIF_HEIC, false, true, true},
    {"vvic", IW_HEIF_HEIC, true, false, true},  {"vvis", IW_HEIF_HEIC, false, true, true},
    {"jpeg", IW_HEIF_HEIC, true, false, true},  {"jpgs", IW_HEIF_HEIC, false, true, true},
    {"j2ki", IW_HEIF_HEIC, true, false, true},  {"j2is", IW_HEIF_HEIC, false, true, true},
    {"mif1", IW_HEIF_NONE, true, false, false}, {"mif2", IW_HEIF_NONE, true, false, true},
    {"msf1", IW_HEIF_NONE, false, true, false}, {"mif3", IW_HEIF_NONE, false, false, true},
};

static const struct brand *find_brand(const uint8_t *name)
{
    for (size_t i = 0; i < IW_ARRAY_LEN(brands); i++)
        if (memcmp(brands[i].name, name, BRAND_BYTES) == 0)
            return &brands[i];
    return NULL;
}

static bool is_mif3(const uint8_t *head)
{
    return memcmp(head + 8, "mif3", BRAND_BYTES) == 0;
}

enum iw_heif_kind iw_heif_kind(const uint8_t *head, size_t len)
{
    len = IW_MIN(len, (size_t)IW_HEIF_SNIFF_BYTES);
    if (len < FTYP_BYTES || memcmp(head + 4, "ftyp", BRAND_BYTES) != 0)
        return IW_HEIF_NONE;
    uint32_t size = iw_be32(head);
    if (size < FTYP_BYTES || size > MOST_FTYP)
        return IW_HEIF_NONE;
    bool is_picture = false;
    /* the major brand speaks first; where it is mif3, the minor version is a brand (Amd 2) */
    for (size_t at = 8; at + BRAND_BYTES <= IW_MIN(len, (size_t)size); at += BRAND_BYTES) {
        if (at == 12 && !is_mif3(head))
            continue;
        const struct brand *brand = find_brand(head + at);
        if (!brand || (brand->must_be_major && at > 12))
            continue;
        if (brand->kind)
            return brand->kind;
        is_picture = true;
    }
    return is_picture ? IW_HEIF_HEIC : IW_HEIF_NONE;
}

/* ---- the minimized image box (ISO/IEC 23008-12 Amd 2) ---- */

/* The next count (at most 32) bits of a big-endian word; *at counts them from the highest. */
static uint32_t next_bits(uint64_t word, unsigned *at, unsigned count)
{
    *at += count;
    return (uint32_t)(word >> (64 - *at) & ((1ull << count) - 1));
}

enum iw_scan iw_heif_mini(struct iw_scanner *scanner, const struct iw_box *mini)
{
    enum { MINI_BYTES = 8, FLAG_FLOAT = 0x10, FLAG_ALPHA = 4, FLAG_ICC = 0x80, FLAGS_END = 16 };
    struct iw_image_facts *facts = scanner->facts;
    const uint8_t *p = iw_box_want(scanner, mini, MINI_BYTES, 0, &file_boxes);
    if (!p)
        return scanner->lack;
    if (p[0] >> 6 != 0)
        return iw_scanner_bad(scanner, "the minimized image box has an unknown version");
    uint64_t word = iw_be64(p);
    unsigned at = FLAGS_END;
    unsigned side_bits = next_bits(word, &at, 1) ? 15 : 7;
    facts->stored_width_px = next_bits(word, &at, side_bits) + 1;
    facts->stored_height_px = next_bits(word, &at, side_bits) + 1;
    unsigned subsampling = p[1] >> 3 & 3;
    if (subsampling == 1 || subsampling == 2)
        at++; /* where chroma samples lie */
    if (subsampling == 1)
        at++;
    if (p[0] & FLAG_FLOAT)
        facts->bit_depth = (uint8_t)(16u << next_bits(word, &at, 2));
    else
        facts->bit_depth = next_bits(word, &at, 1) ? (uint8_t)(next_bits(word, &at, 3) + 9) : 8;
    facts->colour = subsampling ? IW_COLOUR_YCBCR : IW_COLOUR_GREY;
    facts->alpha = p[0] & FLAG_ALPHA ? IW_YES : IW_NO;
    facts->has_icc = p[1] & FLAG_ICC ? IW_YES : IW_NO;
    facts->orientation = (uint8_t)((p[1] & 7) + 1);
    bool is_turned = facts->orientation >= 5;
    facts->width_px = is_turned ? facts->stored_height_px : facts->stored_width_px;
    facts->height_px = is_turned ? facts->stored_width_px : facts->stored_height_px;
    facts->animated = IW_NO;
    facts->frames = 1;
    return IW_SCAN_DONE;
}

/* ---- the boxes of the file ---- */

struct heif {
    struct iw_scanner *scanner;
    bool has_item;       /* a meta box is promised */
    bool wants_sequence; /* the movie box is promised, asked for and still to come */
    bool has_sequence;   /* it is promised */
    struct iw_heif_track track;
};

static bool has_size(const struct heif *heif)
{
    return heif->scanner->facts->stored_width_px != 0;
}

/* The brands of the whole file type box. */
static bool read_brands(struct heif *heif, uint64_t end)
{
    size_t len = (size_t)IW_MIN(end, (uint64_t)MOST_BRANDS_AT);
    const uint8_t *p = iw_scanner_want(heif->scanner, 0, len, &ftyp_box);
    if (!p)
        return false;
    for (size_t at = 8; at + BRAND_BYTES <= len; at += BRAND_BYTES) {
        const struct brand *brand = at == 12 ? NULL : find_brand(p + at);
        if (!brand || (brand->must_be_major && at > 12))
            continue;
        heif->has_item |= brand->has_item;
        heif->has_sequence |= brand->has_sequence;
    }
    /* a movie box is read for what moves, and for the size where no item can tell it */
    heif->wants_sequence = heif->has_sequence && (heif->scanner->wants->animation || !heif->has_item);
    return true;
}

static void take_frames(struct iw_image_facts *facts, uint32_t frames)
{
    facts->frames = frames;
    if (frames)
        facts->animated = frames > 1 ? IW_YES : IW_NO;
}

/* The facts of the track are those of the file. */
static void take_track(struct heif *heif)
{
    struct iw_image_facts *facts = heif->scanner->facts;
    const struct iw_image_format *format = facts->format;
    uint32_t frames = heif->track.facts.frames;
    *facts = heif->track.facts;
    facts->format = format;
    take_frames(facts, frames);
}

/* A box of the file: MORE or BAD, or DONE to go on. */
static enum iw_scan scan_box(struct heif *heif, const struct iw_box *box)
{
    struct iw_scanner *scanner = heif->scanner;
    if (box->type == IW_BOX('m', 'i', 'n', 'i') && !has_size(heif))
        return iw_heif_mini(scanner, box);
    if (box->type == IW_BOX('m', 'e', 't', 'a') && !has_size(heif)) {
        enum iw_scan scan = iw_heif_meta(scanner, box);
        if (!has_size(heif))
            return scan;
        if (!heif->has_sequence)
            take_frames(scanner->facts, 1);
        else if (heif->track.is_found)
            take_frames(scanner->facts, heif->track.facts.frames);
        return scan;
    }
    if (box->type == IW_BOX('m', 'o', 'o', 'v') && !heif->track.is_found) {
        if (!heif->wants_sequence && heif->has_item)
            return IW_SCAN_DONE;
        if (!iw_heif_track(scanner, box, !has_size(heif), &heif->track))
            return scanner->lack;
        heif->wants_sequence = false;
        if (has_size(heif) && heif->track.is_found)
            take_frames(scanner->facts, heif->track.facts.frames);
    }
    return IW_SCAN_DONE;
}

/* Whether no further box can tell anything that is wanted. */
static bool is_enough(const struct heif *heif)
{
    bool has_any = has_size(heif) || (heif->track.is_found && !heif->has_item);
    return has_any && !heif->wants_sequence;
}

enum iw_scan iw_heif_scan(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                          struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    struct heif heif = {.scanner = &scanner};
    struct iw_boxes boxes = iw_boxes_of_file(&scanner, 0, &file_boxes);
    if (!iw_boxes_next(&boxes))
        return boxes.is_stuck ? scanner.lack : iw_scanner_bad(&scanner, "the file type box is cut off");
    if (!read_brands(&heif, boxes.box.end))
        return scanner.lack;
    while (!is_enough(&heif) && iw_boxes_next(&boxes)) {
        enum iw_scan scan = scan_box(&heif, &boxes.box);
        if (scan == IW_SCAN_DONE)
            continue;
        return has_size(&heif) ? iw_scanner_details(&scanner) : scan;
    }
    if (boxes.is_stuck && has_size(&heif))
        return iw_scanner_details(&scanner);
    if (boxes.is_stuck && (scanner.lack == IW_SCAN_MORE || !heif.track.is_found))
        return scanner.lack;
    if (!has_size(&heif) && heif.track.is_found)
        take_track(&heif);
    if (has_size(&heif))
        return IW_SCAN_DONE;
    bool is_cut = boxes.at > view->total_bytes && boxes.at != UINT64_MAX;
    return iw_scanner_bad(&scanner,
                          is_cut ? "the file ends before its meta box" : "no meta or movie box describes a picture");
}
