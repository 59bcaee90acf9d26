/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The srcset attribute of HTML (and imagesrcset): which URLs a browser may choose from. */
#ifndef IW_SOURCE_SRCSET_H
#define IW_SOURCE_SRCSET_H

#include "base/err.h"
#include "base/str.h"

/* One candidate that a browser takes: url stands at offset at of the text. Another code than IW_OK ends the parse. */
typedef enum iw_err (*iw_srcset_fn)(void *user, struct iw_str url, size_t at);

/* "Parse a srcset attribute" of the HTML standard (section 4.8.4.2.2) over the attribute's value, references resolved.
 * Candidates whose descriptors a browser refuses are left out. Returns IW_OK, or what fn returned. */
enum iw_err iw_srcset_parse(struct iw_str text, iw_srcset_fn fn, void *user) IW_MUST_USE;

#endif
