/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The table of formats. The worker programs compile it once more, without what needs libraries to be scanned and is not
 * decoded anyway: so they do not load those. */
#include "base/iw.h"
#include "image/image.h"

#define IW_IMAGE_FORMAT(name) extern const struct iw_image_format iw_image_##name;
#include "image/formats.def"
#undef IW_IMAGE_FORMAT

const struct iw_image_format *const iw_image_formats[] = {
#define IW_IMAGE_FORMAT(name) &iw_image_##name,
#include "image/formats.def"
#undef IW_IMAGE_FORMAT
};
const size_t iw_image_format_count = IW_ARRAY_LEN(iw_image_formats);
