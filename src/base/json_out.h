/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* JSON text (RFC 8259) appended to a buffer. Strings come out as valid UTF-8 whatever went in: each
 * byte that is not part of a valid sequence becomes U+FFFD. */
#ifndef IW_BASE_JSON_OUT_H
#define IW_BASE_JSON_OUT_H

#include "base/buf.h"

/* A quoted, escaped string; null when text.ptr is NULL. */
void iw_json_str(struct iw_buf *buf, struct iw_str text);
/* "key": with a comma in front unless the last byte of buf is '{' or '['. key needs no escaping. */
static inline void iw_json_key(struct iw_buf *buf, const char *key)
{
    size_t len = strlen(key);
    char before = buf->len ? buf->ptr[buf->len - 1] : '{';
    bool is_first = before == '{' || before == '[';
    char *to = iw_buf_reserve(buf, len + 4);
    if (!to)
        return;
    *to = ',';
    to += !is_first;
    *to = '"';
    memcpy(to + 1, key, len);
    memcpy(to + 1 + len, "\":", 2);
    buf->len += len + 3 + !is_first;
}
void iw_json_u64(struct iw_buf *buf, uint64_t value);
void iw_json_bool(struct iw_buf *buf, bool value);
/* null, false or true. */
void iw_json_tri(struct iw_buf *buf, enum iw_tri value);
void iw_json_null(struct iw_buf *buf);

#endif
