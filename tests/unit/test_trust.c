/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Files of trusted certificates: what cannot be read is said at once, and by name. Whether servers are checked against
 * them is tested by tests/cli/trust.test.sh. */
#include "base/iw.h"
#include "net/net.h"

#include <curl/curl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <unistd.h>
#include <cmocka.h>

/* Another TLS than OpenSSL reads for itself. */
static bool is_ours(void)
{
    struct iw_trust *trust;
    struct iw_diag diag = {0};
    assert_int_equal(iw_trust_new(NULL, &trust, &diag), IW_OK);
    bool is_there = trust != NULL;
    iw_trust_free(trust);
    return is_there;
}

static void unreadable(void **state)
{
    (void)state;
    if (!is_ours())
        skip();
    char empty[] = "/tmp/trust-XXXXXX", text[] = "/tmp/trust-XXXXXX";
    int fds[] = {mkstemp(empty), mkstemp(text)};
    static const char broken[] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert_true(fds[0] >= 0 && fds[1] >= 0);
    assert_int_equal(write(fds[1], broken, sizeof broken - 1), sizeof broken - 1);
    const char *files[] = {"/nowhere/at-all.pem", "/", empty, text};
    for (size_t i = 0; i < IW_ARRAY_LEN(files); i++) {
        struct iw_trust *trust = (struct iw_trust *)&fds;
        struct iw_diag diag = {0};
        char expected[128];
        assert_int_equal(iw_trust_new(files[i], &trust, &diag), IW_ERR_USAGE);
        assert_null(trust);
        (void)snprintf(expected, sizeof expected, "no certificates can be read from %s", files[i]);
        assert_string_equal(diag.text, expected);
    }
    for (size_t i = 0; i < IW_ARRAY_LEN(fds); i++)
        close(fds[i]);
    unlink(empty);
    unlink(text);
}

/* The system's are read when they are wanted: there may be none. */
static void of_the_system(void **state)
{
    (void)state;
    struct iw_trust *trust;
    struct iw_diag diag = {0};
    assert_int_equal(iw_trust_new(NULL, &trust, &diag), IW_OK);
    assert_true(!trust || curl_version_info(CURLVERSION_NOW)->cainfo);
    iw_trust_free(trust);
    iw_trust_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unreadable),
        cmocka_unit_test(of_the_system),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
