/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Checkstyle's XML, which review bots and Jenkins read: written as answers come, so a document has an element of its
 * own each time that the answers come back to it. What is waived is left out. */
#include "base/iw.h"
#include "report/escape.h"
#include "report/offence.h"

struct checkstyle {
    struct iw_report_style style;
    struct iw_buf file, sentence; /* file: the name of the element that is open, if any */
    bool is_open;
};

static enum iw_err begin(void *state, const struct iw_report_style *style, struct iw_buf *out)
{
    struct checkstyle *c = state;
    c->style = *style;
    iw_buf_init(&c->file, IW_ONE_BYTES);
    iw_buf_init(&c->sentence, IW_ONE_BYTES);
    iw_buf_add_str(out, IW_STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"8.0\">\n"));
    return out->err;
}

static void close_file(struct checkstyle *c, struct iw_buf *out)
{
    if (c->is_open)
        iw_buf_add_str(out, IW_STR("</file>\n"));
    c->is_open = false;
}

static void open_file(struct checkstyle *c, struct iw_str path, struct iw_buf *out)
{
    if (c->is_open && iw_str_eq(path, iw_buf_str(&c->file)))
        return;
    close_file(c, out);
    iw_buf_clear(&c->file);
    iw_buf_add_str(&c->file, path);
    iw_buf_add_str(out, IW_STR("<file name=\""));
    iw_escape_xml(out, path);
    iw_buf_add_str(out, IW_STR("\">\n"));
    c->is_open = true;
}

static void add_error(struct iw_buf *out, const struct iw_anchor *anchor, const char *severity, struct iw_str message,
                      const char *name)
{
    iw_buf_printf(out, "<error line=\"%u\" column=\"%u\" severity=\"%s\" message=\"", anchor->line ? anchor->line : 1,
                  anchor->column ? anchor->column : 1, severity);
    iw_escape_xml(out, message);
    iw_buf_printf(out, "\" source=\"imgweigh.%s\"/>\n", name);
}

static enum iw_err item(void *state, const struct iw_record *record, struct iw_buf *out)
{
    static const char *const severities[] = {"info", "warning", "error"};
    struct checkstyle *c = state;
    size_t count = record->change == IW_CHANGE_WAIVED ? 0 : iw_offence_count(record);
    for (size_t i = 0; i < count; i++) {
        struct iw_offence offence;
        struct iw_anchor anchor;
        iw_offence_at(record, i, &offence);
        iw_anchor_of(record, &c->style, &anchor);
        open_file(c, anchor.path, out);
        iw_offence_tell(&c->sentence, record, &offence);
        if (c->sentence.err != IW_OK || c->file.err != IW_OK)
            return IW_ERR_NOMEM;
        add_error(out, &anchor, severities[offence.severity], iw_buf_str(&c->sentence),
                  iw_offence_rule(offence.rule)->name);
    }
    return out->err;
}

static enum iw_err end(void *state, const struct iw_totals *totals, struct iw_buf *out)
{
    struct checkstyle *c = state;
    if (totals->is_incomplete) {
        open_file(c, IW_STR("imgweigh"), out);
        add_error(out, &(struct iw_anchor){0}, "error", iw_str_from(totals->incomplete_why), "incomplete");
    }
    close_file(c, out);
    iw_buf_add_str(out, IW_STR("</checkstyle>\n"));
    return out->err;
}

static void release(void *state)
{
    struct checkstyle *c = state;
    iw_buf_release(&c->file);
    iw_buf_release(&c->sentence);
}

const struct iw_writer iw_writer_checkstyle = {
    .name = "checkstyle",
    .help = "Checkstyle's XML, for review bots and Jenkins",
    .state_size = sizeof(struct checkstyle),
    .begin = begin,
    .item = item,
    .end = end,
    .release = release,
};
