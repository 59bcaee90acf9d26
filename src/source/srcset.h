/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The srcset attribute of HTML (and imagesrcset): which URLs a browser may choose from. */
#ifndef IW_SOURCE_SRCSET_H
#define IW_SOURCE_SRCSET_H

#include "base/err.h"
#include "base/str.h"

/* One candidate that a browser takes. */
struct iw_srcset_candidate {
    struct iw_str url;
    size_t at;                    /* its offset in the text */
    uint32_t width_px, height_px; /* of the file, as "640w" and "480h" state them; 0: they do not */
    uint32_t
        density_thousandths; /* "1.5x": 1500, and 1000 where nothing is stated; 0: by width, or not a plain number */
};
/* Another code than IW_OK ends the parse. */
typedef enum iw_err (*iw_srcset_fn)(void *user, const struct iw_srcset_candidate *candidate);

/* "Parse a srcset attribute" of the HTML standard (section 4.8.4.2.2) over the attribute's value, references resolved.
 * Candidates whose descriptors a browser refuses are left out. Returns IW_OK, or what fn returned. */
enum iw_err iw_srcset_parse(struct iw_str text, iw_srcset_fn fn, void *user) IW_MUST_USE;

#endif
