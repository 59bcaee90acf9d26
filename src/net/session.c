/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* TLS sessions, to be resumed by the next connection to the same host: no certificate to decode and to check, and no
 * signature for the server to make. libcurl 7.88 keeps the last five with each easy handle, which is none in practice
 * where hosts take turns. One that closes its connections, or is asked by several, gets a cache of its own; most hosts
 * are asked by one connection and need none. */
#include "base/iw.h"
#include "net/inside.h"

enum { CONNECTIONS_MIN = 2 }; /* to a host before its sessions are kept */

static CURLSH *make(void)
{
    CURLSH *share = curl_share_init();
    if (share && curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) != CURLSHE_OK) {
        curl_share_cleanup(share);
        return NULL;
    }
    return share;
}

/* A handle never goes without one: it would allocate its own cache, which libcurl 7.88 loses when a share is set. */
bool iw_session_init(struct iw_net *net)
{
    net->sessions = make();
    return net->sessions != NULL;
}

CURLSH *iw_session_of(struct iw_net *net, struct iw_host *host)
{
    if (!host->sessions && host->tls_connections >= CONNECTIONS_MIN)
        host->sessions = make();
    return host->sessions ? host->sessions : net->sessions;
}

void iw_session_drop(CURLSH **sessions)
{
    if (*sessions)
        curl_share_cleanup(*sessions);
    *sessions = NULL;
}
