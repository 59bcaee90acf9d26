/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* How the records of a run stand: what is waived, and what is new, worse or gone, counted. */
#include "base/iw.h"
#include "cli/history.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { FILE_BYTES = 4 << 20 };

/* The whole file in the arena. */
static enum iw_err read_file(struct iw_arena *arena, const char *path, struct iw_str *out, struct iw_diag *diag)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *text = fd >= 0 ? iw_arena_alloc(arena, FILE_BYTES) : NULL;
    size_t len = 0;
    ssize_t got = 1;
    while (text && len < FILE_BYTES && (got = read(fd, text + len, FILE_BYTES - len)) > 0)
        len += (size_t)got;
    int why = errno;
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && !text)
        return IW_ERR_NOMEM;
    if (fd < 0 || got < 0)
        return iw_fail(diag, IW_ERR_USAGE, 0, 0, "--waivers: %.300s: %s", path, strerror(why));
    if (len == FILE_BYTES)
        return iw_fail(diag, IW_ERR_USAGE, 0, 0, "--waivers: %.300s has more than %d bytes", path, FILE_BYTES - 1);
    *out = (struct iw_str){text, len};
    return IW_OK;
}

enum iw_err iw_standing_open(struct iw_settings *settings, struct iw_standing *out, struct iw_diag *diag)
{
    const char *path = settings->options.waivers;
    struct iw_str text;
    *out = (struct iw_standing){.now_unix_s = (int64_t)iw_net_unix_s()};
    if (!path)
        return IW_OK;
    enum iw_err err = read_file(&settings->arena, path, &text, diag);
    return err == IW_OK ? iw_waivers_parse(&settings->arena, text, path, &out->waivers, diag) : err;
}

void iw_standing_excuse(const struct iw_standing *standing, struct iw_record *record)
{
    if (standing->waivers)
        (void)iw_waivers_excuse(standing->waivers, record, standing->now_unix_s);
}

void iw_standing_count(struct iw_standing *standing, const struct iw_record *record)
{
    struct iw_totals *totals = &standing->counted;
    bool is_offender = record->verdict == IW_VERDICT_OVER || record->verdict == IW_VERDICT_BROKEN;
    totals->changes[record->change]++;
    totals->uncompared += record->is_uncompared;
    totals->new_offenders += is_offender && record->change == IW_CHANGE_NEW;
    totals->worse_offenders += is_offender && record->change == IW_CHANGE_WORSE;
    if (record->change != IW_CHANGE_WAIVED)
        return;
    totals->excused += is_offender;
    totals->excused_warnings += record->verdict == IW_VERDICT_WARN;
}

void iw_standing_add(const struct iw_standing *standing, struct iw_totals *totals)
{
    const struct iw_totals *counted = &standing->counted;
    memcpy(totals->changes, counted->changes, sizeof totals->changes);
    totals->new_offenders = counted->new_offenders;
    totals->worse_offenders = counted->worse_offenders;
    totals->uncompared = counted->uncompared;
    totals->excused = counted->excused;
    totals->excused_warnings = counted->excused_warnings;
}

struct complaining {
    struct iw_totals *totals;
    void (*fn)(void *user, const struct iw_diag *diag);
    void *user;
};

static void on_expired(void *user, const struct iw_diag *diag)
{
    const struct complaining *complaining = user;
    complaining->totals->complaints++;
    complaining->fn(complaining->user, diag);
}

void iw_standing_complain(const struct iw_standing *standing, struct iw_totals *totals,
                          void (*fn)(void *user, const struct iw_diag *diag), void *user)
{
    struct complaining complaining = {totals, fn, user};
    if (standing->waivers)
        iw_waivers_expired(standing->waivers, on_expired, &complaining);
}
