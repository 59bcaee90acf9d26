/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The XML filter: cuts change nothing; newlines are neither added nor removed; what comes out is UTF-8 without controls
 * and passes a second time unchanged; places grow and lie within the original. */
#include "base/iw.h"
#include "source/xml_filter.h"

#include "base/utf8.h"

#undef NDEBUG
#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct iw_buf run(struct iw_xml_filter *filter, struct iw_str in, size_t piece)
{
    struct iw_buf out;
    iw_buf_init(&out, 64 << 20);
    iw_xml_filter_init(filter);
    while (in.len) {
        size_t n = IW_MIN(piece, in.len);
        char *copy = malloc(n);
        if (!copy)
            abort();
        memcpy(copy, in.ptr, n);
        enum iw_err err = iw_xml_filter_feed(filter, copy, n, false, &out);
        assert(err == IW_OK && filter->held.len <= 1024);
        free(copy);
        in = iw_str_skip(in, n);
    }
    enum iw_err err = iw_xml_filter_feed(filter, "", 0, true, &out);
    assert(err == IW_OK && filter->held.len == 0 && filter->out_at == out.len);
    return out;
}

static size_t count_newlines(struct iw_str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += text.ptr[i] == '\n';
    return n;
}

/* from: behind the XML declaration, where places are not exact when it holds controls. */
static void check_places(struct iw_xml_filter *filter, struct iw_str in, size_t from, size_t out_len)
{
    unsigned line = 1, column = 0;
    struct iw_str rest = in;
    for (size_t i = from; i <= out_len; i++) {
        unsigned next_line, next_column;
        iw_xml_filter_place(filter, i, &next_line, &next_column);
        assert(next_line > line || (next_line == line && next_column >= column));
        for (; line < next_line; line++)
            rest = iw_str_skip(rest, iw_str_find(rest, '\n') + 1);
        column = next_column;
        assert(column >= 1 && column <= iw_str_find(rest, '\n') + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct iw_str in = {size ? (const char *)data : "", size};
    struct iw_xml_filter filter, other;
    struct iw_buf whole = run(&filter, in, size + 1);
    static const size_t pieces[] = {1, 2, 7};
    for (size_t i = 0; i < IW_ARRAY_LEN(pieces); i++) {
        struct iw_buf part = run(&other, in, pieces[i]);
        assert(iw_str_eq(iw_buf_str(&part), iw_buf_str(&whole)));
        assert(iw_str_eq(iw_buf_str(&other.edits), iw_buf_str(&filter.edits)));
        assert(iw_str_eq(iw_buf_str(&other.newlines), iw_buf_str(&filter.newlines)));
        iw_buf_release(&part);
        iw_xml_filter_release(&other);
    }
    if (filter.state != IW_XML_RAW) {
        struct iw_str out = iw_buf_str(&whole);
        assert(count_newlines(out) + filter.lines_skipped == count_newlines(in));
        assert(filter.is_other_coding || iw_utf8_valid(out) == out.len);
        for (size_t i = 0; i < out.len; i++)
            assert((unsigned char)out.ptr[i] >= 0x20 || out.ptr[i] == '\t' || out.ptr[i] == '\n' || out.ptr[i] == '\r');
        bool is_declared = iw_str_starts(out, IW_STR("<?xml"));
        if (!is_declared) { /* else what was no declaration could have become one */
            struct iw_buf again = run(&other, out, size + 1);
            assert(iw_str_eq(iw_buf_str(&again), out));
            iw_buf_release(&again);
            iw_xml_filter_release(&other);
        }
        struct iw_str text = iw_str_skip(in, iw_str_starts(in, IW_STR("\xEF\xBB\xBF")) ? 3 : 0);
        check_places(&filter, text, is_declared ? iw_str_find(out, '>') : 0, whole.len);
    }
    iw_buf_release(&whole);
    iw_xml_filter_release(&filter);
    return 0;
}
