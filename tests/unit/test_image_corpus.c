/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The scanners over a corpus of real files with known answers, in the directory that IW_CORPUS names: every row of
 * images/truth.tsv, whole and in pieces, and every file of hostile/, which must come to an end. Skipped where there is
 * no corpus. */
#include "base/iw.h"
#include "corpus.h"
#include "image_feed.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

/* Columns of truth.tsv. */
enum { PATH, FORMAT, STORED_WIDTH, STORED_HEIGHT, WIDTH, HEIGHT, ORIENTATION, ANIMATED, ALPHA, COLUMNS };

/* With windows of 4 KB a header takes few steps; the longest chain of a hostile file must stay below this. */
enum { MOST_ROUNDS = 4200 };

struct tally {
    unsigned rows[64]; /* by place in the table of formats */
    unsigned others, invalid, wrong;
};

/* Splits a line at tabs; false when it has too few columns. */
static bool split(char *line, char *cells[COLUMNS])
{
    for (unsigned i = 0; i < COLUMNS; i++) {
        cells[i] = line;
        char *tab = strchr(line, '\t');
        if (!tab)
            return false;
        *tab = 0;
        line = tab + 1;
    }
    return true;
}

static size_t index_of(const struct iw_image_format *format)
{
    size_t i = 0;
    while (i < iw_image_format_count && iw_image_formats[i] != format)
        i++;
    return i;
}

/* The format that a cell names ("a|b": either), or NULL where it is none of the table. */
static const struct iw_image_format *named(const char *cell)
{
    for (size_t i = 0; i < iw_image_format_count; i++)
        if (corpus_names(iw_str_from(cell), iw_image_formats[i]->name))
            return iw_image_formats[i];
    return NULL;
}

static bool differs(const char *cell, uint64_t value)
{
    return strcmp(cell, "?") != 0 && strtoull(cell, NULL, 10) != value;
}

static bool differs_tri(const char *cell, enum iw_tri value)
{
    return strcmp(cell, "?") != 0 && value != (cell[0] == '1' ? IW_YES : IW_NO);
}

/* Names the first cell that disagrees, or NULL. */
static const char *disagreement(char *cells[COLUMNS], const struct feed_result *result)
{
    const struct iw_image_facts *facts = &result->facts;
    if (result->scan != IW_SCAN_DONE)
        return result->need.why;
    if (!facts->format || !corpus_names(iw_str_from(cells[FORMAT]), facts->format->name))
        return "format";
    if (differs(cells[STORED_WIDTH], facts->stored_width_px) || differs(cells[STORED_HEIGHT], facts->stored_height_px))
        return "stored size";
    if (differs(cells[WIDTH], facts->width_px) || differs(cells[HEIGHT], facts->height_px))
        return "display size";
    if (differs(cells[ORIENTATION], facts->orientation))
        return "orientation";
    if (differs_tri(cells[ANIMATED], facts->animated))
        return "animated";
    return differs_tri(cells[ALPHA], facts->alpha) ? "alpha" : NULL;
}

static bool is_one_of(const struct iw_image_format *format, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(format->name, names[i]) == 0)
            return true;
    return false;
}

/* Formats that name the offset of what they want: they are also fed nothing else but that. */
static bool is_sought(const struct iw_image_format *format)
{
    static const char *const names[] = {"tiff", "avif", "heic", "jxl", "jp2", "exr", "ktx2", "psd",
                                        "qoi",  "dds",  "icns", "ico", "cur", "pcx", "tga"};
    return is_one_of(format, names, IW_ARRAY_LEN(names));
}

/* Formats of which the corpus has no file. */
static bool is_absent(const struct iw_image_format *format)
{
    static const char *const names[] = {"farbfeld", "xpm", "xbm", "hdr", "orf", "rw2", "cr3"};
    return is_one_of(format, names, IW_ARRAY_LEN(names));
}

/* One row; what is wrong with it, or NULL. */
static const char *check_row(char *cells[COLUMNS], const uint8_t *bytes, size_t len, struct tally *tally)
{
    struct feed_result result = feed_whole(bytes, len);
    const struct iw_image_format *format = named(cells[FORMAT]), *found = result.facts.format;
    if (found && corpus_names(iw_str_from(cells[FORMAT]), found->name))
        format = found; /* either is right */
    if (strcmp(cells[FORMAT], "invalid") == 0) {
        tally->invalid++;
        return result.scan == IW_SCAN_DONE && result.facts.format ? "an invalid file was read" : NULL;
    }
    if (!format) {
        tally->others++;
        return result.facts.format ? "taken for another format" : NULL;
    }
    tally->rows[index_of(format)]++;
    const char *what = result.fault ? result.fault : disagreement(cells, &result);
    if (!what)
        what = feed_cuts(bytes, len, 4096);
    return what || !is_sought(format) ? what : feed_cuts(bytes, len, 0);
}

static const char *corpus(char *dir, size_t size, const char *folder)
{
    const char *root = getenv("IW_CORPUS");
    if (!root || !*root) {
        print_message("IW_CORPUS is not set: skipped\n");
        skip();
    }
    snprintf(dir, size, "%s/%s", root, folder);
    return dir;
}

static char *list_of(const char *dir, const char *name)
{
    size_t len;
    char *text = (char *)corpus_slurp(dir, name, &len);
    if (!text) {
        print_message("%s/%s is not there: skipped\n", dir, name);
        skip();
    }
    return text;
}

static void print_tally(const struct tally *tally)
{
    for (size_t i = 0; i < iw_image_format_count; i++)
        print_message("  %-5s %3u rows\n", iw_image_formats[i]->name, tally->rows[i]);
    print_message("  %u of other formats, %u invalid, %u wrong\n", tally->others, tally->invalid, tally->wrong);
}

static void test_truth(void **state)
{
    (void)state;
    char dir[2048];
    corpus(dir, sizeof dir, "images");
    char *text = list_of(dir, "truth.tsv");
    struct tally tally = {0};
    char *rest = strchr(text, '\n');
    while (rest && *++rest) {
        char *line = rest;
        rest = strchr(line, '\n');
        if (rest)
            *rest = 0;
        char *cells[COLUMNS];
        size_t len;
        uint8_t *bytes = split(line, cells) ? corpus_slurp(dir, cells[PATH], &len) : NULL;
        const char *what = bytes ? check_row(cells, bytes, len, &tally) : "cannot be read";
        free(bytes);
        if (!what)
            continue;
        print_error("  %s: %s\n", cells[PATH], what);
        tally.wrong++;
    }
    free(text);
    print_tally(&tally);
    assert_true(iw_image_format_count <= IW_ARRAY_LEN(tally.rows));
    for (size_t i = 0; i < iw_image_format_count; i++)
        assert_true(tally.rows[i] > 0 || is_absent(iw_image_formats[i]));
    assert_int_equal(tally.wrong, 0);
}

/* Whole, in pieces, and behind each signature of ours, so that the bytes reach a scanner at all. */
static unsigned check_hostile(const char *path, const uint8_t *bytes, size_t len)
{
    unsigned wrong = 0;
    struct feed_result whole = feed_whole(bytes, len);
    const char *what = feed_cuts(bytes, len, 4096);
    if (!what && whole.facts.format && is_sought(whole.facts.format))
        what = feed_cuts(bytes, len, 0);
    if (what)
        wrong++, print_error("  %s: %s\n", path, what);
    static const struct iw_str heads[] = {
        {"\xFF\xD8", 2},
        {"\x89PNG\r\n\x1a\n", 8},
        {"GIF89a", 6},
        {"RIFF\0\0\1\0WEBPVP8X\x0A\0\0\0\x0A\0\0\0", 24},
        {"II*\0\x08\0\0\0", 8},
        {"MM\0+\0\x08\0\0\0\0\0\0\0\0\0\x10", 16},
        {"\0\0\0\x10"
         "ftypmif1\0\0\0\0\0\0\0\0metaxxxx",
         28},
        {"\0\0\0\x14"
         "ftypmsf1\0\0\0\0avis\0\0\0\0moov",
         28},
        {"\xFF\x0A", 2},
        {"\0\0\0\x0CjP  \r\n\x87\n\0\0\0\0jp2h", 20},
        {"\xFF\x4F\xFF\x51", 4},
        {"\x76\x2F\x31\x01\2\0\0\0", 8},
        {"#?RADIANCE\n", 11},
        {"<svg ", 5},
        {"\0\0\0\x0CJXL \r\n\x87\n\0\0\0\0jxlc\xFF\x0A", 22},
        {"P6\n", 3},
        {"/* XPM */", 9},
        {"#define a_width 1\n", 18},
        {"icns\xFF\xFF\xFF\xFF", 8},
        {"P7\nWIDTH 1\n", 11},
        {"\0\0\1\0\2\0\x20\x20\0\0\0\0\0\0\1\0\0\0\x26\0\0\0", 22},
    };
    uint8_t *copy = malloc(len + 32);
    if (!copy)
        return wrong + 1;
    for (size_t i = 0; i < IW_ARRAY_LEN(heads); i++) {
        memcpy(copy, heads[i].ptr, heads[i].len);
        memcpy(copy + heads[i].len, bytes, len);
        struct feed_plan plan = {.first_bytes = 1, .least_bytes = 4096, .is_growing = true};
        plan.wants = (struct iw_wants){.animation = true, .trailing_exif = true};
        struct feed_result result = feed_run(copy, len + heads[i].len, &plan);
        if (result.fault || result.rounds > MOST_ROUNDS)
            wrong++, print_error("  %s: %s\n", path, result.fault ? result.fault : "too many rounds");
    }
    free(copy);
    return wrong;
}

static void test_hostile(void **state)
{
    (void)state;
    char dir[2048];
    corpus(dir, sizeof dir, "hostile");
    char *text = list_of(dir, "files.tsv");
    unsigned files = 0;
    unsigned wrong = 0;
    char *rest = strchr(text, '\n');
    while (rest && *++rest) {
        char *line = rest;
        rest = strchr(line, '\n');
        line[strcspn(line, "\t\n")] = 0;
        size_t len;
        uint8_t *bytes = corpus_slurp(dir, line, &len);
        files++;
        wrong += bytes ? check_hostile(line, bytes, len) : 1;
        free(bytes);
    }
    free(text);
    print_message("  %u hostile files, %u wrong\n", files, wrong);
    assert_true(files > 0);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_truth),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
