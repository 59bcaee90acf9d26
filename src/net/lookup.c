/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* getaddrinfo() and not a resolver of our own, since it alone knows all that the machine's administrator set up
 * (nsswitch.conf, hosts, search domains) and sorts addresses by RFC 6724. Threads of our own and not libuv's pool: that
 * one runs two lookups at once, unless an environment variable says otherwise before it starts, and joins threads that
 * hang in a dead resolver before the process may end. */
#include "base/iw.h"
#include "net/lookup.h"

#include "base/buf.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

enum { STACK_BYTES = 512 << 10, FAMILY_MAX = 8 };

struct iw_lookups {
    pthread_mutex_t mutex;
    pthread_cond_t work, left;
    struct iw_lookup *todo_first, *todo_last, *done;
    unsigned todo, threads, idle;
    bool is_closed;
    void (*wake)(void *user);
    void *user;
};

void iw_lookup_free(struct iw_lookup *lookup)
{
    iw_free(lookup->addresses);
    iw_free(lookup);
}

static void free_list(struct iw_lookup *list)
{
    while (list) {
        struct iw_lookup *next = list->next;
        iw_lookup_free(list);
        list = next;
    }
}

/* ---- on a thread of the pool ---- */

static const void *bytes_of(const struct addrinfo *info)
{
    if (info->ai_family == AF_INET)
        return &((const struct sockaddr_in *)(const void *)info->ai_addr)->sin_addr;
    return &((const struct sockaddr_in6 *)(const void *)info->ai_addr)->sin6_addr;
}

/* Some of both families, so that either is tried when the other does not answer. */
static void write_addresses(struct iw_lookup *lookup, const struct addrinfo *found)
{
    unsigned count4 = 0, count6 = 0;
    struct iw_buf text;
    iw_buf_init(&text, (INET6_ADDRSTRLEN + 1) * FAMILY_MAX * 2);
    for (const struct addrinfo *info = found; info; info = info->ai_next) {
        char one[INET6_ADDRSTRLEN];
        unsigned *count = info->ai_family == AF_INET ? &count4 : &count6;
        bool is_ip = info->ai_family == AF_INET || info->ai_family == AF_INET6;
        if (!is_ip || *count == FAMILY_MAX || !inet_ntop(info->ai_family, bytes_of(info), one, sizeof one))
            continue;
        (*count)++;
        iw_buf_printf(&text, "%s%s", text.len ? "," : "", one);
    }
    iw_buf_add_char(&text, '\0');
    bool has_any = count4 + count6 > 0;
    if (text.err == IW_OK && has_any)
        lookup->addresses = iw_strndup(text.ptr, text.len - 1);
    iw_buf_release(&text);
    lookup->status = lookup->addresses ? IW_LOOKUP_FOUND : has_any ? IW_LOOKUP_FAILED : IW_LOOKUP_MISSING;
    lookup->why = has_any ? "out of memory" : "no address";
}

static void look_up(struct iw_lookup *lookup)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    int err = getaddrinfo(lookup->name, NULL, &hints, &found);
    if (err == 0) {
        write_addresses(lookup, found);
        freeaddrinfo(found);
        return;
    }
    bool is_missing = err == EAI_NONAME;
#ifdef EAI_NODATA
    is_missing = is_missing || err == EAI_NODATA;
#endif
#ifdef EAI_ADDRFAMILY
    is_missing = is_missing || err == EAI_ADDRFAMILY;
#endif
    lookup->status = is_missing ? IW_LOOKUP_MISSING : IW_LOOKUP_FAILED;
    lookup->why = gai_strerror(err);
}

/* Waits for work; NULL: the pool is closed. With the mutex. */
static struct iw_lookup *take_todo(struct iw_lookups *lookups)
{
    lookups->idle++;
    while (!lookups->todo_first && !lookups->is_closed)
        pthread_cond_wait(&lookups->work, &lookups->mutex);
    lookups->idle--;
    struct iw_lookup *lookup = lookups->is_closed ? NULL : lookups->todo_first;
    if (lookup) {
        lookups->todo_first = lookup->next;
        lookups->todo--;
    }
    return lookup;
}

static void pool_free(struct iw_lookups *lookups)
{
    free_list(lookups->todo_first);
    free_list(lookups->done);
    pthread_cond_destroy(&lookups->work);
    pthread_cond_destroy(&lookups->left);
    pthread_mutex_destroy(&lookups->mutex);
    iw_free(lookups);
}

static void *run(void *user)
{
    struct iw_lookups *lookups = user;
    struct iw_lookup *lookup;
    pthread_mutex_lock(&lookups->mutex);
    while ((lookup = take_todo(lookups)) != NULL) {
        pthread_mutex_unlock(&lookups->mutex);
        look_up(lookup);
        pthread_mutex_lock(&lookups->mutex);
        lookup->next = lookups->done;
        lookups->done = lookup;
        if (!lookups->is_closed)
            lookups->wake(lookups->user); /* with the mutex: whom it wakes is not freed meanwhile */
    }
    bool is_last = --lookups->threads == 0 && !lookups->user;
    pthread_cond_signal(&lookups->left);
    pthread_mutex_unlock(&lookups->mutex);
    if (is_last)
        pool_free(lookups);
    return NULL;
}

/* ---- on the loop's thread ---- */

struct iw_lookups *iw_lookups_new(void (*wake)(void *user), void *user)
{
    struct iw_lookups *lookups = iw_calloc(1, sizeof *lookups);
    if (!lookups)
        return NULL;
    pthread_mutex_init(&lookups->mutex, NULL);
    pthread_cond_init(&lookups->work, NULL);
    pthread_cond_init(&lookups->left, NULL);
    lookups->wake = wake;
    lookups->user = user;
    return lookups;
}

/* What waits for work leaves; what hangs in getaddrinfo() is left behind, and the last of it frees the pool. */
void iw_lookups_free(struct iw_lookups *lookups)
{
    if (!lookups)
        return;
    pthread_mutex_lock(&lookups->mutex);
    lookups->is_closed = true;
    pthread_cond_broadcast(&lookups->work);
    while (lookups->idle)
        pthread_cond_wait(&lookups->left, &lookups->mutex);
    lookups->user = NULL;
    bool is_last = lookups->threads == 0;
    pthread_mutex_unlock(&lookups->mutex);
    if (is_last)
        pool_free(lookups);
}

static bool start_thread(struct iw_lookups *lookups)
{
    pthread_t thread;
    pthread_attr_t attr;
    sigset_t all, before; /* signals are for a loop */
    if (pthread_attr_init(&attr) != 0)
        return false;
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    lookups->threads++;
    bool has_started = pthread_create(&thread, &attr, run, lookups) == 0;
    if (!has_started)
        lookups->threads--;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return has_started;
}

bool iw_lookups_start(struct iw_lookups *lookups, const char *name, void *user)
{
    size_t len = strlen(name) + 1;
    struct iw_lookup *lookup = iw_calloc(1, sizeof *lookup + len);
    if (!lookup)
        return false;
    lookup->user = user;
    memcpy(lookup->name, name, len);
    pthread_mutex_lock(&lookups->mutex);
    bool is_served = lookups->idle > lookups->todo || start_thread(lookups);
    if (is_served) {
        if (lookups->todo_first)
            lookups->todo_last->next = lookup;
        else
            lookups->todo_first = lookup;
        lookups->todo_last = lookup;
        lookups->todo++;
        pthread_cond_signal(&lookups->work);
    }
    pthread_mutex_unlock(&lookups->mutex);
    if (!is_served)
        iw_free(lookup);
    return is_served;
}

struct iw_lookup *iw_lookups_take(struct iw_lookups *lookups)
{
    pthread_mutex_lock(&lookups->mutex);
    struct iw_lookup *done = lookups->done;
    lookups->done = NULL;
    pthread_mutex_unlock(&lookups->mutex);
    return done;
}
