/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* leads FILE...: what pages name, a line for each lead: file, element and URL, between tabs. */
#include "base/iw.h"
#include "source/source.h"

#include <stdio.h>
#include <stdlib.h>

static enum iw_err on_lead(void *user, const struct iw_lead *lead)
{
    printf("%s\t%s\t", (const char *)user, lead->element);
    for (size_t i = 0; i < lead->url.len; i++)
        if (!memchr("\t\r\n", lead->url.ptr[i], 3)) /* which a URL loses anyway */
            putchar(lead->url.ptr[i]);
    putchar('\n');
    return IW_OK;
}

static void on_complaint(void *user, unsigned line, unsigned column, const char *text)
{
    fprintf(stderr, "%s:%u:%u: %s\n", (const char *)user, line, column, text);
}

static enum iw_err read_page(char *name)
{
    static const struct iw_reader_limits limits = {.max_bytes = 1 << 30, .max_inflated_bytes = 1 << 30};
    const struct iw_source_events events = {.lead = on_lead, .complaint = on_complaint, .user = name};
    struct iw_reader *reader = NULL;
    struct iw_diag diag = {0};
    FILE *file = fopen(name, "rb");
    enum iw_err err = file ? IW_OK : IW_ERR_INPUT;
    if (err == IW_OK)
        err = iw_reader_new(iw_source_find(IW_STR("html")), iw_str_from(name), &limits, &events, &reader);
    char bytes[65536];
    for (size_t len; err == IW_OK && (len = fread(bytes, 1, sizeof bytes, file)) > 0;)
        err = iw_reader_feed(reader, bytes, len, &diag);
    if (err == IW_OK)
        err = iw_reader_finish(reader, &diag);
    if (err != IW_OK)
        fprintf(stderr, "%s: %s\n", name, diag.text);
    iw_reader_free(reader);
    if (file)
        (void)fclose(file);
    return err;
}

int main(int argc, char **argv)
{
    enum iw_err err = IW_OK;
    for (int i = 1; i < argc && err == IW_OK; i++)
        err = read_page(argv[i]);
    return err == IW_OK && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
