/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The kernel's count of what a TCP connection has received. */
#ifndef IW_NET_TCP_H
#define IW_NET_TCP_H

#include "base/iw.h"

/* Bytes received on the connection so far, read or unread (a FIN may count as one). False where the kernel does not
 * tell. */
bool iw_tcp_received(int fd, uint64_t *out_bytes);

#endif
