/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* JPEG (ITU-T T.81 B.1.1, B.2.2; JFIF T.871; Exif CIPA DC-008): walks the marker segments up to the frame header by
 * jumping over their bodies, so that thumbnails inside them are never mistaken for markers. The height that a DNL
 * segment gives behind the first scan (B.2.5) is not looked for, nor are the further pictures of MPF. */
#include "base/iw.h"
#include "image/image.h"

#include "base/bytes.h"
#include "image/inside.h"

/* Markers are those of T.81 table B.1. */
enum {
    SOF0 = 0xC0,
    DHT = 0xC4,
    JPG = 0xC8,
    DAC = 0xCC,
    RST0 = 0xD0,
    SOI = 0xD8,
    EOI = 0xD9,
    SOS = 0xDA,
    APP0 = 0xE0,
    TEM = 0x01,
    RESYNC_BYTES = 4096, /* how far fill bytes or junk may reach before a marker */
    STEP_BYTES = 4,      /* marker and length */
};

/* "frame header behind APP2", or behind something that is no application segment. */
#define BEHIND(name)                                                                                                   \
    {                                                                                                                  \
        "frame header behind " name, "the file ends behind " name ", before the frame header"                          \
    }
static const struct iw_place behind_app[16] = {BEHIND("APP0"),  BEHIND("APP1"),  BEHIND("APP2"),  BEHIND("APP3"),
                                               BEHIND("APP4"),  BEHIND("APP5"),  BEHIND("APP6"),  BEHIND("APP7"),
                                               BEHIND("APP8"),  BEHIND("APP9"),  BEHIND("APP10"), BEHIND("APP11"),
                                               BEHIND("APP12"), BEHIND("APP13"), BEHIND("APP14"), BEHIND("APP15")};
static const struct iw_place behind_table = BEHIND("a table or comment");
static const struct iw_place segment_length = IW_PLACE("length of a segment");
static const struct iw_place segment_name = IW_PLACE("name of an application segment");
static const struct iw_place frame_header = IW_PLACE("frame header");

/* What the segments so far have told, apart from the facts. */
struct jpeg {
    struct iw_scanner scanner;
    bool has_jfif, has_exif, has_adobe;
    uint8_t adobe_transform;
    const struct iw_place *place; /* where the walk is */
};

/* A marker segment: its marker at offset at, its body behind the length. */
struct segment {
    uint8_t marker;
    uint64_t at;
    uint64_t body_at;
    size_t body_len;
};

static bool sniff(const uint8_t *head, size_t len)
{
    return len >= 3 && head[0] == 0xFF && head[1] == SOI && head[2] == 0xFF;
}

static bool is_sof(uint8_t marker)
{
    return marker >= SOF0 && marker <= 0xCF && marker != DHT && marker != JPG && marker != DAC;
}

static bool is_alone(uint8_t marker)
{
    return marker == TEM || (marker >= RST0 && marker <= SOI);
}

/* Index of the FF of the first marker in the run, or len. Before it only fill bytes (B.1.1.2) are regular. */
static size_t find_marker(const uint8_t *run, size_t len, bool *out_has_junk)
{
    *out_has_junk = false;
    for (size_t i = 0; i + 1 < len; i++) {
        if (run[i] == 0xFF && run[i + 1] != 0xFF && run[i + 1] != 0)
            return i;
        if (run[i] != 0xFF || run[i + 1] == 0)
            *out_has_junk = true;
    }
    return len;
}

/* Moves *at to the FF of the next marker. */
static enum iw_scan next_marker(struct jpeg *jpeg, uint64_t *at, uint8_t *out_marker)
{
    struct iw_scanner *scanner = &jpeg->scanner;
    if (!iw_scanner_want(scanner, *at, 2, jpeg->place))
        return scanner->lack;
    size_t limit = (size_t)IW_MIN((uint64_t)RESYNC_BYTES, scanner->view->total_bytes - *at);
    size_t len;
    bool has_junk;
    const uint8_t *run = iw_view_run(scanner->view, *at, limit, &len);
    size_t i = find_marker(run, len, &has_junk);
    if (i < len) {
        scanner->facts->is_damaged |= has_junk;
        *at += i;
        *out_marker = run[i + 1];
        return IW_SCAN_DONE;
    }
    if (!iw_scanner_want(scanner, *at, limit, jpeg->place))
        return scanner->lack;
    return iw_scanner_bad(scanner, limit < RESYNC_BYTES ? "the file ends before the frame header"
                                                        : "no marker where a segment should begin");
}

/* ---- application segments ---- */

/* Whether the body begins with the name; MORE and BAD as ever. */
static enum iw_scan has_name(struct jpeg *jpeg, const struct segment *segment, struct iw_str name, bool *out_has)
{
    *out_has = false;
    if (segment->body_len < name.len)
        return IW_SCAN_DONE;
    const uint8_t *p = iw_scanner_want(&jpeg->scanner, segment->body_at, name.len, &segment_name);
    if (!p)
        return jpeg->scanner.lack;
    *out_has = memcmp(p, name.ptr, name.len) == 0;
    return IW_SCAN_DONE;
}

static enum iw_scan scan_exif(struct jpeg *jpeg, const struct segment *segment)
{
    enum { NAME_BYTES = 6 };
    struct iw_image_facts *facts = jpeg->scanner.facts;
    if (jpeg->has_exif)
        return IW_SCAN_DONE;
    /* the sixth byte is padding and need not be 0 */
    enum iw_scan scan = has_name(jpeg, segment, IW_STR("Exif\0"), &jpeg->has_exif);
    if (scan != IW_SCAN_DONE || !jpeg->has_exif || segment->body_len <= NAME_BYTES)
        return scan;
    return iw_exif_orientation(&jpeg->scanner, segment->body_at + NAME_BYTES, segment->body_len - NAME_BYTES,
                               &facts->orientation);
}

static enum iw_scan scan_adobe(struct jpeg *jpeg, const struct segment *segment)
{
    enum { ADOBE_BYTES = 12 };
    bool is_adobe;
    enum iw_scan scan = has_name(jpeg, segment, IW_STR("Adobe"), &is_adobe);
    if (scan != IW_SCAN_DONE || !is_adobe || segment->body_len < ADOBE_BYTES)
        return scan;
    const uint8_t *p = iw_scanner_want(&jpeg->scanner, segment->body_at, ADOBE_BYTES, &segment_name);
    if (!p)
        return jpeg->scanner.lack;
    jpeg->has_adobe = true;
    jpeg->adobe_transform = p[ADOBE_BYTES - 1];
    return IW_SCAN_DONE;
}

static enum iw_scan scan_icc(struct jpeg *jpeg, const struct segment *segment)
{
    bool has_icc;
    if (jpeg->scanner.facts->has_icc == IW_YES)
        return IW_SCAN_DONE;
    enum iw_scan scan = has_name(jpeg, segment, IW_STR("ICC_PROFILE\0"), &has_icc);
    if (has_icc)
        jpeg->scanner.facts->has_icc = IW_YES;
    return scan;
}

static enum iw_scan scan_jfif(struct jpeg *jpeg, const struct segment *segment)
{
    bool is_jfif;
    enum iw_scan scan = has_name(jpeg, segment, IW_STR("JFIF\0"), &is_jfif);
    jpeg->has_jfif |= is_jfif;
    return scan;
}

/* The application segments that say something of interest; the others are jumped over unread. */
static const struct {
    uint8_t marker;
    enum iw_scan (*scan)(struct jpeg *jpeg, const struct segment *segment);
} segment_scans[] = {{APP0, scan_jfif}, {APP0 + 1, scan_exif}, {APP0 + 2, scan_icc}, {APP0 + 14, scan_adobe}};

static enum iw_scan scan_segment(struct jpeg *jpeg, const struct segment *segment)
{
    for (size_t i = 0; i < IW_ARRAY_LEN(segment_scans); i++)
        if (segment_scans[i].marker == segment->marker)
            return segment_scans[i].scan(jpeg, segment);
    return IW_SCAN_DONE;
}

/* ---- the frame header ---- */

/* Three components: what libjpeg concludes from JFIF, Adobe's marker or the components' names, in this order. */
static enum iw_colour three_components(const struct jpeg *jpeg, const uint8_t *ids)
{
    if (jpeg->has_jfif)
        return IW_COLOUR_YCBCR;
    if (jpeg->has_adobe)
        return jpeg->adobe_transform == 0 ? IW_COLOUR_RGB : IW_COLOUR_YCBCR;
    return ids[0] == 'R' && ids[3] == 'G' && ids[6] == 'B' ? IW_COLOUR_RGB : IW_COLOUR_YCBCR;
}

static enum iw_colour colour(const struct jpeg *jpeg, const uint8_t *components, uint8_t count)
{
    switch (count) {
    case 1:
        return IW_COLOUR_GREY;
    case 3:
        return three_components(jpeg, components);
    case 4:
        return IW_COLOUR_CMYK;
    default:
        return IW_COLOUR_UNKNOWN;
    }
}

/* Fills in what holds for every JPEG that reached its frame header. */
static void settle(struct iw_image_facts *facts, uint8_t marker)
{
    bool is_progressive = (marker & 3) == 2; /* C2 C6 CA CE */
    facts->progressive = is_progressive ? IW_YES : IW_NO;
    facts->animated = IW_NO;
    facts->alpha = IW_NO;
    facts->frames = 1;
    if (facts->has_icc == IW_UNKNOWN)
        facts->has_icc = IW_NO;
    if (facts->orientation == 0)
        facts->orientation = 1;
}

static enum iw_scan scan_frame(struct jpeg *jpeg, const struct segment *segment)
{
    enum { FIXED_BYTES = 6, COMPONENT_BYTES = 3 };
    struct iw_scanner *scanner = &jpeg->scanner;
    struct iw_image_facts *facts = scanner->facts;
    if (segment->body_len < FIXED_BYTES + COMPONENT_BYTES)
        return iw_scanner_bad(scanner, "the frame header is too short");
    const uint8_t *p = iw_scanner_want(scanner, segment->body_at, FIXED_BYTES, &frame_header);
    if (!p)
        return scanner->lack;
    uint8_t count = p[5];
    size_t len = FIXED_BYTES + (size_t)count * COMPONENT_BYTES;
    if (count == 0 || len != segment->body_len)
        return iw_scanner_bad(scanner, "the frame header's length does not fit its components");
    p = iw_scanner_want(scanner, segment->body_at, len, &frame_header);
    if (!p)
        return scanner->lack;
    uint32_t height = iw_be16(p + 1);
    uint32_t width = iw_be16(p + 3);
    if (width == 0)
        return iw_scanner_bad(scanner, "the frame header states a width of 0");
    facts->bit_depth = p[0];
    facts->colour = colour(jpeg, p + FIXED_BYTES, count);
    settle(facts, segment->marker);
    if (height == 0) {
        scanner->need->why = "height is given by DNL";
        return IW_SCAN_DONE;
    }
    facts->stored_width_px = width;
    facts->stored_height_px = height;
    return IW_SCAN_DONE;
}

/* ---- the walk ---- */

/* Reads the length of the segment whose marker is at segment->at. */
static enum iw_scan enter_segment(struct jpeg *jpeg, struct segment *segment)
{
    struct iw_scanner *scanner = &jpeg->scanner;
    const uint8_t *p = iw_scanner_want(scanner, segment->at, STEP_BYTES, &segment_length);
    if (!p)
        return scanner->lack;
    size_t len = iw_be16(p + 2);
    if (len < 2)
        return iw_scanner_bad(scanner, "a segment's length is below 2");
    segment->body_at = segment->at + STEP_BYTES;
    segment->body_len = len - 2;
    bool is_app = segment->marker >= APP0 && segment->marker <= APP0 + 15;
    jpeg->place = is_app ? &behind_app[segment->marker - APP0] : &behind_table;
    return IW_SCAN_DONE;
}

/* Takes the marker at segment->at and moves that offset behind its segment. */
static enum iw_scan step(struct jpeg *jpeg, struct segment *segment, bool *out_is_frame)
{
    if (segment->marker == SOS || segment->marker == EOI)
        return iw_scanner_bad(&jpeg->scanner, segment->marker == SOS ? "a scan begins before the frame header"
                                                                     : "the picture ends before the frame header");
    if (is_alone(segment->marker)) {
        segment->at += 2;
        return IW_SCAN_DONE;
    }
    enum iw_scan scan = enter_segment(jpeg, segment);
    if (scan != IW_SCAN_DONE)
        return scan;
    if (is_sof(segment->marker)) {
        *out_is_frame = true;
        return scan_frame(jpeg, segment);
    }
    if (segment->body_len > jpeg->scanner.view->total_bytes - segment->body_at)
        return iw_scanner_bad(&jpeg->scanner, "ends early: a segment is longer than the file");
    scan = scan_segment(jpeg, segment);
    segment->at = segment->body_at + segment->body_len;
    return scan;
}

static enum iw_scan scan_jpeg(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                              struct iw_need *need)
{
    struct jpeg jpeg = {
        .scanner = {.view = view, .wants = wants, .facts = facts, .need = need},
        .place = &frame_header,
    };
    struct segment segment = {.at = 2};
    for (unsigned i = 0; i < IW_SCAN_STEPS; i++) {
        bool is_frame = false;
        enum iw_scan scan = next_marker(&jpeg, &segment.at, &segment.marker);
        if (scan == IW_SCAN_DONE)
            scan = step(&jpeg, &segment, &is_frame);
        if (scan != IW_SCAN_DONE || is_frame)
            return scan;
    }
    return iw_scanner_bad(&jpeg.scanner, "too many segments before the frame header");
}

const struct iw_image_format iw_image_jpeg = {
    .name = "jpeg",
    .title = "JPEG",
    .mime = "image/jpeg",
    .mime_others = "image/jpg image/pjpeg",
    .extensions = "jpg jpeg jpe jfif pjpeg pjp",
    .sniff_bytes = 3,
    .sniff = sniff,
    .scan = scan_jpeg,
    .is_turned_by_exif = true,
};
