/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* OpenEXR ("OpenEXR File Layout", OpenEXR 3). The display window is what is shown, the data window what is stored of it
 * or around it. Attributes of no interest are passed by their sizes. Of several parts the first is read. */
#include "base/iw.h"
#include "image/image.h"

#include "base/bytes.h"
#include "image/inside.h"

enum {
    HEAD_BYTES = 8,
    MOST_NAME = 255,
    WINDOW_BYTES = 16,
    CHANNEL_BYTES = 16, /* behind its name */
    MOST_CHANNELS_BYTES = 65536,
};

static const struct iw_place exr_header = IW_PLACE("OpenEXR header");

struct exr {
    struct iw_scanner *scanner;
    uint64_t at;
    bool has_data, has_display, has_channels;
};

static bool sniff(const uint8_t *head, size_t len)
{
    return len >= HEAD_BYTES && memcmp(head, "\x76\x2F\x31\x01", 4) == 0 && head[4] >= 1 && head[4] <= 2;
}

/* The name at offset at, without its terminator; ptr is NULL when scanner->lack says why not. */
static struct iw_str want_name(struct iw_scanner *scanner, uint64_t at)
{
    size_t len;
    const uint8_t *p = iw_view_run(scanner->view, at, MOST_NAME + 1, &len);
    const uint8_t *end = p ? memchr(p, 0, len) : NULL;
    if (end)
        return (struct iw_str){(const char *)p, (size_t)(end - p)};
    if (len > MOST_NAME)
        scanner->lack = iw_scanner_bad(scanner, "a name in the OpenEXR header does not end");
    else
        (void)iw_scanner_want(scanner, at, len + 1, &exr_header);
    return IW_STR_NONE;
}

/* A box2i: the least and the greatest x and y, both within. */
static bool read_window(struct exr *exr, uint32_t *out_width, uint32_t *out_height)
{
    const uint8_t *p = iw_scanner_want(exr->scanner, exr->at, WINDOW_BYTES, &exr_header);
    if (!p)
        return false;
    int64_t width = (int64_t)(int32_t)iw_le32(p + 8) - (int32_t)iw_le32(p) + 1;
    int64_t height = (int64_t)(int32_t)iw_le32(p + 12) - (int32_t)iw_le32(p + 4) + 1;
    if (width < 1 || height < 1 || width > UINT32_MAX || height > UINT32_MAX) {
        exr->scanner->lack = iw_scanner_bad(exr->scanner, "a window of the OpenEXR header is empty");
        return false;
    }
    *out_width = (uint32_t)width;
    *out_height = (uint32_t)height;
    return true;
}

/* What one channel tells, by its name and its type of samples. */
static void take_channel(struct iw_image_facts *facts, struct iw_str name, uint32_t type)
{
    enum { HALF = 1 };
    if (iw_str_eq(name, IW_STR("A"))) {
        facts->alpha = IW_YES;
        return;
    }
    bool is_rgb = iw_str_eq(name, IW_STR("R")) || iw_str_eq(name, IW_STR("G")) || iw_str_eq(name, IW_STR("B"));
    bool is_chroma = iw_str_eq(name, IW_STR("RY")) || iw_str_eq(name, IW_STR("BY"));
    if (!is_rgb && !is_chroma && !iw_str_eq(name, IW_STR("Y")))
        return;
    facts->bit_depth = type == HALF ? 16 : 32;
    if (is_rgb)
        facts->colour = IW_COLOUR_RGB;
    else if (is_chroma)
        facts->colour = IW_COLOUR_YCBCR;
    else if (facts->colour == IW_COLOUR_UNKNOWN)
        facts->colour = IW_COLOUR_GREY;
}

/* A list of names with what each means, up to an empty name. */
static bool read_channels(struct exr *exr, uint32_t size)
{
    exr->has_channels = true;
    if (size == 0 || size > MOST_CHANNELS_BYTES)
        return true;
    const uint8_t *p = iw_scanner_want(exr->scanner, exr->at, size, &exr_header);
    if (!p)
        return false;
    exr->scanner->facts->alpha = IW_NO;
    struct iw_str rest = {(const char *)p, size};
    for (;;) {
        size_t len = iw_str_find(rest, '\0');
        if (len == 0 || rest.len - len < 1 + CHANNEL_BYTES)
            return true;
        take_channel(exr->scanner->facts, iw_str_sub(rest, 0, len), iw_le32((const uint8_t *)rest.ptr + len + 1));
        rest = iw_str_skip(rest, len + 1 + CHANNEL_BYTES);
    }
}

static bool take_attribute(struct exr *exr, struct iw_str name, struct iw_str type, uint32_t size)
{
    struct iw_image_facts *facts = exr->scanner->facts;
    bool is_window = iw_str_eq(type, IW_STR("box2i")) && size == WINDOW_BYTES;
    if (is_window && iw_str_eq(name, IW_STR("dataWindow"))) {
        exr->has_data = true;
        return read_window(exr, &facts->stored_width_px, &facts->stored_height_px);
    }
    if (is_window && iw_str_eq(name, IW_STR("displayWindow"))) {
        exr->has_display = true;
        return read_window(exr, &facts->width_px, &facts->height_px);
    }
    if (iw_str_eq(name, IW_STR("channels")) && iw_str_eq(type, IW_STR("chlist")))
        return read_channels(exr, size);
    return true;
}

/* The next attribute; false: see scanner->lack, or DONE at the end of the header. */
static bool next_attribute(struct exr *exr)
{
    struct iw_scanner *scanner = exr->scanner;
    struct iw_str name = want_name(scanner, exr->at);
    if (!name.ptr)
        return false;
    if (name.len == 0) {
        scanner->lack = IW_SCAN_DONE;
        return false;
    }
    uint64_t type_at = exr->at + name.len + 1;
    struct iw_str type = want_name(scanner, type_at);
    if (!type.ptr)
        return false;
    uint64_t size_at = type_at + type.len + 1;
    const uint8_t *p = iw_scanner_want(scanner, size_at, 4, &exr_header);
    if (!p)
        return false;
    uint32_t size = iw_le32(p);
    if (size > INT32_MAX) {
        scanner->lack = iw_scanner_bad(scanner, "an attribute of the OpenEXR header has an impossible size");
        return false;
    }
    exr->at = size_at + 4;
    if (!take_attribute(exr, name, type, size))
        return false;
    exr->at += size;
    return true;
}

static enum iw_scan scan_exr(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                             struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    struct exr exr = {.scanner = &scanner, .at = HEAD_BYTES};
    unsigned steps = 0;
    while (!(exr.has_data && exr.has_display && exr.has_channels)) {
        if (steps++ >= IW_SCAN_STEPS)
            scanner.lack = iw_scanner_bad(&scanner, "the OpenEXR header has too many attributes");
        else if (next_attribute(&exr))
            continue;
        bool is_open = scanner.lack == IW_SCAN_DONE && !(exr.has_data && exr.has_display);
        if (is_open)
            scanner.lack = iw_scanner_bad(&scanner, "the OpenEXR header lacks a window");
        if (scanner.lack != IW_SCAN_DONE) { /* half a size is none */
            facts->width_px = facts->height_px = facts->stored_width_px = facts->stored_height_px = 0;
            return scanner.lack;
        }
        break;
    }
    iw_scanner_still(&scanner);
    return IW_SCAN_DONE;
}

const struct iw_image_format iw_image_exr = {
    .name = "exr",
    .title = "OpenEXR",
    .mime = "image/x-exr",
    .mime_others = "image/exr image/aces",
    .extensions = "exr",
    .sniff_bytes = HEAD_BYTES,
    .sniff = sniff,
    .scan = scan_exr,
    .is_turned_by_exif = false,
};
