/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* First bytes of an image to facts, or "give me len bytes at offset at". Pure: no I/O, no clock, no
 * globals; every scanner starts afresh from the bytes in hand, so it does not matter how they were cut.
 * Nothing is allocated, but for SVG while it is scanned: it goes through libxml2 and zlib. */
#ifndef IW_IMAGE_IMAGE_H
#define IW_IMAGE_IMAGE_H

#include "base/str.h"

/* Bytes of a file that are in hand. */
struct iw_window {
    const uint8_t *ptr;
    uint64_t at; /* offset of ptr[0] in the file */
    size_t len;
};

/* Everything in hand of one file: windows sorted by offset, neither overlapping nor touching. */
struct iw_view {
    const struct iw_window *windows;
    size_t count;
    uint64_t total_bytes; /* size of the file, UINT64_MAX when unknown */
};

/* The len bytes at offset at, when one window holds them all; else NULL. Overflow-safe. */
const uint8_t *iw_view_get(const struct iw_view *view, uint64_t at, size_t len);

enum iw_scan {
    IW_SCAN_DONE, /* all that was wanted is in the facts */
    IW_SCAN_MORE, /* the bytes in struct iw_need are wanted; the facts hold what is known so far */
    IW_SCAN_BAD,  /* the header contradicts itself, or the file ends inside it; need->why says how */
};

/* What a scanner lacks. */
struct iw_need {
    uint64_t at;
    uint64_t len;          /* at least 1; the least that brings it forward */
    bool is_prefix;        /* the format cannot seek: reading on from the end of the first window helps more */
    bool has_size_already; /* only details (animation, trailing Exif) are still open: facts may be used as they are */
    const char *why;       /* static text: "SOF behind APP2", or what is wrong with a BAD file */
};

/* What the caller wants beyond the pixel size. */
struct iw_wants {
    bool animation;     /* whether there is a second frame (GIF: may need reading on) */
    bool trailing_exif; /* orientation from an Exif chunk behind the pixels (WebP) */
    bool details;       /* whatever else the header tells; for the probe, scanners do not look at it */
};

/* Histories keep the number: new ones go to the end. */
enum iw_colour { IW_COLOUR_UNKNOWN, IW_COLOUR_GREY, IW_COLOUR_RGB, IW_COLOUR_PALETTE, IW_COLOUR_YCBCR, IW_COLOUR_CMYK };

struct iw_image_format;

/* One picture of an icon or a cursor, as the directory states it; a side of 0 is one of 256, or more. */
struct iw_icon_entry {
    uint8_t width_px, height_px;
};
#define IW_ICON_ENTRIES 12 /* that are kept; few icons have more */

/* What a header says. 0 and IW_UNKNOWN mean not known. Pixels are 1..2^32-1. */
struct iw_image_facts {
    const struct iw_image_format *format;       /* NULL: no known image */
    uint32_t width_px, height_px;               /* as displayed: after orientation (and clap) */
    uint32_t stored_width_px, stored_height_px; /* as stored */
    uint8_t orientation;                        /* Exif numbering 1..8; 0 while not known */
    enum iw_tri animated;
    enum iw_tri alpha;
    uint8_t bit_depth; /* bits per channel (palette: per index) */
    enum iw_colour colour;
    enum iw_tri has_icc;
    enum iw_tri progressive; /* or interlaced */
    uint32_t frames;         /* where the header tells */
    uint8_t entry_count;     /* of entries, the first of what an icon or a cursor holds; histories do not keep them */
    struct iw_icon_entry entries[IW_ICON_ENTRIES];
    bool is_damaged;         /* read, but bytes had to be skipped */
};

/* One image format: one file, one row of formats.def. */
struct iw_image_format {
    const char *name;        /* as in the record: "jpeg" */
    const char *title;       /* for people: "JPEG" */
    const char *mime;        /* the registered type: "image/jpeg" */
    const char *mime_others; /* further types in use, separated by spaces, or NULL */
    const char *extensions;  /* separated by spaces, the usual one first */
    size_t sniff_bytes;      /* sniff() wants this many bytes from offset 0 (fewer only when the file is shorter) */
    bool (*sniff)(const uint8_t *head, size_t len); /* by the first sniff_bytes alone */
    /* where sniff() could only guess, scan() may set facts->format to NULL: with DONE the formats behind it are tried,
     * with MORE it is still open which one this is */
    enum iw_scan (*scan)(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                         struct iw_need *need);
    bool is_turned_by_exif;    /* the orientation applies to the display size */
    bool has_other_beginnings; /* sniff() does not know all files of the format by their bytes */
};

/* The table of formats.def, in order of priority. */
extern const struct iw_image_format *const iw_image_formats[];
extern const size_t iw_image_format_count;

/* The format called name ("jpeg"; also "jpg", "heif"-like extensions), or NULL. */
const struct iw_image_format *iw_image_format_find(struct iw_str name);
/* The format that a media type names (lower-case, without parameters), or NULL. */
const struct iw_image_format *iw_image_format_of_type(struct iw_str mime);
/* The format that the extension of a path or URL path names (query and fragment are not part of it), or NULL. */
const struct iw_image_format *iw_image_format_of_path(struct iw_str path);

/* Makes libxml2, which reads SVG, ready for threads. To be called before there are two that scan; again does no harm.
 */
void iw_image_prepare(void);

/* Recognises the format by its bytes and scans its header. *facts and *need are overwritten.
 * DONE with facts->format == NULL: these bytes are no known image. DONE without a size: need->why says why.
 * MORE: ask for need and call again with a view that holds it. need->at < view->total_bytes always.
 * BAD: facts->format is set. Display size is already turned by the orientation where the format's row says so. */
enum iw_scan iw_image_scan(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                           struct iw_need *need);

#endif
