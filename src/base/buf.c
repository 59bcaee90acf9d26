/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Growable bytes: doubling up to the ceiling. */
#include "base/iw.h"
#include "base/buf.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>

void iw_buf_init(struct iw_buf *buf, size_t ceiling_bytes)
{
    *buf = (struct iw_buf){.ceiling_bytes = ceiling_bytes};
}

void iw_buf_release(struct iw_buf *buf)
{
    iw_free(buf->ptr);
    buf->ptr = NULL;
    buf->len = buf->cap = 0;
}

void iw_buf_clear(struct iw_buf *buf)
{
    buf->len = 0;
    buf->err = IW_OK;
}

char *iw_buf_grow(struct iw_buf *buf, size_t more)
{
    if (buf->err != IW_OK)
        return NULL;
    if (more <= buf->cap - buf->len)
        return buf->ptr + buf->len;
    if (more > buf->ceiling_bytes || buf->len > buf->ceiling_bytes - more) {
        buf->err = IW_ERR_LIMIT;
        return NULL;
    }
    size_t cap = buf->cap ? buf->cap : 256;
    while (cap < buf->len + more)
        cap = cap > SIZE_MAX / 2 ? SIZE_MAX : cap * 2;
    cap = IW_MIN(cap, buf->ceiling_bytes);
    char *ptr = iw_realloc(buf->ptr, cap, 1);
    if (!ptr) {
        buf->err = IW_ERR_NOMEM;
        return NULL;
    }
    buf->ptr = ptr;
    buf->cap = cap;
    return ptr + buf->len;
}

void iw_buf_add_u64(struct iw_buf *buf, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    iw_buf_add(buf, digits + at, sizeof digits - at);
}

void iw_buf_printf(struct iw_buf *buf, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *to = len < 0 ? NULL : iw_buf_reserve(buf, (size_t)len + 1);
    if (to) {
        (void)vsnprintf(to, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

void iw_buf_drop(struct iw_buf *buf, size_t count)
{
    if (count && count < buf->len)
        memmove(buf->ptr, buf->ptr + count, buf->len - count);
    buf->len -= IW_MIN(count, buf->len);
}
