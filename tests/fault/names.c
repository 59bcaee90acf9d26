/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* For LD_PRELOAD: host names below .test that behave as their first label says, on loopback addresses, and a line in
 * the file NAMES_LOG for each look-up. Connections leave for nowhere else: they are refused. nx                  does
 * not exist empty               has no address again, again-N      the resolver fails for now, always or N times
 *   slow-Nms[-NAME]     takes N milliseconds
 *   two-addresses       127.0.0.9 before 127.0.0.1;  both-families: ::1 before 127.0.0.1
 *   rebind              a public address, and 127.0.0.1 from the second time on
 *   mixed               a public address and 127.0.0.1
 *   at-A-B-C[-NAME]     127.A.B.C
 *   anything else       127.0.0.1 */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char public_address[] = "93.184.215.14";

static void log_name(const char *name)
{
    const char *path = getenv("NAMES_LOG");
    char line[300];
    int fd = path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666) : -1;
    if (fd < 0)
        return;
    int len = snprintf(line, sizeof line, "%s\n", name);
    (void)!write(fd, line, (size_t)len);
    close(fd);
}

/* How often the name is in the log. */
static unsigned times(const char *name)
{
    const char *path = getenv("NAMES_LOG");
    FILE *file = path ? fopen(path, "r") : NULL;
    char line[300];
    unsigned count = 0;
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        count += strcmp(line, name) == 0;
    }
    if (file)
        fclose(file);
    return count;
}

/* In front of the list; ai_addr lies in the same block, as freeaddrinfo() wants it. */
static bool add(struct addrinfo **list, const char *address, const char *service)
{
    struct {
        struct addrinfo info;
        struct sockaddr_in6 address;
    } *node = calloc(1, sizeof *node);
    if (!node)
        return false;
    struct sockaddr_in *in = (struct sockaddr_in *)(void *)&node->address;
    bool is_v4 = inet_pton(AF_INET, address, &in->sin_addr) == 1;
    node->info.ai_family = is_v4 ? AF_INET : AF_INET6;
    node->info.ai_socktype = SOCK_STREAM;
    node->info.ai_addrlen = is_v4 ? sizeof *in : sizeof node->address;
    node->info.ai_addr = (struct sockaddr *)(void *)&node->address;
    if (!is_v4)
        (void)inet_pton(AF_INET6, address, &node->address.sin6_addr);
    in->sin_port = service ? htons((uint16_t)strtoul(service, NULL, 10)) : 0; /* it has one place in both */
    node->info.ai_addr->sa_family = (sa_family_t)node->info.ai_family;
    node->info.ai_next = *list;
    *list = &node->info;
    return true;
}

static int answer(const char *name, const char *service, struct addrinfo **out)
{
    unsigned n = 0, a = 0, b = 0, c = 0;
    char address[32] = "127.0.0.1";
    const char *second = NULL;
    unsigned before = times(name);
    log_name(name);
    if (strcmp(name, "nx.test") == 0)
        return EAI_NONAME;
    if (strcmp(name, "empty.test") == 0)
        return EAI_NODATA;
    if (strcmp(name, "again.test") == 0 || (sscanf(name, "again-%u", &n) == 1 && before < n))
        return EAI_AGAIN;
    if (sscanf(name, "slow-%ums", &n) == 1)
        nanosleep(&(struct timespec){n / 1000, (long)(n % 1000) * 1000000}, NULL);
    if (sscanf(name, "at-%u-%u-%u", &a, &b, &c) == 3)
        snprintf(address, sizeof address, "127.%u.%u.%u", a & 255, b & 255, c & 255);
    if (strcmp(name, "two-addresses.test") == 0)
        second = "127.0.0.9";
    if (strcmp(name, "both-families.test") == 0)
        second = "::1";
    if (strcmp(name, "mixed.test") == 0)
        second = public_address;
    if (strcmp(name, "rebind.test") == 0 && before == 0)
        snprintf(address, sizeof address, "%s", public_address);
    return add(out, address, service) && (!second || add(out, second, service)) ? 0 : EAI_MEMORY;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
    size_t len = name ? strlen(name) : 0;
    *out = NULL;
    if (len > 5 && strcmp(name + len - 5, ".test") == 0)
        return answer(name, service, out);
    int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    *(void **)&next = dlsym(RTLD_NEXT, "getaddrinfo");
    return next(name, service, hints, out);
}

int connect(int fd, const struct sockaddr *to, socklen_t len)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)to;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)to;
    bool leaves = (to->sa_family == AF_INET && ntohl(in->sin_addr.s_addr) >> 24 != 127) ||
                  (to->sa_family == AF_INET6 && !IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr));
    if (leaves) {
        errno = ECONNREFUSED;
        return -1;
    }
    int (*next)(int, const struct sockaddr *, socklen_t);
    *(void **)&next = dlsym(RTLD_NEXT, "connect");
    return next(fd, to, len);
}
