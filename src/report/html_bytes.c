/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The histogram of an HTML report: images by bytes, on a logarithmic axis, with the limits of the profiles. */
#include "base/iw.h"
#include "report/html.h"

#include "base/parse.h"
#include "report/escape.h"

#include <math.h>
#include <stdio.h>

/* In units of the picture: its width, its margins, the bars' height, what one label of a limit takes. */
enum { WIDTH = 480, LEFT = 46, RIGHT = 12, PLOT = 270, LABEL = 17, BELOW = 40, PER_DECADE = 10, TICKS_MAX = 7 };

/* From the bottom of a bar to its top. */
static const enum iw_verdict stack[IW_VERDICT_COUNT] = {IW_VERDICT_OK, IW_VERDICT_WARN, IW_VERDICT_UNKNOWN,
                                                        IW_VERDICT_OVER, IW_VERDICT_BROKEN};

static double place_of(uint64_t bytes)
{
    return bytes > 1 ? log10((double)bytes) * PER_DECADE : 0;
}

void iw_html_bytes_add(struct iw_html_bytes *bytes, const struct iw_record *record)
{
    if (record->facts->bytes_from == IW_BYTES_UNKNOWN || record->change == IW_CHANGE_GONE)
        return;
    size_t bin = IW_MIN((size_t)place_of(record->facts->bytes), (size_t)IW_HTML_BINS - 1);
    bytes->bins[bin][record->verdict]++;
    bytes->known++;
}

static uint64_t in_bin(const struct iw_html_bytes *bytes, size_t bin)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < IW_VERDICT_COUNT; i++)
        sum += bytes->bins[bin][i];
    return sum;
}

/* What is drawn: bins first to last (whole powers of ten), and the limits. */
struct picture {
    const struct iw_html_bytes *bytes;
    size_t first, last;
    uint64_t top; /* what the axis of counts ends at */
    struct iw_html_mark marks[IW_HTML_MARKS_MAX];
    size_t mark_count;
    double above; /* room for labels */
    struct iw_buf *out;
};

static double x_of(const struct picture *p, double place)
{
    double share = (place - (double)p->first) / (double)(p->last - p->first);
    return LEFT + share * (WIDTH - LEFT - RIGHT);
}

static double height_of(const struct picture *p, uint64_t count)
{
    return (double)count / (double)p->top * PLOT;
}

/* 1, 2 or 5 times a power of ten: at most four lines up to max. */
static uint64_t step_of(uint64_t max)
{
    uint64_t step = 1;
    for (unsigned i = 0; max / step >= 4; i++)
        step = i % 3 == 1 ? step / 2 * 5 : step * 2;
    return step;
}

static void frame(struct picture *p)
{
    uint64_t most = 1;
    size_t first = IW_HTML_BINS, last = 0;
    for (size_t i = 0; i < IW_HTML_BINS; i++) {
        uint64_t count = in_bin(p->bytes, i);
        most = IW_MAX(most, count);
        if (count) {
            first = IW_MIN(first, i);
            last = i;
        }
    }
    for (size_t i = 0; i < p->mark_count; i++) {
        first = IW_MIN(first, (size_t)place_of(p->marks[i].value));
        last = IW_MAX(last, (size_t)place_of(p->marks[i].value));
    }
    p->first = first / PER_DECADE * PER_DECADE;
    p->last = IW_MIN((last / PER_DECADE + 1) * PER_DECADE, (size_t)IW_HTML_BINS);
    uint64_t step = step_of(most);
    p->top = (most + step - 1) / step * step;
    p->above = 8 + (double)p->mark_count * LABEL;
}

static void draw_axes(const struct picture *p)
{
    char digits[27];
    double bottom = p->above + PLOT;
    for (uint64_t count = 0, step = step_of(p->top); count <= p->top; count += step) {
        double y = bottom - height_of(p, count);
        iw_buf_printf(p->out,
                      "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\" class=\"end\">%s</text>", LEFT,
                      y, WIDTH - RIGHT, LEFT - 6, y + 4, iw_format_u64(count, digits));
    }
    size_t decades = (p->last - p->first) / PER_DECADE, every = decades > TICKS_MAX ? 2 : 1;
    for (size_t i = 0; i <= decades; i += every) {
        uint64_t bytes = 1;
        char size[16];
        for (size_t n = 0; n < p->first / PER_DECADE + i; n++)
            bytes *= 10;
        const char *anchor = i == decades ? "end" : "mid";
        double x = x_of(p, (double)(p->first + i * PER_DECADE));
        iw_buf_printf(p->out,
                      "<path class=\"tick\" d=\"M%.1f %.1fv5\"/><text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>", x,
                      bottom, i == decades ? x + RIGHT : x, bottom + 21, anchor, iw_format_size(bytes, size));
    }
}

static void name_bin(size_t bin, size_t bins, struct iw_buf *out)
{
    char from[16], to[16];
    iw_buf_printf(out, "%s to %s", iw_format_size((uint64_t)pow(10, (double)bin / PER_DECADE), from),
                  iw_format_size((uint64_t)pow(10, (double)(bin + bins) / PER_DECADE), to));
}

/* A few among many are still to be seen: no part is lower than two units. */
static void draw_bar(const struct picture *p, size_t bin)
{
    char digits[27];
    double x = x_of(p, (double)bin), width = x_of(p, (double)bin + 1) - x, y = p->above + PLOT;
    iw_html_add(p->out, "<g><title>");
    name_bin(bin, 1, p->out);
    for (size_t i = 0; i < IW_VERDICT_COUNT; i++) {
        uint64_t count = p->bytes->bins[bin][stack[i]];
        if (count)
            iw_buf_printf(p->out, ", %s %s", iw_format_u64(count, digits), iw_verdict_name(stack[i]));
    }
    iw_html_add(p->out, "</title>");
    for (size_t i = 0; i < IW_VERDICT_COUNT; i++) {
        uint64_t count = p->bytes->bins[bin][stack[i]];
        if (!count)
            continue;
        double height = fmax(height_of(p, count), 2);
        y -= height;
        iw_buf_printf(p->out, "<rect class=\"v-%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
                      iw_verdict_name(stack[i]), x + 0.5, fmax(y, 0), fmax(width - 1, 1), height);
    }
    iw_html_add(p->out, "</g>\n");
}

static double mark_x(const struct picture *p, size_t i)
{
    return x_of(p, place_of(p->marks[i].value));
}

/* All lines before all labels, which stand in front of them. */
static void draw_marks(const struct picture *p)
{
    char size[16];
    for (size_t i = 0; i < p->mark_count; i++)
        iw_buf_printf(p->out, "<path class=\"limit\" d=\"M%.1f %.1fV%.1f\"/>", mark_x(p, i),
                      LABEL * (double)(i + 1) - 13, p->above + PLOT);
    for (size_t i = 0; i < p->mark_count; i++) {
        double x = mark_x(p, i);
        bool is_right = x > WIDTH * 0.6;
        iw_buf_printf(p->out, "<text x=\"%.1f\" y=\"%.1f\" class=\"mark%s\">", is_right ? x - 5 : x + 5,
                      LABEL * (double)(i + 1) - 4, is_right ? " end" : "");
        iw_escape_xml(p->out, iw_str_from(p->marks[i].names));
        iw_buf_printf(p->out, " %s</text>\n", iw_format_size(p->marks[i].value, size));
    }
}

static void draw(const struct picture *p)
{
    iw_buf_printf(
        p->out,
        "<svg class=\"chart\" viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"Histogram of images by bytes; "
        "the figures are in the table below it\">\n",
        WIDTH, p->above + PLOT + BELOW);
    draw_axes(p);
    for (size_t i = p->first; i < p->last; i++)
        if (in_bin(p->bytes, i))
            draw_bar(p, i);
    draw_marks(p);
    iw_buf_printf(p->out, "<text x=\"%d\" y=\"%.1f\" class=\"mid axis\">size of the file, logarithmic</text></svg>\n",
                  (WIDTH + LEFT - RIGHT) / 2, p->above + PLOT + BELOW - 3);
}

/* The same as figures, half a power of ten a row. */
static void tell_table(const struct iw_html_bytes *bytes, struct iw_buf *out)
{
    enum { ROW = PER_DECADE / 2 };
    iw_html_add(out, "<details class=\"data\"><summary>As a table</summary>\n<div class=\"wide\" role=\"region\" "
                     "aria-label=\"Images by bytes\" tabindex=\"0\"><table><thead><tr>"
                     "<th scope=\"col\">Size</th>");
    for (size_t i = 0; i < IW_VERDICT_COUNT; i++)
        iw_buf_printf(out, "<th scope=\"col\" class=\"n\">%s</th>", iw_verdict_name(stack[i]));
    iw_html_add(out, "</tr></thead><tbody>\n");
    for (size_t row = 0; row < IW_HTML_BINS; row += ROW) {
        uint64_t counts[IW_VERDICT_COUNT] = {0}, sum = 0;
        for (size_t i = 0; i < (size_t)ROW * IW_VERDICT_COUNT; i++)
            counts[i % IW_VERDICT_COUNT] += bytes->bins[row + i / IW_VERDICT_COUNT][i % IW_VERDICT_COUNT];
        for (size_t i = 0; i < IW_VERDICT_COUNT; i++)
            sum += counts[i];
        if (!sum)
            continue;
        iw_html_add(out, "<tr><th scope=\"row\">");
        name_bin(row, ROW, out);
        iw_html_add(out, "</th>");
        for (size_t i = 0; i < IW_VERDICT_COUNT; i++) {
            iw_html_add(out, "<td class=\"n\">");
            iw_html_count(out, counts[stack[i]]);
            iw_html_add(out, "</td>");
        }
        iw_html_add(out, "</tr>\n");
    }
    iw_html_add(out, "</tbody></table></div></details>\n");
}

void iw_html_bytes_tell(const struct iw_html_bytes *bytes, const struct iw_report_style *style, struct iw_buf *out)
{
    if (!bytes->known)
        return;
    struct picture p = {.bytes = bytes, .out = out};
    p.mark_count = iw_html_marks(style, IW_LIMIT_max_bytes, p.marks);
    frame(&p);
    iw_html_add(out, "<figure><figcaption><h3>Bytes</h3><p>How heavy ");
    iw_html_count(out, bytes->known);
    iw_buf_printf(out, " image%s", bytes->known == 1 ? " is" : "s are");
    iw_buf_printf(out, "%s</p></figcaption>\n", p.mark_count ? ", and what is accepted" : "");
    draw(&p);
    tell_table(bytes, out);
    iw_html_add(out, "</figure>\n");
}
