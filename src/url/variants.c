/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Services that scale images by what a URL says, a row for each: how such a URL is known, and what is put into it so
 * that the picture fits a box. A service that serves from its customers' own host names is known by words of its
 * grammar that are in the URL already. Signed URLs are left alone: another text needs another signature. */
#include "base/iw.h"
#include "url/url.h"

enum how { QUERY, OPTIONS, SEGMENT, THUMB };

struct service {
    const char *name;
    const char *hosts; /* ends of host names, separated by spaces; NULL: any host, */
    const char *path;  /* with this in the path; NULL: anything, */
    const char *keys;  /* and with one of these keys in the query; NULL: none is needed */
    enum how how;
    const char *size, *quality, *format; /* settings, "&" between them, with %w, %h and %q; NULL: there is none */
    const char *drops;                   /* keys that would contradict them */
    const char *signed_by;               /* a key whose value signs the URL, or NULL */
    const uint32_t *widths;              /* the only ones that there are, the smallest first, then 0; or NULL */
};

/* https://www.mediawiki.org/wiki/Common_thumbnail_sizes, "Current standard sizes in Wikimedia production" */
static const uint32_t wikimedia_widths[] = {20, 40, 60, 120, 250, 330, 500, 960, 1280, 1920, 3840, 0};
/* https://techdocs.akamai.com/ivm/reference/concepts, "The default image widths in pixels"; others are rounded up */
static const uint32_t akamai_widths[] = {320, 640, 1024, 2048, 5000, 0};

static const struct service services[] = {
    /* https://developers.cloudflare.com/images/transform-images/transform-via-url/ */
    {"Cloudflare", NULL, "/cdn-cgi/image/", NULL, OPTIONS, "width=%w&height=%h&fit=scale-down", "quality=%q",
     "format=jpeg", "w h q f dpr gravity g", NULL, NULL},
    /* https://docs.imgix.com/apis/rendering/size/fit */
    {"imgix", ".imgix.net", NULL, NULL, QUERY, "w=%w&h=%h&fit=max", "q=%q", "fm=jpg", "ar auto crop dpr max-w max-h",
     "s", NULL},
    {"imgix", NULL, NULL, "ixlib ixid", QUERY, "w=%w&h=%h&fit=max", "q=%q", "fm=jpg", "ar auto crop dpr max-w max-h",
     "s", NULL},
    /* https://cloudinary.com/documentation/transformation_reference (c_limit, f_, q_) */
    {"Cloudinary", NULL, "/image/upload/", NULL, SEGMENT, "c_limit&w_%w&h_%h", "q_%q", "f_jpg", NULL, NULL, NULL},
    {"Cloudinary", "res.cloudinary.com", "/image/fetch/", NULL, SEGMENT, "c_limit&w_%w&h_%h", "q_%q", "f_jpg", NULL,
     NULL, NULL},
    /* https://www.fastly.com/documentation/reference/io/ */
    {"Fastly", ".fastly.net", NULL, NULL, QUERY, "width=%w&height=%h&fit=bounds", "quality=%q", "format=jpg",
     "auto crop dpr optimize resize", NULL, NULL},
    {"Fastly", NULL, NULL, "optimize", QUERY, "width=%w&height=%h&fit=bounds", "quality=%q", "format=jpg",
     "auto crop dpr optimize resize", NULL, NULL},
    /* https://shopify.dev/docs/api/liquid/filters/image_url; quality is the service's own */
    {"Shopify", "cdn.shopify.com", NULL, NULL, QUERY, "width=%w&height=%h", NULL, "format=jpg", "crop pad_color", NULL,
     NULL},
    {"Shopify", NULL, "/cdn/shop/", NULL, QUERY, "width=%w&height=%h", NULL, "format=jpg", "crop pad_color", NULL,
     NULL},
    /* https://developer.wordpress.com/docs/photon/api/; formats are kept */
    {"Photon", "i0.wp.com i1.wp.com i2.wp.com i3.wp.com .files.wordpress.com", NULL, NULL, QUERY, "fit=%w,%h",
     "quality=%q", NULL, "w h resize crop lb zoom strip", NULL, NULL},
    /* https://www.contentful.com/developers/docs/references/images-api/: both sides are a box to fit into */
    {"Contentful", "images.ctfassets.net images.eu.ctfassets.net images.contentful.com", NULL, NULL, QUERY, "w=%w&h=%h",
     "q=%q", "fm=jpg", "fit f fl r", NULL, NULL},
    /* https://www.sanity.io/docs/image-urls */
    {"Sanity", "cdn.sanity.io", "/images/", NULL, QUERY, "w=%w&h=%h&fit=max", "q=%q", "fm=jpg",
     "auto crop dpr max-w max-h min-w min-h", NULL, NULL},
    /* https://techdocs.akamai.com/ivm/reference/concepts, "On-Demand Transformations" */
    {"Akamai", NULL, NULL, "imwidth impolicy im imdensity imformat", QUERY, "imwidth=%w", NULL, "imformat=jpeg",
     "im imdensity", NULL, akamai_widths},
    /* the path of a thumbnail, in one of the widths above */
    {"Wikimedia", "upload.wikimedia.org", NULL, NULL, THUMB, NULL, NULL, NULL, NULL, NULL, wikimedia_widths},
};

/* ---- words ---- */

static bool has_word(const char *list, struct iw_str word)
{
    struct iw_str rest = iw_str_from(list), one;
    while (iw_str_next(&rest, ' ', &one))
        if (iw_str_eq(one, word))
            return true;
    return false;
}

static size_t find(struct iw_str text, const char *what)
{
    struct iw_str wanted = iw_str_from(what);
    size_t at = 0;
    while (at < text.len && !iw_str_starts(iw_str_skip(text, at), wanted))
        at++;
    return at;
}

/* What stands before the "=" or "_" of a setting. */
static struct iw_str key_of(struct iw_str setting)
{
    return iw_str_sub(setting, 0, iw_str_find(setting, '='));
}

static struct iw_str query_of(const struct iw_url *url)
{
    return iw_str_skip(url->text, url->origin.len + url->path.len + 1);
}

static bool has_key(struct iw_str query, const char *keys)
{
    struct iw_str piece;
    while (query.len && iw_str_next(&query, '&', &piece))
        if (has_word(keys, key_of(piece)))
            return true;
    return false;
}

/* ---- which service ---- */

static bool is_at_host(const char *hosts, struct iw_str host)
{
    struct iw_str rest = iw_str_from(hosts), one;
    while (iw_str_next(&rest, ' ', &one))
        if (one.ptr[0] == '.' ? iw_str_ends_nocase(host, one) : iw_str_eq(host, one))
            return true;
    return false;
}

static const struct service *find_service(const struct iw_url *url)
{
    for (size_t i = 0; i < IW_ARRAY_LEN(services); i++) {
        const struct service *s = &services[i];
        if ((!s->hosts || is_at_host(s->hosts, url->host)) && (!s->path || find(url->path, s->path) < url->path.len) &&
            (!s->keys || has_key(query_of(url), s->keys)))
            return s;
    }
    return NULL;
}

/* ---- settings ---- */

/* The largest width that there is and that fits; 0: none. */
static uint32_t width_of(const struct service *s, const struct iw_variant_wish *wish)
{
    uint32_t width_px = 0;
    if (!s->widths)
        return wish->width_px;
    for (size_t i = 0; s->widths[i] && s->widths[i] <= wish->width_px; i++)
        width_px = s->widths[i];
    return width_px;
}

/* "w=%w&h=%h" with its numbers, each setting behind a separator unless it is the first. */
static void add_settings(const struct service *s, const struct iw_variant_wish *wish, const char *settings,
                         char separator, bool *is_first, struct iw_buf *out)
{
    for (const char *c = settings; c && *c; c++) {
        if ((c == settings && !*is_first) || *c == '&')
            iw_buf_add_char(out, separator);
        *is_first = false;
        if (*c == '%') {
            c++;
            iw_buf_add_u64(out, *c == 'w' ? width_of(s, wish) : *c == 'h' ? wish->height_px : wish->quality);
        } else if (*c != '&') {
            iw_buf_add_char(out, *c);
        }
    }
}

static void add_all(const struct service *s, const struct iw_variant_wish *wish, char separator, bool *is_first,
                    struct iw_buf *out)
{
    if (wish->width_px)
        add_settings(s, wish, s->size, separator, is_first, out);
    if (wish->wants_jpeg)
        add_settings(s, wish, s->format, separator, is_first, out);
    if (wish->quality)
        add_settings(s, wish, s->quality, separator, is_first, out);
}

/* Whether a setting that is there already is for us to make. */
static bool is_ours(const struct service *s, struct iw_str key)
{
    const char *const lists[] = {s->size, s->quality, s->format};
    for (size_t i = 0; i < IW_ARRAY_LEN(lists); i++) {
        struct iw_str rest = iw_str_from(lists[i]), one;
        while (rest.ptr && iw_str_next(&rest, '&', &one))
            if (iw_str_eq(key_of(one), key))
                return true;
    }
    return s->drops && has_word(s->drops, key);
}

/* Those that are none of ours stay, in front. */
static void keep_settings(const struct service *s, struct iw_str settings, char separator, bool *is_first,
                          struct iw_buf *out)
{
    struct iw_str piece;
    while (settings.len && iw_str_next(&settings, separator, &piece)) {
        if (piece.len == 0 || is_ours(s, key_of(piece)))
            continue;
        if (!*is_first)
            iw_buf_add_char(out, separator);
        iw_buf_add_str(out, piece);
        *is_first = false;
    }
}

/* ---- the four grammars ---- */

static bool in_query(const struct service *s, const struct iw_url *url, const struct iw_variant_wish *wish,
                     struct iw_buf *out)
{
    bool is_first = true;
    iw_buf_add_str(out, iw_str_sub(url->text, 0, url->origin.len + url->path.len));
    iw_buf_add_char(out, '?');
    keep_settings(s, query_of(url), '&', &is_first, out);
    add_all(s, wish, '&', &is_first, out);
    return !is_first;
}

/* ".../cdn-cgi/image/OPTIONS/SOURCE" */
static bool in_options(const struct service *s, const struct iw_url *url, const struct iw_variant_wish *wish,
                       struct iw_buf *out)
{
    size_t at = url->origin.len + find(url->path, s->path) + strlen(s->path);
    struct iw_str rest = iw_str_skip(url->text, at);
    size_t len = iw_str_find(rest, '/');
    bool is_first = true;
    iw_buf_add_str(out, iw_str_sub(url->text, 0, at));
    keep_settings(s, iw_str_sub(rest, 0, len), ',', &is_first, out);
    add_all(s, wish, ',', &is_first, out);
    iw_buf_add_str(out, iw_str_skip(rest, len));
    return len < rest.len && !is_first;
}

/* "c_fill,w_300", "t_named", "w_0.5", "$width_10": a step of Cloudinary's, not a folder or "v1312461204". */
static bool is_step(struct iw_str segment)
{
    struct iw_str piece;
    if (segment.len == 0)
        return false;
    while (iw_str_next(&segment, ',', &piece)) {
        size_t mark = iw_str_find(piece, '_');
        bool is_variable = piece.len && piece.ptr[0] == '$';
        if (mark == 0 || mark + 1 >= piece.len || (mark > 3 && !is_variable))
            return false;
    }
    return true;
}

/* Another step behind those that are there. */
static bool in_segment(const struct service *s, const struct iw_url *url, const struct iw_variant_wish *wish,
                       struct iw_buf *out)
{
    size_t at = url->origin.len + find(url->path, s->path) + strlen(s->path);
    for (;;) {
        struct iw_str rest = iw_str_skip(url->text, at);
        size_t len = iw_str_find(rest, '/');
        struct iw_str segment = iw_str_sub(rest, 0, len);
        if (iw_str_starts(segment, IW_STR("s--"))) /* signed */
            return false;
        if (len == rest.len || !is_step(segment))
            break;
        at += len + 1;
    }
    bool is_first = true;
    iw_buf_add_str(out, iw_str_sub(url->text, 0, at));
    add_all(s, wish, ',', &is_first, out);
    iw_buf_add_char(out, '/');
    iw_buf_add_str(out, iw_str_skip(url->text, at));
    return !is_first;
}

/* "/wikipedia/commons/a/ab/X.jpg" and "/wikipedia/commons/thumb/a/ab/X.jpg/3840px-X.jpg" to the latter, narrower. */
static bool in_thumb(const struct service *s, const struct iw_url *url, const struct iw_variant_wish *wish,
                     struct iw_buf *out)
{
    static const char *const kept[] = {".jpg", ".jpeg", ".png", ".gif", ".webp"};
    uint32_t width_px = width_of(s, wish);
    struct iw_str path = url->path, parts[6], name;
    size_t count = 0;
    bool has_kept_format = false;
    path = iw_str_skip(path, 1);
    while (count < IW_ARRAY_LEN(parts) && iw_str_next(&path, '/', &parts[count]))
        count++;
    size_t hash = count > 2 && iw_str_eq(parts[2], IW_STR("thumb")) ? 3 : 2; /* behind project and language */
    if (count < hash + 3 || width_px == 0 || parts[hash].len != 1 || parts[hash + 1].len != 2)
        return false;
    name = parts[hash + 2];
    for (size_t i = 0; i < IW_ARRAY_LEN(kept); i++)
        has_kept_format = has_kept_format || iw_str_ends_nocase(name, iw_str_from(kept[i]));
    bool is_drawn = iw_str_ends_nocase(name, IW_STR(".svg"));
    iw_buf_printf(out, "%.*s/%.*s/%.*s/thumb/%.*s/%.*s/%.*s/%upx-%.*s%s", IW_STR_ARGS(url->origin),
                  IW_STR_ARGS(parts[0]), IW_STR_ARGS(parts[1]), IW_STR_ARGS(parts[hash]), IW_STR_ARGS(parts[hash + 1]),
                  IW_STR_ARGS(name), width_px, IW_STR_ARGS(name), is_drawn ? ".png" : "");
    return has_kept_format || is_drawn;
}

const char *iw_url_variant(const struct iw_url *url, const struct iw_variant_wish *wish, struct iw_buf *out)
{
    static bool (*const grammars[])(const struct service *, const struct iw_url *, const struct iw_variant_wish *,
                                    struct iw_buf *) = {
        [QUERY] = in_query, [OPTIONS] = in_options, [SEGMENT] = in_segment, [THUMB] = in_thumb};
    const struct service *s = find_service(url);
    int64_t ends_unix_s;
    iw_buf_clear(out);
    if (!s || (s->widths && width_of(s, wish) == 0) || (s->signed_by && has_key(query_of(url), s->signed_by)) ||
        iw_url_expiry(url->text, &ends_unix_s))
        return NULL;
    bool is_made = grammars[s->how](s, url, wish, out) && out->err == IW_OK;
    return is_made && !iw_str_eq(iw_buf_str(out), url->text) ? s->name : NULL;
}
