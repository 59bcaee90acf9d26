/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Which URLs a list has, inside report/. */
#ifndef IW_REPORT_SEEN_H
#define IW_REPORT_SEEN_H

#include "base/map.h"
#include "base/str.h"

/* Whether note was taken of text. */
bool iw_was_seen(const struct iw_map *map, struct iw_str text);
/* Takes note of text; *out_is_new says whether it is the first time. Beyond the ceiling of map all are new, unless they
 * are among those noted. IW_ERR_NOMEM. */
enum iw_err iw_seen(struct iw_map *map, struct iw_str text, bool *out_is_new) IW_MUST_USE;

#endif
