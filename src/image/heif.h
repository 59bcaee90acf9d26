/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The High Efficiency Image File Format (ISO/IEC 23008-12), which HEIC and AVIF share: brands, the primary item, image
 * sequences and the minimized image box. */
#ifndef IW_IMAGE_HEIF_H
#define IW_IMAGE_HEIF_H

#include "image/bmff.h"

#define IW_HEIF_SNIFF_BYTES 64 /* a file type box with twelve compatible brands */

enum iw_heif_kind { IW_HEIF_NONE, IW_HEIF_HEIC, IW_HEIF_AVIF };

/* Which of them the file type box at the start of head speaks of. Video that names no image brand is NONE. */
enum iw_heif_kind iw_heif_kind(const uint8_t *head, size_t len);

/* Scans a file that iw_heif_kind() knows. Display size: clap, irot and imir of the primary item, in the order of its
 * associations; what Exif says is not applied (ISO/IEC 23008-12 clause 6.5.10 and Annex A). */
enum iw_scan iw_heif_scan(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                          struct iw_need *need);

/* ---- inside of heif*.c ---- */

/* What a meta box says of its primary item, in the facts: DONE, also where it is the meta box of something else than
 * a picture (then there is no size), MORE or BAD. */
enum iw_scan iw_heif_meta(struct iw_scanner *scanner, const struct iw_box *meta);

/* The same of a minimized image box. */
enum iw_scan iw_heif_mini(struct iw_scanner *scanner, const struct iw_box *mini);

/* The first picture track of a moov box. */
struct iw_heif_track {
    struct iw_image_facts facts; /* size, orientation, colour; frames are 0 where they are not told */
    bool is_found;
};
/* Reads the first picture track, and with wants_alpha also whether an auxiliary track holds alpha; false: see
 * scanner->lack. */
bool iw_heif_track(struct iw_scanner *scanner, const struct iw_box *moov, bool wants_alpha, struct iw_heif_track *out);

/* Takes bit depth, colour and profile from a box that describes a coded picture (av1C, hvcC, pixi, colr), as a
 * property or in a sample entry. What is known already stays, save that pixi is above the others. Boxes of other
 * types are left alone. false: see scanner->lack. */
bool iw_heif_codec(struct iw_scanner *scanner, const struct iw_box *box, uint64_t reach, struct iw_image_facts *facts);

/* Whether an auxC or auxi box says that what it describes is an alpha plane; false: see scanner->lack. */
bool iw_heif_alpha(struct iw_scanner *scanner, const struct iw_box *box, uint64_t reach, bool *out_is_alpha);

#endif
