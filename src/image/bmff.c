/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The walk over boxes (ISO/IEC 14496-12 clause 4.2). A box that ends before its own header, or behind what holds it,
 * is an error: so each step advances by 8 bytes at least and never leaves its parent. */
#include "base/iw.h"
#include "image/bmff.h"

#include "base/bytes.h"

enum {
    HEAD_BYTES = 8,
    LARGE_HEAD_BYTES = 16,
    NAME_BYTES = 16,     /* of a uuid box */
    AHEAD_BYTES = 16384, /* asked for at once: 97 of 100 meta boxes are shorter than 4 KB */
};

struct iw_boxes iw_boxes_of_file(struct iw_scanner *scanner, uint64_t at, const struct iw_place *place)
{
    return (struct iw_boxes){.scanner = scanner, .place = place, .at = at, .end = UINT64_MAX, .is_top = true};
}

struct iw_boxes iw_boxes_of(struct iw_scanner *scanner, const struct iw_box *box, unsigned skip, uint64_t reach,
                            const struct iw_place *place)
{
    uint64_t at = box->end - box->body_at < skip ? box->end : box->body_at + skip;
    return (struct iw_boxes){.scanner = scanner, .place = place, .at = at, .end = box->end, .reach = reach};
}

const uint8_t *iw_reach_want(struct iw_scanner *scanner, uint64_t at, size_t len, uint64_t reach,
                             const struct iw_place *place)
{
    const uint8_t *p = iw_scanner_want(scanner, at, len, place);
    uint64_t end = IW_MIN(reach, scanner->view->total_bytes);
    if (!p && scanner->lack == IW_SCAN_MORE && end > at)
        scanner->need->len = IW_MAX((uint64_t)len, IW_MIN(end - at, (uint64_t)AHEAD_BYTES));
    return p;
}

const uint8_t *iw_box_want(struct iw_scanner *scanner, const struct iw_box *box, size_t len, uint64_t reach,
                           const struct iw_place *place)
{
    if (box->end - box->body_at < len) {
        scanner->lack = iw_scanner_bad(scanner, "a box is too short for what it must hold");
        return NULL;
    }
    return iw_reach_want(scanner, box->body_at, len, reach, place);
}

static bool stick(struct iw_boxes *boxes, const char *why)
{
    if (why)
        boxes->scanner->lack = iw_scanner_bad(boxes->scanner, why);
    boxes->is_stuck = true;
    return false;
}

/* Whether a box of head_bytes and size, as stated, fits; then it is boxes->box and the walk stands behind it. */
static bool take(struct iw_boxes *boxes, uint32_t type, uint64_t size, uint64_t head_bytes)
{
    static const char impossible[] = "a box has an impossible size";
    if (type == IW_BOX('u', 'u', 'i', 'd'))
        head_bytes += NAME_BYTES;
    uint64_t end = boxes->at + size;
    if (size == 0) {
        if (!boxes->is_top)
            return stick(boxes, impossible);
        end = boxes->end;
    } else if (size < head_bytes || end < boxes->at || end > INT64_MAX) { /* no file is that long */
        return stick(boxes, impossible);
    }
    if (end > boxes->end)
        return stick(boxes, "a box is longer than the one that holds it");
    if (end - boxes->at < head_bytes)
        return stick(boxes, impossible);
    boxes->box = (struct iw_box){.type = type, .body_at = boxes->at + head_bytes, .end = end};
    boxes->at = end;
    return true;
}

bool iw_boxes_next(struct iw_boxes *boxes)
{
    struct iw_scanner *scanner = boxes->scanner;
    /* fewer bytes than a header are padding */
    uint64_t end = boxes->end == UINT64_MAX ? scanner->view->total_bytes : boxes->end;
    if (boxes->at >= end || end - boxes->at < HEAD_BYTES)
        return false;
    if (boxes->steps++ >= IW_SCAN_STEPS)
        return stick(boxes, "there are too many boxes");
    const uint8_t *p = iw_reach_want(scanner, boxes->at, HEAD_BYTES, boxes->reach, boxes->place);
    if (!p)
        return stick(boxes, NULL);
    uint32_t size = iw_be32(p);
    uint32_t type = iw_be32(p + 4);
    if (size != 1)
        return take(boxes, type, size, HEAD_BYTES);
    p = iw_reach_want(scanner, boxes->at, LARGE_HEAD_BYTES, boxes->reach, boxes->place);
    return p ? take(boxes, type, iw_be64(p + HEAD_BYTES), LARGE_HEAD_BYTES) : stick(boxes, NULL);
}
