/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The nearest name by optimal string alignment distance. */
#include "base/iw.h"
#include "base/names.h"

enum { LONGEST = 64 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    return IW_MIN(a, IW_MIN(b, c));
}

static unsigned distance(struct iw_str a, struct iw_str b)
{
    unsigned rows[3][LONGEST + 1];
    for (unsigned j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (unsigned i = 1; i <= a.len; i++) {
        unsigned *now = rows[i % 3], *before = rows[(i + 2) % 3], *older = rows[(i + 1) % 3];
        now[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            unsigned cost = a.ptr[i - 1] != b.ptr[j - 1];
            now[j] = min3(before[j] + 1, now[j - 1] + 1, before[j - 1] + cost);
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1])
                now[j] = IW_MIN(now[j], older[j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}

void iw_nearest_offer(struct iw_nearest *nearest, struct iw_str wanted, const char *candidate)
{
    struct iw_str other = iw_str_from(candidate);
    if (wanted.len > LONGEST || other.len > LONGEST)
        return;
    unsigned d = distance(wanted, other);
    if (d > 1 + wanted.len / 4 || (nearest->name && d >= nearest->distance))
        return;
    nearest->name = candidate;
    nearest->distance = d;
}
