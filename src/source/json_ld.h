/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The images that JSON-LD names, as pages embed it for search engines (schema.org). */
#ifndef IW_SOURCE_JSON_LD_H
#define IW_SOURCE_JSON_LD_H

#include "base/buf.h"

/* One image: url stands at offset at of the text, escapes resolved; element is static text: "JSON-LD image". Another
 * code than IW_OK ends it. */
typedef enum iw_err (*iw_json_ld_fn)(void *user, struct iw_str url, size_t at, const char *element);

/* Strings, lists and objects (their url and contentUrl) under image, logo, thumbnail, thumbnailUrl and
 * primaryImageOfPage, at any depth, and those of objects that say first that they are of type ImageObject. Text that
 * is no JSON is read as far as it looks like it. scratch: for strings with escapes. IW_ERR_NOMEM, or what fn returned.
 */
enum iw_err iw_json_ld_scan(struct iw_str text, struct iw_buf *scratch, iw_json_ld_fn fn, void *user) IW_MUST_USE;

#endif
