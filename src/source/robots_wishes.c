/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What pages ask of robots: the words of <meta name=robots> and of X-Robots-Tag, as Google documents them. Words that
 * are about an index (noindex, noarchive, nosnippet ...) ask nothing of a program that keeps none. Of words that
 * contradict each other the stricter counts, as it does there. */
#include "base/iw.h"
#include "source/source.h"

/* Words that have a value behind a colon; before any other colon stands the name of an agent. */
static bool has_value(struct iw_str name)
{
    static const char *const names[] = {"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"};
    for (size_t i = 0; i < IW_ARRAY_LEN(names); i++)
        if (iw_str_eq_nocase(name, iw_str_from(names[i])))
            return true;
    return false;
}

static unsigned wish_of(struct iw_str word)
{
    if (iw_str_eq_nocase(word, IW_STR("noimageindex")))
        return IW_WISH_NO_IMAGES;
    bool is_nofollow = iw_str_eq_nocase(word, IW_STR("nofollow")) || iw_str_eq_nocase(word, IW_STR("none"));
    return is_nofollow ? IW_WISH_NO_LINKS : 0;
}

/* One line. The name of an agent holds for what follows it. */
static unsigned read_line(struct iw_str line)
{
    unsigned wishes = 0;
    bool is_for_us = true;
    struct iw_str piece;
    while (iw_str_next(&line, ',', &piece)) {
        size_t colon = iw_str_find(piece, ':');
        struct iw_str name = iw_str_trim(iw_str_sub(piece, 0, colon));
        if (colon < piece.len && !has_value(name)) {
            is_for_us = iw_str_eq_nocase(name, IW_STR(IW_ROBOTS_AGENT));
            piece = iw_str_skip(piece, colon + 1);
        }
        if (is_for_us)
            wishes |= wish_of(iw_str_trim(piece));
    }
    return wishes;
}

unsigned iw_robots_wishes(struct iw_str text)
{
    unsigned wishes = 0;
    struct iw_str line;
    while (iw_str_next(&text, '\n', &line))
        wishes |= read_line(line);
    return wishes;
}
