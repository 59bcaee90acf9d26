/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The table of output formats, the names of enumerations, and the words for a header. */
#include "base/iw.h"
#include "report/report.h"

#include "base/parse.h"

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

void iw_report_add_read_as(struct iw_buf *out, const struct iw_totals *totals)
{
    char digits[27];
    for (size_t i = 0; i < totals->read_as_count; i++) {
        const struct iw_read_as *read = &totals->read_as[i];
        iw_buf_printf(out, "read as: %s, ", read->kind ? read->kind : "others");
        if (read->how[0]) {
            iw_report_add_safe(out, iw_str_from(read->how));
            iw_buf_add_str(out, IW_STR(", "));
        }
        if (read->documents > 1)
            iw_buf_printf(out, "%s documents, ", iw_format_u64(read->documents, digits));
        iw_buf_printf(out, "%s %s\n", iw_format_u64(read->urls, digits), read->urls == 1 ? "URL" : "URLs");
    }
}

/* The pictures of an icon. */
static void add_entries(struct iw_buf *out, const struct iw_image_facts *image)
{
    enum { OPEN_SIDE = 256 };
    for (unsigned i = 0; i < image->entry_count; i++) {
        const struct iw_icon_entry *entry = &image->entries[i];
        iw_buf_printf(out, "%s%dx%d", i ? ", " : "; pictures: ", entry->width_px ? entry->width_px : OPEN_SIDE,
                      entry->height_px ? entry->height_px : OPEN_SIDE);
    }
    if (image->frames > image->entry_count)
        iw_buf_printf(out, " and %u more", image->frames - image->entry_count);
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
    if (image->frames > 1 && image->entry_count)
        add_entries(out, image);
    else if (image->frames > 1)
        iw_buf_printf(out, ", %u frames", image->frames);
    iw_buf_printf(out, "; alpha: %s", tri[image->alpha]);
    if (image->is_damaged)
        iw_buf_add_str(out, IW_STR("; damaged: bytes of the header make no sense"));
}
