/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A JPEG encoder of the operator's in place of ours: it gets the scaled pixels as a PPM or PGM file, and what it writes
 * is looked at like anything else that comes from outside. It is not confined. Where its command has {quality}, a file
 * that is too heavy is made again at a lower one. */
#include "base/iw.h"
#include "audit/inside.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COMMAND_BYTES = 1 << 16, TRIES = 8, SHRINKS = 4, SIDE_MIN = 16, PATH_BYTES = 300 };

struct iw_encoding {
    struct iw_item *item;
    unsigned quality, tries;
    char in[PATH_BYTES], out[PATH_BYTES];
};

/* ---- the folder of its files ---- */

static bool open_folder(struct iw_lane *lane)
{
    const char *base = getenv("TMPDIR");
    if (lane->encoder_folder[0])
        return true;
    (void)snprintf(lane->encoder_folder, sizeof lane->encoder_folder, "%.200s/imgweigh-XXXXXX",
                   base && base[0] == '/' ? base : "/tmp");
    if (mkdtemp(lane->encoder_folder))
        return true;
    lane->encoder_folder[0] = '\0';
    return false;
}

void iw_encode_close(struct iw_lane *lane)
{
    if (lane->encoder_folder[0])
        (void)rmdir(lane->encoder_folder);
    lane->encoder_folder[0] = '\0';
}

static bool write_file(const char *path, const uint8_t *bytes, uint64_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool is_good = fd >= 0;
    for (uint64_t done = 0; is_good && done < len;) {
        ssize_t n = write(fd, bytes + done, (size_t)(len - done));
        if (n > 0)
            done += (uint64_t)n;
        else
            is_good = n < 0 && errno == EINTR;
    }
    if (fd >= 0 && close(fd) != 0)
        is_good = false;
    return is_good;
}

/* The whole of a file of at most most bytes, in memory of its own; NULL: no such file, or larger. */
static uint8_t *read_file(const char *path, uint64_t most, uint64_t *out_len)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    bool is_good =
        fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0 && (uint64_t)info.st_size <= most;
    uint8_t *bytes = is_good ? iw_malloc((size_t)info.st_size) : NULL;
    uint64_t len = 0;
    ssize_t n = 1;
    while (bytes && len < (uint64_t)info.st_size && n > 0) {
        n = read(fd, bytes + len, (size_t)((uint64_t)info.st_size - len));
        len += n > 0 ? (uint64_t)n : 0;
    }
    if (fd >= 0)
        close(fd);
    *out_len = len;
    return bytes;
}

/* ---- the command ---- */

static void add_quoted(struct iw_buf *out, const char *text)
{
    iw_buf_add_char(out, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            iw_buf_add_str(out, IW_STR("'\\''"));
        else
            iw_buf_add_char(out, *text);
    }
    iw_buf_add_char(out, '\'');
}

static void make_command(const struct iw_encoding *encoding, struct iw_buf *out)
{
    const char *command = encoding->item->lane->policy->fix.encoder;
    for (const char *at = command; *at;) {
        if (strncmp(at, "{in}", 4) == 0) {
            add_quoted(out, encoding->in);
            at += 4;
        } else if (strncmp(at, "{out}", 5) == 0) {
            add_quoted(out, encoding->out);
            at += 5;
        } else if (strncmp(at, "{quality}", 9) == 0) {
            iw_buf_printf(out, "%u", encoding->quality);
            at += 9;
        } else {
            iw_buf_add_char(out, *at++);
        }
    }
    iw_buf_add_char(out, '\0');
}

static void on_done(void *user, bool is_good, const char *how);

static bool start(struct iw_encoding *encoding)
{
    struct iw_lane *lane = encoding->item->lane;
    struct iw_buf command;
    char shell[] = "/bin/sh", flag[] = "-c";
    iw_buf_init(&command, COMMAND_BYTES);
    make_command(encoding, &command);
    bool is_started = false;
    if (command.err == IW_OK) {
        char *argv[] = {shell, flag, command.ptr, NULL};
        is_started = iw_net_spawn(lane->net, argv, lane->policy->fix.encoder_ms, on_done, encoding) == IW_OK;
    }
    iw_buf_release(&command);
    encoding->tries++;
    return is_started;
}

/* ---- its result ---- */

static void finish(struct iw_encoding *encoding)
{
    (void)unlink(encoding->in);
    (void)unlink(encoding->out);
}

/* Too heavy, and there is a lower quality to be had. */
static bool try_lower(struct iw_encoding *encoding, uint64_t len)
{
    const struct iw_lane *lane = encoding->item->lane;
    const struct iw_goal *goal = &encoding->item->mend->job->goal;
    if (len <= goal->max_bytes || encoding->tries >= TRIES || encoding->quality <= goal->quality_floor ||
        !strstr(lane->policy->fix.encoder, "{quality}"))
        return false;
    double over = (double)len / (double)goal->max_bytes;
    unsigned step = over > 2 ? 25 : over > 1.3 ? 12 : 5;
    encoding->quality = IW_MAX(encoding->quality > step ? encoding->quality - step : 1, (unsigned)goal->quality_floor);
    (void)unlink(encoding->out);
    return start(encoding);
}

/* No quality will do: fewer pixels, decoded anew. */
static bool try_smaller(struct iw_encoding *encoding, uint64_t len)
{
    struct iw_item *item = encoding->item;
    struct iw_job *job = item->mend->job;
    struct iw_goal *goal = &job->goal;
    if (len <= goal->max_bytes || item->mend->shrinks >= SHRINKS)
        return false;
    double factor = IW_MIN(0.95 * sqrt((double)goal->max_bytes / (double)len), 0.9);
    goal->box_width_px = (uint32_t)(job->made.width_px * factor);
    goal->box_height_px = (uint32_t)(job->made.height_px * factor);
    goal->must_scale = true;
    if (goal->box_width_px < SIDE_MIN || goal->box_height_px < SIDE_MIN)
        return false;
    item->mend->shrinks++;
    item->mend->stage = IW_MEND_DECODE;
    iw_pool_submit(item->lane->pool, job);
    return true;
}

static void on_done(void *user, bool is_good, const char *how)
{
    struct iw_encoding *encoding = user;
    struct iw_item *item = encoding->item;
    struct iw_mend *mend = item->mend;
    const struct iw_lane *lane = item->lane;
    uint64_t len = 0;
    uint8_t *bytes = is_good ? read_file(encoding->out, lane->policy->fix.pool.out_bytes, &len) : NULL;
    if (bytes && try_lower(encoding, len)) {
        iw_free(bytes);
        return;
    }
    finish(encoding);
    if (bytes && try_smaller(encoding, len)) {
        iw_free(bytes);
        return;
    }
    if (!is_good) {
        iw_mend_fail(item, "the encoder %s", how);
        return;
    }
    if (!bytes) {
        iw_mend_fail(item, "the encoder wrote no file, or one that is too large");
        return;
    }
    mend->encoded = bytes;
    struct iw_made made = mend->job->made;
    made.bytes = len;
    const char *why;
    if (!iw_made_is_sound(bytes, (size_t)len, &made, &mend->job->goal, &why)) {
        iw_mend_fail(item, "what the encoder made is refused: %s (%llu bytes)", why, (unsigned long long)len);
        return;
    }
    mend->mended.quality = strstr(lane->policy->fix.encoder, "{quality}") ? encoding->quality : 0;
    mend->mended.subsampling = 0;
    iw_mend_result(item, bytes, len);
}

void iw_encode(struct iw_item *item)
{
    struct iw_lane *lane = item->lane;
    const struct iw_job *job = item->mend->job;
    struct iw_encoding *encoding = iw_arena_zalloc(&item->arena, sizeof *encoding);
    if (!encoding || !open_folder(lane)) {
        iw_mend_fail(item, "there is no room for the encoder's files");
        return;
    }
    encoding->item = item;
    encoding->quality = job->goal.quality;
    (void)snprintf(encoding->in, sizeof encoding->in, "%s/%u.ppm", lane->encoder_folder, job->index);
    (void)snprintf(encoding->out, sizeof encoding->out, "%s/%u.jpg", lane->encoder_folder, job->index);
    item->mend->stage = IW_MEND_ENCODE;
    if (!write_file(encoding->in, job->out, job->made.bytes) || !start(encoding)) {
        finish(encoding);
        iw_mend_fail(item, "the encoder cannot be started: %s", strerror(errno));
    }
}
