/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* TIFF (TIFF 6.0 sections 2, 4 and 8; BigTIFF design of libtiff; TIFF/EP and DNG 1.6 for SubIFDs), with the camera raw
 * formats that are TIFF. The first directory is the picture, unless it says that it is a reduced one: then the first
 * whose NewSubfileType does not say so among its SubIFDs, else among those that follow. Directories are sought by
 * their offsets; at most MOST_IFDS of them are looked at, so that a chain that bites its tail ends too. The pixels,
 * and the crop that DNG asks for, are not looked at. CR2 has a preview first and states the size of the picture in its
 * Exif directory (2.3, PixelXDimension); RW2 describes its sensor in tags of its own. */
#include "base/iw.h"
#include "image/image.h"

#include "base/bytes.h"
#include "image/tiff.h"

enum {
    HEADER_BYTES = 8,
    BIG_HEADER_BYTES = 16,
    MOST_ENTRIES = 4096, /* of a directory; libtiff refuses longer ones too */
    MOST_IFDS = 16,
    MOST_EXTRA = 16, /* extra samples */
};

static const struct iw_place tiff_header = IW_PLACE("TIFF header");
static const struct iw_place directory = IW_PLACE("TIFF directory");
static const struct iw_place values = IW_PLACE("values of the TIFF directory");

/* The fields that are read (TIFF 6.0 section 8; 330 of TIFF/EP, 34675 of ICC.1 annex B.4, 34665 and 40962 of Exif; 2
 * to 7 of RW2 alone). */
enum field {
    SENSOR_WIDTH,
    SENSOR_HEIGHT,
    SENSOR_TOP,
    SENSOR_LEFT,
    SENSOR_BOTTOM,
    SENSOR_RIGHT,
    NEW_SUBFILE_TYPE,
    SUBFILE_TYPE,
    WIDTH,
    HEIGHT,
    BITS,
    PHOTOMETRIC,
    ORIENTATION,
    SAMPLES,
    SUB_IFDS,
    EXTRA_SAMPLES,
    EXIF_IFD,
    ICC_PROFILE,
    PIXEL_X,
    PIXEL_Y,
    FIELDS
};
static const uint16_t tags[FIELDS] = {2,   3,   4,   5,   6,   7,   254,   255,   256,   257,
                                      258, 262, 274, 277, 330, 338, 34665, 34675, 40962, 40963};

/* Bytes of a value of the types that matter, by their number: BYTE, SHORT, LONG, UNDEFINED, IFD, LONG8, IFD8. */
static const uint8_t type_bytes[] = {[1] = 1, [3] = 2, [4] = 4, [7] = 1, [13] = 4, [16] = 8, [18] = 8};

struct tiff {
    struct iw_scanner *scanner;
    uint64_t base; /* what offsets count from */
    bool is_big_endian;
    bool is_big; /* BigTIFF: 64-bit offsets */
};

/* A directory: where the values of each field lie. */
struct ifd {
    uint64_t next_at; /* of the offset of the next directory */
    struct values {
        uint64_t at;
        uint64_t count; /* 0: there is no such field, or not of a type that makes sense */
        uint8_t bytes;  /* of one value */
    } fields[FIELDS];
};

static bool sniff(const uint8_t *head, size_t len)
{
    if (len < HEADER_BYTES)
        return false;
    if (memcmp(head, "II*\0", 4) == 0)
        return iw_le32(head + 4) >= HEADER_BYTES;
    if (memcmp(head, "MM\0*", 4) == 0)
        return iw_be32(head + 4) >= HEADER_BYTES;
    /* BigTIFF: offsets of 8 bytes, and a zero */
    return memcmp(head, "II+\0\x08\0\0\0", 8) == 0 || memcmp(head, "MM\0+\0\x08\0\0", 8) == 0;
}

static uint64_t get(const struct tiff *tiff, const uint8_t *p, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | p[tiff->is_big_endian ? i : bytes - 1 - i];
    return value;
}

static unsigned offset_bytes(const struct tiff *tiff)
{
    return tiff->is_big ? 8 : 4;
}

/* The offset in the file that p tells. */
static uint64_t get_offset(const struct tiff *tiff, const uint8_t *p, unsigned bytes)
{
    uint64_t offset = get(tiff, p, bytes);
    return offset > UINT64_MAX - tiff->base ? UINT64_MAX : tiff->base + offset;
}

/* ---- directories ---- */

/* One entry: tag, type, count, and the values themselves where they fit into an offset. */
static void take_entry(const struct tiff *tiff, struct ifd *ifd, const uint8_t *p, uint64_t at)
{
    uint64_t tag = get(tiff, p, 2);
    unsigned field = 0;
    while (field < FIELDS && tags[field] != tag)
        field++;
    uint64_t type = get(tiff, p + 2, 2);
    unsigned width = offset_bytes(tiff);
    if (field == FIELDS || type >= sizeof type_bytes || !type_bytes[type] || type_bytes[type] > width ||
        ifd->fields[field].count)
        return;
    struct values *found = &ifd->fields[field];
    found->bytes = type_bytes[type];
    found->count = get(tiff, p + 4, width);
    bool is_inside = found->count <= width / found->bytes;
    found->at = is_inside ? at + 4 + width : get_offset(tiff, p + 4 + width, width);
}

/* Reads the directory at offset at; false: see scanner.lack. */
static bool read_ifd(struct tiff *tiff, uint64_t at, struct ifd *ifd)
{
    unsigned count_bytes = tiff->is_big ? 8 : 2;
    unsigned entry_bytes = tiff->is_big ? 20 : 12;
    const uint8_t *p = iw_scanner_want(tiff->scanner, at, count_bytes, &directory);
    if (!p)
        return false;
    uint64_t count = get(tiff, p, count_bytes);
    at += count_bytes;
    if (count == 0 || count > MOST_ENTRIES) {
        tiff->scanner->lack = iw_scanner_bad(tiff->scanner, "the TIFF directory has an impossible length");
        return false;
    }
    p = iw_scanner_want(tiff->scanner, at, (size_t)count * entry_bytes, &directory);
    if (!p)
        return false;
    *ifd = (struct ifd){.next_at = at + count * entry_bytes};
    for (uint64_t i = 0; i < count; i++)
        take_entry(tiff, ifd, p + i * entry_bytes, at + i * entry_bytes);
    return true;
}

/* A field of a single value, which lies in the directory itself; otherwise where there is none. */
static uint64_t single(struct tiff *tiff, const struct ifd *ifd, enum field field, uint64_t otherwise)
{
    const struct values *found = &ifd->fields[field];
    const uint8_t *p = found->count == 1 ? iw_view_get(tiff->scanner->view, found->at, found->bytes) : NULL;
    return p ? get(tiff, p, found->bytes) : otherwise;
}

/* A smaller picture, a mask or a depth map: whatever is more than a page. */
static bool is_reduced(struct tiff *tiff, const struct ifd *ifd)
{
    enum { PAGE = 2, OLD_REDUCED = 2 };
    return (single(tiff, ifd, NEW_SUBFILE_TYPE, 0) & ~(uint64_t)PAGE) ||
           single(tiff, ifd, SUBFILE_TYPE, 0) == OLD_REDUCED;
}

/* Reads the directory at offset at into *ifd if it is that of a picture in full. */
static bool try_ifd(struct tiff *tiff, uint64_t at, struct ifd *ifd, struct ifd *found, bool *out_is_full)
{
    if (!read_ifd(tiff, at, found))
        return false;
    *out_is_full = !is_reduced(tiff, found) && found->fields[WIDTH].count && found->fields[HEIGHT].count;
    if (*out_is_full)
        *ifd = *found;
    return true;
}

/* Puts the picture in full in place of the reduced one of *ifd, where there is one. */
static bool find_full(struct tiff *tiff, struct ifd *ifd)
{
    struct values subs = ifd->fields[SUB_IFDS];
    uint64_t next_at = ifd->next_at;
    size_t count = (size_t)IW_MIN(subs.count, (uint64_t)MOST_IFDS);
    bool is_full = false;
    struct ifd found;
    for (size_t i = 0; i < count && !is_full; i++) {
        const uint8_t *p = iw_scanner_want(tiff->scanner, subs.at, count * subs.bytes, &values);
        if (!p || !try_ifd(tiff, get_offset(tiff, p + i * subs.bytes, subs.bytes), ifd, &found, &is_full))
            return false;
    }
    for (size_t i = 0; i < MOST_IFDS && !is_full; i++) {
        const uint8_t *p = iw_scanner_want(tiff->scanner, next_at, offset_bytes(tiff), &directory);
        if (!p)
            return false;
        if (get(tiff, p, offset_bytes(tiff)) == 0)
            return true;
        if (!try_ifd(tiff, get_offset(tiff, p, offset_bytes(tiff)), ifd, &found, &is_full))
            return false;
        next_at = found.next_at;
    }
    return true;
}

/* ---- facts ---- */

static uint8_t orientation_of(struct tiff *tiff, const struct ifd *ifd, uint8_t otherwise)
{
    uint64_t value = single(tiff, ifd, ORIENTATION, otherwise);
    return value >= 1 && value <= 8 ? (uint8_t)value : 1;
}

/* Takes the size; false: see scanner->lack. */
static bool take_size(struct tiff *tiff, const struct ifd *ifd)
{
    uint64_t width = single(tiff, ifd, WIDTH, 0);
    uint64_t height = single(tiff, ifd, HEIGHT, 0);
    return iw_scanner_size(tiff->scanner, width, height, UINT32_MAX,
                           width && height ? "the TIFF directory states an impossible size"
                                           : "the TIFF directory states no size");
}

/* PhotometricInterpretation: colour, and how many samples it needs (0: that depends). */
static const struct {
    uint8_t value;
    uint8_t samples;
    enum iw_colour colour;
} photometrics[] = {{0, 1, IW_COLOUR_GREY},    {1, 1, IW_COLOUR_GREY},    {2, 3, IW_COLOUR_RGB},
                    {3, 1, IW_COLOUR_PALETTE}, {4, 1, IW_COLOUR_UNKNOWN}, {5, 4, IW_COLOUR_CMYK},
                    {6, 3, IW_COLOUR_YCBCR},   {8, 3, IW_COLOUR_UNKNOWN}};

/* Colour, and alpha where extra samples are not named: then there is none, or it is not known whether there is. */
static void take_colour(struct tiff *tiff, const struct ifd *ifd)
{
    struct iw_image_facts *facts = tiff->scanner->facts;
    uint64_t photometric = single(tiff, ifd, PHOTOMETRIC, UINT64_MAX);
    uint64_t samples = single(tiff, ifd, SAMPLES, 1);
    facts->has_icc = ifd->fields[ICC_PROFILE].count ? IW_YES : IW_NO;
    for (size_t i = 0; i < IW_ARRAY_LEN(photometrics); i++) {
        if (photometrics[i].value != photometric)
            continue;
        facts->colour = photometrics[i].colour;
        if (samples <= photometrics[i].samples && !ifd->fields[EXTRA_SAMPLES].count)
            facts->alpha = IW_NO;
    }
}

/* Bits of the first sample; only details, for values that do not fit into the directory lie elsewhere. */
static bool take_bits(struct tiff *tiff, const struct ifd *ifd)
{
    const struct values *bits = &ifd->fields[BITS];
    tiff->scanner->facts->bit_depth = bits->count ? 0 : 1; /* the default of TIFF 6.0 */
    if (!bits->count)
        return true;
    const uint8_t *p = iw_scanner_want(tiff->scanner, bits->at, bits->bytes, &values);
    uint64_t value = p ? get(tiff, p, bits->bytes) : 0;
    if (value <= 64)
        tiff->scanner->facts->bit_depth = (uint8_t)value;
    return p != NULL;
}

/* ExtraSamples: 1 and 2 are alpha, 0 is something else. */
static bool take_extra(struct tiff *tiff, const struct ifd *ifd)
{
    const struct values *extra = &ifd->fields[EXTRA_SAMPLES];
    size_t count = (size_t)IW_MIN(extra->count, (uint64_t)MOST_EXTRA);
    if (count == 0)
        return true;
    const uint8_t *p = iw_scanner_want(tiff->scanner, extra->at, count * extra->bytes, &values);
    if (!p)
        return false;
    tiff->scanner->facts->alpha = IW_NO;
    for (size_t i = 0; i < count; i++) {
        uint64_t value = get(tiff, p + i * extra->bytes, extra->bytes);
        if (value == 1 || value == 2)
            tiff->scanner->facts->alpha = IW_YES;
    }
    return true;
}

/* One page where no directory follows; how many there are otherwise would take a request for each. */
static bool take_pages(struct tiff *tiff, const struct ifd *ifd)
{
    const uint8_t *p = iw_scanner_want(tiff->scanner, ifd->next_at, offset_bytes(tiff), &directory);
    if (p && get(tiff, p, offset_bytes(tiff)) == 0)
        tiff->scanner->facts->frames = 1;
    return p != NULL;
}

/* Puts the size that the Exif directory states in place of the preview's; false while that is not in hand. */
static bool take_exif_size(struct tiff *tiff, const struct ifd *ifd)
{
    const struct values *pointer = &ifd->fields[EXIF_IFD];
    const uint8_t *p = pointer->count == 1 ? iw_view_get(tiff->scanner->view, pointer->at, pointer->bytes) : NULL;
    struct ifd exif;
    if (!p)
        return true;
    if (!read_ifd(tiff, get_offset(tiff, p, pointer->bytes), &exif)) {
        tiff->scanner->facts->is_damaged = tiff->scanner->lack == IW_SCAN_BAD;
        return tiff->scanner->lack == IW_SCAN_BAD;
    }
    uint64_t width = single(tiff, &exif, PIXEL_X, 0);
    uint64_t height = single(tiff, &exif, PIXEL_Y, 0);
    if (width && height && width <= UINT32_MAX && height <= UINT32_MAX) {
        tiff->scanner->facts->stored_width_px = (uint32_t)width;
        tiff->scanner->facts->stored_height_px = (uint32_t)height;
    }
    return true;
}

/* Reads the header and the directory that it points to; false: see scanner->lack. */
static bool read_first(struct tiff *tiff, struct ifd *ifd)
{
    const uint8_t *p = iw_scanner_want(tiff->scanner, tiff->base, HEADER_BYTES, &tiff_header);
    if (!p)
        return false;
    tiff->is_big_endian = p[0] == 'M';
    tiff->is_big = get(tiff, p + 2, 2) == 43;
    unsigned at = tiff->is_big ? HEADER_BYTES : HEADER_BYTES / 2;
    p = tiff->is_big ? iw_scanner_want(tiff->scanner, tiff->base, BIG_HEADER_BYTES, &tiff_header) : p;
    return p && read_ifd(tiff, get_offset(tiff, p + at, offset_bytes(tiff)), ifd);
}

enum iw_scan iw_tiff_scan(struct iw_scanner *scanner, uint64_t base, bool is_size_in_exif)
{
    struct iw_image_facts *facts = scanner->facts;
    struct tiff tiff = {.scanner = scanner, .base = base};
    struct ifd ifd;
    if (!read_first(&tiff, &ifd))
        return scanner->lack;
    struct ifd first = ifd;
    if (is_reduced(&tiff, &ifd) && !find_full(&tiff, &ifd))
        return scanner->lack;
    if (!take_size(&tiff, &ifd))
        return scanner->lack;
    if (is_size_in_exif && !take_exif_size(&tiff, &first)) {
        facts->stored_width_px = facts->stored_height_px = 0; /* it is the preview's */
        return IW_SCAN_MORE;
    }
    facts->orientation = orientation_of(&tiff, &ifd, orientation_of(&tiff, &first, 1));
    facts->animated = IW_NO;
    facts->progressive = IW_NO;
    take_colour(&tiff, &ifd);
    bool is_whole = take_bits(&tiff, &ifd) && take_extra(&tiff, &ifd) && take_pages(&tiff, &first);
    return is_whole ? IW_SCAN_DONE : iw_scanner_details(scanner);
}

enum iw_scan iw_tiff_scan_sensor(struct iw_scanner *scanner)
{
    struct iw_image_facts *facts = scanner->facts;
    struct tiff tiff = {.scanner = scanner};
    struct ifd ifd;
    if (!read_first(&tiff, &ifd))
        return scanner->lack;
    uint64_t width = single(&tiff, &ifd, SENSOR_WIDTH, 0);
    uint64_t height = single(&tiff, &ifd, SENSOR_HEIGHT, 0);
    if (!iw_scanner_size(scanner, width, height, UINT32_MAX, "the RW2 directory states an impossible size"))
        return scanner->lack;
    iw_scanner_still(scanner);
    facts->alpha = IW_NO;
    facts->orientation = orientation_of(&tiff, &ifd, 1);
    uint64_t left = single(&tiff, &ifd, SENSOR_LEFT, 0), right = single(&tiff, &ifd, SENSOR_RIGHT, width);
    uint64_t top = single(&tiff, &ifd, SENSOR_TOP, 0), bottom = single(&tiff, &ifd, SENSOR_BOTTOM, height);
    if (left >= right || right > width || top >= bottom || bottom > height)
        return IW_SCAN_DONE; /* the borders make no sense: all of the sensor is shown */
    bool is_turned = facts->orientation >= 5;
    facts->width_px = (uint32_t)(is_turned ? bottom - top : right - left);
    facts->height_px = (uint32_t)(is_turned ? right - left : bottom - top);
    return IW_SCAN_DONE;
}

static enum iw_scan scan_tiff(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                              struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    const uint8_t *p = iw_scanner_want(&scanner, 0, HEADER_BYTES, &tiff_header);
    if (!p)
        return scanner.lack;
    bool may_be_cr2 = memcmp(p, "II*\0\x10\0\0\0", HEADER_BYTES) == 0;
    p = may_be_cr2 ? iw_scanner_want(&scanner, HEADER_BYTES, 2, &tiff_header) : NULL;
    if (may_be_cr2 && !p)
        return scanner.lack;
    return iw_tiff_scan(&scanner, 0, p && memcmp(p, "CR", 2) == 0);
}

const struct iw_image_format iw_image_tiff = {
    .name = "tiff",
    .title = "TIFF",
    .mime = "image/tiff",
    .mime_others =
        "image/tif image/x-tiff image/x-tif image/tiff-fx image/x-adobe-dng image/x-nikon-nef image/x-nikon-nrw "
        "image/x-canon-cr2 image/x-sony-arw image/x-sony-sr2 image/x-sony-srf image/x-pentax-pef "
        "image/x-epson-erf image/x-kodak-dcr image/x-kodak-kdc image/x-kodak-k25",
    .extensions = "tif tiff tfx dng nef nrw cr2 arw sr2 srf pef erf dcr kdc k25",
    .sniff_bytes = HEADER_BYTES,
    .sniff = sniff,
    .scan = scan_tiff,
    .is_turned_by_exif = true, /* its own tag, the one that Exif took over */
};
