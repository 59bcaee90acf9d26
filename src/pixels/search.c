/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Quality for bytes. The size of a JPEG follows a power of its quantisation scale closely, so interpolation in
 * logarithms between a quality that fits and one that does not finds the best in few passes. All of them are optimised:
 * what optimised tables spare changes so much with the quality (5 to 20 percent) that quicker passes without them
 * mislead, and more of them are needed. */
#include "base/iw.h"
#include "pixels/inside.h"

#include <math.h>
#include <stdio.h>

enum { TRIALS = 8 };

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

/* The quality at which a line through both points, in logarithms, meets target. One point twice: a photograph's line.
 */
static double meet(const struct point *a, const struct point *b, double target)
{
    double slope = -0.8, run = log(scale_of(b->quality)) - log(scale_of(a->quality));
    if (fabs(run) > 1e-6)
        slope = IW_MIN((log(b->bytes) - log(a->bytes)) / run, -0.05);
    return quality_of(scale_of(a->quality) * exp((log(target) - log(a->bytes)) / slope));
}

static bool try_at(const struct iw_planes *planes, unsigned quality, const struct iw_goal *goal, uint8_t *out,
                   size_t room, struct iw_made *made)
{
    made->encodes++;
    made->bytes = iw_jpeg_encode(planes, quality, true, out, room);
    made->quality = (uint8_t)quality;
    return made->bytes > 0 && made->bytes <= goal->max_bytes && made->bytes <= room;
}

/* The best quality from the floor on, below goal's (whose bytes are in made); 0: not even the floor fits. Its JPEG is
 * in out. */
static unsigned search(const struct iw_planes *planes, const struct iw_goal *goal, unsigned floor, uint8_t *out,
                       size_t room, struct iw_made *made)
{
    double target = (double)IW_MIN(goal->max_bytes, (uint64_t)room);
    struct point over = {goal->quality, (double)made->bytes}, under = over;
    unsigned best = 0, held = 0, high = goal->quality;
    for (int i = 0; i < TRIALS && high > (best ? best + 1 : floor); i++) {
        double guess = meet(&over, &under, target);
        if (best && guess < best + 1)
            break;
        unsigned low = best ? best + 1 : floor;
        unsigned quality = i + 1 == TRIALS && !best ? floor : guess < low ? low : (unsigned)IW_MIN(guess, high - 1.0);
        bool fits = try_at(planes, quality, goal, out, room, made);
        struct point point = {quality, (double)IW_MAX(made->bytes, (uint64_t)1)};
        held = fits ? quality : 0;
        if (fits) {
            best = quality;
            under = point;
        } else {
            high = quality;
            over = point;
            if (!best)
                under = point;
        }
    }
    if (best && best != held && !try_at(planes, best, goal, out, room, made))
        best = 0;
    return best;
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
    if (!search(planes, goal, IW_MAX(floor, 1u), out, room, made))
        made->error = IW_MADE_NOT_REACHED;
}
