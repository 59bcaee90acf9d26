/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A progressive file refines: its last scans hold the lowest bit of each coefficient, which is half of the bytes and of
 * the time. In a picture that is scaled to a fourth most of that is smaller than what the result's own quantisation
 * does. How much smaller follows from the tables alone: a coefficient whose lower bits are missing is wrong by any
 * multiple of its step below their weight, equally likely; the inverse DCT is orthonormal, and what the scaling lets
 * through of each cosine is known. */
#include "pixels/jpeg_scans.h"

#include "base/bytes.h"

#include <math.h>
#include <string.h>

enum {
    SOI = 0xD8,
    EOI = 0xD9,
    SOS = 0xDA,
    DHT = 0xC4,
    DRI = 0xDD,
    COM = 0xFE,
    APP0 = 0xE0,
    APP15 = 0xEF,
    SOF0 = 0xC0,
    RST0 = 0xD0,
    RST7 = 0xD7
};
enum { NEVER_SENT = 0xFF, PRECISION_MAX = 13, COEFFICIENTS = 64 };

/* Zigzag order (T.81, figure A.6) to 8 * down + across. */
static const uint8_t natural[COEFFICIENTS] = {0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,
                                              12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6,  7,  14, 21, 28,
                                              35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
                                              58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

struct scan {
    size_t from, to;                /* its header and its entropy-coded bytes */
    unsigned parts;                 /* bits */
    uint8_t first, last, high, low; /* Ss, Se, Ah, Al */
    bool is_left_out;
};

struct scans {
    const uint8_t *bytes;
    size_t len, end; /* end: behind EOI */
    const struct iw_scan_part *parts;
    unsigned part_count, count;
    struct scan all[IW_SCANS_MAX];
};

/* ---- what scaling lets through ---- */

/* The mean over all places of the squared answer to one cosine of length 8, by which blocks with errors that know
 * nothing of each other add up. The low-pass is taken as ideal, so that its autocorrelation is a sinc: Lanczos with
 * three lobes lets less through. */
void iw_scan_gain(double gain[8], unsigned shrunk_by, double ratio)
{
    const double pi = 3.14159265358979323846, nothing = 1e-9;
    unsigned count = 8 / shrunk_by;
    for (unsigned k = 0; k < 8; k++) {
        double averages[8] = {0}, sum = 0;
        for (unsigned x = 0; x < 8; x++)
            averages[x / shrunk_by] += cos((2 * x + 1) * k * pi / 16) * (k ? 0.5 : sqrt(0.125)) / shrunk_by;
        for (unsigned i = 0; i < count; i++)
            for (unsigned j = 0; j < count; j++) {
                double apart = ((double)i - (double)j) * shrunk_by * pi / ratio;
                sum += averages[i] * averages[j] * (i == j ? 1 : sin(apart) / apart);
            }
        gain[k] = sum * shrunk_by * shrunk_by / (8 * ratio);
        if (gain[k] < nothing)
            gain[k] = 0;
    }
}

/* ---- reading ---- */

static bool read_scan(struct scans *s, size_t at, size_t header_len)
{
    const uint8_t *header = s->bytes + at + 4;
    unsigned named = header_len > 2 ? header[0] : 0;
    if (s->count == IW_SCANS_MAX || named == 0 || named > s->part_count || header_len != 6 + 2 * (size_t)named)
        return false;
    const uint8_t *tail = header + 1 + 2 * (size_t)named;
    struct scan *scan = &s->all[s->count++];
    *scan = (struct scan){.from = at, .first = tail[0], .last = tail[1], .high = tail[2] >> 4, .low = tail[2] & 15};
    for (unsigned n = 0; n < named; n++)
        for (unsigned i = 0; i < s->part_count; i++)
            if (s->parts[i].id == header[1 + 2 * n])
                scan->parts |= 1u << i;
    bool is_one = (scan->parts & (scan->parts - 1)) == 0;
    bool is_in_bounds =
        scan->first ? scan->last >= scan->first && scan->last < COEFFICIENTS && named == 1 && is_one : scan->last == 0;
    return scan->parts && is_in_bounds && scan->low <= PRECISION_MAX && (!scan->high || scan->high == scan->low + 1);
}

/* Behind entropy-coded bytes: the next marker that is neither a stuffed 0xFF nor a restart. len: there is none. */
static size_t skip_entropy(const struct scans *s, size_t at)
{
    while (at + 1 < s->len) {
        const uint8_t *found = memchr(s->bytes + at, 0xFF, s->len - 1 - at);
        if (!found)
            break;
        at = (size_t)(found - s->bytes);
        uint8_t code = s->bytes[at + 1];
        if (code != 0 && code != 0xFF && !(code >= RST0 && code <= RST7))
            return at;
        at += code == 0xFF ? 1 : 2;
    }
    return s->len;
}

static bool has_length(uint8_t code)
{
    return code >= SOF0 && code != 0xFF && !(code >= RST0 && code <= SOI);
}

/* Between scans there may be tables of codes, which cost nothing, and notes. */
static bool may_stand_between(uint8_t code)
{
    return code == DHT || code == DRI || code == COM || (code >= APP0 && code <= APP15);
}

static bool read_scans(struct scans *s)
{
    if (s->len < 2 || s->bytes[0] != 0xFF || s->bytes[1] != SOI)
        return false;
    for (size_t at = 2; at + 2 <= s->len && s->bytes[at] == 0xFF;) {
        uint8_t code = s->bytes[at + 1];
        s->end = at + 2;
        if (code == EOI)
            return true;
        if (at + 4 > s->len || !has_length(code) || (s->count && code != SOS && !may_stand_between(code)))
            return false;
        size_t segment_len = iw_be16(s->bytes + at + 2);
        if (segment_len < 2 || segment_len > s->len - at - 2)
            return false;
        if (code == SOS && !read_scan(s, at, segment_len))
            return false;
        at += 2 + segment_len;
        if (code == SOS)
            s->all[s->count - 1].to = at = skip_entropy(s, at);
    }
    return false;
}

/* ---- checking ---- */

/* Each coefficient is sent once, and each bit below in its turn, down to the last one. */
static bool are_in_order(const struct scans *s)
{
    uint8_t lowest[IW_SCAN_PARTS_MAX][COEFFICIENTS];
    memset(lowest, NEVER_SENT, sizeof lowest);
    for (unsigned n = 0; n < s->count; n++)
        for (unsigned i = 0; i < s->part_count; i++)
            for (unsigned k = s->all[n].first; s->all[n].parts >> i & 1 && k <= s->all[n].last; k++) {
                if (lowest[i][k] != (s->all[n].high ? s->all[n].high : NEVER_SENT))
                    return false;
                lowest[i][k] = s->all[n].low;
            }
    for (unsigned i = 0; i < s->part_count; i++)
        for (unsigned k = 0; k < COEFFICIENTS; k++)
            if (lowest[i][k] != 0)
                return false;
    return true;
}

/* ---- choosing ---- */

struct choice {
    uint8_t lost[COEFFICIENTS]; /* bits */
    bool is_needed[COEFFICIENTS];
    double error;
};

/* The mean square of 0, 1 ... 2^bits - 1 */
static double mean_square(unsigned bits)
{
    double most = (double)(1u << bits);
    return (most - 1) * (2 * most - 1) / 6;
}

static double error_of(const struct iw_scan_part *part, unsigned k, unsigned bits)
{
    double step = part->steps[natural[k]];
    return mean_square(bits) * step * step * part->gain_across[natural[k] % 8] * part->gain_down[natural[k] / 8];
}

/* Leaves a scan out where no later one that stays builds on it. That is asked from the last one to the first. */
static bool leave_out(const struct scan *scan, const struct iw_scan_part *part, struct choice *choice)
{
    double error = choice->error;
    bool is_needed = scan->first == 0;
    for (unsigned k = scan->first; k <= scan->last; k++) {
        is_needed = is_needed || choice->is_needed[k];
        if (scan->high)
            error += error_of(part, k, scan->high) - error_of(part, k, choice->lost[k]);
        else /* the whole coefficient: nobody knows how large it is */
            is_needed = is_needed || part->gain_across[natural[k] % 8] * part->gain_down[natural[k] / 8] > 0;
    }
    is_needed = is_needed || error > part->most_error;
    for (unsigned k = scan->first; k <= scan->last; k++) {
        choice->is_needed[k] = choice->is_needed[k] || is_needed;
        if (!is_needed)
            choice->lost[k] = scan->high;
    }
    if (!is_needed)
        choice->error = error;
    return !is_needed;
}

static unsigned choose(struct scans *s)
{
    struct choice choices[IW_SCAN_PARTS_MAX] = {0};
    unsigned left_out = 0;
    for (unsigned n = s->count; n-- > 1;) {
        struct scan *scan = &s->all[n];
        if (scan->first == 0)
            continue;
        unsigned part = scan->parts >> 1; /* the bits 1, 2, 4 */
        scan->is_left_out = leave_out(scan, &s->parts[part], &choices[part]);
        left_out += scan->is_left_out;
    }
    return left_out;
}

static void write_plan(const struct scans *s, struct iw_scan_plan *plan)
{
    size_t from = 0;
    plan->count = 0;
    for (unsigned n = 0; n < s->count; n++) {
        if (!s->all[n].is_left_out)
            continue;
        if (s->all[n].from > from) {
            plan->pieces[plan->count].from = from;
            plan->pieces[plan->count++].to = s->all[n].from;
        }
        from = s->all[n].to;
    }
    plan->pieces[plan->count].from = from;
    plan->pieces[plan->count++].to = s->end;
}

bool iw_scans_plan(const uint8_t *bytes, size_t len, const struct iw_scan_part parts[], unsigned count,
                   struct iw_scan_plan *plan)
{
    struct scans s = {.bytes = bytes, .len = len, .parts = parts, .part_count = count};
    if (count == 0 || count > IW_SCAN_PARTS_MAX || !read_scans(&s) || !are_in_order(&s) || choose(&s) == 0)
        return false;
    write_plan(&s, plan);
    return true;
}
