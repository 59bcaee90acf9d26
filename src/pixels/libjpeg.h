/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* libjpeg's way of failing, made ours: errors jump, warnings are counted, endless files are given up. */
#ifndef IW_PIXELS_LIBJPEG_H
#define IW_PIXELS_LIBJPEG_H

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

struct iw_jpeg_error {
    struct jpeg_error_mgr manager; /* first: libjpeg hands its address back */
    jmp_buf jump;
    char text[JMSG_LENGTH_MAX];
};
/* Sets *error up; what comes back belongs into cinfo.err, and setjmp(error->jump) must follow. */
struct jpeg_error_mgr *iw_jpeg_errors(struct iw_jpeg_error *error);
/* Gives a decompressor up after too many scans, warnings or bytes of memory. progress must live as long. */
void iw_jpeg_guard(j_decompress_ptr d, struct jpeg_progress_mgr *progress);

#endif
