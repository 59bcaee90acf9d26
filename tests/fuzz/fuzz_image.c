/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Image headers of every format, or of the one that IW_FUZZ_FORMAT names, inputs that are none of it passed over. The
 * first byte says how the rest is cut into windows and whether the size of the
 * file is known. Whatever the bytes: a MORE lies inside the file and asks for something that is not in hand, the
 * questions end, a final answer has a size or a reason, and it is the same however the bytes were cut. */
#include "base/iw.h"
#include "../unit/image_build.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static const struct iw_image_format *only; /* NULL: every format */

enum {
    MOST_BYTES = 8192, /* longer files only take longer */
    FEW_BYTES = 256,   /* files that are cut byte by byte */
    MOST_CUTS = 24,    /* of longer ones */
    UNKNOWN_TOTAL = 1,
    FIRST_SHIFT = 1, /* two bits: the first window */
    NO_ANIMATION = 8,
    NO_EXIF = 16,
    LARGE_STEPS = 32,
    SOUND_CHECKSUM = 64, /* repair that of IHDR, which chance does not hit */
    GROWING = 128,
};

static void hold(const char *broken)
{
    if (!broken)
        return;
    fprintf(stderr, "broken: %s\n", broken);
    abort();
}

static const char *reason(const struct feed_result *result)
{
    return result->need.why ? result->need.why : "done";
}

/* The whole in hand of a file that is, or may be, longer: whatever is asked for must be lacking. */
static void scan_longer(const uint8_t *bytes, size_t size, uint64_t total, const struct iw_wants *wants)
{
    struct feed_plan plan = {.first_bytes = size, .wants = *wants};
    struct feed *feed = feed_new(bytes, size, &plan);
    struct feed_result result = {0};
    feed->view.total_bytes = total;
    result.scan = iw_image_scan(&feed->view, wants, &result.facts, &result.need);
    if (result.scan == IW_SCAN_MORE)
        hold(feed_check_need(feed, &result.need));
    else
        hold(feed_check_end(&result));
    if (result.scan == IW_SCAN_MORE && result.need.has_size_already && !result.facts.width_px)
        hold("MORE claims a size that is not there");
    feed_free(feed);
}

/* How much a MORE gets at least. Cut byte by byte, a scan takes time by the square of what it reads, so a longer file
 * is cut in a few places, which its bytes choose. */
static size_t step(const uint8_t *bytes, size_t size, unsigned choice)
{
    if (size <= FEW_BYTES)
        return choice & LARGE_STEPS ? FEW_BYTES : 0;
    size_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum = sum * 31 + bytes[i];
    return size / MOST_CUTS + sum % (choice & LARGE_STEPS ? FEW_BYTES : MOST_CUTS);
}

static void check(const uint8_t *bytes, size_t size, unsigned choice)
{
    static const size_t firsts[] = {1, 7, 64, 4096};
    struct iw_wants wants = {.animation = !(choice & NO_ANIMATION), .trailing_exif = !(choice & NO_EXIF)};
    struct feed_plan at_once = {.first_bytes = size, .wants = wants};
    struct feed_plan in_pieces = {.first_bytes = firsts[choice >> FIRST_SHIFT & 3],
                                  .least_bytes = step(bytes, size, choice),
                                  .is_total_unknown = choice & UNKNOWN_TOTAL,
                                  .is_growing = choice & GROWING,
                                  .wants = wants};
    struct feed_result whole = feed_run(bytes, size, &at_once);
    struct feed_result cut = feed_run(bytes, size, &in_pieces);
    hold(whole.fault);
    hold(cut.fault);
    hold(whole.rounds ? "MORE though all is in hand" : NULL);
    const char *what = feed_differ(&whole, &cut);
    if (what)
        fprintf(stderr, "whole: %s\nin pieces: %s\n", reason(&whole), reason(&cut));
    hold(what);
    scan_longer(bytes, size, (uint64_t)size + 100, &wants);
    scan_longer(bytes, size, UINT64_MAX, &wants);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    const char *name = getenv("IW_FUZZ_FORMAT");
    only = name ? iw_image_format_find(iw_str_from(name)) : NULL;
    if (name && !only) {
        fprintf(stderr, "IW_FUZZ_FORMAT: there is no format \"%s\"\n", name);
        exit(2);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { IHDR_AT = 12, IHDR_CRC_AT = 29, IHDR_END = 33 };
    if (size < 1 || (only && !only->sniff(data + 1, size - 1)))
        return 0;
    size_t len = IW_MIN(size - 1, (size_t)MOST_BYTES);
    uint8_t *bytes = malloc(len + 1);
    if (!bytes)
        return 0;
    memcpy(bytes, data + 1, len);
    if ((data[0] & SOUND_CHECKSUM) && len >= IHDR_END) {
        struct made crc = {.ptr = bytes + IHDR_CRC_AT};
        put_be(&crc, made_crc(bytes + IHDR_AT, IHDR_CRC_AT - IHDR_AT), 4);
    }
    check(bytes, len, data[0]);
    free(bytes);
    return 0;
}
