/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* URLs: from what a document says to what is asked, and what is in scope. */
#ifndef IW_URL_URL_H
#define IW_URL_URL_H

#include "base/arena.h"
#include "base/buf.h"

enum iw_scheme { IW_SCHEME_OTHER, IW_SCHEME_HTTP, IW_SCHEME_HTTPS, IW_SCHEME_DATA };

/* A canonical absolute http(s) URL (RFC 3986 section 6.2.2, 6.2.3) and its parts, all slices of text:
 * scheme and host lower-case, host as A-labels (IDNA 2008, UTS 46), default port and fragment dropped,
 * empty path "/", percent-encoding upper-case, unreserved characters decoded, dot segments removed,
 * non-ASCII, spaces and other bytes that RFC 3986 does not allow percent-encoded in path and query.
 * Nothing is re-ordered and nothing else stripped. text is pure ASCII and NUL-terminated. */
struct iw_url {
    struct iw_str text;
    enum iw_scheme scheme;
    struct iw_str origin; /* "https://host:port": scheme, host and, when it is not the default, port */
    struct iw_str host;   /* without brackets for an IPv6 literal */
    uint16_t port;        /* the effective one */
    struct iw_str path;   /* from "/" up to "?" or the end */
};

/* Parses text (relative to base, which may be NULL) into *out; memory comes from arena.
 * White space around is ignored, tabs and newlines inside are removed (as the URL standard does).
 * IW_ERR_SYNTAX (not a URL, user information present, bad host, bad port), IW_ERR_RANGE (longer than
 * 64 KiB), IW_ERR_UNKNOWN_NAME (a scheme other than http and https; *out_scheme, unless NULL, says which kind),
 * IW_ERR_NOMEM; diag gets one sentence. */
enum iw_err iw_url_parse(struct iw_arena *arena, struct iw_str text, const struct iw_url *base, struct iw_url *out,
                         enum iw_scheme *out_scheme, struct iw_diag *diag) IW_MUST_USE;

/* True when text starts with a scheme that is fetched ("http:" or "https:", any case). */
bool iw_url_is_http(struct iw_str text);
/* A user's name and password before the host of what looks like a URL, with the '@' behind them; empty: there are none.
 */
struct iw_str iw_url_userinfo(struct iw_str text);

/* "data:image/png;base64,...(N chars)": a data URI shortened for a report. Other text comes back as it is. */
struct iw_str iw_url_shorten(struct iw_arena *arena, struct iw_str text);

/* When a signed URL (Amazon S3, CloudFront, Google Cloud Storage, Azure) ends, as its query says; false: it is none. */
bool iw_url_expiry(struct iw_str url, int64_t *out_unix_s);

/* ---- variants that image services make ---- */

/* What a variant is wanted for. */
struct iw_variant_wish {
    uint32_t width_px, height_px; /* the size to scale it down to, or a box that it is to fit into; both 0: as it is */
    unsigned quality;             /* 1 to 100; 0: the service's own */
    bool wants_jpeg;              /* whatever format it has */
};
/* The URL of such a variant, where the URL is one of a service whose grammar is known; out (cleared first) holds it.
 * Returns the service's name, static; NULL: there is none, or the URL is signed. A canonical URL in, one like it out;
 * nothing says that it is there. */
const char *iw_url_variant(const struct iw_url *url, const struct iw_variant_wish *wish, struct iw_buf *out);

/* What an IP address may be used for, by the IANA special-purpose registries (RFC 6890 and successors). */
enum iw_address_kind {
    IW_ADDRESS_PUBLIC,
    IW_ADDRESS_PRIVATE, /* loopback, link-local, private, shared, reserved, multicast, documentation, unspecified */
};
/* Classifies 4 (IPv4) or 16 (IPv6) bytes in network order. IPv4-mapped, NAT64 (64:ff9b::/96) and 6to4
 * (2002::/16) addresses are judged by the IPv4 address inside. */
enum iw_address_kind iw_address_classify(const uint8_t *address, size_t len);
/* The same for a host that is an address literal; PUBLIC (not known otherwise) for names, except
 * "localhost" and names below it, which are PRIVATE (RFC 6761). */
enum iw_address_kind iw_host_classify(struct iw_str host);

/* Patterns that choose URLs, and rewriting. Compiled once, used by one thread. */
struct iw_scope;

/* include and exclude: PCRE2 patterns (either may be empty), matched anywhere in the canonical URL;
 * remap: "PATTERN=>TEXT" rows, the first that matches rewrites the URL ($1 in TEXT refers to a group).
 * Returns a scope to be freed with iw_scope_free(). IW_ERR_PATTERN with diag->place = the option's name and
 * diag->column = the offset in the pattern; IW_ERR_NOMEM. */
struct iw_scope_rules {
    const char *const *include;
    size_t include_count;
    const char *const *exclude;
    size_t exclude_count;
    const char *const *remap;
    size_t remap_count;
};
enum iw_err iw_scope_new(const struct iw_scope_rules *rules, struct iw_scope **out, struct iw_diag *diag) IW_MUST_USE;
void iw_scope_free(struct iw_scope *scope);
/* *out_in: with include patterns, whether one matches; else whether no exclude pattern does ("include wins").
 * A match limit that is hit is IW_ERR_PATTERN, never "no match". */
enum iw_err iw_scope_has(const struct iw_scope *scope, struct iw_str url, bool *out_in,
                         struct iw_diag *diag) IW_MUST_USE;
/* *out = url, or its rewriting (in arena). IW_ERR_PATTERN as above, IW_ERR_NOMEM. */
enum iw_err iw_scope_remap(const struct iw_scope *scope, struct iw_arena *arena, struct iw_str url, struct iw_str *out,
                           struct iw_diag *diag) IW_MUST_USE;

#endif
