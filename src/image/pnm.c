/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Netpbm (pbm(5), pgm(5), ppm(5), pam(5)): P1 to P6 and P7, and the PF and Pf of PFM. The first picture of a stream is
 * read; whether others follow, no header tells. What turns out to be text is declined. */
#include "base/iw.h"
#include "image/image.h"

#include "image/text.h"

enum {
    SNIFF_BYTES = 16,
    MOST_BYTES = 64 * 1024, /* comments may be long */
    WORD_BYTES = 32,
};

static const struct iw_place pnm_header = IW_PLACE("Netpbm header");

static bool is_space(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* Numbers and comments follow the first white space; the lines of a PAM begin with words. */
static bool sniff(const uint8_t *head, size_t len)
{
    if (len < 4 || head[0] != 'P')
        return false;
    if (head[1] == '7')
        return head[2] == '\n' && (head[3] == '#' || head[3] == '\n' || (head[3] >= 'A' && head[3] <= 'Z'));
    bool is_plain = head[1] >= '1' && head[1] <= '6';
    if ((!is_plain && head[1] != 'F' && head[1] != 'f') || !(is_space(head[2]) || (is_plain && head[2] == '#')))
        return false;
    size_t at = 2;
    while (at < IW_MIN(len, (size_t)SNIFF_BYTES) && is_space(head[at]))
        at++;
    return at < IW_MIN(len, (size_t)SNIFF_BYTES) && (is_digit(head[at]) || (is_plain && head[at] == '#'));
}

/* ---- P1 to P6, PF ---- */

static void skip_comments(struct iw_text *text)
{
    iw_text_skip_space(text);
    while (iw_text_peek(text) == '#') {
        iw_text_skip_line(text);
        iw_text_skip_space(text);
    }
}

/* A number with what stands in front of it. White space must follow it. */
static uint64_t number(struct iw_text *text)
{
    skip_comments(text);
    uint64_t value = iw_text_number(text);
    int c = iw_text_peek(text);
    if (!is_space(c) && c != '#')
        text->is_odd = true;
    return value;
}

/* Samples in decimal begin with a digit, where there are any: a last test against text. */
static void check_samples(struct iw_text *text)
{
    skip_comments(text);
    int c = iw_text_peek(text);
    if (c >= 0 && !is_digit(c))
        text->is_odd = true;
}

static bool take_size(struct iw_scanner *scanner, uint64_t width, uint64_t height)
{
    return iw_scanner_size(scanner, width, height, UINT32_MAX, "the Netpbm header states an impossible size");
}

static enum iw_scan scan_pnm(struct iw_text *text, unsigned kind)
{
    struct iw_image_facts *facts = text->scanner->facts;
    uint64_t width = number(text);
    uint64_t height = number(text);
    bool is_bitmap = kind == '1' || kind == '4';
    uint64_t maxval = is_bitmap ? 1 : number(text);
    if (kind <= '3')
        check_samples(text);
    if (text->is_lacking)
        return IW_SCAN_MORE;
    if (text->is_odd)
        return iw_scanner_decline(text->scanner);
    if (maxval == 0 || maxval > UINT16_MAX)
        return iw_scanner_bad(text->scanner, "the Netpbm header states an impossible maximum");
    if (!take_size(text->scanner, width, height))
        return text->scanner->lack;
    facts->bit_depth = iw_bits_of((uint32_t)maxval);
    facts->colour = kind == '3' || kind == '6' ? IW_COLOUR_RGB : IW_COLOUR_GREY;
    facts->alpha = IW_NO;
    return IW_SCAN_DONE;
}

/* The scale follows the size; its sign is the byte order. */
static enum iw_scan scan_pfm(struct iw_text *text, unsigned kind)
{
    struct iw_image_facts *facts = text->scanner->facts;
    uint64_t width = number(text);
    uint64_t height = number(text);
    skip_comments(text);
    char scale[WORD_BYTES];
    size_t len = iw_text_word(text, scale, sizeof scale);
    if (!is_space(iw_text_peek(text)) || len == 0 || len >= sizeof scale || strspn(scale, "+-.0123456789eE") != len)
        text->is_odd = true;
    if (text->is_lacking)
        return IW_SCAN_MORE;
    if (text->is_odd)
        return iw_scanner_decline(text->scanner);
    if (!take_size(text->scanner, width, height))
        return text->scanner->lack;
    facts->bit_depth = 32;
    facts->colour = kind == 'F' ? IW_COLOUR_RGB : IW_COLOUR_GREY;
    facts->alpha = IW_NO;
    return IW_SCAN_DONE;
}

/* ---- P7 ---- */

/* The lines of a PAM. */
struct pam {
    uint64_t width, height, depth, maxval;
    char tuple[WORD_BYTES];
};

static bool ends_with(const char *word, const char *end)
{
    size_t len = strlen(word);
    size_t end_len = strlen(end);
    return len >= end_len && strcmp(word + len - end_len, end) == 0;
}

/* One line; false behind the last one, or when stuck. */
static bool read_line(struct iw_text *text, struct pam *pam)
{
    skip_comments(text);
    char word[WORD_BYTES];
    iw_text_word(text, word, sizeof word);
    if (text->is_lacking || strcmp(word, "ENDHDR") == 0)
        return false;
    iw_text_skip_space(text);
    if (strcmp(word, "WIDTH") == 0)
        pam->width = iw_text_number(text);
    else if (strcmp(word, "HEIGHT") == 0)
        pam->height = iw_text_number(text);
    else if (strcmp(word, "DEPTH") == 0)
        pam->depth = iw_text_number(text);
    else if (strcmp(word, "MAXVAL") == 0)
        pam->maxval = iw_text_number(text);
    else if (strcmp(word, "TUPLTYPE") == 0)
        iw_text_word(text, pam->tuple, sizeof pam->tuple);
    else
        text->is_odd = true;
    return !text->is_odd && !text->is_lacking;
}

static void take_tuple(struct iw_image_facts *facts, const struct pam *pam)
{
    static const struct {
        const char *tuple;
        enum iw_colour colour;
    } tuples[] = {{"BLACKANDWHITE", IW_COLOUR_GREY},
                  {"GRAYSCALE", IW_COLOUR_GREY},
                  {"RGB", IW_COLOUR_RGB},
                  {"CMYK", IW_COLOUR_CMYK}};
    bool has_alpha = ends_with(pam->tuple, "_ALPHA");
    size_t len = strlen(pam->tuple) - (has_alpha ? strlen("_ALPHA") : 0);
    facts->alpha = has_alpha ? IW_YES : IW_UNKNOWN;
    for (size_t i = 0; i < IW_ARRAY_LEN(tuples); i++) {
        if (strlen(tuples[i].tuple) != len || memcmp(tuples[i].tuple, pam->tuple, len) != 0)
            continue;
        facts->colour = tuples[i].colour;
        facts->alpha = has_alpha ? IW_YES : IW_NO;
    }
}

static enum iw_scan scan_pam(struct iw_text *text)
{
    struct pam pam = {0};
    while (read_line(text, &pam))
        continue;
    if (text->is_lacking || text->is_odd)
        return iw_text_stuck(text, "the PAM header has a line that is not known");
    if (pam.depth == 0 || pam.maxval == 0 || pam.maxval > UINT16_MAX)
        return iw_scanner_bad(text->scanner, "the PAM header states an impossible depth or maximum");
    if (!take_size(text->scanner, pam.width, pam.height))
        return text->scanner->lack;
    text->scanner->facts->bit_depth = iw_bits_of((uint32_t)pam.maxval);
    take_tuple(text->scanner->facts, &pam);
    return IW_SCAN_DONE;
}

static enum iw_scan scan(const struct iw_view *view, const struct iw_wants *wants, struct iw_image_facts *facts,
                         struct iw_need *need)
{
    struct iw_scanner scanner = {.view = view, .wants = wants, .facts = facts, .need = need};
    struct iw_text text = {.scanner = &scanner, .place = &pnm_header, .at = 2, .end = MOST_BYTES};
    const uint8_t *p = iw_scanner_want(&scanner, 0, 2, &pnm_header);
    if (!p)
        return scanner.lack;
    unsigned kind = p[1];
    iw_scanner_still(&scanner);
    facts->frames = 0;
    if (kind == '7')
        return scan_pam(&text);
    return kind == 'F' || kind == 'f' ? scan_pfm(&text, kind) : scan_pnm(&text, kind);
}

const struct iw_image_format iw_image_pnm = {
    .name = "pnm",
    .title = "Netpbm",
    .mime = "image/x-portable-anymap",
    .mime_others = "image/x-portable-bitmap image/x-portable-graymap image/x-portable-greymap image/x-portable-pixmap "
                   "image/x-portable-arbitrarymap image/x-portable-floatmap",
    .extensions = "pnm pbm pgm ppm pam pfm",
    .sniff_bytes = SNIFF_BYTES,
    .sniff = sniff,
    .scan = scan,
    .has_other_beginnings = true,
};
