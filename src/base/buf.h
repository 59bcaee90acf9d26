/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Growable bytes with a mandatory ceiling and a sticky error: append freely, ask once.
 * After an error every append is a no-op and the content stays what it was. */
#ifndef IW_BASE_BUF_H
#define IW_BASE_BUF_H

#include "base/err.h"
#include "base/str.h"

struct iw_buf {
    char *ptr;
    size_t len;
    size_t cap;
    size_t ceiling_bytes;
    enum iw_err err; /* sticky: IW_OK, IW_ERR_LIMIT or IW_ERR_NOMEM */
};

void iw_buf_init(struct iw_buf *buf, size_t ceiling_bytes);
/* Accepts a cleared struct. */
void iw_buf_release(struct iw_buf *buf);
/* Length 0 and no error; the memory is kept. */
void iw_buf_clear(struct iw_buf *buf);
void iw_buf_add_u64(struct iw_buf *buf, uint64_t value);
void iw_buf_printf(struct iw_buf *buf, const char *format, ...) IW_PRINTF(2, 3);
/* Room for at least more bytes behind len; the caller fills them and adds to len. NULL on failure. */
char *iw_buf_grow(struct iw_buf *buf, size_t more); /* the rare case of: */
static inline char *iw_buf_reserve(struct iw_buf *buf, size_t more)
{
    return buf->err == IW_OK && more <= buf->cap - buf->len ? buf->ptr + buf->len : iw_buf_grow(buf, more);
}
static inline void iw_buf_add(struct iw_buf *buf, const void *bytes, size_t len)
{
    char *to = len ? iw_buf_reserve(buf, len) : NULL;
    if (!to)
        return;
    memcpy(to, bytes, len);
    buf->len += len;
}
static inline void iw_buf_add_str(struct iw_buf *buf, struct iw_str text)
{
    iw_buf_add(buf, text.ptr, text.len);
}
static inline void iw_buf_add_char(struct iw_buf *buf, char c)
{
    iw_buf_add(buf, &c, 1);
}
/* Removes the first count bytes (count <= len). */
void iw_buf_drop(struct iw_buf *buf, size_t count);
static inline struct iw_str iw_buf_str(const struct iw_buf *buf)
{
    return (struct iw_str){buf->ptr, buf->len};
}

#endif
