/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Facts in a row of bytes: without their URL, which whoever reads them brings along; texts behind, each with its NUL.
 * They are read by the process that wrote them. */
#include "base/iw.h"
#include "audit/inside.h"

enum { TEXTS = IW_SAVED_TEXTS, ABSENT = UINT16_MAX, LONGEST = UINT16_MAX - 1 };

/* All but the last, which is dims_why. */
static void texts_of(struct iw_facts *facts, struct iw_str *out[TEXTS - 1])
{
    struct iw_str *texts[] = {&facts->final_url, &facts->content_type,  &facts->etag,
                              &facts->vary,      &facts->last_modified, &facts->error};
    memcpy(out, texts, sizeof texts);
}

void iw_saved_add(struct iw_buf *out, const struct iw_facts *facts)
{
    struct iw_facts copy = *facts;
    bool is_same = iw_str_eq(facts->final_url, facts->url) && facts->final_url.ptr;
    struct iw_saved saved;
    memset(&saved, 0, sizeof saved);
    saved = (struct iw_saved){
        .image = facts->image,
        .bytes = facts->bytes,
        .bytes_read = facts->bytes_read,
        .us = facts->us,
        .requests = facts->requests,
        .robots_denied = facts->robots_denied,
        .status = (int16_t)facts->status,
        .http_version = (uint8_t)facts->http_version,
        .bytes_from = (uint8_t)facts->bytes_from,
        .failure = (uint8_t)facts->failure,
        .has_looked = facts->has_looked,
        .is_final_same = is_same,
    };
    if (is_same)
        copy.final_url = IW_STR_NONE;
    struct iw_str *texts[TEXTS], why = iw_str_from(facts->dims_why);
    texts_of(&copy, texts);
    texts[TEXTS - 1] = &why;
    for (size_t i = 0; i < TEXTS; i++)
        saved.len[i] = texts[i]->ptr ? (uint16_t)IW_MIN(texts[i]->len, (size_t)LONGEST) : ABSENT;
    iw_buf_add(out, &saved, sizeof saved);
    for (size_t i = 0; i < TEXTS; i++) {
        if (saved.len[i] == ABSENT)
            continue;
        iw_buf_add(out, texts[i]->ptr, saved.len[i]);
        iw_buf_add_char(out, '\0');
    }
}

size_t iw_saved_texts_len(const void *head)
{
    struct iw_saved saved;
    size_t len = 0;
    memcpy(&saved, head, sizeof saved);
    for (size_t i = 0; i < TEXTS; i++)
        len += saved.len[i] == ABSENT ? 0 : saved.len[i] + 1u;
    return len;
}

void iw_saved_get(const void *head, const char *texts, struct iw_str url, struct iw_facts *out)
{
    struct iw_saved saved;
    memcpy(&saved, head, sizeof saved);
    *out = (struct iw_facts){
        .url = url,
        .image = saved.image,
        .bytes = saved.bytes,
        .bytes_read = saved.bytes_read,
        .us = saved.us,
        .requests = saved.requests,
        .robots_denied = saved.robots_denied,
        .status = saved.status,
        .http_version = saved.http_version,
        .bytes_from = (enum iw_bytes_from)saved.bytes_from,
        .failure = (enum iw_failure)saved.failure,
        .has_looked = saved.has_looked,
    };
    struct iw_str *places[TEXTS], why = IW_STR_NONE;
    texts_of(out, places);
    places[TEXTS - 1] = &why;
    for (size_t i = 0; i < TEXTS; i++) {
        if (saved.len[i] == ABSENT)
            continue;
        *places[i] = (struct iw_str){texts, saved.len[i]};
        texts += saved.len[i] + 1u;
    }
    out->dims_why = why.ptr;
    if (saved.is_final_same)
        out->final_url = url;
}
