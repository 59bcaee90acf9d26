/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What the names of columns and elements say of what they hold. */
#include "base/iw.h"
#include "source/inside.h"

enum { NAME_BYTES = 40 };

/* Letters alone, lower-cased, so that "Image Src", "image_src" and "g:image_src 2" are one name. */
static struct iw_str squeeze(struct iw_str name, char space[NAME_BYTES])
{
    size_t colon = iw_str_find(name, ':'), n = 0;
    if (colon < name.len)
        name = iw_str_skip(name, colon + 1);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
        if (is_letter && n == NAME_BYTES)
            return IW_STR("");
        if (is_letter)
            space[n++] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    return (struct iw_str){space, n};
}

enum iw_source_naming iw_source_naming(struct iw_str raw)
{
    static const struct {
        struct iw_str name;
        enum iw_source_naming naming;
    } rows[] = {
        {{"imagelink", 9}, IW_NAMING_IMAGE}, /* Google Merchant and Meta: image_link, "image link" */
        {{"additionalimagelink", 19}, IW_NAMING_IMAGE},
        {{"lifestyleimagelink", 18}, IW_NAMING_IMAGE},
        {{"imagesrc", 8}, IW_NAMING_IMAGE}, /* Shopify: Image Src, Variant Image */
        {{"variantimage", 12}, IW_NAMING_IMAGE},
        {{"productimageurl", 15}, IW_NAMING_IMAGE}, /* Shopify's later template; Wix: productImageUrl */
        {{"variantimageurl", 15}, IW_NAMING_IMAGE},
        {{"images", 6}, IW_NAMING_IMAGE},    /* WooCommerce */
        {{"baseimage", 9}, IW_NAMING_IMAGE}, /* Magento */
        {{"additionalimages", 16}, IW_NAMING_IMAGE},
        {{"smallimage", 10}, IW_NAMING_IMAGE},
        {{"thumbnailimage", 14}, IW_NAMING_IMAGE},
        {{"swatchimage", 11}, IW_NAMING_IMAGE},
        {{"imageurlsxyz", 12}, IW_NAMING_IMAGE},    /* PrestaShop: Image URLs (x,y,z...) */
        {{"swatchimageurl", 14}, IW_NAMING_IMAGE},  /* Amazon */
        {{"hostedimageurls", 15}, IW_NAMING_IMAGE}, /* Squarespace */
        {{"itemphotourl", 12}, IW_NAMING_IMAGE},    /* eBay */
        {{"image", 5}, IW_NAMING_IMAGE},            /* in general; also image_1, image[0].url */
        {{"imageurl", 8}, IW_NAMING_IMAGE},
        {{"imageurls", 9}, IW_NAMING_IMAGE},
        {{"imagefile", 9}, IW_NAMING_IMAGE},
        {{"mainimage", 9}, IW_NAMING_IMAGE},
        {{"mainimageurl", 12}, IW_NAMING_IMAGE},
        {{"otherimageurl", 13}, IW_NAMING_IMAGE},
        {{"productimage", 12}, IW_NAMING_IMAGE},
        {{"img", 3}, IW_NAMING_IMAGE},
        {{"imgs", 4}, IW_NAMING_IMAGE},
        {{"imgurl", 6}, IW_NAMING_IMAGE},
        {{"imgsrc", 6}, IW_NAMING_IMAGE},
        {{"picture", 7}, IW_NAMING_IMAGE},
        {{"pictures", 8}, IW_NAMING_IMAGE},
        {{"pictureurl", 10}, IW_NAMING_IMAGE},
        {{"photo", 5}, IW_NAMING_IMAGE},
        {{"photos", 6}, IW_NAMING_IMAGE},
        {{"photourl", 8}, IW_NAMING_IMAGE},
        {{"thumbnail", 9}, IW_NAMING_IMAGE},
        {{"thumbnailurl", 12}, IW_NAMING_IMAGE},
        {{"url", 3}, IW_NAMING_URL},
        {{"urls", 4}, IW_NAMING_URL},
        {{"link", 4}, IW_NAMING_URL},
        {{"links", 5}, IW_NAMING_URL},
        {{"src", 3}, IW_NAMING_URL},
        {{"href", 4}, IW_NAMING_URL},
    };
    char space[NAME_BYTES];
    struct iw_str name = squeeze(iw_str_trim(raw), space);
    for (size_t i = 0; i < IW_ARRAY_LEN(rows); i++)
        if (iw_str_eq(name, rows[i].name))
            return rows[i].naming;
    return IW_NAMING_OTHER;
}
