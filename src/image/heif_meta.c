/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The primary item of a meta box (ISO/IEC 14496-12 clause 8.11, ISO/IEC 23008-12 clauses 6.2 and 6.5): only its own
 * associations are kept, since neither the first nor the largest ispe of a file need be its size. Items of a grid are
 * asked for bit depth alone, auxiliary items for alpha. Whether a property is marked essential is not looked at: what a
 * strict reader refuses has a size all the same. */
#include "base/iw.h"
#include "image/heif.h"

#include "base/bytes.h"

enum {
    FULL_BYTES = 4,      /* version and flags of a full box */
    MOST_SLOTS = 64,     /* properties of one item */
    MOST_ITEMS = 65536,  /* entries of an ipma box, references of an iref box */
    MOST_AUXILIARY = 16, /* auxiliary items of the primary one */
    MOST_NAMED = 64,     /* items that one reference names, components of one item */
    ALPHA_COMPONENT = 7, /* ISO/IEC 23001-17 table 1 */
};

static const struct iw_place meta_box = IW_PLACE("meta box");

/* A meta box and the boxes in it that are of use; type 0: not there. */
struct meta {
    struct iw_scanner *scanner;
    uint64_t reach; /* end of the meta box */
    struct iw_box pitm, iprp, iref;
    bool is_other; /* its handler is not that of pictures */
};

/* One item: its properties, in the order of their association. */
struct item {
    uint32_t id;
    unsigned count;
    struct slot {
        uint16_t index; /* of the property, from 1 */
        struct iw_box box;
    } slots[MOST_SLOTS];
};

static bool fail(const struct meta *meta, const char *why)
{
    meta->scanner->lack = iw_scanner_bad(meta->scanner, why);
    return false;
}

static const uint8_t *want(const struct meta *meta, uint64_t at, size_t len)
{
    return iw_reach_want(meta->scanner, at, len, meta->reach, &meta_box);
}

static struct iw_boxes boxes_of(const struct meta *meta, const struct iw_box *box, unsigned skip)
{
    return iw_boxes_of(meta->scanner, box, skip, meta->reach, &meta_box);
}

/* ---- parts ---- */

/* Whether the handler is that of pictures (ISO/IEC 23008-12 clause 6.2); where none is stated, it counts as that. */
static bool read_handler(struct meta *meta, const struct iw_box *hdlr)
{
    const uint8_t *p = iw_box_want(meta->scanner, hdlr, FULL_BYTES + 8, meta->reach, &meta_box);
    if (!p)
        return false;
    meta->is_other = memcmp(p + FULL_BYTES + 4, "pict", 4) != 0;
    return true;
}

static bool has_item(const struct meta *meta)
{
    return meta->pitm.type && meta->iprp.type;
}

/* Notes where the parts lie, the first of each kind; false when stuck before all were found. What has an item is not
 * taken for something else any more: the answer must not depend on how far the bytes in hand reach. */
static bool find_parts(struct meta *meta, const struct iw_box *box)
{
    struct iw_boxes boxes = boxes_of(meta, box, FULL_BYTES);
    while (!(has_item(meta) && meta->iref.type) && !meta->is_other && iw_boxes_next(&boxes)) {
        struct iw_box *part = NULL;
        if (boxes.box.type == IW_BOX('p', 'i', 't', 'm'))
            part = &meta->pitm;
        else if (boxes.box.type == IW_BOX('i', 'p', 'r', 'p'))
            part = &meta->iprp;
        else if (boxes.box.type == IW_BOX('i', 'r', 'e', 'f'))
            part = &meta->iref;
        else if (boxes.box.type == IW_BOX('h', 'd', 'l', 'r') && !has_item(meta) && !read_handler(meta, &boxes.box))
            return false;
        if (part && !part->type)
            *part = boxes.box;
    }
    return !boxes.is_stuck;
}

static bool read_primary(const struct meta *meta, uint32_t *out_id)
{
    const uint8_t *p = iw_box_want(meta->scanner, &meta->pitm, FULL_BYTES + 2, meta->reach, &meta_box);
    if (p && p[0] != 0)
        p = iw_box_want(meta->scanner, &meta->pitm, FULL_BYTES + 4, meta->reach, &meta_box);
    if (!p)
        return false;
    *out_id = p[0] ? iw_be32(p + FULL_BYTES) : iw_be16(p + FULL_BYTES);
    return true;
}

/* ---- properties ---- */

/* The associations of one entry of an ipma box (ISO/IEC 14496-12 clause 8.11.14). */
static void take_associations(struct item *item, const uint8_t *p, unsigned count, bool is_wide)
{
    for (unsigned i = 0; i < count && item->count < MOST_SLOTS; i++) {
        unsigned index = is_wide ? iw_be16(p + 2 * i) & 0x7FFFu : p[i] & 0x7Fu;
        if (index)
            item->slots[item->count++] = (struct slot){.index = (uint16_t)index};
    }
}

/* Collects what an ipma box associates with the item. */
static bool read_associations(const struct meta *meta, const struct iw_box *ipma, struct item *item)
{
    enum { HEAD_BYTES = FULL_BYTES + 4 };
    const uint8_t *p = iw_box_want(meta->scanner, ipma, HEAD_BYTES, meta->reach, &meta_box);
    if (!p)
        return false;
    size_t id_bytes = p[0] ? 4 : 2;
    bool is_wide = p[3] & 1;
    uint32_t entries = iw_be32(p + FULL_BYTES);
    uint64_t at = ipma->body_at + HEAD_BYTES;
    if (entries > MOST_ITEMS)
        return fail(meta, "there are too many items");
    for (uint32_t i = 0; i < entries; i++) {
        if (ipma->end - at < id_bytes + 1)
            return fail(meta, "the item property associations are cut off");
        p = want(meta, at, id_bytes + 1);
        if (!p)
            return false;
        unsigned count = p[id_bytes];
        size_t len = (size_t)count << is_wide;
        bool is_it = (id_bytes == 4 ? iw_be32(p) : iw_be16(p)) == item->id;
        at += id_bytes + 1;
        if (ipma->end - at < len)
            return fail(meta, "the item property associations are cut off");
        if (is_it && count) {
            p = want(meta, at, len);
            if (!p)
                return false;
            take_associations(item, p, count, is_wide);
        }
        at += len;
    }
    return true;
}

/* Where the associated properties lie in the ipco box. */
static bool find_properties(const struct meta *meta, const struct iw_box *ipco, struct item *item)
{
    unsigned last = 0;
    for (unsigned i = 0; i < item->count; i++)
        last = IW_MAX(last, item->slots[i].index);
    struct iw_boxes boxes = boxes_of(meta, ipco, 0);
    for (unsigned index = 1; index <= last && iw_boxes_next(&boxes); index++)
        for (unsigned i = 0; i < item->count; i++)
            if (item->slots[i].index == index)
                item->slots[i].box = boxes.box;
    return !boxes.is_stuck;
}

/* The properties of the item called item->id. */
static bool read_item(const struct meta *meta, struct item *item)
{
    struct iw_box ipco = {0};
    struct iw_boxes boxes = boxes_of(meta, &meta->iprp, 0);
    item->count = 0;
    while (iw_boxes_next(&boxes)) {
        if (boxes.box.type == IW_BOX('i', 'p', 'c', 'o'))
            ipco = boxes.box;
        else if (boxes.box.type == IW_BOX('i', 'p', 'm', 'a') && !read_associations(meta, &boxes.box, item))
            return false;
    }
    return !boxes.is_stuck && (!ipco.type || find_properties(meta, &ipco, item));
}

/* ---- size ---- */

/* Exif numbering after a further step: a quarter turn anti-clockwise, top and bottom exchanged, left and right. */
static const uint8_t turned[9] = {0, 8, 5, 6, 7, 4, 1, 2, 3};
static const uint8_t mirrored[2][9] = {{0, 4, 3, 2, 1, 8, 7, 6, 5}, {0, 2, 1, 4, 3, 6, 5, 8, 7}};

/* Clean aperture (ISO/IEC 14496-12 clause 12.1.4): a size as two fractions. One that is larger than the picture is
 * not applied; viewers differ there. */
static bool clap(const struct meta *meta, const struct iw_box *box)
{
    struct iw_image_facts *facts = meta->scanner->facts;
    const uint8_t *p = iw_box_want(meta->scanner, box, 32, meta->reach, &meta_box);
    if (!p)
        return false;
    uint64_t width_d = iw_be32(p + 4);
    uint64_t height_d = iw_be32(p + 12);
    if (width_d == 0 || height_d == 0)
        return fail(meta, "the clean aperture divides by 0");
    uint64_t width = (iw_be32(p) + width_d / 2) / width_d;
    uint64_t height = (iw_be32(p + 8) + height_d / 2) / height_d;
    if (width == 0 || height == 0)
        return fail(meta, "the clean aperture is empty");
    if (width > facts->width_px || height > facts->height_px) {
        facts->is_damaged = true;
        return true;
    }
    facts->width_px = (uint32_t)width;
    facts->height_px = (uint32_t)height;
    return true;
}

/* Rotation (ISO/IEC 23008-12 clause 6.5.10): quarter turns anti-clockwise. */
static bool irot(const struct meta *meta, const struct iw_box *box)
{
    struct iw_image_facts *facts = meta->scanner->facts;
    const uint8_t *p = iw_box_want(meta->scanner, box, 1, meta->reach, &meta_box);
    if (!p)
        return false;
    for (unsigned i = 0; i < (p[0] & 3u); i++) {
        uint32_t width = facts->width_px;
        facts->width_px = facts->height_px;
        facts->height_px = width;
        facts->orientation = turned[facts->orientation];
    }
    return true;
}

/* Mirroring (clause 6.5.12): axis 0 exchanges top and bottom, 1 left and right. */
static bool imir(const struct meta *meta, const struct iw_box *box)
{
    const uint8_t *p = iw_box_want(meta->scanner, box, 1, meta->reach, &meta_box);
    if (!p)
        return false;
    meta->scanner->facts->orientation = mirrored[p[0] & 1][meta->scanner->facts->orientation];
    return true;
}

/* Transformations, applied in the order of their association (ISO/IEC 23008-12 clause 6.5.1). */
static const struct {
    uint32_t type;
    bool (*apply)(const struct meta *meta, const struct iw_box *box);
} transformations[] = {
    {IW_BOX('c', 'l', 'a', 'p'), clap}, {IW_BOX('i', 'r', 'o', 't'), irot}, {IW_BOX('i', 'm', 'i', 'r'), imir}};

static bool transform(const struct meta *meta, const struct item *item)
{
    for (unsigned i = 0; i < item->count; i++)
        for (size_t k = 0; k < IW_ARRAY_LEN(transformations); k++)
            if (item->slots[i].box.type == transformations[k].type &&
                !transformations[k].apply(meta, &item->slots[i].box))
                return false;
    return true;
}

static const struct iw_box *find_property(const struct item *item, uint32_t type)
{
    for (unsigned i = 0; i < item->count; i++)
        if (item->slots[i].box.type == type)
            return &item->slots[i].box;
    return NULL;
}

/* Takes stored (clause 6.5.3) and displayed size of the primary item. Nothing is taken where something is missing. */
static bool take_size(const struct meta *meta, const struct item *item)
{
    struct iw_image_facts *facts = meta->scanner->facts;
    const struct iw_box *ispe = find_property(item, IW_BOX('i', 's', 'p', 'e'));
    if (!ispe)
        return fail(meta, "the primary item states no size");
    const uint8_t *p = iw_box_want(meta->scanner, ispe, FULL_BYTES + 8, meta->reach, &meta_box);
    if (!p)
        return false;
    uint32_t width = iw_be32(p + FULL_BYTES);
    uint32_t height = iw_be32(p + FULL_BYTES + 4);
    if (width == 0 || height == 0)
        return fail(meta, "the primary item states a size of 0");
    facts->width_px = width;
    facts->height_px = height;
    facts->orientation = 1;
    if (!transform(meta, item)) {
        facts->width_px = facts->height_px = 0;
        return false;
    }
    facts->stored_width_px = width;
    facts->stored_height_px = height;
    return true;
}

/* ---- details ---- */

static bool take_codec(const struct meta *meta, const struct item *item)
{
    for (unsigned i = 0; i < item->count; i++)
        if (item->slots[i].box.type &&
            !iw_heif_codec(meta->scanner, &item->slots[i].box, meta->reach, meta->scanner->facts))
            return false;
    return true;
}

/* What the primary item is derived from, and what is auxiliary to either. */
struct references {
    uint32_t first_tile; /* of a grid or another derived item; 0: none */
    unsigned auxiliary_count;
    struct auxiliary {
        uint32_t id;
        bool is_of_tile;
    } auxiliaries[MOST_AUXILIARY];
};

/* One box of iref: an item refers to others (ISO/IEC 14496-12 clause 8.11.12). */
static bool read_reference(const struct meta *meta, const struct iw_box *box, size_t id_bytes, uint32_t primary,
                           struct references *refs)
{
    const uint8_t *p = iw_box_want(meta->scanner, box, id_bytes + 2, meta->reach, &meta_box);
    if (!p)
        return false;
    size_t count = IW_MIN(iw_be16(p + id_bytes), (unsigned)MOST_NAMED);
    p = iw_box_want(meta->scanner, box, id_bytes + 2 + count * id_bytes, meta->reach, &meta_box);
    if (!p)
        return false;
    uint32_t from = id_bytes == 4 ? iw_be32(p) : iw_be16(p);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *q = p + id_bytes + 2 + i * id_bytes;
        uint32_t to = id_bytes == 4 ? iw_be32(q) : iw_be16(q);
        if (box->type == IW_BOX('d', 'i', 'm', 'g')) {
            if (from == primary && !refs->first_tile)
                refs->first_tile = to;
        } else if ((to == primary || to == refs->first_tile) && refs->auxiliary_count < MOST_AUXILIARY) {
            refs->auxiliaries[refs->auxiliary_count++] = (struct auxiliary){from, to != primary};
        }
    }
    return true;
}

/* Reads the references of one type. */
static bool read_references(const struct meta *meta, uint32_t type, uint32_t primary, struct references *refs)
{
    const uint8_t *p = iw_box_want(meta->scanner, &meta->iref, FULL_BYTES, meta->reach, &meta_box);
    if (!p)
        return false;
    size_t id_bytes = p[0] ? 4 : 2;
    struct iw_boxes boxes = boxes_of(meta, &meta->iref, FULL_BYTES);
    while (iw_boxes_next(&boxes))
        if (boxes.box.type == type && !read_reference(meta, &boxes.box, id_bytes, primary, refs))
            return false;
    return !boxes.is_stuck;
}

/* Whether the components of an uncompressed item (ISO/IEC 23001-17 clause 5.1) contain alpha. */
static bool take_components(const struct meta *meta, const struct item *item)
{
    const struct iw_box *cmpd = find_property(item, IW_BOX('c', 'm', 'p', 'd'));
    const uint8_t *p = cmpd ? iw_box_want(meta->scanner, cmpd, 4, meta->reach, &meta_box) : NULL;
    if (!p)
        return !cmpd;
    size_t count = IW_MIN(iw_be32(p), (uint32_t)MOST_NAMED);
    p = iw_box_want(meta->scanner, cmpd, 4 + 2 * count, meta->reach, &meta_box);
    for (size_t i = 0; p && i < count; i++)
        if (iw_be16(p + 4 + 2 * i) == ALPHA_COMPONENT)
            meta->scanner->facts->alpha = IW_YES;
    return p != NULL;
}

/* Whether one of the auxiliary items is alpha. One that belongs to a tile alone leaves the question open: a derived
 * item need not show it. */
static bool take_alpha(const struct meta *meta, const struct references *refs, struct item *item)
{
    struct iw_image_facts *facts = meta->scanner->facts;
    bool is_open = false;
    for (unsigned i = 0; i < refs->auxiliary_count && facts->alpha == IW_UNKNOWN; i++) {
        bool is_alpha = false;
        item->id = refs->auxiliaries[i].id;
        if (!read_item(meta, item))
            return false;
        const struct iw_box *type = find_property(item, IW_BOX('a', 'u', 'x', 'C'));
        if (type && !iw_heif_alpha(meta->scanner, type, meta->reach, &is_alpha))
            return false;
        if (is_alpha && !refs->auxiliaries[i].is_of_tile)
            facts->alpha = IW_YES;
        is_open |= is_alpha;
    }
    if (facts->alpha == IW_UNKNOWN && !is_open)
        facts->alpha = IW_NO;
    return true;
}

/* Bit depth and colour of a grid are those of its first tile. */
static bool take_details(const struct meta *meta, struct item *item)
{
    struct iw_image_facts *facts = meta->scanner->facts;
    struct references refs = {0};
    uint32_t primary = item->id;
    if (!take_codec(meta, item) || !take_components(meta, item))
        return false;
    if (facts->has_icc == IW_UNKNOWN)
        facts->has_icc = IW_NO;
    if (meta->iref.type && (!read_references(meta, IW_BOX('d', 'i', 'm', 'g'), primary, &refs) ||
                            !read_references(meta, IW_BOX('a', 'u', 'x', 'l'), primary, &refs)))
        return false;
    if (refs.first_tile && !facts->colour) {
        item->id = refs.first_tile;
        if (!read_item(meta, item) || !take_codec(meta, item))
            return false;
    }
    return take_alpha(meta, &refs, item);
}

enum iw_scan iw_heif_meta(struct iw_scanner *scanner, const struct iw_box *box)
{
    struct meta meta = {.scanner = scanner, .reach = box->end};
    struct item item = {0};
    bool is_whole = find_parts(&meta, box);
    if (meta.is_other)
        return IW_SCAN_DONE;
    if (!has_item(&meta))
        return is_whole ? iw_scanner_bad(scanner, "the meta box names no primary item or no properties")
                        : scanner->lack;
    if (!read_primary(&meta, &item.id) || !read_item(&meta, &item) || !take_size(&meta, &item))
        return scanner->lack;
    return is_whole && take_details(&meta, &item) ? IW_SCAN_DONE : scanner->lack;
}
