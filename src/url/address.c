/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Which addresses are public: the IANA special-purpose registries for IPv4 (RFC 6890 and successors) and IPv6 as a
 * table. Whatever is not global unicast is private here. */
#include "base/iw.h"
#include "url/url.h"

#include "base/bytes.h"

#include <arpa/inet.h>

static const struct {
    uint32_t net;
    unsigned bits;
} v4_special[] = {
    {0x00000000, 8},  /* this network, RFC 791 */
    {0x0A000000, 8},  /* private, RFC 1918 */
    {0x64400000, 10}, /* shared, RFC 6598 */
    {0x7F000000, 8},  /* loopback, RFC 1122 */
    {0xA9FE0000, 16}, /* link-local, RFC 3927 */
    {0xAC100000, 12}, /* private, RFC 1918 */
    {0xC0000000, 24}, /* protocol assignments, RFC 6890 */
    {0xC0000200, 24}, /* documentation, RFC 5737 */
    {0xC0586300, 24}, /* 6to4 relay, RFC 7526 */
    {0xC0A80000, 16}, /* private, RFC 1918 */
    {0xC6120000, 15}, /* benchmarking, RFC 2544 */
    {0xC6336400, 24}, /* documentation, RFC 5737 */
    {0xCB007100, 24}, /* documentation, RFC 5737 */
    {0xE0000000, 4},  /* multicast, RFC 1112 */
    {0xF0000000, 4},  /* reserved and broadcast, RFC 1112, RFC 919 */
};

static const struct {
    uint8_t net[4]; /* the leading 32 bits decide all of these */
    unsigned bits;
} v6_special[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23}, /* protocol assignments with Teredo and ORCHID, RFC 2928 */
    {{0x20, 0x01, 0x0D, 0xB8}, 32}, /* documentation, RFC 3849 */
    {{0x3F, 0xFF, 0x00, 0x00}, 20}, /* documentation, RFC 9637 */
};

static enum iw_address_kind classify_v4(uint32_t address)
{
    for (size_t i = 0; i < IW_ARRAY_LEN(v4_special); i++)
        if ((address ^ v4_special[i].net) >> (32 - v4_special[i].bits) == 0)
            return IW_ADDRESS_PRIVATE;
    return IW_ADDRESS_PUBLIC;
}

static bool starts(const uint8_t *address, const char *prefix, size_t len)
{
    return memcmp(address, prefix, len) == 0;
}

static enum iw_address_kind classify_v6(const uint8_t *address)
{
    if (starts(address, "\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12) || starts(address, "\0\x64\xFF\x9B\0\0\0\0\0\0\0\0", 12))
        return classify_v4(iw_be32(address + 12)); /* IPv4-mapped (RFC 4291), NAT64 (RFC 6052) */
    if (starts(address, "\x20\x02", 2))
        return classify_v4(iw_be32(address + 2)); /* 6to4, RFC 3056 */
    if ((address[0] & 0xE0) != 0x20)
        return IW_ADDRESS_PRIVATE; /* only 2000::/3 is global unicast: not ::1, fc00::/7, fe80::/10, ff00::/8 */
    for (size_t i = 0; i < IW_ARRAY_LEN(v6_special); i++)
        if ((iw_be32(address) ^ iw_be32(v6_special[i].net)) >> (32 - v6_special[i].bits) == 0)
            return IW_ADDRESS_PRIVATE;
    return IW_ADDRESS_PUBLIC;
}

enum iw_address_kind iw_address_classify(const uint8_t *address, size_t len)
{
    if (len == 4)
        return classify_v4(iw_be32(address));
    return len == 16 ? classify_v6(address) : IW_ADDRESS_PRIVATE;
}

enum iw_address_kind iw_host_classify(struct iw_str host)
{
    char text[INET6_ADDRSTRLEN];
    uint8_t address[16];
    if (iw_str_eq_nocase(host, IW_STR("localhost")) || iw_str_ends_nocase(host, IW_STR(".localhost")))
        return IW_ADDRESS_PRIVATE;
    if (host.len == 0 || host.len >= sizeof text)
        return IW_ADDRESS_PUBLIC;
    memcpy(text, host.ptr, host.len);
    text[host.len] = '\0';
    if (inet_pton(AF_INET, text, address) == 1)
        return iw_address_classify(address, 4);
    if (inet_pton(AF_INET6, text, address) == 1)
        return iw_address_classify(address, 16);
    return IW_ADDRESS_PUBLIC;
}
