/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Base64 is counted by vectors and decoded in windows: one at the beginning, further ones where a scanner says that its
 * header goes on. Text goes by once, so what lies before the last window and was not kept is gone. */
#include "base/iw.h"
#include "request/inline.h"

#include "request/skim.h"

enum { FIRST_BYTES = 768, STEP_BYTES = 1536, NEAR_BYTES = 4096 };

void iw_inline_begin(struct iw_inline_scan *scan, bool has_scheme)
{
    struct iw_buf kept = scan->kept;
    if (!kept.ceiling_bytes)
        iw_buf_init(&kept, IW_INLINE_KEPT_BYTES);
    iw_buf_clear(&kept);
    bool is_out_of_memory = scan->is_out_of_memory;
    *scan = (struct iw_inline_scan){
        .part = has_scheme ? IW_INLINE_SCHEME : IW_INLINE_BASE64,
        .scheme_left = 5,
        .is_looking = true,
        .end_at = FIRST_BYTES,
        .window_count = 1,
        .kept = kept,
        .is_out_of_memory = is_out_of_memory,
    };
    scan->out.has_prefix = has_scheme;
}

void iw_inline_release(struct iw_inline_scan *scan)
{
    iw_buf_release(&scan->kept);
}

static void blame(struct iw_inline_scan *scan, const char *fault)
{
    if (!scan->out.fault && !scan->out.is_corrupt)
        scan->out.fault = fault;
}

/* ---- what the bytes are ---- */

static void give_up(struct iw_inline_scan *scan, const struct iw_need *need, const char *why)
{
    scan->is_looking = false;
    if (!need->has_size_already)
        scan->out.dims_why = why;
}

/* Goes on where the scanner wants to. */
static void want(struct iw_inline_scan *scan, const struct iw_need *need)
{
    uint64_t at = need->at, len = IW_MAX(need->len, (uint64_t)1), end = scan->end_at;
    uint64_t last = scan->windows[scan->window_count - 1].at;
    if (at < last) {
        give_up(scan, need, "the header goes on in front of what was kept of it");
        return;
    }
    if (len > IW_INLINE_KEPT_BYTES || at > UINT64_MAX - len - STEP_BYTES) {
        give_up(scan, need, "the header is longer than what is looked at");
        return;
    }
    uint64_t to = at + len + STEP_BYTES;
    if (need->is_prefix)
        to = IW_MAX(to, 2 * end);
    bool is_near = at <= end || at - end < NEAR_BYTES;
    uint64_t from = is_near ? end : at - at % 3;
    if ((!is_near && scan->window_count == IW_INLINE_WINDOWS) ||
        to - from > IW_INLINE_KEPT_BYTES - scan->kept.len - 3) {
        give_up(scan, need, "the header is longer than what is looked at");
        return;
    }
    if (!is_near) {
        scan->windows[scan->window_count].at = from;
        scan->windows[scan->window_count].start = scan->kept.len;
        scan->windows[scan->window_count++].len = 0;
    }
    scan->kept_at = from;
    scan->end_at = from + (to - from + 2) / 3 * 3; /* whole groups */
}

static void look(struct iw_inline_scan *scan, uint64_t total_bytes)
{
    static const struct iw_wants wants = {.animation = true, .trailing_exif = true};
    struct iw_window windows[IW_INLINE_WINDOWS];
    size_t count = 0;
    for (size_t i = 0; i < scan->window_count; i++)
        if (scan->windows[i].len)
            windows[count++] = (struct iw_window){.ptr = (const uint8_t *)scan->kept.ptr + scan->windows[i].start,
                                                  .at = scan->windows[i].at,
                                                  .len = scan->windows[i].len};
    struct iw_view view = {windows, count, total_bytes};
    struct iw_need need;
    enum iw_scan result = iw_image_scan(&view, &wants, &scan->out.image, &need);
    scan->out.has_looked = true;
    scan->out.is_corrupt = result == IW_SCAN_BAD;
    if (result == IW_SCAN_MORE && total_bytes == UINT64_MAX) {
        want(scan, &need);
        return;
    }
    scan->is_looking = false;
    if (result == IW_SCAN_MORE)
        give_up(scan, &need, "the header goes on in front of what was kept of it");
    else if (!scan->out.image.width_px)
        scan->out.dims_why = !scan->out.image.format ? "no known image" : need.why ? need.why : "no size is stated";
}

static void keep(struct iw_inline_scan *scan, const uint8_t *bytes, size_t len)
{
    iw_buf_add(&scan->kept, bytes, len);
    if (scan->kept.err == IW_OK) {
        scan->windows[scan->window_count - 1].len += len;
        scan->kept_at += len;
    } else {
        scan->is_out_of_memory = scan->is_out_of_memory || scan->kept.err == IW_ERR_NOMEM;
        scan->is_looking = false;
    }
}

/* ---- base64 ---- */

/* Decodes digits of a window, which ends with a group. Returns how many it took. */
static size_t decode(struct iw_inline_scan *scan, const char *text, size_t len)
{
    uint8_t out[1536];
    size_t room = (size_t)IW_MIN(scan->end_at - scan->kept_at, (uint64_t)sizeof out);
    if (!scan->bit_count) {
        size_t n = iw_base64_groups(text, len, out, room);
        keep(scan, out, n);
        if (n)
            return n / 3 * 4;
    }
    scan->bits = scan->bits << 6 | ((uint32_t)iw_base64_values[(unsigned char)text[0]] & 63);
    scan->bit_count += 6;
    if (scan->bit_count >= 8) {
        scan->bit_count -= 8;
        out[0] = (uint8_t)(scan->bits >> scan->bit_count);
        keep(scan, out, 1);
    }
    return 1;
}

static void keep_last(struct iw_inline_scan *scan, const char *text, size_t len)
{
    size_t taken = IW_MIN(len, sizeof scan->last);
    memmove(scan->last, scan->last + taken, sizeof scan->last - taken);
    memcpy(scan->last + sizeof scan->last - taken, text + len - taken, taken);
}

/* Digits, one behind the other. */
static void digits(struct iw_inline_scan *scan, const char *text, size_t len)
{
    keep_last(scan, text, len);
    for (size_t i = 0; scan->digits + i < 4 && i < len; i++)
        scan->first[scan->digits + i] = text[i];
    uint64_t begin = scan->digits;
    scan->digits += len;
    scan->out.base64_chars += len;
    if (len && scan->padding)
        blame(scan, "characters stand behind the padding");
    while (scan->is_looking && len) {
        uint64_t first = scan->windows[scan->window_count - 1].at / 3 * 4; /* the digit that the window begins with */
        if (begin < first) {
            uint64_t skip = IW_MIN(first - begin, (uint64_t)len);
            begin += skip;
            text += skip;
            len -= (size_t)skip;
            scan->bit_count = 0;
            continue;
        }
        size_t took = decode(scan, text, len);
        begin += took;
        text += took;
        len -= took;
        if (scan->is_looking && scan->kept_at >= scan->end_at)
            look(scan, UINT64_MAX);
    }
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* "data:" where base64 should stand. */
static bool is_second_prefix(const struct iw_inline_scan *scan, char c)
{
    return c == ':' && scan->out.has_prefix && scan->digits == 4 &&
           iw_str_eq_nocase((struct iw_str){scan->first, 4}, IW_STR("data"));
}

static void begin_again(struct iw_inline_scan *scan)
{
    scan->out.is_doubled = true;
    iw_buf_clear(&scan->kept);
    scan->part = IW_INLINE_PREFIX;
    scan->prefix_len = 0;
    scan->digits = scan->out.base64_chars = 0;
    scan->kept_at = 0;
    scan->end_at = FIRST_BYTES;
    scan->bit_count = 0;
    scan->window_count = 1;
    scan->windows[0].len = 0;
    scan->is_looking = true;
}

/* A character that is none of the alphabet. */
static void special(struct iw_inline_scan *scan, char c)
{
    if (is_space(c)) {
        scan->out.has_space = true;
    } else if (c == '-' || c == '_') {
        scan->out.is_url_safe = true;
        digits(scan, &c, 1);
    } else if (c == '=') {
        scan->padding++;
        scan->out.base64_chars++;
    } else if (is_second_prefix(scan, c) && !scan->out.is_doubled) {
        begin_again(scan);
    } else {
        blame(scan, is_second_prefix(scan, c) ? "the prefix stands more than twice"
                                              : "a character outside the base64 alphabet");
    }
}

/* One character of base64 that may be the value of a percent escape. */
static void base64_char(struct iw_inline_scan *scan, char c)
{
    if (iw_skim_base64(&c, 1))
        digits(scan, &c, 1);
    else
        special(scan, c);
}

/* ---- percent escapes ---- */

static int hex(char c)
{
    char low = (char)(c | 0x20);
    return c >= '0' && c <= '9' ? c - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

static void text_byte(struct iw_inline_scan *scan, char c)
{
    if (scan->part == IW_INLINE_BASE64) {
        scan->out.has_percent = true;
        base64_char(scan, c);
        return;
    }
    uint64_t at = scan->out.bytes++;
    if (!scan->is_looking || at < scan->windows[scan->window_count - 1].at)
        return;
    keep(scan, (const uint8_t *)&c, 1);
    if (scan->is_looking && scan->kept_at >= scan->end_at)
        look(scan, UINT64_MAX);
}

/* A "%" that begins no escape stands for itself. */
static void flush_escape(struct iw_inline_scan *scan)
{
    unsigned had = 2 - scan->escape_left;
    scan->escape_left = 0;
    if (scan->part == IW_INLINE_BASE64)
        blame(scan, "a character outside the base64 alphabet");
    else
        text_byte(scan, '%');
    for (unsigned i = 0; i < had; i++)
        text_byte(scan, scan->escape[i]);
}

static void percent_char(struct iw_inline_scan *scan, char c)
{
    if (scan->escape_left && hex(c) >= 0) {
        scan->escape[2 - scan->escape_left--] = c;
        if (scan->escape_left == 0)
            text_byte(scan, (char)(hex(scan->escape[0]) << 4 | hex(scan->escape[1])));
        return;
    }
    if (scan->escape_left)
        flush_escape(scan);
    if (c == '%')
        scan->escape_left = 2;
    else
        text_byte(scan, c);
}

/* ---- the prefix ---- */

static void end_prefix(struct iw_inline_scan *scan)
{
    struct iw_str rest = {scan->prefix, IW_MIN(scan->prefix_len, sizeof scan->prefix)}, piece = IW_STR("");
    while (rest.ptr && iw_str_next(&rest, ';', &piece))
        ;
    bool is_cut = scan->prefix_len > sizeof scan->prefix;
    if (is_cut)
        blame(scan, "the prefix is too long");
    scan->is_base64 = scan->prefix_len > piece.len && iw_str_eq_nocase(iw_str_trim(piece), IW_STR("base64"));
    scan->part = scan->is_base64 ? IW_INLINE_BASE64 : IW_INLINE_PERCENT;
}

static size_t prefix(struct iw_inline_scan *scan, struct iw_str text)
{
    size_t comma = iw_str_find(text, ',');
    size_t room = sizeof scan->prefix - IW_MIN(scan->prefix_len, sizeof scan->prefix);
    memcpy(scan->prefix + sizeof scan->prefix - room, text.ptr, IW_MIN(room, comma));
    scan->prefix_len = IW_MIN(scan->prefix_len + comma, sizeof scan->prefix + 1);
    if (comma == text.len)
        return comma;
    end_prefix(scan);
    return comma + 1;
}

struct iw_str iw_inline_label(const struct iw_inline_scan *scan, struct iw_arena *arena)
{
    struct iw_str whole = {scan->prefix, IW_MIN(scan->prefix_len, sizeof scan->prefix)};
    struct iw_str type = iw_str_trim(iw_str_sub(whole, 0, iw_str_find(whole, ';')));
    if (!scan->out.has_prefix || type.len == 0)
        return IW_STR_NONE;
    char *copy = iw_arena_alloc(arena, type.len);
    for (size_t i = 0; copy && i < type.len; i++)
        copy[i] = (char)(type.ptr[i] >= 'A' && type.ptr[i] <= 'Z' ? type.ptr[i] | 0x20 : type.ptr[i]);
    return copy ? (struct iw_str){copy, type.len} : IW_STR_NONE;
}

/* ---- text as it comes ---- */

/* Digits that text begins with. */
static size_t take_digits(struct iw_inline_scan *scan, struct iw_str text)
{
    size_t run = scan->escape_left ? 0 : iw_skim_base64(text.ptr, text.len);
    digits(scan, text.ptr, run);
    return run;
}

size_t iw_inline_take(struct iw_inline_scan *scan, const char *text, size_t len)
{
    size_t run = scan->part == IW_INLINE_BASE64 ? take_digits(scan, (struct iw_str){text, len}) : 0;
    scan->out.chars += run;
    return run;
}

static size_t base64(struct iw_inline_scan *scan, struct iw_str text)
{
    size_t run = take_digits(scan, text);
    if (run)
        return run;
    if (scan->out.has_prefix && (text.ptr[0] == '%' || scan->escape_left))
        percent_char(scan, text.ptr[0]);
    else
        special(scan, text.ptr[0]);
    return 1;
}

void iw_inline_feed(struct iw_inline_scan *scan, struct iw_str text)
{
    scan->out.chars += text.len;
    while (text.len) {
        size_t used = 1;
        switch (scan->part) {
        case IW_INLINE_SCHEME:
            if (scan->scheme_left < 5 || !is_space(text.ptr[0]))
                scan->scheme_left--;
            if (scan->scheme_left == 0)
                scan->part = IW_INLINE_PREFIX;
            break;
        case IW_INLINE_PREFIX:
            used = prefix(scan, text);
            break;
        case IW_INLINE_BASE64:
            used = base64(scan, text);
            break;
        case IW_INLINE_PERCENT:
            percent_char(scan, text.ptr[0]);
            break;
        }
        text = iw_str_skip(text, used);
    }
}

/* The bytes that the last digits are; returns how many. */
static size_t last_bytes(const struct iw_inline_scan *scan, uint8_t out[sizeof scan->last])
{
    size_t kept = (size_t)IW_MIN(scan->digits, (uint64_t)sizeof scan->last), len = 0;
    size_t from = sizeof scan->last - kept + (kept - scan->digits % 4) % 4;
    uint32_t bits = 0;
    for (unsigned count = 0; from < sizeof scan->last; from++) {
        bits = bits << 6 | ((uint32_t)iw_base64_values[(unsigned char)scan->last[from]] & 63);
        count += 6;
        if (count < 8)
            continue;
        count -= 8;
        out[len++] = (uint8_t)(bits >> count);
    }
    return len;
}

/* Something may follow: a few bytes are no matter. */
static void check_end(struct iw_inline_scan *scan)
{
    static const struct {
        const char *format, *end;
        size_t len;
    } ends[] = {{"png", "IEND", 4}, {"jpeg", "\xFF\xD9", 2}, {"gif", ";", 1}};
    const struct iw_image_format *format = scan->out.image.format;
    uint8_t bytes[sizeof scan->last];
    size_t len = last_bytes(scan, bytes);
    for (size_t i = 0; i < IW_ARRAY_LEN(ends) && format && scan->part == IW_INLINE_BASE64; i++) {
        if (strcmp(format->name, ends[i].format) != 0)
            continue;
        scan->out.lacks_end = true;
        for (size_t at = 0; at + ends[i].len <= len; at++)
            if (memcmp(bytes + at, ends[i].end, ends[i].len) == 0)
                scan->out.lacks_end = false;
    }
}

static void check_padding(struct iw_inline_scan *scan)
{
    unsigned rest = (unsigned)(scan->digits % 4), wanted = rest == 0 ? 0 : 4 - rest;
    scan->out.bytes = scan->digits / 4 * 3 + (rest > 1 ? rest - 1 : 0);
    if (rest == 1)
        blame(scan, "the length of its base64 is 1 more than a multiple of 4");
    else if (scan->padding > wanted)
        blame(scan, "more padding than belongs there");
    else if (scan->padding && scan->padding < wanted)
        blame(scan, "the padding is incomplete");
    scan->out.is_unpadded = rest > 1 && scan->padding == 0;
}

enum iw_err iw_inline_end(struct iw_inline_scan *scan)
{
    if (scan->escape_left)
        flush_escape(scan);
    if (scan->part == IW_INLINE_SCHEME || scan->part == IW_INLINE_PREFIX)
        blame(scan, "no comma ends its prefix");
    if (scan->part == IW_INLINE_BASE64)
        check_padding(scan);
    if (scan->out.bytes == 0)
        blame(scan, "it is empty");
    if (scan->is_looking)
        look(scan, scan->out.bytes);
    if (!scan->out.fault && !scan->out.is_corrupt)
        check_end(scan);
    return scan->is_out_of_memory ? IW_ERR_NOMEM : IW_OK;
}

void iw_inline_read(struct iw_arena *arena, struct iw_str uri, struct iw_inline *out)
{
    struct iw_inline_scan scan = {0};
    iw_inline_begin(&scan, iw_str_starts_nocase(iw_str_trim(uri), IW_STR("data:")));
    iw_inline_feed(&scan, uri);
    if (iw_inline_end(&scan) != IW_OK)
        scan.out.dims_why = "out of memory";
    scan.out.label = iw_inline_label(&scan, arena);
    *out = scan.out;
    iw_inline_release(&scan);
}
