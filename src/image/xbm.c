/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* X bitmaps (XReadBitmapFile of Xlib, section 16.9): C source that defines NAME_width and NAME_height, perhaps a hot
 * spot, and an array NAME_bits. All of that must come within the first MOST_BYTES, else it is other source and
 * declined. Files that begin with a comment are not recognised: any C source might. */
#include "base/iw.h"
#include "image/image.h"

#include "image/text.h"

enum { SNIFF_BYTES = 64, MOST_BYTES = 4096, NAME_BYTES = 256, MOST_DEFINES = 8 };

static const struct iw_place bitmap_header = IW_PLACE("bitmap header");

static bool ends_with(const char *word, size_t len, const char *end)
{
    size_t end_len = strlen(end);
    return len >= end_len && memcmp(word + len - end_len, end, end_len) == 0;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* #define NAME_width and a digit, within a line of SNIFF_BYTES. */
static bool sniff(const uint8_t *head, size_t len)
{
    static const char define[] = "#define";
    size_t at = sizeof define - 1;
    len = IW_MIN(len, (size_t)SNIFF_BYTES);
    if (len <= at || memcmp(head, define, at) != 0 || !is_blank(head[at]))
        return false;
    while (at < len && is_blank(head[at]))
        at++;
    size_t name = at;
    while (at < len && head[at] > ' ')
        at++;
    if (!ends_with((const char *)head + name, at - name, "width"))
        return false;
    while (at < len && is_blank(head[at]))
        at++;
    return at < len && head[at] >= '0' && head[at] <= '9';
}

/* The defines, in any order; what else they define is a hot spot. */
static void read_defines(struct iw_text *text, uint64_t *width, uint64_t *height)
{
    char name[NAME_BYTES];
    for (unsigned i = 0; i < MOST_DEFINES; i++) {
        iw_text_skip_space(text);
        if (!iw_text_take(text, "#define"))
            return;
        iw_text_skip_space(text);
        size_t len = iw_text_word(text, name, sizeof name);
        iw_text_skip_space(text);
        if (len >= sizeof name)
            text->is_odd = true;
        else if (ends_with(name, len, "width"))
            *width = iw_text_number(text);
        else if (ends_with(name, len, "height"))
            *height = iw_text_number(text);
        iw_text_skip_line(text);
    }
}

/* The array behind them: static [const] [unsigned] char NAME_bits[]. */
static void read_array(struct iw_text *text)
{
    char word[NAME_BYTES];
    static const char *const words[] = {"static", "const", "unsigned", "char", "short"};
    for (size_t i = 0; i < IW_ARRAY_LEN(words); i++)
        if (iw_text_take(text, words[i]))
            iw_text_skip_space(text);
    size_t len = iw_text_word(text, word, sizeof word);
    size_t name = strcspn(word, "[");
    if (len >= sizeof word || !ends_with(word, name, "bits"))
        text->is_odd = true;
    if (name == len)
        iw_text_skip_space(text);
    if (word[name] != '[' && iw_text_peek(text) != '[')
        text->is_odd = true;
}

static enum iw_scan scan(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                         struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    struct iw_text text = {.scanner = &scanner, .place = &bitmap_header, .end = MOST_BYTES};
    uint64_t width = UINT64_MAX;
    uint64_t height = UINT64_MAX;
    read_defines(&text, &width, &height);
    read_array(&text);
    if (text.is_lacking)
        return IW_SCAN_MORE;
    if (text.is_odd || height == UINT64_MAX)
        return iw_scanner_decline(&scanner);
    if (!iw_scanner_size(&scanner, width, height, UINT32_MAX, "the bitmap header states an impossible size"))
        return scanner.lack;
    iw_scanner_still(&scanner);
    facts->alpha = IW_NO;
    facts->colour = IW_COLOUR_GREY;
    facts->bit_depth = 1;
    return IW_SCAN_DONE;
}

const struct iw_image_format iw_image_xbm = {
    .name = "xbm",
    .title = "X bitmap",
    .mime = "image/x-xbitmap",
    .mime_others = "image/x-xbm image/xbm",
    .extensions = "xbm",
    .sniff_bytes = SNIFF_BYTES,
    .sniff = sniff,
    .scan = scan,
    .has_other_beginnings = true,
};
