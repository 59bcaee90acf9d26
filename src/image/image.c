/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Look-ups in the table of formats, recognition by signature, and what the scanners share. The bytes decide the format;
 * names and media types are only looked up here so that a contradiction can be reported. */
#include "base/iw.h"
#include "image/image.h"

#include "image/inside.h"

/* ---- bytes in hand ---- */

const uint8_t *iw_view_run(const struct iw_view *view, uint64_t at, size_t max, size_t *out_len)
{
    *out_len = 0;
    for (size_t i = 0; i < view->count; i++) {
        const struct iw_window *window = &view->windows[i];
        if (at < window->at || at - window->at >= window->len)
            continue;
        size_t skip = (size_t)(at - window->at);
        *out_len = IW_MIN(max, window->len - skip);
        return window->ptr + skip;
    }
    return NULL;
}

const uint8_t *iw_view_get(const struct iw_view *view, uint64_t at, size_t len)
{
    size_t got;
    const uint8_t *p = iw_view_run(view, at, len, &got);
    return got == len ? p : NULL;
}

const uint8_t *iw_scanner_want(struct iw_scanner *scanner, uint64_t at, size_t len, const struct iw_place *place)
{
    uint64_t total = scanner->view->total_bytes;
    if (at >= total || len > total - at) {
        scanner->lack = iw_scanner_bad(scanner, place->end);
        return NULL;
    }
    const uint8_t *p = iw_view_get(scanner->view, at, len);
    if (!p) {
        *scanner->need = (struct iw_need){.at = at, .len = len, .why = place->more};
        scanner->lack = IW_SCAN_MORE;
    }
    return p;
}

enum iw_scan iw_scanner_details(struct iw_scanner *scanner)
{
    if (scanner->lack == IW_SCAN_MORE) {
        scanner->need->has_size_already = true;
        return IW_SCAN_MORE;
    }
    *scanner->need = (struct iw_need){0};
    return IW_SCAN_DONE;
}

enum iw_scan iw_scanner_bad(struct iw_scanner *scanner, const char *why)
{
    *scanner->need = (struct iw_need){.why = why};
    return IW_SCAN_BAD;
}

enum iw_scan iw_scanner_decline(struct iw_scanner *scanner)
{
    scanner->facts->format = NULL;
    return IW_SCAN_DONE;
}

bool iw_scanner_size(struct iw_scanner *scanner, uint64_t width, uint64_t height, uint32_t most, const char *why)
{
    if (width == 0 || height == 0 || width > most || height > most) {
        scanner->lack = iw_scanner_bad(scanner, why);
        return false;
    }
    scanner->facts->stored_width_px = (uint32_t)width;
    scanner->facts->stored_height_px = (uint32_t)height;
    return true;
}

void iw_scanner_still(struct iw_scanner *scanner)
{
    scanner->facts->orientation = 1;
    scanner->facts->animated = IW_NO;
    scanner->facts->progressive = IW_NO;
    scanner->facts->frames = 1;
    scanner->facts->has_icc = IW_NO;
}

/* ---- by name ---- */

static bool is_listed(const char *list, struct iw_str wanted)
{
    struct iw_str rest = iw_str_from(list);
    struct iw_str piece;
    while (rest.ptr && iw_str_next(&rest, ' ', &piece))
        if (iw_str_eq_nocase(piece, wanted))
            return true;
    return false;
}

const struct iw_image_format *iw_image_format_find(struct iw_str name)
{
    if (name.len == 0)
        return NULL;
    for (size_t i = 0; i < iw_image_format_count; i++) {
        const struct iw_image_format *format = iw_image_formats[i];
        if (iw_str_eq_nocase(iw_str_from(format->name), name) || is_listed(format->extensions, name))
            return format;
    }
    return NULL;
}

const struct iw_image_format *iw_image_format_of_type(struct iw_str mime)
{
    if (mime.len == 0)
        return NULL;
    for (size_t i = 0; i < iw_image_format_count; i++) {
        const struct iw_image_format *format = iw_image_formats[i];
        if (iw_str_eq_nocase(iw_str_from(format->mime), mime) || is_listed(format->mime_others, mime))
            return format;
    }
    return NULL;
}

/* What follows the last dot of the last segment; empty when there is none. */
static struct iw_str extension(struct iw_str path)
{
    path = iw_str_sub(path, 0, IW_MIN(iw_str_find(path, '?'), iw_str_find(path, '#')));
    size_t at = path.len;
    while (at > 0 && path.ptr[at - 1] != '/' && path.ptr[at - 1] != '.')
        at--;
    return at > 0 && path.ptr[at - 1] == '.' ? iw_str_skip(path, at) : IW_STR_NONE;
}

const struct iw_image_format *iw_image_format_of_path(struct iw_str path)
{
    struct iw_str wanted = extension(path);
    if (wanted.len == 0)
        return NULL;
    for (size_t i = 0; i < iw_image_format_count; i++)
        if (is_listed(iw_image_formats[i]->extensions, wanted))
            return iw_image_formats[i];
    return NULL;
}

/* ---- by bytes ---- */

static size_t longest_sniff(void)
{
    size_t longest = 1;
    for (size_t i = 0; i < iw_image_format_count; i++)
        longest = IW_MAX(longest, iw_image_formats[i]->sniff_bytes);
    return longest;
}

/* DONE with *out_format from *next on (NULL: none knows these bytes), or MORE. *next moves behind what was found. */
static enum iw_scan sniff(const struct iw_view *view, size_t *next, const struct iw_image_format **out_format,
                          struct iw_need *need)
{
    *out_format = NULL;
    size_t len;
    const uint8_t *head = iw_view_run(view, 0, SIZE_MAX, &len);
    while (*next < iw_image_format_count && view->total_bytes > 0) {
        const struct iw_image_format *format = iw_image_formats[*next];
        if (len < format->sniff_bytes && len < view->total_bytes) {
            *need = (struct iw_need){.len = IW_MIN((uint64_t)longest_sniff(), view->total_bytes), .why = "signature"};
            return IW_SCAN_MORE;
        }
        (*next)++;
        if (format->sniff(head, len)) {
            *out_format = format;
            return IW_SCAN_DONE;
        }
    }
    return IW_SCAN_DONE;
}

/* Display size from stored size. A scanner that has set it itself is not overruled. */
static void turn(struct iw_image_facts *facts)
{
    if (!facts->format || facts->width_px || facts->height_px)
        return;
    bool is_turned = facts->format->is_turned_by_exif && facts->orientation >= 5;
    facts->width_px = is_turned ? facts->stored_height_px : facts->stored_width_px;
    facts->height_px = is_turned ? facts->stored_width_px : facts->stored_height_px;
}

enum iw_scan iw_image_scan(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                           struct iw_need *need)
{
    size_t next = 0;
    enum iw_scan scan;
    do {
        *facts = (struct iw_image_facts){0};
        *need = (struct iw_need){0};
        if (sniff(view, &next, &facts->format, need) == IW_SCAN_MORE)
            return IW_SCAN_MORE;
        if (!facts->format)
            return IW_SCAN_DONE;
        scan = facts->format->scan(view, wants, facts, need);
    } while (scan == IW_SCAN_DONE && !facts->format); /* declined: a format behind it may know these bytes */
    turn(facts);
    if (scan == IW_SCAN_DONE && facts->width_px)
        *need = (struct iw_need){0};
    return scan;
}
