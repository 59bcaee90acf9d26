/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Facts as a row of obs, and back. Numbers of enums are kept as they are: new ones are added at their ends only. */
#include "base/iw.h"
#include "store/inside.h"

/* Looks back so far for one that came to something. */
enum { LOOKS_MAX = 16 };

bool iw_failure_is_passing(enum iw_failure failure)
{
    switch (failure) {
    case IW_FAILURE_ACCESS:
    case IW_FAILURE_RATE:
    case IW_FAILURE_SERVER:
    case IW_FAILURE_TIMEOUT:
    case IW_FAILURE_DNS_LATER:
    case IW_FAILURE_CONNECT:
    case IW_FAILURE_DOWN:
    case IW_FAILURE_ROBOTS:
    case IW_FAILURE_ROBOTS_LATER:
    case IW_FAILURE_PROTOCOL:
    case IW_FAILURE_FILE:
    case IW_FAILURE_CANCELLED:
        return true;
    default:
        return false;
    }
}

/* ---- reading ---- */

static void read_image(struct iw_store *store, sqlite3_stmt *s, int at, struct iw_image_facts *image)
{
    image->width_px = (uint32_t)sqlite3_column_int64(s, at);
    image->height_px = (uint32_t)sqlite3_column_int64(s, at + 1);
    image->stored_width_px = (uint32_t)sqlite3_column_int64(s, at + 2);
    image->stored_height_px = (uint32_t)sqlite3_column_int64(s, at + 3);
    image->orientation = (uint8_t)sqlite3_column_int(s, at + 4);
    image->animated = (enum iw_tri)iw_sql_enum(store, s, at + 5, IW_YES);
    image->alpha = (enum iw_tri)iw_sql_enum(store, s, at + 6, IW_YES);
    image->bit_depth = (uint8_t)sqlite3_column_int(s, at + 7);
    image->colour = (enum iw_colour)iw_sql_enum(store, s, at + 8, IW_COLOUR_CMYK);
    image->has_icc = (enum iw_tri)iw_sql_enum(store, s, at + 9, IW_YES);
    image->progressive = (enum iw_tri)iw_sql_enum(store, s, at + 10, IW_YES);
    image->frames = (uint32_t)sqlite3_column_int64(s, at + 11);
    image->is_damaged = sqlite3_column_int(s, at + 12) != 0;
}

static void read_row(struct iw_store *store, sqlite3_stmt *s, struct iw_str url, struct iw_arena *arena,
                     struct iw_facts *out)
{
    *out = (struct iw_facts){
        .url = url,
        .status = sqlite3_column_int(s, 1),
        .http_version = sqlite3_column_int(s, 2),
        .failure = (enum iw_failure)iw_sql_enum(store, s, 3, IW_FAILURE_CANCELLED),
        .bytes = (uint64_t)sqlite3_column_int64(s, 4),
        .bytes_from = (enum iw_bytes_from)iw_sql_enum(store, s, 5, IW_BYTES_DATA_URI),
        .requests = (unsigned)sqlite3_column_int(s, 6),
        .bytes_read = (uint64_t)sqlite3_column_int64(s, 7),
        .us = (uint64_t)sqlite3_column_int64(s, 8),
        .has_looked = sqlite3_column_int(s, 9) != 0,
    };
    out->is_local = out->bytes_from == IW_BYTES_FILE;
    read_image(store, s, 10, &out->image);
    struct iw_str final = iw_sql_copy(store, s, 23, arena);
    out->final_url = final.ptr && final.len == 0 ? url : final;
    out->etag = iw_sql_copy(store, s, 24, arena);
    out->last_modified = iw_sql_copy(store, s, 25, arena);
    out->error = iw_sql_copy(store, s, 26, arena);
    out->dims_why = iw_sql_copy(store, s, 27, arena).ptr;
    struct iw_str format = iw_sql_text(s, 28);
    out->image.format = format.ptr ? iw_image_format_find(format) : NULL;
    out->content_type = iw_sql_copy(store, s, 29, arena);
    out->vary = iw_sql_copy(store, s, 30, arena);
}

bool iw_facts_read(struct iw_store *store, int64_t url_id, int64_t run, bool is_known, struct iw_str url,
                   struct iw_arena *arena, struct iw_facts *out)
{
    sqlite3_stmt *statement = iw_sql_bind(store, IW_SQL_obs_get, "ii", url_id, run);
    for (int i = 0; i < LOOKS_MAX && iw_sql_step(store, statement); i++) {
        if (is_known && iw_failure_is_passing((enum iw_failure)sqlite3_column_int(statement, 3)))
            continue;
        read_row(store, statement, url, arena, out);
        iw_sql_done(statement);
        return store->err == IW_OK;
    }
    iw_sql_done(statement);
    return false;
}

/* ---- writing ---- */

enum iw_err iw_facts_write(struct iw_store *store, int64_t url_id, const struct iw_facts *facts)
{
    const struct iw_image_facts *image = &facts->image;
    bool is_same = facts->final_url.ptr && iw_str_eq(facts->final_url, facts->url);
    struct iw_str format = iw_str_from(image->format ? image->format->name : NULL);
    int64_t format_id = iw_word_id(store, IW_WORDS_WORD, format);
    int64_t type = iw_word_id(store, IW_WORDS_WORD, facts->content_type);
    int64_t vary = iw_word_id(store, IW_WORDS_WORD, facts->vary);
    return iw_sql_run(
        store, IW_SQL_obs_put, "iinnninnnnnnnnnnnnnnnnnntttttnnn", url_id, store->run, (int64_t)facts->status,
        (int64_t)facts->http_version, (int64_t)facts->failure, (int64_t)facts->bytes, (int64_t)facts->bytes_from,
        (int64_t)facts->requests, (int64_t)facts->bytes_read, (int64_t)facts->us, (int64_t)facts->has_looked,
        (int64_t)image->width_px, (int64_t)image->height_px, (int64_t)image->stored_width_px,
        (int64_t)image->stored_height_px, (int64_t)image->orientation, (int64_t)image->animated, (int64_t)image->alpha,
        (int64_t)image->bit_depth, (int64_t)image->colour, (int64_t)image->has_icc, (int64_t)image->progressive,
        (int64_t)image->frames, (int64_t)image->is_damaged, is_same ? IW_STR("") : facts->final_url, facts->etag,
        facts->last_modified, facts->error, iw_str_from(facts->dims_why), format_id, type, vary);
}

/* ---- comparing ---- */

static bool is_same_number(uint64_t old, uint64_t now)
{
    return now == 0 || old == now; /* what is not known now was not seen to change */
}

static bool is_same_image(const struct iw_image_facts *old, const struct iw_image_facts *now)
{
    return (!now->format || old->format == now->format) && is_same_number(old->width_px, now->width_px) &&
           is_same_number(old->height_px, now->height_px) &&
           is_same_number(old->stored_width_px, now->stored_width_px) &&
           is_same_number(old->stored_height_px, now->stored_height_px) &&
           is_same_number(old->orientation, now->orientation) && is_same_number(old->animated, now->animated) &&
           is_same_number(old->alpha, now->alpha) && is_same_number(old->bit_depth, now->bit_depth) &&
           is_same_number(old->colour, now->colour) && is_same_number(old->has_icc, now->has_icc) &&
           is_same_number(old->progressive, now->progressive) && is_same_number(old->frames, now->frames);
}

/* How it was asked and how long that took is no change of the image. */
bool iw_facts_are_same(const struct iw_facts *old, const struct iw_facts *now)
{
    bool is_failed = now->failure != IW_FAILURE_NONE;
    return old->failure == now->failure && (!is_failed || old->status == now->status) && old->bytes == now->bytes &&
           (old->bytes_from == IW_BYTES_AT_LEAST) == (now->bytes_from == IW_BYTES_AT_LEAST) &&
           (old->bytes_from == IW_BYTES_UNKNOWN) == (now->bytes_from == IW_BYTES_UNKNOWN) &&
           is_same_image(&old->image, &now->image) && iw_str_eq(old->final_url, now->final_url) &&
           iw_str_eq(old->etag, now->etag) && iw_str_eq(old->last_modified, now->last_modified) &&
           iw_str_eq(old->content_type, now->content_type);
}
