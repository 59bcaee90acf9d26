/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Raw pictures of Canon cameras since 2018: boxes (ISO/IEC 14496-12 clause 4.2) of brand crx, whose movie box holds one
 * of Canon's own with the first directory of a TIFF in it. */
#include "base/iw.h"
#include "image/bmff.h"
#include "image/image.h"

#include "image/tiff.h"

enum { SNIFF_BYTES = 12, NAME_BYTES = 16 };

static const struct iw_place file_boxes = IW_PLACE("boxes before the directory");

static bool sniff(const uint8_t *head, size_t len)
{
    return len >= SNIFF_BYTES && memcmp(head + 4, "ftypcrx ", 8) == 0;
}

/* Whether a uuid box, by its name, is Canon's; false also where scanner->lack is set to MORE or BAD. */
static bool is_canon(struct iw_scanner *scanner, const struct iw_box *box)
{
    static const uint8_t name[NAME_BYTES] = {0x85, 0xC0, 0xB6, 0x87, 0x82, 0x0F, 0x11, 0xE0,
                                             0x81, 0x11, 0xF4, 0xCE, 0x46, 0x2B, 0x6A, 0x48};
    if (box->type != IW_BOX('u', 'u', 'i', 'd'))
        return false;
    const uint8_t *p = iw_reach_want(scanner, box->body_at - NAME_BYTES, NAME_BYTES, box->end, &file_boxes);
    return p && memcmp(p, name, NAME_BYTES) == 0;
}

/* Moves to the next box of a kind. False: see scanner->lack. */
static bool seek(struct iw_boxes *boxes, uint32_t type)
{
    struct iw_scanner *scanner = boxes->scanner;
    scanner->lack = IW_SCAN_DONE;
    while (iw_boxes_next(boxes)) {
        bool is_found =
            boxes->box.type == type && (type != IW_BOX('u', 'u', 'i', 'd') || is_canon(scanner, &boxes->box));
        if (is_found || scanner->lack != IW_SCAN_DONE)
            return is_found;
    }
    if (!boxes->is_stuck)
        scanner->lack = iw_scanner_bad(scanner, "no box of Canon's describes a picture");
    return false;
}

static enum iw_scan scan_cr3(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                             struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    struct iw_boxes file = iw_boxes_of_file(&scanner, 0, &file_boxes);
    if (!seek(&file, IW_BOX('m', 'o', 'o', 'v')))
        return scanner.lack;
    struct iw_boxes movie = iw_boxes_of(&scanner, &file.box, 0, file.box.end, &file_boxes);
    if (!seek(&movie, IW_BOX('u', 'u', 'i', 'd')))
        return scanner.lack;
    struct iw_boxes canon = iw_boxes_of(&scanner, &movie.box, 0, movie.box.end, &file_boxes);
    if (!seek(&canon, IW_BOX('C', 'M', 'T', '1')))
        return scanner.lack;
    return iw_tiff_scan(&scanner, canon.box.body_at, false);
}

const struct iw_image_format iw_image_cr3 = {
    .name = "cr3",
    .title = "Canon CR3",
    .mime = "image/x-canon-cr3",
    .extensions = "cr3",
    .sniff_bytes = SNIFF_BYTES,
    .sniff = sniff,
    .scan = scan_cr3,
    .is_turned_by_exif = true, /* the tag of its directory */
};
