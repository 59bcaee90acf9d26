/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Hosts that share an address: one server, or one that balances for many, meets the sum of what each of them is asked.
 * That sum is counted in a table that all nets share, by the address's hash; two addresses may fall together there and
 * are then counted as one. A host whose address is asked enough waits in a row, of which some are looked at on every
 * turn: so nobody needs to be told what another net gives back. */
#include "base/iw.h"
#include "net/inside.h"

enum { TRIED = 64 /* hosts of the row on one turn */ };

/* Its number in the table, from 1. */
static unsigned number_of(struct iw_str address)
{
    static const struct iw_hash_key key = {0x9E3779B97F4A7C15u, 0xD1B54A32D192ED03u}; /* the same in all nets */
    return (unsigned)(iw_hash64(&key, address.ptr, address.len) % IW_ADDRESSES) + 1;
}

static struct iw_str without_brackets(struct iw_str address)
{
    bool has_them = address.len > 2 && address.ptr[0] == '[' && address.ptr[address.len - 1] == ']';
    return has_them ? iw_str_sub(address, 1, address.len - 2) : address;
}

static bool is_less(struct iw_str a, struct iw_str b)
{
    int order = memcmp(a.ptr, b.ptr, IW_MIN(a.len, b.len));
    return order ? order < 0 : a.len < b.len;
}

unsigned iw_address_of(struct iw_str list)
{
    struct iw_str least = IW_STR_NONE;
    for (size_t at = 0, len; at < list.len; at += len + 1) {
        len = 0;
        while (at + len < list.len && list.ptr[at + len] != ',')
            len++;
        struct iw_str one = without_brackets(iw_str_sub(list, at, len));
        if (one.len && (!least.ptr || is_less(one, least)))
            least = one;
    }
    return least.ptr ? number_of(least) : 0;
}

static unsigned address_of(const struct iw_host *host)
{
    return host->name ? host->name->address : host->address;
}

bool iw_address_has_room(const struct iw_net *net, const struct iw_host *host)
{
    unsigned address = address_of(host);
    return address == 0 || atomic_load(&net->addresses->in_flight[address - 1]) < net->addresses->most;
}

bool iw_address_take(struct iw_net *net, const struct iw_host *host, struct iw_transfer *transfer)
{
    unsigned address = address_of(host);
    if (address && atomic_fetch_add(&net->addresses->in_flight[address - 1], 1) >= net->addresses->most) {
        atomic_fetch_sub(&net->addresses->in_flight[address - 1], 1);
        return false;
    }
    transfer->address = address;
    return true;
}

void iw_address_leave(struct iw_net *net, struct iw_transfer *transfer)
{
    if (transfer->address)
        atomic_fetch_sub(&net->addresses->in_flight[transfer->address - 1], 1);
    transfer->address = 0;
}

void iw_address_wait(struct iw_net *net, struct iw_host *host)
{
    if (host->is_crowded)
        return;
    host->is_crowded = true;
    host->next_crowded = NULL;
    *(net->crowded_last ? &net->crowded_last->next_crowded : &net->crowded_first) = host;
    net->crowded_last = host;
    net->crowded_count++;
}

void iw_address_offer(struct iw_net *net)
{
    for (size_t left = IW_MIN(net->crowded_count, (size_t)TRIED); left; left--) {
        struct iw_host *host = net->crowded_first;
        net->crowded_first = host->next_crowded;
        if (!net->crowded_first)
            net->crowded_last = NULL;
        net->crowded_count--;
        host->is_crowded = false;
        iw_host_ready(net, host); /* or it waits again, behind the others */
    }
}
