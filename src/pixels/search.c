/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Quality for bytes. The size of a JPEG follows a power of its quantisation scale closely, so a secant in logarithms
 * finds the quality in few passes. Trials are encoded without optimised tables, which only ever makes them larger;
 * what is written at the end is optimised, and counted. */
#include "base/iw.h"
#include "pixels/inside.h"

#include <math.h>
#include <stdio.h>

enum { TRIALS = 6 };

/* libjpeg's scale of the tables of ITU-T T.81 annex K, in percent. */
static double scale_of(double quality)
{
    return quality < 50 ? 5000 / quality : IW_MAX(200 - 2 * quality, 1.0);
}

static double quality_of(double scale)
{
    return scale > 100 ? 5000 / scale : (200 - scale) / 2;
}

struct point {
    double quality, bytes;
};

/* The quality at which a line through both points, in logarithms, meets target. */
static double meet(const struct point *a, const struct point *b, double target)
{
    double slope = -0.7; /* a photograph's */
    double run = log(scale_of(b->quality)) - log(scale_of(a->quality));
    if (fabs(run) > 1e-6 && b->bytes > 0)
        slope = (log(b->bytes) - log(a->bytes)) / run;
    if (!(slope < -0.05))
        slope = -0.7;
    return quality_of(scale_of(a->quality) * exp((log(target) - log(a->bytes)) / slope));
}

/* The best quality in (floor, first.quality) that a trial found to fit; 0: none was found. */
static unsigned search(const struct iw_planes *planes, struct point first, unsigned floor, double target,
                       struct iw_made *made)
{
    unsigned over = (unsigned)first.quality, fits = 0;
    struct point a = first, b = first;
    for (int i = 0; i < TRIALS && over > (fits ? fits : floor) + 1; i++) {
        double guess = meet(&a, &b, target * 0.985);
        unsigned least = (fits ? fits : floor) + 1, most = over - 1;
        unsigned quality = guess < least ? least : guess > most ? most : (unsigned)guess;
        b = a;
        a = (struct point){quality, (double)iw_jpeg_encode(planes, quality, false, NULL, 0)};
        made->encodes++;
        if (a.bytes > 0 && a.bytes <= target)
            fits = quality;
        else
            over = quality;
        if (fits && a.bytes > target * 0.94 && a.bytes <= target)
            break;
    }
    return fits;
}

static bool try_at(const struct iw_planes *planes, unsigned quality, const struct iw_goal *goal, uint8_t *out,
                   size_t room, struct iw_made *made)
{
    made->encodes++;
    made->bytes = iw_jpeg_encode(planes, quality, true, out, room);
    made->quality = (uint8_t)quality;
    return made->bytes > 0 && made->bytes <= goal->max_bytes && made->bytes <= room;
}

void iw_search_quality(const struct iw_planes *planes, const struct iw_goal *goal, unsigned floor, uint8_t *out,
                       size_t room, struct iw_made *made)
{
    made->error = IW_MADE_OK;
    made->how = IW_MADE_ENCODED;
    made->subsampling = planes->count == 1 ? 400 : planes->sub_w ? 420 : 444;
    made->width_px = planes->width_px;
    made->height_px = planes->height_px;
    if (try_at(planes, goal->quality, goal, out, room, made))
        return;
    if (made->bytes == 0) {
        made->error = IW_MADE_NO_MEMORY;
        (void)snprintf(made->reason, sizeof made->reason, "no memory to encode it");
        return;
    }
    double target = (double)IW_MIN(goal->max_bytes, (uint64_t)room);
    struct point first = {goal->quality, (double)made->bytes};
    unsigned fits = goal->quality > floor ? search(planes, first, floor, target, made) : 0;
    if (fits && try_at(planes, fits, goal, out, room, made))
        return;
    if (goal->quality > floor && try_at(planes, floor, goal, out, room, made))
        return;
    made->error = IW_MADE_NOT_REACHED;
}
