/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* calls FILE...: what request files hold, between tabs: "image" with offset and length of its string, kind, length of
 * its text, path and text (of inline images: empty), "call" with its line and images, "fault" with its place, "error"
 * with the place at which a document ends early, and "file" behind each. */
#include "base/iw.h"
#include "request/request.h"

#include <stdio.h>
#include <stdlib.h>

static void put_hex(struct iw_str text)
{
    for (size_t i = 0; i < text.len; i++)
        printf("%02x", (unsigned char)text.ptr[i]);
}

static enum iw_err on_call(void *user, const struct iw_call *call)
{
    static const char *const carriers[] = {"url", "inline", "inline", "id", "other"};
    (void)user;
    for (size_t i = 0; i < call->list_count; i++) {
        const struct iw_call_image *image = &call->list[i];
        printf("image\t%llu\t%llu\t%s\t%llu\t%.*s\t", (unsigned long long)image->value.at,
               (unsigned long long)image->value.len, carriers[image->carrier],
               (unsigned long long)(image->inlined ? image->inlined->chars : image->text.len),
               IW_STR_ARGS(image->path));
        if (!image->inlined)
            put_hex(image->text);
        putchar('\n');
    }
    printf("call\t%u\t%llu\n", call->line, (unsigned long long)call->images);
    return IW_OK;
}

static enum iw_err on_fault(void *user, enum iw_request_fault fault, unsigned line, unsigned column, uint64_t at,
                            struct iw_str custom_id, struct iw_str text)
{
    (void)user, (void)custom_id, (void)text;
    if (fault == IW_FAULT_JSON)
        printf("fault\t%u\t%u\t%llu\n", line, column, (unsigned long long)at);
    return IW_OK;
}

static enum iw_err read_file(FILE *file, struct iw_request_reader *reader, struct iw_diag *diag)
{
    char bytes[1000]; /* so that most strings are cut somewhere */
    enum iw_err err = IW_OK;
    for (size_t len; err == IW_OK && (len = fread(bytes, 1, sizeof bytes, file)) > 0;)
        err = iw_request_reader_feed(reader, bytes, len, diag);
    return err == IW_OK ? iw_request_reader_finish(reader, diag) : err;
}

int main(int argc, char **argv)
{
    static const struct iw_request_events events = {on_call, on_fault, NULL};
    for (int i = 1; i < argc; i++) {
        struct iw_request_reader *reader = NULL;
        struct iw_diag diag = {0};
        FILE *file = fopen(argv[i], "rb");
        if (!file || iw_request_reader_new(&events, &reader) != IW_OK)
            return EXIT_FAILURE;
        if (read_file(file, reader, &diag) != IW_OK)
            printf("error\t%u\t%u\n", diag.line, diag.column);
        printf("file\n");
        iw_request_reader_free(reader);
        (void)fclose(file);
    }
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
