/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Options: kinds, forms, ranges, suggestions, layers. */
#include "base/iw.h"
#include "cli/options.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>

static struct iw_settings *fresh(void)
{
    struct iw_settings *settings = malloc(sizeof *settings);
    assert_non_null(settings);
    iw_settings_init(settings);
    return settings;
}

static void done(struct iw_settings *settings)
{
    iw_settings_release(settings);
    free(settings);
}

static enum iw_err take(struct iw_settings *settings, const char *line, int *out_count, char **out_first,
                        struct iw_diag *diag)
{
    static char words[20][64];
    char *argv[20];
    int argc = 0;
    struct iw_str rest = iw_str_from(line), word;
    while (iw_str_next(&rest, ' ', &word) && argc < 20) {
        (void)snprintf(words[argc], sizeof words[0], "%.*s", IW_STR_ARGS(word));
        argv[argc] = words[argc];
        argc++;
    }
    enum iw_err err = iw_settings_arguments(settings, argc, argv, out_count, diag);
    *out_first = *out_count ? argv[0] : NULL;
    return err;
}

static void forms(void **state)
{
    (void)state;
    struct iw_settings *s = fresh();
    struct iw_diag diag = {0};
    int count;
    char *first;
    assert_int_equal(take(s, "check -qvv -j64 --timeout=3s --no-dedupe a --max-side 2048 -H X:1 --header Y:2 -- --top",
                          &count, &first, &diag),
                     IW_OK);
    assert_int_equal(count, 3);
    assert_string_equal(first, "check");
    assert_true(s->options.quiet);
    assert_int_equal(s->options.verbose, 2);
    assert_int_equal(s->options.audit.net.max_concurrency, 64);
    assert_int_equal(s->options.audit.net.timeout_ms, 3000);
    assert_false(s->options.audit.dedupe);
    assert_int_equal(s->options.headers.count, 2);
    assert_string_equal(s->options.headers.items[1], "Y:2");
    assert_int_equal(s->options.limits.count, 1);
    assert_string_equal(s->options.limits.items[0], "max_side_px=2048");
    done(s);
}

static void refusals(void **state)
{
    (void)state;
    static const struct {
        const char *line, *text;
    } rows[] = {
        {"--timout 3s", "unknown option --timout; did you mean --timeout?"},
        {"--xyzzy", "unknown option --xyzzy"},
        {"-Z", "unknown option -Z; imgweigh --help lists all"},
        {"--quiet=yes", "--quiet takes no value"},
        {"--no-timeout", "unknown option --no-timeout; did you mean --timeout?"},
        {"-j", "-j needs a value: N"},
        {"-j x", "--max-concurrency: expected a number of 1 to 4096, found \"x\""},
        {"-j 5000", "--max-concurrency: expected a number of 1 to 4096, found \"5000\""},
        {"--detail huge", "--detail: expected one of auto|low|high|original, found \"huge\""},
        {"--timeout 2h", "--timeout: expected a time as 20s, 1 to 3600000 ms, found \"2h\""},
    };
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++) {
        struct iw_settings *s = fresh();
        struct iw_diag diag = {0};
        int count = 0;
        char *first;
        assert_int_equal(take(s, rows[i].line, &count, &first, &diag), IW_ERR_USAGE);
        assert_string_equal(diag.text, rows[i].text);
        done(s);
    }
}

static void layers(void **state)
{
    (void)state;
    struct iw_settings *s = fresh();
    struct iw_diag diag = {0};
    bool negated;
    const struct iw_option *header = iw_option_find(IW_STR("header"), &negated, &diag);
    assert_int_equal(iw_settings_set(s, header, "A: 1", false, IW_LAYER_USER, "f:1", &diag), IW_OK);
    assert_int_equal(iw_settings_set(s, header, "B: 1", false, IW_LAYER_USER, "f:2", &diag), IW_OK);
    assert_int_equal(s->options.headers.count, 2);
    /* a later layer begins the list anew */
    assert_int_equal(iw_settings_set(s, header, "C: 1", false, IW_LAYER_FLAG, "command line", &diag), IW_OK);
    assert_int_equal(s->options.headers.count, 1);
    assert_string_equal(s->options.headers.items[0], "C: 1");
    struct iw_buf out;
    iw_buf_init(&out, 1 << 16);
    iw_settings_print(s, &out);
    iw_buf_add_char(&out, '\0');
    assert_non_null(strstr(out.ptr, "header = C: 1    ; command line\n"));
    assert_non_null(strstr(out.ptr, "host-concurrency = 8    ; default\n"));
    iw_buf_release(&out);
    done(s);
}

/* Every row can be set from its own printed value or default: offsets and kinds fit their fields. */
static void every_row(void **state)
{
    (void)state;
    struct iw_settings *s = fresh();
    for (size_t i = 0; i < iw_options_count; i++) {
        const struct iw_option *option = &iw_options_table[i];
        struct iw_diag diag = {0};
        char text[32];
        struct iw_str rest = iw_str_from(option->value), word = IW_STR_NONE;
        (void)snprintf(text, sizeof text, option->kind == IW_OPT_DURATION ? "%llums" : "%llu",
                       (unsigned long long)option->most);
        const char *value = text;
        if (option->kind == IW_OPT_RATE)
            (void)snprintf(text, sizeof text, "1/h");
        if (option->kind == IW_OPT_CHOICE) {
            while (iw_str_next(&rest, '|', &word))
                ;
            (void)snprintf(text, sizeof text, "%.*s", IW_STR_ARGS(word));
        }
        if (option->kind == IW_OPT_FLAG || option->kind == IW_OPT_COUNT)
            value = NULL;
        if (iw_settings_set(s, option, value, false, IW_LAYER_FLAG, "test", &diag) != IW_OK)
            fail_msg("--%s: %s", option->name, diag.text);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(option->name, iw_options_table[j].name);
    }
    assert_int_equal(s->options.audit.net.timeout_ms, 3600000);
    assert_int_equal(s->options.audit.judge.detail, IW_DETAIL_ORIGINAL);
    assert_int_equal(s->options.audit.net.private_rule, IW_PRIVATE_ALLOW);
    assert_int_equal(s->options.audit.probe.dims, IW_DIMS_NEVER);
    done(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),
        cmocka_unit_test(refusals),
        cmocka_unit_test(layers),
        cmocka_unit_test(every_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
