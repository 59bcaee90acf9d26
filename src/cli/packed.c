/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Request files that are compressed by gzip: unpacked into a temporary file, as they are read by place, and packed
 * where the name of what is written ends as theirs. */
#include "base/iw.h"
#include "cli/cli.h"

#include "base/mem.h"

#include <errno.h>
#include <unistd.h>
#include <zlib.h>

struct iw_packer {
    gzFile to;
};

enum { COPY_BYTES = 256 << 10, GZIP_WINDOW = 15 + 16 };

bool iw_packed_is(const char *head, size_t len)
{
    return len >= 2 && (unsigned char)head[0] == 0x1F && (unsigned char)head[1] == 0x8B;
}

bool iw_packed_is_name(const char *name)
{
    return iw_str_ends_nocase(iw_str_from(name), IW_STR(".gz"));
}

size_t iw_packed_peek(const char *head, size_t len, char *out, size_t room)
{
    Bytef in[4096];
    z_stream z = {.next_in = in, .avail_in = (uInt)IW_MIN(len, sizeof in)};
    if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
        return 0;
    memcpy(in, head, z.avail_in);
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)room;
    (void)inflate(&z, Z_SYNC_FLUSH); /* what it gave before an error counts */
    size_t got = room - z.avail_out;
    (void)inflateEnd(&z);
    return got;
}

/* ---- unpacking ---- */

static bool unpack(gzFile from, int to, char *bytes, const char **out_why)
{
    uint64_t total = 0;
    for (int n; (n = gzread(from, bytes, COPY_BYTES)) != 0; total += (unsigned)n) {
        *out_why = n < 0 ? "the gzip stream is damaged" : "it unpacks to more than is kept for it";
        if (n < 0 || total > IW_PACKED_MAX_BYTES)
            return false;
        *out_why = NULL;
        if (!iw_whole_write(to, (struct iw_str){bytes, (size_t)n}))
            return false;
    }
    int code = Z_OK;
    (void)gzerror(from, &code);
    *out_why = "the gzip stream ends early";
    return code == Z_OK;
}

int iw_packed_open(int fd, const char **out_why)
{
    int copy = dup(fd), to = iw_temp_open();
    gzFile from = copy >= 0 ? gzdopen(copy, "rb") : NULL;
    char *bytes = iw_malloc(COPY_BYTES);
    *out_why = NULL;
    bool is_good = from && to >= 0 && bytes && unpack(from, to, bytes, out_why) && lseek(to, 0, SEEK_SET) == 0;
    if (!is_good && !*out_why)
        *out_why = strerror(errno);
    iw_free(bytes);
    if (from)
        (void)gzclose_r(from);
    else if (copy >= 0)
        close(copy);
    if (is_good)
        return to;
    if (to >= 0)
        close(to);
    return -1;
}

/* ---- packing ---- */

struct iw_packer *iw_packer_new(int fd)
{
    struct iw_packer *packer = iw_calloc(1, sizeof *packer);
    int copy = packer ? dup(fd) : -1;
    if (copy >= 0 && (packer->to = gzdopen(copy, "wb")) != NULL) /* its header has neither name nor time */
        return packer;
    if (copy >= 0)
        close(copy);
    iw_free(packer);
    return NULL;
}

bool iw_packer_add(struct iw_packer *packer, struct iw_str bytes)
{
    return bytes.len == 0 || gzwrite(packer->to, bytes.ptr, (unsigned)bytes.len) == (int)bytes.len;
}

bool iw_packer_end(struct iw_packer *packer)
{
    bool is_good = !packer || gzclose_w(packer->to) == Z_OK;
    iw_free(packer);
    return is_good;
}
