/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What the reader and the writer of JPEG share. */
#include "base/iw.h"
#include "pixels/libjpeg.h"

#include "pixels/inside.h"

#include <jerror.h>

enum { MEMORY_MAX = 640 << 20 };

static void fail(j_common_ptr c)
{
    struct iw_jpeg_error *error = (struct iw_jpeg_error *)(void *)c->err;
    c->err->format_message(c, error->text);
    longjmp(error->jump, 1);
}

static void warn(j_common_ptr c, int level)
{
    if (level >= 0)
        return;
    bool is_cut = c->err->msg_code == JWRN_JPEG_EOF && c->is_decompressor &&
                  ((j_decompress_ptr)c)->input_iMCU_row + 1 < ((j_decompress_ptr)c)->total_iMCU_rows;
    if (is_cut || ++c->err->num_warnings > IW_JPEG_MAX_WARNINGS)
        fail(c);
}

static void say_nothing(j_common_ptr c)
{
    (void)c;
}

struct jpeg_error_mgr *iw_jpeg_errors(struct iw_jpeg_error *error)
{
    jpeg_std_error(&error->manager);
    error->manager.error_exit = fail;
    error->manager.emit_message = warn;
    error->manager.output_message = say_nothing;
    error->text[0] = '\0';
    return &error->manager;
}

static void on_progress(j_common_ptr c)
{
    if (c->is_decompressor && ((j_decompress_ptr)c)->input_scan_number > IW_JPEG_MAX_SCANS) {
        c->err->msg_code = JERR_BAD_PROGRESSION;
        fail(c);
    }
}

void iw_jpeg_guard(j_decompress_ptr d, struct jpeg_progress_mgr *progress)
{
    *progress = (struct jpeg_progress_mgr){.progress_monitor = on_progress};
    d->progress = progress;
    d->mem->max_memory_to_use = MEMORY_MAX;
}
