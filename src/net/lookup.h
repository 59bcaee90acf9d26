/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Names to addresses on threads of their own, by getaddrinfo(). A thread that getaddrinfo() does not let go of is left
 * behind when the pool is freed: nobody waits for it. How many may work at once is the caller's to bound. */
#ifndef IW_NET_LOOKUP_H
#define IW_NET_LOOKUP_H

#include "base/iw.h"

enum iw_lookup_status {
    IW_LOOKUP_FOUND,
    IW_LOOKUP_MISSING, /* there is no such name, or it has no address */
    IW_LOOKUP_FAILED,  /* not known: the resolver failed for now */
};

struct iw_lookup {
    struct iw_lookup *next;
    void *user;
    enum iw_lookup_status status;
    const char *why; /* in the system's words, static text; when not found */
    char *addresses; /* "192.0.2.1,2001:db8::1", in the order in which they are to be tried; when found */
    char name[];
};

struct iw_lookups;
/* wake is called on any thread whenever something is to be taken. NULL: no memory. */
struct iw_lookups *iw_lookups_new(void (*wake)(void *user), void *user);
void iw_lookups_free(struct iw_lookups *lookups);
/* False: no memory, or no thread. */
bool iw_lookups_start(struct iw_lookups *lookups, const char *name, void *user);
/* What has ended, a list; each to be freed by iw_lookup_free(). */
struct iw_lookup *iw_lookups_take(struct iw_lookups *lookups);
void iw_lookup_free(struct iw_lookup *lookup);

#endif
