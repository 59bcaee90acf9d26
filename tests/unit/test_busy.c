/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Which host will take longest. */
#include "base/iw.h"
#include "net/net.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

static void time_that_is_left(void **state)
{
    (void)state;
    struct iw_busy_host host = {.waiting = 28, .in_flight = 4, .at_once = 8, .mean_us = 200000};
    assert_int_equal(iw_busy_left_ms(&host), 800); /* 32 of them, 8 in each 200 ms */
    host.gap_us = 100000;
    assert_int_equal(iw_busy_left_ms(&host), 3200); /* ten a second, however fast it answers */
    host.rests_ms = 5000;
    assert_int_equal(iw_busy_left_ms(&host), 8200);
    host.is_down = true;
    assert_int_equal(iw_busy_left_ms(&host), 0);
    host = (struct iw_busy_host){.waiting = 10}; /* it has not answered yet */
    assert_int_equal(iw_busy_left_ms(&host), 0);
    host = (struct iw_busy_host){.waiting = UINT64_MAX / 2, .gap_us = 3600000000, .at_once = 1};
    assert_int_equal(iw_busy_left_ms(&host), UINT64_MAX / 2 / 1000);
}

static void the_slowest_first(void **state)
{
    (void)state;
    struct iw_busy_host list[3];
    size_t count = 0;
    static const uint64_t waiting[] = {5, 1, 9, 3, 7, 9};
    for (size_t i = 0; i < IW_ARRAY_LEN(waiting); i++) {
        struct iw_busy_host host = {.waiting = waiting[i], .at_once = 1, .mean_us = 1000000};
        iw_busy_insert(list, &count, IW_ARRAY_LEN(list), &host);
        assert_int_equal(count, IW_MIN(i + 1, (size_t)3));
    }
    assert_int_equal(list[0].waiting, 9);
    assert_int_equal(list[1].waiting, 9);
    assert_int_equal(list[2].waiting, 7);
    struct iw_busy_host slow = {.waiting = 1, .at_once = 1, .mean_us = 60000000};
    iw_busy_insert(list, &count, IW_ARRAY_LEN(list), &slow);
    assert_int_equal(list[0].waiting, 1);
    assert_int_equal(list[2].waiting, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_that_is_left),
        cmocka_unit_test(the_slowest_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
