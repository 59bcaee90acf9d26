/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Every sitemap, feed and robots.txt of the corpus in the directory that IW_CORPUS names: how many leads of which kind,
 * the first and the last, or a clear error. Each is read whole and in pieces. Skipped where there is no corpus. */
#include "base/iw.h"
#include "source_feed.h"

#include <dirent.h>

static const struct expectation {
    const char *path; /* below sitemaps/ */
    const char *kind; /* what it must be recognised as */
    size_t pages, images, documents;
    const char *first, *last; /* URLs; NULL where there is none */
    const char *error;        /* part of its text; NULL: none */
} expectations[] = {
    {"atom.xml", "feed", 0, 0, 0, NULL, NULL, NULL},
    {"do-not-visit.txt", "list", 0, 1, 0, "http://www.example.com/do-not-visit-here",
     "http://www.example.com/do-not-visit-here", NULL},
    {"sitemap-with-bom.txt", "list", 0, 2, 0, "http://www.domain.com/page1.html", "http://www.domain.com/page2.html",
     NULL},
    {"sitemap.txt", "list", 0, 2, 0, "http://www.domain.com/page1.html", "http://www.domain.com/page2.html", NULL},
    {"sitemap.txt.gz", "list", 0, 5, 0, "http://www.example.com/",
     "http://www.example.com/catalog?item=83&desc=vacation_usa", NULL},
    {"xmlSitemap.gz", "sitemap", 5, 0, 0, "http://www.example.com/",
     "http://www.example.com/catalog?item=83&desc=vacation_usa", NULL},
    {"sitemap.badns.xml", "sitemap", 2, 0, 0, "http://www.example.com/1", "http://www.example.com/2", NULL},
    {"sitemap.ns.xml", "sitemap", 2, 0, 0, "http://www.example.com/1", "http://www.example.com/2", NULL},
    {"sitemap.index.xml", "sitemap", 0, 0, 15, "https://example.com/sitemap.jss?portalCode=10260&lang=en",
     "https://example.com/sitemap.jss?portalCode=10570&lang=en", NULL},
    {"extension/hebdenbridgetimes-articles-sitemap.xml", "sitemap", 74, 100, 0,
     "http://www.hebdenbridgetimes.co.uk/news/local/video-tour-de-yorkshire-in-calderdale-1-7242580",
     "http://www.hebdenbridgetimes.co.uk/webimage/1.7229939!/image/632565411.jpg_gen/derivatives/landscape_595/"
     "632565411.jpg",
     NULL},
    {"extension/pagemaps-sitemap.xml", "sitemap", 2, 0, 0, "http://www.example.com/foo", "http://www.example.com/bar",
     NULL},
    {"extension/shinpaideshou-news-sitemap.xml", "sitemap", 3, 0, 0,
     "https://shinpaideshou.wordpress.com/2017/04/25/job-opening-reischauer-policy-research-fellow/",
     "https://shinpaideshou.wordpress.com/2017/04/24/job-opening-lecturer-in-japanese-studies-university-of-leeds/",
     NULL},
    {"extension/sitemap-images.xml", "sitemap", 1, 2, 0, "http://www.example.com/images/some_image_landing_page.html",
     "http://example.com/photo.jpg", NULL},
    {"extension/sitemap-links.xml", "sitemap", 3, 0, 0, "http://www.example.com/english/",
     "http://www.example.com/schweiz-deutsch/", NULL},
    {"extension/sitemap-mobile.xml", "sitemap", 3, 0, 0, "http://www.example.com/mobile-friendly-1/",
     "http://www.example.com/no-mobile/", NULL},
    {"extension/sitemap-news.xml", "sitemap", 2, 0, 0, "http://www.example.org/business/article55.html",
     "http://www.example.org/empty_news_name.html", NULL},
    {"extension/sitemap-videos-tvshow.xml", "sitemap", 1, 1, 0, "https://example.org/my-tv-show.jpg",
     "https://example.org/my-tv-show/23/13/", NULL},
    {"extension/sitemap-videos.xml", "sitemap", 3, 3, 0, "http://www.example.com/videos/some_video_landing_page.html",
     "http://www.example.com/thumbs/123-3.jpg", NULL},
    {"rss/feed.rss", "feed", 0, 0, 0, NULL, NULL, NULL},
    {"rss/xmlRss_pubDate.xml", "feed", 0, 0, 0, NULL, NULL, NULL},
    {"robots/astore.amazon.com-robots.txt", "robots", 0, 0, 0, NULL, NULL, NULL},
    {"robots/crawl-delay-group-merging.txt", "robots", 0, 0, 0, NULL, NULL, NULL},
    {"robots/directive-typos-robots.txt", "robots", 0, 0, 0, NULL, NULL, NULL},
    {"robots/dos-line-endings.txt", "robots", 0, 0, 0, NULL, NULL, NULL},
    {"robots/extended-standard-robots.txt", "robots", 0, 0, 0, NULL, NULL, NULL},
    {"robots/extension-robots.txt", "robots", 0, 0, 1, "/sitemap.xml", "/sitemap.xml", NULL},
    {"robots/extensions-group-merging.txt", "robots", 0, 0, 0, NULL, NULL, NULL},
    {"robots/format-errors-robots.txt", "robots", 0, 0, 1, "/sitemap.xml", "/sitemap.xml", NULL},
    {"robots/malformed-path.txt", "robots", 0, 0, 0, NULL, NULL, NULL},
    {"robots/many-user-agents.txt", "robots", 0, 0, 0, NULL, NULL, NULL},
    {"robots/merge-rules.txt", "robots", 0, 0, 0, NULL, NULL, NULL},
    {"robots/precedence-of-rules.txt", "robots", 0, 0, 0, NULL, NULL, NULL},
    {"robots/relative-sitemap-robots.txt", "robots", 0, 0, 1, "/sitemap.xml", "/sitemap.xml", NULL},
    {"robots/rfc9309-example-longest-match-robots.txt", "robots", 0, 0, 0, NULL, NULL, NULL},
    {"robots/rfc9309-example-rule-group-merging.txt", "robots", 0, 0, 0, NULL, NULL, NULL},
    {"robots/rfc9309-example-simple-robots.txt", "robots", 0, 0, 0, NULL, NULL, NULL},
    {"robots/robots-with-utf16be-bom.txt", "robots", 0, 0, 1, "http://www.newsweek.com/sitemap_index.xml",
     "http://www.newsweek.com/sitemap_index.xml", NULL},
    {"robots/robots-with-utf16le-bom.txt", "robots", 0, 0, 1, "http://www.newsweek.com/sitemap_index.xml",
     "http://www.newsweek.com/sitemap_index.xml", NULL},
    {"robots/robots-with-utf8-bom.txt", "robots", 0, 0, 1, "http://www.newsweek.com/sitemap_index.xml",
     "http://www.newsweek.com/sitemap_index.xml", NULL},
    {"robots/sitemap-robots-dedup.txt", "robots", 0, 0, 2, "http://example.org/sitemap.xml",
     "http://example.org/sitemap.xml", NULL},
    {"robots/sitemap-robots.txt", "robots", 0, 0, 3, "http://domain.com/sitemap.xml",
     "http://domain.com/dir/MixedCased-sitemap.xml", NULL},
    {"robots/twitter.com-robots.txt", "robots", 0, 0, 0, NULL, NULL, NULL},
    {"robots/wildcards.txt", "robots", 0, 0, 8, "http://www.amazon.com/sitemap-manual-index.xml",
     "http://www.amazon.com/sitemaps.c21f969b5f03d33.SitemapIndex_0.xml.gz", NULL},
    {"robots/www.flot.com-robots.txt", "robots", 0, 0, 1, "http://flot.com/sitemap_index.xml",
     "http://flot.com/sitemap_index.xml", NULL},
};

/* sitemaps/ of the corpus; NULL where there is none. */
static const char *corpus(char space[4096])
{
    const char *root = getenv("IW_CORPUS");
    if (!root || !root[0])
        return NULL;
    snprintf(space, 4096, "%s/sitemaps", root);
    DIR *dir = opendir(space);
    if (!dir)
        return NULL;
    closedir(dir);
    return space;
}

static struct iw_buf slurp(const char *dir, const char *path)
{
    char name[8192];
    snprintf(name, sizeof name, "%s/%s", dir, path);
    struct iw_buf bytes;
    iw_buf_init(&bytes, 4 << 20);
    FILE *file = fopen(name, "rb");
    if (!file)
        print_error("%s cannot be read\n", name);
    assert_non_null(file);
    char *to = iw_buf_reserve(&bytes, 1 << 20);
    assert_non_null(to);
    bytes.len = fread(to, 1, 1 << 20, file);
    assert_true(feof(file));
    fclose(file);
    return bytes;
}

static size_t count_lines(const char *text, const char *start)
{
    size_t n = 0;
    struct iw_str rest = iw_str_from(text), line;
    while (iw_str_next(&rest, '\n', &line))
        n += iw_str_starts(line, iw_str_from(start));
    return n;
}

static bool is_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_as_expected(const char *dir, const struct expectation *e)
{
    struct iw_buf bytes = slurp(dir, e->path);
    struct reading r = read_every_way(NULL, "x", iw_buf_str(&bytes)); /* by the bytes, whatever the name */
    bool is_right = r.kind && strcmp(r.kind->name, e->kind) == 0 && count_lines(r.said.ptr, "PAGE ") == e->pages &&
                    count_lines(r.said.ptr, "IMAGE ") == e->images &&
                    count_lines(r.said.ptr, "DOCUMENT ") == e->documents && r.complaints == 0 &&
                    is_same(r.first, e->first) && is_same(r.last, e->last) &&
                    (e->error ? r.err == IW_ERR_SYNTAX && strstr(r.diag.text, e->error) : r.err == IW_OK);
    if (!is_right)
        print_error("%s: %s, error %d \"%s\", said:\n%s--\n", e->path, r.kind ? r.kind->name : "none", (int)r.err,
                    r.diag.text, r.said.ptr);
    reading_release(&r);
    iw_buf_release(&bytes);
    return is_right;
}

static void every_file(void **state)
{
    (void)state;
    char space[4096];
    const char *dir = corpus(space);
    if (!dir) {
        print_message("IW_CORPUS names no corpus\n");
        skip();
    }
    size_t wrong = 0;
    for (size_t i = 0; i < IW_ARRAY_LEN(expectations); i++)
        wrong += !is_as_expected(dir, &expectations[i]);
    assert_int_equal(wrong, 0);
}

static size_t count_unexpected(const char *dir, const char *folder)
{
    char name[8192];
    snprintf(name, sizeof name, "%s/%s", dir, folder);
    DIR *files = opendir(name);
    assert_non_null(files);
    size_t unexpected = 0;
    for (struct dirent *file; (file = readdir(files));) {
        if (file->d_type != DT_REG || strncmp(file->d_name, "LICENSE", 7) == 0)
            continue;
        snprintf(name, sizeof name, "%s%s", folder, file->d_name);
        bool is_known = false;
        for (size_t i = 0; i < IW_ARRAY_LEN(expectations) && !is_known; i++)
            is_known = strcmp(expectations[i].path, name) == 0;
        if (!is_known)
            print_error("no expectation for %s\n", name);
        unexpected += !is_known;
    }
    closedir(files);
    return unexpected;
}

static void no_file_is_forgotten(void **state)
{
    (void)state;
    char space[4096];
    const char *dir = corpus(space);
    if (!dir) {
        print_message("IW_CORPUS names no corpus\n");
        skip();
    }
    static const char *const folders[] = {"", "extension/", "robots/", "rss/"};
    size_t unexpected = 0;
    for (size_t i = 0; i < IW_ARRAY_LEN(folders); i++)
        unexpected += count_unexpected(dir, folders[i]);
    assert_int_equal(unexpected, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file),
        cmocka_unit_test(no_file_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
