/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* How fast catalogues are read, without transport: bench_source csv|feed|bare [N] makes a document of N rows or items
 * block by block in memory, feeds it to a reader, and prints rows, bytes, seconds of processor time of the reader
 * alone, and peak memory. bare: the feed by libxml2 alone. */
#include "base/iw.h"
#include "source/source.h"

#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { ROWS_A_BLOCK = 200 };

struct kind {
    const char *name, *head, *row, *tail; /* row: %lu is its number */
    unsigned long rows;
    unsigned urls; /* of a row */
};

static const struct kind kinds[] = {
    {"csv", "id,title,description,link,image_link,price,availability,brand\n",
     "%lu,\"A shirt, \"\"red\"\"\",Long sleeves and a collar of cotton,https://shop.example/p/%lu,"
     "https://cdn.shop.example/images/%lu.jpg,19.90 EUR,in stock,Example\n",
     "", 5000000, 1},
    {"feed",
     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:g=\"http://base.google.com/ns/1.0\">\n"
     "<channel>\n<title>Example</title>\n",
     "<item>\n<g:id>%lu</g:id>\n<title>A shirt, red</title>\n<description><![CDATA[Long sleeves and a collar of "
     "cotton]]></description>\n<link>https://shop.example/p/%lu?a=1&amp;b=2</link>\n"
     "<g:image_link>https://cdn.shop.example/images/%lu.jpg</g:image_link>\n<g:additional_image_link>"
     "https://cdn.shop.example/images/%lu-back.jpg</g:additional_image_link>\n<g:price>19.90 EUR</g:price>\n"
     "<g:availability>in stock</g:availability>\n<g:brand>Example</g:brand>\n</item>\n",
     "</channel>\n</rss>\n", 2000000, 2},
};

static enum iw_err on_lead(void *user, const struct iw_lead *lead)
{
    unsigned long *count = user;
    *count += lead->url.len > 0;
    return IW_OK;
}

static void on_complaint(void *user, unsigned line, unsigned column, const char *text)
{
    (void)user;
    fprintf(stderr, "%u:%u: %s\n", line, column, text);
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Seconds that the reader took for a block (NULL: the end); ends the program where it fails. */
static double feed(struct iw_reader *reader, const struct iw_buf *block)
{
    struct iw_diag diag = {0};
    double start = now_s();
    enum iw_err err = block ? iw_reader_feed(reader, block->ptr, block->len, &diag) : iw_reader_finish(reader, &diag);
    if (err != IW_OK) {
        fprintf(stderr, "bench_source: %u:%u: %s\n", diag.line, diag.column, diag.text);
        exit(1);
    }
    return now_s() - start;
}

static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces,
                     const xmlChar **namespace_list, int attributes, int defaulted, const xmlChar **attribute_list)
{
    (void)prefix, (void)uri, (void)namespaces, (void)namespace_list, (void)attributes, (void)defaulted;
    (void)attribute_list;
    unsigned long *count = user;
    *count += name[0] != 0;
}

static void on_characters(void *user, const xmlChar *text, int len)
{
    (void)user, (void)text, (void)len;
}

/* The parser alone, as the least that XML costs here. */
static xmlParserCtxtPtr open_bare(unsigned long *count)
{
    xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC,
                         .startElementNs = on_start,
                         .characters = on_characters,
                         .cdataBlock = on_characters};
    xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&sax, count, NULL, 0, NULL);
    if (!parser)
        exit(1);
    xmlCtxtUseOptions(parser, XML_PARSE_NONET);
    return parser;
}

static double feed_bare(xmlParserCtxtPtr parser, const struct iw_buf *block)
{
    double start = now_s();
    int code = xmlParseChunk(parser, block ? block->ptr : "", block ? (int)block->len : 0, !block);
    if (code) {
        fprintf(stderr, "bench_source: libxml2 says %d\n", code);
        exit(1);
    }
    return now_s() - start;
}

static void measure(const struct kind *kind, unsigned long rows, bool is_bare)
{
    unsigned long leads = 0;
    const struct iw_source_events events = {.lead = on_lead, .complaint = on_complaint, .user = &leads};
    const struct iw_reader_limits limits = {.max_inflated_bytes = UINT64_MAX, .max_bytes = UINT64_MAX};
    struct iw_reader *reader = NULL;
    xmlParserCtxtPtr bare = is_bare ? open_bare(&leads) : NULL;
    if (iw_reader_new(NULL, IW_STR(""), &limits, &events, &reader) != IW_OK)
        exit(1);
    struct iw_buf block;
    iw_buf_init(&block, 1 << 24);
    iw_buf_add_str(&block, iw_str_from(kind->head));
    double seconds = 0, bytes = 0;
    for (unsigned long row = 0; row < rows;) {
        for (unsigned i = 0; i < ROWS_A_BLOCK && row < rows; i++, row++) {
            char text[1000];
            (void)snprintf(text, sizeof text, kind->row, row, row, row, row);
            iw_buf_add_str(&block, iw_str_from(text));
        }
        if (row == rows)
            iw_buf_add_str(&block, iw_str_from(kind->tail));
        seconds += bare ? feed_bare(bare, &block) : feed(reader, &block);
        bytes += (double)block.len;
        iw_buf_clear(&block);
    }
    seconds += bare ? feed_bare(bare, NULL) : feed(reader, NULL);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%s: %lu rows, %.0f MB, %.2f s of CPU, %.0f MB/s, %.2f M rows/s, peak %.1f MB\n",
           is_bare ? "libxml2 alone" : kind->name, rows, bytes / 1e6, seconds, bytes / 1e6 / seconds,
           (double)rows / 1e6 / seconds, (double)usage.ru_maxrss / 1024);
    iw_reader_free(reader);
    xmlFreeParserCtxt(bare);
    iw_buf_release(&block);
    if (!is_bare && leads != rows * kind->urls) {
        fprintf(stderr, "bench_source: %lu URLs were found\n", leads);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < IW_ARRAY_LEN(kinds); i++) {
        bool is_bare = strcmp(argv[1], "bare") == 0 && strcmp(kinds[i].name, "feed") == 0;
        if (is_bare || strcmp(argv[1], kinds[i].name) == 0) {
            measure(&kinds[i], argc > 2 ? strtoul(argv[2], NULL, 10) : kinds[i].rows, is_bare);
            return 0;
        }
    }
    fputs("usage: bench_source csv|feed|bare [N]\n", stderr);
    return 2;
}
