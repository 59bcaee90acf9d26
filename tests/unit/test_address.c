/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Which address counts for a host, and how many requests it takes. */
#include "base/iw.h"
#include "net/inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static unsigned number(const char *list)
{
    return iw_address_of(iw_str_from(list));
}

static void test_of_list(void **state)
{
    (void)state;
    assert_int_equal(number(""), 0);
    assert_int_equal(number(","), 0);
    assert_in_range(number("192.0.2.7"), 1, IW_ADDRESSES);
    assert_int_equal(number("192.0.2.7,192.0.2.9,192.0.2.8"), number("192.0.2.9,192.0.2.8,192.0.2.7"));
    assert_int_equal(number("192.0.2.7,[2001:db8::1]"), number("[2001:db8::1],192.0.2.7"));
    assert_int_equal(number("[2001:db8::1]"), number("2001:db8::1"));
    assert_int_not_equal(number("192.0.2.7"), number("192.0.2.70"));
}

/* Two hosts of one address, one by its name; a third one elsewhere, and one that is asked by a proxy. */
static void test_room(void **state)
{
    (void)state;
    struct iw_addresses addresses = {.most = 2};
    struct iw_net net = {.addresses = &addresses};
    struct iw_name name = {.address = number("192.0.2.7,192.0.2.9")};
    struct iw_host named = {.name = &name}, numeric = {.address = number("192.0.2.7")},
                   other = {.address = number("192.0.2.8")}, proxied = {0};
    struct iw_transfer transfers[4] = {0}, more = {0};
    assert_true(iw_address_take(&net, &named, &transfers[0]));
    assert_true(iw_address_has_room(&net, &numeric));
    assert_true(iw_address_take(&net, &numeric, &transfers[1]));
    assert_false(iw_address_has_room(&net, &named));
    assert_false(iw_address_take(&net, &named, &more));
    assert_true(iw_address_take(&net, &other, &transfers[2]));
    assert_true(iw_address_take(&net, &proxied, &transfers[3]));

    name.address = number("192.0.2.10"); /* it moved meanwhile: what it was asked counts where that went */
    iw_address_leave(&net, &transfers[0]);
    assert_true(iw_address_take(&net, &numeric, &more));
    iw_address_leave(&net, &more);
    for (size_t i = 1; i < IW_ARRAY_LEN(transfers); i++)
        iw_address_leave(&net, &transfers[i]);
    iw_address_leave(&net, &transfers[1]); /* which counts no more */
    for (size_t i = 0; i < IW_ADDRESSES; i++)
        assert_int_equal(addresses.in_flight[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_of_list), cmocka_unit_test(test_room)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
