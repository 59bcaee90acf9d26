/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* feed FORMAT COUNT [plain|changes|hostile|incomplete]: writes a report of so many made-up records to standard output,
 * piece by piece as the program does, and to standard error what it cost: bytes, seconds of a processor (of user time),
 * and the peak of memory. Of the records of plain, one in two is over its limit. changes: each stands beside a run
 * before. hostile: every text that a stranger may send is one that some format could trip over. */
#include "base/iw.h"
#include "report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FLUSH_BYTES = 64 << 10 };

#define TEXT(literal)                                                                                                  \
    {                                                                                                                  \
        literal, sizeof(literal) - 1                                                                                   \
    }
static const struct iw_str hostile[] = {
    TEXT("</script><script>alert(1)</script>"),
    TEXT("]]><![CDATA["),
    TEXT("a\nb\r\n::error file=x::injected\n::stop-commands::y"),
    TEXT("\nnot ok 9999 - injected\nBail out! injected\n1..7\n"),
    TEXT("=cmd|' /C calc'!A0"),
    TEXT("\xE2\x80\xAE"
         "gnp.live\xE2\x81\xA6 \xD8\x9C\xE2\x80\xA8"),
    TEXT("\xFF\xFE\xC3(\xED\xA0\x80\xF5\x80\x80\x80"),
    TEXT("nul \0 byte \x01\x1B[31m\x7F\xC2\x9B"),
    TEXT("%0A%0D%3A%2C%25 100% %zz"),
    TEXT("--><!-- -- >"),
    TEXT("`code` **bold** [x](javascript:alert(1)) ![y](http://evil.test/z.png) <img src=x onerror=alert(1)>"),
    TEXT("| a | b |\n|---|---|\n\\| \\"),
    TEXT("@everyone #1 ~~no~~ $E=mc^2$ :smile: __x__"),
    TEXT("\"'><svg onload=alert(1)>"),
    TEXT("&amp;&lt;&#0;&copy;&nosuch;"),
    TEXT("\xEF\xBF\xBE\xEF\xBF\xBF\xF4\x8F\xBF\xBF"),
    TEXT("# TODO \\# SKIP x"),
    TEXT("{{7*7}} ${7*7} <%= 7*7 %>"),
    TEXT(" leading and trailing "),
    TEXT("javascript:alert(1)"),
    TEXT("/../../etc/passwd"),
    TEXT("https://user:pass@h.example:99999/ [::1]"),
};

struct feed {
    unsigned long count;
    bool has_changes, is_hostile;
    char *long_text; /* 60,000 characters, some of which every format makes longer */
    struct iw_totals totals;
    /* one record, and what it points to */
    char url[400], path[200], message[700];
    struct iw_facts facts;
    struct iw_source_ref source;
    struct iw_findings findings;
    struct iw_before before;
    struct iw_suggestion suggestion;
    struct iw_record record;
};

static struct iw_str print(char *to, size_t size, const char *format, unsigned long number)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    int len = snprintf(to, size, format, number);
#pragma GCC diagnostic pop
    return (struct iw_str){to, len < 0 ? 0 : IW_MIN((size_t)len, size - 1)};
}

/* One of the hostile texts, every so often behind a scheme and a host, and once the long one. */
static struct iw_str harm(struct feed *feed, unsigned long at, char *to, size_t size)
{
    if (at % 97 == 96)
        return (struct iw_str){feed->long_text, 60000};
    struct iw_str text = hostile[at % IW_ARRAY_LEN(hostile)];
    if (at / IW_ARRAY_LEN(hostile) % 2 == 0 || !to)
        return text;
    struct iw_str head = print(to, size, "https://h%lu.example/", at);
    memcpy(to + head.len, text.ptr, text.len);
    return (struct iw_str){to, head.len + text.len};
}

static void find(struct feed *feed, unsigned rule, enum iw_severity severity, struct iw_str message)
{
    struct iw_findings *findings = &feed->findings;
    findings->list[findings->count++] = (struct iw_finding){
        .rule = rule,
        .severity = severity,
        .profile = "openai",
        .has_figures = rule == IW_RULE_bytes_over,
        .limit = 20971520,
        .actual = feed->facts.bytes,
        .unit = IW_UNIT_BYTES,
        .message = message,
    };
}

/* over, broken, undecided, warned of, ok: 5, 1, 1, 1 and 2 of ten */
static void judge(struct feed *feed, unsigned long n)
{
    struct iw_facts *facts = &feed->facts;
    static const enum iw_verdict verdicts[10] = {IW_VERDICT_OVER, IW_VERDICT_OK,     IW_VERDICT_OVER, IW_VERDICT_BROKEN,
                                                 IW_VERDICT_OVER, IW_VERDICT_WARN,   IW_VERDICT_OVER, IW_VERDICT_OK,
                                                 IW_VERDICT_OVER, IW_VERDICT_UNKNOWN};
    feed->record.verdict = verdicts[n % 10];
    switch (feed->record.verdict) {
    case IW_VERDICT_OVER:
        find(feed, IW_RULE_bytes_over, IW_SEVERITY_ERROR,
             print(feed->message, sizeof feed->message,
                   "%lu bytes are over the 20,971,520 bytes that openai accepts by URL", (unsigned long)facts->bytes));
        if (n % 20 == 0)
            find(feed, IW_RULE_side_over, IW_SEVERITY_ERROR, IW_STR("a longer side of 4,000 px is 1,952 (95 %) over"));
        break;
    case IW_VERDICT_BROKEN:
        find(feed, IW_RULE_http_error, IW_SEVERITY_ERROR, IW_STR("HTTP status 404"));
        facts->error = IW_STR("HTTP status 404");
        facts->status = 404;
        facts->bytes_from = IW_BYTES_UNKNOWN;
        facts->image = (struct iw_image_facts){0};
        break;
    case IW_VERDICT_WARN:
        find(feed, IW_RULE_type_mismatch, IW_SEVERITY_WARNING, IW_STR("labelled as image/png, but it is JPEG"));
        break;
    case IW_VERDICT_UNKNOWN:
        facts->error = n % 20 == 9 ? IW_STR("the server broke off") : IW_STR_NONE;
        if (n % 20 != 9)
            find(feed, IW_RULE_timeout, IW_SEVERITY_WARNING, IW_STR("no answer within 20 s"));
        facts->bytes_from = IW_BYTES_UNKNOWN;
        break;
    case IW_VERDICT_OK:
        break;
    }
}

static void compare(struct feed *feed, unsigned long n)
{
    struct iw_record *record = &feed->record;
    bool is_bad = record->verdict == IW_VERDICT_OVER || record->verdict == IW_VERDICT_BROKEN;
    static const enum iw_change bad[] = {IW_CHANGE_NEW, IW_CHANGE_WORSE, IW_CHANGE_SAME, IW_CHANGE_BETTER,
                                         IW_CHANGE_WAIVED};
    record->change = is_bad                                  ? bad[n / 2 % IW_ARRAY_LEN(bad)]
                     : record->verdict == IW_VERDICT_UNKNOWN ? IW_CHANGE_UNREACHABLE
                     : n % 20 == 7                           ? IW_CHANGE_FIXED
                     : n % 20 == 11                          ? IW_CHANGE_GONE
                                                             : IW_CHANGE_NONE;
    feed->before = (struct iw_before){record->change == IW_CHANGE_UNREACHABLE ? IW_VERDICT_OK : IW_VERDICT_OVER,
                                      20000000, 1600, 1200, 1700000000};
    if (record->change != IW_CHANGE_NONE && record->change != IW_CHANGE_NEW)
        record->before = &feed->before;
    if (record->change == IW_CHANGE_WAIVED)
        record->waiver = IW_STR("needed for print, until June");
    if (record->change == IW_CHANGE_SAME) {
        feed->suggestion = (struct iw_suggestion){IW_STR("https://cdn.shop.example/w=1280/a.jpg"), 214000, 1280, 960};
        record->suggestion = &feed->suggestion;
    }
}

static void poison(struct feed *feed, unsigned long n)
{
    struct iw_facts *facts = &feed->facts;
    facts->url = harm(feed, n, feed->url, sizeof feed->url);
    facts->final_url = harm(feed, n + 1, NULL, 0);
    facts->content_type = harm(feed, n + 2, NULL, 0);
    facts->etag = facts->last_modified = harm(feed, n + 3, NULL, 0);
    feed->source.path = harm(feed, n + 4, feed->path, sizeof feed->path);
    feed->source.element = harm(feed, n + 5, NULL, 0);
    if (facts->error.len)
        facts->error = harm(feed, n + 6, NULL, 0);
    for (size_t i = 0; i < feed->findings.count; i++)
        feed->findings.list[i].message = harm(feed, n + 7 + i, NULL, 0);
    if (feed->record.waiver.len)
        feed->record.waiver = harm(feed, n + 8, NULL, 0);
    feed->suggestion.url = harm(feed, n + 9, NULL, 0);
}

static void make(struct feed *feed, unsigned long n)
{
    feed->findings.count = 0;
    feed->facts = (struct iw_facts){
        .url = print(feed->url, sizeof feed->url, "https://cdn.shop.example/images/catalogue/%lu.jpg", n),
        .bytes = 20000000 + (n * 2654435761u) % 30000000,
        .bytes_from = IW_BYTES_CONTENT_LENGTH,
        .content_type = IW_STR("image/jpeg"),
        .etag = IW_STR("\"5f3-61d\""),
        .last_modified = IW_STR("Wed, 25 Nov 2026 08:00:00 GMT"),
        .status = 200,
        .http_version = 20,
        .requests = 2,
        .bytes_read = 4096,
        .us = 12345,
        .image = {.format = iw_image_formats[0], .width_px = 4000, .height_px = 3000, .orientation = 1},
    };
    feed->facts.final_url = feed->facts.url;
    feed->source = (struct iw_source_ref){.path = IW_STR("feeds/sitemap.xml"),
                                          .kind = "sitemap",
                                          .line = (unsigned)n + 2,
                                          .column = 14,
                                          .element = IW_STR("image:loc")};
    feed->record = (struct iw_record){.facts = &feed->facts, .source = &feed->source, .findings = &feed->findings};
    judge(feed, n);
    if (feed->has_changes)
        compare(feed, n);
    if (feed->is_hostile)
        poison(feed, n);
    feed->totals.records++;
    feed->totals.targets++;
    feed->totals.verdicts[feed->record.verdict]++;
    feed->totals.changes[feed->record.change]++;
    feed->totals.requests += 2;
    feed->totals.bytes_read += 4096;
    feed->totals.bytes_weighed += feed->facts.bytes;
}

static size_t flush(struct iw_buf *out)
{
    size_t len = out->len;
    for (size_t done = 0; done < len;) {
        ssize_t n = write(STDOUT_FILENO, out->ptr + done, len - done);
        if (n <= 0)
            exit(1);
        done += (size_t)n;
    }
    iw_buf_clear(out);
    return len;
}

static void must(enum iw_err err)
{
    if (err == IW_OK)
        return;
    fprintf(stderr, "feed: %s\n", iw_err_text(err));
    exit(1);
}

static size_t run(struct feed *feed, const struct iw_writer *writer)
{
    static const struct iw_profile profile = {.name = "openai", .title = "OpenAI", .checked = "2026-11-23"};
    static const struct iw_profile *const profiles[] = {&profile};
    const struct iw_report_style style = {.verbosity = 1,
                                          .top = 10,
                                          .profiles = profiles,
                                          .profile_count = 1,
                                          .began_unix_s = 1795593600,
                                          .folder = "/builds/shop"};
    struct iw_buf out;
    size_t written = 0;
    iw_buf_init(&out, 512 << 20);
    void *state = calloc(1, writer->state_size);
    if (!state)
        exit(1);
    must(writer->begin(state, &style, &out));
    for (unsigned long n = 0; n < feed->count; n++) {
        make(feed, n);
        must(writer->item(state, &feed->record, &out));
        if (out.len >= FLUSH_BYTES)
            written += flush(&out);
    }
    must(writer->end(state, &feed->totals, &out));
    written += flush(&out);
    writer->release(state);
    free(state);
    iw_buf_release(&out);
    return written;
}

int main(int argc, char **argv)
{
    const struct iw_writer *writer = argc > 2 ? iw_writer_find(&iw_writers, iw_str_from(argv[1])) : NULL;
    const char *kind = argc > 3 ? argv[3] : "plain";
    if (!writer) {
        fputs("usage: feed FORMAT COUNT [plain|changes|hostile|incomplete]\n", stderr);
        return 2;
    }
    struct feed *feed = calloc(1, sizeof *feed);
    if (!feed || !(feed->long_text = malloc(60000)))
        return 1;
    for (size_t i = 0; i < 60000; i++)
        feed->long_text[i] = "<&\"\n\xE2\x80\xAEx"[i % 8];
    feed->count = strtoul(argv[2], NULL, 10);
    feed->is_hostile = strcmp(kind, "hostile") == 0;
    feed->has_changes = feed->is_hostile || strcmp(kind, "changes") == 0;
    feed->totals.is_compared = feed->has_changes;
    feed->totals.elapsed_ms = 61500;
    if (strcmp(kind, "incomplete") == 0) {
        feed->totals.is_incomplete = true;
        (void)snprintf(feed->totals.incomplete_why, sizeof feed->totals.incomplete_why, "interrupted: <b> & ::x\n]]>");
    }
    size_t written = run(feed, writer);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double cpu_s = (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6;
    fprintf(stderr, "%-11s %lu records, %.1f MB, %.2f s of CPU, peak %.1f MB\n", writer->name, feed->count,
            (double)written / 1e6, cpu_s, (double)usage.ru_maxrss / 1024);
    free(feed->long_text);
    free(feed);
    return 0;
}
