/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* make_report FORMAT RECORDS [compared] [hostile]: writes a report of made up images, judged by shipped profiles, to
 * standard output. What is drawn at random is the same every time. "compared": beside a run before; "hostile": the
 * first records are of strangers who mean harm. */
#include "base/iw.h"
#include "report/report.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PROFILES = 2, FLUSH_BYTES = 1 << 16 };

struct made {
    uint64_t seed;
    struct iw_arena arena, kept;
    struct iw_profile profiles[PROFILES];
    const struct iw_profile *list[PROFILES];
    struct iw_judge judge;
    struct iw_report_style style;
    struct iw_totals totals;
    bool is_compared, is_hostile;
};

static uint32_t draw(struct made *m, uint32_t below)
{
    m->seed = m->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((m->seed >> 33) % below);
}

/* Bell-shaped around 0, of width 1. */
static double bell(struct made *m)
{
    double sum = 0;
    for (int i = 0; i < 12; i++)
        sum += draw(m, 1 << 20) / (double)(1 << 20);
    return sum - 6;
}

static bool take_profile(struct made *m, size_t at, const char *name)
{
    for (size_t i = 0; i < iw_builtin_profile_count; i++) {
        struct iw_str text = {iw_builtin_profiles[i].text, iw_builtin_profiles[i].len};
        if (strcmp(iw_builtin_profiles[i].name, name) == 0)
            return iw_profile_parse(&m->kept, text, name, &m->profiles[at], NULL) == IW_OK;
    }
    return false;
}

static const char *const hostile[] = {
    "https://evil.example/</script><script>document.title='owned'</script>.png",
    "https://evil.example/\"onmouseover=\"document.title='owned'\" x='y'.png",
    "https://evil.example/<img src=x onerror=document.title='owned'>",
    "https://evil.example/\xE2\x80\xAEgnp.live\xE2\x80\xA8\xE2\x81\xA6/a.png",
    "https://evil.example/\xFF\xC0\x80\xED\xA0\x80\x1B[31m\x01/b.png",
    "javascript:document.title='owned'",
    "https://evil.example/<!--<script>",
    "=cmd|' /C calc'!A0",
    "https://evil.example/&lt;&amp;&#x3c;/c.png",
};

static void make_facts(struct made *m, uint64_t n, struct iw_facts *facts)
{
    static const char *const hosts[] = {"cdn.shop.example", "images.shop.example", "media.partner.example",
                                        "static.old.example"};
    static const char *const views[] = {"front", "back", "detail", "worn", "box"};
    static const char *const formats[] = {"jpeg", "jpeg", "jpeg", "jpeg", "jpeg", "jpeg",
                                          "jpeg", "webp", "webp", "webp", "png",  "gif"};
    uint32_t product = (uint32_t)(n / 3), odd = draw(m, 1000);
    const struct iw_image_format *format = iw_image_format_find(iw_str_from(formats[draw(m, IW_ARRAY_LEN(formats))]));
    /* most as the shop's own service makes them, some as somebody sent them */
    static const uint32_t boxes[][2] = {{1200, 1200}, {1200, 1600}, {800, 800}, {1000, 1500}};
    bool is_sent = draw(m, 100) < 15;
    size_t box = draw(m, IW_ARRAY_LEN(boxes));
    double scale = exp(bell(m) * 0.6);
    uint32_t width = is_sent ? (uint32_t)fmin(1500 * scale, 20000) + 1 : boxes[box][0];
    uint32_t height = is_sent ? (uint32_t)(width * exp(bell(m) * 0.2)) + 1 : boxes[box][1];
    struct iw_str url = iw_arena_printf(&m->arena, "https://%s/media/catalog/%u/%06u/%08x-%s.%.*s",
                                        hosts[draw(m, 16) % 7 % 4], product % 97, product, (unsigned)draw(m, 1u << 30),
                                        views[n % 3], (int)strcspn(format->extensions, " "), format->extensions);
    *facts = (struct iw_facts){
        .url = url,
        .final_url = url,
        .image = {.format = format,
                  .width_px = width,
                  .height_px = height,
                  .stored_width_px = width,
                  .stored_height_px = height,
                  .orientation = 1,
                  .animated = IW_NO,
                  .alpha = IW_NO},
        .has_looked = true,
        .bytes = (uint64_t)((double)width * height * 0.2 * exp(bell(m) * 0.6)) + 200,
        .bytes_from = IW_BYTES_CONTENT_LENGTH,
        .content_type = iw_str_from(format->mime),
        .status = 206,
        .http_version = 20,
        .requests = 2,
        .bytes_read = 4096,
        .us = 20000 + draw(m, 60000),
    };
    if (odd < 8) {
        facts->status = 404;
        facts->failure = IW_FAILURE_HTTP;
        facts->error = IW_STR("the server answers 404");
        facts->bytes_from = IW_BYTES_UNKNOWN;
        facts->image = (struct iw_image_facts){.format = NULL};
    } else if (odd < 14) {
        facts->status = 0;
        facts->failure = IW_FAILURE_TIMEOUT;
        facts->error = IW_STR("no answer within 20 s");
        facts->bytes_from = IW_BYTES_UNKNOWN;
        facts->image = (struct iw_image_facts){.format = NULL};
    } else if (odd < 20) {
        facts->content_type = IW_STR("image/jpg");
    }
    if (m->is_hostile && n < IW_ARRAY_LEN(hostile)) {
        facts->url = facts->final_url = iw_str_from(hostile[n]);
        facts->error = iw_str_from(hostile[0]);
        facts->content_type = iw_str_from(hostile[2]);
    }
}

static void compare(struct made *m, uint64_t n, struct iw_record *record, struct iw_before *before,
                    struct iw_suggestion *suggestion)
{
    bool is_offender = record->verdict == IW_VERDICT_OVER || record->verdict == IW_VERDICT_BROKEN;
    static const enum iw_change of_offenders[] = {IW_CHANGE_SAME,  IW_CHANGE_SAME,   IW_CHANGE_NEW,
                                                  IW_CHANGE_WORSE, IW_CHANGE_BETTER, IW_CHANGE_WAIVED};
    *before = (struct iw_before){IW_VERDICT_OVER, record->facts->bytes / 2 * 3, 4000, 3000, 1764000000};
    if (is_offender)
        record->change = of_offenders[draw(m, IW_ARRAY_LEN(of_offenders))];
    else if (record->verdict == IW_VERDICT_UNKNOWN)
        record->change = IW_CHANGE_UNREACHABLE;
    else if (n % 211 == 7)
        record->change = n % 2 ? IW_CHANGE_FIXED : IW_CHANGE_GONE;
    if (record->change != IW_CHANGE_NONE && record->change != IW_CHANGE_NEW)
        record->before = before;
    if (record->change == IW_CHANGE_WAIVED)
        record->waiver = m->is_hostile ? iw_str_from(hostile[0]) : IW_STR("the press asks for originals");
    if (record->verdict == IW_VERDICT_OVER && n % 2) {
        suggestion->url = iw_arena_printf(&m->arena, "%.*s?w=1280&q=85", IW_STR_ARGS(record->facts->url));
        suggestion->bytes = 214000;
        suggestion->width_px = 1280;
        suggestion->height_px = 960;
        record->suggestion = suggestion;
    }
}

static void count(struct iw_totals *totals, const struct iw_record *record)
{
    totals->records++;
    totals->targets++;
    totals->verdicts[record->verdict]++;
    totals->changes[record->change]++;
    totals->requests += record->facts->requests;
    totals->bytes_read += record->facts->bytes_read;
    totals->bytes_weighed += record->facts->bytes_from != IW_BYTES_UNKNOWN ? record->facts->bytes : 0;
}

static bool flush(struct iw_buf *out)
{
    bool is_whole = out->err == IW_OK && fwrite(out->ptr ? out->ptr : "", 1, out->len, stdout) == out->len;
    iw_buf_clear(out);
    return is_whole;
}

static bool write_record(struct made *m, uint64_t n, const struct iw_writer *writer, void *state, struct iw_buf *out)
{
    struct iw_facts facts;
    struct iw_findings findings;
    struct iw_before before;
    struct iw_suggestion suggestion;
    iw_arena_clear(&m->arena);
    make_facts(m, n, &facts);
    bool is_bad = m->is_hostile && n < IW_ARRAY_LEN(hostile);
    struct iw_source_ref source = {
        .path = is_bad ? iw_str_from(hostile[n])
                       : iw_arena_printf(&m->arena, "sitemaps/products-%u.xml", (unsigned)(n / 20000)),
        .kind = "sitemap",
        .line = (unsigned)(n % 20000 * 4 + 5),
        .column = 18,
        .element = is_bad ? iw_str_from(hostile[0]) : IW_STR("image:loc"),
    };
    struct iw_record record = {.facts = &facts, .source = &source, .findings = &findings};
    record.verdict = iw_check(&m->judge, &facts, &m->arena, &findings);
    for (size_t i = 0; is_bad && i < findings.count; i++)
        findings.list[i].message = iw_str_from(hostile[i % 3]);
    if (m->is_compared)
        compare(m, n, &record, &before, &suggestion);
    count(&m->totals, &record);
    if (writer->item(state, &record, out) != IW_OK)
        return false;
    return out->len < FLUSH_BYTES || flush(out);
}

static int write_report(struct made *m, const struct iw_writer *writer, uint64_t records)
{
    struct iw_buf out;
    iw_buf_init(&out, (size_t)1 << 30);
    void *state = iw_calloc(1, writer->state_size);
    bool is_well = state && writer->begin(state, &m->style, &out) == IW_OK;
    for (uint64_t n = 0; n < records && is_well; n++)
        is_well = write_record(m, n, writer, state, &out);
    m->totals.elapsed_ms = records / 2;
    m->totals.documents = records / 20000 + 1;
    m->totals.is_compared = m->is_compared;
    is_well = is_well && writer->end(state, &m->totals, &out) == IW_OK && flush(&out);
    if (state)
        writer->release(state);
    iw_free(state);
    iw_buf_release(&out);
    return is_well && fflush(stdout) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    const struct iw_writer *writer = argc > 2 ? iw_writer_find(&iw_writers, iw_str_from(argv[1])) : NULL;
    struct made m = {.seed = 1};
    if (!writer) {
        (void)fprintf(stderr, "make_report FORMAT RECORDS [compared] [hostile]\n");
        return 2;
    }
    for (int i = 3; i < argc; i++) {
        m.is_compared |= strcmp(argv[i], "compared") == 0;
        m.is_hostile |= strcmp(argv[i], "hostile") == 0;
    }
    iw_arena_init(&m.arena, 1 << 20);
    iw_arena_init(&m.kept, 1 << 20);
    if (!take_profile(&m, 0, "openai") || !take_profile(&m, 1, "google-merchant"))
        return 1;
    for (size_t i = 0; i < PROFILES; i++)
        m.list[i] = &m.profiles[i];
    m.judge = (struct iw_judge){.profiles = m.list, .profile_count = PROFILES};
    m.style = (struct iw_report_style){
        .verbosity = 1, .profiles = m.list, .profile_count = PROFILES, .began_unix_s = 1764144000};
    int status = write_report(&m, writer, strtoull(argv[2], NULL, 10));
    iw_arena_release(&m.arena);
    iw_arena_release(&m.kept);
    return status;
}
