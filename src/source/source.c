/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The table of input kinds, and recognition by the first bytes. */
#include "base/iw.h"
#include "source/source.h"

#include <libxml/xmlversion.h>
#include <zlib.h>

#define IW_SOURCE(name, help) extern const struct iw_source iw_source_##name;
#include "source/sources.def"
#undef IW_SOURCE

const struct iw_source *const iw_sources[] = {
#define IW_SOURCE(name, help) &iw_source_##name,
#include "source/sources.def"
#undef IW_SOURCE
};
const size_t iw_source_count = IW_ARRAY_LEN(iw_sources);

const struct iw_source *iw_source_find(struct iw_str name)
{
    for (size_t i = 0; i < iw_source_count; i++)
        if (iw_str_eq(name, iw_str_from(iw_sources[i]->name)))
            return iw_sources[i];
    return NULL;
}

const struct iw_source *iw_source_sniff(struct iw_str head, struct iw_str name_hint, enum iw_lead_role role,
                                        bool *is_gzip)
{
    bool is_compressed = iw_str_starts(head, IW_STR("\x1F\x8B"));
    if (is_gzip)
        *is_gzip = is_compressed;
    if (is_compressed)
        return NULL;
    if (role == IW_LEAD_STYLE) /* nothing in its bytes says so */
        return iw_source_find(IW_STR("css"));
    if (iw_str_ends_nocase(name_hint, IW_STR(".gz"))) /* what it is named as inside */
        name_hint.len -= 3;
    const struct iw_source *best = NULL;
    int best_score = 0;
    for (size_t i = 0; i < iw_source_count; i++) {
        bool is_wanted = role == IW_LEAD_IMAGE || iw_sources[i]->serves == role;
        int score = is_wanted ? iw_sources[i]->sniff(head, name_hint) : 0;
        if (score > best_score) {
            best = iw_sources[i];
            best_score = score;
        }
    }
    return best;
}

const char *iw_source_versions(void)
{
    return "libxml2/" LIBXML_DOTTED_VERSION " zlib/" ZLIB_VERSION;
}
