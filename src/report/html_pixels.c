/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The scatter of an HTML report: images by width and height, on logarithmic axes, with the limits of the profiles.
 * Images fall into cells of 6 %, so that a million takes no more room than a thousand; dots of several images are
 * larger. Where there are too many dots, cells are joined. */
#include "base/iw.h"
#include "report/html.h"

#include "base/parse.h"
#include "report/escape.h"

#include <math.h>

enum { WIDTH = 480, HEIGHT = 400, LEFT = 54, RIGHT = 14, ABOVE = 12, BELOW = 46, PER_OCTAVE = 12, OCTAVES = 16 };
enum { DOTS_MAX = 2500, SIZES = 4, TICKS_MAX = 8, FEW = 300 };

static double place_of(double px)
{
    return px > 1 ? fmin(log2(px) * PER_OCTAVE, IW_HTML_CELLS) : 0;
}

static size_t cell_of(uint32_t px)
{
    return IW_MIN((size_t)place_of(px), (size_t)IW_HTML_CELLS - 1);
}

void iw_html_pixels_add(struct iw_html_pixels *pixels, const struct iw_record *record)
{
    static const enum iw_html_class classes[IW_VERDICT_COUNT] = {
        [IW_VERDICT_OK] = IW_HTML_FITS,          [IW_VERDICT_WARN] = IW_HTML_DOUBTFUL,
        [IW_VERDICT_UNKNOWN] = IW_HTML_DOUBTFUL, [IW_VERDICT_OVER] = IW_HTML_REFUSED,
        [IW_VERDICT_BROKEN] = IW_HTML_REFUSED,
    };
    const struct iw_image_facts *image = &record->facts->image;
    if (!image->width_px || !image->height_px || record->change == IW_CHANGE_GONE)
        return;
    uint32_t *count = &pixels->cells[classes[record->verdict]][cell_of(image->height_px)][cell_of(image->width_px)];
    *count += *count < UINT32_MAX;
    pixels->known++;
}

/* ---- drawing ---- */

struct picture {
    const struct iw_html_pixels *pixels;
    size_t first, last; /* cells, of both axes alike: whole octaves */
    size_t joined;      /* cells to a dot, each way */
    struct iw_html_mark sides[IW_HTML_MARKS_MAX], widths[IW_HTML_MARKS_MAX], heights[IW_HTML_MARKS_MAX];
    struct iw_html_mark areas[IW_HTML_MARKS_MAX], least[IW_HTML_MARKS_MAX];
    size_t side_count, width_count, height_count, area_count, least_count;
    struct iw_buf *out;
};

static double x_of(const struct picture *p, double place)
{
    return LEFT + (place - (double)p->first) / (double)(p->last - p->first) * (WIDTH - LEFT - RIGHT);
}

static double y_of(const struct picture *p, double place)
{
    return HEIGHT - BELOW - (place - (double)p->first) / (double)(p->last - p->first) * (HEIGHT - ABOVE - BELOW);
}

static uint64_t in_dot(const struct picture *p, size_t class, size_t row, size_t column)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < p->joined * p->joined; i++)
        sum += p->pixels->cells[class][row + i / p->joined][column + i % p->joined];
    return sum;
}

static size_t count_dots(const struct picture *p)
{
    size_t count = 0;
    for (size_t class = 0; class < IW_HTML_CLASS_COUNT; class ++)
        for (size_t row = 0; row < IW_HTML_CELLS; row += p->joined)
            for (size_t column = 0; column < IW_HTML_CELLS; column += p->joined)
                count += in_dot(p, class, row, column) > 0;
    return count;
}

static void include_cell(struct picture *p, size_t cell)
{
    p->first = IW_MIN(p->first, cell);
    p->last = IW_MAX(p->last, cell);
}

static void include_marks(struct picture *p, const struct iw_html_mark *marks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        include_cell(p, (size_t)place_of((double)marks[i].value));
}

static void frame(struct picture *p)
{
    p->first = IW_HTML_CELLS;
    p->last = 0;
    for (size_t class = 0; class < IW_HTML_CLASS_COUNT; class ++)
        for (size_t row = 0; row < IW_HTML_CELLS; row++)
            for (size_t column = 0; column < IW_HTML_CELLS; column++)
                if (p->pixels->cells[class][row][column]) {
                    include_cell(p, row);
                    include_cell(p, column);
                }
    include_marks(p, p->sides, p->side_count);
    include_marks(p, p->widths, p->width_count);
    include_marks(p, p->heights, p->height_count);
    include_marks(p, p->least, p->least_count);
    p->first = p->first / PER_OCTAVE * PER_OCTAVE;
    p->last = IW_MIN((p->last / PER_OCTAVE + 1) * PER_OCTAVE, (size_t)IW_HTML_CELLS);
    p->joined = 1;
    while (p->joined < PER_OCTAVE && count_dots(p) > DOTS_MAX)
        p->joined = p->joined < 4 ? p->joined * 2 : PER_OCTAVE;
}

static void draw_axes(const struct picture *p)
{
    char digits[27];
    size_t octaves = (p->last - p->first) / PER_OCTAVE, every = octaves > TICKS_MAX ? 2 : 1;
    for (size_t i = 0; i <= octaves; i += every) {
        double place = (double)(p->first + i * PER_OCTAVE);
        const char *label = iw_format_u64(UINT64_C(1) << (p->first / PER_OCTAVE + i), digits);
        double x = x_of(p, place), y = y_of(p, place);
        bool is_last = i == octaves, is_close = i + 1 == octaves && octaves > TICKS_MAX / 2 + 1; /* to the last label */
        iw_buf_printf(p->out, "<path class=\"grid\" d=\"M%d %.1fH%dM%.1f %dV%d\"/>", LEFT, y, WIDTH - RIGHT, x, ABOVE,
                      HEIGHT - BELOW);
        iw_buf_printf(p->out, "<text x=\"%d\" y=\"%.1f\" class=\"end\">%s</text>", LEFT - 6, y + 4, label);
        if (!is_close)
            iw_buf_printf(p->out, "<text x=\"%.1f\" y=\"%d\" class=\"%s\">%s</text>\n", is_last ? x + RIGHT : x,
                          HEIGHT - BELOW + 18, is_last ? "end" : "mid", label);
    }
    iw_buf_printf(p->out, "<text x=\"%d\" y=\"%d\" class=\"mid axis\">width in px, logarithmic</text>\n",
                  (WIDTH + LEFT - RIGHT) / 2, HEIGHT - 6);
}

/* One path of a class and a size: a dot is a line of no length with round ends. */
static void draw_dots(const struct picture *p, size_t class, unsigned size)
{
    static const char *const names[IW_HTML_CLASS_COUNT] = {"fits", "doubtful", "refused"};
    static const uint64_t from[SIZES + 1] = {1, 4, 30, 300, UINT64_MAX};
    bool is_open = false;
    for (size_t row = 0; row < IW_HTML_CELLS; row += p->joined)
        for (size_t column = 0; column < IW_HTML_CELLS; column += p->joined) {
            uint64_t count = in_dot(p, class, row, column);
            if (count < from[size] || count >= from[size + 1])
                continue;
            if (!is_open)
                iw_buf_printf(p->out, "<path class=\"dots %s d%u\" d=\"", names[class], size);
            is_open = true;
            double half = (double)p->joined / 2;
            iw_buf_printf(p->out, "M%.1f %.1fh0", x_of(p, (double)column + half), y_of(p, (double)row + half));
        }
    if (is_open)
        iw_html_add(p->out, "\"/>\n");
}

static bool is_inside(const struct picture *p, double place)
{
    return place > (double)p->first && place <= (double)p->last;
}

/* Lines across at a width, a height, or both, which make a box. */
static void draw_lines(const struct picture *p, const struct iw_html_mark *marks, size_t count, bool of_width,
                       bool of_height)
{
    for (size_t i = 0; i < count; i++) {
        double place = place_of((double)marks[i].value);
        if (!is_inside(p, place))
            continue;
        double x = x_of(p, place), y = y_of(p, place);
        if (of_width && of_height)
            iw_buf_printf(p->out, "<path class=\"limit\" d=\"M%d %.1fH%.1fV%d\"/>\n", LEFT, y, x, HEIGHT - BELOW);
        else if (of_width)
            iw_buf_printf(p->out, "<path class=\"limit\" d=\"M%.1f %dV%d\"/>\n", x, ABOVE, HEIGHT - BELOW);
        else
            iw_buf_printf(p->out, "<path class=\"limit\" d=\"M%d %.1fH%d\"/>\n", LEFT, y, WIDTH - RIGHT);
    }
}

/* Outside of both sides: the shorter one decides. */
static void draw_least(const struct picture *p)
{
    for (size_t i = 0; i < p->least_count; i++) {
        double place = place_of((double)p->least[i].value);
        if (is_inside(p, place))
            iw_buf_printf(p->out, "<path class=\"limit\" d=\"M%.1f %dV%.1fH%d\"/>\n", x_of(p, place), ABOVE,
                          y_of(p, place), WIDTH - RIGHT);
    }
}

/* As many pixels everywhere: a slope, from where it comes in to where it goes out. */
static void draw_areas(const struct picture *p)
{
    for (size_t i = 0; i < p->area_count; i++) {
        double sum = log2((double)p->areas[i].value) * PER_OCTAVE;
        double from = fmax((double)p->first, sum - (double)p->last), to = fmin((double)p->last, sum - (double)p->first);
        if (from < to)
            iw_buf_printf(p->out, "<path class=\"limit\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n", x_of(p, from),
                          y_of(p, sum - from), x_of(p, to), y_of(p, sum - to));
    }
}

static void draw(const struct picture *p)
{
    iw_buf_printf(
        p->out,
        "<svg class=\"chart%s\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Scatter of images by width and "
        "height; the figures are in the table below it\">\n",
        p->pixels->known < FEW ? " few" : "", WIDTH, HEIGHT);
    draw_axes(p);
    for (size_t class = 0; class < IW_HTML_CLASS_COUNT; class ++)
        for (unsigned size = SIZES; size-- > 0;)
            draw_dots(p, class, size);
    draw_lines(p, p->sides, p->side_count, true, true);
    draw_lines(p, p->widths, p->width_count, true, false);
    draw_lines(p, p->heights, p->height_count, false, true);
    draw_least(p);
    draw_areas(p);
    iw_buf_printf(p->out, "<text x=\"%d\" y=\"%d\" class=\"axis\">height</text>\n", LEFT + 6, ABOVE + 14);
    iw_html_add(p->out, "</svg>\n");
}

static void name_marks(const struct iw_html_mark *marks, size_t count, const char *what, struct iw_buf *out)
{
    char digits[27];
    for (size_t i = 0; i < count; i++) {
        iw_buf_printf(out, "<li>%s %s px: ", what, iw_format_u64(marks[i].value, digits));
        iw_escape_xml(out, iw_str_from(marks[i].names));
        iw_html_add(out, "</li>\n");
    }
}

/* The lines in words: they are too close to each other for labels. */
static void tell_marks(const struct picture *p)
{
    if (!(p->side_count + p->width_count + p->height_count + p->area_count + p->least_count))
        return;
    iw_html_add(p->out, "<ul class=\"key\">\n");
    name_marks(p->sides, p->side_count, "longer side at most", p->out);
    name_marks(p->widths, p->width_count, "width at most", p->out);
    name_marks(p->heights, p->height_count, "height at most", p->out);
    name_marks(p->least, p->least_count, "shorter side at least", p->out);
    name_marks(p->areas, p->area_count, "at most", p->out);
    iw_html_add(p->out, "</ul>\n");
}

/* The same as figures: by the longer side, an octave a row. */
static void tell_table(const struct iw_html_pixels *pixels, struct iw_buf *out)
{
    uint64_t counts[OCTAVES][IW_HTML_CLASS_COUNT] = {{0}};
    for (size_t class = 0; class < IW_HTML_CLASS_COUNT; class ++)
        for (size_t row = 0; row < IW_HTML_CELLS; row++)
            for (size_t column = 0; column < IW_HTML_CELLS; column++)
                counts[IW_MAX(row, column) / PER_OCTAVE][class] += pixels->cells[class][row][column];
    iw_html_add(out, "<details class=\"data\"><summary>As a table</summary>\n<div class=\"wide\" role=\"region\" "
                     "aria-label=\"Images by pixels\" tabindex=\"0\"><table><thead><tr>"
                     "<th scope=\"col\">Longer side</th><th scope=\"col\" class=\"n\">fit</th>"
                     "<th scope=\"col\" class=\"n\">in doubt</th><th scope=\"col\" class=\"n\">do not fit</th>"
                     "</tr></thead><tbody>\n");
    for (size_t i = 0; i < OCTAVES; i++) {
        char from[27], to[27];
        if (!(counts[i][0] + counts[i][1] + counts[i][2]))
            continue;
        iw_buf_printf(out, "<tr><th scope=\"row\">%s to %s px</th>", iw_format_u64(UINT64_C(1) << i, from),
                      iw_format_u64((UINT64_C(2) << i) - 1, to));
        for (size_t class = 0; class < IW_HTML_CLASS_COUNT; class ++)
            iw_buf_printf(out, "<td class=\"n\">%s</td>", iw_format_u64(counts[i][class], from));
        iw_html_add(out, "</tr>\n");
    }
    iw_html_add(out, "</tbody></table></div></details>\n");
}

void iw_html_pixels_tell(const struct iw_html_pixels *pixels, const struct iw_report_style *style, struct iw_buf *out)
{
    if (!pixels->known)
        return;
    struct picture p = {.pixels = pixels, .out = out};
    p.side_count = iw_html_marks(style, IW_LIMIT_max_side_px, p.sides);
    p.width_count = iw_html_marks(style, IW_LIMIT_max_width_px, p.widths);
    p.height_count = iw_html_marks(style, IW_LIMIT_max_height_px, p.heights);
    p.area_count = iw_html_marks(style, IW_LIMIT_max_pixels, p.areas);
    p.least_count = iw_html_marks(style, IW_LIMIT_min_side_px, p.least);
    frame(&p);
    iw_html_add(out, "<figure><figcaption><h3>Pixels</h3><p>Width by height of ");
    iw_html_count(out, pixels->known);
    iw_buf_printf(out, " image%s; a larger dot is many</p></figcaption>\n", pixels->known == 1 ? "" : "s");
    draw(&p);
    tell_marks(&p);
    tell_table(pixels, out);
    iw_html_add(out, "</figure>\n");
}
