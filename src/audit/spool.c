/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What is to be written into request files, until all of them are done: new text in one unlinked temporary file, edits
 * in another, so that memory grows with neither. Edits come as images are done; the second file is sorted in place, by
 * file and by place, before it is read. */
#include "base/iw.h"
#include "audit/inside.h"

#include "base/base64.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ENCODE_BYTES = 48 << 10, TAIL_BYTES = 64 << 10 };

int iw_temp_open(void)
{
    const char *folder = getenv("TMPDIR");
    if (!folder || folder[0] != '/')
        folder = "/tmp";
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    char name[512];
    int n = snprintf(name, sizeof name, "%s/imgweigh-XXXXXX", folder);
    if (n < 0 || (size_t)n >= sizeof name)
        return -1;
    fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0)
        unlink(name);
    return fd;
}

void iw_spool_init(struct iw_spool *spool)
{
    *spool = (struct iw_spool){.text_fd = -1, .edits_fd = -1};
    iw_buf_init(&spool->text, TAIL_BYTES * 2);
    iw_buf_init(&spool->edits, TAIL_BYTES * 2);
}

void iw_spool_release(struct iw_spool *spool)
{
    if (spool->sorted)
        munmap(spool->sorted, spool->edit_count * sizeof *spool->sorted);
    if (spool->text_fd >= 0)
        close(spool->text_fd);
    if (spool->edits_fd >= 0)
        close(spool->edits_fd);
    iw_buf_release(&spool->text);
    iw_buf_release(&spool->edits);
    iw_spool_init(spool);
}

/* ---- writing ---- */

static enum iw_err fail(struct iw_spool *spool)
{
    if (!spool->why)
        spool->why = errno ? errno : EIO;
    return IW_ERR_IO;
}

static enum iw_err flush(struct iw_spool *spool, int *fd, struct iw_buf *tail, uint64_t *written)
{
    if (tail->len == 0)
        return IW_OK; /* a run that changes nothing needs no temporary file */
    if (*fd < 0)
        *fd = iw_temp_open();
    if (*fd < 0)
        return fail(spool);
    for (size_t done = 0; done < tail->len;) {
        ssize_t n = pwrite(*fd, tail->ptr + done, tail->len - done, (off_t)(*written + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail(spool);
        done += (size_t)n;
    }
    *written += tail->len;
    iw_buf_clear(tail);
    return IW_OK;
}

static enum iw_err flush_text(struct iw_spool *spool)
{
    return flush(spool, &spool->text_fd, &spool->text, &spool->text_written);
}

static enum iw_err after_text(struct iw_spool *spool)
{
    if (spool->text.err != IW_OK)
        return spool->text.err;
    return spool->text.len >= TAIL_BYTES ? flush_text(spool) : IW_OK;
}

uint64_t iw_spool_end(const struct iw_spool *spool)
{
    return spool->text_written + spool->text.len;
}

enum iw_err iw_spool_text(struct iw_spool *spool, struct iw_str text)
{
    enum iw_err err = IW_OK;
    for (size_t at = 0; at < text.len && err == IW_OK; at += ENCODE_BYTES) {
        iw_buf_add_str(&spool->text, iw_str_sub(text, at, ENCODE_BYTES));
        err = after_text(spool);
    }
    return err;
}

enum iw_err iw_spool_base64(struct iw_spool *spool, struct iw_str bytes)
{
    enum iw_err err = IW_OK;
    for (size_t at = 0; at < bytes.len && err == IW_OK; at += ENCODE_BYTES) { /* a multiple of three */
        iw_base64_add(&spool->text, iw_str_sub(bytes, at, ENCODE_BYTES));
        err = after_text(spool);
    }
    return err;
}

enum iw_err iw_spool_edit(struct iw_spool *spool, uint32_t file, const struct iw_edit *edit)
{
    struct iw_spooled_edit spooled;
    memset(&spooled, 0, sizeof spooled);
    spooled.file = file;
    spooled.edit = *edit;
    iw_buf_add(&spool->edits, &spooled, sizeof spooled);
    if (spool->edits.err != IW_OK)
        return spool->edits.err;
    spool->edit_count++;
    return spool->edits.len >= TAIL_BYTES ? flush(spool, &spool->edits_fd, &spool->edits, &spool->edits_written)
                                          : IW_OK;
}

/* ---- reading ---- */

bool iw_read_at(int fd, uint64_t at, void *out, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = pread(fd, (char *)out + done, len - done, (off_t)(at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

bool iw_spool_read(struct iw_spool *spool, uint64_t at, uint8_t *out, size_t len)
{
    if (at + len > spool->text_written && flush_text(spool) != IW_OK)
        return false;
    return iw_read_at(spool->text_fd, at, out, len);
}

static bool is_before(const struct iw_spooled_edit *a, const struct iw_spooled_edit *b)
{
    if (a->file != b->file)
        return a->file < b->file;
    if (a->edit.span.at != b->edit.span.at)
        return a->edit.span.at < b->edit.span.at;
    return a->edit.span.len < b->edit.span.len; /* an insertion stands in front */
}

static void sift(struct iw_spooled_edit *list, size_t root, size_t count)
{
    struct iw_spooled_edit moved = list[root];
    for (size_t child; (child = root * 2 + 1) < count; root = child) {
        if (child + 1 < count && is_before(&list[child], &list[child + 1]))
            child++;
        if (!is_before(&moved, &list[child]))
            break;
        list[root] = list[child];
    }
    list[root] = moved;
}

/* By heap: it needs no memory of its own. Edits mostly come in their order, which costs one look at each. */
static void sort(struct iw_spooled_edit *list, size_t count)
{
    size_t in_order = 1;
    while (in_order < count && !is_before(&list[in_order], &list[in_order - 1]))
        in_order++;
    if (in_order >= count)
        return;
    for (size_t i = count / 2; i > 0; i--)
        sift(list, i - 1, count);
    for (size_t i = count - 1; i > 0; i--) {
        struct iw_spooled_edit last = list[i];
        list[i] = list[0];
        list[0] = last;
        sift(list, 0, i);
    }
}

enum iw_err iw_spool_sort(struct iw_spool *spool)
{
    if (flush_text(spool) != IW_OK)
        return IW_ERR_IO;
    if (spool->edit_count == 0 || spool->sorted)
        return IW_OK;
    enum iw_err err = flush(spool, &spool->edits_fd, &spool->edits, &spool->edits_written);
    if (err != IW_OK)
        return err;
    void *mapped =
        mmap(NULL, spool->edit_count * sizeof *spool->sorted, PROT_READ | PROT_WRITE, MAP_SHARED, spool->edits_fd, 0);
    if (mapped == MAP_FAILED)
        return fail(spool);
    spool->sorted = mapped;
    sort(spool->sorted, spool->edit_count);
    return IW_OK;
}

/* The first edit of that file, or of a later one. */
size_t iw_spool_first(const struct iw_spool *spool, uint32_t file)
{
    size_t low = 0, high = spool->sorted ? spool->edit_count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (spool->sorted[middle].file < file)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
