/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Words for bytes that are no image, and for where a size came from. Looks at the first bytes only, in the spirit of
 * the MIME Sniffing standard, section 7.1. */
#include "base/iw.h"
#include "probe/probe.h"

#include "base/utf8.h"

const char *iw_bytes_from_name(enum iw_bytes_from from)
{
    static const char *const names[] = {
        [IW_BYTES_UNKNOWN] = NULL,
        [IW_BYTES_CONTENT_LENGTH] = "content-length",
        [IW_BYTES_CONTENT_RANGE] = "content-range",
        [IW_BYTES_COUNTED] = "counted",
        [IW_BYTES_AT_LEAST] = "at-least",
        [IW_BYTES_FILE] = "file",
        [IW_BYTES_DATA_URI] = "data-uri",
    };
    return names[from];
}

static bool looks_html(struct iw_str text)
{
    static const char *const starts[] = {"<!doctype html", "<html", "<head", "<body", "<script", "<title",
                                         "<!--",           "<h1",   "<div",  "<p>",   "<br",     "<table",
                                         "<center"};
    for (size_t i = 0; i < IW_ARRAY_LEN(starts); i++)
        if (iw_str_starts_nocase(text, iw_str_from(starts[i])))
            return true;
    return false;
}

static bool is_text(struct iw_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f')
            return false;
    }
    return iw_utf8_valid(text) + 3 >= text.len;
}

const char *iw_probe_describe_bytes(struct iw_str head)
{
    if (head.len == 0)
        return "nothing at all";
    struct iw_str text = iw_str_starts(head, IW_STR("\xEF\xBB\xBF")) ? iw_str_skip(head, 3) : head;
    text = iw_str_trim(text);
    if (looks_html(text))
        return "HTML";
    if (!is_text(iw_str_sub(head, 0, 512)))
        return "unknown bytes";
    if (text.len > 0 && (text.ptr[0] == '{' || text.ptr[0] == '['))
        return "JSON";
    return text.len > 0 && text.ptr[0] == '<' ? "XML" : "text";
}
