/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Sitemaps through the filter and libxml2: every lead keeps its promises, places lie within the document, and how the
 * bytes are cut changes neither leads nor complaints. */
#include "base/iw.h"
#include "source_fuzz.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The length of a line, SIZE_MAX when there is none of that number. */
static size_t line_length(struct iw_str text, unsigned line)
{
    for (; line > 1; line--) {
        size_t end = iw_str_find(text, '\n');
        if (end == text.len)
            return SIZE_MAX;
        text = iw_str_skip(text, end + 1);
    }
    return iw_str_find(text, '\n');
}

static void check_places(struct iw_str leads, struct iw_str document)
{
    struct iw_str line;
    while (iw_str_next(&leads, '\n', &line)) {
        char copy[64] = "";
        memcpy(copy, line.ptr, IW_MIN(line.len, sizeof copy - 1));
        unsigned at_line, at_column;
        int role;
        if (sscanf(copy, "%d %u:%u ", &role, &at_line, &at_column) != 3)
            continue; /* a later line of a URL that holds newlines */
        size_t len = line_length(document, at_line);
        assert(len != SIZE_MAX && at_column <= len + 1);
    }
}

/* Whether "encoding" is in the text, controls left out. */
static bool may_declare(const uint8_t *data, size_t size)
{
    static const char word[] = "encoding";
    size_t n = 0;
    for (size_t i = 0; i < size && n < sizeof word - 1; i++)
        if (data[i] >= 0x20)
            n = data[i] == (uint8_t)word[n] ? n + 1 : data[i] == 'e';
    return n == sizeof word - 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size >= 2 && data[0] == 0x1F && data[1] == 0x8B)
        return 0;
    bool is_8bit = size >= 2 && data[0] < 0xFE && data[0] && data[1];
    if (is_8bit && may_declare(data, size))
        is_8bit = false;
    if (is_8bit)
        fuzz_every_way("sitemap", data, size);
    struct fuzz_reading r = fuzz_read("sitemap", data, size, is_8bit ? size : 3);
    if (is_8bit) /* in converted documents places are as good as the parser's own */
        check_places(iw_buf_str(&r.leads), (struct iw_str){(const char *)data, size});
    fuzz_release(&r);
    return 0;
}
