/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* JPEG XL (ISO/IEC 18181-1 Annex D: SizeHeader and ImageMetadata; ISO/IEC 18181-2 for the container): a naked
 * codestream, or one in a jxlc box or cut into jxlp boxes, however small. Orientation is part of the codestream; what
 * Exif says does not count. Neither the preview nor the frames are looked at: a file with an animation header counts
 * as animated. */
#include "base/iw.h"
#include "image/image.h"

#include "base/bytes.h"
#include "image/bmff.h"

enum {
    SIGNATURE_BYTES = 12,
    MOST_CHANNELS = 64, /* extra channels that are looked at */
    AHEAD_BYTES = 64,   /* asked for at once: most headers are shorter */
};

static const struct iw_place container = IW_PLACE("boxes of the container");
static const struct iw_place header = IW_PLACE("codestream header");

static const uint8_t signature[SIGNATURE_BYTES] = {0, 0, 0, 12, 'J', 'X', 'L', ' ', '\r', '\n', 0x87, '\n'};

static bool sniff(const uint8_t *head, size_t len)
{
    if (len >= 2 && head[0] == 0xFF && head[1] == 0x0A)
        return true;
    return len >= SIGNATURE_BYTES && memcmp(head, signature, SIGNATURE_BYTES) == 0;
}

/* ---- bits ---- */

/* The codestream as bits, across the boxes that hold it. */
struct stream {
    struct iw_scanner *scanner;
    struct iw_boxes boxes;
    bool is_boxed;
    bool is_last;     /* no part follows the one at hand */
    uint64_t at, end; /* rest of the part at hand; end UINT64_MAX: to the end of the file */
    uint64_t word;    /* bits in hand, the next one lowest */
    unsigned count;   /* of them */
    bool is_stuck;    /* bits are 0 from now on: see scanner->lack */
};

static void stick(struct stream *s, const char *why)
{
    if (why)
        s->scanner->lack = iw_scanner_bad(s->scanner, why);
    s->is_stuck = true;
}

/* Moves to the next part of the codestream. */
static void next_part(struct stream *s)
{
    enum { INDEX_BYTES = 4, LAST = 0x80 };
    if (s->is_last) {
        stick(s, "the codestream ends inside its header");
        return;
    }
    while (iw_boxes_next(&s->boxes)) {
        const struct iw_box *box = &s->boxes.box;
        bool is_whole = box->type == IW_BOX('j', 'x', 'l', 'c');
        if (!is_whole && box->type != IW_BOX('j', 'x', 'l', 'p'))
            continue;
        const uint8_t *p = is_whole ? NULL : iw_box_want(s->scanner, box, INDEX_BYTES, box->end, &container);
        if (!is_whole && !p) {
            stick(s, NULL);
            return;
        }
        s->at = box->body_at + (is_whole ? 0 : INDEX_BYTES);
        s->end = box->end;
        s->is_last = is_whole || (p[0] & LAST);
        return;
    }
    stick(s, s->boxes.is_stuck ? NULL : "the container ends before its codestream");
}

static void next_byte(struct stream *s)
{
    while (!s->is_stuck && s->at >= s->end)
        next_part(s);
    if (s->is_stuck)
        return;
    uint64_t reach = s->end - s->at > AHEAD_BYTES ? s->at + AHEAD_BYTES : s->end;
    const uint8_t *p = iw_reach_want(s->scanner, s->at, 1, reach, &header);
    if (!p) {
        s->is_stuck = true;
        return;
    }
    s->word |= (uint64_t)p[0] << s->count;
    s->count += 8;
    s->at++;
}

/* The next count (at most 32) bits, the first one lowest. */
static uint32_t bits(struct stream *s, unsigned count)
{
    while (s->count < count && !s->is_stuck)
        next_byte(s);
    if (s->is_stuck)
        return 0;
    uint32_t value = (uint32_t)(s->word & ((1ull << count) - 1));
    s->word >>= count;
    s->count -= count;
    return value;
}

static bool flag(struct stream *s)
{
    return bits(s, 1) != 0;
}

/* One of the four forms of a U32 (clause on U32 in Annex B): offset + u(bits). */
struct form {
    uint8_t bits;
    uint16_t offset;
};

static uint32_t u32(struct stream *s, const struct form forms[4])
{
    const struct form *form = &forms[bits(s, 2)];
    return form->offset + bits(s, form->bits);
}

static uint32_t enumeration(struct stream *s)
{
    static const struct form forms[4] = {{0, 0}, {0, 1}, {4, 2}, {6, 18}};
    return u32(s, forms);
}

/* ---- headers ---- */

/* A side by its ratio to the height; 0 is not a ratio. */
static uint32_t by_ratio(uint32_t height, unsigned ratio)
{
    static const uint8_t ratios[8][2] = {{0, 1}, {1, 1}, {12, 10}, {4, 3}, {3, 2}, {16, 9}, {5, 4}, {2, 1}};
    return (uint32_t)((uint64_t)height * ratios[ratio][0] / ratios[ratio][1]);
}

/* SizeHeader; sides are 1 to 2^31. */
static void read_size(struct stream *s, uint32_t *width, uint32_t *height)
{
    static const struct form sides[4] = {{9, 1}, {13, 1}, {18, 1}, {30, 1}};
    bool is_small = flag(s);
    *height = is_small ? 8 * (bits(s, 5) + 1) : u32(s, sides);
    unsigned ratio = bits(s, 3);
    if (ratio)
        *width = by_ratio(*height, ratio);
    else
        *width = is_small ? 8 * (bits(s, 5) + 1) : u32(s, sides);
}

/* PreviewHeader, to get past it. */
static void skip_preview(struct stream *s)
{
    static const struct form eighths[4] = {{0, 16}, {0, 32}, {5, 1}, {9, 33}};
    static const struct form sides[4] = {{6, 1}, {8, 65}, {10, 321}, {12, 1345}};
    const struct form *forms = flag(s) ? eighths : sides;
    u32(s, forms);
    if (bits(s, 3) == 0)
        u32(s, forms);
}

/* AnimationHeader, to get past it. */
static void skip_animation(struct stream *s)
{
    static const struct form numerators[4] = {{0, 100}, {0, 1000}, {10, 1}, {30, 1}};
    static const struct form denominators[4] = {{0, 1}, {0, 1001}, {8, 1}, {10, 1}};
    static const struct form loops[4] = {{0, 0}, {3, 0}, {16, 0}, {32, 0}};
    u32(s, numerators);
    u32(s, denominators);
    u32(s, loops);
    flag(s); /* time codes */
}

/* BitDepth: bits per sample. */
static uint8_t read_depth(struct stream *s)
{
    static const struct form whole[4] = {{0, 8}, {0, 10}, {0, 12}, {6, 1}};
    static const struct form floating[4] = {{0, 32}, {0, 16}, {0, 24}, {6, 1}};
    bool is_float = flag(s);
    uint32_t depth = u32(s, is_float ? floating : whole);
    if (is_float)
        bits(s, 4); /* of the exponent */
    return (uint8_t)depth;
}

/* ExtraChannelInfo. */
static void read_channel(struct stream *s, struct iw_image_facts *facts)
{
    enum { ALPHA, SPOT = 2, BLACK = 4, CFA = 5 };
    static const struct form shifts[4] = {{0, 0}, {0, 3}, {0, 4}, {3, 1}};
    static const struct form names[4] = {{0, 0}, {4, 0}, {5, 16}, {10, 48}};
    static const struct form channels[4] = {{0, 1}, {2, 0}, {4, 3}, {8, 19}};
    uint32_t type = ALPHA;
    if (!flag(s)) {
        type = enumeration(s);
        read_depth(s);
        u32(s, shifts);
        for (uint32_t left = u32(s, names); left > 0 && !s->is_stuck; left--)
            bits(s, 8);
        if (type == ALPHA)
            flag(s); /* associated */
        for (int i = 0; type == SPOT && i < 4; i++)
            bits(s, 16);
        if (type == CFA)
            u32(s, channels);
    }
    if (s->is_stuck)
        return;
    if (type == ALPHA)
        facts->alpha = IW_YES;
    if (type == BLACK)
        facts->colour = IW_COLOUR_CMYK;
}

/* The start of ColourEncoding: whether there is a profile, and the colour space. */
static void read_colour(struct stream *s, struct iw_image_facts *facts)
{
    enum { GREY = 1, UNKNOWN = 3 };
    bool is_default = flag(s);
    bool has_icc = !is_default && flag(s);
    uint32_t space = is_default ? 0 : enumeration(s);
    if (s->is_stuck)
        return;
    facts->has_icc = has_icc ? IW_YES : IW_NO;
    if (!facts->colour && space < UNKNOWN)
        facts->colour = space == GREY ? IW_COLOUR_GREY : IW_COLOUR_RGB;
}

/* What follows the orientation in ImageMetadata; stops where bits are lacking. */
static void read_details(struct stream *s, struct iw_image_facts *facts, bool has_extra_fields)
{
    static const struct form counts[4] = {{0, 0}, {0, 1}, {4, 2}, {12, 1}};
    uint32_t ignored;
    if (has_extra_fields && flag(s)) /* intrinsic size */
        read_size(s, &ignored, &ignored);
    if (has_extra_fields && flag(s))
        skip_preview(s);
    bool is_animated = has_extra_fields && flag(s);
    if (s->is_stuck)
        return;
    facts->animated = is_animated ? IW_YES : IW_NO;
    facts->frames = is_animated ? 0 : 1;
    if (is_animated)
        skip_animation(s);
    uint8_t depth = read_depth(s);
    flag(s); /* 16-bit buffers suffice */
    uint32_t count = u32(s, counts);
    if (s->is_stuck)
        return;
    facts->bit_depth = depth;
    if (count > MOST_CHANNELS)
        return;
    for (uint32_t i = 0; i < count && !s->is_stuck; i++)
        read_channel(s, facts);
    if (s->is_stuck)
        return;
    if (facts->alpha == IW_UNKNOWN)
        facts->alpha = IW_NO;
    flag(s); /* XYB */
    read_colour(s, facts);
}

/* What holds where ImageMetadata is all default. */
static void take_defaults(struct iw_image_facts *facts)
{
    facts->animated = IW_NO;
    facts->frames = 1;
    facts->alpha = IW_NO;
    facts->bit_depth = 8;
    facts->colour = IW_COLOUR_RGB;
    facts->has_icc = IW_NO;
}

static struct stream start(struct iw_scanner *scanner, bool is_boxed)
{
    struct stream stream = {.scanner = scanner, .is_boxed = is_boxed};
    if (is_boxed) {
        stream.boxes = iw_boxes_of_file(scanner, SIGNATURE_BYTES, &container);
    } else {
        stream.end = UINT64_MAX;
        stream.is_last = true;
    }
    return stream;
}

static enum iw_scan scan_jxl(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                             struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    const uint8_t *p = iw_scanner_want(&scanner, 0, 2, &header);
    if (!p)
        return scanner.lack;
    struct stream stream = start(&scanner, p[0] == 0);
    uint32_t mark = bits(&stream, 16);
    uint32_t width = 0;
    uint32_t height = 0;
    if (!stream.is_stuck && mark != 0x0AFF)
        return iw_scanner_bad(&scanner, "the container holds no codestream");
    read_size(&stream, &width, &height);
    bool is_default = flag(&stream);
    bool has_extra_fields = !is_default && flag(&stream);
    unsigned orientation = has_extra_fields ? bits(&stream, 3) + 1 : 1;
    if (stream.is_stuck)
        return scanner.lack;
    if (width == 0)
        return iw_scanner_bad(&scanner, "the codestream states an impossible size");
    facts->stored_width_px = width;
    facts->stored_height_px = height;
    facts->orientation = (uint8_t)orientation;
    if (is_default)
        take_defaults(facts);
    else
        read_details(&stream, facts, has_extra_fields);
    return stream.is_stuck ? iw_scanner_details(&scanner) : IW_SCAN_DONE;
}

const struct iw_image_format iw_image_jxl = {
    .name = "jxl",
    .title = "JPEG XL",
    .mime = "image/jxl",
    .extensions = "jxl",
    .sniff_bytes = SIGNATURE_BYTES,
    .sniff = sniff,
    .scan = scan_jxl,
    .is_turned_by_exif = true, /* by the orientation of the codestream, in the same numbers */
};
