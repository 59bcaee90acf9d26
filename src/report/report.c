/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The table of output formats, text made safe for a terminal, and the words for a header. */
#include "base/iw.h"
#include "report/report.h"

#include "base/utf8.h"

#define IW_WRITER(name)     extern const struct iw_writer iw_writer_##name;
#define IW_FIX_WRITER(name) extern const struct iw_writer iw_fix_writer_##name;
#include "report/writers.def"
#undef IW_WRITER
#undef IW_FIX_WRITER

#define IW_WRITER(name) &iw_writer_##name,
#define IW_FIX_WRITER(name)
static const struct iw_writer *const writers[] = {
#include "report/writers.def"
};
#undef IW_WRITER
#undef IW_FIX_WRITER
const struct iw_writer_table iw_writers = {writers, IW_ARRAY_LEN(writers)};

#define IW_WRITER(name)
#define IW_FIX_WRITER(name) &iw_fix_writer_##name,
static const struct iw_writer *const fix_writers[] = {
#include "report/writers.def"
};
#undef IW_WRITER
#undef IW_FIX_WRITER
const struct iw_writer_table iw_fix_writers = {fix_writers, IW_ARRAY_LEN(fix_writers)};

const struct iw_writer *iw_writer_find(const struct iw_writer_table *table, struct iw_str name)
{
    for (size_t i = 0; i < table->count; i++)
        if (iw_str_eq(name, iw_str_from(table->list[i]->name)))
            return table->list[i];
    return NULL;
}

const char *iw_action_name(enum iw_action action)
{
    static const char *const names[IW_ACTION_COUNT] = {"kept", "relabelled", "inlined", "recompressed", "failed"};
    return names[action];
}

const char *iw_change_name(enum iw_change change)
{
    static const char *const names[IW_CHANGE_COUNT] = {"",      "new",  "worse",       "same",  "better",
                                                       "fixed", "gone", "unreachable", "waived"};
    return names[change];
}

/* Code points that change the direction of what follows, or break lines: U+200E, U+200F, U+2028..U+202E,
 * U+2066..U+2069, U+061C, and the C1 controls. All are two or three bytes. */
static uint32_t unsafe_point(struct iw_str s, size_t len)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    if (len == 2) {
        uint32_t point = (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
        return point < 0xA0 || point == 0x61C ? point : 0;
    }
    if (len != 3)
        return 0;
    uint32_t point = (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    bool is_bidi = point == 0x200E || point == 0x200F || (point >= 0x2028 && point <= 0x202E) ||
                   (point >= 0x2066 && point <= 0x2069);
    return is_bidi ? point : 0;
}

void iw_report_add_safe(struct iw_buf *out, struct iw_str text)
{
    for (size_t at = 0; at < text.len;) {
        struct iw_str rest = iw_str_skip(text, at);
        unsigned char c = (unsigned char)rest.ptr[0];
        size_t len = iw_utf8_len(rest);
        uint32_t point = len > 1 ? unsafe_point(rest, len) : 0;
        if (len == 0)
            iw_buf_add_str(out, IW_STR("\xEF\xBF\xBD"));
        else if (c < 0x20 || c == 0x7F)
            iw_buf_printf(out, "\\x%02X", c);
        else if (point)
            iw_buf_printf(out, "\\u{%04X}", (unsigned)point);
        else
            iw_buf_add(out, rest.ptr, len);
        at += len ? len : 1;
    }
}

void iw_report_add_image(struct iw_buf *out, const struct iw_image_facts *image, const char *separator)
{
    static const char *const tri[] = {"not known", "no", "yes"};
    static const char *const colours[] = {"colours not known", "grey", "RGB", "palette", "YCbCr", "CMYK"};
    iw_buf_printf(out, "%s", image->format->title);
    if (image->width_px)
        iw_buf_printf(out, ", %ux%u px displayed, %ux%u stored", image->width_px, image->height_px,
                      image->stored_width_px, image->stored_height_px);
    if (image->orientation)
        iw_buf_printf(out, ", orientation %u", image->orientation);
    else
        iw_buf_add_str(out, IW_STR(", orientation not known"));
    iw_buf_printf(out, "%s%s", separator, colours[image->colour]);
    if (image->bit_depth)
        iw_buf_printf(out, ", %u bit%s", image->bit_depth, image->bit_depth == 1 ? "" : "s");
    iw_buf_printf(out, "; ICC profile: %s; progressive: %s; animated: %s", tri[image->has_icc], tri[image->progressive],
                  tri[image->animated]);
    if (image->frames > 1)
        iw_buf_printf(out, ", %u frames", image->frames);
    iw_buf_printf(out, "; alpha: %s", tri[image->alpha]);
}
