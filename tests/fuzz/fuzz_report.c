/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Every output format, on one record whose texts are any bytes: the first byte chooses the format, the second how the
 * record stands, the rest is cut at each 0xFE into URL, document, element, message, error, waiver and suggestion.
 * Whatever they are, a report is UTF-8 without control characters, its lines are the writer's own, its XML parses, its
 * JSON closes what it opens, and its pages hold no element that the writer did not make. */
#include "base/iw.h"
#include "report/report.h"

#include "base/mem.h"
#include "base/utf8.h"

#undef NDEBUG
#include <assert.h>
#include <libxml/parser.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { URL, DOCUMENT, ELEMENT, MESSAGE, ERROR, WAIVER, SUGGESTION, TEXTS, LONGEST = 4096 };

static bool is_named(const struct iw_writer *writer, const char *names)
{
    struct iw_str rest = iw_str_from(names), name;
    while (iw_str_next(&rest, ' ', &name))
        if (iw_str_eq(name, iw_str_from(writer->name)))
            return true;
    return false;
}

static void write_report(const struct iw_writer *writer, uint8_t kind, const struct iw_str *texts, struct iw_buf *out)
{
    const struct iw_suggestion suggestion = {texts[SUGGESTION], 1000, 10, 20};
    const struct iw_before before = {.verdict = IW_VERDICT_OVER, .bytes = 30000000};
    struct iw_facts facts = {.url = texts[URL],
                             .final_url = texts[URL],
                             .content_type = texts[ELEMENT],
                             .etag = texts[MESSAGE],
                             .error = texts[ERROR]};
    struct iw_source_ref source = {
        .path = texts[DOCUMENT], .kind = "list", .line = kind % 3, .column = kind % 3, .element = texts[ELEMENT]};
    struct iw_findings findings = {.count = kind / 5 % 2};
    findings.list[0] = (struct iw_finding){.rule = IW_RULE_bytes_over,
                                           .severity = kind % 7 ? IW_SEVERITY_ERROR : IW_SEVERITY_WARNING,
                                           .profile = "openai",
                                           .message = texts[MESSAGE]};
    struct iw_record record = {.facts = &facts,
                               .source = &source,
                               .findings = &findings,
                               .verdict = kind % IW_VERDICT_COUNT,
                               .change = kind % IW_CHANGE_COUNT,
                               .before = kind % 2 ? &before : NULL,
                               .waiver = texts[WAIVER],
                               .suggestion = kind % 4 ? NULL : &suggestion};
    struct iw_totals totals = {.records = 1, .is_compared = true, .is_incomplete = kind % 8 == 0};
    const struct iw_report_style style = {.verbosity = 1, .folder = "/site"};
    totals.verdicts[record.verdict] = 1;
    memcpy(totals.incomplete_why, texts[ERROR].ptr, IW_MIN(texts[ERROR].len, sizeof totals.incomplete_why - 1));
    void *state = iw_calloc(1, writer->state_size);
    assert(state && writer->begin(state, &style, out) == IW_OK);
    assert(writer->item(state, &record, out) == IW_OK && writer->end(state, &totals, out) == IW_OK);
    writer->release(state);
    iw_free(state);
}

static void check_text(const struct iw_writer *writer, struct iw_str text)
{
    bool is_csv = is_named(writer, "csv");
    assert(iw_utf8_valid(text) == text.len);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        assert((c >= 0x20 && c != 0x7F) || c == '\n' || (is_csv && c == '\r'));
    }
}

/* Each line begins with one of the words. */
static void check_lines(struct iw_str text, const char *const *words, size_t count)
{
    struct iw_str line;
    while (text.len && iw_str_next(&text, '\n', &line)) {
        bool is_known = false;
        for (size_t i = 0; i < count && !is_known; i++)
            is_known = iw_str_starts(line, iw_str_from(words[i]));
        assert(is_known);
    }
}

static void check_json(struct iw_str text)
{
    int depth = 0;
    bool is_inside = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (is_inside && c == '\\')
            i++;
        else if (c == '"')
            is_inside = !is_inside;
        else if (!is_inside)
            depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        assert(depth >= 0 && !(is_inside && c == '\n'));
    }
    assert(depth == 0 && !is_inside);
}

static void check_xml(struct iw_str text)
{
    xmlDocPtr document = xmlReadMemory(text.ptr, (int)text.len, "report.xml", NULL,
                                       XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    assert(document);
    xmlFreeDoc(document);
}

/* Every tag is one of these: all else is text. */
static void check_tags(struct iw_str text)
{
    static const char *const tags[] = {"!DOCTYPE html>",
                                       "html",
                                       "head>",
                                       "meta ",
                                       "title>",
                                       "body",
                                       "table",
                                       "tr>",
                                       "td",
                                       "h1",
                                       "p ",
                                       "p>",
                                       "a ",
                                       "a>",
                                       "b>",
                                       "b ",
                                       "br>",
                                       "span",
                                       "details",
                                       "summary",
                                       "wbr>",
                                       "http"};
    for (size_t at = iw_str_find(text, '<'); at < text.len; at += 1 + iw_str_find(iw_str_skip(text, at + 1), '<')) {
        struct iw_str tag = iw_str_skip(text, at + 1);
        if (iw_str_starts(tag, IW_STR("/")))
            tag = iw_str_skip(tag, 1);
        bool is_known = false;
        for (size_t i = 0; i < IW_ARRAY_LEN(tags) && !is_known; i++)
            is_known = iw_str_starts_nocase(tag, iw_str_from(tags[i])); /* a scheme is as it was written */
        assert(is_known);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const commands[] = {"::error ", "::warning ", "::notice "};
    static const char *const tap[] = {
        "TAP version 14", "ok 1 - ",      "not ok 1 - ",       "  ---", "  ...",     "  severity: ", "  at: \"",
        "  findings:",    "    - rule: ", "      message: \"", "1..1",  "Bail out! "};
    if (size < 2)
        return 0;
    const struct iw_writer *writer = iw_writers.list[data[0] % iw_writers.count];
    struct iw_str rest = {(const char *)data + 2, size - 2}, texts[TEXTS] = {{"x", 1}};
    for (size_t i = 0; i < TEXTS; i++) {
        struct iw_str piece = iw_str_sub(rest, 0, iw_str_find(rest, '\xFE'));
        texts[i] = piece.len || i ? iw_str_sub(piece, 0, LONGEST) : IW_STR("x");
        texts[i] = texts[i].ptr ? texts[i] : IW_STR("");
        rest = iw_str_skip(rest, piece.len + 1);
    }
    struct iw_buf out;
    iw_buf_init(&out, 64 << 20);
    write_report(writer, data[1], texts, &out);
    struct iw_str text = iw_buf_str(&out);
    if (!is_named(writer, "text html"))
        check_text(writer, text);
    if (is_named(writer, "github"))
        check_lines(text, commands, IW_ARRAY_LEN(commands));
    if (is_named(writer, "tap"))
        check_lines(text, tap, IW_ARRAY_LEN(tap));
    if (is_named(writer, "json jsonl sarif gitlab"))
        check_json(text);
    if (is_named(writer, "junit checkstyle sitemap"))
        check_xml(text);
    if (is_named(writer, "html-mail markdown"))
        check_tags(text);
    iw_buf_release(&out);
    return 0;
}
