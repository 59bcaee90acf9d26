/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* One picture under many paths: servers that have no image answer with a stand-in of one length and one strong ETag
 * (RFC 9110 section 8.8.3), whatever was asked for. What was seen lies in a table of fixed size: a place holds the last
 * few paths of one host, length and ETag, and gives way to another only while it is no placeholder yet. */
#include "base/iw.h"
#include "rules/inside.h"

#include "base/mem.h"
#include "base/parse.h"

enum { PLACES = 1 << 14 };

struct place {
    uint64_t key; /* of host, length and ETag; 0: free */
    uint64_t paths[IW_PLACEHOLDER_PATHS];
    unsigned count;
};
struct iw_placeholders {
    struct iw_hash_key key;
    struct place places[PLACES];
};

struct iw_placeholders *iw_placeholders_new(const struct iw_hash_key *key)
{
    struct iw_placeholders *seen = iw_calloc(1, sizeof *seen);
    if (seen)
        seen->key = *key;
    return seen;
}

void iw_placeholders_free(struct iw_placeholders *seen)
{
    iw_free(seen);
}

/* "http://host:80/a/b?c" to "http://host:80" and "/a/b". */
static bool split(struct iw_str url, struct iw_str *out_origin, struct iw_str *out_path)
{
    if (!iw_url_is_http(url))
        return false;
    size_t from = iw_str_find(url, ':') + 3;
    struct iw_str rest = iw_str_skip(url, from);
    size_t slash = iw_str_find(rest, '/');
    *out_origin = iw_str_sub(url, 0, from + slash);
    rest = iw_str_skip(rest, slash);
    *out_path = iw_str_sub(rest, 0, iw_str_find(rest, '?'));
    return true;
}

static bool is_told_exactly(const struct iw_facts *facts)
{
    bool is_exact = facts->bytes_from == IW_BYTES_CONTENT_LENGTH || facts->bytes_from == IW_BYTES_CONTENT_RANGE;
    return is_exact && facts->failure == IW_FAILURE_NONE && facts->etag.len > 2 && facts->etag.ptr[0] == '"';
}

/* True from the path on that makes it many. */
static bool see(struct iw_placeholders *seen, struct iw_str origin, struct iw_str path, const struct iw_facts *facts)
{
    uint64_t parts[3] = {iw_hash64(&seen->key, origin.ptr, origin.len),
                         iw_hash64(&seen->key, facts->etag.ptr, facts->etag.len), facts->bytes};
    uint64_t key = iw_hash64(&seen->key, parts, sizeof parts) | 1;
    uint64_t of_path = iw_hash64(&seen->key, path.ptr, path.len);
    struct place *place = &seen->places[(key >> 1) % PLACES];
    if (place->key != key) {
        if (place->count >= IW_PLACEHOLDER_PATHS)
            return false;
        *place = (struct place){.key = key};
    }
    for (unsigned i = 0; i < place->count; i++)
        if (place->paths[i] == of_path)
            return place->count == IW_PLACEHOLDER_PATHS;
    if (place->count < IW_PLACEHOLDER_PATHS)
        place->paths[place->count++] = of_path;
    return place->count == IW_PLACEHOLDER_PATHS;
}

enum iw_verdict iw_placeholders_check(struct iw_placeholders *seen, const struct iw_facts *facts,
                                      struct iw_arena *arena, struct iw_findings *out, enum iw_verdict verdict)
{
    struct iw_str origin, path;
    if (!is_told_exactly(facts) || !split(facts->final_url, &origin, &path) || !see(seen, origin, path, facts))
        return verdict;
    if (out->count == IW_MAX_FINDINGS)
        return verdict;
    char digits[27];
    out->list[out->count++] = (struct iw_finding){
        .rule = IW_RULE_placeholder,
        .severity = iw_rules[IW_RULE_placeholder].severity,
        .message = iw_arena_printf(arena, "%d or more paths of %.*s have %s bytes and the ETag %.*s: one for all?",
                                   IW_PLACEHOLDER_PATHS, IW_STR_ARGS(iw_str_sub(origin, 0, 120)),
                                   iw_format_u64(facts->bytes, digits), IW_STR_ARGS(iw_str_sub(facts->etag, 0, 80))),
    };
    return IW_MAX(verdict, IW_VERDICT_WARN);
}
