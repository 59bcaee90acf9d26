/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Numbers, sizes, durations and choices as people write them. Integer arithmetic throughout: a fraction is kept in
 * millionths, so that "1.5 MiB" is exact. */
#include "base/iw.h"
#include "base/parse.h"

#include <stdio.h>

enum iw_err iw_parse_u64(struct iw_str text, uint64_t *out_value)
{
    text = iw_str_trim(text);
    if (text.len == 0)
        return IW_ERR_SYNTAX;
    uint64_t value = 0;
    bool is_large = false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return IW_ERR_SYNTAX;
        uint64_t digit = (uint64_t)(text.ptr[i] - '0');
        is_large = is_large || value > (UINT64_MAX - digit) / 10;
        value = value * 10 + digit;
    }
    if (is_large)
        return IW_ERR_RANGE;
    *out_value = value;
    return IW_OK;
}

struct unit {
    const char *name;
    uint64_t factor;
};

static const struct unit sizes[] = {
    {"", 1},           {"b", 1},           {"k", 1000},   {"kb", 1000},         {"m", 1000000},    {"mb", 1000000},
    {"g", 1000000000}, {"gb", 1000000000}, {"kib", 1024}, {"mib", 1024u << 10}, {"gib", 1u << 30}, {"bytes", 1},
};
static const struct unit times[] = {
    {"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000},
};

/* Splits "1.5 MiB" into whole part, millionths and unit. */
static enum iw_err split(struct iw_str text, uint64_t *out_whole, uint64_t *out_millionths, struct iw_str *out_unit)
{
    text = iw_str_trim(text);
    size_t n = 0;
    while (n < text.len && text.ptr[n] >= '0' && text.ptr[n] <= '9')
        n++;
    enum iw_err err = iw_parse_u64(iw_str_sub(text, 0, n), out_whole);
    if (err != IW_OK)
        return err;
    *out_millionths = 0;
    if (n < text.len && text.ptr[n] == '.') {
        uint64_t scale = 100000;
        size_t first = ++n;
        for (; n < text.len && text.ptr[n] >= '0' && text.ptr[n] <= '9'; n++, scale /= 10)
            *out_millionths += scale * (uint64_t)(text.ptr[n] - '0');
        if (n == first)
            return IW_ERR_SYNTAX;
    }
    *out_unit = iw_str_trim(iw_str_skip(text, n));
    return IW_OK;
}

static enum iw_err scaled(struct iw_str text, const struct unit *units, size_t count, uint64_t *out_value)
{
    uint64_t whole, millionths;
    struct iw_str unit;
    enum iw_err err = split(text, &whole, &millionths, &unit);
    if (err != IW_OK)
        return err;
    for (size_t i = 0; i < count; i++) {
        if (!iw_str_eq_nocase(unit, iw_str_from(units[i].name)))
            continue;
        uint64_t factor = units[i].factor;
        uint64_t part = factor >= 1000000 ? factor / 1000000 * millionths + factor % 1000000 * millionths / 1000000
                                          : factor * millionths / 1000000;
        if (whole > (UINT64_MAX - part) / factor)
            return IW_ERR_RANGE;
        *out_value = whole * factor + part;
        return IW_OK;
    }
    return IW_ERR_SYNTAX;
}

enum iw_err iw_parse_size(struct iw_str text, uint64_t *out_bytes)
{
    return scaled(text, sizes, IW_ARRAY_LEN(sizes), out_bytes);
}

enum iw_err iw_parse_duration(struct iw_str text, uint64_t *out_ms)
{
    return scaled(text, times, IW_ARRAY_LEN(times), out_ms);
}

enum iw_err iw_parse_rate(struct iw_str text, uint64_t *out_gap_us)
{
    static const struct {
        const char *name;
        uint64_t us;
    } periods[] = {{"s", 1000000}, {"m", 60000000}, {"h", 3600000000}};
    text = iw_str_trim(text);
    size_t slash = iw_str_find(text, '/');
    struct iw_str period = slash < text.len ? iw_str_trim(iw_str_skip(text, slash + 1)) : IW_STR("s");
    uint64_t count;
    enum iw_err err = iw_parse_u64(iw_str_trim(iw_str_sub(text, 0, slash)), &count);
    for (size_t i = 0; err == IW_OK && i < IW_ARRAY_LEN(periods); i++) {
        if (!iw_str_eq(period, iw_str_from(periods[i].name)))
            continue;
        if (count == 0 || count > periods[i].us)
            return IW_ERR_RANGE;
        *out_gap_us = periods[i].us / count;
        return IW_OK;
    }
    return err == IW_OK ? IW_ERR_SYNTAX : err;
}

enum iw_err iw_parse_bool(struct iw_str text, bool *out_value)
{
    static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};
    text = iw_str_trim(text);
    for (size_t i = 0; i < IW_ARRAY_LEN(words); i++) {
        if (!iw_str_eq_nocase(text, iw_str_from(words[i])))
            continue;
        *out_value = i % 2 == 1;
        return IW_OK;
    }
    return IW_ERR_SYNTAX;
}

enum iw_err iw_parse_box(struct iw_str text, uint32_t *out_width_px, uint32_t *out_height_px)
{
    text = iw_str_trim(text);
    size_t cross = 0;
    while (cross < text.len && text.ptr[cross] != 'x' && text.ptr[cross] != 'X')
        cross++;
    uint64_t width, height;
    if (cross == text.len || iw_parse_u64(iw_str_sub(text, 0, cross), &width) != IW_OK ||
        iw_parse_u64(iw_str_skip(text, cross + 1), &height) != IW_OK)
        return IW_ERR_SYNTAX;
    if (width < 1 || width > INT32_MAX || height < 1 || height > INT32_MAX)
        return IW_ERR_RANGE;
    *out_width_px = (uint32_t)width;
    *out_height_px = (uint32_t)height;
    return IW_OK;
}

char *iw_format_u64(uint64_t value, char out[27])
{
    char digits[27];
    size_t n = 0, at = 0;
    do {
        if (n % 4 == 3)
            digits[n++] = ',';
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    while (n)
        out[at++] = digits[--n];
    out[at] = '\0';
    return out;
}

char *iw_format_size(uint64_t bytes, char out[16])
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    if (bytes < 1000) {
        (void)snprintf(out, 16, "%u B", (unsigned)bytes);
        return out;
    }
    double value = (double)bytes;
    size_t unit = 0;
    while (value >= 999.5 && unit + 1 < IW_ARRAY_LEN(units)) {
        value /= 1000;
        unit++;
    }
    (void)snprintf(out, 16, value < 99.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
    return out;
}

int64_t iw_days_of(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    int64_t era = year / 400;
    int64_t of_era = year - era * 400, of_year = (153 * (int64_t)(month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* The civil calendar from days, counted from a March so that the leap day is the last of its year. */
char *iw_format_utc(int64_t unix_s, char out[24])
{
    enum { DAY_S = 86400, ERA_DAYS = 146097, TO_1970 = 719468 };
    static const int64_t last_s = 253402300799;
    if (unix_s < 0 || unix_s > last_s) {
        (void)snprintf(out, 24, "%s", unix_s < 0 ? "before 1970" : "after 9999");
        return out;
    }
    unsigned second = (unsigned)(unix_s % DAY_S), days = (unsigned)(unix_s / DAY_S) + TO_1970;
    unsigned of_era = days % ERA_DAYS;
    unsigned year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned from_march = (5 * of_year + 2) / 153, month = from_march < 10 ? from_march + 3 : from_march - 9;
    unsigned day = of_year - (153 * from_march + 2) / 5 + 1;
    unsigned year = days / ERA_DAYS * 400 + year_of_era + (month <= 2);
    (void)snprintf(out, 24, "%04u-%02u-%02u %02u:%02u:%02u UTC", year % 10000, month % 13, day % 32, second / 3600 % 24,
                   second / 60 % 60, second % 60);
    return out;
}
