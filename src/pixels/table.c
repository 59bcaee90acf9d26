/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The decoders of a program: compiled once for each, with the tiers that it is to have (IW_HAS_TRUSTED,
 * IW_HAS_UNTRUSTED). What is not named here is not linked. */
#include "base/iw.h"
#include "pixels/inside.h"

#ifdef IW_HAS_TRUSTED
#define IF_TRUSTED(...) __VA_ARGS__
#else
#define IF_TRUSTED(...)
#endif
#ifdef IW_HAS_UNTRUSTED
#define IF_UNTRUSTED(...) __VA_ARGS__
#else
#define IF_UNTRUSTED(...)
#endif

#define IW_CODEC(name, tier) IF_##tier(extern const struct iw_codec iw_codec_##name;)
#include "pixels/codecs.def"
#undef IW_CODEC

const struct iw_codec *const iw_codecs[] = {
#define IW_CODEC(name, tier) IF_##tier(&iw_codec_##name, )
#include "pixels/codecs.def"
#undef IW_CODEC
    NULL,
};
const size_t iw_codec_count = IW_ARRAY_LEN(iw_codecs) - 1;

const struct iw_codec *iw_codec_find(const struct iw_image_format *format)
{
    for (size_t i = 0; format && i < iw_codec_count; i++)
        if (strcmp(iw_codecs[i]->format, format->name) == 0)
            return iw_codecs[i];
    return NULL;
}
