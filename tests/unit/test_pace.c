/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* A host's pace, in simulated time: how fast it grows, what halves it, how far apart requests are, when a host is given
 * up. */
#include "net/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { MS = 1000, S = 1000000 };

/* A round: as many requests as may be, all begun at *now and all answered wait_us later. */
static unsigned round_of(struct iw_pace *pace, enum iw_pace_news news, uint64_t *now, uint64_t wait_us)
{
    unsigned asked = iw_pace_at_once(pace);
    uint64_t began = *now;
    *now += wait_us;
    for (unsigned i = 0; i < asked; i++)
        iw_pace_heard(pace, news, began, *now, wait_us, true);
    return asked;
}

static void test_ramp(void **state)
{
    (void)state;
    struct iw_pace pace;
    uint64_t now = S;
    iw_pace_init(&pace, 8, 0, 1);
    assert_int_equal(round_of(&pace, IW_PACE_GOOD, &now, 200 * MS), 2);
    assert_int_equal(round_of(&pace, IW_PACE_GOOD, &now, 200 * MS), 4);
    assert_int_equal(round_of(&pace, IW_PACE_GOOD, &now, 200 * MS), 8);
    assert_int_equal(round_of(&pace, IW_PACE_GOOD, &now, 200 * MS), 8);
    iw_pace_init(&pace, 1024, 0, 1);
    for (int i = 0; i < 9; i++)
        round_of(&pace, IW_PACE_GOOD, &now, 200 * MS);
    assert_int_equal(iw_pace_at_once(&pace), 1024);
    iw_pace_init(&pace, 1, 0, 1);
    assert_int_equal(iw_pace_at_once(&pace), 1);
}

/* What is not used is not raised, and who gets slower is not asked more. */
static void test_no_growth(void **state)
{
    (void)state;
    struct iw_pace pace;
    uint64_t now = S;
    iw_pace_init(&pace, 8, 0, 1);
    for (int i = 0; i < 100; i++)
        iw_pace_heard(&pace, IW_PACE_GOOD, now, now + MS, MS, false);
    assert_int_equal(iw_pace_at_once(&pace), 2);
    for (int i = 0; i < 100; i++)
        iw_pace_heard(&pace, IW_PACE_NEUTRAL, now, now + MS, MS, true);
    assert_int_equal(iw_pace_at_once(&pace), 2);
    iw_pace_init(&pace, 1000, 0, 1);
    for (unsigned i = 0; i < 12; i++)
        round_of(&pace, IW_PACE_GOOD, &now, 100 * MS * iw_pace_at_once(&pace)); /* one at a time, in truth */
    assert_in_range(iw_pace_at_once(&pace), 3, 40);
    iw_pace_init(&pace, 1000, 0, 1);
    for (int i = 0; i < 20; i++) /* noise of a fast host is not slowness */
        round_of(&pace, IW_PACE_GOOD, &now, i % 2 ? 100 : 10 * MS);
    assert_int_equal(iw_pace_at_once(&pace), 1000);
}

static void test_halving(void **state)
{
    (void)state;
    struct iw_pace pace;
    uint64_t now = S;
    iw_pace_init(&pace, 32, 0, 1);
    for (int i = 0; i < 4; i++)
        round_of(&pace, IW_PACE_GOOD, &now, 100 * MS);
    assert_int_equal(iw_pace_at_once(&pace), 32);
    assert_int_equal(round_of(&pace, IW_PACE_STRAINED, &now, 100 * MS), 32); /* one round trip, one halving */
    assert_int_equal(iw_pace_at_once(&pace), 16);
    round_of(&pace, IW_PACE_PUSHED, &now, 100 * MS);
    assert_int_equal(iw_pace_at_once(&pace), 8);
    round_of(&pace, IW_PACE_GOOD, &now, 100 * MS); /* soon three quarters of what was too much */
    assert_in_range(iw_pace_at_once(&pace), 12, 13);
    unsigned before = iw_pace_at_once(&pace);
    for (int i = 0; i < 2; i++) /* from now on one more for two rounds, as it was pushed once */
        round_of(&pace, IW_PACE_GOOD, &now, 100 * MS);
    assert_int_equal(iw_pace_at_once(&pace), before + 1);
    for (int i = 0; i < 9; i++)
        round_of(&pace, IW_PACE_STRAINED, &now, 100 * MS);
    assert_int_equal(iw_pace_at_once(&pace), 1);
    assert_int_equal(iw_pace_next_us(&pace), 0);
}

/* What is refused is refused quickly: that is no measure of how long an answer may take. */
static void test_quick_refusals(void **state)
{
    (void)state;
    struct iw_pace pace;
    uint64_t now = S;
    iw_pace_init(&pace, 16, 0, 1);
    for (int i = 0; i < 4; i++)
        round_of(&pace, IW_PACE_GOOD, &now, 200 * MS);
    round_of(&pace, IW_PACE_PUSHED, &now, 1 * MS);
    assert_int_equal(iw_pace_at_once(&pace), 8);
    round_of(&pace, IW_PACE_GOOD, &now, 200 * MS);
    assert_in_range(iw_pace_at_once(&pace), 12, 13);
}

/* A server that allows one request in each 100 ms and says 429 to others: the gap comes to lie near that. */
static void test_learnt_gap(void **state)
{
    (void)state;
    struct iw_pace pace;
    uint64_t now = S, free_at = 0, began = now;
    unsigned refused = 0, answered = 0;
    iw_pace_init(&pace, 8, 0, 1);
    while (now < began + 60ull * S) {
        now = IW_MAX(now, iw_pace_next_us(&pace));
        iw_pace_started(&pace, now);
        bool is_good = now >= free_at;
        if (is_good)
            free_at = now + 100 * MS;
        iw_pace_heard(&pace, is_good ? IW_PACE_GOOD : IW_PACE_PUSHED, now, now + 5 * MS, 5 * MS, true);
        now += 5 * MS;
        answered += is_good;
        refused += !is_good;
    }
    assert_in_range(answered, 350, 600);
    assert_in_range(refused, 1, answered / 8);
}

/* A server that allows 35 requests a second and 8 more, answers them after 200 ms, and says Retry-After: 1 to others:
 * once it has refused a few times it is asked at about its rate, and not pushed every few seconds for ever. */
static void test_known_limit(void **state)
{
    (void)state;
    enum { MOST = 8, RATE = 35, BURST = 8, URLS = 3000 };
    struct {
        uint64_t began, ends;
        bool is_good;
    } asked[MOST];
    struct iw_pace pace;
    uint64_t now = S, began = now, filled_at = now;
    unsigned count = 0, answered = 0, refused = 0;
    double level = 0;
    iw_pace_init(&pace, MOST, 0, 1);
    while (answered < URLS) {
        for (; count < iw_pace_at_once(&pace) && iw_pace_next_us(&pace) <= now; count++) {
            double drained = level - (double)(now - filled_at) * RATE / S;
            level = IW_MAX(drained, 0.0);
            filled_at = now;
            bool is_good = level <= BURST;
            level += is_good;
            asked[count].began = now;
            asked[count].ends = now + (is_good ? 200 * MS : 2 * MS);
            asked[count].is_good = is_good;
        }
        unsigned first = 0;
        for (unsigned i = 1; i < count; i++) {
            if (asked[i].ends < asked[first].ends)
                first = i;
        }
        uint64_t may_ask = count < iw_pace_at_once(&pace) ? iw_pace_next_us(&pace) : UINT64_MAX;
        if (count == 0 || may_ask < asked[first].ends) {
            now = may_ask;
            continue;
        }
        now = asked[first].ends;
        iw_pace_heard(&pace, asked[first].is_good ? IW_PACE_GOOD : IW_PACE_PUSHED, asked[first].began, now, 200 * MS,
                      count >= iw_pace_at_once(&pace));
        answered += asked[first].is_good;
        refused += !asked[first].is_good;
        if (!asked[first].is_good)
            iw_pace_rest(&pace, now + S);
        asked[first] = asked[--count];
    }
    assert_in_range(now - began, URLS / RATE * 900 * MS, URLS / RATE * 1250 * MS);
    assert_in_range(refused, 1, 20);
}

static void test_rate(void **state)
{
    (void)state;
    static const struct {
        uint64_t gap_us, late_us;
    } cases[] = {{100 * MS, 0}, {100 * MS, 3 * MS}, {500, MS}, {2 * MS, 4 * MS}};
    for (size_t i = 0; i < IW_ARRAY_LEN(cases); i++) {
        struct iw_pace pace;
        uint64_t now = 7ull * S, began = now;
        unsigned count = 0;
        iw_pace_init(&pace, 8, cases[i].gap_us, 1);
        assert_int_equal(iw_pace_next_us(&pace), 0);
        while (now < began + 10ull * S) {
            iw_pace_started(&pace, now);
            count++;
            if (iw_pace_next_us(&pace) > now)
                now = iw_pace_next_us(&pace) + cases[i].late_us; /* a timer that is late */
        }
        uint64_t ideal = 10ull * S / cases[i].gap_us;
        assert_in_range(count, ideal * 95 / 100, ideal + 1 + 20 * MS / cases[i].gap_us);
        iw_pace_started(&pace, now + 50ull * S); /* silence is not saved up */
        assert_true(iw_pace_next_us(&pace) + 20 * MS >= now + 50ull * S + cases[i].gap_us);
    }
}

static void test_rest(void **state)
{
    (void)state;
    struct iw_pace pace;
    iw_pace_init(&pace, 8, 0, 1);
    iw_pace_rest(&pace, 5ull * S);
    iw_pace_rest(&pace, 3ull * S);
    assert_int_equal(iw_pace_next_us(&pace), 5ull * S);
    iw_pace_heard(&pace, IW_PACE_GOOD, S, S + MS, MS, true);
    assert_int_equal(iw_pace_next_us(&pace), 5ull * S);
}

/* Asks a host that never answers until it is given up; how many requests that took. */
static unsigned give_up(struct iw_pace *pace, uint64_t *now, uint64_t wait_us)
{
    unsigned asked = 0;
    while (!pace->is_down && asked < 1000) {
        *now = IW_MAX(*now, iw_pace_next_us(pace));
        asked += round_of(pace, IW_PACE_DEAD, now, wait_us);
    }
    return asked;
}

static void test_breaker(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct iw_pace pace;
        uint64_t now = 9ull * S;
        iw_pace_init(&pace, 8, 0, seed);
        assert_in_range(give_up(&pace, &now, 100), 5, 8); /* refused at once */
        assert_in_range(now - 9ull * S, 3ull * S, 7100 * MS);
        now = 9ull * S;
        iw_pace_init(&pace, 8, 0, seed);
        assert_in_range(give_up(&pace, &now, 10ull * S), 5, 6); /* time-outs */
        assert_in_range(now - 9ull * S, 40ull * S, 45ull * S);
        now = 9ull * S;
        iw_pace_init(&pace, 8, 0, seed);
        round_of(&pace, IW_PACE_GOOD, &now, MS); /* one that has answered is waited for */
        assert_in_range(give_up(&pace, &now, 100), 6, 14);
        assert_in_range(now - 9ull * S, 30ull * S, 40ull * S);
    }
}

static void test_half_open(void **state)
{
    (void)state;
    struct iw_pace pace;
    uint64_t now = 9ull * S;
    iw_pace_init(&pace, 8, 0, 1);
    round_of(&pace, IW_PACE_GOOD, &now, MS);
    round_of(&pace, IW_PACE_GOOD, &now, MS);
    assert_int_equal(iw_pace_at_once(&pace), 8);
    round_of(&pace, IW_PACE_DEAD, &now, MS);
    assert_true(pace.is_open);
    assert_int_equal(pace.openings, 1); /* eight failures, one opening */
    assert_int_equal(iw_pace_at_once(&pace), 1);
    assert_in_range(iw_pace_next_us(&pace), now + 500 * MS, now + S);
    iw_pace_heard(&pace, IW_PACE_DEAD, now - 50 * MS, now + 100 * MS, 0, true); /* began before: known */
    assert_int_equal(pace.openings, 1);
    now = iw_pace_next_us(&pace);
    round_of(&pace, IW_PACE_DEAD, &now, MS);
    assert_int_equal(pace.openings, 2);
    assert_in_range(iw_pace_next_us(&pace), now + S, now + 2ull * S);
    now = iw_pace_next_us(&pace);
    round_of(&pace, IW_PACE_NEUTRAL, &now, MS); /* it lives */
    assert_false(pace.is_open);
    assert_int_equal(pace.failures, 0);
    assert_int_equal(iw_pace_next_us(&pace), 0);
    round_of(&pace, IW_PACE_DEAD, &now, MS);
    assert_false(pace.is_open); /* fewer in a row than open it */
}

/* Whatever is heard, in whatever order: what a pace says stays within what was allowed, one that is down stays so, and
 * a host that answers well again is asked as before. */
static void test_anything(void **state)
{
    (void)state;
    static const unsigned mosts[] = {1, 2, 3, 8, 1000};
    uint64_t random = 12345;
    for (unsigned run = 0; run < 400; run++) {
        unsigned most = mosts[run % IW_ARRAY_LEN(mosts)];
        uint64_t own_gap = run % 3 ? 0 : 20 * MS, now = 9ull * S;
        struct iw_pace pace;
        bool was_down = false;
        iw_pace_init(&pace, most, own_gap, run);
        for (unsigned i = 0; i < 500; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            enum iw_pace_news news = (enum iw_pace_news)((random >> 33) % 5);
            uint64_t took = (random >> 40) % (2 * S), began = now > took ? now - took : 0;
            iw_pace_started(&pace, began);
            iw_pace_heard(&pace, news, began, now, random >> 60 ? took : 0, random >> 63);
            assert_in_range(iw_pace_at_once(&pace), 1, most);
            assert_true(pace.gap_us <= IW_PACE_GAP_MAX_US);
            assert_true(iw_pace_next_us(&pace) <= now + 500 * (IW_PACE_GAP_MAX_US + own_gap));
            assert_true(pace.is_down || !was_down);
            was_down = pace.is_down;
            now += (random >> 20) % (100 * MS);
        }
        if (was_down)
            continue;
        now = IW_MAX(now, iw_pace_next_us(&pace));
        for (unsigned i = 0; i < 2000; i++) {
            iw_pace_started(&pace, now);
            now = IW_MAX(now + MS, iw_pace_next_us(&pace));
            round_of(&pace, IW_PACE_GOOD, &now, MS);
        }
        assert_int_equal(pace.gap_us, 0);
        assert_int_equal(iw_pace_at_once(&pace), most);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ramp),           cmocka_unit_test(test_no_growth),  cmocka_unit_test(test_halving),
        cmocka_unit_test(test_quick_refusals), cmocka_unit_test(test_learnt_gap), cmocka_unit_test(test_known_limit),
        cmocka_unit_test(test_rate),           cmocka_unit_test(test_rest),       cmocka_unit_test(test_breaker),
        cmocka_unit_test(test_half_open),      cmocka_unit_test(test_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
