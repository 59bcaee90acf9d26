/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* libcurl keeps the certificates that it trusts with each multi handle. We have eight of them in each lane, and a
 * system's bundle of 140 certificates takes OpenSSL 3.0 some 20 ms to read. */
#include "base/iw.h"
#include "net/inside.h"

#include "base/mem.h"

#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <uv.h>

struct iw_trust {
    uv_mutex_t mutex; /* of reading */
    X509_STORE *store;
    char fault[256];
    atomic_bool is_bad; /* fault says why */
    char file[];
};

/* A store may only be handed to the very library that made it. */
static bool is_same_library(const curl_version_info_data *info)
{
    static const char name[] = "OpenSSL/";
    return info->ssl_version && strncmp(info->ssl_version, name, sizeof name - 1) == 0 &&
           strcmp(info->ssl_version + sizeof name - 1, OpenSSL_version(OPENSSL_VERSION_STRING)) == 0;
}

/* As libcurl sets up its own: what is trusted comes before what a server sends, and an intermediate certificate in the
 * file is trusted like a root. */
static X509_STORE *read_store(const char *file)
{
    X509_STORE *store = X509_STORE_new();
    if (store && X509_STORE_load_file(store, file) == 1 &&
        X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN) == 1)
        return store;
    X509_STORE_free(store);
    return NULL;
}

enum iw_err iw_trust_new(const char *named, struct iw_trust **out, struct iw_diag *diag)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    const char *file = named ? named : info->cainfo;
    *out = NULL;
    if (!file || !is_same_library(info))
        return IW_OK;
    size_t size = strlen(file) + 1;
    struct iw_trust *trust = iw_calloc(1, sizeof *trust + size);
    if (!trust)
        return IW_ERR_NOMEM;
    memcpy(trust->file, file, size);
    if (uv_mutex_init(&trust->mutex) != 0) {
        iw_free(trust);
        return IW_ERR_NOMEM;
    }
    if (named && !(trust->store = read_store(file))) {
        iw_trust_free(trust);
        return iw_fail(diag, IW_ERR_USAGE, 0, 0, "no certificates can be read from %s", file);
    }
    *out = trust;
    return IW_OK;
}

void iw_trust_free(struct iw_trust *trust)
{
    if (!trust)
        return;
    X509_STORE_free(trust->store);
    uv_mutex_destroy(&trust->mutex);
    iw_free(trust);
}

static CURLcode on_context(CURL *easy, void *context, void *user)
{
    (void)easy;
    struct iw_trust *trust = user;
    uv_mutex_lock(&trust->mutex);
    if (!trust->store && !atomic_load(&trust->is_bad)) {
        trust->store = read_store(trust->file);
        if (!trust->store) {
            (void)snprintf(trust->fault, sizeof trust->fault, "no certificates can be read from %s", trust->file);
            atomic_store(&trust->is_bad, true);
        }
    }
    X509_STORE *store = trust->store;
    uv_mutex_unlock(&trust->mutex);
    if (!store)
        return CURLE_SSL_CACERT_BADFILE;
    SSL_CTX_set1_cert_store(context, store);
    return CURLE_OK;
}

void iw_trust_use(struct iw_trust *trust, CURL *easy)
{
    if (curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_context) != CURLE_OK)
        return;
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, trust);
    curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
}

const char *iw_trust_fault(const struct iw_trust *trust)
{
    return trust && atomic_load(&trust->is_bad) ? trust->fault : NULL;
}
