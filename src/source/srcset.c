/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* "Parse a srcset attribute", step by step as the HTML standard has it: what a URL is ends at white space, so commas
 * and parentheses within it are its own; commas at its end are not; descriptors may hold parentheses, which no browser
 * gives a meaning yet. Sizes are checked for what makes a candidate invalid, and kept where they are plain. */
#include "base/iw.h"
#include "source/srcset.h"

enum { SIZE_MAX_PX = 1000000 };

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits(struct iw_str text)
{
    size_t n = 0;
    while (n < text.len && is_digit(text.ptr[n]))
        n++;
    return n;
}

/* ---- descriptors ---- */

/* What the descriptors of one candidate have said so far. */
struct descriptors {
    bool has_width, has_density, has_height, is_bad;
    uint32_t width_px, height_px, density_thousandths;
};

/* A valid non-negative integer that is not zero. */
static bool is_size(struct iw_str text)
{
    size_t zeros = 0;
    while (zeros < text.len && text.ptr[zeros] == '0')
        zeros++;
    return zeros < text.len && digits(text) == text.len;
}

/* The size that is_size() has let through; 0 beyond what a picture has. */
static uint32_t size_of(struct iw_str text)
{
    uint32_t size = 0;
    for (size_t i = 0; i < text.len && size <= SIZE_MAX_PX; i++)
        size = size * 10 + (uint32_t)(text.ptr[i] - '0');
    return size <= SIZE_MAX_PX ? size : 0;
}

/* "2", "1.5", ".75": in thousandths, what is finer is left out; 0: it is written in another way, or out of all reason.
 */
static uint32_t density_of(struct iw_str text)
{
    size_t whole = digits(text), fraction = 0;
    if (whole < text.len && text.ptr[whole] == '.')
        fraction = digits(iw_str_skip(text, whole + 1));
    if (whole > 2 || whole + (fraction ? 1 + fraction : 0) != text.len)
        return 0;
    uint32_t thousandths = size_of(iw_str_sub(text, 0, whole)) * 1000, scale = 100;
    for (size_t i = 0; i < fraction && scale; i++, scale /= 10)
        thousandths += (uint32_t)(text.ptr[whole + 1 + i] - '0') * scale;
    return thousandths;
}

static bool has_nonzero_digit(struct iw_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] >= '1' && text.ptr[i] <= '9')
            return true;
    return false;
}

/* A valid floating-point number (section 2.3.4.3) that is not below zero: "1", "1.5", ".5", "15e-1", "-0". */
static bool is_density(struct iw_str text)
{
    bool is_negative = text.len && text.ptr[0] == '-';
    struct iw_str rest = iw_str_skip(text, is_negative);
    size_t whole = digits(rest), fraction = 0;
    rest = iw_str_skip(rest, whole);
    if (rest.len && rest.ptr[0] == '.') {
        fraction = digits(iw_str_skip(rest, 1));
        if (fraction == 0)
            return false;
        rest = iw_str_skip(rest, 1 + fraction);
    }
    if (whole + fraction == 0)
        return false;
    if (is_negative && has_nonzero_digit(iw_str_sub(text, 0, text.len - rest.len)))
        return false;
    if (rest.len == 0)
        return true;
    if ((rest.ptr[0] | 0x20) != 'e')
        return false;
    rest = iw_str_skip(rest, 1);
    if (rest.len && (rest.ptr[0] == '+' || rest.ptr[0] == '-'))
        rest = iw_str_skip(rest, 1);
    return rest.len && digits(rest) == rest.len;
}

static void take_descriptor(struct descriptors *d, struct iw_str text)
{
    if (text.len == 0)
        return;
    struct iw_str value = iw_str_sub(text, 0, text.len - 1);
    switch (text.ptr[text.len - 1]) {
    case 'w':
        d->is_bad = d->is_bad || d->has_width || d->has_density || !is_size(value);
        d->has_width = true;
        d->width_px = d->is_bad ? 0 : size_of(value);
        break;
    case 'x':
        d->is_bad = d->is_bad || d->has_width || d->has_density || d->has_height || !is_density(value);
        d->has_density = true;
        d->density_thousandths = d->is_bad ? 0 : density_of(value);
        break;
    case 'h':
        d->is_bad = d->is_bad || d->has_height || d->has_density || !is_size(value);
        d->has_height = true;
        d->height_px = d->is_bad ? 0 : size_of(value);
        break;
    default:
        d->is_bad = true;
    }
}

static bool is_taken(const struct descriptors *d)
{
    return !d->is_bad && (!d->has_height || d->has_width);
}

/* From behind a URL to behind the comma that ends the candidate; returns where that is. */
static size_t take_descriptors(struct iw_str text, size_t at, struct descriptors *d)
{
    bool is_in_parentheses = false;
    size_t start = at;
    for (; at < text.len; at++) {
        char c = text.ptr[at];
        if (is_in_parentheses) {
            is_in_parentheses = c != ')';
        } else if (c == ',' || is_space(c)) {
            take_descriptor(d, iw_str_sub(text, start, at - start));
            start = at + 1;
            if (c == ',')
                return at + 1;
        } else {
            is_in_parentheses = c == '(';
        }
    }
    take_descriptor(d, iw_str_sub(text, start, at - start));
    return at;
}

/* ---- candidates ---- */

enum iw_err iw_srcset_parse(struct iw_str text, iw_srcset_fn fn, void *user)
{
    size_t at = 0;
    for (;;) {
        while (at < text.len && (is_space(text.ptr[at]) || text.ptr[at] == ','))
            at++;
        if (at == text.len)
            return IW_OK;
        size_t start = at;
        while (at < text.len && !is_space(text.ptr[at]))
            at++;
        size_t end = at;
        while (text.ptr[end - 1] == ',') /* the first byte is none */
            end--;
        struct descriptors d = {0};
        if (end == at)
            at = take_descriptors(text, at, &d);
        struct iw_srcset_candidate candidate = {
            .url = iw_str_sub(text, start, end - start),
            .at = start,
            .width_px = d.width_px,
            .height_px = d.height_px,
            .density_thousandths = d.has_width || d.has_density ? d.density_thousandths : 1000,
        };
        enum iw_err err = is_taken(&d) ? fn(user, &candidate) : IW_OK;
        if (err != IW_OK)
            return err;
    }
}
