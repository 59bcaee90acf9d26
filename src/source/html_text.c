/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Character references by the rules for attributes: one without semicolon counts only where it is an old one and
 * neither "=" nor a letter or digit follows, so that "?a=1&copy=2" stays as it is. Names are those of HTML 4, as
 * libxml2 has them, and the punctuation of HTML5 that may occur in URLs. Encodings are converted value by value: all
 * that are known here have ASCII for markup. */
#include "base/iw.h"
#include "source/html_text.h"

#include "base/utf8.h"

#include <errno.h>
#include <iconv.h>
#include <libxml/HTMLparser.h>

enum { LONGEST_NAME = 32, CONVERTED_BYTES = 256 };

/* ---- character references ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alphanumeric(char c)
{
    char lower = (char)(c | 0x20);
    return is_digit(c) || (lower >= 'a' && lower <= 'z');
}

static int digit_of(char c, bool is_hex)
{
    if (is_digit(c))
        return c - '0';
    char lower = (char)(c | 0x20);
    return is_hex && lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* What a number stands for: C1 controls are meant as windows-1252. */
static uint32_t character_of(uint32_t number)
{
    static const uint16_t windows[32] = {
        0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178,
    };
    if (number >= 0x80 && number < 0xA0)
        return windows[number - 0x80];
    return number == 0 || number > 0x10FFFF || (number >= 0xD800 && number <= 0xDFFF) ? 0xFFFD : number;
}

/* "&#..." of text; 0: it is none. */
static size_t number(struct iw_str text, uint32_t *out_character)
{
    bool is_hex = text.len > 2 && (text.ptr[2] | 0x20) == 'x';
    size_t start = is_hex ? 3 : 2, n = start;
    uint32_t value = 0;
    for (int digit; n < text.len && (digit = digit_of(text.ptr[n], is_hex)) >= 0; n++)
        value = IW_MIN(value * (is_hex ? 16 : 10) + (uint32_t)digit, (uint32_t)0x110000);
    if (n == start)
        return 0;
    *out_character = character_of(value);
    return n + (n < text.len && text.ptr[n] == ';');
}

struct named {
    const char *name;
    uint32_t character;
};

static uint32_t find(const char *name, const struct named *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, rows[i].name) == 0)
            return rows[i].character;
    return 0;
}

static uint32_t named_character(const char *name)
{
    static const struct named more[] = {
        {"AMP", '&'},    {"COPY", 0xA9},    {"GT", '>'},     {"LT", '<'},     {"QUOT", '"'},  {"REG", 0xAE},
        {"Tab", '\t'},   {"NewLine", '\n'}, {"apos", '\''},  {"ast", '*'},    {"bsol", '\\'}, {"colon", ':'},
        {"comma", ','},  {"commat", '@'},   {"dollar", '$'}, {"equals", '='}, {"excl", '!'},  {"grave", '`'},
        {"lbrace", '{'}, {"lbrack", '['},   {"lcub", '{'},   {"lowbar", '_'}, {"lpar", '('},  {"lsqb", '['},
        {"num", '#'},    {"percnt", '%'},   {"period", '.'}, {"plus", '+'},   {"quest", '?'}, {"rbrace", '}'},
        {"rbrack", ']'}, {"rcub", '}'},     {"rpar", ')'},   {"rsqb", ']'},   {"semi", ';'},  {"sol", '/'},
        {"vert", '|'},   {"verbar", '|'},
    };
    const htmlEntityDesc *entity = htmlEntityLookup((const xmlChar *)name);
    return entity ? entity->value : find(name, more, IW_ARRAY_LEN(more));
}

/* Whether a name counts without semicolon: those of ISO 8859-1, and the four of markup. */
static bool is_old(const char *name, uint32_t character)
{
    static const char *const old[] = {"amp", "AMP", "lt", "LT", "gt", "GT", "quot", "QUOT"};
    for (size_t i = 0; i < IW_ARRAY_LEN(old); i++)
        if (strcmp(name, old[i]) == 0)
            return true;
    return character >= 0xA0 && character <= 0xFF;
}

static size_t name(struct iw_str text, uint32_t *out_character)
{
    char terminated[LONGEST_NAME + 1];
    size_t n = 0;
    while (n < LONGEST_NAME && n + 1 < text.len && is_alphanumeric(text.ptr[n + 1])) {
        terminated[n] = text.ptr[n + 1];
        n++;
    }
    terminated[n] = '\0';
    char next = n + 1 < text.len ? text.ptr[n + 1] : ' ';
    if (n == 0 || is_alphanumeric(next))
        return 0;
    *out_character = named_character(terminated);
    if (*out_character == 0 || (next != ';' && (next == '=' || !is_old(terminated, *out_character))))
        return 0;
    return n + 1 + (next == ';');
}

size_t iw_html_unit(struct iw_str text, struct iw_buf *out)
{
    uint32_t character = 0;
    size_t n = 0;
    if (text.ptr[0] == '&' && text.len > 1)
        n = text.ptr[1] == '#' ? number(text, &character) : name(text, &character);
    if (n == 0) {
        iw_buf_add_char(out, text.ptr[0]);
        return 1;
    }
    char bytes[4];
    size_t len = iw_utf8_put(character, bytes);
    iw_buf_add(out, bytes, len);
    return n;
}

void iw_html_decode(struct iw_str text, struct iw_buf *out)
{
    while (text.len) {
        size_t n = iw_str_find(text, '&');
        iw_buf_add(out, text.ptr, n);
        text = iw_str_skip(text, n);
        if (text.len)
            text = iw_str_skip(text, iw_html_unit(text, out));
    }
}

/* ---- encodings ---- */

void iw_html_charset_set(struct iw_html_charset *charset, struct iw_str label)
{
    static const struct {
        const char *label, *name; /* NULL: UTF-8 */
    } rows[] = {
        {"utf-8", NULL},
        {"utf8", NULL},
        {"unicode-1-1-utf-8", NULL},
        {"utf-16", NULL}, /* a document that says so in ASCII is none */
        {"utf-16le", NULL},
        {"utf-16be", NULL},
        {"windows-1252", "WINDOWS-1252"},
        {"iso-8859-1", "WINDOWS-1252"},
        {"latin1", "WINDOWS-1252"},
        {"us-ascii", "WINDOWS-1252"},
        {"ascii", "WINDOWS-1252"},
        {"cp1252", "WINDOWS-1252"},
        {"iso-8859-2", "ISO-8859-2"},
        {"iso-8859-3", "ISO-8859-3"},
        {"iso-8859-4", "ISO-8859-4"},
        {"iso-8859-5", "ISO-8859-5"},
        {"iso-8859-6", "ISO-8859-6"},
        {"iso-8859-7", "ISO-8859-7"},
        {"iso-8859-8", "ISO-8859-8"},
        {"iso-8859-9", "WINDOWS-1254"},
        {"iso-8859-10", "ISO-8859-10"},
        {"iso-8859-13", "ISO-8859-13"},
        {"iso-8859-14", "ISO-8859-14"},
        {"iso-8859-15", "ISO-8859-15"},
        {"iso-8859-16", "ISO-8859-16"},
        {"windows-1250", "WINDOWS-1250"},
        {"windows-1251", "WINDOWS-1251"},
        {"windows-1253", "WINDOWS-1253"},
        {"windows-1254", "WINDOWS-1254"},
        {"windows-1255", "WINDOWS-1255"},
        {"windows-1256", "WINDOWS-1256"},
        {"windows-1257", "WINDOWS-1257"},
        {"windows-1258", "WINDOWS-1258"},
        {"windows-874", "CP874"},
        {"tis-620", "CP874"},
        {"koi8-r", "KOI8-R"},
        {"koi8-u", "KOI8-U"},
        {"macintosh", "MACINTOSH"},
        {"shift_jis", "CP932"},
        {"shift-jis", "CP932"},
        {"sjis", "CP932"},
        {"x-sjis", "CP932"},
        {"windows-31j", "CP932"},
        {"euc-jp", "EUC-JP"},
        {"euc-kr", "CP949"},
        {"ks_c_5601-1987", "CP949"},
        {"gb2312", "GB18030"},
        {"gbk", "GB18030"},
        {"gb18030", "GB18030"},
        {"big5", "BIG5-HKSCS"},
        {"big5-hkscs", "BIG5-HKSCS"},
    };
    label = iw_str_trim(label);
    for (size_t i = 0; i < IW_ARRAY_LEN(rows) && !charset->is_known; i++) {
        if (iw_str_eq_nocase(label, iw_str_from(rows[i].label))) {
            charset->is_known = true;
            charset->name = rows[i].name;
            charset->is_utf8 = !rows[i].name;
        }
    }
}

struct iw_str iw_html_charset_of(struct iw_str content_type)
{
    static const struct iw_str word = {"charset", 7};
    for (; content_type.len; content_type = iw_str_skip(content_type, 1)) {
        if (!iw_str_starts_nocase(content_type, word))
            continue;
        struct iw_str value = iw_str_trim(iw_str_skip(content_type, word.len));
        if (value.len == 0 || value.ptr[0] != '=')
            continue;
        value = iw_str_trim(iw_str_skip(value, 1));
        bool is_quoted = value.len && (value.ptr[0] == '"' || value.ptr[0] == '\'');
        if (is_quoted)
            return iw_str_sub(value, 1, iw_str_find(iw_str_skip(value, 1), value.ptr[0]));
        size_t end = iw_str_find(value, ';');
        return iw_str_sub(value, 0, IW_MIN(end, iw_str_find(value, ' ')));
    }
    return IW_STR_NONE;
}

static bool is_ascii(struct iw_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] >= 0x80)
            return false;
    return true;
}

struct iw_str iw_html_convert(const struct iw_html_charset *charset, struct iw_str text, struct iw_buf *out)
{
    const char *name = charset->name;
    if (charset->is_utf8 || is_ascii(text))
        return text;
    if (!charset->is_known && iw_utf8_valid(text) == text.len)
        return text;
    iconv_t converter = iconv_open("UTF-8", name ? name : "WINDOWS-1252");
    if (converter == (iconv_t)-1)
        return text;
    char *in = (char *)(uintptr_t)text.ptr;
    size_t left = text.len;
    iw_buf_clear(out);
    while (left && out->err == IW_OK) {
        char room[CONVERTED_BYTES], *to = room;
        size_t free_bytes = sizeof room;
        bool is_bad = iconv(converter, &in, &left, &to, &free_bytes) == (size_t)-1 && errno != E2BIG;
        iw_buf_add(out, room, sizeof room - free_bytes);
        if (is_bad && left) { /* no character of that encoding, or half of one */
            iw_buf_add_str(out, IW_STR("\xEF\xBF\xBD"));
            in++;
            left--;
        }
    }
    iconv_close(converter);
    return out->err == IW_OK ? iw_buf_str(out) : text;
}
