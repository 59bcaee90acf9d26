/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Linux tells by TCP_INFO, since 4.1. In a file of its own: <linux/tcp.h>, which has the field, and <netinet/tcp.h>,
 * which libuv includes, cannot be included together. */
#include "base/iw.h"
#include "net/tcp.h"

#ifdef __linux__
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

bool iw_tcp_received(int fd, uint64_t *out_bytes)
{
    struct tcp_info info;
    socklen_t len = sizeof info;
    size_t need = offsetof(struct tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0 || len < need)
        return false;
    *out_bytes = info.tcpi_bytes_received;
    return true;
}
#else
bool iw_tcp_received(int fd, uint64_t *out_bytes)
{
    (void)fd;
    (void)out_bytes;
    return false;
}
#endif
