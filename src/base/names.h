/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* "Did you mean ...": the nearest of a list of names. */
#ifndef IW_BASE_NAMES_H
#define IW_BASE_NAMES_H

#include "base/str.h"

/* Keeps the best of the names offered so far. Start with {0}. */
struct iw_nearest {
    const char *name; /* NULL while nothing is near enough */
    unsigned distance;
};
/* Offers one candidate for wanted; edits counted by optimal string alignment (a swap of neighbours is
 * one edit); a distance above 1 + len/4 is not near. */
void iw_nearest_offer(struct iw_nearest *nearest, struct iw_str wanted, const char *candidate);

#endif
