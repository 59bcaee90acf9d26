/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* One document: inflated where its magic says gzip (RFC 1952, members one behind the other), recognised, fed to its
 * parser. What lies behind a gzip stream and is no further member is ignored, as gzip does. Whatever ends it early, the
 * leads of what was read stand. */
#include "base/iw.h"
#include "source/inside.h"

#include "base/mem.h"

#include <zlib.h>

enum { INFLATED_CHUNK = 64 << 10, ZLIB_GZIP = 15 + 16, MOST_AT_ONCE = 1 << 30, CONTENT_TYPE_BYTES = 256 };

struct iw_reader {
    const struct iw_source *kind;
    struct iw_source_events events;
    struct iw_reader_limits limits;
    enum iw_lead_role role; /* IW_LEAD_IMAGE: any kind */
    struct iw_buf name, content_type;
    struct iw_buf head; /* inflated bytes until the kind is known */
    void *state;        /* of the kind; NULL until it is known */
    uint64_t bytes, inflated;
    uint64_t page_room; /* how much more of it may be fed */
    enum { RAW_UNKNOWN, RAW_PLAIN, RAW_GZIP, RAW_BETWEEN, RAW_TAIL } raw;
    char magic[2]; /* at the beginning, and between members */
    size_t magic_len;
    bool is_first_member;
    bool has_output; /* of this member */
    z_stream z;
    bool has_z;
    char *chunk;
    struct iw_diag failure; /* what ended it */
    enum iw_err err;
};

enum iw_err iw_reader_new(const struct iw_source *kind, struct iw_str name_hint, const struct iw_reader_limits *limits,
                          const struct iw_source_events *events, struct iw_reader **out)
{
    struct iw_reader *reader = iw_calloc(1, sizeof *reader);
    if (!reader)
        return IW_ERR_NOMEM;
    reader->kind = kind;
    reader->events = *events;
    reader->limits = *limits;
    reader->is_first_member = true;
    reader->role = IW_LEAD_IMAGE;
    iw_buf_init(&reader->name, 4096);
    iw_buf_init(&reader->content_type, CONTENT_TYPE_BYTES);
    iw_buf_init(&reader->head, IW_SOURCE_HEAD_BYTES);
    size_t cut = name_hint.len - IW_MIN(name_hint.len, (size_t)4096);
    iw_buf_add_str(&reader->name, iw_str_skip(name_hint, cut)); /* what it ends in is what counts */
    if (reader->name.err != IW_OK) {
        iw_reader_free(reader);
        return IW_ERR_NOMEM;
    }
    *out = reader;
    return IW_OK;
}

void iw_reader_free(struct iw_reader *reader)
{
    if (!reader)
        return;
    if (reader->state)
        reader->kind->release(reader->state);
    iw_free(reader->state);
    if (reader->has_z)
        (void)inflateEnd(&reader->z);
    iw_free(reader->chunk);
    iw_buf_release(&reader->head);
    iw_buf_release(&reader->name);
    iw_buf_release(&reader->content_type);
    iw_free(reader);
}

void iw_reader_expect(struct iw_reader *reader, enum iw_lead_role role)
{
    reader->role = role;
}

enum iw_err iw_reader_content_type(struct iw_reader *reader, struct iw_str value)
{
    iw_buf_clear(&reader->content_type);
    iw_buf_add_str(&reader->content_type, iw_str_sub(value, 0, CONTENT_TYPE_BYTES));
    return reader->content_type.err;
}

const struct iw_source *iw_reader_kind(const struct iw_reader *reader)
{
    return reader->kind;
}

void iw_reader_describe(const struct iw_reader *reader, struct iw_buf *out)
{
    if (reader->state && reader->kind->describe)
        reader->kind->describe(reader->state, out);
}

/* ---- the kind ---- */

static enum iw_err refuse(struct iw_str head, enum iw_lead_role role, struct iw_diag *diag)
{
    char space[IW_SOURCE_TEXT_BYTES];
    struct iw_str root, text = iw_source_trim(iw_source_text(head, space));
    enum iw_markup markup = iw_source_markup(text, &root);
    const char *what = "this looks like plain text without URLs";
    if (iw_str_starts(head, IW_STR("\x1F\x8B")))
        what = "this is gzip within gzip";
    else if (markup == IW_MARKUP_HTML)
        what = "this looks like HTML";
    else if (markup == IW_MARKUP_SVG)
        what = "this looks like an SVG image";
    else if (markup != IW_MARKUP_NONE)
        what = "this looks like markup of another kind";
    else if (iw_str_find(text, '\0') < text.len)
        what = "this looks like binary data";
    else if (text.len && (text.ptr[0] == '{' || text.ptr[0] == '['))
        what = "this looks like JSON";
    return iw_fail(diag, IW_ERR_INPUT, 0, 0, "%s, not %s", what,
                   role == IW_LEAD_PAGE ? "a page" : "an input of a known kind");
}

/* Feeds the parser, as far as its kind has a limit. */
static enum iw_err feed_parser(struct iw_reader *reader, struct iw_str text, struct iw_diag *diag)
{
    struct iw_str part = iw_str_sub(text, 0, (size_t)IW_MIN((uint64_t)text.len, reader->page_room));
    if (reader->kind->serves == IW_LEAD_DOCUMENT || reader->limits.max_page_bytes == 0)
        part = text;
    else
        reader->page_room -= part.len;
    enum iw_err err = part.len ? reader->kind->feed(reader->state, part.ptr, part.len, diag) : IW_OK;
    if (err != IW_OK || part.len == text.len)
        return err;
    return iw_fail(diag, IW_ERR_LIMIT, 0, 0, "the page is larger than %llu bytes and was read to there",
                   (unsigned long long)reader->limits.max_page_bytes);
}

/* Opens the parser and feeds it what was kept. */
static enum iw_err open_kind(struct iw_reader *reader, struct iw_diag *diag)
{
    struct iw_str head = iw_buf_str(&reader->head);
    const struct iw_source *kind = reader->kind;
    if (!kind)
        kind = iw_source_sniff(head, iw_buf_str(&reader->name), reader->role, NULL);
    if (!kind)
        return refuse(head, reader->role, diag);
    reader->state = iw_calloc(1, kind->state_size);
    if (!reader->state)
        return IW_ERR_NOMEM;
    reader->kind = kind;
    enum iw_err err = kind->begin(reader->state, &reader->events);
    if (err == IW_OK && kind->set)
        kind->set(reader->state, &reader->limits);
    if (err == IW_OK && kind->content_type && reader->content_type.len)
        kind->content_type(reader->state, iw_buf_str(&reader->content_type));
    reader->page_room = reader->limits.max_page_bytes;
    if (err == IW_OK)
        err = feed_parser(reader, head, diag);
    iw_buf_release(&reader->head);
    return err;
}

static enum iw_err feed_kind(struct iw_reader *reader, const char *bytes, size_t len, struct iw_diag *diag)
{
    if (!reader->state) {
        size_t take = IW_MIN(len, IW_SOURCE_HEAD_BYTES - reader->head.len);
        iw_buf_add(&reader->head, bytes, take);
        if (reader->head.err != IW_OK)
            return IW_ERR_NOMEM;
        if (!reader->kind && reader->head.len < IW_SOURCE_HEAD_BYTES)
            return IW_OK;
        enum iw_err err = open_kind(reader, diag);
        if (err != IW_OK)
            return err;
        bytes += take;
        len -= take;
    }
    return feed_parser(reader, (struct iw_str){bytes, len}, diag);
}

/* Ends the document with an error; leads of what is still kept come first. */
static enum iw_err fail(struct iw_reader *reader, struct iw_diag *diag, enum iw_err code, const char *why,
                        uint64_t bytes)
{
    enum iw_err err = reader->state ? IW_OK : open_kind(reader, diag);
    if (err != IW_OK && err != IW_ERR_INPUT) /* too little of it to be recognised is no news */
        return err;
    if (code == IW_ERR_LIMIT)
        return iw_fail(diag, code, 0, 0, "%s %llu bytes", why, (unsigned long long)bytes);
    return iw_fail(diag, code, 0, 0, "%s", why);
}

/* ---- gzip ---- */

static enum iw_err feed_inflated(struct iw_reader *reader, size_t len, struct iw_diag *diag)
{
    uint64_t room = reader->limits.max_inflated_bytes - reader->inflated;
    size_t take = len < room ? len : (size_t)room;
    reader->inflated += take;
    reader->has_output = reader->has_output || len;
    enum iw_err err = take ? feed_kind(reader, reader->chunk, take, diag) : IW_OK;
    if (err != IW_OK || take == len)
        return err;
    return fail(reader, diag, IW_ERR_LIMIT, "the document inflates to more than", reader->limits.max_inflated_bytes);
}

/* Feeds bytes of a member; *out_used of them were its own. */
static enum iw_err feed_member(struct iw_reader *reader, struct iw_str in, size_t *out_used, struct iw_diag *diag)
{
    z_stream *z = &reader->z;
    z->next_in = (z_const Bytef *)(uintptr_t)in.ptr;
    z->avail_in = (uInt)IW_MIN(in.len, (size_t)MOST_AT_ONCE);
    uInt given = z->avail_in;
    int rc = Z_OK;
    do {
        z->next_out = (Bytef *)reader->chunk;
        z->avail_out = INFLATED_CHUNK;
        rc = inflate(z, Z_NO_FLUSH);
        size_t got = INFLATED_CHUNK - z->avail_out;
        enum iw_err err = feed_inflated(reader, got, diag);
        if (err != IW_OK)
            return err;
    } while (rc == Z_OK && (z->avail_in || z->avail_out == 0));
    *out_used = given - z->avail_in;
    if (rc == Z_OK || rc == Z_BUF_ERROR)
        return IW_OK;
    if (rc == Z_STREAM_END) {
        reader->raw = RAW_BETWEEN;
        reader->magic_len = 0;
        return IW_OK;
    }
    if (rc == Z_MEM_ERROR)
        return IW_ERR_NOMEM;
    if (reader->is_first_member || reader->has_output)
        return fail(reader, diag, IW_ERR_SYNTAX, "the gzip stream is damaged", 0);
    reader->raw = RAW_TAIL; /* it only looked like one more member */
    return IW_OK;
}

static enum iw_err open_gzip(struct iw_reader *reader)
{
    reader->chunk = iw_malloc(INFLATED_CHUNK);
    if (!reader->chunk || inflateInit2(&reader->z, ZLIB_GZIP) != Z_OK)
        return IW_ERR_NOMEM;
    reader->has_z = true;
    return IW_OK;
}

/* ---- bytes as they come ---- */

/* The two bytes that decide are there, or (is_end) no more will come. */
static enum iw_err decide(struct iw_reader *reader, struct iw_diag *diag)
{
    struct iw_str magic = {reader->magic, reader->magic_len};
    bool is_gzip = iw_str_eq(magic, IW_STR("\x1F\x8B"));
    enum iw_err err = IW_OK;
    if (reader->raw == RAW_BETWEEN) {
        reader->is_first_member = reader->has_output = false;
        reader->raw = is_gzip && inflateReset(&reader->z) == Z_OK ? RAW_GZIP : RAW_TAIL;
    } else {
        reader->raw = is_gzip ? RAW_GZIP : RAW_PLAIN;
        err = is_gzip ? open_gzip(reader) : IW_OK;
    }
    size_t used;
    if (err == IW_OK && reader->raw == RAW_GZIP)
        return feed_member(reader, magic, &used, diag);
    return err == IW_OK && reader->raw == RAW_PLAIN && magic.len ? feed_kind(reader, magic.ptr, magic.len, diag) : err;
}

static enum iw_err feed_raw(struct iw_reader *reader, struct iw_str in, struct iw_diag *diag)
{
    enum iw_err err = IW_OK;
    while (in.len && err == IW_OK) {
        size_t used = in.len;
        if (reader->raw == RAW_UNKNOWN || reader->raw == RAW_BETWEEN) {
            reader->magic[reader->magic_len++] = in.ptr[0];
            used = 1;
            if (reader->magic_len == sizeof reader->magic)
                err = decide(reader, diag);
        } else if (reader->raw == RAW_GZIP) {
            err = feed_member(reader, in, &used, diag);
        } else if (reader->raw == RAW_PLAIN) {
            err = feed_kind(reader, in.ptr, in.len, diag);
        }
        in = iw_str_skip(in, used);
    }
    return err;
}

static enum iw_err feed(struct iw_reader *reader, struct iw_str in, struct iw_diag *diag)
{
    uint64_t room = reader->limits.max_bytes - reader->bytes;
    struct iw_str part = in.len < room ? in : iw_str_sub(in, 0, (size_t)room);
    reader->bytes += part.len;
    enum iw_err err = feed_raw(reader, part, diag);
    if (err != IW_OK || part.len == in.len)
        return err;
    return fail(reader, diag, IW_ERR_LIMIT, "the document is larger than", reader->limits.max_bytes);
}

static enum iw_err finish(struct iw_reader *reader, struct iw_diag *diag)
{
    enum iw_err err = reader->raw == RAW_UNKNOWN ? decide(reader, diag) : IW_OK;
    if (err != IW_OK)
        return err;
    if (reader->raw == RAW_GZIP) /* a last line may be cut: it is not asked for */
        return fail(reader, diag, IW_ERR_SYNTAX, "the gzip stream ends early", 0);
    if (!reader->state)
        err = open_kind(reader, diag);
    return err == IW_OK ? reader->kind->finish(reader->state, diag) : err;
}

static enum iw_err again(const struct iw_reader *reader, struct iw_diag *diag)
{
    const struct iw_diag *was = &reader->failure;
    return iw_fail(diag, reader->err, was->line, was->column, "%s", was->text);
}

enum iw_err iw_reader_feed(struct iw_reader *reader, const char *bytes, size_t len, struct iw_diag *diag)
{
    if (reader->err == IW_OK && len)
        reader->err = feed(reader, (struct iw_str){bytes, len}, &reader->failure);
    return reader->err == IW_OK ? IW_OK : again(reader, diag);
}

enum iw_err iw_reader_finish(struct iw_reader *reader, struct iw_diag *diag)
{
    if (reader->err == IW_OK)
        reader->err = finish(reader, &reader->failure);
    return reader->err == IW_OK ? IW_OK : again(reader, diag);
}
