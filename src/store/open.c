/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The file: whose it is, who has it, how it is kept. The file's first bytes are looked at before SQLite is, so that
 * what is no history is never touched.
 *
 * The lock is exclusive and taken before the journal's mode is: the index of the write-ahead log then lies in our own
 * memory, there is no second connection that a checkpoint could race (SQLite before 3.51.3 damages databases so), and
 * nobody needs memory that a network file system cannot share. Files are never mapped into memory. */
#include "base/iw.h"
#include "store/inside.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum {
    HEADER_BYTES = 100,
    ID_AT = 68,
    ARENA_BYTES = 8 << 20,
    LOCK_AT = 0x40000000,
    LOCK_BYTES = 512,
    WAIT_MS = 2000,
    PAUSE_MS = 50
};

const char *iw_store_journal_for(long f_type)
{
    /* NFS, SMB (three of it), 9p, FUSE, Ceph, AFS, Lustre, GFS2 */
    static const unsigned long networks[] = {0x6969,     0x517B,     0xFE534D42, 0xFF534D42, 0x01021997,
                                             0x65735546, 0x00C36400, 0x5346414F, 0x0BD00BD0, 0x01161970};
    for (size_t i = 0; i < IW_ARRAY_LEN(networks); i++)
        if (((unsigned long)f_type & 0xFFFFFFFF) == networks[i])
            return "TRUNCATE";
    return "WAL";
}

/* Who has the locks that SQLite sets; 0: nobody that can be seen from here. */
static long holder(int fd)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_AT, .l_len = LOCK_BYTES};
    return fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK ? (long)lock.l_pid : 0;
}

/* Our own, or empty; else why it is left alone. This process has no lock on the file yet, so that closing it here gives
 * none up. */
static enum iw_err look(struct iw_store *store, enum iw_store_mode mode, bool *out_is_new)
{
    uint8_t head[HEADER_BYTES];
    struct stat there;
    int fd = open(store->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe would wait for somebody who writes */
    *out_is_new = true;
    if (fd < 0 && errno == ENOENT && mode == IW_STORE_CREATE)
        return IW_OK;
    if (fd < 0 && errno == ENOENT)
        return iw_store_fail(store, IW_ERR_IO, "there is no history yet: imgweigh --history records one");
    if (fd < 0)
        return iw_store_fail(store, IW_ERR_IO, "the history cannot be opened: %s", strerror(errno));
    bool is_file = fstat(fd, &there) == 0 && (S_ISREG(there.st_mode) || S_ISDIR(there.st_mode)); /* read() says it */
    ssize_t got = read(fd, head, sizeof head);
    int why = errno;
    long pid = holder(fd);
    close(fd);
    if (!is_file)
        return iw_store_fail(store, IW_ERR_IO, "this is no file: a history is one");
    if (got < 0)
        return iw_store_fail(store, IW_ERR_IO, "the history cannot be read: %s", strerror(why));
    store->is_busy = pid != 0;
    if (pid)
        return iw_store_fail(store, IW_ERR_IO, "the history is in use by process %ld", pid);
    if (got == 0)
        return IW_OK;
    *out_is_new = false;
    if (got < (ssize_t)sizeof head || memcmp(head, "SQLite format 3", 16) != 0)
        return iw_store_fail(store, IW_ERR_IO, "this is no history of imgweigh, nor any SQLite database");
    uint32_t id = 0;
    for (int i = 0; i < 4; i++)
        id = id << 8 | head[ID_AT + i];
    if (id != IW_SCHEMA_ID)
        return iw_store_fail(store, IW_ERR_IO, "this is a database of another program, not a history of imgweigh");
    return IW_OK;
}

/* The folders above the file, private to the user as the state folder is to be. */
static void make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0700);
        *slash = '/';
    }
}

static enum iw_err set_up(struct iw_store *store, bool is_new)
{
    struct statfs fs = {0};
    char journal[60];
    (void)sqlite3_extended_result_codes(store->db, 1);
    (void)iw_sql_exec(store, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA mmap_size = 0; PRAGMA trusted_schema = OFF;"
                             "PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY");
    /* in one transaction of the ordinary kind: a file with our mark has a whole schema */
    if (store->err == IW_OK)
        (void)iw_schema_update(store, is_new);
    const char *mode = statfs(store->path, &fs) == 0 ? iw_store_journal_for((long)fs.f_type) : "TRUNCATE";
    (void)snprintf(journal, sizeof journal, "PRAGMA journal_mode = %s; PRAGMA synchronous = NORMAL", mode);
    (void)iw_sql_exec(store, journal);
    return iw_sql_exec(store, "PRAGMA wal_autocheckpoint = 4000");
}

/* Once. *out_is_busy: another process has it. */
static enum iw_err open_once(const char *path, enum iw_store_mode mode, struct iw_store **out, struct iw_diag *diag,
                             bool *out_is_busy)
{
    struct iw_store *store = iw_calloc(1, sizeof *store);
    *out_is_busy = false;
    if (!store)
        return IW_ERR_NOMEM;
    bool is_new = false;
    pthread_mutexattr_t recursive; /* whoever is told of a run may commit another's record */
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&store->mutex, &recursive);
    pthread_mutexattr_destroy(&recursive);
    iw_arena_init(&store->arena, ARENA_BYTES);
    iw_buf_init(&store->doc_buf, 1 << 20);
    for (size_t i = 0; i < IW_WORDS_COUNT; i++)
        iw_map_init(&store->words[i], IW_WORDS_MAX);
    store->path = iw_strdup(path);
    if (!store->path)
        (void)iw_store_fail(store, IW_ERR_NOMEM, "out of memory");
    if (store->err == IW_OK && mode == IW_STORE_CREATE)
        make_folders(store->path);
    if (store->err == IW_OK)
        (void)look(store, mode, &is_new);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX | (mode == IW_STORE_CREATE ? SQLITE_OPEN_CREATE : 0);
    if (store->err == IW_OK && sqlite3_open_v2(path, &store->db, flags, NULL) != SQLITE_OK)
        (void)(store->db ? iw_sql_fail(store) : iw_store_fail(store, IW_ERR_NOMEM, "out of memory"));
    if (store->err == IW_OK && sqlite3_db_readonly(store->db, "main") == 1)
        (void)iw_store_is_unwritable(store);
    if (store->err == IW_OK)
        (void)set_up(store, is_new);
    if (store->err == IW_OK) {
        *out = store;
        return IW_OK;
    }
    enum iw_err err = store->err;
    *out_is_busy = store->is_busy;
    if (diag)
        *diag = store->diag;
    (void)iw_store_close(store, NULL);
    return err;
}

bool iw_store_note_path(const char *path, char *out, size_t size)
{
    int len = snprintf(out, size, "%s-last", path);
    return len > 0 && (size_t)len < size;
}

/* Whoever reads a history has it for a moment: that is waited for. */
enum iw_err iw_store_open(const char *path, enum iw_store_mode mode, struct iw_store **out, struct iw_diag *diag)
{
    const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
    char note[4096];
    bool is_busy = true,
         has_note = mode == IW_STORE_LAST && iw_store_note_path(path, note, sizeof note) && access(note, R_OK) == 0;
    enum iw_err err = open_once(path, mode, out, diag, &is_busy);
    if (is_busy && has_note)
        return open_once(note, IW_STORE_EXISTING, out, diag, &is_busy);
    for (int waited_ms = 0; is_busy && waited_ms < WAIT_MS; waited_ms += PAUSE_MS) {
        (void)nanosleep(&pause, NULL);
        err = open_once(path, mode, out, diag, &is_busy);
    }
    return err;
}

enum iw_err iw_store_close(struct iw_store *store, struct iw_diag *diag)
{
    if (!store)
        return IW_OK;
    enum iw_err err = iw_store_commit(store);
    for (size_t i = 0; i < IW_SQL_COUNT; i++)
        (void)sqlite3_finalize(store->statements[i]);
    if (sqlite3_close(store->db) != SQLITE_OK && err == IW_OK)
        err = iw_store_fail(store, IW_ERR_IO, "the history cannot be closed");
    if (err != IW_OK && diag)
        *diag = store->diag;
    iw_seen_release(&store->seen);
    iw_seen_release(&store->base_seen);
    for (size_t i = 0; i < IW_WORDS_COUNT; i++)
        iw_map_release(&store->words[i]);
    iw_buf_release(&store->doc_buf);
    iw_arena_release(&store->arena);
    pthread_mutex_destroy(&store->mutex);
    iw_free(store->path);
    iw_free(store);
    return err;
}
