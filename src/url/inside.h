/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The inside of url/: what url.c and hostname.c share. */
#ifndef IW_URL_INSIDE_H
#define IW_URL_INSIDE_H

#include "url/url.h"

/* Writes the canonical form of a host (without brackets for IPv6) into out, terminated: A-labels, dotted quad, or RFC
 * 5952. raw is what stands between "//" and the port. IW_ERR_SYNTAX when it is no host. */
enum { IW_HOST_MAX = 256 };
enum iw_err iw_hostname_parse(struct iw_str raw, char out[IW_HOST_MAX], size_t *out_len, bool *out_is_ipv6);

/* Value of a hexadecimal digit, or -1. */
static inline int iw_hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

#endif
